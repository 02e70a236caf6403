# %% [markdown]
# # Lab 5. Digits with a CNN
#
# A network that reads handwritten digits, from nothing but NumPy. In 90 minutes you will write a convolution and both
# its ways back, chain them into a network, train it until it reads at least 95 % of digits from hands that it hardly
# knows, and look at those that it misreads. Then torch gets your weights, and must come to the same numbers.
#
# You need NumPy, and from the book the first half of [Convolution, backwards](../networks/conv-backprop.md), [softmax
# and cross-entropy](../learning/mlp.md#cross-entropy-and-what-goes-back), and [momentum](../learning/training.md). The
# [chapter on digits](../networks/cnn.md) does with the book's package what you will do by hand.
#
# **How it works.** Each task has a gap, `...`, for you to fill. Run the cell, and the one below it, which calls
# `check`: it says *right*, or what is wrong. Stuck? `hint("5.1")` gives a first hint, and called again, a second.

# %%
import matplotlib.pyplot as plt
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from course.data import digits
from course.lab import check, hint, show
from course.nn.digits import shaken

images, labels = digits()
images = images[:, None]  # an axis for the channels: there is one
x_train, t_train = images[:1437], labels[:1437]
x_test, t_test = images[1437:], labels[1437:]  # other hands wrote most of these
seven = x_test[21:22]
print("pictures to learn from:", x_train.shape, "| to test with:", x_test.shape)
show(("a nought", images[30, 0]), ("a three", images[45, 0]), ("a five", images[32, 0]), ("an eight", images[38, 0]))

# %% [markdown]
# All arrays of pictures have four axes: picture, channel, row, column. `x` is what goes into a layer, `w` its kernels,
# `y` what comes out. `g` has the shape of `y`, and says what a little more of each entry of `y` is worth. What comes
# back to the input is `h`, and what comes back to the kernels is `v`.
#
# ## A layer, and its two ways back
#
# ### 5.1 Forward
#
# A layer has several kernels. Each of them, $w_f$, has a plane of taps for every channel $c$ that comes in, and makes
# one map:
#
# $y_{n,f,i,j} = b_f + \sum_{c,a,b} w_{f,c,a,b}\; x_{n,c,i+a,j+b}$.
#
# No padding, and no flip. `windows` has six axes: picture, channel, row and column of the window, row and column inside
# it. `np.einsum("ncijab,...->...", windows, w, optimize=True)` multiplies and sums over whatever letters the result
# does not have. (With `optimize` it calls a fast product of matrices. You will need that.)
#
# Write `conv(x, w, b)`.


# %%
def conv(x, w, b):
    """The layer's maps, of shape (pictures, kernels, rows, columns)."""
    #: gap
    # windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    # y = ...
    # return ...
    #: solution
    windows = sliding_window_view(x, w.shape[2:], axis=(2, 3))
    y = np.einsum("ncijab,fcab->nfij", windows, w, optimize=True)
    return y + b[:, None, None]
    #: end


# %%
check("5.1", conv)
edge = np.array([[1.0, 0, -1]] * 3)
two = np.array([edge, edge.T])[:, None]  # two kernels, for one channel
show(
    ("a seven", seven[0, 0]),
    ("ink begins or ends, across", lambda: conv(seven, two, np.zeros(2))[0, 0]),
    ("and down", lambda: conv(seven, two, np.zeros(2))[0, 1]),
)

# %% [markdown]
# *To think about:* 8×8 pixels went in, and 6×6 came out. Which pixels take part in a single window only?
#
# ### 5.2 Back to the kernels
#
# What is a little more of one tap worth? The tap takes part in every window of every picture, so all of them are [added
# up](../networks/conv-backprop.md#linear-twice), weighed by $g$:
#
# $v_{f,c,a,b} = \sum_{n,i,j} g_{n,f,i,j}\; x_{n,c,i+a,j+b}$.
#
# The same three arrays, the same windows; another one of them is asked for. Write `to_kernel(g, x)`. How large the
# kernels are follows from the shapes: without padding, a kernel of $k$ rows makes $k - 1$ rows fewer.


# %%
def to_kernel(g, x):
    """What comes back to the kernels, of shape (kernels, channels, rows, columns)."""
    #: gap
    # rows, columns = ...  # of a kernel
    # windows = ...
    # return ...
    #: solution
    rows, columns = x.shape[2] - g.shape[2] + 1, x.shape[3] - g.shape[3] + 1
    windows = sliding_window_view(x, (rows, columns), axis=(2, 3))
    return np.einsum("nfij,ncijab->fcab", g, windows, optimize=True)
    #: end


# %%
check("5.2", to_kernel)
one = np.zeros((1, 1, 6, 6))
one[0, 0, 0, 3] = 1
everywhere = np.ones((len(x_train), 1, 6, 6))
show(
    ("a seven", seven[0, 0]),
    ("g: a one at a single place", one[0, 0]),
    ("what comes back", lambda: to_kernel(one, seven)[0, 0]),
    ("for g = 1 all over, all digits", lambda: to_kernel(everywhere, x_train)[0, 0]),
)

# %% [markdown]
# *To think about:* in which of the seven's windows do you find the third picture? And what would a step *against* such
# a gradient make of a kernel?
#
# ### 5.3 Back to the input
#
# In a network of two layers, the first one's maps are the second one's input. So `g` must get through. Pixel $(r, s)$
# was read through tap $(a, b)$ by the window at $(r - a, s - b)$, where there is one, of each map:
#
# $h_{n,c,r,s} = \sum_{f,a,b} w_{f,c,a,b}\; g_{n,f,r-a,s-b}$.
#
# There are two good ways to write it. Either *gather*: frame `g` with zeros, so that there is always a window, and
# [slide over it](../networks/conv-backprop.md#index-by-index) with kernels that are turned. Or *scatter*: begin with
# zeros, and for each tap add to the pixels that it has read. Write `to_input(g, w)`.


# %%
def to_input(g, w):
    """What comes back to the input, of shape (pictures, channels, rows, columns)."""
    #: gap
    # pictures, kernels, rows, columns = g.shape
    # kernels, channels, height, width = w.shape
    # ...
    # return ...
    #: solution
    pictures, _, rows, columns = g.shape
    _, channels, height, width = w.shape
    h = np.zeros((pictures, channels, rows + height - 1, columns + width - 1))
    for a, b in np.ndindex(height, width):
        h[:, :, a : a + rows, b : b + columns] += np.einsum("nfij,fc->ncij", g, w[:, :, a, b], optimize=True)
    return h
    #: end


# %%
check("5.3", to_input)
hook = np.array([[3.0, 0, 0], [3, 0, 0], [2, 2, 1]])[None, None]
both = one + np.roll(one, (3, -2), (2, 3))
near = one + np.roll(one, (1, 1), (2, 3))
show(
    ("a kernel", hook[0, 0]),
    ("g: two ones", both[0, 0]),
    ("what comes back", lambda: to_input(both, hook)[0, 0]),
    ("and from two that touch", lambda: to_input(near, hook)[0, 0]),
)

# %% [markdown]
# Each one writes a copy of the kernel, the right way up, and copies that overlap add up.
#
# Both ways back have passed the [dot test](../adjoint/adjoint.md#the-dot-test): 5.2 compares $\langle y, g \rangle$
# with $\langle w, v \rangle$, 5.3 with $\langle x, h \rangle$, and for the same $x$, $w$ and $g$ all three are one
# number. *To think about:* why must that be so without the bias, and not with it?
#
# ### 5.4 Back through the largest
#
# *Pooling* keeps the largest entry of every 2×2. Its way back brings each `g` [to the place that
# won](../networks/conv-backprop.md#pooling-backwards), and nothing to the other three. If several are largest, the
# first one has won, in the order of reading: where a digit has no ink, equal entries are common.
#
# `quarters(a)` cuts maps into 2×2 blocks, and puts the four entries of each on a last axis, in the order of reading.
# `together` is the way back from there. Write `pool_back(g, a)`, where `a` is what was pooled.


# %%
def quarters(a):
    """The 2×2 blocks of maps with even sides, of shape (pictures, channels, rows/2, columns/2, 4)."""
    n, c, rows, columns = a.shape
    cut = a.reshape(n, c, rows // 2, 2, columns // 2, 2)
    return cut.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, rows // 2, columns // 2, 4)


def together(blocks):
    """The maps whose quarters these are."""
    n, c, rows, columns, _ = blocks.shape
    cut = blocks.reshape(n, c, rows, columns, 2, 2)
    return cut.transpose(0, 1, 2, 4, 3, 5).reshape(n, c, 2 * rows, 2 * columns)


def pool(a):
    """The largest entry of every 2×2."""
    return quarters(a).max(axis=-1)


def pool_back(g, a):
    """What comes back to a, of its shape."""
    #: gap
    # winners = quarters(a).argmax(axis=-1)  # 0, 1, 2 or 3 for each block
    # ...
    # return together(...)
    #: solution
    winners = quarters(a).argmax(axis=-1)
    return together(g[..., None] * np.eye(4)[winners])
    #: end


# %%
check("5.4", pool_back)
worth = np.arange(1.0, 17).reshape(1, 1, 4, 4)
show(
    ("a seven", seven[0, 0]),
    ("the largest of every 2×2", pool(seven)[0, 0]),
    ("g", worth[0, 0]),
    ("what comes back", lambda: pool_back(worth, seven)[0, 0]),
)

# %% [markdown]
# *To think about:* in a block without ink the first entry has won by default, and gets all. In the network below,
# pooling comes after ReLU. Why does it do no harm there?
#
# ### 5.5 What a wrong answer costs
#
# The network ends with ten scores $z$, one for each digit. Softmax makes probabilities of them, $p_k = e^{z_k} / \sum_m
# e^{z_m}$, and the loss is the mean over the pictures of $-\ln p_t$, where $t$ is the label. Back comes
#
# $\dfrac{\partial L}{\partial z_{n,k}} = \dfrac{p_{n,k} - T_{n,k}}{N}$,
#
# with a row for each of the $N$ pictures, and in $T$ a one at the label and zeros elsewhere.
#
# Write `loss(z, t)`, which returns both: the number, and the array that goes back. Scores may be large, and $e^{1000}$
# is more than a float can hold: the [chapter](../learning/mlp.md#softmax) says what to subtract first.


# %%
def loss(z, t):
    """The mean cross-entropy of a row of scores for each label, and what comes back to the scores."""
    #: gap
    # p = ...
    # value = ...
    # return value, ...
    #: solution
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    n = np.arange(len(z))
    value = -np.mean(np.log(p[n, t]))
    g = p / len(z)
    g[n, t] -= 1 / len(z)
    return value, g
    #: end


# %%
check("5.5", loss)
doubt = np.array([[0.0, 0, 1, 0, 0, 0, 0, 3, 0, 2.5]])
show(
    ("scores", doubt[0]),
    ("what comes back if it is a 7", lambda: loss(doubt, np.array([7]))[1][0]),
    ("and if it is a 9", lambda: loss(doubt, np.array([9]))[1][0]),
)

# %% [markdown]
# *To think about:* add up the entries of either picture on the right. Why can it be nothing else?
#
# ## The network
#
# The digits touch the edge of their pictures, so we give them a frame of zeros, once and for all: 10×10. Then come a
# convolution with 8 kernels and ReLU (8×8 are left), one with 16 and ReLU (6×6), pooling (3×3), and a full layer from
# the $16 \cdot 3 \cdot 3 = 144$ numbers that remain to ten scores. A network is a dictionary of six arrays.
#
# `forward` uses your `conv`. If a task above is still open, you can borrow its function, and come back later: `from
# course.lab.checks.digits import conv`, in a cell of its own. In the same way you can have `to_kernel`, `to_input`,
# `pool_back`, `loss`, and further down `backward` and `epoch`. They are made of the package's.


# %%
def framed(x):
    """The pictures in a frame of zeros, one pixel wide."""
    return np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))


def start(seed):
    """A network that has learned nothing: random weights, as large as what comes in asks for, and no bias."""
    rng = np.random.default_rng(seed)
    return {
        "w1": rng.standard_normal((8, 1, 3, 3)) * np.sqrt(2 / 9),
        "b1": np.zeros(8),
        "w2": rng.standard_normal((16, 8, 3, 3)) * np.sqrt(2 / 72),
        "b2": np.zeros(16),
        "w3": rng.standard_normal((144, 10)) * np.sqrt(1 / 144),
        "b3": np.zeros(10),
    }


def forward(net, x):
    """The scores, and all that the way back will need of the way there."""
    y1 = conv(x, net["w1"], net["b1"])
    a1 = np.maximum(y1, 0)  # ReLU
    y2 = conv(a1, net["w2"], net["b2"])
    a2 = np.maximum(y2, 0)
    q = pool(a2)
    z = q.reshape(len(x), -1) @ net["w3"] + net["b3"]
    return z, (x, y1, a1, y2, a2, q)


# %% [markdown]
# ### 5.6 All the way back
#
# The way back is the way there in reverse, and each step is one of yours, or one line. Through the full layer:
# transposes, as for [any matrix](../learning/backprop.md#one-layer). Through ReLU: `g` passes where what went in was
# positive, and nowhere else. A bias was added at every place of every picture, so it gets [the sum over all of
# them](../learning/backprop.md#what-was-repeated-is-summed).
#
# Write `backward(net, kept, g)`, with `g` at the scores: a dictionary with the names and the shapes of `net`. The steps
# down to the pooled maps stand there already, but for `b3`.


# %%
def backward(net, kept, g):
    """What a little more of each number of the network is worth, if a little more of the scores is worth g."""
    x, y1, a1, y2, a2, q = kept
    d = {}
    #: gap
    # d["w3"] = q.reshape(len(x), -1).T @ g
    # d["b3"] = ...
    # g = (g @ net["w3"].T).reshape(q.shape)
    # ...  # through the pooling and ReLU: then it is at y2
    # d["w2"], d["b2"] = ..., ...
    # ...  # through the second layer and ReLU: then it is at y1
    # d["w1"], d["b1"] = ..., ...
    # return d
    #: solution
    d["w3"] = q.reshape(len(x), -1).T @ g
    d["b3"] = g.sum(axis=0)
    g = (g @ net["w3"].T).reshape(q.shape)
    g = pool_back(g, a2) * (y2 > 0)
    d["w2"], d["b2"] = to_kernel(g, a1), g.sum(axis=(0, 2, 3))
    g = to_input(g, net["w2"]) * (y1 > 0)
    d["w1"], d["b1"] = to_kernel(g, x), g.sum(axis=(0, 2, 3))
    return d
    #: end


def slopes(net, x, t):
    """The gradient of the mean loss for some pictures, by all of your functions."""
    z, kept = forward(net, x)
    _, g = loss(z, t)
    return backward(net, kept, g)


# %%
check("5.6", backward)


def gallery(maps, columns=4):
    """Small pictures of one size, side by side, in rows."""
    blank = np.full((len(maps), maps.shape[1] + 1, maps.shape[2] + 1), np.nan)
    blank[:, :-1, :-1] = maps
    _, rows, width = blank.shape
    return blank.reshape(-1, columns, rows, width).transpose(0, 2, 1, 3).reshape(-1, columns * width)


show(
    ("the first 8 kernels, at random", gallery(start(0)["w1"][:, 0])),
    ("their gradient, from 1,437 digits", lambda: gallery(slopes(start(0), framed(x_train), t_train)["w1"][:, 0])),
    ("and from a single one", lambda: gallery(slopes(start(0), framed(seven), np.array([7]))["w1"][:, 0])),
)

# %% [markdown]
# Each picture has its own greys, and a square of one even grey is nearly zero all over. *To think about:* the 1,437
# digits together bring the second kernel hardly anything, and the single one next to nothing. What has stopped it on
# its way?
#
# ## Train it
#
# ### 5.7 An epoch
#
# In an *epoch* every digit is seen once, in a random order, [a few at a time](../learning/training.md): here 32, and in
# the last batch what is left. After each batch every array $w$ of the network takes a step with
# [momentum](../learning/training.md#momentum-is-a-filter), where $v$ is its velocity:
#
# $v \leftarrow 0.9\, v + \nabla_w L, \qquad w \leftarrow w - \eta\, v$.
#
# Write `epoch(net, v, x, t, rate, rng, slopes)`. `v` is a dictionary like `net`, and `slopes(net, x, t)` gives the
# gradient. Return the new network and the new velocities, both as new dictionaries: leave the old arrays as they are.


# %%
def epoch(net, v, x, t, rate, rng, slopes=slopes):
    """The network and the velocities after one pass through the pictures, in batches of 32."""
    #: gap
    # order = rng.permutation(len(x))
    # for start in range(0, len(x), 32):
    #     ...
    # return ..., ...
    #: solution
    order = rng.permutation(len(x))
    for start in range(0, len(x), 32):
        some = order[start : start + 32]
        d = slopes(net, x[some], t[some])
        v = {name: 0.9 * v[name] + d[name] for name in net}
        net = {name: net[name] - rate * v[name] for name in net}
    return net, v
    #: end


# %%
check("5.7", epoch)


def still(net):
    """Velocities of zero for a network."""
    return {name: np.zeros(w.shape) for name, w in net.items()}


def misread(net, x, t):
    """How many per cent of some digits a network misreads."""
    return 100 * np.mean(forward(net, framed(x))[0].argmax(axis=1) != t)


def plainly(epochs):
    """The misread shares of both sets, before training and after each epoch, on the digits as they are."""
    net, rng = start(0), np.random.default_rng(0)
    v, found = still(net), []
    for _ in range(epochs):
        found.append((misread(net, x_train, t_train), misread(net, x_test, t_test)))
        net, v = epoch(net, v, framed(x_train), t_train, 0.02, rng)
    return np.array([*found, (misread(net, x_train, t_train), misread(net, x_test, t_test))])


# alt: How many per cent are misread after each of 12 epochs, on a logarithmic scale: two curves, one for the digits
#   that the network learns from and one for new ones, once training works. Before that, an empty frame.
figure, ax = plt.subplots(figsize=(6, 2.2), dpi=80, layout="constrained")
ax.set(xlabel="epochs", ylabel="% misread", yscale="symlog", ylim=(0, 100), xlim=(0, 12))
ax.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
try:
    curves = plainly(12)
    ax.plot(curves[:, 0], "C0--", label="digits it learns from")
    ax.plot(curves[:, 1], "C2", label="new digits")
    ax.legend(fontsize=8)
except Exception:
    ax.set_title("not yet", fontsize=9)
plt.show()

# %% [markdown]
# *To think about:* at which epoch would you stop? And why must you not choose it by the solid curve, if that is also
# the one that you will report?
#
# ### 5.8 A reader
#
# The network has learned its digits by heart, and still misreads more than one in twenty from new hands. We have no
# more hands. But `shaken(x, rng)`, from the [chapter](../networks/cnn.md#training), gives every digit a small move,
# turn, stretch and slant, each time drawn anew. So the network never sees the same picture twice.
#
# Train a network from `start(0)`: 40 epochs, each on the training digits, shaken anew and then framed, with the rate
#
# $\eta_e = 0.025\, (1 + \cos(\pi e / 40))$ for $e = 0, 1, \dots, 39$,
#
# which falls from 0.05 to nearly nothing. Call it `reader`. It takes a few seconds, or half a minute on a slow machine,
# and must read at least 95 % of the test digits.

# %%
rng = np.random.default_rng(0)
#: gap
# reader = ...
#: solution
reader = start(0)
v = still(reader)
for e in range(40):
    rate = 0.025 * (1 + np.cos(np.pi * e / 40))
    reader, v = epoch(reader, v, framed(shaken(x_train, rng)), t_train, rate, rng)
#: end

# %%
check("5.8", reader)
show(
    ("a seven, with a bar", framed(seven)[0, 0]),
    ("the first 8 kernels", lambda: gallery(reader["w1"][:, 0])),
    ("their maps of it", lambda: gallery(forward(reader, framed(seven))[1][2][0])),
    ("its ten scores", lambda: forward(reader, framed(seven))[0][0]),
)

# %% [markdown]
# Nobody has told the kernels what to look for. *To think about:* which of them answer to an edge, and on which side of
# the stroke? Is there one that answers to nothing?
#
# ## Reading the mistakes
#
# ### 5.9 What is taken for what
#
# A number hides which digits it counts. Write `confusion(t, guess)`: an array of 10×10 whole numbers, in which row $a$,
# column $b$ tells how many digits were $a$ and were called $b$.


# %%
def confusion(t, guess):
    """How often each digit (row) was called each digit (column)."""
    #: gap
    # counts = np.zeros((10, 10), int)
    # ...
    # return ...
    #: solution
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (t, guess), 1)
    return counts
    #: end


# %%
check("5.9", confusion)


def guesses():
    """What your reader calls each test digit."""
    return forward(reader, framed(x_test))[0].argmax(axis=1)


def mixed_up():
    """The confusion matrix without its diagonal."""
    return confusion(t_test, guesses()) * (1 - np.eye(10))


def surest():
    """The numbers of the misread test digits, those that the reader was surest of first."""
    z, _ = forward(reader, framed(x_test))
    lead = z.max(axis=1) - z[np.arange(len(z)), t_test]  # of the guess over the label; 0 where it is right
    order = np.argsort(-lead, kind="stable")
    return order[lead[order] > 0]


show(
    ("all but the diagonal", mixed_up),
    ("the surest mistake", lambda: x_test[surest()[0], 0]),
    ("the second", lambda: x_test[surest()[1], 0]),
    ("the third", lambda: x_test[surest()[2], 0]),
)
try:
    for number in surest()[:3]:
        print(f"test digit {number} is a {t_test[number]}, and is taken for a {guesses()[number]}")
except Exception:
    print("Which digits are misread? Your reader is still to be trained.")

# %% [markdown]
# *To think about:* which of them would you have read? Is there a digit that is mixed up with another, but not the other
# way round? And can a handful of mistakes [tell one network from
# another](../networks/cnn.md#what-an-accuracy-is-worth)?
#
# ## The same in torch
#
# ### 5.10 Hand over the weights
#
# In torch the whole network is a row of seven layers:
#
# `Conv2d(1, 8, 3)`, `ReLU()`, `Conv2d(8, 16, 3)`, `ReLU()`, `MaxPool2d(2)`, `Flatten()`, `Linear(144, 10)`.
#
# Torch keeps its numbers in a dictionary: `"0.weight"` and `"0.bias"` belong to layer 0, the first, and so on. Layers
# without numbers count as well. Its convolutions have the same axes as yours. Its full layer has one *row* for each
# score, so that $z = W q + b$.
#
# Write `handed_over(net)`: the dictionary for torch, with NumPy arrays in double precision.


# %%
def handed_over(net):
    """The numbers of the network, under torch's names and in torch's shapes."""
    #: gap
    # return {"0.weight": ...}
    #: solution
    return {
        "0.weight": net["w1"],
        "0.bias": net["b1"],
        "2.weight": net["w2"],
        "2.bias": net["b2"],
        "6.weight": net["w3"].T,
        "6.bias": net["b3"],
    }
    #: end


# %%
check("5.10", handed_over)
try:
    import torch

    torch.set_num_threads(1)  # arrays as small as these have nothing to share
except ImportError:
    torch = None
    print("PyTorch is not installed here, so there is nothing to compare with; the lab goes on without it.")


def in_torch(net):
    """The network in torch, with the weights that you hand over."""
    layers = torch.nn
    theirs = layers.Sequential(
        layers.Conv2d(1, 8, 3),
        layers.ReLU(),
        layers.Conv2d(8, 16, 3),
        layers.ReLU(),
        layers.MaxPool2d(2),
        layers.Flatten(),
        layers.Linear(144, 10),
    ).double()
    theirs.load_state_dict({name: torch.tensor(w) for name, w in handed_over(net).items()})
    return theirs


def side_by_side():
    """The numbers of a network after an epoch by your functions and by torch's, from one start, in the same batches."""
    x, rng = framed(x_train), np.random.default_rng(3)
    net = start(3)
    v, theirs = still(net), in_torch(net)
    step = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    for some in np.array_split(rng.permutation(len(x)), 45):
        net, v = epoch(net, v, x[some], t_train[some], 0.05, rng)  # an epoch of one batch
        step.zero_grad()
        cost = torch.nn.functional.cross_entropy(theirs(torch.tensor(x[some])), torch.tensor(t_train[some]))
        cost.backward()
        step.step()
    return handed_over(net), {name: w.numpy() for name, w in theirs.state_dict().items()}


ours = theirs = ...
if torch is not None:
    try:
        ours, theirs = side_by_side()
        apart = max(np.abs(w - theirs[name]).max() for name, w in ours.items())
        print("45 steps in each, and no two numbers differ by more than 1e-9:", bool(apart < 1e-9))
    except Exception:
        print("Once all of your functions are right, torch will be asked for the same numbers here.")
show(
    ("your first kernels, after an epoch", lambda: gallery(ours["0.weight"][:, 0])),
    ("torch's", lambda: gallery(theirs["0.weight"][:, 0])),
)

# %% [markdown]
# Two programs that share no line [agree](../networks/cnn.md#the-same-in-torch), forward, back, and in every step. *To
# think about:* torch was never told how to go back. What has it kept from the way there, that you kept in `kept`?
#
# ## A stretch
#
# ### 5.11 Back to the pixels
#
# Training stops at the first kernels, since nobody wants to change the pictures. You may go one step further: what is a
# little more *ink* worth, in each pixel? Write `to_pixels(net, kept, g)`: what comes back to the picture from a `g` at
# the scores, of the shape of `x`. No kernel needs a gradient now, so it is shorter than 5.6.


# %%
def to_pixels(net, kept, g):
    """What a little more of each pixel is worth, if a little more of the scores is worth g."""
    _, y1, _, y2, a2, q = kept
    #: gap
    # h = ...
    # return h
    #: solution
    h = (g @ net["w3"].T).reshape(q.shape)
    h = to_input(pool_back(h, a2) * (y2 > 0), net["w2"])
    return to_input(h * (y1 > 0), net["w1"])
    #: end


# %%
check("5.11", to_pixels)
nine = np.array([9])


def persuaded(x, t, steps=200):
    """A picture, changed a little at a time, until the reader calls it t."""
    x = framed(x)
    inside = framed(np.ones((1, 1, 8, 8)))
    for _ in range(steps):
        z, kept = forward(reader, x)
        if z[0].argmax() == t[0]:
            break
        h = to_pixels(reader, kept, loss(z, t)[1]) * inside
        x = np.clip(x - 0.05 * h / np.abs(h).max(), 0, 1)
    return x[:, :, 1:-1, 1:-1]


def towards(t):
    """What a little more of each pixel does for the score of t in the seven."""
    _, kept = forward(reader, framed(seven))
    return to_pixels(reader, kept, np.eye(10)[t])[0, 0, 1:-1, 1:-1]


show(
    ("a seven", seven[0, 0]),
    ("what would make it more of a 9", lambda: towards(nine)),
    ("your reader says: 9", lambda: persuaded(seven, nine)[0, 0]),
    ("what was changed", lambda: (persuaded(seven, nine) - seven)[0, 0]),
)

# %% [markdown]
# The network has gone down the loss in its weights, to fit the picture. You have gone down the same loss in the
# picture, to fit the network. *To think about:* would you call it a nine? [Chapter 23](../networks/seeing.md) asks such
# gradients what a network looks at.
#
# **What to remember.** A convolution is linear in its input and in its kernels, so it has two ways back: to the
# kernels, a sum of windows weighed by $g$; to the input, copies of the kernel written where $g$ stands. A network's
# gradient is its layers' ways back, in reverse order, and what has been kept on the way there. Training is that, a few
# thousand times, and examples enough to learn the digits and not the pictures. All of it is some fifty lines of yours;
# [Lab 6](unet.py) leaves them to a library, and builds something larger.
