"""Figures that draw words: what course.book.figures asks of a figure, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FIGURES = {}


class Sheet:
    """A sheet on which one writes."""

    def __init__(self) -> None:
        self.words = ""

    def write(self, words: str) -> None:
        self.words += words


@dataclass
class Figure:
    id: str
    data: dict[str, np.ndarray]
    draw: Callable[..., None]

    def svg(self) -> str:
        sheet = Sheet()
        self.draw(sheet, **self.data)
        return f"<svg><text>{sheet.words}</text></svg>\n"


def figure(id, **data):
    def register(draw):
        FIGURES[id] = Figure(id, {name: np.asarray(value) for name, value in data.items()}, draw)
        return draw

    return register
