"""3×3 matrices that move points (x, y) = (column, row), and how to find one from pairs of points.

Points are columns: M maps (x, y, 1) to M·(x, y, 1), and A @ B applies B first. Rows go down, so a positive angle, which
turns counter-clockwise on the screen, turns from the x axis towards negative y.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


# --8<-- [start:kinds]
def translation(tx: float, ty: float) -> Array:
    """(x, y) -> (x + tx, y + ty).

    >>> apply(translation(3, -1), [10, 20])
    array([13., 19.])
    """
    return _matrix([[1, 0, tx], [0, 1, ty], [0, 0, 1]])


def scaling(sx: float, sy: float | None = None) -> Array:
    """(x, y) -> (sx · x, sy · y); one factor counts for both.

    >>> apply(scaling(0.5), [10, 20])
    array([ 5., 10.])
    """
    sy = sx if sy is None else sy
    return _matrix([[sx, 0, 0], [0, sy, 0], [0, 0, 1]])


def shear(sx: float = 0, sy: float = 0) -> Array:
    """(x, y) -> (x + sx · y, y + sy · x).

    >>> apply(shear(sy=0.5), [10, 20])
    array([10., 25.])
    """
    return _matrix([[1, sx, 0], [sy, 1, 0], [0, 0, 1]])


def rotation(angle: float) -> Array:
    """(x, y) -> (c · x + s · y, −s · x + c · y), in degrees.

    A positive angle turns counter-clockwise on the screen, where
    y runs down: 90 degrees take "right" to "up".

    >>> apply(rotation(90), [1, 0])
    array([ 0., -1.])
    """
    c, s = _cosine(angle), _cosine(angle - 90)
    return _matrix([[c, s, 0], [-s, c, 0], [0, 0, 1]])


# --8<-- [end:kinds]


def homography(p: float, q: float) -> Array:
    """(x, y) -> (x, y) / (1 + p · x + q · y).

    What an affine map has not: every homography that keeps the
    origin from infinity is an affine map after one of these.

    >>> apply(homography(0.5, 0), [2, 4])
    array([1., 2.])
    """
    return _matrix([[1, 0, 0], [0, 1, 0], [p, q, 1]])


# --8<-- [start:about]
def about(matrix: ArrayLike, centre: ArrayLike) -> Array:
    """T(centre) · M · T(−centre): M with the centre for origin.

    >>> apply(about(rotation(90), (5, 5)), [[5, 5], [6, 5]])
    array([[5., 5.],
           [5., 4.]])
    """
    x, y = _one("about", centre)
    there = translation(x, y)
    return there @ checked("about", matrix) @ translation(-x, -y)


def apply(matrix: ArrayLike, points: ArrayLike) -> Array:
    """(u, v, w) = M · (x, y, 1) gives the point (u/w, v/w).

    `points` is (…, 2). A point that goes to infinity, with w = 0,
    is an error.

    >>> apply(translation(1, 2) @ scaling(10), [[0, 0], [3, 4]])
    array([[ 1.,  2.],
           [31., 42.]])
    """
    M, p = checked("apply", matrix), _points("apply", points)
    u = p @ M[:, :2].T + M[:, 2]
    w = u[..., 2:]
    if not np.all(w):
        lost = p[w[..., 0] == 0][0].tolist()
        raise ValueError(
            f"apply: the point {tuple(lost)} goes to infinity: "
            "its w is 0"
        )
    return np.asarray(u[..., :2] / w)


# --8<-- [end:about]


# --8<-- [start:estimate_affine]
def estimate_affine(src: ArrayLike, dst: ArrayLike) -> Array:
    """The affine M with the least Σ |M · src − dst|².

    Three pairs or more, not all on one line.

    >>> src = [[0, 0], [1, 0], [0, 1]]
    >>> estimate_affine(src, [[5, 7], [6, 7], [5, 9]]).round(9)
    array([[1., 0., 5.],
           [0., 2., 7.],
           [0., 0., 1.]])
    """
    a, b = _pairs("estimate_affine", src, dst, 3)
    N, a = _normalised(a)
    rows = np.column_stack([a, np.ones(len(a))])
    if np.linalg.matrix_rank(rows, 1e-9 * len(a)) < 3:
        raise ValueError(
            "estimate_affine: the points of src lie on one line"
        )
    A = np.linalg.lstsq(rows, b)[0].T
    return np.vstack([A, [0, 0, 1]]) @ N


# --8<-- [end:estimate_affine]


# --8<-- [start:estimate_homography]
def estimate_homography(src: ArrayLike, dst: ArrayLike) -> Array:
    """(u, v, w) = M · src, with u − w · u' = v − w · v' = 0.

    The normalised direct linear transform: four pairs determine
    M, more are fitted by least squares in these equations, after
    both sets have been moved to mean 0 and mean distance √2. M is
    scaled to have 1 in its last entry where that is not 0.

    >>> square = [[0, 0], [1, 0], [1, 1], [0, 1]]
    >>> table = [[0, 0], [4, 0], [3, 2], [1, 2]]
    >>> M = estimate_homography(square, table)
    >>> apply(M, [0.5, 0.5]).round(4)
    array([2.    , 1.3333])
    """
    a, b = _pairs("estimate_homography", src, dst, 4)
    (N, a), (K, b) = _normalised(a), _normalised(b)
    p = np.column_stack([a, np.ones(len(a))])
    zero = np.zeros_like(p)
    rows = np.vstack(
        [
            np.hstack([p, zero, -b[:, :1] * p]),
            np.hstack([zero, p, -b[:, 1:] * p]),
        ]
    )
    _, sizes, directions = np.linalg.svd(rows)
    best = directions[8].reshape(3, 3)
    if sizes[7] < 1e-9 * sizes[0] or np.linalg.cond(best) > 1e9:
        raise ValueError(
            "estimate_homography: these pairs leave more than one "
            "answer, or none with an inverse; no three of four "
            "may lie on one line"
        )
    M = np.linalg.solve(K, best @ N)
    M = M / np.linalg.norm(M)
    return np.asarray(M / M[2, 2] if abs(M[2, 2]) > 1e-12 else M)


# --8<-- [end:estimate_homography]


# --8<-- [start:normalised]
def _normalised(points: Array) -> tuple[Array, Array]:
    """N and N · points, with mean 0 and mean distance √2."""
    centre = points.mean(0)
    away = np.hypot(*(points - centre).T).mean()
    size = math.sqrt(2) / away if away > 0 else 1.0
    N = scaling(size) @ translation(*-centre)
    return N, apply(N, points)


# --8<-- [end:normalised]


def checked(name: str, matrix: ArrayLike) -> Array:
    """A 3×3 matrix of finite numbers, in double precision."""
    M = np.asarray(matrix, float)
    if M.shape != (3, 3):
        raise ValueError(
            f"{name}: the matrix has shape {M.shape}; it must be (3, 3)"
        )
    if not np.isfinite(M).all():
        raise ValueError(
            f"{name}: the matrix has an entry that is not finite"
        )
    return M


def _matrix(rows: list[list[float]]) -> Array:
    return np.array(rows, float)


def _cosine(angle: float) -> float:
    """The cosine of an angle in degrees, exact at the multiples of 90."""
    turns, rest = divmod(float(angle), 90)
    if rest == 0:
        return (1.0, 0.0, -1.0, 0.0)[int(turns) % 4]
    return math.cos(math.radians(angle))


def _points(name: str, points: ArrayLike) -> Array:
    p = np.asarray(points, float)
    if p.ndim < 1 or p.shape[-1] != 2:
        raise ValueError(
            f"{name}: points have shape {p.shape}; the last axis must hold x and y"
        )
    return p


def _one(name: str, point: ArrayLike) -> Array:
    p = _points(name, point)
    if p.ndim != 1:
        raise ValueError(
            f"{name}: the centre has shape {p.shape}; it must be one point (x, y)"
        )
    return p


def _pairs(
    name: str, src: ArrayLike, dst: ArrayLike, least: int
) -> tuple[Array, Array]:
    a, b = _points(name, src), _points(name, dst)
    if a.ndim != 2 or a.shape != b.shape:
        raise ValueError(
            f"{name}: src has shape {a.shape} and dst {b.shape}; both must be (n, 2)"
        )
    if len(a) < least:
        raise ValueError(
            f"{name}: there are {len(a)} pairs of points; it needs {least} or more"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError(
            f"{name}: a point has a coordinate that is not finite"
        )
    return a, b
