"""What binds a claim to its check: the rules that a page keeps, and the steps that run for it."""

import ast
import posixpath
import re
from collections import deque
from doctest import DocTestParser

from course.book import prose
from course.book.include import Needs, needs, pasted, sections
from course.book.page import Claim, Page
from course.book.source import BLOCKS, COMMENTS, RUN, Fence, Part

LEVELS = ("", "warm-up", "core", "stretch")
BINDS = {"formula": ["equation"], "wrong": ["exercise"], "check": ["equation", "exercise", "table-caption", "figure"]}
ABOUT = ("raises", "standalone", "not run", "check")  # the comments that may speak of the fence below them


def bind(page: Page) -> None:
    """Fill the page's claims and steps, and note every rule that it breaks."""
    for rules in (fences, comments, equations, blocks, figures, numbers, ids):
        rules(page)
    page.claims.sort(key=lambda claim: claim.line)
    page.steps.sort(key=lambda step: step.start)
    page.fences.sort(key=lambda fence: fence.end)
    mark_torch(page)


def fences(page: Page) -> None:
    """Every fence is run, or is the output of one that is, or says why it is not run."""
    above, rest, text = spoken(page), deque(page.fences), page.source.text
    while rest:
        fence = rest.popleft()
        about, after = above[fence.start], rest[0] if rest else fence
        if fence.language in RUN and "not run" not in about:
            near = not text[fence.end : after.start].strip() and fence.indent == after.indent
            shows = near and (fence.language, after.language, after.title) == ("python", "text", "Output")
            run_fence(page, fence, about, rest.popleft() if shows else None)
        else:
            lost = "this Output does not stand directly below a python fence"
            why = f"{fence.language} is shown, not run; say why before it: <!-- not run: the reason -->"
            page.must("not run" in about, fence.line, lost if fence.title == "Output" else why)


def spoken(page: Page) -> dict[int, dict[str, Part]]:
    """The comments that stand directly above each fence, by its start and their kinds; none stands elsewhere."""
    text, above = page.source.text, dict[int, dict[str, Part]]()
    ends = {c.end: c for c in page.source.of(*ABOUT) if not c.code}
    for fence in page.fences:
        about, start = above.setdefault(fence.start, {}), fence.start
        while (comment := ends.get(len(text[:start].rstrip()))) and comment.kind not in about:
            about[comment.kind], start = ends.pop(comment.end), comment.start
    for comment in ends.values():
        page.must(False, comment.line, f"this {comment.kind!r} does not stand directly before a fence")
    return above


def run_fence(page: Page, fence: Fence, about: dict[str, Part], output: Fence | None) -> None:
    """Add the steps and the claim of a fence that is run."""
    raises, alone, check = (about.get(name) for name in ("raises", "standalone", "check"))
    session = fence.language == "pycon"
    kind = "snippet" if alone else "output" if output or session else "block"
    number = 1 + sum(claim.kind == kind for claim in page.claims)
    fence.ident = f"{kind}-{number}"
    run = page.step("session" if session else "block", fence, fence.ident, fence.code)
    run.output = output
    run.raises = f"{raises.ident}: {raises.words}".removesuffix(": ") if raises else ""
    page.must(not session or not (raises or alone), fence.line, "raises and standalone speak of python fences alone")
    try:
        run.sections = sections(fence.written, page.docs.parent)
    except ValueError as error:
        page.must(False, fence.line, str(error))
    if run.sections:
        run.code, fence.code, fence.copy = map("\n\n".join, zip(*(s[1:] for s in run.sections), strict=True))
    elif session:
        run.examples = DocTestParser().get_examples(fence.code)
        page.must(run.examples, fence.line, "a pycon fence has lines that begin with >>>")
        for example in run.examples:
            line = fence.line + 1 + example.lineno
            page.must(not example.options, line, "a doctest option would skip or blur this check")
        run.code = fence.copy = "".join(example.source for example in run.examples)
    else:
        try:
            for line, name, original in pasted(fence.code, page.docs.parent):
                copied = f"{name} is a copy of {original}; include it from its file by marker"
                page.must(False, fence.line + line, copied)
        except SyntaxError as error:
            shown = raises and raises.ident in ("SyntaxError", "IndentationError")
            page.must(shown, fence.line + (error.lineno or 0), f"this is not Python: {error.msg}")
    if raises and not output:  # the reader sees the message that the comment states
        what = {"code": f"{run.raises}\n", "indent": fence.indent, "language": "text", "title": "Raises"}
        page.fences.append(Fence("fence", fence.end, fence.end, fence.line, **what))
    if alone:
        page.step("standalone", alone, fence.ident, fence.copy).output = output
    if check:
        run.claims += (check.ident,)
        sound = asserts(fence.code) or output
        page.must(sound, fence.line, "the code that a check binds to a claim has neither an assert nor an Output")
    says = "prints what is shown" if kind == "output" else f"raises {raises.ident}" if raises else "runs as it stands"
    if alone:
        says = f"runs in a fresh interpreter with {alone.words} and without this package"
    elif run.sections:
        says = f"run from {', '.join(s.module for s in run.sections)}, and by itself as it is copied"
    page.claims.append(Claim(kind, fence.ident, f"{kind.capitalize()} {number}", "run", says, fence.line))


def asserts(code: str) -> bool:
    """Whether code asserts something that could be false."""
    try:
        found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        return False
    return any(isinstance(name, ast.Name) for node in found for name in ast.walk(node.test))


def comments(page: Page) -> None:
    """Every check, formula and wrong answer names something on the page; a hidden check asserts something."""
    for comment in page.source.of(*COMMENTS):
        kind, ident, line = comment.kind, comment.ident, comment.line
        bound = kind not in BINDS or page.source.of(*BINDS[kind], ident=ident)
        page.must(bound, line, f"this {kind} names {ident!r}, and nothing on this page that it could bind is so called")
        if comment.code:
            page.must(kind != "check" or asserts(comment.code), line, "this check asserts nothing that could be false")
            page.step("helpers" if kind == "for checks" else kind, comment, ident, comment.code)


def equations(page: Page) -> None:
    """Every equation is evaluated from its own TeX, or has a check and the reason why it is not."""
    for equation in page.source.of("equation"):
        label, line = equation.ident, equation.line
        formulas, checks = page.source.of("formula", ident=label), page.source.of("check", ident=label)
        reason = next((check.more for check in checks if check.more), "")
        page.must(formulas or checks, line, f"no formula and no check is bound to the equation {label!r}")
        usage = f"<!-- check {label} | … | not evaluated: the reason -->"
        page.must(formulas or reason or not checks, line, f"say why {label!r} has no formula: {usage}")
        page.must(len(formulas) < 2, line, f"the equation {label!r} has two formulas")
        words = "; ".join(["evaluated from its own TeX"] * bool(formulas) + [check.words for check in checks])
        name, how = f"Equation {page.equations[label]}", "formula" if formulas else "code"
        page.claims.append(Claim("equation", label, name, how, words, line, reason))


def blocks(page: Page) -> None:
    """A table with an id has a check; an exercise has a hint, a solution, a check and a wrong answer."""
    numbered = [*enumerate(page.source.of("table-caption"), 1), *enumerate(page.source.of("exercise"), 1)]
    for n, block in numbered:
        kind, ident, line = block.kind.removesuffix("-caption"), block.ident, block.line
        checks, wrong = page.source.of("check", ident=ident), page.source.of("wrong", ident=ident)
        if kind == "exercise":
            exercise(page, block, checks + wrong)
            page.must(wrong, line, f"the exercise {ident!r} has no wrong answer: <!-- wrong {ident} | what it does -->")
        if ident:
            page.must(checks, line, f"no check is bound to the {kind} {ident!r}")
            words = "; ".join([c.words for c in checks] + [f"fails: {c.words}" for c in wrong])
            page.claims.append(Claim(kind, ident, f"{kind.capitalize()} {page.number(n)}", "code", words, line))


def exercise(page: Page, block: Part, bound: list[Part]) -> None:
    """An exercise has an id and a level, a hint, and a solution in code above what checks it."""
    ident, line = block.ident, block.line
    page.must(ident and block.more in LEVELS, line, f"an exercise has an id, and a level of {', '.join(LEVELS[1:])}")
    parts = page.source.of("hint", "solution")
    inside = {part.kind: part for part in parts if block.start < part.start and part.end <= block.end}
    for kind in ("hint", "solution"):
        page.must(kind in inside, line, f"the exercise {ident!r} has no {kind}")
    if solution := inside.get("solution"):
        within = [f.language for f in page.fences if solution.start < f.start < solution.end]
        page.must("python" in within, solution.line, f"the solution of {ident!r} has no python fence")
        for comment in bound:
            below = comment.start >= solution.end
            page.must(below, comment.line, f"this {comment.kind} stands before the end of the solution")


def figures(page: Page) -> None:
    """Every picture is a figure of the book with a file and an alt text; in a chapter with an id and a caption."""
    for n, figure in enumerate(page.source.of("figure"), 1):
        path, line = posixpath.normpath(posixpath.join(posixpath.dirname(page.uri), figure.code)), figure.line
        ours, name = path.startswith("figures/"), path.removeprefix("figures/").rsplit(".", 1)[0]
        page.must(ours, line, f"{figure.code} is not one of the book's figures, figures/CHAPTER/NAME.svg")
        there = not ours or (page.docs.parent / path).is_file()
        page.must(there, line, f"there is no file {path}; draw it with: course figures {name}")
        page.must(figure.words, line, "a figure has an alt text that tells a blind reader what a sighted one learns")
        captioned = figure.ident and re.match(r"\s*/{3,} *(figure-)?caption\b", page.source.text[figure.end :])
        page.must(captioned or not page.chapter, line, "a figure has an id { #name } and a /// caption below it")
        ident = figure.ident or posixpath.basename(name)
        checks = ["holds on its data, fails on perturbed data, and is drawn as it is shown"]
        words = "; ".join(checks + [check.words for check in page.source.of("check", ident=ident)])
        page.step("figure", figure, ident, name)
        page.claims.append(Claim("figure", ident, f"Figure {page.number(n)}", "assertion", words, line))


def numbers(page: Page) -> None:
    """Every number in the text that claims something has a mark."""
    page.numbers = list(prose.marked(page.source))
    for n, number in enumerate(page.numbers, 1):
        how, words = ("given", f"given: {number.code}") if number.kind == "given" else ("code", f"`{number.code}`")
        page.claims.append(Claim("number", f"number-{n}", f"Number {n}", how, words, number.line))
        if how == "code":
            page.step("number", number, f"number-{n}", number.code)
    covered = [(part.start, part.end) for part in page.numbers + page.source.of("figure")]
    for caption in page.source.of("table-caption"):  # with an id, the table above it has its own check
        table = re.search(r"(?:^ *\|.*\n)+\s*\Z", page.source.text[: caption.start], re.M)
        covered += [(table.start(), caption.start)] if table and caption.ident else []
    if page.chapter or not page.meta.get("numbers_given"):
        for position, printed in prose.unmarked(page.source, covered):
            how = f"{printed}<!-- = an expression --> or {printed}<!-- given: where it is from -->"
            page.must(False, page.source.line(position), f"the number {printed} is bound to nothing: {how}")


def ids(page: Page) -> None:
    """No two headings, equations, figures, tables or exercises of a page have the same id."""
    seen = dict[str, Part]()
    for part in sorted(page.source.of("heading", "figure", "equation", *BLOCKS), key=lambda part: part.start):
        first = seen.setdefault(part.ident, part) if part.ident else part
        words = f"the id {part.ident!r} of this {part.kind} is already used on line {first.line}"
        if first.kind == part.kind == "equation":
            words = f"the label {part.ident!r} is used twice, first on line {first.line}"
        page.must(first is part, part.line, words)


def mark_torch(page: Page) -> None:
    """Mark the steps that import torch, or take a name that such a step has bound."""
    tainted = set[str]()
    for step in page.steps:
        try:
            found = needs(compile(step.code, "", "exec"))
        except SyntaxError:  # the binding of a formula: TeX = Python, a line each
            sides = zip(*(re.split(r"=|\\leftarrow", f"{r}=", maxsplit=1) for r in step.code.splitlines()), strict=True)
            left, right = (set(re.findall(r"(?<![.\w])[A-Za-z_]\w*", " ".join(side))) for side in sides)
            found = Needs(right - left, set(), set())
        modules = {module for module in found.imported if re.match(r"torch\b|course\.train\b", module)}
        step.needs_torch = step.kind != "figure" and bool(modules or found.taken & tainted)
        if step.kind in ("block", "session", "helpers"):
            tainted = tainted | found.bound if step.needs_torch else tainted - found.bound
