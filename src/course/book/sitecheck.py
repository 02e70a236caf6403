"""Links and markup of the built site, as its host will serve it: `python -m course.book.sitecheck build/site [docs]`.

It finds what a strict build lets pass: links in raw HTML, addresses that leave the sub-path, requests to other hosts,
pictures without a text or a size, ids used twice, headings that skip a level, and markup that shows as text.
"""

import html
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from course.book import shown
from course.book.page import pages
from course.book.site import labs

LOADED = {
    ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("audio", "src"),
    ("object", "data"), ("embed", "src"),
}  # fmt: skip
LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
VERBATIM = {"pre", "code", "script", "style", "math", "kbd"}
LEAKS = {
    r"```|~~~": "a fence",
    r"\$\$|\\\(|\\\[|\\begin\{|\\eqref|\\label|(?<!\w)\$[^$\s][^$\n]*\$": "TeX",
    r"\[\^[\w-]+\]": "a footnote",
    r"\]\[[\w-]*\]|\]\((?=[^)\s]*[/.#])": "a link",
    r"^\s*(?:\?\?\?|!!!|===) |^\s*/{3,}": "a block",
    r"\{:?\s*[.#][\w-]+": "an attribute list",
    r"\*\*\w|\w\*\*": "bold type",
    r"<!--|-->|--8<--": "a comment",
    "[\x02\x03]": "a piece that was not put back",
}
WORD = re.compile(r"[\w$\\{}#-]{2,}")
CSS_URL = re.compile(r"url\(\s*['\"]?(?!data:)([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Read(HTMLParser):
    """What one page says: addresses, ids, pictures, headings, and its text without code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.headings: list[int] = []
        self.comments: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names, loads or leads to."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and set(values.get("rel", "").split()) & LOADED_LINKS:
            self.loads.append(values["href"])
        self.loads += [values[name] for name in values if (tag, name) in LOADED]
        self.loads += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]
        if tag == "img":
            self.pictures.append(values)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in VERBATIM:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave code, style or maths."""
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        """Keep the text that is not code."""
        if not self.open:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        """Keep comments: the book's own never reach the site."""
        self.comments.append(data)


@dataclass
class Site:
    """The built pages, and the address they are built for."""

    root: Path
    address: str
    pages: dict[Path, Read] = field(default_factory=dict)

    def target(self, url: str) -> Path | None:
        """The file behind an absolute address of the site; None if it leaves the site."""
        if not url.startswith(self.address):
            return None
        path = self.root / unquote(urlsplit(url).path.removeprefix(urlsplit(self.address).path))
        return path / "index.html" if path.is_dir() or url.split("#")[0].endswith("/") else path


def load(root: Path) -> Site:
    """Read every page; the address is the first one of the sitemap, which is the landing page's."""
    sitemap = (root / "sitemap.xml").read_text(encoding="utf-8")
    address = html.unescape(sitemap.partition("<loc>")[2].partition("</loc>")[0])
    site = Site(root, address)
    for path in sorted(root.rglob("*.html")):
        site.pages[path] = Read()
        site.pages[path].feed(path.read_text(encoding="utf-8"))
    return site


def links(site: Site, path: Path, read: Read) -> Iterator[str]:
    """Addresses that lead nowhere, leave the sub-path or ask another host."""
    here = urljoin(site.address, path.relative_to(site.root).as_posix().removesuffix("index.html"))
    for kind, values in (("link", read.links), ("request", read.loads)):
        for value in values:
            url = urljoin(here, value)
            if path.name == "404.html" and not value.startswith(("/", "#", "http")):
                yield f"a relative {kind}, on a page that stands at any depth: {value}"
            if urlsplit(url).scheme not in ("http", "https"):
                continue
            file = site.target(url)
            if file is None:
                own = urlsplit(url).netloc == urlsplit(site.address).netloc
                if kind == "request" or own:
                    yield f"{kind} outside the book: {value}"
            elif not file.is_file():
                yield f"{kind} to nothing: {value}"
            elif file in site.pages:
                fragment = unquote(urlsplit(url).fragment)
                if fragment and fragment not in site.pages[file].ids and not fragment.startswith("__"):
                    yield f"no such place: {value}"


def markup(read: Read) -> Iterator[str]:
    """What is wrong in one page by itself."""
    for ident, count in read.ids.items():
        if count > 1:
            yield f"the id {ident!r} is used {count} times"
    for picture in read.pictures:
        if "alt" not in picture:
            yield f"a picture without alt: {picture.get('src')}"
        if not {"width", "height"} <= picture.keys() and "logo" not in picture.get("alt", ""):
            yield f"a picture without its size: {picture.get('src')}"
    for above, below in zip(read.headings, read.headings[1:], strict=False):
        if below > above + 1:
            yield f"a heading of level {below} under one of level {above}"
    if read.headings.count(1) != 1:
        yield f"{read.headings.count(1)} headings of level 1"
    for comment in read.comments:
        yield f"a comment: {comment.strip()[:60]!r}"
    text = "".join(read.text)
    for pattern, what in LEAKS.items():
        if leak := re.search(pattern, text, re.M):
            yield f"{what} shows as text: {text[max(0, leak.start() - 20) : leak.end() + 30]!r}"


def styles(site: Site) -> Iterator[str]:
    """Requests that a style sheet or a picture makes."""
    for path in sorted([*site.root.rglob("*.css"), *site.root.rglob("*.svg")]):
        here = urljoin(site.address, path.relative_to(site.root).as_posix())
        for match in CSS_URL.finditer(path.read_text(encoding="utf-8")):
            value = match[1] or match[2]
            file = site.target(urljoin(here, value.split("?")[0]))
            if not value.startswith("#") and (file is None or not file.is_file()):
                yield f"{path.relative_to(site.root)}: request to nothing: {value}"


def problems(root: Path) -> list[str]:
    """Everything that is wrong with a built site, one line each."""
    site = load(root)
    found = [
        f"{path.relative_to(root)}: {words}"
        for path, read in site.pages.items()
        for words in [*links(site, path, read), *markup(read)]
    ]
    return found + list(styles(site))


def place(site: Path, docs: Path, problem: str) -> str:
    """A problem of a built page, with the likeliest line of its source in front: the one with most of its words."""
    name, _, words = problem.partition(": ")
    for path in pages(docs):
        if shown.built(site, docs, path) == site / name:
            wanted = set(WORD.findall(words.partition(": ")[2] or words))
            lines = path.read_text(encoding="utf-8").splitlines()
            line = max(range(len(lines)), key=lambda n: len(wanted & set(WORD.findall(lines[n]))), default=0)
            return f"{docs.name}/{path.relative_to(docs).as_posix()}:{line + 1}: {words}"
    return problem


def main(arguments: list[str]) -> int:
    """Print what is wrong, with its place in the sources; the exit status says whether anything is."""
    root, docs = Path(arguments[0]).resolve(), Path(*arguments[1:] or ["docs"]).resolve()
    found = [place(root, docs, words) for words in problems(root)]
    found += [*shown.differences(root, docs), *labs.differences(root)]
    print("\n".join([*found, f"{len(list(root.rglob('*.html')))} pages, {len(found)} problems"]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
