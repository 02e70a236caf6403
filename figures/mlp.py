"""Chapter 16, Neurons and layers: a lamp with two switches, networks counted, activations and what they can do.

As in chapter 15 the two answers have a colour each: 0, the lamp is off, is blue, and 1, it is lit, is green.
"""

from functools import cache
from itertools import pairwise

import numpy as np

from course import ops
from figures.learning import marks
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure, shade

CORNERS, LIT = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
HIDDEN, BIAS, LAST = [[1, 1], [1, 1]], [0, -1], [1, -2]
LEARNED = [
    [2.3, 2.29, 3.35, 3.33, -3.34, -1.55, -4.6, 4.51, -3.9],
    [-2.75, 2.67, 3.35, -3.65, -1.26, -1.56, 4.52, 4.42, 3.87],
]
TONES = ("input", "output")
KEPT = ([0, 1, 3], [0, 1, 2])  # one of two corners that have met


def lamps(s: Sheet, places: Array, lit: Array, r: float = 10) -> None:
    """The corners as lamps, with their numbers."""
    for (x, y), on in zip(np.asarray(places).tolist(), lit.tolist(), strict=True):
        s.dots([(x, y)], f"{TONES[on]}-ink", r, layer=4)
        s.dots([(x, y)], shade(TONES[on], 0.34), r - 1.2, layer=4)
        s.text(x, y, str(on), BODY if r > 8.5 else SMALL, face="bold")


@figure(
    "mlp/stairs", height=196,
    title="The corners, and where two neurons take them",
    desc="Left, a square with the four positions of two switches at its corners. The lamp is off, 0, at lower left and"
    " upper right, and lit, 1, at the other two. Three straight lines each leave a corner on the wrong side. "
    "Arrows lead to the right, to another plane, where the two lit corners have met in one point, (1, 0), the "
    "corner of two switches down lies at (0, 0), and that of two switches up at (2, 1). A straight line parts the"
    " lit point from the two others.",
    X=CORNERS, t=LIT, W=HIDDEN, b=BIAS, w=LAST, lines=[[-0.5, 1, 1], [-1.5, 1, 1], [-0.25, -1, 1]],
)  # fmt: skip
def stairs(s: Sheet, X: Array, t: Array, W: Array, b: Array, w: Array, lines: Array) -> None:
    """XOR in the plane of the switches, and in the hidden plane."""
    assert np.array_equal(X, CORNERS) and np.array_equal(t, LIT), "the four positions"
    A = ops.relu(X @ W.T + b)
    assert A.tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]] and (A @ w).tolist() == t.tolist(), A
    assert np.array_equal(lines, [[-0.5, 1, 1], [-1.5, 1, 1], [-0.25, -1, 1]]), "three lines to be seen"
    for line in lines:
        side = np.c_[np.ones(4), X] @ line > 0
        assert max(np.sum(side == t), np.sum(side != t)) < 4 and len(set(side.tolist())) == 2, line
    assert len({(A @ w > 0.5)[i] for i in (1, 2)}) == 1 and np.array_equal(A @ w > 0.5, t == 1), "one line is enough"

    def left(p: Array) -> tuple[float, float]:
        return 40 + 90 * float(p[0]), 152 - 90 * float(p[1])

    def right(p: Array) -> tuple[float, float]:
        return 232 + 52 * float(p[0]), 152 - 90 * float(p[1])

    for c, u, v in lines.tolist():
        inside = []
        for f in np.linspace(-0.32, 1.32, 400):
            g = (-c - u * f) / v
            if -0.22 <= g <= 1.22:
                inside.append((f, g))
        s.line([left(np.array(inside[0])), left(np.array(inside[-1]))], "quiet", 1.2, dash=True)
    s.shape([right(np.array(p)) for p in ((0.4, -0.05), (2.3, 0.9), (2.3, -0.2), (0.4, -0.2))], shade("output", 0.16))
    s.line([right(np.array(p)) for p in ((0.2, -0.15), (2.3, 0.9))], "ink", 1.6)
    s.line([right(np.array(p)) for p in ((0, 1.1), (0, 0), (2.3, 0))], "rule", 1)
    for i, bend, down in ((1, -0.06, -1), (2, -0.3, 1)):
        (x, y), (u, v) = left(X[i]), right(A[i])
        end = (u - (12 if i == 1 else 8), v + (6 if i == 1 else 11) * down)
        s.arrow((x + 13, y + 5), end, "output-ink", 1.4, bend=bend)
    lamps(s, np.array([left(p) for p in X]), t)
    lamps(s, np.array([right(A[i]) for i in (0, 1, 3)]), t[[0, 1, 3]])
    s.text(85, 12, "the switches", BODY)
    s.text(284, 12, "after two neurons", BODY)
    s.text(85, 184, "$x_0$", LARGE, "quiet")
    s.text(10, 107, "$x_1$", LARGE, "quiet")
    s.text(284, 184, "$a_0$", LARGE, "quiet")
    s.text(220, 62, "$a_1$", LARGE, "quiet")


@figure(
    "mlp/gates", height=118,
    title="Three tables that a line can part, and one that it cannot",
    desc="Four squares with the corners 0 0, 0 1, 1 0 and 1 1. In the first three, or, and, not both, a straight "
    "border parts the green ones from the blue zeros. In the fourth, the lamp, both diagonals are drawn; they "
    "cross in the middle, which would have to lie on both sides of the border.",
    tables=[[0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 0], [0, 1, 1, 0]], lines=[[-0.5, 1, 1], [-1.5, 1, 1], [1.5, -1, -1]],
)  # fmt: skip
def gates(s: Sheet, tables: Array, lines: Array) -> None:
    """Or, and, not both; and the lamp."""
    X = np.array(CORNERS)
    for line, table in zip(lines, tables, strict=False):
        assert np.array_equal(np.c_[np.ones(4), X] @ line > 0, table), (line, table)
        assert abs(line[1]) == 1 and line[1] == line[2] and abs(line[0]) in (0.5, 1.5), line
    assert set(np.unique(tables).tolist()) == {0, 1}, "yes or no"
    last = tables[3]
    assert last.tolist() == LIT and last[0] == last[3] != last[1] == last[2], "equal along each diagonal"

    side, top = 58, 18
    for k, (name, table) in enumerate(zip(("or", "and", "not both", "the lamp"), tables, strict=True)):
        left = 14 + 91 * k

        def at(p: float, q: float, left: float = left) -> tuple[float, float]:
            return left + side * p, top + side * (1 - q)

        if k < 3:
            cut = abs(lines[k, 0])
            ends = [(cut - 1.18, 1.18), (1.18, cut - 1.18)] if cut > 1 else [(-0.18, cut + 0.18), (cut + 0.18, -0.18)]
            beyond = [(1.18, 1.18)] if cut > 1 else [(1.18, -0.18), (1.18, 1.18), (-0.18, 1.18)]
            within = [(1.18, -0.18), (-0.18, -0.18), (-0.18, 1.18)] if cut > 1 else [(-0.18, -0.18)]
            s.shape([at(*p) for p in (*ends, *(beyond if lines[k, 1] > 0 else within))], shade("output", 0.16))
            s.line([at(*p) for p in ends], "ink", 1.6)
        else:
            s.line([at(0, 0), at(1, 1)], "input-ink", 1.8)
            s.line([at(0, 1), at(1, 0)], "output-ink", 1.8)
            s.ring(at(0.5, 0.5), 5, "ink")
        lamps(s, np.array([at(*p) for p in CORNERS]), table, 8)
        s.text(left + side / 2, 108, name, BODY)


@figure(
    "mlp/batch", height=142,
    title="Four positions go through the network",
    desc="Four arrays from left to right, with a row for each position of the switches. X: 0 0, 0 1, 1 0, 1 1. An "
    "arrow with W and b leads to Z: 0 -1, 1 0, 1 0, 2 1. An arrow with ReLU leads to A: 0 0, 1 0, 1 0, 2 1; the "
    "one entry that changed is framed. An arrow with the weights 1, -2 leads to y: 0, 1, 1, 0.",
    X=CORNERS, W=HIDDEN, b=BIAS, w=LAST,
)  # fmt: skip
def batch(s: Sheet, X: Array, W: Array, b: Array, w: Array) -> None:
    """The lamp by hand, all rows at once."""
    Z = X @ W.T + b
    A = ops.relu(Z)
    y = A @ w
    assert np.array_equal(X, CORNERS), "the four positions"
    assert Z.tolist() == [[0, -1], [1, 0], [1, 0], [2, 1]], Z
    assert np.argwhere(Z != A).tolist() == [[0, 1]] and y.tolist() == LIT, "one entry is bent, and the lamp works"

    cell, top = 27, 30
    places = [
        s.grid(x, top, v, cell, role, size=LARGE)
        for x, v, role in ((1, X, "input"), (108, Z, "kernel"), (215, A, "kernel"), (322, y[:, None], "output"))
    ]
    for place, name in zip(places, ("$X$", "$Z$", "$A$", "$y$"), strict=True):
        s.text(place.centre[0], 14, name, LARGE)
    for (p, q), name in zip(((0, 1), (1, 2), (2, 3)), ("$W,b$", "ReLU", "1, −2"), strict=True):
        a, c = places[p].right + 6, places[q].x - 6
        s.arrow((a, places[p].centre[1]), (c, places[p].centre[1]))
        s.text((a + c) / 2, places[p].centre[1] - 14, name, BODY)
    s.window(places[1], 0, 1, 1, 1, "input")
    s.window(places[2], 0, 1, 1, 1, "input")


@figure(
    "mlp/networks", height=262,
    title="Two networks, counted",
    desc="Two networks drawn as columns of circles with lines between them. The first has 3 inputs, 4 hidden neurons "
    "and 2 outputs, and below its layers stands 16 and 10, 26 in all. The second has 3 inputs, twice 4 hidden "
    "neurons and one output, and below stands 16, 20 and 5, 41 in all. Each neuron carries a small dot for its "
    "bias; the bias of the last neuron of the second network has a ring.",
    one=[3, 4, 2], two=[3, 4, 4, 1],
)  # fmt: skip
def networks(s: Sheet, one: Array, two: Array) -> None:
    """A line for each weight, a dot for each bias."""
    counts = [[int(m * (n + 1)) for n, m in pairwise(k)] for k in (one, two)]
    assert counts == [[16, 10], [16, 20, 5]] and [sum(c) for c in counts] == [26, 41], counts
    for sizes, count, middle in ((one, counts[0], 54), (two, counts[1], 188)):
        xs = [22 + 92 * k for k in range(len(sizes))]
        columns = [
            [(x, middle + 25 * (i - (n - 1) / 2)) for i in range(n)] for x, n in zip(xs, sizes.tolist(), strict=True)
        ]
        drawn = 0
        for before, after in pairwise(columns):
            for a in before:
                for c in after:
                    s.line([a, c], shade("kernel", 0.75), 0.9, layer=1)
                    drawn += 1
        biases = 0
        for k, column in enumerate(columns):
            tone = "input" if k == 0 else "output"
            s.dots(column, f"{tone}-ink", 8.5, layer=3)
            s.dots(column, shade(tone, 0.34), 7.4, layer=3)
            if k:
                s.dots([(x + 10, y - 7) for x, y in column], "kernel-ink", 2.8, layer=4)
                biases += len(column)
        assert drawn + biases == sum(count), "as many marks as variables"
        for x, n in zip(xs, count, strict=False):
            s.text(x + 46, middle + 61, str(n), LARGE)
            if n != count[-1]:
                s.text(x + 92, middle + 61, "+", LARGE, "quiet")
        s.text(xs[len(count)], middle + 61, f"= {sum(count)}", LARGE, anchor="middle", face="bold")
    s.ring((22 + 92 * 3 + 10, 188 - 7), 7, "cotangent-ink")


SLOPES = {
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.1),
    "elu": lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0))),
    "sigmoid": lambda z: ops.sigmoid(z) * (1 - ops.sigmoid(z)),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "silu": lambda z: ops.sigmoid(z) + ops.silu(z) * (1 - ops.sigmoid(z)),
}
PANELS = (("relu", "ReLU"), ("leaky_relu", "leaky ReLU"), ("elu", "ELU"),
          ("sigmoid", "sigmoid"), ("tanh", "tanh"), ("silu", "swish"))  # fmt: skip


@figure(
    "mlp/activations", height=286,
    title="Six activations and their slopes",
    desc="Six small plots, ReLU, leaky ReLU, ELU, sigmoid, tanh and swish, from -4 to 4. Each shows the function as a "
    "solid line and its slope as a dashed purple line. The slopes of ReLU and leaky ReLU jump at zero; that of "
    "ELU is continuous; those of sigmoid and tanh are bells of height a quarter and one; swish dips below zero "
    "left of the origin, and its slope rises a little above one.",
    ends=[-4, 4], lowest=[-1.278465, -0.278465], leak=[0.1],
)  # fmt: skip
def activations(s: Sheet, ends: Array, lowest: Array, leak: Array) -> None:
    """Forward and back, entry by entry."""
    assert ends.tolist() == [-4, 4] and leak.tolist() == [0.1], "what is shown"
    z = np.linspace(*ends, 801)
    value = {name: getattr(ops, name)(z, *([0.1] if name == "leaky_relu" else [])) for name, _ in PANELS}
    slope = {name: SLOPES[name](z) for name, _ in PANELS}
    for name, f in value.items():
        near = np.abs(z[1:-1]) > 0.02
        assert np.allclose(np.gradient(f, z)[1:-1][near], slope[name][1:-1][near], atol=2e-3), name
    assert slope["sigmoid"].max() == 0.25 and slope["tanh"].max() == 1 and 1.05 < slope["silu"].max() < 1.11
    assert abs(value["silu"].min() - lowest[1]) < 1e-4 and abs(ops.silu(lowest[:1])[0] - lowest[1]) < 1e-6, lowest
    assert abs(z[value["silu"].argmin()] - lowest[0]) < 0.01, "the lowest point"

    for k, (name, title) in enumerate(PANELS):
        left, top = 22 + k % 3 * 119, 24 + k // 3 * 142
        ax = s.plots.axes(left, top, 92, 94)
        ax.set(xlim=(-4, 4), ylim=(-1.2, 2.2), xticks=[-4, 0, 4], yticks=[-1, 0, 1, 2])
        ax.plot([-4, 4], [0, 0], color=s.plots.colour("rule"), lw=0.6)
        for curve, tone, style in ((value[name], "output-ink", "-"), (slope[name], "cotangent-ink", (0, (3, 2)))):
            parts = [curve] if name in ("elu", "sigmoid", "tanh", "silu") or curve is value[name] else [
                np.where(z < 0, curve, np.nan), np.where(z > 0, curve, np.nan)]  # fmt: skip
            for part in parts:
                shown = np.where(np.abs(part - 0.5) < 1.7, part, np.nan)[::4]
                ax.plot(z[::4], shown, color=s.plots.colour(tone), lw=1.6, ls=style)
        s.text(left + 46, top - 13, title, BODY)
        if name == "silu":
            s.ring(s.plots.at(ax, float(lowest[0]), float(lowest[1])), 4, "ink", 1.4)


@figure(
    "mlp/softmax", height=232,
    title="Forward to the probabilities, back with p - t",
    desc="Above, from left to right, three groups of three bars: the scores ln 1, ln 2 and ln 5; the exponentials 1, 2"
    " and 5; the probabilities one, two and five eighths. Below the probabilities, the target 0, 0, 1. From it a "
    "dashed purple arrow leads back to the left, to p - t: plus one eighth, plus two eighths, minus three "
    "eighths, and on to the scores.",
    ratios=[1, 2, 5], t=[0, 0, 1],
)  # fmt: skip
def softmax(s: Sheet, ratios: Array, t: Array) -> None:
    """Three names, with eighths as probabilities."""
    z = np.log(np.maximum(ratios, 1e-9))
    p = ops.softmax(z)
    back = p - t
    assert np.allclose(8 * p, [1, 2, 5]) and ratios.sum() == 8 and ratios.tolist() == [1, 2, 5], p
    assert np.allclose(8 * back, [1, 2, -3]) and abs(back.sum()) < 1e-12 and t.sum() == 1, back

    def bars(x: float, base: float, values: Array, unit: float, tone: str, words: list[str]) -> None:
        for k, (v, word) in enumerate(zip(values.tolist(), words, strict=True)):
            high = unit * v
            s.boxes([(x + 28 * k, base - max(high, 0), 20, abs(high))], shade(tone, 0.5), f"{tone}-ink", 1)
            s.text(x + 10 + 28 * k, base - high + (-10 if high >= 0 else 11), word, BODY)
        s.line([(x - 4, base), (x + 80, base)], "rule", 1)

    columns, base, low = (6, 142, 278), 92, 178
    bars(columns[0], base, z, 30, "input", ["ln 1", "ln 2", "ln 5"])
    bars(columns[1], base, ratios / 8, 74, "kernel", ["1", "2", "5"])
    bars(columns[2], base, p, 74, "output", ["1/8", "2/8", "5/8"])
    bars(columns[2], low, t, 46, "output", ["0", "0", "1"])
    bars(columns[1], low, back, 60, "cotangent", ["1/8", "2/8", "−3/8"])
    for x, name in zip(columns, ("scores $z$", "$e^z$", "$p$"), strict=True):
        s.text(x + 38, base + 15, name, BODY)
    s.text(columns[2] + 38, low + 15, "target $t$", BODY)
    s.text(columns[1] + 24, low + 15, "$p-t$", BODY)
    s.arrow((96, 66), (132, 66))
    s.arrow((232, 66), (268, 66))
    s.text(250, 54, "÷ 8", BODY)
    s.arrow((268, 160), (232, 160), "cotangent-ink", 1.5, dash=True)
    s.arrow((132, 160), (44, 122), "cotangent-ink", 1.5, dash=True, bend=-0.2)
    s.text(44, low + 15, "back to $z$", BODY, "cotangent-ink")


@cache
def descent(points: int, hidden: int, seed: int, rate: float, steps: int) -> tuple[Array, Array, Array, float]:
    """The chapter's descent from a random start: on the lamp's four corners, or on points in a square."""
    X, t = (np.array(CORNERS), np.array(LIT)) if points == 4 else (square()[0][::2], square()[1][::2])
    rng = np.random.default_rng(seed)
    W, b, w, c = rng.normal(size=(hidden, 2)), np.zeros(hidden), rng.normal(size=hidden), 0.0
    for _ in range(steps):
        A = np.tanh(X @ W.T + b)
        d = (1 / (1 + np.exp(-(A @ w + c))) - t) / len(t)
        D = np.outer(d, w) * (1 - A**2)
        W, b, w, c = W - rate * D.T @ X, b - rate * D.sum(0), w - rate * A.T @ d, c - rate * d.sum()
    return W, b, w, float(c)


@cache
def square() -> tuple[Array, Array]:
    """The playground's XOR: whether two coordinates have one sign."""
    X = np.random.default_rng(0).uniform(-5, 5, (400, 2))
    X += 0.3 * np.sign(X)
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


@figure(
    "mlp/hidden", height=142,
    title="The plane of the switches, and two hidden planes",
    desc="Three squares. The plane of the switches with a net of lines, green in a band through the two lit corners "
    "and blue on either side. The hidden plane of the first start, from -1 to 1: the same net, pressed almost to "
    "one bent curve; both lit corners lie in one place at the upper left, the dark ones at the lower left and "
    "upper right, and a straight line parts them. The hidden plane of the second start: both dark corners lie in "
    "one place at the lower left, the lit ones at the upper left and lower right.",
    seeds=[4, 2], learned=LEARNED,
)  # fmt: skip
def hidden(s: Sheet, seeds: Array, learned: Array) -> None:
    """What descent has found from two starts, before and after the hidden layer."""
    assert seeds.tolist() == [4, 2], "the starts of the chapter"
    X, t = np.array(CORNERS), np.array(LIT)
    nets = [(v[:4].reshape(2, 2), v[4:6], v[6:8], v[8]) for v in learned]
    places = []
    for net, seed in zip(nets, seeds.tolist(), strict=True):
        found = descent(4, 2, seed, 1.0, 200)
        assert all(np.allclose(a, f, atol=0.006) for a, f in zip(net, found, strict=True)), found
        W, b, w, c = net
        places.append(np.tanh(X @ W.T + b))
        assert np.array_equal(places[-1] @ w + c > 0, t == 1), "right"
    for A, (i, j), (k, m) in zip(places, ((1, 2), (0, 3)), ((0, 3), (1, 2)), strict=True):
        assert np.hypot(*(A[i] - A[j])) < 0.1 and np.hypot(*(A[k] - A[m])) > 1, A

    rows = [W for net in nets for W in (net[0][0], net[0][1])]
    assert all(abs(r[0] - r[1]) < 0.1 * abs(r[0]) for r in rows[:2]), "the sum of the switches"
    assert all(abs(r[0] + r[1]) < 0.1 * abs(r[0]) for r in rows[2:]), "their difference"
    size, low, high, top = 112, -0.4, 1.4, 24
    net_lines = [
        np.stack([np.full(50, k), np.linspace(-0.2, 1.2, 50)][:: 1 - 2 * turn], 1)
        for k in (-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1, 1.2)
        for turn in (0, 1)
    ]

    def panel(left: float, low: float, high: float, says: Array, points: Array, lit: Array, lines: list[Array]) -> None:
        def at(p: Array) -> tuple[float, float]:
            scale = size / (high - low)
            return left + scale * (float(p[0]) - low), top + scale * (high - float(p[1]))

        for tone, part in (("input", 1 - says), ("output", says)):
            s.picture(left, top, size, size, 0.27 * part, tone)
        for line in lines:
            s.line([at(p) for p in line], "quiet", 0.7)
        lamps(s, np.array([at(p) for p in points]), lit, 8)

    def grid(low: float, high: float) -> Array:
        axis = np.linspace(low, high, 80)
        return np.stack(np.meshgrid(axis, axis[::-1]), -1)

    W, b, w, c = nets[0]
    says = (np.tanh(grid(low, high) @ W.T + b) @ w + c > 0).astype(float)
    panel(2, low, high, says, X, t, [line[[0, -1]] for line in net_lines])
    for left, (W, b, w, c), A, kept in zip((124, 246), nets, places, KEPT, strict=True):
        says = (grid(-1.2, 1.2) @ w + c > 0).astype(float)
        panel(left, -1.2, 1.2, says, A[kept], t[kept], [np.tanh(line @ W.T + b) for line in net_lines])
    for left, word in zip((2, 124, 246), ("the switches", "hidden, one start", "another"), strict=True):
        s.text(left + size / 2, 11, word, BODY)


@figure(
    "mlp/tents", height=262,
    title="Tents, and their sum",
    desc="A wave over one period, and the network with eight neurons that joins nine of its points. Below, the six "
    "tents of which it is the sum, three upwards and three downwards. Beyond the interval the network goes on "
    "straight, and leaves the wave.",
    knots=np.arange(9), end=[1.45],
)  # fmt: skip
def tents(s: Sheet, knots: Array, end: Array) -> None:
    """A network whose weights are read off."""
    assert knots.tolist() == list(range(9)) and end.tolist() == [1.45], "nine points"
    x = np.linspace(0, 1.45, 581)
    at = knots / 8
    heights = np.sin(2 * np.pi * at)
    m = np.diff(heights) * 8
    net = heights[0] + ops.relu(x[:, None] - at[:-1]) @ np.diff(m, prepend=0)
    wave = np.sin(2 * np.pi * x)
    each = [h * np.maximum(0, 1 - 8 * np.abs(x - k)) for h, k in zip(heights, at, strict=True) if abs(h) > 1e-9]
    inside = x <= 1 + 1e-12
    assert np.allclose(net[inside], np.sum(each, 0)[inside]) and len(each) == 6, "the sum of the tents"
    assert [float(np.sign(e.sum())) for e in each] == [1, 1, 1, -1, -1, -1]
    assert (
        np.abs(net - wave)[inside].max() < 0.08
        and np.abs(net - wave)[~inside].max() > 2
        and np.allclose(np.diff(net[~inside], 2), 0)
    ), "then straight"

    ax = s.plots.axes(30, 10, 322, 130)
    ax.set(xlim=(0, 1.45), ylim=(-1.15, 2.1), xticks=[], yticks=[-1, 0, 1, 2])
    ax.plot(x, wave, color=s.plots.colour("input-ink"), lw=1.4, ls=(0, (1, 1.6)))
    ax.plot(x[net < 2.1], net[net < 2.1], color=s.plots.colour("output-ink"), lw=1.9)
    s.dots([s.plots.at(ax, a, h) for a, h in zip(at.tolist(), heights.tolist(), strict=True)], "output-ink", 3)
    lower = s.plots.axes(30, 152, 322, 86)
    lower.set(xlim=(0, 1.45), ylim=(-1.1, 1.1), xticks=[0, 0.25, 0.5, 0.75, 1], yticks=[-1, 0, 1])
    for k, e in enumerate(each):
        lower.plot(x[inside], e[inside], color=s.plots.colour("kernel-ink"), lw=1.3)
        assert k < 6
    for axes, low, high in ((ax, -1.15, 2.1), (lower, -1.1, 1.1)):
        s.line([s.plots.at(axes, 1, low), s.plots.at(axes, 1, high)], "rule", 1, dash=True)
    s.text(*s.plots.at(ax, 1.2, 1.55), "the network", BODY, "output-ink", "end")
    s.text(*s.plots.at(ax, 1.33, 0.05), "the wave", BODY, "input-ink")
    s.text(*s.plots.at(lower, 0.6, 0.75), "its tents", BODY, "kernel-ink")
    s.text(*s.plots.at(lower, 0.12, -0.75), "on [0, 1]", BODY, "quiet")


@figure(
    "mlp/playground", height=142,
    title="One, two and eight hidden neurons",
    desc="Three squares with the same 200 points, green where both coordinates have one sign and blue elsewhere, over "
    "the regions of three networks. One hidden neuron: a straight border, wrong for about a third. Two: a band, "
    "wrong for some. Eight: four quarters, nearly right everywhere.",
    sizes=[1, 2, 8],
)  # fmt: skip
def playground(s: Sheet, sizes: Array) -> None:
    """XOR as the playground draws it."""
    assert sizes.tolist() == [1, 2, 8], "three networks"
    X, t = square()
    nets = [descent(200, k, 0, 0.3, 1000) for k in sizes.tolist()]
    says = [(np.tanh(X @ W.T + b) @ w + c > 0).astype(int) for W, b, w, c in nets]
    wrong = [float(np.mean((said != t)[1::2])) for said in says]
    assert 0.25 < wrong[0] < 0.45 and 0.07 < wrong[1] < 0.3 and wrong[2] < 0.04, wrong

    side, axis = 112, np.linspace(-5.4, 5.4, 72)
    u, v = np.meshgrid(axis, axis[::-1])
    for k, (W, b, w, c) in enumerate(nets):
        left, top = 2 + 122 * k, 24
        region = (np.tanh(np.stack([u, v], -1) @ W.T + b) @ w + c > 0).astype(float)
        for tone, part in (("input", 1 - region), ("output", region)):
            s.picture(left, top, side, side, 0.27 * part, tone)
        at = np.stack([left + (X[::2, 0] + 5.4) / 10.8 * side, top + (5.4 - X[::2, 1]) / 10.8 * side], 1)
        marks(s, at, t[::2], 3.6, 1.4)
        s.text(left + side / 2, 11, ("1 neuron", "2 neurons", "8 neurons")[k], BODY)
