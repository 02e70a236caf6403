"""The page of recipes is complete, and each of its recipes runs on NumPy alone, as it is copied.

That each copy runs in a fresh interpreter without the package is checked by `pytest docs`, where the page marks it so.
Here: that a copy names nothing that it does not bring along, that the page's own tests hold for the copies, and that
everything in the chapters that would run on NumPy alone is on the page, or is listed there with a reason.
"""

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course.book.include import LINE, essence, functions, needs, section
from course.book.page import Page, Step, pages, read

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "practice/recipes.md"
SNIPPET = re.compile(r"(?ms)^<!-- standalone: numpy -->\n```python[^\n]*\n(.*?)^```$")
NUMPY_ALONE = {"numpy", *sys.stdlib_module_names}


@cache
def page() -> Page:
    """The page of recipes."""
    return read(PAGE, DOCS)


def recipes() -> list[Step]:
    """What the page says stands alone."""
    return [step for step in page().steps if step.kind == "standalone"]


def blocks() -> list[Step]:
    """What the page runs in its own namespace, from top to bottom."""
    return [step for step in page().steps if step.kind == "block" and not step.raises]


def copied(step: Step) -> str:
    """What the copy button of a block gives."""
    return "\n\n".join(s.copy for s in step.sections) or step.code


def chapters() -> Iterator[tuple[str, str]]:
    """The name and the text of all other pages."""
    for path in pages(DOCS):
        if path != PAGE:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def alone(code: str) -> bool:
    """Whether code, wherever it imports, imports NumPy and the standard library alone."""
    return {name.split(".")[0] for name in needs(compile(code, "", "exec")).imported} <= NUMPY_ALONE


def shown_elsewhere() -> set[str]:
    """What chapters show that runs on NumPy alone: FILE:SECTION of the package, PAGE:FUNCTION of a snippet."""
    found = set()
    for name, text in chapters():
        for m in LINE.finditer(text):
            if alone(section(ROOT, m["file"], m["name"]).copy):
                found.add(f"{m['file']}:{m['name']}")
        for code in SNIPPET.findall(text):
            top = [s.name for s in ast.parse(code).body if isinstance(s, ast.FunctionDef | ast.ClassDef)]
            found |= {f"{name}:{defined}" for defined in top}
    return found


def taken() -> set[str]:
    """What the page takes from elsewhere, in the same words; a snippet is taken whole."""
    found = set()
    for m in LINE.finditer(page().source.text):
        here = section(ROOT, m["file"], m["name"])
        found |= {f"{m['file']}:{name}" for name in ast_names(here.shown)} if here.module == m["file"] else {m[0][8:-1]}
    return found


def ast_names(code: str) -> set[str]:
    """The functions and classes that code defines at its top."""
    return {s.name for s in ast.parse(code).body if isinstance(s, ast.FunctionDef | ast.ClassDef)}


def left_out() -> set[tuple[str, str]]:
    """The names that the page leaves out, each with the page that shows it."""
    rows = page().table_rows("| function |")
    places = [(PAGE.parent / re.findall(r"\((.+)\)", link)[0]).resolve() for _, link, _ in rows]
    return {(name, path.relative_to(ROOT).as_posix()) for (name, *_), path in zip(rows, places, strict=True)}


@pytest.mark.parametrize("recipe", recipes(), ids=lambda step: step.name.split(":")[0])
def test_a_copy_brings_along_all_that_it_names(recipe: Step) -> None:
    assert alone(recipe.code)
    compiled = needs(compile(recipe.code, "", "exec"))
    assert compiled.taken - compiled.bound - set(vars(builtins)) == set()
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(recipe.code, space)
    assert ast_names(recipe.code) <= set(space)


def test_every_recipe_is_marked_and_tested() -> None:
    marked = {step.part.end for step in recipes()}
    for n, step in enumerate(blocks()):
        if step.sections or (ast_names(step.code) and "assert" not in step.code):
            before = page().source.text[: step.start].rstrip()
            assert len(before) in marked, f"the block on line {step.line} is not marked as standing alone"
            after = next(later for later in blocks()[n:] if "assert" in later.code)
            same_head = "\n### " not in page().source.text[step.start : after.start]
            assert same_head, f"the recipe on line {step.line} has no test"


def test_the_tests_of_the_page_hold_for_what_is_copied() -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    for step in blocks():
        own = {**space} if step.sections else space
        exec(compile("\n" * step.line + copied(step), str(PAGE), "exec"), own)
        space |= {name: own[name] for name in needs(compile(copied(step), "", "exec")).bound}
    assert isinstance(space["rng"], np.random.Generator)


def test_the_page_says_which_names_stand_for_two_functions() -> None:
    meanings: dict[str, set[str]] = {}
    for step in recipes():
        for name, function in named(step.code):
            meanings.setdefault(name, set()).add(ast.unparse(function))
    (said,) = re.findall(r"Three names stand for two functions each, (.*?):", page().source.text)
    assert sorted(re.findall("`(.*?)`", said)) == sorted(name for name, all_ in meanings.items() if len(all_) > 1)


def test_everything_that_runs_on_numpy_alone_is_here_or_has_a_reason() -> None:
    reasons, explained, forgotten = left_out(), set(), []
    for item in sorted(shown_elsewhere() - taken()):
        file, _, name = item.rpartition(":")
        places = [place for place, text in chapters() if f'--8<-- "{item}"' in text] or [file]
        explained |= {(name, place) for place in places}
        if not reasons & {(name, place) for place in places}:
            forgotten.append(f"{item}, shown by {' and '.join(places)}")
    assert forgotten == [], "neither a recipe nor left out with a reason"
    needless = {name for name, place in reasons - explained if name != "a loop over signs"}
    assert needless == set(), "left out with a reason, and not shown by that chapter or not running alone"


def test_a_recipe_is_no_copy_of_a_chapters() -> None:
    theirs = {essence(f): name for _, text in chapters() for code in SNIPPET.findall(text) for name, f in named(code)}
    for step in recipes():
        own = next(block for block in blocks() if block.start > step.start)
        for name, function in named(step.code) if not own.sections else ():
            assert essence(function) not in theirs, f"{name} is a copy; include it from its chapter"


def named(code: str) -> list[tuple[str, Any]]:
    """The functions of a piece of code with their names."""
    return [(function.name, function) for function in functions(code)]


def test_a_recipe_of_the_page_is_short_and_says_in_what_it_is_plainer() -> None:
    text = page().source.text
    for step in recipes():
        block = next(block for block in blocks() if block.start > step.start)
        if not block.sections:
            lines = block.code.splitlines()
            assert len(lines) <= 25 and max(map(len, lines)) <= 64, block.line
            head = text.rfind("\n### ", 0, step.start)
            promise = text[head : step.start]
            assert "lainer than the package's" in promise or "is stricter" in promise, block.line


def test_a_snippet_links_to_the_chapter_that_it_is_from() -> None:
    text = page().source.text
    for m in LINE.finditer(text):
        if m["file"].startswith("docs/"):
            promise = text[text.rfind("\n### ", 0, m.start()) : m.start()]
            links = re.findall(r"\[Chapter \d+\]\(([^)#]+)#", promise)
            assert [(PAGE.parent / link).resolve() for link in links] == [ROOT / m["file"]]
