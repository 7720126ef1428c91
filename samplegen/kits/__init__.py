"""Drum kits: one model of a kit (`kit`), and one file a format, each a pure function to bytes."""
