"""The labs: what a student calls in a notebook. How a lab is written is said in CONTRIBUTING.md."""

from course.lab.asking import check, hint
from course.lab.pictures import show

__all__ = ["check", "hint", "show"]
