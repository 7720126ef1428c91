"""Sample packs: written, read back, gathered from a folder, with cover and loops."""
