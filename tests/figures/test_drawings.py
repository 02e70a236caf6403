"""The committed figures: current, light, accessible, and shown by a browser in both schemes."""

import io
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course.book import figures
from tests.site import chromium

ROOT = Path(__file__).parents[2]
IDS = sorted(figures.load(ROOT))
WITH_PICTURES = {  # photographs and spectra; everything else is drawn in lines
    "adjoint/deblur",
    *(f"backprop/{name}" for name in ("piece", "variation")),
    "conv_backprop/shake",
    *(f"cnn/{name}" for name in ("kernels", "mistakes", "shaken", "through")),
    "convolution/template-matching",
    *(f"denoising/{name}" for name in ("models", "one-in-three", "same-pictures", "shapes")),
    *(f"fourier/{name}" for name in ("phase-swap", "plane-waves", "transfer")),
    *(f"geometry/{name}" for name in ("holes", "nine", "straightened", "stripes", "twelve")),
    *(f"images/{name}" for name in ("chain", "fewer", "rings")),
    *(f"intensities/{name}" for name in ("averages", "dusk", "matched", "tables")),
    *(f"kernels/{name}" for name in ("borders", "disc-ranks", "emboss-parts", "gallery", "nine-numbers")),
    *(f"learning/{name}" for name in ("gradient-picture", "regions")),
    "recipes/contact-sheet",
    *(f"restoration/{name}" for name in ("blind", "borders", "hum", "methods", "two-files")),
    *(f"seeing/{name}" for name in ("cascade", "covered", "dreams", "filters", "rebuilt", "two-networks")),
    *(f"segmentation/{name}" for name in ("canny", "seeds", "slice", "spots", "uneven")),
    *(f"mlp/{name}" for name in ("hidden", "playground")),
    *(f"training/{name}" for name in ("augmented", "four-networks")),
    *(f"unet/{name}" for name in ("field", "found", "restored", "skips")),
    "upsampling/cures",
    *(f"why/{name}" for name in ("filters", "pyramid")),
}
HEAVIEST = 60 * 1024
SVG = "{http://www.w3.org/2000/svg}"
PAPER = {"light": "#fdfcf9", "dark": "#191816"}


def path(id: str) -> Path:
    return ROOT / "figures" / f"{id}.svg"


@pytest.mark.parametrize("id", IDS)
def test_a_figure_holds_and_is_current(id: str) -> None:
    assert figures.check(id, ROOT) == []


@pytest.mark.parametrize("id", IDS)
def test_two_draws_are_equal(id: str) -> None:
    assert figures.draw(id, ROOT) == figures.draw(id, ROOT)


def test_no_orphans() -> None:
    assert figures.orphans(ROOT) == []


@pytest.mark.parametrize("id", IDS)
def test_a_file_is_light_and_vector(id: str) -> None:
    text = path(id).read_text(encoding="utf-8")
    assert len(text.encode()) <= HEAVIEST
    assert ("<image" in text) == (id in WITH_PICTURES)
    assert "#fe01" not in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("id", IDS)
def test_a_file_says_what_it_shows(id: str) -> None:
    root = ET.fromstring(path(id).read_text(encoding="utf-8"))
    named = {node.get("id"): node.text for node in root if node.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("role") == "img" and list(named) == root.get("aria-labelledby", "").split()
    title, desc = named.values()
    assert title and desc and len(desc) > len(title)
    width, height, box = root.get("width"), root.get("height"), root.get("viewBox", "").split()
    assert width == "480" and abs(float(height or 0) - 480 / float(box[2]) * float(box[3])) <= 0.5


@pytest.mark.parametrize("id", IDS)
def test_no_letter_is_too_small(id: str) -> None:
    """Letters carry their size as a scale of their face's units: 2000 to the em in Newsreader, 1000 in the others."""
    text = path(id).read_text(encoding="utf-8")
    scales = [float(s) for s in re.findall(r'translate\([^)]*\)scale\((\.\d+) -\1\)"', text)]
    assert scales and min(scales) * 2000 >= 11 - 0.01


@pytest.fixture(scope="module")
def tab() -> Iterator[Any]:
    """A page of Chromium as narrow as a phone."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not (executable := chromium.find()):
        reason = "how a figure looks on a phone needs Chromium; on Debian: apt install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        yield browser.new_page(viewport={"width": 360, "height": 480})
        browser.close()


def shown(tab: Any, id: str, scheme: str, ground: str) -> Any:
    """The pixels of a figure in an <img> on a page of this scheme and colour, 360 pixels wide."""
    from PIL import Image

    source = os.path.relpath(path(id), ROOT)
    tab.route("http://figures.test/**", lambda route: route.fulfill(
        body=(ROOT / source).read_bytes(), content_type="image/svg+xml"))  # fmt: skip
    tab.set_content(
        f'<html style="color-scheme:{scheme};background:{ground}"><body style="margin:0">'
        f'<img src="http://figures.test/{source}" width=360 style="display:block">'
    )
    tab.wait_for_function("document.images[0].complete && document.images[0].naturalWidth > 0")
    return np.array(Image.open(io.BytesIO(tab.locator("img").screenshot())).convert("RGB")).astype(int)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("id", IDS)
def test_a_browser_shows_it_in_both_schemes(tab: Any, id: str, scheme: str) -> None:
    paper = np.array([int(PAPER[scheme][k : k + 2], 16) for k in (1, 3, 5)])
    seen = shown(tab, id, scheme, PAPER[scheme])
    marked = np.abs(seen - paper).max(-1) > 12
    assert marked.mean() > 0.02
    rows, columns = (np.flatnonzero(marked.any(axis)) for axis in (1, 0))
    space = rows[0], len(marked) - 1 - rows[-1], columns[0], 359 - columns[-1]
    assert max(space) <= 12, f"empty margins: top, bottom, left, right {space}"
    strongest = np.abs(seen.mean(-1) - paper.mean()).max()
    assert strongest > 100, "no word stands out from the page of this scheme"
    red = shown(tab, id, scheme, "#ff0000")
    assert (red == (255, 0, 0)).all(-1).mean() > 0.1, "the ground is transparent"
