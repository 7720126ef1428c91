"""Sounds between sounds: the mixes by their definition, paths that begin and end with the sounds given."""

import numpy as np
import pytest
from conftest import kick, snare

import models
from samplegen.arrays import Array
from samplegen.audio import onsets
from samplegen.errors import ModelError, OptionError
from samplegen.features import spectrogram
from samplegen.features.spectrogram import LEVEL
from samplegen.generation import interpolation, inversion
from samplegen.generation.blending import envelope, lerp, mask, slerp
from samplegen.generation.interpolation import MODES, interpolate, vary
from samplegen.models import classify, store
from samplegen.models.autoencoder import DENSITY
from samplegen.models.model import ENCODER, Model
from samplegen.models.registry import KINDS
from samplegen.training import checkpoints, finish
from samplegen.training import inversion as training_inversion
from samplegen.training.workplace import Workplace

RATE, CONFIG = models.TINY.stft.rate, models.TINY


@pytest.fixture(scope="module", params=["dcgan", "autoencoder"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    model = models.save(tmp_path_factory.mktemp("model") / request.param, request.param)
    # at the start of a training all sounds are painted nearly alike, from codes that are all the same
    model.network.set_weights([2 * weight for weight in model.network.get_weights()])
    if request.param == "autoencoder":
        codes = np.random.default_rng(0).standard_normal((99, model.config.code)).astype(np.float32)
        model.network.get_layer(DENSITY).fit(codes, models.role_vectors(99))
    return model


@pytest.fixture(autouse=True)
def _quick(tmp_path_factory, monkeypatch):
    ear = models.save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")
    monkeypatch.setattr(classify, "shipped", lambda: ear)
    monkeypatch.setattr(inversion.invert, "__kwdefaults__", {"steps": 10, "seed": 0})


@pytest.fixture(scope="module")
def sounds() -> list[Array]:
    return [make(RATE, seconds=0.25) for make in (kick, snare)]


def seen(sound: Array) -> Array:
    """The level of a sound's map from its attack on."""
    return spectrogram.encode(sound[onsets.find_onset(sound, RATE) :], CONFIG)[..., LEVEL]


# ---- mixes


@pytest.mark.parametrize("mix", [lerp, slerp, mask])
def test_a_mix_begins_with_the_one_and_ends_with_the_other(mix):
    one, other = np.random.default_rng(0).standard_normal((2, 9)).astype(np.float32)
    np.testing.assert_allclose(mix(one, other, 0.0), one, atol=1e-6)
    np.testing.assert_allclose(mix(one, other, 1.0), other, atol=1e-6)


def test_slerp_keeps_to_the_sphere_and_lerp_does_not():
    one, other = np.eye(4, dtype=np.float32)[:2]
    assert np.linalg.norm(slerp(one, other, 0.5)) == pytest.approx(1)
    np.testing.assert_allclose(slerp(one, other, 1 / 3)[:2], [np.cos(np.pi / 6), np.sin(np.pi / 6)], atol=1e-6)
    assert np.linalg.norm(lerp(one, other, 0.5)) == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("factor", [1.0, -1.0, 0.0])
def test_slerp_where_there_is_no_arc(factor):
    one = np.ones(3, np.float32)
    np.testing.assert_allclose(slerp(one, factor * one, 0.25), lerp(one, factor * one, 0.25), atol=1e-6)


def test_mask_takes_what_differs_most_first():
    one, other = np.zeros(4, np.float32), np.array([1, -4, 3, 2], np.float32)
    np.testing.assert_array_equal(mask(one, other, 0.25), [0, -4, 0, 0])
    np.testing.assert_allclose(mask(one, other, 0.375), [0, -4, 1.5, 0])
    np.testing.assert_array_equal(mask(one, other, 0.75), [0, -4, 3, 2])


def decay(steps: int) -> Array:
    """A map that falls to nothing in so many of 16 steps, in the lowest quarter of the bands."""
    picture = np.zeros(CONFIG.shape, np.float32)
    picture[:steps, :4, LEVEL] = np.linspace(1, 0, steps, endpoint=False)[:, None]
    return picture


def test_an_envelope_is_stretched_and_not_added():
    short, long = decay(4), decay(12)
    between = envelope(short, long, 0.5)[:, 0, LEVEL]
    expected = decay(8)[:, 0, LEVEL]
    added = lerp(short, long, 0.5)[:, 0, LEVEL]
    # cells are read between their centres, which rounds the corners; a sum of the two is 0.06 off
    assert np.abs(between - expected).mean() < 0.03
    assert np.abs(added - expected).mean() > 0.05
    assert (np.diff(between) <= 1e-6).all()  # one decay, no second step in it


@pytest.mark.parametrize("place", [0.0, 1.0])
def test_an_envelope_ends_with_the_sounds_given(place):
    one, other = (picture.astype(np.float32) for picture in models.maps(2))
    # read between cells, up to a twentieth of a cell beside their centres
    assert np.abs(envelope(one, other, place) - (other if place else one)).mean() < 0.05


# ---- paths


@pytest.mark.parametrize("mode", MODES)
def test_both_ends_come_back(model, sounds, mode):
    path = interpolate(model, sounds, steps=3, mode=mode).sounds
    apart = np.abs(seen(sounds[0]) - seen(sounds[1])).mean()
    assert len(path) == 3
    for end, sound in ((path[0], sounds[0]), (path[-1], sounds[1])):
        # an analysis of what was inverted is about 0.02 off here, the two sounds are 0.2 apart
        assert np.abs(seen(end) - seen(sound)).mean() < 0.25 * apart


def test_the_middle_is_what_the_network_paints(model, sounds, monkeypatch):
    monkeypatch.setattr(interpolation, "_OVERSAMPLING", 1)  # a sound beside the middle may be kept otherwise
    middle = interpolate(model, sounds, steps=3, mode="lerp").sounds[1]
    pictures = np.stack([spectrogram.encode(interpolation._aligned(sound, model), CONFIG) for sound in sounds])
    codes = inversion.invert(model, pictures).codes
    painted = inversion.decode_codes(model, codes.mean(axis=0, keepdims=True))
    expected = spectrogram.decode([painted[0], painted[0]], CONFIG)[1]  # the second of a batch has the path's noise
    np.testing.assert_allclose(middle, expected, atol=1e-3)


def test_codes_are_mixed_as_suits_the_kind(model, sounds):
    usual = interpolate(model, sounds, steps=3).sounds[1]
    by_mode = {mode: interpolate(model, sounds, steps=3, mode=mode).sounds[1] for mode in ("lerp", "slerp")}
    suits = {"dcgan": "slerp", "autoencoder": "lerp"}[model.card.kind]
    other = by_mode["slerp" if suits == "lerp" else "lerp"]
    np.testing.assert_array_equal(usual, by_mode[suits])
    assert len(usual) != len(other) or np.abs(usual - other).max() > 1e-3


def test_a_path_through_three_sounds_passes_each(model, sounds):
    path = interpolate(model, [*sounds, sounds[0]], steps=3, mode="crossfade").sounds
    assert len(path) == 5
    np.testing.assert_allclose(path[0], path[-1])
    assert np.abs(seen(path[2]) - seen(sounds[1])).mean() < 0.01


def test_a_long_path_is_made_of_no_more_sounds_than_there_is_room_for():
    assert interpolation._oversampling(9, 2) == interpolation._OVERSAMPLING
    assert interpolation._oversampling(2, 64) == 1  # only ends, nothing to choose
    assert 2 * 199 * interpolation._oversampling(200, 3) <= interpolation._MAX_RENDERED
    assert interpolation._oversampling(200, 64) == 1


@pytest.mark.parametrize("mode", MODES)
def test_the_mean_of_one_sound_many_times_is_that_sound_as_the_model_knows_it(model, sounds, mode):
    three, two = (interpolate(model, sounds[:1] * n, mode=mode, average=True).sounds for n in (3, 2))
    assert len(three) == len(two) == 1
    np.testing.assert_allclose(seen(three[0]), seen(two[0]), atol=0.05)


def test_the_mean_of_four_counts_each_the_same(model, sounds):
    one, other = (sound / np.abs(sound).max() for sound in sounds)
    (mean,) = interpolate(model, [one, other, other, other], mode="crossfade", average=True).sounds
    begins = [onsets.find_onset(sound, RATE) for sound in (one, other)]
    aligned = [np.pad(s[b:], (0, CONFIG.samples))[: CONFIG.samples] for s, b in zip((one, other), begins, strict=True)]
    np.testing.assert_allclose(mean, aligned[0] / 4 + 3 * aligned[1] / 4, atol=1e-5)


def test_the_same_seed_gives_the_same_path(model, sounds):
    paths = [interpolate(model, sounds, steps=2, mode="lerp", seed=seed).sounds[0] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(paths[0], paths[1])
    assert not np.array_equal(paths[0], paths[2])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "magic"}, "there is no mode 'magic'"),
        ({"steps": 1}, "steps is 1;"),
        ({"steps": 10**6}, "choose from 2 to 200"),
    ],
)
def test_paths_that_cannot_be(model, sounds, options, words):
    with pytest.raises(OptionError, match=words):
        interpolate(model, sounds, **options)
    with pytest.raises(OptionError, match="number of sounds is 1; choose from 2 to 64"):
        interpolate(model, sounds[:1])


def test_a_kind_without_codes(tmp_path, sounds):
    ear = models.save(tmp_path / "ear", "hearing")
    with pytest.raises(ModelError, match="use one of dcgan, lstmgan, autoencoder"):
        interpolate(ear, sounds)


# ---- neighbours


def test_neighbours_are_the_farther_the_larger_the_amount(model, sounds):
    def off(amount: float) -> float:
        return float(
            np.mean([np.abs(seen(s) - seen(sounds[0])).mean() for s in vary(model, sounds[0], amount=amount).sounds])
        )

    near, far = off(0.0), off(1.0)
    assert near < 0.05  # itself, but for the inversion
    assert far > 2 * near


def test_neighbours_differ_and_repeat(model, sounds):
    one, same, other = (vary(model, sounds[0], count=2, amount=1.0, seed=seed).sounds for seed in (1, 1, 2))
    assert all(map(np.array_equal, one, same))
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(seen(one[0]), seen(one[1]))


@pytest.mark.parametrize("options", [{"count": 0}, {"count": 10**6}, {"amount": -0.1}, {"amount": 1.1}])
def test_neighbours_that_cannot_be(model, sounds, options):
    with pytest.raises(OptionError):
        vary(model, sounds[0], **options)


# ---- projection


def test_the_search_comes_nearer(model):
    pictures = models.maps(3)
    before, after = (inversion.invert(model, pictures, steps=steps).errors for steps in (0, 60))
    assert (after < before).all()


def test_a_sound_of_the_model_is_found_again(model):
    codes = inversion.draw_codes(model, models.role_vectors(2), seed=5)
    pictures = inversion.decode_codes(model, codes)
    found = inversion.invert(model, pictures, steps=200)
    others = -CONFIG.floor_db * np.abs(pictures - pictures[::-1])[..., LEVEL].mean(axis=(1, 2))
    assert (found.errors < 0.5 * others).all()  # nearer than another draw


def test_the_codes_of_a_draw_paint_that_draw(model):
    wanted, normal = models.role_vectors(2), np.random.default_rng((5, 4)).standard_normal((2, model.config.latent))
    drawn = model.generator([normal.astype(np.float32), wanted])
    painted = inversion.decode_codes(model, inversion.draw_codes(model, wanted, seed=5))
    np.testing.assert_allclose(painted, drawn, atol=0.05)  # the odds of no role are kept at 0.001


def test_a_guesser_learns_to_guess():
    config = models.CONFIGS["dcgan"]
    generator = KINDS["dcgan"].network(config)
    wide = keras_scaled(generator)
    rng = np.random.default_rng(1)
    normal, wanted = rng.standard_normal((64, config.latent)).astype(np.float32), models.role_vectors(64)
    pictures = wide([normal, wanted])

    def off(most: int) -> float:
        guess = training_inversion.train_encoder(wide, config, max_steps=most)
        return float(np.mean((guess.predict(pictures, verbose=0)[:, : config.latent] - normal) ** 2))

    assert off(150) < 0.8 * off(1)


def keras_scaled(generator):
    """The generator with larger weights: at its start it paints all latents nearly alike."""
    generator.set_weights([3 * weight for weight in generator.get_weights()])
    return generator


def test_a_guesser_is_stored_with_its_model(tmp_path):
    model = models.save(tmp_path / "tiny")
    assert model.encoder is None
    taught = training_inversion.train_encoder(model.network, model.config, max_steps=1)
    store.add(model, ENCODER, taught.get_weights())
    again = store.read(model.folder).encoder
    np.testing.assert_allclose(again(models.maps(2)), taught(models.maps(2)), atol=1e-6)


def test_a_damaged_guesser_is_refused(tmp_path):
    model = models.save(tmp_path / "tiny")
    (model.folder / ENCODER).write_bytes(b"PK not an archive")
    with pytest.raises(ModelError, match=ENCODER):
        inversion.invert(model, models.maps(1))


def test_a_user_who_does_not_wait_for_the_guesser_keeps_the_model(monkeypatch, tmp_path):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training_inversion.InversionLearner, "train_step", interrupted)
    row, config = KINDS["dcgan"], models.CONFIGS["dcgan"]
    run = checkpoints.Run("", step=3, best=row.network(config).get_weights())
    told = []
    assert finish.trained_encoder(row, config, run, seed=0, workplace=Workplace(tmp_path), report=told.append) is None
    assert "Ctrl-C leaves it out" in told[0].text  # the user knows what is waited for
