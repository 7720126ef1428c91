"""Latents and roles in, maps out: how a trained generator is asked for sounds. Never a file.

Role vectors `(n, 16)`, maps `(n, steps, bands, 2)`.
"""

import numpy as np
from numpy.typing import NDArray

from samplegen import classifier, roles
from samplegen.errors import ModelError, OptionError
from samplegen.maps import LEVEL, Map
from samplegen.nets import KINDS
from samplegen.store import Model

BALANCED, NATURAL = "balanced", "natural"
MOST = 10_000  # sounds in one go
_ROUNDS = 4  # draws for a sound that is not heard as what was asked for
_BATCH = 64
_FADE_IN = 8.0  # levels in the lowest eighth of the range are raised the less, the lower they are
_MOST_KNOWN = 10**9  # sounds of a role; a card that says more is not believed


def wanted(model: Model, count: int, role: str | None = None, *, seed: int = 0) -> NDArray[np.float32]:
    """Role vectors for `count` sounds.

    Args:
        role: a role or mix as `roles.parse` reads it, the same for all; `"balanced"` (and None): the roles
            that the model knows, in turn; `"natural"`: drawn as often as each was in the training sounds.

    Raises:
        OptionError: a count or seed out of range, a role that is none.
    """
    if not 0 < count <= MOST:
        raise OptionError(f"{count} sounds cannot be made; ask for 1 to {MOST}")
    if seed < 0:
        raise OptionError(f"the seed {seed} cannot be used; choose 0 or more")
    known = known_roles(model)
    if role in (None, BALANCED):
        names = [list(known)[number % len(known)] for number in range(count)]
    elif role == NATURAL:
        share = np.array(list(known.values())) / sum(known.values())
        names = list(np.random.default_rng((seed, 2)).choice(list(known), count, p=share))
    else:
        return np.tile(roles.parse(str(role)), (count, 1))
    return np.stack([roles.one_hot(name) for name in names])


def known_roles(model: Model) -> dict[str, int]:
    """The roles that a model learned, in the order of `ROLES`, and how many sounds of each; all, if it does not say."""
    counts = model.card.training.get("roles")
    told = counts.items() if isinstance(counts, dict) else ()
    known = {name: number for name, number in told if isinstance(number, int) and 0 < number < _MOST_KNOWN}
    return {name: known[name] for name in roles.ROLES if name in known} or dict.fromkeys(roles.ROLES, 1)


def check_draws(model: Model) -> None:
    """Raise `ModelError` for a model of a kind that draws no sounds."""
    if not KINDS[model.card.kind].draws:
        drawing = ", ".join(kind for kind, row in KINDS.items() if row.draws)
        raise ModelError(
            f"{model.folder} is a model of kind {model.card.kind}, which draws no sounds; use one of {drawing}"
        )


def draw(model: Model, vectors: NDArray[np.float32], *, truncation: float = 1.0, seed: int = 0) -> Map:
    """Draw one map for each role vector; one that is not heard as a role asked for is drawn again, a few times.

    Args:
        truncation: spread of the latents, 0..2: under 1 typical sounds, over 1 odd ones.
        seed: the same seed gives the same maps.

    Raises:
        OptionError: truncation out of range.
        ModelError: a model that does not draw, or is damaged.
    """
    check_draws(model)
    if not 0 <= truncation <= 2:
        raise OptionError(f"truncation is {truncation:g}; choose from 0 (typical) to 2 (odd), 1 as learned")
    rng = np.random.default_rng((seed, 3))
    pictures = _draw(model, vectors, truncation, rng)
    for _ in range(_ROUNDS - 1):
        missed = np.flatnonzero(~_as_asked(pictures, vectors, model))
        if not len(missed):
            break
        pictures[missed] = _draw(model, vectors[missed], truncation, rng)
    return pictures


def _draw(model: Model, vectors: NDArray[np.float32], truncation: float, rng: np.random.Generator) -> Map:
    latents = rng.standard_normal((len(vectors), model.config.latent)).astype(np.float32)
    pictures: Map = model.drawer.predict([latents * np.float32(truncation), vectors], batch_size=_BATCH, verbose=0)
    return _levelled(pictures)


def _levelled(pictures: Map) -> Map:
    """With the loudest cell of each at full level, as in maps of sounds, and what is silent still silent."""
    level = pictures[..., LEVEL]
    missing = 1 - level.max(axis=(1, 2), keepdims=True)
    pictures[..., LEVEL] = level + missing * np.minimum(level * _FADE_IN, 1)
    return pictures


def _as_asked(pictures: Map, vectors: NDArray[np.float32], model: Model) -> NDArray[np.bool_]:
    heard = classifier.hear(pictures, model.config.map).roles.argmax(axis=1)
    return vectors[np.arange(len(vectors)), heard] > 0
