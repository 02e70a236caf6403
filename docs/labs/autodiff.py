# %% [markdown]
# # Lab 4. Autodiff from scratch
#
# A program that computes a number can be made to compute how that number depends on everything that went into it. In
# two hours, or in 90 minutes if you are fluent in NumPy, you will build the machine that does it, in some forty lines:
# six rules, a tape, and a walk back. You will check its gradients, fit a curve with it, and send a gradient through the
# warp of a picture.
#
# You need NumPy, and from the book [the adjoint and its dot test](../adjoint/adjoint.md#the-dot-test) and the first
# half of [Backpropagation](../learning/backprop.md).
#
# **How it works.** Each task has a gap, `...`, for you to fill. Run the cell, and the one below it, which calls
# `check`: it says *right*, or what is wrong. Stuck? `hint("4.1")` gives a first hint, and called again, a second.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

from course.data import sample_image
from course.imaging import filters, geometry
from course.lab import check, hint, show

# %% [markdown]
# ## Rules
#
# A rule is a function of arrays. It returns two things: the value, and a function `back`. Somebody will later ask how
# much a little more of each entry of the value is worth, and hand over the answer, the *cotangent* `g`, an array of the
# value's shape. `back(g)` says what a little more of each input is worth: a tuple, with one array for each input, of
# that input's shape.
#
# ### 4.1 Multiply
#
# Take $y = a\, b$, entry by entry, for two arrays of one shape. If $a$ grows by a little, by how much does $y$ grow?
# Write the rule.


# %%
def multiply(a, b):
    """y = a b, entry by entry; a and b have one shape."""
    #: gap
    # y = ...
    #
    # def back(g):
    #     return ..., ...
    #
    # return y, back
    #: solution
    y = a * b

    def back(g):
        return g * b, g * a

    return y, back
    #: end


# %%
check("4.1", multiply)
three, five = np.array([3.0, 1, 0]), np.array([5.0, -2, 4])
show(
    ("a", three),
    ("b", five),
    ("back to a, for g = 1", lambda: multiply(three, five)[1](np.ones(3))[0]),
    ("back to b", lambda: multiply(three, five)[1](np.ones(3))[1]),
)

# %% [markdown]
# ### 4.2 Add, and undo a broadcast
#
# To add is easier: what comes goes to both. But NumPy *broadcasts*. In `x + b`, with 5 rows of 3 and a `b` of 3, each
# entry of `b` is used five times, and what its five copies are worth adds up: [what was repeated is
# summed](../learning/backprop.md#what-was-repeated-is-summed).
#
# Write `sum_to(g, shape)`: sum `g` over the axes that a broadcast from `shape` to `g.shape` has added or stretched, so
# that the result has that shape. NumPy adds axes in front; and it stretches an axis of length 1. The rule `add` below
# uses it.


# %%
def sum_to(g, shape):
    """g, summed over all axes along which an array of that shape was repeated."""
    #: gap
    # return ...
    #: solution
    g = g.sum(tuple(range(g.ndim - len(shape))))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return g.sum(stretched, keepdims=True)
    #: end


def add(a, b):
    """y = a + b, also where one of the two is broadcast."""

    def back(g):
        return sum_to(g, np.shape(a)), sum_to(g, np.shape(b))

    return a + b, back


# %%
check("4.2", sum_to)
worth = np.add.outer(np.arange(5), np.arange(8) % 3) / 6
show(
    ("g, for 5 rows of 8", worth),
    ("what a b of shape (8,) gets", lambda: sum_to(worth, (8,))),
    ("of shape (5, 1)", lambda: sum_to(worth, (5, 1))[:, 0]),
)

# %% [markdown]
# ### 4.3 A bent line
#
# The rule for $y = \tanh z$. Its slope is $1 - y^2$, so the value that you have already computed is of use.


# %%
def tanh(z):
    """y = tanh z, entry by entry."""
    #: gap
    # y = ...
    #
    # def back(g):
    #     return (...,)
    #
    # return y, back
    #: solution
    y = np.tanh(z)

    def back(g):
        return (g * (1 - y**2),)

    return y, back
    #: end


# %%
check("4.3", tanh)
line = np.linspace(-4, 4, 101)
show(
    ("tanh z", lambda: tanh(line)[0]),
    ("what comes back, for g = 1", lambda: tanh(line)[1](np.ones(101))[0]),
)

# %% [markdown]
# Far out, hardly anything comes back. There a network stops learning.
#
# ### 4.4 Multiply matrices
#
# $y = x\, w$, with 5 rows of 3 in `x`, and a `w` of 3×2. Now a little more of `x[i, k]` changes a whole row of `y`, and
# a little more of `w[k, j]` a whole column. Both ways back are matrix products, and the shapes all but say which:
# `g` has the shape of `y`.


# %%
def matmul(x, w):
    """y = x w, the product of two matrices."""
    #: gap
    # y = ...
    #
    # def back(g):
    #     return ..., ...
    #
    # return y, back
    #: solution
    y = x @ w

    def back(g):
        return g @ w.T, x.T @ g

    return y, back
    #: end


# %%
check("4.4", matmul)
rows, turn = np.array([[1.0, 0], [1, 1], [0, 2]]), np.array([[0.8, -0.6], [0.6, 0.8]])
product = rows @ turn
show(
    ("x", rows),
    ("w", turn),
    ("x w", lambda: matmul(rows, turn)[0]),
    ("back to x, for g = x w", lambda: matmul(rows, turn)[1](product)[0]),
)

# %% [markdown]
# `w` is a rotation here, and its transpose turns back: what comes back is `x` itself. That is a property of rotations
# and not of transposes.
#
# ### 4.5 Down to one number
#
# A loss is one number. Write the rule for $y$ = the mean of all entries of `a`. Now `g` is a number, and what comes
# back has the shape of `a`.


# %%
def mean(a):
    """y = the mean of all entries of a."""
    #: gap
    # y = ...
    #
    # def back(g):
    #     return (...,)
    #
    # return y, back
    #: solution
    y = a.mean()

    def back(g):
        return (np.full(a.shape, g / a.size),)

    return y, back
    #: end


# %%
check("4.5", mean)
show(("a", worth), ("what comes back, for g = 1", lambda: mean(worth)[1](1.0)[0]), limits=(0, 1))

# %% [markdown]
# ## The tape
#
# A `Tensor` is a value that remembers how it was made: from which tensors, its `parents`, and by which `back`. `number`
# says when: a tensor is always made after its parents.

# %%
clock = itertools.count()


class Tensor:
    """A value, and how it was made."""

    def __init__(self, data, parents=(), back=None):
        """Keep the value; nothing has come back yet."""
        self.data = np.asarray(data, float)
        self.parents, self.back = parents, back
        self.number = next(clock)
        self.grad = np.zeros(self.data.shape)


# %% [markdown]
# ### 4.6 Record
#
# Write `apply(rule, *parents)`, which runs a rule on the data of its parents, and returns a `Tensor` with the value,
# the parents and the `back` that the rule has returned.


# %%
def apply(rule, *parents):
    """The rule's value for these tensors, as a tensor that remembers how it was made."""
    #: gap
    # y, back = rule(*[parent.data for parent in parents])
    # return ...
    #: solution
    y, back = rule(*[parent.data for parent in parents])
    return Tensor(y, parents, back)
    #: end


# %%
check("4.6", apply)


def seven():
    """(1 + 2) times 2, and what it remembers: the values of its parents."""
    two = Tensor(2.0)
    y = apply(multiply, apply(add, Tensor(1.0), two), two)
    return [float(y.data), *[float(parent.data) for parent in y.parents]]


show(("6, made from 3 and 2", seven))

# %% [markdown]
# ### 4.7 Walk back
#
# Begin with the last tensor, a single number: a little more of it is worth as much, so its `grad` is 1. Then go through
# all that it was made from, *the latest first*, so that everything that comes to a tensor has come before it hands it
# on. Hand over: call `back` with the tensor's `grad`, and *add* each part to the `grad` of its parent. A tensor without
# `back` was not made from anything.
#
# Write `backward(y)`. Mind that a tensor may be used twice: it must be visited once, and gets two parts.


# %%
def backward(y):
    """Fill in the grad of y and of every tensor that it was made from; returns how many there are."""
    #: gap
    # tensors = ...  # y, its parents, their parents, …: each of them once
    # y.grad = ...
    # ...
    # return ...
    #: solution
    tensors, waiting = {}, [y]
    while waiting:
        t = waiting.pop()
        if t.number not in tensors:
            tensors[t.number] = t
            waiting.extend(t.parents)
    y.grad = np.ones(y.data.shape)
    for number in sorted(tensors, reverse=True):
        t = tensors[number]
        if t.back is not None:
            for parent, part in zip(t.parents, t.back(t.grad), strict=True):
                parent.grad = parent.grad + part
    return len(tensors)
    #: end


# %%
check("4.7", backward)


def slope(x):
    """The slope of mean(tanh(x) x) at each of some points, by your machine."""
    t = Tensor(x)
    backward(apply(mean, apply(multiply, apply(tanh, t), t)))
    return len(x) * t.grad


show(("x tanh x", line * np.tanh(line)), ("its slope, by your machine", lambda: slope(line)))

# %% [markdown]
# ### 4.8 Trust, and check
#
# Whoever writes rules makes mistakes, so compare with something that knows no rules. Write `differences(f, x)`: the
# gradient of a function $f$ that makes a number of an array, by central differences,
#
# $\dfrac{f(x + h e_k) - f(x - h e_k)}{2h}$ for each entry $k$, with $h = 10^{-5}$.
#
# Leave `x` as it was.


# %%
def differences(f, x):
    """The gradient of f at x by central differences, an array of the shape of x."""
    #: gap
    # h = 1e-5
    # return ...
    #: solution
    h, gradient = 1e-5, np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
    #: end


# %%
check("4.8", differences)


def by_machine():
    """The slopes of x tanh x, from the walk back."""
    return slope(line[::10])


def by_hand():
    """The same by differences."""
    return differences(lambda x: np.sum(x * np.tanh(x)), line[::10])


show(("walk back", by_machine), ("differences", by_hand), ("their difference", lambda: by_machine() - by_hand()))

# %% [markdown]
# Differences cost two runs for each entry, the walk back one in all. For a network with a million weights, that
# is [the whole point](../learning/backprop.md#which-way-is-cheaper).
#
# ## Fit a curve
#
# Here are 40 points near a wave, and a small network: one number in, 12 units, one number out. Its loss is the mean
# squared error. Its matrix products, sums and bends are the rules above.

# %%
rng = np.random.default_rng(4)
points = np.sort(rng.uniform(-3, 3, 40))[:, None]
targets = np.sin(2 * points) + 0.1 * rng.standard_normal(points.shape)


def network(seed=0):
    """The four parameters of the network, as tensors."""
    rng = np.random.default_rng(seed)
    return [
        Tensor(2 * rng.standard_normal((1, 12))),
        Tensor(rng.uniform(-3, 3, 12)),
        Tensor(0.3 * rng.standard_normal((12, 1))),
        Tensor(np.zeros(1)),
    ]


def output(parameters, x):
    """What the network makes of a column of numbers."""
    w1, b1, w2, b2 = parameters
    units = apply(tanh, apply(add, apply(matmul, Tensor(x), w1), b1))
    return apply(add, apply(matmul, units, w2), b2)


def loss(parameters):
    """The mean squared error over all points."""
    gap = apply(add, output(parameters, points), Tensor(-targets))
    return apply(mean, apply(multiply, gap, gap))


# %% [markdown]
# ### 4.9 A step downhill
#
# The gradient points to where the loss grows. Write `step(parameters, rate)`: move the data of each parameter by `rate`
# times its gradient, in the direction in which the loss falls; then set the gradient to zero, for the next walk back
# will add to it again. It returns how many parameters it has moved.


# %%
def step(parameters, rate):
    """Move each parameter a little downhill, and forget its gradient."""
    #: gap
    # for p in parameters:
    #     ...
    # return ...
    #: solution
    for p in parameters:
        p.data = p.data - rate * p.grad
        p.grad = np.zeros(p.data.shape)
    return len(parameters)
    #: end


# %%
check("4.9", step)


def trained(steps):
    """The network's output after some steps."""
    parameters = network()
    for _ in range(steps):
        backward(loss(parameters))
        step(parameters, 0.05)
    return output(parameters, points).data


# alt: Forty points near a wave, and the curves of the network after 0, 100 and 3000 steps.
figure, axes = plt.subplots(1, 3, figsize=(6, 2.2), dpi=80, sharey=True, layout="constrained")
for ax, steps in zip(axes, (0, 100, 3000), strict=True):
    ax.plot(points, targets, "k.", ms=3)
    ax.set_title(f"{steps} steps", fontsize=9)
    try:
        ax.plot(points, trained(steps), "C1")
    except Exception:
        ax.set_title("not yet", fontsize=9)
plt.show()

# %% [markdown]
# ## Through a picture
#
# ### 4.10 One rule for all linear maps
#
# A convolution, a warp, a Fourier transform, a mean over some pixels: all are linear, $y = A x$. For all of them one
# rule will do. What comes back is the *adjoint* of $A$, applied to `g`. Here `A` is an operator of the book's package:
# `A(x)` is its value, and `A.H(g)` its adjoint's.
#
# Write `linear(A, x)`, as a rule for `x` alone: `A` is given, and nothing comes back to it.


# %%
def linear(A, x):
    """y = A x, for an operator A; what comes back is for x alone."""

    #: gap
    # y = ...
    #
    # def back(g):
    #     return (...,)
    #
    # return y, back
    #: solution
    def back(g):
        return (A.H(g),)

    return A(x), back
    #: end


# %%
check("4.10", linear)
photo = sample_image("camera")[20:84, 90:154] / 255
turned = geometry.warping(geometry.about(geometry.rotation(30) @ geometry.scaling(0.6), (31.5, 31.5)), photo.shape)


def recovered(steps):
    """A picture whose warp is to look like the warp of the photograph, found downhill from grey."""
    x = Tensor(np.full(photo.shape, 0.5))
    for _ in range(steps):
        gap = apply(add, apply(lambda x: linear(turned, x), x), Tensor(-turned(photo)))
        backward(apply(mean, apply(multiply, gap, gap)))
        step([x], 0.4 * photo.size)
    return x.data


show(
    ("the photograph", photo),
    ("its warp: all we are shown", turned(photo)),
    ("after 1 step", lambda: recovered(1)),
    ("after 30 steps", lambda: recovered(30)),
    limits=(0, 1),
)

# %% [markdown]
# Nobody wrote a program to undo the warp. You wrote down what you want, and went downhill. What the warp did not look
# at stayed grey, since nothing comes back from there.
#
# ## A stretch
#
# ### 4.11 Where to?
#
# Now the picture is known, and the *movement* is not. Let $y$ be a picture $x$, moved by $t = (t_0, t_1)$, rows down
# and columns to the right. How does $y$ change if $t_0$ grows? The moved picture moves on, downwards, so that each
# pixel gets what was above it:
#
# $\dfrac{\partial y}{\partial t_0} = -\dfrac{\partial y}{\partial i}$, the slope of $y$ along the rows' axis, with a
# minus.
#
# `np.gradient(y)` gives both slopes of a picture, by differences of neighbours. They are near enough if the picture is
# smooth. Write the rule `moved(x, t)` for `t` alone: `back(g)` gives one array, of two numbers. Each says what a little
# more of $t_0$, or $t_1$, is worth, all pixels together.


# %%
def shifted(x, t):
    """x, moved by t[0] rows down and t[1] columns to the right; the border's pixels are repeated."""
    return geometry.warp(x, geometry.translation(t[1], t[0]), boundary="nearest")


def moved(x, t):
    """y = x moved by t; what comes back is for t alone, two numbers."""
    #: gap
    # y = shifted(x, t)
    #
    # def back(g):
    #     return (...,)
    #
    # return y, back
    #: solution
    y = shifted(x, t)

    def back(g):
        down, across = np.gradient(y)
        return (-np.array([np.sum(g * down), np.sum(g * across)]),)

    return y, back
    #: end


# %%
check("4.11", moved)
smooth = filters.gaussian(sample_image("camera").astype(float), 4)[20:148:2, 60:188:2] / 255
unknown = shifted(smooth, (3.4, -5.2))


def path(steps=60):
    """The movements that are tried on the way downhill, from no movement at all."""
    t, tried = Tensor(np.zeros(2)), []
    for _ in range(steps):
        tried.append(t.data)
        gap = apply(add, apply(lambda t: moved(smooth, t), t), Tensor(-unknown))
        backward(apply(mean, apply(multiply, gap, gap)))
        step([t], 100)
    return np.array(tried)


show(
    ("a picture", smooth),
    ("the same, moved", unknown),
    ("their difference", lambda: unknown - smooth),
    ("after 60 steps", lambda: unknown - shifted(smooth, path()[-1])),
    limits=(-0.2, 1),
)
try:
    print("The movement was 3.4 down and 5.2 to the left; found:", path()[-1].round(2))
except Exception:
    print("The movement was 3.4 down and 5.2 to the left; yours is still to be found.")

# %% [markdown]
# **What you have.** Six rules, a tape and a walk: all of [automatic
# differentiation](../learning/backprop.md#an-engine-from-nothing), but for speed and more rules. For whatever is linear
# there was nothing to derive, since the way back is the adjoint. The package's machine, `course.autodiff`, is built in
# the same way. [Lab 5](digits.py) chains such rules by hand into a network that reads digits.
