"""What comes of teaching a converter, whatever its kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from samplegen.models.store import Fingerprints

Progress = Callable[[int, int], None]  # (done, of)


@dataclass(frozen=True)
class Learned:
    """A network with its configuration, what it learned from, and what is to be said of that.

    `figures` are the facts by which it can be judged, measured on takes that were held out; `fingerprints` are of the
    sounds that it shall not copy.
    """

    config: Any
    network: keras.Model
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=())
    figures: Mapping[str, float] = field(default_factory=dict)
    fingerprints: Fingerprints | None = None
