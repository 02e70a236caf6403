"""Filters made in the frequency plane: bands, notches, and the optimum notch."""
