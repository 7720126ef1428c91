"""Grooves: loops, MIDI files and pattern texts -> a model of patterns -> patterns, and what they resemble."""

KIND = "groove"  # of `samplegen.models.registry.KINDS`
FEWEST = 4  # patterns to learn from
FEW = 100  # ... below which what is drawn stays near to them
SUFFIXES = (".txt", ".mid", ".midi")  # of files that hold patterns, beside those of sounds
