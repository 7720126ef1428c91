"""The kinds of converters: a row each, with its functions to train, convert and evaluate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Keras comes with a kind that is used
    from samplegen.conversion.results import Conversion, Judged, Learned


@dataclass(frozen=True)
class ConverterKind:
    """A kind of model that converts takes: what it learns from, and three functions.

    `train(*folders, seed, progress, **options)` trains it, `converter(model, take, manner, progress)` prepares a take,
    `evaluate(model, source, target, *, other, progress)` measures a model. A function imports what it
    needs when it is called.
    """

    train: Callable[..., "Learned"]
    converter: Callable[..., "Conversion"]
    evaluate: Callable[..., "Judged"]
    about: str
    folders: tuple[str, ...]  # what it learns from, as the command line calls it
    learned: str  # what is said of it, with the facts of its training filled in
    manner: Mapping[
        str, Any
    ]  # settings of `manner.ConvertOptions` that it knows, and what they are where nothing is said
    options: Mapping[str, str] = field(default_factory=dict)  # of `samplegen train` -> arguments of `learned`
    units: Mapping[str, str] = field(default_factory=dict)  # of the figures on its card


def _train_voice(*args: Any, **options: Any) -> "Learned":
    from samplegen.conversion.voice.train import train

    return train(*args, **options)


def _voice_converter(*args: Any, **options: Any) -> "Conversion":
    from samplegen.conversion.voice.convert import converter

    return converter(*args, **options)


def _evaluate_voice(*args: Any, **options: Any) -> "Judged":
    from samplegen.conversion.voice.evaluate import evaluate

    return evaluate(*args, **options)


def _train_timbre(*args: Any, **options: Any) -> "Learned":
    from samplegen.conversion.timbre.train import train

    return train(*args, **options)


def _timbre_converter(*args: Any, **options: Any) -> "Conversion":
    from samplegen.conversion.timbre.convert import converter

    return converter(*args, **options)


def _evaluate_timbre(*args: Any, **options: Any) -> "Judged":
    from samplegen.conversion.timbre.evaluate import evaluate

    return evaluate(*args, **options)


def _train_beatbox(*args: Any, **options: Any) -> "Learned":
    from samplegen.conversion.beatbox.train import train

    return train(*args, **options)


def _beatbox_converter(*args: Any, **options: Any) -> "Conversion":
    from samplegen.conversion.beatbox.convert import converter

    return converter(*args, **options)


def _evaluate_beatbox(*args: Any, **options: Any) -> "Judged":
    from samplegen.conversion.beatbox.evaluate import evaluate

    return evaluate(*args, **options)


CONVERTERS: Mapping[str, ConverterKind] = {  # key: one of `samplegen.models.registry.KINDS`
    "voice": ConverterKind(
        _train_voice, _voice_converter, _evaluate_voice,
        "one voice to another, learned from pairs of takes", ("SOURCE", "TARGET"),
        "{pairs} pairs, {seconds_aligned:g} s that both voices have",
        {"pitch": "target", "transpose": 0.0, "mix": 1.0, "growl": 0.0, "tracker": "pyin"}, {"pairs": "table"},
        units=dict.fromkeys(("held_out_mean", "held_out_regression", "held_out_both"), "dB"),
    ),
    "timbre": ConverterKind(
        _train_timbre, _timbre_converter, _evaluate_timbre,
        "any take to one instrument, learned from its recordings", ("FOLDER",),
        "{sounds} recordings, {seconds_at_a_pitch:g} s at a pitch",
        {"pitch": "keep", "transpose": 0.0, "mix": 1.0, "growl": 0.0, "tracker": "pyin"},
        units={"held_out_spectral": "dB", "held_out_spectral_griffin_lim": "dB", "held_out_pitch_cents": "cents"},
    ),
    "beatbox": ConverterKind(
        _train_beatbox, _beatbox_converter, _evaluate_beatbox,
        "beatboxed or tapped hits to drums, learned from a folder of each",
        ("SOURCE", "TARGET"), "{hits} hits and {sounds} drums in {steps} steps",
        {"transpose": 0.0, "mix": 1.0},
        {"steps": "steps", "minutes": "minutes", "rate": "rate", "strict": "strict"},
    ),
}  # fmt: skip
