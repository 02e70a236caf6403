"""Keeping what was learned: the arrays by name in one .npz file, which runs nothing when it is read."""

import os
import tempfile
from pathlib import Path
from typing import Protocol, TypeVar
from zipfile import BadZipFile

import numpy as np

from course.nn.module import Array


class Stateful(Protocol):
    """A model or an optimiser: whatever has a state."""

    def state(self) -> dict[str, Array]:
        """The arrays by name."""
        ...

    def load_state(self, state: dict[str, Array]) -> None:
        """Take them back."""
        ...


Kept = TypeVar("Kept", bound=Stateful)


def save(what: Stateful, path: str | os.PathLike[str]) -> None:
    """file = state(what): the arrays of a model or an optimiser, as .npz.

    It is written beside its place and then renamed, so that a file of that name is always whole.

    >>> from course.nn import Linear
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(Linear(3, 2, rng=1), folder + "/layer.npz")
    ...     layer = load(Linear(3, 2, rng=2), folder + "/layer.npz")
    >>> bool((layer.weight.data == Linear(3, 2, rng=1).weight.data).all())
    True
    """
    to = Path(path)
    handle, name = tempfile.mkstemp(
        dir=to.parent, prefix=f".{to.name}."
    )
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **what.state())  # type: ignore[arg-type]
        Path(name).replace(to)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(what: Kept, path: str | os.PathLike[str]) -> Kept:
    """state(what) ← file: the same model or optimiser, with the arrays that `save` wrote.

    >>> from course.nn import Linear
    >>> load(Linear(3, 2), "nowhere.npz")
    Traceback (most recent call last):
    FileNotFoundError: load: there is no file nowhere.npz
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"load: there is no file {os.fspath(path)}"
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            state = {name: file[name] for name in file.files}
    except (ValueError, TypeError, EOFError, BadZipFile):
        raise ValueError(
            f"load: {os.fspath(path)} is not a file that save wrote"
        ) from None
    what.load_state(state)
    return what
