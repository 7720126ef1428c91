"""Keeping the libraries below from talking over the program."""

import logging
import os
import sys
import warnings

from samplegen.cli.app import VERBOSE, debugging


def quieten() -> None:
    """Once, before anything heavy is imported: leave stderr to the program, and let no odd name crash a print."""
    if not (debugging() or {*VERBOSE} & {*sys.argv}):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        warnings.simplefilter("ignore")
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)
        _keep_stderr()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _keep_stderr() -> None:
    """Give Python a stderr of its own and point file descriptor 2 nowhere.

    TensorFlow's libraries log into it as they load, and an mp3 decoder does about damaged files, whatever is set.
    """
    sys.stderr.flush()
    own, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    sys.stderr = open(own, "w", encoding=sys.stderr.encoding, buffering=1)  # noqa: SIM115, PTH123
    os.dup2(nowhere, 2)
    os.close(nowhere)
