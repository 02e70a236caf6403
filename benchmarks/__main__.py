"""`python -m benchmarks`: measure, and write RESULTS.md and results.json beside this file.

`python -m benchmarks fast` measures the entry of that name alone.

One thread for everyone: the libraries read these variables once, when NumPy is imported, so they come first.
"""

import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

if __name__ == "__main__":
    from benchmarks import fast, report

    fast.main() if sys.argv[1:] == ["fast"] else report.main()
