"""Canny's edges."""
