"""Chapter 10, Intensities: a picture taken at dusk, the tables that lighten it, its histogram, and the average of many.

The dusk is a table, too: `DUSK` gives its darkest level, how far it goes, and its exponent. It is the chapter's.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data import sample_image
from course.imaging import intensity, metrics, noise
from figures.style import BODY, SMALL, Array, Sheet, figure

DUSK = (12, 70, 1.3)
TOP = 255
DIM = [[1, 1, 2, 1], [1, 2, 3, 2], [2, 3, 5, 2], [1, 2, 2, 1]]
SKY = (0, 138, 40)  # first row, first column and side of a window in the sky of "camera"
NOTES = [[1, 25.45], [2, 18.3], [4, 13.5], [6, 11.6]]
FIT = (5.38, 24.85)


def dusk(how: Array) -> NDArray[np.uint8]:
    """The photograph as it would look in the evening."""
    assert np.array_equal(how, DUSK), "the dusk of the chapter"
    darkest, reach, exponent = how
    table = np.rint(darkest + reach * (np.arange(TOP + 1) / TOP) ** exponent)
    return intensity.lookup(sample_image("camera"), table.astype(np.uint8))


def small(x: Array) -> NDArray[np.float64]:
    """The man and his camera, 96 pixels a side, from 0 to 1."""
    part = x[24:216, 4:196].astype(float)
    return np.asarray(part.reshape(96, 2, 96, 2).mean((1, 3)) / TOP)


def bars(s: Sheet, box: tuple[float, float, float, float], x: Array, name: str, ticks: bool = True) -> Any:
    """A histogram, one bar a level, the tallest as high as the box."""
    counts, edges = intensity.histogram(x)
    ax = s.plots.axes(*box)
    ax.set(xlim=(-0.5, TOP + 0.5), ylim=(0, counts.max()))
    ax.set_yticks([])
    ax.set_xticks([0, TOP] if ticks else [])
    ax.spines["left"].set_visible(False)
    ax.stairs(counts, edges, fill=True, color=s.plots.colour(name), lw=0)
    return ax


def curve(s: Sheet, box: tuple[float, float, float, float], table: Array, labels: bool = True) -> Any:
    """A table of 256 levels as a curve."""
    ax = s.plots.axes(*box)
    ax.set(xlim=(0, TOP), ylim=(0, TOP))
    for set_ticks in (ax.set_xticks, ax.set_yticks):
        set_ticks([0, TOP] if labels else [])
    ax.plot([0, TOP], [0, TOP], color=s.plots.colour("rule"), lw=0.8)
    ax.step(np.arange(TOP + 1), table, where="mid", color=s.plots.colour("kernel-ink"), lw=1.8)
    return ax


@figure(
    "intensities/dusk", height=190,
    title="A picture taken at dusk, a table of 256 numbers, and what it makes of the picture",
    desc="On the left an almost black photograph of a man behind a camera, and below it its histogram, a narrow "
    "heap at the dark end, from 12 to 82. In the middle a curve, the table: it stays low, climbs steeply between 12 "
    "and 82, and stays at the top. On the right the picture that it makes: the sky is bright, the folds of the coat "
    "are seen. Its histogram reaches from 6 to 255, with gaps between the bars.",
    how=DUSK,
)  # fmt: skip
def opening(s: Sheet, how: Array) -> None:
    """Before, the table, and after."""
    x = dusk(how)
    y = intensity.equalize(x)
    table = np.rint(TOP * np.cumsum(np.bincount(x.ravel(), minlength=TOP + 1)) / x.size)
    assert np.array_equal(intensity.lookup(x, table), y), "one table does it"
    assert (x.min(), x.max(), y.min(), y.max()) == (12, 82, 6, 255)
    assert (len(np.unique(x)), len(np.unique(y))) == (71, 57), "gaps between the bars"

    side = 112
    s.picture(0, 0, side, side, small(x), levels=64)
    s.picture(360 - side, 0, side, side, small(y), levels=48)
    curve(s, (145, 12, 76, 76), table)
    s.text(184, 114, "old level", SMALL, "quiet")
    s.text(141, 50, "new", SMALL, "quiet", "end")
    for left, z, name in ((0, x, "input"), (360 - side, y, "output")):
        bars(s, (left, 122, side, 50), z, name, ticks=False)
        s.text(left, 182, "0", SMALL, "quiet", "start")
        s.text(left + side, 182, str(TOP), SMALL, "quiet", "end")
    s.arrow((118, 148), (242, 148), "quiet", 1.4)
    s.text(180, 138, "the same table", SMALL, "quiet")


@figure(
    "intensities/tables", height=196,
    title="Four tables, and what each makes of the picture",
    desc="Four curves, each above a photograph. The negative falls from 255 to 0, and the dark picture becomes a light "
    "one. The power with exponent 0.45 rises steeply and flattens: a pale picture. The logarithm rises more steeply "
    "still: paler. The stretch is 0 up to 12, a straight line to 255 at 82, and flat: light and dark as by day, but "
    "the coat is black.",
    how=DUSK, exponent=[0.45],
)  # fmt: skip
def tables(s: Sheet, how: Array, exponent: Array) -> None:
    """Negative, power, logarithm and stretch."""
    x, levels = dusk(how), np.arange(TOP + 1, dtype=np.uint8)
    assert np.array_equal(exponent, [0.45]), "the exponent of the chapter"
    four = {
        "negative": intensity.negative,
        "power": lambda r: intensity.gamma(r, float(exponent[0])),
        "logarithm": intensity.log,
        "stretch": lambda r: intensity.stretch(r, 12, 82),
    }
    for name, T in four.items():
        table = T(levels)
        assert np.array_equal(table[x], T(x)), name
        assert (np.diff(table.astype(int)) <= 0).all() == (name == "negative"), name
    assert four["negative"](x).min() == TOP - 82 and (four["stretch"](levels)[[12, 82]] == [0, TOP]).all()
    spread = [float(T(x).std()) for T in four.values()]
    assert spread[3] > 2 * max(spread[:3]), f"only the stretch has the light and dark of the day: {spread}"
    assert four["logarithm"](x).mean() > four["power"](x).mean() > 90, "pale and paler"

    side, pitch = 84, 92
    for k, (name, T) in enumerate(four.items()):
        left = k * pitch
        s.text(left + side / 2, 8, name, BODY, "kernel-ink")
        curve(s, (left + 8, 22, 68, 68), T(levels), labels=False)
        s.picture(left, 104, side, side, small(T(x)), levels=32)


@figure(
    "intensities/by-hand", height=250,
    title="Sixteen pixels, counted, added up, and looked up",
    desc="Sixteen pixels in four rows: 1 1 2 1, 1 2 3 2, 2 3 5 2, 1 2 2 1. Below, eight columns for the levels 0 to 7, "
    "and under each four rows: the counts 0 6 7 2 0 1 0 0; the sums up to there 0 6 13 15 15 16 16 16; and the table "
    "0 3 6 7 7 7 7 7. The result: 3 3 6 3, 3 6 7 6, 6 7 7 6, 3 6 6 3. The levels 3 and 5 have both become 7.",
    image=DIM,
)  # fmt: skip
def by_hand(s: Sheet, image: Array) -> None:
    """The equalisation of the pencil-and-paper example."""
    assert np.array_equal(image, DIM), "the sixteen pixels of the chapter"
    counts = np.bincount(image.ravel(), minlength=8)
    sums = np.cumsum(counts)
    table = np.rint(7 * sums / image.size).astype(int)
    y = intensity.equalize(image, data_range=7)
    assert np.array_equal(table[image], y) and table.tolist() == [0, 3, 6, 7, 7, 7, 7, 7]
    assert counts.tolist() == [0, 6, 7, 2, 0, 1, 0, 0] and table[3] == table[5], "two levels merge"

    cell = 25
    before = s.grid(0, 14, image, cell, "input", tone=image / 7)
    after = s.grid(260, 14, y, cell, "output", tone=y / 7)
    s.arrow((before.right + 8, 64), (after.x - 8, 64), "kernel-ink", 1.6)
    s.text(180, 51, "looked up", SMALL, "kernel-ink")
    s.window(before, 2, 2, 1, 1, "input", 1.8)
    s.window(after, 2, 2, 1, 1, "output", 1.8)
    first, top = 112, 138
    rows = [("level", np.arange(8), "quiet"), ("pixels", counts, "input-ink"), ("up to here", sums, "ink"),
            ("table", table, "kernel-ink")]  # fmt: skip
    for k, (name, values, colour) in enumerate(rows):
        y0 = top + 28 * k
        s.text(first - 10, y0 + 12, name, BODY, colour, "end")
        if k == 0:
            for j in range(8):
                s.text(first + 26 * j + 13, y0 + 12, str(j), BODY, "quiet")
        else:
            s.grid(first, y0, values, 26, "kernel" if k == 3 else "input", size=BODY,
                   tone=values / (16 if k == 2 else 7), faint_zero=True)  # fmt: skip
    s.boxes([(first + 26 * 5 + 1, top + 1, 24, 28 * 4 - 4)], edge="ink", width=1.4, layer=4)


@figure(
    "intensities/fan", height=236,
    title="Where the pixels are, levels spread; where they are few, levels merge",
    desc="Above, the histogram of the dusk picture from 12 to 82: a high heap at the dark end and two lower ones, in "
    "the middle and to the right of it. Below, the histogram after equalisation from 0 to 255: bars far apart where a "
    "heap was, and crowded, low ones between and at the right end. Between them a line from each old level to its new "
    "one: under the heaps the lines fan out, between them several lines run together in one.",
    how=DUSK,
)  # fmt: skip
def fan(s: Sheet, how: Array) -> None:
    """Every level of the dusk picture joined to what it becomes."""
    x = dusk(how)
    counts = np.bincount(x.ravel(), minlength=TOP + 1)
    table = np.rint(TOP * np.cumsum(counts) / x.size).astype(int)
    after = np.bincount(table[x].ravel(), minlength=TOP + 1)
    levels = np.flatnonzero(counts)
    assert (len(levels), np.count_nonzero(after)) == (71, 57), "fourteen levels have merged into others"
    assert counts.max() == after.max() == 5713, "the tallest bar is as tall as before: nothing splits"
    steps = np.diff(table[levels])
    crowded = counts[levels[1:]] > np.median(counts[levels])
    assert steps[crowded].min() > steps[~crowded].mean(), "apart where the bars are tall, together where they are short"
    merged = np.flatnonzero(steps == 0)
    assert counts[levels[1:]][merged].max() < 200, counts[levels[1:]][merged]

    left, width = 4, 352
    upper = s.plots.axes(left, 16, width, 58)
    lower = s.plots.axes(left, 158, width, 58)
    for ax, n, name, ticks in ((upper, counts, "input", [12, 82]), (lower, after, "output", [0, TOP])):
        low, high = ticks
        ax.set(xlim=(low - 0.6, high + 0.6), ylim=(0, counts.max()))
        ax.set_yticks([])
        ax.set_xticks([])
        ax.spines["left"].set_visible(False)
        ax.bar(np.arange(TOP + 1)[low : high + 1], n[low : high + 1], 0.8, color=s.plots.colour(name), lw=0)
    for k in levels.tolist():
        a, b = s.plots.at(upper, k, 0), s.plots.at(lower, table[k], counts.max())
        s.line([a, (b[0], 152)], "kernel", 0.9)
    s.text(left, 226, "0", SMALL, "quiet", "start")
    s.text(left + width, 226, str(TOP), SMALL, "quiet", "end")
    s.text(180, 8, "levels 12 to 82 of the dusk picture", SMALL, "input-ink")
    s.text(180, 226, "the levels that they become", SMALL, "output-ink")


@figure(
    "intensities/matched", height=250,
    title="From a level to its share, and from the share to a level of the other picture",
    desc="Two distribution functions side by side. On the left that of the dusk picture, which climbs from 0 to 1 "
    "between the levels 12 and 82. On the right that of the picture by day, which climbs between 0 and 255. A path "
    "starts at level 45 below the left one, goes up to its curve at the share 0.42, across to the same share on the "
    "right, and down to level 144. Below, three pictures: dusk, day, and dusk with the levels of the day, which "
    "looks like the day.",
    how=DUSK, level=[45],
)  # fmt: skip
def matched(s: Sheet, how: Array, level: Array) -> None:
    """One level on its way, and the pictures."""
    x, z = dusk(how), sample_image("camera")
    y = intensity.match_histograms(x, z)
    shares = [np.cumsum(np.bincount(a.ravel(), minlength=TOP + 1)) / a.size for a in (x, z)]
    r = int(level[0])
    share = float(shares[0][r])
    new = float(y[x == r][0])
    assert (r, f"{share:.2f}", f"{new:.0f}") == (45, "0.42", "144"), (r, share, new)
    assert abs(np.interp(new, np.arange(TOP + 1), shares[1]) - share) < 0.01, (share, new)
    assert metrics.psnr(np.rint(y).astype(np.uint8), z) > 40, "nearly the day"
    assert len(np.unique(y)) == 71, "but for the levels that dusk has merged"

    axes = []
    for left, F, name in ((32, shares[0], "input"), (212, shares[1], "kernel")):
        ax = s.plots.axes(left, 20, 132, 84)
        ax.set(xlim=(0, TOP), ylim=(0, 1.02))
        ax.set_yticks([0, 1] if left < 100 else [])
        ax.set_xticks([0, TOP])
        ax.step(np.arange(TOP + 1), F, where="post", color=s.plots.colour(f"{name}-ink"), lw=1.8)
        axes.append(ax)
    here, there = s.plots.at(axes[0], r, 0), s.plots.at(axes[1], new, 0)
    up, down = s.plots.at(axes[0], r, share), s.plots.at(axes[1], new, share)
    for a, b in ((here, up), (up, down), (down, there)):
        s.arrow(a, b, "ink", 1.2)
    s.text(here[0], 117, f"{r}", BODY, "input-ink")
    s.text(there[0], 117, f"{new:.0f}", BODY, "kernel-ink")
    s.text(32 + 140, 9, "share of pixels up to a level", SMALL, "quiet")
    s.text(27, up[1], f"{share:.2f}", SMALL, "ink", "end")
    side, pitch = 104, 128
    for k, (name, a, colour) in enumerate((("dusk", x, "input-ink"), ("day", z, "kernel-ink"),
                                           ("dusk, matched", y, "output-ink"))):  # fmt: skip
        s.picture(k * pitch, 130, side, side, small(a), levels=40)
        s.text(k * pitch + side / 2, 243, name, SMALL, colour)


@figure(
    "intensities/one-hot", height=252,
    title="Looking up is a matrix of ones and zeros times the table",
    desc="The first eight of the sixteen pixels, 1 1 2 1 1 2 3 2, stand for the rows of a matrix of eight rows and "
    "eight columns. Each row has a single one, in the column of its level. The table 0 3 6 7 7 7 7 7 stands above the "
    "columns; on the right come out the new levels 3 3 6 3 3 6 7 6. Below, dashed, the way back: the ones of each "
    "column are added, 0 4 3 1 0 0 0 0, which is the histogram.",
    pixels=[1, 1, 2, 1, 1, 2, 3, 2],
)  # fmt: skip
def one_hot(s: Sheet, pixels: Array) -> None:
    """The matrix of the lookup, its table, its output, and its column sums."""
    assert np.array_equal(pixels, np.ravel(DIM)[:8]), "the first two rows of the chapter's picture"
    table = np.array([0, 3, 6, 7, 7, 7, 7, 7])
    P = np.eye(8, dtype=int)[pixels]
    y, back = P @ table, P.sum(0)
    assert np.array_equal(y, intensity.lookup(pixels, table)) and (P.sum(1) == 1).all()
    assert np.array_equal(back, intensity.lookup_adjoint(np.ones(8), pixels, 8)) and back.tolist() == [
        0,
        4,
        3,
        1,
        0,
        0,
        0,
        0,
    ]

    cell, left, top = 22, 84, 34
    s.grid(left, 0, table, cell, "kernel", size=BODY)
    s.text(left - 10, 11, "table", BODY, "kernel-ink", "end")
    matrix = s.grid(left, top, P, cell, "kernel", tone=0.8 * P, faint_zero=True, size=BODY)
    s.grid(left - 34, top, pixels[:, None], cell, "input", size=BODY)
    s.text(left - 42, matrix.centre[1], "pixels", BODY, "input-ink", "end")
    out = s.grid(matrix.right + 30, top, y[:, None], cell, "output", size=BODY)
    s.arrow((matrix.right + 6, matrix.centre[1]), (out.x - 6, matrix.centre[1]), "ink", 1.5)
    s.text(out.right + 8, matrix.centre[1], "new", BODY, "output-ink", "start")
    last = s.grid(left, matrix.bottom + 20, back, cell, "cotangent", size=BODY, faint_zero=True)
    s.arrow((matrix.centre[0], matrix.bottom + 2), (matrix.centre[0], last.y - 2), "cotangent-ink", 1.5, dash=True)
    s.text(left - 10, last.centre[1], "histogram", BODY, "cotangent-ink", "end")


@figure(
    "intensities/averages", height=112,
    title="One noisy picture, and the averages of two, four and sixteen",
    desc="Four photographs of a man's head and a camera. The first is covered with grain. In the average of two there "
    "is less of it, in that of four less again, and that of sixteen is nearly clean. The peak signal-to-noise ratios "
    "are 20.2, 23.2, 26.1 and 32.2 decibels.",
    sigma=[25], counts=[1, 2, 4, 16],
)  # fmt: skip
def averages(s: Sheet, sigma: Array, counts: Array) -> None:
    """Averages of the same stack, with what is gained."""
    x = sample_image("camera")[30:114, 78:162].astype(float)
    assert np.array_equal(sigma, [25]) and counts.tolist() == [1, 2, 4, 16], "the noise and the counts of the caption"
    rng = np.random.default_rng(10)
    stack = [noise.gaussian(x, float(sigma[0]), rng) for _ in range(16)]
    made = [intensity.average_stack(stack[:k]) for k in counts.tolist()]
    ratios = [metrics.psnr(x, y, data_range=TOP) for y in made]
    wanted = 20 * np.log10(TOP / sigma[0] * np.sqrt(counts))
    assert np.abs(np.array(ratios) - wanted).max() < 0.15, (ratios, wanted)
    assert [f"{ratio:.1f}" for ratio in ratios] == ["20.2", "23.2", "26.1", "32.2"], ratios

    side, pitch = 84, 92
    for k, (count, y, ratio) in enumerate(zip(counts.tolist(), made, ratios, strict=True)):
        s.picture(k * pitch, 0, side, side, y / TOP, levels=16)
        s.runs(k * pitch + 8, 100, (f"{count}: ", "ink"), (f"{ratio:.1f} dB", "quiet"), size=SMALL)


@figure(
    "intensities/noise-law", height=232,
    title="The spread that the notes measured, and two laws",
    desc="The standard deviation against the number of pictures, one to twelve. Four dots are what the notes print: "
    "25.45, 18.3, 13.5, 11.6. A dashed curve through the first dot falls as one over the square root and passes below "
    "the others. A solid curve with a constant term passes through all four, and levels out towards a line at 5.38.",
    printed=NOTES, fitted=FIT,
)  # fmt: skip
def noise_law(s: Sheet, printed: Array, fitted: Array) -> None:
    """The printed numbers, the pure law and the one that fits."""
    count, spread = printed.T
    assert np.array_equal(printed, NOTES), "the numbers of the notes"
    constant, per_picture = np.linalg.lstsq(np.stack([np.ones(4), 1 / count], 1), spread**2)[0]
    assert [round(float(np.sqrt(v)), 2) for v in (constant, per_picture)] == fitted.tolist(), (constant, per_picture)
    pure, whole = spread[0] / np.sqrt(count), np.sqrt(constant + per_picture / count)
    assert np.abs(whole - spread).max() < 0.13 and (spread - pure)[1:].min() > 0.3, (whole, pure)

    colour, k = s.plots.colour, np.linspace(1, 12, 200)
    ax = s.plots.axes(32, 8, 316, 186)
    ax.set(xlim=(0.5, 12), ylim=(0, 28))
    ax.set_yticks([0, 10, 20])
    ax.set_xticks([1, 2, 4, 6, 8, 10, 12])
    ax.axhline(fitted[0], color=colour("rule"), lw=1)
    ax.plot(k, spread[0] / np.sqrt(k), color=colour("quiet"), lw=1.5, dashes=(3, 2.4))
    ax.plot(k, np.sqrt(constant + per_picture / k), color=colour("output-ink"), lw=2)
    ax.plot(count, spread, "o", color=colour("kernel-ink"), ms=7)
    for K, sd in printed.tolist():
        place = s.plots.at(ax, K, sd)
        s.text(place[0] + 10, place[1] - 8, f"{sd:g}", BODY, "kernel-ink", "start")
    s.text(*s.plots.at(ax, 11.9, 12.2), "with a constant", BODY, "output-ink", "end")
    s.text(*s.plots.at(ax, 11.9, 1.6 + 1.2), "what averaging leaves: 5.38", SMALL, "quiet", "end")
    s.text(*s.plots.at(ax, 3.3, 11.2), "without", BODY, "quiet", "end")
    s.text(s.plots.at(ax, 6.25, 0)[0], 225, "number of pictures", SMALL, "quiet")
