"""Sixty equations of the kinds that the book prints: all hold, and nearly none of their misprints does."""

from pathlib import Path

import pytest

from .holding import Equation, equations

PAGE = equations(Path(__file__).with_name("page.md"))


def test_the_page_has_sixty_equations() -> None:
    assert len(PAGE) == 60
    assert len({e.label for e in PAGE}) == 60


@pytest.mark.parametrize("equation", PAGE, ids=lambda e: e.label)
def test_an_equation_holds_on_every_draw(equation: Equation) -> None:
    for seed in range(0, 1000, 100):
        verdict = equation.verify(seed)
        assert verdict.numbers > 0


def test_misprints_turn_red() -> None:
    scores = [e.score() for e in PAGE]
    total, killed, equal = (sum(n) for n in zip(*((s.total, s.killed, len(s.equal)) for s in scores), strict=True))
    assert [text for s in scores for text in s.survivors] == []
    assert total > 2500
    assert killed >= 0.99 * total
    assert equal <= 0.05 * total
