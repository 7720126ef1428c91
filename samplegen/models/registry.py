"""The kinds of network: one architecture file each, one row each. Importing this loads no Keras; using a row does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from samplegen.errors import ModelError
from samplegen.models.architecture import Architecture, Codes, Config, Generator, Network


@dataclass(frozen=True)
class Kind:
    """A kind of model: its architecture, what it is for, how it is trained, and how it draws.

    `architecture()` imports the file of the kind, and Keras with it.
    """

    architecture: Callable[[], Architecture]
    about: str
    training: str = ""  # a key of `samplegen.training.methods.METHODS`; "" where `conversion` or `grooves` trains
    draws: str = ""  # a key of `samplegen.generation.options.OPTIONS_OF_SAMPLING`, if it does
    rate: int = 22_050  # Hz that sounds are learned at by default
    spectrogram: Mapping[str, Any] = field(default_factory=dict)  # settings that are not the default
    mix: str = ""  # a key of `samplegen.generation.blending.CODE_BLENDS`: how two codes are mixed; "" where it has none
    searched: bool = True  # codes of given sounds are searched for; else they are what the encoder says
    inverted: bool = False  # its encoder of codes is trained once the model is: `training.inversion_network`

    @property
    def config(self) -> type[Any]:
        """The class of its frozen configuration."""
        return self.architecture().config

    @property
    def codes(self) -> Codes:
        """Functions of its codes, where `mix` says that it has some."""
        codes = self.architecture().codes
        if not codes:
            raise ModelError(f"a model that {self.about} has no codes")
        return codes

    def network(self, config: Config) -> Network:
        """Build the network of a configuration."""
        return self.architecture().network(config)

    def discriminator(self, config: Config) -> Network:
        """Build the network that a GAN of this kind learns against."""
        build = self.architecture().discriminator
        if not build:
            raise ModelError(f"a model that {self.about} has no discriminator to learn against")
        return build(config)

    def generator(self, network: Network) -> Generator:
        """Return the part of a network from latents and roles to spectrograms; mostly the network itself."""
        return self.architecture().generator(network)


def _dcgan() -> Architecture:
    from samplegen.models.dcgan import ARCHITECTURE

    return ARCHITECTURE


def _lstmgan() -> Architecture:
    from samplegen.models.lstmgan import ARCHITECTURE

    return ARCHITECTURE


def _charlstm() -> Architecture:
    from samplegen.models.charlstm import ARCHITECTURE

    return ARCHITECTURE


def _autoencoder() -> Architecture:
    from samplegen.models.autoencoder import ARCHITECTURE

    return ARCHITECTURE


def _codec() -> Architecture:
    from samplegen.models.codec import ARCHITECTURE

    return ARCHITECTURE


def _flow() -> Architecture:
    from samplegen.models.flow import ARCHITECTURE

    return ARCHITECTURE


def _role_classifier() -> Architecture:
    from samplegen.models.role_classifier import ARCHITECTURE

    return ARCHITECTURE


def _voice() -> Architecture:
    from samplegen.models.voice import ARCHITECTURE

    return ARCHITECTURE


def _groove() -> Architecture:
    from samplegen.models.groove import ARCHITECTURE

    return ARCHITECTURE


def _timbre() -> Architecture:
    from samplegen.models.timbre import ARCHITECTURE

    return ARCHITECTURE


def _beatbox() -> Architecture:
    from samplegen.models.beatbox import ARCHITECTURE

    return ARCHITECTURE


GROOVE = "groove"  # the kind that draws patterns
ROLE_CLASSIFIER = "hearing"  # the kind that predicts roles, as cards call it

FULL_BAND_RATE = 44_100  # Hz
# spectrograms of the codec, and of all that draw its codes
FULL_BAND: Mapping[str, Any] = {"steps": 96, "bands": 96, "seconds": 3.0, "channels": 3}

KINDS: Mapping[str, Kind] = {
    "dcgan": Kind(_dcgan, "draws one-shots by role", "gan", draws="latents", mix="slerp", inverted=True),
    "lstmgan": Kind(_lstmgan, "draws one-shots, step by step", "gan", draws="latents", mix="slerp", inverted=True),
    "charlstm": Kind(
        _charlstm, "writes one-shots or loops, frame by frame, and goes on from real ones", "language-model",
        draws="tokens", spectrogram={"steps": 192, "spacing": "even"},
    ),
    "autoencoder": Kind(
        _autoencoder, "draws, and morphs one sound into another", "autoencoding", draws="codes",
        mix="lerp",  # nothing keeps its codes on a sphere
    ),
    "flow": Kind(
        _flow, "draws one-shots of the full band by role, through the codec", "flow-matching", draws="flow",
        rate=FULL_BAND_RATE, spectrogram=FULL_BAND, mix="lerp", searched=False,
    ),
    "codec": Kind(
        _codec, "turns one-shots into codes and back, for others to draw", "codec",
        rate=FULL_BAND_RATE, spectrogram=FULL_BAND,
    ),
    ROLE_CLASSIFIER: Kind(_role_classifier, "tells the role of a sound", "classification"),
    "voice": Kind(_voice, "turns one voice into another, SOURCE into TARGET"),
    GROOVE: Kind(_groove, "plays drum patterns, learned from loops, MIDI and text"),
    "timbre": Kind(_timbre, "turns a take into an instrument that plays it"),
    "beatbox": Kind(_beatbox, "turns beatboxed or tapped hits into drums"),
}  # fmt: skip
