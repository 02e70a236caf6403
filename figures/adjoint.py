"""Chapter 7, The adjoint: a smeared row of pixels, what each pixel is worth, and what the way back is good for.

The row, the smear and the worths are the chapter's, the same in every figure. The photograph is smeared by a longer
kernel of the same kind: the weights fall towards the right.
"""

from math import fsum

import numpy as np

from course.data import sample_image
from course.linear import LinearOperator, convolution, subsampling
from course.ops import convolve, correlate
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure

ROW, SMEAR, WORTH = [3, 1, 4, 5, 6], [3, 2, 1], [1, 3, -1]
BACK = [3, 11, 4, 1, -1]
SIGNAL, TAPS = [1, 0, -2, 3, 1, 2, -1], [0.5, 1, 0.5]


def smearing(w: Array, shape: tuple[int, ...], turned: bool = False) -> LinearOperator:
    """Slide w along, whole windows only; the way back scatters, or turns the kernel by mistake."""
    scattered = np.flip(w) if turned else w
    out = tuple(n - k + 1 for n, k in zip(shape, w.shape, strict=True))
    return LinearOperator(shape, out, lambda x: correlate(x, w, "valid"), lambda g: convolve(g, scattered), "smear")


def photograph(w: Array) -> tuple[Array, LinearOperator, Array]:
    """A piece of the photograph as the scene, the smear, and the smeared copy."""
    scene = sample_image("camera")[30:126, 70:178] / 255
    A = smearing(w[None] / w.sum(), scene.shape)
    return scene, A, A(scene)


def residuals(A: LinearOperator, back: LinearOperator, y: Array, eta: float, steps: int) -> Array:
    """How far A x is from y, for each step x ← x − η·back(A x − y) from zero on."""
    x, far = np.zeros(A.in_shape), []
    for _ in range(steps + 1):
        r = A(x) - y
        far.append(float(np.linalg.norm(r) / np.linalg.norm(y)))
        x = x - eta * back.adjoint(r)
    return np.array(far)


def products(a: Array, b: Array) -> str:
    """Written out: the products of two rows, added."""
    terms = [(p * q < 0, f"{abs(p)}·{abs(q)}") for p, q in zip(a.tolist(), b.tolist(), strict=True)]
    words = ("−" if terms[0][0] else "") + terms[0][1]
    return words + "".join((" − " if minus else " + ") + t for minus, t in terms[1:])


@figure(
    "adjoint/there-and-back", height=366,
    title="Three outputs gather from five pixels, and their worth is scattered back",
    desc="Above, a row of five pixels, 3, 1, 4, 5, 6. Below it, three rows with the weights 3, 2, 1, each one "
    "step further right, lead to the outputs 15, 16 and 28. In the lower half, from right to left and "
    "dashed, the worths 1, 3 and -1 on the outputs lead to three copies of the weights: 3 2 1, then 9 6 "
    "3, then -3 -2 -1, each one step further right. Added up they make 3, 11, 4, 1, -1. The products of "
    "outputs and worths add up to 35, and so do those of pixels and what came back.",
    x=ROW, w=SMEAR, g=WORTH,
)  # fmt: skip
def there_and_back(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """The opening figure: gather, scatter, and the same total."""
    y, h = correlate(x, w, "valid"), convolve(g, w)
    assert np.array_equal(y, [15, 16, 28]) and np.array_equal(h, BACK), (y, h)
    assert y @ g == x @ h == 35, (y @ g, x @ h)
    assert np.array_equal(x, ROW) and np.array_equal(w, SMEAR), "the row of the chapter"

    cell, left, pitch, column = 30, 74, 33, 296
    tall = 3 * pitch
    top, low = 40, 40 + tall + 20
    s.boxes([(left, 6, 5 * cell, 36 + tall)], "input-9", layer=0)
    row = s.grid(left, 6, x, cell, "input", size=LARGE)
    s.text(left - 14, row.centre[1], "$x$", LARGE)
    s.text(column + 19, row.centre[1], "$Ax$", LARGE)
    for i, (value, worth) in enumerate(zip(y.tolist(), g.tolist(), strict=True)):
        taps = s.grid(left + i * cell, top + i * pitch, w, cell, "kernel")
        out = s.grid(column, top + i * pitch - 1, value, 32, "output", strong=[(0, 0)], size=LARGE)
        s.arrow((taps.right + 5, taps.centre[1]), (column - 5, taps.centre[1]))
        copy = s.grid(left + i * cell, low + i * pitch, worth * w, cell, "cotangent")
        weight = s.grid(column, low + i * pitch - 1, worth, 32, "cotangent", strong=[(0, 0)], size=LARGE)
        s.arrow((column - 5, copy.centre[1]), (copy.right + 5, copy.centre[1]), "cotangent-ink", dash=True)
        assert out.rows == weight.rows
    s.text(left - 14, top + pitch + cell / 2, "gather", BODY, "quiet", "end")
    s.text(left - 14, low + pitch + cell / 2, "scatter", BODY, "cotangent-ink", "end")
    s.text(column + 46, low + pitch + cell / 2, "$g$", LARGE)
    under = low + tall + 4
    s.line([(left, under - 3), (left + 5 * cell, under - 3)], "cotangent-ink", 1.4)
    total = s.grid(
        left, under, h, cell, "cotangent", tone=np.full(5, 0.9), strong=[(0, j) for j in range(5)], size=LARGE
    )
    s.text(left - 14, total.centre[1], "$A^*g$", LARGE, anchor="end")
    for k, (name, words) in enumerate((("$⟨Ax, g⟩$", products(y, g)), ("$⟨x, A^*g⟩$", products(x, h)))):
        level = under + cell + 22 + 24 * k
        s.text(68, level, name, LARGE, anchor="end")
        end = s.text(74, level, f"= {words} =", BODY, "ink", "start")
        s.text(end + 5, level, "35", LARGE, anchor="start", face="bold")


@figure(
    "adjoint/five-questions", height=216,
    title="Five questions read the adjoint off",
    desc="Five rows. In each, a row of five pixels with a single 1, in the first place, then the second and so "
    "on; an arrow to its three outputs, 3 0 0, then 2 3 0, then 1 2 3, then 0 1 2, then 0 0 1; and a "
    "dashed arrow to the worth of these outputs, 3, 11, 4, 1 and -1. Above the outputs stand the worths "
    "1, 3 and -1.",
    w=SMEAR, g=WORTH,
)  # fmt: skip
def five_questions(s: Sheet, w: Array, g: Array) -> None:
    """What is a unit of light worth at each pixel?"""
    A = convolution(w, 5)
    answers = [A(e) for e in np.eye(5, dtype=int)]
    worth = [int(a @ g) for a in answers]
    assert worth == BACK and np.array_equal(A.H(g), worth), worth
    assert np.array_equal(answers, [[3, 0, 0], [2, 3, 0], [1, 2, 3], [0, 1, 2], [0, 0, 1]]), answers

    cell, top, pitch, outputs, column = 25, 48, 34, 186, 322
    s.text(62, 14, "one pixel", BODY, "input-ink")
    s.text(62, 32, "$e_j$", LARGE)
    weights = s.grid(outputs, 18, g, cell, "cotangent")
    s.text(outputs - 12, weights.centre[1], "$g$", LARGE)
    s.text(column + 14, 14, "worth", BODY, "cotangent-ink")
    s.text(column + 10, 32, "$A^*g$", LARGE)
    for j, (e, answer, value) in enumerate(zip(np.eye(5, dtype=int), answers, worth, strict=True)):
        y = top + j * pitch
        place = s.grid(0, y, e, cell, "input", tone=e, faint_zero=True)
        out = s.grid(outputs, y, answer, cell, "output", tone=answer / 3, faint_zero=True)
        cost = s.grid(column, y - 1, value, 28, "cotangent", strong=[(0, 0)], size=LARGE)
        s.arrow((place.right + 6, place.centre[1]), (outputs - 6, place.centre[1]))
        s.arrow((out.right + 6, place.centre[1]), (cost.x - 6, place.centre[1]), "cotangent-ink", dash=True)


@figure(
    "adjoint/not-inverse", height=272,
    title="What comes back is not what went in",
    desc="Three signals as stems. The first, blue, has seven samples: 1, 0, -2, 3, 1, 2, -1. An arrow leads "
    "down to the second, green, of three samples: -0.5, 2.5, 2. A dashed arrow leads down to the third, "
    "purple, of seven samples again: -0.25, -0.5, 1, 2.5, 2.25, 2, 1. The third has the size of the first "
    "and other values.",
    x=SIGNAL, w=TAPS,
)  # fmt: skip
def not_inverse(s: Sheet, x: Array, w: Array) -> None:
    """The lecture notes' example, there and back."""
    A = convolution(w, len(x), stride=2)
    y = A(x)
    back = A.H(y)
    assert np.array_equal(x, SIGNAL) and np.array_equal(y, [-0.5, 2.5, 2]), y
    assert np.array_equal(back, [-0.25, -0.5, 1, 2.5, 2.25, 2, 1]) and back.shape == x.shape, back
    assert np.flatnonzero(back == x).tolist() == [5], "one sample happens to be what it was"

    s.stems(78, 56, x, 36, 12, "input")
    s.stems(114, 152, y, 72, 12, "output")
    s.stems(78, 250, back, 36, 12, "cotangent")
    s.text(8, 56, "$x$", LARGE, anchor="start")
    s.text(8, 152, "$y=Ax$", LARGE, anchor="start")
    s.text(8, 250, "$A^*y$", LARGE, anchor="start")
    s.arrow((330, 66), (330, 142), width=1.6)
    s.arrow((330, 160), (330, 240), "cotangent-ink", 1.6, dash=True)
    s.text(337, 104, "$A$", LARGE, anchor="start")
    s.text(337, 200, "$A^*$", LARGE, "cotangent-ink", "start")


@figure(
    "adjoint/tolerance", height=262,
    title="How small a gap means that the adjoint is right",
    desc="Gap of the dot test against the number of pixels, from 16 to 16384, both axes logarithmic. Adjoints "
    "that are right: in double precision the dots lie below 1e-16, in single precision near 1e-8 and "
    "falling. An adjoint with one pixel 1 per cent off: the gap falls from about 2e-4 to about 2e-8 as "
    "the picture grows. A line marks the tolerance 10 eps of double precision, 2e-15, far below the fault "
    "for every size; the line of single precision, 1e-6, is crossed by the fault.",
    sizes=[16, 64, 256, 1024, 4096, 16384], fault=0.01,
)  # fmt: skip
def tolerance(s: Sheet, sizes: Array, fault: Array) -> None:
    """Gaps of right adjoints and of a wrong one, and where the line is drawn."""
    assert np.array_equal(sizes, 4 ** np.arange(2, 8)) and np.isclose(fault, 0.01), (sizes, fault)
    kinds = {"double": (float, 1.0), "single": (np.float32, 1.0), "fault": (float, 1 + float(fault))}
    gaps = {
        kind: [max(gap_of(n, seed, *options) for seed in range(3)) for n in sizes.tolist()]
        for kind, options in kinds.items()
    }
    eps = {kind: 10 * float(np.finfo(kind).eps) for kind in ("float32", "float64")}
    assert max(gaps["double"]) < eps["float64"] / 10 and max(gaps["single"]) < eps["float32"] / 10, gaps
    assert min(gaps["fault"]) > 1e6 * eps["float64"], "far above in double precision"
    assert gaps["fault"][0] > 20 * eps["float32"] and gaps["fault"][-1] < eps["float32"], "crossed in single precision"
    assert gaps["fault"][4] < 1e-5 < gaps["fault"][1]

    colour = s.plots.colour
    ax = s.plots.axes(50, 12, 300, 206)
    ax.set(xscale="log", yscale="log", xlim=(10, 2.6e4), ylim=(1e-20, 3e-2))
    ax.set_xticks([16, 256, 4096], ["16", "256", "4096"])
    ax.set_yticks([1e-16, 1e-12, 1e-8, 1e-4], ["$10^{−16}$", "$10^{−12}$", "$10^{−8}$", "$10^{−4}$"])
    ax.minorticks_off()
    for kind, limit in eps.items():
        ax.axhline(limit, color=colour("quiet"), lw=1.2, ls=(0, (3, 2.4)))
        s.text(
            *s.plots.at(ax, 11.5, limit * (6 if kind == "float64" else 1 / 6)),
            f"10 eps, {kind}",
            SMALL,
            "quiet",
            "start",
        )
    for kind, tone, marker in (
        ("double", "output-ink", "o"),
        ("single", "output-ink", "o"),
        ("fault", "cotangent-ink", "s"),
    ):
        ax.plot(sizes, gaps[kind], marker=marker, color=colour(tone), lw=1.2, ms=4.5)
    s.text(*s.plots.at(ax, 1100, gaps["fault"][3] * 60), "one pixel 1 % off", BODY, "cotangent-ink", "start")
    s.text(*s.plots.at(ax, 1000, gaps["single"][3] / 90), "right, in float32", BODY, "output-ink")
    s.text(*s.plots.at(ax, 24, 4e-19), "right, in float64", BODY, "output-ink", "start")
    s.text(200, 252, "number of pixels", BODY, "quiet")
    s.text(*s.plots.at(ax, 11.5, 1.2e-2), "gap", BODY, "quiet", "start")


def gap_of(n: int, seed: int, dtype: type, factor: float) -> float:
    """The gap of the dot test of a smear of n pixels, one of which is too large by a factor on the way back.

    The sums are exact, so that the rounding which is drawn is the operator's own, and the same everywhere.
    """
    rng = np.random.default_rng(seed)
    w = (np.array(SMEAR) / 6).astype(dtype)
    m = n - len(w) + 1
    u, v = rng.standard_normal(n).astype(dtype), rng.standard_normal(m).astype(dtype)
    Au, Av = np.zeros(m, dtype), np.zeros(n, dtype)
    for q, tap in enumerate(w):
        Au += tap * u[q : q + m]
        Av[q : q + m] += tap * v
    Av[n // 3] *= dtype(factor)
    u, v, Au, Av = (a.astype(float) for a in (u, v, Au, Av))
    difference = fsum([*(Au * v), *(-u * Av)])
    norm = [fsum(a * a) ** 0.5 for a in (u, v, Au, Av)]
    return abs(difference) / (norm[2] * norm[1] + norm[0] * norm[3])


@figure(
    "adjoint/chain", height=196,
    title="Composition reverses: the last step forward is the first step back",
    desc="Above, solid arrows from left to right: the row 3, 1, 4, 5, 6; by A to 15, 16, 28; by S, which keeps "
    "every other entry, to 15, 28. Below, dashed arrows from right to left: the worths 1, -1; by S* to 1, "
    "0, -1; by A* to 3, 2, -2, -2, -1. The products of the two rows on the left add up to -13, and so do "
    "those on the right.",
    x=ROW, w=SMEAR, g=[1, -1],
)  # fmt: skip
def chain(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """Smear, then keep every other; back: insert zeros, then scatter."""
    A, S = convolution(w, 5), subsampling(2, 3)
    y, z = A(x), S(A(x))
    up = S.H(g)
    back = A.H(up)
    assert np.array_equal(z, [15, 28]) and np.array_equal(y, [15, 16, 28]) and np.array_equal(x, ROW), (y, z)
    assert np.array_equal(up, [1, 0, -1]) and np.array_equal(back, [3, 2, -2, -2, -1]), (up, back)
    assert z @ g == x @ back == -13 and np.array_equal((S @ A).H(g), back)

    cell, forward, reverse = 24, 42, 130
    lefts = (0, 177, 308)
    for top, rows, roles in (
        (forward, (x, y, z), ("input", "output", "output")),
        (reverse, (back, up, g), ("cotangent",) * 3),
    ):
        for left, row, role in zip(lefts, rows, roles, strict=True):
            s.grid(left, top, row, cell if left < 300 else 26, role)
    ends = ((120 + 6, 177 - 6), (177 + 72 + 6, 308 - 6))
    for (a, b), name in zip(ends, ("$A$", "$S$"), strict=True):
        s.arrow((a, forward + 12), (b, forward + 12), width=1.6)
        s.arrow((b, reverse + 12), (a, reverse + 12), "cotangent-ink", 1.6, dash=True)
        s.text((a + b) / 2, forward - 4, name, LARGE)
        s.text((a + b) / 2, reverse + 32, name[:-1] + "^*$", LARGE, "cotangent-ink")
    for centre, words in ((60, "$x$"), (334, "$SAx$")):
        s.text(centre, forward - 16, words, LARGE)
    for centre, words in ((60, "$A^*S^*g$"), (334, "$g$")):
        s.text(centre, reverse + 44, words, LARGE)
    s.text(213, 12, "forward: $A$, then $S$", BODY, "quiet")
    s.runs(158, 184, ("back: $S^*$, then $A^*$", "cotangent-ink"))
    for centre in (60, 334):
        s.line([(centre, forward + cell + 5), (centre, forward + cell + 18)])
        s.line([(centre, reverse - 18), (centre, reverse - 5)])
        s.text(centre, (forward + cell + reverse) / 2, "−13", LARGE, face="bold")
    s.text(197, (forward + cell + reverse) / 2, "⟨ , ⟩ is the same at both ends", BODY, "quiet")


@figure(
    "adjoint/nearest", height=236,
    title="The nearest point of a line, and what is left over at right angles",
    desc="A plane with a line through the origin in the direction (2, 1), the range of A. A point y at (1, 3) "
    "lies off the line. The nearest point of the line is Ax, at (2, 1); the dashed line from there to y "
    "meets the line at a right angle. Dots on the line at 0.5, 0.75 and 0.875 of the way come nearer: "
    "three steps of gradient descent.",
    a=[2, 1], y=[1, 3], eta=0.1,
)  # fmt: skip
def nearest(s: Sheet, a: Array, y: Array, eta: Array) -> None:
    """Least squares in the plane: the residual is orthogonal to the range."""
    best = (a @ y) / (a @ a)
    assert best == 1 and (y - best * a) @ a == 0 and np.array_equal(y - best * a, [-1, 2]), (best, y - best * a)
    x, steps = 0.0, []
    for _ in range(3):
        x = x - float(eta) * float(a @ (x * a - y))
        steps.append(x)
    assert np.allclose(steps, [0.5, 0.75, 0.875]), steps
    assert np.array_equal(a, [2, 1]) and np.array_equal(y, [1, 3])

    unit, ox, oy = 62, 74, 214

    def at(p: Array) -> tuple[float, float]:
        return ox + unit * float(p[0]), oy - unit * float(p[1])

    s.line([at(-0.3 * a), at(2.15 * a)], "output-ink", 2.2)
    s.text(*at(2.0 * a + np.array([0.1, -0.32])), "ran $A$", LARGE, "output-ink")
    s.arrow(at(best * a), at(y), "cotangent-ink", 1.6, dash=True)
    corner = [best * a - 0.1 * a, best * a - 0.1 * a + 0.1 * (y - best * a), best * a + 0.1 * (y - best * a)]
    s.line([at(p) for p in corner], "quiet", 1.2)
    s.line([at(0 * a), at(y)], "rule", 1.2)
    s.dots([at(0 * a)], "ink", 3)
    s.dots([at(t * a) for t in steps], "kernel-ink", 3.2)
    s.dots([at(best * a)], "output-ink", 4.5)
    s.dots([at(y)], "ink", 4)
    for p, words, dx, dy, anchor in (
        (0 * a, "0", 9, 12, "middle"), (y, "$y=(1, 3)$", -12, 0, "end"), (best * a, "$Ax=(2, 1)$", 14, 14, "start"),
        ((y + best * a) / 2, "$y−Ax$", 10, -4, "start"),
    ):  # fmt: skip
        px, py = at(p)
        s.text(px + dx, py + dy, words, LARGE, "ink", anchor)
    px, py = at(steps[0] * a)
    s.text(px + 4, py + 20, "three steps", BODY, "kernel-ink", "start")


@figure(
    "adjoint/deblur", height=353,
    title="A smeared photograph, and what steps along the adjoint make of it",
    desc="Four pictures of a man at a camera on a tripod. The scene, sharp; the photograph, smeared sideways "
    "over nine pixels, and eight columns narrower; after 10 steps, sharper, with ghosts; after 200 steps, "
    "as sharp as the scene, but for some dozen columns at the right edge, where stripes remain.",
    taps=np.arange(9, 0, -1), steps=[10, 200], eta=1.9,
)  # fmt: skip
def deblur(s: Sheet, taps: Array, steps: Array, eta: Array) -> None:
    """Before, blurred, after a few steps, after many."""
    assert np.array_equal(taps, np.arange(9, 0, -1)) and np.array_equal(steps, [10, 200]) and np.isclose(eta, 1.9)
    scene, A, y = photograph(taps)
    x, shown = np.zeros(A.in_shape), {}
    for t in range(1, int(steps[-1]) + 1):
        x = x - float(eta) * A.adjoint(A(x) - y)
        if t in steps:
            shown[t] = x.copy()
    error = {t: np.abs(z - scene) for t, z in shown.items()}
    assert error[200][:, :-20].max() < 0.015 < 0.1 < error[200][:, -6:].mean(), "all but the right edge comes back"
    assert error[10][:, :-20].mean() > 0.04, "ten steps are not enough"

    side, height = 176, 156
    panels = ((scene, "scene"), (y, "photograph $y$"), (shown[10], "after 10 steps"), (shown[200], "after 200 steps"))
    for k, (picture, words) in enumerate(panels):
        left, top = 184 * (k % 2), 20 + 176 * (k // 2)
        wide = side * picture.shape[1] / scene.shape[1]
        s.picture(left, top, wide, height, picture, levels=24)
        s.text(left, top - 10, words, BODY, "ink", "start")
    lost = side * 12 / scene.shape[1]
    s.boxes([(184 + side - lost, 196, lost, height)], edge="cotangent-ink", width=1.6, dash=True, layer=4)
    s.text(360, 186, "not all", BODY, "cotangent-ink", "end")


@figure(
    "adjoint/curves", height=232,
    title="The residual, step by step, for the adjoint and for two mistakes",
    desc="Residual relative to the photograph against the number of steps, 0 to 100, the residual on a "
    "logarithmic scale. With the adjoint it falls, from 1 to about 0.0005. With the kernel turned by "
    "mistake it falls to about 0.4 in eight steps, then rises beyond 10. With a step of 2.1 it rises from "
    "the start.",
    taps=np.arange(9, 0, -1), etas=[1.9, 2.1],
)  # fmt: skip
def curves(s: Sheet, taps: Array, etas: Array) -> None:
    """What the three runs of the chapter leave."""
    assert np.array_equal(taps, np.arange(9, 0, -1)) and np.allclose(etas, [1.9, 2.1]), (taps, etas)
    scene, A, y = photograph(taps)
    wrong = smearing(taps[None] / taps.sum(), scene.shape, turned=True)
    good = residuals(A, A, y, float(etas[0]), 100)
    turned = residuals(A, wrong, y, float(etas[0]), 60)
    large = residuals(A, A, y, float(etas[1]), 100)
    assert np.all(np.diff(good[:100]) < 0) and 3e-4 < good[100] < 8e-4, good[-1]
    assert turned.argmin() in range(5, 14) and turned[-1] > 100 and turned.min() > 0.1, turned.min()
    assert np.all(np.diff(large) > 0), "rises from the start"

    colour = s.plots.colour
    ax = s.plots.axes(50, 10, 300, 180)
    ax.set(yscale="log", xlim=(0, 100), ylim=(2e-4, 30))
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.set_yticks([1e-3, 1e-2, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
    ax.minorticks_off()
    for curve, tone, style in (
        (good, "cotangent-ink", (0, (5, 2))),
        (turned, "kernel-ink", "-"),
        (large, "quiet", "-"),
    ):
        seen = np.flatnonzero(curve < 30)
        ax.plot(seen, curve[seen], color=colour(tone), lw=2, ls=style)
    s.text(*s.plots.at(ax, 46, 0.012), "the adjoint", BODY, "cotangent-ink", "start")
    s.text(*s.plots.at(ax, 22, 1.3), "kernel turned", BODY, "kernel-ink", "start")
    s.text(*s.plots.at(ax, 42, 14), "step too large", BODY, "quiet", "start")
    s.text(200, 222, "steps", BODY, "quiet")


@figure(
    "adjoint/pairs", height=224,
    title="What the means of pairs keep of a row, and what they lose",
    desc="A row of six pixels, 5, 3, 2, 8, 7, 7, is the sum of two rows: 4, 4, 5, 5, 7, 7, equal in each pair, "
    "and 1, -1, -3, 3, 0, 0, opposite in each pair. The means of pairs of the first are 4, 5, 7, the "
    "means of pairs of the row itself; those of the second are 0, 0, 0. The inner product of the two rows "
    "is 0.",
    x=[5, 3, 2, 8, 7, 7],
)  # fmt: skip
def pairs(s: Sheet, x: Array) -> None:
    """A row, its part in the range of A*, and its part in the kernel of A."""
    A = np.kron(np.eye(3), [0.5, 0.5])
    kept = np.linalg.pinv(A) @ (A @ x)
    lost = x - kept
    assert np.allclose(kept, [4, 4, 5, 5, 7, 7]) and np.allclose(lost, [1, -1, -3, 3, 0, 0]), (kept, lost)
    assert np.allclose(A @ x, A @ kept) and np.allclose(A @ lost, 0) and abs(kept @ lost) < 1e-12

    cell, left, column, small = 29, 60, 268, 30
    rows = (
        (x, "$x$", A @ x), (kept, "kept", A @ kept), (lost, "lost", A @ lost),
    )  # fmt: skip
    for k, (row, words, means) in enumerate(rows):
        top = 24 + 72 * k
        place = s.grid(left, top, np.round(row, 9), cell, "input", ghost=k == 2)
        s.text(left - 14, place.centre[1], words, LARGE if k == 0 else BODY, "ink", "end")
        for pair in range(3):
            s.window(place, 0, 2 * pair, 1, 2, "input", 1.4)
        s.arrow((place.right + 5, place.centre[1]), (column - 5, place.centre[1]))
        s.grid(column, top - 0.5, np.round(np.abs(means), 9), small, "output", faint_zero=True)
    s.text(left + 3 * cell, 24 + cell + 21, "=", LARGE)
    s.text(left + 3 * cell, 96 + cell + 21, "+", LARGE)
    s.text(column + 45, 12, "means of pairs", BODY, "quiet")
    s.text(180, 214, "equal in each pair, opposite in each pair: at right angles", BODY, "quiet")
