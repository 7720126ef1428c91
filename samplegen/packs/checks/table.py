"""Table of checks: what is measured, within what bounds, and whether `repair_pack` can repair it.

The bounds are those of sample packs that are sold: a peak just below full scale, no delay before the hit, no
offset, a faded tail, names that every system can store.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from samplegen.errors import DataError
from samplegen.kits.manifest import FILE_NAME
from samplegen.packs.checks import file_checks, sound_checks
from samplegen.packs.checks.opened import Finding, Pack, open_pack


@dataclass(frozen=True)
class Check:
    """One row: its name, what is measured, the bound, how it is run, and whether a failure can be repaired."""

    name: str
    measures: str
    bound: str
    run: Callable[[Pack], Iterator[Finding]]
    repairable: bool = False


@dataclass(frozen=True)
class Outcome:
    """Result of one check: number of findings, and those that failed."""

    check: Check
    checked: int
    failed: tuple[Finding, ...]  # the worst first


def _bound(metric: str, high: float, unit: str = "", *, low: float = 0.0) -> Callable[[Pack], Iterator[Finding]]:
    return partial(sound_checks.check_metric, metric=metric, low=low, high=high, unit=unit)


MANIFEST = Check("manifest", "seconds, peak and note of each sound", "as pack.json says", sound_checks.check_manifest)
CHECKS = (
    MANIFEST,
    Check("format", "channels, rate and depth", "one channel, as pack.json says", sound_checks.check_format),
    Check("peak", "largest sample; of further takes at most", "-1 to -0.1 dBFS", sound_checks.check_peak, True),
    Check("start", "time to the first sample above 3 %", "at most 1 ms", _bound("start_ms", 1.0, "ms"), True),
    Check("offset", "mean of all samples, without sign", "below 0.001", _bound("offset", 0.001), True),
    Check("tail", "last 5 ms against the peak", "below -60 dB", _bound("tail_db", -60.0, "dB", low=-math.inf), True),
    Check("fade", "last 0.5 ms against the peak", "below -66 dB", _bound("end_db", -66.0, "dB", low=-math.inf), True),
    Check("silence", "after the last sample above -72 dB", "at most 10 ms", _bound("silence_ms", 10.0, "ms"), True),
    Check("length", "length of a sound", "0.005 to 10 s", _bound("seconds", 10.0, "s", low=0.005)),
    Check("chunks", "root note, loops and type in a WAV", "its note, none, a one-shot", sound_checks.check_chunks),
    Check("duplicates", "likeness of two sounds", "below 0.997", sound_checks.check_duplicates),
    Check("names", "letters, length, capitals", "A-Z a-z 0-9 _ -, below 200, each once", file_checks.check_names),
    Check("missing", "files listed, and named by kits", "are there", file_checks.check_missing),
    Check("extra", "files that are there", "are listed", file_checks.check_extra),
    Check("hashes", "SHA-256 of each file", "as pack.json says", file_checks.check_hashes),
)  # fmt: skip


def check_pack(folder: Path | str) -> list[Outcome]:
    """Check a pack, in the order of `CHECKS`; where the manifest cannot be used, that alone.

    Raises:
        OSError: a file cannot be read at all.

    Example:
        >>> import samplegen
        >>> [one.check.name for one in samplegen.check_pack("packs/starter") if one.failed]
        []
    """
    try:
        pack = open_pack(Path(folder))
    except DataError as error:
        return [Outcome(MANIFEST, 1, (Finding(FILE_NAME, str(error), math.inf),))]
    return [_outcome(check, list(check.run(pack))) for check in CHECKS]


def _outcome(check: Check, findings: list[Finding]) -> Outcome:
    failed = sorted((one for one in findings if one.off > 0), key=lambda one: -one.off)
    return Outcome(check, len(findings), tuple(failed))
