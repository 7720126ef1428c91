"""Table of players: what each is called, what it reads, how it is run and how its answer is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from shutil import which

from samplegen.packs.players import results
from samplegen.packs.players.run import Answer, Job, python_command
from samplegen.sequencer.midi_writer import kit_midi

_RATE_HZ = 44_100  # at which players render

_SFIZZ = """
import json, sys
import numpy
from pysfizz import _sfizz
synth = _sfizz.Synth(44100, 64)
synth.enable_freewheeling()
loaded, silent = synth.load_sfz_file(sys.argv[1]), []
for note in map(int, sys.argv[2:]):
    synth.note_on(0, note, 127)
    if max(numpy.abs(synth.render_block()).max() for _ in range(100)) < 0.001:
        silent.append(note)
    synth.all_sound_off()
print(json.dumps({"regions": synth.get_num_regions() if loaded else 0, "silent": silent}))
"""
_TINY = """
import json, sys
import numpy, tinysoundfont
synth, silent = tinysoundfont.Synth(samplerate=44100), []
number = synth.sfload(open(sys.argv[1], "rb").read())
synth.program_select(9, number, 0, 0, True)
for note in map(int, sys.argv[2:]):
    synth.noteon(9, note, 127)
    if numpy.abs(numpy.frombuffer(synth.generate(6400), numpy.float32)).max() < 0.001:
        silent.append(note)
    synth.sounds_off()
    synth.generate(8820)
print(json.dumps({"silent": silent}))
"""
_SFZEN = "import sys; from sfzen.scripts.sfz_validate import main; sys.exit(main())"


@dataclass(frozen=True)
class Player:
    """One row: a `program` or a Python `module`, where it comes from, the files of a pack that it reads."""

    name: str
    source: str
    needs: str
    reads: str  # a pattern below the pack's folder
    proves: str
    command: Callable[[Job], list[str]]
    judge: Callable[[Job, Answer], str]
    at_once: bool = False  # all files in one run, instead of one after the other

    @property
    def module(self) -> bool:
        """Tell whether it is a Python package, not a program."""
        return self.source.startswith("pip")

    @property
    def installed(self) -> bool:
        """Tell whether it can be run here."""
        return bool(find_spec(self.needs) if self.module else which(self.needs))


def _fluidsynth(job: Job) -> list[str]:
    out = ["-r", str(_RATE_HZ), "-O", "s24", "-T", "wav", "-F", str(job.work / "out.wav")]
    return ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "1.0", *out, str(job.file), _midi(job)]


def _timidity(job: Job) -> list[str]:
    """Map each note by name, as a bare `soundfont` line leaves them to the sounds of the system's own file."""
    config, kit = job.work / "timidity.cfg", job.work / "kit.sf2"
    kit.symlink_to(job.file)  # whose path may hold what means something in such a file
    rows = [f"{note} %font {kit} 128 0 {note}" for note in job.notes]  # bank 128, its first kit
    config.write_text("\n".join(["drumset 0", *rows, ""]), "utf-8")
    out = ["-s", str(_RATE_HZ), "-Ow1s2l", "-o", str(job.work / "out.wav")]
    return ["timidity", "-c", str(config), "-EFreverb=0", "-EFchorus=0", *out, _midi(job)]


def _midi(job: Job) -> str:
    path = job.work / "notes.mid"
    path.write_bytes(kit_midi(job.notes, name="verify", bpm=results.BPM))
    return str(path)


def _exiftool(job: Job) -> list[str]:
    return ["exiftool", "-q", "-j", "-n", "-MIDIUnityNote", "-NumSampleLoops", "-AcidizerFlags", *map(str, job.files)]


PLAYERS = (
    Player(
        "sfizz", "pip install pysfizz", "pysfizz", "Kits/*.sfz", "every region loads, every pad sounds",
        lambda job: python_command(_SFIZZ, job.file, *job.notes), results.check_played,
    ),
    Player(
        "sfz-validate", "pip install sfzen", "sfzen", "Kits/*.sfz", "opcodes, values and samples",
        lambda job: python_command(_SFZEN, job.file), results.check_exit,
    ),
    Player(
        "polyphone", "apt install polyphone", "polyphone", "Kits/*.sfz", "imports every sample",
        lambda job: ["polyphone", "-1", "-i", str(job.file), "-d", str(job.work), "-o", "out"], results.check_polyphone,
    ),
    Player(
        "h2cli", "apt install hydrogen", "h2cli", "Kits/*.h2drumkit", "a valid kit with every sample",
        lambda job: ["h2cli", "-VNone", "-c", str(job.file)], results.check_hydrogen,
    ),
    Player(
        "tinysoundfont", "pip install --no-deps tinysoundfont", "tinysoundfont", "Kits/*.sf2", "every pad sounds",
        lambda job: python_command(_TINY, job.file, *job.notes), results.check_played,
    ),
    Player(
        "fluidsynth", "apt install fluidsynth", "fluidsynth", "Kits/*.sf2", "every pad is heard",
        _fluidsynth, results.check_rendered,
    ),
    Player(
        "timidity", "apt install timidity", "timidity", "Kits/*.sf2", "every pad is heard",
        _timidity, results.check_rendered,
    ),
    Player(
        "dgvalidator", "apt install drumgizmo", "dgvalidator", "Kits/*_drumgizmo/drumkit.xml", "a valid kit",
        lambda job: ["dgvalidator", str(job.file)], results.check_exit,
    ),
    Player(
        "sndfile-info", "apt install sndfile-programs", "sndfile-info", "**/*.wav", "every chunk has its size",
        lambda job: ["sndfile-info", *map(str, job.files)], results.check_decoded, at_once=True,
    ),
    Player(
        "exiftool", "apt install libimage-exiftool-perl", "exiftool", "**/*.wav", "root note, loops and type",
        _exiftool, results.check_tags, at_once=True,
    ),
)  # fmt: skip
