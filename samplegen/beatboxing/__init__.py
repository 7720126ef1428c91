"""A beatboxed or tapped take becomes drums that nobody played: learned from hits and drums, applied, measured."""
