"""What a run shows while it trains."""

import time
from datetime import timedelta
from typing import Any, TextIO

from course.train.folder import Record

CELLS, PAUSE = 20, 0.1  # of the bar; seconds between two drawings of it


class Progress:
    """How far a run is: a bar on a terminal, elsewhere a line for each epoch; nothing where there is no stream."""

    def __init__(self, stream: TextIO | None, metric: str = "") -> None:
        self.stream, self.metric = stream, metric
        self.bar = stream is not None and stream.isatty()

    def say(self, words: str) -> None:
        """Print a line."""
        if self.stream:
            print(words, file=self.stream, flush=True)

    def start(self, epochs: int, done: int, steps: int, batch: int) -> None:
        """Begin after some epochs of all, each of so many steps on batches of so many examples."""
        self.epochs, self.steps, self.batch = epochs, steps, batch
        self.first = self.done = done * steps
        self.began, self.drawn = time.perf_counter(), 0.0
        self.record: Record = {}

    def step(self, error: Any) -> None:
        """One step is done; the loss is asked for only when it is shown, since a GPU has to wait for that."""
        self.done += 1
        if self.bar and time.perf_counter() - self.drawn > PAUSE:
            self.draw(self.record | {"loss": float(error)})

    def epoch(self, record: Record) -> None:
        """An epoch is over."""
        self.record = record
        if self.bar:
            self.draw(record)
        else:
            self.say(f"epoch {self.done // self.steps} of {self.epochs}: {self.words(record)}")

    def stop(self) -> None:
        """Leave the bar where it is, and begin a new line."""
        if self.bar:
            self.say("")

    def draw(self, record: Record) -> None:
        """Draw the bar, over the old one."""
        full = CELLS * self.done // (self.epochs * self.steps)
        line = f"{self.done // self.steps}/{self.epochs} {'█' * full}{'░' * (CELLS - full)} {self.words(record)}"
        print(f"\r\x1b[2K{line}", end="", file=self.stream, flush=True)
        self.drawn = time.perf_counter()

    def words(self, record: Record) -> str:
        """Loss, metric, images a second and the time left."""
        seconds = (time.perf_counter() - self.began) / (self.done - self.first)  # a step, with all that is around it
        left = timedelta(seconds=round(seconds * (self.epochs * self.steps - self.done)))
        shown = [f"{name} {record[name]:.4f}" for name in ("loss", self.metric) if name in record]
        return ", ".join([*shown, f"{self.batch / seconds:,.0f} images/s", f"{left} left"])
