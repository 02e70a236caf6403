# %% [markdown]
# # Lab 2. Fourier and restoration
#
# In two hours, or in 90 minutes if you are fluent in NumPy, you will take pictures apart into waves, exchange the
# waves of two of them, remove stripes from a third, and undo a blur: once in the way that should work and does not, and
# twice in ways that do.
#
# You need a little NumPy with complex numbers, and from the book [The convolution
# theorem](../convolution/fourier.md#the-convolution-theorem) and [A scene, a camera,
# noise](../images/restoration.md#a-scene-a-camera-noise). NumPy gives the transform: `np.fft.fft2(x)` has one complex
# number for each wave, and entry `[0, 0]` is the sum of all pixels. `np.fft.fftshift` moves that entry to the middle.
#
# **How it works.** Each task has a gap, `...`, for you to fill. Run the cell, and the one below it, which calls
# `check`: it says *right*, or what is wrong. Stuck? `hint("2.1")` gives a first hint, and called again, a second.

# %%
import numpy as np

from course.data import sample_image
from course.imaging import metrics, noise, restore
from course.lab import check, hint, show

camera = sample_image("camera").astype(float)
brick = sample_image("brick").astype(float)
show(("camera", camera), ("brick", brick))

# %% [markdown]
# ## Waves
#
# ### 2.1 Look at a spectrum
#
# A spectrum is complex, and its entry for the mean is thousands of times larger than most others. To look at it, take
# the modulus, bring the mean to the middle, and take the logarithm $\ln(1 + |\hat x|)$, which keeps a zero at zero.
#
# Write `spectrum(x)`. Then say, before you look: the wall below has long joints that run from top to bottom. On which
# axis of its spectrum will they show, the upright or the level one?


# %%
def spectrum(x):
    """ln(1 + |x̂|), with the mean in the middle."""
    #: gap
    # return ...
    #: solution
    return np.log1p(np.abs(np.fft.fftshift(np.fft.fft2(x))))
    #: end


# %%
check("2.1", spectrum)
show(
    ("camera", camera),
    ("its spectrum", lambda: spectrum(camera)),
    ("brick", brick),
    ("its spectrum", lambda: spectrum(brick)),
)

# %% [markdown]
# Who crosses such a joint goes from left to right, and so do the waves that make it: bright places to the left and the
# right of the middle. A long edge shows as a line at right angles to it. Which lines do the legs of the tripod make?
#
# ### 2.2 And back
#
# A transform that cannot be undone would be of no use. NumPy has `ifft2`; write it yourself, and use nothing but
# `np.fft.fft2`. Forward, each wave is turned by $e^{-2\pi\mathrm{i} f j / n}$; back, by $e^{+2\pi\mathrm{i} f j / n}$,
# its [conjugate](../convolution/fourier.md#back-again). And there and back, everything has been counted once for each
# pixel.
#
# Write `inverse(X)`, which gives back a complex array.


# %%
def inverse(X):
    """The array whose transform is X, by way of `np.fft.fft2`."""
    #: gap
    # return ...
    #: solution
    return np.conj(np.fft.fft2(np.conj(X))) / X.size
    #: end


# %%
check("2.2", inverse)


def low(x, radius):
    """Of the picture x, the waves with at most `radius` periods, by your `inverse`."""
    f1, f2 = (np.fft.fftfreq(n) * n for n in x.shape)
    kept = np.hypot(f1[:, None], f2) <= radius
    return inverse(np.where(kept, np.fft.fft2(x), 0)).real


# alt: The camera from waves of up to 4, 12 and 40 periods, and from all of them.
show(
    *[(f"waves up to {radius}", lambda radius=radius: low(camera, radius)) for radius in (4, 12, 40)],
    ("all waves", lambda: low(camera, 999)),
)

# %% [markdown]
# Without the division you would have the [adjoint](../convolution/fourier.md#the-way-back) of the transform. Here the
# way back and the inverse differ by a number alone, and that is rare.
#
# ### 2.3 Exchange the phases
#
# Each entry is $|\hat x_f|\, e^{\mathrm{i} \varphi_f}$: how much there is of a wave, and where its crests lie. Which of
# the two makes the picture? Let two pictures exchange them. Write `swap(a, b)`: the picture with the moduli of `a` and
# the phases of `b`, with real entries. Guess first which of the two it will look like.


# %%
def swap(a, b):
    """The real picture with the moduli of a and the phases of b."""
    #: gap
    # return ...
    #: solution
    phases = np.exp(1j * np.angle(np.fft.fft2(b)))
    return np.fft.ifft2(np.abs(np.fft.fft2(a)) * phases).real
    #: end


# %%
check("2.3", swap)
show(
    ("camera", camera),
    ("brick", brick),
    ("moduli camera, phases brick", lambda: swap(camera, brick)),
    ("moduli brick, phases camera", lambda: swap(brick, camera)),
    height=2.4,
)

# %% [markdown]
# It looks like the picture that gave its phases. An edge is a place where the crests of many waves meet, and the phases
# say where that is.
#
# ## Stripes
#
# A bad cable has laid a wave over the picture. Nobody tells us which, and we do not look at the numbers.

# %%
rng = np.random.default_rng(2)
hidden = [int(f) for f in rng.integers(20, 50, 2)]
striped = noise.periodic(camera, [(35, *hidden)])
show(("with stripes", striped), ("a part of it", striped[30:94, 80:144]), ("spectrum", lambda: spectrum(striped)))

# %% [markdown]
# ### 2.4 Find the wave
#
# In the spectrum two bright points stand alone. Two, since a real wave is a sum of two complex ones, with the
# frequencies $(f_1, f_2)$ and $(-f_1, -f_2)$. They are the strongest, if we leave out the neighbourhood of the mean, in
# which all pictures are strong.
#
# Write `strongest(y, beyond)`: the frequency `(f1, f2)` of the strongest wave that is *more* than `beyond` away from
# the mean. Frequencies are counted in periods, rows first, and they have signs: behind the middle of an axis of `n`,
# entry `k` of `fft2` belongs to $k - n$. Either of the two points will do.


# %%
def strongest(y, beyond):
    """The frequency (f1, f2), in periods with their signs, of the strongest wave more than `beyond` from the mean."""
    #: gap
    # f1, f2 = (np.fft.fftfreq(n) * n for n in y.shape)  # the frequency of each entry, with its sign
    # return ...
    #: solution
    f1, f2 = (np.fft.fftfreq(n) * n for n in y.shape)
    modulus = np.where(np.hypot(f1[:, None], f2) > beyond, np.abs(np.fft.fft2(y)), 0)
    i, j = np.unravel_index(np.argmax(modulus), y.shape)
    return round(f1[i]), round(f2[j])
    #: end


# %%
check("2.4", strongest)


def ring():
    """Where the wave that you have found stands in the spectrum with the mean in the middle."""
    return tuple(np.add(strongest(striped, 20), (128, 128)))


show(("spectrum", lambda: spectrum(striped), ring), ("with stripes", striped))

# %% [markdown]
# ### 2.5 Remove it
#
# Set the waves near the place to zero, and near its partner as well: a *notch*. Write `notch(y, place, radius)`, a real
# picture without the waves that are less than `radius` away from `place`, or from `-place`. `distance` is given. It
# measures around the ring, since the frequencies go around.


# %%
def distance(shape, place):
    """How far each wave, in the order of `fft2`, is from a place."""
    gaps = [(np.arange(n) - f) % n for n, f in zip(shape, place, strict=True)]
    rows, columns = (np.minimum(gap, n - gap) for gap, n in zip(gaps, shape, strict=True))
    return np.hypot(rows[:, None], columns)


def notch(y, place, radius):
    """y without the waves less than `radius` away from `place`, or from its partner."""
    #: gap
    # return ...
    #: solution
    near = (distance(y.shape, place) < radius) | (distance(y.shape, np.negative(place)) < radius)
    return np.fft.ifft2(np.where(near, 0, np.fft.fft2(y))).real
    #: end


# %%
check("2.5", notch)
show(
    ("with stripes", striped),
    ("notched", lambda: notch(striped, hidden, 3)),
    ("what was removed", lambda: striped - notch(striped, hidden, 3)),
    ("radius 30: too much", lambda: notch(striped, hidden, 30)),
)

# %% [markdown]
# What a wide notch takes away is missing everywhere in the picture, not only where the stripes were worst. Chapter 13
# [weighs the pattern](../images/restoration.md#how-to-select-the-weight) place by place.
#
# ## Blur, in one number for each wave
#
# ### 2.6 The transfer function
#
# On a ring, to convolve is to multiply each wave by one number: $\hat y_f = \hat w_f\, \hat x_f$. To get these numbers,
# put the kernel into a picture of zeros of the right size, and transform it. One thing is easy to get wrong. The
# *middle* of the kernel belongs at `[0, 0]`. What lies above it and to its left goes around to the other end, or the
# blurred picture moves.
#
# Write `transfer(w, shape)` for kernels with an odd number of rows and columns.


# %%
def transfer(w, shape):
    """What convolution with w, on a ring of that shape, multiplies each wave by; the middle of w is its tap zero."""
    #: gap
    # padded = np.zeros(shape)  # for w, with its middle at [0, 0]
    # ...
    # return ...
    #: solution
    padded = np.zeros(shape)
    padded[: w.shape[0], : w.shape[1]] = w
    centred = np.roll(padded, [-(n // 2) for n in w.shape], (0, 1))
    return np.fft.fft2(centred)
    #: end


# %%
check("2.6", transfer)


def through(x, h):
    """x with each wave multiplied by h."""
    return np.fft.ifft2(h * np.fft.fft2(x)).real


smear = np.full((9, 9), 1 / 81)
show(
    ("camera", camera),
    ("blurred", lambda: through(camera, transfer(smear, camera.shape))),
    ("|transfer function|", lambda: np.fft.fftshift(np.abs(transfer(smear, camera.shape)))),
)

# %% [markdown]
# Dark lines cross the third picture. Where they do, the blur lets nothing through, or next to nothing.
#
# ## Undo it
#
# ### 2.7 Divide
#
# If blurring multiplies, then division should undo it: $\hat{\tilde x}_f = \hat y_f / \hat w_f$. Write
# `divide(y, h)`, where `h` is a transfer function, and look what it does: once to the blurred picture, and once to the
# same with a little noise, a standard deviation of 2 in 255. You would not see it.

# %%
# The blur that we undo, from the package, so that you can go on without 2.6.
A = restore.blur_operator(smear, camera.shape, "wrap")
blurred = A(camera)
noisy = noise.gaussian(blurred, 2, rng=4)
h = np.fft.fft2(A(np.eye(1, camera.size).reshape(camera.shape)))  # blur one pixel, at [0, 0], and transform it


def divide(y, h):
    """The inverse filter: the real picture whose waves, multiplied by h, are those of y."""
    #: gap
    # return ...
    #: solution
    return np.fft.ifft2(np.fft.fft2(y) / h).real
    #: end


# %%
check("2.7", divide)
show(
    ("blurred", blurred),
    ("divided", lambda: divide(blurred, h)),
    ("blurred, with noise", noisy),
    ("divided", lambda: divide(noisy, h)),
    limits=(0, 255),
)
print(f"the smallest |h| is {np.abs(h).min():.1e}: noise in that wave becomes {1 / np.abs(h).min():.0f} times as large")

# %% [markdown]
# The first is perfect. The second is lost, for [the noise is divided
# too](../images/restoration.md#what-division-does-to-noise). No better programming will mend it: where the blur let
# nothing through, nothing of the scene is left.
#
# ### 2.8 Wiener's filter
#
# So do not divide where there is nothing to be had. Which factor is best for each wave, if the scene's power in it is
# $S_x$ and the noise's is $S_\varepsilon$? [Chapter 13](../images/restoration.md#the-best-factor-for-each-wave) derives
# it:
#
# $\hat{\tilde x} = \dfrac{\overline{\hat w}}{|\hat w|^2 + S_\varepsilon / S_x}\; \hat y$.
#
# Where $\hat w$ is large this is division; where it is small it is nearly zero. And above the line stands the
# conjugate: this is the *adjoint* of the blur, with something to temper it.
#
# Write `wiener(y, h, ratio)`, in which `ratio` stands for $S_\varepsilon / S_x$, one number for all waves.


# %%
def wiener(y, h, ratio):
    """Wiener's filter, with one ratio of the noise's power to the scene's for all waves."""
    #: gap
    # return ...
    #: solution
    return np.fft.ifft2(np.conj(h) / (np.abs(h) ** 2 + ratio) * np.fft.fft2(y)).real
    #: end


# %%
check("2.8", wiener)
# alt: The blurred and noisy picture, and Wiener's filter with the ratios 0.0001, 0.01 and 1.
show(
    ("blurred, with noise", noisy),
    *[(f"ratio {ratio:g}", lambda ratio=ratio: wiener(noisy, h, ratio)) for ratio in (1e-4, 1e-2, 1)],
    limits=(0, 255),
)

# %% [markdown]
# A small ratio trusts the picture, and brings the noise back. A large one trusts nothing, and leaves the blur. (And it
# makes the picture darker. Why?)
#
# ### 2.9 The smoothest that fits
#
# Who knows the power of a scene beforehand? Ask for something else: among all pictures that explain what we see, the
# smoothest. Smoothness is measured by a kernel that vanishes on flat regions, the Laplacian, with the transfer function
# $\hat p$. The [chapter](../images/restoration.md#the-smoothest-that-fits) minimises
# $\|A x - y\|^2 + \gamma \|P x\|^2$, and finds
#
# $\hat{\tilde x} = \dfrac{\overline{\hat w}}{|\hat w|^2 + \gamma\, |\hat p|^2}\; \hat y$.
#
# Write `smoothest(y, h, p, gamma)`.

# %%
laplacian = restore.blur_operator([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], camera.shape, "wrap")
p = np.fft.fft2(laplacian(np.eye(1, camera.size).reshape(camera.shape)))


def smoothest(y, h, p, gamma):
    """Constrained least squares: the x with the least |A x − y|² + gamma |P x|²."""
    #: gap
    # return ...
    #: solution
    factor = np.conj(h) / (np.abs(h) ** 2 + gamma * np.abs(p) ** 2)
    return np.fft.ifft2(factor * np.fft.fft2(y)).real
    #: end


# %%
check("2.9", smoothest)
# alt: The blurred and noisy picture, and the smoothest pictures for gamma 0.0001, 0.01 and 1.
show(
    ("blurred, with noise", noisy),
    *[(f"gamma {gamma:g}", lambda gamma=gamma: smoothest(noisy, h, p, gamma)) for gamma in (1e-4, 1e-2, 1)],
    limits=(0, 255),
)


def decibels(picture):
    """How near a picture comes to the scene, if there is a picture yet."""
    try:
        return f"{metrics.psnr(camera, picture(), data_range=255):.1f} dB"
    except (TypeError, ValueError):
        return "not yet"


print("as it was blurred:", decibels(lambda: noisy))
print("Wiener, 0.01:     ", decibels(lambda: wiener(noisy, h, 0.01)))
print("smoothest, 0.01:  ", decibels(lambda: smoothest(noisy, h, p, 0.01)))

# %% [markdown]
# The picture keeps its mean brightness now, whatever $\gamma$ is, because $\hat p$ is zero for the mean.
#
# ## A stretch
#
# ### 2.10 How smooth?
#
# Somebody still has to choose $\gamma$. There is a way that needs the noise alone. If $x$ is the scene, then $A x - y$
# is the noise, and $\|A x - y\|^2$ is about $N \sigma^2$ for $N$ pixels. A picture that fits better fits the noise;
# one that fits worse is too smooth. So take the $\gamma$ for which $\|A \tilde x_\gamma - y\|^2 = N \sigma^2$: the
# [discrepancy principle](../images/restoration.md#how-smooth). The misfit grows with $\gamma$, so you can close in on
# it from both sides.
#
# Write `fitting(y, h, p, sigma)`, which gives this $\gamma$ to within one per cent. It lies between $10^{-9}$ and
# $10^{3}$. (If 2.9 is not done yet, `restore.constrained_least_squares` does the same, but take your own.)


# %%
def fitting(y, h, p, sigma):
    """The gamma at which the smoothest picture misses y by N sigma², to within one per cent."""
    #: gap
    # return ...
    #: solution
    low, high = 1e-9, 1e3
    while high > 1.001 * low:
        gamma = np.sqrt(low * high)
        left = np.fft.ifft2(h * np.fft.fft2(smoothest(y, h, p, gamma))).real - y
        if np.sum(left**2) > y.size * sigma**2:
            high = gamma
        else:
            low = gamma
    return gamma
    #: end


# %%
check("2.10", fitting)
show(
    ("blurred, with noise", noisy),
    ("the smoothest that fits", lambda: smoothest(noisy, h, p, fitting(noisy, h, p, 2))),
    ("with ten times that gamma", lambda: smoothest(noisy, h, p, 10 * fitting(noisy, h, p, 2))),
    ("the scene", camera),
    limits=(0, 255),
)

# %% [markdown]
# **What you have.** A spectrum and its way back; phases that carry the picture; a notch that takes out one wave and its
# partner; and a blur, undone as far as noise allows. The inverse failed, the adjoint, tempered, did not. [Lab
# 3](segment.py) leaves the waves, and counts things.
