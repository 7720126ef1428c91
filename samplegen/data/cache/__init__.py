"""Cache of one-shots and their spectrograms, kept between runs in one SQLite file per settings."""
