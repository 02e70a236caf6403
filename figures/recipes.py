"""Chapter 26, Recipes: what some of them do to one picture."""

import numpy as np
from numpy.typing import NDArray

from course.data import sample_image
from course.imaging import filters, geometry, intensity, metrics, noise, restore, segment
from figures.style import BODY, Array, Sheet, figure

CROP = (30, 78, 84)  # the first row, the first column and the side of the crop of "camera"
SEED, DENSITY, ANGLE, SIGMA = 26, 0.35, 20.0, 2.0
WHITE = 255

Picture = NDArray[np.float64]


def quality(x: Array, y: Array) -> float:
    """The peak signal-to-noise ratio of two pictures with grey levels 0 to 255."""
    return metrics.psnr(x.astype(float), y.astype(float), data_range=WHITE)


@figure(
    "recipes/contact-sheet", height=226,
    title="One picture, and what seven recipes make of it",
    desc="Eight crops of the photograph of a man behind a camera. Above: as it is; with its levels used evenly, so "
    "that the dark coat shows its folds; turned to the left; and its edges as thin lines. Below: with a third of the "
    "pixels black or white; cured of them by the adaptive median; blurred; and with the blur taken back, nearly as "
    "sharp as the first.",
    crop=CROP, strengths=[DENSITY, ANGLE, SIGMA],
)  # fmt: skip
def contact_sheet(s: Sheet, crop: Array, strengths: Array) -> None:
    """Eight tiles: two rows of four."""
    assert tuple(crop) == CROP and strengths.tolist() == [DENSITY, ANGLE, SIGMA], "the page's picture"
    density, angle, sigma = (float(v) for v in strengths)
    x = sample_image("camera")
    row, column, side = (int(v) for v in crop)
    centre = (column + (side - 1) / 2, row + (side - 1) / 2)
    salted = noise.salt_and_pepper(x, density, SEED)
    kernel = np.exp(-0.5 * (np.arange(-7, 8) / sigma) ** 2)
    kernel = np.outer(kernel, kernel) / kernel.sum() ** 2
    blur = restore.blur_operator(kernel, x.shape, "reflect")
    blurred = blur(x.astype(float))
    tiles = {
        "as it is": x,
        "equalised": intensity.equalize(x),
        "turned": geometry.warp(x, geometry.about(geometry.rotation(angle), centre)),
        "edges": segment.canny(x, sigma=1.5) * WHITE,
        "35% lost": salted,
        "adaptive median": filters.adaptive_median(salted, 9),
        "blurred": blurred,
        "deblurred": restore.constrained_least_squares(blurred, blur, 1e-4),
    }
    score = {name: quality(x, y) for name, y in tiles.items()}
    assert score["adaptive median"] > score["35% lost"] + 12, score
    assert score["deblurred"] > score["blurred"] + 4, score
    shares = [np.mean(tiles[name] < WHITE / 2) for name in ("as it is", "equalised")]
    assert abs(shares[1] - 0.5) < 0.02 < abs(shares[0] - 0.5), shares
    assert 0.02 < np.mean(tiles["edges"] > 0) < 0.2, "lines, and little else"
    pitch, line = 92, 116
    for place, (name, y) in enumerate(tiles.items()):
        left, top = place % 4 * pitch, place // 4 * line
        role = "input-ink" if name in ("as it is", "35% lost", "blurred") else "output-ink"
        s.text(left + side / 2, top + 9, name, BODY, role)
        part = np.clip(y[row : row + side, column : column + side] / WHITE, 0, 1)
        s.picture(left, top + 19, side, side, part, levels=24)
