"""Watching: what events miss, sweeps find."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from syndicator.content.look import Place
from syndicator.daemon import watch
from syndicator.daemon.watch import Watching
from syndicator.doors import watcher
from syndicator.doors.layout import Layout
from syndicator.doors.watcher import is_passing

GUARD = 300.0
Sleep = Callable[[float], Awaitable[None]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "content"
    made.mkdir()
    (made / "a.md").write_text("a")
    return made


def watched(
    root: Path, act: Callable[[], object], lame: Callable[[str], object] | None = None
) -> Watching:
    """Watch, act, and return when the change was told."""

    async def whole() -> Watching:
        place = Place(root, ("**/*.md",), (), Layout(root.parent / "archive"))
        watching = Watching(place, lame or (lambda _why: None))
        act()
        try:
            async with asyncio.timeout(GUARD):
                await watching.changed()
        finally:
            watching.end()
        return watching

    return asyncio.run(whole())


def test_what_was_written_before_anybody_listened_is_seen(root: Path) -> None:
    """No event tells of it; the sweep at start does."""
    found = watched(root, lambda: (root / "b.md").write_text("b"))
    assert set(found._before) == {"a.md", "b.md"}


def test_a_file_that_grows_is_waited_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told is what it came to."""
    sizes = iter((10, 20, 30))

    def grow(_seconds: float, *, rest: Sleep = asyncio.sleep) -> object:
        for size in sizes:
            (root / "a.md").write_text("a" * size)
            break
        return rest(0)

    monkeypatch.setattr(asyncio, "sleep", grow)
    found = watched(root, lambda: (root / "a.md").write_text("more"))
    assert found._before["a.md"][0] == 30  # type: ignore[index]  # it is there
    assert list(sizes) == []


def test_what_went_away_is_waited_for_longer(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deploy that deletes first takes nothing back."""
    waits: list[float] = []

    def note(seconds: float, *, rest: Sleep = asyncio.sleep) -> object:
        if seconds != watch.SECOND:
            waits.append(seconds)
            (root / "a.md").exists() or (root / "a.md").write_text("back")
        return rest(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    none = property(lambda _: 0.0, lambda *_: None)  # however long a look takes here
    monkeypatch.setattr(Watching, "_cost", none, raising=False)
    found = watched(root, (root / "a.md").unlink)
    assert waits[0] == watch.AWAY
    assert set(waits[1:]) == {watch.REST}
    assert set(found._before) == {"a.md"}


def test_an_edit_is_seen_without_a_sweep(root: Path) -> None:
    """The alarm names it; what is hidden, or in the archive, is none of the content."""

    async def whole() -> None:
        watching = Watching(Place(root, ("**/*.md",), (), Layout(root / "archive")), pytest.fail)
        watching._heed([f"{root}/.git/HEAD", f"{root}/archive/state.db"])
        assert not watching._ring.is_set()
        (root / "a.md").write_text("edited")
        (root / "b.md").write_text("new")
        watching._heed([f"{root}/a.md", f"{root}/b.md"])
        async with asyncio.timeout(GUARD):
            assert await watching.changed() == {"a.md", "b.md"}
        watching.end()
        assert watching.sweeps == 0
        assert watching._before == watching._found()

    asyncio.run(whole())


@pytest.mark.parametrize(
    "name", [".a.md.swp", "a.md~", "4913", "#a.md#", ".#a.md", "a.md.part", "x/.goutputstream-1"]
)
def test_what_editors_make_on_their_way_never_counts(name: str) -> None:
    """A pass for each key that is hit would be many."""
    assert is_passing(f"/site/content/{name}")


@pytest.mark.parametrize("name", ["a.md", "img.png", "4913.md", "a.tmp.md"])
def test_posts_and_pictures_count(name: str) -> None:
    """Whatever they are called."""
    assert not is_passing(f"/site/content/{name}")


def test_without_events_sweeps_find_what_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel gives no more watches: that is said once, and nothing is missed."""
    said: list[str] = []

    async def full(_root: Path, _ring: object) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watcher, "listen", full)
    monkeypatch.setattr(watch, "SECOND", 0.01)
    monkeypatch.setattr(watch, "POLL", 1.0)
    found = watched(root, lambda: os.utime(root / "a.md", (1, 1)), said.append)
    assert said == ["OS file watch limit reached"]
    assert found._before["a.md"][1] == 10**9  # type: ignore[index]  # it is there


def test_a_name_that_is_no_text_rings_for_the_whole_folder(root: Path) -> None:
    """Nobody can tell which events are lost with it."""
    heard: list[str] = []

    async def whole() -> None:
        listening = asyncio.create_task(watcher.listen(root, heard.extend))
        while not listening.done():  # until it is put on, and hears of it
            (root / os.fsdecode(b"\xff.md")).write_text("a")
            await asyncio.sleep(0.01)
        await listening

    asyncio.run(asyncio.wait_for(whole(), GUARD))
    assert heard == [str(root)]


def test_another_folder_under_the_name_is_another_folder(root: Path, tmp_path: Path) -> None:
    """Whatever the kernel goes on telling of the old one."""
    before = watcher.identity(root)
    root.rename(tmp_path / "old")
    assert watcher.identity(root) is None
    root.symlink_to("old")
    assert watcher.identity(root) == before
    root.unlink()
    root.mkdir()
    assert watcher.identity(root) != before


def renew(root: Path, new: Path) -> None:
    """Delete the folder, and make it anew."""
    shutil.rmtree(root)
    shutil.copytree(new, root)


def exchange(root: Path, new: Path) -> None:
    """Rename the folder away, and another one into its place."""
    root.rename(root.with_name("old"))
    new.rename(root)


def flip(root: Path, new: Path) -> None:
    """Let the link that the folder is lead to another one, as a deploy does."""
    link = root.with_name("link")
    link.symlink_to(new)
    link.replace(root)


@pytest.mark.parametrize("swap", [renew, exchange, flip])
def test_a_root_that_is_swapped_is_seen_by_the_next_look_at_it(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Callable[[Path, Path], None]
) -> None:
    """Without any event, and without the sweep that comes every few seconds.

    So it takes one interval of looks, and the rest that is waited for: less than five seconds.
    """
    assert watch.SECOND + watch.AWAY < 5
    (tmp_path / "new").mkdir()
    (tmp_path / "new/b.md").write_text("b")
    root.rename(tmp_path / "first")
    root.symlink_to("first") if swap is flip else (tmp_path / "first").rename(root)

    async def silent(_root: Path, _ring: Callable[[], object]) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(watcher, "listen", silent)
    monkeypatch.setattr(watch, "SWEEP", 1e9)
    monkeypatch.setattr(watch, "SECOND", 0.01)
    monkeypatch.setattr(watch, "AWAY", 0.01)
    found = watched(root, lambda: swap(root, tmp_path / "new"))
    assert set(found._before) == {"b.md"}
    assert found.sweeps == 2


def test_an_ear_that_missed_something_is_put_on_anew(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that no event asked for finds a change: what is listened to is not all there is."""
    heard: list[Path] = []

    async def silent(at: Path, _ring: Callable[[], object]) -> None:
        heard.append(at)
        await asyncio.Event().wait()

    monkeypatch.setattr(watcher, "listen", silent)
    monkeypatch.setattr(watch, "SWEEP", 0.0)
    monkeypatch.setattr(watch, "SECOND", 0.01)

    async def twice() -> None:
        watching = Watching(Place(root, ("**/*.md",), (), Layout(root / "x")), pytest.fail)
        async with asyncio.timeout(GUARD):
            for name in ("b.md", "c.md"):
                (root / name).write_text("b")
                await watching.changed()
        watching.end()

    asyncio.run(twice())
    assert heard == [root, root]
