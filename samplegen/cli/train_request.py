"""What `samplegen train` is asked for, whatever the kind: checked, and spelled out again for the card."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samplegen.cli.options import spelled
from samplegen.cli.output import Voice
from samplegen.errors import OptionError

RATE = 22_050  # Hz, unless asked for another
_PASSING = ("resume", "tensorboard")  # options that do not decide what the model will be
_DEFAULTS = {"rate": RATE, "seed": 0}


@dataclass(frozen=True)
class Training:
    """A kind of model that shall learn from folders and be written to `target`.

    `options` are those of some kinds only, by their name on the command line, as far as they were given.
    """

    kind: str
    folders: tuple[Path, ...]
    target: Path
    options: Mapping[str, Any]
    licence: str
    credits: tuple[str, ...]
    seed: int
    voice: Voice
    force: bool

    @property
    def command(self) -> str:
        """The command line that does the same again."""
        options = {name: value for name, value in self.options.items() if name not in _PASSING}
        return spelled(
            "train", self.kind, *self.folders, defaults=_DEFAULTS, name=self.target.name, **options,
            licence=self.licence, credit=self.credits, seed=self.seed,
        )  # fmt: skip

    def check(self, folders: Collection[str], known: Collection[str]) -> None:
        """Refuse other folders than the kind learns from, and options that are not known to it."""
        if len(self.folders) != len(folders):
            count = {1: "one folder", 2: "two folders"}[len(folders)]
            raise OptionError(f"a {self.kind} learns from {count}: samplegen train {self.kind} {' '.join(folders)}")
        knows = f"knows {', '.join(map(_option, known))}" if known else "learns until it is done"
        for name in self.options:
            if name not in known:
                raise OptionError(f"{_option(name)} is not for a {self.kind}, which {knows}")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
