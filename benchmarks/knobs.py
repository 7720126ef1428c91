"""The knobs of shipped models: each is turned from -2 to 2, and the waveforms of the same seed are measured.

Moves are in standard deviations of what the model draws of a role, averaged over the sounds. A knob is as good as its
own measure moves in one direction all the way, and the others stay. All four are standard measures, weighted by energy:
spectral centroid (octaves), time in which the energy that is to come falls by 30 dB (Schroeder 1965, octaves),
loudest frequency of kicks, toms and cowbells (octaves), and the spectral flatness of octaves each by itself (as that of
MPEG-7, dB). The flatness of a whole spectrum mostly is its slope: within roles it correlates with the centroid by 0.5,
and filtered noise is less flat than a tone in white noise; that of octaves correlates by 0.2. YIN's fundamental was
tried: of one map decoded with other noise it differs by 0.8 of its spread, the loudest frequency by 0.5.
"""

import librosa
import numpy as np

from benchmarks.common import Figures
from samplegen import roles
from samplegen.arrays import Signal
from samplegen.audio import parallel
from samplegen.features import descriptors, spectrogram
from samplegen.generation import sample
from samplegen.generation.options import GenerateOptions
from samplegen.models import store
from samplegen.models.model import Model

MODELS = ("starter", "starter-autoencoder")
COUNT, SEED = 80, 13  # of the sounds; another seed has guided choices
TURNS = (-2.0, -1.0, 0.0, 1.0, 2.0)
TONAL = ("kick", "low-tom", "mid-tom", "high-tom", "cowbell")
SIZE, HOP, LONG = 1024, 256, 1 << 16
PITCHES = 40.0, 1500.0  # Hz
LOWEST = 500.0  # Hz: the octaves begin here
QUIET = 1e-6  # of the loudest power: flatness is not told by less


def run() -> Figures:
    """For each model and knob: how far its own goes from end to end, whether ever onward, the others' farthest."""
    return {f"{name}, {key}": value for name in MODELS for key, value in turned(store.load(name)).items()}


def turned(model: Model) -> Figures:
    """The figures of one model."""
    vectors, figures = sample.role_vectors(model, COUNT, sample.NATURAL, seed=SEED), Figures()
    plain = measured(model, vectors, GenerateOptions())
    spreads = _spreads(plain, vectors.argmax(axis=1))
    for own, knob in enumerate(descriptors.DESCRIPTORS):
        rows = [measured(model, vectors, GenerateOptions(**{knob: turn})) if turn else plain for turn in TURNS]
        path = np.nanmean((np.stack(rows) - plain) / spreads, axis=1)
        figures[f"{knob}: its own, from -2 to 2"] = float(path[-1, own] - path[0, own])
        figures[f"{knob}: steps onward of {len(TURNS) - 1}"] = int((np.diff(path[:, own]) > 0).sum())
        figures[f"{knob}: the other that moves most"] = float(np.delete(np.ptp(path, axis=0), own).max())
    return figures


def measured(model: Model, vectors: np.ndarray, options: GenerateOptions) -> np.ndarray:
    """Measures of the sounds drawn `(n, 4)`, in the order of the knobs; no pitch of what has none."""
    rate, pictures = model.config.map.stft.rate, sample.draw(model, vectors, options=options, seed=SEED)
    rows = np.stack(
        parallel.map(lambda sound: of_waveform(sound, rate), spectrogram.decode(pictures, model.config.map))
    )
    rows[~np.isin(vectors.argmax(axis=1), [roles.INDEX[role] for role in TONAL]), 2] = np.nan
    return rows


def of_waveform(sound: Signal, rate: int) -> np.ndarray:
    """Centroid, decay, pitch and flatness, each on a scale of logarithms."""
    sound = np.pad(sound, (0, max(0, 4096 - len(sound)))).astype(np.float64)
    magnitudes = np.abs(librosa.stft(sound, n_fft=SIZE, hop_length=HOP)) + 1e-9
    energy, centroid = (magnitudes**2).sum(axis=0), librosa.feature.spectral_centroid(S=magnitudes, sr=rate)[0]
    coming = np.cumsum(np.square(sound[::-1]))[::-1]
    decay = (np.flatnonzero(coming > 1e-3 * coming[0])[-1] + 1) / rate
    return np.array([
        np.log2(np.average(centroid, weights=energy)), np.log2(decay), _loudest(sound, rate),
        _flatness(magnitudes**2, rate),
    ])  # fmt: skip


def _loudest(sound: np.ndarray, rate: int) -> float:
    """Mean octave in 40 to 1500 Hz by power squared, so that the strongest peak of the whole sound decides."""
    power, frequencies = np.abs(np.fft.rfft(sound, LONG)) ** 2, np.fft.rfftfreq(LONG, 1 / rate)
    some = (frequencies > PITCHES[0]) & (frequencies < PITCHES[1])
    return float(np.average(np.log2(frequencies[some]), weights=power[some] ** 2))


def _flatness(power: np.ndarray, rate: int) -> float:
    """Flatness of the spectrum up to 500 Hz and of each octave above, dB."""
    power = power + QUIET * power.max()
    borders = np.searchsorted(librosa.fft_frequencies(sr=rate, n_fft=SIZE), LOWEST * 2.0 ** np.arange(4))
    parts = np.split(power, borders)
    flatness = np.stack([librosa.feature.spectral_flatness(S=part, power=1.0)[0] for part in parts])
    return float(10 * np.average(np.log10(flatness), weights=np.stack([part.sum(axis=0) for part in parts])))


def _spreads(rows: np.ndarray, names: np.ndarray) -> np.ndarray:
    """The spread within a role, the mean of all roles."""
    parts = [rows[names == role] for role in np.unique(names) if (names == role).sum() > 4]
    return np.nanmean([part.std(axis=0) for part in parts], axis=0)
