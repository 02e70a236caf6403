"""Submissions of all kinds get a row: what is right in them counts, and what is wrong with them is said."""

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course.lab import grading, notebooks
from course.lab.grading import Grade, Limits, grade

RIGHT = """
# %%
from course.lab import check
import numpy as np
def crop(x, top, left, height, width):
    return x[top : top + height, left : left + width]
check("1.1", crop)
"""
TURN = """
# %%
check("1.3", lambda x: x[::-1, ::-1])
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the grader limits the memory of a process on Linux alone")


def graded(folder: Path, text: str | bytes, name: str = "work.py", **limits: float) -> Grade:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return grade(path, "basics", Limits(**limits))


def statuses(graded: Grade) -> str:
    """The status of each task that is not missing, in the order of the tasks."""
    return " ".join(f"{number} {v.status}" for number, v in graded.verdicts.items() if v.status != "missing")


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("x = = 3", "cell 2 has an error of syntax in line 1, `x = = 3`: invalid syntax"),
        ("x = 1\ny = x / 0", "cell 2 stops in line 2, `y = x / 0`: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "cell 2 stops in line 1, `raise SystemExit(3)`: SystemExit: 3"),
        ("import sys; sys.exit('bye')", "SystemExit: bye"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Odd(BaseException):\n  def __str__(self): raise self\nraise Odd", "`raise Odd`: Odd"),
        ("input('your name?')", "EOFError"),
        ("f = lambda: f()\nf()", "RecursionError"),
        ("def check(number, answer): print('right')", ""),
        ("print('x' * 10**8)", ""),
        ("import os\nfor _ in range(1000): os.write(1, bytes(10**6))", ""),
        ("import sys\nsys.stdout = sys.stderr = None", ""),
        ("import os\nos.chdir('/'); os.environ.clear()", ""),
    ],
)
def test_a_cell_that_fails_stops_nothing_else(tmp_path: Path, cell: str, note: str) -> None:
    before = RIGHT.replace("import check", "import check as ask").replace("check(", "ask(")
    result = graded(tmp_path, before + "# %%\n" + cell + TURN.replace("check(", "ask("))
    assert statuses(result) == "1.1 right 1.3 right"
    assert note in result.note and bool(note) == bool(result.note)


def test_the_task_behind_a_failing_cell_says_so(tmp_path: Path) -> None:
    cells = ["from course.lab import check", "def crop(:\n  pass", "check('1.1', crop)"]
    result = graded(tmp_path, "".join(f"# %%\n{cell}\n" for cell in cells) + TURN)
    words = "the cell above check 1.1 has an error of syntax in line 1, `def crop(:`: invalid syntax"
    assert statuses(result) == "1.3 right"
    assert result.verdicts["1.1"].words == f"crop: {words}"
    assert result.verdicts["1.2"].words == "pad with zeros: its check was not reached."
    assert result.notes[0] == words and "the cell of check 1.1 stops in line 1" in result.notes[1]
    said = grading.table(result)
    assert said.count(words) == 1 and "note: the cell of check 1.1 stops" in said


def test_a_function_of_another_cell_is_named(tmp_path: Path) -> None:
    result = graded(tmp_path, "# %%\ndef f(x):\n  return 1 / x\n# %%\n\n\ny = f(0)\n")
    assert result.note.startswith("`f`, called by cell 2, stops in line 2 of its cell, `return 1 / x`: ZeroDivision")


def test_a_submission_to_another_lab_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(RIGHT + TURN)
    result = grade(tmp_path / "work.py", "fourier")
    assert result.right == 0 and result.notes == [
        "it checks tasks of Lab 1. Basic manipulations and convolutions, "
        "and is graded as Lab 2. Fourier and restoration"
    ]


def test_an_endless_loop_costs_its_cell(tmp_path: Path) -> None:
    result = graded(tmp_path, RIGHT + "# %%\nwhile True: pass" + TURN, seconds=12)
    assert statuses(result) == "1.1 right 1.3 right"
    assert result.note == "the cell above check 1.3 was stopped after 3 seconds"


def test_a_thread_is_not_waited_for(tmp_path: Path) -> None:
    start = time.monotonic()
    sleeps = "# %%\nimport threading, time\nthreading.Thread(target=time.sleep, args=[90]).start()"
    result = graded(tmp_path, RIGHT + sleeps + TURN, seconds=90)
    assert statuses(result) == "1.1 right 1.3 right" and time.monotonic() - start < 60


def test_an_endless_function_costs_its_task(tmp_path: Path) -> None:
    result = graded(tmp_path, RIGHT + "# %%\ndef f(x, r, c):\n  while True: pass\ncheck('1.2', f)" + TURN, seconds=12)
    assert statuses(result) == "1.1 right 1.2 not yet 1.3 right"
    assert result.verdicts["1.2"].words == "After 3 seconds it had not come to an end."


def test_a_loop_that_cannot_be_interrupted_costs_what_follows(tmp_path: Path) -> None:
    loop_in_c = "# %%\nsum(iter(int, 1))"
    start = time.monotonic()
    result = graded(tmp_path, RIGHT + loop_in_c + TURN, seconds=6)
    assert statuses(result) == "1.1 right"
    assert result.note == "it was stopped after 6 seconds, in the cell above check 1.3"
    assert time.monotonic() - start < 30


@LINUX
def test_ten_gibibytes_are_refused(tmp_path: Path) -> None:
    result = graded(tmp_path, RIGHT + "# %%\nx = np.ones(10 * 2**30, np.uint8)" + TURN)
    assert statuses(result) == "1.1 right 1.3 right"
    assert "MemoryError: Unable to allocate 10.0 GiB" in result.note or "MemoryError" in result.note


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("import os; os._exit(0)", "the process ended with status 0, in the cell above check 1.3"),
        ("import os; os.closerange(3, 99)", "the process ended with status 1, in the cell above check 1.3"),
        ("import os; os._exit(7)", "the process ended with status 7, in the cell above check 1.3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "in the cell above check 1.3"),
    ],
)
def test_a_process_that_ends_keeps_what_it_had(tmp_path: Path, cell: str, note: str) -> None:
    result = graded(tmp_path, RIGHT + "# %%\n" + cell + TURN)
    assert statuses(result) == "1.1 right"
    assert note in result.note


@pytest.mark.parametrize(
    ("name", "content", "note"),
    [
        ("a.ipynb", b"not JSON", "the file is no notebook (JSONDecodeError"),
        ("a.ipynb", b"[" * 100_000, "the file is no notebook"),
        ("a.ipynb", b"[]", "the file is no notebook (TypeError"),
        ("a.ipynb", b"{}", "the file is no notebook (KeyError: 'cells')"),
        ("a.ipynb", b'{"cells": [1, 2]}', "the file is no notebook"),
        ("a.ipynb", b'{"cells": [{"cell_type": "code", "source": 3}]}', "the file is no notebook"),
        ("a.ipynb", b'{"cells": []}', ""),
        ("a.py", b"\xff\xfe\x00", "the file is no text in UTF-8"),
        ("a.py", b"", ""),
        ("a.py", b"x = 1\0", "cell 1 stops"),
    ],
)
def test_a_file_that_is_nothing_gets_a_row(tmp_path: Path, name: str, content: bytes, note: str) -> None:
    result = graded(tmp_path, content, name)
    assert result.right == 0 and note in result.note and bool(note) == bool(result.note)


BAD = "\ncheck('1.1', lambda *a: 'nonsense')"


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("def check(number, answer): print(number, 'right: of course')", "missing"),
        ("import course.lab\ncourse.lab.check = print\nfrom course.lab import check", "missing"),
        ("import course.lab.asking as a\na.judge = lambda *x: a.Verdict('right', '')", "not yet"),
        ("import course.lab.tasks as t\nt.TASKS.clear()\nt.Wrong.__init__ = None", "not yet"),
        (
            "import course.lab.checks.basics, course.lab.tasks as t\nvars(t.TASKS['1.1'])['check'] = lambda a: 'fine'",
            "not yet",
        ),
        ("import course.lab.properties as p\np.array = p.equal = p.mistakes = lambda *a, **k: None", "not yet"),
        ("import course.lab.checks.basics as b\nb.equal = b.mistakes = b.array = lambda *a, **k: None", "not yet"),
        ("import sys\nfor n in list(sys.modules):\n  if n.startswith('course.lab'): del sys.modules[n]", "not yet"),
    ],
)
def test_what_replaces_the_check_is_not_believed(tmp_path: Path, cell: str, status: str) -> None:
    result = graded(tmp_path, "# %%\nfrom course.lab import check\n" + cell + BAD)
    assert result.verdicts["1.1"].status == status


REPLACES = """
# %%
from course.lab import check
import builtins, course.ops
import numpy as np
np.max = lambda *inputs: 0
builtins.max = lambda *inputs: 9
course.ops.convolve = print
check("1.5", lambda x, w: np.zeros((4, 5)))
"""


def test_functions_of_numpy_are_put_back(tmp_path: Path) -> None:
    result = graded(tmp_path, REPLACES + TURN)
    assert statuses(result) == "1.3 right 1.5 not yet"
    for name in ("numpy.max", "builtins.max", "course.ops.convolve"):
        assert f"it replaces {name}, which was put back" in result.notes


def test_what_torch_replaces_is_no_trick(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed: there is nothing that it could replace")
    result = graded(tmp_path, "# %%\nimport torch\nfrom course.lab import check" + TURN)
    assert statuses(result) == "1.3 right" and result.note == ""


def test_reports_without_the_key_are_not_believed(tmp_path: Path) -> None:
    fake = """
# %%
import json, os, pathlib
fake = json.dumps({"task": "1.1", "status": "right", "words": ""})
print("0" * 32, fake)
for path in pathlib.Path("..").resolve().iterdir():
    if path.is_file() and path.parent.name.startswith("course-lab-"):
        with path.open("a") as file:
            file.write(f"\\n{fake}\\n{'0' * 32} {fake}\\n")
"""
    result = graded(tmp_path, fake + TURN.replace("check(", "from course.lab import check\ncheck("))
    assert statuses(result) == "1.3 right"


def test_what_jupyter_adds_is_understood(tmp_path: Path) -> None:
    cells = [
        "%matplotlib inline\n!pip install numpy\nfrom course.lab import check",
        "%%time\ncheck('1.3', lambda x: x[::-1, ::-1])",
        "check?",
        "display(check)\nget_ipython().run_line_magic('time', '1')",
    ]
    made = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    result = graded(tmp_path, json.dumps({"cells": [{"cell_type": "markdown", "source": "# Hello"}, *made]}), "a.ipynb")
    assert statuses(result) == "1.3 right" and result.note == ""


def test_a_program_that_nbconvert_made_has_cells(tmp_path: Path) -> None:
    text = "# In[1]:\n\n\n1 / 0\n\n\n# In[ ]:\n\n\nfrom course.lab import check\n" + TURN.partition("%%")[2]
    assert statuses(graded(tmp_path, text)) == "1.3 right"


def test_the_last_answer_to_a_task_counts(tmp_path: Path) -> None:
    again = TURN + TURN.replace("x[::-1, ::-1]", "x")
    assert statuses(graded(tmp_path, RIGHT + again)) == "1.1 right 1.3 not yet"


def test_nothing_is_left_where_the_submissions_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    graded(tmp_path, RIGHT + "open('here', 'w').write('x')\nnp.save('there', np.ones(3))")
    assert [path.name for path in tmp_path.iterdir()] == ["work.py"]


LEAVES = """
# %%
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(FILE, "w").write(str(child.pid))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a session of processes is a thing of POSIX")
def test_processes_that_it_starts_are_ended(tmp_path: Path) -> None:
    graded(tmp_path, LEAVES.replace("FILE", repr(str(tmp_path / "pid"))))
    pid = (tmp_path / "pid").read_text()
    for _ in range(50):  # the system takes a moment to bury it
        state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True).stdout.strip()
        if not state or state.startswith("Z"):
            return
        time.sleep(0.1)
    pytest.fail(f"process {pid} is still there: {state}")


# --- a folder -------------------------------------------------------------------------------------


def test_a_folder_gives_a_row_a_submission(tmp_path: Path) -> None:
    (tmp_path / "Ada").mkdir()
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / "Ada/basics.ipynb").write_text(notebooks.written(RIGHT + TURN, "work"))
    (tmp_path / "=1+1.py").write_text("1 / 0")
    (tmp_path / "notes.txt").write_text("no submission")
    (tmp_path / ".ipynb_checkpoints/basics.ipynb").write_text("{}")
    files, out = grading.submissions(tmp_path), io.StringIO()
    whole = grading.write_csv((grade(file, "basics") for file in files), "basics", tmp_path, out)
    head, *rows = csv.reader(io.StringIO(out.getvalue()))
    assert not whole
    assert head == ["file", "right", *(f"1.{i}" for i in range(1, 12)), "note"]
    assert [row[:2] for row in rows] == [["'=1+1.py", "0"], ["Ada/basics.ipynb", "2"]]
    assert rows[0][-1].startswith("cell 1 stops in line 1")
    assert rows[1][2:5] == ["right", "missing", "right"]


def test_what_a_stranger_says_fits_on_one_line() -> None:
    assert grading.shown("a\x1b[31mb\nc") == "a [31mb c"
    many = Grade(Path("x"), {}, [f"note {i}" for i in range(9)])
    assert many.note == "note 0; note 1; note 2; note 3; and 5 more"
