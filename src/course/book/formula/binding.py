r"""The comment beside an equation: it gives the names of the formula their values, and all sides must then agree.

    <!-- formula conv-1d
    \ell = 2
    x = zero(real[9])               # indices 0..8, zero outside
    w = real[-ell:ell+1]            # indices -2..2, an error outside
    y = convolve(x, w, "same")      # the code that the formula is compared with
    -->

Left of ` = ` stands TeX as in the formula, right of it Python in the page's namespace and the lines above (`\hat L` is
hat_L).  A derivative moves a name and runs the lines that use it again.  `f(i,j) = ...`: f is written with parentheses;
`_n = 5`: a helper; `z = ...`, three dots: the formula defines it; `\theta \leftarrow step(theta)`: after an update.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, product
from typing import Any

import numpy as np

from . import notation
from .evaluate import Evaluator, binds, free_names
from .notation import EQUALITIES, NUMBER, Each, Indexed, every, is_number, shown
from .tex import FormulaError, Node, parse, spelling

ARROW = r" \leftarrow"  # ends the key of a name's value after an update


class Line:
    """One line of a binding, `names = code`, and where it stands."""

    def __init__(self, text: str, path: str, number: int) -> None:
        self.text, self.path, self.number = text, path, number
        parts = re.fullmatch(r"(.*?) (=|\\leftarrow) (.*)", text, re.S)
        if not parts:
            raise self.error("a line of a binding reads `name = Python`, with spaces around the sign")
        self.left, sign, code = parts.groups()
        self.names, self.python, self.called = list[str](), list[str](), set[str]()
        for part in re.split(r",(?![^({]*[)}])", self.left):
            name, called = re.fullmatch(r"\s*(.*?)(\([^()]*\))?\s*", part, re.S).groups()  # type: ignore[union-attr]
            helper, arrow = name.startswith("_"), sign != "="
            self.names.append(name if helper else spelling(name) + ARROW * arrow)
            self.python.append(name if helper else notation.python_name(name) + "_new" * arrow)
            self.called |= {self.names[-1]} if called else set()
        try:
            self.tree = ast.parse(code.strip(), mode="eval").body
        except SyntaxError as e:
            raise self.error(f"this is not Python: {e.msg}", len(self.left) + len(sign) + 1 + (e.offset or 1)) from e
        self.code = compile(ast.Expression(self.tree), f"<{path}, line {number}>", "eval")
        self.nodes = list(ast.walk(self.tree))
        self.uses = {n.id for n in self.nodes if isinstance(n, ast.Name)}
        self.defined = isinstance(self.tree, ast.Constant) and self.tree.value is Ellipsis
        if not all(name.isidentifier() for name in self.python):
            raise self.error("the left side is not a name", 0)

    def error(self, message: str, start: int = 0) -> FormulaError:
        """An error about this line, from `start` on."""
        return FormulaError(message, start, len(self.text)).located(self.text, self.path, self.number)


class Binding:
    """What stands beside an equation; `equal: a -> b because ...` excuses a misprint that is none."""

    def __init__(self, text: str, options: str, path: str, number: int) -> None:
        self.options = {name: value for name, _, value in (o.partition("=") for o in options.split())}
        if unknown := self.options.keys() - {"pointwise", "tol"}:
            error = FormulaError(f"{unknown.pop()} is no option: pointwise and tol=1e-6 are", 0, len(options))
            raise error.located(options, path, number - 1)
        self.lines, self.equal = list[Line](), list[tuple[str, str, Line]]()
        for m in re.finditer(r"^(?!\s*$|#).*(?:\n[ \t]+\S.*)*", text, re.M):  # an indented row goes on with a line
            place = number + text.count("\n", 0, m.start())
            excuse = re.fullmatch(r"equal: (.+?) -> (.+?) because (.+)", m.group(), re.S)
            if excuse:
                self.equal.append((excuse[1], excuse[2], Line("excuse = ...", path, place)))
                self.equal[-1][2].text = m.group()
            else:
                self.lines.append(Line(m.group(), path, place))
        self.bound = {name for line in self.lines for name in line.names}
        self.defined = {name for line in self.lines if line.defined for name in line.names}


@dataclass
class World:
    """All names with one choice of values: TeX spellings for the formula, Python names for the code."""

    values: dict[str, Any]
    python: dict[str, Any]
    chosen: tuple[str, ...] = ()  # by `each`, for messages
    jacobians: dict[tuple[str, str], Any] = field(default_factory=dict)


@dataclass
class Tally:
    """What the comparisons of all worlds have seen together."""

    numbers: int = 0
    met: dict[int, set[bool]] = field(default_factory=dict)  # inequalities: attained (True), strict (False)
    reached: set[int] = field(default_factory=set)  # cases


class Scene:
    """A binding with its values drawn: the printed formula, or its misprints, are evaluated in it."""

    def __init__(self, b: Binding, namespace: dict[str, Any], seed: int, complex_too: bool = False) -> None:
        self.b, self.rng = b, np.random.default_rng(seed)
        self.known, self.states = dict[int, Indexed](), dict[int, Any]()
        python = namespace | notation.words(self.rng, self.known, complex_too)
        self.worlds = list(self.grow(World({}, python), b.lines))
        callables = {name for name, v in self.worlds[0].values.items() if callable(v)}
        self.called = callables.union(*(line.called for line in b.lines))

    def grow(self, world: World, lines: list[Line]) -> Iterator[World]:
        """The worlds that the lines make: one, or one for each value of `each`."""
        for k, line in enumerate(lines):
            result = [] if line.defined else self.run(line, world.python)
            if not any(isinstance(v, Each) for v in result):
                self.assign(line, result, world)
                continue
            together = len(result) == 1 < len(line.names)  # `n, k = each(((5, 2), (7, 3)))`
            for choice in product(*(v if isinstance(v, Each) else [v] for v in result)):
                said = f"{line.left} = {', '.join(map(str, choice)):.30}"
                branch = World(dict(world.values), dict(world.python), (*world.chosen, said))
                self.assign(line, list(choice[0] if together else choice), branch)
                yield from self.grow(branch, lines[k + 1 :])
            return
        yield world

    def run(self, line: Line, python: dict[str, Any]) -> list[Any]:
        """The values of a line's names, each from code of its own; run again, a line draws the same numbers."""
        bits = self.rng.bit_generator
        bits.state = self.states.get(line.number) or self.states.setdefault(line.number, bits.state)
        try:
            result = eval(line.code, python)
            if isinstance(result, tuple) and len(result) == len(line.names) > 1:
                return list(result)
            if isinstance(result, Each) and all(isinstance(v, tuple) for v in result):
                return [result]
            return [result, *(eval(line.code, python) for _ in line.names[1:])]
        except Exception as e:
            raise line.error(f"the code fails: {type(e).__name__}: {e}", len(line.left) + 3) from e

    def assign(self, line: Line, result: list[Any], world: World) -> None:
        """Give a line's names their values."""
        if len(result) != len(line.names) and not line.defined:
            raise line.error(f"{len(line.names)} names, but {len(result)} values")
        for name, word, v in zip(line.names, line.python, result, strict=False):
            v = v.draw(())[()] if isinstance(v, notation.Draw) else v.detach().numpy() if hasattr(v, "detach") else v
            if isinstance(v, np.ndarray):
                v = Indexed(v) if v.ndim else v[()]
            if isinstance(v, Indexed):
                self.known[id(v.data)] = v
            world.python[word] = v.data if isinstance(v, Indexed) else v
            if not name.startswith("_"):
                world.values[name] = v

    def moved(self, world: World, name: str, value: Any) -> dict[str, Any]:
        """The values that change when `name` does: its own, and those of all lines that use it."""
        new, changed = World({}, dict(world.python)), set[str]()
        for line in self.b.lines:
            if name in line.names:
                old, word = world.values[name], line.python[line.names.index(name)]
                new.values[name] = Indexed(value, old.origin, old.outside) if isinstance(old, Indexed) else value[()]
                new.python[word] = value if value.ndim else value[()]
                changed = {word}
            elif line.uses & changed:
                changed |= set(line.python)
                self.assign(line, self.run(line, new.python), new)
        return new.values

    def read(self, tex: str) -> tuple[list[Node], list[Node]]:
        """The statements and ranges of a formula with these names."""
        return parse(tex, self.b.bound | set(notation.CONSTANTS), self.called)

    def check(self, formula: tuple[list[Node], list[Node]], tally: Tally) -> None:
        """Raise FormulaError unless every relation of the formula holds in every world."""
        for world in self.worlds:
            ev = Evaluator(dict(world.values), "pointwise" in self.b.options, partial(self.moved, world))
            ev.jacobians, ev.reached = world.jacobians, tally.reached
            before = tally.numbers
            for statement in formula[0]:
                self.check_statement(statement, formula[1], ev, tally, world.chosen)
            if tally.numbers == before:
                raise FormulaError("nothing is compared: the formula itself defines every left side", 0, 1)

    def check_statement(
        self, statement: Node, ranges: list[Node], ev: Evaluator, tally: Tally, chosen: tuple[str, ...]
    ) -> None:
        """Compare the sides of a statement at every place of its free indices."""
        (left, *others), relations = statement.args[::2], statement.args[1::2]
        arrow = relations[0].text == r"\leftarrow"
        left = as_updated(left) if arrow else left
        sides, name = (left, *others), left.args[0].text if left.op == "index" else left.text
        if name in self.b.defined - set(ev.values):
            value = ev.lower(ev.value(sides[1]))
            ev.values[name] = Indexed(value) if isinstance(value, np.ndarray) else value
            sides, relations = sides[1:], relations[1:]
        free = self.free_ranges(sides, all(r.text in EQUALITIES for r in relations), ranges, ev)
        points, columns = list(product(*free.values())), [list[Any]() for _ in sides]
        valued = [(s, column) for s, column in zip(sides, columns, strict=True) if not self.is_continuous(s, ev)]
        for point in points:
            ev.values.update(zip(free, point, strict=True))
            for side, column in valued:
                column.append(ev.value(side))
        for index in free:
            ev.values.pop(index)
        for side, column in zip(sides, columns, strict=True):
            if not column:
                column += next(c for c in columns if c)
                ev.check_extremum(side, column[0])
        scale = notation.largest([v for column in columns for v in column])
        for k, relation in enumerate(relations):
            for u, v, point in zip(*columns[k : k + 2], points, strict=True):
                at = (f"{shown(index)} = {k}" for index, k in zip(free, point, strict=True))
                self.compare(u, v, scale, relation, sides[k + 1], chain(chosen, at), tally)
        if arrow:
            ev.values[name.removesuffix(ARROW)] = ev.values[name]

    @staticmethod
    def is_continuous(side: Node, ev: Evaluator) -> bool:
        r"""`\operatorname{argmin}_x J(x)` over a bound x."""
        extremum = side.op == "reduce" and side.text.startswith(r"\arg")
        return extremum and side.args[0].text == "list" and binds(side)[0] in ev.values

    def free_ranges(self, sides: tuple[Node, ...], equal: bool, given: list[Node], ev: Evaluator) -> dict[str, Any]:
        """The free indices of a statement, each with the values that it runs over."""
        limits = {n.text: b for b in given if b.text != "list" for n in b.args[0].args}
        out = dict[str, Any]()
        for name, place in free_names(*sides).items():
            if name in ev.values or name in notation.CONSTANTS:
                continue
            found = {r for r, outside in ev.plain_ranges(name, sides) if outside == "strict"}
            if b := limits.get(name):
                at = [n.text for n in b.args[0].args].index(name)
                out[name] = list(dict.fromkeys(place[at] for place in ev.loop((b,), b, ())))
                if found and out[name] not in [list(r) for r in found]:
                    r = found.pop()
                    raise FormulaError(f"in an array, {name} runs over {r.start}..{r.stop - 1}", b.start, b.end)
            else:
                out[name] = ev.axis_range(name, sides, place)
            for n in (n for side in sides for n in side.walk() if n.op == "reduce" and name in binds(n, False)):
                text = f"{shown(name)} stands outside of this too: give its index another name"
                raise FormulaError(text, n.start, n.end)
            lacking = [s for s in sides if s.op != "num" and all(n.text != name for n in s.walk())]
            if lacking and equal:
                text = f"the index {shown(name)} is free here, but not on the other side"
                raise FormulaError(text, place.start, place.end)
        return out

    def compare(self, u: Any, v: Any, scale: float, rel: Node, side: Node, where: Iterable[str], tally: Tally) -> None:
        """Whether a relation holds at a point, and for an inequality, whether it is attained there."""
        limit = float(self.b.options.get("tol") or 1e-8) * max(scale, 1e-4)
        if callable(u) or callable(v):
            raise FormulaError("functions cannot be compared: write their arguments", side.start, side.end)
        if is_number(u) and is_number(v):
            if getattr(u, "shape", ()) != getattr(v, "shape", ()):
                raise FormulaError(f"the sides have shapes {np.shape(u)} and {np.shape(v)}", side.start, side.end)
            if not every(np.isfinite(u) & np.isfinite(v)):
                raise FormulaError("a side is not finite", side.start, side.end)
        if rel.text == r"\approx":
            printed = [n.text for n in side.walk() if n.op == "num"]
            if not printed or side.op not in ("num", "neg", "mul"):
                raise FormulaError(r"\approx needs a number: its last place says how near", side.start, side.end)
            limit = notation.half_unit(printed[0], v)
        good, near = notation.holds(rel.text, u, v, limit)
        tally.met.setdefault(rel.start, set()).add(every(near))
        tally.numbers += 1 if isinstance(u, NUMBER) else np.size(u)
        if not every(good):
            worst = np.unravel_index(np.argmax(np.abs(u - v)), np.shape(u)) if is_number(u) and np.ndim(u) else ()
            u, v = (f"{x[worst] if worst else x:.6g}" if is_number(x) else x for x in (u, v))
            at = ", ".join(where)
            raise FormulaError(f"{u} {rel.text} {v} is false{at and ' at '}{at}", side.start, side.end)


def as_updated(left: Node) -> Node:
    """A left side, read after the update."""
    inside = (as_updated(left.args[0]), *left.args[1:]) if left.op == "index" else ()
    return replace(left, args=inside, text=left.text if inside else left.text + ARROW)
