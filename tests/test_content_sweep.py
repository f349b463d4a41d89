"""What changed since last time."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from syndicator.content.globs import matcher
from syndicator.content.sweep import (
    GRAIN,
    UNSURE,
    Sweep,
    glance,
    same_bytes,
    still_there,
    sure,
    sweep,
)
from syndicator.doors import files
from syndicator.doors.files import Stat
from syndicator.errors import ContentError

POSTS = matcher(["**/*.md"], [])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a folder with two posts and something else."""
    for name in ("a.md", "x/b.md", "x/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def seen(root: Path, *paths: str) -> dict[str, Stat]:
    return {path: files.stat(root / path) for path in paths}


def test_a_first_look_finds_every_post_changed(root: Path) -> None:
    """And nothing that is none."""
    whole = seen(root, "a.md", "x/b.md")
    assert sweep(root, POSTS, {}) == Sweep(whole, whole, [], [])


def test_a_second_look_finds_nothing(root: Path) -> None:
    """Files as they were remembered are not changed."""
    found = sweep(root, POSTS, seen(root, "a.md", "x/b.md"))
    assert found.quiet
    assert sorted(found.found) == ["a.md", "x/b.md"]


def test_what_was_edited_added_and_removed_is_told(root: Path) -> None:
    """Size, time or inode: one of them suffices."""
    before = seen(root, "a.md", "x/b.md")
    (root / "new.md").touch()
    (root / "a.md").unlink()
    os.utime(root / "x/b.md", ns=(0, before["x/b.md"].mtime_ns + 1))
    found = sweep(root, POSTS, before)
    assert (sorted(found.changed), found.gone) == (["new.md", "x/b.md"], ["a.md"])
    assert not found.quiet


def test_a_glance_compares_some_posts_and_nothing_else(root: Path) -> None:
    """What happened to others is not known by it."""
    before = seen(root, "a.md", "x/b.md")
    os.utime(root / "a.md", ns=(0, 1))
    (root / "x/b.md").unlink()
    (root / "new.md").touch()
    found = glance(root, POSTS, before, ["a.md", "new.md"])
    assert found is not None
    assert found == Sweep(seen(root, "a.md", "new.md"), found.found, [], [], partial=True)
    assert glance(root, POSTS, before, []) == Sweep({}, {}, [], [], partial=True)


@pytest.mark.parametrize("path", ["gone.md", "x", "x/c.jpg", "link.md", ".h.md", "\udcff.md"])
def test_a_glance_at_what_is_no_post_tells_nothing(root: Path, path: str) -> None:
    """A sweep has to: something went, moved, or is a picture that posts may show."""
    (root / "link.md").symlink_to("a.md")
    (root / ".h.md").touch()
    (root / "\udcff.md").touch()
    assert glance(root, POSTS, {}, ["a.md", path]) is None


def test_a_glance_at_many_files_tells_nothing(root: Path) -> None:
    """Of many some may have gone unseen."""
    names = [f"{number}.md" for number in range(65)]
    for name in names:
        (root / name).touch()
    assert glance(root, POSTS, {}, names) is None
    assert glance(root, POSTS, {}, names[1:]) is not None


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_changed(root: Path) -> None:
    """Its inode tells: editors write aside and rename."""
    before = seen(root, "a.md", "x/b.md")
    (root / "aside").write_text("A.MD")
    os.utime(root / "aside", ns=(0, before["a.md"].mtime_ns))
    (root / "aside").rename(root / "a.md")
    assert list(sweep(root, POSTS, before).changed) == ["a.md"]


def test_the_archive_inside_of_the_content_is_no_content(root: Path) -> None:
    """Skipped folders are not looked into."""
    assert list(sweep(root, POSTS, {}, skip=[root / "x"]).found) == ["a.md"]


def test_links_and_odd_names_are_told_not_read(root: Path) -> None:
    """Only where a post would be: a link to something else is nobody's concern."""
    (root / "link.md").symlink_to(root / "a.md")
    (root / "link.txt").symlink_to(root / "a.md")
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.md")).touch()
    found = sweep(root, POSTS, {})
    assert found.unread == ["link.md", "\udcff.md"]
    assert sorted(found.found) == ["a.md", "x/b.md"]


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_missing_folder_stops_the_pass(tmp_path: Path, kind: str) -> None:
    """An unmounted disk is no reason to remove every post; force does not help here."""
    if kind == "file":
        (tmp_path / "content").touch()
    for force in (False, True):
        with pytest.raises(ContentError, match="is missing"):
            sweep(tmp_path / "content", POSTS, {}, force=force)


def test_an_emptied_folder_stops_the_pass_unless_forced(root: Path) -> None:
    """An empty mount point looks the same as a site that was given up."""
    before = {"a.md": Stat(1, 2, 3), "b.md": Stat(1, 2, 3)}
    (root / "a.md").unlink()
    (root / "x" / "b.md").unlink()
    with pytest.raises(ContentError, match="no posts, but 2 were there before") as caught:
        sweep(root, POSTS, before)
    assert "--force" in caught.value.hint
    with pytest.raises(ContentError, match="no posts, but 1 was there before"):
        sweep(root, POSTS, {"a.md": Stat(1, 2, 3)})
    assert sweep(root, POSTS, before, force=True).gone == ["a.md", "b.md"]
    assert sweep(root, POSTS, {}).quiet


def test_posts_in_a_folder_that_can_not_be_read_are_not_gone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed folder hides its posts; it does not remove them."""
    before = seen(root, "a.md", "x/b.md")
    real = os.open

    def closed(path: Path, flags: int) -> int:
        if path.name == "x":
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(os, "open", closed)
    found = sweep(root, POSTS, before)
    assert (found.gone, found.unread, sorted(found.found)) == ([], ["x/"], ["a.md"])


def test_a_post_that_can_not_be_looked_at_is_not_gone(root: Path) -> None:
    """One that became a link stays as it was published, until it is read or removed."""
    before = seen(root, "a.md", "x/b.md")
    (root / "a.md").rename(root / "real")
    (root / "a.md").symlink_to(root / "real")
    found = sweep(root, POSTS, before)
    assert (found.gone, found.unread, found.quiet) == ([], ["a.md"], True)


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("a.md", True),
        ("x/a.md", True),
        ("x/y/z/a.md", True),
        ("a.md/b.md", False),
        ("x.md", False),
        ("y/x/a.md", False),
        ("xx/a.md", False),
    ],
)
def test_what_is_unread_hides_itself_and_all_below_it(path: str, there: bool) -> None:
    """Below a folder, that is; a name that only begins alike is another."""
    assert still_there(path, ["a.md", "x/"]) is there


def test_same_bytes_are_known_by_their_digest(root: Path) -> None:
    """Files that were only touched need no pass; one that differs, or is unreadable, does."""
    digests = {name: sha256(name.encode()).hexdigest() for name in ("a.md", "x/b.md")}
    assert same_bytes(root, ["a.md", "x/b.md"], digests) == seen(root, "a.md", "x/b.md")
    (root / "a.md").write_text("A.MD")
    assert same_bytes(root, ["a.md", "x/b.md"], digests) is None
    assert same_bytes(root, ["none.md"], digests) is None
    assert same_bytes(root, ["x/c.jpg"], digests) is None


def test_a_file_as_young_as_the_look_is_not_trusted() -> None:
    """It could be written again within the same tick of the file system's clock."""
    now = 10**18
    old, young = Stat(1, now - GRAIN - 1, 3), Stat(1, now - GRAIN, 3)
    assert sure(old, now) == old
    assert sure(young, now) == Stat(1, UNSURE, 3)
    assert sure(Stat(1, now + GRAIN, 3), now).mtime_ns == UNSURE
