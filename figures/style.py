"""The figure language of the book: one palette with fixed meanings, one canvas, and the pictures that recur.

A figure is 360 units wide: one unit is one pixel on a narrow phone, and no word is smaller than 11 units. Coordinates
run right and down from the top left corner. Colours are classes of the SVG's own style sheet, which knows the reader's
light or dark scheme: one file serves both, on the page's own paper.
"""

import base64
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from figures import letters
from figures.plots import Plots

WIDTH = 360
SHOWN_WIDTH = 480  # what the site gives a figure where there is room
SMALL, BODY, LARGE = 11.0, 12.5, 15.0
LEGIBLE, LEGIBLE_SCRIPT = 11.0, 9.0
MARGIN = 11  # the most that may be left empty at a side
DASH = "3 2.4"
KINDS = {"f": "fill", "s": "stroke"}
CLASS = re.compile(r'class="([^"]*)"')

# name: (light page, dark page). A role has a fill (cells, bars) and an ink (lines, words), the site's own.
COLOURS = {
    "paper": ("#fdfcf9", "#191816"), "blank": ("#f1ede4", "#292723"), "rule": ("#b9b2a5", "#5b564e"),
    "ink": ("#23201c", "#e4dfd6"), "quiet": ("#625c53", "#aaa398"),
    "input": ("#0072b2", "#2f94d1"), "input-ink": ("#005c91", "#7cc0ee"),
    "kernel": ("#e69f00", "#e69f00"), "kernel-ink": ("#805400", "#f2bd57"),
    "output": ("#009e73", "#14ad83"), "output-ink": ("#00674b", "#5fd0ab"),
    "cotangent": ("#cc79a7", "#cc79a7"), "cotangent-ink": ("#8a3d68", "#e6a9cb"),
}  # fmt: skip
FAINTEST, TINT, STRONGEST = 0.13, 0.24, 0.5  # how much of a fill lies behind a number; more, and the number fades
CONE = 0.16
SHADE = re.compile(r"(.+)-(\d+)$")  # "kernel-24" is kernel mixed into the paper, 24 parts in a hundred

Array = NDArray[Any]
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, width, height
Cell = tuple[int, int]


@dataclass(frozen=True)
class Figure:
    """A figure: what it is called, what it says, its data, and the function that checks and draws it."""

    id: str
    height: float
    title: str
    desc: str
    data: dict[str, Array]
    draw: Callable[..., None]

    def svg(self) -> str:
        """The drawn figure."""
        sheet = Sheet(self.id, self.height, self.title, self.desc)
        self.draw(sheet, **self.data)
        return sheet.svg()


FIGURES: dict[str, Figure] = {}


def figure(
    id: str, *, height: float, title: str, desc: str, **data: ArrayLike
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function that states its figure's claims as assertions, then draws it; data become arrays."""

    def register(draw: Callable[..., None]) -> Callable[..., None]:
        if id in FIGURES:
            raise ValueError(f"figure: there are two figures with the id {id!r}")
        FIGURES[id] = Figure(id, height, title, desc, {k: np.array(v) for k, v in data.items()}, draw)
        return draw

    return register


def colour(name: str) -> tuple[str, str]:
    """A colour of the palette, or a shade of it, on the light and on the dark page."""
    if not (shade := SHADE.match(name)):
        return COLOURS[name]
    part = int(shade[2]) / 100
    light, dark = (
        "#"
        + "".join(f"{round(part * int(a[k : k + 2], 16) + (1 - part) * int(b[k : k + 2], 16)):02x}" for k in (1, 3, 5))
        for a, b in zip(COLOURS[shade[1]], COLOURS["paper"], strict=True)
    )
    return light, dark


def shade(name: str, part: float) -> str:
    """Name a colour mixed into the paper: cells are opaque, so that nothing behind stains them."""
    return f"{name}-{round(100 * part)}"


def number(value: Any) -> str:
    """A cell's text: nothing for nan, a true minus sign, at most four significant digits."""
    if isinstance(value, str):
        return value
    return "" if np.isnan(value) else f"{value:.4g}".replace("-", "−")


def points(*values: float) -> str:
    """Coordinates as SVG writes them: rounded to 1/100 unit, no zeros to spare."""
    return " ".join(f"{v:.2f}".rstrip("0").rstrip(".").replace("-0", "0" if abs(v) < 0.005 else "-0") for v in values)


@dataclass(frozen=True)
class Grid:
    """Where a drawn grid lies, so that windows, cones and arrows can find its cells."""

    x: float
    y: float
    rows: int
    cols: int
    cell: float

    def box(self, i: float = 0, j: float = 0, h: float | None = None, w: float | None = None) -> Box:
        """The box of h×w cells from (i, j); of the rest of the grid by default."""
        h, w = self.rows - i if h is None else h, self.cols - j if w is None else w
        return self.x + j * self.cell, self.y + i * self.cell, w * self.cell, h * self.cell

    def at(self, i: float, j: float) -> Point:
        """The centre of cell (i, j)."""
        return self.x + (j + 0.5) * self.cell, self.y + (i + 0.5) * self.cell

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.cols * self.cell

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.rows * self.cell

    @property
    def centre(self) -> Point:
        """The middle of the grid."""
        return (self.x + self.right) / 2, (self.y + self.bottom) / 2


class Sheet:
    """A figure under construction."""

    def __init__(self, id: str, height: float, title: str, desc: str) -> None:
        self.id, self.height, self.title, self.desc = id, height, title, desc
        self.plots = Plots(id, WIDTH, height, COLOURS)
        self._layers: dict[int, list[str]] = {}
        self._glyphs: dict[tuple[str, str], str] = {}
        self._words: list[tuple[str, Box]] = []
        self._marked: list[Box] = []
        self._masks = 0

    # ---- marks

    def text(
        self, x: float, y: float, words: str, size: float = BODY, colour: str = "ink", anchor: str = "middle",
        face: str = "text",
    ) -> float:  # fmt: skip
        """Write words whose capitals are centred on y; `$…$` is mathematics. Returns the x where they end."""
        line, width = letters.lay(words, size, face)
        x -= {"start": 0, "middle": width / 2, "end": width}[anchor]
        y += 0.34 * size
        if size < LEGIBLE or any(letter.size < LEGIBLE_SCRIPT for letter in line):
            raise ValueError(f"{self.id}: {words!r} at size {size:g} cannot be read at {WIDTH} pixels")
        runs: dict[tuple[str, str, float, float], list[str]] = {}
        for letter in line:
            key = (letter.colour or colour, letter.face, letter.size, letter.y)
            if not letters.outline(letter.face, letter.glyph):
                continue
            scale = letter.size / letters.face(letter.face)["head"].unitsPerEm
            name = self._glyphs.setdefault((letter.face, letter.glyph), f"g{len(self._glyphs)}")
            offset = f' x="{letter.x / scale:.0f}"' if letter.x else ""
            runs.setdefault(key, []).append(f'<use href="#{name}"{offset}/>')
        for (tone, name, height, rise), uses in runs.items():
            scale = f"{height / letters.face(name)['head'].unitsPerEm:.5f}".lstrip("0")
            place = f'transform="translate({points(x, y - rise)})scale({scale} -{scale})"'
            self._add(5, f'<g class="f-{tone}" {place}>{"".join(uses)}</g>')
        self._words.append((words, self._inside(_ink(line, x, y), words)))
        return x + width

    def runs(self, x: float, y: float, *parts: tuple[str, str], size: float = BODY, face: str = "text") -> float:
        """Words in several colours on one line: parts are (words, colour)."""
        for words, colour in parts:
            x = self.text(x, y, words, size, colour, "start", face)
        return x

    def boxes(
        self, boxes: Iterable[Box], fill: str | None = None, edge: str | None = None, width: float = 1.2,
        gap: float = 0, dash: bool = False, layer: int = 1,
    ) -> None:  # fmt: skip
        """Draw rectangles as one path, each made smaller by `gap`."""
        path = ""
        for x, y, w, h in boxes:
            x, y, w, h = self._inside((x + gap / 2, y + gap / 2, w - gap, h - gap), "a box")
            path += f"M{points(x, y)}h{points(w)}v{points(h)}h{points(-w)}z"
        self._path(path, fill, edge, width, dash, layer)

    def shape(self, corners: Sequence[Point], fill: str, layer: int = 0) -> None:
        """Fill a polygon."""
        self._path(self._line(corners) + "z", fill, None, 0, False, layer)

    def line(
        self, corners: Sequence[Point], colour: str = "rule", width: float = 1, dash: bool = False, layer: int = 2
    ) -> None:
        """Draw a line through points."""
        self._path(self._line(corners), None, colour, width, dash, layer)

    def dots(self, centres: Iterable[Point], colour: str, r: float = 2.6, layer: int = 3) -> None:
        """Draw filled circles."""
        for x, y in centres:
            self._inside((x - r, y - r, 2 * r, 2 * r), "a dot")
            self._add(layer, f'<circle class="f-{colour}" cx="{points(x)}" cy="{points(y)}" r="{points(r)}"/>')

    def ring(self, centre: Point, r: float, colour: str, width: float = 1.8) -> None:
        """Draw a circle round a place, with the paper's colour beneath, so that it shows on a picture."""
        self._inside((centre[0] - r, centre[1] - r, 2 * r, 2 * r), "a ring")
        for tone, w in (("paper", width + 2), (colour, width)):
            place = f'cx="{points(centre[0])}" cy="{points(centre[1])}" r="{points(r)}"'
            self._add(4, f'<circle class="s-{tone}" fill="none" stroke-width="{points(w)}" {place}/>')

    def arrow(
        self, start: Point, end: Point, colour: str = "ink", width: float = 1.3, dash: bool = False, bend: float = 0,
        layer: int = 3,
    ) -> None:  # fmt: skip
        """Draw an arrow, bent to its left by a part of its length; the way back is dashed."""
        a, b = np.array(start, float), np.array(end, float)
        across = np.array([b[1] - a[1], a[0] - b[0]])
        middle = (a + b) / 2 + bend * across
        along = (b - middle) / np.hypot(*(b - middle))
        side, head = np.array([along[1], -along[0]]), 3.5 + 2.2 * width
        neck = b - 0.8 * head * along
        path = f"M{points(*a)}" + (f"Q{points(*middle)} {points(*neck)}" if bend else f"L{points(*neck)}")
        self._path(path, None, colour, width, dash, layer)
        corners = [tuple(b - head * along + s * (1 + 0.9 * width) * side) for s in (-1, 1)]
        self.shape([corners[0], end, corners[1]], colour, layer=layer)

    # ---- the pictures that recur

    def grid(
        self, x: float, y: float, values: ArrayLike, cell: float = 24, role: str = "input",
        tone: ArrayLike | None = None, strong: Iterable[Cell] = (), size: float | None = None,
        faint_zero: bool = False, ghost: ArrayLike = False,
    ) -> Grid:  # fmt: skip
        """Numbers in cells. `tone` in [0, 1] shades a cell, 0 leaves it blank; strong cells are bold, ghosts dashed."""
        shown = np.atleast_2d(np.asarray(values))
        place = Grid(x, y, len(shown), shown.shape[1], cell)
        tones = np.broadcast_to(np.nan if tone is None else np.atleast_2d(np.asarray(tone, float)), shown.shape)
        ghosts = np.broadcast_to(np.atleast_2d(ghost), shown.shape)
        for level in np.unique(tones).tolist():
            same = np.isnan(tones) if np.isnan(level) else tones == level
            part = TINT if np.isnan(level) else FAINTEST + (STRONGEST - FAINTEST) * level
            cells = [place.box(i, j, 1, 1) for i, j in np.argwhere(same & ~ghosts).tolist()]
            self.boxes(cells, "blank" if level == 0 else shade(role, part), gap=1)
        self.boxes(
            [place.box(i, j, 1, 1) for i, j in np.argwhere(ghosts).tolist()], None, f"{role}-ink", 0.9, gap=2, dash=True
        )
        texts = [number(v) for v in shown.ravel()]
        room = max([letters.lay(t, 1)[1] for t in texts], default=0)
        fitting = min(size or min(LARGE, max(SMALL, 0.56 * cell)), (cell - 4) / room if room else LARGE)
        if room and fitting < LEGIBLE:
            widest = max(texts, key=lambda t: letters.lay(t, 1)[1])
            raise ValueError(f"{self.id}: {widest!r} is too long for a cell of {cell:g} units")
        bold = set(strong)
        for (i, j), text in zip(np.ndindex(shown.shape), texts, strict=True):
            quiet = ghosts[i, j] or (faint_zero and text == "0")
            if text:
                face = "bold" if (i, j) in bold else "text"
                self.text(*place.at(i, j), text, fitting, "quiet" if quiet else "ink", face=face)
        return place

    def window(
        self, place: Grid, i: float = 0, j: float = 0, h: float | None = None, w: float | None = None,
        role: str = "kernel", width: float = 2, dash: bool = False,
    ) -> None:  # fmt: skip
        """Frame h×w cells of a grid."""
        self.boxes([place.box(i, j, h, w)], edge=f"{role}-ink", width=width, dash=dash, layer=4)

    def cone(self, a: Box, b: Box, role: str = "kernel") -> None:
        """Draw the wedge between a window and the cell that it gives, or that gives it: side by side, or stacked."""
        if a[0] + a[2] <= b[0] or b[0] + b[2] <= a[0]:
            (p, q) = (a, b) if a[0] < b[0] else (b, a)
            edge, far = p[0] + p[2], q[0]
            corners = [(edge, p[1]), (far, q[1]), (far, q[1] + q[3]), (edge, p[1] + p[3])]
        else:
            (p, q) = (a, b) if a[1] < b[1] else (b, a)
            edge, far = p[1] + p[3], q[1]
            corners = [(p[0], edge), (q[0], far), (q[0] + q[2], far), (p[0] + p[2], edge)]
        self.shape(corners, shade(role, CONE))

    def matrix(
        self, x: float, y: float, values: ArrayLike, band: ArrayLike, cell: float = 20, role: str = "kernel"
    ) -> Grid:
        """An operator as a picture: `band` numbers the tap of each entry; -1 marks a structural zero, a dot."""
        taps = np.asarray(band)
        shown = np.where(taps < 0, np.nan, np.asarray(values, float))
        place = self.grid(x, y, shown, cell, role, tone=np.where(taps < 0, 0, (taps + 1) / (taps.max() + 1)))
        self.dots([place.at(i, j) for i, j in np.argwhere(taps < 0)], "rule", r=1.1)
        return place

    def stems(
        self, x: float, y: float, values: ArrayLike, pitch: float, scale: float, role: str = "input"
    ) -> list[Point]:
        """A signal: sample k stands at x + k·pitch, `scale` units for each 1 above the line y. Returns the tips."""
        heights = np.asarray(values, float)
        self.line([(x - pitch / 2, y), (x + (len(heights) - 0.5) * pitch, y)])
        tips = [(x + k * pitch, y - scale * v) for k, v in enumerate(heights.tolist())]
        for tip, value in zip(tips, heights, strict=True):
            self.line([(tip[0], y), tip], f"{role}-ink", 1.6)
            self.text(tip[0], tip[1] + (-11 if value >= 0 else 11), number(value), SMALL)
        self.dots(tips, f"{role}-ink", 3)
        return tips

    def picture(
        self, x: float, y: float, w: float, h: float, grey: Array, role: str | None = None, levels: int = 32
    ) -> None:
        """A picture of values in [0, 1]: grey, or with a role in its colour on the page's paper, light or dark."""
        self._inside((x, y, w, h), "a picture")
        steps = np.round(np.clip(grey, 0, 1) * (levels - 1)).astype(np.uint8)
        image = Image.fromarray(steps, "P")
        image.putpalette([round(255 * k / (levels - 1)) for k in range(levels) for _ in "rgb"])
        image.save(data := io.BytesIO(), "png", optimize=True)
        place = f'x="{points(x)}" y="{points(y)}" width="{points(w)}" height="{points(h)}"'
        source = f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"
        mark = f'<image {place} preserveAspectRatio="none" href="{source}"/>'
        if role:
            self._masks += 1
            name = f"m{self._masks}"
            mark = f'<mask id="{name}">{mark}</mask><rect {place} class="f-{role}" mask="url(#{name})"/>'
        self._add(1, mark)

    # ---- the file

    def svg(self) -> str:
        """The finished file: titled, described, themed, the same bytes on every run."""
        for x, y, words, anchor in self.plots.ticks():
            self.text(x, y, words, SMALL, "quiet", anchor)
        if touching := list(self.collisions()):
            raise ValueError(f"{self.id}: " + "; ".join(touching))
        self._layers.setdefault(1, []).extend(self.plots.svg())
        body = "\n".join(mark for layer in sorted(self._layers) for mark in self._layers[layer])
        glyphs = "".join(f'<path id="{name}" d="{letters.outline(*key)}"/>' for key, name in self._glyphs.items())
        used = sorted({name for names in CLASS.findall(body) for name in names.split()})
        light, dark = (
            "".join(f".{name}{{{KINDS[name[0]]}:{colour(name[2:])[scheme]}}}" for name in used) for scheme in (0, 1)
        )
        slug, (x, y, w, h) = self.id.replace("/", "-"), self._view()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x:g} {y:g} {w:g} {h:g}" width="{SHOWN_WIDTH}"'
            f' height="{round(h * SHOWN_WIDTH / w)}" role="img"'
            f' aria-labelledby="{slug}-title {slug}-desc">\n'
            f'<title id="{slug}-title">{escape(self.title)}</title>\n'
            f'<desc id="{slug}-desc">{escape(self.desc)}</desc>\n'
            f"<style>{light}@media(prefers-color-scheme:dark){{{dark}}}</style>\n<defs>{glyphs}</defs>\n{body}\n</svg>\n"
        )

    def collisions(self) -> Iterable[str]:
        """Name the pairs of words whose ink touches."""
        for k, (first, p) in enumerate(self._words):
            for second, q in self._words[:k]:
                overlap = [min(p[a] + p[a + 2], q[a] + q[a + 2]) - max(p[a], q[a]) for a in (0, 1)]
                if min(overlap) > -0.5:
                    yield f"{second!r} touches {first!r}"

    def _line(self, corners: Sequence[Point]) -> str:
        for x, y in corners:
            self._inside((x, y, 0, 0), "a line")
        return "M" + "L".join(points(*corner) for corner in corners)

    def _inside(self, box: Box, what: str) -> Box:
        x, y, w, h = box
        if x < -0.5 or y < -0.5 or x + w > WIDTH + 0.5 or y + h > self.height + 0.5:
            raise ValueError(f"{self.id}: {what!r} leaves the figure: {points(*box)} in 360 by {self.height:g}")
        self._marked.append(box)
        return box

    def _view(self) -> Box:
        """The part of the sheet that the file shows: all of it, or what is marked, where a margin would be empty."""
        if not (marked := [*self._marked, *self.plots.boxes]):
            return 0, 0, WIDTH, self.height
        corners = np.array(marked) + [(0, 0, x, y) for x, y, *_ in marked]  # left, top, right, bottom
        low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
        margins = np.array([low, (WIDTH, self.height) - high])
        if margins.max() <= MARGIN:
            return 0, 0, WIDTH, self.height
        kept = np.clip(margins, 0, MARGIN / 2)
        x, y, w, h = map(round, (*(low - kept[0]).tolist(), *(high - low + kept.sum(0)).tolist()))
        return x, y, w, h

    def _path(self, path: str, fill: str | None, edge: str | None, width: float, dash: bool, layer: int) -> None:
        if not path:
            return
        classes = " ".join([f"f-{fill}"] * bool(fill) + [f"s-{edge}"] * bool(edge))
        style = "" if fill else ' fill="none"'
        style += f' stroke-width="{points(width)}" stroke-linejoin="round"' if edge else ""
        style += f' stroke-dasharray="{DASH}"' if dash else ""
        self._add(layer, f'<path class="{classes}"{style} d="{path}"/>')

    def _add(self, layer: int, mark: str) -> None:
        self._layers.setdefault(layer, []).append(mark)


def _ink(line: Iterable[letters.Letter], x: float, y: float) -> Box:
    """The box of a line's ink, its baseline beginning at (x, y)."""
    sides = []
    for a in line:
        left, bottom, right, top = (a.size * v for v in letters.bounds(a.face, a.glyph))
        if right > left:
            sides.append((x + a.x + left, y - a.y - top, x + a.x + right, y - a.y - bottom))
    left, top = (min(side[k] for side in sides) for k in (0, 1))
    return left, top, max(side[2] for side in sides) - left, max(side[3] for side in sides) - top
