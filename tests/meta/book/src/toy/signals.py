"""A package for the pages of these tests to include from."""

import numpy as np

START = 0


def first(x):
    return x[START]


# --8<-- [start:differences]
def differences(x):
    """The first sample, and what is added from each to the next."""
    y = x[1:] - x[:-1]
    y = np.array([x[0], *y])
    return y


# --8<-- [end:differences]


# --8<-- [start:opening]
def opening(x):
    """Whether a signal begins with silence."""
    return first(x) == 0


# --8<-- [end:opening]
