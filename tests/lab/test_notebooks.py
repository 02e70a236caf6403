"""One source, two versions; the notebooks are jupytext's, to the letter."""

import ast

import jupytext
import nbformat
import pytest

from course.lab import notebooks
from course.lab.notebooks import absolute, cells, notebook, solution, student

SOURCE = '''\
# %% [markdown]
# # Title
#
# Some *text*.

# %%
import numpy as np


# %%
def double(x):
    """Twice x."""
    #: gap
    # # a comment that stays
    #
    # return ...
    #: solution
    if x is None:
        return None
    return 2 * x
    #: end


# %% [markdown]
#
# - a list
#     - in a list

# %%
'''
TEXTS = [
    SOURCE,
    *(notebooks.read(name) for name in notebooks.LABS if (notebooks.CHECKOUT / f"docs/labs/{name}.py").exists()),
]


def test_the_two_versions() -> None:
    assert '"""Twice x."""\n    # a comment that stays\n\n    return ...\n\n\n# %%' in student(SOURCE)
    assert '"""Twice x."""\n    if x is None:\n        return None\n    return 2 * x\n\n\n# %%' in solution(SOURCE)
    for version in (student(SOURCE), solution(SOURCE)):
        assert "#:" not in version
        assert version.startswith("# %% [markdown]\n# # Title\n") and version.endswith("# %%\n")


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.splitlines()[1])
@pytest.mark.parametrize("version", [student, solution])
def test_the_notebook_is_the_one_that_jupytext_makes(text: str, version) -> None:
    made = notebook(version(text), "a title")
    nbformat.validate(made)
    theirs = jupytext.reads(version(text), "py:percent").cells
    assert [(c["cell_type"], "".join(c["source"])) for c in made["cells"]] == [(c.cell_type, c.source) for c in theirs]
    assert nbformat.reads(notebooks.written(version(text), "a title"), 4).metadata.title == "a title"
    assert made["metadata"]["kernelspec"]["name"] == "python3"


def test_the_ids_of_cells_are_unique_and_do_not_change() -> None:
    ids = [cell["id"] for cell in notebook(SOURCE, "")["cells"]]
    assert ids == [cell["id"] for cell in notebook(SOURCE, "")["cells"]] and len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x\n#: end", "line 2 is #: end, where #: gap or #: solution must come first"),
        ("#: gap\n#: end", "line 2 is #: end, where #: solution must come first"),
        ("#: solution\n#: gap", "line 2 is #: gap, where #: end must come first"),
        ("#: solution\n#: solution", "line 2 is #: solution, where #: end must come first"),
        ("x\n#: gap\n# y", "the last #: gap is not followed by #: solution"),
        ("#: solution\ny", "the last #: solution is not followed by #: end"),
        ("#: gap\ny = 1\n#: solution\n#: end", "line 2 stands in a gap, and must be a comment: 'y = 1'"),
    ],
)
def test_marks_that_do_not_match_are_an_error(source: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        student(source)


def test_a_solution_needs_no_gap() -> None:
    assert student("a\n#: solution\nb\n#: end\nc") == "a\nc"


def test_heads_of_cells() -> None:
    kinds = [cell.kind for cell in cells("x\n# %% a title\ny\n#%%\nz\n# %% [md]\n# t\n# %%% no\n")]
    assert kinds == ["code", "code", "code", "markdown", "code"]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("[a](../adjoint/adjoint.md)", "[a](https://b.org/x/adjoint/adjoint/)"),
        ("[a](../adjoint/adjoint.md#dot-test)", "[a](https://b.org/x/adjoint/adjoint/#dot-test)"),
        ("[a](../index.md)", "[a](https://b.org/x/)"),
        ("[a](fourier.py)", "[a](https://b.org/x/labs/fourier/)"),
        ("[a](teachers.md#grading)", "[a](https://b.org/x/labs/teachers/#grading)"),
        ("[a](https://c.org/d.md)", "[a](https://c.org/d.md)"),
        ("![a](../images/a.png)", "![a](../images/a.png)"),
    ],
)
def test_links_lead_to_the_book(link: str, address: str) -> None:
    assert absolute(link, "https://b.org/x/") == address


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.splitlines()[1])
def test_what_is_said_to_the_page_alone_stays_there(text: str) -> None:
    before, after = cells(solution(text)), cells(absolute(solution(text), "https://b.org/x/"))
    for cell, left in zip(before, after, strict=True):
        if cell.kind == "code":
            assert ast.dump(ast.parse(left.source)) == ast.dump(ast.parse(cell.source))
        assert "# alt" not in left.source


def test_an_unknown_lab_is_one_sentence() -> None:
    with pytest.raises(ValueError, match="there is no lab 'nope'; there are basics, fourier"):
        notebooks.read("nope")
