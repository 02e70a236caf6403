"""The algebra of operators, its errors, and whether the tests of adjoints can tell right from wrong."""

import numpy as np
import pytest

from course.linear import LinearOperator, convolution, dot_test, fourier, identity, matrix_test, padding, subsampling

rng = np.random.default_rng(0)


def matrix(m, name="M"):
    return LinearOperator((m.shape[1],), (m.shape[0],), lambda x: m @ x, lambda g: m.conj().T @ g, name)


a, b, c = (rng.standard_normal(s) + 1j * rng.standard_normal(s) for s in ((3, 4), (4, 5), (4, 5)))
A, B, C = matrix(a, "A"), matrix(b, "B"), matrix(c, "C")


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (A @ B, a @ b),
        (B + C, b + c),
        (B - C, b - c),
        ((2 - 3j) * A, (2 - 3j) * a),
        (A * np.float64(2), 2 * a),
        (np.complex128(1j) * A, 1j * a),
        (A / 4, a / 4),
        (-A, -a),
        (A.H, a.conj().T),
        (A @ (B - 2 * C), a @ (b - 2 * c)),
        ((A @ B).H, (a @ b).conj().T),
        (identity(3) @ A, a),
    ],
    ids=repr,
)
def test_the_algebra_is_that_of_matrices(operator, expected):
    assert np.allclose(operator.to_matrix(complex), expected)
    assert np.allclose(operator.H.to_matrix(complex), expected.conj().T)
    assert dot_test(operator, dtype=complex) <= 1e-15
    x = rng.standard_normal(operator.in_shape)
    assert np.allclose(operator @ x, expected @ x)
    assert np.allclose(operator(x.tolist()), expected @ x)


def test_the_adjoint_of_the_adjoint():
    assert A.H.H.forward is A.forward
    assert A.H.H.name == "A"
    assert (A @ B).H.H.name == "A @ B"


def test_repr_shows_name_and_shapes():
    assert repr(convolution(np.ones((6, 1, 5, 5)), (1, 28, 28))) == "<convolution: (1, 28, 28) -> (6, 24, 24)>"
    assert repr(A @ B) == "<A @ B: (5,) -> (3,)>"
    assert repr(A @ (B + C)) == "<A @ (B + C): (5,) -> (3,)>"
    assert repr(2 * (B - (B + C))) == "<2 * (B - (B + C)): (5,) -> (4,)>"
    assert repr((A @ B).H) == "<(A @ B).H: (3,) -> (5,)>"


def test_errors_name_both_operators_with_their_shapes():
    with pytest.raises(ValueError, match=r"cannot compose <B: \(5,\) -> \(4,\)> @ <A: \(4,\) -> \(3,\)>"):
        B @ A
    with pytest.raises(ValueError, match=r"cannot add <A: \(4,\) -> \(3,\)> \+ <B: \(5,\) -> \(4,\)>"):
        A + B
    with pytest.raises(ValueError, match=r"cannot subtract <A: \(4,\) -> \(3,\)> - <B: \(5,\) -> \(4,\)>"):
        A - B
    with pytest.raises(ValueError, match=r"<A: \(4,\) -> \(3,\)> cannot take an array of shape \(3,\)"):
        A(np.ones(3))
    with pytest.raises(TypeError):
        A + 1
    with pytest.raises(TypeError):
        A * "2"
    with pytest.raises(TypeError):
        np.ones(3) @ A
    with pytest.raises(TypeError):
        np.ones(3) * A


def test_multiples_keep_single_precision():
    S = 2 * padding(1, 3) - identity(5) @ padding(1, 3) * 0.5
    x = np.ones(3, np.float32)
    assert S(x).dtype == S.H(S(x)).dtype == np.float32


def test_shapes_of_more_axes_and_none():
    F = fourier((3, 4), axes=0)
    assert F.to_matrix(complex).shape == (12, 12)
    empty = identity((0, 2))
    assert empty.to_matrix().shape == (0, 0)
    assert dot_test(empty) == matrix_test(empty) == 0
    one = identity(())
    assert one.to_matrix().tolist() == [[1.0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_the_dot_test_passes_what_is_exact(dtype):
    worst = 0.0
    for _ in range(75):
        m = rng.standard_normal((rng.integers(1, 40), rng.integers(1, 40))).astype(dtype)
        worst = max(worst, dot_test(matrix(m), rng, dtype))
    assert 0 < worst <= np.finfo(dtype).eps  # ten times what ever happens is allowed


@pytest.mark.parametrize("dtype", [np.float64, complex])
def test_the_dot_test_sees_one_pixel_that_is_a_hundredth_off(dtype):
    def off(g):
        g = g.copy()
        g.flat[17] *= 1.01
        return g

    wrong = LinearOperator((64, 64), (64, 64), np.array, off, "off")
    with pytest.raises(AssertionError, match=r"<off: \(64, 64\) -> \(64, 64\)>"):
        dot_test(wrong, rng, dtype)
    small = LinearOperator((5, 6), (5, 6), np.array, off, "off")
    with pytest.raises(AssertionError, match=r"<off: .*>: entry \(17, 17\) of the matrix of its adjoint is \(?1.01"):
        matrix_test(small, dtype)


@pytest.mark.parametrize(
    "wrong",
    [
        LinearOperator((3,), (3,), lambda x: 1j * x, lambda g: 1j * g, "forgets to conjugate"),
        LinearOperator((3,), (3,), np.cumsum, np.cumsum, "not reversed"),
        LinearOperator((3,), (3,), lambda x: x, lambda g: g * np.nan, "not a number"),
        LinearOperator((3,), (3,), lambda x: 0 * x, lambda g: g, "zero one way"),
        LinearOperator((3,), (2,), lambda x: x, lambda g: g, "wrong shapes"),
    ],
    ids=lambda o: o.name,
)
def test_the_dot_test_fails_what_is_wrong(wrong):
    with pytest.raises(AssertionError, match=f"<{wrong.name}"):
        dot_test(wrong, dtype=complex)


def test_same_with_a_flipped_kernel_is_not_the_adjoint_for_even_sizes():
    from course.ops import convolve

    w = rng.standard_normal((4, 4))
    pair = LinearOperator(
        (9, 9), (9, 9), lambda x: convolve(x, w, "same"), lambda g: convolve(g, w[::-1, ::-1], "same"), "same"
    )
    with pytest.raises(AssertionError):
        dot_test(pair)


def test_dot_test_takes_the_generator_and_gives_the_gap():
    S = subsampling(3, (10, 11))
    assert dot_test(S, np.random.default_rng(5)) == dot_test(S, np.random.default_rng(5))
    assert isinstance(dot_test(S), float)
