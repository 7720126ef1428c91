"""Kits in real players: every pad, layer and take as meant, and a kit that is broken on purpose is found to be so."""

import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from players import RATE, Sfizz, Signal, TinySoundFont, complaints, ring

from samplegen.audio import reading
from samplegen.audio.sounds import Origin, Sound, Take
from samplegen.kits.formats import PackOptions
from samplegen.kits.kit import Kit
from samplegen.kits.manifest import kits_in
from samplegen.packs.write import write_pack
from samplegen.roles import ROLES

ORIGIN = Origin(1, "starter", "0" * 64, "samplegen generate", "CC0 1.0")
CHOKERS = ("closed-hat", "pedal-hat")  # short, so that what they should have cut off can be heard after them
LAYERED = {"snare": (2, 2, 2), "closed-hat": (2, 1), "open-hat": (1, 2), "kick": (1, 3)}  # takes, from the loudest
LEVELS = (0.9, 0.45, 0.2)  # peaks of the layers


def drum(number: int, role: str) -> Sound:
    decay = 120.0 if role in CHOKERS else 8.0  # -60 dB after 58 ms, or a fifth after 180

    def take(layer: int, robin: int) -> Signal:
        return ring(100 * number + 10 * layer + robin, level=LEVELS[layer], decay=decay)

    ranks = [(layer, robin) for layer, count in enumerate(LAYERED.get(role, (1,))) for robin in range(count)]
    takes = tuple(Take(take(layer, robin), layer, robin) for layer, robin in ranks[1:])
    return Sound(take(0, 0), role, {}, takes)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Kit, dict[str, Signal]]:
    """A written pack of every role and a second open hat and kick, its kit, and its sounds by path."""
    folder = tmp_path_factory.mktemp("packs") / "kit"
    drums = [drum(number, role) for number, role in enumerate([*ROLES, "open-hat", "kick"])]
    manifest = write_pack(drums, folder, origin=ORIGIN, options=PackOptions(["sfz", "sf2"]))
    (kit,) = kits_in(manifest)
    return folder, kit, {file: reading.read_audio(folder / file)[0] for file in kit.files}


def played(pack: tuple[Path, Kit, dict[str, Signal]], kind: type, name: str) -> str:
    folder, kit, sounds = pack
    return "\n".join(complaints(kind(folder / "Kits" / name), kit, sounds))


def test_sfizz_plays_the_kit_as_meant(pack) -> None:
    assert played(pack, Sfizz, "kit.sfz") == ""


def test_tinysoundfont_plays_the_kit_as_meant(pack) -> None:
    assert played(pack, TinySoundFont, "kit.sf2") == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("_snare_", "_missing_", "regions were dropped"),
        ("../One_Shots", "One_Shots", "does not load|regions were dropped"),
        (" off_by=1", "", "open-hat_.* is not choked"),
        (" group=1", "", "open-hat_.* is not choked"),
        (" loop_mode=one_shot", "", "is cut off"),
        (" loop_mode=one_shot", " loop_mode=one_shot delay=0.007", "is late"),
        (" amp_velcurve_42=1", "", "snare_.* is 0.11 as loud at velocity 42, not 1.00"),
        (" amp_velcurve_63=1", "", "kick_.* as loud at velocity 63"),
        (" seq_position=2", " seq_position=1", "repeats the same take|plays another sound"),
        (" seq_length=2 seq_position=2", "", "plays another sound|repeats the same take"),
        (" lovel=43", " lovel=1", "snare_.* (plays another sound|is .* as loud) at velocity 42"),
        ("loop_mode=one_shot", "group=1 off_by=1 loop_mode=one_shot", "ride_.* is choked"),
    ],
)
def test_a_broken_sfz_is_told_from_a_good_one(pack, old: str, new: str, complaint: str) -> None:
    good = pack[0] / "Kits/kit.sfz"
    assert old in good.read_text()
    (pack[0] / "Kits/broken.sfz").write_text(good.read_text().replace(old, new))
    found = played(pack, Sfizz, "broken.sfz")
    assert any(re.search(complaint, line) for line in found.splitlines()), found


def generators(kind: int, new: Callable[[int], int]) -> Callable[[bytes], bytes]:
    """Changes the amount of every generator of a kind in an SF2 file."""

    def change(content: bytes) -> bytes:
        start = content.index(b"igen") + 8
        size = struct.unpack_from("<I", content, start - 4)[0]
        rows = list(struct.iter_unpack("<HH", content[start : start + size]))
        rows = [(oper, new(amount) & 0xFFFF if oper == kind else amount) for oper, amount in rows]
        return content[:start] + b"".join(struct.pack("<HH", *row) for row in rows) + content[start + size :]

    return change


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (generators(57, lambda _: 0), "open-hat_.* is not choked"),
        (generators(38, lambda _: -12_000), "is cut off"),
        (generators(44, lambda _: 127 << 8), "snare_.* (plays another sound|is .* as loud)"),
        (generators(53, lambda _: 0), "plays another sound"),
        (generators(43, lambda _: 0), "is silent"),
        (lambda content: content.replace(struct.pack("<I", RATE), struct.pack("<I", 48_000)), "plays another sound"),
    ],
)
def test_a_broken_sf2_is_told_from_a_good_one(pack, change: Callable[[bytes], bytes], complaint: str) -> None:
    good = (pack[0] / "Kits/kit.sf2").read_bytes()
    assert change(good) != good
    (pack[0] / "Kits/broken.sf2").write_bytes(change(good))
    found = played(pack, TinySoundFont, "broken.sf2")
    assert any(re.search(complaint, line) for line in found.splitlines()), found


def test_the_sf2_is_in_bank_0_too(pack) -> None:
    tinysoundfont = pytest.importorskip("tinysoundfont", reason="the SF2 player TinySoundFont is not installed")
    synth = tinysoundfont.Synth()
    number = synth.sfload((pack[0] / "Kits/kit.sf2").read_bytes())
    assert [synth.sfpreset_name(number, bank, 0) for bank in (0, 128)] == ["kit", "kit"]


def validate(file: Path) -> int:
    pytest.importorskip("sfzen", reason="the SFZ checker sfzen is not installed")
    code = "import sys; from sfzen.scripts.sfz_validate import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code, file], capture_output=True, check=False).returncode


@pytest.mark.parametrize(("old", "new"), [("=one_shot", "=one_shoot"), ("_snare_", "_missing_")])
def test_the_checker_finds_no_fault_but_those_there_are(pack, old: str, new: str) -> None:
    good = pack[0] / "Kits/kit.sfz"
    assert validate(good) == 0
    assert old in good.read_text()
    (pack[0] / "Kits/broken.sfz").write_text(good.read_text().replace(old, new))
    assert validate(pack[0] / "Kits/broken.sfz") != 0
