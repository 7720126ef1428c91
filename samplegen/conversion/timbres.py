"""What the table of converters asks of a timbre: learned from a folder of one instrument, applied, judged."""

import math
from collections.abc import Sequence
from pathlib import Path

from samplegen.audio import reading
from samplegen.audio.streaming import Recording
from samplegen.conversion import Judged, reproducing, takes, timbre
from samplegen.conversion.learning import Learned, Progress
from samplegen.conversion.manner import Manner
from samplegen.conversion.playing import Player
from samplegen.conversion.takes import Take
from samplegen.conversion.timbre import Studied
from samplegen.data import folders
from samplegen.errors import AudioError, DataError
from samplegen.models.store import Model
from samplegen.models.timbre import Config

_FEWEST, _EVERY, _MOST, _LONGEST = 6, 6, 12, 10  # recordings; which of them are held out, of each how many seconds


def learned(folder: Path, *, seed: int = 0, progress: Progress | None = None) -> Learned:
    """How one instrument sounds.

    Args:
        folder: of recordings, notes or phrases, of any format; or one recording.
        seed: of everything random.
        progress: told (done, of) as recordings are heard.

    Raises:
        DataError: there are none that can be used, or none at a pitch.
    """
    notes: list[str] = []
    rates = _rates(folder, notes)
    rate = timbre.common_rate(list(rates.values()))
    studied = []
    for number, path in enumerate(rates, 1):
        try:
            studied.append((path, timbre.study(path.name, reading.read(path, rate)[0], Config(rate=rate))))
        except AudioError as error:
            notes.append(f"left out: {error}")
        if progress:
            progress(number, len(rates))
    done = timbre.learn([one for _, one in studied], rate, seed=seed)
    figures = _proven(studied, done, seed) if len(studied) >= _FEWEST else {}
    return Learned(done.config, done.network, done.facts, (*notes, *done.notes), figures)


def converter(model: Model, take: Take, manner: Manner, progress: Progress | None = None) -> Player:
    """A take that has been surveyed and can be played."""
    return Player(model.config, model.network, take, manner, progress)


def judge(
    model: Model, source: Path, target: Path, *, other: Path | None = None, progress: Progress | None = None
) -> Judged:
    """A timbre model on takes and what they should become; the same takes twice measure how it makes them anew."""
    if other:
        raise DataError("another voice's takes stand beside a voice model only; leave out --others")
    pairs = takes.paired(source, target)
    rows = reproducing.judge(model, pairs, progress=progress)
    return Judged(rows, reproducing.ROWS, reproducing.MEASURES, len(pairs))


def _proven(studied: Sequence[tuple[Path, Studied]], done: Learned, seed: int) -> dict[str, float]:
    """Figures of recordings that were held out, by a model that learned from the others only."""
    held, rate = studied[_EVERY // 2 :: _EVERY][:_MOST], done.config.rate
    rest = [one for path, one in studied if path not in dict(held)]
    other = timbre.learn(rest, rate, seed=seed, steps=done.facts["steps"])
    takes = ((reading.read(path, rate)[0][: _LONGEST * rate],) * 2 for path, _ in held)
    rows = reproducing.measured(other.config, other.network, takes)
    figures = {f"held_out_{name}": value for name, value in rows["converted"].items() if name != "voicing_error"}
    figures["held_out_spectral_griffin_lim"] = rows["griffin-lim"]["spectral"]
    return {name: round(value, 4) for name, value in figures.items() if math.isfinite(value)}


def _rates(folder: Path, notes: list[str]) -> dict[Path, int]:
    """The recordings that can be opened with their rates in Hz; the others are noted."""
    paths = (
        [folder] if folder.is_file() else folders.audio_files(folder, lambda path, why: notes.append(f"{path} {why}"))
    )
    rates = {}
    for path in paths:
        try:
            with Recording(path) as recording:
                rates[path] = recording.rate
        except AudioError as error:
            notes.append(f"left out: {error}")
    if not rates:
        raise DataError(f"{folder} holds no recording that can be read; give notes or phrases of one instrument")
    return rates
