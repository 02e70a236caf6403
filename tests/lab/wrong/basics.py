"""Typical wrong answers to Lab 1."""

import numpy as np

from course import ops
from tests.lab.wrongs import wrong


def of_notebook(name, inputs, value, s):
    """A function as a cell of the notebook makes it, which sees the names of the solution."""
    names = {**vars(s), "__name__": "__main__"}
    exec(f"def {name}({inputs}):\n    return {value}\n", names)
    return names[name]


@wrong("1.1", "as the places where the slices end")
def _(s):
    return lambda x, top, left, height, width: x[top:height, left:width]


@wrong("1.1", "swapped")
def _(s):
    return lambda x, top, left, height, width: x[left : left + width, top : top + height]


@wrong("1.1", "one row and one column too many")
def _(s):
    return lambda x, top, left, height, width: x[top : top + height + 1, left : left + width + 1]


@wrong("1.1", "begins one pixel late")
def _(s):
    return lambda x, top, left, height, width: x[top + 1 : top + 1 + height, left + 1 : left + 1 + width]


@wrong("1.1", "cuts rows again")
def _(s):
    return lambda x, top, left, height, width: x[top : top + height][left : left + width]


@wrong("1.1", "has the type float64, where uint8")
def _(s):
    return lambda x, top, left, height, width: s.crop(x, top, left, height, width).astype(float)


@wrong("1.1", "reads the notebook's own `image`: was that meant")
def _(s):
    return of_notebook("crop", "x, top, left, height, width", "image[top:top + height, left:left + width]", s)


@wrong("1.2", "swapped")
def _(s):
    return lambda x, rows, columns: np.pad(x, ((columns, columns), (rows, rows)))


@wrong("1.2", "on one side alone")
def _(s):
    return lambda x, rows, columns: np.pad(x, ((rows, 0), (columns, 0)))


@wrong("1.2", "in the upper left corner")
def _(s):
    def pad(x, rows, columns):
        y = np.zeros((x.shape[0] + 2 * rows, x.shape[1] + 2 * columns))
        y[: x.shape[0], : x.shape[1]] = x
        return y

    return pad


@wrong("1.2", "repeats the picture's edge")
def _(s):
    return lambda x, rows, columns: np.pad(x, ((rows, rows), (columns, columns)), mode="edge")


@wrong("1.2", "of type uint8 comes out as float64")
def _(s):
    return lambda x, rows, columns: s.pad(x.astype(float), rows, columns)


@wrong("1.2", "of type float64 comes out as uint8")
def _(s):
    def pad(x, rows, columns):
        y = np.zeros((x.shape[0] + 2 * rows, x.shape[1] + 2 * columns), np.uint8)
        y[rows : rows + x.shape[0], columns : columns + x.shape[1]] = x
        return y

    return pad


def cut_by_minus(x, rows, columns):
    y = np.zeros((x.shape[0] + 2 * rows, x.shape[1] + 2 * columns), x.dtype)
    y[rows:-rows, columns:-columns] = x
    return y


@wrong("1.2", "With 0 rows and 2 columns of zeros: cut_by_minus stops: ValueError: could not broadcast")
def _(s):
    return cut_by_minus


@wrong("1.2", "a frame may be 0 wide")
def _(s):
    return lambda x, rows, columns: s.pad(x, rows, columns) if rows and columns else x


@wrong("1.2", "`np.pad` has made them")
def _(s):
    return lambda x, rows, columns: np.pad(x, ((rows, rows), (columns, columns)))


@wrong("1.2", "The whole shape is one input")
def _(s):
    return lambda x, rows, columns: np.zeros(x.shape[0] + 2 * rows, x.shape[1] + 2 * columns)


@wrong("1.3", "Only the rows")
def _(s):
    return lambda x: x[::-1]


@wrong("1.3", "Only the columns")
def _(s):
    return lambda x: x[:, ::-1]


@wrong("1.3", "the transpose")
def _(s):
    return lambda x: x.T


@wrong("1.3", "a quarter of a turn")
def _(s):
    return np.rot90


@wrong("1.4", "divides by 255, whatever the picture")
def _(s):
    return lambda x: x / 255


@wrong("1.4", "something must be subtracted first")
def _(s):
    return lambda x: x / x.max()


@wrong("1.4", "by the old maximum")
def _(s):
    return lambda x: (x - x.min()) / x.max()


@wrong("1.4", "another way to normalise")
def _(s):
    return lambda x: (x - x.mean()) / x.std()


@wrong("1.4", "A flat picture gives entries that are no numbers")
def _(s):
    return lambda x: (x - x.min()) / (x.max() - x.min())


@wrong("1.4", "flat picture of bytes becomes has the type uint8")
def _(s):
    return lambda x: s.normalise(x) if x.max() > x.min() else np.zeros_like(x)


@wrong("1.4", "becomes the number 0. One number is no picture")
def _(s):
    return lambda x: s.normalise(x) if x.max() > x.min() else 0


@wrong("1.4", "The largest entry is not quite 1")
def _(s):
    return lambda x: (x - x.min()) / (x.max() - x.min() + 1e-8)


@wrong("1.4", "drops what stands behind")
def _(s):
    return lambda x: (x - x.min()) // (x.max() - x.min())


@wrong("1.4", "has the type uint8, where float64")
def _(s):
    return lambda x: (255 * s.normalise(x)).astype(np.uint8)


@wrong("1.5", "this is a correlation")
def _(s):
    return lambda x, w: s.by_loops(x, s.turn(w))


@wrong("1.5", "Only the rows")
def _(s):
    return lambda x, w: s.by_loops(x, w[:, ::-1])


@wrong("1.5", "Only the columns")
def _(s):
    return lambda x, w: s.by_loops(x, w[::-1])


@wrong("1.5", "One row and one column are missing")
def _(s):
    return lambda x, w: s.by_loops(x, w)[:-1, :-1]


@wrong("1.5", "the last of them alone")
def _(s):
    def by_loops(x, w):
        y = np.zeros((x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1))
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                for a in range(w.shape[0]):
                    for b in range(w.shape[1]):
                        y[i, j] = w[-1 - a, -1 - b] * x[i + a, j + b]
        return y

    return by_loops


@wrong("1.5", "the kernel takes no part")
def _(s):
    return lambda x, w: s.by_loops(x, np.ones_like(w))


@wrong("1.5", "The sums wrap around at 256")
def _(s):
    return lambda x, w: s.by_loops(x, w).astype(x.dtype)


def looped(s, size):
    """A convolution by loops, which multiplies what it is given, in a result of that size."""

    def by_loops(x, w):
        y = np.zeros(size(x.shape, w.shape))
        for i, j in np.ndindex(y.shape):
            y[i, j] = np.sum(x[i : i + w.shape[0], j : j + w.shape[1]] * s.turn(w))
        return y

    return by_loops


@wrong("1.5", "The products wrap around at 256")
def _(s):
    return looped(s, lambda x, w: (x[0] - w[0] + 1, x[1] - w[1] + 1))


@wrong("1.5", "meets a window of shape (2,2): this one runs over the edge")
def _(s):
    return looped(s, lambda x, w: x)


@wrong("1.5", "its axes are swapped")
def _(s):
    return looped(s, lambda x, w: (x[1] - w[1] + 1, x[0] - w[0] + 1))


@wrong("1.5", "With a kernel of one row")
def _(s):
    return lambda x, w: s.by_loops(x, w) if len(w) > 1 else s.by_loops(x, w)[:0]


@wrong("1.5", "hangs over the edge")
def _(s):
    return lambda x, w: ops.convolve(x, w, "same")


@wrong("1.5", "changes the array that it is given")
def _(s):
    def by_loops(x, w):
        w[:] = w[::-1, ::-1].copy()
        return s.by_loops(x, s.turn(w))

    return by_loops


@wrong("1.6", "this is a correlation")
def _(s):
    return lambda x, w: np.einsum("ijab,ab->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), w)


@wrong("1.6", "The axes of the kernel are swapped")
def _(s):
    def by_windows(x, w):
        turned = s.turn(w).T if w.shape[0] == w.shape[1] else s.turn(w)
        return np.einsum("ijab,ab->ij", np.lib.stride_tricks.sliding_window_view(x, w.shape), turned)

    return by_windows


@wrong("1.6", "lies on its side")
def _(s):
    return lambda x, w: s.by_windows(x, w).T


@wrong("1.6", "in a loop")
def _(s):
    def by_windows(x, w):
        windows, turned = np.lib.stride_tricks.sliding_window_view(x, w.shape), s.turn(w).astype(float)
        return np.array([[np.sum(window * turned) for window in row] for row in windows])

    return by_windows


def added(x, turned):
    return np.einsum("ijab,ab->ij", np.lib.stride_tricks.sliding_window_view(x, turned.shape), turned)


@wrong("1.6", "`einsum` of bytes adds in bytes")
def _(s):
    return lambda x, w: added(x, s.turn(w)).astype(float)


@wrong("1.6", "The products wrap around")
def _(s):
    def multiplied(x, w):
        return (np.lib.stride_tricks.sliding_window_view(x, w.shape) * s.turn(w)).sum((2, 3))

    return multiplied


def changed(s, **kernels):
    return s.gallery | {name: np.array(kernel) for name, kernel in kernels.items()}


@wrong("1.7", "blur makes a flat region 9 times as bright")
def _(s):
    return changed(s, blur=np.ones((3, 3)))


@wrong("1.7", "blur should spread a spot evenly")
def _(s):
    return changed(s, blur=np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / 4)


@wrong("1.7", "edges has the wrong sign")
def _(s):
    return changed(s, edges=-s.gallery["edges"])


@wrong("1.7", "edges should turn a flat region to 0")
def _(s):
    return changed(s, edges=[[0, 1, 0], [1, -3, 1], [0, 1, 0]])


@wrong("1.7", "edges has weights in its corners")
def _(s):
    return changed(s, edges=[[1, 1, 1], [1, -8, 1], [1, 1, 1]])


@wrong("1.7", "the picture itself has been forgotten")
def _(s):
    return changed(s, sharpen=-s.gallery["edges"])


@wrong("1.7", "it blurs")
def _(s):
    return changed(s, sharpen=[[0, 1, 0], [1, -3, 1], [0, 1, 0]])


@wrong("1.7", "the convolution has turned it")
def _(s):
    return changed(s, rightwards=-s.gallery["rightwards"])


@wrong("1.7", "rightwards is blind")
def _(s):
    return changed(s, rightwards=s.gallery["rightwards"].T)


@wrong("1.7", "There is no kernel with the name blur")
def _(s):
    return {name: kernel for name, kernel in s.gallery.items() if name != "blur"}


def finder(scores, after):
    """A wrong `find`: another map, or something else done with its peak."""

    def find(scene, template):
        y = scores(scene, template)
        return after(np.unravel_index(np.argmax(y), y.shape), template.shape)

    return find


def right_scores(scene, template):
    return ops.correlate(scene.astype(float), template - template.mean(), "valid")


def centre(corner, shape):
    return tuple(i + n // 2 for i, n in zip(corner, shape, strict=True))


@wrong("1.8", "the corner of the right window")
def _(s):
    return finder(right_scores, lambda corner, shape: corner)


@wrong("1.8", "You have found the lamp")
def _(s):
    return finder(lambda x, w: ops.correlate(x.astype(float), w.astype(float), "valid"), centre)


@wrong("1.8", "Row and column are swapped")
def _(s):
    return finder(right_scores, lambda corner, shape: centre(corner, shape)[::-1])


@wrong("1.8", "turned on its head")
def _(s):
    return finder(lambda x, w: s.by_windows(x.astype(float), w - w.mean()), centre)


@wrong("1.8", "have wrapped around")
def _(s):
    return finder(lambda x, w: ops.correlate(x, w, "valid"), centre)


@wrong("1.8", "counts through the whole map")
def _(s):
    return lambda scene, template: np.argmax(right_scores(scene, template))


@wrong("1.8", "a whole template was added")
def _(s):
    return finder(right_scores, lambda corner, shape: (corner[0] + shape[0], corner[1] + shape[1]))


@wrong("1.8", "there is no 2")
def _(s):
    return lambda scene, template: (174, 68)


@wrong("1.8", "`+` joins tuples")
def _(s):
    return finder(right_scores, lambda corner, shape: corner + (shape[0] // 2, shape[1] // 2))  # noqa: RUF005


@wrong("1.8", "with the shape of the scene")
def _(s):
    def find(scene, template):
        return centre(np.unravel_index(np.argmax(right_scores(scene, template)), scene.shape), template.shape)

    return find


@wrong("1.8", "what is the centre already")
def _(s):
    return finder(lambda x, w: ops.correlate(x.astype(float), w - w.mean(), "same"), centre)


@wrong("1.8", "reads the notebook's own `scene` and `template`")
def _(s):
    return of_notebook("find", "x, w", "centre(peak(right_scores(scene, template)), template.shape)", with_helpers(s))


def with_helpers(s):
    s.right_scores, s.centre = right_scores, centre
    return s


@wrong("1.9", "comes back on the other")
def _(s):
    return lambda x, rows, columns: np.roll(x, (rows, columns), (0, 1))


@wrong("1.9", "moves the opposite way")
def _(s):
    return lambda x, rows, columns: s.translate(x, -rows, -columns)


@wrong("1.9", "Rows and columns are swapped")
def _(s):
    return lambda x, rows, columns: s.translate(x, columns, rows)


@wrong("1.9", "has shape (6, 9)")
def _(s):
    return lambda x, rows, columns: np.pad(x, ((abs(rows), 0), (abs(columns), 0)))


@wrong("1.9", "An empty slice: one that is to end at −0 ends at 0.")
def _(s):
    def translate(x, rows, columns):
        framed = cut_by_minus(x, abs(rows), abs(columns)) if rows or columns else x
        return s.crop(framed, abs(rows) - rows, abs(columns) - columns, *x.shape)

    return translate


@wrong("1.9", "further than its size")
def _(s):
    def translate(x, rows, columns):
        y = np.zeros_like(x)
        to, back = max(rows, 0), max(-rows, 0)
        left, right = max(columns, 0), max(-columns, 0)
        y[to : x.shape[0] - back, left : x.shape[1] - right] = x[back : x.shape[0] - to, right : x.shape[1] - left]
        return y

    return translate


def printed(add, kind=float):
    def transposed(g, w, stride):
        y = np.zeros([stride * (n - 1) + k for n, k in zip(g.shape, w.shape, strict=True)], kind or g.dtype)
        for i, j in np.ndindex(g.shape):
            place = np.s_[i * stride : i * stride + w.shape[0], j * stride : j * stride + w.shape[1]]
            y[place] = add * y[place] + g[i, j] * w
        return y

    return transposed


@wrong("1.10", "one overwrites the other")
def _(s):
    return printed(0)


@wrong("1.10", "do not fit into a byte")
def _(s):
    return printed(1, None)


@wrong("1.10", "With stride 3 and a kernel of 1×5: the function stops")
def _(s):
    def transposed(g, w, stride):
        apart = np.zeros([stride * (n - 1) + 1 for n in g.shape])
        apart[::stride, ::stride] = g
        return s.by_windows(cut_by_minus(apart, w.shape[0] - 1, w.shape[1] - 1), w)

    return lambda g, w, stride: transposed(g, w, stride) if g.size > 1 else s.transposed(g, w, stride)


@wrong("1.10", "printed upside down")
def _(s):
    return lambda g, w, stride: s.transposed(g, s.turn(w), stride)


@wrong("1.10", "There is no frame")
def _(s):
    return lambda g, w, stride: s.transposed(g, w, stride)[
        w.shape[0] - 1 : 1 - w.shape[0], w.shape[1] - 1 : 1 - w.shape[1]
    ]


@wrong("1.10", "one row and one column too wide")
def _(s):
    return lambda g, w, stride: s.pad(s.transposed(g, w, stride), 1, 1)


@wrong("1.10", "between neighbours alone")
def _(s):
    def transposed(g, w, stride):
        apart = np.zeros([stride * n for n in g.shape])
        apart[::stride, ::stride] = g
        return ops.convolve(apart, w)

    return transposed


@wrong("1.10", "one pixel too far apart")
def _(s):
    return lambda g, w, stride: s.transposed(g, w, stride + 1)


@wrong("1.10", "Each entry is repeated")
def _(s):
    return lambda g, w, stride: ops.convolve(np.kron(g, np.ones((stride, stride))), w)


@wrong("1.10", "no zeros are inserted")
def _(s):
    return lambda g, w, stride: ops.convolve(g, w)


def cosines(mean, length, roots):
    """A wrong `match`: with or without the windows' mean, the template's length, and roots."""

    def match(image, template):
        v = np.lib.stride_tricks.sliding_window_view(image.astype(float), template.shape)
        w = template - template.mean() if mean != "none" else template
        v = v - v.mean((2, 3), keepdims=True) if mean == "both" else v
        below = np.sum(v**2, (2, 3)) * (np.sum(w**2) if length else 1)
        return np.sum(v * w, (2, 3)) / (np.sqrt(below) if roots else below)

    return match


@wrong("1.11", "No mean was subtracted")
def _(s):
    return cosines("none", True, True)


@wrong("1.11", "subtract their mean there too")
def _(s):
    return cosines("template", True, True)


@wrong("1.11", "the roots are missing")
def _(s):
    return cosines("both", True, False)


@wrong("1.11", "The template's length is not divided by")
def _(s):
    return cosines("both", False, True)


@wrong("1.11", "entries that are no numbers")
def _(s):
    return cosines("both", True, True)


@wrong("1.11", "the squares of bytes wrap around")
def _(s):
    def match(image, template):
        w, ones = template - template.mean(), np.ones(template.shape)
        spread = ops.correlate(image**2, ones, "valid") - ops.correlate(image, ones, "valid") ** 2 / w.size
        flat = spread <= 1e-9
        length = np.sqrt(np.where(flat, 1, spread) * np.sum(w**2))
        return np.where(flat, 0, ops.correlate(image, w, "valid") / length)

    return match


@wrong("1.11", "in a loop")
def _(s):
    def match(image, template):
        windows = np.lib.stride_tricks.sliding_window_view(image, template.shape)
        return np.array([[s.match(window, template)[0, 0] for window in row] for row in windows])

    return match


def below(spread, turn=False):
    """A wrong `match`, from what it makes of N, the sums of the windows, and those of their squares."""

    def match(image, template):
        w, ones, x = template - template.mean(), np.ones(template.shape), image.astype(float)
        length = spread(w.size, ops.correlate(x, ones, "valid"), ops.correlate(x**2, ones, "valid"))
        return ops.correlate(x, w[::-1, ::-1] if turn else w, "valid") / np.sqrt(length * np.sum(w**2))

    return match


@wrong("1.11", "turned on its head")
def _(s):
    return below(lambda n, total, squares: squares - total**2 / n, turn=True)


@wrong("1.11", "N is missing")
def _(s):
    return below(lambda n, total, squares: squares - (total / n) ** 2)


@wrong("1.11", "Some roots are of something negative")
def _(s):
    return below(lambda n, total, squares: squares - total**2)


@wrong("1.11", "This is the product alone")
def _(s):
    return right_scores


@wrong("1.8", "should be a pixel: whole numbers")
def _(s):
    return finder(right_scores, lambda place, shape: tuple(p + n / 2 for p, n in zip(place, shape, strict=True)))


@wrong("1.5", "something becomes `int`, or")
def _(s):
    return lambda x, w: ops.convolve(x, w, "valid").astype(int).astype(float)


@wrong("1.7", "rightwards also sees what changes from top to bottom")
def _(s):
    return changed(s, rightwards=[[1, 0, -2], [2, 0, 0], [1, 0, -2]])


@wrong("1.4", "taken for a flat one")
def _(s):
    return lambda x: np.zeros(x.shape) if np.ptp(x) < 1e-3 else s.normalise(x)
