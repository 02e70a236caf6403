"""The pictures and digits that ship with the package: what they are, where they come from, their size."""

import hashlib
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest
import skimage.data

from course.data import digits, sample_image
from course.data.pictures import PICTURES

FOLDER = files("course.data") / "files"


def halved(image):
    """Mean of every 2×2 pixels, halves rounded up."""
    wide = image.astype(np.uint32)
    return ((wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2] + 2) // 4).astype(np.uint8)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_those_of_scikit_image(name):
    original = getattr(skimage.data, name)()
    expected = original if name == "text" else halved(original)
    image = sample_image(name)
    assert image.dtype == np.uint8
    assert np.array_equal(image, expected)


def test_pictures_take_little_room_and_say_where_they_come_from():
    assert (FOLDER / "pictures.npz").stat().st_size <= 400_000
    origins = (FOLDER / "ORIGINS.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in origins for name in PICTURES)
    for mark in ("CC0", "public domain", "10.24432/C50P49", "CC BY 4.0", "Alpaydin", "Kaynak"):
        assert mark in origins


def test_an_unknown_name_gets_the_names():
    with pytest.raises(ValueError) as refusal:
        sample_image("lena")
    assert str(refusal.value) == ("sample_image: there is no picture 'lena'; there are astronaut, brick, camera, text")


def test_digits():
    images, labels = digits()
    assert images.shape == (1797, 8, 8) and images.dtype == np.float64
    assert labels.shape == (1797,) and labels.dtype == np.int64
    assert images.min() == 0 and images.max() == 1
    counts = images * 16
    assert np.array_equal(counts, counts.astype(int))
    # How many of each digit UCI states for its test set.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    content = counts.astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()
    assert hashlib.sha256(content).hexdigest() == ("87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826")


def test_digits_keep_the_order_of_the_original_file():
    images, labels = digits()
    assert labels[:20].tolist() == [*range(10), *range(10)]
    first_row_of_optdigits_tes = [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    assert (16 * images[0]).astype(int).tolist() == first_row_of_optdigits_tes


def test_each_call_gives_arrays_of_its_own():
    images, labels = digits()
    images[:], labels[:] = 0, 0
    sample_image("camera")[:] = 0
    assert digits()[0].any() and digits()[1].any() and sample_image("camera").any()


def test_numpy_alone_is_needed():
    code = (
        "import sys; import course.data as d; d.digits(); d.sample_image('text'); d.glyphs(1); d.shapes(1);"
        "d.digit_scene(); d.otsu_scene();"
        "rooms = {m.split('.')[1] for m in sys.modules if m.startswith('course.')};"
        "loaded = {m.split('.')[0] for m in sys.modules};"
        "others = loaded & {'PIL', 'scipy', 'skimage', 'matplotlib', 'torch'};"
        "assert rooms == {'data'} and not others, (rooms, others)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
