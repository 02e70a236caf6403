"""What binds a claim to its check: the rules that a page keeps, and the steps that run for it."""

import posixpath
import re
from itertools import count

from course.book import fences, prose
from course.book.needs import mark_torch
from course.book.page import Claim, Page, PageError, Step
from course.book.source import Fence, Part

LEVELS = ("", "warm-up", "core", "stretch")


class Binder:
    """Fills the claims and the steps of a page, and collects the rules that it breaks."""

    def __init__(self, page: Page) -> None:
        self.page, self.source, self.problems = page, page.source, list[PageError]()

    def must(self, kept: object, line: int, message: str) -> None:
        """Note a broken rule."""
        if not kept:
            self.problems.append(PageError(self.page.name, line, message))

    def step(self, kind: str, part: Part | Fence, claim: str, code: str) -> Step:
        """Add a step, named after its section, its claim and its line: `the-sum:conv-1d:L84`."""
        section = next((h.ident for h in reversed(self.source.headings) if h.start < part.start), "top")
        name = section if kind in ("block", "session") else f"{section}:{claim or kind}"
        name += f":{kind}" if kind in ("wrong", "standalone") else ""
        claims = (claim,) if claim else ()
        step = Step(kind, claims, f"{name}:L{part.line}", part.start, part.line, code)
        step.part = part if isinstance(part, Part) else None
        self.page.steps.append(step)
        return step

    def claim(self, kind: str, ident: str, name: str, how: str, words: str, line: int, reason: str = "") -> None:
        """Add a claim."""
        self.page.claims.append(Claim(kind, ident, name, how, words, line, reason))

    def bound(self, kind: str, ident: str) -> list[Part]:
        """The comments of one kind that name a claim."""
        return [c for c in self.source.comments if c.kind == kind and c.ident == ident]

    def numbered(self, kind: str, n: int) -> str:
        """Figure 2.1."""
        return f"{kind} {self.page.chapter}.{n}" if self.page.chapter else f"{kind} {n}"


def bind(page: Page) -> list[PageError]:
    """Fill the page's claims and steps; every broken rule is returned."""
    binder = Binder(page)
    for rules in (fences.bind, comments, equations, blocks, figures, numbers, ids):
        rules(binder)
    page.claims.sort(key=lambda claim: claim.line)
    page.steps.sort(key=lambda step: step.start)
    page.fences.sort(key=lambda fence: fence.end)
    mark_torch(page.steps)
    return binder.problems


def comments(b: Binder) -> None:
    """Every check, formula and wrong answer names something on the page; a hidden check asserts something."""
    exercises = {block.ident for block in b.source.blocks if block.kind == "exercise"}
    others = {p.ident for p in b.source.blocks + b.source.pictures if p.kind in ("table-caption", "figure")}
    equations = set(b.page.equations)
    names = {"formula": equations, "wrong": exercises, "check": equations | exercises | others}
    for comment in b.source.comments:
        kind, ident = comment.kind, comment.ident
        known = kind not in names or ident in names[kind]
        b.must(
            known,
            comment.line,
            f"this {kind} names {ident!r}, and nothing on this page that it could bind is so called",
        )
        if comment.code:
            sound = kind != "check" or fences.asserts(comment.code)
            b.must(sound, comment.line, "this check asserts nothing that could be false")
            b.step("helpers" if kind == "for checks" else kind, comment, ident, comment.code)


def equations(b: Binder) -> None:
    """Every equation is evaluated from its own TeX, or has a check and the reason why it is not."""
    seen: dict[str, int] = {}
    for equation in b.source.equations:
        label, line = equation.ident, equation.line
        first = seen.setdefault(label, line)
        b.must(first == line, line, f"the label {label!r} is used twice, first on line {first}")
        formulas, checks = b.bound("formula", label), b.bound("check", label)
        reason = next((check.more for check in checks if check.more), "")
        b.must(formulas or checks, line, f"no formula and no check is bound to the equation {label!r}")
        said = formulas or reason or not checks
        b.must(said, line, f"say why {label!r} has no formula: <!-- check {label} | … | not evaluated: the reason -->")
        b.must(len(formulas) < 2, line, f"the equation {label!r} has two formulas")
        words = ["evaluated from its own TeX"] * bool(formulas) + [check.words for check in checks]
        name, how = f"Equation {b.page.equations[label]}", "formula" if formulas else "code"
        b.claim("equation", label, name, how, "; ".join(words), line, reason)


def blocks(b: Binder) -> None:
    """A table with an id has a check; an exercise has a hint, a solution, a check and a wrong answer."""
    counts = {"table-caption": count(1), "exercise": count(1)}
    for block in b.source.blocks:
        if block.kind not in counts:
            continue
        kind, ident, line = block.kind.removesuffix("-caption"), block.ident, block.line
        name = b.numbered(kind.capitalize(), next(counts[block.kind]))
        checks, wrong = b.bound("check", ident), b.bound("wrong", ident)
        if kind == "exercise":
            exercise(b, block, checks, wrong)
        if ident:
            b.must(checks, line, f"no check is bound to the {kind} {ident!r}")
            words = [c.words for c in checks] + [f"fails: {c.words}" for c in wrong]
            b.claim(kind, ident, name, "code", "; ".join(words), line)


def exercise(b: Binder, block: Part, checks: list[Part], wrong: list[Part]) -> None:
    """What an exercise must have."""
    ident, line = block.ident, block.line
    b.must(ident and block.more in LEVELS, line, f"an exercise has an id, and a level of {', '.join(LEVELS[1:])}")
    inside = {part.kind: part for part in b.source.blocks if block.start < part.start and part.end <= block.end}
    for kind in ("hint", "solution"):
        b.must(kind in inside, line, f"the exercise {ident!r} has no {kind}")
    b.must(wrong, line, f"the exercise {ident!r} has no wrong answer: <!-- wrong {ident} | what it does -->")
    if solution := inside.get("solution"):
        within = [f for f in b.page.fences if solution.start < f.start < solution.end]
        b.must(
            any(f.language == "python" for f in within), solution.line, f"the solution of {ident!r} has no python fence"
        )
        for comment in checks + wrong:
            early = comment.start < solution.end
            b.must(not early, comment.line, f"this {comment.kind} stands before the end of the solution")


def figures(b: Binder) -> None:
    """Every picture is a figure of the book with a file and an alt text; in a chapter with an id and a caption."""
    for n, figure in enumerate(b.source.pictures, 1):
        path, line = (posixpath.normpath(posixpath.join(posixpath.dirname(b.page.uri), figure.code)), figure.line)
        ours = path.startswith("figures/")
        b.must(ours, line, f"{figure.code} is not one of the book's figures, figures/CHAPTER/NAME.svg")
        there = not ours or (b.page.docs.parent / path).is_file()
        b.must(there, line, f"there is no file {path}; draw it with: course figures {path[8:-4]}")
        b.must(figure.words, line, "a figure has an alt text that tells a blind reader what a sighted one learns")
        captioned = figure.ident and re.match(r"\s*/{3,} *(figure-)?caption\b", b.source.text[figure.end :])
        b.must(captioned or not b.page.chapter, line, "a figure has an id { #name } and a /// caption below it")
        ident = figure.ident or posixpath.basename(path).rsplit(".")[0]
        words = ["holds on its data, fails on perturbed data, and is drawn as it is shown"]
        words += [check.words for check in b.bound("check", ident)]
        b.step("figure", figure, ident, path.removeprefix("figures/").rsplit(".", 1)[0])
        b.claim("figure", ident, b.numbered("Figure", n), "assertion", "; ".join(words), line)


def numbers(b: Binder) -> None:
    """Every number in the text that claims something has a mark."""
    b.page.numbers = list(prose.marked(b.source))
    for n, number in enumerate(b.page.numbers, 1):
        mark, given = number.mark, number.mark.kind == "given"
        words = f"given: {mark.words}" if given else f"`{mark.words}`"
        b.claim("number", f"number-{n}", f"Number {n}", "given" if given else "code", words, mark.line)
        if not given:
            b.step("number", mark, f"number-{n}", mark.words).part = Part(
                "number", number.start, number.end, mark.line, mark.ident, number.printed
            )
    covered = [(n.start, n.end) for n in b.page.numbers] + [(p.start, p.end) for p in b.source.pictures]
    for block in b.source.blocks:
        if block.kind == "table-caption" and block.ident:  # the table above it has its own check
            table = re.search(r"(?:^ *\|.*\n)+\s*\Z", b.source.text[: block.start], re.M)
            covered += [(table.start(), block.start)] if table else []
    if b.page.chapter or not b.page.meta.get("numbers_given"):
        for position, printed in prose.unmarked(b.source, covered):
            how = f"{printed}<!-- = an expression --> or {printed}<!-- given: where it is from -->"
            b.must(False, b.source.line(position), f"the number {printed} is bound to nothing: {how}")


def ids(b: Binder) -> None:
    """No two headings, equations, figures, tables or exercises of a page have the same id."""
    seen: dict[str, Part] = {}
    parts = b.source.headings + b.source.pictures + b.source.blocks + b.source.equations
    for part in sorted(parts, key=lambda part: part.start):
        first = seen.setdefault(part.ident, part) if part.ident else part
        same = first is part or first.kind == part.kind == "equation"
        b.must(same, part.line, f"the id {part.ident!r} of this {part.kind} is already used on line {first.line}")
