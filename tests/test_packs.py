"""Packs: what is written, that it is the same each time, whole or not at all, and read with suspicion."""

import hashlib
import io
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

from samplegen.audio import wavchunks, writing
from samplegen.audio.sounds import Origin, Sound, Take
from samplegen.errors import AudioError, DataError, OptionError, OutputError
from samplegen.kits import sfz
from samplegen.kits.formats import FORMATS, PackOptions
from samplegen.kits.layout import MAX_PADS
from samplegen.kits.manifest import kits_in, read_pack
from samplegen.packs import loops, write
from samplegen.packs.write import write_pack
from samplegen.roles import ROLES

RATE = 44_100
ORIGIN = Origin(
    7, "starter", "0" * 64, "samplegen generate starter --seed 7", "CC0 1.0\nNo rights reserved – at all.\n"
)


def sound(seed: int = 0, role: str = "kick", seconds: float = 0.02, **facts: object) -> Sound:
    noise = np.random.default_rng(seed).uniform(-0.9, 0.9, round(seconds * RATE))
    return Sound(noise.astype(np.float32), role, facts)


def loops_of(name: str) -> set[str]:
    """The files of the loops of a pack: of each style a WAV and its notes; the demo."""
    names = [f"{name}_{pattern.tempo:.0f}_{style}" for style, pattern in loops.draw_styles(ORIGIN.seed).items()]
    return {f"Loops/{n}.wav" for n in names} | {f"MIDI/{n}.mid" for n in names} | {loops.DEMO}


def sounds(count: int, seconds: float = 0.02) -> list[Sound]:
    return [sound(number, ROLES[number % len(ROLES)], seconds, distance=number / 3) for number in range(count)]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_pack_holds_its_sounds_kit_midi_licence_and_manifest(tmp_path: Path) -> None:
    manifest = write_pack([sound(0), sound(1, "closed-hat"), sound(2)], tmp_path / "mossy-well", origin=ORIGIN)
    written = tree(tmp_path / "mossy-well")
    paths = [entry["path"] for entry in manifest["sounds"]]
    kits = {f"Kits/mossy-well.{suffix}" for suffix in ("sfz", "h2drumkit", "sf2")}
    pads = {"pads/01_35_kick", "pads/02_36_kick", "pads/03_42_closed-hat"}
    ours = {"pack.json", "index.html", "LICENSE.txt", "MIDI/kit.mid", "Previews/cover.png"}
    assert ours | loops_of("mossy-well") | kits | set(paths) == {p for p in written if p[:5] != "pads/"}
    assert {path.rpartition("_")[0] for path in written if path[:5] == "pads/"} == pads
    assert [Path(path).parent.as_posix() for path in paths] == [
        "One_Shots/Kick",
        "One_Shots/Closed-Hat",
        "One_Shots/Kick",
    ]
    assert Path(paths[1]).name.startswith("mossy-well_closed-hat_")
    assert written["LICENSE.txt"].decode() == ORIGIN.licence


def test_the_manifest_says_where_each_file_comes_from_and_what_it_is(tmp_path: Path) -> None:
    facts = {"nearest": "loop.wav", "distance": np.float32(1 / 3), "near": (1, np.int64(2)), "none": None}
    loud = Sound(np.full(441, 0.5, np.float32), "snare", facts)
    manifest = write_pack([loud, sound(1)], tmp_path / "kit", origin=ORIGIN)
    head = {
        key: manifest[key] for key in ("schema", "name", "seed", "model", "model_hash", "command", "rate", "bit_depth")
    }
    assert head == {
        "schema": 2, "name": "kit", "seed": 7, "model": "starter", "model_hash": "0" * 64, "command": ORIGIN.command,
        "rate": RATE, "bit_depth": 24,
    }  # fmt: skip
    entry = manifest["sounds"][0]
    assert (entry["role"], entry["note"], entry["kit"], entry["seconds"]) == ("snare", 38, "kit", 0.01)
    assert entry["peak_dbfs"] == -6.0206  # 20 log10(0.5), to six digits
    assert (entry["nearest"], entry["distance"], entry["near"], entry["none"]) == ("loop.wav", 0.333333, [1, 2], None)
    for listed in manifest["sounds"] + manifest["files"]:
        assert hashlib.sha256((tmp_path / "kit" / listed["path"]).read_bytes()).hexdigest() == listed["sha256"]
    everything = {listed["path"] for listed in manifest["sounds"] + manifest["files"]} | {"pack.json"}
    assert everything == set(tree(tmp_path / "kit"))
    assert read_pack(tmp_path / "kit") == manifest


@pytest.mark.parametrize(("subtype", "step"), [("PCM_24", 2**-23), ("PCM_16", 2**-15)])
def test_every_wav_decodes_to_its_sound(tmp_path: Path, subtype: str, step: float) -> None:
    given = sounds(20)
    manifest = write_pack(given, tmp_path / "kit", origin=ORIGIN, rate=48_000, subtype=subtype)
    for made, entry in zip(given, manifest["sounds"], strict=True):
        path = tmp_path / "kit" / entry["path"]
        info = soundfile.info(path)
        assert (info.format, info.subtype, info.samplerate, info.channels) == ("WAV", subtype, 48_000, 1)
        back, _ = soundfile.read(path, dtype="float64")
        assert np.abs(back - made.samples).max() <= step  # rounding to whole steps


def test_every_wav_says_its_note_and_whose_it_is_and_is_no_loop(tmp_path: Path) -> None:
    manifest = write_pack(sounds(3), tmp_path / "kit", origin=ORIGIN)
    for entry in manifest["sounds"]:
        said = wavchunks.read_chunks((tmp_path / "kit" / entry["path"]).read_bytes())
        assert (said.note, said.loops, said.acid.flags) == (entry["note"], 0, wavchunks.ONE_SHOT_FLAG)
        assert said.info == {
            "INAM": Path(entry["path"]).stem, "IPRD": "kit", "IART": "starter", "ICMT": "CC0 1.0",
            "ICOP": "No rights reserved ? at all.", "ISFT": "samplegen",
        }  # fmt: skip


def test_the_midi_plays_every_pad_and_the_kit_names_every_file(tmp_path: Path) -> None:
    manifest = write_pack(sounds(40), tmp_path / "kit", origin=ORIGIN)
    content = (tmp_path / "kit/MIDI/kit.mid").read_bytes()
    played = [message.note for message in mido.MidiFile(file=io.BytesIO(content)) if message.type == "note_on"]
    assert played == sorted(entry["note"] for entry in manifest["sounds"])
    text = (tmp_path / "kit/Kits/kit.sfz").read_text()
    assert text.count("<region>") == 40
    assert all(f"sample=../{entry['path']} lokey={entry['note']} " in text for entry in manifest["sounds"])


def test_more_sounds_than_pads_make_several_numbered_kits(tmp_path: Path) -> None:
    count = 2 * MAX_PADS + 1
    manifest = write_pack(sounds(count, seconds=0.001), tmp_path / "big", origin=ORIGIN, options=PackOptions(["sfz"]))
    written = tree(tmp_path / "big")
    for number in (1, 2, 3):
        name = f"big-{number}"
        mine = sorted(entry["note"] for entry in manifest["sounds"] if entry["kit"] == name)
        content = written[f"MIDI/kit-{number}.mid"]
        assert [m.note for m in mido.MidiFile(file=io.BytesIO(content)) if m.type == "note_on"] == mine
        assert written[f"Kits/{name}.sfz"].count(b"<region>") == len(mine) <= MAX_PADS
    more = 10 + 7  # 3 kits, 3 MIDI files, 3 texts, a cover; loops
    assert len({path.lower() for path in written}) == len(written) == count + more


def test_sfizz_finds_every_sound_of_a_written_pack(tmp_path: Path) -> None:
    pysfizz = pytest.importorskip("pysfizz", reason="the SFZ player sfizz is not installed")
    write_pack(sounds(50), tmp_path / "kit", origin=ORIGIN)
    synth = pysfizz._sfizz.Synth(RATE, 64)
    assert synth.load_sfz_file(str(tmp_path / "kit/Kits/kit.sfz"))
    assert synth.get_num_regions() == 50


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    write_pack(sounds(30), tmp_path / "a" / "kit", origin=ORIGIN)
    time.sleep(1.1)  # a time stamp of whole seconds would show
    write_pack(sounds(30), tmp_path / "b" / "kit", origin=ORIGIN)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_another_seed_gives_other_words(tmp_path: Path) -> None:
    first, second = (
        write_pack([sound()], tmp_path / str(seed) / "kit", origin=Origin(seed, "m", "h", "c", "l")) for seed in (1, 2)
    )
    assert first["sounds"][0]["path"] != second["sounds"][0]["path"]
    one, two = (
        soundfile.read(tmp_path / seed / "kit" / made["sounds"][0]["path"])[0]
        for seed, made in (("1", first), ("2", second))
    )
    assert np.array_equal(one, two)


# --- layers, takes and formats -----------------------------------------------------------------------------------


def snare_of_four() -> Sound:
    """A drum of a loud layer with two takes and two softer layers, given in no order."""
    quiet = sound(5).samples * np.float32(0.2)
    takes = (Take(quiet, 2, 0), Take(sound(3).samples, 0, 1), Take(quiet * np.float32(2), 1, 0))
    return Sound(sound(2).samples, "snare", {"near": "x"}, takes)


def test_takes_are_files_listed_in_the_manifest_and_dealt_as_layers(tmp_path: Path) -> None:
    drum = snare_of_four()
    manifest = write_pack([sound(), drum], tmp_path / "kit", origin=ORIGIN)
    entry = manifest["sounds"][1]
    stem = entry["path"].removesuffix(".wav")
    assert [take["path"] for take in entry["takes"]] == [f"{stem}_v{end}.wav" for end in ("1_r2", "2_r1", "3_r1")]
    assert [(take["layer"], take["robin"]) for take in entry["takes"]] == [(0, 1), (1, 0), (2, 0)]
    given = {(take.layer, take.robin): take.samples for take in drum.takes}
    for take in entry["takes"]:
        content = (tmp_path / "kit" / take["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == take["sha256"]
        back, _ = soundfile.read(io.BytesIO(content))
        samples = given[take["layer"], take["robin"]]
        assert np.abs(back - samples).max() <= 2**-23  # the level is the caller's, to a step of 24 bits
        assert take["peak_dbfs"] == pytest.approx(20 * np.log10(np.abs(samples).max()), abs=1e-3)
        assert take["seconds"] == pytest.approx(len(samples) / RATE)
    assert manifest["sounds"][0]["takes"] == []
    assert read_pack(tmp_path / "kit") == manifest
    snare = kits_in(manifest)[0].pads[1]
    assert [(layer.low, layer.high, len(layer.files)) for layer in snare.layers] == [
        (1, 42, 1),
        (43, 84, 1),
        (85, 127, 2),
    ]
    assert (snare.file, set(snare.files)) == (
        entry["path"],
        {entry["path"], *(take["path"] for take in entry["takes"])},
    )
    text = (tmp_path / "kit/Kits/kit.sfz").read_text()
    assert text.count("<region>") == 5
    assert all(f"sample=../{file} " in text for file in snare.files)


def test_the_kits_of_a_manifest_are_those_that_were_written(tmp_path: Path) -> None:
    for count in (1, 30, 2 * MAX_PADS):
        drums = [*sounds(count, seconds=0.001), snare_of_four()]
        manifest = write_pack(drums, tmp_path / f"kit{count}", origin=ORIGIN, options=PackOptions(["sfz"]))
        for kit in kits_in(manifest):
            text = (tmp_path / f"kit{count}/Kits/{kit.name}.sfz").read_bytes()
            assert sfz.write(kit, prefix="../") == text


def test_all_formats_of_several_kits_lie_side_by_side(tmp_path: Path) -> None:
    options = PackOptions(tuple(FORMATS))
    manifest = write_pack(sounds(MAX_PADS + 2, seconds=0.001), tmp_path / "big", origin=ORIGIN, options=options)
    listed = {entry["path"] for key in ("sounds", "files") for entry in manifest[key]}
    assert set(tree(tmp_path / "big")) == listed | {"pack.json"}
    for number in (1, 2):
        kits = {f"big-{number}{FORMATS[name].suffix}" for name in ("sfz", "hydrogen", "sf2", "decentsampler", "bitwig")}
        assert kits <= {path.name for path in (tmp_path / "big/Kits").iterdir()}
        assert (tmp_path / f"big/Kits/big-{number}_drumgizmo/drumkit.xml").is_file()
        assert len(list((tmp_path / f"big/pads-{number}").iterdir())) == (MAX_PADS + 2) / 2
    for entry in manifest["sounds"]:
        assert len(entry["path"]) < 200
    assert read_pack(tmp_path / "big") == manifest


def test_every_path_in_the_text_of_a_kit_leads_to_a_file(tmp_path: Path) -> None:
    write_pack([*sounds(20), snare_of_four()], tmp_path / "kit", origin=ORIGIN, options=PackOptions(tuple(FORMATS)))
    kits = tmp_path / "kit/Kits"
    paths = [(kits, path) for path in re.findall(r'sample path="([^"]+)"', (kits / "kit.dspreset").read_text())]
    for file in (kits / "kit_drumgizmo").iterdir():
        names = re.findall(r'(?:file|src)="([^"]+)"', file.read_text())
        paths += [(file.parent, name) for name in names]
    assert len(paths) == 24 + 2 * 24 + 21 + 1  # a channel of DrumGizmo a side, its drums and its map
    for folder, path in paths:
        whole = (folder / path).resolve()
        assert whole.name in {other.name for other in whole.parent.iterdir()}, path  # in exactly this case


@pytest.mark.parametrize(
    ("ranks", "message"),
    [
        ([(0, 0)], "sound 2 .* has two takes of the same layer and number"),
        ([(1, 0), (1, 0)], "sound 2 .* has two takes of the same layer and number"),
        ([(2, 0)], "sound 2 .* gap before layer 2, take 0"),
        ([(1, 1)], "sound 2 .* gap before layer 1, take 1"),
        ([(-1, 0)], "sound 2 .* gap before layer -1, take 0"),
        ([(layer, 0) for layer in range(1, 128)], "1 to 127 velocity layers"),
    ],
)
def test_takes_that_are_numbered_wrongly_are_refused(
    tmp_path: Path, ranks: list[tuple[int, int]], message: str
) -> None:
    takes = tuple(Take(sound().samples, *rank) for rank in ranks)
    with pytest.raises(OptionError, match=message):
        write_pack([sound(), Sound(sound().samples, "snare", {}, takes)], tmp_path / "kit", origin=ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_a_take_that_is_no_finished_sound_is_refused(tmp_path: Path) -> None:
    drum = Sound(sound().samples, "snare", {}, (Take(np.zeros(9, np.float32), 1, 0),))
    with pytest.raises(AudioError, match=r"sound 1 of the pack \(snare\), layer 1, take 0, is silent"):
        write_pack([drum], tmp_path / "kit", origin=ORIGIN)


def test_a_kit_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise AudioError("no")

    monkeypatch.setattr("samplegen.kits.soundfont.write", fail)
    with pytest.raises(AudioError):
        write_pack(sounds(3), tmp_path / "kit", origin=ORIGIN)
    assert list(tmp_path.iterdir()) == []


# --- whole or not at all -----------------------------------------------------------------------------------------


def test_an_existing_pack_is_refused_and_stays_and_force_replaces_all_of_it(tmp_path: Path) -> None:
    write_pack(sounds(5), tmp_path / "kit", origin=ORIGIN)
    (tmp_path / "kit" / "own.txt").write_text("notes")
    before = tree(tmp_path)
    with pytest.raises(OutputError, match="kit exists already; choose another name or pass --force"):
        write_pack(sounds(3), tmp_path / "kit", origin=ORIGIN)
    assert tree(tmp_path) == before
    write_pack(sounds(3), tmp_path / "kit", origin=ORIGIN, options=PackOptions(["sfz"]), force=True)
    assert len(read_pack(tmp_path / "kit")["sounds"]) == 3
    assert len(tree(tmp_path)) == 3 + 6 + 7  # manifest, kit, MIDI, licence, page and cover
    assert [path.name for path in tmp_path.iterdir()] == ["kit"]


def failing_after(count: int, error: Exception) -> Callable[..., None]:
    calls = iter(range(1000))

    def write(path: Path, *args: Any, **options: Any) -> None:
        if next(calls) >= count:
            path.write_bytes(b"RIFF half")
            raise error
        real(path, *args, **options)

    real = writing.write_audio
    return write


FAILURES = [
    (OSError(28, "No space left on device"), "cannot write .*kit: No space left on device; nothing was kept"),
    (OutputError("cannot write x.wav (System error)"), r"cannot write x\.wav"),
    (KeyError("a bug"), "a bug"),
]


@pytest.mark.parametrize(("error", "message"), FAILURES)
@pytest.mark.parametrize("force", [False, True])
def test_a_failure_midway_leaves_things_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str, force: bool
) -> None:
    if force:
        write_pack(sounds(5), tmp_path / "kit", origin=ORIGIN)
    before = tree(tmp_path)
    monkeypatch.setattr(writing, "write_audio", failing_after(10, error))
    with pytest.raises((OutputError, KeyError), match=message):
        write_pack(sounds(30), tmp_path / "kit", origin=ORIGIN, force=force)
    assert tree(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == force


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(manifest: dict[str, Any]) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "encode", interrupt)  # the last step, all sounds being written
    with pytest.raises(KeyboardInterrupt):
        write_pack(sounds(5), tmp_path / "kit", origin=ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_really_takes_no_more_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # bytes a file: the first sound fits
    try:
        with pytest.raises(OutputError, match="cannot write"):
            write_pack([sound(), sound(1, seconds=1.0)], tmp_path / "kit", origin=ORIGIN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


# --- refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["🥁", "a b", "-rf", "x" * 200, "nul", ".kit", "kit.d"])
def test_a_bad_name_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=r"the pack name '.*' (cannot be used|is reserved)"):
        write_pack([sound()], tmp_path / name, origin=ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_a_way_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    for way in ("../x", "..", "a/../../x"):
        with pytest.raises(OptionError, match=r"goes through '\.\.'"):
            write_pack([sound()], tmp_path / "packs" / way, origin=ORIGIN)
    assert [path.name for path in tmp_path.rglob("*")] == ["packs"]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.full(9, np.nan), "holds samples that are not numbers"),
        (np.array([0.0, 0.5, np.inf]), "holds samples that are not numbers"),
        (np.zeros(9), "is silent"),
        (np.zeros(0), "is not one channel with samples"),
        (np.full((9, 2), 0.5), "is not one channel with samples"),
        (np.full(9, 1.5), "goes beyond full scale"),
    ],
)
def test_what_is_no_finished_sound_is_refused(tmp_path: Path, samples: np.ndarray, message: str) -> None:
    with pytest.raises(AudioError, match=rf"sound 2 of the pack \(snare\) {message}"):
        write_pack([sound(), Sound(samples.astype(np.float32), "snare", {})], tmp_path / "kit", origin=ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_other_unusable_arguments_are_refused(tmp_path: Path) -> None:
    refused: list[tuple[list[Sound], str, str]] = [
        ([], "PCM_24", "there are no sounds to put into the pack"),
        ([sound()], "FLOAT", "cannot be written as FLOAT; choose PCM_16 or PCM_24"),
        ([sound(role="gong")], "PCM_24", "unknown role 'gong'"),
        ([sound(note=5)], "PCM_24", "facts cannot be called 'note'"),
        ([sound(distance=float("nan"))], "PCM_24", "manifest cannot hold nan"),
        ([sound(model={1, 2})], "PCM_24", r"manifest cannot hold \{1, 2\}"),
    ]
    for given, subtype, message in refused:
        with pytest.raises(OptionError, match=message):
            write_pack(given, tmp_path / "kit", origin=ORIGIN, subtype=subtype)
    assert list(tmp_path.iterdir()) == []


# --- a manifest that anyone may have made ------------------------------------------------------------------------


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    soft = Take(sound(2).samples * np.float32(0.5), 1, 0)
    write_pack([sound(), replace(sound(1, "snare"), takes=(soft,))], tmp_path / "kit", origin=ORIGIN)
    return tmp_path / "kit"


def test_no_pack_and_no_json_are_told_apart(tmp_path: Path, pack: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere is not a pack: pack\.json cannot be read"):
        read_pack(tmp_path / "nowhere")
    for content in (b"", b'{"schema": 1', b"\xff\xfe", b"[" * 100_000):
        (pack / "pack.json").write_bytes(content)
        with pytest.raises(DataError, match=r"pack\.json is damaged \(.*\); make the pack again"):
            read_pack(pack)


def take(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["sounds"][1]["takes"][0]
    return found


def test_a_pack_of_the_first_schema_is_read_as_one_without_takes(pack: Path) -> None:
    manifest = json.loads((pack / "pack.json").read_text())
    for entry in manifest["sounds"]:
        del entry["takes"]
    (pack / "pack.json").write_text(json.dumps(manifest | {"schema": 1}))
    upgraded = read_pack(pack)
    assert (upgraded["schema"], [entry["takes"] for entry in upgraded["sounds"]]) == (2, [[], []])
    assert len(kits_in(upgraded)[0].pads) == 2
    for broken in ({"sounds": 5}, {"sounds": [5]}):
        (pack / "pack.json").write_text(json.dumps(manifest | {"schema": 1} | broken))
        with pytest.raises(DataError):
            read_pack(pack)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(schema=3), "the pack has the schema 3"),
        (lambda m: m.update(schema=0), "the pack has the schema 0"),
        (lambda m: m.update(schema=True), "the pack has the schema True"),
        (lambda m: m.pop("schema"), "the pack has no 'schema'"),
        (lambda m: m.pop("sounds"), "the pack has no 'sounds'"),
        (lambda m: m.update(sounds={}), "the pack has the sounds {}"),
        (lambda m: m.update(name="<script>"), "the pack has the name '<script>'"),
        (lambda m: m.update(rate="fast"), "the pack has the rate 'fast'"),
        (lambda m: m["sounds"].append("x.wav"), "entry 3 of sounds is no mapping"),
        (lambda m: m["sounds"][1].pop("note"), "entry 2 of sounds has no 'note'"),
        (lambda m: m["sounds"][1].update(note=128), "entry 2 of sounds has the note 128"),
        (lambda m: m["sounds"][1].update(role=["kick"]), "entry 2 of sounds has the role"),
        (lambda m: m["sounds"][1].update(seconds=float("nan")), "entry 2 of sounds has the seconds nan"),
        (lambda m: m["sounds"][1].update(kit="../x"), r"entry 2 of sounds has the kit '\.\./x'"),
        (lambda m: m["sounds"][1].pop("takes"), "entry 2 of sounds has no 'takes'"),
        (lambda m: m["sounds"][1].update(takes={}), "entry 2 of sounds has the takes {}"),
        (lambda m: m["sounds"][1]["takes"].append(5), "entry 2 of the takes of sound 2 is no mapping"),
        (lambda m: take(m).pop("sha256"), "entry 1 of the takes of sound 2 has no 'sha256'"),
        (lambda m: take(m).update(layer=-1), "entry 1 of the takes of sound 2 has the layer -1"),
        (lambda m: take(m).update(layer=True), "entry 1 of the takes of sound 2 has the layer True"),
        (lambda m: take(m).update(robin="0"), "entry 1 of the takes of sound 2 has the robin '0'"),
        (lambda m: take(m).update(path="../x.wav"), r"entry 1 of the takes of sound 2 has the path '\.\./x"),
        (lambda m: take(m).update(peak_dbfs=1), "entry 1 of the takes of sound 2 has the peak_dbfs 1"),
        (lambda m: take(m).update(layer=3), "sound 2: its takes have a gap before layer 3, take 0"),
        (lambda m: take(m).update(layer=0), "sound 2: two of its takes have the same layer and number"),
        (lambda m: m["files"][0].update(sha256="0"), "entry 1 of files has the sha256 '0'"),
        (lambda m: m["files"][0].update(path=5), "entry 1 of files has the path 5"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(pack: Path, change: Change, message: str) -> None:
    manifest = json.loads((pack / "pack.json").read_text())
    change(manifest)
    (pack / "pack.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=message):
        read_pack(pack)


@pytest.mark.parametrize("content", ["5", "[]", "null", '"pack"'])
def test_a_manifest_that_is_no_mapping_is_refused(pack: Path, content: str) -> None:
    (pack / "pack.json").write_text(content)
    with pytest.raises(DataError, match="the pack is no mapping"):
        read_pack(pack)


@pytest.mark.parametrize(
    "path",
    ["../x.wav", "/etc/passwd", "One_Shots/../../x.wav", "..\\x.wav", "C:\\x.wav", "C:x.wav", "//host/x.wav", "x\0.wav",
     "", ".", "a//b.wav", "x.wav\n", "~/x.wav", "a" * 300 + "/.."],
)  # fmt: skip
@pytest.mark.parametrize("key", ["sounds", "files"])
def test_a_path_that_may_leave_the_folder_is_refused(pack: Path, key: str, path: str) -> None:
    manifest = json.loads((pack / "pack.json").read_text())
    manifest[key][0]["path"] = path
    (pack / "pack.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=f"entry 1 of {key} has the path"):
        read_pack(pack)


def test_a_link_that_leaves_the_folder_is_refused(pack: Path) -> None:
    path = pack / read_pack(pack)["sounds"][0]["path"]
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(DataError, match="leads out of the pack's folder"):
        read_pack(pack)
