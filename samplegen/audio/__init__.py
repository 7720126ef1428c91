"""Sound files <-> mono float32 arrays of shape `(n,)` in -1..1. Times in samples unless named seconds.

The only room that knows soundfile. Anything libsndfile decodes is read (wav, flac, ogg, mp3, aiff; any rate, depth
and channel count).
"""

from samplegen.audio.reading import LONGEST_SECONDS, SUFFIXES, info, read, stored
from samplegen.audio.recording import Recording
from samplegen.audio.signals import RATES, SILENCE, Signal, peak, resample
from samplegen.audio.writing import flac, write, write_parts

__all__ = [
    "LONGEST_SECONDS",
    "RATES",
    "SILENCE",
    "SUFFIXES",
    "Recording",
    "Signal",
    "flac",
    "info",
    "peak",
    "read",
    "resample",
    "stored",
    "write",
    "write_parts",
]
