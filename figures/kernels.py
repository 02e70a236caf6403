"""Chapter 3, Kernels: one photograph under every kernel, what a kernel answers to, and what it reads past the border.

The crop of the photograph is the chapter's, the same in every figure that shows one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from course.data import sample_image
from course.imaging import kernels
from course.ops import convolve, correlate, pad
from figures.style import BODY, LARGE, SMALL, Array, Grid, Sheet, figure, number

CROP = (30, 78, 84)  # the first row, the first column and the side of the crop of "camera"
IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
BYTES = 255


def cropped(crop: Array) -> NDArray[np.float64]:
    """The head and the camera of the photograph, with what surrounds them."""
    assert np.array_equal(crop, CROP), "the crop of the chapter"
    row, column, side = (int(v) for v in crop)
    return sample_image("camera")[row : row + side, column : column + side].astype(float)


def shown(y: Array, gain: float = 0) -> NDArray[np.float64]:
    """Values in [0, 1]: bytes as they are, clipped, or with a gain around the middle grey."""
    return np.clip((128 + gain * y if gain else y) / BYTES, 0, 1)


def filtered(x: Array, w: Array) -> NDArray[np.float64]:
    """The kernel laid on every pixel, the nearest pixel repeated beyond the border."""
    return np.asarray(ndimage.correlate(x, np.asarray(w, float), mode="nearest"))


def taps(s: Sheet, x: float, y: float, w: Array, cell: float, size: float | None = None) -> Grid:
    """A kernel in cells: zeros are blank, large taps are strong."""
    return s.grid(x, y, w, cell, "kernel", tone=np.abs(w) / np.abs(w).max(), faint_zero=True, size=size)


@figure(
    "kernels/nine-numbers", height=196,
    title="Four kernels, and what each makes of the same photograph",
    desc="Four kernels of nine numbers, each above a photograph of a man behind a camera. The identity, a single "
    "one in the middle, gives the photograph. Sharpen, five in the middle and minus one on four sides, gives it "
    "with crisp edges. Sobel, one two one on the left and minus one minus two minus one on the right, gives a grey "
    "plane on which upright edges are light or dark. Emboss, from minus two at the upper left to two at the lower "
    "right, makes the man look carved in stone.",
    crop=CROP, identity=IDENTITY, sharpen=kernels.SHARPEN, sobel=kernels.SOBEL_X, emboss=kernels.EMBOSS,
)  # fmt: skip
def nine_numbers(s: Sheet, crop: Array, identity: Array, sharpen: Array, sobel: Array, emboss: Array) -> None:
    """Kernels over what they make of one picture."""
    x = cropped(crop)
    four = [identity, sharpen, sobel, emboss]
    assert np.array_equal(filtered(x, identity), x) and identity.sum() == 1 == abs(identity).sum(), identity
    assert np.array_equal(sharpen, identity + kernels.LAPLACE) and np.array_equal(sobel, kernels.SOBEL_X)
    assert np.array_equal(emboss, identity + np.add.outer([-1, 0, 1], [-1, 0, 1])), emboss
    assert [int(w.sum()) for w in four] == [1, 1, 0, 1], "three keep the brightness, Sobel's takes it away"

    side, pitch, cell = 84, 92, 25
    for k, (name, w) in enumerate(zip(("identity", "sharpen", "Sobel", "emboss"), four, strict=True)):
        left = k * pitch
        s.text(left + side / 2, 9, name, BODY, "kernel-ink")
        taps(s, left + (side - 3 * cell) / 2, 20, w, cell)
        s.picture(left, 112, side, side, shown(filtered(x, w), 0.5 if name == "Sobel" else 0))


@figure(
    "kernels/gallery", height=318,
    title="The gallery: one photograph, and eleven pictures made of it",
    desc="Twelve small pictures. The photograph of a man behind a camera; three softer ones, by BLUR, by a box of "
    "seven and by a Gaussian; SHARPEN, with crisp edges and light seams; EMBOSS, as if carved; EDGE_ENHANCE, grey "
    "but for thin upright edges; EDGE and LAPLACE, grey with thin double lines, one the negative of the other; "
    "SOBEL_X, with upright edges light or dark; SOBEL_Y, with level ones; and the strength of both together, light "
    "lines on black.",
    crop=CROP, blurs=[7, 13, 2],
)  # fmt: skip
def gallery(s: Sheet, crop: Array, blurs: Array) -> None:
    """Every kernel of the package on the crop."""
    x = cropped(crop)
    wide, size, sigma = (int(v) for v in blurs)
    assert (wide, size, sigma) == (7, 13, 2), "what the caption says"
    u, v = filtered(x, kernels.SOBEL_X), filtered(x, kernels.SOBEL_Y)
    edge, laplace = filtered(x, kernels.EDGE), filtered(x, kernels.LAPLACE)
    panels = [
        ("the picture", x, 0), ("BLUR", filtered(x, kernels.BLUR), 0),
        (f"box({wide})", filtered(x, kernels.box(wide)), 0),
        ("gaussian", filtered(x, kernels.gaussian(size, sigma)), 0),
        ("SHARPEN", filtered(x, kernels.SHARPEN), 0), ("EMBOSS", filtered(x, kernels.EMBOSS), 0),
        ("EDGE_ENHANCE", filtered(x, kernels.EDGE_ENHANCE), 1), ("EDGE", edge, 1),
        ("LAPLACE", laplace, 1), ("SOBEL_X", u, 0.4), ("SOBEL_Y", v, 0.4), ("strength", np.hypot(u, v) / 2, 0),
    ]  # fmt: skip
    assert np.array_equal(edge, -laplace), "one is the negative of the other"
    rough = [float(np.abs(np.diff(y)).mean()) for _, y, _ in panels[:5]]
    assert rough[4] > rough[0] > rough[1] > rough[2] and rough[1] > rough[3], f"sharpened, as it is, blurred: {rough}"
    for name, y, gain in panels:
        assert (abs(y.mean()) < 20) == bool(gain), f"{name}: the mean is {y.mean()}"

    side, across, down = 87, 91, 107
    for k, (name, y, gain) in enumerate(panels):
        left, top = k % 4 * across, k // 4 * down
        s.picture(left, top, side, side, shown(y, gain), levels=16)
        s.text(
            left + side / 2,
            top + side + 9.5,
            name,
            SMALL,
            face="text" if name in ("the picture", "strength") else "code",
        )


@figure(
    "kernels/probes", height=214,
    title="What three kernels answer to a flat signal, a ramp and a parabola",
    desc="Across, three signals of five samples: flat, 5 5 5 5 5; a ramp, 0 2 4 6 8; a parabola, 0 1 4 9 16. Down, "
    "three kernels. One one one answers 15 15 15, then 6 12 18, then 5 14 29. Minus one, nought, one answers 0 0 0, "
    "then 4 4 4, then 4 8 12. One, minus two, one answers 0 0 0, then 0 0 0, then 2 2 2.",
    signals=[[5, 5, 5, 5, 5], [0, 2, 4, 6, 8], [0, 1, 4, 9, 16]], bank=[[1, 1, 1], [-1, 0, 1], [1, -2, 1]],
)  # fmt: skip
def probes(s: Sheet, signals: Array, bank: Array) -> None:
    """Every kernel on every probe, with the answer in words."""
    answers = [[correlate(x, w, "valid") for x in signals] for w in bank]
    p, i = np.arange(-1, 2), np.arange(1, 4)
    for w, row in zip(bank, answers, strict=True):
        m = [int(w @ p**r) for r in range(3)]
        assert np.array_equal(row[0], np.full(3, 5 * m[0])), "flat: the sum, five times"
        assert np.array_equal(row[1], m[0] * 2 * i + 2 * m[1]), "ramp: the slope is two"
        assert np.array_equal(row[2], m[0] * i**2 + m[1] * 2 * i + m[2]), "parabola"
    assert [[int(v) for v in row[2]] for row in answers] == [[5, 14, 29], [4, 8, 12], [2, 2, 2]], answers
    assert signals[:, 0].tolist() == [5, 0, 0] and signals[:, 4].tolist() == [5, 8, 16], "the probes, to their ends"
    assert [w.tolist() for w in bank] == [[1, 1, 1], [-1, 0, 1], [1, -2, 1]], bank

    cell, first, pitch, row_pitch = 18, 70, 100, 51
    for k, (name, x) in enumerate(zip(("flat", "ramp", "parabola"), signals, strict=True)):
        place = s.grid(first + k * pitch, 20, x, cell, "input")
        s.text(place.centre[0], 9, name, BODY, "input-ink")
    words = [["3·5", "$3x_i$", "$3x_i+2$"], ["0", "2·slope", "2·slope"], ["0", "0", "bend"]]
    for a, (w, row) in enumerate(zip(bank, answers, strict=True)):
        top = 66 + a * row_pitch
        taps(s, 0, top, w, 19)
        for k, y in enumerate(row):
            place = s.grid(first + cell + k * pitch, top, y, cell, "output", tone=np.where(y == 0, 0, 0.45),
                           faint_zero=True)  # fmt: skip
            if words[a][k] != "0":
                s.text(place.centre[0], place.bottom + 12, words[a][k], SMALL, "output-ink")


@figure(
    "kernels/emboss-parts", height=222,
    title="Emboss is the identity plus a slope",
    desc="Three kernels, each above its picture. Emboss, minus two to two, equals the identity, a one in the "
    "middle, plus a kernel with minus two, minus one, nought; minus one, nought, one; nought, one, two. The carved "
    "picture equals the photograph plus a grey picture of its slopes.",
    crop=CROP, emboss=kernels.EMBOSS,
)  # fmt: skip
def emboss_parts(s: Sheet, crop: Array, emboss: Array) -> None:
    """The part that survives the half-turn, and the part that changes its sign."""
    x, turned = cropped(crop), np.rot90(emboss, 2)
    even, odd = (emboss + turned) / 2, (emboss - turned) / 2
    assert np.array_equal(even, IDENTITY), even
    assert np.array_equal(odd, np.add.outer([-1, 0, 1], [-1, 0, 1])), odd
    parts = [filtered(x, w) for w in (emboss, even, odd)]
    assert np.array_equal(parts[0], x + parts[2]) and np.array_equal(parts[1], x)

    side, pitch, cell = 106, 127, 26
    for k, (name, w, y, gain) in enumerate(
        zip(("emboss", "identity", "slope"), (emboss, even, odd), parts, (0, 0, 0.5), strict=True)
    ):
        left = k * pitch
        s.text(left + side / 2, 9, name, BODY, "kernel-ink")
        place = taps(s, left + (side - 3 * cell) / 2, 21, w, cell)
        s.picture(left, 116, side, side, shown(y, gain), levels=24)
        for height in (place.centre[1], 169):
            if k:
                s.text(left - (pitch - side) / 2, height, "=" if k == 1 else "+", LARGE)


@figure(
    "kernels/overshoot", height=234,
    title="What sharpening does to a step, and what a byte makes of it",
    desc="A step from 50 to 200 as a blue line. The sharpened step, in green, falls to minus 100 before the edge "
    "and rises to 350 after it, and is equal to the step elsewhere. A band marks what a byte can hold, 0 to 255. "
    "Dashed arrows lead from minus 100 to 156 and from 350 to 94, where a byte would put them.",
    row=[50, 50, 50, 50, 200, 200, 200, 200],
)  # fmt: skip
def overshoot(s: Sheet, row: Array) -> None:
    """The row before and after, the range of a byte, and where the two ends wrap to."""
    y = ndimage.correlate(np.tile(row, (3, 1)), kernels.SHARPEN.astype(int), mode="nearest")[1]
    assert y.tolist() == [50, 50, 50, -100, 350, 200, 200, 200], y
    wrapped = y % (BYTES + 1)
    assert wrapped[[3, 4]].tolist() == [156, 94] and np.flatnonzero(wrapped != y).tolist() == [3, 4], wrapped

    colour, place = s.plots.colour, np.arange(len(row))
    ax = s.plots.axes(34, 8, 322, 192)
    ax.set(xlim=(-0.5, len(row) - 0.5), ylim=(-130, 385))
    ax.set_yticks([0, 50, 200, 255])
    ax.set_xticks(place)
    ax.axhspan(0, BYTES, color=colour("blank"), lw=0)
    edges = np.arange(len(row) + 1) - 0.5
    ax.stairs(row, edges, baseline=None, color=colour("input-ink"), lw=2)
    ax.stairs(y, edges, baseline=None, color=colour("output-ink"), lw=2)
    for j in (3, 4):
        s.arrow(s.plots.at(ax, j, y[j]), s.plots.at(ax, j, wrapped[j]), "ink", 1.2, dash=True)
        ax.plot(j, wrapped[j], "o", color=colour("ink"), ms=5)
    s.text(*s.plots.at(ax, 3, -116), number(-100), BODY, "output-ink")
    s.text(*s.plots.at(ax, 4, 370), "350", BODY, "output-ink")
    s.text(*s.plots.at(ax, 2.85, 156), "156", BODY, "ink", "end")
    s.text(*s.plots.at(ax, 4.15, 94), "94", BODY, "ink", "start")
    s.text(*s.plots.at(ax, 0, 75), "step", BODY, "input-ink")
    s.text(*s.plots.at(ax, 5.6, 310), "sharpened", BODY, "output-ink")
    s.text(*s.plots.at(ax, 6, 30), "what a byte holds", BODY, "quiet")
    s.text(s.plots.at(ax, 3.5, 0)[0], 228, "column", SMALL, "quiet")


@figure(
    "kernels/bells", height=246,
    title="Boxes convolved with themselves become a bell",
    desc="Four bar charts. One box of five taps is flat; two make a triangle; three already look like a bell; four "
    "lie on the Gaussian of the same variance, which is drawn over each. The largest differences are 0.096, 0.016, "
    "0.011 and 0.005.",
    box=[1, 1, 1, 1, 1],
)  # fmt: skip
def bells(s: Sheet, box: Array) -> None:
    """One to four boxes, and the Gaussian of the same variance."""
    w, made, rows = box / box.sum(), np.ones(1), []
    for count in range(1, 5):
        made = convolve(made, w)
        half = len(made) // 2
        j = np.arange(-half, half + 1)
        variance = float(made @ j**2)
        assert np.isclose(variance, count * (5**2 - 1) / 12), variance
        bell = np.exp(-(j**2) / (2 * variance)) / np.exp(-(np.arange(-80, 81) ** 2) / (2 * variance)).sum()
        rows.append((count, j, made, variance, float(np.abs(made - bell).max())))
    gaps = [gap for *_, gap in rows]
    assert [f"{gap:.3f}" for gap in gaps] == ["0.096", "0.016", "0.011", "0.005"], gaps
    assert np.array_equal(box, np.ones(5)), "five equal taps"

    colour, fine = s.plots.colour, np.linspace(-9, 9, 181)
    for k, (count, j, taps_, variance, gap) in enumerate(rows):
        ax = s.plots.axes(28 + k % 2 * 180, 20 + k // 2 * 123, 150, 82)
        ax.set(xlim=(-9, 9), ylim=(0, 0.31))
        ax.set_yticks([0, 0.1, 0.2])
        ax.set_xticks([-8, -4, 0, 4, 8])
        ax.bar(j, taps_, 0.82, color=colour("kernel"), alpha=0.5)
        bell = np.exp(-(fine**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
        ax.plot(fine, bell, color=colour("ink"), lw=1.4)
        left, top = s.plots.at(ax, -8.7, 0.31)
        s.text(left, top - 2, f"{count} box" + "es" * (count > 1), BODY, "kernel-ink", "start")
        s.text(s.plots.at(ax, 9, 0)[0], top - 2, f"off by {gap:.3f}", SMALL, "quiet", "end")


DISC = np.hypot(*np.mgrid[-6:7, -6:7]) <= 6.2


@figure(
    "kernels/disc-ranks", height=124,
    title="A disc, and the best kernels of rank one to four",
    desc="A disc of 121 pixels in a square of 13 by 13, and four approximations: rank one is a blurred square, rank "
    "two is rounder, ranks three and four look like the disc with faint stripes. Their errors are 35, 25, 18 and 10 "
    "per cent, and they cost 26, 52, 78 and 104 products a pixel instead of 169.",
    disc=DISC.astype(int),
)  # fmt: skip
def disc_ranks(s: Sheet, disc: Array) -> None:
    """The first terms of the singular value decomposition, added up."""
    assert np.array_equal(disc, DISC) and disc.sum() == 121, "the disc of the chapter"
    u, values, v = np.linalg.svd(disc.astype(float))
    assert (values > 1e-9).sum() == 5, values
    total = np.linalg.norm(values)
    errors = [float(np.linalg.norm(values[r:]) / total) for r in range(1, 5)]
    assert [f"{100 * e:.0f}" for e in errors] == ["35", "25", "18", "10"], errors
    side, pitch = 66, 73.5
    for r in range(5):
        made = (u[:, :r] * values[:r]) @ v[:r] if r else disc
        left = r * pitch
        s.picture(left, 20, side, side, np.clip(made, 0, 1).repeat(4, 0).repeat(4, 1), "kernel-ink")
        s.boxes([(left, 20, side, side)], edge="rule", width=1)
        s.text(left + side / 2, 9, f"rank {r}" if r else "disc", BODY, "kernel-ink")
        s.text(left + side / 2, 97, f"{100 * errors[r - 1]:.0f}% off" if r else "rank 5", SMALL, "ink")
        s.text(left + side / 2, 114, f"{26 * r if r else 169}", SMALL, "quiet")


MODES: dict[Any, tuple[Any, Any]] = {  # of course.ops.pad: SciPy's name, NumPy's
    "constant": ("constant", "constant"), "symmetric": ("reflect", "symmetric"), "reflect": ("mirror", "reflect"),
    "replicate": ("nearest", "edge"), "circular": ("wrap", "wrap"),
}  # fmt: skip


@figure(
    "kernels/borders", height=384,
    title="Five ways to continue past the border",
    desc="Five rows. In each, the samples 4 2 6 3 with three dashed ones on either side, and the upper left corner "
    "of the photograph, continued upwards and to the left. Constant: 0 0 0 and 0 0 0, a black margin. Reflect, in "
    "NumPy symmetric: 6 2 4 and 3 6 2. Mirror, in NumPy reflect: 3 6 2 and 6 2 4. Nearest, in NumPy edge: 4 4 4 and "
    "3 3 3, streaks. Wrap: 2 6 3 and 4 2 6, what lies at the opposite end.",
    x=[4, 2, 6, 3], crop=[60, 110, 28],
)  # fmt: skip
def borders(s: Sheet, x: Array, crop: Array) -> None:
    """A row of numbers and a corner of a picture under each mode."""
    row, column, side = (int(v) for v in crop)
    assert (row, column, side) == (60, 110, 28), "the corner of the chapter"
    picture = sample_image("camera")[row : row + side, column : column + side] / BYTES
    wanted = {
        "constant": "000 4263 000", "symmetric": "624 4263 362", "reflect": "362 4263 624",
        "replicate": "444 4263 333", "circular": "263 4263 426",
    }  # fmt: skip
    for mode, (scipys, numpys) in MODES.items():
        longer = pad(x, 3, mode)
        assert "".join(map(str, longer)) == wanted[mode].replace(" ", ""), (mode, longer)
        assert np.array_equal(longer, np.pad(x, 3, mode=numpys)), mode
        for reach in (-3, 3):
            w = np.zeros(7)
            w[3 + reach] = 1
            assert np.array_equal(ndimage.correlate1d(x, w, mode=scipys), longer[3 + reach :][:4]), mode

    cell, top, pitch, extra, corner = 27, 1, 77, 14, 74
    for k, (mode, (scipys, numpys)) in enumerate(MODES.items()):
        y = top + k * pitch
        ghost = np.isin(np.arange(10), (0, 1, 2, 7, 8, 9))
        place = s.grid(0, y + 34, pad(x, 3, mode), cell, "input", ghost=ghost)
        end = s.text(0, y + 18, scipys, BODY, "ink", "start", "code")
        if numpys != scipys:
            end = s.text(end + 10, y + 18, "in NumPy", BODY, "quiet", "start")
            s.text(end + 5, y + 18, numpys, BODY, "quiet", "start", "code")
        s.window(place, 0, 3, 1, 4, "input", 1.6)
        larger = pad(picture, ((extra, 0), (extra, 0)), mode)
        scale, left = corner / (side + extra), 360 - corner
        s.picture(left, y, corner, corner, larger)
        inside = extra * scale
        s.boxes([(left + inside, y + inside, corner - inside, corner - inside)], edge="input", width=1.6, layer=4)


@figure(
    "kernels/own-adjoint", height=160,
    title="The matrix of one, two, one under three borders",
    desc="Three matrices of six by six with two on the diagonal and one beside it. Constant: so to the corners, "
    "symmetric. Reflect: three in the first and the last corner, symmetric as well. Mirror: in the first row two, "
    "two, in the second one, two, one: framed are a two above and a one below the diagonal, which do not agree.",
    w=[1, 2, 1],
)  # fmt: skip
def own_adjoint(s: Sheet, w: Array) -> None:
    """Three matrices, and the pairs of entries that break the symmetry."""
    size, broken = 6, {}
    made = {
        m: ndimage.correlate1d(np.eye(size), w.astype(float), axis=0, mode=m) for m in ("constant", "reflect", "mirror")
    }
    for mode, matrix in made.items():
        broken[mode] = np.argwhere(matrix != matrix.T).tolist()
    assert broken == {"constant": [], "reflect": [], "mirror": [[0, 1], [1, 0], [4, 5], [5, 4]]}, broken
    corners = [[int(v) for v in made[m][0, :2]] for m in made]
    assert corners == [[2, 1], [3, 1], [2, 2]] and np.array_equal(made["mirror"][1, :3], [1, 2, 1]), corners

    cell, pitch = 18, 126
    for k, (mode, matrix) in enumerate(made.items()):
        s.text(k * pitch + 54, 9, mode, BODY, face="code")
        place = s.grid(k * pitch, 21, matrix, cell, "kernel", tone=matrix / 3, faint_zero=True)
        for i, j in broken[mode]:
            s.window(place, i, j, 1, 1, "cotangent", 2)
        yes = not broken[mode]
        s.text(k * pitch + 54, 146, "its own transpose" if yes else "not its transpose", SMALL,
               "ink" if yes else "cotangent-ink")  # fmt: skip
