"""What the formulas of the test page are held against: SciPy, torch, or the definition loop by loop."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage, signal

torch = pytest.importorskip("torch", reason="torch is not installed: the formulas of networks are held against it")


def convolve(x, w, mode="same"):
    return signal.convolve(np.asarray(x), np.asarray(w), mode)


def circular(h, f):
    return np.real(np.fft.ifft2(np.fft.fft2(h, f.shape) * np.fft.fft2(f)))


def conv2d(x, w, b, stride, padding):
    return torch.nn.functional.conv2d(*map(torch.tensor, (x[None], w, b)), stride=stride, padding=padding)[0].numpy()


def strided_matrix(w, n, stride):
    """Rows: the taps, moved by the stride."""
    rows = (n - len(w)) // stride + 1
    matrix = np.zeros((rows, n))
    for r in range(rows):
        matrix[r, r * stride : r * stride + len(w)] = w
    return matrix


def places(n, k, s=1, p=0, d=1):
    """How many positions a window has, counted."""
    return len(range(0, n + 2 * p - d * (k - 1), s))


def inputs_seen(kernels, strides):
    """How far apart the outermost inputs of one output are, by following it down."""
    need = {0}
    for k, s in zip(reversed(kernels), reversed(strides), strict=True):
        need = {s * i + t for i in need for t in range(k)}
    return max(need) + 1


def sigmoid(z):
    return 0.5 * (1 + np.tanh(np.asarray(z) / 2))


def softmax(z):
    return torch.softmax(torch.tensor(z), 0).numpy()


def perceptron_mistakes(points, labels):
    w, mistakes = np.zeros(points.shape[1]), 0
    while True:
        wrong = [i for i in range(len(labels)) if labels[i] * (points[i] @ w) <= 0]
        if not wrong:
            return mistakes
        w, mistakes = w + labels[wrong[0]] * points[wrong[0]], mistakes + 1


def split(sample, t):
    """Weights, means and variances of what lies up to the threshold, and above."""
    low, high = sample[sample <= t], sample[sample > t]
    sizes = len(low) / sample.size, len(high) / sample.size
    return *sizes, low.mean(), high.mean(), low.var(), high.var()


def best_split(histogram):
    """Otsu's threshold from the sorted levels themselves."""
    levels = np.repeat(np.arange(len(histogram)), histogram)
    within = [
        np.sum(levels <= t) * levels[levels <= t].var() + np.sum(levels > t) * levels[levels > t].var()
        for t in range(len(histogram) - 1)
    ]
    return int(np.argmin(within))


def max_pool(x, k, s):
    return torch.nn.functional.max_pool2d(torch.tensor(x)[None], k, s)[0].numpy()


def adam(theta, g, m, v, t, lr, b1, b2, eps):
    p = torch.nn.Parameter(torch.tensor(theta))
    optimiser = torch.optim.Adam([p], lr=lr, betas=(b1, b2), eps=eps)
    state = {"step": torch.tensor(t - 1.0), "exp_avg": torch.tensor(m), "exp_avg_sq": torch.tensor(v)}
    optimiser.state[p].update(state)
    p.grad = torch.tensor(g)
    optimiser.step()
    return p.detach().numpy()


def sgd(theta, g, v, lr, momentum):
    p = torch.nn.Parameter(torch.tensor(theta))
    optimiser = torch.optim.SGD([p], lr=lr, momentum=momentum)
    optimiser.state[p]["momentum_buffer"] = torch.tensor(v)
    p.grad = torch.tensor(g)
    optimiser.step()
    return p.detach().numpy()


def batch_norm(x, gamma, beta, eps):
    t = torch.tensor(x)[:, None]
    scale, shift = (torch.tensor([v], dtype=t.dtype) for v in (gamma, beta))
    return torch.nn.functional.batch_norm(t, None, None, scale, shift, True, eps=eps)[:, 0].numpy()


def bilinear(image, x, y):
    return ndimage.map_coordinates(image, [[x], [y]], order=1)[0]


def two_layers(sizes):
    rng = np.random.default_rng(5)
    weights = [None] + [rng.standard_normal((m, n)) for n, m in pairwise(sizes)]
    biases = [None] + [rng.standard_normal(m) for m in sizes[1:]]
    a, z = [rng.standard_normal(sizes[0])], [None]
    for layer in (1, 2):
        z.append(np.einsum("kq,q->k", weights[layer], a[-1]) + biases[layer])
        a.append(np.tanh(z[-1]))
    return weights, biases, a, z


def ridge(h, p, image, gamma):
    """The minimiser of |image - h x|^2 + gamma |p x|^2 at each frequency, by stacking two equations."""
    rows = zip(h.ravel(), p.ravel(), image.ravel(), strict=True)
    each = [
        np.linalg.lstsq(np.array([[a], [np.sqrt(gamma) * b]]), np.array([c, 0]), rcond=None)[0][0] for a, b, c in rows
    ]
    return np.reshape(each, h.shape)


def richardson_lucy_step(f, g, h):
    return f * signal.correlate(g / signal.convolve(f, h, "same"), h, "same")


NAMES = {k: v for k, v in globals().items() if not k.startswith("_")}
