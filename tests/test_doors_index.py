"""The plain statements, held against what the ORM wrote."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syndicator.doors import affairs, index
from syndicator.doors.bodies import Said, said
from syndicator.doors.files import Stat
from syndicator.doors.store import Store, content, documents, images, lanes, problems
from syndicator.doors.store import posts as store_posts
from syndicator.doors.store.apply import apply
from syndicator.doors.store.rows import put, seconds
from syndicator.model.feeds import Health, Parcel, Verdict
from syndicator.model.pictures import Rest
from syndicator.model.posts import ImageRef, Post, Problem, Reading, Source
from syndicator.model.records import Capture, Joined, Owed, Record, Removal, Version

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STAT = Stat(5, 2**62, 2**40)


def owed(message: str, endpoint: str, at: datetime = AT) -> Owed:
    return Owed(
        at=at,
        message=message,
        key=message,
        endpoint=endpoint,
        kind="post.published",
        subject="i",
        seq=1,
        body="{}",
    )


def version(path: str = "a.md", live: str = "i") -> Version:
    return Version(
        at=AT,
        kind="published",
        id=live,
        path=path,
        url=f"https://site.example/{path}",
        title="A",
        seq=1,
        source="ab",
        post="cd",
        modified=AT,
        published=AT,
        updated=AT,
    )


def reading(path: str, *images: str) -> Said:
    pictures = tuple(ImageRef(url=url, written=url) for url in images)
    post = Post(path=path, url="u", title="", summary="", html="", published=AT, images=pictures)
    source = Source(path=path, data=b"", digest="ab", modified=AT)
    return said(source, Reading(path=path, standing="post", post=post))


def again(delivery: int, endpoint: str, at: datetime) -> tuple[Parcel, Verdict]:
    parcel = Parcel(
        delivery=delivery,
        message="m",
        endpoint=endpoint,
        kind="k",
        subject="i",
        body=b"",
        attempts=0,
    )
    return parcel, Verdict(state="again", at=at, says=f"{endpoint} is down")


@pytest.fixture
def path(state: index.Where) -> index.Where:
    """Make an empty store."""
    Store(state).close()
    return state


def loaded(path: index.Where) -> index.Index:
    found = index.load(path)
    assert found is not None
    return found


def stands(path: index.Where) -> affairs.Standing:
    found = affairs.standing(path)
    assert found is not None
    return found


def test_an_empty_state_holds_nothing(path: index.Where) -> None:
    """Zero of everything, and nothing due."""
    nothing = index.Index("", "", {}, {}, {}, 0, None, None, check_due=False, push_at=None)
    assert index.load(path) == nothing
    none = (None, None, None)
    still = affairs.Standing(0, 0, {}, [], 0, 0, *none, [], [], [], [], [], [], [])
    assert affairs.standing(path) == still


def test_no_state_is_none(tmp_path: Path) -> None:
    """A missing or empty file has no revision and no index, and is not made by asking."""
    assert index.load(tmp_path / "none.db") is None
    assert index.revision(tmp_path / "none.db") == ""
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty.db").touch()
    assert index.load(tmp_path / "empty.db") is None


def test_what_was_remembered_is_read_back(path: index.Where) -> None:
    """Files, local pictures, documents, facts: as the ORM wrote them."""
    with Store(path) as store, store.transaction() as session:
        content.remember(session, [("ü/a.md", STAT, "ab", "post")])
        images.looked_at(session, {"u": [("/x/y.jpg", STAT)]})
        documents.remember(session, {"feed.xml": ("ab", STAT)})
        put(session, "accepted", "x 1")
        put(session, "journal", "2026-11.jsonl:7")
        content.put_readings(session, [reading("ü/a.md")])
    found = loaded(path)
    assert found.seen == {"ü/a.md": STAT}
    assert index.digests(path, ["ü/a.md", "b.md"]) == {"ü/a.md": "ab"}
    assert (found.local, found.documents) == ({"/x/y.jpg": STAT}, {"feed.xml": STAT})
    assert (found.accepted, found.journal, found.pending) == ("x 1", "2026-11.jsonl:7", 1)


def test_a_refreshed_stat_is_the_only_thing_that_changes(path: index.Where) -> None:
    """A touched file is as it was, at another time."""
    with Store(path) as store, store.transaction() as session:
        content.remember(session, [("a.md", STAT, "ab", "post"), ("b.md", STAT, "cd", "draft")])
    index.refresh(path, {"a.md": Stat(6, 7, 8)})
    assert loaded(path).seen == {"a.md": Stat(6, 7, 8), "b.md": STAT}
    assert index.digests(path, ["a.md", "b.md"]) == {"a.md": "ab", "b.md": "cd"}
    assert stands(path).states == {"post": 1, "draft": 1}


def test_settled_readings_tell_when_to_wake(path: index.Where) -> None:
    """The earliest moment at which a post comes or goes by itself."""
    with Store(path) as store, store.transaction() as session:
        content.remember(session, [(name, STAT, "ab", "post") for name in ("a.md", "b.md")])
        content.put_readings(session, [reading("a.md"), reading("b.md")])
        assert [path for some in content.stale(session) for path, *_ in some] == ["a.md", "b.md"]
        content.settle(
            session,
            {
                "a.md": ("scheduled", seconds(AT + HOUR)),
                "b.md": ("published", seconds(AT + 2 * HOUR)),
            },
        )
    found = loaded(path)
    assert (found.pending, found.wake_at) == (0, seconds(AT + HOUR))
    assert (stands(path).seen, stands(path).states) == (2, {"scheduled": 1})


def test_problems_are_read_with_every_field(path: index.Where) -> None:
    """In the order of files, and of lines in each."""
    told = [
        Problem(path="b.md", code="X1", says="s", hint="h", line=3, column=4, severity="warning"),
        Problem(path="a.md", code="X2", says="t"),
        Problem(path="b.md", code="X0", says="u"),
    ]
    with Store(path) as store, store.transaction() as session:
        problems.put(session, "read", ["a.md", "b.md"], told)
    assert stands(path).problems == [
        (one.path, one.code, one.says, one.hint, one.line, one.column, one.severity)
        for one in (told[1], told[2], told[0])
    ]


def test_posts_are_read_as_the_store_knows_them(path: index.Where) -> None:
    """Field by field the same, live or gone."""
    history: list[Record] = [
        version("b.md"),
        version("a.md", "j"),
        Removal(at=AT, id="j", path="a.md", seq=2, reason="draft"),
    ]
    with Store(path) as store, store.transaction() as session:
        apply(session, history)
        everything = store_posts.known(session, [], ["i", "j"])
    assert index.posts(path) == sorted(everything, key=lambda post: post.path)


def test_pictures_are_missing_only_where_a_live_post_wants_them(path: index.Where) -> None:
    """Kept ones are not missing, and those of no live post need nobody."""
    lost = Capture(at=AT, url="lost", reason="404", plan="retry", retry_at=AT + HOUR)
    gone = Capture(at=AT, url="gone", reason="410", plan="gone")
    kept = Capture(at=AT, url="kept", digest="ab", extension=".jpg")
    unused = Capture(at=AT, url="unused", reason="404", plan="retry", retry_at=AT)
    records: list[Record] = [version("a.md"), version("b.md", "j"), lost, gone, kept, unused]
    with Store(path) as store, store.transaction() as session:
        apply(session, records)
        content.put_readings(
            session,
            [reading("a.md", "lost", "kept"), reading("b.md", "lost", "gone")],
        )
        content.put_readings(session, [reading("draft.md", "unused")])
    assert stands(path).missing == [
        ("gone", "410", "gone", None, "b.md"),
        ("lost", "404", "retry", seconds(AT + HOUR), "a.md"),
        ("lost", "404", "retry", seconds(AT + HOUR), "b.md"),
    ]
    assert (loaded(path).retry_at, stands(path).live) == (seconds(AT + HOUR), 2)


def test_a_lane_is_due_when_its_oldest_is(path: index.Where) -> None:
    """What waits behind a failed delivery makes no pass busy, and the error told is the last."""
    with Store(path) as store, store.transaction() as session:
        apply(session, [Joined(at=AT, endpoint=name, since="all") for name in ("down", "up")])
        apply(session, [owed("1", "down"), owed("2", "down"), owed("3", "up", AT + 2 * HOUR)])
        parcel, verdict = again(1, "down", AT + HOUR)
        lanes.claim(session, AT, {"down": 1})
        lanes.finish(session, [lanes.Finished(parcel, verdict, AT, 1, 500)])
        lanes.keep(session, {"down": Health(streak=1, since=AT, until=verdict.at)})
    assert stands(path).lanes == [
        ("down", 2, 0, seconds(AT + HOUR), "down is down", "active", "", 0),
        ("up", 1, 0, seconds(AT + 2 * HOUR), "", "active", "", 0),
    ]
    found = stands(path)
    assert (found.push_at, found.owed, found.dead) == (seconds(AT + HOUR), 3, 0)


def test_what_was_leased_when_a_pass_died_is_due_at_once(path: index.Where) -> None:
    """A leased delivery of no running instance is an interrupted one."""
    with Store(path) as store, store.transaction() as session:
        apply(session, [owed("1", "ops")])
        assert len(lanes.claim(session, AT, {"ops": 9})) == 1
    assert (loaded(path).push_at, stands(path).owed) == (0, 1)


def test_an_endpoint_that_got_all_has_no_lane(path: index.Where) -> None:
    """Only what is open, or was given up, is told."""
    with Store(path) as store, store.transaction() as session:
        apply(session, [owed("1", "a"), owed("2", "b")])
        for parcel, state in zip(
            lanes.claim(session, AT, {"a": 9, "b": 9}), ("done", "dead"), strict=True
        ):
            verdict = Verdict(state="dead" if state == "dead" else "done", says="gone")
            lanes.finish(session, [lanes.Finished(parcel, verdict, AT, 1, 200)])
    assert stands(path).lanes == [("b", 0, 1, None, "gone", "active", "", 0)]
    assert (loaded(path).push_at, stands(path).owed, stands(path).dead) == (None, 0, 1)


def test_a_host_that_rests_makes_its_pictures_wait(path: index.Where) -> None:
    """Those never asked for have no row of their own, and are told all the same."""
    until = AT + 2 * HOUR
    rest = Rest(host="h.example", since=AT, until=until, reason="no route")
    tried = Capture(at=AT, url="https://h.example/b", reason="404", plan="gone", retry_at=AT)
    with Store(path) as store, store.transaction() as session:
        apply(session, [version("a.md"), tried])
        content.put_readings(session, [reading("a.md", "https://h.example/a", tried.url)])
        images.rest(session, {rest.host: rest})
        assert images.wanted(session, AT + HOUR, []) == []
        assert len(images.wanted(session, until, [])) == 2
        assert images.awaited(session, ["i"], until) == set()
        assert images.awaited(session, ["i"], until + HOUR) == {"i"}
    found = stands(path)
    assert found.missing == [
        ("https://h.example/a", "no route", "waiting", seconds(until), "a.md"),
        ("https://h.example/b", "404", "gone", seconds(until), "a.md"),
    ]
    assert found.retry_at == seconds(until)
    with Store(path) as store, store.transaction() as session:
        images.rest(session, {"": rest, rest.host: None})
        assert images.wanted(session, AT + HOUR, []) == []
        images.rest(session, {"": None})
        assert len(images.wanted(session, AT + HOUR, [])) == 2


def test_a_kept_picture_is_due_without_waking_anybody(path: index.Where) -> None:
    """Its time is that of its next look; what its source did is told beside what is missing."""
    kept = Capture(at=AT, url="u", digest="ab", extension=".jpg", came_from="https://h.example/u")
    gone = Capture(at=AT, url="u", reason="404", plan="gone", retry_at=AT + HOUR)
    with Store(path) as store, store.transaction() as session:
        apply(session, [version("a.md"), kept])
        content.put_readings(session, [reading("a.md", "u")])
        images.plan_checks(session, lambda _: AT + 2 * HOUR)
    assert check_due(path) == AT + 2 * HOUR
    assert (stands(path).retry_at, stands(path).outlived) == (None, [])
    with Store(path) as store, store.transaction() as session:
        apply(session, [gone])
    assert (check_due(path), stands(path).missing) == (AT + HOUR, [])
    assert stands(path).outlived == [("u", "404", "gone", seconds(AT + HOUR), "a.md")]
    with Store(path) as store, store.transaction() as session:
        images.plan_checks(session, None)
    assert check_due(path) is None


def check_due(path: index.Where) -> datetime | None:
    """Tell the hour from which on a kept picture is due to be looked at again."""
    for hours in range(4):
        found = index.load(path, now=seconds(AT + hours * HOUR))
        assert found is not None
        if found.check_due:
            return AT + hours * HOUR
    return None


def test_a_kept_picture_makes_what_is_published_stale(path: index.Where) -> None:
    """Until the feeds were written, the next pass has something to do."""
    kept = Capture(at=AT, url="u", digest="ab", extension=".jpg")
    with Store(path) as store, store.transaction() as session:
        apply(session, [kept])
    assert loaded(path).pending == 1
