"""Point transforms, histograms, and the average of many pictures of one scene.

Grey levels run from 0 to the `data_range`, which is 255 for uint8 and 65535 for uint16; pictures of all other types
say theirs. Integers are transformed by a table with one entry a level, rounded, and keep their dtype; float32 stays
float32, and all other numbers become float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.noise import picture

__all__ = [
    "average_stack",
    "average_stack_adjoint",
    "equalize",
    "gamma",
    "histogram",
    "log",
    "lookup",
    "lookup_adjoint",
    "match_histograms",
    "negative",
    "stretch",
]

Array = NDArray[Any]
Reals = NDArray[np.float64]
Transform = Callable[[Reals], Reals]
TABLE = 2**16  # levels; with more, every pixel is computed


# --8<-- [start:lookup]
def lookup(image: ArrayLike, table: ArrayLike) -> Array:
    """s[i, j] = t[r[i, j]]: the level is the place in the table.

    A picture of whole numbers, any shape; the result has the
    table's dtype. It is linear in the table, and not in the
    picture.

    >>> from course.imaging import intensity
    >>> intensity.lookup([[0, 2], [1, 2]], [7, 5, 0])
    array([[7, 0],
           [5, 0]])
    """
    r, t = levels("lookup", image), np.asarray(table)
    if t.ndim != 1 or t.size == 0:
        raise ValueError(
            f"lookup: the table has shape {t.shape}; it must "
            "have one axis, and an entry for each level"
        )
    below("lookup", r, t.size)
    return t[r]


# --8<-- [end:lookup]


# --8<-- [start:lookup_adjoint]
def lookup_adjoint(
    g: ArrayLike, image: ArrayLike, size: int
) -> Reals:
    """t̂[k] = Σ g[i, j] over all places with r[i, j] = k.

    The adjoint of `lookup` in its table of `size` entries: what
    was read from one place is added up there. With ones for g it
    is the histogram.

    >>> from course.imaging import intensity
    >>> image = [[0, 2], [1, 2]]
    >>> g = [[1, 10], [100, 500]]
    >>> intensity.lookup_adjoint(g, image, 3)
    array([  1., 100., 510.])
    """
    r = levels("lookup_adjoint", image)
    weights = np.asarray(g, dtype=np.float64)
    if weights.shape != r.shape:
        raise ValueError(
            f"lookup_adjoint: g has shape {weights.shape} and "
            f"the picture {r.shape}; they must be equal"
        )
    below("lookup_adjoint", r, size)
    totals = np.bincount(r.ravel(), weights.ravel(), size)
    return totals.astype(np.float64, copy=False)


# --8<-- [end:lookup_adjoint]


# --8<-- [start:pointwise]
def pointwise(
    operation: str, image: Array, top: float, T: Transform
) -> Array:
    """s = T(r), by a table where there are levels to list."""
    if image.dtype.kind == "f":
        s = T(image.astype(np.float64))
        return s.astype(image.dtype, copy=False)
    below(operation, image, int(top) + 1)
    if top >= TABLE:
        s = np.rint(T(image.astype(np.float64)))
        return s.astype(image.dtype)
    every = T(np.arange(int(top) + 1.0))
    table = np.rint(every).astype(image.dtype)
    return table[image]


# --8<-- [end:pointwise]


# --8<-- [start:negative]
def negative(
    image: ArrayLike, *, data_range: float | None = None
) -> Array:
    """s = R − r, R the highest level.

    As skimage.util.invert, for uint8, and for floats with R = 1.

    >>> from course.imaging import intensity
    >>> print(intensity.negative(np.array([0, 100], np.uint8)))
    [255 155]
    """
    x, top = ranged("negative", image, data_range)
    return pointwise("negative", x, top, lambda r: top - r)


# --8<-- [end:negative]


# --8<-- [start:gamma]
def gamma(
    image: ArrayLike,
    exponent: float,
    *,
    data_range: float | None = None,
) -> Array:
    """s = R (r / R)^γ: brighter for γ < 1, darker for γ > 1.

    As skimage.exposure.adjust_gamma, for uint8, and for floats
    with R = 1.

    >>> from course.imaging import intensity
    >>> x = np.array([0, 64, 128, 255], np.uint8)
    >>> print(intensity.gamma(x, 0.5))
    [  0 128 181 255]
    """
    x, top = ranged("gamma", image, data_range)
    if not 0 < exponent < np.inf:
        raise ValueError(
            f"gamma: the exponent is {exponent}; it must be a "
            "number more than 0"
        )
    not_negative("gamma", x)
    return pointwise(
        "gamma", x, top, lambda r: top * (r / top) ** exponent
    )


# --8<-- [end:gamma]


# --8<-- [start:log]
def log(
    image: ArrayLike,
    strength: float | None = None,
    *,
    data_range: float | None = None,
) -> Array:
    """s = R log(1 + k r / R) / log(1 + k), k the strength.

    Without a strength k is R, and s = c log(1 + r) as textbooks
    have it. With k = 1 it is skimage.exposure.adjust_log, but for
    the rounding: that one cuts integers off.

    >>> from course.imaging import intensity
    >>> x = np.array([0, 1, 15, 255], np.uint8)
    >>> print(intensity.log(x))
    [  0  32 128 255]
    """
    x, top = ranged("log", image, data_range)
    k = top if strength is None else strength
    if not 0 < k < np.inf:
        raise ValueError(
            f"log: the strength is {k}; it must be a number more than 0"
        )
    not_negative("log", x)
    scale = top / np.log1p(k)
    return pointwise(
        "log", x, top, lambda r: scale * np.log1p(k * (r / top))
    )


# --8<-- [end:log]


# --8<-- [start:stretch]
def stretch(
    image: ArrayLike,
    low: float | None = None,
    high: float | None = None,
    *,
    data_range: float | None = None,
) -> Array:
    """s = R (r − a) / (b − a), cut off at 0 and R.

    From a = `low` to b = `high`, without them from the darkest
    pixel to the brightest. As skimage.exposure.rescale_intensity
    from (a, b) to (0, R), but for the rounding: that one cuts
    integers off.

    >>> from course.imaging import intensity
    >>> x = np.array([50, 60, 100], np.uint8)
    >>> print(intensity.stretch(x))
    [  0  51 255]
    """
    x, top = ranged("stretch", image, data_range)
    if x.size == 0:
        return x.copy()
    a = float(x.min() if low is None else low)
    b = float(x.max() if high is None else high)
    if not a < b:
        raise ValueError(
            f"stretch: the levels go from {a:g} to {b:g}; the "
            "second must be higher"
        )
    return pointwise(
        "stretch",
        x,
        top,
        lambda r: top * np.clip((r - a) / (b - a), 0, 1),
    )


# --8<-- [end:stretch]


# --8<-- [start:histogram]
def histogram(
    image: ArrayLike,
    bins: int | None = None,
    *,
    limits: tuple[float, float] | None = None,
) -> tuple[NDArray[np.int64], Reals]:
    """How many pixels each bin has, and the edges of the bins.

    As np.histogram(image, bins, limits), but that uint8 and
    uint16 pictures have one bin a level unless told otherwise:
    level k lies in the bin from k − 1/2 to k + 1/2. All others
    have 256 bins from the least number to the largest.

    >>> from course.imaging import intensity
    >>> x = np.array([[3, 0], [3, 255]], np.uint8)
    >>> counts, edges = intensity.histogram(x)
    >>> print(len(counts), counts[:5], edges[:3])
    256 [1 0 0 2 0] [-0.5  0.5  1.5]
    >>> counts, edges = intensity.histogram([0, 0.3, 1], bins=2)
    >>> print(counts, edges)
    [2 1] [0.  0.5 1. ]
    """
    x = np.asarray(image)
    if x.dtype.kind not in "uif":
        raise TypeError(
            f"histogram: the picture is {x.dtype}; it must be "
            "integers or floating-point numbers"
        )
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise ValueError(
            "histogram: the picture has entries that are not "
            "finite; each must be a number"
        )
    if bins is not None and bins < 1:
        raise ValueError(
            f"histogram: bins is {bins}; it must be at least 1"
        )
    whole = x.dtype in (np.uint8, np.uint16)
    if whole and bins is None and limits is None:
        size = np.iinfo(x.dtype).max + 1
        counts = np.bincount(x.ravel(), minlength=size)
        halves = np.arange(size + 1, dtype=np.float64) - 0.5
        return counts.astype(np.int64), halves
    counts, edges = np.histogram(
        x, 256 if bins is None else bins, limits
    )
    return counts.astype(np.int64), edges.astype(np.float64)


# --8<-- [end:histogram]


# --8<-- [start:equalize]
def equalize(
    image: ArrayLike, *, data_range: float | None = None
) -> Array:
    """s = R · (the share of pixels no brighter than r).

    The distribution function of the picture is its table.
    Floating-point levels are all told apart. scikit-image's
    equalize_hist does the same to integers but returns the
    share itself; floats it sorts into 256 bins, between
    whose centres it interpolates.

    >>> from course.imaging import intensity
    >>> x = np.array([10, 10, 11, 12], np.uint8)
    >>> print(intensity.equalize(x))
    [128 128 191 255]
    """
    x, top = ranged("equalize", image, data_range)
    if x.size == 0:
        return x.copy()
    if x.dtype.kind != "f" and top < TABLE:
        below("equalize", x, int(top) + 1)
        counts = np.bincount(x.ravel(), minlength=int(top) + 1)
        share = np.cumsum(counts) / x.size
        return np.rint(top * share).astype(x.dtype)[x]
    ranks = np.searchsorted(np.sort(x, axis=None), x, "right")
    s = top * (ranks / x.size)
    whole = x.dtype.kind != "f"
    return (np.rint(s) if whole else s).astype(x.dtype)


# --8<-- [end:equalize]


# --8<-- [start:match_histograms]
def match_histograms(
    image: ArrayLike,
    reference: ArrayLike,
    *,
    channel_axis: int | None = None,
) -> Array:
    """s = Q(F(r)): the reference's quantile of a level's share.

    F(r) is the share of pixels that are no brighter than r, and Q
    interpolates between the shares of the reference, whose shape
    may be another. The result is float64, or float32 if the
    picture is, and equal to skimage.exposure.match_histograms
    (which cuts it off to the picture's dtype in one case alone,
    with a channel_axis).

    >>> from course.imaging import intensity
    >>> print(intensity.match_histograms([1, 1, 2, 3], [0, 50, 60, 90]))
    [50. 50. 60. 90.]
    """
    x = finite("match_histograms", image)
    z = finite("match_histograms", reference)
    if z.size == 0:
        raise ValueError(
            "match_histograms: the reference has shape "
            f"{z.shape}; it must have at least one pixel"
        )
    dtype = x.dtype if x.dtype == np.float32 else np.float64
    if channel_axis is None:
        return match(x, z).astype(dtype)
    x, z = channels_first(x, z, channel_axis)
    matched = [match(p, q) for p, q in zip(x, z, strict=True)]
    y = np.array(matched, dtype).reshape(x.shape)
    return np.moveaxis(y, 0, channel_axis)


# --8<-- [end:match_histograms]


# --8<-- [start:match]
def match(x: Array, z: Array) -> Reals:
    """One channel, with the levels of another."""
    _, place, counts = occurring(x)
    targets, _, target_counts = occurring(z)
    there = target_counts > 0
    share = np.cumsum(counts) / x.size
    quantile = np.cumsum(target_counts[there]) / z.size
    table = np.interp(share, quantile, targets[there])
    y: Reals = table[place].reshape(x.shape)
    return y


# --8<-- [end:match]


# --8<-- [start:average_stack]
def average_stack(stack: Sequence[ArrayLike] | Array) -> Array:
    """y = (x_0 + … + x_{K−1}) / K, for K pictures of one shape.

    The sum is taken in float64, so bytes do not wrap around. The
    result is float64, or float32 if the pictures are.

    >>> from course.imaging import intensity
    >>> bright = np.full((1, 2), 200, np.uint8)
    >>> print(intensity.average_stack([bright, bright + 50]))
    [[225. 225.]]
    """
    pictures = [np.asarray(x) for x in stack]
    if not pictures:
        raise ValueError(
            "average_stack: there is no picture; there must be "
            "at least one"
        )
    shapes = sorted({x.shape for x in pictures})
    if len(shapes) > 1:
        raise ValueError(
            "average_stack: the pictures have shapes "
            f"{', '.join(map(str, shapes))}; they must be equal"
        )
    total = np.zeros(shapes[0])
    for x in pictures:
        total += picture("average_stack", x)
    single = all(x.dtype == np.float32 for x in pictures)
    return (total / len(pictures)).astype(
        np.float32 if single else np.float64
    )


# --8<-- [end:average_stack]


# --8<-- [start:average_stack_adjoint]
def average_stack_adjoint(g: ArrayLike, count: int) -> Array:
    """h_k = g / K for every k: the adjoint of `average_stack`.

    >>> from course.imaging import intensity
    >>> print(intensity.average_stack_adjoint([6, 9], 3))
    [[2. 3.]
     [2. 3.]
     [2. 3.]]
    """
    share = picture("average_stack_adjoint", g)
    if count < 1:
        raise ValueError(
            f"average_stack_adjoint: count is {count}; there "
            "must be at least one picture"
        )
    return np.repeat(share[None] / count, count, axis=0)


# --8<-- [end:average_stack_adjoint]


def occurring(x: Array) -> tuple[Array, Array, Array]:
    """The levels of a picture, in order; where each pixel's is among them; and how often each comes.

    Bytes are counted, with zeros for levels that do not come; everything else is sorted.
    """
    if x.dtype in (np.uint8, np.uint16):
        counts = np.bincount(x.ravel())
        return np.arange(len(counts)), x, counts
    return np.unique(x, return_inverse=True, return_counts=True)


def levels(operation: str, image: ArrayLike) -> Array:
    """A picture of whole numbers."""
    r = np.asarray(image)
    if r.dtype.kind not in "ui":
        raise TypeError(
            f"{operation}: the picture is {r.dtype}; levels are whole numbers"
        )
    return r


def below(operation: str, r: Array, size: int) -> None:
    """Refuse levels for which there is no entry; NumPy would count negative ones from the end."""
    if r.size == 0:
        return
    least, most = int(r.min()), int(r.max())
    if least < 0 or most >= size:
        raise ValueError(
            f"{operation}: the levels go from {least} to {most}; they must lie in 0..{size - 1}"
        )


def finite(operation: str, image: ArrayLike) -> Array:
    """A picture of integers or finite floating-point numbers; half precision is made double."""
    x = np.asarray(image)
    return x if x.dtype.kind in "ui" else picture(operation, x)


def ranged(
    operation: str, image: ArrayLike, data_range: float | None
) -> tuple[Array, float]:
    """A picture with its highest level: as given, or that of a byte or a pair of bytes."""
    x = finite(operation, image)
    if data_range is None:
        if x.dtype in (np.uint8, np.uint16):
            return x, float(np.iinfo(x.dtype).max)
        raise ValueError(
            f"{operation}: data_range is missing; a picture of {x.dtype} must say its highest level, such as 255"
        )
    if not 0 < data_range < np.inf:
        raise ValueError(
            f"{operation}: data_range is {data_range}; it must be a number more than 0"
        )
    if x.dtype.kind != "f" and (
        data_range != int(data_range)
        or data_range > np.iinfo(x.dtype).max
    ):
        raise ValueError(
            f"{operation}: data_range is {data_range}; the levels of {x.dtype} are whole numbers up to "
            f"{np.iinfo(x.dtype).max}"
        )
    return x, float(data_range)


def not_negative(operation: str, x: Array) -> None:
    """Refuse levels below 0, of which there is no power and no logarithm."""
    if x.dtype.kind == "f" and x.size and x.min() < 0:
        raise ValueError(
            f"{operation}: the picture goes down to {x.min()}; levels are 0 or more"
        )


def channels_first(
    x: Array, z: Array, axis: int
) -> tuple[Array, Array]:
    """Both pictures, with as many channels in front."""
    for a in (x, z):
        if not -a.ndim <= axis < a.ndim:
            raise ValueError(
                f"match_histograms: channel_axis is {axis}; a picture has {a.ndim} dimensions"
            )
    x, z = np.moveaxis(x, axis, 0), np.moveaxis(z, axis, 0)
    if len(x) != len(z):
        raise ValueError(
            f"match_histograms: the picture has {len(x)} channels and the reference {len(z)}; they must be equal"
        )
    return x, z
