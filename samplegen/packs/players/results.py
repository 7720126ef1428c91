"""Results of programs that read packs: each function returns why a kit is rejected, or "" where it is accepted."""

import json
import struct
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from samplegen.arrays import Signal
from samplegen.audio import reading, wavchunks
from samplegen.audio.signals import peak
from samplegen.errors import AudioError
from samplegen.packs.players.run import Answer, Job

BPM = 24.0  # of the MIDI file that players get: a note lasts 2.5 s, and most sounds end within that
_AUDIBLE_PEAK, _AUDIBLE_RISE = 0.01, 2.0  # of a pad that sounds: its peak, and that over the peak just before
_AFTER_SECONDS, _BEFORE_SECONDS = 0.25, 0.05  # around a note, whose peaks are compared
_SAMPLE_HEADER_BYTES = 46  # of each sample of a SoundFont


def check_exit(_: Job, answer: Answer) -> str:
    """Accept exit status 0."""
    return "" if answer.code == 0 else _last_line(answer)


def complaint(answer: Answer, *words: str) -> str:
    """Return the first line that holds one of the words."""
    return next((line.strip() for line in answer.output.splitlines() if any(word in line for word in words)), "")


def check_hydrogen(job: Job, answer: Answer) -> str:
    """Count the samples of a Hydrogen kit, as h2cli calls a kit valid that lacks some."""
    if answer.code != 0 or "is valid" not in answer.output:
        return complaint(answer, "INVALID") or _last_line(answer)
    try:
        with tarfile.open(job.file) as archive:
            content = {PurePosixPath(member.name).name: archive.extractfile(member) for member in archive}
            tree = ElementTree.parse(content["drumkit.xml"] or job.file)
    except (tarfile.TarError, ElementTree.ParseError, KeyError) as error:
        return f"cannot be unpacked ({error})"
    named = {element.text or "" for element in tree.iter() if element.tag.endswith("}filename")}
    return "; ".join(f"lacks {name}" for name in sorted(named - content.keys())) or _counted(len(named), job.sounds)


def check_polyphone(job: Job, answer: Answer) -> str:
    """Count the samples of the SoundFont that Polyphone made, as it leaves out those that it does not find."""
    made = job.work / "out.sf2"
    if answer.code != 0 or not made.is_file():
        return _last_line(answer)
    content = made.read_bytes()
    at = content.rindex(b"shdr")
    return _counted(
        struct.unpack_from("<I", content, at + 4)[0] // _SAMPLE_HEADER_BYTES - 1, job.sounds
    )  # the last ends the list


def check_rendered(job: Job, answer: Answer) -> str:
    """Look for every pad in `out.wav`, in which a player rendered `job.notes` one after the other."""
    if fault := complaint(answer, "error", "Error", "***", "not a SoundFont"):
        return fault
    if answer.code != 0:
        return _last_line(answer)
    try:
        samples, rate, _ = reading.read_unchanged(job.work / "out.wav")
    except AudioError as error:
        return str(error)
    return _silent([note for note, at in _times(job.notes) if not _audible(samples[:, 0], rate, at)])


def check_played(job: Job, answer: Answer) -> str:
    """Read the JSON of a player in a Python process of its own: number of regions, and notes that are silent."""
    if answer.code != 0:
        return _last_line(answer)
    report = json.loads(answer.output.splitlines()[-1])
    return _counted(report.get("regions", job.sounds), job.sounds) or _silent(report["silent"])


def check_decoded(job: Job, answer: Answer) -> str:
    """Read the report of sndfile-info, which walks all chunks and names sizes that do not fit."""
    return check_exit(job, answer) or complaint(answer, "Error", "should be 0x", " (should be")


def check_tags(job: Job, answer: Answer) -> str:
    """Compare root note, loops and type as exiftool reads them with our own reading."""
    if answer.code != 0:
        return _last_line(answer)
    rows = {
        row["SourceFile"]: row
        for row in json.loads(answer.output[answer.output.index("[") : answer.output.rindex("]") + 1])
    }
    return "; ".join(filter(None, (_differs(file, rows.get(str(file), {})) for file in job.files)))


def _differs(file: Path, row: dict[str, object]) -> str:
    try:
        own = wavchunks.read_chunks(file.read_bytes())
    except AudioError as error:
        return f"{file.name}: {error}"
    loops = None if own.note is None else own.loops
    ours = (own.note, loops, own.acid.flags if own.acid else None)
    theirs = tuple(row.get(key) for key in ("MIDIUnityNote", "NumSampleLoops", "AcidizerFlags"))
    return "" if ours == theirs else f"{file.name}: reads {theirs}, written {ours}"


def _times(notes: Sequence[int]) -> list[tuple[int, float]]:
    return [(note, number * 60 / BPM) for number, note in enumerate(sorted(notes))]


def _audible(sound: Signal, rate: int, at: float) -> bool:
    now = peak(sound[round(at * rate) : round((at + _AFTER_SECONDS) * rate)])
    before = peak(sound[max(0, round((at - _BEFORE_SECONDS) * rate)) : round(at * rate)])
    return bool(now > _AUDIBLE_PEAK and now > _AUDIBLE_RISE * before)


def _silent(notes: Sequence[int]) -> str:
    return f"nothing is heard of note {', '.join(map(str, notes))}" if notes else ""


def _counted(count: int, expected: int) -> str:
    return "" if count == expected else f"has {count} of {expected} sounds"


def _last_line(answer: Answer) -> str:
    if answer.code is None:
        return "did not answer in time"
    lines = [line for line in answer.output.splitlines() if line.strip()]
    return f"ended with {answer.code}" + (f": {lines[-1].strip()}" if lines else "")
