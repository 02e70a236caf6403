"""The table of rules, second part: the operations of course.ops, whose rules call the adjoints that stand there."""

# mypy: disable-error-code="has-type"
# (a rule may call what is defined further down)

from functools import wraps
from math import prod
from typing import Any

import numpy as np

from course import ops
from course.autodiff.moving import moving
from course.autodiff.operators import Array
from course.autodiff.rules import (
    conj,
    exp,
    flip,
    matmul,
    reshape,
    square,
    sum,
    swapaxes,
    where,
)
from course.autodiff.table import arguments_of, primitive
from course.autodiff.tensor import Tensor
from course.ops import arguments
from course.ops.arguments import Shape, Sizes
from course.ops.fourier import Norm

# --8<-- [start:conv]
# y = A x + b, linear in the kernel w too: each way back is the
# adjoint, and b̂ the sum of ŷ over all that b was added to.
conv_rules: Any = {
    "x": lambda g, y, x, w, bias, **how: conv_adjoint_x(
        g, w, x.shape, **how
    ),
    "w": lambda g, y, x, w, bias, **how: conv_adjoint_w(
        g, x, w.shape, **how
    ),
    "bias": lambda g, y, x, w, bias, **how: sum(
        g, _all_but_channels(g, w)
    ),
}
conv1d = primitive(**conv_rules)(ops.conv1d)
conv2d = primitive(**conv_rules)(ops.conv2d)
conv3d = primitive(**conv_rules)(ops.conv3d)

# y = A* g, whose adjoint is A; in w, ⟨h, A* g⟩ = ⟨A h, g⟩.
conv_adjoint_x = primitive(
    g=lambda h, y, g, w, x_shape, **how: _conv(h, w, how),
    w=lambda h, y, g, w, x_shape, **how: conv_adjoint_w(
        g, h, w.shape, **how
    ),
)(ops.conv_adjoint_x)

# The same, with x in the place of w.
conv_adjoint_w = primitive(
    g=lambda h, y, g, x, w_shape, **how: _conv(x, h, how),
    x=lambda h, y, g, x, w_shape, **how: conv_adjoint_x(
        g, h, x.shape, **how
    ),
)(ops.conv_adjoint_w)
# --8<-- [end:conv]


def _conv(x: Any, w: Any, how: dict[str, Any]) -> Any:
    """The convolution of any rank that torch has a name for."""
    if w.ndim not in (3, 4, 5):
        raise ValueError(
            f"conv: w has {w.ndim} dimensions; a way back through its adjoints needs 3, 4 or 5"
        )
    return {3: conv1d, 4: conv2d, 5: conv3d}[w.ndim](x, w, **how)


def _all_but_channels(g: Any, w: Any) -> tuple[int, ...]:
    return tuple(
        i for i in range(g.ndim) if i != g.ndim + 1 - w.ndim
    )


# --8<-- [start:conv_transpose]
# y = A* x + b for the A of the same kernel, read plainly: so x̂
# = A ŷ; and ŵ is the kernel's gradient, with x the cotangent.
transpose_rules: Any = {
    "x": lambda g, y, x, w, bias, output_padding, **how: _begin(
        _conv(g, conj(w), how), x.shape
    ),
    "w": lambda g, y, x, w, bias, output_padding, **how: conj(
        conv_adjoint_w(_wide(x, g, w, how), g, w.shape, **how)
    ),
    "bias": lambda g, y, x, w, bias, **how: sum(
        g, _all_but_channels(g, w)
    ),
}
conv_transpose1d = primitive(**transpose_rules)(
    ops.conv_transpose1d
)
conv_transpose2d = primitive(**transpose_rules)(
    ops.conv_transpose2d
)
conv_transpose3d = primitive(**transpose_rules)(
    ops.conv_transpose3d
)
# --8<-- [end:conv_transpose]


def _begin(x: Any, shape: Shape) -> Any:
    """The first entries: an output_padding makes room for windows that came from none."""
    return (
        x
        if x.shape == shape
        else x[tuple(slice(n) for n in shape)]
    )


def _wide(x: Any, g: Any, w: Any, how: dict[str, Any]) -> Any:
    """The input of a transposed convolution, with zeros for those windows."""
    axes = w.ndim - 2
    windows = ops.output_size(
        g.shape[-axes:],
        w.shape[2:],
        how["stride"],
        how["padding"],
        how["dilation"],
    )
    more = [
        (0, n - m)
        for n, m in zip(windows, x.shape[-axes:], strict=True)
    ]
    return (
        pad(x, [(0, 0)] * (x.ndim - axes) + more)
        if windows != x.shape[-axes:]
        else x
    )


# --8<-- [start:signals]
# y[i] = Σ_j w[j] x[i − j]: x̂[j] = Σ_i w̄[i − j] ŷ[i], and as
# w ∗ x = x ∗ w, the same for ŵ.
convolve = primitive(
    x=lambda g, y, x, w, mode, method: correlate(
        _full(g, x, w, mode), w, "valid", method
    ),
    w=lambda g, y, x, w, mode, method: correlate(
        _full(g, x, w, mode), x, "valid", method
    ),
)(ops.convolve)


@wraps(ops.correlate)
def correlate(  # noqa: D103
    x: Any, w: Any, mode: Any = "full", method: Any = "auto"
) -> Tensor:
    return convolve(x, conj(flip(w)), mode, method)


# --8<-- [end:signals]


def _full(g: Any, x: Any, w: Any, mode: str) -> Any:
    """The cotangent with zeros where the mode left out what the full convolution has."""
    widths = []
    for n, k, m in zip(x.shape, w.shape, g.shape, strict=True):
        start = {"full": 0, "same": (k - 1) // 2}.get(
            mode, min(n, k) - 1
        )
        widths.append((start, n + k - 1 - m - start))
    return pad(g, widths)


# --8<-- [start:columns]
# An adjoint pair: each is the other's way back.
unfold = primitive(
    x=lambda g, y, x, kernel_size, **how: fold(
        g, x.shape[-2:], kernel_size, **how
    )
)(ops.unfold)
fold = primitive(
    x=lambda g, y, x, output_size, kernel_size, **how: unfold(
        g, kernel_size, **how
    )
)(ops.fold)
# --8<-- [end:columns]


# --8<-- [start:padding]
# Three adjoint pairs.
pad = primitive(
    x=lambda g, y, x, pad_width, mode, value: pad_adjoint(
        g, pad_width, x.shape, mode=mode
    )
)(ops.pad)
pad_adjoint = primitive(
    g=lambda h, y, g, pad_width, x_shape, mode, value: pad(
        h, pad_width, mode
    )
)(ops.pad_adjoint)
crop = primitive(x=lambda g, y, x, pad_width: pad(g, pad_width))(
    ops.crop
)
subsample = primitive(
    x=lambda g, y, x, stride: zero_insert(g, stride, x.shape)
)(ops.subsample)
zero_insert = primitive(
    g=lambda h, y, g, stride, x_shape: subsample(h, stride)
)(ops.zero_insert)
# --8<-- [end:padding]


# --8<-- [start:avg_pool]
# An adjoint pair, over 1 axis or 2.
avg_pool1d = primitive(
    x=lambda g, y, x, kernel_size, **how: avg_pool_adjoint(
        g, kernel_size, x.shape, axes=1, **how
    )
)(ops.avg_pool1d)
avg_pool2d = primitive(
    x=lambda g, y, x, kernel_size, **how: avg_pool_adjoint(
        g, kernel_size, x.shape, axes=2, **how
    )
)(ops.avg_pool2d)
avg_pool_adjoint = primitive(
    g=lambda h, y, g, kernel_size, x_shape, axes, **how: (
        _avg_pool(
            h, kernel_size, axes or _axes_between(g, x_shape), how
        )
    )
)(ops.avg_pool_adjoint)
# --8<-- [end:avg_pool]


def _avg_pool(
    x: Any, kernel_size: Sizes, axes: int, how: dict[str, Any]
) -> Any:
    """The pooling over 1 axis or 2; a divisor of its own is known to that over 2 alone."""
    divisor, stride = how.pop("divisor_override"), how["stride"]
    if axes == 2 or divisor is None:
        own = {"divisor_override": divisor} if axes == 2 else {}
        pool = avg_pool2d if axes == 2 else avg_pool1d
        return pool(x, kernel_size, **how, **own)
    (k,) = arguments.sizes(
        "avg_pool1d", "kernel_size", kernel_size, 1, 1
    )
    (s,) = arguments.sizes(
        "avg_pool1d",
        "stride",
        k if stride is None else stride,
        1,
        1,
    )
    (p,) = arguments.sizes(
        "avg_pool1d", "padding", how["padding"], 1, 0
    )
    how |= {"stride": (1, s), "padding": (0, p)}
    rows = avg_pool2d(
        x[..., None, :], (1, k), **how, divisor_override=divisor
    )
    return rows[..., 0, :]


def _axes_between(g: Any, x_shape: Shape) -> int:
    """Over how many axes a pooling goes that leaves the first lengths as they are."""
    kept = tuple(x_shape)[:2] == g.shape[:2]
    return 2 if g.ndim == 4 or (g.ndim == 3 and not kept) else 1


# --8<-- [start:max_pool]
@primitive(
    x=lambda g, y, x, indices, axes, found: max_pool_adjoint(
        g, indices, x.shape, axes=axes
    )
)
def max_pool(
    x: Any, indices: Any, axes: int, found: Array | None = None
) -> Array:
    """y[n, c, i] = x[n, c, indices[n, c, i]], if not found."""
    if found is not None:
        return found
    lead = x.shape[:-axes]
    planes = x.reshape(*lead, prod(x.shape[-axes:]))
    places = indices.reshape(*lead, prod(indices.shape[-axes:]))
    y = np.take_along_axis(planes, places, -1)
    return np.reshape(y, indices.shape)


max_pool_adjoint = primitive(
    g=lambda h, y, g, indices, x_shape, axes: max_pool(
        h, indices, axes or _axes_between(g, x_shape)
    )
)(ops.max_pool_adjoint)


def _choosing(pool: Any, axes: int) -> Any:
    """y = max_pool(x): to choose is linear, knowing where."""
    names, defaults = arguments_of(pool)

    @wraps(pool)
    def call(*args: Any, **options: Any) -> Any:
        if len(args) > len(names):
            return pool(*args, **options)  # complains
        found = dict(zip(names, args, strict=False))
        given = defaults | found | options
        x, asked = given.pop("x"), given.pop("return_indices")
        if not isinstance(x, Tensor):
            return pool(x, **given, return_indices=asked)
        given["return_indices"] = asked or x.requires_grad
        result = pool(x.data, **given)
        y, where = (
            result if given["return_indices"] else (result, None)
        )
        y = max_pool(x, where, axes, y)
        return (y, where) if asked else y

    return call


max_pool1d = _choosing(ops.max_pool1d, 1)
max_pool2d = _choosing(ops.max_pool2d, 2)
# --8<-- [end:max_pool]


# --8<-- [start:max_unpool2d]
# y[indices[i]] = x[i]: back goes what is still seen there.
max_unpool2d = primitive(
    x=lambda g, y, x, indices, **how: where(
        _stays(indices, y.shape), max_pool(g, indices, 2), 0
    )
)(ops.max_unpool2d)
# --8<-- [end:max_unpool2d]


def _stays(indices: Array, shape: Shape) -> Array:
    """Which entries are seen in the result: of several at one place, the last."""
    numbers = np.arange(indices.size).reshape(indices.shape)
    planes = np.full((prod(shape[:-2]), prod(shape[-2:])), -1)
    rows = indices.reshape(len(planes), -1)
    each = np.arange(len(planes))[:, None]
    planes[each, rows] = numbers.reshape(rows.shape)
    seen: Array = planes[each, rows].reshape(indices.shape)
    return np.asarray(seen == numbers)


# --8<-- [start:interpolate]
# An adjoint pair.
interpolate = primitive(
    x=lambda g, y, x, **how: interpolate_adjoint(
        g, x.shape, **how
    )
)(ops.interpolate)
interpolate_adjoint = primitive(
    g=lambda h, y, g, x_shape, **how: interpolate(h, **how)
)(ops.interpolate_adjoint)
# --8<-- [end:interpolate]

OTHER: dict[str, Norm] = {
    "backward": "forward",
    "ortho": "ortho",
    "forward": "backward",
}

# --8<-- [start:fourier]
# The adjoint of dft is n · idft: the other normalisation.
dft = primitive(
    x=lambda g, y, x, axes, norm: idft(g, axes, OTHER[norm])
)(ops.dft)
idft = primitive(
    x=lambda g, y, x, axes, norm: dft(g, axes, OTHER[norm])
)(ops.idft)
# --8<-- [end:fourier]


# --8<-- [start:affine_grid]
# y = θ (x, y, 1): θ̂ = Σ ŷ (x, y, 1)ᵀ, over all places.
affine_grid = primitive(
    theta=lambda g, y, theta, size, align_corners: matmul(
        swapaxes(reshape(g, (len(g), -1, g.shape[-1])), 1, 2),
        _points(theta, size, align_corners),
    )
)(ops.affine_grid)


def _points(theta: Any, size: Any, align_corners: Any) -> Array:
    """The places (x, y, 1) that theta is multiplied by."""
    axes = len(size) - 2
    same = np.eye(axes, axes + 1, dtype=theta.dtype)[None]
    grid = ops.affine_grid(same, (1, *size[1:]), align_corners)
    points = grid.reshape(-1, axes)
    one: Array = np.ones_like(points[:, :1])
    return np.append(points, one, 1)


# --8<-- [end:affine_grid]

# --8<-- [start:grid_sample]
# Linear in x: an adjoint pair. For the grid see `moving`.
grid_sample = primitive(
    x=lambda g, y, x, grid, **how: grid_sample_adjoint(
        g, grid, x.shape, **how
    ),
    grid=lambda g, y, x, grid, **how: moving(g, x, grid, **how),
)(ops.grid_sample)
grid_sample_adjoint = primitive(
    g=lambda h, y, g, grid, x_shape, **how: grid_sample(
        h, grid, **how
    ),
    grid=lambda h, y, g, grid, x_shape, **how: moving(
        g, h, grid, **how
    ),
)(ops.grid_sample_adjoint)
# --8<-- [end:grid_sample]


# --8<-- [start:relu]
# y = f(x), so x̂ = ŷ f′(x).
relu = primitive(x=lambda g, y, x: g * (y > 0))(ops.relu)
leaky_relu = primitive(
    x=lambda g, y, x, negative_slope: where(
        x > 0, g, g * negative_slope
    )
)(ops.leaky_relu)
elu = primitive(
    x=lambda g, y, x, alpha: where(x > 0, g, g * (y + alpha))
)(ops.elu)
sigmoid = primitive(x=lambda g, y, x: g * conj(y * (1 - y)))(
    ops.sigmoid
)
tanh = primitive(x=lambda g, y, x: g * conj(1 - square(y)))(
    ops.tanh
)
silu = primitive(
    x=lambda g, y, x: g * conj(sigmoid(x) * (1 + x - y))
)(ops.silu)


@primitive(x=lambda g, y, x: g * sigmoid(x))
def softplus(x: Array) -> Array:
    """y = log(1 + exp x), so x̂ = ŷ sigmoid(x)."""
    return np.asarray(np.logaddexp(0, x))


# --8<-- [end:relu]


# --8<-- [start:softmax]
# y = exp x / Σ exp x: x̂ = y (ŷ − Σ y ŷ), and of its logarithm
# x̂ = ŷ − exp y · Σ ŷ.
softmax = primitive(
    x=lambda g, y, x, dim: y * (g - _along(y * g, dim))
)(ops.softmax)
log_softmax = primitive(
    x=lambda g, y, x, dim: g - exp(y) * _along(g, dim)
)(ops.log_softmax)


def _along(x: Any, dim: Any) -> Any:
    """Σ x along the axis of a softmax, which stays."""
    if dim is None:
        dim = 0 if x.ndim in (0, 1, 3) else 1
    return sum(x, dim, True) if x.ndim else x


# --8<-- [end:softmax]
