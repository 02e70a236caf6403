"""From pixels to objects: thresholds, regions, labels and measurements."""
