"""Audio: sound files <-> mono float32 arrays `(n,)` in -1..1, onsets, post-processing, lo-fi, duplicates.

The only package that imports soundfile. libsndfile decodes wav, flac, ogg, mp3 and aiff at any rate, depth and
channel count. Times are in samples unless a name says seconds.
"""
