"""Shapes found by a U-Net: which pixels of a picture belong to a disc, a ring, a square or a triangle?

The light falls from one side and there are scratches as bright as the shapes, so neither a threshold nor a pixel by
itself can tell. Groups of channels are normalised picture by picture: a batch has no part in it, and so the pictures
that share a step, in one process or in several, do not change each other's answers.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course.data import shapes
from course.train.demo import Data, Demo, Metrics, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNSEEN, PIECE = 200, 50  # pictures to judge by; how many of them the network gets at a time
WIDTH, DEPTH = 8, 3  # channels of the first level; how often the sides are halved


def data(settings: Settings) -> Data:
    """Pictures (N, 1, 64, 64) in [0, 1] and masks of the same shape, 1 on the shapes and 0 elsewhere."""
    count = settings.examples or 1_000
    images, masks = (torch.from_numpy(a)[:, None].float() for a in shapes(count + UNSEEN, rng=settings.seed))
    return Data((images[:count], masks[:count]), (images[count:], masks[count:]))


def turned(generator: Generator, images: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Each picture, and its mask with it, in one of the eight positions of a square."""
    down, across, over = torch.rand(3, len(images), 1, 1, 1, generator=generator, device=images.device) < 0.5
    for axis, chosen in ((2, down), (3, across)):
        images, masks = (torch.where(chosen, x.flip(axis), x) for x in (images, masks))
    images, masks = (torch.where(over, x.transpose(2, 3), x) for x in (images, masks))
    return images, masks


def block(inputs: int, outputs: int) -> nn.Sequential:
    """Two convolutions of 3 × 3 taps, each normalised and followed by a ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs), nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs), nn.ReLU(),
    )  # fmt: skip


class UNet(nn.Module):
    """Down by pooling, up by transposed convolution, across by the skips: (N, 1, H, W) to (N, 1, H, W)."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        sizes = [width * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(block(a, b) for a, b in pairwise([1, *sizes]))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * c, c, 2, stride=2) for c in sizes[-2::-1])
        self.up = nn.ModuleList(block(2 * c, c) for c in sizes[-2::-1])
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """A logit for each pixel: positive where the network sees a shape."""
        skips: list[Tensor] = []
        for k, down in enumerate(self.down):
            x = down(F.max_pool2d(x, 2) if k else x)
            skips.append(x)
        x = skips.pop()
        for grow, up in zip(self.grow, self.up, strict=True):
            x = up(torch.cat([skips.pop(), grow(x)], 1))
        y: Tensor = self.head(x)
        return y


def model(settings: Settings, data: Data) -> nn.Module:
    """A U-Net of three levels and a bottom."""
    return UNet(WIDTH, DEPTH)


def loss(model: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
    """−log of the probability of the true answer, on average over the pixels."""
    return F.binary_cross_entropy_with_logits(model(images), masks)


def found(model: nn.Module, images: Tensor) -> Tensor:
    """The masks that the network finds, piece by piece so that the memory is enough."""
    return torch.cat([model(piece) > 0 for piece in images.split(PIECE)])


def overlap(found: Tensor, drawn: Tensor) -> Tensor:
    """Intersection over union of each pair of masks (N, 1, H, W); 1 where both are empty."""
    both, either = ((mask.sum((1, 2, 3)).float()) for mask in (found & drawn, found | drawn))
    return torch.where(either > 0, both / either.clamp(min=1), torch.ones_like(both))


def judge(model: nn.Module, data: Data) -> Metrics:
    """The mean over the unseen pictures of intersection over union, and the share of pixels that are wrong."""
    images, masks = data.test
    seen, drawn = found(model, images), masks > 0.5
    return {"mean IoU": float(overlap(seen, drawn).mean()), "wrong pixels": float((seen != drawn).float().mean())}


def picture(model: nn.Module, data: Data, settings: Settings) -> "Figure":
    """Six unseen pictures: what is given, what was drawn, what the network finds, and where they differ."""
    from matplotlib.figure import Figure

    images, masks = (x[:6] for x in data.test)
    with torch.inference_mode():
        seen, drawn = found(model, images), masks > 0.5
        rows = [x[:, 0].float().cpu().numpy() for x in (images, drawn, seen, seen != drawn)]
        iou = overlap(seen, drawn).tolist()
    figure = Figure(figsize=(7.2, 5.0))
    axes = figure.subplots(len(rows), len(images), squeeze=False)
    for k, (name, row) in enumerate(zip(("picture", "drawn", "found", "wrong"), rows, strict=True)):
        for cell, shown in zip(axes[k], row, strict=False):
            cell.imshow(shown, cmap="gray", vmin=0, vmax=1)
            cell.set(xticks=[], yticks=[])
        axes[k, 0].set_ylabel(name)
    for cell, q in zip(axes[2], iou, strict=False):
        cell.set_title(f"IoU {q:.3f}")
    return figure


DEMO = Demo(
    name="shapes",
    shows="a U-Net finds shapes in slanting light, behind scratches",
    takes="a minute or two on one core of a CPU",
    sets=("shapes",),
    epochs=10,
    batch_size=16,
    lr=0.01,
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    picture=picture,
    metric="mean IoU",
    augment=turned,
    examples=1000,
)
