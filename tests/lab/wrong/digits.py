"""Typical wrong answers to Lab 5."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course.lab.checks import digits as lab
from tests.lab.wrongs import wrong


def windows(x, w):
    return sliding_window_view(x, w.shape[2:], axis=(2, 3))


@wrong("5.1", "turned by half a turn")
def _(s):
    return lambda x, w, b: s.conv(x, w[..., ::-1, ::-1], b)


@wrong("5.1", "The bias is missing")
def _(s):
    return lambda x, w, b: s.conv(x, w, 0 * b)


@wrong("5.1", "The kernels are on the last axis")
def _(s):
    return lambda x, w, b: np.einsum("ncijab,fcab->nijf", windows(x, w), w) + b


@wrong("5.1", "the channels are kept apart")
def _(s):
    return lambda x, w, b: np.einsum("ncijab,fcab->nfcij", windows(x, w), w) + b[:, None, None, None]


@wrong("5.1", "where it belongs to a kernel")
def _(s):
    def along_columns_where_it_fits(x, w, b):
        y = s.conv(x, w, 0 * b)
        return y + b if y.shape[3] == len(b) else y + b[:, None, None]

    return along_columns_where_it_fits


@wrong("5.1", "could not be broadcast together")
def _(s):
    return lambda x, w, b: s.conv(x, w, 0 * b) + b


@wrong("5.1", "Only the first channel")
def _(s):
    return lambda x, w, b: s.conv(x[:, :1], w[:, :1], b)


@wrong("5.2", "the mean over the pictures, and")
def _(s):
    return lambda g, x: s.to_kernel(g, x) / len(x)


@wrong("5.2", "turned by half a turn")
def _(s):
    return lambda g, x: s.to_kernel(g, x)[..., ::-1, ::-1]


@wrong("5.2", "Kernels and channels are exchanged")
def _(s):
    return lambda g, x: s.to_kernel(g, x).swapaxes(0, 1)


@wrong("5.2", "There is an array for each picture")
def _(s):
    return lambda g, x: np.stack([s.to_kernel(g[n : n + 1], x[n : n + 1]) for n in range(len(x))])


@wrong("5.2", "off by one")
def _(s):
    def too_small(g, x):
        size = (x.shape[2] - g.shape[2], x.shape[3] - g.shape[3])
        return np.einsum("nfij,ncijab->fcab", g, sliding_window_view(x, size, (2, 3))[:, :, :-1, :-1])

    return too_small


@wrong("5.2", "as large as g")
def _(s):
    def at_the_places(g, x):
        size = (x.shape[2] - g.shape[2] + 1, x.shape[3] - g.shape[3] + 1)
        return np.einsum("nfij,ncijab->fcij", g, sliding_window_view(x, size, (2, 3)))

    return at_the_places


@wrong("5.3", "lie turned by half a turn")
def _(s):
    return lambda g, w: s.to_input(g, w[..., ::-1, ::-1])


@wrong("5.3", "It is smaller than g")
def _(s):
    return lambda g, w: s.conv(g, w[..., ::-1, ::-1].swapaxes(0, 1), np.zeros(w.shape[1]))


@wrong("5.3", "the last one replaces the others")
def _(s):
    return lab.overwritten


@wrong("5.3", "along the rows alone, or along the columns alone")
def _(s):
    return lambda g, w: s.to_input(g, w[..., ::-1])


@wrong("5.3", "It is as large as g")
def _(s):
    return lambda g, w: s.to_input(g, w)[:, :, : g.shape[2], : g.shape[3]]


@wrong("5.3", "Only the first kernel")
def _(s):
    return lambda g, w: s.to_input(g[:, :1], w[:1])


@wrong("5.3", "its axes are swapped")
def _(s):
    return lambda g, w: s.to_input(g, w).transpose(3, 2, 1, 0)


@wrong("5.4", "That is the way back of a mean")
def _(s):
    return lambda g, a: np.repeat(np.repeat(g / 4, 2, 2), 2, 3)


@wrong("5.4", "All four get the whole of g")
def _(s):
    return lambda g, a: np.repeat(np.repeat(g, 2, 2), 2, 3)


@wrong("5.4", "each of them gets the whole of g")
def _(s):
    return lambda g, a: s.together((s.quarters(a) == s.pool(a)[..., None]) * g[..., None])


@wrong("5.4", "they share g")
def _(s):
    def shared(g, a):
        won = s.quarters(a) == s.pool(a)[..., None]
        return s.together(won * (g / won.sum(-1))[..., None])

    return shared


@wrong("5.4", "the last gets g")
def _(s):
    return lambda g, a: s.together(g[..., None] * np.eye(4)[3 - s.quarters(a)[..., ::-1].argmax(-1)])


@wrong("5.4", "times the winning entry")
def _(s):
    return lambda g, a: s.pool_back(g * s.pool(a), a)


@wrong("5.4", "These are blocks")
def _(s):
    return lambda g, a: s.quarters(s.pool_back(g, a))


@wrong("5.4", "rows and columns are exchanged")
def _(s):
    return lambda g, a: s.together(s.quarters(s.pool_back(g, a))[..., [0, 2, 1, 3]])


def scores(change=lambda p, t: p, value=lambda surprise: surprise.mean(), axis=1):
    """A loss that changes what goes back, or the value, or the axis of softmax."""

    def made(s):
        def wrong_loss(z, t):
            e = np.exp(z - z.max(axis=axis, keepdims=True))
            p = e / e.sum(axis=axis, keepdims=True)
            surprise = -np.log(p[np.arange(len(z)), t])
            return value(surprise), change(p - np.eye(z.shape[1])[t], t)

        return wrong_loss

    return made


wrong("5.5", "not divided by the number of pictures")(scores(lambda d, t: d))
wrong("5.5", "p − T, not T − p")(scores(lambda d, t: -d / len(d)))
wrong("5.5", "those of a row should")(scores(lambda d, t: d / len(d), axis=0))
wrong("5.5", "The loss is a sum over the pictures")(scores(lambda d, t: d / len(d), np.sum))
wrong("5.5", "it is −ln p")(scores(lambda d, t: d / len(d), lambda surprise: -surprise.mean()))
wrong("5.5", "The labels take no part")(scores(lambda d, t: (d + np.eye(d.shape[1])[t]) / len(d)))
wrong("5.5", "There is a loss for each picture")(scores(lambda d, t: d / len(d), lambda surprise: surprise))


@wrong("5.5", "takes the columns of all labels")
def _(s):
    def unpaired(z, t):
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[:, t])), s.loss(z, t)[1]

    return unpaired


@wrong("5.5", "With scores of 1000")
def _(s):
    def overflowing(z, t):
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(len(z)), t])), (p - np.eye(z.shape[1])[t]) / len(z)

    return overflowing


def walked(**ways):
    """A walk back with other ways through ReLU."""

    def made(s):
        def wrong_backward(net, kept, g):
            d = lab.back(net, kept, g, **ways)
            return {name: d[name] for name in net}

        return wrong_backward

    return made


def changed(change):
    """A walk back, and then a change of its result."""

    def made(s):
        def wrong_backward(net, kept, g):
            d = s.backward(net, kept, g)
            return d | change(s, d, net, kept, g)

        return wrong_backward

    return made


wrong("5.6", "ReLU is missing between the two layers")(walked(first=lab.through))
wrong("5.6", "ReLU is missing between the pooling and w2")(walked(second=lab.through))
wrong("5.6", "what is positive of g")(walked(first=lab.guided, second=lab.guided))
wrong("5.6", "a bias serves all pictures")(changed(lambda s, d, net, kept, g: {"b3": g}))
wrong("5.6", "its axes are swapped")(changed(lambda s, d, net, kept, g: {"w3": d["w3"].T}))
wrong("5.6", "a mean over the pictures")(changed(lambda s, d, net, kept, g: {"b3": g.mean(axis=0)}))
wrong("5.6", "windows of y1")(
    changed(lambda s, d, net, kept, g: {"w2": s.to_kernel(lab.back(net, kept, g)["y2"], kept[1])})
)
wrong("5.6", "on the way to d['w2']")(
    changed(lambda s, d, net, kept, g: {"w2": d["w2"][..., ::-1, ::-1]})  # a to_kernel that flips
)


def stepped(change):
    """An epoch with other steps: change(d, v, net, rate) gives the velocities and the network."""

    def made(s):
        def wrong_epoch(net, v, x, t, rate, rng, slopes):
            first, order = v, rng.permutation(len(x))
            for start in range(0, len(x), 32):
                some = order[start : start + 32]
                v, net = change(slopes(net, x[some], t[some]), v, net, rate, first)
            return net, v

        return wrong_epoch

    return made


def velocity(v, d, fade=0.9):
    return {name: fade * v[name] + d[name] for name in v}


def moved(net, v, rate):
    return {name: net[name] - rate * v[name] for name in net}


def with_velocity(sign=1, fade=0.9, rated=True):
    def change(d, v, net, rate, first):
        v = velocity(v, d, fade)
        return v, moved(net, v, sign * (rate if rated else 1))

    return stepped(change)


wrong("5.7", "uphill")(with_velocity(sign=-1))
wrong("5.7", "never fades")(with_velocity(fade=1))
wrong("5.7", "The rate takes no part")(with_velocity(rated=False))
wrong("5.7", "along the gradient alone")(stepped(lambda d, v, net, rate, first: (v, moved(net, d, rate))))
wrong("5.7", "with the old velocity")(stepped(lambda d, v, net, rate, first: (velocity(v, d), moved(net, v, rate))))
wrong("5.7", "the rate comes in with the step")(
    stepped(lambda d, v, net, rate, first: ((new := {n: 0.9 * v[n] - rate * d[n] for n in v}), moved(net, new, -1)))
)
wrong("5.7", "and not by a tenth")(
    stepped(lambda d, v, net, rate, first: ((new := {n: 0.9 * v[n] + 0.1 * d[n] for n in v}), moved(net, new, rate)))
)
wrong("5.7", "All batches see the same network")(stepped(lambda d, v, net, rate, first: (velocity(v, d), net)))


def ordered(numbers, labels=lambda some, rng: some):
    """An epoch whose batches are those of `numbers`."""

    def made(s):
        def wrong_epoch(net, v, x, t, rate, rng, slopes):
            for some in numbers(len(x), rng):
                v = velocity(v, slopes(net, x[some], t[labels(some, rng)]))
                net = moved(net, v, rate)
            return net, v

        return wrong_epoch

    return made


def batches(order):
    return [order[start : start + 32] for start in range(0, len(order), 32)]


wrong("5.7", "are never seen")(ordered(lambda n, rng: batches(rng.permutation(n)[: n // 32 * 32])))
wrong("5.7", "seen more than once")(ordered(lambda n, rng: batches(rng.integers(0, n, n))))
wrong("5.7", "The order is the same")(ordered(lambda n, rng: batches(np.arange(n))))
wrong("5.7", "do not belong to their pictures")(
    ordered(lambda n, rng: batches(rng.permutation(n)), lambda some, rng: rng.permutation(some))
)
wrong("5.7", "have 70 pictures")(ordered(lambda n, rng: [rng.permutation(n)]))


@wrong("5.7", "changes net")
def _(s):
    def in_place(net, v, x, t, rate, rng, slopes):
        for some in batches(rng.permutation(len(x))):
            v = velocity(v, slopes(net, x[some], t[some]))
            for name in net:
                net[name] -= rate * v[name]
        return net, v

    return in_place


@wrong("5.8", "next to nothing")
def _(s):
    return s.start(0)


@wrong("5.8", "by heart")
def _(s):
    net, rng = s.start(0), np.random.default_rng(0)
    v = s.still(net)
    for _ in range(15):
        net, v = s.epoch(net, v, s.framed(s.x_train[:400]), s.t_train[:400], 0.03, rng)
    return net


@wrong("5.8", "It is on the way")
def _(s):
    net, rng = s.start(0), np.random.default_rng(0)
    return s.epoch(net, s.still(net), s.framed(s.shaken(s.x_train, rng)), s.t_train, 0.05, rng)[0]


@wrong("5.8", "has run away")
def _(s):
    return s.reader | {"b1": np.full(8, np.nan)}


@wrong("5.8", "is a tuple")
def _(s):
    return s.reader, s.still(s.reader)


@wrong("5.9", "Rows and columns are swapped")
def _(s):
    return lambda t, guess: s.confusion(guess, t)


@wrong("5.9", "what comes twice must count twice")
def _(s):
    def buffered(t, guess):
        counts = np.zeros((10, 10), int)
        counts[t, guess] += 1
        return counts

    return buffered


@wrong("5.9", "there are ten digits")
def _(s):
    return lambda t, guess: s.confusion(t, guess)[: t.max() + 1, : guess.max() + 1]


@wrong("5.9", "shares of each row")
def _(s):
    return lambda t, guess: s.confusion(t, guess) / np.maximum(s.confusion(t, guess).sum(1), 1)[:, None]


@wrong("5.9", "The diagonal is missing")
def _(s):
    return lambda t, guess: s.confusion(t, guess) * (1 - np.eye(10, dtype=int))


@wrong("5.9", "where integer is asked for")
def _(s):
    return lambda t, guess: s.confusion(t, guess).astype(float)


@wrong("5.10", "Torch knows its layers by number")
def _(s):
    return dict


def renamed(*numbers):
    def made(s):
        def wrong_handed_over(net):
            pairs = zip(numbers, (0, 2, 6), strict=True)
            right = s.handed_over(net)
            return {f"{new}.{kind}": right[f"{old}.{kind}"] for new, old in pairs for kind in ("weight", "bias")}

        return wrong_handed_over

    return made


wrong("5.10", "ReLU and pooling count as well")(renamed(0, 1, 2))
wrong("5.10", "Torch begins with 0")(renamed(1, 3, 7))
wrong("5.10", "6.weight, 6.bias is not there")(renamed(0, 2, 5))


@wrong("5.10", "a column for each score")
def _(s):
    return lambda net: s.handed_over(net) | {"6.weight": net["w3"]}


@wrong("5.10", "keeps the order of the entries")
def _(s):
    return lambda net: s.handed_over(net) | {"6.weight": net["w3"].reshape(10, 144)}


@wrong("5.10", "The kernels are turned")
def _(s):
    return lambda net: s.handed_over(net) | {"2.weight": net["w2"][..., ::-1, ::-1]}


@wrong("5.10", "has become float32")
def _(s):
    return lambda net: {name: w.astype(np.float32) for name, w in s.handed_over(net).items()}


def pixels(**ways):
    return lambda s: lambda net, kept, g: lab.back(net, kept, g, **ways)["x"]


wrong("5.11", "missing, both times")(pixels(first=lab.through, second=lab.through))
wrong("5.11", "missing at y1")(pixels(first=lab.through))
wrong("5.11", "missing at y2")(pixels(second=lab.through))
wrong("5.11", "and not where h is")(pixels(first=lab.guided, second=lab.guided))


@wrong("5.11", "One step is left")
def _(s):
    def too_short(net, kept, g):
        h = (g @ net["w3"].T).reshape(kept[5].shape)
        return s.to_input(s.pool_back(h, kept[4]) * (kept[3] > 0), net["w2"])

    return too_short


@wrong("5.5", "Is one number taken from all rows?")
def _(s):
    def one_maximum(z, t):
        e = np.exp(z - z.max())
        p = e / e.sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(len(z)), t])), (p - np.eye(z.shape[1])[t]) / len(z)

    return one_maximum


wrong("5.7", "from something else than `rng`")(ordered(lambda n, rng: batches(np.random.default_rng().permutation(n))))
