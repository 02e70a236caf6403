"""Chapter 25, At scale: sums in few bits, copies forward and sums back, the ring, and what it all costs.

The slopes 1, 3, 5, 11 are those of chapter 18. Times are those of benchmarks/results.json, written by `make bench`.
"""

import json
from pathlib import Path

import numpy as np

from course.linear import broadcasting
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure, shade

MEASURED = json.loads((Path(__file__).parents[1] / "benchmarks" / "results.json").read_text(encoding="utf-8"))["scale"]
SIZES = [4, 16, 64, 256, 1024, 4096, 16384]
NAMES = ["convolutions", "full layers"]
BATCHES = sorted({r["batch"] for r in MEASURED["steps"]})
FACTOR = 2.5


def rounded(x: Array, bits: int) -> Array:
    """The nearest numbers with that many significant bits; in a tie the even one."""
    part, power = np.frexp(x)
    nearest: Array = np.ldexp(np.rint(np.ldexp(part, bits)), power - bits)
    return nearest


def running(values: Array, bits: int) -> Array:
    """All sums in turn, from the empty one, each rounded; along the first axis."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    for k, value in enumerate(values):
        sums[k + 1] = rounded(sums[k] + value, bits)
    return sums


def steps_of(name: str, key: str) -> list[float]:
    """A column of the measured steps of a network, a row for each batch."""
    found = {(r["network"], r["batch"]): r[key] for r in MEASURED["steps"]}
    return [found[name, batch] for batch in BATCHES]


@figure(
    "scale/thousand-ones", height=236,
    title="A thousand ones in bfloat16, added by one and by four",
    desc="Two plots of a running sum against the ones that were added, from 0 to 1000, with the diagonal dotted. Left,"
    " one adder: the sum follows the diagonal to 256 and stays there. Right, four adders: four lines from 0 to 250"
    " each; above them a tree joins two and two at 500, and these at 1000.",
    ones=1000, helpers=4, bits=8,
)  # fmt: skip
def thousand_ones(s: Sheet, ones: Array, helpers: Array, bits: Array) -> None:
    """One staircase that goes flat, and four that do not."""
    count, p = int(ones), int(bits)
    alone = running(np.ones(count), p)
    assert count == 1000 and alone[-1] == 256 == alone[256] and alone[255] == 255, "stuck at 256"
    shares = np.array_split(np.ones(count), int(helpers))
    climbs = [running(share, p) for share in shares]
    assert [float(c[-1]) for c in climbs] == [250.0] * 4, "250 each"
    pairs = [float(rounded(climbs[k][-1] + climbs[k + 1][-1], p)) for k in (0, 2)]
    assert pairs == [500, 500] and rounded(np.array(sum(pairs)), p) == 1000, "nothing is lost"

    colour = s.plots.colour
    left, right = s.plots.axes(36, 26, 138, 172), s.plots.axes(208, 26, 138, 172)
    for ax, labels in ((left, ["0", "500", "1000"]), (right, [""] * 3)):
        ax.set(xlim=(0, 1040), ylim=(0, 1060))
        ax.set_xticks([0, 500, 1000], ["0", "500", "1000"])
        ax.set_yticks([0, 500, 1000], labels)
        ax.plot([0, 1000], [0, 1000], color=colour("rule"), lw=1.2, ls=(0, (1, 2.5)))
    left.plot([0, 256, count], [0, 256, 256], color=colour("cotangent-ink"), lw=2.2)
    for k in range(4):
        right.plot([250 * k, 250 * k + 250], [0, 250], color=colour("cotangent-ink"), lw=2.2)
    dash = (0, (3, 2))
    for k, (a, b, low, high) in enumerate(((250, 500, 250, 500), (750, 1000, 250, 500), (375, 875, 500, 1000))):
        middle = (a + b) / 2
        right.plot([a, middle, b], [low, high, low], color=colour("cotangent-ink"), lw=1.3, ls=dash)
        right.plot([middle], [high], "o", color=colour("cotangent-ink"), ms=5)
        x, y = s.plots.at(right, middle, high)
        side = -9 if k == 0 else 9
        s.text(x + side, y - 2, "500" if k < 2 else "1000", BODY, "cotangent-ink", "end" if k == 0 else "start")
    x, y = s.plots.at(left, 640, 256)
    s.text(x, y - 11, "256", BODY, "cotangent-ink")
    s.text(36, 10, "one adder", BODY, "ink", "start")
    s.text(208, 10, "four, then in pairs", BODY, "ink", "start")
    s.text(105, 226, "ones added", SMALL, "quiet")
    s.text(277, 226, "ones added", SMALL, "quiet")


@figure(
    "scale/dot", height=244,
    title="What a dot product loses, by where its running sum is kept",
    desc="Relative error against the number of terms, from 4 to 16384, both axes logarithmic. Running sum in bfloat16:"
    " from two thousandths it climbs to nearly one. Running sum in float32, rounded to bfloat16 at the end: flat, at"
    " about two thousandths. In float32 throughout: about a hundred-millionth to a millionth.",
    sizes=SIZES, bits=[8, 24],
)  # fmt: skip
def dot(s: Sheet, sizes: Array, bits: Array) -> None:
    """Means of twenty draws of products of bfloat16 numbers in [0, 1)."""
    assert np.array_equal(sizes, SIZES) and np.array_equal(bits, [8, 24]), (sizes, bits)
    w, x = rounded(np.random.default_rng(0).random((2, SIZES[-1], 20)), 8)
    products = w * x
    exact = np.cumsum(products, axis=0)[np.array(SIZES) - 1]
    short, long = (running(products, int(p))[SIZES] for p in bits)

    def off(found: Array) -> Array:
        error: Array = np.mean(np.abs(found - exact) / exact, axis=1)
        return error

    curves = off(short), off(rounded(long, 8)), off(long)
    u = 2.0**-8
    assert (curves[0] <= u * np.array(SIZES)).all() and (np.diff(curves[0][2:]) > 0).all() and curves[0][-1] > 0.9
    assert (curves[1] < u).all() and (curves[1] > u / 10).all(), "one rounding at the end"
    assert (curves[2] < 4e-6).all() and (curves[2] > 0).all() and curves[2][-1] > curves[2][1], "float32 throughout"

    colour = s.plots.colour
    ax = s.plots.axes(46, 8, 300, 192)
    ax.set(xscale="log", yscale="log", xlim=(3, 21000), ylim=(2e-9, 3))
    ax.set_xticks([4, 64, 1024, 16384], ["4", "64", "1,024", "16,384"])
    ax.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1], ["$10^{−8}$", "$10^{−6}$", "$10^{−4}$", "0.01", "1"])
    ax.minorticks_off()
    ax.axhline(u, color=colour("rule"), lw=1, ls=(0, (3, 2.4)))
    for curve, tone, width in zip(curves, ("cotangent-ink", "output-ink", "quiet"), (2.2, 2.2, 1.6), strict=True):
        ax.plot(SIZES, curve, color=colour(tone), lw=width, marker="o", ms=4)
    for place, words, tone in (
        ((170, 0.08), "sum in bfloat16", "cotangent-ink"),
        ((140, 3.0e-4), "sum in float32, rounded once", "output-ink"),
        ((140, 8e-6), "sum in float32", "quiet"),
    ):
        x_, y_ = s.plots.at(ax, *place)
        s.text(x_, y_, words, BODY, tone, "end" if "bfloat" in words else "start")
    x_, y_ = s.plots.at(ax, 3.3, u)
    s.text(x_, y_ - 10, "$u$", BODY, "quiet", "start")
    s.text(200, 232, "terms", SMALL, "quiet")


@figure(
    "scale/copy-sum", height=282,
    title="A weight copied to two processes, and two means summed back",
    desc="At the top the weight w. Solid arrows lead from it to a copy in process 0 and a copy in process 1. Process 0"
    " has the slopes 1 and 3, process 1 the slopes 5 and 11. Their means, 2 and 8, go back along dashed arrows to the"
    " sum 10; half of it is 5, the mean of all four slopes.",
    slopes=[[1, 3], [5, 11]],
)  # fmt: skip
def copy_sum(s: Sheet, slopes: Array) -> None:
    """Chapter 18's four slopes, shared by two processes."""
    means = slopes.mean(axis=1)
    total = broadcasting((1,), (2, 1)).H(means[:, None])
    assert np.array_equal(slopes, [[1, 3], [5, 11]]) and np.array_equal(means, [2, 8]), slopes
    assert total == 10 and total / 2 == slopes.mean() == 5, "half the sum is the mean of the batch"

    cell = 32
    s.boxes([(164, 4, 32, 32)], fill=shade("kernel", 0.3), layer=1)
    s.text(180, 20, "$w$", LARGE)
    s.text(206, 20, "copied", BODY, "quiet", "start")
    for k, x in enumerate((92, 268)):
        s.boxes([(x - 84, 74, 168, 122)], edge="rule", width=1.4)
        s.text(x, 90, f"process {k}", BODY, "quiet")
        s.arrow((180 + (-10 if k == 0 else 10), 38), (x + (20 if k == 0 else -20), 72), "ink")
        s.boxes([(x - 66, 106, 32, 32)], fill=shade("kernel", 0.3), layer=1)
        s.text(x - 50, 122, "$w$", LARGE)
        s.text(x - 22, 122, "slopes", BODY, "cotangent-ink", "start")
        row = s.grid(x - 66, 152, slopes[k], cell, "cotangent", tone=np.full(2, 0.1))
        s.text(row.right + 12, row.centre[1], "mean", BODY, "cotangent-ink", "start")
        s.text(row.right + 56, row.centre[1], f"{means[k]:.0f}", LARGE, "cotangent-ink", face="bold")
        s.arrow((x, 198), (180 + (-34 if k == 0 else 34), 238), "cotangent-ink", dash=True)
    s.text(180, 252, "$2 + 8 = 10$", LARGE, "cotangent-ink")
    s.text(180, 272, "half of it: 5, the mean of all four", BODY, "quiet")


@figure(
    "scale/ring", height=266,
    title="A ring of four processes: three steps of adding, three of handing on",
    desc="Seven squares of four by four cells, a row for each process and a column for each part; a cell holds how many"
    " gradients are added up in it. At the start all are 1. After one step each row has a 2, after two a 3, after"
    " three a 4. Then the fours are handed down the rows: two in each, three, four.",
    processes=4,
)  # fmt: skip
def ring(s: Sheet, processes: Array) -> None:
    """How many gradients each process has in each part, step by step."""
    n = int(processes)
    held = np.ones((n, n), int)
    states = [held.copy()]
    for step in range(2 * (n - 1)):
        before = held.copy()
        for k in range(n):
            part, there = (k - step) % n, (k + 1) % n
            held[there, part] = before[k, part] + (before[there, part] if step < n - 1 else 0)
        states.append(held.copy())
    assert n == 4 and len(states) == 7 and np.array_equal(states[-1], np.full((4, 4), 4)), "all have all"
    for step in range(4):
        assert (states[step].max(axis=1) == step + 1).all(), "the largest grows by one a step"
    assert [int(np.sum(a[0] == 4)) for a in states[3:]] == [1, 2, 3, 4], "fours are handed on"

    cell = 19
    for step, state in enumerate(states):
        row, column = (0, step) if step < 4 else (1, step - 4)
        x, y = (6 + 91 * column, 22) if row == 0 else (52 + 91 * column, 148)
        fresh = state != (states[step - 1] if step else state)
        place = s.grid(x, y, state, cell, "cotangent", tone=(state - 1) / 3, size=SMALL)
        for i, j in np.argwhere(fresh).tolist():
            s.window(place, i, j, 1, 1, "output", 1.8)
        s.text(place.centre[0], y - 12, "start" if step == 0 else f"step {step}", BODY, "quiet")
    s.text(6, 116, "add: one part to the process below", BODY, "cotangent-ink", "start")
    s.text(52, 242, "hand on what is complete", BODY, "cotangent-ink", "start")
    s.text(354, 258, "a row: a process; a column: a part", SMALL, "quiet", "end")


@figure(
    "scale/measured", height=462,
    title="Two processes: the time of an all-reduce, and what a second process gains",
    desc="Above, time against bytes on logarithmic axes: about constant up to a hundred kilobytes, then in proportion."
    " The curve is fitted to every other dot and passes near the rest. Below, speed-up of two processes against the"
    " batch, 16 to 256. For full layers a pair is slower than one process at small batches; convolutions gain at"
    " smaller batches. Lines are predicted, dots measured.",
    sizes=[r["bytes"] for r in MEASURED["all_reduce"]],
    seconds=np.log10([r["seconds"] for r in MEASURED["all_reduce"]]),
    parameters=[r["parameters"] for r in MEASURED["steps"] if r["batch"] == BATCHES[0]],
    **{key: np.log10([steps_of(name, key) for name in NAMES]) for key in ("alone", "apart", "summed")},
)  # fmt: skip
def measured(
    s: Sheet, sizes: Array, seconds: Array, parameters: Array, alone: Array, apart: Array, summed: Array
) -> None:
    """Logarithms of measured seconds; the bands hold on other machines too."""
    assert np.array_equal(sizes, [4**k for k in range(5, 13)]) and np.array_equal(parameters, [25866, 1126410]), sizes
    time = 10.0**seconds
    rows = np.stack([np.full(len(sizes), 2.0), sizes], 1) / time[:, None]
    latency, inverse = np.linalg.lstsq(rows[::2], np.ones(len(sizes[::2])), rcond=None)[0]
    model = 2 * latency + sizes * inverse
    assert latency > 0 and inverse > 0, "a latency and a bandwidth"
    band = np.log10(FACTOR)
    assert (np.abs(np.log10(model) - seconds) < band).all(), "each all-reduce within the factor"
    said = np.log10(10.0**apart + (2 * latency + 4 * parameters * inverse)[:, None])
    assert (np.abs(said - summed) < band).all(), "each step within the factor"
    assert (np.abs(alone - apart - np.log10(2)) < 0.5).all(), "half a batch takes about half the time"
    gain, hoped = 10.0 ** (alone - summed), 10.0 ** (alone - said)
    assert gain[1, 0] < 1 and hoped[1, 0] < 1, "full layers, small batch: a pair is slower than one"
    assert (hoped[0, :2] > hoped[1, :2]).all() and (gain[0, :2] > gain[1, :2]).all(), "convolutions gain sooner"

    colour = s.plots.colour
    above, below = s.plots.axes(46, 26, 308, 168), s.plots.axes(46, 256, 308, 162)
    above.set(xscale="log", yscale="log", xlim=(700, 2.6e7), ylim=(time.min() * 500, time.max() * 2000))
    above.set_xticks([1024, 32768, 1048576, 16777216], ["1 KiB", "32 KiB", "1 MiB", "16 MiB"])
    above.set_yticks(
        *[
            [f(t) for t in (0.01, 0.1, 1, 10, 100) if time.min() * 500 < t < time.max() * 2000]
            for f in (float, "{:g}".format)
        ]
    )
    above.minorticks_off()
    fine = np.geomspace(sizes[0], sizes[-1], 80)
    above.plot(fine, 1e3 * (2 * latency + fine * inverse), color=colour("cotangent-ink"), lw=1.4)
    above.plot(sizes[::2], 1e3 * time[::2], "o", color=colour("cotangent-ink"), ms=6)
    above.plot(sizes[1::2], 1e3 * time[1::2], "o", color=colour("cotangent-ink"), ms=6.5, mfc="none", mew=1.6)
    s.text(46, 10, "milliseconds for an all-reduce", BODY, "quiet", "start")
    low, high = 0.9 * min(gain.min(), hoped.min()), 1.1 * max(gain.max(), hoped.max())
    below.set(xscale="log", yscale="log", xlim=(13, 315), ylim=(low, high))
    below.set_xticks(BATCHES, [str(b) for b in BATCHES])
    below.set_yticks(*[[f(t) for t in (0.25, 0.5, 1, 2) if low < t < high] for f in (float, "{:g}".format)])
    below.minorticks_off()
    below.axhline(1, color=colour("rule"), lw=1, ls=(0, (3, 2.4)))
    for k, tone in enumerate(("kernel-ink", "input-ink")):
        below.plot(BATCHES, hoped[k], color=colour(tone), lw=1.6)
        below.plot(BATCHES, gain[k], "o", color=colour(tone), ms=6)
    s.runs(46, 240, ("gain: ", "quiet"), ("convolutions", "kernel-ink"), (", ", "quiet"), ("full layers", "input-ink"))
    s.text(200, 450, "examples in a batch", SMALL, "quiet")


@figure(
    "scale/efficiency", height=232,
    title="How often a weight must be used in a step, for eight GPUs and for a thousand",
    desc="Efficiency, from 0 to 1, against the uses of each weight per step and GPU, from 10 to 100,000, logarithmic."
    " Two rising curves. Eight GPUs in one machine: one half at 1,037. A thousand over a network: one half at 10,656."
    " Dots: the digit network on eight, eight pictures each, at 186 uses and 0.15; ResNet-50 on a thousand, 32 pictures"
    " each, at 5,148 uses and 0.33.",
    gpus=[8, 1000], link=[450, 50], teraflops=400, weights=[25866, 25557032], products=[601598, 4111512576],
    pictures=[8, 32],
)  # fmt: skip
def efficiency(
    s: Sheet, gpus: Array, link: Array, teraflops: Array, weights: Array, products: Array, pictures: Array
) -> None:
    """The share of the time in which GPUs compute."""
    assert np.array_equal(gpus, [8, 1000]), gpus
    half = (gpus - 1) / gpus * 4 * teraflops * 1e12 / (3e9 * link)
    assert np.array_equal(half.round(), [1037, 10656]), half
    uses = products / weights * pictures
    assert np.array_equal(weights, [25866, 25557032]) and np.array_equal(products, [601598, 4111512576])
    assert np.array_equal(uses.round(), [186, 5148]), uses
    assert round(float(uses[0] / (uses[0] + half[0])), 2) == 0.15, "the digits: 0.15"

    colour = s.plots.colour
    ax = s.plots.axes(24, 8, 312, 176)
    ax.set(xscale="log", xlim=(10, 1e5), ylim=(0, 1.02))
    ax.set_xticks([10, 100, 1000, 1e4, 1e5], ["10", "100", "1,000", "10,000", "100,000"])
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    ax.minorticks_off()
    ax.axhline(0.5, color=colour("rule"), lw=1, ls=(0, (3, 2.4)))
    fine = np.geomspace(10, 1e5, 120)
    for middle, tone in zip(half, ("output-ink", "cotangent-ink"), strict=True):
        ax.plot(fine, fine / (fine + middle), color=colour(tone), lw=2)
    share = uses / (uses + half)
    ax.plot(uses, share, "o", color=colour("ink"), ms=6)
    s.text(*s.plots.at(ax, 620, 0.68), "8, in one machine", BODY, "output-ink", "end")
    s.text(*s.plots.at(ax, 1.0e4, 0.36), "1,000, network", BODY, "cotangent-ink", "start")
    x, y = s.plots.at(ax, uses[0], share[0])
    s.text(x - 8, y - 10, "digits", BODY, anchor="end")
    x, y = s.plots.at(ax, uses[1], share[1])
    s.text(x + 6, y + 14, "ResNet-50", BODY, anchor="start")
    s.text(194, 222, "uses of each weight, per GPU and step", SMALL, "quiet")


@figure(
    "scale/young", height=246,
    title="The share of time wasted, by how often a checkpoint is written",
    desc="Wasted share against the interval, from a minute to two days, both axes logarithmic. For 1,000 GPUs a curve"
    " with its bottom, 2.6 per cent, at 78 minutes; for 16,384 with its bottom, 10.4 per cent, at 19 minutes."
    " Simulated runs, as open dots, lie on the curves, and below them where the interval is no longer short.",
    days=54, gpus=16384, stops=419, minutes=1,
)  # fmt: skip
def young(s: Sheet, days: Array, gpus: Array, stops: Array, minutes: Array) -> None:
    """W = c/τ + τ/2M for two sizes, in minutes, and simulated runs."""
    one = float(days * 24 * 60 * gpus / stops)
    c = float(minutes)
    assert round(one / 60) == 50677 and c == 1, one
    between = [one / 1000, one / 16384]
    best = [np.sqrt(2 * c * M) for M in between]
    assert [round(t) for t in best] == [78, 19]
    rng = np.random.default_rng(0)

    def waste(tau: Array, M: float) -> Array:
        return c / tau + tau / (2 * M)

    def simulated(tau: float, M: float) -> float:
        stretches = rng.exponential(M, 60_000)
        return float(1 - tau * (stretches // (tau + c)).sum() / stretches.sum())

    dots = []
    for M, t in zip(between, best, strict=True):
        assert abs(waste(t, M) - np.sqrt(2 * c / M)) < 1e-12 and waste(2 * t, M) < 1.2501 * waste(t, M)
        near = t * np.array([0.25, 0.5, 1, 2])
        dots.append((near, np.array([simulated(float(tau), M) for tau in near])))
        assert (np.abs(dots[-1][1] / waste(near, M) - 1) < 0.2).all(), "simulated runs are near the curve"

    colour = s.plots.colour
    ax = s.plots.axes(40, 8, 308, 194)
    ax.set(xscale="log", yscale="log", xlim=(1, 3000), ylim=(0.01, 1.1))
    ax.set_xticks([1, 10, 60, 480, 2880], ["1 min", "10 min", "1 h", "8 h", "2 d"])
    ax.set_yticks([0.01, 0.1, 1], ["1 %", "10 %", "all"])
    ax.minorticks_off()
    for M, t, (near, found), tone in zip(between, best, dots, ("output-ink", "cotangent-ink"), strict=True):
        fine = np.geomspace(1.02, 3000, 200)
        fine = fine[waste(fine, M) < 1.05]
        ax.plot(fine, waste(fine, M), color=colour(tone), lw=1.8)
        ax.plot(near, found, "o", color=colour(tone), ms=6, mfc="none", mew=1.5)
        ax.plot([t], [waste(t, M)], "o", color=colour(tone), ms=3.5)
    s.text(*s.plots.at(ax, 330, 0.022), "1,000 GPUs", BODY, "output-ink", "start")
    s.text(*s.plots.at(ax, 8, 0.3), "16,384 GPUs", BODY, "cotangent-ink", "start")
    s.text(197, 238, "interval between checkpoints", SMALL, "quiet")
