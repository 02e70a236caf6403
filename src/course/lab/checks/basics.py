"""The checks of Lab 1."""

import re
from typing import Any

import numpy as np

import course.ops
from course.data import digit_scene
from course.lab.properties import (
    agrees,
    array,
    case,
    described,
    dot_test,
    equal,
    linear,
    mistakes,
    number,
    random,
    vectorised,
)
from course.lab.reading import mentions
from course.lab.tasks import Wrong, task
from course.ops import correlate

# Seven columns and five rows: swapped axes cannot hide. No two entries are equal.
SMALL = np.arange(35.0).reshape(5, 7)


@task(
    "1.1",
    "crop",
    hints=(
        "A slice `a:b` begins at `a` and ends before `b`, so it has `b - a` entries. Which `b` gives `height` of them?",
        "Two slices stand in one pair of brackets, rows first. The first begins at `top` and ends `height` rows later.",
    ),
)
def _(crop: Any) -> str:
    y = crop(SMALL, 1, 2, 3, 4)
    mistakes(
        y,
        {
            "`height` and `width` are sizes, but you use them as the places where the slices end.": SMALL[1:3, 2:4],
            "Rows and columns are swapped: `top` and `height` belong to the first axis.": SMALL[2:6, 1:4],
            "There is one row and one column too many: the end of a slice is not part of it.": SMALL[1:5, 2:7],
            "There is one row and one column too few: a slice ends before its second number.": SMALL[1:3, 2:5],
            "The part begins one pixel late: the first row is row 0.": SMALL[2:5, 3:7],
            "The second pair of brackets cuts rows again, from those that the first has left. Both slices belong into "
            "one pair.": SMALL[1:4][2:6],
        },
    )
    array(y, (3, 4), what="a crop of 3 rows and 4 columns")
    equal(y, SMALL[1:4, 2:6], "The size is right, but it is the wrong part of the picture.")
    array(crop(SMALL.astype(np.uint8), 1, 2, 3, 4), kind="uint8", what="a crop of bytes")
    return "the right part, of the right size."


@task(
    "1.2",
    "pad with zeros",
    hints=(
        "How many rows has the result? There are `rows` new ones above, and `rows` below.",
        "Begin with `np.zeros((…, …), x.dtype)`. Then `y[…, …] = x`, where each slice is as long as that axis of `x`.",
    ),
)
def _(pad: Any) -> str:
    y = pad(SMALL, 1, 2)
    inside = np.pad(SMALL, ((1, 1), (2, 2)))
    mistakes(
        y,
        {
            "Rows and columns are swapped: `rows` is the number of zeros above and below.": np.pad(
                SMALL, ((2, 2), (1, 1))
            ),
            "The zeros are on one side alone: the frame goes all around.": np.pad(SMALL, ((1, 0), (2, 0))),
            "The picture stands in the upper left corner of the frame, and not in its middle.": np.pad(
                SMALL, ((0, 2), (0, 4))
            ),
            "The frame repeats the picture's edge, where zeros are asked for.": np.pad(
                SMALL, ((1, 1), (2, 2)), mode="edge"
            ),
        },
    )
    array(y, inside.shape, what="5×7 pixels in a frame of 1 row and 2 columns")
    equal(y[1:-1, 2:-2], SMALL, "The picture does not stand in the middle of the frame unchanged.")
    equal(y, inside, "Some of the frame is not zero.")
    for kind in (np.uint8, np.float64):
        framed = array(pad(np.ones((2, 3), kind), 1, 2), what="the padded picture")
        if framed.dtype != kind:
            raise Wrong(
                f"A padded picture of type {kind.__name__} comes out as {framed.dtype}. It should keep its type, "
                "whichever that is."
            )
    for frame in [(0, 2), (3, 0)]:
        words = f"With {frame[0]} rows and {frame[1]} columns of zeros"
        with case(words):
            framed = pad(SMALL, *frame)
        equal(framed, np.pad(SMALL, [(n, n) for n in frame]), f"{words} it goes wrong: a frame may be 0 wide.")
    if mentions(pad, "pad"):
        raise Wrong("The numbers are right, but `np.pad` has made them. Write it yourself this time.")
    dot_test(lambda u: pad(u, 1, 2), lambda v: v[1:-1, 2:-2], (5, 7), (7, 11), "cropping")
    return "and cropping is its way back."


@task(
    "1.3",
    "turn by 180 degrees",
    hints=(
        "`x[::-1]` is short for `x[::-1, :]`. What does the colon stand for?",
        "Each axis needs its own step of −1.",
    ),
)
def _(turn: Any) -> str:
    y = turn(SMALL)
    mistakes(
        y,
        {
            "Only the rows are read backwards: this is the picture upside down, in a mirror.": SMALL[::-1],
            "Only the columns are read backwards: this is a mirror.": SMALL[:, ::-1],
            "Rows have become columns: this is the transpose.": SMALL.T,
            "This is a quarter of a turn; two of them make 180 degrees.": np.rot90(SMALL),
            "This is the picture as it was.": SMALL,
        },
    )
    array(y, SMALL.shape, what="the turned picture")
    equal(turn(y), SMALL, "To turn twice should give the picture back.")
    equal(y[0, 0], SMALL[-1, -1], "The last pixel should come first.")
    equal(y, SMALL[::-1, ::-1], "Some pixels are not where the turn puts them.")
    return "twice it gives the picture back."


@task(
    "1.4",
    "normalise to the range from 0 to 1",
    hints=(
        "What must you subtract so that the smallest entry becomes 0? And what is the largest entry then?",
        "Subtract the minimum, as a decimal number. Divide by the maximum of what is left, unless that is 0.",
    ),
)
def _(normalise: Any) -> str:
    x = np.array([[30, 90, 60], [180, 45, 150]], np.uint8)
    y = normalise(x)
    z = x.astype(float)
    mistakes(
        y,
        {
            "This divides by 255, whatever the picture. Its darkest pixel need not be 0, nor its brightest 255.": z
            / 255,
            "The largest entry is 1, but the smallest is not 0: something must be subtracted first.": z / z.max(),
            "The smallest entry is 0, but you divide by the old maximum: look for it after the subtraction.": (z - 30)
            / z.max(),
            "This has a mean of 0 and a deviation of 1, another way to normalise. Here the range is asked for.": (
                z - z.mean()
            )
            / z.std(),
            "The range goes up to 255, and should end at 1.": (z - 30) / 150 * 255,
            "Nothing but 0 and 1 is left: `//` drops what stands behind the decimal point.": (z - 30) // 150,
            "Black and white have changed places.": (180 - z) / 150,
        },
    )
    y = array(y, (2, 3), "float64", what="the normalised picture")
    equal((y.min(), y.max()), (0, 1), f"The entries go from {y.min():.4g} to {y.max():.4g}, and not from 0 to 1.")
    equal(y, (z - 30) / 150, "The range is right, but what lies between is not in proportion.")
    u = random().standard_normal((4, 5))
    most = float(np.max(normalise(1e-6 * u)))
    if not agrees(most, 1):
        raise Wrong(
            f"The largest entry is not quite 1: where a picture has little contrast, it is {most:.4g}. Is something "
            "added to what you divide by, or is such a picture taken for a flat one?"
        )
    equal(normalise(3 * u + 10), normalise(u), "Three times as much contrast and more light should change nothing.")
    grey = normalise(np.full((2, 3), 7, np.uint8))
    if isinstance(grey, np.ndarray) and not np.all(np.isfinite(grey)):
        raise Wrong("A flat picture gives entries that are no numbers: there you divide by zero.")
    if not np.ndim(grey):
        raise Wrong(f"A flat picture becomes {described(grey)}. One number is no picture: all its pixels should be 0.")
    grey = array(grey, (2, 3), "float64", what="what a flat picture of bytes becomes")
    equal(grey, np.zeros((2, 3)), "A flat picture should become all zeros.")
    return "contrast and brightness no longer matter."


# --- convolution ----------------------------------------------------------------------------------

PICTURE = np.array(
    [
        [3, 1, 4, 1, 5, 9, 2],
        [6, 5, 3, 5, 8, 9, 7],
        [9, 3, 2, 3, 8, 4, 6],
        [2, 6, 4, 3, 3, 8, 3],
        [2, 7, 9, 5, 0, 2, 8],
    ]
)
KERNEL = np.array([[1, 2, -1], [0, 3, 5]])  # no row, column or turn of it is like another


def _convolution(convolve: Any, wrapped: str) -> None:
    """What is true of every convolution in mode "valid"; the words say how its sums of bytes come to wrap around."""
    x, w = PICTURE.astype(float), KERNEL.astype(float)
    right = course.ops.convolve(x, w, "valid")
    try:
        y = convolve(x, w)
    except Wrong as wrong:
        raise _over_the_edge(wrong) from None
    mistakes(
        y,
        {
            "The kernel is not turned: this is a correlation.": correlate(x, w, "valid"),
            "Only the rows of the kernel are turned.": correlate(x, w[::-1], "valid"),
            "Only the columns of the kernel are turned.": correlate(x, w[:, ::-1], "valid"),
            "One row and one column are missing at the end: count again in how many places the kernel fits.": right[
                :-1, :-1
            ],
            "Products are kept, but not added up: each place has the last of them alone.": w[0, 0]
            * x[w.shape[0] - 1 :, w.shape[1] - 1 :],
            "Each place has the mean of the products, and not their sum.": right / w.size,
            "The sum is over the picture's window alone: the kernel takes no part.": correlate(
                x, np.ones(w.shape), "valid"
            ),
            "The kernel also hangs over the edge of the picture. Keep the places where all of it lies inside.": (
                course.ops.convolve(x, w, "same")
            ),
        },
    )
    array(y, right.shape, what="a kernel of 2×3 on 5×7 pixels: the result")
    spot = np.zeros((3, 5))
    spot[1, 2] = 1
    equal(convolve(spot, w), w, "A single bright pixel should become a copy of the kernel.")
    equal(y, right, "The size is right, but some sums are not.")
    u = random(9).standard_normal((4, 7))
    equal(
        convolve(u, w),
        course.ops.convolve(u, w, "valid"),
        "The sums of whole numbers are right, those of others are not: on the way something becomes `int`, or "
        "`float32`. `float` keeps all digits.",
    )
    linear(lambda u: convolve(u, w), (4, 7), what="the convolution")
    with case("With a kernel of one row"):
        line = convolve(x, w[:1])
    equal(line, course.ops.convolve(x, w[:1], "valid"), "With a kernel of one row it goes wrong.")
    _bytes(convolve, wrapped)


def _over_the_edge(wrong: Wrong) -> Wrong:
    """What to say of windows that do not have the kernel's shape."""
    met = re.search(r"could not be broadcast together with shapes (\(\d+,\d+\)) (\(\d+,\d+\))", str(wrong))
    if met is None or "(2,3)" not in met.groups():
        return wrong
    window = next((shape for shape in met.groups() if shape != "(2,3)"), "(2,3)")
    return Wrong(
        f"The kernel of shape (2,3) meets a window of shape {window}: this one runs over the edge of the picture. "
        "There are not that many places for it, or rows and columns are swapped in the size of the result."
    )


def _bytes(convolve: Any, wrapped: str) -> None:
    """Raise `Wrong` unless a picture of bytes and a kernel of bytes give sums that do not wrap around."""
    x, w = np.full((4, 5), 200, np.uint8), np.full((2, 3), 2, np.uint8)
    known = {
        "The products wrap around at 256, before they are added up: picture and kernel are both bytes when they are "
        "multiplied.": np.full((3, 3), 6.0 * (400 % 256)),
        wrapped: np.full((3, 3), 2400.0 % 256),
    }
    y = convolve(x, w)
    mistakes(y, known)
    equal(y, np.full((3, 3), 2400.0), "On a picture of bytes the sums are wrong.")


@task(
    "1.5",
    "convolve by loops",
    hints=(
        "The first place has the kernel's first row on row 0, the last its last row on the last row. The result has "
        "as many rows as there are places. And which slice of `x` is the window at (i, j)?",
        "The window begins at row `i` and is as high as the kernel. `np.sum` of a product of two arrays of one shape "
        "multiplies and adds up; one of the two must be turned, and you have a function for that.",
    ),
)
def _(by_loops: Any) -> str:
    _convolution(by_loops, "The sums wrap around at 256, since they are kept in bytes.")
    return "a spot becomes the kernel, and the sums agree."


@task(
    "1.6",
    "convolve by windows",
    hints=(
        "The shape of the windows is the shape of the kernel. Nobody has turned the kernel for you.",
        "One line makes `windows`; another one calls `np.einsum` on them and on the turned kernel, which is `float` "
        "by then: afterwards it is too late.",
    ),
)
def _(by_windows: Any) -> str:
    x, w = PICTURE[:, :5].astype(float), KERNEL[:, :2].astype(float)
    mistakes(
        by_windows(x, w),
        {
            "The axes of the kernel are swapped in the sum: `ab` of the window meets `ba` of the kernel.": correlate(
                x, w[::-1, ::-1].T, "valid"
            ),
            "The result lies on its side: behind the arrow stands `ji`, or its like.": course.ops.convolve(
                x, w, "valid"
            ).T,
        },
    )
    _convolution(
        by_windows,
        "Where `x` and `w` are both bytes the sums wrap around at 256: `einsum` of bytes adds in bytes. To make its "
        "result `float` is too late.",
    )
    _without_a_loop(by_windows)
    return "the same numbers, without a loop over pixels."


def _without_a_loop(f: Any) -> None:
    x, w = random().standard_normal((30, 40)), random(8).standard_normal((2, 3))
    words = "The numbers are right, but this still goes through the windows, or their rows, in a loop."
    vectorised(f, (x[:8, :9], w), (x, w), words)


FLAT = np.full((5, 6), 4.0)
ACROSS, DOWN = np.meshgrid(np.arange(6.0), np.arange(5.0))
SPOT = np.zeros((5, 5))
SPOT[2, 2] = 1


@task(
    "1.7",
    "the kernel gallery",
    hints=(
        "Begin with the sums: which of the four should keep a flat region, and which should turn it to black? The "
        "identity, 1 in the middle of zeros, leaves a picture alone.",
        "`edges` has five entries that are not 0. `sharpen` is a difference of two kernels, and one of them is the "
        "identity. `rightwards` must be turned in your mind: its *left* column meets what lies on the right.",
    ),
)
def _(gallery: Any) -> str:
    if not isinstance(gallery, dict):
        raise Wrong(f"The gallery is {described(gallery)}, where a dictionary of kernels is asked for.")
    kernels = {}
    for name in ("blur", "edges", "sharpen", "rightwards"):
        if name not in gallery:
            raise Wrong(f"There is no kernel with the name {name}.")
        kernels[name] = array(gallery[name], (3, 3), "number", what=f"the kernel {name}").astype(float)
    for name, look in [("blur", _blur), ("edges", _edges), ("sharpen", _sharpen), ("rightwards", _rightwards)]:
        look(kernels[name], lambda x, name=name: course.ops.convolve(x, kernels[name], "valid"))
    return "flat regions, ramps and spots become what they should."


def _blur(w: Any, seen: Any) -> None:
    equal(seen(FLAT), FLAT[2:, 2:], f"blur makes a flat region {w.sum():.6g} times as bright.", 1e-6)
    equal(seen(SPOT), np.full((3, 3), 1 / 9), "blur should spread a spot evenly over its nine neighbours.", 1e-6)


def _edges(w: Any, seen: Any) -> None:
    equal(seen(FLAT), 0 * FLAT[2:, 2:], "edges should turn a flat region to 0: its entries must sum to 0.")
    equal(seen(ACROSS), 0 * FLAT[2:, 2:], "edges sees a ramp from left to right. Both neighbours must count the same.")
    equal(seen(DOWN), 0 * FLAT[2:, 2:], "edges sees a ramp from top to bottom. Both neighbours must count the same.")
    if w[0, 0] or w[0, 2] or w[2, 0] or w[2, 2]:
        raise Wrong("edges has weights in its corners, but a pixel has four neighbours here.")
    if w[1, 1] > 0:
        raise Wrong(
            "edges has the wrong sign: it is the neighbours minus the pixel, not the pixel minus the neighbours."
        )
    equal(w[1], [1, -4, 1], "edges weighs the neighbours in its row, or the pixel itself, by the wrong number.")
    equal(w[:, 1], [1, -4, 1], "edges weighs the neighbours in its column by the wrong number.")


def _sharpen(w: Any, seen: Any) -> None:
    if abs(w.sum()) < 1e-6:
        raise Wrong("sharpen turns a flat region to black: the picture itself has been forgotten.")
    equal(seen(FLAT), FLAT[2:, 2:], f"sharpen makes a flat region {w.sum():.6g} times as bright.")
    if seen(SPOT)[1, 1] < 1:
        raise Wrong("sharpen makes a spot weaker: it adds the neighbours, and so it blurs.")
    equal(seen(ACROSS), ACROSS[1:-1, 1:-1], "sharpen changes a ramp, which has nothing that could be sharpened.")
    equal(w, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "sharpen adds what sets a pixel off too strongly, or too weakly.")


def _rightwards(w: Any, seen: Any) -> None:
    across, down = seen(ACROSS), seen(DOWN**2)
    equal(seen(FLAT), 0 * FLAT[2:, 2:], "rightwards should turn a flat region to 0: its entries must sum to 0.")
    if np.all(across < 0) and agrees(down, 0 * down):
        raise Wrong("rightwards is negative where the picture gets brighter: the convolution has turned it.")
    if agrees(across, 0 * across) and not agrees(down, 0 * down):
        raise Wrong("rightwards is blind to what changes from left to right, and sees what changes from top to bottom.")
    equal(down, 0 * down, "rightwards also sees what changes from top to bottom.")
    if not np.all(across > 0):
        raise Wrong("rightwards should be positive on a ramp that gets brighter to the right.")


# --- finding --------------------------------------------------------------------------------------


def _peak(scores: Any) -> tuple[int, int]:
    """The place of the largest score, (row, column)."""
    row, column = np.unravel_index(np.argmax(scores), scores.shape)
    return int(row), int(column)


@task(
    "1.8",
    "find the digit",
    hints=(
        "Go through the five steps one by one, and print what you have after each: a type, a mean, a shape, a place.",
        "`by_windows(x, turn(w))` is a correlation. Its shape is `scene.shape - template.shape + 1`, along each axis; "
        "use that shape to take the number apart. Then add the half, rows to the row, columns to the column.",
    ),
)
def _(find: Any) -> str:
    for shift in [(0, 0), (10, -8)]:
        scene, template = digit_scene(shift)
        answer = find(scene, template)
        if isinstance(answer, tuple) and len(answer) == 4:
            raise Wrong("`find` gives four numbers, where two are asked for: `+` joins tuples, and adds nothing up.")
        if np.shape(answer) != (2,):
            raise Wrong(
                f"`find` gives {described(answer)}, where two numbers are asked for, (row, column). "
                "`np.argmax` alone counts through the whole map."
            )
        place = tuple(number(part, "a part of the place") for part in answer)
        if any(part != int(part) for part in place):
            numbers = ", ".join(f"{part:g}" for part in place)
            raise Wrong(f"The place is ({numbers}), and should be a pixel: whole numbers. `/` gives decimal ones.")
        if place != (174 + shift[0], 68 + shift[1]):
            raise Wrong(_elsewhere(place, scene, template))
    return "and when the digit moves, you find it again."


def _elsewhere(place: tuple[float, ...], scene: Any, template: Any) -> str:
    """What has probably gone wrong where another place was found."""
    x, w = scene.astype(float), template.astype(float)
    b = w - w.mean()
    rows, columns = (n // 2 for n in w.shape)

    def places(scores: Any) -> list[tuple[int, ...]]:
        i, j = _peak(scores)
        return [(i, j), (i + rows, j + columns), (j, i), (j + columns, i + rows)]

    i, j = _peak(correlate(x, b, "valid"))
    if place == (i, j):
        return "That is the corner of the right window. Its centre is asked for."
    if place == (j + columns, i + rows):
        return "Row and column are swapped."
    if place == (i + columns, j + rows):
        return "The half of the template's columns was added to the row, and the half of its rows to the column."
    if place == (i + rows * 2 + 1, j + columns * 2 + 1):
        return "That is behind the end of the right window: a whole template was added, and not half of one."
    if place in places(correlate(x, w, "valid")):
        return "You have found the lamp: the template's mean is not 0."
    if place in places(course.ops.convolve(x, b, "valid")):
        return "The template was turned on its head: `by_windows` turns it, so it must be turned before."
    if place in places(correlate(scene, template, "valid")):
        return "The sums have wrapped around: the pictures are still bytes."
    if place == (i + 2 * rows, j + 2 * columns):
        return (
            "Half a template was added to what is the centre already: in a map of mode “same” each place is a centre."
        )
    scores = correlate(x, b, "valid")
    taken = [int(k) for k in np.unravel_index(np.argmax(scores), x.shape)]
    if place in [(taken[0], taken[1]), (taken[0] + rows, taken[1] + columns)]:
        return "The number was taken apart with the shape of the scene. The map of sums has shorter rows."
    return f"At {tuple(int(part) for part in place)} there is no 2 that fits the template."


def _moved(x: Any, step: tuple[int, int]) -> Any:
    """x moved by a step that is not larger than 9."""
    framed = np.pad(x, 9)
    return framed[9 - step[0] :, 9 - step[1] :][: x.shape[0], : x.shape[1]]


@task(
    "1.9",
    "translate",
    hints=(
        "Which row of the result does row 0 of `x` become, when you move by 2 down? And when you move by 2 up?",
        "Pad by `abs(rows)` and `abs(columns)`. Now (0, 0) of `x` stands at that place of the frame. Crop a picture of "
        "the old size whose upper left pixel lies `rows` above it and `columns` to the left of it.",
    ),
)
def _(translate: Any) -> str:
    y = translate(SMALL, 1, -2)
    right = np.zeros((5, 7))
    right[1:, :-2] = SMALL[:-1, 2:]
    back = np.zeros((5, 7))
    back[:-1, 2:] = SMALL[1:, :-2]
    crossed = np.zeros((5, 7))
    crossed[:-2, 1:] = SMALL[2:, :-1]
    mistakes(
        y,
        {
            "What leaves on one side comes back on the other. Zeros should enter.": np.roll(SMALL, (1, -2), (0, 1)),
            "This moves the opposite way: positive numbers lead down and to the right.": back,
            "Rows and columns are swapped: the first number leads down.": crossed,
            "This is the picture where it was.": SMALL,
        },
    )
    array(y, (5, 7), what="the moved picture")
    equal(y, right, "For 1 row down and 2 columns to the left some pixels are not where they belong.")
    equal(translate(SMALL, 0, 0), SMALL, "Moved by nothing, the picture should stay as it is.")
    for step in [(2, 0), (0, -3)]:
        with case(f"Moved by {step}"):
            y = translate(SMALL, *step)
        equal(y, _moved(SMALL, step), f"Moved by {step} it goes wrong: one of the two numbers may be 0.")
    for step in [(9, 0), (-9, 2), (1, 8)]:
        with case(f"Moved by {step}, further than its size"):
            y = translate(SMALL, *step)
        equal(y, 0 * SMALL, f"Moved by {step}, further than its size, the picture should be empty.")
    moved = translate(SMALL, -1, 2)
    equal(moved, back, "Down and to the left it works, up and to the right it does not.")
    dot_test(
        lambda u: translate(u, 1, -2), lambda v: translate(v, -1, 2), (5, 7), (5, 7), "moving by the opposite step"
    )
    return "and moving by the opposite step is its way back."


# --- the way back ---------------------------------------------------------------------------------


def _apart(g: Any, stride: int, size: tuple[int, int]) -> Any:
    """The entries of g, `stride` apart, in an array of zeros of that size."""
    y = np.zeros(size)
    y[::stride, ::stride] = g
    return y


@task(
    "1.10",
    "transposed convolution",
    hints=(
        "Two steps. Begin with zeros, and assign to a slice of them that has a step. Then: how many "
        "zeros must stand before the first entry, so that the kernel can begin there?",
        "Frame `apart` with one row of zeros less than the kernel has rows, and so with the columns. Then convolve; "
        "a convolution already prints the kernel the right way round.",
    ),
)
def _(transposed: Any) -> str:
    g, w, s = np.array([[2.0, -1, 3, 1], [4, 5, -2, 6], [1, 7, 2, -3]]), PICTURE[:3, :5].astype(float), 2
    apart = _apart(g, s, (5, 7))
    right = course.ops.convolve(apart, w)
    y = transposed(g, w, s)
    mistakes(
        y,
        {
            "The kernel is printed upside down: convolve, do not correlate.": correlate(apart, w),
            "There is no frame around: the kernels at the border are cut off.": course.ops.convolve(apart, w, "valid"),
            "The frame is one row and one column too wide.": np.pad(right, 1),
            "The last entries have zeros behind them: zeros belong between neighbours alone.": course.ops.convolve(
                _apart(g, s, (6, 8)), w
            ),
            "There are `stride` zeros between neighbours, so the prints stand one pixel too far apart.": (
                course.ops.convolve(_apart(g, s + 1, (7, 10)), w)
            ),
            "Each entry is repeated, where zeros should stand behind it.": course.ops.convolve(
                np.kron(g, np.ones((s, s))), w
            ),
            "The stride makes no difference: no zeros are inserted.": course.ops.convolve(g, w),
        },
    )
    array(y, right.shape, what="3×4 entries with stride 2 and a kernel of 3×5: the result")
    once = course.ops.convolve(_apart(np.ones(g.shape), s, (5, 7)), np.ones(w.shape)) < 1.5
    if agrees(y[once], right[once]) and not agrees(y, right):
        raise Wrong("It is right where there is one print alone. Where prints overlap, one overwrites the other.")
    equal(transposed(np.ones((1, 1)), w, s), w, "A single 1 should print the kernel, and nothing else.")
    dot_test(
        lambda x: correlate(x, w, "valid")[::s, ::s], lambda v: transposed(v, w, s), (7, 11), (3, 4), "your function"
    )
    equal(y, right, "Some of the sums are wrong.")
    for stride, kernel in [(1, w), (3, w[:1]), (4, w[:, :1])]:
        words = f"With stride {stride} and a kernel of {kernel.shape[0]}×{kernel.shape[1]}"
        apart = _apart(g, stride, (2 * stride + 1, 3 * stride + 1))
        with case(words):
            y = transposed(g, kernel, stride)
        equal(y, course.ops.convolve(apart, kernel), f"{words} it goes wrong.")
    small = np.arange(100, 112, dtype=np.uint8).reshape(3, 4)
    printed = course.ops.convolve(_apart(small, s, (5, 7)), w)
    with case("With a small map of bytes"):
        y = transposed(small, w, s)
    equal(y, printed, "With a small map of bytes it goes wrong: the sums do not fit into a byte.")
    return "it passes the dot test against the layer with that stride."


@task(
    "1.11",
    "whatever the light",
    hints=(
        "Since `w - w.mean()` sums to 0, it makes no difference to the product whether the window's mean is taken off. "
        "And `correlate(x, np.ones(w.shape), 'valid')` adds up each window.",
        "With S the sum and Q the sum of squares of a window of N pixels, the squared length of what remains is "
        "Q − S²/N. Take roots of both lengths; use `np.where` so that nothing is divided by 0.",
    ),
)
def _(match: Any) -> str:
    rng = random()
    x, w = rng.uniform(0, 255, (9, 12)), rng.uniform(0, 255, (3, 4))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    a = windows - windows.mean((2, 3), keepdims=True)
    b = w - w.mean()

    def cosine(u: Any, v: Any) -> Any:
        return np.sum(u * v, (2, 3)) / np.sqrt(np.sum(u**2, (2, 3)) * np.sum(v**2))

    y = match(x, w)
    mistakes(
        y,
        {
            "No mean was subtracted: this is the cosine of the pictures as they are.": cosine(windows, w),
            "The windows are divided by their full length: subtract their mean there too.": cosine(windows, b),
            "This is the product alone: it is not divided by the lengths.": np.sum(a * b, (2, 3)),
            "It is divided by the squares of the lengths: the roots are missing.": np.sum(a * b, (2, 3))
            / (np.sum(a**2, (2, 3)) * np.sum(b**2)),
            "The template's length is not divided by.": np.sum(a * b, (2, 3)) / np.sqrt(np.sum(a**2, (2, 3))),
            "The template was turned on its head: `by_windows` turns it, so it must be turned before.": cosine(
                a, b[::-1, ::-1]
            ),
            "Below the line N is missing: the square of the window's mean counts N times.": np.sum(a * b, (2, 3))
            / np.sqrt((np.sum(windows**2, (2, 3)) - windows.mean((2, 3)) ** 2) * np.sum(b**2)),
        },
        1e-7,
    )
    if isinstance(y, np.ndarray) and np.isnan(y).any():
        raise Wrong("Some roots are of something negative. Below the line, does N stand where it should?")
    array(y, (7, 9), "float", what="a template of 3×4 on 9×12 pixels: the map")
    if np.max(np.abs(y)) > 1 + 1e-9:
        raise Wrong(f"A cosine lies between −1 and 1, but the map goes up to {np.max(np.abs(y)):.4g}.")
    equal(match(3 * x + 20, w), y, "With more light and three times the contrast the map should stay the same.", 1e-7)
    equal(match(x, x[2:5, 4:8])[2, 4], 1, "Where the template was cut out, the cosine should be 1.", 1e-7)
    equal(y, cosine(a, b), "The map stays the same in another light, but its entries are not the cosines.", 1e-7)
    half = match(np.where(np.arange(12) < 6, 7.0, x), w)
    if not np.all(np.isfinite(half)):
        raise Wrong("A flat window gives entries that are no numbers: there you divide by 0.")
    equal(half[:, :3], np.zeros((7, 3)), "The cosine of a flat window should be 0.")
    u, v = np.rint(x).astype(np.uint8), np.rint(w).astype(np.uint8)
    equal(
        match(u, v),
        match(u.astype(float), v.astype(float)),
        "On bytes the cosines are others than on the same numbers as `float`: the squares of bytes wrap around at 256.",
        1e-7,
    )
    _without_a_loop(match)
    return "light and contrast no longer matter."
