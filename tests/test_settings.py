"""Settings that untrusted JSON may build: only what the dataclass allows, and one kind of error for all else."""

import json
from dataclasses import asdict, dataclass, field

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from samplegen import settings
from samplegen.errors import ModelError
from samplegen.features.spectrogram import SpectrogramConfig
from samplegen.features.stft import StftConfig
from samplegen.settings import limits


@dataclass(frozen=True)
class Inner:
    size: int = field(default=4, metadata=limits(1, 8))


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner = field(default_factory=Inner)
    widths: tuple[int, ...] = field(default=(1, 2), metadata=limits(1, 9))
    share: float = field(default=0.5, metadata=limits(0.0, 1.0))
    warm: bool = False
    words: tuple[str, ...] = ("a",)
    free: int = 0
    facts: dict = field(default_factory=dict)


def _outer(**changes):
    return settings.build(Outer, {"name": "x"} | changes)


def test_what_is_missing_takes_its_default():
    assert _outer() == Outer("x")


def test_everything_survives_json():
    outer = Outer("ö", Inner(8), (9, 1, 5), 1.0, True, ("p", "q"), -(2**70), {"any": [1, None]})
    assert settings.build(Outer, json.loads(json.dumps(asdict(outer)))) == outer


@pytest.mark.parametrize(
    "config", [SpectrogramConfig(), SpectrogramConfig(StftConfig.at(44_100), steps=128, seconds=2)]
)
def test_a_map_configuration_survives_json(config):
    assert settings.build(SpectrogramConfig, json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize("value", [1, 1.0, 0, 0.25])
def test_a_whole_number_is_a_fraction_too(value):
    assert _outer(share=value).share == value


def test_a_list_becomes_a_tuple():
    assert _outer(widths=[3, 4]).widths == (3, 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nmae": 1}, "unknown setting nmae"),
        ({"inner": {"sise": 1}}, "unknown setting inner.sise"),
        ({"__class__": "os.system"}, "unknown setting __class__"),
        ({7: 1}, "unknown setting 7"),
        ({"name": 1}, "setting name is 1; it should be str"),
        ({"name": None}, "setting name is None; it should be str"),
        ({"inner": 3}, "inner.* should be an object"),
        ({"inner": [["size", 1]]}, "inner.* should be an object"),
        ({"inner": {"size": 9}}, "setting inner.size is 9; it should be int from 1 to 8"),
        ({"inner": {"size": 0}}, "from 1 to 8"),
        ({"inner": {"size": 4.0}}, "setting inner.size is 4.0; it should be int"),
        ({"inner": {"size": "4"}}, "setting inner.size is '4'; it should be int"),
        ({"inner": {"size": True}}, "setting inner.size is True; it should be int"),
        ({"free": True}, "setting free is True; it should be int"),
        ({"free": False}, "setting free is False; it should be int"),
        ({"share": False}, "setting share is False; it should be float"),
        ({"share": 1.0001}, "from 0 to 1"),
        ({"share": float("nan")}, "setting share is nan"),
        ({"share": float("inf")}, "setting share is inf"),
        ({"share": 10**400}, "setting share is 1000"),
        ({"warm": 1}, "setting warm is 1; it should be bool"),
        ({"widths": 3}, "setting widths should be a list"),
        ({"widths": "12"}, "setting widths should be a list"),
        ({"widths": {"0": 1}}, "setting widths should be a list"),
        ({"widths": [1, 10]}, "setting widths is 10; it should be int from 1 to 9"),
        ({"widths": [1, [2]]}, "setting widths is"),
        ({"widths": [1] * 65}, "at most 64"),
        ({"words": ["a", 1]}, "setting words is 1; it should be str"),
        ({"facts": []}, "setting facts is .*; it should be dict"),
    ],
)
def test_what_does_not_fit_is_named(changes, message):
    with pytest.raises(ModelError, match=message):
        _outer(**changes) if all(isinstance(key, str) for key in changes) else settings.build(Outer, changes)


def test_a_setting_without_default_is_missed():
    with pytest.raises(ModelError, match="setting name is missing"):
        settings.build(Outer, {})


@pytest.mark.parametrize("data", [None, 3, "text", [], [{"name": "x"}]])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(ModelError, match="Outer should be an object"):
        settings.build(Outer, data)


@pytest.mark.parametrize("value", ["x" * 10**6, 10**400, [[]] * 10**5], ids=["text", "number", "list"])
def test_a_huge_value_makes_a_short_message(value):
    with pytest.raises(ModelError) as caught:
        _outer(inner={"size": value})
    assert len(str(caught.value)) < 200


def test_a_huge_key_makes_a_short_message():
    with pytest.raises(ModelError) as caught:
        _outer(**{"k" * 10**6: 1})
    assert len(str(caught.value)) < 200


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
_plausible = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "inner", "widths", "share", "warm"), _json))
_map_like = st.fixed_dictionaries(
    {},
    optional={
        "stft": st.fixed_dictionaries({}, optional={"rate": _json, "n_fft": _json | st.integers(128, 4096)}) | _json,
        "steps": _json | st.integers(16, 256),
        "bands": _json | st.integers(16, 256),
        "seconds": _json | st.floats(0.25, 10),
        "floor_db": _json,
    },
)


@effort(max_examples=150, deadline=None)
@given(_json | _plausible | _map_like)
def test_json_builds_an_instance_or_raises_one_error(data):
    for cls in (Outer, SpectrogramConfig):
        try:
            built = settings.build(cls, data)
        except ModelError:
            continue
        assert isinstance(built, cls)
        settings.check_fields(built)


@pytest.mark.parametrize(
    "wrong",
    [Outer("x", Inner(9)), Outer("x", widths=(1, 10)), Outer("x", share=-0.1), Outer("x", share=float("nan"))],
)
def test_an_instance_out_of_its_limits_is_found(wrong):
    settings.check_fields(Outer("x"))
    with pytest.raises(ModelError, match="it should be from"):
        settings.check_fields(wrong)
