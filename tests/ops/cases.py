"""Random geometry in which no two numbers that could be mistaken for one another are equal."""

import importlib.util

import numpy as np
import pytest

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: nothing to compare with"
)


def distinct(rng, low, high, count):
    """`count` different whole numbers from low … high."""
    return tuple(int(n) for n in rng.choice(np.arange(low, high + 1), count, replace=False))


def array(rng, shape, dtype=float):
    """Normal random numbers, complex ones where the dtype is, whole ones where it is."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -9, 10, shape).astype(dtype)
    a = rng.standard_normal(shape)
    return np.asarray(a + 1j * rng.standard_normal(shape) if dtype.kind == "c" else a, dtype)


def convolution(rng, axes):
    """Shapes and options of a convolution: (x_shape, w_shape, options)."""
    while True:
        n, per_group, more = distinct(rng, 1, 4, 3)
        groups = int(rng.integers(1, 3))
        kernel = distinct(rng, 1, 4, axes)
        stride = distinct(rng, 1, 3, axes)
        dilation = distinct(rng, 1, 3, axes)
        padding = distinct(rng, 0, 3, axes)
        size = distinct(rng, 3, 9 if axes < 3 else 7, axes)
        fits = [s + 2 * p >= d * (k - 1) + 1 for s, p, d, k in zip(size, padding, dilation, kernel, strict=True)]
        if all(fits):
            options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
            return (n, per_group * groups, *size), (more * groups, per_group, *kernel), options


def pooling(rng, axes, dilated=False):
    """Shapes and options of a pooling: (x_shape, kernel, options)."""
    while True:
        kernel = distinct(rng, 1, 4, axes)
        options = {"stride": distinct(rng, 1, 4, axes), "ceil_mode": bool(rng.integers(2))}
        options["padding"] = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
        dilation = (1,) * axes
        if dilated:
            dilation = options["dilation"] = distinct(rng, 1, 3, axes)
        size = distinct(rng, 4, 9, axes)
        fits = [
            s + 2 * p >= d * (k - 1) + 1 for s, p, d, k in zip(size, options["padding"], dilation, kernel, strict=True)
        ]
        if all(fits):
            return (*distinct(rng, 1, 3, 2), *size), kernel, options
