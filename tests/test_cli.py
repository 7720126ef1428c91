"""The commands, called as a user types them, with tiny models and made-up sounds; none needs a trained network."""

import errno
import json
import re
import shlex
import shutil
import sys
import tempfile
from dataclasses import asdict, replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import commands
import numpy as np
import pytest
import soundfile
import typer.main
from conftest import DRUMS, kick, loop, write_drums
from rich.console import Console

from samplegen import __version__
from samplegen.cli import COMMANDS, app, options, output
from samplegen.cli.views import tables
from samplegen.conversion import train as conversion_train
from samplegen.errors import DataError
from samplegen.models import library, store
from samplegen.models.card import Card, read_card
from samplegen.packs.names import pack_name

ROOT = Path(__file__).parents[1]
ESCAPE = "\x1b[31m"  # turns a terminal red
NEAREST = f"loop.wav at 0.50 s{ESCAPE}"  # the training sound that all sounds are nearest to
PRINTS = store.Fingerprints(("a.wav", "b.wav"), np.ones((2, 144), np.float32))
TINY = {"widths": (4, 4), "map": {"steps": 16, "bands": 16, "seconds": 0.25}}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with two untrained models, made once: `hearing`, and `tiny`, which draws."""
    import keras

    import models as tiny
    from samplegen import settings
    from samplegen.models.registry import KINDS

    place = tmp_path_factory.mktemp("made")
    keras.utils.set_random_seed(3)
    prints = store.Fingerprints((NEAREST, "b.wav"), np.zeros((2, 144), np.float32))  # of equals the first
    told = tiny.training_on({"kick": 4, "snare": 4})
    card = Card("", {}, "", licence="CC0", credits=(f"[red]Ada{ESCAPE}",), training=told)
    for name, kind, sizes in (("hearing", "hearing", {}), ("tiny", "dcgan", {"latent": 3, "style": 4})):
        config = settings.build(KINDS[kind].config, TINY | sizes)
        weights = KINDS[kind].network(config).get_weights()
        store.save(place / name, replace(card, kind=kind, config=asdict(config)), weights, fingerprints=prints)
    return place


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty working folder in which no model but those that a test puts there is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAMPLEGEN_CACHE", str(tmp_path / ".cache"))
    monkeypatch.setattr(library, "CHECKOUT", tmp_path / ".shipped")
    monkeypatch.setattr(library, "SHIPPED", tmp_path / ".shipped")
    monkeypatch.setattr("samplegen.cli.lookup._SHIPPED_PACKS", tmp_path / ".shipped")
    return tmp_path


@pytest.fixture
def models(home, made):
    """`home` with the model `tiny`, and the shipped classifier replaced by an untrained one."""
    from samplegen.models import classify

    shutil.copytree(made / "tiny", home / "models/tiny")
    shutil.copytree(made / "hearing", home / ".shipped/hearing")
    classify.shipped.cache_clear()
    yield home
    classify.shipped.cache_clear()


@pytest.fixture
def pack(models):
    """`models`, and a pack of two sounds that `tiny` has drawn."""
    run("generate", "tiny", "--count", 2, "--name", "first", "--seed", 7)
    return models / "packs/first"


@pytest.fixture
def drums(home):
    return write_drums(home / "drums", each=3)


@pytest.fixture
def quick(models, monkeypatch):
    """`models`, and a kind of network to train that learns in a blink."""
    from samplegen.training import methods

    _small(monkeypatch, {"widths": (4, 4), "embedding": 2})
    monkeypatch.setitem(methods.METHODS, "classification", replace(methods.METHODS["classification"], batch_size=4))
    return models


def _small(monkeypatch, sizes):
    """Train networks of these sizes, where no others are asked for."""
    from samplegen.training import train as training_train

    train = training_train.train
    monkeypatch.setattr(
        training_train, "train", lambda *rest, **given: train(*rest, **given | {"sizes": sizes | given["sizes"]})
    )


run = partial(commands.run, width=80)


def as_json(*arguments: object):
    """Run a command with --json and parse what it prints; it must print nothing else."""
    result = run(*arguments, "--json")
    assert result.stderr == ""
    return json.loads(result.stdout, parse_constant=pytest.fail)  # NaN is no JSON


def complaint(*arguments: object, code: int = 1) -> str:
    """The one sentence with which a command fails; it must leave everything as it was."""
    before = _everything()
    result = run(*arguments, code=code)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert _everything() == before
    (sentence,) = [line for line in result.stderr.splitlines() if line.startswith("samplegen: ")]
    assert result.stderr.endswith(f"{sentence}\n")
    return sentence.removeprefix("samplegen: ")


def _everything() -> dict[Path, bytes | None]:
    """Every file and folder here, and what is in it; but the cache, which may grow."""
    paths = [path for path in Path().rglob("*") if path.parts[0] != ".cache"]
    return {path: path.read_bytes() if path.is_file() else None for path in paths}


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


# --- the program -----------------------------------------------------------------------------------


def every_command() -> dict[str, Any]:
    """Return all commands by the words that call them, those of `train` too."""
    program = typer.main.get_command(app).commands
    return program | {f"train {name}": command for name, command in program["train"].commands.items()}


@pytest.mark.parametrize("name", [name for name in every_command() if name != "train"])
def test_every_option_says_what_it_is_and_every_command_what_its_json_holds(name):
    command = every_command()[name]
    assert name == "open" or "--json gives" in command.help
    for parameter in command.params:
        told = parameter.help or ""
        assert told.endswith("."), parameter.name
        flag = getattr(parameter, "is_flag", False) or parameter.required or "once for each" in told
        shown = parameter.default not in (None, "") and parameter.show_default
        assert flag or shown or "default" in told.lower() or name == "lofi" or not parameter.default, parameter.name


def test_every_parameter_of_a_command_is_used():
    for path in sorted((Path(options.__file__).parent / "commands").glob("*.py")):
        assert "noqa: ARG001" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("flag", ["--quiet", "-q", "--json"])
def test_options_of_the_program_work_before_and_after_a_command(home, flag):
    assert run(flag, "styles").stdout == run("styles", flag).stdout != run("styles").stdout


def test_verbose_shows_where_an_error_comes_from(home, monkeypatch):
    monkeypatch.setenv("SAMPLEGEN_DEBUG", "0")
    assert "Traceback" in run("show", "nothing", "--verbose", code=1).stderr


@pytest.mark.parametrize(
    ("words", "code", "near"),
    [
        (["generate", "startr"], 1, "did you mean starter?"),
        (["generate", "starter", "--role", "kik"], 1, "did you mean kick?"),
        (["generate", "starter", "--lofi", "vynil"], 1, "did you mean vinyl?"),
        (["sequence", "starter", "--style", "hause"], 1, "did you mean house?"),
        (["sequence", "stater"], 1, "did you mean starter?"),
        (["genrate"], 2, "Did you mean 'generate'?"),
        (["train", "dcgn", "x"], 2, "Did you mean 'dcgan'?"),
        (["train", "hearing", "x"], 2, "Did you mean 'role-classifier'?"),
        (["generate", "--cuont", "3"], 2, "--count"),
    ],
)
def test_the_misspelt_brings_what_is_near(words, code, near, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert near in " ".join(run(*words, code=code).stderr.split())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("train beatbox mouth", "TARGET"),
        ("train beatbox mouth drums --pairs x.csv", "No such option"),
        ("train groove in other", "unexpected extra argument"),
        ("train groove in --minutes 2", "No such option"),
        ("train timbre notes notes", "unexpected extra argument"),
        ("train timbre notes --pairs x.csv", "No such option"),
        ("train voice alto", "TARGET"),
        ("train voice alto bass --minutes 3", "No such option"),
        ("train dcgan alto bass", "unexpected extra argument"),
        ("train dcgan alto --whole-loops", "No such option"),
    ],
)
def test_each_kind_takes_its_own_folders_and_options_only(home, words, complaint):
    assert complaint in " ".join(run(*words.split(), code=2, width=200).stderr.split())


def test_names_are_completed(home):
    from samplegen.cli import complete

    assert complete.ROLE("ki") == ["kick"]
    assert complete.STYLE("ho") == ["house"]
    assert complete.PRESET("vin") == ["vinyl"]
    assert complete.MODEL("") == []
    shutil.copytree(ROOT / "packs" / "starter", home / "packs" / "mine")
    assert complete.PACK("mi") == complete.MODEL_OR_PACK("mi") == ["mine"]


def test_alone_it_prints_the_panels_and_where_to_begin():
    text = run(code=2).stdout
    assert [text.index(panel) for panel in ("Make", "Play", "Packs", "Learn")] == sorted(
        text.index(panel) for panel in ("Make", "Play", "Packs", "Learn")
    )
    assert "samplegen generate" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_any_terminal(name):
    assert widest(run(name, "--help", width=60).stdout) <= 60


def test_version():
    assert run("--version").stdout == f"samplegen {__version__}\n"


def test_a_misspelt_option_exits_2_and_names_it(home):
    assert "--cuont" in run("generate", "--cuont", "3", code=2).stderr


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (DataError("no sound in \x1b[31mhere"), 1, r"no sound in \x1b[31mhere"),
        (OSError(errno.ENOSPC, "No space left on device", "a/b.wav"), 1, "a/b.wav: No space left on device"),
        (MemoryError(), 1, "there is not enough memory for this; ask for less at a time"),
        (KeyboardInterrupt(), 130, "stopped; nothing half-done was left behind"),
        (ValueError("odd\nvery odd"), 1, "this should not happen (ValueError: odd); please report it, with what "
         "--verbose makes it print"),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_is_one_sentence(home, monkeypatch, error, code, sentence):
    def fail():
        raise error

    monkeypatch.setattr(library, "listed", fail)
    assert complaint("list", code=code) == sentence
    monkeypatch.setenv("SAMPLEGEN_DEBUG", "1")
    result = run("list", code=code)
    assert "Traceback" in result.stderr
    assert type(error).__name__ in result.stderr


def test_seeds_are_drawn_anew():
    assert len({options.draw_seed() for _ in range(20)}) > 10  # of a million; chance of fewer under 1e-40


def test_a_command_line_is_spelled_so_that_a_shell_reads_it_back():
    given = {"rate": 1, "credit": ["A B", "C"], "strict": True, "name": None, "seed": 0}
    spelled = options.spelled("train", "dcgan", "my drums", defaults={"rate": 1}, **given)
    words = "samplegen|train|dcgan|my drums|--credit|A B|--credit|C|--strict|--seed|0"
    assert shlex.split(spelled) == words.split("|")


# --- generate --------------------------------------------------------------------------------------


def test_generate_writes_a_pack_and_says_how_to_use_it(models):
    out = run("generate", "tiny", "--count", 3, "--name", "first", "--seed", 7).stdout
    assert len(list((models / "packs/first/One_Shots").rglob("*.wav"))) == 3
    for word in ("role", "seconds", "nearest training sound", "kick", "snare", "0.25", "packs/first/Kits/first.sfz"):
        assert word in out


def test_generate_as_json(models):
    told = as_json("generate", "tiny", "--count", 2, "--name", "first", "--seed", 7)
    manifest = json.loads((models / "packs/first/pack.json").read_text())
    own = {"pack": "packs/first", "warnings": []}
    assert told == {key: manifest[key] for key in told if key not in own} | own
    assert {sound["nearest_training_sound"] for sound in told["sounds"]} == {NEAREST}


def test_every_run_differs_and_its_command_makes_it_again(models):
    first, second = (as_json("generate", "tiny", "--count", 1) for _ in range(2))
    assert first["seed"] != second["seed"]
    assert first["name"] == pack_name(first["seed"])
    assert first["sounds"][0]["sha256"] != second["sounds"][0]["sha256"]
    before = (models / first["pack"] / "pack.json").read_bytes()
    shutil.rmtree(models / first["pack"])
    run(*shlex.split(first["command"])[1:])
    assert (models / first["pack"] / "pack.json").read_bytes() == before


def test_all_options_of_generate_arrive_and_are_in_its_command(models):
    words = "--role snare --truncation 0.5 --lofi toy --name second --rate 32000 --bits 16 --seed 3"
    told = as_json("generate", "models/tiny", "--count", 2, *words.split(), "--out", "elsewhere/../others")
    assert told["command"] == f"samplegen generate models/tiny --count 2 {words}"
    assert [sound["role"] for sound in told["sounds"]] == ["snare", "snare"]
    info = soundfile.info(models / "others/second" / told["sounds"][0]["path"])
    assert (info.samplerate, info.subtype) == (32_000, "PCM_16")


def test_kit_formats_notes_and_a_profile_arrive_and_are_in_the_command(models):
    Path("my.map").write_text("kick 60, 61  # up high\n")
    words = "--role kick --name second --formats wav,bitwig --profile hardware --map my.map --seed 3"
    told = as_json("generate", "tiny", "--count", 2, *words.split())
    assert told["command"] == f"samplegen generate tiny --count 2 {words}"
    assert [sound["note"] for sound in told["sounds"]] == [60, 61]
    assert told["warnings"] == ["bitwig has no one-shots: switch the sampler to one-shot"]
    assert [path.name for path in (models / "packs/second/Kits").iterdir()] == ["second.multisample"]
    first, _ = sorted((models / "packs/second/pads").iterdir())
    assert first.name.startswith("01_60_kick_")
    assert soundfile.info(first).subtype == "PCM_16"


@pytest.mark.parametrize("formats", ["drumgizmo", "wav", "hydrogen"])
def test_generate_says_how_to_use_what_there_is(models, formats):
    result = run("generate", "tiny", "--count", 1, "--name", "first", "--formats", formats, width=200)
    kit = {"drumgizmo": "Kits/first_drumgizmo/drumkit.xml", "hydrogen": "Kits/first.h2drumkit"}.get(formats, "")
    assert f"drag {Path('packs/first/One_Shots')}" in result.stdout
    assert kit in result.stdout
    assert ("load " in result.stdout) == bool(kit)


def test_what_a_format_loses_is_said_beside_the_result(models):
    result = run("generate", "tiny", "--count", 1, "--name", "first", "--formats", "all")
    assert "bitwig has no one-shots" in result.stderr
    assert "bitwig" not in result.stdout


def test_quiet_generate_prints_the_folder_alone(models):
    result = run("generate", "tiny", "--count", 1, "--name", "first", "-q")
    assert (result.stdout, result.stderr) == ("packs/first\n", "")


def test_a_pack_is_replaced_only_with_force(pack, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(
            "samplegen.generation.generate.generate", lambda *_, **__: pytest.fail("it is refused before the slow work")
        )
        assert "packs/first exists already" in complaint("generate", "tiny", "--name", "first")
    run("generate", "tiny", "--count", 1, "--name", "first", "--seed", 1, "--force")
    assert len(list((pack / "One_Shots").rglob("*.wav"))) == 1


@pytest.fixture
def writer(models):
    """`models`, and a model that writes frame by frame."""
    import models as tiny

    shutil.copytree(tiny.save(models / ".made/writer", "charlstm", prints=PRINTS).folder, models / "models/writer")
    return models


def test_all_options_of_writing_arrive_and_are_in_its_command(writer):
    soundfile.write("my kick.wav", kick(), 44_100)
    words = ["--temperature", "0.9", "--top-k", "5", "--top-p", "0.95", "--seconds", "0.4", "--prime", "my kick.wav",
             "--prime-seconds", "0.05", "--name", "gone-on", "--seed", "3"]  # fmt: skip
    told = as_json("generate", "writer", "--count", 2, *words)
    assert told["command"] == shlex.join(["samplegen", "generate", "writer", "--count", "2", *words])
    plain = as_json("generate", "writer", "--count", 2, "--name", "plain", "--seed", 3)
    assert told["sounds"][0]["sha256"] != plain["sounds"][0]["sha256"]
    assert plain["command"] == "samplegen generate writer --count 2 --name plain --seed 3"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["writer", "--truncation", "0.5"], "a model of kind charlstm does not know truncation; a model of kind dcgan"),
        (["tiny", "--temperature", "0.5"], "a model of kind dcgan does not know temperature; a model of kind charlstm"),
        (["tiny", "--prime", "kick.wav"], "a model of kind dcgan does not know prime; a model of kind charlstm does"),
        (["writer", "--temperature", "3"], "temperature is 3; choose from 0 to 2"),
        (["writer", "--top-k", "-1"], "top_k is -1; choose from 0"),
        (["writer", "--top-p", "1.5"], "top_p is 1.5; choose from 0.01 to 1"),
        (["writer", "--seconds", "60"], "seconds is 60; choose from 0.05 to 10"),
        (["writer", "--prime", "nowhere.wav"], "nowhere.wav"),
        (["writer", "--prime", "text.wav"], "text.wav cannot be read as audio"),
        (["writer", "--prime", "kick.wav", "--prime-seconds", "0"], "0 seconds of kick.wav cannot be kept"),
    ],
)
def test_what_writing_cannot_do_it_says(writer, arguments, words):
    soundfile.write("kick.wav", kick(), 44_100)
    Path("text.wav").write_text("no sound")
    assert words in complaint("generate", *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], "there is no model 'nope'; there are hearing, tiny"),
        (["../tiny"], "there is no model '../tiny'"),
        (["tiny", "--name", "../x"], "the pack name '../x' cannot be used"),
        (["tiny", "--role", "gong"], "unknown role 'gong'; the roles are kick, snare"),
        (["tiny", "--role", "kick=x"], "needs weights"),
        (["tiny", "--lofi", "wax"], "unknown lo-fi preset 'wax'; the presets are warm"),
        (["tiny", "--bits", "8"], "--bits is 8; choose 16 or 24"),
        (["tiny", "--rate", "10"], "--rate is 10; choose from 4000 to 768000 Hz"),
        (["tiny", "--count", "0"], "the number of sounds is 0; choose from 1 to 10000"),
        (["tiny", "--truncation", "3"], "truncation is 3; choose from 0"),
        (["tiny", "--formats", "sfz,gig"], "unknown kit format 'gig'; the formats are all, wav, sfz"),
        (["tiny", "--formats", ""], "no kit format is given"),
        (["tiny", "--profile", "tape"], "unknown profile 'tape'; the profiles are hardware"),
        (["tiny", "--formats", "sfz", "--profile", "hardware"], "add wav to the formats"),
        (["tiny", "--map", "nowhere.map"], "the note map nowhere.map cannot be read"),
        (["tiny", "--map", "bad.map"], "line 2 of bad.map has the unknown drum 'gong'"),
        (["hearing"], "kind hearing, which draws no sounds"),
    ],
)
def test_what_generate_cannot_do_it_says(models, arguments, words):
    Path("bad.map").write_text("kick 36\ngong 40\n")
    assert words in complaint("generate", *arguments)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("card.json", b"{", "card.json"),
        ("card.json", b'["a"]', "card.json"),
        ("card.json", b"\xff\xfe", "card.json"),
        ("card.json", b'{"format": 99}', "format 99"),
        ("weights.npz", b"PK", "is not the file that its card describes"),
        ("fingerprints.npz", b"", "fingerprints.npz"),
    ],
)
def test_a_garbage_model_is_one_sentence(models, file, content, words):
    (models / "models/tiny" / file).write_bytes(content)
    assert words in complaint("generate", "tiny")


def test_a_full_disk_leaves_nothing_behind(pack, monkeypatch):
    monkeypatch.setattr(soundfile, "write", _refuse(errno.ENOSPC, "No space left on device"))
    assert "No space left on device" in complaint("generate", "tiny", "--count", 2)
    assert "No space left on device" in complaint("lofi", pack / "One_Shots", "--preset", "toy", "--out", "toys")


def test_a_folder_that_may_not_be_written_is_one_sentence(home, drums, monkeypatch):
    monkeypatch.setattr(tempfile, "mkdtemp", _refuse(errno.EACCES, "Permission denied"))
    assert "cannot write hits: Permission denied" in complaint("slice", "drums", "--out", "hits")
    assert "cannot write toys: Permission denied" in complaint("lofi", "drums", "--preset", "toy", "--out", "toys")


def _refuse(number: int, reason: str):
    def refuse(*_, **__):
        raise OSError(number, reason)

    return refuse


# --- train -----------------------------------------------------------------------------------------


def test_train_makes_a_model_and_tells_of_it(quick, drums):
    (drums / "kick/broken.wav").write_text("no sound")
    words = shlex.split("--name mine --steps 3 --licence CC0 --credit Ada --credit Grace --seed 5")
    result = run("train", "role-classifier", "drums", *words, "--tensorboard", width=200)
    assert re.search(r"kick/broken.wav +cannot be read as audio", result.stderr)
    line = r"step 3; 0:\d\d spent, .* left; loss \d.*; distance .* at step 3, best .* at step \d"
    assert re.search(line, result.stderr)
    assert "only 12 sounds" in result.stderr
    assert "models/mine" in result.stdout
    card = read_card(Path("models/mine"))
    assert card.command == shlex.join(["samplegen", "train", "role-classifier", "drums", *words])
    assert (card.licence, card.credits, card.training["seed"]) == ("CC0", ("Ada", "Grace"), 5)
    assert [row["step"] for row in card.training["history"]] == [1, 2, 3]
    told = _logged("models/mine.tensorboard")
    assert {tag: [*steps] for tag, steps in told.items()} == {"distance": [1, 2, 3]}
    assert not Path("models/mine.training").exists()


def _logged(folder: str) -> dict[str, dict[int, np.ndarray]]:
    """Read a folder as TensorBoard does: tag -> step -> number, or picture."""
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder).Reload()
    told: dict[str, dict[int, np.ndarray]] = {}
    for tag in events.Tags()["tensors"]:
        picture = events.SummaryMetadata(tag).plugin_data.plugin_name == "images"
        for event in events.Tensors(tag):
            value = tf.make_ndarray(event.tensor_proto)
            told.setdefault(tag, {})[event.step] = tf.io.decode_png(value[2]).numpy() if picture else value
    return told


def test_tensorboard_gets_losses_distances_and_previews(models, drums, monkeypatch, request):
    import tensorflow as tf
    from PIL import Image

    from samplegen.models.registry import KINDS
    from samplegen.training import tensorboard

    monkeypatch.setitem(KINDS, "autoencoder", replace(KINDS["autoencoder"], spectrogram=TINY["map"]))
    _small(monkeypatch, {"code": 2, "units": 4})
    monkeypatch.setattr(tensorboard, "STEPS_PER_POINT", 2)
    request.addfinalizer(lambda: tf.config.run_functions_eagerly(False))
    tf.config.run_functions_eagerly(True)  # compiling takes longer than two steps
    run("train", "autoencoder", "drums", "--name", "mine", "--steps", 2, "--rate", 16_000, "--tensorboard")
    told = _logged("models/mine.tensorboard")
    card = read_card(Path("models/mine"))
    assert {row["step"]: pytest.approx(row["distance"]) for row in card.training["history"]} == told["distance"]
    losses = [tag for tag in told if tag.startswith("loss/")]
    assert losses
    assert [[*told[tag]] for tag in losses] == [[2]] * len(losses)
    assert [*told["previews"]] == [1, 2]
    with Image.open("models/mine/previews/sheet.png") as picture:
        np.testing.assert_array_equal(told["previews"][card.training["best_step"]], np.asarray(picture))


def test_tensorboard_that_is_not_installed_is_one_sentence(drums, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    words = "TensorBoard is not installed; pip install 'samplegen[tensorboard]' brings it"
    assert words in complaint("train", "role-classifier", "drums", "--tensorboard")


def test_train_as_json(quick, drums):
    (drums / "kick/broken.wav").write_text("no sound")
    told = as_json("train", "role-classifier", "drums", "--steps", 1, "--rate", 16_000)
    assert told["model"] == f"models/{told['name']}"
    assert told["skipped"][0][0] == "kick/broken.wav"
    assert (told["kind"], told["sounds"], told["steps"], told["best_step"]) == ("hearing", 12, 1, 1)
    assert read_card(Path(told["model"])).config["map"]["stft"]["rate"] == 16_000


def test_train_takes_sizes_of_the_network(quick, drums):
    asked = ("--size", "embedding=3", "--size", "widths=4,8")
    as_json("train", "role-classifier", "drums", "--name", "mine", "--steps", 1, *asked)
    card = read_card(Path("models/mine"))
    assert (card.config["embedding"], [*card.config["widths"]]) == (3, [4, 8])
    assert (
        card.command
        == "samplegen train role-classifier drums --name mine --steps 1 --size embedding=3 --size widths=4,8"
    )


def test_train_learns_loops_whole(models, monkeypatch):
    from samplegen.training import methods

    _small(monkeypatch, {"codes": 4, "units": 4, "layers": 1})
    monkeypatch.setitem(methods.METHODS, "language-model", replace(methods.METHODS["language-model"], batch_size=2))
    Path("loops").mkdir()
    for number in range(8):
        soundfile.write(f"loops/{number}.wav", loop(16_000, bpm=110 + number, seed=number), 16_000)
    told = as_json("train", "charlstm", "loops", "--name", "grooves", "--steps", 1, "--rate", 16_000, "--whole-loops")
    assert (told["sounds"], told["steps"]) == (8, 1)
    assert set(told["figures"]) >= {"bits per frame held out"}
    card = read_card(Path("models/grooves"))
    assert (card.config["map"]["seconds"], card.config["map"]["steps"]) == (8.0, 1024)
    assert card.command == "samplegen train charlstm loops --name grooves --steps 1 --rate 16000 --whole-loops"
    assert "bits per frame" in run("show", "grooves").stdout


def test_interrupted_training_ends_well(quick, drums, monkeypatch):
    _break_off(monkeypatch, KeyboardInterrupt())
    told = as_json("train", "role-classifier", "drums", "--name", "mine", "--steps", 50)
    assert told["steps"] == 2
    assert "stopped at step 2; what was learned so far is kept" in told["notes"]
    assert library.find("mine") == Path("models/mine")


@pytest.mark.parametrize("words", [("voice", "takes", "takes"), ("timbre", "takes"), ("beatbox", "takes", "takes")])
def test_a_stopped_training_of_a_converter_goes_on_where_that_is_asked_for(home, monkeypatch, words):
    def trained(*_args: object, resume: bool, **_options: object) -> None:
        raise DataError(f"resume is {resume}")

    monkeypatch.setattr(conversion_train, "train_converter", trained)
    (home / "takes").mkdir()
    assert "resume is False" in complaint("train", *words, "--name", "mine")
    (home / "models/mine.training").mkdir(parents=True)
    assert "go on with --resume or start anew with --force" in complaint("train", *words, "--name", "mine")
    assert "resume is True" in complaint("train", *words, "--name", "mine", "--resume")


def test_a_broken_off_training_is_listed_and_goes_on(quick, drums, monkeypatch):
    with monkeypatch.context() as patch:
        _break_off(patch, RuntimeError("the power failed"))
        run("train", "role-classifier", "drums", "--name", "mine", "--steps", 4, code=1)
    assert "mine is a training that was stopped" in run("list").stdout
    start = ("train", "role-classifier", "drums", "--steps", 4)
    assert "go on with --resume or start anew with --force" in complaint(*start, "--name", "mine")
    assert "say which training to resume" in complaint(*start, "--resume")
    assert "no stopped training models/other.training" in complaint(*start, "--resume", "--name", "other")
    run(*start, "--name", "mine", "--resume")
    assert [row["step"] for row in read_card(Path("models/mine")).training["history"]] == [1, 2, 3, 4]


def _break_off(monkeypatch, error: BaseException) -> None:
    """Make the view of a training raise at the end of its second step."""
    from samplegen.cli.views.training import View
    from samplegen.training.events import Tick

    call = View.__call__

    def broken(self, event):
        call(self, event)
        if isinstance(event, Tick) and event.step == 2:
            raise error

    monkeypatch.setattr(View, "__call__", broken)


def test_a_pack_that_is_there_is_refused_before_anything_is_made(models):
    from samplegen.cli.pack_options import destination
    from samplegen.errors import OutputError

    (models / "mine").mkdir()
    with pytest.raises(OutputError, match="mine exists already"):
        destination(models, "mine", force=False)
    assert destination(models, "mine", force=True) == models / "mine"
    assert destination(models / "here" / "..", "new", force=False) == models.resolve() / "new"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dcgan", "nowhere"], "nowhere is no folder"),
        (["dcgan", "empty"], "empty holds no sound that can be used; wav, flac"),
        (["dcgan", "drums", "--name", "../x"], "the model name '../x' cannot be used"),
        (["dcgan", "drums", "--name", "tiny"], "models/tiny exists already"),
        (["dcgan", "drums", "--minutes", "2", "--steps", "9"], "either --minutes or --steps, not both"),
        (["dcgan", "drums", "--steps", "0"], "--steps is 0; choose from 1"),
        (["dcgan", "drums", "--minutes", "nan"], "--minutes is nan; choose from"),
        (["dcgan", "drums", "--rate", "8000"], "--rate is 8000; choose from 16000 to 48000 Hz"),
        (["dcgan", "drums", "--size", "latent"], "--size takes a setting and whole numbers, as code=8 or widths=64,48"),
        (["dcgan", "drums", "--size", "widths=4,x"], "not widths=4,x"),
        (["dcgan", "drums", "--size", "colour=8"], "unknown setting colour"),
        (["dcgan", "drums", "--size", "latent=0"], "setting latent is 0; it should be int from"),
        (["dcgan", "few"], "few holds 1 sounds; at least 8 are needed"),
        (["dcgan", "bad", "--strict"], "text.wav cannot be read as audio"),
    ],
)
def test_what_train_cannot_do_it_says(models, drums, arguments, words):
    (models / "empty").mkdir()
    for name in ("few", "bad"):
        (models / name).mkdir()
        soundfile.write(models / name / "kick.wav", kick(), 44_100)
    (models / "bad/text.wav").write_text("no sound")
    assert words in complaint("train", *arguments)


def test_the_moving_view_tells_everything_at_any_width():
    from samplegen.cli.views.training import View
    from samplegen.training.events import Checkpoint, Tick, Trouble

    view = View(1234, Path("models/mine.training/previews"), None)
    assert "compiles" in drawn(view, 40)
    for step in range(1, 101):
        view(Tick(step, 0.6 * step, step / 200, {"generator": 1.0 if step % 2 else 2.0}))
    view(Checkpoint(50, 30.0, 12.5, True, {}))
    view(Checkpoint(100, 60.0, 20.0, False, {}))
    view(Trouble("a file is [odd]"))
    text = drawn(view, 80)
    for word in ("100", "1:00 spent, 1:00 left", "20 at step 100, best 12.5 at step 50", "1234", "previews", "[odd]"):
        assert word in text
    assert 1.2 < view.losses["generator"] < 1.5  # the mean of both losses, slowly approached from the first
    assert widest(drawn(view, 40)) <= 40


# --- slice -----------------------------------------------------------------------------------------


def test_slice_sorts_by_name_and_by_ear(models):
    Path("in").mkdir()
    soundfile.write("in/groove.wav", loop(), 44_100)
    soundfile.write("in/snare.wav", DRUMS["snare"](44_100, seed=1), 44_100)
    Path("in/text.wav").write_text("no sound")
    told = as_json("slice", "in", "--out", "hits")
    assert told["skipped"][0][0] == "text.wav"
    by_source = {source: [s for s in told["sounds"] if s["source"] == source] for source in ("groove.wav", "snare.wav")}
    assert len(by_source["groove.wav"]) == 16  # two bars of eighths
    assert [sound["role"] for sound in by_source["snare.wav"]] == ["snare"]
    assert None not in [sound["role"] for sound in told["sounds"]]
    assert all((models / "hits" / sound["file"]).is_file() for sound in told["sounds"])
    out = run("slice", "in", "--out", "again", "--rate", 16_000).stdout
    assert "cut into 16 hits" in out
    assert "17 sounds are in again" in out
    assert {soundfile.info(path).samplerate for path in Path("again").rglob("*.wav")} == {16_000}


def test_slice_listens_to_nothing_that_has_a_name(home, drums):
    """There is no classifier here."""
    assert run("slice", "drums", "--out", "hits", "-q").stdout == "hits\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["drums", "--out", "drums"], "drums exists already"),
        (["drums", "--out", "drums", "--force"], "holds sounds that are to be sliced"),
        (["drums", "--out", "hits", "--rate", "1"], "--rate is 1; choose from"),
        (["nowhere", "--out", "hits"], "nowhere is no folder"),
    ],
)
def test_what_slice_cannot_do_it_says(home, drums, arguments, words):
    assert words in complaint("slice", *arguments)


# --- lofi ------------------------------------------------------------------------------------------


def test_lofi_of_a_file_keeps_rate_and_length(home):
    soundfile.write("in.wav", np.tile(kick()[:, None], 2), 44_100)
    assert "1 sound is in out.flac" in run("lofi", "in.wav", "--preset", "vhs", "--out", "out.flac").stdout
    info = soundfile.info("out.flac")
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (44_100, 1, "PCM_24", len(kick()))
    assert np.abs(soundfile.read("out.flac")[0] - kick()).max() > 0.01  # the tape is heard: over -40 dB


def test_lofi_seed_decides_the_noise(home):
    soundfile.write("in.wav", kick(), 44_100)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("lofi", "in.wav", "--preset", "vinyl", "--out", f"{name}.wav", "--seed", seed)
    a, b, c = (Path(f"{name}.wav").read_bytes() for name in "abc")
    assert a == b != c


def test_lofi_of_a_folder_keeps_places_and_skips_what_is_none(home, drums):
    (drums / "kick/text.wav").write_text("no sound")
    soundfile.write(drums / "kick/kick-00.flac", kick(), 44_100)  # beside kick-00.wav
    told = as_json("lofi", "drums", "--preset", "toy", "--out", "toys")
    assert [Path(path).name for path, _ in told["skipped"]] == ["text.wav"]
    assert len(told["files"]) == len({result for _, result in told["files"]}) == 13
    assert all(Path(result).is_file() for _, result in told["files"])
    assert Path("toys/kick/kick-00.wav").exists()
    assert "kick/text.wav" in run("lofi", "drums", "--preset", "toy", "--out", "toys", "--force").stdout


def test_lofi_lists_its_presets(home):
    assert "vinyl" in run("lofi", "--list", width=40).stdout
    assert {"name", "about"} == as_json("lofi", "--list")[0].keys()
    assert "cassette" in run("lofi", "--list", "-q").stdout.split()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a file or folder, --preset and --out"),
        (["drums", "--preset", "wax", "--out", "x"], "unknown lo-fi preset 'wax'; the presets are warm"),
        (["nowhere.wav", "--preset", "toy", "--out", "x.wav"], "nowhere.wav cannot be read as audio (No such file"),
        (["drums", "--preset", "toy", "--out", "kept"], "kept exists already"),
        (["drums", "--preset", "toy", "--out", "drums", "--force"], "holds the sounds that are to be played"),
        (["empty", "--preset", "toy", "--out", "x"], "empty holds no sound that can be used"),
        (["drums/kick/kick-00.wav", "--preset", "toy", "--out", "x.txt"], "cannot write"),
    ],
)
def test_what_lofi_cannot_do_it_says(home, drums, arguments, words):
    for name in ("empty", "kept"):
        (home / name).mkdir()
    assert words in complaint("lofi", *arguments)


# --- list and show ---------------------------------------------------------------------------------


def test_list_tells_of_models_and_packs(pack):
    told = as_json("list")
    minutes = read_card(Path("models/tiny")).training["minutes"]
    assert [(m["name"], m["kind"], m["sounds"], m["minutes"]) for m in told["models"]] == [
        ("tiny", "dcgan", 8, minutes),
        ("hearing", "hearing", 8, minutes),
    ]
    assert told["packs"] == [{"name": "first", "folder": "packs/first", "sounds": 2, "seed": 7, "model": "tiny"}]
    assert (told["models"][0]["bytes"] > 1_000, told["stopped"]) == (True, [])
    out = run("list").stdout
    assert told["models"][0]["hash"] in out
    assert re.search(r"first +2 +7 +tiny", out)
    assert run("list", "-q").stdout.split()[-1] == "packs/first"


def test_list_shows_what_is_broken(pack):
    (pack.parent / "odd").mkdir()
    (pack.parent / "odd/pack.json").write_text("{}")
    shutil.copytree("models/tiny", "models/bad")
    Path("models/bad/card.json").write_text("[")
    out = run("list", width=200).stdout
    assert re.search(r"bad is broken: .*card.json", out)
    assert re.search(r"odd is broken: .*pack.json is damaged", out)
    assert re.search(r"first +2 +7 +tiny", out)
    assert "fault" in as_json("list")["packs"][1]


def test_list_of_nothing(home):
    assert "no packs yet" in run("list").stdout


def test_show_a_model_without_obeying_its_card(models):
    out = run("show", "tiny").stdout
    for word in ("dcgan", "CC0", "kick 4, snare 4", "100 at first, 3.33 at last", "█", "[red]Ada\\x1b[31m"):
        assert word in out
    assert "\x1b" not in out
    told = as_json("show", "models/tiny")
    assert (told["type"], told["path"], told["training"]["sounds"]) == ("model", "models/tiny", 8)


def test_show_a_card_of_nonsense(models):
    path = models / "models/tiny/card.json"
    training = {"history": ["a", {"distance": "b"}, 3], "roles": 7, "sounds": {}}
    card = json.loads(path.read_text()) | {"training": training, "figures": {"x": float("nan")}}
    path.write_text(json.dumps(card))
    run("show", "tiny")
    assert as_json("show", "tiny")["figures"] == {"x": None}


def test_show_a_pack(pack):
    out = run("show", "first", width=120).stdout
    command = "samplegen generate tiny --count 2 --name first --seed 7"
    for word in ("36", "kick", "0.25", "-0.5", "loop.wav at 0.50 s\\x1b[31m", command, "Kits/first.sfz"):
        assert word in out
    assert "\x1b" not in out
    assert as_json("show", "packs/first")["seed"] == 7
    run("show", "first", "--png", "sheet.png")
    assert Path("sheet.png").read_bytes()[:4] == b"\x89PNG"
    assert "sheet.png exists already" in complaint("show", "first", "--png", "sheet.png")


def test_show_of_one_name_means_the_model(pack):
    shutil.copytree("models/tiny", "models/first")
    assert as_json("show", "first")["type"] == "model"
    assert as_json("show", "packs/first")["type"] == "pack"


def test_show_a_sound(home):
    soundfile.write("My Kick 01.wav", kick(), 44_100)
    soundfile.write("groove.wav", loop(), 44_100)
    one, groove = as_json("show", "My Kick 01.wav"), as_json("show", "groove.wav", "--png", "g.png")
    assert (one["role"], one["loop"], one["rate"], one["png"]) == ("kick", False, 44_100, None)
    assert one["peak_dbfs"] == pytest.approx(20 * np.log10(0.9), abs=0.01)  # 16 bits are finer than that
    assert (groove["loop"], groove["png"]) == (True, "g.png")
    assert np.allclose(groove["onsets"], 0.25 * np.arange(16), atol=0.01)  # eighths at 120 bpm; 10 ms is not heard
    assert Path("g.png").exists()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_and_pictures_fit_the_terminal(pack, width):
    soundfile.write("groove.wav", loop(), 44_100)
    for command in (("list",), ("show", "tiny"), ("show", "first"), ("show", "groove.wav"), ("lofi", "--list")):
        assert widest(run(*command, width=width).stdout) <= width, command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "there is no model, pack or sound file 'nothing'"),
        (["text.wav"], "text.wav cannot be read as audio"),
        (["packs/odd"], "pack.json is damaged"),
        (["tiny", "--png", "x.png"], "models/tiny holds no sounds to draw"),
    ],
)
def test_what_show_cannot_do_it_says(models, arguments, words):
    Path("text.wav").write_text("no sound")
    Path("packs/odd").mkdir(parents=True)
    Path("packs/odd/pack.json").write_text("{}")
    assert words in complaint("show", *arguments)


# --- what is drawn ---------------------------------------------------------------------------------


def drawn(part, width: int, **settings) -> str:
    console = Console(file=StringIO(), width=width, height=50, highlight=False, **settings)
    console.print(part)
    return console.file.getvalue()


def test_a_picture_in_colour_has_two_cells_in_a_character():
    rising = np.tile(np.linspace(0, 1, 64, dtype=np.float32)[:, None], (1, 300))  # the higher, the louder
    text = drawn(tables.Picture(rising), 40, force_terminal=True, color_system="truecolor")
    lines = [re.findall(r"\x1b\[38;2;(\d+);\d+;\d+;48;2;(\d+);\d+;\d+m▀", line) for line in text.splitlines()]
    assert [len(line) for line in lines] == [40] * 20
    reds = [int(red) for line in lines for red in line[0]]
    assert reds[0] > 200  # from pale yellow at the top to dark blue at the bottom
    assert reds[-1] < 50
    assert reds == sorted(reds, reverse=True)


def test_a_picture_without_colour_is_ascii_and_keeps_clicks():
    levels = np.zeros((64, 3_000), np.float32)
    levels[:, 1_234] = 1
    lines = drawn(tables.Picture(levels), 40, no_color=True, force_terminal=True).splitlines()
    assert len(lines) == 20
    assert {line.strip() for line in lines} == {"@"}
    assert {line.index("@") for line in lines} == {1_234 * 40 // 3_000}


def test_a_table_drops_columns_from_the_right_until_it_fits():
    table = tables.Rows(("name", "seconds", "file"), [("kick", "0.10", "a" * 20), ("snare", "12.00", "b" * 20)])
    assert all(word in drawn(table, 60) for word in ("name", "seconds", "file", "a" * 20))
    assert "file" not in drawn(table, 20)
    assert "12.00" in drawn(table, 20)
    assert widest(drawn(table, 3)) <= 3


def test_a_long_table_says_that_it_goes_on():
    parts = list(tables.rows(("n",), [(n,) for n in range(100)], shown=5))
    assert "95 more" in drawn(parts[1], 60)


@pytest.mark.parametrize(
    ("text", "said"), [("a\x1b[2Jb", "a\\x1b[2Jb"), ("\udcff", "\\udcff"), ("n\u00e4h", "n\u00e4h"), ("a\nb", "a\\nb")]
)
def test_text_of_strangers_cannot_steer_the_terminal(text, said):
    assert output.plain(text) == said


# ---- interpolate and vary


@pytest.fixture
def tones(home):
    """Three sounds in a folder, one with an awkward name."""
    for number, name in enumerate(("low.wav", "high & [odd].wav", "-third.wav")):
        time = np.arange(8_000) / 22_050
        soundfile.write(home / name, np.sin(200 * (number + 1) * time) * np.exp(-8 * time), 22_050)
    return [home / "low.wav", home / "high & [odd].wav", home / "-third.wav"]


def test_interpolate_writes_the_path_and_its_picture(models, tones):
    told = json.loads(run("interpolate", *tones[:2], "tiny", "--steps", 3, "--out", "path", "--json").stdout)
    names = ["000-low.wav", "001-low-high-odd.wav", "002-high-odd.wav"]
    assert [Path(file).name for file in told["files"]] == names
    assert sorted(path.name for path in Path("path").iterdir()) == [*names, "spectrograms.png"]
    assert (told["model"], told["mode"], told["seed"], len(told["off_db"])) == ("tiny", "slerp", 0, 2)
    assert soundfile.info(told["files"][0]).samplerate == 44_100


def test_interpolate_through_three_and_to_the_average(models, tones):
    assert (
        len(json.loads(run("interpolate", *tones, "tiny", "--steps", 2, "--out", "a", "--json").stdout)["files"]) == 3
    )
    told = json.loads(run("interpolate", *tones, "tiny", "--average", "--out", "b", "--json").stdout)
    assert [Path(file).name for file in told["files"]] == ["average.wav"]
    assert "folder" in run("interpolate", *tones, "tiny", "--mode", "envelope", "--steps", 2, "--out", "c").stdout
    assert run("interpolate", *tones[:2], "tiny", "--steps", 2, "--out", "d", "--quiet").stdout == "d\n"


def test_vary_writes_neighbours(models, tones):
    told = json.loads(run("vary", tones[0], "tiny", "--count", 2, "--out", "near", "--json").stdout)
    assert [Path(file).name for file in told["files"]] == ["01-low.wav", "02-low.wav"]
    assert (told["amount"], len(told["off_db"])) == (0.3, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["interpolate", "low.wav", "--out", "x"], "at least two sound files"),
        (["interpolate", "low.wav", "low.wav", "nothing", "--out", "x"], "there is no model 'nothing'"),
        (["interpolate", "low.wav", "gone.wav", "tiny", "--out", "x"], "gone.wav cannot be read"),
        (["interpolate", "low.wav", "low.wav", "hearing", "--out", "x"], "use one of dcgan, lstmgan, autoencoder"),
        (["interpolate", "low.wav", "low.wav", "tiny", "--mode", "sum", "--out", "x"], "there is no mode 'sum'"),
        (
            ["interpolate", "low.wav", "low.wav", "tiny", "--steps", "1", "--out", "x"],
            "the number of steps is 1; choose from 2 to 200",
        ),
        (["interpolate", "low.wav", "low.wav", "tiny", "--out", "low.wav"], "low.wav exists"),
        (["vary", "gone.wav", "tiny", "--out", "x"], "gone.wav cannot be read"),
        (["vary", "low.wav", "tiny", "--amount", "2", "--out", "x"], "the amount is 2"),
        (["vary", "low.wav", "tiny", "--count", "0", "--out", "x"], "choose from 1 to 200"),
    ],
)
def test_what_cannot_be_interpolated_or_varied(models, tones, arguments, words):
    assert words in run(*arguments, code=1).stderr
    assert not Path("x").exists()
