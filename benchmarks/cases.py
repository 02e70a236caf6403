"""What is measured, against whom, and what is asked of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import torch
import torch.nn.functional as F

from course import ops

Call = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """Two calls that compute the same, and limits on the time's ratio and on megabytes."""

    name: str
    peer: str
    limit: float
    megabytes: float
    ours: Call
    theirs: Call
    check: bool = True  # do both return the same numbers?


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def conv_forward(dtype: type, limit: float, megabytes: float) -> Case:
    x = rng().standard_normal((8, 16, 64, 64)).astype(dtype)
    w = (rng().standard_normal((32, 16, 3, 3)) / 10).astype(dtype)
    tx, tw = torch.tensor(x), torch.tensor(w)
    return Case(
        f"conv2d forward, 8×16→32×64², k=3, {np.dtype(dtype)}",
        "torch",
        limit,
        megabytes,
        lambda: ops.conv2d(x, w, padding=1),
        lambda: F.conv2d(tx, tw, padding=1),
    )


def conv_adjoints() -> Case:
    x = rng().standard_normal((8, 16, 64, 64)).astype(np.float32)
    w = (rng().standard_normal((32, 16, 3, 3)) / 10).astype(np.float32)
    g = rng().standard_normal((8, 32, 64, 64)).astype(np.float32)
    tx, tw, tg = (torch.tensor(a, requires_grad=a is not g) for a in (x, w, g))
    y = F.conv2d(tx, tw, padding=1)
    return Case(
        "its two adjoints together, float32",
        "torch backward",
        2.2,
        12,
        lambda: (
            ops.conv_adjoint_x(g, w, x.shape, padding=1),
            ops.conv_adjoint_w(g, x, w.shape, padding=1),
        ),
        lambda: torch.autograd.grad(y, (tx, tw), tg, retain_graph=True),
    )


def conv_depthwise() -> Case:
    x = rng().standard_normal((8, 64, 64, 64)).astype(np.float32)
    w = rng().standard_normal((64, 1, 3, 3)).astype(np.float32)
    tx, tw = torch.tensor(x), torch.tensor(w)
    return Case(
        "conv2d depthwise, 8×64×64², k=3, float32",
        "torch",
        3.0,
        20,
        lambda: ops.conv2d(x, w, padding=1, groups=64),
        lambda: F.conv2d(tx, tw, padding=1, groups=64),
    )


def conv_transposed() -> Case:
    x = rng().standard_normal((8, 32, 32, 32)).astype(np.float32)
    w = (rng().standard_normal((32, 16, 4, 4)) / 10).astype(np.float32)
    tx, tw = torch.tensor(x), torch.tensor(w)
    return Case(
        "conv_transpose2d, stride 2, 8×32→16×32², k=4, float32",
        "torch",
        2.5,
        15,
        lambda: ops.conv_transpose2d(x, w, stride=2, padding=1),
        lambda: F.conv_transpose2d(tx, tw, stride=2, padding=1),
    )


def pools() -> Iterator[Case]:
    x = rng().standard_normal((8, 32, 64, 64)).astype(np.float32)
    tx = torch.tensor(x)
    yield Case(
        "max_pool2d 2×2, 8×32×64², float32",
        "torch",
        0.4,
        12,
        lambda: ops.max_pool2d(x, 2),
        lambda: F.max_pool2d(tx, 2),
    )
    yield Case(
        "max_pool2d 2×2 with indices, 8×32×64², float32",
        "torch",
        2.0,
        12,
        lambda: ops.max_pool2d(x, 2, return_indices=True),
        lambda: F.max_pool2d(tx, 2, return_indices=True),
    )
    for stride, padding in ((3, 0), (1, 0), (1, 1)):
        yield Case(
            f"avg_pool2d 3×3, stride {stride}, padding {padding}, 8×32×64², float32",
            "torch",
            0.8,
            12,
            lambda s=stride, p=padding: ops.avg_pool2d(x, 3, s, p),
            lambda s=stride, p=padding: F.avg_pool2d(tx, 3, s, p),
        )


def convolutions() -> Iterator[Case]:
    image = rng().standard_normal((512, 512))
    for k, limit in ((3, 0.7), (15, 0.15), (31, 0.04)):
        w = rng().standard_normal((k, k))
        yield Case(
            f"convolve, 512², {k}×{k}, float64",
            "scipy.ndimage.convolve",
            limit,
            30,
            lambda w=w: ops.convolve(image, w, "same"),
            lambda w=w: scipy.ndimage.convolve(image, w, mode="constant"),
        )


def interpolation() -> Case:
    x = rng().standard_normal((1, 16, 256, 256)).astype(np.float32)
    tx = torch.tensor(x)
    return Case(
        "interpolate bilinear 256²→512², 16 channels, float32",
        "torch",
        1.5,
        30,
        lambda: ops.interpolate(x, 512, mode="bilinear"),
        lambda: F.interpolate(tx, 512, mode="bilinear"),
    )


def all_cases() -> Iterator[Case]:
    yield conv_forward(np.float32, 1.5, 10)
    yield conv_forward(np.float64, 0.4, 20)
    yield conv_adjoints()
    yield conv_depthwise()
    yield conv_transposed()
    yield from pools()
    yield from convolutions()
    yield interpolation()


def same(case: Case) -> bool:
    """Whether both calls return the same numbers, to single precision; a case may say that its peer cannot."""
    if not case.check:
        return True

    def arrays(result: object) -> list[np.ndarray]:
        return [np.asarray(r) for r in (result if isinstance(result, tuple) else (result,))]

    pairs = zip(arrays(case.ours()), arrays(case.theirs()), strict=True)
    return all(np.allclose(a, b, rtol=1e-3, atol=1e-3 * np.abs(b).max()) for a, b in pairs)
