"""Frozen dataclasses <-> JSON objects, with every value checked on the way in.

A field may carry `metadata=limits(low, high)`. A stranger's file thus builds nothing that its
dataclass does not allow: unknown keys, other types and sizes out of range are refused.
"""

from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from samplegen.errors import ModelError, OptionError

T = TypeVar("T")


def limits(low: float, high: float) -> dict[str, tuple[float, float]]:
    """Field metadata: the numbers, or each number of a tuple, lie in `low`..`high`."""
    return {"limits": (low, high)}


def build(cls: type[T], data: object, *, where: str = "") -> T:
    """An instance of dataclass `cls` from the JSON object `data`.

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


def check(instance: Any) -> None:
    """Raise `ModelError` if a number in a dataclass instance, or in one inside it, is out of its limits."""
    for field in fields(instance):
        value, bounds = getattr(instance, field.name), field.metadata.get("limits")
        if is_dataclass(value):
            check(value)
        elif bounds and not all(
            bounds[0] <= number <= bounds[1] for number in (value if isinstance(value, tuple) else (value,))
        ):
            raise ModelError(f"setting {field.name} is {value!r:.60}; it should be{_range(bounds)}")


def check_options(instance: Any) -> None:
    """Raise `OptionError` if a number in a dataclass instance, None aside, is out of its limits."""
    for field in fields(instance):
        value, bounds = getattr(instance, field.name), field.metadata.get("limits")
        if bounds and value is not None and not bounds[0] <= value <= bounds[1]:
            raise OptionError(f"{field.name} is {value:g}; choose from {bounds[0]:g} to {bounds[1]:g}")


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
