"""The machinery stays small, and says of every function what it is for."""

import ast
from pathlib import Path

import course.book
from tests.meta.book import ROOT

PARTS = "source include prose compare page bind run plugin ledger shown".split()  # noqa: SIM905
FILES = [ROOT / "docs/conftest.py", *(Path(course.book.__file__).with_name(f"{name}.py") for name in PARTS)]
LINES = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}  # blank ones too


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    assert {name: lines for name, lines in LINES.items() if lines > 300} == {}


def test_it_has_no_more_than_1500_lines() -> None:
    assert sum(LINES.values()) <= 1500, LINES


def test_every_function_has_a_first_line_that_says_what_it_is_for() -> None:
    silent = [
        f"{path.name}:{node.lineno}: {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("__")
        and not (ast.get_docstring(node) or "").split("\n")[0].endswith((".", ":"))
    ]
    assert silent == []
