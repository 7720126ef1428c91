"""Pages of `samplegen show` on a model, a pack, a sound: the data, the same for a reader, and a picture."""

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from samplegen import roles
from samplegen.audio import onsets, reading, signals
from samplegen.cli.views import tables
from samplegen.errors import DataError
from samplegen.features import images
from samplegen.kits import manifest
from samplegen.models.card import read_card

_LEARNED = ("sounds", "patterns", "bars", "kits", "seed", "steps", "minutes")


class ModelPage:
    """A model by its card."""

    type = "model"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.card = read_card(path)

    @property
    def data(self) -> dict[str, Any]:
        """The card, and the model's hash."""
        return vars(self.card) | {"hash": self.card.hash}

    def shown(self, png: Path | None) -> Iterator[Any]:
        """Yield the card, the training and the credits."""
        card, training = self.card, self.card.training
        learned = {key: training.get(key) for key in _LEARNED}
        shares = training.get("roles")
        learned["roles"] = ", ".join(f"{k} {n}" for k, n in shares.items()) if isinstance(shares, dict) else None
        head = {"model": self.path, "kind": card.kind, "hash": card.hash}
        tail = {"licence": card.licence, "command": card.command, "picture": png}
        yield tables.facts(head | learned | card.figures | tail)
        if len(curve := _distances(training)) > 1:
            first, last, best = (f"{value:.3g}" for value in (curve[0], curve[-1], min(curve)))
            yield tables.sentence(f"distance to what was held out: {first} at first, {last} at last, {best} at best")
            yield tables.Chart(curve)
        yield from tables.rows(("credits",), [(credit,) for credit in card.credits])

    def picture(self) -> Any:
        """A sheet of its previews."""
        return _sheet(self.path, sorted((self.path / "previews").glob("*.wav")))


class PackPage:
    """A pack by its manifest."""

    type = "pack"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = manifest.read_pack(path)

    def shown(self, png: Path | None) -> Iterator[Any]:
        """Yield the origin and the sounds."""
        learned = {key.replace("_", " "): self.data[key] for key in ("model", "seed", "rate", "bit_depth", "command")}
        kits = [file["path"] for file in self.data["files"] if file["path"].startswith("Kits/")]
        yield tables.facts({"pack": self.path} | learned | {"kits": ", ".join(kits), "picture": png})
        columns = ("note", "role", "seconds", "peak dB", "nearest training sound", "file")
        yield from tables.rows(columns, [_pad(sound) for sound in self.data["sounds"]])

    def picture(self) -> Any:
        """A sheet of its sounds."""
        return _sheet(self.path, [self.path / sound["path"] for sound in self.data["sounds"]])


class SoundPage:
    """A sound file."""

    type = "sound"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.samples, self.rate = reading.read_audio(path)

    @cached_property
    def data(self) -> dict[str, Any]:
        """Yield the measurements."""
        channels, stored = reading.read_format(self.path)
        return {
            "rate": self.rate,
            "channels": channels,
            "stored": stored,
            "seconds": len(self.samples) / self.rate,
            "peak_dbfs": 20 * math.log10(signals.peak(self.samples)),
            "role": roles.role_of_name(self.path.stem),
            "loop": onsets.is_loop(self.samples, self.rate),
            "onsets": [start / self.rate for start in onsets.detect_onsets(self.samples, self.rate).tolist()],
        }

    def shown(self, png: Path | None) -> Iterator[Any]:
        """Facts and a spectrogram."""
        data = self.data
        measured = {"seconds": f"{data['seconds']:.3f}", "peak": f"{data['peak_dbfs']:.1f} dBFS"}
        classified = {
            "is a": "loop" if data["loop"] else "one-shot",
            "hits at": " ".join(f"{t:.2f}" for t in data["onsets"]),
        }
        named = {"role by name": data["role"] or "none"}
        stored = {"rate": f"{self.rate} Hz", "channels": data["channels"], "stored as": data["stored"]}
        yield tables.facts({"file": self.path} | stored | measured | named | classified | {"picture": png})
        yield tables.Picture(images.normalise_levels(self.samples, self.rate))
        yield tables.sentence(f"0 to {data['seconds']:.2f} s, up to {self.rate / 2000:g} kHz, in octaves")

    def picture(self) -> Any:
        """Return the spectrogram."""
        return images.draw_spectrogram(self.samples, self.rate)


PAGES: dict[str, Callable[[Path], Any]] = {"model": ModelPage, "pack": PackPage, "sound": SoundPage}


def _pad(sound: dict[str, Any]) -> tuple[object, ...]:
    seconds, peak = f"{sound['seconds']:.2f}", f"{sound['peak_dbfs']:.1f}"
    nearest = sound.get("nearest_training_sound", "")
    return sound["note"], sound["role"], seconds, peak, nearest, Path(sound["path"]).name


def _sheet(folder: Path, paths: list[Path]) -> Any:
    if not paths:
        raise DataError(f"{folder} holds no sounds to draw")
    rate = reading.read_audio(paths[0])[1]
    return images.draw_sheet([reading.read_audio(path, rate)[0] for path in paths], rate)


def _distances(training: dict[str, Any]) -> list[float]:
    """The distances of a history that anyone may have written."""
    history = training.get("history")
    found = [row.get("distance") for row in history if isinstance(row, dict)] if isinstance(history, list) else []
    return [float(value) for value in found if isinstance(value, int | float) and math.isfinite(value)]
