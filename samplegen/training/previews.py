"""Pictures of sounds: spectrogram sheets as PNG. Time runs right, frequency up, brightness is level.

Signals are mono float32 `(n,)` at `rate` Hz.
"""

from pathlib import Path

from samplegen import files
from samplegen.audio import writing
from samplegen.audio.signals import peak
from samplegen.features.images import SHEET_FILE, draw_sheet, save_png
from samplegen.features.spectrogram import Spectrogram, SpectrogramConfig, decode

_WAVES = 8  # sounds of a preview that are written out to be heard


def preview(pictures: Spectrogram, config: SpectrogramConfig, folder: Path) -> None:
    """Write what a network draws into `folder`: a sheet of all sounds, and some of them as WAV."""
    signals = decode(pictures, config, iterations=0)
    save_png(draw_sheet(signals, config.stft.rate), folder / SHEET_FILE, force=True)
    for number, signal in enumerate(signals[:_WAVES]):
        with files.whole_file(folder / f"sound-{number}.wav", force=True) as part:
            writing.write_audio(part, 0.9 * signal / max(peak(signal), 1e-9), config.stft.rate)


PREVIEWED = 32
