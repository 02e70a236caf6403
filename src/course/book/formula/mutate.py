r"""The small ways to misprint a formula.  The tree says where, the text is what changes: a misprint is TeX again, and
is read and evaluated as the page would.  One that stays green is a hole in the check, or is equal by algebra.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from .binding import Scene
from .evaluate import binds, free_names, split_indices
from .notation import CONSTANTS, INFIX, MISTAKEN, TURNED, Indexed
from .tex import Node

Edit = tuple[int, int, str]  # from, to, and the new text
Edits = tuple[str, list[Edit]]  # what was done
Use = tuple[Node, Node | None, frozenset[str]]  # a node, the one above, the indices that it may use


class Mutant(NamedTuple):
    """A misprint: what was done, the whole formula, and the part that changed, before and after."""

    what: str
    tex: str
    old: str
    new: str


def one_line(tex: str) -> str:
    """TeX without its label and the white space that means nothing."""
    return " ".join(re.sub(r"\\label\{[^}]*\}", "", tex).split())


def misprint(tex: str, edits: list[Edit]) -> str:
    r"""The text after some edits; `\cos` and `x` never join to `\cosx`."""
    for start, end, new in sorted(edits, reverse=True):
        parts = [tex[:start], new, tex[end:]] if new else [tex[:start], tex[end:]]
        glue = [" " * bool(re.search(r"\\[A-Za-z]+$", a) and b[:1].isalpha()) for a, b in pairwise(parts)]
        tex = "".join(a + b for a, b in zip(parts, [*glue, ""], strict=True))
    return tex


def mutants(tex: str, scene: Scene) -> Iterator[Mutant]:
    """Every misprint of a formula, once."""
    seen = {"".join(tex.split())}
    statements, ranges = scene.read(tex)
    uses = [use for part in (*statements, *ranges) for use in walk(part, None, frozenset(free_names(part)))]
    for node, parent, names in uses:
        for what, changed in (*edits(tex, node, parent, scene), *swapped_names(tex, node, names, uses, scene)):
            new = misprint(tex, changed)
            key = "".join(new.split())
            if key not in seen:
                seen.add(key)
                part = parent if parent and node.op == "binder" else node
                after = new[part.start : len(new) - len(tex) + part.end]
                yield Mutant(what, new, one_line(tex[part.start : part.end]), one_line(after))


def walk(node: Node, parent: Node | None, names: frozenset[str]) -> Iterator[Use]:
    """Every node with the one above it and the indices that it may use."""
    if node.op == "reduce":
        names |= frozenset(binds(node))
    yield node, parent, names
    for child in node.args:
        yield from walk(child, node, names)


def edits(tex: str, node: Node, parent: Node | None, scene: Scene) -> Iterator[Edits]:
    """What may go wrong at a node."""

    def source(n: Node) -> str:
        return tex[n.start : n.end]

    def put(n: Node, new: str) -> Edit:
        """Write something else for a node, with braces where a script or fraction had one sign alone."""
        alone = tex[n.start - 1] in "_^" or (parent and parent.text == r"\frac" and tex[n.start - 1] != "{")
        return (n.start, n.end, f"{{{new}}}" if alone and len(new) > 1 else new)

    def exchange(a: Node, b: Node) -> list[Edit]:
        return [put(a, source(b)), put(b, source(a))]

    args, mark = node.args, node.mark
    written = tex[slice(*mark)]
    match node.op:
        case "add" | "sub":
            yield "sign flipped", [(*mark, MISTAKEN[written])]
            yield "term dropped", [(mark[0], args[1].end, "")]
        case "after" | "prime" | "factorial" | "neg" | "pow" if mark != (0, 0):
            yield f"{written} dropped", [(*mark, "")]
        case "index" | "call" if not callable(scene.worlds[0].values.get(args[0].text)):
            places = split_indices(args[1:], 2)
            close = len(places) > len(args) - 1  # w_{ij}, h_{21}: written without commas
            for p in places:
                for step in ("+1", "-1"):
                    digit = f"{int(p.text) + int(step)}" if close and p.op == "num" else f"({source(p)}{step})"
                    yield "index shifted", [put(p, digit if close else source(p) + step)]
            for a, b in pairwise(places):
                yield "indices swapped", exchange(a, b)
        case "binder" if node.text in ("from", "where"):
            bounds = args[1:] if node.text == "from" else args[1].args[::2]
            for bound in (n for n in bounds if n.text not in {name.text for name in args[0].args} and n.op != "tuple"):
                for step in ("+1", "-1"):
                    yield "bound moved", [put(bound, source(bound) + step)]
        case "mul":
            yield "factor dropped", [(args[0].start, args[1].start, "")]
            yield "factor dropped", [(args[0].end, args[1].end, "")]
        case "div":
            wrapped = f"({source(args[0])})" if node.text == "/" and args[0].op == "mul" else source(args[0])
            yield "fraction inverted", [put(args[0], source(args[1])), put(args[1], wrapped)]
            yield "denominator dropped", [put(args[1], "1")]
            yield "numerator dropped", [put(args[0], "1")]
        case "partial" | "binom" | "infix" | "cases" if node.text not in (r"\odot", r"\oplus"):
            yield "exchanged", exchange(args[0], args[2 if node.op == "cases" else 1])
        case "conj" | "sqrt" | "abs" | "norm":
            yield f"{node.op} dropped", [(node.start, node.end, f"({source(args[0])})")]
        case "reduce" | "extreme" | "function" | "relation" if node.text in MISTAKEN:
            start, end = mark if node.op != "relation" else (node.start, node.end)
            strict = "strict and non-strict exchanged" if node.op == "relation" else "other symbol"
            yield strict, [(start, end, MISTAKEN[node.text])]
            if node.text in TURNED:
                yield "relation turned", [(start, end, TURNED[node.text])]
        case "floor" | "ceil":
            other = {"floor": "ceil", "ceil": "floor"}[node.op]
            sides = (node.start, args[0].start), (args[0].end, node.end)
            yield "floor and ceiling exchanged", [(a, b, tex[a:b].replace(node.op, other)) for a, b in sides]
        case "num":
            digits = float(re.sub(r"\\,|\{,\}", "", node.text))
            yield "number changed", [put(node, f"{digits + 1:.15g}")]
        case "name":
            v = scene.worlds[0].values.get(node.text)
            beside = parent is None or parent.op in ("mul", "infix", "chain", "add", "sub", "inner", "neg")
            if isinstance(v, Indexed) and v.data.ndim < 3 and beside and "pointwise" not in scene.b.options:
                yield "transpose added", [(node.end, node.end, r"^{\top}")]


def kind_of(name: str, scene: Scene) -> tuple[Any, ...]:
    """Names that a writer may take for one another are used in the same way."""
    v = scene.worlds[0].values.get(name)
    if isinstance(v, Indexed):
        return ("array", v.data.ndim, name in scene.called)
    if v is None:
        return ("constant", name) if name in {*CONSTANTS, *INFIX, "/"} else ("index",)
    return ("function",) if callable(v) else ("number",) if not isinstance(v, list | tuple | dict) else ("list",)


def swapped_names(tex: str, node: Node, names: frozenset[str], uses: list[Use], scene: Scene) -> Iterator[Edits]:
    """Another name of the same kind, or another bound operation, in the place of this one."""
    kind, (start, end) = kind_of(node.text, scene), node.mark if node.op == "infix" else (node.start, node.end)
    for other in {n.text: n for n, _, _ in uses if n.op == node.op}.values() if node.op in ("name", "infix") else ():
        new = other.text if node.op == "infix" else tex[other.start : other.end]
        in_scope = other.text in names or kind[0] != "index"
        twice = tex[end : end + 1].strip() and tex[end : end + 1] in new  # a second subscript or prime
        if other.text != node.text and in_scope and kind_of(other.text, scene) == kind and not twice:
            alone = start and tex[start - 1] in "_^" and len(new) > 1
            yield "name swapped", [(start, end, f"{{{new}}}" if alone else new)]
