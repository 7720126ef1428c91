"""The kinds of model: a row each. To import this loads no Keras; to use a row does."""

from collections.abc import Mapping

from samplegen.models.kind import Architecture, Codes, Kind

GROOVE = "groove"  # the kind that draws patterns


def _dcgan() -> Architecture:
    from samplegen.models import dcgan

    return dcgan.ARCHITECTURE


def _lstmgan() -> Architecture:
    from samplegen.models import lstmgan

    return lstmgan.ARCHITECTURE


def _charlstm() -> Architecture:
    from samplegen.models import charlstm

    return charlstm.ARCHITECTURE


def _autoencoder() -> Architecture:
    from samplegen.models import autoencoder

    return autoencoder.ARCHITECTURE


def _role_classifier() -> Architecture:
    from samplegen.models import role_classifier

    return role_classifier.ARCHITECTURE


def _voice() -> Architecture:
    from samplegen.models import voice

    return voice.ARCHITECTURE


def _groove() -> Architecture:
    from samplegen.models import groove

    return groove.ARCHITECTURE


def _timbre() -> Architecture:
    from samplegen.models import timbre

    return timbre.ARCHITECTURE


def _beatbox() -> Architecture:
    from samplegen.models import beatbox

    return beatbox.ARCHITECTURE


def _latent_codes() -> Codes:
    from samplegen.models import latent_codes

    return latent_codes.CODES


def _autoencoder_codes() -> Codes:
    from samplegen.models import autoencoder

    return autoencoder.CODES


KINDS: Mapping[str, Kind] = {
    "dcgan": Kind("draws one-shots by role", _dcgan, "gan", "latents", codes=_latent_codes),
    "lstmgan": Kind("draws one-shots, step by step", _lstmgan, "gan", "latents", codes=_latent_codes),
    "charlstm": Kind(
        "writes one-shots or loops, frame by frame, and goes on from real ones", _charlstm, "language model", "tokens",
        spectrogram={"steps": 192, "spacing": "even"},
    ),
    "autoencoder": Kind(
        "draws, and morphs one sound into another", _autoencoder, "autoencoding", "codes",
        codes=_autoencoder_codes, blending="lerp",  # nothing keeps its codes on a sphere
    ),
    "hearing": Kind("tells the role of a sound", _role_classifier, "classification"),
    "voice": Kind("turns one voice into another, SOURCE into TARGET", _voice),
    GROOVE: Kind("plays drum patterns, learned from loops, MIDI and text", _groove),
    "timbre": Kind("turns a take into an instrument that plays it", _timbre),
    "beatbox": Kind("turns beatboxed or tapped hits into drums", _beatbox),
}  # fmt: skip
