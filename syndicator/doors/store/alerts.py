"""What fails again and again, and what of that a person was told of."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, delete, select

from syndicator.doors import index
from syndicator.doors.store import lanes
from syndicator.doors.store.rows import upsert
from syndicator.doors.store.schema_custody import Alert, Job
from syndicator.model.feeds import Health
from syndicator.model.records import Alerted

LEFT = "it is configured no more"
LAST = text("""
    SELECT error FROM attempt
    WHERE endpoint = :endpoint AND error != '' ORDER BY id DESC LIMIT 1
""")
ANSWERED = text(f"SELECT 1 WHERE {index.ANSWERED.format(':endpoint')}")


def news(
    session: Session, now: datetime, after: int, *, here: Collection[str]
) -> Iterator[Alerted]:
    """Tell what failed ``after`` times in a row and is not known to, and what goes well again.

    ``here`` are the endpoints that are configured. A streak of none is no proof that one answers:
    a database that was made anew knows of no attempt, and one that was disabled and is asked again
    begins with none. What it was sent last has to be acknowledged, too.
    """
    told = {(one.kind, one.name): one for one in session.exec(select(Alert))}
    for one in session.exec(select(Job).order_by(Job.name)):
        if ("job", one.name) not in told and 0 < after <= one.failures:
            yield Alerted(
                at=now,
                kind="job",
                name=one.name,
                state="failing",
                failures=one.failures,
                says=one.says,
            )
        elif ("job", one.name) in told and one.failures == 0:
            says = LEFT if one.result == "left" else ""  # as doors.jobs has it
            yield _recovered(told["job", one.name], now, says)
    for name, health in lanes.health(session).items():
        old = told.get(("endpoint", name))
        if name in here and old is None and 0 < after <= health.streak:
            yield Alerted(
                at=now,
                kind="endpoint",
                name=name,
                state="failing",
                failures=health.streak,
                says=health.says or _last(session, name),
            )
        elif old is not None and (name not in here or _answered(session, name, health)):
            yield _recovered(old, now, "" if name in here else LEFT)


def _recovered(old: Alert, now: datetime, says: str = "") -> Alerted:
    return Alerted(
        at=now,
        kind=old.kind,  # type: ignore[arg-type]  # written from an Alerted
        name=old.name,
        state="recovered",
        failures=old.failures,
        says=says,
        began=datetime.fromisoformat(old.at),
    )


def _answered(session: Session, name: str, health: Health) -> bool:
    if health.streak:
        return False
    return session.connection().execute(ANSWERED, {"endpoint": name}).first() is not None


def _last(session: Session, name: str) -> str:
    row = session.connection().execute(LAST, {"endpoint": name}).first()
    return str(row[0]) if row else ""


def apply(session: Session, records: Sequence[Alerted]) -> None:
    """Remember what was told to fail, and forget what was told to go well again."""
    for record in records:
        if record.state == "failing":
            row = {
                "kind": record.kind,
                "name": record.name,
                "at": record.at.isoformat(),
                "failures": record.failures,
                "says": record.says,
            }
            upsert(session, Alert, [row])
        else:
            here = col(Alert.kind) == record.kind, col(Alert.name) == record.name
            session.exec(delete(Alert).where(*here))
