"""Every demo of `course.train` at full size: `python -m benchmarks.demos`, about six minutes on one core.

It writes docs/practice/cpu-results.json; with `--device cuda` docs/practice/gpu-results.json, where digits are also
read from 60,000 glyphs kept on the device, as they are, with --amp, with --compile and with both. `--seeds` trains
`digits` from five seeds and fails where the mean accuracy is below 98.8 %; it writes nothing. The files are never
edited by hand: each holds a hash of the sources that were run, and `stale` tells whether they have changed since.
"""

import argparse
import datetime
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs/practice"
SOURCES = ("src/course/train", "src/course/data")
SEEDS, LEAST = range(5), 0.988
THREADS = 1  # these networks gain little from a second one, and lose much where the second core is busy
TINY = {"epochs": 1, "examples": 256}  # a rehearsal

Row = dict[str, Any]


def sources() -> str:
    """A hash of all that decides the results: the modules of course.train and course.data, and the files they read."""
    digest = hashlib.sha256()
    for path in sorted(p for room in SOURCES for p in (ROOT / room).rglob("*") if p.suffix in (".py", ".npz")):
        content = path.read_bytes()
        content = content.replace(b"\r\n", b"\n") if path.suffix == ".py" else content
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def stale(results: dict[str, Any]) -> bool:
    """Whether the sources have changed since these results were measured, all or some of them."""
    return {results["sources"], *(row["sources"] for row in results["rows"])} != {sources()}


def commit() -> str:
    """The commit that is checked out; what has been changed since then, only the hash of the sources knows."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def device_name(device: str) -> str:
    """What the processor or the accelerator calls itself."""
    import torch

    from benchmarks.report import machine

    return torch.cuda.get_device_name() if device == "cuda" else str(machine()["processor"])


# --- a run, and what it costs ---------------------------------------------------------------------


def measured(name: str, device: str, budget: Row, **asked: Any) -> Row:
    """Train a demo, and describe the run as a row: what was asked for, what was reached, and what it took.

    A budget makes a rehearsal of it: its numbers of epochs and of examples take the place of those asked for.
    """
    import torch

    from benchmarks.watched import Watched
    from course.train import get_demo, train

    demo = get_demo(name)
    settings = demo.settings(**asked)
    if budget:
        settings = replace(settings, **{key: value for key, value in budget.items() if getattr(settings, key)})
    progress = Watched(device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    wall, own = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        run = train(demo, settings, Path(folder) / name, device=device, progress=progress)
    epochs = [record["seconds"] for record in run.history]
    row: Row = {
        "demo": name,
        "set": settings.set,
        "device": device,
        "device name": device_name(device),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "metric": demo.metric,
        "value": run.history[-1][demo.metric],
        "seconds": sum(epochs),
        "seconds of an epoch": median(epochs),
        "seconds in all": time.perf_counter() - wall,
        "processor seconds": time.process_time() - own,
    }
    if device == "cuda":
        row["peak megabytes"] = torch.cuda.max_memory_allocated() / 1e6
        row["utilisation"] = mean(progress.busy) / 100 if progress.busy else None
    for key in ("seed", "epochs", "batch_size", "lr", "examples", "amp", "compile"):
        row[key] = getattr(settings, key)
    left_out = ("epoch", "lr", "seconds", "images_per_second")
    row |= {
        "precision": run.precision,  # of products: --amp takes bfloat16 only where that is faster
        "remarks": progress.remarks(),
        "metrics": {key: value for key, value in run.history[-1].items() if key not in left_out},
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
        "sources": sources(),
    }
    print(
        f"{name}, {settings.set}, seed {settings.seed}: {demo.metric} {row['value']:.4f}, {row['seconds']:.0f} s",
        flush=True,
    )
    return row


def together(rows: list[Row]) -> Row:
    """One row for several seeds: the mean and all values."""
    shared = {key: value for key, value in rows[0].items() if all(row[key] == value for row in rows)}
    averaged = {key: mean(row[key] for row in rows) for key in ("value", "seconds", "processor seconds")}
    return shared | averaged | {"seeds": [row["seed"] for row in rows], "values": [row["value"] for row in rows]}


def at_the_start(name: str, **asked: Any) -> dict[str, float]:
    """What a demo's `judge` says of its network before any training, on the CPU."""
    import torch

    from course.train import Data, get_demo

    demo = get_demo(name)
    settings = demo.settings(**asked)
    data = demo.data(settings)
    data = Data(*(tuple(x.float() if x.is_floating_point() else x for x in part) for part in (data.train, data.test)))
    with torch.inference_mode():
        return demo.judge(demo.model(settings, data).eval(), data)


# --- what is run ----------------------------------------------------------------------------------


def digits_from_seeds(device: str, seeds: Sequence[int], budget: Row) -> Row:
    """The digits of UCI, from several seeds."""
    return together([measured("digits", device, budget, seed=seed) for seed in seeds])


def superres_from_seeds(device: str, seeds: Sequence[int], budget: Row) -> Row:
    """The four enlargers from several seeds, each with what was measured before training and after it."""
    rows = [measured("superres", device, budget, seed=seed) for seed in seeds]
    starts = [at_the_start("superres", seed=row["seed"], examples=row["examples"]) for row in rows]
    both = {"at the start": starts, "trained": [row["metrics"] for row in rows]}
    return together(rows) | {when: averages(found) for when, found in both.items()}


def averages(found: list[dict[str, float]]) -> dict[str, float]:
    """The mean of each number over several dictionaries."""
    return {key: mean(one[key] for one in found) for key in found[0]}


def everywhere(device: str, seeds: Sequence[int], budget: Row) -> Iterator[Row]:
    """Every demo, on every set that needs no files of the reader's."""
    yield digits_from_seeds(device, seeds, budget)
    yield measured("digits", device, budget, set="glyphs")
    yield superres_from_seeds(device, seeds[:3], budget)
    for name in ("xor", "overfit", "shapes", "denoise"):
        yield measured(name, device, budget)


def on_gpu(device: str, seeds: Sequence[int], budget: Row) -> Iterator[Row]:
    """Every demo, and digits from 60,000 glyphs in four ways."""
    yield from everywhere(device, seeds, budget)
    for how in ({}, {"amp": True}, {"compile": True}, {"amp": True, "compile": True}):
        yield measured("digits", device, budget, set="glyphs", **{"examples": 60_000, **how})


def keep(path: Path, rows: list[Row]) -> None:
    """Write the results beside their file, and rename."""
    text = json.dumps({"sources": sources(), "commit": commit(), "rows": rows}, indent=1, ensure_ascii=False)
    beside = path.with_name(path.name + ".new")
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and keep the results; with --seeds fail where digits are read too badly."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.demos", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--device", choices=["cpu", "cuda", "mps"], default="cpu")
    parser.add_argument("--seeds", action="store_true", help="only digits, from five seeds; write nothing")
    parser.add_argument("--rehearse", action="store_true", help="all that --device cuda runs, but tiny; needs --out")
    parser.add_argument("--out", type=Path, help="where the results go")
    options = parser.parse_args(arguments)
    if options.rehearse and options.out is None:
        parser.error("--rehearse measures nothing that is worth keeping in docs: add --out FILE")
    import torch

    torch.set_num_threads(min(THREADS, os.cpu_count() or 1) if options.device == "cpu" else torch.get_num_threads())
    if options.seeds:
        row = digits_from_seeds(options.device, SEEDS, {})
        print(f"mean of {len(SEEDS)}: {100 * row['value']:.2f} %; {100 * LEAST:.1f} % is asked for")
        return int(row["value"] < LEAST)
    plan = on_gpu if options.device == "cuda" or options.rehearse else everywhere
    seeds, budget = (range(1), TINY) if options.rehearse else (SEEDS, {})
    kind = "cpu" if options.device == "cpu" else "gpu"
    keep(options.out or PAGES / f"{kind}-results.json", list(plan(options.device, seeds, budget)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
