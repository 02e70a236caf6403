"""Linear maps with their adjoints: an operator, its algebra, two tests, and a catalogue."""

from course.linear.arrays import (
    broadcasting,
    cropping,
    gathering,
    padding,
    subsampling,
    summing,
)
from course.linear.checks import dot_test, matrix_test
from course.linear.layers import (
    convolution,
    convolution_in_w,
    convolving,
    fourier,
    pooling,
    resampling,
    unfolding,
    warping,
)
from course.linear.operator import LinearOperator, identity

__all__ = [
    "LinearOperator",
    "broadcasting",
    "convolution",
    "convolution_in_w",
    "convolving",
    "cropping",
    "dot_test",
    "fourier",
    "gathering",
    "identity",
    "matrix_test",
    "padding",
    "pooling",
    "resampling",
    "subsampling",
    "summing",
    "unfolding",
    "warping",
]
