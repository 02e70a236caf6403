"""Methods of `course.imaging` by their definitions, word for word: loops over every pixel, slow on purpose.

The tests hold each equal to the fast function of its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.imaging.borders import Boundary, extended
from course.linear import LinearOperator

Array = NDArray[Any]


# --8<-- [start:transformed]
def transformed(r: Array, T: Any) -> Array:
    """s[i, j] = T(r[i, j]): every pixel is asked."""
    s = np.zeros(r.shape)
    for place in np.ndindex(r.shape):
        s[place] = T(r[place])
    return s


# --8<-- [end:transformed]


# --8<-- [start:equalized]
def equalized(r: Array, top: float) -> Array:
    """s[i, j] = R · (share of pixels up to r[i, j])."""
    s = np.zeros(r.shape)
    for place in np.ndindex(r.shape):
        s[place] = top * np.sum(r <= r[place]) / r.size
    return s


# --8<-- [end:equalized]


# --8<-- [start:similarity]
def similarity(
    a: Array, b: Array, top: float, window: int = 7
) -> float:
    """The mean, over all windows, of how alike they are."""
    c1, c2 = (0.01 * top) ** 2, (0.03 * top) ** 2
    scores = []
    for i in range(a.shape[0] - window + 1):
        for j in range(a.shape[1] - window + 1):
            here = slice(i, i + window), slice(j, j + window)
            p, q = a[here].astype(float), b[here].astype(float)
            (vp, cov), (_, vq) = np.cov(p.ravel(), q.ravel())
            mp, mq = p.mean(), q.mean()
            light = (2 * mp * mq + c1) / (mp**2 + mq**2 + c1)
            shape = (2 * cov + c2) / (vp + vq + c2)
            scores.append(light * shape)
    return float(np.mean(scores))


# --8<-- [end:similarity]


# --8<-- [start:filter2d]
def filter2d(
    image: ArrayLike,
    kernel: ArrayLike,
    boundary: Boundary = "reflect",
) -> Array:
    """y[i] = Σ_p w[p] x[i + p − k//2], as it is written.

    >>> filter2d([[0, 0, 0], [0, 1, 0]], [[1, 2, 3]])
    array([[0., 0., 0.],
           [3., 2., 1.]])
    """
    x, w = np.asarray(image), np.asarray(kernel)
    windows = neighbourhoods(x, w.shape, boundary)
    y = np.zeros(x.shape)
    for i, values in windows:
        y[i] = np.sum(w * values)
    return y


def neighbourhoods(
    x: Array, size: Sequence[int], boundary: Boundary
) -> Iterator[tuple[tuple[int, int], Array]]:
    """Every pixel's place, and the values in its window."""
    reach = [(k // 2, k - 1 - k // 2) for k in size]
    wide = extended("naive", x, reach, boundary)
    k, m = size
    for i, j in np.ndindex(*x.shape):
        yield (i, j), wide[i : i + k, j : j + m]


# --8<-- [end:filter2d]


# --8<-- [start:median]
def median(
    image: ArrayLike,
    size: Sequence[int],
    boundary: Boundary = "reflect",
) -> Array:
    """y[i] = the middle one of the sorted window x[i + p].

    >>> median([[1, 0, 9, 9, 8]], (1, 3))
    array([[1, 1, 9, 9, 8]])
    """
    x = np.asarray(image)
    y = x.copy()
    for i, values in neighbourhoods(x, size, boundary):
        y[i] = np.sort(values, axis=None)[values.size // 2]
    return y


# --8<-- [end:median]


# --8<-- [start:adaptive_median]
def adaptive_median(
    image: ArrayLike,
    max_size: int,
    boundary: Boundary = "reflect",
) -> Array:
    """The two stages as they were published, pixel by pixel.

    >>> adaptive_median([[5, 6, 0, 7], [6, 0, 9, 8], [4, 7, 6, 7]], 5)
    array([[5, 6, 6, 7],
           [6, 6, 7, 8],
           [4, 7, 6, 7]])
    """
    x = np.asarray(image)
    y = x.copy()
    for i, widest in neighbourhoods(
        x, (max_size, max_size), boundary
    ):
        for margin in range(max_size // 2 - 1, -1, -1):  # stage A
            inside = slice(margin, max_size - margin)
            values = np.sort(widest[inside, inside], axis=None)
            least, most = values[0], values[-1]
            middle = values[values.size // 2]
            if least < middle < most:
                break
        stays = least < middle < most and least < x[i] < most
        y[i] = x[i] if stays else middle  # stage B
    return y


# --8<-- [end:adaptive_median]


# --8<-- [start:warped]
def four_around(
    back: Array, i: int, j: int, shape: tuple[int, ...]
) -> Iterator[tuple[tuple[int, int], float]]:
    """The pixels around the source of (i, j), with weights."""
    u, v, w = back @ (j, i, 1)
    column, row = u / w, v / w
    for a in (np.floor(row), np.floor(row) + 1):
        for b in (np.floor(column), np.floor(column) + 1):
            if 0 <= a < shape[0] and 0 <= b < shape[1]:
                weight = (1 - abs(row - a)) * (
                    1 - abs(column - b)
                )
                yield (int(a), int(b)), float(weight)


def warped(
    x: Array, back: Array, shape: tuple[int, int]
) -> Array:
    """y[i, j] = Σ weight · x[place]; outside the picture is 0."""
    y = np.zeros(shape)
    for i, j in np.ndindex(shape):
        for place, weight in four_around(back, i, j, x.shape):
            y[i, j] += weight * x[place]
    return y


def splatted(
    g: Array, back: Array, shape: tuple[int, int]
) -> Array:
    """x[place] = Σ weight · g[i, j]: the same weights, back."""
    x = np.zeros(shape)
    for i, j in np.ndindex(g.shape):
        for place, weight in four_around(back, i, j, shape):
            x[place] += weight * g[i, j]
    return x


# --8<-- [end:warped]


# --8<-- [start:blurred]
def blurred(x: Array, w: Array, boundary: Boundary) -> Array:
    """y[i, j] = Σ w[p, q] x[i − p, j − q]; 0 is the middle tap."""
    (n, k), y = w.shape, np.zeros(x.shape)
    wide = extended("blurred", x, [(n, n), (k, k)], boundary)
    for i, j in np.ndindex(x.shape):
        for p, q in np.ndindex(w.shape):
            row, column = i - p + n // 2, j - q + k // 2
            y[i, j] += w[p, q] * wide[n + row, k + column]
    return y


# --8<-- [end:blurred]


# --8<-- [start:wiener]
def wiener(y: Array, kernel: Array, ratio: float) -> Array:
    """Each wave by itself: conj(ŵ) ŷ / (|ŵ|² + ratio)."""
    (n, k), w = kernel.shape, np.zeros(y.shape)
    w[:n, :k] = kernel
    w = np.roll(w, (-(n // 2), -(k // 2)), (0, 1))
    w_hat, waves = np.fft.fft2(w), np.fft.fft2(y)
    for f in np.ndindex(y.shape):
        size = abs(w_hat[f]) ** 2
        waves[f] *= w_hat[f].conjugate() / (size + ratio)
    return np.fft.ifft2(waves).real


# --8<-- [end:wiener]


# --8<-- [start:least_squares]
def least_squares(
    y: Array, A: LinearOperator, P: LinearOperator, gamma: float
) -> Array:
    """Solve (AᵀA + γ PᵀP) x = Aᵀ y with matrices."""
    a, p = A.to_matrix(), P.to_matrix()
    normal = a.T @ a + gamma * p.T @ p
    x = np.linalg.solve(normal, a.T @ y.ravel())
    return np.reshape(x, A.in_shape)


# --8<-- [end:least_squares]


# --8<-- [start:notch_weight]
def notch_weight(
    y: Array, eta: Array, size: int, boundary: Boundary
) -> Array:
    """Covariance over variance, window by window."""
    w, ends = (
        np.zeros(y.shape),
        [(size // 2, size - 1 - size // 2)],
    )
    seen = extended("notch_weight", y, ends * 2, boundary)
    pattern = extended("notch_weight", eta, ends * 2, boundary)
    for i, j in np.ndindex(y.shape):
        here = np.s_[i : i + size, j : j + size]
        a, b = seen[here], pattern[here]
        variance = np.mean(b * b) - b.mean() ** 2
        common = np.mean(a * b) - a.mean() * b.mean()
        if variance > 1e-10 * np.mean(b * b):
            w[i, j] = common / variance
    return w


# --8<-- [end:notch_weight]


# --8<-- [start:otsu_exhaustive]
def otsu_exhaustive(image: Array, thresholds: int) -> Array:
    """Every choice of n levels is tried; the first best wins."""
    x = image.ravel().astype(float)
    levels = np.unique(image)[:-1]
    best, least = levels[:0], np.inf
    for choice in combinations(levels, thresholds):
        number = np.searchsorted(choice, image.ravel())
        within = sum(
            np.sum((x[number == k] - x[number == k].mean()) ** 2)
            for k in range(thresholds + 1)
        )
        if within < least * (1 - 1e-12):
            best, least = np.array(choice), within
    return best


# --8<-- [end:otsu_exhaustive]


# --8<-- [start:flooded]
def neighbours(
    i: int, j: int, shape: tuple[int, ...]
) -> list[tuple[int, int]]:
    """The pixels above, left, right and below, in this order."""
    around = [(i - 1, j), (i, j - 1), (i, j + 1), (i + 1, j)]
    return [
        (a, b)
        for a, b in around
        if 0 <= a < shape[0] and 0 <= b < shape[1]
    ]


def flooded(
    image: Array, seed: tuple[int, int], tolerance: float
) -> NDArray[np.bool_]:
    """Visit the seed's neighbours, and theirs, while alike."""
    inside = np.zeros(image.shape, bool)
    inside[seed] = True
    to_visit = [seed]
    while to_visit:
        for place in neighbours(*to_visit.pop(), image.shape):
            gap = abs(float(image[place]) - float(image[seed]))
            if gap <= tolerance and not inside[place]:
                inside[place] = True
                to_visit.append(place)
    return inside


# --8<-- [end:flooded]


# --8<-- [start:grown]
def grown(
    image: Array,
    seeds: Sequence[tuple[int, int]],
    threshold: float,
) -> Array:
    """Sweep by sweep: the similar join at once, means follow."""
    label = np.zeros(image.shape, int)
    for k, seed in enumerate(seeds, 1):
        label[seed] = k
    while True:
        mean = [
            image[label == k + 1].mean()
            for k in range(len(seeds))
        ]
        joins = {}
        for i, j in np.ndindex(*image.shape):
            gaps = [
                (abs(mean[label[n] - 1] - image[i, j]), label[n])
                for n in neighbours(i, j, image.shape)
                if label[n]
            ]
            gap, k = min(gaps, default=(threshold, 0))
            if not label[i, j] and gap < threshold:
                joins[i, j] = k
        if not joins:
            return label
        for place, k in joins.items():
            label[place] = k


# --8<-- [end:grown]


# --8<-- [start:labelled]
def labelled(mask: Array) -> tuple[Array, int]:
    """Flood from each foreground pixel that has no number yet."""
    labels, count = np.zeros(mask.shape, int), 0
    for place in np.ndindex(mask.shape):
        if mask[place] and not labels[place]:
            count += 1
            labels[flooded(mask != 0, place, 0)] = count
    return labels, count


# --8<-- [end:labelled]


# --8<-- [start:eroded]
def under(
    x: Array, footprint: Array, i: int, j: int, sign: int
) -> list[Any]:
    """The pixels at (i, j) ± (p, q) that are in the picture."""
    k, m = footprint.shape
    found = []
    for p, q in np.argwhere(footprint) - (k // 2, m // 2):
        a, b = i + sign * p, j + sign * q
        if 0 <= a < x.shape[0] and 0 <= b < x.shape[1]:
            found.append(x[a, b])
    return found


def eroded(x: Array, footprint: Array) -> Array:
    """y[i, j] = min over (p, q) in S of x[i + p, j + q]."""
    y = x.copy()
    for i, j in np.ndindex(x.shape):
        y[i, j] = min(under(x, footprint, i, j, 1))
    return y


def dilated(x: Array, footprint: Array) -> Array:
    """y[i, j] = max over (p, q) in S of x[i - p, j - q]."""
    y = x.copy()
    for i, j in np.ndindex(x.shape):
        y[i, j] = max(under(x, footprint, i, j, -1))
    return y


# --8<-- [end:eroded]
