"""The checks of Lab 2."""

from typing import Any

import numpy as np
from numpy.fft import fft2, fftshift, ifft2, ifftshift

from course.lab.properties import agrees, array, case, described, equal, linear, mistakes, number, random
from course.lab.reading import mentions
from course.lab.tasks import Wrong, task

# Nine rows and six columns: swapped axes cannot hide, and the middle of an axis is tested for odd and even lengths.
SHAPE = (9, 6)
PICTURE = 0.3 + random().standard_normal(SHAPE)
OTHER = 0.3 + random(8).standard_normal(SHAPE)
MODULUS = "Negative entries have lost their sign: it is the real part that is asked for, and not the modulus."
KERNEL = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12], [13, 14, 16]]) / 121  # its middle is not its centre


def _waves(kernel: Any, shape: tuple[int, int] = SHAPE) -> Any:
    """The transfer function of a kernel whose middle is its tap zero."""
    padded = np.zeros(shape)
    padded[: kernel.shape[0], : kernel.shape[1]] = kernel
    return fft2(np.roll(padded, [-(n // 2) for n in kernel.shape], (0, 1)))


def _through(x: Any, h: Any) -> Any:
    return ifft2(h * fft2(x))


def _real(answer: Any, shape: tuple[int, ...] = SHAPE, what: str = "the picture") -> Any:
    """The answer as a real picture of the right shape."""
    if isinstance(answer, np.ndarray) and answer.dtype.kind == "c":
        raise Wrong(f"{what} is complex. Its imaginary part is zero, or rounding: keep `.real`.")
    return array(answer, shape, "number", what)


# --- waves ----------------------------------------------------------------------------------------


@task(
    "2.1",
    "the spectrum, to look at",
    hints=(
        "There are four steps: transform, middle, modulus, logarithm. `np.log1p(a)` is ln(1 + a).",
        "The order of `fftshift` and `np.abs` does not matter. What must come last is the logarithm.",
    ),
)
def _(spectrum: Any) -> str:
    y, X = spectrum(PICTURE), fft2(PICTURE)
    size = np.abs(X)
    mistakes(
        y,
        {
            "The mean is still in the corner, at [0, 0].": np.log1p(size),
            "This moves the mean away from the middle: `ifftshift` undoes `fftshift`.": np.log1p(ifftshift(size)),
            "The logarithm is missing.": fftshift(size),
            "The one is missing: a wave that is not there would become minus infinity.": np.log(fftshift(size)),
            "This is the logarithm of the power, |x̂|², and twice as large nearly everywhere.": np.log1p(
                fftshift(size) ** 2
            ),
            "This is the phase. How much there is of a wave is its modulus.": fftshift(np.angle(X)),
            "Only the real part of each wave is looked at.": np.log1p(fftshift(np.abs(X.real))),
            "Only one axis is transformed: `fft2` does both.": np.log1p(np.abs(fftshift(np.fft.fft(PICTURE)))),
            "This is the spectrum of the spectrum: the transform has been made twice.": np.log1p(
                np.abs(fftshift(fft2(X)))
            ),
        },
    )
    y = _real(y, what="the spectrum")
    equal(y[4, 3], np.log1p(PICTURE.sum()), "In the middle should stand ln(1 + the sum of all pixels).")
    equal(y, np.log1p(fftshift(size)), "The mean is right, but other waves are not.")
    moved = np.roll(PICTURE, (2, 1), (0, 1))
    equal(spectrum(moved), y, "Moving a picture around the ring should change no modulus.")
    return "and it does not notice when the picture moves."


@task(
    "2.2",
    "the inverse transform",
    hints=(
        "If you conjugate X, transform, and conjugate again, which sign have the exponents now?",
        "`np.conj` is needed twice, before and after. Then divide by the number of pixels, rows times columns.",
    ),
)
def _(inverse: Any) -> str:
    x = PICTURE + 1j * OTHER
    X, n = fft2(x), x.size
    y = inverse(X)
    mistakes(
        y,
        {
            "The division is missing: everything has been counted once for each pixel.": x * n,
            "You divide by the number of rows; but there are as many pixels as rows times columns.": x * 6,
            "You divide by the number of columns; but there are as many pixels as rows times columns.": x * 9,
            "The division by the root of the number of pixels is half of the way.": x * np.sqrt(n),
            "There is no conjugate: transforming twice turns the picture by 180 degrees.": fft2(X) / n,
            "The conjugate is taken before, but not after: the imaginary part has the wrong sign.": np.conj(x),
            "The conjugate is taken after, but not before.": np.conj(fft2(X)) / n,
            "The imaginary part has been thrown away. Keep the array complex.": x.real,
        },
    )
    y = array(y, SHAPE, "numeric", "the inverse")
    equal(inverse(fft2(PICTURE)), PICTURE, "There and back should give the picture that you began with.")
    equal(y, x, "There and back should give the same array, also if it is complex.")
    for name in ("ifft2", "ifft", "ifftn"):
        if mentions(inverse, name):
            raise Wrong(f"It is right, but `{name}` has done it. This time use nothing but `fft2`.")
    return "there and back is where you were."


@task(
    "2.3",
    "moduli of one, phases of the other",
    hints=(
        "A number with modulus 1 and phase φ is exp(iφ); in Python, `np.exp(1j * phi)`.",
        "`np.abs` gives moduli and `np.angle` phases, each of one of the two transforms. Multiply, go back, keep the "
        "real part.",
    ),
)
def _(swap: Any) -> str:
    a, b = PICTURE, OTHER
    A, B = fft2(a), fft2(b)
    phases = np.exp(1j * np.angle(B))
    right = ifft2(np.abs(A) * phases).real
    y = swap(a, b)
    mistakes(
        y,
        {
            "The roles are exchanged: the moduli should come from the first picture.": ifft2(
                np.abs(B) * np.exp(1j * np.angle(A))
            ).real,
            "The picture is turned by 180 degrees: the phases have the wrong sign.": ifft2(np.abs(A) / phases).real,
            "The angles themselves are multiplied. An angle belongs into exp(iφ).": ifft2(np.abs(A) * np.angle(B)).real,
            "The phases have lost their imaginary unit.": ifft2(np.abs(A) * np.exp(np.angle(B))).real,
            "The whole second transform is multiplied, with its own moduli.": ifft2(np.abs(A) * B).real,
            "The moduli come in squared.": ifft2(np.abs(A) ** 2 * phases).real,
            "You stayed among the waves: the way back is missing.": (np.abs(A) * phases).real,
            "There are no phases at all in this picture.": ifft2(np.abs(A)).real,
            MODULUS: np.abs(right),
        },
    )
    y = _real(y)
    equal(swap(a, a), a, "A picture that exchanges with itself should stay as it is.")
    equal(np.abs(fft2(y)), np.abs(A), "The moduli are not those of the first picture.")
    equal(y, right, "The moduli are right, but the phases are not those of the second picture.")
    return "moduli of the one, phases of the other."


# --- stripes --------------------------------------------------------------------------------------


def _striped(shape: tuple[int, int], place: tuple[int, int], amplitude: float) -> Any:
    i, j = np.ogrid[: shape[0], : shape[1]]
    return amplitude * np.cos(2 * np.pi * (place[0] * i / shape[0] + place[1] * j / shape[1]) + 0.7)


SCENE = 4 + _striped((16, 15), (0, 1), 6) + _striped((16, 15), (1, 1), 2) + 0.1 * random().standard_normal((16, 15))


@task(
    "2.4",
    "the frequency of the stripes",
    hints=(
        "Make the moduli of all waves within `beyond` zero, then look for the largest. A wave is "
        "`np.hypot(f1[:, None], f2)` away from the mean.",
        "`np.argmax` gives one number, and `np.unravel_index(…, y.shape)` the entry's row and column. Its frequencies "
        "are in `f1` and `f2`, signs and all.",
    ),
)
def _(strongest: Any) -> str:
    for place in ((3, 5), (-4, 6), (2, -7), (7, 0)):
        found = strongest(SCENE + _striped((16, 15), place, 3), 2.5)
        f = _whole(found)
        if f not in (place, tuple(np.negative(place))):
            _say_what_place(f, place)
    f = _whole(strongest(SCENE, 1.2))
    if f in ((0, 1), (0, -1)):
        raise Wrong("`beyond` is not heeded: the wave that you found is nearer to the mean than that.")
    if f in ((1, 1), (-1, -1)) and _whole(strongest(SCENE, 1)) not in ((1, 1), (-1, -1)):
        raise Wrong("A wave that is exactly `beyond` away from the mean is not *more* than that away.")
    if f not in ((1, 1), (-1, -1)):
        raise Wrong("With another `beyond`, a little larger than 1, you do not find the strongest wave outside.")
    return "and its partner has the opposite signs."


def _whole(answer: Any) -> tuple[int, int]:
    if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != 2:
        raise Wrong(f"The frequency is {described(answer)}, where a pair of numbers is asked for.")
    f1, f2 = (number(f, "a frequency") for f in answer)
    if abs(f1 - round(f1)) > 1e-6 or abs(f2 - round(f2)) > 1e-6:
        raise Wrong(
            "The frequencies are no whole numbers: `np.fft.fftfreq(n)` counts in periods a pixel, not a picture."
        )
    return round(f1), round(f2)


def _say_what_place(found: tuple[int, int], place: tuple[int, int]) -> None:
    """Raise `Wrong` with what the frequency is instead."""
    places = (place, (-place[0], -place[1]))
    if found == (0, 0):
        raise Wrong("You found the mean. It is the largest entry of nearly every picture, and must be left out.")
    if found in ((0, 1), (0, -1), (0, 14)):
        raise Wrong("You found a slow wave of the scene, nearer to the mean than `beyond`. Leave all of these out.")
    if found in [p[::-1] for p in places]:
        raise Wrong("Rows and columns are swapped: the frequency along the rows' axis, down, comes first.")
    if found in [(p[0] % 16, p[1] % 15) for p in places]:
        raise Wrong("A frequency has no sign: behind the middle of an axis of n, entry k belongs to k − n.")
    if found in [(p[0] + 8, p[1] + 7) for p in places]:
        raise Wrong("The frequencies are places in the shifted spectrum. Count them from the middle.")
    if found in [(p[0], -p[1]) for p in places]:
        raise Wrong("One of the two signs is wrong, which belongs to stripes that lean the other way.")
    raise Wrong(f"For stripes with the frequency {place} you find {found}.")


@task(
    "2.5",
    "a notch",
    hints=(
        "`distance(y.shape, place) < radius` is an array that says which waves are near. You need a second one, and "
        "`|` between the two.",
        "`np.where(near, 0, waves)` sets some of the waves to zero. The partner of `place` is `np.negative(place)`.",
    ),
)
def _(notch: Any) -> str:
    scene = PICTURE - _removed(PICTURE, (3, 2))
    stripes = _striped(SHAPE, (3, 2), 4)
    y = notch(scene + stripes, (3, 2), 0.5)
    mistakes(
        y,
        {
            "Only one of the two waves is gone, and half of the stripes are still there.": scene + stripes / 2,
            "This keeps the stripes and removes the picture.": stripes,
            "Nothing is removed.": scene + stripes,
            MODULUS: np.abs(scene),
            "The wave is removed at the mirrored place, rows and columns swapped.": scene
            + stripes
            - _removed(scene + stripes, (2, 3)),
            "The waves are in the order of `fftshift`, and those of `distance` are not.": ifft2(
                ifftshift(np.where(_near((3, 2)), 0, fftshift(fft2(scene + stripes))))
            ).real,
        },
    )
    y = _real(y)
    equal(y, scene, "The stripes are not quite gone, or something else has gone with them.")
    wide = notch(PICTURE, (3, 2), 1.2)
    waves = fft2(wide)
    if abs(waves[3, 1]) > 1e-9 or abs(waves[4, 2]) > 1e-9:
        raise Wrong("A notch with a larger radius should remove the neighbours of the wave as well.")
    if abs(waves[4, 1]) < 1e-9:
        raise Wrong("The notch is a square, or larger than `radius`: compare with `distance`.")
    equal(waves[0, 0], PICTURE.sum(), "The mean has changed.")
    if abs(fft2(notch(PICTURE, (3, 2), 1))[3, 1]) < 1e-9:
        raise Wrong("A wave that is exactly `radius` away is not *less* than that away, and should stay.")
    both = notch(PICTURE, (1, 0), 2.5)
    equal(both, _notched(PICTURE, (1, 0), 2.5), "Where the two notches overlap, the waves are not just gone.")
    with case("For a wave that is its own partner"):
        alone = notch(PICTURE, (0, 3), 0.5)
    equal(alone, _notched(PICTURE, (0, 3), 0.5), "A wave that is its own partner is not just gone.")
    linear(lambda u: notch(u, (3, 2), 1.2), SHAPE, what="the notch")
    return "the wave and its partner are gone, and nothing else."


def _near(place: tuple[int, int]) -> Any:
    near = np.zeros(SHAPE, bool)
    near[place] = near[-place[0] % SHAPE[0], -place[1] % SHAPE[1]] = True
    return near


def _notched(x: Any, place: tuple[int, int], radius: float) -> Any:
    """x without the waves within the radius of the place, and of its partner, on the ring."""
    near = np.zeros(SHAPE, bool)
    for sign in (1, -1):
        gaps = [(np.arange(n) - sign * f + n // 2) % n - n // 2 for n, f in zip(SHAPE, place, strict=True)]
        near |= np.hypot(gaps[0][:, None], gaps[1]) < radius
    return ifft2(np.where(near, 0, fft2(x))).real


def _removed(x: Any, place: tuple[int, int]) -> Any:
    return ifft2(np.where(_near(place), fft2(x), 0)).real


# --- blur -----------------------------------------------------------------------------------------


@task(
    "2.6",
    "a kernel's transfer function",
    hints=(
        "Put the kernel into the upper left corner of the zeros first. How far, and which way, must everything "
        "move so that the kernel's middle is at [0, 0]? `np.roll` moves around the ring.",
        "The middle of k rows is row k // 2. `np.roll(padded, (…, …), (0, 1))` takes two steps, and both are negative.",
    ),
)
def _(transfer: Any) -> str:
    right, padded = _waves(KERNEL), np.zeros(SHAPE)
    padded[:5, :3] = KERNEL
    h = transfer(KERNEL, SHAPE)
    mistakes(
        h,
        {
            "The middle of the kernel is not at [0, 0]: each picture would move down and to the right.": fft2(padded),
            "The kernel has moved the wrong way, away from [0, 0].": fft2(np.roll(padded, (2, 1), (0, 1))),
            "Half of the rows and half of the columns are exchanged: roll rows by rows // 2.": fft2(
                np.roll(padded, (-1, -2), (0, 1))
            ),
            "The kernel is turned: this is the transfer function of a correlation.": np.conj(right),
            "The middle of the kernel is in the middle of the picture.": fft2(np.roll(padded, (2, 2), (0, 1))),
            "`fftshift` moves by half a picture; the kernel must move by half a kernel.": fft2(fftshift(padded)),
            "You moved the waves; the kernel must move before the transform.": np.roll(fft2(padded), (-2, -1), (0, 1)),
            "You have not transformed yet: this is the kernel in its place.": ifft2(right).real,
            "This is the modulus. The phases are needed too.": np.abs(right),
            "Only the real part is there.": right.real,
        },
    )
    h = array(h, SHAPE, "numeric", "the transfer function")
    dot = np.zeros((3, 5))
    dot[1, 2] = 1
    equal(transfer(dot, SHAPE), np.ones(SHAPE), "A kernel with a single 1 in its middle should let all waves through.")
    equal(h[0, 0], KERNEL.sum(), "At [0, 0] should stand the sum of the kernel.")
    direct = sum(
        KERNEL[p, q] * np.roll(PICTURE, (p - 2, q - 1), (0, 1)) for p in range(5) for q in range(3)
    )  # the definition
    equal(_through(PICTURE, h), direct, "To multiply by it is not to convolve with the kernel.")
    for w in (KERNEL[:1], KERNEL[:, :1]):
        words = f"With a kernel of {w.shape[0]}×{w.shape[1]}"
        with case(words):
            h = transfer(w, SHAPE)
        equal(h, _waves(w), f"{words} it goes wrong: nothing lies above its middle, or nothing beside it.")
    return "to multiply by it is to convolve."


def _restores(y: Any, known: dict[str, Any], what: str, right: Any, words: str) -> None:
    """What is asked of each filter: the mistakes, a real picture, the right one."""
    mistakes(y, known | {MODULUS: np.abs(right)})
    equal(_real(y, what=what), right, words)


H = _waves(KERNEL)
P = _waves(np.array([[0, -1.0, 0], [-1, 4, -1], [0, -1, 0]]))
BLURRED = _through(PICTURE, H).real
Y = fft2(BLURRED + 0.3 * OTHER)


@task(
    "2.7",
    "the inverse filter",
    hints=(
        "If the blur multiplies each wave of the scene by h, how do you get the scene's waves from those of y?",
        "Transform y, divide by h, transform back, keep the real part.",
    ),
)
def _(divide: Any) -> str:
    known = {
        "This blurs once more: the waves are multiplied.": _through(BLURRED, H).real,
        "The division is by the modulus alone: phases that h has changed stay changed.": ifft2(
            fft2(BLURRED) / np.abs(H)
        ).real,
        "The division is by the conjugate of h.": ifft2(fft2(BLURRED) / np.conj(H)).real,
        "The pixels are divided. It is the waves of y that must be.": (BLURRED / H).real,
        "You stayed among the waves: the way back is missing.": (fft2(BLURRED) / H).real,
        "The fraction stands on its head: h divided by the waves of y.": ifft2(H / fft2(BLURRED)).real,
        "Nothing has happened to the picture.": BLURRED,
    }
    y = divide(BLURRED, H)
    _restores(y, known, "the divided picture", PICTURE, "A blurred picture does not come back as it was.")
    linear(lambda u: divide(u, H), SHAPE, what="the inverse filter")
    return "a blur without noise is undone."


@task(
    "2.8",
    "Wiener's filter",
    hints=(
        "Make the factor first, one array, as the formula has it. `np.conj` and `np.abs` do what they say.",
        "Above the line stands the conjugate of h; below it the square of its modulus, plus the ratio. Then multiply "
        "the waves of y by it, go back, and keep the real part.",
    ),
)
def _(wiener: Any) -> str:
    y, r, square = ifft2(Y).real, 0.05, np.abs(H) ** 2

    def by(factor: Any) -> Any:
        return ifft2(factor * Y).real

    known = {
        "The conjugate is missing: without it, phases are doubled and not undone.": by(H / (square + r)),
        "The modulus below the line is not squared.": by(np.conj(H) / (np.abs(H) + r)),
        "`h` is squared below the line, and not its modulus.": by(np.conj(H) / (H**2 + r)),
        "The ratio is subtracted.": by(np.conj(H) / (square - r)),
        "The ratio is forgotten: this divides, and is the inverse filter.": by(1 / H),
        "The ratio is squared.": by(np.conj(H) / (square + r**2)),
        "Above the line stands 1: this is what is below it, but not the way back through the blur.": by(
            1 / (square + r)
        ),
        "Below the line is missing: this is the adjoint alone.": by(np.conj(H)),
        "The ratio is added to the fraction, and not below the line.": by(np.conj(H) / square + r),
        "The ratio stands on its head: it is noise over scene.": by(np.conj(H) / (square + 1 / r)),
    }
    right = by(np.conj(H) / (square + r))
    _restores(wiener(y, H, r), known, "the restored picture", right, "The waves do not have Wiener's factor.")
    back = _through(_through(right, H), np.conj(H)) + r * right
    assert agrees(back, _through(y, np.conj(H)))
    equal(wiener(BLURRED, H, 0), PICTURE, "Without noise, with the ratio 0, the scene should come back.")
    linear(lambda u: wiener(u, H, r), SHAPE, what="the filter")
    return "division where there is something, next to nothing where there is not."


@task(
    "2.9",
    "constrained least squares",
    hints=(
        "It is Wiener's filter, but what is added below the line is now another number for each wave.",
        "Add `gamma` times the square of the modulus of p. Everything else is as in 2.8.",
    ),
)
def _(smoothest: Any) -> str:
    y, gamma, square, rough = ifft2(Y).real, 0.03, np.abs(H) ** 2, np.abs(P) ** 2

    def by(factor: Any) -> Any:
        return ifft2(factor * Y).real

    known = {
        "`p` takes no part: this is Wiener's filter with the ratio gamma.": by(np.conj(H) / (square + gamma)),
        "The modulus of p is not squared.": by(np.conj(H) / (square + gamma * np.abs(P))),
        "The conjugate of h is missing.": by(H / (square + gamma * rough)),
        "`gamma` weighs the blur, and should weigh the roughness.": by(np.conj(H) / (gamma * square + rough)),
        "The two are subtracted below the line.": by(np.conj(H) / (square - gamma * rough)),
        "`gamma` is forgotten: it weighs how much smoothness counts.": by(np.conj(H) / (square + rough)),
        "Above the line stands the conjugate of p, where that of h belongs.": by(np.conj(P) / (square + gamma * rough)),
        "This divides by h alone, and smoothness does not count.": by(1 / H),
        "The modulus of h is not squared.": by(np.conj(H) / (np.abs(H) + gamma * rough)),
    }
    right = by(np.conj(H) / (square + gamma * rough))
    _restores(
        smoothest(y, H, P, gamma), known, "the restored picture", right, "The waves do not have the right factor."
    )
    slope = _waves(np.array([[0.0, 0, 0], [0, 1, -1], [0, 0, 0]]))  # its transfer function is complex
    equal(
        smoothest(y, H, slope, gamma),
        by(np.conj(H) / (square + gamma * np.abs(slope) ** 2)),
        "With a `p` that is complex it goes wrong: below the line stands the square of its modulus.",
    )
    x = smoothest(y, H, P, gamma)
    equal(x.mean() * KERNEL.sum(), y.mean(), "The mean should not depend on gamma: p is zero there.")

    def cost(x: Any) -> float:
        return float(np.sum((_through(x, H).real - y) ** 2) + gamma * np.sum(_through(x, P).real ** 2))

    for seed in range(3):
        step = 1e-3 * random(seed).standard_normal(SHAPE)
        if cost(x + step) < cost(x):
            raise Wrong("There is a picture near yours with a smaller |A x − y|² + gamma |P x|².")
    return "no picture near it costs less."


@task(
    "2.10",
    "the smoothness that the noise asks for",
    hints=(
        "Write the misfit for one gamma first: blur `smoothest(y, h, p, gamma)` by h, subtract y, square, add up. It "
        "should be `y.size * sigma**2`.",
        "Keep two values of gamma, one with too small a misfit and one with too large a one. Try the one between them, "
        "and replace one of the two. Between 1e-9 and 1e3 the middle is the root of their product.",
    ),
)
def _(fitting: Any) -> str:
    for seed, sigma in ((1, 0.3), (2, 0.1), (3, 0.6)):
        scene = 8 * np.add.outer(np.sin(np.arange(24) / 4), np.cos(np.arange(20) / 3))
        h, p = _waves(KERNEL, scene.shape), _waves(np.array([[0, -1.0, 0], [-1, 4, -1], [0, -1, 0]]), scene.shape)
        y = _through(scene, h).real + sigma * random(seed).standard_normal(scene.shape)
        gamma = number(fitting(y, h, p, sigma), "`gamma`")
        if not gamma > 0:
            raise Wrong(f"`gamma` is {gamma:.3g}, and must be positive.")
        square, rough = np.abs(h) ** 2, np.abs(p) ** 2
        squares = np.abs(fft2(y)) ** 2 / y.size

        def misfit(gamma: float, rough: Any = rough, square: Any = square, squares: Any = squares) -> float:
            return float(np.sum((gamma * rough / (square + gamma * rough)) ** 2 * squares))

        _near_the_noise(misfit, gamma, y.size, sigma)
    return "the misfit is as large as the noise."


def _near_the_noise(misfit: Any, gamma: float, n: int, sigma: float) -> None:
    """Raise `Wrong` unless the misfit of gamma is N σ²; one per cent of gamma is allowed for."""
    low, high, target = misfit(gamma * 0.985), misfit(gamma * 1.015), n * sigma**2
    for goal, sentence in (
        (sigma**2, "The misfit is sigma², as if there were one pixel; all {n} of them add up."),
        (n * sigma, "The misfit is N sigma: the square of sigma is missing."),
        (n**2 * sigma**2, "The misfit is N² sigma²: you compare a sum with N times too much."),
        (np.sqrt(n) * sigma, "The misfit, a square already, is compared with the root of N sigma²."),
    ):
        if low <= goal <= high and not low <= target <= high:
            raise Wrong(sentence.format(n=n))
    if gamma < 2e-9 or gamma > 5e2:
        raise Wrong("You end at one of the two bounds: is it the right one of the two values that you replace?")
    if not low <= target <= high:
        ratio = misfit(gamma) / target
        raise Wrong(f"With your gamma the misfit is {ratio:.3g} times N sigma². It should be the same.")
