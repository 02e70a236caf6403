"""The engine: depth, memory, what is recorded and what is refused, and derivatives of derivatives."""

import gc
import tracemalloc
from threading import Thread

import numpy as np
import pytest

from course.autodiff import Tensor, functional, grad, no_grad, value_and_grad, vjp

F = functional


def leaf(a):
    return Tensor(a, requires_grad=True)


def spied(y):
    """The names of the arguments whose rules are called when the way back passes y."""
    seen = []
    rules = {n: lambda *a, n=n, r=r, **k: (seen.append(n), r(*a, **k))[1] for n, r in y.step.rules.items()}
    y.step = y.step._replace(rules=rules)
    return seen


def test_two_numbers_by_hand():
    x, y = leaf(3.0), leaf(4.0)
    f = x * x * y + y + 2
    f.backward()
    assert (float(f), float(x.grad), float(y.grad)) == (42, 24, 10)


def test_a_shared_step_is_walked_once_and_its_cotangents_add():
    x = leaf(1.0)
    y = x
    for i in range(12):  # 4,096 paths
        y = y * 0.5 + y * 0.5
        if i == 0:
            seen = spied(y)
    y.backward()
    assert float(x.grad) == 1
    assert seen == ["a", "b"]


def test_gradients_add_up_over_calls_and_are_never_shared():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = a + b
    y.backward([1.0, 1.0])
    y.backward([1.0, 2.0])
    assert a.grad.tolist() == [2, 3]
    a.grad[0] = 7
    assert b.grad.tolist() == [2, 3]
    seed = np.ones(2)
    c = leaf(np.ones(2))
    c.backward(seed)
    assert not np.may_share_memory(c.grad, seed)


def test_depth_ten_thousand_and_more():
    for depth in (10_000, 30_000):
        x = leaf(1.0)
        y = x
        for _ in range(depth):
            y = y + 1.0
        y.backward()
        assert float(x.grad) == 1
        del y  # and taking it down does not recurse either


def test_second_derivatives_of_a_deep_graph():
    def deep(x):
        y = x
        for _ in range(3000):
            y = y * 1.0001
        return y * y

    scale = 1.0001**6000
    assert np.isclose(grad(grad(deep))(1.0), 2 * scale)


def test_memory_is_flat_over_ten_thousand_steps():
    rng = np.random.default_rng(0)
    w, x, target = leaf(rng.standard_normal((4, 3))), rng.standard_normal((5, 4)), rng.standard_normal((5, 3))

    def steps(n):
        for _ in range(n):
            w.grad = None
            loss = F.square(x @ w - target).sum()
            loss.backward()
            w.data -= 0.01 * w.grad

    gc.disable()  # nothing may wait for the collector of cycles
    steps(2_500)  # until Python's own stores of small objects are full
    tracemalloc.start()
    try:
        steps(200)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        steps(10_000)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 20_000  # one number kept in each step would be 240,000
    assert peak - before < 60_000


def test_no_graph_waits_for_the_collector_of_cycles():
    def twice(x):
        return grad(lambda z: (z**3).sum())(x).sum()

    gc.collect()
    gc.disable()
    try:
        for _ in range(50):
            grad(twice)(np.ones(3))
            x = leaf(np.ones((1, 1, 6, 6)))
            y = F.concatenate([F.max_pool2d(F.relu(x), 2), F.avg_pool2d(x, 2)], 1)
            F.log_softmax(y.reshape(1, -1), 1)[[0], [2]].sum().backward()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_only_what_is_asked_for_is_computed():
    x, w = Tensor(np.ones((1, 1, 5, 5))), leaf(np.ones((1, 1, 3, 3)))
    y = F.conv2d(x, w)
    seen = spied(y)
    y.sum().backward()
    assert seen == ["w"]
    assert x.grad is None


def test_a_walk_to_the_arguments_of_a_function_does_not_go_beyond_them():
    w = leaf([1.0, 2.0])
    x = w * 2
    seen = spied(x)
    g = grad(lambda z: (z * z * x).sum())(x)
    assert np.allclose(g.data, 2 * x.data * x.data)
    assert seen == []
    g.sum().backward()
    assert seen == ["a"]
    assert np.allclose(w.grad, 4 * x.data * 2)


def test_no_grad_records_nothing_and_is_undone():
    x = leaf([1.0, 2.0])
    with no_grad():
        y = x * 2
        assert y.step is None
        assert not y.requires_grad
    assert (x * 2).requires_grad

    @no_grad()
    def f(x):
        return x * 2

    assert not f(x).requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * 2).requires_grad
    found = []
    with no_grad():
        thread = Thread(target=lambda: found.append((x * 2).requires_grad))
        thread.start()
        thread.join()
    assert found == [True]


def test_detach_cuts():
    x = leaf([1.0, 2.0])
    (x * x.detach()).sum().backward()
    assert x.grad.tolist() == [1, 2]


def test_data_is_copied_when_given():
    a = np.ones(3)
    x = leaf(a)
    a[0] = 5
    assert x.data[0] == 1
    assert Tensor(x).data is not x.data
    x.data = a
    a[0] = 6
    assert x.data[0] == 5
    same = x.data
    x.data -= 1.0
    assert x.data is same


def test_arithmetic_with_arrays_numbers_and_lists_on_both_sides():
    x, a = leaf([1.0, 2.0]), np.array([3.0, 5.0])
    for y in (a + x, a - x, a * x, a / x, a @ x, 2 - x, 2 / x, 2**x):
        assert isinstance(y, Tensor)
        assert y.requires_grad
    assert (a > x).tolist() == [True, True]
    assert (x == [1, 3]).tolist() == [True, False]
    assert np.allclose((x * [1, 2]).data, [1, 4])
    assert x in {x}
    assert [float(e) for e in x] == [1, 2]
    assert bool(leaf(1.0))
    assert repr(x) == "Tensor([1., 2.], requires_grad=True)"
    assert repr(x.sum()) == "Tensor(3., by sum)"


def test_functions_of_arrays_alone_are_those_of_ops():
    assert type(F.relu(np.ones(3))) is np.ndarray
    assert type(F.max_pool2d(np.ones((1, 4, 4)), 2)) is np.ndarray
    y, where = F.max_pool2d(Tensor(np.ones((1, 4, 4))), 2, return_indices=True)
    assert isinstance(y, Tensor)
    assert where.shape == (1, 2, 2)


def test_grad_of_grad_with_outer_values_held_inside():
    assert float(grad(lambda a: grad(lambda x: a * x * x)(3.0))(2.0)) == 6
    f = lambda x, y: x**3 * y**2
    assert float(grad(grad(f, 0), 1)(2.0, 5.0)) == 3 * 4 * 2 * 5
    third = grad(grad(grad(lambda x: F.exp(2 * x))))
    assert np.isclose(third(0.5), 8 * np.exp(1))


def test_gradients_by_value_and_by_name():
    value, (gx, gy) = value_and_grad(lambda x, y, scale=1: scale * x * x * y, (0, 1))(3.0, 4.0, scale=2)
    assert (float(value), float(gx), float(gy)) == (72, 48, 18)
    assert type(gx) is np.ndarray
    assert float(grad(lambda x: 5.0)(3.0)) == 0
    assert float(grad(lambda x, y: y * 2, 0)(3.0, 4.0)) == 0


def test_a_tensor_in_gives_tensors_out_that_go_on():
    x = leaf([1.0, 2.0])
    g = grad(lambda z: (z**3).sum())(x)
    assert isinstance(g, Tensor)
    g.sum().backward()
    assert np.allclose(x.grad, [6, 12])


def test_parameters_held_inside_a_function_do_not_get_in_the_way():
    w = leaf([2.0, 3.0])
    g = grad(lambda x: (w * x).sum())(np.ones(2))
    assert type(g) is np.ndarray
    assert g.tolist() == [2, 3]
    assert w.grad is None
    with no_grad():
        assert grad(lambda x: (w * x).sum())(np.ones(2)).tolist() == [2, 3]


def test_vjp_takes_a_cotangent_as_often_as_one_likes():
    y, back = vjp(lambda x, w: x @ w, np.ones((2, 3)), np.ones((3, 4)))
    assert y.shape == (2, 4)
    gx, gw = back(np.ones((2, 4)))
    assert gx.tolist() == [[4.0] * 3] * 2
    assert gw.tolist() == [[2.0] * 4] * 3
    assert back(np.zeros((2, 4)))[0].any() == np.False_


def test_jacobian_row_by_row_is_that_of_softmax():
    x = np.array([0.3, -1.0, 2.0])
    y, back = vjp(lambda x: F.softmax(x, 0), x)
    rows = np.stack([back(e)[0] for e in np.eye(3)])
    assert np.allclose(rows, np.diag(y) - np.outer(y, y))


def test_the_same_numbers_again():
    def once():
        rng = np.random.default_rng(0)
        x, w = leaf(rng.standard_normal((2, 3, 8, 9))), leaf(rng.standard_normal((4, 3, 3, 2)))
        F.max_pool2d(F.silu(F.conv2d(x, w)), 2).sum().backward()
        return x.grad, w.grad

    assert all((a == b).all() for a, b in zip(once(), once(), strict=True))


def overwritten():
    x, c = leaf([1.0, 2.0]), Tensor([1.0, 2.0])
    y = (x * c).sum()
    c[0] = 9
    return y.backward()


def stepped():
    w = leaf([1.0, 2.0])
    y = (w * w).sum()
    w.data -= 0.1
    return y.backward()


def assign(x):
    x[0] = 1.0


def replace(x, data):
    x.data = data


MISTAKES = {
    r"backward: the result has shape \(2,\) and dtype float64; give a cotangent": lambda: (
        leaf([1.0, 2.0]) * 2
    ).backward(),
    "backward: the result has shape .* and dtype complex128": lambda: (leaf(1.0) * 1j).backward(),
    r"backward: g has shape \(3,\), but the result \(2,\)": lambda: (leaf([1.0, 2.0]) * 2).backward(np.ones(3)),
    "backward: nothing that the result depends on has requires_grad=True": lambda: Tensor(1.0).backward(),
    "Tensor: data is int64; only floating point can have requires_grad=True": lambda: leaf([1, 2]),
    "backward: an argument of multiply was overwritten": overwritten,
    "backward: an argument of multiply was overwritten since": stepped,
    r"Tensor: x\[key\] = value would overwrite what the way back reads; write x = where": lambda: assign(
        leaf([1.0, 2.0])
    ),
    r"Tensor: x\[key\] = value would overwrite": lambda: assign(leaf([1.0, 2.0]) * 2),
    r"Tensor: data of shape \(3,\) cannot stand for \(2,\); only a given": lambda: replace(
        leaf([1.0, 2.0]), np.ones(3)
    ),
    r"Tensor: data of shape \(2,\) cannot stand for \(2,\) by multiply; only a given": lambda: replace(
        leaf([1.0, 2.0]) * 2, np.ones(2)
    ),
    "Tensor: NumPy's functions keep no record": lambda: np.asarray(leaf(1.0)),
    "grad: f returns float64 of shape .*; only one real number has a gradient": lambda: grad(lambda x: x * 2)(
        np.ones(2)
    ),
    "vjp: argument 0 is int64; only floating point has a derivative, so write 3.0 for 3": lambda: grad(lambda x: x)(3),
    "stack: the parts have shapes": lambda: F.stack([leaf(np.ones(2)), leaf(np.ones(3))]),
    "conv2d: x has 4 channels, but w with groups=1 expects 3": lambda: F.conv2d(
        leaf(np.ones((1, 4, 5, 5))), leaf(np.ones((2, 3, 3, 3)))
    ),
    "len: the tensor is a single number": lambda: len(leaf(1.0)),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_the_sentence(sentence):
    with pytest.raises((ValueError, TypeError, RuntimeError), match=f"^{sentence}"):
        MISTAKES[sentence]()


def test_numpy_functions_do_not_take_tensors_apart_in_silence():
    x = leaf([1.0, 2.0])
    for call in (np.exp, np.sum, np.stack, lambda x: np.concatenate([x, x]), lambda x: np.add(x, x)):
        with pytest.raises(TypeError):
            call(x)


def test_wrong_arguments_complain_as_a_function_does():
    for call in (lambda x: F.conv2d(x), lambda x: F.exp(x, 1, 2), lambda x: F.relu(x, x=x), lambda x: F.relu(x, z=1)):
        with pytest.raises(TypeError):
            call(leaf(np.ones((1, 1, 2, 2))))


def test_given_tensors_may_be_written_into_while_nothing_is_recorded():
    x = leaf([1.0, 2.0])
    with no_grad():
        x[0] = 5.0
    assert (x * x).sum().item() == 29
    c = Tensor([1.0, 2.0])
    c[c > 1] = 0.0
    assert c.data.tolist() == [1, 0]
    x += 1  # a new tensor
    assert x.step.name == "add"


def test_copies_are_given_tensors_of_their_own():
    import copy
    import pickle

    x = leaf([1.0, 2.0])
    for other in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)), copy.deepcopy(x * 1)):
        assert other.number != x.number
        assert other.step is None
        (x * other * other).sum().backward()
        assert other.grad.tolist() == [2, 8]
        assert not np.may_share_memory(other.data, x.data)


def test_an_empty_batch_has_an_empty_gradient():
    x, w = leaf(np.zeros((0, 2, 6, 8))), leaf(np.ones((3, 2, 3, 3)))
    y = F.avg_pool2d(F.max_pool2d(F.conv2d(x, w, padding=1), 2), 2)
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert not w.grad.any()
    slope = lambda x: grad(lambda z: F.square(F.max_pool2d(z, 2)).sum())(x).sum()
    assert grad(slope)(np.zeros((0, 2, 6, 8))).shape == x.shape
