"""The starter's knobs: each is turned from -2 to 2, and descriptors measured on rendered sounds of the same seed.

Moves are in standard deviations of what the model draws of a role, averaged over the sounds. A knob is as good as its
own descriptor moves in one direction all the way, and the others stay. Beside the descriptors that the knobs
search by stand other measures of the same waveforms: spectral centroid (octaves), time to fall by 30 dB (octaves),
fundamental of kicks, toms and cowbells (YIN, octaves), spectral flatness (dB).
"""

import librosa
import numpy as np

from benchmarks.common import Figures
from samplegen import directions, maps, roles, sampling, store
from samplegen.audio import Signal
from samplegen.drawing import Drawing

COUNT, SEED = 120, 13  # of the sounds; another seed has guided choices
TURNS = (-2.0, -1.0, 0.0, 1.0, 2.0)
TONAL = ("kick", "low-tom", "mid-tom", "high-tom", "cowbell")
MEASURES = ("descriptors", "waveforms")


def run() -> Figures:
    """For each knob and measure: how far its own goes from end to end, whether ever onward, the others' farthest."""
    model, figures = store.load("starter"), Figures()
    vectors = sampling.wanted(model, COUNT, sampling.NATURAL, seed=SEED)
    names, rate = vectors.argmax(axis=1), model.config.map.stft.rate

    def measured(**turned: float) -> np.ndarray:
        pictures = sampling.draw(model, vectors, drawing=Drawing(**turned), seed=SEED)
        sounds = maps.decode(pictures, model.config.map)
        rows = directions.measured(np.stack([maps.encode(sound, model.config.map) for sound in sounds]))
        return np.stack([rows, np.stack([_of_waveform(sound, rate) for sound in sounds])])

    plain = measured()
    plain[1, ~np.isin(names, [roles.INDEX[role] for role in TONAL]), 2] = np.nan
    spreads = np.stack([vectors @ directions.of(model).spreads, _spreads(plain[1], names)])
    for own, knob in enumerate(directions.KNOBS):
        rows = [measured(**{knob: turn}) if turn else plain for turn in TURNS]
        paths = np.nanmean((np.stack(rows) - plain) / spreads, axis=2).transpose(1, 0, 2)
        for measure, path in zip(MEASURES, paths, strict=True):
            figures[f"{knob}, {measure}: its own, from -2 to 2"] = float(path[-1, own] - path[0, own])
            figures[f"{knob}, {measure}: steps onward of {len(TURNS) - 1}"] = int((np.diff(path[:, own]) > 0).sum())
            figures[f"{knob}, {measure}: the other that moves most"] = float(np.delete(np.ptp(path, axis=0), own).max())
    return figures


def _spreads(rows: np.ndarray, names: np.ndarray) -> np.ndarray:
    """The spread within a role, the mean of all roles."""
    parts = [rows[names == role] for role in np.unique(names) if (names == role).sum() > 4]
    return np.tile(np.nanmean([part.std(axis=0) for part in parts], axis=0), (len(rows), 1))


def _of_waveform(sound: Signal, rate: int) -> np.ndarray:
    """Centroid, decay, fundamental and flatness, each on a scale of logarithms."""
    sound = np.pad(sound, (0, max(0, 4096 - len(sound))))
    magnitudes = np.abs(librosa.stft(sound, n_fft=1024, hop_length=256)) + 1e-9
    power = (magnitudes**2).sum(axis=0)
    loud = power > 1e-3 * power.max()
    centroid = librosa.feature.spectral_centroid(S=magnitudes, sr=rate)[0]
    flatness = librosa.feature.spectral_flatness(S=magnitudes)[0]
    pitch = librosa.yin(sound, fmin=40, fmax=1500, sr=rate, frame_length=2048, hop_length=256)
    last = np.flatnonzero(loud)[-1] + 1
    return np.array([
        np.log2(np.average(centroid, weights=power)), np.log2(last * 256 / rate),
        np.log2(np.median(pitch[:last])), 10 * np.log10(np.average(flatness, weights=power)),
    ])  # fmt: skip
