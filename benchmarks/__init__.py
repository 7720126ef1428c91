"""Measurements on real drums: quality figures, and times as ratios against a named baseline of the same run."""
