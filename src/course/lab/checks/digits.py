"""The checks of Lab 5, and its functions, made of the package's, for who wants to go on without one of their own."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import ops
from course.data import digits
from course.lab.properties import agrees, array, described, dot_test, equal, linear, mistakes, number, random
from course.lab.tasks import Missing, Wrong, task

Array = NDArray[Any]
Net = dict[str, Array]
NAMES = ("w3", "b3", "w2", "b2", "w1", "b1")  # in the order of the way back
SHAPES = {"w1": (8, 1, 3, 3), "b1": (8,), "w2": (16, 8, 3, 3), "b2": (16,), "w3": (144, 10), "b3": (10,)}


# --- what a student can borrow --------------------------------------------------------------------


def conv(x: Array, w: Array, b: Array) -> Array:
    """The maps of a layer."""
    return ops.conv2d(x, w, b)


def to_kernel(g: Array, x: Array) -> Array:
    """What comes back to the kernels of a layer with the input x."""
    size = (x.shape[2] - g.shape[2] + 1, x.shape[3] - g.shape[3] + 1)
    return ops.conv_adjoint_w(g, x, (g.shape[1], x.shape[1], *size))


def to_input(g: Array, w: Array) -> Array:
    """What comes back to the input of a layer with the kernels w."""
    size = (g.shape[2] + w.shape[2] - 1, g.shape[3] + w.shape[3] - 1)
    return ops.conv_adjoint_x(g, w, (g.shape[0], w.shape[1], *size))


def pool_back(g: Array, a: Array) -> Array:
    """What comes back to a through the largest of every 2×2."""
    return ops.max_pool_adjoint(g, ops.max_pool2d(a, 2, return_indices=True)[1], a.shape)


def loss(z: Array, t: Array) -> tuple[float, Array]:
    """The mean cross-entropy, and what comes back to the scores."""
    p = ops.softmax(z, 1)
    return float(-np.mean(ops.log_softmax(z, 1)[np.arange(len(z)), t])), (p - np.eye(z.shape[1])[t]) / len(z)


def forward(net: Net, x: Array) -> tuple[Array, tuple[Array, ...]]:
    """The scores, and what is kept for the way back."""
    y1 = conv(x, net["w1"], net["b1"])
    a1 = np.maximum(y1, 0)
    y2 = conv(a1, net["w2"], net["b2"])
    a2 = np.maximum(y2, 0)
    q = ops.max_pool2d(a2, 2)
    return q.reshape(len(x), -1) @ net["w3"] + net["b3"], (x, y1, a1, y2, a2, q)


Step = Callable[[Array, Array], Array]


def relu_back(g: Array, y: Array) -> Array:
    """What comes back through ReLU."""
    return g * (y > 0)


def back(net: Net, kept: tuple[Array, ...], g: Array, first: Step = relu_back, second: Step = relu_back) -> Net:
    """What comes back to the numbers of the network, to y2 and to x; `first` and `second` go through its ReLUs."""
    x, y1, a1, y2, a2, q = kept
    d = {"w3": q.reshape(len(x), -1).T @ g, "b3": g.sum(0)}
    g = second(pool_back((g @ net["w3"].T).reshape(q.shape), a2), y2)
    d |= {"w2": to_kernel(g, a1), "b2": g.sum((0, 2, 3)), "y2": g}
    g = first(to_input(g, net["w2"]), y1)
    return d | {"w1": to_kernel(g, x), "b1": g.sum((0, 2, 3)), "x": to_input(g, net["w1"])}


def backward(net: Net, kept: tuple[Array, ...], g: Array) -> Net:
    """What comes back to all numbers of the network."""
    d = back(net, kept, g)
    return {name: d[name] for name in net}


def slopes(net: Net, x: Array, t: Array) -> Net:
    """The gradient of the mean loss for some pictures."""
    z, kept = forward(net, x)
    return backward(net, kept, loss(z, t)[1])


def epoch(
    net: Net,
    v: Net,
    x: Array,
    t: Array,
    rate: float,
    rng: np.random.Generator,
    slopes: Callable[[Net, Array, Array], Net] = slopes,
) -> tuple[Net, Net]:
    """The network and the velocities after one pass through the pictures, in batches of 32."""
    order = rng.permutation(len(x))
    for some in np.split(order, range(32, len(x), 32)):
        d = slopes(net, x[some], t[some])
        v = {name: 0.9 * v[name] + d[name] for name in net}
        net = {name: net[name] - rate * v[name] for name in net}
    return net, v


# --- a layer --------------------------------------------------------------------------------------

X, W, B = random(1).standard_normal((3, 2, 8, 7)), random(2).standard_normal((5, 2, 3, 4)), random(3).standard_normal(5)
G = random(4).standard_normal((3, 5, 6, 4))


@task(
    "5.1",
    "a layer, forward",
    hints=(
        "Which letters must the result have? The picture, the kernel, and the place of the window. The letters of the "
        "channel and of the place inside the window are summed over. The kernels' axes need letters, too.",
        'The letters of `w` are f, then c, a and b, which it shares with the windows. The result has "nfij". The bias '
        "has one entry for each kernel, and two axes follow that one: `b[:, None, None]` has them.",
    ),
)
def _(conv: Any) -> str:
    y = conv(X, W, B)
    if not isinstance(y, np.ndarray):
        raise Wrong(f"It returns {described(y)}, where an array of maps is asked for.")
    right = ops.conv2d(X, W, B)
    if y.shape == (3, 6, 4, 5):
        raise Wrong("The kernels are on the last axis, but the second is theirs: picture, kernel, row, column.")
    if y.shape == (5, 3, 6, 4):
        raise Wrong("Pictures and kernels are exchanged: the first axis is that of the pictures.")
    if y.ndim == 5:
        raise Wrong(f"The result has 5 axes, {y.shape}: the channels are kept apart, and must be added up.")
    mistakes(
        y,
        {
            "The bias is missing.": ops.conv2d(X, W),
            "The kernels are turned by half a turn: this is the convolution that flips. A layer does not.": ops.conv2d(
                X, W[..., ::-1, ::-1].copy(), B
            ),
            "Only the first channel takes part.": ops.conv2d(X[:, :1], W[:, :1], B),
            "The channels of the kernels are in reverse order.": ops.conv2d(X, W[:, ::-1].copy(), B),
            "This is the mean of the products, and should be their sum.": ops.conv2d(X, W) / 24 + B[:, None, None],
            "The bias is taken away, where it should be added.": ops.conv2d(X, W, -B),
            "The bias goes along the columns. There is one for each kernel, the second axis.": ops.conv2d(X, W) + B[:4],
        },
    )
    array(y, (3, 5, 6, 4), "number", "for 3 pictures of 8×7 with 2 channels and 5 kernels of 3×4, the result")
    w = random(5).standard_normal((4, 2, 3, 4))  # four kernels, four columns: a bias along the columns would fit
    equal(conv(X, w, B[:4]), ops.conv2d(X, w, B[:4]), "The bias goes along the columns, where it belongs to a kernel.")
    equal(y, right, "The maps are not the sums over windows and channels.")
    linear(lambda w: conv(X, w, np.zeros(5)), W.shape, "without a bias, the layer as a function of w")
    return "every kernel, over all channels."


@task(
    "5.2",
    "back to the kernels",
    hints=(
        "It is 5.1 with other letters: the same windows of x, now multiplied by `g`. The result has the kernel, the "
        "channel, and the place inside the window.",
        '`g` has the letters "nfij", the windows have "ncijab". The result has none of n, i and j: they are summed '
        "over. Windows as large as a kernel have `x.shape[2] - g.shape[2] + 1` rows.",
    ),
)
def _(to_kernel: Any) -> str:
    v = to_kernel(G, X)
    if not isinstance(v, np.ndarray):
        raise Wrong(f"It returns {described(v)}, where an array is asked for.")
    right = ops.conv_adjoint_w(G, X, W.shape)
    if v.shape == (2, 5, 3, 4):
        raise Wrong("Kernels and channels are exchanged: it must have the shape of w, kernels first.")
    if v.shape == (3, 5, 2, 3, 4):
        raise Wrong("There is an array for each picture. All of them share the kernels, so they must be added up.")
    if v.shape == (5, 2, 6, 4):
        raise Wrong("The result is as large as g. From windows of g's size, what remains are the places of a tap.")
    if v.shape == (5, 2, 2, 3) or v.shape == (5, 2, 4, 5):
        raise Wrong(f"A kernel has 3 rows and 4 columns here, and not {v.shape[2]} and {v.shape[3]}: off by one.")
    mistakes(
        v,
        {
            "It is the mean over the pictures, and should be their sum.": right / 3,
            "Only the first picture takes part.": ops.conv_adjoint_w(G[:1], X[:1], W.shape),
            "It is turned by half a turn. A tap (a, b) meets the pixel at (i + a, j + b).": right[..., ::-1, ::-1],
            "It is the mean over the places, and should be their sum.": right / 24,
            "The sign is wrong.": -right,
            "The cotangent takes no part: these are the windows, added up.": ops.conv_adjoint_w(
                np.ones(G.shape), X, W.shape
            ),
            "This is the mean over pictures and places: it should be their sum.": right / 72,
        },
    )
    array(v, W.shape, "number", "what comes back to the kernels")
    dot_test(lambda w: ops.conv2d(X, w), lambda g: to_kernel(g, X), W.shape, G.shape, "what comes back to the kernels")
    equal(v, right, "What comes back to the kernels is not the sum of windows, weighed by g.")
    return "⟨y, g⟩ = ⟨w, v⟩: it is the adjoint in the kernels."


@task(
    "5.3",
    "back to the input",
    hints=(
        "The input has k − 1 rows and l − 1 columns more than g. Tap (a, b) of kernel f has read, for the whole "
        "of g at once, a block of the input that is as large as g. Where does that block begin?",
        "Begin with zeros of the input's shape. In a loop over a and b, add to `h[:, :, a : a + rows, b : b + "
        "columns]`. What is added is `g` times `w[:, :, a, b]`, summed over the kernels f, for "
        "each channel c.",
    ),
)
def _(to_input: Any) -> str:
    h = to_input(G, W)
    if not isinstance(h, np.ndarray):
        raise Wrong(f"It returns {described(h)}, where an array is asked for.")
    right = ops.conv_adjoint_x(G, W, X.shape)
    turned = W[..., ::-1, ::-1].copy()
    if h.shape == (3, 2, 4, 1):
        raise Wrong("It is smaller than g, and should be larger: frame g with zeros, k − 1 and l − 1 on each side.")
    if h.shape == (3, 2, 6, 4):
        raise Wrong("It is as large as g. Without padding, the input has k − 1 rows and l − 1 columns more.")
    if h.ndim == 5:
        raise Wrong(f"The result has 5 axes, {h.shape}: a pixel is read by all kernels, so add them up.")
    known = {
        "The kernels lie turned by half a turn. Sliding over g needs turned kernels; adding copies does not.": turned,
        "The kernels are turned along the rows alone, or along the columns alone.": W[..., ::-1].copy(),
        "The kernels are turned along the columns alone, or along the rows alone.": W[..., ::-1, :].copy(),
        "The two channels are exchanged.": W[:, ::-1].copy(),
        "It is the mean over the kernels, and should be their sum.": W / 5,
        "The sign is wrong.": -W,
    }
    mistakes(h, {sentence: ops.conv_adjoint_x(G, w, X.shape) for sentence, w in known.items()})
    mistakes(h, {"Only the first kernel takes part.": ops.conv_adjoint_x(G[:, :1], W[:1], X.shape)})
    if agrees(h, overwritten(G, W)):
        raise Wrong("Where blocks overlap, the last one replaces the others. They must be added.")
    array(h, X.shape, "number", "what comes back to the input")
    dot_test(lambda x: ops.conv2d(x, W), lambda g: to_input(g, W), X.shape, G.shape, "what comes back to the input")
    equal(h, right, "What comes back to the input is not the sum of kernels, written where g stands.")
    return "⟨y, g⟩ = ⟨x, h⟩: it is the adjoint in the input."


def overwritten(g: Array, w: Array) -> Array:
    """What becomes of the input's share if it is written, and not added up."""
    rows, columns = g.shape[2:]
    h = np.zeros((len(g), w.shape[1], rows + w.shape[2] - 1, columns + w.shape[3] - 1))
    for a, b in np.ndindex(*w.shape[2:]):
        h[:, :, a : a + rows, b : b + columns] = np.einsum("nfij,fc->ncij", g, w[:, :, a, b])
    return h


# --- pooling and loss -----------------------------------------------------------------------------


def blocks(a: Array) -> Array:
    """The 2×2 blocks of maps, on a last axis of four."""
    n, c, rows, columns = a.shape
    cut = a.reshape(n, c, rows // 2, 2, columns // 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return cut.reshape(n, c, rows // 2, columns // 2, 4)


def maps(cut: Array) -> Array:
    """The maps of these blocks."""
    n, c, rows, columns, _ = cut.shape
    squares = cut.reshape(n, c, rows, columns, 2, 2).transpose(0, 1, 2, 4, 3, 5)
    return squares.reshape(n, c, 2 * rows, 2 * columns)


def to_winner(g: Array, winners: Array) -> Array:
    """g at the given one of four places of each block, and zeros elsewhere."""
    return maps(g[..., None] * np.eye(4)[winners])


@task(
    "5.4",
    "back through the largest",
    hints=(
        "Make an array of the shape of `quarters(a)`, with zeros everywhere but at the winner of each block, where a "
        "one stands. Then multiply.",
        "`np.eye(4)[winners]` turns each of the numbers 0 to 3 into a row of four with a single one. `g` has an axis "
        "less: `g[..., None]` adds it.",
    ),
)
def _(pool_back: Any) -> str:
    a, g = random(6).standard_normal((2, 3, 6, 8)), random(7).standard_normal((2, 3, 3, 4))
    cut = blocks(a)
    best = cut.argmax(-1)
    h = pool_back(g, a)
    if isinstance(h, np.ndarray) and h.shape == g.shape:
        raise Wrong("It has the shape of g. It must have that of a, with four entries for each block.")
    if isinstance(h, np.ndarray) and h.shape == cut.shape:
        raise Wrong("These are blocks, with five axes. Put them `together`.")
    array(h, a.shape, "number", "what comes back to a")
    mistakes(
        h,
        {
            "All four get the whole of g. Only one of them has won.": maps(np.repeat(g[..., None], 4, -1)),
            "All four get a quarter of g. That is the way back of a mean.": maps(np.repeat(g[..., None] / 4, 4, -1)),
            "The smallest of each block gets it, and should be the largest.": to_winner(g, cut.argmin(-1)),
            "This is g times the winning entry. The slope of the largest by itself is 1.": to_winner(
                g * cut.max(-1), best
            ),
            "The cotangent takes no part: these are the places of the winners.": to_winner(np.ones(g.shape), best),
            "The entries themselves come back, and g does not.": to_winner(cut.max(-1), best),
            "The winners are in the right blocks, but at the wrong places in them: rows and columns are exchanged.": (
                to_winner(g, (best % 2) * 2 + best // 2)
            ),
            "Always the first of the four gets it. Which of them has won?": to_winner(g, np.zeros_like(best)),
        },
    )
    equal(h, to_winner(g, best), "What comes back is not g at the places that won, and zero elsewhere.")
    flat = np.zeros((1, 1, 2, 4))
    flat[0, 0, :, 2:] = [[1, 3], [3, 2]]
    shares = pool_back(np.array([[[[8.0, 6.0]]]]), flat)[0, 0]
    if agrees(shares[:, :2], np.full((2, 2), 8)):
        raise Wrong("Where several entries are largest, each of them gets the whole of g. The first one has won.")
    if agrees(shares[:, :2], np.full((2, 2), 2)):
        raise Wrong("Where several entries are largest, they share g. The first one has won, and gets all.")
    if agrees(shares, [[0, 0, 0, 0], [0, 8, 6, 0]]):
        raise Wrong("Where several entries are largest, the last gets g. It should be the first.")
    equal(shares, [[8, 0, 0, 6], [0, 0, 0, 0]], "Where several entries are largest, it is not the first that gets g.")
    won = best[..., None]
    dot_test(
        lambda u: np.take_along_axis(blocks(u), won, -1)[..., 0], lambda g: pool_back(g, a), a.shape, g.shape, "it"
    )
    return "the winner takes all."


Z, T = 2 * random(8).standard_normal((5, 4)), np.array([2, 0, 3, 2, 1])


@task(
    "5.5",
    "the loss, and what comes back to the scores",
    hints=(
        "Softmax first, along the classes, `axis=1`, with `keepdims=True`. `p[np.arange(len(z)), t]` picks the "
        "probability of the label in each row.",
        "Subtract `z.max(axis=1, keepdims=True)` before you take the exponential. For what goes back: a copy of "
        "p, minus 1 at each label, all of it over the number of pictures.",
    ),
)
def _(loss: Any) -> str:
    pair = loss(Z, T)
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise Wrong(f"It returns {described(pair)}, where a pair is asked for: the loss, and what goes back.")
    if np.ndim(pair[0]) == 1:
        raise Wrong("There is a loss for each picture. Their mean is asked for.")
    value, g = number(pair[0], "the loss"), pair[1]
    p = np.asarray(ops.softmax(Z, 1))
    labels, rows = np.eye(4)[T], np.arange(5)
    surprise = -np.log(p)[rows, T]
    down = np.asarray(ops.softmax(Z, 0))
    mistakes(
        value,
        {
            "The loss is a sum over the pictures, and should be their mean.": surprise.sum(),
            "The loss has the wrong sign: it is −ln p, and never negative.": -surprise.mean(),
            "The probabilities of a column add up to 1, and those of a row should: one picture, one row.": -np.log(
                down[rows, T]
            ).mean(),
            "This is the mean over all entries, also those that are not the label's.": surprise.sum() / 20,
            "`p[:, t]` takes the columns of all labels from every row: each row has its own label.": -np.log(
                p[:, T]
            ).mean(),
            "The logarithm is missing.": -p[rows, T].mean(),
            "The logarithm is of base 2; the natural one is asked for.": surprise.mean() / np.log(2),
            "The logarithm is of base 10; the natural one is asked for.": surprise.mean() / np.log(10),
        },
    )
    equal(value, surprise.mean(), "The loss is not the mean of −ln p at the labels.")
    array(g, Z.shape, "number", "what goes back")
    mistakes(
        g,
        {
            "What goes back has the wrong sign: p − T, not T − p.": (labels - p) / 5,
            "What goes back is not divided by the number of pictures, though the loss is a mean.": p - labels,
            "The labels take no part in what goes back: this is p over N.": p / 5,
            "These are the probabilities themselves.": p,
            "It is divided by the number of entries; the mean is over the pictures alone.": (p - labels) / 20,
            "Only the label's entries get something. Each of the other scores is worth something, too.": (
                (p - labels) * labels / 5
            ),
            "The 1 is taken away from the columns of all labels in every row: each row has its own label.": (
                (p - labels.max(0)) / 5
            ),
            "It is divided by the number of classes, in place of that of the pictures.": (p - labels) / 4,
        },
    )
    equal(g, (p - labels) / 5, "What goes back is not (p − T) / N.")
    large = np.array([[1000.0, 0, -1000], [-1000, -999, -2000]])
    for count, words in (
        (1, "Softmax does not change if a row is lowered."),
        (2, "Is one number taken from all rows?"),
    ):
        high, back = loss(large[:count], np.array([0, 1])[:count])
        if not np.isfinite(high) or not np.isfinite(back).all():
            raise Wrong(f"With scores of 1000 the result is not finite. {words}")
    equal(high, np.log1p(np.exp(-1)) / 2, "With scores of 1000 the loss is wrong.")
    return "p − T, over N."


# --- the network ----------------------------------------------------------------------------------


def small() -> tuple[Net, tuple[Array, ...], Array]:
    """A network of which no two sizes are equal, what it has kept for 3 pictures, and a cotangent."""
    rng = random(9)
    shapes = {"w1": (4, 2, 3, 2), "b1": (4,), "w2": (5, 4, 2, 3), "b2": (5,), "w3": (60, 7), "b3": (7,)}
    net = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    z, kept = forward(net, rng.standard_normal((3, 2, 9, 11)))
    return net, kept, rng.standard_normal(z.shape)


def through(g: Array, y: Array) -> Array:
    """A way back that forgets ReLU."""
    return g


def guided(g: Array, y: Array) -> Array:
    """A way back that looks at what comes, and not at what went in."""
    return np.maximum(g, 0)


@task(
    "5.6",
    "all the way back",
    hints=(
        "Read `forward` from its last line to its first. For each line: what comes back to its input? And if it has "
        "weights: what comes back to them?",
        "Two layers, the same three steps: `pool_back` or `to_input` brings `g` to a map after ReLU; multiply by "
        "(y > 0) with the y before it; then `to_kernel` with the layer's input, and a sum over all axes but that "
        "of the kernels.",
    ),
)
def _(backward: Any) -> str:
    net, kept, g = small()
    d = backward(net, kept, g)
    if not isinstance(d, Mapping):
        raise Wrong(f"It returns {described(d)}, where a dictionary is asked for.")
    if lacking := [name for name in NAMES if d.get(name, ...) is None or d.get(name, ...) is ...]:
        raise Missing(f"What comes back to {', '.join(lacking)} is still missing.")
    right = back(net, kept, g)
    for name in NAMES:
        if name[0] == "b" and np.ndim(d[name]) > 1:
            raise Wrong(f"d[{name!r}] has shape {np.shape(d[name])}: a bias serves all pictures and places. Add up.")
        array(d[name], net[name].shape, "number", f"d[{name!r}]")
    wrongs = {
        "ReLU is missing between the pooling and w2": partial(back, second=through),
        "ReLU is missing between the two layers": partial(back, first=through),
        "ReLU lets pass what is positive of g. It should ask where y was positive": partial(
            back, first=guided, second=guided
        ),
    }
    for name in NAMES:
        if agrees(d[name], right[name], 1e-8):
            continue
        for sentence, mistaken in wrongs.items():
            if agrees(d[name], mistaken(net, kept, g)[name], 1e-8):
                raise Wrong(f"{sentence}: d[{name!r}] shows it.")
        if name == "w2" and agrees(d[name], to_kernel(back(net, kept, g)["y2"], kept[1]), 1e-8):
            raise Wrong("d['w2'] is made of windows of y1. What has the second layer read?")
        for factor, sentence in ((1 / 3, "a mean over the pictures"), (-1, "of the wrong sign")):
            if agrees(d[name], factor * right[name], 1e-8):
                raise Wrong(f"d[{name!r}] is {sentence}. Here everything is added up, and nothing divided.")
        done = [f"d[{other!r}]" for other in NAMES[: NAMES.index(name)]]
        lead = f"{', '.join(done)} {'is' if len(done) == 1 else 'are'} right. " if done else ""
        raise Wrong(f"{lead}Something goes wrong on the way to d[{name!r}], if the tasks above are right.")
    if extra := sorted(set(map(str, d)) - set(NAMES)):
        raise Wrong(f"The dictionary has {', '.join(extra)} as well: it should have the names of net.")
    return "six gradients, from one walk."


# --- learning -------------------------------------------------------------------------------------


class Spy:
    """Stands in for `slopes`: gives ones, and remembers what it is asked for."""

    def __init__(self) -> None:
        self.nets: list[float] = []
        self.pictures: list[list[int]] = []
        self.labels: list[list[int]] = []

    def __call__(self, net: Any, x: Any, t: Any) -> Net:
        """Slopes of one, everywhere."""
        if not isinstance(net, Mapping) or not isinstance(x, np.ndarray) or not isinstance(t, np.ndarray):
            raise Wrong("`slopes` is to be called with the network, some of the pictures, and their labels.")
        if x.ndim != 4:
            raise Wrong(f"`slopes` gets pictures of shape {x.shape}, where a batch has four axes.")
        self.nets.append(float(np.asarray(net["w1"]).ravel()[0]))
        self.pictures.append([int(k) for k in x[:, 0, 0, 0]])
        self.labels.append([int(k) for k in np.ravel(t)])
        return {name: np.ones(np.shape(w)) for name, w in net.items()}

    def seen(self) -> list[int]:
        """The numbers of all pictures, in the order in which they came."""
        return [k for batch in self.pictures for k in batch]


def _run(epoch: Any, seed: int, n: int = 70) -> tuple[Spy, Any]:
    """Call a student's epoch with a spy, on pictures each of which holds its own number."""
    net = {name: np.full(shape, 5.0) for name, shape in SHAPES.items()}
    v = {name: np.full(shape, 2.0) for name, shape in SHAPES.items()}
    x, t = np.arange(float(n)).reshape(n, 1, 1, 1) * np.ones((1, 1, 2, 3)), (np.arange(n) * 7) % 10
    spy = Spy()
    result = epoch(net, v, x, t, 0.1, np.random.default_rng(seed), spy)
    for before, value, name in ((net, 5, "net"), (v, 2, "v")):
        if any(np.any(w != value) for w in before.values()):
            raise Wrong(f"It changes {name}, which somebody may need again. Make a new dictionary, and new arrays.")
    return spy, result


@task(
    "5.7",
    "an epoch of training",
    hints=(
        "`some = order[start : start + 32]` are the numbers of a batch, and `x[some]` its pictures. The slice may be "
        "shorter at the end, and that is as it should be.",
        "Three lines in the loop: the gradient `d` of this batch, by `slopes`; new velocities, made of the old "
        "ones and d; a new network, made of the old one and the velocities. `{name: … for name in net}` makes a "
        "dictionary.",
    ),
)
def _(epoch: Any) -> str:
    spy, pair = _run(epoch, 0)
    if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(part, Mapping) for part in pair):
        raise Wrong(f"It returns {described(pair)}, where a pair of dictionaries is asked for: network and velocities.")
    if not spy.pictures:
        raise Wrong("`slopes` is never called. It is given, as the last argument.")
    _batches(spy)
    order = spy.seen()
    if order == sorted(order) or order == _run(epoch, 1)[0].seen():
        raise Wrong("The order is the same in each epoch. Draw it from `rng`.")
    if order != _run(epoch, 0)[0].seen():
        raise Wrong("The order is drawn from something else than `rng`: nobody could repeat the training.")
    if len(set(spy.nets)) == 1:
        raise Wrong("All batches see the same network. It should take a step after each of them.")
    net, v = pair
    if set(net) != set(SHAPES) or set(v) != set(SHAPES):
        raise Wrong("Network and velocities should have the same six names as before.")
    _steps({name: array(net[name], shape, "number", f"net[{name!r}]") for name, shape in SHAPES.items()},
           {name: array(v[name], shape, "number", f"v[{name!r}]") for name, shape in SHAPES.items()})  # fmt: skip
    return "32 at a time, each of them once."


def _batches(spy: Spy) -> None:
    """Raise `Wrong` unless 70 pictures were seen once each, with their labels, in batches of 32, 32 and 6."""
    sizes, seen = [len(batch) for batch in spy.pictures], spy.seen()
    for batch, labels in zip(spy.pictures, spy.labels, strict=True):
        if len(labels) != len(batch):
            raise Wrong(f"`slopes` gets {len(batch)} pictures and {len(labels)} labels.")
        if labels != [k * 7 % 10 for k in batch]:
            raise Wrong("The labels do not belong to their pictures: both must be taken in the same order.")
    if sorted(seen) != list(range(70)):
        unseen = 70 - len(set(seen))
        if len(set(seen)) == len(seen):
            raise Wrong(f"Of 70 pictures, {unseen} are never seen. The last batch is smaller, and counts as well.")
        raise Wrong(f"Some pictures are seen more than once, and {unseen} of 70 never. Each should have its turn once.")
    if sizes != [32, 32, 6]:
        told = ", ".join(map(str, sizes[:4]))
        raise Wrong(f"The batches have {told} pictures; of 70, there should be 32, 32 and 6.")


def _steps(net: Net, v: Net) -> None:
    """Raise `Wrong` unless net and v are what three steps of rate 0.1 with slopes of one make of fives and twos."""
    for name in SHAPES:
        found = float(v[name].flat[0]), float(net[name].flat[0])
        a = 0.9
        speeds = [2 * a + 1, (2 * a + 1) * a + 1, ((2 * a + 1) * a + 1) * a + 1]
        fresh = [1, 1 + a, 1 + a + a * a]
        for (speed, place), sentence in (
            ((speeds[2], 5 + 0.1 * sum(speeds)), "The steps go uphill: −η v is asked for."),
            ((speeds[2], 5 - sum(speeds)), "The rate takes no part."),
            ((2, 5 - 0.3), "There is no momentum: the steps are along the gradient alone."),
            ((1, 5 - 0.3), "There is no momentum: the velocity forgets what it was."),
            ((5, 5 - 0.1 * (3 + 4 + 5)), "The velocity never fades: the factor 0.9 is missing."),
            ((fresh[2], 5 - 0.1 * sum(fresh)), "The velocity begins at zero, and should go on from the v that came."),
            ((2, 5 - 0.1 * 3 * speeds[0]), "Each batch begins with the old v: it is not carried on to the next one."),
            ((speeds[0], 5 - 0.1 * 3 * speeds[0]), "Each batch begins with the old v: it is not carried on."),
            ((1.187, 5 + 1.7 + 1.43 + 1.187), "The velocity holds gradients here; the rate comes in with the step."),
            ((1.729, 5 - 0.1 * (1.9 + 1.81 + 1.729)), "The gradient enters the velocity whole, and not by a tenth."),
            ((speeds[2], 5 - 0.1 * (2 + speeds[0] + speeds[1])), "The step is taken with the old velocity."),
        ):
            if agrees(found, (speed, place)):
                raise Wrong(sentence)
        if not agrees(v[name], np.full(SHAPES[name], speeds[2])):
            raise Wrong(f"v[{name!r}] is not what 0.9 v plus the gradient makes of it, batch after batch.")
        if not agrees(net[name], np.full(SHAPES[name], 5 - 0.1 * sum(speeds))):
            raise Wrong(f"The velocities are right, but net[{name!r}] has not been moved by −η v after each batch.")


def named(net: Any, what: str) -> Net:
    """A network with the lab's names and shapes."""
    if isinstance(net, tuple):
        raise Wrong(f"{what} is a tuple. `epoch` returns two things, and the network is the first.")
    if not isinstance(net, Mapping):
        raise Wrong(f"{what} is {described(net)}, where a network is asked for, a dictionary of six arrays.")
    if lacking := [name for name in SHAPES if name not in net]:
        raise Wrong(f"{what} has no {', '.join(lacking)}; begin with `start(0)`.")
    for name in SHAPES:
        if isinstance(net[name], np.ndarray) and not np.isfinite(net[name]).all():
            raise Wrong(f"{what} has run away: {name} holds numbers that are not finite. The steps are too long.")
    return {name: array(net[name], shape, "number", f"{name} of {what}") for name, shape in SHAPES.items()}


@task(
    "5.8",
    "a reader of digits",
    hints=(
        "A loop over e, from 0 to 39. In it: the rate, the shaken digits, and a call of `epoch`, whose two results are "
        "what the next call begins with.",
        "Before the loop: a network that has learned nothing, and velocities of zero, by `still`. In it, shake first "
        "and frame afterwards, drawn anew each time. Mind that `epoch` returns two things.",
    ),
)
def _(reader: Any) -> str:
    net = named(reader, "the reader")
    images, labels = digits()
    x = np.pad(images[:, None], ((0, 0), (0, 0), (1, 1), (1, 1)))
    right = forward(net, x)[0].argmax(1) == labels
    learned, new = 100 * right[:1437].mean(), 100 * right[1437:].mean()
    said = f"It reads {learned:.1f} % of the digits it could learn from, and {new:.1f} % of the new ones"
    if learned < 50:
        raise Wrong(f"{said}. It has learned next to nothing: is what `epoch` returns the network of the next call?")
    if new < 95 and learned - new > 5:
        raise Wrong(f"{said}: it has learned them by heart. Does it see them shaken, anew in every epoch?")
    if new < 95:
        raise Wrong(f"{said}. It is on the way: are there 40 epochs, and does the rate fall?")
    return f"it reads {new:.1f} % of the new digits."


# --- mistakes, and another library ----------------------------------------------------------------


@task(
    "5.9",
    "what is taken for what",
    hints=(
        "A loop over all digits does it: to which entry of `counts` does this one add 1?",
        "`for a, b in zip(t, guess)`, and in it one line that adds 1. If you would rather not loop: `np.add.at` "
        "adds as often as an index comes, and `counts[t, guess] += 1` does not.",
    ),
)
def _(confusion: Any) -> str:
    rng = random(11)
    t, guess = rng.integers(0, 8, 60), rng.integers(2, 10, 60)  # nothing is an 8 or a 9, or called 0 or 1
    right = np.histogram2d(t, guess, bins=[np.arange(11)] * 2)[0]
    found = confusion(t, guess)
    if isinstance(found, np.ndarray) and found.ndim == 2 and found.shape != (10, 10):
        raise Wrong(f"It has shape {found.shape}, but there are ten digits, also if some do not occur.")
    array(found, (10, 10), "numeric", "the matrix")
    mistakes(
        found,
        {
            "Rows and columns are swapped: what it was is the row, what it was called is the column.": right.T,
            "No entry is above 1: what comes twice must count twice.": np.minimum(right, 1),
            "The diagonal is missing: digits that are read correctly count, too.": right * (1 - np.eye(10)),
            "These are shares, where counts are asked for.": right / 60,
            "These are shares of each row, where counts are asked for.": right / np.maximum(right.sum(1), 1)[:, None],
            "Only the diagonal is counted: those that are right.": right * np.eye(10),
        },
    )
    equal(found, right, "It is not how often each digit was called each digit.")
    array(found, (10, 10), "integer", "the matrix")
    equal(confusion(t[:1], guess[:1]).sum(), 1, "For a single digit, the entries do not add up to 1.")
    return "every digit in its row."


@task(
    "5.10",
    "hand over the weights",
    hints=(
        "Count the layers from 0, with ReLU, pooling and `Flatten`. Which three of them have numbers?",
        "They are 0, 2 and 6. The first two keep the shapes that they have; of the third, look at which axis of `w3` "
        "belongs to the scores.",
    ),
)
def _(handed_over: Any) -> str:
    rng = random(12)
    net = {name: rng.standard_normal(shape) for name, shape in SHAPES.items()}
    found = handed_over(net)
    if not isinstance(found, Mapping):
        raise Wrong(f"It returns {described(found)}, where a dictionary is asked for.")
    if open_ones := [name for name, w in found.items() if w is ... or w is None]:
        raise Missing(f"{', '.join(map(str, open_ones))} is still missing.")
    right = {
        "0.weight": net["w1"], "0.bias": net["b1"], "2.weight": net["w2"],
        "2.bias": net["b2"], "6.weight": net["w3"].T, "6.bias": net["b3"],
    }  # fmt: skip
    if set(found) == set(net):
        raise Wrong("These are your names. Torch knows its layers by number.")
    if {"1.weight", "2.weight"} <= set(found):
        raise Wrong("The layers are counted without those that have no numbers. ReLU and pooling count as well.")
    if {"1.weight", "3.weight"} <= set(found):
        raise Wrong("The layers are counted from 1. Torch begins with 0.")
    if lacking := [name for name in right if name not in found]:
        raise Wrong(f"{', '.join(lacking)} is not there.")
    if extra := [str(name) for name in found if name not in right]:
        raise Wrong(f"Torch's network has nothing of the name {', '.join(extra)}.")
    for name, want in right.items():
        w = found[name]
        if name == "6.weight" and np.shape(w) == (144, 10):
            raise Wrong("The full layer's weights have a column for each score, and torch wants a row.")
        array(w, want.shape, "number", f"{name!r}")
        if w.dtype != np.float64:
            raise Wrong(
                f"{name!r} has become {w.dtype}. Keep double precision, or numbers will agree to 7 digits only."
            )
        if name == "6.weight" and agrees(w, net["w3"].reshape(10, 144)):
            raise Wrong("`reshape` keeps the order of the entries and breaks the rows; axes are exchanged otherwise.")
        if w.ndim == 4 and agrees(w, want[..., ::-1, ::-1]):
            raise Wrong("The kernels are turned. Torch's layers do not flip them either.")
        equal(w, want, f"{name!r} does not hold the numbers of that layer.")
    return "six arrays, under other names."


@task(
    "5.11",
    "back to the pixels",
    hints=(
        "Copy 5.6, and leave out all that makes a gradient of weights or biases. What is left is `g` on its way; one "
        "more step takes it from y1 to x.",
        "Five stations: the pooled maps, a2, y2, then a1 and y1, then x. From y2 to a1 leads `to_input` with w2, "
        "and from y1 to x the same function with w1.",
    ),
)
def _(to_pixels: Any) -> str:
    net, kept, g = small()
    h = to_pixels(net, kept, g)
    right = back(net, kept, g)["x"]
    if isinstance(h, np.ndarray) and h.shape == kept[2].shape:
        raise Wrong("This has come as far as the first layer's maps. One step is left, to the picture.")
    array(h, right.shape, "number", "what comes back to the pixels")
    mistakes(
        h,
        {
            "ReLU is missing, both times.": back(net, kept, g, through, through)["x"],
            "ReLU is missing at y1.": back(net, kept, g, first=through)["x"],
            "ReLU is missing at y2.": back(net, kept, g, second=through)["x"],
            "ReLU should ask where y was positive, and not where h is.": back(net, kept, g, guided, guided)["x"],
            "The sign is wrong.": -right,
        },
        1e-8,
    )
    equal(h, right, "It is not what comes back to the pixels, if the tasks above are right.", 1e-8)
    linear(lambda g: to_pixels(net, kept, g), g.shape, "as a function of g, it")
    return "the whole network, backwards."
