"""Checkpoints: all that training changes, so that a run that was killed ends as if it had not been."""

import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from course.train.demo import Settings
from course.train.devices import State
from course.train.faults import Refusal
from course.train.folder import CHECKPOINT, Record, compare, write

PARTS = {"settings", "epoch", "model", "optimiser", "schedule", "random"}


@dataclass
class Run:
    """A training under way: all that changes. The order of examples and their augmentation follow from the epoch."""

    model: nn.Module
    optimiser: Optimizer
    schedule: LRScheduler
    epoch: int = 0  # how many are done
    history: list[Record] = field(default_factory=list)
    precision: str = "float32"  # of products on the way forward


def save(folder: Path, run: Run, settings: Settings, random: list[State]) -> None:
    """Write the checkpoint of a run; `random` holds the states of each process's generators."""
    buffer = io.BytesIO()  # a full disk would make torch.save itself crash; so it writes to memory, and `write` to disk
    parts = {
        "settings": asdict(settings),
        "epoch": run.epoch,
        "model": run.model.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "schedule": run.schedule.state_dict(),
        "random": random,
    }
    torch.save(parts, buffer)
    write(folder / CHECKPOINT, buffer.getbuffer())


def load(folder: Path, run: Run, settings: Settings) -> list[State]:
    """Set a run to the folder's checkpoint, if it is of these settings; the states of each process's generators."""
    path = folder / CHECKPOINT
    parts = read(path)
    compare(path, parts["settings"], settings)
    try:
        run.model.load_state_dict(parts["model"])
        run.optimiser.load_state_dict(parts["optimiser"])
        run.schedule.load_state_dict(parts["schedule"])
    except (RuntimeError, ValueError, KeyError) as fault:
        raise Refusal(f"{path} is of another network than {settings.demo} has now: take another --out") from fault
    run.epoch = parts["epoch"]
    random: list[State] = parts["random"]
    return random


def read(path: Path) -> dict[str, Any]:
    """What a checkpoint holds: tensors, numbers and words. Anything else in the file is refused; none of it is run."""
    content = io.BytesIO(path.read_bytes())
    try:
        parts = torch.load(content, map_location="cpu", weights_only=True)
    except Exception as fault:  # a damaged file makes torch complain in many ways
        raise Refusal(f"{path} is damaged, or no checkpoint: put a sound copy there, or take another --out") from fault
    if not isinstance(parts, dict) or set(parts) != PARTS:
        raise Refusal(f"{path} is no checkpoint of course train: take another --out")
    return parts
