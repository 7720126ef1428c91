"""Sample packs: collected from a folder, written with cover, page and loops, checked, repaired, opened in players."""
