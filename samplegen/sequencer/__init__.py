"""Rhythm: patterns as text, in styles, from MIDI files; when they are played; as sound with a pack, and as MIDI."""
