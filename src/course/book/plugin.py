"""`pytest docs`: every page is read, every step of it is one test, and the run writes the ledger.

The pages are collected with Sybil's documents and examples; reading them is ours (`course.book.source`). A block
can be run alone, in any order and on any worker: what stands above it on its page is run first.
"""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sybil import Document, Region
from sybil.example import Example
from sybil.integration.pytest import SybilItem

from course.book import figures, ledger
from course.book.page import PageError, labels, pages, read
from course.book.run import Failure, PageRun

OPTIONS = {
    "--update-outputs": "rewrite the outputs that differ from what the run prints, and no others",
    "--write-ledger": "write docs/reference/ledger.json, after a complete run in which everything passed",
    "--check-ledger": "fail if the ledger has other claims than the book",
    "--mutate-formulas": "misprint every formula, and report the misprints that no check notices",
}
BOOK = pytest.StashKey["Plugin"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the book."""
    group = parser.getgroup("book", "the pages of the book")
    for name, words in OPTIONS.items():
        group.addoption(name, action="store_true", help=words)
    group.addoption("--seed", type=int, default=0, help="another seed for what the checks draw (default 0)")


class BookItem(SybilItem):
    """One step of a page as a test; what it finds travels with its report, from whichever worker."""

    def __init__(self, parent: pytest.File, example: Example, run: PageRun) -> None:
        pytest.Item.__init__(self, example.parsed.name, parent)
        self.example, self.step, self.page_run = example, example.parsed, run
        self.request_fixtures([])  # type: ignore[no-untyped-call]

    def runtest(self) -> None:
        """Run the step, or skip it for want of torch; nothing else is ever skipped."""
        found: dict[str, Any] = {"page": self.page_run.page.uri, "step": self.name, "claims": self.step.claims}
        self.user_properties.append(("book", found))
        if self.step.needs_torch and not self.page_run.torch:
            pytest.skip("torch is not installed")
        facts = found["facts"] = self.page_run.run(self.step)
        message, edit = facts.pop("message", ""), facts.get("edit")
        if message and not (edit and self.config.getoption("--update-outputs")):
            raise Failure(message)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the step stands."""
        return self.path, self.step.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A failure is its message."""
        return str(excinfo.value) if isinstance(excinfo.value, Failure) else super().repr_failure(excinfo, style)


class OrphansItem(pytest.Item):
    """No figure without its function, its file and its place in the book."""

    def runtest(self) -> None:
        """Ask for figures without a file, files without a figure, figures that no page shows; say where each is."""
        root, told = self.config.stash[BOOK].docs.parent, list[str]()
        for problem in figures.orphans(root):
            ident, place = problem.partition(":")[0], "figures/{}.svg:1"
            if figure := figures.load(root).get(ident):
                code = inspect.unwrap(figure.draw).__code__
                place = f"{Path(code.co_filename).relative_to(root).as_posix()}:{code.co_firstlineno}"
            told.append(f"{place.format(ident)}: {problem}")
        if told:
            pytest.fail("\n".join(told), pytrace=False)


class PageFile(pytest.File):
    """A page of the book; docs/conftest.py stands for the whole."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each step of the page."""
        book, option = self.config.stash[BOOK], self.config.getoption
        if self.path.suffix == ".py":
            yield OrphansItem.from_parent(self, name="every-figure-has-its-page")
            return
        try:
            page = read(self.path, book.docs, book.labels)
        except PageError as error:
            raise self.CollectError(str(error)) from None
        run = PageRun(page, option("--seed"), mutate=option("--mutate-formulas") or option("--write-ledger"))
        document = Document(page.source.text, str(self.path))
        for step in page.steps:
            document.add(Region(step.start, step.start + 1, step))
        for example in document.examples():
            yield BookItem.from_parent(self, example=example, run=run)


class Plugin:
    """What one run of the book knows; docs/conftest.py registers it."""

    def __init__(self, docs: Path, config: pytest.Config) -> None:
        self.docs, self.config = docs, config
        self.pages, self.labels = set(pages(docs)), labels(docs)
        self.found: dict[tuple[str, str], dict[str, Any]] = {}  # by page and step
        self.said: list[str] = []
        config.stash[BOOK] = self
        config.option.continue_on_collection_errors = True  # the mistakes of a page hide no other page's

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.File | None:
        """Collect the pages, and what concerns the whole book."""
        whole = file_path == self.docs / "conftest.py" and (self.docs.parent / "figures").is_dir()
        return PageFile.from_parent(parent, path=file_path) if whole or file_path in self.pages else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what a test found, wherever it ran."""
        found = dict(report.user_properties).get("book")
        if report.when == "call" and isinstance(found, dict):
            self.found[found["page"], found["step"]] = {"facts": {}, **found, "outcome": report.outcome}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Mend the outputs and settle the ledger, in the process that has gathered everything."""
        if hasattr(self.config, "workerinput"):
            return
        if self.config.getoption("--update-outputs"):
            self.said += [words for path in sorted(self.pages) if (words := self.update(path))]
        for option in ("--write-ledger", "--check-ledger"):
            if self.config.getoption(option) and (problems := self.settle(option, session.testsfailed)):
                self.said += problems
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def update(self, path: Path) -> str:
        """Rewrite the outputs of a page that differ, if they still stand where they were read."""
        uri, text = path.relative_to(self.docs).as_posix(), path.read_bytes().decode()
        end = "\r\n" if "\r\n" in text else "\n"
        lines = text.split(end)
        differing = [f["facts"]["edit"] for f in self.found.values() if f["page"] == uri and "edit" in f["facts"]]
        edits = {edit[0]: edit for edit in differing}  # a snippet that stands alone has run twice
        for first, old, new in sorted(edits.values(), reverse=True):
            above, place = "".join(lines[first - 2 : first - 1]), slice(first - 1, first - 1 + len(old))
            indent = above[: len(above) - len(above.lstrip())]  # of the fence, or of the >>> before
            if [line.rstrip() for line in lines[place]] != [(indent + line).rstrip() for line in old]:
                return f"{uri}: changed while it was run; nothing is rewritten"
            lines[place] = [(indent + line).rstrip() for line in new]
        if edits:
            figures.write(path, end.join(lines))
        return f"{uri}: {len(edits)} outputs rewritten" if edits else ""

    def settle(self, option: str, failed: int) -> list[str]:
        """Write the ledger, or compare it with the committed one; what stands in the way."""
        try:
            book = [read(path, self.docs) for path in self.pages]
        except PageError as error:
            return [str(error)]
        enough = ["passed", "skipped"] if option == "--check-ledger" else ["passed"]
        steps = {(page.uri, step.name) for page in book for step in page.steps}
        missing = steps - {key for key, found in self.found.items() if found["outcome"] in enough}
        if failed or missing:
            words = f"{failed} tests failed, {len(missing)} of {len(steps)} steps have not passed"
            return [f"{option}: the ledger is of a complete run; {words}"]
        facts = {(f["page"], claim): f["facts"] for f in self.found.values() for claim in f["claims"] if f["facts"]}
        run = ledger.found(book, facts)
        if option == "--write-ledger":
            figures.write(self.docs.parent / ledger.FILE, json.dumps(run, indent=1, ensure_ascii=False) + "\n")
            self.said.append(f"{ledger.FILE}: {ledger.totals(run)}")
            return []
        problems = ledger.differences(ledger.load(self.docs.parent), run)
        told = [*problems[:8], f"the ledger and the book differ in {len(problems)} claims: make ledger"]
        return told if problems else []

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was mended, how the ledger stands, and how many misprints were noticed."""
        scores = [found["facts"]["misprints"] for found in self.found.values() if "misprints" in found["facts"]]
        if scores:
            killed, total, equal = map(sum, zip(*scores, strict=True))
            words = f"{killed} noticed, {equal} equal by algebra, {total - killed - equal} survive"
            self.said.append(f"{len(scores)} formulas, {total} misprints: {words}")
        if self.said:
            terminalreporter.section("the book")
            terminalreporter.write_line("\n".join(self.said))
