"""Array functions, each linear one beside its adjoint; they need NumPy alone."""

from course.ops.signals import convolve, correlate

__all__ = ["convolve", "correlate"]
