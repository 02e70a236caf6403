"""The table of the demos shows what was measured, on what, and whether it is out of date."""

from typing import Any

import pytest

from benchmarks import demo_table, demos

PAGE = demo_table.PAGE.read_text(encoding="utf-8")


def results(*rows: dict[str, Any], sources: str | None = None) -> dict[str, Any]:
    sources = demos.sources() if sources is None else sources
    shared = {"device name": "a chip", "torch": "2.9.1+cpu", "date": "2026-01-02", "sources": sources}
    return {"sources": sources, "rows": [shared | row for row in rows]}


XOR = {"demo": "xor", "set": "corners", "metric": "accuracy", "value": 1.0, "seconds": 0.6, "examples": None}
GLYPHS = {
    "demo": "digits",
    "set": "glyphs",
    "metric": "accuracy",
    "value": 0.99567,
    "seconds": 17.4,
    "examples": 60_000,
}
UCI = {"demo": "digits", "set": "uci", "metric": "accuracy", "value": 0.9894, "seconds": 22.2, "seeds": [0, 1]}


def test_a_column_that_was_not_measured_is_dashes_and_a_sentence():
    page = demo_table.written(PAGE, results(XOR), None)
    assert "| xor | accuracy | 1 in 1 s | – |\n" in page
    assert "CPU: `a chip`, torch 2.9.1, 2026-01-02. The GPU has not been measured yet" in page
    assert demo_table.written(page, results(XOR), None) == page


def test_both_columns_stand_in_the_row_of_the_same_run():
    rows = demo_table.rows(results(UCI, XOR), results(XOR | {"seconds": 0.2}, GLYPHS | {"amp": True}))
    assert rows == [
        ["digits, uci, 2 seeds", "accuracy", "0.9894 in 22 s", "–"],
        ["xor", "accuracy", "1 in 1 s", "1 in 0 s"],
        ["digits, glyphs, 60,000 drawn, bfloat16", "accuracy", "–", "0.9957 in 17 s"],
    ]


def test_results_of_other_sources_are_called_stale():
    assert "stale" not in demo_table.words("GPU", results(GLYPHS))
    assert "these numbers are *stale*" in demo_table.words("GPU", results(GLYPHS, sources="of yesterday"))


def test_nothing_measured_leaves_a_row_for_each_demo():
    assert [row[0] for row in demo_table.rows(None, None)] == list(demo_table.NAMES)


def test_a_page_without_the_table_is_refused():
    with pytest.raises(ValueError, match=r"scale.md has no table"):
        demo_table.written("# At scale\n", None, None)
