"""The two commands: what they list, and what they say in one sentence when they cannot go on."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that set-up needs, in a folder of their own, without an environment."""
    for name in ("make.py", "Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def call(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "make.py", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of a refusal: status not 0, no traceback anywhere."""
    words = done.stdout + done.stderr
    assert done.returncode and "Traceback" not in words, words
    return words.strip().splitlines()[-1]


def test_the_list_names_every_target_of_the_makefile(clone: Path) -> None:
    listed = re.findall(r"^  ([\w-]+)  +\S", call(clone).stdout, re.M)
    targets = re.search(r"^TARGETS := (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert targets is not None and sorted(listed) == sorted(targets[1].split())


def test_too_old_a_python(clone: Path) -> None:
    code = "import sys; sys.version_info = (3, 8, 1); exec(open('make.py').read())"
    done = subprocess.run([sys.executable, "-c", code], cwd=clone, capture_output=True, text=True)
    assert "needs Python 3.11 or newer" in one_sentence(done)


def test_a_python_without_venv(clone: Path) -> None:
    (clone / "venv.py").write_text("raise ImportError('ensurepip is not available')\n")
    assert "install its venv module" in one_sentence(call(clone, "serve", "--port", "0", PYTHONPATH=str(clone)))
    assert not (clone / ".venv").exists(), "nothing half-made is left"


def test_no_network(clone: Path) -> None:
    nobody = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    words = one_sentence(call(clone, "serve", "--port", "0", PIP_RETRIES="0", **nobody))
    assert "no network?" in words and "setup.log" in words


def test_a_port_in_use(clone: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = one_sentence(call(clone, "serve", "--port", str(port)))
    assert f"port {port} is in use" in words and f"PORT={port + 1}" in words
