"""Previews of a training: spectrogram sheets as PNG, and some of the sounds as WAV.

In a sheet time runs right, frequency up, and brightness is level.
"""

from pathlib import Path

from samplegen import files
from samplegen.audio import writing
from samplegen.audio.signals import peak
from samplegen.features.images import SHEET_FILE, draw_sheet, save_png
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig, decode

PREVIEW_SOUNDS = 32  # in a sheet
PREVIEW_WAVS = 8  # of them that are written to be listened to
_PEAK = 0.9


def step_folder(folder: Path, step: int) -> Path:
    """Return the folder of what a network drew at a checkpoint, in that of a run's previews."""
    return folder / f"step-{step:07d}"


def preview(pictures: Spectrogram, config: SpectrogramConfig, folder: Path) -> None:
    """Write what a network draws into `folder`: a sheet of all sounds, and some of them as WAV."""
    signals = decode(pictures, config, iterations=0)
    save_png(draw_sheet(signals, config.stft.rate), folder / SHEET_FILE, force=True)
    for number, signal in enumerate(signals[:PREVIEW_WAVS]):
        with files.whole_file(folder / f"sound-{number}.wav", force=True) as part:
            writing.write_audio(part, _PEAK * signal / max(peak(signal), 1e-9), config.stft.rate)
