"""Two drawn scenes on which numbers printed in the lecture notes come true.

The notes state where a template was found and what thresholds Otsu's method gave, but not on which
pictures. On these two the numbers hold, and anybody can compute them again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from course.data.randomness import Reals, clouds, generator, noise, to_uint8
from course.data.strokes import DIGITS, Floats, ink, segments

SIDE = 256
TEMPLATE_SHAPE = (45, 35)  # both odd: the template has a centre pixel
DIGIT_BOX = (26, 36)  # width and height of a digit's strokes, in pixels

# What is written on the board, row by row: digit, which way of writing it, and its centre (row, column).
WRITTEN = [
    (7, 1, (44, 38)), (4, 0, (47, 84)), (9, 0, (40, 130)),
    (3, 0, (106, 30)), (1, 0, (103, 110)), (8, 0, (108, 148)), (5, 0, (104, 222)),
    (6, 0, (170, 128)), (0, 0, (166, 172)), (3, 1, (172, 220)),
    (9, 1, (229, 30)), (5, 0, (226, 112)), (7, 0, (228, 166)), (4, 1, (227, 216)),
]  # fmt: skip
TWO = (174, 68)
LAMP = (62, 204)


def drawn_digit(digit: int, way: int, shape: tuple[int, int], centre: tuple[float, float]) -> Floats:
    """Draw one digit with its box centred at `centre`, (row, column)."""
    lines = np.array(segments(DIGITS[digit][way]))
    box = np.array(DIGIT_BOX) - 1
    return ink((lines - 0.5) * box + np.array([centre[1], centre[0]]), 5.0, shape)


def digit_scene(shift: tuple[int, int] = (0, 0)) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw a blackboard with chalk digits and the reflection of a lamp, and a template of its only digit 2.

    Returns the scene (256×256) and the template (45×35), both uint8. The template matches where its
    centre lies at row 174, column 68: the index of the peak in a map of mode "same". In mode "valid" the
    index is that of the template's upper left pixel, (174 - 22, 68 - 17) = (152, 51). `shift=(a, b)`
    writes the 2 a rows further down and b columns further to the right, and leaves everything else in its
    place.

    Correlation with the template as it is finds the lamp, at (61, 204), since bright pixels give large sums.
    Correlation with the template minus its mean finds the 2, and so does normalised correlation.

    >>> import numpy as np
    >>> from course.data import digit_scene
    >>> scene, template = digit_scene()
    >>> patch = scene[152 : 152 + 45, 51 : 51 + 35]
    >>> print(np.corrcoef(patch.ravel(), template.ravel())[0, 1].round(2))
    0.99
    """
    h, w = TEMPLATE_SHAPE
    row, column = TWO[0] + shift[0], TWO[1] + shift[1]
    if not (h // 2 <= row < SIDE - h // 2 and w // 2 <= column < SIDE - w // 2):
        raise ValueError(f"digit_scene: shift={shift} puts the 2 at {(row, column)}, over the scene's edge")
    rng = generator(2)
    shape = (SIDE, SIDE)
    wiped = clouds(rng.random((7, 7)), shape) + clouds(rng.random((20, 11)), shape) / 2
    speckle, grain = noise(rng.random(shape)), noise(rng.random(shape))

    chalk = drawn_digit(2, 0, shape, (row, column))
    for digit, way, centre in WRITTEN:
        np.maximum(chalk, drawn_digit(digit, way, shape, centre), out=chalk)
    chalk = chalk * np.clip(0.86 + 0.12 * grain, 0, 1)

    i, j = np.arange(SIDE)[:, None] - LAMP[0], np.arange(SIDE) - LAMP[1]
    glow = np.clip(1 - (i * i / 52.0**2 + j * j / 46.0**2), 0, 1)
    lamp = np.clip(1.7 * glow * glow, 0, 1)

    board = 34 + 24 * wiped + 4 * speckle
    scene = board + (205 - board) * chalk
    scene = scene + (236 + 18 * glow - scene) * lamp
    return to_uint8(scene), to_uint8(255 * drawn_digit(2, 0, TEMPLATE_SHAPE, (h // 2, w // 2)))


# Grey levels of the three classes of `otsu_scene` before noise: whole numbers, tried until Otsu's
# threshold was 116 and the best pair (104, 192).
DARK, GREY, BRIGHT = 60, 149, 236
SPOTS = [  # centre (row, column), radii (down, across), lean
    ((71, 106), (5, 8), -0.3), ((82, 166), (9, 6), 0.2), ((114, 83), (8, 6), 0.0), ((125, 174), (8, 5), 0.1),
    ((163, 93), (6, 9), 0.4), ((171, 154), (9, 9), 0.0), ((196, 110), (5, 6), 0.0),
]  # fmt: skip
HOLLOWS = [
    ((118, 114), (27, 8), -0.35), ((118, 142), (27, 8), 0.35),
    ((48, 128), (20, 2), 0.0), ((208, 128), (20, 2), 0.0),
]  # fmt: skip


def ellipse(centre: tuple[float, float], radii: tuple[float, float], lean: float = 0.0) -> Reals:
    """Cover an ellipse in a scene: 1 inside, 0 outside, a soft edge between; `lean` shears it sideways."""
    i = np.arange(SIDE)[:, None] - centre[0]
    j = np.arange(SIDE) - centre[1] + lean * i
    distance = np.sqrt((i / radii[0]) * (i / radii[0]) + (j / radii[1]) * (j / radii[1]))
    cover: Reals = np.clip(0.5 + (1 - distance) * min(radii), 0, 1)
    return cover


def otsu_scene() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw a slice of a head on which Otsu's threshold is 116, and the best pair of thresholds (104, 192).

    Returns the picture (256×256, uint8) and the class in which each pixel was drawn: 0 dark (the
    background and the hollows), 1 grey, 2 bright (the bone, and seven spots). A pixel is above a
    threshold t where it is > t; the thresholds are those with the largest variance between the classes.

    >>> from course.data import otsu_scene
    >>> scene, classes = otsu_scene()
    >>> print(((scene > 116) == (classes > 0)).mean().round(3))
    0.99
    """
    rng = generator(7)
    shape = (SIDE, SIDE)
    shading = clouds(rng.random((6, 6)), shape) - 0.5
    grain = noise(rng.random(shape))

    scene = np.full(shape, DARK, dtype=np.float64)
    classes = np.zeros(shape, dtype=np.uint8)
    middle = (128, 128)
    drawn = [
        (ellipse(middle, (116, 94)), BRIGHT, 2),
        (ellipse(middle, (104, 82)), GREY, 1),
        *((ellipse(*hollow), DARK, 0) for hollow in HOLLOWS),
        *((ellipse(*spot), BRIGHT, 2) for spot in SPOTS),
    ]
    for cover, level, name in drawn:
        scene += (level - scene) * cover
        classes[cover > 0.5] = name
    return to_uint8(scene + 16 * shading + 15 * grain), classes
