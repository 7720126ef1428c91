"""Lo-fi processing: old samplers, tapes, records and lines; `samplegen.audio.lofi_presets` is their table.

A preset is the parameters of seven stages, applied in the order in which the signal runs through such a machine. A
stage with neutral parameters is skipped. Sounds are mono `(n,)`, times in seconds, frequencies in Hz. Every stage
gets the sound at full scale (peak 1), as if its level had been set by hand; so a preset does the same to a soft
sound and to a loud one, and dB below are relative to the peak. No stage moves the attack: filters are causal, and
the error of the speed starts at 0.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage, signal

from samplegen.arrays import Signal
from samplegen.audio.lofi_presets import COLOURS, PRESETS, Preset
from samplegen.errors import OptionError, did_you_mean

Wave = NDArray[np.float64]  # inside the chain: low filters at high rates need the precision

_MIN_NOISE_HZ = 20.0  # below, coloured noise is flat, or most of its power would be inaudible
_FILTER_ORDERS = {"highpass": 2, "lowpass": 4}  # Butterworth, 6 dB an octave for each
_MAX_CUTOFF = 0.45  # of the rate: a higher low-pass would be inaudible
_DENORMAL_OFFSET = 1e-30  # keeps a filter that rings out in silence from denormal numbers, twenty times slower
_GATE_RANGE_DB = (-60.0, -30.0)  # of the envelope: noise is shut below the first, whole above the second
_RELEASE_DB_PER_SECOND = 300.0  # fall of the envelope after a sound that stops dead
_FADE_SECONDS = 0.005  # in which noise ends where the sound is cut off
_CRACKLE_SECONDS = 0.0002  # decay of one speck of crackle


class _Settings(NamedTuple):
    """Settings of a stage: preset, sampling rate in Hz, and random generator."""

    preset: Preset
    rate: int
    rng: np.random.Generator


def apply_lofi(samples: Signal, rate: int, preset: str | Preset, *, seed: int = 0) -> Signal:
    """Play a sound through a lo-fi machine.

    Noise belongs to the sound: it opens with the attack, stays while the envelope of the sound is above -30 dB of
    its peak, is gone below -60 dB, and fades out in the last 5 ms. Silence stays silence.

    Args:
        samples: `(n,)` float32; beyond -1..1 it is clipped, NaN becomes 0.
        rate: its sampling rate in Hz.
        preset: a name of `lofi_presets.PRESETS`, or a preset of your own.
        seed: decides noise, crackle and the phase of the wow; one seed, one result.

    Returns:
        `(n,)` float32 of the same peak at the same rate, starting where `samples` starts.

    Raises:
        OptionError: an unknown preset.

    Example:
        >>> import numpy as np
        >>> from samplegen import apply_lofi
        >>> tone = np.sin(np.arange(4_410) / 20).astype(np.float32)
        >>> worn = apply_lofi(tone, 44_100, "cassette", seed=1)
        >>> worn.shape, bool(np.array_equal(worn, apply_lofi(tone, 44_100, "cassette", seed=1)))
        ((4410,), True)
    """
    settings = _Settings(_preset(preset), rate, np.random.default_rng(seed))
    wave = np.clip(np.nan_to_num(samples.astype(np.float64)), -1.0, 1.0)
    level = np.abs(wave).max(initial=0.0)
    if level == 0:
        return wave.astype(np.float32)
    wave = _full_scale(wave)
    for stage, parameters in STAGES:
        if any(getattr(settings.preset, name) for name in parameters):
            wave = _full_scale(stage(wave, settings))
    return (wave * level).astype(np.float32)


def wobble(wave: Wave, settings: _Settings) -> Wave:
    """Play at an unsteady speed: one slow and one fast sine, each at a random point of its turn."""
    preset, time = settings.preset, np.arange(len(wave)) / settings.rate
    late = np.zeros(len(wave))
    for depth, hz in ((preset.wow, preset.wow_hz), (preset.flutter, preset.flutter_hz)):
        turn, start = 2 * np.pi * hz, settings.rng.uniform(0, 2 * np.pi)
        # the integral of depth * sin(turn * time + start), which is 0 at the attack
        late += depth / turn * (np.cos(start) - np.cos(turn * time + start))
    return ndimage.map_coordinates(wave, [(time + late) * settings.rate], order=3)


def band_limit(wave: Wave, settings: _Settings) -> Wave:
    """Keep the band that the medium carries."""
    return _filtered(wave, settings.rate, low=settings.preset.low_hz, high=settings.preset.high_hz)


def saturate(wave: Wave, settings: _Settings) -> Wave:
    """Bend loud samples towards their limit, symmetrically: odd harmonics."""
    return np.tanh(settings.preset.drive * wave)


def add_noise(wave: Wave, settings: _Settings) -> Wave:
    """Add the medium's noise and the crackle on it, for as long as the sound sounds."""
    noise = _noise(len(wave), settings) + _crackle(len(wave), settings)
    return wave + noise * _gate(wave, settings.rate)


def reduce_rate(wave: Wave, settings: _Settings) -> Wave:
    """Keep what a lower rate keeps, by sample and hold or band-limited; a higher rate keeps all.

    Resampling down and up again is a low-pass at half the lower rate. Done as one, it can be the
    causal elliptic filter of old converters, where a resampler's would ring before the attack.
    """
    rate, to = settings.rate, settings.preset.rate or settings.rate
    if to >= rate:
        return wave
    if not settings.preset.aliases:
        return _through(_antialias(to, rate), wave)
    held = np.arange(len(wave)) * to // rate
    return wave[-(-held * rate // to)]  # each hold's first sample: rounded up, so none from before it


def reduce_bits(wave: Wave, settings: _Settings) -> Wave:
    """Round to `2**bits - 1` even levels, one of them 0 (mid-tread: silence stays silent), without dither."""
    top = 2 ** ((settings.preset.bits or 24) - 1) - 1
    return np.round(wave * top) / top


def low_pass(wave: Wave, settings: _Settings) -> Wave:
    """The low-pass behind a converter: leaves some of its steps, takes their edge."""
    return _filtered(wave, settings.rate, high=settings.preset.tone_hz)


# in this order; a stage runs where one of its parameters is set
STAGES: tuple[tuple[Callable[[Wave, _Settings], Wave], tuple[str, ...]], ...] = (
    (wobble, ("wow", "flutter")),
    (band_limit, ("low_hz", "high_hz")),
    (saturate, ("drive",)),
    (add_noise, ("noise_db", "crackle")),
    (reduce_rate, ("rate",)),
    (reduce_bits, ("bits",)),
    (low_pass, ("tone_hz",)),
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
        wave = _through(_butterworth("highpass", min(low, _MAX_CUTOFF * rate), rate), wave)
    if high and high < _MAX_CUTOFF * rate:
        wave = _through(_butterworth("lowpass", high, rate), wave)
    return wave


def _through(sections: Wave, wave: Wave) -> Wave:
    return signal.sosfilt(sections, wave + _DENORMAL_OFFSET)


@lru_cache
def _butterworth(kind: str, hz: float, rate: int) -> Wave:
    return signal.butter(_FILTER_ORDERS[kind], hz, kind, fs=rate, output="sos")


@lru_cache
def _antialias(to: int, rate: int) -> Wave:
    """Design a low-pass, flat to 0.1 dB up to 85 % of `to / 2`, and 80 dB down from `to / 2` on."""
    return signal.ellip(10, 0.1, 80.0, 0.85 * to / 2, fs=rate, output="sos")


def _noise(length: int, settings: _Settings) -> Wave:
    """Return coloured noise `(length,)` in the band of the medium, of the preset's RMS."""
    if settings.preset.noise_db is None:
        return np.zeros(length)
    size = fft.next_fast_len(length, real=True)
    spectrum = fft.rfft(settings.rng.standard_normal(size))
    spectrum *= np.maximum(fft.rfftfreq(size, 1 / settings.rate), _MIN_NOISE_HZ) ** COLOURS[settings.preset.colour]
    noise = band_limit(fft.irfft(spectrum, size)[:length], settings)
    return noise * _gain(settings.preset.noise_db) / max(np.sqrt(np.mean(noise**2)), np.finfo(float).tiny)


def _crackle(length: int, settings: _Settings) -> Wave:
    """Return specks of crackle at random times `(length,)`, of random strength and sign, each a click that decays."""
    crackle = np.zeros(length)
    at = settings.rng.integers(0, length, settings.rng.poisson(settings.preset.crackle * length / settings.rate))
    np.add.at(crackle, at, settings.rng.laplace(0.0, _gain(settings.preset.crackle_db), len(at)))
    return (
        signal.lfilter([1.0], [1.0, -np.exp(-1 / (_CRACKLE_SECONDS * settings.rate))], crackle) if len(at) else crackle
    )


def _gate(wave: Wave, rate: int) -> Wave:
    """Return how open the noise is, 0..1 `(n,)`: by the envelope of the sound, closed at its end."""
    shut, whole = _GATE_RANGE_DB
    falling = np.arange(len(wave)) * _RELEASE_DB_PER_SECOND / rate
    loudness = 20 * np.log10(np.maximum(np.abs(wave), _gain(shut)))
    envelope = np.maximum.accumulate(loudness + falling) - falling
    end = np.arange(len(wave))[::-1] / (_FADE_SECONDS * rate)
    return np.clip((envelope - shut) / (whole - shut), 0.0, 1.0) * np.minimum(end, 1.0)


def _gain(db: float) -> float:
    return 10 ** (db / 20)
