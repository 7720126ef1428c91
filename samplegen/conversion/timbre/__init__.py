"""Timbre transfer: a take played by one instrument, from its pitch and loudness."""
