"""What holds for every public function of the room: its name is there, it is typed, and its example runs."""

import inspect

import pytest

from course import imaging
from tests.rooms import failed_examples, is_typed, modules, wide_lines

ARCHITECTURE = {
    "intensity": "negative gamma log stretch histogram equalize match_histograms average_stack",
    "kernels": "BLUR SHARPEN EDGE EDGE_ENHANCE EMBOSS SOBEL_X SOBEL_Y LAPLACE box gaussian",
    "filters": "filter2d mean gaussian median adaptive_median sobel",
    "noise": "gaussian salt_and_pepper periodic poisson",
    "frequency": "spectrum band_reject notch_reject notch_pass optimum_notch",
    "restore": "blur_operator inverse_filter wiener constrained_least_squares richardson_lucy blind_deconvolution",
    "segment": "otsu region_grow label measure erosion dilation opening closing canny",
    "geometry": "translation rotation scaling shear about homography estimate_affine estimate_homography warp"
    " warp_adjoint rotate resize radial_distortion",
    "metrics": "mse psnr ssim",
}
MODULES = modules(imaging)
FUNCTIONS = {
    f"{module}.{name}": function
    for module in ARCHITECTURE
    for name in getattr(imaging, module).__all__
    if inspect.isfunction(function := getattr(getattr(imaging, module), name))
}


@pytest.mark.parametrize("module", ARCHITECTURE)
def test_every_promised_name_is_there(module):
    assert set(ARCHITECTURE[module].split()) <= set(getattr(imaging, module).__all__)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_docstring_opens_with_what_is_computed_and_shows_an_example(function):
    doc = inspect.getdoc(function)
    assert doc.splitlines()[0].rstrip().endswith((".", ":")) and ">>> " in doc
    assert is_typed(function)


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_the_examples_run(module):
    assert failed_examples(module) == 0


@pytest.mark.parametrize("module", MODULES, ids=[m.__name__ for m in MODULES])
def test_what_the_book_shows_fits_beside_its_text(module):
    wide = wide_lines(module, 72)
    assert not wide, "\n".join(wide)
