r"""TeX to a tree: a tokenizer and a precedence parser.

The parser knows no mathematics beyond precedence.  It is told which *spellings* are bound (`\sigma_\eta`, `W^{(1)}`,
`\theta_{t-1}`) and which names are *called*, that is written with parentheses (`f(i,j)`).  Two rules settle what TeX
leaves open: the longest bound spelling wins, so `\sigma_\eta` is one name if it is bound, else `\sigma` with an index;
and `f(...)` applies `f` if `f` is called, else it is a product.  What readers could take in two ways is refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

# Every symbol, by kind.  Without braces and spaces: \mathrm{T} stands here as \mathrmT, \text{for all} as \textforall.
SYMBOLS = r"""
name      \alpha \beta \gamma \delta \epsilon \zeta \eta \theta \kappa \lambda \mu \nu \xi \pi \rho \sigma \tau \phi
name      \varphi \chi \psi \omega \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega \ell \infty \emptyset
accent    \hat \bar \tilde \check \dot \ddot \vec \widehat \widetilde
function  \exp \ln \log \sin \cos \tan \arcsin \arccos \arctan \sinh \cosh \tanh \det \Re \Im \operatornamevec
function  \operatornamediag \operatornametr \operatornamerank \operatornamesign
reducer   \sum \prod \max \min \argmax \argmin \operatornamemean \operatornamemedian
relation  = \approx \equiv \coloneqq \leftarrow < \le > \ge \ne \in \notin \mid \nmid
sum       + -
infix     / \odot \otimes \circ \bmod * \star \circledast \oplus \ominus
product   \cdot \times
macro     \frac \binom \sqrt \overline \nabla {
matrix    \beginmatrix \beginpmatrix \beginbmatrix \begincases
open      ( [ \{ | \| \lvert \lVert \langle \lfloor \lceil
close     ) ] \} \rvert \rVert \rangle \rfloor \rceil } \endmatrix \endpmatrix \endbmatrix \endcases
if        \textif \textand
otherwise \textotherwise \textelse
for       \textfor \textforall \textforevery \textforeach \forall
gap       \\ \quad \qquad \textwhere \textwith \beginaligned \endaligned \beginsplit \endsplit
stop      , . ;
silent    \, \; \: \! \left \right \bigl \bigr \Bigl \Bigr \big \Big \displaystyle \limits \nonumber \notag
"""
KIND = {s: row.split()[0] for row in SYMBOLS.strip().splitlines() for s in row.split()[1:]} | {
    "\\ ": "silent"
}
ALIASES = dict(
    pair.split("=")
    for pair in [
        r"\leq=\le",
        r"\geq=\ge",
        r"\neq=\ne",
        r"\dfrac=\frac",
        r"\tfrac=\frac",
        r"\dbinom=\binom",
        r"\gets=\leftarrow",
        r"\mathrmH=H",
        r"\ldots=\dots",
        r"\cdots=\dots",
        r"\vdots=\dots",
        r"\ddots=\dots",
        r"\arg\max=\argmax",
        r"\arg\min=\argmin",
        r"\operatornameargmax=\argmax",
        r"\operatornameargmin=\argmin",
        r"\mathrmT=\top",
        r"\mathsfT=\top",
        r"\mathrmd=d",
        r"\mathrme=e",
        r"\varepsilon=\epsilon",
    ]
)
CLOSE = dict(
    zip(
        [r"(", r"[", r"\{", r"|", r"\|", r"\lvert", r"\lVert", r"\langle", r"\lfloor", r"\lceil", r"{"],
        [r")", r"]", r"\}", r"|", r"\|", r"\rvert", r"\rVert", r"\rangle", r"\rfloor", r"\rceil", r"}"],
        strict=True,
    )
)
FENCES = dict(
    zip(
        [r"\{", r"|", r"\|", r"\lvert", r"\lVert", r"\langle", r"\lfloor", r"\lceil"],
        ["set", "abs", "norm", "abs", "norm", "inner", "floor", "ceil"],
        strict=True,
    )
)
SUPERSCRIPTS = {
    r"\top": "transpose",
    "T": "transpose",
    "*": "star",
    "H": "star",
    r"\dagger": "pinv",
    "+": "pinv",
}
SUPERSCRIPTS |= {"- 1": "inverse", r"- \top": "inverse_transpose", "- T": "inverse_transpose"}
STRENGTH = {"sum": 10, "infix": 20, "product": 30}  # how strongly an operator binds
OPERATION = {"+": "add", "-": "sub", "/": "div", r"\cdot": "mul", r"\times": "mul"}  # any other is an "infix"
STARTS = {"name", "word", "accent", "number", "function", "reducer", "macro", "matrix", "open"}
TOKEN = re.compile(
    r"""(?P<space>\s+|~|%[^\n]*|\\label\s*\{[^{}]*\}|\\\\\s*&(?:\s|\\q?quad\b|\{\}|\\[,;:!])*(?=[+-]))
    | (?P<word>\\(?:begin|end|text|operatorname\*?|math(?:bf|rm|cal|bb|sf|it)|boldsymbol)
               \s*(?:\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9]) | \\arg\s*\\m(?:ax|in)\b)
    | (?P<number>\d+(?:(?:\\,|\{,\})\d{3})*(?:\.\d+)?)
    | (?P<command>\\(?:[A-Za-z]+|.)) | (?P<name>[A-Za-z]) | (?P<symbol>.)""",
    re.S | re.X,
)


class FormulaError(Exception):
    """One sentence for the writer, and the place that it is about; `str` is the whole message."""

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end
        self.source, self.path, self.line = "", "", 0

    def located(self, source: str, path: str, line: int) -> "FormulaError":
        """Say where the TeX stands, unless that is known already."""
        if not self.path:
            self.source, self.path, self.line = source, path, line
        return self

    def __str__(self) -> str:
        start = min(self.start, len(self.source.rstrip()))
        first = self.source.rfind("\n", 0, start) + 1
        row = self.source[first:].partition("\n")[0]
        carets = " " * (start - first) + "^" * max(1, min(self.end, first + len(row)) - start)
        line = self.line + self.source.count("\n", 0, first)
        return f"{self.path}:{line}: {self.message}\n    {row}\n    {carets}" if self.path else self.message


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of TeX: its kind, its text in one normal spelling, its place."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A piece of a formula: what it does, with what, and where it is written (`mark`: the operator alone)."""

    op: str
    args: tuple["Node", ...] = ()
    text: str = ""
    start: int = 0
    end: int = 0
    mark: tuple[int, int] = (0, 0)

    def walk(self) -> Iterator["Node"]:
        """Go through this node and all below it, in the order of the text."""
        yield self
        for child in self.args:
            yield from child.walk()

    def bare(self, *ops: str) -> bool:
        """Whether this is one of these operations, without parentheses around it."""
        return self.op in ops and bool(self.args) and self.args[0].start == self.start


def tokenize(tex: str) -> list[Token]:
    """Cut TeX into tokens; a `\\quad` outside all brackets parts one statement from the next."""
    out: list[Token] = []
    depth = 0
    for m in TOKEN.finditer(tex):
        kind, text = m.lastgroup or "", m.group()
        if kind == "word":
            text = re.sub(r"[\s{}*]", "", text)
        text = ALIASES.get(text, text)
        kind = KIND.get(text, kind)
        if kind not in ("space", "silent") and not (depth and text in (r"\quad", r"\qquad")):
            out.append(Token(kind, text, m.start(), m.end()))
        if text not in ("|", r"\|"):
            depth += (text == "{" or kind in ("open", "matrix")) - (kind == "close")
    return [*out, Token("end", "", len(tex), len(tex))]


def spelling(tex: str) -> str:
    r"""The key of a name: `\hat{m}_{t}` and `\hat m_t` are one name."""
    return " ".join(t.text for t in tokenize(tex) if t.text not in ("{", "}", ""))


class Parser:
    """A formula being read, token by token."""

    def __init__(self, tex: str, bound: set[str], called: set[str], sign: str = "+") -> None:
        self.tex, self.bound, self.called = tex, set(bound), called
        signs = {r"\pm": sign, r"\mp": "-" if sign == "+" else "+"}
        self.tokens = [
            replace(t, kind="sum", text=signs[t.text]) if t.text in signs else t for t in tokenize(tex)
        ]
        self.at = 0
        self.closers: list[str] = []  # what would close each bracket that is open

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def last(self) -> int:
        """Where the token before this one ends."""
        return self.tokens[self.at - 1].end if self.at else 0

    def ahead(self, count: int) -> list[str]:
        return [t.text for t in self.tokens[self.at : self.at + count]]

    def take(self) -> Token:
        token = self.token
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.token.text in texts else None

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.fail(f"expected {text} here, found {self.token.text or 'the end'}")

    def fail(self, message: str, start: int | None = None) -> NoReturn:
        t = self.token
        raise FormulaError(message, *((t.start, t.end) if start is None else (start, self.last)))

    def unexpected(self, otherwise: str) -> NoReturn:
        """Say why the token here cannot stand here."""
        t = self.token
        if t.text == r"\dots":
            self.fail(r"an ellipsis cannot be evaluated: write a sum with \sum, or bind a code check")
        written = self.tex[t.start : t.end] or "the end"
        known = t.kind in ("end", "name", "number", "symbol") or t.text in KIND
        self.fail(f"{written} {otherwise}" if known else f"{written} is not notation that this book knows")

    def node(self, op: str, start: int, *args: Node, text: str = "", mark: tuple[int, int] = (0, 0)) -> Node:
        """A node that ends where we are."""
        return Node(op, args, text, start, self.last, mark)

    # -- statements -------------------------------------------------------------------------------------------
    def formula(self) -> tuple[list[Node], list[Node]]:
        """The statements and the ranges of an equation; a line that begins with a relation continues the last."""
        statements: list[Node] = []
        ranges: list[Node] = []
        while self.token.kind != "end":
            start = self.token.start
            if self.token.kind in ("gap", "stop") or self.token.text in ("&", r"\textand"):
                self.take()
            elif self.token.kind == "for":
                self.take()
                ranges += self.binders()
            elif self.token.kind == "relation" and statements:
                above = statements.pop()
                statements.append(
                    self.node("chain", above.start, *above.args, *self.chain(self.expression, True))
                )
            else:
                parts = self.chain(self.expression)
                names_index = parts[-3:][0].op == "name" and parts[-3:][0].text not in self.bound
                if (len(parts) == 3 and self.ahead(2) == [",", r"\dots"]) or (
                    self.is_range(parts) and names_index
                ):
                    ranges.append(self.binder(parts))
                elif len(parts) == 1:
                    self.fail("this states nothing: a relation such as = is missing", start)
                else:
                    statements.append(self.node("chain", start, *parts))
                if not (
                    self.token.kind in ("gap", "stop", "end", "for") or self.token.text in ("&", r"\textand")
                ):
                    self.unexpected("does not continue the formula")
        if not statements:
            raise FormulaError("there is no formula here", 0, len(self.tex))
        return statements, ranges

    def chain(self, side: Callable[[], Node], continued: bool = False) -> list[Node]:
        """`side relation side relation ...`: the sides and the relations between them, in turn."""
        out = [] if continued else [side()]
        while self.token.kind == "relation" or (
            self.token.text == "&" and self.tokens[self.at + 1].kind == "relation"
        ):
            self.accept("&")
            t = self.take()
            self.accept("&")
            out += [Node("relation", (), t.text, t.start, t.end), side()]
        return out

    # -- the indices of sums ----------------------------------------------------------------------------------
    def binders(self) -> list[Node]:
        r"""What a sum runs over; `:`, `and` and, in `\substack`, newlines part conditions."""
        out = [self.binder(self.chain(self.listed))]
        while self.accept(":", r"\\", r"\textand"):
            out.append(self.binder(self.chain(self.listed)))
        return out

    def listed(self) -> Node:
        """`p` or `p, q`."""
        items = [self.expression()]
        while self.token.text == "," and self.tokens[self.at + 1].kind in STARTS:
            self.take()
            items.append(self.expression())
        return items[0] if len(items) == 1 else self.node("tuple", items[0].start, *items)

    def is_range(self, parts: list[Node]) -> bool:
        r"""`0 \le p < n`, but not `i < j < k`, in which all three are indices."""
        upward = len(parts) == 5 and {parts[1].text, parts[3].text} <= {"<", r"\le"}
        return upward and not (parts[0].op == "name" and parts[0].text not in self.bound)

    def binder(self, parts: list[Node]) -> Node:
        """The names that this introduces, then what bounds them; `text` says how."""
        relations, start = [n.text for n in parts[1::2]], parts[0].start
        named, kind, rest = parts[0], "list", parts[2:]
        if relations == ["="]:
            kind = "from"
            if self.ahead(2) == [",", r"\dots"]:
                self.take(), self.take(), self.expect(",")
                rest = [*rest, self.expression()]
        elif relations == [r"\in"]:
            kind = "in"
        elif self.is_range(parts):
            named, kind, rest = parts[2], "between " + " ".join(relations), [parts[0], parts[4]]
        elif relations:
            new = {
                n.text: n
                for side in parts
                for n in side.walk()
                if n.op == "name" and n.text not in self.bound
            }
            return self.node(
                "binder",
                start,
                Node("names", tuple(new.values())),
                self.node("chain", start, *parts),
                text="where",
            )
        names = tuple(self.declared(n) for n in (named.args if named.op == "tuple" else (named,)))
        return self.node("binder", start, Node("names", names), *rest, text=kind)

    def declared(self, n: Node) -> Node:
        """The name of an index may have primes or a subscript, `i'`, `k_1`: from here on that is one spelling."""
        if n.op not in ("name", "prime", "index"):
            raise FormulaError("this is not the name of an index", n.start, n.end)
        key = spelling(self.tex[n.start : n.end])
        if n.op != "name":
            self.bound.add(key)
        return Node("name", (), key, n.start, n.end)

    # -- expressions ------------------------------------------------------------------------------------------
    def expression(self, power: int = 0) -> Node:
        """Read on as long as the operators bind more strongly than `power`."""
        left = self.factor()
        while True:
            t, written = self.token, self.token.kind in STRENGTH
            if not written and not self.starts_factor():
                return left
            strength = STRENGTH[t.kind if written else "product"]
            if strength <= power:
                return left
            if written:
                self.take()
            elif t.text == "[" and left.end == t.start:
                self.fail("square brackets do not index in a formula: write a subscript")
            elif t.kind == self.tokens[self.at - 1].kind == "number":
                self.fail("two numbers side by side")
            right = self.expression(strength)
            op, mark = (OPERATION.get(t.text, "infix"), (t.start, t.end)) if written else ("mul", (0, 0))
            left = Node(op, (left, right), t.text if written else "", left.start, right.end, mark)
            self.refuse_ambiguous(left)

    def refuse_ambiguous(self, node: Node) -> None:
        r"""`a/bc`, `a/b/c`, `a * b / c`, `a + b \bmod c`: precedence that readers do not share."""
        left, right = node.args
        same = node.text == left.text and node.text in ("*", r"\odot", r"\otimes", r"\circ")
        two_ways = node.op in ("div", "infix") and left.bare("div", "infix") and not same
        two_ways |= (node.text in ("/", r"\bmod") and right.bare("mul")) or (
            node.text == r"\bmod" and left.bare("mul")
        )
        two_ways |= node.op in ("add", "sub") and any(
            n.bare("infix") and n.text == r"\bmod" for n in node.args
        )
        if two_ways:
            how = r"\frac or parentheses" if "/" in (node.text, left.text) else "parentheses"
            raise FormulaError(
                f"{self.tex[node.start : node.end]} can be read in two ways: write {how}", *node.mark
            )

    def starts_factor(self) -> bool:
        closes = self.token.text in ("|", r"\|") and self.closers[-1:] == [self.token.text]
        return self.token.kind in STARTS and not closes

    def factor(self) -> Node:
        """A signed product, a sum over indices, or a quantity with its scripts."""
        t = self.token
        if t.kind == "sum":
            self.take()
            inner = self.expression(STRENGTH["sum"])
            return Node("neg", (inner,), "", t.start, inner.end, (t.start, t.end)) if t.text == "-" else inner
        return self.reducer() if t.kind == "reducer" else self.scripts(self.atom())

    def atom(self) -> Node:
        """A quantity without scripts."""
        t = self.token
        if t.kind in ("name", "word", "accent") or (t.text in self.bound and t.kind == "function"):
            return self.name()
        if not self.starts_factor():
            self.unexpected("stands where a quantity should")
        if t.kind == "function":
            return self.function()
        self.take()
        match t.text:
            case r"\frac":
                return self.fraction(t)
            case r"\nabla":
                return self.gradient(t)
            case r"\sqrt":
                root = self.items("]") if self.accept("[") else ()
                return self.node("sqrt", t.start, self.argument(), *root, mark=(t.start, t.end))
            case r"\binom":
                return self.node("binom", t.start, self.argument(), self.argument(), mark=(t.start, t.end))
            case r"\overline":
                return self.node("conj", t.start, self.argument(), mark=(t.start, t.end))
        if t.kind == "number":
            return self.node("num", t.start, text=t.text)
        return self.environment(t) if t.kind == "matrix" else self.bracket(t)

    def items(self, close: str) -> tuple[Node, ...]:
        """The inside of a bracket that is already open, parted by commas."""
        self.closers.append(close)
        out = [self.expression()]
        while self.accept(","):
            out.append(self.expression())
        self.closers.pop()
        self.expect(close)
        return tuple(out)

    def bracket(self, t: Token) -> Node:
        r"""Parentheses group; `|.|`, `\|.\|`, `\lfloor.\rfloor`, `\langle.,.\rangle`, `\{.\}` mean something."""
        inner = self.items(CLOSE[t.text])
        op = FENCES.get(t.text) or ("tuple" if len(inner) > 1 else "")
        if op not in ("", "tuple", "set") and len(inner) != 1 + (op == "inner"):
            self.fail(f"{t.text} cannot hold {len(inner)} quantities", t.start)
        if t.text == "{" and inner[0].bare("add", "sub"):
            self.fail("braces do not show on the page: write parentheses", t.start)
        if op:
            return self.node(op, t.start, *inner, mark=(t.start, t.end))
        return replace(inner[0], start=t.start, end=self.last)

    def argument(self) -> Node:
        r"""What follows a script or `\frac`: a group in braces, or one token."""
        t = self.token
        if self.accept("{"):
            inner = self.items("}")
            return inner[0] if len(inner) == 1 else Node("tuple", inner, "", inner[0].start, inner[-1].end)
        if t.kind == "number" and len(t.text) > 1:  # `\frac12`, `x_12`: one digit only
            self.tokens[self.at] = replace(t, text=t.text[1:], start=t.start + 1)
            return Node("num", (), t.text[0], t.start, t.start + 1)
        return self.atom()

    def name(self) -> Node:
        """A letter with its accents; then the longest run of scripts that is bound as one spelling."""
        begin, start = self.at, self.token.start
        self.skip()
        best = self.at
        while self.token.text in ("_", "^", "'"):
            if self.take().text != "'":
                self.skip()
            if self.key(begin) in self.bound:
                best = self.at
        self.at = best
        return self.node("name", start, text=self.key(begin))

    def key(self, begin: int) -> str:
        """The spelling of all tokens from `begin` up to here."""
        return " ".join(t.text for t in self.tokens[begin : self.at] if t.text not in ("{", "}"))

    def skip(self) -> None:
        """Pass over one token or one group in braces, with the accents before it."""
        depth, t = 0, self.token
        while depth or t is self.token or t.kind == "accent":
            t = self.take()
            depth += (t.text == "{") - (t.text == "}")
            if t.kind == "end" or depth < 0:
                self.unexpected("comes too early")

    # -- what follows a quantity ------------------------------------------------------------------------------
    def scripts(self, node: Node) -> Node:
        """Primes, factorials, subscripts, superscripts, and arguments in parentheses."""
        while True:
            t = self.token
            if t.text == "(" and self.is_called(node):
                self.take()
                node = self.node("call", node.start, node, *self.items(")"))
            elif t.text in ("'", "!"):
                self.take()
                node = self.node(
                    "prime" if t.text == "'" else "factorial", node.start, node, mark=(t.start, t.end)
                )
            elif t.text == "_":
                node = self.subscript(node)
            elif t.text == "^":
                node = self.superscript(node)
            else:
                return node

    def is_called(self, node: Node) -> bool:
        if node.op in ("prime", "index", "star"):
            return self.is_called(node.args[0])
        grouped = node.op == "infix" and not node.bare("infix") and node.text not in (r"\otimes", r"\odot")
        return grouped or (node.op == "name" and node.text in self.called)  # (h * f)(i, j), f(i, j)

    def subscript(self, node: Node) -> Node:
        r"""`x^2_i` is `x_i^2`; but `A^{-1}_{ij}` has two readings."""
        self.take()
        sub = self.argument()
        if node.bare(*SUPERSCRIPTS.values()):
            self.fail("this can be read in two ways: write (A^{-1})_{ij} or (A_{ij})^{-1}", node.start)
        base = node.args[0] if node.bare("pow") else node
        if base.op == "norm":
            indexed = self.node("norm", base.start, base.args[0], sub, mark=base.mark)
        else:
            indexed = self.node(
                "index", base.start, base, *(sub.args if sub.op == "tuple" else (sub,)), text="_"
            )
        return (
            indexed if base is node else self.node("pow", node.start, indexed, node.args[1], mark=node.mark)
        )

    def superscript(self, node: Node) -> Node:
        r"""A transpose, adjoint or inverse; a layer, `W^{(l)}`; else a power."""
        if node.bare("pow"):
            self.fail("two superscripts: use parentheses")
        mark, begin = self.take().start, self.at
        self.skip()
        word, inside = self.key(begin), [t.text for t in self.tokens[begin : self.at]]
        if word in SUPERSCRIPTS and word not in self.bound:
            return self.node(SUPERSCRIPTS[word], node.start, node, mark=(mark, self.last))
        self.at = begin
        exponent = self.argument()
        if inside[:2] + inside[-2:] == ["{", "(", ")", "}"]:
            return self.node("index", node.start, node, exponent, text="^")
        return self.node("pow", node.start, node, exponent, mark=(mark, self.last))

    # -- constructions ----------------------------------------------------------------------------------------
    def fraction(self, t: Token) -> Node:
        r"""A quotient, or a derivative `\frac{\partial y_i}{\partial x_j}`, `\frac{d}{dx} f(x)`."""
        brace, d = self.ahead(2)
        if brace != "{" or (d != r"\partial" and (d != "d" or "d" in self.bound)):
            return self.node(
                "div", t.start, self.argument(), self.argument(), text=r"\frac", mark=(t.start, t.end)
            )
        parts: list[Node] = []
        for place in ("above", "below"):
            self.expect("{"), self.expect(d)
            if self.token.text == "^":
                self.fail("a higher derivative is not evaluated: differentiate a first one that has a name")
            if place == "below" or self.token.text != "}":
                parts.append(self.scripts(self.atom()))
            self.expect("}")
        mark = (t.start, self.last)
        return self.node("partial", t.start, *([] if len(parts) == 2 else [self.factor()]), *parts, mark=mark)

    def gradient(self, t: Token) -> Node:
        r"""`\nabla_W L`; in `\nabla f(x)` the variable is the argument."""
        variable = self.argument() if self.accept("_") else None
        what = self.scripts(self.atom())
        if variable is None and what.op == "call" and len(what.args) == 2:
            variable = what.args[1]
        if variable is None:
            self.fail(r"a gradient needs its variable: write \nabla_W L", t.start)
        return self.node("partial", t.start, what, variable, mark=(t.start, t.end))

    def function(self) -> Node:
        r"""`\exp(...)`, `\sin\theta`, `\log_{10} x`, `\cos^2 x`; an argument whose end is not plain is refused."""
        t = self.take()
        base = [self.argument()] if t.text == r"\log" and self.accept("_") else []
        power = self.argument() if self.accept("^") else None
        if power is not None and power.op == "neg":
            self.fail(
                f"{t.text}^{{-1}} can be read in two ways: name the inverse function, or write 1/", t.start
            )
        bracket = self.take() if self.token.text in ("(", "[", r"\{") else None
        argument = self.bracket(bracket) if bracket else self.factor()
        after = self.token
        spaced = argument.op != "num" and re.search(r"\\[,;: ]", self.tex[argument.end : after.start])
        goes_on = self.starts_factor() and after.kind != "function" and not spaced
        if (bracket and after.text in ("^", "_")) or (not bracket and (after.text == "/" or goes_on)):
            text = f"where does the argument of {t.text} end? Put it, or the whole, in parentheses"
            raise FormulaError(text, argument.start, argument.end)
        node = self.node("function", t.start, argument, *base, text=t.text, mark=(t.start, t.end))
        return self.node("pow", t.start, node, power) if power else node

    def reducer(self) -> Node:
        r"""A sum, a product, an extremum: what it runs over, then all that follows up to the next `+` or `-`."""
        t, known = self.take(), set(self.bound)
        mark, binders = (t.start, self.last), list[Node]()
        if self.token.text in ("(", r"\{") and t.text in (r"\max", r"\min"):
            return self.scripts(
                self.node("extreme", t.start, *self.items(CLOSE[self.take().text]), text=t.text, mark=mark)
            )
        if self.ahead(2) == ["_", "{"]:
            self.take(), self.take()
            stacked = self.accept(r"\substack") and self.accept("{")
            binders = self.binders()
            self.expect("}")
            if stacked:
                self.expect("}")
        elif self.accept("_"):
            binders = [self.binder([self.atom()])]
        if self.token.text == "^" and len(binders) == 1 and binders[0].text == "from":
            self.take()
            binders = [replace(binders[0], args=(*binders[0].args, self.argument()))]
        if (
            not binders
            or any(b.text == "from" and len(b.args) < 3 for b in binders)
            or self.token.text == "^"
        ):
            self.fail(
                rf"say what this runs over, from where and how far: {self.tex[slice(*mark)]}_{{i=0}}^{{n-1}}",
                t.start,
            )
        body = self.expression(
            0 if t.text.startswith(r"\arg") else STRENGTH["sum"]
        )  # nobody adds to an argmin
        self.bound = known
        return self.node("reduce", t.start, *binders, body, text=t.text, mark=mark)

    def environment(self, t: Token) -> Node:
        r"""A matrix, or `cases` of values and conditions."""
        cases, end = t.text == r"\begincases", t.text.replace("begin", "end")
        self.closers.append("")
        rows: list[list[Node]] = [[]]
        while not self.accept(end):
            if self.accept(r"\\"):
                rows.append([])
            elif not self.accept("&"):
                rows[-1].append(self.condition() if cases and rows[-1] else self.expression())
                cases and self.accept(",")
        self.closers.pop()
        rows = [row for row in rows if row]
        if len({len(row) for row in rows}) != 1 or (cases and len(rows[0]) != 2):
            self.fail("the rows have different lengths", t.start)
        return self.node(
            "cases" if cases else "matrix", t.start, *(x for r in rows for x in r), text=str(len(rows))
        )

    def condition(self) -> Node:
        """What stands beside a case: chains of relations, all of which must hold, or `otherwise`."""
        start, chains = self.token.start, list[Node]()
        while self.token.kind in ("if", "stop", "otherwise"):
            if self.take().kind == "otherwise":
                return self.node("otherwise", start)
        while self.token.text not in (r"\\", r"\endcases"):
            begin, parts = self.token.start, self.chain(self.expression)
            if len(parts) < 3:
                self.fail("a case needs a condition", begin)
            chains.append(self.node("chain", begin, *parts))
            while self.token.kind in ("if", "stop"):
                self.take()
        return self.node("condition", start, *chains)


def parse(tex: str, bound: set[str], called: set[str]) -> tuple[list[Node], list[Node]]:
    r"""The statements and ranges of an equation; with `\pm`, as they are with the upper, then with the lower signs."""
    statements, ranges = Parser(tex, bound, called).formula()
    if r"\pm" in tex or r"\mp" in tex:
        statements += Parser(tex, bound, called, "-").formula()[0]
    return statements, ranges
