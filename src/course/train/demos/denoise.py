"""Noise taken off photographs by a small residual network, against the best that a mean or a Gaussian filter can do.

The network says what to add to the noisy picture, so that it has to learn the noise (with its sign turned) and not the
picture. It learns from the left part of four photographs, turned over and with new noise in every epoch, and is judged
on the right part of them. The filters have the advantage: their widths are chosen on the pictures they are judged on.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course.train.crops import Crops, crops
from course.train.demo import Data, Demo, Metrics, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOISE = 0.1  # its standard deviation
CHANNELS, LAYERS = 24, 5
WIDTHS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5)  # of the Gaussians that are tried


def data(settings: Settings) -> Data:
    """Noisy pictures (N, 1, H, W) and the clean ones, in [0, 1].

    Crops of four photographs: anywhere left of a line to learn from, side by side at the right of it to judge by.
    """
    rng = np.random.default_rng(settings.seed)
    learned, unseen = crops(rng, settings.examples or 800)

    def pair(clean: Crops) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(clean + NOISE * rng.standard_normal(clean.shape)), torch.from_numpy(clean)

    return Data(pair(learned), pair(unseen))


def anew(generator: Generator, noisy: Tensor, clean: Tensor) -> tuple[Tensor, Tensor]:
    """The clean pictures, half of them turned over, and other noise on them."""
    over = torch.rand(len(clean), 1, 1, 1, generator=generator, device=clean.device) < 0.5
    clean = torch.where(over, clean.flip(3), clean)
    noise = torch.randn(clean.shape, generator=generator, device=clean.device, dtype=clean.dtype)
    return clean + NOISE * noise, clean


class Residual(nn.Module):
    """x + f(x), with f a few convolutions."""

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        inside: list[nn.Module] = [nn.Conv2d(1, channels, 3, padding=1), nn.ReLU()]
        for _ in range(layers - 2):
            inside += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()]
        self.change = nn.Sequential(*inside, nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """The picture, and what the network adds to it."""
        return x + self.change(x)


def model(settings: Settings, data: Data) -> nn.Module:
    """Five layers of 3 × 3 taps: what comes out at a pixel depends on 11 × 11 pixels around it."""
    return Residual(CHANNELS, LAYERS)


def loss(model: nn.Module, noisy: Tensor, clean: Tensor) -> Tensor:
    """The mean squared error."""
    return (model(noisy).to(clean.dtype) - clean).square().mean()


def filtered(x: Tensor, taps: Tensor) -> Tensor:
    """Rows and columns of pictures (N, 1, H, W) weighted by the same taps; the border is mirrored."""
    taps, r = (taps / taps.sum()).to(x), len(taps) // 2
    rows = F.conv2d(F.pad(x, (r, r, r, r), mode="reflect"), taps.view(1, 1, -1, 1))
    return F.conv2d(rows, taps.view(1, 1, 1, -1))


def gaussian(sigma: float) -> Tensor:
    """The taps exp(−t² / 2σ²), as far as four σ."""
    t = torch.arange(-math.ceil(4 * sigma), math.ceil(4 * sigma) + 1)
    return torch.exp(-(t**2) / (2 * sigma**2))


def psnr(made: Tensor, clean: Tensor) -> float:
    """−10 log₁₀ of the mean squared error of each picture, on average, in dB."""
    return float(-10 * (made - clean).cpu().double().square().mean((1, 2, 3)).log10().mean())


def best(noisy: Tensor, clean: Tensor) -> tuple[float, Tensor]:
    """The width of the Gaussian that does best on these very pictures, and what it makes of them."""
    made = {sigma: filtered(noisy, gaussian(sigma)) for sigma in WIDTHS}
    sigma = max(WIDTHS, key=lambda sigma: psnr(made[sigma], clean))
    return sigma, made[sigma]


def answers(model: nn.Module, noisy: Tensor, clean: Tensor) -> dict[str, Tensor]:
    """What the network and the filters make of the noisy pictures, by name."""
    sigma, smooth = best(noisy, clean)
    return {
        "noisy": noisy,
        "mean 3": filtered(noisy, torch.ones(3)),
        f"Gaussian {sigma}": smooth,
        "learned": model(noisy),
    }


def judge(model: nn.Module, data: Data) -> Metrics:
    """The PSNR of what the network makes, and of the noisy pictures, a mean of 3 × 3 pixels and the best Gaussian."""
    made = answers(model, *data.test)
    return {f"psnr: {name.split()[0]}": psnr(x, data.test[1]) for name, x in made.items()}


def picture(model: nn.Module, data: Data, settings: Settings) -> "Figure":
    """Three unseen crops: noisy, filtered, learned, and as they were."""
    from matplotlib.figure import Figure

    noisy, clean = data.test
    with torch.inference_mode():
        made = answers(model, noisy, clean)
    made = {f"{name}\n{psnr(x, clean):.1f} dB": x for name, x in made.items()} | {"the truth\n": clean}
    chosen = [k * len(clean) // 3 for k in range(3)]
    figure = Figure(figsize=(7.2, 4.6))
    axes = figure.subplots(len(chosen), len(made), squeeze=False)
    for column, (title, pictures) in zip(axes.T, made.items(), strict=True):
        column[0].set_title(title)
        for cell, shown in zip(column, pictures[chosen, 0].float().cpu().numpy(), strict=True):
            cell.imshow(shown, cmap="gray", vmin=0, vmax=1)
            cell.set(xticks=[], yticks=[])
    return figure


DEMO = Demo(
    name="denoise",
    shows="a residual network takes noise off photographs, better than the best Gaussian filter",
    takes="a minute on one core of a CPU",
    sets=("photographs",),
    epochs=20,
    batch_size=16,
    lr=0.003,
    data=data,
    model=model,
    loss=loss,
    judge=judge,
    picture=picture,
    metric="psnr: learned",
    augment=anew,
    examples=800,
)
