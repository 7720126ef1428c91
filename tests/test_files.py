"""Whole or not at all: what is on disk after success, errors, interruptions, full disks and kills."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from samplegen import files
from samplegen.errors import OutputError
from samplegen.files import whole_file, whole_folder, whole_set

ROOT = Path(__file__).parents[1]
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")
NOT_ROOT = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="nothing is closed to root")


def write_folder(target: Path, *, force: bool = False, text: str = "new", error: BaseException | None = None) -> None:
    with whole_folder(target, force=force) as part:
        (part / "inner").mkdir()
        (part / "inner" / "a.txt").write_text(text)
        if error:
            raise error


def write_file(target: Path, *, force: bool = False, text: str = "new", error: BaseException | None = None) -> None:
    with whole_file(target, force=force) as part:
        part.write_text(text)
        if error:
            raise error


def content(target: Path) -> str:
    return (target / "inner" / "a.txt" if target.is_dir() else target).read_text()


def everything(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(params=[write_folder, write_file], ids=["folder", "file"])
def write(request):
    return request.param


def test_a_success_is_the_target_and_nothing_else(tmp_path, write):
    write(tmp_path / "pack.wav")
    assert content(tmp_path / "pack.wav") == "new"
    assert everything(tmp_path) == {"pack.wav"}


def test_the_folders_above_are_made(tmp_path, write):
    write(tmp_path / "a" / "b" / "pack")
    assert content(tmp_path / "a" / "b" / "pack") == "new"


def test_nothing_stands_at_the_target_before_the_end(tmp_path):
    with whole_folder(tmp_path / "pack") as part:
        assert not (tmp_path / "pack").exists()
        assert list(part.iterdir()) == []
    with whole_file(tmp_path / "kick.wav") as part:
        assert not (tmp_path / "kick.wav").exists()
        assert part.suffix == ".wav"  # libraries choose a format by it
        part.touch()


@POSIX
def test_what_is_half_written_is_hidden(tmp_path):
    with whole_folder(tmp_path / "pack"):
        assert all(name.startswith(files.SCRATCH_PREFIX) and name.startswith(".") for name in everything(tmp_path))


@POSIX
def test_a_result_has_the_permissions_that_the_user_gives(tmp_path, write):
    before = os.umask(0o027)
    try:
        write(tmp_path / "pack")
    finally:
        os.umask(before)
    assert (tmp_path / "pack").stat().st_mode & 0o777 == (0o750 if (tmp_path / "pack").is_dir() else 0o640)


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(1), GeneratorExit()])
@pytest.mark.parametrize("force", [False, True])
def test_an_exception_leaves_nothing(tmp_path, write, error, force):
    with pytest.raises(type(error)):
        write(tmp_path / "pack", force=force, error=error)
    assert everything(tmp_path) == set()


def test_an_exception_leaves_what_stood_there(tmp_path, write):
    write(tmp_path / "pack", text="old")
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "pack", force=True, error=KeyboardInterrupt())
    assert content(tmp_path / "pack") == "old"
    assert everything(tmp_path) == {"pack"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_a_failing_disk_leaves_nothing_and_says_so(tmp_path, write, code):
    with pytest.raises(OutputError, match=f"cannot write .*pack: {os.strerror(code)}; nothing was kept"):
        write(tmp_path / "pack", error=OSError(code, os.strerror(code)))
    assert everything(tmp_path) == set()


def test_a_disk_that_fails_at_the_last_step_puts_back_what_stood_there(tmp_path, write, monkeypatch):
    write(tmp_path / "pack", text="old")
    for name in ("rename", "replace"):
        monkeypatch.setattr(Path, name, _fail_into("pack", getattr(Path, name)))
    with pytest.raises(OutputError, match="No space left"):
        write(tmp_path / "pack", force=True)
    assert content(tmp_path / "pack") == "old"
    assert everything(tmp_path) == {"pack"}


def _fail_into(name, move):
    """A move that fails the first time that something is moved to `name`."""
    failed = []

    def moved(self, target):
        if Path(target).name == name and not failed:
            failed.append(target)
            raise OSError(errno.ENOSPC, "No space left on device")
        return move(self, target)

    return moved


def test_an_earlier_result_that_cannot_be_put_back_is_kept_aside(tmp_path, monkeypatch):
    write_folder(tmp_path / "pack", text="old")

    rename = Path.rename

    def broken(self, target):
        if Path(target).name == "pack":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(OutputError, match="Input/output error"):
        write_folder(tmp_path / "pack", force=True)
    monkeypatch.undo()
    (aside,) = tmp_path.glob(f"{files.SCRATCH_PREFIX}*")
    _age(aside)
    write_folder(tmp_path / "other")
    assert content(aside / "old") == "old"


LIMITED = """
import resource, sys
from pathlib import Path
from samplegen.files import whole_file, whole_folder, whole_set
from samplegen.errors import OutputError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
target = Path(sys.argv[1])
try:
    with whole_folder(target / "pack") as part:
        (part / "fits.bin").write_bytes(bytes(50_000))
        (part / "big.bin").write_bytes(bytes(1_000_000))
except OutputError as error:
    sys.stdout.write(f"{error}\\n")
try:
    with whole_file(target / "big.bin") as part:
        part.write_bytes(bytes(1_000_000))
except OutputError as error:
    sys.stdout.write(f"{error}\\n")
"""


@POSIX
def test_a_real_limit_of_the_system_leaves_nothing(tmp_path):
    said = subprocess.check_output([sys.executable, "-c", LIMITED, str(tmp_path)], cwd=ROOT, text=True)
    assert said.count("File too large; nothing was kept") == 2
    assert everything(tmp_path) == set()


@NOT_ROOT
def test_a_closed_folder_is_named(tmp_path, write):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match=r"cannot write .*pack: Permission denied"):
            write(tmp_path / "pack")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_the_system_closes_is_named(tmp_path, write, monkeypatch):
    def refuse(**_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(files.tempfile, "mkdtemp", refuse)
    with pytest.raises(OutputError, match=r"cannot write .*pack: Permission denied"):
        write(tmp_path / "pack")


def test_a_file_among_the_folders_above_is_named(tmp_path, write):
    (tmp_path / "a").touch()
    with pytest.raises(OutputError, match=r"cannot write .*pack: (Not a directory|File exists)"):
        write(tmp_path / "a" / "pack")


def test_without_force_nothing_is_overwritten(tmp_path, write):
    write(tmp_path / "pack", text="old")
    with pytest.raises(OutputError, match="pack exists already; choose another name or pass --force"):
        write(tmp_path / "pack")
    assert content(tmp_path / "pack") == "old"


def test_with_force_the_new_one_replaces_the_old_whole(tmp_path, write):
    write(tmp_path / "pack", text="old")
    if (tmp_path / "pack").is_dir():
        (tmp_path / "pack" / "stale.txt").touch()
    write(tmp_path / "pack", force=True)
    assert content(tmp_path / "pack") == "new"
    assert not (tmp_path / "pack" / "stale.txt").exists()
    assert everything(tmp_path) == {"pack"}


@pytest.mark.parametrize("whole", [whole_folder, whole_file])
def test_what_another_program_made_meanwhile_is_not_overwritten(tmp_path, whole):
    with pytest.raises(OutputError, match="exists already"), whole(tmp_path / "pack"):
        write_folder(tmp_path / "pack", text="theirs")
    assert content(tmp_path / "pack") == "theirs"


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_never_replaced_by_a_folder_nor_a_folder_by_a_file(tmp_path, force):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=r"choose (the name of a folder|another name)"):
        write_folder(tmp_path / "file", force=force)
    with pytest.raises(OutputError, match=r"give the name of a file|choose another name"):
        write_file(tmp_path / "folder", force=force)
    assert (tmp_path / "file").read_text() == "mine"
    assert everything(tmp_path) == {"file", "folder"}


@pytest.mark.parametrize("name", ["a b", 'it\'s "so"', "🥁" * 60, "x" * 250, ".hidden", "-rf", "a*[b]?", "new", "old"])
def test_every_name_works(tmp_path, write, name):
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / name, error=KeyboardInterrupt())
    assert everything(tmp_path) == set()
    write(tmp_path / name)
    write(tmp_path / name, force=True)
    assert everything(tmp_path) == {name}


KILLED = """
import sys, time
from pathlib import Path
from samplegen.files import whole_folder, whole_file
make = whole_folder if sys.argv[1] == "folder" else whole_file
with make(Path(sys.argv[2]), force=True) as part:
    (part / "a.txt" if part.is_dir() else part).write_text("half")
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    time.sleep(60)
"""


def _kill_midway(kind: str, target: Path) -> None:
    command = [sys.executable, "-c", KILLED, kind, str(target)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGKILL)


def _age(folder: Path, seconds: float = files.STALE_SECONDS + 60) -> None:
    os.utime(folder, (time.time() - seconds,) * 2)


@POSIX
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_killed_program_leaves_a_hidden_part_that_a_later_run_cleans(tmp_path, kind):
    _kill_midway(kind, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()
    (part,) = tmp_path.iterdir()
    assert part.name.startswith(".samplegen-part-")
    write_folder(tmp_path / "young")
    assert part.exists()  # it might belong to a program that runs
    _age(part)
    write_folder(tmp_path / "later")
    assert everything(tmp_path) == {"young", "later"}


@POSIX
def test_a_killed_program_leaves_what_stood_there(tmp_path):
    write_folder(tmp_path / "pack", text="old")
    _kill_midway("folder", tmp_path / "pack")
    assert content(tmp_path / "pack") == "old"


def test_only_what_is_half_written_here_is_cleaned(tmp_path, write):
    names = {".part", ".other.part", "samplegen-part-x", ".samplegen", "pack-1"}
    for name in names:
        (tmp_path / name).mkdir()
        _age(tmp_path / name)
    write(tmp_path / "pack")
    assert everything(tmp_path) == names | {"pack"}


@POSIX
def test_a_dangling_link_is_not_overwritten(tmp_path, write):
    (tmp_path / "pack").symlink_to(tmp_path / "gone")
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / "pack")


def write_set(folder: Path, *, force: bool = False, text: str = "new") -> None:
    with whole_set([folder / "a.wav", folder / "a.mid", folder / "stems"], force=force) as parts:
        for part in parts[:2]:
            part.write_text(text)
        (parts[2] / "inner").mkdir(parents=True)
        (parts[2] / "inner" / "a.txt").write_text(text)


def test_a_set_is_written_together_and_replaced_together(tmp_path):
    write_set(tmp_path, text="old")
    with pytest.raises(OutputError, match="exists already"):
        write_set(tmp_path)
    write_set(tmp_path, force=True)
    assert {name: content(tmp_path / name) for name in everything(tmp_path)} == dict.fromkeys(
        ("a.wav", "a.mid", "stems"), "new"
    )


@pytest.mark.parametrize("failing", ["a.wav", "a.mid", "stems"])
@pytest.mark.parametrize("before", [True, False])
def test_a_set_of_which_one_cannot_be_placed_leaves_what_was_there(tmp_path, monkeypatch, failing, before):
    if before:
        write_set(tmp_path, text="old")
    rename, there = Path.rename, everything(tmp_path)

    def fail(path, target):
        if path.parent.name == "new" and path.name == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_set(tmp_path, force=True)
    assert everything(tmp_path) == there
    assert all(content(tmp_path / name) == "old" for name in there)
