"""Imports in the package point one way, and `import course` needs NumPy alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src/course"
# What each room may import: other rooms of the package, and libraries. Everything else is a wrong arrow.
ROOMS: dict[str, set[str]] = {
    "ops": set(),
    "linear": {"ops"},
    "imaging": {"ops", "linear"},
    "autodiff": {"ops"},
    "nn": {"ops", "autodiff"},
    "data": set(),
    "train": {"data"},
    "lab": {"ops", "linear", "imaging", "autodiff", "nn", "data"},
    "book": set(),
}
LIBRARIES: dict[str, set[str]] = {
    "train": {"torch", "matplotlib"},
    "lab": {"matplotlib"},  # in one function, which draws
    "book": {
        "matplotlib", "PIL", "fontTools", "sybil", "pytest", "_pytest", "xdist",
        "mkdocs", "mkdocs_jupyter", "jinja2", "markdown", "pymdownx", "pygments", "quickjs", "bs4",
    },
}  # fmt: skip


def imports(path: Path, source: str | None = None) -> set[str]:
    """The absolute names of all that a module imports, wherever in the module."""
    package = ("course", *path.relative_to(SRC).with_suffix("").parts)[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text() if source is None else source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" for alias in node.names} if module == "course" else {module}
    return names


def wrong_arrows(room: str, names: set[str]) -> list[str]:
    """Those of the imported names that `room` may not import."""
    wrong = []
    for name in sorted(names):
        top, *rest = name.split(".")
        if top == "course":
            target = rest[0] if rest else "the package itself"
            if target not in ROOMS[room] | {room}:
                wrong.append(name)
        elif top not in sys.stdlib_module_names | {"numpy"} | LIBRARIES.get(room, set()):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=lambda p: str(p.relative_to(SRC)))
def test_arrows(path: Path) -> None:
    room = path.relative_to(SRC).parts[0]
    if room in ROOMS:
        assert not wrong_arrows(room, imports(path)), f"{path.name}: the room {room} may not import these"
    else:  # __init__.py and cli.py stand above the rooms and import what they need when it runs
        assert imports(path) <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("room", "source", "wrong"),
    [
        ("ops", "from course.linear import dot_test", ["course.linear"]),
        ("ops", "def f():\n    from ..linear import dot_test", ["course.linear"]),
        ("ops", "from course import linear", ["course.linear"]),
        ("linear", "import course.autodiff", ["course.autodiff"]),
        ("imaging", "import scipy.ndimage", ["scipy.ndimage"]),
        ("nn", "import torch", ["torch"]),
        ("book", "from course.ops import convolve", ["course.ops"]),
        ("data", "import matplotlib.pyplot", ["matplotlib.pyplot"]),
        ("imaging", "import math, numpy.fft\nfrom ..ops.conv import conv2d", []),
    ],
)
def test_a_wrong_arrow_is_seen(room: str, source: str, wrong: list[str]) -> None:
    assert wrong_arrows(room, imports(SRC / room / "module.py", source)) == wrong


def test_import_course_needs_numpy_alone() -> None:
    rooms = [room for room in ("ops", "linear", "imaging", "autodiff", "nn", "data", "lab") if (SRC / room).is_dir()]
    code = f"""
import sys
for room in {rooms!r}:
    __import__("course." + room)
loaded = {{name.split(".")[0] for name in sys.modules}}
extra = {{"torch", "scipy", "skimage", "matplotlib", "PIL", "pytest", "sybil", "mkdocs"}} & loaded
assert not extra, extra
"""
    subprocess.run([sys.executable, "-c", code], check=True)
