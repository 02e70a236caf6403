"""Chapter 20, Convolution, backwards: what the input and the kernel receive, pooling, and a network by hand.

The smear 3, 1, 4, 5, 6 with 3, 2, 1 and the worths 1, 3, -1 are those of chapter 7; the seven samples with the taps
2, 5, 3 are those of chapter 4; the map of the pooling is the lecture notes'.
"""

import numpy as np

from course.data import sample_image
from course.ops import (
    avg_pool2d,
    avg_pool_adjoint,
    conv1d,
    conv2d,
    conv_adjoint_w,
    conv_adjoint_x,
    max_pool2d,
    max_pool_adjoint,
)
from figures.style import BODY, LARGE, SMALL, Array, Grid, Sheet, figure

SCENE, WEIGHTS, WORTHS = [3, 1, 4, 5, 6], [3, 2, 1], [1, 3, -1]
PATH = [5, 4, 4, 3, 2, 2, 1]  # the row of the hand in each column
LAPLACIAN = np.array([[[[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]]]])


def three(x: Array, w: Array, g: Array, **how: int) -> tuple[Array, Array, Array]:
    """The output, what comes back to the input, and what comes back to the kernel."""
    a, k, c = x[None, None], w[None, None], g[None, None]
    y = conv1d(a, k, **how)
    h = conv_adjoint_x(c, k, a.shape, **how)
    v = conv_adjoint_w(c, a, k.shape, **how)
    return y[0, 0], h[0, 0], v[0, 0]


@figure(
    "conv_backprop/thirty-five", height=236,
    title="Forward from scene and weights to the photograph, and back to both of them",
    desc="In the middle row the scene 3, 1, 4, 5, 6 in blue on the left and the weights 3, 2, 1 in orange on the right."
    " Solid arrows lead from both up to the photograph 15, 16, 28 in green. Below the photograph stand its worths 1, "
    "3, -1. Dashed arrows lead from the worths down to 3, 11, 4, 1, -1 below the scene and to 2, 8, 13 below the "
    "weights. Under each of the three pairs of rows stands the sum of their products, 35.",
    x=SCENE, w=WEIGHTS, g=WORTHS,
)  # fmt: skip
def thirty_five(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """The opening figure: one number, counted three times."""
    y, h, v = three(x, w, g)
    assert np.array_equal(y, [15, 16, 28]) and np.array_equal(h, [3, 11, 4, 1, -1]), (y, h)
    assert np.array_equal(v, [2, 8, 13]) and y @ g == x @ h == w @ v == 35, v

    cell = 29
    top = s.grid(136, 4, y, cell, "output", strong=[(0, j) for j in range(3)])
    worth = s.grid(136, top.bottom + 3, g, cell, "cotangent")
    scene = s.grid(4, 140, x, cell, "input")
    back = s.grid(4, scene.bottom + 3, h, cell, "cotangent", tone=np.full(5, 0.8))
    taps = s.grid(248, 140, w, cell, "kernel")
    learned = s.grid(248, taps.bottom + 3, v, cell, "cotangent", tone=np.full(3, 0.8))
    s.text(top.x - 9, top.centre[1], "$y$", LARGE, anchor="end")
    s.text(top.x - 9, worth.centre[1], "$g$", LARGE, anchor="end")
    for place, name, other in ((scene, "$x$", "$h$"), (taps, "$w$", "$v$")):
        s.text(place.right + 9, place.centre[1], name, LARGE)
        s.text(place.right + 9, place.bottom + 3 + cell / 2, other, LARGE, "cotangent-ink")
    for place, start, end in ((scene, 52.0, 128.0), (taps, 304.0, 232.0)):
        lift = 1 if place is scene else -1
        s.arrow((start, 134), (end, top.bottom - 4), "ink")
        s.arrow((end + lift * 14, worth.bottom + 6), (start + lift * 34, 134), "cotangent-ink", dash=True)
    for place, words in ((worth, "$y · g = 35$"), (back, "$x · h = 35$"), (learned, "$w · v = 35$")):
        s.text(place.centre[0], place.bottom + 16, words, BODY)


@figure(
    "conv_backprop/windows", height=186,
    title="What the kernel receives: windows of the input, weighed and added",
    desc="Three rows, one for each output. The scene 3, 1, 4, 5, 6 with the window 3, 1, 4 framed, times 1, gives 3, 1,"
    " 4. With the window 1, 4, 5 framed, times 3, it gives 3, 12, 15. With the window 4, 5, 6, times -1, it gives -4, "
    "-5, -6. Their sum is 2, 8, 13.",
    x=SCENE, g=WORTHS,
)  # fmt: skip
def windows(s: Sheet, x: Array, g: Array) -> None:
    """One window for each output."""
    rows = np.lib.stride_tricks.sliding_window_view(x, 3)
    weighed = g[:, None] * rows
    v = three(x, np.ones(3, int), g)[2]
    assert np.array_equal(weighed, [[3, 1, 4], [3, 12, 15], [-4, -5, -6]]), weighed
    assert np.array_equal(v, weighed.sum(0)) and np.array_equal(v, [2, 8, 13]), v

    cell, pitch = 29, 42
    for i, row in enumerate(weighed):
        y = 4 + pitch * i
        inside = (np.arange(5) >= i) & (np.arange(5) < i + 3)
        place = s.grid(2, y, x, cell, "input", tone=inside * 0.6)
        s.window(place, 0, i, 1, 3, "kernel")
        s.text(place.right + 17, place.centre[1], "×", LARGE)
        worth = s.grid(place.right + 33, y, g[i], cell, "cotangent")
        s.text(worth.right + 17, place.centre[1], "=", LARGE)
        part = s.grid(worth.right + 36, y, row, cell, "cotangent", tone=np.full(3, 0.1))
    s.line([(part.x, part.bottom + 8), (part.right, part.bottom + 8)], "ink", 1.2)
    total = s.grid(
        part.x, part.bottom + 14, v, cell, "cotangent", tone=np.full(3, 0.8), strong=[(0, j) for j in range(3)]
    )
    s.text(total.x - 12, total.centre[1], "to the kernel", BODY, "cotangent-ink", "end")
    s.text(total.right + 13, total.centre[1], "$v$", LARGE, "cotangent-ink")


@figure(
    "conv_backprop/combs", height=208,
    title="Stride and dilation change places on the way back to the kernel",
    desc="Two panels with the same row of nine samples. Left, forward, stride 2 and dilation 1: four windows of three "
    "neighbouring cells, each two cells further right. Right, back to the kernel: three combs of four teeth, two cells "
    "apart, each one cell further right than the last. The teeth carry the cotangents g0 to g3.",
    x=[2, 0, 1, 3, 1, 4, 1, 5, 2], g=[1, 2, -1, 3], w=[1, 2, 3],
)  # fmt: skip
def combs(s: Sheet, x: Array, g: Array, w: Array) -> None:
    """Windows that step by two, and combs that step by one."""
    y, _, v = three(x, w, g, stride=2)
    assert np.array_equal(v, [6, 17, 8]) and np.array_equal(y, [5, 10, 12, 17]), (v, y)
    combed = conv1d(x[None, None], g[None, None], dilation=2)[0, 0]
    assert np.array_equal(combed, v), combed
    assert np.array_equal(w, [1, 2, 3]), "the taps drawn"

    cell, pitch = 19, 34
    for left, words, answer, role, values, starts, step in (
        (0, "forward: $y_i$", y, "kernel", w, [0, 2, 4, 6], 1),
        (189, "to the kernel: $v_a$", v, "cotangent", g, [0, 1, 2], 2),
    ):
        s.text(left, 10, words, BODY, f"{role}-ink", "start")
        row = s.grid(left, 24, x, cell, "input", size=SMALL)
        for k, start in enumerate(starts):
            top = 54 + pitch * k
            shown = np.full(9, np.nan)
            shown[start : start + step * len(values) : step] = values
            tone = np.where(np.isnan(shown), 0, 0.7)
            place = s.grid(left, top, shown, cell, role, tone=tone, size=SMALL)
            assert answer[k] == np.nansum(shown * x)
            assert place.right == row.right
            first, last = place.at(0, start), place.at(0, start + step * (len(values) - 1))
            s.line([(first[0], top - 3), (last[0], top - 3)], f"{role}-ink", 1.4)
    s.text(0, 196, "step 2, spread 1", BODY, "quiet", "start")
    s.text(189, 196, "step 1, spread 2", BODY, "quiet", "start")


@figure(
    "conv_backprop/triples", height=226,
    title="All triples of a sample, a tap and an output, as a table",
    desc="A table of four rows, the outputs 0 to 3, and seven columns, the samples 0 to 6. Row 0 has tap 1 at sample 0 "
    "and tap 2 at sample 1. Row 1 has taps 0, 1, 2 at samples 1, 2, 3, row 2 at samples 3, 4, 5, and row 3 has tap 0 "
    "at sample 5 and tap 1 at sample 6. Row 2 is framed in green, column 3 in blue, and the three cells with tap 2 "
    "have orange rings.",
    samples=7, taps=3, stride=2, padding=1,
)  # fmt: skip
def triples(s: Sheet, samples: Array, taps: Array, stride: Array, padding: Array) -> None:
    """A geometry, and three ways to add along it."""
    n, k, step, p = (int(z) for z in (samples, taps, stride, padding))
    m = (n + 2 * p - k) // step + 1
    table = np.full((m, n), -1)
    for i, a in np.ndindex(m, k):
        if 0 <= step * i + a - p < n:
            table[i, step * i + a - p] = a
    expected = [[1, 2, -1, -1, -1, -1, -1], [-1, 0, 1, 2, -1, -1, -1], [-1, -1, -1, 0, 1, 2, -1]]
    expected += [[-1, -1, -1, -1, -1, 0, 1]]
    assert table.tolist() == expected and np.sum(table >= 0) == 10 == m * k - 2, table
    x, w, g = np.array([4, 2, 6, 3, 5, 9, 2]), np.array([2, 5, 3]), np.array([1, -2, 3, 2])
    y, h, v = three(x, w, g, stride=step, padding=p)
    assert y[2] == sum(w[a] * x[j] for j, a in enumerate(table[2]) if a >= 0) == 58
    assert h[3] == sum(w[a] * g[i] for i, a in enumerate(table[:, 3]) if a >= 0) == 0
    assert v[2] == sum(x[j] * g[i] for i, j in np.argwhere(table == 2)) == 23

    cell = 34
    place = s.matrix(60, 46, np.where(table < 0, 0, table), table, cell)
    for j in range(n):
        s.text(place.at(0, j)[0], 34, str(j), BODY, "input-ink")
    for i in range(m):
        s.text(50, place.at(i, 0)[1], str(i), BODY, "output-ink", "end")
    s.text(place.x + place.cell * 3.5, 13, "sample $j$", BODY, "input-ink")
    s.text(0, place.y - 12, "output $i$", BODY, "output-ink", "start")
    s.window(place, 2, 0, 1, 7, "output", 2.2)
    s.window(place, 0, 3, 4, 1, "input", 2.2)
    for i, j in np.argwhere(table == 2).tolist():
        s.ring(place.at(i, j), 12, "kernel-ink", 2)
    s.text(place.right + 12, place.at(2, 0)[1], "$y_2$", LARGE)
    s.text(place.at(0, 3)[0], place.bottom + 14, "$h_3$", LARGE, "cotangent-ink")
    s.text(place.right - 4, place.bottom + 31, "ringed: tap 2, for $v_2$", BODY, "kernel-ink", "end")


@figure(
    "conv_backprop/pooling", height=330,
    title="Pooling forward, and its two ways back",
    desc="A four by four map, 1 1 2 4, 5 6 7 8, 3 2 1 0, 1 2 3 4, with the largest of each quarter framed: 6, 8, 3, 4. "
    "Arrows lead to the maxima 6 8, 3 4 and to the means 3.25 5.25, 2 2. Below, dashed arrows lead back from the "
    "cotangent 4 8, -4 12. Through the maxima it goes to the four framed places, with zeros elsewhere. Through the "
    "means each quarter is filled with 1, 2, -1 and 3.",
    x=[[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], g=[[4, 8], [-4, 12]],
)  # fmt: skip
def pooling(s: Sheet, x: Array, g: Array) -> None:
    """The notes' map, and a cotangent of fours."""
    top, places = max_pool2d(x[None], 2, return_indices=True)
    mean = avg_pool2d(x[None].astype(float), 2)[0]
    routed = max_pool_adjoint(g[None], places, (1, 4, 4))[0]
    spread = avg_pool_adjoint(g[None].astype(float), 2, (1, 4, 4))[0]
    assert np.array_equal(top[0], [[6, 8], [3, 4]]) and np.array_equal(mean, [[3.25, 5.25], [2, 2]]), (top, mean)
    assert np.array_equal(places.ravel(), [5, 7, 8, 15]) and routed.sum() == g.sum() == 20, places
    assert np.array_equal(routed, [[0, 0, 0, 0], [0, 4, 0, 8], [-4, 0, 0, 0], [0, 0, 0, 12]]), routed
    assert np.array_equal(spread, np.kron([[1, 2], [-1, 3]], np.ones((2, 2)))), spread

    cell = 27
    won = [divmod(int(a), 4) for a in places.ravel()]

    def quarters(place: Grid) -> None:
        for i, j in np.ndindex(2, 2):
            s.window(place, 2 * i, 2 * j, 2, 2, "output", 1.2)

    middle = s.grid(126, 22, x, cell, "input", strong=won)
    quarters(middle)
    for i, j in won:
        s.window(middle, i, j, 1, 1, "kernel", 2.2)
    left = s.grid(8, 49, top[0], cell, "output")
    right = s.grid(276, 45, mean, 36, "output", size=BODY)
    s.arrow((middle.x - 7, 76), (left.right + 7, 76))
    s.arrow((middle.right + 7, 76), (right.x - 7, 76))
    s.text(left.centre[0], 34, "largest", BODY, "output-ink")
    s.text(right.centre[0], 30, "mean", BODY, "output-ink")
    s.text(middle.centre[0], 10, "$x$", LARGE)
    cotangent = s.grid(153, 160, g, cell, "cotangent")
    s.text(cotangent.centre[0], 226, "$g$", LARGE)
    tone = (routed != 0) * 0.8
    a = s.grid(4, 212, routed, cell, "cotangent", tone=tone, faint_zero=True)
    b = s.grid(248, 212, spread, cell, "cotangent", tone=np.full((4, 4), 0.2))
    for place, words in ((a, "routed"), (b, "spread")):
        quarters(place)
        s.text(place.centre[0], 199, words, BODY, "cotangent-ink")
    for i, j in won:
        s.window(a, i, j, 1, 1, "kernel", 2.2)
    s.arrow((cotangent.x - 6, 192), (a.right + 8, 250), "cotangent-ink", dash=True)
    s.arrow((cotangent.right + 6, 192), (b.x - 8, 250), "cotangent-ink", dash=True)


@figure(
    "conv_backprop/network", height=322,
    title="A small network forward and back",
    desc="Two columns. Left, downwards with solid arrows: x = 6 2 5 3 7 4; z = 3 2 -2 4; c = 3 2 0 4; q = 3 4; scores "
    "9 9. Right, upwards with dashed arrows: delta = -0.5 0.5; 2 -1.5 at the pooled pair; 2 0 0 -1.5 through pooling; "
    "2 0 0 -1.5 through the ReLU; h = 4 2 -4 -3 -1.5 3. Beside the convolution, v = 7.5 -6.5 4 goes to the kernel, and "
    "0.5 to the bias.",
    x=[6, 2, 5, 3, 7, 4], w=[2, 1, -2], b=-1, scores=[[-1, 3], [3, 0]],
)  # fmt: skip
def network(s: Sheet, x: Array, w: Array, b: Array, scores: Array) -> None:
    """Five steps down, and their adjoints up."""
    z = np.correlate(x, w, "valid") + int(b)
    a = np.maximum(z, 0)
    q = a.reshape(2, 2).max(1)
    r = scores @ q
    assert z.tolist() == [3, 2, -2, 4] and q.tolist() == [3, 4] and r.tolist() == [9, 9], (z, q, r)
    delta = np.array([-0.5, 0.5])
    to_q = scores.T @ delta
    to_a = np.array([to_q[0], 0, 0, to_q[1]])
    g = to_a * (z > 0)
    _, h, v = three(x.astype(float), w.astype(float), g)
    assert to_q.tolist() == [2, -1.5] and g.tolist() == [2, 0, 0, -1.5] and a.argmax() == 3, (to_q, g)
    assert h.tolist() == [4, 2, -4, -3, -1.5, 3] and v.tolist() == [7.5, -6.5, 4] and g.sum() == 0.5, (h, v)

    cell, pitch = 25, 70
    forward = ((x, "input"), (z, "output"), (a, "output"), (q, "output"), (r, "output"))
    back = (h, g, to_a, to_q, delta)
    names = ("$x$", "$z$", "$c$", "$q$", "$R q$")
    steps = ("convolve, add $b$", "ReLU", "max-pool", "$R$")
    returns = ("", "signs", "places", "$R^⊤$")
    for k, ((values, role), worth) in enumerate(zip(forward, back, strict=True)):
        y = 4 + pitch * k
        place = s.grid(79 - cell * len(values) / 2, y, values, cell, role)
        other = s.grid(274 - 14 * len(worth), y, worth, 28, "cotangent", tone=(worth != 0) * 0.5, size=SMALL)
        s.text(171, place.centre[1], names[k], LARGE)
        if k in (1, 4):
            s.text(other.right + 11, other.centre[1], "$g$" if k == 1 else "$δ$", LARGE, "cotangent-ink")
        if k < 4:
            s.arrow((79, place.bottom + 6), (79, y + pitch - 6))
            s.text(89, (place.bottom + y + pitch) / 2, steps[k], BODY, "quiet", "start")
            s.arrow((274, y + pitch - 6), (274, other.bottom + 6), "cotangent-ink", dash=True)
            if returns[k]:
                s.text(285, (place.bottom + y + pitch) / 2, returns[k], BODY, "cotangent-ink", "start")
    s.runs(284, 44, ("$v$ = 7.5 −6.5 4", "cotangent-ink"), size=SMALL)
    s.runs(284, 60, ("to $b$: 0.5", "cotangent-ink"), size=SMALL)


def learned(scene: Array, photo: Array, steps: int) -> Array:
    """The kernel after some steps of descent, as in the chapter."""

    def forward(w: Array) -> Array:
        return conv2d(scene[None], w[None, None])[0]

    def back(g: Array) -> Array:
        return conv_adjoint_w(g[None], scene[None], (1, 1, 7, 7))[0, 0]

    u = np.random.default_rng(0).normal(size=(7, 7))
    for _ in range(50):
        u = back(forward(u / np.linalg.norm(u)))
    w = np.zeros((7, 7))
    for _ in range(steps):
        w = w - back(forward(w) - photo) / np.linalg.norm(u)
    return w


@figure(
    "conv_backprop/shake", height=312,
    title="A shaken photograph, and the path of the hand, learned",
    desc="Above, a cut of a photograph of a man with a camera, sharp, and the same smeared along a rising path. Below, "
    "five kernels of seven by seven: after 30 steps on the photographs a blot without a path; after 1, 10 and 30 steps "
    "on their differences, first blurred, then close, then the rising path of seven equal weights; and the truth, "
    "which looks like the last.",
    path=PATH,
)  # fmt: skip
def shake(s: Sheet, path: Array) -> None:
    """Two descents along one adjoint."""
    assert path.tolist() == PATH, "the path of the chapter"
    scene = sample_image("camera")[20:116, 80:176] / 255
    truth = np.zeros((7, 7))
    truth[path, range(7)] = 1 / 7
    photo = conv2d(scene[None], truth[None, None])[0]
    mean = scene.mean()
    sharp, smeared = (conv2d(z[None], LAPLACIAN)[0] for z in (scene, photo))
    kernels = [learned(scene - mean, photo - mean, 30)]
    kernels += [learned(sharp, smeared, steps) for steps in (1, 10, 30)]
    errors = [np.linalg.norm(w - truth) / np.linalg.norm(truth) for w in kernels]
    assert errors[0] > 0.8 and 0.5 < errors[1] < 0.7 and errors[2] < 0.05 and errors[3] < 0.001, errors

    for left, picture, words, wide in ((0, scene, "scene", 174), (186, photo, "photograph", 174)):
        s.text(left, 10, words, BODY, "ink", "start")
        s.picture(left, 22, wide, 174, picture, levels=24)
    words = ("30 steps", "1 step", "10 steps", "30 steps", "truth")
    for k, (w, word) in enumerate(zip((*kernels, truth), words, strict=True)):
        left = 0.0 if k == 0 else 86 + 70 * (k - 1)
        s.picture(left, 240, 64, 64, np.kron(np.clip(w, 0, 1 / 7) * 7, np.ones((8, 8))), "kernel", levels=24)
        s.boxes([(left, 240, 64, 64)], edge="rule", width=1, layer=4)
        s.text(left, 228, word, BODY, "quiet", "start")
    s.text(86, 210, "from differences of pixels", BODY, "kernel-ink", "start")
    s.text(0, 210, "from pixels", BODY, "kernel-ink", "start")
