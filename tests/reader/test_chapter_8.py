"""A careful reader of chapter 8 meets no symbol and no term that has not been introduced, there or before.

The tables say for each of them on which page, and with which words or in which labelled equation, it is introduced. The
symbols are taken from the chapter's formulas, and the terms from its links to the glossary and from its prose, so a new
one without a row turns a test red.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    name: DOCS / folder / f"{name}.md"
    for folder, names in (
        ("convolution", "images convolution kernels arithmetic matrix fourier"),
        ("adjoint", "adjoint transposed"),
    )
    for name in names.split()
}
CHAPTER = "transposed"

# A letter with several meanings has a row for each; the first of them must come before its first use.
SYMBOLS = [
    # symbol, what it means, the page that introduces it, the words or the label of the equation with which it does
    ("A", "a linear map", "images", "Call an operation $A$ [linear]"),
    ("B", "the step that correlates", "transposed", "Call the three steps $Z$, $B$ and $S$"),
    ("C", "the number of input channels", "arithmetic", "With $C$ channels in"),
    ("G", "the number of groups", "arithmetic", "With $G$ [groups]"),
    ("I", "the identity", "transposed", "is the identity matrix $I$"),
    ("M", "the number of filters", "arithmetic", "a bank of $M$ detectors"),
    ("P", "an orthogonal projection", "adjoint", r"\label{adj-projection}"),
    ("Q", "the matrix of the filters", "transposed", "the rows of a matrix `Q`"),
    ("S", "the step that keeps every s-th output", "transposed", "Call the three steps $Z$, $B$ and $S$"),
    ("W", "the matrix of a strided convolution", "matrix", r"\label{matrix-strided}"),
    ("Z", "the step that pads", "transposed", "Call the three steps $Z$, $B$ and $S$"),
    ("a", "a tap, as an age", "matrix", "Put in the age $a = i - j$"),
    ("b", "a place between inserted zeros", "transposed", r"\label{tc-zeros}"),
    ("b", "a bias", "transposed", "adds the number $b$ to each output"),
    ("c", "an input channel", "arithmetic", r"\label{multi-channel}"),
    ("d", "the dilation", "arithmetic", "[dilation](../reference/glossary.md#dilation) $d$"),
    ("e", "a unit array", "matrix", "Call $e_j$ the unit signal"),
    ("f", "a filter", "arithmetic", "the filters numbered by $f$"),
    ("g", "the cotangent", "convolution", "We call $g$ a [cotangent]"),
    ("h", "what comes back", "matrix", r"\label{transpose-correlates}"),
    ("i", "an output, or a window", "convolution", r"\label{conv-sum}"),
    ("j", "a place in the input", "matrix", "a one at place $j$, and zeros elsewhere"),
    ("k", "the number of taps", "convolution", "a sum over $k$ weights"),
    ("m", "the number of outputs", "arithmetic", "How many outputs $m$ are there?"),
    ("n", "the number of samples", "convolution", "Before the first of its $n$ samples"),
    ("p", "the padding", "arithmetic", "[padding](../reference/glossary.md#padding) $p$"),
    ("p", "a row of taps", "convolution", r"\label{corr-2d}"),
    ("q", "a column of taps", "convolution", r"\label{corr-2d}"),
    ("q", "a filter of two taps", "transposed", "a filter `q` of two taps"),
    ("r", "the remainder", "arithmetic", r"\label{unread}"),
    ("s", "the stride", "arithmetic", "[stride](../reference/glossary.md#stride) $s$"),
    ("u", "strengths with zeros in between", "transposed", r"\label{tc-zeros}"),
    ("v", "the same, padded", "transposed", "Call the padded array $v$"),
    ("w", "the kernel", "convolution", "[kernel](../reference/glossary.md#kernel) $w$"),
    ("x", "the input", "convolution", r"Call $x(\tau)$ the rain"),
    ("y", "the output", "convolution", r"\label{conv-sum}"),
    ("z", "strengths that fit", "transposed", "first the strengths $z = "),
    ("*", "convolution", "convolution", r"\label{conv-int}"),
    ("^*", "the adjoint", "adjoint", r"\label{adj-identity}"),
    ("^+", "the pseudo-inverse", "transposed", r"\label{tc-pinv}"),
    ("^-1", "the inverse", "matrix", r"\label{circulant-inverse}"),
    (r"^\top", "the transpose", "matrix", r"\label{transpose-dot}"),
    (r"\langle", "the inner product", "images", r"\label{image-inner}"),
    (r"\|", "the norm", "images", r"The [norm](../reference/glossary.md#norm) $\|x\|$"),
    (r"\mapsto", "a map, by what it makes of an array", "adjoint", r"The map $x \mapsto cx$"),
    (r"\mid", "divides", "arithmetic", r"\label{zero-inserted}"),
    (r"\overline", "the complex conjugate", "images", r"\label{image-inner}"),
]
# What every reader of Part I brings along, and marks of typesetting.
KNOWN = re.compile(r"\\(cdot|sum|frac|tfrac|sqrt|ge|le|rangle|dots|q?quad|substack)")

TERMS = [
    # a glossary word by its id, another term by its words; the page, and the words that introduce it
    ("adjoint", "images", "is called the [adjoint]"),
    ("affine", "images", "That is called [affine]"),
    ("channel", "images", "three [channels]"),
    ("convolution", "convolution", "that is [convolution]"),
    ("correlation", "convolution", "this is [correlation]"),
    ("cotangent", "convolution", "We call $g$ a [cotangent]"),
    ("cropping", "matrix", "which drops `a` samples at either end"),
    ("dilation", "arithmetic", "the [dilation]"),
    ("dot-test", "adjoint", "Here is the [dot test]"),
    ("fir", "kernels", "Engineers call them FIR filters"),
    ("group", "arithmetic", "[groups]"),
    ("inner-product", "images", "That is their [inner product]"),
    ("isometry", "adjoint", "Such a map is called an [isometry]"),
    ("kernel", "convolution", "of the [kernel]"),
    ("linear", "images", "Call an operation $A$ [linear]"),
    ("norm", "images", "The [norm]"),
    ("null-space", "adjoint", "form its [null space]"),
    ("orthogonal", "fourier", "the waves are [orthogonal]"),
    ("padding", "arithmetic", "the [padding]"),
    ("pixel", "images", "the same [pixel]"),
    ("projection", "adjoint", "is an orthogonal [projection]"),
    ("pseudo-inverse", "transposed", "is the [pseudo-inverse]"),
    ("range", "adjoint", "form its [range]"),
    ("stride", "arithmetic", "the [stride]"),
    ("tap", "convolution", "the [taps]"),
    ("transposed-convolution", "transposed", "This is a [transposed convolution]"),
    ("window", "convolution", "where the whole window lies in the picture"),
    ("backward pass", "transposed", "the step of its training that carries worths from outputs to inputs"),
    ("bias", "transposed", "its *bias*"),
    ("deconvolution", "transposed", "An older name is *deconvolution*"),
    ("filter", "arithmetic", "A filter has one kernel for each channel"),
    ("gather", "convolution", "stands at an output and *gathers*"),
    ("identity matrix", "transposed", "is the identity matrix $I$"),
    ("layer", "arithmetic", "A layer slides $k$ taps along $n$ samples"),
    ("map", "convolution", "a [feature map]"),
    ("orthonormal", "transposed", "the rows of $W$ are *orthonormal*"),
    ("output_padding", "transposed", "Libraries call the argument `output_padding`. It is $r$."),
    ("print", "transposed", "a rubber stamp that prints three numbers"),
    ("Riesz", "adjoint", "A theorem of Friedrich Riesz"),
    ("scatter", "convolution", "stands at every input and *scatters*"),
    ("shortest", "transposed", "the shortest of them is unique"),
    ("stamp", "transposed", "Take a rubber stamp"),
    ("strength", "transposed", "with strength 7"),
    ("sub-pixel convolution", "transposed", "call *sub-pixel convolution*"),
    ("transpose", "matrix", "The transpose of a convolution's matrix"),
    ("zeros in between", "transposed", "by zeros put in between"),
]
WORDS = {"fir": "finite impulse response", "strength": "with strength", "zeros in between": "zeros (?:put )?in between"}


def blank(match: re.Match[str]) -> str:
    """As many blanks, so that places stay what they are."""
    return re.sub(r"[^\n]", " ", match[0])


@cache
def shown(page: str) -> str:
    """The prose and the formulas of a page, at their places: no front matter, comments, fenced code or headings."""
    text = PAGES[page].read_text(encoding="utf-8")
    for pattern in (
        r"\A---\n.*?\n---\n",
        r"<!--.*?-->",
        r"(?m)^ *```.*?^ *```$",
        r"(?m)^#+ .*$",
        r"!\[[^\]]*\]\([^)]*\)",
    ):
        text = re.sub(pattern, blank, text, flags=re.S if "#" not in pattern else 0)
    return text


def formulas(text: str) -> Iterator[tuple[int, int, str]]:
    """Each formula: where it begins and ends, and its TeX."""
    text = re.sub(r"`[^`\n]*`", blank, text)
    for m in re.finditer(r"\$\$(?P<display>.+?)\$\$|(?<!\$)\$(?P<inline>[^$]+)\$", text, re.S):
        yield m.start(), m.end(), m["display"] or m["inline"]


def symbols(tex: str) -> list[str]:
    """The letters and commands of a formula, with a mark in the exponent as a symbol of its own."""
    tex = re.sub(r"\\(?:label|eqref|begin|end|text|operatorname)\{[^}]*\}", " ", tex)
    found = re.findall(r"\^\{?(?:\*|\+|\\top|-1)\}?|\\[A-Za-z]+|\\\||[A-Za-z]|\*", tex)
    return [re.sub(r"[{}]", "", s) if s[0] == "^" else s for s in found if not KNOWN.fullmatch(s)]


def first_uses(text: str) -> dict[str, int]:
    """Every symbol of the formulas, and where it is used first."""
    uses: dict[str, int] = {}
    for start, _, tex in formulas(text):
        for symbol in symbols(tex):
            uses.setdefault(symbol, start)
    return uses


def introduced(page: str, place: str) -> int:
    """Where the words stand on the page; a label counts from the beginning of its equation."""
    at = shown(page).find(place)
    assert at >= 0, f"{PAGES[page].name} does not say: {place}"
    return next((start for start, end, _ in formulas(shown(page)) if start < at < end and "label" in place), at)


def pattern_of(term: str) -> str:
    """How a term stands in the prose."""
    return rf"(?i)(?<![\w/#-]){WORDS.get(term, term.replace('-', '[- ]'))}"


def glossary_ids() -> dict[str, str]:
    """Each word of the glossary by its id."""
    text = (DOCS / "reference/glossary.md").read_text(encoding="utf-8")
    return {ident: word for word, ident in re.findall(r"(?m)^## (.+?) \{ #([\w-]+) data-fr", text)}


def prose() -> str:
    """The chapter's words, without formulas and without the addresses of links and the works to read on."""
    text = shown(CHAPTER)
    end = PAGES[CHAPTER].read_text(encoding="utf-8").index("## Where to read on")
    for pattern in (r"\$\$.+?\$\$", r"(?<!\$)\$[^$]+\$", r"\]\([^)]*\)"):
        text = re.sub(pattern, blank, text, flags=re.S)
    return text[:end]


def used_words(text: str) -> set[str]:
    """The ids of the glossary's words that the prose uses, linked or not."""
    return {
        ident
        for ident, word in glossary_ids().items()
        if re.search(rf"(?i)(?<![\w-]){re.escape(word)}s?(?![\w-])", text)
    }


@pytest.mark.parametrize(("page", "place"), sorted({row[-2:] for row in [*SYMBOLS, *TERMS]}))
def test_the_place_exists(page, place):
    introduced(page, place)


def test_every_symbol_of_the_chapter_is_in_the_table():
    missing = first_uses(shown(CHAPTER)).keys() - {row[0] for row in SYMBOLS}
    assert not missing, f"not introduced, or not in the table: {sorted(missing)}"


def test_every_row_is_of_a_symbol_that_the_chapter_uses():
    assert {row[0] for row in SYMBOLS} == first_uses(shown(CHAPTER)).keys()
    assert len({row[:2] for row in SYMBOLS}) == len(SYMBOLS)


@pytest.mark.parametrize("symbol", sorted({row[0] for row in SYMBOLS}))
def test_a_symbol_is_introduced_before_it_is_used(symbol):
    use = first_uses(shown(CHAPTER))[symbol]
    rows = [row for row in SYMBOLS if row[0] == symbol]
    assert any(page != CHAPTER or introduced(page, place) <= use for _, _, page, place in rows), (
        f"{symbol} is used first in: {shown(CHAPTER)[use : use + 60]!r}"
    )


def test_every_glossary_word_that_the_chapter_links_or_uses_is_in_the_table():
    linked = set(re.findall(r"glossary\.md#([\w-]+)", shown(CHAPTER)))
    missing = (linked | used_words(prose())) - {row[0] for row in TERMS}
    assert not missing, f"not introduced, or not in the table: {sorted(missing)}"


@pytest.mark.parametrize(("term", "page", "place"), TERMS)
def test_a_term_is_used_and_introduced_before(term, page, place):
    text = re.sub(r"\]\([^)]*\)", blank, shown(CHAPTER))
    use = re.search(pattern_of(term), text)
    assert use, f"the chapter never says {term}"
    if page == CHAPTER:
        sentence = shown(CHAPTER).rfind(". ", 0, introduced(page, place)) + 1
        assert sentence <= use.start(), (
            f"{term} is used first in: {shown(CHAPTER)[use.start() - 30 : use.start() + 30]!r}"
        )


def test_references_lead_to_equations_of_the_chapters_so_far():
    labels = {label for page in PAGES for label in re.findall(r"\\label\{([\w-]+)\}", shown(page))}
    assert set(re.findall(r"\\eqref\{([\w-]+)\}", shown(CHAPTER))) <= labels


# ---- and the tests can fail


@pytest.mark.parametrize("row", SYMBOLS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_row_less_is_noticed(row):
    """Without its rows a symbol is missing from the table; a second meaning needs its row's place to exist."""
    left = {other[0] for other in SYMBOLS if other[0] != row[0]}
    assert first_uses(shown(CHAPTER)).keys() - left == {row[0]}


def test_a_new_symbol_is_noticed():
    new = shown(CHAPTER) + r"Let $\Psi_t$ be another one, $$ \hat y = \Psi_t x. \label{new} $$"
    assert first_uses(new).keys() - {row[0] for row in SYMBOLS} == {r"\Psi", r"\hat", "t"}


def test_a_new_word_is_noticed():
    new = prose() + "\nIts spectrum says so, and its singular values."
    assert used_words(new) - {row[0] for row in TERMS} == {"spectrum", "singular-value"}
