"""Loading, checking and drawing figures: what the checks catch, and what the command says."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from course.book import figures

Plant = Callable[..., Path]
GOOD = """
@figure("demo/sum", height=40, title="A sum", desc="2 and 3 make 5.", x=[2, 3])
def demo(s, x):
    assert x.sum() == 5 and x[0] == 2
    s.grid(10, 8, x)
"""
BARE = """
@figure("demo/sum", height=40, title="t", desc="d"{data})
def demo(s, x=None):
    {body}
"""


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "course.cli", "figures", *arguments], cwd=root, capture_output=True, text=True
    )


def test_a_good_figure_holds(plant: Plant) -> None:
    root = plant(GOOD)
    figures.write(root / "figures/demo/sum.svg", figures.draw("demo/sum", root))
    assert figures.check("demo/sum", root) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (GOOD.replace("x.sum() == 5 and x[0] == 2", "x.sum() > 0"), "fails before the first mark with x[0] +1"),
        (GOOD.replace(" and x[0] == 2", "").replace("x.sum() == 5", "x[0] == 2"), "with x[1] +1, x[1] -1"),
        (GOOD.replace("x.sum() == 5", "x.sum() >= 5"), "with x[1] +1"),  # only a lower value is noticed
        (GOOD.replace("x.sum() == 5", "x.sum() <= 5"), "with x[1] -1"),  # only a higher one
        (BARE.format(data=", x=[2]", body="s.grid(9, 8, x); assert x[0] == 2"), "before the first mark with x[0] +1"),
        (BARE.format(data=", x=[2]", body="{2: 7}[int(x[0])]"), "KeyError instead of an assertion with x[0] +1"),
        (BARE.format(data=", x=[2]", body="pass"), "no assertion fails with x[0] +1, x[0] -1"),
        (BARE.format(data=", x=[True, False]", body="assert x[0]; s.grid(9, 8, x)"), "with x[1] +1"),
        (BARE.format(data="", body="s.text(90, 9, '1')"), "the figure has no data"),
    ],
)  # fmt: skip
def test_a_weak_assertion_is_caught(plant: Plant, source: str, words: str) -> None:
    root = plant(source)
    figures.write(root / "figures/demo/sum.svg", figures.draw("demo/sum", root))
    (problem,) = figures.check("demo/sum", root)
    assert words in problem and problem.startswith("demo/sum: ")


def test_an_assertion_that_fails_on_its_own_data_names_its_line(plant: Plant) -> None:
    root = plant(GOOD.replace("== 5", "== 6"))
    (problem,) = figures.check("demo/sum", root)
    assert re.fullmatch(r"demo/sum: AssertionError: .*\(figures/demo\.py:7\)", problem)


def test_large_data_are_sampled(plant: Plant) -> None:
    root = plant(
        '@figure("demo/many", height=40, title="t", desc="d", x=np.zeros((90, 70)))\n'
        "def demo(s, x):\n    assert not x.any()\n    s.text(90, 9, 'none')\n"
    )
    changed = list(figures.perturbed(figures.load(root)["demo/many"].data))
    assert 300 < len(changed) <= 2 * figures.SAMPLES and figures.unnoticed(figures.load(root)["demo/many"]) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('x="10.00"', 'x="10.04"', ""),
        ('x="10.00"', 'x="10.40"', "10.00 in place of 10.40"),
        ("#0072b2", "#0072b3", "#0072b2 in place of #0072b3"),
        ("scale(.0055 -.0055)", "scale(.0065 -.0065)", "scale(.0055 -.0055) in place of scale(.0065 -.0065)"),
        ('stroke-width="1.20"', 'stroke-width="1.22"', 'stroke-width="1.20" in place of stroke-width="1.22"'),
        ("<title>A</title>", "<title>B</title>", "other marks or words"),
        ("<path/>", "", "other marks or words"),
        ('class="f-ink"', 'class="f-quiet"', "other marks or words"),
    ],
)  # fmt: skip
def test_lengths_may_move_a_little_and_nothing_else(old: str, new: str, words: str) -> None:
    svg = (
        '<svg><title>A</title><path/><g class="f-ink" transform="translate(3 4)scale(.0055 -.0055)" x="10.00" '
        'fill="#0072b2" stroke-width="1.20"/></svg>'
    )
    assert old in svg and figures.difference(svg, svg.replace(old, new)) == words


def test_a_picture_may_move_a_few_levels(plant: Plant) -> None:
    source = (
        '@figure("demo/p", height=60, title="t", desc="d", k=[0.5])\n'
        "def demo(s, k):\n    s.picture(9, 9, 40, 40, np.full((4, 4), k[0]), levels=256)\n"
    )
    root = plant(source)
    drawn = figures.draw("demo/p", root)
    for value, words in ((0.51, ""), (0.6, "a picture differs by 25 grey levels")):
        sheet = sys.modules["figures.style"].Sheet("demo/p", 60, "t", "d")
        figures.load(root)["demo/p"].draw(sheet, [value])
        assert figures.difference(sheet.svg(), drawn) == words


def test_orphans(plant: Plant) -> None:
    shown = "![a sum](figures/demo/sum.svg)\n"
    root = plant(
        GOOD,
        index=shown
        + "```\n![x](figures/demo/no.svg)\n```\n<!-- ![x](figures/demo/no.svg) -->\n![b](figures/demo/b.svg)",
    )
    figures.write(root / "figures/demo/left.svg", "<svg/>")
    assert figures.orphans(root) == [
        "demo/left: no function draws figures/demo/left.svg; delete it",
        "demo/b: docs/index.md shows a figure that no function draws",
    ]
    (root / "docs/index.md").write_text("nothing")
    assert figures.orphans(root)[0] == "demo/sum: the figure stands on no page"


def test_a_module_that_cannot_be_loaded_is_named(plant: Plant) -> None:
    root = plant("import nothing_of_this_name\n")
    done = command(root)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.startswith("figures/demo.py cannot be loaded: ModuleNotFoundError: No module named")


def test_a_module_that_was_mended_is_read_anew(plant: Plant) -> None:
    root = plant(GOOD + "1 / 0\n")
    for _ in range(2):
        with pytest.raises(figures.FigureError, match="ZeroDivisionError"):
            figures.load(root)
    (root / "figures/demo.py").write_text("from figures.style import figure\n" + GOOD)
    assert list(figures.load(root)) == ["demo/sum"]


def test_two_figures_with_one_id(plant: Plant) -> None:
    with pytest.raises(figures.FigureError, match="two figures with the id 'demo/sum'"):
        figures.load(plant(GOOD + GOOD))


def test_an_id_names_its_module(plant: Plant) -> None:
    with pytest.raises(figures.FigureError, match="'other/sum' is not CHAPTER/NAME"):
        figures.load(plant(GOOD.replace("demo/sum", "other/sum")))


def test_the_command_draws_then_leaves_alone_then_checks(plant: Plant) -> None:
    root = plant(GOOD, index="![a sum](figures/demo/sum.svg)")
    inside = root / "docs"  # the book is found from a folder within it
    for arguments, words in (
        ([], "drawn"),
        ([], "unchanged"),
        (["--check"], "holds"),
        (["demo/sum", "--check"], "holds"),
    ):
        done = command(inside, *arguments)
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(rf"\[1/1\] demo/sum +\d+\.\d\d s +\d\.\d KB  {words}\n", done.stdout)
    assert not [p for p in (root / "figures/demo").iterdir() if p.suffix != ".svg"]
    path = root / "figures/demo/sum.svg"
    path.write_text(path.read_text().replace("A sum", "A product"))
    done = command(root, "--check")
    assert done.returncode == 1 and "FAILS" in done.stdout
    assert done.stderr == (
        "demo/sum: figures/demo/sum.svg is not what is drawn: other marks or words; "
        "draw it with: course figures demo/sum\n"
    )


def test_an_orphan_fails_the_check_alone(plant: Plant) -> None:
    root = plant(GOOD)
    assert command(root).returncode == 0
    done = command(root, "--check")
    assert done.returncode == 1 and done.stderr == "demo/sum: the figure stands on no page\n"


def test_an_unknown_id_is_answered_in_one_sentence(plant: Plant) -> None:
    done = command(plant(GOOD), "demo/some")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "figures: there is no figure 'demo/some'; near it are demo/sum\n"


def test_outside_a_book_the_package_finds_its_own(tmp_path: Path) -> None:
    assert figures.book(tmp_path) == Path(__file__).parents[2]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "demo/sum.svg"
    figures.write(path, "old")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        figures.write(path, "new")
    assert path.read_text() == "old" and list(path.parent.iterdir()) == [path]
