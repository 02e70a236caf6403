"""The table of chapter 25, of what `benchmarks.demos` kept; `python -m benchmarks.demo_table` writes it into the page.

A row for each demo, a column for the CPU and one for the GPU; what was not measured is a dash. Below it stands on what
the numbers were measured, and whether the sources have moved on since.
"""

import json
import re
import sys
from typing import Any

from benchmarks.demos import PAGES, stale

PAGE = PAGES / "scale.md"
NAMES = ("digits", "superres", "xor", "overfit", "shapes", "denoise")
HEAD = "| demo | measure | CPU | GPU |\n|---|---|---|---|\n"
TABLE = re.compile(
    re.escape(HEAD) + r"(?P<rows>(?:\|.*\n)+)\n/// table-caption \| <\n"
    r"    attrs: \{id: scale-demos\}\n\n(?P<caption>.*)\n///\n"
)

Results = dict[str, Any] | None


def kept(kind: str) -> Results:
    """What was measured on a kind of device, or None."""
    path = PAGES / f"{kind}-results.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def label(row: dict[str, Any], several_sets: bool) -> str:
    """What was run, in the words of its options; the set of data only where the demo has been run on others too."""
    drawn = f"{row['examples']:,} drawn" if row.get("examples") else ""
    several = f"{len(row['seeds'])} seeds" if row.get("seeds") else ""
    how = ["bfloat16"] * bool(row.get("amp")) + ["compiled"] * bool(row.get("compile"))
    return ", ".join(word for word in (row["demo"], row["set"] if several_sets else "", drawn, several, *how) if word)


def rows(cpu: Results, gpu: Results) -> list[list[str]]:
    """The cells of the table, the rows in the order in which they were first measured."""
    found: dict[str, list[str]] = {}
    sets: dict[str, set[str]] = {}
    for row in [row for results in (cpu, gpu) if results for row in results["rows"]]:
        sets.setdefault(row["demo"], set()).add(row["set"])
    for column, results in ((2, cpu), (3, gpu)):
        for row in results["rows"] if results else []:
            name = label(row, len(sets[row["demo"]]) > 1)
            cells = found.setdefault(name, [name, row["metric"], "–", "–"])
            cells[column] = f"{row['value']:.4g} in {row['seconds']:.0f} s"
    return list(found.values()) or [[name, "–", "–", "–"] for name in NAMES]


def words(kind: str, results: Results) -> str:
    """On what a column was measured, or that it was not."""
    if results is None:
        return (
            f"The {kind} has not been measured yet: its column waits for `docs/practice/{kind.lower()}-results.json`."
        )
    devices = sorted({f"`{row['device name']}`" for row in results["rows"]})
    versions = sorted({f"torch {row['torch'].split('+')[0]}" for row in results["rows"]})
    dates = sorted({row["date"] for row in results["rows"] if "date" in row})
    on = f"{kind}: {' and '.join(devices)}, {' and '.join(versions)}{', ' + dates[-1] if dates else ''}."
    return on + (" The sources have changed since: these numbers are *stale*." if stale(results) else "")


def written(page: str, cpu: Results, gpu: Results) -> str:
    """The page with the table as it should be."""
    found = TABLE.search(page)
    if not found:
        raise ValueError(f"{PAGE.name} has no table {HEAD.splitlines()[0]!r} with the id scale-demos")
    body = "".join(f"| {' | '.join(cells)} |\n" for cells in rows(cpu, gpu))
    start, end = found.span("rows")
    left, right = found.span("caption")
    return f"{page[:start]}{body}{page[end:left]}{words('CPU', cpu)} {words('GPU', gpu)}{page[right:]}"


def main() -> int:
    """Write the page beside itself, and rename."""
    text = written(PAGE.read_text(encoding="utf-8"), kept("cpu"), kept("gpu"))
    beside = PAGE.with_name(PAGE.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
