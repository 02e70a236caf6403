r"""The notation of the book: what each symbol of a formula is and computes, and what a binding may say.

The parser has the kinds of the symbols from here, the evaluator their rules, and `docs/reference/notation.md` is
written from the same tables, one row a symbol, each with an example that `pytest docs` evaluates.
"""

import functools
import keyword
import math
import operator
import re
import statistics
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rule = Callable[..., Any]
NUMBER = (int, float, complex, np.number)

# Words in braces stand here without them: \mathrm{T} is \mathrmT, \text{if} is \textif.
KINDS = r"""
name      \alpha \beta \gamma \delta \epsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi \rho \sigma \tau \phi
name      \varphi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega \ell
accent    \hat \bar \tilde \check \dot \ddot \vec \widehat \widetilde
close     ) ] \} \rvert \rVert \rangle \rfloor \rceil } \endmatrix \endpmatrix \endbmatrix \endcases
open      ( [ \{ | \| \lvert \lVert \langle \lfloor \lceil \beginmatrix \beginpmatrix \beginbmatrix \begincases
macro     \frac \binom \sqrt \overline \nabla \partial {
sum       + - \pm \mp
product   \cdot \times
infix     / * \star \circledast \oplus \ominus
relation  \approx
reducer   \argmax \argmin
for       \textfor \textforall \textforevery \textforeach \forall
gap       & \\ \quad \qquad \textwhere \textwith \beginaligned \endaligned \beginsplit \endsplit
dots      ,\dots,
stop      , . ; \textand
silent    \, \; \: \! \left \right \bigl \bigr \Bigl \Bigr \big \Big \displaystyle \limits \nonumber \notag
silent    \textif \substack
"""

SAME = r"""
,\ldots, ,\dots,  ,\cdots, ,\dots,
\leq \le  \geq \ge  \neq \ne  \gets \leftarrow  \dfrac \frac  \tfrac \frac  \dbinom \binom  \varepsilon \epsilon
\ldots \dots  \cdots \dots  \vdots \dots  \ddots \dots  \operatornameargmax \argmax  \operatornameargmin \argmin
\arg\max \argmax  \arg\min \argmin  \mathrmT \top  \mathsfT \top  \mathrmH H  \mathrmd \partial  \mathrme e
"""
ALIASES = dict(zip(SAME.split()[::2], SAME.split()[1::2], strict=True))
BRACKETS = {  # what closes each, and what the two mean together
    "(": (")", ""),
    "[": ("]", ""),
    "{": ("}", ""),
    r"\{": (r"\}", "set"),
    "|": ("|", "abs"),
    r"\|": (r"\|", "norm"),
    r"\lvert": (r"\rvert", "abs"),
    r"\lVert": (r"\rVert", "norm"),
    r"\langle": (r"\rangle", "inner"),
    r"\lfloor": (r"\rfloor", "floor"),
    r"\lceil": (r"\rceil", "ceil"),
}
MACROS = {r"\frac": ("div", 2), r"\binom": ("binom", 2), r"\sqrt": ("sqrt", 1), r"\overline": ("conj", 1)}
MOST = 10**6  # terms of one sum: more than any page needs
STRENGTH = {"sum": 10, "infix": 20, "product": 30}  # how strongly an operator binds
OPERATION = {"+": "add", "-": "sub", "/": "div", r"\cdot": "mul", r"\times": "mul"}  # any other is "infix"
STARTS = {"name", "word", "accent", "number", "function", "reducer", "macro", "open"}  # what begins a quantity


DOTS = r",\dots,"  # between the ends of a range
TOKEN = re.compile(
    r"""(?P<space>\s+|~|%[^\n]*|\\label\s*\{[^{}]*\}|\\\\\s*&(?:\s|\\q?quad\b|\{\}|\\[,;:!])*(?=[+-]))
    | (?P<phrase>\\(?:begin|end|text)\s*\{[^{}]*\})
    | (?P<word>\\(?:operatorname\*?|math(?:bf|rm|cal|bb|sf|it)|boldsymbol)
               \s*(?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9]) | \\arg\s*\\m(?:ax|in)\b | ,\s*\\[lc]?dots\s*,)
    | (?P<number>\d+(?:(?:\\,|\{,\})\d{3})*(?:\.\d+)?)
    | (?P<command>\\(?:[A-Za-z]+|.)) | (?P<name>[A-Za-z]) | (?P<symbol>.)""",
    re.S | re.X,
)


# -- rules that need more than a line -----------------------------------------------------------------------------
def alike(pointwise: bool, what: str, a: Any, b: Any) -> bool:
    """Refuse two arrays whose shapes differ; a number goes with any array where all is pointwise."""
    if isinstance(a, NUMBER) and isinstance(b, NUMBER):
        return True
    if np.shape(a) != np.shape(b) and not (pointwise and 0 in (np.ndim(a), np.ndim(b))):
        raise ValueError(f"{what} of shapes {np.shape(a)} and {np.shape(b)}")
    return True


def column(a: Any) -> Any:
    """A matrix as the array that Python expects: columns have one axis."""
    return a[:, 0] if isinstance(a, np.ndarray) and a.ndim == 2 and a.shape[1] == 1 else a


def times(pointwise: bool, a: Any, b: Any) -> Any:
    """Two quantities side by side: numbers, matrices, functions, or a function and what it is applied to."""
    if isinstance(a, NUMBER) and isinstance(b, NUMBER):
        return a * b
    if callable(a):
        return (lambda *x: a(b(*x))) if callable(b) else a(b if pointwise else column(b))
    if pointwise or 0 in (np.ndim(a), np.ndim(b)):
        return alike(True, "product", a, b) and a * b
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[0]:
        raise ValueError(f"matrix product of shapes {a.shape} and {b.shape}")
    return a @ b


def power(pointwise: bool, a: Any, b: Any) -> Any:
    """A power of a number, of each entry, or a whole power of a square matrix."""
    if isinstance(a, NUMBER) and isinstance(b, NUMBER):
        whole = isinstance(a, int) and isinstance(b, int) and 0 <= b <= 64
        return a**b if whole or isinstance(a, complex | np.complexfloating) else float(a) ** b
    if np.ndim(a) and not pointwise:
        return square(partial(np.linalg.matrix_power, n=operator.index(b)))(a)
    alike(pointwise, "power", 0, b)
    return a**b if np.ndim(a) or np.iscomplexobj(a) else float(a) ** b


def square(rule: Rule) -> Rule:
    """A rule for square matrices alone."""

    def applied(a: Any) -> Any:
        if np.ndim(a) and a.shape[0] != a.shape[1]:
            raise ValueError(f"a matrix of shape {a.shape} is not square")
        return rule(a)

    return applied


def of_matrix(pointwise: bool, a: Any, rule: Rule, of_number: Rule | None) -> Any:
    """A transpose, adjoint or inverse; numbers have only some of them, functions none."""
    if callable(a) or ((np.ndim(a) == 0 or pointwise) and of_number is None):
        raise ValueError(f"a {'function' if callable(a) else 'number'} has none: bind the whole as a name")
    return of_number(a) if of_number and (np.ndim(a) == 0 or pointwise) else rule(a)


def norm(pointwise: bool, a: Any, kind: Any = None) -> Any:
    """The norm of a vector; of a matrix, what the subscript says."""
    matrix = np.ndim(a) == 2 and min(a.shape) > 1 and not pointwise
    if matrix and kind is None:
        raise ValueError(r"the norm of a matrix needs a subscript: \|A\|_F or \|A\|_2")
    return np.linalg.norm(a if matrix and kind != "F" else np.ravel(a), None if kind == "F" else kind)


def magnitude(pointwise: bool, a: Any) -> Any:
    """The absolute value of a number, of each entry, or how many members a set has."""
    if isinstance(a, np.ndarray) and a.ndim and not pointwise:
        raise ValueError(r"bars around a matrix: write \det A or \|A\|")
    return len(a) if isinstance(a, tuple | list | set | frozenset | range) else abs(a)


def elementary(rule: Rule, pointwise: bool, a: Any) -> Any:
    """A function of a number, or of each entry of a vector."""
    if np.ndim(a) == 2 and a.shape[1] > 1 and not pointwise:
        raise ValueError("a function of a matrix: if all is elementwise, say pointwise in the header")
    return rule(a)


def extreme(rule: Rule, pointwise: bool, *values: Any) -> Any:
    r"""`\max(a, b)` at each place, `\max(x)` of all entries."""
    return rule(values[0]) if len(values) == 1 else rule(np.stack(np.broadcast_arrays(*values)), axis=0)


class Kink(ArithmeticError):
    """A function that is to be differentiated has no derivative at the place that was drawn."""


def derivative(f: Callable[[float], Any], here: Any, h: float = 2e-4) -> Any:
    """The slope of f at 0, where it is `here`, by a fourth-order difference; `Kink` where two widths disagree."""
    after, before = f(h), f(-h)
    near, far, bend = after - before, f(2 * h) - f(-2 * h), after + before - 2 * here
    size = h + np.abs(far)
    if ((np.abs(2 * near - far) > 1e-3 * size) | (np.abs(bend) > 0.05 * size)).any():
        raise Kink("the derivative does not exist at these values: draw others")
    return (8 * near - far) / (12 * h)


def shown(name: str) -> str:
    """A spelling as a message shows it."""
    return re.sub(r"(\\[A-Za-z]+ (?=[A-Za-z]))| ", lambda m: m[1] or "", name)


@functools.cache
def number(text: str) -> int | float:
    """A number as it is printed, thousands parted or not."""
    digits = re.sub(r"\\,|\{,\}", "", text)
    return int(digits) if digits.isdigit() else float(digits)


def is_number(v: Any) -> bool:
    """Whether this is a number or an array of numbers, and not a set or a place."""
    return isinstance(v, NUMBER) or (isinstance(v, np.ndarray) and v.dtype.kind in "biufc")


def largest(values: list[Any]) -> float:
    """The largest magnitude among the numbers and the arrays of numbers; 1 where there are none."""
    sizes = []
    for v in values:
        if isinstance(v, NUMBER):
            sizes.append(np.abs(v))
        elif is_number(v) and v.size:
            sizes.append(np.max(np.abs(v)))
    return max(map(float, sizes), default=1.0)


def every(test: Any) -> bool:
    """Whether a test is true, or true everywhere: `np.all`, but quick where there is one place alone."""
    return bool(test.all() if isinstance(test, np.ndarray) else test)


def half_unit(printed: str, value: Any) -> Any:
    """Half of the last place of a printed number, at the size of the value that it begins."""
    places = len(printed.partition(".")[2])
    return 0.5000001 * 10.0**-places * np.abs(value) / number(printed)


def is_minimum(objective: Callable[[Any], Any], v: Any) -> bool:
    """Whether no small step away from v makes the objective less, and some step makes it more."""
    rng, best, worst = np.random.default_rng(1), objective(v), -math.inf
    for size in np.repeat((1e-1, 1e-2, 1e-3, 1e-4), 12):
        step = size * rng.standard_normal(v.shape)
        step = step + 1j * size * rng.standard_normal(v.shape) if np.iscomplexobj(v) else step
        sides = objective(v + step), objective(v - step)
        worst = max(worst, *sides)
        if not min(sides) >= best - 1e-12 * abs(best):
            return False
    return bool(worst > best)


def holds(relation: str, u: Any, v: Any, limit: Any) -> tuple[Any, Any]:
    """Whether a relation holds between two values, and where they are nearer than the limit."""
    if not is_number(u) or not is_number(v) or relation.endswith("mid"):
        sets = isinstance(u, set | frozenset) or isinstance(v, set | frozenset)
        try:
            if relation in EQUALITIES:
                return set(u) == set(v) if sets else tuple(u) == tuple(v), False
            return RELATIONS[relation](u, v), False
        except TypeError:  # a number and a set, say
            return False, False
    near = np.abs(u - v) <= limit
    if relation in (*EQUALITIES, r"\approx"):
        return near, near
    return (RELATIONS[relation](u, v) & ~near) | (near & (relation in (r"\le", r"\ge"))), near


# -- the tables: what each symbol computes ------------------------------------------------------------------------
CONSTANTS: dict[str, Any] = {"e": math.e, r"\pi": math.pi, r"\infty": math.inf, r"\emptyset": (), r"\mathrmi": 1j}
FUNCTIONS: dict[str, Rule] = {
    **{rf"\{name}": partial(elementary, getattr(np, name)) for name in ("exp", "sin", "cos", "tan")},
    **{rf"\{name}": partial(elementary, getattr(np, name)) for name in ("arcsin", "arccos", "arctan")},
    **{rf"\{name}": partial(elementary, getattr(np, name)) for name in ("sinh", "cosh", "tanh")},
    r"\ln": partial(elementary, np.log),
    r"\log": lambda p, a, base=math.e: elementary(np.log, p, a) / np.log(base),
    r"\Re": partial(elementary, np.real),
    r"\Im": partial(elementary, np.imag),
    r"\operatornamesign": partial(elementary, np.sign),
    r"\det": lambda p, a: square(np.linalg.det)(a),
    r"\operatornamevec": lambda p, a: a.reshape(-1, order="F"),
    r"\operatornamediag": lambda p, a: np.diag(column(a)),
    r"\operatornametr": lambda p, a: square(np.trace)(a),
    r"\operatornamerank": lambda p, a: np.linalg.matrix_rank(a),
}
REDUCERS: dict[str, Rule] = {
    r"\sum": sum,
    r"\prod": math.prod,
    r"\max": max,
    r"\min": min,
    r"\operatornamemean": lambda terms: sum(terms) / len(terms),
    r"\operatornamemedian": statistics.median,
}
EXTREMES: dict[str, Rule] = {r"\max": partial(extreme, np.max), r"\min": partial(extreme, np.min)}
INFIX: dict[str, Rule] = {
    r"\odot": lambda a, b: alike(False, "Hadamard product", a, b) and a * b,
    r"\otimes": np.kron,
    r"\circ": lambda f, g: lambda *x: f(g(*x)),
    r"\bmod": operator.mod,
}
SUPERSCRIPTS: dict[str, Rule] = {
    r"\top": lambda p, a: of_matrix(p, a, np.transpose, None),
    "*": lambda p, a: of_matrix(p, a, lambda m: np.conj(m).T, np.conj),
    r"\dagger": lambda p, a: of_matrix(p, a, np.linalg.pinv, None),
    "-1": lambda p, a: of_matrix(p, a, square(np.linalg.inv), lambda x: 1 / x),
    r"-\top": lambda p, a: of_matrix(p, a, square(lambda m: np.linalg.inv(m).T), None),
}
SUPERSCRIPTS |= {"T": SUPERSCRIPTS[r"\top"], "H": SUPERSCRIPTS["*"], "+": SUPERSCRIPTS[r"\dagger"]}
EQUALITIES = ("=", r"\equiv", r"\coloneqq", r"\leftarrow")
RELATIONS: dict[str, Rule] = {
    **dict.fromkeys(EQUALITIES, np.isclose),
    "<": np.less,
    ">": np.greater,
    r"\le": np.less_equal,
    r"\ge": np.greater_equal,
    r"\ne": np.not_equal,
    r"\in": lambda a, b: a in b,
    r"\notin": lambda a, b: not isinstance(a, set | list) and a not in b,
    r"\mid": lambda a, b: b % a == 0,
    r"\nmid": lambda a, b: b % a != 0,
}
RULES: dict[str, Rule] = {  # what is built from other quantities, which are evaluated first
    "add": lambda p, a, b: alike(p, "sum", a, b) and a + b,
    "sub": lambda p, a, b: alike(p, "difference", a, b) and a - b,
    "neg": lambda p, a: -a,
    "mul": times,
    "div": lambda p, a, b: alike(p, "quotient", a if p else 0, b) and a / b,
    "pow": power,
    "sqrt": lambda p, a, n=2: elementary(np.sqrt, p, a) if n == 2 else power(p, a, 1 / n),
    "abs": magnitude,
    "norm": norm,
    "frobenius": lambda p: "F",
    "inner": lambda p, a, b: alike(False, "inner product", a, b) and np.sum(a * np.conj(b)),
    "floor": lambda p, a: math.floor(a),
    "ceil": lambda p, a: math.ceil(a),
    "factorial": lambda p, n: math.factorial(min(operator.index(n), 1000)),
    "binom": lambda p, n, k: math.comb(min(operator.index(n), 1000), operator.index(k)),
    "tuple": lambda p, *a: a,
    "set": lambda p, *a: frozenset(a),
    "condition": lambda p, *a: np.logical_and.reduce(a),
}
# What four of the rules come to where both are single numbers: most of what a sum evaluates.
OF_NUMBERS: dict[str, Rule] = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv}
SCALARS = {int, float, complex, np.float64, np.complex128, np.int64}
TABLES = {"function": FUNCTIONS, "extreme": EXTREMES, "after": SUPERSCRIPTS}  # rules by symbol, not by operation
for _kind, _table in {"name": CONSTANTS, "function": FUNCTIONS, "reducer": REDUCERS}.items():
    KINDS += "".join(f"{_kind} {symbol}\n" for symbol in _table)
for _kind, _table in {"infix": INFIX, "relation": RELATIONS}.items():
    KINDS += "".join(f"{_kind} {symbol}\n" for symbol in _table)
KIND = {s: row.split()[0] for row in KINDS.strip().splitlines() for s in row.split()[1:]} | {"\\ ": "silent"}

# What a symbol is mistaken for.
PAIRS = r"\sum \prod \sin \cos \max \min \argmax \argmin \in \notin \mid \nmid < \le > \ge + - \pm \mp"
MISTAKEN = dict(zip(PAIRS.split()[::2], PAIRS.split()[1::2], strict=True))
MISTAKEN |= {b: a for a, b in MISTAKEN.items()}
TURNED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}

# -- the words of a binding ---------------------------------------------------------------------------------------
DRAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    "real": lambda rng, shape: rng.standard_normal(shape),
    "cplx": lambda rng, shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape),
    "positive": lambda rng, shape: rng.uniform(0.3, 2.0, shape),
    "integer": lambda rng, shape: rng.integers(1, 10, shape),
}
# What an array is outside its range: the place, from 0, where the value is taken; -1 where there is none.
BOUNDARIES: dict[str, Callable[[int, int], int]] = {
    "strict": lambda k, n: -1,
    "zero": lambda k, n: -1,
    "wrap": lambda k, n: k % n,
    "clamp": lambda k, n: min(max(k, 0), n - 1),
    "reflect": lambda k, n: min(k % (2 * n), 2 * n - 1 - k % (2 * n)),
    "mirror": lambda k, n: n - 1 - abs(n - 1 - k % max(2 * n - 2, 1)),
}


def python_name(tex: str) -> str:
    r"""`\hat L` is hat_L, `\theta_{t-1}` theta_tm1, `x'` x_prime, `A^*` A_star; `*` alone asterisk."""
    for a, b in (
        (r"\top", "T"),
        ("'", " prime"),
        ("*", " star " if tex != "*" else "asterisk"),
        ("-", "m"),
        ("+", "p"),
    ):
        tex = tex.replace(a, b)
    name = "_".join(re.findall(r"[A-Za-z0-9]+", re.sub(r"\\(operatorname|math\w+|text|boldsymbol)\b", "", tex)))
    return "n" * name[:1].isdigit() + name + "_" * keyword.iskeyword(name)


class Indexed:
    """An array with the index of its first entry on each axis, and what lies outside: an error, unless declared."""

    def __init__(self, data: Any, origin: tuple[int, ...] | None = None, outside: str = "strict") -> None:
        self.data: NDArray[Any] = np.asarray(data)
        self.origin, self.outside = origin or (0,) * self.data.ndim, outside
        self.axes = tuple(zip(self.origin, self.data.shape, strict=True))

    def ranges(self) -> list[range]:
        """The indices of each axis."""
        return [range(first, first + n) for first, n in self.axes]

    def place(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """Where in the data an index lies; with a -1 where zero lies outside."""
        if len(index) > self.data.ndim:
            raise IndexError(f"{len(index)} indices for an array with {self.data.ndim} axes")
        places = []
        for k, (first, n) in zip(index, self.axes, strict=False):
            place = k - first
            if not 0 <= place < n:
                if self.outside == "strict":
                    raise IndexError(f"index {k} is outside {first}..{first + n - 1}")
                place = BOUNDARIES[self.outside](place, n)
            places.append(place)
        return tuple(places)

    def at(self, index: tuple[int, ...]) -> Any:
        """The entry at an index, or the part at the first indices."""
        place = self.place(index)
        part = self.data[place] if -1 not in place else np.zeros(self.data.shape[len(index) :])
        return part if part.ndim == 0 else Indexed(part, self.origin[len(index) :], self.outside)


class Draw:
    """`real[5, 7]`, `real[-2:3]`: an array of random numbers on these indices; alone, one random number."""

    def __init__(self, draw: Callable[[tuple[int, ...]], Any]) -> None:
        self.draw = draw

    def __getitem__(self, axes: Any) -> Indexed:
        spans = [a if isinstance(a, slice) else slice(0, a) for a in (axes if isinstance(axes, tuple) else (axes,))]
        origin = tuple(s.start or 0 for s in spans)
        return Indexed(self.draw(tuple(s.stop - o for s, o in zip(spans, origin, strict=True))), origin)


class Each(list[Any]):
    """The values that a name runs over."""


def words(rng: np.random.Generator, known: dict[int, Indexed], complex_too: bool) -> dict[str, Any]:
    """What right sides may say; `known` finds the indices of an array that Python holds without them."""

    def indexed(a: Any) -> Indexed:
        return a if isinstance(a, Indexed) else known.get(id(a)) or Indexed(a)

    def at(first: int | tuple[int, ...], a: Any) -> Indexed:
        old = indexed(a)
        return Indexed(old.data, first if isinstance(first, tuple) else (first,) * old.data.ndim, old.outside)

    def kept(how: str) -> Callable[[Any], Indexed]:
        return lambda a: Indexed(indexed(a).data, indexed(a).origin, how)

    def drawn(name: str) -> Draw:
        return Draw(lambda shape: DRAWS["cplx" if complex_too and name == "real" else name](rng, shape))

    makers = {name: drawn(name) for name in DRAWS} | {how: kept(how) for how in BOUNDARIES}
    support = lambda a: list(product(*indexed(a).ranges()))
    return {"np": np, "rng": rng, **makers, "at": at, "each": Each, "support": support}
