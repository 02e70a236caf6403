"""Pictures and handwritten digits that ship with the package; files/ORIGINS.md says where each comes from."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

PICTURES = ("astronaut", "brick", "camera", "text")


def stored(archive: str, name: str) -> NDArray[np.uint8]:
    """Read one array of an archive in the folder `files`."""
    with (files("course.data") / "files" / archive).open("rb") as stream, np.load(stream) as arrays:
        array: NDArray[np.uint8] = arrays[name]
    return array


def sample_image(name: str) -> NDArray[np.uint8]:
    """Load a small photograph, uint8: `"camera"`, `"brick"`, `"text"` (grey) or `"astronaut"` (colour).

    - `"camera"` (256×256): a man, a camera on its tripod, buildings; edges and flat regions
    - `"brick"` (256×256): a wall, its rows of bricks closing up upwards; lines, a texture that repeats
    - `"text"` (172×448): handwriting on lined paper, seen at a slant; dark strokes on uneven grey
    - `"astronaut"` (256×256×3): a portrait in colour, red, green, blue

    All are in the public domain or under CC0.

    >>> from course.data import sample_image
    >>> image = sample_image("camera")
    >>> image.shape, image.dtype.name
    ((256, 256), 'uint8')
    """
    if name not in PICTURES:
        raise ValueError(f"sample_image: there is no picture {name!r}; there are {', '.join(PICTURES)}")
    return stored("pictures.npz", name)


def digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Load the UCI handwritten digits: images (1797, 8, 8), float64 in [0, 1], and labels (1797,), int64.

    Pixels count the inked ones among 4×4 of the scan, divided by 16. The order is that of the original test
    file, written by 13 people one after the other: split by position, not at random, or the same hand stands
    on both sides.

    E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, https://doi.org/10.24432/C50P49, CC BY 4.0.

    >>> from course.data import digits
    >>> images, labels = digits()
    >>> images.shape, labels[:12].tolist()
    ((1797, 8, 8), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    """
    return stored("digits.npz", "images") / 16, stored("digits.npz", "labels").astype(np.int64)
