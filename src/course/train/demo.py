"""What a training demo is: data, a model, a loss and what is measured of them. The loop knows nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from course.train.faults import Refusal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Metrics = dict[str, float]


@dataclass(frozen=True)
class Settings:
    """What a run was asked for: all that decides its numbers, as config.json keeps it."""

    demo: str
    set: str  # which of the demo's sets of data
    epochs: int
    batch_size: int  # of all processes together
    lr: float
    seed: int
    amp: bool = False
    compile: bool = False
    dtype: str = "float32"
    examples: int | None = None  # how many to train on, where the set is drawn on demand
    folder: str | None = None  # where the reader's own files lie


@dataclass(frozen=True)
class Data:
    """Examples to learn from and examples to judge by, each a tuple of tensors with the examples first."""

    train: tuple[Tensor, ...]
    test: tuple[Tensor, ...]


@dataclass(frozen=True)
class Demo:
    """One demo. Every function is short, stands in the demo's own module, and can be copied from there."""

    name: str
    shows: str  # one line: what a reader sees
    takes: str  # one line: how long, on what
    sets: tuple[str, ...]  # the first is the one it takes by itself
    epochs: int
    batch_size: int
    lr: float
    data: Callable[[Settings], Data]
    model: Callable[[Settings, Data], nn.Module]
    loss: Callable[..., Tensor]  # loss(model, *batch), the mean over the batch
    judge: Callable[[nn.Module, Data], Metrics]  # in eval mode, without gradients
    picture: Callable[[nn.Module, Data, Settings], "Figure"]
    metric: str  # the name in Metrics by which the run is judged
    higher_is_better: bool = True
    augment: Callable[..., tuple[Tensor, ...]] | None = None  # augment(generator, *batch)
    examples: int | None = None  # how many it draws by itself, where the set is drawn on demand
    per_set: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # what a set has otherwise: {"epochs": 10}
    decay: str = "cosine"  # of the learning rate, over all steps: "cosine" or "none"
    weight_decay: float = 0.0
    notes: tuple[str, ...] = field(default=())

    def settings(self, **asked: Any) -> Settings:
        """The demo's own settings, those of the set that is asked for, and over both what is asked for."""
        name = asked.setdefault("set", self.sets[0])
        if name not in self.sets:
            raise Refusal(f"{self.name} has no set {name!r}, only {', '.join(self.sets)}")
        own: dict[str, Any] = {key: getattr(self, key) for key in ("epochs", "batch_size", "lr", "examples")}
        own.update(self.per_set.get(name, {}))
        if asked.get("examples") is not None and own["examples"] is None:
            raise Refusal(f"the examples of {self.name} are what they are, none are drawn: leave --examples out")
        return check(Settings(**{"demo": self.name, "seed": 0, **own, **asked}))


def check(settings: Settings) -> Settings:
    """The settings, if a run can have them."""
    for name, least in {"epochs": 1, "batch_size": 1, "examples": 1, "seed": 0}.items():
        value = getattr(settings, name)
        if value is not None and value < least:
            raise Refusal(f"--{name.replace('_', '-')} is {value}, but must be at least {least}")
    if not 0 < settings.lr < inf:
        raise Refusal(f"--lr is {settings.lr}, but must be more than 0 and finite")
    return settings
