"""Drum patterns learned from loops, MIDI files and texts, and drawn from a model."""
