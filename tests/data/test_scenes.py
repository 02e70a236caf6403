"""The two scenes make the numbers of the lecture notes true: (174, 68), 116 and (104, 192)."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage, signal
from skimage.feature import match_template
from skimage.filters import threshold_multiotsu, threshold_otsu

from course.data import digit_scene, otsu_scene
from course.data.scenes import LAMP

SHIFTS = [(0, 0), (10, -8), (-12, 15), (-20, -25), (30, 100), (-60, 90)]


def peak(scores):
    """Index of the largest score, which must be the only one."""
    assert np.count_nonzero(scores == scores.max()) == 1
    return tuple(int(i) for i in np.unravel_index(scores.argmax(), scores.shape))


def correlation(scene, template):
    """Exact correlation of integers, mode "same"."""
    return signal.correlate2d(scene.astype(np.int64), template.astype(np.int64), "same")


def test_raw_correlation_finds_the_lamp_and_zero_mean_correlation_the_digit():
    scene, template = digit_scene()
    raw = correlation(scene, template)
    assert peak(raw) == (61, 204)
    assert np.hypot(61 - LAMP[0], 204 - LAMP[1]) < 5
    assert raw.max() > 1.4 * raw[174, 68]
    # template - mean, times the number of pixels, stays in whole numbers
    centred = template.astype(np.int64) * template.size - template.sum(dtype=np.int64)
    scores = correlation(scene, centred)
    assert peak(scores) == (174, 68)
    scores[164:185, 58:79] = 0
    assert scores.max() < 0.6 * correlation(scene, centred)[174, 68]


def test_normalised_correlation_finds_the_digit_in_both_modes():
    scene, template = digit_scene()
    assert peak(match_template(scene, template, pad_input=True)) == (174, 68)
    scores = match_template(scene, template)
    assert peak(scores) == (174 - 45 // 2, 68 - 35 // 2) == (152, 51)
    assert scores.max() > 0.98
    scores[142:163, 41:62] = 0
    assert scores.max() < 0.65


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_peak_moves_with_the_digit(shift):
    scene, template = digit_scene(shift)
    assert peak(match_template(scene, template, pad_input=True)) == (174 + shift[0], 68 + shift[1])
    assert peak(correlation(scene, template)) == (61, 204)


def test_the_shift_moves_the_digit_alone():
    still, template = digit_scene()
    moved, same_template = digit_scene((5, 20))
    assert np.array_equal(template, same_template)
    changed = still != moved
    rows, columns = np.nonzero(changed)
    assert rows.min() >= 174 - 22 and rows.max() <= 174 + 5 + 22
    assert columns.min() >= 68 - 17 and columns.max() <= 68 + 20 + 17


@pytest.mark.parametrize("shift", [(60, 0), (-153, 0), (0, -52), (0, 171), (300, 300)])
def test_a_shift_out_of_the_scene_is_refused(shift):
    with pytest.raises(ValueError, match=r"^digit_scene: shift=.* puts the 2 at .*, over the scene's edge$"):
        digit_scene(shift)


def between_class_scores(scene, thresholds):
    """Between-class variance, up to constants, exactly: sum of (sum of levels)² / pixels over the classes."""
    values = scene.ravel()
    classes = np.digitize(values, thresholds, right=True)  # class k holds thresholds[k-1] < value <= thresholds[k]
    score = Fraction(0)
    for k in range(len(thresholds) + 1):
        members = values[classes == k]
        if len(members):
            score += Fraction(int(members.sum(dtype=np.int64)) ** 2, len(members))
    return score


def exhaustive(scene, n):
    """Best n thresholds by trying all, exactly where it is close; the lowest among equals."""
    count = np.bincount(scene.ravel(), minlength=256).astype(float)
    pixels, levels = np.r_[0, count.cumsum()], np.r_[0, (count * np.arange(256)).cumsum()]

    def score(first, after):
        n_pixels, total = pixels[after] - pixels[first], levels[after] - levels[first]
        return np.where(n_pixels > 0, total**2 / np.maximum(n_pixels, 1), 0.0)

    t = np.arange(256)
    if n == 1:
        scores = score(0, t + 1) + score(t + 1, 256)
    else:
        a, b = np.meshgrid(t, t, indexing="ij")
        scores = np.where(a < b, score(0, a + 1) + score(a + 1, np.maximum(b, a) + 1) + score(b + 1, 256), 0.0)
    close = [tuple(int(k) for k in pair) for pair in np.argwhere(scores > scores.max() * (1 - 1e-9))]
    return min(close, key=lambda pair: (-between_class_scores(scene, pair), pair))


def test_otsu_finds_116_and_104_192():
    scene, _ = otsu_scene()
    assert exhaustive(scene, 1) == (116,)
    assert exhaustive(scene, 2) == (104, 192)


def test_scikit_image_finds_the_same_thresholds():
    scene, _ = otsu_scene()
    assert threshold_otsu(scene) == 116
    assert threshold_multiotsu(scene, 3).tolist() == [104, 192]


def test_the_classes_are_those_that_the_thresholds_nearly_find():
    scene, classes = otsu_scene()
    assert scene.shape == classes.shape == (256, 256)
    assert scene.dtype == classes.dtype == np.uint8 and set(np.unique(classes)) == {0, 1, 2}
    found = (scene > 104).astype(int) + (scene > 192)
    assert 0.97 < np.mean(found == classes) < 1
    _, bright = ndimage.label(classes == 2)
    assert bright == 1 + 7  # the bone and seven spots


def test_windows_agree_with_the_correlation():
    scene, template = digit_scene()
    windows = sliding_window_view(scene.astype(np.int64), template.shape)
    scores = np.tensordot(windows, template.astype(np.int64), 2)
    assert peak(scores) == (61 - 22, 204 - 17)
