"""The checks of Lab 6."""

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import ops
from course.autodiff import Tensor, no_grad
from course.autodiff import functional as F
from course.lab.asking import guard
from course.lab.properties import agrees, array, case, described, dot_test, equal, mistakes, number, random, unspoilt
from course.lab.tasks import Missing, Wrong, task
from course.nn import SGD, UNet, cross_entropy, unet

Array = NDArray[Any]


def _network(depth: int = 2, width: int = 3, classes: int = 2, seed: int = 5) -> UNet:
    """A small U-Net in double precision, with weights so large that no map dies, and with biases that matter."""
    net, rng = unet(1, classes, width, depth, rng=seed), random(seed)
    for p in net.parameters():
        p.data = (2.4 * p.data if p.ndim > 1 else p.data) + 0.1 * rng.standard_normal(p.shape)
    return net


# --- shapes ---------------------------------------------------------------------------------------


def _way(n: int, depth: int, pair: int = 4, bottom: int = 4, up: int = 4, first: bool = False) -> list[int]:
    """The sizes on the way, or what a mistake makes of them; `first`: pooled before the convolutions."""
    found = [n]
    for _ in range(depth):
        found += [found[-1] // 2, found[-1] // 2 - pair] if first else [found[-1] - pair, (found[-1] - pair) // 2]
    found.append(found[-1] - bottom)
    for _ in range(depth):
        found += [2 * found[-1], 2 * found[-1] - up]
    return found


def _by_arrays(n: int, depth: int) -> list[int]:
    """The same, of real arrays that are sent through."""
    three, four = np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))

    def two(x: Array) -> Array:
        return ops.conv2d(ops.conv2d(x, three), three)

    def pooled(x: Array) -> Any:
        return ops.max_pool2d(x, 2)

    def doubled(x: Array) -> Array:
        return ops.conv_transpose2d(x, four, stride=2)

    maps: list[Array] = [np.ones((1, 1, n, n + 16 * 2**depth))]
    for act in [two, pooled] * depth + [two] + [doubled, two] * depth:
        maps.append(act(maps[-1]))
    return [x.shape[2] for x in maps]


def _sizes(answer: Any, n: int, depth: int) -> list[float]:
    """The list of sizes that came, once it is one of numbers."""
    if isinstance(answer, np.ndarray) and answer.ndim == 1:
        answer = list(answer)
    if not isinstance(answer, list | tuple):
        raise Wrong(f"sizes({n}, {depth}) is {described(answer)}, where a list of all sizes is asked for.")
    if any(size is ... for size in answer):
        raise Missing("The list of sizes still has three dots in it.")
    return [number(size, "a size") for size in answer]


@task(
    "6.1",
    "the sizes of a valid U-Net",
    hints=(
        "One convolution of 3×3 has no window at the outermost row, neither above nor below. So how many rows do two "
        "of them take? And how often do two stand in a row, in a U of depth 1?",
        "Each step begins with the size that was added last, `found[-1]`. Down: append what two convolutions leave, "
        "then half of it. At the bottom: two convolutions alone. Up: twice the size, then two convolutions.",
    ),
)
def _(sizes: Any) -> str:
    n, depth = 92, 2
    answer = sizes(n, depth)
    found, right = _sizes(answer, n, depth), _way(n, depth)
    half = right[: 2 * depth + 2]
    mistakes(
        found,
        {
            "Each pair of convolutions takes 2 rows. One alone takes that: a row from either side.": (
                _way(n, depth, 2, 2, 2)
            ),
            "No convolution takes anything: these are the sizes of a U-Net that pads.": _way(n, depth, 0, 0, 0),
            "At the bottom nothing is taken. There are two convolutions there too.": _way(n, depth, 4, 0, 4),
            "Two convolutions follow on the way up as well, and take their rows.": _way(n, depth, 4, 4, 0),
            "You pool before the convolutions. Their map is made at the full size of the level, and pooled then.": _way(
                n, depth, first=True
            ),
            "The first size is missing: `n` itself begins the list.": right[1:],
            "This goes one level too deep.": _way(n, depth + 1),
            "This stops one level early: the depth says how often one pools.": _way(n, depth - 1),
            "The bottom stands in the list twice.": half + right[2 * depth + 1 :],
            "The convolutions of the way up make the maps larger: take their rows off, and do not add them.": _way(
                n, depth, 4, 4, -4
            ),
            "This is the way down alone, with the bottom. The way up is missing.": half,
            "Only what the convolutions leave is listed. The sizes after pooling and doubling belong in between.": (
                [n, *right[1 : 2 * depth + 1 : 2], right[2 * depth + 1], *right[2 * depth + 3 :: 2]]
            ),
        },
    )
    if len(found) != len(right):
        raise Wrong(
            f"For a depth of {depth} the list has {len(found)} sizes. Count on the paper how many there are for 28 "
            "rows and a depth of 1, and how many more each level brings."
        )
    first = next((i for i, (a, b) in enumerate(zip(found, right, strict=True)) if a != b), None)
    if first == 0:
        raise Wrong(f"The list begins with {found[0]:g}, and should with `n` itself.")
    if first is not None:
        begun = ", ".join(f"{size:g}" for size in found[:first])
        raise Wrong(f"For {n} rows and a depth of {depth} you have {begun}, and then {found[first]:g}, which is wrong.")
    if any(not isinstance(size, int | np.integer) for size in answer):
        raise Wrong("The sizes are right, but some are decimal numbers. No picture has 44.0 rows.")
    for n, depth in ((28, 1), (61, 0), (116, 3)):
        want = _by_arrays(n, depth)
        equal(_sizes(sizes(n, depth), n, depth), want, f"For {n} rows and a depth of {depth} the list is wrong.")
    equal(_sizes(sizes(572, 4), 572, 4)[-1], 388, "For 572 rows and a depth of 4 what comes out is not 388.")
    return "as real arrays have them, and 572 becomes 388."


@task(
    "6.2",
    "twice the size",
    hints=(
        "Behind the arrow stand n and o first. Then the two letters that make the row, 2i + a, and the two that make "
        "the column. Which of i and a runs faster as one goes down the rows of the result?",
        "The four last letters are i and a, side by side, and j and b, side by side: the block's place goes before the "
        "place within the block. Then merge each two, with `.reshape(n, o, 2 * h, 2 * w)`.",
    ),
)
def _(grow: Any) -> str:
    rng = random()
    x, w = rng.standard_normal((2, 3, 4, 5)), rng.standard_normal((3, 6, 2, 2))
    right = ops.conv_transpose2d(x, w, stride=2)

    def merged(order: str, kernel: Array = w) -> Array:
        return np.asarray(np.einsum(f"ncij,coab->no{order}", x, kernel)).reshape(right.shape)

    y = grow(x, w)
    mistakes(
        y,
        {
            "The prints are torn apart: rows i and columns j were merged with each other. Neighbours in the order of "
            "the letters are merged.": merged("ijab"),
            "Four small pictures lie side by side: a runs faster than i, so it must come after it.": merged("aibj"),
            "Rows and columns of each print are swapped: b goes with i, and a with j.": merged("ibja"),
            "Each print is turned by 180 degrees: take w as it is.": merged("iajb", w[:, :, ::-1, ::-1]),
            "The kernel's channels are averaged; they should be added up.": right / 3,
            "The entries are copied, and the kernel takes no part.": np.repeat(np.repeat(x, 2, 2), 2, 3),
            "Zeros stand between the entries: only the first tap of each print is there.": merged(
                "iajb", w * np.eye(1, 4).reshape(2, 2)
            ),
        },
    )
    array(y, right.shape, "float", "a map (2, 3, 4, 5), grown by a kernel (3, 6, 2, 2),")
    spot = np.zeros((1, 3, 2, 3))
    spot[0, 1, 1, 2] = 1
    equal(grow(spot, w)[0, :, 2:, 4:], w[1], "A single 1 in channel 1 should print w[1], and there alone.")
    dot_test(
        lambda u: grow(u, w),
        lambda v: ops.conv2d(v, w, stride=2),
        x.shape,
        right.shape,
        "a convolution with the same kernel and stride 2",
    )
    equal(y, right, "The shape is right, but some entries are not.")
    return "and a convolution with stride 2 is its way back."


def _middle(skip: Array, below: Array) -> Array:
    """The middle of the skip, as large as what is below."""
    height, width = below.shape[2:]
    top, left = (skip.shape[2] - height) // 2, (skip.shape[3] - width) // 2
    return np.asarray(skip[:, :, top : top + height, left : left + width])


@task(
    "6.3",
    "lay beside, and split",
    hints=(
        "How many rows are left over? Half of them go above. For `back`: in which channels of g does the skip stand, "
        "and in which places of the skip?",
        "`np.concatenate(…, axis=1)` lays channels side by side. In `back`, begin with zeros of the skip's shape, and "
        "put the first channels of g into their middle; the other channels of g are the second part as they are.",
    ),
)
def _(beside: Any) -> str:
    rng = random()
    skip, below = rng.standard_normal((2, 3, 10, 13)), rng.standard_normal((2, 5, 6, 7))
    result = beside(skip, below)
    if not isinstance(result, tuple) or len(result) != 2:
        raise Wrong(f"beside returns {described(result)}, where a pair is asked for: the value, and `back`.")
    y, back = result
    inside = _middle(skip, below)
    mistakes(
        y,
        {
            "The skip is cut at its upper left corner. Its middle should remain.": np.concatenate(
                [skip[:, :, :6, :7], below], 1
            ),
            "The skip is cut at its lower right corner. Its middle should remain.": np.concatenate(
                [skip[:, :, 4:, 6:], below], 1
            ),
            "What is below comes first. The skip's channels should.": np.concatenate([below, inside], 1),
            "This is the middle of the skip alone: what comes from below is missing.": inside,
        },
    )
    array(y, (2, 8, 6, 7), "float", "a skip (2, 3, 10, 13) beside (2, 5, 6, 7)")
    equal(y, np.concatenate([inside, below], 1), "Some channels are not those of the skip's middle, or of below.")
    _split(back, skip, below)
    square = rng.standard_normal((1, 4, 5, 6)), rng.standard_normal((1, 2, 5, 6))
    with case("Where the two are equally large"):
        value, back = beside(*square)
    equal(value, np.concatenate(square, 1), "Where the two are equally large, nothing is to be cut.")
    g = rng.standard_normal((1, 6, 5, 6))
    with case("Where the two are equally large"):
        a, b = guard(back, "`back`")(g)
    equal(a, g[:, :4], "Where nothing was cut, the part for the skip is not its channels of g.")
    equal(b, g[:, 4:], "Where nothing was cut, the part for below is not its channels of g.")
    return "each gets back what it gave."


def _split(back: Any, skip: Array, below: Array) -> None:
    """Whether `back` splits a cotangent, and hands the skip zeros where it was cut."""
    if back is ...:
        raise Missing("`back` is still missing.")
    if not callable(back):
        raise Wrong(f"The second thing returned is {described(back)}, where the function `back` belongs.")
    g = random(3).standard_normal((2, 8, 6, 7))
    parts = guard(back, "`back`")(g)
    if not isinstance(parts, tuple | list) or len(parts) != 2:
        raise Wrong(f"back returns {described(parts)}, where two parts are asked for: for the skip, and for below.")
    a, b = parts
    if np.shape(a)[1:2] == (5,) and np.shape(b)[1:2] == (3,):
        raise Wrong("The two parts are exchanged: the skip's comes first.")
    if np.shape(a)[2:] == (6, 7) and np.shape(a) != g.shape:
        raise Wrong("The part for the skip has the size of its middle. It must have the skip's own, 10×13 here.")
    if agrees(a, g) or agrees(b, g):
        raise Wrong("A part is all of g. Each should get the channels that it gave, and no others.")
    array(a, skip.shape, "number", "the part for the skip")
    array(b, below.shape, "number", "the part for what is below")
    inside = _middle(a, below)
    mistakes(
        inside,
        {
            "The skip gets its channels from the end of g. They stand at its beginning.": g[:, -3:],
            "The skip gets back its own values. What comes back is made of g.": _middle(skip, below),
            "The skip's part is in a corner; it must stand where the middle was.": np.where(
                np.pad(np.ones((4, 4), bool), ((0, 2), (0, 3))), np.roll(g[:, :3], (-2, -3), (2, 3)), 0
            ),
        },
    )
    equal(inside, g[:, :3], "The middle of the skip's part is not the first channels of g.")
    if not agrees(np.sum(np.abs(a)), np.sum(np.abs(inside))):
        raise Wrong("Something comes back to what was cut off. It took no part in the value.")
    equal(b, g[:, 3:], "The part for what is below is not the last channels of g.")


def _stages(x: Any, order: list[str]) -> tuple[Callable[[Any], Any], ...]:
    """Four stages for a level that tell where they were, and whose results differ."""

    def named(name: str, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def stage(z: Any) -> Any:
            order.append(name)
            return f(z)

        return stage

    def halved(z: Any) -> Any:
        if z.shape[2:] == x.shape[2:]:
            raise Wrong("What goes inside has not been pooled: it is as large as x.")
        return z * 3 - 1

    return (
        named("left", lambda z: F.concatenate([z * 2, z * z, z], axis=1)),
        named("inside", halved),
        named("twice", lambda z: np.repeat(np.repeat(z[:, ::-1], 2, 2), 2, 3) + 0.5),
        named("right", lambda z: z * (1 + np.arange(z.shape[1]))[:, None, None]),
    )


@task(
    "6.4",
    "one level of the U",
    hints=(
        "Three lines. Which of the values along the way is needed twice?",
        "`kept` is what `left` makes of x. Below, it goes through three things, one inside the other: the pooling, "
        "`inside`, `twice`. In the last line `right` gets both, as one map.",
    ),
)
def _(level: Any) -> str:
    x = random().standard_normal((2, 2, 6, 8))
    order: list[str] = []
    left, inside, twice, right = _stages(x, order)
    y = level(x, left, inside, twice, right)
    calls = order.copy()
    kept = left(x)
    below = twice(inside(ops.max_pool2d(kept, 2)))
    for name, sentence in (
        ("left", "`left` makes the map that is kept"),
        ("inside", "what lies inside the U"),
        ("twice", "`twice` brings the size back"),
        ("right", "two convolutions, `right`, look at both"),
    ):
        if calls.count(name) != 1:
            often = "never" if name not in calls else f"{calls.count(name)} times"
            raise Wrong(f"`{name}` is called {often}, and should be once: {sentence}.")
    if agrees(y, right(F.concatenate([kept, below], axis=1))):
        return _assembled(level)
    mistakes(
        y,
        {
            "What comes from below stands first. The kept map should.": right(F.concatenate([below, kept], axis=1)),
            "The skip carries x itself. The map that `left` has made should be kept.": right(
                F.concatenate([x, below], axis=1)
            ),
            "`right` sees what comes from below alone: there is no skip.": right(below),
            "`right` looks at the kept map alone, and what comes from below is laid beside it too late.": (
                F.concatenate([right(kept), below], axis=1)
            ),
            "`right` looks at what comes from below alone, and the kept map is laid beside it too late.": (
                F.concatenate([kept, right(below)], axis=1)
            ),
            "The two are added. They should be laid side by side, as further channels.": right(kept + below),
            "The two are laid one behind the other along axis 0, the batch. Channels are axis 1.": right(
                F.concatenate([kept, below], axis=0)
            ),
            "What goes inside is pooled from x, and not from the map that `left` has made.": right(
                F.concatenate([kept, twice(inside(ops.max_pool2d(x, 2)))], axis=1)
            ),
            "The map is pooled by a mean. Ask for the largest of four.": right(
                F.concatenate([kept, twice(inside(ops.avg_pool2d(kept, 2)))], axis=1)
            ),
        },
    )
    if calls != ["left", "inside", "twice", "right"]:
        raise Wrong(f"The order of the four is wrong: you go through {', '.join(calls)}.")
    equal(y, right(F.concatenate([kept, below], axis=1)), "All four are called, but with the wrong maps.")
    return ""


def _assembled(level: Any) -> str:
    """Whether levels within levels are the package's U-Net, forward and back."""
    net = _network()
    x, labels = random().standard_normal((2, 1, 8, 12)), random().integers(0, 2, (2, 8, 12))

    def at(k: int, x: Any) -> Any:
        if k == 2:
            return net.down[2](x)
        return level(x, net.down[k], lambda x: at(k + 1, x), net.grow[-1 - k], net.up[-1 - k])

    scores = net.head(at(0, x))
    equal(scores.data, net(x).data, "For arrays it is right; but levels within levels are not the package's U-Net.")
    first = dict(net.named(Tensor))["down.0.0.weight"]
    slopes: list[Any] = []
    for z in (scores, net(x)):
        first.grad = None
        cross_entropy(z, labels).backward()
        slopes.append(first.grad)
    if slopes[0] is None:
        raise Wrong("The values are right, but nothing comes back to the first weights: the record has been lost.")
    equal(slopes[0], slopes[1], "The values are right, but what comes back to the first weights is not.")
    return "and levels within levels are the package's U-Net, forward and back."


# --- loss -----------------------------------------------------------------------------------------


@task(
    "6.5",
    "a loss for every pixel",
    hints=(
        "`t * log_p` keeps the logarithm at the right class and is 0 elsewhere. How many pixels are there, in all "
        "pictures together? And how does one come from `log_p` back to p?",
        "The number of pixels is `labels.size`. The loss is minus a sum over everything, divided by it; the slope is "
        "the difference of two arrays, divided by it too. `np.exp` undoes the logarithm.",
    ),
)
def _(pixel_loss: Any) -> str:
    z, labels = random().standard_normal((2, 3, 4, 5)), random(3).integers(0, 3, (2, 4, 5))
    result = pixel_loss(z, labels)
    if not isinstance(result, tuple) or len(result) != 2:
        raise Wrong(f"pixel_loss returns {described(result)}, where a pair is asked for: the loss, and its slope.")
    loss, slope = result
    if np.ndim(loss):
        raise Wrong(f"The loss is {described(loss)}, where one number is asked for.")
    log_p, t, n = ops.log_softmax(z, 1), np.moveaxis(np.eye(3)[labels], -1, 1), labels.size
    right = -np.sum(t * log_p) / n
    mistakes(
        number(loss, "the loss"),
        {
            "The loss is below zero: the minus is missing.": -right,
            "The loss is a sum. Divide by the number of pixels, or the size of a picture would set the step.": (
                right * n
            ),
            "The loss is a mean over all entries. There are as many scores to a pixel as there are classes, but one "
            "loss.": right / 3,
            "The loss is divided by the number of pictures, and not by that of all their pixels.": right * n / 2,
            "The loss is divided by the pixels of one picture, and should be by those of all.": right * 2,
            "All classes pay. Only the logarithm at the right class counts.": -np.sum(log_p) / n,
            "Probabilities are summed, where their logarithms are asked for.": -np.sum(t * np.exp(log_p)) / n,
        },
    )
    equal(loss, right, "The loss is not the mean of −ln p at the right class.")
    p = np.exp(log_p)
    want = (p - t) / n
    mistakes(
        slope,
        {
            "The slope is not divided by the number of pixels, but the loss is.": p - t,
            "The slope is divided by the number of all scores, and should be by that of the pixels.": want / 3,
            "The slope has the wrong sign: a higher score at the right class should make the loss smaller.": -want,
            "This is p over N. At the right class something must be taken off.": p / n,
            "This is the slope of the loss in p. It is asked for in the scores, on the other side of the softmax.": -t
            / p
            / n,
            "Logarithms take the place of probabilities in the slope.": (log_p - t) / n,
            "The scores take the place of probabilities in the slope.": (z - t) / n,
        },
    )
    array(slope, z.shape, "float", "the slope")
    equal(slope, want, "The slope is not what the loss gains when a score grows.")
    sure = np.zeros((1, 2, 1, 2))
    sure[0, 1] = 1000
    loss, slope = pixel_loss(sure, np.array([[[1, 0]]]))
    if not np.isfinite(loss) or not np.all(np.isfinite(slope)):
        raise Wrong("With scores of 1000 the loss is no number. `log_p` survives them; the logarithm of p does not.")
    equal(loss, 500, "With one pixel in two surely wrong, by a score of 1000, the loss should be 500.")
    equal(slope[0, 1], [[0, 0.5]], "With scores of 1000 the slope is wrong.")
    return "and where the right class is certain, nothing is left to learn."


@task(
    "6.6",
    "intersection over union",
    hints=(
        "`&` and `|` between two arrays of bools are *and* and *or*, pixel by pixel. Over which axes do you count, so "
        "that one number a picture is left?",
        "Count `found & drawn`, and count `found | drawn`, each with `np.sum(…, axis=(1, 2))`. Where the second count "
        "is 0, `np.where` can put in a 1; and divide by at least 1, so that nothing is divided by 0.",
    ),
)
def _(iou: Any) -> str:
    rng = random()
    found, drawn = rng.random((4, 6, 7)) < 0.4, rng.random((4, 6, 7)) < 0.6
    found[2], drawn[3] = drawn[2], False

    def count(mask: Array) -> Array:
        return np.asarray(mask.sum((1, 2)))

    both, either = count(found & drawn), count(found | drawn)
    q = iou(found, drawn)
    mistakes(
        q,
        {
            "This is the share of pixels that are right. Those that are in neither mask must not count.": (
                (found == drawn).mean((1, 2))
            ),
            "This is Dice: twice what they share, over the sum of both. What they share must count once below.": (
                2 * both / (count(found) + count(drawn))
            ),
            "What they share is counted twice below the line: the sum of both masks is not their union.": both
            / (count(found) + count(drawn)),
            "You divide by what was found. A mask of one right pixel would be perfect.": both / count(found),
            "You divide by the number of all pixels.": both / 42,
            "All pictures are counted together. One number for each is asked for.": both.sum() / either.sum(),
            "This is the mean over the pictures. One number for each is asked for.": (both / either).mean(),
            "Whole numbers alone are left: `//` drops what stands behind the point.": both // either,
            "You count pixels that are in one of the masks alone, above or below the line.": both
            / np.maximum(count(found ^ drawn), 1),
        },
    )
    with np.errstate(all="ignore"):
        part = both / count(drawn)
    if np.shape(q) == (4,) and agrees(np.asarray(q)[:3], part[:3]):
        raise Wrong("You divide by what was drawn. A mask that is white all over would be perfect.")
    if np.shape(q) == ():
        raise Wrong(f"iou of four pairs of masks is {described(q)}, where four numbers are asked for.")
    array(q, (4,), "number", "the IoU of four pairs of masks")
    unspoilt(q, both / either)
    equal(q, both / either, "Some of the four numbers are not the shared pixels over those of either mask.")
    equal(iou(drawn, found), q, "Exchange the two masks, and the numbers should stay the same.")
    empty = np.zeros((2, 3, 5), bool)
    white = empty.copy()
    white[1, 1, 2] = True
    nothing = iou(empty, white)
    if not np.all(np.isfinite(nothing)):
        raise Wrong("Two empty masks give no number: there you divide by 0.")
    if agrees(nothing, [0, 0]):
        raise Wrong("Two empty masks are equal, so their IoU should be 1, and not 0.")
    equal(nothing, [1, 0], "For two empty masks, and for an empty one beside one that is not, it is wrong.")
    return "1 for equal masks, 0 for strangers, and the background does not count."


# --- train ----------------------------------------------------------------------------------------


STALE = 1.0  # each entry of the gradients that an earlier step has left


class _Watched(SGD):
    """Plain descent that notes in which order it was called."""

    def __init__(self, net: UNet) -> None:
        super().__init__(net.parameters(), lr=0.5)
        self.calls: list[str] = []

    def zero_grad(self) -> None:
        """Forget the gradients."""
        self.calls.append("zero_grad")
        super().zero_grad()

    def step(self) -> None:
        """Move the parameters."""
        self.calls.append("step")
        if all(p.grad is not None and np.array_equal(p.grad, STALE * np.ones(p.shape)) for p in self.parameters):
            raise Wrong("The step is made with the gradients of the step before: go back first, then move.")
        super().step()


def _away(net: UNet, start: dict[str, Array]) -> float:
    """How far the parameters are from where they were."""
    return float(np.sqrt(sum(np.sum((a - start[name]) ** 2) for name, a in net.state().items())))


@task(
    "6.7",
    "one step of training",
    hints=(
        "The order is: forget, forward, back, move. What could go wrong if you forget last, or not at all?",
        "Four lines and a return. `loss = cross_entropy(…, …)` has the scores of the network first and the labels "
        "second; its `.backward()` fills in the gradients; the optimiser's `.step()` uses them.",
    ),
)
def _(step: Any) -> str:
    rng = random()
    net, x, labels = _network(1), rng.standard_normal((3, 1, 4, 6)), rng.integers(0, 2, (3, 4, 6))
    start, optimiser = net.state(), _Watched(net)
    for p in net.parameters():
        p.grad = np.full(p.shape, STALE)
    with no_grad():
        first = float(cross_entropy(net(x), labels))
    loss = step(net, optimiser, x, labels)
    if isinstance(loss, Tensor):
        raise Wrong("The loss comes as a tensor, which drags its whole record along. A plain number is asked for.")
    moves, moved = optimiser.calls.count("step"), net.state()
    if not moves:
        raise Wrong("Nothing moves: the optimiser is never told to make its step.")
    if moves > 1:
        raise Wrong(f"The optimiser makes {moves} steps in one.")
    if "zero_grad" not in optimiser.calls:
        raise Wrong("The gradients of the step before are never forgotten: the new ones are added to them.")
    if _away(net, start) < 1e-12:
        raise Wrong("The optimiser makes a step, but nothing has moved: there was no gradient when it did.")
    for p, a in zip(net.parameters(), start.values(), strict=True):
        p.data, p.grad = a.copy(), None
    cross_entropy(net(x), labels).backward()
    slopes = [p.grad for p in net.parameters()]
    want = {name: a - 0.5 * g for (name, a), g in zip(start.items(), slopes, strict=True) if g is not None}
    for made, sentence in (
        (
            {name: a - 0.5 * STALE for name, a in want.items()},
            "The gradients are forgotten too late: this step has still added its own to those before.",
        ),
        ({name: 2 * a - start[name] for name, a in want.items()}, "You go back twice: the gradient counts double."),
        (
            {name: start[name] + labels.size * (a - start[name]) for name, a in want.items()},
            "You go back from the sum of the losses, and not from their mean: the step is far too long.",
        ),
    ):
        if all(agrees(moved[name], made[name]) for name in made):
            raise Wrong(sentence)
    if not all(agrees(moved[name], want[name]) for name in want):
        raise Wrong("The parameters have moved, but not by a step along the gradient of this batch's loss.")
    value = number(loss, "the loss")
    with no_grad():
        for name, p in net.named(Tensor):
            p.data = want[name].copy()
        later = float(cross_entropy(net(x), labels))
    mistakes(
        value,
        {
            "It returns the loss after the step. That costs another run; the one before it is at hand.": later,
            "It returns the sum of the losses, and not their mean.": first * labels.size,
        },
    )
    equal(value, first, "The number that it returns is not the loss of this batch before the step.", 1e-6)
    for p, a in zip(net.parameters(), start.values(), strict=True):
        p.data = a.copy()
    small = _Watched(net)
    small.lr = 0.1
    losses = [number(step(net, small, x, labels), "the loss") for _ in range(25)]
    if losses[-1] >= losses[0]:
        raise Wrong("After 25 steps on the same batch the loss has not become smaller.")
    return "forget, forward, back, move."


# --- cut ------------------------------------------------------------------------------------------


def _deaf(net: UNet, x: Array, *levels: int) -> Array:
    """The scores of a U-Net whose skips of these levels are multiplied by zero on their way."""
    seen: list[Any] = []
    z: Any = x
    for block in net.down[:-1]:
        seen.append(block(z))
        z = F.max_pool2d(seen[-1], 2)
    z = net.down[-1](z)
    for twice, block in zip(net.grow, net.up, strict=True):
        kept = seen.pop()
        z = block(F.concatenate([kept * (len(seen) not in levels), twice(z)], axis=1))
    return np.asarray(net.head(z).data)


def _zeroed(net: UNet, name: str, part: Any) -> UNet:
    """A copy of the network in which a part of a parameter is zero."""
    other = copy.deepcopy(net)
    dict(other.named(Tensor))[name].data[part] = 0
    return other


@task(
    "6.8",
    "cut a skip",
    hints=(
        "`net.up[0]` is used first, at the bottom of the way up. So which level does it belong to, in a network of "
        "two levels, and which one does `net.up[-1]`?",
        "Level k is `up[-1 - k]`. Its weight has the input channels along axis 1; set to 0 a slice of that axis that "
        "ends at the half. And it is the copy, `other`, that must change.",
    ),
)
def _(cut: Any) -> str:
    net, x = _network(3), random().standard_normal((2, 1, 16, 8))
    before = net.state()
    for k in (0, 1, 2):
        other = cut(net, k)
        if any(not np.array_equal(a, before[name]) for name, a in net.state().items()):
            raise Wrong("The network itself has changed. It is needed whole for the next cut: change the copy.")
        if other is net:
            raise Wrong("What comes back is the network itself. A copy is asked for.")
        if not hasattr(other, "state") or not hasattr(other, "up"):
            raise Wrong(f"cut returns {described(other)}, where a network is asked for.")
        after = other.state()
        changed = [name for name in before if not np.array_equal(after[name], before[name])]
        if not changed:
            raise Wrong("The copy is not cut: all of its weights are those of the network.")
        _right_place(net, k, after, changed)
        with no_grad():
            scores = other(x).data
        equal(scores, _deaf(net, x, k), f"With level {k} cut, the scores are not those of a skip that carries zeros.")
    with no_grad():
        scores = cut(cut(net, 0), 2)(x).data
    equal(scores, _deaf(net, x, 0, 2), "With two cuts, one after the other, the scores are wrong.")
    return "as if that skip carried zeros, and the network itself is whole."


def _right_place(net: UNet, k: int, after: dict[str, Array], changed: list[str]) -> None:
    """Raise `Wrong` unless the weights that were changed are those that read the skip of level k."""
    place = f"up.{len(net.up) - 1 - k}.0.weight"
    mirrored = f"up.{k}.0.weight"
    if changed == [place.replace(".0.weight", ".2.weight")]:
        raise Wrong("That is the second convolution of the level. The first one reads the skip.")
    if place not in changed and mirrored in changed:
        raise Wrong("That is another level: `net.up` begins at the bottom, and level 0 is at the top.")
    if place not in changed:
        raise Wrong(f"Level {k} is not cut, but this is changed: {', '.join(changed)}.")
    if len(changed) > 1:
        others = ", ".join(name for name in changed if name != place)
        raise Wrong(f"More than the weights that read the skip is changed: {others}.")
    w, got = net.state()[place], after[place]
    half = w.shape[1] // 2
    if not np.any(got):
        raise Wrong(
            "All weights of the convolution are zero, so what comes from below is not heard either. Which axis is cut?"
        )
    if agrees(got, np.where(np.arange(2 * half)[:, None, None] < half, w, 0)):
        raise Wrong("The second half is cut: that is what comes from below. The skip's channels come first.")
    if not np.any(got[: w.shape[0] // 2]) and np.any(got[-1, :half]):
        raise Wrong("This silences half of the outputs. The inputs are along axis 1.")
    if np.any(got[:, :half]):
        raise Wrong("A part of the skip is still heard: half of all input channels are its own.")
    equal(got[:, half:], w[:, half:], "The weights that read what comes from below have changed too.")


def _balanced(depth: int) -> UNet:
    """A small U-Net that finds either class at about half of the pixels of a random picture."""
    net = _network(depth, seed=9)
    with no_grad():
        scores = net(random().random((1, 1, 16, 16))).data
    dict(net.named(Tensor))["head.bias"].data[0] += np.median(scores[:, 1] - scores[:, 0])
    return net


class _Spy:
    """A U-Net that looks at what it is given before it answers."""

    def __init__(self, net: UNet, image: Array) -> None:
        self.net, self.up, self.down, self.grow, self.head = net, net.up, net.down, net.grow, net.head
        self.image, self.asked = image, False

    def __call__(self, x: Any) -> Tensor:
        """The scores, if the input is the image as a batch of one, padded as it should be."""
        self.asked = True
        _input(np.asarray(x.data if isinstance(x, Tensor) else x), self.image, 2 ** len(self.up))
        return self.net(x)


@task(
    "6.9",
    "a picture of any size",
    hints=(
        "61 rows and steps of 4: how many rows are missing? Python's `-61 % 4` knows. And how many with 64?",
        "`np.pad` takes two numbers for each axis, before and after; before comes nothing. The network wants "
        "`padded[None, None]`; from what `masks_of` returns take picture 0, and of it the first rows and columns.",
    ),
)
def _(segmented: Any) -> str:
    for depth, shape in ((2, (13, 18)), (3, (20, 9)), (2, (16, 12)), (2, (15, 20))):
        image = random(depth).random(shape)
        spy = _Spy(_balanced(depth), image)
        mask = segmented(spy, image)
        if not spy.asked:
            raise Wrong("The network is never asked.")
        padded = np.pad(image, [(0, -n % 2**depth) for n in shape], mode="reflect")
        with no_grad():
            scores = spy.net(padded[None, None]).data
        whole = scores[0].argmax(0) == 1
        right = whole[: shape[0], : shape[1]]
        mistakes(
            mask,
            {
                "This is the mask of the padded picture: it is still to be cropped.": whole if padded.size > image.size
                else np.zeros(0),
                "It is cropped at the wrong side: rows and columns of the picture are missing, and the padding is "
                "there.": whole[whole.shape[0] - shape[0] :, whole.shape[1] - shape[1] :] if padded.size > image.size
                else np.zeros(0),
                "Table and shape are exchanged: True should be where class 1 has the higher score.": ~right,
            },
        )  # fmt: skip
        array(mask, shape, what=f"the mask of a picture of {shape[0]}×{shape[1]}")
        array(mask, shape, "boolean", what="the mask")
        equal(mask, right, f"For a picture of {shape[0]}×{shape[1]} and {depth} levels the mask is wrong.")
    return "no more is padded than needed, and the mask has the picture's size."


def _input(x: Array, image: Array, step: int) -> None:
    """Raise `Wrong` unless x, which the network was given, is the padded image as a batch of one."""
    (height, width), (rows, columns) = image.shape, (-n % step for n in image.shape)
    if x.ndim != 4 or x.shape[:2] != (1, 1):
        raise Wrong(f"The network is given a picture of shape {x.shape}. It wants a batch: (1, 1, rows, columns).")
    name = f"A picture of {height}×{width}, in a network that halves {step.bit_length() - 1} times,"
    found, want = x.shape[2:], (height + rows, width + columns)
    if any(n % step for n in found):
        raise Wrong(f"{name} is padded to {found[0]}×{found[1]}: {step} does not divide that.")
    if found == (height // step * step, width // step * step) and found != want:
        raise Wrong(f"{name} is cut to {found[0]}×{found[1]}. Nothing should be lost: pad it.")
    if found != want:
        raise Wrong(f"{name} is padded to {found[0]}×{found[1]}, which is more than needed.")
    z = x[0, 0]
    if agrees(z, np.pad(image, [(0, rows), (0, columns)])) and (rows or columns):
        raise Wrong("The padding is black. To the network that is an edge; pad with the mirror image.")
    if agrees(z, np.pad(image, [(0, rows), (0, columns)], mode="symmetric")) and (rows or columns):
        raise Wrong('The mirror repeats the last row and column; that is "symmetric". Ask for "reflect".')
    if agrees(z, np.pad(image, [(0, rows), (0, columns)], mode="edge")) and (rows or columns):
        raise Wrong("The last row and column are repeated, where the mirror image is asked for.")
    equal(
        z[:height, :width],
        image,
        "The padding stands above or on the left, or all around: put it below and right.",
        1e-6,
    )
    equal(z, np.pad(image, [(0, rows), (0, columns)], mode="reflect"), "The padding is not the mirror image.", 1e-6)


# --- a stretch ------------------------------------------------------------------------------------


def _library(calls: list[str]) -> SimpleNamespace:
    """The five functions in a box, of which two look at what they are given, and note that they were called."""

    def conv_transpose2d(x: Any, w: Any, bias: Any = None, stride: Any = 1, *more: Any, **options: Any) -> Any:
        calls.append("grow")
        if stride not in (2, (2, 2), [2, 2]):
            raise Wrong(f"A transposed convolution of stride {stride} does not double the size of a map.")
        return ops.conv_transpose2d(x, w, bias, stride, *more, **options)

    def cat(maps: Any, axis: int = 0) -> Any:
        calls.append("cat")
        if axis not in (1, -3):
            raise Wrong(f"Maps are laid one behind the other along axis {axis}. Channels are axis 1.")
        sizes = [f"{m.shape[2]}×{m.shape[3]}" for m in maps]
        if len(set(sizes)) > 1:
            raise Wrong(
                f"Maps of different sizes are laid side by side, {' and '.join(sizes)}: that is the skip of another "
                "level, or a size has not been doubled."
            )
        return np.concatenate(maps, axis)

    return SimpleNamespace(
        conv2d=ops.conv2d, relu=ops.relu, max_pool2d=ops.max_pool2d, conv_transpose2d=conv_transpose2d, cat=cat
    )


def _pair(w: dict[str, Array], name: str, x: Any) -> Any:
    """Two convolutions, each followed by a ReLU."""
    for i in (0, 2):
        x = ops.relu(ops.conv2d(x, w[f"{name}.{i}.weight"], w[f"{name}.{i}.bias"], 1, 1))
    return x


def _wrongly(w: dict[str, Array], x: Any, depth: int, slip: str) -> Any:
    """The scores of a U-Net with a slip in it, or None where the shapes do not allow it."""
    kept = []
    for i in range(depth):
        kept.append(_pair(w, f"down.{i}", x))
        x = ops.max_pool2d(kept[-1], 2)
    x = _pair(w, f"down.{depth}", x)
    for i in range(depth):
        bias = None if slip == "no bias in growing" else w[f"grow.{i}.bias"]
        both = [kept.pop(), ops.conv_transpose2d(x, w[f"grow.{i}.weight"], bias, 2)]
        if slip == "deaf":
            both[0] = both[0] * 0
        x = _pair(w, f"up.{i}", np.concatenate(both[::-1] if slip == "below first" else both, 1))
    bias = None if slip == "no bias in the head" else w["head.bias"]
    return ops.conv2d(x, w["head.weight"], bias)


@task(
    "6.10",
    "a network for any library",
    hints=(
        "Down: for each level a `pair`, kept in a list, and a pooling of what was kept. Then the pair at the bottom, "
        "`down.2` if there are two levels. Up: grow, take the last of the list, lay it beside, a pair.",
        "`kept.pop()` takes the last map off the list, and the skip comes first in `lib.cat([…, …], 1)`. The fourth "
        "argument of `lib.conv_transpose2d` is the stride. The head is one convolution, with its bias and no ReLU.",
    ),
)
def _(scores_of: Any) -> str:
    for depth, shape in ((2, (2, 1, 8, 12)), (1, (1, 1, 6, 4)), (3, (1, 1, 16, 8))):
        calls: list[str] = []
        net, x = _network(depth, classes=3, seed=11), random().standard_normal(shape)
        w = net.state()
        z = scores_of(_library(calls), w, x)
        with no_grad():
            right = net(x).data
        if "grow" not in calls:
            raise Wrong("The transposed convolutions, `grow`, take no part.")
        if "cat" not in calls:
            raise Wrong("Nothing is laid side by side: there are no skips.")
        mistakes(
            z,
            {
                "What comes from below stands first. The skip should.": _wrongly(w, x, depth, "below first"),
                "The head's bias is missing.": _wrongly(w, x, depth, "no bias in the head"),
                "The biases of the transposed convolutions are missing.": _wrongly(w, x, depth, "no bias in growing"),
                "These are probabilities. The scores are asked for: the loss takes the softmax itself.": ops.softmax(
                    right, 1
                ),
                "A ReLU follows the head. Scores may be below zero.": ops.relu(right),
                "The skips carry zeros.": _wrongly(w, x, depth, "deaf"),
            },
        )
        array(z, (shape[0], 3, *shape[2:]), "float", f"what comes out of a U-Net of depth {depth}")
        equal(z, right, f"For a depth of {depth} the scores are not those of the package.")
    return "the package's scores, for three depths."
