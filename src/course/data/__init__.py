"""Pictures and digits that ship with the package, sets drawn on demand, and readers for MNIST's files."""

from course.data.generated import glyphs, shapes
from course.data.idx import fashion_mnist, mnist, read_idx
from course.data.pictures import digits, sample_image
from course.data.scenes import digit_scene, otsu_scene

__all__ = [
    "digit_scene",
    "digits",
    "fashion_mnist",
    "glyphs",
    "mnist",
    "otsu_scene",
    "read_idx",
    "sample_image",
    "shapes",
]
