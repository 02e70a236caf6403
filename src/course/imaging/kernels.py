"""The gallery of kernels: what each does to a picture follows from its sum, its symmetry and its rank.

They are written as they are laid on the picture, that is for correlation (`filters.filter2d`, which does
not flip). Convolution turns them by 180 degrees: the symmetric ones stay what they are, the Sobel kernels
change sign. All are float64 and read-only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BLUR",
    "EDGE",
    "EDGE_ENHANCE",
    "EMBOSS",
    "LAPLACE",
    "SHARPEN",
    "SOBEL_X",
    "SOBEL_Y",
    "box",
    "gaussian",
]

Kernel = NDArray[np.float64]


def fixed(rows: list[list[float]]) -> Kernel:
    """Make a kernel that nobody can change by accident."""
    kernel = np.array(rows, dtype=np.float64)
    kernel.flags.writeable = False
    return kernel


# The mean of nine neighbours. Sum 1 keeps the brightness (ones alone make it 9 times brighter); rank 1.
BLUR = fixed(
    [
        [1 / 9, 1 / 9, 1 / 9],
        [1 / 9, 1 / 9, 1 / 9],
        [1 / 9, 1 / 9, 1 / 9],
    ]
)

# The picture plus what sets it off from its neighbours: identity + LAPLACE. Sum 1, rank 2.
SHARPEN = fixed([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])

# The discrete Laplacian, neighbours minus the centre. Sum 0: flat regions turn to 0; rank 2.
EDGE = fixed([[0, 1, 0], [1, -4, 1], [0, 1, 0]])

# A pixel minus its left neighbour, the first difference. Sum 0, so it keeps edges only; rank 1.
EDGE_ENHANCE = fixed([[0, 0, 0], [-1, 1, 0], [0, 0, 0]])

# Light from the upper left: flanks that rise towards the lower right turn bright. Sum 1, rank 3.
EMBOSS = fixed([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])

# Left minus right, smoothed down the columns: [1, 2, 1] times [1, 0, -1], rank 1. Sum 0, antisymmetric:
# negative where the picture gets brighter to the right under correlation, positive there under
# convolution.
SOBEL_X = fixed([[1, 0, -1], [2, 0, -2], [1, 0, -1]])

# Above minus below: the transpose of SOBEL_X, with the same signs downwards.
SOBEL_Y = fixed([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])

# The centre minus its neighbours, -EDGE: the roughness that constrained least squares keeps small. Sum 0,
# rank 2.
LAPLACE = fixed([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])


def box(n: int) -> Kernel:
    r"""Average over n×n pixels: $w_{ij} = 1 / n^2$. Sum 1, rank 1; `box(3)` is `BLUR`.

    >>> from course.imaging import kernels
    >>> kernels.box(2)
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    if n < 1:
        raise ValueError(
            f"box: n is {n}, but a kernel has at least 1 row and column"
        )
    return np.full((n, n), 1 / (n * n))


def gaussian(n: int, sigma: float) -> Kernel:
    r"""Weigh n×n pixels by a bell: $w_{ij} \propto \exp(-(i^2 + j^2) / 2\sigma^2)$. Sum 1, rank 1.

    Here i and j count from the centre, which lies at (n - 1) / 2, between pixels where n is even. Choose n
    about 6 sigma, or the bell is cut off.

    >>> from course.imaging import kernels
    >>> print(kernels.gaussian(3, 0.85).round(2))
    [[0.06 0.12 0.06]
     [0.12 0.25 0.12]
     [0.06 0.12 0.06]]
    """
    if n < 1:
        raise ValueError(
            f"gaussian: n is {n}, but a kernel has at least 1 row and column"
        )
    if not sigma > 0:
        raise ValueError(
            f"gaussian: sigma is {sigma}, but the width of a bell is more than 0"
        )
    along = np.arange(n) - (n - 1) / 2
    distance = along**2 - np.min(
        along**2
    )  # from the middle pixels, which then never vanish
    bell = np.exp(-distance / (2 * sigma**2))
    bell /= bell.sum()
    kernel: Kernel = np.outer(bell, bell)
    return kernel
