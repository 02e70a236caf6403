"""Undoing a known blur: inverse, Wiener, constrained least squares, Richardson-Lucy, and one blind method."""
