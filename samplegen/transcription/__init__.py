"""Transcription: a drum loop -> tempo and pattern. Where hits are (`loops`), when beats are, what is struck."""
