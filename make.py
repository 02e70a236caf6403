"""`python make.py TARGET` does what `make TARGET` does, on any system; without a target it lists them.

This file is read by whatever Python there is, however old: it asks for a newer one in one sentence.
"""

import os
import sys

if sys.version_info < (3, 11):
    found = "%s %d.%d" % (sys.executable or "python", sys.version_info[0], sys.version_info[1])
    sys.exit("make: this book needs Python 3.11 or newer; this is %s: make PYTHON=python3.12 TARGET" % found)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".ci"))

import targets

if __name__ == "__main__":
    sys.exit(targets.main(sys.argv[1:]))
