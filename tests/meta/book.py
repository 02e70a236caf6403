"""A small book in a folder of its own, and what `pytest docs` says about it."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def make(folder: Path, **pages: str) -> Path:
    """Copy the small book, and add pages to it."""
    shutil.copytree(HERE / "book", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "docs/conftest.py", folder / "docs")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    for name, text in pages.items():
        (folder / f"docs/{name}.md").write_text(text, encoding="utf-8")
    return folder


@dataclass
class Run:
    """What a run said, and whether it was green."""

    said: str
    code: int

    @property
    def counts(self) -> dict[str, int]:
        """How many tests passed, failed, were skipped."""
        return {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed|skipped|deselected|error)", self.said)}


def pytest_docs(folder: Path, *arguments: str, **environment: str) -> Run:
    """Run `pytest docs` there, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *(arguments or ("docs",)), "-q", "--tb=short"],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        | environment,
        capture_output=True,
        text=True,
    )
    return Run(done.stdout + done.stderr, done.returncode)
