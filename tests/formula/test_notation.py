"""The page of the notation, the parser and the evaluator have the same symbols; each example shows its own."""

from itertools import product
from pathlib import Path

import pytest

from course.book.formula import notation, page
from course.book.formula.binding import Binding, Scene
from course.book.formula.tex import Node, tokenize

from .holding import Equation, equations
from .reference import NAMES

PAGE = Path(__file__).parents[2] / "docs/reference/notation.md"
ROWS = {row.label: row for row in page.rows() if not isinstance(row, str)}
EQUATIONS = equations(PAGE)


def test_the_committed_page_is_current() -> None:
    text = "docs/reference/notation.md is not current: run python -m course.book.formula.page"
    assert PAGE.read_text(encoding="utf-8") == page.page(), text


def test_every_symbol_has_one_row() -> None:
    keys = [row.key for row in page.rows() if not isinstance(row, str)]
    assert len(set(keys)) == len(keys) == len(EQUATIONS)
    assert set(keys) == page.required()


def test_a_symbol_without_a_row_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(notation.KIND, r"\uplus", "infix")
    with pytest.raises(ValueError, match="symbols without a row"):
        page.page()


@pytest.mark.parametrize("op", notation.OF_NUMBERS)
def test_the_short_way_of_two_numbers_is_their_rule(op: str) -> None:
    numbers = [kind(k) for k, kind in enumerate(sorted(notation.SCALARS, key=str), 2)]
    for a, b in product(numbers, repeat=2):
        for pointwise in (False, True):
            long, short = notation.RULES[op](pointwise, a, b), notation.OF_NUMBERS[op](a, b)
            assert (type(long), long) == (type(short), short), (a, b)


def test_every_symbol_that_the_parser_takes_has_a_rule() -> None:
    kinds = {"function": notation.FUNCTIONS, "relation": notation.RELATIONS | {r"\approx": None}}
    kinds["reducer"] = notation.REDUCERS | {r"\argmax": None, r"\argmin": None}
    for kind, rules in kinds.items():
        assert {s for s, k in notation.KIND.items() if k == kind} == set(rules), kind


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e.label)
def test_an_example_holds_and_shows_its_symbol(equation: Equation) -> None:
    for seed in range(0, 1000, 100):
        equation.verify(seed)
    key = ROWS[equation.label].key.removesuffix(" above")
    if key.startswith(":"):
        return
    symbols = [t.text for t in tokenize(equation.tex)]
    where = equation.binding if key.isalpha() and key not in ("e", "T", "H") else " ".join(symbols).replace("- ", "-")
    assert key.strip() in where


@pytest.mark.parametrize("rule", ["index", "call", "tuple", "num", "mul", "pow", "factorial", "prime"])
def test_the_example_of_a_rule_has_its_operation(rule: str) -> None:
    equation = next(e for e in EQUATIONS if e.label == f"notation-rule-{rule}")
    scene = Scene(Binding(equation.binding, "", "p", 1), NAMES, 0)
    nodes: list[Node] = [n for part in scene.read(equation.tex) for s in part for n in s.walk()]
    assert rule in {n.op for n in nodes}


def test_misprints_of_the_examples_turn_red() -> None:
    scores = [e.score() for e in EQUATIONS]
    assert [text for s in scores for text in s.survivors] == []
    assert sum(len(s.equal) for s in scores) <= 0.05 * sum(s.total for s in scores)
