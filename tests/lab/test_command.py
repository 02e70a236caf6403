"""`course lab` on the command line."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from course.cli import main
from course.lab import notebooks


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_alone_it_lists_the_labs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab"]) == 0
    said = capsys.readouterr().out
    for name, (number, title) in notebooks.LABS.items():
        assert f"  {name:10}Lab {number}. {title}\n" in said


def test_a_notebook_is_written_and_never_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "basics"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("basics.ipynb is written.\n") and "  jupyter lab basics.ipynb\n" in said
    assert "  pip install ipykernel matplotlib\n" in said
    made = json.loads((here / "basics.ipynb").read_text(encoding="utf-8"))
    assert "# alt:" not in str(made)
    text = "".join("".join(cell["source"]) for cell in made["cells"])
    assert "return ..." in text and "#:" not in text
    assert ".md" not in text and f"{notebooks.site()}convolution/kernels/#the-gallery" in text

    (here / "basics.ipynb").write_text("my work")
    assert main(["lab", "basics"]) == 2
    assert "basics.ipynb exists, and perhaps holds your work; --force overwrites it" in capsys.readouterr().err
    assert (here / "basics.ipynb").read_text() == "my work"
    capsys.readouterr()
    assert main(["lab", "basics", "--force"]) == 0
    assert capsys.readouterr().out.startswith("basics.ipynb is written, in place of the one that was there.\n")
    assert json.loads((here / "basics.ipynb").read_text(encoding="utf-8")) == made
    assert [path.name for path in here.iterdir()] == ["basics.ipynb"]


def test_a_number_is_a_name(here: Path) -> None:
    assert main(["lab", "2", "--py"]) == 0
    assert [path.name for path in here.iterdir()] == ["fourier.py"]


def test_programs_and_solutions_have_names_of_their_own(here: Path) -> None:
    assert [main(["lab", "basics", *options]) for options in (["--py"], ["--solution"], ["--py", "--solution"])] == [
        0
    ] * 3
    assert sorted(path.name for path in here.iterdir()) == ["basics-solution.ipynb", "basics-solution.py", "basics.py"]
    assert "return ..." in (here / "basics.py").read_text(encoding="utf-8")
    assert "return ..." not in (here / "basics-solution.py").read_text(encoding="utf-8")


def test_the_solution_is_all_right_and_the_gaps_are_missing(capsys: pytest.CaptureFixture[str]) -> None:
    main(["lab", "basics", "--solution"])
    main(["lab", "basics"])
    capsys.readouterr()
    assert main(["lab", "basics", "--check", "basics-solution.ipynb"]) == 0
    said = capsys.readouterr().out
    assert "11 of 11 right" in said and "1.10  right    it passes the dot test" in said
    assert main(["lab", "basics", "--check", "basics.ipynb"]) == 1
    said = capsys.readouterr().out
    assert "0 of 11 right" in said and "1.1   missing  crop returns nothing yet." in said and "note" not in said


def test_a_folder_gives_a_csv(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "in").mkdir()
    (here / "in/a.py").write_text("from course.lab import check\ncheck('1.3', lambda x: x[::-1, ::-1])\n1 / 0")
    assert main(["lab", "basics", "--check", "in"]) == 1
    head, row = csv.reader(capsys.readouterr().out.splitlines())
    assert head[:3] == ["file", "right", "1.1"] and row[:2] == ["a.py", "1"] and "ZeroDivisionError" in row[-1]
    assert main(["lab", "basics", "--check", "in", "--out", "grades.csv"]) == 1
    assert capsys.readouterr().out == "grades.csv has a row for each of 1 submissions.\n"
    assert list(csv.reader((here / "grades.csv").read_text().splitlines())) == [head, row]
    assert sorted(path.name for path in here.iterdir()) == ["grades.csv", "in"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--check", "text.txt"], "--check needs the name of a lab: basics, fourier, segment, autodiff, digits, unet"),
        (["--py"], "--py needs the name of a lab: basics, fourier, segment, autodiff, digits, unet"),
        (["basics", "--check", "nowhere.ipynb"], "there is no file nowhere.ipynb"),
        (["basics", "--check", "text.txt"], "text.txt is neither .ipynb nor .py"),
        (["basics", "--check", "empty"], "there is no .ipynb and no .py in empty"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    (here / "text.txt").touch()
    (here / "empty").mkdir()
    assert main(["lab", *arguments]) == 2
    assert capsys.readouterr().err == f"course lab: {words}\n"


@pytest.mark.parametrize(
    "arguments", [["nope"], ["7"], ["1.2"], ["basics", "--time", "0"], ["basics", "--memory", "x"]]
)
def test_what_is_not_understood(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["lab", *arguments])
    assert "usage: course lab" in capsys.readouterr().err


def test_the_room_needs_numpy_alone() -> None:
    code = """
import sys, course.lab, course.lab.command, course.lab.submission
extra = {"matplotlib", "torch", "jupytext", "nbformat", "IPython"} & set(sys.modules)
assert not extra, extra
"""
    subprocess.run([sys.executable, "-c", code], check=True)
