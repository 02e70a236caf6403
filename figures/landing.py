"""The landing page: the idea of the book in one picture."""

import numpy as np

from course.ops import convolve, correlate
from figures.style import LARGE, SMALL, Array, Sheet, figure

X = [[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1], [1, 0, 1, 2]]


@figure(
    "landing/forward-and-back", height=312,
    title="The idea of the book: an operator and its adjoint",
    desc="Two rows of small grids. Above, the operator A takes a 4 by 4 input x to a 2 by 2 output Ax: each 3 by 3"
    " window of x, weighted by a kernel, gives one number. Below, the adjoint A* takes a 2 by 2 cotangent g "
    "back to a 4 by 4 grid A*g: each number of g, times the same kernel, is added onto the same window; its "
    "arrow is dashed. The inner product of x and A*g on the left is 35, and so is that of Ax and g on the "
    "right.",
    x=X, w=[[1, 0, 0], [0, 2, 1], [0, 1, 0]], g=[[2, 0], [1, 3]],
)  # fmt: skip
def forward_and_back(s: Sheet, x: Array, w: Array, g: Array) -> None:
    """Gather above, scatter below, and two inner products that agree."""
    y, back = correlate(x, w, "valid"), convolve(g, w)
    assert np.vdot(y, g) == np.vdot(x, back) == 35, (y, back)
    assert np.array_equal(x, X), "zeros of the kernel hide some of its entries from A"
    assert np.array_equal(y, [[9, 2], [2, 5]]), y
    assert np.array_equal(back, [[2, 0, 0, 0], [1, 7, 2, 0], [0, 4, 7, 3], [0, 1, 3, 0]]), back

    cell, small, left, right, top, low = 27, 19, 6, 296, 25, 178
    middle = (left + 4 * cell + right) / 2
    for head, wide, narrow, roles in ((top, x, y, ("input", "output")), (low, back, g, ("cotangent", "cotangent"))):
        large = s.grid(left, head, wide, cell, roles[0], tone=wide / wide.max(), size=LARGE)
        little = s.grid(right, head + cell, narrow, cell, roles[1], tone=narrow / narrow.max(), size=LARGE)
        s.cone(large.box(1, 1, 3, 3), little.box(1, 1, 1, 1))
        s.window(large, 1, 1, 3, 3)
        s.window(little, 1, 1, 1, 1)
        level = head + 2.5 * cell
        s.boxes([(middle - 1.5 * small, level - 1.5 * small, 3 * small, 3 * small)], "paper")
        kernel = s.grid(middle - 1.5 * small, level - 1.5 * small, w, small, "kernel", tone=w / w.max(), size=SMALL)
        s.window(kernel, width=0.8)

    ends = left + 4 * cell + 12, right - 10
    s.arrow((ends[0], 30), (ends[1], 30), width=1.7)
    s.arrow((ends[1], 282), (ends[0], 282), "cotangent-ink", 1.7, dash=True)
    s.text(middle, 14, "$A$ gathers", LARGE)
    s.runs(middle - 42, 299, ("$A^*$", "cotangent-ink"), (" scatters", "cotangent-ink"), size=LARGE)
    for centre, height, words, role in (
        (left + 2 * cell, 11, "$x$", "input-ink"), (right + cell, 37, "$Ax$", "ink"),
        (left + 2 * cell, 302, "$A^*g$", "ink"), (right + cell, 276, "$g$", "ink"),
    ):  # fmt: skip
        s.text(centre, height, words, LARGE, role)

    level = (top + 4 * cell + low) / 2
    for centre, words in ((left + 2 * cell, "$⟨x, A^*g⟩$"), (right + cell, "$⟨Ax, g⟩$"), (130, "="), (266, "=")):
        s.text(centre, level, words, LARGE)
    s.text(middle, level, "35", 20, face="bold")
    for centre, above, below in ((left + 2 * cell, top + 4 * cell, low), (right + cell, top + 3 * cell, low + cell)):
        s.line([(centre, above + 4), (centre, level - 11)])
        s.line([(centre, level + 12), (centre, below - 4)])
