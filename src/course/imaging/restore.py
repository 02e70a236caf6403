"""Undoing a known blur: inverse, Wiener, constrained least squares, Richardson-Lucy, and one blind method.

A blur is a `LinearOperator` of `blur_operator`, with its boundary, or any other operator whose adjoint is exact. A bare
kernel stands for its blur on the ring, boundary "wrap". Pictures are 2-D; whole numbers are computed in double
precision, float32 stays float32, and nothing is clipped or rescaled: grey levels in, grey levels out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course import ops
from course.imaging.borders import MODES, Boundary
from course.imaging.filters import PADDING, filtering
from course.imaging.kernels import LAPLACE
from course.imaging.picture import floating
from course.linear import LinearOperator, convolving

__all__ = [
    "blind_deconvolution",
    "blur_in_kernel",
    "blur_operator",
    "conjugate_gradients",
    "constrained_least_squares",
    "inverse_filter",
    "richardson_lucy",
    "transfer_function",
    "wiener",
]

Array = NDArray[Any]
Shape = tuple[int, int]
Solve = Callable[[float], Array]  # the picture for a gamma
Left = Callable[[float], float]  # and its residual, a pixel


@dataclass(frozen=True, repr=False)
class Blur(LinearOperator):
    """A blur that knows its kernel and its boundary."""

    kernel: Any = None
    boundary: Boundary = "wrap"


# --8<-- [start:blur_operator]
def blur_operator(
    kernel: ArrayLike, shape: Shape, boundary: Boundary = "wrap"
) -> Blur:
    """(A x)[i, j] = Σ w[p, q] x[i − p, j − q], over the border.

    As scipy.ndimage.convolve: the kernel is turned, and its tap
    zero is the one at (k // 2, l // 2). What lies outside comes
    from inside, by `boundary`; the adjoint adds it back there. It
    is `filtering` with the turned kernel.

    >>> A = blur_operator([[1, 2, 4]], (1, 4), "reflect")
    >>> A([[1, 0, 0, 5]])
    array([[ 6,  4,  5, 15]])
    >>> A.H([[1, 0, 0, 0]])
    array([[6, 1, 0, 0]])
    """
    w = _kernel("blur_operator", kernel, shape)
    _boundary("blur_operator", boundary)
    odd = np.pad(w, [(0, 1 - k % 2) for k in w.shape])
    A = filtering(np.flip(odd), shape, boundary)
    return Blur(
        A.in_shape,
        A.out_shape,
        A.forward,
        A.adjoint,
        "blur",
        w,
        boundary,
    )


# --8<-- [end:blur_operator]


# --8<-- [start:transfer_function]
def transfer_function(kernel: ArrayLike, shape: Shape) -> Array:
    """ŵ[f] = Σ w[p, q] exp(−2πi (f₁ p / M + f₂ q / N)).

    What the blur of `shape` with boundary "wrap" multiplies each
    wave by, for the frequencies that np.fft.rfft2 keeps. Tap zero
    is at (k // 2, l // 2).

    >>> transfer_function([[1, 1, 1]], (1, 6)).real.round(9) + 0
    array([[ 3.,  2.,  0., -1.]])
    """
    w = _kernel("transfer_function", kernel, shape)
    rows, columns = (
        (np.arange(k) - k // 2) % n
        for k, n in zip(w.shape, shape, strict=True)
    )
    lines = np.zeros((len(w), shape[1]), w.dtype)
    np.add.at(lines.T, columns, w.T)
    waves = np.fft.rfft(lines)  # all other rows are zero
    plane = np.zeros((shape[0], waves.shape[1]), waves.dtype)
    np.add.at(plane, rows, waves)
    return np.fft.fft(plane, axis=0, out=plane)


# --8<-- [end:transfer_function]


# --8<-- [start:inverse_filter]
def inverse_filter(
    image: ArrayLike,
    blur: ArrayLike | LinearOperator,
    cutoff: float = 1e-9,
) -> Array:
    """x̃[f] = ŷ[f] / ŵ[f] where |ŵ| > cutoff · max |ŵ|, else 0.

    Noise is divided as well. Waves of the ring: the blur must
    have the boundary "wrap".

    >>> x = np.array([[1.0, 4, 2, 3, 5]])
    >>> y = blur_operator([[1, 2, 1]], (1, 5))(x)
    >>> inverse_filter(y, [[1, 2, 1]]).round(9)
    array([[1., 4., 2., 3., 5.]])
    """
    y, w = _on_the_ring("inverse_filter", image, blur)
    if not 0 <= cutoff < 1:
        raise ValueError(
            f"inverse_filter: cutoff is {cutoff}; "
            "it must be at least 0 and less than 1"
        )
    size = np.abs(w)
    kept = size > cutoff * size.max(initial=0)
    waves = np.fft.rfft2(y)
    np.divide(waves, w, out=waves, where=kept)
    waves[~kept] = 0
    return np.fft.irfft2(waves, y.shape)


# --8<-- [end:inverse_filter]


# --8<-- [start:wiener]
def wiener(
    image: ArrayLike,
    blur: ArrayLike | LinearOperator,
    noise: ArrayLike,
    signal: ArrayLike = 1.0,
) -> Array:
    """x̃[f] = conj(ŵ) S_x ŷ / (|ŵ|² S_x + S_ε), at every f.

    `noise` and `signal` are power spectra, |fft2|² in the shape of
    the picture, or numbers: white noise of deviation σ on N pixels
    has S_ε = N σ². Without `signal`, `noise` is the ratio S_ε/S_x.
    Where the divisor is 0, x̃[f] is 0. Waves of the ring: the blur
    must have the boundary "wrap".

    >>> wiener([[4.0, 0, 0, 0]], [[1.0]], 1.0)
    array([[2., 0., 0., 0.]])
    """
    name = "wiener"
    y, w = _on_the_ring(name, image, blur)
    lost = _power(name, "noise", noise, y)
    kept = _power(name, "signal", signal, y)
    below = w.real**2
    below += w.imag**2
    below *= kept
    below += lost
    below[below == 0] = np.inf
    np.divide(kept, below, out=below)
    w.real *= below
    w.imag *= np.negative(below, out=below)
    waves = np.fft.rfft2(y)
    waves *= w
    return np.fft.irfft2(waves, y.shape)


# --8<-- [end:wiener]


# --8<-- [start:constrained_least_squares]
def constrained_least_squares(
    image: ArrayLike,
    blur: ArrayLike | LinearOperator,
    gamma: float | None = None,
    *,
    noise: float | None = None,
    penalty: ArrayLike = LAPLACE,
) -> Array:
    """The x̃ that makes ‖A x − y‖² + γ ‖P x‖² least.

    It solves (A* A + γ P* P) x̃ = A* y: on the ring wave by wave,
    x̃[f] = conj(ŵ) ŷ / (|ŵ|² + γ |p̂|²), and 0 for 0 / 0. Under any
    other boundary, or for any other operator, by conjugate
    gradients, which take A and A* and nothing else. In place of γ
    the deviation of the noise may be given: γ is then what leaves
    a residual of ‖A x̃ − y‖² = N · noise².

    >>> y = [[1.0, 2], [3, 6]]
    >>> constrained_least_squares(y, [[1]], gamma=1e9).round(3)
    array([[3., 3.],
           [3., 3.]])
    """
    name = "constrained_least_squares"
    if (gamma is None) == (noise is None):
        raise ValueError(
            f"{name}: gamma is {gamma} and noise is {noise}; "
            "one of them must be given, and not both"
        )
    if _ring(blur):
        solve, left = _by_waves(name, image, blur, penalty)
    else:
        A = cast(LinearOperator, blur)
        solve, left = _by_steps(name, image, A, penalty)
    if gamma is None:
        gamma = _discrepancy(name, left, cast(float, noise))
    elif not 0 <= gamma < np.inf:
        raise ValueError(
            f"{name}: gamma is {gamma}; it must be 0 or more"
        )
    return solve(gamma)


# --8<-- [end:constrained_least_squares]


# --8<-- [start:by_waves]
def _by_waves(
    name: str, image: ArrayLike, blur: Any, penalty: ArrayLike
) -> tuple[Solve, Left]:
    y, w = _on_the_ring(name, image, blur)
    p = transfer_function(penalty, y.shape)
    waves = np.fft.rfft2(y)
    power = np.abs(w) ** 2
    rough = (np.abs(p) ** 2).astype(y.dtype)
    twice = np.full(waves.shape[1], 2)  # f and −f
    twice[0] = 1
    if y.shape[1] % 2 == 0:
        twice[-1] = 1

    def inverse(gamma: float) -> Array:
        below = power + gamma * rough
        return np.divide(
            1, below, out=np.zeros_like(below), where=below > 0
        )

    def solve(gamma: float) -> Array:
        x = w.conj() * waves * inverse(gamma)
        return np.fft.irfft2(x, y.shape)

    def left(gamma: float) -> float:
        part = np.abs(waves) * (1 - power * inverse(gamma))
        return float(np.sqrt(np.sum(twice * part**2)) / y.size)

    return solve, left


# --8<-- [end:by_waves]


# --8<-- [start:by_steps]
def _by_steps(
    name: str,
    image: ArrayLike,
    A: LinearOperator,
    penalty: ArrayLike,
) -> tuple[Solve, Left]:
    y = floating(name, image)
    _fits(name, y, A)
    boundary = A.boundary if isinstance(A, Blur) else "reflect"
    P = blur_operator(penalty, cast(Shape, A.in_shape), boundary)
    back = A.adjoint(y)

    def solve(gamma: float) -> Array:
        def normal(x: Array) -> Array:
            rough = P.adjoint(P.forward(x))
            return A.adjoint(A.forward(x)) + gamma * rough

        return conjugate_gradients(normal, back)

    def left(gamma: float) -> float:
        rest = A.forward(solve(gamma)) - y
        return float(np.sqrt(np.mean(rest**2)))

    return solve, left


# --8<-- [end:by_steps]


# --8<-- [start:conjugate_gradients]
def conjugate_gradients(
    normal: Callable[[Array], Array],
    b: Array,
    tolerance: float = 1e-6,
    steps: int = 500,
) -> Array:
    """The x with M x = b, M self-adjoint and never negative.

    Each step goes along a direction d that is M-orthogonal to all
    before it, as far as the residual r = b − M x asks, and ends at
    ‖r‖ ≤ tolerance · ‖b‖, or after `steps`.

    >>> M = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> conjugate_gradients(lambda x: M @ x, np.array([3.0, 5.0]))
    array([0.8, 1.4])
    """
    x, r = np.zeros_like(b), b.copy()
    d, rr = r, float(np.vdot(r, r))
    enough = tolerance**2 * rr
    for _ in range(steps):
        if rr <= enough:
            break
        Md = normal(d)
        along = rr / float(np.vdot(d, Md))
        x = x + along * d
        r = r - along * Md
        before, rr = rr, float(np.vdot(r, r))
        d = r + (rr / before) * d
    return x


# --8<-- [end:conjugate_gradients]


# --8<-- [start:discrepancy]
def _discrepancy(name: str, left: Left, noise: float) -> float:
    """The γ whose residual, which grows with γ, is `noise`."""
    if not 0 < noise < np.inf:
        raise ValueError(
            f"{name}: noise is {noise}; it must be more than 0"
        )
    low = high = 1e-3
    while left(low) > noise and low > 1e-12:
        low /= 10
    while left(high) < noise and high < 1e12:
        high *= 10
    least, most = left(low), left(high)
    if not least <= noise <= most:
        least, most = left(1e-12), left(1e12)
        raise ValueError(
            f"{name}: noise is {noise:.4g} a pixel, but gamma "
            f"from 1e-12 to 1e12 leaves {least:.4g} to {most:.4g}"
        )
    a, b = np.log(low), np.log(high)  # the root lies between
    fa, fb = least - noise, most - noise
    for _ in range(50):  # the secant, on both sides of the root
        if abs(fb) <= 1e-6 * noise:
            break
        c = b - fb * (b - a) / (fb - fa)
        fc = left(float(np.exp(c))) - noise
        a, fa = (b, fb) if fc * fb < 0 else (a, fa / 2)
        b, fb = c, fc
    return float(np.exp(b))


# --8<-- [end:discrepancy]


# --8<-- [start:richardson_lucy]
def richardson_lucy(
    image: ArrayLike,
    blur: ArrayLike | LinearOperator,
    iterations: int = 30,
    start: ArrayLike | None = None,
) -> Array:
    """x ← x · A*(y / A x) / A* 1, again and again.

    Any boundary, any operator without negative entries; y must
    not be negative, and x never becomes so. It starts from a
    constant, or from `start`. 0 / 0 counts as 0.

    >>> y = np.array([[0.0, 1, 2, 1, 0, 0]])
    >>> x = richardson_lucy(y, [[0.25, 0.5, 0.25]], 500)
    >>> x.round(1) + 0
    array([[0., 0., 4., 0., 0., 0.]])
    """
    name = "richardson_lucy"
    y = floating(name, image)
    A = _operator(name, y, blur)
    if y.min() < 0:
        raise ValueError(
            f"{name}: the picture has negative values, down "
            f"to {y.min():.4g}; light is never negative"
        )
    if iterations < 0:
        raise ValueError(
            f"{name}: iterations is {iterations}; "
            "it must be 0 or more"
        )
    share = A.adjoint(np.ones_like(y))
    if start is None:
        x = np.full(A.in_shape, y.mean(), y.dtype)
    else:
        x = _start(name, start, A).astype(y.dtype)
    for _ in range(iterations):
        x = x * _quotient(
            A.adjoint(_quotient(y, A.forward(x))), share
        )
    return x


# --8<-- [end:richardson_lucy]


# --8<-- [start:blind_deconvolution]
def blind_deconvolution(
    image: ArrayLike,
    size: tuple[int, int],
    rounds: int = 15,
    steps: int = 20,
    boundary: Boundary = "wrap",
) -> tuple[Array, Array]:
    """x ≥ 0 and w ≥ 0 with Σ w = 1 that make w ∗ x nearly y.

    Richardson-Lucy in turn, `rounds` times: `steps` of it for the
    picture, the kernel held fixed, and one for the kernel, the
    picture held fixed; from a flat kernel of `size` and a flat
    picture.

    What it cannot do: tell (x, w) from (y, δ), or from the same
    two moved apart, which explain y as well; know when it begins
    to fit the noise; find a blur where the scene is smooth. It
    works for bright dots on a black ground, and fails on
    photographs.

    >>> x = np.zeros((16, 16))
    >>> x[3, 4], x[9, 11] = 5, 3
    >>> y = blur_operator([[0.2, 0.6, 0.2]], x.shape)(x)
    >>> blind_deconvolution(y, (1, 3))[1].round(2)
    array([[0.2, 0.6, 0.2]])
    """
    name = "blind_deconvolution"
    y = floating(name, image)
    _size(name, size)
    if not y.max() > 0:
        raise ValueError(
            f"{name}: the picture is black; "
            "any kernel explains it"
        )
    x = np.full(y.shape, y.mean(), y.dtype)
    w = np.full(size, 1 / np.prod(size), y.dtype)
    for _ in range(rounds):
        A = blur_operator(w, cast(Shape, y.shape), boundary)
        x = richardson_lucy(y, A, steps, x)
        B = blur_in_kernel(x, size, boundary)
        w = richardson_lucy(y, B, 1, w)
        w /= w.sum()
    return x, w


# --8<-- [end:blind_deconvolution]


# --8<-- [start:blur_in_kernel]
def blur_in_kernel(
    x: ArrayLike,
    size: tuple[int, int],
    boundary: Boundary = "wrap",
) -> LinearOperator:
    """B w = w ∗ x: the blur of one picture as a map of the kernel.

    blur_operator(w, x.shape, boundary)(x), which is linear in w
    as well; the adjoint correlates a cotangent with the picture.

    >>> blur_in_kernel([[1.0, 2, 3]], (1, 3))([[0, 0, 1]])
    array([[3., 1., 2.]])
    """
    x = floating("blur_in_kernel", x)
    _boundary("blur_in_kernel", boundary)
    _size("blur_in_kernel", size)
    ends = [(k - 1 - k // 2, k // 2) for k in size]
    longer = ops.pad(x, ends, PADDING[boundary])
    return convolving(longer, size, "valid")


# --8<-- [end:blur_in_kernel]


def _quotient(a: Array, b: Array) -> Array:
    """a / b, and 0 where b is 0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _ring(blur: Any) -> bool:
    """Whether the waves of the ring diagonalise it."""
    if isinstance(blur, Blur):
        return blur.boundary == "wrap"
    return not isinstance(blur, LinearOperator)


def _kernel(name: str, kernel: ArrayLike, shape: Any) -> Array:
    w = np.asarray(kernel)
    if w.ndim != 2 or not w.size or w.dtype.kind not in "biuf":
        raise ValueError(
            f"{name}: the kernel has shape {w.shape} and type {w.dtype}; it must be rows and columns of real numbers"
        )
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(
            f"{name}: the shape is {tuple(shape)}; it must be rows and columns, at least one of each"
        )
    return w


def _boundary(name: str, boundary: str) -> None:
    if boundary not in MODES:
        raise ValueError(
            f"{name}: there is no boundary {boundary!r}; there are {', '.join(MODES)}"
        )


def _size(name: str, size: Any) -> None:
    if len(size) != 2 or min(size) < 1:
        raise ValueError(
            f"{name}: size is {size}; it must be rows and columns, at least one of each"
        )


def _on_the_ring(
    name: str, image: ArrayLike, blur: Any
) -> tuple[Array, Array]:
    """The picture, and what the blur multiplies its waves by."""
    y = floating(name, image)
    if not _ring(blur):
        border = getattr(blur, "boundary", "unknown")
        raise ValueError(
            f"{name}: the waves of the ring need the boundary 'wrap', but that of {blur} is {border!r}"
        )
    if isinstance(blur, Blur):
        _fits(name, y, blur)
        blur = blur.kernel
    w = transfer_function(np.asarray(blur), cast(Shape, y.shape))
    if y.dtype == np.float32:
        w = w.astype(np.complex64, copy=False)
    return y, w


def _operator(name: str, y: Array, blur: Any) -> LinearOperator:
    """The blur as an operator; a kernel stands for its blur on the ring."""
    if not isinstance(blur, LinearOperator):
        blur = blur_operator(blur, cast(Shape, y.shape))
    _fits(name, y, blur)
    return cast(LinearOperator, blur)


def _fits(name: str, y: Array, A: LinearOperator) -> None:
    if A.out_shape != y.shape:
        raise ValueError(
            f"{name}: the picture has shape {y.shape}, but {A} makes {A.out_shape}"
        )


def _start(
    name: str, start: ArrayLike, A: LinearOperator
) -> Array:
    """A first guess: it must not be negative, for no step changes a sign."""
    x = floating(name, start)
    if x.shape != A.in_shape or x.min() < 0:
        raise ValueError(
            f"{name}: start has shape {x.shape} and values from {x.min():.4g}; it needs {A.in_shape}, and none below 0"
        )
    return x


def _power(
    name: str, what: str, given: ArrayLike, y: Array
) -> Array:
    """A power spectrum, or the half of it that goes with rfft2."""
    power = np.asarray(given, y.dtype)
    if power.shape not in ((), y.shape):
        raise ValueError(
            f"{name}: {what} has shape {power.shape}; it must be a number, or a power spectrum of {y.shape}"
        )
    if not (power >= 0).all() or not np.isfinite(power).all():
        raise ValueError(
            f"{name}: {what} must be finite and not negative, for power is a square"
        )
    return (
        power[:, : y.shape[1] // 2 + 1] if power.ndim else power
    )
