"""What alarms name is looked at alone; and yet what is known is what a sweep of all would find."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.content.look import Place
from syndicator.daemon import watch
from syndicator.daemon.watch import Watching
from syndicator.doors import watcher
from syndicator.doors.layout import Layout
from syndicator.doors.scan import FEW
from syndicator.doors.watcher import is_passing

Act = Callable[[Path], list[str]]  # does something, and names what the kernel would
NAMES = ("a.md", "b.md", "n/c.md", "n/m/d.md", "n", "n/m", ".git/e.md", "archive/f.md", "g.tmp")


def write(name: str, text: str) -> Act:
    """Write a file; of a folder that is made for it the folder alone is named."""

    def act(root: Path) -> list[str]:
        file, above = root / name, [*reversed(Path(name).parents)]
        if file.is_dir() or any(stands_in_the_way(root / one) for one in above):
            return []
        made = [str(one) for one in above if not (root / one).exists()]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return made[:1] or [name]

    return act


def stands_in_the_way(path: Path) -> bool:
    """Tell whether no folder can be made here."""
    return os.path.lexists(path) and not path.is_dir()


def remove(name: str) -> Act:
    """Remove a file, or a folder with all that is in it; of those nothing else is named."""

    def act(root: Path) -> list[str]:
        file = root / name
        if not file.exists():
            return []
        shutil.rmtree(file) if file.is_dir() else file.unlink()
        return [name]

    return act


def move(name: str, other: str) -> Act:
    """Rename a file or a folder, over another file if need be."""

    def act(root: Path) -> list[str]:
        old, new = root / name, root / other
        if not old.exists() or new.is_dir() or not new.parent.is_dir() or old in new.parents:
            return []
        if old.is_dir() and new.exists():
            return []
        old.rename(new)
        return [name, other]

    return act


def link(name: str) -> Act:
    """Put a symbolic link where nothing is, to what no sweep sees, written to or not."""

    def act(root: Path) -> list[str]:
        if os.path.lexists(root / name) or not (root / name).parent.is_dir():
            return []
        (root / name).symlink_to(root / ".elsewhere")
        return [name]

    return act


def many(name: str) -> Act:
    """Write more files at once than are looked at one by one."""

    def act(root: Path) -> list[str]:
        return [
            path for number in range(FEW + 1) for path in write(f"{name}{number}.md", name)(root)
        ]

    return act


names = st.sampled_from(NAMES)
acts = st.one_of(
    st.builds(write, names, st.sampled_from(("", "text", "longer text"))),
    st.builds(write, names, st.sampled_from(("", "text", "longer text"))),
    st.builds(remove, names),
    st.builds(move, names, names),
    st.builds(link, names),
    st.builds(many, st.sampled_from(("o", "n/o"))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(acts, min_size=1, max_size=3), min_size=1, max_size=5))
def test_what_is_known_is_what_a_sweep_finds(history: list[list[Act]]) -> None:
    """After any edits that alarms told of, though no sweep came by itself."""
    alarms: asyncio.Queue[list[str]] = asyncio.Queue()

    async def listen(root: Path, ring: Callable[[list[str]], object]) -> None:
        while True:
            ring([str(root / name) for name in await alarms.get() if not is_passing(name)])

    async def whole(root: Path) -> None:
        watching = Watching(Place(root, ("**/*.md",), (), Layout(root / "archive")), pytest.fail)
        async with asyncio.timeout(60):
            for number, some in enumerate(history):
                told = [name for act in some for name in act(root)]
                (root / "last.md").write_text("x" * (number + 1))  # stamps may be coarse
                alarms.put_nowait([*told, "last.md"])
                assert "last.md" in await watching.changed()
                assert watching._before == watching._found()
        watching.end()

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(watcher, "listen", listen)
        for name, seconds in {"SWEEP": 1e9, "REST": 0.0, "AWAY": 0.0}.items():
            patch.setattr(watch, name, seconds)
        (Path(folder) / "a.md").write_text("a")
        asyncio.run(whole(Path(folder)))
