"""Convert a take of any length by a model of any kind of `CONVERTERS`."""

from dataclasses import dataclass, fields
from pathlib import Path

from samplegen import files
from samplegen.audio import writing
from samplegen.audio.streaming import Recording
from samplegen.conversion.options import ConvertOptions
from samplegen.conversion.registry import CONVERTERS
from samplegen.conversion.results import Conversion, Progress
from samplegen.errors import ModelError, OptionError
from samplegen.models.model import Model
from samplegen.settings import check_range

CHUNK_SECONDS, CHUNK_RANGE_SECONDS = 20, (1, 600)  # converted at a time


@dataclass(frozen=True)
class Converted:
    """Result of a conversion: length of the take, ratio of pitches, and notes."""

    samples: int
    channels: int
    rate: int
    ratio: float
    notes: tuple[str, ...]


def convert(  # noqa: PLR0913
    model: Model,
    take: Path,
    out: Path,
    *,
    options: ConvertOptions | None = None,
    chunk: int = CHUNK_SECONDS,
    force: bool = False,
    progress: Progress | None = None,
) -> Converted:
    """Convert a take of any length, rate and number of channels; the result has the same.

    Args:
        model: of a kind in `CONVERTERS`.
        take, out: sound files; the result has 24 bits.
        options: pitch, mix and so on, as far as the kind knows them; by default what its row says.
        chunk: seconds that are made at a time, 1 to 600; more needs more memory and nothing else.
        force: replace what `out` is.
        progress: takes (done, of), once for the analysis and once for the conversion.

    Raises:
        ModelError: a model that converts nothing.
        AudioError: the take cannot be read, or not be moved to the given pitch.
        OptionError, OutputError: a chunk out of range, a setting the kind does not know, or a result that cannot be
            written.

    Example:
        >>> from pathlib import Path
        >>> import numpy as np
        >>> import samplegen
        >>> model = samplegen.load("starter-sax")
        >>> seconds = np.arange(44_100) / 44_100
        >>> tone = sum(np.sin(2 * np.pi * 440 * k * seconds) / k for k in range(1, 6))
        >>> samplegen.write_audio("hum.wav", (0.2 * tone).astype(np.float32), 44_100)
        >>> samplegen.convert(model, Path("hum.wav"), Path("sax.wav")).rate
        44100
    """
    kind = check_converts(model)
    check_range(chunk, CHUNK_RANGE_SECONDS, "chunk", unit=" seconds")
    options = options or ConvertOptions(**CONVERTERS[kind].convert_options)
    _check_options(kind, options)
    files.refuse_existing(out, force=force)
    with Recording(take) as recording:
        converter: Conversion = CONVERTERS[kind].converter(model, recording, options, progress)
        with files.whole_file(out, force=force) as part:
            parts = converter.parts(seconds=chunk, progress=progress)
            written = writing.write_blocks(part, parts, recording.rate, recording.channels)
        return Converted(written, recording.channels, recording.rate, converter.ratio, tuple(converter.notes))


def check_converts(model: Model) -> str:
    """The kind of a model that converts takes; another raises `ModelError`."""
    if model.card.kind not in CONVERTERS:
        raise ModelError(f"{model.folder} is a model of kind {model.card.kind}, which converts nothing")
    return model.card.kind


def _check_options(kind: str, options: ConvertOptions) -> None:
    known = CONVERTERS[kind].convert_options
    for setting in fields(ConvertOptions):
        if setting.name not in known and getattr(options, setting.name) != setting.default:
            raise OptionError(f"{setting.name} is not for a {kind}, which knows {', '.join(known) or 'none of these'}")
