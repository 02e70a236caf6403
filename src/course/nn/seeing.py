"""What a network looks at: ways back from a score to the pixels, and the network of chapter 23."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.autodiff import Tensor, no_grad, vjp
from course.nn.cache import cached
from course.nn.layers import (
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
)
from course.nn.losses import cross_entropy
from course.nn.module import Module, Seed, Sequential, generator
from course.nn.optimisers import Adam
from course.nn.training import fit

Array = NDArray[Any]
Rule = Callable[[Array, Array], Array]


# --8<-- [start:glyph_net]
def glyph_net(rng: Seed = None) -> Sequential:
    """z = ten scores of a picture of 28 × 28 pixels.

    >>> net = glyph_net()
    >>> sum(p.size for p in net.parameters())
    21130
    >>> net(np.zeros((5, 1, 28, 28))).shape
    (5, 10)
    """
    rng = generator(rng)
    return Sequential(
        Conv2d(1, 16, 7, padding=3, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Conv2d(16, 32, 3, padding=1, rng=rng),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(1568, 10, rng=rng),
    )


# --8<-- [end:glyph_net]


# --8<-- [start:glyph_reader]
def glyph_reader(
    x: ArrayLike, labels: ArrayLike, epochs: int = 6
) -> Sequential:
    """The network, trained once on pictures, and kept.

    >>> x = np.random.default_rng(0).random((20, 1, 28, 28))
    >>> net = glyph_reader(x, np.arange(20) % 10, epochs=1)
    >>> net(x).dtype
    dtype('float64')
    """

    def make() -> dict[str, Array]:
        rng = np.random.default_rng(0)
        net = glyph_net(rng).to(np.float32)
        fit(
            net,
            (x, labels),
            loss=cross_entropy,
            optimiser=Adam(net.parameters(), 0.002),
            epochs=epochs,
            batch_size=50,
            rng=rng,
            quiet=True,
        )
        return net.to(np.float64).state()

    net = glyph_net()
    net.load_state(cached("glyphs", make))
    return net


# --8<-- [end:glyph_reader]


# --8<-- [start:adjoint]
def adjoint(g: Array, z: Array) -> Array:
    """h = g where z > 0: the way back of ReLU.

    >>> adjoint(np.array([4, 3, -2]), np.array([2, -1, 1]))
    array([ 4,  0, -2])
    """
    return g * (z > 0)


# --8<-- [end:adjoint]


# --8<-- [start:deconvolution]
def deconvolution(g: Array, z: Array) -> Array:
    """h = g where g > 0, whatever z was.

    >>> deconvolution(np.array([4, 3, -2]), np.array([2, -1, 1]))
    array([4, 3, 0])
    """
    return g * (g > 0)


# --8<-- [end:deconvolution]


# --8<-- [start:guided]
def guided(g: Array, z: Array) -> Array:
    """h = g where z > 0 and g > 0.

    >>> guided(np.array([4, 3, -2]), np.array([2, -1, 1]))
    array([4, 0, 0])
    """
    return g * (z > 0) * (g > 0)


# --8<-- [end:guided]


# --8<-- [start:back]
def back(
    net: Iterable[Module],
    x: ArrayLike,
    g: ArrayLike,
    rule: Rule = adjoint,
) -> Array:
    """h = J₁* … J_L* g, with `rule` in the place of each ReLU's.

    All other layers send back by their adjoint. With the rule
    `adjoint` this is the derivative's, and nothing else is.

    >>> net = glyph_net()
    >>> x = np.random.default_rng(0).random((2, 1, 28, 28))
    >>> back(net, x, np.eye(10)[[3, 5]]).shape
    (2, 1, 28, 28)
    """
    passed = []
    for layer in net:
        passed.append((layer, x))
        x = np.asarray(layer(Tensor(x)).data)
    for layer, z in reversed(passed):
        if isinstance(layer, ReLU):
            g = rule(np.asarray(g), np.asarray(z))
        else:
            (g,) = vjp(layer, z)[1](g)
    return np.asarray(g)


# --8<-- [end:back]


# --8<-- [start:occlusion]
def occlusion(
    net: Module, x: Array, c: int, size: int, grey: float
) -> Array:
    """O[i, j] = z_c(x) − z_c(x with a grey square at i, j).

    x is one picture, (1, H, W); the square has `size` rows and
    columns, and the map an entry for each place where it fits.

    >>> x = np.ones((1, 28, 28))
    >>> occlusion(glyph_net(), x, 3, 5, 0).shape
    (24, 24)
    """
    rows, columns = np.subtract(x.shape[1:], size - 1)
    with no_grad():
        score = net(x[None]).data[0, c]
        found = np.empty((rows, columns))
        for i in range(rows):
            covered = np.repeat(x[None], columns, axis=0)
            for j in range(columns):
                covered[j, :, i : i + size, j : j + size] = grey
            found[i] = score - net(covered).data[:, c]
    return found


# --8<-- [end:occlusion]


# --8<-- [start:scrambled]
def scrambled(
    net: Sequential, count: int, rng: Seed = None
) -> Sequential:
    """A glyph_net like `net`, its last `count` layers drawn anew.

    Counted are the layers that have weights: there are three.

    >>> net = glyph_net(0)
    >>> other = scrambled(net, 1, 5)
    >>> pairs = zip(net.state().values(), other.state().values())
    >>> [bool((a == b).all()) for a, b in pairs]
    [True, True, True, True, False, False]
    """
    state, other = net.state(), glyph_net(rng)
    same = list(state)[: len(state) - 2 * count]
    fresh = other.state()
    other.load_state(fresh | {name: state[name] for name in same})
    return other


# --8<-- [end:scrambled]


# --8<-- [start:ascend]
def ascend(
    net: Iterable[Module],
    x: Array,
    c: int,
    steps: int,
    eta: float,
    smooth: Callable[[Array], Array],
) -> Array:
    """x ← smooth(x + eta h / ‖h‖), h the gradient of score c.

    x is one picture, (1, H, W), and stays between 0 and 1.

    >>> x = np.full((1, 28, 28), 0.1)
    >>> y = ascend(glyph_net(), x, 3, 2, 1.0, lambda x: x)
    >>> bool(y.max() <= 1)
    True
    """
    for _ in range(steps):
        h = back(net, x[None], np.eye(10)[[c]])[0]
        x = np.clip(smooth(x + eta * h / np.linalg.norm(h)), 0, 1)
    return x


# --8<-- [end:ascend]


# --8<-- [start:gabor]
def gabor(
    shape: tuple[int, int],
    wavelength: float,
    angle: float,
    phase: float = 0.0,
    sigma: float = 2.0,
    ratio: float = 1.0,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Array:
    """w = exp(−(r² + (ratio s)²) / 2 sigma²) cos(2π r / λ + φ).

    r runs across the wave, s along it: at angle 0, r is the
    column and s the row, both from the middle of the shape.

    >>> gabor((1, 3), wavelength=4, angle=0).round(3) + 0
    array([[0., 1., 0.]])
    """
    middle = (np.array(shape) - 1) / 2 + centre
    v, u = np.indices(shape) - middle[:, None, None]
    r = u * np.cos(angle) + v * np.sin(angle)
    s = v * np.cos(angle) - u * np.sin(angle)
    bell = np.exp(-(r**2 + (ratio * s) ** 2) / (2 * sigma**2))
    wave = np.cos(2 * np.pi * r / wavelength + phase)
    return np.asarray(bell * wave)


# --8<-- [end:gabor]
