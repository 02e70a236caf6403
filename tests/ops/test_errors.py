"""One sentence for each mistake: the operation, what came, and the rule that it breaks."""

import numpy as np
import pytest

from course import ops

x, w = np.ones((2, 4, 6, 7)), np.ones((6, 2, 3, 3))

MISTAKES = {
    "conv2d: x has 4 channels, but w with groups=3 expects 6": lambda: ops.conv2d(x, w, groups=3),
    "conv2d: w has 6 kernels, which groups=4 cannot share equally": lambda: ops.conv2d(
        np.ones((2, 8, 6, 7)), w, groups=4
    ),
    "conv2d: w has 3 dimensions; it must have 4": lambda: ops.conv2d(x, w[0]),
    "conv2d: x has 2 dimensions; it must have 4": lambda: ops.conv2d(x[0, 0], w),
    "conv2d: stride is 0; it must be at least 1": lambda: ops.conv2d(x, w, stride=0, groups=2),
    "conv2d: stride is 1.5; it must be whole numbers": lambda: ops.conv2d(x, w, stride=1.5, groups=2),
    r"conv2d: stride is \(1, 2, 3\); it must be one number or 2": lambda: ops.conv2d(x, w, stride=(1, 2, 3), groups=2),
    "conv2d: padding is 'full'; it must be numbers, 'same' or 'valid'": lambda: ops.conv2d(
        x, w, padding="full", groups=2
    ),
    r"conv2d: padding='same' needs stride 1, but stride is \(2, 2\)": lambda: ops.conv2d(
        x, w, padding="same", stride=2, groups=2
    ),
    r"conv2d: the kernel spans \(9, 9\), more than the padded input of \(6, 7\)": lambda: ops.conv2d(
        x, w, dilation=4, groups=2
    ),
    r"conv2d: bias has shape \(3,\), but there are 6 output channels": lambda: ops.conv2d(x, w, np.ones(3), groups=2),
    "conv2d: x is float64, w is float32; their precision must be the same": lambda: ops.conv2d(
        x, w.astype(np.float32), groups=2
    ),
    r"conv_adjoint_x: g has shape \(2, 6, 5, 5\), but the convolution returns \(2, 6, 4, 5\)": (
        lambda: ops.conv_adjoint_x(np.ones((2, 6, 5, 5)), w, x.shape, groups=2)
    ),
    "conv_transpose2d: output_padding is .*; it must be smaller than the stride": lambda: ops.conv_transpose2d(
        x, np.ones((4, 2, 3, 3)), output_padding=1
    ),
    "conv_transpose2d: padding is 'same'; it must be numbers": lambda: ops.conv_transpose2d(
        x, np.ones((4, 2, 3, 3)), padding="same"
    ),
    r"max_pool2d: padding is \(2, 2\); it must be at most half of kernel_size \(3, 3\)": (
        lambda: ops.max_pool2d(x, 3, padding=2)
    ),
    "max_pool2d: x is complex128; only real numbers have a largest": lambda: ops.max_pool2d(x + 0j, 2),
    "max_pool2d: no window of kernel_size": lambda: ops.max_pool2d(x, 8),
    "avg_pool2d: divisor_override is 0; it must not be": lambda: ops.avg_pool2d(x, 2, divisor_override=0),
    "avg_pool2d: divisor_override is 1.5; it must be a whole number": lambda: ops.avg_pool2d(
        x, 2, divisor_override=1.5
    ),
    "avg_pool_adjoint: g has shape .*, which no pooling of x_shape .* gives": lambda: ops.avg_pool_adjoint(
        np.ones((2, 4, 5, 5)), 2, x.shape
    ),
    "max_unpool2d: indices are float64; they must be whole numbers": lambda: ops.max_unpool2d(x, np.zeros(x.shape), 2),
    "max_unpool2d: indices go from 999 to 999, outside planes of": lambda: ops.max_unpool2d(
        x, np.full(x.shape, 999), 2
    ),
    "unfold: a window spans .*, more than the padded image of": lambda: ops.unfold(x, 9),
    "fold: x has shape .*, but there are 20 windows of 9 entries a channel": lambda: ops.fold(
        np.ones((2, 9, 21)), (6, 7), 3
    ),
    "pad: mode is 'edge'; it must be 'constant' or one of 'reflect'": lambda: ops.pad(x, 1, "edge"),
    "pad: pad_width is -1; it must not be negative": lambda: ops.pad(x, -1),
    "pad: pad_width is .*; it must be a number, a pair, or a pair for each of 4 axes": lambda: ops.pad(x, [(1, 1)] * 3),
    "pad_adjoint: g of .* but x_shape is": lambda: ops.pad_adjoint(np.ones(5), 1, (4,)),
    "crop: x of .* is less than": lambda: ops.crop(np.ones(3), 2),
    "subsample: stride is .*, but the array has 1 axes": lambda: ops.subsample(np.ones(3), (1, 2)),
    "zero_insert: g has shape .*, but subsampling .* gives": lambda: ops.zero_insert(np.ones(3), 2, (4,)),
    "interpolate: size is None and scale_factor None; give one of the two": lambda: ops.interpolate(x),
    "interpolate: align_corners is True, but mode 'nearest' has no such choice": lambda: ops.interpolate(
        x, 3, align_corners=True
    ),
    "interpolate: mode is 'linear' and x has 4 dimensions": lambda: ops.interpolate(x, 3, mode="linear"),
    "interpolate: x is int64; mode 'bilinear' takes fractions": lambda: ops.interpolate(
        x.astype(int), 3, mode="bilinear"
    ),
    "interpolate_adjoint: g has shape .*, but interpolate returns": lambda: ops.interpolate_adjoint(x, x.shape, size=3),
    "grid_sample: x has shape .* and grid .*; they must be": lambda: ops.grid_sample(x, np.ones((2, 3, 3, 3))),
    "grid_sample: mode is 'cubic'": lambda: ops.grid_sample(x, np.ones((2, 3, 3, 2)), "cubic"),
    "affine_grid: theta has shape .*, but size .* expects": lambda: ops.affine_grid(np.ones((1, 2, 3)), x.shape),
    "affine_grid: theta is int64, not floating point": lambda: ops.affine_grid(np.ones((2, 2, 3), int), x.shape),
    "softmax: dim is 4, but x has 4 axes": lambda: ops.softmax(x, 4),
    "relu: x is bool; it must be real numbers": lambda: ops.relu(x > 0),
    "elu: x is int64; it must be floating point": lambda: ops.elu([1, 2]),
    "dft_matrix: n is 0; it must be at least 1": lambda: ops.dft_matrix(0),
    "output_size: no window fits: size 2 with padding 0 is smaller than kernel_size 3": lambda: ops.output_size(2, 3),
    "receptive_field: a layer is .*; it must be": lambda: ops.receptive_field([(3, 1, 1, 1)]),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_the_sentence(sentence):
    with pytest.raises((ValueError, TypeError), match=f"^{sentence}"):
        MISTAKES[sentence]()
