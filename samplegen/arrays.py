"""Arrays in a file, read as a stranger's: no pickles, and nothing before its size is known to be what it should be.

A file is the zip archive that `numpy.savez` writes, with a member `NAME.npy` for each array.
"""

import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from samplegen.errors import ModelError

MAX_FILE_BYTES = 1 << 30  # bytes of a file
_MAX_HEADER_BYTES = 1024  # bytes at most before an array's numbers

Array = NDArray[Any]
Signal = NDArray[np.float32]  # a mono sound `(n,)` in -1..1
Rows = NDArray[np.float32]  # `(n, d)`
Times = NDArray[np.int64]  # `(n,)`, in samples
Spans = NDArray[np.int64]  # `(n, 2)`, from the first sample to behind the last


def softmax(logits: Rows) -> Rows:
    """Return probabilities `(n, classes)` of logits."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(logits: Rows) -> Rows:
    """Return the logistic function of each number; by tanh, which never overflows."""
    return np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1))


def write(path: Path, arrays: Sequence[Array]) -> None:
    """Arrays in order, named by their number, without compression."""
    named: dict[str, Any] = {str(number): np.asarray(array) for number, array in enumerate(arrays)}
    with path.open("wb") as file:
        np.savez(file, **named)


def read(path: Path, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """What `write` wrote: as many arrays, each of finite float32 numbers and the shape expected.

    Raises:
        ModelError: missing, truncated, of other shapes, or not numbers.
    """
    with reading_untrusted(path), zipfile.ZipFile(path) as archive:
        if len(archive.namelist()) != len(shapes):
            raise ModelError(f"it holds {len(archive.namelist())} arrays; this network has {len(shapes)}")
        return [_weight(archive, number, shape) for number, shape in enumerate(shapes)]


def read_named(path: Path, names: Sequence[str], *, largest: int) -> list[Array]:
    """The arrays of those names, of any shape and type up to `largest` bytes each. Raises `ModelError` likewise."""
    with reading_untrusted(path), zipfile.ZipFile(path) as archive:
        return [_member(archive, name, largest) for name in names]


@contextmanager
def reading_untrusted(path: Path, *, largest: int = MAX_FILE_BYTES) -> Iterator[None]:
    """Refuse what is no plain file of at most `largest` bytes; whatever a damaged one raises becomes a `ModelError`."""
    try:
        if not path.is_file():  # a pipe or device would be waited for
            raise ModelError("there is no such file")
        if path.stat().st_size > largest:
            raise ModelError(f"it has more than {largest} bytes")
        yield
    except Exception as error:  # zipfile, json and numpy have a dozen kinds for it
        reason = str(error) if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
        raise ModelError(f"{path} cannot be used: {reason}") from error


def _weight(archive: zipfile.ZipFile, number: int, shape: tuple[int, ...]) -> Array:
    array = _member(archive, str(number), _MAX_HEADER_BYTES + 4 * math.prod(shape))
    if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
        raise ModelError(f"array {number} is not {shape} finite numbers of 32 bits")
    return array


def _member(archive: zipfile.ZipFile, name: str, largest: int) -> Array:
    info = archive.getinfo(f"{name}.npy")
    if info.file_size > largest:
        raise ModelError(f"array {name} takes {info.file_size} bytes; it should take at most {largest}")
    with archive.open(info) as file:
        if npy.read_magic(file) != (1, 0):
            raise ModelError(f"array {name} is of a version that numpy does not write for plain numbers")
        shape, by_column, dtype = npy.read_array_header_1_0(file)
        # takes no more room than was read, and refuses objects and a header that says otherwise
        return np.frombuffer(file.read(), dtype).reshape(shape, order="F" if by_column else "C")
