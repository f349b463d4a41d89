"""When a post was published: the first of its sources that names a day."""

from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from syndicator.model import Source
from syndicator.normalise import dates, fields
from syndicator.normalise.address import stem
from syndicator.normalise.findings import Findings, Flaw
from syndicator.normalise.values import Found, Front


class Published(NamedTuple):
    """A moment and where it came from, in the words of ``Post.dated_by``."""

    at: datetime
    by: str


_ADDRESSES: Final = ("permalink", "url", "path")


def published(
    front: Front, source: Source, day: date | None, zone: ZoneInfo, findings: Findings
) -> Published:
    """Return when a post was published; ``day`` is its trailer's.

    Front matter, file name, path, trailer, the file's own time: in this order (DESIGN 5). A key
    that is there and no date is an error, not a reason to look further.
    """
    keys = (*fields.PUBLISHED, *fields.PUBLISHED_ELSE)
    named = [found for found in front.every(*keys) if fields.datelike(found)]
    if named:
        at = moment(named[0], zone, findings)
        return Published(at or _modified(source, zone), "front matter")
    try:
        if (of_name := dates.named_day(stem(source.path))[0]) is not None:
            return Published(dates.noon(of_name, zone), "file name")
        texts = [found.text for found in front.every(*_ADDRESSES)]
        for text in (*texts, source.path):
            if (of_path := dates.foldered_day(text)) is not None:
                return Published(dates.noon(of_path, zone), "path")
        if day is not None:
            return Published(dates.noon(day, zone), "trailer")
    except Flaw as flaw:
        findings.flaw(flaw)
        return Published(_modified(source, zone), "mtime")
    findings.warn(
        "DATE004",
        "no date found; taken from the time at which the file was changed",
        "add date: to the front matter, or start the file name with 2020-12-01-",
    )
    return Published(_modified(source, zone), "mtime")


def first_of(
    keys: tuple[str, ...], front: Front, zone: ZoneInfo, findings: Findings
) -> tuple[datetime | None, Found | None]:
    """Return the moment the first present key names, and the key."""
    for found in front.every(*keys):
        return moment(found, zone, findings), found
    return None, None


def moment(found: Found, zone: ZoneInfo, findings: Findings) -> datetime | None:
    """Return the moment a key names; None, and an error kept, when it names none."""
    try:
        return dates.moment(found.value, zone)
    except Flaw as flaw:
        says = f"{found.name}: {flaw.says}"
        findings.error(flaw.code, says, flaw.hint, found.place)
        return None


def _modified(source: Source, zone: ZoneInfo) -> datetime:
    """Return the file's time in the site's zone, to the second, with a fixed offset."""
    try:
        local = source.modified.astimezone(zone)
    except OverflowError:  # the first and the last day there is
        local = source.modified
    return dates.fixed(local.replace(microsecond=0))
