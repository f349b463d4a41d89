"""What the daemon's jobs came to, in state.db: the only trace of a pass that could not be made.

Plain SQL, as in ``doors.index``, which reads it for ``status``.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from syndicator.doors import index

_NOTE = """
    INSERT INTO job (name, at, good_at, result, says, failures, milliseconds, next_at)
    VALUES (:name, :at, :good, :result, :says, :failed, :milliseconds, :next)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, result = excluded.result,
        good_at = CASE WHEN excluded.failures > 0 THEN job.good_at ELSE excluded.at END,
        failures = CASE WHEN excluded.failures > 0 THEN job.failures + 1 ELSE 0 END,
        says = excluded.says, milliseconds = excluded.milliseconds, next_at = excluded.next_at
"""
_NEWS = """
    SELECT EXISTS (SELECT 1 FROM job WHERE :after > 0 AND failures >= :after AND NOT EXISTS
            (SELECT 1 FROM alert WHERE kind = 'job' AND alert.name = job.name))
        OR EXISTS (SELECT 1 FROM alert JOIN job ON job.name = alert.name
            WHERE kind = 'job' AND job.failures = 0)
"""

# What is told to fail and is done no more has ended, if not well.
_LEAVE = """
    INSERT INTO job (name, at, result, says, failures, milliseconds)
    VALUES (:name, :at, 'left', '', 0, 0)
    ON CONFLICT (name) DO UPDATE SET result = 'left', says = '', failures = 0, next_at = NULL
"""
_LEFT = """
    SELECT EXISTS (SELECT 1 FROM alert JOIN job ON job.name = alert.name
        WHERE kind = 'job' AND result = 'left')
"""


class Ended(NamedTuple):
    """How a job ended: well, or as it ``says``; and when it runs next."""

    name: str
    at: datetime
    says: str
    seconds: float
    upcoming: datetime | None


def note(state: index.Where, ended: Ended, after: int) -> bool:
    """Note how a job ended; tell whether somebody is to hear of jobs, or awaits a push.

    That is so once a job failed ``after`` times in a row (0: never), once it goes well again, and
    where it failed while a push is due. Nothing is noted where there is no state yet. Raises
    StoreError.
    """
    if index.revision(state) != index.HEAD:
        return False
    # what a power cut takes of this, nobody misses
    with index.opened(state, lasting=False) as db, db.writing():
        now, says = int(ended.at.timestamp()), ended.says
        row = {
            "name": ended.name,
            "at": now,
            "good": None if says else now,
            "result": "failed" if says else "ok",
            "says": says,
            "failed": int(bool(says)),
            "milliseconds": round(ended.seconds * 1000),
            "next": ended.upcoming and int(ended.upcoming.timestamp()),
        }
        db.execute(_NOTE, row)
        due = index.number(db, index.PUSH_AT) if says else None
        news = index.number(db, _NEWS, {"after": after})
        return bool(news) or (due is not None and due <= now)


def leave(state: index.Where, names: Iterable[str], now: datetime) -> bool:
    """Note that jobs are done no more: nobody is shown what they came to.

    Tells whether one of them was told to fail, and that is to end. Raises StoreError.
    """
    with index.opened(state) as db, db.writing():
        rows = [{"name": name, "at": int(now.timestamp())} for name in sorted(names)]
        db.executemany(_LEAVE, rows)
        return bool(index.number(db, _LEFT))
