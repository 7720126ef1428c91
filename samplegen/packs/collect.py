"""Finished one-shots from a folder of sounds: cut, post-processed, without duplicates."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from samplegen import roles
from samplegen.arrays import Rows, Signal
from samplegen.audio.duplicates import find_copies, fingerprint
from samplegen.audio.oneshot import postprocess
from samplegen.audio.sounds import Origin, Sound
from samplegen.data.dataset import Dataset
from samplegen.data.slicing import read_slices
from samplegen.errors import AudioError, OptionError

_RIGHTS = """\
Sounds of the folder {folder}, made into a pack by samplegen.

The rights in each sound are those of the file that it was made from, which pack.json names. Nothing here grants any.
"""


@dataclass(frozen=True)
class CollectedSounds:
    """Sounds for a pack, and the dropped ones: name of the source and reason of each."""

    sounds: list[Sound]
    dropped: list[tuple[str, str]]


def collect_sounds(data: Dataset, labels: Sequence[str], *, rate: int) -> CollectedSounds:
    """Finish every one-shot of a folder at full bandwidth, from its file and not from its spectrogram.

    Args:
        data: from `samplegen.scan`; loops in it are cut into their hits.
        labels: the role of each sound.
        rate: sampling rate of the result in Hz.

    Returns:
        Sounds with `source`, `start` and `end` (seconds in it) and `role_from` ("name" or "sound") as facts, in the
        order of `data`. A sound that is like an earlier one of the same folder is left out, and so is a silent one.

    Raises:
        OptionError: roles that do not exist, or not as many as there are sounds.
        AudioError: a source is gone, or nothing is left.

    Example:
        >>> import samplegen
        >>> data = samplegen.scan("my-drums")  # doctest: +SKIP
        >>> labels = [sound.role or "perc" for sound in data.sounds]  # doctest: +SKIP
        >>> collected = samplegen.collect_sounds(data, labels, rate=44_100)  # doctest: +SKIP
    """
    if len(labels) != len(data) or not set(labels) <= set(roles.ROLES):
        raise OptionError(
            f"{len(labels)} roles were given for {len(data)} sounds; one of {', '.join(roles.ROLES)} for each"
        )
    called, (signals, prints, dropped) = _names(data), _finished(data, rate)
    order = sorted(signals)
    twice = {
        order[at]: f"sounds like {called[order[first]]} ({100 * share:.1f} %)"
        for view in np.array([prints[at] for at in order]).reshape(len(order), 2, -1).swapaxes(0, 1)
        for at, first, share in find_copies(view)
    }
    dropped |= twice
    kept = [Sound(signals[at], labels[at], _facts(data, at)) for at in order if at not in twice]
    if not kept:
        raise AudioError(f"{data.folder} holds no sound that can go into a pack")
    return CollectedSounds(kept, [(called[at], dropped[at]) for at in sorted(dropped)])


def origin(folder: Path, *, seed: int, command: str) -> Origin:
    """Return the origin of such a pack: no model, and a notice that the rights are those of the sources."""
    return Origin(seed, "", "", command, _RIGHTS.format(folder=_plain(folder.resolve().name)))


def _finished(data: Dataset, rate: int) -> tuple[dict[int, Signal], dict[int, Rows], dict[int, str]]:
    """Return finished sounds and their fingerprints by index, and the reason for each sound left out.

    Fingerprints `(2, bins)` are those of the source, too: a start that was faded in tells a copy from its original.
    """
    signals: dict[int, Signal] = {}
    prints: dict[int, Rows] = {}
    dropped: dict[int, str] = {}
    for at, samples, own in read_slices(data, rate):
        try:
            signals[at] = postprocess(samples, own)
            prints[at] = np.stack([fingerprint(samples, own), fingerprint(signals[at], own)])
        except AudioError as error:
            dropped[at] = str(error).removeprefix("a sound ").partition(";")[0]
    return signals, prints, dropped


def _facts(data: Dataset, at: int) -> dict[str, object]:
    sound, rate = data.sounds[at], data.config.stft.rate
    place = {"start": sound.start / rate, "end": sound.stop / rate}
    return {"source": _plain(sound.path), **place, "role_from": "name" if sound.role else "sound"}


def _names(data: Dataset) -> list[str]:
    """Name each sound by its source, and by its time in it where that holds several."""
    counts, rate = Counter(sound.path for sound in data.sounds), data.config.stft.rate
    places = (f" at {sound.start / rate:.2f} s" if counts[sound.path] > 1 else "" for sound in data.sounds)
    return [_plain(sound.path) + place for sound, place in zip(data.sounds, places, strict=True)]


def _plain(text: object) -> str:
    """Return a name as text that can be stored, whatever bytes it is made of."""
    return str(text).encode("utf-8", "backslashreplace").decode()
