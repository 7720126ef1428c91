"""Data: a folder of sounds -> a data set; scan, ingest, cache, slicing."""
