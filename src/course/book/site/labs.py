"""Labs: `docs/labs/NAME.py` becomes two pages, the student's and the solution's, each with two files to download.

mkdocs-jupyter executes both, two notebooks at a time, and hands over what they then are; that is kept in `build/labs`
under a hash of the lab, `src/` and `constraints.txt`. From there on a lab is Markdown, like any page. Where nobody asks
mkdocs-jupyter (`mkdocs.yml` does not, `mkdocs.labs.yml` does), a lab shows the outputs that are kept, or none.
"""

import ast
import base64
import contextlib
import hashlib
import html
import importlib
import importlib.metadata
import json
import logging
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from course.book.figures import write
from course.book.shown import plain

log = logging.getLogger("mkdocs.hooks.labs")
Notebook = dict[str, Any]
Problem = Callable[[str], None]

AT_ONCE = 2
USED = ["matplotlib", "numpy", "torch"]  # what a lab prints and draws may differ with their versions
TEMPLATE = "{{ nb | tojson }}"  # the executed notebook, where mkdocs-jupyter's own makes a page of 600 KB
KERNEL = """\
c = get_config()
c.InlineBackend.figure_formats = {"retina"}  # sharp on any screen
c.IPKernelApp.log_level = "ERROR"  # it would warn of not being encrypted, to itself
"""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
FAILED = re.compile(r"-{18}\n(?P<code>.*?)\n-{18}\n", re.S)
TITLE = re.compile(r"\A\s*# .*\n*")
ALT = re.compile(r"^# alt: (.+(?:\n# {2,}.+)*)\n*", re.M)
LINK = re.compile(r"\]\(((?:\.\./labs/)?\w+)\.py(?=[#)])")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SHOWN = re.compile(r'<div class="language-python highlight.*?<code[^>]*>(.*?)</code>', re.S)
INSTALLS = "install"  # the name of the cell that a download has and the page has not
INSTALL = """\
try:
    import course  # the package of the book
except ModuleNotFoundError:
    %pip install --quiet "git+{}"
"""
TOP = """\
---
title: {title}
description: {description}
search: {{exclude: {solved}}}
---
# {heading}

<div class="lab-files" markdown>

[{counterpart}]({partner}.md)

Download the [notebook]({stem}.ipynb){{ download="{stem}.ipynb" }} or the \
[Python file]({stem}.py){{ download="{stem}.py" }}, or open it in \
[Colab](https://colab.research.google.com/github/{repository}/blob/notebooks/{stem}.ipynb) or in \
[Binder](https://mybinder.org/v2/gh/{repository}/main?labpath={stem}.ipynb). On your own machine it needs:

```bash
pip install "git+{address}" matplotlib jupyterlab
```

</div>

"""
NOT_RUN = "This page was made without running the lab; `make site` adds what it prints and draws.\n{ .lab-note }\n\n"


class Teller(Protocol):
    """The module that tells what the labs are; `mkdocs.yml` names it, as `labs:` under `extra:`."""

    LABS: Mapping[str, tuple[int, str]]  # name: number, title
    student: Callable[[str], str]  # of a source: the version with gaps, in percent format
    solution: Callable[[str], str]  # and the one without
    absolute: Callable[[str, str], str]  # of a version: with links that work outside the site at this address
    notebook: Callable[[str, str], Notebook]  # of a version and its title


class LabError(Exception):
    """A lab that does not run: where, and what was raised."""


@dataclass(frozen=True)
class Version:
    """The student's version of a lab, or its solution."""

    name: str
    number: int
    title: str
    solved: bool
    source: str  # of both versions
    text: str  # of this one, in percent format
    notebook: Notebook  # not executed

    @property
    def heading(self) -> str:
        """What its page is called."""
        return f"Lab {self.number}{', solved' * self.solved}. {self.title}"

    @property
    def stem(self) -> str:
        """What its files are called."""
        return self.name + "-solution" * self.solved

    @property
    def partner(self) -> str:
        """What the files of the other version are called."""
        return self.name + "-solution" * (not self.solved)

    def place(self, code: str) -> str:
        """The file and the line in which a cell begins."""
        first = code.strip().partition("\n")[0].strip().removeprefix("# ")
        lines = [line.strip().removeprefix("# ") for line in self.source.splitlines()]
        return f"docs/labs/{self.name}.py:{lines.index(first) + 1 if first in lines else 1}"


def teller(module: str) -> Teller:
    """The module of that name, which this room does not know."""
    return cast(Teller, importlib.import_module(module))


def versions(teller: Teller, docs: Path) -> list[Version]:
    """Both versions of every lab that has a source, in order."""
    found = []
    for name, (number, title) in teller.LABS.items():
        path = docs / f"labs/{name}.py"
        source = path.read_text(encoding="utf-8") if path.is_file() else ""
        for solved, version in [(False, teller.student), (True, teller.solution)] if source else []:
            text = version(source)
            found.append(Version(name, number, title, solved, source, text, teller.notebook(text, title)))
    return found


# --- executing, and keeping the outputs -----------------------------------------------------------


def surroundings(root: Path) -> str:
    """A hash of what the outputs of a lab depend on beside its own text."""
    files = [root / "constraints.txt", *sorted(p for p in (root / "src").rglob("*") if p.is_file())]
    state = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for path in files:
        if path.parent.name != "__pycache__" and path.parent.suffix != ".egg-info":
            state.update(path.relative_to(root).as_posix().encode() + hashlib.sha256(path.read_bytes()).digest())
    for library in USED:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            state.update(f"{library} {importlib.metadata.version(library)}".encode())
    return state.hexdigest()


def place_of(version: Version, root: Path, around: str) -> Path:
    """Where the executed notebook is kept."""
    key = hashlib.sha256((around + version.text).encode()).hexdigest()[:20]
    return root / f"build/labs/{version.stem}.{key}.ipynb"


def executed(labs: Sequence[Version], root: Path, settings: Mapping[str, Any] | None) -> list[Notebook | None]:
    """Each notebook with its outputs; where they are not kept, mkdocs-jupyter makes them, if its settings are given."""
    around = surroundings(root)
    places = {place_of(version, root, around): version for version in labs}
    waiting = {place: version for place, version in places.items() if not place.exists()}
    if waiting and settings and settings["execute"]:
        execute(waiting, settings["allow_errors"])
    return [json.loads(p.read_text(encoding="utf-8")) if p.exists() else None for p in places]


def execute(waiting: Mapping[Path, Version], allow_errors: bool) -> None:
    """Execute these versions, two at a time, and keep each at its place instead of what was kept of it before."""
    failed = []
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        latest_first = reversed(list(waiting.items()))  # the last labs take longest
        jobs = {pool.submit(run, version, allow_errors): (place, version.stem) for place, version in latest_first}
        for job in as_completed(jobs):
            place, stem = jobs[job]
            try:
                notebook, seconds = job.result()
            except LabError as error:
                failed.append(str(error))
                continue
            write(place, json.dumps(notebook))
            log.info("%s: executed in %.1f s", stem, seconds)
            for old in {*place.parent.glob(f"{stem}.*.ipynb")} - {place}:
                old.unlink(missing_ok=True)
    if failed:
        raise LabError("\n".join(sorted(failed)))


def run(version: Version, allow_errors: bool) -> tuple[Notebook, float]:
    """The notebook as mkdocs-jupyter executes it, and the seconds; for a process of its own, which is changed by it."""
    from mkdocs_jupyter import convert  # type: ignore[import-untyped]
    from mkdocs_jupyter.config import settings  # type: ignore[import-untyped]

    start = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # a lab may litter here
        folder = Path(name)
        write(folder / "mkdocs_html/notebook.html.j2", TEMPLATE)
        write(folder / "ipython/profile_default/ipython_kernel_config.py", KERNEL)
        write(folder / f"{version.stem}.ipynb", json.dumps(version.notebook))
        settings.templates_dir = name
        os.environ |= dict.fromkeys(THREADS, "1") | {
            "IPYTHONDIR": str(folder / "ipython"),
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        try:
            said = convert.nb2html(
                str(folder / f"{version.stem}.ipynb"), execute=True, kernel_name="python3", allow_errors=allow_errors
            )
        except Exception as error:
            raise LabError(failure(version, error)) from None
    return json.JSONDecoder().raw_decode(said)[0], time.monotonic() - start  # a style sheet follows the notebook


def failure(version: Version, error: Exception) -> str:
    """What went wrong in which cell, in one line."""
    cell = FAILED.search(str(error))
    kind = getattr(error, "ename", type(error).__name__)
    words = getattr(error, "evalue", str(error)).strip().partition("\n")[0]
    which = "solution" if version.solved else "student's version"
    return f"{version.place(cell['code'] if cell else '')}: the {which} does not run: {kind}: {words}"


# --- what is published ----------------------------------------------------------------------------


def published(
    version: Version, notebook: Notebook | None, teller: Teller, site: str, repository: str, problem: Problem
) -> dict[str, str | bytes]:
    """The files of one version by their names: its page, its two downloads, the pictures on the page."""
    text = teller.absolute(version.text, site)
    download = teller.notebook(text, version.title)
    install = next(cell for cell in download["cells"] if cell["cell_type"] == "code") | {"id": INSTALLS}
    download["cells"].insert(1, install | {"source": INSTALL.format(repository).splitlines(keepends=True)})
    top = TOP.format(
        title=json.dumps(version.heading, ensure_ascii=False),
        description=json.dumps(opening(version.notebook), ensure_ascii=False),
        heading=version.heading,
        solved=str(version.solved).lower(),
        counterpart="The lab without its solutions" if version.solved else "The solutions",
        partner=version.partner,
        stem=version.stem,
        address=repository,
        repository="/".join(repository.rstrip("/").split("/")[-2:]),
    )
    page, pictures = markdown(version, notebook or version.notebook, problem)
    return {
        f"{version.stem}.md": top + ("" if notebook else NOT_RUN) + page,
        f"{version.stem}.ipynb": json.dumps(download, ensure_ascii=False, indent=1) + "\n",
        f"{version.stem}.py": text,
        **pictures,
    }


def markdown(version: Version, notebook: Notebook, problem: Problem) -> tuple[str, dict[str, bytes]]:
    """The notebook as Markdown, without its title, and the pictures in it."""
    pieces: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in notebook["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            pieces.append(linked(code))
            continue
        place, words = version.place(code), alts(code)
        if shown := ALT.sub("", code).strip("\n"):
            pieces.append(fence("python", shown))
        if warned := "".join("".join(o["text"]) for o in cell["outputs"] if o.get("name") == "stderr"):
            problem(f"{place}: the cell warns: {ANSI.sub('', warned).strip()[-200:]}")
        for output in outputs(cell):
            if isinstance(output, str):
                pieces.append(fence('text title="Output"', output))
                continue
            alt = re.sub(r"([\\`*_\[\]$<>])", r"\\\1", words.pop(0) if words else "")
            if not alt:
                problem(f"{place}: a picture without a line `# alt: what it shows` in its cell")
            name = f"{version.stem}-{len(pictures) + 1}.png"
            pictures[name] = output
            pieces.append(f"![{alt}]({name}){{ .lab-picture }}")
    return TITLE.sub("", "\n\n".join(pieces)) + "\n", pictures


def linked(text: str) -> str:
    """Markdown in which a link to the source of a lab leads to its page.

    >>> linked("[lab 2](../labs/fourier.py)")
    '[lab 2](../labs/fourier.md)'
    """
    return LINK.sub(r"](\1.md", text)


def opening(notebook: Notebook) -> str:
    """The first sentence of a lab, without links."""
    text = TITLE.sub("", "".join(notebook["cells"][0]["source"]))
    return re.split(r"(?<=[.!?])\s", " ".join(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).split()))[0]


def alts(code: str) -> list[str]:
    """What stands for the pictures of a cell: its lines `# alt: …`, else the titles that it gives to `show`.

    >>> alts('show(("scene", x), ("its right half", x[:, 9:]))')
    ['Side by side: scene; its right half']
    """
    if written := [" ".join(words.replace("\n#", " ").split()) for words in ALT.findall(code)]:
        return written
    calls = [n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and ast.unparse(n.func) == "show"]
    titles = [[title(pair) for pair in call.args] for call in calls]
    return ["Side by side: " * (len(row) > 1) + "; ".join(row) if all(row) else "" for row in titles]


def title(pair: ast.expr) -> str:
    """The title of a picture as a cell writes it, (title, picture); "" if it does not."""
    match pair:
        case ast.Tuple(elts=[ast.Constant(value=str(words)), *_]):
            return words
        case ast.Tuple(elts=[ast.JoinedStr(values=parts), *_]):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
    return ""


def fence(head: str, text: str) -> str:
    """Text between two lines of backticks, more of them than stand in it."""
    ticks = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", text))])
    return f"{ticks}{head}\n{text.rstrip()}\n{ticks}"


def outputs(cell: Notebook) -> Iterator[str | bytes]:
    """What an executed cell has printed (text) and drawn (PNG), in order."""
    text = ""
    for output in [o for o in cell["outputs"] if o.get("name") != "stderr"]:
        data = output.get("data", {})
        if "image/png" not in data:
            said = "".join(output.get("text", data.get("text/plain", "")))
            text += ANSI.sub("", said) + "\n" * ("text" not in output)
            continue
        if text.strip():
            yield text
        text = ""
        yield base64.b64decode("".join(data["image/png"]))
    if text.strip():
        yield text


# --- checking -------------------------------------------------------------------------------------


def differences(site: Path) -> Iterator[str]:
    """Where the built page of a lab shows other code than the notebook that it offers."""
    for path in sorted((site / "labs").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [ALT.sub("", "".join(c["source"])) for c in cells if c["cell_type"] == "code" and c["id"] != INSTALLS]
        page = (site / f"labs/{path.stem}/index.html").read_text(encoding="utf-8")
        shown = [html.unescape(re.sub(r"<[^>]*>", "", block)) for block in SHOWN.findall(page)]
        if [plain(text) for text in code if text.strip()] != [plain(text) for text in shown]:
            yield f"labs/{path.stem}/: the page shows other code than its notebook"


def main(arguments: Sequence[str]) -> int:
    """Execute every lab that is not kept: `python -m course.book.site.labs course.lab.notebooks`, from the root."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    root, start = Path.cwd(), time.monotonic()
    labs = versions(teller(arguments[0]), root / "docs")
    try:
        executed(labs, root, {"execute": True, "allow_errors": False})
    except LabError as error:
        print(error)
        return 1
    print(f"{len(labs)} notebooks run from top to bottom ({time.monotonic() - start:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
