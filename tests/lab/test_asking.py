"""`check`, `hint` and `show`, as a student meets them, and the properties that checks ask for."""

import doctest
import importlib
import linecache
import sys
import types
from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
import pytest

from course.lab import asking, check, hint, pictures, properties, show
from course.lab.tasks import Missing, Task, Wrong, find, task

matplotlib.use("Agg")


def judged(question: Callable[[Any], str | None], answer: object) -> tuple[str, str]:
    verdict = asking.judge(Task("1.1", "a task", ("one.", "two."), question), answer)
    return verdict.status, verdict.words


def of_student(code: str) -> dict[str, Any]:
    """The names that a cell of a notebook makes."""
    module = types.ModuleType("__main__")
    linecache.cache["<cell>"] = (len(code), None, code.splitlines(keepends=True), "<cell>")
    exec(compile(code, "<cell>", "exec"), module.__dict__)
    return module.__dict__


@pytest.mark.parametrize("module", ["notebooks", "asking", "properties", "reading", "tasks"])
def test_examples_run(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"course.lab.{module}"), extraglobs={"np": np}).failed == 0


# --- check ----------------------------------------------------------------------------------------


def test_check_prints_one_line_and_returns_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("1.3", lambda x: x[::-1, ::-1]) is None
    assert check("1.3", lambda x: x) is None
    assert check("1.3", None) is None
    right, wrong, missing = capsys.readouterr().out.splitlines()
    assert right == "1.3 right: twice it gives the picture back."
    assert wrong == "1.3 not yet: This is the picture as it was."
    assert missing == '1.3 missing: turn by 180 degrees. hint("1.3") helps to begin.'


def test_check_knows_its_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("1.99", "9.1", 1.2, None):
        check(number, 3)  # type: ignore[arg-type]
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("check: lab 1 has no task 1.99; it has 1.1, 1.2, ") and said[0].endswith("1.10, 1.11")
    assert said[2] == 'check: the number of a task is a text such as "1.2", and not 1.2'
    assert len(said) == 4


def test_a_recorder_gets_the_answers(capsys: pytest.CaptureFixture[str]) -> None:
    given: dict[Any, Any] = {}
    with asking.recording(given.__setitem__):
        check("1.1", 7)
    assert given == {"1.1": 7} and not capsys.readouterr().out
    check("1.1", 7)
    assert capsys.readouterr().out.startswith("1.1 not yet")


def test_hints_come_one_after_the_other(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "given", {})
    for _ in range(4):
        hint("1.2")
    hint("7")
    first, second, *again, unknown = capsys.readouterr().out.splitlines()
    hints = find("1.2").hints
    assert first == f"1.2, hint 1 of 2: {hints[0]}" and second == f"1.2, hint 2 of 2: {hints[1]}"
    assert again == [second, "There are no more hints. Ask somebody to read your code."] * 2, "none is lost"
    assert unknown.startswith("hint: ")


def test_a_function_that_fails_is_told_its_line() -> None:
    f = of_student("def f(x):\n    y = x + 1\n    return y[5]\n")["f"]
    status, words = judged(lambda f: f(np.zeros(3)), f)
    assert status == "not yet"
    assert words.startswith("f stops in line 3 of its cell, `return y[5]`: IndexError: index 5 is out of bounds")


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("def f(x): return ...", "missing", "f returns nothing yet."),
        ("def f(x): pass", "missing", "f returns None: there is no `return`, or nothing behind it"),
        ("def f(x): print(x)", "missing", "or nothing behind it. `print` shows a value, and hands it to nobody."),
        ("def f(x): return 1, ...", "missing", "f returns nothing yet."),
        ("def f(x):\n  y = ...\n  return y + 1", "missing", "f still has three dots, or meets them in line 3."),
        ("def f(x):\n  x[0] = 9\n  return x", "not yet", "f changes the array that it is given."),
        ("import numpy as np\ndef f(x): return np.zeros(3, 4)", "not yet", "The whole shape is one input, in brackets"),
        ("def f(x): return x(2)", "not yet", "callable. Round brackets call a function"),
        ("import numpy as np\ndef f(x): return np.zeros(x.size / 2)", "not yet", "`/` gives a decimal one."),
        ("def g(x):\n  return x[9]\ndef f(x):\n  return g(x)", "not yet", "`g`, called by f, stops in line 2"),
        ("def f(x):\n  return [x[i] for i in (9,)]", "not yet", "f stops in line 2 of its cell"),
        ("def g(x): return ...\ndef f(x): return g(x) * x", "missing", "f calls `g`, where three dots are left."),
        ("def f(): return 1", "not yet", "TypeError: f() takes 0 positional arguments but 1 was given"),
        ("import sys\ndef f(x): sys.exit('away')", "not yet", "SystemExit: away"),
        (
            "class E(BaseException):\n  def __str__(self): raise self\ndef f(x): raise E",
            "not yet",
            "`def f(x): raise E`: E",
        ),
        ("def f(x): raise ValueError('x\\n' * 999)", "not yet", " …"),
        ("def f(x): return f(x)", "not yet", "RecursionError"),
        ("class f:\n  def __init__(self, x): self.y = x.nothing", "not yet", "could not use this answer in line 2"),
        ("import warnings\ndef f(x): warnings.warn('!'); return x / 0", "right", "a task."),
    ],
)
def test_whatever_a_function_does_is_one_sentence(code: str, status: str, words: str) -> None:
    verdict = judged(lambda f: f(np.arange(3.0)) is None or None, of_student(code)["f"])
    assert verdict[0] == status and words in verdict[1]
    assert "\n" not in verdict[1] and len(verdict[1]) < 600


def test_an_array_of_the_notebook_that_is_read_is_named_where_something_is_wrong() -> None:
    names = of_student("import numpy as np\nimage, other = np.ones(3), np.ones(3)\ndef f(x): return image[1:]\n")
    words = "Note that f reads the notebook's own `image`: was that meant, or one of its inputs?"

    def wrong(f: Any) -> str:
        raise Wrong(f"the result has shape {f(np.zeros(3)).shape}")

    assert judged(wrong, names["f"]) == ("not yet", f"The result has shape (2,). {words}")
    assert judged(lambda f: f(np.zeros(3)) is None or None, names["f"]) == ("right", "a task.")
    assert judged(wrong, lambda other: other)[1] == "The result has shape (3,)"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("the size is wrong.", "The size is wrong."),
        ("f stops", "f stops"),
        ("gamma is 3", "gamma is 3"),
        ("a part is 3", "A part is 3"),
        ("`x` is 3", "`x` is 3"),
    ],
)
def test_a_message_begins_with_a_capital_letter_or_a_name(words: str, told: str) -> None:
    def wrong(f: Any) -> str:
        raise Wrong(words)

    assert judged(wrong, of_student("def f(a, gamma): return 1")["f"]) == ("not yet", told)


def test_a_guard_lets_the_original_be_called() -> None:
    def update(x: Any) -> None:
        x += 1

    x = np.zeros(2)
    asking.guard(update).__wrapped__(x)  # type: ignore[attr-defined]
    assert x.tolist() == [1, 1]


def test_somebody_who_interrupts_is_obeyed() -> None:
    def stop(answer: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(stop, 1)
    with pytest.raises(KeyboardInterrupt):
        judged(lambda f: f(1), stop)


def test_strange_objects_are_judged() -> None:
    class Strange:
        __class__ = property(lambda self: 1 / 0)  # type: ignore[assignment]

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("never")

    assert judged(lambda answer: properties.array(answer) and None, Strange())[0] == "not yet"


def test_tasks_are_told_apart() -> None:
    with pytest.raises(ValueError, match="must be new"):
        task("1.1", "", hints=("a", "b"))
    with pytest.raises(ValueError, match="two hints or more"):
        task("9.9", "", hints=("a",))
    with pytest.raises(ValueError, match="must be new, and of the form"):
        task("one", "", hints=("a", "b"))


# --- properties -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "options", "words"),
    [
        ([1, 2], {}, "it is a list, where a NumPy array is asked for."),
        (np.zeros((3, 4)), {"shape": (4, 3)}, "it has shape (3, 4): its axes are swapped. Rows come first."),
        (np.zeros(3), {"shape": (4,)}, "it has shape (3,), where (4,) is asked for."),
        (np.zeros((3, 4)), {"shape": (None, 5)}, "it has shape (3, 4), where (any, 5) is asked for."),
        (np.zeros(3), {"kind": "integer"}, "it has the type float64, where integer is asked for."),
        (np.zeros(3), {"kind": "float32"}, "it has the type float64, where float32 is asked for."),
        (np.array([1, np.nan, np.inf]), {}, "it holds 2 entries that are not finite numbers."),
        (np.array([None]), {}, "it has the type object, where numeric is asked for."),
    ],
)
def test_arrays_that_are_not_what_is_asked_for(answer: object, options: dict[str, Any], words: str) -> None:
    with pytest.raises(Wrong) as wrong:
        properties.array(answer, what="it", **options)
    assert str(wrong.value) == words


def test_arrays_that_are() -> None:
    x = np.zeros((3, 4), np.float32)
    for options in ({}, {"shape": (3, None)}, {"kind": "float"}, {"kind": "float32"}, {"kind": "number"}):
        assert properties.array(x, **options) is x  # type: ignore[arg-type]
    with pytest.raises(Missing):
        properties.array(...)


def test_numbers() -> None:
    assert properties.number(3) == properties.number(np.float32(3)) == properties.number(np.array(3)) == 3
    for strange in (True, "3", [3], np.zeros(2), float("nan"), 1j):
        with pytest.raises(Wrong):
            properties.number(strange)
    with pytest.raises(Missing):
        properties.number(None)


def test_agreement() -> None:
    assert properties.agrees(np.uint8(3), 3.0) and properties.agrees([1e9], [1e9 + 0.5])
    assert not properties.agrees([1, 2], [1, 2.1]) and not properties.agrees(np.zeros(2), np.zeros(3))
    assert not properties.agrees(np.array([255], np.uint8), np.array([-1])), "bytes do not wrap around"
    assert properties.agrees([True, False], [True, False]) and properties.agrees([], [])
    assert not properties.agrees([np.nan], [1.0])


def test_mistakes_are_recognised_in_order() -> None:
    with pytest.raises(Wrong, match="the second"):
        properties.mistakes([1, 2], {"the first": [2, 1], "the second": [1, 2], "the third": [1, 2]})
    properties.mistakes([1, 2], {"the first": [2, 1]})


def test_invariants() -> None:
    properties.linear(lambda x: 3 * x, (3, 4))
    properties.additive(lambda x: x.real, (3,))
    for f, words in [(np.abs, "f\\(u \\+ v\\)"), (lambda x: x + 1, "f\\(u \\+ v\\)")]:
        with pytest.raises(Wrong, match=words):
            properties.linear(f, (3, 4))
    properties.equivariant(lambda x: np.roll(x, 2, 1) ** 2, (4, 5), (1, 3))
    with pytest.raises(Wrong, match="does not follow"):
        properties.equivariant(lambda x: x * np.arange(5), (4, 5), (1, 3))


def test_the_dot_test() -> None:
    a = properties.random().standard_normal((3, 5))
    properties.dot_test(lambda x: a @ x, lambda g: a.T @ g, (5,), (3,))
    with pytest.raises(Wrong, match="the wrong sign"):
        properties.dot_test(lambda x: a @ x, lambda g: -a.T @ g, (5,), (3,))
    with pytest.raises(Wrong, match="fails the dot test"):
        properties.dot_test(lambda x: a @ x, lambda g: 2 * a.T @ g, (5,), (3,))
    with pytest.raises(Wrong, match="where \\(5,\\) is asked for"):
        properties.dot_test(lambda x: a @ x, lambda g: g, (5,), (3,))


def test_steps_for_each_entry_are_seen() -> None:
    small, large = [np.ones((4, 5))], [np.ones((20, 30))]

    def by_rows(x: Any) -> Any:
        return sum(row.sum() for row in x)

    def by_entries(x: Any) -> Any:
        y = x.copy()
        for place in np.ndindex(x.shape):
            y[place] += 1
        return y

    for f in (by_rows, np.sum, lambda x: np.pad(x, 3) ** 2):
        properties.vectorised(f, small, large, "a loop")
    for f in (by_entries, np.vectorize(lambda x: x + 1), lambda x: [[entry + 1 for entry in row] for row in x]):
        with pytest.raises(Wrong, match="a loop"):
            properties.vectorised(f, small, large, "a loop")


def test_a_case_is_named() -> None:
    with pytest.raises(Wrong, match=r"^With 0 rows: f stops$"), properties.case("With 0 rows"):
        raise Wrong("f stops")
    with pytest.raises(Missing, match=r"^f is missing$"), properties.case("With 0 rows"):
        raise Missing("f is missing")


# --- show -----------------------------------------------------------------------------------------


def test_show_draws_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr("matplotlib.pyplot.close", drawn.append)
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    show(
        ("bytes", image, (1, 2)),
        ("a function", lambda: image / 3, lambda: (0, 1)),
        ("three dots", ...),
        ("fails", lambda: image.nothing),
        ("stems", np.arange(5)),
        ("colour", np.zeros((2, 3, 3))),
        ("no picture", "text"),
        ("no place", image, lambda: None),
    )
    (figure,) = drawn
    bytes_, function, dots, fails, stems, colour, text, place = figure.axes
    assert bytes_.images[0].get_clim() == (0, 255) and function.images[0].get_clim() == (0, 11 / 3)
    assert bytes_.lines[0].get_xydata().tolist() == [[2, 1]] and function.lines[0].get_xydata().tolist() == [[1, 0]]
    assert [a.texts[0].get_text() for a in (dots, fails, text)] == ["not yet", "not yet", "no picture"]
    assert colour.images and stems.containers and place.images and not place.lines
    assert [a.get_title() for a in (bytes_, dots)] == ["bytes", "three dots"]


def test_show_keeps_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr("matplotlib.pyplot.close", drawn.append)
    show(("one", np.zeros((2, 2))), limits=(-1, 3))
    assert drawn[0].axes[0].images[0].get_clim() == (-1, 3)
    assert pictures.ringed() == []


def test_two_pictures_are_drawn_larger_than_three(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr("matplotlib.pyplot.close", drawn.append)
    pair = ("one", np.zeros((256, 256)))
    for count, height in ((2, None), (3, None), (2, 2.4)):
        show(*[pair] * count, height=height)
    sizes = []
    for figure in drawn:
        figure.draw_without_rendering()
        sizes.append(figure.axes[0].get_window_extent().height)
    assert sizes[0] > 190 and 130 < sizes[1] < sizes[2] < sizes[0], "in pixels, with a title above"
    assert [figure.get_figwidth() for figure in drawn] == [6, 6, 6]


def test_without_matplotlib_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert show(("one", np.zeros((2, 2)))) is None
    assert capsys.readouterr().out == pictures.NO_MATPLOTLIB + "\n"
