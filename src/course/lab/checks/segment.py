"""The checks of Lab 3, and the trays with coins that it counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.data import otsu_scene
from course.imaging import segment
from course.lab.properties import agrees, array, case, described, equal, mistakes, number, random, unspoilt
from course.lab.tasks import Missing, Wrong, task

Array = NDArray[Any]


def coins(seed: int, shape: tuple[int, int] = (96, 128)) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw a tray with 5 to 11 coins, as bytes, and the number of the coin at each pixel, 0 for none.

    Coins are round or a little oblong, and keep 3 pixels apart. The light falls from one side; there is noise, and
    some single pixels are as bright as a coin.

    >>> tray, labels = coins(0)
    >>> tray.shape, tray.dtype.name, bool(np.mean(tray[labels > 0]) > np.mean(tray[labels == 0]) + 60)
    ((96, 128), 'uint8', True)
    """
    rng = np.random.default_rng([3, seed])
    i, j = np.indices(shape)
    labels = np.zeros(shape, np.int64)
    wanted = rng.integers(5, 12)
    for _ in range(200):
        if labels.max() == wanted:
            break
        radius = rng.uniform(5, 11)
        row, column = (rng.uniform(radius + 3, n - radius - 3) for n in shape)
        stretch = rng.uniform(0.8, 1)
        away = np.hypot(i - row, (j - column) / stretch)
        if not labels[away < radius + 4].any():
            labels[away < radius] = labels.max() + 1
    light = rng.uniform(-25, 25) * (j / shape[1] - 0.5) + rng.uniform(-15, 15) * (i / shape[0] - 0.5)
    x = np.where(labels > 0, 165, 60) + light + rng.normal(0, 9, shape)
    specks = rng.random(shape) < rng.uniform(0.002, 0.01)
    x[specks & (labels == 0)] = 175
    return np.clip(np.rint(x), 0, 255).astype(np.uint8), labels


# --- thresholds -----------------------------------------------------------------------------------

EIGHT = np.array([[1, 2, 8, 9], [2, 3, 7, 8]], np.uint8)
THREE = random().choice([10, 12, 90, 95, 200, 230], (9, 12), p=[0.25, 0.25, 0.15, 0.1, 0.1, 0.15]).astype(np.uint8)
HEAD = otsu_scene()[0]


def _between(x: Array, t: float) -> float:
    low, high = x[x <= t].astype(float), x[x > t].astype(float)
    if not low.size or not high.size:
        return 0.0
    return float(low.size * high.size / x.size**2 * (high.mean() - low.mean()) ** 2)


@task(
    "3.1",
    "the variance between two classes",
    hints=(
        "`x[x <= t]` has the pixels of the lower class, in one row. What are their share and their mean?",
        "Both shares are a size over `x.size`. The difference of the two means is squared. Ask first whether one of "
        "the classes is empty.",
    ),
)
def _(between: Any) -> str:
    got = number(between(EIGHT, 3), "between(x, 3)")
    mistakes(got, {"The difference of the means is not squared.": 1.5})
    if agrees(got, 36):
        raise Wrong("The shares are missing: this is the square of the difference alone.")
    if agrees(got, 36 * 16):
        raise Wrong("The classes come in with their sizes, and should with their shares of all pixels.")
    if agrees(got, 0.5):
        raise Wrong("This is the variance within the classes, which should be small. Between them, it should be large.")
    if agrees(got, _between(EIGHT, 2)):
        raise Wrong("A pixel on the threshold, x = t, belongs to the lower class.")
    equal(got, 9, f"For the eight pixels 1 2 8 9 2 3 7 8 and the threshold 3 you get {got:.4g}.")
    for t in (0, 9):
        got = between(EIGHT, t)
        if not np.isfinite(number_or_nan(got)):
            raise Wrong("A threshold that leaves a class empty gives no number: the mean of nothing.")
        equal(got, 0, "A threshold that leaves a class empty should be worth 0.")
    for t in (50, 150):
        equal(between(THREE, t), _between(THREE, t), "On a picture with other shares and levels it is wrong.")
    return "36 times a half times a half is 9."


def number_or_nan(answer: Any) -> float:
    """The answer as a number, if it is one."""
    single = isinstance(answer, int | float | np.number | np.ndarray) and np.ndim(answer) == 0
    return float(answer) if single else float("nan")


@task(
    "3.2",
    "Otsu's threshold",
    hints=(
        "You have a function that says what a threshold is worth. Try all of them, and keep the best one.",
        "`np.argmax` gives the place of the largest entry of a list, and here the place is the level.",
    ),
)
def _(threshold: Any) -> str:
    ends = [np.array([[n, n, n + 1], [n + 1, n, n]], np.uint8) for n in (0, 254)]
    for x in (THREE, EIGHT, HEAD, coins(5)[0], *ends):
        t = number(threshold(x), "the threshold")
        best = max(_between(x, s) for s in range(255))
        if t == int(t) and agrees(_between(x, t), best):
            continue
        if agrees(t, best):
            raise Wrong("This is what the best threshold is worth. Which threshold is it?")
        if agrees(t, float(x.mean()), 1e-6) or t == int(x.mean()):
            raise Wrong("This is the mean of all pixels, which need not lie between two classes.")
        if agrees(t, (float(x.min()) + float(x.max())) / 2) or t == (int(x.min()) + int(x.max())) // 2:
            raise Wrong("This is half way between the darkest and the brightest level, whatever lies between.")
        if t != int(t):
            raise Wrong(f"The threshold is {t:.6g}, and should be a level, a whole number.")
        if x.max() - x.min() == 1:
            raise Wrong(f"On a picture of the levels {x.min()} and {x.max()} alone it is wrong. Do you try all levels?")
        if agrees(_between(x, t - 1), best):
            raise Wrong("The threshold is one too high: it is the largest level of the lower class.")
        if _between(x, t) <= min(_between(x, s) for s in np.unique(x)[:-1]) * (1 + 1e-9):
            raise Wrong("This is the worst of all thresholds: is it the largest value that you look for?")
        raise Wrong(f"There is a threshold that is worth more than {t:.0f}, on a picture of {x.shape[0]} rows.")
    return "no other threshold is worth more."


def _three(x: Array, s: float, t: float) -> float:
    """What a pair of thresholds is worth: Σ over the classes of total² / number."""
    groups = (x[x <= s], x[(x > s) & (x <= t)], x[x > t])
    return sum(float(np.sum(g, dtype=float)) ** 2 / g.size for g in groups if g.size)


@task(
    "3.3",
    "the best pair of thresholds",
    hints=(
        "Two loops, one in the other. What are `a` and `b` for the three classes, if `s` and `t` are the largest "
        "levels of the first two?",
        "The first class is `score(0, s + 1)`. The next one begins where this one ended. Keep the largest sum, and "
        "its pair.",
    ),
)
def _(two_thresholds: Any) -> str:
    few = [([3, 9, 10, 40], [7, 5, 6, 2]), ([0, 1, 128], [6, 5, 9]), ([128, 254, 255], [6, 5, 9])]
    small = [np.repeat(np.array(levels, np.uint8), counts).reshape(4, 5) for levels, counts in few]
    for x in (THREE, HEAD[100:150, 60:200], *small):
        pair = two_thresholds(x)
        if not isinstance(pair, tuple | list | np.ndarray) or len(pair) != 2:
            raise Wrong(f"The answer is {described(pair)}, where a pair of thresholds is asked for.")
        s, t = (number(value, "a threshold") for value in pair)
        if s > t:
            raise Wrong("The smaller threshold comes first.")
        best, got = _three(x, *map(int, segment.otsu(x, 2))), _three(x, s, t)
        if agrees(got, best):
            continue
        if len(np.unique(x)) == 3:
            levels = ", ".join(map(str, np.unique(x)))
            raise Wrong(f"On a picture of the levels {levels} alone it is wrong. Do you try all pairs, to both ends?")
        if agrees(_three(x, s - 1, t - 1), best):
            raise Wrong("Both thresholds are one too high: a class of levels up to b - 1 has the threshold b - 1.")
        if agrees(_three(x, s, t - 1), best) or agrees(_three(x, s - 1, t), best):
            raise Wrong("One of the two thresholds is one too high.")
        first = int(segment.otsu(x)[0])
        if first in (s, t):
            raise Wrong("One of the two is Otsu's single threshold: the best pair need not contain the best one.")
        if s == t:
            raise Wrong("The two thresholds are equal, and the class in the middle is empty.")
        raise Wrong(f"There is a pair that is worth more than ({s:.0f}, {t:.0f}). Do all three classes count?")
    return "no other pair is worth more."


# --- regions --------------------------------------------------------------------------------------


def _beside(mask: Array) -> Array:
    framed = np.pad(mask, 1)
    return np.asarray(framed[:-2, 1:-1] | framed[2:, 1:-1] | framed[1:-1, :-2] | framed[1:-1, 2:])


def _grown(
    x: Array, seed: tuple[int, int], t: float, sweeps: int = 1000, mean: bool = True, wrap: bool = False
) -> Array:
    """Region growing, and its neighbours: fewer sweeps, the seed in place of the mean, a ring."""
    region = np.zeros(x.shape, bool)
    region[seed] = True
    for _ in range(sweeps):
        around = [np.roll(region, step, axis) for step in (1, -1) for axis in (0, 1)]
        near = np.logical_or.reduce(around) if wrap else _beside(region)
        middle = x[region].mean() if mean else x[seed]
        joins = near & ~region & (np.abs(x - middle) < t)
        if not joins.any():
            break
        region |= joins
    return region


def _mask(answer: Any, shape: tuple[int, ...], what: str) -> Array:
    return array(answer, shape, "boolean", what)


ROAD = np.array(
    [
        [5, 9, 9, 9, 9, 9, 9, 5],
        [9, 5, 6, 7, 8, 9, 9, 9],
        [9, 9, 9, 9, 7, 9, 4, 4],
        [9, 9, 1, 9, 6, 5, 4, 9],
        [6, 9, 9, 9, 9, 9, 9, 9],
    ],
    float,
)


@task(
    "3.4",
    "grow a region",
    hints=(
        "You need a loop that ends by itself: `while True:`, and `return` when nobody joins.",
        "Who joins is an array with three conditions, joined by `&`: beside the region, not in it, and "
        "`np.abs(x - …) < t` with the mean of `x[region]`.",
    ),
)
def _(grow: Any) -> str:
    seed, right = (1, 1), _grown(ROAD, (1, 1), 2.5)
    region = grow(ROAD, seed, 2.5)
    mistakes(
        region,
        {
            "Every similar pixel is in, also those that no path of neighbours connects with the seed.": np.abs(
                ROAD - ROAD[seed]
            )
            < 2.5,
            "It stops after one sweep. Repeat until none joins.": _grown(ROAD, seed, 2.5, sweeps=1),
            "Pixels are compared with the seed, and not with the mean of the region.": _grown(
                ROAD, seed, 2.5, mean=False
            ),
            "The seed itself is missing.": right & (np.indices(ROAD.shape) != np.reshape(seed, (2, 1, 1))).any(0),
            "Nothing has grown: this is the seed alone.": _grown(ROAD, seed, 0),
        },
    )
    region = _mask(region, ROAD.shape, "the region")
    equal(
        grow(ROAD, (3, 2), 1), _grown(ROAD, (3, 2), 1), "A seed that no neighbour joins should be a region by itself."
    )
    equal(
        grow(ROAD, (3, 6), 2.5), _grown(ROAD, (3, 6), 2.5), "From another seed it gives another region than it should."
    )
    equal(grow(ROAD, (0, 7), 1.5), _grown(ROAD, (0, 7), 1.5), "The region grows around the border to the other side.")
    if agrees(grow(ROAD, (1, 4), 1), _grown(ROAD, (1, 4), 1.01)):
        raise Wrong("A pixel that is exactly t away from the mean does not join: less than t.")
    equal(region, right, "Some pixels are in the region and should not be, or the other way round.")
    if not np.all(grow(np.array([[14.0, 10, 6]]), (0, 1), 5)):
        raise Wrong("Pixels join one after the other, and each changes the mean for the next. Take all in at once.")
    equal(grow(0 * ROAD, (4, 0), 1), np.ones(ROAD.shape), "On a flat picture every pixel should join.")
    line = np.array([[200, 90, 60, 30]], np.uint8)
    if any(not agrees(grow(line, (0, j), 100), _grown(line.astype(float), (0, j), 100)) for j in (1, 3)):
        raise Wrong("On bytes it goes wrong. A difference of two bytes wraps around below 0: use decimal numbers.")
    return "connected, and similar to its own mean."


# --- masks and objects ----------------------------------------------------------------------------

SPECKLED = np.zeros((11, 14), bool)
SPECKLED[1:6, 1:7] = True
SPECKLED[3, 6:11] = True  # a bridge, one pixel wide
SPECKLED[2:9, 10:13] = True
SPECKLED[8, 2] = SPECKLED[9, 3] = SPECKLED[8, 5] = True
SPECKLED[3, 3] = False
SPECKLED[9:11, 6:9] = True


def _windows(mask: Array) -> Array:
    return np.lib.stride_tricks.sliding_window_view(np.pad(mask, 1), (3, 3))


def _eroded(mask: Array) -> Array:
    return np.asarray(_windows(mask).all((2, 3)))


def _dilated(mask: Array) -> Array:
    return np.asarray(_windows(mask).any((2, 3)))


@task(
    "3.5",
    "clean a mask by opening it",
    hints=(
        "`windows(mask)` has four axes. `.all(...)` and `.any(...)` take the axes over which they ask.",
        "Erode with `.all` over the last two axes. Then make the windows of the *result*, and dilate.",
    ),
)
def _(opening: Any) -> str:
    y = opening(SPECKLED)
    mistakes(
        y,
        {
            "It is eroded, but not dilated: the rim is missing.": _eroded(SPECKLED),
            "It is dilated, but not eroded: the specks have grown.": _dilated(SPECKLED),
            "Dilated first and eroded then, this closes holes, and keeps the specks.": _eroded(_dilated(SPECKLED)),
            "This asks for the majority of the neighbourhood: a median, and no opening.": np.asarray(
                _windows(SPECKLED).sum((2, 3)) > 4
            ),
            "It is eroded twice.": _eroded(_eroded(SPECKLED)),
        },
    )
    y = _mask(y, SPECKLED.shape, "the opened mask")
    if (y & ~SPECKLED).any():
        raise Wrong("There are pixels that were not in the mask. An opening only takes away.")
    equal(opening(y), y, "To open twice should change nothing more.")
    equal(y, _dilated(_eroded(SPECKLED)), "Something else is gone than what is smaller than a 3×3 square.")
    return "it takes away, and a second time nothing more."


PIECES = np.array(
    [
        [1, 1, 0, 1, 0, 1, 1, 1],
        [0, 1, 0, 0, 1, 1, 0, 1],
        [1, 0, 0, 0, 0, 0, 0, 1],
        [1, 1, 1, 0, 1, 1, 1, 1],
        [0, 0, 1, 0, 0, 0, 0, 0],
    ],
    bool,
)


def _pair(answer: Any, what: str) -> tuple[Any, Any]:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong(f"The answer is {described(answer)}, where a pair is asked for: {what}.")
    if any(part is None or part is ... for part in answer):
        raise Missing("A part of the answer is still missing.")
    return answer[0], answer[1]


@task(
    "3.6",
    "number the objects",
    hints=(
        "A True pixel that already has a number belongs to an object that you know. One that has none begins a new "
        "object; which pixels does it have?",
        "Count up, and write the new number to all pixels of `grow(mask.astype(float), seed, 0.5)`. Ask first whether "
        "`labels[seed]` is still 0.",
    ),
)
def _(label: Any) -> str:
    labels, count = _pair(label(PIECES), "the labels and their number")
    true, n = segment.label(PIECES)
    labels, count = (
        array(labels, PIECES.shape, "integer", "the array of labels"),
        number(count, "the number of objects"),
    )
    if count == PIECES.sum():
        raise Wrong("Each pixel has become an object of its own: skip those that have a number already.")
    if count == segment.label(PIECES, 2)[1]:
        raise Wrong("Pixels that touch at a corner are taken for neighbours. Here a pixel has four.")
    if count == n + 1 or agrees(labels, true + 1):
        raise Wrong("The background has been counted. It is 0, and no object.")
    if count == n - 1 and labels.max() == n - 1:
        raise Wrong("The numbers begin at 0, where the background is: one object has been lost in it.")
    if count != n:
        raise Wrong(f"In a mask with {n} objects you find {count:.0f}.")
    if (labels[~PIECES] != 0).any():
        raise Wrong("Some of the background has a number that is not 0.")
    if (labels[PIECES] == 0).any():
        raise Wrong("Some pixels of the mask have no number.")
    if sorted(np.unique(labels)) != list(range(n + 1)):
        raise Wrong("The numbers of the objects are not 1, 2, 3, … without a gap.")
    if any(len(np.unique(labels[true == k])) != 1 for k in range(1, n + 1)):
        raise Wrong("One object has more than one number.")
    labels, count = _pair(label(np.zeros((3, 4), bool)), "the labels and their number")
    equal(count, 0, "In an empty mask there is no object.")
    labels, count = _pair(label(np.ones((3, 4), bool)), "the labels and their number")
    if not agrees(count, 1) or not agrees(labels, np.ones((3, 4))):
        raise Wrong("A mask that is True everywhere is one object, with the number 1; there is no background in it.")
    checkers = np.indices((18, 30)).sum(0) % 2 == 0
    labels, count = _pair(label(checkers), "the labels and their number")
    if not agrees(count, 270) or np.max(labels) != 270:
        raise Wrong("In a mask with 270 objects some numbers come twice: they do not fit into a byte.")
    return f"{n} objects, each with one number."


THINGS = np.array(
    [[0, 1, 1, 1, 0, 0, 3], [0, 1, 0, 0, 0, 3, 3], [0, 0, 0, 2, 0, 0, 3], [0, 0, 0, 2, 0, 0, 3], [0, 0, 0, 2, 0, 0, 0]]
)


@task(
    "3.7",
    "areas and centroids",
    hints=(
        "`labels == k` is the mask of object k. How many True does it have? And `np.nonzero` of it?",
        "`np.nonzero(labels == k)` gives two arrays, the rows and the columns of its pixels. Their means are the "
        "centroid. Let k run from 1 to `labels.max()`.",
    ),
)
def _(measure: Any) -> str:
    areas, centres = _pair(measure(THINGS), "areas and centroids")
    areas, centres = np.asarray(areas), np.asarray(centres, float)
    rows = [np.argwhere(k == THINGS) for k in range(4)]
    if areas.shape == (4,):
        raise Wrong("There is one area too many: the background is no object.")
    array(areas, (3,), "number", "the array of areas")
    equal(areas, [len(r) for r in rows[1:]], "The areas are not the numbers of pixels.")
    right = np.array([r.mean(0) for r in rows[1:]])
    boxes = np.array([(r.min(0) + r.max(0)) / 2 for r in rows[1:]])
    mistakes(
        centres,
        {
            "Rows and columns are swapped in the centroids.": right[:, ::-1],
            "This is the middle of the box around each object, and not the mean of its pixels.": boxes,
            "The places are added up, but not divided by their number.": right * np.reshape(areas, (3, 1)),
            "The centroids stand in columns: there should be a row for each object.": right.T,
            "The places are counted from 1; the first row is row 0.": right + 1,
            "This is the first pixel of each object.": np.array([r[0] for r in rows[1:]]),
        },
    )
    array(centres, (3, 2), "number", "the array of centroids")
    equal(centres, right, "The centroids are not the means of the rows and the columns.")
    with case("Without any background"):
        whole = _pair(measure(np.ones((2, 5), int)), "areas and centroids")
    if not agrees(whole[0], [10]) or not agrees(whole[1], [[0.5, 2]]):
        raise Wrong("Where one object fills the whole picture, it is taken for the background: that has the number 0.")
    with case("Without any object"):
        none = _pair(measure(0 * THINGS), "areas and centroids")
    if any(np.size(part) for part in none):
        raise Wrong("Without any object there is nothing to measure: both arrays should be empty.")
    return "the background left out."


@task(
    "3.8",
    "the intersection over the union",
    hints=(
        "`a & b` is True where both are, `a | b` where at least one is. How many True does each have?",
        "`np.sum` of a mask counts. Divide one count by the other, unless the second is 0.",
    ),
)
def _(overlap: Any) -> str:
    a, b = np.zeros((5, 8), bool), np.zeros((5, 8), bool)
    a[1:4, 1:5], b[2:5, 2:8] = True, True
    both, either = int((a & b).sum()), int((a | b).sum())
    got = number(overlap(a, b), "the overlap")
    for value, sentence in (
        (2 * both / (a.sum() + b.sum()), "This is Dice's measure, which counts the intersection twice."),
        (np.mean(a == b), "This is the share of pixels on which the two agree. The background should not count."),
        (both / a.sum(), "You divide by the first mask alone: a mask that is True everywhere would be perfect."),
        (both / b.sum(), "You divide by the second mask alone."),
        (both / (a.sum() + b.sum()), "You divide by the sum of both: what is in both is counted twice there."),
        (both / a.size, "You divide by all pixels."),
        (both, "This is how many pixels they share. Which share of the union is it?"),
        (either / both, "The fraction stands on its head."),
    ):
        if agrees(got, value):
            raise Wrong(sentence)
    unspoilt(got, both / either)
    equal(got, both / either, f"Two masks share {both} of {either} pixels, and you get {got:.4g}.")
    if agrees(overlap(a, a), 1) and agrees(overlap(a, ~a), 0):
        empty = number_or_nan(overlap(a & ~a, a & ~a))
        if not agrees(empty, 1):
            raise Wrong("For two empty masks the result should be 1: they are equal.")
        if not agrees(overlap(a, a & ~a), 0) or not agrees(overlap(b & ~b, b), 0):
            raise Wrong("Where one mask alone is empty the result should be 0: they do not meet.")
        return "1 for equal masks, 0 for masks that do not meet."
    raise Wrong("It should be 1 for equal masks, and 0 for masks that do not meet.")


@task(
    "3.9",
    "count coins on unseen trays",
    hints=(
        "Four functions, one after the other: threshold, mask, opening, label. Which of them removes the specks?",
        "`label` returns two things, and only the second is asked for. If you are wrong on some trays alone, look at "
        "such a tray: `show(('tray', coins(17)[0]))`.",
    ),
)
def _(count: Any) -> str:
    seeds = range(11, 23)
    trays = [coins(seed) for seed in seeds]
    true = [int(labels.max()) for _, labels in trays]
    if isinstance(count(trays[0][0]), tuple):
        raise Wrong("It returns a pair, and should return the number alone.")
    found = [number(count(x), "the count") for x, _ in trays]
    if found == true:
        return f"on all of {len(true)} trays, with {min(true)} to {max(true)} coins."
    rough = [segment.label(x > segment.otsu(x))[1] for x, _ in trays]
    if found == rough:
        raise Wrong("Specks are counted as coins. Clean the mask before you count.")
    if found == [segment.label(x <= segment.otsu(x))[1] for x, _ in trays]:
        raise Wrong("You count the pieces of the dark tray. Coins are above the threshold.")
    if all(a == b + 1 for a, b in zip(found, true, strict=True)):
        raise Wrong("It is one too many on every tray: the background is no coin.")
    right = sum(a == b for a, b in zip(found, true, strict=True))
    seed, a, b = next((s, a, b) for s, a, b in zip(seeds, found, true, strict=True) if a != b)
    raise Wrong(
        f"On {right} of {len(true)} trays the number is right. On `coins({seed})` there are {b}, and you count {a:.0f}."
    )
