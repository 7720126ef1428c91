"""The lo-fi chain: old samplers, tapes, records and lines; `samplegen.audio.lofi_presets` is their table.

A preset is the parameters of seven stages, applied in the order of the signal's way through such a
machine; a stage whose parameters are neutral is skipped. Sounds are mono `(n,)`, times in seconds,
frequencies in Hz. Every stage gets the sound at full scale (peak 1), as if its level had been set
by hand, so a preset does the same to a soft sound and to a loud one, and dB below are relative to
the sound's peak. No stage moves the attack: filters are causal, and the speed's error starts at 0.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, signal

from samplegen.audio.lofi_presets import COLOURS, PRESETS, Preset
from samplegen.audio.signals import Signal
from samplegen.errors import OptionError, did_you_mean

Wave = NDArray[np.float64]  # inside the chain: low filters at high rates need the precision

_LOWEST_HZ = 20.0  # noise is flat below, or most of its power would lie under hearing
_ORDERS = {"highpass": 2, "lowpass": 4}  # Butterworth, 6 dB an octave for each
_TOP = 0.45  # of the rate: a low-pass above would do nothing that can be heard
_OFFSET = 1e-30  # keeps a filter that rings out in silence from denormal numbers, twenty times slower
_GATE_DB = (-60.0, -30.0)  # of the sound's envelope: noise is shut below the first, whole above the second
_RELEASE_DB = 300.0  # a second, that the envelope falls after a sound which stops dead
_FADE = 0.005  # s, in which noise ends where the sound is cut off
_DUST = 0.0002  # s, decay of one crackle


class _Run(NamedTuple):
    """What a stage is told besides the sound."""

    preset: Preset
    rate: int
    rng: np.random.Generator


def apply_lofi(samples: Signal, rate: int, preset: str | Preset, *, seed: int = 0) -> Signal:
    """Play a sound through a lo-fi machine.

    Noise belongs to the sound: it opens with the attack, stays while the sound's envelope is above
    -30 dB of its peak, is gone below -60 dB, and fades out in the last 5 ms. Silence stays silence.

    Args:
        samples: `(n,)` float32 in -1..1; beyond it is clipped, what is no number becomes 0.
        rate: its sampling rate in Hz.
        preset: a name of `PRESETS`, or a preset of your own.
        seed: decides noise, dust and where in its turn the wow stands; one seed, one result.

    Returns:
        `(n,)` float32 of the same peak at the same rate, starting where `samples` starts.

    Raises:
        OptionError: an unknown preset.
    """
    run = _Run(_preset(preset), rate, np.random.default_rng(seed))
    wave = np.clip(np.nan_to_num(samples.astype(np.float64)), -1.0, 1.0)
    level = np.abs(wave).max(initial=0.0)
    if level == 0:
        return wave.astype(np.float32)
    wave = _full_scale(wave)
    for stage, parameters in STAGES:
        if any(getattr(run.preset, name) for name in parameters):
            wave = _full_scale(stage(wave, run))
    return (wave * level).astype(np.float32)


def wobble(wave: Wave, run: _Run) -> Wave:
    """Play at an unsteady speed: one slow and one fast sine, each at a random point of its turn."""
    preset, time = run.preset, np.arange(len(wave)) / run.rate
    late = np.zeros(len(wave))
    for depth, hz in ((preset.wow, preset.wow_hz), (preset.flutter, preset.flutter_hz)):
        turn, start = 2 * np.pi * hz, run.rng.uniform(0, 2 * np.pi)
        # the integral of depth * sin(turn * time + start), which is 0 at the attack
        late += depth / turn * (np.cos(start) - np.cos(turn * time + start))
    return ndimage.map_coordinates(wave, [(time + late) * run.rate], order=3)


def band(wave: Wave, run: _Run) -> Wave:
    """Keep the band that the medium carries."""
    return _filtered(wave, run.rate, low=run.preset.low_hz, high=run.preset.high_hz)


def saturate(wave: Wave, run: _Run) -> Wave:
    """Bend loud samples towards their limit, symmetrically: odd harmonics."""
    return np.tanh(run.preset.drive * wave)


def add_noise(wave: Wave, run: _Run) -> Wave:
    """Add the medium's noise and the dust on it, for as long as the sound sounds."""
    noise = _noise(len(wave), run) + _dust(len(wave), run)
    return wave + noise * _gate(wave, run.rate)


def reduce_rate(wave: Wave, run: _Run) -> Wave:
    """Keep what a lower rate keeps, by sample and hold or band-limited; a higher rate keeps all.

    Resampling down and up again is a low-pass at half the lower rate. Done as one, it can be the
    causal elliptic filter of old converters, where a resampler's would ring before the attack.
    """
    rate, to = run.rate, run.preset.rate or run.rate
    if to >= rate:
        return wave
    if not run.preset.aliases:
        return _through(_antialias(to, rate), wave)
    held = np.arange(len(wave)) * to // rate
    return wave[-(-held * rate // to)]  # each hold's first sample: rounded up, so none from before it


def reduce_bits(wave: Wave, run: _Run) -> Wave:
    """Round to `2**bits - 1` even levels, one of them 0 (mid-tread: silence stays silent), without dither."""
    top = 2 ** ((run.preset.bits or 24) - 1) - 1
    return np.round(wave * top) / top


def tone(wave: Wave, run: _Run) -> Wave:
    """The low-pass behind a converter: leaves some of its steps, takes their edge."""
    return _filtered(wave, run.rate, high=run.preset.tone_hz)


# In order; a stage runs where one of its parameters is set.
STAGES: tuple[tuple[Callable[[Wave, _Run], Wave], tuple[str, ...]], ...] = (
    (wobble, ("wow", "flutter")),
    (band, ("low_hz", "high_hz")),
    (saturate, ("drive",)),
    (add_noise, ("noise_db", "crackle")),
    (reduce_rate, ("rate",)),
    (reduce_bits, ("bits",)),
    (tone, ("tone_hz",)),
)


def _preset(preset: str | Preset) -> Preset:
    if isinstance(preset, Preset):
        return preset
    if preset not in PRESETS:
        raise OptionError(
            f"unknown lo-fi preset {preset!r}; the presets are {', '.join(PRESETS)}{did_you_mean(preset, PRESETS)}"
        )
    return PRESETS[preset]


def _full_scale(wave: Wave) -> Wave:
    loudest = np.abs(wave).max()
    return wave / loudest if loudest > 0 else wave


def _filtered(wave: Wave, rate: int, *, low: float | None = None, high: float | None = None) -> Wave:
    if low:
        wave = _through(_butterworth("highpass", min(low, _TOP * rate), rate), wave)
    if high and high < _TOP * rate:
        wave = _through(_butterworth("lowpass", high, rate), wave)
    return wave


def _through(sections: Wave, wave: Wave) -> Wave:
    return signal.sosfilt(sections, wave + _OFFSET)


@lru_cache
def _butterworth(kind: str, hz: float, rate: int) -> Wave:
    return signal.butter(_ORDERS[kind], hz, kind, fs=rate, output="sos")


@lru_cache
def _antialias(to: int, rate: int) -> Wave:
    """A low-pass flat to 0.1 dB up to 85 % of `to / 2`, and 80 dB down from `to / 2` on."""
    return signal.ellip(10, 0.1, 80.0, 0.85 * to / 2, fs=rate, output="sos")


def _noise(length: int, run: _Run) -> Wave:
    """Coloured noise `(length,)` in the medium's band, of the preset's RMS."""
    if run.preset.noise_db is None:
        return np.zeros(length)
    size = fft.next_fast_len(length, real=True)
    spectrum = fft.rfft(run.rng.standard_normal(size))
    spectrum *= np.maximum(fft.rfftfreq(size, 1 / run.rate), _LOWEST_HZ) ** COLOURS[run.preset.colour]
    noise = band(fft.irfft(spectrum, size)[:length], run)
    return noise * _gain(run.preset.noise_db) / max(np.sqrt(np.mean(noise**2)), np.finfo(float).tiny)


def _dust(length: int, run: _Run) -> Wave:
    """Specks at random times `(length,)`, of random strength and sign, each a click that decays."""
    dust = np.zeros(length)
    at = run.rng.integers(0, length, run.rng.poisson(run.preset.crackle * length / run.rate))
    np.add.at(dust, at, run.rng.laplace(0.0, _gain(run.preset.crackle_db), len(at)))
    return signal.lfilter([1.0], [1.0, -np.exp(-1 / (_DUST * run.rate))], dust) if len(at) else dust


def _gate(wave: Wave, rate: int) -> Wave:
    """How much of the noise is heard, 0..1 `(n,)`: the sound's envelope, closed at the sound's end."""
    shut, whole = _GATE_DB
    falling = np.arange(len(wave)) * _RELEASE_DB / rate
    loudness = 20 * np.log10(np.maximum(np.abs(wave), _gain(shut)))
    envelope = np.maximum.accumulate(loudness + falling) - falling
    end = np.arange(len(wave))[::-1] / (_FADE * rate)
    return np.clip((envelope - shut) / (whole - shut), 0.0, 1.0) * np.minimum(end, 1.0)


def _gain(db: float) -> float:
    return 10 ** (db / 20)
