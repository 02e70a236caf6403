"""Exclusive or, the four points that no straight line parts: a network with one hidden layer parts them."""

from typing import TYPE_CHECKING

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course.train.demo import Data, Demo, Metrics, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
NEAR, COPIES, SIDE = 0.3, 256, 11  # how far a point may lie from its corner; corners to learn from; points to judge by


def data(settings: Settings) -> Data:
    """Points (N, 2) and whether one and only one of their coordinates is 1: corners, and the squares around them."""
    steps = torch.linspace(-NEAR, NEAR, SIDE)
    around = CORNERS[:, None] + torch.cartesian_prod(steps, steps)
    label = (CORNERS[:, 0] != CORNERS[:, 1]).float()
    train = CORNERS.repeat(COPIES, 1), label.repeat(COPIES)
    return Data(train, (around.reshape(-1, 2), label.repeat_interleave(SIDE**2)))


def jitter(generator: Generator, x: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
    """Each point somewhere in the square around its corner."""
    shift = torch.rand(x.shape, generator=generator, device=x.device, dtype=x.dtype)
    return x + NEAR * (2 * shift - 1), label


def model(settings: Settings, data: Data) -> nn.Module:
    """Eight hidden neurons; what comes out is positive for "one of the two"."""
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))


def loss(model: nn.Module, x: Tensor, label: Tensor) -> Tensor:
    """−log of the probability of the true answer."""
    return F.binary_cross_entropy_with_logits(model(x), label)


def judge(model: nn.Module, data: Data) -> Metrics:
    """How many of the points around the corners fall on the right side."""
    x, label = data.test
    return {"accuracy": float(((model(x) > 0) == label).float().mean())}


def picture(model: nn.Module, data: Data, settings: Settings) -> "Figure":
    """The surface of decision over the plane, and the four corners on it."""
    from matplotlib.figure import Figure

    side = torch.linspace(-0.5, 1.5, 121)
    with torch.inference_mode():
        plane = torch.cartesian_prod(side, side).to(data.test[0])
        p = model(plane).sigmoid().reshape(121, 121).T.float().cpu().numpy()
    figure = Figure(figsize=(3.6, 3.0))
    axes = figure.add_subplot()
    shown = axes.imshow(p, origin="lower", extent=(-0.5, 1.5, -0.5, 1.5), cmap="PuOr", vmin=0, vmax=1)
    figure.colorbar(shown, label="probability of “one of the two”")
    axes.contour(side.numpy(), side.numpy(), p, levels=[0.5], colors="black", linewidths=1)
    for corner, mark in zip(CORNERS.tolist(), "0110", strict=True):
        axes.annotate(mark, corner, ha="center", va="center", color="black", bbox={"fc": "white", "boxstyle": "circle"})
    axes.set(xlabel="$x_1$", ylabel="$x_2$", title="xor: the line that is no straight one")
    return figure


DEMO = Demo(
    name="xor",
    shows="a hidden layer parts the four points that no straight line parts",
    takes="a second, on any machine",
    sets=("corners",),
    epochs=20,
    batch_size=32,
    lr=0.05,
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    picture=picture,
    metric="accuracy",
    augment=jitter,
)
