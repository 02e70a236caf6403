"""Lighthouse for a phone on the finished chapter, median of three: `python -m tests.site.lighthouse build/site`.

Needs Node and Chromium; Lighthouse itself comes from npm, at the version below.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from tests.site import chromium
from tests.site.serve import serving

VERSION = "13.5.0"
RUNS = 3
PAGES = ["convolution/convolution/"]
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
SHIFT = 0.02
MEASURES = {
    "largest-contentful-paint": "LCP ms",
    "total-blocking-time": "TBT ms",
    "speed-index": "SI ms",
    "total-byte-weight": "bytes",
}


def measure(url: str, browser: str) -> dict[str, Any]:
    """One report, as Lighthouse's own JSON."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            shutil.which("npx") or "npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", "--output=json",
            f"--output-path={report}", f"--only-categories={','.join(LEAST)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ]  # fmt: skip
        ran = subprocess.run(command, env=os.environ | {"CHROME_PATH": browser}, capture_output=True, text=True)
        if not report.is_file():
            sys.exit(f"lighthouse did not run:\n{ran.stdout}{ran.stderr}")
        result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return result


def failed(report: dict[str, Any], category: str) -> list[str]:
    """The audits that cost a category its points."""
    audits = report["categories"][category]["auditRefs"]
    return [a["id"] for a in audits if a["weight"] and (report["audits"][a["id"]]["score"] or 0) < 0.9]


def judge(page: str, reports: list[dict[str, Any]]) -> bool:
    """Print one page's medians; whether each is good enough."""
    scores = {c: round(100 * median(r["categories"][c]["score"] for r in reports)) for c in LEAST}
    shift = median(r["audits"]["cumulative-layout-shift"]["numericValue"] for r in reports)
    values = {name: median(r["audits"][k]["numericValue"] for r in reports) for k, name in MEASURES.items()}
    print(f"{page}: {scores}, CLS {shift:.4f}, {', '.join(f'{n} {v:,.0f}' for n, v in values.items())}")
    for category, least in LEAST.items():
        if scores[category] < least:
            print(f"  {category} is below {least}: {', '.join(failed(reports[-1], category))}")
    if shift > SHIFT:
        print(f"  the layout shifts by more than {SHIFT}")
    return shift <= SHIFT and all(scores[c] >= least for c, least in LEAST.items())


def main(folder: Path) -> int:
    """Measure each page and judge it; the exit status says whether all are good enough."""
    browser = chromium.find()
    if not browser or not shutil.which("npx"):
        print("lighthouse needs Chromium and Node (npx)")
        return 1
    with serving(folder) as base:
        good = [judge(page, [measure(base + page, browser) for _ in range(RUNS)]) for page in PAGES]
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
