"""Otsu's method: the grey levels that part a picture into classes with as little spread as can be."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.picture import grey

Array = NDArray[Any]
Floats = NDArray[np.float64]
Tally = tuple[
    Array, Floats, Floats
]  # the values, how often each, and their totals

MOST = 4096  # distinct values that are judged one by one
ROWS = 64  # rows of the table of scores at a time: they stay in the cache
TIE = 1e-12  # two scores that differ by less of the whole are equal but for rounding


# --8<-- [start:otsu]
def otsu(
    image: ArrayLike,
    thresholds: int = 1,
    bins: int | None = 256,
) -> Array:
    """The n levels t that make σ_B² = Σ_k ω_k (μ_k − μ)² largest.

    ω_k is the share of class k and μ_k its mean. Class 0 is all
    pixels ≤ t[0], class 1 those > t[0] and ≤ t[1], and so on:
    foreground is > t. Each threshold is a value of the picture,
    the largest of its class. Of equally good choices, the lowest.

    It is the best of all choices, for any n, where the picture
    has at most 4096 distinct values, whole numbers or floats. One
    with more is sorted into `bins` bins of equal width, and the
    choice is the best among the cuts between bins.

    >>> print(otsu([[0, 1, 9, 9], [1, 0, 20, 21]]))
    [9]
    >>> print(otsu([[0, 1, 9, 9], [1, 0, 20, 21]], 2))
    [1 9]
    """
    x = grey("otsu", image)
    n = at_least_one("thresholds", thresholds)
    value, count, total = tallied(x, bins)
    if len(value) <= n:
        raise ValueError(
            f"otsu: the picture has {len(value)} distinct values "
            "to tell apart, "
            f"but thresholds={n} needs at least {n + 1}"
        )
    return value[best_cuts(count, total, n + 1) - 1]


# --8<-- [end:otsu]


# --8<-- [start:best_cuts]
def best_cuts(
    count: Floats, total: Floats, classes: int
) -> NDArray[np.intp]:
    """Where to cut m sorted values: the largest n σ_B².

    A class adds T² / N, where N is the number of its pixels and T
    the total of their values less the mean: differences of prefix
    sums. best[k][r] is the most that the r lowest values make in
    k + 1 classes, and with N and T of the values c … r − 1

        best[k][r] = max over c < r of best[k−1][c] + T² / N.
    """
    m = len(count)
    N = np.append(0, np.cumsum(count))
    deviation = total - count * (total.sum() / N[m])
    T = np.append(0, np.cumsum(deviation))
    near = TIE * float(np.sum(deviation**2 / count))

    best = np.full((classes, m + 1), -np.inf)
    last = np.zeros((classes, m + 1), np.intp)
    best[0, 1:] = T[1:] ** 2 / N[1:]
    for a in range(1, m + 1, ROWS) if classes > 2 else ():
        r = np.arange(a, min(a + ROWS, m + 1))
        score = class_scores(N, T, r)
        for k in range(1, classes - 1):
            found = best[k - 1, : r[-1]] + score
            last[k, r], best[k, r] = first_best(found, near)

    found = best[-2, :m] + class_scores(N, T, np.array([m]))
    last[-1, m] = first_best(found, near)[0][0]
    cuts = [m]
    for k in range(classes - 1, 0, -1):
        cuts.append(int(last[k, cuts[-1]]))
    return np.array(cuts[:0:-1])


# --8<-- [end:best_cuts]


def class_scores(
    N: Floats, T: Floats, r: NDArray[np.intp]
) -> Floats:
    """T² / N of the values c … r − 1, for each r and all c: −∞ where there are none."""
    pixels = N[r, None] - N[: r[-1]]
    none = pixels <= 0
    pixels[none] = 1
    score: Floats = (T[r, None] - T[: r[-1]]) ** 2
    score /= pixels
    score[none] = -np.inf
    return score


def first_best(
    found: Floats, near: float
) -> tuple[NDArray[np.intp], Floats]:
    """In each row the first place that is as good as the best, and the best."""
    top = found.max(axis=1)
    return (found >= (top - near)[:, None]).argmax(axis=1), top


def tallied(x: Array, bins: int | None) -> Tally:
    """The values to choose from, from the lowest up, the pixels that each has, and their total above the lowest."""
    if not x.size:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    if x.dtype.kind == "b":
        x = x.view(np.uint8)
    low, high = x.min(), x.max()
    if x.dtype.kind in "ui" and int(high) - int(low) < 65536:
        all_counts = np.bincount(
            (x - low if low else x).ravel().astype(np.intp)
        )
        held = np.flatnonzero(all_counts)
        value, count = held + int(low), all_counts[held]
    else:
        value, count = np.unique(x, return_counts=True)
    above = value.astype(float) - float(low)
    if len(value) <= MOST:
        return value, count.astype(float), count * above
    if bins is None:
        raise ValueError(
            f"otsu: the picture has {len(value)} distinct values, and bins is None; "
            f"above {MOST} values it must be told how many bins to sort them into"
        )
    k = at_least_one("bins", bins)
    index = np.minimum(above / above[-1] * k, k - 1).astype(int)
    ends = np.flatnonzero(np.diff(index, append=k))
    pixels = np.bincount(index, count)[index[ends]]
    totals = np.bincount(index, count * above)[index[ends]]
    return value[ends], pixels, totals


def at_least_one(name: str, value: int) -> int:
    """A whole number of at least 1."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"otsu: {name} is {value!r}, but it must be a whole number"
        ) from None
    if number < 1:
        raise ValueError(
            f"otsu: {name} is {number}, but it must be at least 1"
        )
    return number
