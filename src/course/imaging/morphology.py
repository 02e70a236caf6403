"""Erosion, dilation, opening and closing."""
