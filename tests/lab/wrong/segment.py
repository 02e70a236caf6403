"""Typical wrong answers to Lab 3."""

import numpy as np

from course.imaging import segment
from tests.lab.wrongs import wrong


def parted(x, t, low=np.less_equal):
    below = low(x, t)
    return x[below].astype(float), x[~below].astype(float)


@wrong("3.1", "not squared")
def _(s):
    return lambda x, t: np.sqrt(s.between(x, t) * np.mean(x <= t) * np.mean(x > t))


@wrong("3.1", "shares are missing")
def _(s):
    def distance(x, t):
        low, high = parted(x, t)
        return (high.mean() - low.mean()) ** 2

    return distance


@wrong("3.1", "variance within")
def _(s):
    return lambda x, t: x.var() - s.between(x, t)


@wrong("3.1", "on the threshold")
def _(s):
    return lambda x, t: s.between(x, t - 1)


@wrong("3.1", "the mean of nothing")
def _(s):
    def without_asking(x, t):
        low, high = parted(x, t)
        return low.size * high.size / x.size**2 * (high.mean() - low.mean()) ** 2

    return without_asking


@wrong("3.2", "what the best threshold is worth")
def _(s):
    return lambda x: max(s.between(x, t) for t in range(256))


@wrong("3.2", "one too high")
def _(s):
    return lambda x: s.threshold(x) + 1


@wrong("3.2", "the mean of all pixels")
def _(s):
    return lambda x: int(x.mean())


@wrong("3.2", "half way")
def _(s):
    return lambda x: (int(x.min()) + int(x.max())) // 2


@wrong("3.2", "the worst of all")
def _(s):
    return lambda x: int(min(np.unique(x)[:-1], key=lambda t: s.between(x, t)))


@wrong("3.3", "Both thresholds are one too high")
def _(s):
    return lambda x: tuple(t + 1 for t in s.two_thresholds(x))


@wrong("3.3", "The smaller threshold comes first")
def _(s):
    return lambda x: s.two_thresholds(x)[::-1]


@wrong("3.3", "Otsu's single threshold")
def _(s):
    def again(x):
        t = s.threshold(x)
        return t, s.threshold(x[x > t])

    return again


@wrong("3.3", "One of the two thresholds is one too high")
def _(s):
    return lambda x: (s.two_thresholds(x)[0], s.two_thresholds(x)[1] + 1)


@wrong("3.3", "worth more than")
def _(s):
    return lambda x: tuple(np.quantile(x, [1 / 3, 2 / 3], method="lower"))


@wrong("3.4", "no path of neighbours")
def _(s):
    return lambda x, seed, t: np.abs(x - float(x[seed])) < t


@wrong("3.4", "after one sweep")
def _(s):
    def once(x, seed, t):
        region = np.zeros(x.shape, bool)
        region[seed] = True
        return region | (s.beside(region) & (np.abs(x - x[region].mean()) < t))

    return once


@wrong("3.4", "compared with the seed")
def _(s):
    def from_the_seed(x, seed, t):
        return s.label(np.abs(x - float(x[seed])) < t)[0] == s.label(np.abs(x - float(x[seed])) < t)[0][seed]

    return from_the_seed


@wrong("3.4", "around the border")
def _(s):
    def on_a_ring(x, seed, t):
        region = np.zeros(x.shape, bool)
        region[seed] = True
        while True:
            near = np.logical_or.reduce([np.roll(region, step, axis) for step in (1, -1) for axis in (0, 1)])
            joins = near & ~region & (np.abs(x - x[region].mean()) < t)
            if not joins.any():
                return region
            region |= joins

    return on_a_ring


@wrong("3.4", "does not join: less than t")
def _(s):
    return lambda x, seed, t: s.grow(x, seed, np.nextafter(t, 1000))


@wrong("3.5", "the rim is missing")
def _(s):
    return lambda mask: s.windows(mask).all((2, 3))


@wrong("3.5", "the specks have grown")
def _(s):
    return lambda mask: s.windows(mask).any((2, 3))


@wrong("3.5", "closes holes")
def _(s):
    return lambda mask: s.windows(s.windows(mask).any((2, 3))).all((2, 3))


@wrong("3.5", "the majority")
def _(s):
    return lambda mask: s.windows(mask).sum((2, 3)) >= 5


@wrong("3.6", "object of its own")
def _(s):
    def every_pixel(mask):
        labels = np.zeros(mask.shape, int)
        labels[mask] = np.arange(1, mask.sum() + 1)
        return labels, int(mask.sum())

    return every_pixel


@wrong("3.6", "at a corner")
def _(s):
    return lambda mask: segment.label(mask, 2)


@wrong("3.6", "The background has been counted")
def _(s):
    return lambda mask: (s.label(mask)[0], len(np.unique(s.label(mask)[0])))


@wrong("3.6", "begin at 0")
def _(s):
    def from_zero(mask):
        labels, count = s.label(mask)
        return np.maximum(labels - 1, 0), count - 1

    return from_zero


@wrong("3.6", "without a gap")
def _(s):
    return lambda mask: (2 * s.label(mask)[0], s.label(mask)[1])


@wrong("3.7", "one area too many")
def _(s):
    return lambda labels: (np.bincount(labels.ravel()), s.measure(labels)[1])


@wrong("3.7", "swapped")
def _(s):
    return lambda labels: (s.measure(labels)[0], s.measure(labels)[1][:, ::-1])


@wrong("3.7", "not divided")
def _(s):
    return lambda labels: (s.measure(labels)[0], s.measure(labels)[1] * s.measure(labels)[0][:, None])


@wrong("3.7", "middle of the box")
def _(s):
    def middles(labels):
        places = [np.argwhere(labels == k) for k in range(1, labels.max() + 1)]
        return s.measure(labels)[0], np.array([(p.min(0) + p.max(0)) / 2 for p in places])

    return middles


@wrong("3.8", "Dice")
def _(s):
    return lambda a, b: 2 * np.sum(a & b) / (np.sum(a) + np.sum(b))


@wrong("3.8", "on which the two agree")
def _(s):
    return lambda a, b: np.mean(a == b)


@wrong("3.8", "by the first mask alone")
def _(s):
    return lambda a, b: np.sum(a & b) / np.sum(a)


@wrong("3.8", "two empty masks")
def _(s):
    return lambda a, b: np.sum(a & b) / np.sum(a | b)


@wrong("3.9", "Specks")
def _(s):
    return lambda x: s.label(x > s.threshold(x))[1]


@wrong("3.9", "dark tray")
def _(s):
    return lambda x: s.label(x <= s.threshold(x))[1]


@wrong("3.9", "one too many")
def _(s):
    return lambda x: s.count(x) + 1


@wrong("3.9", "returns a pair")
def _(s):
    return lambda x: s.label(s.opening(x > s.threshold(x)))


@wrong("3.9", "trays the number is right")
def _(s):
    return lambda x: s.label(s.opening(x > 60))[1]


@wrong("3.2", "On a picture of the levels 0 and 1 alone")
def _(s):
    return lambda x: max(range(1, 255), key=lambda t: s.between(x, t)) if x.max() == 1 else s.threshold(x)


@wrong("3.3", "On a picture of the levels 0, 1, 128 alone")
def _(s):
    def not_from_zero(x):
        low, high = s.two_thresholds(x)
        return (low, high) if low else (high, 200)

    return not_from_zero


@wrong("3.4", "that no neighbour joins")
def _(s):
    def at_least_once(x, seed, t):
        region = s.grow(x, seed, t)
        return region if region.sum() > 1 else region | s.beside(region)

    return at_least_once


@wrong("3.4", "On bytes it goes wrong")
def _(s):
    def of_bytes(x, seed, t):
        region = np.zeros(x.shape, bool)
        region[seed] = True
        while True:
            mean = x[region].mean().astype(x.dtype)
            joins = s.beside(region) & ~region & (np.abs(x - mean) < t)
            if not joins.any():
                return region
            region |= joins

    return of_bytes


@wrong("3.6", "True everywhere")
def _(s):
    def all_but_one(mask):
        labels, _ = s.label(mask)
        return labels, len(np.unique(labels)) - 1

    return all_but_one


@wrong("3.6", "do not fit into a byte")
def _(s):
    def in_bytes(mask):
        labels, count = s.label(mask)
        return labels.astype(np.uint8), count

    return in_bytes


@wrong("3.7", "Without any object: ")
def _(s):
    def measure(labels):
        places = [np.argwhere(labels == k) for k in range(1, labels.max() + 1)]
        return s.measure(labels)[0], np.stack([place.mean(0) for place in places])

    return measure


@wrong("3.8", "Where one mask alone is empty")
def _(s):
    return lambda a, b: s.overlap(a, b) if a.any() and b.any() else 1.0


@wrong("3.4", "Pixels join one after the other")
def _(s):
    def one_after_the_other(x, seed, t):
        region = np.zeros(x.shape, bool)
        region[seed] = True
        while True:
            before = region.copy()
            for place in zip(*np.nonzero(s.beside(region) & ~region), strict=True):
                region[place] = abs(x[place] - x[region].mean()) < t
            if np.array_equal(region, before):
                return region

    return one_after_the_other


@wrong("3.7", "taken for the background")
def _(s):
    def without_the_first(labels):
        places = [np.argwhere(labels == k) for k in np.unique(labels)[1:]]
        return np.array([len(p) for p in places]), np.array([p.mean(0) for p in places]).reshape(-1, 2)

    return without_the_first


@wrong("3.8", "something small added")
def _(s):
    return lambda a, b: (np.sum(a & b) + 1e-6) / (np.sum(a | b) + 1e-6)
