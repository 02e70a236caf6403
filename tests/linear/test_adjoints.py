"""Every operator of the catalogue has an exact adjoint, over random geometry in which no two numbers are equal."""

import numpy as np
import pytest

from course import linear, ops
from course.linear import dot_test, matrix_test
from tests.ops.cases import array, convolution, distinct, needs_torch, pooling

SEEDS = range(6)
DTYPES = [np.float32, np.float64, np.complex64, np.complex128]


def small(rng, axes):
    """A convolution whose matrix is quickly written out."""
    while True:
        x_shape, w_shape, options = convolution(rng, axes)
        if np.prod(x_shape) <= 700:
            return x_shape, w_shape, options


def conv(rng, axes, dtype):
    x_shape, w_shape, options = small(rng, axes)
    return linear.convolution(array(rng, w_shape, dtype), x_shape, **options)


def conv_in_w(rng, axes, dtype):
    x_shape, w_shape, options = small(rng, axes)
    return linear.convolution_in_w(array(rng, x_shape, dtype), w_shape, **options)


def conv_unbatched(rng, dtype):
    x_shape, w_shape, options = small(rng, 2)
    return linear.convolution(array(rng, w_shape, dtype), x_shape[1:], **options)


def conv_same(rng, dtype):
    n, c, m, *size = distinct(rng, 1, 6, 5)
    w = array(rng, (m, c, *distinct(rng, 1, 4, 2)), dtype)
    return linear.convolution(w, (n, c, *size), padding="same", dilation=distinct(rng, 1, 3, 2))


def conv_alone(rng, dtype):
    return linear.convolution(array(rng, distinct(rng, 1, 4, 2), dtype), distinct(rng, 5, 9, 2), stride=(2, 3))


def convolving(rng, dtype):
    axes = int(rng.integers(1, 3))
    mode = str(rng.choice(["full", "same", "valid"]))
    return linear.convolving(array(rng, distinct(rng, 1, 4, axes), dtype), distinct(rng, 4, 8, axes), mode)


def pad(rng, dtype):
    mode = str(rng.choice(["constant", "reflect", "symmetric", "replicate", "circular"]))
    widths = np.reshape(distinct(rng, 0, 9, 4), (2, 2))
    return linear.padding(widths, distinct(rng, 2, 6, 2), mode)


def crop(rng, dtype):
    return linear.cropping(np.reshape(distinct(rng, 0, 3, 4), (2, 2)), distinct(rng, 6, 9, 2))


def subsample(rng, dtype):
    return linear.subsampling(distinct(rng, 1, 4, 2), distinct(rng, 3, 8, 3))


def pool(rng, dtype):
    axes = int(rng.integers(1, 3))
    shape, kernel, options = pooling(rng, axes)
    options["count_include_pad"] = bool(rng.integers(2))
    if axes == 2 and rng.integers(2):
        options["divisor_override"] = 7
    return linear.pooling(kernel, shape, **options, axes=axes)


def resample(rng, dtype):
    axes = int(rng.integers(1, 4))
    mode = str(rng.choice(["nearest", ["linear", "bilinear", "trilinear"][axes - 1]]))
    shape = (*distinct(rng, 1, 3, 2), *distinct(rng, 2, 5, axes))
    aligned = None if mode == "nearest" else bool(rng.integers(2))
    if rng.integers(2):
        return linear.resampling(shape, distinct(rng, 1, 8, axes), None, mode, aligned)
    return linear.resampling(shape, None, tuple(rng.uniform(0.6, 2.5, axes)), mode, aligned)


def unfold(rng, dtype):
    shape = (*distinct(rng, 1, 3, 2), *distinct(rng, 6, 9, 2))
    two = lambda low, high: distinct(rng, low, high, 2)
    return linear.unfolding(two(1, 3), shape, dilation=two(1, 2), padding=two(0, 2), stride=two(1, 3))


def fourier(rng, dtype):
    axes = [None, 0, (1,), (0, 2), (-1, 1)][int(rng.integers(5))]
    return linear.fourier(distinct(rng, 2, 6, 3), axes, str(rng.choice(["backward", "ortho", "forward"])))


def warp(rng, dtype):
    axes = int(rng.integers(2, 4))
    n, c = distinct(rng, 1, 3, 2)
    grid = rng.uniform(-1.6, 1.6, (n, *distinct(rng, 2, 4, axes), axes))
    mode = str(rng.choice(["bilinear", "nearest", "bicubic"] if axes == 2 else ["bilinear", "nearest"]))
    edges = str(rng.choice(["zeros", "border", "reflection"]))
    return linear.warping(grid, (n, c, *distinct(rng, 2, 5, axes)), mode, edges, bool(rng.integers(2)))


def summing(rng, dtype):
    axis = [None, 0, (0, 2), -1][int(rng.integers(4))]
    return linear.summing(distinct(rng, 2, 5, 3), axis, bool(rng.integers(2)))


def broadcasting(rng, dtype):
    a, b, c = distinct(rng, 2, 5, 3)
    shapes = [((b, 1), (a, b, c)), ((c,), (a, b, c)), ((), (a, b)), ((1, b, 1), (a, b, c)), ((a, b), (a, b))]
    return linear.broadcasting(*shapes[int(rng.integers(5))])


def gathering(rng, dtype):
    shape = distinct(rng, 2, 5, 3)
    axis = [None, 0, 1, -1][int(rng.integers(4))]
    length = np.prod(shape) if axis is None else shape[axis]
    return linear.gathering(rng.integers(-length, length, distinct(rng, 2, 5, 2)), shape, axis)


def max_pool(rng, dtype):
    shape, kernel, options = pooling(rng, 2)
    where = ops.max_pool2d(rng.standard_normal(shape), kernel, **options, return_indices=True)[1]
    planes = np.arange(shape[0] * shape[1]).reshape(*shape[:2], 1, 1) * shape[2] * shape[3]
    picking = linear.gathering(where + planes, shape)
    adjoint = lambda g: ops.max_pool_adjoint(g, where, shape)
    return linear.LinearOperator(shape, where.shape, picking.forward, adjoint, "max_pool")


OPERATORS = {
    "conv1d": lambda rng, dtype: conv(rng, 1, dtype),
    "conv2d": lambda rng, dtype: conv(rng, 2, dtype),
    "conv3d": lambda rng, dtype: conv(rng, 3, dtype),
    "conv1d in w": lambda rng, dtype: conv_in_w(rng, 1, dtype),
    "conv2d in w": lambda rng, dtype: conv_in_w(rng, 2, dtype),
    "conv3d in w": lambda rng, dtype: conv_in_w(rng, 3, dtype),
    "conv unbatched": conv_unbatched,
    "conv same": conv_same,
    "conv alone": conv_alone,
    "convolving": convolving,
    "padding": pad,
    "cropping": crop,
    "subsampling": subsample,
    "pooling": pool,
    "max pooling": max_pool,
    "resampling": resample,
    "unfolding": unfold,
    "fourier": fourier,
    "warping": warp,
    "summing": summing,
    "broadcasting": broadcasting,
    "gathering": gathering,
    "identity": lambda rng, dtype: linear.identity(distinct(rng, 2, 5, 3)),
    "a composition": lambda rng, dtype: (
        linear.subsampling((2, 3), (8, 10)) @ linear.padding(1, (6, 8), "reflect") @ (2 * linear.identity((6, 8)))
    ),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OPERATORS)
def test_dot(name, seed):
    for dtype in DTYPES:
        rng = np.random.default_rng(seed)
        A = OPERATORS[name](rng, dtype)
        assert dot_test(A, rng, dtype) < 10 * np.finfo(dtype).eps
        assert dot_test(A.H, rng, dtype) < 10 * np.finfo(dtype).eps


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OPERATORS)
def test_matrix(name, seed):
    rng = np.random.default_rng(100 + seed)
    A = OPERATORS[name](rng, complex if seed % 2 else float)
    assert matrix_test(A, complex if seed % 2 else float) < 1e-15
    x = array(rng, A.in_shape)
    assert np.allclose(A.to_matrix(complex) @ x.ravel(), A(x).ravel())


def test_a_real_kernel_acts_on_complex_signals():
    A = linear.convolution(np.ones((2, 3, 2)), (4, 3, 7))
    assert dot_test(A, dtype=complex) < 1e-15
    assert A(np.ones((4, 3, 7), np.float32)).dtype == np.float64


def test_transposed_convolution_is_the_adjoint():
    rng = np.random.default_rng(0)
    for _ in range(20):
        x_shape, w_shape, options = convolution(rng, 2)
        w = array(rng, w_shape)
        A = linear.convolution(w, x_shape, **options)
        g = array(rng, A.out_shape)
        least = ops.transposed_output_size(
            A.out_shape[2:], w_shape[2:], options["stride"], options["padding"], 0, options["dilation"]
        )
        extra = tuple(n - m for n, m in zip(x_shape[2:], least, strict=True))
        assert (ops.conv_transpose2d(g, w, **options, output_padding=extra) == A.H(g)).all()


def vjp(f, x, g):
    import torch

    x = torch.tensor(x, requires_grad=True)
    f(x).backward(torch.tensor(g))
    return x.grad.numpy()


@needs_torch
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", [float, complex])
def test_torch_goes_back_the_same_way_through_convolutions(axes, seed, dtype):
    import torch

    rng = np.random.default_rng(seed)
    x_shape, w_shape, options = convolution(rng, axes)
    x, w = array(rng, x_shape, dtype), array(rng, w_shape, dtype)
    f = getattr(torch.nn.functional, f"conv{axes}d")
    g = array(rng, getattr(ops, f"conv{axes}d")(x, w, **options).shape, dtype)
    in_x = vjp(lambda t: f(t, torch.tensor(w), **options), x, g)
    in_w = vjp(lambda t: f(torch.tensor(x), t, **options), w, g)
    assert np.allclose(ops.conv_adjoint_x(g, w, x_shape, **options), in_x, atol=1e-11)
    assert np.allclose(ops.conv_adjoint_w(g, x, w_shape, **options), in_w, atol=1e-11)


@needs_torch
@pytest.mark.parametrize("seed", SEEDS)
def test_torch_goes_back_the_same_way_through_the_rest(seed):
    import torch
    import torch.nn.functional as F

    rng = np.random.default_rng(seed)
    for axes in (1, 2):
        shape, kernel, options = pooling(rng, axes)
        options["count_include_pad"] = bool(seed % 2)
        x = array(rng, shape)
        g = array(rng, getattr(ops, f"avg_pool{axes}d")(x, kernel, **options).shape)
        expected = vjp(lambda t, a=axes, k=kernel, o=options: getattr(F, f"avg_pool{a}d")(t, k, **o), x, g)
        assert np.allclose(ops.avg_pool_adjoint(g, kernel, shape, **options, axes=axes), expected)
        shape, kernel, options = pooling(rng, axes, dilated=True)
        x = array(rng, shape)
        y, where = getattr(ops, f"max_pool{axes}d")(x, kernel, **options, return_indices=True)
        g = array(rng, y.shape)
        expected = vjp(lambda t, a=axes, k=kernel, o=options: getattr(F, f"max_pool{a}d")(t, k, **o), x, g)
        assert np.allclose(ops.max_pool_adjoint(g, where, shape, axes=axes), expected)
    shape = (*distinct(rng, 1, 3, 2), *distinct(rng, 6, 9, 2))
    x, kernel, stride = array(rng, shape), distinct(rng, 1, 3, 2), distinct(rng, 1, 3, 2)
    g = array(rng, ops.unfold(x, kernel, 1, (0, 2), stride).shape)
    expected = vjp(lambda t: F.unfold(t, kernel, 1, (0, 2), stride), x, g)
    assert np.allclose(ops.fold(g, shape[2:], kernel, 1, (0, 2), stride), expected)
    for mode, aligned in (("nearest", None), ("bilinear", True), ("bilinear", False)):
        size = distinct(rng, 2, 15, 2)
        g = array(rng, (*shape[:2], *size))
        expected = vjp(lambda t, s=size, m=mode, a=aligned: F.interpolate(t, s, None, m, a), x, g)
        assert np.allclose(ops.interpolate_adjoint(g, shape, size, None, mode, aligned), expected)
    grid = rng.uniform(-1.6, 1.6, (shape[0], *distinct(rng, 2, 5, 2), 2))
    for mode in ("bilinear", "nearest", "bicubic"):
        for edges in ("zeros", "border", "reflection"):
            options = {"mode": mode, "padding_mode": edges, "align_corners": bool(seed % 2)}
            g = array(rng, (*shape[:2], *grid.shape[1:3]))
            expected = vjp(lambda t, o=options: F.grid_sample(t, torch.tensor(grid), **o), x, g)
            assert np.allclose(ops.grid_sample_adjoint(g, grid, shape, **options), expected)
    for mode in ("reflect", "replicate", "circular"):
        low, high, left, right = distinct(rng, 0, 4, 4)
        widths = [(0, 0), (0, 0), (low, high), (left, right)]
        g = array(rng, (*shape[:2], shape[2] + low + high, shape[3] + left + right))
        expected = vjp(lambda t, m=mode, p=(left, right, low, high): F.pad(t, p, m), x, g)
        assert np.allclose(ops.pad_adjoint(g, widths, shape, mode=mode), expected)
        assert np.allclose(ops.pad(x, widths, mode), F.pad(torch.tensor(x), (left, right, low, high), mode))


def test_pad_is_numpys_and_its_modes_are_scipys():
    import scipy.ndimage

    rng = np.random.default_rng(0)
    names = {"reflect": "reflect", "symmetric": "symmetric", "replicate": "edge", "circular": "wrap"}
    for ours, theirs in names.items():
        for _ in range(20):
            x, widths = array(rng, distinct(rng, 1, 6, 2)), np.reshape(distinct(rng, 0, 17, 4), (2, 2))
            assert (ops.pad(x, widths, ours) == np.pad(x, widths, theirs)).all()
    x, widths = array(rng, (4, 5)), ((1, 2), (3, 0))
    assert (ops.pad(x, widths, value=3) == np.pad(x, widths, constant_values=3)).all()
    for width in (2, (1, 3), ((1, 3),)):
        assert (ops.pad(x, width) == np.pad(x, width)).all()
    for by_axis, all_axes in (({0: 2}, ((2, 2), (0, 0))), ({-1: (1, 2)}, ((0, 0), (1, 2)))):  # NumPy 2.2 and newer
        assert (ops.pad(x, by_axis) == np.pad(x, all_axes)).all()
    average = scipy.ndimage.uniform_filter1d(x, 3, 0, mode="reflect")  # SciPy's reflect repeats the edge
    padded = ops.pad(x, ((1, 1), (0, 0)), "symmetric")
    assert np.allclose((padded[:-2] + padded[1:-1] + padded[2:]) / 3, average)


def test_catalogue_errors():
    with pytest.raises(ValueError, match="broadcasting: an array of shape"):
        linear.broadcasting((2,), (3,))
    with pytest.raises(ValueError, match="gathering: indices go from 0 to 9, but there are 4 entries"):
        linear.gathering([0, 9], 4)
    with pytest.raises(TypeError, match="gathering: indices are float64"):
        linear.gathering([0.5], 4)
