"""Layers, losses, optimisers and models beside torch's: the same weights and batches give the same numbers."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")

import torch

from course import nn
from course.autodiff import Tensor
from tests.ops.cases import array

STEPS = 200


@pytest.fixture(autouse=True)
def one_thread():
    """These arrays are so small that threads would only wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def twin(ours, theirs):
    """Torch's module with our numbers, in double precision."""
    theirs = theirs.double()
    counts = {n: a for n, a in theirs.state_dict().items() if n.endswith("num_batches_tracked")}
    theirs.load_state_dict({n: torch.tensor(a) for n, a in ours.state().items()} | counts)
    return theirs


def same(found, expected, near=1e-9):
    expected = expected.detach().numpy() if isinstance(expected, torch.Tensor) else expected
    assert np.shape(found) == np.shape(expected)
    assert np.allclose(found, expected, rtol=near, atol=near)


def compare(ours, theirs, x, near=1e-9):
    """Values, and gradients in the input and in every parameter."""
    theirs = twin(ours, theirs)
    rng = np.random.default_rng(5)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, t = ours(a), theirs(b)
    same(y.data, t, near)
    g = array(rng, y.shape)
    y.backward(g)
    t.backward(torch.tensor(g))
    same(a.grad, b.grad, near)
    names = dict(theirs.named_parameters())
    found = dict(ours.named(Tensor))
    assert set(names) == set(found)
    for name, p in found.items():
        same(p.grad, names[name].grad, near)
    return theirs


LAYERS = {
    "Linear": (lambda n: n.Linear(5, 3), (4, 5)),
    "Linear of a batch of sequences": (lambda n: n.Linear(5, 3, bias=False), (2, 4, 5)),
    "Conv2d": (lambda n: n.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2), (3, 4, 7, 8)),
    "Conv2d same": (lambda n: n.Conv2d(4, 3, (3, 5), padding="same", bias=False), (2, 4, 7, 8)),
    "ConvTranspose2d": (lambda n: n.ConvTranspose2d(4, 6, (3, 2), (2, 3), (1, 0), (1, 0), 2), (3, 4, 5, 6)),
    "MaxPool2d": (lambda n: n.MaxPool2d((3, 2), (2, 1), (1, 0)), (2, 3, 7, 8)),
    "AvgPool2d": (lambda n: n.AvgPool2d((3, 2), (2, 1), (1, 0), count_include_pad=False), (2, 3, 7, 8)),
    "BatchNorm2d": (lambda n: n.BatchNorm2d(3), (4, 3, 5, 6)),
    "Flatten": (lambda n: n.Flatten(), (4, 3, 5, 6)),
    "ReLU": (lambda n: n.ReLU(), (4, 3)),
    "Sequential": (lambda n: n.Sequential(n.Linear(5, 4), n.ReLU(), n.Linear(4, 3)), (6, 5)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    make, shape = LAYERS[name]
    compare(make(nn), make(torch.nn), array(np.random.default_rng(0), shape))


def test_batch_norm_keeps_what_torch_keeps_and_uses_it():
    rng = np.random.default_rng(0)
    ours, theirs = nn.BatchNorm2d(3, eps=1e-3, momentum=0.3), torch.nn.BatchNorm2d(3, eps=1e-3, momentum=0.3)
    ours.weight.data, ours.bias.data = array(rng, 3), array(rng, 3)
    theirs = twin(ours, theirs)
    for _ in range(3):
        x = 2 * array(rng, (4, 3, 5, 6)) + 1
        same(ours(Tensor(x)).data, theirs(torch.tensor(x)))
    same(ours.running_mean, theirs.running_mean)
    same(ours.running_var, theirs.running_var)
    ours.eval(), theirs.eval()
    compare(ours, theirs, x)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_losses(reduction):
    rng = np.random.default_rng(0)
    TF = torch.nn.functional
    cases = [
        ("cross_entropy", array(rng, (5, 3)), rng.integers(0, 3, 5)),
        ("cross_entropy", array(rng, (2, 3, 4, 5)), rng.integers(0, 3, (2, 4, 5))),
        ("cross_entropy", 1e4 * array(rng, (5, 3)), rng.integers(0, 3, 5)),
        ("mse_loss", array(rng, (4, 3)), array(rng, (4, 3))),
        ("binary_cross_entropy_with_logits", 50 * array(rng, (4, 3)), rng.random((4, 3))),
        ("binary_cross_entropy_with_logits", np.zeros((4, 3)), rng.random((4, 3))),
    ]
    for name, x, target in cases:
        a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
        ours = getattr(nn, name)(a, target, reduction=reduction)
        theirs = getattr(TF, name)(b, torch.tensor(target), reduction=reduction)
        same(ours.data, theirs)
        ours.sum().backward()
        theirs.sum().backward()
        same(a.grad, b.grad)


OPTIMISERS = {
    "SGD": ("SGD", {"lr": 0.05}),
    "SGD, momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
    "SGD, Nesterov": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    "SGD, decay": ("SGD", {"lr": 0.05, "weight_decay": 0.03}),
    "SGD, all": ("SGD", {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.03, "nesterov": True}),
    "Adam": ("Adam", {}),
    "Adam, decay": ("Adam", {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.05}),
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_200_steps(name):
    kind, options = OPTIMISERS[name]
    rng = np.random.default_rng(0)
    ours = nn.mlp((6, 5, 3), activation="tanh", rng=rng)
    theirs = twin(ours, torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)))
    step, torchs = (
        getattr(nn, kind)(ours.parameters(), **options),
        getattr(torch.optim, kind)(theirs.parameters(), **options),
    )
    for _ in range(STEPS):
        x, labels = array(rng, (8, 6)), rng.integers(0, 3, 8)
        step.zero_grad()
        torchs.zero_grad()
        loss = nn.cross_entropy(ours(x), labels)
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels))
        loss.backward()
        expected.backward()
        step.step()
        torchs.step()
        same(loss.item(), expected)
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            same(p.data, q)


def torch_lenet():
    n = torch.nn
    return n.Sequential(
        n.Conv2d(1, 6, 5, padding=2), n.ReLU(), n.MaxPool2d(2), n.Conv2d(6, 16, 5), n.ReLU(), n.MaxPool2d(2),
        n.Flatten(), n.Linear(400, 120), n.ReLU(), n.Linear(120, 84), n.ReLU(), n.Linear(84, 10),
    )  # fmt: skip


def test_lenet_and_some_steps_of_it():
    rng = np.random.default_rng(0)
    ours = nn.lenet(rng=rng)
    theirs = compare(ours, torch_lenet(), rng.random((3, 1, 28, 28)))
    step = nn.SGD(ours.parameters(), lr=0.05, momentum=0.9)
    torchs = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    for _ in range(10):
        x, labels = rng.random((8, 1, 28, 28)), rng.integers(0, 10, 8)
        step.zero_grad()
        torchs.zero_grad()
        nn.cross_entropy(ours(x), labels).backward()
        torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels)).backward()
        step.step()
        torchs.step()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        same(p.data, q)


class TorchUNet(torch.nn.Module):
    def __init__(self, c, out, width, depth):
        super().__init__()
        n = torch.nn
        wide = [width * 2**i for i in range(depth + 1)]
        twice = lambda a, b: n.Sequential(
            n.Conv2d(a, b, 3, padding=1), n.ReLU(), n.Conv2d(b, b, 3, padding=1), n.ReLU()
        )
        self.down = n.ModuleList([twice(a, b) for a, b in zip([c, *wide[:-1]], wide, strict=True)])
        self.grow = n.ModuleList([n.ConvTranspose2d(2 * w, w, 2, stride=2) for w in wide[-2::-1]])
        self.up = n.ModuleList([twice(2 * w, w) for w in wide[-2::-1]])
        self.head = n.Conv2d(width, out, 1)

    def forward(self, x):
        seen = []
        for block in self.down[:-1]:
            seen.append(block(x))
            x = torch.nn.functional.max_pool2d(seen[-1], 2)
        x = self.down[-1](x)
        for grow, block in zip(self.grow, self.up, strict=True):
            x = block(torch.cat([seen.pop(), grow(x)], 1))
        return self.head(x)


def test_unet():
    rng = np.random.default_rng(0)
    compare(nn.unet(3, 2, width=4, depth=2, rng=rng), TorchUNet(3, 2, 4, 2), rng.random((2, 3, 8, 12)))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: n.Linear(50, 40),
        lambda n: n.Conv2d(6, 40, (5, 3), groups=2),
        lambda n: n.ConvTranspose2d(6, 40, (5, 3), groups=2),
    ],
)
def test_initial_numbers_have_torchs_bounds(make):
    theirs = make(torch.nn)
    for seed in range(3):
        layer = make(nn)
        assert layer.weight.shape == theirs.weight.shape
        assert layer.bias.shape == theirs.bias.shape
        fan_in = np.prod(layer.weight.shape[1:])
        for w in (layer.weight.data, layer.bias.data):
            most = np.abs(w).max()
            assert 0.9 / np.sqrt(fan_in) < most <= 1 / np.sqrt(fan_in), seed
        for w in (theirs.weight, theirs.bias):
            assert w.abs().max().item() <= 1 / np.sqrt(fan_in) * (1 + 1e-6)
        assert abs(layer.weight.data.mean()) < 0.1 / np.sqrt(fan_in)
