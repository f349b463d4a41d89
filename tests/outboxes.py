"""What tests of the outbox do to it, on either kind of store."""

from records import AT

from syndicator.doors.store import Session, lanes
from syndicator.model.feeds import Health, Verdict


def sent(session: Session) -> None:
    """Send one to ``ops``, with all that goes with it."""
    assert lanes.due(session, "ops") is not None
    lanes.due(session, "ops", strict=True)
    assert lanes.untried(session, ["ops"], AT)
    (parcel,) = lanes.claim(session, AT, {"ops": 1})
    lanes.claim(session, AT, {"ops": 1}, ["ops"])
    assert lanes.leased(session)
    again = Verdict(state="again", at=AT, says="no")
    lanes.finish(session, [lanes.Finished(parcel, again, AT, 1, 500)])
    lanes.has_others(session, parcel)
    lanes.release(session, [parcel.delivery])
    lanes.keep(session, {"ops": Health()})
