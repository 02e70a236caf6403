"""Chapter 18, Training: paths in a valley, noise of batches, filters of slopes, depth, a projection, and four networks.

The shadows of digits, the valley and its starting point are the chapter's, the same in every figure.
"""

from functools import cache
from typing import Any

import numpy as np

from course.data import glyphs
from course.imaging.geometry import about, rotation, shear, translation, warp
from course.nn import Adam, binary_cross_entropy_with_logits, fit, mlp
from course.nn.layers import standardize
from figures.style import BODY, LARGE, Array, Sheet, figure

VALLEY, START = [[5, 3], [3, 5]], [4, -2]
NETWORKS = [[16, 1], [16, 2], [64, 3], [512, 4]]
LEANS: list[list[float]] = [  # shear, degrees, and a shift right and down
    [0, 0, 0, 0], [0.3, 6, 1, 0], [-0.3, -10, -2, 1], [0.1, 12, 2, -2], [-0.2, 11, 0, 2], [0, 180, 0, 0],
]  # fmt: skip
COIN = float(np.log(2))


@cache
def shadows() -> tuple[Array, Array, Array, Array]:
    """Pictures of 500 digits, their labels, and their shadows, standardised by the first 200; and whether odd."""
    pictures, names = glyphs(500, rng=0)
    x = pictures.astype(float).sum(axis=1)
    x = (x - x[:200].mean(axis=0)) / x[:200].std(axis=0)
    return pictures, names, x, (names % 2).astype(float)[:, None]


@cache
def curves(width: int, depth: int) -> tuple[Array, Array]:
    """The losses of 16 epochs, on the first 200 shadows and on the other 300."""
    _, _, x, odd = shadows()
    model = mlp((28, *[width] * depth, 1), rng=0)
    history = fit(
        model, (x[:200], odd[:200]), loss=binary_cross_entropy_with_logits, rng=0, epochs=16, batch_size=40,
        optimiser=Adam(model.parameters(), lr=0.003), quiet=True, validation=(x[200:], odd[200:]),
    )  # fmt: skip
    return np.array(history["loss"]), np.array(history["validation_loss"])


def with_shadow(s: Sheet, x: float, y: float, side: float, picture: Array, tall: float = 30) -> None:
    """A picture, and below it the ink of each of its columns."""
    s.picture(x, y, side, side, np.clip(picture, 0, 1), role="input", levels=16)
    ink, wide = picture.sum(axis=0), side / picture.shape[1]
    floor = y + side + 4 + tall
    heights = np.maximum(tall * ink / 13, 0.3)
    s.boxes([(x + j * wide, floor - h, wide, h) for j, h in enumerate(heights)], "input", layer=2)


@figure(
    "training/four-networks", height=424,
    title="Four networks learn from 200 shadows: the larger, the sooner they over-fit",
    desc="Above, a written digit six and its shadow, 28 bars: the ink in each column. Below, four panels, one "
    "for each network, with the loss against the epochs 1 to 16: dashed, on the digits it learns from, and "
    "solid, on new ones. With 16 neurons, and with 16, 16, both fall slowly and stay close together. With "
    "three times 64 the training loss falls to about 0.2, and the other turns at epoch 7 and rises to 0.9. "
    "With four times 512 the training loss falls below 0.2, and the other turns at epoch 5 and climbs, up "
    "and down, to 1.8. A thin line marks a coin, 0.69.",
    networks=NETWORKS, example=[0],
)  # fmt: skip
def four_networks(s: Sheet, networks: Array, example: Array) -> None:
    """The opening figure: what a shadow is, and the curves."""
    assert np.array_equal(networks, NETWORKS) and example[0] == 0, "the networks and the digit of the chapter"
    pictures, names, _, _ = shadows()
    assert names[0] == 6, "a six"
    found = [curves(*network) for network in networks.tolist()]
    lows = [int(new.argmin()) for _, new in found]
    assert all(new.max() < 0.72 and seen[-1] > 0.5 for seen, new in found[:2]), "the small ones stay close"
    assert lows[2] == 6 and 0.85 < found[2][1][-1] < 1 and 0.15 < found[2][0][-1] < 0.3, found[2]
    assert lows[3] == 4 and found[3][1][-5:].mean() > 1.5 and 1.7 < found[3][1][-1] < 1.9, found[3]
    assert found[3][0][-1] < 0.2 and max(found[3][1]) < 2, found[3]

    with_shadow(s, 20, 6, 84, pictures[0], 38)
    s.text(122, 40, "a digit, seen from the front", BODY, "ink", "start")
    s.text(122, 112, "its shadow: 28 numbers", BODY, "ink", "start")
    colour = s.plots.colour
    for k, ((width, depth), (seen, new)) in enumerate(zip(networks.tolist(), found, strict=True)):
        left, top = 30 + 184 * (k % 2), 160 + 134 * (k // 2)
        ax = s.plots.axes(left, top, 140, 98)
        ax.set(xlim=(0.5, 16.5), ylim=(0, 2.4))
        ax.set_xticks([1, 8, 16])
        ax.set_yticks([0, 1, 2])
        ax.axhline(COIN, color=colour("rule"), lw=1)
        epochs = np.arange(1, 17)
        ax.plot(epochs, seen, color=colour("input-ink"), lw=1.8, ls=(0, (3, 1.5)))
        ax.plot(epochs, new, color=colour("output-ink"), lw=1.8)
        s.text(*s.plots.at(ax, 1.2, 2.2), ", ".join([str(width)] * depth), BODY, "ink", "start")
    s.text(60, 214, "new digits", BODY, "output-ink", "start")
    s.text(60, 250, "training", BODY, "input-ink", "start")
    s.text(192, 416, "epochs", BODY, "quiet")


@figure(
    "training/valley", height=300,
    title="Four rates in one valley: creep, arrive, bounce, diverge",
    desc="A long valley as nested ellipses, its floor from upper left to lower right, drawn four times with a "
    "path that starts at (4, -2). With rate 0.05 small steps go down the wall and creep along the floor. "
    "With 0.2 the path crosses the floor at each step, and each step is six tenths of the one before. With "
    "0.25 it goes back and forth between the walls and moves towards the middle along the floor only. With "
    "0.26 the crossings grow.",
    H=VALLEY, start=START, etas=[0.05, 0.2, 0.25, 0.26],
)  # fmt: skip
def valley(s: Sheet, H: Array, start: Array, etas: Array) -> None:
    """Twelve steps for each rate."""
    assert np.array_equal(H, VALLEY) and np.array_equal(start, START) and np.allclose(etas, [0.05, 0.2, 0.25, 0.26])
    steep = np.array([1, 1]) / np.sqrt(2)
    paths = []
    for eta in etas.tolist():
        w = [start.astype(float)]
        for _ in range(12):
            w.append(w[-1] - eta * H @ w[-1])
        paths.append(np.array(w))
    across = [np.abs(p @ steep) for p in paths]
    assert np.allclose(np.linalg.norm(paths[1][1:], axis=1), 0.6 * np.linalg.norm(paths[1][:-1], axis=1))
    assert np.allclose(across[2], across[2][0]) and np.all(np.diff(across[3]) > 0), "bounces, diverges"
    assert np.linalg.norm(paths[0][-1]) > 1, "creeps"

    angle = np.linspace(0, 2 * np.pi, 61)
    values, vectors = np.linalg.eigh(H)
    for k, (path, eta, words) in enumerate(
        zip(paths, etas.tolist(), ("creeps", "arrives", "bounces", "diverges"), strict=True)
    ):
        ox, oy, unit = 78 + 186 * (k % 2), 84 + 150 * (k // 2), 15.5

        def at(p: Array, ox: float = ox, oy: float = oy, unit: float = unit) -> tuple[float, float]:
            return ox + unit * float(p[0]), oy - unit * float(p[1])

        for level in (1, 4, 9, 16, 25):
            ring = (np.cos(angle) * np.sqrt(level / values[0]))[:, None] * vectors[:, 0]
            ring = ring + (np.sin(angle) * np.sqrt(level / values[1]))[:, None] * vectors[:, 1]
            s.line([at(p) for p in ring], "input-40", 1)
        s.line([at(p) for p in path], "kernel-ink", 1.4)
        s.dots([at(p) for p in path], "kernel-ink", 2)
        s.dots([at(0 * start)], "ink", 2.4)
        s.text(ox + 6, oy - 58, f"$η$ = {eta:g}, {words}", BODY, "ink")


@figure(
    "training/saddle", height=318,
    title="A pass has slope zero, and is no minimum",
    desc="A map of the loss over two weights u and v: two valleys, curved along uv = 1, in the upper right and "
    "the lower left, and between them a pass at the origin. A path from (1.6, -1.6) runs straight to the "
    "pass and stays there. A path that begins beside it, at (1.6, -1.56), runs towards the pass as well, then "
    "turns off and goes down into the upper right valley.",
    starts=[[1.6, -1.6], [1.6, -1.56]], eta=0.05,
)  # fmt: skip
def saddle(s: Sheet, starts: Array, eta: Array) -> None:
    """Contours of (uv - 1)²/2, and two descents."""
    assert np.allclose(starts, [[1.6, -1.6], [1.6, -1.56]]) and np.isclose(eta, 0.05)
    paths = []
    for u, v in starts.tolist():
        path = [(u, v)]
        for _ in range(400):
            r = u * v - 1
            u, v = u - float(eta) * v * r, v - float(eta) * u * r
            path.append((u, v))
        paths.append(np.array(path))
    ends = [path[-1] for path in paths]
    assert np.allclose(ends[0], 0, atol=1e-6) and abs(ends[1][0] * ends[1][1] - 1) < 1e-6 and ends[1][0] > 0, ends
    near = np.linalg.norm(paths[1], axis=1).min()
    assert near < 0.4, "it passes close by"

    ax = s.plots.axes(26, 8, 280, 280)
    t = np.linspace(-2, 2, 121)
    u, v = np.meshgrid(t, t)
    ax.contour(
        u, v, (u * v - 1) ** 2 / 2, [0.02, 0.15, 0.5, 1.2, 2.4, 4], colors=[s.plots.colour("input")], linewidths=0.9
    )
    ax.set(xlim=(-2, 2), ylim=(-2, 2))
    ax.set_xticks([-1, 0, 1])
    ax.set_yticks([-1, 0, 1])
    for path, colour in zip(paths, ("cotangent-ink", "kernel-ink"), strict=True):
        s.line([s.plots.at(ax, *p) for p in path[::2]], colour, 2)
        s.dots([s.plots.at(ax, *path[0])], colour, 3.4)
        s.dots([s.plots.at(ax, *path[-1])], colour, 3.4)
    s.text(*s.plots.at(ax, -0.16, 0.28), "pass", BODY, "ink", "end")
    s.text(316, 148, "$u$", LARGE, anchor="start")
    s.text(12, 18, "$v$", LARGE)
    s.text(*s.plots.at(ax, 1.25, 1.1), "valley", BODY, "output-ink", "start")
    s.text(*s.plots.at(ax, -1.25, -1.1), "valley", BODY, "output-ink", "end")


@figure(
    "training/noise", height=232,
    title="The variance of a batch's gradient falls as one over its size",
    desc="Mean squared error of a batch's gradient, as a share of the variance, against the size of the batch, "
    "from 1 to 200, both axes logarithmic. Dots, measured on drawn batches, lie on a curve that begins as "
    "the straight dashed line 1/B and bends down near the full 200.",
    sizes=[1, 2, 5, 10, 20, 50, 100, 180],
)  # fmt: skip
def noise(s: Sheet, sizes: Array) -> None:
    """Batches drawn without replacement from the slopes of 200 shadows."""
    assert np.array_equal(sizes, [1, 2, 5, 10, 20, 50, 100, 180])
    _, _, x, odd = shadows()
    slopes = (0.5 - odd[:200]) * x[:200]
    mean = slopes.mean(axis=0)
    variance = np.mean(np.sum((slopes - mean) ** 2, axis=1))
    rng = np.random.default_rng(0)
    measured = []
    for size in sizes.tolist():
        drawn = np.array([slopes[rng.permutation(200)[:size]].mean(axis=0) for _ in range(600)])
        measured.append(np.mean(np.sum((drawn - mean) ** 2, axis=1)) / variance)
    said = (200 - sizes) / sizes / 199
    assert np.all(np.abs(np.array(measured) / said - 1) < 0.12), measured / said
    assert said[-1] < 0.2 / sizes[-1], "far below one over the size at the end"

    colour = s.plots.colour
    ax = s.plots.axes(50, 12, 300, 176)
    ax.set(xscale="log", yscale="log", xlim=(0.8, 230), ylim=(2e-4, 2))
    ax.set_xticks([1, 10, 100], ["1", "10", "100"])
    ax.set_yticks([1e-3, 1e-2, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    ax.minorticks_off()
    b = np.geomspace(1, 198, 80)
    ax.plot(b, 1 / b, color=colour("quiet"), lw=1.2, ls=(0, (3, 2.4)))
    ax.plot(b, (200 - b) / b / 199, color=colour("cotangent-ink"), lw=1.6)
    ax.plot(sizes, measured, "o", color=colour("cotangent-ink"), ms=5)
    s.text(*s.plots.at(ax, 60, 0.035), "$1/B$", LARGE, "quiet", "start")
    s.text(*s.plots.at(ax, 1.1, 0.003), "without replacement", BODY, "cotangent-ink", "start")
    s.text(200, 224, "size of the batch, $B$", BODY, "quiet")


@figure(
    "training/filter", height=278,
    title="Momentum is a low-pass filter of the gradients",
    desc="Three rows of stems. Above, 40 gradients that jump up and down about a mean, which is 1 at first and "
    "-1 in the second half. In the middle, the kernel of momentum 0.8: it starts at 1 and decays. Below, the "
    "velocity, divided by the sum of the kernel: it follows the mean smoothly and crosses zero some steps "
    "after it.",
    mean=[1] * 20 + [-1] * 20, mu=0.8,
)  # fmt: skip
def filter(s: Sheet, mean: Array, mu: Array) -> None:
    """Gradients, kernel, velocity."""
    assert np.array_equal(mean, [1] * 20 + [-1] * 20) and np.isclose(mu, 0.8)
    g = mean + np.random.default_rng(1).uniform(-1.6, 1.6, 40).round(2)
    v, velocity = 0.0, []
    for slope in g.tolist():
        v = float(mu) * v + slope
        velocity.append(v * (1 - float(mu)))
    smooth, kernel = np.array(velocity), float(mu) ** np.arange(40)
    assert np.allclose(smooth, 0.2 * np.convolve(g, kernel)[:40]), "a convolution"
    late = 20 + int(np.argmax(smooth[20:] < 0))
    assert 21 <= late <= 26 and np.all(smooth[8:20] > 0) and np.all(smooth[28:] < 0), late
    jumps = np.mean(np.abs(np.diff(smooth[10:18]))) / np.mean(np.abs(np.diff(g[10:18])))
    assert jumps < 0.35, jumps

    for y, values, role, scale, words, name in (
        (62, g, "cotangent", 19, "gradients", "$g^{(t)}$"), (152, kernel, "kernel", 30, "kernel", "$μ^s$"),
        (222, smooth, "output", 28, "velocity", "$v^{(t)}$"),
    ):  # fmt: skip
        spikes(s, 78, y, values, 7, scale, role)
        s.text(4, y - 9, words, BODY, "ink", "start")
        s.text(4, y + 11, name, BODY, "ink", "start")
    s.line([(78 + 7 * 19.5, 8), (78 + 7 * 19.5, 112)], "rule", 1)
    s.line([(78 + 7 * 19.5, 184), (78 + 7 * 19.5, 264)], "rule", 1)


def spikes(s: Sheet, x: float, y: float, values: Array, pitch: float, scale: float, role: str) -> None:
    """A long signal: stems without their numbers."""
    s.line([(x - pitch, y), (x + len(values) * pitch, y)], "rule", 1)
    for k, value in enumerate(values.tolist()):
        tip = (x + k * pitch, y - scale * value)
        s.line([(tip[0], y), tip], role, 1.6)
        s.dots([tip], f"{role}-ink", 2)


def through(depth: int, variance: float, kind: str) -> tuple[Array, Array]:
    """The size of activations, layer by layer, and of what comes back; 100 neurons a layer, 32 examples."""
    rng, n = np.random.default_rng(0), 100
    a, kept, forth, back = rng.normal(size=(32, n)), [], [], []
    for _ in range(depth):
        W = rng.normal(size=(n, n)) * np.sqrt(variance / n)
        z = a @ W.T
        a = np.maximum(z, 0) if kind == "relu" else 1 / (1 + np.exp(-z))
        kept.append((W, (z > 0) * 1.0 if kind == "relu" else a * (1 - a)))
        forth.append(np.sqrt(np.mean(a**2)))
    g: Any = rng.normal(size=a.shape)
    for W, slope in kept[::-1]:
        g = (g * slope) @ W
        back.append(np.sqrt(np.mean(g**2)))
    return np.array(forth), np.array(back)[::-1]


@figure(
    "training/depth", height=250,
    title="Signals and slopes through thirty layers, for four ways to start",
    desc="Two panels with logarithmic scales, over layers 1 to 30. Left, the size of the activations on the way "
    "forward; right, the size of what comes back, from layer 30 on the right to layer 1 on the left. With "
    "ReLU and variance 2 over n both stay near 1. With 1 over n both fall to about 0.00003. With 4 over n "
    "both rise to 10 000 and more. With sigmoids the activations stay near one half, and what comes back "
    "falls below 1e-15.",
    variances=[2, 1, 4], depth=30,
)  # fmt: skip
def depth(s: Sheet, variances: Array, depth: Array) -> None:
    """Forward and back."""
    assert np.array_equal(variances, [2, 1, 4]) and depth == 30
    good, small, large = (through(30, float(v), "relu") for v in variances)
    sigmoid = through(30, 1.0, "sigmoid")
    assert all(0.3 < size < 3 for size in (good[0].min(), good[0].max(), good[1].min(), good[1].max())), good
    assert all(1e-5 < end < 1e-4 for end in (small[0][-1], small[1][0])), small
    assert all(end > 1e4 for end in (large[0][-1], large[1][0])), large
    assert np.all((sigmoid[0] > 0.4) & (sigmoid[0] < 0.6)) and sigmoid[1][0] < 1e-15, sigmoid

    colour = s.plots.colour
    layers = np.arange(1, 31)
    for k in range(2):
        ax = s.plots.axes(40 + 172 * k, 28, 138, 178)
        ax.set(yscale="log", xlim=(0, 31), ylim=(1e-10, 1e6))
        ax.set_xticks([1, 15, 30])
        ax.set_yticks(
            [1e-9, 1e-6, 1e-3, 1, 1e3], ["$10^{−9}$", "$10^{−6}$", "0.001", "1", "1000"] if k == 0 else [""] * 5
        )
        ax.minorticks_off()
        for pair, tone in (
            (good, "output-ink"),
            (small, "kernel-ink"),
            (large, "cotangent-ink"),
            (sigmoid, "input-ink"),
        ):
            seen = pair[k] > 1e-10
            ax.plot(layers[seen], pair[k][seen], color=colour(tone), lw=1.8, ls="-" if k == 0 else (0, (4, 1.6)))
        s.text(109 + 172 * k, 12, ("forward: activations", "back: slopes")[k], BODY, "ink")
        if k == 0:
            s.text(*s.plots.at(ax, 3, 2e4), "$4/n$", LARGE, "cotangent-ink", "start")
            s.text(*s.plots.at(ax, 21, 8), "$2/n$", LARGE, "output-ink", "start")
            s.text(*s.plots.at(ax, 4, 1e-4), "$1/n$", LARGE, "kernel-ink", "start")
        else:
            s.text(*s.plots.at(ax, 2, 1e-8), "sigmoid", BODY, "input-ink", "start")
    s.text(196, 242, "layer", BODY, "quiet")


@figure(
    "training/projection", height=236,
    title="Back through batch normalisation: a projection by hand",
    desc="Five rows of four numbers. The cotangent g, 4 0 0 0. Its part along the ones, 1 1 1 1. Its part along "
    "a, 1 1 -1 -1. What is left when both are taken out, 2 -2 0 0. Divided by the spread 2 it is h, 1 -1 0 0.",
    z=[1, 1, 5, 5], g=[4, 0, 0, 0],
)  # fmt: skip
def projection(s: Sheet, z: Array, g: Array) -> None:
    """The chapter's four numbers."""
    a = np.asarray(standardize(z, (0,), 0.0).data)
    ones, along = np.full(4, g.mean()), a * np.mean(a * g)
    left = g - ones - along
    h = left / z.std()
    assert np.array_equal(z, [1, 1, 5, 5]) and np.array_equal(a, [-1, -1, 1, 1]) and z.std() == 2, z
    assert np.array_equal(g, [4, 0, 0, 0]) and np.array_equal(ones, [1, 1, 1, 1]), g
    assert np.array_equal(along, [1, 1, -1, -1]) and np.array_equal(left, [2, -2, 0, 0]), left
    assert np.array_equal(h, [1, -1, 0, 0]) and left @ a == left.sum() == 0

    x, cell = 150, 36
    for k, (row, name, words, strong) in enumerate((
        (g, "$g$", "the worth", True), (ones, "− ", "along $1$", False), (along, "− ", "along $a$", False),
        (left, "$Pg$", "what is left", False), (h, "$h$", "divided by $s=2$", True),
    )):  # fmt: skip
        top = 2 + 46 * k + (6 if k > 2 else 0)
        s.grid(
            x,
            top,
            row,
            cell,
            "cotangent",
            strong=[(0, j) for j in range(4)] if strong else (),
            size=LARGE,
            ghost=0 < k < 3,
        )
        s.text(x - 14, top + cell / 2, name, LARGE, "ink", "end")
        if words:
            s.text(x - 40, top + cell / 2, words, BODY, "quiet", "end")
    s.line([(x, 138), (x + 4 * cell, 138)], "cotangent-ink", 1.4)


@figure(
    "training/augmented", height=236,
    title="One six, others made from it, and a nine",
    desc="A written six, and four more made of it, turned, sheared and shifted a little, each with its shadow "
    "below. The shadows differ: narrower, wider, moved to a side. Last, framed and dashed, the six turned by "
    "half a turn: a nine.",
    leans=LEANS,
)  # fmt: skip
def augmented(s: Sheet, leans: Array) -> None:
    """The chapter's first digit, six times."""
    assert np.allclose(leans, LEANS), "the maps of the figure"
    pictures, names, _, _ = shadows()
    six = pictures[0].astype(float)
    assert names[0] == 6
    made = []
    for lean, angle, tx, ty in leans.tolist():
        M = translation(tx, ty) @ about(rotation(angle) @ shear(lean), (13.5, 13.5))
        made.append(warp(six, M))
    assert np.allclose(made[0], six) and np.allclose(made[5], six[::-1, ::-1], atol=1e-6)
    ink = [picture.sum(axis=0) for picture in made]
    assert all(np.abs(ink[k] - ink[0]).max() > 1 for k in range(1, 6)), "the shadows differ"

    for k, picture in enumerate(made):
        left, top = 6 + 124 * (k % 3), 6 + 118 * (k // 3)
        with_shadow(s, left, top, 76, picture, 30)
    s.boxes([(6 + 248 - 3, 121, 82, 82)], edge="cotangent-ink", width=1.8, dash=True, layer=4)
    s.text(6 + 248 + 89, 162, "9", LARGE, "cotangent-ink")
