"""Quality of a model or a pack: its sounds, rendered and finished, compared with real ones."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from samplegen.audio import reading
from samplegen.data.dataset import Dataset
from samplegen.errors import DataError, ModelError, OptionError
from samplegen.evaluation import judge
from samplegen.evaluation.compare import MIN_REAL_SOUNDS, Candidate, compare
from samplegen.evaluation.results import Assessment, Closest
from samplegen.features import metrics
from samplegen.generation import generate, sample
from samplegen.kits.manifest import read_pack
from samplegen.models import store
from samplegen.models.model import Fingerprints, Model
from samplegen.settings import check_range

COUNT_RANGE = (1, 1_000_000)  # far more than a pack holds
SOUND_COUNT = 500  # drawn by default: enough for every metric of both halves
_MAX_DISTANCE = 1e6  # a manifest that claims more is not trusted


def assess(model: Model, against: Dataset, *, count: int = SOUND_COUNT, seed: int = 0) -> Assessment:
    """Assess a model by sounds drawn from it, as often of each role as in its training sounds.

    Args:
        model: of a kind that draws.
        against: real sounds, scanned with `model.config.map`; best none of its training sounds.
        count: sounds to draw; some metrics need 100 or 200, and twice as many real ones.
        seed: decides what is drawn and how the real sounds are split.

    Raises:
        DataError: fewer than 16 real sounds.
        OptionError: a count or seed out of range, real sounds scanned for other spectrograms.
        ModelError: a model that does not draw, or is damaged.

    Example:
        >>> import samplegen
        >>> model = samplegen.load("starter")
        >>> real = samplegen.scan("my-drums", config=model.config.map)  # doctest: +SKIP
        >>> samplegen.assess(model, real).metric("coverage").value  # doctest: +SKIP
        0.71
    """
    _check(against)
    if model.config.map != against.config:
        raise OptionError(f"{against.folder} was scanned for other maps than {model.folder} has; scan it with its")
    rate = against.config.stft.rate
    drawn = generate.generate(model, count, role=sample.NATURAL, seed=seed, rate=rate)
    sounds, roles = [sound.samples for sound in drawn], [sound.role for sound in drawn]
    labels = [f"{role} {number}" for number, role in enumerate(roles, 1)]
    return compare(
        Candidate("model", model.folder, sounds, rate, roles, labels, model.fingerprints), against, seed=seed
    )


def assess_pack(folder: Path | str, against: Dataset, *, count: int = SOUND_COUNT, seed: int = 0) -> Assessment:
    """Assess a pack by its sounds, by `count` of them where there are more.

    Copies are found by the model that made the pack, if it is here.

    Raises:
        DataError, OptionError, AudioError: as `assess`, `read_pack` and `read_audio` do.

    Example:
        >>> import samplegen
        >>> real = samplegen.scan("my-drums")  # doctest: +SKIP
        >>> samplegen.assess_pack("packs/starter", real).copies  # doctest: +SKIP
        False
    """
    _check(against)
    folder = Path(folder)
    manifest = read_pack(folder)
    if not manifest["sounds"]:
        raise DataError(f"{folder} holds no sounds to judge")
    entries, model = _chosen(manifest["sounds"], count, seed), model_of_pack(manifest)
    known = _fingerprints(model, against) if model else None
    notes = () if known else (f"the model {manifest['model']!r:.80} that made the pack is not here to tell copies by",)
    sounds = [reading.read_audio(folder / entry["path"], judge.RATE)[0] for entry in entries]
    roles, labels = ([entry[key] for entry in entries] for key in ("role", "path"))
    return compare(
        Candidate("pack", folder, sounds, judge.RATE, roles, labels, known, _closest(entries), notes),
        against,
        seed=seed,
    )


def model_of_pack(manifest: Mapping[str, Any]) -> Model | None:
    """Return the very model that made a pack, or None where it is not here."""
    try:
        model = store.load(manifest["model"])
    except ModelError:
        return None
    return model if model.card.hash == manifest["model_hash"] else None


def _fingerprints(model: Model, against: Dataset) -> Fingerprints | None:
    """Return a model's fingerprints if its descriptors can be compared with those of the real sounds."""
    same = model.config.map == against.config and model.fingerprints.descriptors.shape[1] == metrics.FINGERPRINT_SIZE
    return model.fingerprints if same else None


def _check(against: Dataset) -> None:
    if len(against) < MIN_REAL_SOUNDS:
        needed = f"at least {MIN_REAL_SOUNDS} are needed to judge by, and 400 for every figure"
        raise DataError(f"{against.folder} holds {len(against)} sounds; {needed}")


def _chosen(entries: Sequence[Any], count: int, seed: int) -> list[Any]:
    """Draw at most `count` entries, and keep their order."""
    check_range(count, COUNT_RANGE, "the number of sounds")
    drawn = np.random.default_rng((seed, 6)).permutation(len(entries))[:count]
    return [entries[i] for i in np.sort(drawn)]


def _closest(entries: Sequence[Mapping[str, Any]]) -> tuple[Closest, ...]:
    """Read the nearest training sounds from a manifest, which is not trusted."""

    def rows() -> Iterator[Closest]:
        for entry in entries:
            name, distance = entry.get("nearest_training_sound"), entry.get("nearest_distance")
            if isinstance(name, str) and isinstance(distance, int | float) and 0 <= distance < _MAX_DISTANCE:
                yield Closest(entry["path"], name, float(distance))

    return tuple(rows())
