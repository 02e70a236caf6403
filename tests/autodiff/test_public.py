"""What holds for every public function of both rooms: docstrings, examples, imports, and the width of what is shown."""

import inspect

import pytest

import course.autodiff
import course.nn
import course.ops
from course.autodiff import functional
from tests.rooms import failed_examples, imports_numpy_alone, is_typed, modules, wide_lines

MODULES = modules(course.autodiff, course.nn)
NAMES = [
    (room, name)
    for room in (course.autodiff, course.nn)
    for name in room.__all__
    if not inspect.ismodule(getattr(room, name))
]
AUTODIFF = "Tensor grad value_and_grad vjp grad_check"
NN = """Linear Conv2d ConvTranspose2d MaxPool2d AvgPool2d BatchNorm2d Dropout Flatten ReLU Sequential cross_entropy
mse_loss SGD Adam fit mlp lenet unet"""


def test_every_promised_name_is_there():
    assert set(AUTODIFF.split()) <= set(course.autodiff.__all__)
    assert set(NN.split()) <= set(course.nn.__all__)


def test_functional_has_every_name_of_ops_with_the_same_arguments():
    assert set(course.ops.__all__) <= set(functional.__all__)
    for name in course.ops.__all__:
        ours, theirs = (inspect.signature(getattr(room, name)) for room in (functional, course.ops))
        assert ours == theirs, name


@pytest.mark.parametrize(("room", "name"), NAMES, ids=[name for _, name in NAMES])
def test_the_docstring_opens_with_the_equation_and_shows_an_example(room, name):
    function = getattr(room, name)
    doc = inspect.getdoc(function)
    assert any(sign in doc.splitlines()[0] for sign in "=|↦←")
    assert ">>> " in doc
    assert is_typed(function)


@pytest.mark.parametrize("name", functional.__all__)
def test_every_function_says_its_equation(name):
    doc = inspect.getdoc(getattr(functional, name))
    assert "=" in doc.splitlines()[0], name


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_the_examples_run(module):
    assert failed_examples(module) == 0


def test_numpy_alone_is_imported():
    imports_numpy_alone(course.autodiff, course.nn)


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_what_the_book_shows_fits_beside_its_text(module):
    wide = wide_lines(module, 66)
    assert not wide, "\n".join(wide)
