"""Derivatives of programs: the adjoints of the steps, composed in reverse."""

from course.autodiff import functional
from course.autodiff.check import grad_check
from course.autodiff.derivative import grad, value_and_grad, vjp
from course.autodiff.recording import no_grad
from course.autodiff.tensor import Tensor

__all__ = [
    "Tensor",
    "functional",
    "grad",
    "grad_check",
    "no_grad",
    "value_and_grad",
    "vjp",
]
