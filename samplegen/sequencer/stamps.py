"""What the WAV file of a loop says of itself: tempo and meter for hosts that follow them, a marker on every bar."""

from samplegen.audio import wavchunks
from samplegen.sequencer.loop import Loop
from samplegen.sequencer.voices import frames


def stamped(wav: bytes, loop: Loop) -> bytes:
    """The WAV file of a loop with `acid`, `cue ` and INFO.

    One that is longer than its bars, with its tail appended, has no `acid`: hosts take a tempo from beats and length.
    """
    pattern = loop.pattern
    beats = loop.repeat * pattern.beats
    told = [
        wavchunks.cue({frame: f"Bar {number}" for number, frame in enumerate(loop.bar_frames, 1)}),
        wavchunks.info(INAM=pattern.title or loop.pack),
    ]
    whole = len(loop.samples) == frames(beats, pattern.tempo, loop.rate) and beats == round(beats)
    acid = [wavchunks.acid_loop(round(beats), pattern.tempo, meter=pattern.meter)] if whole else []
    return wavchunks.stamped(wav, *acid, *told)
