"""The options of drawing, and which of them each way to draw knows.

A kind of `samplegen.models.registry.KINDS` names its way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from samplegen.errors import ModelError, OptionError
from samplegen.features.descriptors import DESCRIPTORS
from samplegen.features.spectrogram import Spectrogram
from samplegen.models.registry import KINDS
from samplegen.settings import check_fields, limits


@dataclass(frozen=True, eq=False)
class GenerateOptions:
    """How sounds are drawn; with every option at its default, as learned.

    Args:
        truncation: spread of the latents, 0 (typical) to 2 (odd).
        average: codes of so many real sounds of a role are averaged for each sound drawn; 0 draws a code instead.
        bright, decay, pitch, noisy: knobs, in standard deviations of what the model draws of a role.
        temperature: 0 (the likeliest always) to 2 (odd).
        top_k: each step is one of so many likeliest; 0 is any.
        top_p: each step is one of the likeliest that together have this share of the odds.
        seconds: the longest that a sound may get; by default as long as a map.
        prime: a map `(steps, bands, 2)` of a real sound, with which all sounds begin.

    Raises:
        OptionError: an option out of range.
    """

    truncation: float = field(default=1.0, metadata=limits(0, 2))
    average: int = field(default=0, metadata=limits(0, 64))
    bright: float = field(default=0.0, metadata=limits(-3, 3))
    decay: float = field(default=0.0, metadata=limits(-3, 3))
    pitch: float = field(default=0.0, metadata=limits(-3, 3))
    noisy: float = field(default=0.0, metadata=limits(-3, 3))
    temperature: float = field(default=1.0, metadata=limits(0, 2))
    top_k: int = field(default=0, metadata=limits(0, 10_000))
    top_p: float = field(default=1.0, metadata=limits(0.01, 1))
    seconds: float | None = field(default=None, metadata=limits(0.05, 10))
    prime: Spectrogram | None = None

    def __post_init__(self) -> None:
        check_fields(self, error=OptionError)

    @property
    def set_options(self) -> list[str]:
        """The options that are not at their default."""
        values = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        return [name for name, (value, default) in values.items()
                if value is not default and (default is None or value != default)]  # fmt: skip


DEFAULTS = GenerateOptions()


OPTIONS_OF_SAMPLING: Mapping[str, frozenset[str]] = {
    "latents": frozenset({"truncation", *DESCRIPTORS}),
    "codes": frozenset({"truncation", *DESCRIPTORS, "average"}),
    "tokens": frozenset({"temperature", "top_k", "top_p", "seconds", "prime"}),
}


def check_options(kind: str, set_options: Iterable[str]) -> None:
    """Refuse a kind that draws nothing, and options that it does not know.

    Raises:
        ModelError, OptionError: which name the kinds that would do.
    """
    drawing = {name: OPTIONS_OF_SAMPLING[row.draws] for name, row in KINDS.items() if row.draws}
    if kind not in drawing:
        raise ModelError(f"this is a model of kind {kind:.40}, which draws no sounds; use one of {', '.join(drawing)}")
    for option in set_options:
        if option not in drawing[kind]:
            knowing = ", ".join(name for name, options in drawing.items() if option in options)
            raise OptionError(f"a model of kind {kind} does not know {option}; a model of kind {knowing} does")
