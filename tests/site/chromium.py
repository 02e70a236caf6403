"""Where Chromium is: `python -m tests.site.chromium` prints its path, or nothing."""

import os
import shutil
from pathlib import Path

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def find() -> str:
    """The system's Chromium or Chrome, else the one that playwright brought; '' where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        own = play.chromium.executable_path
    return own if own and Path(own).exists() and os.access(own, os.X_OK) else ""


if __name__ == "__main__":
    print(find())
