"""What is measured of `course.imaging`, against SciPy, scikit-image and NumPy's transforms."""

from collections.abc import Iterator

from benchmarks.cases import Case


def medians() -> Iterator[Case]:
    """Median filters of uint8 pictures."""
    yield from ()


def thresholds() -> Iterator[Case]:
    """Otsu's method with one to four thresholds."""
    yield from ()


def regions() -> Iterator[Case]:
    """Regions grown with a fixed tolerance."""
    yield from ()


def warps() -> Iterator[Case]:
    """Bilinear warps."""
    yield from ()


def restorations() -> Iterator[Case]:
    """Wiener's filter against the transforms it is made of."""
    yield from ()


def all_cases() -> Iterator[Case]:
    for cases in (medians, thresholds, regions, warps, restorations):
        yield from cases()
