"""What each target of make does. One function a target; its first line is what `make` prints."""

import argparse
import functools
import hashlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from environment import ROOT, Refusal, ensure, lane_pins, python, say

SITE = ROOT / "build/site"
EXECUTED = "mkdocs.labs.yml"  # the book with its labs executed
BOOK = ["docs", "figures", "src", "mkdocs.yml", EXECUTED, "constraints.txt", "build/labs"]
PROSE = [
    "docs",
    "src",
    "tests",
    "figures",
    "benchmarks",
    ".ci",
    ".github",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
]
CHECKED = ["src", "tests", "figures", "benchmarks", ".ci", "make.py", "setup.py", "docs"]

Options = argparse.Namespace
QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
# Two processes of pytest on two cores: threads of the matrix products would only wait for each other.
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")


def run(*command: str | Path, environment: dict[str, str] | None = None) -> int:
    """Run a command from the root; its exit status."""
    return subprocess.run([str(c) for c in command], cwd=ROOT, env=os.environ | QUIET | (environment or {})).returncode


def parts(title: str, steps: dict[str, Callable[[], int]]) -> int:
    """Run every step, also after a failure; print the time of each, and fail if one failed."""
    rows, start = [], time.monotonic()
    for name, step in steps.items():
        say(f"\n── {name}")
        began = time.monotonic()
        status = step()
        rows.append((name, time.monotonic() - began, status))
    say(f"\n{title}:")
    for name, seconds, status in rows:
        say(f"  {seconds:7.1f} s  {'failed' if status else 'ok':6}  {name}")
    say(f"  {time.monotonic() - start:7.1f} s  in all")
    return int(any(status for *_, status in rows))


def wants_torch(options: Options) -> bool:
    """Whether torch is to be installed: yes unless somebody says no."""
    return options.torch != "no"


def developer(options: Options) -> Path:
    """The interpreter with everything that the checks need."""
    return ensure("development", wants_torch(options))


# --- reading --------------------------------------------------------------------------------------


def state() -> str:
    """A hash of the names, sizes and times of all that the site is built from."""
    files = [p for top in BOOK for p in ([ROOT / top] if (ROOT / top).is_file() else sorted((ROOT / top).rglob("*")))]
    lines = [
        f"{p} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files if p.is_file() and "__pycache__" not in p.parts
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def build(interpreter: Path, *options: str) -> int:
    """Build the site into build/site; the old one stays until the new one is whole."""
    fresh = SITE.with_name("site.new")
    status = run(interpreter, "-m", "mkdocs", "build", *options, "--site-dir", fresh)
    if status == 0:
        shutil.rmtree(SITE, ignore_errors=True)
        fresh.rename(SITE)
        SITE.with_name("site.state").write_text(state())
    return status


class Reader(http.server.SimpleHTTPRequestHandler):
    """Serve the built book, without a line of log for every file."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer an unknown address with the book's own page."""
        page = SITE / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(options: Options) -> int:
    """Set up, build and serve the book on localhost (PORT=8000)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", options.port))
        except OSError:
            raise Refusal(f"port {options.port} is in use; name another: make serve PORT={options.port + 1}") from None
    interpreter, kept = ensure("site"), SITE.with_name("site.state")
    if (not kept.exists() or kept.read_text() != state()) and build(interpreter):
        return 1
    handler = functools.partial(Reader, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler) as server:
        say(f"The book is at http://localhost:{options.port}/ (Ctrl+C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("")
    return 0


def site(options: Options) -> int:
    """Build the site with its labs executed, strictly, into build/site; check its links and markup."""
    interpreter = developer(options)
    return build(interpreter, "--strict", "-f", EXECUTED) or run(interpreter, "-m", "course.book.sitecheck", SITE)


# --- checking -------------------------------------------------------------------------------------


def check(options: Options) -> int:
    """Format, lint, types, spelling, import arrows, workflows."""
    py = developer(options)
    tool = functools.partial(run, py, "-m")
    workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
    forms = [p for p in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")) if p.name != "config.yml"]
    schema = functools.partial(run, python(ROOT / ".venv").with_name("check-jsonschema"), "--builtin-schema")
    return parts(
        "make check",
        {
            "format": lambda: tool("ruff", "format", "--check", *CHECKED),
            "lint": lambda: tool("ruff", "check", *CHECKED),
            "format and lint of the pages": lambda: tool("course.book.lint"),
            "types": lambda: tool("mypy"),
            "spelling": lambda: tool("codespell_lib", *PROSE),
            "workflow schema": lambda: schema("vendor.github-workflows", *workflows),
            "issue form schema": lambda: schema("vendor.github-issue-forms", *forms),
            "citation schema": lambda: schema("vendor.citation-file-format", "CITATION.cff"),
            "workflow lint": lambda: run(python(ROOT / ".venv").with_name("zizmor"), "--offline", "--quiet", ".github"),
            "arrows": lambda: tool("pytest", "-q", "tests/ground"),
        },
    )


def docs(options: Options) -> int:
    """Run every claim of the book: pytest docs."""
    return run(developer(options), "-m", "pytest", "docs", "-n", "2", "--dist", "loadfile", environment=SINGLE)


def ledger(options: Options) -> int:
    """Run the book and write what it found into the public ledger."""
    return run(developer(options), "-m", "pytest", "docs", "-q", "-n", "2", "--write-ledger", environment=SINGLE)


def figures(options: Options) -> int:
    """Draw every figure again and compare it with the committed one."""
    return run(developer(options), "-m", "course.cli", "figures", "--check")


def find_chromium(interpreter: Path) -> str:
    """The path of a Chromium for the browser checks, provided if need be; '' where there is none."""
    command = [str(interpreter), "-m", "tests.site.chromium"]

    def look() -> str:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()

    if path := look():
        return path
    say("No Chromium here; trying to provide one.")
    run(interpreter, "-m", "playwright", "install", "chromium")
    if not (path := look()) and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "chromium")
        path = look()
    return path


def browser(interpreter: Path) -> int:
    """The checks that need a browser; without one, a line that says so (in CI a failure)."""
    if not find_chromium(interpreter):
        say(
            "Not run: tests/site, for want of Chromium; install one (Debian: apt install chromium; "
            "elsewhere: .venv/bin/playwright install chromium) and call make test again."
        )
        return int(os.environ.get("CI") == "true")
    return run(interpreter, "-m", "pytest", "tests/site", "-q", "-n", "2")


def test(options: Options) -> int:
    """Set up and run every check there is."""
    py = developer(options)
    pytest = functools.partial(run, py, "-m", "pytest", environment=SINGLE)
    return parts(
        "make test",
        {
            "check": lambda: check(options),
            "the book (pytest docs)": lambda: pytest("docs", "-q", "-n", "2", "--check-ledger"),
            "the package (pytest tests)": lambda: pytest(
                "tests", "-q", "-n", "2", "--ignore=tests/site", "--ignore=tests/ground"
            ),
            "figures": lambda: figures(options),
            "site": lambda: site(options),
            "browser": lambda: browser(py),
        },
    )


def mutants_formulas(options: Options) -> int:
    """Misprint every formula of the book, and see each misprint caught."""
    return run(developer(options), "-m", "pytest", "docs", "-q", "--mutate-formulas")


def mutants(options: Options) -> int:
    """Every planted fault that the checks must catch: today the misprinted formulas."""
    return mutants_formulas(options)


def lane(options: Options) -> int:
    """Run the book and its tests on other versions: LANE=locked, lowest or newest."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = ROOT / f"build/lanes/{options.lane}-{version}"
    py = ensure("development", options.torch == "yes", folder, lane_pins(options.lane))
    run(py, "-m", "pip", "list", "--format", "freeze", "--exclude-editable")
    pytest = functools.partial(run, py, "-m", "pytest", environment=SINGLE)
    return parts(
        f"lane {options.lane}, Python {version}",
        {
            "the book": lambda: pytest("docs", "-q", "-n", "2"),
            "the package": lambda: pytest("tests", "-q", "-n", "2", "--ignore=tests/site", "--ignore=tests/ground"),
            "the site": lambda: run(
                py, "-m", "mkdocs", "build", "--strict", "-f", EXECUTED, "--site-dir", folder / "site"
            ),
        },
    )


# --- measuring and training -----------------------------------------------------------------------


def bench(options: Options) -> int:
    """Measure speed and memory against SciPy, scikit-image and torch."""
    return run(developer(options), "-m", "benchmarks")


def lighthouse(options: Options) -> int:
    """Lighthouse on the finished chapter, median of three (needs Node)."""
    interpreter = developer(options)
    return build(interpreter) or run(interpreter, "-m", "tests.site.lighthouse", SITE)


def demos(options: Options) -> int:
    """Train the networks of the book from several seeds, and run every training demo on the CPU, briefly."""
    py = developer(options)
    if status := run(py, "-m", "benchmarks.five_seeds"):
        return status
    if not wants_torch(options):
        say("Not run: the training demos, for want of torch.")
        return 0
    return run(py, "-m", "benchmarks.demos", "--seeds") or run(py, "-m", "pytest", "tests/train", "-q")


def labs(options: Options) -> int:
    """Execute every lab, unsolved and solved, and check its checks."""
    py = developer(options)
    kernels = run(py, "-m", "course.book.site.labs", "course.lab.notebooks")
    return run(py, "-m", "pytest", "tests/lab", "-q", environment=SINGLE) or kernels


def clean(options: Options) -> int:
    """Remove all that make has made: the environment, the built site, the caches."""
    for name in [".venv", "build", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"]:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for folder in [
        p for top in ("src", "docs", "tests", "figures", "benchmarks", ".ci") for p in (ROOT / top).rglob("__pycache__")
    ]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


TARGETS: dict[str, Callable[[Options], int]] = {
    "serve": serve,
    "test": test,
    "site": site,
    "check": check,
    "docs": docs,
    "figures": figures,
    "bench": bench,
    "demos": demos,
    "labs": labs,
    "lighthouse": lighthouse,
    "ledger": ledger,
    "mutants": mutants,
    "mutants-formulas": mutants_formulas,
    "lane": lane,
    "clean": clean,
}


def main(arguments: list[str]) -> int:
    """Run one target, or list them all."""
    if not arguments:
        say("make TARGET, or python make.py TARGET:")
        for name, target in TARGETS.items():
            say(f"  {name:18}{(target.__doc__ or '').splitlines()[0]}")
        return 0
    parser = argparse.ArgumentParser(prog="make.py", description="Without a target, lists them.")
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--port", type=int, default=8000, help="where serve serves")
    parser.add_argument(
        "--lane", choices=["locked", "lowest", "newest"], default="locked", help="which versions lane takes"
    )
    parser.add_argument("--torch", choices=["yes", "no"], help="whether torch is installed (test: yes, lane: no)")
    options = parser.parse_args(arguments)
    try:
        return TARGETS[options.target](options)
    except Refusal as refusal:
        say(f"make {options.target}: {refusal}")
        return 1
    except KeyboardInterrupt:
        return 130
