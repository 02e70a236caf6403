"""Chapter 22, U-Net: a picture for a picture; what shortcuts do to the way back; sizes, fields, and what skips carry.

What was learned differs a little from machine to machine. So the pictures that the networks of the chapter made of one
unseen picture are kept in figures/unet/kept.npz, which `python -m figures.unet` writes; the chapter's run compares.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course.autodiff import functional as F
from course.autodiff import no_grad, vjp
from course.data import shapes
from course.imaging.filters import gaussian
from course.imaging.segment import otsu
from course.nn import Adam, Conv2d, ReLU, Sequential, UNet, cross_entropy, fit, mse_loss, unet
from course.ops import avg_pool2d, interpolate, output_size, transposed_output_size
from figures.style import BODY, SMALL, Array, Sheet, figure

KEPT = Path(__file__).parent / "unet" / "kept.npz"
WHICH = 77  # of the hundred unseen pictures
DEPTH = 32


@cache
def pictures() -> tuple[Array, Array]:
    """The chapter's pictures, with a channel, and their masks."""
    images, masks = shapes(500, size=32, rng=1)
    return images[:, None], masks


@cache
def noisy() -> Array:
    """The chapter's noise on them."""
    x = pictures()[0]
    y: Array = (x + 0.1 * np.random.default_rng(0).standard_normal(x.shape)).astype(np.float32)
    return y


@cache
def kept() -> dict[str, Array]:
    """What the networks made of picture WHICH."""
    with np.load(KEPT) as file:
        return {name: file[name] for name in file.files}


def rough(x: Array) -> Array:
    """Half the size by means, and back by bilinear interpolation."""
    y: Array = interpolate(avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
    return y


def bright(x: Array) -> Array:
    """The grey levels of a picture, spread over those of the screen."""
    x = np.asarray(x, float).squeeze()
    y: Array = (x - 0.02) / 0.86
    return y


def agreement(p: Array, t: Array) -> list[int]:
    """How many pixels are in both masks, and how many in either."""
    return [int((p & t).sum()), int((p | t).sum())]


def walk(net: UNet, x: Any, skip: Callable[[int, Any], Any], pool: Any = F.max_pool2d) -> Any:
    """The U-Net, with each skip changed on its way."""
    seen = []
    for block in net.down[:-1]:
        seen.append(block(x))
        x = pool(seen[-1], 2)
    x = net.down[-1](x)
    for grow, block in zip(net.grow, net.up, strict=True):
        s = seen.pop()
        x = block(F.concatenate([skip(len(seen), s), grow(x)], axis=1))
    return net.head(x)


class Without(Sequential):
    """A U-Net whose skips carry zeros."""

    def forward(self, x: Any) -> Any:
        """Its scores."""
        net: Any = self[0]
        return walk(net, x, lambda level, s: s * 0)


def train(net: Any, x: Array, target: Array, loss: Any, epochs: int) -> Any:
    """As on the page."""
    adam = Adam(net.to(np.float32).parameters(), lr=0.01)
    for rate, count in ((0.01, epochs), (0.002, epochs // 4)):
        adam.lr = rate
        fit(net, (x, target), loss=loss, optimiser=adam, epochs=count, batch_size=8, quiet=True)
    return net


def keep() -> None:
    """Train the four networks of the chapter, and keep what they make of one picture."""
    x, masks = pictures()
    t, y, z, one = masks.astype(int), noisy(), rough(x), slice(400 + WHICH, 401 + WHICH)
    finder = train(unet(1, 2, rng=0), x[:400], t[:400], cross_entropy, 20)
    blind = train(Without(unet(1, 2, rng=0)), x[:400], t[:400], cross_entropy, 12)
    clean = train(unet(1, 1, rng=0), y[:300], (x - y)[:300], mse_loss, 16)
    double = train(unet(1, 1, rng=0), z[:200], (x - z)[:200], mse_loss, 12)
    with no_grad():
        scores = {
            name: walk(finder, x[one], lambda level, s, off=off: s * (level not in off))
            for name, off in {"whole": (), "lower": (1,), "upper": (0,), "neither": (0, 1)}.items()
        }
        scores["apart"] = blind(x[one])
        found = {name: np.asarray(score.data)[0].argmax(0) == 1 for name, score in scores.items()}
        made = {"clean": y[one] + clean(y[one]).data, "double": z[one] + double(z[one]).data}
    grey = {name: np.round(255 * np.clip(a[0, 0], 0, 1)).astype(np.uint8) for name, a in made.items()}
    np.savez_compressed(KEPT, which=WHICH, **found, **grey)


@figure(
    "unet/found", height=104,
    title="Shapes in slanting light: one threshold, a network, and the truth",
    desc="Four pictures of 32 by 32 pixels. A photograph of a ring, a square, a disc and a triangle in light that "
    "falls from one side, with thin bright scratches. Otsu's threshold turns the bright corner white and keeps "
    "scratches. The network finds the four shapes and no scratch. The mask that was drawn looks almost the "
    "same.",
    counts=[[235, 505], [261, 272]],
)  # fmt: skip
def found(s: Sheet, counts: Array) -> None:
    """The opening figure."""
    x, t = (a[400 + WHICH] for a in pictures())
    low, net = x[0] > otsu(x[0])[0], kept()["whole"]
    assert [agreement(low, t), agreement(net, t)] == counts.tolist(), [agreement(low, t), agreement(net, t)]
    side, pitch = 84, 92
    for k, (name, picture) in enumerate((("given", bright(x)), ("Otsu", low), ("U-Net", net), ("drawn", t))):
        s.picture(k * pitch, 0, side, side, np.asarray(picture, float))
        s.text(k * pitch + side / 2, side + 12, name, BODY, "output-ink" if name == "U-Net" else "ink")


@figure(
    "unet/paths", height=224,
    title="Back through three residual blocks, and the eight paths",
    desc="Three blocks in a row with a half, minus a half and a quarter in boxes; a line goes past each box. Under "
    "them, dashed arrows from right to left: 16, 20, 10, 15 with the lines, and 16, 4, minus 2, minus 1 "
    "without. Below, the eight paths and what each carries: 16 past all three; 8, minus 8 and 4 through one; "
    "minus 4, 2 and minus 2 through two; minus 1 through all three.",
    layers=[0.5, -0.5, 0.25], g=[16],
)  # fmt: skip
def paths(s: Sheet, layers: Array, g: Array) -> None:
    """Values at every place, and a bar for each path."""
    a, b, c = layers.tolist()
    start = int(g[0])
    with_lines = [start, start * (1 + c), start * (1 + c) * (1 + b), start * (1 + c) * (1 + b) * (1 + a)]
    alone = [start, start * c, start * c * b, start * a * b * c]
    ways = [1, a, b, c, a * b, a * c, b * c, a * b * c]
    each = [start * w for w in ways]
    assert with_lines == [16, 20, 10, 15] and alone == [16, 4, -2, -1], (with_lines, alone)
    assert each == [16, 8, -8, 4, -4, 2, -2, -1] and sum(each) == 15, each

    at = [52, 146, 240, 334]
    for k, words in enumerate(("1/2", "−1/2", "1/4")):
        left, right = at[k], at[k + 1]
        s.boxes([(left + 30, 4, 34, 26)], "kernel-24", "kernel-ink")
        s.text(left + 47, 17, words, BODY)
        s.line([(left, 46), (left + 12, 17), (left + 30, 17)], "ink", 1.2)
        s.line([(left + 64, 17), (right - 12, 17), (right, 46)], "ink", 1.2)
        s.line([(left, 46), (right, 46)], "input-ink", 2)
    s.dots([(x, 46) for x in at], "ink", 3)
    for row, (words, values) in enumerate((("both", with_lines), ("boxes", alone))):
        y = 72 + 26 * row
        s.text(0, y, words, SMALL, "quiet", "start")
        for k, value in enumerate(values[::-1]):
            s.text(at[k], y, f"{value:g}".replace("-", "−"), BODY, "cotangent-ink", "middle", "bold")
        for k in range(3):
            s.arrow((at[k + 1] - 17, y), (at[k] + 17, y), "cotangent-ink", dash=True)
    pitch, base, unit = 45, 164, 2.0
    names = ("past", "$a$", "$b$", "$c$", "$ab$", "$ac$", "$bc$", "$abc$")
    s.line([(0, base), (360, base)])
    for k, (words, value) in enumerate(zip(names, each, strict=True)):
        x = 4 + k * pitch
        high = abs(value) * unit
        s.boxes([(x + 8, base - high if value > 0 else base, 20, high)], "cotangent", None)
        s.text(x + 18, base - high - 9 if value > 0 else base + high + 10, f"{value:g}".replace("-", "−"), BODY)
        s.text(x + 18, 212, words, BODY, "cotangent-ink")


def left(depth: int, scale: float, residual: bool) -> float:
    """What is left of a cotangent after layers of four channels."""
    rng = np.random.default_rng(0)
    layers: list[Callable[[Any], Any]] = []
    for _ in range(depth):
        conv = Conv2d(4, 4, 3, padding=1, bias=False, rng=rng)
        conv.weight.data = scale * conv.weight.data
        inside = Sequential(ReLU(), conv)
        layers.append((lambda x, a=inside: x + a(x)) if residual else inside)
    x, g = rng.standard_normal((2, 8, 4, 12, 12))

    def stack(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x

    _, back = vjp(stack, x)
    return float(np.linalg.norm(back(g)[0]) / np.linalg.norm(g))


@figure(
    "unet/depth", height=224,
    title="What is left of a cotangent after 1 to 32 layers",
    desc="Length of what comes back against the number of layers, 1 to 32, on a logarithmic scale. Plain: a straight "
    "line down to one part in a hundred million million. He: it wavers and drifts down to a few hundredths. "
    "Residual: it rises slowly, to about five.",
    depths=[1, 2, 4, 8, 12, 16, 20, 24, 28, 32],
)  # fmt: skip
def depth(s: Sheet, depths: Array) -> None:
    """Three curves."""
    assert depths.tolist() == [1, 2, 4, 8, 12, 16, 20, 24, 28, 32], "to the depth of the chapter"
    n = [int(d) for d in depths]
    plain = [left(d, 1.0, residual=False) for d in n]
    he = [left(d, 6**0.5, residual=False) for d in n]
    residual = [left(d, 1.0, residual=True) for d in n]
    steps = np.diff(np.log(plain)) / np.diff(n)
    assert (steps < 0).all() and plain[-1] < 0.5**32 and 1e-15 < plain[-1] < 1e-13, plain
    assert 0.01 < he[-1] < 0.1 and min(residual) > 1 and 3 < residual[-1] < 8, (he, residual)

    colour = s.plots.colour
    ax = s.plots.axes(46, 8, 306, 178)
    ax.set(yscale="log", xlim=(0, 33), ylim=(1e-15, 300))
    ax.set_xticks([0, 8, 16, 24, 32])
    ax.set_yticks([1e-12, 1e-8, 1e-4, 1])
    ax.minorticks_off()
    for values, name, style in (
        (plain, "cotangent-ink", "--"), (he, "kernel-ink", "--"), (residual, "output-ink", "--")
    ):  # fmt: skip
        ax.plot(n, values, style, color=colour(name), lw=2)
        ax.plot(n, values, "o", color=colour(name), ms=4)
    for x, y, words, name in (
        (18, 1e-10, "plain", "cotangent-ink"), (20, 7e-4, "plain, He's weights", "kernel-ink"),
        (20, 45, "with the identity", "output-ink"),
    ):  # fmt: skip
        s.text(*s.plots.at(ax, x, y), words, BODY, name, "start" if words == "plain" else "middle")
    s.text(199, 216, "layers", SMALL, "quiet")


@figure(
    "unet/original", height=318,
    title="The sizes of the original U-Net, to scale",
    desc="Bars whose lengths are sizes, in two columns and five levels. Left, going down: 572 and 568, 284 and 280, "
    "140 and 136, 68 and 64, and at the bottom 32 and 28. Right, going up: 56 and 52, 104 and 100, 200 and 196, "
    "392 and 388. Arrows lead across from 568 to 392, from 280 to 200, from 136 to 104 and from 64 to 56; "
    "dashed ends of the bars on the left show what is cut off.",
    n=[572], k=[3],
)  # fmt: skip
def original(s: Sheet, n: Array, k: Array) -> None:
    """From 572 down to 28, and up to 388."""
    size, taps = int(n[0]), int(k[0])

    def two(m: int) -> int:
        return output_size(output_size(m, taps), taps)

    down = []
    for _ in range(4):
        down.append((size, two(size)))
        size = output_size(two(size), 2, stride=2)
    bottom, up = (size, two(size)), []
    size = two(size)
    for _ in range(4):
        size = transposed_output_size(size, 2, stride=2)
        up.append((size, two(size)))
        size = two(size)
    up.reverse()
    assert [d for d, _ in down] == [572, 284, 140, 68] and bottom == (32, 28), (down, bottom)
    assert up == [(392, 388), (200, 196), (104, 100), (56, 52)], up

    unit, row = 0.262, 61
    for level in range(4):
        y = 16 + row * level
        centre, other = 78, 290
        crop = up[level][0]
        for value, top, x, role in (
            (down[level][0], y, centre, "input"), (down[level][1], y + 15, centre, "input"),
            (crop, y + 15, other, "output"), (up[level][1], y, other, "output"),
        ):  # fmt: skip
            wide = unit * value
            s.boxes([(x - wide / 2, top - 6, wide, 12)], f"{role}-30", None)
        cut = unit * down[level][1]
        s.boxes([(centre - cut / 2, y + 9, cut, 12)], None, "input-ink", 0.9, dash=True)
        inner = unit * crop
        s.boxes([(centre - inner / 2, y + 9, inner, 12)], "input-50", None)
        s.arrow((centre + cut / 2 + 6, y + 15), (other - inner / 2 - 5, y + 15), "ink")
        tops = ((down[level][0], centre, y - 12 if level else y), (up[level][1], other, y - 12 if level else y))
        for value, x, height in tops:
            s.text(x, height, str(value), SMALL)
        s.text((centre + cut / 2 + other - inner / 2) / 2, y + 5, f"{down[level][1]} to {crop}", SMALL, "quiet")
        low = y + 23
        if level < 3:
            s.arrow((centre, low), (centre, y + row - 20), "input-ink")
            s.arrow((other, y + row - 20), (other, low), "output-ink")
    y = 16 + row * 4 + 26
    for value, x in ((bottom[0], 158), (bottom[1], 210)):
        s.boxes([(x - unit * value / 2, y - 6, unit * value, 12)], "kernel-50", None)
        s.text(x, y + 15, str(value), SMALL)
    s.arrow((166, y), (203, y), "ink")
    s.arrow((78, 16 + row * 3 + 24), (150, y - 2), "input-ink", bend=-0.2)
    s.arrow((218, y - 2), (290, 16 + row * 3 + 25), "output-ink", bend=-0.2)


@figure(
    "unet/field", height=128,
    title="What one output of a U-Net depends on, way by way",
    desc="Three square maps of 48 by 48 pixels around one output of a U-Net of ones. Through the upper skip it "
    "depends on 9 by 9 pixels, most on the middle. Through the lower skip on 26 by 26, in steps of two pixels. "
    "Through the bottom on 44 by 44, in steps of four.",
    widths=[9, 26, 44],
)  # fmt: skip
def field(s: Sheet, widths: Array) -> None:
    """A one, sent back."""
    net = unet(1, 1, width=1, depth=2)
    for p in net.parameters():
        p.data = np.full(p.shape, float(p.ndim > 1))
    g = np.zeros((1, 1, 64, 64))
    g[0, 0, 32, 32] = 1
    maps = []
    for way in (0, 1, 2):

        def through(x: Any, way: int = way) -> Any:
            seen = []
            for block in net.down[:-1]:
                seen.append(block(x))
                x = F.avg_pool2d(seen[-1], 2)
            x = net.down[-1](x)
            for grow, block in zip(net.grow, net.up, strict=True):
                x, skip = grow(x), seen.pop()
                both = [skip, 0 * x] if way == len(seen) else [0 * skip, x]
                x = block(F.concatenate(both, axis=1))
            return net.head(x)

        maps.append(vjp(through, np.ones((1, 1, 64, 64)))[1](g)[0][0, 0])
    seen = [int((m > 0).any(0).sum()) for m in maps]
    assert seen == widths.tolist(), seen

    side, pitch = 104, 128
    for k, (m, words) in enumerate(zip(maps, ("upper skip", "lower skip", "bottom"), strict=True)):
        shown = m[8:56, 8:56]
        level = np.where(shown > 0, 0.25 + 0.75 * np.log(np.maximum(shown, 1)) / np.log(m.max()), 0.06)
        s.picture(k * pitch, 0, side, side, level, "cotangent")
        s.text(k * pitch + side / 2, side + 14, f"{words}: {seen[k]}", BODY, "cotangent-ink")


@figure(
    "unet/counts", height=170,
    title="Two masks, counted",
    desc="A grid of five rows and seven columns with two masks: a drawn one of three rows by four columns, and a "
    "found one of two rows by five. Eight cells belong to both, two are found alone, four are drawn alone, and "
    "21 belong to neither.",
    drawn=[1, 1, 3, 4], found=[1, 1, 2, 5],
)  # fmt: skip
def counts(s: Sheet, drawn: Array, found: Array) -> None:
    """A letter in every cell that counts."""
    masks = np.zeros((2, 5, 7), bool)
    for mask, (i, j, h, w) in zip(masks, (drawn.tolist(), found.tolist()), strict=True):
        mask[int(i) : int(i + h), int(j) : int(j + w)] = True
    t, p = masks
    assert drawn.tolist() == [1, 1, 3, 4] and found.tolist() == [1, 1, 2, 5]
    assert [(t & p).sum(), (p & ~t).sum(), (t & ~p).sum(), (~t & ~p).sum()] == [8, 2, 4, 21]
    letters = np.where(t & p, "a", np.where(p, "b", np.where(t, "c", "")))
    cell = 32
    place = s.grid(1, 6, letters, cell, "output", tone=np.where(t & p, 1, np.where(t | p, 0.25, 0)))
    s.window(place, *(int(v) for v in drawn), "input", 2.6)
    s.boxes([(lambda b: (b[0] + 4, b[1] + 4, b[2] - 8, b[3] - 8))(place.box(*(int(v) for v in found)))], None,
            "kernel-ink", 2.6, layer=4)  # fmt: skip
    for k, (words, colour) in enumerate(
        (("drawn", "input-ink"), ("found", "kernel-ink"), ("a  in both: 8", "ink"), ("b  found alone: 2", "ink"),
         ("c  drawn alone: 4", "ink"), ("neither: 21", "quiet"))
    ):  # fmt: skip
        s.text(244, 22 + 26 * k, words, BODY, colour, "start")


@figure(
    "unet/skips", height=252,
    title="The same picture, with the skips switched off",
    desc="Six pictures. The photograph of four shapes; what the whole network finds; without the lower skip, the "
    "shapes and much clutter beside them; without the upper skip, one large blot; without both, everything is "
    "white; and a network that was trained without skips: the right shapes, "
    "with their corners and gaps rounded off.",
    counts=[[261, 272], [265, 386], [265, 718], [265, 1023], [246, 293]],
)  # fmt: skip
def skips(s: Sheet, counts: Array) -> None:
    """Five masks beside their picture."""
    x, t = (a[400 + WHICH] for a in pictures())
    names = ("whole", "lower", "upper", "neither", "apart")
    got = [agreement(kept()[name], t) for name in names]
    assert got == counts.tolist(), got
    score = [a / b for a, b in got]
    assert score[0] > 0.9 > score[1] > score[2] > score[3], score
    words = ("given", "whole", "lower skip off", "upper skip off", "both off", "trained without")
    side, pitch = 104, 128
    for k, (name, picture) in enumerate(zip(words, (bright(x), *(kept()[n] for n in names)), strict=True)):
        left, top = pitch * (k % 3), 128 * (k // 3)
        s.picture(left, top, side, side, np.asarray(picture, float))
        s.text(left + side / 2, top + side + 12, name, BODY)


@figure(
    "unet/restored", height=212,
    title="Noise removed, and a size doubled",
    desc="Two rows of four pictures. Above: the shapes in noise; after a Gaussian filter, with soft edges; after the "
    "network, smooth and with firmer edges; the original. Below: 16 by 16 pixels in blocks; bilinear "
    "interpolation, soft; the network, a little crisper; the original.",
    levels=[[260, 264], [269, 284]],
)  # fmt: skip
def restored(s: Sheet, levels: Array) -> None:
    """Noise above, size below; the data are tenths of a decibel, of the rule and of the network."""
    one = slice(400 + WHICH, 401 + WHICH)
    x, y = pictures()[0][one], noisy()[one]
    smooth, soft = gaussian(y[0, 0], 0.9), rough(x)[0, 0]
    clean, double = kept()["clean"] / 255, kept()["double"] / 255

    def tenths(z: Array) -> int:
        return round(-100 * np.log10(np.mean((z - x[0, 0]) ** 2)))

    got = [[tenths(smooth), tenths(clean)], [tenths(soft), tenths(double)]]
    assert got == levels.tolist() and all(b > a for a, b in got), got
    small = interpolate(avg_pool2d(x, 2), scale_factor=2)
    side, pitch = 84, 92
    rows = (
        (("noisy", y), ("Gaussian", smooth), ("U-Net", clean), ("original", x)),
        (("16×16", small), ("bilinear", soft), ("U-Net", double), ("original", x)),
    )
    for i, row in enumerate(rows):
        for j, (name, picture) in enumerate(row):
            s.picture(j * pitch, 108 * i, side, side, bright(picture))
            s.text(j * pitch + side / 2, 108 * i + side + 11, name, BODY, "output-ink" if name == "U-Net" else "ink")


if __name__ == "__main__":
    keep()
