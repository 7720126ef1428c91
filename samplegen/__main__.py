"""`python -m samplegen`: the command line."""

from samplegen.cli import main

main()
