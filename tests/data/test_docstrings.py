"""Every public function of the room shows an example, and every example does what it shows."""

import doctest
import importlib
import inspect

import pytest

import course.data
from course.imaging import kernels

MODULES = ["generated", "idx", "pictures", "randomness", "scenes", "strokes"]


@pytest.mark.parametrize("module", [*(f"course.data.{name}" for name in MODULES), "course.imaging.kernels"])
def test_examples_run(module):
    flags = doctest.ELLIPSIS
    assert doctest.testmod(importlib.import_module(module), optionflags=flags).failed == 0


@pytest.mark.parametrize("function", [getattr(course.data, name) for name in course.data.__all__])
def test_every_public_function_has_an_example(function):
    assert ">>>" in inspect.getdoc(function)


@pytest.mark.parametrize("function", [kernels.box, kernels.gaussian])
def test_every_kernel_maker_has_an_example(function):
    assert ">>>" in inspect.getdoc(function)
