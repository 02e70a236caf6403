"""Images as arrays: intensities, filters, noise, restoration, segmentation, geometry, and how to compare them."""

from course.imaging import (
    edges,
    filters,
    frequency,
    geometry,
    intensity,
    kernels,
    metrics,
    morphology,
    noise,
    restore,
    segment,
)

__all__ = [
    "edges",
    "filters",
    "frequency",
    "geometry",
    "intensity",
    "kernels",
    "metrics",
    "morphology",
    "noise",
    "restore",
    "segment",
]
