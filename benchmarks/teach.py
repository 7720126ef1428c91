"""Make the files that transcription ships: `python -m benchmarks.teach tempo|listener`. Not a benchmark.

The listener learns from drums whose licences allow it (`shared/data/drums`) and from drums made by formulas, the tempo
from such loops, from rendered patterns and from every second track of `shared/data/tracks`.
"""

import sys

from benchmarks import teach_listener, teach_tempo

if __name__ == "__main__":
    {"tempo": teach_tempo.teach, "listener": teach_listener.teach}[sys.argv[1]]()
