"""Chapter 21, A network that reads digits: its plan, its way back by hand, what it sees, and what it gets wrong.

The trained weights are those of seed 0, trained as on the page and rounded to half precision; they lie beside the
drawings, so that every machine draws the same. `python -m figures.cnn` trains them again.
"""

from functools import cache
from pathlib import Path

import numpy as np

from course.autodiff import Tensor
from course.autodiff import functional as F
from course.data import digits
from course.nn import Conv2d, Sequential, cross_entropy
from course.nn.digits import digit_net, kept_digits, shaken
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure

TRAINING, TEST = 1437, 360
KEPT = Path(__file__).with_name("cnn") / "trained.npz"
STROKE = [[0, 2, 0, 0], [0, 3, 1, 0], [0, 2, 0, 0], [0, 1, 0, 0]]
UPRIGHT = [[-1, 2, -1]] * 3
FIELDS = [3, 5, 6, 10, 12]


def test_digits() -> tuple[Array, Array]:
    """The last 360 digits of the file."""
    images, labels = digits()
    return images[TRAINING:, None], labels[TRAINING:]


@cache
def trained() -> Sequential:
    """The network whose weights lie beside the drawings."""
    net = digit_net()
    with np.load(KEPT, allow_pickle=False) as file:
        net.load_state(file)
    return net


def keep() -> None:
    """Train it and write its weights."""
    images, labels = digits()
    net = kept_digits(images[:TRAINING, None], labels[:TRAINING])
    np.savez_compressed(KEPT, **{name: a.astype(np.float16) for name, a in net.state().items()})


def probabilities(x: Array) -> Array:
    """Of the ten classes, for each picture."""
    z = trained()(x).data
    p = np.exp(z - z.max(1, keepdims=True))
    return np.asarray(p / p.sum(1, keepdims=True))


@figure(
    "cnn/by-hand", height=262,
    title="A whole network on paper, there and back",
    desc="Forward, from left to right: a picture of four by four pixels with an upright stroke in column 1; the kernel "
    "-1 2 -1 in three rows; the map 13, -5, 11, -4; its positive part 13, 0, 11, 0; the largest of the four, 13; and "
    "two scores, 0 and 0. Back, dashed, from right to left: minus one half and one half on the scores; minus one on "
    "the maximum; minus one on the place of the 13 and zero on the others; and on the kernel minus the upper left "
    "window, 0 -2 0, 0 -3 -1, 0 -2 0.",
    x=STROKE, w=UPRIGHT,
)  # fmt: skip
def by_hand(s: Sheet, x: Array, w: Array) -> None:
    """One picture, one kernel, one map, one maximum, two scores."""
    w_, a = Tensor(w.astype(float), requires_grad=True), x.astype(float)[None, None]
    y = F.conv2d(a, w_.reshape(1, 1, 3, 3))
    y_, r = y, F.relu(y)
    m = F.max_pool2d(r, 2)
    z = m.reshape(1, 1) * np.array([[1.0, -1.0]]) + np.array([-13.0, 13.0])
    cross_entropy(z, [0]).backward()
    back = np.asarray(w_.grad)
    assert np.array_equal(y_.data[0, 0], [[13, -5], [11, -4]]) and m.item() == 13 and np.array_equal(z.data, [[0, 0]])
    assert np.array_equal(x, STROKE) and np.array_equal(w, UPRIGHT), "the network of the page"
    assert np.array_equal(back, -x[:3, :3]), back

    c, top, low = 21, 34, 158
    picture = s.grid(0, top, x, c, "input", tone=x / 3, faint_zero=True, size=BODY)
    kernel = s.grid(100, top + 10, w, c, "kernel", size=BODY)
    grid = s.grid(187, top + 21, y.data[0, 0].astype(int), 26, "output", size=BODY)
    pooled = s.grid(264, top + 30, [[13]], 30, "output", strong=[(0, 0)])
    scores = s.grid(330, top + 15, [[0], [0]], 30, "output")
    level = top + 2 * c + 3
    s.text(91.5, level, "$⋆$", LARGE)
    s.arrow((kernel.right + 4, level), (grid.x - 4, level))
    s.arrow((grid.right + 4, level), (pooled.x - 4, level))
    s.arrow((pooled.right + 4, level), (scores.x - 4, level))
    for place, words in ((picture, "picture $x$"), (kernel, "kernel $w$"), (grid, "map $y$")):
        s.text(place.centre[0], 22 if place is picture else top - 2 if place is kernel else top + 9, words, SMALL)
    s.text(pooled.centre[0], top + 9, "largest", SMALL)
    s.text(scores.centre[0] - 3, top + 3, "scores", SMALL)

    s.text(0, low - 12, "back", BODY, "cotangent-ink", "start")
    gz = s.grid(330, low + 5, [["−½"], ["½"]], 30, "cotangent")
    gm = s.grid(264, low + 20, [[-1]], 30, "cotangent", strong=[(0, 0)])
    gy = s.grid(187, low + 9, [[-1, 0], [0, 0]], 26, "cotangent", tone=[[1, 0], [0, 0]], faint_zero=True)
    gw = s.grid(100, low + 4, back.astype(int), c, "cotangent", tone=-back / 3, faint_zero=True, size=BODY)
    seen = s.grid(0, low + 4 - c / 2 + 10, x, c, "input", tone=x / 3, faint_zero=True, size=BODY)
    s.window(seen, 0, 0, 3, 3, "cotangent", dash=True)
    level = low + 35
    for a_, b_ in ((gz, gm), (gm, gy), (gy, gw)):
        s.arrow((a_.x - 4, level), (b_.right + 4, level), "cotangent-ink", dash=True)
    s.text(91.5, level, "$=$", LARGE)
    s.text(gz.centre[0] - 3, low + 76, "$p − t$", BODY, "cotangent-ink")
    s.text(gy.centre[0], low + 76, "to the 13 alone", SMALL, "cotangent-ink")
    s.text(gw.centre[0], low + 84, "− the window", SMALL, "cotangent-ink")


def plan(net: Sequential) -> list[tuple[str, tuple[int, ...], int, int]]:
    """Of each layer: its name, the shape of its output, its weights and biases, its multiplications."""
    x, rows = np.zeros((1, 1, 8, 8)), []
    for layer in net.layers():
        y = layer(Tensor(x)).data
        own = layer.parameters()
        taps = own[0].size // own[0].shape[0] if own else 0
        rows.append((repr(layer).split("(")[0], y.shape[1:], sum(p.size for p in own), taps * y.size))
        x = y
    return rows


@figure(
    "cnn/plan", height=236,
    title="The plan of the network: sizes shrink, channels grow",
    desc="A row of blocks. The picture, 1 of 8 by 8. After the first convolution 16 maps of 8 by 8, after the second "
    "32 of 8 by 8; pooling leaves 32 of 4 by 4; the third convolution makes 64 of 4 by 4; pooling leaves 64 of 2 by 2; "
    "the last layer gives 10 scores. Below each layer stand two bars: its weights, 160, 4640, 18496 and 2570, and its "
    "multiplications, 9 thousand, 295 thousand, 295 thousand and 3 thousand.",
    width=[16],
)  # fmt: skip
def plan_of_layers(s: Sheet, width: Array) -> None:
    """Shapes as stacks of maps, and what each layer costs."""
    rows = [r for r in plan(digit_net(int(width[0]))) if r[0] not in ("ReLU", "Flatten")]
    assert [r[1] for r in rows] == [(16, 8, 8), (32, 8, 8), (32, 4, 4), (64, 4, 4), (64, 2, 2), (10,)], rows
    assert [r[2] for r in rows] == [160, 4640, 0, 18496, 0, 2570] and sum(r[2] for r in rows) == 25866
    assert [r[3] for r in rows] == [9216, 294912, 0, 294912, 0, 2560], rows

    middle, unit = 64, 5.1
    shapes = [("picture", (1, 8, 8)), ("conv", (16, 8, 8)), ("conv", (32, 8, 8)), ("pool", (32, 4, 4)),
              ("conv", (64, 4, 4)), ("pool", (64, 2, 2)), ("linear", (10, 1, 1))]  # fmt: skip
    for k, (name, (c, h, _)) in enumerate(shapes):
        x, side = 2 + k * 51, h * unit
        role = "input" if k == 0 else "output"
        if name == "linear":
            s.boxes(
                [(x + 8, middle - 42 + 8 * i, 8, 8) for i in range(10)], shade_of(role), f"{role}-ink", 0.8, gap=1.5
            )
        else:
            for layer in range(round(np.log2(c)), -1, -1):
                shift = 1.6 * layer
                s.boxes([(x + shift, middle - side / 2 - shift, side, side)], "paper", layer=1)
                s.boxes(
                    [(x + shift, middle - side / 2 - shift, side, side)], shade_of(role), f"{role}-ink", 0.8, layer=1
                )
        s.text(x + 18, 112, name, SMALL, "kernel-ink" if name in ("conv", "linear") else "quiet")
        s.text(x + 18, 127, f"{c}·{h}·{h}" if h > 1 else f"{c}", SMALL)
    base, tall = 212, 52
    for k, row in ((1, 0), (2, 1), (4, 3), (6, 5)):
        x = 2 + k * 51
        for shift, value, most, role in ((0, rows[row][2], 18496, "kernel"), (16, rows[row][3], 294912, "input")):
            height = max(tall * value / most, 0.8)
            s.boxes([(x + shift, base - height, 13, height)], role)
    s.line([(0, base), (360, base)])
    s.text(30, 162, "weights", SMALL, "kernel-ink")
    s.text(35, 178, "products", SMALL, "input-ink")
    for k, row in ((1, 0), (2, 1), (4, 3), (6, 5)):
        s.text(2 + k * 51 + 14, 225, f"{rows[row][2]:,}", SMALL, "kernel-ink")


def shade_of(role: str) -> str:
    """The tint behind numbers."""
    return f"{role}-24"


def reached(net: Sequential, layers: int, size: int = 24, pictures: int = 200) -> tuple[Array, Array]:
    """Which pixels one entry of the first layers depends on: in any of many pictures, and in the first of them."""
    rng, parts = np.random.default_rng(0), net.layers()[:layers]
    x = Tensor(rng.random((pictures, 1, size, size)), requires_grad=True)
    y = Sequential(*parts)(x)
    middle = y.shape[2] // 2
    F.sum(y[:, 0, middle, middle]).backward()
    seen = np.asarray(x.grad)[:, 0] != 0
    return seen.any(0), seen[0]


def positive(net: Sequential) -> Sequential:
    """The same layers with random positive weights: no way through the network cancels another."""
    rng = np.random.default_rng(1)
    for layer in net.layers():
        if isinstance(layer, Conv2d):
            layer.weight.data = rng.random(layer.weight.shape)
    return net


def extent(seen: Array) -> tuple[int, int, int, int]:
    """The first row and column, height and width of what is not zero."""
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    return int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


@figure(
    "cnn/field", height=214,
    title="What one output sees, measured by sending a one back",
    desc="Two grids of 16 by 16 pixels. On the left five nested squares of 3, 5, 6, 10 and 12 pixels, the fields of "
    "one output after each layer, found by sending a one back through many random pictures. On the right a single "
    "picture: of the 144 pixels of the largest square fewer are reached, because each maximum goes back to one place.",
    fields=FIELDS,
)  # fmt: skip
def field(s: Sheet, fields: Array) -> None:
    """The union over many pictures fills the field; one picture does not."""
    net = positive(digit_net(2, rng=0))
    found = [reached(net, n) for n in (1, 3, 5, 6, 8)]
    places = [extent(seen) for seen, _ in found]
    assert [p[2] for p in places] == [p[3] for p in places] == fields.tolist(), places
    assert all(seen.sum() == f * f for (seen, _), f in zip(found, fields, strict=True)), "squares, and full"
    single = found[-1][1]
    assert 40 < single.sum() <= 100 and not (single & ~found[-1][0]).any(), single.sum()

    cell, top, cut = 10.4, 24, 5
    tones = np.zeros((16, 16))
    for seen, _ in found[::-1]:
        tones = np.maximum(tones, 0)
        tones[seen[cut : cut + 16, cut : cut + 16]] += 1
    for k, (name, values) in enumerate(
        (("in any picture", tones / 5), ("in one picture", single[cut : cut + 16, cut : cut + 16] * 0.6))
    ):
        left = k * 192
        grid = s.grid(left, top, np.full((16, 16), np.nan), cell, "cotangent", tone=values)
        s.text(left + 8 * cell, 11, name, BODY, "cotangent-ink")
        if k == 0:
            for i, j, h, w in places:
                s.window(grid, i - cut, j - cut, h, w, "cotangent", 1.2, dash=True)
        else:
            i, j, h, w = places[-1]
            s.window(grid, i - cut, j - cut, h, w, "cotangent", 1.2, dash=True)
    s.text(180, 204, "sides of the squares, layer after layer: 3, 5, 6, 10, 12", BODY, "cotangent-ink")


def wilson(wrong: Array, n: int, z: float = 1.96) -> tuple[Array, Array]:
    """Between which error rates a count of mistakes is no surprise."""
    p = wrong / n
    half = z * np.sqrt(n * p * (1 - p) + z * z / 4)
    return (n * p + z * z / 2 - half) / (n + z * z), (n * p + z * z / 2 + half) / (n + z * z)


@figure(
    "cnn/worth", height=196,
    title="What a count of mistakes among 360 says",
    desc="Mistakes among 360 digits, from 0 to 20, to the right; upwards the error rate in per cent. A dot at each "
    "count, and a bar from the smallest to the largest rate for which the count is no surprise. At 7 mistakes the bar "
    "goes from 1 to 4 per cent; at 16 from 3 to 7 per cent; the two overlap.",
    counts=np.arange(21), tests=[360],
)  # fmt: skip
def worth(s: Sheet, counts: Array, tests: Array) -> None:
    """Wilson's intervals."""
    n = int(tests[0])
    assert n == 360 and np.array_equal(counts, np.arange(21)), "the test of the page"
    low, high = wilson(counts.astype(float), n)
    assert 0.9 < 100 * low[7] < 1 and 3.9 < 100 * high[7] < 4.1, (low[7], high[7])
    assert 2.7 < 100 * low[16] < 2.8 and 7.0 < 100 * high[16] < 7.2 and low[16] < high[7], (low[16], high[16])

    ax = s.plots.axes(32, 16, 320, 142)
    ax.set(xlim=(-0.7, 20.7), ylim=(0, 9), yticks=[0, 2, 4, 6, 8], xticks=[0, 5, 10, 15, 20])
    for k, (a, b) in enumerate(zip(100 * low, 100 * high, strict=True)):
        strong = k in (7, 16)
        ax.plot([k, k], [a, b], color=s.plots.colour("output-ink" if strong else "rule"), lw=3 if strong else 1.6)
        ax.plot([k], [100 * k / n], "o", color=s.plots.colour("output-ink" if strong else "quiet"), ms=3.4)
    s.text(*s.plots.at(ax, 7.3, 4.6), "the network", SMALL, "output-ink", "end")
    s.text(*s.plots.at(ax, 16, 7.6), "one neighbour", SMALL, "output-ink", "end")
    s.text(36, 6, "error rate, in per cent", BODY, "quiet", "start")
    s.text(192, 187, "mistakes among 360 digits", BODY, "quiet")


def small(s: Sheet, x: float, y: float, side: float, values: Array, role: str = "input") -> None:
    """A picture of few pixels, with hard edges, on a blank ground."""
    s.boxes([(x, y, side, side)], "blank", layer=0)
    s.picture(x, y, side, side, np.kron(values, np.ones((4, 4))), role)


def maps_of(x: Array) -> list[Array]:
    """What each layer makes of one picture, layer after layer."""
    found = []
    for layer in trained().layers():
        x = np.asarray(layer(Tensor(x)).data)
        found.append(x[0])
    return found


@figure(
    "cnn/through", height=250,
    title="A digit on its way through the network",
    desc="From left to right: a handwritten seven of eight by eight pixels, with a bar through its stem; sixteen maps "
    "of eight by eight, in each of which other strokes light up; sixteen of 64 maps of four by four, coarser; sixteen "
    "of 64 maps of two by two; and ten bars, one for each class, of which the one of the seven is the only long one.",
    shown=[1437 + 21],
)  # fmt: skip
def through(s: Sheet, shown: Array) -> None:
    """One test digit, its maps after the first, the third convolution and the last pooling, and its probabilities."""
    images, labels = digits()
    n = int(shown[0])
    x, t = images[None, None, n], int(labels[n])
    p = probabilities(x)[0]
    assert n == 1458 and p.argmax() == t and p[t] > 0.9, (t, p)
    found = maps_of(x)
    stages = [("8·8", found[1]), ("4·4", found[6]), ("2·2", found[7])]
    assert [m.shape for _, m in stages] == [(16, 8, 8), (64, 4, 4), (64, 2, 2)]

    middle = 124
    small(s, 1, middle - 38, 76, x[0, 0])
    for k, (name, maps) in enumerate(stages):
        left, side = (94, 174, 240)[k], (16, 13, 10)[k]
        order = np.argsort(-maps.reshape(len(maps), -1).max(1), kind="stable")[:16]
        for r, c in enumerate(np.sort(order).tolist()):
            across, down = r % 4, r // 4
            pitch = side + 2
            top = middle - 2 * pitch + down * pitch
            small(s, left + across * pitch, top, side, maps[c] / maps.max(), "output")
        s.text(left + 2 * (side + 2), middle + 58, name, SMALL, "output-ink")
    s.text(39, middle + 58, "the digit", SMALL, "input-ink")
    for k, value in enumerate(p.tolist()):
        y = middle - 90 + 20 * k
        s.text(306, y, f"{k}", SMALL, "ink" if k == t else "quiet", face="bold" if k == t else "text")
        s.boxes([(314, y - 6, max(44 * value, 0.8), 12)], "output")


@figure(
    "cnn/shaken", height=140,
    title="One digit, held in eleven other ways",
    desc="Twelve small pictures of one handwritten digit in two rows. The first is the digit of the training set; in "
    "the others it is moved, turned, stretched and slanted a little, each time otherwise, and remains the same digit.",
    shown=[13], seeds=[0],
)  # fmt: skip
def shaken_digit(s: Sheet, shown: Array, seeds: Array) -> None:
    """What eleven epochs see of one digit."""
    images, labels = digits()
    assert shown.tolist() == [13] and seeds.tolist() == [0] and labels[13] == 3, "the digit of the page"
    x = images[13]
    others = shaken(np.repeat(x[None, None], 11, axis=0), int(seeds[0]))[:, 0]
    assert all(np.abs(o - x).max() > 0.2 for o in others), "none is the original"
    assert all(abs(o.sum() - x.sum()) < 0.35 * x.sum() for o in others), "ink for ink, nearly"
    s.text(29, 9, "as it is", SMALL, "input-ink")
    s.text(210, 9, "held otherwise", SMALL, "output-ink")
    for k, values in enumerate([x, *others]):
        small(s, 1 + (k % 6) * 60.5, 19 + (k // 6) * 61, 56, values, "input" if k == 0 else "output")


@figure(
    "cnn/kernels", height=248,
    title="Sixteen learned kernels and what each finds in a digit",
    desc="Four rows of four pairs. In each pair a kernel of three by three weights, orange where it is positive and "
    "purple where it is negative, and the map it makes of one digit: some answer to an upper edge, some to a lower or "
    "a left one, some to whole strokes, and some hardly at all.",
    shown=[1437 + 21],
)  # fmt: skip
def kernels(s: Sheet, shown: Array) -> None:
    """The first layer: its weights, and its answers to the digit of the opening."""
    images, _ = digits()
    assert shown.tolist() == [1458], "the digit of the opening"
    w = trained()[0].weight.data[:, 0]  # type: ignore[attr-defined]
    y = maps_of(images[None, None, int(shown[0])])[1]
    signs = [(k > 0).any() and (k < 0).any() for k in w]
    assert w.shape == (16, 3, 3) and sum(signs) >= 12, "most kernels compare: they have both signs"
    assert (y.reshape(16, -1).max(1) > 0.05 * y.max()).sum() >= 10, "and most of them answer"

    side, pitch = 40, 58
    for k in range(4):
        s.text(21 + 90 * k, 9, "kernel", SMALL, "kernel-ink")
        s.text(66 + 90 * k, 9, "map", SMALL, "output-ink")
    for k in range(16):
        left, top = 2 + (k % 4) * 90, 20 + (k // 4) * pitch
        s.boxes([(left, top + 5, side - 2, side - 2)], "blank", layer=0)
        for sign, role in ((1, "kernel"), (-1, "cotangent")):
            s.picture(
                left,
                top + 5,
                side - 2,
                side - 2,
                np.kron(np.maximum(sign * w[k], 0) / np.abs(w).max(), np.ones((4, 4))),
                role,
            )
        small(s, left + side, top, 48, y[k] / y.max(), "output")


@figure(
    "cnn/mistakes", height=112,
    title="Every test digit that the network misreads",
    desc="Four misread digits. Under each stands what it is, and what the network takes it for, with a bar for each "
    "of the two probabilities: an eight taken for a five, a narrow zero for a four, a nine for an eight, a nine for a "
    "five.",
    tests=[360],
)  # fmt: skip
def mistakes(s: Sheet, tests: Array) -> None:
    """All of them, with the answer and the guess."""
    x, t = test_digits()
    p = probabilities(x)
    wrong = np.flatnonzero(p.argmax(1) != t)
    assert tests.tolist() == [len(t)] and t[wrong].tolist() == [8, 0, 9, 9], t[wrong]
    assert p[wrong].argmax(1).tolist() == [5, 4, 8, 5] and p[136, 4] > 0.98, p[wrong].max(1)
    margin = np.diff(np.sort(p, 1)[:, -2:])[:, 0]
    assert margin.min() > 1e-3, "on every machine the same"

    for k, n in enumerate(wrong.tolist()):
        left, top = 8 + (k % 4) * 90, 2 + (k // 4) * 120
        small(s, left, top, 72, x[n, 0])
        for line, (c, role) in enumerate(((int(t[n]), "input-ink"), (int(p[n].argmax()), "kernel-ink"))):
            y = top + 83 + 16 * line
            s.text(left + 6, y, f"{c}", BODY, role, face="bold")
            s.boxes([(left + 16, y - 5, max(54 * float(p[n, c]), 0.8), 10)], role.removesuffix("-ink"))


if __name__ == "__main__":
    keep()
