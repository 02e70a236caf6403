"""Typical wrong answers to Lab 4."""

import numpy as np

from tests.lab.wrongs import wrong


def rule(value, *parts):
    """A rule whose value is value(*inputs), and whose parts are part(g, y, *inputs)."""

    def made(*inputs):
        y = value(*inputs)
        return y, lambda g: tuple(part(g, y, *inputs) for part in parts)

    return made


def product(*parts):
    return lambda s: rule(lambda a, b: a * b, *parts)


wrong("4.1", "exchanged")(product(lambda g, y, a, b: g * a, lambda g, y, a, b: g * b))
wrong("4.1", "the slopes alone")(product(lambda g, y, a, b: b, lambda g, y, a, b: a))
wrong("4.1", "the way back of a sum")(product(lambda g, y, a, b: g, lambda g, y, a, b: g))
wrong("4.1", "times the value itself")(product(lambda g, y, a, b: g * y, lambda g, y, a, b: g * y))
wrong("4.1", "1 parts")(product(lambda g, y, a, b: g * b))


@wrong("4.2", "must stay")
def _(s):
    def without_axes(g, shape):
        return s.sum_to(g, shape).reshape([n for n in shape if n > 1])

    return without_axes


@wrong("4.2", "the mean of what comes back")
def _(s):
    return lambda g, shape: s.sum_to(g, shape) * max(1, np.prod(shape)) / g.size


@wrong("4.2", "takes the first of the copies")
def _(s):
    def first(g, shape):
        g = g[(0,) * (g.ndim - len(shape))]
        return g[tuple(slice(1) if n == 1 else slice(None) for n in shape)]

    return first


@wrong("4.2", "has shape (4, 3, 5)")
def _(s):
    return lambda g, shape: g


def bent(part):
    return lambda s: rule(np.tanh, part)


wrong("4.3", "and not with z")(bent(lambda g, y, z: g * (1 - z**2)))
wrong("4.3", "this is the slope alone")(bent(lambda g, y, z: 1 - y**2))
wrong("4.3", "the sigmoid")(bent(lambda g, y, z: g * y * (1 - y)))
wrong("4.3", "The square is missing")(bent(lambda g, y, z: g * (1 - y)))


@wrong("4.3", "where a tuple is asked for")
def _(s):
    def without_tuple(z):
        y = np.tanh(z)
        return y, lambda g: g * (1 - y**2)

    return without_tuple


def matrices(*parts):
    return lambda s: rule(lambda x, w: x @ w, *parts)


wrong("4.4", "The two parts are exchanged")(matrices(lambda g, y, x, w: x.T @ g, lambda g, y, x, w: g @ w.T))
wrong("4.4", "lies on its side")(matrices(lambda g, y, x, w: w @ g.T, lambda g, y, x, w: x.T @ g))
wrong("4.4", "The cotangent takes no part")(
    matrices(lambda g, y, x, w: np.ones(y.shape) @ w.T, lambda g, y, x, w: x.T @ g)
)
wrong("4.4", "the inverse of w")(matrices(lambda g, y, x, w: g @ np.linalg.pinv(w), lambda g, y, x, w: x.T @ g))
wrong("4.4", "a mean over the rows")(matrices(lambda g, y, x, w: g @ w.T, lambda g, y, x, w: x.T @ g / len(x)))


@wrong("4.4", "where the matrix product of 5×3 and 3×2")
def _(s):
    return lambda x, w: (w.T @ x.T, lambda g: (g @ w.T, x.T @ g))


def averaged(part):
    return lambda s: rule(np.mean, part)


wrong("4.5", "is one number")(averaged(lambda g, y, a: g / a.size))
wrong("4.5", "the way back of a sum")(averaged(lambda g, y, a: np.full(a.shape, g)))
wrong("4.5", "The cotangent takes no part")(averaged(lambda g, y, a: np.full(a.shape, 1 / a.size)))
wrong("4.5", "the first axis alone")(averaged(lambda g, y, a: np.full(a.shape, g / len(a))))
wrong("4.5", "g times the mean")(averaged(lambda g, y, a: np.full(a.shape, g * y)))


@wrong("4.6", "does not know its parents")
def _(s):
    return lambda rule, *parents: s.Tensor(rule(*[p.data for p in parents])[0])


@wrong("4.6", "and not their data")
def _(s):
    def with_data(rule, *parents):
        data = [p.data for p in parents]
        y, back = rule(*data)
        return s.Tensor(y, data, back)

    return with_data


@wrong("4.6", "This is what the rule returns")
def _(s):
    return lambda rule, *parents: rule(*[p.data for p in parents])


@wrong("4.6", "called too early")
def _(s):
    def early(rule, *parents):
        y, back = rule(*[p.data for p in parents])
        return s.Tensor(y, parents, back(np.ones(np.shape(y))))

    return early


@wrong("4.6", "has no `back`")
def _(s):
    return lambda rule, *parents: s.Tensor(rule(*[p.data for p in parents])[0], parents)


def collected(y):
    tensors, waiting = {}, [y]
    while waiting:
        t = waiting.pop()
        if t.number not in tensors:
            tensors[t.number] = t
            waiting.extend(t.parents)
    return tensors


@wrong("4.7", "do not replace it")
def _(s):
    def replaced(y):
        tensors = collected(y)
        y.grad = np.ones(y.data.shape)
        for number in sorted(tensors, reverse=True):
            t = tensors[number]
            if t.back is not None:
                for parent, part in zip(t.parents, t.back(t.grad), strict=True):
                    parent.grad = part
        return len(tensors)

    return replaced


@wrong("4.7", "Collect each of them once")
def _(s):
    def along_every_path(y):
        y.grad = np.ones(y.data.shape)

        def hand_on(t, g):
            if t.back is not None:
                for parent, part in zip(t.parents, t.back(g), strict=True):
                    parent.grad = parent.grad + part
                    hand_on(parent, part)

        hand_on(y, y.grad)
        return len(collected(y))

    return along_every_path


@wrong("4.7", "The latest number goes first")
def _(s):
    def breadth_first(y):
        seen, waiting = {y.number}, [y]
        y.grad = np.ones(y.data.shape)
        while waiting:
            t = waiting.pop(0)
            if t.back is not None:
                for parent, part in zip(t.parents, t.back(t.grad), strict=True):
                    parent.grad = parent.grad + part
                    if parent.number not in seen:
                        seen.add(parent.number)
                        waiting.append(parent)
        return len(collected(y))

    return breadth_first


@wrong("4.7", "Nothing has come to the parents")
def _(s):
    def without_a_one(y):
        tensors = collected(y)
        for number in sorted(tensors, reverse=True):
            t = tensors[number]
            if t.back is not None:
                for parent, part in zip(t.parents, t.back(t.grad), strict=True):
                    parent.grad = parent.grad + part
        y.grad = np.ones(y.data.shape)
        return len(tensors)

    return without_a_one


@wrong("4.8", "twice what it should be")
def _(s):
    return lambda f, x: 2 * s.differences(f, x)


@wrong("4.8", "to one side")
def _(s):
    def forward(f, x):
        gradient = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            step = np.zeros(x.shape)
            step[place] = 1e-5
            gradient[place] = (f(x + step) - f(x)) / 1e-5
        return gradient

    return forward


@wrong("4.8", "All entries move at once")
def _(s):
    return lambda f, x: np.full(x.shape, (f(x + 1e-5) - f(x - 1e-5)) / 2e-5)


@wrong("4.8", "changes the array")
def _(s):
    def in_place(f, x):
        gradient = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            x[place] += 1e-5
            up = f(x)
            x[place] -= 2e-5
            gradient[place] = (up - f(x)) / 2e-5
        return gradient

    return in_place


def stepped(move, forget=True):
    def step(parameters, rate):
        for p in parameters:
            p.data = move(p.data, p.grad, rate)
            if forget:
                p.grad = np.zeros(p.data.shape)
        return len(parameters)

    return lambda s: step


wrong("4.9", "uphill")(stepped(lambda w, g, rate: w + rate * g))
wrong("4.9", "still there")(stepped(lambda w, g, rate: w - rate * g, forget=False))
wrong("4.9", "The rate takes no part")(stepped(lambda w, g, rate: w - g))
wrong("4.9", "replaced by the step")(stepped(lambda w, g, rate: -rate * g))


@wrong("4.9", "Nothing has moved")
def _(s):
    def local(parameters, rate):
        for p in parameters:
            w = p.data
            w = w - rate * p.grad
            p.grad = np.zeros(w.shape)
        return len(parameters)

    return local


def of_an_operator(part, more=()):
    return lambda s: lambda A, x: (A(x), lambda g: (part(A, x, g), *more))


wrong("4.10", "A itself is applied")(of_an_operator(lambda A, x, g: A(g) if A.in_shape == A.out_shape else A.H(g)))
wrong("4.10", "applied to the value y")(of_an_operator(lambda A, x, g: A.H(A(x))))
wrong("4.10", "This undoes A")(of_an_operator(lambda A, x, g: np.linalg.pinv(A.to_matrix()) @ g))
wrong("4.10", "two parts")(of_an_operator(lambda A, x, g: A.H(g), more=(0.0,)))


def by_motion(part):
    def made(s):
        def moved(x, t):
            y = s.shifted(x, t)
            return y, lambda g: (np.asarray(part(g, x, y)),)

        return moved

    return made


def slopes(g, y):
    return np.array([np.sum(g * d) for d in np.gradient(y)])


wrong("4.11", "The sign is wrong")(by_motion(lambda g, x, y: slopes(g, y)))
wrong("4.11", "exchanged")(by_motion(lambda g, x, y: -slopes(g, y)[::-1]))
wrong("4.11", "a mean over the pixels")(by_motion(lambda g, x, y: -slopes(g, y) / g.size))
wrong("4.11", "before it was moved")(by_motion(lambda g, x, y: -slopes(g, x)))
wrong("4.11", "The cotangent takes no part")(by_motion(lambda g, x, y: -slopes(1, y)))

wrong("4.1", "Where an input is 0")(product(lambda g, y, a, b: g * (y / a), lambda g, y, a, b: g * (y / b)))


@wrong("4.7", "one and the same array")
def _(s):
    def in_place(y):
        tensors, met = collected(y), set()
        y.grad = np.ones(y.data.shape)
        for number in sorted(tensors, reverse=True):
            t = tensors[number]
            for parent, part in zip(t.parents, t.back(t.grad) if t.back else (), strict=True):
                if parent.number in met:
                    parent.grad += part
                else:
                    parent.grad = np.asarray(part)
                met.add(parent.number)
        return len(tensors)

    return in_place


@wrong("4.7", "made from nothing: in_vain stops")
def _(s):
    def in_vain(y):
        if y.back is None:
            raise TypeError("'NoneType' object is not callable")
        return s.backward(y)

    return in_vain


@wrong("4.2", "the axes that were added in front must go")
def _(s):
    def kept(g, shape):
        front = g.ndim - len(shape)
        single = tuple(i + front for i, n in enumerate(shape) if n == 1)
        return g.sum(axis=(*range(front), *single), keepdims=True)

    return kept


@wrong("4.9", "no array of zeros")
def _(s):
    def forgotten(parameters, rate):
        s.step(parameters, rate)
        for p in parameters:
            p.grad = None
        return len(parameters)

    return forgotten
