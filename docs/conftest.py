"""`pytest docs` runs everything that the book claims; how, is said in course.book.plugin."""

from pathlib import Path

import pytest

from course.book.plugin import Plugin, pytest_addoption

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    """Register the book."""
    config.pluginmanager.register(Plugin(Path(__file__).parent, config), "book")
