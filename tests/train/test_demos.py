"""Every demo, briefly: from the start and through a resume, it learns, and ends alike; on other devices' terms too."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

import numpy as np
import torch
from torch.nn import functional as F

from course.ops import conv_transpose2d
from course.train import Data, Progress, get_demo, train
from course.train.demos import denoise, digits, listed, overfit, shapes, superres
from tests.train.small import same, weights

# A small budget for each demo, and what is certainly reached with it; a network that does not learn misses it.
BRIEF = {
    "xor": ({"epochs": 20}, lambda m: m["accuracy"] > 0.9),  # half of the points are right by chance
    "digits": ({"epochs": 6}, lambda m: m["accuracy"] > 0.9),  # a tenth
    "overfit": (
        {"epochs": 14},
        lambda m: m["4 x 512: train"] < 0.4 and m["4 x 512: new"] > 0.9 and m["16: new"] < 0.69,
    ),
    "shapes": ({"epochs": 3, "examples": 96, "batch_size": 8}, lambda m: m["mean IoU"] > 0.6),  # Otsu: less than half
    "superres": (
        {"epochs": 8, "examples": 160, "batch_size": 8},
        lambda m: min(v for k, v in m.items() if "psnr" in k) > 24,
    ),
    "denoise": ({"epochs": 6, "examples": 128}, lambda m: m["psnr: learned"] > m["psnr: noisy"] + 4),
}


class Stop(Progress):
    """A reader who interrupts the run when some epochs are done."""

    def __init__(self, last):
        super().__init__(None)
        self.last = last

    def epoch(self, record):
        if record["epoch"] == self.last:
            raise KeyboardInterrupt


def brief(name):
    """A demo and its settings for a small budget."""
    demo = get_demo(name)
    return demo, demo.settings(**BRIEF[name][0])


def records(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_every_demo_has_a_budget():
    assert set(BRIEF) == set(listed())


@pytest.mark.parametrize("name", BRIEF)
def test_a_demo_learns_and_goes_on_where_it_was_interrupted(name, tmp_path):
    (demo, settings), quiet = brief(name), Progress(None)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(demo, settings, whole, device="cpu", progress=quiet)
    assert BRIEF[name][1](records(whole)[-1])
    with pytest.raises(KeyboardInterrupt):
        train(demo, settings, broken, device="cpu", progress=Stop(settings.epochs - 1))
    train(demo, settings, broken, device="cpu", progress=quiet, resume=True)
    assert same(weights(whole), weights(broken))
    timed = ("seconds", "images_per_second")
    curves = [[{k: v for k, v in r.items() if k not in timed} for r in records(out)] for out in (whole, broken)]
    assert curves[0] == curves[1]
    for out in (whole, broken):
        assert {"curves.svg", "picture.svg", "picture.png"} <= {path.name for path in out.iterdir()}
    assert (whole / "picture.svg").read_bytes() == (broken / "picture.svg").read_bytes()
    assert (whole / "curves.svg").read_bytes() == (broken / "curves.svg").read_bytes()


def cast(data, kind):
    """The data with floating tensors of another kind."""
    parts = (tuple(x.to(kind) if x.is_floating_point() else x for x in part) for part in (data.train, data.test))
    return Data(*parts)


@pytest.mark.parametrize("name", BRIEF)
def test_a_demo_computes_in_other_precisions(name):
    """The loss in float64 and in bfloat16 is that in float32, nearly; and all weights get a finite slope."""
    demo, settings = brief(name)
    data = demo.data(settings)
    errors = {}
    for kind, short in ((torch.float64, False), (torch.float32, False), (torch.float32, True)):
        torch.manual_seed(0)
        net = demo.model(settings, data).to(kind)
        batch = tuple(x[:8] for x in cast(data, kind).train)
        with torch.autocast("cpu", torch.bfloat16, enabled=short):
            error = demo.loss(net, *batch)
        error.backward()
        assert error.dtype == kind
        assert all(w.grad.isfinite().all() and w.grad.dtype == kind for w in net.parameters())
        errors[kind, short] = error.item()
    exact, single, half = errors.values()
    assert single == pytest.approx(exact, rel=1e-4)
    assert half == pytest.approx(exact, rel=0.05)


@pytest.mark.filterwarnings("ignore:Guards may run slower:RuntimeWarning")  # what torch says on Python 3.13.0
def test_torch_compile_finds_one_whole_graph_in_every_network():
    """What it makes of the graph is torch's affair; here it only runs it."""
    for name in BRIEF:
        demo, settings = brief(name)
        data = cast(demo.data(settings), torch.float32)
        net, x = demo.model(settings, data), data.train[0][:4]
        assert torch.equal(torch.compile(net, backend="eager", fullgraph=True)(x), net(x)), name


@pytest.mark.parametrize("name", BRIEF)
def test_the_data_are_those_of_the_seed(name):
    demo, settings = brief(name)

    def drawn(**asked):
        torch.manual_seed(0)
        data = demo.data(replace(settings, **asked))
        return [x.numpy() for x in (*data.train, *data.test)]

    first, again = drawn(), drawn()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(np.isfinite(a).all() for a in first)


@pytest.mark.parametrize("name", [name for name in BRIEF if get_demo(name).augment])
def test_what_is_augmented_keeps_its_shape_and_its_kind(name):
    demo, settings = brief(name)
    for kind in (torch.float32, torch.float64):
        batch = tuple(x[:12] for x in cast(demo.data(settings), kind).train)
        made, again, other = (demo.augment(torch.Generator().manual_seed(k), *batch) for k in (1, 1, 2))
        assert [(x.shape, x.dtype) for x in made] == [(x.shape, x.dtype) for x in batch]
        assert all(torch.equal(a, b) for a, b in zip(made, again, strict=True))
        assert not torch.equal(made[0], other[0])


def test_the_networks_side_by_side_learn_as_if_alone():
    """A step of all four, and a step of the third by itself, end at the same weights."""
    demo, settings = brief("overfit")
    x, odd = (part[:40] for part in cast(demo.data(settings), torch.float64).train)

    def after(alone):
        torch.manual_seed(0)
        net = demo.model(settings, None).double()
        learns = net.nets["3 x 64"] if alone else net
        step = torch.optim.AdamW(learns.parameters(), 0.01)
        error = F.binary_cross_entropy_with_logits(learns(x)[:, 0], odd) if alone else demo.loss(net, x, odd)
        error.backward()
        step.step()
        return net.nets["3 x 64"].state_dict()

    both, alone = after(False), after(True)
    assert all(torch.allclose(both[key], alone[key], rtol=1e-12, atol=0) for key in both)


def test_the_four_networks_have_the_sizes_of_the_notes():
    nets = overfit.Widths().nets
    assert [sum(w.numel() for w in net.parameters()) for net in nets.values()] == [481, 753, 10_241, 803_329]


def test_a_batch_has_no_part_in_the_answers():
    """What a network says of an example does not depend on the others: two processes are as good as one."""
    for name in BRIEF:
        demo, settings = brief(name)
        data = cast(demo.data(settings), torch.float64)
        net = demo.model(settings, data).double()
        x = data.train[0][:6]
        assert torch.allclose(net(x)[2:4], net(x[2:4]), rtol=1e-9, atol=1e-12), name


def test_the_mean_overlap_is_that_of_the_masks():
    masks = torch.zeros(3, 2, 1, 5, 7, dtype=torch.bool)
    masks[0, 0, 0, 1:3, 1:6] = masks[0, 1, 0, 1:4, 1:5] = True  # 8 in both, 2 and 4 in one
    masks[1, 0, 0, 0, 0] = True
    found = shapes.overlap(masks[:, 0], masks[:, 1])
    assert found.tolist() == pytest.approx([8 / 14, 0, 1])


def test_a_warp_by_nothing_changes_nothing(monkeypatch):
    images = torch.rand(5, 1, 8, 8, dtype=torch.float64)
    labels = torch.arange(5)
    for name in ("TURN", "GROW", "SLANT", "MOVE"):
        monkeypatch.setattr(digits, name, 0.0)
    still, kept = digits.warped(torch.Generator(), images, labels)
    assert torch.allclose(still, images) and torch.equal(kept, labels)


@pytest.mark.parametrize(
    ("name", "moves", "widens"), [("TURN", False, False), ("MOVE", True, False), ("GROW", False, True)]
)
def test_a_warp_turns_shifts_and_stretches(name, moves, widens, monkeypatch):
    """A round blob stays as it is when it is turned; shifted, it keeps its size; stretched, its place."""
    for other in {"TURN", "GROW", "SLANT", "MOVE"} - {name}:
        monkeypatch.setattr(digits, other, 0.0)
    i = torch.arange(32.0, dtype=torch.float64) - 15.5
    blob = torch.exp(-(i[:, None] ** 2 + i**2) / 20).expand(40, 1, 32, 32)
    made, _ = digits.warped(torch.Generator().manual_seed(0), blob, torch.zeros(40))
    weight = made[:, 0] / made.sum((1, 2, 3))[:, None, None]
    place = torch.stack([(weight * i[:, None]).sum((1, 2)), (weight * i).sum((1, 2))])
    spread = torch.stack([(weight * i[:, None] ** 2).sum((1, 2)), (weight * i**2).sum((1, 2))]) - place**2
    assert (place.abs().amax() > 2) == moves and place.abs().amax() <= 32 * digits.MOVE + 0.1
    assert ((spread / 10 - 1).abs().amax() > 0.2) == widens and (spread / 10 - 1).abs().amax() < 0.6
    assert ((made - blob).abs().amax() > 0.05) == (moves or widens)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_files_of_the_readers_own_are_read_from_their_folder(name, monkeypatch):
    rng, asked = np.random.default_rng(0), []

    def read(folder, split):
        asked.append((folder, split))
        n = {"train": 6, "test": 4}[split]
        return rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), rng.integers(0, 10, n)

    monkeypatch.setattr(digits, name.replace("-", "_"), read)
    demo = get_demo("digits")
    data = demo.data(demo.settings(set=name, folder="mine"))
    assert asked == [("mine", "train"), ("mine", "test")]
    assert data.train[0].shape == (6, 1, 28, 28) and 0.9 < data.train[0].max() <= 1
    assert demo.model(demo.settings(set=name), data)(data.test[0]).shape == (4, 10)
    with pytest.raises(ValueError, match=f"the set {name} is read from your own files; name their folder by --data"):
        demo.data(demo.settings(set=name))


# --- checkerboards --------------------------------------------------------------------------------


def test_the_energies_at_the_three_frequencies_are_those_of_the_transform():
    e = torch.rand(3, 2, 12, 12, dtype=torch.float64)
    transform = torch.fft.fft2(e).abs() / 144
    for wave, place in ((1, 0), (6, 0)), ((0, 1), (0, 6)), ((1, 1), (6, 6)):
        assert torch.allclose(superres.energy(e, wave), transform[..., place[0], place[1]].square())


def test_resizing_first_leaves_nothing_at_the_three_frequencies():
    """In a picture that goes on and on, whatever the taps; a transposed convolution does, with 4 taps as with 3."""
    torch.manual_seed(0)
    for name in ("resize 3", "resize 4"):
        layers = superres.enlarger(*superres.NETS[name]).double()[-3:]
        wide = layers[2](
            F.pad(layers[0](torch.rand(1, superres.CHANNELS, 8, 8).double()), (2, 2, 2, 2), mode="circular")
        )
        one = wide[..., :16, :16] - layers[2].bias
        assert all(superres.energy(one, wave) < 1e-28 for wave in superres.WAVES.values()), name
    for name in ("transposed 3", "transposed 4"):
        layer = superres.enlarger(*superres.NETS[name]).double()[-1]
        flat = layer(torch.ones(1, superres.CHANNELS, 12, 12).double())[..., 4:-4, 4:-4]
        assert all(superres.energy(flat, wave) > 1e-6 for wave in superres.WAVES.values()), name


def test_a_transposed_layer_is_the_book_s():
    layer = superres.enlarger(True, 3).double()[-1]
    x, w = torch.rand(1, superres.CHANNELS, 5, 6).double(), layer.weight.detach()
    ours = conv_transpose2d(x.numpy(), w.numpy(), layer.bias.detach().numpy(), stride=2, padding=1, output_padding=1)
    assert np.allclose(ours, layer(x).detach().numpy())


def test_all_four_double_the_sides():
    net = superres.Enlargers()
    assert net(torch.rand(2, 1, 9, 7)).shape == (2, 4, 18, 14)


def test_the_enlargers_can_be_made_again_as_they_were():
    settings = get_demo("superres").settings(seed=3)
    one = superres.four(settings, None)
    torch.rand(5)
    assert same(one.state_dict(), superres.four(settings, None).state_dict())
    assert not same(one.state_dict(), superres.four(replace(settings, seed=4), None).state_dict())


# --- filters, to compare with ---------------------------------------------------------------------


def test_the_filters_are_those_of_scipy():
    from scipy import ndimage

    x = np.random.default_rng(0).random((17, 14))
    ours = denoise.filtered(torch.tensor(x)[None, None], denoise.gaussian(0.8))[0, 0].numpy()
    assert np.allclose(ours, ndimage.gaussian_filter(x, 0.8, radius=4, mode="mirror"), atol=1e-7)
    ours = denoise.filtered(torch.tensor(x)[None, None], torch.ones(3))[0, 0].numpy()
    assert np.allclose(ours, ndimage.uniform_filter(x, 3, mode="mirror"))
