"""`samplegen verify`: what programs answer is understood; and, marked `clients`, the real ones over a fresh pack.

`make test-clients` installs those programs and runs the marked tests.
"""

import io
import json
import shutil
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import DRUMS, hat
from typer.testing import CliRunner

from samplegen.audio.oneshot import postprocess
from samplegen.audio.sounds import Origin, Sound, Take
from samplegen.cli import app
from samplegen.errors import DataError
from samplegen.kits.formats import FORMATS, PackOptions
from samplegen.packs.players import results, verify
from samplegen.packs.players import run as players_run
from samplegen.packs.players.run import Answer, Job, python_command, run
from samplegen.packs.players.table import PLAYERS, Player
from samplegen.packs.players.verify import ACCEPTED, MISSING, NOTHING, REJECTED, verify_pack
from samplegen.packs.write import write_pack

RATE = 44_100
ORIGIN = Origin(7, "starter", "0" * 64, "samplegen generate", "CC0 1.0\n")
NAMES = [client.name for client in PLAYERS]


def drum(role: str, seed: int, level: float = -0.5) -> Any:
    return postprocess(DRUMS[role](RATE, seed=seed), RATE, peak_dbfs=level)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack in all formats; its snare has two layers of two takes."""
    takes = (Take(drum("snare", 5), 0, 1), Take(drum("snare", 6, -12), 1, 0), Take(drum("snare", 7, -12), 1, 1))
    sounds = [Sound(drum(role, 1), role, {}, takes if role == "snare" else ()) for role in DRUMS]
    folder = tmp_path_factory.mktemp("packs") / "kit"
    write_pack([*sounds, Sound(hat(seed=9), "shaker", {})], folder, origin=ORIGIN, options=PackOptions(tuple(FORMATS)))
    return folder


@pytest.fixture
def pack(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "kit"))


def client(name: str, code: str, reads: str = "Kits/*.sfz", **changes: Any) -> Player:
    """A made-up program that runs some Python."""
    told = {"source": "pip install it", "needs": "sys", "proves": "", "judge": results.check_exit} | changes
    return Player(name, reads=reads, command=lambda job: python_command(code, *job.files), **told)


def verdicts(pack: Path) -> dict[str, str]:
    return {result.player.name: result.status for result in verify_pack(pack)}


MADE_UP = (
    client("yes", ""),
    client("no", "print('it is broken'); raise SystemExit(3)"),
    client("gone", "", needs="no_such_module"),
    client("no-program", "", source="apt install it", needs="no-such-program"),
    client("idle", "", reads="Kits/*.nothing"),
    client("many", "import sys; assert len(sys.argv) > 5", reads="**/*.wav", at_once=True),
)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "PLAYERS", MADE_UP)


def test_every_client_gets_its_files_and_has_its_say(pack: Path, made_up: None) -> None:
    assert verdicts(pack) == {
        "yes": ACCEPTED, "no": REJECTED, "gone": MISSING, "no-program": MISSING, "idle": NOTHING, "many": ACCEPTED,
    }  # fmt: skip
    (no,) = (result for result in verify_pack(pack) if result.status == REJECTED)
    assert no.reasons == ("kit.sfz: ended with 3: it is broken",)


def test_the_command_says_who_rejects_and_what_is_missing(pack: Path, made_up: None) -> None:
    def run_it(*options: str) -> Any:
        result = CliRunner().invoke(app, ["verify", str(pack), *options], env={"COLUMNS": "120"})
        assert result.exit_code == 1, result.output
        return result.stdout

    shown = run_it()
    assert "no: kit.sfz: ended with 3: it is broken" in shown
    assert "pip install it; apt install it" in shown
    assert "2 of 3 installed clients accept" in shown
    assert run_it("--quiet") == "no\n"
    told = json.loads(run_it("--json"))
    assert told["passed"] is False
    assert [row["verdict"] for row in told["clients"]].count("accepts") == 2


def test_missing_clients_are_no_failure(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "PLAYERS", MADE_UP[2:5])
    result = CliRunner().invoke(app, ["verify", str(pack), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["passed"]) == (0, True)


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a pack"):
        verify_pack(tmp_path)


def test_a_program_runs_at_home_in_its_work_folder_and_is_ended_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os; print(os.environ['HOME'] == os.getcwd(), os.environ['QT_QPA_PLATFORM'])"
    assert run([sys.executable, "-c", code], tmp_path) == Answer(0, "True offscreen\n")
    monkeypatch.setattr(players_run, "TIMEOUT_SECONDS", 0.2)
    assert run([sys.executable, "-c", f"import time; time.sleep({time.time()})"], tmp_path).code is None


def test_a_library_that_crashes_takes_nobody_with_it(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = client("crash", "import os; os.abort()", judge=results.check_played)
    monkeypatch.setattr(verify, "PLAYERS", (crash,))
    assert verify_pack(pack)[0].reasons[0].startswith("kit.sfz: ended with -6")


@pytest.mark.parametrize(
    ("judge", "said", "reason"),
    [
        (results.check_played, '{"regions": 3, "silent": []}', "has 3 of 4 sounds"),
        (results.check_played, '{"silent": [36, 38]}', "nothing is heard of note 36, 38"),
        (results.check_hydrogen, "Provided drumkit [x] is INVALID!", "Provided drumkit [x] is INVALID!"),
        (results.check_polyphone, "done", "ended with 0: done"),
        (results.check_rendered, "fluidsynth: error: no such thing", "fluidsynth: error: no such thing"),
        (results.check_decoded, "RIFF : 88732 (should be 2992)", "RIFF : 88732 (should be 2992)"),
    ],
)
def test_answers_are_understood(tmp_path: Path, judge: Callable[[Job, Answer], str], said: str, reason: str) -> None:
    job = Job((tmp_path / "kit.sfz",), (36, 38), 4, tmp_path)
    assert judge(job, Answer(0, said)) == reason
    assert judge(job, Answer(None, "")) == "did not answer in time"


# --- the real ones: make test-clients ----------------------------------------------------------------------------


def _skip_missing(name: str) -> None:
    row = next(client for client in PLAYERS if client.name == name)
    if not row.installed:
        pytest.skip(f"{name} is not installed ({row.source}); make test-clients installs it")


def _drop_sample(pack: Path) -> None:
    next(pack.glob("One_Shots/Kick/*.wav")).unlink()


def _drop_from_archive(pack: Path) -> None:
    kit = pack / "Kits/kit.h2drumkit"
    with tarfile.open(fileobj=io.BytesIO(kit.read_bytes())) as source, tarfile.open(kit, "w:gz") as target:
        for member in (member for member in source if "_kick_" not in member.name):
            target.addfile(member, source.extractfile(member) if member.isfile() else None)


def _silence(pack: Path) -> None:
    """The first half of all samples, the kick among them, as zeros."""
    kit = pack / "Kits/kit.sf2"
    content = bytearray(kit.read_bytes())
    at = content.index(b"smpl") + 4
    size = int.from_bytes(content[at : at + 4], "little") // 2
    content[at + 4 : at + 4 + size] = bytes(size)
    kit.write_bytes(content)


def _cut(pattern: str) -> Callable[[Path], None]:
    def cut(pack: Path) -> None:
        path = next(pack.glob(pattern))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return cut


SF2 = {"tinysoundfont", "fluidsynth", "timidity"}
BROKEN: dict[str, tuple[Callable[[Path], None], set[str]]] = {  # how a pack is broken -> who has to reject it
    "a sample is missing": (_drop_sample, {"sfizz", "sfz-validate", "polyphone", "dgvalidator"}),
    "a sample is missing in Hydrogen's": (_drop_from_archive, {"h2cli"}),
    "Hydrogen's is cut short": (_cut("Kits/*.h2drumkit"), {"h2cli"}),
    "the SoundFont is silent": (_silence, SF2),
    "the SoundFont is cut short": (_cut("Kits/*.sf2"), SF2),
    "DrumGizmo's is cut short": (_cut("Kits/*_drumgizmo/drumkit.xml"), {"dgvalidator"}),
    "a WAV is cut short": (_cut("pads/*.wav"), {"sndfile-info", "exiftool"}),
}


@pytest.mark.clients
@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_pack_is_accepted(name: str, fresh: dict[str, Any]) -> None:
    _skip_missing(name)
    assert fresh[name].reasons == ()
    assert fresh[name].status == ACCEPTED


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Results of all players for a pack that the shipped model has just made, in all formats."""
    into = tmp_path_factory.mktemp("fresh")
    words = ["generate", "--seed", "3", "--name", "fresh", "--formats", "all", "--out", str(into)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return {result.player.name: result for result in verify_pack(into / "fresh")}


@pytest.mark.clients
def test_layers_and_takes_are_accepted(pack: Path) -> None:
    rejected = {result.player.name: result.reasons for result in verify_pack(pack) if result.reasons}
    assert rejected == {}


@pytest.mark.clients
@pytest.mark.parametrize("how", BROKEN)
def test_a_pack_that_is_broken_on_purpose_is_rejected(pack: Path, how: str) -> None:
    break_it, expected = BROKEN[how]
    break_it(pack)
    installed = {client.name for client in PLAYERS if client.installed}
    if not expected & installed:
        pytest.skip(f"none of {', '.join(sorted(expected))} is installed; make test-clients installs them")
    found = {result.player.name: result.reasons for result in verify_pack(pack) if result.status == REJECTED}
    assert found.keys() == expected & installed, found
