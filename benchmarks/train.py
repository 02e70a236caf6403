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
from torch import nn
from torch.nn import functional as F

from benchmarks.cases import Case, same
from course.data import digits
from course.train import Progress
from course.train.beginning import ORDER, START, prepare, seeded
from course.train.crew import Crew
from course.train.demo import Data, Settings
from course.train.demos.xor import DEMO as XOR
from course.train.running import learn

EPOCHS, BATCH, RATE, TRAINED = 1, 64, 0.003, 1437
LIMIT, ROUNDS = 1.05, 31


def network(settings: Settings, data: Data) -> nn.Module:
    """A network for digits of 8×8 pixels, as small as they come."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 16, 10),
    )  # fmt: skip


def pair() -> Case:
    """Both loops on UCI's digits, from the same weights, over the same batches; they return the losses."""
    images, labels = (torch.tensor(a) for a in digits())
    images = images[:, None].float()
    data = Data((images[:TRAINED], labels[:TRAINED]), (images[TRAINED:], labels[TRAINED:]))

    def right(model: nn.Module, data: Data) -> dict[str, float]:
        return {"accuracy": float((model(data.test[0]).argmax(1) == data.test[1]).double().mean())}

    demo = replace(
        XOR, name="digits", data=lambda settings: data, model=network, augment=None, judge=right,
        loss=lambda model, x, y: F.cross_entropy(model(x), y), epochs=EPOCHS, batch_size=BATCH, lr=RATE,
    )  # fmt: skip
    settings, us, folder = demo.settings(), Crew(torch.device("cpu")), tempfile.TemporaryDirectory()

    def ours() -> np.ndarray:
        prepared, run = prepare(demo, settings, us)
        learn(demo, prepared, run, settings, Path(folder.name), us, Progress(io.StringIO(), "accuracy"))
        return np.array([[record["loss"], record["accuracy"]] for record in run.history])

    def bare() -> np.ndarray:
        torch.manual_seed(seeded(0, START))
        model, history = network(settings, data), []
        (x, y), steps = data.train, TRAINED // BATCH
        optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.0)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * steps)
        for epoch in range(EPOCHS):
            order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seeded(0, ORDER) + epoch))
            model.train()
            total = torch.zeros(())
            for k in range(steps):
                batch = order[k * BATCH : (k + 1) * BATCH]
                optimiser.zero_grad()
                error = F.cross_entropy(model(x[batch]), y[batch])
                error.backward()
                optimiser.step()
                schedule.step()
                total += error.detach()
            model.eval()
            with torch.inference_mode():
                history.append([float(total) / steps, right(model, data)["accuracy"]])
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
