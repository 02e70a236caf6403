"""Code that a page takes from the package: what is shown, what is run, what a reader copies, and what code needs.

In a python fence the line `--8<-- "src/course/ops/naive.py:convolve_1d"` stands for what the file has between
`# --8<-- [start:convolve_1d]` and `# --8<-- [end:convolve_1d]`; of a page, for its snippet that defines the name.
"""

import ast
import dis
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.util import resolve_name
from itertools import pairwise
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

LINE = re.compile(r'--8<-- "(?P<file>[^":]+):(?P<name>[\w-]+)"')
MARK = re.compile(r"^ *# --8<-- \[(?:start|end):[\w-]+\]\n", re.M)
TAKES = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Imports = ast.Import | ast.ImportFrom


class Section(NamedTuple):
    """A part of a module or a page: what the page runs to have it, its text, and a text that runs by itself."""

    module: str
    run: str
    shown: str
    copy: str


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


def sections(code: str, root: Path) -> list[Section]:
    """The sections that a fence includes; a ValueError says which cannot be had, and why."""
    lines = code.splitlines() if "--8<--" in code else []
    found = [m for line in lines if (m := LINE.fullmatch(line.strip()))]
    if len(found) < len(lines):
        raise ValueError('a fence that includes has only lines such as --8<-- "src/course/ops/naive.py:convolve_1d"')
    return [section(root, m["file"], m["name"]) for m in found]


def section(root: Path, file: str, name: str) -> Section:
    """Read one section of a file."""
    if not (root / file).is_file() or not file.startswith(("src/", "docs/")):
        raise ValueError(f"there is no file {file!r} to include from; paths begin with src/ or docs/")
    text = (root / file).read_text(encoding="utf-8")
    if file.endswith(".md"):
        return snippet(text, file, name)
    start, end = (f"# --8<-- [{edge}:{name}]" for edge in ("start", "end"))
    if not (found := re.search(rf"(?ms)^{re.escape(start)}\n(.*?)^{re.escape(end)}\n", text)):
        raise ValueError(f"{file} has no section '{start}' … '{end}' at its left margin")
    module = ".".join(Path(file).with_suffix("").parts[1:])
    try:
        run = f"from {module} import {', '.join(sorted(needs(compile(found[1], file, 'exec')).bound))}"
    except SyntaxError as error:
        raise ValueError(f"the section {name!r} of {file} does not hold whole statements: {error.msg}") from None
    return Section(module, run, MARK.sub("", found[1]).strip("\n") + "\n", standing_alone(text, found[1], module))


def snippet(text: str, page: str, name: str) -> Section:
    """The snippet of a page that stands alone and defines a name, up to the last of its definitions."""
    for code in re.findall(r"(?ms)^<!-- standalone: \w+ -->\n```python[^\n]*\n(.*?)^```$", text):
        ends = [s.end_lineno or 0 for s in ast.parse(code).body if isinstance(s, Function | ast.ClassDef)]
        shown = "".join(code.splitlines(keepends=True)[: max(ends, default=0)])
        if name in needs(compile(shown, page, "exec")).bound:
            return Section(page, shown, shown, shown)
    raise ValueError(f"{page} has no snippet that stands alone and defines {name!r}")


def standing_alone(text: str, part: str, module: str) -> str:
    """The section with the imports and the definitions of its own module that it needs."""
    lines, first = text.splitlines(), text[: text.index(part)].count("\n") + 1
    statements = {s: needs(compile(ast.Module([s], []), module, "exec")) for s in ast.parse(text).body}
    kept = [s for s in statements if first <= s.lineno < first + part.count("\n")]
    own = len(kept)
    for taken in (statements[s].taken for s in kept):  # grows while it is read
        found = [s for s, has in statements.items() if taken & has.bound and not isinstance(s, Imports)]
        kept += [s for s in found if s not in kept]
    needed = set[str]().union(*(statements[s].taken for s in kept))
    imports = [line for s in statements if (line := wanted_import(s, needed, module))]
    pieces = {first: MARK.sub("", part).strip("\n")}
    for h in kept[own:]:
        start = min([h.lineno, *(d.lineno for d in getattr(h, "decorator_list", []))])
        pieces[start] = "\n".join(lines[start - 1 : h.end_lineno])
    copy, parts = "\n".join(imports), [pieces[n] for n in sorted(pieces)]
    for above, part in pairwise([copy, *parts]):
        copy += ("\n" if "\n" not in above + part else "\n\n\n") + part
    return copy.lstrip("\n") + "\n"


def wanted_import(statement: ast.stmt, needed: set[str], module: str) -> str:
    """An import with only the names that are needed, absolute; '' where none is."""
    if not isinstance(statement, Imports):
        return ""
    future = getattr(statement, "module", "") == "__future__"
    statement.names = [a for a in statement.names if future or (a.asname or a.name).split(".")[0] in needed]
    if isinstance(statement, ast.ImportFrom) and statement.level:
        relative = "." * statement.level + (statement.module or "")
        statement.module, statement.level = resolve_name(relative, module.rpartition(".")[0]), 0
    return ast.unparse(statement) if statement.names else ""


def essence(function: Function) -> tuple[Any, Any]:
    """What a function does, whatever its name, its docstring and its annotations are."""
    return meaning(function.args), meaning(function.body[ast.get_docstring(function) is not None :])


def meaning(node: Any) -> Any:
    """A piece of a syntax tree without its annotations, to be compared."""
    if isinstance(node, list):
        return tuple(map(meaning, node))
    fields = [f for f in getattr(node, "_fields", ()) if f not in ("annotation", "returns")]
    return (type(node), *(meaning(getattr(node, f)) for f in fields)) if isinstance(node, ast.AST) else repr(node)


def functions(code: str) -> Iterator[Function]:
    """The functions that a piece of code defines, at any depth."""
    return (n for n in ast.walk(ast.parse(code)) if isinstance(n, Function))


@lru_cache(maxsize=4)
def package(root: Path) -> dict[tuple[Any, Any], str]:
    """The essence of every function of the package that the book teaches, with its full name."""
    found = {}
    for path in sorted((root / "src").rglob("*.py")):
        parts = path.relative_to(root / "src").with_suffix("").parts
        if "book" not in parts:
            for function in functions(path.read_text(encoding="utf-8")):
                found[essence(function)] = ".".join([*parts, function.name])
    return found


def pasted(code: str, root: Path) -> Iterator[tuple[int, str, str]]:
    """Each function of a fence that is a copy of one in the package: its line in the code, its name, the original's."""
    for function in functions(code):
        original = package(root).get(essence(function))
        body = [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        if original and (len(body) > 1 or original.endswith(f".{function.name}")):
            yield function.lineno, function.name, original
