"""What code needs, by its bytecode: the names that it takes from outside, the modules that it imports, torch."""

import dis
from types import CodeType
from typing import NamedTuple

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
