"""A stand-in, for what happens with torch does not depend on torch."""


def ones(n):
    return [1.0] * n
