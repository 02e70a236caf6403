"""The book's own blocks, on pymdownx.blocks: note, need, remember, exercise, hint and solution."""

import xml.etree.ElementTree as etree
from typing import Any, ClassVar

from markdown import Markdown
from pymdownx.blocks import BlocksExtension, BlocksProcessor  # type: ignore[import-untyped]
from pymdownx.blocks.block import Block, type_string, type_string_in  # type: ignore[import-untyped]

LEVELS = ["warm-up", "core", "stretch"]


class Note(Block):  # type: ignore[misc]
    """A remark beside the text: in the margin where there is one, set off in the text where there is none."""

    NAME = "note"

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Open the block."""
        return etree.SubElement(parent, "div", {"class": "note", "role": "note"})


class Need(Block):  # type: ignore[misc]
    """What a chapter needs from earlier ones."""

    NAME, TITLE = "need", "What you need"

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Open the block under its title."""
        box = etree.SubElement(parent, "section", {"class": self.NAME, "aria-label": self.TITLE})
        etree.SubElement(box, "p", {"class": "box-title"}).text = self.TITLE
        return box


class Remember(Need):
    """What a chapter leaves behind, in five lines or fewer."""

    NAME, TITLE = "remember", "What to remember"


class Exercise(Block):  # type: ignore[misc]
    """An exercise: a title, an id that its check is bound to, a level; hint and solution are inside."""

    NAME = "exercise"
    ARGUMENT = True
    OPTIONS: ClassVar[dict[str, list[Any]]] = {
        "id": ["", type_string],
        "level": ["core", type_string_in(LEVELS)],
    }

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Open the box; the number is set when the page's numbers are known."""
        level, ident = self.options["level"], self.options["id"]
        label = {"class": "exercise", "id": ident, "aria-labelledby": f"{ident}-title"}
        box = etree.SubElement(parent, "section", label)
        head = etree.SubElement(box, "div", {"class": "exercise-head"})
        title = etree.SubElement(head, "p", {"class": "box-title", "id": f"{ident}-title"})
        number = etree.SubElement(title, "span", {"class": "exercise-number"})
        number.text, number.tail = "Exercise", f" {self.argument}"
        etree.SubElement(head, "span", {"class": f"level level-{LEVELS.index(level) + 1}"}).text = level
        return box


class Hint(Block):  # type: ignore[misc]
    """A folded hint."""

    NAME, TITLE = "hint", "Hint"

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Open the fold under its summary."""
        fold = etree.SubElement(parent, "details", {"class": self.NAME})
        etree.SubElement(fold, "summary").text = self.TITLE
        return fold


class Solution(Hint):
    """A folded solution."""

    NAME, TITLE = "solution", "Solution"


class BookBlocks(BlocksExtension):  # type: ignore[misc]
    """Python-Markdown's extension that knows them all."""

    def extendMarkdownBlocks(self, md: Markdown, blocks: BlocksProcessor) -> None:  # noqa: N802
        """Register each block."""
        for block in (Note, Need, Remember, Exercise, Hint, Solution):
            blocks.register(block, self.getConfigs())
