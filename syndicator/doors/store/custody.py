"""What became of kept bytes: checked, damaged, repaired, loose, forgotten."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from syndicator.doors.layout import HEX
from syndicator.doors.store import content, posts, problems
from syndicator.doors.store.rows import batches, put, upsert
from syndicator.doors.store.schema import Copy, Image, Post, Reading, Seen, Trouble, Use
from syndicator.doors.store.schema_custody import Damage, Loose, Shelf, Tombstone
from syndicator.doors.store.schema_outbox import Attempt, Delivery, Message
from syndicator.model.custody import Checked, Collected, Damaged, Forgotten, Repaired
from syndicator.model.custody import Loose as LooseValue
from syndicator.model.posts import Problem, Source

CHECKED: Final = "checked"  # the fact under which the moment of the last check stands
WIPE: Final = "wipe"  # the fact that rows are gone whose bytes may still be in the file
FORGOTTEN: Final = "forgotten: it was taken down for good"


class Barred(NamedTuple):
    """What must not come back."""

    urls: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()

    def lets(self, source: Source) -> bool:
        """Tell whether a file may be kept and published."""
        return source.path not in self.paths and source.digest not in self.digests


def place_of(name: str, place: str) -> str:
    """Tell where a kept file lies, seen from the archive's root: the path of its problem."""
    return f"blobs/sha256/{name[:2]}/{name}" if place == "blobs" else f"public/media/{name}"


def barred(session: Session) -> Barred:
    """Tell everything that was forgotten."""
    found: dict[str, set[str]] = {"url": set(), "digest": set(), "path": set()}
    for kind, subject in session.exec(select(Tombstone.kind, Tombstone.subject)):
        found.setdefault(kind, set()).add(subject)
    return Barred(*(frozenset(found[kind]) for kind in ("url", "digest", "path")))


def damages(session: Session) -> list[Damaged]:
    """Tell what is damaged and not repaired yet, by name."""
    rows = session.exec(select(Damage).order_by(Damage.name, Damage.place))
    return [
        Damaged(
            at=datetime.fromisoformat(row.at),
            name=row.name,
            place=row.place,  # type: ignore[arg-type]  # written from a Damaged
            found=row.found,
            size=row.size,
        )
        for row in rows
    ]


def shelves(session: Session) -> dict[str, datetime]:
    """Tell when each folder of blobs was checked last; those never checked are left out."""
    rows = session.exec(select(Shelf.name, Shelf.at)).all()
    return {name: datetime.fromisoformat(at) for name, at in rows}


def loose(session: Session) -> dict[str, datetime]:
    """Tell which blobs nothing refers to, and since when that is known."""
    rows = session.exec(select(Loose.name, Loose.since)).all()
    return {name: datetime.fromisoformat(since) for name, since in rows}


class References(NamedTuple):
    """What the files of the site, as they are now, refer to."""

    digests: frozenset[str]
    urls: frozenset[str]


def references(session: Session) -> References:
    """Tell the bytes that files hold or are shown by, and the pictures that posts want."""
    shown = session.exec(select(Reading.source, Reading.good, Reading.shown_of)).all()
    digests = {digest for row in shown for digest in row}
    digests |= set(session.exec(select(Seen.digest)))
    wanted = select(Image.digest).join(Use, col(Use.url) == col(Image.url))
    digests |= set(session.exec(wanted))
    return References(frozenset(digests - {""}), frozenset(session.exec(select(Use.url))))


def users(session: Session) -> dict[str, set[str]]:
    """Tell which files show which picture now, by its URL."""
    found: dict[str, set[str]] = {}
    for url, path in session.exec(select(Use.url, Use.path)):
        found.setdefault(url, set()).add(path)
    return found


def is_owed(session: Session, message: str) -> bool:
    """Tell whether a message was ever owed."""
    return session.get(Message, message) is not None


def _checked(session: Session, records: Sequence[Checked]) -> None:
    for record in records:
        rows = [{"name": name, "at": record.at.isoformat()} for name in record.shelves]
        upsert(session, Shelf, rows)
        put(session, CHECKED, record.at.isoformat())


def _damaged(session: Session, records: Sequence[Damaged]) -> None:
    for record in records:
        row = {
            "name": record.name,
            "place": record.place,
            "at": record.at.isoformat(),
            "found": record.found,
            "size": record.size,
        }
        upsert(session, Damage, [row])
        _clear(session, [record.name], record.place, damage=False)
        found = problem(record)
        problems.put(session, "archive", [found.path], [found])


def problem(record: Damaged) -> Problem:
    """Say what is wrong with a file that is damaged and not repaired."""
    if record.found:
        code, says = "ARC001", "its bytes were not what its name says; they are in quarantine"
    else:
        code, says = "ARC002", "a kept file is missing"
    return Problem(
        path=place_of(record.name, record.place),
        code=code,
        says=says,
        hint="syndicate archive repair; or restore it from a backup of the archive",
    )


def gone(name: str) -> Problem:
    """Tell of a kept picture that is lost, and of what shows it."""
    return Problem(
        path=place_of(name, "blobs"),
        code="ARC002",
        says="this kept picture is gone; feeds that show it point to nothing",
        hint="restore blobs/ from a backup",
        severity="warning",
    )


def _repaired(session: Session, records: Sequence[Repaired]) -> None:
    for record in records:
        _clear(session, [record.name], record.place)


def _clear(session: Session, names: Iterable[str], place: str, *, damage: bool = True) -> None:
    """Take the problems of these files away, and that they are damaged."""
    for some in batches(names):
        paths = [place_of(name, place) for name in some]
        session.exec(delete(Trouble).where(col(Trouble.path).in_(paths)))
        if damage:
            here = col(Damage.name).in_(some), col(Damage.place) == place
            session.exec(delete(Damage).where(*here))


def _loose(session: Session, records: Sequence[LooseValue]) -> None:
    for record in records:
        rows = [{"name": name, "since": record.at.isoformat()} for name in record.names]
        for some in batches(rows):
            upsert(session, Loose, some)
        for names in batches(record.again):
            session.exec(delete(Loose).where(col(Loose.name).in_(names)))


def _collected(session: Session, records: Sequence[Collected]) -> None:
    for record in records:
        for names in batches(record.names):
            session.exec(delete(Loose).where(col(Loose.name).in_(names)))
            digests = [name[:HEX] for name in names]  # a picture that comes again is a new one
            session.exec(delete(Copy).where(col(Copy.digest).in_(digests)))
            mine = col(Image.digest).in_(digests)
            users = update(Use).where(col(Use.url).in_(select(Image.url).where(mine)))
            session.exec(users.values(asked=False))
            session.exec(delete(Image).where(mine))
        _clear(session, record.names, "blobs")


def _forgotten(session: Session, records: Sequence[Forgotten]) -> None:
    for record in records:
        subjects = {
            "url": record.urls,
            "digest": record.digests,
            "path": record.paths,
            "id": record.ids,
        }
        rows = [
            {"kind": kind, "subject": subject, "at": record.at.isoformat()}
            for kind, many in subjects.items()
            for subject in many
        ]
        for some in batches(rows):
            upsert(session, Tombstone, some)
        _forget_pictures(session, record)
        if record.kind == "post":
            _forget_post(session, record)
        put(session, WIPE, "due")


def _forget_pictures(session: Session, record: Forgotten) -> None:
    """Leave of a picture only that it is not to be asked for; of damaged files, nothing."""
    lost = select(Image.url).where(col(Image.digest).in_(record.digests))
    urls = {*record.urls, *(session.exec(lost) if record.digests else ())}
    for batch in batches(sorted(urls)):  # the next pass writes what readers have of these anew
        users = select(Use.path).where(col(Use.url).in_(batch))
        session.exec(update(Reading).where(col(Reading.path).in_(users)).values(pending=True))
        posts.touch_showing(session, batch)
    rows = [_refused(url, record.at) for url in record.urls]
    upsert(session, Image, rows)
    gone = _refused("", record.at)
    gone.pop("url")
    for some in batches(record.digests):
        session.exec(update(Image).where(col(Image.digest).in_(some)).values(**gone))
        files = or_(*(col(Damage.name).startswith(digest) for digest in some))
        for damage in session.exec(select(Damage).where(files)).all():
            _clear(session, [damage.name], damage.place)
        names = or_(*(col(Loose.name).startswith(digest) for digest in some))
        session.exec(delete(Loose).where(names))


def _refused(url: str, at: datetime) -> dict[str, object]:
    return {
        "url": url,
        "digest": "",
        "media_type": "",
        "extension": "",
        "size": 0,
        "width": 0,
        "height": 0,
        "came_from": "",
        "plan": "refused",
        "reason": FORGOTTEN,
        "tries": 1,
        "retry_at": None,
        "at": at.isoformat(),
        "seen": "",
        "etag": "",
        "modified": "",
    }


def _forget_post(session: Session, record: Forgotten) -> None:
    """Take away what it said and what was still to be said of it; the next pass removes it.

    What is left is a reading without a text, which that pass takes for a file that is no post.
    """
    content.forget(session, record.paths)
    blank = {
        "source": "",
        "modified": record.at.isoformat(),
        "standing": "skipped",
        "state": "skipped",
        "pending": True,
        "published_us": 0,
    }
    upsert(session, Reading, [{"path": path, **blank} for path in record.paths])
    ids = list(record.ids)
    session.exec(update(Post).where(col(Post.id).in_(ids)).values(title=""))
    about = col(Message.subject).in_(ids)
    session.exec(update(Message).where(about).values(body=""))
    owed = col(Delivery.message).in_(select(Message.id).where(about))
    over = "done", "dead", "left"
    never = select(Delivery.id).where(owed, col(Delivery.state).not_in(over))
    session.exec(delete(Attempt).where(col(Attempt.delivery).in_(never)))
    session.exec(delete(Delivery).where(col(Delivery.id).in_(never)))
    of = select(Delivery.id).where(owed)
    session.exec(update(Attempt).where(col(Attempt.delivery).in_(of)).values(reply=""))


APPLY: Final[Mapping[type, Callable[[Session, Any], None]]] = {
    Checked: _checked,
    Damaged: _damaged,
    Repaired: _repaired,
    LooseValue: _loose,
    Collected: _collected,
    Forgotten: _forgotten,
}
