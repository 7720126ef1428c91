"""Velocity layers and round robins of a drawn drum: softer and duller takes, and others as loud to play in turn.

Each is a neighbour of the drum in the model's space of codes, so no two differ by their gain alone. The residual
that the model cannot represent is added to all takes. Spectrograms `(n, steps, bands, 2)`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from samplegen.arrays import Signal
from samplegen.audio import signals
from samplegen.audio.sounds import Rank
from samplegen.errors import ModelError
from samplegen.features.spectrogram import LEVEL, Spectrogram, SpectrogramConfig
from samplegen.generation import inversion
from samplegen.generation.blending import CODE_BLENDS
from samplegen.models.model import Model
from samplegen.models.registry import KINDS
from samplegen.settings import check_range

TAKE_RANGE = (1, 8)  # velocity layers of a drum, and round robins of a layer
NEIGHBOUR_SHARE = 0.2  # of the way from a drum to another one of its role: audible, yet the same drum
SOFT_TREBLE_LOSS_DB = 15.0  # loss of the highest band against the lowest, at velocity 0
_VELOCITY_EXPONENT = 1.5  # from velocity to gain: players assume 1 to 2
_SEARCH_STEPS = 60  # for a drum's code: fewer than for a user's sound, as the model made it


def check_takes(kind: str, layers: int, round_robins: int) -> None:
    """Refuse numbers of takes that cannot be.

    Raises:
        OptionError: out of range.
        ModelError: a kind of model without codes.
    """
    for name, value in {"layers": layers, "round robins": round_robins}.items():
        check_range(value, TAKE_RANGE, f"the number of {name}")
    if layers * round_robins > 1 and not KINDS[kind].mix:
        able = ", ".join(name for name, row in KINDS.items() if row.mix)
        raise ModelError(f"a model of kind {kind} makes one take of each drum; more are made by {able}")


def take_ranks(layers: int, round_robins: int) -> Iterator[Rank]:
    """Yield layer (0 the loudest) and round robin of every take but the drum itself, which is the first."""
    yield from ((layer, robin) for layer in range(layers) for robin in range(round_robins) if layer or robin)


def draw_takes(  # noqa: PLR0913
    model: Model,
    spectrograms: Spectrogram,
    vectors: NDArray[np.float32],
    *,
    layers: int,
    round_robins: int,
    seed: int = 0,
) -> dict[Rank, Spectrogram]:
    """Draw the further takes of every drum, a spectrogram for each.

    Args:
        model: of a kind with codes.
        spectrograms: of the drums.
        vectors: their roles `(n, 16)`.
        layers: velocity layers of each, the drum's own included.
        round_robins: takes of each layer, the drum itself included.
        seed: the same seed gives the same takes.
    """
    if layers == round_robins == 1:
        return {}
    found = inversion.invert(model, spectrograms, steps=_SEARCH_STEPS, seed=seed)
    mix = CODE_BLENDS[model.kind.mix]
    made = {}
    for number, (layer, robin) in enumerate(take_ranks(layers, round_robins)):
        others = inversion.draw_codes(model, vectors, seed=seed + number + 1)
        codes = [mix(one, other, NEIGHBOUR_SHARE) for one, other in zip(found.codes, others, strict=True)]
        near = inversion.decode_codes(model, np.stack(codes)) + spectrograms - found.spectrograms
        made[layer, robin] = _duller(np.clip(near, 0, 1), layer / layers, model.config.map)
    return made


def match_level(take: Signal, drum: Signal, layer: int, layers: int) -> Signal:
    """Scale a take `(m,)` to the energy of its drum `(n,)`, a softer one below; its peak never exceeds the drum's."""
    gain = (1 - layer / layers) ** _VELOCITY_EXPONENT
    energies = [float(np.sum(np.square(samples, dtype=np.float64))) for samples in (drum, take)]
    factor = gain * min((energies[0] / energies[1]) ** 0.5, signals.peak(drum) / signals.peak(take))
    return np.asarray(take * factor, np.float32)


def _duller(spectrograms: Spectrogram, softness: float, config: SpectrogramConfig) -> Spectrogram:
    """Turn bands of spectrograms down the more the higher they are, as soft hits excite treble less."""
    loss = (
        softness * SOFT_TREBLE_LOSS_DB / -config.floor_db * np.linspace(0, 1, spectrograms.shape[2], dtype=np.float32)
    )
    duller = spectrograms.copy()
    duller[..., LEVEL] = np.maximum(spectrograms[..., LEVEL] - loss, 0)
    return duller
