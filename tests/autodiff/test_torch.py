"""Gradients of every operation beside torch's, over random shapes in which no two sizes are equal; and second ones."""

import warnings

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")

import torch

from course import ops
from course.autodiff import Tensor, functional, grad
from tests.ops.cases import array, convolution, distinct, pooling

F, TF = functional, torch.nn.functional


@pytest.fixture(autouse=True)
def one_thread():
    """These arrays are so small that threads would only wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


SEEDS = range(5)


def both(ours, theirs, arrays, rng, second=True):
    """Values, gradients for a random cotangent, and those of a random combination of the gradients, equal torch's."""
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        t = theirs(*ts)
        y = ours(*xs)
        same(y.data, t)
        g = array(rng, y.shape, y.dtype)
        y.backward(g)
        found = torch.autograd.grad(
            t, ts, torch.tensor(g), create_graph=second, allow_unused=True, materialize_grads=True
        )
        for x, e in zip(xs, found, strict=True):
            same(np.zeros(x.shape) if x.grad is None else x.grad, e)
        if not second:
            return
        directions = [array(rng, x.shape, x.dtype) for x in xs]
        total = sum((e * torch.tensor(d)).real.sum() for e, d in zip(found, directions, strict=True))
        if not total.requires_grad:
            return
        expected = torch.autograd.grad(total, ts, allow_unused=True, materialize_grads=True)

    def first(*points):
        slopes = grad(lambda *z: F.sum(F.real(ours(*z) * np.conj(g))), range(len(points)))(*points)
        return sum(F.sum(F.real(s * d)) for s, d in zip(slopes, directions, strict=True))

    for s, e in zip(grad(first, range(len(arrays)))(*arrays), expected, strict=True):
        same(s, e)


def same(found, expected):
    expected = expected.detach().resolve_conj().numpy(force=True)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-9, atol=1e-9)


def kink_free(rng, shape):
    """Numbers that stay away from 0 and from one another."""
    a = rng.permutation(int(np.prod(shape))).reshape(shape) + 0.5
    return (a - a.mean() + 0.25) / 8


# name -> (ours, torch's, shapes); no two lengths of one shape are equal
ELEMENTWISE = {
    "add": (lambda a, b: a + b, None, [(4, 3, 2), (3, 1)]),
    "add a number": (lambda a: 2 + a, None, [(4, 3)]),
    "subtract": (lambda a, b: a - b, None, [(3, 1), (4, 3, 2)]),
    "subtract from an array": (lambda a: 1.5 - a, None, [(4, 3)]),
    "multiply": (lambda a, b: a * b, None, [(4, 1, 2), (3, 1)]),
    "divide": (lambda a, b: a / b, None, [(4, 3, 2), (2,)]),
    "one over": (lambda a: 1 / a, None, [(4, 3)]),
    "cube": (lambda a: a**3, None, [(4, 3)]),
    "negative": (lambda a: -a, None, [(4, 3)]),
    "matmul": (lambda a, b: a @ b, None, [(4, 3), (3, 5)]),
    "matmul batched": (lambda a, b: a @ b, None, [(2, 1, 4, 3), (6, 3, 5)]),
    "matmul vector": (lambda a, b: a @ b, None, [(3,), (6, 3, 5)]),
    "matmul by vector": (lambda a, b: a @ b, None, [(6, 4, 3), (3,)]),
    "dot": (lambda a, b: a @ b, None, [(3,), (3,)]),
    "sum": (lambda a: a.sum(), None, [(4, 3)]),
    "sum axis": (lambda a: a.sum((0, 2)), None, [(4, 3, 5)]),
    "mean": (lambda a: a.mean(1, True), lambda a: a.mean(1, True), [(4, 3, 5)]),
    "max": (lambda a: F.max(a, (0, 2)), lambda a: a.amax((0, 2)), [(4, 3, 5)]),
    "min": (lambda a: a.min(), lambda a: a.amin(), [(4, 3)]),
    "cumsum": (lambda a: F.cumsum(a, 1), lambda a: a.cumsum(1), [(4, 3, 5)]),
    "var": (lambda a: F.var(a, (0, 2), 1), lambda a: a.var((0, 2)), [(4, 3, 5)]),
    "logsumexp": (lambda a: F.logsumexp(a, 1), lambda a: a.logsumexp(1), [(4, 3, 5)]),
    "reshape": (lambda a: a.reshape(5, -1), None, [(4, 3, 5)]),
    "transpose": (lambda a: a.transpose(2, 0, 1), lambda a: a.permute(2, 0, 1), [(4, 3, 5)]),
    "T": (lambda a: a.T, None, [(4, 3)]),
    "swapaxes": (lambda a: a.swapaxes(0, 2), None, [(4, 3, 5)]),
    "moveaxis": (lambda a: F.moveaxis(a, 0, -1), lambda a: a.moveaxis(0, -1), [(4, 3, 5)]),
    "flip": (lambda a: F.flip(a, (0, 2)), lambda a: a.flip((0, 2)), [(4, 3, 5)]),
    "broadcast_to": (lambda a: F.broadcast_to(a, (2, 4, 3)), lambda a: a.broadcast_to((2, 4, 3)), [(4, 1)]),
    "index": (lambda a: a[1:, None, ::2, -1], None, [(4, 5, 3)]),
    "index by numbers": (lambda a: a[[0, 2, 2]], None, [(4, 3)]),
    "index pairs": (lambda a: a[[0, 2, 2], [1, 0, 0]], None, [(4, 3)]),
    "index by mask": (
        lambda a: a[np.arange(12).reshape(4, 3) % 5 > 2],
        lambda a: a[torch.arange(12).reshape(4, 3) % 5 > 2],
        [(4, 3)],
    ),
    "concatenate": (lambda a, b: F.concatenate([a, b, a], 1), lambda a, b: torch.cat([a, b, a], 1), [(4, 3), (4, 2)]),
    "stack": (lambda a, b: F.stack([a, b], -1), lambda a, b: torch.stack([a, b], -1), [(4, 3), (4, 3)]),
    "exp": (F.exp, torch.exp, [(4, 3)]),
    "expm1": (F.expm1, torch.expm1, [(4, 3)]),
    "sin": (F.sin, torch.sin, [(4, 3)]),
    "cos": (F.cos, torch.cos, [(4, 3)]),
    "square": (F.square, torch.square, [(4, 3)]),
    "abs": (F.abs, torch.abs, [(4, 3)]),
    "maximum": (F.maximum, torch.maximum, [(4, 3), (3,)]),
    "minimum": (F.minimum, torch.minimum, [(4, 3), (3,)]),
    "clip": (lambda a: F.clip(a, -0.4, 0.3), lambda a: a.clip(-0.4, 0.3), [(4, 3)]),
    "where": (lambda a, b: F.where(a > 0, a, b), lambda a, b: torch.where(a > 0, a, b), [(4, 3), (3,)]),
    "relu": (F.relu, TF.relu, [(4, 3)]),
    "leaky_relu": (lambda a: F.leaky_relu(a, 0.2), lambda a: TF.leaky_relu(a, 0.2), [(4, 3)]),
    "elu": (lambda a: F.elu(a, 1.3), lambda a: TF.elu(a, 1.3), [(4, 3)]),
    "sigmoid": (F.sigmoid, TF.sigmoid, [(4, 3)]),
    "silu": (F.silu, TF.silu, [(4, 3)]),
    "tanh": (F.tanh, TF.tanh, [(4, 3)]),
    "softmax": (lambda a: F.softmax(a, 1), lambda a: TF.softmax(a, 1), [(4, 3, 5)]),
    "softmax as it comes": (F.softmax, TF.softmax, [(4, 3, 5)]),
    "log_softmax": (lambda a: F.log_softmax(a, -1), lambda a: TF.log_softmax(a, -1), [(4, 3, 5)]),
}
POSITIVE = {
    "log": (F.log, torch.log, [(4, 3)]),
    "log1p": (F.log1p, torch.log1p, [(4, 3)]),
    "sqrt": (F.sqrt, torch.sqrt, [(4, 3)]),
    "power": (lambda a, b: a**b, None, [(4, 3), (3,)]),
    "number to a power": (lambda a: 2.5**a, None, [(4, 3)]),
}
COMPLEX = {
    "multiply": (lambda a, b: a * b, None, [(4, 1), (3,)]),
    "divide": (lambda a, b: a / b, None, [(4, 3), (3,)]),
    "cube": (lambda a: a**3, None, [(4, 3)]),
    "matmul": (lambda a, b: a @ b, None, [(4, 3), (3, 5)]),
    "exp": (F.exp, torch.exp, [(4, 3)]),
    "sin": (F.sin, torch.sin, [(4, 3)]),
    "abs": (F.abs, torch.abs, [(4, 3)]),
    "real": (F.real, lambda a: a.real, [(4, 3)]),
    "imag": (F.imag, lambda a: a.imag, [(4, 3)]),
    "conj": (F.conj, torch.conj, [(4, 3)]),
    "conv2d": (
        lambda x, w: F.conv2d(x, w, stride=(2, 1)),
        lambda x, w: TF.conv2d(x, w, stride=(2, 1)),
        [(2, 3, 6, 7), (4, 3, 3, 2)],
    ),
    "conv_transpose2d": (
        lambda x, w: F.conv_transpose2d(x, w, stride=(2, 1)),
        lambda x, w: TF.conv_transpose2d(x, w, stride=(2, 1)),
        [(2, 3, 4, 5), (3, 4, 3, 2)],
    ),
    "dft": (lambda a: F.dft(a, (0, 2)), lambda a: torch.fft.fftn(a, dim=(0, 2)), [(4, 3, 5)]),
    "idft": (lambda a: F.idft(a, 1, "ortho"), lambda a: torch.fft.ifft(a, dim=1, norm="ortho"), [(4, 3, 5)]),
}


FIXED = {"reshape", "broadcast_to", "index by mask"}  # these name lengths


def drawn(rng, name, shapes):
    """The shapes with other lengths: different ones where they were, and 1 where it was."""
    if name in FIXED:
        return shapes
    old = sorted({n for shape in shapes for n in shape} - {1})
    new = dict(zip([1, *old], (1, *distinct(rng, 3, 9, len(old))), strict=True))
    return [tuple(new[n] for n in shape) for shape in shapes]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_reductions_and_arranging(name, seed):
    rng = np.random.default_rng(seed)
    ours, theirs, shapes = ELEMENTWISE[name]
    arrays = [kink_free(rng, shape) * (1 + 0.3 * i) for i, shape in enumerate(drawn(rng, name, shapes))]
    both(ours, theirs or ours, arrays, rng)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", POSITIVE)
def test_of_positive_numbers(name, seed):
    rng = np.random.default_rng(seed)
    ours, theirs, shapes = POSITIVE[name]
    both(ours, theirs or ours, [0.2 + rng.random(shape) for shape in drawn(rng, name, shapes)], rng)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", COMPLEX)
def test_complex_numbers(name, seed):
    rng = np.random.default_rng(seed)
    ours, theirs, shapes = COMPLEX[name]
    fixed = "conv" in name
    shapes = shapes if fixed else drawn(rng, name, shapes)
    both(ours, theirs or ours, [array(rng, shape, complex) for shape in shapes], rng)


def test_ties_are_shared_as_in_torch():
    rng = np.random.default_rng(0)
    a = np.array([[2.0, 2.0, 1.0], [0.0, 2.0, 0.0]])
    both(lambda x: F.max(x, 1), lambda x: x.amax(1), [a], rng)
    both(F.maximum, torch.maximum, [a, a[::-1].copy()], rng)
    both(F.abs, torch.abs, [a], rng)
    both(F.relu, torch.relu, [a], rng)
    both(lambda x: x**2, lambda x: x**2, [a], rng)
    both(lambda x: x**0, lambda x: x**0, [a], rng, second=False)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_conv(axes, seed):
    rng = np.random.default_rng(seed)
    x_shape, w_shape, options = convolution(rng, axes)
    arrays = [array(rng, x_shape), array(rng, w_shape), array(rng, w_shape[:1])]
    conv, theirs = (getattr(room, f"conv{axes}d") for room in (F, TF))
    both(lambda *a: conv(*a, **options), lambda *a: theirs(*a, **options), arrays, rng)
    same_padding = {"padding": "same", "dilation": options["dilation"]}
    arrays = [array(rng, x_shape[1:]), array(rng, (w_shape[0], x_shape[1], *w_shape[2:]))]
    both(lambda *a: conv(*a, **same_padding), lambda *a: theirs(*a, **same_padding), arrays, rng)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_conv_transpose(axes, seed):
    rng = np.random.default_rng(seed)
    while True:
        n, c, m = distinct(rng, 1, 4, 3)
        options = {name: distinct(rng, low, 3, axes) for name, low in (("stride", 1), ("dilation", 1), ("padding", 0))}
        options["output_padding"] = tuple(
            max(a, b) - 1 for a, b in zip(options["stride"], options["dilation"], strict=True)
        )
        size, kernel = distinct(rng, 2, 5, axes), distinct(rng, 1, 4, axes)
        try:
            ops.transposed_output_size(size, kernel, **options)
        except ValueError:
            continue
        break
    groups = options["groups"] = int(rng.integers(1, 3))
    arrays = [array(rng, (n, c * groups, *size)), array(rng, (c * groups, m, *kernel)), array(rng, m * groups)]
    ours, theirs = (getattr(room, f"conv_transpose{axes}d") for room in (F, TF))
    both(lambda *a: ours(*a, **options), lambda *a: theirs(*a, **options), arrays, rng)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2])
def test_pools(axes, seed):
    rng = np.random.default_rng(seed)
    x_shape, kernel, options = pooling(rng, axes)
    x = kink_free(rng, x_shape)
    ours, theirs = (getattr(room, f"avg_pool{axes}d") for room in (F, TF))
    counting = (
        options | {"count_include_pad": bool(seed % 2)} | ({"divisor_override": 3} if axes == 2 and seed % 3 else {})
    )
    both(lambda a: ours(a, kernel, **counting), lambda a: theirs(a, kernel, **counting), [x], rng)
    both(lambda a: ours(a, kernel, **counting), lambda a: theirs(a, kernel, **counting), [x[0]], rng)
    x_shape, kernel, options = pooling(rng, axes, dilated=True)
    ours, theirs = (getattr(room, f"max_pool{axes}d") for room in (F, TF))
    x = kink_free(rng, x_shape)
    both(lambda a: ours(a, kernel, **options) ** 2, lambda a: theirs(a, kernel, **options) ** 2, [x], rng)


def test_max_unpool2d():
    rng = np.random.default_rng(0)
    _, where = ops.max_pool2d(kink_free(rng, (2, 3, 6, 8)), (2, 4), return_indices=True)
    indices = torch.tensor(where)
    both(
        lambda x: F.max_unpool2d(x, where, (2, 4)),
        lambda x: TF.max_unpool2d(x, indices, (2, 4)),
        [array(rng, where.shape)],
        rng,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_unfold_and_fold(seed):
    rng = np.random.default_rng(seed)
    shape = (*distinct(rng, 1, 3, 2), *distinct(rng, 6, 9, 2))
    two = lambda low, high: distinct(rng, low, high, 2)
    kernel, options = two(1, 3), {"dilation": two(1, 2), "padding": two(0, 2), "stride": two(1, 3)}
    x = array(rng, shape)
    both(lambda a: F.unfold(a, kernel, **options), lambda a: TF.unfold(a, kernel, **options), [x], rng)
    columns, size = array(rng, ops.unfold(x, kernel, **options).shape), shape[-2:]
    both(lambda a: F.fold(a, size, kernel, **options), lambda a: TF.fold(a, size, kernel, **options), [columns], rng)


@pytest.mark.parametrize(
    ("mode", "theirs"),
    [("constant", "constant"), ("reflect", "reflect"), ("replicate", "replicate"), ("circular", "circular")],
)
def test_pad(mode, theirs):
    rng = np.random.default_rng(0)
    x = array(rng, (2, 3, 4, 6))
    both(
        lambda a: F.pad(a, [(0, 0), (0, 0), (1, 3), (2, 0)], mode),
        lambda a: TF.pad(a, (2, 0, 1, 3), theirs),
        [x],
        rng,
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_interpolate(axes, seed):
    rng = np.random.default_rng(seed)
    mode = ["nearest", ["linear", "bilinear", "trilinear"][axes - 1]][seed % 2]
    options = {"mode": mode} | ({} if mode == "nearest" else {"align_corners": bool(rng.integers(2))})
    if rng.integers(2):
        options["size"] = distinct(rng, 1, 8, axes)
    else:
        options["scale_factor"] = tuple(rng.uniform(0.6, 2.5, axes).tolist())
    x = array(rng, (*distinct(rng, 1, 3, 2), *distinct(rng, 2, 5, axes)))
    both(lambda a: F.interpolate(a, **options), lambda a: TF.interpolate(a, **options), [x], rng)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize(
    ("axes", "mode"), [(2, "bilinear"), (2, "nearest"), (2, "bicubic"), (3, "bilinear"), (3, "nearest")]
)
def test_grid_sample_in_the_image_and_in_the_grid(axes, mode, padding_mode, seed):
    rng = np.random.default_rng(seed)
    n, c = distinct(rng, 1, 3, 2)
    x = array(rng, (n, c, *distinct(rng, 2, 5, axes)))
    grid = rng.uniform(-1.6, 1.6, (n, *distinct(rng, 2, 4, axes), axes))
    options = {"mode": mode, "padding_mode": padding_mode, "align_corners": bool(seed % 2)}
    ours, theirs = (lambda *a, f=f: f(*a, **options) for f in (F.grid_sample, TF.grid_sample))
    both(ours, theirs, [x, grid], rng, second=False)  # torch has no second derivatives of it


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("axes", [2, 3])
def test_affine_grid(axes, aligned):
    rng = np.random.default_rng(0)
    size = (2, 1, *distinct(rng, 2, 5, axes))
    theta = array(rng, (2, axes, axes + 1))
    both(lambda t: F.affine_grid(t, size, aligned), lambda t: TF.affine_grid(t, size, aligned), [theta], rng)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolve_and_correlate(mode):
    rng = np.random.default_rng(0)
    x, w = array(rng, (7,)), array(rng, (4,))
    start, stop = {"full": (0, 10), "same": (1, 8), "valid": (3, 7)}[mode]
    flipped = lambda a, b: TF.conv1d(a[None, None], b.flip(0)[None, None], padding=3)[0, 0, start:stop]
    both(lambda a, b: F.convolve(a, b, mode), flipped, [x, w], rng)
    plain = lambda a, b: TF.conv1d(a[None, None], b[None, None], padding=3)[0, 0, start:stop]
    both(lambda a, b: F.correlate(a, b, mode), plain, [x, w], rng)


def test_real_numbers_that_become_complex_have_real_gradients():
    rng = np.random.default_rng(0)
    both(lambda a: F.abs(F.dft(a)) ** 2, lambda a: torch.fft.fftn(a).abs() ** 2, [array(rng, (4, 3))], rng)
    both(lambda a, b: a * b, lambda a, b: a * b, [array(rng, (4, 3)), array(rng, (3,), complex)], rng)


def test_single_precision_stays():
    rng = np.random.default_rng(0)
    x, w = (array(rng, s, np.float32) for s in ((2, 3, 8, 9), (4, 3, 3, 2)))
    x, w = Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)
    y = F.silu(F.max_pool2d(F.conv2d(x, w, padding=1), 2)) * 2 + 1
    y = (F.log_softmax(F.elu(y).reshape(2, -1), 1) / 3) ** 2 - F.exp(F.leaky_relu(y)).mean()
    assert y.dtype == np.float32
    y.sum().backward()
    assert x.grad.dtype == w.grad.dtype == np.float32
