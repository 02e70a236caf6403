"""Blurs and their undoing, against SciPy, scikit-image, matrices and definitions."""

import re

import numpy as np
import pytest
from scipy import ndimage
from skimage import restoration

from course.data import sample_image
from course.imaging import kernels, naive, restore
from course.imaging.borders import MODES
from course.linear import LinearOperator, convolving, dot_test, matrix_test

KERNELS = [(1, 1), (1, 4), (2, 3), (3, 3), (4, 5), (5, 2), (7, 7)]
SHAPES = [(8, 11), (9, 6), (7, 12)]
LOPSIDED = np.array([[0, 1, 2], [3, 5, 2], [1, 0, 4], [0, 1, 1]]) / 20


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def blurred(x: np.ndarray, w: np.ndarray, boundary: str) -> np.ndarray:
    return ndimage.convolve(x, w, mode=boundary)


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("taps", KERNELS)
def test_a_blur_is_scipys(boundary, taps, rng):
    for shape in SHAPES:
        x, w = rng.standard_normal(shape), rng.standard_normal(taps)
        A = restore.blur_operator(w, shape, boundary)
        assert np.allclose(A(x), blurred(x, w, boundary))
        assert np.allclose(A(x), naive.blurred(x, w, boundary))
        assert (A.kernel == w).all() and A.boundary == boundary


@pytest.mark.parametrize("boundary", MODES)
def test_a_blur_has_its_adjoint(boundary, rng):
    for taps in KERNELS:
        A = restore.blur_operator(rng.standard_normal(taps), (5, 8), boundary)
        dot_test(A, rng)
        dot_test(A, rng, np.float32)
        matrix_test(A)


@pytest.mark.parametrize("taps", [(3, 7), (9, 4)])
@pytest.mark.parametrize("boundary", MODES)
def test_a_kernel_may_be_larger_than_the_picture(taps, boundary, rng):
    x, w = rng.standard_normal((2, 5)), rng.standard_normal(taps)
    A = restore.blur_operator(w, x.shape, boundary)
    assert np.allclose(A(x), blurred(x, w, boundary))
    matrix_test(A)


@pytest.mark.parametrize("shape", [*SHAPES, (1, 5), (4, 1), (2, 2)])
def test_the_transfer_function_is_that_of_the_blur(shape, rng):
    for taps in KERNELS:
        w, x = rng.standard_normal(taps), rng.standard_normal(shape)
        w_hat = restore.transfer_function(w, shape)
        y = restore.blur_operator(w, shape)(x)
        assert np.allclose(np.fft.rfft2(y), w_hat * np.fft.rfft2(x))


@pytest.mark.parametrize("boundary", MODES)
def test_the_blur_is_linear_in_the_kernel_too(boundary, rng):
    x = rng.standard_normal((7, 10))
    for taps in KERNELS:
        B = restore.blur_in_kernel(x, taps, boundary)
        w = rng.standard_normal(taps)
        assert np.allclose(B(w), blurred(x, w, boundary))
        dot_test(B, rng)
        matrix_test(B)


def test_the_inverse_undoes_what_can_be_undone(rng):
    x = rng.uniform(0, 255, (9, 14))
    w = kernels.gaussian(3, 0.6)
    y = blurred(x, w, "wrap")
    assert np.allclose(restore.inverse_filter(y, w), x)
    A = restore.blur_operator(w, x.shape)
    assert np.allclose(restore.inverse_filter(y, A), x)
    box = kernels.box(3)  # loses waves on 15 by 15
    x = rng.uniform(0, 255, (15, 15))
    A = restore.blur_operator(box, x.shape)
    least = np.linalg.pinv(A.to_matrix(), rcond=1e-9) @ A(x).ravel()
    assert np.allclose(restore.inverse_filter(A(x), A).ravel(), least)
    assert not np.allclose(least, x.ravel())


def test_the_cutoff_keeps_what_lies_above(rng):
    y, w = rng.standard_normal((8, 11)), kernels.gaussian(5, 1.0)
    w_hat = np.fft.fft2(np.roll(np.pad(w, ((0, 3), (0, 6))), (-2, -2), (0, 1)))
    kept = abs(w_hat) > 0.3
    wanted = np.where(kept, np.fft.fft2(y) / w_hat, 0)
    assert 5 < kept.sum() < 80
    assert np.allclose(restore.inverse_filter(y, w, 0.3), np.fft.ifft2(wanted).real)


@pytest.mark.parametrize("shape", SHAPES)
def test_wiener_is_its_definition(shape, rng):
    for taps in KERNELS:
        y, w = rng.standard_normal(shape), rng.standard_normal(taps)
        if taps[0] <= shape[0] and taps[1] <= shape[1]:
            assert np.allclose(restore.wiener(y, w, 0.02), naive.wiener(y, w, 0.02))


def test_wiener_with_spectra_is_the_best_of_all_linear_filters(rng):
    """No other factor at any frequency makes the expected error smaller."""
    shape, w, sigma = (6, 9), LOPSIDED, 0.4
    S_x = rng.uniform(0.1, 9, shape)
    S_x = S_x + np.roll(S_x[::-1, ::-1], 1, (0, 1))  # as of a real picture
    S_e = np.full(shape, 54 * sigma**2)
    w_hat = np.fft.fft2(restore.blur_operator(w, shape)(np.eye(1, 54).reshape(shape)))

    def expected(h):
        return (abs(1 - h * w_hat) ** 2 * S_x + abs(h) ** 2 * S_e).sum()

    impulse = np.eye(1, 54).reshape(shape)
    h = np.fft.fft2(restore.wiener(impulse, w, S_e, S_x))
    assert np.allclose(np.fft.ifft2(h).imag, 0)
    for _ in range(50):
        change = 0.1 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
        assert expected(h) < expected(h + change)
    assert np.allclose(restore.wiener(impulse, w, 54 * sigma**2, S_x), restore.wiener(impulse, w, S_e, S_x))


def test_wiener_gives_nothing_where_nothing_is_known(rng):
    y, w = rng.standard_normal((15, 15)), kernels.box(3)
    lost = abs(restore.transfer_function(w, y.shape)) < 1e-12
    assert lost.sum() == 29
    assert np.allclose(np.fft.rfft2(restore.wiener(y, w, 1e-3))[lost], 0)
    x = restore.wiener(y, [[0.0]], 0.0)
    assert (x == 0).all()
    assert (restore.wiener(y, [[1.0]], 1.0, 0.0) == 0).all()


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("gamma", [0.03, 2.0])
def test_constrained_least_squares_solves_its_equations(boundary, gamma, rng):
    y = rng.standard_normal((7, 10))
    A = restore.blur_operator(LOPSIDED, y.shape, boundary)
    P = restore.blur_operator(kernels.LAPLACE, y.shape, boundary)
    wanted = naive.least_squares(y, A, P, gamma)
    x = restore.constrained_least_squares(y, A, gamma)
    assert np.allclose(x, wanted, atol=1e-4 if boundary != "wrap" else 1e-9)
    if boundary == "wrap":
        assert np.allclose(x, restore.constrained_least_squares(y, LOPSIDED, gamma))


def test_constrained_least_squares_takes_any_operator(rng):
    A = convolving(LOPSIDED, (12, 9), "valid")
    y = rng.standard_normal(A.out_shape)
    x = restore.constrained_least_squares(y, A, 0.1, penalty=kernels.EDGE)
    P = restore.blur_operator(kernels.LAPLACE, A.in_shape, "reflect")
    assert np.allclose(x, naive.least_squares(y, A, P, 0.1), atol=1e-4)


def test_scikit_images_wiener_is_constrained_least_squares(rng):
    for shape in ((16, 21), (15, 12), (18, 18)):
        y = rng.uniform(0, 1, shape)
        for w in (kernels.gaussian(5, 1.1), LOPSIDED[:3], kernels.box(3)):
            for balance in (0.01, 1.5):
                theirs = restoration.wiener(y, w, balance, clip=False)
                ours = restore.constrained_least_squares(y, w, balance)
                assert np.allclose(ours, theirs, atol=1e-10), (shape, w.shape)
    assert not np.allclose(restore.wiener(y, w, balance), theirs, atol=1e-2)


@pytest.mark.parametrize("boundary", ["wrap", "reflect"])
@pytest.mark.parametrize("sigma", [0.5, 4.0])
def test_the_discrepancy_is_met(boundary, sigma, rng):
    x = sample_image("camera")[40:88, 100:152].astype(float)
    A = restore.blur_operator(kernels.gaussian(7, 1.5), x.shape, boundary)
    y = A(x) + sigma * rng.standard_normal(x.shape)
    z = restore.constrained_least_squares(y, A, noise=sigma)
    tolerance = 1e-6 if boundary == "wrap" else 1e-3
    assert abs(np.sqrt(np.mean((A(z) - y) ** 2)) / sigma - 1) < tolerance
    assert np.mean((z - x) ** 2) < np.mean((y - x) ** 2)


def test_a_discrepancy_that_cannot_be_met_is_refused(rng):
    y = rng.standard_normal((8, 8))
    with pytest.raises(ValueError, match=r"constrained_least_squares: noise is 5 a pixel, but gamma from .* leaves"):
        restore.constrained_least_squares(y, LOPSIDED, noise=5)
    x = np.zeros((15, 15))
    x[::3] = 1  # what box(3) cannot have made
    with pytest.raises(ValueError, match=r"noise is 0.01 a pixel, but gamma from 1e-12 to 1e12 leaves 0.47.* to 0.47"):
        restore.constrained_least_squares(x, kernels.box(3), noise=0.01)


def test_where_the_blur_and_the_penalty_vanish():
    """0 where only the blur does; the penalty decides nothing about the mean."""
    y = np.random.default_rng(0).uniform(0, 9, (15, 15))
    x = restore.constrained_least_squares(y, kernels.box(3), 0.1)
    assert np.isclose(x.mean(), y.mean())
    lost = abs(restore.transfer_function(kernels.box(3), y.shape)) < 1e-12
    assert np.allclose(np.fft.rfft2(x)[lost], 0)
    difference = np.array([[1.0, -1.0]])  # no mean comes through
    x = restore.constrained_least_squares(y, difference, 0.1)
    assert np.isfinite(x).all() and np.isclose(x.mean(), 0)


@pytest.mark.parametrize("boundary", MODES)
def test_richardson_lucy_by_its_matrix(boundary, rng):
    y = rng.uniform(0, 9, (6, 9))
    A = restore.blur_operator(LOPSIDED, y.shape, boundary)
    M, x = A.to_matrix(), np.full(y.size, y.mean())
    for _ in range(7):
        x = x * (M.T @ (y.ravel() / (M @ x))) / M.sum(0)
    z = restore.richardson_lucy(y, A, 7)
    assert np.allclose(z.ravel(), x)
    assert np.isclose((M @ z.ravel()).sum(), y.sum())  # no light is lost


def test_richardson_lucy_climbs(rng):
    """Every step makes the picture likelier, and none makes it negative."""
    y = rng.poisson(blurred(rng.uniform(0, 30, (9, 12)), LOPSIDED, "reflect")).astype(float)
    A = restore.blur_operator(LOPSIDED, y.shape, "reflect")
    x, before = np.full(y.shape, y.mean()), -np.inf
    for _ in range(20):
        x = restore.richardson_lucy(y, A, 1, x)
        likelihood = (y * np.log(A(x)) - A(x)).sum()
        assert likelihood > before and x.min() >= 0
        before = likelihood


def test_richardson_lucy_is_scikit_images_on_a_black_border(rng):
    y = np.zeros((25, 31))
    y[8:17, 9:20] = rng.uniform(0.1, 1, (9, 11))
    for w in (kernels.gaussian(5, 1.2), LOPSIDED[:3] / 0.9):
        theirs = restoration.richardson_lucy(y, w, num_iter=9, clip=False)
        A = restore.blur_operator(w, y.shape, "constant")
        ours = restore.richardson_lucy(y, A, 9, np.full(y.shape, 0.5))
        assert np.allclose(ours, theirs, atol=1e-9)
    y = rng.uniform(0.5, 1, (25, 31))  # light at the border: theirs leaves A* 1 out
    theirs = restoration.richardson_lucy(y, w, num_iter=9, clip=False)
    assert not np.allclose(restore.richardson_lucy(y, A, 9, np.full(y.shape, 0.5)), theirs, atol=0.1)


def test_black_stays_black():
    x = restore.richardson_lucy(np.zeros((4, 5)), kernels.box(3), 3)
    assert (x == 0).all()
    y = np.ones((4, 5))
    assert (restore.richardson_lucy(y, kernels.box(3), 3, np.zeros((4, 5))) == 0).all()


def test_the_blind_method_finds_stars(rng):
    x = np.zeros((40, 44))
    x[rng.integers(4, 36, 9), rng.integers(4, 40, 9)] = rng.uniform(50, 255, 9)
    w = np.pad(LOPSIDED, ((0, 1), (1, 1)))
    y = blurred(x, w, "wrap")
    z, found = restore.blind_deconvolution(y, (5, 5))
    assert found.shape == (5, 5) and np.isclose(found.sum(), 1) and found.min() >= 0
    assert np.abs(found - w).sum() < 0.02 and np.linalg.norm(z - x) < 0.02 * np.linalg.norm(x)


def test_types_and_inputs(rng):
    x = rng.integers(0, 256, (9, 13)).astype(np.uint8)
    w = kernels.gaussian(3, 0.8)
    frozen = x.copy()
    frozen.flags.writeable = False
    calls = [
        lambda y: restore.inverse_filter(y, w),
        lambda y: restore.wiener(y, w, 0.1),
        lambda y: restore.constrained_least_squares(y, w, 0.1),
        lambda y: restore.constrained_least_squares(y, restore.blur_operator(w, y.shape, "mirror"), 0.1),
        lambda y: restore.richardson_lucy(y, w, 3),
        lambda y: restore.blind_deconvolution(y, (3, 3), 2)[0],
    ]
    for call in calls:
        y = call(frozen)
        assert y.dtype == np.float64
        single = call(x.astype(np.float32))
        assert single.dtype == np.float32 and np.allclose(single, y, atol=0.2)
        assert np.allclose(call(x[::-1, ::-1][::-1, ::-1]), y)
        assert np.allclose(call(np.asfortranarray(x)), y)
    assert (frozen == x).all() and (w == kernels.gaussian(3, 0.8)).all()


LONE = LinearOperator((4, 5), (4, 5), np.array, np.array, "A")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: restore.blur_operator([1, 2], (4, 5)),
            "blur_operator: the kernel has shape (2,) and type int64; it must be rows and columns of real numbers",
        ),
        (
            lambda: restore.blur_operator([[1]], (4,)),
            "blur_operator: the shape is (4,); it must be rows and columns, at least one of each",
        ),
        (
            lambda: restore.blur_operator([[1]], (4, 5), "around"),
            "blur_operator: there is no boundary 'around'; there are reflect, mirror, nearest, wrap, constant",
        ),
        (
            lambda: restore.transfer_function([[1j]], (4, 5)),
            "transfer_function: the kernel has shape (1, 1) and type complex128; it must be rows and columns of "
            "real numbers",
        ),
        (
            lambda: restore.blur_in_kernel(np.ones((4, 5)), (3, 3), "around"),
            "blur_in_kernel: there is no boundary 'around'; there are reflect, mirror, nearest, wrap, constant",
        ),
        (
            lambda: restore.blur_in_kernel(np.ones((4, 5)), (3, 0)),
            "blur_in_kernel: size is (3, 0); it must be rows and columns, at least one of each",
        ),
        (
            lambda: restore.inverse_filter(np.ones(3), [[1]]),
            "inverse_filter: the picture has 1 axes, but it must have 2",
        ),
        (
            lambda: restore.inverse_filter(np.ones((0, 3)), [[1]]),
            "inverse_filter: the picture has shape (0, 3); it must have at least one pixel",
        ),
        (
            lambda: restore.inverse_filter(np.ones((4, 5)), [[1]], 1.5),
            "inverse_filter: cutoff is 1.5; it must be at least 0 and less than 1",
        ),
        (
            lambda: restore.wiener(np.ones((4, 5)), restore.blur_operator([[1]], (4, 5), "reflect"), 1),
            "wiener: the waves of the ring need the boundary 'wrap', but that of <blur: (4, 5) -> (4, 5)> is 'reflect'",
        ),
        (
            lambda: restore.wiener(np.ones((4, 5)), LONE, 1),
            "wiener: the waves of the ring need the boundary 'wrap', but that of <A: (4, 5) -> (4, 5)> is 'unknown'",
        ),
        (
            lambda: restore.wiener(np.ones((4, 5)), [[1]], -1),
            "wiener: noise must be finite and not negative, for power is a square",
        ),
        (
            lambda: restore.wiener(np.ones((4, 5)), [[1]], 1, np.ones((4, 3))),
            "wiener: signal has shape (4, 3); it must be a number, or a power spectrum of (4, 5)",
        ),
        (
            lambda: restore.wiener(np.full((4, 5), np.nan), [[1]], 1),
            "wiener: the picture holds nan, but every pixel must be a number",
        ),
        (
            lambda: restore.wiener(np.ones((4, 6)), restore.blur_operator([[1]], (4, 5)), 1),
            "wiener: the picture has shape (4, 6), but <blur: (4, 5) -> (4, 5)> makes (4, 5)",
        ),
        (
            lambda: restore.constrained_least_squares(np.ones((4, 5)), [[1]]),
            "constrained_least_squares: gamma is None and noise is None; one of them must be given, and not both",
        ),
        (
            lambda: restore.constrained_least_squares(np.ones((4, 5)), [[1]], -1),
            "constrained_least_squares: gamma is -1; it must be 0 or more",
        ),
        (
            lambda: restore.constrained_least_squares(np.ones((4, 5)), [[1]], noise=0),
            "constrained_least_squares: noise is 0; it must be more than 0",
        ),
        (
            lambda: restore.constrained_least_squares(np.ones((4, 6)), LONE, 1),
            "constrained_least_squares: the picture has shape (4, 6), but <A: (4, 5) -> (4, 5)> makes (4, 5)",
        ),
        (
            lambda: restore.richardson_lucy(-np.ones((4, 5)), [[1]]),
            "richardson_lucy: the picture has negative values, down to -1; light is never negative",
        ),
        (
            lambda: restore.richardson_lucy(np.ones((4, 5)), [[1]], -1),
            "richardson_lucy: iterations is -1; it must be 0 or more",
        ),
        (
            lambda: restore.richardson_lucy(np.ones((4, 5)), [[1]], 1, np.ones((4, 6))),
            "richardson_lucy: start has shape (4, 6) and values from 1; it needs (4, 5), and none below 0",
        ),
        (
            lambda: restore.blind_deconvolution(np.zeros((4, 5)), (3, 3)),
            "blind_deconvolution: the picture is black; any kernel explains it",
        ),
        (
            lambda: restore.blind_deconvolution(np.ones((4, 5)), (3,)),
            "blind_deconvolution: size is (3,); it must be rows and columns, at least one of each",
        ),
        (
            lambda: restore.blind_deconvolution(np.ones((4, 5), complex), (3, 3)),
            "blind_deconvolution: the picture is of type complex128, but it must hold real numbers",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises((ValueError, TypeError), match=f"^{re.escape(message)}$"):
        call()
