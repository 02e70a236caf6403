"""Typical wrong answers to Lab 2."""

import numpy as np
from numpy.fft import fft2, fftshift, ifft2

from tests.lab.wrongs import wrong


@wrong("2.1", "still in the corner")
def _(s):
    return lambda x: np.log1p(np.abs(fft2(x)))


@wrong("2.1", "The logarithm is missing")
def _(s):
    return lambda x: fftshift(np.abs(fft2(x)))


@wrong("2.1", "The one is missing")
def _(s):
    return lambda x: np.log(fftshift(np.abs(fft2(x))))


@wrong("2.1", "the power")
def _(s):
    return lambda x: np.log1p(fftshift(np.abs(fft2(x))) ** 2)


@wrong("2.1", "the real part of each wave")
def _(s):
    return lambda x: np.log1p(np.abs(fftshift(fft2(x)).real))


@wrong("2.2", "The division is missing")
def _(s):
    return lambda X: np.conj(fft2(np.conj(X)))


@wrong("2.2", "no conjugate")
def _(s):
    return lambda X: fft2(X) / X.size


@wrong("2.2", "the number of rows;")
def _(s):
    return lambda X: np.conj(fft2(np.conj(X))) / len(X)


@wrong("2.2", "before, but not after")
def _(s):
    return lambda X: fft2(np.conj(X)) / X.size


@wrong("2.2", "has been thrown away")
def _(s):
    return lambda X: s.inverse(X).real


@wrong("2.3", "exchanged")
def _(s):
    return lambda a, b: s.swap(b, a)


@wrong("2.3", "angles themselves")
def _(s):
    return lambda a, b: ifft2(np.abs(fft2(a)) * np.angle(fft2(b))).real


@wrong("2.3", "lost their imaginary unit")
def _(s):
    return lambda a, b: ifft2(np.abs(fft2(a)) * np.exp(np.angle(fft2(b)))).real


@wrong("2.3", "turned by 180 degrees")
def _(s):
    return lambda a, b: ifft2(np.abs(fft2(a)) * np.exp(-1j * np.angle(fft2(b)))).real


@wrong("2.3", "is complex")
def _(s):
    return lambda a, b: ifft2(np.abs(fft2(a)) * np.exp(1j * np.angle(fft2(b))))


@wrong("2.4", "found the mean")
def _(s):
    return lambda y, beyond: tuple(map(int, np.unravel_index(np.argmax(np.abs(fft2(y))), y.shape)))


@wrong("2.4", "nearer to the mean than `beyond`")
def _(s):
    return lambda y, beyond: s.strongest(y, 0)


@wrong("2.4", "no sign")
def _(s):
    def without_sign(y, beyond):
        f1, f2 = s.strongest(y, beyond)
        return f1 % y.shape[0], f2 % y.shape[1]

    return without_sign


@wrong("2.4", "swapped")
def _(s):
    return lambda y, beyond: s.strongest(y, beyond)[::-1]


@wrong("2.4", "no whole numbers")
def _(s):
    def in_periods_a_pixel(y, beyond):
        f1, f2 = s.strongest(y, beyond)
        return f1 / y.shape[0], f2 / y.shape[1]

    return in_periods_a_pixel


@wrong("2.4", "Count them from the middle")
def _(s):
    def shifted(y, beyond):
        return tuple(int(f) + n // 2 for f, n in zip(s.strongest(y, beyond), y.shape, strict=True))

    return shifted


@wrong("2.5", "half of the stripes")
def _(s):
    return lambda y, at, radius: ifft2(np.where(s.distance(y.shape, at) < radius, 0, fft2(y))).real


@wrong("2.5", "keeps the stripes")
def _(s):
    return lambda y, at, radius: y - s.notch(y, at, radius)


@wrong("2.5", "rows and columns swapped")
def _(s):
    return lambda y, at, radius: s.notch(y, at[::-1], radius)


@wrong("2.5", "in the order of `fftshift`")
def _(s):
    def shifted(y, at, radius):
        near = (s.distance(y.shape, at) < radius) | (s.distance(y.shape, np.negative(at)) < radius)
        return ifft2(np.fft.ifftshift(np.where(near, 0, fftshift(fft2(y))))).real

    return shifted


@wrong("2.5", "is complex")
def _(s):
    return lambda y, at, radius: s.notch(y, at, radius).astype(complex)


@wrong("2.6", "not at [0, 0]")
def _(s):
    return lambda w, shape: fft2(w, shape)


@wrong("2.6", "the wrong way")
def _(s):
    def rolled(w, shape):
        padded = np.zeros(shape)
        padded[: w.shape[0], : w.shape[1]] = w
        return fft2(np.roll(padded, [n // 2 for n in w.shape], (0, 1)))

    return rolled


@wrong("2.6", "rows by rows // 2")
def _(s):
    def rolled(w, shape):
        padded = np.zeros(shape)
        padded[: w.shape[0], : w.shape[1]] = w
        return fft2(np.roll(padded, [-(n // 2) for n in w.shape[::-1]], (0, 1)))

    return rolled


@wrong("2.6", "a correlation")
def _(s):
    return lambda w, shape: s.transfer(w[::-1, ::-1], shape)


@wrong("2.6", "the modulus")
def _(s):
    return lambda w, shape: np.abs(s.transfer(w, shape))


@wrong("2.7", "blurs once more")
def _(s):
    return lambda y, h: ifft2(fft2(y) * h).real


@wrong("2.7", "by the modulus alone")
def _(s):
    return lambda y, h: ifft2(fft2(y) / np.abs(h)).real


@wrong("2.7", "The pixels are divided")
def _(s):
    return lambda y, h: (y / h).real


@wrong("2.7", "is complex")
def _(s):
    return lambda y, h: ifft2(fft2(y) / h)


@wrong("2.7", "the conjugate of h")
def _(s):
    return lambda y, h: ifft2(fft2(y) / np.conj(h)).real


def filtered(factor):
    """A filter that multiplies each wave by factor(h, more)."""
    return lambda y, h, *more: ifft2(factor(h, *more) * fft2(y)).real


@wrong("2.8", "The conjugate is missing")
def _(s):
    return filtered(lambda h, r: h / (np.abs(h) ** 2 + r))


@wrong("2.8", "not squared")
def _(s):
    return filtered(lambda h, r: np.conj(h) / (np.abs(h) + r))


@wrong("2.8", "`h` is squared below the line")
def _(s):
    return filtered(lambda h, r: np.conj(h) / (h**2 + r))


@wrong("2.8", "subtracted")
def _(s):
    return filtered(lambda h, r: np.conj(h) / (np.abs(h) ** 2 - r))


@wrong("2.8", "on its head")
def _(s):
    return filtered(lambda h, r: np.conj(h) / (np.abs(h) ** 2 + 1 / r))


@wrong("2.8", "The ratio is forgotten")
def _(s):
    return lambda y, h, ratio: s.divide(y, h)


@wrong("2.9", "this is Wiener's filter")
def _(s):
    return lambda y, h, p, gamma: s.wiener(y, h, gamma)


@wrong("2.9", "The modulus of p is not squared")
def _(s):
    return filtered(lambda h, p, gamma: np.conj(h) / (np.abs(h) ** 2 + gamma * np.abs(p)))


@wrong("2.9", "The conjugate of h is missing")
def _(s):
    return filtered(lambda h, p, gamma: h / (np.abs(h) ** 2 + gamma * np.abs(p) ** 2))


@wrong("2.9", "`gamma` weighs the blur")
def _(s):
    return filtered(lambda h, p, gamma: np.conj(h) / (gamma * np.abs(h) ** 2 + np.abs(p) ** 2))


@wrong("2.9", "`gamma` is forgotten")
def _(s):
    return filtered(lambda h, p, gamma: np.conj(h) / (np.abs(h) ** 2 + np.abs(p) ** 2))


def closing_in(s, target, grows=True):
    """A search for the gamma whose misfit is target(y, sigma)."""

    def fitting(y, h, p, sigma):
        low, high = 1e-9, 1e3
        while high > 1.001 * low:
            gamma = np.sqrt(low * high)
            misfit = np.sum((ifft2(h * fft2(s.smoothest(y, h, p, gamma))).real - y) ** 2)
            if (misfit > target(y, sigma)) == grows:
                high = gamma
            else:
                low = gamma
        return gamma

    return fitting


@wrong("2.10", "as if there were one pixel")
def _(s):
    return closing_in(s, lambda y, sigma: sigma**2)


@wrong("2.10", "the square of sigma is missing")
def _(s):
    return closing_in(s, lambda y, sigma: y.size * sigma)


@wrong("2.10", "one of the two bounds")
def _(s):
    return closing_in(s, lambda y, sigma: y.size * sigma**2, grows=False)


@wrong("2.10", "times N sigma²")
def _(s):
    return lambda y, h, p, sigma: 0.01


@wrong("2.2", "`ifft2` has done it")
def _(s):
    return lambda X: np.fft.ifft2(X)


def frequencies(y):
    f1, f2 = (np.fft.fftfreq(n) * n for n in y.shape)
    return f1, f2, np.hypot(f1[:, None], f2)


@wrong("2.4", "exactly `beyond` away from the mean")
def _(s):
    def strongest(y, beyond):
        f1, f2, far = frequencies(y)
        i, j = np.unravel_index(np.argmax(np.where(far >= beyond, np.abs(np.fft.fft2(y)), 0)), y.shape)
        return f1[i], f2[j]

    return strongest


@wrong("2.5", "exactly `radius` away")
def _(s):
    return lambda y, place, radius: s.notch(y, place, np.nextafter(radius, 99))


def one_by_one(s):
    """A notch that subtracts the wave and its partner, one after the other."""

    def notch(y, place, radius):
        def part(x, place):
            return np.fft.ifft2(np.where(s.distance(x.shape, place) < radius, np.fft.fft2(x), 0))

        return (y - part(y, place) - part(y, np.negative(place))).real

    return notch


@wrong("2.5", "Where the two notches overlap")
def _(s):
    return one_by_one(s)


@wrong("2.5", "that is its own partner")
def _(s):
    def notch(y, place, radius):
        own = np.array_equal(np.asarray(place) % y.shape, np.negative(place) % y.shape)
        return (one_by_one(s) if own else s.notch)(y, place, radius)

    return notch


@wrong("2.6", "With a kernel of 1×3 it goes wrong")
def _(s):
    def transfer(w, shape):
        p, q = (n // 2 for n in w.shape)
        padded = np.zeros(shape)
        padded[: p + 1, : q + 1], padded[-p:, : q + 1] = w[p:, q:], w[:p, q:]
        padded[: p + 1, -q:], padded[-p:, -q:] = w[p:, :q], w[:p, :q]
        return np.fft.fft2(padded)

    return lambda w, shape: transfer(w, shape) if len(w) > 1 else np.fft.fft2(np.zeros(shape))


def by_modulus(name):
    """The right function, but with the modulus of what comes back."""
    return lambda s: lambda *given: np.abs(getattr(s, name)(*given))


wrong("2.3", "Negative entries have lost their sign")(by_modulus("swap"))
wrong("2.5", "Negative entries have lost their sign")(by_modulus("notch"))
wrong("2.7", "Negative entries have lost their sign")(by_modulus("divide"))


@wrong("2.9", "the square of its modulus")
def _(s):
    return filtered(lambda h, p, gamma: np.conj(h) / (np.abs(h) ** 2 + gamma * p**2))
