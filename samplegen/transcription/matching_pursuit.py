"""A round of matching pursuit: the sounds that what is left of a loop is most alike to, their gains, and what is left.

Stagewise and orthogonal (Mallat and Zhang, "Matching pursuits with time-frequency dictionaries", 1993; Donoho et al.,
"Sparse solution of underdetermined systems of linear equations by stagewise orthogonal matching pursuit", 2012):
a round finds many sounds at once, and gains of all that were found before are fitted anew, none below 0. Waveforms are
compared, so that no other sound is taken for one of the pack.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from samplegen.arrays import Signal
from samplegen.transcription.atoms import RATE, Atom, MatchedHit, PackSample, add, hit_waveforms, window

MIN_EXPLAINED = 0.05  # of the energy that is left where a sound is, which it has to explain ...
_KEPT_EXPLAINED = 0.8  # ... and of that, when others were found
_MIN_LOOP_SHARE = 1e-4  # of the loop's own energy where a sound is, which it has to explain
_ROUND_GAP_SAMPLES = round(0.05 * RATE)  # samples between two that are found in one round
_REPEAT_GAP_SAMPLES = round(0.015 * RATE)  # samples within which a sound does not begin twice
_SWEEPS, _SETTLED = 30, 1e-3  # of the fit of gains
_FFT_SAMPLES = 32_768  # samples of an FFT

Sums = NDArray[np.float64]
Fit = tuple[list[MatchedHit], Signal]  # hits in order of time, and what they leave of the loop


class Circle(NamedTuple):
    """Samples `(n,)` whose end goes on with their start, and how many of them are the loop's: the rest is silence."""

    samples: Signal
    length: int


class Scene(NamedTuple):
    """A weighed loop, the takes of a pack, how each sounds in it, the least gain of a hit beside the loudest."""

    loop: Circle
    takes: Sequence[PackSample]
    atoms: Sequence[Atom]
    softest: float

    def share(self, rest: Signal) -> float:
        """Return the share of the loop's energy that a rest has, within the loop."""
        left, own = (float(np.sum(samples[: self.loop.length] ** 2)) for samples in (rest, self.loop.samples))
        return left / max(own, 1e-30)

    def audible_head(self, hit: MatchedHit) -> int:
        """Return how many samples of a hit its gain is measured by: those of its head in the loop, or all."""
        head, (samples, length) = len(self.atoms[hit.take].head), self.loop
        beyond = min(hit.time + head, len(samples)) - length
        return head - beyond if 0 < beyond < head else head

    @property
    def longest(self) -> int:
        """Samples of the longest head."""
        return max(len(atom.head) for atom in self.atoms)


def step(scene: Scene, hits: list[MatchedHit], rest: Signal) -> Fit:
    """One round more: hits that explain the rest, and all gains anew; what then explains too little goes."""
    fresh = list(_found(scene, hits, rest))
    if not fresh:
        return hits, rest
    hits, rest = fit(scene, hits + fresh)
    kept = list(_kept(scene, hits, rest))
    return (hits, rest) if len(kept) == len(hits) else fit(scene, kept)


def fit(scene: Scene, hits: Sequence[MatchedHit]) -> Fit:
    """Hits with the gains that explain their heads best (coordinate descent, in order of time), and the rest."""
    hits = sorted(hits)
    sounds = list(hit_waveforms(hits, scene.takes, scene.atoms, len(scene.loop.samples)))
    heads = [sound[: scene.audible_head(hit)] for hit, sound in zip(hits, sounds, strict=True)]
    energies = [float(np.vdot(head, head)) + 1e-12 for head in heads]
    gains, rest = [hit.gain for hit in hits], scene.loop.samples.copy()
    for hit, sound in zip(hits, sounds, strict=True):
        add(rest, hit.time, sound, -hit.gain)
    for _ in range(_SWEEPS):
        before = list(gains)
        for at, hit in enumerate(hits):
            missing = float(np.vdot(window(rest, hit.time, len(heads[at])), heads[at])) / energies[at]
            if abs(missing) > _SETTLED * gains[at]:
                gains[at] = max(0.0, gains[at] + missing)
                add(rest, hit.time, sounds[at], before[at] - gains[at])
        if gains == before:
            break
    return [hit._replace(gain=gain) for hit, gain in zip(hits, gains, strict=True)], rest


def _found(scene: Scene, hits: Sequence[MatchedHit], rest: Signal) -> Iterator[MatchedHit]:
    """The sounds that explain more of the rest than any other near them."""
    length = len(rest)
    left, own = (
        _running_energy(samples, scene.longest) for samples in (rest, scene.loop.samples)
    )  # energy up to each sample
    best, which = np.zeros(length, np.float32), np.zeros(length, np.int64)
    least = scene.softest * max((hit.gain for hit in hits), default=0.0)
    for number, alike in enumerate(_correlations(scene, rest)):
        size, energy = len(scene.atoms[number].head), scene.atoms[number].energy
        explained = np.maximum(alike, 0) ** 2 / np.float32(energy)
        there, before = (energies[size:][:length] - energies[:length] for energies in (left, own))
        explained[
            (explained < np.maximum(MIN_EXPLAINED * there, _MIN_LOOP_SHARE * before)) | (alike < least * energy)
        ] = 0
        for hit in hits:
            if scene.takes[hit.take].pad is scene.takes[number].pad:
                explained[np.arange(hit.time - _REPEAT_GAP_SAMPLES, hit.time + _REPEAT_GAP_SAMPLES + 1) % length] = 0
        better = explained > best
        best[better], which[better] = explained[better], number
    highest = maximum_filter1d(best, 2 * _ROUND_GAP_SAMPLES + 1, mode="wrap")
    for at in np.flatnonzero((best == highest) & (best > 0)).tolist():
        yield MatchedHit(at, int(which[at]), float(np.sqrt(best[at] / scene.atoms[which[at]].energy)))


def _kept(scene: Scene, hits: Sequence[MatchedHit], rest: Signal) -> Iterator[MatchedHit]:
    """Yield those that still explain enough."""
    least = scene.softest * max(hit.gain for hit in hits)
    for hit in hits:
        atom = scene.atoms[hit.take]
        left, own = (float(np.sum(window(s, hit.time, len(atom.head)) ** 2)) for s in (rest, scene.loop.samples))
        explained = hit.gain**2 * atom.energy
        if hit.gain >= least and explained > _KEPT_EXPLAINED * max(
            MIN_EXPLAINED * (left + explained), _MIN_LOOP_SHARE * own
        ):
            yield hit


def _correlations(scene: Scene, rest: Signal) -> Iterator[Signal]:
    """Correlate the head of each sound with what begins at each sample of the rest, `(n,)`, by overlap-save."""
    length, hop = len(rest), _FFT_SAMPLES - scene.longest
    count = -(-length // hop)
    around = np.pad(np.pad(rest, (0, scene.longest), mode="wrap"), (0, count * hop + _FFT_SAMPLES))
    spectra = scipy.fft.rfft(sliding_window_view(around, _FFT_SAMPLES)[: count * hop : hop])
    for atom in scene.atoms:
        filters = np.conj(scipy.fft.rfft(atom.head, _FFT_SAMPLES))
        yield scipy.fft.irfft(spectra * filters, _FFT_SAMPLES)[:, :hop].ravel()[:length]


def _running_energy(samples: Signal, longest: int) -> Sums:
    """Energy up to each sample and `longest` more."""
    around = np.pad(samples, (0, longest), mode="wrap")
    return np.concatenate([[0.0], np.cumsum(around**2, dtype=np.float64)])
