"""Regions that grow from seeds: by a fixed tolerance, or by the mean of what has joined so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.labels import joined_runs
from course.imaging.picture import grey, reach

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Labels = NDArray[np.int32]
Places = NDArray[np.intp]
Seeds = ArrayLike  # one (row, column), or several


# --8<-- [start:flood]
def flood(
    image: ArrayLike,
    seed: Seeds,
    tolerance: float = 0,
    connectivity: int = 1,
) -> Bools:
    """The region of the seed among |I(x) − I(seed)| ≤ tolerance.

    A region is what neighbours connect: four of each pixel, or
    eight with connectivity 2. Equal to skimage.segmentation.flood
    with the same tolerance and connectivity (its default is 2),
    but for a tolerance with a fraction on a picture of integers:
    there scikit-image cuts its bounds down to whole numbers.

    >>> print(flood([[5, 6, 9, 5], [9, 7, 8, 5]], (0, 0), 2) * 1)
    [[1 1 0 0]
     [0 1 0 0]]
    """
    x = grey("flood", image)
    i, j = seed_places("flood", seed, x.shape)[0]
    mask = close_to(x, x[i, j], tolerance)
    run, root = joined_runs(mask, reach("flood", connectivity))
    inside: Bools = root == root[run[i, j]]
    return mask & inside[run]


# --8<-- [end:flood]


def close_to(x: Array, value: Any, tolerance: float) -> Bools:
    """Where |x − value| ≤ tolerance: by two comparisons in the picture's own type, which cannot overflow."""
    if not tolerance >= 0:
        raise ValueError(
            f"flood: tolerance is {tolerance}, but it must be at least 0"
        )
    if x.dtype.kind == "b":
        x, value = x.view(np.uint8), np.uint8(value)
    low, high = value.item() - tolerance, value.item() + tolerance
    if x.dtype.kind in "ui":
        ends = np.iinfo(x.dtype)
        low = max(ends.min, int(np.ceil(max(low, ends.min))))
        high = min(ends.max, int(np.floor(min(high, ends.max))))
    mask: Bools = (x >= low) & (x <= high)
    return mask


# --8<-- [start:region_grow]
def region_grow(
    image: ArrayLike,
    seeds: Seeds,
    threshold: float | None = None,
    *,
    tolerance: float | None = None,
    connectivity: int = 1,
) -> Labels:
    """Regions 1, 2, … that grow from seeds (row, column).

    With `threshold`, a pixel x is similar to a region where
    ‖μ − I(x)‖ < threshold, μ being the mean of the region. Growth
    goes in sweeps: all free neighbours that are similar to the
    present means join at once; then the means are updated; until
    none joins. So the order of visits plays no part. A pixel that
    is similar to several regions joins the one with the nearest
    mean, and of equally near ones the first seed's. The picture
    may have channels, (row, column, channel).

    With `tolerance` instead, the region of a seed is its `flood`,
    and what several seeds reach is the first one's.

    >>> x = [[1, 2, 3, 9, 9], [1, 2, 9, 9, 9]]
    >>> print(region_grow(x, [(0, 0), (0, 4)], 2))
    [[1 1 1 2 2]
     [1 1 2 2 2]]
    """
    x = grey("region_grow", image, channels=tolerance is None)
    if (threshold is None) == (tolerance is None):
        raise TypeError(
            "region_grow: it needs one of threshold (grow by "
            "the mean) and tolerance (by the seed's value)"
        )
    places = seed_places("region_grow", seeds, x.shape)
    far = reach("region_grow", connectivity)
    if tolerance is not None:
        labels = np.zeros(x.shape, np.int32)
        for k in range(len(places), 0, -1):
            seed = places[k - 1]
            labels[flood(x, seed, tolerance, connectivity)] = k
        return labels
    if not threshold or not threshold > 0:
        raise ValueError(
            f"region_grow: threshold is {threshold}, but it must "
            "be more than 0"
        )
    return sweeps(x, places, threshold, far)


# --8<-- [end:region_grow]


# --8<-- [start:sweeps]
def sweeps(
    x: Array, seeds: Places, threshold: float, far: int
) -> Labels:
    """The sweeps of `region_grow`, on lists of pairs.

    A pair is a free pixel and a region that it touches. Pairs are
    kept: what is refused in one sweep may be similar to the mean
    of the next. A rim of −1 keeps every step inside the picture.
    """
    labels, values, steps = framed(x, far)
    label, value = labels.ravel(), values.reshape(labels.size, -1)
    n = len(seeds)
    total, size = np.zeros((n, value.shape[1])), np.zeros(n)
    pairs = np.zeros(0, np.intp)
    joined = (seeds + 1) @ [labels.shape[1], 1]
    names = np.arange(n)
    while len(joined):
        label[joined] = names + 1
        np.add.at(total, names, value[joined])
        size += np.bincount(names, minlength=n)
        touched = (joined[:, None] + steps) * n + names[:, None]
        pairs = np.unique(np.append(pairs, touched))
        pairs = pairs[label[pairs // n] == 0]
        place, name = np.divmod(pairs, n)
        mean = total / size[:, None]
        gap = np.linalg.norm(mean[name] - value[place], axis=1)
        similar = gap < threshold
        joined, names = nearest(
            place[similar], name[similar], gap[similar]
        )
    return labels[1:-1, 1:-1].copy()


# --8<-- [end:sweeps]


def framed(x: Array, far: int) -> tuple[Labels, Array, Places]:
    """Labels and values with a rim of one pixel, and the steps to a pixel's neighbours in the flat arrays."""
    rim = [(1, 1), (1, 1)] + [(0, 0)] * (x.ndim - 2)
    values = np.pad(x.astype(float), rim)
    down = values.shape[1]
    labels = np.full((values.shape[0], down), -1, np.int32)
    labels[1:-1, 1:-1] = 0
    steps = [-down, -1, 1, down]
    if far:
        steps += [-down - 1, 1 - down, down - 1, down + 1]
    return labels, values, np.array(steps)


def nearest(
    place: Places, name: Places, gap: Array
) -> tuple[Places, Places]:
    """Of the regions that want a place, the one with the smallest gap; of several, the first."""
    order = np.lexsort((name, gap, place))
    place, name = place[order], name[order]
    first = np.diff(place, prepend=-1) > 0
    return place[first], name[first]


def seed_places(
    operation: str, seeds: Seeds, shape: tuple[int, ...]
) -> Places:
    """The seeds as an array of (row, column), each inside the picture and none twice."""
    given = np.asarray(seeds)
    places = given[None] if given.ndim == 1 else given
    if (
        places.ndim != 2
        or places.shape[1] != 2
        or not len(places)
        or places.dtype.kind not in "iu"
    ):
        raise ValueError(
            f"{operation}: seeds are pairs of whole numbers (row, column), at least one, but {seeds!r} came"
        )
    rows, columns = shape[:2]
    outside = (places < 0) | (places >= (rows, columns))
    if outside.any():
        i, j = places[outside.any(axis=1)][0].tolist()
        raise ValueError(
            f"{operation}: the seed ({i}, {j}) lies outside a picture of {rows} rows and {columns} columns"
        )
    if len(np.unique(places, axis=0)) < len(places):
        raise ValueError(
            f"{operation}: two of the {len(places)} seeds are the same pixel, but a pixel has one label"
        )
    return places.astype(np.intp)
