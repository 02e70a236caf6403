"""Images as arrays: kernels to filter them with."""

from course.imaging import kernels

__all__ = ["kernels"]
