"""Commands as a user types them, run in this process."""

import os
from typing import Any

from typer.testing import CliRunner

from samplegen.cli import app


def run(*words: object, code: int = 0, width: int = 100) -> Any:
    """Run `samplegen WORDS` in a terminal of `width` columns; it has to end with `code`."""
    env = {"COLUMNS": str(width), "TERM": "dumb"}
    result = CliRunner().invoke(app, [str(word) for word in words], env=env)
    assert result.exit_code == code, (result.output, result.exception)
    assert os.environ.get("SAMPLEGEN_DEBUG") or "Traceback" not in result.stderr
    return result
