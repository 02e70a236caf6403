"""A run from beginning to end: every epoch with its record and its checkpoint, then the pictures."""

import sys
import time
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DistributedSampler

from course.train import beginning, checkpoint, devices, folder, report
from course.train.beginning import AUGMENT, ORDER, seeded
from course.train.checkpoint import Run
from course.train.crew import Crew, crew
from course.train.demo import Data, Demo, Settings
from course.train.faults import Refusal
from course.train.folder import Record
from course.train.loop import augmented, batches, train_epoch
from course.train.progress import Progress


def train(
    demo: Demo,
    settings: Settings,
    out: str | Path,
    *,
    device: str = "auto",
    resume: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Train a demo as `settings` ask; what is known of the run stands in the folder `out` after every epoch.

    With `resume` it goes on from the checkpoint in the folder, and ends with the weights that it would have had anyway.
    In several processes, which torchrun starts, each takes its share of each batch; the first alone judges and writes.
    """
    out = Path(out)
    with crew(device) as us:
        progress = (progress or Progress(sys.stdout, demo.metric)) if us.first else Progress(None)
        folder.look(out, settings, resume)
        data, run = beginning.prepare(demo, settings, us)
        if resume:
            beginning.resume(out, run, settings, us)
        else:
            beginning.begin(out, run, settings, us, progress.say)
        progress.say(f"{demo.name} on {us}, torch {torch.__version__}, into {out}")
        try:
            learn(demo, data, run, settings, out, us, progress)
        finally:
            progress.stop()
        if us.first:
            show(demo, data, run, settings, out, progress)
    return run


def learn(demo: Demo, data: Data, run: Run, settings: Settings, out: Path, us: Crew, progress: Progress) -> None:
    """Train for all epochs that are still to do; after each come its line in metrics.jsonl and then its checkpoint."""
    for record in epochs(demo, data, run, settings, us, progress):
        record |= judged(demo, data, run) if us.first else {}
        states = us.gather(devices.random_state(us.device))
        if us.first:
            run.history.append(finite(record))
            folder.add(out, record)
            checkpoint.save(out, run, settings, states)
            progress.epoch(record)


def show(demo: Demo, data: Data, run: Run, settings: Settings, out: Path, progress: Progress) -> None:
    """How well it went, the curves, and the picture of what was learned."""
    best = (max if demo.higher_is_better else min)(run.history, key=lambda record: record[demo.metric])
    last = run.history[-1][demo.metric]
    progress.say(f"{demo.metric} {last:.4f}; best {best[demo.metric]:.4f}, in epoch {best['epoch']}")
    for note in demo.notes:
        progress.say(note)
    report.keep(out / "curves", lambda: report.curves(run.history), "svg")
    report.keep(out / "picture", lambda: demo.picture(run.model.eval(), data, settings), "svg", "png")


def epochs(demo: Demo, data: Data, run: Run, settings: Settings, us: Crew, progress: Progress) -> Iterator[Record]:
    """Train for all epochs that are still to do, and say of each how it went."""
    count, size = len(data.train[0]), settings.batch_size
    numbers: Any = range(count)  # a sampler asks for the length of its data, and for nothing else
    seed, steps = seeded(settings.seed, ORDER), count // size
    sampler: DistributedSampler[int] = DistributedSampler(numbers, us.size, us.rank, seed=seed, drop_last=True)
    model, precision = us.joined(run.model), devices.context(run.precision, us.device)
    if settings.compile:
        model = devices.compiled(model, us.device, progress.say)
    progress.start(settings.epochs, run.epoch, steps, size)
    while run.epoch < settings.epochs:
        began, examples, rate = time.perf_counter(), data.train, run.schedule.get_last_lr()[0]
        if demo.augment:
            examples = augmented(examples, demo.augment, size, seeded(settings.seed, AUGMENT, run.epoch))
        order = batches(examples, sampler, us.share(size), run.epoch)
        error = train_epoch(model, demo.loss, order, run.optimiser, run.schedule, precision, progress.step)
        run.epoch += 1
        record = {"epoch": run.epoch, "loss": us.mean(error), "lr": float(rate)}
        seconds = time.perf_counter() - began
        yield finite(record | {"seconds": seconds, "images_per_second": size * steps / seconds})


def judged(demo: Demo, data: Data, run: Run) -> Record:
    """What the demo measures of its model."""
    with torch.inference_mode():
        return demo.judge(run.model.eval(), data)


def finite(record: Record) -> Record:
    """The record, if all in it are numbers."""
    for name, value in record.items():
        if not isfinite(value):
            raise Refusal(f"in epoch {record['epoch']} the {name} is {value}: try a smaller --lr, in another --out")
    return record
