"""Run one submission in this process, cell by cell, and judge what it hands to `check`.

`course.lab.grading` starts the process, with the job on its standard input, and reads what is written to a file that
only the two know. The judge works with copies of the room `course.lab` that the submission cannot reach by importing,
and functions that it has replaced in NumPy, in this package or among the builtins are put back before each verdict.
That keeps accidents and simple tricks from a grade. It is no sandbox: whoever runs a stranger's code runs it.
"""

import _thread
import contextlib
import importlib
import io
import json
import linecache
import os
import re
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from course.lab.asking import judge, told
from course.lab.notebooks import cells, lab_of, titled
from course.lab.tasks import Task, tasks

SIZE = 50_000_000  # bytes of a submission
WRITTEN = 300_000_000  # bytes of any file that it writes

Report = Callable[..., None]


class Late(KeyboardInterrupt):
    """A cell has had its time."""


class Unreadable(Exception):
    """A file that is no notebook and no program."""


def main() -> None:
    """Do the job that standard input describes, and leave without waiting for anybody's threads."""
    job = json.loads(sys.stdin.readline())
    sys.stdin = io.StringIO()
    results = os.open(job["results"], os.O_WRONLY | os.O_APPEND)

    def report(**what: object) -> None:
        os.write(results, f"{job['key']} {json.dumps(what)}\n".encode())

    limit(job["memory"])
    there = tasks(job["lab"])
    try:
        code = code_cells(Path(job["file"]))
    except Unreadable as unreadable:
        report(note=str(unreadable))
    else:
        silence()
        run(code, job["lab"], there, report, job["seconds"])
    report(end=True)
    os._exit(0)


def limit(memory: int) -> None:
    """Limit the memory, and the size of files, where the system can; other systems have the limit of time alone."""
    with contextlib.suppress(ImportError):
        import resource

        kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
        for what, most in [(kind, memory), (resource.RLIMIT_FSIZE, WRITTEN), (resource.RLIMIT_CORE, 0)]:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))


def silence() -> None:
    """Send to nowhere whatever is printed from now on, also past Python."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


# --- reading --------------------------------------------------------------------------------------


def code_cells(path: Path) -> list[tuple[int, str]]:
    """The code cells of a submission, each with its number among all cells."""
    try:
        if path.stat().st_size > SIZE:
            raise Unreadable(f"the file has more than {SIZE // 1_000_000} MB")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Unreadable("the file is no text in UTF-8") from None
    if path.suffix == ".ipynb":
        return notebook_cells(text)
    marked = re.sub(r"^# In ?\[.*\]: *$", "# %%", text, flags=re.MULTILINE)  # as nbconvert marks them
    return [(number, cell.source) for number, cell in enumerate(cells(marked), 1) if cell.kind == "code"]


def notebook_cells(text: str) -> list[tuple[int, str]]:
    """The code cells of a notebook's text."""
    try:
        pairs = [(number, cell) for number, cell in enumerate(json.loads(text)["cells"], 1)]
        return [(number, plain("".join(cell["source"]))) for number, cell in pairs if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"the file is no notebook ({type(error).__name__}: {error})"[:200]) from None


def plain(source: str) -> str:
    """The code of a cell without what only Jupyter understands: lines that begin with % or !, or end with ?."""
    try:
        compile(source, "<cell>", "exec")
    except (SyntaxError, ValueError):
        return re.sub(r"^([ \t]*)(?:[%!?].*|.*\?[ \t]*)$", r"\1pass", source, flags=re.MULTILINE)
    return source


# --- running --------------------------------------------------------------------------------------


class Silent:
    """What `get_ipython()` gives: whatever is asked of it, it does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *inputs, **options: None


def run(code: list[tuple[int, str]], lab: str, there: list[Task], report: Report, seconds: float) -> None:
    """Run the cells one after the other; report the verdict on each answer, and each cell that fails."""
    known = {task.number: task for task in there}
    kept = functions()
    main = types.ModuleType("__main__")
    main.__dict__.update(display=lambda *inputs, **options: None, get_ipython=Silent)
    sys.modules["__main__"] = main

    def record(number: object, answer: object) -> None:
        for name in put_back(kept):
            report(note=f"it replaces {name}, which was put back")
        if isinstance(number, str) and (other := lab_of(number)) not in (None, lab):
            report(note=f"it checks tasks of {titled(other)}, and is graded as {titled(lab)}")
        if isinstance(number, str) and number in known:
            try:
                verdict = judge(known[number], answer)
            except Late:
                report(task=number, status="not yet", words=f"After {seconds:g} seconds it had not come to an end.")
                raise
            report(task=number, status=verdict.status, words=verdict.words)

    public_copy().recorders.append(record)
    for place, (number, source) in enumerate(code):
        name, asked = called(code[place:])
        report(cell=name)
        failure = run_cell(name, f"<cell {number}>", source, main.__dict__, seconds)
        if failure:
            report(note=failure, tasks=asked)
        close_figures()


def called(code: list[tuple[int, str]]) -> tuple[str, list[str]]:
    """What the first of these cells is called in a message, and the tasks whose checks it leads to.

    Nobody sees a cell's number; so it is called after the next check.

    >>> called([(2, "x = 1"), (4, "check('1.6', x)")]), called([(9, "check('1.6', x)")]), called([(9, "y = 1")])
    (('the cell above check 1.6', ['1.6']), ('the cell of check 1.6', ['1.6']), ('cell 9', []))
    """
    for place, (_, source) in enumerate(code):
        if asked := re.findall(r"""\bcheck\(\s*["'](\d+\.\d+)["']""", source):
            return f"the cell {'above' if place else 'of'} check {asked[0]}", asked
    return f"cell {code[0][0]}", []


def run_cell(cell: str, file: str, source: str, names: dict[str, Any], seconds: float) -> str:
    """Run one cell; what went wrong, in a sentence, or nothing."""
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    running = True

    def late(signum: int, frame: FrameType | None) -> None:
        if running:
            raise Late

    signal.signal(signal.SIGINT, late)
    timer = threading.Timer(seconds, _thread.interrupt_main)
    timer.daemon = True
    timer.start()
    try:
        try:
            exec(compile(source, file, "exec"), names)
        finally:
            running = False
            timer.cancel()
    except Late:
        return f"{cell} was stopped after {seconds:g} seconds"
    except BaseException as error:  # SystemExit too, and whatever else the submission defines
        if isinstance(error, SyntaxError) and error.filename == file:
            text = " ".join((error.text or "").split())
            return f"{cell} has an error of syntax in line {error.lineno}, `{text[:80]}`: {error.msg}"
        return told(error, cell)
    return ""


def close_figures() -> None:
    """Give the memory of matplotlib's figures back."""
    with contextlib.suppress(BaseException):
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")


def public_copy() -> ModuleType:
    """Load the room `course.lab` once more, for the submission; its module `asking`, which is not the judge's."""
    for name in [name for name in sys.modules if name == "course.lab" or name.startswith("course.lab.")]:
        del sys.modules[name]
    return importlib.import_module("course.lab.asking")


# --- what a submission may not replace ------------------------------------------------------------

Kept = list[tuple[ModuleType, str, object]]


def functions() -> Kept:
    """Every function and class in NumPy, in this package, and among the builtins, and where it stands."""
    return [
        (module, name, value)
        for module in trusted()
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("__")
    ]


def trusted() -> Iterator[ModuleType]:
    """The modules that a verdict rests on."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("builtins", "course", "numpy", "math"):
            yield module


def put_back(kept: Kept) -> list[str]:
    """Undo replacements; the names of what had been replaced."""
    replaced = [(module, name, value) for module, name, value in kept if vars(module).get(name) is not value]
    for module, name, value in replaced:
        setattr(module, name, value)
    return [f"{module.__name__}.{name}" for module, name, _ in replaced]
