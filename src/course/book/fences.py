"""What the code on a page claims: every fence is run, or is the output of one that is, or says why it is not run."""

import ast
import doctest
from itertools import count, pairwise

from course.book import include
from course.book.page import Claim, Page
from course.book.source import Fence, Part

ABOUT = ("raises", "standalone", "not run", "check")  # the comments that may speak of the fence below them


def bind(page: Page) -> None:
    """Bind every fence of a page."""
    outputs, spoken = dict[int, Fence](), set[int]()
    for fence, after in pairwise(page.fences):
        near = not page.source.text[fence.end : after.start].strip() and fence.indent == after.indent
        if near and (fence.language, after.language, after.title) == ("python", "text", "Output"):
            outputs[fence.start] = after
    shown = {output.start for output in outputs.values()}
    numbers = {kind: count(1) for kind in ("block", "output", "snippet")}
    for fence in list(page.fences):
        about = directives(page, fence)
        spoken |= {comment.start for comment in about.values()}
        if "not run" in about and fence.start in outputs:  # so its output is no output of a run
            shown.discard(outputs[fence.start].start)
        if "not run" in about or fence.start in shown:
            continue
        if fence.language not in ("python", "pycon"):
            lost = "this Output does not stand directly below a python fence"
            why = f"{fence.language} is shown, not run; say why before it: <!-- not run: the reason -->"
            page.must(False, fence.line, lost if fence.title == "Output" else why)
            continue
        prints = fence.language == "pycon" or fence.start in outputs
        kind = "snippet" if "standalone" in about else "output" if prints else "block"
        fence.anchor = f"{kind}-{next(numbers[kind])}"
        run_fence(page, fence, kind, about, outputs.get(fence.start))
    for comment in page.source.comments:
        stray = comment.kind in ABOUT and not comment.code and comment.start not in spoken
        page.must(not stray, comment.line, f"this {comment.kind!r} does not stand directly before a fence")


def directives(page: Page, fence: Fence) -> dict[str, Part]:
    """The comments that stand directly before a fence and speak of it."""
    found, start = {}, fence.start
    for comment in reversed(page.source.comments):
        near = comment.end <= start and not page.source.text[comment.end : start].strip()
        if near and not comment.code and comment.kind in ABOUT:
            found[comment.kind], start = comment, comment.start
    return found


def run_fence(page: Page, fence: Fence, kind: str, about: dict[str, Part], output: Fence | None) -> None:
    """Add the steps and the claim of a fence that is run."""
    raises, alone, check = (about.get(name) for name in ("raises", "standalone", "check"))
    run = page.step("session" if fence.language == "pycon" else "block", fence, fence.anchor, "")
    run.output, run.raises = output, raises
    whole = fence.language == "python" or not (raises or alone)
    page.must(whole, fence.line, "raises and standalone speak of python fences; a session shows its own errors")
    try:
        run.sections = include.sections(fence.written, page.docs.parent)
    except ValueError as error:
        page.must(False, fence.line, str(error))
    if run.sections:
        fence.code = "\n\n".join(section.shown for section in run.sections)
        fence.copy = "\n\n".join(section.copy for section in run.sections)
    elif fence.language == "pycon":
        examples = doctest.DocTestParser().get_examples(fence.code)
        page.must(examples, fence.line, "a pycon fence has lines that begin with >>>")
        for example in examples:
            line = fence.line + 1 + example.lineno
            page.must(not example.options, line, "a doctest option would skip or blur this check")
        fence.copy = "".join(example.source for example in examples)
    else:
        python(page, fence, raises.ident if raises else "")
    run.code = fence.code
    if raises and not output:  # the reader sees the message that the comment states
        words = f"{raises.ident}: {raises.words}".removesuffix(": ") + "\n"
        shown = Fence(fence.end, fence.end, fence.line, fence.indent, "text", "Raises", words, words, words)
        page.fences.append(shown)
    if alone:
        page.step("standalone", alone, fence.anchor, fence.code).output = output
    if check:
        run.claims += (check.ident,)
        sound = asserts(fence.code) or output
        page.must(sound, fence.line, "the code that a check binds to a claim has neither an assert nor an Output")
    says = {
        "snippet": f"runs in a fresh interpreter with {alone.words if alone else ''} and without this package",
        "output": "prints what is shown",
        "block": f"raises {raises.ident}" if raises else "runs as it stands",
    }[kind]
    if run.sections:
        says = f"run from {', '.join(s.module for s in run.sections)}, and by itself as it is copied"
    name = fence.anchor.capitalize().replace("-", " ")
    page.claims.append(Claim(kind, fence.anchor, name, "run", says, fence.line))


def python(page: Page, fence: Fence, raises: str) -> None:
    """A python fence is Python, and no copy of what the package has."""
    try:
        for line, name, original in include.pasted(fence.code, page.docs.parent):
            page.must(False, fence.line + line, f"{name} is a copy of {original}; include it from its file by marker")
    except SyntaxError as error:
        shown = raises in ("SyntaxError", "IndentationError")
        page.must(shown, fence.line + (error.lineno or 0), f"this is not Python: {error.msg}")


def asserts(code: str) -> bool:
    """Whether code asserts something that could be false."""
    try:
        found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        return False
    return any(isinstance(name, ast.Name) for node in found for name in ast.walk(node.test))
