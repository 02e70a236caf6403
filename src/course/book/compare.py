"""When a printed output, or a number in the text, is what the run gives.

An integer, or a number printed without decimals, must match exactly. Another may differ by one unit in its last printed
place, which is what another machine's rounding can do to it; where the run gives more digits than the page shows, the
page must show them rounded.
"""

import math
import operator
import re

RELATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
NUMBER = re.compile(r"(?<![\w.])[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?=j?(?!\w))")


def same(page: str, run: str) -> bool:
    """Whether an output on the page is what the run printed, line by line, spaces between words and numbers aside."""
    expected, came = page.rstrip().splitlines(), run.rstrip().splitlines()
    return len(expected) == len(came) and all(map(same_line, expected, came))


def same_line(expected: str, came: str) -> bool:
    """Compare the words of two lines exactly, and their numbers as numbers."""
    words, others = ([" ".join(w.split()) for w in NUMBER.split(line)] for line in (expected, came))
    return words == others and all(map(same_number, NUMBER.findall(expected), NUMBER.findall(came)))


def decimals(number: str) -> int:
    """How many places after the point a number in decimal notation has."""
    mantissa, _, exponent = number.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


def same_number(expected: str, came: str) -> bool:
    """Whether the run's number, printed, is the one on the page."""
    if expected == came:
        return True
    if not re.search(r"\.\d", expected) or not re.search(r"[.e]", came, re.I):
        return "." in expected and "." in came and float(expected) == float(came)
    return near(expected, float(came), 0.5 if decimals(came) > decimals(expected) else 1)


def near(printed: str, value: float, units: float) -> bool:
    """Whether a value is within so many units in the last printed place of a number, binary rounding aside."""
    tolerance = units * 10.0 ** -decimals(printed) * (1 + 1e-6)
    return math.isclose(float(printed), value, rel_tol=1e-15, abs_tol=tolerance)


def states(printed: str, relation: str, value: float) -> bool:
    """Whether a number in the text says the truth about a value: `4`, `= 4.2` rounded right, `at least 98`."""
    if relation in RELATIONS:
        return bool(RELATIONS[relation](float(printed), value))
    if decimals(printed) <= 0 and "e" not in printed:
        return math.isclose(float(printed), value, rel_tol=1e-12)
    return near(printed, value, 0.5)
