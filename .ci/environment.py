"""The book's own environment: made in .venv on the first call, left alone on every later one."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
SIZES = {"site": "about 50 MB", "development": "about 250 MB"}
TORCH = (
    "torch follows (200 MB as a CPU wheel). On Linux, PyPI's torch brings gigabytes of CUDA with it: "
    "the README says how to offer pip a CPU wheel; --torch no (make TORCH=no) leaves it out."
)
RETRIES = {"PIP_RETRIES": "2"}  # pip's five would keep somebody without a network waiting for a minute


class Refusal(Exception):
    """One sentence for the person who called make."""


def python(folder: Path) -> Path:
    """The interpreter of the environment in `folder`."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(words: str) -> None:
    """Print at once, also into a pipe."""
    print(words, flush=True)


def fingerprint(extras: str, torch: bool, pins: str) -> str:
    """What an installation depends on, as one hash."""
    project = (ROOT / "pyproject.toml").read_text()
    return hashlib.sha256("\0".join([project, pins, extras, str(torch), sys.version]).encode()).hexdigest()


def create(folder: Path) -> None:
    """Make an empty environment, or say why it cannot be made."""
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise Refusal(
            f"{sys.executable} cannot make a virtual environment; install its venv module "
            "(Debian and Ubuntu: apt install python3-venv) or name another Python: make PYTHON=…"
        )


def pip(folder: Path, log: Path, *arguments: str) -> None:
    """Run pip quietly; what it said is in `log`, and a failure is one sentence."""
    command = [
        str(python(folder)),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        *arguments,
    ]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env=RETRIES | os.environ,
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as lines:
        lines.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        words, release = log.relative_to(ROOT), sys.version.split()[0]
        raise Refusal(
            f"pip could not install the book's tools (no network? no version for Python {release}?); "
            f"its own words are in {words}"
        )


def ensure(extras: str, torch: bool = False, folder: Path = ROOT / ".venv", pins: str | None = None) -> Path:
    """The environment's interpreter, with the package and its `extras`; installs only what is not there."""
    stamp, pins = folder / ".installed", CONSTRAINTS.read_text() if pins is None else pins
    done = set(stamp.read_text().split()) if stamp.exists() and python(folder).exists() else set()
    if fingerprint(extras, torch, pins) in done:
        return python(folder)
    start, log = time.monotonic(), ROOT / "build/setup.log"
    name = folder.relative_to(ROOT)
    say(f"Setting up {name}: downloading the tools of [{extras}], {SIZES[extras]}.")
    if not python(folder).exists():
        create(folder)
        done = set()
    constraints = folder / "constraints.txt"
    constraints.write_text(pins)
    pip(folder, log, "-c", str(constraints), "setuptools>=77")
    pip(folder, log, "-c", str(constraints), "--no-build-isolation", "-e", f".[{extras}]")
    if torch:
        say(TORCH)
        pip(folder, log, "-c", str(constraints), "--no-build-isolation", "-e", f".[{extras},torch]")
    # The larger set serves the smaller one too, so that `make serve` after `make test` installs nothing.
    served = ["site", "development"] if extras == "development" else [extras]
    stamp.write_text("\n".join(sorted(done | {fingerprint(e, t, pins) for e in served for t in {False, torch}})))
    say(f"Installed in {time.monotonic() - start:.0f} s.")
    return python(folder)


def lane_pins(lane: str) -> str:
    """The constraints of a lane: locked (ours), lowest (the oldest that the ranges allow), newest (none)."""
    if lane == "locked":
        return CONSTRAINTS.read_text()
    if lane == "newest":
        return ""
    ranges = re.findall(r'"([A-Za-z][\w.-]*)>=([\w.]+)[^"]*"', (ROOT / "pyproject.toml").read_text().split("[tool.")[0])
    return "".join(f"{name}=={oldest}\n" for name, oldest in ranges if name != "setuptools")
