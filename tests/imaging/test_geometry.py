"""Matrices, warps, resizing and lenses: against SciPy and scikit-image, by dot tests, and every refusal."""

import doctest
import itertools

import numpy as np
import pytest
from scipy import ndimage
from skimage import transform

from course.imaging import geometry, lenses, matrices, naive, resizing, sampling, warps
from course.imaging.borders import MODES
from course.linear import LinearOperator, dot_test, matrix_test

SCIPY = {"wrap": "grid-wrap", "constant": "grid-constant"}
SHAPES = [(9, 13), (2, 5), (1, 4), (6, 3)]
MOVE = geometry.translation(0.3, -0.2) @ geometry.rotation(30) @ geometry.scaling(1.3, 0.7)
TILT = MOVE @ geometry.homography(0.02, -0.03)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("module", [matrices, sampling, warps, resizing, lenses])
def test_examples(module):
    failed, tried = doctest.testmod(module)
    assert tried and not failed


# --- matrices


def test_every_public_function_has_an_example():
    for name in geometry.__all__:
        assert ">>>" in getattr(geometry, name).__doc__, name


def test_matrices_do_what_they_say(rng):
    x, y = p = rng.standard_normal(2)
    assert np.allclose(geometry.apply(geometry.translation(3, -5), p), [x + 3, y - 5])
    assert np.allclose(geometry.apply(geometry.scaling(3, -5), p), [3 * x, -5 * y])
    assert np.allclose(geometry.apply(geometry.shear(3, -5), p), [x + 3 * y, y - 5 * x])
    assert np.allclose(geometry.apply(geometry.homography(0.3, 0.1), p), p / (1 + 0.3 * x + 0.1 * y))
    turned = np.exp(-1j * np.deg2rad(35)) * (x + 1j * y)  # clockwise in axes where y runs up
    assert np.allclose(geometry.apply(geometry.rotation(35), p), [turned.real, turned.imag])
    for k in range(-5, 6):
        assert set(np.abs(geometry.rotation(90 * k)).ravel()) <= {0.0, 1.0}
    assert np.allclose(geometry.rotation(1e-3 + 90), geometry.rotation(90) @ geometry.rotation(1e-3), atol=1e-15)


def test_apply_takes_any_leading_axes(rng):
    p = rng.standard_normal((4, 3, 2))
    theirs = transform.ProjectiveTransform(TILT)(p.reshape(-1, 2)).reshape(p.shape)
    assert np.allclose(geometry.apply(TILT, p), theirs)
    assert geometry.apply(TILT, np.zeros((0, 2))).shape == (0, 2)


def test_estimates_find_the_matrix(rng):
    src = rng.uniform(0, 300, (9, 2))
    for M, estimate in ((MOVE, geometry.estimate_affine), (TILT, geometry.estimate_homography)):
        M = M / M[2, 2]
        for n in (3 if M is MOVE else 4, 9):
            assert np.allclose(estimate(src[:n], geometry.apply(M, src[:n])), M, atol=1e-9)
    noisy = geometry.apply(MOVE, src) + rng.standard_normal(src.shape)
    ours = geometry.estimate_affine(src, noisy)
    rows = np.column_stack([src, np.ones(9)])
    assert np.allclose(ours[:2], np.linalg.lstsq(rows, noisy)[0].T)
    noisy = geometry.apply(TILT, src) + rng.standard_normal(src.shape) / 100
    theirs = transform.estimate_transform("projective", src, noisy)
    assert np.allclose(geometry.estimate_homography(src, noisy), theirs.params, rtol=1e-5, atol=1e-7)


def test_a_homography_without_a_one_in_its_corner():
    M = np.array([[0, 1.0, 2], [1, 0, 3], [1, 0.5, 0]])  # the origin goes to infinity
    src = np.array([[1, 0], [2, 0], [1, 3], [4, 5.0]])
    found = geometry.estimate_homography(src, geometry.apply(M, src))
    assert np.allclose(np.abs(found / np.linalg.norm(found)), np.abs(M / np.linalg.norm(M)))


# --- sampling


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_sample_is_map_coordinates(shape, order, boundary, rng):
    x = rng.standard_normal(shape)
    p = rng.uniform(-30, 40, (300, 2))
    p[:150] = rng.uniform(0, 1, (150, 2)) * [shape[1] - 1, shape[0] - 1]
    ours = geometry.sample(x, p, order, boundary, 0.7)
    mode = SCIPY.get(boundary, boundary)
    if order == 3 and boundary == "reflect":  # SciPy's prefilter misses the pixels of short lines: give it a long one
        wide = np.pad(x, 64, "symmetric")
        theirs = ndimage.map_coordinates(wide, p.T[::-1] + 64, order=3, mode="mirror")
        assert np.abs(ours - theirs).max() < 1e-12
        return
    theirs = ndimage.map_coordinates(x, p.T[::-1], order=order, mode=mode, cval=0.7)
    assert np.abs(ours - theirs)[:150].max() < 1e-12
    cut = order == 3 and boundary in ("nearest", "constant")  # SciPy looks no further than 12 pixels out
    assert np.abs(ours - theirs).max() < (1e-6 if cut else 1e-12)


@pytest.mark.parametrize("boundary", MODES)
def test_the_cubic_goes_through_the_pixels(boundary, rng):
    for shape in [*SHAPES, (1, 1), (40, 31)]:
        x = rng.standard_normal(shape)
        p = np.stack(np.meshgrid(np.arange(shape[1]), np.arange(shape[0])), -1)
        assert np.allclose(geometry.sample(x, p, 3, boundary), x, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64, bool])
@pytest.mark.parametrize("order", [0, 1, 3])
def test_dtypes_are_those_of_scipy(dtype, order, rng):
    x = (rng.standard_normal((7, 9)) * 300).clip(-400, 255)
    x = (
        (x > 0)
        if dtype is bool
        else np.abs(x).clip(0, 255).astype(dtype)
        if np.dtype(dtype).kind == "u"
        else x.astype(dtype)
    )
    p = rng.uniform(0, 6, (500, 2))
    if dtype is bool and order:
        with pytest.raises(TypeError, match="sample: the image is bool; it must be real numbers, or a mask"):
            geometry.sample(x, p, order)
        return
    ours = geometry.sample(x, p, order, "mirror")
    theirs = ndimage.map_coordinates(x, p.T[::-1], order=order, mode="mirror")
    assert ours.dtype == x.dtype
    assert np.allclose(ours, theirs, rtol=1e-5, atol=1e-4 if dtype is np.float32 else 1e-9)


def test_half_precision_stays_and_is_computed_in_single(rng):
    x = rng.standard_normal((5, 6)).astype(np.float16)
    y = geometry.warp(x, MOVE)
    assert y.dtype == np.float16
    assert np.allclose(y, geometry.warp(x.astype(float), MOVE), atol=2e-3)


def test_points_that_are_nowhere_read_the_value():
    x = np.ones((3, 4, 2))
    y = geometry.sample(x, [[1, 1], [np.nan, 1], [1, np.inf]], value=7, boundary="reflect")
    assert y.tolist() == [[1, 1], [7, 7], [7, 7]]
    back = geometry.sample_adjoint(np.ones((2, 2)), [[1, 1], [np.nan, 1]], (3, 4, 2))
    assert back.sum() == 2


def test_channels_are_read_one_by_one(rng):
    x = rng.standard_normal((7, 9, 3))
    for order in (0, 1, 3):
        y = geometry.warp(x, MOVE, (5, 8), order)
        assert np.array_equal(y, np.stack([geometry.warp(x[..., c], MOVE, (5, 8), order) for c in range(3)], -1))
        g = rng.standard_normal((5, 8, 3))
        back = geometry.warp_adjoint(g, MOVE, x.shape, order)
        alone = [geometry.warp_adjoint(g[..., c], MOVE, x.shape[:2], order) for c in range(3)]
        assert np.array_equal(back, np.stack(alone, -1))
    assert geometry.warp(x[..., :0], MOVE).shape == (7, 9, 0)


# --- warps


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("order", [0, 1, 3])
def test_warp_is_affine_transform(order, boundary, rng):
    x = rng.standard_normal((17, 23))
    back = np.linalg.inv(MOVE)
    swapped = back[:2, :2][::-1, ::-1]  # SciPy's matrix acts on (row, column)
    mode = SCIPY.get(boundary, boundary)
    theirs = ndimage.affine_transform(x, swapped, back[1::-1, 2], (19, 21), order=order, mode=mode, cval=2)
    ours = geometry.warp(x, MOVE, (19, 21), order, boundary, 2)
    assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize(
    "mode,boundary",
    [("constant", "constant"), ("edge", "nearest"), ("symmetric", "reflect"), ("reflect", "mirror"), ("wrap", "wrap")],
)
def test_linear_warp_is_that_of_skimage(mode, boundary, rng):
    x = rng.standard_normal((17, 23))
    for M in (MOVE, TILT):
        back = transform.ProjectiveTransform(np.linalg.inv(M))
        theirs = transform.warp(x, back, order=1, mode=mode, clip=False, preserve_range=True)
        ours = geometry.warp(x, M, boundary=boundary)
        assert np.allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("angle", [0, 30, 90, -135, 180, 270])
@pytest.mark.parametrize("expand", [False, True])
def test_rotate_is_that_of_skimage(angle, expand, rng):
    x = rng.standard_normal((17, 24))
    theirs = transform.rotate(x, angle, resize=expand, clip=False, preserve_range=True)
    ours = geometry.rotate(x, angle, expand=expand)
    assert ours.shape == theirs.shape and np.allclose(ours, theirs, atol=1e-9)


def test_quarter_turns_are_exact(rng):
    x = rng.integers(0, 255, (8, 11), dtype=np.uint8)
    for k, order in itertools.product(range(4), (0, 1, 3)):
        assert np.array_equal(geometry.rotate(x, 90 * k, order=order, expand=True), np.rot90(x, k))


def test_naive_warp_and_splat(rng):
    x, g = rng.standard_normal((6, 9)), rng.standard_normal((7, 5))
    for M in (MOVE, TILT):
        back = np.linalg.inv(M)
        assert np.allclose(naive.warped(x, back, g.shape), geometry.warp(x, M, g.shape))
        assert np.allclose(naive.splatted(g, back, x.shape), geometry.warp_adjoint(g, M, x.shape))


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("matrix", [MOVE, TILT, geometry.homography(-0.3, 0.1)])
def test_adjoints_of_warps(matrix, order, boundary):
    for shape in SHAPES:
        A = geometry.warping(matrix, shape, (5, 4), order, boundary)
        matrix_test(A)
        dot_test(A)
    dot_test(geometry.warping(matrix, (17, 12, 3), None, order, boundary))
    dot_test(geometry.warping(matrix, (17, 12), None, order, boundary), dtype=np.float32)


def test_the_adjoint_of_sampling_a_lens(rng):
    points = geometry.undistort(rng.uniform(-2, 9, (40, 2)), -0.3, centre=(4, 3), radius=5)
    assert np.isnan(points).any()
    for order, boundary in itertools.product((0, 1, 3), MODES):
        A = LinearOperator(
            (7, 9),
            (40,),
            lambda x, o=order, b=boundary: geometry.sample(x, points, o, b),
            lambda g, o=order, b=boundary: geometry.sample_adjoint(g, points, (7, 9), o, b),
        )
        dot_test(A)


def test_behind_the_horizon_is_the_value(rng):
    x = 1 + rng.random((9, 9))
    M = geometry.about(geometry.homography(0.2, 0), (4, 4))  # w = 0 at x = -1
    y = geometry.warp(x, M, (9, 30), boundary="nearest", value=-1)
    back = np.linalg.inv(M)
    w = back[2] @ np.stack([np.arange(30), np.zeros(30), np.ones(30)])
    assert (w <= 0).any() and np.array_equal(y[0] == -1, w <= 0)
    assert np.allclose(y, geometry.warp(x, -3 * M, (9, 30), boundary="nearest", value=-1))


def test_inputs_are_left_alone(rng):
    x = rng.standard_normal((18, 22))[::2, ::-1]
    x.setflags(write=False)
    for order, boundary in itertools.product((0, 1, 3), MODES):
        assert np.array_equal(
            geometry.warp(x, MOVE, None, order, boundary), geometry.warp(x.copy(), MOVE, None, order, boundary)
        )
        a = geometry.warp_adjoint(x, MOVE, (5, 7), order, boundary)
        assert np.array_equal(a, geometry.warp_adjoint(x.copy(), MOVE, (5, 7), order, boundary))
    points = np.full((3, 2), -5.0)
    geometry.sample(x, points)
    assert (points == -5).all()
    bytes_ = np.full((4, 4), 200, np.uint8)
    geometry.warp(bytes_, np.eye(3))
    geometry.resize(bytes_, (2, 2))
    assert (bytes_ == 200).all()


def test_empty_results():
    x = np.ones((3, 4))
    assert geometry.warp(x, np.eye(3), (0, 5)).shape == (0, 5)
    assert geometry.warp(x, np.eye(3), (5, 0)).shape == (5, 0)
    assert geometry.sample(x, np.zeros((0, 2))).shape == (0,)
    assert geometry.warp_adjoint(np.ones((0, 5)), np.eye(3), (3, 4)).tolist() == np.zeros((3, 4)).tolist()


# --- resizing


@pytest.mark.parametrize("boundary,mode", [("mirror", "reflect"), ("reflect", "symmetric"), ("nearest", "edge")])
@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("antialias", [True, False])
def test_resize_is_that_of_skimage(boundary, mode, order, antialias, rng):
    x = rng.standard_normal((21, 34))
    for shape in [(7, 13), (30, 11), (50, 41), (21, 34)]:
        theirs = transform.resize(x, shape, order=order, mode=mode, clip=False, anti_aliasing=antialias)
        ours = geometry.resize(x, shape, order, antialias, boundary)
        assert np.abs(ours - theirs).max() < 1e-6


def test_resize_linear_is_interpolate(rng):
    from course.ops import interpolate

    x = rng.standard_normal((11, 14))
    theirs = interpolate(x[None, None], size=(27, 5), mode="bilinear")[0, 0]
    assert np.allclose(geometry.resize(x, (27, 5), antialias=False, boundary="nearest"), theirs)


@pytest.mark.parametrize("boundary", MODES)
@pytest.mark.parametrize("order", [0, 1, 3])
def test_resize_adjoint_rows_and_dtypes(boundary, order, rng):
    for shape in [(3, 11), (9, 2), (1, 1)]:
        A = geometry.resizing((7, 9), shape, order, True, boundary)
        matrix_test(A)
        dot_test(geometry.resizing((7, 9, 2), shape, order, True, boundary))
        dot_test(A, dtype=np.float32)
        if boundary != "constant":
            assert np.allclose(geometry.resize(np.ones((7, 9)), shape, order, True, boundary), 1)
    assert geometry.resize(rng.integers(0, 255, (9, 8), dtype=np.uint8), (4, 5)).dtype == np.uint8
    assert geometry.resize(rng.random((9, 8)).astype(np.float32), (4, 5)).dtype == np.float32
    mask = rng.random((9, 8)) > 0.8
    assert np.array_equal(geometry.resize(mask, (4, 5), 0), geometry.resize(mask * 1.0, (4, 5), 0, False) == 1)


# --- lenses


@pytest.mark.parametrize("k1,k2", [(-0.2, 0), (0.3, 0), (-0.3, 0.1), (0.2, -0.1), (0, 0.4), (0, 0), (-0.25, 0.03)])
def test_undistort_undoes_distort(k1, k2, rng):
    lens = {"centre": (3, 2), "radius": 5}
    p = np.array([3, 2]) + 3 * rng.standard_normal((200, 2))
    end = lenses._turning(k1, k2)
    p = p[np.linalg.norm(p - [3, 2], axis=1) / 5 < end]
    assert len(p) > 50
    assert np.allclose(geometry.undistort(geometry.distort(p, k1, k2, **lens), k1, k2, **lens), p, atol=1e-6)
    assert geometry.undistort([[3, 2]], k1, k2, **lens).tolist() == [[3, 2]]


def test_what_the_lens_cannot_reach_is_nan():
    far = geometry.undistort([[100, 0]], -0.25, centre=(0, 0), radius=1)
    assert np.isnan(far).all()
    near = geometry.undistort([[100, 0]], 0.25, centre=(0, 0), radius=1)
    assert np.allclose(geometry.distort(near, 0.25, centre=(0, 0), radius=1), [[100, 0]])


def test_a_lens_and_back(rng):
    x = ndimage.gaussian_filter(rng.standard_normal((40, 50)), 3)
    y = geometry.radial_distortion(x, -0.15, order=3, boundary="nearest")
    again = geometry.radial_distortion(y, -0.15, inverse=True, order=3, boundary="nearest")
    inner = np.s_[8:-8, 8:-8]
    assert np.abs(again - x)[inner].max() < 0.01 * np.abs(x).max() < np.abs(y - x)[inner].max()


# --- refusals

X, ONE = np.ones((4, 5)), np.eye(3)
LENS = {"centre": (0, 0), "radius": 1}


REFUSED = [
    (lambda: geometry.warp(X[0], ONE), r"warp: the image has shape \(5,\); it must be \(rows, columns\)"),
    (lambda: geometry.warp(X[:0], ONE), r"warp: the image has shape \(0, 5\)"),
    (lambda: geometry.warp(X * 1j, ONE), "warp: the image is complex128; it must be real numbers"),
    (lambda: geometry.warp(X, ONE[:2]), r"warp: the matrix has shape \(2, 3\); it must be \(3, 3\)"),
    (lambda: geometry.warp(X, ONE * np.nan), "warp: the matrix has an entry that is not finite"),
    (lambda: geometry.warp(X, geometry.scaling(1, 0)), "warp: the matrix has no inverse"),
    (lambda: geometry.warp(X, geometry.homography(-0.5, 0)), "warp: the matrix sends the picture's centre"),
    (lambda: geometry.warp(X, ONE, (3,)), r"warp: shape is \(3,\); it must be \(rows, columns\)"),
    (lambda: geometry.warp(X, ONE, (3, -1)), "warp: shape is"),
    (lambda: geometry.warp(X, ONE, order=2), r"warp: order is 2; it must be 0 \(nearest\), 1"),
    (lambda: geometry.warp(X, ONE, boundary="edge"), "warp: there is no boundary 'edge'; there are reflect"),
    (lambda: geometry.warp_adjoint(X[0], ONE, (4, 5)), r"warp_adjoint: g has shape \(5,\), which no warp"),
    (lambda: geometry.sample(X, [1, 2, 3]), r"sample: points have shape \(3,\); the last axis"),
    (
        lambda: geometry.sample_adjoint([1], [[1, 2], [1, 3]], (4, 5)),
        r"sample_adjoint: g has shape \(1,\), but sample returns \(2,\)",
    ),
    (lambda: geometry.resize(X, (0, 3)), r"resize: shape is \(0, 3\); it must be"),
    (lambda: geometry.resize_adjoint(X[0], (4, 5)), r"resize_adjoint: g has shape \(5,\), which no resize"),
    (
        lambda: geometry.apply(geometry.homography(-0.5, 0), [[2, 7]]),
        r"apply: the point \(2.0, 7.0\) goes to infinity: its w is 0",
    ),
    (lambda: geometry.apply(ONE, [[1, 2, 3]]), r"apply: points have shape \(1, 3\); the last axis"),
    (lambda: geometry.about(ONE, [1, 2, 3]), "about: points have shape"),
    (lambda: geometry.about(ONE, [[1, 2], [3, 4]]), r"about: the centre has shape \(2, 2\); it must be one point"),
    (
        lambda: geometry.estimate_affine(X[:, :2], X[:3, :2]),
        r"estimate_affine: src has shape \(4, 2\) and dst \(3, 2\)",
    ),
    (
        lambda: geometry.estimate_affine(X[:2, :2], X[:2, :2]),
        "estimate_affine: there are 2 pairs of points; it needs 3",
    ),
    (lambda: geometry.estimate_affine([[0, 0], [1, 1], [2, 2]], np.eye(3)[:, :2]), "lie on one line"),
    (lambda: geometry.estimate_homography(ONE[:, :2], ONE[:, :2]), "estimate_homography: there are 3 pairs"),
    (
        lambda: geometry.estimate_homography([[0, 0], [1, 0], [2, 0], [0, 1]], [[0, 0], [1, 0], [2, 0], [0, 1]]),
        "leave more than one answer",
    ),
    (
        lambda: geometry.estimate_homography([[0, 0], [1, 0], [2, 0], [0, 1]], [[0, 0], [1, 0], [1, 1], [0, 1]]),
        "or none with an inverse; no three of four may lie on one line",
    ),
    (
        lambda: geometry.estimate_homography([[0, 0], [1, 0], [1, 1], [0, 1]], [[0, 0], [1, 0], [2, 0], [0, 1]]),
        "or none with an inverse; no three of four may lie on one line",
    ),
    (
        lambda: geometry.estimate_affine(np.full((3, 2), np.nan), np.ones((3, 2))),
        "a point has a coordinate that is not finite",
    ),
    (lambda: geometry.distort([1, 2, 3], 0.1, **LENS), r"distort: points have shape \(3,\)"),
    (lambda: geometry.distort([1, 2], np.nan, **LENS), "distort: k1 and k2 are"),
    (lambda: geometry.undistort([1, 2], 0.1, centre=(0, 0), radius=0), "undistort: radius is 0; it must be a positive"),
    (lambda: geometry.radial_distortion(X[0], 0.1), r"radial_distortion: the image has shape \(5,\)"),
]


@pytest.mark.parametrize("call,words", REFUSED)
def test_refusals(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()
