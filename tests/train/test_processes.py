"""Several processes train as one does: the same batches, the same losses, the same weights."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

import torch

from course.train import Progress, train
from course.train.command import main
from course.train.crew import Crew
from course.train.demos.xor import DEMO as XOR
from course.train.faults import Refusal
from tests.train.small import weights

ASKED = ["--device", "cpu", "--dtype", "float64", "--epochs", "4", "--batch-size", "60"]  # 1,024 = 17·60 + 4


class Stop(Exception):
    pass


def torchrun(count, *arguments):
    """Start processes as a reader does."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}", *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def curve(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same run in one process and in two, on batches that leave four examples over in each epoch."""
    folder = tmp_path_factory.mktemp("processes")
    done = torchrun(2, "-m", "course.train", "xor", *ASKED, "--out", str(folder / "two"))
    assert done.returncode == 0, done.stderr
    assert main(["xor", *ASKED, "--out", str(folder / "one")]) == 0
    return folder / "one", folder / "two", done


def test_two_processes_have_the_losses_and_weights_of_one(both):
    one, two, _ = both
    a, b = curve(one), curve(two)
    assert [r["epoch"] for r in a] == [r["epoch"] for r in b] == [1, 2, 3, 4]
    assert max(abs(x["loss"] - y["loss"]) for x, y in zip(a, b, strict=True)) < 1e-8
    assert [x["accuracy"] for x in a] == [y["accuracy"] for y in b]
    for name, w in weights(one).items():
        assert w.dtype == torch.float64 and (w - weights(two)[name]).abs().max() < 1e-8, name


def test_the_first_process_alone_speaks_and_writes(both):
    one, two, done = both
    said = done.stdout.splitlines()
    assert said[0].startswith("xor on 2 processes, each on cpu, torch ") and len(said) == 6
    assert {path.name for path in one.iterdir()} == {path.name for path in two.iterdir()}
    assert json.loads((two / "config.json").read_text())["processes"] == 2
    assert len(torch.load(two / "checkpoint.pt", weights_only=True)["random"]) == 2


def test_what_one_process_began_two_end_alike(both, tmp_path):
    def judge(model, data):
        if len(curve(tmp_path)) == 2 if (tmp_path / "metrics.jsonl").exists() else False:
            raise Stop
        return XOR.judge(model, data)

    settings = XOR.settings(epochs=4, batch_size=60, dtype="float64")
    with pytest.raises(Stop):
        train(replace(XOR, judge=judge), settings, tmp_path, device="cpu", progress=Progress(None))
    assert len(curve(tmp_path)) == 2
    done = torchrun(2, "-m", "course.train", "xor", "--device", "cpu", "--out", str(tmp_path), "--resume")
    assert done.returncode == 0, done.stderr
    losses = [[r["loss"] for r in curve(out)] for out in (both[0], tmp_path)]
    assert losses[0][:2] == losses[1][:2] and max(abs(a - b) for a, b in zip(*losses, strict=True)) < 1e-8
    for name, w in weights(both[0]).items():
        assert (w - weights(tmp_path)[name]).abs().max() < 1e-8, name


THREADS = """
from pathlib import Path
from torch import nn
from course.train.crew import crew

def running():
    return sum("gloo" in path.read_text() for path in Path("/proc/self/task").glob("*/comm"))

with crew("cpu") as us:
    us.joined(nn.Linear(2, 2))
    during = running()
print(f"{during > 0} {running()}\\n", end="")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the threads of a process by their names")
def test_no_thread_of_the_crew_outlives_it(tmp_path):
    """One that does may want Python while Python ends, and then the process is aborted: now and then, under load."""
    (tmp_path / "threads.py").write_text(THREADS)
    done = torchrun(2, str(tmp_path / "threads.py"))
    assert done.stdout.split() == ["True", "0"] * 2, done.stderr


SYNCHRONISED = """
import torch
from course.train.crew import crew

with crew("cpu") as us:
    try:
        torch.nn.SyncBatchNorm(2)(torch.ones(4, 2, 3, 3))
    except ValueError as error:
        print(error)
    print(type(us.adapted(torch.nn.BatchNorm2d(2))).__name__)
"""


def test_batch_normalisation_over_processes_is_for_gpus(tmp_path):
    """As chapter 25 says; so on CPUs a model keeps its own, of what each process sees."""
    (tmp_path / "synchronised.py").write_text(SYNCHRONISED)
    done = torchrun(1, str(tmp_path / "synchronised.py"))
    error, kept = done.stdout.splitlines()
    assert "SyncBatchNorm expected input tensor to be on GPU" in error and kept == "BatchNorm2d", done.stderr


def test_batches_must_be_shared_evenly():
    assert Crew(torch.device("cpu"), 1, 4).share(60) == 15
    with pytest.raises(Refusal, match=r"^--batch-size 50 cannot be shared evenly by 4 processes: take a multiple$"):
        Crew(torch.device("cpu"), 1, 4).share(50)


def test_what_all_refuse_the_first_says(tmp_path, monkeypatch, capsys):
    said = []
    for rank in "01":
        monkeypatch.setenv("RANK", rank)
        assert main(["xor", "--batch-size", "9999", "--out", str(tmp_path / "run")]) == 1
        said.append(capsys.readouterr().err)
    assert said == ["course train: --batch-size 9999 is more than the 1024 examples that there are\n", ""]
