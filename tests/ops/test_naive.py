"""Every fast layer equals its definition, over geometry in which no two numbers are equal."""

import numpy as np
import pytest

from course import ops
from course.ops import conv, naive, naive_layers
from tests.ops.cases import array, convolution, distinct, pooling

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("dtype", [np.int64, np.complex128])
def test_conv_and_its_adjoints(axes, seed, dtype):
    rng = np.random.default_rng(seed)
    x_shape, w_shape, options = convolution(rng, axes)
    x, w = array(rng, x_shape, dtype), array(rng, w_shape, dtype)
    defined = tuple(options.values())
    y = getattr(ops, f"conv{axes}d")(x, w, **options)
    assert np.allclose(y, naive.conv(x, w, *defined))
    g = array(rng, y.shape, dtype)
    assert np.allclose(ops.conv_adjoint_x(g, w, x_shape, **options), naive.conv_adjoint_x(g, w, x_shape, *defined))
    assert np.allclose(ops.conv_adjoint_w(g, x, w_shape, **options), naive.conv_adjoint_w(g, x, w_shape, *defined))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dtype", [np.int64, np.complex128])
def test_conv_where_windows_share_long_lines(dtype, stride, monkeypatch):
    monkeypatch.setattr(conv, "SLAB", 6_000)  # it ends within an image
    rng = np.random.default_rng(0)
    x, w = array(rng, (2, 2, 7, 57), dtype), array(rng, (4, 1, 5, 3), dtype)
    options = {"stride": (stride, 1), "padding": (6, 2), "dilation": (1, 2), "groups": 2}
    assert np.allclose(ops.conv2d(x, w, **options), naive.conv(x, w, *options.values()))


def test_conv_and_its_adjoints_without_channels():
    x, w = np.ones((2, 0, 5, 60)), np.ones((3, 0, 3, 3))
    g = ops.conv2d(x, w)
    assert g.shape == (2, 3, 3, 58)
    assert not g.any()
    assert ops.conv_adjoint_x(g, w, x.shape).shape == x.shape
    assert ops.conv_adjoint_w(g, x, w.shape).shape == w.shape


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2])
def test_pools(axes, seed):
    rng = np.random.default_rng(seed)
    shape, kernel, options = pooling(rng, axes, dilated=True)
    x = rng.integers(0, 4, shape).astype(float)  # many ties
    y, where = getattr(ops, f"max_pool{axes}d")(x, kernel, **options, return_indices=True)
    defined = naive_layers.max_pool(x, kernel, options["stride"], options["padding"], options["dilation"], y.shape[2:])
    assert (y == defined[0]).all()
    assert (where == defined[1]).all()
    g = array(rng, y.shape)
    assert np.allclose(ops.max_pool_adjoint(g, where, shape, axes=axes), naive_layers.max_pool_adjoint(g, where, shape))
    shape, kernel, options = pooling(rng, axes)
    options["ceil_mode"] = False
    x = array(rng, shape)
    y = getattr(ops, f"avg_pool{axes}d")(x, kernel, **options)
    args = (kernel, options["stride"], options["padding"])
    assert np.allclose(y, naive_layers.avg_pool(x, *args, y.shape[2:]))
    g = array(rng, y.shape)
    assert np.allclose(
        ops.avg_pool_adjoint(g, kernel, shape, **options, axes=axes),
        naive_layers.avg_pool_adjoint(g, kernel, shape, *args[1:]),
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_unfold_and_fold(seed):
    rng = np.random.default_rng(seed)
    x_shape, w_shape, options = convolution(rng, 2)
    size, kernel, stride, padding = x_shape[2:], w_shape[2:], options["stride"], options["padding"]
    x = array(rng, x_shape, complex)
    out = ops.output_size(size, kernel, stride, padding) if np.all(np.add(size, padding) > 4) else None
    if out is None:
        return
    y = ops.unfold(x, kernel, 1, padding, stride)
    assert np.allclose(y, naive_layers.unfold(x, kernel, stride, padding, out))
    g = array(rng, y.shape, complex)
    assert np.allclose(
        ops.fold(g, size, kernel, 1, padding, stride),
        naive_layers.fold(g, size, kernel, stride, padding, out),
    )


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "replicate", "circular"])
def test_pad(mode):
    rng = np.random.default_rng(0)
    for _ in range(20):
        n, low, high = distinct(rng, 2, 9, 3)
        x, g = array(rng, (n,)), array(rng, (low + n + high,))
        assert (ops.pad(x, (low, high), mode) == naive_layers.pad_1d(x, low, high, mode)).all()
        back = ops.pad_adjoint(g, (low, high), (n,), mode=mode)
        assert np.allclose(back, naive_layers.pad_1d_adjoint(g, low, high, mode))


@pytest.mark.parametrize("align_corners", [True, False])
def test_interpolate(align_corners):
    rng = np.random.default_rng(0)
    for _ in range(20):
        n, size = distinct(rng, 1, 12, 2)
        x, g = array(rng, (1, 1, n)), array(rng, (1, 1, size))
        options = {"size": size, "mode": "linear", "align_corners": align_corners}
        y = naive_layers.interpolate_1d(x[0, 0], size, align_corners)
        assert np.allclose(ops.interpolate(x, **options)[0, 0], y)
        back = naive_layers.interpolate_1d_adjoint(g[0, 0], n, align_corners)
        assert np.allclose(ops.interpolate_adjoint(g, x.shape, **options)[0, 0], back)


@pytest.mark.parametrize("dtype", [np.int64, np.complex128])
def test_inner(dtype):
    x, y = (array(np.random.default_rng(seed), (3, 4, 2), dtype) for seed in (0, 1))
    assert np.isclose(naive.inner(x, y), np.vdot(y, x))
    assert np.isclose(naive.inner(x, x), np.linalg.norm(x) ** 2)


def test_dft():
    x = array(np.random.default_rng(0), (9,), complex)
    X = naive_layers.dft_1d(x)
    assert np.allclose(ops.dft(x), X)
    assert np.allclose(ops.dft_matrix(9) @ x, X)
    assert np.allclose(ops.idft(X), x)


def test_grid_sample():
    rng = np.random.default_rng(0)
    x, grid = array(rng, (2, 3, 4, 5), complex), rng.uniform(-1.5, 1.5, (2, 6, 7, 2))
    y = ops.grid_sample(x, grid)
    assert np.allclose(y, naive_layers.grid_sample_2d(x, grid))
    g = array(rng, y.shape, complex)
    back = naive_layers.grid_sample_2d_adjoint(g, grid, x.shape)
    assert np.allclose(ops.grid_sample_adjoint(g, grid, x.shape), back)
