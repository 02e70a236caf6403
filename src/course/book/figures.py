"""The figures of the book: drawn by figures/CHAPTER.py, committed beside it, held to what they claim.

A figure's function states its claims as assertions about its data before the first mark. `check` draws the figure,
compares it with the committed file, and hands the function perturbed data, on which an assertion must fail.
"""

import argparse
import base64
import difflib
import importlib
import io
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

UNITS, LEVELS = 0.05, 6  # what another processor or font library may move: units of length, grey levels
SAMPLES = 200  # of the entries of one array that are perturbed
PICTURE = re.compile(r'data:image/png;base64,([^"]*)')
TOKEN = re.compile(r'scale\([^)]*\)|\b[\w-]+-width="[^"]*"|#\w+|-?\d+\.?\d*(?:e-?\d+)?')
LENGTH = re.compile(r"-?\d")
FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1|<!--.*?-->", re.S | re.M)
SHOWN = re.compile(r"!\[.*?\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")


class Figure(Protocol):
    """What figures/style.py registers."""

    id: str  # CHAPTER/NAME
    data: dict[str, NDArray[Any]]
    draw: Callable[..., None]  # asserts what the figure shows, then draws it on a sheet

    def svg(self) -> str:
        """The drawn figure."""


class FigureError(Exception):
    """One sentence for the author of a figure."""


def book(start: Path | None = None) -> Path:
    """The folder of the book, the one with mkdocs.yml: from here upwards, or where this package comes from."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).parents[3]):
        if (folder / "mkdocs.yml").is_file():
            return folder
    raise FigureError(f"figures: no folder from {here} upwards holds mkdocs.yml")


def load(root: Path | None = None) -> dict[str, Figure]:
    """The figures that the modules of figures/ register, by id."""
    root = root or book()
    loaded = sys.modules.get("figures")
    if loaded is None or Path(str(loaded.__file__)).parent != root / "figures":
        forget()
    sys.path.insert(0, str(root))
    try:
        for path in sorted((root / "figures").glob("[!_]*.py")):
            try:
                importlib.import_module(f"figures.{path.stem}")
            except Exception as error:
                forget()
                raise FigureError(f"figures/{path.name} cannot be loaded: {where(error, root)}") from error
        known: dict[str, Figure] = dict(importlib.import_module("figures.style").FIGURES)
    finally:
        sys.path.remove(str(root))
    for id in known:
        if not (root / "figures" / f"{id.split('/')[0]}.py").is_file() or id.count("/") != 1:
            raise FigureError(f"figures: the id {id!r} is not CHAPTER/NAME with a module figures/CHAPTER.py")
    return known


def forget() -> None:
    """Unload figures/, so that the next `load` reads it anew."""
    for name in [n for n in sys.modules if n == "figures" or n.startswith("figures.")]:
        del sys.modules[name]


def get(id: str, root: Path) -> Figure:
    """One figure; a sentence with the near names where there is none."""
    known = load(root)
    if id in known:
        return known[id]
    same = [k for k in known if k.endswith("/" + id.split("/")[-1])]
    near = same or difflib.get_close_matches(id, known, 3, 0.4) or sorted(known)[:3]
    raise FigureError(f"figures: there is no figure {id!r}; near it are {', '.join(near)}")


def draw(id: str, root: Path | None = None) -> str:
    """The SVG of a figure."""
    return get(id, root or book()).svg()


def check(id: str, root: Path | None = None) -> list[str]:
    """What is wrong with a figure: its assertion, its file, its assertion on perturbed data."""
    root = root or book()
    try:
        figure = get(id, root)
        svg = figure.svg()
    except FigureError as error:
        return [str(error)]
    except Exception as error:
        return [f"{id}: {where(error, root)}"]
    return compared(svg, root / "figures" / f"{id}.svg") + unnoticed(figure)


def where(error: Exception, root: Path) -> str:
    """An error in a line, with the place in figures/ that raised it."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(root / "figures"))]
    place = f" ({Path(ours[-1].filename).relative_to(root)}:{ours[-1].lineno})" if ours else ""
    return f"{type(error).__name__}: {error}{place}".replace("\n", " ")


def compared(svg: str, path: Path) -> list[str]:
    """How a drawing differs from its committed file."""
    id = f"{path.parent.name}/{path.stem}"
    if not path.is_file():
        return [f"{id}: there is no file figures/{id}.svg; draw it with: course figures {id}"]
    far = difference(svg, path.read_text(encoding="utf-8"))
    return [f"{id}: figures/{id}.svg is not what is drawn: {far}; draw it with: course figures {id}"] if far else []


def difference(new: str, old: str) -> str:
    """'' when two SVGs draw the same: equal words and marks, lengths within UNITS, pixels within LEVELS."""
    if new == old:
        return ""
    pictures = [[pixels(data) for data in PICTURE.findall(svg)] for svg in (new, old)]
    new, old = PICTURE.sub("", new), PICTURE.sub("", old)
    if TOKEN.sub("#", new) != TOKEN.sub("#", old) or [p.shape for p in pictures[0]] != [p.shape for p in pictures[1]]:
        return "other marks or words"
    for a, b in zip(*pictures, strict=True):
        if (levels := int(np.abs(a - b).max())) > LEVELS:
            return f"a picture differs by {levels} grey levels"
    for p, q in zip(TOKEN.findall(new), TOKEN.findall(old), strict=True):
        lengths = LENGTH.match(p) and LENGTH.match(q)
        if p != q and not (lengths and abs(float(p) - float(q)) <= UNITS):
            return f"{p} in place of {q}"
    return ""


def pixels(data: str) -> NDArray[np.int64]:
    """The grey levels of an embedded picture."""
    from PIL import Image

    return np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"), np.int64)


class Touched(Exception):
    """The first mark on a sheet that nobody should reach."""


class Untouchable:
    """The sheet for perturbed data: any use of it is a mark, and comes too late for an assertion."""

    def __getattr__(self, name: str) -> Any:
        raise Touched(name)


def unnoticed(figure: Figure) -> list[str]:
    """Where the assertion of a figure stays green: each entry of its data is raised and lowered by 1 in turn."""
    if not figure.data:
        return [f"{figure.id}: the figure has no data, so nothing shows that its assertion can fail"]
    missed: dict[str, list[str]] = {}
    for words, changed in perturbed(figure.data):
        try:
            figure.draw(Untouchable(), **changed)
            reaction = "no assertion fails"
        except AssertionError:
            continue
        except Touched:
            reaction = "no assertion fails before the first mark"
        except Exception as error:
            reaction = f"{type(error).__name__} instead of an assertion"
        missed.setdefault(reaction, []).append(words)
    return [
        f"{figure.id}: {reaction} with {', '.join(words[:4])}{f' and {len(words) - 4} more' * (len(words) > 4)}"
        for reaction, words in missed.items()
    ]


def perturbed(data: dict[str, NDArray[Any]]) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
    """Copies of the data with one entry changed, and what was changed; large arrays are sampled evenly."""
    for name, value in data.items():
        if value.dtype.kind not in "biufc":
            raise FigureError(f"figures: data are arrays of numbers, but {name} holds {value.dtype}")
        for at in [*np.ndindex(value.shape)][:: -(-value.size // SAMPLES) or 1]:
            index = f"[{', '.join(map(str, at))}]" if at else ""
            for step in (1, -1) if value.dtype.kind != "b" else (1,):
                changed = value.copy()
                changed[at] = (
                    not value[at] if value.dtype.kind == "b" else value[at] + np.array(step).astype(value.dtype)
                )
                yield f"{name}{index} {step:+d}", {**data, name: changed}


def orphans(root: Path | None = None) -> list[str]:
    """Figures on no page, files that no function draws, pictures of pages that are no figures."""
    root = root or book()
    docs, known, shown = root / "docs", load(root), dict[str, str]()
    for page in sorted([*docs.rglob("*.md"), *(docs / "labs").rglob("*.py")]):
        for match in SHOWN.finditer(FENCE.sub("", page.read_text(encoding="utf-8"))):
            target = os.path.normpath(page.parent / (match[1] or match[2]))
            inside = os.path.relpath(target, docs).replace(os.sep, "/")
            if inside.startswith("figures/"):
                shown.setdefault(
                    inside.removeprefix("figures/").removesuffix(".svg"), page.relative_to(root).as_posix()
                )
    files = {path.relative_to(root / "figures").as_posix()[:-4] for path in (root / "figures").rglob("*.svg")}
    return [
        *(f"{id}: the figure stands on no page" for id in known if id not in shown),
        *(f"{id}: no function draws figures/{id}.svg; delete it" for id in sorted(files - set(known))),
        *(f"{id}: {page} shows a figure that no function draws" for id, page in shown.items() if id not in known),
    ]


@dataclass(frozen=True)
class Drawn:
    """What one job did."""

    id: str
    seconds: float
    bytes: int
    words: str
    problems: list[str]


def job(id: str, root: Path, checking: bool) -> Drawn:
    """Draw or check one figure."""
    start, path = time.perf_counter(), root / "figures" / f"{id}.svg"
    if checking:
        problems, words = check(id, root), "holds"
    else:
        problems, words = [], "unchanged"
        try:
            svg = draw(id, root)
            if compared(svg, path):
                words = "drawn"
                write(path, svg)
        except Exception as error:
            problems = [f"{id}: {where(error, root)}"]
    size = path.stat().st_size if path.is_file() else 0
    return Drawn(id, time.perf_counter() - start, size, "FAILS" if problems else words, problems)


def write(path: Path, text: str) -> None:
    """Put a file in place whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(text, encoding="utf-8", newline="\n")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def run(ids: Sequence[str], root: Path, checking: bool, report: Callable[[Drawn, int, int], None]) -> list[str]:
    """Draw or check these figures, or all; report each as it comes; return what is wrong."""
    ids = list(dict.fromkeys(ids)) or sorted(load(root))
    for id in ids:
        get(id, root)
    problems: list[str] = []
    with ProcessPoolExecutor(max(1, min(len(ids), os.cpu_count() or 1))) as pool:
        jobs = [pool.submit(job, id, root, checking) for id in ids]
        for count, done in enumerate(as_completed(jobs), 1):
            report(done.result(), count, len(ids))
            problems += done.result().problems
    return sorted(problems)


def main(argv: Sequence[str] | None = None) -> int:
    """`course figures [ID …] [--check]`."""
    parser = argparse.ArgumentParser(prog="course figures", description="Draw the figures of the book, in parallel.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="such as convolution/feature-map; all by default")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; compare, and try the assertions on perturbed data"
    )
    options = parser.parse_args(argv)

    def report(drawn: Drawn, count: int, total: int) -> None:
        progress = f"[{count:{len(str(total))}}/{total}]"
        print(f"{progress} {drawn.id:34}{drawn.seconds:6.2f} s {drawn.bytes / 1024:6.1f} KB  {drawn.words}", flush=True)

    try:
        root = book()
        problems = run(options.ids, root, options.check, report)
        stray = orphans(root) if not options.ids else []
    except FigureError as error:
        print(error, file=sys.stderr)
        return 2
    print(*problems, *stray, sep="\n", end="\n" * bool(problems or stray), file=sys.stderr)
    return int(bool(problems or (stray and options.check)))
