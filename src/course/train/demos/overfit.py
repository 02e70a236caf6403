"""Over-fitting: four networks, small to huge, learn whether a digit is odd from 200 shadows, and the huge by heart.

The shadow of a written digit is the ink in each of its 28 columns. It does not say everything, so that from some point
on a network can only get better by noting what is special about these 200. The four have the sizes of a well-known
tutorial on over-fitting, 481 to 803,329 weights, and learn side by side: their loss is the sum of four losses that
share no weight, so each goes down as if it were alone.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.data import glyphs
from course.train.demo import Data, Demo, Metrics, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIDDEN = {"16": (16,), "2 x 16": (16, 16), "3 x 64": (64,) * 3, "4 x 512": (512,) * 4}
NEW = 2_000  # shadows to validate with


def data(settings: Settings) -> Data:
    """Shadows (N, 28), each column scaled to mean 0 and variance 1 as the training set says; 1 for odd, 0 for even."""
    count = settings.examples or 200
    images, labels = glyphs(count + NEW, rng=settings.seed)
    shadows = torch.from_numpy(images).double().sum(1)
    shadows = (shadows - shadows[:count].mean(0)) / shadows[:count].std(0)
    odd = torch.from_numpy(labels % 2).double()
    return Data((shadows[:count], odd[:count]), (shadows[count:], odd[count:]))


def mlp(*sizes: int) -> nn.Sequential:
    """Linear layers of these sizes, a ReLU between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Widths(nn.Module):
    """The four networks, side by side: x (N, 28) to four logits each (N, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.nets = nn.ModuleDict({name: mlp(28, *hidden, 1) for name, hidden in HIDDEN.items()})

    def forward(self, x: Tensor) -> Tensor:
        """What each of the four says of x."""
        return torch.cat([net(x) for net in self.nets.values()], 1)


def model(settings: Settings, data: Data) -> nn.Module:
    """Four perceptrons of several layers, from 481 to 803,329 weights."""
    return Widths()


def losses(model: nn.Module, x: Tensor, odd: Tensor) -> Tensor:
    """−log of the probability of the true answer (N, 4), of each shadow and each network."""
    logits = model(x)
    return F.binary_cross_entropy_with_logits(logits, odd[:, None].expand_as(logits), reduction="none")


def loss(model: nn.Module, x: Tensor, odd: Tensor) -> Tensor:
    """The sum of the four mean losses; the gradient in a network's weights is that of its own."""
    return losses(model, x, odd).mean(0).sum()


def judge(model: nn.Module, data: Data) -> Metrics:
    """The loss of each network on the shadows it learns from and on new ones, and the lowest of the latter."""
    known, new = (losses(model, *part).cpu().double().mean(0).tolist() for part in (data.train, data.test))
    rows = zip(HIDDEN, known, new, strict=True)
    both = {
        f"{name}: {part}": value for name, *pair in rows for part, value in zip(("train", "new"), pair, strict=True)
    }
    return both | {"lowest new": min(new)}


def picture(model: nn.Module, data: Data, settings: Settings) -> "Figure":
    """How much each network believes in the true answer, for the shadows it learned from and for new ones."""
    from matplotlib.figure import Figure

    assert isinstance(model, Widths)
    with torch.inference_mode():
        known, new = (torch.exp(-losses(model, *part)).float().cpu() for part in (data.train, data.test))
    figure = Figure(figsize=(7.2, 2.6))
    axes = figure.subplots(1, len(HIDDEN), sharey=True)
    bins = [k / 10 for k in range(11)]
    for k, (name, net) in enumerate(model.nets.items()):
        for p, label, style in ((known, "learned from", "--"), (new, "new", "-")):
            share = torch.full((len(p),), 1 / len(p))
            axes[k].hist(p[:, k], bins, weights=share, histtype="step", linestyle=style, linewidth=1.5, label=label)
        wrong = float((new[:, k] < 0.1).float().mean())
        axes[k].set_title(f"{name}: {sum(w.numel() for w in net.parameters()):,} weights\nsure and wrong: {wrong:.0%}")
        axes[k].set_xlabel("probability of the truth")
    axes[0].set_ylabel("share of the shadows")
    axes[0].legend(loc="upper left")
    return figure


DEMO = Demo(
    name="overfit",
    shows="four networks, 481 to 803,329 weights, learn 200 shadows of digits; the largest learns them by heart",
    takes="a few seconds, on any machine",
    sets=("shadows",),
    epochs=40,
    batch_size=40,
    lr=0.003,
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    picture=picture,
    metric="lowest new",
    higher_is_better=False,
    examples=200,
    decay="none",
)
