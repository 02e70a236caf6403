"""What stands in the Markdown of a page: code, comments, equations, blocks, pictures, and the prose between.

Everything is read as the site reads it; what the site would show otherwise than it was meant is an error, not a guess.
"""

import re
import textwrap
from dataclasses import dataclass, field

from markdown.extensions.toc import slugify  # type: ignore[import-untyped]

RUN = ("python", "pycon")
SHOWN = ("text", "console", "bash", "toml", "yaml", "markdown", "html", "css", "javascript", "json")
BLOCKS = ["caption", "figure-caption", "table-caption", "exercise", "hint", "solution", "need", "remember", "note"]
ID = r" (?P<ident>[\w-]+)"
# What may stand in a comment that means something: the rest of its first line, and how to write it.
COMMENTS = {
    "check": (rf"{ID} \| (?P<words>.+?)(?: \| not evaluated: (?P<more>.+))?", "check ID | what the reader is told"),
    "wrong": (rf"{ID} \| (?P<words>.+)", "wrong ID | what the wrong answer does"),
    "formula": (rf"{ID}(?P<words>.*)", "formula LABEL, and below it a line for each name"),
    "raises": (r" (?P<ident>\w+)(?:: (?P<words>.+))?", "raises ValueError: the message"),
    "standalone": (r": (?P<words>numpy|torch)", "standalone: numpy, or standalone: torch"),
    "not run": (r": (?P<words>.+)", "not run: the reason"),
    "given": (r": (?P<words>.+)", "given: where the number is from"),
    "for checks": (r"", "for checks, and below it the code"),
    "number": (r"(?P<ident>=|<=|>=|<|>) (?P<words>.+)", "= an expression"),
}
WITH_CODE = ("check", "wrong", "formula", "for checks")
KEYWORD = re.compile(rf"\s*({'|'.join(COMMENTS)})\b|\s*(?=[=<>])")
MISSPELT = re.compile(r"(?i)(formul|raise|stand-?alone|wrong|giv\w|(che[ck]*|no[t-]*[ -]?run|fo[r-]*[ -]?checks?)\b)")
TOKEN = re.compile(
    r"(?m)^(?P<indent>[ \t>]*)(?P<ticks>`{3,}|~{3,})(?P<info>[^\n]*)$"
    r"|(?P<comment><!--)|(?P<maths>\$\$)|(?<![`\\])(?P<run>`+)(?!`)"
)
INFO = re.compile(r' ?(?P<language>[\w+-]*)((?:\s+(?:title="(?P<title>[^"]*)"|hl_lines="[^"]*"|linenums="[^"]*"))*)\s*')
CONTAINER = re.compile(r"[ ]*(?:===[!+]? |!!! |\?\?\?\+? |[-*+] |\d+[.)] |: |\[\^)")
BLOCK = re.compile(r"(?m)^[ ]*(?P<slashes>/{3,})[ ]*(?P<name>[\w-]*)[ ]*(?:\|[ ]*.*)?(?P<options>(?:\n {4,}\w+:.*)*)$")
HEADING = re.compile(r"^#{1,6} +(?P<words>[^\n]*?) *(?:\{:? *(?P<options>[^}\n]*)\})? *$", re.M)
PICTURE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<code>[^)\s]+)[^)\n]*\)(?:\{:?(?P<options>[^}\n]*)\})?")
LEAK = re.compile(r"\\\[|\\begin\{|\\label\{|<img\b")


class PageError(Exception):
    """A mistake on a page: where it is and what to do about it; several of them have a line each."""


@dataclass
class Part:
    """A piece of a page: a comment that means something, an equation, a block, a heading or a picture."""

    kind: str  # of a comment its keyword, of a block its name
    start: int
    end: int
    line: int
    ident: str = ""  # the id of what it says or checks; of a number, its relation
    words: str = ""  # what is said in it: the words of a check, the alt text of a picture
    code: str = ""  # the code of a fence or below a comment's first line, the TeX of an equation, a picture's file
    more: str = ""  # why an equation is not evaluated, the level of an exercise


@dataclass
class Fence(Part):
    """Fenced code: as it is written, as the site shows it (`code`), and as a reader copies it."""

    indent: str = ""
    language: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        """The three are the same until an include or a prompt parts them."""
        self.written = self.copy = self.code


@dataclass
class Source:
    """The text of a page taken apart; `prose` is the text with everything but prose blanked out."""

    path: str
    text: str
    prose: str = ""
    fences: list[Fence] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def of(self, *kinds: str, ident: str | None = None) -> list[Part]:
        """The parts of these kinds, from top to bottom; only those with one id, where one is given."""
        return [part for part in self.parts if part.kind in kinds and ident in (None, part.ident)]

    def line(self, position: int) -> int:
        """The line on which a position lies."""
        return self.text.count("\n", 0, position) + 1

    def error(self, position: int, message: str) -> PageError:
        """A mistake at a position."""
        return PageError(f"{self.path}:{self.line(position)}: {message}")


def blank(text: str, *spans: tuple[int, int]) -> str:
    """The text with these stretches made of spaces; every line stays where it is."""
    for start, end in spans:
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def option(options: str | None, key: str) -> str:
    """The value of `key: value` or of `#value` among options; '' where it is not given."""
    found = re.search(rf"{key} *([\w-]+)", options or "")
    return found[1] if found else ""


def scan(text: str, path: str) -> Source:
    """Take a page apart; `path` is how the page is named in errors."""
    source = Source(path, text)
    position = front.end() if (front := re.match(r"---\n.*?\n---\n", text, re.S)) else 0
    spans = [(0, position)]
    readers = {"info": read_fence, "comment": read_comment, "maths": read_equation, "run": read_code_span}
    while token := TOKEN.search(text, position):
        position = readers[str(token.lastgroup)](source, token)
        spans.append((token.start(), position))
    source.prose = blank(text, *spans)
    for fence in filter(lambda fence: fence.indent, source.fences):
        check_container(source, fence)
    if leak := LEAK.search(source.prose):
        rule = "display equations stand between $$ and $$, pictures are written ![alt text](file)"
        raise source.error(leak.start(), f"{leak[0]} would be shown as it stands; {rule}")
    read_blocks(source)
    for m in HEADING.finditer(source.prose):
        words = re.sub(r"\]\([^)]*\)|[`*$\[\]]", "", text[m.start("words") : m.end("words")])
        ident = option(m["options"], "#") or slugify(words, "-")
        source.parts.append(Part("heading", m.start(), m.end(), source.line(m.start()), ident, words))
    for m in PICTURE.finditer(source.prose):
        alt = text[m.start("words") : m.end("words")].strip()
        where = *m.span(), source.line(m.start())
        source.parts.append(Part("figure", *where, option(m["options"], "#"), alt, m["code"]))
    return source


def read_fence(source: Source, token: re.Match[str]) -> int:
    """Add the fence that begins here; where it ends."""
    text, start, indent, ticks = source.text, token.start(), token["indent"], token["ticks"]
    if ">" in indent or "\t" in indent or len(indent) % 4:
        raise source.error(start, "a fence is indented by 4 spaces for each container around it, and by nothing else")
    if not (info := INFO.fullmatch(token["info"])):
        may = 'after its language it may say title="…", hl_lines="…" and linenums="…"'
        raise source.error(start, f"the fence says {token['info']!r}; {may}")
    if info["language"] not in RUN + SHOWN:
        known = ", ".join(RUN + SHOWN)
        raise source.error(start, f"the language {info['language']!r} of this fence is not one of {known}")
    close = re.compile(rf"(?m)^ *(?P<ticks>{ticks[0]}{{{len(ticks)},}})(?P<rest>[^\n]*)$").search(text, token.end())
    if not close or close["rest"].strip() or close[0].rstrip() != indent + close["ticks"]:
        where = f"before line {source.line(close.start())}" if close else "to the end of the page"
        raise source.error(start, f"this fence is never closed at its own indentation, {where}")
    lines = text[token.end() + 1 : close.start()].splitlines()
    if any(line.strip() and not line.startswith(indent) for line in lines):
        raise source.error(start, "a line of this fence is less indented than the fence")
    code, title = "".join(line[len(indent) :] + "\n" for line in lines), info["title"] or ""
    place = start, close.end(), source.line(start)
    source.fences.append(Fence("fence", *place, code=code, indent=indent, language=info["language"], title=title))
    return close.end()


def check_container(source: Source, fence: Fence) -> None:
    """An indented fence is code in a list, a tab or an admonition; elsewhere the site shows its backticks."""
    depth = len(fence.indent)
    for line in reversed(source.prose[: fence.start].splitlines()):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent < depth:
            depth = indent if indent == depth - 4 and CONTAINER.match(line) else -1  # nothing is further out
    if depth:
        raise source.error(fence.start, "an indented fence outside a list, a tab or an admonition is shown as text")


def read_comment(source: Source, token: re.Match[str]) -> int:
    """Add the comment that begins here, if it means something; where it ends."""
    start, end = token.start(), source.text.find("-->", token.end())
    if end < 0:
        raise source.error(start, "this comment is never closed")
    head, _, code = source.text[start + 4 : end].partition("\n")
    known, code = KEYWORD.match(head), textwrap.dedent(code).rstrip()
    if known:
        keyword = known[1] or "number"
        pattern, usage = COMMENTS[keyword]
        said = re.fullmatch(pattern, head[known.end() :].rstrip())
        missing = keyword in WITH_CODE and keyword != "check" and not code
        if not said or missing or (code and keyword not in WITH_CODE):
            raise source.error(start, f"a comment of this kind reads <!-- {usage} -->")
        groups = {key: value.strip() for key, value in said.groupdict("").items()}
        source.parts.append(Part(keyword, start, end + 3, source.line(start), code=code, **groups))
    elif MISSPELT.match(head.strip()):
        raise source.error(start, f"a comment beginning {head.strip()!r} is none of {', '.join(COMMENTS)}")
    return end + 3


def read_equation(source: Source, token: re.Match[str]) -> int:
    """Add the display equation that begins here; where it ends."""
    start, end = token.start(), source.text.find("$$", token.end())
    if end < 0:
        raise source.error(start, "this equation is never closed")
    tex = source.text[start + 2 : end]
    labels = re.findall(r"\\label\{([^}]*)\}", tex)
    if len(labels) != 1 or not re.fullmatch(r"[\w-]+", labels[0]):
        raise source.error(start, f"an equation has one \\label{{name}}; this has {len(labels)}: {tex.strip()!r}")
    source.parts.append(Part("equation", start, end + 2, source.line(start), labels[0], code=tex))
    return end + 2


def read_code_span(source: Source, token: re.Match[str]) -> int:
    """Pass over code in the line; where it ends."""
    close = re.compile(rf"(?<!`){token['run']}(?!`)|\n[ ]*\n").search(source.text, token.end())
    if close and close[0].startswith("`"):
        return close.end()
    if len(token["run"]) > 2:
        raise source.error(token.start(), "a fence begins its own line")
    return token.end()


def read_blocks(source: Source) -> None:
    """Add the blocks of the page, `/// name` to the slashes that close it."""
    opened: list[tuple[Part, str]] = []
    for m in BLOCK.finditer(source.prose):
        if m["name"]:
            if m["name"] not in BLOCKS:
                raise source.error(m.start(), f"the block {m['name']!r} is not one of {', '.join(BLOCKS)}")
            ident, level = option(m["options"], r"\bid:"), option(m["options"], r"\blevel:")
            source.parts.append(Part(m["name"], *m.span(), source.line(m.start("slashes")), ident, more=level))
            opened.append((source.parts[-1], m["slashes"]))
        elif opened and opened[-1][1] == m["slashes"]:
            opened.pop()[0].end = m.end()
        else:
            raise source.error(m.start("slashes"), f"{m['slashes']} closes no block that begins with as many slashes")
    if opened:
        raise source.error(opened[-1][0].start, f"the block {opened[-1][0].kind!r} is never closed")
