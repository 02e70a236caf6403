"""Chapter 11, Geometry: where pixels come from, what lies between them, and what they give back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data import sample_image
from course.imaging import geometry
from course.linear import LinearOperator
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure

CROP = (30, 78, 84)  # the first row, the first column and the side of the crop of "camera", as in chapter 3
PAGE = [[155, 15], [65, 40], [260, 130], [360, 95]]  # four points on two ruled lines of "text"
STRIP = [[0, 0], [0, 50], [300, 50], [300, 0]]
BYTES = 255


def cropped(crop: Array) -> NDArray[np.float64]:
    """The head and the camera of the photograph."""
    assert np.array_equal(crop, CROP), "the crop of the chapter"
    row, column, side = (int(v) for v in crop)
    return sample_image("camera")[row : row + side, column : column + side].astype(float)


def error(y: Array, x: Array, where: Any) -> float:
    """The peak signal-to-noise ratio in decibels, over some pixels."""
    return float(10 * np.log10(BYTES**2 / np.mean((y - x)[where] ** 2)))


def disc(side: int, radius: float) -> NDArray[np.bool_]:
    """The pixels within a radius of the centre."""
    i, j = np.mgrid[:side, :side] - (side - 1) / 2
    return np.asarray(np.hypot(i, j) < radius)


@figure(
    "geometry/straightened", height=330,
    title="Handwriting at a slant, and the same lines straightened",
    desc="Above, a photograph of handwriting on ruled paper, seen from the side: the lines run steeply down to the "
    "right and the letters lean over. A frame with four marked corners lies along two of the ruled lines. Below, the "
    "page as if seen from above: the frame is an upright rectangle, the ruled lines are level, and one reads the "
    "brackets, signs and letters of a formula.",
    page=PAGE, strip=STRIP,
)  # fmt: skip
def straightened(s: Sheet, page: Array, strip: Array) -> None:
    """The page from the side, and from above."""
    M = geometry.estimate_homography(page, strip)
    assert np.abs(geometry.apply(M, page) - strip).max() < 1e-9
    assert np.array_equal(page, PAGE) and np.array_equal(strip, STRIP), "the four points of the chapter"
    x = sample_image("text")[:, 30:430].astype(float)
    wide = geometry.translation(75, 53) @ M @ geometry.translation(30, 0)
    y = geometry.warp(x, wide, (156, 450), boundary="nearest")
    seen = geometry.warp(np.ones(x.shape), wide, (156, 450))

    scale, top, low = 0.9, 19, 205
    s.text(180, 8, "as it was photographed", BODY)
    s.picture(0, top, 360, 172 * scale, geometry.resize(x, (138, 320)) / BYTES, levels=20)
    s.text(180, low - 11, "straightened", BODY)
    grey = np.where(seen > 0.99, y, 128)
    s.picture(0, low, 360, 125, geometry.resize(grey, (112, 322)) / BYTES, levels=20)
    slanted = [((u - 30) * scale, top + v * scale) for u, v in page.tolist()]
    straight = [(u * 0.8 + 60, low + (v + 53) * 125 / 156) for u, v in strip.tolist()]
    for corners in (slanted, straight):
        s.line([*corners, corners[0]], "paper", 4)
        s.line([*corners, corners[0]], "kernel-ink", 2)
        s.dots(corners, "kernel-ink", 4)


LETTER = [[0, 0], [4, 0], [4, 1], [1, 1], [1, 2], [3, 2], [3, 3], [1, 3], [1, 6], [0, 6]]  # an F, rows running down


@figure(
    "geometry/moves", height=250,
    title="A letter F under six matrices",
    desc="Six panels, each with a pale letter F and a strong one that a matrix has made of it. Translation moves it. "
    "Scaling by one half in both directions makes it small. Unequal scaling makes it wide and low. A shear along u "
    "leans it over, its feet to the right. A shear along v lets its arms hang down to the right. A rotation by 35 "
    "degrees turns it counter-clockwise about its middle.",
    letter=LETTER,
)  # fmt: skip
def moves(s: Sheet, letter: Array) -> None:
    """Every kind of affine map on one letter, with what it keeps."""
    assert np.array_equal(letter, LETTER), "the letter F"
    centre = (2, 3)
    kinds = [
        ("translation(2, 1)", geometry.translation(2, 1)), ("scaling(0.5)", geometry.scaling(0.5)),
        ("scaling(1.4, 0.6)", geometry.scaling(1.4, 0.6)), ("shear(sx=0.5)", geometry.shear(sx=0.5)),
        ("shear(sy=0.5)", geometry.shear(sy=0.5)), ("rotation(35)", geometry.about(geometry.rotation(35), centre)),
    ]  # fmt: skip

    def area(p: Array) -> float:
        u, v = p.T
        return float(abs(u @ np.roll(v, 1) - v @ np.roll(u, 1)) / 2)

    moved = [geometry.apply(M, letter) for _, M in kinds]
    sizes = [round(area(p) / area(letter), 9) for p in moved]
    assert sizes == [1, 0.25, 0.84, 1, 1, 1], f"shears and the rotation keep the area: {sizes}"
    assert moved[5][1, 1] < letter[1, 1], "the end of the upper arm goes up: counter-clockwise"
    for k, ((name, _), p) in enumerate(zip(kinds, moved, strict=True)):
        left, top, unit = 14 + k % 3 * 122, 28 + k // 3 * 124, 11.5
        place = np.array([left, top])
        s.shape([tuple(q) for q in (place + unit * letter).tolist()], "input-24", layer=0)
        s.line([tuple(q) for q in (place + unit * letter[[*range(10), 0]]).tolist()], "input-ink", 0.8, dash=True)
        s.shape([tuple(q) for q in (place + unit * p).tolist()], "output-50", layer=1)
        s.line([tuple(q) for q in (place + unit * p[[*range(10), 0]]).tolist()], "output-ink", 1.4)
        s.dots([tuple((place + unit * np.array(centre if k == 5 else (0, 0))).tolist())], "kernel-ink", 2.8, layer=4)
        s.text(left + 42, top - 18, name, SMALL, face="code")


def pushed(x: Array, M: Array) -> NDArray[np.float64]:
    """Every pixel sent to the nearest place; nan where none arrives."""
    y = np.full(x.shape, np.nan)
    i, j = np.indices(x.shape)
    goal = np.rint(geometry.apply(M, np.stack([j, i], -1))).astype(int)
    kept = ((goal >= 0) & (goal < len(x))).all(-1)
    y[goal[kept][:, 1], goal[kept][:, 0]] = x[kept]
    return y


@figure(
    "geometry/holes", height=176,
    title="Pushed and pulled: the same turn, with holes and without",
    desc="Two photographs of a man behind a camera, turned by thirty degrees and a little enlarged. In the left one, "
    "made by sending every pixel to its new place, a regular pattern of holes covers the picture like a net. In the "
    "right one, made by asking for every new pixel where it comes from, there are none.",
    crop=CROP, turn=[30, 1.2],
)  # fmt: skip
def holes(s: Sheet, crop: Array, turn: Array) -> None:
    """The forward loop and the backward loop."""
    x = cropped(crop)
    assert turn.tolist() == [30, 1.2], "the turn of the chapter"
    M = geometry.about(geometry.rotation(turn[0]) @ geometry.scaling(turn[1]), (41.5, 41.5))
    y, z = pushed(x, M), geometry.warp(x, M, order=0)
    inside = geometry.warp(np.ones(x.shape), M) > 0.999
    share = float(np.isnan(y)[inside].mean())
    assert 0.28 < share < 1 - 1 / 1.2**2 + 0.02, f"{share:.3f}: more than the area alone asks for would be a wrong turn"
    lit = np.where(np.isnan(y), 1, y / BYTES)
    s.picture(0, 19, 174, 157, lit[4:80, :], levels=16)
    s.picture(186, 19, 174, 157, z[4:80, :] / BYTES, levels=16)
    s.text(87, 8, "pushed", BODY)
    s.text(273, 8, "pulled", BODY)


@figure(
    "geometry/between", height=186,
    title="Three ways through the same samples",
    desc="Six samples: 2, 5, 4, 8, 1, 3. Nearest interpolation is a staircase with steps half way between samples. "
    "Linear interpolation is a broken line with corners at the samples. The cubic spline is a smooth curve through "
    "all samples, which rises above the largest, 8, and falls below the smallest, 1.",
    row=[2, 5, 4, 8, 1, 3],
)  # fmt: skip
def between(s: Sheet, row: Array) -> None:
    """Order 0, 1 and 3 of one row."""
    u = np.linspace(0, len(row) - 1, 501)
    points = np.stack([u, 0 * u], -1)
    x = row[None].astype(float)
    steps, lines, curve = (geometry.sample(x, points, order, "mirror") for order in (0, 1, 3))
    assert row.tolist() == [2, 5, 4, 8, 1, 3], row
    assert set(steps) == set(row) and np.allclose(lines, np.interp(u, np.arange(6), row))
    assert np.allclose(curve[::100], row) and curve.max() > 8.05 and curve.min() < 0.95, "the spline overshoots"
    colour = s.plots.colour
    ax = s.plots.axes(22, 8, 334, 156)
    ax.set(xlim=(-0.2, 5.2), ylim=(0, 9))
    ax.set_yticks([0, 2, 4, 6, 8])
    ax.set_xticks(range(6))
    ax.plot(u, steps, color=colour("rule"), lw=1.6)
    ax.plot(u, lines, color=colour("kernel-ink"), lw=1.6)
    ax.plot(u, curve, color=colour("output-ink"), lw=2.2)
    ax.plot(np.arange(6), row, "o", color=colour("input-ink"), ms=6)
    s.text(*s.plots.at(ax, 2.44, 6.7), "nearest", SMALL, "quiet", "end")
    s.text(*s.plots.at(ax, 3.62, 4.8), "linear", SMALL, "kernel-ink", "start")
    s.text(*s.plots.at(ax, 3.2, 8.4), "cubic", SMALL, "output-ink", "start")


@figure(
    "geometry/twelve", height=206,
    title="Twelve turns by thirty degrees, with three interpolations",
    desc="Three square crops of the photograph of a man behind a camera, each turned twelve times by thirty degrees. "
    "Nearest: ragged, displaced edges. Linear: blurred, the eye and the lens are gone. Cubic: hardly to be told from "
    "the original.",
    crop=CROP, angle=30,
)  # fmt: skip
def twelve(s: Sheet, crop: Array, angle: Array) -> None:
    """Once around, in twelve steps."""
    x = cropped(crop)
    assert angle == 30, "twelve of them make a full turn"
    inside = disc(84, 39)
    made = []
    for order in (0, 1, 3):
        y = x
        for _ in range(12):
            y = geometry.rotate(y, float(angle), order=order, boundary="reflect")
        made.append(y)
    nearest, linear, cubic = (error(y, x, inside) for y in made)
    assert linear < nearest < cubic - 4, (nearest, linear, cubic)
    names = ("nearest", "linear", "cubic")
    for k, (name, y) in enumerate(zip(names, made, strict=True)):
        left, side = k * 122, 116
        s.text(left + side / 2, 9, name, BODY)
        s.picture(left, 22, side, side, np.clip(y / BYTES, 0, 1), levels=16)
        eye = np.clip(y[30:52, 36:77] / BYTES, 0, 1)
        s.picture(left, 144, side, 62, np.kron(eye, np.ones((2, 2))), levels=16)


@figure(
    "geometry/stripes", height=174,
    title="Turning and shrinking: only one of them aliases",
    desc="Four squares. First, fine upright stripes, five pixels for two of them. Turned by thirty degrees, the "
    "stripes are slanted and as fine as before. Shrunk to a third without a low-pass, there are coarse, strong "
    "stripes that the first picture does not have. Shrunk with a low-pass, the square is an even grey.",
    frequency=0.4, side=96, factor=3,
)  # fmt: skip
def stripes(s: Sheet, frequency: Array, side: Array, factor: Array) -> None:
    """Stripes of 0.4 periods a pixel, turned, and shrunk with and without a low-pass."""
    n, m = int(side), int(side) // int(factor)
    assert (float(frequency), n, m) == (0.4, 96, 32), "the stripes of the chapter"
    x = np.tile(np.cos(2 * np.pi * float(frequency) * np.arange(n)), (n, 1))
    turned = geometry.rotate(x, 30, order=3, boundary="mirror")
    small = [geometry.resize(x, (m, m), antialias=a, boundary="mirror") for a in (False, True)]

    def peak(y: Array) -> float:
        half = len(y) // 2
        a = np.abs(np.fft.fft2((y - y.mean()) * np.outer(np.hanning(len(y)), np.hanning(len(y)))))
        p, q = np.unravel_index(np.argmax(a), a.shape)
        return float(np.hypot((p + half) % len(y) - half, (q + half) % len(y) - half) / len(y))

    assert abs(peak(turned[16:80, 16:80]) - 0.4) < 0.02, "as fine as before"
    assert abs(peak(small[0]) - 0.2) < 0.02 and np.abs(small[0]).max() > 0.95, "stripes that were not there"
    assert np.abs(small[1][:, 4:-4]).max() < 0.06, "even grey"
    s.text(42, 9, "as it is", SMALL)
    s.text(134, 9, "turned", SMALL)
    s.text(226, 9, "shrunk", SMALL)
    s.text(318, 9, "low-pass first", SMALL)
    for k, y in enumerate((x[:84, :84], turned[6:90, 6:90])):
        s.picture(k * 92, 20, 84, 84, (y + 1) / 2, levels=16)
    for k, y in enumerate(small):
        s.picture(184 + k * 92, 20, 84, 84, np.kron((y[:28, :28] + 1) / 2, np.ones((3, 3))), levels=64)
    colour = s.plots.colour
    ax = s.plots.axes(4, 122, 352, 28)
    ax.set(xlim=(0, 84), ylim=(-1.15, 1.15))
    ax.set_yticks([])
    ax.set_xticks([12, 24, 36, 48, 60, 72])
    u = np.linspace(0, 84, 1200)
    ax.plot(u, np.cos(2 * np.pi * float(frequency) * u), color=colour("rule"), lw=0.9)
    kept = np.arange(m)[:28] * 3 + 1
    ax.plot(kept, small[0][5, :28], "-o", color=colour("output-ink"), ms=3.4, lw=1.6)


@figure(
    "geometry/lenses", height=150,
    title="A grid through three lenses",
    desc="Three square grids of lines. Barrel: the lines bulge outwards and the corners are drawn in. True: straight "
    "lines. Pincushion: the lines bend inwards and the corners are drawn out.",
    strengths=[-0.18, 0, 0.18],
)  # fmt: skip
def lenses(s: Sheet, strengths: Array) -> None:
    """Straight lines as each lens shows them."""
    assert strengths.tolist() == [-0.18, 0, 0.18], "barrel, true, pincushion"
    t = np.linspace(-1, 1, 41)
    for k, (name, k1) in enumerate(zip(("barrel", "true", "pincushion"), strengths.tolist(), strict=True)):
        middle = np.array([57 + k * 123, 84])
        size = 54 / (1 + 2 * max(k1, 0)) if k1 > 0 else 54
        lens = {"centre": (0, 0), "radius": 1}
        top = geometry.distort(np.stack([t, t**0 * -1], -1), k1, **lens)
        bow = float(top[20, 1] - top[0, 1])
        assert bow < -0.1 if k1 < 0 else bow > 0.1 if k1 > 0 else bow == 0, f"{name}: the upper line bends {bow}"
        s.text(middle[0], 9, name, BODY)
        for level in np.linspace(-1, 1, 7):
            for line in (np.stack([t, 0 * t + level], -1), np.stack([0 * t + level, t], -1)):
                p = middle + size * geometry.distort(line, k1, **lens)
                s.line([tuple(q) for q in p.tolist()], "output-ink" if k1 else "input-ink", 1.2)
        s.dots([tuple(middle.tolist())], "kernel-ink", 2.8)


@figure(
    "geometry/splat", height=212,
    title="What a pixel reads, and what it gives back",
    desc="On the left, forward: a new pixel comes from a place a quarter to the right of one pixel and half a row "
    "below it; it reads four pixels, 10 20 over 30 60, with the weights three eighths and one eighth in both rows, "
    "and becomes 25. On the right, back: the new pixel is worth 8, and the same four pixels get 3, 1, 3 and 1. "
    "Dashed purple arrows lead back.",
    pixels=[[10, 20], [30, 60]], place=[0.25, 0.5], worth=8,
)  # fmt: skip
def splat(s: Sheet, pixels: Array, place: Array, worth: Array) -> None:
    """Four weights, used twice."""
    y = float(geometry.sample(pixels.astype(float), place))
    back = geometry.sample_adjoint(np.array(float(worth)), place, (2, 2))
    weights = back / float(worth)
    assert pixels.tolist() == [[10, 20], [30, 60]] and place.tolist() == [0.25, 0.5] and worth == 8, "the example"
    assert y == 25 and back.tolist() == [[3, 1], [3, 1]] and weights.sum() == 1, (y, back)
    cell = 50.0
    for left, values, role, name in ((18.0, pixels, "input", "it reads"), (212.0, back, "cotangent", "it gives back")):
        grid = s.grid(left, 22, values, cell, role, size=LARGE)
        s.text(left + cell, 9, name, BODY, f"{role}-ink")
        u, v = grid.at(0, 0)
        spot = (u + float(place[0]) * cell, v + float(place[1]) * cell)
        low = (left + cell - 16, 160.0)
        forward = role == "input"
        one = s.grid(*low, [[y if forward else float(worth)]], 32, "output" if forward else role, size=LARGE)
        if forward:
            s.arrow(spot, (one.centre[0], low[1] - 1), "ink", 1.4)
        else:
            s.arrow((one.centre[0], low[1] - 1), spot, "cotangent-ink", 1.6, dash=True)
        s.dots([spot], "kernel-ink", 4, layer=4)
        s.text(left + cell + 24, 141, "3/8, 1/8", SMALL, "kernel-ink", "start")
        s.text(left + cell + 24, 153, "in both rows", SMALL, "kernel-ink", "start")


@figure(
    "geometry/nine", height=220,
    title="Nine small pictures make one large one",
    desc="Four pictures of a face behind a camera. One of nine small ones, 32 by 32 pixels, coarse and noisy. That "
    "one enlarged by cubic interpolation: soft. What twenty steps make of all nine: the camera, the eye and the nose "
    "are clear. The original, 64 by 64.",
    window=[36, 88, 64], steps=20,
)  # fmt: skip
def nine(s: Sheet, window: Array, steps: Array) -> None:
    """Super-resolution by twenty steps along the adjoint."""
    row, column, n = (int(v) for v in window)
    assert (row, column, n, int(steps)) == (36, 88, 64, 20), "the window and the steps of the chapter"
    x = sample_image("camera")[row : row + n, column : column + n].astype(float)
    A, y = small_pictures(x)
    z = first = geometry.resize(y[0], (n, n), order=3, antialias=False)
    for _ in range(int(steps)):
        z = z - TAU * A.H(A(z) - y)
    inner = np.s_[6:-6, 6:-6]
    assert error(z, x, inner) > error(first, x, inner) + 4, (error(z, x, inner), error(first, x, inner))
    panels = (("one of nine", np.kron(y[0], np.ones((2, 2)))), ("enlarged, cubic", first), ("nine, 20 steps", z),
              ("the original", x))  # fmt: skip
    for k, (name, picture) in enumerate(panels):
        s.text(44 + k * 91, 9, name, SMALL)
        s.picture(k * 91, 20, 87, 87, np.clip(picture / BYTES, 0, 1), levels=20)
        detail = np.clip(picture[24:54, 16:46] / BYTES, 0, 1)
        s.picture(k * 91, 112, 87, 87, np.kron(detail, np.ones((2, 2))), levels=20)


TAU = 0.45


def small_pictures(x: Array) -> tuple[LinearOperator, NDArray[np.float64]]:
    """Nine turned, moved, shrunk and noisy views of a picture, and the operator that makes them."""
    rng, n = np.random.default_rng(0), len(x)
    views = []
    for k in range(9):
        turn = geometry.about(geometry.rotation(rng.uniform(-5, 5)), ((n - 1) / 2, (n - 1) / 2))
        M = geometry.translation(*rng.uniform(-1.5, 1.5, 2)) @ turn if k else np.eye(3)
        views.append(geometry.resizing((n, n), (n // 2, n // 2)) @ geometry.warping(M, (n, n), boundary="nearest"))
    A = LinearOperator(
        (n, n), (9, n // 2, n // 2), lambda z: np.stack([V(z) for V in views]),
        lambda g: np.sum([V.H(part) for V, part in zip(views, g, strict=True)], 0), "nine views",
    )  # fmt: skip
    return A, A(x) + 3 * rng.standard_normal(A.out_shape)
