"""The checks of the labs, one module each."""
