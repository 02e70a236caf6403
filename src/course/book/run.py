"""Running a page: its blocks in one namespace, and every check in a copy of that namespace at its place."""

import ast
import doctest
import importlib
import re
import subprocess
import sys
import tempfile
import traceback
import zlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from _pytest.assertion.rewrite import rewrite_asserts

from course.book import fences
from course.book.compare import same, states
from course.book.execute import Failure, Interpreter, Namespace, Outcome, copied, has_torch, names, sides
from course.book.include import Section
from course.book.page import Page, Step

Facts = dict[str, Any]
ALONE = (  # the program in which a snippet stands alone
    "import sys; sys.modules['course'] = None; "
    "exec(compile(sys.stdin.read(), 'the snippet', 'exec'), {'__name__': '__main__'})"
)


class PageRun(Interpreter):
    """One page being run: what its blocks have bound so far, and what each of them did."""

    def __init__(self, page: Page, seed: int = 0, mutate: bool = False) -> None:
        super().__init__(page)
        self.seed, self.mutate = seed, mutate
        self.blocks = [step for step in page.steps if step.kind in ("block", "session")]
        self.torch = has_torch()
        self.begin()

    def begin(self) -> None:
        """Forget everything that was run."""
        self.module = ModuleType("__main__")
        self.outcomes: dict[int, list[Outcome]] = {}
        self.broken = ""

    def run(self, step: Step) -> Facts:
        """Run one step, after all the blocks above it; a `Failure` says what does not hold."""
        above = [block for block in self.blocks if block.start < step.start]
        if len(self.outcomes) > len(above) + (step.start in self.outcomes):  # the page has gone on
            self.begin()
        for block in above[len(self.outcomes) :]:
            self.execute_block(block)
        before = self.broken
        facts: Facts = {}
        try:
            facts = getattr(self, step.kind)(step) or {}
        except Failure as failure:
            raise Failure(f"{failure}\n{before}".rstrip()) from None
        return facts

    def execute_block(self, step: Step) -> list[Outcome]:
        """Execute a block once, in the page's own namespace."""
        if step.start in self.outcomes:
            return self.outcomes[step.start]
        outcomes = self.outcomes[step.start] = []
        if step.needs_torch and not self.torch:
            return outcomes
        for code, line, mode in self.pieces(step):
            try:
                outcomes.append(self.execute(self.compiled(code, line, mode), self.module.__dict__))
            except SyntaxError as error:
                outcomes.append(Outcome("", error))
        unexpected = [o.error for o in outcomes if o.error and not step.raises and step.kind == "block"]
        if unexpected and not self.broken:
            self.broken = f"Before that, the block at {self.where(step.line)} failed: {unexpected[0]!r}"
        return outcomes

    def pieces(self, step: Step) -> Iterator[tuple[str, int, str]]:
        """The code of a block, with the line above it: all at once, or example by example."""
        if step.kind == "session":
            for example in doctest.DocTestParser().get_examples(step.code):
                yield example.source, step.line + example.lineno, "single"
        elif step.sections:
            imports = [f"from {s.module} import {', '.join(s.names)}" for s in step.sections if s.names]
            yield "; ".join(imports), step.line, "exec"
        else:
            yield step.code, step.line, "exec"

    def apart(self, step: Step, wanted: set[str]) -> Namespace:
        """A copy of the page's namespace for a check, with np, a seeded rng and what is written for checks."""
        helpers = [s for s in self.page.steps if s.kind == "helpers" and s.start < step.start]
        compiled = [self.compiled(helper.code, helper.line) for helper in helpers]
        space: Namespace = {"np": np} | copied(self.module.__dict__, wanted.union(*map(names, compiled)))
        space["rng"] = np.random.default_rng([self.seed, zlib.crc32("".join(step.claims).encode())])
        for code in compiled:
            self.hold(self.execute(code, space), step.line)
        return space

    # --- the kinds of steps -------------------------------------------------------------------------

    def block(self, step: Step) -> Facts | None:
        """A block raises what it says and nothing else, and prints what its Output shows."""
        (outcome,) = self.execute_block(step)
        printed, error = outcome.printed, outcome.error
        if step.raises:
            expected = f"{step.raises.ident}: {step.raises.words}".removesuffix(": ")
            came = f"{type(error).__name__}: {error}".removesuffix(": ") if error else "nothing was raised"
            if came != expected:
                raise Failure(f"{self.where(step.line)}: the block raises something else\n{sides(expected, came)}")
            printed += f"{came}\n" if step.output else ""
        else:
            self.hold(outcome, step.line)
        for section in step.sections:
            self.stand_alone(section, step.line)
        return self.compare(step, printed)

    def stand_alone(self, section: Section, line: int) -> None:
        """What a reader copies of the package runs in an empty namespace."""
        outcome = self.execute(compile(section.copy, "<copy>", "exec"), {"__name__": "__main__"})
        self.hold(outcome, line, why=f"the copy of {section.module} does not run by itself: {outcome.error!r}")

    def compare(self, step: Step, printed: str) -> Facts | None:
        """Compare what was printed with the Output; where they differ, the fact `edit` would mend the page."""
        if not step.output:
            if printed.strip():
                words = f'the block prints, and no ```text title="Output" stands below it\n{sides("nothing", printed)}'
                raise Failure(f"{self.where(step.line)}: {words}")
            return None
        expected, first = step.output.written, step.output.line + 1
        return self.differ(expected, printed, first, step.output.indent)

    def differ(self, expected: str, came: str, first: int, indent: str) -> Facts | None:
        """None if both are the same; else the edit that would make them so, with the message to fail with."""
        if same(expected, came):
            return None
        pairs = zip(expected.splitlines(), came.splitlines(), strict=False)
        away = next((n for n, (a, b) in enumerate(pairs) if not same(a, b)), 0)
        message = f"{self.where(first + away)}: the output differs\n{sides(expected, came)}"
        new = [(indent + line).rstrip() for line in came.rstrip().splitlines()]
        old = [(indent + line).rstrip() for line in expected.splitlines()]
        return {"edit": [first, old, new], "message": message}

    def session(self, step: Step) -> Facts | None:
        """Every example of a pycon fence gives what stands below it."""
        examples = doctest.DocTestParser().get_examples(step.code)
        indent = next(f.indent for f in self.page.fences if f.line == step.line)
        for example, outcome in zip(examples, self.execute_block(step), strict=True):
            expected, came = example.want, outcome.printed
            line = step.line + 1 + example.lineno
            if outcome.error and example.exc_msg is None:
                self.hold(outcome, line)
            elif example.exc_msg is not None:
                error = outcome.error
                expected = example.exc_msg
                came = traceback.format_exception_only(error)[-1] if error else "nothing was raised\n"
            facts = self.differ(expected, came, line + example.source.count("\n"), indent)
            if facts:
                return facts if example.exc_msg is None else {"message": facts["message"]}
        return None

    def standalone(self, step: Step) -> Facts | None:
        """A snippet runs in a fresh interpreter, with the libraries that it names and without this package."""
        libraries = {"numpy", "torch"} if step.part and step.part.words == "torch" else {"numpy"}
        for module in fences.imported(step.code):
            if module.split(".")[0] not in libraries | sys.stdlib_module_names:
                words = f"a snippet that stands alone imports {module}; it may have {', '.join(sorted(libraries))}"
                raise Failure(f"{self.where(step.line)}: {words} and the standard library")
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-I", "-W", "error", "-c", ALONE]
            done = subprocess.run(
                command, input=step.code, cwd=folder, capture_output=True, text=True, encoding="utf-8"
            )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1]
            raise Failure(f"{self.where(step.line)}: the snippet does not run by itself: {last}")
        return self.compare(step, done.stdout)

    def helpers(self, step: Step) -> None:
        """What is written for checks runs."""
        code = self.compiled(step.code, step.line)
        self.hold(self.execute(code, self.apart(step, names(code))), step.line)

    def check(self, step: Step) -> None:
        """A check holds; if not, its assertion is run again by pytest's own rules, which say what the values were."""
        code = self.compiled(step.code, step.line)
        outcome = self.execute(code, self.apart(step, names(code)))
        if isinstance(outcome.error, AssertionError) and not outcome.error.args:
            tree = ast.parse("\n" * step.line + step.code)
            rewrite_asserts(tree, step.code.encode())
            again = self.execute(compile(tree, str(self.page.path), "exec"), self.apart(step, names(code)))
            self.hold(outcome, step.line, why=f"the check of {step.claims[0]} fails: {again.error}")
        self.hold(outcome, step.line)

    def wrong(self, step: Step) -> None:
        """A wrong answer fails the check of its exercise, and not because it is broken itself."""
        answer, ident = self.compiled(step.code, step.line), step.claims[0]
        checks = [self.compiled(s.code, s.line) for s in self.page.steps if s.kind == "check" and s.claims[0] == ident]
        for check in checks:
            space = self.apart(step, names(answer) | names(check))
            self.hold(self.execute(answer, space), step.line)
            outcome = self.execute(check, space)
            if isinstance(outcome.error, NameError | ImportError):
                self.hold(outcome, step.line)
            if outcome.error:
                return
        raise Failure(f"{self.where(step.line)}: the wrong answer passes the check of {ident}; the check must fail it")

    def number(self, step: Step) -> None:
        """A number in the text is what its expression gives."""
        assert step.part is not None
        relation, printed = step.part.ident, step.part.words
        code = self.compiled(f"_value = {step.code}", step.line - 1)
        space = self.apart(step, names(code))
        self.hold(self.execute(code, space), step.line)
        try:
            value = float(space["_value"])
        except (TypeError, ValueError):
            raise Failure(f"{self.where(step.line)}: {step.code} gives {space['_value']!r}, not a number") from None
        if not states(printed, relation, value):
            words = f"the text says {printed}, and {step.code} gives {space['_value']!r}"
            raise Failure(f"{self.where(step.line)}: {words}" + f" (the mark asks for {relation})" * (relation != "="))

    def figure(self, step: Step) -> None:
        """The assertion of a figure holds on its data and fails on perturbed data; its file is what is drawn."""
        problems = importlib.import_module("course.book.figures").check(step.code, self.page.docs.resolve().parent)
        if problems:
            raise Failure("\n".join(f"{self.where(step.line)}: {words}" for words in problems))

    def formula(self, step: Step) -> Facts:
        """An equation is evaluated from its own TeX; when formulas are mutated, each of its misprints is noticed."""
        book = importlib.import_module("course.book.formula")
        assert step.part is not None
        equation = next(e for e in self.page.source.equations if e.ident == step.part.ident)
        space = self.apart(step, set(re.findall(r"[A-Za-z_]\w*", step.code)))
        place = {"label": equation.ident, "path": self.page.name, "line": equation.line, "binding_line": step.line}
        given = (equation.code, step.code, space)
        try:
            verdict = book.verify(*given, **place, options=step.part.words, seed=self.seed)
            facts: Facts = {"draws": verdict.draws, "bound": [list(pair) for pair in verdict.bound]}
            if self.mutate:
                score = book.mutation_score(*given, **place, options=step.part.words, seed=self.seed)
                facts["misprints"] = [score.killed, score.total, len(score.equal)]
                if score.survivors:
                    facts["message"] = "\n".join(map(str, score.survivors))
        except book.FormulaError as error:
            raise Failure(str(error)) from None
        return facts
