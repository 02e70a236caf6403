"""Chapter 13, Restoration: two files, a hum, lost waves, three gains, a residual, a border, six methods, and the blind.

The photograph is a crop of "camera", and the blur is the chapter's bell of 9×9 taps, in every figure but the last.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data import sample_image
from course.imaging import frequency, kernels, metrics, noise, restore
from figures.style import BODY, SMALL, Array, Sheet, figure, shade

CROP = (30, 70, 96)  # the first row, the first column and the side of the crop of "camera"
BELL = (9, 1.5)  # taps and width of the blur
BYTES = 255
Picture = NDArray[np.float64]


def scene(crop: Array) -> Picture:
    """The crop of the chapter, as grey levels."""
    assert tuple(crop) == CROP, "the crop of the chapter"
    row, column, side = (int(v) for v in crop)
    return sample_image("camera")[row : row + side, column : column + side].astype(float)


def bell(blur: Array) -> Picture:
    """The kernel of the chapter."""
    assert tuple(blur) == BELL, "the bell of the chapter"
    return kernels.gaussian(int(blur[0]), float(blur[1]))


def rms(a: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(a))))


def decibels(x: Array, z: Array) -> float:
    """The PSNR of grey levels from 0 to 255."""
    return metrics.psnr(x, z, data_range=BYTES)


def panel(s: Sheet, left: float, top: float, side: float, z: Array, name: str, levels: int = 28) -> None:
    """A picture of grey levels under its name."""
    s.text(left, top + 8, name, BODY, "ink", "start")
    s.picture(left, top + 19, side, side, z / BYTES, levels=levels)


@figure(
    "restoration/two-files", height=394,
    title="Two files that no eye can tell apart, divided by the same blur",
    desc="Four pictures of a man at a camera on a tripod. The blurred photograph. What division gives from the file"
    " that was not rounded: the sharp scene. What division gives from the file that was rounded to whole grey levels:"
    " a fine weave in which nothing can be seen. What constrained least squares give from the rounded file: a fairly"
    " sharp picture.",
    crop=CROP, blur=BELL, cutoff=0,
)  # fmt: skip
def two_files(s: Sheet, crop: Array, blur: Array, cutoff: Array) -> None:
    """The blurred picture, the inverse of both files, and the cure."""
    x, w = scene(crop), bell(blur)
    soft = restore.blur_operator(w, x.shape)(x)
    rounded = soft.round()
    assert cutoff == 0, "plain division"
    exact, cloth = (restore.inverse_filter(z, w, float(cutoff)) for z in (soft, rounded))
    assert 0.28 < rms(rounded - soft) < 0.3 and np.abs(rounded - soft).max() <= 0.5, "no eye can tell them apart"
    assert rms(exact - x) < 1e-6 and rms(cloth - x) > 8e5, (rms(exact - x), rms(cloth - x))
    cured = restore.constrained_least_squares(rounded, w, noise=12**-0.5)
    assert decibels(x, cured) > decibels(x, soft) + 4, decibels(x, cured)

    faded = BYTES / 2 + cloth / np.abs(cloth).max() * BYTES / 1.6
    for k, (z, name) in enumerate((
        (soft, "both files, to the eye"), (exact, "not rounded, divided"), (faded, "rounded, divided"),
        (cured, "rounded, restored"),
    )):  # fmt: skip
        panel(s, k % 2 * 184, k // 2 * 198, 176, z, name, 16 if z is faded else 28)


@figure(
    "restoration/hum", height=394,
    title="Stripes that fade, their two spikes, a plain notch and the optimum notch",
    desc="Four pictures. A man at a camera under slanted stripes, strong on the left and gone on the right. Its"
    " spectrum, bright in the middle, with two bright spikes in rings, opposite each other. The picture after a plain"
    " notch: the stripes on the left are almost gone, and faint ones are on the right, where there were none. The"
    " picture after the optimum notch: clean.",
    crop=CROP, wave=[40, 10, 15], radius=1.5, size=25,
)  # fmt: skip
def hum(s: Sheet, crop: Array, wave: Array, radius: Array, size: Array) -> None:
    """The picture, its spectrum, and two ways to take the stripes out."""
    x = scene(crop)
    assert wave.tolist() == [40, 10, 15] and radius == 1.5 and size == 25, "the hum of the chapter"
    y = x + noise.periodic(np.zeros(x.shape), [wave.tolist()]) * np.linspace(1, 0, x.shape[1])
    centres = [(float(wave[1]), float(wave[2]))]
    plain = frequency.notch_reject(y, centres, float(radius))
    best = frequency.optimum_notch(y, centres, float(radius), int(size))
    scores = [decibels(x, z) for z in (y, plain, best)]
    assert scores[0] < 24 and 33 < scores[1] < 35 and scores[2] > 39, scores
    half = np.s_[:, 60:]
    assert rms((plain - x)[half]) > 2 * rms((best - x)[half]), "the plain notch makes stripes where there were none"
    waves = frequency.spectrum(y)
    i, j = 48 + int(wave[1]), 48 + int(wave[2])
    around = waves[i - 5 : i + 6, j - 5 : j + 6]
    assert waves[i, j] == around.max() and np.isclose(waves[96 - i, 96 - j], waves[i, j]), "two spikes"

    shown = (waves - 4) / (waves.max() - 4) * BYTES
    place = {}
    for k, (z, name) in enumerate((
        (y, "a hum over the picture"), (shown, "its spectrum"), (plain, "plain notch"), (best, "optimum notch"),
    )):  # fmt: skip
        place[name] = k % 2 * 184, k // 2 * 198
        panel(s, *place[name], 176, z, name, 16 if z is shown else 28)
    left, top = place["its spectrum"]
    cell = 176 / 96
    for row, column in ((i, j), (96 - i, 96 - j)):
        s.ring((left + (column + 0.5) * cell, top + 19 + (row + 0.5) * cell), 8, "kernel", 1.8)


@figure(
    "restoration/lost-waves", height=254,
    title="What a mean of three by three leaves of the waves of 15 by 15 pixels",
    desc="On the left a square of 15 by 15 cells, one for each frequency, frequency zero in the middle: dark colour in"
    " the middle, fading outwards. Two columns and two rows, at minus 5 and 5, are blank and crossed out: 56 cells."
    " On the right the middle row as stems: 1 at zero, 0.94, 0.78, 0.54, 0.26 and 0 at five, then slightly below"
    " zero, minus 0.21 and minus 0.32.",
    shape=[15, 15], box=[3, 3],
)  # fmt: skip
def lost_waves(s: Sheet, shape: Array, box: Array) -> None:
    """The plane of frequencies, and its middle row."""
    n, k = int(shape[0]), int(box[0])
    assert shape.tolist() == [15, 15] and box.tolist() == [3, 3], "the example of the chapter"
    impulse = np.eye(1, n * n).reshape(n, n)
    waves = np.fft.fftshift(np.fft.fft2(restore.blur_operator(kernels.box(k), (n, n))(impulse))).real
    f = np.arange(n) - n // 2
    lost = np.abs(waves) < 1e-12
    assert np.array_equal(lost, np.add.outer(np.abs(f) == 5, np.abs(f) == 5) > 0) and lost.sum() == 56, lost.sum()
    row = waves[n // 2]
    assert [f"{v:.2f}" for v in row[7:12]] == ["1.00", "0.94", "0.78", "0.54", "0.26"], row
    assert [f"{v:.2f}" for v in row[13:]] == ["-0.21", "-0.32"], row

    cell, top = 14.6, 20
    s.text(0, 9, "15×15 waves", BODY, "kernel-ink", "start")
    for i, j in np.ndindex(n, n):
        corner = (j * cell + 0.6, top + i * cell + 0.6, cell - 1.2, cell - 1.2)
        if lost[i, j]:
            s.boxes([corner], edge="rule", width=0.8)
            a, b, c, d = corner[0] + 4, corner[1] + 4, corner[0] + cell - 5.2, corner[1] + cell - 5.2
            s.line([(a, b), (c, d)], "kernel-ink", 1)
            s.line([(a, d), (c, b)], "kernel-ink", 1)
        else:
            s.boxes([corner], fill=shade("kernel", round(0.06 + 0.94 * abs(float(waves[i, j])), 2)))
    s.text((n / 2 - 5) * cell, top + n * cell + 9, "−5", SMALL, "quiet")
    s.text(n / 2 * cell, top + n * cell + 9, "0", SMALL, "quiet")
    s.text((n / 2 + 5) * cell, top + n * cell + 9, "5", SMALL, "quiet")
    left, base, tall, pitch = 246, 170, 132, 7.6
    s.text(left - 7, 9, "the middle row", BODY, "kernel-ink", "start")
    s.line([(left - 5, base), (left + 14 * pitch + 5, base)])
    tips = [(left + pitch * a, base - tall * float(v)) for a, v in enumerate(row)]
    for tip in tips:
        if abs(tip[1] - base) > 0.5:
            s.line([(tip[0], base), tip], "kernel", 1.8)
    s.dots(tips, "kernel-ink", 2.4)
    for a in (2, 12):
        s.text(left + pitch * a, base + 12 if a == 2 else base - 12, "0", SMALL, "kernel-ink")
    s.text(left + 7 * pitch + 8, base - tall, "1", SMALL, "kernel-ink", "start")


@figure(
    "restoration/gains", height=292,
    title="The factors of three filters, wave by wave",
    desc="Factor against frequency, 0 to 48 periods, the factor on a logarithmic scale from one thousandth to ten"
    " thousand. The inverse rises from 1 to 2000 at frequency 36, and stays between 500 and 16000. Wiener's filter"
    " with a constant follows it to about 3, turns at 5, at frequency 22, and falls. Constrained least squares"
    " follow it, turn earlier, and fall faster.",
    side=96, blur=BELL, ratio=0.01, gamma=0.03,
)  # fmt: skip
def gains(s: Sheet, side: Array, blur: Array, ratio: Array, gamma: Array) -> None:
    """One over w hat, and two that bend."""
    n, w = int(side), bell(blur)
    f = np.arange(n // 2 + 1)
    gain = np.abs(restore.transfer_function(w, (n, n))[0])
    rough = np.abs(restore.transfer_function(kernels.LAPLACE, (n, n))[0])
    assert n == 96 and ratio == 0.01 and gamma == 0.03, "the filters of the chapter"
    assert (gain > 0).all(), "no wave of this row is lost"
    inverse, best, smooth = 1 / gain, gain / (gain**2 + ratio), gain / (gain**2 + gamma * rough**2)
    assert (np.diff(inverse[:37]) > 0).all() and inverse[0] == inverse.min() and inverse.max() > 1000, inverse
    turn, earlier = int(best.argmax()), int(smooth.argmax())
    assert 4.9 < best.max() <= 5 and (earlier, turn) == (16, 22), (best.max(), earlier, turn)
    assert smooth[-1] < best[-1] < 1 < inverse[-1], "one falls faster than the other"
    assert np.allclose([smooth[0], inverse[0]], 1) and best[0] < 1, "the mean"

    colour = s.plots.colour
    ax = s.plots.axes(46, 12, 308, 238)
    ax.set(xlim=(0, 48), ylim=(0.0003, 9000), yscale="log")
    ax.minorticks_off()
    ax.set_xticks([0, 12, 24, 36, 48])
    ax.set_yticks([0.001, 0.01, 0.1, 1, 10, 100, 1000])
    ax.axhline(1, color=colour("rule"), lw=0.8)
    for values, role in ((inverse, "kernel-ink"), (best, "output-ink"), (smooth, "input-ink")):
        ax.plot(f, values, color=colour(role), lw=1.9)
    ax.plot(turn, best[turn], "o", color=colour("output-ink"), ms=5)
    ax.plot(earlier, smooth[earlier], "o", color=colour("input-ink"), ms=5)
    s.text(*s.plots.at(ax, 26.5, 900), "divided: the inverse", BODY, "kernel-ink", "end")
    s.text(*s.plots.at(ax, 33, 1.9), "Wiener", BODY, "output-ink", "start")
    s.text(*s.plots.at(ax, 17, 0.06), "constrained", BODY, "input-ink", "end")
    s.text(*s.plots.at(ax, 17, 0.024), "least squares", BODY, "input-ink", "end")
    s.text(s.plots.at(ax, 24, 1)[0], 282, "periods across the picture", SMALL, "quiet")


@figure(
    "restoration/discrepancy", height=338,
    title="The residual meets the noise where the error is nearly least",
    desc="Two curves above each other, against gamma on a logarithmic axis from 0.00001 to 10. Above,"
    " the residual a pixel: it rises from below 2, meets the dashed level of the noise, 2, at a gamma of some"
    " thousandths, and goes on to about 7. Below, the error of the estimate: it falls from more than 30,"
    " is least at a gamma some seven times smaller than where the lines met, and rises again.",
    crop=CROP, blur=BELL, sigma=2,
)  # fmt: skip
def discrepancy(s: Sheet, crop: Array, blur: Array, sigma: Array) -> None:
    """What the photograph tells, and what only the scene tells."""
    x, w, level = scene(crop), bell(blur), float(sigma)
    A = restore.blur_operator(w, x.shape)
    assert level == 2, "the noise of the chapter"
    y = noise.gaussian(A(x), level, rng=0)
    gammas = np.geomspace(1e-5, 10, 49)
    made = [restore.constrained_least_squares(y, A, float(g)) for g in gammas]
    residual, error = np.array([rms(A(z) - y) for z in made]), np.array([rms(z - x) for z in made])
    assert (np.diff(residual) > 0).all() and residual[0] < level < residual[-1], residual
    met = float(np.exp(np.interp(level, residual, np.log(gammas))))
    least = int(error.argmin())
    assert 0 < least < 48 and gammas[least] < met, "it smooths a little too much"
    chosen = float(np.interp(np.log(met), np.log(gammas), error))
    assert chosen < 1.12 * error[least] and error[0] > 2 * chosen, (chosen, error[least], error[0])

    colour = s.plots.colour
    for k, (values, words, role) in enumerate((
        (residual, "residual a pixel", "output-ink"), (error, "error a pixel", "input-ink"),
    )):  # fmt: skip
        ax = s.plots.axes(36, 24 + 152 * k, 308, 112)
        ax.set(xlim=(1e-5, 10), xscale="log")
        ax.minorticks_off()
        ax.set_xticks([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10])
        ax.set_ylim((1, 7) if k == 0 else (8, 40))
        ax.set_yticks([2, 4, 6] if k == 0 else [10, 20, 30])
        ax.plot(gammas, values, color=colour(role), lw=1.9)
        ax.axvline(met, color=colour("ink"), lw=1.1, ls=(0, (3, 2.4)))
        s.text(36, 11 + 152 * k, words, BODY, role, "start")
        if k == 0:
            ax.axhline(level, color=colour("quiet"), lw=1.1, ls=(0, (3, 2.4)))
            s.text(*s.plots.at(ax, 1.4e-5, 2.45), "the noise, 2", SMALL, "quiet", "start")
            ax.plot(met, level, "o", color=colour("output-ink"), ms=6)
        else:
            ax.plot(gammas[least], error[least], "o", color=colour("input-ink"), ms=6)
            left, _ = s.plots.at(ax, gammas[least], 8)
            s.text(left - 8, s.plots.at(ax, 1, error[least] + 4.2)[1], "least", SMALL, "input-ink", "end")
    s.text(195, 329, "$γ$", BODY, "quiet")


@figure(
    "restoration/borders", height=152,
    title="A photograph with a true border, restored on a ring and with a reflecting border",
    desc="Three pictures of a man at a camera. The photograph, blurred. Restored on a ring: sharp in the middle, and"
    " covered by ripples that run along all four borders. Restored with the reflecting operator: sharp to the edge.",
    crop=CROP, blur=BELL, gamma=0.003,
)  # fmt: skip
def borders(s: Sheet, crop: Array, blur: Array, gamma: Array) -> None:
    """The wrong operator and the right one."""
    x, w = scene(crop), bell(blur)
    row, column, side = (int(v) for v in crop)
    big = sample_image("camera")[row - 8 : row + side + 8, column - 8 : column + side + 8].astype(float)
    assert gamma == 0.003, "the smoothness of the chapter"
    y = noise.gaussian(restore.blur_operator(w, big.shape, "reflect")(big)[8:-8, 8:-8], 1, rng=0)
    ring, mirror = (
        restore.constrained_least_squares(y, restore.blur_operator(w, x.shape, mode), float(gamma))
        for mode in ("wrap", "reflect")
    )  # fmt: skip
    scores = [decibels(x, z) for z in (y, ring, mirror)]
    assert scores[1] < scores[0] - 4 and scores[2] > scores[0] + 3, scores
    inside = np.s_[30:66, 30:66]
    assert rms((ring - x)[inside]) < 0.5 * rms(ring - x), (
        "the ripples are at the border",
        rms((ring - x)[inside]),
        rms(ring - x),
    )
    for k, (z, name) in enumerate(((y, "photograph"), (ring, "on a ring"), (mirror, "reflecting"))):
        panel(s, k * 122, 0, 116, z, name)


@figure(
    "restoration/methods", height=288,
    title="One photograph, restored by four methods",
    desc="Six crops of the man at the camera: the scene; blurred, with noise; by the inverse filter with its small"
    " factors left out, with a grain over everything; by Wiener's filter with a constant, sharper, with a finer"
    " grain; by constrained least squares, smooth; by Richardson and Lucy, between these two.",
    crop=[40, 84, 76], blur=BELL, sigma=2,
)  # fmt: skip
def methods(s: Sheet, crop: Array, blur: Array, sigma: Array) -> None:
    """The same part of the picture by each."""
    w, level = bell(blur), float(sigma)
    assert crop.tolist() == [40, 84, 76] and level == 2, "the crop, and the noise of the table"
    x = sample_image("camera").astype(float)
    A = restore.blur_operator(w, x.shape)
    y = noise.gaussian(A(x), level, rng=0)
    made: dict[str, Any] = {
        "the scene": x, "blurred, noisy": y, "inverse, cut off": restore.inverse_filter(y, A, 0.1),
        "Wiener": restore.wiener(y, A, 0.01), "least squares": restore.constrained_least_squares(y, A, noise=level),
        "Richardson–Lucy": restore.richardson_lucy(y.clip(0), A),
    }  # fmt: skip
    scores = [decibels(x, z) for z in list(made.values())[1:]]
    assert min(scores[1:]) > scores[0] + 1.5, scores
    sky = np.s_[5:45, 5:45]
    grain = {name: rms(z[sky] - x[sky]) for name, z in made.items()}
    assert grain["inverse, cut off"] > 2 * grain["least squares"] and grain["Wiener"] > grain["least squares"], grain
    row, column, side = (int(v) for v in crop)
    for k, (name, z) in enumerate(made.items()):
        panel(s, k % 3 * 122, k // 3 * 146, 116, z[row : row + side, column : column + side], name)


@figure(
    "restoration/blind", height=278,
    title="A blind method that finds the shake from stars, and fails on a photograph",
    desc="Two rows of four. Above, stars smeared along a bent path; the same stars as points; the kernel of seven"
    " weights along that path; and the kernel that was found, equal to it up to a shift. Below, a man's face, smeared;"
    " the picture that was found, with ripples; the same kernel; and the one that was found, spread over all cells.",
    size=[7, 7], places=[[1, 2, 2, 3, 3, 4, 5], [2, 2, 3, 3, 4, 4, 5]],
)  # fmt: skip
def blind(s: Sheet, size: Array, places: Array) -> None:
    """What comes in, what comes out, the true kernel and the one that was found."""
    assert size.tolist() == [7, 7] and places.tolist() == [[1, 2, 2, 3, 3, 4, 5], [2, 2, 3, 3, 4, 4, 5]], "the shake"
    shake = np.zeros((7, 7))
    shake[places[0].astype(int), places[1].astype(int)] = 1 / 7
    rng = np.random.default_rng(1)
    stars = np.zeros((48, 48))
    stars[rng.integers(4, 44, 12), rng.integers(4, 44, 12)] = 200
    rows = []
    for x in (stars, sample_image("camera")[36:84, 88:136].astype(float)):
        y = restore.blur_operator(shake, x.shape)(x)
        z, found = restore.blind_deconvolution(y, (7, 7))
        moved = {step: np.roll(found, step, (0, 1)) for step in np.ndindex(7, 7)}
        step = min(moved, key=lambda step: float(np.abs(moved[step] - shake).sum()))
        rows.append((y, z, found, float(np.abs(moved[step] - shake).sum()) / 2, rms(z - x) / rms(y - x)))
    assert rows[0][3] < 0.02 and rows[1][3] > 0.4, (rows[0][3], rows[1][3])
    assert rows[1][4] > 1.5, "worse than it was"

    for k, (y, z, found, off, _) in enumerate(rows):
        top = 142 * k
        gain = 3.0 if k == 0 else 1.0
        for left, values, name in ((0, gain * y, "seen"), (118, gain * z, "found")):
            panel(s, left, top, 112, values, name)
        for left, w, name in ((237, shake, "shake"), (302, found, "found")):
            s.text(left, top + 8, name, BODY, "kernel-ink", "start")
            s.picture(left, top + 19, 57, 57, (w / w.max()).repeat(8, 0).repeat(8, 1), "kernel-ink")
            s.boxes([(left, top + 19, 57, 57)], edge="rule", width=1)
        s.text(237, top + 94, f"{100 * off:.0f}% wrong", BODY, "ink", "start")
