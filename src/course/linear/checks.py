"""Is it the adjoint? Two tests: one number for any shape, every entry for small ones."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from course.linear.operator import LinearOperator

Array = NDArray[Any]


# --8<-- [start:dot_test]
def dot_test(
    A: LinearOperator,
    rng: np.random.Generator | None = None,
    dtype: DTypeLike = float,
) -> float:
    """|⟨A u, v⟩ − ⟨u, A* v⟩| / (‖A u‖ ‖v‖ + ‖u‖ ‖A* v‖), u, v random.

    Rounding alone leaves it below one eps of the dtype; past 10 eps,
    an AssertionError says so. Real and complex, in any precision.

    >>> from course.linear import subsampling
    >>> dot_test(subsampling(2, (5,))) < 1e-15
    True
    >>> wrong = LinearOperator((2,), (2,), np.cumsum, np.cumsum, "B")
    >>> dot_test(wrong)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: <B: (2,) -> (2,)>: ... it is not the adjoint
    """
    rng = np.random.default_rng(0) if rng is None else rng
    u = _random(A.in_shape, rng, dtype)
    v = _random(A.out_shape, rng, dtype)
    Au, Av = A.forward(u), A.adjoint(v)
    _check_shapes(A, Au, Av)
    difference = abs(_inner(Au, v) - _inner(u, Av))
    scale = _norm(Au) * _norm(v) + _norm(u) * _norm(Av)
    gap = float(difference / scale) if scale else 0.0
    allowed = 10 * float(np.finfo(dtype).eps)
    if not gap <= allowed:
        raise AssertionError(
            f"{A}: <Au, v> and <u, A*v> differ by {gap:.1e} of their "
            f"size, past {allowed:.1e}: it is not the adjoint"
        )
    return gap


# --8<-- [end:dot_test]


# --8<-- [start:matrix_test]
def matrix_test(
    A: LinearOperator,
    dtype: DTypeLike = float,
) -> float:
    """The largest |M* − N| / max |M|, M and N the matrices of A, A*.

    Every entry is compared, so it is for small shapes. Past 10 eps of
    the dtype, an AssertionError names the first entry that differs.

    >>> from course.linear import convolution
    >>> A = convolution(np.ones((2, 3, 2, 2)), (3, 4, 5), stride=2)
    >>> matrix_test(A)
    0.0
    """
    M, N = A.to_matrix(dtype), A.H.to_matrix(dtype)
    if not M.size:
        return 0.0
    difference = np.abs(M.conj().T - N)
    scale = max(np.abs(M).max(), np.abs(N).max())
    gap = float(difference.max() / scale) if scale else 0.0
    allowed = 10 * float(np.finfo(dtype).eps)
    if not gap <= allowed:
        wrong = ~(difference <= allowed * scale)
        i, j = np.argwhere(wrong)[0].tolist()
        raise AssertionError(
            f"{A}: entry ({i}, {j}) of the matrix of its adjoint is "
            f"{N[i, j]}, but that of its matrix's adjoint is "
            f"{M[j, i].conj()}"
        )
    return gap


# --8<-- [end:matrix_test]


def _random(
    shape: tuple[int, ...], rng: np.random.Generator, dtype: DTypeLike
) -> Array:
    real = rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        return np.asarray(real + 1j * rng.standard_normal(shape), dtype)
    return np.asarray(real, dtype)


def _check_shapes(A: LinearOperator, Au: Array, Av: Array) -> None:
    if Au.shape != A.out_shape or Av.shape != A.in_shape:
        raise AssertionError(
            f"{A} returns the shape {Au.shape}, and its adjoint {Av.shape}"
        )


def _inner(a: Array, b: Array) -> complex:
    """⟨a, b⟩ = Σ a b̄, in double precision: the test is of the operator, not of its own sums."""
    return complex(
        np.vdot(b.astype(np.complex128), a.astype(np.complex128))
    )


def _norm(a: Array) -> float:
    return float(np.linalg.norm(a.astype(np.complex128)))
