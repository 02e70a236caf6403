"""The layers beside torch.nn.functional: values, shapes, dtypes, and what raises, over random arguments, some bad."""

import warnings

import numpy as np
import pytest

from course import ops
from tests.ops.cases import array, needs_torch

pytestmark = needs_torch


def both(name, arrays, *args, **options):
    """Both results as arrays, or None for what raised."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tensors = [a if a is None else torch.tensor(a) for a in arrays]
        try:
            expected = getattr(torch.nn.functional, name)(*tensors, *args, **options)
        except (RuntimeError, ValueError, TypeError, IndexError):
            expected = None
        try:
            found = getattr(ops, name)(*arrays, *args, **options)
        except (ValueError, TypeError):
            found = None
    if expected is None or found is None:
        return found, expected
    pack = lambda r: list(r) if isinstance(r, tuple) else [r]
    return pack(found), [e.numpy() for e in pack(expected)]


def check(name, arrays, *args, places=None, **options):
    found, expected = both(name, arrays, *args, **options)
    said = f"{name}({[None if a is None else (a.shape, a.dtype) for a in arrays]}, {args}, {options})"
    assert (found is None) == (expected is None), f"{said}: one raises, the other returns"
    if found is None:
        return False
    for f, e in zip(found, expected, strict=True):
        assert (f.shape, f.dtype) == (e.shape, e.dtype), said
        near = places or (1e-4 if e.dtype in (np.float32, np.complex64) else 1e-9)
        assert np.allclose(f, e, rtol=near, atol=near, equal_nan=True), said
    return True


class Draw:
    """Arguments as people pass them: one number, one for each axis, and now and then wrong."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def whole(self, low, high):
        return int(self.rng.integers(low, high + 1))

    def chance(self, one_in):
        return self.rng.integers(one_in) == 0

    def sizes(self, axes, low, high):
        if self.chance(25):
            low -= 1  # often below what is allowed
        if self.chance(30):
            axes += 1
        one = self.whole(low, high)
        return one if self.chance(3) else tuple(self.whole(low, high) for _ in range(axes))

    def options(self, axes, **ranges):
        return {name: self.sizes(axes, *r) for name, r in ranges.items() if self.chance(2)}

    def of(self, *choices):
        return choices[self.whole(0, len(choices) - 1)]


def repeat(test, times=250):
    returned = sum(test(Draw(seed)) for seed in range(times))
    assert 0.2 * times < returned, "too few calls that return"


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_conv(axes):
    def one(d):
        groups, dtype = d.whole(1, 3), d.of(np.float32, np.float64, np.complex128, np.int64)
        c, m = groups * d.whole(1, 2), groups * d.whole(1, 2) + d.chance(20)
        batch = d.of((), (1,), (3,))
        x = array(d.rng, (*batch, c + d.chance(20), *[d.whole(1, 7) for _ in range(axes)]), dtype)
        w = array(d.rng, (m, c // groups, *[d.whole(1, 3) for _ in range(axes)]), dtype)
        bias = d.of(None, array(d.rng, m + d.chance(20), dtype))
        options = d.options(axes, stride=(1, 3), padding=(0, 3), dilation=(1, 3))
        if d.chance(4):
            options["padding"] = d.of("same", "valid", "full")
        return check(f"conv{axes}d", [x, w, bias], groups=groups, **options)

    repeat(one)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_conv_transpose(axes):
    def one(d):
        groups, dtype = d.whole(1, 3), d.of(np.float32, np.float64, np.complex128, np.int64)
        c, m = groups * d.whole(1, 2), d.whole(1, 2)
        batch = d.of((), (1,), (3,))
        x = array(d.rng, (*batch, c + d.chance(20), *[d.whole(1, 5) for _ in range(axes)]), dtype)
        w = array(d.rng, (c, m, *[d.whole(1, 3) for _ in range(axes)]), dtype)
        bias = d.of(None, array(d.rng, m * groups + d.chance(20), dtype))
        options = d.options(axes, stride=(1, 3), padding=(0, 1), dilation=(1, 3), output_padding=(0, 1))
        ends = ops.transposed_output_size
        try:  # whether torch takes an output of size 0 depends on how it computes
            ends(x.shape[-axes:], w.shape[2:], **options)
        except ValueError as error:
            if "the output would have size" in str(error):
                return False
        return check(f"conv_transpose{axes}d", [x, w, bias], groups=groups, **options)

    repeat(one)


@pytest.mark.parametrize("axes", [1, 2])
def test_pools(axes):
    def one(d):
        dtype = d.of(np.float32, np.float64, np.int64) if axes == 2 else d.of(np.float32, np.float64)
        batch = d.of((), (0,), (2,))
        x = array(d.rng, (*batch, d.whole(0 if d.chance(20) else 1, 3), *[d.whole(1, 9) for _ in range(axes)]))
        x = (2 * x).round().astype(dtype)
        if x.size and d.chance(5) and dtype != np.int64:
            x.flat[d.whole(0, x.size - 1)] = d.of(np.nan, -np.inf)
        kernel = d.sizes(axes, 1, 4)
        options = d.options(axes, stride=(1, 4), padding=(0, 2)) | {"ceil_mode": bool(d.chance(2))}
        dilated = options | d.options(axes, dilation=(1, 3))
        counting = options | {"count_include_pad": bool(d.chance(2))}
        if axes == 2 and d.chance(2):
            counting["divisor_override"] = d.whole(-2, 5)
        check(f"max_pool{axes}d", [x], kernel, **dilated)
        check(f"avg_pool{axes}d", [x], kernel, **counting)
        return check(f"max_pool{axes}d", [x], kernel, **dilated, return_indices=True)

    repeat(one)


def test_max_unpool2d():
    def one(d):
        x = array(d.rng, (*d.of((), (2,)), 3, 6, 8))
        kernel = d.of((2, 4), (3, 2), (2, 3))
        y, where = ops.max_pool2d(x, kernel, return_indices=True)
        size = (6 + d.whole(-1, 2), 8 + d.whole(-1, 3))
        return check("max_unpool2d", [y, where], kernel, output_size=d.of(size, (6, 8), None))

    repeat(one, 100)


def test_unfold_and_fold():
    def one(d):
        dtype = d.of(np.float32, np.float64, np.complex128)
        x = array(d.rng, (*d.of((), (0,), (2,)), d.whole(1, 3), d.whole(1, 8), d.whole(1, 8)), dtype)
        kernel, options = d.sizes(2, 1, 3), d.options(2, dilation=(1, 2), padding=(0, 2), stride=(1, 3))
        if not check("unfold", [x], kernel, **options):
            return False
        columns = ops.unfold(x, kernel, **options)
        if d.chance(10):
            columns = columns[..., 1:].copy()
        return check("fold", [columns], x.shape[-2:], kernel, **options)

    repeat(one)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_interpolate(axes):
    def one(d):
        dtype, linear = d.of(np.float32, np.float64), ["linear", "bilinear", "trilinear"][axes - 1]
        x = array(d.rng, (d.whole(0, 2), d.whole(1, 2), *[d.whole(1, 9) for _ in range(axes)]), dtype)
        options = {"mode": d.of("nearest", linear, linear, "bilinear")}
        if d.chance(2):
            options["size"] = d.sizes(axes, 1, 13)
        if d.chance(2):
            one, several = float(d.rng.uniform(0.2, 3)), tuple(d.rng.uniform(0.2, 3, axes).tolist())
            options["scale_factor"] = d.of(one, several, round(one, 1))
        if d.chance(2):
            options["align_corners"] = d.of(True, False)
        return check("interpolate", [x], **options)

    repeat(one, 400)


@pytest.mark.parametrize("axes", [2, 3])
def test_grids(axes):
    def one(d):
        dtype, n = d.of(np.float32, np.float64), d.whole(1, 2)
        aligned = d.of(True, False, None)
        size = (n, d.whole(1, 2), *[d.whole(0 if d.chance(20) else 1, 5) for _ in range(axes)])
        theta = array(d.rng, (n, axes, axes + d.of(1, 1, 1, 2)), dtype)
        if min(size):
            check("affine_grid", [theta], size, align_corners=aligned)
        x = array(d.rng, size, dtype)
        grid = d.rng.uniform(-2.5, 2.5, (n, *[d.whole(1, 4) for _ in range(axes)], axes)).astype(dtype)
        if d.chance(20):
            grid = grid.astype(np.float32)
        if axes == 2 and d.chance(10):
            grid.flat[0] = d.of(np.nan, np.inf)
        options = {"mode": d.of("bilinear", "nearest", "bicubic", "linear")}
        options["padding_mode"] = d.of("zeros", "border", "reflection", "wrap")
        near = 1e-3 if grid.dtype == np.float32 else 1e-9
        return check("grid_sample", [x, grid], **options, align_corners=aligned, places=near)

    repeat(one)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "sigmoid", "silu", "tanh"])
def test_activations(name):
    def one(d):
        x = array(d.rng, [d.whole(0, 4) for _ in range(d.whole(1, 4))], d.of(np.float32, np.float64)) * 20
        if x.size and d.chance(3):
            x.flat[0] = d.of(np.nan, np.inf, -np.inf, 1e30, -1e30)
        return check(name, [x])

    repeat(one, 60)
    check(name, [np.array(0.5)])
    check(name, [np.array([True, False])]) if name not in ("sigmoid", "tanh") else None
    if name not in ("sigmoid", "tanh"):
        check(name, [np.arange(3)])
    if name in ("relu", "leaky_relu", "elu", "sigmoid", "silu"):
        check(name, [np.array([0.3 - 0.2j])])
    if name == "leaky_relu":
        check(name, [np.array([-2.0, 3.0])], -0.5)
    if name == "elu":
        check(name, [np.array([-2.0, 3.0])], -0.5)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax(name):
    def one(d):
        x = array(d.rng, [d.whole(0, 4) for _ in range(d.whole(1, 4))], d.of(np.float32, np.float64)) * 50
        if x.size and d.chance(3):
            x.flat[0] = d.of(np.nan, np.inf, -np.inf)
        return check(name, [x], d.of(None, 0, -1, d.whole(-5, 5)))

    repeat(one, 150)
    check(name, [np.array(0.5)], 0)
    check(name, [np.arange(3)], 0)


def test_a_real_kernel_may_meet_a_complex_signal():
    """The one place where we are more lenient: linear in x, whatever x is."""
    x, w = array(np.random.default_rng(0), (2, 3, 5), complex), np.ones((4, 3, 2))
    assert both("conv1d", [x, w])[1] is None
    assert np.allclose(ops.conv1d(x, w), ops.conv1d(x, w.astype(complex)))
    with pytest.raises(TypeError, match="conv1d: x is float32, w is float64"):
        ops.conv1d(x.real.astype(np.float32), w)
