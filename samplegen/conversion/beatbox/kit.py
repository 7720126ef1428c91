"""The parts of a beatbox network that are fitted, not trained: what tells hits apart and ranks them, and the kit."""

from typing import Any

import keras
import numpy as np

from samplegen.arrays import Rows
from samplegen.conversion.beatbox import pairs
from samplegen.conversion.beatbox.labels import Source
from samplegen.conversion.beatbox.pairs import DrumLesson
from samplegen.conversion.beatbox.split import Indices
from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram
from samplegen.models import classify
from samplegen.models.beatbox import DISCRIMINANT, DRUMMER, KIT, RANKING
from samplegen.roles import INDEX
from samplegen.transcription import hit_classifier

CANDIDATE_CODES = 64  # codes of each role, one of which is kept
CODE_SPREAD = 1.8  # of codes, those of the drums learned from being 1: kits between these are nearer to copies
_MAX_AGREEMENT_LOSS = 0.15  # share of hits by which a code may be heard worse than the best
_AGREEMENT_TIE = 1e-3  # of that share: of two that are as far, the one heard better
_HITS_PER_CODE = 16  # hits of a role that each is tried with
_BATCH_HITS = 128


def calibrate(network: keras.Model, source: Source, lesson: DrumLesson, known: Indices) -> None:
    """Make a network tell hits apart, and rank them, by those at `known`."""
    tell = hit_classifier.calibrated(
        [source.sounds[index] for index in known], [source.roles[index] for index in known]
    )
    network.get_layer(DISCRIMINANT).set_weights([tell.weights, tell.offset])
    ranked = pairs.quantiles(lesson.hit_features.described[known], lesson.hits.role[known])
    network.get_layer(RANKING).set_weights([ranked])


def choose_kit(network: keras.Model, lesson: DrumLesson) -> None:
    """Draw `CANDIDATE_CODES` codes for each role, and keep one: of those heard best as that role, the farthest from known drums.

    Without the second, what is kept would be much like the mean of the drums that the network learned from. As far as
    real drums that were held out is far enough.
    """
    rng, size = np.random.default_rng((lesson.seed, 6)), lesson.codes.shape[1]
    drawn = (CODE_SPREAD * rng.standard_normal((len(lesson.names), CANDIDATE_CODES, size))).astype(np.float32)
    chosen = [codes[_best(network, lesson, role, codes)] for role, codes in enumerate(drawn)]
    network.get_layer(KIT).set_weights([np.stack(chosen)])


def drummed(network: keras.Model, given: list[Any]) -> Spectrogram:
    """Maps that the drummer in a network writes from frames, roles, ranks and codes."""
    pictures: Spectrogram = network.get_layer(DRUMMER).predict(given, batch_size=_BATCH_HITS, verbose=0)
    return pictures


def _best(network: keras.Model, lesson: DrumLesson, role: int, codes: Rows) -> int:
    """Return which code `(n, code)` to keep, by the drums that some hits of the role become with each."""
    own = np.flatnonzero(lesson.hits.role == role)
    own = own[np.linspace(0, len(own) - 1, min(len(own), _HITS_PER_CODE)).astype(int)]
    tried = np.tile(own, len(codes))
    given = [lesson.frames(tried), lesson.vectors(lesson.hits.role[tried]), lesson.hits.ranks[tried]]
    written = drummed(network, [*given, np.repeat(codes, len(own), axis=0)])
    right = classify.classify_roles(written, lesson.cells).roles.argmax(axis=1) == INDEX[lesson.names[role]]
    away = _away(metrics.fingerprints(written), lesson).reshape(len(codes), -1)
    right_share, new = right.reshape(len(codes), -1).mean(axis=1), np.median(away, axis=1)
    held = lesson.drums.held[lesson.drums.role[lesson.drums.held] == role]
    far = np.median(_away(lesson.prints[held], lesson)) if len(held) else np.inf
    return int(
        np.where(
            right_share >= right_share.max() - _MAX_AGREEMENT_LOSS,
            np.minimum(new, far) + _AGREEMENT_TIE * right_share,
            -1.0,
        ).argmax()
    )


def _away(prints: Rows, lesson: DrumLesson) -> Rows:
    """Return how far fingerprints `(n, d)` are from those of the drums learned from."""
    return metrics.nearest(prints, lesson.prints[lesson.drums.train])[1]
