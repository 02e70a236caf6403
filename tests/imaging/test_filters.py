"""Filters against SciPy, scikit-image and the definitions, over shapes, types and borders."""

import doctest
import inspect

import numpy as np
import pytest
import scipy.ndimage as ndi
import skimage.filters

from course.imaging import filters, kernels, medians, naive
from course.linear import dot_test

BOUNDARIES = ("reflect", "mirror", "nearest", "wrap", "constant")
SHAPES_AND_SIZES = (
    ((7, 11), (3, 5)),
    ((6, 9), (4, 2)),
    ((5, 4), (7, 9)),
    ((1, 6), (3, 2)),
    ((8, 1), (1, 1)),
    ((30, 41), (21, 17)),
    ((2, 3), (8, 9)),
)


def rng():
    return np.random.default_rng(12)


def of_type(shape, dtype, rng):
    if dtype is bool:
        return rng.random(shape) > 0.5
    if np.dtype(dtype).kind == "f":
        return (100 * rng.standard_normal(shape)).astype(dtype)
    low, high = (0, 256) if np.dtype(dtype).kind == "u" else (-100, 100)
    return rng.integers(low, high, shape).astype(dtype)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize(("shape", "size"), SHAPES_AND_SIZES)
def test_linear_filters_are_those_of_scipy(shape, size, boundary):
    x, w = rng().standard_normal(shape), rng().standard_normal(size)
    ours = filters.filter2d(x, w, boundary)
    np.testing.assert_allclose(ours, ndi.correlate(x, w, mode=boundary), atol=1e-12)
    ours = filters.filter2d(x, w, boundary, 2.5)
    np.testing.assert_allclose(ours, ndi.correlate(x, w, mode=boundary, cval=2.5), atol=1e-12)
    np.testing.assert_allclose(filters.mean(x, size, boundary), ndi.uniform_filter(x, size, mode=boundary), atol=1e-12)
    for sigma in ((0.8, 1.3), (0, 2.2), 0.1):
        ours = filters.gaussian(x, sigma, boundary)
        np.testing.assert_allclose(ours, ndi.gaussian_filter(x, sigma, mode=boundary), atol=1e-12)
    for axis in (0, 1, -1, -2):
        np.testing.assert_allclose(filters.sobel(x, axis, boundary), ndi.sobel(x, axis, mode=boundary), atol=1e-12)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize(("shape", "size"), SHAPES_AND_SIZES)
def test_the_adjoint_is_the_adjoint(shape, size, boundary):
    A = filters.filtering(rng().standard_normal(size), shape, boundary)
    assert A.out_shape == shape
    dot_test(A, rng())
    dot_test(A, rng(), dtype=np.float32)


def test_the_adjoint_of_a_filter_is_the_turned_filter_away_from_the_border_alone():
    w, g = rng().standard_normal((3, 5)), rng().standard_normal((9, 14))
    for boundary in BOUNDARIES:
        back = filters.filter2d_adjoint(g, w, boundary)
        turned = filters.filter2d(g, w[::-1, ::-1], boundary)
        np.testing.assert_allclose(back[2:-2, 4:-4], turned[2:-2, 4:-4], atol=1e-12)
        same = np.allclose(back, turned)
        assert same == (boundary in ("wrap", "constant"))


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_filter2d_is_its_definition(boundary):
    x, w = rng().standard_normal((6, 7)), rng().standard_normal((4, 3))
    np.testing.assert_allclose(filters.filter2d(x, w, boundary), naive.filter2d(x, w, boundary), atol=1e-12)


def test_what_type_comes_back():
    x, w = np.full((3, 4), 200, np.uint8), np.ones((3, 3), np.int8)
    assert filters.filter2d(x, w).dtype == np.int64
    assert filters.filter2d(x, w).max() == 1800
    assert filters.filter2d(x > 0, w).max() == 9
    assert filters.filter2d(x, w, "constant", 0.5)[0, 0] == 4 * 200 + 2.5
    assert filters.filter2d(x, w / 9).dtype == np.float64
    single = x.astype(np.float32)
    for y in (
        filters.filter2d(single, w / 9),
        filters.mean(single, 3),
        filters.gaussian(single, 1),
        filters.sobel(single),
    ):
        assert y.dtype == np.float32
    assert filters.mean(x, 3).dtype == filters.gaussian(x, 1).dtype == np.float64
    np.testing.assert_allclose(filters.mean(x, (3, 2)), ndi.uniform_filter(x, (3, 2), output=float))
    assert filters.median(x, 3).dtype == filters.adaptive_median(x, 5).dtype == np.uint8


def test_a_mean_of_integers_is_exact():
    x = rng().integers(0, 256, (20, 31)).astype(np.uint8)
    assert np.array_equal(filters.mean(x, (4, 8)), filters.filter2d(x, np.ones((4, 8), int)) / 32)


def test_sobel_by_its_other_names():
    x = rng().integers(0, 256, (9, 14)).astype(float)
    inside = np.s_[1:-1, 1:-1]
    np.testing.assert_allclose(filters.sobel(x, 0)[inside], 4 * skimage.filters.sobel_h(x)[inside])
    np.testing.assert_allclose(filters.sobel(x, 1)[inside], 4 * skimage.filters.sobel_v(x)[inside])
    np.testing.assert_allclose(filters.sobel(x, None), np.sqrt(32) * skimage.filters.sobel(x))
    assert np.array_equal(filters.sobel(x, 1), -filters.filter2d(x, kernels.SOBEL_X))
    assert np.array_equal(filters.sobel(x, 0), -filters.filter2d(x, kernels.SOBEL_Y))
    ramp = np.tile(np.arange(5), (4, 1))
    assert np.array_equal(filters.sobel(ramp)[:, 1:-1], np.full((4, 3), 8))


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, bool, np.uint16, np.int64, np.float16, np.float32, np.float64])
def test_the_median_is_scipys_and_the_definitions(dtype, boundary):
    cases = (
        *(((7, 11), (3, 5)), ((6, 9), (1, 7)), ((6, 9), (7, 1)), ((6, 9), (1, 1)), ((5, 4), (7, 9))),
        *(((1, 6), (3, 3)), ((23, 31), (9, 13)), ((14, 37), (13, 3)), ((2, 3), (5, 9)), ((12, 10), (11, 11))),
    )
    for shape, size in cases:
        x = of_type(shape, dtype, rng())
        y = filters.median(x, size, boundary)
        assert y.dtype == x.dtype
        assert y.flags.c_contiguous
        assert np.array_equal(y, naive.median(x, size, boundary))
        if dtype is not np.float16:  # SciPy has no median of these
            assert np.array_equal(y, ndi.median_filter(x, size, mode=boundary))


def test_medians_of_many_sizes_and_of_more_than_a_block():
    for size in [*range(1, 20, 2), 33]:
        for other in (1, 3, 9):
            x = rng().integers(0, 50, (17, 40)).astype(np.int16)
            assert np.array_equal(filters.median(x, (size, other)), ndi.median_filter(x, (size, other)))
            assert np.array_equal(filters.median(x, (other, size)), ndi.median_filter(x, (other, size)))
    wide = rng().integers(0, 256, (3, 70_001)).astype(np.uint8)
    tall = wide.T
    assert np.array_equal(filters.median(wide, 5), ndi.median_filter(wide, 5))
    assert np.array_equal(filters.median(tall, 3), ndi.median_filter(tall, 3))


def test_the_largest_numbers_of_a_type_survive():
    x = np.array([[2**63 - 1, 2**63 - 2, -(2**63), 2**53 + 1, 2**53]])
    assert np.array_equal(filters.median(x, (1, 3)), naive.median(x, (1, 3)))
    assert filters.median(x, (1, 3), "constant", 7)[0, 0] == 2**63 - 2


def test_zeros_and_ones_decide_for_all_networks():
    """A network of minima and maxima that is right for zeros and ones is right for all numbers."""
    for k, m in ((3, 3), (1, 5), (3, 5), (5, 3)):
        bits = k * m
        words = rng().integers(0, 2**bits, 3000) if bits > 12 else np.arange(2**bits)
        for word in words:
            x = (word >> np.arange(bits) & 1).astype(np.uint8)
            middle = filters.median(x.reshape(k, m), (k, m))[k // 2, m // 2]
            assert middle == (2 * x.sum() > bits)


def test_what_a_median_needs_is_less_than_a_sort():
    steps, _ = medians.network(5, 5, 100)
    needed, _, _ = medians._needed(5, 5, 100)
    assert len(needed) < len(steps)
    assert len(needed) == 88
    assert len(medians._needed(3, 3, 100)[0]) == 22


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_adaptive_median_is_its_definition(boundary):
    for shape, top in (((9, 13), 7), ((4, 5), 9), ((11, 8), 3)):
        for dtype in (np.uint8, np.float32, np.int64, bool):
            for levels in (2, 4, 256):
                x = of_type(shape, dtype, rng()) if levels == 256 else rng().integers(0, levels, shape).astype(dtype)
                x[rng().random(shape) < 0.2] = x.min()
                y = filters.adaptive_median(x, top, boundary)
                assert y.dtype == x.dtype
                assert np.array_equal(y, naive.adaptive_median(x, top, boundary))


def test_the_adaptive_median_keeps_what_is_no_impulse_and_ends_with_the_widest_median():
    x = np.add.outer(np.arange(12), 2 * np.arange(15))
    noisy = x.copy()
    noisy[5, 7] = 255
    clean = filters.adaptive_median(noisy, 5)
    assert abs(clean[5, 7] - x[5, 7]) <= 1
    changed = np.argwhere(clean != noisy)
    assert np.all((changed == (5, 7)).all(1) | np.isin(changed[:, 0], (0, 11)) | np.isin(changed[:, 1], (0, 14)))
    flat = np.full((6, 7), 3)
    assert np.array_equal(filters.adaptive_median(flat, 7), flat)
    checks = np.indices((9, 8)).sum(0) % 2  # in every window, the median is one of the extremes
    assert np.array_equal(filters.adaptive_median(checks, 5), filters.median(checks, 5))


def test_inputs_stay_as_they_are_and_may_be_any_view():
    base = rng().integers(0, 256, (20, 22)).astype(np.uint8)
    x = base[::2, ::-2].T
    x.flags.writeable = False
    copy = x.copy()
    for f in (
        lambda x: filters.median(x, 3),
        lambda x: filters.median(x, 1),
        lambda x: filters.adaptive_median(x, 5),
        lambda x: filters.mean(x, 2),
        lambda x: filters.gaussian(x, 1),
        lambda x: filters.sobel(x, None),
        lambda x: filters.filter2d(x, [[1]]),
        lambda x: filters.filter2d_adjoint(x, [[1, 2]]),
    ):
        y = f(x)
        assert np.array_equal(y, f(copy))
        assert not np.shares_memory(y, base)
        assert y.flags.writeable
        assert f(np.zeros((0, 3), np.uint8)).shape == (0, 3)
    assert np.array_equal(x, copy)


X = np.zeros((4, 5))
ERRORS = {
    "median: size is 4, but only a window of odd sizes has a middle": lambda: filters.median(X, 4),
    "median: size is (3, 4), but only a window of odd sizes has a middle": lambda: filters.median(X, (3, 4)),
    "median: size is 0, but a window has at least one row and column": lambda: filters.median(X, 0),
    "median: size is (3, 3, 3), but a window has rows and columns": lambda: filters.median(X, (3, 3, 3)),
    "mean: size is -1, but a window has at least one row and column": lambda: filters.mean(X, -1),
    "median: the picture holds nan, but every pixel must be a number": lambda: filters.median(X + np.nan, 3),
    "median: the picture has 3 axes, but it must have 2": lambda: filters.median(np.zeros((4, 5, 3)), 3),
    "median: the picture is of type complex128, but it must hold real numbers": lambda: filters.median(X + 1j, 3),
    "median: value is 300, which a picture of uint8 cannot have beyond its border": lambda: filters.median(
        X.astype(np.uint8), 3, "constant", 300
    ),
    "median: value is nan, which a picture of float64 cannot have beyond its border": lambda: filters.median(
        X, 3, "constant", np.nan
    ),
    "median: there is no boundary 'symmetric'; there are reflect, mirror, nearest, wrap, constant": lambda: (
        filters.median(X, 3, "symmetric")
    ),
    "filter2d_adjoint: there is no boundary 'edge'; there are reflect, mirror, nearest, wrap, constant": lambda: (
        filters.filter2d_adjoint(X, [[1]], "edge")
    ),
    "adaptive_median: max_size is 1, but the first window is 3×3": lambda: filters.adaptive_median(X, 1),
    "adaptive_median: size is 6, but only a window of odd sizes has a middle": lambda: filters.adaptive_median(X, 6),
    "filter2d: the kernel has shape (3,), but a kernel has at least one row and column": lambda: filters.filter2d(
        X, [1, 2, 3]
    ),
    "filter2d: the kernel is of complex128, but weights are real numbers": lambda: filters.filter2d(X, [[1j]]),
    "gaussian: sigma is -1, but no width is below 0": lambda: filters.gaussian(X, -1),
    "sobel: axis is 2, but a picture has 0 and 1": lambda: filters.sobel(X, 2),
}


@pytest.mark.parametrize("message", ERRORS)
def test_what_is_refused_and_how(message):
    with pytest.raises((ValueError, TypeError)) as refusal:
        ERRORS[message]()
    assert str(refusal.value) == message


@pytest.mark.parametrize("name", filters.__all__)
def test_each_has_its_equation_and_an_example(name):
    doc = inspect.getdoc(getattr(filters, name))
    assert "=" in doc.splitlines()[0] or "between" in doc.splitlines()[0]
    assert ">>> " in doc


@pytest.mark.parametrize("module", [filters, medians, naive], ids=lambda m: m.__name__)
def test_the_examples_run(module):
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0
