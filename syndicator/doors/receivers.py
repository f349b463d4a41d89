"""How it stands with every endpoint that was ever configured, read without the ORM."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from syndicator.doors import affairs, index
from syndicator.model.report import Receiver

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECEIVERS = """
    SELECT name, endpoint.state, streak, rest_until, says,
        (SELECT count(*) FROM delivery WHERE endpoint = name AND delivery.state IN
            ('pending', 'leased')),
        (SELECT count(*) FROM delivery WHERE endpoint = name AND delivery.state = 'dead'),
        (SELECT count(*) FROM delivery WHERE endpoint = name AND delivery.state = 'unconfirmed'),
        (SELECT min({most}(next_at, rest_until)) FROM delivery WHERE endpoint = name
            AND delivery.state IN ('pending', 'leased'))
    FROM endpoint ORDER BY name
"""
LAST = """
    SELECT at, status, error FROM attempt WHERE endpoint = :endpoint ORDER BY id DESC LIMIT 1
"""


def standing(state: index.Where, configured: Collection[str]) -> Iterator[Receiver]:
    """Yield how it stands with each that is ``configured`` and known, by name.

    Raises StoreError where the database can't be used.
    """
    with index.opened(state) as db:
        for name, said, streak, until, says, owed, dead, held, at in db.execute(RECEIVERS):
            if name in configured:
                tried = db.execute(LAST, {"endpoint": name}).fetchone() or (None, 0, "")
                yield Receiver(
                    name=name,
                    state=said,
                    streak=streak,
                    until=_moment(until),
                    says=says,
                    owed=owed,
                    dead=dead,
                    held=held,
                    next_at=_moment(at) if said == "active" else None,
                    tried_at=datetime.fromisoformat(tried[0]) if tried[0] else None,
                    status=tried[1],
                    error=tried[2],
                )


def checked(state: index.Where) -> datetime | None:
    """Tell when a share of the archive was checked last."""
    at = affairs.custody(state).checked
    return datetime.fromisoformat(at) if at else None


def _moment(at: int | None) -> datetime | None:
    return _EPOCH + timedelta(seconds=at) if at else None
