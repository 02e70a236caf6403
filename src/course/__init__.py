"""The package behind *Forward and Back*: operators that go forward, and their adjoints that go back."""

__version__ = "0.1.0"
