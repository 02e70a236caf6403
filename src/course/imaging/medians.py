"""Medians of windows: exact, by minima and maxima that neighbouring windows share, and adaptive.

A picture in a row, pixel after pixel, is a vector, and its neighbour in every place is the same vector, shifted. A
step takes the minimum or the maximum of two such rows in all places at once. A sorted list is a list of rows: in every
place, the first row has the smallest of the values that a window covers there, the last one the largest. Columns of
pixels are sorted once; sorted windows of one, two, four columns grow by merging a list with its own shifted copy; and
what the median does not read is never computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, reduce
from operator import index
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.borders import Boundary, extended
from course.imaging.picture import grey

Array = NDArray[Any]
Sizes = SupportsIndex | Sequence[SupportsIndex]
Wire = tuple[int, int]  # a row, and from where it is read
Ufunc = Callable[..., Any]
Step = tuple[Ufunc, Wire, Wire]
Call = tuple[Ufunc, Array, Array, Array]

BLOCK = 65_536  # bytes of a row: those in use stay in the cache
CACHE = 16_000_000  # bytes of all rows, where a window has many


# --8<-- [start:median]
def median(
    image: ArrayLike,
    size: Sizes,
    boundary: Boundary = "reflect",
    value: float = 0,
) -> Array:
    """y[i] = the middle one of the sorted window x[i + p].

    As scipy.ndimage.median_filter, exactly, in the picture's own
    type. The window has an odd number of rows and of columns.

    >>> x = np.array([[1, 1, 1, 9, 9], [1, 0, 1, 9, 9]], np.uint8)
    >>> median(x, 3)
    array([[1, 1, 1, 9, 9],
           [1, 1, 1, 9, 9]], dtype=uint8)
    """
    x = grey("median", image, infinite=True)
    k, m = odd_window("median", size)
    if not x.size:
        return x.copy()
    wide = _wide("median", x, (k, m), boundary, value)
    if m == 1:  # the columns are what is shared
        return _medians(wide.T, m, k).T.copy()
    return _medians(wide, k, m)


# --8<-- [end:median]


# --8<-- [start:adaptive_median]
def adaptive_median(
    image: ArrayLike,
    max_size: SupportsIndex,
    boundary: Boundary = "reflect",
    value: float = 0,
) -> Array:
    """y = x between the extremes of its window, else the median.

    A: from 3×3 on the window grows until its median lies between
    its smallest and its largest value; at max_size the median is
    the answer. B: if the pixel itself lies between these two, it
    stays; otherwise the median replaces it.

    >>> x = np.array([[5, 6, 0, 7], [6, 0, 9, 8], [4, 7, 6, 7]])
    >>> adaptive_median(x, 5)
    array([[5, 6, 6, 7],
           [6, 6, 7, 8],
           [4, 7, 6, 7]])
    """
    x = grey("adaptive_median", image, infinite=True)
    top, _ = odd_window("adaptive_median", max_size)
    if top < 3:
        raise ValueError(
            f"adaptive_median: max_size is {top}, but the first "
            "window is 3×3"
        )
    if not x.size:
        return x.copy()
    y, undecided = x.copy(), np.ones(x.shape, bool)
    windows = _windows(x, top, boundary, value)
    for least, middle, most in windows:
        between = (least < middle) & (middle < most)
        stays = between & (least < x) & (x < most)
        answer = np.where(stays, x, middle)
        np.copyto(y, answer, where=undecided)
        undecided &= ~between
        if not undecided.any():
            break
    return y


# --8<-- [end:adaptive_median]


def _windows(
    x: Array, top: int, boundary: Boundary, value: float
) -> Iterator[tuple[Array, Array, Array]]:
    """Smallest value, median and largest value of the windows 3×3, 5×5, … up to top×top of each pixel."""
    low = high = _wide(
        "adaptive_median", x, (top, top), boundary, value
    )
    for size in range(3, top + 1, 2):
        low = _nine(np.minimum, low)
        high = _nine(np.maximum, high)
        margin = (top - size) // 2
        inside = tuple(slice(margin, margin + n) for n in x.shape)
        middle = median(x, size, boundary, value)
        yield low[inside], middle, high[inside]


def _wide(
    name: str,
    x: Array,
    size: tuple[int, int],
    boundary: Boundary,
    value: float,
) -> Array:
    """The picture as its outermost windows read it."""
    whole = (
        x.dtype.kind == "f"
        or np.asarray(value).astype(x.dtype) == value
    )
    if not (np.isfinite(value) and whole):
        raise ValueError(
            f"{name}: value is {value}, which a picture of {x.dtype} cannot have beyond its border"
        )
    return extended(
        name, x, [(n // 2, n // 2) for n in size], boundary, value
    )


def _nine(f: Ufunc, x: Array) -> Array:
    """The minimum or maximum of every 3×3 window that lies inside."""
    x = f(f(x[:-2], x[1:-1]), x[2:])
    x = f(f(x[:, :-2], x[:, 1:-1]), x[:, 2:])
    return x


def _medians(wide: Array, k: int, m: int) -> Array:
    """The medians of all k×m windows inside the picture, block by block of its rows laid end to end."""
    height, width = wide.shape[0] - k + 1, wide.shape[1] - m + 1
    flat, stride = wide.ravel(), wide.shape[1]
    if flat.dtype == bool:
        flat = flat.view(np.uint8)
    total, room = height * stride, min(BLOCK, CACHE // (k * m))
    n = min(total, max(1024, room // flat.itemsize))
    source, calls, result = _bound(k, m, stride, n, flat.dtype)
    y = np.empty(total, flat.dtype)
    for start in range(0, total, n):
        part = flat[start : start + len(source)]
        source[: len(part)] = part
        for f, a, b, out in calls:
            f(a, b, out=out)
        y[start : start + n] = result[: total - start]
    y = y.reshape(height, stride)[:, :width]
    return np.ascontiguousarray(y).view(wide.dtype)


# --8<-- [start:merged]
def merged(
    steps: list[Step], a: list[Wire], b: list[Wire]
) -> list[Wire]:
    """Two sorted lists as one: Batcher's odd-even merge.

    The even entries of both are merged, and the odd ones; then
    neighbours are compared once. Each comparison is two steps.

    >>> steps = []
    >>> merged(steps, [(0, 0)], [(0, 1)])  # a row and its neighbour
    [(1, 0), (2, 0)]
    """
    if not a or not b:
        return a + b
    if len(a) == len(b) == 1:
        return compared(steps, a[0], b[0])
    even = merged(steps, a[::2], b[::2])
    odd = merged(steps, a[1::2], b[1::2])
    pairs = list(zip(odd, even[1:], strict=False))
    out = even[:1]
    for pair in pairs:
        out += compared(steps, *pair)
    return out + odd[len(pairs) :] + even[len(pairs) + 1 :]


def compared(steps: list[Step], a: Wire, b: Wire) -> list[Wire]:
    """The smaller of two rows in every place, and the larger."""
    return [
        step(steps, f, a, b) for f in (np.minimum, np.maximum)
    ]


def step(steps: list[Step], f: Ufunc, a: Wire, b: Wire) -> Wire:
    """One more step; step t makes row t, and row 0 is the picture."""
    steps.append((f, a, b))
    return len(steps), 0


# --8<-- [end:merged]


# --8<-- [start:ranked]
def ranked(
    steps: list[Step], a: list[Wire], b: list[Wire], rank: int
) -> Wire:
    """min over i of max(a[i − 1], b[rank − i]): entry rank of both.

    Of two sorted lists, i entries of a and rank + 1 − i entries of
    b lie at or below the larger of their last ones. The best i
    takes the smallest rank + 1 of all.
    """

    def last_of(i: int) -> Wire:
        if i == 0:
            return b[rank]
        if i == rank + 1:
            return a[rank]
        return step(steps, np.maximum, a[i - 1], b[rank - i])

    least = max(0, rank + 1 - len(b))
    most = min(len(a), rank + 1)
    return reduce(
        lambda p, q: step(steps, np.minimum, p, q),
        map(last_of, range(least, most + 1)),
    )


# --8<-- [end:ranked]


# --8<-- [start:network]
def network(
    k: int, m: int, stride: int
) -> tuple[list[Step], Wire]:
    """The steps from the picture (row 0) to the median of k×m.

    Of c columns' sorted values only those are kept that can still
    be the middle when the other m − c columns have had their say.
    """
    steps: list[Step] = []
    pixels = sorted_windows(steps, [(0, 0)], k, stride)
    column = reduce(lambda a, b: merged(steps, a, b), pixels)
    first, *others = sorted_windows(steps, column, m, 1)
    rank, rest = k * m // 2, k * m - len(first)
    for part in others[:-1]:
        rest -= len(part)
        first = merged(steps, first, part)
        never = max(0, rank - rest)
        first, rank = first[never : rank + 1], rank - never
    if others:
        return steps, ranked(steps, first, others[-1], rank)
    return steps, first[rank]


def sorted_windows(
    steps: list[Step], one: list[Wire], count: int, apart: int
) -> list[list[Wire]]:
    """`count` sorted lists, side by side, as few larger ones.

    A list of 2 is one merged with its neighbour, a list of 4 is a
    list of 2 merged with its neighbour; 13 = 8 + 4 + 1.
    """
    lists, size = {1: one}, 1
    while 2 * size <= count:
        beside = shifted(lists[size], size * apart)
        lists[2 * size] = merged(steps, lists[size], beside)
        size *= 2
    parts, start = [], 0
    for size in reversed(lists):
        if count & size:
            parts.append(shifted(lists[size], start * apart))
            start += size
    return parts


def shifted(wires: list[Wire], by: int) -> list[Wire]:
    """The same rows, read further on."""
    return [(row, offset + by) for row, offset in wires]


# --8<-- [end:network]


@lru_cache(maxsize=32)
def _needed(
    k: int, m: int, stride: int
) -> tuple[dict[int, Step], dict[int, int], Wire]:
    """The steps that the median needs, by the row they make; how much longer than a block each row is; the median."""
    steps, middle = network(k, m, stride)
    longer = {0: 0, middle[0]: middle[1]}
    needed = {}
    for row in range(len(steps), 0, -1):
        if row in longer:
            needed[row] = steps[row - 1]
            for source, offset in needed[row][1:]:
                longer[source] = max(
                    longer.get(source, 0), offset + longer[row]
                )
    return dict(reversed(needed.items())), longer, middle


def _bound(
    k: int, m: int, stride: int, n: int, dtype: np.dtype[Any]
) -> tuple[Array, list[Call], Array]:
    """The steps as calls on a few arrays: where the block goes, the calls, where the medians then are.

    An array that nobody will read again is the next to be written, while it is still in the cache.
    """
    needed, longer, (last, offset) = _needed(k, m, stride)
    reader = {
        source: row
        for row, (_, *sources) in needed.items()
        for source, _ in sources
    }
    size = n + max((longer[row] for row in needed), default=0)
    rows = {0: np.zeros(n + longer[0], dtype)}
    free: list[Array] = []
    calls = []
    for row, (f, (a, i), (b, j)) in needed.items():
        length = n + longer[row]
        rows[row] = free.pop() if free else np.empty(size, dtype)
        calls.append(
            (
                f,
                rows[a][i : i + length],
                rows[b][j : j + length],
                rows[row][:length],
            )
        )
        free += [
            rows[s] for s in {a, b} if s and reader[s] == row
        ]
    return rows[0], calls, rows[last][offset : offset + n]


def window(operation: str, size: Sizes) -> tuple[int, int]:
    """The rows and the columns of a window, at least one of each."""
    pair = (
        (size, size)
        if isinstance(size, SupportsIndex)
        else tuple(size)
    )
    if len(pair) != 2:
        raise ValueError(
            f"{operation}: size is {size}, but a window has rows and columns"
        )
    k, m = index(pair[0]), index(pair[1])
    if k < 1 or m < 1:
        raise ValueError(
            f"{operation}: size is {size}, but a window has at least one row and column"
        )
    return k, m


def odd_window(operation: str, size: Sizes) -> tuple[int, int]:
    """A window that has a middle pixel."""
    k, m = window(operation, size)
    if k % 2 == 0 or m % 2 == 0:
        raise ValueError(
            f"{operation}: size is {size}, but only a window of odd sizes has a middle"
        )
    return k, m
