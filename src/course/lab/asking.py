"""`check` and `hint`, which a student calls; `judge`, which looks at an answer and never fails."""

import inspect
import linecache
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from types import TracebackType
from typing import Any, Literal

import numpy as np

from course.lab.reading import arrays, has_dots, mentions, of_student, parameters, undone
from course.lab.tasks import Missing, Task, Wrong, find

__all__ = ["Verdict", "check", "guard", "hint", "judge", "recording", "told"]

Record = Callable[[Any, Any], None]
LENGTH = 300  # of what an exception of the student's code may say
REMARKS = {  # what NumPy and Python say of common slips, and what it means
    r"Cannot interpret '\d+' as a data type": "The whole shape is one input, in brackets of its own.",
    r"'numpy.ndarray' object is not callable": "Round brackets call a function; an array is read with square ones.",
    r"into shape \((0,|\d+,0\))": "An empty slice: one that is to end at −0 ends at 0.",
    r"'float' object cannot be interpreted as an integer|slice indices must be integers|, got '\d+\.": (
        "A size or a place must be a whole number, and `/` gives a decimal one."
    ),
}

recorders: list[Record] = []  # while there is one, answers go to it, and nothing is printed
given: dict[str, int] = {}  # how many hints of a task have been shown


@dataclass(frozen=True)
class Verdict:
    """What the check of a task says about an answer."""

    status: Literal["right", "not yet", "missing"]
    words: str


# --- what a student calls -------------------------------------------------------------------------


def check(number: str, answer: Any) -> None:
    """Say whether the answer to a task is right, and if not, what is wrong with it.

    >>> check("1.1", ...)
    1.1 missing: crop. hint("1.1") helps to begin.
    """
    if recorders:
        return recorders[-1](number, answer)
    try:
        task = find(number)
    except LookupError as unknown:
        return print(f"check: {unknown}")
    verdict = judge(task, answer)
    print(f"{number} {verdict.status}: {verdict.words}")


def hint(number: str) -> None:
    """Show a hint to a task; called again, the next one, which tells more."""
    try:
        task = find(number)
    except LookupError as unknown:
        return print(f"hint: {unknown}")
    shown = given.get(number, 0)
    given[number] = shown + 1
    count = len(task.hints)
    last = min(shown, count - 1)
    print(f"{number}, hint {last + 1} of {count}: {task.hints[last]}")
    if shown >= count:
        print("There are no more hints. Ask somebody to read your code.")


@contextmanager
def recording(record: Record) -> Iterator[None]:
    """Within it, `check` hands its answers to `record`, and prints nothing."""
    recorders.append(record)
    try:
        yield
    finally:
        recorders.remove(record)


# --- judging --------------------------------------------------------------------------------------


def judge(task: Task, answer: Any) -> Verdict:
    """The verdict on an answer, whatever it is and does."""
    if answer is None or answer is ...:
        return Verdict("missing", f'{task.title}. hint("{task.number}") helps to begin.')
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            words = task.check(guard(answer) if is_function(answer) else answer)
    except Missing as missing:
        return Verdict("missing", str(missing))
    except Wrong as wrong:
        return Verdict("not yet", joined(sentence(str(wrong), answer), outside(answer)))
    except KeyboardInterrupt:  # somebody does not want to wait any longer
        raise
    except BaseException as error:
        return Verdict("not yet", told(error, "The check", "could not use this answer"))
    return Verdict("right", words or f"{task.title}.")


def sentence(words: str, answer: object) -> str:
    """The words with a capital letter, unless they begin with a name of the answer's own.

    >>> sentence("the size is wrong.", None), sentence("blur is dark.", {"blur": 1})
    ('The size is wrong.', 'blur is dark.')
    >>> sentence("d['b'] has shape (3, 7).", None), sentence("conv2d stops.", None)
    ("d['b'] has shape (3, 7).", 'conv2d stops.')
    """
    own = set(answer) if isinstance(answer, dict) else {getattr(answer, "__name__", "")} | parameters(answer)
    first = re.split(r"\W", words, maxsplit=1)[0]
    if not first.isalpha() or words[len(first) :][:1] in ("[", "(") or first in own - {"a"}:  # which is a word, too
        return words
    return words[:1].upper() + words[1:]


def outside(answer: object) -> str:
    """A remark on arrays of the notebook that a function reads, where its inputs may have been meant; or nothing."""
    if not is_function(answer) or not (read := arrays(answer)):
        return ""
    which = " and ".join(f"`{name}`" for name in read)
    return f"Note that {name_of(answer)} reads the notebook's own {which}: was that meant, or one of its inputs?"


def name_of(function: object) -> str:
    """What a function is called in a message."""
    return str(getattr(function, "__name__", "it")).replace("<lambda>", "the function")


def joined(words: str, *more: str) -> str:
    """Words, and more sentences behind them."""
    more = tuple(part for part in more if part)
    return " ".join([words + "." * bool(more and words[-1:] not in ".?!"), *more])


# --- guarding -------------------------------------------------------------------------------------


def is_function(answer: object) -> bool:
    """Whether the answer is a function, and no class and no object that can be called."""
    return inspect.isroutine(answer) or isinstance(answer, partial | np.ufunc)


def guard(function: Callable[..., Any], name: str = "") -> Callable[..., Any]:
    """The student's function, which raises nothing but `Wrong`, returns something, and leaves its inputs alone.

    `check` hands it to every check of a function; what it guards is its `__wrapped__`.
    """
    name = name or name_of(function)

    @wraps(function)
    def guarded(*inputs: Any, **options: Any) -> Any:
        arrays = [x for x in [*inputs, *options.values()] if isinstance(x, np.ndarray)]
        before = [x.copy() for x in arrays]
        try:
            result = function(*inputs, **options)
        except (Wrong, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise open_gap(error, name, function) or Wrong(told(error, name, own=function)) from None
        if result is None:
            nothing = f"{name} returns None: there is no `return`, or nothing behind it"
            raise Missing(joined(nothing, printing(function)))
        if any(part is ... for part in (result if isinstance(result, tuple) else (result,))):
            raise Missing(f"{name} returns nothing yet.")
        if any(not np.array_equal(x, y, equal_nan=x.dtype.kind in "fc") for x, y in zip(arrays, before, strict=True)):
            raise Wrong(f"{name} changes the array that it is given. Whoever calls it may need that again: use a copy.")
        return result

    return guarded


def printing(function: object) -> str:
    """A remark on a function that prints where it should return; or nothing."""
    return "`print` shows a value, and hands it to nobody." if mentions(function, "print") else ""


def open_gap(error: BaseException, name: str, function: Callable[..., Any]) -> Missing | None:
    """What to say of an error that comes from three dots which are still to be replaced."""
    if "ellipsis" not in said(error).lower():
        return None
    if (others := undone(function)) and not has_dots(function):
        which = " and ".join(f"`{other}`" for other in others)
        return Missing(f"{name} calls {which}, where three dots are left.")
    line = own_line(error.__traceback__).line
    return Missing(f"{name} still has three dots" + (f", or meets them in line {line}." if line else "."))


@dataclass(frozen=True)
class Place:
    """A line of the student's own: its number in its cell (0: there is none), its text, the function it stands in."""

    line: int = 0
    text: str = ""
    function: str = ""


def told(error: BaseException, who: str, did: str = "stops", own: object = None) -> str:
    """An exception in a sentence or two, with the line of the student's own code in which it came up.

    `own` is the function that was called: where another one stops, that is named.
    """
    place, message = own_line(error.__traceback__), said(error)
    where = f" in line {place.line}" + " of its cell" * bool(place.function) if place.line else ""
    where += f", `{place.text}`" if place.text else ""
    if place.function not in ("", getattr(own, "__name__", "")) and did == "stops":
        who = f"`{place.function}`, called by {who},"
    remarks = [remark for pattern, remark in REMARKS.items() if re.search(pattern, message)]
    return joined(f"{who} {did}{where}: {type(error).__name__}" + (f": {message}" if message else ""), *remarks)


def said(error: BaseException) -> str:
    """The message of an exception, on one line and not too long; some cannot even give that."""
    try:
        message = " ".join(str(error).split())
    except BaseException:
        return ""
    return message if len(message) <= LENGTH else message[:LENGTH] + " …"


def own_line(traceback: TracebackType | None) -> Place:
    """The last line of the student's own that a traceback passes."""
    found = Place()
    while traceback is not None:
        frame = traceback.tb_frame
        if of_student(frame.f_globals):
            text = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
            found = Place(traceback.tb_lineno, text if len(text) <= 80 else "", function_of(frame.f_code.co_qualname))
        traceback = traceback.tb_next
    return found


def function_of(name: str) -> str:
    """The function with a name of its own to which a frame belongs; nothing for a cell.

    >>> function_of("pad"), function_of("rule.<locals>.back"), function_of("pad.<locals>.<listcomp>")
    ('pad', 'back', 'pad')
    """
    parts = re.sub(r"(\.<locals>)?\.?<(?!locals)\w+>", "", name).split(".<locals>.")
    return parts[-1]
