"""A take through a trained converter: the table of converters, what each learns from and how it is used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

Rows = dict[str, dict[str, float]]  # of what was measured: name -> measure -> mean over takes


@dataclass(frozen=True)
class ConverterKind:
    """A kind of model that converts takes. Its module has three functions, which `samplegen.conversion.models` calls:

    `learned(*folders, seed, progress, **options)` gives a `learning.Learned`,
    `converter(model, take, manner, progress)` a `models.Conversion`,
    `judge(model, source, target, *, other, progress)` a `Judged`.
    """

    module: str
    about: str
    folders: tuple[str, ...]  # what it learns from, as the command line calls it
    learned: str  # what is said of it, with the facts of its training filled in
    manner: Mapping[str, Any]  # settings of `manner.Manner` that it knows, and what they are where nothing is said
    options: Mapping[str, str] = field(default_factory=dict)  # of `samplegen train` -> arguments of `learned`
    units: Mapping[str, str] = field(default_factory=dict)  # of the figures on its card

    def part(self, name: str) -> Any:
        """A function of the module; importing this table loads nothing."""
        return getattr(import_module(self.module), name)


@dataclass(frozen=True)
class Judged:
    """A converter measured on so many takes. The first measure of the first row is the one to know it by."""

    rows: Rows
    meanings: Mapping[str, str]  # of the rows
    measures: Mapping[str, str]  # name -> what it is
    takes: int


CONVERTERS: Mapping[str, ConverterKind] = {  # key: one of `samplegen.models.registry.KINDS`
    "voice": ConverterKind(
        "samplegen.conversion.voices", "one voice to another, learned from pairs of takes", ("SOURCE", "TARGET"),
        "{pairs} pairs, {seconds_aligned:g} s that both voices have",
        {"pitch": "target", "transpose": 0.0, "mix": 1.0, "growl": 0.0, "tracker": "pyin"}, {"pairs": "table"},
        units=dict.fromkeys(("held_out_mean", "held_out_regression", "held_out_both"), "dB"),
    ),
    "timbre": ConverterKind(
        "samplegen.conversion.timbres", "any take to one instrument, learned from its recordings", ("FOLDER",),
        "{sounds} recordings, {seconds_at_a_pitch:g} s at a pitch",
        {"pitch": "keep", "transpose": 0.0, "mix": 1.0, "growl": 0.0, "tracker": "pyin"},
        units={"held_out_spectral": "dB", "held_out_spectral_griffin_lim": "dB", "held_out_pitch_cents": "cents"},
    ),
    "beatbox": ConverterKind(
        "samplegen.beatboxing.beatboxes", "beatboxed or tapped hits to drums, learned from a folder of each",
        ("SOURCE", "TARGET"), "{hits} hits and {sounds} drums in {steps} steps",
        {"transpose": 0.0, "mix": 1.0},
        {"steps": "steps", "minutes": "minutes", "rate": "rate", "strict": "strict"},
    ),
}  # fmt: skip
