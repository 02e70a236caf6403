"""convolve and correlate, beside scipy.signal and beside their definitions."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from course import ops
from course.ops import naive
from tests.ops.cases import array

DTYPES = [np.int64, np.int32, np.uint8, np.float32, np.float64, np.complex64, np.complex128]
MODES = ["full", "same", "valid"]


@st.composite
def pairs(draw):
    rank = draw(st.integers(1, 3))
    most = {1: 40, 2: 9, 3: 5}[rank]
    shapes = [draw(st.tuples(*[st.integers(1, most)] * rank)) for _ in range(2)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = draw(st.sampled_from(DTYPES))
    return array(rng, shapes[0], dtype), array(rng, shapes[1], dtype)


def close(a, b):
    precision = 1e-4 if a.dtype in (np.float32, np.complex64) else 1e-10
    return a.shape == b.shape and a.dtype == b.dtype and np.allclose(a, b, rtol=precision, atol=precision)


@settings(max_examples=150, deadline=None)
@given(pairs(), st.sampled_from(MODES), st.sampled_from(["convolve", "correlate"]))
def test_as_in_scipy_and_as_defined(pair, mode, name):
    fast, peer, defined = getattr(ops, name), getattr(scipy.signal, name), getattr(naive, name)
    try:
        expected = peer(*pair, mode, method="direct")
    except ValueError:
        with pytest.raises(ValueError, match="needs one input inside the other"):
            fast(*pair, mode)
        return
    y = fast(*pair, mode)
    assert close(y, expected)
    with np.errstate(over="ignore"):  # narrow integers wrap around
        assert close(y, defined(*pair, mode))
    if pair[0].dtype.kind in "fc":
        assert close(fast(*pair, mode, method="fft"), expected)
        assert close(fast(*pair, mode, method="direct"), expected)


@pytest.mark.parametrize("shape", [(300,), (40, 50), (12, 13, 14)])
@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64, np.complex128])
def test_large_kernels(shape, dtype):
    rng = np.random.default_rng(0)
    x, w = array(rng, shape, dtype), array(rng, tuple(n // 2 + 1 for n in shape), dtype)
    y, expected = ops.convolve(x, w, "same"), scipy.signal.convolve(x, w, "same", method="direct")
    assert y.dtype == dtype
    eps = {np.int64: 0, np.float32: np.finfo(np.float32).eps}.get(dtype, np.finfo(float).eps)
    assert np.abs(y - expected).max() <= 200 * eps * np.abs(expected).max()


def test_integers_are_exact_and_never_transformed():
    x, w = np.arange(100) + 2**30, np.arange(80) + 2**23
    expected = [sum(int(w[j]) * int(x[i - j]) for j in range(80) if 0 <= i - j < 100) for i in range(179)]
    assert ops.convolve(x, w).tolist() == expected
    image = np.random.default_rng(1).integers(0, 2**31, (300, 300))
    box = np.full((41, 41), 2**20 + 1)
    corner = sum(int(v) for v in image[:41, :41].ravel()) * (2**20 + 1)
    assert int(ops.convolve(image, box, "valid")[0, 0]) == corner
    with pytest.raises(ValueError, match="would not keep int64 exact"):
        ops.convolve(x, w, method="fft")


def test_a_narrow_type_wraps_as_in_numpy():
    assert ops.convolve(np.array([200], np.uint8), np.array([2], np.uint8)).tolist() == [400 - 256]


@pytest.mark.parametrize("mode", MODES)
def test_the_choice_changes_no_value(mode):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((70, 90)), rng.standard_normal((20, 31))
    assert np.allclose(ops.convolve(x, w, mode), ops.convolve(x, w, mode, "direct"), atol=1e-12)


def test_one_nan_stays_where_it_is():
    x = np.zeros((80, 80))
    x[40, 40] = np.nan
    y = ops.convolve(x, np.ones((21, 21)), "same")
    assert np.isnan(y).sum() == 21 * 21


def test_a_correlation_is_an_inner_product_with_each_window():
    rng = np.random.default_rng(0)
    x, w = array(rng, (7,), complex), array(rng, (3,), complex)
    y = ops.correlate(x, w, "valid")
    assert np.allclose(y, [np.vdot(w, x[i : i + 3]) for i in range(5)])


@pytest.mark.parametrize("name", ["convolve", "correlate"])
def test_errors(name):
    f = getattr(ops, name)
    with pytest.raises(ValueError, match=f"{name}: x has 2 dimensions and w has 1"):
        f(np.ones((2, 2)), np.ones(2))
    with pytest.raises(ValueError, match=f"{name}: mode is 'most'"):
        f([1], [1], "most")
    with pytest.raises(ValueError, match=f"{name}: method is 'best'"):
        f([1], [1], method="best")
    with pytest.raises(ValueError, match="neither may be empty"):
        f([], [1])
    with pytest.raises(ValueError, match=r"x is \(2, 5\) and w is \(3, 3\)"):
        f(np.ones((2, 5)), np.ones((3, 3)), "valid")
    assert f(np.zeros((0, 3)), np.ones((2, 2)), "same").shape == (0, 3)
    assert f(3, 4) == 12


def test_the_small_definitions():
    rng = np.random.default_rng(0)
    x, w = array(rng, (7,), complex), array(rng, (4,), complex)
    assert np.allclose(naive.convolve_1d(x, w), ops.convolve(x, w))
    assert np.allclose(naive.correlate_1d(x, w), ops.correlate(x, w))
    assert np.allclose(naive.convolve_1d_adjoint(x, w), ops.correlate(x, w, "valid"))
    x, w = array(rng, (6, 5), complex), array(rng, (2, 3), complex)
    assert np.allclose(naive.convolve_2d(x, w), ops.convolve(x, w))
    assert np.allclose(naive.correlate_2d(x, w), ops.correlate(x, w, "valid"))
    assert naive.convolve_1d(np.arange(3), np.arange(2)).dtype == np.int64
