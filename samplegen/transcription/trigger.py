"""A take drives a pack: its hits, at their samples, struck on the pack's pads."""

from collections import Counter
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

from samplegen import files
from samplegen.arrays import Signal
from samplegen.audio import reading, signals, writing
from samplegen.errors import AudioError
from samplegen.sequencer import loop_files, midi_writer, rack, render, scheduling
from samplegen.sequencer.pad_mapping import PadAssignment, map_lanes
from samplegen.sequencer.pattern import REST, Lane, Pattern
from samplegen.sequencer.timing import Hit
from samplegen.transcription import calibration, hit_classifier
from samplegen.transcription import hits as transcription_hits
from samplegen.transcription.hits import DetectedHits

MIDI_BPM = 120.0  # in which times are written into the MIDI file; the take's own is not needed
UNCALIBRATED_NOTE = (
    "without --calibrate a rule tells kick, snare and hat apart, and often errs; a few labelled hits do better"
)


@dataclass(frozen=True)
class TriggerResult:
    """Result of a trigger: `samples` `(n,)` at `rate` Hz, as long as the take.

    `hits` in beats at `MIDI_BPM`; the lanes of `pattern` are roles, and `parts` say which pad plays each.
    """

    samples: Signal
    rate: int
    pack: str
    pattern: Pattern
    hits: tuple[Hit, ...]
    parts: tuple[PadAssignment, ...]
    notes: tuple[str, ...]

    @property
    def frames(self) -> list[int]:
        """The first sample of every hit."""
        return [scheduling.beats_to_frames(hit.beat, MIDI_BPM, self.rate) for hit in self.hits]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many hits of each role there are."""
        counts_of = Counter(hit.lane for hit in self.hits)
        return {lane.name: counts_of[index] for index, lane in enumerate(self.pattern.lanes)}


def trigger_pack(take: Path | str, pack: Path | str, *, calibrate: Path | str | None = None) -> TriggerResult:
    """Play a pack by the hits of a beatboxed, tapped or drummed take.

    Args:
        take: sound file of up to ten minutes; of several channels the mean is used.
        pack: the pack's folder; roles that it lacks are played by the nearest drum, or not at all.
        calibrate: folder of a few labelled hits of the same mouth or table, as `calibration.learn` reads it.

    Returns:
        Mono sound at the take's rate, each drum's file beginning at the very sample at which its hit begins, its
        peak at -1 dBFS; and the hits.

    Raises:
        AudioError: a take that cannot be read or has no hits, or a pack that plays none of them.
        DataError: no pack, or no calibration.

    Example:
        >>> import samplegen
        >>> loop = samplegen.sequence("packs/starter", samplegen.parse_pattern("kick x...x...x...x..."))
        >>> path = samplegen.write_loop(loop, "taps.wav")[0]
        >>> samplegen.trigger_pack(path, "packs/starter").counts["kick"]
        4
    """
    samples, rate = reading.read_audio(take)
    known = calibration.learn(calibrate, rate) if calibrate is not None else None
    try:
        struck = transcription_hits.detect_hits(samples, rate)
    except AudioError as error:
        raise AudioError(f"{take}: {error}") from error
    names = known.classifier(struck.sounds) if known else hit_classifier.classify_by_rule(struck.sounds)
    sounds = replace(rack.load(pack), rate=rate)
    pattern, hits = _score(struck, names, rate, len(samples))
    parts = map_lanes(pattern, sounds.pads)
    played = _played(pattern, hits, parts, sounds, len(samples))
    notes = [*(known.notes if known else [UNCALIBRATED_NOTE]), *(part.warning for part in parts if part.warning)]
    return TriggerResult(played, rate, sounds.name, pattern, hits, parts, tuple(notes))


def write(result: TriggerResult, path: Path | str, *, force: bool = False) -> list[Path]:
    """Write the sound, and the hits as a MIDI file beside it, all or nothing; the two files.

    Raises:
        OptionError: a path that ends in something else than .wav.
        OutputError: something stands there already, or cannot be written.
    """
    places = loop_files.output_paths(path)
    notes = [part.note for part in result.parts]
    with files.whole_set(places, force=force) as parts:
        writing.write_audio(parts[0], result.samples, result.rate)
        parts[1].write_bytes(midi_writer.pattern_midi(result.pattern, result.hits, notes, name=result.pack, fine=True))
    return places


def _score(struck: DetectedHits, names: list[str], rate: int, length: int) -> tuple[Pattern, tuple[Hit, ...]]:
    """Return hits in beats of `MIDI_BPM`, and a pattern of that length with an empty lane for each role."""
    lanes = sorted(set(names))
    velocities = transcription_hits.velocities(struck.levels, names)
    beats = [frame / rate * MIDI_BPM / 60 for frame in struck.frames.tolist()]
    hits = [Hit(beat, lanes.index(name), force) for beat, name, force in zip(beats, names, velocities, strict=True)]
    empty = Pattern(tuple(Lane(name, (REST,)) for name in lanes), tempo=MIDI_BPM)
    bars = max(1, ceil(length / rate * MIDI_BPM / 60 / empty.bar))
    return replace(empty, bars=bars), tuple(hits)


def _played(
    pattern: Pattern, hits: tuple[Hit, ...], parts: tuple[PadAssignment, ...], sounds: rack.Rack, length: int
) -> Signal:
    """The pads struck by the hits `(length,)`, what outlasts the take cut off."""
    planned = scheduling.schedule(pattern, hits, parts, sounds.rate, length, wrap=False)
    end = max([length, *(voice.frame + len(sounds.sound(voice.file)) for voice in planned)])
    mixed = render.TAILS["cut"](render.mix_track(planned, sounds, end), length, sounds.rate)
    loudest = signals.peak(mixed)
    if loudest < signals.SILENCE_PEAK:
        raise AudioError(f"the pack {sounds.name} plays nothing of this take; choose one with its drums")
    mixed *= render.MIX_PEAK / loudest
    return mixed
