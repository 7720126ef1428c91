"""Beatboxed hits told apart: one person's 120 clips of kick, snare and hat, of which a few a class are learned from.

Accuracy is that of all other clips, the mean over draws of the calibration hits. What is described of a hit was chosen
among 50 ways by these very clips, the worst of which had 93 %. The rule without calibration was set by looking at them
and at the real drums that stand beside it, so its figures flatter it. Takes are clips
that were not learned from in random order, one every half second or every 0.3 seconds, each cut off where the next
begins; clips keep their own levels, 25 dB apart. A hit is found if one is heard within 20 ms.

Conversion learns from two thirds of the clips, and of the drums from two thirds of their sources or machines. The other
clips are laid out as a take, converted, and judged beside the other drums
(`samplegen.conversion.beatbox.metrics`). How the kit is chosen was set by other thirds of the same sounds.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import DATA, MACHINES, Figures
from samplegen.arrays import Signal
from samplegen.audio import onsets, reading
from samplegen.conversion.beatbox import evaluate
from samplegen.conversion.train import train_converter
from samplegen.errors import AudioError
from samplegen.transcription import hit_classifier, hits
from samplegen.transcription.hits import RATE

BEATBOX = DATA / "beatbox"
ROLES = ("kick", "snare", "closed-hat")
DRAWS, TAKES = 60, 10
NEAR = 0.02  # seconds

Clips = list[tuple[Signal, str]]


def run() -> Figures:
    """Accuracy by calibration hits a class and by rule, on clips and on takes."""
    clips = read(BEATBOX)
    figures: Figures = {"clips": len(clips)}
    for each in (1, 3, 5, 10):
        shares = [accuracy(clips, each, seed) for seed in range(DRAWS)]
        figures[f"held-out clips right, {each} hits a class (%)"] = 100 * float(np.mean(shares))
        figures[f"... the worst of {DRAWS} draws, {each} a class"] = 100 * min(shares)
    noisy = [accuracy(clips, 5, seed, noise=20.0) for seed in range(DRAWS)]
    figures["... 5 a class, the held-out ones in white noise 20 dB below (%)"] = 100 * float(np.mean(noisy))
    for name, folder in {"beatbox": BEATBOX, "drums": DATA / "drums", "machines": MACHINES}.items():
        figures[f"right by rule, {name} (%)"] = 100 * ruled(read(folder))
    for gap in (0.5, 0.3):
        found, right, extra = np.mean([played(clips, gap, seed) for seed in range(TAKES)], axis=0).tolist()
        figures[f"takes, a hit every {gap} s: found (%)"] = 100 * found
        figures[f"... right of those found, 5 hits a class, {gap} s (%)"] = 100 * right
        figures[f"... heard where none is, share of hits, {gap} s (%)"] = 100 * extra
    for name, folder in {"drums": DATA / "drums", "machines": MACHINES}.items():
        figures |= converted(name, folder)
    return figures


def converted(name: str, drums: Path) -> Figures:
    """A model that turns the clips into such drums, on clips and drums that it never heard."""
    with tempfile.TemporaryDirectory() as place:
        taken = [parted(folder, Path(place) / part) for folder, part in ((BEATBOX, "mouth"), (drums, "drums"))]
        (mouth, mouth_held), (known, other) = taken
        began = time.perf_counter()
        model = train_converter("beatbox", (mouth, known), Path(place) / "model", seed=1)
        figures: Figures = {f"to {name}: learned in (s)": time.perf_counter() - began}
        rows, figures[f"to {name}: held-out hits"] = evaluate.measure_hits(model, mouth_held, other)
    for row, values in rows.items():
        told = {f"to {name}, {row}: {measure}": value for measure, value in values.items() if np.isfinite(value)}
        figures |= told
    return figures


def parted(folder: Path, place: Path) -> tuple[Path, Path]:
    """Two thirds of the three roles in a folder and the rest, as links: whole kits, which begin names, or clips."""
    files = [path for role in ROLES for path in sorted((folder / role).glob("*.flac"))]
    kits = sorted({path.name.partition("_")[0] for path in files})
    for path in files:
        held = kits.index(path.name.partition("_")[0]) % 3 == 1
        link = place / ("held" if held else "known") / path.parent.name / path.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    return place / "known", place / "held"


def read(folder: Path) -> Clips:
    """The one-shots of the three roles, from their attacks on."""
    clips: Clips = []
    for role in ROLES:
        for path in sorted((folder / role).glob("*.flac")):
            try:
                samples, _ = reading.read_audio(path, RATE)
            except AudioError:  # a silent file
                continue
            clips.append((samples[onsets.find_onset(samples, RATE) :], role))
    return clips


def split(clips: Clips, each: int, seed: int) -> tuple[hit_classifier.CalibratedClassifier, Clips]:
    """Classifier learned from some clips of each role, and the other clips in random order."""
    order = np.random.default_rng(seed).permutation(len(clips))
    known = [index for role in ROLES for index in [i for i in order if clips[i][1] == role][:each]]
    tell = hit_classifier.fit([clips[index][0] for index in known], [clips[index][1] for index in known])
    return tell, [clips[index] for index in order if index not in known]


def accuracy(clips: Clips, each: int, seed: int, *, noise: float = np.inf) -> float:
    """Share of the other clips that are told right, in white noise so many dB below their first 0.1 s."""
    tell, rest = split(clips, each, seed)
    rng = np.random.default_rng(seed)
    level = [10 ** (-noise / 20) * float(np.sqrt(np.mean(sound[: RATE // 10] ** 2))) for sound, _ in rest]
    heard = [
        (sound + at * rng.standard_normal(len(sound))).astype(np.float32)
        for (sound, _), at in zip(rest, level, strict=True)
    ]
    return agreement(tell(heard), rest)


def ruled(clips: Clips) -> float:
    """Share of clips that the rule tells right."""
    return agreement(hit_classifier.classify_by_rule([sound for sound, _ in clips]), clips)


def agreement(told: list[str], clips: Clips) -> float:
    """Share of names that are right."""
    return float(np.mean([name == role for name, (_, role) in zip(told, clips, strict=True)]))


def played(clips: Clips, gap: float, seed: int) -> tuple[float, float, float]:
    """Figures of a take: share of hits found, share of those told right, and hits heard where none is as a share."""
    tell, rest = split(clips, 5, seed)
    step = round(gap * RATE)
    take = np.zeros(step * len(rest), np.float32)
    for index, (sound, _) in enumerate(rest):
        part = sound[:step].copy()
        fade = min(len(part), round(0.01 * RATE))
        part[len(part) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        take[index * step : index * step + len(part)] = part
    struck = hits.detect_hits(take, RATE)
    told = tell(struck.sounds)
    nearest = [int(np.abs(struck.frames - index * step).argmin()) for index in range(len(rest))]
    found = [abs(struck.frames[at] - index * step) < NEAR * RATE for index, at in enumerate(nearest)]
    right = [told[at] == rest[index][1] for index, at in enumerate(nearest) if found[index]]
    return float(np.mean(found)), float(np.mean(right)), (len(struck.frames) - sum(found)) / len(rest)
