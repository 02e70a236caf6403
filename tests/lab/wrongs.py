"""Typical wrong answers: what `tests/lab/wrong/NAME.py` is written with."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

Maker = Callable[[SimpleNamespace], Any]


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer to a task, made from the names of the solution, and a piece of the message meant for it."""

    number: str
    message: str
    make: Maker


ANSWERS: dict[str, list[WrongAnswer]] = {}


def wrong(number: str, message: str) -> Callable[[Maker], Maker]:
    """Keep what the function below gives (from the solution's namespace `s`) as a wrong answer to a task."""

    def keep(make: Maker) -> Maker:
        ANSWERS.setdefault(make.__module__.rpartition(".")[2], []).append(WrongAnswer(number, message, make))
        return make

    return keep


def answers(name: str) -> list[WrongAnswer]:
    """The wrong answers to the tasks of a lab."""
    importlib.import_module(f"tests.lab.wrong.{name}")
    return ANSWERS.get(name, [])
