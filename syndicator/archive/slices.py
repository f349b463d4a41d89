"""Which part of the archive is to be checked now: pure, so that every night takes its share."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

PERIOD = timedelta(days=30)  # nothing is left unchecked for longer
DAY = timedelta(days=1)
_ROOM = timedelta(days=29)  # a night may fail
NIGHT = range(2, 6)  # hours of the site's day in which a check disturbs least


def choose(
    shelves: Sequence[str], checked: Mapping[str, datetime], born: datetime, now: datetime
) -> list[str]:
    """Choose the shelves checked longest ago: a night's share, and all that would be late.

    Bytes are compared as they are written, so a shelf that was never checked counts from
    ``born``, when the archive began.
    """
    share = -(-len(shelves) * DAY // _ROOM)
    oldest = sorted(shelves, key=lambda shelf: (checked.get(shelf, born), shelf))
    late = [shelf for shelf in oldest if now - checked.get(shelf, born) > _ROOM]
    return late if len(late) > share else oldest[:share]


def due(last: datetime | None, born: datetime, now: datetime) -> datetime:
    """Tell when the next slice is due: in the first night after half a day, or after a whole day.

    ``now`` carries the site's own offset. A machine that sleeps at night still gets its share.
    """
    since = last or born
    if now - since >= DAY / 2 and now.hour in NIGHT:
        return now
    return since + DAY
