"""The book's own blocks, on pymdownx.blocks: note, need, remember, exercise, hint and solution."""

import xml.etree.ElementTree as etree
from typing import Any, ClassVar

from markdown import Markdown  # type: ignore[import-untyped]
from pymdownx.blocks import BlocksExtension, BlocksProcessor  # type: ignore[import-untyped]
from pymdownx.blocks.block import Block, type_string, type_string_in  # type: ignore[import-untyped]

LEVELS = ["warm-up", "core", "stretch"]


class Note(Block):  # type: ignore[misc]
    """A remark beside the text: in the margin where there is one, set off in the text where there is none."""

    NAME, TAG, HEAD, TITLE = "note", "div", "", ""

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Open the block, under its title if it has one."""
        names = {"section": {"aria-label": self.TITLE}, "div": {"role": "note"}}.get(self.TAG, {})
        box = etree.SubElement(parent, self.TAG, {"class": self.NAME} | names)
        if self.HEAD:
            etree.SubElement(box, self.HEAD, {"class": "box-title"} if self.HEAD == "p" else {}).text = self.TITLE
        return box


class Need(Note):
    """What a chapter needs from earlier ones."""

    NAME, TAG, HEAD, TITLE = "need", "section", "p", "What you need"


class Remember(Note):
    """What a chapter leaves behind, in five lines or fewer."""

    NAME, TAG, HEAD, TITLE = "remember", "section", "p", "What to remember"


class Hint(Note):
    """A folded hint."""

    NAME, TAG, HEAD, TITLE = "hint", "details", "summary", "Hint"


class Solution(Note):
    """A folded solution."""

    NAME, TAG, HEAD, TITLE = "solution", "details", "summary", "Solution"


class Exercise(Block):  # type: ignore[misc]
    """An exercise: a title, an id that its check is bound to, a level; hint and solution are inside."""

    NAME, ARGUMENT = "exercise", True
    OPTIONS: ClassVar[dict[str, list[Any]]] = {"id": ["", type_string], "level": ["core", type_string_in(LEVELS)]}

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Open the box; the number is set when the page's numbers are known."""
        level, ident = self.options["level"], self.options["id"]
        attributes = {"class": "exercise", "id": ident, "aria-labelledby": f"{ident}-title"}
        box = etree.SubElement(parent, "section", attributes)
        head = etree.SubElement(box, "div", {"class": "exercise-head"})
        title = etree.SubElement(head, "p", {"class": "box-title", "id": f"{ident}-title"})
        number = etree.SubElement(title, "span", {"class": "exercise-number"})
        number.text, number.tail = "Exercise", f" {self.argument}"
        etree.SubElement(head, "span", {"class": f"level level-{LEVELS.index(level) + 1}"}).text = level
        return box


class BookBlocks(BlocksExtension):  # type: ignore[misc]
    """Python-Markdown's extension that knows them all."""

    def extendMarkdownBlocks(self, md: Markdown, blocks: BlocksProcessor) -> None:
        """Register each block."""
        for block in (Note, Need, Remember, Exercise, Hint, Solution):
            blocks.register(block, self.getConfigs())
