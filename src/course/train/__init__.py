"""Training with torch, on whatever machine there is: `course train NAME`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.train.checkpoint import Run
    from course.train.demo import Data, Demo, Settings
    from course.train.demos import get_demo
    from course.train.faults import Refusal
    from course.train.progress import Progress
    from course.train.running import train

__all__ = ["Data", "Demo", "Progress", "Refusal", "Run", "Settings", "get_demo", "train"]

HOMES = {
    "Data": "demo",
    "Demo": "demo",
    "Progress": "progress",
    "Refusal": "faults",
    "Run": "checkpoint",
    "Settings": "demo",
    "get_demo": "demos",
    "train": "running",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is: the list of demos, and the rest of the package, do without torch."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"course.train.{HOMES[name]}"), name)
