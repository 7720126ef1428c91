"""Metrics of converted hits: how good the drums are, and how well they follow the hits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Rows
from samplegen.audio import parallel
from samplegen.conversion.beatbox import descriptors
from samplegen.conversion.beatbox.convert import render_drum
from samplegen.conversion.beatbox.pairs import TrainingPairs
from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import classify
from samplegen.models.beatbox import Config
from samplegen.roles import INDEX

MEASURES = {  # name -> what it is
    "heard": "share of drums whose predicted role is that of their hit",
    "told": "share of hits whose role the model predicts right",
    "ratio": "distance to the nearest training drum over that of real drums: 1 is as new as these, 0 a copy",
    "follows": "mean correlation of hits and their drums within a role, in brightness, decay and noisiness",
    "energy": "correlation of the levels of hits and drums within a role, in dB",
    "onset": "mean distance of drums from hits in ms, of those found within 20",
    "found": "share of hits that are found",
}
_MIN_HITS = 4  # hits that a correlation takes
_FOLLOWED = [list(descriptors.DESCRIPTORS).index(name) for name in ("bright", "decay", "noisy")]


def held_out_metrics(network: Any, config: Config, training: TrainingPairs) -> dict[str, float]:
    """Figures of hits that were held out, whose drums are compared with real ones that were.

    The network's calibration should be that of the other hits.
    """
    validation, drums = training.hits.validation, training.drums
    role, real = training.hits.role[validation], drums.validation
    odds, written = network.predict(training.hit_features.at(validation).inputs(), verbose=0)
    made = round_trip(written, config.map)
    known = training.prints[drums.train]
    figures = {
        "roles_heard": role_agreement(made, role, training),
        "roles_heard_of_real_drums": role_agreement(training.maps[real], drums.role[real], training),
        "hits_told": float(np.mean(odds.argmax(axis=1) == role)),
        "nearest_neighbour_ratio": nearest_ratio(made, known, training.prints[real]),
        "follows": descriptor_correlation(training.hit_features.described[validation], made, role),
    }
    return {name: round(value, 3) for name, value in figures.items() if np.isfinite(value)}


def round_trip(written: Spectrogram, config: SpectrogramConfig) -> Spectrogram:
    """Maps of what maps sound like, each from its attack on."""
    sounds = parallel.map(
        lambda pair: render_drum(pair[1], config, config.stft.rate, seed=pair[0]), list(enumerate(written))
    )
    return np.stack([spectrogram.encode(sound, config) for sound in sounds])


def role_agreement(pictures: Spectrogram, role: NDArray[np.intp], training: TrainingPairs) -> float:
    """Return the share of spectrograms whose predicted role is their own, of the roles in a training set."""
    expected = np.array([INDEX[name] for name in training.names])[role]
    return float(np.mean(classify.classify_roles(pictures, training.cells).roles.argmax(axis=1) == expected))


def nearest_ratio(pictures: Spectrogram, known: Rows, real: Rows) -> float:
    """The nearest-neighbour ratio of maps, by fingerprints of training and other real drums; NaN if those are known."""
    if np.mean(metrics.find_known(real, known)) > 0.5:
        return float("nan")
    return metrics.novelty(metrics.fingerprints(pictures), known, real)


def descriptor_correlation(described: Rows, pictures: Spectrogram, role: NDArray[np.intp]) -> float:
    """Mean correlation, within roles, of the descriptors of hits `(n, k)` with those of their drums' maps."""
    drums = descriptors.measure(pictures)
    return _mean([correlation(described[:, knob], drums[:, knob], role) for knob in _FOLLOWED])


def correlation(one: Sequence[float] | Rows, other: Sequence[float] | Rows, role: NDArray[np.intp]) -> float:
    """Mean over the roles of the correlation of two rows `(n,)`; NaN where no role has `_MIN_HITS` that differ."""
    found = []
    for name in np.unique(role):
        rows = [np.asarray(row, np.float64)[role == name] for row in (one, other)]
        if len(rows[0]) >= _MIN_HITS and min(row.std() for row in rows) > 1e-6:
            found.append(float(np.corrcoef(*rows)[0, 1]))
    return _mean(found)


def _mean(values: Sequence[float]) -> float:
    """Return the mean of the numbers; NaN if there is none."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
