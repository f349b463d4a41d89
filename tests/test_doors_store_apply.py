"""From the journal to the tables."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from records import AT, DIGEST, one_of_each, owed, version
from sqlalchemy import text

from syndicator.doors.server import Server
from syndicator.doors.store import Store, lanes, outbox
from syndicator.doors.store.apply import apply
from syndicator.doors.store.schema import Image
from syndicator.model.records import Capture, Joined, Record, Settled

TABLES = ("post", "image", "endpoint", "message", "delivery", "attempt", "meta")


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the tables that the journal fills."""
    with store.transaction() as session:
        return {
            name: sorted(
                tuple(row)
                for row in session.connection().execute(text(f"SELECT * FROM {name}"))  # noqa: S608  # our own names
            )
            for name in TABLES
        }


@pytest.fixture
def store(state: Path | Server) -> Iterator[Store]:
    """Open an empty store; the place goes with the test."""
    with Store(state) as made:
        yield made


def test_applying_a_record_twice_does_what_once_does(store: Store) -> None:
    """Every kind, one after the other: a crash may have come between journal and database."""
    for record in one_of_each():
        with store.transaction() as session:
            apply(session, [record])
        once = rows(store)
        with store.transaction() as session:
            apply(session, [record])
        assert rows(store) == once, record


def test_applying_a_history_again_ends_where_it_ended(store: Store) -> None:
    """The whole journal read again over a database that knows it already."""
    with store.transaction() as session:
        apply(session, one_of_each())
    once = rows(store)
    with store.transaction() as session:
        apply(session, one_of_each())
    assert rows(store) == once
    assert len(once["post"]) == 2
    assert sorted(row[4] for row in once["delivery"]) == ["dead", "done", "pending"]


def test_a_kept_picture_outlives_every_later_attempt(store: Store) -> None:
    """A 404, a shrunken or an unreadable one: what readers have stays."""
    kept = Capture(
        at=AT, url="u", digest=DIGEST, media_type="image/png", extension=".png", size=9, width=2
    )
    later: list[Record] = [
        Capture(at=AT, url="u", reason="404", plan="gone", tries=2),
        Capture(at=AT, url="u", reason="no picture", digest="99" * 32, size=1, plan="suspect"),
    ]
    with store.transaction() as session:
        apply(session, [kept, *later])
    ((url, digest, media_type, extension, size, *_),) = rows(store)["image"]
    assert (url, digest, media_type, extension, size) == ("u", DIGEST, "image/png", ".png", 9)


def test_a_good_picture_takes_the_place_of_a_failure(store: Store) -> None:
    """And the plan to try again is gone with it."""
    failed = Capture(
        at=AT, url="u", reason="503", plan="retry", tries=3, retry_at=AT + timedelta(hours=1)
    )
    kept = Capture(at=AT, url="u", digest=DIGEST, extension=".png", tries=4)
    with store.transaction() as session:
        apply(session, [failed, kept])
        found = session.connection().execute(text("SELECT digest, retry_at, tries FROM image"))
        assert [tuple(row) for row in found] == [(DIGEST, None, 4)]


def test_what_was_settled_is_not_owed_again(store: Store) -> None:
    """An owed line read again leaves a settled delivery, and the frozen body, as they are."""
    told = Settled(at=AT, message="m", endpoint="ops", verdict="done", status=200)
    with store.transaction() as session:
        apply(session, [owed("m", body="first"), told, owed("m", body="second")])
    assert [row[4] for row in rows(store)["delivery"]] == ["done"]
    assert [row[-1] for row in rows(store)["message"]] == ["first"]


def test_an_endpoint_that_joins_again_is_known_by_its_last_word(store: Store) -> None:
    """One row a name."""
    told = [Joined(at=AT, endpoint="ops", since=since) for since in ("all", "configured")]
    with store.transaction() as session:
        apply(session, told)
    assert rows(store)["endpoint"] == [
        ("ops", AT.isoformat(), "configured", "active", "", 0, 0, 0)
    ]


def test_thousands_of_records_are_one_transaction(store: Store) -> None:
    """More than SQLite takes in one statement."""
    with store.transaction() as session:
        apply(session, (version(str(number)) for number in range(1200)))
    assert len(rows(store)["post"]) == 1200


def test_a_message_that_waits_may_be_reworded_once(store: Store) -> None:
    """While it waits for pictures, and never after it may have been sent."""
    first = replace(owed("m"), not_before=AT + timedelta(minutes=2))
    better = replace(owed("m"), body='{"image":1}', media_type="x/y")
    with store.transaction() as session:
        apply(session, [first])
        (waits,) = outbox.awaiting(session, AT)
        assert (waits.message, waits.body) == ("m", "{}")
        assert lanes.claim(session, AT, {"ops": 9}) == []
        assert outbox.awaiting(session, AT + timedelta(minutes=2)) == []
        apply(session, [better, replace(better, body="late")])
        assert outbox.awaiting(session, AT) == []
        (parcel,) = lanes.claim(session, AT, {"ops": 9})
    assert (parcel.body, parcel.media_type) == (b'{"image":1}', "x/y")


def test_a_message_let_go_is_due_as_it_is(store: Store) -> None:
    """Its pictures can't come: nothing is to be waited for."""
    with store.transaction() as session:
        apply(session, [replace(owed("m"), not_before=AT + timedelta(minutes=2))])
        outbox.let_go(session, ["m"], AT)
        (parcel,) = lanes.claim(session, AT, {"ops": 9})
    assert parcel.body == b"{}"


def test_validators_are_those_of_the_last_bytes(store: Store) -> None:
    """A failure brings none, and a 304 leaves them as they are."""
    good = Capture(
        at=AT, url="u", digest=DIGEST, extension=".png", status=200, headers={"etag": '"1"'}
    )
    same = replace(good, status=304, headers={})
    with store.transaction() as session:
        apply(session, [good, Capture(at=AT, url="u", reason="404", plan="gone"), same])
        row = session.get(Image, "u")
        assert row is not None
        assert (row.seen, row.etag, row.digest, row.plan) == (DIGEST, '"1"', DIGEST, "kept")
