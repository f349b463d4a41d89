"""What readers get of the kept pictures: their very bytes, or a copy that tells less.

A blob is never changed. Where it tells more than a picture (a position, a serial number), readers
get a copy of it without that, under the digest of its own bytes, so that a name always stands for
the same bytes. Rules that leave out more make another copy under another name, and the older one
stays where it is.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from syndicator.archive.capture import Came
from syndicator.archive.sniff import RULES, Picture, judge
from syndicator.doors import files
from syndicator.doors.batch import Batch
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import copies
from syndicator.doors.store.copies import Shown
from syndicator.doors.store.rows import batches, get, put
from syndicator.errors import Failed
from syndicator.model.records import Copy

GROUP = 16  # copies made durable together


def keep(batch: Batch, group: Sequence[Came]) -> None:
    """Keep what came, as blobs; what is a picture readers get, each once however it is called."""
    good = {one.capture.digest: one for one in group if one.capture.plan == "kept"}
    for got, data, _ in group:
        if got.digest and data:
            batch.keep(got.digest + got.extension, data)
    batch.record([one.capture for one in group])
    made = copies.made(batch.session, good, RULES)
    batch.show(_shown(one) for digest, one in good.items() if digest not in made and one.picture)


def renew(ledger: Ledger, clock: Callable[[], datetime]) -> None:
    """Make a copy of every kept picture that has none by the rules of now.

    While a blob is away it is looked for again each time.
    """
    with ledger.store.transaction() as session:
        if get(session, copies.RULES) == str(RULES):
            return
        old = copies.every(session, older_than=RULES)
    if _remake(ledger, old, clock):
        return
    with ledger.store.transaction() as session:
        put(session, copies.RULES, str(RULES))


def mend(ledger: Ledger, clock: Callable[[], datetime]) -> list[str]:
    """Make sure that readers can get every kept picture; tell the names of lost blobs."""
    with ledger.store.transaction() as session:
        every = copies.every(session)
    lost = ledger.relink(one.digest + one.extension for one in every if one.public == one.digest)
    media = ledger.layout.media
    gone = [
        one
        for one in every
        if one.public != one.digest and files.stat(media / (one.public + one.extension)).size < 0
    ]
    return sorted([*lost, *_remake(ledger, gone, clock)])


def _remake(ledger: Ledger, shown: Iterable[Shown], clock: Callable[[], datetime]) -> list[str]:
    """Make copies from the blobs; return the names of those that are gone, or not themselves."""
    lost = []
    for group in batches(shown, GROUP):
        with ledger.batch() as batch:
            for one in group:
                name = one.digest + one.extension
                try:
                    data, _ = files.read(ledger.layout.blob(name), one.size)
                except Failed:
                    data = b""
                if sha256(data).hexdigest() != one.digest:
                    lost.append(name)
                # what newer rules refuse readers have already, and keep
                elif isinstance(verdict := judge(data), Picture):
                    batch.show([_copy(one.digest, one.extension, data, verdict, clock())])
    return lost


def _shown(one: Came) -> tuple[Copy, bytes]:
    got, data, picture = one
    assert picture is not None  # noqa: S101  # it is kept as one
    return _copy(got.digest, got.extension, data, picture, got.at)


def _copy(
    digest: str, extension: str, data: bytes, picture: Picture, at: datetime
) -> tuple[Copy, bytes]:
    """Return what readers get of a picture."""
    safe = data if picture.public is None else picture.public
    copy = Copy(
        at=at,
        digest=digest,
        extension=extension,
        public=digest if safe is data else sha256(safe).hexdigest(),
        size=len(safe),
        without=picture.without,
        rules=RULES,
    )
    return copy, safe
