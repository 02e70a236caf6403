"""The seven ways give what `conv2d` gives, the tiles within their bound, and each costs what `cost` says."""

import importlib.util
import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from course import ops
from course.ops import ways
from tests.ops.cases import distinct, needs_torch

SEEDS = range(12)
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results.json"


def layer(seed, dtype=float, square=False):
    """An input and kernels; no two sizes equal but those of the taps, for the tiles."""
    rng = np.random.default_rng(seed)
    n, m, c = distinct(rng, 1, 5, 3)
    taps = (3, 3) if square else distinct(rng, 1, 5, 2)
    size = distinct(rng, max(taps), 13, 2)
    return rng.standard_normal((n, c, *size)).astype(dtype), rng.standard_normal((m, c, *taps)).astype(dtype)


def allowed(x, w, dtype):
    """What rounding may do to a sum of that many products, in any order."""
    turns = w[0].size * np.finfo(dtype).eps / 2
    return turns / (1 - turns) * ops.conv2d(abs(x).astype(float), abs(w).astype(float))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ways.WAYS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_are_conv2d(name, dtype, seed):
    x, w = layer(seed, dtype, square=name == "winograd")
    y, exact = ways.WAYS[name](x, w), ops.conv2d(x.astype(float), w.astype(float))
    assert (y.shape, y.dtype) == (exact.shape, dtype)
    if name == "winograd":
        limit = ways.winograd_bound(x, w)
    elif name == "spectra":  # the error is spread over all entries
        limit = 20 * np.finfo(dtype).eps * np.linalg.norm(x) * np.linalg.norm(w)
    else:
        limit = allowed(x, w, dtype) + allowed(x, w, float)
    assert (abs(y - exact) <= limit).all()


@needs_torch
@pytest.mark.parametrize("name", ways.WAYS)
def test_all_are_torchs(name):
    import torch

    for seed in SEEDS:
        x, w = layer(seed, square=name == "winograd")
        y = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w)).numpy()
        assert np.allclose(ways.WAYS[name](x, w), y, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["loops", "slices", "windows", "columns", "rows"])
def test_integers_stay_exact_and_their_own_type(name):
    rng = np.random.default_rng(0)
    x, w = rng.integers(-9, 9, (2, 3, 6, 7)), rng.integers(-9, 9, (4, 3, 2, 3))
    y = ways.WAYS[name](x, w)
    assert y.dtype == x.dtype
    assert np.array_equal(y, ops.conv2d(x, w))


@pytest.mark.parametrize("name", ["spectra", "winograd"])
def test_integers_come_back_as_floats(name):
    x, w = np.arange(30).reshape(1, 1, 5, 6), np.arange(9).reshape(1, 1, 3, 3)
    y = ways.WAYS[name](x, w)
    assert y.dtype == float
    assert np.allclose(y, ops.conv2d(x, w), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ways.WAYS)
def test_an_empty_batch(name):
    assert ways.WAYS[name](np.ones((0, 2, 5, 6)), np.ones((3, 2, 3, 3))).shape == (0, 3, 3, 4)


def off_by(y, x, w):
    """How far y is from the convolution, computed in fractions."""
    fractions = np.vectorize(lambda value: Fraction(float(value)), otypes=[object])
    return abs(fractions(y) - ways.loops(fractions(x), fractions(w))).astype(float)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_bound_holds_for_pixels_of_all_sizes_and_is_no_wild_exaggeration(dtype):
    rng, most = np.random.default_rng(0), 0.0
    for span in (0, 0, 0, 2, 6) * 2:
        x = (rng.standard_normal((1, 2, 4, 6)) * 10 ** rng.uniform(0, span, (1, 2, 4, 6))).astype(dtype)
        w = rng.standard_normal((2, 2, 3, 3)).astype(dtype)
        off, bound = off_by(ways.winograd(x, w), x, w), ways.winograd_bound(x, w)
        assert (off <= bound).all()
        most = max(most, (off / bound).max())
    assert most > 0.01


def test_the_tiles_lose_what_a_sum_keeps():
    x, w = np.ones((1, 1, 4, 4), np.float32), np.zeros((1, 1, 3, 3), np.float32)
    x[..., 2], w[..., :2] = 1e8, 1
    assert (ops.conv2d(x, w)[..., 0] == 6).all()
    off = abs(ways.winograd(x, w)[..., 0] - 6)
    assert (off > 1).all()
    assert (off <= ways.winograd_bound(x, w)[..., 0]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_transposed_tile_is_the_adjoint(seed):
    """Both ways back of one tile, by the same matrices the other way round."""
    rng = np.random.default_rng(seed)
    A, B, G = ways.F_2_3
    x, w, g = (rng.standard_normal((n, n)) for n in (4, 3, 2))
    h = B @ ((G @ w @ G.T) * (A @ g @ A.T)) @ B.T
    v = G.T @ ((A @ g @ A.T) * (B.T @ x @ B)) @ G
    one = np.s_[None, None]
    assert np.allclose(h, ops.conv_adjoint_x(g[one], w[one], (1, 1, 4, 4))[0, 0])
    assert np.allclose(v, ops.conv_adjoint_w(g[one], x[one], (1, 1, 3, 3))[0, 0])
    y = ways.winograd(x[one], w[one])[0, 0]
    assert np.isclose(np.vdot(y, g), np.vdot(x, h))
    assert np.isclose(np.vdot(y, g), np.vdot(w, v))


class Number:
    """A whole number or a fraction that counts its products with what is not 0, 1 or -1."""

    count = 0

    def __init__(self, value):
        self.value = value

    def __mul__(self, other):
        other = getattr(other, "value", other)
        Number.count += self.value not in (0, 1, -1) and other not in (0, 1, -1)
        return Number(self.value * other)

    def __add__(self, other):
        return Number(self.value + getattr(other, "value", other))

    __rmul__, __radd__ = __mul__, __add__


@pytest.mark.parametrize("name", [name for name in ways.WAYS if name != "spectra"])
def test_the_multiplications_are_counted_by_the_numbers_themselves(name):
    rng = np.random.default_rng(0)
    for x_shape, w_shape in (((2, 3, 5, 8), (4, 3, 3, 3)), ((1, 2, 7, 6), (3, 2, 3, 3)), ((3, 1, 4, 4), (1, 1, 3, 3))):
        x, w = (
            np.array([Number(int(v)) for v in rng.integers(10**6, 10**9, np.prod(shape))], object).reshape(shape)
            for shape in (x_shape, w_shape)
        )
        Number.count = 0
        ways.WAYS[name](x, w)
        assert Number.count == ways.cost(name, x_shape, w_shape).multiplications


MISTAKES = {
    r"rows: x has 3 dimensions and w has 4; both must have 4": lambda: ways.rows(
        np.ones((2, 5, 6)), np.ones((3, 2, 3, 3))
    ),
    r"loops: x is float64, w is float32; their precision must be the same": lambda: ways.loops(
        np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3), np.float32)
    ),
    r"columns: x has 4 channels, but w with groups=1 expects 2": lambda: ways.columns(
        np.ones((1, 4, 6, 6)), np.ones((1, 2, 3, 3))
    ),
    r"slices: the kernel spans \(3, 7\), more than the padded input of \(6, 5\)": lambda: ways.slices(
        np.ones((1, 1, 6, 5)), np.ones((1, 1, 3, 7))
    ),
    r"spectra: x is complex128 and w is float64; they must be real": lambda: ways.spectra(
        np.ones((1, 1, 3, 3), complex), np.ones((1, 1, 3, 3))
    ),
    r"winograd: w has taps \(3, 2\), but the tile is made for \(3, 3\)": lambda: ways.winograd(
        np.ones((1, 1, 6, 6)), np.ones((1, 1, 3, 2))
    ),
    r"cost: 'magic' is none of the ways loops, slices": lambda: ways.cost("magic", (1, 1, 3, 3), (1, 1, 3, 3)),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_a_mistake_is_named(message):
    with pytest.raises((ValueError, TypeError), match=message):
        MISTAKES[message]()


def test_the_committed_times_are_of_these_ways_and_counts():
    entry = json.loads(RESULTS.read_text(encoding="utf-8"))["fast"]
    for problem in entry["problems"]:
        rows = {row["way"]: row for row in problem["rows"]}
        named = [name for name in ways.WAYS if name != "winograd" or problem["w"][2:] == [3, 3]]
        assert {*named, "conv2d", "torch", "torch all"} <= set(rows)
        assert ("torch gpu" in rows) == bool(entry["gpu"])
        for name in named:
            counted = ways.cost(name, tuple(problem["x"]), tuple(problem["w"]))
            assert (rows[name]["multiplications"], rows[name]["numbers"]) == counted


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed: nothing to compare with")
def test_what_is_measured_agrees(monkeypatch):
    from benchmarks import fast

    monkeypatch.setitem(os.environ, "OMP_NUM_THREADS", "1")
    for name, (x_shape, w_shape) in fast.PROBLEMS.items():
        small = (1, *x_shape[1:2], *(min(n, 40) for n in x_shape[2:]))
        x, w = fast.operands(small, w_shape)
        fast.agree(fast.calls_of(x, w), x, w)
        counted = fast.counted("torch", x_shape, w_shape)["multiplications"]
        assert counted == ways.cost("loops", x_shape, w_shape).multiplications, name
