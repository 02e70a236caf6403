"""A Python without torch."""

import sys

sys.modules["torch"] = None
