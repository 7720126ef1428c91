"""A take through a trained converter: what every converter shares, and the one for voices."""
