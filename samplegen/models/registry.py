"""The kinds of network: one file each, one row each. Importing this loads no Keras; using a row does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A kind of model: where its `Config` and network are, what it is for, who teaches it, and how it draws."""

    module: str
    builder: str  # function from a configuration to the Keras network that a trained model consists of
    about: str
    teacher: str  # a key of `training.methods.TEACHERS`; "" where `conversion` or `grooves` teaches
    draws: str = ""  # a key of `samplegen.generation.options.OPTIONS_OF_SAMPLING`, if it does
    cells: Mapping[str, Any] = field(default_factory=dict)  # settings of its maps that are not the default
    codes: str = ""  # module that knows the codes between which its sounds lie: `coder`, `painter`, `guesser`
    mix: str = "slerp"  # a key of `samplegen.generation.blending.CODE_BLENDS`: how two of them are mixed by default
    guessed: bool = False  # codes, by a network that is taught once the model is: `teach_guesser`

    @property
    def config(self) -> type:
        """Its frozen configuration."""
        return import_module(self.module).Config

    @property
    def network(self) -> Callable[[Any], Any]:
        """The builder itself."""
        return self.part(self.builder)

    def of_codes(self, name: str) -> Callable[..., Any]:
        """A function of the module that knows its codes."""
        return getattr(import_module(self.codes), name)

    def drawer(self, net: Any) -> Any:
        """The part of a trained network that goes from latents and roles to maps; mostly the network itself."""
        return getattr(import_module(self.module), "drawer", lambda whole: whole)(net)

    def part(self, name: str) -> Callable[[Any], Any]:
        """Another function of its module, such as the one that builds what it learns against."""
        return getattr(import_module(self.module), name)


GROOVE = "groove"  # the kind that draws patterns
_LATENTS = "samplegen.models.latent_codes"

KINDS: Mapping[str, Kind] = {
    "dcgan": Kind(
        "samplegen.models.dcgan", "generator", "draws one-shots by role", "adversary", draws="latents",
        codes=_LATENTS, guessed=True,
    ),
    "lstmgan": Kind(
        "samplegen.models.lstmgan", "generator", "draws one-shots, step by step", "adversary", draws="latents",
        codes=_LATENTS, guessed=True,
    ),
    "charlstm": Kind(
        "samplegen.models.charlstm", "network", "writes one-shots or loops, frame by frame, and goes on from real ones",
        "odds", draws="tokens", cells={"steps": 192, "spacing": "even"},
    ),
    "autoencoder": Kind(
        "samplegen.models.autoencoder", "network", "draws, and morphs one sound into another", "itself", draws="codes",
        codes="samplegen.models.autoencoder", mix="lerp",  # nothing keeps its codes on a sphere
    ),
    "hearing": Kind("samplegen.models.role_classifier", "network", "tells the role of a sound", "names"),
    "voice": Kind("samplegen.models.voice", "network", "turns one voice into another, SOURCE into TARGET", ""),
    GROOVE: Kind("samplegen.models.groove", "network", "plays drum patterns, learned from loops, MIDI and text", ""),
    "timbre": Kind("samplegen.models.timbre", "network", "turns a take into an instrument that plays it", ""),
    "beatbox": Kind("samplegen.models.beatbox", "network", "turns beatboxed or tapped hits into drums", ""),
}  # fmt: skip
