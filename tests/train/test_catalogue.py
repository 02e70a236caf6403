"""The list of demos needs no torch, and who trains without torch is told what is missing."""

import subprocess
import sys
from pathlib import Path

WITHOUT = """
import sys
sys.modules["torch"] = None
from course.cli import main
sys.exit(main(sys.argv[1:]))
"""
DEMOS = Path(__file__).parents[2] / "src/course/train/demos"


def course(*arguments):
    return subprocess.run([sys.executable, "-c", WITHOUT, *arguments], capture_output=True, text=True)


def test_the_demos_are_listed_without_torch():
    done = course("train")
    assert done.returncode == 0 and not done.stderr
    lines = done.stdout.splitlines()
    for name in (path.stem for path in DEMOS.glob("[!_]*.py")):
        shows = next(k for k, line in enumerate(lines) if line.split()[:1] == [name])
        assert len(lines[shows].split()) > 3 and lines[shows + 1].split()[0] == "takes", name


def test_help_needs_no_torch_and_names_every_option():
    done = course("train", "--help")
    options = "device epochs batch-size lr seed out resume data set examples amp compile dtype"
    assert done.returncode == 0 and all(f"--{option}" in done.stdout for option in options.split())


def test_without_torch_one_sentence_says_what_to_install():
    done = course("train", "xor")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "course train: it needs torch: pip install 'forward-and-back[train]'\n"
