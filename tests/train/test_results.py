"""The results that the chapter shows: what is run, what a row says, and when it is out of date."""

import json
import subprocess
import sys
import time

import pytest

pytest.importorskip("torch", reason="torch is not installed: there is nothing to train with")

from benchmarks import demos, watched
from course.train.demos import listed

NEEDED = {"demo", "set", "device", "torch", "seconds", "metric", "value", "threads", "commit", "sources", "date"}


def calls(monkeypatch, plan):
    """What a plan would train, on a device that is only named."""
    asked = []

    def noted(name, device, budget, **how):
        asked.append((name, device, how))
        return {"value": 1.0, "seconds": 2.0, "processor seconds": 3.0, "seed": how.get("seed", 0), "examples": None,
                "metrics": {"psnr": 1.0}}  # fmt: skip

    monkeypatch.setattr(demos, "measured", noted)
    monkeypatch.setattr(demos, "at_the_start", lambda name, **how: {"psnr": 0.0})
    rows = list(plan("cuda", demos.SEEDS, {}))
    return asked, rows


def test_every_demo_is_run_and_digits_from_five_seeds(monkeypatch):
    asked, rows = calls(monkeypatch, demos.everywhere)
    assert {name for name, _, _ in asked} == set(listed())
    assert rows[0]["seeds"] == [0, 1, 2, 3, 4] and rows[0]["values"] == [1.0] * 5
    assert rows[2]["at the start"] == {"psnr": 0.0} and rows[2]["trained"] == {"psnr": 1.0}


def test_a_gpu_also_reads_60_000_glyphs_in_four_ways(monkeypatch):
    usual, _ = calls(monkeypatch, demos.everywhere)
    asked, _ = calls(monkeypatch, demos.on_gpu)
    more = [how for _, _, how in asked[len(usual) :]]
    assert all(how["set"] == "glyphs" and how["examples"] == 60_000 for how in more)
    assert {(how.get("amp", False), how.get("compile", False)) for how in more} == {
        (False, False), (True, False), (False, True), (True, True),
    }  # fmt: skip


def test_a_rehearsal_says_what_it_ran(monkeypatch, tmp_path, capsys):
    """Every run is a real one, but tiny: here of xor alone."""
    monkeypatch.setattr(demos, "everywhere", lambda device, seeds, budget: [demos.measured("xor", device, budget)])
    monkeypatch.setattr(demos, "on_gpu", demos.everywhere)
    assert demos.main(["--rehearse", "--out", str(tmp_path / "gpu.json")]) == 0
    kept = json.loads((tmp_path / "gpu.json").read_text())
    (row,) = kept["rows"]
    assert set(row) >= NEEDED
    assert row["epochs"] == 1 and 0 <= row["value"] <= 1 and row["seconds"] > 0
    assert not demos.stale(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["gpu.json"]
    assert "xor" in capsys.readouterr().out


def test_a_rehearsal_is_not_kept_among_the_pages(capsys):
    with pytest.raises(SystemExit):
        demos.main(["--rehearse"])
    assert "--out" in capsys.readouterr().err


def test_results_are_stale_when_a_source_has_changed(monkeypatch, tmp_path):
    for room in demos.SOURCES:
        (tmp_path / room).mkdir(parents=True)
        (tmp_path / room / "one.py").write_text("x = 1\n")
    monkeypatch.setattr(demos, "ROOT", tmp_path)
    results = {"sources": demos.sources(), "rows": [{"sources": demos.sources()}]}
    assert not demos.stale(results)
    for room in demos.SOURCES:
        (tmp_path / room / "two.py").write_text("")
        assert demos.stale(results)
        (tmp_path / room / "two.py").unlink()
        assert not demos.stale(results)
        (tmp_path / room / "one.py").write_text("x = 2\n")
        assert demos.stale(results)
        (tmp_path / room / "one.py").write_bytes(b"x = 1\r\n")  # as git writes it on Windows
        assert not demos.stale(results)
    assert demos.stale(results | {"rows": [{"sources": "older"}]})


def test_several_seeds_make_one_row():
    rows = [{"demo": "d", "seed": k, "value": k / 2, "seconds": 1.0 + k, "processor seconds": 2.0} for k in (1, 2)]
    assert demos.together(rows) == {
        "demo": "d", "seeds": [1, 2], "values": [0.5, 1.0], "value": 0.75, "seconds": 2.5, "processor seconds": 2.0,
    }  # fmt: skip


def test_what_is_committed_is_whole():
    for path in demos.PAGES.glob("*-results.json"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        assert {row["demo"] for row in kept["rows"]} == set(listed()), path.name
        assert all(set(row) >= NEEDED for row in kept["rows"]), path.name


def test_a_run_is_watched_while_it_learns(monkeypatch):
    """As on a GPU, with a program in the place of nvidia-smi."""
    asked = []

    def answered(command, **how):
        asked.append(command[0])
        return subprocess.CompletedProcess(command, 0, "40\n" if len(asked) % 2 else "60\n")

    monkeypatch.setattr(watched.subprocess, "run", answered)
    progress = watched.Watched("cuda")
    progress.say("--amp does not help here")
    progress.say("xor on a GPU")
    progress.start(1, 0, 1, 1)
    while len(asked) < 2:
        time.sleep(0.01)
    progress.stop()
    assert progress.busy[:2] == [40, 60] and set(asked) == {"nvidia-smi"}
    assert progress.remarks() == ["--amp does not help here"]


def test_without_nvidia_smi_the_utilisation_stays_unmeasured(monkeypatch):
    monkeypatch.setenv("PATH", "")
    progress = watched.Watched("cuda")
    progress.start(1, 0, 1, 1)
    progress.watcher.join(5)
    progress.stop()
    assert progress.busy == []


def test_the_page_can_ask_whether_results_are_stale_without_torch():
    code = "import sys, benchmarks.demos; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=demos.ROOT)
