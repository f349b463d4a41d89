"""Kept files read on other machines: only what is on the very disk counts."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from syndicator.doors import blobs


def kept(folder: Path, data: bytes, named: bytes | None = None) -> Path:
    """Write a file under the digest of its bytes, or of others."""
    path = folder / f"{sha256(data if named is None else named).hexdigest()}.md"
    path.write_bytes(data)
    return path


def test_a_machine_that_does_not_see_the_disk_tells_nothing(tmp_path: Path) -> None:
    """It may have a file of the same name, of another archive, or of a backup."""
    path, probe = kept(tmp_path, b"one"), tmp_path / "probe"
    assert not blobs.look_there(path, probe=probe).is_right
    probe.touch()
    assert blobs.look_there(path, probe=probe) == blobs.look(path)


def test_what_others_cannot_tell_is_read_here(tmp_path: Path) -> None:
    """In their order, whoever read them; nothing is damaged only because another says so."""
    paths = [kept(tmp_path, b"%d" % number) for number in range(60)]
    paths.insert(30, kept(tmp_path, b"bad", named=b"good"))
    paths.append(tmp_path / "gone.md")
    expected = list(blobs.look_all(paths))
    probe = tmp_path / "probe"
    with ThreadPoolExecutor(2) as pool:
        assert list(blobs.look_with(pool, paths, probe)) == expected
        probe.touch()
        assert list(blobs.look_with(pool, paths, probe)) == expected
    assert [one.is_right for one in expected].count(False) == 2
