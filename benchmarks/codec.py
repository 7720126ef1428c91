"""The shipped codec on drum machines that it never heard, by the judge of `samplegen evaluate`.

Two thirds of the machines go through the codec and are compared with the other third: real ones (the floor), those that
went through the codec's spectrograms alone, and those through the small spectrograms of other kinds.
"""

import numpy as np

from benchmarks.common import MACHINES, Figures, seconds
from samplegen.arrays import Signal
from samplegen.audio import onsets, parallel, reading, signals
from samplegen.evaluation import judge
from samplegen.features import metrics, spectrogram
from samplegen.features.spectrogram import LEVEL, SpectrogramConfig
from samplegen.models import codec, store

METAL = ("crash", "ride", "open-hat")
TIMED = 500  # sounds
SMALL = SpectrogramConfig()


def run() -> Figures:
    files = sorted(MACHINES.glob("*/*.flac"))
    names = sorted({path.stem.partition("_")[0] for path in files})
    unseen = [path.stem.partition("_")[0] in names[::3] for path in files]
    sounds = parallel.map(_read, files)
    chosen = [sound for sound, other in zip(sounds, unseen, strict=True) if not other]
    metal = [i for i, path in enumerate([p for p, o in zip(files, unseen, strict=True) if not o])
             if path.parent.name in METAL]  # fmt: skip
    reference = judge.embed(sound for sound, other in zip(sounds, unseen, strict=True) if other)
    axes = metrics.principal_axes(reference)
    model = store.load("codec")
    config, (encoder, decoder) = model.config.map, map(model.network.get_layer, (codec.ENCODER, codec.DECODER))
    maps = np.stack([spectrogram.encode(sound, config) for sound in chosen])
    again = model.network.predict(maps, batch_size=32, verbose=0)
    sets = {
        "real machines": chosen,
        "through the codec": spectrogram.decode(again, config, iterations=1),
        "through its spectrograms alone": spectrogram.decode(maps, config, iterations=1),
        "through 64 x 64 cells at 22.05 kHz": _small(chosen),
    }
    figures: Figures = {"sounds": len(chosen), "of unseen machines": int(sum(unseen))}
    for name, made in sets.items():
        rows = judge.embed(made)
        distance = metrics.frechet_distance(reference @ axes, rows @ axes)
        figures[f"Frechet distance to unseen machines, {name}"] = distance
        figures[f"recall, {name}"] = metrics.recall(reference, rows)
        counts = [judge.count_partials(made[index]) for index in metal]
        figures[f"partials of metal (median), {name}"] = float(np.median(counts))
    figures["levels off (dB)"] = float(-config.floor_db * np.abs(again - maps)[..., LEVEL].mean())
    timed = (sounds * 2)[:TIMED]

    def encode() -> np.ndarray:
        maps = np.stack(parallel.map(lambda sound: spectrogram.encode(sound, config), timed))
        return encoder.predict(maps, batch_size=32, verbose=0)

    codes = encode()
    figures[f"{TIMED} sounds to codes (s)"] = seconds(encode)
    figures[f"{TIMED} codes to sounds (s)"] = seconds(
        lambda: spectrogram.decode(decoder.predict(codes, batch_size=32, verbose=0), config, iterations=1)
    )
    return figures


def _read(path: object) -> Signal:
    samples, _ = reading.read_audio(str(path), judge.RATE)
    samples = samples[onsets.find_onset(samples, judge.RATE) :]
    return samples / max(signals.peak(samples), 1e-9)


def _small(sounds: list[Signal]) -> list[Signal]:
    low = [signals.resample(sound, judge.RATE, SMALL.stft.rate) for sound in sounds]
    made = spectrogram.decode([spectrogram.encode(sound, SMALL) for sound in low], SMALL)
    return [signals.resample(sound, SMALL.stft.rate, judge.RATE) for sound in made]
