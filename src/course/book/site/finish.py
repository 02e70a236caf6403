"""Last touches on a page's HTML: sizes of pictures, numbers, what the copy button copies, what Material leaves unnamed."""

import html
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

IMAGE = re.compile(r'(?P<head><img [^>]*?src=")(?P<src>[^"]+)"')
SVG_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)(?:px|pt)?" height="([\d.]+)')
BLOCK = re.compile(r'<div class="(?P<class>[^"]*\bhighlight)">(?P<inside>.*?<code>(?P<code>.*?)</code>)', re.S)
TABLE = re.compile(r'<table(?: class="([\w-]+)")?>(.*?)</table>', re.S)
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(
    r'<h2 (?P<before>[^>]*)data-fr="(?P<fr>[^"]+)"(?P<after>[^>]*)>(?P<word>.*?)(?P<link><a class="headerlink)'
)


def size(picture: Path) -> tuple[int, int] | None:
    """Width and height in pixels, from the head of an SVG or a PNG."""
    if picture.suffix == ".png":
        width, height = struct.unpack(">II", picture.read_bytes()[16:24])
        return int(width), int(height)
    found = SVG_SIZE.search(picture.read_text(encoding="utf-8"))
    return (round(float(found[1])), round(float(found[2]))) if found else None


def sized(content: str, find: Callable[[str], Path | None]) -> str:
    """Say how large each picture is, so that the text does not move when it arrives."""

    def image(match: re.Match[str]) -> str:
        path = find(match["src"])
        measured = size(path) if path else None
        return match[0] + (f' width="{measured[0]}" height="{measured[1]}"' if measured else "")

    return IMAGE.sub(image, content)


def numbered(content: str, chapter: int | None) -> str:
    """Figures, tables and exercises count within their chapter."""
    if chapter is None:
        return content
    content = re.sub(r'(caption-prefix">(?:Figure|Table) )(\d+)\.', rf"\g<1>{chapter}.\2.", content)
    count = iter(range(1, 1000))
    return re.sub(
        r'(class="exercise-number">Exercise)', lambda m: f"{m[1]} {chapter}.{next(count)}", content
    )


def scrolling(content: str) -> str:
    """A table scrolls by itself; the page never scrolls sideways."""
    return TABLE.sub(r'<div class="table"><table class="ruled \1">\2</table></div>', content)


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
        if copy != code:
            attributes += f' data-copy="{html.escape(copy)}"'
        return f'<div class="{match["class"]}"{attributes}>{match["inside"]}'

    return BLOCK.sub(block, content)


def french(content: str) -> str:
    """Show a glossary entry's French name beside the English one."""
    shown = r'<h2 class="word" \g<before>\g<after>>\g<word> <i lang="fr">\g<fr></i>\g<link>'
    return WORD.sub(shown, content)


def french_index(content: str) -> str:
    """The glossary's words in French, in alphabetical order, each leading to its entry."""
    words = [
        (m["fr"], re.search(r'id="([\w-]+)"', m[0]), TAG.sub("", m["word"]).strip())
        for m in WORD.finditer(content)
    ]
    rows = sorted(words, key=lambda row: plain(row[0]))
    items = [f'<li><span lang="fr">{fr}</span> <a href="#{i[1]}">{word}</a></li>' for fr, i, word in rows if i]
    return f'<ul class="french">{"".join(items)}</ul>'


def plain(word: str) -> str:
    """A word without its accents, to sort by."""
    return word.lower().translate(str.maketrans("àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc"))


def contents(parts: Iterable[tuple[str, Sequence[tuple[str, str, str]]]]) -> str:
    """The book's table of contents: (part, [(title, address, description)])."""
    rows = []
    for part, pages in parts:
        items = "".join(f'<li><a href="{url}">{title}</a> <span>{words}</span></li>' for title, url, words in pages)
        rows.append(f'<section><h3>{part}</h3><ul>{items}</ul></section>')
    return f'<div class="contents">{"".join(rows)}</div>'


def named(output: str) -> str:
    """Name what Material leaves without a name."""
    return output.replace(
        'data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"'
    )
