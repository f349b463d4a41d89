"""Passes on a site whose store is on a PostgreSQL server: what they leave is what SQLite's do."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from postgres import Postgres
from sqlalchemy import text
from sqlmodel import SQLModel
from trial import Trial, webhook

from syndicator.config.load import load
from syndicator.cycle import doctor, facts, fixity
from syndicator.cycle.post import take_up
from syndicator.cycle.reindex import reindex
from syndicator.doors import index, journal, lines
from syndicator.doors.server import Server
from syndicator.doors.store import Store
from syndicator.doors.store.transfer import copy
from syndicator.model.records import Alerted
from syndicator.publish import registered

ACCEPTED = re.compile(rb'"accepted":"[^"]*"')

pytestmark = pytest.mark.slow


@pytest.fixture
def sites(tmp_path: Path, server: Postgres) -> tuple[Trial, Trial]:
    """Make the same small site twice: with a state.db, and with a server in its place."""
    both = (
        Trial(root=tmp_path / "file", tables=webhook()),
        Trial(root=tmp_path / "server", tables=webhook(), store=str(server.store())),
    )
    for site in both:
        site.root.mkdir()
        for name in ("a", "b", "é"):
            site.write(f"{name}.md", f"Text of {name}.\n\n![](https://i.example/{name}.png)")
        site.write("held.md", title="[")
    return both


def left(site: Trial) -> dict[str, bytes]:
    """Return what an archive holds; a journal's lines but for the configuration's digest."""
    return {
        name: ACCEPTED.sub(b"", data)
        for name, (data, _) in site.files().items()
        if not name.startswith(("lock", "tmp"))
    }


def public(site: Trial) -> dict[str, bytes]:
    return {name: data for name, data in left(site).items() if name.startswith("public")}


def changes(site: Trial) -> Iterator[str]:
    """Live a little: each step is followed by a look at what it left."""
    site.make()
    yield "first"
    site.write("a.md", "Another text.")
    site.write("c.md", "New.")
    site.remove("b.md")
    site.make()
    yield "changed"
    report = site.make()
    assert report.unchanged
    yield "quiet"
    site.write("d.md", "Later.")
    site.make(dry_run=True)
    yield "dry"
    site.make()
    yield "after"


def test_what_is_published_is_the_same_byte_for_byte(sites: tuple[Trial, Trial]) -> None:
    """Feeds, journal, pictures and pushes, pass by pass; no state.db is made."""
    for here, there in zip(changes(sites[0]), changes(sites[1]), strict=True):
        assert here == there
        assert left(sites[0]) == left(sites[1]), here
        assert sites[0].heard == sites[1].heard, here
    assert sites[0].heard
    assert not (sites[1].layout.root / "state.db").exists()
    told = [site.care(lambda order: facts.facts(order.file, order.clock())) for site in sites]
    assert replace(told[0], free=0) == replace(told[1], free=0)


def test_a_database_made_anew_says_the_same(sites: tuple[Trial, Trial], server: Postgres) -> None:
    """By `archive reindex`, by an empty server, and by none of it: the journal is the truth."""
    site = sites[1]
    for _ in changes(site):
        pass
    before = public(site)
    assert site.care(reindex).documents == ()
    assert public(site) == before
    assert site.make().documents == ()
    site.store = str(server.store())
    site.make()
    assert public(site) == before
    assert site.care(partial(fixity.verify, whole=True)).problems == ()


def test_the_archive_is_cared_for(sites: tuple[Trial, Trial]) -> None:
    """`doctor` finds a sound database; one that can't be reached is told, with its address."""
    site = sites[1]
    site.make()
    found = {one.about: one for one in doctor.examine(site.order(), offline=True)}
    assert found["database"].state == "good"
    site.store = "postgresql://me@/site?host=/nowhere"
    found = {one.about: one for one in doctor.examine(site.order(), offline=True)}
    assert "/nowhere" in found["database"].says


def rows(place: index.Where) -> dict[str, list[tuple[object, ...]]]:
    with Store(place) as store, store.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_store_is_copied_there_and_back(
    sites: tuple[Trial, Trial], server: Postgres, tmp_path: Path
) -> None:
    """Every row of every table; and new ones are counted on behind them."""
    site = sites[0]
    for _ in changes(site):
        pass
    place, back = server.store(), tmp_path / "back.db"
    assert copy(site.layout.state, place) == sum(map(len, rows(site.layout.state).values()))
    copy(place, back)
    copy(place, back)
    assert rows(site.layout.state) == rows(place) == rows(back)
    with Store(place) as store, store.transaction() as session:
        known = session.connection().execute(text("SELECT max(id) FROM delivery")).scalar_one()
        new = "SELECT nextval(pg_get_serial_sequence('delivery', 'id'))"
        assert session.connection().execute(text(new)).scalar_one() == known + 1


def seen(site: Trial, streak: int, status: int) -> None:
    """Let a worker have seen how the endpoint does."""
    assert isinstance(site.layout.state, Server)
    with Store(site.layout.state) as store, store.beside() as session:
        run = session.connection().exec_driver_sql
        run("UPDATE endpoint SET streak = %s WHERE name = 'ops'", (streak,))
        run(
            "INSERT INTO attempt (delivery, endpoint, n, at, milliseconds, status, error, peer,"
            " reply) SELECT id, 'ops', 1, '2026-11-22', 1, %s, '', '', '' FROM delivery LIMIT 1",
            (status,),
        )


def test_what_workers_see_of_endpoints_is_told_once(sites: tuple[Trial, Trial]) -> None:
    """That one fails, and that it answers again: by who publishes, though others send."""
    site = sites[1]
    site.make()
    site.write("c.md", "New.")
    site.make()
    settings = load(site.file, registered())
    for streak, status in ((2, 503), (3, 503), (4, 503), (0, 204), (0, 204)):
        seen(site, streak, status)
        for _ in range(2):
            site.care(partial(take_up, settings=settings))
    found = [lines.decode(line) for _, line in journal.read(site.layout.journal)]
    told = [(one.name, one.state) for one in found if isinstance(one, Alerted)]
    assert told == [("ops", "failing"), ("ops", "recovered")]
