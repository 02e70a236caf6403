"""What a task of a lab is: a number, a title, hints, and a check that raises `Wrong` in one or two sentences."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course.lab.notebooks import LABS, lab_of

__all__ = ["TASKS", "Missing", "Task", "Wrong", "find", "task", "tasks"]

Check = Callable[[Any], str | None]


class Wrong(Exception):
    """An answer that is not right yet; the message says what is wrong with it, and not what would be right."""


class Missing(Wrong):
    """An answer of which something is still to be written; the message says what."""


@dataclass(frozen=True)
class Task:
    """One task of a lab."""

    number: str
    title: str
    hints: tuple[str, ...]
    check: Check


TASKS: dict[str, Task] = {}


def task(number: str, title: str, hints: tuple[str, ...]) -> Callable[[Check], Check]:
    """Register a check as that of a task; there are two hints or more, the later the more telling."""
    if not re.fullmatch(r"[1-9]\.[1-9]\d?", number) or number in TASKS:
        raise ValueError(f"task: the number {number!r} must be new, and of the form lab.task")
    if isinstance(hints, str) or len(hints) < 2:
        raise ValueError(f"task {number}: {hints!r} must be two hints or more")

    def register(check: Check) -> Check:
        TASKS[number] = Task(number, title, hints, check)
        return check

    return register


def tasks(name: str) -> list[Task]:
    """The tasks of a lab, in order."""
    importlib.import_module(f"course.lab.checks.{name}")
    lab = LABS[name][0]
    mine = [task for task in TASKS.values() if task.number.startswith(f"{lab}.")]
    return sorted(mine, key=lambda task: int(task.number.partition(".")[2]))


def find(number: object) -> Task:
    """The task of that number; a LookupError names those that there are."""
    name = lab_of(number) if isinstance(number, str) else None
    if not isinstance(number, str) or name is None:
        raise LookupError(f'the number of a task is a text such as "1.2", and not {number!r}')
    there = tasks(name)
    if number not in TASKS:
        numbers = ", ".join(task.number for task in there)
        raise LookupError(f"lab {LABS[name][0]} has no task {number}; it has {numbers}")
    return TASKS[number]
