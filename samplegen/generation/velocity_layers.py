"""More takes of a drawn drum: softer and duller ones for its velocity layers, others as loud to play in turn.

Each is a neighbour of the drum in the model's space of codes, so no two differ by their gain alone. What the
model cannot paint of the drum is kept in all of its takes. Maps `(n, steps, bands, 2)`.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from samplegen.audio import signals
from samplegen.audio.signals import Signal
from samplegen.audio.sounds import Rank
from samplegen.errors import ModelError, OptionError
from samplegen.features.spectrogram import LEVEL, Spectrogram, SpectrogramConfig
from samplegen.generation import inversion
from samplegen.generation.blending import CODE_BLENDS
from samplegen.models.registry import KINDS
from samplegen.models.store import Model

MAX_TAKES = 8  # layers, and takes of each
NEIGHBOUR_SHARE = 0.2  # of the way from a drum to another one of its role
SOFT_TREBLE_LOSS_DB = 15.0  # dB that the highest band of the softest hit would lose against the lowest
_HARD = 1.5  # exponent from velocity to gain: between what players assume, which is 1 to 2
_STEPS = 60  # of the search for a drum's code


def check_takes(kind: str, layers: int, robins: int) -> None:
    """Refuse numbers of takes that cannot be.

    Raises:
        OptionError: out of range.
        ModelError: a kind of model whose sounds have no neighbours.
    """
    for name, value in {"layers": layers, "round robins": robins}.items():
        if not 1 <= value <= MAX_TAKES:
            raise OptionError(f"{value} {name} cannot be made; choose 1 to {MAX_TAKES}")
    if layers * robins > 1 and not KINDS[kind].codes:
        able = ", ".join(name for name, row in KINDS.items() if row.codes)
        raise ModelError(f"a model of kind {kind} makes one take of each drum; more are made by {able}")


def take_ranks(layers: int, robins: int) -> Iterator[Rank]:
    """Layer (0 the loudest) and place in turn of every take but the first of the loudest, which the drum itself is."""
    yield from ((layer, robin) for layer in range(layers) for robin in range(robins) if layer or robin)


def draw_takes(  # noqa: PLR0913
    model: Model, pictures: Spectrogram, vectors: NDArray[np.float32], *, layers: int, robins: int, seed: int = 0
) -> dict[Rank, Spectrogram]:
    """Takes of every drum, a map for each.

    Args:
        model: of a kind with codes.
        pictures: the drums as drawn.
        vectors: their roles `(n, 16)`.
        layers: velocity layers of each, the drawn one included.
        robins: takes of each layer, likewise.
        seed: the same gives the same.
    """
    found = inversion.invert(model, pictures, steps=_STEPS, seed=seed)
    mix = CODE_BLENDS[KINDS[model.card.kind].mix]
    made = {}
    for number, (layer, robin) in enumerate(take_ranks(layers, robins)):
        others = inversion.draw_codes(model, vectors, seed=seed + number + 1)
        codes = [mix(one, other, NEIGHBOUR_SHARE) for one, other in zip(found.codes, others, strict=True)]
        near = inversion.decode_codes(model, np.stack(codes)) + pictures - found.pictures
        made[layer, robin] = _duller(np.clip(near, 0, 1), layer / layers, model.config.map)
    return made


def match_level(take: Signal, drum: Signal, layer: int, layers: int) -> Signal:
    """A take `(m,)` at the energy of its drum `(n,)` or, as a softer hit, below; its peak never above the drum's."""
    gain = (1 - layer / layers) ** _HARD
    energies = [float(np.sum(np.square(samples, dtype=np.float64))) for samples in (drum, take)]
    factor = gain * min((energies[0] / energies[1]) ** 0.5, signals.peak(drum) / signals.peak(take))
    return np.asarray(take * factor, np.float32)


def _duller(pictures: Spectrogram, softness: float, config: SpectrogramConfig) -> Spectrogram:
    """Maps whose bands are turned down the more the higher they are, as soft hits excite treble less."""
    loss = softness * SOFT_TREBLE_LOSS_DB / -config.floor_db * np.linspace(0, 1, pictures.shape[2], dtype=np.float32)
    duller = pictures.copy()
    duller[..., LEVEL] = np.maximum(pictures[..., LEVEL] - loss, 0)
    return duller
