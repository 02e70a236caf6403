"""What a run shows in the end: its curves, and a picture of what it has learned; in light and in dark."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.ticker import MaxNLocator

from course.train.folder import Record, write

APART = ("epoch", "lr", "seconds", "images_per_second")  # of a record; the rest are the loss and what the demo measures

# The colours of the book, on a light page and on a dark one: an SVG has both.
COLOURS = {
    "#fdfcf9": "#191816", "#23201c": "#e4dfd6", "#b9b2a5": "#5b564e",  # paper, ink, rule
    "#005c91": "#7cc0ee", "#805400": "#f2bd57", "#00674b": "#5fd0ab", "#8a3d68": "#e6a9cb",
}  # fmt: skip
PAPER, INK, RULE, *LINES = COLOURS
STYLE: Any = {
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER, "text.color": INK,
    "axes.labelcolor": INK, "axes.edgecolor": RULE, "xtick.color": INK, "ytick.color": INK, "legend.frameon": False,
    "axes.prop_cycle": cycler(color=LINES), "axes.spines.top": False, "axes.spines.right": False,
    "font.size": 9, "axes.titlesize": 9, "axes.titlecolor": INK, "legend.labelcolor": INK,
    "figure.constrained_layout.use": True, "svg.hashsalt": "course",
}  # fmt: skip


def curves(history: list[Record]) -> Figure:
    """The loss and what the demo measures, epoch by epoch; what is named "panel: line" shares a panel."""
    panels: dict[str, dict[str, str]] = {}
    for name in history[-1]:
        if name not in APART:
            title, _, line = name.partition(": ")
            panels.setdefault(title, {})[name] = line
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(2.4 * columns, 1.9 * rows))
    for k, (title, lines) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, columns, k + 1)
        for j, (name, line) in enumerate(lines.items()):
            values, colour = [r[name] for r in history], LINES[j % len(LINES) if len(lines) > 1 else k > 0]
            label = f"{line} {values[-1]:.3g}"
            axes.plot([r["epoch"] for r in history], values, colour, marker="." * (len(history) == 1), label=label)
        axes.set_title(title if len(lines) > 1 else f"{title}: {values[-1]:.4g}", loc="left")
        if len(lines) > 1:
            axes.legend(fontsize=6)
        found = [r[name] for r in history for name in lines]
        if min(found) > 0 and max(found) < 0.01:
            axes.set_yscale("log")  # so small throughout, only the order of magnitude tells
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_xlabel("epoch")
    return figure


def keep(path: Path, draw: Callable[[], Figure], *kinds: str) -> None:
    """Draw in the book's manner, and keep the figure as svg, png or both."""
    with matplotlib.rc_context(STYLE):
        figure = draw()
        for kind in kinds:
            buffer = io.BytesIO()
            metadata = {"Date": None} if kind == "svg" else None
            figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
            content = buffer.getvalue()
            write(path.with_suffix(f".{kind}"), both_schemes(content) if kind == "svg" else content)


def both_schemes(svg: bytes) -> bytes:
    """The SVG with its colours given by name, a light and a dark one for each."""
    text = svg.decode()
    for light in COLOURS:
        text = text.replace(light, f"var(--c{light[1:]})")
    schemes = {name: name for name in COLOURS}, COLOURS
    light, dark = ("".join(f"--c{k[1:]}:{v};" for k, v in pairs.items()) for pairs in schemes)
    style = f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    return text.replace("</style>", style, 1).encode()
