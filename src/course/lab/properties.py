"""What the checks ask of an answer: its kind and shape, a small case, the mistake that it looks like, an invariant.

Each raises `Wrong` with one or two sentences for the student, and returns nothing else than its answer. No sentence
says what would be right.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.lab.tasks import Missing, Wrong

__all__ = [
    "additive",
    "agrees",
    "array",
    "case",
    "described",
    "dot_test",
    "equal",
    "equivariant",
    "linear",
    "mistakes",
    "number",
    "random",
    "vectorised",
]

Array = NDArray[Any]
Function = Callable[..., Any]
KINDS = {"float": "f", "integer": "iu", "complex": "c", "boolean": "b", "number": "fiu", "numeric": "fiucb"}


def random(seed: int = 7) -> np.random.Generator:
    """Random numbers for a check: the same on every call, and on every machine."""
    return np.random.default_rng(seed)


# --- kind and shape -------------------------------------------------------------------------------


def described(value: object) -> str:
    """What a value is, in a few words.

    >>> described(np.zeros((2, 3))), described([1, 2]), described(3)
    ('an array of shape (2, 3) and type float64', 'a list', 'the number 3')
    """
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if isinstance(value, bool | np.bool):
        return f"the truth value {value}"
    if isinstance(value, int | float | complex | np.number):
        return f"the number {value:.6g}"
    name = type(value).__name__
    known = {"str": "a text", "function": "a function", "type": "a class"}
    return known.get(name, f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}")


def array(
    answer: Any, shape: Sequence[int | None] | None = None, kind: str = "numeric", what: str = "the answer"
) -> Array:
    """The answer, once it is an array of finite numbers with that shape (None: any length) and kind.

    `kind` is one of float, integer, complex, boolean, number (real), numeric (any), or the name of a dtype.
    """
    if answer is None or answer is ...:
        raise Missing(f"{what} is still missing.")
    if not isinstance(answer, np.ndarray | np.generic):
        raise Wrong(f"{what} is {described(answer)}, where a NumPy array is asked for.")
    y = np.asarray(answer)
    if shape is not None:
        _shaped(y, tuple(shape), what)
    if y.dtype.kind not in KINDS.get(kind, y.dtype.kind) or (kind not in KINDS and y.dtype != kind):
        raise Wrong(f"{what} has the type {y.dtype}, where {kind} is asked for.")
    if y.dtype.kind in "fc" and not np.isfinite(y).all():
        raise Wrong(f"{what} holds {np.count_nonzero(~np.isfinite(y))} entries that are not finite numbers.")
    return y


def _shaped(y: Array, shape: tuple[int | None, ...], what: str) -> None:
    """Raise `Wrong` unless y has the shape."""

    def fits(found: tuple[int, ...]) -> bool:
        return len(found) == len(shape) and all(b in (None, a) for a, b in zip(found, shape, strict=True))

    if fits(y.shape):
        return
    asked = str(tuple("any" if n is None else n for n in shape)).replace("'", "")
    if y.ndim > 1 and fits(y.shape[::-1]):
        raise Wrong(f"{what} has shape {y.shape}: its axes are swapped. Rows come first.")
    raise Wrong(f"{what} has shape {y.shape}, where {asked} is asked for.")


def number(answer: Any, what: str = "the answer") -> float:
    """The answer, once it is one finite real number."""
    if answer is None or answer is ...:
        raise Missing(f"{what} is still missing.")
    if (
        isinstance(answer, bool | np.bool)
        or np.ndim(answer)
        or not isinstance(answer, int | float | np.number | np.ndarray)
    ):
        raise Wrong(f"{what} is {described(answer)}, where one number is asked for.")
    value = complex(answer)
    if value.imag or not np.isfinite(value.real):
        raise Wrong(f"{what} is {answer}, where a finite real number is asked for.")
    return value.real


# --- a small case, and the mistakes that are known ------------------------------------------------


def agrees(got: ArrayLike, want: ArrayLike, tolerance: float = 1e-9) -> bool:
    """Whether two arrays have one shape, and no two entries differ by more than the tolerance times the largest."""
    a, b = np.asarray(got), np.asarray(want)
    if a.shape != b.shape:
        return False
    if not a.size:
        return True
    a, b = (x.astype(np.result_type(x, np.float64)) for x in (a, b))  # bytes would wrap around
    return bool(np.max(np.abs(a - b)) <= tolerance * max(1.0, float(np.max(np.abs(b)))))


def mistakes(got: ArrayLike, known: Mapping[str, ArrayLike], tolerance: float = 1e-9) -> None:
    """Raise `Wrong` with the sentence of the first known mistake whose result is the one that we got."""
    for sentence, result in known.items():
        if agrees(got, result, tolerance):
            raise Wrong(sentence)


def equal(got: ArrayLike, want: ArrayLike, sentence: str, tolerance: float = 1e-9) -> None:
    """Raise `Wrong` with the sentence unless the two agree."""
    if not agrees(got, want, tolerance):
        raise Wrong(sentence)


def unspoilt(got: ArrayLike, want: ArrayLike) -> None:
    """Raise `Wrong` where a quotient is nearly what it should be, as with 1e-7 added above or below."""
    if not agrees(got, want) and agrees(got, want, 1e-3):
        raise Wrong("It is nearly right, but not quite. Is something small added, above or below the line?")


# --- invariants -----------------------------------------------------------------------------------


def additive(f: Function, shape: Sequence[int], what: str = "the function") -> None:
    """Raise `Wrong` unless f(u + v) = f(u) + f(v) for random inputs."""
    u, v = random().standard_normal((2, *shape))
    equal(f(u + v), np.asarray(f(u)) + f(v), f"{what} is not linear: f(u + v) differs from f(u) + f(v).")


def linear(f: Function, shape: Sequence[int], what: str = "the function") -> None:
    """Raise `Wrong` unless f is additive and f(3u) = 3 f(u) for random inputs."""
    additive(f, shape, what)
    u = random(8).standard_normal(tuple(shape))
    equal(f(3 * u), 3 * np.asarray(f(u)), f"{what} is not linear: f(3u) differs from 3 f(u).")


def dot_test(
    forward: Function, back: Function, in_shape: Sequence[int], out_shape: Sequence[int], what: str = "the way back"
) -> None:
    """Raise `Wrong` unless ⟨A u, v⟩ = ⟨u, A* v⟩ for random real u and v: `back` is then the adjoint of `forward`."""
    rng = random()
    u, v = rng.standard_normal(tuple(in_shape)), rng.standard_normal(tuple(out_shape))
    there = array(forward(u), out_shape, what="the way forward")
    here = array(back(v), in_shape, what=what)
    left, right = np.vdot(there, v), np.vdot(u, here)
    scale = np.linalg.norm(there) * np.linalg.norm(v) + np.linalg.norm(u) * np.linalg.norm(here)
    if abs(left - right) <= 1e-10 * scale:
        return
    if abs(left + right) <= 1e-10 * scale:
        raise Wrong(f"{what} has the wrong sign: the dot test gives {left:.4f} forward and {right:.4f} back.")
    raise Wrong(f"{what} fails the dot test: ⟨Au, v⟩ is {left:.4f}, but ⟨u, A*v⟩ is {right:.4f}.")


def equivariant(f: Function, shape: Sequence[int], steps: Sequence[int], what: str = "the function") -> None:
    """Raise `Wrong` unless moving the input around a ring moves the output by as many steps."""
    x = random().standard_normal(tuple(shape))
    axes = tuple(range(len(steps)))
    moved, expected = f(np.roll(x, steps, axes)), np.roll(f(x), steps, axes)
    equal(moved, expected, f"{what} does not follow: a moved input does not give the moved output.")


# --- how it is called, and how it goes about it ---------------------------------------------------


@contextmanager
def case(words: str) -> Iterator[None]:
    """Within it, a function that stops is said to stop in the case that the words name."""
    try:
        yield
    except Missing:
        raise
    except Wrong as wrong:
        raise Wrong(f"{words}: {wrong}") from None


def vectorised(f: Function, small: Sequence[Any], large: Sequence[Any], sentence: str) -> None:
    """Raise `Wrong` with the sentence if Python goes through the entries of the first input one by one.

    Then it makes more steps for the large inputs, by one or more for each entry that the first of them has more.
    """
    if steps(f, large) - steps(f, small) > np.size(large[0]) - np.size(small[0]):
        raise Wrong(sentence)


def steps(f: Function, inputs: Sequence[Any]) -> int:
    """How many steps of Python's own a call takes, whatever NumPy does in each of them."""
    count, before = 0, sys.gettrace()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        count += event == "opcode"
        frame.f_trace_opcodes = True
        return trace

    sys.settrace(trace)
    try:
        f(*inputs)
    finally:
        sys.settrace(before)
    return count
