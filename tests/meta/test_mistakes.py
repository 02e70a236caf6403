"""Every mistake that a writer can make turns the run red, with the file and the line; mended, the page is green.

A mistake is a page in mistakes/: its front matter says what is wrong `now` and how it is `mended`, on which `line` the
run must point and what it `says`.
"""

import shutil
from typing import Any

import pytest
import yaml

from tests.meta.book import HERE, Run, make, pytest_docs

MISTAKES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "mistakes").glob("*.md"))}


def front(page: str) -> dict[str, Any]:
    return dict(yaml.safe_load(page.split("---\n")[1]))


def mended(page: str) -> str:
    """The page as it should be."""
    about = front(page)
    _, head, body = page.split("---\n", 2)
    assert body.count(about["now"]) == 1
    return f"---\n{head}---\n{body.replace(about['now'], about['mended'])}"


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A book with all the mistakes, run once."""
    return pytest_docs(make(tmp_path_factory.mktemp("red"), **MISTAKES))


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same book with every mistake mended."""
    folder = make(tmp_path_factory.mktemp("green"), **{name: mended(page) for name, page in MISTAKES.items()})
    (folder / "figures/mistaken.py").unlink()
    shutil.rmtree(folder / "figures/mistaken")
    return pytest_docs(folder)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_red(red: Run, name: str) -> None:
    about = front(MISTAKES[name])
    assert f"docs/{name}.md:{about['line']}: {about['says']}" in red.said, lines_about(red, name)


@pytest.mark.parametrize("name", MISTAKES)
def test_it_is_green_when_it_is_mended(green: Run, name: str) -> None:
    assert f"docs/{name}.md" not in green.said and green.counts["passed"] > 80, lines_about(green, name)


def lines_about(run: Run, name: str) -> str:
    """What a run says of one page."""
    return "\n".join(line for line in run.said.splitlines() if f"{name}.md" in line) or run.said[-3000:]
