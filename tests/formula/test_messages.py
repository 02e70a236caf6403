"""What the writer reads: page, line, one sentence, the TeX, and carets under the place."""

import pytest

from course.book.formula import FormulaError

from .holding import Equation, red

XY = "x, y = real[5]\n"


def test_a_wrong_value_is_shown_where_it_stands() -> None:
    text = Equation("l", "a = b +\n  2 c", "b, c = 1, 2\na = 4", path="docs/p.md", line=7)
    with pytest.raises(FormulaError) as caught:
        text.verify()
    assert str(caught.value) == "docs/p.md:7: 4 = 5 is false\n    a = b +\n        ^^^"


def test_a_place_in_a_later_row_has_its_line() -> None:
    text = Equation("l", "a = b\n  + c + d \\label{l}", "b, c = 1, 2\na = 4", path="docs/p.md", line=7)
    with pytest.raises(FormulaError) as caught:
        text.verify()
    expected = (
        "docs/p.md:8: d is not bound, and no array has it as a plain index\n      + c + d \\label{l}\n            ^"
    )
    assert str(caught.value) == expected


def test_an_error_in_the_code_shows_its_line() -> None:
    assert red("a = b", "a = real\nb = convolve(a)") == (
        "docs/page.md:21: the code fails: TypeError: convolve() missing 1 required positional argument: 'w'\n"
        "    b = convolve(a)\n"
        "        ^^^^^^^^^^^"
    )


def test_the_index_of_a_difference_is_told() -> None:
    assert "is false at i = 3" in red("y_i = x_i", "x = real[5]\ny = np.where(np.arange(5) == 3, 0, x)")


@pytest.mark.parametrize(
    ("tex", "sentence", "under"),
    [
        ("x/yx = x", "x/yx can be read in two ways: write \\frac or parentheses", "x/yx"),
        ("x/y/x = x", "x/y/x can be read in two ways", "x/y/x"),
        (r"x/y \cdot x = x", "can be read in two ways", r"x/y \cdot x"),
        (r"x + y \bmod x = x", "can be read in two ways", r"x + y \bmod x"),
        (r"x \odot y * x = x", "can be read in two ways", r"x \odot y * x"),
        (r"x = \sin 2\pi x", r"where does the argument of \sin end? Put it, or the whole, in parentheses", "2"),
        (r"x = \sin\pi x", r"where does the argument of \sin end?", r"\pi"),
        (r"x = \log x / y", r"where does the argument of \log end?", "x"),
        (r"x = \sin(x)^2", r"where does the argument of \sin end?", "(x)"),
        (r"x = \sin^{-1} x", r"\sin^{-1} can be read in two ways", r"\sin^{-1}"),
        (r"x = y^{-1}_{i}", "this can be read in two ways", r"y^{-1}_{i}"),
        (r"x = {x + y} y", "braces do not show on the page: write parentheses", "{x + y}"),
        ("x = x^2^3", "two superscripts: use parentheses", "^"),
        ("x = x[2]", "square brackets do not index in a formula: write a subscript", "["),
        (r"x = x_1 + \dots + x_4", r"an ellipsis cannot be evaluated: write a sum with \sum", r"\dots"),
        (r"x = \int x", r"\int is not notation that this book knows", r"\int"),
        (r"x = \begin{array} x \end{array}", "is not notation that this book knows", r"\begin{array}"),
        ("x = 2 3", "two numbers side by side", "3"),
        ("x + y", "this states nothing: a relation such as = is missing", "x + y"),
        (r"x = \sum_{i=0} x_i", r"say what this runs over, from where and how far", r"\sum_{i=0}"),
        (r"x = \sum x_i", r"say what this runs over", r"\sum"),
        (r"x = \nabla y", r"a gradient needs its variable: write \nabla_W L", r"\nabla y"),
        (r"x = \frac{\partial^2 y}{\partial x^2}", "stands where a quantity should", "^"),
        ("x = z", "z is not bound, and no array has it as a plain index", "z"),
        ("x = (x", "the end stands where ) should", ""),
        ("x = x)", ") does not continue the formula", ")"),
        ("x = x +", "the end stands where a quantity should", ""),
        (r"x = \langle x \rangle", r"\langle cannot hold 1 quantities", r"\langle x \rangle"),
        (r"x = \begin{pmatrix} x & y \\ x \end{pmatrix}", "the rows of this matrix do not fit together", r"\begin"),
        (r"x = x * y", "bind what * means: * = ...", "*"),
        (r"x = x y", "matrix product of shapes (5, 1) and (5, 1)", "x y"),
        ("x = x + 1", "sum of shapes (5, 1) and ()", "x + 1"),
        ("x = |x|", r"bars around a matrix: write \det A or \|A\|", "|x|"),
        ("x = x_{9}", "index 9 is outside 0..4", "x_{9}"),
        ("x = x_{1.5}", "an index must be a whole number", "1.5"),
        ("x_i = y", "the index i is free here, but not on the other side", "i"),
        (r"x = \exp(x x^{\top})", "if all is elementwise, say pointwise in the header", r"\exp(x x^{\top})"),
        (r"x = x^{-1}", "is not square", "x^{-1}"),
        ("x = (x^{\\top} x)^{\\top} y", "a number has none", "(x^{\\top} x)^{\\top}"),
        (r"x = \sum_{k=0}^{9999999} 1", "this has more than 1000000 terms", r"\sum_{k=0}^{9999999} 1"),
        ("x = 0 / 0", "division by zero", "0 / 0"),
    ],
)
def test_a_formula_is_refused(tex: str, sentence: str, under: str) -> None:
    text = red(tex, XY)
    head, row, carets = text.split("\n")
    assert head.startswith("docs/page.md:10: ")
    assert sentence in head
    assert row == f"    {tex}"
    start, width = carets.index("^"), carets.count("^")
    assert row[start : start + width].startswith(under[:width])
    if under:
        assert row[start:].startswith(under)
