"""The examples that CONTRIBUTING.md gives of each syntax are a page that is read and run, and is green."""

import re
import shutil
from pathlib import Path

from course.book.source import BLOCKS, COMMENTS
from tests.meta.book import ROOT, make, pytest_docs

EXAMPLE = re.compile(r"^````markdown\n(.*?)^````$", re.S | re.M)


def test_its_examples_are_green(tmp_path: Path) -> None:
    examples = EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    page = "\n".join(examples)
    for keyword in [*COMMENTS, *BLOCKS]:
        shown = {"number": "<!-- = ", "figure-caption": "/// caption"}.get(keyword, keyword)
        assert shown in page, f"CONTRIBUTING.md gives no example of {keyword!r}"
    make(tmp_path, contributing=page)
    (tmp_path / "figures/mistaken.py").unlink()
    shutil.rmtree(tmp_path / "figures/mistaken")
    run = pytest_docs(tmp_path, "docs/contributing.md")
    assert run.code == 0 and run.counts["passed"] > 20, run.said
