"""The gallery of kernels: sums, symmetries and ranks as the chapter states them."""

import numpy as np
import pytest
from scipy import ndimage, signal

from course.imaging import kernels

GALLERY = {  # name: rows, sum, rank, what a turn by 180 degrees does to it
    "BLUR": ([[1 / 9] * 3] * 3, 1, 1, "same"),
    "SHARPEN": ([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1, 2, "same"),
    "EDGE": ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 0, 2, "same"),
    "EDGE_ENHANCE": ([[0, 0, 0], [-1, 1, 0], [0, 0, 0]], 0, 1, "other"),
    "EMBOSS": ([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], 1, 3, "other"),
    "SOBEL_X": ([[1, 0, -1], [2, 0, -2], [1, 0, -1]], 0, 1, "negative"),
    "SOBEL_Y": ([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], 0, 1, "negative"),
    "LAPLACE": ([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], 0, 2, "same"),
}


@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery(name):
    rows, total, rank, turned = GALLERY[name]
    kernel = getattr(kernels, name)
    assert kernel.dtype == np.float64 and kernel.tolist() == rows
    assert kernel.sum() == pytest.approx(total, abs=1e-15)
    assert np.linalg.matrix_rank(kernel) == rank
    flipped = kernel[::-1, ::-1]
    assert np.array_equal(flipped, kernel) == (turned == "same")
    assert np.array_equal(flipped, -kernel) == (turned == "negative")


def test_kernels_cannot_be_changed_by_accident():
    with pytest.raises(ValueError, match="read-only"):
        kernels.BLUR[0, 0] = 2


def test_how_the_gallery_hangs_together():
    identity = np.zeros((3, 3))
    identity[1, 1] = 1
    assert np.array_equal(kernels.SHARPEN, identity + kernels.LAPLACE)
    assert np.array_equal(kernels.LAPLACE, -kernels.EDGE)
    assert np.array_equal(kernels.SOBEL_Y, kernels.SOBEL_X.T)
    assert np.array_equal(kernels.box(3), kernels.BLUR)


def test_sobel_changes_its_sign_with_the_flip():
    step = np.array([[0, 0, 0, 10, 10, 10]] * 3)
    assert signal.correlate2d(step, kernels.SOBEL_X, "valid").tolist() == [[0, -40, -40, 0]]
    assert signal.convolve2d(step, kernels.SOBEL_X, "valid").tolist() == [[0, 40, 40, 0]]


def test_edge_is_the_laplacian_of_scipy():
    image = np.random.default_rng(3).random((9, 11))
    assert np.allclose(ndimage.correlate(image, kernels.EDGE), ndimage.laplace(image))


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_box(n):
    kernel = kernels.box(n)
    assert kernel.shape == (n, n) and np.ptp(kernel) == 0 and kernel.sum() == pytest.approx(1)


@pytest.mark.parametrize(("n", "sigma"), [(1, 2.0), (3, 0.5), (4, 1.2), (9, 1.5), (6, 1e-3)])
def test_gaussian(n, sigma):
    kernel = kernels.gaussian(n, sigma)
    i = np.arange(n) - (n - 1) / 2
    assert kernel.shape == (n, n) and kernel.sum() == pytest.approx(1)
    assert np.array_equal(kernel, kernel.T) and np.array_equal(kernel, kernel[::-1, ::-1])
    if sigma > 0.1:
        bell = np.exp(-(i[:, None] ** 2 + i**2) / (2 * sigma**2))
        assert np.allclose(kernel, bell / bell.sum(), atol=1e-15)


def test_gaussian_equals_scipy_at_an_impulse():
    impulse = np.zeros((9, 9))
    impulse[4, 4] = 1
    assert np.allclose(kernels.gaussian(9, 1.0), ndimage.gaussian_filter(impulse, 1.0, truncate=4.0))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: kernels.box(0), "box: n is 0, but a kernel has at least 1 row and column"),
        (lambda: kernels.gaussian(-1, 1), "gaussian: n is -1, but a kernel has at least 1 row and column"),
        (lambda: kernels.gaussian(3, 0), "gaussian: sigma is 0, but the width of a bell is more than 0"),
    ],
)
def test_refusals(call, sentence):
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value) == sentence
