"""`course train`: what it asks for, what it prints, and what it leaves."""

import io
import json
import re
import xml.etree.ElementTree as ET

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

from course.train import get_demo
from course.train.command import main
from course.train.demos import listed
from course.train.progress import Progress
from course.train.report import COLOURS

LINE = re.compile(r"epoch (\d+) of 3: loss \d\.\d{4}, accuracy \d\.\d{4}, [\d,]+ images/s, \d:\d\d:\d\d left")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run through the command, and what it said."""
    out = tmp_path_factory.mktemp("runs") / "a/b"
    patch = pytest.MonkeyPatch()
    patch.setattr("sys.stdout", said := io.StringIO())
    status = main(["xor", "--epochs", "3", "--out", str(out), "--device", "cpu", "--seed", "2", "--lr", "0.03"])
    patch.undo()
    assert status == 0
    return out, said.getvalue().splitlines()


def test_off_a_terminal_there_is_a_line_an_epoch(finished):
    out, said = finished
    assert said[0].startswith("xor on cpu (") and said[0].endswith(f"into {out}") and ", torch " in said[0]
    assert [LINE.fullmatch(line)[1] for line in said[1:4]] == ["1", "2", "3"] and said[3].endswith("0:00:00 left")
    assert re.fullmatch(r"accuracy \d\.\d{4}; best \d\.\d{4}, in epoch [123]", said[4])


def test_a_run_leaves_what_was_asked_for_and_what_came(finished):
    out, _ = finished
    assert {path.name for path in out.iterdir()} == {
        "config.json", "metrics.jsonl", "checkpoint.pt", "curves.svg", "picture.svg", "picture.png"
    }  # fmt: skip
    config = json.loads((out / "config.json").read_text())
    asked = {"demo": "xor", "set": "corners", "epochs": 3, "batch_size": 32, "lr": 0.03, "seed": 2, "amp": False}
    assert asked.items() <= config.items() and config["processes"] == 1 and config["precision"] == "float32"
    records = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    names = {"epoch", "loss", "lr", "seconds", "images_per_second", "accuracy"}
    assert [r["epoch"] for r in records] == [1, 2, 3] and all(set(r) == names for r in records)
    assert all(abs(r["images_per_second"] * r["seconds"] - 1024) < 1e-6 for r in records)


def test_curves_and_picture_follow_the_page_into_the_dark(finished):
    for name in ("curves", "picture"):
        text = (finished[0] / f"{name}.svg").read_text()
        ET.fromstring(text)
        assert "prefers-color-scheme:dark" in text and "var(--c23201c)" in text
        for light, dark in COLOURS.items():
            assert text.count(light) == text.count(dark) == 1, "a colour that is not by name"
    assert (finished[0] / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_resume_takes_the_settings_of_the_run(finished, capsys):
    out, _ = finished
    assert main(["xor", "--out", str(out), "--device", "cpu", "--resume"]) == 0
    assert "accuracy" in capsys.readouterr().out
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 3


def test_the_default_folder_is_runs_and_the_name(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["xor", "--epochs", "1"]) == 0
    assert (tmp_path / "runs/xor/checkpoint.pt").is_file()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_a_bar_is_drawn_over_itself(monkeypatch):
    screen = Terminal()
    progress = Progress(screen, "accuracy")
    progress.start(epochs=4, done=1, steps=5, batch=10)
    monkeypatch.setattr("course.train.progress.PAUSE", -1)
    for _ in range(5):
        progress.step(0.25)
    progress.epoch({"loss": 0.2, "accuracy": 0.75})
    progress.stop()
    drawn = screen.getvalue().split("\r\x1b[2K")
    assert drawn[0] == "" and len(drawn) == 7 and drawn[-1].endswith("left\n")
    assert drawn[1].startswith("1/4 ██████░░░░░░░░░░░░░░ loss 0.2500, ")
    assert re.match(r"2/4 █{10}░{10} loss 0\.2000, accuracy 0\.7500, [\d,]+ images/s, 0:00:00 left", drawn[-1])


def test_time_left_is_reckoned_from_the_steps_of_this_start(monkeypatch):
    clock = iter([100.0, 108.0, 108.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    progress = Progress(said := io.StringIO(), "accuracy")
    progress.start(epochs=10, done=6, steps=2, batch=50)
    progress.done += 2  # an epoch of two steps in eight seconds: 12.5 images a second, three more epochs
    progress.epoch({"loss": 1.0})
    assert said.getvalue() == "epoch 7 of 10: loss 1.0000, 12 images/s, 0:00:24 left\n"


@pytest.mark.parametrize("name", listed())
def test_the_list_says_of_each_demo_what_the_demo_says(name):
    demo = get_demo(name)
    found = listed()[name]
    assert demo.name == name and {"shows", "takes", "sets"} <= set(found)
    assert all(getattr(demo, key) == value for key, value in found.items())
    for set_ in demo.sets:
        settings = demo.settings(set=set_, seed=3, epochs=2)
        assert (settings.set, settings.seed, settings.epochs) == (set_, 3, 2)
        own = demo.per_set.get(set_, {})
        assert settings.batch_size == own.get("batch_size", demo.batch_size)
        assert settings.lr == own.get("lr", demo.lr)
