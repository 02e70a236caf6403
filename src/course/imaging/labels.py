"""Connected regions: runs of foreground pixels in each row, joined where they touch; numbered and measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.picture import grey, reach

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Labels = NDArray[np.int32]

OBJECT = np.dtype(
    [
        ("label", np.int64),
        ("area", np.int64),
        ("centroid", np.float64, 2),
        ("box", np.int64, 4),
        ("axes", np.float64, 2),
        ("orientation", np.float64),
    ]
)


# --8<-- [start:label]
def label(
    image: ArrayLike, connectivity: int = 1
) -> tuple[Labels, int]:
    """Number the connected regions of pixels that are not zero.

    Two pixels are neighbours where |Δi| + |Δj| = 1, or with
    connectivity 2 where max(|Δi|, |Δj|) = 1. Numbers run from 1
    in the order of the regions' first pixels, row by row; 0 is
    background. Equal to scipy.ndimage.label.

    >>> labels, count = label([[1, 1, 0, 1], [0, 0, 1, 1]])
    >>> print(labels, count)
    [[1 1 0 2]
     [0 0 2 2]] 2
    >>> label([[1, 1, 0, 1], [0, 0, 1, 1]], connectivity=2)[1]
    1
    """
    mask = grey("label", image) != 0
    run, root = joined_runs(mask, reach("label", connectivity))
    first = root == np.arange(len(root))
    number = np.cumsum(first, dtype=np.int32)[root]
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = number[run[mask]]
    return labels, int(first.sum())


# --8<-- [end:label]


# --8<-- [start:joined_runs]
def joined_runs(
    mask: Bools, diagonal: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The run of each pixel, and for each run its region's first.

    A run is a stretch of foreground in one row. The runs are the
    nodes of a graph, and two that touch are joined by an edge. In
    each round a root bows to the smallest root that it touches,
    and every run jumps on to the root of its root; edges within
    one region drop out, until none is left.
    """
    run = np.cumsum(run_starts(mask)).reshape(mask.shape) - 1
    one, other = contacts(mask, run, diagonal)
    root = np.arange(run[-1, -1] + 1 if run.size else 0)
    while len(one):
        a, b = root[one], root[other]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(further := root[root], root):
            root = further
        apart = root[one] != root[other]
        one, other = one[apart], other[apart]
    return run, root


# --8<-- [end:joined_runs]


def run_starts(mask: Bools) -> Bools:
    """Foreground with no foreground on its left."""
    starts = mask.copy()
    np.greater(mask[:, 1:], mask[:, :-1], out=starts[:, 1:])
    return starts


def contacts(
    mask: Bools, run: NDArray[np.intp], diagonal: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of runs that touch: once for each stretch in which one lies above the other."""
    up, down = mask[:-1], mask[1:]
    places = [np.nonzero(run_starts(up & down))]
    steps = [0]
    if diagonal:  # where only the two corners are foreground
        right = (
            up[:, :-1] & down[:, 1:] & ~up[:, 1:] & ~down[:, :-1]
        )
        left = (
            up[:, 1:] & down[:, :-1] & ~up[:, :-1] & ~down[:, 1:]
        )
        places += [np.nonzero(right), np.nonzero(left)]
        steps += [1, -1]
        places[2] = (places[2][0], places[2][1] + 1)
    pairs = [
        (run[i, j], run[i + 1, j + step])
        for (i, j), step in zip(places, steps, strict=True)
    ]
    one, other = (
        np.concatenate(p) for p in zip(*pairs, strict=True)
    )
    return one, other


# --8<-- [start:measure]
def measure(labels: ArrayLike) -> Array:
    """Area, centroid, box, axes and orientation of each label.

    A structured array, one row for each label that occurs, from
    the smallest up, with the fields

    - label, and area, in pixels;
    - centroid, (row, column);
    - box, (first row, first column, end row, end column), where
      the ends are one past the last;
    - axes, the lengths of the longer and the shorter axis of the
      ellipse that has the same second moments, 4√λ;
    - orientation, the angle from the downward direction (along
      a column) to the longer axis, positive towards the right,
      in (−π/2, π/2]: the axis runs along (cos θ, sin θ) in (row,
      column). It is nan where no axis is longer than another.

    Equal to skimage.measure.regionprops, but for that nan.

    >>> spot = measure([[0, 1, 1, 1], [2, 0, 0, 0]])[0]
    >>> print(spot["area"], spot["centroid"], spot["box"])
    3 [0. 2.] [0 1 1 4]
    >>> print(spot["orientation"].round(3))
    1.571
    """
    given = grey("measure", labels)
    if given.dtype.kind == "b":
        raise TypeError(
            "measure: a mask has no numbers yet, but measure "
            "needs them; label(mask) gives each region its own"
        )
    if given.dtype.kind == "f" or given.min(initial=0) < 0:
        raise ValueError(
            "measure: labels are whole numbers from 0 up, but "
            f"they are of type {given.dtype}, "
            f"from {given.min()} to {given.max()}"
        )
    i, j = np.nonzero(given)
    names, which, areas = np.unique(
        given[i, j], return_inverse=True, return_counts=True
    )
    out = np.zeros(len(names), OBJECT)
    out["label"], out["area"] = names, areas
    out["box"] = boxes(which, i, j, len(names))
    mean_i, mean_j = (
        np.bincount(which, a, len(names)) / areas for a in (i, j)
    )
    out["centroid"] = np.stack([mean_i, mean_j], axis=1)
    moments = second_moments(which, i, j, areas)
    out["axes"], out["orientation"] = axes(*moments)
    return out


# --8<-- [end:measure]


def boxes(
    which: NDArray[np.intp], i: Array, j: Array, count: int
) -> NDArray[np.int64]:
    """First row, first column, end row and end column of each object."""
    box = np.empty((count, 4), np.int64)
    for axis, place in enumerate((i, j)):
        low = np.full(count, np.iinfo(np.int64).max)
        high = np.full(count, -1)
        np.minimum.at(low, which, place)
        np.maximum.at(high, which, place)
        box[:, axis], box[:, axis + 2] = low, high + 1
    return box


# --8<-- [start:second_moments]
def second_moments(
    which: NDArray[np.intp], i: Array, j: Array, areas: Array
) -> tuple[Array, Array, Array]:
    """The means of di², di dj and dj² around each centroid.

    N Σ di dj − Σ di Σ dj, over N²: counted from a whole pixel near
    the centroid, the sums are whole numbers and exact.
    """
    n = len(areas)
    totals = [np.bincount(which, a, n) for a in (i, j)]
    di, dj = (
        place - np.rint(total / areas)[which]
        for place, total in zip((i, j), totals, strict=True)
    )
    si, sj = np.bincount(which, di, n), np.bincount(which, dj, n)

    def mean(a: Array, b: Array, sa: Array, sb: Array) -> Array:
        exact = areas * np.bincount(which, a * b, n) - sa * sb
        out: Array = exact / areas.astype(float) ** 2
        return out

    return (
        mean(di, di, si, si),
        mean(di, dj, si, sj),
        mean(dj, dj, sj, sj),
    )


# --8<-- [end:second_moments]


# --8<-- [start:axes]
def axes(a: Array, b: Array, c: Array) -> tuple[Array, Array]:
    """The axes 4√λ and the angle θ of ((a, b), (b, c)), in rows.

    λ = (a + c ± √((a − c)² + 4b²)) / 2, and tan 2θ = 2b / (a − c).
    """
    split = np.hypot(a - c, 2 * b)
    values = np.stack([a + c + split, a + c - split], axis=-1) / 2
    theta = np.arctan2(2 * b, a - c) / 2
    return (
        4 * np.sqrt(np.maximum(values, 0)),
        np.where(split > 0, theta, np.nan),
    )


# --8<-- [end:axes]
