"""Thresholds, regions, labels, morphology and edges: against SciPy, scikit-image and the definitions."""

import doctest
import importlib
import inspect
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import ndimage
from skimage import feature, filters, segmentation
from skimage.measure import regionprops

from course.data import otsu_scene, sample_image, shapes
from course.imaging import naive, segment
from course.imaging.edges import hysteresis

MODULES = ["edges", "labels", "morphology", "regions", "thresholds"]
MODES = ["reflect", "mirror", "nearest", "wrap", "constant"]
DTYPES = ["uint8", "int16", "float32", "float64"]
CAMERA = sample_image("camera")


def generator(seed):
    return np.random.default_rng(seed)


def random_picture(rng, levels=6, dtype=None):
    shape = rng.integers(1, 14, 2)
    shape[1] += shape[0] == shape[1]
    return rng.integers(0, levels, shape).astype(dtype or rng.choice(DTYPES))


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module):
    assert doctest.testmod(importlib.import_module(f"course.imaging.{module}")).failed == 0


@pytest.mark.parametrize("name", segment.__all__)
def test_every_public_function_has_an_example(name):
    assert ">>>" in inspect.getdoc(getattr(segment, name))


# ---- thresholds


def exhaustive(image, n):
    """The best choice by exact arithmetic; the first of equals, in the order of the thresholds."""
    value, count = np.unique(image, return_counts=True)
    best = None
    for cuts in combinations(range(1, len(value)), n):
        ends = (0, *cuts, len(value))
        score = sum(Fraction(int(value[a:b] @ count[a:b])) ** 2 / int(count[a:b].sum()) for a, b in pairwise(ends))
        if best is None or score > best[0]:
            best = score, [int(value[c - 1]) for c in cuts]
    return best[1]


@pytest.mark.parametrize("seed", range(60))
def test_otsu_is_the_best_choice_and_the_lowest_of_equals(seed):
    rng = generator(seed)
    x = random_picture(rng, int(rng.integers(4, 13)), "int64")
    for n in range(1, min(5, len(np.unique(x)))):
        assert segment.otsu(x, n).tolist() == exhaustive(x, n)
        assert naive.otsu_exhaustive(x, n).tolist() == exhaustive(x, n)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_ties_go_to_the_lowest(n):
    x = np.arange(8)[None]  # every choice and its mirror image are equally good
    assert segment.otsu(x, n).tolist() == exhaustive(x, n)
    assert segment.otsu(x + 0.1, n).tolist() == (np.array(exhaustive(x, n)) + 0.1).tolist()
    assert segment.otsu([[0, 1, 2]]).tolist() == [0]


def test_otsu_on_the_scene_of_the_book():
    scene, _ = otsu_scene()
    assert segment.otsu(scene).tolist() == [116] == [filters.threshold_otsu(scene)]
    assert segment.otsu(scene, 2).tolist() == [104, 192] == filters.threshold_multiotsu(scene, 3).tolist()


@pytest.mark.parametrize("name", ["camera", "brick", "text"])
def test_otsu_equals_scikit_image_on_photographs(name):
    x = sample_image(name)
    assert segment.otsu(x) == filters.threshold_otsu(x)
    for n in (2, 3):
        assert segment.otsu(x, n).tolist() == filters.threshold_multiotsu(x, n + 1).tolist()


def test_scikit_images_multi_otsu_counts_the_first_level_as_the_second():
    x = np.repeat([0, 1, 2], [6, 6, 1])[None]
    assert segment.otsu(x) == [0] == exhaustive(x, 1) and filters.threshold_multiotsu(x, 2) == [1]
    # and it adds up in single precision, which moves the threshold of a photograph
    assert segment.otsu(CAMERA) == [103] == [filters.threshold_otsu(CAMERA)] != filters.threshold_multiotsu(CAMERA, 2)


def test_otsu_does_not_depend_on_the_unit_or_the_type():
    x = CAMERA[:40, :50]
    t = segment.otsu(x, 3)
    assert segment.otsu(x.astype(float), 3).tolist() == t.tolist()
    assert segment.otsu(x.astype(np.float32) / 256, 3).dtype == np.float32
    assert (segment.otsu(x.astype(np.float32) / 256, 3) * 256).tolist() == t.tolist()
    assert segment.otsu(x.astype(np.int32) * 100 - 7000, 3).tolist() == (t * 100 - 7000).tolist()
    assert segment.otsu(x.astype(np.int64) * 10**6, 3).tolist() == (t * 10**6).tolist()
    assert segment.otsu(x.T[::-1, ::2], 2).tolist() == segment.otsu(np.ascontiguousarray(x.T[::-1, ::2]), 2).tolist()
    assert segment.otsu(CAMERA > 100).tolist() == [0]


def test_otsu_of_many_values_is_exact_up_to_4096_and_in_bins_above():
    x = generator(5).permutation(4096).reshape(32, 128).astype(float) ** 2
    flat = np.sort(x.ravel())
    cut = np.arange(1, 4096)
    low = np.cumsum(flat)[:-1]
    between = (low / cut - flat.mean()) ** 2 * cut / (4096 - cut)
    assert segment.otsu(x, bins=None) == flat[between.argmax()]

    more = np.append(x.ravel(), [0.5, 1.5]).reshape(2, -1)
    t = segment.otsu(more, bins=32)[0]
    edges = np.linspace(0, flat[-1], 33)
    ends = [more[more < e].max() for e in edges[1:-1]]
    spread = [more[more > e].var() * np.sum(more > e) + more[more <= e].var() * np.sum(more <= e) for e in ends]
    assert t == ends[int(np.argmin(spread))]
    assert abs(segment.otsu(more)[0] - segment.otsu(x)[0]) < flat[-1] / 256


def test_otsu_with_as_many_classes_as_values_finds_each():
    assert segment.otsu([[5, 5, 7, 9, 9, 9]], 2).tolist() == [5, 7]


# ---- regions


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("connectivity", [1, 2])
def test_flood_equals_scikit_image(seed, connectivity):
    rng = generator(seed)
    x = random_picture(rng)
    place = tuple(int(rng.integers(n)) for n in x.shape)
    for tolerance in (0, 1, 2, 300) if x.dtype.kind in "ui" else (0, 0.5, 1.5):
        ours = segment.flood(x, place, tolerance, connectivity)
        assert ours.dtype == bool
        assert np.array_equal(ours, segmentation.flood(x, place, tolerance=tolerance, connectivity=connectivity))
        assert connectivity == 2 or np.array_equal(ours, naive.flooded(x, place, tolerance))


def serpentine(n):
    x = np.zeros((n, n + 1), np.uint8)
    x[1::2] = 255
    x[1::4, -1] = x[3::4, 0] = 0
    return x


def test_flood_finds_its_way_through_a_serpentine_and_percolation():
    x = serpentine(63)
    assert np.array_equal(segment.flood(x, (0, 0), 10), x == 0)
    y = np.where(generator(0).random((97, 89)) < 0.6, 0, 255).astype(np.uint8)
    for place in ((3, 5), (50, 40)):
        assert np.array_equal(segment.flood(y, place, 9), segmentation.flood(y, place, tolerance=9, connectivity=1))


def test_a_tolerance_with_a_fraction_is_taken_at_its_word():
    x = np.array([[2, 0, 1, 3, 4]], np.uint8)[:, [1, 2, 0, 3, 4]]
    assert segment.flood(x, (0, 2), 1.5).tolist() == [[False, True, True, True, False]]
    assert segmentation.flood(x, (0, 2), tolerance=1.5, connectivity=1).tolist() == [[True, True, True, True, False]]


@pytest.mark.parametrize("seed", range(40))
def test_growth_by_the_mean_equals_the_definition(seed):
    rng = generator(seed)
    x = random_picture(rng, 9)
    count = min(int(rng.integers(1, 4)), x.size)
    places = [divmod(int(p), x.shape[1]) for p in rng.choice(x.size, count, replace=False)]
    for threshold in (0.7, 2, 3.5):
        ours = segment.region_grow(x, places, threshold)
        assert np.array_equal(ours, naive.grown(x, places, threshold))
        for turn in (np.transpose, np.flipud, np.fliplr):  # the order of visits plays no part
            marks = np.zeros(x.shape, int)
            for k, place in enumerate(places, 1):
                marks[place] = k
            turned = [tuple(np.argwhere(turn(marks) == k)[0]) for k in range(1, count + 1)]
            assert np.array_equal(segment.region_grow(turn(x), turned, threshold), turn(ours))


def test_the_mean_moves_and_what_was_refused_may_join_later():
    x = [[0, 2, 1, 3, 9], [3, 9, 9, 9, 9]]
    assert segment.region_grow(x, (0, 0), 2.5).tolist() == [[1, 1, 1, 1, 0], [1, 0, 0, 0, 0]]
    assert segment.region_grow([[0, 1, 2, 3, 4, 5]], (0, 0), 1.5).tolist() == [[1, 1, 0, 0, 0, 0]]


def test_between_two_regions_the_nearest_mean_wins_and_then_the_first_seed():
    assert segment.region_grow([[0, 4, 10]], [(0, 0), (0, 2)], 20).tolist() == [[1, 1, 2]]
    assert segment.region_grow([[0, 6, 10]], [(0, 0), (0, 2)], 20).tolist() == [[1, 2, 2]]
    assert segment.region_grow([[0, 5, 10]], [(0, 0), (0, 2)], 20).tolist() == [[1, 1, 2]]
    assert segment.region_grow([[0, 5, 10]], [(0, 2), (0, 0)], 20).tolist() == [[2, 1, 1]]


def test_growth_over_corners_and_in_colour():
    x = np.array([[1, 9, 9], [9, 1, 9]])
    assert segment.region_grow(x, (0, 0), 2).sum() == 1
    assert segment.region_grow(x, (0, 0), 2, connectivity=2).tolist() == [[1, 0, 0], [0, 1, 0]]
    y = np.zeros((1, 3, 3))
    y[0, 1], y[0, 2] = [3, 4, 0], [3, 4, 5]
    assert segment.region_grow(y, (0, 0), 5.1).tolist() == [[1, 1, 0]]
    assert segment.region_grow(y, (0, 0), 5).tolist() == [[1, 0, 0]]


def test_several_floods_and_who_gets_what_both_reach():
    x = [[0, 1, 2, 3, 4]]
    assert segment.region_grow(x, [(0, 1), (0, 3)], tolerance=1).tolist() == [[1, 1, 1, 2, 2]]
    assert segment.region_grow(x, [(0, 3), (0, 1)], tolerance=1).tolist() == [[2, 2, 1, 1, 1]]


# ---- labels and measurements


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("connectivity", [1, 2])
def test_label_equals_scipy(seed, connectivity):
    rng = generator(seed)
    x = random_picture(rng, 2) if seed % 2 else (rng.random((31, 17)) < rng.uniform(0.3, 0.7)) * 1
    labels, count = segment.label(x, connectivity)
    theirs, many = ndimage.label(x, ndimage.generate_binary_structure(2, connectivity))
    assert count == many and labels.dtype == theirs.dtype and np.array_equal(labels, theirs)
    if connectivity == 1:
        assert np.array_equal(naive.labelled(x)[0], theirs)


def test_label_and_measure_of_nothing():
    assert segment.label(np.zeros((0, 3)))[1] == 0 and segment.label(np.zeros((4, 0)))[0].shape == (4, 0)
    assert segment.label(np.zeros((2, 3)))[1] == 0 and len(segment.measure(np.zeros((2, 3), int))) == 0


@pytest.mark.parametrize("seed", range(30))
def test_measure_equals_scikit_image(seed):
    rng = generator(seed)
    labels = ndimage.label(rng.random((23, 34)) < rng.uniform(0.3, 0.7))[0]
    labels[labels == 2] = 0  # a number may be missing
    ours, theirs = segment.measure(labels), regionprops(labels)
    assert len(ours) == len(theirs) > 0
    for a, b in zip(ours, theirs, strict=True):
        assert (a["label"], a["area"], tuple(a["box"])) == (b.label, b.area, b.bbox)
        assert np.allclose(a["centroid"], b.centroid)
        assert np.allclose(a["axes"], [b.axis_major_length, b.axis_minor_length], atol=1e-6)
        if not np.isnan(a["orientation"]):  # the same axis; -90 and 90 degrees are one
            assert abs(np.sin(a["orientation"] - b.orientation)) < 1e-6
            assert -np.pi / 2 < a["orientation"] <= np.pi / 2
    one = np.isnan(ours["orientation"])
    assert np.array_equal(one, np.isclose(*ours["axes"].T, atol=1e-9))


@pytest.mark.parametrize(
    ("step", "angle"), [((1, 0), 0), ((1, 1), np.pi / 4), ((0, 1), np.pi / 2), ((1, -1), -np.pi / 4)]
)
def test_orientation_turns_from_down_to_the_right(step, angle):
    labels = np.zeros((9, 11), int)
    for k in range(5):
        labels[2 + k * step[0], 5 + k * step[1]] = 4
    assert segment.measure(labels)["orientation"] == pytest.approx(angle)


def test_axes_of_an_ellipse():
    i, j = np.mgrid[-40:41, -60:61]
    objects = segment.measure(((i / 18) ** 2 + (j / 50) ** 2 <= 1).astype(int))
    assert np.allclose(objects["axes"], [[100, 36]], rtol=0.01)


# ---- morphology


@pytest.mark.parametrize("seed", range(30))
def test_morphology_equals_scipy(seed):
    rng = generator(seed)
    x = random_picture(rng, 256)
    footprint = rng.random(rng.integers(1, 6, 2)) < rng.choice([0.5, 2])
    footprint.flat[rng.integers(footprint.size)] = True
    for name in ("erosion", "dilation", "opening", "closing"):
        ours, theirs = getattr(segment, name), getattr(ndimage, f"grey_{name}")
        for mode in MODES:
            y = ours(x, footprint, mode, 7)
            assert y.dtype == x.dtype
            assert np.array_equal(y, theirs(x, footprint=footprint, mode=mode, cval=7)), (name, mode)
        b, theirs = x > 128, getattr(ndimage, f"binary_{name}")
        assert np.array_equal(ours(b, footprint, "constant"), theirs(b, footprint))
    assert np.array_equal(segment.erosion(b, footprint), ndimage.binary_erosion(b, footprint, border_value=1))
    assert np.array_equal(segment.dilation(b, footprint), ndimage.binary_dilation(b, footprint))
    assert np.array_equal(segment.erosion(b, boundary="constant", value=1), ndimage.binary_erosion(b, border_value=1))


@pytest.mark.parametrize("seed", range(20))
def test_morphology_equals_the_definition(seed):
    rng = generator(seed)
    x = random_picture(rng, 50)
    footprint = rng.integers(0, 2, rng.integers(1, 5, 2))
    footprint[footprint.shape[0] // 2, footprint.shape[1] // 2] = 1
    assert np.array_equal(segment.erosion(x, footprint), naive.eroded(x, footprint))
    assert np.array_equal(segment.dilation(x, footprint), naive.dilated(x, footprint))


@pytest.mark.parametrize("seed", range(40))
def test_erosion_and_dilation_are_an_adjunction(seed):
    rng = generator(seed)
    a = random_picture(rng, 4)
    footprint = rng.random(rng.integers(1, 5, 2)) < 0.6
    footprint.flat[rng.integers(footprint.size)] = True
    forward = segment.dilation(a, footprint)
    held = set()
    for b in (forward, forward + 1, np.maximum(forward, 1), rng.permuted(forward), forward - (forward > 2)):
        b = b.astype(a.dtype)
        one, other = (forward <= b).all(), (a <= segment.erosion(b, footprint)).all()
        assert one == other
        held.add(bool(one))
    assert True in held
    assert (segment.opening(a, footprint) <= a).all() and (segment.closing(a, footprint) >= a).all()
    for twice in (segment.opening, segment.closing):
        assert np.array_equal(twice(twice(a, footprint), footprint), twice(a, footprint))


def test_the_adjunction_is_lost_when_a_border_is_invented():
    x = np.ones((3, 4), bool)
    assert (segment.dilation(x) <= x).all() and not (x <= segment.erosion(x, boundary="constant")).all()


# ---- edges


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sigma", [0, 0.6, 1.7])
def test_canny_equals_scikit_image(mode, sigma):
    crop = CAMERA[40:110, 90:185]
    noise = generator(1).integers(0, 3, (29, 37)).astype(np.uint8) * 100
    pictures = [crop, crop.astype(np.uint16) * 200, crop / 255, (crop / 255).astype(np.float32), crop > 90, noise]
    for x in [*pictures, shapes(1)[0][0], crop // 32 * 32]:
        assert np.array_equal(segment.canny(x, sigma, boundary=mode), feature.canny(x, sigma, mode=mode)), x.dtype


def test_a_strong_pixel_outside_the_weak_ones_holds_nothing():
    weak, strong = np.array([[[1, 1, 0, 0], [0, 0, 0, 1]], [[1, 0, 1, 0], [0, 0, 0, 0]]], bool)
    assert np.array_equal(hysteresis(weak, strong), [[1, 1, 0, 0], [0, 0, 0, 0]])


def test_canny_with_thresholds_of_ones_own():
    for low, high in ((5, 20), (40, 40), (0, 255), (300, 900)):
        ours = segment.canny(CAMERA, 1.4, low, high)
        assert np.array_equal(ours, feature.canny(CAMERA, 1.4, low, high))
    assert ours.sum() == 0 and segment.canny(np.zeros((2, 2))).tolist() == [[False, False]] * 2


# ---- what is given stays as it is, and what cannot be done is said in a sentence


@pytest.mark.parametrize(
    "call",
    [
        lambda x: segment.otsu(x, 2),
        lambda x: segment.flood(x, (1, 1), 1),
        lambda x: segment.region_grow(x, [(1, 1)], 2),
        lambda x: segment.label(x)[0],
        segment.measure,
        segment.erosion,
        segment.dilation,
        lambda x: segment.closing(x, np.ones((1, 1))),
        segment.canny,
    ],
)
def test_read_only_pictures_are_welcome_and_stay(call):
    x = generator(3).integers(0, 4, (5, 12)).astype(np.uint8)
    before = x.copy()
    x.flags.writeable = False
    out = call(x[:, ::2])
    out[:1] = 0  # ours to change
    assert np.array_equal(x, before)


NUMBERS = np.arange(12.0).reshape(3, 4)
ONES = np.ones((3, 4), int)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: segment.otsu(np.ones(4)), ValueError, "otsu: the picture has 1 axes, but it must have 2"),
        (lambda: segment.label([["a"]]), TypeError, "label: the picture is of type <U1, but it must hold real numbers"),
        (
            lambda: segment.otsu([[1, np.nan]]),
            ValueError,
            "otsu: the picture holds nan, but every pixel must be a number",
        ),
        (
            lambda: segment.otsu(ONES),
            ValueError,
            "otsu: the picture has 1 distinct values to tell apart, but thresholds=1 needs at least 2",
        ),
        (
            lambda: segment.otsu(np.zeros((0, 3))),
            ValueError,
            "otsu: the picture has 0 distinct values to tell apart, but thresholds=1 needs at least 2",
        ),
        (lambda: segment.otsu(NUMBERS, 0), ValueError, "otsu: thresholds is 0, but it must be at least 1"),
        (lambda: segment.otsu(NUMBERS, 1.5), TypeError, "otsu: thresholds is 1.5, but it must be a whole number"),
        (
            lambda: segment.otsu(np.arange(5000.0)[None], bins=None),
            ValueError,
            "otsu: the picture has 5000 distinct values, and bins is None; "
            "above 4096 values it must be told how many bins to sort them into",
        ),
        (
            lambda: segment.otsu(np.arange(5000.0)[None], bins=0),
            ValueError,
            "otsu: bins is 0, but it must be at least 1",
        ),
        (
            lambda: segment.flood(NUMBERS, (0, 0), -1),
            ValueError,
            "flood: tolerance is -1, but it must be at least 0",
        ),
        (
            lambda: segment.flood(NUMBERS, (0, 4)),
            ValueError,
            "flood: the seed (0, 4) lies outside a picture of 3 rows and 4 columns",
        ),
        (
            lambda: segment.flood(NUMBERS, (0, 0), 1, 3),
            ValueError,
            "flood: connectivity is 3, but it must be 1 (four neighbours) or 2 (eight)",
        ),
        (
            lambda: segment.region_grow(NUMBERS, [(0, 1), (0, 1)], 1),
            ValueError,
            "region_grow: two of the 2 seeds are the same pixel, but a pixel has one label",
        ),
        (
            lambda: segment.region_grow(NUMBERS, [], 1),
            ValueError,
            "region_grow: seeds are pairs of whole numbers (row, column), at least one, but [] came",
        ),
        (
            lambda: segment.region_grow(NUMBERS, (0, 1)),
            TypeError,
            "region_grow: it needs one of threshold (grow by the mean) and tolerance (by the seed's value)",
        ),
        (
            lambda: segment.region_grow(NUMBERS, (0, 1), 0),
            ValueError,
            "region_grow: threshold is 0, but it must be more than 0",
        ),
        (
            lambda: segment.region_grow(np.ones(3), (0, 1), 1),
            ValueError,
            "region_grow: the picture has 1 axes, but it must have 2, or 3 with channels",
        ),
        (
            lambda: segment.measure(NUMBERS),
            ValueError,
            "measure: labels are whole numbers from 0 up, but they are of type float64, from 0.0 to 11.0",
        ),
        (
            lambda: segment.measure(ONES - 3),
            ValueError,
            "measure: labels are whole numbers from 0 up, but they are of type int64, from -2 to -2",
        ),
        (
            lambda: segment.measure(ONES > 0),
            TypeError,
            "measure: a mask has no numbers yet, but measure needs them; label(mask) gives each region its own",
        ),
        (
            lambda: segment.erosion(ONES, [[0, 0]]),
            ValueError,
            "erosion: the footprint has shape (1, 2) and 0 pixels; it must have 2 axes, and a pixel that is not zero",
        ),
        (
            lambda: segment.dilation(ONES, [[1]], "symmetric"),
            ValueError,
            "dilation: there is no boundary 'symmetric'; there are reflect, mirror, nearest, wrap, constant",
        ),
        (lambda: segment.canny(NUMBERS, -1), ValueError, "canny: sigma is -1, but it must be at least 0"),
        (
            lambda: segment.canny(NUMBERS, 1, 3, 2),
            ValueError,
            "canny: the thresholds are 3 and 2, but low must be at least 0 and no more than high",
        ),
        (
            lambda: segment.canny(ONES),
            TypeError,
            "canny: the picture is of type int64, but it must hold floats, or whole numbers of at most 16 bits",
        ),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error) as refusal:
        call()
    assert str(refusal.value) == sentence
