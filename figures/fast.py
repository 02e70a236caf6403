"""Chapter 24, One convolution, seven ways: the race, the copies, four products in place of six, counts, roof, crossing.

The times are those of the entry "fast" in benchmarks/results.json. The scene 3, 1, 4, 5, 6 with the weights 3, 2, 1 is
that of chapter 7.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from course.ops import conv_adjoint_w, conv_adjoint_x, unfold, ways
from figures.style import BODY, LARGE, SMALL, Array, Grid, Sheet, figure, shade

MEASURED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "benchmarks" / "results.json").read_text(encoding="utf-8")
)["fast"]
SEVEN = ["loops", "slices", "windows", "columns", "rows", "spectra", "winograd"]
OTHERS = ["conv2d", "torch", "torch all"]
SWEPT = ["columns", "rows", "spectra", "torch"]
KERNELS = [3, 5, 7, 9, 11, 15, 21]
ITEM = 4  # bytes of a number


def found(problem: str, way: str, key: str) -> float:
    """A number of the entry."""
    rows = next(p["rows"] for p in MEASURED["problems"] if p["problem"] == problem)
    return float(next(r[key] for r in rows if r["way"] == way))


def logs(problem: str, names: list[str], prefix: str = "") -> dict[str, Array]:
    """Logarithms of seconds, multiplications, numbers moved, and of multiplications a second and a byte."""
    s, q, n = (
        np.array([found(problem, way, key) for way in names]) for key in ("seconds", "multiplications", "numbers")
    )
    parts = {"seconds": s, "products": q, "numbers": n, "rate": q / s, "intensity": q / (ITEM * n)}
    return {prefix + key: np.log10(values) for key, values in parts.items()}


def consistent(seconds: Array, products: Array, numbers: Array, rate: Array, intensity: Array) -> bool:
    """Whether the five belong together; the counts are held against the formulas elsewhere."""
    return np.allclose(rate, products - seconds) and np.allclose(intensity, products - numbers - np.log10(ITEM))


def of_gpu(problem: str) -> list[float]:
    """The seconds of torch on a GPU, or nothing."""
    return [np.log10(found(problem, "torch gpu", "seconds"))] if MEASURED["gpu"] else []


def said(seconds: float) -> str:
    """A time in words, to two digits."""
    for limit, unit, name in ((1, 1e-3, "ms"), (120, 1, "s"), (np.inf, 60, "min")):
        if seconds < limit:
            value = seconds / unit
            return f"{value:.0f} {name}" if value >= 9.95 else f"{value:.2g} {name}"
    raise AssertionError(seconds)


LAYER = logs("layer", SEVEN + OTHERS)


@figure(
    "fast/race", height=316,
    title="One layer, seven ways, and what each takes",
    desc="Horizontal bars on a logarithmic axis of time, for a layer of 64 channels with 64 kernels of 3 by 3. The"
    " seven loops take minutes, slices and spectra tenths of a second and more, windows, columns, rows and winograd"
    " some hundredths of a second, conv2d and torch about as long as rows. A last row is for torch on a GPU.",
    seconds=LAYER["seconds"], products=LAYER["products"], rate=LAYER["rate"], gpu=of_gpu("layer"),
)  # fmt: skip
def race(s: Sheet, seconds: Array, products: Array, rate: Array, gpu: Array) -> None:
    """The opening figure: the same numbers, computed again and again."""
    names = SEVEN + OTHERS
    expected = np.log10([found("layer", way, "multiplications") for way in names])
    assert np.allclose(products, expected) and np.allclose(rate, products - seconds), "times, counts and rates agree"
    time = dict(zip(names, seconds, strict=True))
    assert time["loops"] > 2 + max(t for name, t in time.items() if name != "loops"), "loops: a hundred times and more"
    quick = ("windows", "columns", "rows", "winograd", "conv2d", "torch")
    assert all(time[name] < time["slices"] - np.log10(3) for name in quick), "products of matrices beat slices"
    assert len(gpu) == 0 or abs(gpu[0] - of_gpu("layer")[0]) < 1e-9, "the time of the GPU"

    left, pitch, top = 104, 26, 6
    low, high = np.floor(min([*seconds, *gpu])) - 0.25, seconds.max() + 0.05
    scale = 204 / (high - low)
    last = top + pitch * (len(names) + 1)
    for power, words in ((-3, "1 ms"), (-1, "0.1 s"), (1, "10 s"), (3, "17 min")):
        if low < power < high:
            x = left + (power - low) * scale
            s.line([(x, top), (x, last)], "rule", 0.8)
            s.text(x, last + 11, words, SMALL, "quiet")
    for k, name in enumerate([*names, "torch, GPU"]):
        y = top + pitch * k
        role = "kernel" if name in SEVEN else "output"
        words = {"torch": "torch", "torch all": f"torch, {MEASURED['threads']} threads"}.get(name, name)
        s.text(left - 7, y + 12, words, BODY, anchor="end")
        if name == "torch, GPU" and not len(gpu):
            s.boxes([(left + 3, y + 5, 212, 14)], "paper", layer=2)
            s.text(left + 4, y + 12, "no GPU in the machine that measured", SMALL, "quiet", "start")
            continue
        value = float(gpu[0]) if name == "torch, GPU" else time[name]
        end = left + (value - low) * scale
        s.boxes([(left, y + 3, end - left, 18)], shade(role, 0.5), layer=3)
        s.boxes([(end + 3, y + 5, 36, 14)], "paper", layer=2)
        s.text(end + 5, y + 12, said(10**value), SMALL, "ink", "start")


def copied(x: Array) -> tuple[Array, Array]:
    """The columns of all windows of 2 by 3, and the copies along the rows alone."""
    whole = unfold(x[None, None].astype(int), (2, 3))[0]
    along = np.stack([x[:, q : q + x.shape[1] - 2].ravel() for q in range(3)])
    return whole, along


@figure(
    "fast/copies", height=300,
    title="What im2col copies, and what row columns copy",
    desc="A picture of three rows and five columns, numbered 0 to 14. For a kernel of two rows and three columns im2col"
    " makes a matrix of six rows and six columns, 36 numbers. Row columns make a matrix of three rows and nine columns,"
    " 27 numbers. In it the first six columns are the upper half of the other matrix and the last six the lower half.",
    x=np.arange(15).reshape(3, 5),
)  # fmt: skip
def copies(s: Sheet, x: Array) -> None:
    """The upper half of the columns is the lower half, a row of the picture later."""
    whole, along = copied(x)
    assert np.array_equal(x, np.arange(15).reshape(3, 5)), "each number is its place"
    assert whole.size == 36 and along.size == 27, (whole.shape, along.shape)
    assert np.array_equal(whole[:3], along[:, :6]) and np.array_equal(whole[3:], along[:, 3:]), "two views of one"

    cell = 23
    s.text(0, 8, "the picture", BODY, "input-ink", "start")
    place = s.grid(0, 20, x, cell, "input", size=SMALL)
    s.window(place, 0, 0, 2, 3, "kernel")
    s.text(190, 8, "all windows as columns", BODY, "ink", "start")
    tall = s.grid(190, 20, whole, cell, "input", tone=np.repeat([[0.15], [0.8]], 3, axis=0) + 0 * whole, size=SMALL)
    s.window(tall, 0, 0, 6, 1, "kernel")
    s.text(tall.right + 4, tall.at(1, 0)[1], "$p = 0$", SMALL, "ink", "start")
    s.text(place.x, 118, "36 copies;", BODY, "ink", "start")
    s.text(place.x, 135, "below 27, and both", BODY, "ink", "start")
    s.text(place.x, 152, "halves lie in them", BODY, "ink", "start")
    s.text(0, 192, "copies along the rows alone", BODY, "ink", "start")
    wide = s.grid(0, 206, along, cell, "input", size=SMALL)
    s.window(wide, 0, 0, 3, 6, "kernel")
    s.window(wide, 0, 3, 3, 6, "output", dash=True)
    s.text(wide.right + 10, wide.at(0, 0)[1], "$p = 0$: columns 0–5", BODY, "kernel-ink", "start")
    s.text(wide.right + 10, wide.at(2, 0)[1], "$p = 1$: columns 3–8", BODY, "output-ink", "start")
    s.text(tall.right + 4, tall.at(4, 0)[1], "$p = 1$", SMALL, "ink", "start")


@figure(
    "fast/by-hand", height=330,
    title="Two outputs of three taps with four products, there and back",
    desc="Left, the samples 3, 1, 4, 5 become -1, 5, 3, 4. Right, the taps 3, 2, 1 become 3, 3, 1, 1. Their products"
    " are -3, 15, 3, 4, and these become the outputs 15 and 16. Below, dashed, the way back: the worths 1, 3 become 1,"
    " 4, -2, 3; times the taps' four numbers 3, 12, -2, 3, which become 3, 11, 7, 3 for the samples; times the samples'"
    " four -1, 20, -6, 12, which become 6, 13, 19 for the taps.",
    x=[3, 1, 4, 5], w=[3, 2, 1], g=[1, 3],
)  # fmt: skip
def by_hand(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """Every number of the text."""
    A, B, G = ways.F_2_3
    u, k, c = B.T @ x, G @ w, A @ g
    y, h, v = A.T @ (k * u), B @ (k * c), G.T @ (c * u)
    assert u.tolist() == [-1, 5, 3, 4] and k.tolist() == [3, 3, 1, 1] and c.tolist() == [1, 4, -2, 3], (u, k, c)
    assert y.tolist() == [15, 16] and h.tolist() == [3, 11, 7, 3] and v.tolist() == [6, 13, 19], (y, h, v)
    shape = (1, 1, 4), (1, 1, 3)
    assert np.array_equal(h, conv_adjoint_x(g[None, None], w[None, None], shape[0])[0, 0])
    assert np.array_equal(v, conv_adjoint_w(g[None, None], x[None, None], shape[1])[0, 0])
    assert y @ g == x @ h == w @ v == 63

    cell, gap = 29, 52
    a, b = 0.0, 360 - 4.0 * cell  # left and right column
    top = s.grid(a, 18, x, cell, "input")
    taps = s.grid(b + cell, 18, w, cell, "kernel")
    s.text(a, 8, "samples $x$", BODY, "input-ink", "start")
    s.text(360, 8, "taps $w$", BODY, "kernel-ink", "end")
    mid_x = s.grid(a, 18 + cell + gap - 20, u, cell, "input", tone=np.full(4, 0.8))
    mid_w = s.grid(b, 18 + cell + gap - 20, k, cell, "kernel", tone=np.full(4, 0.8))
    for one, two in ((top, mid_x), (taps, mid_w)):
        middle = (mid_x if one is top else mid_w).centre[0]
        s.arrow((middle, one.bottom + 4), (middle, two.y - 4), "ink")
    s.text(mid_x.centre[0] + 10, (top.bottom + mid_x.y) / 2, "$B^⊤$", BODY, anchor="start")
    s.text(mid_w.centre[0] - 10, (taps.bottom + mid_w.y) / 2, "$G$", BODY, anchor="end")
    s.text(180, mid_x.centre[1], "×", LARGE)
    products = s.grid(180 - 2 * cell, mid_x.bottom + 12, k * u, cell, "output", tone=np.full(4, 0.2))
    out = s.grid(180 - cell, products.bottom + 32, y, cell, "output", strong=[(0, 0), (0, 1)])
    s.arrow((180, products.bottom + 4), (180, out.y - 4), "ink")
    s.text(190, (products.bottom + out.y) / 2, "$A^⊤$", BODY, anchor="start")
    s.text(out.right + 9, out.centre[1], "$y$", LARGE, "output-ink", "start")
    back(s, g, c, k * c, c * u, h, v, out)


def back(s: Sheet, g: Array, c: Array, to_x: Array, to_w: Array, h: Array, v: Array, out: Grid) -> None:
    """The lower half: the worths, and what returns on either side."""
    cell = out.cell
    worth = s.grid(180 - cell, out.bottom + 6, g, cell, "cotangent")
    s.text(worth.right + 9, worth.centre[1], "$g$", LARGE, "cotangent-ink", "start")
    spread = s.grid(180 - 2 * cell, worth.bottom + 32, c, cell, "cotangent", tone=np.full(4, 0.8))
    s.arrow((180, worth.bottom + 4), (180, spread.y - 4), "cotangent-ink", dash=True)
    s.text(190, (worth.bottom + spread.y) / 2, "$A$", BODY, "cotangent-ink", anchor="start")
    assert len(to_x) == len(to_w) == 4
    left = s.grid(0, spread.y - 62, h, cell, "cotangent", tone=np.full(4, 0.4))
    right = s.grid(360 - 3 * cell, spread.y - 62, v, cell, "cotangent", tone=np.full(3, 0.4))
    s.text(left.x, left.y - 11, "back to $x$: $h$", BODY, "cotangent-ink", "start")
    s.text(right.right, right.y - 11, "back to $w$: $v$", BODY, "cotangent-ink", "end")
    for end, words, side in ((left, "$× Gw$, then $B$", -1), (right, "$× B^⊤x$, then $G^⊤$", 1)):
        start = (spread.x - 4 if side < 0 else spread.right + 4, spread.centre[1])
        s.arrow(start, (end.centre[0], end.bottom + 5), "cotangent-ink", dash=True, bend=0.25 * side)
        s.text(0 if side < 0 else 360, spread.bottom + 14, words, BODY, "cotangent-ink", "start" if side < 0 else "end")


@figure(
    "fast/counts", height=258,
    title="Multiplications, numbers moved, and time, for one layer",
    desc="Three columns of logarithmic bars with a row for each of the seven ways. Multiplications: nearly equal"
    " for loops, slices, windows, columns and rows, fewer for spectra, fewest for winograd. Numbers moved: most for"
    " loops and slices, fewest for rows. Time: loops and slices longest, spectra next; the least are rows, columns and"
    " winograd.",
    **logs("layer", SEVEN),
)  # fmt: skip
def counts(s: Sheet, seconds: Array, products: Array, numbers: Array, rate: Array, intensity: Array) -> None:
    """The order by one count is not the order by the other, nor by the clock."""
    assert consistent(seconds, products, numbers, rate, intensity), "rates and intensities follow from the rest"
    shapes = next((tuple(p["x"]), tuple(p["w"])) for p in MEASURED["problems"] if p["problem"] == "layer")
    own = np.log10([ways.cost(way, *shapes) for way in SEVEN])
    assert np.allclose(own, np.stack([products, numbers], 1)), "the counts of the package"
    at = {name: k for k, name in enumerate(SEVEN)}
    assert products.argmin() == at["winograd"] and numbers.argmin() == at["rows"], "fewest of each"
    assert seconds[at["spectra"]] > seconds[at["columns"]] + np.log10(3), "fewer products, and three times as long"
    assert seconds[at["windows"]] > seconds[at["columns"]], "the same product, the copies in another order"
    assert seconds[at["columns"]] - seconds[at["winograd"]] < products[at["columns"]] - products[at["winograd"]]

    pitch, top, left = 30, 34, 66
    for col, (values, name, unit) in enumerate(
        (
            (products, "multiplications", lambda v: f"{10**v / 1e6:.0f} M"),
            (numbers, "moved", lambda v: f"{10**v / 1e6:.0f} M"),
            (seconds, "time", lambda v: said(10**v)),
        )
    ):
        x = left + 101 * col
        s.text(x, 12, name, BODY, "ink", "start")
        low, high = values.min() - 0.2 * np.ptp(values), values.max()
        for k, value in enumerate(values):
            width = (52, 52, 40)[col] * (value - low) / (high - low)
            role = "output" if k == values.argmin() else "kernel"
            s.boxes([(x, top + pitch * k, width, 17)], shade(role, 0.5), layer=3)
            s.text(x + width + 4, top + pitch * k + 8.5, unit(value), SMALL, "ink", "start")
    for k, name in enumerate(SEVEN):
        s.text(left - 7, top + pitch * k + 8.5, name, BODY, anchor="end")
    s.text(left, top + pitch * 7 + 4, "green: the least", SMALL, "output-ink", "start")


ROOF = {key: np.log10(list(MEASURED["roofs"]["one"].values())) for key in ("roof",)}
CPU = [*SEVEN, "conv2d", "torch"]
PHOTO = [name for name in CPU if name != "winograd"]


def beneath(roof: Array, rate: Array, intensity: Array) -> Array:
    """How far below the roof: the least of what the products and the cache allow, less the rate, in powers of ten."""
    return np.minimum(roof[0], roof[1] + intensity) - rate


@figure(
    "fast/roofline", height=548,
    title="The roof of one processor, and how near each way comes",
    desc="Two panels with logarithmic axes: multiplications for each byte moved to the right, multiplications a second"
    " upwards. In each a roof: two slanted lines, one for arrays in memory and a higher one for arrays in the cache,"
    " and a level line where matrix products end. Above, the layer: slices at the far left, and an arrow down to the"
    " loops, which are far below; spectra lower than winograd and windows; columns and rows near the level roof, conv2d"
    " and torch at the right, nearest to it. Below, the photograph: columns and windows fall to the far left, rows and"
    " spectra stay higher.",
    **ROOF, **logs("layer", CPU, "layer_"), **logs("photograph", PHOTO, "photo_"),
)  # fmt: skip
def roofline(s: Sheet, roof: Array, **data: Array) -> None:
    """Nothing is above the roof; what does the fewest products is far below it."""
    expected = np.log10(list(MEASURED["roofs"]["one"].values()))
    assert np.allclose(roof, expected) and roof[1] > roof[2], "the roof that was measured; the cache is faster"
    panels = {p: {key[6:]: data[key] for key in data if key.startswith(p)} for p in ("layer_", "photo_")}
    for panel in panels.values():
        assert consistent(**panel), "rates and intensities follow from the rest"
        assert (beneath(roof, panel["rate"], panel["intensity"]) > -np.log10(1.05)).all(), "none above the roof"
    for problem, names, panel in (("layer", CPU, panels["layer_"]), ("photograph", PHOTO, panels["photo_"])):
        own = np.log10([found(problem, way, "numbers") for way in names])
        assert np.allclose(own, panel["numbers"]), "the counts"
        far = dict(zip(names, beneath(roof, panel["rate"], panel["intensity"]), strict=True))
        assert far["loops"] > 2.5, "loops: hundreds of times below"
    rate = dict(zip(CPU, panels["layer_"]["rate"], strict=True))
    photo = dict(zip(PHOTO, panels["photo_"]["rate"], strict=True))
    assert photo["columns"] < min(rate["columns"] - 0.7, photo["rows"] - 0.5), "a matrix of a single row"
    for panel in panels.values():
        assert roof[2] + panel["intensity"][1] - 0.8 < panel["rate"][1], "slices wait for numbers"
    assert panels["photo_"]["seconds"].argmin() == PHOTO.index("spectra"), "spectra win where kernels are large"
    assert max(rate["spectra"], rate["winograd"]) < min(rate["rows"], rate["torch"]), "few products are slow ones"

    for k, (title, names, panel) in enumerate(
        (("the layer, 64 channels, 3×3", CPU, panels["layer_"]), ("the photograph, 21×21", PHOTO, panels["photo_"]))
    ):
        top = 24 + 276 * k
        ax, colour = s.plots.axes(40, top, 314, 204), s.plots.colour
        ax.set_xlim(-1.45, 2.75)
        floor = min(up for name, up in zip(names, panel["rate"], strict=True) if name != "loops") - 0.45
        ax.set_ylim(floor, roof[0] + 0.2)
        ax.set_xticks([-1, 0, 1, 2], ["0.1", "1", "10", "100"])
        powers = [k for k in range(7, 15) if floor <= k < roof[0] + 0.2]
        ax.set_yticks(powers, [f"$10^{{{k}}}$" for k in powers])
        for rise, dash in ((roof[1], "-"), (roof[2], (0, (4, 2)))):
            ridge = roof[0] - rise
            ax.plot([-1.45, ridge], [rise - 1.45, roof[0]], color=colour("ink"), lw=1.4, ls=dash)
        ax.plot([roof[0] - roof[1], 2.75], [roof[0], roof[0]], color=colour("ink"), lw=1.4)
        for name, right, up in zip(names, panel["intensity"], panel["rate"], strict=True):
            if name != "loops":
                ax.plot([right], [up], "o", color=colour("kernel-ink" if name in SEVEN else "output-ink"), ms=5)
        x, y = s.plots.at(ax, panel["intensity"][0], floor)
        s.arrow((x, y - 26), (x, y - 5), "kernel-ink")
        power = 10 ** float(panel["rate"][0] - 6)
        s.text(352, y - 12, f"down the arrow, loops: {power:.1f} million", SMALL, "kernel-ink", "end")
        shown = np.array(names) != "loops"
        s.text(40, top - 14, f"multiplications a second: {title}", BODY, "quiet", "start")
        s.text(198, top + 236, "multiplications for each byte moved", SMALL, "quiet")
        label(s, ax, [n for n in names if n != "loops"], panel["intensity"][shown], panel["rate"][shown])


def label(s: Sheet, ax: Any, names: list[str], right: Array, up: Array) -> None:
    """The names beside their points, moved apart where they would touch."""
    placed: list[tuple[float, float, float, float]] = []
    for k in np.argsort(-up):
        x, y = s.plots.at(ax, right[k], up[k])
        wide = 6.4 * len(names[k])
        for dx, dy, anchor in (
            (8, 6, "start"), (-8, 6, "end"), (8, 13, "start"), (-8, 13, "end"), (0, 14, "middle"), (8, 24, "start"),
            (-8, 24, "end"), (0, 27, "middle"), (0, 40, "middle"), (8, 52, "start"),
        ):  # fmt: skip
            start = x + dx - {"start": 0, "end": wide, "middle": wide / 2}[anchor]
            box = start, y + dy - 6, start + wide, y + dy + 6
            free = all(box[2] < b[0] or b[2] < box[0] or box[3] < b[1] or b[3] < box[1] for b in placed)
            points = [s.plots.at(ax, a, b) for a, b in zip(right, up, strict=True)]
            clear = all(not (box[0] - 2 < a < box[2] + 2 and box[1] - 2 < b < box[3] + 2) for a, b in points)
            if free and clear and start > 42 and box[2] < 358:
                break
        placed.append(box)
        s.boxes([(box[0] + 2, box[1], wide - 4, 12)], "paper", layer=2)
        role = "kernel-ink" if names[k] in SEVEN else "output-ink"
        s.text(x + dx, y + dy, names[k], SMALL, role, anchor)


def swept(key: str) -> list[list[float]]:
    """A row for each way, a column for each kernel."""
    rows = {(r["way"], r["k"]): r[key] for r in MEASURED["sweep"]}
    return [[float(np.log10(rows[way, k])) for k in KERNELS] for way in SWEPT]


@figure(
    "fast/crossing", height=268,
    title="Sixteen channels to sixteen: where transforms overtake products",
    desc="Time against the size of the kernel, both logarithmic. Spectra stay nearly level. Columns rise steeply from"
    " well below and cross them, rows and torch rise more slowly and cross later. A dashed upright line at k = 3 marks"
    " where the count of multiplications lets the spectra win; the crossings of the clock all lie to the right of it.",
    kernels=KERNELS, seconds=swept("seconds"), products=swept("multiplications"),
    rate=np.subtract(swept("multiplications"), swept("seconds")),
)  # fmt: skip
def crossing(s: Sheet, kernels: Array, seconds: Array, products: Array, rate: Array) -> None:
    """By the count transforms win from 3 by 3 on, by the clock much later."""
    assert np.array_equal(kernels, KERNELS) and np.allclose(rate, products - seconds)
    own = {way: k for k, way in enumerate(SWEPT)}
    shapes = [((4, 16, 64, 64), (16, 16, k, k)) for k in KERNELS]
    for way in ("columns", "rows", "spectra"):
        assert np.allclose(products[own[way]], np.log10([ways.cost(way, *both).multiplications for both in shapes]))
    assert np.allclose(products[own["torch"]], products[own["columns"]])
    assert (products[own["spectra"]] < products[own["columns"]]).all(), "fewer multiplications from 3 by 3 on"
    t = dict(zip(SWEPT, seconds, strict=True))
    assert (t["columns"][:2] < t["spectra"][:2]).all() and (t["rows"][:3] < t["spectra"][:3]).all(), "small: products"
    assert t["columns"][-1] > t["spectra"][-1], "large: transforms"
    assert np.ptp(t["spectra"]) < np.log10(4), "transforms: nearly level"

    ax, colour = s.plots.axes(40, 24, 262, 196), s.plots.colour
    ax.set_xlim(np.log10(2.6), np.log10(23))
    ax.set_ylim(seconds.min() - 0.15, seconds.max() + 0.15)
    ax.set_xticks(np.log10(KERNELS), [str(k) for k in KERNELS])
    ax.set_yticks([-3, -2, -1], ["1", "10", "100"])
    x = np.log10(kernels)
    tones = {"columns": "kernel-ink", "rows": "kernel-ink", "spectra": "input-ink", "torch": "output-ink"}
    ax.axvline(np.log10(3), color=colour("rule"), lw=1.2, ls=(0, (3, 2.4)))
    heights: list[float] = []
    for name in sorted(SWEPT, key=lambda name: -t[name][-1]):
        dash = (0, (4, 2)) if name == "rows" else "-"
        ax.plot(x, t[name], color=colour(tones[name]), lw=1.6, marker="o", ms=3, ls=dash)
        y = s.plots.at(ax, x[-1], t[name][-1])[1]
        y = max([y, *[h + 14 for h in heights]])
        heights.append(y)
        s.text(309, y, name, BODY, tones[name], "start")
    line, ceiling = s.plots.at(ax, np.log10(3), seconds.max() + 0.15)
    s.text(line + 7, ceiling + 8, "by the count, from here on", SMALL, "quiet", "start")
    s.text(40, 8, "milliseconds", BODY, "quiet", "start")
    s.text(171, 260, "taps on a side, $k$", SMALL, "quiet")
