"""The networks: shapes and ranges, and that each of the things a training step promises takes place."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import models
from samplegen.errors import ModelError
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.generation.options import OPTIONS_OF_SAMPLING
from samplegen.models import blocks, dcgan, role_classifier
from samplegen.models.registry import KINDS
from samplegen.training import augment_spectrogram, classification, ema, gan
from samplegen.training.methods import METHODS

DCGAN, HEARING = models.CONFIGS["dcgan"], models.CONFIGS["hearing"]
MAPS = {
    "square": models.TINY,
    "wide": SpectrogramConfig(StftConfig(16_000, 128), steps=32, bands=16, seconds=0.5),
    "tall": SpectrogramConfig(StftConfig(16_000, 256), steps=16, bands=64, seconds=0.5),
    "44.1k": SpectrogramConfig(StftConfig.at(44_100)),
}


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)


def batch(count: int = 4, *, seed: int = 0, shape: tuple[int, ...] = models.TINY.shape) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.constant(models.maps(count, seed=seed, shape=shape)), tf.constant(models.role_vectors(count))


def numbers(variables: list) -> list[np.ndarray]:
    return [variable.numpy() for variable in variables]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# ---- what the nets are


@pytest.mark.parametrize("name", MAPS)
def test_shapes_and_ranges(name):
    config = dcgan.Config(MAPS[name], latent=5, widths=(8, 4, 4), style=8)
    latents, (_, wanted) = 100 * tf.random.stateless_normal((3, 5), (0, 0)), batch(3)
    drawn = dcgan.generator(config)([latents, wanted])
    assert drawn.shape == (3, *config.map.shape)
    assert drawn.dtype == np.float32
    assert 0 <= float(ops.min(drawn)) < float(ops.max(drawn)) <= 1
    assert dcgan.discriminator(config)([drawn, wanted]).shape == (3, 1)
    embedding, logits = role_classifier.network(role_classifier.Config(MAPS[name], widths=(4, 4), embedding=6))(drawn)
    assert (embedding.shape, logits.shape) == ((3, 6), (3, 16))
    assert float(ops.max(ops.abs(embedding))) <= 1


@pytest.mark.parametrize("kind", models.CONFIGS)
def test_the_table_of_kinds(kind):
    row, config = KINDS[kind], models.CONFIGS[kind]
    assert row.config is type(config)
    assert row.config(SpectrogramConfig(**row.spectrogram)).map == SpectrogramConfig(**row.spectrogram)
    assert row.network(config).count_params() > 0
    assert row.training in METHODS
    assert row.draws in {"", *OPTIONS_OF_SAMPLING}
    assert ("truncation" in OPTIONS_OF_SAMPLING.get(row.draws, ())) == hasattr(config, "latent")
    if hasattr(config, "latent"):
        drawn = row.generator(row.network(config))([np.ones((3, config.latent)), models.role_vectors(3)])
        assert drawn.shape == (3, *models.TINY.shape)
        assert 0 <= float(ops.min(drawn)) <= float(ops.max(drawn)) <= 1


def test_the_default_sizes_are_far_from_the_bounds():
    for config in (
        dcgan.Config(),
        role_classifier.Config(),
        dcgan.Config(SpectrogramConfig(StftConfig.at(44_100), steps=256, bands=256)),
    ):
        assert config == dataclasses.replace(config)
    assert dcgan.generator(dcgan.Config()).count_params() < 3e6  # what a laptop trains in 20 minutes


@pytest.mark.parametrize("sizes", [{"widths": ()}, {"widths": (8,) * 5}, {"latent": 0}, {"style": 2000}])
def test_sizes_that_do_not_fit_are_refused_before_anything_is_built(sizes):
    with pytest.raises(ModelError):
        dcgan.Config(models.TINY, **sizes)


@pytest.mark.parametrize("config", [(4, 6, 2), (8, 4, 1), (16, 16, 3)])
def test_unfold_undoes_fold(config):
    x = keras.Input(config)
    folded = blocks.fold(x)
    assert folded.shape == (None, config[0] // 2, config[1] // 2, config[2] * 4)
    picture = np.random.default_rng(0).random((2, *config), np.float32)
    np.testing.assert_array_equal(keras.Model(x, blocks.unfold(folded))(picture), picture)
    cell = keras.Model(x, folded)(picture)[0, 1, 1]  # the cells that lie together, and no others
    np.testing.assert_array_equal(np.sort(cell), np.sort(picture[0, 2:4, 2:4].ravel()))


@pytest.mark.parametrize("styled", [False, True])
def test_a_residual_block_begins_near_identity(styled):
    x, style = keras.Input((8, 8, 32)), keras.Input((4,))
    block = keras.Model([x, style], blocks.residual(x, 32, style if styled else None))
    picture = np.random.default_rng(0).standard_normal((4, 8, 8, 32)).astype(np.float32)
    change = np.asarray(block([picture, np.ones((4, 4), np.float32)])) - picture
    # two convolutions keep about 0.5 of the variance each, the second's weights have 0.1 of the usual: 0.05
    assert 0.01 < change.var() / picture.var() < 0.1


def test_the_generator_answers_latent_and_role():
    net, (latents, wanted) = dcgan.generator(DCGAN), (np.eye(4, dtype=np.float32) * 3, models.role_vectors(4))
    plain = np.asarray(net([latents, wanted]))
    assert np.abs(plain - np.asarray(net([latents[::-1], wanted]))).max() > 1e-4
    assert np.abs(plain - np.asarray(net([latents, wanted[::-1]]))).max() > 1e-4


def test_the_discriminator_answers_sound_and_role():
    net, (pictures, wanted) = dcgan.discriminator(DCGAN), batch()
    plain = np.asarray(net([pictures, wanted]))
    assert np.abs(plain - np.asarray(net([pictures[::-1], wanted]))).min() > 1e-4
    assert np.abs(plain - np.asarray(net([pictures, wanted[::-1]]))).min() > 1e-4


# ---- augmentation

CHANGES = {
    "shift": augment_spectrogram.shift_bands,
    "bend": augment_spectrogram.bend_levels,
    "hole": augment_spectrogram.cut_hole,
    "all": augment_spectrogram.augment,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
class TestAugment:
    def test_silence_stays_silent(self, change):
        silent = tf.zeros((64, *models.TINY.shape))
        np.testing.assert_array_equal(change(silent, keras.random.SeedGenerator(0), 1.0), silent)

    def test_a_share_of_none_changes_nothing(self, change):
        pictures, _ = batch(64)
        np.testing.assert_array_equal(change(pictures, keras.random.SeedGenerator(0), 0.0), pictures)

    def test_about_its_share_of_the_sounds_is_touched(self, change):
        pictures, _ = batch(400)
        changed = np.asarray(change(pictures, keras.random.SeedGenerator(0), 0.5))
        touched = (changed != np.asarray(pictures)).any(axis=(1, 2, 3))
        # of 5 shifts one is none; three bends, each for a half, leave one in 8; all together leave one in 27
        expected = {"shift": 0.4, "bend": 0.875, "hole": 0.5, "all": 1 - 0.6 * 0.125 * 0.5}
        wanted = expected[next(name for name, value in CHANGES.items() if value is change)]
        assert abs(touched.mean() - wanted) < 0.1  # 4 standard deviations of 400 throws of a coin

    def test_the_seeds_state_decides(self, change):
        pictures, _ = batch(16)
        seed = keras.random.SeedGenerator(3)
        before = seed.state.numpy()
        one, next_one = change(pictures, seed, 0.7), change(pictures, seed, 0.7)
        assert np.abs(np.asarray(one) - next_one).max() > 0
        seed.state.assign(before)
        np.testing.assert_array_equal(change(pictures, seed, 0.7), one)

    def test_is_differentiable(self, change):
        pictures, _ = batch(16)
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            total = ops.sum(change(pictures, keras.random.SeedGenerator(0), 1.0))
        slope = np.asarray(tape.gradient(total, pictures))
        assert np.isfinite(slope).all()
        assert (slope != 0).mean() > 0.5  # a hole takes a sixteenth, a shift an eighth

    def test_keeps_the_shape_in_a_graph(self, change):
        seed = keras.random.SeedGenerator(0)
        traced = tf.function(lambda x: change(x, seed, 1.0), autograph=False)
        signature = tf.TensorSpec((None, 32, 16, 2), tf.float32)
        assert traced.get_concrete_function(signature).output_shapes[1:] == (32, 16, 2)


def test_a_shift_moves_a_tone_by_whole_cells():
    picture = np.zeros((200, 16, 16, 2), np.float32)
    picture[:, :, 5] = 0.8
    moved = np.asarray(augment_spectrogram.shift_bands(tf.constant(picture), keras.random.SeedGenerator(0), 1.0))
    places = moved[:, 0, :, 0].argmax(axis=1)
    assert set(places) == set(range(5 - augment_spectrogram.MAX_BAND_SHIFT, 5 + augment_spectrogram.MAX_BAND_SHIFT + 1))
    for one, place in zip(moved, places, strict=True):  # the same for all steps and both channels, nothing between
        np.testing.assert_array_equal(one[:, place], picture[0, :, 5])
        assert one.sum() == picture[0].sum()


def test_a_shift_lets_silence_in():
    moved = np.asarray(augment_spectrogram.shift_bands(tf.ones((200, 16, 16, 2)), keras.random.SeedGenerator(0), 1.0))
    silent = (moved == 0).all(axis=(1, 3))
    assert {tuple(np.flatnonzero(row)) for row in silent} == {(), (0,), (0, 1), (14, 15), (15,)}


def test_a_bend_touches_levels_only_and_by_no_more_than_it_says():
    pictures = tf.fill((300, 16, 16, 2), 0.5)
    change = np.asarray(augment_spectrogram.bend_levels(pictures, keras.random.SeedGenerator(0), 1.0)) - 0.5
    assert np.abs(change[..., 1]).max() == 0
    most = (
        augment_spectrogram.MAX_LEVEL + augment_spectrogram.MAX_DECAY + augment_spectrogram.MAX_TILT / 2
    )  # at the end of time, in an outer band
    assert 0.6 * most < np.abs(change).max() <= most
    assert (
        np.abs(change[:, 0, 8]).max() < augment_spectrogram.MAX_LEVEL + augment_spectrogram.MAX_TILT / 10
    )  # at the start, in the middle


def test_a_hole_is_one_rectangle():
    holes = np.asarray(augment_spectrogram.cut_hole(tf.ones((200, 16, 32, 2)), keras.random.SeedGenerator(0), 1.0)) == 0
    sides = []
    for hole in holes:
        rows, columns = hole.any(axis=(1, 2)), hole.any(axis=(0, 2))
        np.testing.assert_array_equal(hole, (rows[:, None] & columns[None])[..., None] & [True, True])
        sides.append((rows.sum(), columns.sum()))
    assert tuple(np.max(sides, axis=0)) in {(4, 8), (4, 7)}  # a quarter of either side


# ---- the adversarial step


def learner(*, classifier: keras.Model | None = None, seed: int = 0) -> gan.GanLearner:
    keras.utils.set_random_seed(seed)
    return gan.GanLearner(
        lambda: (dcgan.generator(DCGAN), dcgan.discriminator(DCGAN)), DCGAN.latent, classifier=classifier, seed=seed
    )


def frozen_classifier() -> keras.Model:
    net = role_classifier.network(HEARING)
    return keras.Model(net.input, net.output[1])


def test_a_step_changes_both_nets_and_the_average():
    ours = learner()
    parts = ours.generator, ours.discriminator, ours.average
    before = [numbers(part.variables) for part in parts]
    losses = ours.train_step(batch())
    assert losses.keys() == {"generator", "discriminator", "penalty"}
    assert all(np.isfinite(float(value)) for value in losses.values())
    for part, old in zip(parts, before, strict=True):
        changed = [not np.array_equal(a, b) for a, b in zip(numbers(part.variables), old, strict=True)]
        assert np.mean(changed) > 0.8, part.name
    assert float(ours.steps) == 1


def test_the_average_starts_as_the_generator_and_follows_it():
    ours = learner()
    start = numbers(ours.generator.variables)
    assert same(numbers(ours.average.variables), start)
    ours.train_step(batch())
    keep = 2 / 11  # (1 + steps) / (10 + steps)
    expected = [keep * a + (1 - keep) * b.numpy() for a, b in zip(start, ours.generator.variables, strict=True)]
    for value, wanted in zip(ours.average.variables, expected, strict=True):
        np.testing.assert_allclose(value, wanted, atol=1e-6)  # float32
    ours.steps.assign(1e6)
    before = numbers(ours.average.variables)
    ema.follow(ours.average, ours.generator, ours.steps)
    for value, old, fast in zip(ours.average.variables, before, ours.generator.variables, strict=True):
        np.testing.assert_allclose(value, old + 0.001 * (fast.numpy() - old), atol=1e-6)


def test_the_penalty_is_what_finite_differences_give():
    ours = learner()
    pictures, wanted = batch(2)
    penalty, total = float(ours._steepness(pictures, wanted)), 0.0
    step = 0.01  # large enough for float32; the net is piecewise linear but for the kinks of its rectifiers
    for picture, vector in zip(np.asarray(pictures), np.asarray(wanted), strict=True):
        nudges = step * np.eye(picture.size, dtype=np.float32).reshape(-1, *picture.shape)
        vectors = np.tile(vector, (len(nudges), 1))
        up, down = (np.asarray(ours.discriminator([picture + side * nudges, vectors]))[:, 0] for side in (1, -1))
        total += np.sum(((up - down) / (2 * step)) ** 2)
    assert penalty == pytest.approx(total / 2, rel=0.02)  # the kinks


def test_the_penalty_flattens_the_discriminator(monkeypatch):
    monkeypatch.setattr(gan, "PENALTY_WEIGHT", 1000.0)
    ours, given = learner(), batch(8)
    ours.optimizers[1].learning_rate = 3e-3
    step = tf.function(ours._train_discriminator)
    slopes = [float(step(*given)[1]) for _ in range(20)]
    assert np.mean(slopes[-3:]) < 0.3 * np.mean(slopes[:3])


def test_each_net_is_taught_toward_its_own_end():
    """Steps of one alone lower its loss, by at least a fourteenth of the log 2 at which neither is ahead."""
    ours, given = learner(), batch(8)
    for optimizer in ours.optimizers:
        optimizer.learning_rate = 3e-3
    discriminate, generate = tf.function(ours._train_discriminator), tf.function(ours._train_generator)
    for losses in ([float(discriminate(*given)[0]) for _ in range(30)], [float(generate(*given)) for _ in range(30)]):
        assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.05


def test_the_classifier_is_used_but_never_trained():
    ear = frozen_classifier()
    ear.trainable = False
    deaf, ours = learner(), learner(classifier=ear)
    before = numbers(ear.variables)
    for net in (deaf, ours):
        net.train_step(batch())
    assert same(numbers(ear.variables), before)
    assert not same(numbers(ours.generator.variables), numbers(deaf.generator.variables))
    assert same(numbers(ours.discriminator.variables), numbers(deaf.discriminator.variables))  # it has no part in this
    assert not {id(v) for v in ear.variables} & {id(v) for v in ours.state}


def test_the_classifier_pulls_the_generator_toward_the_role(monkeypatch):
    monkeypatch.setattr(gan, "ROLE_WEIGHT", 1000.0)
    monkeypatch.setattr(gan, "AUGMENTED_SHARE", 0.0)
    ours, given = learner(classifier=frozen_classifier()), batch(8)
    ours.classifier.trainable = False
    ours.optimizers[0].learning_rate = 0.01
    step = tf.function(ours._train_generator)

    def missed() -> float:
        both, wanted = ours._beside_generated(*given)
        return float(ours._role_loss(both, wanted))

    before = np.mean([missed() for _ in range(5)])
    for _ in range(40):
        step(*given)
    assert np.mean([missed() for _ in range(5)]) < before - 0.02


@pytest.mark.parametrize("kind", ["adversarial", "tagging"])
def test_the_state_is_all_that_the_next_step_depends_on(kind):
    """Another learner, built from another seed, makes the same step once it has the state."""

    def make(seed: int):
        if kind == "adversarial":
            return learner(seed=seed)
        keras.utils.set_random_seed(seed)
        return classification.ClassifierLearner(role_classifier.network(HEARING), seed=seed)

    one, other = make(0), make(1)
    one.train_step(batch())
    assert not same(numbers(one.state), numbers(other.state))
    for ours, theirs in zip(other.state, numbers(one.state), strict=True):
        ours.assign(theirs)
    ours, theirs = (learner.train_step(batch(seed=9)) for learner in (one, other))
    assert {name: float(loss) for name, loss in ours.items()} == {name: float(loss) for name, loss in theirs.items()}
    assert same(numbers(one.state), numbers(other.state))
    assert same(numbers(one.result.weights), numbers(other.result.weights))


@pytest.mark.parametrize("kind", ["adversarial", "tagging"])
def test_slow_down(kind):
    ours = learner() if kind == "adversarial" else classification.ClassifierLearner(role_classifier.network(HEARING))
    before = [float(optimizer.learning_rate) for optimizer in ours.optimizers]
    ours.slow_down(0.25)
    assert [float(o.learning_rate) for o in ours.optimizers] == pytest.approx([rate / 4 for rate in before])


# ---- tagging


def separable(count: int, *, seed: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Four roles, each loud in a quarter of the bands."""
    rng = np.random.default_rng(seed)
    role = rng.integers(0, 4, count)
    pictures = rng.uniform(0, 0.3, (count, *models.TINY.shape)).astype(np.float32)
    for picture, number in zip(pictures, role, strict=True):
        picture[:, 4 * number : 4 * number + 4] += 0.6
    return tf.constant(pictures), tf.constant(np.eye(16, dtype=np.float32)[role])


def accuracy(net: keras.Model, given: tuple[tf.Tensor, tf.Tensor]) -> float:
    return float(np.mean(np.argmax(net(given[0])[1], axis=1) == np.argmax(given[1], axis=1)))


def test_tagging_learns_what_can_be_learned():
    ours = classification.ClassifierLearner(
        role_classifier.network(role_classifier.Config(models.TINY, widths=(16, 16), embedding=16))
    )
    for optimizer in ours.optimizers:
        optimizer.learning_rate = 0.01
    unseen = separable(200, seed=99)
    assert accuracy(ours.result, unseen) < 0.6  # of four equally likely ones
    step = tf.function(ours.train_step)
    losses = [float(step(separable(32, seed=number))["loss"]) for number in range(80)]
    assert accuracy(ours.result, unseen) > 0.9
    assert np.mean(losses[-10:]) < 0.75 * np.mean(losses[:10])


def test_mixing_keeps_sounds_and_roles_together():
    ours = classification.ClassifierLearner(role_classifier.network(HEARING))
    pictures = np.zeros((64, *models.TINY.shape), np.float32)
    pictures[::2] = 1.0  # all of role 0 are loud, all of role 1 silent
    wanted = np.eye(16, dtype=np.float32)[np.arange(64) % 2]
    mixed, shares = (np.asarray(part) for part in ours._mix(tf.constant(pictures), tf.constant(wanted)))
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(mixed, np.broadcast_to(shares[:, 0, None, None, None], mixed.shape), atol=1e-6)
    assert ((shares.max(axis=1) < 0.99).mean()) > 0.2  # some are mixed ...
    assert (shares.max(axis=1) > 0.9).mean() > 0.4  # ... most of them a little
