"""What the table of converters asks of a voice: learned from two folders of takes, applied, judged."""

from pathlib import Path

from samplegen.conversion import Judged, judging, measures, takes, voice
from samplegen.conversion.converting import Converter
from samplegen.conversion.learning import Learned, Progress
from samplegen.conversion.manner import Manner
from samplegen.conversion.takes import Take
from samplegen.models.store import Model


def learned(
    source: Path, target: Path, *, seed: int = 0, progress: Progress | None = None, table: Path | None = None
) -> Learned:
    """What turns one voice into the other.

    Args:
        source, target: folders of takes, or one take each; `takes.paired` says which belong together.
        seed: of everything random.
        progress: told (done, of) as pairs are read.
        table: CSV file of pairs, in place of names.

    Raises:
        DataError, AudioError: there are no pairs, or a take cannot be used.
    """
    pairs = takes.paired(source, target, table)
    rate = voice.common_rate(pairs)
    return voice.learn(voice.study(pairs, rate, progress=progress), rate, seed=seed)


def converter(model: Model, take: Take, manner: Manner, progress: Progress | None = None) -> Converter:
    """A take that has been surveyed and can be converted."""
    return Converter(model.config, model.network, take, manner, progress)


def judge(
    model: Model, source: Path, target: Path, *, other: Path | None = None, progress: Progress | None = None
) -> Judged:
    """A voice model on takes that have one name in two folders, and beside it a third speaker's in `other`."""
    pairs, others = takes.paired(source, target), takes.paired(other, target) if other else []
    rows = judging.judge(model, pairs, others=others, progress=progress)
    return Judged(rows, judging.ROWS, measures.MEASURES, len(pairs))
