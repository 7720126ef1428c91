"""Features computed from files, kept between runs."""
