"""The demos, a module each. They are listed from their sources, so that listing them needs no torch."""

import ast
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.train.faults import Refusal

if TYPE_CHECKING:
    from course.train.demo import Demo


def listed() -> dict[str, dict[str, Any]]:
    """For each demo, by name, what its `DEMO = Demo(...)` says literally: shows, takes, sets and numbers."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DEMO":
                assert isinstance(node.value, ast.Call)
                found[path.stem] = dict(literals(node.value.keywords))
    return found


def literals(keywords: list[ast.keyword]) -> list[tuple[str, Any]]:
    """The arguments whose values are written out."""
    pairs = []
    for keyword in keywords:
        try:
            pairs.append((str(keyword.arg), ast.literal_eval(keyword.value)))
        except ValueError:  # a name, such as that of the demo's own function
            continue
    return pairs


def get_demo(name: str) -> "Demo":
    """The demo of that name."""
    names = listed()
    if name not in names:
        raise Refusal(f"there is no demo {name!r}, only {', '.join(names)}")
    demo: Demo = importlib.import_module(f"course.train.demos.{name}").DEMO
    return demo
