"""Every rule of the notation by itself: a formula that holds, and the same with the rule misread."""

import pytest

from .holding import green, red

# name: (holds, does not, binding, options)
RULES = {
    # names and indices
    "the longest bound spelling is the name": (
        r"\sigma_\eta = 2 \eta",
        r"\sigma_\eta = \eta",
        "\\eta = real\n\\sigma_\\eta = 2 * eta",
    ),
    "else a subscript is an index": (r"a = x_k", r"a = x_{k+1}", "x, k = real[5], 2\na = x[k]"),
    "braces make no difference to a name": (
        r"\hat{m}_{t} = 3 \hat m_t - 2 a",
        r"\hat m_t = 2 a",
        "a = real\n\\hat m_t = a",
    ),
    "an index range may begin below zero": (r"a = w_{-1}", r"a = w_1", "w = real[-2:3]\na = w[1]"),
    "indices without commas": (
        r"a = h_{ij} h_{21}",
        r"a = h_{ji} h_{21}",
        "h, i, j = real[3, 4], 1, 2\na = h[1, 2] * h[2, 1]",
    ),
    "an index may be computed": (r"a = x_{2i+1}", r"a = x_{2i-1}", "x, i = real[7], 2\na = x[5]"),
    "a free index runs over its axis": (r"y_i = 2 x_i", r"y_i = x_i", "x = real[5]\ny = 2 * x"),
    "two free indices": (r"y_{ij} = x_{ji}", r"y_{ij} = x_{ij} + x_{ji}", "x = real[3, 4]\ny = x.T"),
    "a subscript without enough indices is a row": (
        r"z_k = w_k^{\top} x",
        r"z_k = w_0^{\top} x",
        "w, x = real[3, 5], real[5]\nz = w @ x",
    ),
    "a layer": (
        r"a = W^{(2)}_{ij}",
        r"a = W^{(1)}_{ij}",
        "_V, i, j = real[3, 4], 1, 2\nW = [None, 2 * _V, _V]\na = _V[1, 2]",
    ),
    "an array written as a function": (
        r"g(x, y) = f(y, x)",
        r"g(x, y) = 2 f(y, x)",
        "f(x,y) = real[3, 4]\ng(x,y) = f.T",
    ),
    "a function that is applied": (r"a = f(x + 1)", r"a = f(x) + 1", "f, x = np.tanh, real\na = np.tanh(x + 1)"),
    "parentheses after another name multiply": (r"a = b(x + 1)", r"a = b x + 1", "b, x = real\na = b * x + b"),
    "zero outside": (r"y_i = x_{i-1}", r"y_i = x_{i+1}", "x = zero(real[5])\ny = np.concatenate([[0], x[:-1]])"),
    "wrap": (r"y_i = x_{i-1}", r"y_i = x_{i+1}", "x = wrap(real[5])\ny = np.roll(x, 1)"),
    "clamp": (r"y_i = x_{i-2}", r"y_i = x_{i+2}", "x = clamp(real[5])\ny = np.pad(x, 2, 'edge')[:5]"),
    "reflect": (r"y_i = x_{i-2}", r"y_i = x_{i+2}", "x = reflect(real[5])\ny = np.pad(x, 2, 'symmetric')[:5]"),
    "mirror": (r"y_i = x_{i-2}", r"y_i = x_{i+2}", "x = mirror(real[5])\ny = np.pad(x, 2, 'reflect')[:5]"),
    # arithmetic
    "signs and products": (
        r"a = -b c + 2 \cdot 3 \times b - c",
        r"a = -b c + 2 \cdot 3 \times (b - c)",
        "b, c = real\na = 6 * b - c - b * c",
    ),
    "a fraction": (
        r"a = \frac{b}{c} + b/c + \frac12",
        r"a = \frac{c}{b} + b/c + \frac12",
        "b, c = real\na = 2 * b / c + 0.5",
    ),
    "a power": (r"a = b^2 c^{-1}", r"a = b c^{-1}", "b, c = real\na = b * b / c"),
    "a subscript and a power": (r"a = x_1^2 + x^2_1", r"a = x_1^2 + x_1", "x = real[4]\na = 2 * x[1] * x[1]"),
    "roots": (r"a = \sqrt{b} \sqrt[3]{b}", r"a = \sqrt{b} \sqrt[4]{b}", "b = positive\na = b ** (5 / 6)"),
    "numbers": (r"a = 0.5 + 1\,200 + 1{,}000", r"a = 0.5 + 1\,200 + 1{,}001", "a = 2200.5"),
    "factorials and binomials": (
        r"\binom{n}{k} = \frac{n!}{k!\,(n-k)!} = a",
        r"\binom{k}{n} = a",
        "n, k = 7, 3\na = 35",
    ),
    "floor and ceiling": (r"a = \lfloor b \rfloor + \lceil b \rceil", r"a = 2 \lfloor b \rfloor", "b = 1.7\na = 3"),
    "the remainder": (r"a = n \bmod k", r"a = k \bmod n", "n, k = 7, 4\na = 3"),
    "absolute values": (r"a = |b| + |b - 1|", r"a = |b| + b - 1", "b = each((-0.3, 0.4))\na = np.hypot(b, 0) + 1 - b"),
    "the size of a set": (r"a = |S|", r"a = |S| + 1", "S = [(0, 1), (2, 3), (4, 5)]\na = 3"),
    "plus or minus": (
        r"x_{\pm} = \frac{-b \pm \sqrt{b^2 - 4 c}}{2}",
        r"x_{\pm} = \frac{-b \mp \sqrt{b^2 - 4 c}}{2}",
        "b, c = 5.5, 1.25\nx_{-}, x_{+} = tuple(np.sort(np.roots([1, b, c])))",
    ),
    # functions
    "elementary functions": (
        r"a = \exp(b) \sin b + \log_{10} c \ln c",
        r"a = \exp(b) \sin b + \log c \ln c",
        "b, c = real, positive\na = np.e**b * np.sin(b) + np.log10(c) * np.log(c)",
    ),
    "a power of a function": (r"1 = \cos^2 b + \sin^2 b", r"1 = \cos^2 b + \sin b^2", "b = real"),
    "an inverse function": (r"b = \arctan(\tan b)", r"b = \tan(\tan b)", "b = 0.3"),
    "real and imaginary parts": (r"b = \Re b + \mathrm{i} \Im b", r"b = \Re b + \Im b", "b = cplx"),
    "the constants": (r"a = e^{\mathrm{i} \pi}", r"a = e^{\pi}", "a = -1"),
    "a derivative of a function": (r"a = f'(x)", r"a = f(x)", "f, x = np.tanh, real\na = 1 - np.tanh(x) ** 2"),
    "a composition": (r"(f \circ g)(x) = f(g(x))", r"(f \circ g)(x) = g(f(x))", "f, g, x = np.tanh, np.exp, real"),
    "a determinant": (r"\det(A B) = \det A \, \det B", r"\det(A B) = \det A", "_n = 3\nA, B = real[_n, _n]"),
    "a trace": (
        r"\operatorname{tr}(A B) = \operatorname{tr}(B A)",
        r"\operatorname{tr}(A B) = \operatorname{tr} A",
        "_n = 3\nA, B = real[_n, _n]",
    ),
    "a rank": (r"\operatorname{rank} A = 3", r"\operatorname{rank} A = 5", "A = real[3, 5]"),
    "a diagonal": (r"y = \operatorname{diag}(a) x", r"y = \operatorname{diag}(x) x", "a, x = real[4]\ny = a * x"),
    "vec": (
        r"\operatorname{vec}(F X) = (I \otimes F) \operatorname{vec}(X)",
        r"\operatorname{vec}(F X) = (F \otimes I) \operatorname{vec}(X)",
        "F, X = real[2, 3], real[3, 5]\nI = np.eye(5)",
    ),
    "sign": (r"b = |b| \operatorname{sign}(b)", r"b = \operatorname{sign}(b)", "b = real"),
    # matrices
    "a product of matrices": (r"C = A B", r"C = B A", "A, B = real[2, 3], real[3, 4]\nC = np.einsum('ij,jk', A, B)"),
    "a power of a matrix": (r"B = A^2", r"B = A^3", "_n = 3\nA = real[_n, _n]\nB = A @ A"),
    "a transpose": (r"(A B)^{\top} = B^{\top} A^T", r"(A B)^{\top} = B^{\top} A", "A, B = real[2, 3], real[3, 4]"),
    "an adjoint": (r"(A B)^* = B^* A^{\mathrm{H}}", r"(A B)^* = B^{\top} A^*", "A, B = cplx[2, 3], cplx[3, 4]"),
    "a conjugate": (r"|z|^2 = z \overline{z} = z z^*", r"|z|^2 = z z", "z = cplx"),
    "an inverse": (r"x = A^{-1} y", r"x = A y", "_n = 3\nA, x = real[_n, _n], real[_n]\ny = A @ x"),
    "an inverse transpose": (r"A^{-\top} A^{\top} = I", r"A^{-\top} A = I", "_n = 3\nA = real[_n, _n]\nI = np.eye(3)"),
    "a pseudo-inverse": (r"A^{+} = A^{\top} (A A^{\top})^{-1} = A^{\dagger}", r"A^{+} = A^{\top}", "A = real[3, 5]"),
    "a matrix written out": (
        r"y = \begin{pmatrix} a & b \\ 0 & 1 \end{pmatrix} x",
        r"y = \begin{pmatrix} a & 0 \\ b & 1 \end{pmatrix} x",
        "a, b = real\nx = real[2]\ny = np.array([a * x[0] + b * x[1], x[1]])",
    ),
    "blocks": (
        r"y = \begin{bmatrix} A & B \end{bmatrix} x",
        r"y = \begin{bmatrix} B & A \end{bmatrix} x",
        "A, B, x = real[2, 3], real[2, 4], real[7]\ny = np.hstack([A, B]) @ x",
    ),
    "the Hadamard product": (r"z_i = (x \odot y)_i", r"z_i = (x \odot x)_i", "x, y = real[5]\nz = x * y"),
    "the Kronecker product": (
        r"C = A \otimes B",
        r"C = B \otimes A",
        "A, B = real[2, 3], real[3, 4]\nC = np.kron(A, B)",
    ),
    "the inner product is conjugate in the second": (
        r"\langle A x, y \rangle = \langle x, A^* y \rangle",
        r"\langle A x, y \rangle = \langle x, A^{\top} y \rangle",
        "A, x, y = cplx[3, 5], cplx[5], cplx[3]",
    ),
    "norms of vectors": (
        r"a = \|x\|^2 + \|x\|_1 + \|x\|_\infty",
        r"a = \|x\| + \|x\|_1 + \|x\|_\infty",
        "x = real[5]\na = x @ x + abs(x).sum() + abs(x).max()",
    ),
    "norms of matrices": (
        r"a = \|A\|_F^2 \|A\|_2",
        r"a = \|A\|_F^2 \|A\|_F",
        "A = real[3, 5]\na = (A * A).sum() * np.linalg.svd(A)[1][0]",
    ),
    "a bound operation": (
        r"y = x * w",
        r"y = w * x - x * w",
        "* = lambda a, b: convolve(a, b, 'full')\nx, w = real[7], real[3]\ny = np.convolve(x, w)",
    ),
    "a star of its own": (
        r"y = x \star w",
        r"y = w \star x",
        "\\star = lambda a, b: np.correlate(a, b, 'full')\nx, w = real[7], real[3]\ny = signal.correlate(x, w)",
    ),
    "an indexed operation": (
        r"(x * w)_i = \sum_k x_k w_{i-k}",
        r"(x * w)_i = \sum_k x_k w_{i+k}",
        "* = np.convolve\nx, w = zero(real[7]), zero(real[3])",
    ),
    "an operator beside its argument": (
        r"y = A x",
        r"y = A A x",
        "A = lambda x: np.cumsum(x)\nx = real[5]\ny = np.add.accumulate(x)",
    ),
    "elementwise": (
        r"W = \frac{\overline{H}}{|H|^2 + \gamma}",
        r"W = \frac{H}{|H|^2 + \gamma}",
        "H, \\gamma = cplx[3, 4], positive\nW = np.conj(H) / (H * np.conj(H) + gamma)",
        "pointwise",
    ),
    # sums
    "a sum with bounds": (
        r"a = \sum_{k=1}^{n} k x_k",
        r"a = \sum_{k=0}^{n-1} k x_k",
        "n, x = 4, real[6]\na = x[1] + 2 * x[2] + 3 * x[3] + 4 * x[4]",
    ),
    "a sum over all": (r"a = \sum_k x_k", r"a = \sum_k x_k^2", "x = real[5]\na = np.sum(x)"),
    "a double sum": (
        r"a = \sum_{i,j} x_{ij} i",
        r"a = \sum_{i,j} x_{ij} j",
        "x = real[3, 4]\na = (x.T * [0, 1, 2]).sum()",
    ),
    "an inner bound may depend on the outer": (
        r"a = \sum_{i=0}^{3} \sum_{j=0}^{i} x_j",
        r"a = \sum_{i=0}^{3} \sum_{j=0}^{3} x_j",
        "x = real[5]\na = np.cumsum(x)[:4].sum()",
    ),
    "a sum over a set": (
        r"a = \sum_{(k,l) \in S} x_{k,l}",
        r"a = \sum_{k,l} x_{k,l}",
        "x = real[3, 4]\nS = [(0, 1), (2, 3)]\na = x[0, 1] + x[2, 3]",
    ),
    "a sum over members": (
        r"a = \sum_{k \in \{1, 3\}} x_k",
        r"a = \sum_{k \in \{1, 2\}} x_k",
        "x = real[5]\na = x[1] + x[3]",
    ),
    "a sum with a chain of bounds": (
        r"a = \sum_{0 < p, q \le 2} x_{p,q}",
        r"a = \sum_{0 \le p, q \le 2} x_{p,q}",
        "x = real[4, 5]\na = x[1:3, 1:3].sum()",
    ),
    "a sum over pairs": (
        r"a = \sum_{i < j} x_i x_j",
        r"a = \sum_{i \le j} x_i x_j",
        "x = real[5]\na = (x.sum() ** 2 - x @ x) / 2",
    ),
    "a sum over all but one": (
        r"y_i = \sum_{j \ne i} x_j",
        r"y_i = \sum_{j \le i} x_j",
        "x = real[5]\ny = x.sum() - x",
    ),
    "conditions one above the other": (
        r"a = \sum_{\substack{i, j \\ i < j}} x_i x_j",
        r"a = \sum_{\substack{i, j \\ i \ne j}} x_i x_j",
        "x = real[5]\na = (x.sum() ** 2 - x @ x) / 2",
    ),
    "a product": (r"a = \prod_{k=0}^{2} x_k", r"a = \prod_{k=0}^{3} x_k", "x = real[5]\na = x[0] * x[1] * x[2]"),
    "a sum ends at the next sign": (
        r"a = \sum_k x_k + b",
        r"a = \sum_k (x_k + b)",
        "x, b = real[5], real\na = b + x.sum()",
    ),
    "the greatest and the least": (
        r"a = \max_k x_k - \min_k x_k",
        r"a = \min_k x_k - \max_k x_k",
        "x = real[5]\na = np.ptp(x)",
    ),
    "the greatest of several": (
        r"a = \max(b, c, 0)",
        r"a = \min(b, c, 0)",
        "b, c = each((-0.5, 0.3)), each((-0.7, 0.9))\na = sorted([b, c, 0])[2]",
    ),
    "mean and median": (
        r"a = \operatorname{median}_k x_k + \operatorname{mean}_k x_k",
        r"a = 2 \operatorname{mean}_k x_k",
        "x = real[5]\na = np.median(x) + np.mean(x)",
    ),
    "argmax over an index": (
        r"t = \operatorname*{argmax}_k x_k",
        r"t = \arg\min_k x_k",
        "x = real[5]\nt = int(np.argmax(x))",
    ),
    "argmax over two": (
        r"(p, q) = \argmax_{i,j} x_{ij}",
        r"(q, p) = \argmax_{i,j} x_{ij}",
        "_k = 6\nx = np.cos(np.arange(12.0) - _k).reshape(3, 4)\np, q = _k // 4, _k % 4",
    ),
    "argmin over a quantity": (
        r"v = \operatorname{argmin}_x \|y - A x\|^2",
        r"v = \operatorname{argmin}_x \|y - 2 A x\|^2",
        "A, y, x = real[5, 3], real[5], real[3]\nv = np.linalg.lstsq(A, y)[0]",
    ),
    # choices and relations
    "cases": (
        r"y_i = \begin{cases} x_{i/2} & \text{if } 2 \mid i \\ 0 & \text{otherwise} \end{cases}",
        r"y_i = \begin{cases} x_{i/2} & \text{if } 4 \mid i \\ 0 & \text{otherwise} \end{cases}",
        "x = real[4]\ny = np.kron(x, [1, 0])",
    ),
    "cases elementwise": (
        r"y = \begin{cases} x & x > 0 \\ \alpha x & x \le 0 \end{cases}",
        r"y = \begin{cases} x & x \ge 0 \\ \alpha x & x < -1 \end{cases}",
        "\\alpha = 0.1\nx = np.append(real[9].data, 0)\ny = np.maximum(x, alpha * x)",
        "pointwise",
    ),
    "two conditions": (
        r"y_i = \begin{cases} 1 & 0 < i \text{ and } i < n \\ 0 & \text{otherwise} \end{cases}",
        r"y_i = \begin{cases} 1 & 0 \le i \text{ and } i < n \\ 0 & \text{otherwise} \end{cases}",
        "n = 3\ny = np.array([0, 1, 1, 0, 0])",
    ),
    "membership": (
        r"y_i = \begin{cases} 1 & i \in S \\ 0 & i \notin S \end{cases}",
        r"y_i = \begin{cases} 1 & i \notin S \\ 0 & i \in S \end{cases}",
        "S = {1, 3}\ny = np.array([0, 1, 0, 1])",
    ),
    "a chain": (r"a = b + c = c + b", r"a = b + c = c - b", "b, c = real\na = b + c"),
    "aligned lines": (
        "\\begin{aligned} a &= b + c \\\\ &= c + b, \\\\ d &= b c \\end{aligned}",
        "\\begin{aligned} a &= b + c \\\\ &= c - b, \\\\ d &= b c \\end{aligned}",
        "b, c = real\na = b + c\nd = b * c",
    ),
    "a line that goes on with a sign": (
        "\\begin{aligned} a &= b \\\\ &\\quad + c \\end{aligned}",
        "\\begin{aligned} a &= b \\\\ &\\quad - c \\end{aligned}",
        "b, c = real\na = b + c",
    ),
    "two statements": (
        r"a = b + c, \qquad d = b c",
        r"a = b + c, \qquad d = b + c",
        "b, c = real\na = b + c\nd = b * c",
    ),
    "statements parted by words": (
        r"a = b + c \quad\text{where}\quad b = 2 c",
        r"a = b + c \quad\text{where}\quad b = 3 c",
        "c = real\nb = 2 * c\na = 3 * c",
    ),
    "a bound": (
        r"|\langle x, y \rangle| \le \|x\| \, \|y\|",
        r"|\langle x, y \rangle| < \|x\| \, \|y\|",
        "_n = 4\nx = real[_n]\ny = each((real[_n], 2 * x))",
    ),
    "a strict bound": (r"a < b", r"a \le b", "b = each((1, 2))\na = b - 0.5"),
    "rounding": (r"a \approx 3.14", r"a \approx 3.15", "a = np.pi"),
    "rounding in thousands": (r"a \approx 1.6 \cdot 10^5", r"a \approx 1.7 \cdot 10^5", "a = 163840"),
    "an update": (
        r"\theta \leftarrow \theta - \eta g",
        r"\theta \leftarrow \theta + \eta g",
        "\\theta, \\eta, g = real[4], positive, real[4]\n\\theta \\leftarrow theta - eta * g",
    ),
    "updates in turn": (
        r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - v",
        r"\theta \leftarrow \theta - v, \quad v \leftarrow \mu v + g",
        "\\theta, v, \\mu, g = real[4], real[4], 0.9, real[4]\n"
        "v \\leftarrow mu * v + g\n\\theta \\leftarrow theta - v_new",
    ),
    "a definition": (
        r"m = b + c, \quad a = 2 m",
        r"m = b - c, \quad a = 2 m",
        "b, c = real\nm = ...\na = 2 * b + 2 * c",
    ),
    # derivatives
    "a partial derivative": (
        r"\frac{\partial y_i}{\partial x_j} = A_{ij}",
        r"\frac{\partial y_i}{\partial x_j} = A_{ji}",
        "A, x = real[3, 5], real[5]\ny = A @ x",
    ),
    "a derivative by a matrix": (
        r"\frac{\partial L}{\partial W} = \delta x^{\top}",
        r"\frac{\partial L}{\partial W} = 2 \delta x^{\top}",
        "W, x = real[3, 5], real[5]\n\\delta = np.cos(W @ x)\nL = np.sum(np.sin(W @ x))",
    ),
    "a gradient": (r"\nabla_x L = 2 x", r"\nabla_x L = x", "x = real[4]\nL = x @ x"),
    "the gradient of a function": (r"\nabla f(x) = 2 x", r"\nabla f(x) = x", "f, x = lambda x: x @ x, real[4]"),
    "a derivative of an expression": (
        r"\frac{\mathrm{d}}{\mathrm{d} x} f(x) = 3 x^2",
        r"\frac{\mathrm{d}}{\mathrm{d} x} f(x) = 2 x^2",
        "f, x = lambda x: x**3, real",
    ),
    # ranges beside the equation
    "a range with dots": (
        r"y_i = x_{i+1}, \qquad i = 0, \dots, n - 1",
        r"y_i = x_{i+1}, \qquad i = 0, \dots, n - 2",
        "n = 4\nx = real[5]\ny = x[1:]",
    ),
    "a range with bounds": (
        r"y_i = x_{i+1}, \quad 0 \le i < n",
        r"y_i = x_{i+1}, \quad 0 < i < n",
        "n = 4\nx = real[5]\ny = x[1:]",
    ),
    "a range in words": (
        r"y_i = x_{i+1} \quad\text{for } 0 \le i < n",
        r"y_i = x_{i+1} \quad\text{for } 0 \le i \le n",
        "n = 4\nx = real[5]\ny = x[1:]",
    ),
    "for every": (
        r"a b = b a \quad \text{for every } a \text{ and } b",
        r"a b = b + a \quad \text{for every } a \text{ and } b",
        "a, b = real",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_formula_holds_and_its_misreading_does_not(rule: str) -> None:
    holds, does_not, binding, *options = RULES[rule]
    for seed in (0, 100, 200):
        green(holds, binding, *options, seed=seed)
        message = red(does_not, binding, *options, seed=seed)
        assert "does not use" not in message, message
