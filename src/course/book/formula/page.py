r"""The page of the notation: one row a symbol of the tables, with its meaning and an example that is evaluated.

`python -m course.book.formula.page` writes `docs/reference/notation.md`, on which `pytest docs` evaluates each example.
A symbol without a row, or a row without a symbol, is an error here: the page and the evaluator cannot disagree.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

from . import notation

# Of each row: the symbol or, after a colon, the rule; what it means; the example; below it, what is bound.
ROWS = Path(__file__).with_name("rows.txt")

INTRODUCTION = """---
title: Notation
description: Every symbol of the book's formulas, what it means, and an example that is evaluated.
---

# Notation

The formulas of this book are not only typeset: they are read and evaluated, as they stand, on numbers that are drawn
anew. So each symbol means one thing, and this page lists them all, each with an example that is evaluated as well.
It is written from the tables that the evaluator reads.

In every chapter $x$ is the input, $w$ the kernel, $y$ the output, and $g$ the cotangent, which is carried back.
Indices begin at zero: a range `0..n-1` has $n$ places. `x * w` is a convolution and `x \\star w` a correlation, the
input first and the kernel second. $\\tilde w$ is $w$ turned by half a turn. $\\hat x$ is the spectrum of $x$, and
$\\tilde x$ an estimate of $x$, where $x$ itself is not to be had.
"""


class Row(NamedTuple):
    """A symbol or an operation of the tables, and its example."""

    key: str
    meaning: str
    tex: str
    binding: str

    @property
    def label(self) -> str:
        """The example's label: the symbol in words."""
        signs = {
            "+": "plus",
            "-": "minus",
            "/": "slash",
            "(": "parentheses",
            "[": "brackets",
            "*": "asterisk",
            "=": "equal",
        }
        signs |= {r"\{": "set", "|": "bar", r"\|": "bars", "<": "less", ">": "greater", "-1": "inverse"}
        words = re.findall(r"[A-Za-z]+", signs.get(self.key, self.key.replace("+", "plus ").replace("-", "minus ")))
        return ("notation-rule-" if self.key[0] == ":" else "notation-") + "-".join(words).replace("operatorname", "")

    @property
    def options(self) -> str:
        """The option that the example shows, if it shows one."""
        return {":pointwise": " pointwise", ":tol": " tol=1e-6"}.get(self.key, "")

    @property
    def shown(self) -> str:
        """The symbol as it is written."""
        key = self.key.removesuffix(" above")
        if self.key != "*" and key in notation.SUPERSCRIPTS and (key != "+" or " " in self.key):
            return f"A^{{{key}}}"
        return re.sub(r"\\(operatorname|mathrm|begin)(\w+)", r"\\\1{\2}", key.removeprefix(":"))


def rows() -> list[Row | str]:
    """The rows, and the headings between them."""
    out: list[Row | str] = []
    for record in ROWS.read_text(encoding="utf-8").strip().split("\n\n"):
        first, _, binding = record.partition("\n")
        found = re.fullmatch(r"(\S+(?: above)?) \| (.*?) \| (.*)", first)
        out.append(Row(found[1], found[2], found[3], binding) if found else first)
    return out


def required() -> set[str]:
    """All that must have a row: the symbols of the tables, the operations of the evaluator, the words of a binding."""
    kinds = {"function", "reducer", "relation", "infix", "sum", "product", "macro", "open"}
    symbols = {s for s, kind in notation.KIND.items() if kind in kinds} - {"{", r"\begincases", ":"} | set(
        notation.CONSTANTS
    )
    above = {f"{s} above" if s in notation.KIND else s for s in notation.SUPERSCRIPTS}
    operations = (
        ":name :index :call :tuple :num :mul :pow :factorial :prime :layer :list :in :where :dots :between :lines"
    )
    words = {*notation.DRAWS, *notation.BOUNDARIES, "at", "each", "support"}
    return symbols | above | words | {r"\begincases", ":pointwise", ":tol", *operations.split()}


def page() -> str:
    """The text of docs/reference/notation.md."""
    out, seen = [INTRODUCTION.replace("\\\\", "\\")], set()
    for row in rows():
        if isinstance(row, str):
            out.append(f"{row}\n")
            continue
        seen.add(row.key)
        name = f"*{row.shown}*" if row.key.startswith(":") else f"`{row.shown}`"
        example = (
            f"$$\n{row.tex} \\label{{{row.label}}}\n$$\n<!-- formula {row.label}{row.options}\n{row.binding}\n-->\n"
        )
        out.append(f"{name}: {row.meaning}.\n\n{example}")
    if seen != required():
        raise ValueError(f"rows without a symbol: {seen - required()}; symbols without a row: {required() - seen}")
    return "\n".join(out)


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference/notation.md").write_text(page(), encoding="utf-8")
