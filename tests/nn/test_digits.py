"""The network that reads digits: its sizes, shaken examples against SciPy's warp, training that can be repeated."""

import doctest

import numpy as np
import pytest
from scipy import ndimage

from course import nn
from course.data import digits
from course.nn import cache
from course.nn import digits as module
from course.nn.digits import digit_net, kept_digits, shaken, train_digits


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("what", [module, cache])
def test_the_examples_of_the_docstrings(what, monkeypatch):
    found = doctest.testmod(what, extraglobs={"np": np})
    assert found.attempted >= 3 and found.failed == 0


@pytest.mark.parametrize("width", [3, 16])
def test_sizes(width):
    net = digit_net(width, 0)
    c = width
    conv = 9 * (c + 2 * c * c + 8 * c * c) + 7 * c
    assert sum(p.size for p in net.parameters()) == conv + 160 * c + 10
    assert net(np.zeros((2, 1, 8, 8))).shape == (2, 10)


def test_shaken_pictures_are_scipys_on_pictures_that_are_not_square():
    rng = np.random.default_rng(0)
    x = rng.random((6, 1, 7, 10))
    found = shaken(x, 3, move=1.5, turn=40, grow=0.3, slant=0.4)
    r = np.random.default_rng(3)
    angle = np.deg2rad(r.uniform(-40, 40, 6))
    scale, lean, d = r.uniform(-0.3, 0.3, (2, 6)) + 1, r.uniform(-0.4, 0.4, 6), r.uniform(-1.5, 1.5, (6, 2, 1))
    c = np.array([3.0, 4.5]) + 4
    for k in range(6):
        turn = np.array([[np.cos(angle[k]), -np.sin(angle[k])], [np.sin(angle[k]), np.cos(angle[k])]])
        M = turn @ [[scale[0, k], 0], [lean[k], scale[1, k]]]
        y = ndimage.affine_transform(np.pad(x[k, 0], 4), M, c + d[k, :, 0] - M @ c, order=1)[4:-4, 4:-4]
        assert np.allclose(found[k, 0], y, atol=1e-12)


def test_shaken_is_repeatable_and_leaves_its_input():
    x = np.random.default_rng(0).random((4, 1, 8, 8))
    before = x.copy()
    a, b, c = shaken(x, 1), shaken(x, 1), shaken(x, 2)
    assert (a == b).all() and (a != c).any() and (x == before).all()
    assert a.min() >= 0 and a.max() <= x.max()


def test_training_is_repeatable_and_learns(place):
    images, labels = digits()
    x, t = images[:300, None], labels[:300]
    first, again = (train_digits(x, t, seed=4, epochs=4, width=4).state() for _ in range(2))
    assert all((first[k] == again[k]).all() for k in first)
    net = kept_digits(x, t, seed=4, epochs=12, width=4)
    assert nn.accuracy(net(x), t) > 0.7
    (kept,) = place.iterdir()
    stamp = kept.stat().st_mtime_ns
    assert (kept_digits(x, t, seed=4, epochs=12, width=4)(x).data == net(x).data).all()
    assert kept.stat().st_mtime_ns == stamp
