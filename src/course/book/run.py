"""Running a page: its blocks in one namespace, and every check in a copy of that namespace at its place."""

import ast
import doctest
import importlib
import importlib.util
import re
import subprocess
import sys
import tempfile
import traceback
import zlib
from types import CodeType, ModuleType
from typing import Any

import numpy as np
from _pytest.assertion.rewrite import rewrite_asserts

from course.book.compare import same, states
from course.book.execute import Failure, Interpreter, Namespace, Outcome, copied, names, sides
from course.book.include import needs
from course.book.page import Page, Step

Facts = dict[str, Any]
ALONE = "import sys; sys.modules['course'] = None; exec(sys.stdin.read(), {'__name__': '__main__'})"
examples = doctest.DocTestParser().get_examples


class PageRun(Interpreter):
    """One page being run: what its blocks have bound so far, and what each of them did."""

    def __init__(self, page: Page, seed: int = 0, mutate: bool = False) -> None:
        super().__init__(page)
        self.seed, self.mutate, self.torch = seed, mutate, importlib.util.find_spec("torch") is not None
        self.blocks = [step for step in page.steps if step.kind in ("block", "session")]
        self.begin()

    def begin(self) -> None:
        """Forget everything that was run."""
        self.module, self.broken = ModuleType("__main__"), ""
        self.outcomes: dict[int, list[Outcome]] = {}

    def run(self, step: Step) -> Facts:
        """Run one step, after the blocks above it; a Failure, or the facts `message` and `edit`, say what differs."""
        above = [block for block in self.blocks if block.start < step.start]
        if len(self.outcomes) > len(above) + (step.start in self.outcomes):  # the page has gone on
            self.begin()
        for block in above[len(self.outcomes) :]:
            self.execute_block(block)
        before = self.broken
        try:
            return getattr(self, step.kind)(step) or {}
        except Failure as failure:
            raise Failure(f"{failure}\n{before}".rstrip()) from None

    def execute_block(self, step: Step) -> list[Outcome]:
        """Execute a block once, in the page's own namespace: whole, or example by example."""
        if step.start in self.outcomes:
            return self.outcomes[step.start]
        outcomes = self.outcomes[step.start] = list[Outcome]()
        pieces = [(step.code, step.line, "exec")]
        if step.kind == "session":
            pieces = [(e.source, step.line + e.lineno, "single") for e in examples(step.code)]
        elif step.sections:
            imports = [f"from {s.module} import {', '.join(s.names)}" for s in step.sections if s.names]
            pieces = [("; ".join(imports), step.line, "exec")]
        for code, line, mode in pieces if self.torch or not step.needs_torch else []:
            try:
                outcomes.append(self.execute(self.compiled(code, line, mode), self.module.__dict__))
            except SyntaxError as error:
                outcomes.append(Outcome("", error))
        unexpected = next((o.error for o in outcomes if o.error and not step.raises and step.kind == "block"), None)
        if unexpected and not self.broken:
            self.broken = f"Before that, the block at {self.page.name}:{step.line} failed: {unexpected!r}"
        return outcomes

    def apart(self, step: Step, *codes: CodeType, also: frozenset[str] = frozenset()) -> Namespace:
        """A copy of the page's namespace for a check, with np, a seeded rng and what is written for checks."""
        helpers = [s for s in self.page.steps if s.kind == "helpers" and s.start <= step.start]
        compiled = [self.compiled(helper.code, helper.line) for helper in helpers]
        space: Namespace = {"np": np} | copied(self.module.__dict__, {*also}.union(*map(names, [*compiled, *codes])))
        space["rng"] = np.random.default_rng([self.seed, zlib.crc32("".join(step.claims).encode())])
        for code in compiled:
            self.hold(self.execute(code, space), step.line)
        return space

    def block(self, step: Step) -> Facts:
        """A block raises what it says and nothing else, and prints what its Output shows."""
        (outcome,) = self.execute_block(step)
        printed, error = outcome
        if step.raises:
            expected = f"{step.raises.ident}: {step.raises.words}".removesuffix(": ")
            came = f"{type(error).__name__}: {error}".removesuffix(": ") if error else "nothing was raised"
            if came != expected:
                raise self.failure(step.line, "the block raises something else", sides(expected, came))
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
            return self.differ(step.output.written, printed, step.output.line + 1, step.output.indent)
        if not printed.strip():
            return {}
        words = 'the block prints, and no ```text title="Output" stands below it'
        raise self.failure(step.line, words, sides("nothing", printed))

    def differ(self, expected: str, came: str, first: int, indent: str) -> Facts:
        """The facts about a text that begins on the line `first` and should be what came."""
        if same(expected, came):
            return {}
        pairs = zip(expected.splitlines(), came.splitlines(), strict=False)
        away = next((n for n, (a, b) in enumerate(pairs) if not same(a, b)), 0)
        old, new = ([(indent + line).rstrip() for line in text.rstrip().splitlines()] for text in (expected, came))
        message = str(self.failure(first + away, "the output differs", sides(expected, came)))
        return {"edit": [first, old, new], "message": message}

    def session(self, step: Step) -> Facts:
        """Every example of a pycon fence gives what stands below it."""
        indent = next(f.indent for f in self.page.fences if f.line == step.line)
        for example, outcome in zip(examples(step.code), self.execute_block(step), strict=True):
            expected, came, line = example.want, outcome.printed, step.line + 1 + example.lineno
            if example.exc_msg is None:
                self.hold(outcome, line)
            else:
                error = outcome.error or Failure("nothing was raised")
                expected, came = example.exc_msg, traceback.format_exception_only(error)[-1]
            if facts := self.differ(expected, came, line + example.source.count("\n"), indent):
                return facts if example.exc_msg is None else {"message": facts["message"]}
        return {}

    def standalone(self, step: Step) -> Facts:
        """A snippet runs in a fresh interpreter, with the libraries that it names and without this package."""
        libraries = ["numpy", "torch"] if step.part and step.part.words == "torch" else ["numpy"]
        for module in sorted(needs(compile(step.code, "", "exec")).imported):
            if module.split(".")[0] not in {*libraries, *sys.stdlib_module_names}:
                may = f"it may have {', '.join(libraries)} and the standard library"
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
        """A check holds; if not, its assertion is run again by pytest's own rules, which say what the values were."""
        code = self.compiled(step.code, step.line)
        outcome, why = self.execute(code, self.apart(step, code)), ""
        if isinstance(outcome.error, AssertionError) and not outcome.error.args:
            tree = ast.parse("\n" * step.line + step.code)
            rewrite_asserts(tree, step.code.encode())
            again = self.execute(compile(tree, str(self.page.path), "exec"), self.apart(step, code))
            why = f"the check of {step.claims[0]} fails: {again.error}"
        self.hold(outcome, step.line, why)

    def wrong(self, step: Step) -> None:
        """A wrong answer fails the check of its exercise, and not because it is broken itself."""
        answer, ident = self.compiled(step.code, step.line), step.claims[0]
        for check in (s for s in self.page.steps if s.kind == "check" and s.claims[0] == ident):
            code = self.compiled(check.code, check.line)
            space = self.apart(step, answer, code)
            self.hold(self.execute(answer, space), step.line)
            outcome = self.execute(code, space)
            if isinstance(outcome.error, NameError | ImportError):
                self.hold(outcome, step.line)
            if outcome.error:
                return
        raise self.failure(step.line, f"the wrong answer passes the check of {ident}; the check must fail it")

    def number(self, step: Step) -> None:
        """A number in the text is what its expression gives."""
        assert step.part is not None
        code = self.compiled(f"_value = {step.code}", step.line - 1)
        space = self.apart(step, code)
        self.hold(self.execute(code, space), step.line)
        try:
            true = states(step.part.words, step.part.ident, float(space["_value"]))
        except (TypeError, ValueError):
            raise self.failure(step.line, f"{step.code} gives {space['_value']!r}, not a number") from None
        if not true:
            printed = f"{step.part.ident} {step.part.words}".removeprefix("= ")
            raise self.failure(step.line, f"the text says {printed}, and {step.code} gives {space['_value']!r}")

    def figure(self, step: Step) -> None:
        """The assertion of a figure holds on its data and fails on perturbed data; its file is what is drawn."""
        problems = importlib.import_module("course.book.figures").check(step.code, self.page.docs.resolve().parent)
        if problems:
            raise Failure("\n".join(str(self.failure(step.line, words)) for words in problems))

    def formula(self, step: Step) -> Facts:
        """An equation is evaluated from its own TeX; when formulas are mutated, each of its misprints is noticed."""
        book = importlib.import_module("course.book.formula")
        assert step.part is not None
        equation = next(e for e in self.page.source.equations if e.ident == step.part.ident)
        place = {"label": equation.ident, "path": self.page.name, "line": equation.line, "binding_line": step.line + 1}
        options = place | {"options": step.part.words, "seed": self.seed}
        given = equation.code, step.code, self.apart(step, also=frozenset(re.findall(r"[A-Za-z_]\w*", step.code)))
        try:
            verdict = book.verify(*given, **options)
            score = book.mutation_score(*given, **options) if self.mutate else None
        except book.FormulaError as error:
            raise Failure(str(error)) from None
        facts: Facts = {"draws": verdict.draws, "bound": [list(pair) for pair in verdict.bound]}
        if score:
            facts |= {"misprints": [score.killed, score.total, len(score.equal)], "message": "\n".join(score.survivors)}
        return facts
