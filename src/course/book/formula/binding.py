r"""The comment beside an equation: it gives the names of the formula their values, and all sides must then agree.

    <!-- formula conv-1d
    \ell = 2
    x = zero(real[9])               # indices 0..8, zero outside
    w = real[-ell:ell+1]            # indices -2..2, an error outside
    y = convolve(x, w, "same")      # the code that the formula is compared with
    -->

Left of ` = ` stands TeX as in the formula, right of it Python in the page's namespace, which may use the lines above
(`\hat L` as `hat_L`).  A derivative moves a name and runs the lines below it again.  `f(i,j) = ...` says that f is
written with parentheses, `_n = 5` is a helper that the formula does not name, `z = ...` is defined by the formula, and
`\theta \leftarrow step(theta)` is the value after an update.
"""

import ast
import keyword
import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations, product
from types import CodeType
from typing import Any

import numpy as np

from course.book.notation import BOUNDARIES, CONSTANTS, RELATIONS
from .evaluate import Evaluator, Indexed, Kink, binds, free_names
from .tex import FormulaError, Node, parse, spelling

EQUALITIES = ("=", r"\equiv", r"\coloneqq", r"\leftarrow")
ARROW = r" \leftarrow"


class Draw:
    """`real[5, 7]`, `real[-2:3]`: an array of random numbers on these indices; alone, one random number."""

    def __init__(self, draw: Callable[[tuple[int, ...]], Any]) -> None:
        self.draw = draw

    def __getitem__(self, spans: Any) -> Indexed:
        spans = [s if isinstance(s, slice) else slice(0, s) for s in (spans if isinstance(spans, tuple) else (spans,))]
        return Indexed(self.draw(tuple(s.stop - (s.start or 0) for s in spans)), tuple(s.start or 0 for s in spans))


class Each(list[Any]):
    """The values that a name runs over."""


# What a draw is made of; `whole` numbers run from 1 to 9.
DRAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    "real": lambda rng, shape: rng.standard_normal(shape),
    "cplx": lambda rng, shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape),
    "positive": lambda rng, shape: rng.uniform(0.3, 2.0, shape),
    "integer": lambda rng, shape: rng.integers(1, 10, shape),
}


def words(rng: np.random.Generator, known: dict[int, Indexed], complex_too: bool) -> dict[str, Any]:
    """The words of the right-hand sides; `known` finds the indices of an array that Python holds without them."""

    def indexed(a: Any) -> Indexed:
        return a if isinstance(a, Indexed) else known.get(id(a)) or Indexed(a)

    def kept(a: Any, how: str) -> Indexed:
        return Indexed(indexed(a).data, indexed(a).origin, how)

    def at(first: int | tuple[int, ...], a: Any) -> Indexed:
        data = indexed(a).data
        return Indexed(data, first if isinstance(first, tuple) else (first,) * data.ndim, indexed(a).outside)

    make = DRAWS | ({"real": DRAWS["cplx"]} if complex_too else {})
    return {
        "np": np,
        "rng": rng,
        **{name: Draw(lambda shape, f=f: f(rng, shape)) for name, f in make.items()},
        **{how: lambda a, how=how: kept(a, how) for how in ("strict", *BOUNDARIES)},
        "at": at,
        "each": Each,
        "support": lambda a: list(product(*indexed(a).ranges())),
    }


def python_name(tex: str) -> str:
    r"""`\hat L` is hat_L, `\theta_{t-1}` theta_tm1, `x'` x_prime, `A^*` A_star."""
    if tex == "*":
        return "asterisk"
    for a, b in (("'", " prime"), ("*", " star "), ("-", "m"), ("+", "p"), (r"\top", "T")):
        tex = tex.replace(a, b)
    tex = re.sub(r"\\(operatorname|math\w+|text|boldsymbol)\b", "", tex)
    name = "_".join(re.findall(r"[A-Za-z0-9]+", tex))
    return name + "_" if keyword.iskeyword(name) else name


@dataclass
class Line:
    """One line of a binding: `names = code`."""

    names: list[str]
    python: list[str]
    called: list[bool]
    code: CodeType
    tree: ast.expr
    text: str
    number: int

    @property
    def defined(self) -> bool:
        """Whether the formula itself gives the names their values."""
        return isinstance(self.tree, ast.Constant) and self.tree.value is Ellipsis

    @property
    def uses(self) -> set[str]:
        return {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name)}

    @property
    def elements(self) -> list[ast.expr]:
        """The expressions for the single names."""
        return list(self.tree.elts) if isinstance(self.tree, ast.Tuple) else [self.tree]


@dataclass
class Binding:
    """What stands beside an equation, and where."""

    tex: str
    path: str
    line: int
    lines: list[Line] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    equal: list[tuple[str, str, str]] = field(default_factory=list)  # misprint: old, new, and why it is none

    @property
    def bound(self) -> set[str]:
        return {n for line in self.lines for n in line.names}

    @property
    def defined(self) -> set[str]:
        return {n for line in self.lines if line.defined for n in line.names}


def read_binding(tex: str, text: str, options: str, path: str, line: int, binding_line: int) -> Binding:
    """The lines of the comment; an indented line goes on with the one above."""
    b = Binding(tex, path, line)
    rows: list[tuple[int, str]] = []
    for number, row in enumerate(text.split("\n"), binding_line):
        if row[:1].isspace() and row.strip() and rows:
            rows[-1] = (rows[-1][0], rows[-1][1] + "\n" + row)
        elif row.strip() and not row.startswith("#"):
            rows.append((number, row.rstrip()))
    for option in options.split():
        name, _, value = option.partition("=")
        if name not in ("pointwise", "tol"):
            raise FormulaError(f"{option} is no option: pointwise and tol=1e-6 are").located(
                options, path, binding_line - 1
            )
        b.options[name] = value
    for number, row in rows:
        try:
            if found := re.fullmatch(r"equal:\s*(.+?)\s*->\s*(.+?)\s+because\s+(.+)", row, re.S):
                b.equal.append(found.groups())  # type: ignore[arg-type]
            else:
                b.lines.append(read_line(row, number))
            check_names(b)
        except FormulaError as e:
            raise e.located(row, path, number) from e.__cause__
    return b


def read_line(row: str, number: int) -> Line:
    left, sign, right = re.fullmatch(r"(.*?)(?: (=|\\leftarrow) (.*))?", row, re.S).groups()  # type: ignore[union-attr]
    if not sign:
        raise FormulaError("a line of a binding reads `name = Python`, with spaces around the sign", 0, len(row))
    parts = re.split(r",(?![^({]*[)}])", left)
    calls = [re.fullmatch(r"\s*(.*\S)\([^()]*\)\s*", p) for p in parts]
    plain = [(m[1] if m else p).strip() for m, p in zip(calls, parts, strict=True)]
    try:
        tree = ast.parse(right.strip(), mode="eval")
    except SyntaxError as e:
        start = len(row) - len(right)
        raise FormulaError(f"this is not Python: {e.msg}", start + (e.offset or 1) - 1, len(row)) from e
    after = ARROW if sign != "=" else ""
    keys = [p if p.startswith("_") else spelling(p) + after for p in plain]
    pythons = [p if p.startswith("_") else python_name(p) + ("_new" if after else "") for p in plain]
    code = compile(tree, f"<binding, line {number}>", "eval")
    return Line(keys, pythons, [bool(m) for m in calls], code, tree.body, row, number)


def check_names(b: Binding) -> None:
    """Two names that Python could not tell apart, sizes that could be confused: both make a check that cannot fail."""
    line, seen = b.lines[-1] if b.lines else None, {}
    reserved = words(np.random.default_rng(), {}, False)
    for other in b.lines:
        for name, python in zip(other.names, other.python, strict=True):
            if python in seen or python in reserved:
                what = f"both {seen[python]} and {name} are" if python in seen else f"{name} is"
                raise FormulaError(
                    f"{what} {python} in Python".replace(" _ ", "_"), 0, len(other.text.partition(" = ")[0])
                )
            seen[python] = name
    numbers = {}
    sizes: dict[tuple[int, ...], tuple[Line, str]] = {}
    for other in b.lines:
        for name, value in zip(other.names, other.elements, strict=False):
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not name.startswith("_"):
                if value.value in numbers:
                    text = f"{numbers[value.value]} and {name} are both {value.value}: a formula that mixes them up would pass"
                    raise FormulaError(text, *span(value, other))
                numbers[value.value] = name
        for node in ast.walk(other.tree):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in DRAWS:
                axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                lengths = [length(a, {n: v for v, n in numbers.items()}) for a in axes]
                named_sizes = [any(isinstance(n, ast.Name) for n in ast.walk(a)) for a in axes]
                for (a, m), (c, n) in combinations(zip(axes, lengths, strict=True), 2):
                    if m == n is not None and ast.unparse(a) != ast.unparse(c) or m == n and not all(named_sizes):
                        text = f"two axes are {m} long: a formula with its indices swapped would pass (a size that must return has a name)"
                        raise FormulaError(text, *span(node, other))
                key, text = tuple(-1 if n is None else n for n in lengths), ast.unparse(node.slice)
                before, how = sizes.setdefault(key, (other, text))
                if -1 not in key and before is not other and not (how == text and any(named_sizes)):
                    text = f"{before.text.partition(' = ')[0]} has this size too: draw other sizes, or both in one line, or name the size"
                    raise FormulaError(text, *span(node, other))


def span(node: ast.expr, line: Line) -> tuple[int, int]:
    """Where a piece of Python stands in its line."""
    start = line.text.find(
        ast.get_source_segment(line.text.partition(" = ")[2].strip(), node) or "", line.text.find(" = ")
    )
    return start, start + (node.end_col_offset or 0) - node.col_offset


def length(axis: ast.expr, numbers: dict[str, Any]) -> int | None:
    """How long an axis is, where literals and named numbers say so."""
    python = {python_name(n): v for n, v in numbers.items()}
    try:
        if not isinstance(axis, ast.Slice):
            return int(eval(compile(ast.Expression(axis), "", "eval"), {}, python))
        low, high = (
            0 if e is None else eval(compile(ast.Expression(e), "", "eval"), {}, python)
            for e in (axis.lower, axis.upper)
        )
        return int(high - low)
    except Exception:
        return None


# -- running ------------------------------------------------------------------------------------------------------------
@dataclass
class World:
    """All names with one choice of their values: TeX spellings for the formula, Python names for the code."""

    values: dict[str, Any]
    python: dict[str, Any]
    jacobians: dict[tuple[str, str], Any] = field(default_factory=dict)


class Tally:
    """What the comparisons of all worlds have seen together."""

    def __init__(self) -> None:
        self.values = 0
        self.met: dict[int, set[bool]] = {}  # for each inequality: attained (True), strict (False)
        self.reached: set[int] = set()


class Scene:
    """A binding with its values drawn: the printed formula, or its misprints, are evaluated in it."""

    def __init__(self, b: Binding, namespace: dict[str, Any], seed: int, complex_too: bool = False) -> None:
        self.b, self.rng = b, np.random.default_rng(seed)
        self.known: dict[int, Indexed] = {}
        self.states: dict[int, Any] = {}
        start = World({}, dict(namespace) | words(self.rng, self.known, complex_too))
        self.worlds = list(self.grow(start, b.lines))

    def grow(self, world: World, lines: list[Line]) -> Iterator[World]:
        """The worlds that the lines make: one, or one for each value of `each`."""
        for k, line in enumerate(lines):
            if line.defined:
                continue
            result = self.evaluate(line, world.python)
            each = [isinstance(v, Each) for v in result]
            if not any(each):
                self.assign(line, result, world)
                continue
            many = len(result) == 1 < len(line.names)
            for choice in product(*(v if e else [v] for v, e in zip(result, each, strict=True))):
                branch = World(dict(world.values), dict(world.python))
                self.assign(line, list(choice[0]) if many else list(choice), branch)
                yield from self.grow(branch, lines[k + 1 :])
            return
        yield world

    def evaluate(self, line: Line, python: dict[str, Any]) -> list[Any]:
        """The values of a line's names; what is drawn stays the same when the line is run again."""
        self.rng.bit_generator.state = self.states.setdefault(line.number, self.rng.bit_generator.state)
        try:
            result = eval(line.code, python)
            if isinstance(result, tuple) and len(result) == len(line.names) > 1:
                return list(result)
            again = [] if isinstance(result, Each) and result and isinstance(result[0], tuple) else line.names[1:]
            return [result, *(eval(line.code, python) for _ in again)]
        except Exception as e:
            start = len(line.text.partition(" = ")[0]) + 3
            error = FormulaError(f"the code fails: {type(e).__name__}: {e}", start, len(line.text))
            raise error.located(line.text, self.b.path, line.number) from e

    def assign(self, line: Line, result: list[Any], world: World) -> None:
        if len(result) != len(line.names):
            error = FormulaError(f"{len(line.names)} names, but {len(result)} values", 0, len(line.text))
            raise error.located(line.text, self.b.path, line.number)
        for name, python, v in zip(line.names, line.python, result, strict=True):
            v = v.draw(())[()] if isinstance(v, Draw) else v
            v = v.detach().numpy() if hasattr(v, "detach") else v
            if isinstance(v, np.ndarray):
                v = Indexed(v) if v.ndim else v[()]
            if isinstance(v, Indexed):
                self.known[id(v.data)] = v
            world.python[python] = v.data if isinstance(v, Indexed) else v
            if not name.startswith("_"):
                world.values[name] = v

    def moved(self, world: World, name: str, value: Any) -> dict[str, Any]:
        """The values that change when `name` does: its own, and of all lines that use it."""
        line = next(l for l in self.b.lines if name in l.names)
        changed, new = {line.python[line.names.index(name)]}, World({}, dict(world.python))
        old = world.values[name]
        new.values[name] = Indexed(value, old.origin, old.outside) if isinstance(old, Indexed) else value[()]
        new.python[next(iter(changed))] = value if value.ndim else value[()]
        for other in self.b.lines:
            if other.uses & changed and not set(other.python) & changed:
                self.assign(other, self.evaluate(other, new.python), new)
                changed |= set(other.python)
        return new.values

    # -- one formula ----------------------------------------------------------------------------------------------------
    def check(self, tex: str, tally: Tally) -> None:
        """Raise FormulaError unless every relation of the formula holds in every world."""
        called = {n for line in self.b.lines for n, c in zip(line.names, line.called, strict=True) if c}
        first = self.worlds[0].values
        called |= {n for n, v in first.items() if callable(v)}
        statements, ranges = parse(tex, self.b.bound | set(CONSTANTS), called)
        for world in self.worlds:
            ev = Evaluator(dict(world.values), "pointwise" in self.b.options, lambda x, v, w=world: self.moved(w, x, v))
            ev.jacobians, ev.reached = world.jacobians, tally.reached
            before = tally.values
            for statement in self.in_order(statements, first):
                self.check_statement(statement, ranges, ev, tally)
            if tally.values == before:
                raise FormulaError("nothing is compared: the formula itself defines every left side", 0, len(tex))

    def parse(self, tex: str) -> tuple[list[Node], list[Node]]:
        called = {n for line in self.b.lines for n, c in zip(line.names, line.called, strict=True) if c}
        called |= {n for n, v in self.worlds[0].values.items() if callable(v)}
        return parse(tex, self.b.bound | set(CONSTANTS), called)

    def all_seen(self, tex: str, tally: Tally) -> list[Node]:
        """The rules that only all draws together can keep: no name unused, no case unreached, no bound slack."""
        statements, ranges = self.parse(tex)
        nodes = [n for s in (*statements, *ranges) for n in s.walk()]
        used = {n.text for n in nodes if n.op in ("name", "infix")} | {r"\overline" for n in nodes if n.op == "conj"}
        used |= {head(s).text + ARROW for s in statements if s.args[1].text == r"\leftarrow"}
        for line in self.b.lines:
            for name in line.names:
                if name not in used and not name.startswith("_"):
                    text = f"{line.text.partition(' = ')[0]} is bound, but the formula does not use {name}: a helper is called _name"
                    raise FormulaError(text.replace(" _ ", "_"), 0, len(line.text.partition(" = ")[0])).located(
                        line.text, self.b.path, line.number
                    )
        for n in nodes:
            if n.op == "cases":
                for v in n.args[::2]:
                    if v.start not in tally.reached:
                        raise FormulaError("no draw reaches this case", v.start, v.end)
            if n.op == "relation" and n.start in tally.met:
                met = tally.met[n.start]
                if n.text in (r"\le", r"\ge") and True not in met:
                    raise FormulaError(
                        "this bound is never attained: bind a case of equality, or write < or >",
                        n.start,
                        n.end,
                    )
                if n.text in (r"\le", r"\ge") and False not in met:
                    raise FormulaError("this bound is always attained: write =", n.start, n.end)
        return statements

    def in_order(self, statements: list[Node], known: Iterable[str]) -> list[Node]:
        """Statements that define a name come before those that use it."""
        waiting, out, missing = list(statements), [], self.b.defined
        while waiting:
            ready = next((s for s in waiting if not missing & set(free_names(list(s.args[2::2])))), waiting[0])
            waiting.remove(ready)
            out.append(ready)
            missing = missing - {head(ready).text}
        return out

    def check_statement(self, statement: Node, ranges: list[Node], ev: Evaluator, tally: Tally) -> None:
        sides, relations = list(statement.args[::2]), list(statement.args[1::2])
        target, after = head(statement), None
        if relations[0].text == r"\leftarrow":
            after = ev.values.get(target.text + ARROW)
            if after is None and target.text + ARROW not in self.b.defined:
                raise FormulaError(
                    rf"bind the value after the update: {target.text} \leftarrow ...",
                    sides[0].start,
                    sides[0].end,
                )
        defines = target.text in self.b.defined - set(ev.values) or (
            relations[0].text == r"\leftarrow" and after is None
        )
        free = self.free_ranges(statement, ranges, ev, defines)
        columns: list[list[Any]] = [[] for _ in sides]
        for point in product(*free.values()):
            ev.values.update(zip(free, point, strict=True))
            for k, side in enumerate(sides):
                if not (k == 0 and defines) and not self.is_continuous(side, ev):
                    columns[k].append(self.value(side, ev, target.text, after if k == 0 else None))
        for name in free:
            ev.values.pop(name)
        if defines:
            self.define(sides[0], target, columns[1], free, ev)
            sides, relations, columns = sides[1:], relations[1:], columns[1:]
        for k, side in enumerate(sides):
            if self.is_continuous(side, ev):
                columns[k] = next(c for c in columns if c)
                ev.check_extremum(side, columns[k][0])
        points = list(product(*free.values()))
        for k, rel in enumerate(relations):
            where = [", ".join(f"{n.replace(' ', '')} = {v}" for n, v in zip(free, p, strict=True)) for p in points]
            self.compare(columns[k], columns[k + 1], rel, sides[k + 1], where, tally)
        if after is not None:
            ev.values[target.text] = after

    @staticmethod
    def value(side: Node, ev: Evaluator, name: str, after: Any) -> Any:
        """A side's value; the left side of an arrow is read after the update."""
        before = ev.values.get(name)
        if after is not None:
            ev.values[name] = after
        v = ev(side)
        if after is not None:
            ev.values[name] = before
        return v.data if isinstance(v, Indexed) else v

    @staticmethod
    def is_continuous(side: Node, ev: Evaluator) -> bool:
        r"""`\operatorname{argmin}_x J(x)` over a bound x."""
        extremum = side.op == "reduce" and side.text in (r"\argmin", r"\argmax")
        return extremum and side.args[0].text == "list" and binds(side)[0] in ev.values

    def free_ranges(self, statement: Node, given: list[Node], ev: Evaluator, defines: bool) -> dict[str, Any]:
        """The free indices of a statement, each with the values that it runs over."""
        sides = list(statement.args[::2])
        trees = [*head_indices(sides[0]), *sides[1:]] if defines else sides
        limits = {n.text: b for b in given for n in b.args[0].args}
        out: dict[str, Any] = {}
        for name, place in free_names(trees).items():
            if name in ev.values or name in CONSTANTS or name in self.b.defined:
                continue
            if name in limits and limits[name].text != "list":
                b = limits[name]
                out[name] = [p[0] for p in ev.index_places(b, [name], b)]
                plain = {r for r, outside in ev.plain_ranges(name, trees) if outside == "strict"}
                if plain and range(out[name][0], out[name][-1] + 1) not in plain:
                    r = next(iter(plain))
                    raise FormulaError(f"{name} runs over {r.start}..{r.stop - 1} in an array", b.start, b.end)
            else:
                out[name] = ev.axis_range(name, trees, place)
            for k, side in enumerate(sides):
                equal = all(r.text in EQUALITIES for r in statement.args[1::2])
                if equal and side.op != "num" and not (k == 0 and defines) and name not in free_names([side]):
                    text = f"the index {name} is free here, but not on the other side".replace(" _ ", "_")
                    raise FormulaError(text, place.start, place.end)
        return out

    @staticmethod
    def define(left: Node, target: Node, column: list[Any], free: dict[str, Any], ev: Evaluator) -> None:
        value = column[0]
        if left is not target:
            order = [a.text for a in left.args[1:]]
            if sorted(order) != sorted(free):
                raise FormulaError("a definition needs each of its indices, plain, on the left", left.start, left.end)
            grid = np.array(column).reshape([len(v) for v in free.values()])
            grid = np.moveaxis(grid, [list(free).index(n) for n in order], range(len(order)))
            value = Indexed(grid, tuple(free[n][0] for n in order))
        ev.values[target.text] = Indexed(ev.lower(value)) if isinstance(value, np.ndarray) else value

    def compare(self, left: list[Any], right: list[Any], rel: Node, side: Node, where: list[str], tally: Tally) -> None:
        """Whether a relation holds at every point; an inequality must be attained somewhere, and strict somewhere."""
        tol = float(self.b.options.get("tol") or 1e-8)
        numbers = [v for v in (*left, *right) if not isinstance(v, tuple | list | set | frozenset | range)]
        if any(callable(v) for v in numbers):
            raise FormulaError("functions cannot be compared: write their arguments", side.start, side.end)
        scale = max((float(np.max(np.abs(v))) for v in numbers if np.size(v)), default=1.0)
        for u, v, place in zip(left, right, where, strict=True):
            tally.values += max(np.size(u), 1)
            if rel.text in (r"\in", r"\notin", r"\mid", r"\nmid") or len(numbers) < len(left) + len(right):
                good, close = (
                    (RELATIONS[rel.text](u, v) if rel.text not in EQUALITIES else same_members(u, v)),
                    False,
                )
            else:
                if np.shape(u) != np.shape(v):
                    raise FormulaError(f"the sides have shapes {np.shape(u)} and {np.shape(v)}", side.start, side.end)
                u, v = np.asarray(u), np.asarray(v)
                if not (np.all(np.isfinite(u)) and np.all(np.isfinite(v))):
                    raise FormulaError("a side is not finite", side.start, side.end)
                near = np.abs(u - v) <= tol * max(scale, 1e-4)
                close = bool(np.all(near))
                if rel.text in EQUALITIES:
                    good = close
                elif rel.text == r"\approx":
                    good = bool(np.all(np.abs(u - v) <= half_unit(side, v)))
                else:
                    weak, strict = rel.text in (r"\le", r"\ge"), rel.text in ("<", ">", r"\ne")
                    good = bool(np.all(RELATIONS[rel.text](u, v) & ~near | (near if weak else False)))
                    tally.met.setdefault(rel.start, set()).update({True} if close else {False})
            if not good:
                at = f" at {place}" if place else ""
                if isinstance(u, np.ndarray):
                    worst = np.unravel_index(np.argmax(np.abs(u - v)), u.shape) if u.ndim else ()
                    u, v = f"{u[worst]:.6g}", f"{v[worst]:.6g}"
                raise FormulaError(f"{u} {rel.text} {v} is false{at}", side.start, side.end)


def same_members(u: Any, v: Any) -> bool:
    if isinstance(u, set | frozenset) or isinstance(v, set | frozenset):
        return set(u) == set(v)
    return bool(np.shape(u) == np.shape(v) and np.all(np.isclose(u, v)))


def half_unit(side: Node, value: Any) -> float:
    r"""Half of the last printed place of the number to the right of `\approx`."""
    number = next((n for n in side.walk() if n.op == "num"), None)
    if number is None or side.op not in ("num", "neg", "mul"):
        raise FormulaError(r"\approx needs a number to its right: its last place says how near", side.start, side.end)
    digits = re.sub(r"\\,|\{,\}", "", number.text)
    return 0.5000001 * 10.0 ** -len(digits.partition(".")[2]) * abs(float(value) / float(digits))


def head(statement: Node) -> Node:
    """The name on the left, without its indices."""
    left = statement.args[0]
    return left.args[0] if left.op in ("index", "call") and left.args[0].op == "name" else left


def head_indices(left: Node) -> list[Node]:
    return list(left.args[1:]) if left.op in ("index", "call") else []


@dataclass(frozen=True)
class Verdict:
    """What stands behind the mark of an equation."""

    label: str
    bound: tuple[tuple[str, str], ...]  # the names as in the formula, and the code
    sides: int
    draws: int
    values: int


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
    """Evaluate an equation on drawn values; FormulaError, whose text is the message, unless all its sides agree."""
    b = read_binding(tex, binding, options, path, line, binding_line)
    tally = Tally()
    kinks = 0
    try:
        with np.errstate(all="ignore"):
            for trial in range(trials):
                while True:
                    try:
                        scene = Scene(b, namespace, seed + trial + 1000 * kinks)
                        scene.check(tex, tally)
                        break
                    except Kink:
                        kinks += 1
                        if kinks > 5:
                            raise
        statements = scene.all_seen(tex, tally)
    except FormulaError as e:
        raise e.located(tex, path, line) from e.__cause__
    bound = tuple(tuple(part.strip() for part in x.text.split(" = ", 1)) for x in b.lines)
    return Verdict(label, bound, sum(len(s.args) // 2 + 1 for s in statements), trials, tally.values)
