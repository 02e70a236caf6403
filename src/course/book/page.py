"""A page of the book as everything else sees it: what it claims, what is run for it, and what the site renders."""

import contextlib
import re
import textwrap
from dataclasses import dataclass, field
from doctest import Example
from pathlib import Path
from typing import Any

from mkdocs.utils.meta import get_data

from course.book.include import Section
from course.book.source import COMMENTS, Fence, Part, Source, scan
from course.book.source import PageError as PageError


@dataclass
class Claim:
    """Something that the page says, and what stands behind it."""

    kind: str  # equation, output, block, snippet, number, figure, table or exercise
    id: str
    name: str
    how: str
    check: str
    line: int
    reason: str = ""  # why an equation is not evaluated from its own TeX


@dataclass
class Step:
    """Something that is run for the page: one item of `pytest docs`."""

    kind: str  # block, session, standalone, check, wrong, formula, number, figure or helpers
    claims: tuple[str, ...]
    name: str
    start: int
    line: int
    code: str
    part: Part  # what it was made from
    output: Fence | None = None
    raises: str = ""  # the error that it shows, as Python names it
    sections: list[Section] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)  # of a session
    needs_torch: bool = False


@dataclass
class Page:
    """A page, read: its claims, its steps, its numbers that have a mark, and the rules that it breaks."""

    path: Path
    docs: Path
    uri: str
    meta: dict[str, Any]
    source: Source
    claims: list[Claim] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    numbers: list[Part] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)  # the line, and the whole message

    def __post_init__(self) -> None:
        """Its name in messages, its code, its chapter (if it is one), its title, and the number of each label."""
        self.name, self.fences, self.chapter = self.source.path, self.source.fences, self.meta.get("chapter")
        self.title = str(self.meta.get("title") or next((h.words for h in self.source.of("heading")), self.uri))
        self.equations = {equation.ident: self.number(n) for n, equation in enumerate(self.source.of("equation"), 1)}

    def number(self, n: int) -> str:
        """The number of the n-th equation, figure, table or exercise: 2.1 in a chapter, elsewhere 1."""
        return f"{self.chapter}.{n}" if self.chapter else str(n)

    def table_rows(self, head: str) -> list[list[str]]:
        """The cells of the table whose first row begins with `head`, row by row as they are printed."""
        rows = self.source.text.split(f"\n{head}", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
        return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]

    def must(self, kept: object, line: int, message: str) -> None:
        """Note a broken rule."""
        if not kept:
            self.problems.append((line, f"{self.name}:{line}: {message}"))

    def step(self, kind: str, part: Part, claim: str, code: str) -> Step:
        """Add a step, named after its section, its claim and its line: `the-sum:conv-1d:L84`."""
        section = next((h.ident for h in reversed(self.source.of("heading")) if h.start < part.start), "top")
        name = section if kind in ("block", "session") else f"{section}:{claim or kind}"
        name += f":{kind}" if kind in ("wrong", "standalone") else ""
        claims = (claim,) if claim else ()
        self.steps.append(Step(kind, claims, f"{name}:L{part.line}", part.start, part.line, code, part))
        return self.steps[-1]


def read(path: Path, docs_root: Path, book: dict[str, list[str]] | None = None) -> Page:
    """Read one page; a `PageError` lists all that is wrong with it, and with its labels if the book's are given."""
    from course.book.bind import bind  # it fills what is defined here

    source = taken_apart(path, docs_root)
    page = Page(path, docs_root, source.path.partition("/")[2], get_data(source.text)[1], source)
    page.must(page.meta or source.text[:4] != "---\n", 1, "the front matter is not YAML between two lines of ---")
    bind(page)
    if book is not None:
        references(page, book)
    if page.problems:
        raise PageError("\n".join(message for _, message in sorted(page.problems)))
    return page


def taken_apart(path: Path, docs_root: Path) -> Source:
    """The text of a page, which in messages is called docs/adjoint/adjoint.md."""
    return scan(path.read_text(encoding="utf-8"), path.resolve().relative_to(docs_root.resolve().parent).as_posix())


def pages(docs_root: Path) -> list[Path]:
    """The files of all the pages, in a fixed order; a folder whose name begins with _ holds none."""
    found = sorted(docs_root.rglob("*.md"))
    return [p for p in found if not any(part[0] in "._" for part in p.relative_to(docs_root).parts)]


def labels(docs_root: Path) -> dict[str, list[str]]:
    """Where each label of the book stands: docs/adjoint/adjoint.md:80."""
    places: dict[str, list[str]] = {}
    for path in pages(docs_root):
        with contextlib.suppress(PageError):  # the page itself says what is wrong with it
            for equation in (source := taken_apart(path, docs_root)).of("equation"):
                places.setdefault(equation.ident, []).append(f"{source.path}:{equation.line}")
    return places


def references(page: Page, book: dict[str, list[str]]) -> None:
    """A page speaks of no equation that no page has, and labels none as another page does too."""
    for m in re.finditer(r"\\eqref\{([^}]*)\}", page.source.prose):
        page.must(m[1] in book, page.source.line(m.start()), f"no equation of the book is labelled {m[1]!r}")
    for equation in page.source.of("equation"):
        others = [place for place in book.get(equation.ident, []) if not place.startswith(f"{page.name}:")]
        page.must(not others, equation.line, f"the label {equation.ident!r} is also used at {', '.join(others)}")


def reader_markdown(page: Page) -> str:
    """The Markdown that the site renders: without what only the checks read, and with all code in its place."""
    text, edits = page.source.text, list[tuple[int, int, str]]()
    for n, number in enumerate(page.numbers, 1):
        span = f'<span class="number" id="number-{n}">{text[number.start : number.end]}</span>'
        edits.append((number.start, number.end, span))
    for comment in page.source.of(*COMMENTS):
        start, end = comment.start, comment.end
        before = text[text.rfind("\n", 0, start) + 1 : start]
        if not before.strip() and text[end : end + 1] in "\n":  # the comment has its lines for itself
            start, end = start - len(before), end + 1
        edits.append((start, end, ""))
    for fence in page.fences:
        if fence.start == fence.end or fence.code != fence.written:
            new = f'\n\n{fence.indent}```{fence.language} title="{fence.title}"'  # of a fence that only the site shows
            opening = text[fence.start : fence.end].split("\n")[0] or new
            ticks = "".join(c for c in opening if c in "`~")
            code = textwrap.indent(fence.code, fence.indent)
            edits.append((fence.start, fence.end, f"{opening}\n{code}{fence.indent}{ticks}"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return re.sub(r"\A---\n.*?\n---\n+", "", text, flags=re.S)
