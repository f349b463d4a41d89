"""A worker with nothing but leases: it takes, claims, tells what it would send, and finishes.

Arguments: the store's address, its own name, and the seconds of a lease. It says ``delivery`` by
number on its output, ``lost`` where a lane had gone to another, and ends when nothing is open.
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import text

from syndicator.doors.server import Server
from syndicator.doors.store import Store, lanes, leases
from syndicator.errors import StoreError
from syndicator.model.feeds import Parcel, Verdict

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MOST = 4  # lanes of a worker
AT_ONCE = 8


def claim(store: Store, me: str, seconds: float) -> tuple[list[leases.Lease], list[Parcel]]:
    """Take lanes, and in each what is due."""
    with store.beside() as session:
        names = [row[0] for row in session.connection().execute(text("SELECT name FROM endpoint"))]
        held = leases.take(session, me, names, NOW, most=MOST, seconds=seconds)
        found: list[Parcel] = []
        for one in held:
            leases.reclaim(session, one.endpoint, NOW, says="interrupted", wait=5)
            if (broken := lanes.claim_interrupted(session, NOW, one.endpoint)) is not None:
                found.append(broken)
            else:
                found += lanes.claim(session, NOW, {one.endpoint: AT_ONCE})
    return held, found


def finish(
    store: Store, held: list[leases.Lease], parcels: list[Parcel], seconds: float
) -> set[leases.Lease]:
    """Record what was acknowledged in lanes that are still held; tell those that are not."""
    with store.beside() as session:
        still = leases.hold(session, held, seconds=seconds)
        names, done = {one.endpoint for one in still}, Verdict(state="done")
        mine = [one for one in parcels if one.endpoint in names]
        lanes.finish(session, [lanes.Finished(one, done, NOW, 1, 200) for one in mine])
        leases.give_back(session, still)
    return set(held) - still


def main(address: str, me: str, seconds: float) -> None:
    """Work until no delivery is open."""
    store = Store(Server(address))
    while True:
        try:
            held, parcels = claim(store, me, seconds)
            for one in parcels:
                print("delivery", one.delivery, flush=True)  # noqa: T201  # what the test reads
            while held:
                try:
                    lost = finish(store, held, parcels, seconds)
                    break
                except StoreError as error:
                    print("again", error, flush=True)  # noqa: T201  # what the test reads
            for gone in lost if held else ():
                print("lost", gone.endpoint, flush=True)  # noqa: T201  # what the test reads
        except StoreError as error:
            print("again", error, flush=True)  # noqa: T201  # what the test reads
            continue
        with store.beside() as session:
            left = "SELECT 1 FROM delivery WHERE state IN ('pending', 'leased') LIMIT 1"
            if session.connection().execute(text(left)).first() is None:
                return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
