r"""The value of a parsed formula, found as a reader would: one index at a time, outer indices first.

Arrays without subscripts are matrices (one axis: a column), side by side they are multiplied as matrices.  In a
*pointwise* formula all is elementwise.  Nothing broadcasts: shapes fit, or it is an error.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import notation
from .notation import CONSTANTS, INFIX, OF_NUMBERS, RULES, SCALARS, Indexed, Kink, column, derivative, every, shown
from .tex import FormulaError, Node


def binds(node: Node, conditions: bool = True) -> list[str]:
    r"""The names that a sum introduces; in `\sum_{j \ne i}` those of the condition only if nothing else has them."""
    return [n.text for b in node.args[:-1] if conditions or b.text != "where" for n in b.args[0].args]


@lru_cache(1024)
def free_names(*trees: Node) -> dict[str, Node]:
    """The names that stand free in these trees, each with a place."""

    def walk(node: Node, hidden: frozenset[str], conditions: bool) -> Iterator[Node]:
        if node.op == "reduce":
            hidden |= frozenset(binds(node, conditions))
        if node.op == "name" and node.text not in hidden:
            yield node
        for child in node.args[1:] if node.op == "binder" else node.args:
            yield from walk(child, hidden, conditions)

    certain = {n.text for tree in trees for n in walk(tree, frozenset(), True)}
    return {n.text: n for tree in trees for n in walk(tree, frozenset(), False) if n.text in certain}


@lru_cache(1024)
def split_indices(nodes: tuple[Node, ...], axes: int) -> tuple[Node, ...]:
    r"""`w_{ij}` and `h_{21}` for an array of two axes: one index written for each."""
    if len(nodes) != 1 or axes < 2:
        return nodes
    (only,), parts = nodes, list[Node]()
    if only.op == "num" and len(only.text) == axes:
        return tuple(Node("num", (), d, only.start + k, only.start + k + 1) for k, d in enumerate(only.text))
    while only.op == "mul" and not only.text:
        parts.insert(0, only.args[1])
        only = only.args[0]
    return (only, *parts) if parts else nodes


@lru_cache(1024)
def plain_places(name: str, trees: tuple[Node, ...]) -> list[tuple[Node, int]]:
    """The indexed quantities that have this name alone as an index, and on which axis."""
    arrays = [n for tree in trees for n in tree.walk() if n.op in ("index", "call") and n.text != "^"]
    places = ((n.args[0], k, p) for n in arrays for k, p in enumerate(split_indices(n.args[1:], 2)))
    return [(array, axis) for array, axis, p in places if p.op == "name" and p.text == name]


class Evaluator:
    """The values of the names, and what becomes of the nodes of a formula."""

    def __init__(self, values: dict[str, Any], pointwise: bool, rerun: Callable[[str, Any], dict[str, Any]]) -> None:
        self.values, self.pointwise, self.rerun = values, pointwise, rerun
        self.jacobians: dict[tuple[str, str], NDArray[Any]] = {}
        self.reached = set[int]()  # the cases that have applied, by their place

    def value(self, node: Node) -> Any:
        """The value of a node."""
        if node.op == "name" and type(v := self.values.get(node.text)) is int:  # an index, most often
            return v
        try:
            if rule := OF_NUMBERS.get(node.op):
                a, b = self.value(node.args[0]), self.value(node.args[1])
                alone = type(a) in SCALARS and type(b) in SCALARS
                return rule(a, b) if alone else self.lift(RULES[node.op](self.pointwise, a, b))
            if method := METHODS.get(node.op):
                return method(self, node)
            rule = RULES.get(node.op) or notation.TABLES[node.op][node.text]
            return self.lift(rule(self.pointwise, *[self.value(n) for n in node.args]))
        except (FormulaError, Kink):
            raise
        except Exception as e:
            raise FormulaError(str(e) or type(e).__name__, node.start, node.end) from e

    def lift(self, v: Any) -> Any:
        """A stored array as a matrix, a matrix of one entry as a number."""
        v = v.data if isinstance(v, Indexed) else v
        if isinstance(v, np.ndarray) and not self.pointwise:
            v = v.reshape(-1)[0] if v.size == 1 else v[:, None] if v.ndim == 1 else v
        return v

    def lower(self, v: Any) -> Any:
        """A value as Python expects it."""
        return v if self.pointwise else column(v)

    def _look_up(self, node: Node) -> Any:
        v = self.values.get(node.text, CONSTANTS.get(node.text))
        if v is None:
            raise FormulaError(f"{shown(node.text)} is not bound", node.start, node.end)
        return v

    def stored(self, node: Node) -> Any:
        """What is behind a node before it becomes a matrix: an array with its origin, a list, a function."""
        v = self._look_up(node) if node.op == "name" else self.lower(self.value(node))
        return Indexed(v) if isinstance(v, np.ndarray) else v

    def _integer(self, node: Node) -> int:
        v = self.value(node)
        if isinstance(v, int):
            return v
        if callable(v) or np.ndim(v) or not np.isfinite(v) or abs(v - np.round(np.real(v))) > 1e-9:
            raise FormulaError("an index must be a whole number", node.start, node.end)
        return int(np.round(np.real(v)))

    def _indices(self, array: Indexed, nodes: tuple[Node, ...]) -> tuple[int, ...]:
        return tuple([self._integer(n) for n in split_indices(nodes, array.data.ndim)])

    def _name(self, node: Node) -> Any:
        return self.lift(self._look_up(node))

    def _num(self, node: Node) -> Any:
        return notation.number(node.text)

    def _index(self, node: Node) -> Any:
        base = self.stored(node.args[0])
        if isinstance(base, Indexed):
            return self.lift(base.at(self._indices(base, node.args[1:])))
        if not isinstance(base, list | tuple | dict):
            raise ValueError("only an array has indices")
        part = base[self._integer(node.args[1])]
        return part if callable(part) else self.lift(part if isinstance(part, Indexed) else np.asarray(part))

    def _call(self, node: Node) -> Any:
        f = self.stored(node.args[0])
        if not isinstance(f, Indexed):
            return self.lift(f(*(self.lower(self.value(a)) for a in node.args[1:])))
        if len(node.args) - 1 != f.data.ndim:
            raise ValueError(f"{len(node.args) - 1} arguments for an array with {f.data.ndim} axes")
        return f.at(self._indices(f, node.args[1:]))

    def _prime(self, node: Node) -> Any:
        f = self.stored(node.args[0])
        return lambda x: derivative(lambda t: f(x + t), f(x + 0.0))

    def _infix(self, node: Node) -> Any:
        a, b = (self.value(n) for n in node.args)
        if node.text in self.values:
            return self.lift(self.values[node.text](self.lower(a), self.lower(b)))
        if node.text not in INFIX:
            raise FormulaError(f"bind what {node.text} means: {node.text} = ...", *node.mark)
        return self.lift(INFIX[node.text](a, b))

    def _conj(self, node: Node) -> Any:
        return self.lift(self.values.get(r"\overline", np.conj)(self.value(node.args[0])))

    def _matrix(self, node: Node) -> Any:
        flat, width = [self.value(n) for n in node.args], len(node.args) // int(node.text)
        rows = [flat[k : k + width] for k in range(0, len(flat), width)]
        return self.lift(np.block(rows) if any(np.ndim(v) for v in flat) else np.array(rows))

    def _chain(self, node: Node) -> Any:
        """Whether all relations of a chain hold."""
        sides, relations = [self.value(n) for n in node.args[::2]], [n.text for n in node.args[1::2]]
        return np.logical_and.reduce([notation.RELATIONS[r](*sides[k : k + 2]) for k, r in enumerate(relations)])

    def _cases(self, node: Node) -> Any:
        values, conditions = node.args[::2], node.args[1::2]
        tests = np.stack(np.broadcast_arrays(*(self.value(c) for c in conditions)))
        if not conditions[-1].args:  # otherwise
            tests[-1] = ~np.any(tests[:-1], axis=0)
        if np.any(np.sum(tests, axis=0) != 1):
            raise ValueError("two cases apply at once" if np.any(np.sum(tests, axis=0) > 1) else "no case applies")
        self.reached |= {v.start for v, t in zip(values, tests, strict=True) if np.any(t)}
        if tests.ndim == 1:
            return self.value(values[int(np.argmax(tests))])
        return np.select(list(tests), [self.value(v) + np.zeros(tests[0].shape) for v in values])

    def _reduce(self, node: Node) -> Any:
        *binders, body = node.args
        terms, places = [], []
        for place in self.loop(tuple(binders), body, ()):
            terms.append(self.value(body))
            places.append(place)
            if len(terms) > notation.MOST:
                raise ValueError(f"this has more than {notation.MOST} terms")
        if not node.text.startswith(r"\arg"):
            return notation.REDUCERS[node.text](terms)
        best = places[(np.argmax if node.text == r"\argmax" else np.argmin)(terms)]
        return best if len(best) > 1 else best[0]

    def loop(self, binders: tuple[Node, ...], body: Node, above: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Set the indices to each place in turn: an inner bound may depend on an outer index."""
        b = binders[0]
        names = [n.text for n in b.args[0].args if b.text != "where" or n.text not in self.values]
        if again := [n for n in names if n in self.values]:
            raise FormulaError(f"{shown(again[0])} has a value already: give this index another name", b.start, b.end)
        try:
            for place in self.index_places(b, names, body):
                self.values.update(zip(names, place, strict=True))
                if b.text != "where" or every(self.value(b.args[1])):
                    yield from self.loop(binders[1:], body, above + place) if binders[1:] else (above + place,)
        finally:
            for name in names:
                self.values.pop(name, None)

    def index_places(self, b: Node, names: list[str], body: Node) -> Iterator[tuple[int, ...]]:
        """The places that a binder runs over, before its conditions."""
        if b.text == "in":
            return ((m if isinstance(m, tuple) else (m,)) for m in self.value(b.args[1]))
        if b.text == "from":
            return product(range(self._integer(b.args[1]), self._integer(b.args[2]) + 1))
        limits = dict[str, range]()
        sides, relations = (b.args[1].args[k::2] if b.text == "where" else () for k in (0, 1))
        upward = {n.text for n in relations} <= {"<", r"\le"}
        for low, middle, high in zip(sides, sides[1:], sides[2:], strict=False):
            if upward and not set(names) & set(free_names(low, high)):
                run = range(self._integer(low), self._integer(high) + 1)
                limits |= {n.text: run for n in (middle.args if middle.op == "tuple" else (middle,))}
        return product(*(limits.get(n) or self.axis_range(n, (body,), b) for n in names))

    def axis_range(self, name: str, trees: tuple[Node, ...], where: Node) -> range:
        """The range of an index: that of the array axes on which it stands alone."""
        found = list(self.plain_ranges(name, trees))
        strict = {r for r, outside in found if outside == "strict"} or {r for r, _ in found}
        if len(strict) == 1:
            return strict.pop()
        if found and all(outside == "zero" for _, outside in found):
            return range(min(r.start for r in strict), max(r.stop for r in strict))
        text = " and ".join(sorted(f"{r.start}..{r.stop - 1}" for r in strict))
        why = f"runs over {text}: write its range" if text else "is not bound, and no array has it as a plain index"
        raise FormulaError(f"{shown(name)} {why}", where.start, where.end)

    def plain_ranges(self, name: str, trees: tuple[Node, ...]) -> Iterator[tuple[range, str]]:
        """The ranges of the axes on which an index stands alone, and what lies outside."""
        for base, axis in plain_places(name, trees):
            try:
                array = self.stored(base)
            except FormulaError:  # it depends on an index that is not set yet
                continue
            if isinstance(array, Indexed) and axis < array.data.ndim:
                yield array.ranges()[axis], array.outside

    def _partial(self, node: Node) -> Any:
        """How what stands above changes when the name below is moved, and all that depends on it is run again."""
        split = lambda n: (n.args[0], n.args[1:]) if n.op == "index" and n.args[0].op == "name" else (n, ())
        (y, above), (x, below) = map(split, node.args)
        base = self.values.get(x.text)
        array = base if isinstance(base, Indexed) else Indexed(base)
        if x.op != "name" or array.data.dtype.kind not in "fiu":
            raise FormulaError("a derivative is taken in a bound real quantity", x.start, x.end)
        key = (y.text, x.text) if y.op == "name" else ("", "")
        if not (jacobian := self.jacobians.get(key, np.empty(0))).size:
            moved = partial(self._moved, y, x.text, array.data)
            here = moved(..., 0.0)
            columns = [derivative(partial(moved, entry), here) for entry in np.ndindex(array.data.shape)]
            jacobian = np.stack(columns, -1).reshape(np.shape(columns[0]) + array.data.shape)
            self.jacobians |= {key: jacobian} if key[0] else {}
        row = self.stored(y).place(self._indices(self.stored(y), above)) if above else ()
        place = array.place(self._indices(array, below)) if below else ()
        rest = (slice(None),) * (jacobian.ndim - array.data.ndim - len(row))
        return 0.0 if -1 in row + place else self.lift(jacobian[(*row, *rest, *place)])

    def _moved(self, y: Node, x: str, base: NDArray[Any], entry: Any, t: float) -> NDArray[Any]:
        """The value of y where this entry of x is greater by t."""
        value, saved = np.array(base, float), self.values
        value[entry] += t
        self.values = saved | self.rerun(x, value)
        try:
            return np.asarray(self.lower(self.value(y)))
        finally:
            self.values = saved

    def check_extremum(self, node: Node, found: Any) -> None:
        """`v = argmin_x J(x)` over a bound x: no small step away from v makes J better."""
        (name, *_), sign = binds(node), 1 if node.text == r"\argmin" else -1
        keep, v = self.values[name], np.asarray(self.lower(found))

        def objective(x: Any) -> Any:
            self.values[name] = Indexed(x) if np.ndim(x) else x[()]
            return sign * self.value(node.args[-1])

        try:
            if not notation.is_minimum(objective, v):
                raise FormulaError("a small step from the other side makes this better", node.start, node.end)
        finally:
            self.values[name] = keep


METHODS = {name[1:]: method for name, method in vars(Evaluator).items() if name[0] == "_" != name[1]}
