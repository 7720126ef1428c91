"""Onset detection and slicing: where the hits of a loop are, whether there are several, and where to cut.

Signals are mono float32 `(n,)` at `rate` Hz, 8 kHz to 192 kHz; times are in samples. Hits are found in two steps. The
flux of compressed band levels tells roughly when something begins (Boeck, Krebs and Schedl: "Evaluating the online
capabilities of onset detection methods", ISMIR 2012). Then the waveform tells when exactly: at the point that best
splits it into a quiet and a loud part (Maeda's AIC picker of seismology, 1985). The gain of the file never matters.
"""

from functools import lru_cache

import numba
import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from samplegen.arrays import Signal, Spans, Times
from samplegen.audio import attacks
from samplegen.audio.filterbank import triangles, unit_sum
from samplegen.audio.signals import peak

MERGE_SECONDS = 0.035  # hits nearer than this are one: the bursts of a clap, a flam; a 1/32 at 180 bpm is 0.042
MIN_SLICE_SECONDS = 0.05  # a shorter slice is merged with the one before
MAX_SLICE_SECONDS = 4.0  # a longer slice is cut off
MIN_SLICE_PEAK = 10 ** (-30 / 20)  # of the file's peak: softer slices are dropped, mostly tails of other hits

_HOP_SECONDS = 0.005  # of the flux
_WINDOW_SECONDS = 0.023  # a longer window smears attacks, a shorter one takes beating for hits
_BAND_COUNT, _MIN_HZ, _MAX_HZ = 32, 40.0, 10_000.0  # bands at equal ratios
_COMPRESSION = 1000.0  # levels 60 dB under the peak begin to count
_LAG_HOPS = 2  # over which a rise is measured
_MIN_RISE_NEPERS = 0.24  # mean rise over the bands that makes a hit, above the mean of its surroundings ...
_AROUND_SECONDS = 0.075  # ... so far to both sides
_BEFORE_SECONDS, _AFTER_SECONDS = 0.025, 0.015  # around the peak of the flux, the attack is looked for
_FADE_SECONDS = 0.01  # an abrupt end of file must not sound like a hit


def find_onset(samples: Signal, rate: int) -> int:
    """Return where the attack of the one hit in a one-shot begins, in samples; 0 where there is no sound.

    Silence, a noise floor or an echo before the hit are skipped if below -14 dB. Never raises.
    """
    return int(attacks.find_onset(samples, attacks.search_sizes(rate)))


def detect_onsets(samples: Signal, rate: int) -> Times:
    """Return where every hit begins, `(hits,)` in samples, ascending; empty for silence.

    A hit in the very first sample counts. Hits nearer than `MERGE_SECONDS` are one, and so are layers.
    """
    top = peak(samples)
    if top == 0.0:
        return np.zeros(0, np.int64)
    hop = max(1, round(_HOP_SECONDS * rate))
    lead = round(
        2 * _AROUND_SECONDS / _HOP_SECONDS
    )  # frames of silence in front: the hit at 0 has to rise from something
    flux = _spectral_flux(samples / np.float32(top), rate, hop, lead)
    surroundings = uniform_filter1d(flux, 2 * round(_AROUND_SECONDS / _HOP_SECONDS) + 1, mode="constant")
    highest = maximum_filter1d(flux, 2 * round(MERGE_SECONDS / _HOP_SECONDS) + 1)
    frames = np.flatnonzero((flux == highest) & (flux >= surroundings + _MIN_RISE_NEPERS))
    return _refine(samples, (frames - lead) * hop - _LAG_HOPS * hop // 2, rate, attacks.SILENT_POWER * top**2)


def is_loop(samples: Signal, rate: int) -> bool:
    """Tell whether there are several separate hits, more than 0.08 s apart, rather than one sound.

    Only the envelopes of the signal and of its difference (its treble) are examined, which is fast. Flams, claps,
    beating cymbals and tails are one sound; a loud echo or a slow roll is not.
    """
    return bool(attacks.rises_again(samples, attacks.search_sizes(rate)[0]))


def cut(samples: Signal, rate: int) -> list[tuple[int, int]]:
    """Cut a signal into one-shots, (start, stop) in samples: one for a one-shot, one per hit for a loop.

    A slice lasts until the next hit, the end, or `MAX_SLICE_SECONDS`. A hit that would make a slice shorter than
    `MIN_SLICE_SECONDS` stays part of the slice before; a slice with its peak below `MIN_SLICE_PEAK` is dropped. Any
    signal with a sample, even a silent one, gives at least one pair; an empty one gives none.
    """
    return cut_all(samples, np.array([[0, len(samples)]]), rate)[0]


def cut_all(samples: Signal, spans: Spans, rate: int) -> list[list[tuple[int, int]]]:
    """Cut several spans `(n, 2)` of the samples, as `cut` does each; pairs count from the start of the span."""
    looks = attacks.survey_spans(samples, spans, attacks.search_sizes(rate)).tolist()
    return [
        _slices(samples[a:b], rate, several=bool(several), start=start)
        for (a, b), (several, start) in zip(spans.tolist(), looks, strict=True)
    ]


def _slices(samples: Signal, rate: int, *, several: bool, start: int) -> list[tuple[int, int]]:
    """Cut one signal that may hold `several` hits; if not, its one begins at `start`."""
    longest = round(MAX_SLICE_SECONDS * rate)
    starts = _thin(detect_onsets(samples, rate), len(samples), round(MIN_SLICE_SECONDS * rate)) if several else []
    if len(starts) < 2:
        return [(start, min(len(samples), start + longest))] if len(samples) else []
    floor = MIN_SLICE_PEAK * peak(samples)
    pairs = [(a, min(b, a + longest)) for a, b in zip(starts, [*starts[1:], len(samples)], strict=True)]
    return [(a, b) for a, b in pairs if peak(samples[a:b]) >= floor]


def _thin(starts: Times, end: int, shortest: int) -> list[int]:
    """Keep the starts that are at least `shortest` after the one kept before, and before the end."""
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or (start - kept[-1] >= shortest and end - start >= shortest):
            kept.append(start)
    return kept


def _spectral_flux(samples: Signal, rate: int, hop: int, lead: int) -> Signal:
    """Return the mean rise of the band levels in nepers, `(frames,)`; frame `lead` is centred on the first sample."""
    size = scipy.fft.next_fast_len(round(_WINDOW_SECONDS * rate), real=True)
    fade = min(round(_FADE_SECONDS * rate), len(samples) // 2)
    ending = np.minimum(np.arange(len(samples), 0, -1, dtype=np.float32) / (fade + 1), 1)
    frames = sliding_window_view(np.pad(samples * ending, lead * hop + size // 2), size)[::hop]
    window, filters = np.hanning(size).astype(np.float32), _filterbank(rate, size)
    window *= 2 * _COMPRESSION / window.sum()
    spectra = (np.abs(scipy.fft.rfft(frames[at : at + 256] * window)) for at in range(0, len(frames), 256))
    levels = np.concatenate([np.log1p(_pool(spectrum, filters)) for spectrum in spectra])
    rises = np.maximum(levels[_LAG_HOPS:] - levels[:-_LAG_HOPS], 0).mean(axis=1)
    flux: Signal = np.pad(rises, (_LAG_HOPS, 0))
    return flux


@numba.njit(cache=True, nogil=True)
def _pool(spectrum: Signal, filters: Signal) -> Signal:
    """Return `spectrum @ filters`, most of which are 0; BLAS would wake threads that spin beside those of the scan."""
    levels = np.zeros((len(spectrum), filters.shape[1]), np.float32)
    for f in range(len(filters)):
        for band in range(filters.shape[1]):
            if filters[f, band] > 0:
                for t in range(len(spectrum)):
                    levels[t, band] += spectrum[t, f] * filters[f, band]
    return levels


@lru_cache(maxsize=8)
def _filterbank(rate: int, size: int) -> Signal:
    """Return triangles of sum 1 over the bins of an FFT, `(bins, bands)`; fewer bands where bins are coarse."""
    edges = np.unique(np.round(np.geomspace(_MIN_HZ, min(_MAX_HZ, rate / 2), _BAND_COUNT + 2) * size / rate))
    return unit_sum(triangles(np.arange(size // 2 + 1), edges))


def _refine(samples: Signal, rough: Times, rate: int, floor: float) -> Times:
    """Return the attacks near the rough times, without fades and without those within `MERGE_SECONDS` of another."""
    before, after, gap = round(_BEFORE_SECONDS * rate), round(_AFTER_SECONDS * rate), round(MERGE_SECONDS * rate)
    found: list[int] = []
    for time in rough.tolist():
        start, stop = max(0, time - before), min(len(samples), time + after)
        if stop - start < 1:
            continue
        at = attacks.pick_attack(samples, start, stop, max(0, before - time), floor)
        if (not found or at - found[-1] >= gap) and _is_rising(samples, at, after, floor):
            found.append(at)
    return np.array(found, np.int64)


def _is_rising(samples: Signal, at: int, reach: int, floor: float) -> bool:
    """Tell whether the power in either view is higher within `reach` after `at` than before: no mere end of a sound."""
    early, late = max(0, at - reach), min(len(samples), at + reach)
    before = attacks.measure_energies(samples, early, at, samples[early - 1] if early else np.float32(0))
    after = attacks.measure_energies(samples, at, late, samples[at - 1] if at else np.float32(0))
    return bool((after > before + floor).any())
