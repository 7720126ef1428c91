"""Run the benchmarks named on the command line (all, without names) and keep their figures in `results.json`."""

import importlib
import json
import sys
from pathlib import Path

from benchmarks.common import DATA

ALL = (
    "backbone", "codec", "ingest", "startup", "effects", "kits", "cards", "knobs", "pairs", "kicks", "learning",
    "kinds", "sequences", "loops", "voices", "timbre", "beatbox", "transcription", "grooves",
)  # fmt: skip
RESULTS = Path(__file__).with_name("results.json")


def main(names: list[str]) -> None:
    if not DATA.is_dir():
        sys.exit(f"The benchmarks measure on real drums, which are not here: {DATA} is missing.")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or ALL:
        figures = importlib.import_module(f"benchmarks.{name}").run()
        results[name] = {key: round(value, 3) if isinstance(value, float) else value for key, value in figures.items()}
        print(f"\n{name}", *(f"  {value:>9} {key}" for key, value in results[name].items()), sep="\n")
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
