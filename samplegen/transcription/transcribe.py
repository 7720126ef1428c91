"""A drum loop as a pattern: tempo, grid, what is struck at each step, when exactly and how hard."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samplegen.arrays import Signal
from samplegen.audio import onsets as audio_onsets
from samplegen.audio import reading
from samplegen.errors import AudioError
from samplegen.sequencer import rack
from samplegen.sequencer.pattern import TEMPO_RANGE_BPM, Pattern
from samplegen.sequencer.rack import Rack
from samplegen.settings import check_range
from samplegen.transcription import drum_classifier, pack_matching, quantize
from samplegen.transcription import grid as grids
from samplegen.transcription import tempo as tempi
from samplegen.transcription.features import RATE, downmix
from samplegen.transcription.quantize import bars_of

MAX_SECONDS = 60.0  # that are analysed
MIN_HITS = 2  # hits
_MIN_TEMPO_CONFIDENCE = 0.3  # of a tempo


@dataclass(frozen=True)
class Transcription:
    """Transcription of `seconds` of sound: a pattern, how sure its tempo is (0..1), and the tempo's rival.

    `whole` says that the sound is a loop of whole bars; `warnings` what is doubtful or was left out; `unexplained` how
    much of its energy (0..1) the pack does not explain that was given.
    """

    pattern: Pattern
    seconds: float
    sureness: float
    rival: float
    onsets: int
    whole: bool
    warnings: tuple[str, ...]
    unexplained: float | None = None


def transcribe(path: Path | str, *, bpm: float | None = None, pack: Path | str | None = None) -> Transcription:
    """Tempo and pattern of a drum loop, or of the first `MAX_SECONDS` seconds of a drum track.

    Args:
        path: of the sound.
        bpm: quarter notes a minute, where they are known.
        pack: the folder of the pack that played it, where it is known: every hit is matched with its sounds, and lanes
            are called as `sequence` finds the same pads.

    Raises:
        AudioError: unreadable, silent, too short, fewer than two hits, or none by the pack.
        DataError: no pack, or one that cannot be trusted.
        OptionError: a tempo that no pattern can have.

    Example:
        >>> import samplegen
        >>> loop = samplegen.sequence("packs/starter", samplegen.style_pattern("house"))
        >>> samplegen.write_loop(loop, "transcribed.wav")[0].name
        'transcribed.wav'
        >>> round(samplegen.transcribe("transcribed.wav").pattern.tempo)
        124
    """
    sounds = None if pack is None else rack.load(pack)
    samples, rate = reading.read_audio(path)
    return transcribe_samples(samples, rate, bpm=bpm, name=str(path), pack=sounds)


def transcribe_samples(
    samples: Signal, rate: int, *, bpm: float | None = None, name: str = "the sound", pack: Rack | None = None
) -> Transcription:
    """The same of mono samples `(n,)` and a pack's rack; `name` is what errors call the samples."""
    if bpm is not None:
        check_range(bpm, TEMPO_RANGE_BPM, "the tempo", unit=" bpm")
    whole_seconds = len(samples) / rate
    mono = downmix(samples[: round(MAX_SECONDS * rate)], rate)
    seconds = min(whole_seconds, MAX_SECONDS)
    if seconds < tempi.MIN_SECONDS:
        raise AudioError(f"{name} lasts {seconds:.2f} s; a loop of at least {tempi.MIN_SECONDS:g} s can be told")
    onsets = audio_onsets.detect_onsets(mono, RATE) / RATE
    if len(onsets) < MIN_HITS:
        raise AudioError(f"{name} has {len(onsets)} hits; a rhythm takes at least {MIN_HITS}")
    found = tempi.Tempo(bpm, 1.0, bpm) if bpm else tempi.estimate(mono)
    unexplained: float | None = None
    if pack is None:
        bars = bars_of(grids.fit(onsets, seconds, found.bpm), seconds)
        hits = list(drum_classifier.classify_hits(mono, onsets, bars, seconds))
    else:
        around = seconds == whole_seconds and grids.whole_beats(seconds, found.bpm) is not None
        hits, unexplained = pack_matching.match_pack(samples[: round(MAX_SECONDS * rate)], rate, pack, around=around)
        bars = bars_of(grids.fit(np.unique([hit.seconds for hit in hits]), seconds, found.bpm), seconds)
    pattern = quantize.to_pattern(hits, bars)
    if pattern is None:
        raise AudioError(f"no drums are heard in {name}; give a loop or track of drums")
    beats = grids.whole_beats(seconds, found.bpm)
    warnings = (*_doubts(found, whole_seconds), *_strange(pack, unexplained))
    return Transcription(pattern, seconds, found.sureness, found.rival, len(onsets),
                         beats is not None and beats == pattern.beats, warnings, unexplained)  # fmt: skip


def _strange(pack: Rack | None, unexplained: float | None) -> Iterator[str]:
    if pack and unexplained is not None and unexplained > pack_matching.WARN_UNEXPLAINED:
        yield (
            f"{pack.name} explains {100 * (1 - unexplained):.0f} % of the sound: another pack played it, or it was "
            "changed much; without a pack, drums are told by their kind"
        )


def _doubts(found: tempi.Tempo, seconds: float) -> Iterator[str]:
    if seconds > MAX_SECONDS:
        yield f"only the first {MAX_SECONDS:g} of {seconds:.0f} s were listened to; cut out the part that you want"
    if found.sureness < _MIN_TEMPO_CONFIDENCE:
        yield f"the tempo is not sure: {found.bpm:.1f} bpm, or {found.rival:.1f}; --bpm decides"
