# %% [markdown]
# # Lab 6. A U-Net
#
# Here are photographs of shapes on a table. The light is uneven, and somebody has scratched them. Which pixels are
# shape? In 90 minutes you will build the network that answers: down, up again, and bridges between. You will train it
# in a few seconds, in NumPy, and then cut its bridges, to see what each of them was for. At the end the same lines run
# in PyTorch, on a graphics card where there is one.
#
# From the book you need [the U-Net](../networks/unet.md#down-and-up-again) and [transposed
# convolution](../adjoint/transposed.md#stamps-that-overlap); [Otsu's
# threshold](../images/segmentation.md#the-best-threshold) is what we have to beat.
#
# **How it works.** Each task has a gap, `...`, for you to fill. Run the cell, and the one below it, which calls
# `check`: it says *right*, or what is wrong. Stuck? `hint("6.1")` gives a first hint, and called again, a second.

# %%
import copy

import numpy as np

from course.autodiff import functional as F
from course.autodiff import no_grad
from course.data import shapes
from course.imaging.segment import otsu
from course.lab import check, hint, show
from course.nn import Adam, Module, cross_entropy, unet
from course.ops import conv2d, log_softmax

images, masks = shapes(220, size=32, rng=6)
x, labels = images[:, None], masks.astype(int)
unseen = slice(160, 220)  # the network learns from the first 160 and is judged by the others
one = 163
guess = np.array([image > otsu(image)[0] for image in images])
print("x", x.shape, x.dtype, "| labels", labels.shape, labels.dtype)
show(("a photograph", images[one]), ("above Otsu's threshold", guess[one]), ("what was drawn: its mask", masks[one]))

# %% [markdown]
# A batch of pictures has four axes, as in every library: `x[n, c, i, j]` is picture `n`, channel `c`, row `i`, column
# `j`. A photograph has one channel. The maps inside the network have more.
#
# ## Shapes
#
# ### 6.1 Sizes
#
# The U-Net of 2015 is *valid*: it pads nothing, so a 3×3 convolution takes one row from each side. On the way down each
# level has two of them, and a pooling that halves. At the bottom there are two. On the way up each level doubles, and
# has two again. The first figure of the paper has 572 rows going in and 388 coming out; how?
#
# Write `sizes(n, depth)`, a list of whole numbers, in the order in which one meets them: first `n`, then the size after
# each pair of convolutions, after each pooling, and after each doubling. On paper, for 28 rows and a depth of 1: 28,
# 24, 12, 8, 16, 12.


# %%
def sizes(n, depth):
    """All sizes on the way through a valid U-Net, the first and the last included."""
    #: gap
    # found = [n]
    # for _ in range(depth):  # down
    #     ...
    # ...  # the bottom
    # for _ in range(depth):  # up
    #     ...
    # return ...
    #: solution
    found = [n]
    for _ in range(depth):
        found += [found[-1] - 4, (found[-1] - 4) // 2]
    found.append(found[-1] - 4)
    for _ in range(depth):
        found += [2 * found[-1], 2 * found[-1] - 4]
    return found
    #: end


# %%
check("6.1", sizes)
show(("from 572 rows on, depth 4", lambda: sizes(572, 4)), ("from 92 rows on, depth 2", lambda: sizes(92, 2)))

# %% [markdown]
# A U, if a slanting one. *To think about:* what comes in is 184 rows larger than what goes out. Which of the levels are
# most to blame? And what becomes of 570 rows? Nobody stops your function, but a pooling would have to lose a row.
# [The chapter](../networks/unet.md#original) has a formula for the loss.
#
# From here on we pad, so that every convolution keeps its size; then 32 rows come out of 32.
#
# ### 6.2 Twice the size
#
# On the way up the network doubles its maps by a transposed convolution. Its kernel is 2×2 and its stride 2, so the
# prints lie side by side and never overlap. Each entry of `x` prints one block of 2×2:
#
# $y_{n,o,2i+a,2j+b} = \sum_c x_{n,c,i,j}\, w_{c,o,a,b}$, with $a$ and $b$ either 0 or 1.
#
# The sum is one `np.einsum`. It gives an array of six axes, if all letters but `c` stand behind the arrow. Order them
# so that `reshape` can then merge two neighbours into the rows, and two into the columns: in a merged axis the second
# of the two runs faster.
#
# Write `grow(x, w)`.


# %%
def grow(x, w):
    """The transposed convolution of x (N, C, H, W) with w (C, O, 2, 2) and stride 2: (N, O, 2H, 2W)."""
    #: gap
    # blocks = np.einsum("ncij,coab->...", x, w)
    # return ...
    #: solution
    blocks = np.einsum("ncij,coab->noiajb", x, w)
    n, o, h, _, width, _ = blocks.shape
    return blocks.reshape(n, o, 2 * h, 2 * width)
    #: end


# %%
check("6.2", grow)
ones = np.ones((1, 1, 2, 2), np.float32)
uneven = np.array([[[[1.0, 0.7], [0.7, 0.4]]]])
small = conv2d(x[[one]], ones / 4, stride=2)  # the mean of every four
show(
    ("a photograph", images[one]),
    ("means of four", small[0, 0]),
    ("grown by ones", lambda: grow(small, ones)[0, 0]),
    ("by four other taps", lambda: grow(small, uneven)[0, 0]),
)

# %% [markdown]
# The means come from a convolution with stride 2, and the check has used the [dot
# test](../adjoint/adjoint.md#the-dot-test): with the same kernel, that convolution is the way back of your function.
# *To think about:* where does the pattern in the last picture come from? (Look at [how
# checkerboards](../adjoint/upsampling.md#checkerboards) come about; and note that no two prints overlap here.) And what
# was lost between the first picture and the third?
#
# ### 6.3 Beside, and back
#
# What was lost is brought over by a bridge, a *skip*: the map from the way down is laid beside the map that comes from
# below, as further channels. In the valid U-Net the skip is too large, 64 rows beside 56, so its middle is cut out; as
# many rows go at the top as at the bottom.
#
# Write `beside(skip, below)` as a rule: it returns the value, and `back`. The value has the channels of the skip first.
# `back(g)` gets a cotangent of the value's shape, and returns two parts, one for the skip and one for what is below,
# each of its own shape. Nothing is computed there. Each gets back what it gave; and what was cut off has changed
# nothing.


# %%
def beside(skip, below):
    """The middle of `skip`, as large as `below`, and `below`, side by side along the channels; and the way back."""
    #: gap
    # top, left = ..., ...
    # y = ...
    #
    # def back(g):
    #     return ..., ...
    #
    # return y, back
    #: solution
    height, width = below.shape[2:]
    top, left = (skip.shape[2] - height) // 2, (skip.shape[3] - width) // 2
    middle = np.s_[:, :, top : top + height, left : left + width]
    y = np.concatenate([skip[middle], below], axis=1)

    def back(g):
        part = np.zeros(skip.shape)
        part[middle] = g[:, : skip.shape[1]]
        return part, g[:, skip.shape[1] :]

    return y, back
    #: end


# %%
check("6.3", beside)
inner = x[[one + 1], :, 4:28, 6:26]  # 24 rows, 20 columns
show(
    ("the skip", images[one]),
    ("what is below", inner[0, 0]),
    ("first channel", lambda: beside(x[[one]], inner)[0][0, 0]),
    ("second channel", lambda: beside(x[[one]], inner)[0][0, 1]),
    ("g = 1, back to the skip", lambda: beside(x[[one]], inner)[1](np.ones((1, 2, 24, 20)))[0][0, 0]),
    limits=(0, 1),
)

# %% [markdown]
# *To think about:* the frame of zeros in the last picture. Does it mean that the pixels under it learn nothing? (There
# is [a second way](../networks/unet.md#laid-beside-and-split) to the same map: it was also pooled.)
#
# ### 6.4 A level
#
# Now the U. A *level* is all that happens at one size:
#
# 1. two convolutions, `left`, make a map of `x`; it is kept;
# 2. it is pooled to half the size, and goes through whatever lies `inside` the U, further down;
# 3. `twice` brings the result back to the size of the map;
# 4. the two are laid side by side, the kept map first, and two more convolutions, `right`, look at both.
#
# What lies inside? A level; and inside of that another, until at the bottom there are two convolutions alone. So the
# whole network is one short function, called within itself. You find it below, as `walk`.
#
# Write `level(x, left, inside, twice, right)`. The four are functions of a map. Use `F.max_pool2d(map, 2)` and
# `F.concatenate([…, …], axis=1)`: they are NumPy's and the package's, but keep a record for the way back.


# %%
def level(x, left, inside, twice, right):
    """One level of a U-Net."""
    #: gap
    # kept = ...
    # below = ...
    # return ...
    #: solution
    kept = left(x)
    below = twice(inside(F.max_pool2d(kept, 2)))
    return right(F.concatenate([kept, below], axis=1))
    #: end


def walk(net, x, hears=True):
    """The scores of a U-Net, as levels within levels; if it does not hear its skips, they are zero."""

    def at(k, x):
        if k == len(net.up):
            return net.down[k](x)

        def right(both):
            skip = np.arange(both.shape[1]) < both.shape[1] // 2
            return net.up[-1 - k](both if hears else both * ~skip[:, None, None])

        return level(x, net.down[k], lambda x: at(k + 1, x), net.grow[-1 - k], right)

    return net.head(at(0, x))


# %%
check("6.4", level)
fresh = unet(1, 2, width=6, depth=2, rng=0).to(np.float32)  # two classes, two levels, weights by chance
for name, array in fresh.state().items():
    if array.ndim == 4:
        print(f"{name:16} {array.shape}")


def class1(scores):
    """The scores of class 1, shape, for the first picture, without the rim."""
    return scores.data[0, 1, 4:-4, 4:-4]


show(
    ("a photograph", images[one, 4:-4, 4:-4]),
    ("scores, by the package", class1(fresh(x[[one]]))),
    ("by your levels", lambda: class1(walk(fresh, x[[one]]))),
    ("without its skips", lambda: class1(walk(fresh, x[[one]], hears=False))),
)

# %% [markdown]
# The second and the third are equal: `course.nn.unet` is what you have just written. It has learned nothing, and yet
# there is a ghost of the photograph in its scores. *To think about:* which way has it come? And where have you seen
# such a pattern of dots before?
#
# ## Loss
#
# ### 6.5 A loss for every pixel
#
# Each pixel gets two scores $z$, one for *table* and one for *shape*. Softmax makes probabilities $p$ of them, and what
# we pay is the cross-entropy: minus the logarithm of the probability that the right class was given, in the mean over
# all $N$ pixels of all pictures. With $t$ equal to 1 at the right class and 0 elsewhere,
#
# $L = -\frac{1}{N} \sum_{k,i} t_{k,i} \ln p_{k,i}$, and its slope in the scores is $(p_{k,i} - t_{k,i}) / N$.
#
# Write `pixel_loss(z, labels)`, which returns both: the loss, a number, and the slope, an array of the shape of `z`.
# $\ln p$ is given, in a way that survives scores of a thousand.


# %%
def pixel_loss(z, labels):
    """The mean cross-entropy of scores z (N, K, H, W) and labels (N, H, W), and its slope in z."""
    log_p = log_softmax(z, 1)
    t = np.moveaxis(np.eye(z.shape[1])[labels], -1, 1)  # 1 at the right class, of the shape of z
    #: gap
    # return ..., ...
    #: solution
    return -np.sum(t * log_p) / labels.size, (np.exp(log_p) - t) / labels.size
    #: end


# %%
check("6.5", pixel_loss)
scores = fresh(x[[one]]).data
show(
    ("a photograph", images[one]),
    ("its mask", masks[one]),
    ("the slope in the scores of shape", lambda: pixel_loss(scores, labels[[one]])[1][0, 1]),
)

# %% [markdown]
# Black is below zero: there, a higher score would make the loss smaller. *To think about:* the slope knows nothing of
# the scratches and the light. Why is it nearly the mask, turned from white to black? And what would it look like if the
# network were right, and sure of it?
#
# ### 6.6 How good is a mask?
#
# Nearly four pixels in five are table. Who says *table* everywhere is right at these, and has found nothing. The
# *intersection over union* counts otherwise: the pixels that are in both masks, over the pixels that are in at least
# one of them. It is 1 for equal masks, and 0 for masks that do not touch. If both are empty, let it be 1.
#
# Write `iou(found, drawn)` for two stacks of masks (N, H, W): an array of N numbers, one a picture.


# %%
def iou(found, drawn):
    """Intersection over union of masks of bools (N, H, W): N numbers."""
    #: gap
    # both = ...
    # either = ...
    # return ...
    #: solution
    both = np.sum(found & drawn, axis=(1, 2))
    either = np.sum(found | drawn, axis=(1, 2))
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))
    #: end


# %%
check("6.6", iou)


def otsus():
    """The IoU of Otsu's threshold on each photograph that the network will not see."""
    return iou(guess[unseen], masks[unseen])


show(
    ("in both masks", guess[one] & masks[one]),
    ("in at least one", guess[one] | masks[one]),
    ("IoU of Otsu, sorted", lambda: np.sort(otsus())),
    ("Otsu's best photograph", lambda: images[unseen][np.argmax(otsus())]),
    ("and its worst", lambda: images[unseen][np.argmin(otsus())]),
)

# %% [markdown]
# In the mean Otsu's threshold has less than a half; that is to be beaten. *To think about:* what has the best
# photograph that the worst lacks? And which two pixel counts would you look at to tell whether a mask is too large or
# too small? The IoU alone does not say.
#
# ## Train
#
# ### 6.7 One step
#
# An optimiser like `Adam` knows the parameters of the network, and moves them by their gradients. It is told so in
# four calls: `optimiser.zero_grad()` forgets the gradients of the last step, since the way back *adds* to what is
# there; the network and `cross_entropy` go forward; `.backward()` of the loss goes back; `optimiser.step()` moves.
#
# Write `step(net, optimiser, x, labels)`. It makes one step, and returns the loss that there was before it, as a plain
# number: `float(loss)`. (`cross_entropy(scores, labels)` is what you wrote in 6.5, with a record for the way back.)


# %%
def step(net, optimiser, x, labels):
    """One step of training on a batch; returns its loss, a number."""
    #: gap
    # ...
    # loss = ...
    # ...
    # return ...
    #: solution
    optimiser.zero_grad()
    loss = cross_entropy(net(x), labels)
    loss.backward()
    optimiser.step()
    return float(loss)
    #: end


# %%
check("6.7", step)


def train(net, epochs=12, size=4):
    """Train by your steps, on the first 160 photographs; the losses, or none if 6.7 is not done."""
    optimiser, rng, losses = Adam(net.parameters(), lr=0.006), np.random.default_rng(0), []
    for epoch in range(epochs):
        optimiser.lr = 0.006 if epoch < 0.75 * epochs else 0.0012
        for some in rng.permutation(160).reshape(-1, size):
            loss = step(net, optimiser, x[some], labels[some])
            if loss is ...:
                return []
            losses.append(loss)
    return losses


def masks_of(net, x):
    """The pixels whose score for shape is the higher one, for a batch."""
    with no_grad():
        return net(x).data.argmax(1) == 1


net = unet(1, 2, width=6, depth=2, rng=0).to(np.float32)
try:
    losses = train(net)  # some seconds
except Exception as error:
    losses = []
    print("It cannot be trained yet:", error)
found = masks_of(net, x) if losses else ...


def smooth(losses):
    """Each epoch's mean loss."""
    return np.reshape(losses, (-1, 40)).mean(1) if len(losses) else ...


show(
    ("loss, epoch by epoch", lambda: smooth(losses)),
    ("a photograph", images[one]),
    ("found", lambda: found[one]),
    ("drawn", masks[one]),
    ("where they differ", lambda: found[one] != masks[one]),
)

# %%
try:
    print(f"mean IoU on photographs it has not seen: {iou(found[unseen], masks[unseen]).mean():.2f}")
    print(f"Otsu's threshold: {iou(guess[unseen], masks[unseen]).mean():.2f}")
except Exception:
    print("The mean IoU needs 6.6 and 6.7.")

# %% [markdown]
# Some 16,500 weights, 480 steps, and it is beyond 0.8. *To think about:* where are the pixels that it gets wrong? And
# at its first epoch the mean loss is near 0.5. Somebody who never looks at a picture, and gives every pixel the same
# probability of being shape, can reach that too. Which probability is best for it?
#
# ## Cut
#
# ### 6.8 Cut a skip
#
# What does each skip carry? Take it away, and look at what is lost. The first convolution on the right side of a level
# has weights of shape (out, in, 3, 3). The first half of its input channels is the skip, the second half comes from
# below. If the weights of the first half are zero, the skip is not heard.
#
# Write `cut(net, k)`: a *copy* of the network in which the skip of level `k` is not heard; level 0 is the one at full
# size, level 1 the next below. `net.up` lists the right sides in the order in which they are used, from the bottom up,
# and `net.up[i][0].weight.data` is an array. (If 6.7 is not done yet, let the package train. In a cell of its own:
# `from course.nn import fit`, and `losses = fit(net, (x[:160], labels[:160]), loss=cross_entropy,
# optimiser=Adam(net.parameters(), lr=0.006), epochs=12, batch_size=4)["loss"]`; then `found = masks_of(net, x)`.)


# %%
def cut(net, k):
    """A copy of a U-Net that does not hear the skip of level k."""
    other = copy.deepcopy(net)
    #: gap
    # ...
    # return ...
    #: solution
    weight = other.up[-1 - k][0].weight
    weight.data[:, : weight.shape[1] // 2] = 0
    return other
    #: end


# %%
check("6.8", cut)


def after(*levels):
    """What the trained network finds in the photograph when some of its skips are cut."""
    other = net
    for k in levels:
        other = cut(other, k)
    return masks_of(other, x[[one]])[0] if losses else ...


try:
    for levels in ((), (1,), (0,)):
        other = net
        for k in levels:
            other = cut(other, k)
        q = iou(masks_of(other, x[unseen]) if losses else ..., masks[unseen]).mean()
        print(f"mean IoU with {'all skips' if not levels else f'the skip of level {levels[0]} cut'}: {q:.2f}")
except Exception:
    print("The mean IoU needs 6.6, 6.7 and 6.8.")
show(
    ("a photograph", images[one]),
    ("all skips", lambda: after()),
    ("without the lower", lambda: after(1)),
    ("without the upper", lambda: after(0)),
    ("without both", lambda: after(0, 1)),
)

# %% [markdown]
# *To think about:* which of the two does it lean on? The chapter trains [a larger one](../networks/unet.md#skips) for
# longer, and that leans on both.
#
# To lean on something is not to need it. This network has *learned* with its skips; one that never had any might have
# learned to do without. To find out, we train one whose skips carry zeros all the time, by the same steps.


# %%
class Blind(Module):
    """A U-Net that never hears its skips."""

    def __init__(self, net):
        self.net = net

    def forward(self, x):
        """The scores, by your levels."""
        return walk(self.net, x, hears=False)


blind, late = Blind(unet(1, 2, width=6, depth=2, rng=0).to(np.float32)), ...
try:
    if losses and train(blind):  # some seconds more
        late = masks_of(blind, x)
        print(f"mean IoU without skips, ever: {iou(late[unseen], masks[unseen]).mean():.2f}")
except Exception:
    print("To train without skips needs 6.4, 6.6 and 6.7.")
show(
    ("with skips", lambda: found[one]),
    ("never had any", lambda: late[one]),
    ("drawn", masks[one]),
    ("wrong with skips", lambda: found[one] != masks[one]),
    ("wrong without", lambda: late[one] != masks[one]),
)

# %% [markdown]
# *To think about:* compare the last two pictures. The network without skips is not taken in by the light. It knows that
# there are shapes, and roughly where. What is it that it cannot say? [The
# chapter](../networks/unet.md#what-each-skip-carries) puts it in a line: the bottom carries what, the skips carry
# where.
#
# ### 6.9 Any size
#
# Convolutions do not ask how large a picture is, so a network that has learned on 32×32 works on any other size. One
# thing remains: each level halves, so with $D$ levels the size must be divisible by $2^D$. Others are padded first,
# below and on the right, with their mirror image (`np.pad(…, mode="reflect")`), and the answer is cropped.
#
# Write `segmented(net, image)`: the mask of a picture of any size, an array of bools of the picture's shape. No more is
# padded than needed. The number of levels is `len(net.up)`; `masks_of` above takes a batch with its four axes.


# %%
def segmented(net, image):
    """The mask that a U-Net finds in a picture (H, W) of any size."""
    #: gap
    # step = 2 ** len(net.up)
    # ...
    # return ...
    #: solution
    step = 2 ** len(net.up)
    height, width = image.shape
    padded = np.pad(image, ((0, -height % step), (0, -width % step)), mode="reflect")
    return masks_of(net, padded[None, None])[0, :height, :width]
    #: end


# %%
check("6.9", segmented)
sheet = np.block([[images[160], images[161], images[162]], [images[163], images[164], images[165]]])[:61, :90]
large = shapes(1, size=64, rng=1)[0][0]
show(
    ("six photographs, 61 by 90", sheet),
    ("found", lambda: segmented(net, sheet) if losses else ...),
    ("shapes twice as large", large),
    ("found", lambda: segmented(net, large) if losses else ...),
)

# %% [markdown]
# *To think about:* does it mind the seams between the photographs, where the light jumps? And on the right, what does
# it take for shapes, and where does it doubt a shape that is one? The picture is larger, and that it can take; but what
# has it never been shown?
#
# ## A stretch
#
# ### 6.10 The same in torch
#
# `course.ops` has its names and arguments from `torch.nn.functional`: `conv2d(x, w, bias, stride, padding)`,
# `conv_transpose2d(x, w, bias, stride)`, `max_pool2d(x, size)`, `relu(x)`. So one function can run in both. `lib` below
# is a box with these four, and `cat(maps, axis)`, from the one or the other; `w` is a dictionary of weights, under the
# names that were printed in 6.4, and with `bias` in the place of `weight`. `pair` is given.
#
# Write `scores_of(lib, w, x)`, the whole network: down, the bottom, up, the head. (Here there are no levels within
# levels, but a list of maps that is filled on the way down and emptied, from its end, on the way up.)

# %%
from types import SimpleNamespace

from course import ops


def library(functions, cat):
    """The five functions of a library that we need, in a box."""
    names = ("conv2d", "conv_transpose2d", "max_pool2d", "relu")
    return SimpleNamespace(cat=cat, **{name: getattr(functions, name) for name in names})


def pair(lib, w, name, x):
    """Two convolutions that keep the size, each followed by a ReLU: `down.0`, `up.1`, …"""
    for i in (0, 2):
        x = lib.relu(lib.conv2d(x, w[f"{name}.{i}.weight"], w[f"{name}.{i}.bias"], 1, 1))
    return x


def scores_of(lib, w, x):
    """The scores of a U-Net with the weights w, by the functions of any library."""
    depth = sum(name.startswith("grow.") for name in w) // 2
    #: gap
    # kept = []
    # for i in range(depth):
    #     ...
    # ...
    # return ...
    #: solution
    kept = []
    for i in range(depth):
        kept.append(pair(lib, w, f"down.{i}", x))
        x = lib.max_pool2d(kept[-1], 2)
    x = pair(lib, w, f"down.{depth}", x)
    for i in range(depth):
        x = lib.conv_transpose2d(x, w[f"grow.{i}.weight"], w[f"grow.{i}.bias"], 2)
        x = pair(lib, w, f"up.{i}", lib.cat([kept.pop(), x], 1))
    return lib.conv2d(x, w["head.weight"], w["head.bias"])
    #: end


# %%
check("6.10", scores_of)
in_numpy = library(ops, np.concatenate)
show(
    ("a photograph", images[one, 4:-4, 4:-4]),
    ("fresh scores, by the package", class1(fresh(x[[one]]))),
    ("by your function", lambda: scores_of(in_numpy, fresh.state(), x[[one]])[0, 1, 4:-4, 4:-4]),
)

# %% [markdown]
# Now for torch. What follows moves the fresh weights to the graphics card, or to the processor if there is none, and
# trains them there with the same batches in the same order. Torch finds its own way back through your function.

# %%
try:
    import torch
except ImportError:
    torch = None


def by_torch(epochs=12, size=4):
    """Train the fresh network in torch; its masks, or nothing while 6.10 is open."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    lib = library(torch.nn.functional, torch.cat)
    w = {name: torch.tensor(a, device=device, requires_grad=True) for name, a in fresh.state().items()}
    inputs, answers = torch.tensor(x, device=device), torch.tensor(labels, device=device)
    if scores_of(lib, w, inputs[:size]) is ...:
        return ...
    optimiser, rng = torch.optim.Adam(w.values(), lr=0.006), np.random.default_rng(0)
    for epoch in range(epochs):
        optimiser.param_groups[0]["lr"] = 0.006 if epoch < 0.75 * epochs else 0.0012
        for some in rng.permutation(160).reshape(-1, size):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(scores_of(lib, w, inputs[some]), answers[some])
            loss.backward()
            optimiser.step()
    print("trained on the", "graphics card" if device == "cuda" else "processor")
    with torch.no_grad():
        return scores_of(lib, w, inputs).argmax(1).cpu().numpy() == 1


there = ...
try:
    if torch is None:
        print("PyTorch is not installed here, so there is nothing to compare with; all that is above runs without it.")
    else:
        there = by_torch()
        print(f"mean IoU of the one from torch: {iou(there[unseen], masks[unseen]).mean():.2f}")
except Exception:
    print("To train in torch needs 6.10, and the mean IoU 6.6.")
show(
    ("a photograph", images[one]),
    ("trained in NumPy", lambda: found[one]),
    ("trained in torch", lambda: there[one]),
    ("where the two differ", lambda: found[one] != there[one]),
)

# %% [markdown]
# *To think about:* the same weights at the start, the same batches, the same steps; and yet some pixels differ. What
# differs between the two libraries at the first step? (Sums, in another order.) And how can so little become a pixel?
#
# **What you have.** A U: down for the *what*, up for the *where*, and skips that bring the where across. Its parts
# are pairs again: to grow goes back by a convolution with stride 2, to lay beside goes back by splitting, to crop by
# zeros. You have trained it, and found out what a part is for by taking it away, once after training and once before.
# The [chapter](../networks/unet.md#take-the-noise-away) lets the same network remove noise, and double a size.
