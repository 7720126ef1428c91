"""The audition page of a pack: one HTML file that plays it."""
