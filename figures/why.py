"""Chapter 19, Why convolutions: what symmetry leaves of a layer, what breaks it, and what a first layer learns.

The filters of the last figure are learned by `learned` and kept in `why/filters.npz`, so that the drawing is the same
on every machine; each run learns them again and compares.
"""

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import linalg, ndimage

from course.data import digits, sample_image
from course.imaging.kernels import SOBEL_X
from course.ops import correlate, receptive_field
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure

FILTERS = Path(__file__).parent / "why" / "filters.npz"
ONES = [(1, 1), (1, 5), (3, 3), (4, 1), (4, 5), (5, 2), (5, 3), (5, 4)]
FACE = [[int((i, j) in ONES) for j in range(7)] for i in range(7)]


@figure(
    "why/shuffled", height=180,
    title="Five digits, and the same digits with their pixels shuffled",
    desc="Above, five handwritten digits of eight by eight pixels, nought to four, in blue. Below each, the same 64 "
    "pixels at other places, moved by the same shuffle in all five: no digit can be recognised.",
    examples=[0, 1, 2, 3, 4], seed=[0],
)  # fmt: skip
def shuffled(s: Sheet, examples: Array, seed: Array) -> None:
    """Pictures above, shuffled pictures below."""
    pictures, names = digits()
    assert seed.tolist() == [0] and names[examples].tolist() == [0, 1, 2, 3, 4] == examples.tolist()
    order = np.random.default_rng(0).permutation(64)
    assert np.mean(order == np.arange(64)) < 0.1, "nearly every pixel moves"
    for k, x in enumerate(pictures[examples]):
        mixed = x.ravel()[order].reshape(8, 8)
        assert np.array_equal(np.sort(mixed, axis=None), np.sort(x, axis=None)) and not np.array_equal(mixed, x)
        assert np.array_equal(mixed.ravel()[np.argsort(order)].reshape(8, 8), x), "and can be brought back"
        for top, y in ((0, x), (96, mixed)):
            s.grid(k * 74, top, np.full((8, 8), np.nan), 8, "input", tone=y)
        s.arrow((k * 74 + 32, 69), (k * 74 + 32, 91), "ink", 1.2)
    s.text(180, 172, "shuffled, all in the same way", SMALL, "quiet")


@figure(
    "why/ladder", height=146,
    title="Dense, local, shared: 64, 22 and 3 different weights",
    desc="Three matrices of eight by eight. Dense: all 64 cells are filled, each in its own shade. Local: only the "
    "diagonal and its two neighbours, 22 cells, each in its own shade. Shared: the same 22 cells, but each diagonal in "
    "a single shade, for the weights 3, 5 and 2.",
    dense=(27 * np.arange(64) % 64 + 1).reshape(8, 8), taps=[3, 5, 2],
)  # fmt: skip
def ladder(s: Sheet, dense: Array, taps: Array) -> None:
    """A matrix, its band, and one number a diagonal."""
    i, j = np.indices((8, 8))
    near = abs(i - j) <= 1
    shared = linalg.toeplitz([taps[1], taps[0], *[0] * 6], [taps[1], taps[2], *[0] * 6])
    assert np.array_equal(np.sort(dense, axis=None), np.arange(1, 65)), "64 different weights"
    assert taps.tolist() == [3, 5, 2] and len(np.unique(dense[near])) == near.sum() == 22
    assert np.array_equal(shared != 0, near) and len(np.unique(shared[near])) == 3
    tones = (dense / 64, np.where(near, dense / 64, 0), np.where(near, shared / 5, 0))
    for k, (name, count, tone) in enumerate(zip(("dense", "local", "shared"), ("64", "22", "3"), tones, strict=True)):
        left = k * 126
        s.text(left + 54, 9, name, BODY, "kernel-ink")
        values = np.where(near, shared, np.nan) if k == 2 else np.full((8, 8), np.nan)
        s.grid(left, 20, values, 13.5, "kernel", tone=tone, size=11)
        s.text(left + 54, 138, f"{count} weights", SMALL, "quiet")


@figure(
    "why/average", height=106,
    title="A matrix of three by three, its two moves, and their mean",
    desc="Four matrices of three by three. A: 1 6 3, 4 3 2, 1 8 2. A slid along its diagonals by one: 3 2 4, 8 2 1, "
    "6 3 1. By two: 2 1 8, 3 1 6, 2 4 3. The mean of the three: 2 3 5, 5 2 3, 3 5 2, one number on each diagonal.",
    matrix=[[1, 6, 3], [4, 3, 2], [1, 8, 2]],
)  # fmt: skip
def average(s: Sheet, matrix: Array) -> None:
    """Conjugates by the shift, and the circulant that is their mean."""
    S = np.roll(np.eye(3, dtype=int), 1, axis=0)
    moved = [np.linalg.matrix_power(S.T, g) @ matrix @ np.linalg.matrix_power(S, g) for g in range(3)]
    assert np.array_equal(moved[1], [[3, 2, 4], [8, 2, 1], [6, 3, 1]])
    assert np.array_equal(moved[2], [[2, 1, 8], [3, 1, 6], [2, 4, 3]])
    mean = sum(moved) // 3
    assert np.array_equal(3 * mean, sum(moved)) and np.array_equal(mean, linalg.circulant([2, 5, 3]))
    i, j = np.indices((3, 3))
    tone = np.array([0.9, 0.5, 0.15])[(i - j) % 3]
    names = ("$A$", "moved by 1", "moved by 2", "mean")
    for k, (name, values) in enumerate(zip(names, (*moved, mean), strict=True)):
        left = k * 94
        place = s.grid(left, 22, values, 26, "output" if k == 3 else "kernel", tone=tone)
        s.text(left + 39, 9, name, BODY, "output-ink" if k == 3 else "kernel-ink")
        if k:
            if k < 3:
                s.text(left - 8, place.centre[1], "+", LARGE)
            else:
                s.arrow((left - 15, place.centre[1]), (left - 1, place.centre[1]))


@figure(
    "why/turns", height=214,
    title="A face and its four maps; the face turned, and its four maps",
    desc="Above, a face of seven by seven pixels and four maps of five by five, made by Sobel's kernel in four "
    "positions. Below, the face turned by a quarter, and its four maps. Arrows lead from each map above to the one "
    "below that is the same, turned by a quarter: from 0 to 1, 1 to 2, 2 to 3, and 3 to 0.",
    face=FACE, kernel=SOBEL_X,
)  # fmt: skip
def turns(s: Sheet, face: Array, kernel: Array) -> None:
    """Two stacks, and which map has become which."""
    assert np.array_equal(face, FACE) and np.array_equal(kernel, SOBEL_X)
    stacks = [
        [correlate(x, np.rot90(kernel, r), "valid") for r in range(4)] for x in (face, np.rot90(face))
    ]  # fmt: skip
    assert all(np.array_equal(np.rot90(stacks[0][r]), stacks[1][(r + 1) % 4]) for r in range(4))
    largest = max(y.max() for y in stacks[0])
    left, pitch = 92, 72
    for top, x, stack in ((20, face, stacks[0]), (142, np.rot90(face), stacks[1])):
        s.grid(0, top, np.full((7, 7), np.nan), 10, "input", tone=x)
        for r, y in enumerate(stack):
            s.grid(left + r * pitch, top + 9, np.full((5, 5), np.nan), 10, "output", tone=np.clip(y, 0, None) / largest)
    s.text(35, 9, "face", BODY, "input-ink")
    for r in range(4):
        s.text(left + r * pitch + 25, 9, f"{90 * r}°", BODY, "kernel-ink")
        to = left + (r + 1) % 4 * pitch + 25
        s.arrow((left + r * pitch + 25, 83), (to - (6 if r < 3 else -6), 147), "output-ink", 1.2)
    s.arrow((35, 94), (35, 138), "input-ink", 1.2)


@figure(
    "why/strides", height=176,
    title="The sum over all outputs while a step moves on",
    desc="Three rows of dots against the move from 0 to 7. With every output the sum stays at 4. With every second "
    "output it jumps between 0 and 4. With every second output after a blur it stays at 2.",
    signal=[0, 0, 0, 4, 4, 4, 4, 4, 0, 0, 0, 0], blur=[1, 2, 1],
)  # fmt: skip
def strides(s: Sheet, signal: Array, blur: Array) -> None:
    """Scores for eight moves."""
    assert signal.tolist() == [0, 0, 0, 4, 4, 4, 4, 4, 0, 0, 0, 0] and blur.tolist() == [1, 2, 1]
    rises = [np.maximum(x - np.roll(x, 1), 0) for x in (np.roll(signal, a) for a in range(8))]
    blurred = [ndimage.correlate(y.astype(float), blur / 4, mode="wrap") for y in rises]
    rows = [[y.sum() for y in rises], [y[::2].sum() for y in rises], [y[::2].sum() for y in blurred]]
    assert rows == [[4] * 8, [0, 4] * 4, [2] * 8], rows
    names = (("every output", "output"), ("every 2nd", "input"), ("blurred, every 2nd", "kernel"))
    for k, ((name, role), row) in enumerate(zip(names, rows, strict=True)):
        base = 38 + k * 56
        s.text(0, base - 12, name, BODY, f"{role}-ink", "start")
        s.line([(128, base), (356, base)])
        tips = [(140 + 29 * a, base - 7 * v) for a, v in enumerate(row)]
        s.line(tips, f"{role}-ink", 1, layer=1)
        s.dots(tips, f"{role}-ink", 3.6)
        s.text(340 + 14, tips[-1][1] - (9 if row[-1] != 4 else -10), f"{row[-1]:g}", SMALL)
    s.text(240, 168, "the step has moved by 0 to 7 places", SMALL, "quiet")


@figure(
    "why/pyramid", height=282,
    title="A photograph at four sizes, and what three pixels of each see",
    desc="A photograph of a man behind a camera, 96 pixels wide; beside it, one below the other, the same at 48, 24 "
    "and 12 pixels, coarser and coarser. On each a window of three by three of its pixels is framed. On the "
    "photograph four frames around one place on the head show what these windows see of it: 3, 7, 15 and 31 pixels.",
    crop=[20, 60, 96], centre=[24, 48],
)  # fmt: skip
def pyramid(s: Sheet, crop: Array, centre: Array) -> None:
    """The levels, their windows, and their fields."""
    assert crop.tolist() == [20, 60, 96] and centre.tolist() == [24, 48], "the crop and the place of the caption"
    (row, column, side), x = crop, sample_image("camera") / 255
    x = x[row : row + side, column : column + side]
    fields = [receptive_field([(3, 2)] * (level + 1)) for level in range(4)]
    assert fields == [3, 7, 15, 31]
    levels = [x]
    for _ in range(3):
        y = ndimage.correlate1d(ndimage.correlate1d(levels[-1], [0.25, 0.5, 0.25], 0), [0.25, 0.5, 0.25], 1)
        levels.append(y[::2, ::2])
    assert [len(y) for y in levels] == [96, 48, 24, 12]
    big, small = 262, 84
    places = [(0.0, 0.0, big)] + [(360.0 - small, k * 89.0, small) for k in range(3)]
    for level, ((left, top, size), y) in enumerate(zip(places, levels, strict=True)):
        s.picture(left, top, size, size, np.kron(y, np.ones((side // len(y),) * 2)), levels=24)
        cell = size / len(y)
        i, j = centre / 2**level
        window = (left + (j - 1) * cell, top + (i - 1) * cell, 3 * cell, 3 * cell)
        s.boxes([window], edge="paper", width=3.2, layer=3)
        s.boxes([window], edge="kernel-ink", width=1.6, layer=4)
    s.text(131, 274, "96 pixels a side", SMALL, "quiet")
    s.text(318, 274, "48, 24, 12", SMALL, "quiet")
    cell = big / side
    for field in fields[1:]:
        i, j = centre - field // 2
        s.boxes([(j * cell, i * cell, field * cell, field * cell)], edge="paper", width=3.2, layer=3)
        s.boxes([(j * cell, i * cell, field * cell, field * cell)], edge="kernel-ink", width=1.6, layer=4)


@figure(
    "why/samples", height=236,
    title="Test error against the number of examples for three layers",
    desc="Both axes are logarithmic: 40 to 640 examples, errors from 1 down to 0.0001. Three lines fall: dense from "
    "1.1 to 0.013, local from 0.037 to 0.002, shared from 0.0011 to 0.00007. Measured dots lie on the lines.",
    sizes=[40, 64, 128, 256, 640], secret=[1, -2, 3, -2, 1], sigma=[0.5],
)  # fmt: skip
def samples(s: Sheet, sizes: Array, secret: Array, sigma: Array) -> None:
    """The formulas as lines, and the mean of forty fits as dots."""
    assert (
        sizes.tolist() == [40, 64, 128, 256, 640] and sigma.tolist() == [0.5] and secret.tolist() == [1, -2, 3, -2, 1]
    )
    n, k, variance = 32, len(secret), float(sigma[0]) ** 2
    m = n - k + 1
    rng = np.random.default_rng(0)
    means = []
    for N in sizes.astype(int).tolist():
        off = []
        for _ in range(40):  # the error of a fit is what it makes of the noise, in the mean over new examples
            x, noise = rng.normal(size=(N, n)), variance**0.5 * rng.normal(size=(N, m))
            windows = sliding_window_view(x, k, axis=1)
            dense = np.linalg.solve(x.T @ x, x.T @ noise)
            moments = np.einsum("nik,nil->ikl", windows, windows)
            local = np.linalg.solve(moments, np.einsum("nik,ni->ik", windows, noise)[..., None])
            shared = np.linalg.solve(moments.sum(0), np.einsum("nik,ni->k", windows, noise))
            off.append([np.square(dense).sum() / m, np.square(local).sum() / m, np.square(shared).sum()])
        means.append(np.mean(off, axis=0))
    curves = [lambda N: n / (N - n - 1), lambda N: k / (N - k - 1), lambda N: k / (N * m)]
    said = variance * np.array([[f(N) for f in curves] for N in sizes])
    assert np.all(abs(np.array(means) / said - 1) < 0.3), np.array(means) / said
    assert [f"{v:.2g}" for v in said[0]] == ["1.1", "0.037", "0.0011"], said[0]
    assert [f"{v:.1g}" for v in said[-1]] == ["0.01", "0.002", "7e-05"], said[-1]

    colour, fine = s.plots.colour, np.geomspace(40, 640, 60)
    ax = s.plots.axes(46, 10, 262, 190)
    ax.set(xscale="log", yscale="log", xlim=(36, 720), ylim=(4e-5, 2))
    ax.minorticks_off()
    ax.set_xticks(sizes, [f"{v:g}" for v in sizes])
    ax.set_yticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.0001", "0.001", "0.01", "0.1", "1"])
    for c, (name, role) in enumerate((("dense", "input"), ("local", "output"), ("shared", "kernel"))):
        ax.plot(fine, variance * np.array([curves[c](N) for N in fine]), color=colour(f"{role}-ink"), lw=1.6)
        s.dots([s.plots.at(ax, N, float(f"{y[c]:.2g}")) for N, y in zip(sizes, means, strict=True)], f"{role}-ink", 3.4)
        x, y = s.plots.at(ax, 640, said[-1][c])
        s.text(x + 10, y, name, BODY, f"{role}-ink", "start")
    s.text(177, 227, "examples", SMALL, "quiet")
    s.text(52, 9, "error on new examples", SMALL, "quiet", "start")


def patches(name: str, size: int, step: int) -> NDArray[np.float64]:
    """Every so manieth patch of a photograph, without its mean."""
    x = sliding_window_view(sample_image(name) / 255, (size, size)).reshape(-1, size * size)[::step]
    return np.asarray(x - x.mean(axis=1, keepdims=True))


def directions(x: Array, count: int) -> Array:
    """The strongest directions of the rows."""
    return np.linalg.eigh(x.T @ x)[1][:, ::-1].T[:count]


def rare(x: Array, count: int, steps: int = 60) -> Array:
    """Filters whose answers are mostly small and sometimes large, as on the page."""
    V = directions(x, count)
    V = V / np.sqrt(np.mean((x @ V.T) ** 2, axis=0))[:, None]
    Z = x @ V.T
    W = np.linalg.qr(np.random.default_rng(0).normal(size=(count, count)))[0]
    for _ in range(steps):
        U = np.tanh(Z @ W.T)
        W = U.T @ Z / len(Z) - np.mean(1 - U**2, axis=0)[:, None] * W
        left, _, right = np.linalg.svd(W)
        W = left @ right
    return np.asarray(W @ V)


def learned() -> dict[str, NDArray[np.int8]]:
    """Both sets of filters, scaled to bytes."""
    both = {
        "strong": directions(patches("camera", 5, 31), 8),
        "rare": rare(np.vstack([patches(name, 8, 19) for name in ("camera", "brick")]), 16),
    }
    return {key: np.round(127 * w / abs(w).max(axis=1, keepdims=True)).astype(np.int8) for key, w in both.items()}


@figure(
    "why/filters", height=196,
    title="Filters learned from photographs",
    desc="Above, eight principal components of patches of five by five: a slope across, a slope down, bends and "
    "twists, smooth and as wide as the patch. Below, two rows of eight filters of eight by eight whose answers are "
    "rare: narrow light and dark stripes, upright, level or slanting, each at its own place.",
    counts=[8, 16],
)  # fmt: skip
def filters(s: Sheet, counts: Array) -> None:
    """The kept filters, which are learned again and compared."""
    with np.load(FILTERS) as stored:
        kept = {key: stored[key].astype(float) for key in ("strong", "rare")}
    assert [len(w) for w in kept.values()] == counts.tolist() == [8, 16]
    for key, w in learned().items():
        unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (kept[key], w.astype(float))]
        alike = abs(unit[0] @ unit[1].T).max(axis=1)
        assert np.median(alike) > 0.99 and alike.min() > 0.9, (key, alike)
    a, one = np.arange(-2, 3), np.ones(5)
    for w, design in zip(kept["strong"][:2], (np.outer(one, a), np.outer(a, one)), strict=True):
        assert abs(w @ design.ravel()) > 0.9 * np.linalg.norm(w) * np.linalg.norm(design), "slopes come first"
    for key, w in kept.items():
        side = round(w.shape[1] ** 0.5)
        for k, v in enumerate(w):
            top = 20 if key == "strong" else 96 + k // 8 * 51
            shown = (v.reshape(side, side) / 127 + 1) / 2
            s.picture(k % 8 * 45.25, top, 43, 43, np.kron(shown, np.ones((8, 8))), levels=24)
    s.text(0, 9, "strongest, 5×5", BODY, "kernel-ink", "start")
    s.text(0, 85, "rarely strong, 8×8", BODY, "kernel-ink", "start")
