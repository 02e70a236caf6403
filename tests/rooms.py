"""What each room of the package is asked: examples that run, types, NumPy alone, lines that fit beside the text."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

ALONE = """
import sys
import numpy, numpy.fft, numpy.linalg, numpy.random
before = set(sys.modules)
import course, {rooms}
new = {{name.split(".")[0] for name in set(sys.modules) - before}}
strange = sorted(n for n in new - set(sys.stdlib_module_names) - {{"course", "numpy"}} if not n.startswith("_"))
assert not strange, strange
"""


def modules(*rooms: ModuleType) -> list[ModuleType]:
    """The modules of the rooms."""
    return [
        importlib.import_module(f"{room.__name__}.{found.name}")
        for room in rooms
        for found in pkgutil.iter_modules(room.__path__)
    ]


def failed_examples(module: ModuleType) -> int:
    """How many of the examples in a module's docstrings do not do what they show."""
    runner = doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs={"np": np}):
        runner.run(test)
    return runner.summarize(verbose=False).failed


def wide_lines(module: ModuleType, columns: int) -> list[str]:
    """The lines that the book may show and that are wider."""
    shown, wide = False, []
    for number, line in enumerate(Path(module.__file__ or "").read_text(encoding="utf-8").splitlines(), 1):
        if "--8<-- [" in line:
            shown = "[start:" in line
        elif shown and len(line) > columns:
            wide.append(f"{number}: {line}")
    return wide


def is_typed(function: object) -> bool:
    """Whether a function, if it is one, says the types of its arguments and of what it returns."""
    if not inspect.isfunction(function):
        return True
    signature = inspect.signature(function)
    annotations = [signature.return_annotation, *(p.annotation for p in signature.parameters.values())]
    return inspect.Parameter.empty not in annotations


def imports_numpy_alone(*rooms: ModuleType) -> None:
    """Import the rooms in a fresh interpreter: nothing but NumPy and the standard library comes along."""
    code = ALONE.format(rooms=", ".join(room.__name__ for room in rooms))
    subprocess.run([sys.executable, "-c", code], check=True)
