"""The disk: what is read, what is written whole, and who may write."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from syndicator.doors import files, links
from syndicator.doors.files import GONE, Stat
from syndicator.errors import Busy, Failed, StoreError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def refuse(number: int, says: str) -> Callable[..., None]:
    """Return a call that always fails."""

    def call(*_args: object) -> None:
        raise OSError(number, says)

    return call


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gather the names, at that moment, of what is made durable."""
    names: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        names.append(os.readlink(f"/proc/self/fd/{handle}"))  # noqa: PTH115  # a text is wanted
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return names


# --- looking and reading ---


def test_a_stat_tells_size_time_and_inode(tmp_path: Path) -> None:
    """All three, for a plain file; anything else is not there."""
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    os.utime(file, ns=(7, 1_700_000_000_123_456_789))
    assert files.stat(file) == Stat(3, 1_700_000_000_123_456_789, file.stat().st_ino)
    for other in (tmp_path, tmp_path / "none", tmp_path / "a" / "b", Path("a\0b")):
        assert files.stat(other) == GONE


def test_reading_brings_the_bytes_with_their_stat(tmp_path: Path) -> None:
    """The stat is that of the very bytes."""
    (tmp_path / "a").write_bytes(b"abc")
    assert files.read(tmp_path / "a") == (b"abc", files.stat(tmp_path / "a"))
    (tmp_path / "a").write_bytes(b"")
    assert files.read(tmp_path / "a")[0] == b""


def test_reading_stops_one_byte_behind_the_limit(tmp_path: Path) -> None:
    """One more than allowed tells that it is too large; the rest is not read."""
    (tmp_path / "a").write_bytes(b"abcdef")
    assert files.read(tmp_path / "a", 6)[0] == b"abcdef"
    assert files.read(tmp_path / "a", 3)[0] == b"abcd"


def test_a_pipe_a_folder_and_a_missing_file_are_failures(tmp_path: Path) -> None:
    """None of them keeps the pass waiting."""
    os.mkfifo(tmp_path / "pipe")
    plain = "not a plain file"
    for name, why in (("pipe", plain), ("", plain), ("x", "No such file")):
        with pytest.raises(Failed, match=why):
            files.read(tmp_path / name)


def test_a_file_that_lies_about_its_size_is_still_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed while it was read is left for the next pass."""
    file = tmp_path / "a"
    file.write_bytes(b"abc")
    whole = files._exactly

    def meanwhile(*args: object) -> bytes:
        data = whole(*args)  # type: ignore[arg-type]  # handed through
        with file.open("ab") as more:
            more.write(b"d")
        return data

    monkeypatch.setattr(files, "_exactly", meanwhile)
    with pytest.raises(Failed, match="still being written"):
        files.read(file)


def test_the_names_in_a_folder_are_told(tmp_path: Path) -> None:
    """Those that Markdown can refer to without a folder."""
    for name in ("a.md", "b.jpg"):
        (tmp_path / name).touch()
    assert files.names(tmp_path) == {"a.md", "b.jpg"}
    assert files.names(tmp_path / "none") == frozenset()


def test_within_finds_a_file_by_its_exact_name(tmp_path: Path) -> None:
    """Nothing outside of the root is ever found, whatever the name."""
    root = tmp_path / "root"
    (root / "x").mkdir(parents=True)
    (root / "x" / "Ä b.jpg").touch()
    (tmp_path / "secret").touch()
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "in").symlink_to(root / "x" / "Ä b.jpg")
    (root / "self").symlink_to(root / "self")
    found = (root / "x" / "Ä b.jpg").resolve()
    assert files.within(root, "x/Ä b.jpg") == found
    assert files.within(root, "in") == found
    for name in ("q.jpg", "Q.JPG", "12"):
        (root / "x" / name).touch()
    for name in ("q.jpg", "Q.JPG", "12"):
        assert files.within(root, f"x/{name}") == (root / "x" / name).resolve()
    assert files.within(root, "x/q.JPG") is None
    (root / "y").symlink_to(root / "x")
    (root / "z").symlink_to(tmp_path)
    assert files.within(root, "y/12") == (root / "x" / "12").resolve()
    assert files.within(root, "z/secret") is None
    hostile = ("../secret", "x/../../secret", "out", "/etc/passwd", "x", "", "x//Ä b.jpg", "a\0b")
    for name in (*hostile, "self", "./x/Ä b.jpg", "X/Ä b.jpg", "x/ä b.jpg", "none/y"):
        assert files.within(root, name) is None, name


# --- writing ---


def test_a_file_is_written_with_the_mode_asked_for_whatever_the_umask(tmp_path: Path) -> None:
    """The web server reads what a service with a tight umask wrote."""
    before = os.umask(0o077)
    try:
        files.write(tmp_path / "a", b"abc")
        files.write(tmp_path / "b", b"abc", mode=0o444)
    finally:
        os.umask(before)
    assert (mode(tmp_path / "a"), mode(tmp_path / "b")) == (0o644, 0o444)
    assert (tmp_path / "a").read_bytes() == b"abc"


def test_renaming_replaces_a_file_whole_and_makes_its_folder(tmp_path: Path) -> None:
    """The final name holds the old bytes or the new ones, never a part."""
    (tmp_path / "aside").write_bytes(b"new")
    (tmp_path / "final").write_bytes(b"old")
    files.rename([(tmp_path / "aside", tmp_path / "final")])
    assert (tmp_path / "final").read_bytes() == b"new"
    files.rename([(tmp_path / "final", tmp_path / "deep" / "er" / "b")])
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b", "deep", "er"]


def test_what_can_not_be_written_names_the_file_and_a_way_out(tmp_path: Path) -> None:
    """The message is for the one who can mend it."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"could not write .*/file/a") as caught:
        files.write(tmp_path / "file" / "a", b"")
    assert "permissions" in caught.value.hint
    with pytest.raises(StoreError, match="could not make the folder"):
        files.make_folder(tmp_path / "file" / "b")
    with pytest.raises(StoreError, match=r"could not write .*/final"):
        files.rename([(tmp_path / "none", tmp_path / "final")])


def test_a_full_disk_is_told_as_such() -> None:
    """``/dev/full`` is a full disk for the price of a name."""
    with pytest.raises(StoreError, match="No space left") as caught:
        files.write(Path("/dev/full"), b"abc")
    assert caught.value.hint == "free some space"


@pytest.mark.parametrize("count", [2, files.CROWD + 1])
def test_flushing_takes_few_files_and_many(tmp_path: Path, count: int) -> None:
    """One by one, or all at once; a missing file is an error in neither's silence."""
    names = [tmp_path / str(number) for number in range(count)]
    for name in names:
        name.touch()
    files.flush([*names, tmp_path])


def test_a_flush_that_fails_is_told_like_any_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that never reach the disk are a store that can't be written."""
    with pytest.raises(StoreError, match=r"could not write .*/none: No such file"):
        files.flush([tmp_path / "none"])
    monkeypatch.setattr(os, "fsync", refuse(28, "No space left on device"))
    with pytest.raises(StoreError, match="No space left") as caught:
        files.flush([tmp_path])
    assert caught.value.hint == "free some space"


def test_a_new_folder_is_durable_like_a_new_file(flushed: list[str], tmp_path: Path) -> None:
    """Every folder that got a new name in it is flushed; one that was there costs nothing."""
    files.make_folder(tmp_path / "x" / "y")
    assert sorted(flushed) == [str(tmp_path), str(tmp_path / "x")]
    files.make_folder(tmp_path / "x" / "y")
    assert len(flushed) == 2


def test_renaming_into_new_folders_flushes_each_once(flushed: list[str], tmp_path: Path) -> None:
    """Two hundred new folders in one are no two hundred waits for the disk."""
    moves = []
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
        moves.append((tmp_path / name, tmp_path / "new" / (name * 2) / name))
    files.rename(moves)
    new = tmp_path / "new"
    assert sorted(flushed) == [str(p) for p in (tmp_path, new, new / "aa", new / "bb", new / "cc")]


def test_a_link_gives_a_second_name_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are there once; a name that holds as many is left alone."""
    monkeypatch.setattr(fcntl, "ioctl", refuse(errno.EOPNOTSUPP, "no reflinks here"))
    (tmp_path / "a").write_bytes(b"abc")
    name = tmp_path / "media" / "b"
    links.link(tmp_path / "a", name)
    assert name.stat().st_ino == (tmp_path / "a").stat().st_ino
    (tmp_path / "c").write_bytes(b"xyz")
    links.link(tmp_path / "c", name)
    assert name.read_bytes() == b"abc"
    links.link(tmp_path / "none", name)
    assert name.read_bytes() == b"abc"


def test_a_name_that_holds_a_part_is_replaced(tmp_path: Path) -> None:
    """A copy that a power cut left short does not stay in front of readers."""
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").touch()
    links.link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"abc"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_where_the_disk_can_share_blocks_a_file_of_its_own_is_made(
    flushed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reflink goes before a hard link: harm to one name does not reach the other."""

    def ioctl(target: BinaryIO, request: int, source: int) -> int:
        assert request == links.CLONE
        return os.sendfile(target.fileno(), source, 0, 100)

    monkeypatch.setattr(fcntl, "ioctl", ioctl)
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / ".b.part").write_bytes(b"left over, and longer")
    (tmp_path / ".b.part").chmod(0o444)
    links.link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"abc"
    assert (tmp_path / "b").stat().st_ino != (tmp_path / "a").stat().st_ino
    assert mode(tmp_path / "b") == 0o444
    assert flushed == [str(tmp_path / ".b.part"), str(tmp_path)]


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOSYS])
def test_where_the_disk_has_no_links_a_copy_is_made(
    flushed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """FAT and some network disks refuse; readers get the picture, whole, all the same."""
    monkeypatch.setattr(os, "link", refuse(number, "no links here"))
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / ".b.part").write_bytes(b"left over")
    (tmp_path / ".b.part").chmod(0o444)
    links.link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"abc"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    assert mode(tmp_path / "b") == 0o444
    assert flushed == [str(tmp_path / ".b.part"), str(tmp_path)]


def test_linking_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A kept picture that is gone must not pass unseen."""
    with pytest.raises(StoreError, match="No such file"):
        links.link(tmp_path / "none", tmp_path / "b")


def test_clearing_removes_all_but_what_is_kept(tmp_path: Path) -> None:
    """Scratch files of an interrupted pass go."""
    for name in ("a", "b"):
        (tmp_path / name).touch()
    files.clear(tmp_path, keep=["b"])
    assert list(tmp_path.iterdir()) == [tmp_path / "b"]


# --- one writer ---

HOLDER = """
import sys
from pathlib import Path
from typing import BinaryIO
from syndicator.doors import files, links
with files.lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_instance_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    """The kernel says who, and frees the lock when the holder dies, however it dies."""
    lock = tmp_path / "archive" / "lock"
    command = [sys.executable, "-c", HOLDER, str(lock)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match="in use by") as caught, files.lock(lock):
            pass
        holder.kill()
        holder.wait()
    assert f"process {holder.pid}" in caught.value.says or "another process" in caught.value.says
    assert caught.value.exit_code == 75
    with files.lock(lock):
        assert lock.read_bytes() == b""
