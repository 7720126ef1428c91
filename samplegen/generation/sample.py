"""Sampling: roles in, spectrograms out.

Role vectors `(n, 16)`, spectrograms `(n, steps, bands, 2)`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from samplegen import roles
from samplegen.errors import OptionError
from samplegen.features import descriptors
from samplegen.features.spectrogram import LEVEL, Spectrogram
from samplegen.generation import latent_directions
from samplegen.generation.autoregressive import sample_spectrograms
from samplegen.generation.options import DEFAULTS, GenerateOptions, check_options
from samplegen.models import classify, flow
from samplegen.models.model import Model
from samplegen.models.token_sampling import TokenSampler
from samplegen.settings import check_range

Vectors = NDArray[np.float32]
Drawn = tuple[Spectrogram, Vectors]  # spectrograms and their latents, `(n, 0)` where they have none

BALANCED, NATURAL = "balanced", "natural"
COUNT_RANGE = (1, 10_000)  # sounds of one call: all lie in memory
_BATCH_SOUNDS = 64  # of a network's prediction
_MAX_DRAWS = 4  # of a sound whose predicted role is not the requested one
_RAISE_SLOPE = 8.0  # levels in the lowest eighth of the range are raised the less, the lower they are
_MAX_ROLE_COUNT = 10**9  # sounds of a role; a card that claims more is not trusted


def role_vectors(model: Model, count: int, role: str | None = None, *, seed: int = 0) -> Vectors:
    """Return role vectors for `count` sounds.

    Args:
        role: a role or mix as `roles.parse_roles` reads it, the same for all; `"balanced"` (and None) for the roles
            of the model in turn; `"natural"` for roles drawn as often as they are in the training sounds.

    Raises:
        OptionError: a count or seed out of range, an unknown role.
    """
    check_range(count, COUNT_RANGE, "the number of sounds")
    if seed < 0:
        raise OptionError(f"the seed {seed} cannot be used; choose 0 or more")
    known = known_roles(model)
    if role in (None, BALANCED):
        names = [list(known)[number % len(known)] for number in range(count)]
    elif role == NATURAL:
        share = np.array(list(known.values())) / sum(known.values())
        names = list(np.random.default_rng((seed, 2)).choice(list(known), count, p=share))
    else:
        return np.tile(roles.parse_roles(str(role)), (count, 1))
    return np.stack([roles.one_hot(name) for name in names])


def known_roles(model: Model) -> dict[str, int]:
    """Return the roles that a model learned and how many sounds of each, in the order of `ROLES`; all, if unknown."""
    counts = model.card.training.get("roles")
    rows = counts.items() if isinstance(counts, dict) else ()
    known = {name: number for name, number in rows if isinstance(number, int) and 0 < number < _MAX_ROLE_COUNT}
    return {name: known[name] for name in roles.ROLES if name in known} or dict.fromkeys(roles.ROLES, 1)


def check_draws(model: Model) -> None:
    """Refuse a model of a kind that draws no sounds. Raises `ModelError`."""
    check_options(model.card.kind, ())


def draw(model: Model, vectors: Vectors, *, options: GenerateOptions = DEFAULTS, seed: int = 0) -> Spectrogram:
    """Draw one spectrogram for each role vector; one whose predicted role is another is drawn again, a few times.

    Args:
        options: of sampling.
        seed: the same seed gives the same spectrograms.

    Returns:
        Spectrograms, of more steps than the model's own where `options.seconds` is longer.

    Raises:
        OptionError: an option that this kind of model does not have.
        ModelError: a model of a kind that draws no sounds, or a damaged one.
    """
    check_options(model.card.kind, options.set_options)
    sampler, rng = _SAMPLERS[model.kind.draws], np.random.default_rng((seed, 3))
    spectrograms, latents = sampler(model, vectors, options, rng)
    for _ in range(_MAX_DRAWS - 1):
        missed = np.flatnonzero(~_role_fits(spectrograms, vectors, model))
        if not len(missed):
            break
        spectrograms[missed], latents[missed] = sampler(model, vectors[missed], options, rng)
    edits = np.array([getattr(options, descriptor) for descriptor in descriptors.DESCRIPTORS], np.float32)
    return _edited(model, spectrograms, latents, vectors, edits) if edits.any() else spectrograms


def _edited(model: Model, plain: Spectrogram, latents: Vectors, vectors: Vectors, edits: Vectors) -> Spectrogram:
    """Edit the descriptors of sounds; where that changes the predicted role, edit by half, a few times."""
    known, spectrograms = latent_directions.load_directions(model), np.empty_like(plain)
    fits, missed = _role_fits(plain, vectors, model), np.arange(len(plain))
    for _ in range(_MAX_DRAWS):
        some = vectors[missed]

        def measured(latents: Vectors, some: Vectors = some) -> Vectors:
            return descriptors.measure(_spectrograms_of(model, latents, some), model.config.map)

        spectrograms[missed] = _spectrograms_of(
            model, latent_directions.edit_latents(measured, known, latents[missed], some, edits), some
        )
        missed = missed[fits[missed] & ~_role_fits(spectrograms[missed], some, model)]
        if not len(missed):
            break
        edits = edits * np.float32(0.5)
    return spectrograms


def _spectrograms_of(model: Model, latents: Vectors, vectors: Vectors) -> Spectrogram:
    return _levelled(model.generator.predict([latents, vectors], batch_size=_BATCH_SOUNDS, verbose=0))


def _from_latents(model: Model, vectors: Vectors, options: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """Draw each spectrogram at once, from normally distributed numbers."""
    latents = rng.standard_normal((len(vectors), model.config.latent)).astype(np.float32)
    latents *= np.float32(options.truncation)
    return _spectrograms_of(model, latents, vectors), latents


def _from_flow(model: Model, vectors: Vectors, options: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """Draw from latents, held to the role as much as `guidance` says."""
    model.network.get_layer(flow.PATH).guidance.assign(options.guidance)
    return _from_latents(model, vectors, options, rng)


def _from_tokens(model: Model, vectors: Vectors, options: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """Draw each spectrogram step by step, until its end is drawn."""
    sampler = TokenSampler(options.temperature, options.top_k, options.top_p)
    config = model.config.map
    steps = math.ceil(options.seconds * config.steps / config.seconds) if options.seconds else config.steps
    spectrograms = sample_spectrograms(model.network, vectors, sampler, rng, steps=steps, prime=options.prime)
    spectrograms = np.pad(spectrograms, ((0, 0), (0, max(0, config.steps - steps)), (0, 0), (0, 0)))
    return _levelled(spectrograms), _no_latents(vectors)


def _from_codes(model: Model, vectors: Vectors, options: GenerateOptions, rng: np.random.Generator) -> Drawn:
    """Average the codes of real sounds or, without `average`, draw from latents."""
    if not options.average:
        return _from_latents(model, vectors, options, rng)
    codes = model.average_codes(vectors, options.average, rng)
    return _levelled(model.decoder.predict(codes, batch_size=_BATCH_SOUNDS, verbose=0)), _no_latents(vectors)


def _no_latents(vectors: Vectors) -> Vectors:
    return np.empty((len(vectors), 0), np.float32)


_SAMPLERS = {
    "latents": _from_latents,
    "codes": _from_codes,
    "flow": _from_flow,
    "tokens": _from_tokens,
}  # the keys of `samplegen.generation.options.OPTIONS_OF_SAMPLING`


def _levelled(spectrograms: Spectrogram) -> Spectrogram:
    """Raise the loudest cell of each to full level, as in spectrograms of sounds, and keep silence silent."""
    level = spectrograms[..., LEVEL]
    missing = 1 - level.max(axis=(1, 2), keepdims=True)
    spectrograms[..., LEVEL] = level + missing * np.minimum(level * _RAISE_SLOPE, 1)
    return spectrograms


def _role_fits(spectrograms: Spectrogram, vectors: Vectors, model: Model) -> NDArray[np.bool_]:
    config = model.config.map.with_steps(spectrograms.shape[1])
    predicted = classify.classify_roles(spectrograms, config).roles.argmax(axis=1)
    return vectors[np.arange(len(vectors)), predicted] > 0
