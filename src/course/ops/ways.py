"""One convolution, seven ways: the numbers of `conv2d`, each time by another road, and what each road costs.

All take x (N, C, H, W) and w (M, C, k, ℓ) and return y (N, M, h, v), with h = H − k + 1 and v = W − ℓ + 1: stride 1 and
no padding; pad x before. They are for reading and for measuring. For use there is `conv2d`, which goes by rows or by
columns, a slab at a time.
"""

from collections.abc import Callable
from math import log2
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from course.ops import arguments
from course.ops.arguments import Shape
from course.ops.columns import unfold
from course.ops.conv import geometry

Array = NDArray[Any]
Way = Callable[[ArrayLike, ArrayLike], Array]


def _ready(
    name: str, x: ArrayLike, w: ArrayLike
) -> tuple[Array, Array, Shape]:
    """Both as arrays, and the shape of y; or the rule that they break."""
    x, w = np.asarray(x), np.asarray(w)
    if x.ndim != 4 or w.ndim != 4:
        raise ValueError(
            f"{name}: x has {x.ndim} dimensions and w has {w.ndim}; both must have 4"
        )
    arguments.one_dtype(name, x=x, w=w)
    if "c" in (x.dtype.kind, w.dtype.kind):
        raise TypeError(
            f"{name}: x is {x.dtype} and w is {w.dtype}; they must be real"
        )
    at, _ = geometry(name, x.shape, w.shape, 1, 0, 1, 1)
    return x, w, (len(x), len(w), *at.out)


# --8<-- [start:loops]
def loops(x: ArrayLike, w: ArrayLike) -> Array:
    """y[n, m, i, j] = Σ w[m, c, p, q] x[n, c, i + p, j + q].

    The sum is over c, p and q. Seven loops, one for each index.

    >>> loops([[[[3, 1, 4, 5, 6]]]], [[[[3, 2, 1]]]])
    array([[[[15, 16, 28]]]])
    """
    x, w, shape = _ready("loops", x, w)
    y = np.zeros(shape, x.dtype)
    for n in range(shape[0]):
        for m in range(shape[1]):
            for i in range(shape[2]):
                for j in range(shape[3]):
                    for c in range(w.shape[1]):
                        for p in range(w.shape[2]):
                            for q in range(w.shape[3]):
                                y[n, m, i, j] += (
                                    w[m, c, p, q]
                                    * x[n, c, i + p, j + q]
                                )
    return y


# --8<-- [end:loops]


# --8<-- [start:slices]
def slices(x: ArrayLike, w: ArrayLike) -> Array:
    """y = Σ_c,p,q w[:, c, p, q] x[:, c, p : p + h, q : q + v].

    A loop over the taps alone: each moves all of x and adds.

    >>> slices([[[[3, 1, 4, 5, 6]]]], [[[[3, 2, 1]]]])
    array([[[[15, 16, 28]]]])
    """
    x, w, shape = _ready("slices", x, w)
    y, (h, v) = np.zeros(shape, x.dtype), shape[2:]
    for c, p, q in np.ndindex(w.shape[1:]):
        moved = x[:, None, c, p : p + h, q : q + v]
        y += w[:, c, p, q, None, None] * moved
    return y


# --8<-- [end:slices]


# --8<-- [start:windows]
def windows(x: ArrayLike, w: ArrayLike) -> Array:
    """y[n, :, i, j] = ⟨w, the window of x at i, j⟩.

    A view of all windows, contracted with w in one call.

    >>> windows([[[[3, 1, 4, 5, 6]]]], [[[[3, 2, 1]]]])
    array([[[[15, 16, 28]]]])
    """
    x, w, _ = _ready("windows", x, w)
    views = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    y = np.tensordot(views, w, axes=((1, 4, 5), (1, 2, 3)))
    return np.ascontiguousarray(np.moveaxis(y, -1, 1))


# --8<-- [end:windows]


# --8<-- [start:columns]
def columns(x: ArrayLike, w: ArrayLike) -> Array:
    """y = (rows of w) · (columns of x): im2col, one product.

    >>> columns([[[[3, 1, 4, 5, 6]]]], [[[[3, 2, 1]]]])
    array([[[[15, 16, 28]]]])
    """
    x, w, shape = _ready("columns", x, w)
    y = w.reshape(len(w), -1) @ unfold(x, w.shape[2:])
    return y.reshape(shape)


# --8<-- [end:columns]


# --8<-- [start:rows]
def rows(x: ArrayLike, w: ArrayLike) -> Array:
    """y[:, :, i] = Σ_p (row p of w) · (copies of row i + p).

    Copies along the rows alone, ℓ of them and not k·ℓ; one
    product for all rows of w; then a sum over p of what each
    gives.

    >>> rows([[[[3, 1, 4, 5, 6]]]], [[[[3, 2, 1]]]])
    array([[[[15, 16, 28]]]])
    """
    x, w, (n, m, h, v) = _ready("rows", x, w)
    c, k, ell = w.shape[1:]
    copies = np.empty((n, c, ell, x.shape[2], v), x.dtype)
    for q in range(ell):
        copies[:, :, q] = x[..., q : q + v]
    kernels = w.transpose(2, 0, 1, 3).reshape(k * m, c * ell)
    given = kernels @ copies.reshape(n, c * ell, x.shape[2] * v)
    given = given.reshape(n, k, m, x.shape[2], v)
    y = given[:, 0, :, :h].copy()
    for p in range(1, k):
        y += given[:, p, :, p : p + h]
    return y


# --8<-- [end:rows]


# --8<-- [start:spectra]
def spectra(x: ArrayLike, w: ArrayLike) -> Array:
    """ŷ[n, m] = Σ_c x̂[n, c] conj(ŵ[m, c]): by spectra.

    The conjugate makes it a correlation. What wraps around is
    not among the h·v entries that are kept. Integers come back
    as floats.

    >>> y = spectra([[[[3, 1, 4, 5, 6]]]], [[[[3, 2, 1]]]])
    >>> y.round(12)
    array([[[[15., 16., 28.]]]])
    """
    x, w, (_, _, h, v) = _ready("spectra", x, w)
    size = x.shape[2:]
    x_hat = np.fft.rfft2(x)
    w_hat = np.conj(np.fft.rfft2(w, size))
    y_hat = np.einsum("ncfg,mcfg->nmfg", x_hat, w_hat)
    return np.fft.irfft2(y_hat, size)[..., :h, :v]


# --8<-- [end:spectra]


# --8<-- [start:tile]
class Tile(NamedTuple):
    """y = Aᵀ[(G w) ⊙ (Bᵀ x)]: a fast correlation of a tile.

    A takes r outputs to r + t − 1 products, G the t taps, and B
    comes back from the products to the samples.
    """

    A: Array
    B: Array
    G: Array


F_2_3 = Tile(  # two outputs, three taps, four products
    A=np.array([[1, 0], [1, 1], [1, -1], [0, 1]]),
    B=np.array(
        [
            [1, 0, 0, 0],
            [0, 1, -1, -1],
            [-1, 1, 1, 0],
            [0, 0, 0, 1],
        ]
    ),
    G=np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2,
)
# --8<-- [end:tile]


# --8<-- [start:winograd]
def winograd(
    x: ArrayLike, w: ArrayLike, tile: Tile = F_2_3
) -> Array:
    """Y = Aᵀ[(G w Gᵀ) ⊙ (Bᵀ x B)]A, a tile of y at a time.

    The products are added over the channels before Aᵀ, which
    makes them matrix products. A last tile that hangs over the
    edge reads zeros. Integers come back as floats.

    >>> x, w = np.ones((1, 1, 3, 4)), np.ones((1, 1, 3, 3))
    >>> winograd(x, w)
    array([[[[9., 9.]]]])
    """
    x, w, (n, m, h, v) = _ready("winograd", x, w)
    (size, r), taps = tile.A.shape, tile.G.shape[1]
    if w.shape[2:] != (taps, taps):
        raise ValueError(
            f"winograd: w has taps {w.shape[2:]}, but the "
            f"tile is made for {(taps, taps)}"
        )
    dtype = np.result_type(x, np.float32)
    grid = -(-h // r), -(-v // r)
    tiles = np.zeros((size, size, w.shape[1], n, *grid), dtype)
    for p, q in np.ndindex(size, size):
        part = x[:, :, p::r, q::r][:, :, : grid[0], : grid[1]]
        at = tiles[p, q, ..., : part.shape[2], : part.shape[3]]
        at[...] = part.swapaxes(0, 1)
    kernels = nested(
        tile.G, w.transpose(2, 3, 0, 1).astype(dtype)
    )
    tiles = tiles.reshape(size, size, w.shape[1], -1)
    products = kernels @ nested(tile.B.T, tiles)
    given = nested(tile.A.T, products)
    given = given.reshape(r, r, m, n, *grid)
    y = np.empty((n, m, grid[0] * r, grid[1] * r), dtype)
    for a, b in np.ndindex(r, r):
        y[:, :, a::r, b::r] = given[a, b].swapaxes(0, 1)
    return y[..., :h, :v]


def nested(matrix: Array, t: Array) -> Array:
    """M t Mᵀ over the first two axes, for all behind them."""
    matrix = matrix.astype(t.dtype)
    t = np.tensordot(matrix, t, axes=1)
    lines = matrix @ t.reshape(*t.shape[:2], -1)
    return lines.reshape(*lines.shape[:2], *t.shape[2:])


# --8<-- [end:winograd]


# --8<-- [start:winograd_bound]
def winograd_bound(x: ArrayLike, w: ArrayLike) -> Array:
    """|error| ≤ γ |A|ᵀ[(|G||w||G|ᵀ) ⊙ (|B|ᵀ|x||B|)]|A|.

    What rounding may do to each entry of `winograd`, whatever
    the numbers: γ = (C + 10)u / (1 − (C + 10)u), with u half the
    spacing of the dtype at 1. A product passes 2 roundings in
    its sample, 4 in its taps, 1 of its own, C − 1 over the
    channels and 4 in Aᵀ; halves and zeros round nothing.

    >>> x, w = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))
    >>> winograd_bound(x, w).max() < 1e-12
    np.True_
    """
    x, w, _ = _ready("winograd_bound", x, w)
    dtype = np.result_type(x, np.float32)
    turns = (w.shape[1] + 10) * np.finfo(dtype).eps / 2
    worst = Tile(*map(np.abs, F_2_3))
    sizes = winograd(
        np.abs(x.astype(float)), np.abs(w.astype(float)), worst
    )
    bound: Array = turns / (1 - turns) * sizes
    return bound


# --8<-- [end:winograd_bound]


WAYS: dict[str, Way] = {
    "loops": loops,
    "slices": slices,
    "windows": windows,
    "columns": columns,
    "rows": rows,
    "spectra": spectra,
    "winograd": winograd,
}


# --8<-- [start:cost]
class Cost(NamedTuple):
    """How many multiplications, how many numbers moved."""

    multiplications: int
    numbers: int


def cost(way: str, x_shape: Shape, w_shape: Shape) -> Cost:
    """What a way multiplies, and what its steps read and write.

    Every array operation reads each entry of its operands once,
    and writes its result once.

    >>> cost("loops", (1, 1, 1, 5), (1, 1, 1, 3))
    Cost(multiplications=9, numbers=36)
    """
    (n, c, H, W), (m, _, k, ell) = x_shape, w_shape
    h, v = H - k + 1, W - ell + 1
    y, w = n * m * h * v, m * c * k * ell
    q = y * c * k * ell  # the definition's
    copies, lines = n * c * k * ell * h * v, n * c * ell * H * v
    if way == "loops":
        return Cost(q, 4 * q)
    if way == "slices":
        return Cost(q, 4 * q + copies + w)
    if way == "windows":
        return Cost(q, 3 * (copies + w + y))
    if way == "columns":
        return Cost(q, 2 * lines + 3 * copies + w + y)
    if way == "rows":
        given = n * k * m * H * v
        moved = 3 * (lines + w) + given + (3 * k - 1) * y
        return Cost(given * c * ell, moved)
    if way == "spectra":
        half = W // 2 + 1
        f, planes = 2 * H * half, n * c + m * c + n * m
        transforms = round(planes * H * W * log2(H * W))
        moved = (n * c + n * m) * (H * W + 3 * f) + planes * f
        moved += w + m * c * (4 * k * half + 3 * f)
        return Cost(transforms + 2 * n * m * c * f, moved)
    if way == "winograd":
        t = n * -(-h // 2) * -(-v // 2)
        moved = 112 * t * c + 60 * t * m + 83 * m * c
        return Cost(16 * t * m * c + 42 * m * c, moved)
    raise ValueError(
        f"cost: {way!r} is none of the ways {', '.join(WAYS)}"
    )


# --8<-- [end:cost]
