"""Completion in the shell: names of models, packs, roles, styles and presets."""

from collections.abc import Callable, Iterable


def _starting(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))


def _models() -> Iterable[str]:
    from samplegen.models import library

    return (folder.name for folder in library.listed())


def _packs() -> Iterable[str]:
    from samplegen.cli.lookup import packs

    return (folder.name for folder in packs())


def _roles() -> Iterable[str]:
    from samplegen.roles import ROLES

    return ROLES


def _styles() -> Iterable[str]:
    from samplegen.sequencer import styles

    return styles.names()


def _presets() -> Iterable[str]:
    from samplegen.audio.lofi_presets import PRESETS

    return PRESETS


def _completing(*sources: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return a completion over the names of some sources."""

    def complete(incomplete: str) -> list[str]:
        return _starting((name for source in sources for name in source()), incomplete)

    return complete


MODEL = _completing(_models)
PACK = _completing(_packs)
MODEL_OR_PACK = _completing(_models, _packs)
ROLE = _completing(_roles)
STYLE = _completing(_styles)
PRESET = _completing(_presets)
