"""Chapter 4, Arithmetic: where windows fit, kernels in a matrix, what weights cost, what an output sees.

The samples 4 2 6 3 5 9 2 and the kernel 2 5 3 are the chapter's, the same in every figure.
"""

import numpy as np

from course.ops import conv1d, conv2d, conv_adjoint_x, output_size, receptive_field
from figures.style import BODY, LARGE, SMALL, Array, Grid, Sheet, figure, shade

SAMPLES = [4, 2, 6, 3, 5, 9, 2, 8]
KERNEL = [2, 5, 3]


def layer(x: Array, w: Array, **geometry: int) -> Array:
    """One channel in, one map out."""
    return conv1d(x[None], w[None, None], **geometry)[0]


def brackets(s: Sheet, row: Grid, starts: list[int], outputs: Array, span: int = 3) -> None:
    """Under a row of samples a bracket for each window, the next one lower, and under its middle what it gives."""
    for k, (start, value) in enumerate(zip(starts, outputs.tolist(), strict=True)):
        left, _, width, _ = row.box(0, start, 1, span)
        y = row.bottom + 9 + 8 * (k % 2)
        s.line([(left + 3, y - 4), (left + 3, y), (left + width - 3, y), (left + width - 3, y - 4)], "kernel-ink", 1.8)
        below = s.grid(row.at(0, start + (span - 1) / 2)[0] - row.cell / 2, row.bottom + 28, value, row.cell, "output")
        s.line([(below.centre[0], y), (below.centre[0], below.y)], "kernel-ink", 1)


@figure(
    "arithmetic/places", height=206,
    title="Three windows of three samples, two steps apart, on seven samples and on eight",
    desc="Two rows of cells, of seven and of eight samples. Below each, three brackets of three cells, each two cells "
    "further right than the one before, and three outputs, 36, 42, 61. In the row of seven the last bracket ends at "
    "the last cell; in the row of eight the last cell is dashed, and no bracket reaches it.",
    x=SAMPLES, w=KERNEL,
)  # fmt: skip
def places(s: Sheet, x: Array, w: Array) -> None:
    """Two sizes, one output, and a sample that nobody reads."""
    assert x.tolist() == SAMPLES and w.tolist() == KERNEL, "the samples of the chapter"
    outputs = [layer(x[:n], w, stride=2) for n in (7, 8)]
    assert all(np.array_equal(y, [36, 42, 61]) for y in outputs), outputs
    read = conv_adjoint_x(np.ones((1, 1, 3)), np.ones((1, 1, 3)), (1, 1, 8), stride=2)[0, 0]
    assert np.array_equal(read != 0, np.arange(8) < 7), "the last of eight is read by nobody"

    cell, left = 34, 84
    for top, n, y in zip((2, 108), (7, 8), outputs, strict=True):
        row = s.grid(left, top, x[:n], cell, "input", ghost=np.arange(n) > 6)
        brackets(s, row, [0, 2, 4], y)
        s.text(0, top + cell / 2, f"$n = {n}$", LARGE, anchor="start")
        s.text(0, row.bottom + 28 + cell / 2, f"$m = {len(y)}$", LARGE, anchor="start")
    s.text(left + 7.5 * cell, 108 + cell + 14, "unread", BODY, "input-ink")


CASES = [
    ("no padding", (4, 3, 1, 0, 1), 2), ("arbitrary padding", (5, 4, 1, 2, 1), 6),
    ("half padding", (5, 3, 1, 1, 1), 5), ("full padding", (5, 3, 1, 2, 1), 7),
    ("strides", (5, 3, 2, 0, 1), 2), ("padding, strides", (5, 3, 2, 1, 1), 3),
    ("the same, odd", (6, 3, 2, 1, 1), 3), ("dilation", (7, 3, 1, 0, 2), 3),
]  # fmt: skip


@figure(
    "arithmetic/eight-cases", height=302,
    title="The eight cases of the guide to convolution arithmetic",
    desc="Eight small panels. Each shows a row of input cells with dashed zeros for padding, dots on the taps of the "
    "first window, and below it the row of outputs, each under the middle of its window. No padding: 4 to 2. "
    "Arbitrary padding: 5 to 6. Half padding: 5 to 5. Full padding: 5 to 7. Strides: 5 to 2. Padding and strides: 5 to "
    "3, and 6 to 3 with the last zero unread. Dilation: 7 to 3.",
    cases=[case for _, case, _ in CASES], sizes=[m for _, _, m in CASES],
)  # fmt: skip
def eight_cases(s: Sheet, cases: Array, sizes: Array) -> None:
    """Each case: the padded input, the taps of the first window, the outputs under the middles of their windows."""
    guide = [[4, 3, 1, 0, 1], [5, 4, 1, 2, 1], [5, 3, 1, 1, 1], [5, 3, 1, 2, 1]]
    guide += [[5, 3, 2, 0, 1], [5, 3, 2, 1, 1], [6, 3, 2, 1, 1], [7, 3, 1, 0, 2]]
    assert cases.tolist() == guide, "the guide's"
    for (n, k, step, p, d), m in zip(cases.tolist(), sizes.tolist(), strict=True):
        assert layer(np.ones(n), np.ones(k), stride=step, padding=p, dilation=d).shape == (m,), (n, k, step, p, d)

    cell, pitch = 18, 78
    for case, (name, (n, k, step, p, d), m) in enumerate(CASES):
        left, top = case % 2 * 192, case // 2 * pitch
        s.text(left, top + 6, name, BODY, anchor="start")
        s.text(left + 162, top + 6, f"{n} → {m}", BODY, "quiet", "end")
        row = s.grid(left, top + 16, np.full(n + 2 * p, ""), cell, "input",
                     ghost=[not p <= i < n + p for i in range(n + 2 * p)])  # fmt: skip
        span = d * (k - 1) + 1
        centre = row.at(0, (span - 1) / 2)[0] - cell / 2
        below = Grid(centre, row.bottom + 14, 1, m, cell)
        cells = [(centre + i * step * cell, below.y, cell, cell) for i in range(m)]
        s.boxes(cells, shade("output", 0.35), gap=1)
        s.cone(row.box(0, 0, 1, span), cells[0])
        s.dots([row.at(0, j * d) for j in range(k)], "kernel-ink", 4)


@figure(
    "arithmetic/two-sames", height=242,
    title="Two ways of padding eight samples for four outputs",
    desc="Eight samples, 4 2 6 3 5 9 2 8. Above, with one dashed zero behind them, four windows begin at 0, 2, 4, 6 "
    "and give 36, 42, 61, 44. Below, with a dashed zero at either end, four windows begin at -1, 1, 3, 5 and give 26, "
    "43, 58, 52.",
    x=SAMPLES, w=KERNEL,
)  # fmt: skip
def two_sames(s: Sheet, x: Array, w: Array) -> None:
    """The same samples, kernel and size; windows one place apart."""
    behind, around = np.pad(x, (0, 1)), np.pad(x, 1)
    theirs, ours = layer(behind, w, stride=2), layer(x, w, stride=2, padding=1)
    assert np.array_equal(theirs, [36, 42, 61, 44]) and np.array_equal(ours, [26, 43, 58, 52]), (theirs, ours)
    assert len(theirs) == len(ours) == -(-len(x) // 2) and not np.any(theirs == ours)

    cell, left = 34, 10
    for top, words, samples, shift, y in (
        (22, "TensorFlow, SAME: a zero behind", behind, 1, theirs),
        (144, "torch, padding 1: a zero on either side", around, 0, ours),
    ):
        s.text(left + cell, top - 12, words, BODY, "quiet", "start")
        ghost = [not 1 <= i + shift <= 8 for i in range(len(samples))]
        row = s.grid(left + shift * cell, top, samples, cell, "input", ghost=ghost)
        brackets(s, row, [0, 2, 4, 6], y)


@figure(
    "arithmetic/staircase", height=214,
    title="How many outputs there are for so many samples, with strides 1, 2 and 3",
    desc="A staircase: the number of outputs against the number of samples from 3 to 14, for three taps and no "
    "padding. With stride 1 it rises at every sample, with stride 2 at every second, with stride 3 at every third. On "
    "the steps of stride 2, a ring marks 7 and 8 samples, both with 3 outputs.",
    sizes=np.arange(3, 15), strides=[1, 2, 3], marked=[7, 8],
)  # fmt: skip
def staircase(s: Sheet, sizes: Array, strides: Array, marked: Array) -> None:
    """The floor as a picture: a step is as wide as the stride."""
    assert sizes.tolist() == list(range(3, 15)) and strides.tolist() == [1, 2, 3], (sizes, strides)
    stairs = {step: [output_size(n, 3, step) for n in sizes.tolist()] for step in (1, 2, 3)}
    assert stairs[1] == list(range(1, 13)), stairs
    assert stairs[2] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6], stairs
    assert stairs[3] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], stairs
    assert marked.tolist() == [n for n, m in zip(sizes.tolist(), stairs[2], strict=True) if m == 3], marked

    colour = s.plots.colour
    ax = s.plots.axes(30, 18, 250, 160)
    ax.set(xlim=(2.4, 15), ylim=(0, 7.5))
    ax.set_xticks(list(range(3, 15)), [str(n) for n in range(3, 15)])
    ax.set_yticks([0, 2, 4, 6], ["0", "2", "4", "6"])
    for step, tone, width in ((1, "quiet", 1.2), (3, "quiet", 1.2), (2, "output-ink", 2.4)):
        shown = [(n, m) for n, m in zip(sizes.tolist(), stairs[step], strict=True) if m <= 7]
        reach, m = zip(*shown, strict=True)
        ax.step([*reach, reach[-1] + 1], [*m, m[-1]], where="post", color=colour(tone), lw=width, zorder=step % 2 + 2)
        ax.plot(reach, m, "o", color=colour(tone), ms=2.5 + 1.2 * width, zorder=3)
        place = s.plots.at(ax, reach[-1] + 1, m[-1])
        s.text(place[0] + 6, place[1], f"stride {step}", BODY, tone, "start")
    for n in marked.tolist():
        s.ring(s.plots.at(ax, n, 3), 7, "input-ink")
    s.text(157, 206, "samples $n$", BODY, "quiet")
    s.text(0, 7, "outputs $m$", BODY, "quiet", "start")


CHANNELS = [[[1, 0, 2], [3, 1, 0], [0, 2, 1]], [[2, 1, 0], [0, 3, 1], [1, 0, 2]], [[0, 2, 1], [1, 0, 3], [2, 1, 0]]]
FILTERS = [
    [[[1, 0], [0, 1]], [[2, 1], [0, 0]], [[0, 1], [1, 0]]],
    [[[0, 2], [1, 0]], [[1, 0], [0, 2]], [[1, 1], [0, 0]]],
    [[[1, 1], [0, 0]], [[0, 0], [1, 1]], [[2, 0], [0, 1]]],
]


@figure(
    "arithmetic/matrix-of-kernels", height=300,
    title="A layer as a matrix of kernels: a row for each channel, a column for each filter",
    desc="A matrix of three columns and three rows, whose entries are two by two kernels: a row for each input "
    "channel, a column for each filter. At the left of each row stands its channel, three by three numbers; below "
    "each column its map, two by two. One column is framed: its three kernels and the three channels make one map.",
    x=CHANNELS, w=FILTERS,
)  # fmt: skip
def matrix_of_kernels(s: Sheet, x: Array, w: Array) -> None:
    """Channels at the left, kernels in the middle, maps below: column by column."""
    assert x.tolist() == CHANNELS and w.tolist() == FILTERS, "the numbers that the reader can check"
    maps = conv2d(x, w)
    one = sum(conv2d(x[c : c + 1], w[1:2, c : c + 1])[0] for c in range(3))
    assert maps.shape == (3, 2, 2) and np.array_equal(maps[1], one), maps

    cell, small, pitch, now = 20, 20, 74, 1
    columns = [128, 212, 296]
    for c in range(3):
        top = 22 + c * pitch
        image = s.grid(0, top, x[c], cell, "input")
        s.text(70, image.centre[1], f"$c={c}$", BODY, "input-ink", "start")
        for f, left in enumerate(columns):
            s.grid(left, top + 10, w[f, c], small, "kernel")
            if c:
                s.text(left + small, top - 3, "+", LARGE, "quiet")
    for f, left in enumerate(columns):
        s.text(left + small, 8, f"$f={f}$", BODY, "kernel-ink")
        s.arrow((left + small, 226), (left + small, 248))
        s.grid(left - 5, 250, maps[f], 25, "output", strong=np.ndindex(2, 2) if f == now else ())
    s.boxes([(columns[now] - 9, 23, 2 * small + 18, 2 * pitch + 56)], edge="kernel-ink", width=2, layer=4)
    s.text(0, 275, "maps $y_f$", BODY, "output-ink", "start")
    s.text(0, 8, "channels $x_c$", BODY, "input-ink", "start")


@figure(
    "arithmetic/groups", height=112,
    title="Which filter has a kernel for which channel: full, in two groups, depthwise, pointwise",
    desc="Four matrices of six input channels by six filters; an orange cell is a kernel. Full: all 36 cells. Two "
    "groups: two blocks of three by three, 18 cells. Depthwise: the six cells of the diagonal. Pointwise: all 36, but "
    "drawn small, one tap each.",
    packs=[1, 2, 6], channels=6,
)  # fmt: skip
def groups(s: Sheet, packs: Array, channels: Array) -> None:
    """Blocks on the diagonal, found by asking the layer: a one in one channel, which maps does it reach?"""
    assert packs.tolist() == [1, 2, 6] and channels == 6, (packs, channels)
    count = int(channels)
    one_each = np.eye(count)[:, :, None, None]  # picture c: a single pixel, lit in channel c alone
    reached = [conv2d(one_each, np.ones((count, count // g, 1, 1)), groups=g)[:, :, 0, 0] != 0 for g in packs.tolist()]
    assert [int(r.sum()) for r in reached] == [36, 18, 6], reached
    assert np.array_equal(reached[1], np.kron(np.eye(2), np.ones((3, 3)))) and np.array_equal(reached[2], np.eye(6))

    cell, pitch = 12, 96
    for k, (words, kernels, filled) in enumerate(
        (("full", "36 kernels", reached[0]), ("2 groups", "18 kernels", reached[1]),
         ("depthwise", "6 kernels", reached[2]), ("pointwise", "36 taps", reached[0]))
    ):  # fmt: skip
        place = Grid(k * pitch, 18, count, count, cell)
        s.text(place.centre[0], 7, words, BODY)
        s.boxes([place.box(i, j, 1, 1) for i, j in np.ndindex(count, count)], "blank", gap=1)
        kept = [place.box(i, j, 1, 1) for i, j in np.argwhere(filled).tolist()]
        s.boxes(kept, "kernel", gap=8 if words == "pointwise" else 1)
        s.text(place.centre[0], 103, kernels, BODY, "kernel-ink")


@figure(
    "arithmetic/weights", height=262,
    title="The weights of a full layer, and of a depthwise and a pointwise one",
    desc="Two heaps of little squares, a square for each weight. Left, the full layer: twelve columns of 27, one "
    "column a filter. Right, 27 squares of the depthwise layer in three columns of 9, and 36 of the pointwise layer in "
    "twelve columns of 3. Beside them: 324 weights times 900 windows are 291,600 multiplications; 27 are 24,300 and 36 "
    "are 32,400, together 56,700.",
    size=[32, 32, 3], maps=12, taps=3,
)  # fmt: skip
def weights(s: Sheet, size: Array, maps: Array, taps: Array) -> None:
    """A square is a weight; each is used once in each of 900 windows."""
    (high, wide, channels), m, k = size.tolist(), int(maps), int(taps)
    windows = output_size(high, k) * output_size(wide, k)
    full, deep, point = m * channels * k * k, channels * k * k, m * channels
    assert (high, wide, windows) == (32, 32, 900) and (full, deep, point) == (324, 27, 36), (full, deep, point)
    prices = [windows * count for count in (full, deep, point)]
    assert prices == [291_600, 24_300, 32_400] and sum(prices[1:]) == 56_700, prices

    cell, parting = 7.2, 4

    def heap(x: float, y: float, columns: int, rows: int, packs: int) -> None:
        s.boxes(
            [
                (x + j * cell, y + (q * rows + i) * cell + q * parting, cell, cell)
                for q in range(packs)
                for i in range(rows)
                for j in range(columns)
            ],
            "kernel",
            gap=1.2,
        )

    heap(0, 20, m, k * k, channels)
    s.text(0, 7, "full: a filter a column", BODY, anchor="start")
    s.text(0, 236, "324 weights", BODY, "kernel-ink", "start")
    s.text(0, 253, "291,600 products", BODY, anchor="start")
    right = 188
    s.text(right, 7, "depthwise", BODY, anchor="start")
    heap(right, 20, channels, k * k, 1)
    s.text(right + 40, 44, "27 weights", BODY, "kernel-ink", "start")
    s.text(right + 40, 61, "24,300 products", BODY, anchor="start")
    s.text(right, 122, "pointwise", BODY, anchor="start")
    heap(right, 135, m, channels, 1)
    s.text(right, 171, "36 weights", BODY, "kernel-ink", "start")
    s.text(right, 188, "32,400 products", BODY, anchor="start")
    s.line([(right, 210), (360, 210)])
    s.text(right, 236, "63 weights", BODY, "kernel-ink", "start")
    s.text(right, 253, "56,700 products", BODY, anchor="start")


def sent_back(dilations: list[int]) -> list[Array]:
    """What stands at every level when a one has been sent back from the only output: samples first."""
    sizes = [receptive_field([(3, 1, d) for d in dilations])]
    for d in dilations:
        sizes.append(output_size(sizes[-1], 3, dilation=d))
    levels = [np.ones((1, 1, 1), int)]
    for d, n in zip(dilations[::-1], sizes[-2::-1], strict=True):
        levels.insert(0, conv_adjoint_x(levels[0], np.ones((1, 1, 3), int), (1, 1, n), dilation=d))
    return [g[0, 0] for g in levels]


@figure(
    "arithmetic/fields", height=334,
    title="A one sent back through three dilated layers",
    desc="Two stacks of three dilated layers, an output on top and samples below, with dashed lines back. With "
    "dilations 1, 2, 4 the lines reach all fifteen samples, in 1 1 2 1 3 2 3 1 3 2 3 1 2 1 1 ways. With dilations 2, "
    "2, 2 they reach seven of thirteen, in 1 3 6 7 6 3 1 ways: every other sample is blank.",
    stacks=[[1, 2, 4], [2, 2, 2]],
)  # fmt: skip
def fields(s: Sheet, stacks: Array) -> None:
    """Dense and full of holes: what a one reaches on the way back."""
    assert stacks.tolist() == [[1, 2, 4], [2, 2, 2]], stacks
    dense, holes = (sent_back(stack) for stack in stacks.tolist())
    assert dense[0].tolist() == [1, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 1, 2, 1, 1], dense[0]
    assert holes[0].tolist() == [1, 0, 3, 0, 6, 0, 7, 0, 6, 0, 3, 0, 1], holes[0]

    cell, pitch, middle = 19, 42, 217
    for top, dilations, levels in ((2, stacks[0].tolist(), dense), (186, stacks[1].tolist(), holes)):
        rows = []
        for level, g in enumerate(levels):
            left, y = middle - len(g) * cell / 2, top + (len(levels) - 1 - level) * pitch
            shown = [v or "" for v in g.tolist()] if level == 0 else np.full(len(g), "")
            rows.append(
                s.grid(left, y, np.array(shown, object), cell, "cotangent", tone=np.where(g > 0, 0.75, 0), size=SMALL)
            )
        for level, d in enumerate(dilations):
            lower, upper = rows[level], rows[level + 1]
            for i in np.flatnonzero(levels[level + 1]).tolist():
                for j in range(3):
                    a, b = upper.at(0, i), lower.at(0, i + j * d)
                    s.line([(a[0], upper.bottom), (b[0], lower.y)], "cotangent-ink", 1, dash=True)
            s.text(0, (lower.y + upper.bottom) / 2, f"$d = {d}$", BODY, anchor="start")
        s.text(0, rows[0].centre[1], "samples", BODY, "quiet", "start")
        s.text(middle - 20, rows[-1].centre[1], "one output", BODY, "quiet", "end")


def ways(layers: int) -> Array:
    """In how many ways each sample of its field reaches an output of so many plain layers of three taps."""
    return sent_back([1] * layers)[0]


@figure(
    "arithmetic/bells", height=242,
    title="How much each sample weighs in one output, after ten layers and after thirty",
    desc="Two bell-shaped rows of bars on a common axis from -30 to 30: after ten layers, narrow and high, within a "
    "field of 21 samples; after thirty layers, wider and lower, within a field of 61 samples that is marked by a line "
    "below. A Gaussian runs through the tops of each.",
    layers=[10, 30],
)  # fmt: skip
def bells(s: Sheet, layers: Array) -> None:
    """The field grows with the layers, the bell with their root."""
    few, many = (np.asarray(ways(int(count)), float) for count in layers)
    assert (len(few), len(many)) == (21, 61), (len(few), len(many))
    bars = [v / v.sum() for v in (few, many)]
    spreads = [float(np.sqrt(v @ (np.arange(len(v)) - len(v) // 2) ** 2)) for v in bars]
    assert np.allclose(spreads, np.sqrt(2 * layers / 3)), spreads
    assert 0.975 < bars[1][20:41].sum() < 0.985, "the middle third has nearly all of the weight"

    colour = s.plots.colour
    ax = s.plots.axes(34, 6, 316, 158)
    ax.set(xlim=(-31, 31), ylim=(0, 0.165))
    ax.set_xticks([-30, -20, -10, 0, 10, 20, 30], ["−30", "−20", "−10", "0", "10", "20", "30"])
    ax.set_yticks([0, 0.05, 0.1, 0.15], ["0", "0.05", "0.1", "0.15"])
    fine = np.linspace(-30, 30, 241)
    for v, spread, strength in zip(bars, spreads, (0.3, 0.65), strict=True):
        half = len(v) // 2
        bell = np.exp(-(fine**2) / (2 * spread**2)) / (spread * np.sqrt(2 * np.pi))
        assert np.abs(np.interp(np.arange(-half, half + 1), fine, bell) - v).max() < 0.005, "a Gaussian fits"
        ax.bar(np.arange(-half, half + 1), v, 0.8, color=colour("cotangent"), alpha=strength, lw=0)
        ax.plot(fine[abs(fine) <= half], bell[abs(fine) <= half], color=colour("cotangent-ink"), lw=1.3)
    s.text(*s.plots.at(ax, 4, 0.13), f"10 layers, $σ = {spreads[0]:.1f}$", BODY, "cotangent-ink", "start")
    s.text(*s.plots.at(ax, 9.5, 0.04), f"30 layers, $σ = {spreads[1]:.1f}$", BODY, "cotangent-ink", "start")
    for y, v in zip((196, 220), bars, strict=True):
        ends = [s.plots.at(ax, side * len(v) / 2, 0)[0] for side in (-1, 1)]
        words = f"field {len(v)}"
        s.line([(ends[0], y), (ends[1], y)], "cotangent-ink", 2)
        for end in ends:
            s.line([(end, y - 4), (end, y + 4)], "cotangent-ink", 2)
        s.text(s.plots.at(ax, 0, 0)[0], y + 12, words, BODY, "quiet")
