"""What the table of converters asks of a beatbox: learned from hits and drums, applied, judged."""

from pathlib import Path

from samplegen.beatboxing import judging, labelling, learning, measuring
from samplegen.beatboxing.drumming import Drumming
from samplegen.conversion import Judged
from samplegen.conversion.learning import Learned, Progress
from samplegen.conversion.manner import Manner
from samplegen.conversion.takes import Take
from samplegen.data import dataset
from samplegen.errors import OptionError
from samplegen.features.spectrogram import MapConfig
from samplegen.features.stft import Stft
from samplegen.models.store import Model

RATE = 22_050  # Hz of the drums


def learned(  # noqa: PLR0913
    source: Path,
    target: Path,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    rate: int = RATE,
    strict: bool = False,
) -> Learned:
    """What turns the hits of a mouth or a table into drums.

    Args:
        source: folder of beatboxed or tapped clips or takes, as `labelling.read` reads it.
        target: folder of one-shots and loops of drums, with at least `splits.FEWEST` of each role of the hits.
        seed: of everything random, the kit included.
        progress: told (done, of), first of the files that are read, then of the training.
        steps, minutes: how long to train, `learning.STEPS` by default.
        rate: of the drums in Hz.
        strict: make the first drum that cannot be used an error.

    Raises:
        DataError, AudioError: too few hits or drums, or none that can be used.
        OptionError: both steps and minutes.
    """
    hits = labelling.read(source)
    drums = dataset.scan(target, MapConfig(Stft.at(rate)), strict=strict, progress=progress)
    skipped = [f"{path} is left out: it {reason}" for path, reason in drums.report.skipped]
    return learning.learn(hits, drums, steps=steps, minutes=minutes, seed=seed, progress=progress, notes=skipped)


def converter(model: Model, take: Take, manner: Manner, progress: Progress | None = None) -> Drumming:
    """A take whose hits have been found and can be drummed."""
    return Drumming(model.config, model.network, take, manner, progress)


def judge(
    model: Model, source: Path, target: Path, *, other: Path | None = None, progress: Progress | None = None
) -> Judged:
    """A beatbox model on a folder of hits and one of drums, best none that it learned from."""
    if other:
        raise OptionError("a beatbox is compared with the real drums of TARGET; leave out --others")
    rows, hits = judging.judge(model, source, target, progress)
    return Judged(rows, judging.ROWS, measuring.MEASURES, hits)
