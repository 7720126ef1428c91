"""From a network's raw sound to a one-shot that can be played: mono `(n,)` in, mono `(m,)` out, m <= n.

Centred without moving the attack, cut to the hit, its tail faded, levelled.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from samplegen.audio.signals import SILENCE_PEAK, Signal, peak
from samplegen.errors import AudioError

HIGH_PASS_HZ = 20.0  # Hz; below, nothing is heard, but it costs headroom
HIT_LEVEL = 0.03  # of the peak (-30 dB); the sound starts where it first exceeds this
TAIL_LEVEL = 10 ** (-66 / 20)  # of the peak; the sound ends where it last exceeds this
END_LEVEL = 10 ** (-72 / 20)  # of the peak; what a long fade leaves below this is cut off
PRE_ROLL_SECONDS = 0.0005  # seconds kept before the hit
FADE_IN_SECONDS = 0.0005  # seconds, where the sound starts in the middle of its hit
FADE_OUT_SECONDS = 0.005  # seconds at least; over these the sound is below `_QUIET`
_CLICK = 0.01  # of the peak: a start above this is faded in
_LAST = 0.01  # seconds over which the loudness of the ending is judged
_QUIET, _LOUD = -60.0, -20.0  # dB of the peak: an ending below the first gets FADE_OUT, above the second
_LONGEST_FADE = 0.3  # of what follows the attack
_MARGIN = 1.0  # dB, for the peak that the centring moves
_STEEPEST = 12.0  # power of a fade: a sound of a few milliseconds cannot be quiet over its last five
_ATTACK = 0.5  # of the peak; over when first exceeded, which in a steady sound comes early and in a swell late


def postprocess(samples: Signal, rate: int, *, peak_dbfs: float = -0.5) -> Signal:
    """Make a one-shot of raw model output.

    Args:
        samples: mono `(n,)`, any level and offset.
        rate: sampling rate in Hz.
        peak_dbfs: level of the result's largest sample, 0 or less.

    Returns:
        Mono `(m,)`, m <= n: starts at most 0.5 ms before its hit, |mean| < 0.001, ends faded out, its last
        5 ms below -60 dB, and has the peak asked for. However short, a sound stays one.

    Raises:
        AudioError: empty, silent, or not numbers.
    """
    if not np.isfinite(samples).all():
        raise AudioError("a sound holds samples that are not numbers (NaN or infinite)")
    sound = _faded_in(_cut(_faded_in(_high_passed(_audible(samples), rate), rate), rate), rate)
    sound = _centred(_ended(_faded(sound, rate), rate), rate)
    return np.asarray(sound * (10 ** (peak_dbfs / 20) / peak(sound)), np.float32)


def _audible(samples: Signal) -> Signal:
    """Without the constant offset, which the high-pass would turn into a thump at the start."""
    # the median, which unlike the mean no drum hit moves
    sound: Signal = samples - np.median(samples) if len(samples) else samples
    if peak(sound) < SILENCE_PEAK:
        raise AudioError("a sound is silent; draw it again, or train the model for longer")
    return sound


def _high_passed(sound: Signal, rate: int) -> Signal:
    # causal, since a zero-phase filter would ring before the attack
    filtered: Signal = sosfilt(butter(1, HIGH_PASS_HZ, "highpass", fs=rate, output="sos"), sound.astype(np.float64))
    return filtered


def _cut(sound: Signal, rate: int) -> Signal:
    """From just before the first loud sample to the last one that is not silent, and room to fade in silence."""
    level = np.abs(sound)
    hit = int(np.argmax(level > HIT_LEVEL * level.max()))
    end = int(np.flatnonzero(level > TAIL_LEVEL * level.max())[-1]) + 1
    return sound[max(0, hit - round(PRE_ROLL_SECONDS * rate)) : end + round(FADE_OUT_SECONDS * rate)]


def _faded_in(sound: Signal, rate: int) -> Signal:
    """Without a click at the start; before the cut, too, which looks for a hit that is still there afterwards."""
    if abs(sound[0]) <= _CLICK * peak(sound):
        return sound
    rise = min(round(FADE_IN_SECONDS * rate), len(sound) // 4)
    return np.concatenate([sound[:rise] * _ramp(rise), sound[rise:]])


def _faded(sound: Signal, rate: int) -> Signal:
    faded = sound.copy()
    fall = min(_fade_out(sound, rate), len(sound) // 2)
    ramp = _ramp(fall)[::-1]
    faded[len(sound) - fall :] *= ramp
    faded[len(sound) - fall :] *= ramp ** _steeper(faded, ramp, rate)
    return faded


def _steeper(faded: Signal, ramp: NDArray[np.float64], rate: int) -> float:
    """The power of a second fade by `ramp` that brings the last 5 ms below -60 dB of the peak."""
    last = round(FADE_OUT_SECONDS * rate)
    over = 20 * np.log10(max(peak(faded[-last:]) / peak(faded), 1e-9)) - _QUIET + _MARGIN
    fall = -20 * np.log10(ramp[-min(last, len(ramp))]) if len(ramp) else 0.0  # dB, where they begin
    return float(np.clip(over / max(fall, 1.0), 0.0, _STEEPEST))


def _ended(faded: Signal, rate: int) -> Signal:
    """Without the end of a long fade, of which nothing is heard."""
    end = int(np.flatnonzero(np.abs(faded) > END_LEVEL * peak(faded))[-1]) + 1
    return faded[: end + round(FADE_OUT_SECONDS * rate)]


def _fade_out(sound: Signal, rate: int) -> int:
    """Samples to fade at the end: the louder the sound is where it stops, the more."""
    tail = len(sound) - int(np.argmax(np.abs(sound) > _ATTACK * peak(sound)))
    ending = 20 * np.log10(max(peak(sound[-round(_LAST * rate) :]) / peak(sound), 1e-9))
    shortest = (FADE_OUT_SECONDS if ending <= _QUIET else 2 * FADE_OUT_SECONDS) * rate
    return round(np.interp(ending, (_QUIET, _LOUD), (shortest, max(shortest, _LONGEST_FADE * tail))))


def _ramp(count: int) -> NDArray[np.float64]:
    """A raised cosine `(count,)`, from above 0 to below 1."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(1, count + 1) / (count + 1))


def _centred(sound: Signal, rate: int) -> Signal:
    """Take out what the cuts left of an offset, by an arch that is 0 at both ends: no step, no click.

    The quiet last 5 ms stay so, but in a sound that hardly has others.
    """
    quiet = round(FADE_OUT_SECONDS * rate)
    long = len(sound) - quiet if len(sound) > 4 * quiet else len(sound)
    arch = np.pad(np.hanning(long + 2)[1:-1], (0, len(sound) - long))
    return sound - arch * (sound.sum() / arch.sum())
