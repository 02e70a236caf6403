"""The figure language: legible, accessible, in the site's colours, the same bytes on every run."""

import os
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SITE_ROLES = {"x": "input-ink", "w": "kernel-ink", "y": "output-ink", "g": "cotangent-ink", "ink": "ink",
              "quiet": "quiet", "paper": "paper"}  # fmt: skip


def contrast(a: str, b: str) -> float:
    """The WCAG contrast of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
        return float(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722))

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def sheet(language: ModuleType, height: float = 200) -> Any:
    return language.Sheet("demo/sheet", height, "A title", "A description.")


def specimen(language: ModuleType) -> str:
    """One of everything."""
    s = sheet(language, 360)
    a = s.grid(10, 20, [[1, 0], [-2, 4]], tone=[[0.2, 0], [0.6, 1]], strong=[(1, 1)], faint_zero=True)
    b = s.grid(120, 32, [[3]], role="output", ghost=True)
    s.window(a)
    s.cone(a.box(), b.box())
    s.arrow((160, 44), (200, 44), "cotangent-ink", dash=True)
    s.arrow((220, 20), (220, 60), bend=0.4)
    s.runs(240, 40, ("$⟨x, A^*g⟩$", "ink"), (" and words", "quiet"))
    s.text(40, 90, "same", face="code")
    s.text(90, 90, "turned around", face="italic", anchor="start")
    taps = np.array([[0, -1], [1, 0], [-1, 1]])
    s.matrix(10, 110, taps + 1.0, taps)
    s.stems(100, 150, [1, -0.5, 2], 30, 12)
    s.ring((220, 150), 9, "output-ink")
    s.picture(240, 110, 50, 50, np.eye(9))
    s.picture(300, 110, 50, 50, np.eye(9), "output-ink")
    ax = s.plots.axes(40, 220, 280, 100)
    ax.plot([0, 1, 2], [0, 1, 4], color=s.plots.colour("input-ink"))
    svg: str = s.svg()
    return svg


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(language: ModuleType, scheme: int) -> None:
    roles = ("input", "kernel", "output", "cotangent")
    grounds = ["paper", "blank", "input-9"]
    cells = [language.shade(r, p) for r in roles for p in (language.FAINTEST, language.TINT, language.STRONGEST)]
    pairs = [*product(["ink"], grounds + cells), *product(["quiet"], grounds), *((f"{r}-ink", "paper") for r in roles)]
    for words, ground in pairs:
        a, b = (language.colour(name)[scheme] for name in (words, ground))
        assert contrast(a, b) >= 4.5, (words, ground)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_frames_and_curves_stand_out(language: ModuleType, scheme: int) -> None:
    roles = ("input", "kernel", "output", "cotangent")
    for role, other in product(roles, roles):
        frame = language.colour(f"{role}-ink")[scheme]
        for part in (language.FAINTEST, language.TINT):
            assert contrast(frame, language.colour(language.shade(other, part))[scheme]) >= 3, (role, other)


def test_the_colours_are_the_sites(language: ModuleType) -> None:
    css = (ROOT / "docs/_theme/assets/css/book.css").read_text()
    for scheme, name in enumerate(("default", "slate")):
        block = re.search(rf'\[data-md-color-scheme="{name}"\] \{{(.*?)\}}', css, re.S)
        assert block is not None
        site = dict(re.findall(r"--([\w-]+): (#\w+)", block[1]))
        ours = {key: language.COLOURS[ours][scheme] for key, ours in SITE_ROLES.items()}
        assert ours == {key: site[key] for key in SITE_ROLES}


@pytest.mark.parametrize("size", [10.9, 4])
def test_small_words_are_refused(language: ModuleType, size: float) -> None:
    with pytest.raises(ValueError, match=r"'word' at size .* cannot be read at 360 pixels"):
        sheet(language).text(90, 20, "word", size)


def test_small_scripts_and_full_cells_are_refused(language: ModuleType) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        sheet(language).text(90, 20, "$x_{i-j}$", 10.9)
    with pytest.raises(ValueError, match="'−1234' is too long for a cell of 24 units"):
        sheet(language).grid(9, 9, [[-1234]], cell=24)


def test_words_of_matplotlib_are_refused(language: ModuleType) -> None:
    s = sheet(language)
    s.plots.axes(40, 20, 280, 150).set_title("a title")
    with pytest.raises(ValueError, match="'a title' is matplotlib's; write words with"):
        s.svg()


def test_the_ticks_of_a_plot_are_labelled_in_the_sheets_letters(language: ModuleType) -> None:
    s = sheet(language)
    ax = s.plots.axes(40, 20, 280, 150)
    ax.set(yscale="log", xticks=[-1, 0, 1, 2])
    ax.set(xlim=(-1, 1), ylim=(1, 100))
    ticks = [(round(x), words) for x, _, words, _ in s.plots.ticks()]
    assert ticks == [(40, "−1"), (180, "0"), (320, "1"), (33, "$10^{0}$"), (33, "$10^{1}$"), (33, "$10^{2}$")]
    assert s.plots.at(ax, 0, 10) == pytest.approx((180, 95))
    assert s.svg().count("<use") >= 6


def test_words_that_touch_are_refused(language: ModuleType) -> None:
    s = sheet(language)
    s.text(90, 20, "first")
    s.text(95, 22, "second")
    with pytest.raises(ValueError, match="'first' touches 'second'"):
        s.svg()
    s = sheet(language)
    s.plots.axes(40, 20, 280, 150)
    s.text(40, 182, "0.0")
    with pytest.raises(ValueError, match=r"'0.0' touches '0\.0'"):
        s.svg()


@pytest.mark.parametrize(
    "mark",
    [
        lambda s: s.text(355, 20, "beyond"),
        lambda s: s.grid(300, 20, np.arange(4)),
        lambda s: s.line([(0, 0), (0, 201)]),
        lambda s: s.ring((4, 50), 9, "ink"),
        lambda s: s.picture(200, 20, 170, 20, np.eye(2)),
        lambda s: s.dots([(359, 20)], "ink"),
    ],
)  # fmt: skip
def test_nothing_leaves_the_figure(language: ModuleType, mark: Any) -> None:
    with pytest.raises(ValueError, match="leaves the figure"):
        mark(sheet(language))


def test_a_letter_that_no_face_has(language: ModuleType) -> None:
    with pytest.raises(ValueError, match="no face of the figures has the letter '漢'"):
        sheet(language).text(90, 20, "漢")


def test_formulas_are_set_as_on_the_page(language: ModuleType) -> None:
    lay = sys.modules["figures.letters"].lay
    line, width = lay("$y_i = w_{-1} x^2$", 12.5)
    assert [(a.face, a.colour) for a in line[:2]] == [("letters", "output-ink"), ("letters", "output-ink")]
    assert line[1].y < 0 < line[-1].y and line[1].size < line[0].size
    assert line[2].face == "maths" and line[2].colour is None
    assert [a.face for a in line[4:6]] == ["maths", "maths"] and line[3].colour == "kernel-ink"
    assert width > max(a.x for a in line)
    binary, sign = lay("$a-b$", 12.5)[1], lay("$-b$", 12.5)[1] + lay("$a$", 12.5)[1]
    assert binary > sign  # a minus between operands has air around it, a sign has none


def test_digits_have_one_width(language: ModuleType) -> None:
    lay = sys.modules["figures.letters"].lay
    for face in ("text", "bold"):
        assert len({round(lay(digit, 12.5, face)[1], 3) for digit in "0123456789"}) == 1


def test_numbers_are_written_plainly(language: ModuleType) -> None:
    assert [language.number(v) for v in (-3, 0.23254, np.nan, 12.0, "a")] == ["−3", "0.2325", "", "12", "a"]
    assert language.points(-0.001, 3.10, 12, -4.567) == "0 3.1 12 -4.57"


def test_every_colour_is_of_the_style_sheet_and_no_sentinel_is_left(language: ModuleType) -> None:
    svg = specimen(language)
    assert "#fe01" not in svg
    style = re.search(r"<style>(.*?)@media\(prefers-color-scheme:dark\)\{(.*?)\}</style>", svg, re.S)
    assert style is not None
    used = {name for names in re.findall(r'class="([^"]*)"', svg) for name in names.split()}
    for rules in style.groups():
        assert used == set(re.findall(r"\.([\w-]+)\{", rules))
    rest = svg.replace(style[0], "")
    assert not re.findall(r"#[0-9a-f]{6}\b|currentColor|url\(http|<text", rest)


def test_the_same_bytes_on_every_run(language: ModuleType) -> None:
    code = (
        "import sys; from pathlib import Path; from course.book import figures; figures.load(Path.cwd());"
        "from tests.figures.test_language import specimen; sys.stdout.write(specimen(sys.modules['figures.style']))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1] == specimen(language)
