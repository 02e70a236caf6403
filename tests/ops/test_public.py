"""What holds for every public function: docstrings, types, imports, and the width of what the book shows."""

import inspect

import pytest

import course.linear
import course.ops
from tests.rooms import failed_examples, imports_numpy_alone, is_typed, modules, wide_lines

NAMES = [(room, name) for room in (course.ops, course.linear) for name in room.__all__]
MODULES = modules(course.ops, course.linear)
ARCHITECTURE = """
convolve correlate conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_adjoint_x conv_adjoint_w
unfold fold max_pool1d max_pool2d avg_pool1d avg_pool2d pad crop pad_adjoint avg_pool_adjoint max_unpool2d
grid_sample_adjoint subsample zero_insert interpolate interpolate_adjoint dft idft dft_matrix affine_grid grid_sample
softmax log_softmax relu leaky_relu elu sigmoid silu tanh output_size transposed_output_size receptive_field
"""


def test_every_promised_name_is_there():
    assert set(ARCHITECTURE.split()) <= set(course.ops.__all__)
    promised = "LinearOperator identity dot_test matrix_test convolution padding subsampling pooling resampling fourier"
    assert {*promised.split(), "warping", "summing", "broadcasting", "gathering"} <= set(course.linear.__all__)


@pytest.mark.parametrize(("room", "name"), NAMES, ids=[name for _, name in NAMES])
def test_the_docstring_opens_with_the_equation_and_shows_an_example(room, name):
    function = getattr(room, name)
    doc = inspect.getdoc(function)
    assert any(sign in doc.splitlines()[0] for sign in "=|")
    assert ">>> " in doc
    assert is_typed(function)


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_the_examples_run(module):
    assert failed_examples(module) == 0


def test_numpy_alone_is_imported():
    imports_numpy_alone(course.ops, course.linear)


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_what_the_book_shows_fits_beside_its_text(module):
    wide = wide_lines(module, 66 if "ops" in module.__name__ else 72)
    assert not wide, "\n".join(wide)
