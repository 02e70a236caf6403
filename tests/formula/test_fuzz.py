"""Whatever is cut out of a formula, or of its binding, the answer is a message and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from course.book.formula import FormulaError
from course.book.formula.tex import parse, tokenize

from .holding import equations

PAGE = equations(Path(__file__).with_name("page.md"))


@pytest.mark.parametrize("equation", PAGE[::4], ids=lambda e: e.label)
def test_deleting_tokens_gives_a_message(equation) -> None:
    rng = np.random.default_rng(len(equation.tex))
    tokens = tokenize(equation.tex)[:-1]
    for _ in range(25):
        gone = set(rng.choice(len(tokens), size=min(len(tokens), rng.integers(1, 4)), replace=False).tolist())
        tex = " ".join(equation.tex[t.start : t.end] for k, t in enumerate(tokens) if k not in gone)
        try:
            equation._replace(tex=tex).verify(trials=1)
        except FormulaError as e:
            assert str(e).count("\n") == 2


def test_shuffled_tokens_are_parsed_or_refused() -> None:
    rng = np.random.default_rng(0)
    words = [e.tex[t.start : t.end] for e in PAGE for t in tokenize(e.tex)[:-1]]
    for _ in range(3000):
        tex = " ".join(rng.choice(words, size=rng.integers(1, 9)))
        try:
            parse(tex, {"x", "w", "y"}, {"f"})
        except FormulaError as e:
            assert e.message


def test_a_damaged_binding_gives_a_message() -> None:
    rng = np.random.default_rng(1)
    for equation in PAGE[::6]:
        for _ in range(10):
            k = int(rng.integers(len(equation.binding)))
            try:
                equation._replace(binding=equation.binding[:k] + equation.binding[k + 3 :]).verify(trials=1)
            except FormulaError as e:
                assert str(e)
