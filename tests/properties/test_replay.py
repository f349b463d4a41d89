"""The journal is the truth: the database it yields is the one that was lived with."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from trial import PNG, Trial, webhook

from syndicator.cycle import takedown
from syndicator.cycle.fixity import verify
from syndicator.cycle.whole import RETENTION
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.doors.store.history import prune
from syndicator.errors import ContentError, StoreError

ROWS = {
    # what documents have not shown yet is not journalled: after a replay, all are made anew
    "post": "SELECT id, path, url, title, seq, source, post, modified, published, published_us,"
    " updated, live, declared, month, place, removed_us FROM post ORDER BY id",
    # when a kept picture is looked at again is planned anew: it would make a line for every look
    "image": "SELECT url, digest, media_type, extension, size, width, height, came_from, plan,"
    " reason, tries, at, seen, etag, modified, CASE digest WHEN '' THEN retry_at END"
    " FROM image ORDER BY url",
    "copy": "SELECT * FROM copy ORDER BY digest",
    "endpoint": "SELECT name, joined, since FROM endpoint ORDER BY name",
    "message": "SELECT * FROM message ORDER BY id",
    "delivery": "SELECT message, endpoint, subject, CASE WHEN state = 'done' THEN 'done'"
    " WHEN state IN ('dead', 'left') THEN 'dead' ELSE 'open' END FROM delivery ORDER BY message",
    "tombstone": "SELECT kind, subject, at FROM tombstone ORDER BY kind, subject",
    "damage": "SELECT * FROM damage ORDER BY name, place",
    "loose": "SELECT * FROM loose ORDER BY name",
    "shelf": "SELECT * FROM shelf ORDER BY name",
    # what was said of a file is blanked where the file is forgotten; the next pass says it again
    "problem": "SELECT path, code, CASE code WHEN 'ARC006' THEN '' ELSE says END, line,"
    '  "column", severity FROM problem'
    ' ORDER BY path, code, line, "column", says',
    "settled": "SELECT message, last_status, last_error FROM delivery"
    " WHERE state IN ('done', 'dead', 'left') ORDER BY message",
}
PATHS = ("a.md", "b.md", "c.md")
Act = Callable[[Trial], None]


def rows(store: Store, now: datetime) -> dict[str, list[tuple[object, ...]]]:
    """Return what the journal must be able to bring back: it keeps all, a database the newer.

    A pass that finds nothing to do forgets nothing, and so the last one may not have.
    """
    with store.transaction() as session:
        prune(session, now - RETENTION)
        return {
            name: [tuple(row) for row in session.connection().execute(text(statement))]
            for name, statement in ROWS.items()
        }


def write(path: str, title: str, day: str, link: str, picture: str) -> Act:
    """Write a post: well, as a draft, with a date that is none, with or without a picture."""
    matter = {"title": title, "date": day, "permalink": link, "image": picture}
    known = {name: value for name, value in matter.items() if value}
    if title == "Draft":
        known["draft"] = "true"
    return lambda site: site.write(path, f"Text of {title}.", **known)


def rename(old: str, new: str) -> Act:
    """Rename a post, if it is there."""

    def act(site: Trial) -> None:
        file = site.root / "content" / old
        if file.exists():
            file.rename(file.with_name(new))

    return act


def drop(path: str) -> Act:
    """Remove a post, if it is there."""
    return lambda site: (site.root / "content" / path).unlink(missing_ok=True)


def answer(status: int) -> Act:
    """Let receivers and picture hosts answer so from now on."""

    def act(site: Trial) -> None:
        site.says = lambda _request: httpx.Response(status, content=PNG)

    return act


def forget(path: str) -> Act:
    """Take a post down, if it was ever there."""

    def act(site: Trial) -> None:
        with suppress(ContentError, StoreError):
            site.care(lambda order: takedown.forget(order, path, "asked to", act=True), force=True)

    return act


def check(flip: str, *, delete: bool) -> Act:
    """Spoil a kept file perhaps, check everything, collect waste perhaps."""

    def act(site: Trial) -> None:
        for blob in sorted(site.layout.blobs.rglob(flip))[:1]:
            blob.chmod(0o644)
            blob.write_bytes(b"spoilt")
        with suppress(StoreError):
            site.care(lambda order: verify(order, whole=False), hours=24 * 30)
            site.care(lambda order: takedown.gc(order, delete=delete), hours=24 * 50)

    return act


def configure(tables: str) -> Act:
    """Have these endpoints from now on."""

    def act(site: Trial) -> None:
        site.tables = tables

    return act


paths = st.sampled_from(PATHS)
acts = st.one_of(
    st.builds(
        write,
        paths,
        st.sampled_from(("One", "Two", "Draft")),
        st.sampled_from(("2026-11-01", "2026-11-02", "2026-99-99", "2027-01-01")),
        st.sampled_from(("", "/x/")),
        st.sampled_from(("", "https://img.example/a.png", "b.png")),
    ),
    st.builds(write, paths, st.just("One"), st.just("2026-11-01"), st.just(""), st.just("")),
    st.builds(rename, paths, paths),
    st.builds(drop, paths),
    st.builds(answer, st.sampled_from((200, 404, 410, 500))),
    st.builds(forget, paths),
    st.builds(check, st.sampled_from(("*.md", "*.png", "none")), delete=st.booleans()),
    st.builds(configure, st.sampled_from(("", webhook("news", "all"), webhook()))),
)


ONE = write("a.md", "One", "2026-11-01", "", "")
LATE = check("*.md", delete=False)
OLD_IN_A_QUIET_PASS = [
    [ONE],
    [write("b.md", "One", "2026-11-01", "", "")],
    [ONE],
    [LATE, ONE, LATE],
]


@settings(max_examples=8)
@example(OLD_IN_A_QUIET_PASS)
@given(st.lists(st.lists(acts, min_size=1, max_size=4), min_size=1, max_size=5))
def test_the_journal_yields_the_database_that_was_lived_with(history: list[list[Act]]) -> None:
    """Posts, pictures, endpoints, messages, what was settled: the same rows in every column."""
    with tempfile.TemporaryDirectory() as folder:
        site = Trial(root=Path(folder), tables=webhook())
        for pass_ in history:
            site.order()
            for act in pass_:
                act(site)
            site.make(force=True)
        with Store(site.layout.state) as store:
            lived = rows(store, site.now)
        other = Layout(site.layout.root)
        other.state = Path(folder) / "other.db"
        with Store(other.state) as store:
            Ledger(other, store, dry=True)
            assert rows(store, site.now) == lived
