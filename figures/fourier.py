"""Chapter 6, Fourier: the day and the wall, clocks, pairs, the ring's end, waves in a picture, and what it all costs.

The rain and its weights are those of chapter 2. The times in the last figure are those of benchmarks/results.json.
"""

import json
from pathlib import Path

import numpy as np
from scipy.linalg import circulant

from course.data import sample_image
from course.imaging import kernels
from course.ops import convolve, dft, dft_matrix, idft
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure

RING = 24  # samples of the signals in `pairs`
MEASURED = json.loads((Path(__file__).parents[1] / "benchmarks" / "results.json").read_text(encoding="utf-8"))["growth"]
SIZES = [3, 5, 7, 9, 11, 15, 21, 31, 45, 63]
SIDES = [64, 128, 256, 512, 1024, 2048]


def around(x: Array, w: Array) -> Array:
    """The convolution on the ring of x, by moved copies."""
    moved: Array = sum(np.roll(x, j) * tap for j, tap in enumerate(w))
    return moved


def measured(key: str, dtype: str) -> list[list[float]]:
    """What benchmarks/results.json says, a row for each side and a column for each kernel."""
    found = {(r["side"], r["k"]): r[key] for r in MEASURED if r["dtype"] == dtype}
    return [[found[side, k] for k in SIZES] for side in SIDES]


@figure(
    "fourier/day-and-wall", height=322,
    title="A wave goes through a wall and stays a wave; a block of sun does not stay what it was",
    desc="Three days of 24 hours, outside and inside a wall that averages the last eight hours. A wave of one period"
    " a day comes out as the same wave, 0.83 times as high and three and a half hours later. A wave of three periods"
    " a day comes out as nothing. Six hours of sun, a block with steep sides, come out as a low hill with sloping"
    " sides.",
    hours=24, memory=8, slow=1, fast=3, warmest=14, sun=[10, 16],
)  # fmt: skip
def day_and_wall(s: Sheet, hours: Array, memory: Array, slow: Array, fast: Array, warmest: Array, sun: Array) -> None:
    """Two waves and a block, outside and inside."""
    t, wall = np.arange(int(hours)), np.full(int(memory), 1 / max(int(memory), 1))
    days = [np.cos(2 * np.pi * f * (t - warmest) / hours) for f in (slow, fast)]
    days.append(((t >= sun[0]) & (t < sun[1])).astype(float))
    inside = [around(x, wall) for x in days]
    assert len(t) == 24 and len(wall) == 8, "the day and the wall of the text"
    assert days[0].argmax() == 14 and np.isclose(days[0][20], 0), "one period a day, warmest at 14"
    height = np.abs(dft(inside[0])[1] / dft(days[0])[1])
    assert np.isclose(height, 0.8294, atol=5e-5), height
    assert np.allclose(inside[0][[17, 18]], inside[0].max()), "the top is at 17.5 hours"
    assert np.allclose(inside[0], height * np.cos(2 * np.pi * (t - 17.5) / 24)), "the same wave, later"
    assert fast == 3 and np.allclose(inside[1], 0) and np.isclose(np.ptp(days[1]), 2), "three periods a day vanish"
    assert days[2].sum() == 6 and days[2][10:16].all(), "six hours of sun, from 10 to 16"
    assert len(np.unique(days[2])) == 2 and len(np.unique(inside[2].round(9))) == 7, "a block becomes a hill"

    colour, top = s.plots.colour, 24
    for k, (x, y, words, found) in enumerate((
        (days[0], inside[0], "one wave a day", f"{height:.2f} times as high, 3.5 hours late"),
        (days[1], inside[1], "three waves a day", "nothing"),
        (days[2], inside[2], "six hours of sun", "another shape"),
    )):  # fmt: skip
        ax = s.plots.axes(10, top + 104 * k, 346, 66)
        ax.set(xlim=(-0.4, 23.4), ylim=(-1.12, 1.12) if k < 2 else (-0.1, 1.08))
        ax.set_yticks([])
        ax.set_xticks([0, 6, 12, 18], ["0", "6", "12", "18"] if k == 2 else [""] * 4)
        ax.spines["left"].set_visible(False)
        if k < 2:
            ax.axhline(0, color=colour("rule"), lw=0.8)
        fine = np.linspace(0, 23, 185)
        for values, role in ((x, "input-ink"), (y, "output-ink")):
            if k < 2:
                wave = idft_at(values, fine)
                ax.plot(fine, wave, color=colour(role), lw=1.4)
            else:
                ax.plot(t, values, color=colour(role), lw=1.4)
            ax.plot(t, values, "o", color=colour(role), ms=3.6, clip_on=False)
        y0 = top + 104 * k - 13
        s.text(10, y0, words, BODY, "input-ink", "start")
        if k == 0:
            s.text(*s.plots.at(ax, 7.6, 0.62), "outside", SMALL, "input-ink", "end")
            s.text(*s.plots.at(ax, 20.9, 0.92), "inside", SMALL, "output-ink", "start")
        s.text(356, y0, found, BODY, "output-ink", "end")
    s.text(10 + 346 * 23.4 / 23.8, 310, "hour", SMALL, "quiet", "end")


def idft_at(x: Array, t: Array) -> Array:
    """The sum of the waves of a real signal, between its samples too."""
    spectrum, n = dft(x), len(x)
    f = np.fft.fftfreq(n, 1 / n)
    wave: Array = np.real(np.exp(2j * np.pi * np.outer(t, f) / n) @ spectrum) / n
    return wave


@figure(
    "fourier/clocks", height=260,
    title="The matrix of the DFT as clocks, and why its rows are orthogonal",
    desc="Eight rows of eight clock hands. In row 0 all hands point to the right. In row f the hand turns clockwise by"
    " f eighths of a turn from one column to the next, so row 7 turns anticlockwise by one eighth. At the right end"
    " of each row its hands are laid end to end: row 0 gives a straight line of length eight; every other row comes"
    " back to where it began, as an octagon, a square, an eight-pointed star or a line back and forth.",
    turns=[[f * j % 8 for j in range(8)] for f in range(8)],
)  # fmt: skip
def clocks(s: Sheet, turns: Array) -> None:
    """A hand for each entry of F, and the hands of a row end to end."""
    n = len(turns)
    hands = np.exp(-2j * np.pi * turns / n)
    assert np.array_equal(turns, np.outer(range(n), range(n)) % n), turns
    assert np.allclose(hands, dft_matrix(n)) and np.allclose(hands.sum(1), [8, 0, 0, 0, 0, 0, 0, 0]), hands

    pitch, left, top, radius, step = 29, 24, 24, 11.2, 12
    s.text(9, 9, "$f$", BODY)
    s.text(left + n * pitch + 10, 9, "end to end", SMALL, "quiet", "start")
    for j in range(n):
        s.text(left + (j + 0.5) * pitch, 9, str(j) if j else "$j=0$", SMALL, "quiet")
    for f in range(n):
        y = top + (f + 0.5) * pitch
        s.text(9, y, str(f), BODY, "quiet")
        for j, hand in enumerate(hands[f].tolist()):
            x = left + (j + 0.5) * pitch
            disc(s, x, y, radius)
            tip = (x + radius * hand.real, y - radius * hand.imag)
            s.line([(x, y), tip], "ink", 1.5)
            s.dots([tip], "ink", 2.4)
        path = np.concatenate([[0], np.cumsum(hands[f])])
        path = path - (
            0 if f == 0 else (path.real.min() + path.real.max() + 1j * (path.imag.min() + path.imag.max())) / 2
        )
        x0 = left + n * pitch + (4 if f == 0 else 54)
        corners = [(x0 + step * p.real, y - step * p.imag) for p in path.tolist()]
        s.line(corners, "output-ink", 1.4)
        s.dots([corners[0], corners[-1]] if f == 0 else [corners[0]], "output-ink", 2.6)


def disc(s: Sheet, x: float, y: float, r: float) -> None:
    """A faint clock face."""
    s.dots([(x, y)], "blank", r + 2, layer=0)


@figure(
    "fourier/pairs", height=428,
    title="Six signals and the moduli of their spectra",
    desc="Six rows; on the left a signal of 24 samples, on the right the modulus of its spectrum, frequency 0 in the"
    " middle. A constant gives one spike at 0. An impulse gives a constant. A sine of three periods gives two spikes,"
    " at minus 3 and 3. A narrow Gaussian gives a wide Gaussian. A comb with a tooth in every fourth place gives a"
    " comb with a tooth at every sixth frequency. A block of five gives a tall hump at 0 with smaller humps beside it.",
    place=5, frequency=3, width=1.2, step=4, block=5,
)  # fmt: skip
def pairs(s: Sheet, place: Array, frequency: Array, width: Array, step: Array, block: Array) -> None:
    """Signals beside their spectra."""
    n, j = RING, np.arange(RING)
    f = j - n // 2
    away = np.minimum(j, n - j)
    impulse, comb = (j == place).astype(float), (j % max(int(step), 1) == 0).astype(float)
    sine, bell = np.sin(2 * np.pi * frequency * j / n), np.exp(-(away**2) / (2 * width**2))
    bar = (2 * away < block).astype(float)
    spectra = [np.abs(np.fft.fftshift(dft(x))) for x in (np.ones(n), impulse, sine, bell, comb, bar)]
    assert np.allclose(spectra[0], n * (f == 0)) and np.allclose(spectra[1], 1), "constant and impulse"
    assert place == 5 and impulse.sum() == 1, "an impulse at 5"
    assert np.allclose(spectra[2], n / 2 * np.isin(f, (-3, 3))), "two spikes at -3 and 3"
    there = n / (2 * np.pi * width)  # how wide the other bell is
    assert np.allclose(spectra[3], spectra[3].max() * np.exp(-(f**2) / (2 * there**2)), atol=4e-3), spectra[3]
    assert 2.5 < there / width < 2.8, "narrow here, wide there"
    assert np.allclose(spectra[4], 6 * (f % 6 == 0)), "a tooth at every sixth frequency"
    assert block == bar.sum() == 5 and np.isclose(spectra[5].max(), 5), "a block of five"

    pitch, first, second, rise = 6.7, 4.5, 200.5, 34
    words = (
        ("constant", "a spike of 24"), ("impulse", "constant, 1"), ("sine", "spikes of 12 at −3 and 3"),
        ("Gaussian", "Gaussian"), ("comb, every 4", "comb, every 6"), ("block of 5", "humps, 5 at the most"),
    )  # fmt: skip
    for k, (x, spectrum) in enumerate(zip((np.ones(n), impulse, sine, bell, comb, bar), spectra, strict=True)):
        base = 56 + 68 * k - (12 if k == 2 else 0)
        for left, values, role in ((first, x, "input-ink"), (second, spectrum, "output-ink")):
            tall = (rise / 2 if x is sine and values is x else rise) / max(np.abs(values).max(), 1e-9)
            line = base if values is x or k != 2 else base + 12
            s.line([(left - 3, line), (left + (n - 1) * pitch + 3, line)])
            tips = [(left + pitch * a, line - tall * v) for a, v in enumerate(values.tolist())]
            for tip in tips:
                if abs(tip[1] - line) > 0.5:
                    s.line([(tip[0], line), tip], role, 1.6)
            s.dots(tips, role, 2.1)
        s.text(first - 3, 56 + 68 * k - 46, words[k][0], BODY, "input-ink", "start")
        s.text(second - 3, 56 + 68 * k - 46, words[k][1], BODY, "output-ink", "start")
    for left, marks in ((first, {0: "0", 12: "12", 23: "$j$"}), (second, {0: "−12", 12: "0", 23: "$f$"})):
        for a, label in marks.items():
            s.text(left + pitch * a, 416, label, SMALL, "quiet")


@figure(
    "fourier/wrap-around", height=234,
    title="On a ring of four the end runs into the start; on a ring of six there is room",
    desc="Above, the full convolution of the rain, 8, 24, 34, 42, 33, 9, in hours 0 to 5; the last two are dashed."
    " An arrow carries them back to hours 0 and 1. In the middle, the product of spectra of length four: 41, 33, 34,"
    " 42, where 41 is 8 plus 33 and 33 is 24 plus 9. Below, the product of spectra of length six: 8, 24, 34, 42, 33,"
    " 9 again.",
    x=[4, 2, 6, 3], w=[2, 5, 3],
)  # fmt: skip
def wrap_around(s: Sheet, x: Array, w: Array) -> None:
    """The full convolution, folded onto a ring that is too short, and on one that is long enough."""
    full = convolve(x, w)
    short, long = (np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(w, n), n) for n in (4, 6))
    assert np.array_equal(full, [8, 24, 34, 42, 33, 9]), full
    assert np.allclose(short, [8 + 33, 24 + 9, 34, 42]) and np.allclose(long, full), (short, long)
    assert np.allclose(short[:2], full[:2] + full[4:]), "the end runs into the start"

    cell, left = 34, 130
    late = np.arange(6) > 3
    for hour in range(6):
        s.text(left + (hour + 0.5) * cell, 9, str(hour) if hour else "hour 0", SMALL, "quiet")
    line = s.grid(left, 20, full, cell, "output", ghost=late)
    ring = s.grid(left, 108, short.round(9), cell, "output", strong=[(0, 0), (0, 1)])
    room = s.grid(left, 196, long.round(9), cell, "output")
    for place, words in ((line, "on a line"), (ring, "on a ring of 4"), (room, "on a ring of 6")):
        s.text(0, place.centre[1], words, BODY, anchor="start")
    s.window(ring, 0, 0, 1, 2)
    for k in (0, 1):
        s.arrow((line.at(0, k)[0], line.bottom + 3), (ring.at(0, k)[0], ring.y - 4))
        s.arrow(
            (line.at(0, 4 + k)[0] - 6, line.bottom + 3), (ring.at(0, k)[0] + 9, ring.y - 4), "kernel-ink", bend=-0.12
        )
    s.text(left + 4.1 * cell, 108 + cell / 2, "33 and 9 wrap", BODY, "kernel-ink", "start")
    s.text(left, 176, "8 + 33 and 24 + 9", BODY, "kernel-ink", "start")


@figure(
    "fourier/diagonal", height=196,
    title="A circulant matrix, and the same map in the basis of waves",
    desc="On the left the six by six circulant matrix of the blur 1, 2, 1: 2 on the diagonal, 1 beside it and in two"
    " corners. On the right the same map in the basis of waves: 4, 3, 1, 0, 1, 3 on the diagonal, and nothing else.",
    w=[2, 1, 0, 0, 0, 1],
)  # fmt: skip
def diagonal(s: Sheet, w: Array) -> None:
    """C(w) and F C(w) F⁻¹."""
    matrix, waves = circulant(w), dft_matrix(len(w))
    turned = waves @ matrix @ np.linalg.inv(waves)
    assert np.allclose(turned, np.diag([4, 3, 1, 0, 1, 3])), turned
    cell, top = 25, 26
    here = s.grid(0, top, matrix, cell, "kernel", tone=matrix / 2, faint_zero=True)
    values = np.real(turned).round(9) + 0.0
    on = np.eye(6, dtype=bool)
    there = s.grid(
        210, top, np.where(on, values, np.nan), cell, "kernel", tone=np.where(on, np.maximum(values, 0.2) / 4, 0)
    )
    s.dots([there.at(i, j) for i, j in np.argwhere(~on)], "rule", 1.1)
    s.arrow((here.right + 9, here.centre[1]), (there.x - 9, here.centre[1]))
    s.text(180, here.centre[1] - 15, "waves", BODY, "quiet")
    s.text(here.centre[0], 11, "$C(w)$", LARGE)
    s.text(there.centre[0], 11, "$F C(w) F^{-1}$", LARGE)
    for f in range(6):
        s.text(there.at(0, f)[0], there.bottom + 11, str(f) if f else "$f=0$", SMALL, "quiet")


@figure(
    "fourier/plane-waves", height=224,
    title="Two points of the spectrum are one wave of the picture",
    desc="Four pictures of stripes and, below each, its centred spectrum with two points opposite each other."
    " Two periods down the picture: points above and below the centre. Three periods across: points left and right."
    " Two down and three across: stripes that lean one way, points on a slanted line at right angles to the stripes."
    " Minus four and three: finer stripes that lean the other way, points further out on a line that slants so too.",
    places=[[2, 0], [0, 3], [2, 3], [-4, 3]],
)  # fmt: skip
def plane_waves(s: Sheet, places: Array) -> None:
    """Waves in the plane above, their spectra below."""
    m, n = 24, 20
    i, j = np.mgrid[:m, :n]
    waves = [np.cos(2 * np.pi * (a * i / m + b * j / n)) for a, b in places.tolist()]
    assert np.array_equal(places, [[2, 0], [0, 3], [2, 3], [-4, 3]]), places
    for (a, b), wave in zip(places.tolist(), waves, strict=True):
        expected = np.zeros((m, n))
        expected[a, b] = expected[-a, -b] = m * n / 2
        assert np.allclose(dft(wave), expected), (a, b)

    side, pitch = 78, 94
    fine_i, fine_j = np.mgrid[:78, :78] / 78
    for k, (a, b) in enumerate(places.tolist()):
        left = k * pitch
        s.text(left + side / 2, 9, f"({a}, {b})".replace("-", "−"), BODY)
        s.picture(left, 22, side, side, 0.5 + 0.5 * np.cos(2 * np.pi * (a * fine_i + b * fine_j)), "input")
        s.boxes([(left, 22, side, side)], edge="rule", width=1)
        s.boxes([(left, 128, side, side)], "blank")
        x, y = left + side / 2, 128 + side / 2
        s.line([(left, y), (left + side, y)])
        s.line([(x, 128), (x, 128 + side)])
        s.dots([(x + 7 * b, y + 7 * a), (x - 7 * b, y - 7 * a)], "input-ink", 3.4)
    s.text(0, 114, "picture, above; spectrum, below", SMALL, "quiet", "start")
    s.text(360, 114, "$f_1$ down, $f_2$ to the right", SMALL, "quiet", "end")
    s.text(0, 215, "the further out, the finer the stripes", SMALL, "quiet", "start")


@figure(
    "fourier/phase-swap", height=350,
    title="The phase carries the picture",
    desc="A two by two table of pictures. Rows take the modulus of the spectrum from the man with the camera or from"
    " the portrait of an astronaut, columns take the phase. On the diagonal stand the two photographs. With the modulus"
    " of the camera and the phase of the portrait one sees the portrait, grainy; with the modulus of the portrait and"
    " the phase of the camera one sees the man with the camera.",
    alike=[[0.0752, 0.7313], [0.7313, 0.0615]],
)  # fmt: skip
def phase_swap(s: Sheet, alike: Array) -> None:
    """Two photographs that exchange their phases; `alike` holds each hybrid against both of them."""
    photographs = [sample_image("camera") / 255.0, sample_image("astronaut").mean(2) / 255]
    spectra = [dft(p) for p in photographs]
    table = [[np.real(idft(np.abs(m) * np.exp(1j * np.angle(p)))) for p in spectra] for m in spectra]
    found = [[np.corrcoef(table[m][1 - m].ravel(), p.ravel())[0, 1] for p in photographs] for m in (0, 1)]
    assert np.allclose(found, alike, atol=5e-4), found
    assert all(np.allclose(table[k][k], photographs[k]) for k in (0, 1)), "the diagonal is the originals"

    side, left, top = 144, 68, 24
    for m, p in np.ndindex(2, 2):
        shown = table[m][p].reshape(128, 2, 128, 2).mean((1, 3))
        low, high = np.percentile(shown, (1, 99)) if m != p else (0, 1)
        x, y = left + 148 * p, top + 164 * m
        s.picture(x, y, side, side, (shown - low) / (high - low), levels=24)
        words = "the photograph" if m == p else f"{found[m][p]:.2f} and {found[m][1 - p]:.2f}"
        s.text(x + side / 2, y + side + 9, words, SMALL, "quiet")
    for k, name in enumerate(("camera", "portrait")):
        s.text(left + 148 * k + side / 2, 10, f"phase of {name}", BODY)
        s.text(0, top + 164 * k + side / 2 - 9, "modulus of", SMALL, anchor="start")
        s.text(0, top + 164 * k + side / 2 + 7, name, SMALL, anchor="start")


@figure(
    "fourier/transfer", height=214,
    title="What four kernels let through",
    desc="Four squares, the frequencies of a picture with 0 in the middle, bright where a kernel lets a wave through."
    " The box is bright in the middle and dark along a frame of lines at a third of a turn. The Gaussian is bright in"
    " the middle and fades evenly to nothing at the rim. Laplace is dark in the middle and brightest in the corners."
    " Sobel is dark along the vertical middle line, with one bright spot on the left and one on the right. Below each"
    " square a curve along its middle row: 1 falling, zero at one third, and a bump; 1 falling to 0; 0 rising;"
    " 0 rising to the top at a quarter and falling to 0.",
    box=np.ones((3, 3), int), bell=[[1, 2, 1], [2, 4, 2], [1, 2, 1]],
    laplace=[[0, -1, 0], [-1, 4, -1], [0, -1, 0]], sobel=[[1, 0, -1], [2, 0, -2], [1, 0, -1]],
)  # fmt: skip
def transfer(s: Sheet, box: Array, bell: Array, laplace: Array, sobel: Array) -> None:
    """The moduli of four transfer functions, in the plane and along its middle row."""
    n, found = 60, []
    for w in (box / 9, bell / 16, laplace, sobel):
        padded = np.zeros((n, n))
        padded[:3, :3] = w
        found.append(np.abs(dft(np.roll(padded, (-1, -1), (0, 1)))))
    assert np.allclose(box / 9, kernels.BLUR) and np.array_equal(bell, np.outer([1, 2, 1], [1, 2, 1])), "chapter 3's"
    assert np.array_equal(laplace, kernels.LAPLACE) and np.array_equal(sobel, kernels.SOBEL_X), "chapter 3's"
    low, soft, high, band = found
    assert np.isclose(low[0, 0], 1) and np.allclose(low[:, 20], 0) and np.isclose(low[0, 30], 1 / 3), "box: zero at 1/3"
    assert np.isclose(soft[0, 0], 1) and np.allclose(soft[:, 30], 0) and (np.diff(soft[0, :31]) < 0).all(), "Gaussian"
    assert np.isclose(high[0, 0], 0) and np.isclose(high[30, 30], high.max()), "Laplace: most in the corners"
    assert np.allclose(band[:, 0], 0) and np.isclose(band[0, 15], band.max()) and np.allclose(band[:, 30], 0), "Sobel"

    side, pitch, colour = 78, 94, s.plots.colour
    for k, (values, name) in enumerate(zip(found, ("box", "Gaussian", "Laplace", "Sobel"), strict=True)):
        left, part = k * pitch, values / values.max()
        s.text(left + side / 2, 9, name, BODY, "kernel-ink")
        s.picture(left, 22, side, side, np.fft.fftshift(part), "kernel")
        s.boxes([(left, 22, side, side)], edge="rule", width=1)
        ax = s.plots.axes(left, 114, side, 66)
        ax.set(xlim=(-0.5, 0.5), ylim=(0, 1.06))
        f = np.arange(-30, 31)
        ax.plot(f / n, part[0, f % n], color=colour("kernel-ink"), lw=1.8)
        ax.set_xticks([-0.5, 0, 0.5], ["", "", ""])
        ax.set_yticks([])
        for at, words in ((-0.5, "−½"), (0, "0"), (0.5, "½")):
            x = s.plots.at(ax, at, 0)[0]
            s.text(x, 191, words, SMALL, "quiet", "start" if at < 0 else "end" if at > 0 else "middle")
    s.text(180, 206, "periods a pixel", SMALL, "quiet")


@figure(
    "fourier/growth", height=392,
    title="What sums and transforms cost as the kernel grows, measured",
    desc="Above, time against kernel size, both axes logarithmic, for a picture of 512 by 512 pixels. The sums rise in"
    " a nearly straight line, from below one millisecond at k = 3 to about a hundred at k = 63. The transforms stay"
    " flat at about three milliseconds. The lines cross near k = 9. Rings, the automatic choice, lie on the lower line"
    " everywhere. Below, the time of the choice over that of the better method, for six picture sizes and two number"
    " types: all dots lie near 1 and below 1.3.",
    sizes=SIZES, sides=SIDES, **{key: np.log10(measured(key, "float64")) for key in ("direct", "fft", "auto")},
    double=measured("ratio", "float64"), single=measured("ratio", "float32"),
)  # fmt: skip
def growth(
    s: Sheet, sizes: Array, sides: Array, direct: Array, fft: Array, auto: Array, double: Array, single: Array
) -> None:
    """Logarithms of measured seconds, and what the automatic choice loses; the bands hold on other machines too."""
    assert np.array_equal(sizes, SIZES) and np.array_equal(sides, SIDES), (sizes, sides)
    steps = np.diff(direct, axis=1)
    assert (steps > -0.1).all() and (steps < 0.7).all(), "sums: more with every k, and no jump"
    slope = np.diff(direct[:, [4, 9]], axis=1) / np.log10(63 / 11)
    assert (slope > 1.2).all() and (slope < 2.4).all(), f"sums: roughly with the square of k {slope}"
    assert (np.ptp(fft, axis=1) < np.log10(2.2)).all(), "transforms: nearly flat"
    assert (direct[:, :2] < fft[:, :2]).all() and (direct[:, 7:] > fft[:, 7:]).all(), "small k: sums; large: transforms"
    for ratio in (double, single):
        assert (ratio > 0.7).all() and (ratio <= 1.3).all(), "within 1.3 of the better"
    lost = auto - np.minimum(direct, fft)
    assert (np.abs(lost) < np.log10(1.35)).all() and np.allclose(lost, np.log10(double), atol=0.05), "the choice"

    row, colour = SIDES.index(512), s.plots.colour
    above, below = s.plots.axes(40, 22, 316, 190), s.plots.axes(40, 268, 316, 88)
    for ax in (above, below):
        ax.set_xscale("log")
        ax.set_xlim(2.7, 70)
        ax.set_xticks([3, 5, 9, 15, 31, 63], ["3", "5", "9", "15", "31", "63"])
        ax.set_xticks([], minor=True)
    above.set_yscale("log")
    times = {name: 1e3 * 10 ** values[row] for name, values in (("direct", direct), ("fft", fft), ("auto", auto))}
    low, high = min(t.min() for t in times.values()), max(t.max() for t in times.values())
    above.set_ylim(low / 1.5, high * 1.5)
    above.set_yticks(
        *[[f(t) for t in (0.1, 1, 10, 100, 1000) if low / 1.5 < t < high * 1.5] for f in (float, "{:g}".format)]
    )
    above.set_yticks([], minor=True)
    above.plot(sizes, times["direct"], color=colour("ink"), lw=1.6, marker="o", ms=3)
    above.plot(sizes, times["fft"], color=colour("quiet"), lw=1.6, marker="o", ms=3, ls=(0, (4, 2)))
    above.plot(sizes, times["auto"], "o", color=colour("output-ink"), ms=8.5, mfc="none", mew=1.5)
    s.text(40, 8, "milliseconds, 512×512 pixels", BODY, "quiet", "start")
    x, y = s.plots.at(above, 31, times["direct"][7])
    s.text(x - 12, y - 8, "sums", BODY, "ink", "end")
    x, y = s.plots.at(above, 63, times["fft"][9])
    s.text(x, y + 20, "transforms", BODY, "quiet", "end")
    x, y = s.plots.at(above, 5, times["auto"][1])
    s.text(x + 8, y + 18, "rings: the choice", BODY, "output-ink", "start")
    below.set_ylim(0.7, 1.4)
    below.set_yticks([0.7, 1, 1.3], ["0.7", "1", "1.3"])
    below.axhline(1.3, color=colour("rule"), lw=1, ls=(0, (3, 2.4)))
    below.axhline(1, color=colour("rule"), lw=0.8)
    for ratio in (double, single):
        for values in ratio:
            below.plot(sizes, values, "o", color=colour("output-ink"), ms=3.4, alpha=0.55, mew=0)
    s.text(40, 250, "the choice over the better of the two, all sizes", BODY, "quiet", "start")
    s.text(198, 384, "kernel size $k$", SMALL, "quiet")
