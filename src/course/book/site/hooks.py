"""MkDocs' events, a few lines each; what they do stands in the modules beside this one, free of MkDocs."""

import logging
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from course.book import ledger as ledgers
from course.book import page as book
from course.book.site import blocks, evidence, finish, maths

log = logging.getLogger("mkdocs.hooks.book")
SHELF_MARK = re.compile("\x02(\\d+)\x03")
FILL = re.compile(r'<(div|span) data-fill="(?P<what>[\w-]+)"></\1>')
GLOSSARY, LEDGER = "reference/glossary.md", "reference/ledger.md"


@dataclass
class Build:
    """What one build of the site knows."""

    ledger: evidence.Ledger
    katex: Path
    pages: dict[str, book.Page] = field(default_factory=dict)
    equations: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # label: page, number, formula
    shelf: list[tuple[str, str]] = field(default_factory=list)  # for the reader, for the search
    navigation: Navigation | None = None

    def shelve(self, reader: str, search: str = "") -> str:
        """Keep a piece of HTML aside until the page is written; a mark stands in its place."""
        self.shelf.append((reader, search))
        return f"\x02{len(self.shelf) - 1}\x03"

    def unshelve(self, content: str, which: int) -> str:
        """Put the pieces back: 0 for the reader, 1 for the search."""
        return SHELF_MARK.sub(lambda m: self.unshelve(self.shelf[int(m[1])][which], which), content)

    def inline(self, tex: str) -> str:
        """A short formula in a check's words."""
        formula = maths.typeset(self.katex, tex)
        return self.shelve(formula, maths.readable(formula))


build: Build


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Begin a build: the ledger, KaTeX, the book's own blocks."""
    global build
    katex = Path(config.theme.custom_dir) / "vendor/katex/katex.min.js"
    build = Build(ledgers.load(Path(config.config_file_path).parent), katex)
    config.markdown_extensions.append(blocks.BookBlocks())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Publish figures/ from the repository's root; keep KaTeX's script, which only the build needs, at home."""
    root = Path(config.config_file_path).parent
    for path in sorted((root / "figures").rglob("*.svg")):
        uri = path.relative_to(root).as_posix()
        files.append(File.generated(config, uri, abs_src_path=str(path), inclusion=InclusionLevel.NOT_IN_NAV))
    script = files.get_file_from_path("vendor/katex/katex.min.js")
    if script:
        files.remove(script)
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Remember the order of the book, for its table of contents."""
    build.navigation = nav


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Read the page as `pytest docs` reads it; the reader sees no directive."""
    docs, uri = Path(config.docs_dir), page.file.src_uri
    try:
        build.pages[uri] = book.read(docs / uri, docs)
    except book.PageError as error:
        log.warning("%s", error)
        return markdown
    text = book.reader_markdown(build.pages[uri])
    known = {claim["id"] for claim in evidence.claims_of(build.ledger, uri)}
    missing = [claim.id for claim in build.pages[uri].claims if claim.id not in known]
    if missing:
        log.warning("%s: not in the ledger: %s; run make ledger", uri, ", ".join(missing))
    if uri == LEDGER:
        page.meta["search"] = {"exclude": True}  # its words are those of the pages
        text = text.replace(
            '<div data-fill="claims"></div>', evidence.claim_tables(build.ledger, towards(page, files), build.inline)
        )
    return text


def towards(page: Page, files: Files) -> Callable[[str], str]:
    """From `page` to any other page, by its source's name."""

    def url(uri: str) -> str:
        file = files.get_file_from_path(uri)
        return get_relative_url(file.url, page.file.url) if file else uri

    return url


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Typeset the page, give its parts their numbers, sizes and anchors."""
    uri, read = page.file.src_uri, build.pages.get(page.file.src_uri)

    def problem(words: str) -> None:
        if read:  # of a page that could not be read, its own message is enough
            log.warning("%s: %s", uri, words)

    def picture(src: str) -> Path | None:
        file = files.src_uris.get(posixpath.normpath(posixpath.join(page.file.url, src)))
        return Path(file.abs_src_path) if file and file.abs_src_path else None

    numbers = read.equations if read else {}
    html, equations = maths.set_formulas(html, build.katex, numbers, build.shelve, problem)
    build.equations |= {label: (uri, numbers[label], formula) for label, formula in equations.items()}
    html = finish.scrolling(finish.sized(finish.numbered(html, page.meta.get("chapter")), picture))
    if read:
        html = finish.copyable(finish.lighter(html), [(f.anchor, f.code, f.copy) for f in read.fences], problem)
    if uri == GLOSSARY:
        html = finish.french(html.replace('<div data-fill="french"></div>', finish.french_index(html)))
    return html


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Every page is known now: references, marks, tips, tables of contents, the ledger's figures."""
    pages = [file.page for file in files.documentation_pages() if file.page]
    glossary = files.get_file_from_path(GLOSSARY)
    terms = evidence.entries(glossary.page.content) if glossary and glossary.page else {}
    for page in pages:
        if page.meta.get("chapter"):
            page.title = f"{page.meta['chapter']}. {page.title}"
    for page in pages:
        page.content = furnished(page, towards(page, files), terms, config)
    return env


def furnished(page: Page, url: Callable[[str], str], terms: dict[str, str], config: MkDocsConfig) -> str:
    """A page's content with all that comes from other pages."""
    uri, previews = page.file.src_uri, iter(range(1000))
    claims = evidence.claims_of(build.ledger, uri)

    def reference(label: str) -> str:
        if label not in build.equations:
            log.warning("%s: no equation is labelled %r", uri, label)
            return f"({label}?)"
        home, number, formula = build.equations[label]
        link = f'<a class="reference" href="{"" if home == uri else url(home)}#{label}">({number})</a>'
        seen, words = maths.MATHML.sub("", formula), re.sub(r"</?su[bp]>", "", maths.readable(formula))
        return evidence.tip(link, f"preview-{next(previews)}", "preview", seen, build.shelve, words)

    def row(ident: str) -> str:
        return f"{url(LEDGER)}#{evidence.row_id(uri, ident)}"

    def fill(match: re.Match[str]) -> str:
        match match["what"]:
            case "totals":
                return evidence.totals(build.ledger)
            case "by-chapter":
                return finish.scrolling(evidence.by_chapter(build.ledger, url))
            case "repository":
                return f'<a href="{config.repo_url}">the repository</a>'
            case "contents":
                return finish.contents(parts(url))
            case _:
                log.warning("%s: nothing fills %r", uri, match["what"])
                return ""

    content = maths.refer(page.content or "", reference)
    content = evidence.mark(content, claims, row, build.inline, build.shelve)
    content = evidence.explained(content, terms, build.shelve)
    return FILL.sub(fill, finish.in_runs(content) if page.meta.get("chapter") else content)


def parts(url: Callable[[str], str]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The navigation's parts with their pages: title, address, description."""
    sections = [item for item in build.navigation or [] if item.is_section]
    return [
        (
            section.title,
            [(p.title, url(p.file.src_uri), p.meta.get("description", "")) for p in section.children if p.is_page],
        )
        for section in sections
    ]


@event_priority(100)
def before_search(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Give the search a text without marks and tips, its formulas in running letters."""
    page.meta["reader"] = page.content
    page.content = build.unshelve(page.content or "", 1).replace("</td>", " </td>").replace("</th>", " </th>")


@event_priority(-100)
def after_search(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Give the reader the page itself."""
    page.content = build.unshelve(page.meta.pop("reader"), 0)
    context["claims"] = len(evidence.claims_of(build.ledger, page.file.src_uri))


on_page_context: CombinedEvent[Any, None] = CombinedEvent(before_search, after_search)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name what Material leaves without a name."""
    return finish.named(output)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The same for the page of unknown addresses."""
    return finish.named(output)
