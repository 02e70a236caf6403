"""Point transforms, histograms, and the average of many pictures of one scene."""
