"""A book of one figure, in a folder of its own, and the language of the real one."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from course.book import figures

ROOT = Path(__file__).parents[2]
HEAD = "import numpy as np\nfrom figures.style import figure\n\n"


@pytest.fixture
def language() -> ModuleType:
    """figures/style.py of this repository."""
    figures.load(ROOT)
    return sys.modules["figures.style"]


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Path]:
    """Write a book whose chapter `demo` has this source; return its folder."""

    def write(source: str, **pages: str) -> Path:
        shutil.copytree(ROOT / "figures", tmp_path / "figures", ignore=shutil.ignore_patterns("*.svg", "__pycache__"))
        for module in (tmp_path / "figures").glob("*.py"):
            if module.stem not in ("__init__", "style", "letters", "plots"):
                module.unlink()
        (tmp_path / "mkdocs.yml").touch()
        (tmp_path / "docs").mkdir()
        (tmp_path / "figures/demo.py").write_text(HEAD + source)
        for name, text in pages.items():
            (tmp_path / f"docs/{name}.md").write_text(text)
        return tmp_path

    return write
