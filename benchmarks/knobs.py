"""The starter's knobs: each is turned from -2 to 2, and descriptors measured on 300 sounds of the same seed.

Moves are in standard deviations of what the model draws of a role. A knob is as good as its own
descriptor moves in one direction all the way, and the others stay.
"""

import numpy as np

from benchmarks.common import Figures
from samplegen import directions, maps, sampling, store
from samplegen.drawing import Drawing

COUNT = 300
TURNS = (-2.0, -1.0, 0.0, 1.0, 2.0)


def run() -> Figures:
    """For each knob: how far its descriptor goes from end to end, whether ever onward, and the others' farthest."""
    model, figures = store.load("starter"), Figures()
    vectors = sampling.wanted(model, COUNT, sampling.NATURAL, seed=3)

    def measured(**turned: float) -> np.ndarray:
        pictures = sampling.draw(model, vectors, drawing=Drawing(**turned), seed=3)
        sounds = maps.decode(pictures, model.config.map)
        return directions.measured(np.stack([maps.encode(sound, model.config.map) for sound in sounds]))

    plain = measured()
    names = vectors.argmax(axis=1)
    spread = np.mean([plain[names == role].std(axis=0) for role in np.unique(names)], axis=0)
    for own, knob in enumerate(directions.KNOBS):
        path = np.stack([measured(**{knob: turn}).mean(axis=0) for turn in TURNS]) / spread
        reach = np.ptp(path, axis=0)
        figures[f"{knob}: its descriptor, from -2 to 2"] = float(path[-1, own] - path[0, own])
        figures[f"{knob}: steps onward of {len(TURNS) - 1}"] = int((np.diff(path[:, own]) > 0).sum())
        figures[f"{knob}: the other that moves most"] = float(np.delete(reach, own).max())
    return figures
