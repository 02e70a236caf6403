"""The pages of the labs, as the site has them: light, their pictures beside them, and nothing of a notebook's page."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.site.conftest import ROOT

LABS = [p.stem for p in sorted((ROOT / "docs/labs").glob("*.py"))]
STEMS = [f"{name}{solved}" for name in LABS for solved in ("", "-solution")]
PICTURE = re.compile(r'<img alt="([^"]*)" class="lab-picture" src="([^"]*)" width="(\d+)" height="\d+"')


def article(site: Path, stem: str) -> str:
    page = (site / f"labs/{stem}/index.html").read_text(encoding="utf-8")
    return page.partition("<article")[2].partition("</article>")[0]


@pytest.mark.parametrize("stem", STEMS)
def test_a_page_is_light(site: Path, stem: str):
    size = len(gzip.compress((site / f"labs/{stem}/index.html").read_bytes(), 6))
    assert size <= 60_000, f"{size} bytes"


@pytest.mark.parametrize("stem", STEMS)
def test_a_page_has_its_pictures_beside_it_and_in_words(site: Path, stem: str):
    page = article(site, stem)
    pictures = PICTURE.findall(page)
    assert len(pictures) >= 6 and page.count("lab-picture") == len(pictures)
    for alt, src, width in pictures:
        assert len(alt) > 5 and (site / "labs" / stem / src).is_file() and int(width) <= 900
    assert not re.search(r"data:image|jp-|jupyter-wrapper|MathJax|<style|\$\$", page)


@pytest.mark.parametrize("stem", STEMS)
def test_a_page_leads_to_the_other_version_and_to_its_files(site: Path, stem: str):
    page = article(site, stem)
    partner = stem.removesuffix("-solution") if stem.endswith("-solution") else f"{stem}-solution"
    assert f'href="../{partner}/"' in page
    for ending in ("ipynb", "py"):
        assert f'download="{stem}.{ending}" href="../{stem}.{ending}"' in page
    cells = json.loads((site / f"labs/{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells)
    assert "colab.research.google.com/github/" in page and "mybinder.org/v2/gh/" in page


def test_a_search_finds_labs_and_no_solutions(site: Path):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert {f"labs/{name}/" for name in LABS} <= found
    assert not {f"labs/{name}-solution/" for name in LABS} & found


def test_a_lab_is_edited_where_it_is_written(visit):
    page = visit(f"labs/{LABS[0]}/").page
    assert page.locator("a[rel=edit]").get_attribute("href").endswith(f"/edit/main/docs/labs/{LABS[0]}.py")
    block = page.locator(".language-python.highlight").first
    block.scroll_into_view_if_needed()
    block.hover()
    block.locator(".md-code__button").click()
    page.wait_for_timeout(100)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("code").inner_text().strip() != ""
