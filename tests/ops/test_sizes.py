"""Sizes of outputs, and what an output sees."""

import numpy as np
import pytest

from course import ops


def test_output_size_is_the_size_of_the_output():
    rng = np.random.default_rng(0)
    for _ in range(200):
        n, k, s, p, d = (int(v) for v in rng.integers((5, 1, 1, 0, 1), (13, 5, 4, 4, 4)))
        if n + 2 * p >= d * (k - 1) + 1:
            out = ops.output_size(n, k, s, p, d)
            assert ops.conv1d(np.ones((1, n)), np.ones((1, 1, k)), None, s, p, d).shape == (1, out)
            whole = ops.conv_transpose1d(np.ones((1, out)), np.ones((1, 1, k)), None, s, p, 0, 1, d) if out else None
            if (out - 1) * s - 2 * p + d * (k - 1) + 1 > 0:
                assert whole.shape == (1, ops.transposed_output_size(out, k, s, p, 0, d))
        if 2 * p <= k and n + 2 * p >= k:
            for ceil_mode in (True, False):
                out = ops.output_size(n, k, s, p, ceil_mode=ceil_mode)
                assert ops.max_pool1d(np.ones((1, n)), k, s, p, 1, ceil_mode).shape == (1, out)


def test_tuples_and_words():
    assert ops.output_size((7, 8), (3, 2), (2, 1), padding=(0, 1)) == (3, 9)
    assert ops.output_size(28, 5, padding="same") == 28
    assert ops.output_size(28, 5, padding="valid") == 24
    assert ops.transposed_output_size((3, 4), 3, 2, output_padding=(0, 1)) == (7, 10)


def test_two_sizes_lead_to_one():
    assert ops.output_size(7, 3, 2) == ops.output_size(8, 3, 2) == 3
    assert [ops.transposed_output_size(3, 3, 2, output_padding=e) for e in (0, 1)] == [7, 8]
    with pytest.raises(ValueError, match="output_padding"):
        ops.transposed_output_size(3, 3, 2, output_padding=2)


def test_the_receptive_field_is_what_an_output_depends_on():
    rng = np.random.default_rng(0)
    for _ in range(20):
        layers = [tuple(int(v) for v in rng.integers(1, 4, 3)) for _ in range(3)]
        field = ops.receptive_field(layers)
        x = np.zeros((field + 40, 1, field + 40))
        x[range(len(x)), 0, range(len(x))] = 1  # a unit vector in each image
        for kernel, stride, dilation in layers:
            x = ops.conv1d(x, np.ones((1, 1, kernel)), None, stride, 0, dilation)
        read = np.flatnonzero(x[:, 0, 0])
        assert read[-1] - read[0] + 1 == field
    assert ops.receptive_field([]) == 1
