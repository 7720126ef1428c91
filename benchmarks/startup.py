"""From the prompt to a pack, in fresh processes: seconds, and how much of them is importing TensorFlow."""

import subprocess
import sys
import tempfile

from benchmarks.common import ROOT, Figures, seconds


def run() -> Figures:
    """Wall times of whole commands, and their ratios to the bare import of TensorFlow."""
    with tempfile.TemporaryDirectory() as folder:

        def command(*words: str) -> float:
            return seconds(lambda: subprocess.run(words, cwd=ROOT, check=True, capture_output=True))

        def generate(count: int) -> float:
            return command(sys.executable, "-m", "samplegen", "generate", "--count", str(count), "--seed", "1",
                           "--into", folder, "--name", f"pack-{count}", "--force", "--quiet")  # fmt: skip

        tensorflow = command(sys.executable, "-c", "import tensorflow, keras")
        sixteen, five_hundred = generate(16), generate(500)
        help_text = command(sys.executable, "-m", "samplegen", "--help")
    return {
        "samplegen --help (s)": help_text,
        "import of TensorFlow and Keras alone (s)": tensorflow,
        "16 sounds to a pack (s)": sixteen,
        "16 sounds to a pack over the import": sixteen / tensorflow,
        "500 sounds to a pack (s)": five_hundred,
        "500 sounds generated, inverted and written, without start-up (s)": five_hundred - tensorflow,
    }
