"""Sound files <-> mono float32 arrays `(n,)` in -1..1: read, written, cut, made
older, compared.

The only package that imports soundfile. libsndfile decodes wav, flac, ogg, mp3 and aiff at any rate, depth and
channel count. Times are in samples unless a name says seconds."""
