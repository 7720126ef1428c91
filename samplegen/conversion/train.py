"""Train a model that converts takes, of any kind of `CONVERTERS`, and write it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from samplegen.conversion.registry import CONVERTERS
from samplegen.conversion.results import Progress
from samplegen.errors import OptionError
from samplegen.models.model import Model
from samplegen.training.write_model import Destination, Trained, open_workplace, write_model


def train_converter(  # noqa: PLR0913
    kind: str,
    sources: Sequence[Path | str],
    folder: Path | str,
    *,
    options: Mapping[str, Any] | None = None,
    seed: int = 0,
    licence: str = "",
    credits: tuple[str, ...] = (),
    command: str = "",
    resume: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Model:
    """Train a model that converts takes, and write it.

    Args:
        kind: a key of `CONVERTERS`: "voice", "timbre" or "beatbox".
        sources: as many folders of takes, or single takes, as its row names.
        folder: the model's; its last part is its name. Checkpoints lie in `folder.training` beside it until the model
            is whole.
        options: further arguments that its row names, such as a voice's `table` of pairs.
        seed: of everything random.
        licence, credits, command: for the card.
        resume: go on where a training that was killed stopped.
        force: replace a model of that name.
        progress: takes (done, of) as takes are read.

    Returns:
        The model; `card.training["notes"]` holds notes, such as which takes do not fit.

    Raises:
        DataError, AudioError: there are no takes, one cannot be used, or nothing to resume.
        OutputError, OptionError: a name that is taken or cannot be used, an unknown kind, or another number of sources.

    Example:
        >>> model = samplegen.train_converter("timbre", ["saxophone"], "models/sax")  # doctest: +SKIP
    """
    if kind not in CONVERTERS:
        raise OptionError(f"there is no kind {kind!r} that converts takes; there are {', '.join(CONVERTERS)}")
    row, paths = CONVERTERS[kind], [Path(source) for source in sources]
    if len(paths) != len(row.folders):
        raise OptionError(f"a {kind} learns from {' and '.join(row.folders)}, which are {len(row.folders)}")
    destination = Destination(kind, Path(folder), licence, credits, command, force)
    workplace = open_workplace(destination, seed=seed, resume=resume)
    workplace.clear()
    learned = row.train(*paths, seed=seed, progress=progress, workplace=workplace, **(options or {}))
    places = " to ".join(path.resolve().name for path in paths)
    facts = dict(learned.facts) | {"seed": seed, "folder": places, "notes": list(learned.notes)}
    trained = Trained(
        learned.config, learned.network.get_weights(), facts, learned.figures, fingerprints=learned.fingerprints
    )
    return write_model(destination, trained, workplace)
