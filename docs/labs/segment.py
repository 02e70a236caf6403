# %% [markdown]
# # Lab 3. Segment and count
#
# How many things are in a picture, and how large are they? In two hours, or in 90 minutes if you are fluent in NumPy,
# you will go from pixels to objects: find the best threshold by hand, and the best two; grow a region; clean a mask;
# number what is in it and measure it. At the end your program counts the objects of pictures that you have never seen.
#
# You need a little NumPy, and from the book [The best threshold](../images/segmentation.md#the-best-threshold). Here as
# there, the foreground is what lies *above* a threshold, `x > t`, and rows come first.
#
# **How it works.** Each task has a gap, `...`, for you to fill. Run the cell, and the one below it, which calls
# `check`: it says *right*, or what is wrong. Stuck? `hint("3.1")` gives a first hint, and called again, a second.

# %%
import numpy as np

from course.data import otsu_scene
from course.imaging import segment
from course.lab import check, hint, show
from course.lab.checks.segment import coins

head, classes = otsu_scene()  # a drawn slice of a head, and the class in which each pixel was drawn: 0, 1 or 2
tray, true_labels = coins(0)  # a drawn tray with coins; 0 where there is none, else the number of the coin
print("levels of the slice:", head.min(), "to", head.max(), "| coins on the tray:", true_labels.max())
show(("a slice of a head", head), ("its classes", classes / 2), ("a tray", tray), ("its coins", true_labels))

# %% [markdown]
# All four were drawn by a program, so we know the truth. Your functions get the first and the third; the others
# are there to see how well you did.
#
# ## Thresholds
#
# ### 3.1 What a threshold is worth
#
# A threshold makes two classes, and is the better the further apart their means are. The variance between the classes
# is
#
# $\sigma_B^2 = \omega_0\, \omega_1\, (\mu_1 - \mu_0)^2$,
#
# where $\omega_0$ and $\omega_1$ are the shares of the pixels in each class, and $\mu_0$, $\mu_1$ their means. On
# paper: of the pixels 1 2 8 9 2 3 7 8, four are above 3. What is $\sigma_B^2$ there?
#
# Write `between(x, t)`. A threshold that leaves a class empty is worth 0.


# %%
def between(x, t):
    """The variance between the pixels with x <= t and those with x > t."""
    #: gap
    # return ...
    #: solution
    low, high = x[x <= t], x[x > t]
    if low.size == 0 or high.size == 0:
        return 0.0
    return low.size * high.size / x.size**2 * (high.mean() - low.mean()) ** 2
    #: end


# %%
check("3.1", between)
show(
    ("the slice", head),
    ("how many pixels have each level", np.bincount(head.ravel(), minlength=256)),
    ("what each threshold is worth", lambda: [between(head, t) for t in range(256)]),
    height=2.4,
)

# %% [markdown]
# ### 3.2 Otsu's threshold
#
# The best threshold is where that curve is highest. (Each call of `between` looks at all pixels, 65,536 of them, though
# they have 256 levels. With running sums over the counts it takes one pass; the
# [chapter](../images/segmentation.md#the-best-threshold) has the formula. Do it in whichever way you like.)
#
# Write `threshold(x)` for a picture of bytes: the level `t`, a whole number.


# %%
def threshold(x):
    """Otsu's threshold of a picture of bytes."""
    #: gap
    # return ...
    #: solution
    count = np.bincount(x.ravel(), minlength=256)
    share = np.cumsum(count) / x.size
    part = np.cumsum(count * np.arange(256)) / x.size
    spread = share * (1 - share)
    worth = np.zeros(256)
    np.divide((part[-1] * share - part) ** 2, spread, out=worth, where=spread > 0)
    return int(np.argmax(worth))
    #: end


# %%
check("3.2", threshold)
show(
    ("the slice", head),
    ("above Otsu's threshold", lambda: head > threshold(head)),
    ("the tray", tray),
    ("above Otsu's threshold", lambda: tray > threshold(tray)),
)

# %% [markdown]
# The tray is settled, but for some specks. On the slice, bone and brain have become one. Two levels are not enough.
#
# ### 3.3 Two thresholds
#
# With two thresholds $s < t$ there are three classes: up to $s$, up to $t$, and above. What are they worth? For any
# number of classes $\sigma_B^2$ is, up to a constant and a factor, the sum over the classes of
#
# (sum of the levels in the class)² / (number of pixels in the class).
#
# Running sums give this for the class of levels `a`, `a + 1`, …, `b - 1`: that is `score(a, b)` below. It remains to
# try all pairs, some 32,000.
#
# Write `two_thresholds(x)`, the best pair `(s, t)`. Mind the ends: `s` itself belongs to the first class.


# %%
def two_thresholds(x):
    """The best pair of thresholds (s, t) of a picture of bytes."""
    count = np.bincount(x.ravel(), minlength=256)
    number = np.append(0, np.cumsum(count))  # number[k]: how many pixels are below level k
    total = np.append(0, np.cumsum(count * np.arange(256.0)))  # total[k]: the sum of their levels

    def score(a, b):
        pixels = number[b] - number[a]
        return (total[b] - total[a]) ** 2 / pixels if pixels else 0.0

    #: gap
    # best = ...
    # return best
    #: solution
    best, pair = -1.0, (0, 0)
    for s in range(254):
        low = score(0, s + 1)
        for t in range(s + 1, 255):
            worth = low + score(s + 1, t + 1) + score(t + 1, 256)
            if worth > best:
                best, pair = worth, (s, t)
    return pair
    #: end


# %%
check("3.3", two_thresholds)


def three(x):
    """The class of each pixel, 0, 1 or 2, by your two thresholds."""
    s, t = two_thresholds(x)
    return (x > s).astype(int) + (x > t)


show(
    ("the slice", head),
    ("your classes", lambda: three(head)),
    ("the true classes", classes / 2),
    ("where they differ", lambda: three(head) != classes),
)

# %% [markdown]
# Three thresholds would take 2.7 million trials, and four 172 million. The chapter
# [does better](../images/segmentation.md#several-thresholds).
#
# ## Grow
#
# ### 3.4 A region from a seed
#
# Thresholds know levels and no places. *Region growing* knows both: begin with one pixel, the seed; then take in all
# neighbours that are similar to the region; repeat, until none joins. *Similar* means: less than `t` away from the mean
# of the region, $|\mu - x_j| < t$. Compute the mean, take in all that are similar to it *at once*, and only then
# compute it anew; else the result would depend on [who comes first](../images/segmentation.md#regions-that-grow).
#
# Write `grow(x, seed, t)`, a mask. `beside` is given.


# %%
def beside(mask):
    """True on the four neighbours of each True pixel."""
    framed = np.pad(mask, 1)
    return framed[:-2, 1:-1] | framed[2:, 1:-1] | framed[1:-1, :-2] | framed[1:-1, 2:]


def grow(x, seed, t):
    """The region of the seed (row, column): neighbours less than t away from the region's mean join, in sweeps."""
    #: gap
    # region = np.zeros(x.shape, bool)
    # region[seed] = True
    # ...  # repeat: who is beside it, outside it, and similar? None? Then that is all
    # return ...
    #: solution
    region = np.zeros(x.shape, bool)
    region[seed] = True
    while True:
        joins = beside(region) & ~region & (np.abs(x - x[region].mean()) < t)
        if not joins.any():
            return region
        region |= joins
    #: end


# %%
check("3.4", grow)
show(
    ("the slice", head, (120, 128)),
    ("grown, t = 30", lambda: grow(head, (120, 128), 30)),
    ("t = 45", lambda: grow(head, (120, 128), 45)),
    ("t = 90", lambda: grow(head, (120, 128), 90)),
)

# %% [markdown]
# Brain, and no bone, although no threshold was given but a difference. When `t` is too large, the region leaks out.
#
# ## From masks to objects
#
# ### 3.5 Clean up
#
# Noise leaves specks. An *opening* removes what is smaller than a 3×3 square, in two steps:
#
# 1. erode: a pixel stays if its whole 3×3 neighbourhood is True. The specks are gone, and the rest has lost its rim.
# 2. dilate: a pixel becomes True if any pixel of its neighbourhood is. The rest gets its rim back.
#
# `windows` gives the neighbourhoods as a view with four axes, the last two inside each. Outside the picture all is
# False. Write `opening(mask)`.


# %%
def windows(mask):
    """The 3×3 neighbourhood of each pixel: an array of shape (rows, columns, 3, 3)."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(mask, 1), (3, 3))


def opening(mask):
    """The mask, eroded by a 3×3 square and then dilated by it."""
    #: gap
    # return ...
    #: solution
    eroded = windows(mask).all((2, 3))
    return windows(eroded).any((2, 3))
    #: end


# %%
check("3.5", opening)
mask = tray > segment.otsu(tray)  # Otsu's threshold from the package, so that you can go on without 3.2
show(
    ("the tray", tray),
    ("above the threshold", mask),
    ("opened", lambda: opening(mask)),
    ("what is gone", lambda: mask & ~opening(mask)),
)

# %% [markdown]
# Erode and dilate stand to each other nearly as a map and its adjoint do: the chapter has
# [their dot test](../images/segmentation.md#erode-and-dilate-back-and-forward).
#
# ### 3.6 Number the objects
#
# Two True pixels belong to one object if a path of neighbours, up, down, left or right, leads from one to the other
# without leaving the mask. Give each object a number, from 1 on; the background is 0.
#
# Write `label(mask)`: the array of numbers, and how many there are. You have a function that finds all of an object
# from one pixel: on a mask, whatever is True is similar. (If 3.4 is not done yet, `segment.flood(mask, seed)` does it.)


# %%
def label(mask):
    """The numbered objects of the mask, and how many there are."""
    #: gap
    # labels, count = np.zeros(mask.shape, int), 0
    # for seed in zip(*np.nonzero(mask)):  # the True pixels, one after the other
    #     ...
    # return labels, ...
    #: solution
    labels, count = np.zeros(mask.shape, int), 0
    for seed in zip(*np.nonzero(mask), strict=True):
        if labels[seed] == 0:
            count += 1
            labels[grow(mask.astype(float), seed, 0.5)] = count
    return labels, count
    #: end


# %%
check("3.6", label)
clean = segment.opening(mask, np.ones((3, 3)))  # and the opening, in case you skipped 3.5
show(("the tray", tray), ("opened", clean), ("numbered", lambda: label(clean)[0]), ("the truth", true_labels))

# %% [markdown]
# ### 3.7 Measure
#
# How large is each object, and where? Write `measure(labels)`: an array of the areas, in pixels, and an array of the
# centroids, one row (row, column) an object. A centroid is the mean of the rows and the mean of the columns of all its
# pixels. Entry 0 of both belongs to object 1: the background is no object.


# %%
def measure(labels):
    """The areas of the objects 1, 2, … and their centroids, of shape (objects, 2)."""
    #: gap
    # return ..., ...
    #: solution
    objects = [np.nonzero(labels == k) for k in range(1, labels.max() + 1)]
    areas = np.array([len(rows) for rows, _ in objects])
    return areas, np.array([(rows.mean(), columns.mean()) for rows, columns in objects]).reshape(-1, 2)
    #: end


# %%
check("3.7", measure)
labels, number = segment.label(clean)


def first():
    """Where your first centroid is."""
    return measure(labels)[1][0]


def areas():
    """Your areas, as a picture."""
    return np.append(0, measure(labels)[0])[labels]


show(("the tray, object 1 ringed", tray, first), ("each coin as bright as it is large", areas), height=2.6)

# %% [markdown]
# ### 3.8 Hold it against the truth
#
# How good is a mask? To count the pixels that are right flatters: on a picture that is nearly all background, an empty
# mask would be nearly perfect. Better is the *intersection over the union*: of all pixels that are in the one or in the
# other, the share of those that are in both. It is 1 for equal masks, two empty ones too, and 0 for masks that do not
# meet.
#
# Write `overlap(a, b)`.


# %%
def overlap(a, b):
    """The intersection of two masks over their union; 1 if both are empty."""
    #: gap
    # return ...
    #: solution
    union = np.sum(a | b)
    return float(np.sum(a & b) / union) if union else 1.0
    #: end


# %%
check("3.8", overlap)
truth = true_labels > 0


def scored(title, m):
    """A picture for `show`: white where mask and truth are both True, grey where only one is; and the overlap."""
    try:
        return f"{title}: {overlap(m, truth):.3f}", m.astype(int) + truth
    except TypeError:
        return f"{title}: not yet", m.astype(int) + truth


# alt: The true coins, the thresholded tray with its specks, and the opened mask; above each, its overlap.
show(*map(scored, ("the truth", "thresholded", "opened"), (truth, mask, clean)))

# %% [markdown]
# ## A stretch
#
# ### 3.9 Count what you have not seen
#
# Put it together. Write `count(x)`, the number of coins on any tray: the number alone. The check shows it trays with
# other coins, in other light, with more specks and fewer. It says on how many of them you are right.


# %%
def count(x):
    """How many coins are on the tray x."""
    #: gap
    # return ...
    #: solution
    return label(opening(x > threshold(x)))[1]
    #: end


# %%
check("3.9", count)


def counted(seed):
    """A picture for `show`: a tray, with what you count on it."""
    x, true = coins(seed)
    try:
        return f"{true.max()} coins, you count {int(count(x))}", x
    except Exception:  # whatever stops it: the check has said so
        return f"{true.max()} coins", x


# alt: Four trays with coins; above each, how many there are and how many were counted.
show(*map(counted, (1, 2, 3, 4)))

# %% [markdown]
# **What you have.** A threshold that nobody chose, and two of them; a region out of one pixel; a clean mask, its
# objects, their sizes and places; and a number that says how near the truth you are. Where one threshold fails for the
# whole picture, the chapter [goes on](../images/segmentation.md#where-one-threshold-fails). In [Lab 4](autodiff.py) you
# build the machine that goes back.
