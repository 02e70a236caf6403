"""The loop does what a bare one does, and what it draws by chance depends on seed and epoch alone."""

import ast
import inspect
from dataclasses import replace
from itertools import chain

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DistributedSampler

from course.train import devices, loop
from course.train.beginning import seeded
from course.train.demos.xor import DEMO as XOR
from tests.train.small import run, same, weights

N, BATCH = 53, 12  # 53 = 4·12 + 5


def order(size, rank, epoch, seed=7):
    sampler = DistributedSampler(range(N), size, rank, seed=seed, drop_last=True)
    return [b.tolist() for (b,) in loop.batches((torch.arange(N),), sampler, BATCH // size, epoch)]


def test_an_epoch_takes_whole_batches_of_different_examples_in_an_order_of_its_own():
    first, second = order(1, 0, 0), order(1, 0, 1)
    for epoch in (first, second):
        taken = [*chain(*epoch)]
        assert [len(b) for b in epoch] == [BATCH] * 4 and len(set(taken)) == 48
    assert first != second and {*chain(*first)} != {*chain(*second)}
    assert first == order(1, 0, 0) != order(1, 0, 0, seed=8)


@pytest.mark.parametrize("size", [2, 3, 4, 6])
def test_the_processes_share_the_batches_that_one_would_take(size):
    shares = [order(size, rank, 2) for rank in range(size)]
    assert all(len(b) == BATCH // size for share in shares for b in share)
    together = [sorted(chain(*parts)) for parts in zip(*shares, strict=True)]
    assert together == [sorted(b) for b in order(1, 0, 2)]


def test_augmentation_follows_its_seed_and_leaves_order_and_labels():
    x, label = torch.arange(2.0 * N).reshape(N, 2), torch.arange(N)
    add = lambda generator, x, label: (x + torch.rand(x.shape, generator=generator), label)
    a, b, c = (loop.augmented((x, label), add, BATCH, seed) for seed in (1, 1, 2))
    assert torch.equal(a[0], b[0]) and not torch.equal(a[0], c[0]) and torch.equal(a[1], label)
    moved = a[0] - x
    assert moved.min() >= 0 and moved.max() < 1 and len(moved.unique()) > N
    assert torch.get_rng_state().equal((loop.augmented((x, label), add, BATCH, 1), torch.get_rng_state())[1])


def test_an_epoch_of_training_is_gradient_descent():
    """By hand: w ← w − η ∂/∂w mean (w·x − y)², and the mean of the losses on the way."""
    model = nn.Linear(1, 1, bias=False).double()
    w = model.weight.item()
    data = torch.tensor([[[1.0], [2.0]], [[3.0], [-1.0]]]).double()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, gamma=0.5)
    loss = lambda model, x: F.mse_loss(model(x), 2 * x + 1)
    seen = []
    mean = loop.train_epoch(model, loss, ((x,) for x in data), optimiser, schedule, watch=seen.append)
    losses = []
    for rate, x in ((0.1, data[0]), (0.05, data[1])):
        error = w * x - (2 * x + 1)
        losses.append(float((error**2).mean()))
        w -= rate * float((2 * error * x).mean())
    assert abs(model.weight.item() - w) < 1e-14
    assert abs(float(mean) - sum(losses) / 2) < 1e-14 and [float(e) for e in seen] == losses


def test_the_loop_can_be_copied_for_it_needs_torch_alone():
    tree = ast.parse(inspect.getsource(loop))
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)} | {
        a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names
    }
    assert {str(m).split(".")[0] for m in modules} == {"torch", "collections", "contextlib", "typing"}
    assert all(len(line) <= 64 for line in inspect.getsource(loop.train_epoch).splitlines())


def test_each_use_of_chance_has_a_stream_of_its_own():
    keys = [(seed, use, epoch) for seed in range(20) for use in range(4) for epoch in range(20)]
    assert len({seeded(*key) for key in keys}) == len(keys)


@pytest.mark.parametrize("seed", range(5))
def test_xor_is_learned(tmp_path, seed):
    own = XOR.settings()
    found = run(tmp_path, demo=XOR, seed=seed, epochs=own.epochs, batch_size=own.batch_size)
    assert found.history[-1]["accuracy"] == 1.0
    assert found.history[0]["loss"] > 0.3 > 0.02 > found.history[-1]["loss"]


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(tmp_path):
    a, b, c = (run(tmp_path / name, seed=seed) for name, seed in (("a", 3), ("b", 3), ("c", 4)))
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))
    assert [r["loss"] for r in a.history] == [r["loss"] for r in b.history] != [r["loss"] for r in c.history]


def test_the_rate_falls_along_a_cosine_or_stays(tmp_path):
    rates = [r["lr"] for r in run(tmp_path / "a", lr=0.04).history]
    assert rates[0] == 0.04 and rates == sorted(rates, reverse=True) and abs(rates[1] - 0.04 * 0.904508) < 1e-7
    kept = run(tmp_path / "b", demo=replace(XOR, decay="none"), lr=0.04).history
    assert [r["lr"] for r in kept] == [0.04] * 5


def test_in_double_precision_weights_and_data_are_double(tmp_path):
    assert {p.dtype for p in run(tmp_path, dtype="float64").model.parameters()} == {torch.float64}


def test_bfloat16_is_taken_where_it_is_faster_and_stays_as_the_run_began(tmp_path, monkeypatch, capsys):
    full = run(tmp_path / "full")
    monkeypatch.setattr(devices, "product_times", lambda device: (2e-3, 1e-3))
    half = run(tmp_path / "half", amp=True)
    assert half.precision == "bfloat16" and {p.dtype for p in half.model.parameters()} == {torch.float32}
    losses = [[r["loss"] for r in found.history] for found in (full, half)]
    assert losses[0] != losses[1] and max(abs(a - b) for a, b in zip(*losses, strict=True)) < 0.05
    monkeypatch.setattr(devices, "product_times", lambda device: (1e-3, 2e-3))
    assert run(tmp_path / "half", resume=True, amp=True).precision == "bfloat16"
    said = []
    assert devices.precision(XOR.settings(amp=True), torch.device("cpu"), said.append) == "float32"
    assert said == [
        "--amp does not help on this cpu: a product of matrices takes 2 ms in bfloat16, 1 ms in float32. "
        "Computing in float32."
    ]


def test_the_times_of_both_precisions_are_measured(monkeypatch):
    monkeypatch.setattr(devices, "SIDE", 128)
    usual, short = devices.product_times(torch.device("cpu"))
    assert 0 < usual < 1 and 0 < short < 1 and usual != short


def test_without_a_compiler_training_goes_on_and_says_so(tmp_path, monkeypatch):
    def broken(model):
        def fail(*arguments):
            raise RuntimeError("no C++ compiler")

        return fail

    monkeypatch.setattr(torch, "compile", broken)
    model, said = nn.Linear(2, 2), []
    assert devices.compiled(model, torch.device("cpu"), said.append) is model
    assert said == ["--compile does not work here: torch.compile says RuntimeError. Training without."]
    run(tmp_path / "a", compile=True)
    run(tmp_path / "b")
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))


def test_with_a_compiler_the_compiled_model_is_trained_and_the_bare_one_kept(tmp_path, monkeypatch):
    compiled = []

    class Compiled(nn.Module):
        def __init__(self, model):
            super().__init__()
            self._orig_mod, self.calls = model, 0
            compiled.append(self)

        def forward(self, *x):
            self.calls += 1
            return self._orig_mod(*x)

    monkeypatch.setattr(torch, "compile", Compiled)
    run(tmp_path, compile=True)
    assert [c.calls for c in compiled] == [1, 10] and "0.weight" in weights(tmp_path)
