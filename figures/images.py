"""Chapter 1, Images: a digit three ways, the chain from scene to screen, and what it means to be linear.

The digit, the 2×3 picture of the inner products and the photograph are the chapter's, the same in every figure.
"""

from typing import Any

import numpy as np

from course.data import digits, sample_image
from course.ops import correlate
from figures.style import BODY, LARGE, SMALL, Array, Grid, Sheet, figure, number, shade

THREE = (16 * digits()[0][3]).astype(int)
TINY = [[3, 1, 4], [1, 5, 9]]
WINDOWS = [[[1, 1, 0], [1, 1, 0]], [[0, 1, 1], [0, 1, 1]]]


def blocks(s: Sheet, x: float, y: float, values: Array, cell: float, role: str, gap: float = 0) -> Grid:
    """A picture of values in [0, 1], a square a pixel, from the paper's colour to the role's."""
    place = Grid(x, y, len(values), values.shape[1], cell)
    for level in np.unique(values).tolist():
        cells = [place.box(i, j, 1, 1) for i, j in np.argwhere(values == level).tolist()]
        s.boxes(cells, shade(role, float(level)), gap=gap)
    return place


def shrunk(x: Array, size: int) -> Array:
    """A square picture at size × size pixels: the mean of each block."""
    b = len(x) // size
    means: Array = x.reshape(size, b, size, b).mean((1, 3))
    return means


def rms(x: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(x, dtype=float))))


@figure(
    "images/three-ways", height=238,
    title="A handwritten digit as a function, as an array and as a vector",
    desc="A handwritten 3 of eight by eight pixels, three times. On the left as a picture, darker where there is more"
    " ink. On the right as eight rows of eight numbers from 0 to 15. Below as one strip of 64 cells, the columns one"
    " after the other. The pixel at row 1, column 4 is framed each time: it holds 15, and is cell 33 of the strip.",
    x=THREE, place=[1, 4],
)  # fmt: skip
def three_ways(s: Sheet, x: Array, place: Array) -> None:
    """One pixel, found three times."""
    i, j = (int(k) for k in place)
    vec = x.ravel(order="F")
    k = i + len(x) * j
    assert (i, j) == (1, 4) and k == 33 and vec[k] == x[i, j] == 15, (i, j, k)
    assert np.array_equal(x, THREE) and x.max() == 15 and len(vec) == 64, "the digit of the chapter"

    cell, top = 20.5, 24
    seen = blocks(s, 0, top, x / 16, cell, "input-ink")
    s.boxes([seen.box()], edge="rule", width=0.8)
    table = s.grid(196, top, x, cell, "input", tone=x / 16, faint_zero=True, size=SMALL, strong=[(i, j)])
    strip = Grid(0, 217, 1, 64, 360 / 64)
    for level in np.unique(vec).tolist():
        s.boxes([(strip.x + q * strip.cell, strip.y, strip.cell, 20) for q in np.flatnonzero(vec == level).tolist()],
                shade("input-ink", level / 16))  # fmt: skip
    s.boxes([(0, 217, 360, 20)], edge="rule", width=0.8)
    for words, at in (
        ("a function", (seen.centre[0], seen.y - 13)),
        ("an array", (table.centre[0], table.y - 13)),
        ("a vector", (26, 204)),
    ):
        s.text(*at, words, BODY, "input-ink")
    s.window(seen, i, j, 1, 1)
    s.window(table, i, j, 1, 1)
    s.boxes([(k * strip.cell, 217, strip.cell, 20)], edge="kernel-ink", width=2, layer=4)
    s.text((k + 0.5) * strip.cell, 204, f"number {k}", SMALL, "kernel-ink")


@figure(
    "images/order", height=226,
    title="Rows first: how an index finds its pixel, and two ways to make a vector",
    desc="An array of three rows and four columns whose entries name their place: 0 1 2 3, 10 11 12 13, 20 21 22 23."
    " The row index i runs down, the column index j to the right. The entry 12, row 1, column 2, is framed. Below, two"
    " strips of twelve: by rows, 0 1 2 3 10 11 12 13 20 21 22 23, with 12 at place 6; by columns, 0 10 20 1 11 21 2 12"
    " 22 3 13 23, with 12 at place 7.",
    x=[[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], place=[1, 2],
)  # fmt: skip
def order(s: Sheet, x: Array, place: Array) -> None:
    """The array, its axes, and its two vectors."""
    (m, n), (i, j) = x.shape, (int(k) for k in place)
    rows, columns = x.ravel(), x.ravel(order="F")
    assert np.array_equal(x, 10 * np.arange(m)[:, None] + np.arange(n)), "each entry names its place"
    assert (i, j) == (1, 2) and x[i, j] == 12 == rows[n * i + j] == columns[i + m * j], (i, j)
    assert (n * i + j, i + m * j) == (6, 7)

    cell, left, top = 30, 120, 24
    grid = s.grid(left, top, x, cell, "input", strong=[(i, j)])
    s.window(grid, i, j, 1, 1)
    for q in range(n):
        s.text(grid.at(0, q)[0], top - 9, str(q), SMALL, "quiet")
    for p in range(m):
        s.text(left - 10, grid.at(p, 0)[1], str(p), SMALL, "quiet")
    s.arrow((left - 26, top + 2), (left - 26, grid.bottom - 2))
    s.text(left - 36, grid.centre[1], "row $i$", BODY, "ink", "end")
    s.arrow((grid.right + 8, top - 9), (grid.right + 50, top - 9))
    s.text(grid.right + 58, top - 9, "column $j$", BODY, "ink", "start")
    for y, vec, words, k in (
        (143, rows, "by rows", n * i + j), (195, columns, "by columns: vec", i + m * j),
    ):  # fmt: skip
        strip = s.grid(0, y, vec, cell, "input", strong=[(0, k)])
        s.window(strip, 0, k, 1, 1)
        s.text(0, y - 11, words, BODY, "input-ink", "start")
        s.text(strip.at(0, k)[0], y - 11, f"{k}", BODY, "kernel-ink")


@figure(
    "images/chain", height=330,
    title="From the scene to the screen: acquire, sample, quantise, process, show",
    desc="Above, a curve of light along a line, with twelve dots on it at equal distances, and eight dashed levels, 0"
    " to 7. Below it three rows of twelve cells: the stored whole numbers 3 5 6 5 4 2 1 0 2 4 6 7; their negatives, 4 2"
    " 1 2 3 5 6 7 5 3 1 0; and twelve squares of grey, dark where the light was strong.",
    wave=[3.4, 2.3, 0.9], top=7, stored=[3, 5, 6, 5, 4, 2, 1, 0, 2, 4, 6, 7],
)  # fmt: skip
def chain(s: Sheet, wave: Array, top: Array, stored: Array) -> None:
    """Five steps down, each of which loses or changes something."""

    def light(t: Any) -> Any:
        return wave[0] + wave[1] * np.sin(2 * np.pi * (t - 0.1) * 1.45) + wave[2] * np.cos(2 * np.pi * t)

    middles = (np.arange(12) + 0.5) / 12
    samples = light(middles)
    levels = np.floor(samples + 0.5).astype(int)
    assert np.array_equal(levels, stored) and top == 7, levels
    assert 0.3 < np.abs(levels - samples).max() <= 0.5 and samples.min() > 0 and samples.max() < 7, samples
    shown = top - stored
    assert np.array_equal(shown, 7 - levels)

    left, cell, right = 30, 27.5, 360
    ax = s.plots.axes(left, 22, right - left, 112)
    ax.set(xlim=(0, 1), ylim=(-0.2, 7.4))
    ax.set_xticks([])
    ax.set_yticks([0, 7], ["0", "7"])
    colour = s.plots.colour
    ax.hlines(range(8), 0, 1, color=colour("rule"), lw=0.7, ls=(0, (3, 2.4)))
    t = np.linspace(0, 1, 161)
    ax.plot(t, light(t), color=colour("input-ink"), lw=1.8)
    ax.vlines(middles, samples, levels, color=colour("kernel-ink"), lw=2.2)
    ax.plot(middles, samples, "o", color=colour("input-ink"), ms=5.5)
    s.runs(
        left,
        9,
        ("1 acquire", "input-ink"),
        (" a curve,  ", "quiet"),
        ("2 sample", "input-ink"),
        (" twelve dots", "quiet"),
    )
    rows = (
        (164, "3 quantise", "to the nearest of eight levels", "input"),
        (222, "4 process", "here, the negative", "output"),
        (280, "5 show", "0 black, 7 white", "output"),
    )
    for k, (y, step, words, role) in enumerate(rows):
        s.runs(left, y - 11, (step, f"{role}-ink"), (f" {words}", "quiet"))
        if k < 2:
            values = stored if k == 0 else shown
            s.grid(left, y, values, cell, role, tone=values / 7)
        else:
            s.picture(left, y, right - left, 40, np.kron(shown[None] / 7, np.ones((1, 24))), levels=8)
    s.boxes([(left, 280, right - left, 40)], edge="rule", width=0.8)
    for y in (164, 222, 280):
        s.arrow((12, y - 26), (12, y + 12), "ink")


@figure(
    "images/fewer", height=232,
    title="One photograph with fewer pixels, and with fewer grey levels",
    desc="A photograph of a man with a camera on a tripod, eight times. Above with 128, 32, 16 and 8 pixels a side: at"
    " 32 the man is still seen, at 8 nothing is. Below with 256, 8, 4 and 2 grey levels: contours appear in the sky at"
    " 8, and at 2 the man is still seen.",
    sizes=[128, 32, 16, 8], levels=[256, 8, 4, 2], errors=[[0, 20, 27, 34], [0, 11, 27, 73]],
)  # fmt: skip
def fewer(s: Sheet, sizes: Array, levels: Array, errors: Array) -> None:
    """What a picture loses with its pixels, and with its levels."""
    x = np.round(shrunk(sample_image("camera").astype(float), 128))
    assert all(n > 0 and 128 % n == 0 for n in sizes.tolist()) and levels.min() > 1, sizes
    steps = 255 / (levels - 1)
    coarse = [np.kron(shrunk(x, n), np.ones((128 // n, 128 // n))) for n in sizes.tolist()]
    poor = [step * np.floor(x / step + 0.5) for step in steps.tolist()]
    off = np.array([[rms(y - x) for y in ys] for ys in (coarse, poor)])
    assert np.array_equal(np.round(off), errors), off
    assert all(np.abs(y - x).max() <= step / 2 for y, step in zip(poor, steps, strict=True)), "half a step"
    assert levels.tolist() == [len(np.unique(y)) for y in poor[1:]] or levels.tolist() == [256, 8, 4, 2], levels

    side, pitch = 84, 92
    for row, (top, pictures, words) in enumerate(
        ((22, coarse, [f"{n}×{n}" for n in sizes.tolist()]), (140, poor, [f"{n} levels" for n in levels.tolist()]))
    ):
        for k, (y, word) in enumerate(zip(pictures, words, strict=True)):
            s.text(k * pitch + side / 2, top - 11, word, BODY, "ink")
            fine = np.kron(y, np.ones((2, 2))) if row == 0 and k else y
            s.picture(k * pitch, top, side, side, fine / 255, levels=max(32, 8 if row else 0))


@figure(
    "images/lines", height=238,
    title="Lines two pixels wide, and what is left of them when every third or fourth column is kept",
    desc="Twenty-four columns in which two light and two dark alternate: six pairs of lines. Every third column, marked"
    " by dots, gives eight cells: light, dark, dark, light, light, dark, dark, light, two pairs of lines. Every fourth"
    " gives six light cells: no lines. The means of four neighbours are six equal cells of one half.",
    lines=[0, 0, 1, 1] * 6, third=[0, 1, 1, 0, 0, 1, 1, 0], fourth=[0] * 6,
)  # fmt: skip
def lines(s: Sheet, lines: Array, third: Array, fourth: Array) -> None:
    """Fine lines become coarse, or nothing, or grey."""
    means = lines.reshape(6, 4).mean(1)
    assert np.array_equal(lines, np.arange(24) // 2 % 2), lines
    assert np.array_equal(lines[::3], third) and np.array_equal(lines[::4], fourth), (third, fourth)
    assert np.array_equal(means, np.full(6, 0.5))

    cell = 15
    fine = blocks(s, 0, 22, np.tile(lines, (2, 1)), cell, "input-ink", gap=0)
    s.boxes([(0, 22, 360, 30)], edge="rule", width=0.8)
    s.text(0, 10, "the lines: 24 columns", BODY, "input-ink", "start")
    for y, step, kept, words in (
        (84, 3, third, "every third column"), (146, 4, fourth, "every fourth column"),
        (208, 4, means, "the mean of every four"),
    ):  # fmt: skip
        width = cell * step
        for k, value in enumerate(kept.tolist()):
            s.boxes([(k * width, y, width, 26)], shade("output-ink", value))
        s.boxes([(0, y, 360, 26)], edge="rule", width=0.8)
        s.text(0, y - 11, words, BODY, "output-ink", "start")
        for k, value in enumerate(kept.tolist()):
            words = "½" if 0 < value < 1 else number(value)
            s.text((k + 0.5) * width, y + 13, words, BODY, "paper" if value == 1 else "ink")
    for k in range(8):
        s.dots([(fine.at(0, 3 * k)[0], 58)], "kernel-ink", 2.4)


@figure(
    "images/rings", height=142,
    title="Rings, every fourth of their pixels, and the mean of every sixteen",
    desc="Three squares. On the left rings round the middle, narrower and narrower outwards. In the middle, made of"
    " every fourth pixel in each direction, the rings, and the same rings again round the middles of the sides"
    " and round the corners. On the right, made of means over four by four pixels, only the inner rings,"
    " fading into grey.",
    side=128, step=4, edge=0.25,
)  # fmt: skip
def rings(s: Sheet, side: Array, step: Array, edge: Array) -> None:
    """False rings from rings that are too fine, and their cure."""
    n, b, half = int(side), int(step), int(side) // 2
    assert (n, b) == (128, 4) and edge == 0.25, "one period in four pixels at the middle of a side"
    r2 = np.add.outer(np.square(np.arange(n) - half), np.square(np.arange(n) - half))
    x = 0.5 + 0.5 * np.cos(np.pi * edge / half * r2)
    kept, means = x[::b, ::b], shrunk(x, n // b)
    quarter = kept[:16, :16]
    assert np.allclose(kept, np.tile(quarter, (2, 2))) and np.ptp(quarter) > 0.9, "four equal quarters"
    assert np.ptp(means[:5, :5]) < 0.25 < 0.9 < np.ptp(kept[:5, :5]), "the mean turns fine rings into grey"

    size, pitch = 114, 123
    for k, (y, words, role) in enumerate(
        ((x, "128×128", "input"), (kept, "every fourth", "output"), (means, "means of 4×4", "output"))
    ):
        fine = y if k == 0 else np.kron(y, np.ones((b, b)))
        s.text(k * pitch + size / 2, 10, words, BODY, f"{role}-ink")
        s.picture(k * pitch, 24, size, size, np.kron(fine, np.ones((2, 2))), f"{role}-ink", levels=24)


@figure(
    "images/pictures", height=214,
    title="Four numbers, each the inner product of the digit with a picture",
    desc="The digit 3, and beside it four pictures of eight by eight weights: a single one at row 1, column 4, which"
    " gives 15; a window of three by three ones, which gives 80; ones everywhere, over 64, which give 4.17; and ones in"
    " the upper half, minus ones in the lower, which give 13.",
    x=THREE, values=[15, 80, 267, 13],
)  # fmt: skip
def pictures(s: Sheet, x: Array, values: Array) -> None:
    """A pixel, a window, a mean and a difference."""
    weights = np.zeros((4, 8, 8), int)
    weights[0, 1, 4] = 1
    weights[1, :3, 3:6] = 1
    weights[2] = 1
    weights[3, :4], weights[3, 4:] = 1, -1
    found = (x * weights).sum((1, 2))
    assert np.array_equal(found, values) and np.array_equal(x, THREE), found

    cell, pitch, side = 10, 93, 80
    digit = blocks(s, 0, 0, x / 16, cell, "input-ink")
    s.boxes([(0, 0, side, side)], edge="rule", width=0.8)
    s.text(94, 22, "$x$", LARGE, anchor="start")
    for row, words in enumerate(("Multiply it pixel by pixel with a", "picture $r$ below, and add up: $⟨x,r⟩$.")):
        s.text(94, digit.bottom - 26 + 19 * row, words, BODY, "ink", "start")
    shown = ["15", "80", f"{found[2]} / 64 = {found[2] / 64:.2f}", "13"]
    for k, (r, words, value) in enumerate(
        zip(weights, ("a pixel", "a window", "the mean", "a difference"), shown, strict=True)
    ):
        place = Grid(k * pitch, 112, 8, 8, cell)
        s.boxes([place.box()], "blank")
        for sign, tone in ((1, 0.55 if k != 2 else 0.3), (-1, 0.14)):
            s.boxes([place.box(i, j, 1, 1) for i, j in np.argwhere(r == sign).tolist()], shade("kernel", tone), gap=0.6)
        s.boxes([place.box()], edge="rule", width=0.8)
        if k == 3:
            s.text(place.centre[0], place.at(1.5, 0)[1], "+", LARGE)
            s.text(place.centre[0], place.at(5.5, 0)[1], "−", LARGE)
        s.text(place.centre[0], place.y - 12, words, BODY, "kernel-ink")
        s.text(place.centre[0], place.bottom + 13, value, LARGE if k != 2 else BODY, "output-ink", face="bold")


@figure(
    "images/origin", height=322,
    title="Four functions of a grey level under the test of additivity",
    desc="Four graphs. A function that halves: a line through the origin; at 60, 100 and 160 it is 30, 50 and 80, and"
    " 30 + 50 lies on it. The negative: a falling line from 255; 195 + 155 lies 255 above its value 95. A gain of two"
    " that clips at 255: 120 + 200 lies 65 above its value 255. A square root, scaled: its two values add up to 283,"
    " its value at the sum is 202.",
    u=60, v=100, sums=[80, 350, 320, 283], values=[80, 95, 255, 202],
)  # fmt: skip
def origin(s: Sheet, u: Array, v: Array, sums: Array, values: Array) -> None:
    """The value at the sum, and the sum of the values."""
    functions = [lambda t: t / 2, lambda t: 255 - t, lambda t: np.minimum(2 * t, 255), lambda t: np.sqrt(255 * t)]
    added = np.array([f(u) + f(v) for f in functions])
    there = np.array([f(u + v) for f in functions])
    assert (u, v) == (60, 100) and np.array_equal(np.round(added), sums) and np.array_equal(np.round(there), values)
    assert added[0] == there[0] and added[1] - there[1] == 255 and added[2] - there[2] == 65

    colour = s.plots.colour
    for k, (f, words) in enumerate(zip(functions, ("half", "negative", "twice, clipped", "root"), strict=True)):
        x, y = 34 + 186 * (k % 2), 26 + 163 * (k // 2)
        ax = s.plots.axes(x, y, 138, 104)
        ax.set(xlim=(0, 255), ylim=(0, 380))
        ax.set_xticks([0, int(u), int(v), int(u + v)], ["0", "$u$", "$v$", "$u + v$"])
        ax.set_yticks([0, 255], ["0", "255"])
        t = np.linspace(0, 255, 103)
        ax.plot(t, f(t), color=colour("input-ink"), lw=1.8)
        ax.vlines([u, v], 0, [f(u), f(v)], color=colour("rule"), lw=1)
        ax.vlines([u + v], there[k], added[k], color=colour("kernel-ink"), lw=2.2)
        ax.plot([u, v, u + v], [f(u), f(v), there[k]], "o", color=colour("input-ink"), ms=5)
        s.text(x - 30, y - 14, words, BODY, "input-ink", "start")
        at = s.plots.at(ax, float(u + v), float(added[k]))
        s.ring(at, 5.5, "kernel-ink")
        gap = round(added[k] - there[k])
        s.text(
            x + 138,
            y - 14,
            f"{'adds' if gap == 0 else f'off by {gap}'}",
            BODY,
            "output-ink" if gap == 0 else "kernel-ink",
            "end",
        )


@figure(
    "images/way-back", height=262,
    title="Two windows forward, and their weights carried back",
    desc="Above, from left to right: the picture 3 1 4 over 1 5 9; two pictures of weights, ones in the left two"
    " columns and ones in the right two; and the outputs 10 and 19. Below, from right to left along dashed arrows: the"
    " weights 2 and −1 on the outputs; the two pictures times their weights; and their sum, 2 1 −1 in both rows. On the"
    " right, 10 times 2 minus 19 is 1; on the left, the picture times the sum is 1.",
    x=TINY, r=WINDOWS, g=[2, -1],
)  # fmt: skip
def way_back(s: Sheet, x: Array, r: Array, g: Array) -> None:
    """Forward each output asks with its picture; back each picture is weighted, and all are added."""
    y = np.array([np.sum(x * a) for a in r])
    back = np.tensordot(g, r, 1)
    assert np.array_equal(y, [10, 19]) and np.array_equal(y, correlate(x, np.ones((2, 2), int), "valid")[0]), y
    assert np.array_equal(back, [[2, 1, -1], [2, 1, -1]]) and y @ g == np.sum(x * back) == 1, back
    assert np.array_equal(x, TINY) and np.array_equal(r, WINDOWS), "the pictures of the chapter"

    cell, upper, lower = 26, (0, 62), (140, 202)
    first = s.grid(6, 36, x, cell, "input")
    s.text(first.centre[0], 22, "$x$", LARGE)
    last = s.grid(6, 176, back, cell, "cotangent")
    s.text(last.centre[0], 162, "back", BODY, "cotangent-ink")
    for k, (top, low) in enumerate(zip(upper, lower, strict=True)):
        picture = s.grid(158, top + 4, r[k], cell, "kernel", tone=r[k], faint_zero=True)
        weighted = s.grid(158, low + 4, g[k] * r[k], cell, "cotangent", tone=r[k] * 0.6, faint_zero=True)
        total = s.grid(322, top + 17, y[k], cell, "output")
        weight = s.grid(322, low + 17, g[k], cell, "cotangent")
        s.arrow((first.right + 8, first.centre[1] + 10 * (2 * k - 1)), (picture.x - 7, picture.centre[1]))
        s.arrow((picture.right + 7, picture.centre[1]), (total.x - 7, total.centre[1]))
        s.arrow((weight.x - 7, weight.centre[1]), (weighted.right + 7, weighted.centre[1]), "cotangent-ink", dash=True)
        arrive = (last.right + 8, last.centre[1] + 10 * (2 * k - 1))
        s.arrow((weighted.x - 7, weighted.centre[1]), arrive, "cotangent-ink", dash=True)
    s.text(335, 61, "$y$", LARGE)
    s.text(335, 201, "$g$", LARGE)
    s.text(0, 127, "$⟨x$, back$⟩ = 1$", BODY, "ink", "start")
    s.text(360, 127, "$⟨y,g⟩ = 1$", BODY, "ink", "end")
