"""Chapter 15, Learning: twos and fives in a plane, four ways to part them, mistakes counted, and what a split hides.

The twos and fives of the chapter are those of the UCI digits in file order; the first 288 are for training. A class
has a colour and a mark: twos are blue and lie flat, fives are green and stand upright.
"""

from functools import cache

import numpy as np
from scipy import optimize, spatial
from scipy.cluster.vq import kmeans2

from course.data import digits
from figures.style import BODY, LARGE, SMALL, Array, Sheet, figure

HALF = [1, 1, 1, 1, -1, -1, -1, -1]
TRAINING = 288
FLATS, PRICES, GUESS = [[1, 1], [1, 2], [1, 4]], [2, 6, 7], [1, 2]
POINTS, SIGNS = [[3, -1], [1, -2], [2, 1], [-2, -2]], [1, -1, 1, -1]
KS = [1, 3, 5, 9, 15, 25, 45]
TONES = ("input", "output")  # of twos and of fives


@cache
def twos_and_fives() -> tuple[Array, Array, Array]:
    """The pictures, the two numbers of each (ink above less ink below, left less right), and whether it is a five."""
    images, labels = digits()
    kept = (labels == 2) | (labels == 5)
    half = np.array(HALF)
    P = images[kept]
    return P, np.stack([half @ P.sum(2).T, half @ P.sum(1).T], 1), (labels[kept] == 5).astype(int)


def nearest(X: Array, queries: Array, k: int) -> Array:
    """The rows of X that are nearest to each query."""
    return np.asarray(spatial.cKDTree(X).query(queries, k=range(1, k + 1))[1])


def logistic(X: Array, t: Array) -> Array:
    """The bias and the weights with the least log-loss."""
    A = np.c_[np.ones(len(X)), X]

    def loss(w: Array) -> tuple[float, Array]:
        z = A @ w
        return float(np.sum(np.logaddexp(0, z) - t * z)), A.T @ (1 / (1 + np.exp(-z)) - t)

    return np.asarray(optimize.minimize(loss, np.zeros(A.shape[1]), jac=True).x)


def marks(s: Sheet, places: Array, t: Array, size: float = 4.2, thick: float = 1.5) -> None:
    """Twos lie flat, fives stand upright; one path for each."""
    for label, tone in enumerate(TONES):
        w, h = (size, thick) if label == 0 else (thick, size)
        s.boxes([(x - w / 2, y - h / 2, w, h) for x, y in places[t == label].tolist()], f"{tone}-ink", layer=3)


@figure(
    "learning/plane", height=322,
    title="Twos and fives in a plane",
    desc="A plane. Upwards: how much more ink a digit has in its upper half than in its lower half. To the right: how "
    "much more on its left than on its right. 288 marks, flat ones for twos and upright ones for fives. Most twos lie "
    "below the middle and most fives above it; in between they mix. Sixteen of them are drawn as small pictures, and "
    "one more, with a ring round it and a question mark, lies where both kinds are.",
    half=HALF, asked=[288], shown=[3],
)  # fmt: skip
def plane(s: Sheet, half: Array, asked: Array, shown: Array) -> None:
    """Two numbers for each digit, and one that nobody has labelled."""
    assert np.array_equal(half, HALF) and asked.tolist() == [288] and shown.tolist() == [3], "the halves of the chapter"
    P, X, t = twos_and_fives()
    assert len(P) == 359 and t[:TRAINING].sum() == 145, (len(P), t[:TRAINING].sum())
    assert np.mean(X[t == 0, 0] < 0) > 0.7 and np.mean(X[t == 1, 0] > 0) > 0.7, "twos below, fives above"
    query = X[asked[0]]
    near = t[:TRAINING][nearest(X[:TRAINING], query, 15)]
    assert near.sum() == 8, "both kinds lie round it"

    left, top, width, height = 34, 8, 318, 282
    ax = s.plots.axes(left, top, width, height)
    ax.set(xlim=(-11, 13.5), ylim=(-7.5, 9.5), xticks=[-10, -5, 0, 5, 10], yticks=[-5, 0, 5])
    at = np.array([s.plots.at(ax, v, u) for u, v in X])
    marks(s, at[:TRAINING], t[:TRAINING])
    side, taken = 25.0, [at[asked[0]]]
    for i in range(1, TRAINING, int(shown[0])):
        inside = left + side < at[i][0] < left + width - side and top + side < at[i][1] < top + height - side
        if inside and all(np.abs(at[i] - b).max() > 34 for b in taken):
            taken.append(at[i])
            tile(s, at[i], P[i], TONES[t[i]], side)
    assert len(taken) == 17, len(taken)
    x, y = at[asked[0]]
    tile(s, (x, y), P[asked[0]], "ink", side)
    s.ring((x, y), 21, "ink")
    s.boxes([(x + 16, y - 30, 15, 19)], "paper", layer=4)
    s.text(x + 23.5, y - 20, "?", LARGE, face="bold")
    s.text(left + width / 2, 314, "more ink on the left →", BODY, "quiet")
    s.text(left + 8, top + 7, "↑ more ink above", BODY, "quiet", "start")


def tile(s: Sheet, at: Array | tuple[float, float], picture: Array, tone: str, side: float) -> None:
    """A small picture of a digit on a plate of the page's colour."""
    x, y = at[0] - side / 2, at[1] - side / 2
    s.boxes([(x - 2, y - 2, side + 4, side + 4)], "paper", layer=4)
    s.boxes([(x - 2, y - 2, side + 4, side + 4)], None, f"{tone}-ink" if tone != "ink" else "ink", 1, layer=4)
    cell = side / 8
    for level in (4, 8, 12, 16):
        cells = [
            (x + j * cell, y + i * cell, cell, cell) for i, j in np.argwhere(np.ceil(picture * 4) * 4 == level).tolist()
        ]
        s.boxes(cells, f"{tone}-{level * 6}", layer=4)


@figure(
    "learning/residual-back", height=246,
    title="Forward to the predictions, back with the residual",
    desc="Above, a matrix of three rows, 1 1, 1 2 and 1 4, times the weights 1 and 2 gives the predictions 3, 5 and 9. "
    "Less the prices 2, 6 and 7, that leaves the residual 1, -1 and 2. Below, dashed arrows lead back: the three rows, "
    "each times its residual, 1 1, then -1 -2, then 2 8, add up to the gradient 2, 7.",
    X=FLATS, t=PRICES, w=GUESS,
)  # fmt: skip
def residual_back(s: Sheet, X: Array, t: Array, w: Array) -> None:
    """Three flats: the residual is carried back along the rows."""
    z = X @ w
    r = z - t
    parts = r[:, None] * X
    assert np.array_equal(X, FLATS) and np.array_equal(t, PRICES) and np.array_equal(w, GUESS), "the flats"
    assert z.tolist() == [3, 5, 9] and r.tolist() == [1, -1, 2] and (X.T @ r).tolist() == [2, 7], (z, r)
    assert np.array_equal(parts.sum(0), X.T @ r) and parts.tolist() == [[1, 1], [-1, -2], [2, 8]], parts

    cell, top = 26, 42
    names = (("$A$", 40, X, "input"), ("$z=Aw$", 172, z[:, None], "output"), ("$t$", 242, t[:, None], "output"),
             ("$z-t$", 318, r[:, None], "cotangent"))  # fmt: skip
    places = [s.grid(x, top, values, cell, role, size=LARGE) for _, x, values, role in names]
    weights = s.grid(40, 0, w[None], cell, "kernel", size=LARGE)
    s.text(24, weights.centre[1], "$w$", LARGE)
    for (name, *_), place in zip(names, places, strict=True):
        if name == "$A$":
            s.text(24, place.centre[1], name, LARGE)
        else:
            s.text(place.centre[0], top - 14, name, BODY if len(name) > 3 else LARGE)
    s.text(219, places[1].centre[1], "−", LARGE)
    s.text(294, places[1].centre[1], "=", LARGE)
    low = 146
    for i, row in enumerate(parts):
        line = places[0].at(i, 0)[1]
        s.arrow((places[0].right + 8, line), (places[1].x - 8, line))
        copy = s.grid(40, low + i * 24, row, 24, "cotangent")
        s.text(copy.right + 26, copy.centre[1], f"{'−' if r[i] < 0 else ''}{abs(r[i])} · row {i}", BODY, anchor="start")
    s.arrow((places[3].centre[0], places[3].bottom + 8), (190, low + 36), "cotangent-ink", 1.5, dash=True, bend=-0.25)
    s.line([(40, low + 74), (40 + 52, low + 74)], "cotangent-ink", 1.4)
    total = s.grid(40, low + 76, X.T @ r, 24, "cotangent", tone=[0.9, 0.9], strong=[(0, 0), (0, 1)], size=LARGE)
    s.text(total.right + 26, total.centre[1], "$A^*(z-t)$", LARGE, anchor="start")


@figure(
    "learning/regions", height=346,
    title="Four ways to part the plane",
    desc="Four copies of the plane with the 288 marks, each coloured by region. One neighbour: a ragged border with "
    "islands round single marks. Fifteen neighbours: two regions and a smooth border, a little bent. Logistic "
    "regression: a straight border, nearly level, twos below and fives above. k-means: a border that stands upright, "
    "with twos and fives on both sides, and the two means.",
    half=HALF, neighbours=[1, 15],
)  # fmt: skip
def regions(s: Sheet, half: Array, neighbours: Array) -> None:
    """The same data, four borders."""
    assert np.array_equal(half, HALF) and neighbours.tolist() == [1, 15], "the methods of the chapter"
    _, X, t = twos_and_fives()
    a, ta = X[:TRAINING], t[:TRAINING]
    rows, columns = 88, 108
    v, u = np.meshgrid(np.linspace(-10.5, 12, columns), np.linspace(8.4, -6, rows))
    grid = np.stack([u.ravel(), v.ravel()], 1)
    w = logistic(a, ta)
    means, owner = kmeans2(a, a[:2], minit="matrix", iter=100)
    ways = {
        "1 neighbour": lambda q: ta[nearest(a, q, 1)[:, 0]],
        "15 neighbours": lambda q: ta[nearest(a, q, 15)].mean(1) > 0.5,
        "logistic regression": lambda q: w[0] + q @ w[1:] > 0,
        "k-means": lambda q: ((q[:, None] - means) ** 2).sum(2).argmin(1),
    }
    wrong = {name: int(np.sum(way(X[TRAINING:]) != t[TRAINING:])) for name, way in ways.items()}
    assert wrong["1 neighbour"] > wrong["15 neighbours"] and wrong["15 neighbours"] <= 8, wrong
    assert abs(w[1]) > 4 * abs(w[2]), "the straight border is nearly level"
    assert abs(means[1, 1] - means[0, 1]) > 3 * abs(means[1, 0] - means[0, 0]), "k-means parts left from right"
    assert 0.4 < np.mean(owner == ta) < 0.65, "and hardly twos from fives"

    wide, high = 170, 138
    for k, (name, way) in enumerate(ways.items()):
        left, top = k % 2 * 188 + 1, k // 2 * 176 + 22
        region = np.asarray(way(grid)).reshape(rows, columns)
        for label, tone in enumerate(TONES):
            s.picture(left, top, wide, high, 0.3 * (region == label), tone)
        at = np.stack([left + (a[:, 1] + 10.5) / 22.5 * wide, top + (8.4 - a[:, 0]) / 14.4 * high], 1)
        marks(s, at, ta, 3.6, 1.3)
        s.text(left + wide / 2, top - 11, name, BODY)
        if name == "k-means":
            for p, q in means.tolist():
                s.ring((left + (q + 10.5) / 22.5 * wide, top + (8.4 - p) / 14.4 * high), 5, "ink", 2)


@figure(
    "learning/gradient-picture", height=128,
    title="The residual carried back to the pixels",
    desc="Four pictures of eight by eight pixels. The mean of the twos; the mean of the fives; minus the first "
    "gradient, which is their difference, green where fives have more ink and blue where twos have more; and the "
    "weights after training, of the same colours, sharper.",
    half=HALF, steps=[500],
)  # fmt: skip
def gradient_picture(s: Sheet, half: Array, steps: Array) -> None:
    """What logistic regression on 64 pixels adds to its weights."""
    assert np.array_equal(half, HALF) and steps.tolist() == [500], "the training of the chapter"
    P, _, t = twos_and_fives()
    P, t = P[:TRAINING], t[:TRAINING]
    A = P.reshape(-1, 64)
    first = A.T @ (t - 0.5)
    two, five = A[t == 0].sum(0), A[t == 1].sum(0)
    assert np.allclose(first, (five - two) / 2), "the difference of the sums, halved"
    w = np.zeros(64)
    for _ in range(int(steps[0])):
        w -= 0.5 * A.T @ (1 / (1 + np.exp(-A @ w)) - t) / len(t)
    assert np.corrcoef(w, first)[0, 1] > 0.5 and np.mean((A @ w > 0) == t) > 0.98

    side, pitch = 80, 92
    shown = (("twos, the mean", two / (t == 0).sum()), ("fives, the mean", five / (t == 1).sum()),
             ("first step", first), ("weights at last", w))  # fmt: skip
    for k, (name, values) in enumerate(shown):
        left, top = 1 + k * pitch, 24
        s.boxes([(left, top, side, side)], "blank", layer=0)
        values = values.reshape(8, 8) / np.abs(values).max()
        if k < 2:
            s.picture(left, top, side, side, np.kron(values, np.ones((5, 5))), TONES[k])
        else:
            for sign, tone in ((-1, TONES[0]), (1, TONES[1])):
                s.picture(left, top, side, side, np.kron(np.maximum(sign * values, 0), np.ones((5, 5))), tone)
        s.text(left + side / 2, 11, name, SMALL)
    s.text(1 + 2.5 * pitch - 6, 117, "green: votes for five", SMALL, "output-ink", "end")
    s.text(1 + 2.5 * pitch + 12, 117, "blue: votes for two", SMALL, "input-ink", "start")


@figure(
    "learning/perceptron-steps", height=282,
    title="Five mistakes of a perceptron",
    desc="Six small planes with the four examples: plus signs at (3, -1) and (2, 1), minus signs at (1, -2) and "
    "(-2, -2). In each of the first five, one example has a ring: the one that is wrong. The arrow of the weights "
    "after it points to (3, -1), then (2, 1), (1, 3), (4, 2) and (3, 4). In the sixth, the border through the origin "
    "stands across the arrow (3, 4); every example is at least 1 away from it, and two are exactly 1 away.",
    X=POINTS, t=SIGNS,
)  # fmt: skip
def perceptron_steps(s: Sheet, X: Array, t: Array) -> None:
    """Each mistake adds its example to the weights, or takes it away."""
    assert np.array_equal(X, POINTS) and np.array_equal(t, SIGNS), "the examples of the chapter"
    w, steps = np.zeros(2, int), []
    for i in [*range(4)] * 6:
        if t[i] * (X[i] @ w) <= 0:
            w = w + t[i] * X[i]
            steps.append((i, w))
    assert [v.tolist() for _, v in steps] == [[3, -1], [2, 1], [1, 3], [4, 2], [3, 4]], steps
    margins = t * (X @ w) / np.hypot(*w)
    assert np.allclose(margins[:2], 1) and margins.min() > 0.999 and margins[2:].min() > 1.5, margins

    unit, wide, high = 14.5, 112, 124
    for k, (wrong, now) in enumerate([*steps, (None, w)]):
        ox, oy = k % 3 * 123 + 50, k // 3 * 144 + 88

        def at(p: float, q: float, ox: float = ox, oy: float = oy) -> tuple[float, float]:
            return ox + unit * p, oy - unit * q

        s.boxes([(k % 3 * 123 + 1, k // 3 * 144 + 20, wide - 0, high - 8)], "input-9", layer=0)
        s.dots([at(0, 0)], "quiet", 2)
        across = np.array([-now[1], now[0]]) / np.hypot(*now)
        if wrong is None:
            s.line([at(*(-3.1 * across)), at(*(3.1 * across))], "kernel-ink", 1.8)
            for sign in (-1, 1):
                shift = sign * now / np.hypot(*now)
                s.line([at(*(-2.8 * across + shift)), at(*(2.8 * across + shift))], "rule", 1.2, dash=True)
        for i, (p, q) in enumerate(X.tolist()):
            s.text(*at(p, q), "+" if t[i] > 0 else "−", LARGE, f"{TONES[int(t[i] > 0)]}-ink", face="bold")
            if i == wrong:
                s.ring(at(p, q), 9, "ink", 1.6)
        if wrong is not None:
            s.arrow(at(0, 0), at(*now), "kernel-ink", 1.6)
        words = "5 mistakes, margin 1" if wrong is None else f"{k + 1}.  $w$ = ({now[0]}, {number_of(now[1])})"
        s.text(k % 3 * 123 + wide / 2, k // 3 * 144 + 9, words, SMALL)


def number_of(value: int) -> str:
    """A whole number with a true minus sign."""
    return f"{value}".replace("-", "−")


def margin(Y: Array) -> float:
    """The largest γ for which a unit vector u has ⟨u, y⟩ ≥ γ for every row y: Lawson and Hanson's least distance."""
    E, f = np.vstack([Y.T, np.ones(len(Y))]), np.r_[np.zeros(Y.shape[1]), 1]
    r = E @ optimize.nnls(E, f)[0] - f
    return float(abs(r[-1]) / np.linalg.norm(r[:-1]))


@figure(
    "learning/novikoff", height=262,
    title="Mistakes keep to the bound, visits do not",
    desc="Two hundred random sets. Across, the bound R squared over gamma squared, from 1 to 20000; upwards, counts, "
    "from 1 to 5000; both axes logarithmic. A line marks where a count equals the bound. All 200 dots of mistakes lie "
    "below it. The crosses of visits lie higher, and some of them lie above the line.",
    seed=[0], sets=[200], sizes=[2, 40, 2, 9],
)  # fmt: skip
def novikoff(s: Sheet, seed: Array, sets: Array, sizes: Array) -> None:
    """The theorem on random sets, each of them separable through the origin."""
    assert seed.tolist() == [0] and sets.tolist() == [200] and sizes.tolist() == [2, 40, 2, 9], "the sets of the page"
    rng = np.random.default_rng(0)
    bounds, mistakes, visits = [], [], []
    for _ in range(200):
        n, d = int(rng.integers(2, 40)), int(rng.integers(2, 9))
        X, u = rng.normal(size=(n, d)), rng.normal(size=d)
        Y = X * np.sign(X @ u)[:, None]
        w, wrong, seen = np.zeros(d), 0, n  # the last pass, without a mistake, counts as well
        while (Y @ w).min() <= 0:
            for y in Y:
                if y @ w <= 0:
                    w, wrong = w + y, wrong + 1
            seen += n
        bounds.append((np.linalg.norm(X, axis=1).max() / margin(Y)) ** 2)
        mistakes.append(wrong)
        visits.append(seen)
    bound, wrong_, seen_ = (np.array(v, float) for v in (bounds, mistakes, visits))
    assert (wrong_ <= bound).all() and (wrong_ < 0.9 * bound).all(), "every set keeps to the bound"
    assert np.sum(seen_ > bound) > 20 and wrong_.max() < 200 and bound.max() > 5000, "visits do not"

    ax = s.plots.axes(46, 12, 306, 206)
    ax.set(xscale="log", yscale="log", xlim=(1, 3e4), ylim=(0.8, 6e3))
    ax.set_xticks([1, 10, 100, 1000, 10000], ["1", "10", "100", "1000", "10000"])
    ax.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    ax.minorticks_off()
    colour = s.plots.colour
    ax.plot([1, 6e3], [1, 6e3], color=colour("kernel-ink"), lw=1.6)
    ax.plot(bound, seen_, "x", color=colour("quiet"), ms=3.2, mew=0.8)
    ax.plot(bound, wrong_, "o", color=colour("cotangent-ink"), ms=3, mew=0)
    s.text(*s.plots.at(ax, 1500, 3800), "the bound", BODY, "kernel-ink", "end")
    s.text(*s.plots.at(ax, 1800, 1.5), "mistakes", BODY, "cotangent-ink", "start")
    s.text(*s.plots.at(ax, 8000, 1700), "visits", BODY, "quiet", "start")
    s.text(200, 252, "$R^2/γ^2$", BODY, "kernel-ink")


@cache
def file_order() -> tuple[Array, Array, Array]:
    """The squared distances of all pairs of the 1797 digits, their labels, and the file distance of the nearest."""
    images, labels = digits()
    V = np.rint(images * 16).reshape(len(images), -1)
    size = (V**2).sum(1)
    D = size[:, None] - 2 * V @ V.T + size
    far = np.where(np.eye(len(D), dtype=bool), np.inf, D)
    return D, labels, np.abs(far.argmin(1) - np.arange(len(D)))


def wrong_in_five(order: Array) -> Array:
    """How many digits a vote of the k nearest gets wrong, for each k, in five folds of this order."""
    D, labels, _ = file_order()
    total = np.zeros(len(KS), int)
    keys = D.astype(np.int64) * 2048 + np.arange(len(D))  # of equal distances, the first in the file
    parts = np.array_split(order, 5)
    for f, test in enumerate(parts):
        train = np.concatenate([p for g, p in enumerate(parts) if g != f])
        near = np.sort(np.partition(keys[np.ix_(test, train)], max(KS), axis=1)[:, : max(KS)], axis=1) % 2048
        votes = np.eye(10, dtype=int)[labels[near]].cumsum(1)
        total += [int(np.sum(votes[:, k - 1].argmax(1) != labels[test])) for k in KS]
    return total


@figure(
    "learning/whose-hand", height=212,
    title="The nearest digit was mostly written by the same hand",
    desc="A histogram of 1797 digits: how many places in the file lie between a digit and its nearest neighbour among "
    "all the others, in bins of 138, from 0 to 1794. The first bar, of up to 138 places, reaches 59 per cent; all "
    "others are below 7. A line shows what a random digit would give: from 15 per cent down to nothing, straight.",
    width=[138],
)  # fmt: skip
def whose_hand(s: Sheet, width: Array) -> None:
    """Distances in the file, in units of what one writer wrote."""
    assert width.tolist() == [138], "a thirteenth of the file"
    _, _, gap = file_order()
    n, step = len(gap), int(width[0])
    edges = np.arange(0, n + step, step)
    share = 100 * np.histogram(gap, edges)[0] / n
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    chance = 100 * np.histogram(distance[distance > 0], edges)[0] / (n * (n - 1))
    assert n == 1797 and 58 < share[0] < 60 and share[1:].max() < 7, share
    assert 14 < chance[0] < 15 and share[0] > 3.9 * chance[0] and np.all(share[2:] < chance[2:] + 1), chance

    ax = s.plots.axes(40, 14, 312, 152)
    ax.set(xlim=(0, 1800), ylim=(0, 62), xticks=[0, 500, 1000, 1500], yticks=[0, 20, 40, 60])
    ax.bar(edges[:-1], share, width=step * 0.86, align="edge", color=s.plots.colour("input"))
    ax.plot(edges[:-1] + step / 2, chance, color=s.plots.colour("kernel-ink"), lw=1.8, marker="o", ms=3)
    s.text(*s.plots.at(ax, 165, 56), "the nearest digit", BODY, "input-ink", "start")
    s.text(*s.plots.at(ax, 420, 19), "a digit drawn at random", BODY, "kernel-ink", "start")
    s.text(46, 6, "% of the digits", BODY, "quiet", "start")
    s.text(196, 202, "places in the file between the two", BODY, "quiet")


@figure(
    "learning/two-splits", height=226,
    title="What two ways to split say of the same method",
    desc="Errors among 1797 digits against the number of neighbours, from 1 to 45. Five folds at random: five curves "
    "close together, from about 20 to about 90. Five folds in file order: one curve, from about 60 to about 120, "
    "everywhere above the others.",
    ks=KS, seeds=[0, 1, 2, 3, 4],
)  # fmt: skip
def two_splits(s: Sheet, ks: Array, seeds: Array) -> None:
    """Five folds in file order, and five times at random."""
    assert ks.tolist() == KS and seeds.tolist() == [0, 1, 2, 3, 4], "the folds of the page"
    ordered = wrong_in_five(np.arange(1797))
    mixed = [wrong_in_five(np.random.default_rng(seed).permutation(1797)) for seed in range(5)]
    assert all((ordered > m).all() for m in mixed) and ordered[0] > 2 * max(m[0] for m in mixed), (ordered, mixed)
    assert ordered.min() > 55 and 110 < ordered.max() < 130 and max(m.max() for m in mixed) < 100
    assert max(m[0] for m in mixed) < 30

    ax = s.plots.axes(40, 14, 312, 166)
    ax.set(xscale="log", xlim=(0.9, 52), ylim=(0, 130), yticks=[0, 40, 80, 120])
    ax.set_xticks(KS, [f"{k}" for k in KS])
    ax.minorticks_off()
    for m in mixed:
        ax.plot(KS, m, color=s.plots.colour("quiet"), lw=1, marker="x", ms=3)
    ax.plot(KS, ordered, color=s.plots.colour("cotangent-ink"), lw=1.8, marker="o", ms=4)
    s.text(*s.plots.at(ax, 4.6, 82), "in file order", BODY, "cotangent-ink", "end")
    s.text(*s.plots.at(ax, 6, 13), "at random, five times", BODY, "quiet", "start")
    s.text(46, 6, "errors among 1797", BODY, "quiet", "start")
    s.text(196, 216, "number of neighbours, $k$", BODY, "quiet")
