"""Chapter 12, Denoising: three kinds of noise, what a mean and a median make of them, and how the median is found.

The crop of the photograph is chapter 3's; all noise is drawn on whole pictures, from the chapter's seed.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from course.data import sample_image
from course.imaging import filters, metrics, noise
from figures.style import BODY, SMALL, Array, Sheet, figure

CROP = (30, 78, 84)  # the first row, the first column and the side of the crop of "camera"
SEED, SIGMA, DENSITY, PHOTONS = 12, 25.0, 0.35, 0.1
WHITE = 255

Picture = NDArray[np.float64]


def part(y: Array, crop: Array) -> Picture:
    """A square of a picture, as values in [0, 1], clipped."""
    row, column, side = (int(v) for v in crop)
    return np.clip(y[row : row + side, column : column + side] / WHITE, 0, 1)


def quality(x: Array, y: Array) -> float:
    """The peak signal-to-noise ratio of two pictures with grey levels 0 to 255."""
    return metrics.psnr(x.astype(float), y.astype(float), data_range=WHITE)


@figure(
    "denoising/one-in-three", height=104,
    title="One pixel in three is black or white, and what three filters make of it",
    desc="Four crops of the photograph of a man behind a camera. In the first, a third of the pixels are black or "
    "white at random, and the man is hard to see. The mean of five by five gives a pale, blotched blur. The median of "
    "five by five gives the man, a little rounded, with a few white and black dots. The adaptive median gives a "
    "picture that is nearly the original, with fine lines.",
    crop=CROP, density=DENSITY, sizes=[5, 9],
)  # fmt: skip
def one_in_three(s: Sheet, crop: Array, density: Array, sizes: Array) -> None:
    """The noisy crop and three ways to clean it."""
    assert tuple(crop) == CROP and density == DENSITY and sizes.tolist() == [5, 9], "the chapter's picture"
    x = sample_image("camera")
    y = noise.salt_and_pepper(x, float(density), SEED)
    k, top = (int(v) for v in sizes)
    panels = {
        "35% lost": y,
        "mean 5×5": filters.mean(y, k),
        "median 5×5": filters.median(y, k),
        "adaptive": filters.adaptive_median(y, top),
    }
    scores = [quality(x, z) for z in panels.values()]
    assert scores == sorted(scores) and scores[3] > scores[2] + 3 > scores[1] + 9, scores
    side, pitch = 84, 92
    for place, (name, z) in enumerate(panels.items()):
        s.text(place * pitch + side / 2, 9, name, BODY, "input-ink" if place == 0 else "output-ink")
        s.picture(place * pitch, 19, side, side, part(z, crop))


@figure(
    "denoising/models", height=214,
    title="Three kinds of noise, and their histograms",
    desc="Above, four crops of a photograph: clean, with Gaussian noise, with salt and pepper, with Poisson noise, "
    "which is strong in bright places and weak in dark ones. Below, their histograms. The clean one has a sharp peak "
    "of dark levels and a broad hill of light ones. With Gaussian noise it is blurred and reaches below 0 and above "
    "255. With salt and pepper it is lower, with two spikes at 0 and 255. With Poisson noise the dark peak stays "
    "narrow and the light hill is spread out.",
    crop=CROP, strengths=[SIGMA, DENSITY, PHOTONS],
)  # fmt: skip
def models(s: Sheet, crop: Array, strengths: Array) -> None:
    """The crop under each noise, and the histogram of the whole picture."""
    assert tuple(crop) == CROP and strengths.tolist() == [SIGMA, DENSITY, PHOTONS], "the chapter's noise"
    sigma, density, photons = (float(v) for v in strengths)
    x = sample_image("camera").astype(float)
    panels = {
        "clean": x,
        "Gaussian": noise.gaussian(x, sigma, SEED),
        "salt, pepper": noise.salt_and_pepper(x, density, SEED),
        "Poisson": noise.poisson(x, SEED, photons=photons),
    }
    edges = np.arange(-60, 331, 10)
    counts = {name: np.histogram(y.clip(-60, 329), edges)[0] / x.size for name, y in panels.items()}
    dark, light = edges[:-1] < 40, edges[:-1] >= 120
    assert counts["Gaussian"][edges[:-1] < 0].sum() > 0.05 and counts["Gaussian"].max() < counts["clean"].max() / 2
    impulses = (
        counts["salt, pepper"][(edges[:-1] == 0) | (edges[:-1] == 250)]
        - (1 - density) * counts["clean"][(edges[:-1] == 0) | (edges[:-1] == 250)]
    )
    assert np.allclose(impulses, density / 2, atol=0.01), impulses
    narrow = counts["Poisson"][dark].max() / counts["Poisson"][light].max()
    assert narrow > 1.2 * counts["Gaussian"][dark].max() / counts["Gaussian"][light].max(), narrow
    side, pitch = 84, 92
    for place, (name, y) in enumerate(panels.items()):
        left = place * pitch
        s.text(left + side / 2, 9, name, BODY, "input-ink")
        s.picture(left, 19, side, side, part(y, crop), levels=24)
        ax = s.plots.axes(left, 112, side, 72)
        ax.set(xlim=(-60, 320), ylim=(0, 0.22))
        ax.set_yticks([])
        ax.set_xticks([0, 255])
        ax.stairs(counts[name], edges, fill=True, color=s.plots.colour("input"), alpha=0.55)
    s.text(180, 207, "grey level", SMALL, "quiet")


ROW = [60, 255, 60, 60, 210, 210, 0, 210]


@figure(
    "denoising/one-row", height=166,
    title="Eight pixels, their means of three, and their medians of three",
    desc="Three rows of eight numbers. The pixels: 60, 255, 60, 60, 210, 210, 0, 210. Their means of three: 125, 125, "
    "125, 110, 160, 140, 140, 140. Their medians of three: 60, 60, 60, 60, 210, 210, 210, 210. A frame marks the "
    "window 60, 255, 60 and what it gives: 125 and 60.",
    row=ROW,
)  # fmt: skip
def one_row(s: Sheet, row: Array) -> None:
    """The row, its means and its medians."""
    mean = filters.mean(row[None], (1, 3))[0]
    median = filters.median(row[None], (1, 3))[0]
    assert mean.tolist() == [125, 125, 125, 110, 160, 140, 140, 140], mean
    assert median.tolist() == [60, 60, 60, 60, 210, 210, 210, 210], median
    assert row.tolist() == ROW, row
    left, cell = 56, 38
    for top, name, values, role in (
        (0, "$x$", row, "input"),
        (64, "mean", mean, "output"),
        (128, "median", median, "output"),
    ):
        s.text(left - 10, top + cell / 2, name, BODY, f"{role}-ink", "end")
        place = s.grid(left, top, values.astype(int), cell, role, tone=values / WHITE, size=13)
        if top == 0:
            s.window(place, 0, 0, 1, 3)
            window = (left, top, 3 * cell, cell)
        else:
            s.window(place, 0, 1, 1, 1)
    s.cone(window, (left + cell, 64, cell, cell))


SIZES = [1, 3, 5, 7, 9]


@figure(
    "denoising/best-size", height=206,
    title="What a mean adds and what it takes away, by its size",
    desc="Five bars, for means of 1, 3, 5, 7 and 9 pixels a side, each of two parts. The part that is noise falls: "
    "625, 69, 25, 13, 8. The part that is blur grows: 0, 92, 204, 289, 349. The bar of 3 is the lowest, 162.",
    sizes=SIZES, sigma=SIGMA,
)  # fmt: skip
def best_size(s: Sheet, sizes: Array, sigma: Array) -> None:
    """Two parts of the mean squared error, stacked."""
    assert sizes.tolist() == SIZES and sigma == SIGMA, "the chapter's example"
    x = sample_image("camera").astype(float)
    blur = np.array([metrics.mse(filters.mean(x, int(k)), x) for k in sizes])
    left_over = float(sigma) ** 2 / sizes**2
    assert left_over.round().tolist() == [625, 69, 25, 13, 8], left_over
    assert blur.round().tolist() == [0, 92, 204, 289, 349], blur
    total = blur + left_over
    assert sizes[total.argmin()] == 3 and round(total.min()) == 162, total
    colour = s.plots.colour
    ax = s.plots.axes(38, 8, 318, 160)
    place = np.arange(len(sizes))
    ax.set(xlim=(-0.6, len(sizes) - 0.4), ylim=(0, 690))
    ax.set_yticks([0, 200, 400, 600])
    ax.set_xticks(place, [str(k) for k in sizes])
    ax.bar(place, blur, 0.62, color=colour("kernel"), alpha=0.75)
    ax.bar(place, left_over, 0.62, bottom=blur, color=colour("input"), alpha=0.75)
    for k, b in enumerate(total):
        s.text(*s.plots.at(ax, k, b + 26), f"{b:.0f}", BODY, "ink")
    s.text(*s.plots.at(ax, 0.42, 420), "noise that is left", BODY, "input-ink", "start")
    s.text(*s.plots.at(ax, 3, 160), "blur", BODY, "ink")
    s.text(s.plots.at(ax, 2, 0)[0], 200, "pixels a side", SMALL, "quiet")


@figure(
    "denoising/lets-through", height=210,
    title="What a mean of five lets through, and a Gaussian that removes as much noise",
    desc="Two curves over the frequency, from 0 to a half wave a pixel. The mean of five falls from 1 to zero at one "
    "fifth, is negative until two fifths, down to minus 0.25, and returns to 0.2. The Gaussian falls from 1 smoothly "
    "to zero and stays there.",
    size=5,
)  # fmt: skip
def lets_through(s: Sheet, size: Array) -> None:
    """Two transfer functions along one axis."""
    assert size == 5, "the chapter's mean"
    k = int(size)
    bell = k / (2 * np.sqrt(np.pi))
    taps = np.arange(-20, 21)
    weights = {
        "mean": (abs(taps) <= k // 2) / k,
        "Gaussian": np.exp(-(taps**2) / (2 * bell**2)) / np.exp(-(taps**2) / (2 * bell**2)).sum(),
    }
    f = np.linspace(0, 0.5, 501)
    curves = {name: (w * np.cos(2 * np.pi * np.outer(f, taps))).sum(1) for name, w in weights.items()}
    gains = [float((w**2).sum()) for w in weights.values()]
    assert np.allclose(gains, 1 / k, rtol=0.01) and k == 5, gains
    mean, gauss = curves["mean"], curves["Gaussian"]
    assert abs(mean[200]) < 1e-9 and abs(mean[400]) < 1e-9 and np.isclose(mean[-1], 0.2), "zeros at 1/5 and 2/5"
    assert np.isclose(mean.min(), -0.25, atol=0.005) and gauss.min() > -1e-4 and gauss[250] < 0.09, "the other has none"
    colour = s.plots.colour
    ax = s.plots.axes(34, 8, 314, 164)
    ax.set(xlim=(0, 0.5), ylim=(-0.32, 1.06))
    ax.set_yticks([0, 0.5, 1])
    ax.set_xticks([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    ax.fill_between(f, np.minimum(mean, 0), 0, color=colour("kernel"), alpha=0.3, lw=0)
    ax.axhline(0, color=colour("rule"), lw=0.8)
    ax.plot(f, mean, color=colour("kernel-ink"), lw=2)
    ax.plot(f, gauss, color=colour("ink"), lw=1.6)
    s.text(*s.plots.at(ax, 0.075, 0.52), "mean", BODY, "kernel-ink", "end")
    s.text(*s.plots.at(ax, 0.16, 0.5), "Gaussian", BODY, "ink", "start")
    s.text(*s.plots.at(ax, 0.295, -0.1), "upside down", BODY, "kernel-ink")
    s.text(s.plots.at(ax, 0.25, 0)[0], 204, "waves a pixel", SMALL, "quiet")


def shapes() -> NDArray[np.int_]:
    """A square, lines of two and of three pixels, and five dots, in ones on zeros."""
    x = np.zeros((36, 36), int)
    x[4:18, 4:18] = 1
    x[22:24, 2:34] = 1
    x[28:31, 2:34] = 1
    for i, j in ((4, 24), (7, 30), (11, 26), (15, 31), (17, 23)):
        x[i, j] = 1
    return x


@figure(
    "denoising/shapes", height=132,
    title="A square, two lines and five dots, under a mean and under a median",
    desc="Left, a picture: a large square, below it lines of two and of three pixels, at the right five single dots. "
    "Middle, its mean of five by five: everything is still there and blurred, each dot a faint square. "
    "Right, its median of five by five: the edges of the square are sharp and its corners are cut, the thick line is "
    "a little shorter, the thin line and the dots are gone.",
    picture=shapes(),
)  # fmt: skip
def shapes_drawn(s: Sheet, picture: Array) -> None:
    """What survives."""
    assert np.array_equal(picture, shapes()), "the picture of the chapter"
    mean, median = filters.mean(picture, 5), filters.median(picture, 5)
    assert not median[:, 20:][:20].any() and not median[20:26].any(), "dots and the thin line are gone"
    kept = np.zeros((10, 36), int)
    kept[2:5, 4:32] = 1
    assert np.array_equal(median[26:], kept), "the thick line is two pixels shorter at either end"
    lost = np.argwhere((picture - median)[:20, :20])
    assert len(lost) == 12 and all((abs(lost - corner).sum(1) <= 1).sum() == 3
                                   for corner in ((4, 4), (4, 17), (17, 4), (17, 17))), lost  # fmt: skip
    assert np.isclose(mean[4, 24], 1 / 25) and mean[20:26, 10].max() == 0.4, "the mean keeps a trace of all"
    side, pitch = 112, 124
    for k, (name, y, role) in enumerate(
        (("picture", picture, "input-ink"), ("mean 5×5", mean, "output-ink"), ("median 5×5", median, "output-ink"))
    ):
        left = k * pitch
        s.text(left + side / 2, 9, name, BODY, role)
        s.boxes([(left, 20, side, side)], "blank")
        s.picture(left, 20, side, side, y.astype(float).repeat(4, 0).repeat(4, 1), role)


@figure(
    "denoising/survival", height=216,
    title="How likely the median of a window is itself an impulse",
    desc="Four curves over the share of pixels that are lost, from 0 to 1, for windows of 3, 5, 7 and 9 pixels a side. "
    "All start at 0 and end near 1. The larger the window, the longer the curve stays at zero and the steeper it then "
    "rises. Dots from a simulation lie on the curves.",
    sizes=[3, 5, 7, 9], densities=[0.2, 0.35, 0.5, 0.7, 0.85],
)  # fmt: skip
def survival(s: Sheet, sizes: Array, densities: Array) -> None:
    """The binomial tail, twice, and a simulation on a grey plane."""
    assert sizes.tolist() == [3, 5, 7, 9] and densities.tolist() == [0.2, 0.35, 0.5, 0.7, 0.85], "as drawn"

    def chance(d: Array, k: int) -> Array:
        return np.asarray(2 * stats.binom.sf(k * k // 2, k * k, d / 2))

    colour, d = s.plots.colour, np.linspace(0, 1, 201)
    grey = np.full((300, 300), 128, np.uint8)
    seen = {}
    for density in densities:
        y = noise.salt_and_pepper(grey, float(density), SEED)
        for k in sizes:
            seen[density, k] = float(np.mean(filters.median(y, int(k)) != 128))
            expected = float(chance(density, int(k)))
            spread = np.sqrt(expected * (1 - expected) * k**2 / grey.size)  # windows overlap
            assert abs(seen[density, k] - expected) <= 4 * spread, (density, k, seen[density, k], expected)
    low = [float(chance(np.array(0.35), int(k))) for k in sizes]
    assert low == sorted(low, reverse=True) and low[0] > 0.02 and low[1] < 2e-4, low
    assert [chance(np.array(1.0), int(k)) for k in sizes] == [1, 1, 1, 1] or np.allclose(chance(np.array(1.0), 3), 1)
    ax = s.plots.axes(34, 8, 310, 170)
    ax.set(xlim=(0, 1), ylim=(-0.02, 1.04))
    ax.set_yticks([0, 0.5, 1])
    ax.set_xticks([0, 0.2, 0.35, 0.5, 0.7, 1], ["0", "0.2", "0.35", "0.5", "0.7", "1"])
    for k in sizes:
        ax.plot(d, chance(d, int(k)), color=colour("output-ink"), lw=1.6)
        for density in densities:
            ax.plot(density, seen[density, k], "o", color=colour("ink"), ms=3.6)
    s.text(*s.plots.at(ax, 0.44, 0.24), "3×3", BODY, "output-ink", "end")
    s.text(*s.plots.at(ax, 0.93, 0.36), "9×9", BODY, "output-ink", "start")
    s.text(s.plots.at(ax, 0.5, 0)[0], 210, "share of pixels lost", SMALL, "quiet")


@figure(
    "denoising/same-pictures", height=232,
    title="Two noises, two pictures, three filters each",
    desc="Above, bricks with Gaussian noise; under a mean of three by three, a Gaussian, and a median of five by five, "
    "all smoother, the last with flattened bricks. Below, a handwritten formula with a third of the pixels lost; under "
    "a mean of five by five, a fog; under a median of five by five, the strokes, broken and rounded; under the "
    "adaptive median, the strokes as they were written.",
    corners=[[60, 60], [48, 226]], side=84,
)  # fmt: skip
def same_pictures(s: Sheet, corners: Array, side: Array) -> None:
    """Crops of brick and of text."""
    assert corners.tolist() == [[60, 60], [48, 226]] and side == 84, "the crops of the chapter"
    brick, text = sample_image("brick"), sample_image("text")
    soft, hard = noise.gaussian(brick, SIGMA, SEED), noise.salt_and_pepper(text, DENSITY, SEED)
    rows = [
        (brick, {"Gaussian noise": soft, "mean 3×3": filters.mean(soft, 3), "Gaussian": filters.gaussian(soft, 1),
                 "median 5×5": filters.median(soft, 5)}),
        (text, {"35% lost": hard, "mean 5×5": filters.mean(hard, 5), "median 5×5": filters.median(hard, 5),
                "adaptive": filters.adaptive_median(hard, 9)}),
    ]  # fmt: skip
    scores = [[quality(x, y) for y in panels.values()] for x, panels in rows]
    assert np.argmax(scores[0]) == 2 and scores[0][3] < scores[0][1] and scores[1] == sorted(scores[1]), scores
    size, pitch, down = 84, 92, 117
    for i, (_, panels) in enumerate(rows):
        for k, (name, y) in enumerate(panels.items()):
            left, top = k * pitch, i * down
            s.text(
                left + size / 2,
                top + 9,
                name,
                BODY if len(name) < 12 else SMALL,
                "input-ink" if k == 0 else "output-ink",
            )
            s.picture(left, top + 19, size, size, part(y, np.append(corners[i], side)), levels=24)


PIXELS = [[3, 8, 1, 6], [7, 2, 9, 4], [5, 6, 3, 8]]


@figure(
    "denoising/shared", height=196,
    title="How neighbouring medians share their work",
    desc="Left, three rows of four pixels: 3 8 1 6, 7 2 9 4, 5 6 3 8. Right, the same with every column sorted: 3 5 7, "
    "2 6 8, 1 3 9, 4 6 8. Below, for the first window, the first two columns merged, 2 3 5 6 7 8, with the second to "
    "the fifth framed, and beside them the third column, 1 3 9; their median is 5. For the second window, 1 2 3 6 8 9 "
    "with a frame, and 4 6 8; their median is 6.",
    pixels=PIXELS,
)  # fmt: skip
def shared(s: Sheet, pixels: Array) -> None:
    """From pixels to sorted columns, to sorted pairs of columns, to medians."""
    columns = np.sort(pixels, axis=0)
    pairs = [np.sort(pixels[:, j : j + 2], axis=None) for j in (0, 1)]
    middles = filters.median(pixels, 3)[1, 1:3].tolist()
    assert pairs[0].tolist() == [2, 3, 5, 6, 7, 8] and pairs[1].tolist() == [1, 2, 3, 6, 8, 9], pairs
    assert middles == [5, 6] and columns[:, 2:].T.tolist() == [[1, 3, 9], [4, 6, 8]], (middles, columns)
    for pair, j in zip(pairs, (2, 3), strict=True):
        both = [max(pair[i - 1], columns[4 - i, j]) for i in range(2, 5)] + [pair[4]]
        assert min(both) == middles[j - 2], "entry 4 of both lists"
    cell = 26
    s.text(2 * cell, 8, "pixels", BODY, "input-ink")
    s.grid(0, 19, pixels, cell, "input")
    s.arrow((4 * cell + 14, 19 + 1.5 * cell), (360 - 4 * cell - 14, 19 + 1.5 * cell))
    s.text(180, 19 + 1.5 * cell - 12, "sort each column once", BODY, "ink")
    s.text(360 - 2 * cell, 8, "sorted", BODY, "output-ink")
    s.grid(360 - 4 * cell, 19, columns, cell, "output")
    s.text(3 * cell, 119, "two columns merged", BODY, "output-ink")
    s.text(7.5 * cell + 32, 119, "a third", BODY, "output-ink")
    s.text(360, 119, "median", BODY, "output-ink", "end")
    for j, (pair, middle) in enumerate(zip(pairs, middles, strict=True)):
        top = 131 + 38 * j
        place = s.grid(0, top, pair, cell, "output")
        s.window(place, 0, 1, 1, 4)
        s.text(6 * cell + 16, top + cell / 2, "and", BODY, "ink")
        s.grid(6 * cell + 32, top, columns[:, j + 2], cell, "output")
        s.arrow((9 * cell + 44, top + cell / 2), (360 - cell - 12, top + cell / 2))
        s.grid(360 - cell, top, [middle], cell, "output", tone=1)
