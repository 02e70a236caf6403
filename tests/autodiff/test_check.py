"""`grad_check` passes what is right in any precision, and catches faults that are planted in the rules."""

import numpy as np
import pytest

from course.autodiff import Tensor, functional, grad, grad_check
from course.autodiff.table import RULES, primitive
from tests.ops.cases import array

F = functional


def test_what_is_right_passes_by_a_complex_step():
    rng = np.random.default_rng(0)
    x, w, b = array(rng, (2, 3, 6, 7)), array(rng, (4, 3, 2, 3)), array(rng, (4,))
    assert grad_check(lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1)), x, w, b) < 1e-12
    assert grad_check(lambda x: F.exp(F.sin(x)), x) < 1e-12
    assert grad_check(lambda a, b: a @ b, array(rng, (4, 3)), array(rng, (3, 5))) < 1e-12


def test_what_takes_no_complex_numbers_passes_by_differences():
    rng = np.random.default_rng(0)
    x = array(rng, (2, 3, 6, 8))
    assert 1e-13 < grad_check(lambda x: F.log_softmax(F.elu(x), 1), x) < 1e-7
    assert grad_check(lambda x: F.max_pool2d(x, 2) * F.abs(F.avg_pool2d(x, 2)), x) < 1e-7
    assert grad_check(lambda x: F.abs(x) * F.real(x), x + 1j * array(rng, x.shape)) < 1e-7


def test_abs_is_not_mistaken_for_a_smooth_function_of_complex_numbers():
    assert grad_check(F.abs, np.array([1.0, -2.0, 3.0])) < 1e-7
    assert grad_check(lambda x: F.real(x) ** 2, np.array([1.0, -2.0])) < 1e-7


def test_a_gradient_that_is_zero_is_no_fault():
    x = np.random.default_rng(0).standard_normal(5)
    assert grad_check(lambda x: F.softmax(x, 0).sum(), x) < 1e-7
    assert grad_check(lambda x, w: F.leaky_relu(x) + 0 * w, x, x) < 1e-7
    assert grad_check(lambda x: F.relu(-F.abs(x)), x) == 0


def test_single_precision():
    rng = np.random.default_rng(0)
    x, w = array(rng, (2, 3, 6, 7), np.float32), array(rng, (4, 3, 2, 3), np.float32)
    assert grad_check(F.conv2d, x, w) < 1e-5
    assert grad_check(lambda x: F.conv2d(x, w), x) < 1e-2  # the kernel inside stays single


@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_derivatives_of_the_gradient_of_grid_sample(mode, padding_mode):
    rng = np.random.default_rng(0)
    x, grid, g = array(rng, (2, 3, 4, 5)), rng.uniform(-1.3, 1.3, (2, 3, 2, 2)), array(rng, (2, 3, 3, 2))

    def sampled(x, grid):
        y = F.grid_sample(x, grid, mode, padding_mode, False)
        return F.sum(F.square(y) * g)

    assert grad_check(sampled, x, grid) < 1e-6
    for i in (0, 1):
        assert grad_check(grad(sampled, i), x, grid) < 1e-6


def adjoint_pairs():
    rng = np.random.default_rng(0)
    where = np.array([[[[1, 9]]]])
    grid = rng.uniform(-1, 1, (1, 3, 2, 2))
    yield "conv_adjoint_x", lambda g, w: F.conv_adjoint_x(g, w, (1, 2, 5, 6)), [(1, 3, 4, 4), (3, 2, 2, 3)]
    yield "conv_adjoint_w", lambda g, x: F.conv_adjoint_w(g, x, (3, 2, 2, 3)), [(1, 3, 4, 4), (1, 2, 5, 6)]
    yield "pad_adjoint", lambda g: F.pad_adjoint(g, (2, 1), mode="reflect"), [(7,)]
    yield "crop", lambda x: F.crop(x, [(1, 0), (2, 1)]), [(4, 6)]
    yield "subsample", lambda x: F.subsample(x, (2, 3)), [(4, 6)]
    yield "zero_insert", lambda g: F.zero_insert(g, (2, 3), (4, 6)), [(2, 2)]
    yield "avg_pool_adjoint", lambda g: F.avg_pool_adjoint(g, (2, 3), (1, 2, 6, 7)), [(1, 2, 3, 2)]
    yield "avg_pool_adjoint 1d", lambda g: F.avg_pool_adjoint(g, 2, (1, 2, 7), divisor_override=3), [(1, 2, 3)]
    yield "max_pool_adjoint", lambda g: F.max_pool_adjoint(g, where, (1, 1, 3, 4)), [(1, 1, 1, 2)]
    yield "max_unpool2d with a place taken twice", lambda x: F.max_unpool2d(x, where * 0, (3, 2)), [(1, 1, 1, 2)]
    yield "interpolate_adjoint", lambda g: F.interpolate_adjoint(g, (1, 2, 3), 5, None, "linear"), [(1, 2, 5)]
    yield "grid_sample_adjoint", lambda g: F.grid_sample_adjoint(g, grid, (1, 2, 4, 5)), [(1, 2, 3, 2)]
    yield (
        "grid_sample_adjoint in both",
        lambda g, grid: F.grid_sample_adjoint(g, grid, (1, 2, 4, 5)),
        [(1, 2, 3, 2), (1, 3, 2, 2)],
    )
    yield "convolve 2d", lambda x, w: F.convolve(x, w, "same"), [(5, 7), (2, 3)]
    yield "convolve a long kernel", lambda x, w: F.convolve(x, w, "valid"), [(3,), (7,)]
    yield "correlate 2d", lambda x, w: F.correlate(x, w, "valid"), [(5, 7), (2, 3)]
    yield "pad symmetric", lambda x: F.pad(x, [(1, 0), (2, 3)], "symmetric"), [(4, 5)]
    yield "index_adjoint", lambda g: F.index_adjoint(g, [1, 1, 0], (4, 3)), [(3, 3)]
    yield "sum_to", lambda x: F.sum_to(x, (3, 1)), [(2, 3, 4)]
    yield "softplus", F.softplus, [(3, 4)]
    yield "expm1", F.expm1, [(3, 4)]


@pytest.mark.parametrize(("f", "shapes"), [c[1:] for c in adjoint_pairs()], ids=[c[0] for c in adjoint_pairs()])
def test_operations_that_torch_has_no_name_for(f, shapes):
    rng = np.random.default_rng(1)
    arrays = [array(rng, s) / 2 for s in shapes]
    assert grad_check(f, *arrays) < 1e-7
    v = array(rng, np.shape(f(*arrays)))
    for i in range(len(arrays)):
        assert grad_check(grad(lambda *a: F.sum(F.square(f(*a)) * v), i), *arrays) < 1e-6


FAULTS = {  # primitive, argument, a rule with a fault, a function of tensors, its arguments
    "a wrong sign": ("subtract", "b", lambda g, y, a, b: F.sum_to(g, b.shape), lambda a, b: a - b, [(4, 3), (3,)]),
    "a factor of 2": ("square", "x", lambda g, y, x: g * x, F.square, [(4, 3)]),
    "a batch in reverse": ("negative", "x", lambda g, y, x: -g[::-1], lambda x: -x, [(4, 3)]),
    "no sum over what was repeated": ("add", "b", lambda g, y, a, b: g[0], lambda a, b: a + b, [(4, 3), (3,)]),
    "one pixel 1% off": ("relu", "x", lambda g, y, x: F.where(y > 0, g, 0) * OFF, F.relu, [(4, 3)]),
    "y for x": ("sin", "x", lambda g, y, x: g * F.cos(y), F.sin, [(4, 3)]),
    "an adjoint without its stride": (
        "subsample",
        "x",
        lambda g, y, x, stride: F.pad(g, [(0, n - m) for n, m in zip(x.shape, g.shape, strict=True)]),
        lambda x: F.subsample(x, 2),
        [(5, 4)],
    ),
    "w not transposed": ("matmul", "a", lambda g, y, a, b: g @ b, lambda a, b: a @ b, [(4, 3), (3, 3)]),
    "conv's adjoint with a kernel flipped": (
        "conv1d",
        "x",
        lambda g, y, x, w, bias, **how: F.conv_adjoint_x(g, w[..., ::-1], x.shape, **how),
        F.conv1d,
        [(2, 3, 7), (4, 3, 2)],
    ),
    "a maximum in the wrong place": (
        "max_pool",
        "x",
        lambda g, y, x, indices, axes, found: F.max_pool_adjoint(g, indices * 0, x.shape, axes=axes),
        lambda x: F.max_pool2d(x, 2),
        [(1, 2, 4, 6)],
    ),
    "a softmax whose entries do not know of one another": (
        "softmax",
        "x",
        lambda g, y, x, dim: g * y * (1 - y),
        lambda x: F.softmax(x, 1),
        [(4, 3)],
    ),
    "the wrong shape": ("reshape", "x", lambda g, y, x, shape: g, lambda x: x.reshape(6, 2), [(4, 3)]),
}
OFF = np.where(np.arange(12).reshape(4, 3) == 11, 1.01, 1.0)


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_caught(name, monkeypatch):
    primitive_name, argument, fault, f, shapes = FAULTS[name]
    rules = RULES[primitive_name]
    rng = np.random.default_rng(3)
    arrays = [np.abs(array(rng, s)) + 0.1 for s in shapes]
    grad_check(f, *arrays)
    monkeypatch.setitem(rules, argument, fault)
    with pytest.raises(AssertionError, match=r"^grad_check: argument"):
        grad_check(f, *arrays)


def test_the_failure_names_argument_index_and_both_values():
    off = np.ones((4, 3))
    off[2, 1] = 1.5
    rule = primitive(w=lambda g, y, x, w: g * x * off)
    wrong = rule(lambda x, w: x * w)
    with pytest.raises(AssertionError) as caught:
        grad_check(lambda x, w: wrong(x, w), np.full((4, 3), 2.0), np.ones((4, 3)))
    words = str(caught.value)
    assert words.startswith("grad_check: argument 0 (x) at")  # x has no rule at all: its gradient is 0
    with pytest.raises(AssertionError) as caught:
        grad_check(lambda w: wrong(np.full((4, 3), 2.0), w), np.ones((4, 3)))
    words = str(caught.value)
    assert "argument 0 (w) at (2, 1): expected" in words
    expected, received = (float(words.split(word)[1].split(",")[0]) for word in ("expected ", "received "))
    assert np.isclose(received, 1.5 * expected)


def test_a_missing_rule_is_a_gradient_of_zero_and_is_found():
    with pytest.raises(AssertionError, match=r"argument 0 \(x\) at .*received 0"):
        grad_check(lambda x: Tensor(x.data * 2) + 0 * x, np.ones(3))


def test_the_random_numbers_are_those_of_the_generator():
    x = np.arange(1.0, 5.0)
    gap = lambda seed: grad_check(lambda x: F.log(F.sigmoid(x) + F.abs(x)), x, rng=np.random.default_rng(seed))
    assert gap(0) == gap(0) != gap(1)
