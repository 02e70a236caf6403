"""The benchmarks compare what is equal, stay within their memory, and are committed with the machine they ran on."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")

from benchmarks import cases, growth, measure, report, scale

HERE = Path(__file__).parents[2] / "benchmarks"
CASES = report.everything()


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_both_return_the_same_and_memory_is_within_its_limit(case):
    assert cases.same(case)
    assert measure.peak(case.ours) <= case.megabytes * 1e6


def test_the_committed_results_are_of_these_cases():
    results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    assert [(r["case"], r["limit"], r["megabytes_limit"]) for r in results["cases"]] == [
        (c.name, c.limit, c.megabytes) for c in CASES
    ]
    assert {(r["dtype"], r["side"], r["k"]) for r in results["growth"]} == {
        (dtype, side, k) for dtype in growth.DTYPES for side in growth.SIDES for k in growth.KERNELS if k <= side
    }
    assert set(results["versions"]) == {"python", "numpy", "scipy", "scikit-image", "torch"}
    assert results["machine"]["threads"] == 1
    table = (HERE / "RESULTS.md").read_text(encoding="utf-8")
    assert all(c.name in table for c in CASES)


def test_the_choice_between_sums_and_transforms_is_the_better_one():
    """In the committed measurements, away from where both cost the same."""
    import numpy as np

    from course.ops import signals

    results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    for row in results["growth"]:
        shape, kernel = (row["side"],) * 2, (row["k"],) * 2
        kept = [signals._part(n, k, "same") for n, k in zip(shape, kernel, strict=True)]
        x, w = np.zeros(shape, row["dtype"]), np.zeros(kernel, row["dtype"])
        chosen = row["fft" if signals._fft_is_cheaper(x, w, kept) else "direct"]
        assert chosen <= growth.LIMIT * min(row["direct"], row["fft"]), row


def test_two_processes_take_about_as_long_as_the_committed_model_says():
    entry = json.loads((HERE / "results.json").read_text(encoding="utf-8"))["scale"]
    assert [r["bytes"] for r in entry["all_reduce"]] == scale.SIZES
    assert [(r["network"], r["batch"]) for r in entry["steps"]] == [
        (n, b) for n in scale.NETWORKS for b in scale.BATCHES
    ]
    assert scale.fit(entry["all_reduce"]) == pytest.approx((entry["latency"], entry["bandwidth"]))
    assert not scale.failures(entry)
    assert scale.failures({**entry, "all_reduce": [{**entry["all_reduce"][0], "seconds": 1.0}]})


def test_a_ring_of_one_sends_nothing_and_of_many_twice_the_message():
    assert scale.predicted(1e-4, 1e9, 1e6, 1) == 0
    assert scale.predicted(0, 1e9, 1e6, 1000) == pytest.approx(2e-3, rel=2e-3)
