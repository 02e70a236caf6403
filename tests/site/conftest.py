"""The built site, served as its host does, and a Chromium to look at it with."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.site import chromium
from tests.site.serve import serving

ROOT = Path(__file__).parents[2]
CHAPTER = "convolution/convolution/"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly and plainly into a folder of its own, or before, into SITE."""
    if "SITE" in os.environ:
        return Path(os.environ["SITE"])
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "mkdocs.labs.yml", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0 and "WARNING" not in ran.stderr, ran.stdout + ran.stderr
    return folder


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    """The address of the site, under a sub-path."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Chromium; without one the tests are skipped, and in CI they fail."""
    path = chromium.find()
    if not path:
        reason = "tests/site needs Chromium; on Debian: apt install chromium"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield running
        running.close()


@dataclass
class Visit:
    """An open page, and what went wrong while it was open."""

    page: object
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def visit(browser, base: str) -> Iterator[Callable[..., Visit]]:
    """Open a page: `visit("how-to-use/", scheme="dark", width=390)`."""
    contexts = []

    def open_page(
        url: str = CHAPTER, scheme: str = "light", width: int = 1280, touch: bool = False, scripts: bool = True
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 500 else 800},
            color_scheme=scheme,
            has_touch=touch,
            is_mobile=touch,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        seen = Visit(context.new_page())
        seen.page.on("request", lambda r: r.url.startswith((base, "data:")) or seen.foreign.append(r.url))
        seen.page.on("console", lambda m: m.type in ("error", "warning") and seen.errors.append(m.text))
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.page.goto(base + url)
        seen.page.wait_for_load_state("networkidle")
        return seen

    yield open_page
    for context in contexts:
        context.close()
