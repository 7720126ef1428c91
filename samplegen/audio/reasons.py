"""Why a sound file cannot be used, in words that fit."""

from pathlib import Path

_MEANT = {  # what libsndfile says of a file that the system can open -> what it means
    "System error": "the disk is full or damaged",
    "File does not exist": "Format not recognised",
}


def reason(error: Exception) -> str:
    """What the system or libsndfile said, without the path that it repeats, in words that fit."""
    text = str(getattr(error, "error_string", "") or getattr(error, "strerror", "") or error).rstrip(". ")
    return next((meant for said, meant in _MEANT.items() if text.startswith(said)), text)


def refusal(path: Path | str) -> OSError | None:
    """Why the system does not open a file: missing, folder and forbidden, which libsndfile does not tell apart."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        return error
    except ValueError:  # a name that no system takes: `_name` has said so
        return None
    return None
