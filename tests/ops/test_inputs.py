"""Whatever comes in: never modified, read-only, strided, of any precision, complex, or with an empty batch."""

import numpy as np
import pytest

from course import ops
from tests.ops.cases import array

RNG = np.random.default_rng(0)
WHERE = ops.max_pool2d(RNG.standard_normal((2, 3, 6, 8)), (2, 4), return_indices=True)[1]

# name -> (shapes of the array arguments, how to call); each is linear in its first argument unless it says so below
CALLS = {
    "convolve": ([(9, 8), (2, 3)], lambda x, w: ops.convolve(x, w)),
    "correlate": ([(9, 8), (2, 3)], lambda x, w: ops.correlate(x, w, "same")),
    "conv1d": ([(2, 4, 9), (6, 2, 3)], lambda x, w: ops.conv1d(x, w, groups=2, stride=2)),
    "conv2d": ([(2, 3, 6, 7), (4, 3, 2, 3)], lambda x, w: ops.conv2d(x, w, padding=(1, 2), dilation=(2, 1))),
    "conv2d 1x1": ([(2, 3, 6, 7), (4, 3, 1, 1)], lambda x, w: ops.conv2d(x, w)),
    "conv3d": ([(2, 1, 4, 5, 6), (2, 1, 2, 3, 1)], lambda x, w: ops.conv3d(x, w, padding="same")),
    "conv_transpose2d": ([(2, 3, 4, 5), (3, 2, 2, 3)], lambda x, w: ops.conv_transpose2d(x, w, stride=(2, 3))),
    "conv_adjoint_x": ([(2, 4, 5, 5), (4, 3, 2, 3)], lambda g, w: ops.conv_adjoint_x(g, w, (len(g), 3, 6, 7))),
    "conv_adjoint_w": ([(2, 4, 5, 5), (2, 3, 6, 7)], lambda g, x: ops.conv_adjoint_w(g, x, (4, 3, 2, 3))),
    "unfold": ([(2, 3, 6, 7)], lambda x: ops.unfold(x, (2, 3), stride=(1, 2))),
    "unfold 1x1": ([(2, 3, 6, 7)], lambda x: ops.unfold(x, 1)),
    "fold": ([(2, 18, 10)], lambda x: ops.fold(x, (6, 6), (2, 3), stride=(1, 3)) if x.size else x),
    "avg_pool1d": ([(2, 3, 9)], lambda x: ops.avg_pool1d(x, 2)),
    "avg_pool2d": ([(2, 3, 6, 7)], lambda x: ops.avg_pool2d(x, 3, 1)),
    "avg_pool2d 1x1": ([(2, 3, 6, 7)], lambda x: ops.avg_pool2d(x, 1)),
    "avg_pool_adjoint": ([(2, 3, 3, 2)], lambda g: ops.avg_pool_adjoint(g, (2, 3), (len(g), 3, 6, 7))),
    "max_pool1d": ([(2, 3, 9)], lambda x: ops.max_pool1d(x, 2)),
    "max_pool2d": ([(2, 3, 6, 7)], lambda x: ops.max_pool2d(x, 2, 1, 1, return_indices=True)),
    "max_pool2d 1x1": ([(2, 3, 6, 7)], lambda x: ops.max_pool2d(x, 1)),
    "max_pool_adjoint": ([(2, 3, 3, 2)], lambda g: ops.max_pool_adjoint(g, WHERE[: len(g)], (len(g), 3, 6, 8))),
    "max_unpool2d": ([(2, 3, 3, 2)], lambda g: ops.max_unpool2d(g, WHERE[: len(g)], (2, 4))),
    "pad": ([(4, 5)], lambda x: ops.pad(x, ((0, 0), (2, 1)), "reflect")),
    "pad by nothing": ([(4, 5)], lambda x: ops.pad(x, 0, "reflect")),
    "pad_adjoint": ([(4, 5)], lambda x: ops.pad_adjoint(x, ((0, 0), (1, 0)), mode="circular")),
    "pad_adjoint by nothing": ([(4, 5)], lambda x: ops.pad_adjoint(x, 0, mode="circular")),
    "crop": ([(4, 5)], lambda x: ops.crop(x, ((0, 0), (1, 2)))),
    "subsample": ([(4, 5)], lambda x: ops.subsample(x, (1, 2))),
    "subsample by one": ([(4, 5)], lambda x: ops.subsample(x, 1)),
    "zero_insert": ([(4, 5)], lambda x: ops.zero_insert(x, (3,))),
    "interpolate": ([(2, 3, 4, 5)], lambda x: ops.interpolate(x, (6, 3), mode="bilinear")),
    "interpolate same": ([(2, 3, 4, 5)], lambda x: ops.interpolate(x, (4, 5))),
    "interpolate_adjoint": (
        [(2, 3, 6, 3)],
        lambda g: ops.interpolate_adjoint(g, (len(g), 3, 4, 5), (6, 3), mode="bilinear"),
    ),
    "dft": ([(4, 5)], lambda x: ops.dft(x, 1)),
    "idft": ([(4, 5)], lambda x: ops.idft(x, 1)),
    "grid_sample": ([(2, 3, 4, 5), (2, 3, 2, 2)], lambda x, grid: ops.grid_sample(x, grid.real)),
    "grid_sample_adjoint": (
        [(2, 3, 3, 2), (2, 3, 2, 2)],
        lambda g, grid: ops.grid_sample_adjoint(g, grid.real, (len(g), 3, 4, 5)),
    ),
    "relu": ([(4, 5)], ops.relu),
    "leaky_relu": ([(4, 5)], ops.leaky_relu),
    "elu": ([(4, 5)], ops.elu),
    "sigmoid": ([(4, 5)], ops.sigmoid),
    "silu": ([(4, 5)], ops.silu),
    "tanh": ([(4, 5)], ops.tanh),
    "softmax": ([(4, 5)], lambda x: ops.softmax(x, 1)),
    "log_softmax": ([(4, 5)], lambda x: ops.log_softmax(x, 1)),
}
NOT_LINEAR = {"relu", "leaky_relu", "elu", "sigmoid", "silu", "tanh", "softmax", "log_softmax"} | {
    name for name in CALLS if name.startswith("max_pool") and "adjoint" not in name
}
NO_BATCH = {"convolve", "correlate", "dft", "idft"}  # an empty transform is NumPy's affair
every = pytest.mark.parametrize("name", CALLS)


def arguments(name, dtype=float):
    rng = np.random.default_rng(1)
    return [array(rng, shape, dtype) for shape in CALLS[name][0]]


def results(y):
    return list(y) if isinstance(y, tuple) else [y]


@every
def test_inputs_are_not_modified_and_may_be_read_only(name):
    inputs = arguments(name)
    before = [a.copy() for a in inputs]
    for a in inputs:
        a.flags.writeable = False
    y = CALLS[name][1](*inputs)
    assert all((a == b).all() for a, b in zip(inputs, before, strict=True))
    for result in results(y):
        assert not any(np.may_share_memory(result, a) for a in inputs)
        assert result.flags.writeable


@every
def test_inputs_may_be_strided(name):
    inputs = arguments(name)
    strided = []
    for a in inputs:
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]))[..., ::-2].swapaxes(0, -1)
        wide.swapaxes(0, -1)[...] = a
        strided.append(wide.swapaxes(0, -1))
    for y, expected in zip(results(CALLS[name][1](*strided)), results(CALLS[name][1](*inputs)), strict=True):
        assert np.allclose(y, expected, rtol=1e-12, atol=1e-12)


@every
def test_single_precision_stays(name):
    for y in results(CALLS[name][1](*arguments(name, np.float32))):
        assert y.dtype in (np.float32, np.complex64, np.int64)
        assert y.dtype != np.complex64 or "dft" in name


@pytest.mark.parametrize("name", sorted(set(CALLS) - NOT_LINEAR))
def test_linear_in_complex_numbers(name):
    rng = np.random.default_rng(2)
    (first, *rest), call = CALLS[name]
    others = [array(rng, shape, complex) for shape in rest]
    u, v, c = array(rng, first, complex), array(rng, first, complex), 2 - 3j
    assert np.allclose(call(u + c * v, *others), call(u, *others) + c * call(v, *others))
    assert call(u.astype(np.complex64), *[o.astype(np.complex64) for o in others]).dtype == np.complex64


@pytest.mark.parametrize("name", sorted(set(CALLS) - NO_BATCH))
def test_an_empty_batch_gives_an_empty_batch(name):
    first, *rest = arguments(name)
    shared = name == "conv_adjoint_w" or name.startswith("grid_sample")
    inputs = [first[:0], *(a[:0] if shared else a for a in rest)]
    full, empty = results(CALLS[name][1](*arguments(name))), results(CALLS[name][1](*inputs))
    for y, e in zip(full, empty, strict=True):
        if name == "conv_adjoint_w":
            assert e.shape == y.shape
            assert not e.any()
        else:
            assert e.shape[0] == 0
            assert name in ("fold", "zero_insert") or e.shape[1:] == y.shape[1:]


@pytest.mark.parametrize(
    "name", ["conv1d", "conv2d", "conv3d", "conv_transpose2d", "unfold", "avg_pool1d", "avg_pool2d", "max_pool2d"]
)
def test_without_the_batch(name):
    x, *rest = arguments(name)
    for alone, batch in zip(results(CALLS[name][1](x[1], *rest)), results(CALLS[name][1](x, *rest)), strict=True):
        assert np.allclose(alone, batch[1])


def test_adjoints_without_the_batch():
    rng = np.random.default_rng(0)
    g, w, x = array(rng, (4, 5, 5)), array(rng, (4, 3, 2, 3)), array(rng, (3, 6, 7))
    assert np.allclose(ops.conv_adjoint_x(g, w, x.shape), ops.conv_adjoint_x(g[None], w, (1, *x.shape))[0])
    assert np.allclose(ops.conv_adjoint_w(g, x, w.shape), ops.conv_adjoint_w(g[None], x[None], w.shape))
    assert ops.avg_pool_adjoint(array(rng, (3, 3, 2)), (2, 3), (3, 6, 7)).shape == (3, 6, 7)
    assert ops.avg_pool_adjoint(array(rng, (2, 3, 4)), 2, (2, 3, 9)).shape == (2, 3, 9)
    with pytest.raises(ValueError, match="say axes=1 or axes=2"):
        ops.avg_pool_adjoint(array(rng, (3, 6, 7)), 3, (3, 6, 7), stride=1, padding=1)
