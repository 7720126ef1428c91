"""Kit formats as files: well-formed, complete, the same bytes each time, and honest about what they lose."""

import gzip
import io
import itertools
import struct
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from samplegen.audio.wavchunks import one_shot_chunks, replace_chunks
from samplegen.errors import AudioError, OptionError
from samplegen.kits import bitwig, decentsampler, drumgizmo, formats, hydrogen, notemap, pads, pcm, sfz, soundfont
from samplegen.kits.formats import DEFAULT_FORMATS, FORMATS, KitFiles, PackOptions, list_losses
from samplegen.kits.kit import Kit, Layer, Pad
from samplegen.kits.layout import lay_out_kits
from samplegen.roles import ROLES

RATE = 44_100
SPACE = "{http://www.hydrogen-music.org/drumkit}"
HOSTILE = "<&\"'>]]>%s{0}"


def wav(seed: int, *, rate: int = RATE, subtype: str = "PCM_24", seconds: float = 0.01) -> bytes:
    buffer = io.BytesIO()
    samples = np.random.default_rng(seed).uniform(-0.9, 0.9, round(seconds * rate))
    soundfile.write(buffer, samples, rate, subtype=subtype, format="WAV")
    return buffer.getvalue()


def layered_kit() -> Kit:
    """Every role, two more hats and kicks; the snare has two layers, the softer of two takes."""
    roles = [*ROLES, "open-hat", "kick", "kick"]
    files = [f"One_Shots/{role.title()}/kit_{role}_{number}.wav" for number, role in enumerate(roles)]
    takes = [
        [[f"{file[:-4]}_v2_r1.wav", f"{file[:-4]}_v2_r2.wav"], [file]] if "snare" in file else file for file in files
    ]
    return lay_out_kits(roles, takes, name="kit")[0]


KIT = layered_kit()
WAVS = {
    file: replace_chunks(wav(number), one_shot_chunks(36, RATE, INAM=file)) for number, file in enumerate(KIT.files)
}
MATERIAL = KitFiles(WAVS, RATE, "CC0 <&>")


def written(name: str, kit: Kit = KIT, material: KitFiles = MATERIAL) -> dict[str, bytes]:
    return FORMATS[name].write(kit, material)


# --- all formats -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_writes_the_same_bytes_later(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(name)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    assert written(name) == before
    assert all(path.endswith((FORMATS[name].suffix, ".wav")) for path in before)
    assert len({path.lower() for path in before}) == len(before)


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_is_escaped_and_cannot_break_out(name: str) -> None:
    """Pack names are checked before; whoever builds a kit by hand can still do no harm."""
    pad = Pad(36, "kick", HOSTILE, None, (Layer(1, 127, ("a&b.wav",)),))
    for content in written(name, Kit(HOSTILE, (pad,)), KitFiles({"a&b.wav": wav(1)}, RATE, HOSTILE)).values():
        for document in documents(name, content):
            root = ElementTree.fromstring(document)
            texts = [text for element in root.iter() for text in (element.text, *element.attrib.values())]
            assert HOSTILE in texts


def documents(name: str, content: bytes) -> Iterator[bytes]:
    """The XML documents in a file of a kit."""
    if name in ("decentsampler", "drumgizmo"):
        yield content
    if name == "hydrogen":
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            yield tar.extractfile(tar.getnames()[0]).read()
    if name == "bitwig":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield packed.read("multisample.xml")


def test_what_a_kit_has_and_a_format_has_not_is_said() -> None:
    assert list_losses([KIT], ["sfz", "decentsampler"]) == []
    assert list_losses([KIT], ["sf2"]) == ["sf2 has no round robins: it holds the first take of each layer"]
    assert [line.partition(":")[0] for line in list_losses([KIT], FORMATS)] == [
        "wav has no velocity layers", "wav has no round robins", "hydrogen has no notes below 36",
        "sf2 has no round robins", "bitwig has no choke groups", "bitwig has no one-shots",
        "drumgizmo has no round robins",
    ]  # fmt: skip
    plain = lay_out_kits(["kick", "closed-hat"], ["a.wav", "b.wav"], name="kit")
    assert list_losses(plain, DEFAULT_FORMATS) == []
    assert list_losses(plain, FORMATS) == [
        "bitwig has no one-shots: switch the sampler to one-shot"
    ]  # one hat chokes none
    many = lay_out_kits(["kick"], [[[f"{number}.wav" for number in range(17)]]], name="kit")
    assert list_losses(many, ["hydrogen"]) == ["hydrogen has no pads of more than 16 takes: the loudest are left out"]
    assert set().union(*(row.loses for row in FORMATS.values())) <= formats.FEATURES.keys()


def test_formats_are_read_from_a_list() -> None:
    assert formats.parse_formats("sf2, SFZ,sfz") == ("sfz", "sf2")
    assert formats.parse_formats("all") == tuple(FORMATS)
    for text, words in (
        ("sfz,sf3", "unknown kit format 'sf3'; the formats are all, wav, sfz"),
        (" ,", "no kit format"),
    ):
        with pytest.raises(OptionError, match=words):
            formats.parse_formats(text)


def test_options_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(OptionError, match="unknown kit format 'gig'"):
        PackOptions(["gig"])
    with pytest.raises(OptionError, match="unknown profile 'tape'; the profiles are hardware"):
        PackOptions(profile="tape")
    with pytest.raises(OptionError, match="add wav to the formats"):
        PackOptions(["sfz"], profile="hardware")


# --- text formats ------------------------------------------------------------------------------------------------


def test_a_line_of_sfz_holds_everything_that_its_sample_needs() -> None:
    lines = sfz.write(KIT, prefix="../").decode().splitlines()
    assert lines[0] == "// kit: 19 pads"
    assert [line for line in lines if "snare" in line] == [
        "<region> sample=../One_Shots/Snare/kit_snare_1_v2_r1.wav lokey=38 hikey=38 pitch_keycenter=38"
        " loop_mode=one_shot lovel=1 hivel=63 amp_velcurve_63=1 seq_length=2 seq_position=1",
        "<region> sample=../One_Shots/Snare/kit_snare_1_v2_r2.wav lokey=38 hikey=38 pitch_keycenter=38"
        " loop_mode=one_shot lovel=1 hivel=63 amp_velcurve_63=1 seq_length=2 seq_position=2",
        "<region> sample=../One_Shots/Snare/kit_snare_1.wav lokey=38 hikey=38 pitch_keycenter=38"
        " loop_mode=one_shot lovel=64 hivel=127",
    ]
    assert sum(line.startswith("<region> ") for line in lines) == len(KIT.files) == len(lines) - 1


def test_a_decentsampler_preset_points_to_every_file() -> None:
    root = ElementTree.fromstring(decentsampler.write(KIT, prefix="../"))
    samples = {sample.get("path"): (group, sample) for group in root.iter("group") for sample in group}
    assert list(samples) == [f"../{file}" for file in KIT.files]
    _, soft = samples["../One_Shots/Snare/kit_snare_1_v2_r2.wav"]
    assert (soft.get("seqMode"), soft.get("seqLength"), soft.get("seqPosition")) == ("round_robin", "2", "2")
    assert (soft.get("loVel"), soft.get("hiVel"), soft.get("volume")) == ("1", "63", "6.09dB")  # 127 / 63
    assert soft.get("loNote") == soft.get("hiNote") == soft.get("rootNote") == "38"
    assert root.find("groups").get("release") == "20"
    hats = {
        group.get("name") for group, _ in samples.values() if group.get("silencedByTags") == group.get("tags") == "hat"
    }
    assert hats == {pad.name for pad in KIT.pads if pad.choke}


def test_a_drumgizmo_kit_points_to_every_file_and_hats_choke_each_other() -> None:
    files = {name: ElementTree.fromstring(content) for name, content in
             drumgizmo.write(KIT, prefix="../../", rate=RATE).items()}  # fmt: skip
    listed = {element.get("name"): element for element in files["drumkit.xml"].iter("instrument")}
    assert {element.get("file") for element in listed.values()} | {"drumkit.xml", "midimap.xml"} == set(files)
    pointed = {audio.get("file") for root in files.values() for audio in root.iter("audiofile")}
    assert pointed == {f"../../{file}" for file in KIT.files}
    notes = {entry.get("instr"): entry.get("note") for entry in files["midimap.xml"]}
    assert notes == {pad.name: str(pad.note) for pad in KIT.pads}
    hats = {pad.name for pad in KIT.pads if pad.choke}
    for name, element in listed.items():
        assert {choke.get("instrument") for choke in element.iter("choke")} == (
            hats - {name} if name in hats else set()
        )
    powers = [sample.get("power") for sample in files["snare_1.xml"].iter("sample")]
    assert powers == ["0.496063", "0.496063", "1.000000"]


# --- archives ----------------------------------------------------------------------------------------------------


def test_a_hydrogen_kit_lists_its_notes_from_36_on_and_holds_its_files() -> None:
    with tarfile.open(fileobj=io.BytesIO(hydrogen.write(KIT, WAVS, licence="CC0"))) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    assert {name: content for name, content in members.items() if name != "kit/drumkit.xml"} == {
        f"kit/{Path(file).name}": content for file, content in WAVS.items()
    }
    root = ElementTree.fromstring(members["kit/drumkit.xml"])
    instruments = root.findall(f"{SPACE}instrumentList/{SPACE}instrument")
    assert [text(element, "id") for element in instruments] == [str(number) for number in range(len(instruments))]
    assert all(element.find(f"{SPACE}instrumentComponent") is not None for element in instruments)
    low = [pad for pad in KIT.pads if pad.note < 36]
    placed = {pad.note - 36: pad for pad in KIT.pads if pad.note >= 36}
    placed |= dict(enumerate(low, len(instruments) - len(low)))
    assert len(low) == 3
    for number, element in enumerate(instruments):
        files = tuple(layer.text for layer in element.iter(f"{SPACE}filename"))
        pad = placed.get(number)
        assert files == (tuple(Path(file).name for file in pad.files) if pad else ())
        assert text(element, "muteGroup") == ("1" if pad and pad.choke else "-1")
    snare = [[text(layer, tag) for tag in ("min", "max", "gain")] for layer in instruments[2].iter(f"{SPACE}layer")]
    assert snare == [["0", "0.500000", "2.01587"]] * 2 + [["0.500000", "1", "1"]]
    assert text(instruments[2], "sampleSelectionAlgo") == "ROUND_ROBIN"


def text(element: ElementTree.Element, tag: str) -> str | None:
    return element.findtext(f"{SPACE}{tag}")


def test_a_small_hydrogen_kit_has_empty_instruments_up_to_51() -> None:
    content = hydrogen.write(lay_out_kits(["kick"], ["a.wav"], name="kit")[0], {"a.wav": wav(0)})
    assert gzip.decompress(content)[257:262] == b"ustar"
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        root = ElementTree.fromstring(tar.extractfile("kit/drumkit.xml").read())
    notes = [text(element, "midiOutNote") for element in root.iter(f"{SPACE}instrument")]
    assert notes == [str(note) for note in range(36, 52)]


def test_a_multisample_stores_its_files_and_maps_them_all() -> None:
    with zipfile.ZipFile(io.BytesIO(bitwig.write(KIT, WAVS))) as packed:
        assert packed.testzip() is None
        assert {entry.compress_type for entry in packed.infolist()} == {zipfile.ZIP_STORED}
        root = ElementTree.fromstring(packed.read("multisample.xml"))
        stored = {name: packed.read(name) for name in packed.namelist()[1:]}
    assert stored == {Path(file).name: content for file, content in WAVS.items()}
    assert [sample.get("file") for sample in root.iter("sample")] == list(stored)
    snare = [sample for sample in root.iter("sample") if "snare" in sample.get("file")]
    assert [sample.get("zone-logic") for sample in snare] == ["round-robin", "round-robin", "always-play"]
    assert snare[2].find("velocity").attrib == {"low": "64", "high": "127"}
    assert [child.tag for child in snare[0]] == ["key", "velocity", "select", "loop"]  # the order of the schema
    groups = [group.get("name") for group in root.iter("group")]
    assert groups[int(snare[0].get("group"))] == "snare_1"


# --- SoundFont ---------------------------------------------------------------------------------------------------


def chunks(content: bytes) -> dict[bytes, bytes]:
    """Every chunk of a RIFF file by its name, lists opened."""
    found, place = {}, 0
    while place < len(content):
        name, size = struct.unpack_from("<4sI", content, place)
        body = content[place + 8 : place + 8 + size]
        found |= chunks(body[4:]) if name in (b"RIFF", b"LIST") else {name: body}
        assert size % 2 == 0
        place += 8 + size
    return found


def test_a_soundfont_holds_every_layer_with_silence_behind_it() -> None:
    parts = chunks(soundfont.write(KIT, WAVS))
    frames = np.frombuffer(parts[b"smpl"], "<i2")
    headers = list(struct.iter_unpack("<20sIIIIIBbHH", parts[b"shdr"]))[:-1]
    layers = [(pad, layer) for pad in KIT.pads for layer in pad.layers]
    assert len(headers) == len(layers) == 20
    assert len({header[0] for header in headers}) == 20
    for (name, start, end, _, _, rate, note, _, _, kind), (pad, layer) in zip(headers, layers, strict=True):
        own, _ = soundfile.read(io.BytesIO(WAVS[layer.files[0]]))
        assert np.abs(frames[start:end] / 2**15 - own).max() <= 2**-16 + 1e-9  # rounded to the nearest of 16 bits
        assert not frames[end : end + 46].any()
        assert (rate, note, kind, name[-1]) == (RATE, pad.note, 1, 0)
    assert len(frames) == headers[-1][2] + 46


def test_a_soundfonts_zones_say_keys_velocities_release_and_choke() -> None:
    parts = chunks(soundfont.write(KIT, WAVS))
    bags = [bag for bag, _ in struct.iter_unpack("<HH", parts[b"ibag"])]
    rows = list(struct.iter_unpack("<HH", parts[b"igen"]))
    zones = [rows[first:last] for first, last in itertools.pairwise(bags)]
    layers = [(pad, layer) for pad in KIT.pads for layer in pad.layers]
    for number, (zone, (pad, layer)) in enumerate(zip(zones, layers, strict=True)):
        low = 0 if layer.low == 1 else layer.low
        choke = [(57, 1)] if pad.choke else []
        assert zone == [(43, pad.note * 257), (44, low + 256 * layer.high), (38, 5186), *choke, (53, number)]
    modulators = list(struct.iter_unpack("<HHhHH", parts[b"imod"]))
    assert modulators == [(0x0502, 48, 0, 0, 0), (0,) * 5]  # the snare's soft layer, and the end
    presets = [(name.rstrip(b"\0"), bank) for name, _, bank, *_ in struct.iter_unpack("<20sHHHIII", parts[b"phdr"])]
    assert presets == [(b"kit", 0), (b"kit", 128), (b"EOP", 0)]


def test_more_sound_than_a_soundfont_can_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfont, "_MAX_SOUND_BYTES", 1000)
    with pytest.raises(AudioError, match="too long for one SoundFont; leave sf2 out of the formats"):
        soundfont.write(KIT, WAVS)


def test_names_too_long_for_a_soundfont_stay_different() -> None:
    files = [f"kit_closed-hat_crooked-transistor-{number}.wav" for number in range(30)]
    (kit,) = lay_out_kits(["closed-hat"] * 30, files, name="kit")
    parts = chunks(soundfont.write(kit, dict.fromkeys(files, wav(0))))
    names = [row[0] for row in struct.iter_unpack("<20sIIIIIBbHH", parts[b"shdr"])]
    assert len(set(names)) == 31


# --- samples and pads --------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6), st.sampled_from(["PCM_16", "PCM_24"]), st.integers(2, 9))
def test_samples_come_out_as_they_went_in(seed: int, subtype: str, count: int) -> None:
    content = wav(seed, subtype=subtype, seconds=count / RATE)
    samples, rate = pcm.read_pcm16(content, "a.wav")
    own, _ = soundfile.read(io.BytesIO(content))
    assert rate == RATE
    assert np.abs(samples / 2**15 - own).max() <= 2**-16 + 1e-9
    back, _ = soundfile.read(io.BytesIO(pcm.write_pcm16(samples, RATE)), dtype="int16")
    assert (back == samples).all()


def test_loud_samples_are_not_wrapped_around() -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.array([1.0, -1.0, 0.999_999]), RATE, subtype="PCM_24", format="WAV")
    assert pcm.read_pcm16(buffer.getvalue(), "a.wav")[0].tolist() == [32767, -32768, 32767]
    assert pcm.to_pcm16(np.array([1.5, -1.5, 0.5], np.float32)).tolist() == [32767, -32768, 16384]


def test_what_cannot_go_into_a_kit_is_refused() -> None:
    stereo = io.BytesIO()
    soundfile.write(stereo, np.zeros((9, 2)), RATE, subtype="PCM_16", format="WAV")
    for content in (b"", b"RIFF", wav(0)[:20], wav(0, subtype="FLOAT"), wav(0, subtype="PCM_U8"), stereo.getvalue()):
        with pytest.raises(AudioError, match=r"a\.wav (is no WAV file that|cannot) (can )?go into a kit"):
            pcm.read_pcm16(content, "a.wav")


@given(st.integers(0, 60), st.integers(0, 59), st.integers(0, 255))
def test_a_damaged_wav_is_samples_or_an_error_and_nothing_else(length: int, place: int, value: int) -> None:
    damaged = bytearray(wav(0, seconds=0.001)[:length])
    damaged[place : place + 1] = bytes([value])
    with suppress(AudioError):
        assert pcm.read_pcm16(bytes(damaged), "a.wav")[0].ndim == 1


def test_pads_are_copies_in_the_order_of_their_notes() -> None:
    made = pads.write(KIT, WAVS)
    assert list(made)[:4] == [
        "pads/01_33_open-hat_16.wav", "pads/02_34_kick_18.wav", "pads/03_35_kick_17.wav", "pads/04_36_kick_0.wav"
    ]  # fmt: skip
    assert sorted(made) == list(made)
    assert list(made.values()) == [WAVS[pad.file] for pad in KIT.pads]


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_pads_for_hardware_are_bare(rate: int) -> None:
    (kit,) = lay_out_kits(["kick"], ["kit_kick_0.wav"], name="kit")
    ((path, content),) = pads.write(kit, {"kit_kick_0.wav": wav(0, rate=rate, seconds=0.1)}, profile="hardware").items()
    assert path == "pads/01_36_kick_0.wav"
    assert (content[12:16], content[36:40]) == (b"fmt ", b"data")
    assert struct.unpack_from("<I", content, 40)[0] == len(content) - 44
    info = soundfile.info(io.BytesIO(content))
    assert (info.subtype, info.samplerate, info.channels) == ("PCM_16", 44_100, 1)
    assert info.frames == round(0.1 * 44_100)


def test_the_map_of_notes_reaches_the_kit() -> None:
    notes = notemap.parse_note_map("kick 60", "my.map")
    (kit,) = lay_out_kits(["kick"], ["a.wav"], name="kit", notes=notes)
    assert b"lokey=60" in sfz.write(kit, prefix="")
