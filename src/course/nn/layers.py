"""The layers, named, called and initialised as in torch."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course.autodiff import Tensor
from course.autodiff import functional as F
from course.autodiff.table import primitive
from course.nn.module import Module, Seed, generator
from course.ops.arguments import Sizes

Array = NDArray[Any]


# --8<-- [start:uniform]
def uniform(
    rng: np.random.Generator, shape: Sequence[int], fan_in: int
) -> Tensor:
    """w between ±1/√fan_in, where fan_in inputs meet.

    The variance of a sum of fan_in terms then does not depend on
    their number. These are the bounds of torch's layers, there
    called kaiming_uniform with a = √5.

    >>> w = uniform(np.random.default_rng(0), (2, 100), 100)
    >>> bool(abs(w.data).max() <= 0.1)
    True
    """
    bound = fan_in**-0.5 if fan_in else 0.0
    w = bound * (2 * rng.random(tuple(shape)) - 1)
    return Tensor(w, requires_grad=True)


# --8<-- [end:uniform]


# --8<-- [start:Linear]
class Linear(Module):
    """y = x Wᵀ + b, along the last axis of x.

    >>> layer = Linear(3, 2)
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        rng, n = generator(rng), in_features
        self.weight = uniform(rng, (out_features, n), n)
        self.bias = (
            uniform(rng, (out_features,), n) if bias else None
        )

    def forward(self, x: Any) -> Tensor:
        """x Wᵀ + b."""
        n = self.weight.shape[1]
        if x.shape[-1:] != (n,):
            raise ValueError(
                f"Linear: x has shape {x.shape}, but the layer "
                f"takes {n} features, along the last axis"
            )
        y: Tensor = x @ self.weight.T
        return y if self.bias is None else y + self.bias

    def __repr__(self) -> str:
        m, n = self.weight.shape
        return f"Linear({n}, {m})"


# --8<-- [end:Linear]


# --8<-- [start:Conv2d]
class Conv2d(Module):
    """y = conv2d(x, w, b): the kernels are learned.

    >>> layer = Conv2d(1, 4, 3, padding=1)
    >>> layer(np.ones((5, 1, 8, 9))).shape
    (5, 4, 8, 9)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        rng: Seed = None,
    ) -> None:
        _shared("Conv2d", in_channels, out_channels, groups)
        shape = (
            out_channels,
            in_channels // groups,
            *_pair(kernel_size),
        )
        rng, n = generator(rng), prod(shape[1:])
        self.weight = uniform(rng, shape, n)
        self.bias = uniform(rng, shape[:1], n) if bias else None
        self.how: dict[str, Any] = {
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "groups": groups,
        }

    def forward(self, x: Any) -> Tensor:
        """conv2d(x, w, b)."""
        return F.conv2d(x, self.weight, self.bias, **self.how)

    def __repr__(self) -> str:
        return _described("Conv2d", self.weight.shape, self.how)


# --8<-- [end:Conv2d]


# --8<-- [start:ConvTranspose2d]
class ConvTranspose2d(Module):
    """y = conv_transpose2d(x, w, b): the adjoint, as a layer.

    >>> layer = ConvTranspose2d(4, 2, 2, stride=2)
    >>> layer(np.ones((5, 4, 6, 7))).shape
    (5, 2, 12, 14)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        rng: Seed = None,
    ) -> None:
        _shared(
            "ConvTranspose2d", in_channels, out_channels, groups
        )
        shape = (
            in_channels,
            out_channels // groups,
            *_pair(kernel_size),
        )
        rng, n = generator(rng), prod(shape[1:])
        self.weight = uniform(rng, shape, n)
        self.bias = (
            uniform(rng, (out_channels,), n) if bias else None
        )
        self.how: dict[str, Any] = {
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "groups": groups,
            "dilation": dilation,
        }

    def forward(self, x: Any) -> Tensor:
        """conv_transpose2d(x, w, b)."""
        return F.conv_transpose2d(
            x, self.weight, self.bias, **self.how
        )

    def __repr__(self) -> str:
        return _described(
            "ConvTranspose2d", self.weight.shape, self.how
        )


# --8<-- [end:ConvTranspose2d]


# --8<-- [start:pools]
class MaxPool2d(Module):
    """y = max_pool2d(x): the largest entry of every window.

    >>> MaxPool2d(2)(np.ones((5, 1, 8, 6))).shape
    (5, 1, 4, 3)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        ceil_mode: bool = False,
    ) -> None:
        self.how: dict[str, Any] = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "ceil_mode": ceil_mode,
        }

    def forward(self, x: Any) -> Tensor:
        """max_pool2d(x, …)."""
        y: Tensor = F.max_pool2d(x, **self.how)
        return y

    def __repr__(self) -> str:
        return f"MaxPool2d({self.how['kernel_size']})"


class AvgPool2d(Module):
    """y = avg_pool2d(x): the mean of every window.

    >>> AvgPool2d(2)(np.ones((5, 1, 8, 6))).shape
    (5, 1, 4, 3)
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.how: dict[str, Any] = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "ceil_mode": ceil_mode,
            "count_include_pad": count_include_pad,
            "divisor_override": divisor_override,
        }

    def forward(self, x: Any) -> Tensor:
        """avg_pool2d(x, …)."""
        return F.avg_pool2d(x, **self.how)

    def __repr__(self) -> str:
        return f"AvgPool2d({self.how['kernel_size']})"


# --8<-- [end:pools]


# --8<-- [start:standardize]
@primitive(
    x=lambda g, y, x, axes, eps: (
        (
            g
            - F.mean(g, axes, True)
            - y * F.mean(g * y, axes, True)
        )
        / F.sqrt(F.var(x, axes, 0, True) + eps)
    )
)
def standardize(
    x: ArrayLike, axes: tuple[int, ...], eps: float = 1e-5
) -> Array:
    """y = (x − μ) / σ, with σ² = var x + eps.

    x̂ = (ŷ − mean ŷ − y · mean(ŷ y)) / σ: what ŷ has along 1 and
    along y is taken out, for y changes with neither.

    >>> y = standardize([1.0, 3.0], (0,), eps=0.0)
    >>> y
    array([-1.,  1.])
    """
    x = np.asarray(x)
    centred = x - x.mean(axes, keepdims=True)
    variance = np.square(centred).mean(axes, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + eps))


# --8<-- [end:standardize]


# --8<-- [start:BatchNorm2d]
class BatchNorm2d(Module):
    """y = γ (x − μ) / σ + β, channel by channel.

    In training μ and σ are those of the batch; their running
    means are kept, and take their place in use. As in torch, σ
    divides by n, and what is kept by n − 1.

    >>> layer = BatchNorm2d(3)
    >>> y = layer(np.random.default_rng(0).random((4, 3, 5, 6)))
    >>> bool(abs(y.data.mean((0, 2, 3))).max() < 1e-12)
    True
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
    ) -> None:
        n, self.eps, self.momentum = num_features, eps, momentum
        self.weight = Tensor(np.ones(n), requires_grad=True)
        self.bias = Tensor(np.zeros(n), requires_grad=True)
        self.running_mean = np.zeros(n)
        self.running_var = np.ones(n)

    def forward(self, x: Any) -> Tensor:
        """γ (x − μ) / σ + β."""
        (n,) = self.weight.shape
        if x.ndim != 4 or x.shape[1] != n:
            raise ValueError(
                f"BatchNorm2d: x has shape {x.shape}; it must be "
                f"(N, {n}, H, W)"
            )
        if self.training:
            self._keep(x.data if isinstance(x, Tensor) else x)
            y = standardize(x, (0, 2, 3), self.eps)
        else:
            scale = np.sqrt(self.running_var + self.eps)
            y = x - _across(self.running_mean)
            y = y / _across(scale)
        z: Tensor = y * _across(self.weight) + _across(self.bias)
        return z

    def _keep(self, x: Array) -> None:
        """running ← (1 − momentum) running + momentum now."""
        if x.size <= x.shape[1]:
            raise ValueError(
                f"BatchNorm2d: x has shape {x.shape}; in "
                "training a channel needs more than one entry"
            )
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), ddof=1)
        self.running_mean += self.momentum * (
            mean - self.running_mean
        )
        self.running_var += self.momentum * (
            var - self.running_var
        )

    def __repr__(self) -> str:
        return f"BatchNorm2d({self.weight.size})"


def _across(a: Any) -> Any:
    """One entry a channel, beside (N, C, H, W)."""
    return a.reshape(-1, 1, 1)


# --8<-- [end:BatchNorm2d]


# --8<-- [start:Dropout]
class Dropout(Module):
    """y = x · mask / (1 − p): in training, entries vanish.

    Each with probability p; the others grow, so that the mean
    stays. In use y = x.

    >>> layer = Dropout(0.5, rng=0)
    >>> sorted(set(layer(np.ones(100)).tolist()))
    [0.0, 2.0]
    """

    def __init__(self, p: float = 0.5, rng: Seed = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(
                f"Dropout: p is {p}; it must be from 0 to 1"
            )
        self.p, self.rng = p, generator(rng)

    def forward(self, x: Any) -> Tensor:
        """x · mask / (1 − p)."""
        if not self.training or self.p == 0:
            return x  # type: ignore[no-any-return]
        stays = self.rng.random(x.shape) >= self.p
        scale = 1 / (1 - self.p) if self.p < 1 else 0.0
        y: Tensor = x * (stays * x.dtype.type(scale))
        return y

    def __repr__(self) -> str:
        return f"Dropout({self.p})"


# --8<-- [end:Dropout]


# --8<-- [start:activations]
class Flatten(Module):
    """y = x as (N, …): one row for each of the batch.

    >>> Flatten()(np.ones((5, 1, 8, 6))).shape
    (5, 48)
    """

    def forward(self, x: Any) -> Tensor:
        """x as (N, …)."""
        return F.reshape(x, (len(x), prod(x.shape[1:])))

    def __repr__(self) -> str:
        return "Flatten()"


class Activation(Module):
    """y = f(x), entry by entry, with f by its name in ops.

    >>> Activation("sigmoid")(np.zeros(2))
    array([0.5, 0.5])
    """

    def __init__(self, name: str) -> None:
        if name not in ACTIVATIONS:
            raise ValueError(
                f"Activation: there is no {name!r}; there are "
                f"{', '.join(ACTIVATIONS)}"
            )
        self.name = name

    def forward(self, x: Any) -> Tensor:
        """f(x)."""
        y: Tensor = getattr(F, self.name)(x)
        return y

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


class ReLU(Activation):
    """y = max(x, 0).

    >>> ReLU()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def __init__(self) -> None:
        super().__init__("relu")

    def __repr__(self) -> str:
        return "ReLU()"


# --8<-- [end:activations]

ACTIVATIONS = (
    "relu",
    "leaky_relu",
    "elu",
    "sigmoid",
    "silu",
    "tanh",
)


def _pair(size: Sizes) -> tuple[int, int]:
    two = (
        tuple(size)
        if isinstance(size, Sequence)
        else (size, size)
    )
    return int(two[0]), int(two[1])


def _shared(
    name: str, in_channels: int, out_channels: int, groups: int
) -> None:
    if (
        groups < 1
        or in_channels % groups
        or out_channels % groups
    ):
        raise ValueError(
            f"{name}: groups is {groups}, which cannot share {in_channels} and {out_channels} channels equally"
        )


def _described(
    name: str, shape: tuple[int, ...], how: dict[str, Any]
) -> str:
    """The layer with the options that are not the usual ones."""
    usual = {
        "stride": 1,
        "padding": 0,
        "output_padding": 0,
        "dilation": 1,
        "groups": 1,
    }
    a, b = (
        (shape[1] * how["groups"], shape[0])
        if name == "Conv2d"
        else (shape[0], shape[1] * how["groups"])
    )
    own = "".join(
        f", {k}={v!r}" for k, v in how.items() if v != usual[k]
    )
    kernel = shape[2] if shape[2] == shape[3] else shape[2:]
    return f"{name}({a}, {b}, {kernel}{own})"
