"""Each kind of misprint is made where it can be, is told with its place, and is excused only if it is none."""

import numpy as np
import pytest

from course.book.formula import FormulaError
from course.book.formula.binding import Binding, Scene
from course.book.formula.mutate import mutants

from .holding import Equation, red
from .reference import NAMES

TWO = "a, b = real\n"


def misprints(tex: str, binding: str, options: str = "") -> set[str]:
    scene = Scene(Binding(binding, options, "p", 1), NAMES, 0)
    return {f"{m.old} -> {m.new}" for m in mutants(tex, scene)}


@pytest.mark.parametrize(
    ("tex", "binding", "expected"),
    [
        ("a = b + c", TWO + "c = 1", {"b + c -> b - c", "b + c -> b", "b -> a", "c -> b"}),
        ("a = -b", TWO, {"-b -> b"}),
        ("a = 2 b c", TWO + "c = 1", {"2 -> 3", "2 b c -> c", "2 b c -> 2 b", "2 b -> b"}),
        (
            r"a = \frac{b}{2}",
            TWO,
            {r"\frac{b}{2} -> \frac{2}{b}", r"\frac{b}{2} -> \frac{1}{2}", r"\frac{b}{2} -> \frac{b}{1}"},
        ),
        (r"a = \frac12", TWO, {r"\frac12 -> \frac21"}),
        ("a = b/2", TWO, {"b/2 -> 2/b"}),
        ("a = b^2", TWO, {"b^2 -> b", "2 -> 3"}),
        (
            "y_i = x_{i-1}",
            "x = zero(real[4])\ny = x",
            {"i-1 -> i+1", "x_{i-1} -> x_{i-1+1}", "y_i -> y_{i+1}", "y_i -> y_{i-1}", "x -> y"},
        ),
        (
            "y_{ij} = x_{j,i}",
            "x = real[3, 4]\ny = x.T",
            {"y_{ij} -> y_{ji}", "x_{j,i} -> x_{i,j}", "y_{ij} -> y_{(i+1)j}", "x_{j,i} -> x_{j,i-1}"},
        ),
        ("a = h_{21}", "h = real[3, 4]\na = h[2, 1]", {"h_{21} -> h_{12}", "h_{21} -> h_{31}", "h_{21} -> h_{20}"}),
        (
            r"a = \sum_{k=0}^{3} x_k",
            "x = real[5]\na = x.sum()",
            {r"\sum_{k=0}^{3} x_k -> \sum_{k=0+1}^{3} x_k", r"\sum_{k=0}^{3} x_k -> \sum_{k=0}^{3-1} x_k"},
        ),
        (r"a = \sum_{0 \le k < n} x_k", "x, n = real[5], 3\na = x.sum()", {r"\le -> <", r"< -> \le", "< -> >"}),
        (r"a = x^{\top} y", "x, y = real[5]\na = x @ y", {r"x^{\top} -> x", r"y -> y^{\top}", "x -> y"}),
        (r"A = B^*", "A, B = cplx[2, 3]", {"B^* -> B"}),
        (r"a = \overline{b}", "a, b = cplx", {r"\overline{b} -> (b)"}),
        (r"a = \max_k x_k", "x = real[5]\na = x.max()", {r"\max_k x_k -> \min_k x_k"}),
        (r"a = \lfloor b \rfloor", "a, b = 1, 1.5", {r"\lfloor b \rfloor -> \lceil b \rceil"}),
        (r"a \le b", TWO, {r"\le -> <", r"\le -> \ge"}),
        (r"a \in S", "a = 1\nS = {1, 2}", {r"\in -> \notin"}),
        (r"a = \binom{n}{k}", "n, k = 5, 2\na = 10", {r"\binom{n}{k} -> \binom{k}{n}"}),
        (
            r"\frac{\partial y}{\partial x} = a",
            "x = real\ny = 2 * x\na = 2",
            {r"\frac{\partial y}{\partial x} -> \frac{\partial x}{\partial y}"},
        ),
        (r"C = A \otimes B", "A, B = real[2, 3], real[4, 5]\nC = np.kron(A, B)", {r"A \otimes B -> B \otimes A"}),
        (r"y = x * w", "* = np.convolve\nx, w = real[5], real[3]\ny = np.convolve(x, w)", {"x * w -> w * x"}),
        (
            r"y = x * w + x \star w",
            "* = np.convolve\n\\star = np.correlate\nx, w, y = real[5], real[3], real[7]",
            {r"x * w -> x \star w"},
        ),
        (r"x_{\pm} = a \pm b", TWO + "x_{+}, x_{-} = 1, 2", {r"a \pm b -> a \mp b"}),
        (r"a = f'(b)", "f = np.tanh\n" + TWO, {"f' -> f"}),
        (r"a = |b|", TWO, {"|b| -> (b)"}),
        (r"a = \sqrt{b}", TWO, {r"\sqrt{b} -> (b)"}),
        (r"y = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}", "x, y = real", {r"> -> \ge", r"\le -> <"}),
    ],
)
def test_a_misprint_is_made(tex: str, binding: str, expected: set[str]) -> None:
    made = misprints(tex, binding)
    assert expected <= made, expected - made


def test_no_misprint_is_made_twice_or_changes_nothing() -> None:
    tex = r"y_i = \sum_{j=0}^{k-1} w_j\, x_{i-j}"
    scene = Scene(Binding("k = 3\nx = zero(real[8])\nw = real[k]\ny = np.convolve(x, w)", "", "p", 1), {}, 0)
    made = ["".join(m.tex.split()) for m in mutants(tex, scene)]
    assert len(set(made)) == len(made)
    assert "".join(tex.split()) not in made


def test_a_survivor_is_printed_with_page_line_tex_and_misprint() -> None:
    weak = Equation("weak", "a = x_0 + x_1", "x = np.array([2.0, 2.0])\na = 4", path="docs/p.md", line=30)
    score = weak.score()
    assert score.killed + len(score.survivors) == score.total
    assert (
        "docs/p.md:30: weak: index shifted: x_0 -> x_{0+1}\n    a = x_0 + x_1\n    a = x_{0+1} + x_1" in score.survivors
    )


def test_a_strong_binding_has_no_survivor() -> None:
    score = Equation("strong", "a = x_0 - 2 x_1", "x = real[5]\na = x[0] - 2 * x[1]").score()
    assert score.survivors == ()
    assert score.killed == score.total > 10


def test_what_is_equal_by_algebra_is_excused_and_verified() -> None:
    binding = "* = np.convolve\nx, w = real[5], real[3]\ny = np.convolve(x, w)\n"
    free = Equation("l", "y = x * w", binding).score()
    assert [s for s in free.survivors if "x * w -> w * x" in s]
    excused = Equation("l", "y = x * w", binding + "equal: x * w -> w * x because convolution commutes").score()
    assert excused.equal == ("x * w -> w * x",)
    assert len(excused.survivors) == len(free.survivors) - 1


def test_an_excuse_for_a_misprint_that_turns_red_is_refused() -> None:
    with pytest.raises(FormulaError, match="no misprint of this formula that stays green reads so") as caught:
        Equation("l", "a = b + 1", "b = real\na = b + 1\nequal: b + 1 -> b - 1 because I say so").score()
    assert str(caught.value).startswith("docs/page.md:22: ")


def test_an_excuse_that_holds_by_chance_is_refused() -> None:
    mostly_one = "x = 1.0 if rng.random() < 0.97 else 2.0\ny = x * x\nequal: x^2 -> x because x is one"
    lucky = next(s for s in range(99) if all(np.random.default_rng(s + k).random() < 0.97 for k in range(3)))
    with pytest.raises(FormulaError, match="this is not equal: on other values the misprint is false"):
        Equation("l", "y = x^2", mostly_one).score(lucky)


def test_a_red_formula_has_no_score() -> None:
    with pytest.raises(FormulaError, match="is false"):
        Equation("l", "a = 2 b", "b = real\na = b").score()
    assert "is false" in red("a = 2 b", "b = real\na = b")
