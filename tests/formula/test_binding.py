"""What a binding may say, and what it may not."""

import numpy as np
import pytest

from course.book.formula import FormulaError, verify
from course.book.formula.notation import Indexed, python_name

from .holding import green, red


@pytest.mark.parametrize(
    ("tex", "python"),
    [
        (r"\hat L", "hat_L"),
        (r"\theta_{t-1}", "theta_tm1"),
        ("x_{i+1}", "x_ip1"),
        ("x'", "x_prime"),
        ("A^*", "A_star"),
        ("*", "asterisk"),
        (r"\star", "star"),
        (r"W^{\top}", "W_T"),
        (r"\lambda", "lambda_"),
        (r"\mathrm{PSNR}", "PSNR"),
        (r"\operatorname{ELU}", "ELU"),
        (r"\mathbf{1}", "n1"),
    ],
)
def test_names_in_python(tex: str, python: str) -> None:
    assert python_name(tex) == python


# -- draws --------------------------------------------------------------------------------------------------------
def drawn(word: str) -> np.ndarray:
    seen = []
    verify(
        "x = x",
        f"x = {word}\n_y = look(x)",
        {"look": seen.append},
        label="l",
        path="p",
        line=1,
        binding_line=1,
        trials=1,
    )
    return np.asarray(seen[0])


@pytest.mark.parametrize(
    ("word", "shape", "kind"),
    [
        ("real", (), "f"),
        ("real[5, 7]", (5, 7), "f"),
        ("real[-2:3]", (5,), "f"),
        ("cplx[3]", (3,), "c"),
        ("integer[4]", (4,), "i"),
        ("positive[6]", (6,), "f"),
    ],
)
def test_a_draw_has_its_shape_and_kind(word: str, shape: tuple[int, ...], kind: str) -> None:
    a = drawn(word)
    assert a.shape == shape
    assert a.dtype.kind == kind


def test_positive_numbers_are_positive_and_whole_ones_small() -> None:
    assert np.all(drawn("positive[50]") > 0)
    assert set(drawn("integer[500]").tolist()) == set(range(1, 10))


def test_names_on_one_line_are_drawn_apart() -> None:
    assert "is false" in red("x = y", "x, y = real[4]")


def test_every_trial_draws_anew() -> None:
    seen: list[float] = []
    arguments = {"label": "l", "path": "p", "line": 1, "binding_line": 1}
    verify("x = x", "x = real\n_y = look(x)", {"look": seen.append}, trials=4, **arguments)
    assert len(set(map(float, seen))) == 4
    again: list[float] = []
    verify("x = x", "x = real\n_y = look(x)", {"look": again.append}, trials=4, **arguments)
    assert again == seen, "the same seed draws the same numbers"


# -- boundaries and indices ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("how", "mode"),
    [("wrap", "wrap"), ("clamp", "edge"), ("reflect", "symmetric"), ("mirror", "reflect")],
)
def test_a_boundary_is_numpy_pad(how: str, mode: str) -> None:
    data = np.random.default_rng(0).standard_normal(5)
    wide, padded = Indexed(data, (0,), how), np.pad(data, 4, mode)
    assert [wide.at((k,)) for k in range(-4, 9)] == padded.tolist()


def test_the_last_index_of_a_strict_array_is_the_last() -> None:
    a = Indexed(np.arange(5.0), (-2,))
    assert a.at((2,)) == 4
    for k in (-3, 3):
        with pytest.raises(IndexError, match=rf"index {k} is outside -2..2"):
            a.at((k,))


def test_at_and_support_keep_the_indices_of_a_name_that_python_holds() -> None:
    green(r"a = \sum_{k \in S} w_{k}", "w = real[-2:3]\nS = [k for (k,) in support(w)]\na = w.sum()")
    green("a = x_{1}", "x = at(1, real[5])\na = x[0]")
    green("a = x_{-1,2}", "x = at((-1, 2), real[3, 4])\na = x[0, 0]")


# -- each ---------------------------------------------------------------------------------------------------------
def test_each_runs_over_all_combinations_and_over_pairs() -> None:
    assert green("a = n k", "n, k = each(range(4)), each((5, 7))\na = n * k", trials=1).numbers == 8
    assert green("a = n k", "n, k = each(((2, 3), (5, 7)))\na = n * k", trials=1).numbers == 2
    assert "is false at n, k = (5, 7)" in red("n = k - 1", "n, k = each(((2, 3), (5, 7)))")


def test_each_may_depend_on_another_and_holds_draws() -> None:
    assert green("a = n k", "n = each((2, 3))\nk = each(range(n))\na = n * k", trials=1).numbers == 5
    green(r"\|x\|^2 \ge 0", "x = each((real[5], np.zeros(5)))")


def test_sizes_may_change_with_each() -> None:
    green(r"a = \sum_k x_k", "_n = each((3, 4))\nx = real[_n]\na = x.sum()")


# -- what is refused ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("a = real\nb = a\nc = 1", "the formula does not use c: a helper is called _name"),
        ("a = real[5, 5]\nb = a", "two axes are equally long"),
        ("a = real[5]\nb = real[5]", "a has this size too"),
        ("a, b = 4, 4", "b and a are equal"),
        ("a = 4\nb = 4", "b and a are equal"),
        ("a = real\nb = a\na = real", "a and a are both a in Python"),
        ("a = real\nb = a\n\\hat x = 1\nhat_x = 2", r"hat_x and \hat x are both hat_x in Python"),
        ("a = real\nb = a\nx' = 1\nx_{prime} = 2", "x_{prime} and x' are both x_prime in Python"),
        ("a = real\nb = a\nzero = 1", "zero is zero in Python"),
        ("a = real\nb = nothing", "the code fails: NameError: name 'nothing' is not defined"),
        ("a = real\nb = 1 / 0", "the code fails: ZeroDivisionError"),
        ("a = real\nb = (", "this is not Python"),
        ("a = real\nb", "a line of a binding reads"),
        ("a, b = each(((1, 2, 3), (4, 5, 6)))", "2 names, but 3 values"),
        ("a = real\n_u[2] = 1\nb = a", "the left side is not a name"),
    ],
)
def test_a_binding_is_refused(binding: str, message: str) -> None:
    text = red("a = b", binding)
    assert message.replace("{", "").replace("}", "") in text, text


def test_sizes_that_must_be_equal_have_a_name_or_stand_in_one_line() -> None:
    green("A = B", "_n = 3\nA = real[_n, _n]\nB = A")
    green("a + b = b + a", "n = 3\na = real[n]\nb = real[n]".replace("n = 3", "_n = 3").replace("[n]", "[_n]"))
    green("a + b = b + a", "a, b = real[4], positive[4]")


def test_an_option_that_does_not_exist() -> None:
    assert "fast is no option: pointwise and tol=1e-6 are" in red("a = a", "a = real", "fast")


def test_the_tolerance_is_an_option() -> None:
    binding = "a = real\nb = a * (1 + 1e-5)"
    assert "is false" in red("a = b", binding)
    green("a = b", binding, "tol=1e-4")


def test_a_line_goes_on_where_the_next_is_indented_and_comments_are_skipped() -> None:
    green("a = b", "# what follows\na = real  # one number\n\nb = (a +\n     0)")


def test_helpers_are_no_names_of_the_formula() -> None:
    assert "n is not bound" in red("a = n", "_n = 5\na = _n")


def test_the_namespace_of_the_page_is_not_changed() -> None:
    names = {"n": 5, "f": np.cumsum}
    verify("y_i = \\sum_{j=0}^{i} x_j", "x = real[n]\ny = f(x)", names, label="l", path="p", line=1, binding_line=1)
    assert names == {"n": 5, "f": np.cumsum}


def test_a_torch_tensor_is_an_array() -> None:
    green("y = 2 x", "x = real[5]\ny = torch.tensor(2 * x)")


# -- what a formula must do to be checked -------------------------------------------------------------------------
def test_a_formula_that_only_defines_compares_nothing() -> None:
    assert "nothing is compared" in red("m = a + b", "a, b = real\nm = ...")


def test_a_case_that_no_draw_reaches_is_not_checked() -> None:
    tex = r"a = \begin{cases} b & b > 0 \\ 7 & b \le 0 \end{cases}"
    assert "no draw reaches this case" in red(tex, "b = positive\na = b")
    green(tex, "b = each((-1, 0, 2))\na = b if b > 0 else 7")


def test_cases_are_disjoint_and_exhaustive() -> None:
    binding = "b = each((-1, 0, 2))\na = max(b, 0)"
    both = r"a = \begin{cases} b & b \ge 0 \\ 0 & b \le 0 \end{cases}"
    none = r"a = \begin{cases} b & b > 0 \\ 0 & b < 0 \end{cases}"
    assert "two cases apply at once" in red(both, binding)
    assert "no case applies" in red(none, binding)


@pytest.mark.parametrize(
    ("tex", "values", "message"),
    [
        (r"a \le 3", "(1, 2, 3)", ""),
        (r"a < 4", "(1, 2, 3)", ""),
        (r"a \le 4", "(1, 2, 3)", "this bound is never attained"),
        (r"a \le 3", "(3, 3.0)", "this bound is always attained: write ="),
        (r"a < 3", "(1, 2, 3)", "3 < 3 is false at a = 3"),
        (r"3 \ge a", "(1, 2, 3)", ""),
        (r"a \ne 3", "(1, 2, 4)", ""),
        (r"a \ne 3", "(1, 2, 3)", "is false"),
    ],
)
def test_a_bound_is_attained_somewhere_and_strict_elsewhere(tex: str, values: str, message: str) -> None:
    if message:
        assert message in red(tex, f"a = each({values})")
    else:
        green(tex, f"a = each({values})")


def test_a_derivative_at_a_kink_is_drawn_anew() -> None:
    green(r"\frac{\partial y}{\partial x} = s", "x = real\ny = abs(x)\ns = np.sign(x)")
    assert "does not exist at these values" in red(r"\frac{\partial y}{\partial x} = 0", "x = 0.0\ny = abs(x)")


def test_an_index_has_one_meaning() -> None:
    assert "stands outside of this too" in red(r"y_i = \sum_{i=0}^{2} x_i", "x = real[3]\ny = x")
    assert "has a value already" in red(r"a = \sum_{k=0}^{2} x_k", "x, k = real[3], 7\na = x.sum()")
    assert "is free here, but not on the other side" in red("y_i = x_j", "x = real[3]\ny = x")
    assert "runs over 0..2 and 0..3" in red(r"a = \sum_k x_k y_k", "x, y = real[3], real[4]\na = 1")


def test_an_error_of_the_code_is_the_cause() -> None:
    with pytest.raises(FormulaError) as caught:
        green("a = b", "a = real\nb = [][0]")
    assert isinstance(caught.value.__cause__, IndexError)
