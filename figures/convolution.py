"""Chapter 2, Convolution: rain and river, the face and its detectors, the digit and the lamp.

The face, its detector, the rain and its weights are the chapter's, the same in every figure.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data import digit_scene
from course.ops import convolve, correlate
from figures.style import BODY, LARGE, SMALL, Array, Grid, Sheet, figure, number

FACE = np.zeros((7, 7), int)
FACE[[1, 1, 3, 4, 4, 5, 5, 5], [1, 5, 3, 1, 5, 2, 3, 4]] = 1
DETECTOR = [[0, 0, 1], [1, 0, 0], [0, 1, 1]]
COUNTS = [[0, 1, 0, 0, 0], [0, 1, 1, 1, 0], [1, 0, 0, 2, 1], [1, 4, 2, 1, 0], [0, 0, 1, 2, 1]]


def peak(score: Array) -> tuple[int, ...]:
    """The place of the largest entry."""
    return tuple(int(k) for k in np.unravel_index(score.argmax(), score.shape))


def only_peak(score: Array, place: tuple[int, ...]) -> bool:
    """Whether the largest entry stands there and nowhere else."""
    return peak(score) == place and int((score == score.max()).sum()) == 1


def pixels(s: Sheet, x: float, y: float, values: Array, cell: float, role: str, **options: Any) -> Grid:
    """A small picture of counts: zeros are blank and faint."""
    return s.grid(x, y, values, cell, role, tone=values / max(values.max(), 1), faint_zero=True, **options)


def indices(s: Sheet, place: Grid, rows_at: float) -> None:
    """Number the columns of a grid above it, and its rows at `rows_at`."""
    for j in range(place.cols):
        s.text(place.at(0, j)[0], place.y - 8, str(j), SMALL, "quiet")
    for i in range(place.rows):
        s.text(rows_at, place.at(i, 0)[1], str(i), SMALL, "quiet")


@figure(
    "convolution/from-integral-to-sum", height=296,
    title="Under the integral: a product of two functions, its area, and the sum that comes near it",
    desc="Above, the rain, falling from 1 at time 0, and the weights turned around, rising to 1 at time 1 and zero"
    " afterwards. Below, their product from time 0 to 1 as a curve with its area, 0.233, shaded, and five "
    "bars of width a quarter over it, together 0.297; the first bar sticks out on the left of 0 by half its "
    "width, the last on the right of 1.",
    rates=[1, 2], time=1.0, step=0.25,
)  # fmt: skip
def from_integral_to_sum(s: Sheet, rates: Array, time: Array, step: Array) -> None:
    """The product under the integral at one time, and the Riemann sum of the chapter's code."""
    t, h = float(time), float(step)
    ages = np.arange(0, t + h / 2, h)
    bars = np.exp(-rates[0] * ages) * np.exp(-rates[1] * (t - ages))
    fine = np.linspace(0, t, 41)
    product = np.exp(-rates[0] * fine) * np.exp(-rates[1] * (t - fine))
    area, total = np.trapezoid(product, fine), h * bars.sum()
    assert t == 1 and len(bars) == 5 and np.isclose(total, 0.2967, atol=5e-5), (t, total)
    assert np.isclose(area, np.exp(-1) - np.exp(-2), atol=5e-5), area
    halves = h / 2 * (bars[0] + bars[-1])
    assert 0.95 < halves / (total - area) < 1, "the half bars that stick out are nearly all of the error"

    colour = s.plots.colour
    above, below = (s.plots.axes(34, top, 316, height) for top, height in ((20, 110), (170, 100)))
    for ax, upper in ((above, 1.08), (below, 0.42)):
        ax.set(xlim=(-0.2, 2), ylim=(0, upper))
        ax.vlines((0, t), 0, upper, color=colour("rule"), lw=1, ls=(0, (3, 2.4)), zorder=1.5)
        ax.set_xticks([0, 1, 2], ["0", "1", "2"])
    above.set_yticks([0, 1], ["0", "1"])
    below.set_yticks([0, 0.2, 0.4], ["0", "0.2", "0.4"])
    past = np.linspace(0, 2, 81)
    above.plot(past, np.exp(-rates[0] * past), color=colour("input-ink"), lw=2)
    turned = np.exp(-rates[1] * (t - fine))
    above.plot(
        [-0.2, 0, *fine, t, 2], [turned[0] * np.exp(-0.4), *turned[:1], *turned, 0, 0], color=colour("kernel-ink"), lw=2
    )
    below.bar(ages, bars, 0.94 * h, color=colour("output"), alpha=0.2)
    below.fill_between(fine, product, color=colour("output"), alpha=0.3, lw=0)
    below.plot(fine, product, color=colour("output-ink"), lw=2)
    below.plot(ages, bars, "o", color=colour("output-ink"), ms=5)
    for x, y, words, role in (
        (1.45, 0.42, "$x(τ)$", "ink"), (0.6, 0.8, "$w(t−τ)$", "ink"), (1, 1.2, f"$t={t:g}$", "quiet"),
    ):  # fmt: skip
        s.text(*s.plots.at(above, x, y), words, LARGE if role == "ink" else BODY, role)
    s.text(s.plots.at(above, 1.5, 0)[0], 140, "$τ$", BODY, "quiet")
    s.text(s.plots.at(below, 1.5, 0)[0], 280, "$τ$", BODY, "quiet")
    s.text(*s.plots.at(below, 0.04, 0.37), "$x(τ)·w(t−τ)$", LARGE, anchor="start")
    right = s.plots.at(below, 1.22, 0.3)
    s.text(*right, f"area {area:.3f}", BODY, "output-ink", "start")
    s.text(right[0], right[1] + 20, f"five bars {total:.3f}", BODY, "output-ink", "start")


@figure(
    "convolution/flip-and-slide", height=250,
    title="Convolution in one dimension: turn the kernel, slide it, multiply and add",
    desc="Four samples of rain, 4, 2, 6, 3. Beneath them six rows, one an hour, show the three weights turned "
    "around, 3, 5, 2, each row one step further right. At the end of each row stands the flow: 8, 24, 34, 42,"
    " 33, 9. The row of hour 3 is framed: its weights lie under 2, 6 and 3, and give 42.",
    x=[4, 2, 6, 3], w=[2, 5, 3],
)  # fmt: skip
def flip_and_slide(s: Sheet, x: Array, w: Array) -> None:
    """A row an hour: the turned weights under the rain, and the flow at the end."""
    y = convolve(x, w)
    assert np.array_equal(y, [8, 24, 34, 42, 33, 9]), y
    now = 3
    assert y[now] == 3 * 2 + 5 * 6 + 2 * 3 and np.array_equal(x[1:4], [2, 6, 3]), "the framed row"
    assert np.array_equal(w[::-1], [3, 5, 2]), w

    cell, left, top, pitch = 27, 52, 22, 31
    start = left + 2 * cell  # of hour 0
    s.boxes([(start, top, 4 * cell, cell + 6 * pitch + 3)], "input-9", layer=0)
    outside = np.isin(np.arange(8), (0, 1, 6, 7))
    rain = s.grid(left, top, np.pad(x, 2), cell, "input", ghost=outside, strong=[(0, k) for k in range(2, 6)])
    for k in range(-2, 6):
        s.text(rain.at(0, k + 2)[0], 11, number(k), SMALL, "quiet")
    s.text(left - 9, top + cell / 2, "$x_i$", LARGE, anchor="end")
    s.text(338, top + cell / 2, "$y_i$", LARGE)
    for i, total in enumerate(y.tolist()):
        height = top + cell + 7 + i * pitch
        meets = np.array([0 <= i - j < len(x) for j in (2, 1, 0)])
        row = s.grid(left + i * cell, height, w[::-1], cell, "kernel", tone=np.where(meets, 0.45, 0))
        flow = s.grid(322, height, total, cell + 4, "output", strong=[(0, 0)] if i == now else ())
        s.text(4, height + cell / 2, f"hour {i}", anchor="start", colour="quiet")
        if i == now:
            s.window(row)
            s.window(flow, role="output")
            s.arrow((row.right + 5, height + cell / 2), (316, height + cell / 2))


@figure(
    "convolution/feature-map", height=178,
    title="A feature detector and its map",
    desc="A seven by seven picture of a face, ones on zeros; a three by three detector with four ones; and the "
    "five by five map of counts. A frame marks the window at row 3, column 1 of the picture, which agrees "
    "with the detector in all four ones, and the entry 4 at row 3, column 1 of the map.",
    image=FACE, detector=DETECTOR,
)  # fmt: skip
def feature_map(s: Sheet, image: Array, detector: Array) -> None:
    """The face, the detector, the map, and the window where all agrees."""
    counts = correlate(image, detector, "valid")
    assert np.array_equal(counts, COUNTS) and only_peak(counts, (3, 1)), counts
    assert counts[3, 1] == detector.sum() == 4 and np.array_equal(image[3:6, 1:4], detector), "the framed window"
    assert np.array_equal(image, FACE), "the face of the chapter"

    face = pixels(s, 13, 40, image, 19, "input")
    kernel = pixels(s, 170, 78, detector, 19, "kernel")
    found = pixels(s, 251, 59, counts, 19, "output", strong=[(3, 1)])
    for place, words, role in ((face, "face", "input"), (kernel, "detector", "kernel"), (found, "map", "output")):
        s.text(place.centre[0], place.y - (26 if role != "kernel" else 12), words, BODY, f"{role}-ink")
    indices(s, face, face.x - 8)
    indices(s, found, found.right + 8)
    s.text(158, 106.5, "$⋆$", LARGE)
    s.text(239, 106.5, "=", LARGE)
    s.window(face, 3, 1, 3, 3)
    s.window(found, 3, 1, 1, 1)


@figure(
    "convolution/four-windows", height=132,
    title="Four counts of the map, one by one",
    desc="Four windows of the picture with the ones of the detector framed. At (0, 0) no framed cell holds a one; "
    "at (0, 1) one does; at (2, 2) none does, though the nose is in the middle of the window; at (3, 1) all "
    "four do.",
    image=FACE, detector=DETECTOR,
)  # fmt: skip
def four_windows(s: Sheet, image: Array, detector: Array) -> None:
    """Windows of the face under the ones of the detector."""
    places, counts = [(0, 0), (0, 1), (2, 2), (3, 1)], correlate(image, detector, "valid")
    assert [counts[place] for place in places] == [0, 1, 0, 4] and np.array_equal(counts, COUNTS), counts
    assert image[3, 3] == 1 and detector[1, 1] == 0, "at (2, 2) the nose lies over a zero of the detector"
    assert np.array_equal(image, FACE), "the face of the chapter"

    cell, pitch = 25, 95
    for k, (i, j) in enumerate(places):
        place = pixels(s, k * pitch, 24, image[i : i + 3, j : j + 3], cell, "input")
        asked = [place.box(a, b, 1, 1) for a, b in np.argwhere(detector).tolist()]
        s.boxes(asked, edge="kernel-ink", width=1.7, gap=3, layer=4)
        s.text(place.centre[0], 11, f"at ({i}, {j})", BODY, "quiet")
        s.text(place.centre[0], 117, f"{counts[i, j]} of {detector.sum()}", LARGE, "output-ink", face="bold")


@figure(
    "convolution/flip-sign", height=222,
    title="The same edge under a kernel and under the kernel turned by half a turn",
    desc="Three equal rows 0 0 0 10 10 10. Above, Sobel's kernel as it is, positive on the left, gives 0, -40, "
    "-40, 0. Below, the kernel turned by half a turn, positive on the right, gives 0, 40, 40, 0.",
    row=[0, 0, 0, 10, 10, 10], sobel=[[1, 0, -1], [2, 0, -2], [1, 0, -1]],
)  # fmt: skip
def flip_sign(s: Sheet, row: Array, sobel: Array) -> None:
    """One edge, two readings of one kernel, two signs."""
    edge, turned = np.tile(row, (3, 1)), np.rot90(sobel, 2)
    as_is, flipped = correlate(edge, sobel, "valid")[0], convolve(edge, sobel, "valid")[0]
    assert np.array_equal(as_is, [0, -40, -40, 0]) and np.array_equal(flipped, [0, 40, 40, 0]), (as_is, flipped)
    assert np.array_equal(flipped, correlate(edge, turned, "valid")[0]), "convolution is correlation, turned"
    assert np.array_equal(sobel, -turned) and sobel[:, 0].tolist() == [1, 2, 1], sobel

    cell, kernels = 22, 158
    place = s.grid(0, 77, edge, cell, "input", tone=edge / 10, faint_zero=True)
    s.text(place.centre[0], 64, "$x$", LARGE)
    s.window(place, 0, 1, 3, 3)
    for top, kernel, result, name, words, sign in (
        (22, sobel, as_is, "$x ⋆ w$", "$w$ as it is", -1), (133, turned, flipped, "$x ∗ w$", "$w$ turned", 1),
    ):  # fmt: skip
        taps = s.grid(kernels, top, kernel, cell, "kernel", tone=np.abs(kernel) / 2, faint_zero=True)
        line = s.grid(256, top + 20, result, 26, "output", tone=np.abs(result) / 40, faint_zero=True, size=12)
        s.window(line, 0, 1, 1, 1)
        s.arrow((138, 110 + 14 * sign), (kernels - 6, taps.centre[1]))
        s.text(240, taps.centre[1], "=", LARGE)
        s.text(taps.centre[0], top - 12 if sign < 0 else taps.bottom + 13, words, BODY, "kernel-ink")
        s.text(line.centre[0], top + 3, name, LARGE)
        terms = [number(abs(v)) for v in (kernel * edge[:, 1:4]).sum(1).tolist()]
        s.text(line.x, line.bottom + 14, ("−" if sign < 0 else "") + (" − " if sign < 0 else " + ").join(terms),
               BODY, "quiet", "start")  # fmt: skip
    s.arrow((kernels + 33, 92), (kernels + 33, 129), "kernel-ink", bend=-0.45)
    s.text(kernels + 52, 110.5, "half a turn", BODY, "kernel-ink", "start")


@figure(
    "convolution/three-modes", height=202,
    title="What full, same and valid keep",
    desc="A row of eleven samples, 0 to 10, with two dashed zeros at either end. Below, thirteen outputs of full, "
    "0 1 3 6 9 12 15 18 21 24 27 19 10, the first two and the last two dashed; eleven outputs of same, the "
    "first and the last dashed; nine outputs of valid, none dashed.",
    x=np.arange(11), w=[1, 1, 1],
)  # fmt: skip
def three_modes(s: Sheet, x: Array, w: Array) -> None:
    """Outputs over the middle of their windows; dashed where a window reads an invented zero."""
    full = convolve(x, w)
    assert np.array_equal(full, [0, 1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 19, 10]), full
    rows = {mode: convolve(x, w, mode) for mode in ("full", "same", "valid")}
    assert [len(y) for y in rows.values()] == [13, 11, 9], rows
    reads_zeros = {mode: (len(y) - len(rows["valid"])) // 2 for mode, y in rows.items()}  # at either end
    assert list(reads_zeros.values()) == [2, 1, 0]
    cell, pitch = 24, 52
    samples = s.grid(0, 20, np.pad(x, 2), cell, "input", ghost=np.isin(np.arange(15), (0, 1, 13, 14)))
    s.text(0, 9, "eleven samples, and zeros that nobody measured", BODY, "quiet", "start")
    s.window(samples, 0, 6, 1, 3)
    above = samples.box(0, 6, 1, 3)
    for k, (mode, y) in enumerate(rows.items()):
        edge = reads_zeros[mode]
        ghost = np.r_[np.ones(edge), np.zeros(len(y) - 2 * edge), np.ones(edge)].astype(bool)
        row = s.grid((3 - edge) * cell, 72 + k * pitch, y, cell, "output", ghost=ghost)
        middle = row.box(0, 4 + edge, 1, 1)
        s.window(row, 0, 4 + edge, 1, 1)
        if k:
            s.line([(middle[0] + cell / 2, above[1] + cell + 3), (middle[0] + cell / 2, row.y - 3)])
        else:
            s.cone(above, middle)
        s.text(0, row.y - 11, mode, BODY, "ink", "start", "code")
        s.text(48, row.y - 11, f"keeps {len(y)}", BODY, "quiet", "start")
        above = middle


@figure(
    "convolution/shrinking", height=188,
    title="Three valid layers of three taps: 11 samples become 9, 7 and 5",
    desc="Four rows of cells, one above the other: 11 samples at the bottom, then 9, 7 and 5. Lines run from the "
    "middle cell at the top down to the 7 samples at the bottom that it depends on.",
    samples=11, taps=3, layers=3,
)  # fmt: skip
def shrinking(s: Sheet, samples: Array, taps: Array, layers: Array) -> None:
    """The cone of what one output has seen."""
    ones, maps = np.ones(int(taps)), [np.eye(int(samples))]
    for _ in range(int(layers)):
        maps.append(np.array([correlate(column, ones, "valid") for column in maps[-1].T]).T)
    sizes = [len(m) for m in maps]
    assert sizes == [11, 9, 7, 5], sizes
    assert (maps[-1][2] != 0).sum() == 7, "the middle output has seen seven samples"

    cell, left, pitch = 24, 92, 51
    rows, reached = [], {2}
    for depth in range(3, -1, -1):  # from the last layer down to the samples
        y = 4 + (3 - depth) * pitch
        seen = np.isin(np.arange(sizes[depth]), list(reached))
        role = "output" if depth else "input"
        row = s.grid(left + depth * cell, y, np.full(sizes[depth], ""), cell, role, tone=np.where(seen, 0.9, 0))
        words = f"layer {depth}: {sizes[depth]}" if depth else f"samples: {sizes[0]}"
        s.text(left - 12, row.centre[1], words, BODY, f"{role}-ink", "end")
        rows.append((row, sorted(reached)))
        reached = {i + a for i in reached for a in range(int(taps))}
    for (upper, cells), (lower, below) in pairwise(rows):
        s.cone(upper.box(0, cells[0], 1, len(cells)), lower.box(0, below[0], 1, len(below)))
        for i in cells:
            for a in range(int(taps)):
                s.line([(upper.at(0, i)[0], upper.bottom), (lower.at(0, i + a)[0], lower.y)], "kernel-ink", 0.8)


@figure(
    "convolution/many-maps", height=306,
    title="One picture, three detectors, three maps",
    desc="The face and three detectors, each with its map: the left corner of the mouth, largest count 4 at (3, "
    "1); the same mirrored, largest count 4 at (3, 3); a bar of three, largest count 3 at (4, 2).",
    image=FACE, bank=[DETECTOR, [row[::-1] for row in DETECTOR], [[0, 0, 0], [1, 1, 1], [0, 0, 0]]],
)  # fmt: skip
def many_maps(s: Sheet, image: Array, bank: Array) -> None:
    """The same picture, asked three questions."""
    maps = [correlate(image, detector, "valid") for detector in bank]
    places = [(3, 1), (3, 3), (4, 2)]
    assert all(only_peak(m, place) for m, place in zip(maps, places, strict=True)), maps
    assert [int(m.max()) for m in maps] == [4, 4, 3] == [int(d.sum()) for d in bank], maps
    assert np.array_equal(image, FACE) and np.array_equal(maps[0], COUNTS), "the face of the chapter"
    assert np.array_equal(maps[1], np.fliplr(correlate(image[:, ::-1], bank[0], "valid")))

    cell, pitch = 18, 104
    face = pixels(s, 0, pitch - 14, image, cell, "input")
    s.text(face.centre[0], face.y - 13, "face", BODY, "input-ink")
    for k, (detector, counts, place, words) in enumerate(
        zip(bank, maps, places, ("left corner", "right corner", "bar"), strict=True)
    ):
        found = pixels(s, 269, 4 + k * pitch, counts, cell, "output", strong=[place])
        kernel = pixels(s, 178, found.y + cell, detector, cell, "kernel")
        s.window(found, *place, 1, 1)
        s.text(kernel.centre[0], kernel.y - 11, words, BODY, "kernel-ink")
        s.arrow((face.right + 6, face.centre[1] + 9 * (k - 1)), (kernel.x - 6, kernel.centre[1]))
        s.arrow((kernel.right + 6, kernel.centre[1]), (found.x - 6, kernel.centre[1]))


def match(image: NDArray[np.float64], template: NDArray[np.float64]) -> NDArray[np.float64]:
    """The normalised score of every window, from -1 to 1, as the chapter computes it."""
    w, ones = template - template.mean(), np.ones(template.shape)
    total, squares = correlate(image, ones, "valid"), correlate(image**2, ones, "valid")
    norms = np.sqrt(np.maximum(squares - total**2 / w.size, 0)) * np.linalg.norm(w)
    flat = norms < 1e-6
    return np.where(flat, 0, correlate(image, w, "valid") / np.where(flat, 1, norms))


@figure(
    "convolution/template-matching", height=314,
    title="Raw correlation finds the lamp, normalised correlation the digit",
    desc="The blackboard with fifteen chalk digits and a lamp; the map of raw correlation, strongest around the "
    "lamp; and the map of normalised correlation, with one sharp peak at the digit 2.",
    shift=[0, 0], lamp=[61, 204], digit=[174, 68],
)  # fmt: skip
def template_matching(s: Sheet, shift: Array, lamp: Array, digit: Array) -> None:
    """The scene, and what two scores make of it."""
    scene, template = (a.astype(float) for a in digit_scene(shift=(int(shift[0]), int(shift[1]))))
    raw, score = correlate(scene, template, "same"), match(scene, template)
    middle = np.array(template.shape) // 2
    found = np.array(peak(score)) + middle
    assert only_peak(raw, tuple(lamp)) and scene[tuple(lamp)] > 240, peak(raw)
    assert np.array_equal(found, digit) and score.max() > 0.98, (found, score.max())
    assert np.array_equal(found, [174, 68]), "the place in the notes"

    side, small, left, top = 218, 131, 229, 20
    scale, shrunk = side / len(scene), small / len(scene)
    tall, wide = (n * scale for n in template.shape)
    s.text(0, 9, "scene", BODY, "input-ink", "start")
    s.picture(0, top, side, side, scene / 255)
    for i, j in (lamp, digit):
        s.boxes([(j * scale - wide / 2, top + i * scale - tall / 2, wide, tall)], edge="kernel", width=2, layer=4)
    s.picture(0, 254, wide, tall, template / 255)
    s.boxes([(0, 254, wide, tall)], edge="kernel", width=2, layer=4)
    s.text(wide + 10, 254 + tall / 2, "template", BODY, "kernel-ink", "start")

    aligned = np.zeros(scene.shape)  # the map by the centres of its windows, as the raw one
    aligned[tuple(slice(m, m + n) for m, n in zip(middle, score.shape, strict=True))] = np.maximum(score, 0)
    for y, values, (i, j), words in (
        (top, raw / raw.max(), lamp, "raw"), (top + small + 31, aligned, digit, "normalised"),
    ):  # fmt: skip
        s.text(left, y - 11, f"{words}: ({i}, {j})", BODY, "output-ink", "start")
        s.picture(left, y, small, small, values[::2, ::2], "output-ink")
        s.boxes([(left, y, small, small)], edge="rule", width=1)
        s.ring((left + j * shrunk, y + i * shrunk), 8, "output-ink")


@figure(
    "convolution/equivariance", height=318,
    title="Move, then detect; or detect, then move",
    desc="A square of four panels. Above, the face and its map, with 4 at (3, 1). Below, the face moved one column"
    " to the right, and its map, the same one column to the right with 4 at (3, 2). The new first column of "
    "the map is dashed.",
    image=FACE, detector=DETECTOR,
)  # fmt: skip
def equivariance(s: Sheet, image: Array, detector: Array) -> None:
    """The square that commutes, but for the column that enters."""
    moved = np.roll(image, 1, axis=1)
    before, after = correlate(image, detector, "valid"), correlate(moved, detector, "valid")
    assert not image[:, -1].any(), "nothing falls off"
    assert np.array_equal(before, COUNTS) and np.array_equal(after[:, 1:], before[:, :-1]), (before, after)
    assert only_peak(before, (3, 1)) and only_peak(after, (3, 2)), (before, after)
    assert np.array_equal(image, FACE), "the face of the chapter"

    cell, right = 18, 262
    for k, (top, face, counts) in enumerate(((6, image, before), (186, moved, after))):
        picture = pixels(s, 0, top, face, cell, "input")
        entered = np.arange(5) < k  # the new column is dashed
        found = pixels(s, right, top + 13.5, counts, 19.8, "output", strong=[(3, 1 + k)], ghost=entered)
        kernel = pixels(s, 167, picture.centre[1] - 27, detector, cell, "kernel")
        s.window(picture, 3, 1 + k, 3, 3)
        s.window(found, 3, 1 + k, 1, 1)
        s.arrow((picture.right + 6, picture.centre[1]), (kernel.x - 6, picture.centre[1]))
        s.arrow((kernel.right + 6, picture.centre[1]), (found.x - 6, picture.centre[1]))
        s.text(kernel.centre[0], kernel.y - 12, "detect", BODY, "kernel-ink")
    for x in (63, right + 49.5):
        s.arrow((x, 138), (x, 181))
        s.text(x + 9, 160, "move", BODY, anchor="start")
