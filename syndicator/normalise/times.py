"""When a post was published: the first of its sources that names a day."""

from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from syndicator.model.posts import Source
from syndicator.normalise import dates, fields
from syndicator.normalise.address import stem
from syndicator.normalise.findings import NOWHERE, Findings, Flaw
from syndicator.normalise.values import Found, Front


class Published(NamedTuple):
    """A moment and where it came from, in the words of ``Post.dated_by``."""

    at: datetime
    by: str
    sure: bool = True  # whether it is the author's, and not in the place of one that can't be read


class Dated(NamedTuple):
    """When a post was published and by what that is known, when it was changed, when it ends."""

    published: datetime
    by: str
    updated: datetime | None
    expires: datetime | None


# Eleventy's words for the time of the file
_OF_FILE: Final = frozenset(("last modified", "created", "git last modified", "git created"))
_ADDRESSES: Final = ("permalink", "url", "path", "saveas")


def published(
    front: Front, source: Source, day: date | None, zone: ZoneInfo, findings: Findings
) -> Published:
    """Return when a post was published; ``day`` is its trailer's.

    Front matter, file name, path, trailer, the file's own time: in this order (DESIGN 5). A key
    that is there and no date is an error, not a reason to look further.
    """
    named = [
        found
        for found in front.every(*fields.PUBLISHED)
        if fields.datelike(found) and not _told_by_file(found)
    ]
    at = moment(named[0], zone, findings) if named else None
    if named and at is None:
        return Published(_modified(source, zone), "front matter", sure=False)
    days: dict[str, date] = {"front matter": at.date()} if at is not None else {}
    try:
        days |= _days(front, source.path)
    except Flaw as flaw:
        if at is None:
            findings.flaw(flaw)
            return Published(_modified(source, zone), "mtime", sure=False)
    if day is not None:
        days["trailer"] = day
    if not days:
        findings.warn(
            "DATE004",
            "no date found; taken from the time at which the file was changed",
            "add date: to the front matter, or start the file name with 2020-12-01-",
        )
        return Published(_modified(source, zone), "mtime")
    by = next(iter(days))
    if len(days) > 1:
        _compare(days, by, named[0] if named else None, findings)
    return Published(at or dates.noon(days[by], zone), by)


def _told_by_file(found: Found) -> bool:
    """Whether a date is left to the file: it names no day."""
    return isinstance(found.value, str) and found.value.strip().lower() in _OF_FILE


def _days(front: Front, path: str) -> dict[str, date]:
    """Return the days in the file's name and in the post's path, in this order."""
    found = {}
    if (of_name := dates.named_day(stem(path))[0]) is not None:
        found["file name"] = of_name
    for text in (*(one.text for one in front.every(*_ADDRESSES)), path):
        if (of_path := dates.foldered_day(text)) is not None:
            found["path"] = of_path
            break
    return found


def _compare(days: dict[str, date], by: str, key: Found | None, findings: Findings) -> None:
    apart = (max(days.values()) - min(days.values())).days
    if apart > 1:  # one day is a matter of zones
        told = ", ".join(f"{name} {day.isoformat()}" for name, day in days.items())
        findings.warn(
            "DATE005",
            f"the dates disagree ({told}: {apart} days); the {by} counts",
            "correct the wrong one; a trailer is the day of the source and may be earlier",
            key.place if key is not None else NOWHERE,
        )


def dated(
    front: Front, source: Source, day: date | None, zone: ZoneInfo, findings: Findings
) -> Dated:
    """Return all the moments of a post; ``day`` is its trailer's."""
    first = published(front, source, day, zone, findings)
    updated, key = _first_of(fields.UPDATED, front, zone, findings)
    expires, _ = _first_of(fields.EXPIRES, front, zone, findings)
    if updated is not None and key is not None and first.sure and updated < first.at:
        findings.warn(
            "DATE008",
            f"{key.name} is earlier than the day the post was published; it is not used",
            "correct one of the two dates",
            key.place,
        )
        updated = None
    return Dated(published=first.at, by=first.by, updated=updated, expires=expires)


def _first_of(
    keys: tuple[str, ...], front: Front, zone: ZoneInfo, findings: Findings
) -> tuple[datetime | None, Found | None]:
    """Return the moment the first present key names, and the key."""
    for found in front.every(*keys):
        if _told_by_file(found):
            continue  # when the text changes is seen by itself
        return moment(found, zone, findings), found
    return None, None


def moment(found: Found, zone: ZoneInfo, findings: Findings) -> datetime | None:
    """Return the moment a key names; None, and an error kept, when it names none."""
    try:
        read = dates.read(found.value, zone)
    except Flaw as flaw:
        says = f"{found.name}: {flaw.says}"
        findings.error(flaw.code, says, flaw.hint, found.place)
        return None
    if read.code:
        tell = findings.info if read.code == "DATE006" else findings.warn
        tell(
            read.code,
            f"{found.name}: {read.says}",
            "write the offset, such as +08:00",
            found.place,
        )
    return read.at


def _modified(source: Source, zone: ZoneInfo) -> datetime:
    """Return the file's time in the site's zone, to the second, with a fixed offset."""
    try:
        local = source.modified.astimezone(zone)
    except OverflowError:  # the first and the last day there is
        local = source.modified
    return dates.fixed(local.replace(microsecond=0))
