"""Model folders: what is written is read again, and what a stranger sends is refused in one sentence, unread."""

import io
import json
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import models
from samplegen import arrays, files
from samplegen.errors import ModelError, OptionError, OutputError
from samplegen.features import images
from samplegen.files import sha256
from samplegen.models import library, store
from samplegen.models import model as model_module
from samplegen.models.card import CARD, Card
from samplegen.models.model import FINGERPRINTS, WEIGHTS, Fingerprints
from samplegen.models.registry import Kind
from samplegen.training import previews

POSIX = pytest.mark.skipif(os.name == "nt", reason="links, pipes and limits of POSIX")
PLAIN = Fingerprints(("a.wav", "ö/b.wav"), np.arange(288, dtype=np.float32).reshape(2, 144) / 16)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound model, never changed by a test."""
    return models.save(tmp_path_factory.mktemp("good") / "tiny", prints=PLAIN).folder


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in good.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(autouse=True)
def _only_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Stand in an empty folder, with nothing shipped."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(library, "CHECKOUT", tmp_path / "checkout")
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "shipped")


def use(folder: Path, **wanted: Any) -> None:
    model = store.load(folder, **wanted)
    _ = model.network, model.fingerprints


def refused(folder: Path, *words: str, **wanted: Any) -> None:
    """Loading and using the model says, in one printable line, all of `words` and where."""
    with pytest.raises(ModelError) as caught:
        use(folder, **wanted)
    text = str(caught.value)
    assert all(word in text for word in (*words, str(folder))), text
    assert text.isprintable()
    assert len(text) < 600


def edit_card(folder: Path, change: Callable[[dict], object]) -> None:
    card = json.loads((folder / CARD).read_text())
    change(card)
    (folder / CARD).write_text(json.dumps(card))


def set_at(path: str, value: object) -> Callable[[dict], None]:
    """Set `"config.map.steps"` of a card."""

    def change(card: dict) -> None:
        *folders, name = path.split(".")
        for folder in folders:
            card = card[folder]
        card[name] = value

    return change


# ---- what is written is read again


def test_round_trip(good):
    model = store.load(good, kind="dcgan")
    assert (model.name, model.config, model.card.kind) == ("tiny", models.CONFIGS["dcgan"], "dcgan")
    built = models.KINDS["dcgan"].network(model.config)
    assert len(model.network.weights) == len(built.weights) > 20
    fresh = models.save(good.with_name("again"), prints=PLAIN)  # of the same seed
    for ours, theirs in zip(model.network.get_weights(), fresh.network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_keep_their_order_and_bits(tmp_path):
    network = models.KINDS["hearing"].network(models.CONFIGS["hearing"])
    weights = [np.random.default_rng(n).random(w.shape, np.float32) for n, w in enumerate(network.weights)]
    store.save(tmp_path / "m", Card(**models.facts("hearing")), weights)
    for ours, theirs in zip(store.load(tmp_path / "m").network.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_column_first_array_is_read_as_it_was(tmp_path):
    array = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    arrays.write(tmp_path / "a.npz", [array])
    np.testing.assert_array_equal(arrays.read(tmp_path / "a.npz", [(2, 3)])[0], array)


def test_fingerprints_round_trip(good):
    prints = store.load(good).fingerprints
    assert prints.names == PLAIN.names
    assert prints.descriptors.dtype == np.float32
    np.testing.assert_array_equal(prints.descriptors, PLAIN.descriptors)  # sixteenths under 2048: exact in float16


def test_the_hash_tells_models_apart_and_nothing_else(tmp_path, monkeypatch):
    one = models.save(tmp_path / "one")
    monkeypatch.setattr(time, "time", lambda: 2e9)  # no date may get into the weights' file
    same = models.save(tmp_path / "two", licence="CC0", training={"seed": 7})
    assert one.card.hash == same.card.hash
    assert (one.folder / WEIGHTS).read_bytes() == (same.folder / WEIGHTS).read_bytes()
    assert len({one.card.hash, models.save(tmp_path / "three", "hearing").card.hash}) == 2
    weights = [w + np.float32(1e-7) for w in one.network.get_weights()]
    assert store.save(tmp_path / "four", one.card, weights).hash != one.card.hash


def test_the_card_keeps_what_is_told(tmp_path):
    told = {"licence": "CC BY 4.0 – ö", "credits": ("A", "B"), "command": "train x", "training": {"seed": 3}}
    card = models.save(tmp_path / "m", **told).card
    assert {name: getattr(card, name) for name in told} == told


def test_a_name_that_is_no_unicode_is_written_as_text(tmp_path):
    prints = Fingerprints(("\udcff.wav", "b"), PLAIN.descriptors)
    model = models.save(tmp_path / "m", prints=prints, command="train \udcff")
    assert (model.card.command, model.fingerprints.names) == ("train ?", ("?.wav", "b"))


def test_previews_are_copied(tmp_path):
    previews.preview(models.maps(2), models.TINY, tmp_path / "shown")
    store.save(tmp_path / "m", Card(**models.facts("dcgan")), [], previews=tmp_path / "shown")
    given, copied = (
        {path.name: path.read_bytes() for path in (tmp_path / place).iterdir()} for place in ("shown", "m/previews")
    )
    assert copied == given  # which is still there: a failure after this point must not lose it
    assert images.SHEET_FILE in copied


# ---- finding


def plant(place: Path) -> Path:
    place.mkdir(parents=True)
    (place / CARD).write_text("{}")
    return place


def test_a_name_is_looked_for_in_models_then_among_the_shipped_then_here(tmp_path):
    here, shipped, own = plant(Path("x")), plant(tmp_path / "shipped" / "x"), plant(Path("models") / "x")
    checkout = plant(tmp_path / "checkout" / "x")
    for place in (own, checkout, shipped, here):
        assert library.find("x") == place
        (place / CARD).unlink()
    with pytest.raises(ModelError, match="there is no model 'x'; there are none"):
        library.find("x")


def test_a_path_is_taken_as_it_is(tmp_path):
    plant(Path("models") / "x")
    other = plant(tmp_path / "y" / "x")
    assert library.find("y/x") == Path("y/x")
    assert library.find("../" + tmp_path.name + "/y/x").resolve() == other
    assert library.find(other) == other
    with pytest.raises(ModelError, match=r"there is no model '(\./)?z/x'"):
        library.find("./z/x")
    with pytest.raises(ModelError, match="no model"):
        library.find(tmp_path / "x")  # a model x in models/ is not meant


def test_shipped_ignores_the_users_own(tmp_path):
    plant(Path("models") / "x")
    assert library.shipped("x") == tmp_path / "shipped" / "x"
    assert library.shipped("x") != library.find("x")
    assert library.shipped("x").parent == plant(tmp_path / "shipped" / "x").parent


def test_listed(tmp_path):
    own, hidden = plant(Path("models") / "b"), plant(tmp_path / "shipped" / "b")
    shipped, part = plant(tmp_path / "shipped" / "a"), plant(Path("models") / ".samplegen-part-1" / "new")
    assert library.listed() == [own, shipped]
    assert hidden not in library.listed()
    assert part not in library.listed()
    with pytest.raises(ModelError, match="there is no model 'c'; there are a, b"):
        library.find("c")


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 300, "x" * 5000, "a\0b", "a\nb", "\udcff", "../..", "/", "~"])
def test_an_odd_name_is_no_model(name):
    with pytest.raises(ModelError, match="there is no model") as caught:
        store.load(name)
    assert len(str(caught.value)) < 400


@POSIX
def test_a_model_may_be_reached_by_a_link(good, tmp_path):
    (tmp_path / "link").symlink_to(good)
    assert store.load(tmp_path / "link").card == store.load(good).card


# ---- hostile and damaged cards


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "card"),
        ("not json", "card"),
        ("[1, 2]", "should be an object"),
        ("{}", "setting kind is missing"),
        ("null", "should be an object"),
        ('{"kind": "dcgan", "config": {}, "weights": "", "training": ' + "[" * 100_000, "card"),
        ('{"kind": ' * 100_000, "card"),
        ('{"kind": ' + "9" * 5_000 + "}", "card"),
        ("\ud800", "card"),
        (" " * 5_000_000, "more than 4000000 bytes"),
    ],
)
def test_a_card_that_is_none(copy, text, word):
    (copy / CARD).write_bytes(text.encode("utf-8", "surrogatepass"))
    refused(copy, word)


def test_a_missing_card(copy):
    (copy / CARD).unlink()
    refused(copy, "there is no model")
    with pytest.raises(ModelError, match="no such file"):
        store.read(copy)


BILLIONS = 3_000_000_000
HOSTILE_CARDS = {
    "kind": ["diffusion", 3, None, ["dcgan"], "os.system", "__import__", "x" * 10_000],
    "format": [2, "1", None],
    "weights": [7, None],
    "licence": [1, ["CC0"]],
    "credits": ["me", [1], ["x"] * 65],
    "training": [[], "x"],
    "config": [[], None, "x"],
    "surprise": [1],
    "config.surprise": [1],
    "config.__class__": ["x"],
    "config.map": [None, 7],
    "config.map.steps": [BILLIONS, 10**4000, -16, 0, 16.0, "16", True, None, 17, 18],
    "config.map.bands": [BILLIONS, 3, 66],
    "config.map.seconds": [BILLIONS, 0, -1, float("nan"), float("inf"), "1", 1e-9],
    "config.map.floor_db": [0, float("-inf")],
    "config.map.stft.rate": [BILLIONS, 0, 22_050.5],
    "config.map.stft.n_fft": [BILLIONS, 0, 130],
    "config.latent": [BILLIONS, 0, 1.5, None],
    "config.style": [BILLIONS, 10**30],
    "config.widths": [[], [BILLIONS], [8] * 65, [8] * 9, 8, "88", [[8]], [8, 4, None], [3, 4]],
}


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, values in HOSTILE_CARDS.items() for value in values]
)
def test_a_hostile_card_is_refused_before_anything_is_built(copy, path, value, monkeypatch):
    edit_card(copy, set_at(path, value))
    monkeypatch.setattr(Kind, "network", property(lambda _: pytest.fail("a network of such sizes was built")))
    refused(copy)


@pytest.mark.parametrize(
    "sizes",
    [
        {
            "widths": [512],
            "style": 1024,
            "map.steps": 256,
            "map.bands": 256,
            "map.seconds": 10.0,
            "map.stft.n_fft": 4096,
        },
        {"widths": [512, 512], "map.steps": 256, "map.bands": 256, "map.seconds": 10.0, "map.stft.n_fft": 4096},
        {"widths": [4, 512], "map.steps": 256, "map.bands": 256, "map.seconds": 10.0, "map.stft.n_fft": 4096},
    ],
)
def test_sizes_in_range_that_together_need_gigabytes(copy, sizes):
    for path, value in sizes.items():
        edit_card(copy, set_at(f"config.{path}", value))
    refused(copy, "too large")


@pytest.mark.parametrize("widths", [[], [8] * 5, [512, 512]])
def test_a_hearing_config_that_does_not_fit(tmp_path, widths):
    folder = models.save(tmp_path / "m", "hearing").folder
    big = {"steps": 256, "bands": 256, "seconds": 10.0, "stft": {"rate": 16_000, "n_fft": 4096}}
    edit_card(folder, set_at("config.widths", widths))
    if widths and max(widths) > 8:
        edit_card(folder, lambda card: card["config"]["map"].update(big))
    refused(folder, "width")


HOSTILE_WRITERS = {
    "config.codes": [BILLIONS, 1, 8.0], "config.stages": [BILLIONS, 1, None], "config.units": [BILLIONS, 0],
    "config.layers": [BILLIONS, 0], "config.dropout": [1.0, float("nan")], "config.map.steps": [BILLIONS, 4097],
    "config.map.spacing": ["widening", "odd", "x" * 10_000, 7, None, ["even"]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, values in HOSTILE_WRITERS.items() for value in values]
)
def test_a_hostile_card_of_a_writer(tmp_path, path, value, monkeypatch):
    folder = models.save(tmp_path / "m", "charlstm").folder
    edit_card(folder, set_at(path, value))
    monkeypatch.setattr(Kind, "network", property(lambda _: pytest.fail("a network of such sizes was built")))
    refused(folder)


def test_another_kind_than_asked(good):
    refused(good, "is a model of kind dcgan; this needs one of kind hearing", kind="hearing")


def test_a_kind_that_does_not_fit_its_config(copy):
    edit_card(copy, set_at("kind", "hearing"))
    refused(copy, "unknown setting latent")


@POSIX
@pytest.mark.parametrize("name", [CARD, WEIGHTS, FINGERPRINTS])
def test_pipes_devices_and_folders_are_not_read(copy, name):
    """A pipe would be waited for, a device of zeros read forever."""
    for make in (os.mkfifo, Path.mkdir, lambda path: Path(path).symlink_to("/dev/zero")):
        (copy / name).rmdir() if (copy / name).is_dir() else (copy / name).unlink()
        make(copy / name)
        refused(copy)


def test_a_model_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file", "there is no model")


# ---- hostile and damaged weights


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return packed.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=True)
    return file.getvalue()


def header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue()


class Bomb:
    """Whoever unpickles one makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def put_weights(folder: Path, data: bytes, name: str = WEIGHTS) -> None:
    """Replace the weights, with a card that vouches for them."""
    (folder / name).write_bytes(data)
    if name == WEIGHTS:
        edit_card(folder, set_at("weights", sha256(folder / WEIGHTS)))


def members(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(folder / WEIGHTS) as file:
        return {name.removesuffix(".npy"): file.read(name) for name in file.namelist()}


def test_missing_weights(copy):
    (copy / WEIGHTS).unlink()
    refused(copy, WEIGHTS, "no such file")


@pytest.mark.parametrize("place", [30, 3_000, -3_000, -30])
def test_a_flipped_bit(copy, place):
    data = bytearray((copy / WEIGHTS).read_bytes())
    data[place] ^= 4
    (copy / WEIGHTS).write_bytes(data)
    refused(copy, "not the file that its card describes")


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_cut_short_by_one_who_vouches_for_it(copy, share):
    data = (copy / WEIGHTS).read_bytes()
    put_weights(copy, data[: int(share * len(data))])
    refused(copy, WEIGHTS)


def test_weights_too_large_to_be_any_are_not_read(copy, monkeypatch):
    with (copy / WEIGHTS).open("r+b") as file:
        file.truncate(arrays.MAX_FILE_BYTES + 1)  # a hole: takes no room on the disk
    monkeypatch.setattr(model_module, "sha256", lambda *_: pytest.fail("a gigabyte was read"))
    refused(copy, "more than 1073741824 bytes")


def test_a_flipped_bit_that_its_author_vouches_for(copy):
    data = bytearray((copy / WEIGHTS).read_bytes())
    data[3_000] ^= 4
    put_weights(copy, bytes(data))
    refused(copy, WEIGHTS)  # the archive's own checksum


def hostile_members(first: bytes, trap: Path) -> dict[str, bytes]:
    """Contents that may stand in the place of the first array, `(16, 4)` float32."""
    numbers = np.zeros((16, 4), np.float32)
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': " + b"(" * 9000
    return {
        "float64": npy(numbers.astype(np.float64)),
        "float16": npy(numbers.astype(np.float16)),
        "int32": npy(numbers.astype(np.int32)),
        "big-endian": npy(numbers.astype(">f4")),
        "structured": npy(np.zeros((16, 4), [("a", "<f4")])),
        "transposed": npy(numbers.T),
        "flat": npy(numbers.ravel()),
        "NaN": npy(numbers + np.nan),
        "infinite": npy(numbers + np.inf),
        "pickle": npy(np.array([Bomb(trap)] * 64, object)),
        "naked pickle": b"\x80\x04cos\nsystem\n(X\x04\x00\x00\x00exit\x85R.",
        "empty": b"",
        "magic alone": first[:6],
        "header alone": header((16, 4)),
        "header of terabytes": header((10**6, 10**6)) + b"\0" * 256,
        "header that overflows": header((2**62, 4)) + b"\0" * 256,
        "negative": header((-16, -4)) + b"\0" * 256,
        "parentheses": b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text,
        "version 9": first[:6] + b"\x09\x00" + first[8:],
        "longer": first + b"\0" * 2000,
        "two rows short": header((14, 4)) + b"\0" * 224,
    }


@pytest.mark.parametrize("name", hostile_members(b"", Path()))
def test_a_hostile_array(copy, tmp_path, name):
    parts = members(copy)
    trap = tmp_path / "trap"
    parts["0"] = hostile_members(parts["0"], trap)[name]
    put_weights(copy, archive(parts))
    refused(copy, WEIGHTS)
    assert not trap.exists()


def test_the_hostile_pickle_would_have_gone_off(tmp_path):
    trap = tmp_path / "trap"
    np.lib.format.read_array(io.BytesIO(npy(np.array([Bomb(trap)], object))), allow_pickle=True)
    assert trap.exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda parts: parts.popitem(), "arrays; this network has"),
        (lambda parts: parts.update(extra=npy(np.zeros(2))), "arrays; this network has"),
        (lambda parts: parts.update(other=parts.pop("1")), "no item named"),
        (lambda parts: parts.update({"1": parts["2"], "2": parts["1"]}), "array 1"),
    ],
)
def test_too_many_too_few_and_swapped_arrays(copy, change, word):
    parts = members(copy)
    change(parts)
    put_weights(copy, archive(parts))
    refused(copy, WEIGHTS, word)


def test_a_bare_array_of_terabytes_in_place_of_the_archive(copy):
    """NumPy's own `load` would take it for the one array that it is."""
    put_weights(copy, header((10**6, 10**6)) + b"\0" * 64)
    refused(copy, WEIGHTS)


@pytest.mark.parametrize("data", [b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + b"\xff" * 200, b"\x80\x04." * 9])
def test_no_archive(copy, data):
    put_weights(copy, data)
    refused(copy, WEIGHTS)


@pytest.mark.parametrize("name", [WEIGHTS, FINGERPRINTS])
def test_an_archive_that_unpacks_to_much(copy, name):
    """300 KB of deflated zeros that are 300 MB unpacked, and say so truthfully in header and directory."""
    size, count = 300_000_000, len(members(copy)) if name == WEIGHTS else 1
    with zipfile.ZipFile(copy / name, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("0.npy" if name == WEIGHTS else "names.npy", "w") as member:
            member.write(header((size // 4,)))
            for _ in range(size // 1_000_000):
                member.write(bytes(1_000_000))
        for number in range(1, count):
            file.writestr(f"{number}.npy", b"")
    put_weights(copy, (copy / name).read_bytes(), name)
    tracemalloc.start()
    refused(copy, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6  # bytes; Keras needs some for the network


# ---- hostile and damaged fingerprints

TWO = {"names": npy(np.array(["a", "b"])), "descriptors": npy(np.zeros((2, 144), np.float16))}


def fingerprints_refused(folder: Path, data: bytes) -> None:
    (folder / FINGERPRINTS).write_bytes(data)
    with pytest.raises(ModelError, match=r"fingerprints\.npz cannot be used: "):
        _ = store.load(folder).fingerprints


def test_missing_fingerprints(copy):
    (copy / FINGERPRINTS).unlink()
    with pytest.raises(ModelError, match="no such file"):
        _ = store.load(copy).fingerprints


@pytest.mark.parametrize(
    "data", [b"", b"garbage" * 99, npy(np.zeros(3)), archive({}), archive({"names": TWO["names"]})]
)
def test_fingerprints_that_are_none(copy, data):
    fingerprints_refused(copy, data)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("names", np.array(["a", "b", "c"])),
        ("names", np.array([["a"], ["b"]])),
        ("names", np.array([1, 2])),
        ("names", np.array([b"a", b"b"])),
        ("names", np.array([Bomb(Path("trap"))] * 2, object)),
        ("names", np.array([0x7FFFFFFF, 0x110000], np.uint32).view("<U1")),
        ("descriptors", np.zeros((3, 144), np.float16)),
        ("descriptors", np.zeros((2, 0), np.float16)),
        ("descriptors", np.zeros(2, np.float16)),
        ("descriptors", np.zeros((2, 2, 2), np.float16)),
        ("descriptors", np.full((2, 144), np.nan, np.float16)),
        ("descriptors", np.full((2, 144), 1e300)),
        ("descriptors", np.array([["a"], ["b"]])),
        ("descriptors", np.zeros((2, 144), complex)),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_hostile_fingerprints(copy, name, array):
    fingerprints_refused(copy, archive(TWO | {name: npy(array)}))
    assert not Path("trap").exists()


def test_the_fingerprints_that_the_hostile_ones_are_made_from_are_sound(copy):
    (copy / FINGERPRINTS).write_bytes(archive(TWO))
    assert store.load(copy).fingerprints.names == ("a", "b")


# ---- saving


def test_a_name_in_use_is_refused_and_replaced_by_force(tmp_path):
    one = models.save(tmp_path / "m", licence="first")
    with pytest.raises(OutputError, match="exists already"):
        models.save(tmp_path / "m", licence="second")
    assert store.read(one.folder).card.licence == "first"
    store.save(one.folder, one.card, one.network.get_weights(), force=True)
    assert not (one.folder / FINGERPRINTS).exists()  # replaced as a whole
    _ = store.read(one.folder).network


@pytest.mark.parametrize("name", ["a b", "con", "-x", "ä", "a.b", "x" * 65])
def test_a_name_that_cannot_be_used(tmp_path, name):
    with pytest.raises(OptionError, match="model name"):
        store.save(tmp_path / name, Card(**models.facts("dcgan")), [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_save_leaves_nothing(tmp_path, monkeypatch, error):
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(np, "savez_compressed", fail)  # late: weights and card are written
    with pytest.raises((OutputError, KeyboardInterrupt)):
        models.save(tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_replacement_leaves_the_old_one(tmp_path, monkeypatch):
    old = models.save(tmp_path / "m", licence="old")
    monkeypatch.setattr(files, "_swap", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(OutputError, match="Input/output error"):
        store.save(old.folder, old.card, [], force=True)
    assert store.read(old.folder).card == old.card


def test_a_card_that_could_not_be_read_again_is_not_written(tmp_path):
    with pytest.raises(ModelError, match="at most 64 values"):
        models.save(tmp_path / "m", credits=("x",) * 65)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in library.CHECKOUT.glob("*/card.json")), ids=lambda path: path.name
)
def test_a_model_that_was_written_before_still_loads(folder):
    """The shipped models are older than most of the code: kinds, keys and files keep their names."""
    model = store.read(folder)
    assert model.network.count_params() > 0
    if (folder / FINGERPRINTS).is_file():
        assert len(model.fingerprints.names) == len(model.fingerprints.descriptors)
    if model.kind.mix:
        assert model.encoder.predict(models.maps(1, shape=model.config.map.shape), verbose=0).shape[0] == 1
        assert model.decoder.inputs[0].shape[1] == model.code_mapper.outputs[0].shape[1]
    if model.kind.inverted:
        assert (folder / "guesser.npz").is_file()
        assert (folder / "knobs.npz").is_file()
