"""`fit`, `save` and `load`, the modes, the models, and a sentence for each mistake."""

import pickle

import numpy as np
import pytest

from course import nn
from course.autodiff import Tensor, grad_check, no_grad
from course.nn.layers import standardize
from tests.ops.cases import array


def blobs(n=60, seed=0):
    """Three clouds of points in the plane, and which is which."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centres = np.array([[2.0, 0.0], [-2.0, 1.0], [0.0, -2.0]])
    return centres[labels] + 0.3 * rng.standard_normal((n, 2)), labels


def train(model, optimiser, data, epochs, rng, **options):
    options = {"quiet": True, "loss": nn.cross_entropy, "batch_size": 16} | options
    return nn.fit(model, data, optimiser=optimiser, epochs=epochs, rng=rng, **options)


def test_fit_learns_and_says_how_it_went():
    model = nn.mlp((2, 8, 3), rng=0)
    data, validation = blobs(), blobs(30, seed=1)
    history = train(model, nn.Adam(model.parameters(), lr=0.05), data, 12, 0, validation=validation)
    assert set(history) == {"loss", "accuracy", "validation_loss", "validation_accuracy"}
    assert all(len(h) == 12 and all(type(v) is float for v in h) for h in history.values())
    assert history["loss"][-1] < 0.1 < history["loss"][0]
    assert history["validation_accuracy"][-1] == 1
    found = nn.evaluate(model, validation, loss=nn.cross_entropy, batch_size=7)
    assert np.isclose(found["loss"], history["validation_loss"][-1])
    assert found["accuracy"] == nn.accuracy(model(validation[0]), validation[1]) == 1
    assert not model.training


def test_the_loss_of_an_epoch_is_the_mean_over_examples_not_over_batches():
    model = nn.Linear(1, 1, rng=0)
    x, y = np.arange(5.0)[:, None], np.array([[0.0], [0.0], [0.0], [0.0], [100.0]])
    step = nn.SGD(model.parameters(), lr=0.0)
    history = train(model, step, (x, y), 1, 0, loss=nn.mse_loss, batch_size=4)
    assert np.isclose(history["loss"][0], nn.mse_loss(model(x), y).item())
    assert "accuracy" not in history


def test_the_same_generator_gives_the_same_numbers_and_another_does_not():
    def once(seed):
        model = nn.Sequential(nn.Linear(2, 8, rng=1), nn.ReLU(), nn.Dropout(0.2, rng=2), nn.Linear(8, 3, rng=3))
        history = train(model, nn.SGD(model.parameters(), lr=0.1, momentum=0.9), blobs(), 3, seed)
        return history, model.state()

    (first, state), (again, same), (other, _) = once(0), once(0), once(4)
    assert first == again
    assert first["loss"] != other["loss"]
    assert all((state[n] == same[n]).all() for n in state)


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_training_goes_on_where_it_stopped(kind, tmp_path):
    options = {"lr": 0.05} | ({"momentum": 0.9} if kind == "SGD" else {})

    def fresh(seed):
        model = nn.mlp((2, 8, 3), rng=seed)
        return model, getattr(nn, kind)(model.parameters(), **options)

    model, step = fresh(0)
    whole = train(model, step, blobs(), 5, np.random.default_rng(7))
    first, begun = fresh(0)
    rng = np.random.default_rng(7)
    start = train(first, begun, blobs(), 2, rng)
    nn.save(first, tmp_path / "model.npz")
    nn.save(begun, tmp_path / "step.npz")
    second, later = fresh(1)
    nn.load(second, tmp_path / "model.npz")
    nn.load(later, tmp_path / "step.npz")
    rest = train(second, later, blobs(), 3, rng)
    assert whole["loss"] == start["loss"] + rest["loss"]
    assert all((a == second.state()[n]).all() for n, a in model.state().items())


def test_the_lines_that_fit_writes(capsys):
    model = nn.mlp((2, 3), rng=0)
    train(model, nn.SGD(model.parameters(), lr=0.1), blobs(), 2, 0, quiet=False)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2  loss ")
    assert "accuracy" in lines[1]
    train(model, nn.SGD(model.parameters(), lr=0.1), blobs(), 2, 0, quiet=True)
    assert capsys.readouterr() == ("", "")


def test_the_bar_on_a_terminal(capsys, monkeypatch):
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    model = nn.mlp((2, 3), rng=0)
    train(model, nn.SGD(model.parameters(), lr=0.1), blobs(), 2, 0, quiet=False)
    err = capsys.readouterr().err
    assert err.count("\n") == 2
    assert "\repoch 1/2 █" in err


def test_fit_takes_its_data_to_the_precision_of_the_model():
    model = nn.lenet((1, 12, 12), 3, rng=0).to(np.float32)
    x, labels = np.random.default_rng(0).random((6, 1, 12, 12)), np.arange(6) % 3
    step = nn.Adam(model.parameters())
    train(model, step, (x, labels), 1, 0, validation=(x, labels))
    assert {a.dtype for a in model.state().values()} == {np.dtype(np.float32)}
    assert {a.dtype for a in step.memory["mean"]} == {np.dtype(np.float32)}


def test_a_precision_is_changed_in_place():
    model = nn.mlp((2, 3), rng=0)
    before = model.parameters()
    assert [id(p) for p in model.to(np.float32).parameters()] == [id(p) for p in before]
    assert nn.BatchNorm2d(2).to(np.float32).running_mean.dtype == np.float32


def test_the_gradient_of_cross_entropy_is_softmax_minus_one_at_the_label():
    rng = np.random.default_rng(0)
    x, labels = Tensor(array(rng, (5, 3)), requires_grad=True), rng.integers(0, 3, 5)
    nn.cross_entropy(x, labels).backward()
    p = np.exp(x.data) / np.exp(x.data).sum(1, keepdims=True)
    assert np.allclose(x.grad, (p - np.eye(3)[labels]) / 5)


def test_standardize_has_its_derivative_and_a_second():
    from course.autodiff import functional as F
    from course.autodiff import grad

    rng = np.random.default_rng(0)
    x, v = array(rng, (3, 2, 4)), array(rng, (3, 2, 4))
    f = lambda x: standardize(x, (0, 2), 1e-2)
    assert grad_check(f, x) < 1e-11
    assert grad_check(grad(lambda x: F.sum(f(x) * f(x) * f(x) * v)), x) < 1e-7


def test_dropout():
    layer = nn.Dropout(0.3, rng=0)
    x = Tensor(np.ones((100, 100)), requires_grad=True)
    y = layer(x)
    assert set(np.unique(y.data).round(12)) == {0, round(1 / 0.7, 12)}
    assert abs(y.data.mean() - 1) < 0.02
    y.sum().backward()
    assert (x.grad == y.data).all()
    assert (layer(x).data != y.data).any()
    layer.eval()
    assert (layer(x).data == x.data).all()
    assert not nn.Dropout(1.0)(np.ones(3)).any()
    assert nn.Dropout(0.5)(np.ones(3, np.float32)).dtype == np.float32


def test_modes_reach_all_layers():
    model = nn.Sequential(nn.Sequential(nn.Dropout(), nn.BatchNorm2d(2)), nn.unet(2, 1, 2, 1))
    model.eval()
    assert not any(m.training for _, m in model.modules())
    model.train()
    assert all(m.training for _, m in model.modules())


def test_names_are_torchs_and_a_shared_layer_counts_once():
    shared = nn.Linear(3, 3)
    model = nn.Sequential(shared, nn.ReLU(), shared)
    assert len(model.parameters()) == 2
    assert list(nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.BatchNorm2d(2)).state()) == [
        "0.0.weight", "0.0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
    ]  # fmt: skip
    assert {"down.0.0.weight", "grow.0.bias", "up.1.2.weight", "head.bias"} <= set(nn.unet(1, 1).state())


def test_a_part_of_a_network_is_a_network_of_the_same_layers():
    net = nn.lenet((1, 12, 12), 3)
    first, rest = net[:6], net[6:]
    x = np.random.default_rng(0).random((2, 1, 12, 12))
    assert (rest(first(x)).data == net(x).data).all()
    assert net[-1] is list(net)[-1] is rest[-1]


def test_layers_made_with_one_generator_differ_and_with_one_seed_do_not():
    rng = np.random.default_rng(0)
    a, b = nn.Linear(3, 3, rng=rng), nn.Linear(3, 3, rng=rng)
    assert (a.weight.data != b.weight.data).all()
    assert (nn.Linear(3, 3, rng=5).weight.data == nn.Linear(3, 3, rng=5).weight.data).all()
    first, second = nn.mlp((3, 3, 3), rng=0).state(), nn.mlp((3, 3, 3)).state()
    assert (first["0.weight"] == second["0.weight"]).all()
    assert (first["0.weight"] != first["2.weight"]).all()


def test_models():
    assert repr(nn.lenet()).count("Conv2d") == 2
    assert nn.lenet((3, 32, 20), 7)(np.zeros((2, 3, 32, 20))).shape == (2, 7)
    assert nn.unet(3, 2, width=3, depth=3)(np.zeros((1, 3, 16, 8))).shape == (1, 2, 16, 8)
    assert nn.unet(3, 2, depth=0)(np.zeros((1, 3, 5, 7))).shape == (1, 2, 5, 7)
    assert [p.shape for p in nn.mlp((4, 3)).parameters()] == [(3, 4), (3,)]
    for activation in ("relu", "tanh", "sigmoid", "silu", "elu", "leaky_relu"):
        assert nn.mlp((2, 4, 1), activation)(np.ones((5, 2))).shape == (5, 1)


def test_a_unet_learns_to_copy():
    rng = np.random.default_rng(0)
    x = rng.random((4, 1, 8, 8))
    model = nn.unet(1, 1, width=4, depth=1, rng=0)
    history = train(model, nn.Adam(model.parameters(), lr=0.02), (x, x), 60, 0, loss=nn.mse_loss, batch_size=4)
    assert history["loss"][-1] < 0.2 * history["loss"][0]


def test_save_and_load(tmp_path):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    model(np.random.default_rng(0).random((2, 1, 5, 5)))
    path = tmp_path / "model.npz"
    nn.save(model, path)
    nn.save(model, str(path))  # over the first
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]
    other = nn.load(nn.Sequential(nn.Conv2d(1, 2, 3, rng=9), nn.BatchNorm2d(2)), path)
    assert all((a == other.state()[n]).all() for n, a in model.state().items())
    with np.load(path, allow_pickle=False) as file:
        assert set(file.files) == set(model.state())
    state = model.state()
    state["0.weight"][...] = 0
    assert model.state()["0.weight"].any()


def test_a_save_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "model.npz"
    nn.save(nn.Linear(2, 3), path)
    before = path.read_bytes()

    def breaks(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(np, "savez", breaks)
    with pytest.raises(OSError, match="the disk is full"):
        nn.save(nn.Linear(2, 3, rng=1), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]


def test_load_refuses_what_is_not_a_file_of_arrays(tmp_path):
    path = tmp_path / "model.npz"
    for content in (b"", b"not a file of arrays", pickle.dumps({"weight": 1})):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"^load: .* is not a file that save wrote$"):
            nn.load(nn.Linear(2, 3), path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match=r"^load: .* is not a file that save wrote$"):
        nn.load(nn.Linear(2, 3), path)
    np.savez(path, weight=np.array([{}], dtype=object), bias=np.zeros(3))
    with pytest.raises(ValueError, match=r"^load: .* is not a file that save wrote$"):
        nn.load(nn.Linear(2, 3), path)


def test_what_was_loaded_in_part_is_not_taken_at_all():
    layer = nn.Linear(2, 3)
    before = layer.state()
    with pytest.raises(ValueError, match="bias"):
        layer.load_state({"weight": np.zeros((3, 2)), "bias": np.zeros(4)})
    assert all((a == layer.state()[n]).all() for n, a in before.items())


def test_nothing_is_recorded_where_nothing_is_trained():
    model = nn.lenet((1, 12, 12), 3)
    with no_grad():
        y = model(np.zeros((2, 1, 12, 12)))
    assert y.step is None


def line(**changes):
    model = nn.Linear(1, 1)
    options = {"loss": nn.mse_loss, "optimiser": nn.SGD(model.parameters(), lr=1e-3), "epochs": 2, "batch_size": 2}
    return model, options | {"quiet": True} | changes


def fit_with(data, **changes):
    model, options = line(**changes)
    return nn.fit(model, data, **options)


x = np.ones((4, 1))
MISTAKES = {
    "fit: data has x of shape .* and a target of shape .*; they must have equally many examples": lambda: fit_with(
        (x, x[:3])
    ),
    r"fit: data has x of shape \(0, 1\) .*, and at least one": lambda: fit_with((x[:0], x[:0])),
    "fit: data is a ndarray; it must be a pair of arrays": lambda: fit_with(x),
    "fit: validation has x of shape": lambda: fit_with((x, x), validation=(x, x[:1])),
    "fit: epochs is 2 and batch_size 0; they must be at least 0, and at least 1": lambda: fit_with(
        (x, x), batch_size=0
    ),
    "fit: the loss is nan in epoch 1; lower the learning rate, which is 0.001, or look": lambda: fit_with(
        (x * np.nan, x)
    ),
    r"fit: the loss has shape \(2, 1\); it must be a single number": lambda: fit_with(
        (x, x), loss=lambda a, b: nn.mse_loss(a, b, reduction="none")
    ),
    "fit: the loss is a float; it must be a tensor": lambda: fit_with((x, x), loss=lambda a, b: 1.0),
    "Linear: x has shape .*, but the layer takes 5 features": lambda: nn.Linear(5, 3)(np.ones((2, 4))),
    "conv2d: x has 4 channels, but w with groups=1 expects 3": lambda: nn.Conv2d(3, 2, 3)(np.ones((1, 4, 5, 5))),
    "conv2d: x is float64, w is float32": lambda: nn.Conv2d(1, 2, 3).to(np.float32)(np.ones((1, 1, 5, 5))),
    "Conv2d: groups is 2, which cannot share 3 and 4 channels equally": lambda: nn.Conv2d(3, 4, 3, groups=2),
    r"BatchNorm2d: x has shape \(2, 4, 3, 3\); it must be \(N, 3, H, W\)": lambda: nn.BatchNorm2d(3)(
        np.ones((2, 4, 3, 3))
    ),
    "BatchNorm2d: x has shape .*; in training a channel needs more than one entry": lambda: nn.BatchNorm2d(3)(
        np.ones((1, 3, 1, 1))
    ),
    "Dropout: p is 1.5; it must be from 0 to 1": lambda: nn.Dropout(1.5),
    "Activation: there is no 'swish'; there are relu": lambda: nn.mlp((2, 3, 4), activation="swish"),
    r"Sequential: layer 1 is .*; it must be a Module, such as ReLU\(\)": lambda: nn.Sequential(
        nn.Linear(2, 3), nn.ReLU
    ),
    "mlp: sizes are .*; there must be two": lambda: nn.mlp((3,)),
    r"lenet: in_shape is \(1, 8, 8\); its second convolution needs": lambda: nn.lenet((1, 8, 8)),
    r"unet: x has shape \(1, 1, 30, 28\); .* divisible by 4": lambda: nn.unet(1, 1)(np.ones((1, 1, 30, 28))),
    "unet: in_channels, out_channels, width and depth are": lambda: nn.unet(1, 0),
    "SGD: there are no parameters": lambda: nn.SGD([], lr=0.1),
    "SGD: parameter 0 is a Tensor; it must be a tensor with requires_grad=True": lambda: nn.SGD([Tensor(1.0)], lr=0.1),
    "SGD: lr is -1; it must not be negative": lambda: nn.SGD(nn.Linear(1, 1).parameters(), lr=-1),
    "SGD: momentum is 0.0; nesterov=True needs one above 0": lambda: nn.SGD(
        nn.Linear(1, 1).parameters(), nesterov=True
    ),
    "Adam: betas are .*; they must be from 0 to below 1": lambda: nn.Adam(nn.Linear(1, 1).parameters(), betas=(0.9, 1)),
    r"load_state: the state lacks bias and has nothing too many": lambda: nn.Linear(2, 3).load_state(
        {"weight": np.ones((3, 2))}
    ),
    r"load_state: the state lacks nothing and has more too many": lambda: nn.Linear(2, 3).load_state(
        nn.Linear(2, 3).state() | {"more": 1}
    ),
    r"load_state: weight has shape \(3, 4\), but the model's has \(3, 2\)": lambda: nn.Linear(2, 3).load_state(
        nn.Linear(4, 3).state()
    ),
    "load: there is no file": lambda: nn.load(nn.Linear(2, 3), "nowhere/at/all.npz"),
    "to: dtype is int64; it must be floating point": lambda: nn.Linear(2, 3).to(np.int64),
    "cross_entropy: labels are float64; they must be whole numbers": lambda: nn.cross_entropy(Tensor(x), x[:, 0]),
    r"cross_entropy: x has shape \(4, 1\) and the labels \(3,\)": lambda: nn.cross_entropy(Tensor(x), [0, 0, 0]),
    "cross_entropy: labels go from 0 to 1, but there are 1 classes": lambda: nn.cross_entropy(Tensor(x), [0, 1, 0, 0]),
    "mse_loss: x has shape .* and the target .*; they must be equal": lambda: nn.mse_loss(Tensor(x), x[:, 0]),
    "reduction is 'max'; it must be 'mean', 'sum' or 'none'": lambda: nn.mse_loss(Tensor(x), x, reduction="max"),
    "Module: write its forward": lambda: nn.Module()(x),
}


@pytest.mark.parametrize("sentence", MISTAKES)
def test_the_sentence(sentence):
    errors = (ValueError, TypeError, FloatingPointError, FileNotFoundError, NotImplementedError)
    with pytest.raises(errors, match=f"^{sentence}"):
        MISTAKES[sentence]()
