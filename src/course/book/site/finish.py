"""Last touches on a page's HTML: sizes, numbers, what the copy button copies, what Material leaves unnamed."""

import html
import itertools
import re
import struct
from collections.abc import Callable, Sequence

HEADING = re.compile(r"(<h[23]\b.*?</h[23]>)", re.S)
TALL = {
    "<p>": 1.1,
    'class="equation"': 4.5,
    "<pre>": 3,
    "<img ": 15,
    "<tr>": 1.8,
    "<li>": 0.5,
    "exercise-head": 4,
}  # in rem
BOXES = ["div", "section", "details", "figure"]
IMAGE = re.compile(r'(?P<head><img [^>]*?src=")(?P<src>[^"]+)"')
INCH = 96 / 0.0254  # CSS pixels of a metre
SVG_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)(?:px|pt)?" height="([\d.]+)')
BLOCK = re.compile(r'<div class="(?P<class>[^"]*\bhighlight)">(?P<inside>.*?<code[^>]*>(?P<code>.*?)</code>)', re.S)
PLAIN_CODE = re.compile(r'<span class="(?:w|n|nn|nc|nf|fm|nb|bp|mi|mf|mh|il|nv|na|go)">([^<]*)</span>')
TABLE = re.compile(r'<table(?: class="([\w-]+)")?>(.*?)</table>', re.S)
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(
    r'<h2 (?P<before>[^>]*)data-fr="(?P<fr>[^"]+)"(?P<after>[^>]*)>(?P<word>.*?)(?P<link><a class="headerlink)'
)


def size(picture: bytes) -> tuple[int, int] | None:
    """Width and height in CSS pixels, from the head of an SVG or a PNG, which may say how fine its own pixels are."""
    if picture.startswith(b"\x89PNG"):
        resolution = picture.find(b"pHYs", 0, picture.find(b"IDAT"))
        metre = struct.unpack(">I", picture[resolution + 4 : resolution + 8])[0] if resolution > 0 else 0
        width, height = (side * (INCH / metre if metre else 1) for side in struct.unpack(">II", picture[16:24]))
        return round(width), round(height)
    found = SVG_SIZE.search(picture.decode("utf-8"))
    return (round(float(found[1])), round(float(found[2]))) if found else None


def in_runs(content: str) -> str:
    """Put what follows each heading into one box, so that a phone lays it out when the reader comes near.

    The height it is taken for until then is guessed, rather too tall: what it holds must not reach into the next box.
    """
    opening, *pieces = HEADING.split(content)
    boxes = [opening]
    for piece in pieces:
        if (
            HEADING.fullmatch(piece)
            or not TAG.search(piece)
            or any(piece.count(f"<{t}") != piece.count(f"</{t}") for t in BOXES)
        ):
            boxes.append(piece)
            continue
        tall = sum(weight * len(re.findall(mark, piece)) for mark, weight in TALL.items())
        tall += (
            len(TAG.sub("", BLOCK.sub("", piece))) / 27
            + sum(m["code"].count("\n") for m in BLOCK.finditer(piece)) * 1.1
        )
        boxes.append(f'<div class="run" style="--tall:{tall:.0f}rem">{piece}</div>')
    return "".join(boxes)


def sized(content: str, find: Callable[[str], bytes | None]) -> str:
    """Say how large each picture is, so that the text does not move when it arrives; the later ones can wait."""
    waits = itertools.chain([' decoding="sync"'], itertools.repeat(' loading="lazy"'))

    def image(match: re.Match[str]) -> str:
        picture = find(match["src"])
        measured = size(picture) if picture else None
        return match[0] + (f' width="{measured[0]}" height="{measured[1]}"' if measured else "") + next(waits)

    return IMAGE.sub(image, content)


def numbered(content: str, chapter: int | None) -> str:
    """Figures, tables and exercises count within their chapter."""
    if chapter is None:
        return content
    content = re.sub(r'(caption-prefix">(?:Figure|Table) )(\d+)\.', rf"\g<1>{chapter}.\2.", content)
    count = iter(range(1, 1000))
    return re.sub(r'(class="exercise-number">Exercise)', lambda m: f"{m[1]} {chapter}.{next(count)}", content)


def scrolling(content: str) -> str:
    """A table scrolls by itself, and the page never does; one with many columns may be wider than the text."""

    def table(match: re.Match[str]) -> str:
        columns = match[2].partition("</tr>")[0].count("<th")
        width = " columns-wide" if columns > 5 else " columns-many" if columns > 3 else ""
        return f'<div class="table{width}" tabindex="0"><table class="ruled {match[1] or ""}">{match[2]}</table></div>'

    return TABLE.sub(table, content)


def copyable(content: str, fences: Sequence[tuple[str, str, str]], problem: Callable[[str], None]) -> str:
    """Give each block of code its anchor, and the text to copy where that is not the text shown.

    `fences` are (anchor, text shown, text to copy) in the page's order.
    """
    waiting = list(fences)

    def block(match: re.Match[str]) -> str:
        shown = html.unescape(TAG.sub("", match["code"])).strip("\n")
        index = next((i for i, (_, code, _) in enumerate(waiting) if code.strip("\n") == shown), None)
        if index is None:
            problem(f"a block of code that is no fence of the page: {shown[:60]!r}")
            return match[0]
        anchor, code, copy = waiting.pop(index)
        attributes = f' id="{anchor}"' if anchor else ""
        message = " raises" if ">Raises</span>" in match["inside"] else ""
        if copy != code:
            attributes += f' data-copy="{html.escape(copy)}"'
        return f'<div class="{match["class"]}{message}"{attributes}>{match["inside"]}'

    return BLOCK.sub(block, content)


def lighter(content: str) -> str:
    """Take away the colouring of code that colours nothing, half of a page's elements; let code be tabbed to."""
    return PLAIN_CODE.sub(r"\1", content).replace("</span><code>", '</span><code tabindex="0">')


def french(content: str) -> str:
    """Show a glossary entry's French name beside the English one."""
    shown = r'<h2 class="word" \g<before>\g<after>>\g<word> <i lang="fr">\g<fr></i>\g<link>'
    return WORD.sub(shown, content)


def named(output: str) -> str:
    """Name what Material leaves without a name."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
