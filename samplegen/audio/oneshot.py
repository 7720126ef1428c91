"""Post-processing of one-shots: trim, fade and normalise what a network makes; mono `(n,)` in, mono `(m,)` out, m <= n.

The offset is removed without moving the attack, the sound is cut to its hit, its tail faded, its peak set.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from samplegen.arrays import Signal
from samplegen.audio.signals import SILENCE_PEAK, peak
from samplegen.errors import AudioError

HIGH_PASS_HZ = 20.0  # below, sound is inaudible, but costs headroom
HIT_LEVEL = 0.03  # of the peak (-30 dB): the sound starts where it first exceeds it
TAIL_LEVEL = 10 ** (-66 / 20)  # of the peak: the sound ends where it last exceeds it
END_LEVEL = 10 ** (-72 / 20)  # of the peak: the end of a long fade below it is cut off
PRE_ROLL_SECONDS = 0.0005  # kept before the hit
FADE_IN_SECONDS = 0.0005  # where the sound starts in the middle of its hit
FADE_OUT_SECONDS = 0.005  # at least; over these the sound is below `_QUIET_DB`
_CLICK_LEVEL = 0.01  # of the peak: a louder start is faded in
_ENDING_SECONDS = 0.01  # whose loudness decides how long the fade is
_QUIET_DB, _LOUD_DB = -60.0, -20.0  # of an ending: below the first its fade is short, above the second long
_MAX_FADE = 0.3  # share of what follows the attack
_FADE_MARGIN_DB = 1.0  # for the peak, which centring moves
_MAX_FADE_POWER = 12.0  # a sound of a few milliseconds cannot be quiet over its last five
_ATTACK_LEVEL = 0.5  # of the peak: the attack ends when it is first exceeded, late in a swell


def postprocess(samples: Signal, rate: int, *, peak_dbfs: float = -0.5) -> Signal:
    """Make a one-shot of raw model output: trim it to its hit, fade it out and normalise its peak.

    Args:
        samples: mono `(n,)`, of any level and offset.
        rate: sampling rate in Hz.
        peak_dbfs: peak of the result, 0 or less.

    Returns:
        Mono `(m,)`, m <= n, of the peak `peak_dbfs` and with |mean| < 0.001. It starts at most 0.5 ms before its hit
        and fades out: its last 5 ms are below -60 dB. However short, a sound stays one.

    Raises:
        AudioError: empty, silent, or not numbers.

    Example:
        >>> import numpy as np
        >>> from samplegen import postprocess
        >>> silence, hit = np.zeros(2_000), 0.1 * np.exp(-np.arange(8_000) / 500) * np.sin(np.arange(8_000) / 5)
        >>> sound = postprocess(np.concatenate([silence, hit]).astype(np.float32), 44_100)
        >>> len(sound) < 6_000, round(float(np.abs(sound).max()), 3)
        (True, 0.944)
    """
    if not np.isfinite(samples).all():
        raise AudioError("a sound holds samples that are not numbers (NaN or infinite)")
    sound = _fade_in(_trim(_fade_in(_high_pass(_remove_offset(samples), rate), rate), rate), rate)
    sound = _centre(_trim_end(_fade_out(sound, rate), rate), rate)
    return np.asarray(sound * (10 ** (peak_dbfs / 20) / peak(sound)), np.float32)


def _remove_offset(samples: Signal) -> Signal:
    """Remove the constant offset, which the high-pass would turn into a thump at the start."""
    # no drum hit moves the median, unlike the mean
    sound: Signal = samples - np.median(samples) if len(samples) else samples
    if peak(sound) < SILENCE_PEAK:
        raise AudioError("a sound is silent; draw it again, or train the model for longer")
    return sound


def _high_pass(sound: Signal, rate: int) -> Signal:
    # causal, since a zero-phase filter would ring before the attack
    filtered: Signal = sosfilt(butter(1, HIGH_PASS_HZ, "highpass", fs=rate, output="sos"), sound.astype(np.float64))
    return filtered


def _trim(sound: Signal, rate: int) -> Signal:
    """Cut from just before the first loud sample to the last one that is not silent, and room to fade in silence."""
    level = np.abs(sound)
    hit = int(np.argmax(level > HIT_LEVEL * level.max()))
    end = int(np.flatnonzero(level > TAIL_LEVEL * level.max())[-1]) + 1
    return sound[max(0, hit - round(PRE_ROLL_SECONDS * rate)) : end + round(FADE_OUT_SECONDS * rate)]


def _fade_in(sound: Signal, rate: int) -> Signal:
    """Remove a click at the start; before the trim, too, which looks for a hit that is still there afterwards."""
    if abs(sound[0]) <= _CLICK_LEVEL * peak(sound):
        return sound
    rise = min(round(FADE_IN_SECONDS * rate), len(sound) // 4)
    return np.concatenate([sound[:rise] * _ramp(rise), sound[rise:]])


def _fade_out(sound: Signal, rate: int) -> Signal:
    faded = sound.copy()
    fall = min(_fade_length(sound, rate), len(sound) // 2)
    ramp = _ramp(fall)[::-1]
    faded[len(sound) - fall :] *= ramp
    faded[len(sound) - fall :] *= ramp ** _fade_power(faded, ramp, rate)
    return faded


def _fade_power(faded: Signal, ramp: NDArray[np.float64], rate: int) -> float:
    """Return the power of a second fade by `ramp` that brings the last 5 ms below -60 dB of the peak."""
    last = round(FADE_OUT_SECONDS * rate)
    over = 20 * np.log10(max(peak(faded[-last:]) / peak(faded), 1e-9)) - _QUIET_DB + _FADE_MARGIN_DB
    fall = -20 * np.log10(ramp[-min(last, len(ramp))]) if len(ramp) else 0.0  # dB, where they begin
    return float(np.clip(over / max(fall, 1.0), 0.0, _MAX_FADE_POWER))


def _trim_end(faded: Signal, rate: int) -> Signal:
    """Cut off the inaudible end of a long fade."""
    end = int(np.flatnonzero(np.abs(faded) > END_LEVEL * peak(faded))[-1]) + 1
    return faded[: end + round(FADE_OUT_SECONDS * rate)]


def _fade_length(sound: Signal, rate: int) -> int:
    """Return how many samples to fade at the end: the louder the ending, the more."""
    tail = len(sound) - int(np.argmax(np.abs(sound) > _ATTACK_LEVEL * peak(sound)))
    ending = 20 * np.log10(max(peak(sound[-round(_ENDING_SECONDS * rate) :]) / peak(sound), 1e-9))
    shortest = (FADE_OUT_SECONDS if ending <= _QUIET_DB else 2 * FADE_OUT_SECONDS) * rate
    return round(np.interp(ending, (_QUIET_DB, _LOUD_DB), (shortest, max(shortest, _MAX_FADE * tail))))


def _ramp(count: int) -> NDArray[np.float64]:
    """Return a raised cosine `(count,)`, from above 0 to below 1."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(1, count + 1) / (count + 1))


def _centre(sound: Signal, rate: int) -> Signal:
    """Remove the offset that the cuts left, by an arch that is 0 at both ends: no step, no click.

    The quiet last 5 ms stay quiet, except in a sound that has hardly anything else.
    """
    quiet = round(FADE_OUT_SECONDS * rate)
    long = len(sound) - quiet if len(sound) > 4 * quiet else len(sound)
    arch = np.pad(np.hanning(long + 2)[1:-1], (0, len(sound) - long))
    return sound - arch * (sound.sum() / arch.sum())
