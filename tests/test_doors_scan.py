"""What lies below a folder, and what of it could not be looked at."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from syndicator.doors import files
from syndicator.doors.scan import scan, spot

ROOT = os.geteuid() == 0  # permissions do not stop root


def test_a_scan_finds_plain_files_and_names_links_without_following_them(tmp_path: Path) -> None:
    """Hidden names and skipped folders are passed over; a link is told, not read."""
    for name in ("a.md", "x/b.md", ".git/c.md", "x/.d.md", "archive/e.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "x" / "link.md").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.md")
    found = dict(scan(tmp_path, skip=[tmp_path / "archive"]))
    assert found == {
        "a.md": files.stat(tmp_path / "a.md"),
        "x/b.md": files.stat(tmp_path / "x/b.md"),
        "loop": None,
        "x/link.md": None,
    }


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("a.md", True),
        ("x/b.md", True),
        ("x", False),
        (".git/c.md", False),
        ("x/.d.md", False),
        ("archive/e.md", False),
        ("loop/a.md", False),
        ("loop", False),
        ("x/../a.md", False),
        ("", False),
        ("x/", False),
        ("gone.md", False),
        ("a.md/b.md", False),
        ("a\0.md", False),
    ],
)
def test_one_file_is_looked_at_as_a_scan_would(tmp_path: Path, path: str, there: bool) -> None:
    """What a scan passes over, names or does not find is none by its path either."""
    for name in ("a.md", "x/b.md", ".git/c.md", "x/.d.md", "archive/e.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    skip = [tmp_path / "archive"]
    found = spot(tmp_path, path, skip=skip)
    assert found == dict(scan(tmp_path, skip=skip)).get(path)
    assert (found is not None) is there


@pytest.mark.skipif(ROOT, reason="root may read every folder")
def test_a_scan_names_folders_it_may_not_read(tmp_path: Path) -> None:
    """A closed folder is no empty folder."""
    (tmp_path / "shut").mkdir(mode=0)
    assert dict(scan(tmp_path)) == {"shut/": None}
    (tmp_path / "shut").chmod(0o755)


@pytest.mark.skipif(ROOT, reason="root may enter every folder")
def test_a_scan_names_what_it_may_list_but_not_look_at(tmp_path: Path) -> None:
    """A folder without the right to enter it keeps its files, and its folders with theirs."""
    (tmp_path / "x" / "deep").mkdir(parents=True)
    (tmp_path / "x" / "a.md").touch()
    (tmp_path / "x").chmod(0o444)
    found = dict(scan(tmp_path))
    (tmp_path / "x").chmod(0o755)
    assert found == {"x/a.md": None, "x/deep/": None}


@pytest.mark.parametrize(
    ("kind", "error", "found"),
    [
        (False, FileNotFoundError(2, "No such file"), {}),
        (False, OSError(5, "Input/output error"), {"a.md": None}),
        (True, OSError(116, "Stale file handle"), {"a.md/": None}),
        (OSError(5, "Input/output error"), OSError(5, "x"), {"a.md": None, "a.md/": None}),
    ],
)
def test_a_scan_passes_over_nothing_but_what_is_gone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: bool | OSError,
    error: OSError,
    found: dict[str, None],
) -> None:
    """A disk that fails hides a file, or a folder, or what may be either."""

    class Entry:
        name = "a.md"

        def stat(self, *, follow_symlinks: bool) -> None:
            assert not follow_symlinks
            raise error

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            assert not follow_symlinks
            if isinstance(kind, OSError):
                raise kind
            return kind

    monkeypatch.setattr(os, "scandir", lambda _folder: nullcontext([Entry()]))
    assert dict(scan(tmp_path)) == found


def test_a_skipped_folder_is_known_by_whatever_name_it_was_given(tmp_path: Path) -> None:
    """An archive that is configured through a link is no content where it really lies."""
    (tmp_path / "content" / "kept").mkdir(parents=True)
    (tmp_path / "content" / "kept" / "a.md").touch()
    (tmp_path / "archive").symlink_to(tmp_path / "content" / "kept")
    assert dict(scan(tmp_path / "content", skip=[tmp_path / "archive"])) == {}
    found = dict(scan(tmp_path / "content", skip=[tmp_path / "none"]))
    assert list(found) == ["kept/a.md"]


def test_a_scan_names_a_root_that_is_gone(tmp_path: Path) -> None:
    """So that nobody takes it for an empty one."""
    assert dict(scan(tmp_path / "none")) == {"": None}
