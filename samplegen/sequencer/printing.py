"""Patterns printed as text in the step grid: `notation.parse(show(pattern)) == pattern`."""

from samplegen.sequencer.header import number, print_header
from samplegen.sequencer.notation import LETTERS
from samplegen.sequencer.pattern import Lane, Pattern, Step

_SHORT = (2, 3, 4)  # ratchets that may follow a letter without a colon
_OF_VELOCITY = {velocity: letter for letter, velocity in LETTERS.items()} | {10 * n: str(n) for n in range(1, 10)}


def show(pattern: Pattern) -> str:
    """The text of a pattern: `parse(show(pattern)) == pattern`."""
    names = [lane.name + _attributes_of(lane) for lane in pattern.lanes]
    width = max(map(len, names)) + 2
    rows = [f"{name:<{width}}{show_steps(pattern, lane)}" for name, lane in zip(names, pattern.lanes, strict=True)]
    return "\n".join(print_header(pattern) + rows) + "\n"


def show_steps(pattern: Pattern, lane: Lane) -> str:
    """The steps of a lane, a space after every beat and a bar line after every bar."""
    grid = pattern.grid(lane)
    beat = pattern.pulse_steps(lane)
    printed = ""
    for index, step in enumerate(lane.steps):
        if index:
            printed += " | " if index % grid == 0 else " " if index % grid % beat == 0 else ""
        token = show_step(step)
        # a digit after a bare letter would be its ratchet
        printed += f" {token}" if printed[-1:] in LETTERS and printed and token[0].isdigit() else token
    return printed


def show_step(step: Step) -> str:
    """One step as it is written."""
    if not step.velocity:
        return "."
    plain = "" if step.offset else _OF_VELOCITY.get(step.velocity, "")
    core = plain or f"{{{step.velocity}{_offset_of(step)}}}"
    colon = "" if core in LETTERS and step.ratchet in _SHORT else ":"
    ratchet = f"{colon}{step.ratchet}" if step.ratchet > 1 else ""
    return f"{core}{ratchet}{'!' * step.flam}{'?' * step.maybe}"


def _offset_of(step: Step) -> str:
    return f"@{'+' * (step.offset > 0)}{number(step.offset)}" if step.offset else ""


def _attributes_of(lane: Lane) -> str:
    values = {"level": lane.level, "pan": lane.pan, "steps": lane.grid or 0}
    said = " ".join(f"{key} {number(value)}" for key, value in values.items() if value)
    return f"[{said}]" if said else ""
