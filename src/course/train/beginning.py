"""How a run begins: with its data, its model, and the checkpoint or the folder that it has."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LRScheduler

from course.train import checkpoint, devices, folder
from course.train.checkpoint import Run
from course.train.crew import Crew
from course.train.demo import Data, Demo, Settings
from course.train.devices import Say
from course.train.faults import Refusal
from course.train.loop import Batch

START, ORDER, AUGMENT, PROCESS = range(4)  # what random numbers are drawn for: each use has a stream of its own
SCHEDULES: dict[str, Callable[[Optimizer, int], LRScheduler]] = {
    "cosine": lambda optimiser, steps: CosineAnnealingLR(optimiser, steps),
    "none": lambda optimiser, steps: ConstantLR(optimiser, 1.0),
}


def seeded(*key: int) -> int:
    """A seed for one use of random numbers, from the run's seed, the use, and what else tells it from others."""
    return int(np.random.SeedSequence(key).generate_state(1)[0])


def prepare(demo: Demo, settings: Settings, crew: Crew) -> tuple[Data, Run]:
    """Data and a run at its beginning, equal in all processes."""
    kind = devices.number_type(settings, crew.device)
    crew.share(settings.batch_size)
    torch.manual_seed(seeded(settings.seed, START))
    try:
        data = demo.data(settings)
    except (ValueError, FileNotFoundError) as fault:
        raise Refusal(str(fault)) from fault

    def place(batch: Batch) -> Batch:
        return tuple(x.to(crew.device, kind if x.is_floating_point() else x.dtype) for x in batch)

    data = Data(place(data.train), place(data.test))
    count = len(data.train[0])
    if count < settings.batch_size:
        raise Refusal(f"--batch-size {settings.batch_size} is more than the {count} examples that there are")
    torch.manual_seed(seeded(settings.seed, START))
    model = crew.adapted(demo.model(settings, data).to(crew.device, kind))
    optimiser = AdamW(model.parameters(), settings.lr, weight_decay=demo.weight_decay)
    schedule = SCHEDULES[demo.decay](optimiser, settings.epochs * (count // settings.batch_size))
    return data, Run(model, optimiser, schedule)


def begin(out: Path, run: Run, settings: Settings, crew: Crew, say: Say) -> None:
    """Give a new run its folder, and what else is decided once."""
    torch.manual_seed(seeded(settings.seed, PROCESS, crew.rank))
    run.precision = crew.gather(devices.precision(settings, crew.device, say))[0]
    if crew.first:
        where = {"device": str(crew.device), "processes": crew.size, "precision": run.precision}
        folder.begin(out, settings, where | {"torch": torch.__version__})


def resume(out: Path, run: Run, settings: Settings, crew: Crew) -> None:
    """Set a run to its checkpoint; one that was killed before it had any begins again."""
    run.precision = folder.config(out)["precision"]
    states = checkpoint.load(out, run, settings) if (out / folder.CHECKPOINT).is_file() else []
    torch.manual_seed(seeded(settings.seed, PROCESS, crew.rank, run.epoch))
    if len(states) == crew.size:
        devices.set_random_state(crew.device, states[crew.rank])
    if crew.first:
        run.history = folder.history(out, run.epoch)
