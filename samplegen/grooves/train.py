"""Train a model that plays drum patterns, on a folder of loops, MIDI files and pattern texts, and write it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from samplegen.grooves import corpus, fit, generate, nearest
from samplegen.grooves.encoding import decode
from samplegen.grooves.generate import GrooveOptions
from samplegen.models.architecture import Network
from samplegen.models.groove import Config
from samplegen.models.model import Model
from samplegen.models.registry import GROOVE
from samplegen.sequencer import notation
from samplegen.settings import check_range
from samplegen.training.write_model import Destination, Trained, open_workplace, write_model

PREVIEW_PATTERNS = 4


def train_groove(  # noqa: PLR0913
    folder: Path | str,
    target: Path | str,
    *,
    seed: int = 0,
    max_steps: int = fit.MAX_STEPS,
    strict: bool = False,
    licence: str = "",
    credits: tuple[str, ...] = (),
    command: str = "",
    resume: bool = False,
    force: bool = False,
    progress: corpus.Progress | None = None,
    report: Callable[[str], None] = fit.ignore,
) -> Model:
    """Train a model on the patterns of a folder and write it.

    Args:
        folder: of drum loops, MIDI files and pattern texts, of any depth.
        target: the model's folder; its last part is its name. Checkpoints lie in `target.training` beside it until
            the model is whole.
        seed: 0 to 2^32 - 1; decides what is held out, and everything random.
        max_steps: learning ends before, once patterns that are held out gain nothing any more.
        strict: fail at the first file that cannot be used; else it is skipped.
        licence, credits, command: for the card.
        resume: go on where a training that was killed stopped.
        force: replace a model of that name.
        progress: takes (done, of) as files are read.
        report: takes sentences on how it goes.

    Returns:
        The model; its card's training facts hold "notes" and "skipped", files with reasons.

    Raises:
        DataError: no folder, too few patterns, or nothing to resume.
        OptionError, OutputError: a number out of range, a name that is taken or cannot be used.

    Example:
        >>> model = samplegen.train_groove("my-loops", "models/my-grooves")  # doctest: +SKIP
    """
    folder, destination = Path(folder), Destination(GROOVE, Path(target), licence, credits, command, force)
    workplace = open_workplace(destination, seed=seed, resume=resume)
    check_range(max_steps, (1, float("inf")), "max_steps")
    found = corpus.read(folder, strict=strict, progress=progress)
    workplace.clear()
    learned = fit.learn(found.files, seed=seed, max_steps=max_steps, report=report, workplace=workplace)
    facts = learned.facts | {"folder": folder.resolve().name, "skipped": [list(row) for row in found.skipped]}
    previews = _write_previews(learned.network, learned.config, workplace.previews, seed)
    trained = Trained(
        learned.config, learned.network.get_weights(), facts, learned.metrics, nearest.fingerprints(found.patterns),
        previews=previews,
    )  # fmt: skip
    return write_model(destination, trained, workplace)


def _write_previews(network: Network, config: Config, folder: Path, seed: int) -> Path:
    """Write patterns that the network draws, as learned, into a folder of texts."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(PREVIEW_PATTERNS):
        context, events = generate.sample_groove(
            network, config, GrooveOptions(), np.random.default_rng((seed, 8, number))
        )
        if (events[..., 0] > 0).any():
            text = notation.show_pattern(decode(events, context, config))
            (folder / f"pattern-{number}.txt").write_text(text, "utf-8")
    return folder
