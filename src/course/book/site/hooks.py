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
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from course.book import ledger as ledgers
from course.book import page as book
from course.book.site import blocks, evidence, finish, labs, maths

log = logging.getLogger("mkdocs.hooks.book")
SHELF_MARK = re.compile("\x02(\\d+)\x03")
FILL = re.compile(r'<(div|span) data-fill="(?P<what>[\w-]+)(?: (?P<number>\d+))?"></\1>')
GLOSSARY, LEDGER = "reference/glossary.md", "reference/ledger.md"


@dataclass
class Build:
    """What one build of the site knows."""

    katex: Path
    ledger: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, book.Page] = field(default_factory=dict)
    labs: set[str] = field(default_factory=set)  # their pages, which are no Markdown files
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
        """A short formula in a check's words, in letters of the text: a tip is light."""
        return f"<var>{maths.readable(maths.typeset(self.katex, tex))}</var>"


build: Build


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Begin a build: the ledger, KaTeX, the book's own blocks."""
    global build
    katex = Path(str(config.theme.custom_dir)) / "vendor/katex/katex.min.js"
    build = Build(katex)
    build.ledger = evidence.read_ledger(ledgers.load(Path(config.config_file_path).parent), build.inline)
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
    publish_labs(files, config)
    return files


def publish_labs(files: Files, config: MkDocsConfig) -> None:
    """Put the pages of the labs, their pictures and their downloads in the place of their sources."""
    plugin, teller = config.plugins.get("mkdocs-jupyter"), labs.teller(config.extra["labs"])
    found = labs.versions(teller, Path(config.docs_dir))
    try:
        executed = labs.executed(found, Path(config.config_file_path).parent, plugin and plugin.config)
    except labs.LabError as error:
        raise PluginError(str(error)) from None
    for version, notebook in zip(found, executed, strict=True):
        made = labs.published(version, notebook, teller, config.site_url or "", config.repo_url or "", log.warning)
        for name, content in made.items():
            uri = f"labs/{name}"
            if source := files.get_file_from_path(uri):
                files.remove(source)
            in_nav = name == f"{version.name}.md"
            inclusion = InclusionLevel.UNDEFINED if in_nav else InclusionLevel.NOT_IN_NAV
            file = File.generated(config, uri, content=content, inclusion=inclusion)
            file.edit_uri = f"labs/{version.name}.py"
            files.append(file)
            if name.endswith(".md"):
                build.labs.add(uri)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:
    """Remember the order of the book, for its table of contents."""
    build.navigation = nav


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Read the page as `pytest docs` reads it; the reader sees no directive."""
    docs, uri = Path(config.docs_dir), page.file.src_uri
    if uri in build.labs:
        return markdown
    try:
        build.pages[uri] = book.read(docs / uri, docs)
    except book.PageError as error:
        log.warning("%s", error)
        return markdown
    text = labs.linked(book.reader_markdown(build.pages[uri]))
    known = {claim["id"] for claim in claims_of(uri)}
    missing = [claim.id for claim in build.pages[uri].claims if claim.id not in known]
    if missing:
        log.warning("%s: not in the ledger: %s; run make ledger", uri, ", ".join(missing))
    if uri == LEDGER:
        page.meta["search"] = {"exclude": True}  # its words are those of the pages
        heads = enumerate(build.ledger["pages"])
        text += "".join(
            f'## {p["heading"]} {{ #{p["stem"]} }}\n\n<div data-fill="claims {n}"></div>\n\n' for n, p in heads
        )
    return text


def claims_of(uri: str) -> list[dict[str, Any]]:
    """The claims of one page, as the ledger has them."""
    return next((page["claims"] for page in build.ledger["pages"] if page["page"] == uri), [])


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
        if read or uri in build.labs:  # of a page that could not be read, its own message is enough
            log.warning("%s: %s", uri, words)

    def picture(src: str) -> bytes | None:
        file = files.src_uris.get(posixpath.normpath(posixpath.join(page.file.url, src)))
        return file.content_bytes if file else None

    is_lab, numbers = uri in build.labs, read.equations if read else {}
    html, equations = maths.set_formulas(html, build.katex, None if is_lab else numbers, build.shelve, problem)
    build.equations |= {label: (uri, numbers[label], formula) for label, formula in equations.items()}
    html = finish.scrolling(finish.sized(finish.numbered(html, page.meta.get("chapter")), picture))
    if is_lab:
        html = finish.lighter(html)
    if read:
        html = finish.copyable(finish.lighter(html), [(f.ident, f.code, f.copy) for f in read.fences], problem)
    if uri == GLOSSARY:
        html = finish.french(html)
    return html


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """Every page is known now: references, marks, tips, tables of contents, the ledger's figures."""
    pages = [file.page for file in files.documentation_pages() if file.page]
    glossary = next((page.content or "" for page in pages if page.file.src_uri == GLOSSARY), "")
    lists = env.get_template("partials/fill.html", globals={"config": config}).module
    for page in pages:
        if page.meta.get("chapter"):
            page.title = f"{page.meta['chapter']}. {page.title}"
    for page in pages:
        page.content = furnished(page, towards(page, files), glossary, lists)
    return env


def furnished(page: Page, url: Callable[[str], str], glossary: str, lists: Any) -> str:
    """A page's content with all that comes from other pages; `lists` are the macros of fill.html."""
    uri, previews = page.file.src_uri, iter(range(1000))

    def reference(label: str) -> str:
        if label not in build.equations:
            log.warning("%s: no equation is labelled %r", uri, label)
            return f"({label}?)"
        home, number, formula = build.equations[label]
        link = f'<a class="reference" href="{"" if home == uri else url(home)}#{label}">({number})</a>'
        seen, words = maths.MATHML.sub("", formula), re.sub(r"</?su[bp]>", "", maths.readable(formula))
        return evidence.tip(link, f"preview-{next(previews)}", "preview", seen, build.shelve, words)

    def fill(match: re.Match[str]) -> str:
        filled: dict[str, Callable[[], str]] = {
            "totals": lambda: lists.totals(build.ledger),
            "by-page": lambda: lists.by_page(build.ledger, url),
            "claims": lambda: lists.claims(build.ledger["pages"][int(match["number"])], url),
            "contents": lambda: lists.contents([s for s in build.navigation or [] if s.is_section], url),
            "french": lambda: lists.french(evidence.french(glossary)),
            "repository": lists.repository,
        }
        if match["what"] not in filled:
            log.warning("%s: nothing fills %r", uri, match["what"])
        return finish.scrolling(filled.get(match["what"], str)())

    content = FILL.sub(fill, maths.refer(page.content or "", reference))
    content = evidence.mark(content, claims_of(uri), url(LEDGER), lists.tip, build.shelve)
    content = evidence.explained(content, evidence.entries(glossary), build.shelve)
    return finish.in_runs(content) if uri in build.pages and build.pages[uri].equations else content


@event_priority(100)
def before_search(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Give the search a text without marks and tips, its formulas in running letters."""
    page.meta["reader"] = page.content
    page.content = build.unshelve(page.content or "", 1).replace("</td>", " </td>").replace("</th>", " </th>")


@event_priority(-100)
def after_search(context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Give the reader the page itself."""
    page.content = build.unshelve(page.meta.pop("reader"), 0)
    context["claims"] = sum(claim["how"] != "given" for claim in claims_of(page.file.src_uri))


on_page_context: CombinedEvent[Any, None] = CombinedEvent(before_search, after_search)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Name what Material leaves without a name."""
    return finish.named(output)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The same for the page of unknown addresses."""
    return finish.named(output)
