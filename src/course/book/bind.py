"""What binds a claim to its check: the rules that a page must keep, and the steps that run for it."""

import ast
import doctest
import posixpath
import re
from collections.abc import Iterator
from itertools import count

from course.book import include, prose
from course.book.page import Claim, Page, PageError, Step
from course.book.source import BEFORE_FENCE, Comment, Equation, Fence, Image

LEVELS = ("warm-up", "core", "stretch")


def bind(page: Page) -> Iterator[PageError]:
    """Fill the page's claims and steps; every broken rule is a problem."""
    yield from bind_code(page)
    yield from bind_comments(page)
    yield from bind_equations(page)
    yield from bind_blocks(page)
    yield from bind_figures(page)
    yield from bind_numbers(page)
    yield from unique_ids(page)
    page.claims.sort(key=lambda claim: claim.line)
    page.steps.sort(key=lambda step: step.start)
    page.fences.sort(key=lambda fence: fence.end)
    mark_torch(page.steps)


def problem(page: Page, line: int, message: str) -> PageError:
    """A broken rule."""
    return PageError(page.name, line, message)


def step(
    page: Page, kind: str, part: Fence | Comment | Image, claim: str, code: str = "", also: str = ""
) -> Step:
    """Add a step, named after the section that it stands in, its claim and its line."""
    here = [h.slug for h in page.source.headings if h.start < part.start]
    short = claim if kind not in ("block", "session") else ""
    name = ":".join(
        filter(None, [here[-1] if here else "top", short, "" if kind in ("block", "session") else kind])
    )
    new = Step(kind, tuple(filter(None, (claim, also))), f"{name}:L{part.line}", part.start, part.line, code)
    page.steps.append(new)
    return new


# --- code -----------------------------------------------------------------------------------------------------------


def directives(page: Page, fence: Fence) -> list[Comment]:
    """The comments that stand directly before a fence and speak of it."""
    found: list[Comment] = []
    start = fence.start
    for comment in reversed(page.source.comments):
        if comment.end <= start and not page.source.text[comment.end : start].strip():
            if comment.keyword in BEFORE_FENCE or (comment.keyword == "check" and not comment.code):
                found.append(comment)
                start = comment.start
    return found


def bind_code(page: Page) -> Iterator[PageError]:
    """Every fence is run, or is the output of one that is, or says why it is not run."""
    text, fences, spoken = page.source.text, list(page.fences), list[Comment]()
    numbers = {kind: count(1) for kind in ("block", "output", "snippet")}
    outputs = {}
    for fence, after in zip(fences, fences[1:], strict=False):
        near = not text[fence.end : after.start].strip() and fence.indent == after.indent
        if near and fence.language == "python" and (after.language, after.title) == ("text", "Output"):
            outputs[fence.start] = after
    for fence in fences:
        said = directives(page, fence)
        spoken += said
        about = {comment.keyword: comment for comment in said}
        if "not run" in about or any(fence is output for output in outputs.values()):
            continue
        if fence.language not in ("python", "pycon"):
            what = "this Output is not directly below a python fence"
            if fence.title != "Output":
                what = f"{fence.language} is shown, not run; say why before it: <!-- not run: the reason -->"
            yield problem(page, fence.line, what)
            continue
        kind = "snippet" if "standalone" in about else "output" if fence.start in outputs else "block"
        kind = "output" if fence.language == "pycon" else kind
        fence.anchor = f"{kind}-{next(numbers[kind])}"
        run = step(page, "session" if fence.language == "pycon" else "block", fence, fence.anchor)
        run.fence, run.output, run.raises = fence, outputs.get(fence.start), about.get("raises")
        if "check" in about:
            run.claims += (about["check"].ident,)
        try:
            yield from read_session(page, fence) if fence.language == "pycon" else read_block(page, run)
        except ValueError as error:
            yield problem(page, fence.line, str(error))
        run.code = fence.code
        how = "runs as it stands"
        if run.sections:
            how = f"run from the package ({', '.join(s.module for s in run.sections)}), and by itself as it is copied"
        elif run.raises:
            how = f"raises {run.raises.ident}"
        elif kind == "output":
            how = "prints what is shown"
        elif kind == "snippet":
            how = f"runs in a fresh interpreter with {about['standalone'].words} alone"
            step(page, "standalone", about["standalone"], fence.anchor, fence.code).fence = fence
            page.steps[-1].output = run.output
        if "check" in about and not (asserts(fence.code) or run.output):
            yield problem(
                page, fence.line, "the code bound to a claim by a check has neither an assert nor an Output"
            )
        page.claims.append(
            Claim(kind, fence.anchor, fence.anchor.replace("-", " ").capitalize(), "run", how, fence.line)
        )
    for comment in page.source.comments:
        loose = comment.keyword in BEFORE_FENCE or (comment.keyword == "check" and not comment.code)
        if loose and not any(comment is other for other in spoken):
            yield problem(page, comment.line, f"{comment.keyword!r} does not stand directly before a fence")


def read_block(page: Page, run: Step) -> Iterator[PageError]:
    """Expand the includes of a python fence; refuse what cannot run and what should have been included."""
    fence = run.fence
    assert fence is not None
    root = page.docs.parent
    run.sections = include.sections(fence.written, root)
    if run.sections:
        fence.code = "\n\n".join(section.shown for section in run.sections)
        fence.copy = "\n\n".join(section.copy for section in run.sections)
        return
    if run.raises and not run.output:
        words = f"{run.raises.ident}: {run.raises.words}".removesuffix(": ") + "\n"
        shown = Fence(fence.end, fence.end, fence.line, fence.indent, "text", "Raises", words, words, words)
        page.fences.append(shown)
    try:
        for line, name, original in include.pasted(fence.code, root):
            yield problem(
                page, fence.line + line, f"{name} is a copy of {original}; include it from its file by marker"
            )
    except SyntaxError as error:
        if not run.raises or run.raises.ident not in ("SyntaxError", "IndentationError"):
            yield problem(page, fence.line + (error.lineno or 0), f"this is not Python: {error.msg}")


def read_session(page: Page, fence: Fence) -> Iterator[PageError]:
    """A pycon fence is copied without its prompts, and may not skip anything."""
    examples = doctest.DocTestParser().get_examples(fence.code)
    if not examples:
        yield problem(page, fence.line, "a pycon fence has lines that begin with >>>")
    for example in examples:
        if example.options:
            yield problem(
                page, fence.line + 1 + example.lineno, "a doctest option would skip or blur this check"
            )
    fence.copy = "".join(example.source for example in examples)


def asserts(code: str) -> bool:
    """Whether code asserts something that could be false."""
    try:
        found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        return False
    return any(isinstance(name, ast.Name) for node in found for name in ast.walk(node.test))


def mark_torch(steps: list[Step]) -> None:
    """Mark the steps that import torch, or use what a step that does has bound."""
    bound: set[str] = {"torch"}
    for one in steps:
        try:
            nodes = list(ast.walk(ast.parse(one.code)))
        except SyntaxError:
            one.needs_torch = bool(bound & set(re.findall(r"\w+", one.code)))
            continue
        stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        stored |= {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        imported = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        imported += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        used = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        used |= {name.split(".")[0] for name in imported}
        stored |= {
            a.asname or a.name for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
        }
        one.needs_torch = bool(used & bound) or any(name.startswith("course.train") for name in imported)
        if one.kind in ("block", "session"):
            bound = bound | stored if one.needs_torch else bound - (stored - {"torch"})


# --- what is bound by name ------------------------------------------------------------------------------------------


def bind_comments(page: Page) -> Iterator[PageError]:
    """Every check, formula and wrong answer names something on the page; hidden checks assert something."""
    exercises = {b.option("id") for b in page.source.blocks if b.name == "exercise"}
    tables = {b.option("id") for b in page.source.blocks if b.name == "table-caption"}
    names = {"formula": set(page.equations), "wrong": exercises}
    names["check"] = set(page.equations) | exercises | tables | {i.ident for i in page.source.images}
    for comment in page.source.comments:
        kind = comment.keyword
        if kind in names and comment.ident not in names[kind]:
            what = {"formula": "equation", "wrong": "exercise"}.get(
                kind, "equation, table, figure or exercise"
            )
            yield problem(
                page, comment.line, f"there is no {what} {comment.ident!r} on this page for this {kind}"
            )
        if not comment.code:
            continue
        if kind == "check" and not asserts(comment.code):
            yield problem(page, comment.line, "this check asserts nothing that could be false")
        step(
            page, kind if kind != "for checks" else "helpers", comment, comment.ident, comment.code
        ).comment = comment


def bound(page: Page, keyword: str, ident: str) -> list[Comment]:
    """The comments of one kind that name a claim."""
    return [c for c in page.source.comments if c.keyword == keyword and c.ident == ident]


def bind_equations(page: Page) -> Iterator[PageError]:
    """Every equation is evaluated from its own TeX, or has a check and a reason why it is not."""
    seen: dict[str, Equation] = {}
    for equation in page.source.equations:
        if equation.label in seen:
            first = seen[equation.label].line
            yield problem(
                page, equation.line, f"the label {equation.label!r} is used twice, first on line {first}"
            )
            continue
        seen[equation.label] = equation
        formulas, checks = (bound(page, keyword, equation.label) for keyword in ("formula", "check"))
        reason = next((c.reason for c in checks if c.reason), "")
        if not formulas and not checks:
            yield problem(
                page, equation.line, f"no formula and no check is bound to the equation {equation.label!r}"
            )
        elif not formulas and not reason:
            words = f"the equation {equation.label!r} has only checks; say why: <!-- check {equation.label} | … | not evaluated: …"
            yield problem(page, equation.line, words)
        if len(formulas) > 1:
            yield problem(page, formulas[1].line, f"the equation {equation.label!r} has two formulas")
        words = "; ".join(["evaluated from its own TeX"] * bool(formulas) + [c.words for c in checks])
        name, how = f"Equation {page.equations[equation.label]}", "formula" if formulas else "code"
        page.claims.append(Claim("equation", equation.label, name, how, words, equation.line, reason))


def numbered(page: Page, kind: str) -> Iterator[str]:
    """Figure 2.1, Figure 2.2, …"""
    return (f"{kind} {page.chapter}.{n}" if page.chapter else f"{kind} {n}" for n in count(1))


def bind_blocks(page: Page) -> Iterator[PageError]:
    """A table with an id has a check; an exercise has a hint, a solution, a check and a wrong answer."""
    names = {kind: numbered(page, kind.capitalize()) for kind in ("table", "exercise")}
    for block in page.source.blocks:
        kind, ident = block.name.removesuffix("-caption"), block.option("id")
        if kind not in names:
            continue
        name, checks = next(names[kind]), bound(page, "check", ident)
        if kind == "exercise":
            yield from exercise_rules(page, block.start, block.end, block.line, ident, block.option("level"))
        elif not ident:
            continue
        if not checks:
            yield problem(page, block.line, f"no check is bound to the {kind} {ident!r}")
        words = "; ".join(
            [c.words for c in checks] + [f"fails: {c.words}" for c in bound(page, "wrong", ident)]
        )
        page.claims.append(Claim(kind, ident, name, "code", words, block.line))


def exercise_rules(
    page: Page, start: int, end: int, line: int, ident: str, level: str
) -> Iterator[PageError]:
    """What an exercise must have."""
    inside = {b.name: b for b in page.source.blocks if start < b.start and b.end <= end}
    if not ident or (level and level not in LEVELS):
        yield problem(page, line, f"an exercise has an id, and a level that is one of {', '.join(LEVELS)}")
    for part in ("hint", "solution"):
        if part not in inside:
            yield problem(page, line, f"the exercise {ident!r} has no {part}")
    if not bound(page, "wrong", ident):
        yield problem(
            page, line, f"the exercise {ident!r} has no wrong answer: <!-- wrong {ident} | what it does"
        )
    solution = inside.get("solution")
    if solution:
        if not any(f.language == "python" and solution.start < f.start < solution.end for f in page.fences):
            yield problem(page, solution.line, f"the solution of the exercise {ident!r} has no python fence")
        for comment in bound(page, "check", ident) + bound(page, "wrong", ident):
            if comment.start < solution.end:
                yield problem(
                    page, comment.line, f"this {comment.keyword} stands before the end of the solution"
                )


def bind_figures(page: Page) -> Iterator[PageError]:
    """Every picture is a figure of the book, with its file, an alt text, and in a chapter an id and a caption."""
    names = numbered(page, "Figure")
    for image in page.source.images:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page.uri), image.source))
        if not path.startswith("figures/"):
            yield problem(
                page,
                image.line,
                f"{image.source} is not one of the book's figures (figures/CHAPTER/NAME.svg)",
            )
        elif not (page.docs.parent / path).is_file():
            yield problem(
                page, image.line, f"there is no file {path}; draw it with: course figures {path[8:-4]}"
            )
        if not image.alt.strip():
            yield problem(
                page,
                image.line,
                "a figure has an alt text that tells a blind reader what a sighted one learns",
            )
        below = page.source.text[image.end :].lstrip()
        if page.chapter and not (image.ident and re.match(r"/{3,}\s*(?:figure-)?caption\b", below)):
            yield problem(
                page, image.line, "a figure of a chapter has an id { #name } and a /// caption below it"
            )
        ident = image.ident or posixpath.basename(path).rsplit(".")[0]
        words = "its assertion holds, fails on perturbed data, and it is drawn as it is shown here"
        words = "; ".join([words] + [c.words for c in bound(page, "check", ident)])
        step(page, "figure", image, ident, path.removeprefix("figures/").rsplit(".", 1)[0])
        page.claims.append(Claim("figure", ident, next(names), "run", words, image.line))


def bind_numbers(page: Page) -> Iterator[PageError]:
    """Every number in the text that claims something has a mark."""
    source = page.source
    page.numbers = list(prose.marked(source))
    for n, number in enumerate(page.numbers, 1):
        mark, ident = number.mark, f"number-{n}"
        words = f"given: {mark.words}" if mark.keyword == "given" else f"`{mark.words}`"
        page.claims.append(
            Claim("number", ident, f"Number {n}", mark.keyword.replace("number", "code"), words, mark.line)
        )
        if mark.keyword == "number":
            one = step(page, "number", mark, ident, mark.words)
            one.comment, one.printed = mark, number.printed
    if page.meta.get("numbers_given") and not page.chapter:
        return
    covered = [(n.start, n.end) for n in page.numbers] + [(i.start, i.end) for i in source.images]
    for block in source.blocks:
        if block.name == "table-caption" and block.option("id"):
            above = re.search(r"(?:^[ ]*\|.*\n)+\s*\Z", source.text[: block.start], re.M)
            covered.append((above.start() if above else block.start, block.end))
        elif block.name in ("caption", "figure-caption"):
            covered.append((block.start, block.end))
    for position, printed in prose.unmarked(source, covered):
        words = f"the number {printed} is bound to nothing: {printed}<!-- = an expression --> or {printed}<!-- given: where from -->"
        yield source.error(position, words)


def unique_ids(page: Page) -> Iterator[PageError]:
    """No two headings, equations, figures, tables or exercises of a page have the same id."""
    source, seen = page.source, dict[str, int]()
    ids = [(h.line, h.slug, "heading") for h in source.headings] + [
        (i.line, i.ident, "figure") for i in source.images
    ]
    ids += [(b.line, b.option("id"), b.name) for b in source.blocks] + [
        (e.line, e.label, "") for e in source.equations
    ]
    for line, ident, what in sorted(ids):
        if ident in seen and what:
            yield problem(
                page, line, f"the id {ident!r} of this {what} is already used on line {seen[ident]}"
            )
        if ident:
            seen.setdefault(ident, line)
