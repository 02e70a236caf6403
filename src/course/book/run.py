"""Running a page: its blocks in one namespace, and every check in a copy of that namespace at its place."""

import ast
import contextlib
import copy
import io
import re
import subprocess
import sys
import tempfile
import traceback
import warnings
import zlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np
from _pytest.assertion.rewrite import rewrite_asserts

from course.book import figures, formula
from course.book.compare import same, states
from course.book.include import needs
from course.book.page import Page, Step

Namespace = dict[str, Any]
Facts = dict[str, Any]
ALONE = "import sys; sys.modules['course'] = None; exec(sys.stdin.read(), {'__name__': '__main__'})"
NAME = re.compile(r"[^\W\d]\w*")


class Failure(Exception):
    """A claim that does not hold: the whole message, beginning with the page and the line."""


class Outcome(NamedTuple):
    """What a piece of code printed, and what it raised."""

    printed: str
    error: BaseException | None


class PageRun:
    """One page being run: what its blocks have bound so far, and what each of them did."""

    def __init__(self, page: Page, seed: int = 0, mutate: bool = False) -> None:
        self.page, self.seed, self.mutate, self.torch = page, seed, mutate, find_spec("torch") is not None
        self.blocks = [step for step in page.steps if step.kind in ("block", "session")]
        self.begin()

    def begin(self) -> None:
        """Forget everything that was run."""
        self.module = ModuleType("__main__")
        self.outcomes: dict[int, list[Outcome]] = {}

    def run(self, step: Step) -> Facts:
        """Run one step, after the blocks above it; a Failure, or the facts `message` and `edit`, say what differs."""
        due = [block for block in self.blocks if block.start <= step.start]
        if len(self.outcomes) > len(due):  # the page has gone on
            self.begin()
        for block in due[len(self.outcomes) :]:
            self.outcomes[block.start] = self.execute_block(block)
        try:
            return getattr(self, step.kind)(step) or {}
        except Failure as failure:
            for block in due:
                error = next((outcome.error for outcome in self.outcomes[block.start] if outcome.error), None)
                if error and block.kind == "block" and block is not step and not block.raises:
                    words = f"Before that, the block at {self.page.name}:{block.line} failed: {error!r}"
                    raise Failure(f"{failure}\n{words}") from None
            raise

    def execute_block(self, step: Step) -> list[Outcome]:
        """Execute a block in the page's own namespace: whole, or example by example."""
        pieces = [(e.source, step.line + e.lineno, "single") for e in step.examples] or [(step.code, step.line, "exec")]
        possible = self.torch or not step.needs_torch
        return [self.execute(code, self.module.__dict__, line, mode) for code, line, mode in pieces if possible]

    def apart(self, step: Step, also: str = "") -> Namespace:
        """A copy of the page's namespace for a check, with np, rng, table_rows and what is written for checks."""
        above = [s for s in self.page.steps if s.kind == "helpers" and s.start <= step.start]
        helpers = [s for s in above if self.torch or not s.needs_torch]
        named = set(NAME.findall("\n".join([step.code, also, *(helper.code for helper in helpers)])))
        space = {"np": np, "table_rows": self.page.table_rows, **copied(self.module.__dict__, named)}
        space["rng"] = np.random.default_rng([self.seed, zlib.crc32("".join(step.claims).encode())])
        for helper in helpers:
            self.hold(self.execute(helper.code, space, helper.line), step.line)
        return space

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
                exec(compiled(code, line, str(self.page.path), mode) if isinstance(code, str) else code, namespace)
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

    def block(self, step: Step) -> Facts:
        """A block raises what it says and nothing else, and prints what its Output shows."""
        (outcome,) = self.outcomes[step.start]
        printed, error = outcome
        if step.raises:
            came = f"{type(error).__name__}: {error}".removesuffix(": ") if error else "nothing was raised"
            if came != step.raises:
                raise self.failure(step.line, "the block raises something else", sides(step.raises, came))
            printed += f"{came}\n" if step.output else ""
        else:
            self.hold(outcome, step.line)
        for section in step.sections:  # what a reader copies runs in an empty namespace
            alone = self.execute(compile(section.copy, "<copy>", "exec"), {"__name__": "__main__"})
            self.hold(alone, step.line, why=f"the copy of {section.module} does not run by itself: {alone.error!r}")
        return self.compare(step, printed)

    def compare(self, step: Step, printed: str) -> Facts:
        """Compare what was printed with the Output."""
        if step.output:
            return self.differ(step.output.written, printed, step.output.line + 1)
        if not printed.strip():
            return {}
        words = 'the block prints, and no ```text title="Output" stands below it'
        raise self.failure(step.line, words, sides("nothing", printed))

    def differ(self, expected: str, came: str, first: int) -> Facts:
        """The facts about a text that begins on the line `first` and should be what came."""
        if same(expected, came):
            return {}
        pairs = zip(expected.splitlines(), came.splitlines(), strict=False)
        away = next((n for n, (a, b) in enumerate(pairs) if not same(a, b)), 0)
        message = str(self.failure(first + away, "the output differs", sides(expected, came)))
        return {"message": message, "edit": [first, expected.rstrip().splitlines(), came.rstrip().splitlines()]}

    def session(self, step: Step) -> Facts:
        """Every example of a pycon fence gives what stands below it."""
        for example, outcome in zip(step.examples, self.outcomes[step.start], strict=True):
            expected, came, line = example.want, outcome.printed, step.line + 1 + example.lineno
            if example.exc_msg is None:
                self.hold(outcome, line)
            else:
                error = outcome.error or Failure("nothing was raised")
                expected, came = example.exc_msg, traceback.format_exception_only(error)[-1]
            if facts := self.differ(expected, came, line + example.source.count("\n")):
                return facts if example.exc_msg is None else {"message": facts["message"]}
        return {}

    def standalone(self, step: Step) -> Facts:
        """A snippet runs in a fresh interpreter, with the libraries that it names and without this package."""
        libraries = {"numpy", step.part.words}
        for module in sorted(needs(compile(step.code, "", "exec")).imported):
            if module.split(".")[0] not in libraries | sys.stdlib_module_names:
                may = f"it may have {', '.join(sorted(libraries))} and the standard library"
                raise self.failure(step.line, f"a snippet that stands alone imports {module}; {may}")
        command = [sys.executable, "-I", "-W", "error", "-X", "utf8", "-c", ALONE]
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command, cwd=folder, input=step.code, encoding="utf-8", capture_output=True)
        if done.returncode:
            raise self.failure(step.line, f"the snippet does not run by itself: {done.stderr.strip().splitlines()[-1]}")
        return self.compare(step, done.stdout)

    def helpers(self, step: Step) -> None:
        """What is written for checks runs."""
        self.apart(step)

    def check(self, step: Step) -> None:
        """A check holds; if not, pytest's own assertion says what the values were."""
        outcome, why = self.execute(step.code, self.apart(step), step.line), ""
        if isinstance(outcome.error, AssertionError):  # once more, for its words
            tree = ast.parse("\n" * step.line + step.code)
            rewrite_asserts(tree, step.code.encode(), str(self.page.path))
            outcome = self.execute(compile(tree, str(self.page.path), "exec"), self.apart(step))
            why = f"the check of {step.claims[0]} fails: {outcome.error}"
        self.hold(outcome, step.line, why)

    def wrong(self, step: Step) -> None:
        """A wrong answer fails the check of its exercise, and not because it is broken itself."""
        checks = [s for s in self.page.steps if s.kind == "check" and s.claims == step.claims]
        for check in (c for c in checks if self.torch or not c.needs_torch):
            space = self.apart(step, check.code)
            self.hold(self.execute(step.code, space, step.line), step.line)
            outcome = self.execute(check.code, space, check.line)
            if isinstance(outcome.error, NameError | ImportError):
                self.hold(outcome, step.line)
            if outcome.error:
                return
        raise self.failure(step.line, f"the wrong answer passes the check of {step.claims[0]}; the check must fail it")

    def number(self, step: Step) -> None:
        """A number in the text is what its expression gives."""
        printed, relation, space = step.part.words, step.part.ident, self.apart(step)
        self.hold(self.execute(f"_value = {step.code}", space, step.line - 1), step.line)
        try:
            true = states(printed, relation, float(space["_value"]))
        except (TypeError, ValueError):
            raise self.failure(step.line, f"{step.code} gives {space['_value']!r}, not a number") from None
        if not true:
            says = f"{relation} {printed}".removeprefix("= ")
            raise self.failure(step.line, f"the text says {says}, and {step.code} gives {space['_value']!r}")

    def figure(self, step: Step) -> None:
        """The assertion of a figure holds on its data and fails on perturbed data; its file is what is drawn."""
        if problems := figures.check(step.code, self.page.docs.resolve().parent):
            raise Failure("\n".join(str(self.failure(step.line, words)) for words in problems))

    def formula(self, step: Step) -> Facts:
        """An equation is evaluated from its own TeX; when formulas are mutated, each of its misprints is noticed."""
        equation = self.page.source.of("equation", ident=step.part.ident)[0]
        given: Facts = {"tex": equation.code, "binding": step.code, "namespace": self.apart(step)}
        given |= {"label": equation.ident, "path": self.page.name, "line": equation.line}
        given |= {"binding_line": step.line + 1, "options": step.part.words, "seed": self.seed}
        try:
            verdict = formula.verify(**given)
            score = formula.mutation_score(**given) if self.mutate else None
        except formula.FormulaError as error:
            raise Failure(str(error)) from None
        facts: Facts = {"draws": verdict.draws, "bound": [list(pair) for pair in verdict.bound]}
        if score:
            facts |= {"misprints": [score.killed, score.total, len(score.equal)], "message": "\n".join(score.survivors)}
        return facts


@lru_cache(maxsize=1000)
def compiled(code: str, line: int, path: str, mode: str) -> CodeType:
    """The code that stands below a line of a page; what is written for checks is asked for again and again."""
    return compile("\n" * line + code, path, mode, dont_inherit=True)


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


def sides(expected: str, came: str) -> str:
    """What was expected and what came, one above the other."""
    indented = [text.rstrip().replace("\n", "\n    ") for text in (expected, came)]
    return "expected:\n    {}\ncame:\n    {}".format(*indented)
