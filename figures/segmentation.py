"""Chapter 14, Segmentation: one slice of a head, from its histogram to seven numbered spots."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from course.data import otsu_scene, sample_image
from course.data.scenes import SPOTS
from course.imaging import filters, segment
from course.imaging.edges import local_maxima, smoothed, sobel_gradient
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure, number

BYTES = 255


@cache
def scene() -> NDArray[np.uint8]:
    """The slice of the chapter."""
    return otsu_scene()[0]


def explained(count: Array, cuts: Array) -> float:
    """The share of the variance of a histogram that lies between its classes."""
    level = np.arange(len(count))
    of, n = np.searchsorted(cuts, level), count.sum()
    size, total = np.bincount(of, count), np.bincount(of, count * level)
    mean = total.sum() / n
    return float(((total - size * mean) ** 2 / size).sum() / (count @ (level - mean) ** 2))


@figure(
    "segmentation/slice", height=136,
    title="A slice of a head, and what one and two thresholds make of it",
    desc="A slice of a head in noise: dark background, a bright ring of bone, grey matter with four dark hollows and "
    "seven bright spots. Beside it the same in two levels, where bone, spots and grey matter are one white shape; and "
    "in three levels, where bone and spots are white, the rest of the head is grey, and everything else black.",
    one=[116], two=[104, 192],
)  # fmt: skip
def slice_(s: Sheet, one: Array, two: Array) -> None:
    """The picture and its classes."""
    x = scene()
    assert np.array_equal(segment.otsu(x), one) and np.array_equal(segment.otsu(x, 2), two), "the best thresholds"
    side, pitch = 112, 124
    panels = [
        ("the slice", x / BYTES), (f"{one[0]}", x > one[0]),
        (f"{two[0]} and {two[1]}", np.searchsorted(two, x) / 2),
    ]  # fmt: skip
    for k, (name, y) in enumerate(panels):
        s.picture(k * pitch, 0, side, side, np.asarray(y, float)[::2, ::2], levels=24)
        s.text(k * pitch + side / 2, side + 14, name, BODY)


@figure(
    "segmentation/histogram", height=250,
    title="The histogram of the slice, and the variance between the classes",
    desc="The histogram of the slice: three hills around 60, 149 and 236. Orange lines stand at 104 and 192, in the "
    "valleys between the hills. Below it a curve, the share of the variance that one threshold puts between the "
    "classes; it rises to 77 per cent at 116, marked by a line.",
    one=[116], two=[104, 192], hills=[60, 149, 236],
)  # fmt: skip
def histogram(s: Sheet, one: Array, two: Array, hills: Array) -> None:
    """Counts above, the criterion below."""
    x = scene()
    count = np.bincount(x.ravel(), minlength=256)
    assert hills.tolist() == [60, 149, 236], "where the classes were drawn"
    assert np.array_equal(segment.otsu(x), one) and np.array_equal(segment.otsu(x, 2), two), "the best thresholds"
    smooth = np.convolve(count[:BYTES], np.ones(25) / 25, "same")
    tops = [k for k in range(20, 242) if smooth[k] == smooth[max(k - 30, 0) : k + 31].max()]
    assert len(tops) == 3 and np.abs(np.subtract(tops, hills)).max() <= 5, tops
    levels = np.arange(int(x.min()), int(x.max()))
    curve = np.array([explained(count, np.array([t])) for t in levels])
    assert levels[curve.argmax()] == one[0] and f"{curve.max():.2f}" == "0.77"
    assert f"{explained(count, two):.2f}" == "0.94"

    colour = s.plots.colour
    top = s.plots.axes(38, 16, 316, 96)
    top.set(xlim=(0, 255), ylim=(0, 1100))
    top.set_yticks([0, 500, 1000])
    top.set_xticks([])
    top.fill_between(np.arange(256), count, color=colour("input"), alpha=0.5, lw=0, step="mid")
    for t in two:
        top.axvline(t, color=colour("kernel-ink"), lw=1.6)
        s.text(s.plots.at(top, t, 0)[0], 8, str(t), BODY, "kernel-ink")
    s.text(*s.plots.at(top, 62, 1020), "pixels", SMALL, "input-ink")
    low = s.plots.axes(38, 132, 316, 86)
    low.set(xlim=(0, 255), ylim=(0, 0.9))
    low.set_yticks([0, 0.4, 0.8])
    low.set_xticks([0, 50, 150, 200, 250, int(one[0])])
    low.plot(levels, curve, color=colour("output-ink"), lw=1.8)
    low.axvline(one[0], color=colour("kernel-ink"), lw=1.6)
    s.text(*s.plots.at(low, 121, 0.2), "77% between", SMALL, "output-ink", "start")
    s.text(s.plots.at(low, 205, 0)[0], 244, "grey level", SMALL, "quiet")


@figure(
    "segmentation/uneven", height=110,
    title="One threshold for all pixels, and one for each",
    desc="Three pictures of the right half of a written page with ruled lines: as it is, grey and darker at the top "
    "left; under Otsu's threshold, where the lines on the right are broken or lost and a stain has turned to ink; and "
    "under the local threshold, where every line is there, with specks.",
    choice=[109, 25, 8],
)  # fmt: skip
def uneven(s: Sheet, choice: Array) -> None:
    """The page, global and local."""
    x = sample_image("text")
    t, size, d = (int(v) for v in choice)
    assert segment.otsu(x) == t and (size, d) == (25, 8), "as on the page"
    once, local = x <= t, x < filters.mean(x, size) - d
    right = slice(300, None)
    assert once[:, right].mean() < 0.55 * local[:, right].mean(), "half of the ink is lost"
    wide, high, pitch = 114, 87.5, 123
    half = slice(224, None)
    panels = [
        ("the page", x[::2, half][:, ::2] / 200.0), ("Otsu's threshold", 1.0 - once[:, half]),
        ("local threshold", 1.0 - local[:, half]),
    ]  # fmt: skip
    for k, (name, y) in enumerate(panels):
        s.picture(k * pitch, 0, wide, high, np.asarray(y, float), levels=24)
        s.text(k * pitch + wide / 2, high + 14, name, BODY)


@figure(
    "segmentation/canny", height=106,
    title="The four steps of Canny's edge detector",
    desc="Four pictures of a part of the slice with hollows and spots. The strength of the gradient, in broad "
    "bands; its ridges, thin lines in a net of faint noise; the ridges in two colours, strong and weak; and the edges "
    "that remain, closed curves around hollows and spots.",
    crop=[50, 76, 106], limits=[50, 140],
)  # fmt: skip
def canny(s: Sheet, crop: Array, limits: Array) -> None:
    """Strength, ridges, two classes of ridges, edges."""
    i, j, size = (int(v) for v in crop)
    low, high = (int(v) for v in limits)
    assert (i, j, size, low, high) == (50, 76, 106, 50, 140), "as on the page"
    x = scene()
    gradient = sobel_gradient(smoothed(x / BYTES, 1.8, "constant"))
    strength = BYTES * np.hypot(*gradient)
    ridge = local_maxima(strength, gradient, strength > 0)
    edges = segment.canny(x, 1.8, low, high)
    assert np.array_equal(ridge & edges, edges) and segment.label(edges, 2)[1] == 13
    here = slice(i, i + size), slice(j, j + size)
    assert segment.label(edges[here], 2)[1] == 7, "two hollows, four spots, and a part of a third hollow"
    side, pitch = 84, 92

    def lines(k: int, mask: Array, role: str) -> None:
        s.picture(k * pitch, 0, side, side, mask[here].astype(float).repeat(3, 0).repeat(3, 1), role, levels=2)

    s.picture(0, 0, side, side, strength[here] / 260, "ink", levels=16)
    lines(1, ridge, "ink")
    lines(2, ridge & (strength >= low) & (strength < high), "kernel-ink")
    lines(2, ridge & (strength >= high), "input-ink")
    lines(3, edges, "output-ink")
    s.boxes([(k * pitch, 0, side, side) for k in range(4)], edge="rule", width=1)
    s.text(side / 2, 97, "strength", BODY)
    s.text(pitch + side / 2, 97, "ridges", BODY)
    end = s.text(2 * pitch + 2, 97, "strong", BODY, "input-ink", "start")
    s.text(end + 6, 97, "weak", BODY, "kernel-ink", "start")
    s.text(3 * pitch + side / 2, 97, "edges", BODY, "output-ink")


def one_by_one(row: Array, seed: int, threshold: float, first: int) -> list[int]:
    """Grow in a row one pixel at a time, asking first on the left (-1) or on the right (+1)."""
    inside, grew = [seed], True
    while grew:
        grew = False
        for step in (first, -first):
            edge = (min(inside) if step < 0 else max(inside)) + step
            if 0 <= edge < len(row) and abs(row[inside].mean() - row[edge]) < threshold:
                inside.append(edge)
                grew = True
                break
    return sorted(inside)


@figure(
    "segmentation/order", height=196,
    title="The same row, the same seed, three regions",
    desc="Three times the row 1 3 5 7 9 with the seed 5 framed. Left first: the region is 3 and 5, its mean 4, and 1 "
    "and 7 are both three away. Right first: 5 and 7, mean 6, and 3 and 9 are both three away. All at once: 3, 5 and "
    "7, mean 5, and 1 and 9 are both four away.",
    row=[1, 3, 5, 7, 9], threshold=[3],
)  # fmt: skip
def order(s: Sheet, row: Array, threshold: Array) -> None:
    """Left first, right first, all at once."""
    seed, limit = 2, float(threshold[0])
    left, right = (one_by_one(row, seed, limit, first) for first in (-1, 1))
    sweep = np.flatnonzero(segment.region_grow(row[None], (0, seed), limit)[0]).tolist()
    assert (left, right, sweep) == ([1, 2], [2, 3], [1, 2, 3]), (left, right, sweep)
    means = [float(row[r].mean()) for r in (left, right, sweep)]
    assert means == [4, 6, 5] and limit == 3, means
    gaps = [
        [float(abs(m - row[k])) for k in (r[0] - 1, r[-1] + 1)]
        for m, r in zip(means, (left, right, sweep), strict=True)
    ]
    assert gaps == [[3, 3], [3, 3], [4, 4]], gaps

    cell, x0, pitch = 38, 84, 66
    for k, (name, region) in enumerate((("left first", left), ("right first", right), ("all at once", sweep))):
        top = 4 + k * pitch
        inside = np.isin(np.arange(len(row)), region)
        place = s.grid(x0, top, row, cell, "output", tone=np.where(inside, 0.9, 0), size=LARGE)
        s.window(place, 0, seed, 1, 1, "kernel")
        s.text(0, top + cell / 2, name, BODY, "ink", "start")
        s.text(place.right + 9, top + cell / 2, f"mean {number(means[k])}", BODY, "output-ink", "start")
        for gap, j in zip(gaps[k], (region[0] - 1, region[-1] + 1), strict=True):
            s.text(place.at(0, j)[0], place.bottom + 11, f"{number(gap)} away", SMALL, "quiet")


@figure(
    "segmentation/seeds", height=136,
    title="An unlucky seed, with a fixed tolerance and with the mean",
    desc="The slice with a ring around a pixel of grey matter near the top. The region of that seed under a fixed "
    "tolerance of 25: a patch of 152 pixels around it. Its region by the mean, with a threshold of 25: nearly all of "
    "the grey matter, around hollows and spots.",
    seed=[60, 150], within=[25], found=[152, 21371],
)  # fmt: skip
def seeds(s: Sheet, seed: Array, within: Array, found: Array) -> None:
    """Flood and growth from one seed."""
    assert seed.tolist() == [60, 150] and within[0] == 25, "the example of the page"
    x, place = scene(), (int(seed[0]), int(seed[1]))
    flood = segment.flood(x, place, int(within[0]))
    grown = segment.region_grow(x, place, int(within[0])) > 0
    assert [int(flood.sum()), int(grown.sum())] == found.tolist(), (flood.sum(), grown.sum())
    side, pitch = 112, 124
    s.picture(0, 0, side, side, x[::2, ::2] / BYTES, levels=20)
    s.text(side / 2, side + 14, "the seed", BODY)
    for k, (name, mask) in enumerate((("fixed tolerance", flood), ("by the mean", grown)), 1):
        s.picture(k * pitch, 0, side, side, mask.astype(float), "output", levels=2)
        s.boxes([(k * pitch, 0, side, side)], edge="rule", width=1)
        s.text(k * pitch + side / 2, side + 14, name, BODY, "output-ink")
    for k in range(2):
        s.ring((k * pitch + (seed[1] + 0.5) * side / 256, (seed[0] + 0.5) * side / 256), 6, "kernel")


SPECKS = np.array(
    [
        [0, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 1, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 1, 1, 0, 1],
        [0, 0, 1, 1, 1, 1, 1, 0, 1],
        [0, 0, 1, 1, 1, 1, 1, 0, 0],
        [0, 0, 0, 1, 1, 1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 0, 1, 0],
    ]
)


@figure(
    "segmentation/opening", height=100,
    title="Erosion takes away, dilation gives back what it can",
    desc="A picture of seven rows and nine columns: a round blob of 21 pixels and five pixels in four specks. Eroded "
    "by the cross, the blob is a smaller one of nine pixels and the specks are gone. Dilated again, the blob is whole, "
    "and the specks have not come back.",
    x=SPECKS,
)  # fmt: skip
def opening(s: Sheet, x: Array) -> None:
    """A mask, eroded, and dilated again."""
    eroded = segment.erosion(x)
    opened = segment.dilation(eroded)
    labels, count = segment.label(x)
    areas = sorted(segment.measure(labels)["area"].tolist())
    assert count == 5 and areas == [1, 1, 1, 2, 21], areas
    assert eroded.sum() == 9 and np.array_equal(opened, segment.opening(x)) and opened.sum() == 21
    assert np.array_equal(x, SPECKS) and np.array_equal(opened, labels == labels[3, 4])

    cell, gap = 10.6, 37
    for k, (name, y) in enumerate((("$x$", x), ("eroded", eroded), ("opened", opened))):
        left = k * (9 * cell + gap)
        role = ("input", "cotangent", "output")[k]
        place = s.grid(left, 0, np.full(y.shape, np.nan), cell, role, tone=np.where(y > 0, 1.0, 0))
        s.boxes([place.box(i, j, 1, 1) for i, j in np.argwhere(y > 0).tolist()], role, gap=1)
        s.text(place.centre[0], 91, name, BODY, f"{role}-ink" if k else "ink")
        if k < 2:
            back = k == 0
            tone = "cotangent-ink" if back else "ink"
            s.arrow((place.right + 5, 42), (place.right + gap - 4, 42), tone, 1.4, dash=back)
            s.text(place.right + gap / 2, 28, "$E$" if back else "$D$", BODY, tone)


@figure(
    "segmentation/spots", height=226,
    title="Seven spots, numbered and measured",
    desc="The slice with a ring round each of its seven spots, numbered from the top, each with a line along its "
    "longer axis. Beside it their areas, 123, 170, 148, 122, 165, 251 and 94 pixels, and the angles of their axes: 78, "
    "minus 22, minus 2, minus 8, minus 76, 77 and minus 90 degrees.",
    areas=[123, 170, 148, 122, 165, 251, 94], angles=[78, -22, -2, -8, -76, 77, -90],
)  # fmt: skip
def spots(s: Sheet, areas: Array, angles: Array) -> None:
    """From the mask to a table."""
    x = scene()
    labels, count = segment.label(segment.opening(x > segment.otsu(x, 2)[1]))
    found = segment.measure(labels)[1:]
    assert count == 8 and np.array_equal(found["area"], areas), found["area"]
    assert np.array_equal(np.rint(np.degrees(found["orientation"])), angles), found["orientation"]
    assert np.abs(found["centroid"] - [spot[0] for spot in SPOTS]).max() < 0.5, "where they were drawn"

    size, top, first = 196, 20, 28
    scale = 226 / size
    s.picture(0, 0, 226, 226, x[first : first + size, 30 : 30 + size] / BYTES * 0.8, levels=20)
    for k, spot in enumerate(found, 1):
        (i, j), theta, half = spot["centroid"], spot["orientation"], spot["axes"][0] / 2 + 3
        u, v = (j - 30 + 0.5) * scale, (i - first + 0.5) * scale
        du, dv = np.sin(theta) * half * scale, np.cos(theta) * half * scale
        s.line([(u - du, v - dv), (u + du, v + dv)], "kernel-ink", 2.4, layer=4)
        row = top + 28 * k
        s.text(246, row, str(k), BODY, "ink", "start")
        s.text(298, row, str(spot["area"]), BODY, "output-ink", "end")
        s.text(352, row, f"{number(round(np.degrees(theta)))}°", BODY, "kernel-ink", "end")
        s.ring((u, v), half * scale + 2, "output", 1.6)
        side = u + (half * scale + 12) * (1 if u < 113 else -1)
        s.boxes([(side - 6, v - 8, 12, 16)], "paper", layer=3)
        s.text(side, v, str(k), BODY)
    s.text(298, top, "area", SMALL, "quiet", "end")
    s.text(352, top, "angle", SMALL, "quiet", "end")
