"""Networks of the book: a perceptron of several layers, LeNet for digits, and a U-Net for pictures."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from course.autodiff import Tensor
from course.autodiff import functional as F
from course.nn.layers import (
    Activation,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
)
from course.nn.module import Module, Seed, Sequential, generator


# --8<-- [start:mlp]
def mlp(
    sizes: Sequence[int],
    activation: str = "relu",
    rng: Seed = None,
) -> Sequential:
    """y = Wₙ a(… a(W₁ x + b₁) …) + bₙ: a at all but the last.

    >>> mlp((784, 16, 10))
    Sequential(
      Linear(784, 16),
      Activation('relu'),
      Linear(16, 10),
    )
    """
    if len(sizes) < 2:
        raise ValueError(
            f"mlp: sizes are {tuple(sizes)}; there must be two, "
            "of the input and the output, or more"
        )
    rng, layers = generator(rng), list[Module]()
    for n, m in pairwise(sizes):
        layers += [Linear(n, m, rng=rng), Activation(activation)]
    return Sequential(*layers[:-1])


# --8<-- [end:mlp]


# --8<-- [start:lenet]
def lenet(
    in_shape: Sequence[int] = (1, 28, 28),
    classes: int = 10,
    rng: Seed = None,
) -> Sequential:
    """y = three layers of (two convolutions of x, each pooled).

    LeCun's network for digits of 1998, with today's maximum and
    ReLU in the place of means and sigmoids.

    >>> net = lenet()
    >>> sum(p.size for p in net.parameters())
    61706
    >>> net(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    c, height, width = in_shape
    if min(height, width) < 12:
        raise ValueError(
            f"lenet: in_shape is {tuple(in_shape)}; its second "
            "convolution needs an image of 12 × 12 or more"
        )
    rows, columns = ((n // 2 - 4) // 2 for n in (height, width))
    rng = generator(rng)
    return Sequential(
        Conv2d(c, 6, 5, padding=2, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Conv2d(6, 16, 5, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(16 * rows * columns, 120, rng=rng),
        ReLU(),
        Linear(120, 84, rng=rng),
        ReLU(),
        Linear(84, classes, rng=rng),
    )


# --8<-- [end:lenet]


# --8<-- [start:unet]
class UNet(Module):
    """y = the head of what comes up, beside what went down.

    Down: two convolutions, and half the size, `depth` times. Up:
    a transposed convolution to twice the size, and two more that
    also see what stood at this size on the way down.

    >>> UNet(1, 2, 4, 2, rng=0)(np.zeros((3, 1, 8, 12))).shape
    (3, 2, 8, 12)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        width: int,
        depth: int,
        rng: Seed,
    ) -> None:
        rng = generator(rng)
        wide = [width * 2**level for level in range(depth + 1)]
        steps = list(pairwise([in_channels, *wide]))
        self.down = [_twice(n, m, rng) for n, m in steps]
        self.grow = [
            ConvTranspose2d(2 * n, n, 2, stride=2, rng=rng)
            for n in wide[-2::-1]
        ]
        self.up = [_twice(2 * n, n, rng) for n in wide[-2::-1]]
        self.head = Conv2d(width, out_channels, 1, rng=rng)

    def forward(self, x: Any) -> Tensor:
        """Down, and up again."""
        least = 2 ** len(self.up)
        if (
            x.ndim != 4
            or x.shape[2] % least
            or x.shape[3] % least
        ):
            raise ValueError(
                f"unet: x has shape {x.shape}; it must be (N, C, "
                f"H, W), with H and W divisible by {least}"
            )
        seen = []
        for block in self.down[:-1]:
            seen.append(block(x))
            x = F.max_pool2d(seen[-1], 2)
        x = self.down[-1](x)
        for grow, block in zip(self.grow, self.up, strict=True):
            x = block(
                F.concatenate([seen.pop(), grow(x)], axis=1)
            )
        return self.head(x)


def _twice(
    n: int, m: int, rng: np.random.Generator
) -> Sequential:
    return Sequential(
        Conv2d(n, m, 3, padding=1, rng=rng),
        ReLU(),
        Conv2d(m, m, 3, padding=1, rng=rng),
        ReLU(),
    )


# --8<-- [end:unet]


def unet(
    in_channels: int,
    out_channels: int,
    width: int = 8,
    depth: int = 2,
    rng: Seed = None,
) -> UNet:
    """y = UNet(x): a picture of `out_channels` for a picture of `in_channels`, of the same size.

    >>> unet(1, 1)(np.zeros((3, 1, 8, 12))).shape
    (3, 1, 8, 12)
    """
    if min(in_channels, out_channels, width) < 1 or depth < 0:
        raise ValueError(
            f"unet: in_channels, out_channels, width and depth are {(in_channels, out_channels, width, depth)}; "
            "they must be at least 1, and depth at least 0"
        )
    return UNet(in_channels, out_channels, width, depth, rng)
