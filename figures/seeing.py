"""Chapter 23, What a network looks at: three rules on paper, maps of a digit, filters, dreams.

The trained weights are those of the page, rounded to half precision; they lie beside the drawings with the maps that
are drawn, in 256 steps, so that every machine draws the same. Each figure computes its maps again and compares.
`python -m figures.seeing` trains and writes them again.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage, optimize, stats

from course.data import glyphs
from course.nn import Sequential
from course.nn.seeing import (
    adjoint,
    ascend,
    back,
    deconvolution,
    gabor,
    glyph_net,
    glyph_reader,
    guided,
    occlusion,
    scrambled,
)
from course.ops import conv_adjoint_x, correlate
from figures.style import BODY, SMALL, Array, Sheet, figure

KEPT = Path(__file__).with_name("seeing") / "kept.npz"
RULES = {"gradient": adjoint, "deconvolution": deconvolution, "guided": guided}
SIZES, GREYS = (3, 5, 9), (0.0, 0.5)
WIDE = (100, 1000, 10000)
X, W, R = [3, 2, 2, 0, 2, 1], [-1, 1, 2], [1, 3, -2, 1]


@cache
def kept() -> dict[str, Array]:
    """What lies beside the drawings."""
    with np.load(KEPT, allow_pickle=False) as file:
        return dict(file.items())


@cache
def reader() -> Sequential:
    """The trained network."""
    net = glyph_net()
    net.load_state({name: kept()[name] for name in net.state()})
    return net


@cache
def new_glyphs() -> tuple[Array, Array]:
    """Pictures that it has not seen."""
    x, labels = glyphs(400, rng=1)
    return x[:, None].astype(float), labels


def first(c: int) -> Array:
    """The first new picture of a digit."""
    x, labels = new_glyphs()
    return np.asarray(x[int(np.flatnonzero(labels == c)[0])])


def sent(net: Sequential, c: int, rule: Any) -> Array:
    """What comes back from score c to the first picture of c, its largest entry 1 in size."""
    h = back(net, first(c)[None], np.eye(10)[[c]], rule)[0, 0]
    return np.asarray(h / np.abs(h).max())


def covered(net: Sequential, c: int, size: int, grey: float) -> Array:
    """The occlusion map of the first picture of c, its largest entry 1 in size."""
    o = occlusion(net, first(c), c, size, grey)
    return np.asarray(o / np.abs(o).max())


def rebuilt(count: int, signed: bool) -> Array:
    """What `count` random neurons send back through the guided rule, or their signed cotangents through ReLU's."""
    rng, x = np.random.default_rng(0), first(2).ravel()
    w, g = rng.standard_normal((count, x.size)), rng.standard_normal(count)
    h = (g if signed else np.abs(g)) * (w @ x > 0) @ w
    return np.asarray(h.reshape(28, 28) / np.abs(h).max())


def dream(net: Sequential, c: int) -> Array:
    """Forty steps from nothing to what excites score c."""
    start = 0.05 * np.random.default_rng(0).random((1, 28, 28))
    return np.asarray(ascend(net, start, c, 40, 1.0, lambda x: ndimage.gaussian_filter(x, (0, 0.7, 0.7)))[0])


def maps(net: Sequential) -> dict[str, Array]:
    """All that is drawn of the network, in [-1, 1]."""
    found: dict[str, Array] = {}
    for c in (2, 6):
        for k in range(4):
            other = scrambled(net, k, 7)
            found |= {f"{name} {c} {k}": sent(other, c, rule) for name, rule in RULES.items()}
    found |= {f"covered {size} {grey}": covered(net, 2, size, grey) for size in SIZES for grey in GREYS}
    found |= {f"dream {c}": dream(net, c) for c in range(10)}
    found |= {f"rebuilt {k} {signed:d}": rebuilt(k, signed) for k in WIDE for signed in (False, True)}
    return found


@cache
def again() -> dict[str, Array]:
    """The maps of the kept weights, computed here."""
    return maps(reader())


def drawn(name: str) -> Array:
    """A map as it is kept; that it is the network's is asserted."""
    stored = kept()[name].astype(float) / 127
    assert np.abs(stored - again()[name]).mean() < 0.02, name
    return np.asarray(stored)


@cache
def likeness() -> dict[tuple[str, int], Array]:
    """Rank correlations of the maps of 20 pictures with those of the network whose last layers are random."""
    x, labels = (a[:20] for a in new_glyphs())
    g, found = np.eye(10)[labels], {}
    for name, rule in RULES.items():
        true = back(reader(), x, g, rule)
        for k in range(4):
            pairs = [zip(true, back(scrambled(reader(), k, seed), x, g, rule), strict=True) for seed in (7, 8, 9)]
            found[name, k] = np.array([stats.spearmanr(a.ravel(), b.ravel())[0] for pair in pairs for a, b in pair])
    return found


def fitted(w: Array) -> tuple[Array, float]:
    """The Gabor function that fits w best, and the share of the squares of w that it explains."""

    def model(q: Array) -> Array:
        wavelength, angle, sigma, ratio, *centre = q.tolist()
        waves = [gabor(w.shape, wavelength, angle, p, sigma, ratio, centre) for p in (0, np.pi / 2)]
        both = np.stack(waves, -1).reshape(w.size, 2)
        return np.asarray((both @ np.linalg.lstsq(both, w.ravel())[0]).reshape(w.shape))

    low, high = [2.5, -10, 0.8, 0.3, -3, -3], [20, 10, 6, 3, 3, 3]
    found = [
        optimize.least_squares(
            lambda q: (model(q) - w).ravel(), [6, angle, 2, 1, 0, 0], bounds=(low, high), max_nfev=60
        )
        for angle in np.pi * np.arange(6) / 6
    ]
    best = min(found, key=lambda r: float(r.cost))
    return model(best.x), float(1 - 2 * best.cost / np.square(w).sum())


def kernels() -> dict[str, Array]:
    """The first layer's kernels at the start, after training, and the change."""
    start, after = (net.state()["0.weight"][:, 0].astype(float) for net in (glyph_net(), reader()))
    return {"at the start": start, "trained": after, "the change": after - start}


def keep() -> None:
    """Train, and write the weights and the maps beside the drawings."""
    x, labels = glyphs(2000, rng=0)
    net = glyph_reader(x[:, None], labels)
    state = {name: a.astype(np.float16) for name, a in net.state().items()}
    np.savez_compressed(KEPT, **state)
    kept.cache_clear()
    reader.cache_clear()
    found = {n: np.round(127 * a).astype(np.int8) for n, a in maps(reader()).items()}
    fits = {name: [fitted(w) for w in ws] for name, ws in kernels().items()}
    found |= {f"share {name}": np.array([share for _, share in pairs]) for name, pairs in fits.items()}
    found["gabors"] = np.array([model for model, _ in fits["the change"]]).astype(np.float16)
    np.savez_compressed(KEPT, **state, **found)


def signed(s: Sheet, x: float, y: float, size: float, a: Array, role: str = "cotangent") -> None:
    """A map of both signs: what is positive in its colour, what is negative in grey."""
    s.boxes([(x, y, size, size)], "blank", layer=0)
    s.picture(x, y, size, size, a, role, 16)
    s.picture(x, y, size, size, -a, "quiet", 16)


@figure(
    "seeing/two-networks", height=236,
    title="Three ways back through two networks",
    desc="On the left a written 2. To its right two rows of three maps: gradient, deconvolution, guided. The upper row "
    "is of the trained network. The gradient is a cloud of blotches around the digit; deconvolution and guided "
    "backpropagation draw the strokes at the top and at the foot. The lower row is of a network whose last two layers "
    "are random: the gradient is noise over the whole picture, but the two others draw the whole 2, more clearly.",
    digit=[2],
)  # fmt: skip
def two_networks(s: Sheet, digit: Array) -> None:
    """Which of the two has learned to read?"""
    c, x = int(digit[0]), first(int(digit[0]))[0]
    assert c == 2 and reader()(x[None, None]).data.argmax() == 2, "the network reads a two"
    shown = {(name, k): drawn(f"{name} {c} {k}") for name in RULES for k in (0, 2)}

    def ink(a: Array) -> float:
        return float(np.corrcoef(a.ravel(), x.ravel())[0, 1])

    assert abs(ink(shown["gradient", 2])) < 0.3, "noise"
    assert all(ink(shown[n, 2]) > max(0.6, ink(shown[n, 0])) for n in ("deconvolution", "guided")), "the digit"
    side, step, left = 84.0, 92.0, 92.0
    s.picture(0, 22 + step / 2, side - 6, side - 6, x)
    s.text((side - 6) / 2, 12 + step / 2, "picture", SMALL)
    for j, name in enumerate(RULES):
        s.text(left + j * step + side / 2, 10, name, BODY, "cotangent-ink")
        for i, k in enumerate((0, 2)):
            signed(s, left + j * step, 22 + i * 110, side, shown[name, k])
    s.text(left + 1.5 * step - 4, 117, "trained", SMALL)
    s.text(left + 1.5 * step - 4, 227, "its last two layers random", SMALL)


@figure(
    "seeing/three-rules", height=262,
    title="One ReLU, three ways back",
    desc="Above, forward: the row x = 3 2 2 0 2 1; by the kernel -1 1 2 to z = 2 -1 1 3; by ReLU to 2 0 1 3; by the "
    "weights 1 3 -2 1 to the score 3. Below, back, three rows. The gradient lets pass where z is positive: 1 0 -2 1, "
    "and comes to the pixels as -1 1 4 -3 -3 2. Deconvolution lets pass what is positive: 1 3 0 1, and -1 -2 5 5 1 2. "
    "Guided, both: 1 0 0 1, and -1 1 2 -1 1 2.",
    x=X, w=W, r=R,
)  # fmt: skip
def three_rules(s: Sheet, x: Array, w: Array, r: Array) -> None:
    """The numbers of the page."""
    z = correlate(x, w, "valid") - 1
    a = np.maximum(z, 0)
    passed = {name: rule(r, z) for name, rule in RULES.items()}
    returned = {name: np.convolve(g, w) for name, g in passed.items()}
    assert z.tolist() == [2, -1, 1, 3] and r @ a == 3 and a.tolist() == [2, 0, 1, 3]
    assert np.array_equal(r, R) and np.array_equal(x, X) and np.array_equal(w, W)
    assert returned["gradient"].tolist() == [-1, 1, 4, -3, -3, 2]
    assert returned["deconvolution"].tolist() == [-1, -2, 5, 5, 1, 2]
    assert returned["guided"].tolist() == [-1, 1, 2, -1, 1, 2]

    c, top, mid = 22.0, 18.0, 206.0
    px = s.grid(0, top, [x], c, "input")
    pw = s.grid(0, top + 44, [w], c, "kernel")
    pz = s.grid(mid, top, [z], c, "output", tone=[[1, 0, 1, 1]])
    pa = s.grid(mid, top + 44, [a], c, "output", tone=[[1, 0, 1, 1]])
    pr = s.grid(mid, top + 88, [r], c, "kernel")
    for place, words in ((px, "$x$"), (pz, "$z$"), (pa, "$a$"), (pr, "$r$")):
        s.text(place.right + 12, place.centre[1], words, BODY)
    s.text(pw.right + 12, pw.centre[1], "$w$", BODY)
    s.arrow((px.right + 26, top + 11), (mid - 5, top + 11))
    s.arrow((pz.centre[0], pz.bottom + 2), (pz.centre[0], pa.y - 2))
    s.text(pz.centre[0] + 24, pz.bottom + 11, "ReLU", SMALL)
    s.text(mid - 8, pr.centre[1], "score 3 $=$", BODY, "ink", "end")
    s.line([(0, 142), (360, 142)])
    for i, name in enumerate(RULES):
        y = 158.0 + 36 * i
        g = s.grid(mid, y, [passed[name]], c, "cotangent", tone=[[float(v != 0) for v in passed[name]]])
        h = s.grid(0, y, [returned[name]], c, "cotangent")
        s.arrow((g.x - 5, y + 11), (h.right + 5, y + 11), "cotangent-ink", dash=True)
        s.text(
            g.right + 5,
            y + 11,
            {"gradient": "$z > 0$", "deconvolution": "$r > 0$", "guided": "both"}[name],
            SMALL,
            "ink",
            "start",
        )


@figure(
    "seeing/covered", height=262,
    title="Six occlusion maps of one picture",
    desc="A written 2, with a black square of five pixels over its upper stroke. To its right maps of how far the "
    "score of 2 falls, for squares of 3, 5 and 9 pixels. Upper row, black squares: the maps show the strokes at the "
    "top and at the foot, finer for small squares and coarser for large ones, and nothing beside the digit. Lower row, "
    "grey squares: blotches all over, also where the picture is empty.",
    digit=[2], sizes=SIZES,
)  # fmt: skip
def covered_maps(s: Sheet, digit: Array, sizes: Array) -> None:
    """What a square hides depends on its size and on its grey."""
    x = first(2)[0]
    assert np.array_equal(digit, [2]) and np.array_equal(sizes, SIZES)
    shown = {(size, grey): drawn(f"covered {size} {grey}") for size in SIZES for grey in GREYS}
    for (size, grey), o in shown.items():
        ink = ndimage.maximum_filter(x, size)[size // 2 : 29 - (size + 1) // 2, size // 2 : 29 - (size + 1) // 2] > 0.3
        share = np.square(o[~ink]).sum() / np.square(o).sum()
        assert share < 0.05 if grey == 0 else share > 0.15 or size == 9, (size, grey, share)
    side, step, left = 84.0, 92.0, 92.0
    hidden, pixel = x.copy(), (side - 6) / 28
    hidden[5:10, 9:14] = 0
    s.picture(0, 22 + step / 2, side - 6, side - 6, hidden)
    s.boxes([(9 * pixel, 22 + step / 2 + 5 * pixel, 5 * pixel, 5 * pixel)], None, "kernel", 1.4, layer=4)
    for j, size in enumerate(SIZES):
        s.text(left + j * step + side / 2, 10, f"{size} × {size}", BODY)
        for i, grey in enumerate(GREYS):
            o = shown[size, grey]
            part = side * len(o) / 28
            signed(s, left + j * step + (side - part) / 2, 22 + i * 118 + (side - part) / 2, part, o)
    s.text(left + 1.5 * step - 4, 121, "black squares", SMALL)
    s.text(left + 1.5 * step - 4, 239, "grey squares", SMALL)


@figure(
    "seeing/cascade", height=344,
    title="The last layers made random, one after the other",
    desc="Three rows, gradient, deconvolution and guided, and four columns: the trained network, and the network with "
    "its last one, two and three layers random. All maps are of a written 6. The gradient turns to noise at the first "
    "step. Deconvolution and guided backpropagation go on drawing the 6 at the first and at the second step; guided "
    "backpropagation still shows a trace of it at the third. Under each map stands its mean rank correlation with the "
    "trained network's map.",
    digit=[6],
)  # fmt: skip
def cascade(s: Sheet, digit: Array) -> None:
    """Which maps change when the network forgets?"""
    assert np.array_equal(digit, [6])
    mean = {key: float(np.mean(r)) for key, r in likeness().items()}
    assert all(abs(mean["gradient", k]) < 0.1 for k in (1, 2, 3))
    assert mean["guided", 1] > 0.75 and mean["guided", 2] > 0.6 and 0.1 < mean["guided", 3] < 0.4
    assert mean["guided", 0] == 1 and all(
        mean["guided", k] > mean["deconvolution", k] > mean["gradient", k] for k in (1, 2, 3)
    )
    side, step = 78.0, 87.0
    for j, words in enumerate(("trained", "one random", "two random", "all random")):
        s.text(6 + j * step + side / 2, 9, words, SMALL)
    for i, name in enumerate(RULES):
        y = 20 + 108 * i
        for j in range(4):
            signed(s, 6 + j * step, y, side, drawn(f"{name} 6 {j}"))
            if j == 0:
                s.text(6 + side / 2, y + side + 10, name, SMALL, "cotangent-ink")
            else:
                low = np.floor(10 * abs(mean[name, j])) / 10
                words = "below 0.1" if low == 0 else f"above {low:g}"
                s.text(6 + j * step + side / 2, y + side + 10, words, SMALL)


@figure(
    "seeing/rebuilt", height=228,
    title="A picture out of random weights",
    desc="Six maps that 100, 1000 and 10 000 random neurons send back for a written 2. Upper row, all cotangents "
    "positive: noise at 100, a 2 in noise at 1000, a clear 2 at 10 000. Lower row, cotangents of both signs: noise "
    "throughout.",
    counts=WIDE,
)  # fmt: skip
def from_nothing(s: Sheet, counts: Array) -> None:
    """Positive cotangents add up to the picture, signed ones do not."""
    assert np.array_equal(counts, WIDE)
    x = first(2).ravel()
    like = {
        (k, sign): float(np.corrcoef(drawn(f"rebuilt {k} {sign}").ravel(), x)[0, 1]) for k in WIDE for sign in (0, 1)
    }
    assert like[100, 0] < 0.3 < like[1000, 0] < 0.6 < 0.8 < like[10000, 0], like
    assert all(abs(like[k, 1]) < 0.12 for k in WIDE), like
    side, step, left = 84.0, 92.0, 82.0
    for j, k in enumerate(WIDE):
        s.text(left + j * step + side / 2, 10, f"{k:,}".replace(",", " "), BODY)
        for i in (0, 1):
            signed(s, left + j * step, 22 + i * 96, side, drawn(f"rebuilt {k} {i}"))
    for i, words in enumerate(("positive $g$", "$g$ of both")):
        s.text(0, 64 + i * 96, words, SMALL, "cotangent-ink", "start")
    s.text(0, 174, "signs", SMALL, "cotangent-ink", "start")
    s.text(0, 10, "neurons", SMALL, "ink", "start")


@figure(
    "seeing/filters", height=232,
    title="What training wrote into eight kernels",
    desc="Four rows of eight kernels of seven by seven. At the start: noise. Trained: the same noise with soft edges "
    "and bars in it. The change, trained minus start: edges and bars in several directions, almost without noise. "
    "Gabor: the Gabor functions fitted to the changes, which look like them.",
    chosen=[1, 9, 10, 11, 12, 13, 14, 15],
)  # fmt: skip
def filters(s: Sheet, chosen: Array) -> None:
    """The start is noise, the change a Gabor function."""
    assert np.array_equal(chosen, [1, 9, 10, 11, 12, 13, 14, 15])
    shares = {name: float(np.median(kept()[f"share {name}"])) for name in kernels()}
    assert shares["at the start"] < 0.4 < shares["trained"] < 0.75 < 0.85 < shares["the change"], shares
    change, models = kernels()["the change"], kept()["gabors"].astype(float)
    explained = 1 - np.square(change - models).sum((1, 2)) / np.square(change).sum((1, 2))
    assert np.allclose(explained, kept()["share the change"], atol=0.01) and explained.min() > 0.75
    side, step = 40.0, 45.0
    for i, (words, ws) in enumerate([*kernels().items(), ("Gabor functions", models)]):
        y = 16 + i * 58
        s.text(0, y - 8, words, SMALL, "ink", "start")
        for j, k in enumerate(chosen):
            signed(s, j * step + 1, y, side, np.kron(ws[k] / np.abs(ws[k]).max(), np.ones((6, 6))), "kernel")


@cache
def strides(size: int) -> tuple[Array, Array]:
    """Mean squares of what comes back through two random layers of stride 2, and the counts that predict them."""
    rng, total = np.random.default_rng(0), np.zeros((29, 29))
    n1 = (29 - size) // 2 + 1
    n2 = (n1 - size) // 2 + 1
    for _ in range(400):
        g = rng.standard_normal((1, 8, n2, n2))
        for shape, channels in (((1, 4, n1, n1), (8, 4)), ((1, 1, 29, 29), (4, 1))):
            g = conv_adjoint_x(g, rng.standard_normal((*channels, size, size)), shape, stride=2)
        total += g[0, 0] ** 2
    count, ones = np.ones((1, 1, n2, n2)), np.ones((1, 1, size, size))
    for shape in ((1, 1, n1, n1), (1, 1, 29, 29)):
        count = conv_adjoint_x(count, ones, shape, stride=2)
    return total / 400 / 32, count[0, 0]


@figure(
    "seeing/strides", height=192,
    title="How loudly two strided layers speak to each pixel",
    desc="Two squares of eight by eight pixels, each with the number of ways that lead to it from the outputs of two "
    "layers of stride 2. With kernels of 3 by 3 the numbers go from 1 to 9, in a lattice that repeats every four "
    "pixels. With kernels of 4 by 4 all are 16.",
    sizes=[3, 4],
)  # fmt: skip
def strided(s: Sheet, sizes: Array) -> None:
    """The counts of chapter 9, as loudness."""
    assert np.array_equal(sizes, [3, 4])
    inner = slice(6, 14)
    for k, low, high in ((3, 9, 9), (4, 1, 1)):
        measured, count = (a[inner, inner] for a in strides(k))
        assert low <= count.max() / count.min() <= high, (k, count)
        assert np.abs(measured / count - 1).mean() < 0.1, k
    for j, k in enumerate((3, 4)):
        count = strides(k)[1][inner, inner].astype(int)
        s.text(6 + 182 * j + 83, 10, f"kernels of {k} × {k}", BODY)
        s.grid(6 + 182 * j, 22, count, 20.75, "cotangent", tone=(count - 0.9) / 15.1, size=SMALL)


@figure(
    "seeing/dreams", height=172,
    title="What excites each score",
    desc="Ten pictures of bright strokes on black, one for each digit from 0 to 9, grown from a little noise. Some can "
    "be read, as the 4 with its bar and the 7 with its roof; most cannot.",
    digits=range(10),
)  # fmt: skip
def dreams(s: Sheet, digits: Array) -> None:
    """Each picture excites its score more than any written digit does."""
    assert np.array_equal(digits, np.arange(10))
    x, labels = new_glyphs()
    scores = reader()(x).data
    for c in range(10):
        z = reader()(drawn(f"dream {c}")[None, None]).data[0]
        assert z.argmax() == c and z[c] > 1.4 * scores[labels == c, c].max(), c
    side, step = 66.0, 73.0
    for c in range(10):
        x0, y0 = (c % 5) * step + 1, (c // 5) * 86
        s.picture(x0, y0, side, side, drawn(f"dream {c}"), levels=16)
        s.text(x0 + side / 2, y0 + side + 9, str(c), SMALL)


if __name__ == "__main__":
    keep()
