"""Patterns: notations, timing, MIDI, pad mapping and rendering to loops."""
