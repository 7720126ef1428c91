"""Finished one-shots from a trained model: drawn, inverted to audio, post-processed, compared with training sounds."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from samplegen import roles
from samplegen.arrays import Signal
from samplegen.audio import lofi, onsets, parallel, reading, signals
from samplegen.audio.lofi_presets import PRESETS, Preset
from samplegen.audio.oneshot import postprocess
from samplegen.audio.sounds import Origin, Rank, Sound, Take
from samplegen.errors import ModelError, OptionError, did_you_mean
from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.generation import sample, velocity_layers
from samplegen.generation.options import DEFAULTS, GenerateOptions, check_options
from samplegen.models import classify
from samplegen.models.model import Model
from samplegen.settings import check_range

RATE_HZ = 44_100  # of a result


def generate(  # noqa: PLR0913
    model: Model,
    count: int = 16,
    *,
    role: str | None = None,
    options: GenerateOptions = DEFAULTS,
    seed: int = 0,
    preset: str | None = None,
    rate: int = RATE_HZ,
    layers: int = 1,
    round_robins: int = 1,
) -> list[Sound]:
    """Generate new one-shots.

    Args:
        model: of a kind that draws, from `samplegen.load`.
        count: sounds to make, 1 to 10000.
        role: "kick", a mix "kick=0.7,snare=0.3", "natural" (as often as in training), or None for a balanced kit.
        options: of sampling, such as `samplegen.GenerateOptions(truncation=0.7)`.
        seed: the same seed, model and machine give the same samples.
        preset: a key of `samplegen.audio.lofi_presets.PRESETS`.
        rate: sampling rate of the result in Hz.
        layers: velocity layers of each drum, 1 to 8; more than one needs a model of a kind with codes.
        round_robins: takes of each layer, 1 to 8; more than one needs a model of a kind with codes.

    Returns:
        Sounds, mono float32 in -1..1 at `rate`, with their requested role and, as facts, the role probabilities of the
        request, the predicted role, and the nearest training sound with its distance.

    Raises:
        OptionError: an argument out of range.
        ModelError: a model that draws no sounds, or is damaged.

    Example:
        >>> import samplegen
        >>> model = samplegen.load("starter")
        >>> kicks = samplegen.generate(model, 2, role="kick", seed=1)
        >>> [(sound.role, sound.samples.dtype.name) for sound in kicks]
        [('kick', 'float32'), ('kick', 'float32')]
    """
    check_range(rate, signals.RATE_RANGE_HZ, "the rate", unit=" Hz")
    machine = _lofi_preset(preset)
    velocity_layers.check_takes(model.card.kind, layers, round_robins)
    vectors = sample.role_vectors(model, count, role, seed=seed)
    spectrograms = sample.draw(model, vectors, options=options, seed=seed)
    takes = velocity_layers.draw_takes(
        model, spectrograms, vectors, layers=layers, round_robins=round_robins, seed=seed
    )
    finished = _finished(np.concatenate([spectrograms, *takes.values()]), model.config.map, seed, machine, rate)
    drums, *rows = (finished[at : at + count] for at in range(0, len(finished), count))
    further = _further_takes(drums, dict(zip(takes, rows, strict=True)), layers)
    facts = _facts(model, spectrograms, vectors)
    names = [roles.ROLES[index] for index in vectors.argmax(axis=1)]
    return [Sound(*drum) for drum in zip(drums, names, facts, further, strict=True)]


def primer(model: Model, path: Path | str, seconds: float) -> Spectrogram:
    """Return the beginning of a real sound for `GenerateOptions.prime`: `(steps, bands, 2)` as the model reads it.

    Args:
        path: of a sound file; silence before its attack is left out.
        seconds: length of the beginning, more than 0.

    Raises:
        AudioError: a file that cannot be used.
        OptionError: a model that cannot continue a sound, or a length that is not above 0.

    Example:
        >>> import samplegen
        >>> model = samplegen.load("starter-charlstm")
        >>> start = samplegen.primer(model, "kick.wav", 0.05)  # doctest: +SKIP
        >>> options = samplegen.GenerateOptions(prime=start)  # doctest: +SKIP
    """
    check_options(model.card.kind, ["prime"])
    if not seconds > 0:
        raise OptionError(f"{seconds:g} seconds of {path} cannot be kept; give more than 0")
    config = model.config.map
    samples, rate = reading.read_audio(path, config.stft.rate)
    start = spectrogram.encode(samples[onsets.find_onset(samples, rate) :], config)
    sounding = int(np.flatnonzero(start.any(axis=(1, 2)))[-1]) + 1  # after its end nothing follows
    return start[: min(sounding, max(1, math.ceil(seconds * config.steps / config.seconds)))]


def origin(model: Model, *, seed: int, command: str = "") -> Origin:
    """Return the origin of sounds of `model`, for `write_pack`: what remakes them, licence and credits.

    Example:
        >>> import samplegen
        >>> samplegen.origin(samplegen.load("starter"), seed=7).seed
        7
    """
    card = model.card
    made = f"Sounds generated by samplegen with the model {model.name} ({card.hash}), seed {seed}."
    lines = [made, "", card.licence or "The model names no licence for its training sounds.", ""]
    lines += ["The model was trained on:", *(f"- {credit}" for credit in card.credits)] if card.credits else []
    return Origin(seed, model.name, card.hash, command, "\n".join(lines).rstrip() + "\n")


def _lofi_preset(name: str | None) -> Preset | None:
    """Look a preset up before all the work, and only once."""
    if name and name not in PRESETS:
        raise OptionError(
            f"unknown lo-fi preset {name!r}; the presets are {', '.join(PRESETS)}{did_you_mean(name, PRESETS)}"
        )
    return PRESETS[name] if name else None


def _finished(
    spectrograms: Spectrogram, config: SpectrogramConfig, seed: int, preset: Preset | None, rate: int
) -> list[Signal]:
    """Return finished sounds of spectrograms, each with its own noise."""
    waveforms = spectrogram.decode(spectrograms, config.with_steps(spectrograms.shape[1]), seed=seed)

    def finish(number: int) -> Signal:
        samples = signals.resample(waveforms[number], config.stft.rate, rate)
        if preset:
            samples = lofi.apply_lofi(postprocess(samples, rate), rate, preset, seed=seed + number)
        return postprocess(samples, rate)

    return parallel.map(finish, range(len(spectrograms)))


def _further_takes(drums: list[Signal], takes: Mapping[Rank, list[Signal]], layers: int) -> list[tuple[Take, ...]]:
    """Return the further takes of each drum, at the level of their layer."""
    return [
        tuple(
            Take(velocity_layers.match_level(row[number], drum, layer, layers), layer, robin)
            for (layer, robin), row in takes.items()
        )
        for number, drum in enumerate(drums)
    ]


def _facts(model: Model, spectrograms: Spectrogram, vectors: np.ndarray) -> list[dict[str, object]]:
    """Return the facts of each sound for the manifest: its predicted role, and the nearest training sound."""
    config = model.config.map
    probabilities = classify.classify_roles(spectrograms, config.with_steps(spectrograms.shape[1])).roles
    training, rows = model.fingerprints, metrics.fingerprints(spectrograms[:, : config.steps])
    if training.descriptors.shape[1] != rows.shape[1]:
        raise ModelError(f"the fingerprints of {model.folder} are of another version of samplegen; train it anew")
    index, distance = metrics.nearest(rows, training.descriptors)
    return [
        {
            "asked": {roles.ROLES[i]: float(vector[i]) for i in np.flatnonzero(vector)},
            "heard_as": roles.ROLES[int(predicted.argmax())],
            "nearest_training_sound": training.names[nearest],
            "nearest_distance": float(away),
        }
        for vector, predicted, nearest, away in zip(vectors, probabilities, index, distance, strict=True)
    ]
