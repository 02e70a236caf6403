"""What is kept is found again while nothing has changed, made anew when something has, or when it is damaged."""

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course import nn
from course.nn import cache
from course.nn.cache import cached, fingerprint, folder

STEP = 3


def double(x):
    return 2 * x


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


ARRAYS = {"0.weight": np.arange(6.0).reshape(2, 3), "file": np.array(7), "names": np.array(["a", "bc"])}


def test_a_second_call_reads_what_the_first_has_made(place):
    first = cached("test", lambda: ARRAYS, 1)
    (kept,) = place.iterdir()
    assert kept.name.startswith("test-") and kept.suffix == ".npz"
    stamp = kept.stat().st_mtime_ns
    second = cached("test", lambda: ARRAYS, 1)
    assert kept.stat().st_mtime_ns == stamp and list(place.iterdir()) == [kept]
    for found in (first, second):
        assert list(found) == list(ARRAYS)
        for name, a in ARRAYS.items():
            assert found[name].dtype == a.dtype and found[name].shape == a.shape and (found[name] == a).all()
    with np.load(kept, allow_pickle=False) as file:
        assert (file["0.weight"] == ARRAYS["0.weight"]).all()


def test_make_does_not_run_when_the_file_is_there(capsys):
    for _ in range(3):
        cached("test", lambda: (print("made"), {"y": np.ones(2)})[1])
    assert capsys.readouterr().out == "made\n"


CHANGES = [
    ((1,), (2,)),
    ((1,), (1.0,)),
    ((1,), (True,)),
    (("ab", "c"), ("a", "bc")),
    (([1, 2], 3), ([1], 2, 3)),
    (([1, 2],), ((1, 2),)),
    (({"lr": 0.1},), ({"lr": 0.2},)),
    ((np.zeros(4),), (np.zeros((2, 2)),)),
    ((np.zeros(4),), (np.zeros(4, np.float32),)),
    ((np.array([0.0, 1.0]),), (np.array([1.0, 0.0]),)),
    ((None,), ()),
    ((lambda x: x + 1,), (lambda x: x + 2,)),
    ((lambda x=1: x,), (lambda x=2: x,)),
]


@pytest.mark.parametrize(("a", "b"), CHANGES)
def test_what_it_depends_on_is_part_of_the_name(a, b):
    def make():
        return {}

    assert fingerprint("test", make, a) == fingerprint("test", make, a)
    assert fingerprint("test", make, a) != fingerprint("test", make, b)
    assert fingerprint("test", make, a) != fingerprint("other", make, a)


def test_the_code_of_make_and_of_what_it_calls_counts(monkeypatch):
    def make():
        return {"y": np.array(double(STEP))}

    first = fingerprint("test", make)
    monkeypatch.setattr(sys.modules[__name__], "STEP", 4)
    second = fingerprint("test", make)
    monkeypatch.setattr(sys.modules[__name__], "double", lambda x: 3 * x)
    assert len({first, second, fingerprint("test", make)}) == 3


def test_what_make_closes_over_counts():
    def closed(n):
        return lambda: {"y": np.array([i for i in range(n) if i in {1, 2}])}

    assert fingerprint("test", closed(3)) != fingerprint("test", closed(4))


def test_a_class_beside_make_counts():
    def version(factor):
        home = {"__name__": "page", "np": np, "nn": nn}
        text = f"class Net(nn.Module):\n    def forward(self, x):\n        return {factor} * x\n"
        exec(text + "def make():\n    return {'y': Net()(np.ones(2))}\n", home)
        return home["make"]

    assert fingerprint("test", version(2)) == fingerprint("test", version(2)) != fingerprint("test", version(3))


def test_a_function_that_remembers_counts_like_any_other():
    def version(factor):
        home = {"__name__": "page", "remember": functools.cache}
        exec(f"@remember\ndef f(x): return {factor} * x\ndef make(): return {{'y': f(3)}}", home)
        return home["make"]

    assert fingerprint("test", version(2)) == fingerprint("test", version(2)) != fingerprint("test", version(3))


def test_functions_that_call_each_other_come_to_an_end():
    home = {"__name__": "page"}
    exec("def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n > 0 and even(n - 1)\n", home)
    assert fingerprint("test", home["even"]) != fingerprint("test", home["odd"])


def test_sources_and_numpy_count(monkeypatch):
    def make():
        return {}

    found = {fingerprint("test", make)}
    monkeypatch.setattr(cache, "_sources", lambda: "other")
    found.add(fingerprint("test", make))
    monkeypatch.setattr(np, "__version__", "0.0")
    assert len(found | {fingerprint("test", make)}) == 3


@pytest.mark.parametrize("package", cache.PACKAGES)
def test_every_file_of_the_packages_is_a_source(package, monkeypatch, tmp_path):
    for name in cache.PACKAGES:
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / "a.py").write_text("1")
    monkeypatch.setattr(cache, "COURSE", tmp_path)
    before = cache._sources.__wrapped__()
    (tmp_path / package / "sub" / "a.py").write_text("2")
    after = cache._sources.__wrapped__()
    (tmp_path / package / "sub" / "a.py").rename(tmp_path / package / "sub" / "b.py")
    assert len({before, after, cache._sources.__wrapped__()}) == 3


def test_it_is_the_same_in_another_process():
    code = (
        "from course.nn.cache import fingerprint\n"
        "def helper(x):\n    return x in {'a', 'b', 'c', 'd'}\n"
        "def make():\n    return {'y': helper('a')}\n"
        "print(fingerprint('test', make, [{'u': 1}, {'p', 'q', 'r'}]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] and len(runs[0].strip()) == 16


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    data = bytearray(path.read_bytes())
    at = data.find(np.arange(6.0).tobytes()) + 9
    data[at] ^= 1
    path.write_bytes(data)


def strange(path):
    np.save(path.with_suffix(".npy"), np.ones(3))
    path.with_suffix(".npy").replace(path)


def pickled(path):
    np.savez(path, x=np.array([{}, None], object))


DAMAGES = {
    "cut": cut,
    "a bit flipped": flip,
    "empty": lambda path: path.write_bytes(b""),
    "words": lambda path: path.write_text("not an archive"),
    "an array alone": strange,
    "no arrays": lambda path: np.savez(path),
    "objects": pickled,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_made_again(name, place):
    def make():
        return ARRAYS

    cached("test", make)
    (kept,) = place.iterdir()
    whole = kept.read_bytes()
    DAMAGES[name](kept)
    assert kept.read_bytes() != whole
    found = cached("test", make)
    assert (found["0.weight"] == ARRAYS["0.weight"]).all() and list(found) == list(ARRAYS)
    assert [p.name for p in place.iterdir()] == [kept.name]
    assert kept.stat().st_size == len(whole)


def test_nothing_is_left_behind_when_make_or_the_writing_fails(place, monkeypatch):
    def fails():
        raise RuntimeError("diverged")

    with pytest.raises(RuntimeError, match="diverged"):
        cached("test", fails)
    assert not place.exists()
    monkeypatch.setattr(np.lib.format, "write_array", lambda *_, **__: fails())
    with pytest.raises(RuntimeError, match="diverged"):
        cached("test", lambda: ARRAYS)
    assert not list(place.iterdir())


def test_where_nothing_can_be_written_it_is_computed(place, monkeypatch):
    place.write_text("a file in the way")
    assert cached("test", lambda: ARRAYS)["file"] == 7


def test_mistakes_get_a_sentence():
    with pytest.raises(TypeError, match=r"cached: test depends on a Generator; it must be made of numbers"):
        cached("test", lambda: ARRAYS, np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"cached: y of test is object; it must be an array of numbers or strings"):
        cached("test", lambda: {"y": [None]})
    home = {"net": nn.ReLU()}
    exec("def make(): return {'y': net([1.0])}", home)
    with pytest.raises(TypeError, match=r"cached: make uses net, a ReLU; it must be made of"):
        cached("test", home["make"])


def test_the_folder(monkeypatch, tmp_path, place):
    assert folder() == place
    monkeypatch.delenv("COURSE_CACHE")
    root = Path(__file__).parents[2]
    assert folder() == root / "build" / "cache"
    assert "build/" in (root / ".gitignore").read_text(encoding="utf-8").split()
    monkeypatch.setattr(cache, "COURSE", tmp_path / "lib" / "python" / "course")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for platform, variable, usual in (
        ("linux", "XDG_CACHE_HOME", ".cache"),
        ("darwin", "", "Library/Caches"),
        ("win32", "LOCALAPPDATA", "AppData/Local"),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        if variable:
            monkeypatch.delenv(variable, raising=False)
        assert folder() == tmp_path / usual / "forward-and-back"
        if variable:
            monkeypatch.setenv(variable, str(tmp_path / "own"))
            assert folder() == tmp_path / "own" / "forward-and-back"


def test_a_partial_function_is_refused_not_guessed():
    with pytest.raises(TypeError, match="depends on a partial"):
        cached("test", functools.partial(dict, y=1))
