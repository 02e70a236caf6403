"""What is measured of `course.imaging`, against SciPy, scikit-image and NumPy's transforms."""

from collections.abc import Iterator

import numpy as np
import scipy.ndimage
from skimage import exposure
from skimage.filters import threshold_multiotsu, threshold_otsu
from skimage.metrics import structural_similarity
from skimage.segmentation import flood

from benchmarks.cases import Case, rng
from course.data import otsu_scene, sample_image
from course.imaging import filters, geometry, intensity, kernels, metrics, noise, restore, segment


def medians() -> Iterator[Case]:
    """Median filters of uint8 pictures."""
    image = sample_image("camera").repeat(2, 0).repeat(2, 1)
    noisy = noise.salt_and_pepper(image, 0.35, rng())
    for k, limit in ((3, 0.06), (5, 0.06), (9, 0.08)):
        yield Case(
            f"median {k}×{k}, 512², uint8",
            "scipy.ndimage.median_filter",
            limit,
            10,
            lambda k=k: filters.median(noisy, k),
            lambda k=k: scipy.ndimage.median_filter(noisy, k),
        )


def thresholds() -> Iterator[Case]:
    """Otsu's method with one to four thresholds: exact, where scikit-image tries every choice.

    With one threshold the peer is `threshold_otsu`. With four, scikit-image needs seconds, and its peer is itself with
    three; the numbers differ.
    """
    image, _ = otsu_scene()
    yield Case(
        "otsu, 1 threshold, 256², uint8",
        "scikit-image threshold_otsu",
        1.5,
        2,
        lambda: segment.otsu(image),
        lambda: threshold_otsu(image),
    )
    for n in (2, 3):
        yield Case(
            f"otsu, {n} thresholds, 256², uint8",
            "scikit-image threshold_multiotsu",
            {2: 1.5, 3: 0.1}[n],
            2,
            lambda n=n: segment.otsu(image, n),
            lambda n=n: threshold_multiotsu(image, n + 1),
        )
    yield Case(
        "otsu, 4 thresholds, 256², uint8",
        "scikit-image threshold_multiotsu with 3",
        0.1,
        2,
        lambda: segment.otsu(image, 4),
        lambda: threshold_multiotsu(image, 4),
        check=False,
    )


def regions() -> Iterator[Case]:
    """Regions grown with a fixed tolerance: a smooth blob, percolation just above its threshold, one long way."""
    smooth = scipy.ndimage.gaussian_filter(rng().standard_normal((512, 512)), 8)
    blob = np.uint8(255 * (smooth - smooth.min()) / np.ptp(smooth))
    percolation = np.where(rng().random((512, 512)) < 0.62, 0, 255).astype(np.uint8)
    percolation[256, 256] = 0
    serpentine = np.zeros((512, 512), np.uint8)
    serpentine[1::2] = 255
    serpentine[1::4, -1] = serpentine[3::4, 0] = 0
    for name, image, seed, tolerance in (
        ("a blob", blob, (256, 256), 40),
        ("percolation", percolation, (256, 256), 10),
        ("a serpentine", serpentine, (0, 0), 10),
    ):
        yield Case(
            f"flood, {name}, 512², uint8",
            "scikit-image flood",
            2,
            12,
            lambda a=image, s=seed, t=tolerance: segment.flood(a, s, t),
            lambda a=image, s=seed, t=tolerance: flood(a, s, tolerance=t, connectivity=1),
        )


def warps() -> Iterator[Case]:
    """Bilinear warps; SciPy is given the places, we find them from the matrix."""
    centre = (255.5, 255.5)
    matrix = geometry.about(geometry.rotation(30) @ geometry.scaling(1.5), centre)
    pixels = np.stack(np.meshgrid(np.arange(512), np.arange(512)), -1)
    places = np.moveaxis(geometry.apply(np.linalg.inv(matrix), pixels)[..., ::-1], -1, 0).copy()
    grey = rng().integers(0, 256, (512, 512))
    for dtype, megabytes in (("float64", 10), ("float32", 6), ("uint8", 10)):
        image = grey.astype(dtype)
        yield Case(
            f"warp linear, 512², {dtype}",
            "scipy.ndimage.map_coordinates",
            0.9,
            megabytes,
            lambda image=image: geometry.warp(image, matrix),
            lambda image=image: scipy.ndimage.map_coordinates(image, places, order=1),
        )
    image = grey.astype(float)
    yield Case(
        "warp cubic, 512², float64",
        "scipy.ndimage.map_coordinates",
        1.2,
        20,
        lambda: geometry.warp(image, matrix, order=3, boundary="mirror"),
        lambda: scipy.ndimage.map_coordinates(image, places, order=3, mode="mirror"),
    )


def restorations() -> Iterator[Case]:
    """Wiener's filter against the transforms it is made of."""
    picture = rng().standard_normal((512, 512))
    ratio = 0.01
    for k in (9, 31):
        w = kernels.gaussian(k, k / 5)

        def transforms(w: np.ndarray = w) -> np.ndarray:
            waves = np.fft.rfft2(picture)
            waves *= np.fft.rfft2(w, picture.shape)
            return np.fft.irfft2(waves, picture.shape)

        yield Case(
            f"wiener, 512², {k}×{k}, float64",
            "three real FFTs and a product",
            1.3,
            20,
            lambda w=w: restore.wiener(picture, w, ratio),
            transforms,
            check=False,  # the peer does the same work, and another sum
        )


def intensities() -> Iterator[Case]:
    """The structural similarity of two uint8 pictures, and what histograms are for."""
    rng = np.random.default_rng(0)
    x, z = (rng.integers(0, top, (512, 512)).astype(np.uint8) for top in (256, 200))
    yield Case(
        "structural similarity, 512², uint8",
        "skimage.metrics.structural_similarity",
        0.6,
        12,
        lambda: metrics.ssim(x, z),
        lambda: structural_similarity(x, z),
    )
    yield Case(
        "histogram matching, 512², uint8",
        "skimage.exposure.match_histograms",
        1.3,
        12,
        lambda: intensity.match_histograms(x, z),
        lambda: exposure.match_histograms(x, z),
    )


def all_cases() -> Iterator[Case]:
    for cases in (intensities, medians, thresholds, regions, warps, restorations):
        yield from cases()
