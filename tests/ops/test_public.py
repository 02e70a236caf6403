"""What holds for every public function: docstrings, types, imports, and the width of what the book shows."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import course.linear
import course.ops

NAMES = [(room, name) for room in (course.ops, course.linear) for name in room.__all__]
MODULES = [
    importlib.import_module(f"{room.__name__}.{found.name}")
    for room in (course.ops, course.linear)
    for found in pkgutil.iter_modules(room.__path__)
]
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
    if inspect.isfunction(function):
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty
        assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


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
import course, course.ops, course.linear
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
        elif shown and len(line) > (66 if "ops" in module.__name__ else 72):
            wide.append(f"{number}: {line}")
    assert not wide, "\n".join(wide)
