"""Beatbox to drums: each hit becomes a new drum."""
