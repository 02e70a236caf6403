r"""TeX to a tree: a tokenizer and a precedence parser.

The parser knows no mathematics beyond precedence.  It is told which *spellings* are bound (`\sigma_\eta`, `W^{(1)}`)
and which names are *called*, that is written with parentheses (`f(i,j)`).  Two rules settle what TeX leaves open: the
longest bound spelling wins, so `\sigma_\eta` is one name if it is bound, else `\sigma` with an index; and `f(...)`
applies `f` if `f` is called, else it is a product.  What readers could take in two ways is refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, NoReturn

from .notation import ALIASES, BRACKETS, DOTS, KIND, MACROS, OPERATION, STARTS, STRENGTH, SUPERSCRIPTS, TOKEN


class FormulaError(Exception):
    """One sentence for the writer, and the place that it is about; `str` is the whole message."""

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end
        self.source, self.path, self.line = "", "", 0

    def located(self, source: str, path: str, line: int) -> "FormulaError":
        """Say in which text the place is, unless that is known already."""
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


class Token(NamedTuple):
    """A piece of TeX: its kind, its text in one normal spelling, its place."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A piece of a formula: what it does, with what, and where it stands (`mark`: the operator alone)."""

    op: str
    args: tuple["Node", ...] = ()
    text: str = ""
    start: int = 0
    end: int = 0
    mark: tuple[int, int] = (0, 0)

    def walk(self) -> Iterator["Node"]:
        """Go through this node and all below it, in the order of the text."""
        ahead = [self]
        while ahead:
            yield (node := ahead.pop())
            ahead += node.args[::-1]

    def bare(self, *ops: str) -> bool:
        """Whether this is one of these operations, without parentheses around it."""
        return self.op in ops and bool(self.args) and self.args[0].start == self.start


def tokenize(tex: str) -> list[Token]:
    r"""Cut TeX into tokens; a `\quad` outside all brackets parts one statement from the next."""
    out, depth = list[Token](), 0
    for m in TOKEN.finditer(tex):
        text = re.sub(r"[\s{}*]", "", m.group()) if m.lastgroup in ("word", "phrase") else m.group()
        text = ALIASES.get(text, text)
        kind = KIND.get(text, m.lastgroup or "")
        if kind not in ("space", "silent") and not (depth and text in (r"\quad", r"\qquad")):
            out.append(Token(kind, text, *m.span()))
        if text not in ("|", r"\|"):
            depth += (kind == "open" or text == "{") - (kind == "close")
    out.append(Token("end", "", len(tex), len(tex)))
    beside = zip([out[-1], *out[:-1]], out, [*out[1:], out[-1]], strict=True)
    return [t for a, t, b in beside if t.text != "&" or "relation" not in (a.kind, b.kind)]


def spelling(tex: str) -> str:
    r"""The key of a name: `\hat{m}_{t}` and `\hat m_t` are one name."""
    return " ".join(t.text for t in tokenize(tex) if t.text not in ("{", "}", ""))


class _Parser:
    """A formula being read, token by token."""

    def __init__(self, tex: str, bound: set[str], called: set[str], sign: str) -> None:
        self.tex, self.bound, self.called, self.at = tex, set(bound), called, 0
        self.last = 0  # where the token before this one ends
        signs = {r"\pm": sign, r"\mp": "-" if sign == "+" else "+"}
        self.tokens = [t._replace(text=signs[t.text]) if t.text in signs else t for t in tokenize(tex)]
        self.closers = list[str]()  # what would close each bracket that is open

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token, self.at = self.token, min(self.at + 1, len(self.tokens) - 1)
        self.last = token.end
        return token

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.token.text in texts else None

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.unexpected(f"stands where {text} should")

    def fail(self, message: str, start: int | None = None) -> NoReturn:
        t = self.token
        raise FormulaError(message, *((t.start, t.end) if start is None else (start, self.last)))

    def unexpected(self, otherwise: str) -> NoReturn:
        """Say why the token here cannot stand here."""
        written = self.tex[self.token.start : self.token.end] or "the end"
        if self.token.text == r"\dots":
            self.fail(r"an ellipsis cannot be evaluated: write a sum with \sum, or bind a code check")
        known = self.token.kind not in ("command", "phrase") or self.token.text in KIND
        self.fail(f"{written} {otherwise}" if known else f"{written} is not notation that this book knows")

    def node(self, op: str, start: int, *args: Node, text: str = "", mark: tuple[int, int] = (0, 0)) -> Node:
        """A node that ends where we are."""
        return Node(op, args, text, start, self.last, mark)

    def formula(self) -> tuple[list[Node], list[Node]]:
        """The statements and the ranges of an equation; a line that begins with a relation goes on with the last."""
        statements, ranges = list[Node](), list[Node]()
        while self.token.kind != "end":
            start = self.token.start
            if self.token.kind in ("gap", "stop"):
                self.take()
            elif self.token.kind == "for":
                self.take()
                ranges += self.binders()
            else:
                above = statements.pop() if statements and self.token.kind == "relation" else None
                parts = self.chain(self.expression, above.args if above else ())
                if self.token.text == DOTS or (len(parts) == 5 and self.is_new(parts[2])):
                    ranges.append(self.binder(parts))
                elif len(parts) == 1:
                    self.fail("this states nothing: a relation such as = is missing", start)
                else:
                    statements.append(self.node("chain", above.start if above else start, *parts))
                if self.token.kind not in ("gap", "stop", "for", "end"):
                    self.unexpected("does not continue the formula")
        if not statements:
            raise FormulaError("there is no formula here", 0, len(self.tex))
        return statements, ranges

    def chain(self, side: Callable[[], Node], above: tuple[Node, ...] = ()) -> tuple[Node, ...]:
        """`side relation side relation ...`: the sides and the relations between them, in turn."""
        out = [*above] or [side()]
        while self.token.kind == "relation":
            t = self.take()
            out += [Node("relation", (), t.text, t.start, t.end), side()]
        return tuple(out)

    def is_new(self, n: Node) -> bool:
        """Whether this is a name, perhaps with primes or a subscript, that nothing has bound."""
        base = n.args[0] if n.op in ("prime", "index") else n
        return base.op == "name" and base.text not in self.bound

    def binders(self) -> list[Node]:
        r"""What a sum runs over; `:`, `and` and, in `\substack`, newlines part conditions."""
        out = [self.binder(self.chain(self.listed))]
        return out + self.binders() if self.accept(":", r"\\", r"\textand") else out

    def listed(self) -> Node:
        """`p` or `p, q`."""
        items = self.commas()
        return items[0] if len(items) == 1 else self.node("tuple", items[0].start, *items)

    def binder(self, parts: tuple[Node, ...]) -> Node:
        r"""The names that this introduces, then what bounds them: `i=0`, `k \in S`, `0 \le p, q < n`, `i \ne j`."""
        kind = {"": "list", "=": "from", r"\in": "in"}.get("".join(n.text for n in parts[1::2]), "where")
        sides = [n for side in parts[::2] for n in (side.args if side.op == "tuple" else (side,))]
        first = parts[0].args if parts[0].op == "tuple" else parts[:1]
        names = tuple(n for n in sides if self.is_new(n)) if kind == "where" else first
        if (not names and kind != "where") or any(n.op not in ("name", "prime", "index") for n in names):
            self.fail("this does not name an index", parts[0].start)
        named = tuple(Node("name", (), spelling(self.tex[n.start : n.end]), n.start, n.end) for n in names)
        self.bound |= {n.text for n in named}
        rest = (self.node("chain", parts[0].start, *parts),) if kind == "where" else parts[2:]
        if self.accept(DOTS):
            rest = (*rest, self.expression())
        return self.node("binder", parts[0].start, Node("names", named), *rest, text=kind)

    # -- expressions ------------------------------------------------------------------------------------------
    def expression(self, power: int = 0) -> Node:
        """Read on as long as the operators bind more strongly than `power`."""
        left = self.factor()
        while self.token.kind in STRENGTH or self.starts_factor():
            t, written = self.token, self.token.kind in STRENGTH
            strength = STRENGTH[t.kind if written else "product"]
            if strength <= power:
                break
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
        return left

    def refuse_ambiguous(self, node: Node) -> None:
        r"""`a/bc`, `a/b/c`, `a * b / c`, `a + b \bmod c`: precedence that readers do not share."""
        (left, right), mod = node.args, r"\bmod"
        same = node.text == left.text and node.text in ("*", r"\odot", r"\otimes", r"\circ")
        two_ways = node.op in ("div", "infix") and left.bare("div", "infix") and not same
        two_ways |= node.text in ("/", mod) and (right.bare("mul") or (node.text == mod and left.bare("mul")))
        two_ways |= node.op in ("add", "sub") and any(n.bare("infix") and n.text == mod for n in node.args)
        if two_ways:
            text = f"{self.tex[node.start : node.end]} can be read in two ways: write \\frac or parentheses"
            raise FormulaError(text, node.start, node.end)

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
        if not self.starts_factor() or t.kind == "reducer":
            self.unexpected("stands where a quantity should")
        self.take()
        if t.text.startswith(r"\begin"):
            return self.environment(t)
        if t.kind in ("number", "function"):
            return self.function(t) if t.kind == "function" else self.node("num", t.start, text=t.text)
        if t.text == r"\partial":
            return self.node("differential", t.start, *([] if self.token.text == "}" else [self.scripts(self.atom())]))
        if t.text == r"\nabla":
            return self.gradient(t)
        if t.text in MACROS:
            op, count = MACROS[t.text]
            root = self.items("]") if op == "sqrt" and self.accept("[") else ()
            args = [self.argument() for _ in range(count)]
            return self.quotient(t, *args) if op == "div" else self.node(op, t.start, *args, *root)
        return self.bracket(t)

    def items(self, close: str) -> tuple[Node, ...]:
        """The inside of a bracket that is already open, parted by commas."""
        self.closers.append(close)
        out = self.commas()
        self.closers.pop()
        self.expect(close)
        return tuple(out)

    def commas(self) -> list[Node]:
        out = [self.expression()]
        while self.token.text == "," and self.tokens[self.at + 1].kind in {*STARTS, "sum"}:
            self.take()
            out.append(self.expression())
        return out

    def bracket(self, t: Token) -> Node:
        r"""Parentheses group; `|.|`, `\|.\|`, `\lfloor.\rfloor`, `\langle.,.\rangle`, `\{.\}` mean something."""
        inner, op = self.items(BRACKETS[t.text][0]), BRACKETS[t.text][1]
        if op not in ("", "set") and len(inner) != 1 + (op == "inner"):
            self.fail(f"{t.text} cannot hold {len(inner)} quantities", t.start)
        if t.text == "{" and inner[0].bare("add", "sub"):
            self.fail("braces do not show on the page: write parentheses", t.start)
        if op or len(inner) > 1:
            return self.node(op or "tuple", t.start, *inner, mark=(t.start, t.end))
        return replace(inner[0], start=t.start, end=self.last)

    def argument(self) -> Node:
        r"""What follows a script or `\frac`: a group in braces, or one token."""
        t = self.token
        if self.accept("{"):
            inner = self.items("}")
            return inner[0] if len(inner) == 1 else Node("tuple", inner, "", inner[0].start, inner[-1].end)
        if t.kind == "number" and len(t.text) > 1:  # `\frac12`, `x_12`: one digit only
            self.tokens[self.at] = t._replace(text=t.text[1:], start=t.start + 1)
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
        self.at, self.last = best, self.tokens[best - 1].end
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
                raise FormulaError("something is missing here", t.start, t.end)

    # -- what follows a quantity ------------------------------------------------------------------------------
    def scripts(self, node: Node) -> Node:
        """Primes, factorials, subscripts, superscripts, and arguments in parentheses."""
        while True:
            t = self.token
            if t.text in ("'", "!"):
                self.take()
                node = self.node("prime" if t.text == "'" else "factorial", node.start, node, mark=(t.start, t.end))
            elif t.text == "(" and self.is_called(node):
                self.take()
                node = self.node("call", node.start, node, *self.items(")"))
            elif t.text in ("_", "^"):
                node = self.subscript(node) if t.text == "_" else self.superscript(node)
            else:
                return node

    def is_called(self, node: Node) -> bool:
        """`f(i, j)`, `f'(x)`, `(h * f)(i, j)`."""
        if node.op in ("prime", "index", "after"):
            return self.is_called(node.args[0])
        grouped = node.op == "infix" and not node.bare("infix") and node.text not in (r"\otimes", r"\odot")
        return grouped or (node.op == "name" and node.text in self.called)

    def subscript(self, node: Node) -> Node:
        r"""`x^2_i` is `x_i^2`; but `A^{-1}_{ij}` has two readings."""
        self.take()
        sub = self.argument()
        if node.bare("after"):
            self.fail("this can be read in two ways: write (A^{-1})_{ij} or (A_{ij})^{-1}", node.start)
        base = node.args[0] if node.bare("pow") else node
        sub = replace(sub, op="frobenius") if base.op == "norm" and sub.text == "F" else sub
        parts = (*base.args, sub) if base.op == "norm" else (base, *(sub.args if sub.op == "tuple" else (sub,)))
        indexed = self.node("norm" if base.op == "norm" else "index", base.start, *parts, text="_")
        return indexed if base is node else replace(node, args=(indexed, node.args[1]), end=self.last)

    def superscript(self, node: Node) -> Node:
        r"""A transpose, adjoint or inverse; a layer, `W^{(l)}`; else a power."""
        if node.bare("pow"):
            self.fail("two superscripts: use parentheses")
        mark, begin = self.take().start, self.at
        self.skip()
        word, inside = self.key(begin), [t.text for t in self.tokens[begin : self.at]]
        if word.replace(" ", "") in SUPERSCRIPTS and not (word.isalpha() and word in self.bound):
            return self.node("after", node.start, node, text=word.replace(" ", ""), mark=(mark, self.last))
        self.at = begin
        exponent = self.argument()
        if inside[:2] + inside[-2:] == ["{", "(", ")", "}"]:
            return self.node("index", node.start, node, exponent, text="^")
        return self.node("pow", node.start, node, exponent, mark=(mark, self.last))

    def quotient(self, t: Token, above: Node, below: Node) -> Node:
        r"""A fraction, or a derivative `\frac{\partial y_i}{\partial x_j}`, `\frac{\mathrm{d}}{\mathrm{d} x} f(x)`."""
        if "differential" not in (above.op, below.op):
            return self.node("div", t.start, above, below, text=r"\frac", mark=(t.start, t.end))
        if above.op != below.op or not below.args:
            self.fail("a derivative is \\partial y over \\partial x, and of the first order", t.start)
        return self.node("partial", t.start, *(above.args or [self.factor()]), *below.args)

    def gradient(self, t: Token) -> Node:
        r"""`\nabla_W L`; in `\nabla f(x)` the variable is the argument."""
        variable = self.argument() if self.accept("_") else None
        what = self.scripts(self.atom())
        if variable is None and (what.op != "call" or len(what.args) != 2):
            self.fail(r"a gradient needs its variable: write \nabla_W L", t.start)
        return self.node("partial", t.start, what, variable or what.args[1])

    def function(self, t: Token) -> Node:
        r"""`\exp(...)`, `\sin\theta`, `\log_{10} x`, `\cos^2 x`; an argument whose end is not plain is refused."""
        base = [self.argument()] if t.text == r"\log" and self.accept("_") else []
        power = self.argument() if self.accept("^") else None
        if power is not None and power.op == "neg":
            self.fail(f"{t.text}^{{-1}} can be read in two ways: name the inverse function, or write 1/", t.start)
        bracket = self.take() if self.token.text in ("(", "[", r"\{") else None
        argument = self.bracket(bracket) if bracket else self.factor()
        after = self.token
        spaced = argument.op != "num" and re.search(r"\\[,;: ]", self.tex[argument.end : after.start])
        goes_on = self.starts_factor() and after.kind != "function" and not spaced
        if after.text in ("^", "_") if bracket else after.text == "/" or goes_on:
            text = f"where does the argument of {t.text} end? Put it, or the whole, in parentheses"
            raise FormulaError(text, argument.start, argument.end)
        node = self.node("function", t.start, argument, *base, text=t.text, mark=(t.start, t.end))
        return self.node("pow", t.start, node, power) if power else node

    def reducer(self) -> Node:
        r"""A sum, a product, an extremum: what it runs over, then all that follows up to the next `+` or `-`."""
        t, known, binders = self.take(), set(self.bound), list[Node]()
        mark = (t.start, t.end)
        if self.token.text in ("(", r"\{") and t.text in (r"\max", r"\min"):
            inner = self.items(BRACKETS[self.take().text][0])
            return self.scripts(self.node("extreme", t.start, *inner, text=t.text, mark=mark))
        if self.accept("_"):
            braces = 0
            while self.accept("{"):  # two of them in a \\substack
                braces += 1
            binders = self.binders() if braces else [self.binder((self.atom(),))]
            for _ in range(braces):
                self.expect("}")
        if self.token.text == "^" and len(binders) == 1 and binders[0].text == "from":
            self.take()
            binders = [replace(binders[0], args=(*binders[0].args, self.argument()), end=self.last)]
        endless = not binders or any(b.text == "from" and len(b.args) != 3 for b in binders)
        if endless or self.token.text == "^" or not any(b.args[0].args for b in binders):
            self.fail(f"say what this runs over, from where and how far: {t.text}_{{i=0}}^{{n-1}}", t.start)
        strength = 0 if t.text.startswith(r"\arg") else STRENGTH["sum"]  # nobody adds to an argmin: it takes all
        body = self.expression(strength)
        self.bound = known
        return self.node("reduce", t.start, *binders, body, text=t.text, mark=mark)

    def environment(self, t: Token) -> Node:
        r"""A matrix, or `cases` of values and conditions."""
        end, rows = t.text.replace("begin", "end"), [list[Node]()]
        self.closers.append("")
        while not self.accept(end):
            if self.accept(r"\\"):
                rows.append([])
            elif not self.accept("&", ",", ".", ";"):
                rows[-1].append(self.cell())
        self.closers.pop()
        rows, op = [row for row in rows if row], "cases" if t.text == r"\begincases" else "matrix"
        paired = op == "matrix" or all(len(row) == 2 and row[1].op == "condition" for row in rows)
        if len({len(row) for row in rows}) != 1 or not paired:
            self.fail(f"the rows of this {op} do not fit together", t.start)
        return self.node(op, t.start, *(x for row in rows for x in row), text=str(len(rows)))

    def cell(self) -> Node:
        """An entry; beside a case chains of relations, all of which must hold, or `otherwise`, which is none."""
        start, chains = self.token.start, list[Node]()
        while not self.accept(r"\textotherwise", r"\textelse"):
            begin, parts = self.token.start, self.chain(self.expression)
            if len(parts) == 1:
                return parts[0]
            chains.append(self.node("chain", begin, *parts))
            if not (self.accept(r"\textand") or (self.token.text == "," and self.tokens[self.at + 1].kind in STARTS)):
                break
            self.accept(",")
        return self.node("condition", start, *chains)


def parse(tex: str, bound: set[str], called: set[str]) -> tuple[list[Node], list[Node]]:
    r"""The statements and ranges of an equation; with `\pm`, as they are with the upper, then with the lower signs."""
    upper, ranges = _Parser(tex, bound, called, "+").formula()
    lower = _Parser(tex, bound, called, "-").formula()[0] if r"\pm" in tex or r"\mp" in tex else []
    return upper + lower, ranges
