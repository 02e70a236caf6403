"""Draw assets/social.png, the picture that a shared link shows: `python docs/_theme/social.py` (needs Chromium).

It is the landing page's own picture beside the title, in the site's faces; run it again when either changes.
"""

import base64
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

THEME = Path(__file__).parent
PICTURE = THEME.parents[1] / "figures/landing/forward-and-back.svg"


def inline(path: Path, kind: str) -> str:
    """A file as a data address."""
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


PAGE = f"""<!doctype html><style>
@font-face {{ font-family: D; src: url({inline(THEME / "assets/fonts/newsreader-display.woff2", "font/woff2")}) }}
@font-face {{ font-family: T; src: url({inline(THEME / "assets/fonts/newsreader-text.woff2", "font/woff2")}) }}
body {{ margin: 0; width: 1200px; height: 630px; box-sizing: border-box; padding: 0 60px 0 72px; background: #fdfcf9;
  color: #23201c; display: flex; align-items: center; justify-content: space-between;
  border-bottom: 12px solid #9b2c20 }}
h1 {{ font: 400 92px/1 D; margin: 0 0 36px; letter-spacing: -.01em }}
p {{ font: 31px/1.4 T; width: 420px; margin: 0; color: #625c53 }}
</style><div><h1>Forward<br>and Back</h1>
<p>Convolution, its adjoint, and the whole way to networks that learn. Every claim is checked.</p></div>
<img src="{inline(PICTURE, "image/svg+xml")}" width="600">"""

with sync_playwright() as play:
    browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1200, "height": 630})
    page.set_content(PAGE)
    page.wait_for_timeout(300)
    page.screenshot(path=THEME / "assets/social.png")
    browser.close()
