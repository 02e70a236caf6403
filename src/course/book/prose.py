"""The numbers in the text: which of them are claims, and which mark belongs to which.

A claim is a number that somebody could have got wrong: `4<!-- = len(y) -->`. Sizes, indices, dates and versions are
none, nor is anything in code, in a link or in a heading.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from course.book.source import Part, Source, blank

PLAIN = r"(?<![\w.,])[+\-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+\-−]?\d+)?"
TEX = r"[+-]?\s?\d+(?:(?:\{,\}|\\,)\d{3})*(?:\.\d+)?(?:\s*\\(?:times|cdot)\s*10\^\{?-?\d+\}?)?"
BEHIND = r"(?:\s[A-Za-z]+)?[*_%°)]*$"  # what may stand between a number and its mark: a unit, the end of bold
MARKED = re.compile(rf"(?P<plain>{PLAIN}){BEHIND}|(?P<maths>(?<![$\\])\$[^$\n]*?(?P<tex>{TEX})\s*\$){BEHIND}")
GIVEN = re.compile(rf"(?P<plain>{PLAIN}(?:(?:,?\s(?:and|or|to)\s|,\s|\s?[+–×]\s?){PLAIN})*){BEHIND}")  # one or several
NUMBER = re.compile(PLAIN + r"(?![\w])")
MATHS = re.compile(r"(?<![$\\])\$(?![\s$])(?P<tex>(?:[^$\n]|\n(?!\s*\n))+?)(?<![\s\\])\$(?!\d)")
RESULT = re.compile(rf"(?P<left>.*)(?:=|\\approx|\\simeq)\s*{TEX}\s*", re.S)
SETTING = re.compile(r"\s*\\?[A-Za-z]+'*\s*")  # $n = 4$ says which n is meant; $y_3 = 4$ claims something

N = r"(?<![\w.,−-])\d+(?:,\d{3})*"
MANY = rf"{N}(?:(?:,\s|,?\s(?:to|and|or|by)\s|\s?[–-]\s?)\d+)*(?![.,]?\d)"
INDEX = (
    "chapter|part|section|figure|table|equation|exercise|hint|step|lab|page|pp?|volume|number|question|line|row|column|"
    "entry|index|sample|tap|pixel|position|place|hour|layer|level|channel|axis|output|input|window|class|digit|item"
)
SIZE = "sample|pixel|tap|row|column|channel|entr(y|ies)|element|cell|bit|byte|dimension|layer|ax[ie]s|digit|neighbour"
NAMES = "[Vv]ersion|Python|NumPy|SciPy|PyTorch|torch|scikit-image|Matplotlib|pytest|CUDA|Debian|Windows|macOS|CC[ ]BY"
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
WORDS = r"(?:in|since|of|until|by|from|to|around|before|after|and|[A-Z]\w+\.?)"  # before a year, as in 1958
NO_CLAIM = re.compile(rf"""(?xm)
      \[[^\]\n]*\]\([^)\n]*\) | \[\^?[\w-]+\] | <[^<>]*> | https?://\S+ | \{{[^{{}}\n]*\}}  # links, notes, markup
    | ^[ ]*(?:\#.*|\d+[.)](?=[ ])|/{{3,}}.*|(?:!!!|\?\?\?\+?|===[!+]?)[ ].*)                  # headings, lists, blocks
    | {N}(?:\s?[×x]\s?\d+)+ | \d+[²³] | \d+-(?=[A-Za-z]) | \d+D\b | \d+(?:st|nd|rd|th)\b      # 3×3, 512², 2-D, 3rd
    | \b(?i:{INDEX})s?\.?[ \n]{MANY} | {MANY}[ \n](?:{SIZE})s?\b                              # row 2, 7 samples
    | \({N}(?:,\s\d+)+\) | \d+\(\d+\) | \d+:\d+ | {N}–\d+                                    # (174, 68), volumes, pages
    | \b(?:{NAMES})[ \n]v?\d+(?:\.\d+)*\+? | \d+(?:\.\d+){{2,}}                              # Python 3.11, 0.1.0
    | \d{{4}}-\d\d-\d\d | (?:\d+[ ])?(?:{MONTHS})(?:[ ]\d+)?(?:,?[ ]\d{{4}})? | \b(?:1[5-9]|20)\d\ds\b
    | (?:\b{WORDS}[ \n]|[(,–]\s?)(?:1[5-9]|20)\d\d\b(?!-\d|[.,]?\d|\s(?!(?:is|was|has|its|as|this)\b)[a-z]+s\b)
    """)


def marked(source: Source) -> Iterator[Part]:
    """Every number that has a mark, where the reader sees it: its words are its digits, its code what the mark says."""
    for mark in source.of("number", "given"):
        line = source.text.rfind("\n", 0, mark.start) + 1
        before = source.text[line : mark.start]
        if not (m := (mark.kind == "given" and GIVEN.search(before)) or MARKED.search(before)):
            raise source.error(mark.start, "this mark does not stand directly behind a number")
        start, end = (line + place for place in m.span("plain" if m["plain"] else "maths"))
        number = re.sub(r"\s*\\(?:times|cdot)\s*10\^\{?(-?\d+)\}?", r"e\1", m["plain"] or m["tex"])
        digits = re.sub(r"[\s,{}]|\\,", "", number.replace("−", "-"))  # as Python reads them
        yield replace(mark, start=start, end=end, words=digits, code=mark.words)


def unmarked(source: Source, covered: list[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Every number that claims something and has no mark: its position, and how it is printed."""
    text = blank(source.prose, *covered)
    for m in MATHS.finditer(text):
        if (result := RESULT.fullmatch(m["tex"])) and not SETTING.fullmatch(result["left"]):
            yield m.start(), m.group()
    for pattern in (MATHS, NO_CLAIM):
        text = pattern.sub(lambda m: blank(m[0], (0, len(m[0]))), text)
    yield from ((m.start(), m.group()) for m in NUMBER.finditer(text))
