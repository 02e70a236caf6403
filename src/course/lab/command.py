"""`course lab`: list the labs, write one into the current folder, or check what came back."""

import argparse
import sys
from pathlib import Path

from course.lab import notebooks
from course.lab.grading import Limits, grade, submissions, table, write_csv

__all__ = ["main"]


class Refusal(Exception):
    """One sentence for the person who called."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit status."""
    options = parser().parse_args(arguments)
    try:
        if options.name is None:
            given = [option for option in ("py", "solution", "force", "check", "out") if getattr(options, option)]
            if given:
                raise Refusal(f"--{given[0]} needs the name of a lab: {', '.join(notebooks.LABS)}")
            print(listed())
            return 0
        if options.check is None:
            return write(options)
        return check(options)
    except Refusal as refusal:
        print(f"course lab: {refusal}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """What the command understands."""
    made = argparse.ArgumentParser(
        prog="course lab",
        description="Without a name, lists the labs. With one, writes its notebook into the current folder.",
        epilog="The exit status of --check is 0 if every task of every submission is right, 1 if one is not, and 2 if "
        "nothing could be checked.",
    )
    names = ", ".join(notebooks.LABS)
    made.add_argument("name", nargs="?", type=lab, choices=notebooks.LABS, metavar="NAME", help=f"{names}; or a number")
    made.add_argument("--py", action="store_true", help="write a program in percent format instead of a notebook")
    made.add_argument("--solution", action="store_true", help="write the version without gaps")
    made.add_argument("--force", action="store_true", help="overwrite a file of that name")
    made.add_argument("--check", type=Path, metavar="FILE", help="check a submission, or every one in a folder")
    made.add_argument("--out", type=Path, metavar="CSV", help="where the table of a folder goes (else it is printed)")
    made.add_argument("--time", type=positive, default=Limits.seconds, metavar="S", help="seconds for a submission")
    made.add_argument("--memory", type=positive, default=Limits.memory, metavar="GIB", help="GiB for a submission")
    return made


def lab(text: str) -> str:
    """The name of a lab that is given by its name or by its number."""
    return (notebooks.lab_of(text) if text.isdecimal() else None) or text


def positive(text: str) -> float:
    """A number above 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be above 0")
    return value


def listed() -> str:
    """The labs, one a line, and what to do next."""
    lines = [f"  {name:10}{notebooks.titled(name)}" for name in notebooks.LABS]
    return "\n".join([*lines, "course lab NAME, or its number, writes the notebook into the current folder."])


# --- writing --------------------------------------------------------------------------------------


def write(options: argparse.Namespace) -> int:
    """Write a lab into the current folder, and say how to open it."""
    source = notebooks.read(options.name)
    text = notebooks.solution(source) if options.solution else notebooks.student(source)
    text = notebooks.absolute(text, notebooks.site())
    stem = options.name + ("-solution" if options.solution else "")
    path = Path(stem + (".py" if options.py else ".ipynb"))
    there = path.exists()
    if there and not options.force:
        raise Refusal(f"{path} exists, and perhaps holds your work; --force overwrites it")
    beside = path.with_name(path.name + ".new")
    beside.write_text(text if options.py else notebooks.written(text, notebooks.titled(options.name)), encoding="utf-8")
    beside.replace(path)
    print(f"{path} is written" + ", in place of the one that was there." * there + "." * (not there))
    print(opened(path))
    return 0


def opened(path: Path) -> str:
    """How to open what has been written."""
    if path.suffix == ".py":
        return "Open it in VS Code or Spyder, where `# %%` begins a cell. It draws with matplotlib."
    return "\n".join(
        [
            "To open it:",
            "  pip install jupyterlab matplotlib",
            f"  jupyter lab {path}",
            "or in VS Code, which needs no jupyterlab; choose the Python in which you have called this command:",
            "  pip install ipykernel matplotlib",
        ]
    )


# --- checking -------------------------------------------------------------------------------------


def check(options: argparse.Namespace) -> int:
    """Check one submission, or all in a folder; 0 if everything in them is right."""
    limits, path = Limits(options.time, options.memory), options.check
    if path.is_dir():
        return check_folder(options, limits)
    if not path.is_file():
        raise Refusal(f"there is no file {path}")
    if path.suffix not in (".ipynb", ".py"):
        raise Refusal(f"{path} is neither .ipynb nor .py")
    graded = grade(path, options.name, limits)
    print(table(graded))
    return int(graded.right < len(graded.verdicts))


def check_folder(options: argparse.Namespace, limits: Limits) -> int:
    """Check every submission in a folder, and write a table of them."""
    folder = options.check
    files = submissions(folder)
    if not files:
        raise Refusal(f"there is no .ipynb and no .py in {folder}")
    grades = (grade(file, options.name, limits) for file in files)
    if options.out is None:
        return int(not write_csv(grades, options.name, folder, sys.stdout))
    beside = options.out.with_name(options.out.name + ".new")
    with beside.open("w", encoding="utf-8", newline="") as stream:
        whole = write_csv(grades, options.name, folder, stream)
    beside.replace(options.out)
    print(f"{options.out} has a row for each of {len(files)} submissions.")
    return int(not whole)
