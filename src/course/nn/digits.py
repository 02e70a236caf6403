"""The network of chapter 21, which reads digits of 8 × 8 pixels: its layers, its examples, and its training."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.nn.cache import cached
from course.nn.layers import (
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
)
from course.nn.losses import cross_entropy
from course.nn.module import Seed, Sequential, generator
from course.nn.optimisers import Adam
from course.nn.training import fit

Array = NDArray[Any]


# --8<-- [start:digit_net]
def digit_net(width: int = 16, rng: Seed = None) -> Sequential:
    """z = ten scores of a picture: three convolutions, one layer.

    The channels double twice, and pooling halves the sides twice.

    >>> net = digit_net(8)
    >>> sum(p.size for p in net.parameters())
    7178
    >>> net(np.zeros((5, 1, 8, 8))).shape
    (5, 10)
    """
    rng, c = generator(rng), width
    return Sequential(
        Conv2d(1, c, 3, padding=1, rng=rng),
        ReLU(),
        Conv2d(c, 2 * c, 3, padding=1, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Conv2d(2 * c, 4 * c, 3, padding=1, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(16 * c, 10, rng=rng),
    )


# --8<-- [end:digit_net]


# --8<-- [start:shaken]
def shaken(
    x: ArrayLike,
    rng: Seed = None,
    move: float = 0.7,
    turn: float = 15.0,
    grow: float = 0.15,
    slant: float = 0.2,
) -> Array:
    """x'(q) = x(M (q − c) + c + d): each picture, held otherwise.

    Moved by up to `move` pixels, turned by up to `turn` degrees,
    larger or smaller by the part `grow`, slanted by `slant`: all
    drawn anew for each picture of x, (N, 1, H, W). What lies
    between four pixels is mixed of them; outside there is none.

    >>> x = np.random.default_rng(0).random((3, 1, 6, 8))
    >>> still = shaken(x, move=0, turn=0, grow=0, slant=0)
    >>> bool(np.allclose(still, x))
    True
    """
    x, rng = np.asarray(x), generator(rng)
    n, _, height, width = x.shape
    angle = np.deg2rad(rng.uniform(-turn, turn, n))
    rows, columns = 1 + rng.uniform(-grow, grow, (2, n))
    lean = rng.uniform(-slant, slant, n)
    cos, sin = np.cos(angle), np.sin(angle)
    M = np.array(
        [
            [cos * rows - sin * lean, -sin * columns],
            [sin * rows + cos * lean, cos * columns],
        ]
    ).transpose(2, 0, 1)
    c = (np.array([[height], [width]]) - 1) / 2
    q = np.indices((height, width)).reshape(2, -1)
    d = rng.uniform(-move, move, (n, 2, 1))
    return _read_between(x, M @ (q - c) + c + d)


def _read_between(x: Array, places: Array) -> Array:
    """x of each picture at places (row, column), bilinear."""
    n, _, height, width = x.shape
    edge = np.array([[height], [width]])
    places = np.clip(places, -1, edge) + 1
    padded = np.pad(x[:, 0], ((0, 0), (1, 2), (1, 2)))
    corner = places.astype(int)
    i, j = np.moveaxis(corner, 1, 0)
    down, right = np.moveaxis(places - corner, 1, 0)
    k = np.arange(n)[:, None]
    y = (
        (1 - down) * (1 - right) * padded[k, i, j]
        + (1 - down) * right * padded[k, i, j + 1]
        + down * (1 - right) * padded[k, i + 1, j]
        + down * right * padded[k, i + 1, j + 1]
    )
    return np.asarray(y).reshape(x.shape)


# --8<-- [end:shaken]


# --8<-- [start:train_digits]
def train_digits(
    x: Array,
    labels: Array,
    seed: int = 0,
    shake: bool = True,
    epochs: int = 100,
    width: int = 16,
    lr: float = 0.005,
) -> Sequential:
    """w ← w − lr(epoch) · Adam's step, on digits held anew.

    lr falls from its full value along half a cosine. Without
    `shake` every epoch sees the same pictures.

    >>> x = np.random.default_rng(0).random((20, 1, 8, 8))
    >>> net = train_digits(x, np.arange(20) % 10, epochs=1)
    >>> net(x).shape, net(x).dtype
    ((20, 10), dtype('float64'))
    """
    rng = np.random.default_rng(seed)
    net = digit_net(width, rng).to(np.float32)
    adam = Adam(net.parameters(), lr)
    for epoch in range(epochs):
        adam.lr = lr * (1 + np.cos(np.pi * epoch / epochs)) / 2
        fit(
            net,
            (shaken(x, rng) if shake else x, labels),
            loss=cross_entropy,
            optimiser=adam,
            epochs=1,
            batch_size=64,
            rng=rng,
            quiet=True,
        )
    return net.to(np.float64)


# --8<-- [end:train_digits]


# --8<-- [start:kept_digits]
def kept_digits(
    x: Array, labels: Array, seed: int = 0, **how: Any
) -> Sequential:
    """The network of `train_digits`, trained once and kept.

    >>> x = np.random.default_rng(0).random((20, 1, 8, 8))
    >>> a, b = (
    ...     kept_digits(x, np.arange(20) % 10, epochs=1, width=2)
    ...     for _ in range(2)
    ... )
    >>> bool((a(x).data == b(x).data).all())
    True
    """

    def make() -> dict[str, Array]:
        return train_digits(x, labels, seed, **how).state()

    state = cached("digits", make)
    net = digit_net(how.get("width", 16))
    net.load_state(state)
    return net


# --8<-- [end:kept_digits]
