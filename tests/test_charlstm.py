"""The language model of frames: tokens, what it learns, and what it writes under every option."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

import models
from samplegen.errors import ModelError, OptionError
from samplegen.features import spectrogram
from samplegen.features.spectrogram import LEVEL, NOISINESS
from samplegen.generation import autoregressive, sample
from samplegen.generation.options import OPTIONS_OF_SAMPLING, GenerateOptions, check_options
from samplegen.models import charlstm, codebook
from samplegen.models.registry import KINDS
from samplegen.models.token_sampling import TokenSampler
from samplegen.training import language_model

CONFIG = models.CONFIGS["charlstm"]
STEPS = CONFIG.map.steps


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)


def sounds(count: int, *, length: int = STEPS, seed: int = 0) -> np.ndarray:
    """Maps that fall silent after `length` steps."""
    pictures = models.maps(count, seed=seed, shape=CONFIG.map.shape) + np.float32(0.05)
    pictures[:, length:] = 0
    return np.clip(pictures, 0, 1)


def fitted(config: charlstm.Config = CONFIG, pictures: np.ndarray | None = None) -> keras.Model:
    """An untrained net whose codebook knows some sounds, and whose begin is not silence."""
    net = charlstm.network(config)
    frames = np.concatenate(codebook.sounding(sounds(30) if pictures is None else pictures))
    net.get_layer(codebook.NAME).fit(frames, seed=0)
    for weight in net.trainable_variables:  # the usual first weights leave all odds nearly even
        weight.assign(np.random.default_rng(weight.shape[0]).normal(0, 0.5, weight.shape))
    return net


def book_of(stages: int, codes: int, pictures: np.ndarray) -> codebook.Codebook:
    book = codebook.Codebook(stages, codes, CONFIG.width)
    book.fit(np.concatenate(codebook.sounding(pictures)), seed=0)
    return book


def error(stages: int, codes: int) -> float:
    """Error of levels of sounds never seen when they come back from their tokens."""
    book, unseen = book_of(stages, codes, sounds(60)), sounds(20, seed=9)
    back = codebook.pictures(np.asarray(book(book.spell(unseen)[0]))[:, :, -1])
    return float(np.abs(back - unseen)[..., LEVEL].mean())


# ---- tokens


def test_the_error_falls_with_codes_and_stages():
    few, more, staged = error(1, 4), error(1, 32), error(2, 32)
    assert staged < 0.95 * more < 0.9 * few  # noise of 32 numbers a frame: no codebook gets far


def test_a_frame_that_is_a_code_comes_back_as_it_was():
    book = book_of(1, 8, sounds(30))
    frames = np.asarray(book.codes)
    np.testing.assert_array_equal(np.asarray(book.tokens(frames))[0, :, 0], np.arange(8))
    np.testing.assert_allclose(np.asarray(book(book.tokens(frames)))[0, :, 0], frames[0], atol=1e-6)


def test_frames_and_pictures_are_two_ways():
    pictures = sounds(3)
    np.testing.assert_allclose(codebook.pictures(np.asarray(codebook.frames(pictures))), pictures, atol=1e-6)


def test_a_map_is_as_long_as_it_sounds():
    net, pictures = fitted(), np.concatenate([sounds(1, length=5), sounds(1, length=9), sounds(1, length=0)])
    pictures[0, 2, :, LEVEL] = 0  # a rest is no end
    tokens, lengths = net.get_layer(codebook.NAME).spell(pictures)
    assert lengths.numpy().tolist() == [5, 9, 1]
    assert tokens.shape == (3, 9, 2)
    assert [len(rows) for rows in codebook.spelled(net, pictures)] == [5, 9, 1]
    assert [len(rows) for rows in codebook.sounding(pictures)] == [5, 9, 1]


def test_more_codes_than_frames_are_all_numbers():
    net = fitted(CONFIG, sounds(1, length=3))
    assert np.isfinite(net.get_layer(codebook.NAME).codes.numpy()).all()


def test_the_same_seed_fits_the_same_codes():
    one, other = fitted(), fitted()
    np.testing.assert_array_equal(*(net.get_layer(codebook.NAME).codes.numpy() for net in (one, other)))


# ---- the net


def test_what_comes_next_hangs_on_what_was_and_on_the_role():
    net, roles = fitted(), models.role_vectors(1)
    tokens = np.random.default_rng(0).integers(0, 8, (1, 6, 2)).astype(np.int32)
    other = tokens.copy()
    other[0, 3] = (other[0, 3] + 1) % 8
    (first, second), (first2, second2) = ([np.asarray(x) for x in net([t, roles])] for t in (tokens, other))
    assert (first.shape, second.shape) == ((1, 7, 9), (1, 6, 8))
    np.testing.assert_array_equal(first[:, :4], first2[:, :4])  # what is told of frame 3 has not heard it
    np.testing.assert_array_equal(second[:, :3], second2[:, :3])
    assert np.abs(first - first2)[:, 4:].min(axis=-1).max() > 0
    assert np.abs(second - second2)[:, 3].max() > 0  # the second code hears the first of its frame
    assert np.abs(np.asarray(net([tokens, models.role_vectors(2)[1:]])[0]) - first).max() > 0


@pytest.mark.parametrize("shape", [{}, {"layers": 1}, {"stages": 3, "layers": 3}])
def test_the_writer_is_the_net(shape):
    """Numpy, step by step, says what Keras says of the whole."""
    net = fitted(config := replace(CONFIG, **shape))
    tokens = np.random.default_rng(1).integers(0, 8, (3, 5, config.stages)).astype(np.int32)
    roles = models.role_vectors(3)
    told = [np.asarray(logits) for logits in net([tokens, roles])]
    sums = np.asarray(net.get_layer(codebook.NAME)(tokens))
    writer = autoregressive.NetworkState(net, roles)
    writer.read(np.tile(writer.begin, (3, 1)))
    for step in range(5):
        np.testing.assert_allclose(writer.logits(0), told[0][:, step], atol=1e-4)  # float32
        for stage in range(1, config.stages):
            np.testing.assert_allclose(writer.logits(stage, sums[:, step, stage - 1]), told[stage][:, step], atol=1e-4)
        writer.read(sums[:, step, -1])


# ---- learning


def even_odds(steps: int) -> list[tf.Tensor]:
    return [tf.zeros((2, steps + 1, 9)), tf.zeros((2, steps, 8))]


def test_bits_are_of_frames_and_ends_and_nothing_after():
    tokens, lengths = tf.ones((2, 6, 2), tf.int32), tf.constant([4, 6])
    spent, events = language_model.bits(even_odds(6), tokens, lengths, whole=6)
    # the second fills its map, which may have cut it off: it has no end
    np.testing.assert_allclose(events, [5, 6])
    np.testing.assert_allclose(spent, [5 * np.log2(9) + 4 * 3, 6 * np.log2(9) + 6 * 3], rtol=1e-5)
    logits = even_odds(6)
    logits[0] = logits[0] + tf.constant([0.0] * 5 + [50.0] * 2)[None, :, None] * tf.one_hot(3, 9)
    logits[1] = logits[1] + tf.constant([0.0] * 4 + [50.0] * 2)[None, :, None] * tf.one_hot(3, 8)
    np.testing.assert_allclose(language_model.bits(logits, tokens, lengths, whole=6)[0][0], spent[0], rtol=1e-5)


def test_the_end_is_the_last_code():
    logits = even_odds(4)
    logits[0] = logits[0] + 50.0 * tf.one_hot(8, 9)
    tokens = tf.ones((2, 4, 2), tf.int32)
    spent, _ = language_model.bits(logits, tokens, tf.constant([0, 0]), whole=9)
    np.testing.assert_allclose(spent, 0, atol=1e-5)


def test_of_a_sound_that_had_begun_before_the_first_frame_is_not_told():
    tokens, lengths = tf.ones((2, 6, 2), tf.int32), tf.constant([4, 6])
    spent, events = language_model.bits(even_odds(6), tokens, lengths, whole=6, begun=tf.constant([1, 1]))
    np.testing.assert_allclose(events, [4, 5])
    np.testing.assert_allclose(spent, [4 * np.log2(9) + 3 * 3, 5 * np.log2(9) + 5 * 3], rtol=1e-5)


def test_a_long_sound_is_learned_a_stretch_at_a_time(monkeypatch):
    monkeypatch.setattr(language_model, "WINDOW_STEPS", 4)
    pictures = np.repeat(sounds(1, length=10), 200, axis=0)
    stretches, begun = (np.asarray(x) for x in language_model._window(pictures, keras.random.SeedGenerator(0)))
    assert stretches.shape == (200, 4, *CONFIG.map.shape[1:])
    starts = [next(s for s in range(9) if np.array_equal(stretch, pictures[0, s : s + 4])) for stretch in stretches]
    assert set(starts) == set(range(9))  # up to where half of it is over
    np.testing.assert_array_equal(np.array(starts) > 0, begun == 1)
    assert np.mean(begun == 0) > 1 / 3
    ours = learner()
    assert np.isfinite(float(ours.train_step((tf.constant(pictures[:8]), lesson()[1]))["bits"]))


def learner(*, seed: int = 0, pictures: np.ndarray | None = None) -> language_model.LanguageModelLearner:
    keras.utils.set_random_seed(seed)
    frames = np.concatenate(codebook.sounding(sounds(30) if pictures is None else pictures))
    return language_model.LanguageModelLearner(lambda: charlstm.network(CONFIG), frames, seed=seed)


def lesson(length: int = 5) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.constant(sounds(8, length=length)), tf.constant(models.role_vectors(8))


def test_the_end_is_learned_and_kept(monkeypatch):
    """Sounds of five steps are learned as such, and what is written has five, and then nothing."""
    monkeypatch.setattr(language_model, "EMA_DECAY", 0.9)
    ours = learner(pictures=sounds(8, length=5))
    ours.optimizers[0].learning_rate = 0.02
    step = tf.function(ours.train_step)
    losses = [float(step(lesson())["bits"]) for _ in range(120)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) - 1  # the ends alone are worth that much
    drawn = autoregressive.sample_spectrograms(
        ours.result, models.role_vectors(40), TokenSampler(), np.random.default_rng(0), steps=STEPS
    )
    lengths = np.array([len(rows) for rows in codebook.sounding(drawn)])
    assert np.mean(lengths == 5) > 0.8  # the rest of the odds, at a temperature of 1
    assert all(not picture[length:].any() for picture, length in zip(drawn, lengths, strict=True))


def test_the_state_is_all_that_the_next_step_depends_on():
    one, other = learner(), learner(seed=1)
    one.train_step(lesson())
    values = [variable.numpy() for variable in one.state]
    for variable, value in zip(other.state, values, strict=True):
        variable.assign(value)
    ours, theirs = (float(each.train_step(lesson(7))["bits"]) for each in (one, other))
    assert ours == theirs
    for a, b in zip(one.result.get_weights(), other.result.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_no_step_touches_the_codes_and_every_step_the_average():
    ours = learner()
    before = [weight.numpy() for weight in ours.result.weights]
    ours.train_step(lesson())
    for weight, old in zip(ours.result.weights, before, strict=True):
        assert np.array_equal(weight, old) == (tuple(weight.shape) == (2, 8, CONFIG.width)), weight.path


def test_slow_down():
    ours = learner()
    before = float(ours.optimizers[0].learning_rate)
    ours.slow_down(0.5)
    assert float(ours.optimizers[0].learning_rate) == pytest.approx(before / 2)


# ---- choosing


LOGITS = np.log(np.array([[0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]], np.float32))


@pytest.mark.parametrize(
    ("sampler", "first", "second"),
    [
        (TokenSampler(), [0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]),
        (TokenSampler(temperature=0), [1, 0, 0, 0], [0, 0, 0, 1]),
        (TokenSampler(top_k=1), [1, 0, 0, 0], [0, 0, 0, 1]),
        (TokenSampler(top_k=2), [0.625, 0.375, 0, 0], [0, 0, 3 / 7, 4 / 7]),
        (TokenSampler(top_k=99), [0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]),
        (TokenSampler(top_p=0.6), [0.625, 0.375, 0, 0], [0, 0, 3 / 7, 4 / 7]),
        (TokenSampler(top_p=0.01), [1, 0, 0, 0], [0, 0, 0, 1]),
        (
            TokenSampler(temperature=0.5),
            np.square([0.5, 0.3, 0.15, 0.05]) / 0.365,
            np.square([0.1, 0.2, 0.3, 0.4]) / 0.3,
        ),
    ],
)
def test_probabilities(sampler, first, second):
    np.testing.assert_allclose(sampler.probabilities(LOGITS), [first, second], atol=1e-6)


def test_codes_are_drawn_as_often_as_their_odds():
    many = np.repeat(LOGITS[:1], 4000, axis=0)
    drawn = TokenSampler(top_k=3).sample(many, np.random.default_rng(0))
    shares = np.bincount(drawn, minlength=4) / 4000
    np.testing.assert_allclose(shares[:3], np.array([0.5, 0.3, 0.15]) / 0.95, atol=0.03)  # 4 standard deviations
    assert shares[3] == 0


def test_lives_are_even_odds_and_nearer_to_the_middle_the_colder():
    rng = np.random.default_rng(0)
    spread = [np.ptp(TokenSampler(temperature=t).survivals(1000, rng)) for t in (0, 0.5, 1, 2)]
    assert spread == pytest.approx([0, 0.5, 1, 1], abs=0.01)
    assert set(TokenSampler(top_k=1).survivals(9, rng)) == {0.5}


# ---- writing


def written(
    net: keras.Model, count: int = 6, *, seed: int = 0, sampler: TokenSampler | None = None, **options
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    options = {"steps": STEPS} | options
    return autoregressive.sample_spectrograms(
        net, models.role_vectors(count), sampler or TokenSampler(), rng, **options
    )


def endless(net: keras.Model) -> keras.Model:
    net.get_layer("head0").bias.assign([0.0] * 8 + [-50.0])
    return net


def test_the_same_seed_writes_the_same():
    net = endless(fitted())
    one = written(net)
    assert one.shape == (6, *CONFIG.map.shape)
    assert 0 <= one.min() < one.max() <= 1
    np.testing.assert_array_equal(one, written(net))
    assert np.abs(one - written(net, seed=1)).max() > 0.01


@pytest.mark.parametrize("sampler", [TokenSampler(temperature=0), TokenSampler(top_k=1)])
def test_the_likeliest_is_always_the_same(sampler):
    net = endless(fitted())
    np.testing.assert_array_equal(written(net, sampler=sampler), written(net, sampler=sampler, seed=1))


def test_temperature_spreads():
    net = endless(fitted())
    spread = [written(net, 40, sampler=TokenSampler(temperature=t)).std(axis=0).mean() for t in (0, 0.5, 1, 2)]
    assert spread == sorted(spread)


def test_a_sound_ends_when_it_has_begun_at_the_earliest():
    net = fitted()
    net.get_layer("head0").bias.assign([0.0] * 8 + [50.0])
    assert [len(rows) for rows in codebook.sounding(written(net))] == [1] * 6
    prime = sounds(1)[0, :4]
    assert [len(rows) for rows in codebook.sounding(written(net, prime=prime))] == [4] * 6


def test_a_prime_is_kept_and_gone_on_from():
    net = endless(fitted())
    prime, other = sounds(2, length=6, seed=5)[:, :6]
    likeliest = TokenSampler(temperature=0)
    one, two = (written(net, 4, sampler=likeliest, prime=p) for p in (prime, other))
    np.testing.assert_array_equal(one[:, :6], np.tile(prime, (4, 1, 1, 1)))
    assert one[:, 6:].any(axis=(2, 3)).all()
    assert np.abs(one[:, 6:] - two[:, 6:]).max() > 0.01
    np.testing.assert_array_equal(written(net, 1, steps=3, prime=prime)[0], prime[:3])


def test_a_primed_writer_has_read_the_tokens_of_the_prime():
    """Sounds that go on from their own head are what they were before."""
    net = endless(fitted())
    whole = written(net, 1, sampler=TokenSampler(temperature=0))
    again = written(net, 1, sampler=TokenSampler(temperature=0), prime=whole[0, :7])
    np.testing.assert_allclose(again, whole, atol=1e-6)


def test_more_sounds_than_fit_in_a_block(monkeypatch):
    net = endless(fitted())
    monkeypatch.setattr(autoregressive, "_SOUNDS_AT_A_TIME", 4)
    assert written(net, 10).shape == (10, *CONFIG.map.shape)


# ---- as a model


@pytest.fixture(scope="module")
def ear(tmp_path_factory):
    return models.save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")


@pytest.fixture
def model(tmp_path, ear, monkeypatch):
    monkeypatch.setattr(sample.classify, "shipped", lambda: ear)
    model = models.save(tmp_path / "m", "charlstm", training=models.training_on({"kick": 8}))
    model.network.set_weights(endless(fitted()).get_weights())
    return model


@pytest.mark.parametrize(("seconds", "sounding"), [(None, 16), (0.05, 4), (0.25, 16), (1.0, 64)])
def test_sounds_are_as_long_as_asked(model, seconds, sounding):
    drawn = sample.draw(model, models.role_vectors(2), options=GenerateOptions(seconds=seconds))
    assert drawn.shape[1] == max(16, sounding)
    assert [len(rows) for rows in codebook.sounding(drawn)] == [sounding] * 2


def test_a_long_sound_is_finished_at_its_length(model):
    from samplegen.generation.generate import generate

    (sound,) = generate(model, 1, options=GenerateOptions(seconds=1.0), rate=16_000)
    assert 0.5 < len(sound.samples) / 16_000 < 1.1  # the ending may be quiet


def test_a_primer_is_the_beginning_of_a_file(model, tmp_path):
    import soundfile
    from conftest import kick

    from samplegen.generation.generate import generate, primer

    sound = np.concatenate([np.zeros(4410, np.float32), kick()])
    soundfile.write(tmp_path / "kick.wav", sound, 44_100)
    prime = primer(model, tmp_path / "kick.wav", 0.1)
    assert prime.shape == (7, *CONFIG.map.shape[1:])  # 0.1 of 0.25 seconds in 16 steps
    assert prime[0, :, LEVEL].any()
    (drawn,) = sample.draw(model, models.role_vectors(1), options=GenerateOptions(prime=prime))
    np.testing.assert_array_equal(drawn[:7, :, NOISINESS], prime[..., NOISINESS])  # levels may be raised as one
    assert generate(model, 1, options=GenerateOptions(prime=prime))
    with pytest.raises(OptionError, match="cannot be kept"):
        primer(model, tmp_path / "kick.wav", 0)
    with pytest.raises(OptionError, match="a model of kind dcgan does not know prime; a model of kind charlstm does"):
        primer(models.save(tmp_path / "gan"), tmp_path / "kick.wav", 0.1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"temperature": -0.1}, "temperature is -0.1; choose from 0 to 2"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_k": -1}, "top_k is -1"),
        ({"top_p": 0}, "top_p is 0; choose from 0.01 to 1"),
        ({"seconds": 11}, "seconds is 11; choose from 0.05 to 10"),
    ],
)
def test_options_out_of_range(options, words):
    with pytest.raises(OptionError, match=words):
        GenerateOptions(**options)


@pytest.mark.parametrize("way", OPTIONS_OF_SAMPLING)
def test_options_of_another_way_are_refused(way):
    kind = next(name for name, row in KINDS.items() if row.draws == way)
    own = {
        "truncation": 0.5,
        "average": 3,
        "temperature": 0.5,
        "top_k": 3,
        "top_p": 0.5,
        "seconds": 1.0,
        "prime": sounds(1)[0],
    }
    for name, value in own.items():
        asked = GenerateOptions(**{name: value}).set_options
        assert asked == [name]
        if name in OPTIONS_OF_SAMPLING[way]:
            check_options(kind, asked)
        else:
            with pytest.raises(OptionError, match=f"of kind {kind} does not know {name}"):
                check_options(kind, asked)
    assert GenerateOptions().set_options == GenerateOptions(temperature=1.0, top_k=0).set_options == []


@pytest.mark.parametrize(
    "sizes",
    [
        {"map": models.TINY},
        {"codes": 1}, {"codes": 2000}, {"stages": 1}, {"stages": 5}, {"units": 5000}, {"layers": 9}, {"dropout": 1.0},
        {"units": 1024, "layers": 4},
        {"units": 1024, "map": spectrogram.SpectrogramConfig(steps=2048, seconds=10.0, spacing="even")},
    ],
)  # fmt: skip
def test_sizes_that_cannot_be_are_refused_before_anything_is_built(sizes):
    with pytest.raises(ModelError):
        replace(CONFIG, **sizes)


def test_the_default_net_is_small():
    assert charlstm.network(charlstm.Config()).count_params() < 1.5e6  # what a laptop trains in 20 minutes
