"""Executing the code of a page: as the main program, with the page's own lines, and in copies that leave no trace."""

import contextlib
import copy
import importlib.util
import io
import sys
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from course.book.page import Page

Namespace = dict[str, Any]


class Failure(Exception):
    """A claim that does not hold: the whole message, beginning with the page and the line."""


@dataclass
class Outcome:
    """What a piece of code printed, and what it raised."""

    printed: str
    error: BaseException | None


def has_torch() -> bool:
    """Whether torch can be imported."""
    try:
        return importlib.util.find_spec("torch") is not None
    except (ImportError, ValueError):
        return False


def names(code: CodeType) -> set[str]:
    """The global names that compiled code mentions, in its functions too."""
    return set(code.co_names).union(*(names(c) for c in code.co_consts if isinstance(c, CodeType)))


def copied(namespace: Namespace, wanted: set[str]) -> Namespace:
    """A copy of a namespace in which code that mentions these names can change whatever it likes."""
    fresh, memo, done = dict(namespace), dict[int, Any](), set[str]()
    while wanted := wanted - done:
        name = wanted.pop()
        done.add(name)
        value = namespace.get(name)
        if isinstance(value, FunctionType) and value.__globals__ is namespace:
            twin = FunctionType(value.__code__, fresh, name, value.__defaults__, value.__closure__)
            twin.__kwdefaults__ = value.__kwdefaults__
            fresh[name] = twin
            wanted |= names(value.__code__)
        elif name in namespace:
            with contextlib.suppress(Exception):  # a module, a file: nothing that can be copied
                fresh[name] = copy.deepcopy(value, memo)
    return fresh


class Interpreter:
    """Executes the code of one page; its module is the page's namespace."""

    def __init__(self, page: Page) -> None:
        self.page, self.module = page, ModuleType("__main__")

    def where(self, line: int) -> str:
        """How a line of the page is named."""
        return f"{self.page.name}:{line}"

    def compiled(self, code: str, line: int, mode: str = "exec") -> CodeType:
        """Compile code that stands below a line of the page, so that errors name the page's lines."""
        return compile("\n" * line + code, str(self.page.path), mode, dont_inherit=True)

    def execute(self, code: CodeType, namespace: Namespace) -> Outcome:
        """Execute code as the main program; warnings are errors."""
        printed, main, error = io.StringIO(), sys.modules["__main__"], None
        sys.modules["__main__"] = self.module
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            warnings.simplefilter("error")
            try:
                exec(code, namespace)
            except KeyboardInterrupt:
                raise
            except BaseException as raised:  # a block that exits, or skips itself, has not run
                error = raised
            finally:
                sys.modules["__main__"] = main
        return Outcome(printed.getvalue(), error)

    def hold(self, outcome: Outcome, line: int, why: str = "") -> None:
        """Fail if something was raised: the error, and the lines of the page and of the package that led to it."""
        if not (error := outcome.error):
            return
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        mine = [f.lineno for f in frames if f.filename == str(self.page.path) and f.lineno]
        if isinstance(error, SyntaxError) and error.lineno:
            mine = [error.lineno]
        words = why or traceback.format_exception_only(error)[-1].strip()
        trail = [f"  {self.short(f.filename)}:{f.lineno}: {(f.line or '')[:100]}" for f in frames]
        kept = trail if len(trail) < 6 else [*trail[:2], "  …", *trail[-3:]]
        raise Failure("\n".join([f"{self.where(mine[-1] if mine else line)}: {words}", *kept]))

    def short(self, file: str) -> str:
        """A file's path, from the root of the book where it lies there."""
        path, root = Path(file), self.page.docs.resolve().parent
        return path.resolve().relative_to(root).as_posix() if path.resolve().is_relative_to(root) else file


def sides(expected: str, came: str) -> str:
    """What was expected and what came, one above the other."""
    return "\n".join(
        line
        for name, text in (("expected", expected), ("came", came))
        for line in [f"{name}:", *(f"    {line}" for line in text.rstrip().splitlines())]
    )
