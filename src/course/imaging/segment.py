"""From pixels to objects: thresholds, edges, regions, morphology, labels and measurements.

The public names of five modules: `thresholds`, `edges`, `regions`, `morphology` and `labels`.
"""

from course.imaging.edges import canny
from course.imaging.labels import label, measure
from course.imaging.morphology import (
    closing,
    dilation,
    erosion,
    opening,
)
from course.imaging.regions import flood, region_grow
from course.imaging.thresholds import otsu

__all__ = [
    "canny",
    "closing",
    "dilation",
    "erosion",
    "flood",
    "label",
    "measure",
    "opening",
    "otsu",
    "region_grow",
]
