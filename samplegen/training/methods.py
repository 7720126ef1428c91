"""How each kind of network is taught: who learns, from batches of what size, what measures it, what else is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from samplegen.models.kind import Kind
from samplegen.training.autoencoding import figures_of_autoencoder, teach_autoencoder
from samplegen.training.batches import Batches, Lesson, batches_with_opposites
from samplegen.training.classification import teach_listener
from samplegen.training.gan import teach_generator
from samplegen.training.language_model import figures_of_writer, teach_writer
from samplegen.training.loop import Figures, Taught


@dataclass(frozen=True)
class Method:
    """A way to teach: the function, sounds in a batch, whether roles are also heard, and figures of the result.

    If not `by_ear`, roles come by name alone, and rare ones are shown more often. `cooling` lowers the learning rate
    toward the end. The figures stand on the card. `batches` makes what is learned from, of as many sounds a step.
    """

    teach: Callable[[Lesson, Kind, Any], Taught]
    batch: int
    by_ear: bool = True
    cooling: bool = False
    figures: Callable[[Lesson, keras.Model], Figures] = lambda _lesson, _network: {}
    batches: Callable[[Lesson, int], Batches] = lambda lesson, size: lambda step: lesson.batch(step, size)


METHODS: Mapping[str, Method] = {
    "gan": Method(teach_generator, batch=16),
    "autoencoding": Method(
        teach_autoencoder, batch=16, cooling=True, figures=figures_of_autoencoder, batches=batches_with_opposites
    ),
    "language model": Method(teach_writer, batch=16, figures=figures_of_writer),
    "classification": Method(teach_listener, batch=32, by_ear=False),
}
