"""Words as outlines of the site's own faces, so that a figure reads the same in every browser, image or print.

`lay` sets one line: letters with their places, in units of the figure. `$…$` is mathematics in KaTeX's letters, as on
the page: Latin and Greek letters are italic, `_` and `^` take a character or a {group}, the book's four letters have
their colours. Everything else is Newsreader at the optical size of small print, whose digits all have one width.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
FACES = {
    "text": "newsreader", "bold": "newsreader-bold", "italic": "newsreader-italic", "code": "plex-mono",
    "maths": "katex-main", "letters": "katex-italic",
}  # fmt: skip
MEANING = {"x": "input-ink", "w": "kernel-ink", "y": "output-ink", "g": "cotangent-ink"}
MATHS_SIZE = 1.14  # Computer Modern brought to Newsreader's x-height
CODE_SIZE = 0.94
SCRIPT_SIZE, SUPERSCRIPT, SUBSCRIPT = 0.72, 0.38, -0.17  # of the size, as TeX has them
RELATIONS, BINARY = "=<>≤≥≈∈→", "+−⋆∗×⋅"
RELATION_SPACE, BINARY_SPACE, COMMA_SPACE = 0.25, 0.2, 0.17


@dataclass(frozen=True)
class Letter:
    """One letter: its face and glyph, its origin relative to the line's, its size, its own colour if it has one."""

    face: str
    glyph: str
    x: float
    y: float
    size: float
    colour: str | None


@cache
def face(name: str) -> TTFont:
    """The font of a face."""
    return TTFont(FONTS / f"{FACES[name]}.ttf", lazy=False)


@cache
def outline(name: str, glyph: str) -> str:
    """The path of a glyph, in its font's units, upwards."""
    glyphs = face(name).getGlyphSet()
    glyphs[glyph].draw(pen := SVGPathPen(glyphs, ntos=lambda v: f"{v:.0f}"))
    return pen.getCommands()


@cache
def bounds(name: str, glyph: str) -> tuple[float, float, float, float]:
    """The box of a glyph's ink at size 1: left, bottom, right, top."""
    glyphs, em = face(name).getGlyphSet(), face(name)["head"].unitsPerEm
    glyphs[glyph].draw(pen := BoundsPen(glyphs))
    left, bottom, right, top = pen.bounds or (0, 0, 0, 0)
    return left / em, bottom / em, right / em, top / em


def lay(words: str, size: float, name: str = "text") -> tuple[list[Letter], float]:
    """The letters of a line, and its width."""
    letters: list[Letter] = []
    end = 0.0
    for k, part in enumerate(words.split("$")):
        if k % 2:
            end = _maths(letters, part, end, size * MATHS_SIZE)
        else:
            for character in part:
                end = _put(letters, character, name, end, 0, size * (CODE_SIZE if name == "code" else 1), None)
    return letters, end


def _put(
    letters: list[Letter], character: str, name: str, x: float, y: float, size: float, colour: str | None
) -> float:
    """Set one character and return where it ends; a letter that the face lacks is taken from KaTeX's."""
    for choice in (name, "maths", "letters"):
        glyph = face(choice).getBestCmap().get(ord(character))
        if glyph is not None:
            letters.append(Letter(choice, glyph, x, y, size, colour))
            return x + face(choice)["hmtx"][glyph][0] / face(choice)["head"].unitsPerEm * size
    raise ValueError(f"no face of the figures has the letter {character!r}")


def _maths(letters: list[Letter], formula: str, x: float, size: float) -> float:
    """Set a formula from x on; return where it ends."""
    colour: str | None = None
    operand = False  # whether an operator would stand between two operands
    base = last = x  # where the scripts of the last letter begin, and the end of the widest
    for mark, group in _atoms(formula):
        if mark:
            height, end = (SUPERSCRIPT if mark == "^" else SUBSCRIPT) * size, base
            for character in group:
                name = "letters" if character.isalpha() else "maths"
                end = _put(letters, character, name, end, height, size * SCRIPT_SIZE, colour)
            last = max(last, end)
            continue
        relation, binary = group in RELATIONS, group in BINARY and operand
        space = size * (RELATION_SPACE if relation else BINARY_SPACE if binary else 0)
        colour = MEANING.get(group)
        name = "letters" if group.isalpha() else "maths"
        base = last = _put(letters, group, name, last + space, 0, size, colour) + (
            space if relation or binary else size * COMMA_SPACE if group == "," else 0
        )
        operand = group.isalnum() or group in ")⟩]"
    return last


def _atoms(formula: str) -> Iterator[tuple[str, str]]:
    """The formula's characters, keyboard signs as mathematical ones; a script comes with its mark, _ or ^."""
    rest = formula.translate(str.maketrans("-*·", "−∗⋅"))
    while rest:
        mark = rest[0] if rest[0] in "_^" else ""
        rest = rest[len(mark) :]
        size = rest.index("}") + 1 if mark and rest.startswith("{") else 1
        group, rest = rest[:size].strip("{}"), rest[size:]
        if mark or not group.isspace():
            yield mark, group
