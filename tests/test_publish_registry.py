import importlib.metadata
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from syndicator.errors import PublisherError
from syndicator.publish import GROUP, registered

Plug = Callable[..., None]


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Install nothing but these entry points, each a name and a value."""

    def install(*points: tuple[str, str]) -> None:
        found = EntryPoints(EntryPoint(name, value, GROUP) for name, value in points)
        monkeypatch.setattr(importlib.metadata, "entry_points", found.select)

    return install


def test_those_that_come_with_it_are_registered_in_order() -> None:
    """They are found the way everybody's are, and sorted by name."""
    found = registered()
    names = [name for name in found if found[name].__module__.startswith("syndicator.publish.")]
    feeds, kinds = "atom json opml page rss", "bluesky http indexnow mastodon webhook websub"
    assert names == sorted([*feeds.split(), *kinds.split()])
    assert list(found) == sorted(found)


def test_a_plug_in_that_cannot_be_imported_is_named(plug: Plug) -> None:
    """One line says which plug-in is broken and why; the program ends in exit code 6."""
    plug(("rss", "syndicator.publish.rss:Rss"), ("fax", "no_such_module_here:Fax"))
    with pytest.raises(PublisherError, match=r"fax \(no_such_module_here:Fax\): ModuleNotFound"):
        registered()


def test_a_plug_in_that_is_no_publisher_is_named(plug: Plug) -> None:
    """A class without settings and ``publish`` can't slip in."""
    plug(("path", "pathlib:Path"))
    with pytest.raises(PublisherError, match=r"path \(pathlib:Path\) is no publisher"):
        registered()


def test_two_plug_ins_of_one_name_are_both_named(plug: Plug) -> None:
    """A plug-in never replaces another silently, whichever was installed first."""
    plug(("rss", "syndicator.publish.rss:Rss"), ("rss", "evil.feeds:Rss"))
    with pytest.raises(PublisherError, match=r"called rss: .*publish\.rss:Rss.*evil\.feeds:Rss"):
        registered()


def test_one_plug_in_seen_twice_is_one(plug: Plug) -> None:
    """Stale metadata beside an editable install does no harm."""
    plug(("rss", "syndicator.publish.rss:Rss"), ("rss", "syndicator.publish.rss:Rss"))
    assert list(registered()) == ["rss"]


def test_the_room_costs_nothing_until_a_publisher_is_asked_for() -> None:
    """A pass that finds nothing changed may import this room, but none of its packages."""
    heavy = "{'pydantic', 'feedgen', 'lxml', 'selectolax'}"
    asked = f"import sys, syndicator.publish; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
