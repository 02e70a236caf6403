"""Pictures and digits that ship with the package, sets that are drawn on demand, and readers for MNIST's files."""

from course.data.scenes import digit_scene

__all__ = ["digit_scene"]
