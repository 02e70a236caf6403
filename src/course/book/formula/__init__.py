r"""Equations that run from their own TeX: read, evaluated on drawn values, compared, and misprinted on purpose."""

from .binding import Verdict, verify
from .tex import FormulaError

__all__ = ["FormulaError", "Verdict", "verify"]
