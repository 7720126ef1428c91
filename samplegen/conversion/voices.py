"""Voice models as folders, and takes as files: made from two folders of takes, applied to a file of any length."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from samplegen import audio, files, store
from samplegen.conversion import takes, voice
from samplegen.conversion.converting import CHUNK, Converter
from samplegen.conversion.manner import Manner
from samplegen.errors import OptionError
from samplegen.names import check_name
from samplegen.store import Card, Model

Progress = Callable[[int, int], None]  # (done, of)

KIND = "voice"
_LIBRARIES = ("tensorflow", "keras", "numpy", "librosa")


@dataclass(frozen=True)
class Converted:
    """What became of a take: its length, how many times as high it is now, and what is to be said of it."""

    samples: int
    channels: int
    rate: int
    ratio: float
    notes: tuple[str, ...]


def train(  # noqa: PLR0913
    source: Path,
    target: Path,
    folder: Path,
    *,
    table: Path | None = None,
    seed: int = 0,
    licence: str = "",
    credits: tuple[str, ...] = (),
    command: str = "",
    force: bool = False,
    progress: Progress | None = None,
) -> Model:
    """Teach a model to turn one voice into another and write it.

    Args:
        source, target: folders of takes, or one take each; `takes.paired` says which belong together.
        folder: the model's; its last part is its name.
        table: CSV file of pairs, in place of names.
        seed: of everything random.
        licence, credits, command: for the card.
        force: replace a model of that name.
        progress: told (done, of) as pairs are read.

    Returns:
        The model; `card.training["notes"]` holds what is to be said, such as which pairs do not match.

    Raises:
        DataError, AudioError: there are no pairs, or a take cannot be used.
        OutputError, OptionError: a name that is taken or cannot be used.
    """
    check_name(folder.name, "model name")
    files.refuse_existing(folder, force=force)
    pairs = takes.paired(source, target, table)
    rate = voice.common_rate(pairs)
    learned = voice.learn(voice.study(pairs, rate, progress=progress), rate, seed=seed)
    told = learned.facts | {"seed": seed, "folder": f"{source.resolve().name} to {target.resolve().name}"}
    versions = {name: version(name) for name in _LIBRARIES}
    card = Card(
        KIND, asdict(learned.config), "", licence=licence, credits=credits, command=command,
        training=told | {"notes": list(learned.notes), "versions": versions},
        figures={name: value for name, value in learned.facts.items() if name.startswith("held_out")},
    )  # fmt: skip
    store.save(folder, card, learned.network.get_weights(), force=force)
    return store.read(folder)


def convert(  # noqa: PLR0913
    model: Model,
    take: Path,
    out: Path,
    *,
    manner: Manner | None = None,
    chunk: int = CHUNK,
    force: bool = False,
    progress: Progress | None = None,
) -> Converted:
    """Convert a take of any length, rate and number of channels; the result has the same.

    Args:
        model: of kind voice.
        take, out: sound files; the result has 24 bits.
        manner: pitch, mix and growl.
        chunk: seconds that are made at a time, 1 to 600; more needs more memory and nothing else.
        force: replace what `out` is.
        progress: told (done, of), once for listening and once for the work.

    Raises:
        AudioError: the take cannot be read, or not be moved to the pitch asked for.
        OptionError, OutputError: a chunk out of range, or a result that cannot be written.
    """
    if not 1 <= chunk <= 600:
        raise OptionError(f"chunk is {chunk}; choose from 1 to 600 seconds")
    files.refuse_existing(out, force=force)
    with audio.Recording(take) as recording:
        converter = Converter(model.config, model.network, recording, manner or Manner(), progress)
        with files.whole_file(out, force=force) as part:
            parts = converter.parts(seconds=chunk, progress=progress)
            written = audio.write_parts(part, parts, recording.rate, recording.channels)
        return Converted(written, recording.channels, recording.rate, converter.ratio, tuple(converter.notes))
