"""Random drum loops of which is known what is struck when: what the transcriber learns from.

Shipped patterns and common grooves, thinned and mutated, at their own or any tempo, played by recorded drums from a
folder with folders of roles, or by drums made by formulas; each drum is varied (pitch, length, tone), some lanes are
played by other drums than theirs, and the mix is aged a little.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import synthetic, wear
from samplegen.arrays import Signal
from samplegen.audio import onsets, reading, signals
from samplegen.errors import AudioError
from samplegen.roles import BY_NAME, INDEX, ROLES, role_of_path
from samplegen.sequencer import arrange, styles, timing
from samplegen.sequencer.pad_mapping import role_of
from samplegen.sequencer.pattern import Pattern
from samplegen.transcription.features import RATE, downmix

Bank = dict[str, list[Signal]]
MADE = "made "  # before a role: its drums made by formulas
_MADE = 200  # of each role
_USUAL = 0.25  # of the logarithm of a tempo: so near is usual
_GROOVES = Path(__file__).with_name("grooves.txt")


@dataclass(frozen=True)
class Scene:
    """A loop: what it was made from, whether that is near its usual tempo, its sound at `RATE`, and its strokes.

    Strokes are (seconds, role's index, gain).
    """

    pattern: Pattern
    usual: bool
    samples: Signal
    strokes: list[tuple[float, int, float]]


def bank(folder: Path) -> Bank:
    """The drums of a folder by role, and others made by formulas, at most 3 s each."""
    found: Bank = defaultdict(list)
    for path in sorted(folder.glob("*/*.flac")):
        try:
            samples = downmix(*reading.read_audio(path))
        except AudioError:
            continue
        sound = samples[onsets.find_onset(samples, RATE) :][: 3 * RATE]
        if len(sound) > RATE // 50 and signals.peak(sound) > 1e-3:
            end = RATE // 100
            sound = wear.level(sound)
            sound[-end:] *= np.linspace(1, 0, end)
            found[role_of_path(path.relative_to(folder).parts) or path.parent.name].append(sound)
    rng = np.random.default_rng(7)
    for role in synthetic.MAKERS:
        found[MADE + role] = [wear.level(synthetic.drum(role, rng)) for _ in range(_MADE)]
    return found


def scene(drums: Bank, rng: np.random.Generator) -> Scene | None:
    """A loop of a few seconds, or None where nothing sounds."""
    pattern, usual, hits = _played(rng)
    made = float(rng.choice([0.1, 0.5, 0.9]))
    cast = {i: _part(drums, lane, rng, made) for i, lane in enumerate(pattern.lanes)}
    curve = rng.choice([2, 2, 1.3, 1])
    length = round(pattern.beats * 60 / pattern.tempo * RATE)
    strokes = [
        (round(hit.beat * 60 / pattern.tempo * RATE), part, part[2] * (hit.velocity / 127) ** curve)
        for hit in hits if (part := cast[hit.lane])
    ]  # fmt: skip
    mix = _mixed(strokes, length, wrap=rng.random() < 0.7)
    if signals.peak(mix) < 1e-4:
        return None
    return Scene(
        pattern,
        usual,
        wear.aged(wear.level(mix), rng),
        [(at / RATE, INDEX[part[0]], gain) for at, part, gain in strokes],
    )


def _played(rng: np.random.Generator):
    """A pattern, half of them changed, whether it is near its usual tempo, and its hits."""
    known = _patterns()
    pattern = known[rng.integers(len(known))]
    if rng.random() < 0.5:
        pattern = arrange.change_density(pattern, float(rng.uniform(0.5, 1.6)), int(rng.integers(1e6)))
        pattern = arrange.mutate(pattern, float(rng.uniform(0, 0.5)), int(rng.integers(1e6)))
    tempo = _tempo(pattern, rng)
    usual = abs(np.log(tempo / pattern.tempo)) < _USUAL
    bars = max(1, round(rng.uniform(3, 8.5) * tempo / 60 / pattern.bar))
    swing = float(rng.choice([pattern.swing, pattern.swing, 50, rng.uniform(50, 66)]))
    pattern = replace(pattern, tempo=tempo, bars=bars, swing=swing)
    return pattern, usual, timing.events(pattern, humanize=float(rng.choice([0, 0, 0.3])), seed=int(rng.integers(1e6)))


@cache
def _patterns() -> list[Pattern]:
    shipped = [pattern for name in styles.names() for pattern in styles.style(name).patterns.values()]
    return shipped + list(styles.read("grooves", _GROOVES.read_text("utf-8")).patterns.values())


def _tempo(pattern: Pattern, rng: np.random.Generator) -> float:
    """Near the pattern's own, or anything from 60 to 180."""
    if rng.random() < 0.5:
        return float(np.clip(pattern.tempo * np.exp(rng.normal(0, 0.1)), 60, 190))
    return float(np.exp(rng.uniform(np.log(60), np.log(180))))


def _part(drums: Bank, lane, rng: np.random.Generator, made: float):
    """Role, sound and level of a lane; one in eight plays another drum than its own, one in twelve nothing."""
    role, _ = role_of(lane.name)
    if rng.random() < 0.12:
        role = list(ROLES)[rng.integers(len(ROLES))]
    if rng.random() < 0.08 or role is None:
        return None
    sound = _drawn(drums, role, rng, made)
    if rng.random() < 0.2:
        sound = wear.layered(sound, _drawn(drums, role, rng, made) * np.float32(rng.uniform(0.2, 1)))
    return role, sound, 10 ** ((lane.level + rng.normal(0, 3.5)) / 20)


def _drawn(drums: Bank, role: str, rng: np.random.Generator, made: float) -> Signal:
    """A drum of a role: of so many, a share made by formulas, and all of a role with few recorded ones."""
    sounds = drums.get(role) if rng.random() > made else None
    sounds = sounds if sounds and len(sounds) > 4 else drums[MADE + role]
    return wear.varied(sounds[rng.integers(len(sounds))], rng)


def _mixed(strokes, length: int, *, wrap: bool) -> Signal:
    mix = np.zeros(length + 3 * RATE + 1, np.float32)
    hats = sorted(at for at, part, _ in strokes if BY_NAME[part[0]].choke)
    for at, (role, sound, _), gain in strokes:
        following = next((other for other in hats if other > at), None) if BY_NAME[role].choke else None
        kept = sound[: following - at] if following else sound
        mix[at : at + len(kept)] += kept * np.float32(gain)
    rest = mix[length:][:length]
    mix[: len(rest)] += rest * np.float32(wrap)
    return mix[:length]
