"""Models of grooves as folders: made from a folder of loops, MIDI files and pattern texts."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np

from samplegen import files
from samplegen.errors import OptionError
from samplegen.files import check_name
from samplegen.grooves import corpus, fit, generate, nearest
from samplegen.grooves.encoding import to_pattern
from samplegen.grooves.generate import GrooveOptions
from samplegen.models import store
from samplegen.models.card import Card
from samplegen.models.groove import Config
from samplegen.models.model import Model
from samplegen.models.registry import GROOVE
from samplegen.sequencer import notation

_LIBRARIES = ("tensorflow", "keras", "numpy")
_PREVIEWED = 4  # patterns


def train_groove(  # noqa: PLR0913
    folder: Path | str,
    target: Path | str,
    *,
    seed: int = 0,
    most: int = fit.MOST_STEPS,
    strict: bool = False,
    licence: str = "",
    credits: tuple[str, ...] = (),
    command: str = "",
    force: bool = False,
    progress: corpus.Progress | None = None,
    report: Callable[[str], None] = fit.ignore,
) -> Model:
    """Learn the patterns of a folder and write a model of them.

    Args:
        folder: of drum loops, MIDI files and pattern texts, of any depth.
        target: the model's folder; its last part is its name.
        seed: 0 to 2^32 - 1; decides what is held out, and everything random.
        most: steps; learning ends before, once patterns that are held out gain nothing any more.
        strict: fail at the first file that cannot be used; else it is skipped.
        licence, credits, command: for the card.
        force: replace a model of that name.
        progress: told (done, of) as files are read.
        report: told what goes on, a sentence each time.

    Returns:
        The model; its card's training facts hold "notes", to be said, and "skipped", files with reasons.

    Raises:
        DataError: no folder, or too few patterns.
        OptionError, OutputError: a number out of range, a name that is taken or cannot be used.
    """
    folder, target = Path(folder), Path(target)
    check_name(target.name, "model name")
    files.refuse_existing(target, force=force)
    if not (0 <= seed < 2**32 and most >= 1):
        raise OptionError(f"the seed is {seed} and the steps are {most}; choose 0 to {2**32 - 1}, and 1 or more")
    found = corpus.read(folder, strict=strict, progress=progress)
    learned = fit.learn(found.files, seed=seed, most=most, report=report)
    facts = learned.facts | {"folder": folder.resolve().name, "skipped": [list(row) for row in found.skipped]}
    card = Card(
        GROOVE, asdict(learned.config), "", licence=licence, credits=credits, command=command,
        training=facts | {"versions": {name: version(name) for name in _LIBRARIES}}, figures=learned.figures,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        previews = _previewed(learned.network, learned.config, Path(place, "previews"), seed)
        store.save(
            target, card, learned.network.get_weights(), fingerprints=nearest.prints(found.pieces),
            previews=previews, force=force,
        )  # fmt: skip
    return store.read(target)


def _previewed(network: keras.Model, config: Config, folder: Path, seed: int) -> Path:
    """A folder of patterns as text, drawn as learned."""
    folder.mkdir()
    for number in range(_PREVIEWED):
        heading, strokes = generate.played(network, config, GrooveOptions(), np.random.default_rng((seed, 8, number)))
        if (strokes[..., 0] > 0).any():
            text = notation.show_pattern(to_pattern(strokes, heading, config))
            (folder / f"pattern-{number}.txt").write_text(text, "utf-8")
    return folder
