"""Cut the site's faces from npm's packages; run once, the cuts are committed.

In a folder with `npm pack @fontsource-variable/newsreader @fontsource/ibm-plex-mono`, unpacked under their names:
`python docs/_theme/cut_fonts.py FOLDER` (needs fonttools and brotli). Newsreader is variable in optical size and
weight; two fixed sizes serve the book: 15 for text, 40 for titles. Both faces are under the SIL OFL 1.1.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

OUT = Path(__file__).parent / "assets/fonts"
LATIN = (
    "20-7E,A0,A3,A7,A9,AB,B0-B3,B7,BB-BE,C0-CB,D4,D6,D7,DC,E0-EF,F1-F6,F9-FC,152,153,"
    "2009,200A,2013,2014,2018-201A,201C-201E,2022,2026,2032,2190-2193,2212"
)
NEWSREADER = "newsreader/files/newsreader-latin-opsz-{}.woff2"
PLEX = "ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2"
CUTS = {
    "newsreader-text": (NEWSREADER.format("normal"), {"opsz": 15, "wght": (400, 400, 600)}),
    "newsreader-text-italic": (NEWSREADER.format("italic"), {"opsz": 15, "wght": 400}),
    "newsreader-display": (NEWSREADER.format("normal"), {"opsz": 40, "wght": 460}),
    "plex-mono": (PLEX, None),
}


def cut(source: Path, target: Path, axes: dict[str, float | tuple[float, ...]] | None) -> None:
    """Fix the axes, keep the letters of LATIN, write a woff2."""
    font = TTFont(source)
    if axes:
        font = instancer.instantiateVariableFont(font, axes)
    options = subset.Options(flavor="woff2", hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    options.layout_features = ["kern", "liga", "mark", "ccmp", "tnum", "pnum"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(LATIN))
    cutter.subset(font)
    font.flavor = "woff2"
    font.save(target)
    print(f"{target.name}: {target.stat().st_size:,} bytes")


for name, (package, axes) in CUTS.items():
    cut(Path(sys.argv[1]) / package, OUT / f"{name}.woff2", axes)
