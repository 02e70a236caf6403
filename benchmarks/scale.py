"""What two processes pay for being two: `python -m benchmarks.scale` measures, and writes it into results.json.

Two processes with one thread each, joined by gloo. First the time of an all-reduce for many sizes, held against two
numbers: a latency and a bandwidth, fitted to every other size and asked for the rest. Then steps of two networks, alone
and as a pair, held against the same two numbers.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.distributed.nn  # later, it would keep the group alive
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

HERE = Path(__file__).parent
SIZES = [4**k for k in range(5, 13)]  # bytes, 1 KiB to 16 MiB
FITTED = SIZES[::2]
BATCHES, PROCESSES, LIMIT = (16, 64, 256), 2, 240
FACTOR = 2.5  # a prediction may be off by this factor, on a machine that does other things as well


def convolutional() -> tuple[nn.Module, Tensor]:
    """The network of chapter 21: few weights, each used at many places."""
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 10),
    )
    return net, torch.rand(max(BATCHES), 1, 8, 8)


def full() -> tuple[nn.Module, Tensor]:
    """Full layers: many weights, each used once an example."""
    net = nn.Sequential(nn.Linear(64, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10))
    return net, torch.rand(max(BATCHES), 64)


NETWORKS = {"convolutions": convolutional, "full layers": full}


def shortest(calls: Mapping[str, Callable[[], object]], rounds: int, seconds: float = 0) -> dict[str, float]:
    """The shortest time of each call, over rounds in which they take turns; a round lasts until all processes are done.

    There are at least `rounds` of them, and more while the first process is done within `seconds`.
    """
    best, began, done, going = dict.fromkeys(calls, float("inf")), time.perf_counter(), 0, True
    while going:
        for name, call in calls.items():
            dist.barrier()
            start = time.perf_counter()
            call()
            best[name] = min(best[name], latest(time.perf_counter() - start))
        done += 1
        going = bool(latest(float(done < rounds or time.perf_counter() - began < seconds)))
    return best


def latest(x: float) -> float:
    """The largest of the processes' numbers, for all of them."""
    largest = torch.tensor(x, dtype=torch.float64)
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return float(largest)


def all_reduces() -> list[dict[str, float]]:
    """The time of an all-reduce of each size, in float32."""
    sums = {str(size): partial(dist.all_reduce, torch.ones(size // 4)) for size in SIZES}
    return [{"bytes": int(size), "seconds": best} for size, best in shortest(sums, 60, seconds=4).items()]


def step(model: nn.Module, x: Tensor, labels: Tensor) -> None:
    """Forward and back, from no gradients."""
    model.zero_grad()
    nn.functional.cross_entropy(model(x), labels).backward()


def summed(net: nn.Module, x: Tensor, labels: Tensor) -> None:
    """Forward and back, then the mean of the gradients over the processes, sent as one message."""
    step(net, x, labels)
    grads = [p.grad for p in net.parameters()]
    message = torch.cat([g.flatten() for g in grads])
    dist.all_reduce(message)
    message /= PROCESSES
    for g, part in zip(grads, message.split([g.numel() for g in grads]), strict=True):
        g.copy_(part.view_as(g))


def nothing() -> None:
    """What the other process does while one computes alone."""


def steps(rank: int) -> list[dict[str, object]]:
    """A step of each network and batch: alone, half of it in each process, and the same with the sum back."""
    rows = []
    for name, make in NETWORKS.items():
        torch.manual_seed(0)
        net, everything = make()
        theirs = DistributedDataParallel(net)
        for batch in BATCHES:
            x, labels = everything[:batch], torch.arange(batch) % 10
            own = slice(rank, None, PROCESSES)
            calls = {
                "alone": partial(step, net, x, labels) if rank == 0 else nothing,
                "apart": partial(step, net, x[own], labels[own]),
                "summed": partial(summed, net, x[own], labels[own]),
                "theirs": partial(step, theirs, x[own], labels[own]),
            }
            shortest(calls, 2)
            count = sum(p.numel() for p in net.parameters())
            rows.append({"network": name, "parameters": count, "batch": batch, **shortest(calls, 40, seconds=4)})
    return rows


def work(rank: int, folder: Path) -> None:
    """One of the processes; the first writes what it measured."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=PROCESSES)
    try:
        found = {"all_reduce": all_reduces(), "steps": steps(rank)}
        dist.barrier()
    finally:
        dist.destroy_process_group()
    if rank == 0:
        (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")


def fit(rows: list[dict[str, float]]) -> tuple[float, float]:
    """Latency in seconds and bandwidth in bytes a second: T = 2 (N - 1) latency + 2 (N - 1)/N bytes / bandwidth.

    Fitted to the sizes in FITTED, with relative errors weighed alike.
    """
    some = [r for r in rows if r["bytes"] in FITTED]
    sent = np.array([[2 * (PROCESSES - 1), 2 * (PROCESSES - 1) / PROCESSES * r["bytes"]] for r in some])
    seconds = np.array([r["seconds"] for r in some])
    latency, inverse = np.linalg.lstsq(sent / seconds[:, None], np.ones(len(some)), rcond=None)[0]
    return float(latency), float(1 / inverse)


def predicted(latency: float, bandwidth: float, size: float, processes: int = PROCESSES) -> float:
    """The seconds of a ring's all-reduce."""
    return 2 * (processes - 1) * latency + 2 * (processes - 1) / processes * size / bandwidth


def measured() -> dict[str, object]:
    """Start the processes, wait, and add what the model says of each row."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.scale", "--folder", folder, "--rank"]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        running = [subprocess.Popen([*command, str(r)], cwd=HERE.parent, env=environment) for r in range(PROCESSES)]
        try:
            codes = [process.wait(LIMIT) for process in running]
        finally:
            for process in running:
                process.kill()
        assert not any(codes), f"the processes ended with {codes}"
        found = json.loads((Path(folder) / "found.json").read_text(encoding="utf-8"))
    latency, bandwidth = fit(found["all_reduce"])
    for row in found["all_reduce"]:
        row["predicted"] = predicted(latency, bandwidth, row["bytes"])
    for row in found["steps"]:
        row["predicted"] = row["apart"] + predicted(latency, bandwidth, 4 * row["parameters"])
    return {"date": datetime.date.today().isoformat(), "latency": latency, "bandwidth": bandwidth, **found}


def failures(entry: dict) -> list[str]:
    """The rows whose prediction is off by more than FACTOR."""
    rows = [(f"all-reduce of {r['bytes']} bytes", r["predicted"] / r["seconds"]) for r in entry["all_reduce"]]
    rows += [(f"a step of {r['network']}", r["predicted"] / r["summed"]) for r in entry["steps"]]
    return [
        f"{name}: predicted {ratio:.2f}× what was measured" for name, ratio in rows if not 1 / FACTOR < ratio < FACTOR
    ]


def main() -> int:
    """Measure this entry alone, and write it into results.json."""
    parser = argparse.ArgumentParser(description="the cost of two processes")
    parser.add_argument("--rank", type=int)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.rank is not None:
        work(asked.rank, asked.folder)
        return 0
    entry = measured()
    print(words(entry))
    path = HERE / "results.json"
    results = json.loads(path.read_text(encoding="utf-8")) | {"scale": entry}
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)
    print("\n".join(failures(entry)) or "all predictions are near")
    return int(bool(failures(entry)))


def words(entry: dict) -> str:
    """The entry as two Markdown tables."""
    lines = [
        f"An all-reduce of two processes: {1e6 * entry['latency']:.0f} µs a message, "
        f"{entry['bandwidth'] / 1e9:.2f} GB/s, fitted to every other size.",
        "",
        "| bytes | ms | predicted, ms | ratio |",
        "|--:|--:|--:|--:|",
    ]
    for r in entry["all_reduce"]:
        ratio = r["predicted"] / r["seconds"]
        lines.append(f"| {r['bytes']:,} | {1e3 * r['seconds']:.2f} | {1e3 * r['predicted']:.2f} | {ratio:.2f} |")
    lines += [
        "",
        "A step: alone; half of it in each process; the same and the sum back, in one message and by torch's own.",
        "",
        "| network | parameters | batch | alone, ms | apart, ms | summed, ms | torch, ms | predicted, ms |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for r in entry["steps"]:
        times = " | ".join(f"{1e3 * r[key]:.1f}" for key in ("alone", "apart", "summed", "theirs", "predicted"))
        lines.append(f"| {r['network']} | {r['parameters']:,} | {r['batch']} | {times} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
