"""Parts of a beatbox network that are fitted, not trained: its hit classifier, its ranks, and the kit."""

from typing import Any

import keras
import numpy as np

from samplegen.arrays import Rows
from samplegen.conversion.beatbox import pairs
from samplegen.conversion.beatbox.labels import Source
from samplegen.conversion.beatbox.pairs import TrainingPairs
from samplegen.conversion.beatbox.split import Indices
from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram
from samplegen.models import classify
from samplegen.models.beatbox import DISCRIMINANT, DRUMMER, KIT, RANKING
from samplegen.roles import INDEX
from samplegen.transcription import hit_classifier

CANDIDATE_CODES = 64  # codes of each role, one of which is kept
CODE_SPREAD = 1.8  # of codes, those of the drums learned from being 1: kits between these are nearer to copies
_MAX_AGREEMENT_LOSS = 0.15  # share of hits by which a code's role agreement may be worse than the best
_AGREEMENT_TIE = 1e-3  # of that share: of two that are as far, the one of better agreement
_HITS_PER_CODE = 16  # hits of a role that each is tried with
_BATCH_HITS = 128


def calibrate(network: keras.Model, source: Source, training: TrainingPairs, known: Indices) -> None:
    """Fit the network's hit classifier and its ranks to the hits at `known`."""
    classifier = hit_classifier.fit([source.sounds[index] for index in known], [source.roles[index] for index in known])
    network.get_layer(DISCRIMINANT).set_weights([classifier.weights, classifier.offset])
    ranked = pairs.quantiles(training.hit_features.described[known], training.hits.role[known])
    network.get_layer(RANKING).set_weights([ranked])


def choose_kit(network: keras.Model, training: TrainingPairs) -> None:
    """Keep one of `CANDIDATE_CODES` codes for each role: of those best recognised as it, the farthest from known drums.

    Without the second, what is kept would be much like the mean of the drums that the network learned from. As far as
    real drums that were held out is far enough.
    """
    rng, size = np.random.default_rng((training.seed, 6)), training.codes.shape[1]
    drawn = (CODE_SPREAD * rng.standard_normal((len(training.names), CANDIDATE_CODES, size))).astype(np.float32)
    chosen = [codes[_best(network, training, role, codes)] for role, codes in enumerate(drawn)]
    network.get_layer(KIT).set_weights([np.stack(chosen)])


def predict_spectrograms(network: keras.Model, given: list[Any]) -> Spectrogram:
    """Maps that the drummer in a network writes from frames, roles, ranks and codes."""
    pictures: Spectrogram = network.get_layer(DRUMMER).predict(given, batch_size=_BATCH_HITS, verbose=0)
    return pictures


def _best(network: keras.Model, training: TrainingPairs, role: int, codes: Rows) -> int:
    """Return which code `(n, code)` to keep, by the drums that some hits of the role become with each."""
    own = np.flatnonzero(training.hits.role == role)
    own = own[np.linspace(0, len(own) - 1, min(len(own), _HITS_PER_CODE)).astype(int)]
    tried = np.tile(own, len(codes))
    given = [training.frames(tried), training.vectors(training.hits.role[tried]), training.hits.ranks[tried]]
    written = predict_spectrograms(network, [*given, np.repeat(codes, len(own), axis=0)])
    right = classify.classify_roles(written, training.cells).roles.argmax(axis=1) == INDEX[training.names[role]]
    away = _nearest_distances(metrics.fingerprints(written), training).reshape(len(codes), -1)
    right_share, new = right.reshape(len(codes), -1).mean(axis=1), np.median(away, axis=1)
    held_out = training.drums.held_out[training.drums.role[training.drums.held_out] == role]
    far = np.median(_nearest_distances(training.prints[held_out], training)) if len(held_out) else np.inf
    return int(
        np.where(
            right_share >= right_share.max() - _MAX_AGREEMENT_LOSS,
            np.minimum(new, far) + _AGREEMENT_TIE * right_share,
            -1.0,
        ).argmax()
    )


def _nearest_distances(prints: Rows, training: TrainingPairs) -> Rows:
    """Return how far fingerprints `(n, d)` are from those of the drums learned from."""
    return metrics.nearest(prints, training.prints[training.drums.train])[1]
