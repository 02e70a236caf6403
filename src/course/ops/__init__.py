"""Array functions, each linear one beside its adjoint; they need NumPy alone."""

from course.ops.activation import (
    elu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    tanh,
)
from course.ops.columns import fold, unfold
from course.ops.conv import conv_adjoint_w, conv_adjoint_x
from course.ops.fourier import dft, dft_matrix, idft
from course.ops.layers import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from course.ops.padding import (
    crop,
    pad,
    pad_adjoint,
    subsample,
    zero_insert,
)
from course.ops.pool import (
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
)
from course.ops.pool_adjoints import (
    avg_pool_adjoint,
    max_pool_adjoint,
    max_unpool2d,
)
from course.ops.resample import interpolate, interpolate_adjoint
from course.ops.signals import convolve, correlate
from course.ops.sizes import (
    output_size,
    receptive_field,
    transposed_output_size,
)
from course.ops.warp import (
    affine_grid,
    grid_sample,
    grid_sample_adjoint,
)

__all__ = [
    "affine_grid",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool_adjoint",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_adjoint_w",
    "conv_adjoint_x",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "convolve",
    "correlate",
    "crop",
    "dft",
    "dft_matrix",
    "elu",
    "fold",
    "grid_sample",
    "grid_sample_adjoint",
    "idft",
    "interpolate",
    "interpolate_adjoint",
    "leaky_relu",
    "log_softmax",
    "max_pool1d",
    "max_pool2d",
    "max_pool_adjoint",
    "max_unpool2d",
    "output_size",
    "pad",
    "pad_adjoint",
    "receptive_field",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "subsample",
    "tanh",
    "transposed_output_size",
    "unfold",
    "zero_insert",
]
