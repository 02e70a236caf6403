"""Chapter 9, Upsampling: six ways from four numbers to sixteen, their kernels, their ways back, and the checkerboard.

The picture (4, 3; 1, 7) and the kernel (2, 0; 1, −1) are the chapter's, the same in every figure.
"""

from typing import Any

import numpy as np

from course.data import sample_image
from course.linear import LinearOperator, resampling, subsampling
from course.ops import (
    conv_transpose1d,
    conv_transpose2d,
    convolve,
    dft,
    interpolate,
    interpolate_adjoint,
    max_pool2d,
    max_unpool2d,
    zero_insert,
)
from course.ops.resample import Mode
from figures.style import BODY, SMALL, Array, Sheet, figure, number

PICTURE = [[4, 3], [1, 7]]
KERNEL = [[2, 0], [1, -1]]
SEEN = [[1, 9, 0, 2], [5, 4, 8, 1], [6, 0, 3, 3], [2, 5, 1, 4]]
LINE = [4, 3, 1, 7]


def grown(x: Array, size: int, mode: Mode = "nearest", **how: bool) -> Array:
    """One picture or one line, enlarged by the package."""
    whole = interpolate(np.asarray(x, float)[None, None], size, mode=mode, **how)
    enlarged: Array = whole[0, 0]
    return enlarged


def shares(values: Array) -> Array:
    """How strongly each cell is shaded."""
    sizes: Array = np.abs(values) / max(np.abs(values).max(), 1)
    return sizes


@figure(
    "upsampling/six-ways", height=404,
    title="Six ways from four numbers to sixteen",
    desc="A two by two picture, 4 3 over 1 7, and six pictures of four by four made from it. Bed of nails: the "
    "four numbers in even rows and columns, zeros between. Nearest: each number as a two by two block. "
    "Bilinear: values that pass from 4 to 3 and from 1 to 7 in steps, rounded to one decimal. Max-unpooling: "
    "the four numbers at four places that were remembered, zeros elsewhere. Transposed convolution: four "
    "copies of the kernel 2 0 over 1 −1, multiplied by 4, 3, 1 and 7. Pixel shuffle: four pictures of two by "
    "two, of one letter each, interleaved.",
    x=PICTURE, w=KERNEL, places=[[1, 6], [8, 15]],
)  # fmt: skip
def six_ways(s: Sheet, x: Array, w: Array, places: Array) -> None:
    """The picture, and what six rules make of it."""
    nails, copies, between = zero_insert(x, 2, (4, 4)), grown(x, 4), grown(x, 4, "bilinear")
    assert np.array_equal(x, PICTURE) and np.array_equal(nails[::2, ::2], x) and nails.sum() == x.sum() == 15
    assert np.array_equal(copies, np.kron(x, np.ones((2, 2)))), copies
    assert np.array_equal(between[[0, 0, 3, 3], [0, 3, 0, 3]], x.ravel()) and between[1, 1] == 3.4375, between
    assert np.array_equal(max_pool2d(np.array(SEEN)[None], 2, return_indices=True)[1][0], places), "the page's places"
    back = max_unpool2d(x[None], places[None], 2)[0]
    assert [back[0, 1], back[1, 2], back[2, 0], back[3, 3]] == [4, 3, 1, 7], back
    learned = conv_transpose2d(x[None], w[None, None], stride=2)[0]
    assert np.array_equal(learned, [[8, 0, 6, 0], [4, -4, 3, -3], [2, 0, 14, 0], [1, -1, 7, -7]]), learned
    dealt = np.array([["abcd"[2 * (i % 2) + j % 2] for j in range(4)] for i in range(4)])

    cell, gap, top = 26.5, 21, 104
    small = s.grid(153.5, 22, x, cell, "input")
    s.text(small.centre[0], 10, "two by two", BODY, "input-ink")
    rows = (
        (("bed of nails", nails), ("nearest", copies), ("bilinear", np.vectorize(lambda v: f"{v:.1f}")(between))),
        (("max-unpooling", back), ("transposed", learned), ("pixel shuffle", dealt)),
    )
    for i, row in enumerate(rows):
        for j, (words, values) in enumerate(row):
            y = top + i * 152
            plain = values.dtype.kind in "if"
            tone = shares(values) if plain else shares(between) if words == "bilinear" else np.full((4, 4), 0.5)
            if words == "pixel shuffle":
                tone = np.array([[0.15 + 0.28 * (2 * (a % 2) + b % 2) for b in range(4)] for a in range(4)])
            place = s.grid(j * (4 * cell + gap), y + 20, values, cell, "output", tone=tone, faint_zero=True, size=12)
            s.text(place.centre[0], y + 8, words, BODY, "output-ink")
            if words in ("nearest", "transposed"):
                for a, b in np.ndindex(2, 2):
                    s.window(place, 2 * a, 2 * b, 2, 2, "input" if words == "nearest" else "kernel", 1.2)
    s.text(0, 396, "a, b, c, d: one number of each of four pictures", SMALL, "quiet", "start")


@figure(
    "upsampling/two-grids", height=292,
    title="Where the four new places lie, for squares and for points",
    desc="Two panels, each with a straight line from the value 0 at place 0 to 12 at place 1, flat outside. Above,"
    " squares: two wide cells, and under them four narrow ones; their centres, at −0.25, 0.25, 0.75 and 1.25,"
    " read 0, 3, 9, 12. Below, points: four places from 0 to 1, a third apart, read 0, 4, 8, 12.",
    x=[0, 12],
)  # fmt: skip
def two_grids(s: Sheet, x: Array) -> None:
    """The same line, read at two sets of places."""
    squares, points = (np.arange(4) + 0.5) * 2 / 4 - 0.5, np.linspace(0, 1, 4)
    values = [grown(x, 4, "linear"), grown(x, 4, "linear", align_corners=True)]
    assert np.allclose(values[0], [0, 3, 9, 12]) and np.allclose(values[1], [0, 4, 8, 12]), values
    assert np.allclose(squares, [-0.25, 0.25, 0.75, 1.25]), squares

    colour = s.plots.colour
    for k, (places, read, words) in enumerate(((squares, values[0], "squares"), (points, values[1], "points"))):
        top = 20 + 146 * k
        ax = s.plots.axes(30, top, 322, 72)
        ax.set(xlim=(-0.62, 1.62), ylim=(-1, 13.6))
        ax.set_xticks([])
        ax.set_yticks([0, 12], ["0", "12"])
        ax.plot([-0.62, 0, 1, 1.62], [x[0], x[0], x[1], x[1]], color=colour("input-ink"), lw=1.6)
        ax.plot([0, 1], x, "o", color=colour("input-ink"), ms=7)
        for u, y in zip(places.tolist(), read.tolist(), strict=True):
            ax.plot([u, u], [-1, y], color=colour("output-ink"), lw=1)
            ax.plot([u], [y], "o", color=colour("output-ink"), ms=5)
        s.text(36, top - 9, words, BODY, "ink", "start")
        for u, y in zip(places.tolist(), read.tolist(), strict=True):
            right, up = s.plots.at(ax, u, y)
            s.text(right - (9 if 0 < y < 12 else 0), up - (5 if 0 < y < 12 else 11), number(round(y, 9)), BODY,
                   "output-ink", "end" if 0 < y < 12 else "middle", "bold")  # fmt: skip
        unit = s.plots.at(ax, 1, 0)[0] - s.plots.at(ax, 0, 0)[0]
        zero = s.plots.at(ax, 0, 0)[0]
        y0 = top + 80
        if k == 0:
            s.boxes([(zero + (c - 0.5) * unit, y0, unit, 12) for c in (0, 1)], "input-30", gap=1.5)
            s.boxes([(zero + (c - 0.25) * unit, y0 + 13, unit / 2, 12) for c in squares], "output-30", gap=1.5)
            for c in (0, 1):
                s.dots([(zero + c * unit, y0 + 6)], "input-ink", 2.4)
        else:
            s.line([(zero, y0 + 6), (zero + unit, y0 + 6)], "input-ink", 1.4)
            s.line([(zero, y0 + 19), (zero + unit, y0 + 19)], "output-ink", 1.4)
            s.dots([(zero + c * unit, y0 + 6) for c in (0, 1)], "input-ink", 3.4)
        s.dots([(zero + c * unit, y0 + 19) for c in places], "output-ink", 2.4 if k == 0 else 3)
        for u in places.tolist():
            s.text(zero + u * unit, y0 + 35, number(round(u, 2)), SMALL, "quiet")


@figure(
    "upsampling/unpool", height=222,
    title="Max-pooling notes the places, max-unpooling uses them",
    desc="A four by four picture with four maxima framed, 9 and 8 above 6 and 4. An arrow leads down to the pooled"
    " two by two picture. Another two by two picture, 4 3 over 1 7, leads up to a four by four picture that "
    "holds 4, 3, 1 and 7 at the framed places and zeros elsewhere.",
    seen=SEEN, x=PICTURE,
)  # fmt: skip
def unpool(s: Sheet, seen: Array, x: Array) -> None:
    """Down with the maxima, up with other values."""
    top, where = max_pool2d(seen[None], 2, return_indices=True)
    back = max_unpool2d(x[None], where, 2)[0]
    assert np.array_equal(top[0], [[9, 8], [6, 4]]) and np.array_equal(where[0], [[1, 6], [8, 15]]), (top, where)
    assert np.array_equal(seen, SEEN) and np.array_equal(x, PICTURE), "the numbers of the page"
    assert back.sum() == 15 and np.array_equal(back.ravel()[where[0]], x), back

    cell, right = 28, 224
    places = [divmod(int(a), 4) for a in where.ravel()]
    left = s.grid(12, 26, seen, cell, "input", tone=shares(seen) * 0.6)
    up = s.grid(right, 26, back, cell, "output", tone=shares(back), faint_zero=True)
    for i, j in places:
        s.window(left, i, j, 1, 1, "kernel", 2)
        s.window(up, i, j, 1, 1, "kernel", 2)
    pooled = s.grid(12 + cell, 166, top[0], cell, "input")
    given = s.grid(right + cell, 166, x, cell, "input")
    for place, words in ((left, "what was seen"), (up, "unpooled")):
        s.text(place.centre[0], 13, words, BODY, "quiet")
    s.arrow((left.centre[0], left.bottom + 4), (left.centre[0], 162))
    s.arrow((up.centre[0], 162), (up.centre[0], up.bottom + 4))
    s.text(left.centre[0] + 9, 151, "largest", BODY, anchor="start")
    s.arrow((left.right + 8, left.centre[1]), (up.x - 8, left.centre[1]), "kernel-ink")
    s.text(180, left.centre[1] - 26, "the four", BODY, "kernel-ink")
    s.text(180, left.centre[1] - 11, "places", BODY, "kernel-ink")
    s.text(180, pooled.centre[1] - 8, "a network", BODY, "quiet")
    s.text(180, pooled.centre[1] + 8, "in between", BODY, "quiet")
    s.arrow((pooled.right + 6, pooled.centre[1]), (142, pooled.centre[1]), "quiet")
    s.arrow((217, pooled.centre[1]), (given.x - 6, pooled.centre[1]), "quiet")


@figure(
    "upsampling/kernels", height=272,
    title="One line enlarged by four kernels",
    desc="Four rows. On the left a kernel, on the right the line 4, 3, 1, 7 enlarged with it. A single one: 4 0 3 "
    "0 1 0 7 0. Two ones: 4 4 3 3 1 1 7 7. A quarter, three quarters, three quarters, a quarter: 4 3.75 3.25 "
    "2.5 1.5 2.5 5.5 7. Kernel 2, 1, −1: 8 4 2 3 −1 1 13 7.",
    x=LINE, learned=[2, 1, -1],
)  # fmt: skip
def kernels(s: Sheet, x: Array, learned: Array) -> None:
    """Kernels as stems, results as rows."""
    continued = np.pad(x, 1, mode="edge")
    tent = np.array([1, 3, 3, 1]) / 4
    rows = [
        ("nails", np.ones(1), 0, zero_insert(x, 2, (8,))),
        ("nearest", np.ones(2), 0, grown(x, 8)),
        ("linear", tent, -1, grown(x, 8, "linear")),
        ("learned", learned, 0, conv_transpose1d(x[None, None], learned[None, None], stride=2)[0, 0, :8]),
    ]
    assert np.array_equal(x, LINE) and rows[3][3].tolist() == [8, 4, 2, 3, -1, 1, 13, 7], rows[3]
    for _, w, first, y in rows:
        line = continued if first else x
        full = convolve(zero_insert(line, 2, (2 * len(line),)), w)
        start = 2 + 1 if first else 0
        assert np.allclose(full[start : start + 8], y), (w, y)

    cell, left = 29, 126
    s.text(0, 17, "the line, with zeros", BODY, "input-ink", "start")
    s.grid(left, 2, zero_insert(x, 2, (8,)), cell, "input", faint_zero=True, tone=shares(zero_insert(x, 2, (8,))))
    for k, (words, w, first, y) in enumerate(rows):
        base = 82 + 58 * k
        unit = 26 if words != "learned" else 13
        x0, pitch = 34, 20
        s.line([(4, base), (112, base)])
        for j, v in enumerate(np.asarray(w, float).tolist()):
            at = x0 + (j + first) * pitch
            s.line([(at, base), (at, base - unit * v)], "kernel-ink", 2)
            s.dots([(at, base - unit * v)], "kernel-ink", 3.2)
        label = {"nails": "1", "nearest": "1, 1", "linear": "¼, ¾, ¾, ¼", "learned": "2, 1, −1"}[words]
        label = {"linear": "1, 3, 3, 1 over 4"}.get(words, label)
        s.text(112, base - 33 if words != "learned" else base - 22, label, SMALL, "quiet", "end")
        values = np.array(
            [f"{v:g}".replace("-", "−") if abs(v * 4 % 4) < 1e-9 or v % 0.5 == 0 else f"{v:.2f}" for v in y]
        )
        place = s.grid(left, base - 23, values, cell, "output", tone=shares(y), faint_zero=True, size=11.5)
        s.text(left, base - 33, words, BODY, "output-ink", "start")
        assert place.right <= 360


@figure(
    "upsampling/copies", height=330,
    title="Zeros copy the spectrum, and kernels stop the copy or do not",
    desc="Above, the size of the spectrum of a line of 16 samples, high around frequency 0 and low at the middle; "
    "then of the same line with zeros put in, twice the same hill. Below, what four kernels let through, from"
    " frequency 0 to 16, the highest that there is: three ones end at a third; two ones and the triangle end "
    "at zero; four random taps end well above zero.",
    x=[2, 3, 4, 6, 9, 11, 12, 11, 10, 9, 7, 6, 5, 4, 3, 2], taps=[0.2, 1.7, 0.4, 0.3],
)  # fmt: skip
def copies(s: Sheet, x: Array, taps: Array) -> None:
    """The hill twice, and four curves over the first half of the ring."""
    n, m = len(x), 2 * len(x)
    before, after = np.abs(dft(x)), np.abs(dft(zero_insert(x, 2, (m,))))
    assert n == 16 and np.allclose(after, np.tile(before, 2)) and before.argmax() == 0, (before, after)
    assert before[0] == x.sum() == 104, x.sum()
    assert before[8] < before[0] / 50, "low in the middle"
    f = np.linspace(0, 16, 129)

    def passes(w: Array) -> Array:
        """The modulus at every frequency, as a part of what it is at 0."""
        response: Array = np.abs(np.exp(-2j * np.pi * np.outer(f, np.arange(len(w))) / m) @ w)
        response /= response[0]
        return response

    curves = {
        "three ones": passes(np.ones(3)), "two ones": passes(np.ones(2)),
        "triangle": passes(np.array([1, 3, 3, 1])), "random": passes(taps),
    }  # fmt: skip
    ends = [curve[-1] for curve in curves.values()]
    assert np.allclose(ends, [1 / 3, 0, 0, 1.4 / 2.6]), ends

    colour = s.plots.colour
    for left, width, values, words in ((26, 102, before, "$x$"), (154, 202, after, "with zeros")):
        ax = s.plots.axes(left, 22, width, 76)
        count = len(values)
        ax.set(xlim=(-0.8, count - 0.2), ylim=(0, 112))
        ax.set_yticks([])
        ax.set_xticks([0, 8] if count == n else [0, 8, 16, 24], ["0", "8"] if count == n else ["0", "8", "16", "24"])
        role = "input" if count == n else "output"
        ax.bar(np.arange(count), values, 0.72, color=colour("input"))
        if count == m:
            ax.bar(np.arange(9, 24), values[9:24], 0.72, color=colour("quiet"))
        s.text(left, 10, words, BODY, f"{role}-ink" if count == n else "ink", "start")
    s.text(s.plots.at(ax, 16, 112)[0], 13, "the copy", BODY, "quiet")
    ax = s.plots.axes(32, 148, 324, 150)
    ax.set(xlim=(0, 16.3), ylim=(0, 1.08))
    ax.set_yticks([0, 0.333, 1], ["0", "0.33", "1"])
    ax.set_xticks([0, 4, 8, 12, 16], ["0", "4", "8", "12", "16"])
    styles: dict[str, tuple[str, float, Any]] = {
        "three ones": ("kernel-ink", 2.2, "-"), "random": ("kernel-ink", 1.6, (0, (3, 2))),
        "two ones": ("ink", 1.8, "-"), "triangle": ("ink", 1.4, (0, (3, 2))),
    }  # fmt: skip
    for words, curve in curves.items():
        tone, thick, dash = styles[words]
        ax.plot(f, curve, color=colour(tone), lw=thick, ls=dash, clip_on=False)
        ax.plot([16], [curve[-1]], "o", color=colour(tone), ms=6, clip_on=False, zorder=4)
    s.text(26, 134, "what the kernel lets through", BODY, "ink", "start")
    s.text(*s.plots.at(ax, 14.6, 0.46), "random", BODY, "kernel-ink")
    s.text(*s.plots.at(ax, 7.4, 0.89), "two ones", BODY, "ink", "start")
    s.text(*s.plots.at(ax, 6.1, 0.42), "triangle", BODY, "ink", "end")
    s.text(*s.plots.at(ax, 9.3, 0.06), "three ones", BODY, "kernel-ink", "end")
    s.text(356, 322, "frequency", SMALL, "quiet", "end")


@figure(
    "upsampling/pairs", height=352,
    title="Four upsamplers and the ways back of the same worths",
    desc="Four pairs. Forward, solid: 4, 3 becomes 4 4 3 3 by nearest, 4 0 3 0 by nails, 4 3.75 3.25 3 by linear, "
    "and 4 2, with 3 7 below, becomes 4 3 2 7 by the shuffle. Back, dashed: from the worths 1, 2, 3, 4 come "
    "the block sums 3, 7; the kept 1, 3; the triangle sums 3.25, 6.75; and the two rows 1 3 and 2 4.",
    x=[4, 3], two=[[4, 2], [3, 7]], g=[1, 2, 3, 4],
)  # fmt: skip
def pairs(s: Sheet, x: Array, two: Array, g: Array) -> None:
    """Rows of pairs: up on the left side of each row, back below."""
    linear = resampling((1, 1, 2), size=4, mode="linear")
    near, nails = resampling((1, 1, 2), size=4), subsampling(2, 4).H
    deal = LinearOperator((2, 2), (4,), lambda v: v.T.reshape(4), lambda v: v.reshape(2, 2).T, "shuffle")
    line, worth = x.astype(float)[None, None], g.astype(float)[None, None]
    rows = [
        ("nearest", "sum of each block", x, near(line)[0, 0], near.H(worth)[0, 0]),
        ("bed of nails", "keep every second", x, nails(x), nails.H(g)),
        ("linear", "triangle, keep", x, linear(line)[0, 0], linear.H(worth)[0, 0]),
        ("pixel shuffle", "its inverse", two, deal(two), deal.H(g)),
    ]
    assert [r[3].tolist() for r in rows] == [[4, 4, 3, 3], [4, 0, 3, 0], [4, 3.75, 3.25, 3], [4, 3, 2, 7]], rows
    assert [r[4].tolist() for r in rows] == [[3, 7], [1, 3], [3.25, 6.75], [[1, 3], [2, 4]]], rows
    for _, _, a, y, h in rows:
        assert np.isclose(np.sum(y * g), np.sum(a * h)), (a, y, h)
    assert np.allclose(interpolate_adjoint(worth, (1, 1, 2), 4), near.H(worth))

    cell, right = 34, 224
    for k, (up, down, a, y, h) in enumerate(rows):
        top = 20 + 86 * k
        tall = np.ndim(a) == 2
        size = 24 if tall else cell
        first = s.grid(0, top - (5 if tall else 0), a, size, "input")
        large = s.grid(right, top, y, cell, "output", faint_zero=True, size=12.5)
        back = s.grid(
            0 + (first.right + 12 if tall else 0), top + 36 - (41 if tall else 0), h, size, "cotangent", size=12.5
        )
        worths = s.grid(right, top + 36, g, cell, "cotangent", size=12.5)
        start = max(first.right, back.right if tall else 0) + 8
        s.arrow((start, large.centre[1]), (right - 8, large.centre[1]))
        end = back.right + 8
        s.arrow((right - 8, worths.centre[1]), (end, worths.centre[1]), "cotangent-ink", dash=True)
        middle = (max(start, end) + right - 8) / 2
        s.text(middle, large.centre[1] - 11, up, BODY)
        s.text(middle, worths.centre[1] + 12, down, BODY, "cotangent-ink")


@figure(
    "upsampling/overlaps", height=268,
    title="How many stamps reach each place: kernels of 3 and 4 at stride 2",
    desc="Two columns, for kernels of 3 and of 4 at stride 2. In each, four bars, each two cells further right; "
    "below them the counts, 1 1 2 1 2 1 2 1 1 for 3, and 1 1 2 2 2 2 2 2 1 1 for 4; below these the products "
    "of the counts of rows and columns: 1, 2 and 4 in a checkerboard for 3, an even 4 inside for 4.",
    inputs=4, stride=2, sizes=[3, 4],
)  # fmt: skip
def overlaps(s: Sheet, inputs: Array, stride: Array, sizes: Array) -> None:
    """Stamps, their counts, and the products of the counts."""
    ones = np.ones((1, 1, int(inputs)), int)
    counts = [conv_transpose1d(ones, np.ones((1, 1, int(k)), int), stride=max(int(stride), 1))[0, 0] for k in sizes]
    assert [c.tolist() for c in counts] == [[1, 1, 2, 1, 2, 1, 2, 1, 1], [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]], counts
    wide, step = 17.2, int(stride)
    for left, k, line, words in zip((0, 186), sizes.tolist(), counts, ("a checkerboard", "even inside"), strict=True):
        s.text(left, 9, f"{k} taps: {words}", BODY, "ink", "start")
        for i in range(int(inputs)):
            s.boxes([(left + step * i * wide, 20 + 10 * i, k * wide, 9)], "kernel-55", gap=1.5)
        s.grid(left, 66, line, wide, "output", tone=line / 4, size=11)
        s.grid(left, 96, np.outer(line, line)[:10], wide, "output", tone=np.outer(line, line) / 4, size=11)


def pattern_share(w: Array) -> float:
    """The part of a flat input's energy that is pattern, at stride two in the plane."""
    p = np.array([w[a::2, b::2].sum() for a, b in np.ndindex(2, 2)])
    return float(1 - p.sum() ** 2 / (4 * np.sum(p**2)))


@figure(
    "upsampling/cures", height=304,
    title="One picture enlarged by six kernels",
    desc="A man at a camera, enlarged twice, six times. With 3 taps and with 4 taps a regular pattern of dots lies"
    " over the picture; sub-pixel with random phases shows one as well. Resized and then convolved, blurred "
    "after the transposed convolution, and sub-pixel with equal phases, the picture has none. The share of "
    "the pattern is written below each.",
    seed=[7], shares=[0.251, 0.032, 0.036],
)  # fmt: skip
def cures(s: Sheet, seed: Array, shares: Array) -> None:
    """Six kernels of one draw, and the share that each leaves."""
    rng = np.random.default_rng(max(int(seed[0]), 0))
    three, four, six = (rng.normal(1, 0.5, (k, k)) for k in (3, 4, 6))
    box = np.ones((2, 2))
    made = [
        ("3 taps", three), ("4 taps", four), ("sub-pixel, random", six),
        ("resize, then 3", convolve(box, three)), ("4 taps, then blur", convolve(four, box)),
        ("sub-pixel, equal", np.kron(three, box)),
    ]  # fmt: skip
    left = [pattern_share(w) for _, w in made]
    assert min(left[:3]) > 0.01 and max(left[3:]) < 1e-12, left
    assert np.allclose(left[:3], shares, atol=5e-4), left
    camera = sample_image("camera")
    assert camera.shape == (256, 256), camera.shape
    picture = camera[24:120, 60:156].reshape(32, 3, 32, 3).mean((1, 3)) / 255

    side, gap = 112, 12
    for k, ((words, w), q) in enumerate(zip(made, left, strict=True)):
        x0, y0 = (k % 3) * (side + gap), 18 + (k // 3) * 158
        y = conv_transpose2d(picture[None], (w / w.sum() * 4)[None, None], stride=2)[0]
        edge = (len(y) - 56) // 2
        inside = y[edge : edge + 56, edge : edge + 56]
        s.picture(x0, y0, side, side, np.kron(inside, np.ones((4, 4))), levels=20)
        s.text(x0 + side / 2, y0 - 9, words, BODY, "ink")
        s.text(x0 + side / 2, y0 + side + 11, f"{100 * q:.1f} %" if q > 1e-9 else "none", BODY, "output-ink")
