"""`pytest docs` runs everything that the book claims; how, is said in course.book.plugin."""

from pathlib import Path

import pytest

from course.book.plugin import Plugin
from course.book.plugin import pytest_addoption as pytest_addoption


def pytest_configure(config: pytest.Config) -> None:
    """Register the book."""
    config.pluginmanager.register(Plugin(Path(__file__).parent, config), "book")
