"""Intensities, noise and metrics: against NumPy, scikit-image and their own definitions; and what they refuse."""

import doctest
import inspect

import numpy as np
import pytest
from skimage import exposure, util
from skimage.metrics import mean_squared_error, peak_signal_noise_ratio, structural_similarity

from course.data import sample_image
from course.imaging import intensity, metrics, naive, noise
from course.linear import LinearOperator, dot_test

SHAPES = [(1, 1), (1, 9), (5, 1), (7, 11), (23, 8)]
POINT = {
    "negative": (lambda x, **o: intensity.negative(x, **o), lambda r, top: top - r),
    "gamma": (lambda x, **o: intensity.gamma(x, 0.45, **o), lambda r, top: top * (r / top) ** 0.45),
    "darker": (lambda x, **o: intensity.gamma(x, 2.2, **o), lambda r, top: top * (r / top) ** 2.2),
    "log": (lambda x, **o: intensity.log(x, **o), lambda r, top: top * np.log(1 + r) / np.log(1 + top)),
    "log2": (lambda x, **o: intensity.log(x, 1, **o), lambda r, top: top * np.log2(1 + r / top)),
    "stretch": (
        lambda x, **o: intensity.stretch(x, 20, 90, **o),
        lambda r, top: top * min(max((r - 20) / 70, 0), 1),
    ),
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("module", [intensity, metrics, noise, naive], ids=lambda m: m.__name__)
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0


PUBLIC = [
    *(getattr(intensity, name) for name in (
        "negative", "gamma", "log", "stretch", "histogram", "equalize", "match_histograms", "average_stack",
        "average_stack_adjoint", "lookup", "lookup_adjoint")),
    *(getattr(metrics, name) for name in ("mse", "psnr", "ssim", "ssim_map")),
    *(getattr(noise, name) for name in ("gaussian", "salt_and_pepper", "periodic", "poisson")),
]  # fmt: skip


@pytest.mark.parametrize("function", PUBLIC, ids=lambda f: f.__name__)
def test_every_public_function_has_an_example(function):
    assert ">>>" in inspect.getdoc(function)


# ---- point transforms


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", POINT)
def test_a_point_transform_is_its_formula_at_every_pixel(name, shape, rng):
    ours, T = POINT[name]
    levels = rng.integers(0, 256, shape)
    for dtype, top in ((np.uint8, 255), (np.uint16, 65535), (np.int64, 300), (np.uint32, 100_000)):
        x = levels.astype(dtype)
        y = ours(x, data_range=top)
        assert y.dtype == dtype and y.shape == shape
        assert np.array_equal(y, np.rint(naive.transformed(x.astype(float), lambda r, top=top: T(r, top))))
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        x = (levels / 2).astype(dtype)
        y = ours(x, data_range=255.0)
        assert y.dtype == dtype
        assert np.allclose(y, naive.transformed(x, lambda r: T(float(r), 255)), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_range_of_bytes_is_known(dtype, rng):
    x = rng.integers(0, 2 ** (8 * dtype().itemsize), (6, 7)).astype(dtype)
    for name, (ours, _) in POINT.items():
        assert np.array_equal(ours(x), ours(x, data_range=np.iinfo(dtype).max)), name
    assert np.array_equal(intensity.equalize(x), intensity.equalize(x, data_range=np.iinfo(dtype).max))


def test_negative_is_scikit_images(rng):
    x = rng.integers(0, 256, (9, 14)).astype(np.uint8)
    assert np.array_equal(intensity.negative(x), util.invert(x))
    assert np.allclose(intensity.negative(x / 255, data_range=1), util.invert(x / 255), atol=1e-15)


@pytest.mark.parametrize("exponent", [0.2, 0.45, 1, 2.2, 5])
def test_gamma_is_scikit_images(exponent, rng):
    x = rng.integers(0, 256, (9, 14)).astype(np.uint8)
    assert np.array_equal(intensity.gamma(x, exponent), exposure.adjust_gamma(x, exponent))
    theirs = exposure.adjust_gamma(x / 255, exponent)
    assert np.allclose(intensity.gamma(x / 255, exponent, data_range=1), theirs, atol=1e-14)


def test_log_is_scikit_images_but_for_the_rounding(rng):
    x = rng.random((9, 14))
    assert np.allclose(intensity.log(x, 1, data_range=1), exposure.adjust_log(x), atol=1e-14)
    levels = np.arange(256, dtype=np.uint8)
    exact = intensity.log(levels.astype(float), 1, data_range=255)
    assert np.array_equal(exposure.adjust_log(levels), np.floor(exact))
    assert np.array_equal(intensity.log(levels, 1), np.rint(exact))


def test_stretch_is_scikit_images_but_for_the_rounding(rng):
    x = rng.random((9, 14)) * 255
    for low, high in ((None, None), (10, 200), (-20.5, 300)):
        inside = "image" if low is None else (low, high)
        theirs = exposure.rescale_intensity(x, inside, (0, 255))
        assert np.allclose(intensity.stretch(x, low, high, data_range=255), theirs, atol=1e-11)
    levels = np.arange(30, 201, dtype=np.uint8)
    exact = intensity.stretch(levels.astype(float), data_range=255)
    assert np.abs(exposure.rescale_intensity(levels) - np.floor(exact + 1e-9)).max() == 0
    assert np.array_equal(intensity.stretch(levels), np.rint(exact))


def test_point_transforms_leave_their_input_alone():
    x = np.arange(40, dtype=np.uint8).reshape(5, 8)[::2, ::-3]
    x.flags.writeable = False
    kept = x.copy()
    for ours, _ in POINT.values():
        ours(x)
    intensity.equalize(x)
    intensity.match_histograms(x, x[::-1])
    intensity.histogram(x)
    intensity.average_stack([x, x])
    noise.gaussian(x, 1, 0)
    noise.salt_and_pepper(x, 0.5, 0)
    noise.periodic(x.astype(float), [(1, 1, 1)])
    noise.poisson(x, 0)
    assert np.array_equal(x, kept)
    flat = np.zeros((2, 3))
    assert noise.periodic(flat, [(1, 1, 1)]) is not flat and not flat.any()
    single = np.zeros((2, 3), np.float32)
    noise.periodic(single, [(1, 1, 1)])
    assert not single.any()


def test_empty_pictures_stay_empty():
    for x in (np.empty((0, 4), np.uint8), np.empty((3, 0), np.float32)):
        for y in (
            *(ours(x, data_range=255) for ours, _ in POINT.values()),
            intensity.stretch(x, data_range=255),
            intensity.equalize(x, data_range=255),
            noise.salt_and_pepper(x, 0.5, 0),
        ):
            assert y.shape == x.shape and y.dtype == x.dtype
        assert intensity.average_stack([x]).shape == x.shape
        assert intensity.match_histograms(x, [1, 2]).shape == x.shape
        assert noise.gaussian(x, 1, 0).shape == noise.poisson(x, 0).shape == x.shape
        assert noise.periodic(x, [(1, 2, 3)]).shape == x.shape
        assert intensity.lookup(x.astype(np.uint8), [1.0]).shape == x.shape
        assert intensity.histogram(x)[0].sum() == 0


# ---- tables, and the way back


@pytest.mark.parametrize("shape", [*SHAPES, (2, 3, 4)])
def test_lookup_and_its_adjoint(shape, rng):
    image, table = rng.integers(0, 13, shape), rng.standard_normal(13)
    y = intensity.lookup(image, table)
    assert np.array_equal(y, naive.transformed(image, lambda r: table[r]))
    A = LinearOperator(
        (13,),
        shape,
        lambda t: intensity.lookup(image, t),
        lambda g: intensity.lookup_adjoint(g, image, 13),
    )
    assert dot_test(A, rng) < 1e-14
    counts = intensity.lookup_adjoint(np.ones(shape), image, 13)
    assert np.array_equal(counts, np.bincount(image.ravel(), minlength=13))


def test_lookup_keeps_the_tables_dtype():
    for dtype in (np.uint8, np.float32, np.int16, bool):
        assert intensity.lookup([[1, 0]], np.zeros(2, dtype)).dtype == dtype


@pytest.mark.parametrize("count", [1, 2, 5])
def test_average_and_its_adjoint(count, rng):
    shape = (3, 4)
    A = LinearOperator(
        (count, *shape),
        shape,
        intensity.average_stack,
        lambda g: intensity.average_stack_adjoint(g, count),
    )
    assert dot_test(A, rng) < 1e-14
    stack = rng.standard_normal((count, *shape))
    assert np.allclose(intensity.average_stack(stack), stack.mean(0), atol=1e-15)


def test_average_of_bytes_does_not_wrap(rng):
    stack = rng.integers(0, 256, (300, 4, 5)).astype(np.uint8)
    y = intensity.average_stack(stack)
    assert y.dtype == np.float64 and np.allclose(y, stack.mean(0))
    assert intensity.average_stack(stack.astype(np.float32)).dtype == np.float32
    assert intensity.average_stack([stack[0], stack[1].astype(np.float32)]).dtype == np.float64


# ---- histograms


@pytest.mark.parametrize("shape", [*SHAPES, (3, 5, 3)])
def test_histogram_of_levels_is_bincount(shape, rng):
    for dtype, size in ((np.uint8, 256), (np.uint16, 65536)):
        x = rng.integers(0, size, shape).astype(dtype)
        counts, edges = intensity.histogram(x)
        assert np.array_equal(counts, np.bincount(x.ravel(), minlength=size)) and counts.dtype == np.int64
        assert np.array_equal(counts, np.histogram(x, edges)[0]) and len(edges) == size + 1


@pytest.mark.parametrize("shape", SHAPES)
def test_histogram_of_numbers_is_numpys(shape, rng):
    for x in (rng.standard_normal(shape), rng.standard_normal(shape).astype(np.float32), rng.integers(-9, 9, shape)):
        for bins, limits in ((None, None), (7, None), (10, (-1, 1))):
            ours = intensity.histogram(x, bins, limits=limits)
            theirs = np.histogram(x, bins or 256, limits)
            assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    byte = np.array([[0, 3, 250]], np.uint8)
    assert np.array_equal(intensity.histogram(byte, 4)[1], np.histogram(byte, 4)[1])


@pytest.mark.parametrize("name", ["camera", "brick", "text"])
def test_equalize_is_scikit_images_rounded(name):
    x = sample_image(name)
    theirs = exposure.equalize_hist(x)
    assert np.array_equal(intensity.equalize(x), np.rint(255 * theirs))


@pytest.mark.parametrize("shape", SHAPES)
def test_equalize_is_its_definition(shape, rng):
    for dtype in (np.uint8, np.int32, np.uint32):
        x = rng.integers(0, 20, shape).astype(dtype)
        y = intensity.equalize(x, data_range=200 if dtype != np.uint32 else 70_000)
        top = 200 if dtype != np.uint32 else 70_000
        assert y.dtype == dtype and np.array_equal(y, np.rint(naive.equalized(x, top)))
    for dtype in (np.float64, np.float32):
        x = (rng.integers(-20, 20, shape) / 7).astype(dtype)
        y = intensity.equalize(x, data_range=1)
        assert y.dtype == dtype and np.allclose(y, naive.equalized(x, 1), rtol=1e-6)


def test_equalize_of_floats_differs_from_scikit_image_by_less_than_two_bins(rng):
    x = rng.standard_normal((40, 50))
    ours, theirs = intensity.equalize(x, data_range=1), exposure.equalize_hist(x)
    share = np.histogram(x, 256)[0].max() / x.size
    assert 0 < np.abs(ours - theirs).max() <= 2 * share


@pytest.mark.parametrize("shapes", [((7, 11), (5, 6)), ((1, 9), (3, 4)), ((23, 8), (8, 24))])
def test_match_histograms_is_scikit_images(shapes, rng):
    for dtype in (np.uint8, np.uint16, np.int32, np.float64, np.float32):
        x, z = ((60 * rng.random(shape)).astype(dtype) for shape in shapes)
        ours, theirs = intensity.match_histograms(x, z), exposure.match_histograms(x, z)
        assert np.array_equal(ours, theirs) and ours.dtype == theirs.dtype


def test_match_histograms_takes_channels_one_by_one(rng):
    x, z = rng.random((6, 7, 3)), rng.random((5, 4, 3))
    assert np.array_equal(
        intensity.match_histograms(x, z, channel_axis=-1), exposure.match_histograms(x, z, channel_axis=-1)
    )
    x, z = (255 * x).astype(np.uint8), (255 * z).astype(np.uint8)
    ours, theirs = (f(x, z, channel_axis=2) for f in (intensity.match_histograms, exposure.match_histograms))
    assert np.array_equal(ours.astype(np.uint8), theirs)
    first = np.moveaxis(x, 2, 0), np.moveaxis(z, 2, 0)
    assert np.array_equal(intensity.match_histograms(*first, channel_axis=0), np.moveaxis(ours, 2, 0))


# ---- metrics


@pytest.mark.parametrize("name", ["camera", "text", "astronaut"])
def test_metrics_are_scikit_images_on_bytes(name, rng):
    x = sample_image(name)
    y = np.clip(x + rng.normal(0, 25, x.shape), 0, 255).astype(np.uint8)
    axis = -1 if x.ndim == 3 else None
    for a, b in ((x, y), (y, x)):
        assert metrics.mse(a, b) == pytest.approx(mean_squared_error(a, b), rel=1e-13)
        assert metrics.psnr(a, b) == pytest.approx(peak_signal_noise_ratio(a, b), rel=1e-13)
        theirs = structural_similarity(a, b, channel_axis=axis)
        assert metrics.ssim(a, b, channel_axis=axis) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("shape", [(7, 7), (9, 20), (8,), (7, 8, 9)])
@pytest.mark.parametrize("window", [3, 5, 7])
def test_metrics_are_scikit_images_on_numbers(shape, window, rng):
    a, b = rng.random(shape) * 5, rng.random(shape) * 5 - 1
    assert metrics.psnr(a, b, data_range=6) == pytest.approx(peak_signal_noise_ratio(a, b, data_range=6), rel=1e-13)
    theirs, full = structural_similarity(a, b, data_range=6, win_size=window, full=True)
    assert metrics.ssim(a, b, data_range=6, window=window) == pytest.approx(theirs, abs=1e-13)
    inside = tuple(slice(window // 2, n - window // 2) for n in shape)
    assert np.allclose(metrics.ssim_map(a, b, data_range=6, window=window), full[inside], atol=1e-13)


@pytest.mark.parametrize("shape", [(40, 9), (23,), (22, 7, 8)])
def test_bands_of_rows_are_sewn_together(shape, rng, monkeypatch):
    a, b = rng.random(shape), rng.random(shape)
    whole = metrics.ssim_map(a, b, data_range=1)
    monkeypatch.setattr(metrics, "BAND", 1)
    assert np.array_equal(metrics.ssim_map(a, b, data_range=1), whole)
    assert len(metrics.row_bands(shape, 7)) > 2


def test_single_precision_is_summed_in_double(rng):
    a, b = (rng.random((30, 31)).astype(np.float32) for _ in range(2))
    exact = structural_similarity(a.astype(float), b.astype(float), data_range=1)
    assert metrics.ssim(a, b, data_range=1) == pytest.approx(exact, abs=1e-12)
    assert metrics.ssim(a, b, data_range=1) == pytest.approx(structural_similarity(a, b, data_range=1), abs=1e-5)


def test_ssim_is_its_definition(rng):
    a, b = (rng.integers(0, 256, (11, 9)) for _ in range(2))
    assert metrics.ssim(a, b, data_range=255) == pytest.approx(naive.similarity(a, b, 255), abs=1e-12)


def test_colour_channels_are_averaged(rng):
    a, b = rng.random((2, 3, 9, 10))
    each = [metrics.ssim(p, q, data_range=1) for p, q in zip(a, b, strict=True)]
    assert metrics.ssim(a, b, data_range=1, channel_axis=0) == pytest.approx(np.mean(each))


def test_equal_pictures_are_as_alike_as_can_be():
    x = sample_image("brick")
    assert (metrics.mse(x, x), metrics.psnr(x, x), metrics.ssim(x, x)) == (0, np.inf, 1)
    assert metrics.mse(np.array([0], np.uint8), np.array([255], np.uint8)) == 255**2


# ---- noise


def test_gaussian_noise_has_its_sigma(rng):
    x = np.full((400, 300), 100, np.uint8)
    y = noise.gaussian(x, 25, rng) - x
    assert abs(y.mean()) < 5 * 25 / np.sqrt(y.size) and abs(y.std() - 25) < 5 * 25 / np.sqrt(2 * y.size)
    assert np.array_equal(noise.gaussian(x, 0, 3), x)
    assert noise.gaussian(x.astype(np.float32), 1, 0).dtype == np.float32
    assert noise.gaussian(x, 1, 0).dtype == np.float64


def test_impulses_come_at_their_density(rng):
    x = rng.integers(1, 255, (400, 300)).astype(np.uint8)
    for density, salt in ((0.35, 0.5), (0.1, 0.2), (1, 0), (0, 1)):
        y = noise.salt_and_pepper(x, density, rng, salt=salt)
        assert y.dtype == np.uint8
        white, black = np.mean(y == 255), np.mean(y == 0)
        for seen, wanted in ((white, density * salt), (black, density * (1 - salt))):
            assert abs(seen - wanted) <= 5 * np.sqrt(wanted * (1 - wanted) / y.size)
        assert np.array_equal(y[(y > 0) & (y < 255)], x[(y > 0) & (y < 255)])
    y = noise.salt_and_pepper(x / 255, 0.5, 0, levels=(0.0, 1.0))
    assert y.max() == 1 and y.dtype == np.float64


def test_waves_stand_at_their_points_of_the_spectrum():
    x = noise.periodic(np.zeros((12, 20)), [(5, 3, -4), (2, 1, 0, np.pi / 2)])
    X = np.fft.fft2(x) / x.size
    assert np.allclose(np.abs(X[3, -4]), 2.5) and np.allclose(np.abs(X[-3, 4]), 2.5) and np.isclose(X[1, 0], 1)
    assert np.allclose(np.sum(np.abs(X) ** 2), 2 * 2.5**2 + 2)
    i, j = 7, 11
    wanted = 5 * np.sin(2 * np.pi * (3 * i / 12 - 4 * j / 20)) + 2 * np.cos(2 * np.pi * i / 12)
    assert x[i, j] == pytest.approx(wanted)
    assert noise.periodic(np.zeros((2, 3), np.float32), [(1, 1, 1)]).dtype == np.float32


def test_photons_have_the_variance_of_their_mean(rng):
    x = np.full((300, 400), 80.0)
    for photons in (0.5, 1, 20):
        y = noise.poisson(x, rng, photons=photons)
        variance = 80 / photons
        assert abs(y.mean() - 80) < 5 * np.sqrt(variance / y.size)
        assert abs(y.var() / variance - 1) < 0.03
        assert np.allclose(photons * y, np.rint(photons * y))
    assert noise.poisson(x.astype(np.float32), 0).dtype == np.float32


@pytest.mark.parametrize("make", [
    lambda x, rng: noise.gaussian(x, 3, rng),
    lambda x, rng: noise.salt_and_pepper(x, 0.3, rng),
    lambda x, rng: noise.poisson(x, rng),
])  # fmt: skip
def test_a_seed_makes_the_same_noise_again(make):
    x = np.full((6, 7), 100.0)
    assert np.array_equal(make(x, 3), make(x, 3)) and not np.array_equal(make(x, 3), make(x, 4))
    assert np.array_equal(make(x, np.int64(3)), make(x, np.random.default_rng(3)))
    one = np.random.default_rng(3)
    assert not np.array_equal(make(x, one), make(x, one))


# ---- what is refused

grey, real = np.zeros((4, 5), np.uint8), np.zeros((4, 5))
nan = np.array([[np.nan, 1]])
MISTAKES = [
    (lambda: intensity.negative(real), ValueError, "negative: data_range is missing; a picture of float64 must say its "
     "highest level, such as 255"),
    (lambda: intensity.negative(real, data_range=0), ValueError, "negative: data_range is 0; it must be a number more "
     "than 0"),
    (lambda: intensity.negative(grey, data_range=256), ValueError, "negative: data_range is 256; the levels of uint8 "
     "are whole numbers up to 255"),
    (lambda: intensity.negative(nan, data_range=1), ValueError, "negative: the picture has entries that are not "
     "finite; each must be a number"),
    (lambda: intensity.negative(grey + 1j, data_range=1), TypeError, "negative: the picture is complex128; it must be "
     "real numbers"),
    (lambda: intensity.gamma(grey, 0), ValueError, "gamma: the exponent is 0; it must be a number more than 0"),
    (lambda: intensity.gamma(real - 1, 2, data_range=1), ValueError, "gamma: the picture goes down to -1.0; levels are "
     "0 or more"),
    (lambda: intensity.log(real - 1, data_range=1), ValueError, "log: the picture goes down to -1.0; levels are 0 or "
     "more"),
    (lambda: intensity.log(grey, -1), ValueError, "log: the strength is -1; it must be a number more than 0"),
    (lambda: intensity.stretch(grey), ValueError, "stretch: the levels go from 0 to 0; the second must be higher"),
    (lambda: intensity.stretch(grey, 9, np.nan), ValueError, "stretch: the levels go from 9 to nan; the second must be "
     "higher"),
    (lambda: intensity.gamma(grey + 9, 2, data_range=7), ValueError, "gamma: the levels go from 9 to 9; they must lie "
     "in 0..7"),
    (lambda: intensity.equalize(np.array([-1, 2]), data_range=7), ValueError, "equalize: the levels go from -1 to 2; "
     "they must lie in 0..7"),
    (lambda: intensity.lookup(real, [1]), TypeError, "lookup: the picture is float64; levels are whole numbers"),
    (lambda: intensity.lookup([-1], [1, 2]), ValueError, "lookup: the levels go from -1 to -1; they must lie in 0..1"),
    (lambda: intensity.lookup([0], [[1]]), ValueError, "lookup: the table has shape (1, 1); it must have one axis, and "
     "an entry for each level"),
    (lambda: intensity.lookup_adjoint(real, grey.T, 1), ValueError, "lookup_adjoint: g has shape (4, 5) and the "
     "picture (5, 4); they must be equal"),
    (lambda: intensity.lookup_adjoint(real, grey + 2, 2), ValueError, "lookup_adjoint: the levels go from 2 to 2; they "
     "must lie in 0..1"),
    (lambda: intensity.histogram(real > 0), TypeError, "histogram: the picture is bool; it must be integers or "
     "floating-point numbers"),
    (lambda: intensity.histogram(nan), ValueError, "histogram: the picture has entries that are not finite; each must "
     "be a number"),
    (lambda: intensity.histogram(grey, 0), ValueError, "histogram: bins is 0; it must be at least 1"),
    (lambda: intensity.match_histograms(grey, nan), ValueError, "match_histograms: the picture has entries that are "
     "not finite; each must be a number"),
    (lambda: intensity.match_histograms(grey, []), ValueError, "match_histograms: the reference has shape (0,); it "
     "must have at least one pixel"),
    (lambda: intensity.match_histograms(grey, grey, channel_axis=2), ValueError, "match_histograms: channel_axis is 2; "
     "a picture has 2 dimensions"),
    (lambda: intensity.match_histograms(grey, grey.T, channel_axis=0), ValueError, "match_histograms: the picture has "
     "4 channels and the reference 5; they must be equal"),
    (lambda: intensity.average_stack([]), ValueError, "average_stack: there is no picture; there must be at least one"),
    (lambda: intensity.average_stack([grey, grey.T]), ValueError, "average_stack: the pictures have shapes (4, 5), "
     "(5, 4); they must be equal"),
    (lambda: intensity.average_stack_adjoint(real, 0), ValueError, "average_stack_adjoint: count is 0; there must be "
     "at least one picture"),
    (lambda: metrics.mse(grey, grey.T), ValueError, "mse: the pictures have shapes (4, 5) and (5, 4); they must be "
     "equal"),
    (lambda: metrics.mse([], []), ValueError, "mse: the pictures have shape (0,); there must be at least one pixel"),
    (lambda: metrics.mse(nan, nan), ValueError, "mse: a picture has entries that are not a number; each must be one"),
    (lambda: metrics.mse(real, real * 1j), TypeError, "mse: a picture is complex128; it must be real numbers"),
    (lambda: metrics.psnr(real, real), ValueError, "psnr: data_range is missing; pictures that are float64 must say "
     "it, such as 255"),
    (lambda: metrics.ssim(grey, real), ValueError, "ssim: data_range is missing; pictures that are float64 and uint8 "
     "must say it, such as 255"),
    (lambda: metrics.psnr(real, real, data_range=-1), ValueError, "psnr: data_range is -1; it must be a number more "
     "than 0"),
    (lambda: metrics.ssim(grey, grey), ValueError, "ssim: the pictures have shape (4, 5); a window of 7 needs at least "
     "7 along each axis (for colour, say channel_axis)"),
    (lambda: metrics.ssim(grey, grey, window=4), ValueError, "ssim: the window is 4; it must be odd, and at least 3"),
    (lambda: metrics.ssim(grey, grey, channel_axis=2), ValueError, "ssim: channel_axis is 2; the pictures have 2 "
     "dimensions"),
    (lambda: noise.gaussian(real, -1, 0), ValueError, "gaussian: sigma is -1; a standard deviation is a number, and "
     "not negative"),
    (lambda: noise.gaussian(real, 1, None), TypeError, "gaussian: rng is None; it must be a seed (0 or more) or a "
     "numpy.random.Generator"),
    (lambda: noise.gaussian(real, 1, -1), TypeError, "gaussian: rng is -1; it must be a seed (0 or more) or a "
     "numpy.random.Generator"),
    (lambda: noise.gaussian(nan, 1, 0), ValueError, "gaussian: the picture has entries that are not finite; each must "
     "be a number"),
    (lambda: noise.salt_and_pepper(grey, 1.5, 0), ValueError, "salt_and_pepper: density is 1.5; a share lies between 0 "
     "and 1"),
    (lambda: noise.salt_and_pepper(grey, 0.5, 0, salt=np.nan), ValueError, "salt_and_pepper: salt is nan; a share lies "
     "between 0 and 1"),
    (lambda: noise.salt_and_pepper(grey, 0.5, 0, levels=(0, 256)), ValueError, "salt_and_pepper: the level 256 is none "
     "of uint8, which has 0 to 255"),
    (lambda: noise.salt_and_pepper(grey > 0, 0.5, 0), TypeError, "salt_and_pepper: the picture is bool; it must be "
     "integers or floating-point numbers"),
    (lambda: noise.periodic(real, [(1, 2)]), ValueError, "periodic: a wave is (1, 2); it must be (a, p, q) or "
     "(a, p, q, phase), all numbers"),
    (lambda: noise.periodic(real[0], []), ValueError, "periodic: the picture has shape (5,); it must have two "
     "dimensions"),
    (lambda: noise.poisson(real - 2, 0), ValueError, "poisson: the picture goes down to -2.0; a count has a mean of 0 "
     "or more"),
    (lambda: noise.poisson(real, 0, photons=0), ValueError, "poisson: photons is 0; it must be a number more than 0"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "sentence"), MISTAKES, ids=[m[2].split(";")[0] for m in MISTAKES])
def test_a_mistake_gets_one_sentence(call, error, sentence):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == sentence
