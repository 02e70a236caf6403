"""Labs as text: one source each in percent format, the student's version and the solution, and the notebook of either.

In a source, lines between `#: solution` and `#: end` are for the solution alone. Comments between `#: gap` and
`#: solution` are for the student alone, who sees them without their comment sign.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "LABS",
    "Cell",
    "absolute",
    "cells",
    "lab_of",
    "notebook",
    "read",
    "site",
    "solution",
    "student",
    "titled",
    "written",
]

LABS = {
    "basics": (1, "Basic manipulations and convolutions"),
    "fourier": (2, "Fourier and restoration"),
    "segment": (3, "Segment and count"),
    "autodiff": (4, "Autodiff from scratch"),
    "digits": (5, "Digits with a CNN"),
    "unet": (6, "A U-Net"),
}

MARK = re.compile(r"\s*#: (gap|solution|end)\s*")
FOLLOWS = {"": ("gap", "solution"), "gap": ("solution",), "solution": ("end",)}
HEAD = re.compile(r"# ?%%(?P<markdown> *\[(markdown|md)\])?.*")
ALT = re.compile(r"^# alt: .*\n(?:# {2,}.*\n)*", re.MULTILINE)
LINK = re.compile(r"\]\((?:\.\./)?(?P<page>[\w/-]+)\.(md|py)(?P<anchor>#[\w-]+)?\)")


# --- what the labs are called ---------------------------------------------------------------------


def titled(name: str) -> str:
    """The title of a lab, with its number.

    >>> titled("fourier")
    'Lab 2. Fourier and restoration'
    """
    number, words = LABS[name]
    return f"Lab {number}. {words}"


def lab_of(number: str) -> str | None:
    """The name of the lab that has a task or, without a dot, a lab of that number.

    >>> lab_of("2"), lab_of("2.10"), lab_of("fourier")
    ('fourier', 'fourier', None)
    """
    lab = number.partition(".")[0]
    return next((name for name, (n, _) in LABS.items() if str(n) == lab), None)


# --- the two versions -----------------------------------------------------------------------------


def student(source: str) -> str:
    """The version with gaps, in percent format.

    >>> print(student("#: gap\\n# y = ...\\n#: solution\\ny = x + 1\\n#: end"))
    y = ...
    """
    return "\n".join(bare(line, number) for part, line, number in parts(source) if part != "solution")


def solution(source: str) -> str:
    """The version without gaps, in percent format.

    >>> print(solution("#: gap\\n# y = ...\\n#: solution\\ny = x + 1\\n#: end"))
    y = x + 1
    """
    return "\n".join(line for part, line, _ in parts(source) if part != "gap")


def parts(source: str) -> Iterator[tuple[str, str, int]]:
    """Every line but the marks, with the part in which it stands ("" outside all) and its number (minus in a gap)."""
    part, number = "", 0
    for number, line in enumerate(source.split("\n"), 1):
        mark = MARK.fullmatch(line)
        if mark is None:
            yield part, line, -number if part == "gap" else number
        elif mark[1] not in FOLLOWS[part]:
            expected = " or ".join(f"#: {name}" for name in FOLLOWS[part])
            raise ValueError(f"lab: line {number} is #: {mark[1]}, where {expected} must come first")
        else:
            part = "" if mark[1] == "end" else mark[1]
    if part:
        raise ValueError(f"lab: the last #: {part} is not followed by #: {FOLLOWS[part][0]}")


def bare(line: str, number: int) -> str:
    """A line as the student sees it: in a gap (a negative number) without its comment sign."""
    if number > 0 or not line.strip():
        return line
    comment = re.fullmatch(r"(\s*)#(?: (.*)|)", line)
    if comment is None:
        raise ValueError(f"lab: line {-number} stands in a gap, and must be a comment: {line.strip()!r}")
    return (comment[1] + (comment[2] or "")).rstrip()


# --- cells and notebooks --------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook."""

    kind: Literal["code", "markdown"]
    source: str


def cells(text: str) -> list[Cell]:
    """The cells of a text in percent format: each begins at a line `# %%`, or `# %% [markdown]`.

    >>> cells("# %% [markdown]\\n# # Echoes\\n\\n# %%\\nx = 1\\n")
    [Cell(kind='markdown', source='# Echoes'), Cell(kind='code', source='x = 1')]
    """
    found: list[tuple[bool, list[str]]] = [(False, [])]
    for line in text.splitlines():
        if head := HEAD.fullmatch(line):
            found.append((head["markdown"] is not None, []))
        else:
            found[-1][1].append(line)
    if not any(line.strip() for line in found[0][1]):
        del found[0]  # nothing stands above the first head
    return [
        Cell("markdown", re.sub(r"^# ?", "", joined(lines), flags=re.MULTILINE))
        if markdown
        else Cell("code", joined(lines))
        for markdown, lines in found
    ]


def joined(lines: list[str]) -> str:
    """The lines without those that are empty at either end."""
    return re.sub(r"\A(\s*\n)+", "", "\n".join(lines)).rstrip()


def notebook(text: str, title: str) -> dict[str, Any]:
    """The notebook, in nbformat 4.5, of a text in percent format; its cells are those that jupytext makes."""
    return {
        "cells": [entry(cell, number) for number, cell in enumerate(cells(text), 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "title": title,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def entry(cell: Cell, number: int) -> dict[str, Any]:
    """A cell as the file of a notebook holds it."""
    common = {
        "cell_type": cell.kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": cell.source.splitlines(keepends=True),
    }
    return common if cell.kind == "markdown" else common | {"execution_count": None, "outputs": []}


def written(text: str, title: str) -> str:
    """The file of the notebook of a text in percent format."""
    return json.dumps(notebook(text, title), ensure_ascii=False, indent=1) + "\n"


# --- where the sources are ------------------------------------------------------------------------

SHIPPED = Path(__file__).with_name("texts")  # in a wheel, beside this file; setup.py puts them there
CHECKOUT = Path(__file__).parents[3]


def read(name: str) -> str:
    """The source of a lab: from the wheel, or from `docs/labs` of a checkout."""
    if name not in LABS:
        raise ValueError(f"lab: there is no lab {name!r}; there are {', '.join(LABS)}")
    folder = SHIPPED if SHIPPED.is_dir() else CHECKOUT / "docs/labs"
    return (folder / f"{name}.py").read_text(encoding="utf-8")


def site() -> str:
    """The address of the book, which ends in a slash; `mkdocs.yml` sets it."""
    if SHIPPED.is_dir():
        return (SHIPPED / "site.txt").read_text(encoding="utf-8").strip()
    settings = (CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8")
    found = re.search(r"^site_url:.*?(https?://[^\s\"\]]+)", settings, re.MULTILINE)
    assert found is not None
    return found[1].rstrip("/") + "/"


def absolute(text: str, site: str) -> str:
    """The text as it leaves the site: with links to pages of the book that work anywhere.

    In a source they are as on any other page: from `docs/labs` to a Markdown file, or to the source of another lab.
    What a source says to the page alone, `# alt: …`, stays behind.

    >>> absolute("[there](../adjoint/adjoint.md#the-dot-test)", "https://example.org/")
    '[there](https://example.org/adjoint/adjoint/#the-dot-test)'
    >>> absolute("# alt: A line,\\n#   which rises.\\nplt.plot([1, 2])", "https://example.org/")
    'plt.plot([1, 2])'
    """

    def there(link: re.Match[str]) -> str:
        page = link["page"] if link[0].startswith("](../") else f"labs/{link['page']}"
        return f"]({site}{page}/{link['anchor'] or ''})".replace("/index/", "/")

    return LINK.sub(there, ALT.sub("", text))
