"""Every lab: both versions run, the solution is right, a gap is missing, and each wrong answer gets its own message."""

import contextlib
import dataclasses
import io
import linecache
import re
import types
from collections import Counter
from collections.abc import Iterable
from functools import cache
from types import SimpleNamespace

import matplotlib
import pytest

from course.lab import asking, notebooks
from course.lab.tasks import TASKS as REGISTERED
from course.lab.tasks import Task, tasks
from tests.lab.wrongs import WrongAnswer, answers

matplotlib.use("Agg")
FOLDER = notebooks.CHECKOUT / "docs/labs"
NAMES = [name for name in notebooks.LABS if (FOLDER / f"{name}.py").exists()]
TASKS = [(name, task) for name in NAMES for task in tasks(name)]
WRONG = [(name, answer) for name in NAMES for answer in answers(name)]


@dataclasses.dataclass
class Run:
    """What a version of a lab left behind."""

    names: dict[str, object]
    answers: dict[str, object]
    printed: str


def execute(title: str, cells: Iterable[tuple[int, str]]) -> Run:
    """Run numbered cells one after the other in a plain namespace, each as a file of its own."""
    module, given, out = types.ModuleType("__main__"), {}, io.StringIO()
    with contextlib.redirect_stdout(out), asking.recording(given.__setitem__):
        for number, source in cells:
            file = f"<{title}, cell {number}>"
            linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
            exec(compile(source, file, "exec"), module.__dict__)
    return Run(module.__dict__, given, out.getvalue())


def code(text: str) -> list[tuple[int, str]]:
    """The cells of a version that hold code, with their numbers."""
    return [(number, cell.source) for number, cell in enumerate(notebooks.cells(text), 1) if cell.kind == "code"]


@cache
def run(name: str, version: str) -> Run:
    """Run a version of a lab from top to bottom."""
    return execute(f"{name}, {version}", code(getattr(notebooks, version)(notebooks.read(name))))


def ids(pairs: list[tuple[str, object]]) -> list[str]:
    return [f"{name}-{getattr(thing, 'number', thing)}" for name, thing in pairs]


def partly(name: str, left: set[str]) -> Run:
    """Run a lab as somebody has it who has left some tasks open, and solved all others."""
    text = notebooks.read(name)
    empty, solved = dict(code(notebooks.student(text))), code(notebooks.solution(text))
    cells, task = [], ""
    for number, source in reversed(solved):  # what leads up to a check belongs to its task
        task = next(iter(re.findall(r'\bcheck\("([\d.]+)"', source)), task)
        cells.append((number, empty[number] if task in left else source))
    return execute(f"{name} without {sorted(left)}", reversed(cells))


ROWS = re.findall(r"\]\((\w+)\.md\) \| \d+ \| (.*?) \|", (FOLDER / "teachers.md").read_text(encoding="utf-8"))
FOR_HOME = {name: set(numbers.split(", ")) for name, numbers in ROWS if numbers != "none"}
# Labs 5 and 6 train: what their later tasks are asked with is the student's own network.
OPEN = [(name, task) for name, task in TASKS if name in FOR_HOME]


def test_the_teachers_table_has_a_row_for_each_lab() -> None:
    assert [name for name, _ in ROWS] == NAMES
    assert list(FOR_HOME) == NAMES[:4]


@pytest.mark.parametrize(("name", "task"), OPEN, ids=ids(OPEN))
def test_a_task_that_is_left_open_stops_no_other_cell(name: str, task: Task) -> None:
    left = partly(name, {task.number})
    assert list(left.answers) == [task.number for task in tasks(name)]
    assert "Traceback" not in left.printed


@pytest.mark.parametrize("name", FOR_HOME)
def test_no_other_task_needs_what_is_left_for_home(name: str) -> None:
    given = partly(name, FOR_HOME[name]).answers
    status = {task.number: asking.judge(task, given[task.number]).status for task in tasks(name)}
    assert len(FOR_HOME[name]) == 2 and {number for number, said in status.items() if said != "right"} == FOR_HOME[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_asks_for_every_task_in_order(name: str) -> None:
    numbers = [task.number for task in tasks(name)]
    assert list(run(name, "solution").answers) == numbers
    lab = notebooks.LABS[name][0]
    assert numbers == [f"{lab}.{i}" for i in range(1, len(numbers) + 1)]
    assert "Traceback" not in run(name, "solution").printed


@pytest.mark.parametrize(("name", "task"), TASKS, ids=ids(TASKS))
def test_the_solution_is_right(name: str, task: Task) -> None:
    verdict = asking.judge(task, run(name, "solution").answers[task.number])
    assert verdict.status == "right", verdict.words


@pytest.mark.parametrize(("name", "task"), TASKS, ids=ids(TASKS))
def test_a_gap_is_missing(name: str, task: Task) -> None:
    answers = run(name, "student").answers
    assert task.number in answers, f"the student's version does not check {task.number}"
    verdict = asking.judge(task, answers[task.number])
    assert verdict.status == "missing", f"{verdict.status}: {verdict.words}"


@pytest.mark.parametrize(("name", "answer"), WRONG, ids=ids(WRONG))
def test_a_wrong_answer_gets_the_message_meant_for_it(name: str, answer: WrongAnswer) -> None:
    task = next(task for task in tasks(name) if task.number == answer.number)
    verdict = asking.judge(task, answer.make(SimpleNamespace(**run(name, "solution").names)))
    assert verdict.status != "right", f"a wrong answer passes: {answer.message}"
    assert answer.message in verdict.words


@pytest.mark.parametrize(("name", "task"), TASKS, ids=ids(TASKS))
def test_three_wrong_answers_or_more_with_a_message_each(name: str, task: Task) -> None:
    mine = [answer for answer in answers(name) if answer.number == task.number]
    assert len(mine) >= 3, f"task {task.number} has {len(mine)} wrong answers"
    names = SimpleNamespace(**run(name, "solution").names)
    said = Counter(asking.judge(task, answer.make(names)).words for answer in mine)
    assert max(said.values()) == 1, f"{task.number}: more than one wrong answer is told {said.most_common(1)[0][0]!r}"


@pytest.mark.parametrize(("name", "task"), TASKS, ids=ids(TASKS))
def test_a_check_is_not_silent_about_strange_answers(name: str, task: Task) -> None:
    for strange in ("text", [], {}, object(), lambda *inputs, **options: "text", lambda: 1, float("nan"), type):
        verdict = asking.judge(task, strange)
        assert verdict.status != "right", strange
        assert "Traceback" not in verdict.words


@pytest.mark.parametrize(("name", "task"), TASKS, ids=ids(TASKS))
def test_hints_are_two_or_more_and_differ(name: str, task: Task) -> None:
    assert len(set(task.hints)) == len(task.hints) >= 2
    assert all(hint == hint.strip() and hint[-1] in ".?!`" for hint in task.hints)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_stand_after_every_task(name: str) -> None:
    """From one check to the next, something is drawn."""
    code = "\n".join(c.source for c in notebooks.cells(notebooks.solution(notebooks.read(name))) if c.kind == "code")
    for piece in re.split(r"^check\(", code, flags=re.MULTILINE)[1:]:
        assert re.search(r"\bshow\(|\bplt\.", piece), piece[:60]


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_pages_and_to_their_sections(name: str) -> None:
    source = "\n".join(c.source for c in notebooks.cells(notebooks.read(name)) if c.kind == "markdown")
    for page, anchor in re.findall(r"\]\((?!https?:)([^)#]+)?(?:#([\w-]+))?\)", source):
        text = (FOLDER / page).resolve().read_text(encoding="utf-8") if page else source
        slugs = {re.sub(r"[^\w-]+", "-", re.sub(r"[^\w\s-]", "", head.lower()).strip()) for head in
                 re.findall(r"^#+ (.*?)(?: \{.*\})?$", text, re.MULTILINE)}  # fmt: skip
        assert not anchor or anchor in slugs or f"#{anchor}" in text or f"id: {anchor}\n" in text, f"{page}#{anchor}"


def test_a_check_that_accepts_everything_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    name, task = TASKS[0]
    monkeypatch.setitem(REGISTERED, task.number, dataclasses.replace(task, check=lambda answer: None))
    with pytest.raises(AssertionError, match="a wrong answer passes"):
        test_a_wrong_answer_gets_the_message_meant_for_it(name, answers(name)[0])
