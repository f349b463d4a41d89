"""What the daemon's jobs came to, in state.db: the only trace of a pass that could not be made.

Plain SQL, as in ``doors.index``, which reads it for ``status``.
"""

from datetime import datetime
from pathlib import Path

from syndicator.doors import index

_NOTE = """
    INSERT INTO job (name, at, good_at, result, says, failures, milliseconds, next_at)
    VALUES (:name, :at, :good, :result, :says, :failed, :milliseconds, :next)
    ON CONFLICT (name) DO UPDATE SET at = excluded.at, result = excluded.result,
        good_at = CASE WHEN excluded.failures THEN good_at ELSE excluded.at END,
        failures = CASE WHEN excluded.failures THEN failures + 1 ELSE 0 END,
        says = excluded.says, milliseconds = excluded.milliseconds, next_at = excluded.next_at
"""


def note(
    state: Path, name: str, *, at: datetime, says: str, seconds: float, upcoming: datetime | None
) -> None:
    """Note how a job ended at ``at``: well, or as it ``says``; and when it runs next.

    Nothing is noted where there is no state yet. Raises StoreError.
    """
    if index.revision(state) != index.HEAD:
        return
    with index.opened(state) as db, db:
        db.execute("PRAGMA synchronous=NORMAL")  # what a power cut takes of this, nobody misses
        row = {
            "name": name,
            "at": int(at.timestamp()),
            "good": None if says else int(at.timestamp()),
            "result": "failed" if says else "ok",
            "says": says,
            "failed": int(bool(says)),
            "milliseconds": round(seconds * 1000),
            "next": upcoming and int(upcoming.timestamp()),
        }
        db.execute(_NOTE, row)


def failures(state: Path, name: str) -> int:
    """Tell how often in a row a job failed."""
    if index.revision(state) != index.HEAD:
        return 0
    with index.opened(state) as db:
        row = db.execute("SELECT failures FROM job WHERE name = ?", (name,)).fetchone()
    return row[0] if row else 0
