"""What holds for every public function of both rooms: docstrings, examples, imports, and the width of what is shown."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course.autodiff
import course.nn
import course.ops
from course.autodiff import functional

MODULES = [
    importlib.import_module(f"{room.__name__}.{found.name}")
    for room in (course.autodiff, course.nn)
    for found in pkgutil.iter_modules(room.__path__)
]
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
    if inspect.isfunction(function):
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


@pytest.mark.parametrize("name", functional.__all__)
def test_every_function_says_its_equation(name):
    doc = inspect.getdoc(getattr(functional, name))
    assert "=" in doc.splitlines()[0], name


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_the_examples_run(module):
    tests = doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs={"np": np})
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_numpy_alone_is_imported():
    code = """
import sys
import numpy, numpy.fft, numpy.linalg, numpy.random
before = set(sys.modules)
import course, course.autodiff, course.nn
new = {name.split(".")[0] for name in set(sys.modules) - before}
strange = sorted(n for n in new - set(sys.stdlib_module_names) - {"course", "numpy"} if not n.startswith("_"))
assert not strange, strange
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_what_the_book_shows_fits_beside_its_text(module):
    shown, wide = False, []
    for number, line in enumerate(Path(module.__file__).read_text(encoding="utf-8").splitlines(), 1):
        if "--8<-- [" in line:
            shown = "[start:" in line
        elif shown and len(line) > 66:
            wide.append(f"{number}: {line}")
    assert not wide, "\n".join(wide)
