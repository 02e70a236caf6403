"""The labs and their checks ship in the wheel, by way of the source distribution, and work from there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course.lab import notebooks

ROOT = notebooks.CHECKOUT
PROJECT = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "LICENSE-TEXT", "mkdocs.yml")
SDIST = "from setuptools import build_meta; print(build_meta.build_sdist('dist'))"


def run(*command: object, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a source distribution that was made from a copy of the checkout."""
    tree = tmp_path_factory.mktemp("tree")
    for name in PROJECT:
        shutil.copy(ROOT / name, tree)
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", tree / "src", ignore=unwanted)
    shutil.copytree(ROOT / "docs/labs", tree / "docs/labs", ignore=unwanted)
    run(sys.executable, "-c", SDIST, cwd=tree)
    (sdist,) = (tree / "dist").glob("*.tar.gz")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    run(*pip, "--wheel-dir", tree / "wheel", sdist, cwd=tree)
    (made,) = (tree / "wheel").glob("*.whl")
    return made


def test_all_labs_and_checks_are_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in notebooks.LABS:
        assert {f"course/lab/texts/{name}.py", f"course/lab/checks/{name}.py"} <= names
    assert not any("wrong" in name or name.startswith("tests") for name in names)
    assert zipfile.ZipFile(wheel).read("course/lab/texts/site.txt").decode().strip() == notebooks.site()


def test_the_command_works_from_it(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    here = tmp_path / "here"
    here.mkdir()
    course = [sys.executable, "-P", "-m", "course.cli", "lab", "basics"]
    installed = {"PYTHONPATH": str(tmp_path / "installed")}
    where = run(sys.executable, "-P", "-c", "import course; print(course.__file__)", cwd=here, **installed)
    assert Path(where).is_relative_to(tmp_path)
    run(*course, cwd=here, **installed)
    run(*course, "--solution", cwd=here, **installed)
    assert f"]({notebooks.site()}convolution/" in (here / "basics.ipynb").read_text(encoding="utf-8")
    assert "11 of 11 right" in run(*course, "--check", "basics-solution.ipynb", cwd=here, **installed)
