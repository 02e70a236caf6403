"""Cut the figures' faces, which are the site's; run once, the cuts are committed.

In a folder with `npm pack @fontsource-variable/newsreader @fontsource/ibm-plex-mono`, unpacked as `newsreader` and
`ibm-plex-mono`: `python figures/fonts/cut.py FOLDER` (needs fonttools and brotli). The letters of formulas are KaTeX's,
from docs/_theme/vendor. Newsreader is cut at the optical size of small print: a label is 11 pixels high on a phone.
Plain TrueType, so that drawing needs no decompression of woff2.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent
KATEX = HERE.parents[1] / "docs/_theme/vendor/katex/fonts"
LATIN = "20-7E,A0,B0,B1,B7,BD,D7,E0,E2,E7-EB,EE,EF,F4,F6,F9,FB,2013,2014,2018-201D,2026,2032,2212"
MATHS = (
    "20-7E,AC,B1,D7,F7,391-3A9,3B1-3C9,3D5,2026,2032,210F,2113,2190-2194,21A6,2200-220B,2211-221A,221D,221E,"
    "2223-222B,223C,2243,2245,2248,2260,2264,2265,2282-2287,2295-2299,22A4,22A5,22C5,22C6,22EE,22EF,27E8,27E9"
)
SMALL_PRINT = 9
NEWSREADER = "newsreader/files/newsreader-latin-opsz-{}.woff2"
PLEX = "ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2"
CUTS: dict[str, tuple[Path | str, dict[str, float], str]] = {
    "newsreader": (NEWSREADER.format("normal"), {"opsz": SMALL_PRINT, "wght": 400}, LATIN),
    "newsreader-bold": (NEWSREADER.format("normal"), {"opsz": SMALL_PRINT, "wght": 650}, LATIN),
    "newsreader-italic": (NEWSREADER.format("italic"), {"opsz": SMALL_PRINT, "wght": 400}, LATIN),
    "plex-mono": (PLEX, {}, LATIN),
    "katex-italic": (KATEX / "KaTeX_Math-Italic.woff2", {}, MATHS),
    "katex-main": (KATEX / "KaTeX_Main-Regular.woff2", {}, MATHS),
}  # fmt: skip


def cut(folder: Path, name: str) -> None:
    """Fix the axes, keep the letters, write a TrueType file."""
    source, axes, letters = CUTS[name]
    font = TTFont(folder / source)
    if axes:
        font = instancer.instantiateVariableFont(font, axes)
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(letters))
    cutter.subset(font)
    font.flavor = None
    font.recalcTimestamp = False
    font.save(HERE / f"{name}.ttf")
    print(f"{name}.ttf: {(HERE / f'{name}.ttf').stat().st_size:,} bytes")


if __name__ == "__main__":
    for each in CUTS:
        cut(Path(sys.argv[1]), each)
