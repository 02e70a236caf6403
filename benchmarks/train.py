"""What is measured of `course.train`: its loop, with records, checkpoints and progress, against a bare loop in torch.

`python -m benchmarks.train` prints the median of the ratios of many rounds, in which both take turns.
"""

import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.cases import Case, same
from course.train import Progress
from course.train.beginning import ORDER, START, prepare, seeded
from course.train.crew import Crew
from course.train.demos.digits import DEMO as DIGITS
from course.train.running import learn

EPOCHS = 1
LIMIT, ROUNDS = 1.05, 31


def pair() -> Case:
    """Both loops on the demo `digits`, from the same weights, over the same batches; they return the losses."""
    settings, us, folder = DIGITS.settings(epochs=EPOCHS), Crew(torch.device("cpu")), tempfile.TemporaryDirectory()
    data, _ = prepare(DIGITS, settings, us)
    demo = replace(DIGITS, augment=None, data=lambda settings: data)

    def ours() -> np.ndarray:
        prepared, run = prepare(demo, settings, us)
        learn(demo, prepared, run, settings, Path(folder.name), us, Progress(io.StringIO(), "accuracy"))
        return np.array([[record["loss"], record["accuracy"]] for record in run.history])

    def bare() -> np.ndarray:
        torch.manual_seed(seeded(0, START))
        model, history, batch_size = demo.model(settings, data), [], settings.batch_size
        (x, y), steps = data.train, len(data.train[0]) // settings.batch_size
        optimiser = torch.optim.AdamW(model.parameters(), settings.lr, weight_decay=demo.weight_decay)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * steps)
        for epoch in range(EPOCHS):
            order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seeded(0, ORDER) + epoch))
            model.train()
            total = torch.zeros(())
            for k in range(steps):
                batch = order[k * batch_size : (k + 1) * batch_size]
                optimiser.zero_grad()
                error = demo.loss(model, x[batch], y[batch])
                error.backward()
                optimiser.step()
                schedule.step()
                total += error.detach()
            model.eval()
            with torch.inference_mode():
                history.append([float(total) / steps, demo.judge(model, data)["accuracy"]])
        return np.array(history)

    return Case("train loop, an epoch of UCI's digits", "a bare loop in torch", LIMIT, 5, ours, bare)


def all_cases() -> Iterator[Case]:
    yield pair()


def main() -> None:
    """Print the median of the ratios, and the quartiles."""
    torch.set_num_threads(1)
    case = pair()
    assert same(case), "the loops do not train the same"
    ratios, seconds = [], []
    for k in range(ROUNDS):
        spent = {}
        for call in (case.ours, case.theirs) if k % 2 else (case.theirs, case.ours):
            start = time.perf_counter()
            call()
            spent[call] = time.perf_counter() - start
        ratios.append(spent[case.ours] / spent[case.theirs])
        seconds.append(spent[case.theirs])
    low, median, high = statistics.quantiles(ratios, n=4)
    bare = statistics.median(seconds)
    print(f"{case.name}: {median:.3f} of a bare loop ({low:.3f} to {high:.3f}), which takes {1e3 * bare:.0f} ms")


if __name__ == "__main__":
    main()
