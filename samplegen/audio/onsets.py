"""Loops -> one-shots: where the hits are, whether there is more than one, and where to cut.

Signals are mono float32 `(n,)` at `rate` Hz, 8 kHz to 192 kHz; times are in samples, constants in
seconds. Hits are found in two steps: the flux of compressed band levels says roughly when something
begins (Boeck, Krebs and Schedl: "Evaluating the online capabilities of onset detection methods",
ISMIR 2012), then the waveform says when exactly: the point that best parts it into a quiet and a loud
piece (Maeda's AIC picker of seismology, 1985). The file's gain never matters.
"""

from functools import lru_cache

import numba
import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from samplegen.audio import attacks
from samplegen.audio.attacks import Spans
from samplegen.audio.filterbank import triangles, unit_sum
from samplegen.audio.signals import Signal, peak

Times = NDArray[np.int64]

MERGE_SECONDS = 0.035  # hits nearer than this are one: the bursts of a clap, a flam; a 1/32 at 180 bpm is 0.042
MIN_SLICE_SECONDS = 0.05  # a slice below this is merged with the one before
MAX_SLICE_SECONDS = 4.0  # a slice is cut off here
MIN_SLICE_PEAK = 10 ** (
    -30 / 20
)  # a slice whose peak is this much below the file's is dropped: mostly other hits' tails

_HOP, _WINDOW = 0.005, 0.023  # of the flux; a longer window smears attacks, a shorter one hears beating as hits
_BANDS, _LOWEST, _HIGHEST = 32, 40.0, 10_000.0  # bands at equal ratios, Hz
_COMPRESS = 1000.0  # levels 60 dB under the peak begin to count
_LAG = 2  # hops over which a rise is measured
_RISE = 0.24  # mean rise over the bands that makes a hit, nepers, above the mean of its surroundings ...
_AROUND = 0.075  # ... this far to both sides
_BEFORE, _AFTER = 0.025, 0.015  # where the attack is looked for around the flux's peak
_FADE = 0.01  # an abrupt end of file must not sound like a hit


def find_onset(samples: Signal, rate: int) -> int:
    """Where the attack of the one hit in a one-shot begins, in samples; 0 where there is no sound.

    Silence, a noise floor or an echo before the hit are skipped if below -14 dB. Never raises.
    """
    return int(attacks.find_onset(samples, attacks.search_sizes(rate)))


def detect_onsets(samples: Signal, rate: int) -> Times:
    """Where every hit begins, `(hits,)` in samples, ascending; empty for silence.

    A hit in the very first sample counts. Hits nearer than `MERGE` are one, and so are layers.
    """
    top = peak(samples)
    if top == 0.0:
        return np.zeros(0, np.int64)
    hop = max(1, round(_HOP * rate))
    lead = round(2 * _AROUND / _HOP)  # frames of silence in front: the hit at 0 has to rise from something
    flux = _flux(samples / np.float32(top), rate, hop, lead)
    surroundings = uniform_filter1d(flux, 2 * round(_AROUND / _HOP) + 1, mode="constant")
    highest = maximum_filter1d(flux, 2 * round(MERGE_SECONDS / _HOP) + 1)
    frames = np.flatnonzero((flux == highest) & (flux >= surroundings + _RISE))
    return _refine(samples, (frames - lead) * hop - _LAG * hop // 2, rate, attacks.SILENT_POWER * top**2)


def is_loop(samples: Signal, rate: int) -> bool:
    """Whether there are several separate hits, more than 0.08 s apart, rather than one sound.

    Looks at the envelope only, of the signal and of its difference (its treble), so that it is cheap.
    Flams, claps, beating cymbals and tails are one sound; a loud echo or a slow roll is not.
    """
    return bool(attacks.rises_again(samples, attacks.search_sizes(rate)[0]))


def cut(samples: Signal, rate: int) -> list[tuple[int, int]]:
    """The one-shots in a signal as (start, stop) in samples: one for a one-shot, one per hit for a loop.

    A slice lasts until the next hit, the end, or `LONGEST`. A hit that would make a slice shorter than
    `SHORTEST` stays part of the slice before; a slice with its peak below `QUIETEST` is dropped. Any
    signal with a sample, even a silent one, gives at least one pair; an empty one gives none.
    """
    return cut_all(samples, np.array([[0, len(samples)]]), rate)[0]


def cut_all(samples: Signal, spans: Spans, rate: int) -> list[list[tuple[int, int]]]:
    """`cut` of several stretches `(n, 2)` of the samples, each in samples from the stretch's beginning."""
    looks = attacks.survey_spans(samples, spans, attacks.search_sizes(rate)).tolist()
    return [
        _pairs(samples[a:b], rate, several=bool(several), start=start)
        for (a, b), (several, start) in zip(spans.tolist(), looks, strict=True)
    ]


def _pairs(samples: Signal, rate: int, *, several: bool, start: int) -> list[tuple[int, int]]:
    """`cut` of one signal that may hold `several` hits; if not, its one begins at `start`."""
    longest = round(MAX_SLICE_SECONDS * rate)
    starts = _thin(detect_onsets(samples, rate), len(samples), round(MIN_SLICE_SECONDS * rate)) if several else []
    if len(starts) < 2:
        return [(start, min(len(samples), start + longest))] if len(samples) else []
    floor = MIN_SLICE_PEAK * peak(samples)
    pairs = [(a, min(b, a + longest)) for a, b in zip(starts, [*starts[1:], len(samples)], strict=True)]
    return [(a, b) for a, b in pairs if peak(samples[a:b]) >= floor]


def _thin(starts: Times, end: int, shortest: int) -> list[int]:
    """The starts that are at least `shortest` after the one kept before, and before the end."""
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or (start - kept[-1] >= shortest and end - start >= shortest):
            kept.append(start)
    return kept


def _flux(samples: Signal, rate: int, hop: int, lead: int) -> Signal:
    """Mean rise of the band levels in nepers, `(frames,)`; frame `lead` is centred on the first of the samples."""
    size = scipy.fft.next_fast_len(round(_WINDOW * rate), real=True)
    fade = min(round(_FADE * rate), len(samples) // 2)
    ending = np.minimum(np.arange(len(samples), 0, -1, dtype=np.float32) / (fade + 1), 1)
    frames = sliding_window_view(np.pad(samples * ending, lead * hop + size // 2), size)[::hop]
    window, filters = np.hanning(size).astype(np.float32), _filters(rate, size)
    window *= 2 * _COMPRESS / window.sum()
    spectra = (np.abs(scipy.fft.rfft(frames[at : at + 256] * window)) for at in range(0, len(frames), 256))
    levels = np.concatenate([np.log1p(_banded(spectrum, filters)) for spectrum in spectra])
    rises = np.maximum(levels[_LAG:] - levels[:-_LAG], 0).mean(axis=1)
    flux: Signal = np.pad(rises, (_LAG, 0))
    return flux


@numba.njit(cache=True, nogil=True)
def _banded(spectrum: Signal, filters: Signal) -> Signal:
    """`spectrum @ filters`, most of which are 0; BLAS would wake threads that then spin beside those of the scan."""
    levels = np.zeros((len(spectrum), filters.shape[1]), np.float32)
    for f in range(len(filters)):
        for band in range(filters.shape[1]):
            if filters[f, band] > 0:
                for t in range(len(spectrum)):
                    levels[t, band] += spectrum[t, f] * filters[f, band]
    return levels


@lru_cache(maxsize=8)
def _filters(rate: int, size: int) -> Signal:
    """Triangles of sum 1 over the bins of an FFT, `(bins, bands)`; fewer than `_BANDS` where bins are coarse."""
    edges = np.unique(np.round(np.geomspace(_LOWEST, min(_HIGHEST, rate / 2), _BANDS + 2) * size / rate))
    return unit_sum(triangles(np.arange(size // 2 + 1), edges))


def _refine(samples: Signal, rough: Times, rate: int, floor: float) -> Times:
    """The attacks near the rough times, without those that only fade or follow another within `MERGE`."""
    before, after, gap = round(_BEFORE * rate), round(_AFTER * rate), round(MERGE_SECONDS * rate)
    found: list[int] = []
    for time in rough.tolist():
        start, stop = max(0, time - before), min(len(samples), time + after)
        if stop - start < 1:
            continue
        at = attacks.pick_attack(samples, start, stop, max(0, before - time), floor)
        if (not found or at - found[-1] >= gap) and _grows(samples, at, after, floor):
            found.append(at)
    return np.array(found, np.int64)


def _grows(samples: Signal, at: int, reach: int, floor: float) -> bool:
    """Whether the power in either view is higher within `reach` after `at` than before: no mere end of a sound."""
    early, late = max(0, at - reach), min(len(samples), at + reach)
    before = attacks.measure_energies(samples, early, at, samples[early - 1] if early else np.float32(0))
    after = attacks.measure_energies(samples, at, late, samples[at - 1] if at else np.float32(0))
    return bool((after > before + floor).any())
