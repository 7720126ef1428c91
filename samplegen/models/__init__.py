"""Network architectures, one file each, their registry, and model folders."""
