"""Settings: frozen dataclasses <-> JSON objects, with every value checked on the way in.

A field may carry `metadata=limits(low, high)`. So an untrusted file builds nothing that its dataclass does not
allow: unknown keys, other types and sizes out of range are refused.
"""

from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from samplegen.errors import ModelError, OptionError, PatternError, SamplegenError

T = TypeVar("T")
_SENTENCES = {  # error -> its sentence for a number out of range
    ModelError: "setting {name} is {value!r:.60}; it should be from {low:g} to {high:g}",
    OptionError: "{name} is {value:g}; choose from {low:g} to {high:g}",
    PatternError: "{name} is {value:g}; it can be {low:g} to {high:g}",
}


def limits(low: float, high: float) -> dict[str, tuple[float, float]]:
    """Return the metadata of a field whose number, or each number of its tuple, lies in `low`..`high`."""
    return {"limits": (low, high)}


def build(cls: type[T], data: object, *, where: str = "") -> T:
    """Build an instance of dataclass `cls` from the JSON object `data`.

    Raises:
        ModelError: naming the key that is unknown, missing, of another type or out of range.
    """
    if not isinstance(data, dict):
        raise ModelError(f"{where or cls.__name__} should be an object with named settings")
    types = get_type_hints(cls)
    known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            raise ModelError(f"unknown setting {where}{key!s:.60}")
    values = {}
    for name, field in known.items():
        if name in data:
            values[name] = _value(types[name], data[name], field.metadata.get("limits"), f"{where}{name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ModelError(f"setting {where}{name} is missing")
    return cls(**values)


def check_fields(instance: Any, *, error: type[SamplegenError] = ModelError) -> None:
    """Check every number of a dataclass instance, None aside, against the limits of its field.

    Raises:
        error: the first number, also of a tuple or of a dataclass inside, that is out of its limits.
    """
    for field in fields(instance):
        value, bounds = getattr(instance, field.name), field.metadata.get("limits")
        if is_dataclass(value):
            check_fields(value, error=error)
        elif bounds and value is not None:
            for number in value if isinstance(value, tuple) else (value,):
                check_range(number, bounds, field.name, error=error)


def check_range(
    value: float,
    bounds: tuple[float, float],
    name: str,
    *,
    unit: str = "",
    error: type[SamplegenError] = OptionError,
) -> None:
    """Check that a number lies in `bounds`, both ends included; NaN does not.

    Args:
        name: what the number is, as the message calls it.
        unit: follows the numbers of the message, such as " dB".

    Raises:
        error: with the number and the bounds, in the words of that family of errors.

    Example:
        >>> check_range(3, (0, 2), "truncation")
        Traceback (most recent call last):
        samplegen.errors.OptionError: truncation is 3; choose from 0 to 2
    """
    low, high = bounds
    if not low <= value <= high:
        sentence = _SENTENCES[error]
        raise error(sentence.format(name=name, value=value, low=low, high=high) + unit)


def _value(kind: Any, value: Any, bounds: tuple[float, float] | None, where: str) -> Any:
    if is_dataclass(kind):
        return build(kind, value, where=f"{where}.")  # type: ignore[arg-type]
    if get_origin(kind) is tuple:
        if not isinstance(value, list | tuple) or not len(value) <= 64:
            raise ModelError(f"setting {where} should be a list of at most 64 values")
        return tuple(_value(get_args(kind)[0], item, bounds, where) for item in value)
    fits = isinstance(value, int | float if kind is float else kind) and (kind is bool or not isinstance(value, bool))
    if not fits or (bounds and not bounds[0] <= value <= bounds[1]):
        raise ModelError(f"setting {where} is {value!r:.60}; it should be {kind.__name__}{_range(bounds)}")
    return value


def _range(bounds: tuple[float, float] | None) -> str:
    return f" from {bounds[0]:g} to {bounds[1]:g}" if bounds else ""
