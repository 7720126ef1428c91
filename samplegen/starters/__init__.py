"""The shipped models. A wheel has them here; a checkout has them in `models/`, where the program puts its own."""
