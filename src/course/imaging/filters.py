"""Neighbourhood filters: linear ones that correlate, and the median in all its forms."""
