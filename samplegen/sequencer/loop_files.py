"""Files of a loop: `FILE.wav` (24 bit, with tempo and bars), `FILE.mid` of its hits, `FILE-stems/` a lane each."""

from collections.abc import Sequence
from pathlib import Path

from samplegen import files
from samplegen.audio import reading, wavchunks, writing
from samplegen.errors import OptionError
from samplegen.sequencer import midi_writer
from samplegen.sequencer.loop import Loop
from samplegen.sequencer.scheduling import beats_to_frames

SUFFIX = ".wav"


def loop_midi(loop: Loop, *, single: bool = False) -> bytes:
    """Return the same hits as a MIDI file, for the pack's kit; format 0 if `single`."""
    fine = bool(loop.humanize) or any(step.offset for lane in loop.pattern.lanes for step in lane.steps)
    name = loop.pattern.title or loop.pack
    notes = [assignment.note for assignment in loop.assignments]
    return midi_writer.pattern_midi(
        loop.pattern, loop.hits, notes, name=name, repeat=loop.repeat, fine=fine, single=single
    )


def output_paths(path: Path | str, *, stems: bool = False) -> list[Path]:
    """Return the paths of a loop's files: the WAV, the MIDI file, and the folder of stems.

    Raises:
        OptionError: a path that ends in something else than .wav.
    """
    path = Path(path)
    if path.is_dir():
        raise OptionError(f"{path} is a folder; give the name of a {SUFFIX} file in it")
    if not path.name or path.suffix.lower() in reading.SUFFIXES - {SUFFIX, ".wave"} | {".mid"}:
        raise OptionError(f"{path} does not end in {SUFFIX}; a loop is written as {SUFFIX} with a .mid beside it")
    wav = path if path.suffix.lower() == SUFFIX else path.with_name(f"{path.name}{SUFFIX}")
    return [wav, wav.with_suffix(".mid"), *([wav.with_name(f"{wav.stem}-stems")] if stems else [])]


def write_loop(loop: Loop, path: Path | str, *, single: bool = False, force: bool = False) -> list[Path]:
    """Write a loop, its MIDI file and, where it has them, its stems: all or nothing.

    Returns:
        What was written: the WAV, the MIDI file, the folder of stems.

    Raises:
        OptionError: as `output_paths`.
        OutputError: something stands there already, or cannot be written.

    Example:
        >>> import samplegen
        >>> loop = samplegen.sequence("packs/starter", samplegen.style_pattern("house"))
        >>> samplegen.write_loop(loop, "house.wav")  # doctest: +SKIP
        [PosixPath('house.wav'), PosixPath('house.mid')]
    """
    places = output_paths(path, stems=bool(loop.stems))
    with files.whole_set(places, force=force) as assignments:
        write_wave(loop, assignments[0])
        assignments[1].write_bytes(loop_midi(loop, single=single))
        if loop.stems:
            assignments[2].mkdir()
            for name, stem in zip(stem_names(loop), loop.stems.values(), strict=True):
                writing.write_audio(assignments[2] / name, stem, loop.rate)
    return places


def write_wave(loop: Loop, path: Path, *, subtype: str = "PCM_24") -> None:
    """Write the WAV of a loop, with its tempo and bars. Raises `OutputError` where it cannot be written."""
    writing.write_audio(path, loop.samples, loop.rate, subtype=subtype)
    path.write_bytes(with_metadata(path.read_bytes(), loop))


def stem_names(loop: Loop) -> Sequence[str]:
    """Return a file name for every stem, in the order of the lanes."""
    return [f"{index + 1:02d}_{loop.pattern.lanes[index].name}{SUFFIX}" for index in loop.stems]


def with_metadata(wav: bytes, loop: Loop) -> bytes:
    """Return the WAV file of a loop with `acid`, `cue ` and INFO.

    One that is longer than its bars, with its tail appended, has no `acid`: hosts take a tempo from beats and length.
    """
    pattern = loop.pattern
    beats = loop.repeat * pattern.beats
    chunks = [
        wavchunks.cue_chunks({frame: f"Bar {number}" for number, frame in enumerate(loop.bar_frames, 1)}),
        wavchunks.info_chunk(INAM=pattern.title or loop.pack),
    ]
    whole = len(loop.samples) == beats_to_frames(beats, pattern.tempo, loop.rate) and beats == round(beats)
    acid = [wavchunks.acid_loop(round(beats), pattern.tempo, meter=pattern.meter)] if whole else []
    return wavchunks.replace_chunks(wav, *acid, *chunks)
