"""What the benchmarks of learning compare is equal, and stays within its memory."""

import pytest

pytest.importorskip("torch", reason="torch is not installed: nothing to compare with")
pytest.importorskip("scipy", reason="scipy is not installed: the benchmarks compare with it")

from benchmarks import cases, learning, measure

CASES = list(learning.all_cases())


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_both_return_the_same_and_memory_is_within_its_limit(case):
    assert cases.same(case)
    assert measure.peak(case.ours) <= case.megabytes * 1e6
