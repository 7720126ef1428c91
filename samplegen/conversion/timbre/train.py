"""Train a model of one instrument, on recordings of it alone: levels of its harmonics and noise at each pitch.

recordings -> `recordings` -> conditions and levels -> `fit` -> a network from conditions to levels
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from samplegen.audio import reading
from samplegen.conversion.results import Progress, TrainedConverter
from samplegen.conversion.timbre import conditioning, fit, harmonics
from samplegen.conversion.timbre.conditioning import WEIGHTS
from samplegen.conversion.timbre.evaluate import measure
from samplegen.conversion.timbre.fit import TrainingNote
from samplegen.conversion.timbre.recordings import Analysis, common_rate, read_rates, read_recordings
from samplegen.errors import DataError
from samplegen.models.timbre import Config
from samplegen.training.events import append_troubles
from samplegen.training.workplace import Workplace

MIN_FRAMES = 100  # to learn from: one second
_PITCH_PERCENTILES = (1, 50, 99)  # that a configuration holds
_LOUDNESS_PERCENTILES = (5, 50, 95)
_MIN_RECORDINGS = 6  # from which on some are held out to measure the model
_HELD_OUT_STRIDE = 6  # one of so many is held out
_MAX_HELD_OUT = 12  # recordings
_MAX_HELD_OUT_SECONDS = 10  # of each


def train(
    folder: Path, *, seed: int = 0, progress: Progress | None = None, workplace: Workplace | None = None
) -> TrainedConverter:
    """Train a network that plays one instrument.

    Args:
        folder: of recordings, notes or phrases, of any format; or one recording.
        seed: of everything random.
        progress: takes (done, of) as recordings are analysed.
        workplace: of the checkpoints; by default a temporary folder.

    Raises:
        DataError: there are none that can be used, or none at a pitch.
    """
    notes: list[str] = []
    rates = read_rates(folder, notes)
    rate = common_rate(list(rates.values()))
    found = read_recordings(list(rates), rate, notes, progress)
    done = learn([one for _, one in found], rate, seed=seed, workplace=workplace)
    metrics = _held_out_metrics(found, done, seed, workplace) if len(found) >= _MIN_RECORDINGS else {}
    return TrainedConverter(done.config, done.network, done.facts, (*notes, *done.notes), metrics)


def learn(
    recordings: Sequence[Analysis],
    rate: int,
    *,
    seed: int = 0,
    steps: int | None = None,
    workplace: Workplace | None = None,
) -> TrainedConverter:
    """Train on analysed recordings, in so many steps or as many as help those that are held out.

    Raises:
        DataError: less than a second of the recordings is at a pitch.
    """
    kept, notes = _kept(recordings)
    frames = sum(int(one.audible.sum()) for one in kept)
    if frames < MIN_FRAMES:
        raise DataError("less than a second of the recordings is at a pitch; give notes or phrases of one instrument")
    if len(kept) == 1:
        notes.append("one recording only: nothing tells when to stop learning, so the regression stands alone")
    config = _config(kept, rate)
    network, metrics = fit.train_network(
        config, [note(one, config) for one in kept], WEIGHTS, seed=seed, steps=steps, workplace=workplace,
        report=append_troubles(notes),
    )  # fmt: skip
    facts = {"sounds": len(kept), "seconds_at_a_pitch": round(frames / harmonics.FRAMES_PER_SECOND, 1)} | metrics
    return TrainedConverter(config, network, facts, tuple(notes))


def note(one: Analysis, config: Config) -> TrainingNote:
    """Return what a network learns of a recording. Harmonics that do not exist take the level of the last that does."""
    inputs = conditioning.conditioning(conditioning.interpolate_unvoiced(one.pitch), one.loudness, config.levels[-1])
    known = ~np.isnan(one.levels) & one.audible[:, None]
    levels = one.levels.copy()
    for column in range(1, config.harmonics):
        missing = np.isnan(levels[:, column])
        levels[missing, column] = levels[missing, column - 1]
    return TrainingNote(inputs, np.nan_to_num(levels), known)


def _kept(recordings: Sequence[Analysis]) -> tuple[list[Analysis], list[str]]:
    kept = [one for one in recordings if one.audible.any()]
    return kept, [f"{one.name} is left out: it is never at a pitch" for one in recordings if one not in kept]


def _config(recordings: Sequence[Analysis], rate: int) -> Config:
    heights = np.concatenate([one.pitch[one.audible] for one in recordings])
    loud = np.concatenate([one.loudness[one.audible] for one in recordings])
    return Config(
        rate=rate, inputs=len(WEIGHTS), pitches=tuple(map(float, np.percentile(heights, _PITCH_PERCENTILES))),
        levels=tuple(map(float, np.percentile(loud, _LOUDNESS_PERCENTILES))),
    )  # fmt: skip


def _held_out_metrics(
    recordings: Sequence[tuple[Path, Analysis]], done: TrainedConverter, seed: int, workplace: Workplace | None
) -> dict[str, float]:
    """Return metrics of recordings that are held out, by a model that is trained on the others only."""
    held_out, rate = recordings[_HELD_OUT_STRIDE // 2 :: _HELD_OUT_STRIDE][:_MAX_HELD_OUT], done.config.rate
    rest = [one for path, one in recordings if path not in dict(held_out)]
    stage = workplace and workplace.stage("held-out")
    other = learn(rest, rate, seed=seed, steps=done.facts["steps"], workplace=stage)
    takes = ((reading.read_audio(path, rate)[0][: _MAX_HELD_OUT_SECONDS * rate],) * 2 for path, _ in held_out)
    rows = measure(other.config, other.network, takes)
    metrics = {f"held_out_{name}": value for name, value in rows["converted"].items() if name != "voicing_error"}
    metrics["held_out_spectral_griffin_lim"] = rows["griffin-lim"]["spectral"]
    return {name: round(value, 4) for name, value in metrics.items() if math.isfinite(value)}
