"""Mistakes that only the built site shows: dead links and anchors, TeX and code that are not what was meant."""

import subprocess
import sys
from pathlib import Path

import pytest

from course.book import shown, sitecheck

SETTINGS = """\
site_name: A small book
site_url: https://book.test/small/
theme: {name: null, custom_dir: theme}
plugins: []
hooks: [hook.py]
markdown_extensions: [attr_list, toc, admonition, tables, pymdownx.superfences, pymdownx.highlight]
"""
HOOK = """\
from pathlib import Path
from course.book.page import read, reader_markdown
def on_page_markdown(markdown, page, config, files):
    return reader_markdown(read(Path(page.file.abs_src_path), Path(config.docs_dir)))
"""
FRAME = "<!doctype html><title>{{ page.title }}</title><article>{{ page.content }}</article>"
GOOD = """\
# Page

## The sum

By [the sum](#the-sum) of [another page](other.md#a-word):

```python
print(1 + 1)
```
```text title="Output"
2
```

!!! warning "What goes wrong"
    <!-- raises ZeroDivisionError: division by zero -->
    ```python hl_lines="1"
    1 / 0
    ```

It has 2<!-- = 1 + 1 --> of them, <b id="there">there</b>.

<!-- not run: a server -->
```bash
make serve
```
"""
MISTAKES = {  # what is wrong: what the page has instead, the line, and what is said
    "a dead link": ("(other.md#a-word)", "(others/#a-word)", 5, "link to nothing"),
    "a dead anchor": ("(#the-sum)", "(#the-product)", 5, "no such place"),
    "a dead anchor on another page": ("#a-word)", "#a-verb)", 5, "no such place"),
    "TeX that leaks": ("It has", r"$\alpha$ has", 20, "TeX shows as text"),
    "an id used twice": ('"there"', '"the-sum"', 20, "the id 'the-sum' is used 2 times"),
    "text that is shown as code": (
        "It has",
        "It is:\n\n    y = x\n\nIt has",
        22,
        "the site shows code that was not collected: 'y = x'",
    ),
}


def build(folder: Path, page: str) -> Path:
    """Build a small site from one page and another."""
    (folder / "docs").mkdir()
    (folder / "theme").mkdir()
    for name, text in {
        "mkdocs.yml": SETTINGS, "hook.py": HOOK, "theme/main.html": FRAME,
        "docs/page.md": page, "docs/other.md": "# Other\n\n## A word\n",
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=folder, check=True)
    return folder / "site"


def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What the check of the site says."""
    sitecheck.main([str(folder / "site"), str(folder / "docs")])
    return capsys.readouterr().out


def test_a_good_site_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(tmp_path, GOOD)
    assert checked(tmp_path, capsys) == "2 pages, 0 problems\n"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_red(tmp_path: Path, capsys: pytest.CaptureFixture[str], mistake: str) -> None:
    old, new, line, says = MISTAKES[mistake]
    build(tmp_path, GOOD.replace(old, new))
    said = checked(tmp_path, capsys)
    assert f"docs/page.md:{line}: {says}" in said and "1 problems" in said, said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("make", "made", "docs/page.md:23: this code is not on the site as it was collected"),
        ("<code", "<samp", "docs/page.md:7: this code is not on the site as it was collected"),
        ("</article>", "<pre><code>y = x</code></pre></article>", "docs/page.md:1: the site shows code that was not"),
        ("ZeroDivisionError", "Zero", "docs/page.md:16: this code is not on the site"),
    ],
)
def test_the_site_shows_the_code_that_was_collected(tmp_path: Path, old: str, new: str, says: str) -> None:
    site = build(tmp_path, GOOD)
    assert list(shown.differences(site, tmp_path / "docs")) == []
    page = site / "page/index.html"
    page.write_text(page.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert says in "\n".join(shown.differences(site, tmp_path / "docs"))
