"""Checks of a pack's files and sounds, and repairs."""
