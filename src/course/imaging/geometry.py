"""Points, matrices and warps, each warp with its exact adjoint."""

from course.imaging.lenses import (
    distort,
    radial_distortion,
    undistort,
)
from course.imaging.matrices import (
    about,
    apply,
    estimate_affine,
    estimate_homography,
    homography,
    rotation,
    scaling,
    shear,
    translation,
)
from course.imaging.resizing import (
    resize,
    resize_adjoint,
    resizing,
)
from course.imaging.sampling import sample, sample_adjoint
from course.imaging.warps import (
    rotate,
    warp,
    warp_adjoint,
    warping,
)

__all__ = [
    "about",
    "apply",
    "distort",
    "estimate_affine",
    "estimate_homography",
    "homography",
    "radial_distortion",
    "resize",
    "resize_adjoint",
    "resizing",
    "rotate",
    "rotation",
    "sample",
    "sample_adjoint",
    "scaling",
    "shear",
    "translation",
    "undistort",
    "warp",
    "warp_adjoint",
    "warping",
]
