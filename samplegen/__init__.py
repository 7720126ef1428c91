"""samplegen turns a folder of drum loops into new instruments.

The functions that the command line calls, under one name each; nothing heavy is imported before
the first use of one. Sounds are mono float32 arrays `(n,)` in -1..1, rates in Hz.

    import samplegen
    model = samplegen.load("starter")
    sounds = samplegen.generate(model, 16, seed=1)
    samplegen.write_pack(sounds, "packs/first", origin=samplegen.origin(model, seed=1))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {  # name -> where it is defined; no name is also a module's
    "Budget": "samplegen.training.loop.Budget",
    "Drawing": "samplegen.generation.options.Drawing",
    "MapConfig": "samplegen.features.spectrogram.MapConfig",
    "PackOptions": "samplegen.kits.formats.PackOptions",
    "SamplegenError": "samplegen.errors.SamplegenError",
    "Stft": "samplegen.features.stft.Stft",
    "apply_lofi": "samplegen.audio.lofi.apply",
    "assess": "samplegen.evaluation.assess.assess",
    "assess_pack": "samplegen.evaluation.assess.assess_pack",
    "check_pack": "samplegen.packs.checks.table.check_pack",
    "convert": "samplegen.conversion.convert.convert",
    "draw_groove": "samplegen.grooves.generate.draw",
    "finish_sound": "samplegen.audio.oneshot.finish",
    "gather": "samplegen.packs.gather.gather",
    "generate": "samplegen.generation.generate.generate",
    "hear": "samplegen.models.classify.hear",
    "html_report": "samplegen.evaluation.report.html",
    "interpolate": "samplegen.generation.interpolation.interpolate",
    "load": "samplegen.models.store.load",
    "mend_pack": "samplegen.packs.checks.repair.mend_pack",
    "origin": "samplegen.generation.generate.origin",
    "parse_pattern": "samplegen.sequencer.notation.parse",
    "parse_tidal": "samplegen.sequencer.tidal.parse",
    "primer": "samplegen.generation.generate.primer",
    "read_audio": "samplegen.audio.reading.read",
    "read_midi": "samplegen.sequencer.midi_reader.read",
    "read_pack": "samplegen.kits.manifest.read_pack",
    "scan": "samplegen.data.dataset.scan",
    "remix": "samplegen.transcription.remix.remix",
    "sequence": "samplegen.sequencer.loop.sequence",
    "show_pattern": "samplegen.sequencer.notation.show",
    "style_pattern": "samplegen.sequencer.styles.pattern",
    "train": "samplegen.training.train.train",
    "train_converter": "samplegen.conversion.convert.train_converter",
    "train_groove": "samplegen.grooves.train.train",
    "trigger_pack": "samplegen.transcription.trigger.trigger",
    "transcribe": "samplegen.transcription.transcribe.transcribe",
    "vary": "samplegen.generation.interpolation.vary",
    "verify_pack": "samplegen.packs.players.verify.verify_pack",
    "write_audio": "samplegen.audio.writing.write",
    "write_loop": "samplegen.sequencer.loop_files.write_loop",
    "write_pack": "samplegen.packs.write.write_pack",
    "write_slices": "samplegen.data.slicing.write_slices",
}
__all__ = [
    "Budget",
    "Drawing",
    "MapConfig",
    "PackOptions",
    "SamplegenError",
    "Stft",
    "__version__",
    "apply_lofi",
    "assess",
    "assess_pack",
    "check_pack",
    "convert",
    "draw_groove",
    "finish_sound",
    "gather",
    "generate",
    "hear",
    "html_report",
    "interpolate",
    "load",
    "mend_pack",
    "origin",
    "parse_pattern",
    "parse_tidal",
    "primer",
    "read_audio",
    "read_midi",
    "read_pack",
    "remix",
    "scan",
    "sequence",
    "show_pattern",
    "style_pattern",
    "train",
    "train_converter",
    "train_groove",
    "transcribe",
    "trigger_pack",
    "vary",
    "verify_pack",
    "write_audio",
    "write_loop",
    "write_pack",
    "write_slices",
]

if TYPE_CHECKING:  # for editors and type checkers, which do not run __getattr__
    from samplegen.audio.lofi import apply as apply_lofi
    from samplegen.audio.oneshot import finish as finish_sound
    from samplegen.audio.reading import read as read_audio
    from samplegen.audio.writing import write as write_audio
    from samplegen.conversion.convert import convert, train_converter
    from samplegen.data.dataset import scan
    from samplegen.data.slicing import write_slices
    from samplegen.errors import SamplegenError
    from samplegen.evaluation.assess import assess, assess_pack
    from samplegen.evaluation.report import html as html_report
    from samplegen.features.spectrogram import MapConfig
    from samplegen.features.stft import Stft
    from samplegen.generation.generate import generate, origin, primer
    from samplegen.generation.interpolation import interpolate, vary
    from samplegen.generation.options import Drawing
    from samplegen.grooves.generate import draw as draw_groove
    from samplegen.grooves.train import train as train_groove
    from samplegen.kits.formats import PackOptions
    from samplegen.kits.manifest import read_pack
    from samplegen.models.classify import hear
    from samplegen.models.store import load
    from samplegen.packs.checks.repair import mend_pack
    from samplegen.packs.checks.table import check_pack
    from samplegen.packs.gather import gather
    from samplegen.packs.players.verify import verify_pack
    from samplegen.packs.write import write_pack
    from samplegen.sequencer.loop import sequence
    from samplegen.sequencer.loop_files import write_loop
    from samplegen.sequencer.midi_reader import read as read_midi
    from samplegen.sequencer.notation import parse as parse_pattern
    from samplegen.sequencer.notation import show as show_pattern
    from samplegen.sequencer.styles import pattern as style_pattern
    from samplegen.sequencer.tidal import parse as parse_tidal
    from samplegen.training.loop import Budget
    from samplegen.training.train import train
    from samplegen.transcription.remix import remix
    from samplegen.transcription.transcribe import transcribe
    from samplegen.transcription.trigger import trigger as trigger_pack


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'samplegen' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].rpartition(".")
    value = getattr(import_module(module), attribute)
    globals()[name] = value  # found without this function from now on
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
