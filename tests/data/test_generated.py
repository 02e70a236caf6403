"""glyphs and shapes: the same everywhere, hard enough for simple methods, not too hard to learn."""

import os
import subprocess
import sys

import numpy as np
import pytest

from course.data import glyphs, shapes
from course.data.generated import COSINES, SINES
from course.data.randomness import noise
from course.data.strokes import DIGITS, STEPS, alphabet, ink, polyline

CHECKSUM_CODE = """
import hashlib
from course.data import digit_scene, glyphs, otsu_scene, shapes
def checksum(*arrays):
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()[:16]
def levels(images):
    return (255 * images).round().astype("u1")
for n, size, seed in ((300, 28, None), (40, 20, 7)):
    images, labels = glyphs(n, size, seed)
    print("glyphs", n, size, seed, checksum(levels(images), labels.astype("<i8")))
for n, size, seed in ((60, 64, None), (20, 33, 7)):
    images, masks = shapes(n, size, seed)
    print("shapes", n, size, seed, checksum(levels(images), masks))
print("scenes", checksum(*digit_scene(), *otsu_scene()))
"""


def run(environment):
    done = subprocess.run(
        [sys.executable, "-c", CHECKSUM_CODE], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.splitlines()


EXPECTED = [
    "glyphs 300 28 None a65ccb3b32640079",
    "glyphs 40 20 7 c23a2790eda0ec8b",
    "shapes 60 64 None c04ab4dbd8ed26ff",
    "shapes 20 33 7 116a40993293059b",
    "scenes 570dd4c3d566eb4e",
]


def test_checksums():
    assert run(dict(os.environ)) == EXPECTED


def test_the_same_without_the_processor_s_vector_instructions():
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    extras = [feature for feature in __cpu_dispatch__ if __cpu_features__.get(feature)]
    assert run({**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(extras)}) == EXPECTED


def test_glyphs_look_as_promised():
    images, labels = glyphs(500)
    assert images.shape == (500, 28, 28) and images.dtype == np.float32
    assert labels.shape == (500,) and labels.dtype == np.int64
    assert images.min() == 0 and images.max() == 1
    assert np.array_equal(images, (255 * images).round().astype(np.float32) / np.float32(255))
    assert set(labels) == set(range(10))
    assert np.bincount(labels).min() > 25


def test_shapes_look_as_promised():
    images, masks = shapes(200)
    assert images.shape == masks.shape == (200, 64, 64)
    assert images.dtype == np.float32 and masks.dtype == np.bool_
    assert images.min() == 0 and images.max() <= 1
    assert masks.mean(axis=(1, 2)).min() > 0.02 and masks.mean(axis=(1, 2)).max() < 0.6


@pytest.mark.parametrize("draw", [glyphs, shapes])
def test_a_longer_set_begins_with_the_shorter(draw):
    long, short = draw(300, rng=5), draw(7, rng=5)
    assert all(np.array_equal(one[:7], other) for one, other in zip(long, short, strict=True))


@pytest.mark.parametrize("draw", [glyphs, shapes])
def test_seeds(draw):
    default, zero, one = draw(5)[0], draw(5, rng=0)[0], draw(5, rng=1)[0]
    assert np.array_equal(default, zero) and not np.array_equal(zero, one)
    rng = np.random.default_rng(1)
    assert np.array_equal(draw(5, rng=rng)[0], one)
    assert not np.array_equal(draw(5, rng=rng)[0], one)  # a generator goes on from where it is
    assert np.array_equal(draw(5, rng=np.int64(1))[0], one)


@pytest.mark.parametrize("draw", [glyphs, shapes])
def test_none_at_all(draw):
    images, others = draw(0, size=16)
    assert images.shape == (0, 16, 16) and len(others) == 0


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: glyphs(-1), ValueError, "glyphs: n is -1, but a set has 0 pictures or more"),
        (lambda: shapes(1, 9), ValueError, "shapes: size is 9, but a picture needs 16 pixels a side or more"),
        (lambda: glyphs(1, 7), ValueError, "glyphs: size is 7, but a picture needs 8 pixels a side or more"),
        (
            lambda: shapes(1, rng="seed"),
            TypeError,
            "rng is 'seed', but must be None, a seed (0 or more) or a numpy.random.Generator",
        ),
        (
            lambda: glyphs(1, rng=-3),
            TypeError,
            "rng is -3, but must be None, a seed (0 or more) or a numpy.random.Generator",
        ),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error) as refusal:
        call()
    assert str(refusal.value) == sentence


def otsu(image):
    """Threshold of an image in [0, 1] at the level, of 256, with the largest variance between two classes."""
    levels = (255 * image).round().astype(int)
    count = np.bincount(levels.ravel(), minlength=256)
    pixels, total = count.cumsum(), (count * np.arange(256)).cumsum()
    below, above = np.maximum(pixels, 1), np.maximum(pixels[-1] - pixels, 1)
    score = total**2 / below + (total[-1] - total) ** 2 / above
    return levels > score.argmax()


def iou(found, mask):
    return np.count_nonzero(found & mask) / np.count_nonzero(found | mask)


def test_otsu_does_not_find_the_shapes():
    images, masks = shapes(300, rng=11)
    found = [otsu(image) for image in images]
    foreground = np.mean([iou(f, m) for f, m in zip(found, masks, strict=True)])
    background = np.mean([iou(~f, ~m) for f, m in zip(found, masks, strict=True)])
    assert 0.35 < foreground < 0.55
    assert (foreground + background) / 2 < 0.65
    assert iou(otsu(images), masks) < 0.55


def test_even_the_best_threshold_of_each_picture_does_not_find_the_shapes():
    images, masks = shapes(100, rng=11)
    best = [max(iou(x > t, m) for t in np.linspace(0, 1, 52)) for x, m in zip(images, masks, strict=True)]
    assert np.mean(best) < 0.70


def test_the_shapes_can_be_found_by_who_looks_around():
    """Against the mean of its neighbourhood, a threshold finds most of them: the light is what misleads."""
    images, masks = shapes(100, rng=11)
    found = []
    for image in images:
        padded = np.pad(image.astype(float), 20, mode="symmetric")
        sums = np.pad(padded, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
        mean = (sums[41:, 41:] - sums[:-41, 41:] - sums[41:, :-41] + sums[:-41, :-41]) / 41**2
        found.append(otsu(np.clip(image - mean + 0.5, 0, 1)))
    assert np.mean([iou(f, m) for f, m in zip(found, masks, strict=True)]) > 0.75


def test_class_means_do_not_read_the_glyphs_but_neighbours_do():
    images, labels = (array.reshape(4000, -1).squeeze() for array in glyphs(4000, rng=11))
    train, test = slice(0, 3500), slice(3500, 4000)
    means = np.stack([images[train][labels[train] == digit].mean(axis=0) for digit in range(10)])
    nearest_mean = ((images[test][:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert 0.5 < np.mean(nearest_mean == labels[test]) < 0.85
    distances = (images[train] ** 2).sum(axis=1) - 2 * images[test] @ images[train].T
    nearest = labels[train][distances.argmin(axis=1)]
    assert np.mean(nearest == labels[test]) > 0.9


def test_glyphs_stay_within_the_frame():
    images, _ = glyphs(2000, rng=3)
    strong = images > 0.55  # ink of at least 0.6, little disturbed
    border = strong[:, [0, -1], :].sum() + strong[:, :, [0, -1]].sum()
    assert border < 0.002 * strong.sum()


def test_noise_is_standard():
    sample = noise(np.random.default_rng(4).random(200_000))
    assert abs(sample.mean()) < 0.01 and abs(sample.std() - 1) < 0.01
    assert np.abs(sample).max() <= 3.46
    fourth = (sample**4).mean()
    assert 2.6 < fourth < 2.8  # 3 for a true bell, 2.7 for the sum of four dice


def test_turns_round_to_the_same_six_decimals_everywhere():
    """No sine lies so near the middle between two roundings that a machine's last bits could decide."""
    for table, function in ((COSINES, np.cos), (SINES, np.sin)):
        exact = function(np.deg2rad(np.arange(360))) * 1e6
        assert np.abs(np.abs(exact - np.floor(exact)) - 0.5).min() > 1e-4
        assert np.abs(table * 1e6 - exact).max() < 0.5


def test_curves_pass_through_their_points():
    for forms in DIGITS.values():
        for strokes in forms:
            for points in strokes:
                along = np.array(polyline(points))
                step = STEPS if len(points) > 2 else 1
                assert np.allclose(along[::step], points, atol=1e-12)


def test_the_alphabet_has_every_digit():
    lines, written = alphabet()
    assert lines.shape == (16, 36, 2, 2)
    assert written.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 7, 8, 9, 9]


def test_ink_measures_the_distance_to_a_segment():
    cover = ink([[(2, 3), (6, 3)]], 2.0, (7, 9))
    assert cover.dtype == np.float32 and cover.shape == (7, 9)
    assert cover[3, 2:7].tolist() == [1] * 5
    assert cover[2, 4] == cover[4, 4] == 0.5 and cover[1, 4] == 0
    assert cover[3, 1] == cover[3, 7] == 0.5 and cover[3, 0] == 0
    assert cover[2, 1] == pytest.approx(1.5 - np.sqrt(2), abs=1e-6)
    dots = ink(np.full((3, 1, 2, 2), 4.0), [1.0, 2.0, 3.0], (9, 9))
    assert dots[:, 4, 4].tolist() == [1, 1, 1] and dots[:, 4, 5].tolist() == [0, 0.5, 1]
