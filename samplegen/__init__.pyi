# The public names and where they are defined: read by type checkers, and by lazy_loader at run time.

from .audio.lofi import apply_lofi
from .audio.oneshot import postprocess
from .audio.reading import read_audio
from .audio.writing import write_audio
from .conversion.convert import convert
from .conversion.train import train_converter
from .data.dataset import scan
from .data.slicing import write_slices
from .errors import SamplegenError
from .evaluation.assess import assess, assess_pack
from .evaluation.report import html_report
from .features.spectrogram import SpectrogramConfig
from .features.stft import StftConfig
from .generation.generate import generate, origin, primer
from .generation.interpolation import interpolate, vary
from .generation.options import GenerateOptions
from .grooves.generate import generate_groove
from .grooves.train import train_groove
from .kits.formats import PackOptions
from .kits.manifest import read_pack
from .models.classify import classify_roles
from .models.store import load
from .packs.checks.repair import repair_pack
from .packs.checks.table import check_pack
from .packs.collect import collect_sounds
from .packs.players.verify import verify_pack
from .packs.write import write_pack
from .sequencer.loop import sequence
from .sequencer.loop_files import write_loop
from .sequencer.midi_reader import read_midi
from .sequencer.notation import parse_pattern, show_pattern
from .sequencer.styles import style_pattern
from .sequencer.tidal import parse_tidal
from .training.budget import Budget
from .training.train import train
from .transcription.remix import remix
from .transcription.transcribe import transcribe
from .transcription.trigger import trigger_pack

__version__: str
__all__ = [
    "Budget",
    "GenerateOptions",
    "PackOptions",
    "SamplegenError",
    "SpectrogramConfig",
    "StftConfig",
    "apply_lofi",
    "assess",
    "assess_pack",
    "check_pack",
    "classify_roles",
    "collect_sounds",
    "convert",
    "generate",
    "generate_groove",
    "html_report",
    "interpolate",
    "load",
    "origin",
    "parse_pattern",
    "parse_tidal",
    "postprocess",
    "primer",
    "read_audio",
    "read_midi",
    "read_pack",
    "remix",
    "repair_pack",
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
