"""Training set of a beatbox network: hits of a mouth or a table, drums, and pairs of both.

Nobody has played both, so pairs are made: by role, and within a role by rank. The hit that is brightest, longest,
highest or noisiest of its role is paired with a drum of which the same is true among its like, so that variations of
a take become variations of the drums. Mixes of two drums are learned from as well as drums.
"""

from dataclasses import dataclass

import keras
import numpy as np

from samplegen.arrays import Rows
from samplegen.conversion.beatbox import descriptors, split
from samplegen.conversion.beatbox import hits as beatbox_hits
from samplegen.conversion.beatbox.hits import Hits
from samplegen.conversion.beatbox.labels import Source
from samplegen.conversion.beatbox.split import Indices
from samplegen.data.dataset import Dataset
from samplegen.features import metrics
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig
from samplegen.models import beatbox

Batch = tuple[Rows, Rows, Rows, Rows, Spectrogram]

BATCH_SIZE = 32
MAX_DRUMS = 2048  # drums of a role: their maps lie in memory, 33 kB each
BLENDED_SHARE = 0.3  # share of the drums learned from that are mixes with another of their role
RANK_DISTANCE_SCALE = 0.3  # squared distance of ranks at which a pair is e times rarer


@dataclass(frozen=True)
class Sounds:
    """Hits or drums: the role of each `(n,)`, its ranks `(n, k)`, and which to learn from and to measure by."""

    role: Indices
    ranks: Rows
    train: Indices
    held_out: Indices

    @property
    def validation(self) -> Indices:
        """Return those that measure: held out or, where none are, all."""
        return self.held_out if len(self.held_out) else np.arange(len(self.role))


@dataclass(frozen=True)
class TrainingPairs:
    """Hits and drums of the roles `names`; of the drums maps `(n, *shape)`, fingerprints and codes `(n, code)`."""

    names: tuple[str, ...]
    hits: Sounds
    hit_features: Hits
    drums: Sounds
    maps: Spectrogram
    prints: Rows
    codes: Rows
    cells: SpectrogramConfig
    seed: int

    def batch(self, step: int) -> Batch:
        """Frames, roles, ranks, codes and maps of a step, drawn from its number; each role is as likely."""
        rng, drums = np.random.default_rng((self.seed, step)), self.drums
        each = [drums.train[drums.role[drums.train] == role] for role in range(len(self.names))]
        role = rng.integers(len(each), size=BATCH_SIZE)
        chosen = np.stack([rng.choice(each[one], 2) for one in role])
        share = np.where(rng.random(BATCH_SIZE) < BLENDED_SHARE, rng.uniform(0.5, 1.0, BATCH_SIZE), 1.0)
        weights = np.stack((share, 1 - share), axis=1).astype(np.float32)
        ranks, codes, maps = (
            np.einsum("nk,nk...->n...", weights, values[chosen]) for values in (drums.ranks, self.codes, self.maps)
        )
        return self.frames(self.partners(ranks, role, self.hits.train, rng)), self.vectors(role), ranks, codes, maps

    def frames(self, chosen: Indices) -> Rows:
        """Return the frames of hits, `(n, steps, width)`."""
        return self.hit_features.frames[chosen].astype(np.float32)

    def vectors(self, role: Indices) -> Rows:
        """One-hot roles `(n, roles)`."""
        return np.eye(len(self.names), dtype=np.float32)[role]

    def partners(self, ranks: Rows, role: Indices, among: Indices, rng: np.random.Generator | None = None) -> Indices:
        """The hits that drums of such ranks and roles are paired with: near in rank or, without `rng`, nearest."""
        away = ((self.hits.ranks[among] - ranks[:, None]) ** 2).sum(axis=2)
        away[self.hits.role[among] != role[:, None]] = np.inf
        luck = rng.gumbel(size=away.shape) if rng else 0.0  # the largest sum is drawn with odds of exp(-away / NEAR)
        return among[(luck - away / RANK_DISTANCE_SCALE).argmax(axis=1)]


def training_pairs(source: Source, data: Dataset, *, seed: int) -> TrainingPairs:
    """Hits and drums of the hits' roles, `MAX_DRUMS` of each at most, split and ranked.

    Raises `DataError` where a role lacks drums.
    """
    names, labels = source.names, split.roles_of(data)
    split.check_drums(names, labels, data.folder)
    some = split.subsample(np.array(labels), names, MAX_DRUMS, seed)
    data, of_drums = data.subset(some), np.array([names.index(labels[index]) for index in some])
    of_hits = np.array([names.index(role) for role in source.roles])
    hit_features, pictures = beatbox_hits.extract(source.sounds), data.spectrograms()
    struck = _sounds(hit_features.described, of_hits, *split.split_hits(source.files, of_hits, seed))
    drums = _sounds(descriptors.measure(pictures), of_drums, *split.split_drums(data, of_drums, seed))
    prints = metrics.fingerprints(pictures)
    codes = principal_codes(prints, drums, beatbox.Config.code)
    return TrainingPairs(names, struck, hit_features, drums, pictures, prints, codes, data.config, seed)


def quantiles(described: Rows, role: Indices) -> Rows:
    """Return the quantiles `(roles, k, QUANTILES)` of each role and descriptor, for `models.beatbox.Ranking`."""
    even = np.linspace(0, 1, beatbox.QUANTILES)
    return np.stack([np.quantile(described[role == name], even, axis=0).T for name in range(role.max() + 1)])


def principal_codes(prints: Rows, drums: Sounds, size: int) -> Rows:
    """Return what fingerprints say beyond role and ranks, `(n, size)`: principal components, each of spread 1.

    Regression and components are those of the drums that are learned from.
    """
    role = np.eye(drums.role.max() + 1, dtype=np.float32)[drums.role]
    given = np.concatenate((role, (role[:, :, None] * drums.ranks[:, None]).reshape(len(role), -1)), axis=1)
    train = drums.train
    inner = given[train].T @ given[train] + np.eye(given.shape[1])
    rest = prints - given @ np.linalg.solve(inner, given[train].T @ prints[train])
    codes = (rest - rest[train].mean(axis=0)) @ metrics.principal_axes(rest[train], dimensions=size)
    codes /= np.maximum(codes[train].std(axis=0), 1e-3)
    return np.pad(codes, ((0, 0), (0, size - codes.shape[1]))).astype(np.float32)


def _sounds(described: Rows, role: Indices, train: Indices, held_out: Indices) -> Sounds:
    layer = beatbox.Ranking(int(role.max()) + 1, described.shape[1])
    layer.set_weights([quantiles(described[train], role[train])])
    ranks = layer(described, np.eye(role.max() + 1, dtype=np.float32)[role])
    return Sounds(role, keras.ops.convert_to_numpy(ranks), train, held_out)
