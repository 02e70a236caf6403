"""Times and memory of the operators, as ratios to the libraries that people use: `make bench`."""
