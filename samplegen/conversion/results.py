"""Results of converters: of their training, of a conversion, of an evaluation."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import keras

from samplegen.conversion.takes import Channels
from samplegen.models.model import Fingerprints

Progress = Callable[[int, int], None]  # (done, of)


@dataclass(frozen=True)
class TrainedConverter:
    """Network with its configuration, facts of its training, and notes on it.

    `figures` are the facts by which it can be judged, measured on takes that were held out; `fingerprints` are of the
    sounds that it shall not copy.
    """

    config: Any
    network: keras.Model
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=())
    figures: Mapping[str, float] = field(default_factory=dict)
    fingerprints: Fingerprints | None = None


Rows = dict[str, dict[str, float]]  # of what was measured: name -> measure -> mean over takes


@dataclass(frozen=True)
class ConverterEvaluation:
    """A converter measured on so many takes. The first measure of the first row is the one to know it by."""

    rows: Rows
    meanings: Mapping[str, str]  # of the rows
    measures: Mapping[str, str]  # name -> what it is
    takes: int


class Conversion(Protocol):
    """Take that can be converted: `ratio` of its pitches, `notes` for the user once it is done."""

    ratio: float
    notes: list[str]

    def parts(self, *, seconds: int, progress: Progress | None = None) -> Iterator[Channels]:
        """The result in parts `(n, channels)`, together as long as the take to the sample."""
