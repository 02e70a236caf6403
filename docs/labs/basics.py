# %% [markdown]
# # Lab 1. Basic manipulations and convolutions
#
# In two hours, or in 90 minutes if you are fluent in NumPy, you will cut a picture to pieces, write a convolution
# twice, give it the kernels of the gallery, and make it find a digit on a blackboard. At the end you will run it
# backwards.
#
# You need a little NumPy, and from the book [A feature detector, step by
# step](../convolution/convolution.md#a-feature-detector-step-by-step). Pictures are arrays, rows first: `x[i, j]` is
# the pixel in row `i` and column `j`, and row 0 is at the top.
#
# **How it works.** Each task has a gap, `...`, for you to fill. Run the cell, and the one below it, which calls
# `check`: it says *right*, or what is wrong. Stuck? `hint("1.1")` gives a first hint, and called again, a second.
# The picture under each task shows what your code does, right or wrong: look at it before you read on.

# %%
import numpy as np

from course.data import digit_scene, sample_image
from course.lab import check, hint, show

image = sample_image("camera")
print("shape", image.shape, "type", image.dtype, "from", image.min(), "to", image.max())
show(("camera", image), ("its right half", image[:, 128:]), ("every fourth pixel", image[::4, ::4]))

# %% [markdown]
# ## Cut out, and frame
#
# ### 1.1 Crop
#
# A crop is given by its upper left pixel and its size. In NumPy that is one slice for each axis, from the first pixel
# to the one *behind* the last. `x` is any picture, and not always the `image` above: a function reads what it is given.
#
# Write `crop(x, top, left, height, width)`.


# %%
def crop(x, top, left, height, width):
    """The part of x whose upper left pixel is (top, left), of `height` rows and `width` columns."""
    #: gap
    # return ...
    #: solution
    return x[top : top + height, left : left + width]
    #: end


# %%
check("1.1", crop)
show(("camera", image), ("30 rows down, 80 columns in", lambda: crop(image, 30, 80, 80, 90)))

# %% [markdown]
# ### 1.2 Pad
#
# The opposite: a frame of zeros, `rows` of them above and as many below, `columns` on the left and as many on the
# right; either of the two may be 0. Write it yourself, without `np.pad`: make an array of zeros of the right size, and
# of the type of `x`, bytes or decimals; put `x` in its middle.
#
# Padding and cropping are the first pair of this book: one is the [adjoint](../adjoint/adjoint.md#a-catalogue) of the
# other. The check tests that too: whatever `u` and `v` are, `pad(u)` times `v` is `u` times the cropped `v`, where
# *times* means to multiply pixel by pixel and add everything up.


# %%
def pad(x, rows, columns):
    """x in a frame of zeros: `rows` above and below, `columns` left and right."""
    #: gap
    # height, width = x.shape
    # y = ...
    # return y
    #: solution
    height, width = x.shape
    y = np.zeros((height + 2 * rows, width + 2 * columns), x.dtype)
    y[rows : rows + height, columns : columns + width] = x
    return y
    #: end


# %%
check("1.2", pad)
show(("camera", image), ("in a frame", lambda: pad(image, 20, 60)))

# %% [markdown]
# ### 1.3 Turn
#
# `x[::-1]` reads the rows backwards: the picture stands on its head, and in a mirror. To turn it by 180 degrees,
# read the columns backwards too. A convolution does this to its kernel, so we need it soon.


# %%
def turn(x):
    """x turned by 180 degrees: what was in the upper left corner is in the lower right one."""
    #: gap
    # return ...
    #: solution
    return x[::-1, ::-1]
    #: end


# %%
check("1.3", turn)
show(("camera", image), ("its rows backwards", image[::-1]), ("turned", lambda: turn(image)))

# %% [markdown]
# ### 1.4 Normalise
#
# Pictures come as bytes, and each uses a different part of the range from 0 to 255. Before you compare two of them,
# bring them to one scale: decimal numbers, the darkest pixel 0, the brightest 1, all others in proportion.
#
# One picture has no darkest pixel and no brightest one: a picture of one flat grey. Let it become all zeros, decimal
# ones too. The chapter on [intensities](../images/intensities.md) calls this a stretch.


# %%
def normalise(x):
    """x as float64, stretched so that its smallest entry is 0 and its largest is 1; zeros if all are equal."""
    #: gap
    # y = ...
    # return y
    #: solution
    y = x - x.min().astype(float)
    return y / y.max() if y.max() > 0 else y
    #: end


# %%
check("1.4", normalise)
brick = sample_image("brick")
show(("a wall, in bytes", brick), ("normalised", lambda: 255 * normalise(brick)), limits=(0, 255))

# %% [markdown]
# ## Convolve
#
# ### 1.5 By loops
#
# Here is the whole lab in one line: **turn the kernel, lay it on the picture, multiply, add up; move on.**
#
# Lay the turned kernel on a window of the picture, multiply what lies on top of what, and add up the products: that
# is one pixel of the result. The next window is one pixel further. We keep the windows that lie *inside* the picture,
# the mode that libraries call *valid*: a kernel with 3 rows fits on 8 rows in 6 places. How many places are there for
# $k$ rows on $n$?
#
# Write it with two loops over the result's pixels. Picture and kernel may both be bytes, and 200 times 2 is 144 among
# bytes, which wrap around at 256: make one of them `float` *before* you multiply. (If 1.3 is not done yet,
# `np.rot90(w, 2)` turns the kernel.)


# %%
def by_loops(x, w):
    """The convolution of x with w, where all of w lies inside x."""
    #: gap
    # rows, columns = w.shape
    # y = np.zeros((..., ...))
    # for i in range(y.shape[0]):
    #     for j in range(y.shape[1]):
    #         y[i, j] = ...
    # return y
    #: solution
    rows, columns = w.shape
    turned = w[::-1, ::-1].astype(float)
    y = np.zeros((x.shape[0] - rows + 1, x.shape[1] - columns + 1))
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] = np.sum(turned * x[i : i + rows, j : j + columns])
    return y
    #: end


# %%
check("1.5", by_loops)
smear = np.full((3, 15), 1 / 45)
show(("camera", image), ("smeared sideways", lambda: by_loops(image, smear)))

# %% [markdown]
# Why turn the kernel at all? Because then a single bright pixel becomes a copy of the kernel, the right way round, and
# because `x * w` and `w * x` are then the same. Without the turn the operation is called *correlation*. The chapter
# tells [the whole story](../convolution/convolution.md#to-flip-or-not-to-flip); libraries for deep learning
# correlate, and call it convolution.
#
# ### 1.6 By windows
#
# Two loops in Python visit some 60,000 windows, one after the other. NumPy can do it in one go, if we show it all
# windows at once:
#
# - `np.lib.stride_tricks.sliding_window_view(x, (k, l))` has four axes: `windows[i, j]` is the window at `(i, j)`.
#   It copies nothing; it looks at the same pixels again and again.
# - `np.einsum("ijab,ab->ij", windows, w)` multiplies each window by `w` and adds up over the axes `a` and `b`, since
#   these do not stand behind the arrow. Of bytes it makes bytes, so give it one array at least that is `float`.
#
# Write `by_windows(x, w)`. It is the convolution of 1.5 again, turn and all. (`np.rot90(w, 2)` stands in for 1.3.)


# %%
def by_windows(x, w):
    """The same convolution, without a loop over pixels."""
    #: gap
    # return ...
    #: solution
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.einsum("ijab,ab->ij", windows, w[::-1, ::-1].astype(float))
    #: end


# %%
check("1.6", by_windows)
show(
    ("by loops", lambda: by_loops(image, smear)),
    ("by windows", lambda: by_windows(image, smear)),
    ("their difference", lambda: by_loops(image, smear) - by_windows(image, smear)),
    limits=(0, 255),
)

# %% [markdown]
# ### 1.7 The gallery
#
# What a kernel does can be read from its nine numbers. The sum says what becomes of a flat region: 1 keeps it, 0 turns
# it to black. `emboss` is given; write the other four as 3×3 arrays, for *convolution*:
#
# - `blur`: each pixel becomes the mean of its neighbourhood, itself included;
# - `edges`: a pixel's four neighbours minus four times the pixel, the Laplacian. It is 0 on flat regions and on ramps;
# - `sharpen`: the picture minus what `edges` makes of it, in one kernel;
# - `rightwards`: positive where the picture gets brighter from left to right, and blind to what changes from top to
#   bottom alone. Think of the turn.
#
# All of them, and what they cost, are in [the gallery of chapter 3](../convolution/kernels.md#the-gallery).

# %%
gallery = {
    "emboss": np.array([[2, 1, 0], [1, 1, -1], [0, -1, -2]]),
    #: gap
    # "blur": ...,
    # "edges": ...,
    # "sharpen": ...,
    # "rightwards": ...,
    #: solution
    "blur": np.full((3, 3), 1 / 9),
    "edges": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "rightwards": np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
    #: end
}

# %%
from course.ops import convolve

check("1.7", gallery)
head = image[30:110, 80:170]


def seen(name):
    """A picture for `show`: the head, convolved with a kernel of the gallery by the package's own function."""
    return name, lambda: convolve(head, gallery[name], "valid")


# alt: The head three times, in relief, blurred, and sharpened.
# alt: The head in grey, with its edges dark and bright, and with what gets brighter to the right bright.
show(seen("emboss"), seen("blur"), seen("sharpen"), limits=(0, 255))
show(seen("edges"), seen("rightwards"), limits=(-200, 200))  # grey is 0

# %% [markdown]
# ## Find
#
# A convolution is also a detector: where the window looks like the kernel, the sum is large. Here is a blackboard with
# chalk digits, and a template of the only digit 2 on it. Where is it? We ask the package first: `correlate` lays the
# template on each window, without a turn, and we look for the largest sum.

# %%
from course.ops import correlate

scene, template = digit_scene()
raw = correlate(scene.astype(float), template.astype(float), "same")
brightest = np.unravel_index(np.argmax(raw), raw.shape)
print("largest sum at row", brightest[0], "and column", brightest[1])
show(("the blackboard", scene, brightest), ("the template", template), ("raw correlation", raw, brightest))

# %% [markdown]
# That is the lamp. Nothing is broken: many bright pixels make a large sum, whatever their pattern. The remedy is to
# give the template a [mean of zero](../convolution/convolution.md#find-the-digit-not-the-lamp): then a window that is
# bright all over gains as much as it loses.
#
# ### 1.8 Find the digit
#
# Write `find(scene, template)`, which gives the place of the template's *centre* as (row, column).
#
# 1. Make both `float`. In bytes the sums wrap around at 256, without a warning.
# 2. Subtract from the template its mean.
# 3. Correlate. Your own `by_windows` convolves, and turns the kernel; so turn it once more. (If 1.6 is not done yet,
#    `correlate(x, w, "valid")` stands in for it.)
# 4. Take the largest entry. `np.argmax` counts through the whole map, row by row; `np.unravel_index` makes a row and a
#    column of that number.
# 5. That is the corner of the window. Its centre is half a template further, `template.shape[0] // 2` rows and
#    `template.shape[1] // 2` columns.


# %%
def find(scene, template):
    """The place (row, column) of the centre of the window that looks most like the template."""
    #: gap
    # return ...
    #: solution
    x, w = scene.astype(float), template.astype(float)
    scores = by_windows(x, turn(w - w.mean()))
    corner = np.unravel_index(np.argmax(scores), scores.shape)
    return tuple(int(i) + n // 2 for i, n in zip(corner, w.shape, strict=True))
    #: end


# %%
check("1.8", find)
scores = correlate(scene.astype(float), template - template.mean(), "same")
show(
    ("the blackboard", scene, lambda: find(scene, template)),
    ("with a mean of zero", scores, lambda: find(scene, template)),
)

# %% [markdown]
# ### 1.9 Move, and watch the peak
#
# If the digit moves, does the detector lose it? Write `translate(x, rows, columns)`, which moves a picture down and to
# the right, or up and to the left where a number is negative. The size stays. What leaves over the edge is gone, and
# zeros enter on the other side.
#
# There is a neat way with what you have: first `pad`, wide enough on all sides, then `crop` at the right place. (If 1.1
# or 1.2 is not done yet, slices and `np.pad` stand in for them.)


# %%
def translate(x, rows, columns):
    """x moved by `rows` down and by `columns` to the right; zeros enter."""
    #: gap
    # return ...
    #: solution
    framed = pad(x, abs(rows), abs(columns))
    return crop(framed, abs(rows) - rows, abs(columns) - columns, *x.shape)
    #: end


# %%
check("1.9", translate)


def tracked(step):
    """A picture for `show`: the scene after a step, and where the digit is found."""
    return str(step), lambda: translate(scene, *step), lambda: find(translate(scene, *step), template)


# alt: The blackboard in its place and moved by three steps; in each picture a ring is around the digit 2.
show(*map(tracked, [(0, 0), (30, 60), (-100, 20), (40, -30)]))

# %% [markdown]
# The ring goes along: move the scene by a step, and the peak moves by the same step. A map with this property is
# *equivariant*. It is sometimes called *invariant*, which would mean that the peak stays where it was; only its height
# does. See [What moves when the picture moves](../convolution/convolution.md#what-moves-when-the-picture-moves).
#
# ## Go back
#
# ### 1.10 Transposed convolution
#
# A layer with stride 2 looks at every second window only, and makes a small map from a large one. Its way back makes a
# large map from a small one: each value of the small map *prints* the kernel, as strong as the value, two pixels
# further on than its neighbour did. Where prints overlap, they add up.
#
# Zeros do it. Put `stride - 1` of them between neighbours, in both directions, so that $n$ values become
# $(n - 1) \cdot \text{stride} + 1$; then convolve with the kernel, in a frame of zeros so wide that even the first
# value can print its whole kernel. (If 1.6 is not done yet, `convolve(x, w, "valid")` stands in for it, and `np.pad`
# for 1.2.)
#
# Write `transposed(g, w, stride)`. The chapter [Transposed
# convolution](../adjoint/transposed.md#three-descriptions-one-array) has two more ways to the same numbers.


# %%
def transposed(g, w, stride):
    """The transposed convolution of g: w is printed once for each entry of g, `stride` pixels apart."""
    #: gap
    # apart = ...  # g with zeros between its entries
    # return ...
    #: solution
    apart = np.zeros([stride * (n - 1) + 1 for n in g.shape])
    apart[::stride, ::stride] = g
    return by_windows(pad(apart, w.shape[0] - 1, w.shape[1] - 1), w)
    #: end


# %%
check("1.10", transposed)
small, stamp = image[64:96:4, 90:122:4], template[::5, ::5] / 255
show(
    ("a small map", small),
    ("the kernel", stamp),
    ("stride 9: prints side by side", lambda: transposed(small, stamp, 9)),
    ("stride 2: prints overlap", lambda: transposed(small, stamp, 2)),
)

# %% [markdown]
# The check has used the [dot test](../adjoint/adjoint.md#the-dot-test): whatever `x` and `g` are, the layer's result
# times `g` equals `x` times the result of your `transposed`. That is what *adjoint* means, and it is why a network
# that convolves on the way forward learns by this function on the way back.
#
# ## A stretch
#
# ### 1.11 Whatever the light
#
# A mean of zero is no cure for everything: a strong lamp on a busy pattern still wins. Give each window a mean of zero
# too, and divide by the lengths of both. What remains is a cosine, between −1 and 1, in which neither brightness nor
# contrast takes part: the [normalised correlation](../convolution/convolution.md#find-the-digit-not-the-lamp).
#
# Write `match(image, template)`, the map of these cosines for the windows inside the picture, without a loop over
# pixels. For a window $v$ and a template $w$ with $N$ pixels, with means $\bar v$ and $\bar w$:
#
# - above the line stands $\langle v, w - \bar w \rangle$, one correlation. (Why is it not necessary to subtract
#   $\bar v$ here?)
# - below it stands $\|w - \bar w\|$ times the root of $\sum v^2 - N \bar v^2$. The sums over windows are correlations
#   with a kernel of ones, of the image and of its square. Make bytes `float` before you square them.
# - A flat window leaves 0 below the line. Its cosine shall be 0.


# %%
def match(image, template):
    """The normalised correlation of the template with every window inside the image, from -1 to 1."""
    #: gap
    # return ...
    #: solution
    x = image.astype(float)
    w = template - template.mean()
    ones = np.ones(w.shape)
    total = correlate(x, ones, "valid")
    squares = correlate(x**2, ones, "valid")
    spread = squares - total**2 / w.size
    flat = spread <= 1e-10 * squares.max()
    length = np.sqrt(np.where(flat, 1, spread) * np.sum(w**2))
    return np.where(flat, 0, correlate(x, w, "valid") / length)
    #: end


# %%
check("1.11", match)
light = np.linspace(0.15, 1, 256) ** 2  # from the left to the right, the room gets brighter
dim = (scene * light).astype(np.uint8)
scores = correlate(dim.astype(float), template - template.mean(), "valid")


def peak(scores):
    """The place of the largest score."""
    return np.unravel_index(np.argmax(scores), scores.shape)


show(
    ("in a poor light", dim),
    ("mean of zero", scores, peak(scores)),
    ("normalised", lambda: match(dim, template), lambda: peak(match(dim, template))),
)

# %% [markdown]
# **What you have.** Crop and pad, a pair. A convolution, twice, and its kernels. A detector whose answer moves as its
# subject does. And a way back, out of zeros and the same convolution: the thing that this book is about. In [Lab
# 2](fourier.py) you will take convolutions apart into waves; [chapter 7](../adjoint/adjoint.md) begins the way back.
