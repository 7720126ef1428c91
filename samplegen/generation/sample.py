"""Roles in, maps out: how a trained generator is asked for sounds. Never a file.

Role vectors `(n, 16)`, maps `(n, steps, bands, 2)`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.errors import OptionError
from samplegen.features import descriptors
from samplegen.features.spectrogram import LEVEL, Spectrogram
from samplegen.generation import latent_directions
from samplegen.generation.autoregressive import compose
from samplegen.generation.options import AS_LEARNED, GenerateOptions, check
from samplegen.models import classify
from samplegen.models.model import Model
from samplegen.models.token_sampling import TokenSampler

Vectors = NDArray[np.float32]
Drawn = tuple[Spectrogram, Vectors]  # maps, and the latents that they come of, `(n, 0)` where it is not from such

BALANCED, NATURAL = "balanced", "natural"
MOST = 10_000  # sounds in one go
_BATCH = 64
_ROUNDS = 4  # draws for a sound that is not heard as what was asked for
_FADE_IN = 8.0  # levels in the lowest eighth of the range are raised the less, the lower they are
_MOST_KNOWN = 10**9  # sounds of a role; a card that says more is not believed


def role_vectors(model: Model, count: int, role: str | None = None, *, seed: int = 0) -> Vectors:
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
    rows = counts.items() if isinstance(counts, dict) else ()
    known = {name: number for name, number in rows if isinstance(number, int) and 0 < number < _MOST_KNOWN}
    return {name: known[name] for name in roles.ROLES if name in known} or dict.fromkeys(roles.ROLES, 1)


def check_draws(model: Model) -> None:
    """Raise `ModelError` for a model of a kind that draws no sounds."""
    check(model.card.kind, ())


def draw(model: Model, vectors: Vectors, *, drawing: GenerateOptions = AS_LEARNED, seed: int = 0) -> Spectrogram:
    """Draw one map for each role vector; one that is not heard as a role asked for is drawn again, a few times.

    Args:
        drawing: how.
        seed: the same seed gives the same maps.

    Returns:
        Maps, of more steps than the model's own where `drawing` lasts longer.

    Raises:
        OptionError: an option that this kind of model does not know.
        ModelError: a model that does not draw, or is damaged.
    """
    check(model.card.kind, drawing.set_options)
    way, rng = _WAYS[model.kind.draws], np.random.default_rng((seed, 3))
    pictures, latents = way(model, vectors, drawing, rng)
    for _ in range(_ROUNDS - 1):
        missed = np.flatnonzero(~_role_fits(pictures, vectors, model))
        if not len(missed):
            break
        pictures[missed], latents[missed] = way(model, vectors[missed], drawing, rng)
    turns = np.array([getattr(drawing, knob) for knob in descriptors.KNOBS], np.float32)
    return _turned(model, pictures, latents, vectors, turns) if turns.any() else pictures


def _turned(model: Model, plain: Spectrogram, latents: Vectors, vectors: Vectors, turns: Vectors) -> Spectrogram:
    """What knobs make of sounds; one that is no longer heard as a role asked for is turned by half, a few times."""
    known, pictures = latent_directions.of(model), np.empty_like(plain)
    fits, missed = _role_fits(plain, vectors, model), np.arange(len(plain))
    for _ in range(_ROUNDS):
        some = vectors[missed]

        def measured(latents: Vectors, some: Vectors = some) -> Vectors:
            return descriptors.measured(_painted(model, latents, some), model.config.map)

        pictures[missed] = _painted(
            model, latent_directions.turned(measured, known, latents[missed], some, turns), some
        )
        missed = missed[fits[missed] & ~_role_fits(pictures[missed], some, model)]
        if not len(missed):
            break
        turns = turns * np.float32(0.5)
    return pictures


def _painted(model: Model, latents: Vectors, vectors: Vectors) -> Spectrogram:
    return _levelled(model.generator.predict([latents, vectors], batch_size=_BATCH, verbose=0))


def _from_latents(model: Model, vectors: Vectors, drawing: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """Each map at once, from normally distributed numbers."""
    latents = rng.standard_normal((len(vectors), model.config.latent)).astype(np.float32)
    latents *= np.float32(drawing.truncation)
    return _painted(model, latents, vectors), latents


def _from_tokens(model: Model, vectors: Vectors, drawing: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """Each map step by step, until its end is drawn."""
    sampler = TokenSampler(drawing.temperature, drawing.top_k, drawing.top_p)
    cells = model.config.map
    steps = math.ceil(drawing.seconds * cells.steps / cells.seconds) if drawing.seconds else cells.steps
    pictures = compose(model.network, vectors, sampler, rng, steps=steps, prime=drawing.prime)
    pictures = np.pad(pictures, ((0, 0), (0, max(0, cells.steps - steps)), (0, 0), (0, 0)))
    return _levelled(pictures), _no_latents(vectors)


def _from_codes(model: Model, vectors: Vectors, drawing: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """From the mean of codes that real sounds had or, where none are asked for, from latents."""
    if not drawing.average:
        return _from_latents(model, vectors, drawing, rng)
    if others := [option for option in drawing.set_options if option != "average"]:
        raise OptionError(f"the mean of real sounds is what it is; {others[0]} does not go with average")
    codes = model.average_codes(vectors, drawing.average, rng)
    return _levelled(model.decoder.predict(codes, batch_size=_BATCH, verbose=0)), _no_latents(vectors)


def _no_latents(vectors: Vectors) -> Vectors:
    return np.empty((len(vectors), 0), np.float32)


_WAYS = {
    "latents": _from_latents,
    "codes": _from_codes,
    "tokens": _from_tokens,
}  # the keys of `samplegen.generation.options.OPTIONS`


def _levelled(pictures: Spectrogram) -> Spectrogram:
    """With the loudest cell of each at full level, as in maps of sounds, and what is silent still silent."""
    level = pictures[..., LEVEL]
    missing = 1 - level.max(axis=(1, 2), keepdims=True)
    pictures[..., LEVEL] = level + missing * np.minimum(level * _FADE_IN, 1)
    return pictures


def _role_fits(pictures: Spectrogram, vectors: Vectors, model: Model) -> NDArray[np.bool_]:
    predicted = classify.classify_roles(pictures, model.config.map.lasting(pictures.shape[1])).roles.argmax(axis=1)
    return vectors[np.arange(len(vectors)), predicted] > 0
