"""Voice conversion, learned from pairs of takes."""
