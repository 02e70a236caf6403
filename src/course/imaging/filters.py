"""Neighbourhood filters: linear ones that correlate, and the median in all its forms.

A picture is read beyond its border by SciPy's names (`borders`). The linear filters return what their sums
are: integers where picture and kernel are integers, float32 where the picture is, else float64. SciPy casts
to the picture's type instead, and so cuts a mean of uint8 off; give it `output=float`, and both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Literal, SupportsIndex, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course import ops
from course.imaging.borders import Boundary, extended
from course.imaging.medians import (
    adaptive_median,
    median,
    window,
)
from course.imaging.picture import grey
from course.linear import LinearOperator

Array = NDArray[Any]
Sizes = SupportsIndex | Sequence[SupportsIndex]

__all__ = [
    "adaptive_median",
    "filter2d",
    "filter2d_adjoint",
    "filtering",
    "gaussian",
    "mean",
    "median",
    "sobel",
]

# The names of `ops.pad` for SciPy's boundaries.
PADDING: dict[
    str,
    Literal[
        "symmetric",
        "reflect",
        "replicate",
        "circular",
        "constant",
    ],
] = {
    "reflect": "symmetric",
    "mirror": "reflect",
    "nearest": "replicate",
    "wrap": "circular",
    "constant": "constant",
}


# --8<-- [start:filter2d]
def filter2d(
    image: ArrayLike,
    kernel: ArrayLike,
    boundary: Boundary = "reflect",
    value: float = 0,
) -> Array:
    """y[i] = Σ_p w[p] x[i + p − k//2]: the kernel is not flipped.

    As scipy.ndimage.correlate(image, kernel, mode=boundary), with
    an even kernel's origin where SciPy has it. Integers stay exact
    as int64; float32 stays float32; all else is float64.

    >>> filter2d([[0, 0, 0], [0, 1, 0]], [[1, 2, 3]])
    array([[0, 0, 0],
           [3, 2, 1]])
    """
    x, w = _operands("filter2d", image, kernel, value)
    if not x.size:
        return x.copy()
    widths = _reach(w.shape)
    x = extended("filter2d", x, widths, boundary, value)
    return ops.convolve(x, np.flip(w), "valid")


# --8<-- [end:filter2d]


# --8<-- [start:filter2d_adjoint]
def filter2d_adjoint(
    g: ArrayLike,
    kernel: ArrayLike,
    boundary: Boundary = "reflect",
) -> Array:
    """h[j] = Σ w[p] g[i] over all i that read j through tap p.

    The adjoint of `filter2d`: a full convolution scatters g into
    the extended picture, and the adjoint of the border adds what
    fell outside to the pixels it had been copied from.

    >>> filter2d_adjoint([[0, 0, 1]], [[1, 2, 3]])
    array([[0, 1, 5]])
    """
    g, w = _operands("filter2d_adjoint", g, kernel)
    if not g.size:
        return g.copy()
    if boundary not in PADDING:
        extended("filter2d_adjoint", g, [], boundary)  # refuses
    wide = ops.convolve(g, w, "full")
    mode = PADDING[boundary]
    return ops.pad_adjoint(wide, _reach(w.shape), mode=mode)


# --8<-- [end:filter2d_adjoint]


# --8<-- [start:filtering]
def filtering(
    kernel: ArrayLike,
    in_shape: Sequence[SupportsIndex],
    boundary: Boundary = "reflect",
) -> LinearOperator:
    """A x = filter2d(x, kernel, boundary), with its exact adjoint.

    >>> A = filtering([[0, 0, 1]], (1, 3))
    >>> A([[1, 2, 3]]), A.H([[1, 2, 3]])
    (array([[2, 3, 3]]), array([[0, 1, 5]]))
    """
    shape = tuple(int(n) for n in in_shape)
    return LinearOperator(
        shape,
        shape,
        lambda x: filter2d(x, kernel, boundary),
        lambda g: filter2d_adjoint(g, kernel, boundary),
        "filtering",
    )


# --8<-- [end:filtering]


# --8<-- [start:mean]
def mean(
    image: ArrayLike,
    size: Sizes,
    boundary: Boundary = "reflect",
    value: float = 0,
) -> Array:
    """y[i] = 1/(k m) Σ x[i + p] over the k·m pixels of a window.

    Columns are summed first and rows of sums then. A float result
    from any picture: scipy.ndimage.uniform_filter with
    output=float, which is where an even window lies, too.

    >>> mean([[9, 0, 0], [0, 0, 0], [0, 0, 18]], 3, "constant")
    array([[1., 1., 0.],
           [1., 3., 2.],
           [0., 2., 2.]])
    """
    x = _floats("mean", image)
    k, m = window("mean", size)
    if not x.size:
        return x
    x = extended("mean", x, _reach((k, m)), boundary, value)
    high, wide = len(x) - k + 1, x.shape[1] - m + 1
    rows = reduce(np.add, (x[i : high + i] for i in range(k)))
    columns = (rows[:, j : wide + j] for j in range(m))
    y: Array = reduce(np.add, columns) / (k * m)
    return y


# --8<-- [end:mean]


# --8<-- [start:gaussian]
def gaussian(
    image: ArrayLike,
    sigma: float | tuple[float, float],
    boundary: Boundary = "reflect",
    value: float = 0,
    truncate: float = 4.0,
) -> Array:
    """y = w x wᵀ for a bell w[p] ∝ exp(−p²/2σ²), |p| ≤ 4σ.

    As scipy.ndimage.gaussian_filter with output=float; a pair of
    sigmas is for rows and columns, and 0 leaves an axis as it is.

    >>> gaussian([[0, 0, 0, 1, 0, 0, 0]], 0.5).round(2)
    array([[0.  , 0.  , 0.11, 0.79, 0.11, 0.  , 0.  ]])
    """
    x = _floats("gaussian", image)
    pair = np.broadcast_to(sigma, 2)
    if not np.all((pair >= 0) & (pair < np.inf)):
        raise ValueError(
            f"gaussian: sigma is {sigma}, but no width is below 0"
        )
    for axis, s in enumerate(pair):
        bell = _bell(float(s), truncate)
        w = bell[:, None] if axis == 0 else bell
        x = filter2d(x, np.atleast_2d(w), boundary, value)
    return x


# --8<-- [end:gaussian]


def _floats(name: str, image: ArrayLike) -> Array:
    """The picture as float64, or in its own precision if it has one."""
    x = grey(name, image)
    single = np.float32 if x.dtype.kind == "f" else np.float64
    return x.astype(np.result_type(x, single))


def _bell(sigma: float, truncate: float) -> Array:
    r"""w[p] ∝ exp(−p²/2σ²) for |p| ≤ truncate·σ, of sum 1."""
    if sigma == 0:
        return np.ones(1)
    reach = int(truncate * sigma + 0.5)
    w = np.exp(
        -0.5 / sigma**2 * np.arange(-reach, reach + 1) ** 2
    )
    return cast(Array, w / w.sum())


# --8<-- [start:sobel]
def sobel(
    image: ArrayLike,
    axis: int | None = -1,
    boundary: Boundary = "reflect",
    value: float = 0,
) -> Array:
    """y = w ⋆ x for w = [1, 2, 1] across times [−1, 0, 1] along.

    Positive where the picture grows along the axis, and 8 times
    its slope on a ramp: as scipy.ndimage.sobel, and 4 times
    skimage.filters.sobel_h and sobel_v. `axis=None` gives the
    length of both, √32 times skimage.filters.sobel.

    >>> sobel([[0, 1, 2, 3]])
    array([[4, 8, 8, 4]])
    """
    x = grey("sobel", image)
    if axis is None:
        across = sobel(x, 0, boundary, value)
        return np.hypot(across, sobel(x, 1, boundary, value))
    if axis not in (-2, -1, 0, 1):
        raise ValueError(
            f"sobel: axis is {axis}, but a picture has 0 and 1"
        )
    along, across = np.array([[-1, 0, 1]]), np.array([[1, 2, 1]])
    w = across.T * along if axis % 2 else along.T * across
    return filter2d(x, w, boundary, value)


# --8<-- [end:sobel]


def _operands(
    name: str,
    image: ArrayLike,
    kernel: ArrayLike,
    value: float = 0,
) -> tuple[Array, Array]:
    """Picture and kernel in the type that their sums have."""
    x, w = grey(name, image), np.asarray(kernel)
    if w.ndim != 2 or not w.size:
        raise ValueError(
            f"{name}: the kernel has shape {w.shape}, but a kernel has at least one row and column"
        )
    if w.dtype.kind not in "biuf":
        raise TypeError(
            f"{name}: the kernel is of {w.dtype}, but weights are real numbers"
        )
    if x.dtype.kind == "f":
        dtype = np.result_type(x, np.float32)
    elif w.dtype.kind == "f" or value != int(value):
        dtype = np.dtype(np.float64)
    else:
        dtype = np.dtype(np.int64)
    return x.astype(dtype, copy=False), w.astype(
        dtype, copy=False
    )


def _reach(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """How far a window reaches before and after its pixel: k//2 pixels before."""
    return [(k // 2, k - 1 - k // 2) for k in sizes]
