"""Chapter 17, Backpropagation: a small function on its graph, a layer in whole numbers, and the uses of the engine.

The piece and the photograph are the chapter's own; what is drawn of them is computed by course.autodiff.
"""

import math

import numpy as np

from course.autodiff import functional as F
from course.autodiff import grad, value_and_grad, vjp
from course.data import sample_image
from course.imaging.filters import gaussian
from course.linear import convolution
from figures.style import BODY, LARGE, Array, Point, Sheet, figure

POSE, RATE, STEPS = [0.35, 0.12, -0.1], 0.2, 150
HALF, SIDE = 0.3, 48


def cut(whole: Array, pose: Array) -> Array:
    """A turned square of the photograph: its middle at pose[1:], from −1 to 1, and turned by pose[0]."""
    c, s = HALF * F.cos(pose[0]), HALF * F.sin(pose[0])
    theta = F.reshape(F.stack([c, -s, pose[1], s, c, pose[2]]), (1, 2, 3))
    return F.grid_sample(whole[None, None], F.affine_grid(theta, (1, 1, SIDE, SIDE)))[0, 0]


def approach_of(true: Array, rate: float, steps: int) -> tuple[Array, Array]:
    """The photograph, and the poses from zero on, step by step against the gradient."""
    sharp = sample_image("camera")[20:148, 60:188] / 255
    whole = gaussian(sharp, 3)
    piece = cut(whole, true)
    step = value_and_grad(lambda pose: F.mean(F.square(cut(whole, pose) - piece)))
    poses = [np.zeros(3)]
    for _ in range(steps):
        poses.append(poses[-1] - rate * step(poses[-1])[1])
    return sharp, np.array(poses)


def hand_made(true: Array, rate: Array, steps: Array) -> None:
    """The numbers of the chapter."""
    assert np.allclose(true, POSE) and np.isclose(rate, RATE) and steps == STEPS, (true, rate, steps)


@figure(
    "backprop/piece", height=226,
    title="A piece of a photograph, and how it is found",
    desc="On the left a photograph of a man at a camera. A dashed frame stands upright in its middle; a chain of "
    "dots leads from its centre, up and to the right, to the centre of a second frame, which is turned by "
    "twenty degrees. On the right two small pictures: the piece that is given, and what the dashed frame "
    "sees, which is another part, and upright.",
    true=POSE, rate=RATE, steps=STEPS,
)  # fmt: skip
def piece(s: Sheet, true: Array, rate: Array, steps: Array) -> None:
    """The opening figure: the first guess, the way, and the place."""
    hand_made(true, rate, steps)
    sharp, poses = approach_of(true, float(rate), int(steps))
    assert np.allclose(poses[-1], true, atol=0.01), poses[-1]
    assert 19 < np.degrees(poses[-1][0]) < 21
    given, first = cut(sharp, true), cut(sharp, np.zeros(3))
    assert np.abs(cut(sharp, poses[-1]) - given).mean() < 0.02 < 0.2 < np.abs(first - given).mean()

    size, right = 226, 244

    def at(pose: Array, x: float, y: float) -> Point:
        c, sn = HALF * math.cos(pose[0]), HALF * math.sin(pose[0])
        return (c * x - sn * y + pose[1] + 1) * size / 2, (sn * x + c * y + pose[2] + 1) * size / 2

    s.picture(0, 0, size, size, sharp, levels=24)
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    for pose, dash in ((poses[0], True), (poses[-1], False)):
        line = [at(pose, *corner) for corner in corners]
        s.line(line, "paper", 4.5, layer=3)
        s.line(line, "cotangent-ink" if dash else "output-ink", 2.2, dash=dash, layer=4)
    for k in (0, 3, 8, 15, 25, 150):
        s.dots([at(poses[k], 0, 0)], "paper", 4.2, layer=3)
        s.dots([at(poses[k], 0, 0)], "output-ink" if k == 150 else "cotangent-ink", 2.8, layer=4)
    for words, picture, top in (("the piece", given, 16), ("the first guess", first, 134)):
        s.text(right, top - 9, words, BODY, "output-ink" if top < 20 else "cotangent-ink", "start")
        s.picture(right, top, 92, 92, picture, levels=24)


def node(s: Sheet, at: Point, words: str, role: str = "") -> None:
    """A step or a value of a graph."""
    x, y = at
    fill, edge = (f"{role}-24", f"{role}-ink") if role else ("blank", "rule")
    s.boxes([(x - 13, y - 13, 26, 26)], fill, edge, 1.2)
    s.text(x, y, words, LARGE if role or len(words) == 1 else BODY)


def both_ways(s: Sheet, a: Point, b: Point, value: str, worth: str) -> None:
    """A value from a to b, and dashed beside it what it is worth."""
    p, q = np.array(a, float), np.array(b, float)
    along = (q - p) / np.hypot(*(q - p))
    side = np.array([along[1], -along[0]])
    side = side if side[1] < 0 or (side[1] == 0 and side[0] < 0) else -side
    p, q, middle = p + 16 * along, q - 16 * along, (p + q) / 2
    up, far = 4.5 * side, (15 if abs(along[1]) < 0.1 else 14) * side
    s.arrow(tuple(p + up), tuple(q + up), width=1.4)
    s.arrow(tuple(q - up), tuple(p - up), "cotangent-ink", 1.4, dash=True)
    s.text(*(middle + far), value, BODY)
    s.text(*(middle - far), worth, BODY, "cotangent-ink", face="bold")


@figure(
    "backprop/graph", height=206,
    title="Forward and back through x²y + y + 2 at (3, 4)",
    desc="A graph. Along its top from left to right, with solid arrows: x, a square, a product, a sum, plus 2, f; "
    "the values on the arrows are 3, 9, 36, 40 and 42. From y below, arrows with the value 4 lead to the "
    "product and to the sum. Dashed arrows go the other way: 1 from f to plus 2 and on to the sum; 1 to the "
    "product, and 1 to y; from the product 4 to the square and 9 to y; from the square 24 to x. Below x "
    "stands 24, below y stands 9 + 1 = 10.",
    x=3, y=4,
)  # fmt: skip
def graph(s: Sheet, x: Array, y: Array) -> None:
    """The lecture notes' function, with the values it has and what they are worth."""
    u, v, total, f = x**2, x**2 * y, x**2 * y + y, x**2 * y + y + 2
    to_u, to_y = y, (x**2, 1)
    to_x = to_u * 2 * x
    assert (u, v, total, f) == (9, 36, 40, 42) and (to_x, sum(to_y)) == (24, 10), (f, to_x, to_y)
    _, back = vjp(lambda a, b: a**2 * b + b + 2, float(x), float(y))
    assert [float(h) for h in back()] == [24, 10]

    top, low = 46, 152
    places = {"x": (16, top), "u": (78, top), "v": (140, top), "s": (232, top), "two": (290, top), "f": (346, top)}
    places["y"] = (186, low)
    for name, words, role in (
        ("x", "$x$", "input"), ("u", "$( )^2$", ""), ("v", "×", ""), ("s", "+", ""), ("two", "+ 2", ""),
        ("f", "$f$", "output"), ("y", "$y$", "input"),
    ):  # fmt: skip
        node(s, places[name], words, role)
    for a, b, value, worth in (
        ("x", "u", x, to_x), ("u", "v", u, to_u), ("v", "s", v, 1), ("s", "two", total, 1), ("two", "f", f, 1),
        ("y", "v", y, to_y[0]), ("y", "s", y, to_y[1]),
    ):  # fmt: skip
        both_ways(s, places[a], places[b], str(value), str(worth))
    s.text(4, top + 44, "worth 24", BODY, "cotangent-ink", "start")
    s.text(186, low + 30, "worth 9 + 1 = 10", BODY, "cotangent-ink")
    s.arrow((284, 126), (356, 126), width=1.4)
    s.text(320, 113, "values", BODY)
    s.arrow((356, 140), (284, 140), "cotangent-ink", 1.4, dash=True)
    s.text(320, 154, "worths", BODY, "cotangent-ink")


@figure(
    "backprop/paths", height=262,
    title="Many paths, few arrows",
    desc="Above, five places in a row; from each to the next lead two arrows, one bent up and one bent down. Under "
    "the places stand the numbers of paths from there to the right end: 16, 8, 4, 2 and 1. Below, a curve of "
    "the number of paths for 0 to 16 steps on a logarithmic scale reaches 65536; the number of arrows stays "
    "near the bottom, at 32.",
    steps=4, most=16,
)  # fmt: skip
def paths(s: Sheet, steps: Array, most: Array) -> None:
    """A value that is read twice, again and again."""
    counts = [1]
    for _ in range(int(most)):
        counts.append(counts[-1] + counts[-1])
    arrows = 2 * np.arange(int(most) + 1)
    assert counts[int(steps)] == 16 and counts[-1] == 65536 and arrows[-1] == 32 and arrows[int(steps)] == 8
    y, pitch, left = 34, 80, 20
    for k in range(int(steps) + 1):
        x = left + k * pitch
        s.dots([(x, y)], "input-ink" if k == 0 else "output-ink" if k == steps else "ink", 5)
        s.text(x, y + 42, str(counts[int(steps) - k]), LARGE, "cotangent-ink", face="bold")
        if k < steps:
            for bend in (-0.25, 0.25):
                s.arrow((x + 6, y), (x + pitch - 7, y), width=1.2, bend=bend)
    colour = s.plots.colour
    ax = s.plots.axes(50, 100, 296, 122)
    ax.set(yscale="log", xlim=(0, 16.6), ylim=(1, 1.2e5))
    ax.set_xticks([0, 4, 8, 12, 16])
    ax.set_yticks([1, 32, 1024, 65536], ["1", "32", "1024", "65 536"])
    ax.minorticks_off()
    ax.plot(range(17), counts, color=colour("cotangent-ink"), lw=2, marker="o", ms=3.5)
    ax.plot(range(1, 17), arrows[1:], color=colour("ink"), lw=2)
    s.text(*s.plots.at(ax, 9.3, 9000), "paths", BODY, "cotangent-ink", "end")
    s.text(*s.plots.at(ax, 13.2, 9), "arrows", BODY, "ink")
    s.text(198, 254, "steps", BODY, "quiet")


@figure(
    "backprop/layer", height=352,
    title="A layer in whole numbers, and its two adjoints",
    desc="A layer in whole numbers. Above, the matrix W with rows 1 0 2 and -1 3 1, times the column x = 2, -1, 3, "
    "gives 8 and -2. Below, and in purple, the column delta = 2, -1 times the row x transposed gives the "
    "matrix with rows 4 -2 6 and -2 1 -3, of the shape of W; and W transposed times delta gives 3, -3, 3, of "
    "the shape of x. Three totals are equal to 18.",
    W=[[1, 0, 2], [-1, 3, 1]], x=[2, -1, 3], delta=[2, -1],
)  # fmt: skip
def layer(s: Sheet, W: Array, x: Array, delta: Array) -> None:
    """W x forward; back to W, and back to x."""
    z, to_W, to_x = W @ x, np.outer(delta, x), W.T @ delta
    assert z.tolist() == [8, -2] and to_W.tolist() == [[4, -2, 6], [-2, 1, -3]] and to_x.tolist() == [3, -3, 3]
    assert z @ delta == np.sum(W * to_W) == x @ to_x == 18
    _, back = vjp(lambda a, b: a @ b, W.astype(float), x.astype(float))
    assert all(np.array_equal(a, b) for a, b in zip(back(delta.astype(float)), (to_W, to_x), strict=True))

    cell, middles = 27, (62, 180, 294)
    parts = (
        (W, "kernel", "$W$", x[:, None], "input", "$x$", z[:, None], "output", "$Wx$"),
        (delta[:, None], "cotangent", "$δ$", x[None], "input", "$x^⊤$", to_W, "cotangent", "$δx^⊤$"),
        (W.T, "kernel", "$W^⊤$", delta[:, None], "cotangent", "$δ$", to_x[:, None], "cotangent", "$W^⊤δ$"),
    )
    totals = ("$⟨Wx, δ⟩=$", "$⟨W, δx^⊤⟩=$", "$⟨x, W^⊤δ⟩=$")
    for middle, (a, ra, na, b, rb, nb, c, rc, nc), words in zip(middles, parts, totals, strict=True):
        left = 8.0
        for k, (values, role, name) in enumerate(((a, ra, na), (b, rb, nb), (c, rc, nc))):
            top = middle - cell * len(values) / 2
            place = s.grid(left, top, values, cell, role)
            s.text(place.centre[0], top - 11, name, LARGE)
            left = place.right + (12 if k == 0 else 28)
            if k == 1:
                s.text(place.right + 14, middle, "=", LARGE)
        end = s.text(334, middle, words, LARGE, anchor="end")
        s.text(end + 4, middle, "18", LARGE, anchor="start", face="bold")
    s.line([(0, 118), (360, 118)])


@figure(
    "backprop/order", height=208,
    title="One product of three matrices, in two orders",
    desc="Two rows of rectangles for three matrices: a row of 1 by 2, a block of 2 by 4, and a block of 4 by 6. "
    "Above, they are multiplied from the left: 1 times 2 times 4 and 1 times 4 times 6 make 32 products, and "
    "what is carried stays one row. Below, they are multiplied from the right: 2 times 4 times 6 and 1 times "
    "2 times 6 make 60 products, and what is carried is a block.",
    n=[6, 4, 2, 1],
)  # fmt: skip
def order(s: Sheet, n: Array) -> None:
    """Reverse mode carries a row, forward mode a block."""
    first, second, third = ((int(n[k + 1]), int(n[k])) for k in range(3))
    reverse = (third[0] * second[0] * second[1], third[0] * first[0] * first[1])
    forth = (second[0] * first[0] * first[1], third[0] * third[1] * first[1])
    assert (third, second, first) == ((1, 2), (2, 4), (4, 6)), n
    assert reverse == (8, 24) and forth == (48, 12) and sum(reverse) == 32 and sum(forth) == 60

    cell = 9.5

    def block(x: float, y: float, shape: tuple[int, int], role: str) -> float:
        h, w = shape
        s.boxes([(x + cell * j, y - cell * h / 2 + cell * i, cell, cell) for i in range(h) for j in range(w)],
                f"{role}-40" if role != "quiet" else "rule-40", gap=1.5)  # fmt: skip
        return x + w * cell

    rows = (
        (54, "from the left: back", "cotangent", ((third, 1), (second, 0), (first, 0)),
         (((1, 4), 1), (first, 0)), ((1, 6), 1), reverse),
        (156, "from the right: forward", "input", ((third, 0), (second, 0), (first, 1)),
         ((third, 0), ((2, 6), 1)), ((1, 6), 1), forth),
    )  # fmt: skip
    for y, words, role, three, two, one, (p, q) in rows:
        ink = f"{role}-ink"
        s.text(0, y - 40, words, BODY, ink, "start")
        x = 0.0
        for group in (three, two, (one,)):
            for shape, carried in group:
                x = block(x, y, shape, role if carried else "quiet") + 8
            if len(group) > 1:
                count = p if len(group) == 3 else q
                s.arrow((x - 3, y), (x + 19, y), ink, 1.3, dash=role == "cotangent")
                s.text(x + 7, y + 17, str(count), BODY, ink)
                x += 25
        s.text(360, y - 40, f"{p} + {q} = {p + q} products", BODY, ink, "end")


@figure(
    "backprop/repeated", height=202,
    title="A bias is copied forward, and its worths are added back",
    desc="A bias of four numbers is copied into three rows, with solid arrows downwards. Beside it, and dashed, "
    "three rows of worths, 1 2 3 4, 5 6 7 8 and 9 10 11 12, are added column by column into one row, 15, 18, "
    "21, 24.",
    b=[3, 0, -1, 2], g=[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]],
)  # fmt: skip
def repeated(s: Sheet, b: Array, g: Array) -> None:
    """Broadcasting and its adjoint."""
    rows, back = F.broadcast_to(b, (3, 4)), F.sum_to(g, (4,))
    assert rows.tolist() == [[3, 0, -1, 2]] * 3 and back.tolist() == [15, 18, 21, 24]
    assert np.sum(rows * g) == b @ back == 72

    cell, right = 35, 204
    for left, one, many, role, words in ((6, b, rows, "kernel", "copied"), (right, back, g, "cotangent", "added")):
        strong = [(0, j) for j in range(4)] if left == right else []
        place = s.grid(left, 26, one, cell, role, size=LARGE, strong=strong)
        for j in range(4):
            x = left + (j + 0.5) * cell
            ends = (x, place.bottom + 4), (x, 90)
            if left == right:
                s.arrow(ends[1], ends[0], "cotangent-ink", 1.4, dash=True)
            else:
                s.arrow(*ends, width=1.4)
        s.text(place.centre[0], 12, words, BODY, f"{role}-ink")
        s.grid(left, 94, many, cell, role)


@figure(
    "backprop/approach", height=236,
    title="Three numbers on their way",
    desc="Three curves over 150 steps: the angle rises from 0 to 0.35, quickly at first and then slowly; the place "
    "to the right rises to 0.13, a little too far, and comes back to 0.12; the place downwards falls to -0.1, both "
    "within some twenty steps. Dashed lines mark the true values.",
    true=POSE, rate=RATE, steps=STEPS,
)  # fmt: skip
def approach(s: Sheet, true: Array, rate: Array, steps: Array) -> None:
    """The pose, step by step."""
    hand_made(true, rate, steps)
    poses = approach_of(true, float(rate), int(steps))[1]
    off = np.abs(poses - true)
    assert off[-1].max() < 0.01 and off[25, 1:].max() < 0.03 < 0.08 < off[25, 0], off[25]

    colour = s.plots.colour
    ax = s.plots.axes(44, 8, 300, 186)
    ax.set(xlim=(0, 150), ylim=(-0.16, 0.4))
    ax.set_xticks([0, 50, 100, 150])
    ax.set_yticks([-0.1, 0, 0.1, 0.2, 0.3])
    for k, tone in enumerate(("cotangent", "input", "output")):
        ax.axhline(true[k], color=colour("quiet"), lw=1, ls=(0, (3, 2.4)))
        ax.plot(poses[:, k], color=colour(f"{tone}-ink"), lw=2)
    s.text(*s.plots.at(ax, 84, 0.285), "angle, in radians", BODY, "cotangent-ink", "start")
    s.text(*s.plots.at(ax, 84, 0.155), "to the right", BODY, "input-ink", "start")
    s.text(*s.plots.at(ax, 84, -0.06), "downwards", BODY, "output-ink", "start")
    s.text(196, 228, "steps", BODY, "quiet")


@figure(
    "backprop/variation", height=353,
    title="A noisy photograph, sharpened with and without a liking for few edges",
    desc="Four pictures of a man at a camera. The photograph, smeared and grainy. After steps on the misfit alone, "
    "sharp, and covered with noise. After as many steps on both terms, sharp with clean surfaces. The scene "
    "itself.",
    taps=np.arange(9, 0, -1), noise=0.02, weight=0.003, eps=0.02, steps=150,
)  # fmt: skip
def variation(s: Sheet, taps: Array, noise: Array, weight: Array, eps: Array, steps: Array) -> None:
    """Two losses, one engine."""
    assert np.array_equal(taps, np.arange(9, 0, -1)) and np.allclose((noise, eps), 0.02), (taps, noise, eps)
    assert np.isclose(weight, 0.003) and steps == 150, (weight, steps)
    scene = sample_image("camera")[30:126, 70:178] / 255
    w = taps[None] / taps.sum()
    A = convolution(w, scene.shape)
    y = A(scene) + float(noise) * np.random.default_rng(4).normal(size=A.out_shape)

    def misfit(x: Array) -> Array:
        return F.sum(F.square(F.conv2d(x[None, None], w[None, None])[0, 0] - y)) / 2

    def both(x: Array) -> Array:
        down, right = x[1:, :-1] - x[:-1, :-1], x[:-1, 1:] - x[:-1, :-1]
        return misfit(x) + float(weight) * F.sum(F.sqrt(F.square(down) + F.square(right) + float(eps) ** 2))

    found = []
    for J, eta in ((misfit, 1.9), (both, 0.8)):
        x, slope = np.zeros(scene.shape), grad(J)
        for _ in range(int(steps)):
            x = x - eta * slope(x)
        found.append(x)
    rough, clean = (float(np.sqrt(np.mean((x - scene)[:, :-20] ** 2))) for x in found)
    assert clean < 0.045 < 0.1 < rough, (clean, rough)

    side, height = 176, 156
    panels = ((y, "photograph $y$"), (found[0], "misfit alone"), (found[1], "with few edges"), (scene, "scene"))
    for k, (picture, words) in enumerate(panels):
        left, top = 184 * (k % 2), 20 + 176 * (k // 2)
        s.picture(left, top, side * picture.shape[1] / scene.shape[1], height, picture, levels=20)
        s.text(left, top - 10, words, BODY, "ink", "start")
