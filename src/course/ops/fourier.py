"""The discrete Fourier transform and its inverse."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Axes = int | Sequence[int] | None
Norm = Literal["backward", "ortho", "forward"]


# --8<-- [start:dft]
def dft(
    x: ArrayLike, axes: Axes = None, norm: Norm = "backward"
) -> Array:
    """x̂[f] = Σ_j x[j] exp(−2πi f·j / n).

    Over all axes, or those given: numpy.fft.fftn, with one name
    for every rank: float32 gives complex64. The adjoint is n ·
    idft; with norm="ortho", which divides by √n, it is the
    inverse itself.

    >>> dft([1.0, 0.0, 0.0, 0.0]).real
    array([1., 1., 1., 1.])
    """
    return np.fft.fftn(x, axes=_axes(axes), norm=norm)


# --8<-- [end:dft]


# --8<-- [start:idft]
def idft(
    x: ArrayLike, axes: Axes = None, norm: Norm = "backward"
) -> Array:
    """x[j] = (1/n) Σ_f x̂[f] exp(2πi f·j / n): back from `dft`.

    >>> idft(dft([3.0, 1.0, 2.0])).real.round(12)
    array([3., 1., 2.])
    """
    return np.fft.ifftn(x, axes=_axes(axes), norm=norm)


# --8<-- [end:idft]


# --8<-- [start:dft_matrix]
def dft_matrix(n: int, norm: Norm = "backward") -> Array:
    """F[f, j] = exp(−2πi f j / n): dft(x) is F @ x.

    >>> dft_matrix(2).real
    array([[ 1.,  1.],
           [ 1., -1.]])
    """
    if n < 1:
        raise ValueError(
            f"dft_matrix: n is {n}; it must be at least 1"
        )
    f = np.arange(n)
    turns = np.outer(f, f) % n / n  # whole turns cost digits
    scale = {
        "backward": 1.0,
        "ortho": n**-0.5,
        "forward": 1.0 / n,
    }[norm]
    return np.asarray(scale * np.exp(-2j * np.pi * turns))


# --8<-- [end:dft_matrix]


def _axes(axes: Axes) -> Sequence[int] | None:
    return (axes,) if isinstance(axes, int | np.integer) else axes
