"""Short ways to hold an equation against a binding, and to read the pages that bind many."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from course.book.formula import FormulaError, Score, Verdict, mutation_score, verify

from .reference import NAMES

EQUATION = re.compile(
    r"^\$\$\n(?P<tex>.*?)\n\$\$\n+<!-- formula (?P<label>[\w-]+)(?P<options>[^\n]*)\n(?P<binding>.*?)-->", re.S | re.M
)


class Equation(NamedTuple):
    label: str
    tex: str
    binding: str
    options: str = ""
    path: str = "docs/page.md"
    line: int = 10
    binding_line: int = 20

    def verify(self, seed: int = 0, trials: int = 3) -> Verdict:
        return verify(self.tex, self.binding, NAMES, seed=seed, trials=trials, **self.place())

    def score(self, seed: int = 0) -> Score:
        return mutation_score(self.tex, self.binding, NAMES, seed=seed, **self.place())

    def place(self) -> dict:
        return {k: getattr(self, k) for k in ("label", "path", "line", "binding_line", "options")}


def equations(path: Path) -> list[Equation]:
    """All equations of a page that have a formula bound."""
    text = path.read_text(encoding="utf-8")
    found = []
    for m in EQUATION.finditer(text):
        line, below = (text.count("\n", 0, m.start(part)) + 1 for part in ("tex", "binding"))
        found.append(Equation(m["label"], m["tex"], m["binding"], m["options"], path.name, line, below))
    return found


def green(tex: str, binding: str, options: str = "", seed: int = 0, trials: int = 3) -> Verdict:
    return Equation("test", tex, binding, options).verify(seed, trials)


def red(tex: str, binding: str, options: str = "", seed: int = 0) -> str:
    """The message of an equation that must not hold."""
    with pytest.raises(FormulaError) as caught:
        Equation("test", tex, binding, options).verify(seed)
    return str(caught.value)
