"""Workplace: the folder of a training's checkpoints while it runs, with a folder inside for each of its stages."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

STATE = "state.npz"


@dataclass(frozen=True)
class Workplace:
    """A folder of checkpoints, and whether to go on from the one that lies there.

    A stage goes on only if it was begun.
    """

    folder: Path
    resume: bool = False
    is_stage: bool = False

    @property
    def goes_on(self) -> bool:
        """True where training begins at the checkpoint."""
        return self.resume and (not self.is_stage or self.state.is_file())

    @property
    def state(self) -> Path:
        """The file of the checkpoint."""
        return self.folder / STATE

    @property
    def previews(self) -> Path:
        """The folder of previews."""
        return self.folder / "previews"

    def clear(self) -> None:
        """Remove what an earlier training left, unless it is resumed."""
        if not self.resume:
            rmtree(self.folder, ignore_errors=True)

    def stage(self, name: str) -> "Workplace":
        """Return the workplace of a stage, which is resumed if it was begun."""
        return Workplace(self.folder / name, self.resume, is_stage=True)


@contextmanager
def opened(workplace: Workplace | None) -> Iterator[Workplace]:
    """Yield a workplace: the one given, or else one in a temporary folder."""
    if workplace:
        yield workplace
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Workplace(Path(folder))
