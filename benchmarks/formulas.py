"""What evaluating an equation costs, and misprinting it: `python -m benchmarks.formulas [PAGE ...]`.

Pages are read as the tests read them, with the names of tests/formula/reference.py; without a page, the sixty
equations of the tests and the page of the notation. On one thread, as `make` runs the book.
"""

import statistics
import sys
import time
from pathlib import Path

from threadpoolctl import threadpool_limits

from tests.formula.holding import equations

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "tests/formula/page.md", ROOT / "docs/reference/notation.md"]


def seconds(work) -> tuple[float, object]:
    """How long some work takes, and what it gives."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> None:
    for path in [Path(name) for name in sys.argv[1:]] or PAGES:
        found = equations(path)
        for equation in found:  # imports and first draws cost once, not for each equation
            equation.verify()
        times = [seconds(equation.verify)[0] * 1e3 for equation in found]
        slowest = max(zip(times, (e.label for e in found), strict=True))
        mutants, scores = seconds(lambda found=found: [e.score() for e in found])
        total, killed, equal = (sum(n) for n in zip(*((s.total, s.killed, len(s.equal)) for s in scores), strict=True))
        print(f"{path.name}: {len(found)} equations, {statistics.mean(times):.1f} ms each on three draws,", end=" ")
        print(f"median {statistics.median(times):.1f}, slowest {slowest[0]:.0f} ({slowest[1]})")
        print(f"  {total} misprints in {mutants:.1f} s: {killed} noticed ({100 * killed / total:.1f} %), {equal} equal")


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
