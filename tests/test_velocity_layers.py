"""Takes of a drum: softer ones are duller and quieter, none is another at a different gain, the same from a seed."""

import itertools

import numpy as np
import pytest

from models import TINY, role_vectors, save
from samplegen.audio import signals
from samplegen.audio.sounds import Origin
from samplegen.errors import ModelError, OptionError
from samplegen.features.spectrogram import LEVEL
from samplegen.generation import velocity_layers
from samplegen.generation.generate import generate
from samplegen.kits.manifest import kits_in
from samplegen.models import autoencoder, classify
from samplegen.packs.write import write_pack


@pytest.fixture(scope="module", autouse=True)
def _tiny_ear(tmp_path_factory):
    ear = save(tmp_path_factory.mktemp("ear") / "hearing", "hearing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classify, "shipped", lambda: ear)
        yield


@pytest.fixture(scope="module", params=["dcgan", "autoencoder"])
def model(request, tmp_path_factory):
    model = save(tmp_path_factory.mktemp("model") / "tiny", request.param)
    if request.param == "autoencoder":  # untrained, it draws one sound only
        codes = np.random.default_rng(0).standard_normal((32, 4)).astype(np.float32)
        model.network.get_layer(autoencoder.DENSITY).fit(codes, role_vectors(32))
    return model


@pytest.fixture(scope="module")
def drawn(model):
    latents = np.random.default_rng(0).standard_normal((4, model.config.latent)).astype(np.float32)
    return model.generator.predict([latents, role_vectors(4)], verbose=0)


def _mean_band(pictures: np.ndarray) -> np.ndarray:
    power = 10 ** (8 * (pictures[..., LEVEL] - 1)) * (pictures[..., LEVEL] > 0)
    return (power.sum(axis=1) @ np.arange(pictures.shape[2])) / power.sum(axis=(1, 2))


def test_every_take_but_the_drum_itself_is_made(model, drawn):
    made = velocity_layers.draw_takes(model, drawn, role_vectors(4), layers=3, round_robins=2)
    assert list(made) == [(0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    for pictures in made.values():
        assert pictures.shape == (4, *TINY.shape)
        assert 0 <= pictures.min() <= pictures.max() <= 1


def test_softer_layers_are_duller_and_no_two_takes_are_the_same(model, drawn):
    made = velocity_layers.draw_takes(model, drawn, role_vectors(4), layers=3, round_robins=2)
    bands = [_mean_band(pictures) for pictures in (drawn, made[1, 0], made[2, 0])]
    for harder, softer in itertools.pairwise(bands):
        assert (softer < harder).all()
    everything = [drawn, *made.values()]
    for number, one in enumerate(everything):
        for other in everything[number + 1 :]:
            assert (np.abs(one - other).max(axis=(1, 2, 3)) > 1e-4).all()


def test_the_same_seed_gives_the_same_takes(model, drawn):
    one, again, other = (
        velocity_layers.draw_takes(model, drawn, role_vectors(4), layers=1, round_robins=2, seed=seed)[0, 1]
        for seed in (1, 1, 2)
    )
    np.testing.assert_allclose(one, again, atol=1e-6)  # threads may add up in another order
    assert np.abs(one - other).max() > 1e-4


def test_levels_fall_with_the_layer_and_never_exceed_the_drum():
    rng = np.random.default_rng(0)
    drum, take = (rng.standard_normal(n).astype(np.float32) * np.geomspace(level, 1e-3, n).astype(np.float32)
                  for n, level in ((4_000, 0.2), (5_000, 0.15)))  # fmt: skip
    hard, soft, softest = (velocity_layers.match_level(take, drum, layer, 3) for layer in range(3))
    assert signals.peak(hard) <= signals.peak(drum) * 1.0001  # rounding
    assert signals.peak(soft) / signals.peak(hard) == pytest.approx((2 / 3) ** 1.5, rel=1e-3)
    assert signals.peak(softest) / signals.peak(hard) == pytest.approx((1 / 3) ** 1.5, rel=1e-3)
    energies = [np.sum(samples.astype(float) ** 2) for samples in (hard, drum)]
    assert energies[0] <= 1.001 * energies[1]


@pytest.mark.parametrize(
    ("layers", "robins", "words"),
    [(0, 1, "layers is 0"), (9, 1, "layers is 9"), (1, 0, "round robins is 0"), (1, 99, "round robins is 99")],
)
def test_numbers_out_of_range(layers, robins, words):
    with pytest.raises(OptionError, match=f"the number of {words}; choose from 1 to 8"):
        velocity_layers.check_takes("dcgan", layers, robins)


def test_a_kind_whose_sounds_have_no_neighbours_says_which_do():
    velocity_layers.check_takes("charlstm", 1, 1)
    with pytest.raises(ModelError, match="kind charlstm makes one take of each drum; more are made by dcgan"):
        velocity_layers.check_takes("charlstm", 2, 1)


def test_a_pack_of_layers_and_turns(model, tmp_path):
    sounds = generate(model, 2, role="kick", seed=1, layers=2, round_robins=2)
    assert [(take.layer, take.robin) for take in sounds[0].takes] == [(0, 1), (1, 0), (1, 1)]
    for sound in sounds:
        for take in sound.takes:
            short = min(len(take.samples), len(sound.samples))
            likeness = np.corrcoef(take.samples[:short], sound.samples[:short])[0, 1]
            assert abs(likeness) < 0.999  # a gain copy has 1
    manifest = write_pack(sounds, tmp_path / "pack", origin=Origin(1, "m", "", "", "CC0"))
    pads = kits_in(manifest)[0].pads
    assert [[(layer.low, layer.high, len(layer.files)) for layer in pad.layers] for pad in pads] == [
        [(1, 63, 2), (64, 127, 2)]
    ] * 2
