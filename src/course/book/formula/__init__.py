r"""Equations that run from their own TeX: read, evaluated on drawn values, compared, and misprinted on purpose.

`verify` holds an equation against its binding; `mutation_score` says how many of its misprints `verify` would notice.
Both raise FormulaError, whose text is the whole message for the writer.
"""

import ast
import math
import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from .binding import ARROW, Binding, Line, Scene, Tally
from .mutate import mutants, one_line
from .notation import DRAWS, Kink, shown, words
from .tex import FormulaError, Node

ENOUGH = 50  # numbers that are compared before no more is drawn
RESERVED = set(words(np.random.default_rng(0), {}, False))  # what a binding cannot name

__all__ = ["FormulaError", "Score", "Verdict", "mutation_score", "verify"]


@dataclass(frozen=True)
class Verdict:
    """What stands behind the mark of an equation."""

    label: str
    bound: tuple[tuple[str, str], ...]  # names as in the formula, and the code that gives them their values
    sides: int
    draws: int
    numbers: int  # how many were compared


def verify(
    tex: str,
    binding: str,
    namespace: dict[str, Any],
    *,
    label: str,
    path: str,
    line: int,
    binding_line: int,
    options: str = "",
    seed: int = 0,
    trials: int = 3,
) -> Verdict:
    """Evaluate an equation on drawn values: FormulaError unless all its sides agree.

    It is drawn `trials` times, or less often where one draw gives many numbers to compare.
    """
    b, tally = Binding(binding, options, path, binding_line), Tally()
    try:
        refuse_confusable(b)
        with np.errstate(all="ignore"):
            scenes, formula = hold(tex, b, namespace, seed, trials, tally)
        nodes = [n for part in formula for statement in part for n in statement.walk()]
        refuse_unused(b, nodes)
        refuse_unseen(nodes, tally, cases=True)
    except FormulaError as e:
        raise e.located(tex, path, line) from e.__cause__
    bound = tuple((x.left, re.split(r" = |\\leftarrow ", x.text, maxsplit=1)[1]) for x in b.lines)
    return Verdict(label, bound, sum(len(s.args) // 2 + 1 for s in formula[0]), len(scenes), tally.numbers)


def hold(
    tex: str,
    b: Binding,
    namespace: dict[str, Any],
    seed: int,
    trials: int,
    tally: Tally,
    complex_too: bool = False,
    enough: float = ENOUGH,
) -> tuple[list[Scene], tuple[list[Node], list[Node]]]:
    """Evaluate a formula in scenes until enough is compared; where a derivative does not exist, in another one."""
    scenes, formula, kinks = list[Scene](), None, 0
    while len(scenes) < trials and not (scenes and tally.numbers >= enough):
        scene = Scene(b, namespace, seed + len(scenes) + 1000 * kinks, complex_too)
        formula = formula or scene.read(tex)
        try:
            scene.check(formula, tally)
            scenes.append(scene)
        except Kink as e:
            kinks += 1
            if kinks > 5:
                raise FormulaError(str(e), 0, len(tex)) from e
        except (TypeError, ValueError) as e:  # sides that cannot be compared
            raise FormulaError(f"the sides cannot be compared: {e}", 0, len(tex)) from e
    assert formula
    return scenes, formula


@dataclass(frozen=True)
class Score:
    """How many misprints of an equation its check notices, and those that it does not."""

    label: str
    total: int
    killed: int
    survivors: tuple[str, ...]  # each with page, line, TeX and misprint
    equal: tuple[str, ...]  # no misprints: equal by algebra, as the binding says


def mutation_score(
    tex: str,
    binding: str,
    namespace: dict[str, Any],
    *,
    label: str,
    path: str,
    line: int,
    binding_line: int,
    options: str = "",
    seed: int = 0,
    trials: int = 3,
) -> Score:
    """Misprint an equation in every small way, and see which misprints stay green."""
    b = Binding(binding, options, path, binding_line)
    total, survivors, equal = 0, list[str](), list[str]()
    excuses = {(one_line(old), one_line(new)): why for old, new, why in b.equal}
    unused = dict(excuses)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scenes, _ = hold(tex, b, namespace, seed, trials, Tally())
            for m in mutants(tex, scenes[0]):
                total += 1
                if not is_green(m.tex, scenes):
                    continue
                why = excuses.get((m.old, m.new))
                if why is None:
                    text = f"{path}:{line}: {label}: {m.what}: {m.old} -> {m.new}"
                    survivors.append(f"{text}\n    {one_line(tex)}\n    {one_line(m.tex)}")
                    continue
                unused.pop((m.old, m.new), None)
                equal.append(f"{m.old} -> {m.new}")
                if not is_equal(tex, m.tex, b, namespace, seed, -(-100 // len(scenes[0].worlds))):
                    raise why.error("this is not equal: on other values the misprint is false")
        for why in unused.values():
            raise why.error("no misprint of this formula that stays green reads so")
    except FormulaError as e:
        raise e.located(tex, path, line) from e.__cause__
    return Score(label, total, total - len(survivors) - len(equal), tuple(survivors), tuple(equal))


def is_green(tex: str, scenes: list[Scene]) -> bool:
    """Whether no scene tells a misprint from the formula."""
    tally = Tally()
    try:
        formula = scenes[0].read(tex)
        for scene in scenes:
            scene.check(formula, tally)
        refuse_unseen([n for part in formula for s in part for n in s.walk()], tally, cases=False)
    except (FormulaError, Kink, TypeError, ValueError):
        return False
    return True


def is_equal(tex: str, misprint: str, b: Binding, namespace: dict[str, Any], seed: int, times: int) -> bool:
    """Whether a misprint holds on many random inputs, complex where the formula itself holds on complex ones."""
    for complex_too in (True, False):
        try:
            scenes, _ = hold(tex, b, namespace, seed + 1, times, Tally(), complex_too, math.inf)
        except FormulaError:
            continue
        return is_green(misprint, scenes)
    return False


def refuse_unused(b: Binding, nodes: list[Node]) -> None:
    """Every name that is bound stands in the formula; a helper's begins with an underscore."""
    used = {n.text for n in nodes} | {r"\overline" for n in nodes if n.op == "conj"}
    for line in b.lines:
        for name in line.names:
            if name.removesuffix(ARROW) not in used and not name.startswith("_"):
                raise line.error(f"the formula does not use {shown(name)}: a helper is called _name")


def refuse_unseen(nodes: list[Node], tally: Tally, cases: bool) -> None:
    """Every case is reached by some draw, and a bound is attained by one and not by another."""
    for n in nodes:
        if cases and n.op == "cases":
            for value in n.args[::2]:
                if value.start not in tally.reached:
                    raise FormulaError("no draw reaches this case", value.start, value.end)
        if n.op == "relation" and n.text in (r"\le", r"\ge") and n.start in tally.met and len(tally.met[n.start]) < 2:
            always = True in tally.met[n.start]
            text = "always attained: write =" if always else "never attained: bind a case of equality, or write < or >"
            raise FormulaError(f"this bound is {text}", n.start, n.end)


def refuse_confusable(b: Binding) -> None:
    """Names that are one in Python, numbers and sizes that are equal: a formula that mixes them up would pass."""
    python, numbers, sizes = dict[str, str](), dict[Any, str](), dict[str, Line]()
    for line in b.lines:
        for name, word in zip(line.names, line.python, strict=True):
            if word in RESERVED or word in python:
                other = f"and {shown(python[word])} are both" if word in python else "is"
                raise line.error(f"{shown(name)} {other} {word} in Python")
            python[word] = name
        values = line.tree.elts if isinstance(line.tree, ast.Tuple) else [line.tree]
        for name, value in zip(line.names, values, strict=False):
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float) and name[0] != "_":
                if value.value in numbers:
                    raise line.error(f"{shown(name)} and {shown(numbers[value.value])} are equal: choose others")
                numbers[value.value] = name
        for node in line.nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in DRAWS:
                axes = [ast.unparse(a) for a in getattr(node.slice, "elts", [node.slice])]
                bare = [a for a in axes if not re.search("[A-Za-z_]", a)]
                if len(set(bare)) < len(bare):
                    raise line.error("two axes are equally long: choose other sizes, or name the size if it must be so")
                other_line = sizes.setdefault(", ".join(axes), line)
                if bare == axes and other_line is not line:
                    text = (
                        f"{other_line.left} has this size too: choose another, draw both in one line, or name the size"
                    )
                    raise line.error(text)
