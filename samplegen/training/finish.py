"""Complete a trained network: metrics, fingerprints, inversion encoder, latent directions and facts for its card."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from samplegen import roles
from samplegen.arrays import Array
from samplegen.features import descriptors
from samplegen.generation import latent_directions
from samplegen.generation.options import OPTIONS_OF_SAMPLING
from samplegen.models.architecture import Config, Network
from samplegen.models.model import Fingerprints
from samplegen.models.registry import Kind
from samplegen.training import inversion
from samplegen.training.checkpoints import Run
from samplegen.training.events import Report, Stage
from samplegen.training.learner import Metrics
from samplegen.training.training_set import TrainingSet
from samplegen.training.workplace import Workplace
from samplegen.training.write_model import Trained


def complete(  # noqa: PLR0913
    row: Kind,
    config: Config,
    network: Network,
    sounds: TrainingSet,
    run: Run,
    *,
    metrics: Metrics,
    workplace: Workplace,
    report: Report,
) -> Trained:
    """Return a network with all that is written beside it.

    Args:
        row, config: its kind.
        network: with the best weights of the run.
        sounds: that it was trained on.
        run: of its training.
        metrics: of the network, for its card.
        workplace: in which the inversion encoder is trained, for a kind that needs one.
        report: takes the stages.
    """
    return Trained(
        config,
        run.best,
        facts(sounds, run),
        metrics,
        Fingerprints(sounds.names, sounds.descriptors),
        trained_encoder(row, config, run, seed=sounds.seed, workplace=workplace, report=report),
        found_directions(row, network, config, sounds),
        sounds.previews_of(run.best_step),
    )


def trained_encoder(  # noqa: PLR0913
    row: Kind, config: Config, run: Run, *, seed: int, workplace: Workplace, report: Report
) -> list[Array] | None:
    """Return weights of the inversion encoder, trained no longer than the model; None where the user does not wait."""
    if not row.inverted:
        return None
    report(Stage("now the network that finds given sounds among the model's own is taught; Ctrl-C leaves it out"))
    generator = row.network(config)
    generator.set_weights(run.best)
    encoder = inversion.train_encoder(
        generator, config, max_steps=run.step, seed=seed, workplace=workplace.stage("inversion")
    )
    return list(encoder.get_weights()) if encoder else None


def found_directions(row: Kind, network: Network, config: Config, sounds: TrainingSet) -> Sequence[Array] | None:
    """Return the latent directions of a kind that has attribute edits, found on its own draws."""
    if not descriptors.DESCRIPTORS.keys() <= OPTIONS_OF_SAMPLING.get(row.draws, frozenset()):
        return None
    rng = np.random.default_rng((sounds.seed, 5))
    latents = rng.standard_normal((latent_directions.FIT_SOUNDS, config.latent)).astype(np.float32)
    chosen = sounds.roles[rng.choice(sounds.train, len(latents))].argmax(axis=1)
    vectors = np.eye(len(roles.ROLES), dtype=np.float32)[chosen]
    pictures = row.generator(network).predict([latents, vectors], batch_size=64, verbose=0)
    return latent_directions.fit_directions(latents, vectors, descriptors.measure(pictures, config.map))


def facts(sounds: TrainingSet, run: Run) -> dict[str, Any]:
    """Return the facts of a training for the card."""
    counts = Counter(roles.ROLES[index] for index in sounds.roles.argmax(axis=1))
    return {
        "folder": sounds.data.folder.resolve().name,
        "sounds": len(sounds.data),
        "held_out": len(sounds.held_out),
        "kits": len({sound.kit for sound in sounds.data.sounds}),
        "roles": {name: counts[name] for name in roles.ROLES if counts[name]},
        "seed": sounds.seed,
        "steps": run.step,
        "best_step": run.best_step,
        "minutes": round(run.seconds / 60, 2),
        "history": run.history,
    }
