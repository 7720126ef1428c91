"""Table of lo-fi presets: the parameters of the stages of `samplegen.audio.lofi`.

Frequencies in Hz, levels in dB relative to the peak of the sound; the names are those of no maker.
"""

from dataclasses import dataclass, field

from samplegen.errors import OptionError
from samplegen.settings import check_fields, limits

COLOURS = {"white": 0.0, "pink": -0.5, "brown": -1.0}  # noise amplitude goes with frequency to this power


@dataclass(frozen=True)
class Preset:
    """Parameters of each stage, in their order; 0 or None leaves a stage out.

    Raises:
        OptionError: a value out of the range of its stage.
    """

    about: str
    wow: float = field(default=0.0, metadata=limits(0.0, 0.2))  # largest deviation of the speed, 0.003 = 0.3 %; slow
    wow_hz: float = field(default=0.55, metadata=limits(0.01, 100.0))  # 33 1/3 turns a minute
    flutter: float = field(default=0.0, metadata=limits(0.0, 0.2))  # as wow, fast
    flutter_hz: float = field(default=9.0, metadata=limits(0.01, 100.0))
    low_hz: float | None = field(default=None, metadata=limits(1.0, 2_000.0))  # band of the medium, its noise too
    high_hz: float | None = field(default=None, metadata=limits(200.0, 1e6))
    drive: float = field(default=0.0, metadata=limits(0.0, 100.0))  # gain into tanh
    noise_db: float | None = field(default=None, metadata=limits(-120.0, -6.0))  # RMS while the sound sounds
    colour: str = "white"  # one of COLOURS
    crackle: float = field(default=0.0, metadata=limits(0.0, 1e4))  # specks of dust a second
    crackle_db: float = field(default=-30.0, metadata=limits(-120.0, 0.0))  # mean peak of a speck
    rate: int | None = field(default=None, metadata=limits(500, 1e6))  # Hz that the sound is reduced to
    aliases: bool = False  # reduce by sample and hold, which folds what is above rate / 2 down
    bits: int | None = field(default=None, metadata=limits(2, 24))
    tone_hz: float | None = field(default=None, metadata=limits(200.0, 1e6))  # low-pass behind the converter

    def __post_init__(self) -> None:
        check_fields(self, error=OptionError)
        if self.colour not in COLOURS:
            raise OptionError(f"unknown noise colour {self.colour!r}; the colours are {', '.join(COLOURS)}")


PRESETS = {
    "warm": Preset("gentle saturation, top a little rounded, no noise", drive=1.2, high_hz=15_000),
    "sampler-12": Preset("gritty drum sampler: 12 bit at 26 kHz with aliases, blunt output filter",
                         drive=0.8, rate=26_040, aliases=True, bits=12, tone_hz=11_000),
    "beat-12": Preset("punchy beat machine: 12 bit at 40 kHz, driven", low_hz=25, drive=1.8, rate=40_000, bits=12),
    "beat-16": Preset("cleaner beat machine: 16 bit at 32 kHz, band-limited", drive=0.7, rate=32_000, bits=16),
    "crunch-8": Preset("8 bit at 11 kHz, sample and hold with all its aliases", rate=11_025, aliases=True, bits=8),
    "toy": Preset("sampling toy keyboard: 8 bit at 9.4 kHz, small speaker", low_hz=150, high_hz=4_500,
                  drive=1.5, rate=9_380, aliases=True, bits=8, tone_hz=4_700),
    "cassette": Preset("home cassette: soft saturation, hiss, a little wow and flutter", wow=0.002, wow_hz=0.9,
                       flutter=0.0008, low_hz=40, high_hz=11_000, drive=1.6, noise_db=-50),
    "vinyl": Preset("worn record at 33 turns a minute: crackle, rumble, slow wow", wow=0.003, low_hz=30,
                    high_hz=13_000, drive=0.6, noise_db=-48, colour="brown", crackle=25, crackle_db=-32),
    "vhs": Preset("video tape's linear track: narrow top, pink noise, flutter", wow=0.002, wow_hz=0.6, flutter=0.0015,
                  flutter_hz=12, low_hz=80, high_hz=8_000, drive=1.3, noise_db=-46, colour="pink"),
    "dictaphone": Preset("pocket dictaphone: unsteady, hissing, overdriven voice band", wow=0.008, wow_hz=1.4,
                         flutter=0.003, low_hz=250, high_hz=4_000, drive=3.0, noise_db=-38, colour="pink"),
    "radio": Preset("medium-wave radio: 100 Hz to 4.5 kHz, overdriven, static", low_hz=100, high_hz=4_500,
                    drive=2.5, noise_db=-44, colour="pink", crackle=6, crackle_db=-34),
    "telephone": Preset("telephone line: 300 Hz to 3.4 kHz, 8 bit at 8 kHz", low_hz=300, high_hz=3_400,
                        drive=1.5, noise_db=-50, rate=8_000, bits=8),
}  # fmt: skip
