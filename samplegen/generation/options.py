"""Options of `generate`, and those that each way of sampling has.

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
    """Options of sampling; with every option at its default, sounds are drawn as learned.

    Args:
        truncation: spread of the latents, 0 (typical) to 2 (odd).
        average: number of real sounds whose codes are averaged for each sound; 0 draws a code instead.
        bright, decay, pitch, noisy: latent directions, in standard deviations of the model's draws of a role.
        guidance: how much a flow holds to the role: 0 (any drum) to 4 (only what is most like it); 1 is as learned.
        temperature: 0 (always the likeliest) to 2 (odd).
        top_k: each step is one of the `top_k` likeliest; 0 is any.
        top_p: each step is one of the likeliest that together have this probability.
        seconds: maximum length of a sound; None is the length of a spectrogram.
        prime: spectrogram `(steps, bands, 2)` from `primer`: the beginning of a real sound, which all sounds get.

    Raises:
        OptionError: an option out of range.

    Example:
        >>> import samplegen
        >>> samplegen.GenerateOptions(truncation=0.7, bright=1.5).set_options
        ['truncation', 'bright']
    """

    truncation: float = field(default=1.0, metadata=limits(0, 2))
    average: int = field(default=0, metadata=limits(0, 64))
    bright: float = field(default=0.0, metadata=limits(-3, 3))
    decay: float = field(default=0.0, metadata=limits(-3, 3))
    pitch: float = field(default=0.0, metadata=limits(-3, 3))
    noisy: float = field(default=0.0, metadata=limits(-3, 3))
    guidance: float = field(default=1.5, metadata=limits(0, 4))
    temperature: float = field(default=1.0, metadata=limits(0, 2))
    top_k: int = field(default=0, metadata=limits(0, 10_000))
    top_p: float = field(default=1.0, metadata=limits(0.01, 1))
    seconds: float | None = field(default=None, metadata=limits(0.05, 10))
    prime: Spectrogram | None = None

    def __post_init__(self) -> None:
        check_fields(self, error=OptionError)

    @property
    def set_options(self) -> list[str]:
        """Names of the options that are not at their default."""
        values = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        return [name for name, (value, default) in values.items()
                if value is not default and (default is None or value != default)]  # fmt: skip


DEFAULTS = GenerateOptions()


OPTIONS_OF_SAMPLING: Mapping[str, frozenset[str]] = {
    "latents": frozenset({"truncation", *DESCRIPTORS}),
    "codes": frozenset({"truncation", *DESCRIPTORS, "average"}),
    "flow": frozenset({"truncation", *DESCRIPTORS, "guidance"}),
    "tokens": frozenset({"temperature", "top_k", "top_p", "seconds", "prime"}),
}


def check_options(kind: str, set_options: Iterable[str]) -> None:
    """Refuse a kind of model that draws no sounds, and options that it does not have.

    Raises:
        ModelError, OptionError: with the kinds that have them; options that exclude each other.
    """
    options_of = {name: OPTIONS_OF_SAMPLING[row.draws] for name, row in KINDS.items() if row.draws}
    if kind not in options_of:
        raise ModelError(
            f"this is a model of kind {kind:.40}, which draws no sounds; use one of {', '.join(options_of)}"
        )
    names = list(set_options)
    for option in names:
        if option not in options_of[kind]:
            knowing = ", ".join(name for name, options in options_of.items() if option in options)
            raise OptionError(f"a model of kind {kind} does not know {option}; a model of kind {knowing} does")
    if "average" in names and (others := [name for name in names if name != "average"]):
        raise OptionError(f"the mean of real sounds is what it is; {others[0]} does not go with average")
