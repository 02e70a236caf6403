"""Measure everything, and write it down for people (RESULTS.md) and for pages and figures (results.json)."""

import datetime
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy
import scipy
import skimage
import torch

from benchmarks import cases, fast, growth, imaging, learning, measure, scale, train

HERE = Path(__file__).parent


def machine() -> dict[str, object]:
    """What the times depend on: the processor, its cores, and the matrix products of NumPy."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "threads": 1,
        "matrix products": products(),
    }


def products() -> str:
    """The library of NumPy's matrix products, with the kind of processor that it takes this one for."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown"
    found = [i for i in threadpool_info() if i["user_api"] == "blas" and "numpy" in i["filepath"]]
    return ", ".join(f"{i['internal_api']} {i['version']} ({i.get('architecture')})" for i in found) or "unknown"


def versions() -> dict[str, str]:
    """Of everything that was measured."""
    return {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "scikit-image": skimage.__version__,
        "torch": torch.__version__,
    }


def everything() -> list[cases.Case]:
    """All cases, room by room."""
    return [*cases.all_cases(), *imaging.all_cases(), *learning.all_cases(), *train.all_cases()]


def measured(case: cases.Case) -> dict[str, object]:
    """One row of the table."""
    assert cases.same(case), f"{case.name}: ours and {case.peer} do not return the same"
    seconds = measure.times({"ours": case.ours, "peer": case.theirs}, seconds=2)
    megabytes = measure.peak(case.ours) / 1e6
    ratio = seconds["ours"] / seconds["peer"]
    return {
        "case": case.name,
        "peer": case.peer,
        "seconds": seconds["ours"],
        "peer_seconds": seconds["peer"],
        "ratio": ratio,
        "limit": case.limit,
        "megabytes": megabytes,
        "megabytes_limit": case.megabytes,
        "meets": ratio <= case.limit and megabytes <= case.megabytes,
    }


def table(rows: Sequence[dict[str, object]]) -> str:
    """The cases as a Markdown table."""
    lines = [
        "| case | peer | time, ms | peer's, ms | ratio | at most | MB | at most | |",
        "|---|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for r in rows:
        lines.append(
            f"| {r['case']} | {r['peer']} | {1e3 * r['seconds']:.2f} | {1e3 * r['peer_seconds']:.2f} "
            f"| {r['ratio']:.3g} | {r['limit']} | {r['megabytes']:.1f} | {r['megabytes_limit']} "
            f"| {'meets' if r['meets'] else '**fails**'} |"
        )
    return "\n".join(lines)


def grid(rows: Sequence[dict[str, object]], dtype: str) -> str:
    """The automatic choice against the better of the two methods, by side and kernel."""
    lines = [
        "| side | " + " | ".join(f"k={k}" for k in growth.KERNELS) + " |",
        "|--:|" + "--:|" * len(growth.KERNELS),
    ]
    found = {(r["side"], r["k"]): r for r in rows if r["dtype"] == dtype}
    for side in growth.SIDES:
        cells = []
        for k in growth.KERNELS:
            r = found.get((side, k))
            cells.append("" if r is None else f"{r['ratio']:.2f} {'direct' if r['direct'] < r['fft'] else 'fft'}")
        lines.append(f"| {side}² | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def markdown(results: dict) -> str:
    """RESULTS.md."""
    m, v, rows = results["machine"], results["versions"], results["growth"]
    worst = max(r["ratio"] for r in rows)
    return f"""# Measured

Written by `make bench` on {results["date"]}: {m["processor"]}, {m["cores"]} cores, of which one thread was used;
{m["system"]}; Python {v["python"]}, NumPy {v["numpy"]} with {m["matrix products"]}, SciPy {v["scipy"]},
scikit-image {v["scikit-image"]}, torch {v["torch"]}.

A ratio is our shortest time over the peer's shortest time, in at least {measure.ROUNDS} rounds in which both take turns
in one process. MB is the most that NumPy holds at once during the call, the result included.

{table(results["cases"])}

{results["floor"]["words"]}

## convolve: sums or transforms

For a square image and kernel in mode "same": the time of the automatic choice over that of the better of the two
methods, and which that is. It is {worst:.2f} at worst; {growth.LIMIT} is allowed.

float64

{grid(rows, "float64")}

float32

{grid(rows, "float32")}

## One convolution, seven ways

Float32, one thread but for the row "torch all". The loops were timed on sixteen entries of the output and multiplied
up.

{fast.words(results["fast"])}

## Two processes

Joined by gloo, one thread each. A prediction may be off by a factor of {scale.FACTOR}.

{scale.words(results["scale"])}
"""


def floor() -> dict[str, object]:
    """What the matrix products alone take that a convolution consists of, beside torch's whole convolution."""
    rng = numpy.random.default_rng(0)
    w, columns = (rng.random(shape, dtype=numpy.float32) for shape in ((32, 144), (144, 4096)))
    y = numpy.empty((32, 4096), numpy.float32)
    case = cases.conv_forward(numpy.float32, 1.5, 10)

    def alone() -> None:
        for _ in range(8):
            numpy.matmul(w, columns, out=y)

    seconds = measure.times({"products": alone, "peer": case.theirs}, seconds=2)
    ratio = seconds["products"] / seconds["peer"]
    words = (
        f"The matrix products that the first case consists of, 8 of (32×144)·(144×4096), take {ratio:.2f}× torch's "
        "whole convolution by themselves. Where that is near the limit or past it, NumPy's library takes the processor "
        "for an older kind, named above, and computes with narrower instructions than torch."
    )
    return {"ratio": ratio, **seconds, "words": words}


def main() -> None:
    """Measure, print each row as it comes, and write both files."""
    torch.set_num_threads(1)
    measure.settle()
    rows = []
    for case in everything():
        rows.append(measured(case))
        print(table(rows[-1:]).splitlines()[-1], flush=True)
    lowest = floor()
    print(lowest["words"], flush=True)
    grown = []
    for row in growth.rows():
        grown.append(row)
        print(f"{row['dtype']} {row['side']}² k={row['k']}: {row['ratio']:.2f}", flush=True)
    ways = fast.measured()
    pair = scale.measured()
    print(scale.words(pair), flush=True)
    results = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "cases": rows,
        "floor": lowest,
        "growth": grown,
        "fast": ways,
        "scale": pair,
    }
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (HERE / "RESULTS.md").write_text(markdown(results), encoding="utf-8")
    failed = [r["case"] for r in rows if not r["meets"]]
    failed += [f"convolve {r['side']}² k={r['k']}" for r in grown if r["ratio"] > growth.LIMIT]
    failed += scale.failures(pair)
    count = len(rows) + len(grown) + len(pair["all_reduce"]) + len(pair["steps"])
    print(f"{len(failed)} of {count} fail: {'; '.join(failed)}" if failed else "all limits are met")
    sys.stdout.flush()
