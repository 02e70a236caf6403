"""What code needs, by its bytecode: the names that it takes from outside, the modules that it imports, torch."""

import dis
import doctest
import re
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from course.book.page import Step


TAKES = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")


class Needs(NamedTuple):
    """The names that code takes from outside and those that it binds; the modules that it imports."""

    taken: set[str]
    bound: set[str]
    imported: set[str]


def needs(code: CodeType) -> Needs:
    """What compiled code needs; a function takes what the code around it does not bind."""
    found = Needs(set(), set(), set())
    for i in dis.get_instructions(code):
        if i.opname in TAKES and i.argval not in found.bound:
            found.taken.add(i.argval)
        elif i.opname == "STORE_NAME":
            found.bound.add(i.argval)
        elif i.opname == "IMPORT_NAME":
            found.imported.add(i.argval)
    for inner in (needs(c) for c in code.co_consts if isinstance(c, CodeType)):
        found.taken.update(inner.taken - found.bound)
        found.imported.update(inner.imported)
    return found


def mark_torch(steps: "list[Step]") -> None:
    """Mark the steps that import torch, or take a name that such a step has bound."""
    tainted: set[str] = set()
    for step in steps:
        runs = step.kind in ("block", "session")
        try:
            code = doctest.script_from_examples(step.code) if step.kind == "session" else step.code
            found = needs(compile(code, "", "exec"))
        except SyntaxError:  # the binding of a formula: TeX = Python, a line each
            rows = [row.partition("=")[::2] for row in step.code.splitlines()]
            left, right = (
                set(re.findall(r"(?<![.\w])[A-Za-z_]\w*", " ".join(side))) for side in zip(*rows, strict=True)
            )
            found = Needs(right - left, set(), set())
        modules = {module for module in found.imported if re.match(r"torch\b|course\.train\b", module)}
        step.needs_torch = step.kind != "figure" and bool(modules or found.taken & tainted)
        if runs:
            tainted = tainted | found.bound if step.needs_torch else tainted - found.bound
