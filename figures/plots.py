"""Plots by matplotlib on a figure's sheet: the same faces, the same colours, light and dark.

matplotlib draws with sentinel colours, one for each name of the palette; they become the classes of the figure's style
sheet when the drawing is written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS = Path(__file__).parent / "fonts"
SETTINGS: dict[Any, Any] = {
    "font.family": "Newsreader", "font.size": 11.0, "svg.fonttype": "path", "text.hinting": "none",
    "mathtext.fontset": "custom", "mathtext.rm": "KaTeX_Main", "mathtext.it": "KaTeX_Math:italic",
    "mathtext.bf": "Newsreader:bold", "mathtext.cal": "Newsreader", "mathtext.sf": "Newsreader",
    "mathtext.tt": "IBM Plex Mono",
}  # fmt: skip
SENTINEL = "#fe01{:02x}"
STYLE = re.compile(r' style="([^"]*)"')
PAINT = re.compile(r"(fill|stroke): #fe01(..);? ?")
IDENTITY = re.compile(r' id="(?!g)[A-Za-z]+[\w.]*_\d+"')
LONG = re.compile(r"scale\([^)]*\)|-?\d+\.\d{3,}")


class Plots:
    """What a sheet asks of matplotlib, which is loaded with the first axes."""

    def __init__(self, id: str, width: float, height: float, colours: Mapping[str, tuple[str, str]]) -> None:
        self.id, self.width, self.height = id, width, height
        self.names = list(colours)
        self.figure: Any = None

    def colour(self, name: str) -> str:
        """The colour of a name, for matplotlib; the reader's scheme decides what it is."""
        return SENTINEL.format(self.names.index(name))

    def axes(self, x: float, y: float, w: float, h: float) -> Axes:
        """Axes whose frame is this box of the sheet, with quiet ticks and no upper or right side."""
        import matplotlib as mpl
        from matplotlib import font_manager
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        if self.figure is None:
            known = {font.fname for font in font_manager.fontManager.ttflist}
            for file in sorted(FONTS.glob("*.ttf")):
                if str(file) not in known:
                    font_manager.fontManager.addfont(file)
            self.figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
            FigureCanvasSVG(self.figure)
        place = (x / self.width, 1 - (y + h) / self.height, w / self.width, h / self.height)
        with mpl.rc_context({**mpl.rcParamsDefault, **SETTINGS}):
            ax: Axes = self.figure.add_axes(place, facecolor="none")
        ax.tick_params(size=3, color=self.colour("rule"), labelcolor=self.colour("quiet"))
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(self.colour("rule"))
        return ax

    def at(self, ax: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of the axes lies on the sheet."""
        right, up = ax.transData.transform((x, y))
        return float(right), float(self.height - up)

    def svg(self) -> tuple[list[str], list[tuple[str, tuple[float, float, float, float]]]]:
        """The drawing as marks of the sheet, and the words in it with their boxes."""
        if self.figure is None:
            return [], []
        import matplotlib as mpl

        with mpl.rc_context({**mpl.rcParamsDefault, **SETTINGS, "svg.hashsalt": self.id}):
            words = list(self._words())
            out = io.StringIO()
            unsigned = dict.fromkeys(("Date", "Creator", "Format", "Type"))
            self.figure.savefig(out, format="svg", transparent=True, metadata=unsigned)
        body = out.getvalue()
        body = body[body.index("<defs>") : body.rindex("</svg>")].replace("xlink:href", "href")
        body = re.sub(r"<!--.*?-->\s*|\n\s*(?=<)", "", body)
        body = LONG.sub(lambda m: m[0] if m[0][0] == "s" else f"{float(m[0]):.2f}", IDENTITY.sub("", body))
        body = re.sub(r"\s*\n\s*", " ", STYLE.sub(self._themed, body))
        for k, name in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', body))):  # named after matplotlib's version
            body = re.sub(rf'(id="|#){re.escape(name)}(?=["\)])', rf"\g<1>p{k}", body)
        return [body], words

    def _words(self) -> Any:
        """Each visible word with the box of its line."""
        from matplotlib.text import Text

        self.figure.draw_without_rendering()
        beyond: set[Text] = set()  # labels of ticks outside the view exist, but are not drawn
        for axis in [axis for ax in self.figure.axes for axis in (ax.xaxis, ax.yaxis)]:
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low - 1e-9 * (high - low) <= tick.get_loc() <= high + 1e-9 * (high - low):
                    beyond |= {tick.label1, tick.label2}
        for text in self.figure.findobj(Text):
            if text.get_visible() and text.get_text() and text not in beyond:
                if text.get_size() < SETTINGS["font.size"]:
                    raise ValueError(f"{self.id}: {text.get_text()!r} at size {text.get_size():g} is too small")
                box = text.get_window_extent()
                yield text.get_text(), (box.x0, self.height - box.y1, box.width, box.height)

    def _themed(self, style: re.Match[str]) -> str:
        """A style whose sentinel colours are classes."""
        classes = " ".join(f"{kind[0]}-{self.names[int(k, 16)]}" for kind, k in PAINT.findall(style[1]))
        rest = PAINT.sub("", style[1]).strip()
        return (f' class="{classes}"' if classes else "") + (f' style="{rest}"' if rest else "")
