"""Executing the code of a page: as the main program, on the page's own lines, or in a copy that leaves no trace."""

import contextlib
import copy
import io
import sys
import traceback
import warnings
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from course.book.include import needs
from course.book.page import Page

Namespace = dict[str, Any]


class Failure(Exception):
    """A claim that does not hold: the whole message, beginning with the page and the line."""


class Outcome(NamedTuple):
    """What a piece of code printed, and what it raised."""

    printed: str
    error: BaseException | None


def copied(namespace: Namespace, wanted: set[str]) -> Namespace:
    """A copy of a namespace in which code that mentions these names can change whatever it likes."""
    fresh, memo, done = dict(namespace), dict[int, Any](), set[str]()
    while wanted := wanted - done:
        name = wanted.pop()
        done.add(name)
        value = namespace.get(name)
        if isinstance(value, FunctionType) and value.__globals__ is namespace:
            fresh[name] = twin = FunctionType(value.__code__, fresh, name, value.__defaults__, value.__closure__)
            twin.__kwdefaults__ = value.__kwdefaults__
            wanted |= needs(value.__code__).taken
        elif name in namespace:
            with contextlib.suppress(Exception):  # a module, a file: nothing that can be copied
                fresh[name] = copy.deepcopy(value, memo)
    return fresh


class Interpreter:
    """Executes the code of one page; its module is the page's namespace."""

    def __init__(self, page: Page) -> None:
        self.page, self.module = page, ModuleType("__main__")

    def failure(self, line: int, *words: str) -> Failure:
        """A failure at a line of the page."""
        return Failure(f"{self.page.name}:{line}: " + "\n".join(words))

    def execute(self, code: str | CodeType, namespace: Namespace, line: int = 0, mode: str = "exec") -> Outcome:
        """Execute code, the text of it from below a line of the page, as the main program; warnings are errors."""
        printed, main, error = io.StringIO(), sys.modules["__main__"], None
        sys.modules["__main__"] = self.module
        with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
            warnings.simplefilter("error")
            try:
                if isinstance(code, str):
                    code = compile("\n" * line + code, str(self.page.path), mode, dont_inherit=True)
                exec(code, namespace)
            except KeyboardInterrupt:
                raise
            except BaseException as raised:  # a block that exits, or skips itself, has not run
                error = raised
            finally:
                sys.modules["__main__"] = main
        return Outcome(printed.getvalue(), error)

    def hold(self, outcome: Outcome, line: int, why: str = "") -> None:
        """Fail if something was raised: with the error, and the lines of the page and the package that led to it."""
        if not (error := outcome.error):
            return
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        mine = [line, *(f.lineno for f in frames if f.filename == str(self.page.path) and f.lineno)]
        if isinstance(error, SyntaxError) and error.lineno:
            mine = [error.lineno]
        trail = [f"  {self.short(f.filename)}:{f.lineno}: {(f.line or '')[:100]}" for f in frames]
        kept = trail if len(trail) < 6 else [*trail[:2], "  …", *trail[-3:]]
        words = why or traceback.format_exception_only(error)[-1].strip()
        raise self.failure(mine[-1], words, *kept)

    def short(self, file: str) -> str:
        """The path of a file, from the root of the book or from where libraries are installed."""
        path, root = Path(file).resolve(), self.page.docs.resolve().parent
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else file.split("site-packages/")[-1]


def sides(expected: str, came: str) -> str:
    """What was expected and what came, one above the other."""
    indented = [text.rstrip().replace("\n", "\n    ") for text in (expected, came)]
    return "expected:\n    {}\ncame:\n    {}".format(*indented)
