"""The code that the built site shows is the code that was collected, nothing more and nothing less."""

import difflib
import html
import re
from collections.abc import Iterator
from pathlib import Path

from course.book.page import pages, read

BLOCK = re.compile(r"<pre\b[^>]*>(?=(?:<[^>]*>|\s)*<code)(.*?)</pre>", re.S)


def built(site: Path, docs: Path, page: Path) -> Path:
    """The file of a page in the built site."""
    uri = page.relative_to(docs).with_suffix("")
    return site / (uri.parent if uri.name == "index" else uri) / "index.html"


def plain(text: str) -> str:
    """Code without what HTML may change around it."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def differences(site: Path, docs: Path) -> Iterator[str]:
    """Where the code of a built page is not that of its source, with the line in the source."""
    for path in pages(docs):
        page, file = read(path, docs), built(site, docs, path)
        if not file.is_file():
            yield f"{page.name}:1: the site has no such page"
            continue
        built_page = file.read_text(encoding="utf-8")
        article = built_page.partition("<article")[2].partition("</article>")[0] or built_page
        shown = [plain(html.unescape(re.sub(r"<[^>]*>", "", block))) for block in BLOCK.findall(article)]
        collected = [plain(fence.code) for fence in page.fences]
        written, lines = page.source.text.splitlines(), [fence.line for fence in page.fences] + [1]
        for what, a, b, c, d in difflib.SequenceMatcher(None, collected, shown, autojunk=False).get_opcodes():
            if what != "equal":
                yield from (f"{page.name}:{n}: this code is not on the site as it was collected" for n in lines[a:b])
                for block in shown[c:d]:
                    first = block.partition("\n")[0].strip()
                    line = next((n for n, text in enumerate(written, 1) if text.strip() == first), lines[a])
                    yield f"{page.name}:{line}: the site shows code that was not collected: {block[:60]!r}"
