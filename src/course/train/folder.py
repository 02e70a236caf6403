"""The folder of a run: config.json, metrics.jsonl and checkpoint.pt, whole at every moment."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course.train.demo import Settings
from course.train.faults import Refusal

CONFIG, METRICS, CHECKPOINT = "config.json", "metrics.jsonl", "checkpoint.pt"
Record = dict[str, float]


# --8<-- [start:write]
def write(path: Path, content: bytes | memoryview) -> None:
    """Put a file in place whole, or leave the old one there.

    It is written beside, flushed to the disk, then renamed: at
    whatever moment the power fails, one of the two is there.
    """
    half = path.with_name(f".{path.name}.half")
    try:
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


# --8<-- [end:write]


def look(folder: Path, settings: Settings, resume: bool) -> None:
    """Refuse a folder that holds another run, or none to go on with, before anything else is done."""
    if resume:
        compare(folder / CONFIG, config(folder), settings)
        return
    for name in (CHECKPOINT, METRICS):
        if (folder / name).exists():
            raise Refusal(
                f"{folder} holds a run already ({name}): add --resume to go on with it, or take another --out"
            )


def begin(folder: Path, settings: Settings, where: dict[str, Any]) -> None:
    """Make the folder of a new run, with its config.json: what was asked for, and where it began."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / CONFIG, (json.dumps(asdict(settings) | where, indent=1) + "\n").encode())


def config(folder: Path) -> dict[str, Any]:
    """What the run in a folder was asked for, and where."""
    path = folder / CONFIG
    if not path.is_file():
        raise Refusal(f"{folder} holds no run to go on with, for it has no {CONFIG}: leave --resume out")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"demo", "precision"} <= set(found):
        raise Refusal(f"{path} is damaged: put a sound copy there, or begin anew in another --out")
    return found


def compare(path: Path, saved: dict[str, Any], settings: Settings) -> None:
    """Refuse to go on with other settings than were saved; only the place of the reader's files may change."""
    asked = asdict(settings)
    if saved["demo"] != asked["demo"]:
        raise Refusal(f"{path} is of the demo {saved['demo']}, not of {asked['demo']}: take another --out")
    other = [name for name in asked if name != "folder" and saved.get(name) != asked[name]]
    if other:
        found = ", ".join(f"--{name.replace('_', '-')} {saved.get(name)}, not {asked[name]}" for name in other)
        raise Refusal(f"{path} is of a run with {found}: go on with the same, or take another --out")


def add(folder: Path, record: Record) -> None:
    """Append an epoch to metrics.jsonl, on the disk before its checkpoint is."""
    with (folder / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
        file.flush()
        os.fsync(file.fileno())


def history(folder: Path, epochs: int) -> list[Record]:
    """The first epochs of metrics.jsonl, once what was written after the checkpoint is cut off.

    An epoch is added before its checkpoint is saved, so a run killed in between finds a line too many, or half a one.
    """
    path = folder / METRICS
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    try:
        records: list[Record] = [json.loads(line) for line in lines[:epochs]]
    except ValueError:
        records = []
    if [record.get("epoch") for record in records] != list(range(1, epochs + 1)):
        raise Refusal(f"{path} lacks some of the {epochs} epochs of the checkpoint: put a sound copy there")
    if lines[epochs:]:
        write(path, b"".join(lines[:epochs]))
    return records
