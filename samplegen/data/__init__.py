"""A folder of sounds -> a data set: scan, ingest, cache, slicing."""
