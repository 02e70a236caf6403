"""Spectra, bands and notches, against NumPy's transforms and the definitions."""

import re

import numpy as np
import pytest

from course.data import sample_image
from course.imaging import frequency, naive

SHAPES = [(8, 11), (9, 6), (7, 13), (10, 10)]
KINDS = ["ideal", "gaussian", "butterworth"]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def places(shape):
    """The frequencies of a centred mask, down and across."""
    return np.meshgrid(*(np.fft.fftshift(np.fft.fftfreq(n, 1 / n)) for n in shape), indexing="ij")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_spectrum_is_numpys_centred(shape, rng):
    x = rng.uniform(0, 255, shape)
    waves = np.fft.fftshift(np.fft.fft2(x))
    assert np.allclose(frequency.spectrum(x), np.log1p(abs(waves)))
    assert np.allclose(frequency.spectrum(x, "modulus"), abs(waves))
    assert np.allclose(frequency.spectrum(x, "power"), abs(waves) ** 2)
    assert np.allclose(np.exp(1j * frequency.spectrum(x, "phase")) * abs(waves), waves)
    assert np.isclose(frequency.spectrum(x, "modulus")[shape[0] // 2, shape[1] // 2], x.sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_masks_are_those_of_real_filters(kind, shape):
    """A mask that is its own half-turn makes a real picture of a real one."""
    for mask in (
        frequency.notch_mask(shape, [(2, -1), (0, 3.5)], 1.2, kind),
        frequency.band_mask(shape, 2.5, 1.5, kind),
    ):
        around = np.fft.ifftshift(mask)
        assert np.allclose(around, np.roll(around[::-1, ::-1], 1, (0, 1)))
        assert mask.min() >= 0 and mask.max() <= 1 and mask.max() > 0.4


def test_a_notch_is_its_formula():
    p, q = places((21, 26))
    for away, opposite in ((np.hypot(p - 4, q + 5), np.hypot(p + 4, q - 5)),):
        for kind, h in (
            ("ideal", lambda d: d <= 1.5),
            ("gaussian", lambda d: np.exp(-(d**2) / (2 * 1.5**2))),
            ("butterworth", lambda d: 1 / (1 + (d / 1.5) ** 6)),
        ):
            mask = frequency.notch_mask((21, 26), [(4, -5)], 1.5, kind, 3)
            near = np.minimum(away, opposite) < 5  # far away the ring of frequencies closes
            wanted = 1 - (1 - h(away)) * (1 - h(opposite))
            assert np.allclose(mask[near], wanted[near], atol=1e-3)


def test_a_band_is_its_formula():
    d = np.hypot(*places((20, 23)))
    with np.errstate(divide="ignore"):
        t = (d**2 - 16) / (d * 2.0)
    assert np.allclose(frequency.band_mask((20, 23), 4, 2, "gaussian"), np.exp(-(t**2)))
    assert np.allclose(frequency.band_mask((20, 23), 4, 2, "butterworth", 3), 1 / (1 + t**6))
    assert np.allclose(frequency.band_mask((20, 23), 4, 2, "ideal"), abs(d - 4) <= 1)


def test_the_zero_frequency_has_no_opposite():
    mask = frequency.notch_mask((9, 8), [(0, 0)], 2.0, "gaussian")
    d = np.hypot(*places((9, 8)))
    near = d < 3
    assert np.allclose(mask[near], np.exp(-(d[near] ** 2) / 8))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_filters_multiply_the_waves(kind, shape, rng):
    y = rng.uniform(0, 255, shape)
    notch = np.fft.ifftshift(frequency.notch_mask(shape, [(2, 3)], 1.0, kind))
    band = np.fft.ifftshift(frequency.band_mask(shape, 3, 1, kind))
    waves = np.fft.fft2(y)
    eta = frequency.notch_pass(y, [(2, 3)], 1.0, kind)
    assert np.allclose(np.fft.fft2(eta), notch * waves)
    assert np.allclose(frequency.notch_reject(y, [(2, 3)], 1.0, kind) + eta, y)
    assert np.allclose(np.fft.fft2(frequency.band_reject(y, 3, 1, kind)), (1 - band) * waves)


@pytest.mark.parametrize("boundary", ["reflect", "wrap", "nearest"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_weight_is_covariance_over_variance(boundary, size, rng):
    y, eta = rng.standard_normal((2, 8, 11))
    assert np.allclose(frequency.notch_weight(y, eta, size, boundary), naive.notch_weight(y, eta, size, boundary))


def test_no_other_weight_leaves_less_variance(rng):
    y, eta = rng.standard_normal((2, 9, 12))
    w = frequency.notch_weight(y, eta, 5, "wrap")
    for i, j in ((0, 0), (4, 7), (8, 11)):
        rows, columns = np.arange(i - 2, i + 3) % 9, np.arange(j - 2, j + 3) % 12
        a, b = y[np.ix_(rows, columns)], eta[np.ix_(rows, columns)]
        least = np.var(a - w[i, j] * b)
        for other in (0, 1, w[i, j] - 0.01, w[i, j] + 0.01):
            assert least < np.var(a - other * b)


def test_a_pattern_that_fades_is_found():
    """The pattern is strong on the left and absent on the right: a plain notch harms the right half."""
    x = sample_image("camera")[40:104, 100:196].astype(float)
    i, j = np.indices(x.shape)
    stripes = 40 * np.sin(2 * np.pi * (6 * i / 64 + 18 * j / 96)) * (j < 48)
    y = x + stripes

    def error(z):
        return np.sqrt(np.mean((z - x) ** 2))

    plain = frequency.notch_reject(y, [(6, 18)], 1.5)
    best = frequency.optimum_notch(y, [(6, 18)], 1.5, 15)
    assert error(best) < error(plain) < error(y)


def test_a_pattern_that_does_not_vary_has_no_weight():
    y = np.random.default_rng(0).uniform(0, 255, (7, 9))
    assert (frequency.notch_weight(y, np.zeros((7, 9)), 3) == 0).all()
    assert (frequency.notch_weight(y, np.full((7, 9), 7.7), 3) == 0).all()
    assert (frequency.optimum_notch(y, [], 1.0, 3) == y).all()


def test_types_and_inputs(rng):
    x = rng.integers(0, 256, (9, 14)).astype(np.uint8)
    x.flags.writeable = False
    for call in (
        frequency.spectrum,
        lambda y: frequency.band_reject(y, 3, 1),
        lambda y: frequency.notch_reject(y, [(1, 2)], 1),
        lambda y: frequency.optimum_notch(y, [(1, 2)], 1, 5),
    ):
        y = call(x)
        assert y.dtype == np.float64
        single = call(x.astype(np.float32))
        assert single.dtype == np.float32 and np.allclose(single, y, atol=0.05)
        assert np.allclose(call(np.asfortranarray(x)), y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: frequency.spectrum(np.ones((3, 4)), "dB"),
            "spectrum: there is no scale 'dB'; there are log, modulus, power, phase",
        ),
        (lambda: frequency.spectrum(np.ones(4)), "spectrum: the picture has 1 axes, but it must have 2"),
        (
            lambda: frequency.notch_pass(np.ones((3, 0)), [], 1),
            "notch_pass: the picture has shape (3, 0); it must have at least one pixel",
        ),
        (lambda: frequency.notch_mask((3,), [], 1), "notch_mask: the shape is (3,); it must have two lengths"),
        (
            lambda: frequency.notch_mask((3, 4), [(1, 2, 3)], 1),
            "notch_mask: a centre is (1, 2, 3); it must be a pair of frequencies (down, across)",
        ),
        (lambda: frequency.notch_mask((3, 4), [(1, 2)], 0), "notch_mask: radius is 0; it must be more than 0"),
        (
            lambda: frequency.notch_mask((3, 4), [(1, 2)], 1, "square"),
            "notch_mask: there is no kind 'square'; there are ideal, gaussian, butterworth",
        ),
        (lambda: frequency.band_mask((3, 4), 1, -1), "band_mask: width is -1; it must be more than 0"),
        (
            lambda: frequency.band_reject(np.ones((3, 4)), 1, 1, order=0),
            "band_mask: order is 0; it must be at least 1",
        ),
        (
            lambda: frequency.notch_weight(np.ones((3, 4)), np.ones((4, 3))),
            "notch_weight: the picture has shape (3, 4) and the pattern (4, 3); they must be the same",
        ),
        (
            lambda: frequency.optimum_notch(np.full((3, 4), np.inf), [(1, 1)], 1),
            "optimum_notch: the picture holds inf, but every pixel must be a number",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises((ValueError, TypeError), match=f"^{re.escape(message)}$"):
        call()
