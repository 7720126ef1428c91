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

KITS = 32  # codes of each role, one of which is kept
SPREAD = 1.3  # of codes, those of the drums learned from being 1: kits between these are nearer to copies
NEWEST = 1.5  # ratio beyond which nothing is gained
_TRIED = 16  # hits of a role that each is tried with
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
    drawn = (SPREAD * rng.standard_normal((len(lesson.names), KITS, size))).astype(np.float32)
    chosen = [codes[_fitness(network, lesson, role, codes).argmax()] for role, codes in enumerate(drawn)]
    network.get_layer(KIT).set_weights([np.stack(chosen)])


def drummed(network: keras.Model, given: list[Any]) -> Map:
    """Maps that the drummer in a network writes from frames, roles, ranks and codes."""
    pictures: Map = network.get_layer(DRUMMER).predict(given, batch_size=_AT_ONCE, verbose=0)
    return pictures


def _fitness(network: keras.Model, lesson: DrumLesson, role: int, codes: Rows) -> Rows:
    """The sum of both shares for each code `(n,)`."""
    own = np.flatnonzero(lesson.hits.role == role)
    own = own[np.linspace(0, len(own) - 1, min(len(own), _TRIED)).astype(int)]
    tried = np.tile(own, len(codes))
    given = [lesson.frames(tried), lesson.vectors(lesson.hits.role[tried]), lesson.hits.ranks[tried]]
    written = drummed(network, [*given, np.repeat(codes, len(own), axis=0)])
    heard = classifier.hear(written, lesson.cells).roles.argmax(axis=1) == INDEX[lesson.names[role]]
    new = [min(_newness(part, lesson, role), NEWEST) for part in np.split(written, len(codes))]
    return heard.reshape(len(codes), -1).mean(axis=1) + np.array(new, np.float32)


def _newness(written: Map, lesson: DrumLesson, role: int) -> float:
    """The nearest-neighbour ratio of maps, by the held-out drums of their role or, where there are none, by all."""
    drums = lesson.drums
    real = drums.judges[drums.role[drums.judges] == role]
    real = real if len(real) else drums.judges
    return evaluation.novelty(evaluation.descriptors(written), lesson.prints[drums.train], lesson.prints[real])
