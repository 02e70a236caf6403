"""Chapter 5, The matrix of a convolution: rain and river once more, as tables of numbers.

The rain and its weights are those of chapter 2, the strided example is the lecture notes'. A tap keeps its shade
wherever it stands.
"""

import numpy as np
from scipy import linalg

from course.linear import convolution, convolving
from course.ops import convolve
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure, number

RAIN, SHARE = [4, 2, 6, 3], [2, 5, 3]
FLOW = [8, 24, 34, 42, 33, 9]
HILL = [[2, 0, 0, 0], [5, 2, 0, 0], [3, 5, 2, 0], [0, 3, 5, 2], [0, 0, 3, 5], [0, 0, 0, 3]]
SIGNAL, TAPS = [1, 0, -2, 3, 1, 2, -1], [0.5, 1, 0.5]


def taps_of(rows: int, cols: int, k: int, first: int = 0) -> Array:
    """Which tap stands at each entry: i - j + first, and -1 where there is none."""
    tap = np.subtract.outer(np.arange(rows), np.arange(cols)) + first
    return np.where((tap >= 0) & (tap < k), tap, -1)


@figure(
    "matrix/rain-matrix", height=236,
    title="The matrix of the hillside, times the rain, is the flow",
    desc="A matrix of six rows and four columns. Its columns hold the weights 2, 5, 3, each column one row lower "
    "than the one before. Column 2 and row 3 are framed; row 3 reads 0, 3, 5, 2. To its right the rain 4, 2, "
    "6, 3 as a column, and the flow 8, 24, 34, 42, 33, 9, with 42 framed.",
    x=RAIN, w=SHARE,
)  # fmt: skip
def rain_matrix(s: Sheet, x: Array, w: Array) -> None:
    """The first figure: one column scatters, one row gathers."""
    T = convolving(w, len(x)).to_matrix(int)
    assert np.array_equal(T, HILL) and np.array_equal(T @ x, FLOW), T
    assert np.array_equal(T @ x, convolve(x, w)), "the matrix does what the sum does"
    assert T[2:5, 2].tolist() == [2, 5, 3] and T[3].tolist() == [0, 3, 5, 2] and (T @ x)[3] == 42, "the frames"

    cell, top = 30, 50
    place = s.matrix(84, top, T, taps_of(6, 4, 3), cell)
    rain = s.grid(place.right + 24, top, x[:, None], cell, "input")
    flow = s.grid(rain.right + 54, top, (T @ x)[:, None], cell, "output", strong=[(3, 0)])
    for i in range(6):
        s.text(place.x - 8, place.at(i, 0)[1], f"hour {i}", BODY, "quiet", "end")
    for j in range(4):
        s.text(place.at(0, j)[0], top - 9, str(j), SMALL, "quiet")
    s.text(place.x - 8, top - 9, "rain of hour", BODY, "quiet", "end")
    s.text(place.centre[0], 14, "$T(w)$", LARGE)
    for column, name in ((rain, "$x$"), (flow, "$y$")):
        s.text(column.centre[0], top - 16, name, LARGE)
    s.text(rain.right + 27, rain.centre[1], "=", LARGE)
    s.window(place, 2, 2, 3, 1)
    s.window(place, 3, 0, 1, 4)
    s.window(flow, 3, 0, 1, 1, role="output")


@figure(
    "matrix/three-parts", height=244,
    title="Full, same and valid are parts of one matrix",
    desc="A matrix of seven rows and five columns with the taps 2, 5, 3 down each column. Brackets to its right: "
    "full has all seven rows; same has the five rows 1 to 5; valid has the three rows 2 to 4, the only ones in"
    " which all three taps stand.",
    w=SHARE, samples=5,
)  # fmt: skip
def three_parts(s: Sheet, w: Array, samples: Array) -> None:
    """The rows that each mode keeps."""
    n = int(samples)
    rows = {"full": (0, 7), "same": (1, 6), "valid": (2, 5)}
    full = convolving(w, n).to_matrix(int)
    assert full.shape == (7, 5) and np.array_equal(full[:3, 0], [2, 5, 3]), full
    for mode, (a, b) in rows.items():
        assert np.array_equal(convolving(w, n, mode).to_matrix(int), full[a:b]), mode
    whole = (full != 0).sum(1) == len(w)
    assert np.flatnonzero(whole).tolist() == [2, 3, 4], "the rows that hold every tap"

    cell, top = 30, 30
    place = s.matrix(26, top, full, taps_of(7, 5, 3), cell)
    s.text(place.centre[0], 13, "$T(w)$", LARGE)
    for i in range(7):
        s.text(place.x - 12, place.at(i, 0)[1], str(i), SMALL, "quiet")
    s.window(place, 2, 0, 3, 5)
    for k, (mode, (a, b)) in enumerate(rows.items()):
        x = place.right + 14 + 53 * k
        y0, y1 = top + a * cell + 3, top + b * cell - 3
        s.line([(x, y0), (x + 6, y0), (x + 6, y1), (x, y1)], "ink", 1.4)
        s.text(x + 11, (y0 + y1) / 2 - 8, mode, BODY, "ink", "start", "code")
        s.text(x + 11, (y0 + y1) / 2 + 9, f"{b - a} × {n}", SMALL, "quiet", "start")


@figure(
    "matrix/stride-matrix", height=214,
    title="A stride of two keeps every other row",
    desc="A signal of seven samples, 1, 0, -2, 3, 1, 2, -1, above a matrix of seven columns. Its five rows hold the"
    " taps 0.5, 1, 0.5, each one column further right. Rows 1 and 3 are dashed: they are left out. At the end "
    "of the rows that are kept stand the outputs -0.5, 2.5 and 2.",
    x=SIGNAL, w=TAPS, stride=2,
)  # fmt: skip
def stride_matrix(s: Sheet, x: Array, w: Array, stride: Array) -> None:
    """The lecture notes' example: the rows that are kept make the 3×7 matrix."""
    W = convolution(w, len(x), stride=int(stride)).to_matrix()
    every = convolution(w, len(x)).to_matrix()
    assert W.shape == (3, 7) and np.array_equal(every[::2], W), W
    assert np.array_equal(W @ x, [-0.5, 2.5, 2]), W @ x
    assert np.array_equal(every[1], [0, 0.5, 1, 0.5, 0, 0, 0]), every[1]
    assert np.array_equal(x, SIGNAL), "the signal of the notes, also where its taps cancel"

    cell, left = 32, 40
    signal = s.grid(left, 4, x, cell, "input")
    s.text(left - 16, 4 + cell / 2, "$x$", LARGE)
    for i, row in enumerate(every):
        kept = i % 2 == 0
        shown = np.where(row == 0, np.nan, row)
        place = s.grid(left, 50 + i * cell, shown, cell, "kernel",
                       tone=np.where(row == 1, 0.66, np.where(row == 0.5, 0.33, 0)), ghost=~np.bool_(kept))  # fmt: skip
        if kept:
            s.dots([place.at(0, j) for j in np.flatnonzero(row == 0)], "rule", r=1.1)
            s.grid(319, 50 + i * cell, (W @ x)[i // 2], 40 if cell > 40 else cell + 4, "output")
            s.arrow((place.right + 6, place.centre[1]), (313, place.centre[1]))
    s.text(left - 18, 50 + 2.5 * cell, "$W$", LARGE)
    s.text(335, 4 + cell / 2, "$y$", LARGE)
    assert signal.right < 313


@figure(
    "matrix/around-the-ring", height=202,
    title="Fold what runs off the end back to the beginning: a circulant matrix",
    desc="On the left the matrix of six rows and four columns with the flow 8, 24, 34, 42, 33, 9; its last two rows"
    " are framed. An arrow leads to a matrix of four rows and four columns, in which these rows have been "
    "added to the first two: 2 0 3 5, then 5 2 0 3, then 3 5 2 0, then 0 3 5 2. Its flow is 41, 33, 34, 42.",
    x=RAIN, w=SHARE,
)  # fmt: skip
def around_the_ring(s: Sheet, x: Array, w: Array) -> None:
    """Rows 4 and 5 are hours 0 and 1 of the next round."""
    n = len(x)
    T, C = convolving(w, n).to_matrix(int), linalg.circulant(np.pad(w, (0, n - len(w)))).astype(int)
    folded = T[:n].copy()
    folded[: len(T) - n] += T[n:]
    assert np.array_equal(folded, C) and C.tolist() == [[2, 0, 3, 5], [5, 2, 0, 3], [3, 5, 2, 0], [0, 3, 5, 2]], C
    assert (T @ x).tolist() == FLOW and (C @ x).tolist() == [8 + 33, 24 + 9, 34, 42], C @ x

    cell, top = 26, 44
    left = s.matrix(0, top, T, taps_of(6, 4, 3), cell)
    flow = s.grid(left.right + 8, top, (T @ x)[:, None], cell, "output")
    right = s.matrix(360 - 5 * cell - 8, top, C, np.where(C == 0, -1, taps_of(4, 4, 3) % 4 % 3), cell)
    ring = s.grid(right.right + 8, top, (C @ x)[:, None], cell, "output", strong=[(0, 0), (1, 0)])
    s.text(left.centre[0], 22, "$T(w)$", LARGE)
    s.text(right.centre[0], 22, "$C(w)$", LARGE)
    for column in (flow, ring):
        s.text(column.centre[0], 22, "$y$", LARGE)
    s.window(left, 4, 0, 2, 4)
    s.window(right, 0, 2, 2, 2)
    s.window(flow, 4, 0, 2, 1, role="output")
    s.window(ring, 0, 0, 2, 1, role="output")
    s.arrow((flow.right + 5, flow.at(4.5, 0)[1]), (right.at(0, 1)[0], right.bottom + 4), bend=0.3)
    s.text(right.centre[0], right.bottom + 31, "hours 4 and 5 are", BODY, "quiet")
    s.text(right.centre[0], right.bottom + 47, "hours 0 and 1 again", BODY, "quiet")


@figure(
    "matrix/shift-powers", height=106,
    title="A circulant is a sum of powers of the shift",
    desc="Three matrices of four rows and columns, each with four ones: the identity, the shift with its ones one "
    "row lower and one in the upper right corner, and the square of the shift. Two times the first plus five "
    "times the second plus three times the third is the circulant 2 0 3 5, 5 2 0 3, 3 5 2 0, 0 3 5 2.",
    w=SHARE, ring=4,
)  # fmt: skip
def shift_powers(s: Sheet, w: Array, ring: Array) -> None:
    """2 I + 5 S + 3 S² = C(w)."""
    n = int(ring)
    S = np.roll(np.eye(n, dtype=int), 1, axis=0)
    powers = [np.linalg.matrix_power(S, j) for j in range(len(w))]
    C = sum(tap * power for tap, power in zip(w.tolist(), powers, strict=True))
    assert np.array_equal(C, linalg.circulant(np.pad(w, (0, n - len(w))))), C
    assert C.tolist() == [[2, 0, 3, 5], [5, 2, 0, 3], [3, 5, 2, 0], [0, 3, 5, 2]], C
    assert S[0, n - 1] == 1 and S[1, 0] == 1, "down by one, and around"

    cell, top, pitch = 17, 30, 95
    shades = (np.arange(3) + 1) / 3
    for j, (power, name) in enumerate(zip(powers, ("$I$", "$S$", "$S^{2}$"), strict=True)):
        x = 16 + pitch * j
        place = s.grid(x, top, np.where(power, power, np.nan), cell, "kernel", tone=shades[j] * power)
        s.text(place.centre[0], 13, name, LARGE)
        s.text(x - 4, place.centre[1], f"{'+ ' if j else ''}{number(w[j])}", LARGE, "kernel-ink", "end")
    place = s.matrix(360 - 4 * cell, top, C, np.where(C == 0, -1, taps_of(4, 4, 3) % 4 % 3), cell)
    s.text(place.centre[0], 13, "$C(w)$", LARGE)
    s.text(place.x - 9, place.centre[1], "=", LARGE)


@figure(
    "matrix/blocks", height=316,
    title="The matrix of a convolution in two dimensions: Toeplitz blocks, placed as in a Toeplitz matrix",
    desc="A kernel with the columns 1, 3 and 2, 4. A picture of three rows and four columns, whose places are "
    "numbered 0 to 11 down the columns. The matrix has twenty rows and twelve columns, in five by four blocks:"
    " the blocks on the diagonal hold the taps 1 and 3, the blocks below the diagonal the taps 2 and 4, all "
    "others are empty.",
    w=[[1, 2], [3, 4]], shape=[3, 4],
)  # fmt: skip
def blocks(s: Sheet, w: Array, shape: Array) -> None:
    """Twelve columns, twenty rows: five by four blocks of four by three."""
    m, n = (int(v) for v in shape)
    rows = convolving(w, (m, n)).to_matrix(int).reshape(m + 1, n + 1, m, n)
    A = rows.transpose(1, 0, 3, 2).reshape((n + 1) * (m + 1), n * m)  # places in the order of vec
    assert A.shape == (20, 12), A.shape
    first, second = [[1, 0, 0], [3, 1, 0], [0, 3, 1], [0, 0, 3]], [[2, 0, 0], [4, 2, 0], [0, 4, 2], [0, 0, 4]]
    for i in range(n + 1):
        for j in range(n):
            block = A[4 * i : 4 * i + 4, 3 * j : 3 * j + 3]
            assert np.array_equal(block, first if i == j else second if i == j + 1 else np.zeros((4, 3))), (i, j)

    cell, left, top = 14, 189, 24
    place = s.matrix(left, top, A, np.where(A > 0, np.array([-1, 0, 2, 1, 3])[A], -1), cell)
    for i in range(1, n + 1):
        s.line([(left, top + 4 * i * cell), (place.right, top + 4 * i * cell)], "rule", 1.2, layer=4)
    for j in range(1, n):
        s.line([(left + 3 * j * cell, top), (left + 3 * j * cell, place.bottom)], "rule", 1.2, layer=4)
    s.text(place.centre[0], 10, "the matrix, 20 × 12", BODY, "quiet")
    s.window(place, 0, 0, 4, 3)
    s.window(place, 4, 0, 4, 3, role="kernel")

    kernel = s.grid(21, 50, w, 30, "kernel", tone=np.array([[0.25, 0.75], [0.5, 1]]))
    s.text(kernel.centre[0], 11, "kernel", BODY, "kernel-ink")
    s.text(kernel.at(0, 0)[0], 36, "$w_0$", LARGE)
    s.text(kernel.at(0, 1)[0], 36, "$w_1$", LARGE)
    s.text(152, top + 2 * cell, "$T(w_0)$", LARGE)
    s.text(152, top + 6 * cell, "$T(w_1)$", LARGE)
    for k in (2, 6):
        s.line([(178, top + k * cell), (left - 2, top + k * cell)], "kernel-ink", 1.4)
    order = np.arange(m * n).reshape(n, m).T
    picture = s.grid(8, 186, order, 28, "input")
    s.text(picture.centre[0], 153, "picture, its places", BODY, "input-ink")
    s.text(picture.centre[0], 171, "in the order of vec", BODY, "input-ink")
    for j in range(n):
        x, _ = picture.at(0, j)
        s.arrow((x, picture.bottom + 5), (x, picture.bottom + 24), "input-ink")


@figure(
    "matrix/two-factors", height=252,
    title="A separable kernel: one matrix for the columns, one for the rows",
    desc="Above, the product of three matrices: T(v), four by three, with the taps 1 and 2; the picture, three by "
    "four; and the transpose of T(u), four by five, with the taps 3 and 1. Below, the kernel 3, 1, 6, 2, which"
    " is v times u transposed, and the result of four rows and five columns.",
    x=[[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]], v=[1, 2], u=[3, 1],
)  # fmt: skip
def two_factors(s: Sheet, x: Array, v: Array, u: Array) -> None:
    """T(v) from the left works on columns, T(u)ᵀ from the right on rows."""
    Tv, Tu = convolving(v, 3).to_matrix(int), convolving(u, 4).to_matrix(int)
    w, y = np.outer(v, u), Tv @ x @ Tu.T
    assert np.array_equal(y, convolve(x, w)) and w.tolist() == [[3, 1], [6, 2]], y
    assert y.tolist() == [[3, 1, 6, 5, 1], [6, 11, 18, 11, 2], [6, 23, 13, 5, 1], [12, 10, 2, 6, 2]], y
    assert np.array_equal(np.kron(Tu, Tv) @ x.T.ravel(), y.T.ravel()), "the same with vec"

    cell = 26
    left = s.matrix(0, 34, Tv, taps_of(4, 3, 2), cell)
    middle = s.grid(left.right + 24, 34 + cell / 2, x, cell, "input")
    right = s.matrix(360 - 5 * cell, 34, Tu.T, taps_of(5, 4, 2).T, cell)
    for place, name in ((left, "$T(v)$"), (middle, "$x$"), (right, "$T(u)^{⊤}$")):
        s.text(place.centre[0], 13, name, LARGE)
    result = s.grid(360 - 5 * cell, 146 + 1, y, cell, "output")
    s.text(result.x - 18, result.centre[1], "=", LARGE)
    kernel = s.grid(cell / 2, result.y + 26, w, cell, "kernel", tone=w / 6)
    s.text(kernel.centre[0], kernel.y - 14, "$w$", LARGE)
    s.text(result.x - 32, result.centre[1], "$x ∗ w$", LARGE, anchor="end")
    s.text(kernel.centre[0], kernel.bottom + 13, "$v u^{⊤}$", LARGE)


@figure(
    "matrix/two-matrices", height=200,
    title="The same outputs, from a matrix of taps and from a matrix of windows",
    desc="Left, the matrix W of three rows and seven columns with the taps 0.5, 1, 0.5, times the signal 1, 0, -2, "
    "3, 1, 2, -1. Middle, the outputs -0.5, 2.5, 2. Right, the matrix X of the three windows, 1 0 -2, then -2 "
    "3 1, then 1 2 -1, times the kernel 0.5, 1, 0.5.",
    x=SIGNAL, w=TAPS, stride=2,
)  # fmt: skip
def two_matrices(s: Sheet, x: Array, w: Array, stride: Array) -> None:
    """W x = y = X w."""
    W = convolution(w, len(x), stride=int(stride)).to_matrix()
    X = np.lib.stride_tricks.sliding_window_view(x, len(w))[:: int(stride)]
    assert X.tolist() == [[1, 0, -2], [-2, 3, 1], [1, 2, -1]], X
    assert np.array_equal(W @ x, [-0.5, 2.5, 2]) and np.array_equal(X @ w, W @ x), (W @ x, X @ w)
    assert np.array_equal(W[:, :3], [[0.5, 1, 0.5], [0, 0, 0.5], [0, 0, 0]]) and W.shape == (3, 7), W

    cell, top = 22, 40
    middle = top + 3.5 * cell
    row_top = middle - 1.5 * cell
    bands = np.where(W == 0, -1, np.where(W == 1, 1, 0))
    left = s.matrix(0, row_top, W, bands, cell)
    signal = s.grid(left.right + 6, top, x[:, None], cell, "input")
    s.text(signal.right + 11, middle, "=", LARGE)
    out = s.grid(signal.right + 22, middle - 1.5 * 27, (W @ x)[:, None], 27, "output")
    s.text((out.right + 266) / 2, middle, "=", LARGE)
    right = s.grid(360 - 6 - 4 * cell, row_top, X, cell, "input")
    kernel = s.grid(360 - cell, row_top, w[:, None], cell, "kernel", tone=np.array([[1 / 2], [1], [1 / 2]]))
    for place, name in ((left, "$W$"), (out, "$y$"), (right, "$X$"), (kernel, "$w$")):
        s.text(place.centre[0], row_top - 22, name, LARGE)
    s.text(signal.centre[0], top - 18, "$x$", LARGE)
    s.text(left.centre[0], row_top + 3 * cell + 16, "taps, moving", BODY, "kernel-ink")
    s.text(right.centre[0], row_top + 3 * cell + 16, "windows", BODY, "input-ink")


@figure(
    "matrix/transpose", height=204,
    title="Forward the matrix, back its transpose",
    desc="Left, the matrix of six rows and four columns times the rain 4, 2, 6, 3 is the flow; row 4, which reads 0"
    " 0 3 5, is framed. Right, in purple and dashed, its transpose of four rows and six columns times a column"
    " with a single 1, in place 4, gives 0, 0, 3, 5: the same four numbers, now a column.",
    x=RAIN, w=SHARE, g=[0, 0, 0, 0, 1, 0],
)  # fmt: skip
def transpose(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """Row 4 of the one is column 4 of the other."""
    A = convolving(w, len(x))
    T, back = A.to_matrix(int), A.H.to_matrix(int)
    assert np.array_equal(back, T.T) and np.array_equal(T, HILL), back
    assert (T @ x).tolist() == FLOW and (back @ g).tolist() == [0, 0, 3, 5] == T[4].tolist(), back @ g
    assert np.array_equal(g, np.eye(6)[4]), "hour 4 alone"

    cell, top = 20, 46
    left = s.matrix(0, top, T, taps_of(6, 4, 3), cell)
    rain = s.grid(left.right + 5, top, x[:, None], cell, "input")
    flow = s.grid(rain.right + 19, top, (T @ x)[:, None], cell, "output")
    s.text(rain.right + 9.5, top + 2 * cell, "=", LARGE)
    s.window(left, 4, 0, 1, 4)
    start = 360 - 8 * cell - 24
    right = s.matrix(start, top, T.T, taps_of(6, 4, 3).T, cell)
    weights = s.grid(right.right + 5, top, g[:, None], cell, "cotangent", faint_zero=True)
    care = s.grid(weights.right + 19, top, (back @ g)[:, None], cell, "cotangent", faint_zero=True)
    s.text(weights.right + 9.5, top + 2 * cell, "=", LARGE)
    s.window(right, 0, 4, 4, 1, role="cotangent", dash=True)
    for place, name in ((left, "$T(w)$"), (rain, "$x$"), (flow, "$y$"), (right, "$T(w)^{⊤}$"), (weights, "$g$")):
        s.text(place.centre[0], 24, name, LARGE)
    for words, start, end, role in (
        ("forward", left.x, flow.right, "ink"),
        ("back", right.x, care.right, "cotangent-ink"),
    ):
        s.arrow((start, 180), (end, 180), role, dash=words == "back")
        s.text((start + end) / 2, 195, words, BODY, role)
