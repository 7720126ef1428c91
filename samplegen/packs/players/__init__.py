"""Other programs that read packs, and their results."""
