r"""The value of a parsed formula, found as a reader would: one index at a time, outer indices first.

Arrays without subscripts are matrices (those with one axis are columns), and quantities side by side are multiplied as
matrices.  In a *pointwise* formula arrays are functions of one place and everything is elementwise.  Nothing
broadcasts: shapes fit, or it is an error.
"""

import math
import statistics
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tex import FormulaError, Node

Rule = Callable[..., Any]
MOST = 10**6  # terms of a sum, and more than any page needs


# What an array is outside its range: the place from which the value is taken, -1 for zero.
BOUNDARIES: dict[str, Callable[[int, int], int]] = {
    "zero": lambda k, n: -1,
    "wrap": lambda k, n: k % n,
    "clamp": lambda k, n: min(max(k, 0), n - 1),
    "reflect": lambda k, n: min(k % (2 * n), 2 * n - 1 - k % (2 * n)),
    "mirror": lambda k, n: n - 1 - abs(n - 1 - k % max(2 * n - 2, 1)),
}


class Indexed:
    """An array with the index of its first entry on each axis, and what lies outside: an error, unless declared."""

    def __init__(self, data: Any, origin: tuple[int, ...] | None = None, outside: str = "strict") -> None:
        self.data: NDArray[Any] = np.asarray(data)
        self.origin, self.outside = origin or (0,) * self.data.ndim, outside

    def ranges(self) -> list[range]:
        """The indices of each axis."""
        return [range(o, o + n) for o, n in zip(self.origin, self.data.shape, strict=True)]

    def at(self, index: tuple[int, ...]) -> Any:
        """The entry at an index, or the part at the first indices."""
        if len(index) > self.data.ndim:
            raise IndexError(f"{len(index)} indices for an array with {self.data.ndim} axes")
        place = []
        for k, axis in zip(index, self.ranges(), strict=False):
            if k not in axis:
                if self.outside == "strict":
                    raise IndexError(f"index {k} is outside {axis.start}..{axis.stop - 1}")
                k = axis.start + BOUNDARIES[self.outside](k - axis.start, len(axis))
                if k < axis.start:
                    return 0.0 if len(index) == self.data.ndim else np.zeros(self.data.shape[len(index) :])
            place.append(k - axis.start)
        part = self.data[tuple(place)]
        return part if part.ndim == 0 else Indexed(part, self.origin[len(index) :], self.outside)


class Kink(FormulaError):
    """A function that is to be differentiated has no derivative at the place that was drawn."""


def derivative(f: Callable[[float], Any], x: float = 0.0, h: float = 2e-4) -> Any:
    """A fourth-order central difference; `Kink` where differences over two widths disagree."""
    near, far = f(x + h) - f(x - h), f(x + 2 * h) - f(x - 2 * h)
    if np.any(np.abs(2 * near - far) > 1e-3 * h * (1 + np.abs(far) / h)):
        raise Kink("the derivative does not exist at these values, or is very steep: draw others")
    return (8 * near - far) / (12 * h)


def same_place(word: str, a: Any, b: Any) -> None:
    if np.shape(a) != np.shape(b):
        raise ValueError(f"{word} of shapes {np.shape(a)} and {np.shape(b)}")


def hadamard(a: Any, b: Any) -> Any:
    same_place("Hadamard product", a, b)
    return a * b


def compose(f: Any, g: Any) -> Any:
    return lambda *x: f(g(*x))


def matrix_norm(a: Any, kind: Any = None) -> Any:
    """Of a vector the Euclidean norm, or the p-norm; of a matrix what its subscript says."""
    if np.ndim(a) == 2 and min(a.shape) > 1 and kind is None:
        raise ValueError(r"the norm of a matrix needs a subscript: \|A\|_F or \|A\|_2")
    return np.linalg.norm(a if kind == 2 else np.ravel(a), None if kind == "F" else kind)


def square(rule: Rule) -> Rule:
    def applied(a: Any) -> Any:
        if np.ndim(a) and a.shape[0] != a.shape[1]:
            raise ValueError(f"a matrix of shape {a.shape} is not square: it has no inverse")
        return rule(a)

    return applied


# The tables: what each symbol of `tex.SYMBOLS` computes.  The page of notation is made from them.
CONSTANTS: dict[str, Any] = {"e": math.e, r"\pi": math.pi, r"\infty": math.inf, r"\emptyset": ()}
CONSTANTS |= {r"\mathrmi": 1j}
FUNCTIONS: dict[str, Rule] = {
    **{rf"\{name}": getattr(np, name) for name in "exp log sin cos tan sinh cosh tanh".split()},
    **{rf"\arc{name}": getattr(np, f"arc{name}") for name in "sin cos tan".split()},
    r"\ln": np.log,
    r"\Re": np.real,
    r"\Im": np.imag,
    r"\operatornamesign": np.sign,
}
OF_MATRICES: dict[str, Rule] = {
    r"\det": np.linalg.det,
    r"\operatornamevec": lambda a: a.reshape(-1, 1, order="F"),
    r"\operatornamediag": lambda a: np.diag(a[:, 0] if a.shape[1] == 1 else a),
    r"\operatornametr": np.trace,
    r"\operatornamerank": np.linalg.matrix_rank,
}
REDUCERS: dict[str, Rule] = {
    r"\sum": sum,
    r"\prod": math.prod,
    r"\max": max,
    r"\min": min,
    r"\operatornamemean": lambda v: sum(v) / len(v),
    r"\operatornamemedian": statistics.median,
}
INFIX: dict[str, Rule] = {
    r"\odot": hadamard,
    r"\otimes": np.kron,
    r"\circ": compose,
    r"\bmod": lambda a, b: a % b,
}
TO_BIND = (
    "*",
    r"\star",
    r"\circledast",
    r"\oplus",
    r"\ominus",
)  # operations that mean what the page declares
POSTFIX: dict[str, Rule] = {
    "transpose": lambda a: a.T,
    "star": lambda a: np.conj(a).T,
    "pinv": np.linalg.pinv,
    "inverse": square(np.linalg.inv),
    "inverse_transpose": square(lambda a: np.linalg.inv(a).T),
}
RELATIONS: dict[str, Rule] = {
    **dict.fromkeys(
        ("=", r"\equiv", r"\coloneqq", r"\leftarrow"), lambda a, b: bool(np.all(np.isclose(a, b)))
    ),
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    r"\le": lambda a, b: a <= b,
    r"\ge": lambda a, b: a >= b,
    r"\ne": lambda a, b: not np.all(np.isclose(a, b)),
    r"\in": lambda a, b: a in b,
    r"\notin": lambda a, b: a not in b,
    r"\mid": lambda a, b: b % a == 0,
    r"\nmid": lambda a, b: b % a != 0,
}


def binds(node: Node) -> list[str]:
    """The names that a sum introduces."""
    return [n.text for b in node.args[:-1] for n in b.args[0].args]


def free_names(trees: list[Node]) -> dict[str, Node]:
    r"""The names that stand free in these trees, each with a place; in `\sum_{j \ne i}` another `i` frees this one."""

    def walk(node: Node, hidden: frozenset[str], conditions: bool) -> Iterator[Node]:
        if node.op == "name":
            yield from () if node.text in hidden else (node,)
            return
        if node.op == "reduce":
            lists = [b for b in node.args[:-1] if b.text != "where" or conditions]
            hidden |= {n.text for b in lists for n in b.args[0].args}
        for child in node.args[1:] if node.op == "binder" else node.args:
            yield from walk(child, hidden, conditions)

    found = {n.text: n for tree in trees for n in walk(tree, frozenset(), True)}
    for tree in trees:
        for n in walk(tree, frozenset(), False):
            if n.text in found:
                found.setdefault(n.text, n)
    return found


class Evaluator:
    """The rules, one method for each kind of node, and the values of the names."""

    def __init__(
        self, values: dict[str, Any], pointwise: bool, rerun: Callable[[str, Any], dict[str, Any]]
    ) -> None:
        self.values, self.pointwise, self.rerun = values, pointwise, rerun
        self.rules: dict[str, Callable[[Node], Any]] = {
            n[3:]: getattr(self, n) for n in dir(self) if n[:3] == "op_"
        }
        self.jacobians: dict[tuple[str, str], NDArray[Any]] = {}
        self.places: dict[tuple[str, int], list[tuple[Node, int]]] = {}
        self.reached: set[int] = set()  # the cases that have applied, by their place

    def __call__(self, node: Node) -> Any:
        try:
            return self.rules[node.op](node)
        except FormulaError as e:
            if not e.end:
                e.start, e.end = node.start, node.end
            raise
        except Exception as e:
            raise FormulaError(str(e) or type(e).__name__, node.start, node.end) from e

    # -- names, arrays and numbers -----------------------------------------------------------------------------
    def lift(self, v: Any) -> Any:
        """A stored array as a matrix, a matrix of one entry as a number."""
        v = v.data if isinstance(v, Indexed) else v
        if isinstance(v, np.ndarray) and not self.pointwise:
            v = v.reshape(-1)[0] if v.size == 1 else v[:, None] if v.ndim == 1 else v
        return v

    def lower(self, v: Any) -> Any:
        """A matrix as the array that Python expects: columns have one axis."""
        column = isinstance(v, np.ndarray) and v.ndim == 2 and v.shape[1] == 1 and not self.pointwise
        return v[:, 0] if column else v

    def look_up(self, node: Node) -> Any:
        v = self.values.get(node.text, CONSTANTS.get(node.text))
        if v is None:
            raise FormulaError(f"{node.text.replace(' ', '')} is not bound", node.start, node.end)
        return v

    def stored(self, node: Node) -> Any:
        """What is behind a node before it becomes a matrix: an array with its origin, a list, a function."""
        v = self.look_up(node) if node.op == "name" else self.lower(self(node))
        return Indexed(v) if isinstance(v, np.ndarray) else v

    def integer(self, node: Node) -> int:
        v = self(node)
        if isinstance(v, int):
            return v
        if callable(v) or np.ndim(v) or not np.isfinite(v) or abs(v - round(v.real)) > 1e-9:
            raise FormulaError("an index must be a whole number", node.start, node.end)
        return round(v.real)

    def op_name(self, node: Node) -> Any:
        return self.lift(self.look_up(node))

    def op_num(self, node: Node) -> Any:
        digits = node.text.replace("\\,", "").replace("{,}", "")
        return int(digits) if digits.isdigit() else float(digits)

    def op_tuple(self, node: Node) -> Any:
        return tuple(self(a) for a in node.args)

    op_set = op_tuple

    def op_index(self, node: Node) -> Any:
        base = self.stored(node.args[0])
        if isinstance(base, (list, tuple, dict)):
            part = base[self.integer(node.args[1])]
            return part if callable(part) else self.lift(np.asarray(part))
        if not isinstance(base, Indexed):
            raise ValueError("only an array has indices")
        places = split_indices(node.args[1:], base.data.ndim)
        return self.lift(base.at(tuple(self.integer(n) for n in places)))

    def op_call(self, node: Node) -> Any:
        fn = self.function(node.args[0])
        if isinstance(fn, Indexed):
            if len(node.args) - 1 != fn.data.ndim:
                raise ValueError(f"{len(node.args) - 1} arguments for an array with {fn.data.ndim} axes")
            return fn.at(tuple(self.integer(n) for n in node.args[1:]))
        return self.lift(fn(*(self.lower(self(a)) for a in node.args[1:])))

    def function(self, node: Node) -> Any:
        if node.op != "prime":
            return self.stored(node)
        f = self.function(node.args[0])
        return lambda x: derivative(lambda t: f(x + t))

    op_prime = function

    # -- arithmetic --------------------------------------------------------------------------------------------
    def both(self, node: Node, word: str = "") -> tuple[Any, Any]:
        a, b = self(node.args[0]), self(node.args[1])
        if word and not (self.pointwise and (np.ndim(a) == 0 or np.ndim(b) == 0)):
            same_place(word, a, b)
        return a, b

    def op_add(self, node: Node) -> Any:
        a, b = self.both(node, "sum")
        return a + b

    def op_sub(self, node: Node) -> Any:
        a, b = self.both(node, "difference")
        return a - b

    def op_neg(self, node: Node) -> Any:
        return -self(node.args[0])

    def op_mul(self, node: Node) -> Any:
        a, b = self.both(node)
        if callable(a):
            return compose(a, b) if callable(b) else self.lift(a(self.lower(b)))
        if np.ndim(a) == 0 or np.ndim(b) == 0:
            return a * b
        if self.pointwise:
            same_place("product", a, b)
            return a * b
        if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
            raise ValueError(f"matrix product of shapes {a.shape} and {b.shape}")
        return self.lift(a @ b)

    def op_div(self, node: Node) -> Any:
        a, b = self.both(node, "quotient" if self.pointwise else "")
        if np.ndim(b) and not self.pointwise:
            raise ValueError(f"a division by an array of shape {np.shape(b)}")
        return a / b

    def op_infix(self, node: Node) -> Any:
        rule = self.values.get(node.text)
        a, b = self.both(node)
        if rule:
            return self.lift(rule(self.lower(a), self.lower(b)))
        if node.text in INFIX:
            return INFIX[node.text](a, b)
        raise FormulaError(f"bind what {node.text} means: {node.text} = ...", *node.mark)

    def op_pow(self, node: Node) -> Any:
        a, b = self.both(node)
        if np.ndim(b) and not self.pointwise:
            raise ValueError("an exponent must be a number")
        if np.ndim(a) and not self.pointwise:
            return square(lambda m: np.linalg.matrix_power(m, b))(a)
        whole = isinstance(a, int) and isinstance(b, int) and 0 <= b <= 64
        return a**b if whole or isinstance(a, complex) or np.ndim(a) or np.iscomplexobj(a) else float(a) ** b

    def postfix(self, node: Node) -> Any:
        a = self(node.args[0])
        if callable(a):
            raise ValueError(f"bind what this means for an operator: {node.op} has no rule for functions")
        if np.ndim(a) == 0 or self.pointwise:
            if node.op not in ("star", "inverse"):
                raise ValueError(f"the {node.op.replace('_', ' ')} of a number")
            return np.conj(a) if node.op == "star" else 1 / a
        return self.lift(POSTFIX[node.op](a))

    op_transpose = op_star = op_inverse = op_inverse_transpose = op_pinv = postfix

    def op_conj(self, node: Node) -> Any:
        return self.lift(self.values.get(r"\overline", np.conj)(self(node.args[0])))

    def op_sqrt(self, node: Node) -> Any:
        a = self.number(node)
        return np.sqrt(a) if len(node.args) == 1 else a ** (1 / self(node.args[1]))

    def number(self, node: Node) -> Any:
        """The first argument, which must not be a matrix unless all is pointwise."""
        a = self(node.args[0])
        if np.ndim(a) == 2 and a.shape[1] > 1 and not self.pointwise:
            raise ValueError(
                f"{node.op} of a matrix of shape {a.shape}: if all is elementwise, the header says pointwise"
            )
        return a

    def op_function(self, node: Node) -> Any:
        if node.text in OF_MATRICES:
            return self.lift(OF_MATRICES[node.text](self(node.args[0])))
        base = np.log(self(node.args[1])) if len(node.args) > 1 else 1
        return FUNCTIONS[node.text](self.number(node)) / base

    def op_abs(self, node: Node) -> Any:
        a = self(node.args[0])
        if np.ndim(a) and not self.pointwise and isinstance(a, np.ndarray):
            raise ValueError(r"bars around a matrix: write \det A or \|A\|")
        return abs(a) if np.isscalar(a) or isinstance(a, np.ndarray) else len(a)

    def op_norm(self, node: Node) -> Any:
        kind = [self(n) if n.text != "F" else "F" for n in node.args[1:]]
        a = self(node.args[0])
        return matrix_norm(np.ravel(a) if self.pointwise and not kind else a, *kind)

    def op_inner(self, node: Node) -> Any:
        a, b = self.both(node)
        same_place("inner product", a, b)
        return np.sum(a * np.conj(b))

    def op_floor(self, node: Node) -> Any:
        return math.floor(self(node.args[0]))

    def op_ceil(self, node: Node) -> Any:
        return math.ceil(self(node.args[0]))

    def op_factorial(self, node: Node) -> Any:
        return math.factorial(min(self.integer(node.args[0]), MOST // 1000))

    def op_binom(self, node: Node) -> Any:
        n, k = (self.integer(a) for a in node.args)
        return math.comb(min(n, MOST // 1000), k)

    def op_matrix(self, node: Node) -> Any:
        rows = int(node.text)
        flat = [self(a) for a in node.args]
        table = [flat[r * len(flat) // rows : (r + 1) * len(flat) // rows] for r in range(rows)]
        return self.lift(np.block(table) if any(np.ndim(v) for v in flat) else np.array(table))

    # -- choices -----------------------------------------------------------------------------------------------
    def op_otherwise(self, node: Node) -> Any:
        return True

    def op_condition(self, node: Node) -> Any:
        return np.logical_and.reduce([self.op_chain(chain) for chain in node.args])

    def op_chain(self, node: Node) -> Any:
        """Whether all relations of a chain hold."""
        sides = [self(n) for n in node.args[::2]]
        pairs = zip(node.args[1::2], sides[:-1], sides[1:], strict=True)
        return np.logical_and.reduce([RELATIONS[rel.text](a, b) for rel, a, b in pairs])

    def op_cases(self, node: Node) -> Any:
        values, conditions = node.args[::2], node.args[1::2]
        tests = np.stack(np.broadcast_arrays(*(self(c) for c in conditions)))
        written = tests[:-1] if conditions[-1].op == "otherwise" else tests
        if np.any(np.sum(written, axis=0) > 1):
            raise ValueError("two cases apply at once")
        if not np.all(np.any(tests, axis=0)):
            raise ValueError("no case applies")
        tests[-1] &= ~np.any(tests[:-1], axis=0)
        self.reached |= {v.start for v, t in zip(values, tests, strict=True) if np.any(t)}
        if tests.ndim == 1:
            return self(values[int(np.argmax(tests))])
        return np.select(list(tests), [self(v) + np.zeros(tests[0].shape) for v in values])

    def op_extreme(self, node: Node) -> Any:
        values = [self(a) for a in node.args]
        rule = np.max if node.text == r"\max" else np.min
        return rule(values[0]) if len(values) == 1 else rule(np.broadcast_arrays(*values), axis=0)

    # -- sums, products, extrema -------------------------------------------------------------------------------
    def op_reduce(self, node: Node) -> Any:
        *binders, body = node.args
        names = binds(node)
        terms, places = [], []
        for place in self.loop(binders, body):
            terms.append(self(body))
            places.append(tuple(place.values()))
            if len(terms) > MOST:
                raise ValueError(f"a sum of more than {MOST} terms")
        if not node.text.startswith(r"\arg"):
            return REDUCERS[node.text](terms)
        best = (max if node.text == r"\argmax" else min)(range(len(terms)), key=terms.__getitem__)
        return places[best] if len(names) > 1 else places[best][0]

    def loop(
        self, binders: list[Node], body: Node, above: dict[str, int] | None = None
    ) -> Iterator[dict[str, int]]:
        """Set the indices to each place in turn: an inner bound may depend on an outer index."""
        above = above or {}
        if not binders:
            yield above
            return
        b, *rest = binders
        names = [n.text for n in b.args[0].args if b.text != "where" or n.text not in self.values]
        for name in names:
            if name in self.values and name not in above:
                raise FormulaError(
                    f"{name.replace(' ', '')} has a value outside: give this index another name",
                    b.start,
                    b.end,
                )
        try:
            for place in self.index_places(b, names, body):
                self.values.update(zip(names, place, strict=True))
                if b.text != "where" or self(b.args[1]):
                    yield from self.loop(rest, body, above | dict(zip(names, place, strict=True)))
        finally:
            for name in names:
                self.values.pop(name, None)

    def index_places(self, b: Node, names: list[str], body: Node) -> Iterator[tuple[int, ...]]:
        if b.text == "in":
            return ((m if isinstance(m, tuple) else (m,)) for m in self(b.args[1]))
        if b.text in ("list", "where"):
            return product(*(self.axis_range(name, [body], b) for name in names))
        low, high = (self.integer(n) for n in b.args[1:])
        run = range(low + (b.text.startswith("between <")), high + (not b.text.endswith(" <")))
        return product(run, repeat=len(names))

    def axis_range(self, name: str, trees: list[Node], where: Node) -> range:
        """The range of an index: that of the array axes on which it stands alone."""
        found = self.plain_ranges(name, trees)
        strict = {r for r, outside in found if outside == "strict"}
        if len(strict or {r for r, _ in found}) == 1:
            return (strict or {r for r, _ in found}).pop()
        if not found:
            raise FormulaError(
                f"{name.replace(' ', '')} is not bound, and no array has it as a plain index",
                where.start,
                where.end,
            )
        if not strict and {outside for _, outside in found} == {"zero"}:
            return range(min(r.start for r, _ in found), max(r.stop for r, _ in found))
        text = " and ".join(sorted(f"{r.start}..{r.stop - 1}" for r in strict))
        raise FormulaError(
            f"{name.replace(' ', '')} runs over {text}: write its range", where.start, where.end
        )

    def plain_ranges(self, name: str, trees: list[Node]) -> list[tuple[range, str]]:
        """The ranges of the axes on which an index stands alone, and what lies outside."""
        out = []
        for tree in trees:
            for base, axis in self.places.setdefault((name, id(tree)), list(plain_places(name, tree))):
                try:
                    array = self.stored(base)
                except FormulaError:  # it depends on an index that is not set yet
                    continue
                if isinstance(array, Indexed) and axis < array.data.ndim:
                    out.append((array.ranges()[axis], array.outside))
        return out

    # -- derivatives -------------------------------------------------------------------------------------------
    def op_partial(self, node: Node) -> Any:
        """The change of what stands above when the name below is moved, and all that depends on it is run again."""
        above, below = node.args
        x, index = named(below)
        base = self.look_up(x)
        array = base if isinstance(base, Indexed) else Indexed(base)
        if array.data.dtype.kind not in "fiu":
            raise ValueError("a derivative is taken in a real quantity")
        y, at = (
            named(above)
            if above.op in ("name", "index") and not callable(self.values.get(named(above)[0].text))
            else (above, ())
        )
        column: tuple[Any, ...] = self.place(array, index)
        if y is above and above.op != "name":  # an expression: its derivative in this entry only
            entries = [c for c in np.ndindex(array.data.shape) if c[: len(column)] == column]
            columns = [self.slope(y, x.text, array.data, c) for c in entries]
            return self.lift(
                np.stack(columns, -1).reshape(np.shape(columns[0]) + array.data.shape[len(column) :])
            )
        jacobian = self.jacobians.get((y.text, x.text))
        if jacobian is None:
            columns = [self.slope(y, x.text, array.data, c) for c in np.ndindex(array.data.shape)]
            jacobian = np.stack(columns, -1).reshape(np.shape(columns[0]) + array.data.shape)
            self.jacobians[y.text, x.text] = jacobian
        top = self.look_up(y)
        row = self.place(top, at) if isinstance(top, Indexed) else ()
        if -1 in row or -1 in column:
            return 0.0
        rest = (slice(None),) * (np.ndim(jacobian) - array.data.ndim - len(row))
        return self.lift(jacobian[(*row, *rest, *column)])

    def place(self, array: Indexed, index: tuple[Node, ...]) -> tuple[int, ...]:
        """Where an index lies in the array; -1 where a declared zero lies outside."""
        at = [self.integer(n) for n in split_indices(index, array.data.ndim)]
        ranges = array.ranges()[: len(at)]
        for k, r in zip(at, ranges, strict=True):
            if k not in r and array.outside != "zero":
                raise IndexError(f"index {k} is outside {r.start}..{r.stop - 1}")
        return tuple(k - r.start if k in r else -1 for k, r in zip(at, ranges, strict=True))

    def slope(self, y: Node, x: str, base: NDArray[Any], entry: tuple[int, ...]) -> NDArray[Any]:
        def moved(t: float) -> Any:
            value = np.array(base, float)
            value[entry] += t
            saved = self.values
            self.values = saved | self.rerun(x, value)
            try:
                return np.asarray(self.lower(self(y)), float)
            finally:
                self.values = saved

        return np.asarray(derivative(moved))

    def check_extremum(self, node: Node, found: Any) -> None:
        """`v = argmin_x J(x)` over a continuous x: no small step away from v makes J better."""
        name, body, sign = binds(node)[0], node.args[-1], 1 if node.text == r"\argmin" else -1
        keep, v, rng = self.values[name], np.asarray(self.lower(found)), np.random.default_rng(1)

        def objective(x: Any) -> Any:
            self.values[name] = Indexed(x) if np.ndim(x) else x[()]
            return sign * self(body)

        try:
            best = objective(v)
            if not np.isfinite(best):
                raise FormulaError("the objective is not finite here", node.start, node.end)
            for step, _ in product((1e-1, 1e-2, 1e-3, 1e-4), range(12)):
                d = rng.standard_normal(v.shape) + (
                    1j * rng.standard_normal(v.shape) if np.iscomplexobj(v) else 0
                )
                if min(objective(v + step * d), objective(v - step * d)) < best - 1e-12 * abs(best):
                    raise FormulaError(
                        "a small step from the left side makes this better", node.start, node.end
                    )
        finally:
            self.values[name] = keep


def split_indices(nodes: tuple[Node, ...], axes: int) -> tuple[Node, ...]:
    r"""`w_{ij}` and `h_{21}` for an array of two axes: one index written for each."""
    if len(nodes) != 1 or axes < 2:
        return nodes
    (only,) = nodes
    if only.op == "num" and len(only.text) == axes:
        return tuple(Node("num", (), d, only.start + k, only.start + k + 1) for k, d in enumerate(only.text))
    parts: list[Node] = []
    while only.op == "mul" and not only.text:
        parts.insert(0, only.args[1])
        only = only.args[0]
    return (only, *parts)


def plain_places(name: str, tree: Node) -> Iterator[tuple[Node, int]]:
    """The indexed quantities that have this name alone as an index, and on which axis."""
    for n in tree.walk():
        if n.op in ("index", "call") and n.text != "^":
            for axis, place in enumerate(split_indices(n.args[1:], 2)):
                if place.op == "name" and place.text == name:
                    yield n.args[0], axis


def named(node: Node) -> tuple[Node, tuple[Node, ...]]:
    if node.op in ("index", "call") and node.args[0].op == "name":
        return node.args[0], node.args[1:]
    if node.op != "name":
        raise FormulaError("a derivative is taken in a bound name", node.start, node.end)
    return node, ()
