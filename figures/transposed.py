"""Chapter 8, Transposed convolution: three strengths and a stamp, four stamps in the plane, and what is lost.

The strengths 7, 11, 13 and the stamp 2, 3, 5 are the chapter's; map and kernel of the plane are the lecture notes', and
so are the seven samples of the last figures.
"""

import numpy as np

from course.linear import convolution
from course.ops import conv_transpose2d, convolve, correlate, output_size, zero_insert
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure, number

STRENGTHS, STAMP = [7, 11, 13], [2, 3, 5]
PRINTED = [14, 21, 57, 33, 81, 39, 65]
MAP, KERNEL = [[4, 3], [1, 7]], [[2, 0], [1, -1]]
SIGNAL, TAPS = [1, 0, -2, 3, 1, 2, -1], [0.5, 1, 0.5]


@figure(
    "transposed/stamps", height=188,
    title="Three prints of a stamp, two cells apart, and their sum",
    desc="A strip of seven cells in three rows. The first row holds 14, 21, 35 in cells 0 to 2, the print of 2, 3, 5 "
    "with strength 7. The second holds 22, 33, 55 in cells 2 to 4, with strength 11. The third holds 26, 39, 65 in "
    "cells 4 to 6, with strength 13. Below the line stands their sum, 14, 21, 57, 33, 81, 39, 65; the 57 in cell 2 is "
    "framed.",
    g=STRENGTHS, w=STAMP,
)  # fmt: skip
def stamps(s: Sheet, g: Array, w: Array) -> None:
    """The opening figure: three strengths become seven numbers."""
    prints = np.array([convolution(w, 7, stride=2).H(e * g) for e in np.eye(3, dtype=int)])
    h = prints.sum(0)
    assert np.array_equal(h, PRINTED) and h[2] == 5 * 7 + 2 * 11, h
    assert np.array_equal(w, STAMP) and np.array_equal(g, STRENGTHS), "the stamp of the chapter"

    cell, left, pitch = 36, 107, 39
    for i, value in enumerate(g.tolist()):
        y = 4 + i * pitch
        s.boxes([(left + j * cell, y, cell, cell) for j in range(7)], "blank", gap=1, layer=0)
        strength = s.grid(10, y + 2, value, 32, "cotangent", strong=[(0, 0)], size=LARGE)
        row = s.grid(left + 2 * i * cell, y, prints[i, 2 * i : 2 * i + 3], cell, "kernel", size=LARGE)
        s.text(strength.right + 4, strength.centre[1], "× 2 3 5", BODY, "kernel-ink", "start")
        assert row.cols == 3
    under = 4 + 3 * pitch + 5
    s.line([(left, under), (left + 7 * cell, under)], "ink", 1.2)
    total = s.grid(
        left, under + 6, h, cell, "cotangent", tone=np.full(7, 0.8), strong=[(0, j) for j in range(7)], size=LARGE
    )
    s.text(left - 12, total.centre[1], "sum", BODY, "cotangent-ink", "end")
    s.window(total, 0, 2, 1, 1, "cotangent")


@figure(
    "transposed/two-matrices", height=228,
    title="The transposed matrix, and the matrix of a window over inserted zeros",
    desc="In the middle a column of the seven numbers 14, 21, 57, 33, 81, 39, 65. On its left a matrix of seven rows "
    "and three columns, whose columns hold 2, 3, 5 from row 0, row 2 and row 4 on, times the column 7, 11, 13. On its "
    "right a matrix of seven rows and nine columns, whose rows hold 5, 3, 2, each one column further right, times the "
    "column 0, 0, 7, 0, 11, 0, 13, 0, 0. In all of them row 2 is framed: 5, 2, 0 on the left, 5, 3, 2 on the right.",
    g=STRENGTHS, w=STAMP,
)  # fmt: skip
def two_matrices(s: Sheet, g: Array, w: Array) -> None:
    """Two matrices for one array."""
    short = convolution(w, 7, stride=2).to_matrix(int).T
    wide = convolution(w[::-1], 9).to_matrix(int)
    v = np.pad(zero_insert(g, 2), 2)
    h = short @ g
    assert np.array_equal(h, PRINTED) and np.array_equal(wide @ v, h) and wide.shape == (7, 9), h
    assert np.array_equal(wide[:, v != 0], short), "the columns that meet no zero"
    assert np.array_equal(short[2], [5, 2, 0]) and np.array_equal(wide[2, 2:5], [5, 3, 2]), short
    assert np.array_equal(g, STRENGTHS), "the strengths of the chapter"

    cell, top = 21, 36
    taps = [[int(w.tolist().index(x)) if x else -1 for x in row] for row in short.tolist()]
    left = s.matrix(0, top, short, np.array(taps), cell)
    weights = s.grid(left.right + 4, top + 2 * cell, g[:, None], cell, "cotangent")
    middle = s.grid(weights.right + 17, top, h[:, None], 21, "cotangent", tone=np.full((7, 1), 0.8), size=SMALL)
    band = [[int(w.tolist().index(x)) if x else -1 for x in row] for row in wide.tolist()]
    right = s.matrix(middle.right + 17, top, wide, np.array(band), cell)
    spread = s.grid(right.right + 4, top, v[:, None], cell, "cotangent", tone=(v != 0)[:, None] * 0.4, faint_zero=True)
    for x in (weights.right + 8.5, middle.right + 8.5):
        s.text(x, weights.centre[1] + 9, "=", LARGE)
    s.text(left.centre[0], 20, "$W^⊤$", LARGE, "kernel-ink")
    s.text(weights.centre[0], top + 2 * cell - 13, "$g$", LARGE)
    s.text(middle.centre[0], 20, "$h$", LARGE, "cotangent-ink")
    s.text(right.centre[0], 20, "the turned kernel, sliding", BODY, "kernel-ink")
    s.text(spread.centre[0], 20, "$v$", LARGE, "cotangent-ink")
    s.window(left, 2, 0, 1, 3, width=1.7)
    s.window(right, 2, 2, 1, 3, width=1.7)
    s.window(middle, 2, 0, 1, 1, "cotangent", width=1.7)
    s.text(0, 206, "5·7 + 2·11", BODY, "quiet", "start")
    s.text(right.centre[0], 206, "5·7 + 3·0 + 2·11", BODY, "quiet")


@figure(
    "transposed/plane", height=306,
    title="Four stamps in the plane, at stride 1 and at stride 2",
    desc="The kernel 2 0, 1 -1 and the map 4 3, 1 7. Four copies of the kernel: times 4 it is 8 0, 4 -4; times 3, 6 0, "
    "3 -3; times 1, 2 0, 1 -1; times 7, 14 0, 7 -7. With stride 1 the copies overlap, and their sum is 8 6 0, 6 13 -3,"
    " 1 6 -7; the middle, 13, is framed. With stride 2 they stand side by side in a square of four by four.",
    g=MAP, w=KERNEL,
)  # fmt: skip
def plane(s: Sheet, g: Array, w: Array) -> None:
    """The lecture notes' example, with its sum."""
    units = np.eye(4, dtype=int).reshape(4, 2, 2)
    copies = [conv_transpose2d((e * g)[None], w[None, None])[0] for e in units]
    reach = [conv_transpose2d(e[None], np.ones((1, 1, 2, 2), int))[0] > 0 for e in units]
    near, far = (conv_transpose2d(g[None], w[None, None], stride=k)[0] for k in (1, 2))
    assert np.array_equal(near, [[8, 6, 0], [6, 13, -3], [1, 6, -7]]) and np.array_equal(near, sum(copies)), near
    assert np.array_equal(far, [[8, 0, 6, 0], [4, -4, 3, -3], [2, 0, 14, 0], [1, -1, 7, -7]]), far
    assert near.sum() == far.sum() == 30 == g.sum() * w.sum(), (near, far)
    assert [int(c[1, 1]) for c in copies] == [-4, 3, 0, 14], copies

    cell = 22
    kernel = s.grid(0, 24, w, 25, "kernel")
    grid = s.grid(76, 24, g, 25, "cotangent")
    s.text(kernel.centre[0], 12, "stamp", BODY, "kernel-ink")
    s.text(grid.centre[0], 12, "map", BODY, "cotangent-ink")
    for k, words in enumerate(("every number of the map", "stamps its copy of the kernel")):
        s.text(152, 42 + 18 * k, words, BODY, "quiet", "start")
    for k, (copy, inside) in enumerate(zip(copies, reach, strict=True)):
        shown = np.where(inside, copy, np.nan)
        place = s.grid(96 * k, 112, shown, cell, "kernel", tone=np.where(inside, 0.4, 0))
        s.text(place.centre[0], 99, f"times {g.ravel()[k]}", BODY, "quiet")
        s.window(place, 1, 1, 1, 1, "kernel", width=1.6)
        if k < 3:
            s.text(place.right + 15, place.centre[1], "+", LARGE)
    total = s.grid(36, 214, near, 29, "cotangent", tone=np.full((3, 3), 0.6), size=13)
    s.window(total, 1, 1, 1, 1, "cotangent")
    s.text(18, total.centre[1], "=", LARGE)
    s.text(total.centre[0], 198, "stride 1: they add", BODY, "cotangent-ink")
    wide = s.grid(226, 200, far, 26, "cotangent", tone=np.full((4, 4), 0.6))
    for i, j in np.ndindex(2, 2):
        s.window(wide, 2 * i, 2 * j, 2, 2, "kernel", width=1.6)
    s.text(wide.x - 12, 253, "stride 2:", BODY, "cotangent-ink", "end")


@figure(
    "transposed/chain", height=218,
    title="Pad, correlate, keep every other; and the adjoints of the three in reverse",
    desc="Left, solid arrows downwards: seven samples; by Z, which pads, to nine with a dashed zero at either end; by "
    "B, which correlates, to seven; by S, which keeps every other, to four. Right, dashed arrows upwards: four "
    "weights; by S*, which inserts zeros, to seven; by B*, which convolves, to nine; by Z*, which crops, to seven: the "
    "outer two of the nine are dashed, and dropped.",
    x=[4, 2, 6, 3, 5, 9, 2], w=STAMP, g=[1, 0, -1, 2],
)  # fmt: skip
def chain(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """Three steps forward, and three steps back."""
    padded = np.pad(x, 1)
    z = correlate(padded, w, "valid")
    y = z[::2]
    u = zero_insert(g, 2)
    full = convolve(u, w)
    h = full[1:-1]
    A = convolution(w, 7, stride=2, padding=1)
    assert np.array_equal(A(x), y) and np.array_equal(A.H(g), h), (y, h)
    assert np.array_equal(y, [22, 37, 66, 24]) and np.array_equal(h, [3, 5, 0, -2, -3, -1, 6]), (y, h)
    assert y @ g == x @ h == 4, (y @ g, x @ h)

    cell, pitch = 19, 58
    ends = np.isin(np.arange(9), (0, 8))
    forward = ((x, "input", False), (padded, "input", ends), (z, "output", np.arange(7) % 2 == 1), (y, "output", False))
    back = ((h, "cotangent", False), (full, "cotangent", ends), (u, "cotangent", False), (g, "cotangent", False))
    steps = (("$Z$", "pad"), ("$B$", "correlate"), ("$S$", "keep every other"))
    returns = (("$Z^*$", "crop"), ("$B^*$", "convolve"), ("$S^*$", "insert zeros"))
    for k, (rows, words, left) in enumerate(((forward, steps, 0), (back, returns, 189))):
        middle = left + 85.5
        for level, (values, role, ghost) in enumerate(rows):
            y0 = 22 + level * pitch
            tone = None if k == 0 else np.where(values == 0, 0.1, 0.5)
            place = s.grid(middle - cell * len(values) / 2, y0, values, cell, role, tone=tone, ghost=ghost, size=SMALL)
            if level < 3:
                low, high = place.bottom + 4, y0 + pitch - 4
                start, end = ((middle, low), (middle, high)) if k == 0 else ((middle, high), (middle, low))
                tint = "ink" if k == 0 else "cotangent-ink"
                s.arrow(start, end, tint, dash=k == 1)
                s.text(middle - 9, (low + high) / 2, words[level][0], BODY, tint, "end")
                s.text(middle + 9, (low + high) / 2, words[level][1], BODY, "quiet", "start")
    s.text(85.5, 9, "forward", BODY, "input-ink")
    s.text(274.5, 9, "back", BODY, "cotangent-ink")


@figure(
    "transposed/crop", height=139,
    title="Where output_padding lets the result end",
    desc="A row of twenty cells with the number of prints that reach each: 1 1 1 2 2 1 2 2 1 2 2 1 2 2 1 2 2 1 1 1. "
    "Three brackets below, all beginning at cell 2. With r = 0 the bracket ends at cell 17 and is 16 long; with r = 1 "
    "it ends at cell 18 and is 17 long; with r = 2 it ends at cell 19 and is 18 long.",
    outputs=6, taps=5, stride=3, padding=2,
)  # fmt: skip
def crop(s: Sheet, outputs: Array, taps: Array, stride: Array, padding: Array) -> None:
    """The prints, and three ends of the crop."""
    m, k, step, p = (int(a) for a in (outputs, taps, stride, padding))
    counts = np.zeros(step * (m - 1) + k, int)
    for i in range(m):
        counts[step * i : step * i + k] += 1
    assert counts.tolist() == [1, 1, 1, 2, 2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 1, 1, 1], counts
    lengths = [len(counts) - 2 * p + r for r in range(3)]
    assert lengths == [16, 17, 18] and all(output_size(n, k, step, p) == m for n in lengths), lengths
    assert output_size(lengths[-1] + 1, k, step, p) == m + 1, "the next size leads to one output more"

    cell, level = 18, 24
    s.text(0, 10, "how many prints reach each place", BODY, "quiet", "start")
    row = s.grid(0, level, counts, cell, "cotangent", tone=counts / 2.6, size=SMALL)
    for r, n in enumerate(lengths):
        y = row.bottom + 16 + r * 30
        first, last = row.x + p * cell + 1, row.x + (p + n) * cell - 1
        s.line([(first, y - 9), (first, y), (last, y), (last, y - 9)], "cotangent-ink", 1.6)
        s.text((first + last) / 2 - 40, y + 12, f"$r = {r}$", BODY, "cotangent-ink")
        s.text((first + last) / 2 + 20, y + 12, f"{n} places", BODY, "quiet")
    s.text(1, row.bottom + 12, "$p = 2$", BODY, "quiet", "start")


@figure(
    "transposed/gram", height=252,
    title="The inner products of all stamps, at strides 1 to 4",
    desc="Four square matrices in a row, for the strides 1, 2, 3 and 4, with seven, four, three and two rows. All have "
    "2 on the diagonal. At stride 1 entries of -1 stand three places off the diagonal, at stride 3 right beside it; at "
    "strides 2 and 4 all others are 0. Below, two neighbouring stamps -1, 0, 0, 1: at stride 2 no two numbers other "
    "than zero stand one below the other; at stride 3 the 1 of the first stands above the -1 of the second, framed.",
    w=[-1, 0, 0, 1], samples=10,
)  # fmt: skip
def gram(s: Sheet, w: Array, samples: Array) -> None:
    """W Wᵀ for four strides, and the stamps that meet."""
    n, strides = int(samples), (1, 2, 3, 4)
    products = [W @ W.T for W in (convolution(w, n, stride=step).to_matrix(int) for step in strides)]
    assert [len(G) for G in products] == [7, 4, 3, 2], [len(G) for G in products]
    for G, beside in zip(products, (3, None, 1, None), strict=True):
        lines = [] if beside is None else [np.eye(len(G), k=beside), np.eye(len(G), k=-beside)]
        assert np.array_equal(G, 2 * np.eye(len(G)) - sum(lines)), G
    assert np.array_equal(w, [-1, 0, 0, 1]), "the notes' kernel"
    assert n == 10, "the example of the text"

    cell, x = 18, 0.0
    for step, G in zip(strides, products, strict=True):
        tones = np.where(G == 2, 0.7, np.where(G < 0, 1.0, 0))
        place = s.grid(x, 24, G, cell, "kernel", tone=tones, faint_zero=True, size=SMALL)
        s.text(x, 10, f"stride {step}" if step == 1 else f"{step}", BODY, "ink", "start")
        for i, j in np.argwhere(G < 0).tolist():
            s.window(place, i, j, 1, 1, "kernel", width=1.4)
        x = place.right + 24
    for step, left in ((2, 0), (3, 186)):
        top, size = 196, 24
        for i in range(2):
            s.grid(left + step * i * size, top + i * size, w, size, "kernel", tone=np.abs(w) * 0.6, faint_zero=True)
        s.text(left, top - 14, "stride 2: they miss" if step == 2 else "stride 3: they meet", BODY, "quiet", "start")
        if step == 3:
            s.boxes([(left + 3 * size, top, size, 2 * size)], edge="kernel-ink", width=2, layer=4)


@figure(
    "transposed/three-backs", height=306,
    title="The signal, its transposed copy, and the shortest signal with the same outputs",
    desc="Three signals of seven samples as stems. Above, blue, the signal 1, 0, -2, 3, 1, 2, -1. In the middle, "
    "purple, the transposed convolution of its outputs: -0.25, -0.5, 1, 2.5, 2.25, 2, 1; its own outputs are -0.125, "
    "4.125 and 3.625. Below, purple, the pseudo-inverse: -0.299, -0.598, 0.495, 1.588, 1.328, 1.069, 0.534; its "
    "outputs are those of the signal, -0.5, 2.5 and 2.",
    x=SIGNAL, w=TAPS,
)  # fmt: skip
def three_backs(s: Sheet, x: Array, w: Array) -> None:
    """What the transpose gives, and what an inverse would."""
    W = convolution(w, 7, stride=2).to_matrix()
    y = W @ x
    h, nearest = W.T @ y, np.linalg.pinv(W) @ y
    assert np.allclose(y, [-0.5, 2.5, 2]) and np.allclose(h, [-0.25, -0.5, 1, 2.5, 2.25, 2, 1]), (y, h)
    shortest = [-0.29902, -0.598039, 0.495098, 1.588235, 1.328431, 1.068627, 0.534314]
    assert np.allclose(nearest, shortest, atol=1e-6) and np.allclose(W @ nearest, y), nearest
    assert np.allclose(W @ h, [-0.125, 4.125, 3.625]) and np.array_equal(x, SIGNAL), W @ h

    for k, (values, role, name) in enumerate(
        ((x, "input", "$x$"), (h, "cotangent", "$W^⊤ y$"), (nearest, "cotangent", "$W^+ y$"))
    ):
        level = 62 + 107 * k
        s.stems(58, level, np.round(values, 2), 31, 13, role)
        s.text(2, level, name, LARGE, f"{role}-ink", "start")
        s.text(290, level - 34, "outputs", BODY, "output-ink", "start")
        for i, value in enumerate(np.round(W @ values, 3).tolist()):
            s.text(340, level - 15 + 17 * i, number(value), BODY, "output-ink", "end")
