"""A run killed at any moment goes on, and ends with the weights of the run that nobody killed."""

import json
import multiprocessing
import random
import signal
import sys
import time

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

from course.train import Progress, train
from tests.train import small
from tests.train.small import DEMO, run, same, weights

KILLS = 20


def processes():
    """Processes that start quickly where the system can fork one that has imported torch; anywhere, new ones."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch._dynamo", "tests.train.small", "course.train.report"])
    return context


def lines(out):
    path = out / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def epochs(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def equal(out, other):
    """Whether both runs end alike: weights and curves, each epoch once."""
    drop = ("seconds", "images_per_second")
    curves = [[{k: v for k, v in r.items() if k not in drop} for r in epochs(o)] for o in (out, other)]
    assert [r["epoch"] for r in curves[0]] == list(range(1, len(curves[1]) + 1))
    assert curves[0] == curves[1]
    assert same(weights(out), weights(other))


def test_twenty_kills_at_random_times_change_nothing(tmp_path):
    """Of the kills, a quarter comes at any time from the start on, the others soon after an epoch has ended."""
    context, chance = processes(), random.Random(1)
    asked = {"epochs": 300, "batch_size": 1024}
    run(tmp_path / "whole", **asked)
    out, killed, reached = tmp_path / "killed", 0, []
    while killed < KILLS:
        process = context.Process(target=small.child, args=(out, (out / "config.json").exists(), asked))
        before = lines(out)
        process.start()
        if killed % 4 == 3:
            time.sleep(chance.uniform(0, 0.4))
        else:
            while lines(out) <= before and process.is_alive():
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.03))
        process.kill()
        process.join()
        assert process.exitcode == (-signal.SIGKILL if sys.platform != "win32" else 1), "it ended by itself"
        killed += 1
        reached.append(lines(out))
    assert len(set(reached)) >= 5 and max(reached) < 300, "the kills came too late, or too early, to mean anything"
    run(out, resume=True, **asked)
    equal(out, tmp_path / "whole")


class Stop(Exception):
    pass


class StopAt(Progress):
    """Breaks off after an epoch, or after a step."""

    def __init__(self, epoch=None, step=None):
        super().__init__(None)
        self.at, self.at_step = epoch, step

    def epoch(self, record):
        super().epoch(record)
        if record["epoch"] == self.at:
            raise Stop

    def step(self, error):
        super().step(error)
        if self.done == self.at_step:
            raise Stop


def break_off(out, resume=False, **when):
    with pytest.raises(Stop):
        train(DEMO, small.settings(), out, device="cpu", resume=resume, progress=StopAt(**when))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    run(out)
    return out


def test_at_most_one_epoch_is_repeated(tmp_path, whole):
    break_off(tmp_path, step=7)  # of two steps each: in the middle of the fourth epoch
    assert lines(tmp_path) == 3
    seen = []
    watch = Progress(None)
    watch.epoch = lambda record: seen.append(record["epoch"])
    train(DEMO, small.settings(), tmp_path, device="cpu", resume=True, progress=watch)
    assert seen == [4, 5]
    equal(tmp_path, whole)


def test_a_line_after_the_checkpoint_and_half_a_line_are_cut_off(tmp_path, whole):
    break_off(tmp_path, epoch=2)
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 3, "loss": 0.1}\n{"epoch": 4, "lo')
    (tmp_path / ".checkpoint.pt.half").write_bytes(b"half a checkpoint")
    run(tmp_path, resume=True)
    equal(tmp_path, whole)
    assert not list(tmp_path.glob(".*"))


def test_a_run_killed_before_its_first_checkpoint_begins_again(tmp_path, whole):
    break_off(tmp_path, step=1)
    assert not (tmp_path / "checkpoint.pt").exists()
    run(tmp_path, resume=True)
    equal(tmp_path, whole)


def test_resuming_a_finished_run_draws_its_pictures_again(tmp_path):
    run(tmp_path)
    before = weights(tmp_path)
    for name in ("curves.svg", "picture.svg"):
        (tmp_path / name).unlink()
    run(tmp_path, resume=True)
    assert same(weights(tmp_path), before) and lines(tmp_path) == 5
    assert (tmp_path / "curves.svg").exists() and (tmp_path / "picture.svg").exists()


def test_a_checkpoint_holds_all_that_changes(tmp_path):
    import torch

    run(tmp_path, seed=5)
    parts = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert parts["epoch"] == 5 and parts["settings"]["demo"] == "small" and parts["settings"]["seed"] == 5
    assert parts["schedule"]["last_epoch"] == 10 and parts["optimiser"]["state"][0]["exp_avg"].abs().max() > 0
    assert [set(state) for state in parts["random"]] == [{"cpu"}] and "1.running_mean" in parts["model"]
