"""What can be said of the built site without a browser."""

import re
import shutil
from pathlib import Path

import pytest

from course.book import sitecheck

FAULTS = {
    '<a href="/reference/ledger/">x</a>': "outside the book",
    '<a href="nowhere/">x</a>': "link to nothing",
    '<a href="#nowhere">x</a>': "no such place",
    '<img src="https://example.org/x.png" alt="x" width="1" height="1">': "request outside the book",
    '<script src="https://example.org/x.js"></script>': "request outside the book",
    '<p id="twice"></p><p id="twice"></p>': "is used 2 times",
    '<img src="assets/mark.svg" width="1" height="1">': "without alt",
    '<img src="assets/mark.svg" alt="x">': "without its size",
    "<h2>a</h2><h4>b</h4>": "a heading of level 4",
    "<!-- check x | y -->": "a comment",
    "<p>```python</p>": "a fence shows as text",
    r"<p>\eqref{x}</p>": "TeX shows as text",
    "<p>$x_i$</p>": "TeX shows as text",
    "<p>[^1]</p>": "a footnote shows as text",
    "<p>[a][b]</p>": "a link shows as text",
    "<p>/// note</p>": "a block shows as text",
    "<p>{ #x }</p>": "an attribute list shows as text",
}


def test_links_and_markup(site: Path):
    assert sitecheck.problems(site) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_sees_each_kind_of_fault(site: Path, tmp_path: Path, fault: str):
    front = tmp_path / "site"  # with one page, whose links to the others lead to nothing, before as after
    shutil.copytree(site, front, ignore=lambda d, names: [n for n in names if n.endswith(".html") and Path(d) != site])
    page, before = front / "index.html", set(sitecheck.problems(front))
    page.write_text(page.read_text(encoding="utf-8").replace("</article>", f"{fault}</article>"), encoding="utf-8")
    found = set(sitecheck.problems(front)) - before
    assert found and all(FAULTS[fault] in line and line.startswith("index.html") for line in found), found


def test_nothing_that_only_the_build_needs_is_published(site: Path):
    published = {p.name for p in site.rglob("*")}
    assert not {"katex.min.js", "conftest.py", "cut_fonts.py", "_theme"} & published
    assert (site / "reference/ledger.json").is_file()


def test_no_directive_reaches_the_reader(site: Path):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<!--|--8<--|data-fill|\\eqref|[\x02\x03]", text), path
