"""Owing: what a notice becomes, what it takes the place of, and what a crash left open."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from syndicator.config.tables import Endpoint
from syndicator.deliver.schedule import settling
from syndicator.doors import underway
from syndicator.doors.batch import Batch
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import interrupted, lanes, leases, outbox, setback
from syndicator.model.feeds import Edition, Notice
from syndicator.model.posts import Site
from syndicator.model.records import Owed, Reopened, Settled

MESSAGE = "msg_"
INTERRUPTED = "interrupted: the program ended before an answer came; it may have arrived"


def owed(notice: Notice) -> Owed:
    """Return the record of a notice; the same notice always makes the same message."""
    key = sha256(f"{notice.endpoint}\n{notice.key}".encode()).hexdigest()
    return Owed(
        at=notice.at,
        message=MESSAGE + key[:32],
        key=notice.key,
        endpoint=notice.endpoint,
        kind=notice.kind,
        subject=notice.subject,
        seq=notice.seq,
        body=notice.body.decode(),
        media_type=notice.media_type,
    )


def news(
    endpoints: Iterable[Endpoint],
    edition: Edition,
    written: Iterable[str],
    known: Collection[str],
    at: datetime,
) -> list[Notice]:
    """Return what is owed for feeds among the documents that were ``written``.

    An endpoint that is not ``known`` yet is told of none, unless it wants all.
    """
    paths = set(written)
    changed = [feed for feed in edition.feeds if feed.path in paths]
    here = [one for one in endpoints if one.name in known or one.since == "all"]
    return [notice for one in here for notice in one.news(changed, edition.site, at)]


def supersede(batch: Batch, notices: Iterable[Notice], now: datetime) -> None:
    """Settle what these notices take the place of; it goes before they are recorded."""
    for notice in notices:
        batch.record(
            Settled(
                at=now,
                message=message,
                endpoint=notice.endpoint,
                verdict="superseded",
                status=0,
                says=f"{owed(notice).message} says it all",
            )
            for message in outbox.older(batch.session, notice)
        )


def temper(
    endpoints: Sequence[Endpoint], notices: Sequence[Notice], site: Site, known: Collection[str]
) -> list[Owed]:
    """Return what is owed of these notices: to each endpoint all, one in their place, or all held.

    A mass edit, or a folder of old posts, must not flood a receiver by mistake; one that is not
    ``known`` yet is meant to get all.
    """
    return [
        record
        for endpoint in endpoints
        for record in _tempered(
            endpoint, [one for one in notices if one.endpoint == endpoint.name], site, known
        )
    ]


def _tempered(
    endpoint: Endpoint, notices: Sequence[Notice], site: Site, known: Collection[str]
) -> list[Owed]:
    many = 0 < endpoint.max_burst < len(notices) and endpoint.name in known
    if many and endpoint.burst == "digest":
        one = endpoint.digest(notices, site)
        if one is not None:
            return [owed(one)]
    return [replace(owed(notice), held=many) for notice in notices]


def confirm(batch: Batch, endpoints: Iterable[str], now: datetime) -> int:
    """Let go what was held back at these endpoints; tell how much."""
    held = outbox.unconfirmed(batch.session, endpoints)
    batch.record(Reopened(at=now, message=message, endpoint=name) for message, name in held)
    return len(held)


def recover(ledger: Ledger, endpoints: Sequence[Endpoint], now: datetime) -> None:
    """Make due again what an interrupted instance had in hand.

    Not for an endpoint that must not get a message twice: what was on its way is given up. To the
    others, an attempt that was begun is an attempt that was interrupted (decision 0022). What
    workers have in hand is theirs. What a clock that was ahead planned is brought near.
    """
    once = {one.name for one in endpoints if one.mode == "at-most-once"}
    shared = not isinstance(ledger.store.where, Path)
    with ledger.store.transaction() as session:
        lost = any(name in once for _, name in lanes.leased(session))
    if lost and not ledger.dry:
        says = "it was on its way when the program ended, and is not to be sent twice"
        with ledger.batch() as batch:
            if shared:
                leases.guard(batch.session)
            batch.record(
                Settled(
                    at=now, message=message, endpoint=name, verdict="dead", status=0, says=says
                )
                for message, name in lanes.leased(batch.session)
                if name in once
            )
    with ledger.store.transaction() as session:
        if shared:
            leases.guard(session)
        begun = underway.left(ledger.layout.underway)
        wait = settling(max((one.age for one in begun), default=0.0))
        interrupted.note(session, begun, INTERRUPTED, wait)
        outbox.free_leases(session)
        if shared:
            leases.leave(session)
        setback.heal(session, now)
