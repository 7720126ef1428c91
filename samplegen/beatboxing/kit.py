"""The parts of a beatbox network that are fitted, not trained: what tells hits apart and ranks them, and the kit."""

from typing import Any

import keras
import numpy as np

from samplegen import classifier, evaluation
from samplegen.beatboxing import pairing
from samplegen.beatboxing.labelling import Source
from samplegen.beatboxing.pairing import DrumLesson, Rows
from samplegen.beatboxing.splits import Indices
from samplegen.maps import Map
from samplegen.nets.beatbox import DRUMMER, KIT, RANKING, TELLING
from samplegen.roles import INDEX
from samplegen.triggering import telling

KITS = 12  # codes of each role, one of which is kept
_TRIED = 24  # hits of a role that each is tried with
_AT_ONCE = 128


def calibrate(network: keras.Model, source: Source, lesson: DrumLesson, known: Indices) -> None:
    """Make a network tell hits apart, and rank them, by those at `known`."""
    tell = telling.calibrated([source.sounds[index] for index in known], [source.roles[index] for index in known])
    network.get_layer(TELLING).set_weights([tell.weights, tell.offset])
    ranked = pairing.quantiles(lesson.heard.described[known], lesson.hits.role[known])
    network.get_layer(RANKING).set_weights([ranked])


def choose_kit(network: keras.Model, lesson: DrumLesson) -> None:
    """Draw `KITS` codes for each role, and keep the one whose drums are heard as that role and are new.

    Two shares count alike: of hits whose drum is heard right, and how far the drums are from training drums, as far as
    real ones that were held out being 1.
    """
    rng, size = np.random.default_rng((lesson.seed, 6)), lesson.codes.shape[1]
    kit = np.zeros((len(lesson.names), size), np.float32)
    for role in range(len(lesson.names)):
        drawn = rng.standard_normal((KITS, size)).astype(np.float32)
        kit[role] = max(drawn, key=lambda code, role=role: _fitness(network, lesson, role, code))  # type: ignore[misc]
    network.get_layer(KIT).set_weights([kit])


def drummed(network: keras.Model, given: list[Any]) -> Map:
    """Maps that the drummer in a network writes from frames, roles, ranks and codes."""
    pictures: Map = network.get_layer(DRUMMER).predict(given, batch_size=_AT_ONCE, verbose=0)
    return pictures


def _fitness(network: keras.Model, lesson: DrumLesson, role: int, code: Rows) -> float:
    own = np.flatnonzero(lesson.hits.role == role)
    own = own[np.linspace(0, len(own) - 1, min(len(own), _TRIED)).astype(int)]
    codes = np.tile(code, (len(own), 1))
    given = [lesson.frames(own), lesson.vectors(lesson.hits.role[own]), lesson.hits.ranks[own], codes]
    written = drummed(network, given)
    heard = classifier.hear(written, lesson.cells).roles.argmax(axis=1) == INDEX[lesson.names[role]]
    return float(heard.mean()) + min(_newness(written, lesson, role), 1.0)


def _newness(written: Map, lesson: DrumLesson, role: int) -> float:
    """The nearest-neighbour ratio of maps, by the held-out drums of their role or, where there are none, by all."""
    drums = lesson.drums
    real = drums.judges[drums.role[drums.judges] == role]
    real = real if len(real) else drums.judges
    return evaluation.novelty(evaluation.descriptors(written), lesson.prints[drums.train], lesson.prints[real])
