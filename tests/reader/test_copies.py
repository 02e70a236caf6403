"""What a reader may do with code copied from a page, and the page's own example does not: other types, other sizes."""

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage, signal, sparse

from course.book.page import read
from course.ops import convolve, correlate, pad, pad_adjoint

DOCS = Path(__file__).parents[2] / "docs"
LIBRARIES = {
    "np": np, "sparse": sparse, "convolve": convolve, "correlate": correlate, "pad": pad, "pad_adjoint": pad_adjoint,
    "sliding_window_view": np.lib.stride_tricks.sliding_window_view,
}  # fmt: skip


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that begins anew for each test."""
    return np.random.default_rng(0)


def taken(page: str, *names: str) -> Any:
    """Functions as a page defines them first, copied together into one file; the last of them is returned."""
    found: dict[str, str] = {}
    for step in read(DOCS / page, DOCS).steps:
        if step.kind in ("block", "standalone"):
            for node in ast.parse(step.code).body:
                if isinstance(node, ast.FunctionDef):
                    found.setdefault(node.name, ast.unparse(node))
    namespace = dict(LIBRARIES)
    exec("\n\n".join(found[name] for name in names), namespace)
    return namespace[names[-1]]


def test_a_window_of_complex_numbers_is_met_by_their_inner_product(rng: np.random.Generator) -> None:
    slide = taken("convolution/convolution.md", "slide")
    x = rng.normal(size=9) + 1j * rng.normal(size=9)
    w = rng.normal(size=3) + 1j * rng.normal(size=3)
    np.testing.assert_allclose(slide(x, w), signal.correlate(x, w, "valid"))


def test_a_template_is_nowhere_in_a_black_picture() -> None:
    match = taken("convolution/convolution.md", "match")
    assert not match(np.zeros((6, 7), np.uint8), np.eye(3)).any()


@pytest.mark.parametrize("size", [(2, 4), (3, 4), (3, 5)])
def test_a_filter_with_an_even_kernel_keeps_the_size_and_has_its_adjoint(
    size: tuple[int, int], rng: np.random.Generator
) -> None:
    filter2d = taken("convolution/kernels.md", "filter2d")
    back = taken("convolution/kernels.md", "filter2d", "filter2d_back")
    x, g, w = rng.normal(size=(7, 9)), rng.normal(size=(7, 9)), rng.normal(size=size)
    np.testing.assert_allclose(filter2d(x, w), ndimage.correlate(x, w, mode="reflect"))
    assert np.isclose(np.sum(filter2d(x, w) * g), np.sum(x * back(g, w)))


@pytest.mark.parametrize("size", [(2, 2), (4, 3), (3, 3)])
def test_the_sparse_matrix_of_an_even_kernel_is_that_of_mode_same(
    size: tuple[int, int], rng: np.random.Generator
) -> None:
    x, w = rng.normal(size=(6, 8)), rng.normal(size=size)
    A = taken("convolution/matrix.md", "shift", "sparse_same")(w, x.shape)
    y = (A @ x.ravel(order="F")).reshape(x.shape, order="F")
    np.testing.assert_allclose(y, convolve(x, w, "same"), atol=1e-12)


def test_an_infinite_gradient_goes_round_the_ring_as_infinity() -> None:
    vectors = np.ones((3, 6))
    vectors[1, 2] = np.inf
    everywhere, _ = taken("practice/scale.md", "ring_all_reduce")(vectors)
    assert np.array_equal(everywhere, [vectors.sum(axis=0)] * 3)


def test_the_nearest_of_bytes_are_those_of_floats(rng: np.random.Generator) -> None:
    X, t = rng.integers(0, 240, (60, 8), np.uint8), rng.integers(0, 3, 60)
    neighbours = taken("learning/learning.md", "neighbours")
    assert np.array_equal(neighbours(X[:40], t[:40], X[40:], 1), neighbours(X[:40] / 1, t[:40], X[40:] / 1, 1))
    assert np.array_equal(neighbours(X, t, X, 1), t)


def test_a_fast_transform_by_halves_refuses_other_lengths() -> None:
    with pytest.raises(AssertionError, match="not a power of two"):
        taken("convolution/fourier.md", "fft_2")([1, 2, 3])
