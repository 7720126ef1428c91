"""Takes played by an instrument that was learned from recordings of it: flute and soprano saxophone, note by note.

Of every six recordings the fourth is held out. `samplegen.conversion.timbre.evaluate` defines the figures: the held-out
notes made anew from pitch and loudness alone, beside what librosa's Griffin-Lim makes of their 80 mel bands. A phrase
is the held-out notes one after the other; voices are takes of four speakers. Chords are sums of two or three notes at
equal levels whose pitches differ by a third to a seventh.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import DATA, Figures
from samplegen.audio import reading
from samplegen.conversion import pitch, polyphony
from samplegen.conversion.options import KEEP, ConvertOptions
from samplegen.conversion.takes import from_array
from samplegen.conversion.timbre import evaluate
from samplegen.conversion.timbre.convert import TimbreConverter
from samplegen.conversion.train import train_converter
from samplegen.models import library, store

EVERY, HELD = 6, 3
SEMITONES = ((3,), (4,), (5,), (7,), (8,), (9,), (4, 7), (3, 7), (5, 9))  # above the lowest, of chords
CROSSFADE = 0.03  # seconds


def run() -> Figures:
    """Learn both instruments, make anew what was held out, play a phrase and voices, tell chords."""
    figures: Figures = {}
    for name in ("flute", "soprano-sax"):
        figures |= {f"{key}, {name}": value for key, value in instrument(name).items()}
    return figures | told_chords() | speed()


def instrument(name: str) -> Figures:
    """Figures of an instrument."""
    paths = sorted((DATA / name).iterdir())
    kept = paths[HELD::EVERY]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "notes"
        place.mkdir()
        for path in (path for path in paths if path not in kept):
            (place / path.name).symlink_to(path)
        began = time.perf_counter()
        model = train_converter("timbre", (place,), Path(folder) / "model", seed=1)
        figures: Figures = {"learning, with its own check (s)": time.perf_counter() - began}
        figures |= _figures(model, kept)
    return figures


def _figures(model: store.Model, kept: list[Path]) -> Figures:
    config, rate = model.config, model.config.rate
    notes = [reading.read_audio(path, rate)[0] for path in kept]
    spoken = [
        reading.read_audio(sorted(speaker.iterdir())[0], rate)[0] for speaker in sorted((DATA / "voice").iterdir())
    ]
    takes = {"held-out notes": notes, "a phrase of them": [phrase(notes, rate)], "four voices": spoken}
    figures: Figures = {}
    for name, given in takes.items():
        rows = evaluate.measure(config, model.network, [(take, take) for take in given])
        converted = dict(rows["converted"])
        if name == "four voices":
            del converted["spectral"]  # they are to become something else
        figures |= {f"{measure}, {name}": value for measure, value in converted.items()}
        if name == "held-out notes":
            figures["spectral of griffin-lim 80"] = rows["griffin-lim"]["spectral"]
    return figures


def phrase(notes: list[np.ndarray], rate: int) -> np.ndarray:
    """Notes `(n,)` one after the other, crossfaded."""
    fade = round(CROSSFADE * rate)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    whole = notes[0].copy()
    for note in notes[1:]:
        whole[-fade:] = whole[-fade:] * ramp[::-1] + note[:fade] * ramp
        whole = np.concatenate((whole, note[fade:]))
    return whole


def told_chords() -> Figures:
    """Shares of chords of the saxophone that are found, and of single notes and voices that are taken for one."""
    paths = sorted((DATA / "soprano-sax").glob("sop-f-*"))  # a semitone apart
    notes = [reading.read_audio(path, pitch.RATE)[0] for path in paths]
    loud = [note / np.sqrt(np.mean(note**2)) * np.float32(0.1) for note in notes]
    low = range(0, len(notes) - 9, 6)
    mixed = [np.sum([loud[i + step] for step in (0, *steps)], axis=0) for steps in SEMITONES for i in low]
    single = [*notes, *(reading.read_audio(path, pitch.RATE)[0] for path in sorted((DATA / "flute").glob("nor-*")))]
    spoken = [reading.read_audio(path, pitch.RATE)[0] for path in sorted((DATA / "voice").glob("*/*"))[::6]]
    return {
        "chords told": float(np.mean([_several(take) for take in mixed])),
        "notes taken for chords": float(np.mean([_several(take) for take in single])),
        "voices taken for chords": float(np.mean([_several(take) for take in spoken])),
    }


def _several(take: np.ndarray) -> bool:
    score = polyphony.score(take, pitch.track(take, limits=pitch.INSTRUMENT_RANGE_HZ, refine=True))
    return bool(len(score) and np.median(score) > polyphony.MIN_SCORE)


def speed() -> Figures:
    """Seconds of processor time for a second of a voice, by the shipped model, after a first take."""
    model = store.read(library.shipped("starter-sax"))
    spoken = np.concatenate([reading.read_audio(path, 44_100)[0] for path in sorted((DATA / "voice/p226").iterdir())])
    for take in (spoken[: 3 * 44_100], spoken[: 40 * 44_100]):
        began = time.process_time()
        for _ in TimbreConverter(model.config, model.network, from_array(take, 44_100), ConvertOptions(KEEP)).parts():
            pass
        spent = (time.process_time() - began) / len(take) * 44_100
    return {"processor time for a second of a take (s)": spent}
