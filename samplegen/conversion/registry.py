"""The kinds of converters: a row each, with its functions to train, convert and evaluate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Keras comes with a kind that is used
    from samplegen.conversion.results import Conversion, ConverterEvaluation, TrainedConverter


@dataclass(frozen=True)
class ConverterKind:
    """A kind of model that converts takes: three functions, and facts for the command line.

    A function imports what it needs when it is called.

    Args:
        train: `train(*folders, seed, progress, workplace, **options)` trains a network.
        converter: `converter(model, take, options, progress)` prepares a take.
        evaluate: `evaluate(model, source, target, *, other, progress)` measures a model.
        about: what it converts.
        folders: names of the folders that it learns from, as the command line calls them.
        summary: format of a line on its training, to be filled with the facts of its card.
        convert_options: settings of `ConvertOptions` that it knows, with their defaults.
        train_options: options of `samplegen train` that it knows -> arguments of `train`.
        units: of the metrics on its card.
    """

    train: Callable[..., "TrainedConverter"]
    converter: Callable[..., "Conversion"]
    evaluate: Callable[..., "ConverterEvaluation"]
    about: str
    folders: tuple[str, ...]
    summary: str
    convert_options: Mapping[str, Any]
    train_options: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


def _train_voice(*args: Any, **options: Any) -> "TrainedConverter":
    from samplegen.conversion.voice.train import train

    return train(*args, **options)


def _voice_converter(*args: Any, **options: Any) -> "Conversion":
    from samplegen.conversion.voice.convert import converter

    return converter(*args, **options)


def _evaluate_voice(*args: Any, **options: Any) -> "ConverterEvaluation":
    from samplegen.conversion.voice.evaluate import evaluate

    return evaluate(*args, **options)


def _train_timbre(*args: Any, **options: Any) -> "TrainedConverter":
    from samplegen.conversion.timbre.train import train

    return train(*args, **options)


def _timbre_converter(*args: Any, **options: Any) -> "Conversion":
    from samplegen.conversion.timbre.convert import converter

    return converter(*args, **options)


def _evaluate_timbre(*args: Any, **options: Any) -> "ConverterEvaluation":
    from samplegen.conversion.timbre.evaluate import evaluate

    return evaluate(*args, **options)


def _train_beatbox(*args: Any, **options: Any) -> "TrainedConverter":
    from samplegen.conversion.beatbox.train import train

    return train(*args, **options)


def _beatbox_converter(*args: Any, **options: Any) -> "Conversion":
    from samplegen.conversion.beatbox.convert import converter

    return converter(*args, **options)


def _evaluate_beatbox(*args: Any, **options: Any) -> "ConverterEvaluation":
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
