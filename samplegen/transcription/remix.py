"""A loop played anew by the sounds of a pack, its groove kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from samplegen.arrays import Signal
from samplegen.sequencer import loop as loops
from samplegen.sequencer.loop import Loop
from samplegen.transcription.transcribe import Transcription

_FADE_SECONDS = 0.005  # seconds at the end of what is cut in mid-bar


def remix(transcription: Transcription, pack: Path | str, *, seed: int = 0) -> Loop:
    """The hits of a transcribed loop, played by a pack.

    Args:
        transcription: of `transcribe`.
        pack: the pack's folder.
        seed: decides chances, of which a transcription has none.

    Returns:
        A loop that lasts as long as the transcribed sound, to the sample; a loop of whole bars goes round.

    Raises:
        PatternError, DataError, AudioError: as `sequence`.

    Example:
        >>> import samplegen
        >>> loop = samplegen.sequence("packs/starter", samplegen.style_pattern("techno"))
        >>> path = samplegen.write_loop(loop, "techno.wav")[0]
        >>> remixed = samplegen.remix(samplegen.transcribe(path), "packs/starter")
        >>> len(remixed.samples) == len(loop.samples)
        True
    """
    played = loops.sequence(pack, transcription.pattern, tail="wrap" if transcription.whole else "append", seed=seed)
    length = round(transcription.seconds * played.rate)
    return replace(
        played,
        samples=_fit_length(played.samples, length, round(_FADE_SECONDS * played.rate), whole=transcription.whole),
    )


def _fit_length(samples: Signal, length: int, fade: int, *, whole: bool) -> Signal:
    """Samples cut, or gone on with silence, to a length."""
    missing = max(0, length - len(samples))
    kept = np.pad(samples[:length], [(0, missing)] + [(0, 0)] * (samples.ndim - 1))
    if not whole:
        kept[-fade:] = (kept[-fade:].T * np.linspace(1, 0, len(kept[-fade:]), dtype=np.float32)).T
    return kept
