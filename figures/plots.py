"""Plots by matplotlib on a figure's sheet: it draws the curves, the sheet writes the words.

matplotlib draws with sentinel colours, one for each name of the palette; they become the classes of the figure's style
sheet when the drawing is written. Words are set by the sheet, in the site's faces, as everywhere else: the labels of
the ticks by themselves, others by `sheet.text(*sheet.plots.at(ax, x, y), …)`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SENTINEL = "#fe01{:02x}"
STYLE = re.compile(r' style="([^"]*)"')
PAINT = re.compile(r"(fill|stroke): #fe01(..);? ?")
IDENTITY = re.compile(r' id="(?!g)[A-Za-z]+[\w.]*_\d+"')
LONG = re.compile(r"-?\d+\.\d{3,}")
POWER = re.compile(r"\$\\mathdefault\{(.*)\}\$")
TICK = 3


class Plots:
    """What a sheet asks of matplotlib, which is loaded with the first axes."""

    def __init__(self, id: str, width: float, height: float, names: Iterable[str]) -> None:
        self.id, self.width, self.height = id, width, height
        self.names = list(names)
        self.figure: Any = None
        self.boxes: list[tuple[float, float, float, float]] = []  # the frames of the axes

    def colour(self, name: str) -> str:
        """The colour of a name, for matplotlib; the reader's scheme decides what it is."""
        return SENTINEL.format(self.names.index(name))

    def axes(self, x: float, y: float, w: float, h: float) -> Axes:
        """Axes whose frame is this box of the sheet, with quiet ticks and no upper or right side."""
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        self.boxes.append((x, y, w, h))
        if self.figure is None:
            self.figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
            FigureCanvasSVG(self.figure)
        place = (x / self.width, 1 - (y + h) / self.height, w / self.width, h / self.height)
        with mpl.rc_context(mpl.rcParamsDefault):
            ax: Axes = self.figure.add_axes(place, facecolor="none")
        ax.tick_params(size=TICK, color=self.colour("rule"), labelbottom=False, labelleft=False)
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(self.colour("rule"))
        return ax

    def at(self, ax: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes lies on the sheet."""
        right, up = ax.transData.transform((x, y))
        return float(right), float(self.height - up)

    def ticks(self) -> Iterator[tuple[float, float, str, str]]:
        """The labels of the ticks in view: place, words, anchor."""
        if self.figure is None:
            return
        self.figure.draw_without_rendering()
        for ax in self.figure.axes:
            left, bottom = self.at(ax, ax.get_xlim()[0], ax.get_ylim()[0])
            for axis in (ax.xaxis, ax.yaxis):
                low, high = sorted(axis.get_view_interval())
                for tick in axis.get_major_ticks():
                    words = POWER.sub(r"$\1$", tick.label1.get_text())
                    if words and low - 1e-9 * (high - low) <= tick.get_loc() <= high + 1e-9 * (high - low):
                        if axis is ax.xaxis:
                            yield self.at(ax, tick.get_loc(), ax.get_ylim()[0])[0], bottom + TICK + 8.5, words, "middle"
                        else:
                            yield left - TICK - 4, self.at(ax, ax.get_xlim()[0], tick.get_loc())[1], words, "end"

    def svg(self) -> list[str]:
        """The drawing as marks of the sheet."""
        if self.figure is None:
            return []
        import matplotlib as mpl
        from matplotlib.text import Text

        ticks = {
            tick.label1 for ax in self.figure.axes for axis in (ax.xaxis, ax.yaxis) for tick in axis.get_major_ticks()
        }
        for text in self.figure.findobj(Text):
            if text.get_visible() and text.get_text() and text not in ticks:
                raise ValueError(f"{self.id}: {text.get_text()!r} is matplotlib's; write words with sheet.text")
        out = io.StringIO()
        with mpl.rc_context({**mpl.rcParamsDefault, "svg.hashsalt": self.id}):
            unsigned = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            self.figure.savefig(out, format="svg", transparent=True, metadata=unsigned)
        body = out.getvalue()
        body = body[body.index("<defs>") : body.rindex("</svg>")].replace("xlink:href", "href")
        body = IDENTITY.sub("", re.sub(r"<!--.*?-->\s*|\n\s*(?=<)", "", body))
        body = LONG.sub(lambda m: f"{float(m[0]):.2f}", body)
        body = re.sub(r"\s*\n\s*", " ", STYLE.sub(self._themed, body))
        for k, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', body))):  # hashed by matplotlib
            body = re.sub(rf'(id="|#){re.escape(name)}(?=["\)])', rf"\g<1>p{k}", body)
        return [body]

    def _themed(self, style: re.Match[str]) -> str:
        """A style whose sentinel colours are classes."""
        classes = " ".join(f"{kind[0]}-{self.names[int(k, 16)]}" for kind, k in PAINT.findall(style[1]))
        rest = PAINT.sub("", style[1]).strip()
        return (f' class="{classes}"' if classes else "") + (f' style="{rest}"' if rest else "")
