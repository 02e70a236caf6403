"""All the ways in which the book is run, and what a run leaves behind."""

import json
import shutil
from pathlib import Path

import pytest

from tests.meta.book import make, pytest_docs

PAGE, LEDGER = "docs/everything.md", "docs/reference/ledger.json"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The small book with the figures that it shows."""
    make(tmp_path)
    (tmp_path / "docs/reference").mkdir()
    (tmp_path / "figures/mistaken.py").unlink()
    shutil.rmtree(tmp_path / "figures/mistaken")
    return tmp_path


def edit(path: Path, old: str, new: str) -> str:
    """Change one place of a file; what the file was."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text


def line(book: Path, text: str) -> int:
    """The line of the page on which a text stands."""
    before, found, _ = (book / PAGE).read_text(encoding="utf-8").partition(text)
    assert found
    return before.count("\n") + 1


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The ledger of one whole run in one process."""
    book = make(tmp_path_factory.mktemp("alone"))
    (book / "docs/reference").mkdir()
    (book / "figures/mistaken.py").unlink()
    shutil.rmtree(book / "figures/mistaken")
    assert pytest_docs(book, "docs", "--write-ledger").code == 0
    return (book / LEDGER).read_bytes()


def test_whole_or_one_page_or_one_block(book: Path) -> None:
    whole = pytest_docs(book)
    assert whole.code == 0 and whole.counts == {"passed": pytest_docs(book, "docs", "--co").said.count("::")}
    one = pytest_docs(book, PAGE)
    assert one.code == 0 and one.counts["passed"] == whole.counts["passed"] - 2, one.said
    node = pytest_docs(book, f"{PAGE}::the-sum:L{line(book, 'print(opening') - 1}")
    assert node.code == 0 and node.counts == {"passed": 1}, node.said
    chosen = pytest_docs(book, "docs", "-k", "everything-undo")
    assert chosen.code == 0 and chosen.counts["passed"] == 2, chosen.said


def test_the_failures_of_the_last_run_alone(book: Path) -> None:
    (book / "pytest.ini").write_text("[pytest]\n")  # with the cache
    right = edit(book / PAGE, "print(opening(x))", "print(opening(x) + 1)")
    red = pytest_docs(book)
    assert f"{PAGE}:{line(book, 'print(opening') + 3}: the output differs" in red.said and red.counts["failed"] == 1, (
        red.said
    )
    assert pytest_docs(book, "docs", "--lf").counts["failed"] == 1
    (book / PAGE).write_text(right, encoding="utf-8")
    mended = pytest_docs(book, "docs", "--lf")
    assert mended.code == 0 and mended.counts["passed"] == 1, mended.said
    assert pytest_docs(book, "docs", "--ff").code == 0


def test_a_block_alone_says_which_block_above_it_fails(book: Path) -> None:
    edit(book / PAGE, "x = np.array([1, 0, -2, 3])", "x = np.array([1, 0, -2, 3) ]")
    run = pytest_docs(book, PAGE)
    assert f"{PAGE}:{line(book, 'x = np.array')}: this is not Python" in run.said, run.said
    edit(book / PAGE, "x = np.array([1, 0, -2, 3) ]", "x = np.array([1, 0, -2, 3], shape=4)")
    run = pytest_docs(book, f"{PAGE}::the-sum:L{line(book, 'print(opening') - 1}")
    assert f"Before that, the block at {PAGE}:{line(book, 'import numpy') - 1} failed: TypeError" in run.said, run.said


@pytest.mark.parametrize("mode", ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "each"])
def test_every_distribution_finds_the_same_ledger(book: Path, written: bytes, mode: str) -> None:
    shared = pytest_docs(book, "docs", "--write-ledger", "-n", "2", "--dist", mode)
    assert shared.code == 0 and (book / LEDGER).read_bytes() == written, shared.said


def test_the_ledger_names_every_claim(written: bytes) -> None:
    found = json.loads(written)
    assert [page["page"] for page in found["pages"]] == ["other.md", "everything.md"]
    claims = {claim["id"]: claim for claim in found["pages"][1]["claims"]}
    kinds = [claim["kind"] for claim in claims.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "output": 4, "equation": 2, "number": 6, "block": 4, "figure": 1, "table": 1, "snippet": 1, "exercise": 1,
    }  # fmt: skip
    assert claims["everything-sum"]["name"] == "Equation 3.1" and claims["everything-sum"]["how"] == "formula"
    assert claims["everything-sum"]["draws"] > 0
    assert claims["everything-integral"]["reason"] == "an integral"
    assert "numpy" in found["versions"] and "python" in found["versions"]


def test_the_ledger_is_of_a_complete_green_run(book: Path, written: bytes) -> None:
    ledger, found = book / LEDGER, json.loads(written)
    found["versions"]["numpy"] = "1.0"
    ledger.write_text(json.dumps(found), encoding="utf-8")
    assert pytest_docs(book, "docs", "--check-ledger", "-n", "2").code == 0, "versions may differ"

    edit(book / PAGE, "| the length", "| how long it is")
    stale = pytest_docs(book, "docs", "--check-ledger")
    assert (
        stale.code == 1 and "everything.md: Table 3.1: in the ledger" in stale.said and "make ledger" in stale.said
    ), stale.said
    partial = pytest_docs(book, PAGE, "--write-ledger")
    assert partial.code == 1 and "the ledger is of a complete run" in partial.said, partial.said
    edit(book / PAGE, "[-1 -2  5]", "[-1 -2  6]")
    failing = pytest_docs(book, "docs", "--write-ledger")
    assert failing.code == 1 and "1 tests failed" in failing.said, failing.said
    assert json.loads(ledger.read_text(encoding="utf-8")) == found, "nothing is written then"


def test_outputs_that_differ_are_rewritten_and_no_others(book: Path) -> None:
    path = book / PAGE
    alone, output = 'mode="valid")\n```\n', '```\n```text title="Output"\n[2. 4.]\n```\n'  # a snippet that runs twice
    edit(path, alone, alone.replace("```\n", f"\nprint(moving_average(np.array([1, 3, 5]), 2))\n{output}"))
    right = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(right.encode())
    clean = pytest_docs(book, "docs", "--update-outputs")
    assert clean.code == 0 and path.read_bytes().decode() == right, "nothing differs, nothing is touched"
    wrong = right.replace("[-1 -2  5]", "[-1 -2  6]").replace("np.int64(5)", "np.int64(4)\r\nand more")
    wrong = wrong.replace("[2. 4.]", "[2. 5.]")
    for more in ([], ["-n", "2"]):
        path.write_bytes(wrong.encode())
        mended = pytest_docs(book, "docs", "--update-outputs", *more)
        assert mended.code == 0 and "everything.md: 3 outputs rewritten" in mended.said, mended.said
        assert path.read_bytes().decode() == right
    assert not list(book.rglob("*.new"))
    close = right.replace("[-1 -2  5]", "[-1  -2 5]")  # the same numbers
    path.write_bytes(close.encode())
    assert pytest_docs(book, "docs", "--update-outputs").code == 0 and path.read_bytes().decode() == close


def test_without_torch_its_blocks_are_skipped_and_say_so(book: Path, written: bytes) -> None:
    (book / LEDGER).write_bytes(written)
    path = f"{book / 'without'}:{book / 'src'}"
    run = pytest_docs(book, "docs", "-rs", "--check-ledger", PYTHONPATH=path)
    assert run.code == 0 and run.counts["skipped"] == 2 and "torch is not installed" in run.said, run.said
    refused = pytest_docs(book, "docs", "--write-ledger", PYTHONPATH=path)
    assert refused.code == 1, "a ledger is written where everything runs"


HELPED_BY_TORCH = """\
---
title: Helped
---
# Helped
<!-- for checks
import torch

def ones_of_torch(n):
    return np.array(torch.ones(n))
-->
<!-- for checks
def two():
    return 2
-->

Three ones make 3<!-- = ones_of_torch(3).sum() -->, and one and one 2<!-- = two() -->.

$$
w \\leftarrow w + u \\label{helped-step}
$$
<!-- formula helped-step
w, u = real[3]
w \\leftarrow w + u * ones_of_torch(3)
-->

//// exercise | Twice
    id: helped-twice
    level: warm-up

Write `twice(x)`.

/// hint
Add.
///

/// solution
```python
def twice(x):
    return x + x
```
///
////
<!-- check helped-twice | a number
assert twice(4) == 8
-->
<!-- check helped-twice | torch
assert list(twice(ones_of_torch(2))) == [2, 2]
-->
<!-- wrong helped-twice | multiplies by itself
twice = lambda x: x * x
-->
"""


def test_without_torch_what_its_helpers_serve_is_skipped_and_nothing_else(book: Path) -> None:
    (book / "docs/helped.md").write_text(HELPED_BY_TORCH, encoding="utf-8")
    with_it = pytest_docs(book, "docs/helped.md", PYTHONPATH=str(book / "src"))
    assert with_it.code == 0 and not with_it.counts.get("skipped"), with_it.said
    path = f"{book / 'without'}:{book / 'src'}"
    run = pytest_docs(book, "docs/helped.md", "-rs", PYTHONPATH=path)
    assert run.code == 0 and run.counts["skipped"] == 4, run.said  # the helpers, a number, an equation, a check


def test_another_seed_is_green_too(book: Path) -> None:
    run = pytest_docs(book, "docs", "--seed", "7")
    assert run.code == 0, run.said


def test_a_file_without_its_figure_and_a_figure_without_its_page(book: Path) -> None:
    stray = book / "figures/toy/stray.svg"
    stray.write_text("<svg></svg>", encoding="utf-8")
    run = pytest_docs(book)
    assert run.counts["failed"] == 1 and "figures/toy/stray.svg:1: toy/stray: no function draws" in run.said, run.said
    stray.unlink()
    assert pytest_docs(book).code == 0
    edit(book / PAGE, "![Three steps.](figures/toy/steps.svg){ #steps }\n/// caption\n", "/// note\n")
    run = pytest_docs(book)
    assert run.counts["failed"] == 1 and "figures/toy.py:6: toy/steps: the figure stands on no page" in run.said, (
        run.said
    )


def test_a_misprint_that_no_check_notices_is_red(book: Path) -> None:
    assert "0 survive" in pytest_docs(book, "docs", "--mutate-formulas").said
    edit(book / PAGE, "x = zero(real[9])", "x = zero(np.zeros(9))")
    assert pytest_docs(book).code == 0, "the formula itself holds"
    run = pytest_docs(book, "docs", "--mutate-formulas", "-n", "2")
    assert run.code == 1 and f"{PAGE}:{line(book, 'y_i = ') - 1}: everything-sum: sign" in run.said, run.said
