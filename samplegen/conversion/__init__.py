"""A take through a trained converter: the table of converters, how each is made and used."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class ConverterKind:
    """A kind of model that converts takes: the module whose `train` makes one and whose `convert` applies it."""

    module: str
    about: str

    def part(self, name: str) -> Any:
        """A function of the module; importing this table loads nothing."""
        return getattr(import_module(self.module), name)


CONVERTERS: Mapping[str, ConverterKind] = {  # key: one of `samplegen.nets.KINDS`
    "voice": ConverterKind("samplegen.conversion.voices", "one voice to another, learned from pairs of takes"),
}
