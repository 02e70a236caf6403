"""Whatever goes wrong on the machine or in what is asked: one sentence, status 1, and nothing saved is lost."""

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

import torch

from course.train import Data, demos
from course.train.command import main
from tests.train import small
from tests.train.small import same, weights
from tests.train.test_resume import processes

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None

XOR = demos.get_demo("xor")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def course(out, capsys):
    """The command on a small run: its status, and the one sentence that it says."""

    def call(*arguments, name="xor"):
        status = main([name, "--batch-size", "512", "--out", str(out), *arguments])
        said = capsys.readouterr().err
        assert said.count("\n") <= 1 and "Traceback" not in said
        return status, said.removeprefix("course train: ").rstrip("\n")

    return call


def saved(out):
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture
def begun(course, out, monkeypatch):
    """A run of six epochs that broke off in its fourth."""
    with monkeypatch.context() as patch:
        patch.setitem(demos.get_demo.__globals__, "importlib", Broken(after=3))
        status, _ = course("--epochs", "6", "--device", "cpu")
    assert status == 1 and len((out / "metrics.jsonl").read_text().splitlines()) == 3
    return out


class Broken:
    """Imports demos whose measuring fails after some epochs."""

    def __init__(self, after):
        self.left = after

    def import_module(self, name):
        def judge(model, data):
            self.left -= 1
            if self.left < 0:
                raise MemoryError
            return XOR.judge(model, data)

        return type("module", (), {"DEMO": replace(XOR, judge=judge)})


@pytest.fixture
def demo(monkeypatch):
    """Put another demo in the place of xor."""

    def put(**changed):
        module = type("module", (), {"DEMO": replace(XOR, **changed)})
        fake = type("importlib", (), {"import_module": staticmethod(lambda name: module)})
        monkeypatch.setitem(demos.get_demo.__globals__, "importlib", fake)

    return put


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The weights of six epochs that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole")
    assert main(["xor", "--batch-size", "512", "--epochs", "6", "--device", "cpu", "--out", str(out)]) == 0
    return weights(out)


def goes_on(course, out, whole):
    """The run can be resumed, and ends as it would have."""
    assert course("--resume", "--device", "cpu") == (0, "")
    assert [json.loads(line)["epoch"] for line in (out / "metrics.jsonl").read_text().splitlines()] == [*range(1, 7)]
    return same(weights(out), whole)


# --- the disk -------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["metrics.jsonl", ".checkpoint.pt.half"])
def test_a_full_disk(course, begun, whole, monkeypatch, place):
    before, sync = saved(begun), os.fsync

    def full(file):
        if (begun / place).exists() and os.path.samestat(os.fstat(file), (begun / place).stat()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(file)

    monkeypatch.setattr(os, "fsync", full)
    status, said = course("--resume")
    assert status == 1
    assert "No space left on device; what was saved is whole: make room and go on with: course train xor" in said
    assert saved(begun)["checkpoint.pt"] == before["checkpoint.pt"] and not list(begun.glob(".*"))
    monkeypatch.undo()
    assert goes_on(course, begun, whole)


if resource:

    def test_a_disk_that_is_truly_full(course, begun, whole):
        """The system itself refuses to write more than 4,000 bytes into a file; a checkpoint has more."""
        before = saved(begun)
        arguments = ["xor", "--out", str(begun), "--device", "cpu", "--resume"]
        process = processes().Process(target=small.limited_child, args=(arguments, 4000))
        process.start()
        process.join()
        assert process.exitcode == 1 and len(before["checkpoint.pt"]) > 4000
        assert saved(begun)["checkpoint.pt"] == before["checkpoint.pt"] and not list(begun.glob(".*"))
        assert goes_on(course, begun, whole)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EPERM])
def test_a_folder_that_cannot_be_written(course, out, monkeypatch, code):
    def refuse(path, *arguments, **named):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    status, said = course("--epochs", "1")
    assert status == 1 and said.startswith(f"{out}: {os.strerror(code)}") and not out.exists()


def test_a_folder_that_became_read_only(course, begun, whole, monkeypatch):
    before, opened = saved(begun), Path.open

    def refuse(path, mode="r", *arguments, **named):
        if set(mode) & set("wa"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, mode, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuse)
    status, said = course("--resume")
    assert status == 1 and os.strerror(errno.EROFS) in said and "--resume" in said
    assert saved(begun) == before
    monkeypatch.undo()
    assert goes_on(course, begun, whole)


def test_a_folder_that_is_a_file(course, out):
    out.write_text("a letter")
    status, said = course("--epochs", "1")
    assert status == 1 and str(out) in said and out.read_text() == "a letter"


# --- the folder's run -----------------------------------------------------------------------------


def test_a_folder_with_a_run_is_not_overwritten(course, begun):
    before = saved(begun)
    status, said = course("--epochs", "6")
    assert status == 1
    assert said == f"{begun} holds a run already (checkpoint.pt): add --resume to go on with it, or take another --out"
    assert saved(begun) == before


def test_nothing_to_resume(course, out):
    status, said = course("--resume")
    assert status == 1 and said == f"{out} holds no run to go on with, for it has no config.json: leave --resume out"
    assert not out.exists()


def test_what_failed_before_its_first_epoch_may_be_begun_again(course, out, demo):
    def fail(model, x, label):
        raise MemoryError

    demo(loss=fail)
    assert course("--epochs", "1")[0] == 1 and {path.name for path in out.iterdir()} == {"config.json"}
    demo()
    assert course("--epochs", "1") == (0, "")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--lr", "0.1"], "--lr 0.05, not 0.1"),
        (["--epochs", "7", "--seed", "1"], "--epochs 6, not 7, --seed 0, not 1"),
        (["--dtype", "float64"], "--dtype float32, not float64"),
        (["--amp"], "--amp False, not True"),
    ],
)
def test_other_settings_than_the_checkpoint_s(course, begun, asked, words):
    before = saved(begun)
    status, said = course("--resume", *asked)
    assert status == 1 and said.endswith(f"is of a run with {words}: go on with the same, or take another --out")
    assert saved(begun) == before


def test_a_checkpoint_of_other_settings_than_the_config_s(course, begun):
    config = json.loads((begun / "config.json").read_text())
    (begun / "config.json").write_text(json.dumps(config | {"seed": 9}))
    status, said = course("--resume")
    assert status == 1 and said.startswith(f"{begun / 'checkpoint.pt'} is of a run with --seed 0, not 9")


def test_a_run_and_a_checkpoint_of_another_demo(course, begun, tmp_path):
    config = json.loads((begun / "config.json").read_text())
    (begun / "config.json").write_text(json.dumps(config | {"demo": "digits"}))
    status, said = course("--resume")
    assert status == 1
    assert said == f"{begun / 'config.json'} is of the demo digits, not of xor: take another --out"
    (begun / "config.json").write_text(json.dumps(config))
    small.run(tmp_path / "other")
    shutil.copy(tmp_path / "other/checkpoint.pt", begun)
    before = saved(begun)
    status, said = course("--resume")
    assert status == 1
    assert said == f"{begun / 'checkpoint.pt'} is of the demo small, not of xor: take another --out"
    assert saved(begun) == before


def test_a_checkpoint_of_another_network(course, begun):
    parts = torch.load(begun / "checkpoint.pt", weights_only=True)
    parts["model"].popitem()
    torch.save(parts, begun / "checkpoint.pt")
    status, said = course("--resume")
    assert status == 1 and "is of another network than xor has now" in said


@pytest.mark.parametrize("kept", [0, 1, 0.5, 0.99])
def test_a_truncated_checkpoint(course, begun, kept):
    path = begun / "checkpoint.pt"
    whole = path.read_bytes()
    path.write_bytes(whole[: kept if kept == 1 else int(kept * len(whole))])
    before = saved(begun)
    status, said = course("--resume")
    assert status == 1
    assert said == f"{path} is damaged, or no checkpoint: put a sound copy there, or take another --out"
    assert saved(begun) == before


class Harm:
    """What a pickle may do when it is read."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (self.place,)


@pytest.mark.parametrize("content", ["harm", [1, 2], {"model": {}}], ids=["harm", "list", "other"])
def test_a_file_that_is_no_checkpoint_is_refused_and_not_run(course, begun, tmp_path, content):
    torch.save(Harm(str(tmp_path / "harm")) if content == "harm" else content, begun / "checkpoint.pt")
    status, said = course("--resume")
    assert status == 1 and "no checkpoint" in said and not (tmp_path / "harm").exists()


def test_damaged_config_and_metrics(course, begun):
    lines = (begun / "metrics.jsonl").read_text().splitlines(keepends=True)
    (begun / "metrics.jsonl").write_text("".join(lines[:2]))
    status, said = course("--resume")
    assert status == 1 and "metrics.jsonl lacks some of the 3 epochs of the checkpoint" in said
    (begun / "metrics.jsonl").write_text(lines[0] + "{" + lines[2])
    assert "lacks some of the 3 epochs" in course("--resume")[1]
    (begun / "config.json").write_text("{")
    status, said = course("--resume")
    assert status == 1 and "config.json is damaged" in said


# --- the machine ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_not_there(course, out, monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    status, said = course("--device", name)
    assert status == 1
    assert (
        said == f"--device {name}: torch {torch.__version__} finds none on this machine, only cpu" and not out.exists()
    )


def test_auto_takes_the_best_there_is(monkeypatch):
    from course.train.devices import pick

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick("auto").type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick("auto", 1) == torch.device("cuda", 1) and pick("cpu").type == "cpu"
    with pytest.raises(Exception, match="more processes than GPUs: start 2, or add --device cpu"):
        pick("auto", 2)


FAULTS = {
    "of a GPU": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.\nGPU 0 has"),
    "of NumPy": MemoryError("Unable to allocate 3 TiB"),
}


@pytest.mark.parametrize("fault", [*FAULTS.values(), None], ids=[*FAULTS, "of the CPU, truly"])
def test_out_of_memory(course, begun, whole, demo, fault):
    before = saved(begun)

    def greedy(model, x, label):
        if fault:
            raise fault
        return torch.empty(1 << 55)

    demo(loss=greedy)
    status, said = course("--resume")
    assert status == 1 and said.startswith("there is not enough memory: begin with a smaller --batch-size")
    assert saved(begun) == before
    demo()
    assert goes_on(course, begun, whole)


def test_a_mistake_of_the_program_keeps_its_traceback(course, demo):
    def mistaken(model, x, label):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    demo(loss=mistaken)
    with pytest.raises(RuntimeError, match="mat1"):
        course("--epochs", "1")


# --- what is asked for ----------------------------------------------------------------------------


def test_unknown_demo_and_set(course):
    status, said = course(name="xnor")
    assert status == 1 and said == f"there is no demo 'xnor', only {', '.join(demos.listed())}"
    status, said = course("--set", "edges")
    assert status == 1 and said == "xor has no set 'edges', only corners"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["--epochs", "0"], "--epochs is 0, but must be at least 1"),
        (["--batch-size", "-4"], "--batch-size is -4, but must be at least 1"),
        (["--batch-size", "2000"], "--batch-size 2000 is more than the 1024 examples that there are"),
        (["--seed", "-1"], "--seed is -1, but must be at least 0"),
        (["--lr", "0"], "--lr is 0.0, but must be more than 0 and finite"),
        (["--lr", "nan"], "--lr is nan, but must be more than 0 and finite"),
        (["--lr", "inf"], "--lr is inf, but must be more than 0 and finite"),
        (["--examples", "10"], "the examples of xor are what they are, none are drawn: leave --examples out"),
        (["--amp", "--dtype", "float64"], "--amp trades precision for speed, --dtype float64 speed for precision"),
        (["--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (["--device", "tpu"], "argument --device: invalid choice: 'tpu'"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_what_cannot_be_asked_for(course, out, asked, words):
    status, said = course(*asked)
    assert status == 1 and said.startswith(words) and not out.exists()


def test_files_that_are_missing(course, out, demo, tmp_path):
    """The reader's own sentence, from course.data, comes through."""
    from course.data import mnist

    demo(data=lambda settings: mnist(settings.folder), sets=("mnist",))
    status, said = course("--data", str(tmp_path / "nowhere"))
    assert status == 1 and said.startswith("mnist: there is no train-images-idx3-ubyte, plain or .gz, in ")
    assert not out.exists()


def test_a_loss_that_is_not_finite(course, out, demo):
    steps = iter(range(100))
    bad = lambda model, x, label: XOR.loss(model, x, label) * (float("nan") if next(steps) >= 5 else 1)
    demo(loss=bad)
    status, said = course("--epochs", "6")
    assert status == 1 and said == "in epoch 3 the loss is nan: try a smaller --lr, in another --out"
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 2
    assert all(w.isfinite().all() for w in weights(out).values())


def test_a_metric_that_is_not_finite(course, out, demo):
    demo(judge=lambda model, data: {"accuracy": float("inf")})
    assert course("--epochs", "1") == (1, "in epoch 1 the accuracy is inf: try a smaller --lr, in another --out")
    assert not (out / "metrics.jsonl").exists()


def test_interrupted_by_hand(course, out, demo, capsys):
    def interrupted(model, data):
        raise KeyboardInterrupt

    demo(judge=interrupted)
    assert main(["xor", "--out", str(out)]) == 130
    assert (
        capsys.readouterr().err.strip()
        == f"course train: interrupted; go on with: course train xor --out {out} --resume"
    )


def test_a_demo_without_examples_says_so(course, demo):
    nothing = (torch.zeros(0, 2), torch.zeros(0))
    demo(data=lambda settings: Data(nothing, nothing))
    assert course("--epochs", "1")[1] == "--batch-size 512 is more than the 0 examples that there are"
