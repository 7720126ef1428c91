"""Real players of kits, and what a drummer expects of any of them: one list of complaints for all formats.

Sounds of a test kit are many tones below 5 kHz, which no player's filter or interpolation changes, under an envelope:
two of them correlate by less than 0.3.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from samplegen.arrays import Signal
from samplegen.kits.kit import Kit, Layer, Pad

RATE = 44_100
BLOCK = 64
RELEASE = 0.062  # seconds that a key is held, a sixteenth at 120 bpm halved
LENGTH = 0.18  # seconds of a test sound: under 8192 frames, the rest of longer files sfizz may read too late
SEEN = 3000  # samples by which sounds are told apart
Hit = tuple[float, int, int]  # seconds, note, velocity


def ring(seed: int, *, level: float = 0.9, decay: float = 8.0) -> Signal:
    """A sound that is loud at once; with the usual decay a quarter of it is left at its end."""
    rng, time = np.random.default_rng(seed), np.arange(round(LENGTH * RATE)) / RATE
    tones = np.sin(2 * np.pi * rng.uniform(200, 5000, (64, 1)) * time + rng.uniform(0, 2 * np.pi, (64, 1))).sum(axis=0)
    sound = np.clip(tones / 12, -1, 1) * np.exp(-decay * time)
    return (level * sound / np.abs(sound).max()).astype(np.float32)


class Sfizz:
    """An SFZ file in sfizz; a layer sounds at its file's level at its hardest hit."""

    turns = True

    def __init__(self, file: Path) -> None:
        pysfizz = pytest.importorskip("pysfizz", reason="the SFZ player sfizz is not installed")
        self._synth = pysfizz._sfizz.Synth(RATE, BLOCK)
        self._synth.enable_freewheeling()
        self.loads = self._synth.load_sfz_file(str(file))
        self.regions = self._synth.get_num_regions()

    def level(self, velocity: int) -> float:
        return 1.0

    def play(self, hits: list[Hit], seconds: float = LENGTH) -> Signal:
        blocks = []
        for block in range(round(seconds * RATE / BLOCK)):
            for start, note, velocity in hits:
                self._at(start, block, lambda delay, n=note, v=velocity: self._synth.note_on(delay, n, v))
                self._at(start + RELEASE, block, lambda delay, n=note: self._synth.note_off(delay, n, 0))
            blocks.append(np.array(self._synth.render_block()[0]))  # a copy: the buffer is sfizz's own
        self._synth.all_sound_off()
        return np.concatenate(blocks)

    @staticmethod
    def _at(seconds: float, block: int, event) -> None:
        frame = round(seconds * RATE) - block * BLOCK
        if 0 <= frame < BLOCK:
            event(frame)


class TinySoundFont:
    """An SF2 file in TinySoundFont, which knows no modulators: velocity turns every layer down in proportion."""

    turns = False

    def __init__(self, file: Path) -> None:
        tinysoundfont = pytest.importorskip("tinysoundfont", reason="the SF2 player TinySoundFont is not installed")
        self._synth = tinysoundfont.Synth(samplerate=RATE)
        number = self._synth.sfload(file.read_bytes())
        self._synth.program_select(9, number, 0, 0, True)  # drums: from bank 128
        self.loads, self.regions = True, None

    def level(self, velocity: int) -> float:
        return velocity / 127

    def play(self, hits: list[Hit], seconds: float = LENGTH) -> Signal:
        events = [(start, lambda n=note, v=velocity: self._synth.noteon(9, n, v)) for start, note, velocity in hits]
        events += [(start + RELEASE, lambda n=note: self._synth.noteoff(9, n)) for start, note, _ in hits]
        parts, now = [], 0
        for start, event in [*sorted(events, key=lambda event: event[0]), (seconds, lambda: None)]:
            parts.append(self._rendered(min(round(start * RATE), round(seconds * RATE)) - now))
            now += len(parts[-1])
            event()
        self._synth.sounds_off()
        self._rendered(RATE // 10)  # its quick fade
        return np.concatenate(parts)

    def _rendered(self, frames: int) -> Signal:
        return np.frombuffer(self._synth.generate(frames), np.float32)[::2].copy()


Player = Sfizz | TinySoundFont


def complaints(player: Player, kit: Kit, sounds: Mapping[str, Signal]) -> list[str]:
    """Everything that is wrong with a kit as it is played; nothing for a good one."""
    if not player.loads:
        return ["the file does not load"]
    dropped = player.regions not in (None, len(kit.files))
    found = [f"{len(kit.files) - player.regions} regions were dropped"] if dropped else []
    for pad in kit.pads:
        found += [f"{pad.name} {complaint}" for complaint in _pad_complaints(player, pad, sounds)]
    return found + _choke_complaints(player, kit)


def _pad_complaints(player: Player, pad: Pad, sounds: Mapping[str, Signal]) -> list[str]:
    heard = {layer: player.play([(0.0, pad.note, layer.high)]) for layer in pad.layers}
    if not all(sound.any() for sound in heard.values()):
        return ["is silent"]
    if any(_late(sound) > 0.006 for sound in heard.values()):
        return ["is late"]
    levels = {layer: _level(sound, layer, sounds) for layer, sound in heard.items()}
    if odd := [layer.high for layer, level in levels.items() if not level]:
        return [f"plays another sound at velocity {odd[0]}"]
    found = [_layer_complaint(player, pad, layer, levels, sounds) for layer in pad.layers]
    # rms from 0.1 s on, the key being up: a release of 20 s takes less than a tenth by then, 0.001 is silence
    left = {layer: levels[layer] * _later(sounds[layer.files[0]]) for layer in pad.layers}
    short = [_later(sound) < 0.5 * left[layer] and left[layer] > 0.001 for layer, sound in heard.items()]
    again = player.turns and any(len(layer.files) > 1 and _repeats(player, pad, layer) for layer in pad.layers)
    return [*filter(None, found), *["is cut off"] * any(short), *["repeats the same take"] * again]


def _layer_complaint(
    player: Player, pad: Pad, layer: Layer, levels: Mapping[Layer, float], sounds: Mapping[str, Signal]
) -> str:
    """Return whether a layer is as loud, beside the hardest one, as its file is."""
    heard = levels[layer] / levels[pad.layers[-1]]
    wanted = player.level(layer.high)
    # filters and interpolation take the same from all, to 2 %
    return (
        "" if abs(heard / wanted - 1) < 0.02 else f"is {heard:.2f} as loud at velocity {layer.high}, not {wanted:.2f}"
    )


def _choke_complaints(player: Player, kit: Kit) -> list[str]:
    """Sounds of a group that ring on 60 ms and more after the closed hat, which is over by then."""
    closed = next(pad.note for pad in kit.pads if pad.role == "closed-hat")
    found = []
    for pad in kit.pads:
        rest = np.abs(player.play([(0.0, pad.note, 127), (0.04, closed, 127)])[round(0.1 * RATE) :]).max()
        alone = np.abs(player.play([(0.0, pad.note, 127)])[round(0.1 * RATE) :]).max()
        if (rest > 0.01) != (alone > 0.01 and not pad.choke):
            found.append(f"{pad.name} is {'not ' if pad.choke else ''}choked")
    return found


def _late(sound: Signal) -> float:
    return float(np.argmax(np.abs(sound) > 0.03 * np.abs(sound).max())) / RATE


def _later(sound: Signal) -> float:
    return float(np.sqrt((sound[round(0.1 * RATE) : round(0.17 * RATE)] ** 2).mean()))


def _level(sound: Signal, layer: Layer, sounds: Mapping[str, Signal]) -> float:
    """The gain at which one of a layer's files is heard, at most 3 samples late; 0 where it is another sound."""
    pairs = [(sound[lag : lag + SEEN], sounds[file][:SEEN]) for file in layer.files for lag in range(4)]
    return max(float(part @ own / (own @ own)) if _correlation(part, own) > 0.9 else 0.0 for part, own in pairs)


def _correlation(first: Signal, second: Signal) -> float:
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def _repeats(player: Player, pad: Pad, layer: Layer) -> bool:
    first, second = (player.play([(0.0, pad.note, layer.high)])[:SEEN] for _ in range(2))
    return abs(_correlation(first, second)) > 0.5
