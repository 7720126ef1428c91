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

_HOMES = {  # name -> its module, or module:what it is called there; no name is also a module's
    "Budget": "training",
    "Drawing": "drawing",
    "MapConfig": "maps",
    "PackOptions": "packs",
    "SamplegenError": "errors",
    "Stft": "spectral",
    "apply_lofi": "lofi:apply",
    "assess": "assessment",
    "assess_pack": "assessment",
    "check_pack": "checks.table",
    "convert": "conversion.models",
    "draw_groove": "grooves.drawing:draw",
    "finish_sound": "finish:finish",
    "gather": "gathering",
    "generate": "generation",
    "hear": "classifier",
    "html_report": "reports.page:html",
    "interpolate": "interpolation",
    "load": "store",
    "mend_pack": "checks.mending",
    "origin": "generation",
    "parse_pattern": "sequencer.notation:parse",
    "parse_tidal": "sequencer.tidal:parse",
    "primer": "generation",
    "read_audio": "audio:read",
    "read_midi": "sequencer.midiread:read",
    "read_pack": "packs",
    "scan": "dataset",
    "remix": "transcription.remixing",
    "sequence": "sequencer.loop",
    "show_pattern": "sequencer.printing:show",
    "style_pattern": "sequencer.styles:pattern",
    "train": "recipes",
    "train_converter": "conversion.models",
    "train_groove": "grooves.models:train",
    "trigger_pack": "triggering.driving:trigger",
    "transcribe": "transcription.transcribing",
    "vary": "interpolation",
    "verify_pack": "clients.verifying",
    "write_audio": "audio:write",
    "write_loop": "sequencer.loopfiles",
    "write_pack": "packs",
    "write_slices": "slicing",
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
    from samplegen.assessment import assess, assess_pack
    from samplegen.audio import read as read_audio
    from samplegen.audio import write as write_audio
    from samplegen.checks.mending import mend_pack
    from samplegen.checks.table import check_pack
    from samplegen.classifier import hear
    from samplegen.clients.verifying import verify_pack
    from samplegen.conversion.models import convert, train_converter
    from samplegen.dataset import scan
    from samplegen.drawing import Drawing
    from samplegen.errors import SamplegenError
    from samplegen.finish import finish as finish_sound
    from samplegen.gathering import gather
    from samplegen.generation import generate, origin, primer
    from samplegen.grooves.drawing import draw as draw_groove
    from samplegen.grooves.models import train as train_groove
    from samplegen.interpolation import interpolate, vary
    from samplegen.lofi import apply as apply_lofi
    from samplegen.maps import MapConfig
    from samplegen.packs import PackOptions, read_pack, write_pack
    from samplegen.recipes import train
    from samplegen.reports.page import html as html_report
    from samplegen.sequencer.loop import sequence
    from samplegen.sequencer.loopfiles import write_loop
    from samplegen.sequencer.midiread import read as read_midi
    from samplegen.sequencer.notation import parse as parse_pattern
    from samplegen.sequencer.printing import show as show_pattern
    from samplegen.sequencer.styles import pattern as style_pattern
    from samplegen.sequencer.tidal import parse as parse_tidal
    from samplegen.slicing import write_slices
    from samplegen.spectral import Stft
    from samplegen.store import load
    from samplegen.training import Budget
    from samplegen.transcription.remixing import remix
    from samplegen.transcription.transcribing import transcribe
    from samplegen.triggering.driving import trigger as trigger_pack


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'samplegen' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(import_module(f"samplegen.{module}"), attribute or name)
    globals()[name] = value  # found without this function from now on
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
