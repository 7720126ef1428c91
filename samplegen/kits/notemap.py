"""Note maps: which notes each drum takes, read from a text file.

A map has a line for each drum, `snare 38 40`: a role, then the notes of its first, second, ... sound, 0..127.
Blanks, commas, semicolons and = may stand between them, so a CSV file is read, too; # begins a comment.
"""

import re
from pathlib import Path

from samplegen.errors import OptionError
from samplegen.roles import BY_NAME, GENERAL_MIDI, INDEX, NoteMap

MAX_TEXT_CHARACTERS = 100_000  # of a file, which is read whole


def read_note_map(path: Path) -> NoteMap:
    """Read the note map in a UTF-8 file, as `parse_note_map` does.

    Raises:
        OptionError: as `parse_note_map`, or a file that cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return parse_note_map(file.read(MAX_TEXT_CHARACTERS + 1), str(path))
    except OSError as error:
        raise OptionError(f"the note map {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise OptionError(f"the note map {path} is no text (in UTF-8); give it lines such as 'kick 36'") from error


def parse_note_map(text: str, source: str) -> NoteMap:
    """Read a note map: drums that `text` places; for the others General MIDI without the notes that those take.

    Raises:
        OptionError: with `source` and the number of the line that is wrong.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise OptionError(f"{source} is too long for a note map, which has {MAX_TEXT_CHARACTERS} characters at most")
    own: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = re.split(r"[\s,;=]+", line.split("#")[0].strip(" \t,;=\ufeff"))
        if words != [""]:
            own |= _read_line(words, own, f"line {number} of {source}")
    if not own:
        raise OptionError(f"{source} places no drum; give it lines such as 'kick 36'")
    taken = {note for notes in own.values() for note in notes}
    return {role: own.get(role, tuple(n for n in notes if n not in taken)) for role, notes in GENERAL_MIDI.items()}


def _read_line(words: list[str], before: NoteMap, place: str) -> dict[str, tuple[int, ...]]:
    """Read the one drum of a line; no line before it may have placed it or taken its notes."""
    role, numbers = words[0].lower().replace("_", "-"), words[1:]
    if role not in BY_NAME:
        raise OptionError(f"{place} has the unknown drum {words[0][:40]!r}; the drums are {', '.join(INDEX)}")
    if role in before:
        raise OptionError(f"{place} places {role} again; give all its notes in one line")
    if not numbers:
        raise OptionError(f"{place} gives {role} no note; write one, such as '{role} {BY_NAME[role].note}'")
    notes = tuple(_read_note(number, place) for number in numbers)
    owners = {note: name for name, taken in before.items() for note in taken}
    for index, note in enumerate(notes):
        if note in owners or note in notes[:index]:
            raise OptionError(f"{place} puts {role} on note {note}, where {owners.get(note, role)} is already")
    return {role: notes}


def _read_note(text: str, place: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) > 127:
        raise OptionError(f"{place} has {text[:40]!r} where a note is due; notes are whole numbers from 0 to 127")
    return int(text)
