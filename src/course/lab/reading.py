"""What can be read from a function without calling it: the names that it uses, and whether a gap is left in it."""

import dis
import inspect
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

import numpy as np

__all__ = ["arrays", "has_dots", "mentions", "of_student", "parameters", "undone"]


def of_student(names: Mapping[str, Any]) -> bool:
    """Whether these are the names of a notebook or a program, and not of a module."""
    return names.get("__name__") == "__main__"


def codes(function: object) -> Iterator[CodeType]:
    """The code of a function, or what a guard stands around, and of the functions in it; none if it is not Python's."""
    code = inspect.unwrap(function).__code__ if isinstance(function, FunctionType) else function
    if isinstance(code, CodeType):
        yield code
        for part in code.co_consts:
            if isinstance(part, CodeType):
                yield from codes(part)


def parameters(function: object) -> set[str]:
    """The names of a function's parameters."""
    return {name for code in list(codes(function))[:1] for name in code.co_varnames[: code.co_argcount]}


def mentions(function: object, name: str) -> bool:
    """Whether a name that is not its own stands in a function: a global's, or one behind a dot.

    >>> mentions(lambda x: np.pad(x, 1), "pad"), mentions(lambda pad: pad, "pad")
    (True, False)
    """
    return any(name in code.co_names for code in codes(function))


def has_dots(function: object) -> bool:
    """Whether three dots stand in a function: those of a gap, or those that stand for all axes."""
    return any(part is ... for code in codes(function) for part in code.co_consts)


def used(function: object) -> dict[str, Any]:
    """The names of the notebook that a function reads, and what they stand for."""
    around = getattr(inspect.unwrap(function) if isinstance(function, FunctionType) else None, "__globals__", {})
    if not of_student(around):
        return {}
    read = (step.argval for code in codes(function) for step in dis.get_instructions(code) if "GLOBAL" in step.opname)
    return {name: around[name] for name in read if name in around}


def arrays(function: object) -> list[str]:
    """The arrays of the notebook that a function reads, though nobody gave them to it."""
    return [name for name, value in used(function).items() if isinstance(value, np.ndarray)]


def undone(function: object) -> list[str]:
    """The functions of the notebook that a function calls, and in which a gap is left."""
    return [name for name, value in used(function).items() if has_dots(value)]
