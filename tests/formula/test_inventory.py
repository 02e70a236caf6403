"""The formula errors of the lecture notes: as printed each is red, as corrected each is green."""

import pytest

from .holding import green, red


def column(*entries: str) -> str:
    return r"\begin{pmatrix} " + r" \\ ".join(entries) + r" \end{pmatrix}"


SEVEN = [
    r"w_1 & 0 & 0",
    r"w_2 & 0 & 0",
    r"w_3 & w_1 & 0",
    r"0 & w_2 & 0",
    r"0 & w_3 & w_1",
    r"0 & 0 & w_2",
    r"0 & 0 & w_3",
]
PAIR = column("-1 & 0 & 0 & 1 & 0 & 0", "0 & 0 & -1 & 0 & 0 & 1")
STRIDED = "w = at(1, real[3])\nW = strided_matrix(w, 7, 2)\n"

FLAT = "H = ndimage.uniform_filter(np.pad([[1.0]], 2), 5, mode='constant')"
POINTS = (
    "_n = each((2, 3, 4))\n_X = np.eye(_n) * np.array([1.7, 1.7, 1.7, 5.1])[:_n]\n_u = np.array([1, -1, 1, -1])[:_n]\n"
    "_k = perceptron_mistakes(_X, _u)\nD = np.max(np.linalg.norm(_X, axis=1))\n"
    "\\gamma = np.min(_u * (_X @ (_u / np.sqrt(_n))))\n"
)
# name: as printed, as corrected, the binding (of each, where they do not name the same), options
ERRORS = {
    "BP-DW": (
        r"\frac{\partial L}{\partial W} = x^{\top} \delta",
        r"\frac{\partial L}{\partial W} = \delta x^{\top}",
        "W, x, _b = real[3, 5], real[5], real[3]\n_z = W @ x + _b\nL = np.sum(np.sin(np.tanh(_z)))\n"
        "\\delta = np.cos(np.tanh(_z)) * (1 - np.tanh(_z)**2)",
    ),
    "BP-CONV-W": (
        r"\frac{\partial y_i}{\partial x_{i+1}} = w_{-1}, \qquad \frac{\partial y_i}{\partial x_{i-1}} = w_{-1}",
        r"\frac{\partial y_i}{\partial x_{i+1}} = w_{-1}, \qquad \frac{\partial y_i}{\partial x_{i-1}} = w_{+1}",
        "i = each((2, 3, 4))\nx, w = real[7], real[-1:2]\ny = convolve(x, w)",
    ),
    "CONV-IDX": (
        r"y_i = \sum_{i=-\ell}^{\ell} w_i x_{i-i}",
        r"y_i = \sum_{i'=-\ell}^{\ell} w_{i'} x_{i-i'}",
        "\\ell = 2\nx, w = zero(real[9]), real[-ell:ell+1]\ny = convolve(x, w)",
    ),
    "TC-X8": (
        f"y = W {column(*(f'x_{k}' for k in range(1, 9)))}",
        f"y = W {column(*(f'x_{k}' for k in range(1, 8)))}",
        "_w, x = real[3], at(1, real[7])\nW = strided_matrix(_w, 7, 2)\ny = convolve(x, _w[::-1], 'valid')[::2]",
    ),
    "TC-WT": (rf"W^{{\top}} = {column(*SEVEN[:5])}", rf"W^{{\top}} = {column(*SEVEN)}", STRIDED),
    "TC-ZERO": (
        r"W^{\top}y = V " + column("0", "0", "y_2", "0", "0", "y_3", "0", "0"),
        r"W^{\top}y = V " + column("0", "0", "y_1", "0", "y_2", "0", "y_3", "0", "0"),
        "_w, y = real[3], at(1, real[3])\nW = strided_matrix(_w, 7, 2)\nV = strided_matrix(_w[::-1], 9, 1)",
    ),
    "MEAN-H": (
        r"H = \frac{1}{25} I",
        r"H = \frac{1}{25} \mathbf{1}\mathbf{1}^{\top}",
        ("I = np.eye(5)\n" + FLAT, "\\mathbf{1} = np.ones(5)\n" + FLAT),
    ),
    "CHAIN-SUM": (
        r"\frac{\partial f}{\partial x} = \frac{\partial f}{\partial n_i}\frac{\partial n_i}{\partial x}",
        r"\frac{\partial f}{\partial x} = \sum_i \frac{\partial f}{\partial n_i}\frac{\partial n_i}{\partial x}",
        "x = real\nn = np.array([np.sin(x), x**2, np.exp(x)])\nf = n[0] * n[1] + n[2]**2",
    ),
    "ARGMIN": (
        r"\hat L = \frac{1}{f} \frac{|f|^2}{|f|^2 + \gamma |P|^2} I",
        r"\hat L = \frac{\overline f}{|f|^2 + \gamma |P|^2} I",
        "_f, P, I = cplx[3, 4]\n\\gamma = positive\nf = np.where(np.arange(12).reshape(3, 4) == 5, 0, _f)\n"
        "\\hat L = ridge(f, P, I, gamma)",
        "pointwise",
    ),
    "SWISH-LBL": (
        r"\sigma(x) = \frac{x}{1 + e^{-x}}",
        r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        "x = real[7]\n\\sigma = sigmoid",
        "pointwise",
    ),
    "ORTHO-EX": (
        rf"W = {PAIR}, \qquad W W^{{\top}} = I",
        rf"W = \frac{{1}}{{\sqrt 2}} {PAIR}, \qquad W W^{{\top}} = I",
        "W = ...\nI = np.eye(2)",
    ),
    "ORTHO-INV": (
        r"W^{-1} = W^{\top}",
        r"W^{+} = W^{\top}",
        "W = strided_matrix(np.array([-1, 0, 0, 1]) / np.sqrt(2), 10, 2)",
    ),
    "SEP-PARAM": (
        r"n = 3 \cdot 3 \cdot 12 + 3 \cdot 12 = 144",
        r"n = 3 \cdot 3 \cdot 3 + 3 \cdot 12 = 63",
        "n = np.ones((3, 1, 3, 3)).size + np.ones((12, 3, 1, 1)).size",
    ),
    "ANN-40": (
        "n = 16 + 20 + 4 = 40",
        "n = 16 + 20 + 5 = 41",
        "n = sum((i + 1) * o for i, o in ((3, 4), (4, 4), (4, 1)))",
    ),
    "NOVIKOFF": (
        r"v \le (D/\gamma)^2",
        r"k \le (D/\gamma)^2",
        (POINTS + "v = 2.12 * _k", POINTS + "k = _k"),
    ),
    "GLOSS-SHEAR": (
        column("x'", "y'") + " = " + column("s & 0", "0 & 1") + column("x", "y"),
        column("x'", "y'") + " = " + column("1 & s", "0 & 1") + column("x", "y"),
        "x, y, s = real\nx', y' = x + s * y, y",
    ),
    "MLP-160M": (
        r"n = 10 \cdot 256^3 = 160\,000\,000",
        r"n = 10 \cdot 256^3 = 167\,772\,160",
        "n = torch.nn.Linear(256**3, 10, bias=False, device='meta').weight.numel()",
    ),
    "WK-X": (r"z_k = w_k x", r"z_k = w_k^{\top} x", "w, x = real[3, 5], real[5]\nz = w @ x"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_the_printed_formula_is_red_and_the_corrected_green(name: str) -> None:
    printed, corrected, binding, *options = ERRORS[name]
    bindings = binding if isinstance(binding, tuple) else (binding, binding)
    for seed in range(0, 1000, 100):
        message = red(printed, bindings[0], *options, seed=seed)
        assert "does not use" not in message
        green(corrected, bindings[1], *options, seed=seed)
