"""Every page, light and dark, on a desk and on a phone: accessible, still, narrow enough, and alone."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

DOCS = Path(__file__).parents[2] / "docs"
LABS = [f"labs/{p.stem}{solved}" for p in sorted(DOCS.glob("labs/*.py")) for solved in ("", "-solution")]
SOURCES = [*(p.relative_to(DOCS).with_suffix("").as_posix() for p in sorted(DOCS.rglob("*.md"))), *LABS]
PAGES = [*(f"{source}/".removesuffix("index/") for source in SOURCES), "no/such/page/"]
EVERY = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The colours are the same on a desk and on a phone, and everything else is the same by day and by night: a page is
# judged by each rule where it can differ, and one page of each kind by every rule everywhere. Contrast takes longest.
OF_EACH_KIND = ["", "convolution/convolution/", "reference/notation/", "no/such/page/"]
CONTRAST_ALONE = {"runOnly": ["color-contrast"]}
ALL_BUT_CONTRAST = {"runOnly": EVERY, "rules": {"color-contrast": {"enabled": False}}}
# Axe's time goes into small pieces that are all alike. Except on those pages of each kind, a box of its size stands for
# the letters of a formula, which have the colour of the words around it and are hidden from a reader's tools (they read
# its MathML); and one token of each colour, below the first block, for all that are coloured in the page's code.
FEWER = """() => {
  for (const run of document.querySelectorAll(".run")) run.style.contentVisibility = "visible"  // no height of before
  const formulas = [...document.querySelectorAll(".katex-html")]
  const sizes = formulas.map(formula => formula.getBoundingClientRect())
  formulas.forEach((formula, i) => {
    const box = document.createElement("span")
    box.textContent = "x"
    box.style.cssText = `display: inline-block; width: ${sizes[i].width}px; height: ${sizes[i].height}px`
    formula.replaceChildren(box)
  })
  const codes = [...document.querySelectorAll("pre > code")]
  const tokens = [...document.querySelectorAll("pre > code span[class]:not(:has(*))")]
  const kinds = new Set(tokens.map(token => `\\n<span class="${token.className}">word</span>`))
  for (const code of codes) code.textContent = code.textContent
  if (codes.length) codes[0].insertAdjacentHTML("beforeend", [...kinds].join(""))
}"""
# All faces have come; the widths that they change are then watched for a moment.
FACES = "Promise.race([document.fonts.ready.then(() => 1), new Promise(done => setTimeout(done, 3000))])"
SHIFT = """new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted = (window.shifted || 0) + entry.value
}).observe({ type: "layout-shift", buffered: true })"""


def test_every_page_of_the_site_is_visited(site: Path):
    built = {p.relative_to(site).as_posix().removesuffix("index.html") for p in site.rglob("*.html")}
    assert built - {"404.html"} <= set(PAGES)


def rules(url: str, scheme: str, width: int) -> dict[str, object]:
    """The rules by which a page is judged in one of its four states."""
    if url in OF_EACH_KIND or (scheme, width) == ("light", 390):
        return {"runOnly": EVERY}
    return CONTRAST_ALONE if width == 390 else ALL_BUT_CONTRAST


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("url", PAGES)
def test_page(visit, url, scheme, width):
    seen = visit(url, scheme, width)
    page = seen.page
    height = page.evaluate("document.documentElement.scrollHeight")
    for y in range(0, height, 700):  # what appears on scrolling is judged too
        page.evaluate(f"scrollTo(0, {y})")
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.evaluate(FACES)
    page.wait_for_timeout(300)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if url not in OF_EACH_KIND:
        page.evaluate(FEWER)
    found = Axe().run(page, options=rules(url, scheme, width) | {"resultTypes": ["violations"]}).response["violations"]
    assert not found, "\n".join(f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in found)
    assert wide <= 0
    assert not seen.foreign
    missing = [e for e in seen.errors if not (url.startswith("no/") and "404" in e)]
    assert not missing


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("url", ["", "convolution/convolution/", "reference/ledger/"])
def test_nothing_moves_while_a_page_loads(browser, base, url, width):
    context = browser.new_context(viewport={"width": width, "height": 844})
    context.add_init_script(SHIFT)
    page = context.new_page()
    page.goto(base + url)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted || 0") <= 0.02
    context.close()


@pytest.mark.parametrize("url", PAGES[:-1])
def test_a_page_reads_without_scripts(visit, url):
    page = visit(url, scripts=False).page
    assert page.locator("article h1").is_visible()
    assert len(page.locator("article").inner_text()) > 200
    if url == "convolution/convolution/":
        assert page.locator(".equation .katex-html").first.is_visible()
        page.locator("summary", has_text="Hint").first.click()
        assert page.locator("details.hint p").first.is_visible()


def test_a_page_of_an_unknown_address_works_at_any_depth(visit):
    page = visit("convolution/deeper/and/deeper/").page
    assert page.locator("h1").inner_text() == "There is no such page"
    assert "convolution%2Fdeeper%2Fand%2Fdeeper" in page.locator("a.report").get_attribute("href")
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("Newsreader")
    page.keyboard.press("/")
    assert page.locator(".md-search__input").evaluate("box => box === document.activeElement")
    page.keyboard.press("Escape")
    page.locator("article").get_by_role("link", name="2. Convolution").click()
    page.wait_for_url("**/convolution/convolution/")


def test_printing_gives_pages(visit):
    page = visit().page
    pdf = page.pdf(prefer_css_page_size=True, format="A4")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page/") >= 6
    page.emulate_media(media="print")
    assert not page.locator(".md-header").is_visible()
    assert page.locator("details.solution > p").first.is_visible(), "a printed solution is open"
    heads = page.evaluate("""[...document.styleSheets].flatMap(s => [...s.cssRules]).map(r => r.cssText)
        .filter(t => t.includes("@top-right") && t.includes("content: \\"Convolution\\"")).length""")
    assert heads == 1
