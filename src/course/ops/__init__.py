"""Array functions, each linear one beside its adjoint; they need NumPy alone."""

from course.ops.conv import conv_adjoint_w, conv_adjoint_x
from course.ops.layers import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from course.ops.signals import convolve, correlate
from course.ops.sizes import output_size, receptive_field, transposed_output_size

__all__ = [
    "conv1d", "conv2d", "conv3d",
    "conv_adjoint_w", "conv_adjoint_x",
    "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
    "convolve", "correlate",
    "output_size", "receptive_field", "transposed_output_size",
]  # fmt: skip
