"""The checks of Lab 4."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.imaging import filters, geometry
from course.lab.asking import guard
from course.lab.properties import agrees, array, case, described, equal, mistakes, number, random
from course.lab.tasks import Missing, Wrong, task
from course.linear import LinearOperator

Array = NDArray[Any]


def _ran(rule: Any, *inputs: Any, name: str) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of a rule, and its `back`, which raises nothing but `Wrong` and returns a tuple of arrays."""
    result = rule(*inputs)
    if not isinstance(result, tuple) or len(result) != 2:
        raise Wrong(f"The rule returns {described(result)}, where a pair is asked for: the value, and `back`.")
    y, back = result
    if not callable(back):
        raise Wrong(f"The second thing that the rule returns is {described(back)}, where the function `back` belongs.")
    guarded = guard(back, "`back`")

    def careful(g: Any) -> tuple[Any, ...]:
        parts = guarded(g)
        if not isinstance(parts, tuple):
            raise Wrong(
                f"`back` returns {described(parts)}, where a tuple is asked for, with one array for each input."
            )
        if any(part is None or part is ... for part in parts):
            raise Missing("`back` still has three dots.")
        return parts

    return y, careful


def _parts(parts: tuple[Any, ...], shapes: list[tuple[int, ...]], names: list[str]) -> None:
    """Raise `Wrong` unless there is one part for each input, of that input's shape."""
    if len(parts) != len(shapes):
        raise Wrong(f"`back` returns {len(parts)} parts, but there must be {len(shapes)}, one for each input.")
    for part, shape, name in zip(parts, shapes, names, strict=True):
        array(np.asarray(part), shape, "number", f"what comes back to {name}")


# --- rules ----------------------------------------------------------------------------------------

A, B, G = random().standard_normal((3, 2, 5))


@task(
    "4.1",
    "the rule of a product",
    hints=(
        "Hold b still. If an entry of a grows by a little, then y grows by that, times what?",
        "A little more of a is worth `g` times the slope of y along a, which is b. And the other way round.",
    ),
)
def _(multiply: Any) -> str:
    y, back = _ran(multiply, A, B, name="multiply")
    equal(y, A * B, "The value is not the product, entry by entry.")
    h = back(G)
    if len(h) == 2:
        for pair, sentence in (
            ((G * A, G * B), "The two are exchanged: what comes back to a is weighed by b."),
            ((B, A), "The cotangent takes no part: these are the slopes alone."),
            ((G, G), "This is the way back of a sum. In a product each input weighs the other."),
            ((A * B * G, A * B * G), "This is g times the value itself, and not times the slope."),
            ((G / B, G / A), "You divide: this undoes the product, and does not go back through it."),
        ):
            if all(agrees(part, want) for part, want in zip(h, pair, strict=True)):
                raise Wrong(sentence)
    _parts(h, [A.shape, B.shape], ["a", "b"])
    equal(h[0], G * B, "What comes back to a is wrong.")
    equal(h[1], G * A, "What comes back to b is wrong.")
    a, b, g = np.array([0.0, 2.0]), np.array([3.0, 0.0]), np.array([5.0, 7.0])
    parts = _ran(multiply, a, b, name="multiply")[1](g)
    for part, right in zip(parts, (g * b, g * a), strict=True):
        equal(part, right, "Where an input is 0 it fails: you divide the value by it to get the other one.")
    return "each input is worth what the other one weighs."


@task(
    "4.2",
    "sum over what was repeated",
    hints=(
        "There are two steps. First the axes that were added in front, if `g` has more axes than the shape. Then those "
        "of length 1.",
        "`g.sum(axes)` takes a tuple of axes. The new axes in front are the first `g.ndim - len(shape)`. In the second "
        "step the axes must stay, with length 1: `keepdims=True`.",
    ),
)
def _(sum_to: Any) -> str:
    g = random().standard_normal((4, 3, 5))
    for shape, right in (
        ((5,), g.sum((0, 1))),
        ((3, 1), g.sum((0, 2)).reshape(3, 1)),
        ((4, 3, 5), g),
        ((), g.sum()),
        ((4, 1, 1), g.sum((1, 2)).reshape(4, 1, 1)),
        ((1, 3, 5), g.sum(0, keepdims=True)),
    ):
        h = np.asarray(sum_to(g, shape))
        size = max(1, int(np.prod(shape)))
        if h.shape != shape:
            if h.size == size:
                why = (
                    "axes of length 1 must stay" if h.ndim < len(shape) else "the axes that were added in front must go"
                )
                raise Wrong(f"For the shape {shape} the result has shape {h.shape}: {why}.")
            raise Wrong(f"For the shape {shape} the result has shape {h.shape}.")
        if agrees(h * g.size / size, right) and size < g.size:
            raise Wrong("This is the mean of what comes back. It must be added up: each copy counts.")
        first = g[tuple(slice(1) if n == 1 else slice(None) for n in (1,) * (3 - len(shape)) + shape)]
        if size < g.size and agrees(h, first.reshape(shape)):
            raise Wrong("This takes the first of the copies and forgets the others.")
        equal(h, right, f"For the shape {shape} the sums go over the wrong axes.")
    return "to copy forward is to sum back."


@task(
    "4.3",
    "the rule of tanh",
    hints=(
        "What comes back is the cotangent, times the slope at each entry.",
        "The slope is `1 - y**2`, with y the value that you have computed already. It is one input, so `back` returns "
        "a tuple with one entry, `(…,)`.",
    ),
)
def _(tanh: Any) -> str:
    y, back = _ran(tanh, A, name="tanh")
    t = np.tanh(A)
    equal(y, t, "The value is not tanh z.")
    h = back(G)
    _parts(h, [A.shape], ["z"])
    mistakes(
        h[0],
        {
            "The slope is 1 − y², with the value y in it, and not with z.": G * (1 - A**2),
            "The cotangent takes no part: this is the slope alone.": 1 - t**2,
            "This is the slope of the sigmoid.": G * t * (1 - t),
            "The square is missing: 1 − y in place of 1 − y².": G * (1 - t),
            "`tanh` itself is no slope.": G * t,
            "`tanh` is taken of the cotangent. `back` is linear in g.": np.tanh(G),
            "You divide by the slope.": G / (1 - t**2),
            "The slope has the wrong sign.": -G * (1 - t**2),
        },
    )
    equal(h[0], G * (1 - t**2), "What comes back is not g times the slope.")
    return "where tanh is flat, nothing comes back."


X, W, GY = random(1).standard_normal((5, 3)), random(2).standard_normal((3, 2)), random(3).standard_normal((5, 2))


@task(
    "4.4",
    "the rule of a matrix product",
    hints=(
        "What comes back to x has 5 rows of 3. Which product of `g`, with 5 rows of 2, and of w, or its transpose, has "
        "that shape?",
        "For x, `g` stands on the left of w's transpose. For w, x's transpose stands on the left of `g`.",
    ),
)
def _(matmul: Any) -> str:
    y, back = _ran(matmul, X, W, name="matmul")
    if isinstance(y, np.ndarray) and y.shape != (5, 2):
        raise Wrong(f"The value has shape {y.shape}, where the matrix product of 5×3 and 3×2 has (5, 2).")
    equal(y, X @ W, "The value is not the matrix product of x and w.")
    h = back(GY)
    if len(h) == 2:
        if np.shape(h[0]) == W.shape and np.shape(h[1]) == X.shape:
            raise Wrong("The two parts are exchanged: the first belongs to x.")
        if np.shape(h[0]) == X.shape[::-1] or np.shape(h[1]) == W.shape[::-1]:
            raise Wrong("A part lies on its side: it has the shape of the input's transpose.")
        if agrees(h[0], np.ones((5, 2)) @ W.T) or agrees(h[1], X.T @ np.ones((5, 2))):
            raise Wrong("The cotangent takes no part: with g = 1 everywhere you would get the same.")
        if agrees(h[0], GY @ np.linalg.pinv(W)):
            raise Wrong("This multiplies by the inverse of w. Back goes the transpose.")
        if np.shape(h[1]) == W.shape and agrees(h[1], X.T @ GY / 5):
            raise Wrong("What comes back to w is a mean over the rows of x, and should be their sum.")
    _parts(h, [X.shape, W.shape], ["x", "w"])
    square = random(5).standard_normal((3, 3, 3))
    x, w, g = square
    parts = _ran(matmul, x, w, name="matmul")[1](g)
    for part, right, wrong, name in ((parts[0], g @ w.T, g @ w, "x"), (parts[1], x.T @ g, x @ g, "w")):
        if agrees(part, wrong):
            raise Wrong(f"The transpose is missing in what comes back to {name}. With square matrices no shape tells.")
        equal(part, right, f"What comes back to {name} is wrong.")
    equal(h[0], GY @ W.T, "What comes back to x is wrong.")
    equal(h[1], X.T @ GY, "What comes back to w is wrong.")
    return "two transposes, and the shapes agree."


@task(
    "4.5",
    "the rule of a mean",
    hints=(
        "If one entry of n grows by a little, by how much does their mean?",
        "Every entry gets the same: the number g over the number of entries. `np.full(shape, value)` fills an array.",
    ),
)
def _(mean: Any) -> str:
    y, back = _ran(mean, A, name="mean")
    if np.shape(y) != ():
        raise Wrong(f"The value has shape {np.shape(y)}, where one number is asked for.")
    equal(y, A.mean(), "The value is not the mean of all entries.")
    h = back(2.5)
    if len(h) == 1 and np.shape(h[0]) == ():
        raise Wrong("What comes back is one number. It must have the shape of a, with a part for each entry.")
    _parts(h, [A.shape], ["a"])
    mistakes(
        h[0],
        {
            "This is the way back of a sum: the division by the number of entries is missing.": np.full(A.shape, 2.5),
            "The cotangent takes no part.": np.full(A.shape, 1 / A.size),
            "You divide by the length of the first axis alone.": np.full(A.shape, 2.5 / 2),
            "This is g times the mean. How much more is the mean if one entry grows?": np.full(A.shape, 2.5 * A.mean()),
            "This is g times a, over n: the slope of a mean does not depend on a.": 2.5 * A / A.size,
        },
    )
    equal(h[0], np.full(A.shape, 2.5 / A.size), "What comes back is not the same part of g for each entry.")
    return "each entry has an equal part in it."


# --- the tape -------------------------------------------------------------------------------------


class Node:
    """A tensor as the lab has it, for checks that make their own tape."""

    clock = itertools.count()

    def __init__(self, data: Any, parents: tuple[Any, ...] = (), back: Any = None) -> None:
        self.data, self.parents, self.back = np.asarray(data, float), parents, back
        self.number, self.grad, self.visits = next(Node.clock), np.zeros(np.shape(data)), 0


def _times(a: Node, b: Node) -> Node:
    y = Node(a.data * b.data, (a, b))

    def back(g: Any) -> tuple[Any, Any]:
        y.visits += 1
        return g * b.data, g * a.data

    y.back = back
    return y


@task(
    "4.6",
    "record what a tensor was made from",
    hints=(
        "Three things go into the new tensor, in the order in which `Tensor` takes them.",
        "The value, the tuple `parents`, and `back`. The parents are tensors, and not their data.",
    ),
)
def _(apply: Any) -> str:
    def rule(a: Any, b: Any) -> tuple[Any, Any]:
        return a - b, lambda g: (g, -g)

    a, b = Node([3.0, 5.0]), Node([1.0, 7.0])
    y = apply(rule, a, b)
    if isinstance(y, tuple):
        raise Wrong("This is what the rule returns. Make a `Tensor` of it.")
    if isinstance(y, np.ndarray):
        raise Wrong("This is the value alone, an array. Nobody will know how it was made.")
    for name in ("data", "parents", "back", "grad", "number"):
        if not hasattr(y, name):
            raise Wrong(f"The result is {described(y)} without {name}; it should be a `Tensor`.")
    equal(y.data, [2, -2], "The data of the new tensor is not the rule's value.")
    if len(tuple(y.parents)) == 0:
        raise Wrong("The new tensor does not know its parents.")
    if len(tuple(y.parents)) != 2 or any(isinstance(p, np.ndarray) for p in y.parents):
        raise Wrong("The parents should be the two tensors themselves, and not their data.")
    if y.parents[0] is b and y.parents[1] is a:
        raise Wrong("The parents are in the wrong order: parts would go to the wrong ones.")
    if y.parents[0] is not a or y.parents[1] is not b:
        raise Wrong("The parents should be the very tensors that were given, not copies of them.")
    if y.back is None:
        raise Wrong("The new tensor has no `back`: nothing could be handed on.")
    if not callable(y.back):
        raise Wrong("`back` should be the function that the rule has returned, and has been called too early.")
    equal(y.back(np.array([1.0, 2.0]))[1], [-1, -2], "`back` is not the one that the rule has returned.")
    return "it remembers its parents, and the way to them."


@task(
    "4.7",
    "the walk back",
    hints=(
        "Collect first: a list of tensors whose parents are still to be looked at, and a dictionary, by `number`, "
        "of those that you have seen. Walk afterwards.",
        "`sorted(tensors, reverse=True)` has the latest number first. For each: `parts = t.back(t.grad)`, then one "
        "line that adds a part to each parent's grad.",
    ),
)
def _(backward: Any) -> str:
    a, b = Node(3.0), Node(5.0)
    y = _times(a, b)
    _walked(backward, y)
    equal(y.grad, 1, "The grad of y itself should be 1.")
    if agrees(a.grad, 0) and agrees(b.grad, 0):
        raise Wrong("Nothing has come to the parents of y.")
    equal((a.grad, b.grad), (5, 3), f"For y = a b, with a = 3 and b = 5, the grads are {a.grad} and {b.grad}.")

    a = Node(3.0)
    _walked(backward, _times(a, a))
    if agrees(a.grad, 3):
        raise Wrong("A tensor that is used twice keeps one of its two parts: add to the grad, and do not replace it.")
    equal(a.grad, 6, f"For y = a a, with a = 3, the grad is {a.grad}.")

    a = Node(1.1)
    squares = [a]
    for _ in range(6):
        squares.append(_times(squares[-1], squares[-1]))
    _walked(backward, squares[-1])
    most = max(t.visits for t in squares)
    if most > 1:
        raise Wrong(f"A tensor hands on {most} times. Collect each of them once, before you walk.")
    equal(a.grad, 64 * 1.1**63, "In a chain of six squares the grad is wrong.")

    for swap in (False, True):
        a = Node(2.0)
        late = _times(a, a)  # 4, used below before and after something that was made of it
        cube = _times(late, a)
        _walked(backward, _times(late, cube) if swap else _times(cube, late))  # a^5
        if not agrees(a.grad, 80):
            raise Wrong("A tensor hands on before all has come to it. The latest number goes first.")
    shaped = Node([1.0, 2.0, 4.0])
    y = Node(2.0, (_times(shaped, shaped),), lambda g: (np.full(3, g / 3),))
    _walked(backward, y)
    equal(shaped.grad, np.array([2.0, 4, 8]) / 3, "With arrays the grads are wrong.")
    _alone(backward)
    _shared(backward)
    count = _walked(backward, _times(Node(1.0), Node(2.0)))
    equal(count, 3, f"It should return how many tensors there are: for a product of two, 3, and not {count:.0f}.")
    return "each tensor once, the latest first, and parts add up."


def _alone(backward: Any) -> None:
    """A tensor that was made from nothing."""
    y = Node(4.0)
    with case("For a tensor that was made from nothing"):
        count = _walked(backward, y)
    if not agrees(y.grad, 1) or count != 1:
        raise Wrong(f"For a tensor that was made from nothing the grad is {y.grad}, and the number {count:.0f}.")


def _shared(backward: Any) -> None:
    """A rule that gives both parents one and the same array, as that of a sum does."""
    a, b = Node(3.0), Node(5.0)
    square = _times(a, a)
    total = Node(8.0, (a, b), lambda g: (g, g))
    _walked(backward, Node(17.0, (square, total), lambda g: (g, g)))  # a² + (a + b)
    if not agrees(b.grad, 1) or not agrees(total.grad, 1):
        raise Wrong("Two grads have become one and the same array: what is added to the one shows in the other.")
    equal(a.grad, 7, f"For y = a² + (a + b), with a = 3, the grad is {a.grad}.")


def _walked(backward: Any, y: Node) -> float:
    return number(backward(y), "the number of tensors")


@task(
    "4.8",
    "a gradient by differences",
    hints=(
        "For each entry make a step: an array of zeros with h at that one place. `np.ndindex(x.shape)` has the places.",
        "Call f twice, at `x + step` and at `x - step`. The difference is over 2h.",
    ),
)
def _(differences: Any) -> str:
    x = random(4).standard_normal((2, 3))
    w = np.arange(1.0, 7).reshape(2, 3)

    def f(x: Any) -> float:
        return float(np.sum(w * x**3))

    right = 3 * w * x**2
    d = array(differences(f, x), (2, 3), "number", "the gradient")
    for factor, sentence in (
        (2, "It is twice what it should be: the two points are 2h apart."),
        (0.5, "It is half of what it should be."),
        (-1, "The sign is wrong: f(x + step) comes first."),
        (1e-5, "The division by the step is missing."),
        (2e-5, "The division by the step is missing."),
    ):
        if agrees(d, factor * right, 1e-4):
            raise Wrong(sentence)
    if agrees(d, np.full(x.shape, right.sum()), 1e-4):
        raise Wrong("All entries move at once. Each must move alone.")
    if agrees(d, right, 1e-2) and not agrees(d, right, 1e-7):
        raise Wrong("It is a little off: a difference to one side, or a step that is too large.")
    equal(d, right, "It is not the gradient of f.", 1e-7)
    return "central, and nearly exact."


# --- fitting --------------------------------------------------------------------------------------


@task(
    "4.9",
    "a step downhill",
    hints=(
        "Downhill is against the gradient. And after the step, what must p.grad be?",
        "`p.data = p.data - …`. Then give p.grad zeros of the same shape. At the end, `len(parameters)`.",
    ),
)
def _(step: Any) -> str:
    parameters = [Node([1.0, 2.0]), Node([3.0])]
    before = [p.data for p in parameters]
    parameters[0].grad, parameters[1].grad = np.array([10.0, -20.0]), np.array([5.0])
    count = step(parameters, 0.1)
    first = parameters[0].data
    if any(p.data is not old and not isinstance(p.data, np.ndarray | np.generic) for p, old in
           zip(parameters, before, strict=True)):  # fmt: skip
        raise Wrong(f"The data of a parameter has become {described(first)}. It must stay an array.")
    mistakes(
        first,
        {
            "Nothing has moved. Is it the parameter's data that you change?": np.array([1.0, 2.0]),
            "This goes uphill: the gradient points to where the loss grows.": np.array([2.0, 0.0]),
            "The rate takes no part.": np.array([-9.0, 22.0]),
            "The data is replaced by the step; it should be moved by it.": np.array([-1.0, 2.0]),
        },
    )
    equal(first, [0, 4], "The first parameter is not where a step of rate 0.1 leads.")
    equal(parameters[1].data, [2.5], "The first parameter is right, but the second is not.")
    if any(np.any(p.grad) for p in parameters):
        raise Wrong("The gradients are still there: the next walk back would add to the old ones.")
    if any(np.shape(p.grad) != np.shape(p.data) for p in parameters):
        raise Wrong("A grad is no array of zeros of its parameter's shape, and the next walk back adds to it.")
    equal(number(count, "the number of parameters"), 2, "It should return how many parameters it has moved.")
    return "downhill, and the gradients are forgotten."


# --- linear maps ----------------------------------------------------------------------------------

MATRIX = random(6).standard_normal((3, 4))


@task(
    "4.10",
    "the rule of every linear map",
    hints=(
        "The value is A(x). The book has a name for the map that satisfies ⟨Ax, g⟩ = ⟨x, A* g⟩.",
        "`A.H` is that map, an operator too, and it is called with g.",
    ),
)
def _(linear: Any) -> str:
    operator = LinearOperator((4,), (3,), lambda x: MATRIX @ x, lambda g: MATRIX.T @ g, "a matrix")
    x, g = random(7).standard_normal(4), random(8).standard_normal(3)
    y, back = _ran(linear, operator, x, name="linear")
    equal(y, MATRIX @ x, "The value is not A(x).")
    h = back(g)
    if len(h) == 2:
        raise Wrong("`back` returns two parts. A is given, and only x gets one.")
    if len(h) == 1 and agrees(h[0], MATRIX.T @ (MATRIX @ x)):
        raise Wrong("The adjoint is applied to the value y, and should be to the cotangent g.")
    if len(h) == 1 and agrees(h[0], np.linalg.pinv(MATRIX) @ g):
        raise Wrong("This undoes A. The way back of a gradient is the adjoint.")
    _parts(h, [x.shape], ["x"])
    equal(h[0], MATRIX.T @ g, "What comes back is not A* g.")
    symmetric = MATRIX[:, :3]
    square = LinearOperator((3,), (3,), lambda x: symmetric @ x, lambda g: symmetric.T @ g, "a square matrix")
    part = _ran(linear, square, x[:3], name="linear")[1](g)[0]
    if agrees(part, symmetric @ g):
        raise Wrong("A itself is applied to g, where its adjoint belongs. With a square A no shape tells.")
    equal(part, symmetric.T @ g, "With a square A, what comes back is not A* g.")
    return "the adjoint, and nothing to derive."


def _smooth() -> Array:
    i, j = np.indices((40, 48))
    return np.asarray(filters.gaussian(np.sin(i / 5 + j / 9) + np.cos(j / 6 - i / 14), 2))


@task(
    "4.11",
    "the rule of a movement",
    hints=(
        "`back` has a picture of cotangents, g, and must make two numbers of it: for each direction, g times the "
        "slope of y by t, summed over all pixels.",
        "`np.gradient(y)` gives the slopes down and across, in this order. There is a minus, and the slopes are those "
        "of y, the moved picture.",
    ),
)
def _(moved: Any) -> str:
    x, t = _smooth(), np.array([1.3, -2.6])
    rng = random(9)
    g = np.asarray(filters.gaussian(rng.standard_normal(x.shape), 2))
    g[:6] = g[-6:] = g[:, :6] = g[:, -6:] = 0  # the border has its own slopes
    y, back = _ran(moved, x, t, name="moved")

    def shifted(t: Any) -> Array:
        return np.asarray(geometry.warp(x, geometry.translation(t[1], t[0]), boundary="nearest"))

    equal(y, shifted(t), "The value is not the moved picture.")
    h = back(g)
    _parts(h, [(2,)], ["t"])
    steps = 0.5 * np.eye(2)
    right = np.array([np.sum(g * (shifted(t + s) - shifted(t - s))) for s in steps])
    near = 0.03 * float(np.abs(right).max())
    down, across = (np.asarray(d) for d in np.gradient(x))
    for value, sentence in (
        (-right, "The sign is wrong: a picture that moves down brings to each pixel what was above it."),
        (right[::-1], "The two numbers are exchanged: rows, down, come first."),
        (right / x.size, "This is a mean over the pixels. All of them add up."),
        (-np.array([np.sum(g * down), np.sum(g * across)]), "These are the slopes of x before it was moved."),
        (-np.array([np.sum(d) for d in np.gradient(y)]), "The cotangent takes no part: these are sums of slopes."),
    ):
        if np.abs(np.asarray(h[0]) - value).max() < near / 4 and np.abs(value - right).max() > near:
            raise Wrong(sentence)
    if np.abs(np.asarray(h[0]) - right).max() > near:
        raise Wrong("It is not how much the moved picture changes, weighed by g, when t grows.")
    return "two numbers, and they say where to go."
