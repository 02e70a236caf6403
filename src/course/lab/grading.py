"""Grade submissions: each is run in a process of its own, with limits, and gets a row whatever becomes of it."""

import contextlib
import csv
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from course.lab.asking import Verdict
from course.lab.tasks import tasks

__all__ = ["Grade", "Limits", "grade", "row", "submissions", "table", "write_csv"]

PROGRAM = "from course.lab.submission import main; main()"
# One thread, no window, no graphics card: the same for everybody, whatever the machine has.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "CUDA_VISIBLE_DEVICES": "",
    "PYTHONSAFEPATH": "1",
    "PYTHONUTF8": "1",
}
NOTES = 4  # of them are shown


@dataclass(frozen=True)
class Limits:
    """What a submission may take: seconds in all (a cell may take a quarter of them), and GiB of memory."""

    seconds: float = 240
    memory: float = 4


@dataclass(frozen=True)
class Grade:
    """What the checks said about a submission: a verdict a task, and what the teacher should know."""

    file: Path
    verdicts: dict[str, Verdict]
    notes: list[str]

    @property
    def right(self) -> int:
        """The number of tasks that are right."""
        return sum(verdict.status == "right" for verdict in self.verdicts.values())

    @property
    def note(self) -> str:
        """The notes as one text."""
        more = [f"and {len(self.notes) - NOTES} more"] if len(self.notes) > NOTES else []
        return "; ".join(self.notes[:NOTES] + more)


# --- one submission -------------------------------------------------------------------------------


def grade(file: Path, name: str, limits: Limits | None = None) -> Grade:
    """Run a submission to the lab of that name, and judge it."""
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="course-lab-", ignore_cleanup_errors=True) as folder:
        results, here = Path(folder, secrets.token_hex(8)), Path(folder, "run")
        results.touch()
        here.mkdir()
        key = secrets.token_hex(16)
        job = {
            "key": key,
            "lab": name,
            "file": str(file.resolve()),
            "results": str(results),
            "memory": int(limits.memory * 2**30),
            "seconds": limits.seconds / 4,
        }
        ended = run(json.dumps(job) + "\n", here, limits.seconds)
        return collected(file, name, list(lines(results, key)), ended)


def run(job: str, folder: Path, seconds: float) -> str:
    """Run the process to its end, or to that of its time; how it ended, if not by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=os.environ | ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(search_path())},
        start_new_session=os.name == "posix",
    )
    try:
        process.communicate(job.encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"it was stopped after {seconds:g} seconds"
    finally:
        end(process)
    status = process.returncode
    return f"the process was ended by signal {-status}" if status < 0 else f"the process ended with status {status}"


def search_path() -> list[str]:
    """PYTHONPATH, which may be relative to the folder that we are in, and the process is in another."""
    return [str(Path(entry).resolve()) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True)
    process.kill()
    process.wait()


def lines(results: Path, key: str) -> Iterator[dict[str, Any]]:
    """What the process has reported: the lines that begin with the key."""
    for line in results.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith(f"{key} "):
            with contextlib.suppress(ValueError):  # a last line that is not whole
                yield json.loads(line.removeprefix(key))


def collected(file: Path, name: str, reports: list[dict[str, Any]], ended: str) -> Grade:
    """The grade that the reports amount to; `ended` says how the process ended."""
    verdicts: dict[str, Verdict] = {}
    failed: dict[str, str] = {}  # of a task: what went wrong in a cell that leads to its check
    notes: list[str] = []
    cell = ""
    for report in reports:
        cell = report.get("cell", cell)
        if "task" in report:
            verdicts[report["task"]] = Verdict(report["status"], shown(report["words"]))
        if "note" in report:
            note = shown(report["note"])
            notes += [note] if note not in notes else []
            failed = dict.fromkeys(report.get("tasks", []), note) | failed
    if not any("end" in report for report in reports):
        notes.append(ended + (f", in {cell}" if cell else ""))
    for task in tasks(name):
        why = failed.get(task.number, "its check was not reached.")
        verdicts.setdefault(task.number, Verdict("missing", f"{task.title}: {why}"))
    return Grade(file, {task.number: verdicts[task.number] for task in tasks(name)}, notes)


def shown(words: str) -> str:
    """Words that may come from a stranger, fit for a terminal and for one line."""
    return "".join(letter if letter.isprintable() else " " for letter in words)[:600]


# --- tables ---------------------------------------------------------------------------------------


def table(grade: Grade) -> str:
    """The grade of one submission, for people."""
    rows = [f"{number:5} {verdict.status:8} {verdict.words}" for number, verdict in grade.verdicts.items()]
    notes = [f"note: {note}" for note in grade.notes if not any(note in row for row in rows)]
    return "\n".join([*rows, f"{grade.right} of {len(grade.verdicts)} right", *notes])


def submissions(folder: Path) -> list[Path]:
    """The notebooks and programs in a folder and the folders in it, in order; nothing hidden."""
    found = [path for path in folder.rglob("*") if path.suffix in (".ipynb", ".py") and path.is_file()]
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def row(grade: Grade, folder: Path) -> list[str]:
    """The row of a submission: file, number of tasks right, the status of each, and the notes."""
    statuses = [verdict.status for verdict in grade.verdicts.values()]
    return [cell(grade.file.relative_to(folder).as_posix()), str(grade.right), *statuses, cell(grade.note)]


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def write_csv(grades: Iterable[Grade], name: str, folder: Path, stream: TextIO) -> bool:
    """Write a row for each submission as soon as it is graded; whether all tasks of all of them are right."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["file", "right", *(task.number for task in tasks(name)), "note"])
    whole = True
    for graded in grades:
        writer.writerow(row(graded, folder))
        stream.flush()
        whole = whole and graded.right == len(graded.verdicts)
    return whole
