"""The audition page: a pack to hear and play in a browser, one HTML file that needs nothing else."""
