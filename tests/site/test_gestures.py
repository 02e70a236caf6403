"""What a reader does: copies, points, taps, presses Escape, turns the page, searches, reports."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tests.site.conftest import CHAPTER, ROOT

INCLUDED = ".highlight[data-copy]"
SITE, REPOSITORY = re.findall(r"^(?:site|repo)_url: (\S+?)/?$", (ROOT / "mkdocs.yml").read_text(), re.M)


def copied(page, block) -> str:
    """What the block's button puts on the clipboard."""
    block.scroll_into_view_if_needed()
    block.hover()
    block.locator(".md-code__button").click()
    page.wait_for_timeout(100)
    return page.evaluate("navigator.clipboard.readText()")


def test_included_source_is_copied_with_what_it_needs(visit):
    page = visit().page
    block = page.locator(INCLUDED).first
    text = copied(page, block)
    shown = block.locator("code").inner_text().strip()
    assert shown.startswith("def ") and shown in text
    names: dict = {}
    exec(text, names)  # in a namespace with nothing else in it
    assert list(names["convolve_1d"](np.array([1, 2]), np.array([1, 1]))) == [1, 3, 2]


def test_other_blocks_are_copied_as_they_stand(visit):
    page = visit().page
    block = page.locator(".language-python.highlight:not([data-copy])").first
    assert copied(page, block).strip() == block.locator("code").inner_text().strip()


def test_an_output_has_no_copy_button(visit):
    page = visit().page
    output = page.locator(".language-text.highlight").first
    output.scroll_into_view_if_needed()
    output.hover()
    assert not output.locator(".md-code__button").is_visible()


@pytest.mark.parametrize("how", ["hover", "focus"])
@pytest.mark.parametrize("kind", ["preview", "word-tip", "checked"])
def test_a_tip_opens_and_escape_closes_it(visit, kind, how):
    page = visit().page
    tipped = page.locator(f".tipped.{kind}").first
    link, tip = tipped.locator("a").first, tipped.locator(".tip")
    assert not tip.is_visible()
    link.scroll_into_view_if_needed()
    getattr(link, how)()
    tip.wait_for(state="visible")
    assert link.get_attribute("aria-describedby") == tip.get_attribute("id")
    if kind == "preview":
        assert tip.locator(".katex-html").first.is_visible()
    page.keyboard.press("Escape")
    tip.wait_for(state="hidden")


def test_a_tip_stands_beside_the_text_and_hides_nothing_of_it(visit):
    page = visit().page
    text = page.locator("article").bounding_box()
    for kind in ("preview", "word-tip", "checked"):
        tipped = page.locator(f"article p .tipped.{kind}, .equation .tipped.{kind}").first
        tipped.locator("a").first.focus()
        tip = tipped.locator(".tip").bounding_box()
        assert tip["x"] >= text["x"] + text["width"], kind
        assert tip["x"] + tip["width"] <= 1280, kind


def test_the_first_tap_opens_a_tip_and_the_second_follows(visit):
    page = visit(width=390, touch=True).page
    before = page.url
    mark = page.locator(".equation .checked").first
    mark.locator("a").tap()
    mark.locator(".tip").wait_for(state="visible")
    assert page.url == before
    mark.locator("a").tap()
    page.wait_for_function("location.pathname.endsWith('/reference/ledger/') && location.hash.length > 1")


def test_every_mark_leads_to_its_row(visit, base):
    chapter = visit().page
    marks = chapter.locator(".checked > a").evaluate_all("all => all.map(a => a.href)")
    assert len(marks) > 20
    ledger = visit("reference/ledger/").page
    rows = set(ledger.locator("tr[id]").evaluate_all("all => all.map(row => row.id)"))
    assert {urlsplit(mark).fragment for mark in marks} <= rows
    places = ledger.locator("tbody th a[href*='#']").evaluate_all("all => all.map(a => a.href)")
    ids = set(chapter.locator("[id]").evaluate_all("all => all.map(e => e.id)"))
    here = [urlsplit(p).fragment for p in places if p.startswith(chapter.url)]
    assert here and set(here) <= ids


def test_turning_the_page_keeps_the_document(visit):
    seen = visit("convolution/images/")
    page = seen.page
    page.evaluate("window.stays = true")
    page.locator(".md-footer__link--next").click()
    page.wait_for_url("**/convolution/convolution/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.stays === true"), "the whole document was loaded again"
    assert page.locator(".equation").count() > 5
    mark = page.locator(".equation .checked a").first
    mark.focus()
    page.locator(".equation .tip").first.wait_for(state="visible")
    heads = page.locator("head style").evaluate_all("all => all.map(s => s.textContent).join()")
    assert "Convolution" in heads and "Images" not in heads
    assert not seen.errors and not seen.foreign


def test_what_scrolls_sideways_shows_it_and_scrolls_from_the_keyboard(visit):
    page = visit(width=390).page
    for y in range(0, page.evaluate("document.documentElement.scrollHeight"), 600):
        page.evaluate(f"scrollTo(0, {y})")
        page.wait_for_timeout(30)
    boxes = page.locator("pre > code, .table, .equation-maths")
    wide = [b for b in boxes.all() if b.is_visible() and b.evaluate("b => b.scrollWidth - b.clientWidth") > 8]
    assert wide
    for box in wide:
        assert box.get_attribute("tabindex") == "0"
        assert float(box.evaluate("b => parseFloat(getComputedStyle(b).getPropertyValue('--fade-right'))")) > 10
    box = wide[0]
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert box.evaluate("b => b.scrollLeft") > 0


def test_an_error_report_names_the_page(visit):
    page = visit().page
    link = page.locator("a.report").get_attribute("href")
    asked = parse_qs(urlsplit(link).query)
    assert link.startswith(f"{REPOSITORY}/issues/new?")
    assert asked["page"] == [f"{SITE}/{CHAPTER}"]
    assert asked["template"] == ["claim.yml"] and "Convolution" in asked["title"][0]
    edit = page.locator("a[rel=edit]").get_attribute("href")
    assert edit == f"{REPOSITORY}/edit/main/docs/convolution/convolution.md"


def test_the_search_finds_words_and_shows_formulas_as_formulas(visit, site):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    texts = "\n".join(entry["text"] for entry in index["docs"] if entry["location"].startswith("convolution/"))
    assert "y<sub>i</sub> = " in texts and "∑<sub>j=0</sub><sup>k−1</sup>" in texts
    assert "checked." not in texts and "\\sum" not in texts and "\x02" not in texts
    page = visit().page
    page.keyboard.press("/")
    page.keyboard.type("equivariance")
    result = page.locator(".md-search-result__item").first
    result.wait_for(state="visible")
    assert "quivariance" in result.inner_text() or "equivariant" in result.inner_text()


def test_every_page_describes_itself_to_others(site):
    for path in site.rglob("index.html"):
        text = path.read_text(encoding="utf-8")
        meta = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)"', text))
        assert meta["title"] and meta["description"] and meta["url"].startswith("https://"), path
        picture = site / meta["image"].removeprefix(f"{SITE}/")
        assert 5_000 < picture.stat().st_size < 300_000


def test_what_a_late_face_makes_wider_can_be_reached_from_the_keyboard(visit):
    page = visit(width=390).page
    box = page.locator(".equation-maths").first
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    stops = """box => {
      box.append(document.createElement("i"))
      box.lastElementChild.style.cssText = "flex: none; width: 900px"  // as the letters of another face would be
      const before = box.tabIndex
      document.fonts.dispatchEvent(new Event("loadingdone"))  // in one go: no observer of sizes has its turn
      return [before, box.tabIndex]
    }"""
    assert box.evaluate(stops) == [-1, 0]


def test_what_scrolls_can_be_reached_at_every_moment_while_faces_come(browser, base):
    def lost():
        return page.evaluate(
            """[...document.querySelectorAll(".equation-maths, .table")].filter(
              box => box.scrollWidth > box.clientWidth && box.tabIndex < 0).length"""
        )

    context = browser.new_context(viewport={"width": 390, "height": 844})
    page, held = context.new_page(), []
    page.route("**/*.woff2", lambda request: held.append(request))
    page.goto(base + "practice/fast/", wait_until="domcontentloaded")
    for step in range(20):  # each new piece of the page asks for faces, and two of them come now and then
        page.evaluate(f"scrollTo(0, {700 * step})")
        page.wait_for_timeout(60)
        for _ in range(min(2, len(held)) if step % 3 == 2 else 0):
            held.pop(0).continue_()
        assert lost() == 0, step
    for request in held:
        request.continue_()
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_timeout(200)
    assert lost() == 0 and page.locator(".equation-maths:not([tabindex])").count()
    context.close()
