"""The parts of the machinery: numbers that agree, numbers that claim, copies that leave no trace, pages for readers."""

import pickle
import re
from pathlib import Path

import pytest

from course.book.compare import same, states
from course.book.include import sections
from course.book.page import Page, PageError, read, reader_markdown
from course.book.prose import unmarked
from course.book.run import PageRun
from course.book.source import scan
from tests.meta.book import HERE


def page(folder: Path, text: str) -> Page:
    """A page, read."""
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs/page.md").write_text(text, encoding="utf-8")
    return read(folder / "docs/page.md", folder / "docs")


@pytest.mark.parametrize(
    ("expected", "came", "equal"),
    [
        ("15", "15", True),
        ("15", "16", False),  # integers exactly
        ("1,000,001", "1,000,000", False),
        ("0.123", "0.124", True),  # one unit in the last printed place
        ("0.123", "0.125", False),
        ("0.123", "-0.123", False),
        ("0.333", "0.33333333", True),  # the page rounds
        ("0.334", "0.33333333", False),  # but rounds right
        ("0.5", "0.59", False),
        ("1.2e-05", "1.3e-05", True),
        ("1.2e-05", "1.2e-06", False),
        ("1e-05", "2e-05", False),
        ("[ 1.  2.]", "[1. 2.]", True),  # spaces between numbers are NumPy's affair
        ("[1. 2.]", "[1. 3.]", False),
        ("[1. 2.]", "[1.4 2. ]", False),
        ("1.", "1", False),
        ("nan 1.5", "nan 1.6", True),
        ("nan", "inf", False),
        ("(1+2j)", "(1+3j)", False),
        ("a b", "ab", False),  # words exactly
        ("conv2d", "conv3d", False),
        ("1\n2", "1 2", False),  # lines are lines
        ("1\n", "1\n\n", True),
        ("1 ... 9", "1 2 9", False),  # nothing stands for anything
        ("0.1", "0.10000000000000001", True),
    ],
)
def test_outputs_agree(expected: str, came: str, equal: bool) -> None:
    assert same(expected, came) == equal


@pytest.mark.parametrize(
    ("printed", "relation", "value", "true"),
    [
        ("4", "=", 4.0, True),
        ("4", "=", 4.2, False),
        ("3.14", "=", 3.14159, True),
        ("3.15", "=", 3.14159, False),
        ("98", "<=", 98.4, True),
        ("99", "<=", 98.4, False),
        ("0.1", ">", 0.05, True),
        ("1.2e-5", "=", 1.23e-5, True),
        ("4", "=", float("nan"), False),
    ],
)
def test_numbers_in_the_text_say_the_truth(printed: str, relation: str, value: float, true: bool) -> None:
    assert states(printed, relation, value) == true


@pytest.mark.parametrize(
    "text",
    [
        "A 3×3 kernel, 512 x 512, 512², 2-D, 3D, the 3rd, 0-based, a 16-bit image of 7 samples or 1,024 pixels.",
        "Row 2, rows 2 and 3, samples 1 to 3, chapter 7, figure 2, output 3, hours 0 to 5, at (174, 68).",
        "In 1958, Rosenblatt 1962, (1969), since 2012; on 14 July 1789, the 1990s, 2024-05-01.",
        "Python 3.11, NumPy 2, version 0.1.0, `3 + 4`, [the 4 cases](page.md#4), <b id='5'>x</b>, https://x.org/7.",
        "1. First\n2. Second\n\n## The 5 cases\n",
        "With $n = 4$, $x = (1, 0, -2, 3)$, $m \\le 5$, $2\\ell + 1$ taps, and $i = 0, \\dots, n - 1$.",
        "*Nature* 323(6088):533–536, pages 120–123.",
    ],
)
def test_sizes_indices_and_dates_claim_nothing(text: str) -> None:
    assert list(unmarked(scan(text, "page.md"), [])) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It is 4 then.", "4"),
        ("About 98% of them.", "98"),
        ("A gap of −3.5 in all.", "−3.5"),
        ("It has 2048 parameters.", "2048"),
        ("In 2048 images it is so.", "2048"),
        ("Position 3.5 is between.", "3.5"),
        ("2.5 samples away.", "2.5"),
        ("1,024 of them.", "1,024"),
        ("By hand, $y_3 = 4$.", "$y_3 = 4$"),
        ("Thus $2 \\cdot 3 - 2 = 4$.", "$2 \\cdot 3 - 2 = 4$"),
        ("It is $\\|x\\| \\approx 3.7$.", "$\\|x\\| \\approx 3.7$"),
        ("| a | 6 |", "6"),
        ("The work is 4× less.", "4"),
    ],
)
def test_other_numbers_do(text: str, number: str) -> None:
    assert [printed for _, printed in unmarked(scan(text, "page.md"), [])] == [number]


def test_what_a_reader_copies_brings_its_imports_and_helpers() -> None:
    (section,) = sections('--8<-- "src/toy/signals.py:opening"\n', HERE / "book")
    assert section.shown.startswith("def opening(x):") and "import" not in section.shown and "8<" not in section.copy
    assert section.copy.startswith("START = 0\n\n\ndef first(x):") and "import" not in section.copy
    (section,) = sections('--8<-- "src/toy/signals.py:differences"\n', HERE / "book")
    assert section.copy.startswith("import numpy as np\n\n\ndef differences(x):")
    space: dict[str, object] = {}
    exec(section.copy, space)
    assert set(space) == {"__builtins__", "np", "differences"}


def test_a_snippet_of_another_page_is_shown_and_copied_up_to_its_last_definition() -> None:
    (section,) = sections('--8<-- "docs/everything.md:moving_average"\n', HERE / "book")
    assert section.run == section.shown == section.copy and section.module == "docs/everything.md"
    assert section.copy.startswith("import numpy as np\n") and "print" not in section.copy
    space: dict[str, object] = {}
    exec(section.copy, space)
    assert set(space) == {"__builtins__", "np", "moving_average"}


def test_the_reader_sees_no_check_and_all_the_code() -> None:
    text = reader_markdown(read(HERE / "book/docs/everything.md", HERE / "book/docs"))
    assert "<!--" not in text and "8<" not in text and not text.startswith("---")
    assert 'it has **<span class="number" id="number-1">4</span>** entries' in text
    assert '<span class="number" id="number-4">$x_3 = 3$</span>' in text
    assert "```python\ndef opening(x):\n" in text
    raises = '    ```text title="Raises"\n    IndexError: index 4 is out of bounds for axis 0 with size 4\n    ```'
    assert raises in text


def test_every_block_is_executed_once_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = '```python\nn = n + 1\nprint(n)\n```\n```text title="Output"\n{}\n```\n\nIt is {}<!-- = n -->.\n\n'
    text = "# Page\n\n```python\nn = 0\n```\n\n" + "".join(block.format(n, n) for n in range(1, 201))
    run, executed = PageRun(page(tmp_path, text)), list[object]()
    execute = PageRun.execute
    monkeypatch.setattr(PageRun, "execute", lambda self, *a: (executed.append(a), execute(self, *a))[1])
    assert len(run.page.steps) == 401
    for step in run.page.steps:
        assert not run.run(step).get("message")
    assert len(executed) == 401, "a step that runs in order executes itself and nothing else"
    for step in reversed(run.page.steps[-9:]):
        assert not run.run(step).get("message"), "and out of order, the page begins again"


def test_a_page_can_pickle_its_own_functions_and_classes(tmp_path: Path) -> None:
    text = "```python\nimport pickle\n\nclass Box:\n    pass\n\ndef f(x):\n    return x\n\nprint(__name__)\n"
    text += "print(pickle.loads(pickle.dumps(f)) is f, type(pickle.loads(pickle.dumps(Box()))) is Box)\n```\n"
    run = PageRun(page(tmp_path, text + '```text title="Output"\n__main__\nTrue True\n```\n'))
    assert run.run(run.page.steps[0]) == {}
    assert pickle.__name__ == "pickle"


def test_a_check_changes_nothing_on_the_page(tmp_path: Path) -> None:
    text = """# Page

```python
import numpy as np

x, box, count = np.zeros(3), [1], 0
rng = np.random.default_rng(0)

def add():
    global count
    count += 1
    box.append(count)
    return box
```
<!-- for checks
secret = 1
-->

It has 2<!-- = len(add()) --> now, and 2<!-- = len(add()) --> again; 0<!-- = x.fill(5) or int(rng.integers(1)) -->.

```python
print(x, box, count, rng.integers(100), "secret" in globals())
```
```text title="Output"
[0. 0. 0.] [1] 0 85 False
```
"""
    run = PageRun(page(tmp_path, text))
    for step in run.page.steps:
        assert not run.run(step).get("message"), step.name


def test_the_ids_of_the_tests_are_readable() -> None:
    names = [step.name for step in read(HERE / "book/docs/everything.md", HERE / "book/docs").steps]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w-]+(:[\w-]+)*:L\d+", name) for name in names)


def test_all_the_mistakes_of_a_page_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PageError) as caught:
        page(tmp_path, "# Page\n\nIt is 4.\n\n```bash\nls\n```\n\nIt is 5.\n")
    told = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in told] == [f"docs/page.md:{n}" for n in (3, 5, 9)]


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("import torch.nn as nn", True),
        ("from torch import ones", True),
        ("t = t * 2", True),  # what a torch block has bound
        ("def f():\n    return t", True),
        ("from course.train import loop", True),
        ("t = 1\nu = t", False),  # another t
        ("u = [t for t in range(3)]", False),
        ("print('torch', 't')", False),
        ("u = x.t", False),
        ("def f(t):\n    return t", False),
    ],
)
def test_a_block_that_needs_torch_is_recognised(tmp_path: Path, code: str, needed: bool) -> None:
    read_page = page(tmp_path, f"```python\nimport torch\n\nt = torch.ones(2)\n```\n\n```python\n{code}\n```\n")
    assert [step.needs_torch for step in read_page.steps] == [True, needed]
