"""Rhythm: from notes and patterns to MIDI files."""
