"""`python -m course.train`, for torchrun: the same as `course train`."""

import sys

from course.train.command import main

if __name__ == "__main__":
    sys.exit(main())
