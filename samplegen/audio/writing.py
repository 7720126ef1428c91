"""Writing sounds to files."""

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile

from samplegen.arrays import Signal
from samplegen.audio.reading import error_reason
from samplegen.errors import OutputError


def write_audio(path: Path | str, samples: Signal, rate: int, *, subtype: str = "PCM_24") -> None:
    """Write mono samples `(n,)`, clipped to -1..1; the suffix of the path decides the format.

    Raises:
        OutputError: the disk is full or not writable, or the format has no such subtype.

    Example:
        >>> import tempfile, numpy as np
        >>> from samplegen import write_audio
        >>> write_audio(tempfile.mkdtemp() + "/click.flac", np.array([1, -1, 0], np.float32), 44_100, subtype="PCM_16")
    """
    try:
        Path(path).open("wb").close()  # the system gives a better reason than libsndfile
        soundfile.write(os.fsencode(path), np.clip(samples, -1.0, 1.0), rate, subtype=subtype)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError, AssertionError) as error:
        raise OutputError(f"cannot write {path} ({error_reason(error)})") from error


def write_blocks(
    path: Path | str, parts: Iterable[Signal], rate: int, channels: int, *, subtype: str = "PCM_24"
) -> int:
    """Write blocks `(n, channels)` one after the other, clipped to -1..1; return the number of samples.

    Raises:
        OutputError: as `write_audio`.
    """
    written = 0
    try:
        with soundfile.SoundFile(os.fsencode(path), "w", rate, channels, subtype) as file:
            for part in parts:
                file.write(np.clip(part, -1.0, 1.0))
                written += len(part)
    except (soundfile.SoundFileError, OSError, ValueError, TypeError) as error:
        raise OutputError(f"cannot write {path} ({error_reason(error)})") from error
    return written


def encode_flac(samples: Signal, rate: int) -> bytes:
    """Encode mono samples `(n,)`, clipped to -1..1, as a 16-bit FLAC file, which is small and which every browser
    plays.
    """
    soundfile.write(content := BytesIO(), samples, rate, format="FLAC", subtype="PCM_16", compression_level=1.0)
    return content.getvalue()
