"""Twice the size, in four ways: transposed convolution against resize-convolution, with kernels of 3 and of 4.

Two convolutions look at the small picture. The layer after them doubles its sides, and is the last, so that nothing
hides what it leaves. A transposed convolution stamps its kernel at every second pixel. Where the phases of the kernel
have different sums, every second pixel comes out brighter: a wave of the highest frequency, π, along the rows, the
columns or both. Resizing first repeats each pixel, and the box that does so is zero at π, whatever is learned after it.

Of the squared error on photographs that none of the four has seen, `judge` reports the parts at these three
frequencies. Halving by means of 2 × 2 pixels has taken them out of the small picture, so nobody can know them; what a
photograph itself has there is left as an error by a network that puts nothing there.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course.train.crops import Crops, crops
from course.train.demo import Data, Demo, Metrics, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EDGE = 4  # how much of the rim is not judged
CHANNELS = 16
NETS = {"transposed 3": (True, 3), "transposed 4": (True, 4), "resize 3": (False, 3), "resize 4": (False, 4)}
WAVES = {"(π, 0)": (1, 0), "(0, π)": (0, 1), "(π, π)": (1, 1)}  # which of rows and columns alternate


def data(settings: Settings) -> Data:
    """Small pictures (N, 1, H/2, W/2), means of 2 × 2 pixels, and the large ones (N, 1, H, W), in [0, 1].

    Crops of four photographs: anywhere left of a line to learn from, side by side at the right of it to judge by.
    """
    learned, unseen = crops(np.random.default_rng(settings.seed), settings.examples or 800)

    def pair(photographs: Crops) -> tuple[Tensor, Tensor]:
        large = torch.from_numpy(photographs)
        return F.avg_pool2d(large, 2), large

    return Data(pair(learned), pair(unseen))


def enlarger(transposed: bool, k: int) -> nn.Sequential:
    """Two convolutions, and one layer that doubles the sides: transposed, or resize and convolve; k × k taps."""
    body = (nn.Conv2d(1, CHANNELS, 3, padding=1), nn.ReLU(), nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1), nn.ReLU())
    if transposed:
        return nn.Sequential(*body, nn.ConvTranspose2d(CHANNELS, 1, k, stride=2, padding=1, output_padding=k % 2))
    around = nn.ZeroPad2d((1, k - 2, 1, k - 2))
    return nn.Sequential(*body, nn.Upsample(scale_factor=2, mode="nearest"), around, nn.Conv2d(CHANNELS, 1, k))


class Enlargers(nn.Module):
    """The four networks, side by side: small pictures (N, 1, H, W) to four large ones each (N, 4, 2H, 2W)."""

    def __init__(self) -> None:
        super().__init__()
        self.nets = nn.ModuleDict({name: enlarger(*how) for name, how in NETS.items()})

    def forward(self, small: Tensor) -> Tensor:
        """What each of the four makes of the small pictures."""
        return torch.cat([net(small) for net in self.nets.values()], 1)


def four(settings: Settings, data: Data) -> nn.Module:
    """Four networks that no other random numbers touch, so that `picture` can make them again as they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        return Enlargers()


def loss(model: nn.Module, small: Tensor, large: Tensor) -> Tensor:
    """The sum of the four mean squared errors; the gradient in a network's weights is that of its own."""
    return (model(small).to(large.dtype) - large).square().mean((0, 2, 3)).sum()


def energy(error: Tensor, wave: tuple[int, int]) -> Tensor:
    """⟨wave, e⟩² for pictures e (…, N, N): the part of their mean square that is at (π, 0), (0, π) or (π, π)."""
    n = torch.arange(error.shape[-1], device=error.device)
    sign = 1 - 2 * ((wave[0] * n[:, None] + wave[1] * n) % 2)
    return (error * sign).mean((-2, -1)).square()


def errors(model: nn.Module, data: Data) -> Tensor:
    """Made minus true on the unseen pictures, inside their rim (N, 4, H, W)."""
    small, large = data.test
    return (model(small) - large).cpu().double()[..., EDGE:-EDGE, EDGE:-EDGE]


def judge(model: nn.Module, data: Data) -> Metrics:
    """The PSNR of each network, and the energy that its error has at each of the three frequencies."""
    error = errors(model, data)
    psnr = -10 * error.square().mean((2, 3)).log10().mean(0)
    found = {f"psnr: {name}": float(value) for name, value in zip(NETS, psnr, strict=True)}
    for title, wave in WAVES.items():
        parts = energy(error, wave).mean(0)
        found |= {f"energy at {title}: {name}": float(value) for name, value in zip(NETS, parts, strict=True)}
    return found


def picture(model: nn.Module, data: Data, settings: Settings) -> "Figure":
    """A crop by each of the four with its spectrum, at the start and trained, and the energies that they leave."""
    from matplotlib.figure import Figure

    nets = {"at the start": four(settings, data).to(data.test[0]), "trained": model}
    figure = Figure(figsize=(7.2, 8.4))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(7, 2))[:, 0]
    axes = above.subplots(2 * len(nets), 1 + len(NETS), squeeze=False)
    with torch.inference_mode():
        for row, (when, net) in enumerate(nets.items()):
            panels(axes[2 * row : 2 * row + 2], when, net, data)
        found = {when: judge(net, data) for when, net in nets.items()}
    dots(below.subplots(1, len(WAVES), sharey=True), found, data)
    return figure


def panels(axes: Any, when: str, net: nn.Module, data: Data) -> None:
    """In two rows, what the four make of a picture beside the truth, each in its own greys, and their spectra."""
    small, large = (x[len(x) // 2 :][:1] for x in data.test)
    made = torch.cat([large, net(small)], 1)[0].float().cpu()[:, EDGE:-EDGE, EDGE:-EDGE]
    spectra = torch.fft.fftshift(torch.fft.fft2(made).abs(), (1, 2)).clamp(min=1e-2).log()
    axes[0, 0].set_ylabel(when)
    axes[1, 0].set_ylabel("spectrum")
    for column, name, shown, spectrum in zip(axes.T, ["the truth", *NETS], made.numpy(), spectra.numpy(), strict=True):
        column[0].set_title(name)
        column[0].imshow(shown, cmap="gray")
        column[1].imshow(spectrum, cmap="gray", vmin=-2, vmax=6)
        for cell in column:
            cell.set(xticks=[], yticks=[])


def dots(axes: Any, found: dict[str, Metrics], data: Data) -> None:
    """For each frequency, the energies of the four at the start and trained, and what the truth has there."""
    truth = data.test[1].cpu().double()[..., EDGE:-EDGE, EDGE:-EDGE]
    for cell, (title, wave) in zip(axes, WAVES.items(), strict=True):
        for (when, metrics), mark in zip(found.items(), "xo", strict=True):
            cell.plot(list(NETS), [metrics[f"energy at {title}: {name}"] for name in NETS], mark, label=when)
        cell.axhline(float(energy(truth, wave).mean()), linestyle=":", linewidth=1, color="gray", label="of the truth")
        cell.set(yscale="log", title=f"energy of the error at {title}")
        cell.tick_params(axis="x", rotation=40)
    axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))


DEMO = Demo(
    name="superres",
    shows="four ways to double a picture: the checkerboards that they leave, before and after training",
    takes="half a minute on one core of a CPU",
    sets=("photographs",),
    epochs=30,
    batch_size=16,
    lr=0.003,
    data=data,
    model=four,
    loss=loss,
    judge=judge,
    picture=picture,
    metric="psnr: resize 3",
    examples=800,
    notes=(
        "Found from three seeds: before training a transposed convolution leaves 0.001 to 0.005 at each frequency, a",
        "thousand times what the photographs have there, with 4 taps as with 3. Training takes it down to one or two",
        "millionths or less, about what they have. At (π, π), where they have next to nothing, a trace stays, the",
        "larger one with 3 taps. Resizing first leaves nothing of its own, before or after. The PSNRs hardly differ.",
    ),
)
