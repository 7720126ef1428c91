"""Transcription: a drum loop -> tempo and pattern. Where hits are, when beats are, what is struck, by which pack."""
