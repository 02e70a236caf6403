"""What stands in the Markdown of a page: code, comments, equations, blocks, images, headings, and the prose between.

Everything is read as the site reads it. What the site would show differently from what its writer meant (a fence that is
not closed, an option that is not known, code that would be shown as text) is a `PageError`, never a guess.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown.extensions.toc import slugify

RUN = ("python", "pycon")  # a python fence is run; in a pycon fence the printed results are compared too
SHOWN = ("text", "console", "bash", "toml", "yaml", "markdown", "html", "css", "javascript", "json")
BLOCKS = (
    "caption",
    "figure-caption",
    "table-caption",
    "exercise",
    "hint",
    "solution",
    "need",
    "remember",
    "note",
)
# What may stand in a comment that means something: the rest of its first line, and how to write it.
COMMENTS = {
    "check": (
        r" (?P<ident>[\w-]+) \| (?P<words>.+?)(?: \| not evaluated: (?P<reason>.+))?",
        "check ID | what the reader is told",
    ),
    "wrong": (r" (?P<ident>[\w-]+) \| (?P<words>.+)", "wrong ID | what the wrong answer does"),
    "formula": (r" (?P<ident>[\w-]+)(?P<words>.*)", "formula LABEL, then a line for each name"),
    "raises": (r" (?P<ident>\w+)(?:: (?P<words>.+))?", "raises ValueError: the message"),
    "standalone": (r": (?P<words>numpy|torch)", "standalone: numpy, or standalone: torch"),
    "not run": (r": (?P<words>.+)", "not run: the reason"),
    "given": (r": (?P<words>.+)", "given: where the number is from"),
    "for checks": (r"", "for checks, then the code"),
    "number": (r"(?P<ident>=|<=|>=|<|>) (?P<words>.+)", "= an expression"),
}
WITH_CODE = ("check", "wrong", "formula", "for checks")
BEFORE_FENCE = ("raises", "standalone", "not run")  # and a check without code
KEYWORD = re.compile(rf"\s*({'|'.join(COMMENTS)})\b|\s*(?=[=<>])")
MISSPELT = re.compile(
    r"\s*(?:che[ck]*|formul\w*|raise\w*|stand-?alone\w*|wrong\w*|giv\w+|no[t-]*[ -]?run|fo[r-]*[ -]?checks?)\b",
    re.I,
)

TOKEN = re.compile(
    r"^(?P<indent>[ \t>]*)(?P<ticks>`{3,}|~{3,})(?P<info>[^\n]*)$"
    r"|(?P<comment><!--)|(?P<maths>\$\$)|(?<![`\\])(?P<run>`+)(?!`)",
    re.M,
)
INFO = re.compile(r' ?(?P<language>[\w+-]*)(?P<options>(?:\s+(?:title|hl_lines|linenums)="[^"]*")*)\s*')
CONTAINER = re.compile(r"[ ]*(?:===[!+]? |!!! |\?\?\?\+? |[-*+] |\d+[.)] |: |\[\^)")
BLOCK = re.compile(
    r"^[ ]*(?P<slashes>/{3,})[ ]*(?P<name>[\w-]*)[ ]*(?:\|[ ]*(?P<title>.*))?(?P<options>(?:\n {4,}\w+:.*)*)$",
    re.M,
)
HEADING = re.compile(r"^(?P<marks>#{1,6}) +(?P<text>[^\n]*?) *(?:\{:? *(?P<attributes>[^}\n]*)\})? *$", re.M)
IMAGE = re.compile(
    r"!\[(?P<alt>[^\]]*)\]\((?P<source>[^)\s]+)[^)\n]*\)(?:\{:?(?P<attributes>[^}\n]*)\})?|<img\b(?P<tag>[^>]*)>"
)
LABEL = re.compile(r"\\label\{([^}]*)\}")


class PageError(Exception):
    """A mistake on a page: where it is and what to do about it."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = path, line, message


@dataclass
class Part:
    """A stretch of a page, from one position in its text to another."""

    start: int
    end: int
    line: int


@dataclass
class Fence(Part):
    """Fenced code: as it is written, as the site shows it, and as a reader copies it."""

    indent: str
    language: str
    title: str
    written: str
    code: str
    copy: str
    anchor: str = ""  # the id of its claim on the page


@dataclass
class Comment(Part):
    """A comment that means something; `code` is everything below its first line."""

    keyword: str
    ident: str
    words: str
    reason: str
    code: str


@dataclass
class Equation(Part):
    """A display equation."""

    label: str
    tex: str


@dataclass
class Block(Part):
    """`/// name | title` with its options, to the slashes that close it."""

    name: str
    title: str
    options: str
    slashes: str

    def option(self, key: str) -> str:
        """The value of an option, such as id or level; '' where it is not given."""
        found = re.search(rf"\b{key}: *([\w-]+)", self.options)
        return found[1] if found else ""


@dataclass
class Image(Part):
    """A picture."""

    alt: str
    source: str
    ident: str


@dataclass
class Heading(Part):
    """A heading, and the id that the site gives it."""

    slug: str


@dataclass
class Source:
    """The text of a page taken apart; `prose` is the text with everything but prose blanked out."""

    path: str
    text: str
    prose: str = ""
    fences: list[Fence] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)

    def line(self, position: int) -> int:
        """The line on which a position lies."""
        return self.text.count("\n", 0, position) + 1

    def error(self, position: int, message: str) -> PageError:
        """A mistake at a position."""
        return PageError(self.path, self.line(position), message)


def blank(text: str, *spans: tuple[int, int]) -> str:
    """The text with these stretches made of spaces; every line stays where it is."""
    for start, end in spans:
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def scan(text: str, path: str) -> Source:
    """Take a page apart; `path` is how the page is named in errors."""
    source = Source(path, text)
    front = re.match(r"---\n.*?\n---\n", text, re.S)
    position = front.end() if front else 0
    spans = [(0, position)]
    while token := TOKEN.search(text, position):
        if token["ticks"]:
            position = read_fence(source, token)
        elif token["comment"]:
            position = read_comment(source, token.start())
        elif token["maths"]:
            position = read_equation(source, token.start())
        else:
            position = read_code_span(source, token)
        spans.append((token.start(), position))
    source.prose = blank(text, *spans)
    for fence in source.fences:
        check_container(source, fence)
    if leak := re.search(r"\\\[|\\begin\{|\\label\{", source.prose):
        raise source.error(
            leak.start(), "this TeX stands in the text; a display equation stands between $$ and $$"
        )
    source.blocks = sorted(read_blocks(source), key=lambda block: block.start)
    source.headings = [read_heading(source, m) for m in HEADING.finditer(source.prose)]
    source.images = [read_image(source, m) for m in IMAGE.finditer(source.prose)]
    return source


def read_fence(source: Source, token: re.Match[str]) -> int:
    """Add the fence that begins here; where it ends."""
    text, indent, ticks = source.text, token["indent"], token["ticks"]
    if ">" in indent or "\t" in indent or len(indent) % 4:
        raise source.error(
            token.start(), "a fence is indented by 4 spaces for each container around it, by nothing else"
        )
    info = INFO.fullmatch(token["info"])
    if not info:
        raise source.error(
            token.start(),
            f"the fence says {token['info'].strip()!r}; after the language it may have "
            'title="…", hl_lines="…" and linenums="…"',
        )
    if info["language"] not in RUN + SHOWN:
        known = ", ".join(RUN + SHOWN)
        raise source.error(
            token.start(), f"the language {info['language']!r} of this fence is not one of {known}"
        )
    again = re.compile(rf"^ *(?P<ticks>{ticks[0]}{{{len(ticks)},}})(?P<rest>[^\n]*)$", re.M)
    close = again.search(text, token.end())
    if not close or close["rest"].strip() or close.group().rstrip() != indent + close["ticks"]:
        where = f"before line {source.line(close.start())}" if close else "to the end of the page"
        raise source.error(token.start(), f"this fence is never closed at its own indentation, {where}")
    lines = text[token.end() + 1 : close.start()].splitlines()
    if any(line.strip() and not line.startswith(indent) for line in lines):
        raise source.error(token.start(), "a line of this fence is less indented than the fence")
    code = "".join(line[len(indent) :] + "\n" for line in lines)
    title = re.search(r'title="([^"]*)"', info["options"])
    line = source.line(token.start())
    source.fences.append(
        Fence(
            token.start(),
            close.end(),
            line,
            indent,
            info["language"],
            title[1] if title else "",
            code,
            code,
            code,
        )
    )
    return close.end()


def check_container(source: Source, fence: Fence) -> None:
    """An indented fence is code only inside a list, a tab or an admonition; elsewhere the site shows its backticks."""
    depth = len(fence.indent)
    for line in reversed(source.prose[: fence.start].splitlines()):
        indent = len(line) - len(line.lstrip())
        if depth and line.strip() and indent < depth:
            if not CONTAINER.match(line) or indent != depth - 4:
                break
            depth = indent
    if depth:
        raise source.error(
            fence.start, "an indented fence outside a list, a tab or an admonition is shown as text"
        )


def read_comment(source: Source, start: int) -> int:
    """Add the comment that begins here, if it means something; where it ends."""
    end = source.text.find("-->", start)
    if end < 0:
        raise source.error(start, "this comment is never closed")
    head, _, code = source.text[start + 4 : end].partition("\n")
    known = KEYWORD.match(head)
    if not known:
        if MISSPELT.match(head):
            raise source.error(
                start, f"a comment beginning {head.strip()!r} is none of {', '.join(COMMENTS)}"
            )
        return end + 3
    keyword = known[1] or "number"
    pattern, usage = COMMENTS[keyword]
    m = re.fullmatch(pattern, head[known.end() :].rstrip())
    code = textwrap.dedent(code).rstrip()
    if (
        not m
        or (code and keyword not in WITH_CODE)
        or (not code and keyword in WITH_CODE and keyword != "check")
    ):
        raise source.error(start, f"a comment of this kind reads <!-- {usage} -->")
    parts = {"ident": "", "words": "", "reason": ""} | {k: v.strip() for k, v in m.groupdict().items() if v}
    source.comments.append(Comment(start, end + 3, source.line(start), keyword, code=code, **parts))
    return end + 3


def read_equation(source: Source, start: int) -> int:
    """Add the display equation that begins here; where it ends."""
    end = source.text.find("$$", start + 2)
    if end < 0:
        raise source.error(start, "this equation is never closed")
    tex = source.text[start + 2 : end]
    labels = LABEL.findall(tex)
    if len(labels) != 1 or not re.fullmatch(r"[\w-]+", labels[0]):
        raise source.error(
            start, f"a display equation has one \\label{{name}}; this one has {len(labels)}: {tex.strip()!r}"
        )
    source.equations.append(Equation(start, end + 2, source.line(start), labels[0], tex))
    return end + 2


def read_code_span(source: Source, token: re.Match[str]) -> int:
    """Pass over code in the line; where it ends."""
    run = token["run"]
    close = re.compile(rf"(?<!`){run}(?!`)|\n[ ]*\n").search(source.text, token.end())
    if not close or not close.group().startswith("`"):
        if len(run) > 2:
            raise source.error(token.start(), "a fence begins its own line")
        return token.end()
    return close.end()


def read_blocks(source: Source) -> Iterator[Block]:
    """The blocks of the page, each when it is closed."""
    opened: list[Block] = []
    for m in BLOCK.finditer(source.prose):
        if m["name"]:
            if m["name"] not in BLOCKS:
                raise source.error(m.start(), f"the block {m['name']!r} is not one of {', '.join(BLOCKS)}")
            line = source.line(m.start("slashes"))
            opened.append(
                Block(m.start(), m.end(), line, m["name"], m["title"] or "", m["options"], m["slashes"])
            )
        elif opened and opened[-1].slashes == m["slashes"]:
            block = opened.pop()
            block.end = m.end()
            yield block
        else:
            raise source.error(
                m.start("slashes"), f"{m['slashes']} closes no block that begins with as many slashes"
            )
    if opened:
        raise source.error(opened[-1].start, f"the block {opened[-1].name!r} is never closed")


def read_heading(source: Source, m: re.Match[str]) -> Heading:
    """A heading with the id that it gives or that the site derives from its words."""
    ident = re.search(r"#([\w-]+)", m["attributes"] or "")
    words = re.sub(r"\]\([^)]*\)|[`*$\[\]]", "", source.text[m.start("text") : m.end("text")])
    return Heading(m.start(), m.end(), source.line(m.start()), ident[1] if ident else slugify(words, "-"))


def read_image(source: Source, m: re.Match[str]) -> Image:
    """A picture, written as Markdown or as HTML."""
    if m["tag"] is None:
        ident = re.search(r"#([\w-]+)", m["attributes"] or "")
        alt, file = source.text[m.start("alt") : m.end("alt")], m["source"]
    else:
        given = dict(re.findall(r'\b(src|alt|id)="([^"]*)"', m["tag"]))
        ident, alt, file = re.match(r"(.*)", given.get("id", "")), given.get("alt", ""), given.get("src", "")
    return Image(m.start(), m.end(), source.line(m.start()), alt, file, ident[1] if ident else "")
