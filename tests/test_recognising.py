"""Loops told by the pack that played them: drums, velocities, layers, chokes, and what lies between pack and loop."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import DRUMS, RATE, hat, kick, snare
from scipy import signal

from samplegen.audio import lofi, signals
from samplegen.audio.sounds import Origin, Sound, Take
from samplegen.errors import AudioError, DataError
from samplegen.packs import write
from samplegen.sequencer import notation, rack
from samplegen.sequencer.loop import sequence
from samplegen.sequencer.pattern import Pattern
from samplegen.transcription import atoms, channel, matching_pursuit, transcribe
from samplegen.transcription.atoms import MatchedHit
from samplegen.transcription.matching_pursuit import Circle, Scene
from samplegen.transcription.transcribe import Transcription

GROOVE = notation.parse_pattern("""# tempo 100
kick       X..x ..x. x... ..x.
snare      .... X..o .o.. X...
closed-hat x.o. x.x. o.x. x...
open-hat   .... .... .... ..x.
""")


def pack_of(folder: Path, sounds: list[Sound]) -> Path:
    write.write_pack(sounds, folder, origin=Origin(seed=0, model="", model_hash="", command="", licence=""))
    return folder


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of one synthetic sound of each role in `DRUMS`."""
    sounds = [Sound(make(RATE, seed=seed), role, {}) for seed, (role, make) in enumerate(DRUMS.items())]
    return pack_of(tmp_path_factory.mktemp("packs") / "synthetic", sounds)


def told(samples: np.ndarray, by: Path, rate: int = RATE, bpm: float | None = 100.0) -> Transcription:
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    return transcribe.transcribe_samples(np.ascontiguousarray(mono, np.float32), rate, bpm=bpm, pack=rack.load(by))


def velocities(pattern: Pattern) -> dict[tuple[str, int], int]:
    struck = [(lane.name, at, step) for lane in pattern.lanes for at, step in enumerate(lane.steps)]
    return {(name, at): step.velocity for name, at, step in struck if step.velocity}


def test_a_pattern_comes_back_with_its_velocities(pack: Path) -> None:
    found, meant = told(sequence(pack, GROOVE).samples, pack), velocities(GROOVE)
    again = velocities(found.pattern)
    assert again.keys() == meant.keys()
    scale = 127 / max(meant.values())  # the loudest hit is told as 127
    assert max(abs(again[at] - scale * meant[at]) for at in meant) <= 2
    assert all(step.offset == 0 for lane in found.pattern.lanes for step in lane.steps)
    assert found.unexplained == pytest.approx(0, abs=0.01)
    assert not found.warnings


@pytest.mark.parametrize("tail", ["wrap", "append", "cut"])
def test_tails_are_no_hits(pack: Path, tail: str) -> None:
    assert velocities(told(sequence(pack, GROOVE, tail=tail).samples, pack).pattern).keys() == velocities(GROOVE).keys()


def test_a_clip_does_not_go_on_with_its_start(tmp_path: Path) -> None:
    """Samples that are cut off the last sound would otherwise be missing at the first."""
    crash = pack_of(
        tmp_path / "crash", [Sound(hat(RATE, seconds=1.5, seed=1), "crash", {}), Sound(kick(RATE), "kick", {})]
    )
    pattern = notation.parse_pattern("# tempo 100\ncrash .... .... X... ....\nkick  ..x. x... ..x. x...")
    clip = sequence(crash, pattern).samples[: round(1.3 * RATE)]
    found = told(clip, crash)
    assert velocities(found.pattern).keys() == {at for at in velocities(pattern) if at[1] < 8.5}
    assert found.unexplained == pytest.approx(0, abs=0.01)


def test_panned_drums_are_told_from_the_middle(pack: Path) -> None:
    lanes = [replace(lane, pan=pan) for lane, pan in zip(GROOVE.lanes, (0.0, -0.6, 0.9, -0.9), strict=True)]
    panned = replace(GROOVE, lanes=tuple(lanes))
    played = sequence(pack, panned, humanize=0.2, seed=1).samples
    assert played.ndim == 2
    found = told(played, pack)
    assert velocities(found.pattern).keys() == velocities(GROOVE).keys()
    assert found.unexplained == pytest.approx(0, abs=0.01)


def test_what_humans_move_keeps_its_place(pack: Path) -> None:
    played = sequence(pack, GROOVE, humanize=0.5, seed=3)
    again = sequence(pack, told(played.samples, pack).pattern)
    meant, found = ([hit.beat * 0.6 for hit in loop.hits] for loop in (played, again))
    # a step is told to a hundredth, 1.5 ms; within 0.03 of one (4.5 ms) it lies on it
    assert len(found) == len(meant)
    assert np.abs(np.sort(meant) - np.sort(found)).max() < 0.006


@pytest.mark.parametrize("preset", ["warm", "beat-16", "cassette"])
def test_through_a_machine(pack: Path, preset: str) -> None:
    aged = lofi.apply_lofi(sequence(pack, GROOVE).samples, RATE, preset, seed=1)
    meant, found = velocities(GROOVE).keys(), velocities(told(aged, pack).pattern).keys()
    # through the tape the soft kicks are lost
    assert len(meant & found) >= (0.8 if preset == "cassette" else 1.0) * len(meant)
    assert not found - meant


def test_through_a_filter_that_turns_phases(pack: Path) -> None:
    sections = signal.butter(4, [300, 6_000], "bandpass", fs=RATE, output="sos")
    filtered = signal.sosfilt(sections, np.tile(sequence(pack, GROOVE).samples, 2))[-round(2.4 * RATE) :]
    found = told(filtered, pack)
    assert velocities(found.pattern).keys() == velocities(GROOVE).keys()
    assert found.unexplained is not None
    assert found.unexplained < 0.1


def test_at_another_rate(pack: Path) -> None:
    other = signals.resample(sequence(pack, GROOVE).samples, RATE, 48_000)
    assert velocities(told(other, pack, 48_000).pattern).keys() == velocities(GROOVE).keys()


def test_a_second_drum_of_a_role_has_its_own_lane(tmp_path: Path) -> None:
    two = pack_of(tmp_path / "two", [Sound(snare(RATE, seed=seed), "snare", {}) for seed in (1, 2)])
    pattern = notation.parse_pattern("# tempo 100\nsnare x... .x.. x... ....\nsnare2 .... x... .x.. x..x")
    found = told(sequence(two, pattern).samples, two).pattern
    assert velocities(found).keys() == velocities(pattern).keys()


def test_layers_tell_velocities(tmp_path: Path) -> None:
    soft = Take(0.5 * snare(RATE, seed=8), 1, 0)
    takes = (soft, Take(snare(RATE, seed=7), 0, 1), Take(0.5 * snare(RATE, seed=6), 1, 1))
    layered = pack_of(tmp_path / "layers", [Sound(kick(RATE), "kick", {}), Sound(snare(RATE), "snare", {}, takes)])
    pattern = notation.parse_pattern(
        "# tempo 100\nkick {127}... .... {90}... ....\nsnare ..3. {127}..6 ..{100}. 9.{50}."
    )
    found, meant = velocities(told(sequence(layered, pattern).samples, layered).pattern), velocities(pattern)
    assert found.keys() == meant.keys()
    assert max(abs(found[at] - meant[at]) for at in meant) <= 2


def test_a_choked_hat_hides_nothing(tmp_path: Path) -> None:
    hats = [Sound(hat(RATE, seconds=1.5, seed=1), "open-hat", {}), Sound(hat(RATE, seed=2), "closed-hat", {})]
    choking = pack_of(tmp_path / "hats", [*hats, Sound(kick(RATE), "kick", {})])
    steps = {"open-hat": "X... X... X.X. X...", "closed-hat": ".o.o ..o. .o.. .o.o", "kick": "..x. .x.. ...x ..x."}
    pattern = notation.parse_pattern("# tempo 100\n" + "\n".join(f"{name} {row}" for name, row in steps.items()))
    found = told(sequence(choking, pattern).samples, choking)
    assert velocities(found.pattern).keys() == velocities(pattern).keys()
    assert found.unexplained == pytest.approx(0, abs=0.01)


def test_gains_of_sounds_that_overlap_are_fitted_anew(pack: Path) -> None:
    takes = atoms.pack_samples(rack.load(pack))[:2]
    sounding = atoms.atoms(takes, channel.flat())
    meant, loop = [MatchedHit(1_000, 0, 0.3), MatchedHit(2_500, 1, 0.8)], np.zeros(RATE, np.float32)
    for hit, shape in zip(meant, atoms.hit_waveforms(meant, takes, sounding, RATE), strict=True):
        atoms.add(loop, hit.time, shape, hit.gain)
    scene = Scene(Circle(loop, RATE), takes, sounding, 0.0)
    found, rest = matching_pursuit.fit(scene, [hit._replace(gain=0.5) for hit in meant])
    assert [hit.gain for hit in found] == pytest.approx([0.3, 0.8], rel=0.01)
    assert scene.share(rest) < 1e-3


def test_another_pack_is_a_warning(pack: Path, tmp_path: Path) -> None:
    sounds = [Sound(DRUMS[role](RATE, seed=9), role, {}) for role in ("snare", "closed-hat")]
    kicks = sequence(pack, notation.parse_pattern("# tempo 100\nkick X... X... X... X.o.\nsnare ..o. ..o. .... ...."))
    other = pack_of(tmp_path / "other", [*sounds, Sound(kick(RATE, seed=0), "kick", {})])
    snares = sequence(pack, notation.parse_pattern("# tempo 100\nkick ..x. .... .... ....\nsnare X... X.X. X.X. X.X."))
    assert not told(kicks.samples, other).warnings  # its kick is theirs
    assert any("% of the sound" in warning for warning in told(snares.samples, other).warnings)


def test_a_pack_without_a_sound_of_the_loop_is_an_error(pack: Path, tmp_path: Path) -> None:
    other = pack_of(tmp_path / "other", [Sound(hat(RATE, seed=5), "closed-hat", {})])
    with pytest.raises(AudioError, match="give the pack that played it"):
        told(sequence(pack, GROOVE).samples, other)


def test_no_pack_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        transcribe.transcribe(tmp_path / "loop.wav", pack=tmp_path / "nobody")


def test_tempo_need_not_be_known(pack: Path) -> None:
    played = replace(GROOVE, bars=2)
    found = told(sequence(pack, played).samples, pack, bpm=None).pattern
    assert found.tempo == pytest.approx(100, rel=1e-3)
    assert len(velocities(found)) == 2 * len(velocities(GROOVE))
