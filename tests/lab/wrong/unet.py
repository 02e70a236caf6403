"""Typical wrong answers to Lab 6."""

import copy

import numpy as np

from course import ops
from course.autodiff import functional as F
from course.nn import cross_entropy
from tests.lab.wrongs import wrong


def way(pair=4, bottom=4, up=4, half=lambda n: n // 2):
    """A wrong `sizes`: other losses, or another half."""

    def sizes(n, depth):
        found = [n]
        for _ in range(depth):
            found += [found[-1] - pair, half(found[-1] - pair)]
        found.append(found[-1] - bottom)
        for _ in range(depth):
            found += [2 * found[-1], 2 * found[-1] - up]
        return found

    return lambda s: sizes


wrong("6.1", "takes 2 rows")(way(2, 2, 2))
wrong("6.1", "a U-Net that pads")(way(0, 0, 0))
wrong("6.1", "At the bottom nothing is taken")(way(bottom=0))
wrong("6.1", "follow on the way up as well")(way(up=0))
wrong("6.1", "some are decimal numbers")(way(half=lambda n: n / 2))
wrong("6.1", "make the maps larger")(way(up=-4))


@wrong("6.1", "You pool before")
def _(s):
    def sizes(n, depth):
        found = [n]
        for _ in range(depth):
            found += [found[-1] // 2, found[-1] // 2 - 4]
        found.append(found[-1] - 4)
        for _ in range(depth):
            found += [2 * found[-1], 2 * found[-1] - 4]
        return found

    return sizes


@wrong("6.1", "one level too deep")
def _(s):
    return lambda n, depth: s.sizes(n, depth + 1)


@wrong("6.1", "one level early")
def _(s):
    return lambda n, depth: s.sizes(n, depth - 1)


@wrong("6.1", "The first size is missing")
def _(s):
    return lambda n, depth: s.sizes(n, depth)[1:]


@wrong("6.1", "where a list of all sizes is asked for")
def _(s):
    return lambda n, depth: s.sizes(n, depth)[-1]


@wrong("6.1", "The way up is missing")
def _(s):
    return lambda n, depth: s.sizes(n, depth)[: 2 * depth + 2]


def merged(order, change=lambda w: w):
    """A wrong `grow`: the axes in another order, or another kernel."""

    def made(s):
        def grow(x, w):
            (n, _, height, width), o = x.shape, w.shape[1]
            return np.einsum(f"ncij,coab->{order}", x, change(w)).reshape(n, o, 2 * height, 2 * width)

        return grow

    return made


wrong("6.2", "torn apart")(merged("noijab"))
wrong("6.2", "Four small pictures")(merged("noaibj"))
wrong("6.2", "of each print are swapped")(merged("noibja"))
wrong("6.2", "turned by 180 degrees")(merged("noiajb", lambda w: w[:, :, ::-1, ::-1]))
wrong("6.2", "only the first tap")(merged("noiajb", lambda w: w * np.array([[1, 0], [0, 0]])))


@wrong("6.2", "the kernel takes no part")
def _(s):
    return lambda x, w: np.repeat(np.repeat(x, 2, 2), 2, 3)


@wrong("6.2", "averaged")
def _(s):
    return lambda x, w: s.grow(x, w) / x.shape[1]


@wrong("6.2", "has shape (2, 6, 5, 6)")
def _(s):
    return lambda x, w: ops.conv_transpose2d(x, w, stride=1)


@wrong("6.2", "has shape (2, 6, 4, 2, 5, 2)")
def _(s):
    return lambda x, w: np.einsum("ncij,coab->noiajb", x, w)


def window(skip, below, place):
    """A part of the skip as large as what is below: in its middle, or in a corner."""
    size = below.shape[2:]
    start = [
        {"first": 0, "middle": (n - m) // 2, "last": n - m}[place] for n, m in zip(skip.shape[2:], size, strict=True)
    ]
    return np.s_[:, :, start[0] : start[0] + size[0], start[1] : start[1] + size[1]]


def laid(place="middle", swap=False, parts=None, put="middle"):
    """A wrong `beside`: cut elsewhere, in the wrong order, or with a wrong way back."""

    def made(s):
        def beside(skip, below):
            both = [skip[window(skip, below, place)], below]
            c = skip.shape[1]

            def back(g):
                a, b = (g[:, :c], g[:, c:]) if parts is None else parts(g, skip, below)
                if a.shape == skip.shape or a.shape[2:] != below.shape[2:] or put is None:
                    return a, b
                whole = np.zeros((*a.shape[:2], *skip.shape[2:]))
                whole[window(skip, below, put)] = a
                return whole, b

            return np.concatenate(both[::-1] if swap else both, 1), back

        return beside

    return made


wrong("6.3", "upper left corner")(laid("first"))
wrong("6.3", "lower right corner")(laid("last"))
wrong("6.3", "What is below comes first")(laid(swap=True))
wrong("6.3", "The two parts are exchanged")(laid(parts=lambda g, u, v: (g[:, 3:], g[:, :3])))
wrong("6.3", "the size of its middle")(laid(put=None))
wrong("6.3", "is all of g")(laid(parts=lambda g, u, v: (g, g), put=None))
wrong("6.3", "from the end of g")(laid(parts=lambda g, u, v: (g[:, -u.shape[1] :], g[:, : -u.shape[1]])))
wrong("6.3", "It took no part")(
    laid(parts=lambda g, u, v: (np.pad(g[:, :3], ((0, 0), (0, 0), (2, 2), (3, 3)), "edge"), g[:, 3:]))
)
wrong("6.3", "its own values")(laid(parts=lambda g, u, v: (u, v)))
wrong("6.3", "in a corner")(laid(put="first"))


@wrong("6.3", "dimension 2")
def _(s):
    def uncut(skip, below):
        return np.concatenate([skip, below], axis=1), lambda g: np.split(g, [skip.shape[1]], 1)

    return uncut


@wrong("6.3", "where a pair is asked for")
def _(s):
    return lambda skip, below: s.beside(skip, below)[0]


def joined(f):
    """A wrong `level`."""
    return lambda s: f


def cat(*maps):
    return F.concatenate(list(maps), axis=1)


def half(x):
    return F.max_pool2d(x, 2)


@wrong("6.4", "The skip carries x itself")
def _(s):
    return lambda x, left, inside, twice, right: right(cat(x, twice(inside(half(left(x))))))


@wrong("6.4", "What comes from below stands first")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(cat(twice(inside(half(kept))), kept))

    return level


@wrong("6.4", "there is no skip")
def _(s):
    return lambda x, left, inside, twice, right: right(twice(inside(half(left(x)))))


@wrong("6.4", "`left` is called 2 times")
def _(s):
    return lambda x, left, inside, twice, right: right(cat(left(x), twice(inside(half(left(x))))))


@wrong("6.4", "`right` is called never")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return cat(kept, twice(inside(half(kept))))

    return level


@wrong("6.4", "laid beside it too late")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return cat(kept, right(twice(inside(half(kept)))))

    return level


@wrong("6.4", "pooled from x")
def _(s):
    return lambda x, left, inside, twice, right: right(cat(left(x), twice(inside(half(x)))))


@wrong("6.4", "`inside` is called never")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(cat(kept, twice(half(kept))))

    return level


@wrong("6.4", "pooled by a mean")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(cat(kept, twice(inside(F.avg_pool2d(kept, 2)))))

    return level


@wrong("6.4", "The two are added")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(kept + twice(inside(half(kept))))

    return level


@wrong("6.4", "has not been pooled")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(cat(kept, twice(inside(kept))))

    return level


@wrong("6.4", "along axis 0, the batch")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(F.concatenate([kept, twice(inside(half(kept)))], axis=0))

    return level


@wrong("6.4", "keep no record")
def _(s):
    def level(x, left, inside, twice, right):
        kept = left(x)
        return right(np.concatenate([kept, twice(inside(half(kept)))], axis=1))

    return level


def lost(loss=lambda right, z, labels: right, slope=lambda right, z, labels: right):
    """A wrong `pixel_loss`: something done to the right loss, or to the right slope."""

    def made(s):
        def pixel_loss(z, labels):
            a, b = s.pixel_loss(z, labels)
            return loss(a, z, labels), slope(b, z, labels)

        return pixel_loss

    return made


def one_hot(z, labels):
    return np.moveaxis(np.eye(z.shape[1])[labels], -1, 1)


wrong("6.5", "the minus is missing")(lost(loss=lambda a, z, t: -a))
wrong("6.5", "The loss is a sum")(lost(loss=lambda a, z, t: a * t.size))
wrong("6.5", "a mean over all entries")(lost(loss=lambda a, z, t: a / z.shape[1]))
wrong("6.5", "number of pictures")(lost(loss=lambda a, z, t: a * t.size / len(t)))
wrong("6.5", "All classes pay")(lost(loss=lambda a, z, t: -np.sum(ops.log_softmax(z, 1)) / t.size))
wrong("6.5", "not divided by the number of pixels")(lost(slope=lambda b, z, t: b * t.size))
wrong("6.5", "the wrong sign")(lost(slope=lambda b, z, t: -b))
wrong("6.5", "This is p over N")(lost(slope=lambda b, z, t: ops.softmax(z, 1) / t.size))
wrong("6.5", "the slope of the loss in p")(lost(slope=lambda b, z, t: -one_hot(z, t) / ops.softmax(z, 1) / t.size))
wrong("6.5", "Logarithms take the place")(lost(slope=lambda b, z, t: (ops.log_softmax(z, 1) - one_hot(z, t)) / t.size))


@wrong("6.5", "is no number")
def _(s):
    def by_p(z, labels):
        p, t = ops.softmax(z, 1), one_hot(z, labels)
        return -np.sum(t * np.log(p)) / labels.size, (p - t) / labels.size

    return by_p


def shared(above, below):
    return lambda s: lambda found, drawn: above(found, drawn) / below(found, drawn)


def pixels(mask):
    return mask.sum((1, 2))


def both(found, drawn):
    return pixels(found & drawn)


wrong("6.6", "the share of pixels that are right")(lambda s: lambda found, drawn: (found == drawn).mean((1, 2)))
wrong("6.6", "This is Dice")(shared(lambda f, d: 2 * both(f, d), lambda f, d: pixels(f) + pixels(d)))
wrong("6.6", "counted twice below")(shared(both, lambda f, d: pixels(f) + pixels(d)))
wrong("6.6", "divide by what was found")(shared(both, lambda f, d: pixels(f)))
wrong("6.6", "divide by what was drawn")(shared(both, lambda f, d: pixels(d)))
wrong("6.6", "here you divide by 0")(shared(both, lambda f, d: pixels(f | d)))
wrong("6.6", "should be 1, and not 0")(shared(both, lambda f, d: np.maximum(pixels(f | d), 1)))
wrong("6.6", "counted together")(lambda s: lambda found, drawn: np.sum(found & drawn) / np.sum(found | drawn))
wrong("6.6", "the mean over the pictures")(lambda s: lambda found, drawn: s.iou(found, drawn).mean())


def stepped(*order, times=1, give=float):
    """A wrong `step`: what is done, in which order."""

    def made(s):
        def step(net, optimiser, x, labels):
            loss = cross_entropy(net(x), labels)
            for act in order * times:
                {"forget": optimiser.zero_grad, "back": loss.backward, "move": optimiser.step}[act]()
            return give(loss)

        return step

    return made


wrong("6.7", "never forgotten")(stepped("back", "move"))
wrong("6.7", "forgotten too late")(stepped("back", "move", "forget"))
wrong("6.7", "no gradient when it did")(stepped("back", "forget", "move"))
wrong("6.7", "Nothing moves")(stepped("forget", "back"))
wrong("6.7", "go back first, then move")(stepped("move", "forget", "back"))
wrong("6.7", "comes as a tensor")(stepped("forget", "back", "move", give=lambda loss: loss))


@wrong("6.7", "makes 2 steps in one")
def _(s):
    def step(net, optimiser, x, labels):
        s.step(net, optimiser, x, labels)
        return s.step(net, optimiser, x, labels)

    return step


@wrong("6.7", "the loss after the step")
def _(s):
    def step(net, optimiser, x, labels):
        s.step(net, optimiser, x, labels)
        return float(cross_entropy(net(x), labels))

    return step


@wrong("6.7", "the sum of the losses")
def _(s):
    def step(net, optimiser, x, labels):
        optimiser.zero_grad()
        loss = cross_entropy(net(x), labels, reduction="sum")
        loss.backward()
        optimiser.step()
        return float(loss) / labels.size

    return step


@wrong("6.7", "not by a step along the gradient")
def _(s):
    return lambda net, optimiser, x, labels: s.step(net, optimiser, x, 1 - labels)


def silenced(change):
    """A wrong `cut`: something else done to a copy."""

    def made(s):
        def cut(net, k):
            other = copy.deepcopy(net)
            change(other, k)
            return other

        return cut

    return made


def zero(array, *part):
    array[part] = 0


ALL = slice(None)


def of_half(part, conv=0, level=lambda k: -1 - k, axis=1):
    """Set one half of a weight to zero."""

    def change(net, k):
        w = net.up[level(k)][conv].weight.data
        n = w.shape[axis] // 2
        zero(w, *[ALL] * axis, slice(n) if part == "first" else slice(n, None))

    return silenced(change)


wrong("6.8", "`net.up` begins at the bottom")(of_half("first", level=lambda k: k))
wrong("6.8", "The second half is cut")(of_half("second"))
wrong("6.8", "The inputs are along axis 1")(of_half("first", axis=0))
wrong("6.8", "The first one reads the skip")(of_half("first", conv=2))
wrong("6.8", "what comes from below is not heard")(silenced(lambda net, k: zero(net.up[-1 - k][0].weight.data)))
wrong("6.8", "all of its weights are those")(silenced(lambda net, k: None))


@wrong("6.8", "The network itself has changed")
def _(s):
    def cut(net, k):
        w = net.up[-1 - k][0].weight.data
        w[:, : w.shape[1] // 2] = 0
        return net

    return cut


@wrong("6.8", "More than the weights")
def _(s):
    def cut(net, k):
        other = s.cut(net, k)
        other.up[-1 - k][0].bias.data[:] = 0
        return other

    return cut


def framed(pad, crop=lambda mask, h, w: mask[:h, :w], steps=lambda net: 2 ** len(net.up)):
    """A wrong `segmented`: padded or cropped in another way."""

    def made(s):
        def segmented(net, image):
            h, w = image.shape
            return crop(s.masks_of(net, pad(image, steps(net))[None, None])[0], h, w)

        return segmented

    return made


def below(mode, more=0, **options):
    """Pad below and right."""
    return lambda x, step: np.pad(x, [(0, -n % step + more * step) for n in x.shape], mode=mode, **options)


wrong("6.9", "which is more than needed")(
    framed(lambda x, step: np.pad(x, [(0, step - n % step) for n in x.shape], mode="reflect"))
)
wrong("6.9", "The padding is black")(framed(below("constant")))
wrong("6.9", "are repeated, where")(framed(below("edge")))
wrong("6.9", "The mirror repeats")(framed(below("symmetric")))
wrong("6.9", "still to be cropped")(framed(below("reflect"), crop=lambda mask, h, w: mask))
wrong("6.9", "cropped at the wrong side")(framed(below("reflect"), crop=lambda mask, h, w: mask[-h:, -w:]))
wrong("6.9", "above or on the left")(
    framed(lambda x, step: np.pad(x, [(-n % step, 0) for n in x.shape], mode="reflect"))
)
wrong("6.9", "8 does not divide that")(framed(below("reflect"), steps=lambda net: 4))
wrong("6.9", "Nothing should be lost")(framed(lambda x, step: x[: len(x) // step * step, : x.shape[1] // step * step]))
wrong("6.9", "exchanged")(framed(below("reflect"), crop=lambda mask, h, w: ~mask[:h, :w]))


@wrong("6.9", "It wants a batch")
def _(s):
    return lambda net, image: net(below("reflect")(image, 2 ** len(net.up))).data[0].argmax(0)


@wrong("6.9", "has the type int64, where boolean")
def _(s):
    return lambda net, image: s.segmented(net, image).astype(np.int64)


def through(join=lambda lib, kept, x: lib.cat([kept.pop(), x], 1), stride=2, head=True, after=lambda z: z, grown=True):
    """A wrong `scores_of`."""

    def made(s):
        def scores_of(lib, w, x):
            depth, kept = sum(name.startswith("grow.") for name in w) // 2, []
            for i in range(depth):
                kept.append(s.pair(lib, w, f"down.{i}", x))
                x = lib.max_pool2d(kept[-1], 2)
            x = s.pair(lib, w, f"down.{depth}", x)
            for i in range(depth):
                x = lib.conv_transpose2d(x, w[f"grow.{i}.weight"], w[f"grow.{i}.bias"] if grown else None, stride)
                x = s.pair(lib, w, f"up.{i}", join(lib, kept, x))
            return after(lib.conv2d(x, w["head.weight"], w["head.bias"] if head else None))

        return scores_of

    return made


wrong("6.10", "What comes from below stands first")(through(lambda lib, kept, x: lib.cat([x, kept.pop()], 1)))
wrong("6.10", "The head's bias is missing")(through(head=False))
wrong("6.10", "The biases of the transposed")(through(grown=False))
wrong("6.10", "skip of another level")(through(lambda lib, kept, x: lib.cat([kept.pop(0), x], 1)))
wrong("6.10", "does not double the size")(through(stride=1))
wrong("6.10", "These are probabilities")(through(after=lambda z: ops.softmax(z, 1)))
wrong("6.10", "A ReLU follows the head")(through(after=ops.relu))
wrong("6.10", "along axis 0")(through(lambda lib, kept, x: lib.cat([kept[-1], x])))
wrong("6.10", "The skips carry zeros")(through(lambda lib, kept, x: lib.cat([0 * kept.pop(), x], 1)))


wrong("6.6", "something small added")(
    lambda s: lambda found, drawn: (np.sum(found & drawn, (1, 2)) + 1e-7) / (np.sum(found | drawn, (1, 2)) + 1e-7)
)


@wrong("6.3", "Where the two are equally large")
def _(s):
    def negative(skip, below):
        height, width = below.shape[2:]
        top, left = (skip.shape[2] - height) // 2, (skip.shape[3] - width) // 2
        y = np.concatenate([skip[:, :, top : skip.shape[2] - top, left:-left], below], axis=1)
        return y, s.beside(skip, below)[1]

    return negative
