"""Deleting from the archive: what must go, and what nobody needs any more."""

from datetime import datetime
from pathlib import Path

from syndicator.archive import takedown
from syndicator.archive.catalogue import Catalogue
from syndicator.archive.waste import GRACE, waste
from syndicator.config.secret import secrets
from syndicator.cycle import Order, run
from syndicator.cycle.custody import Care, opened
from syndicator.doors import blobs, files
from syndicator.doors.batch import Batch
from syndicator.doors.store import custody
from syndicator.errors import ContentError
from syndicator.model.custody import Collected, Forgotten, Loose
from syndicator.model.keeping import Collection, Takedown, Waste


def forget(
    order: Order, subject: str, reason: str, *, pictures: bool = False, act: bool = False
) -> Takedown:
    """Tell what a take-down would take; take it, if told to ``act``, and make a pass.

    The pass takes the entry or picture out of every feed and tells receivers. The archive's lock
    is the caller's. Raises ContentError where nothing is called so.
    """
    with opened(order) as care:
        catalogue = care.catalogue()
        with care.ledger.store.transaction() as session:
            users = custody.users(session)
        made = takedown.plan(
            catalogue, subject, reason, order.clock(), users=users, pictures=pictures
        )
        told = _told(care, catalogue, made, done=act)
        if act:
            _ready(care)
            with care.ledger.batch() as batch:
                batch.record([made.tombstone])
    if act:
        run(order)
    return told


def _ready(care: Care) -> None:
    """Make sure, before anything is deleted, that the pass which finishes this can be made."""
    secrets(care.settings, care.order.environ)
    root = care.settings.content_root
    if not root.is_dir():
        says = f"the content folder {root} is missing: the feeds could not be written"
        raise ContentError(says, hint="mount the disk, or correct [content] root")


def _told(care: Care, catalogue: Catalogue, made: takedown.Plan, *, done: bool) -> Takedown:
    tombstone = made.tombstone
    places = blobs.of_digests(care.layout, tombstone.digests)
    return Takedown(
        subject=tombstone.subject,
        kind=tombstone.kind,
        reason=tombstone.reason,
        done=done,
        files=tuple(str(place.relative_to(care.layout.root)) for place in places),
        size=sum(max(files.stat(place).size, 0) for place in places if _is_blob(place)),
        posts=tuple(key for key in tombstone.ids if key in catalogue.versions),
        urls=tombstone.urls,
        remains=(*made.remains, *_copies(care, tombstone)),
    )


def _is_blob(place: Path) -> bool:
    return place.parent.parent.name == "sha256"


def _copies(care: Care, tombstone: Forgotten) -> list[str]:
    """Name the copies that this machine knows of and does not reach."""
    here = [
        f"the file {path} in the content folder; it is not published again"
        for path in tombstone.paths
        if files.within(care.settings.content_root, path) is not None
    ]
    if care.settings.mirror is not None:
        here.append(f"the mirror {care.settings.mirror}, and every other backup and export")
    if care.settings.archive.bucket:
        here.append(f"older versions in {care.settings.archive.bucket}, if it keeps versions")
    return here


def gc(order: Order, *, delete: bool) -> Collection:
    """Tell which blobs nothing refers to; note them, and ``delete`` those noted 90 days ago."""
    with opened(order) as care:
        catalogue, now = care.catalogue(), order.clock()
        found = _waste(care, catalogue)
        ripe = [one for one in found if one.due is not None and one.due <= now]
        if not delete:
            return Collection(waste=tuple(found), noted=sum(one.since is None for one in found))
        with care.ledger.batch() as batch:
            noted = note(batch, found, now)
            if ripe:
                batch.record([_collected(catalogue, [one.name for one in ripe], now)])
        return Collection(
            waste=tuple(found),
            noted=noted,
            deleted=len(ripe),
            freed=sum(one.size for one in ripe),
        )


def _collected(catalogue: Catalogue, names: list[str], now: datetime) -> Collected:
    """Return the line for blobs that go, with the copies that readers could get of them alone."""
    copies = catalogue.shown({catalogue.items[name].digest for name in names})
    return Collected(at=now, names=tuple(names), copies=tuple(sorted(copies - {*names})))


def note_waste(care: Care, catalogue: Catalogue) -> None:
    """Note what nothing refers to since now, so that its 90 days begin."""
    found = _waste(care, catalogue)
    with care.ledger.batch() as batch:
        note(batch, found, care.order.clock())


def note(batch: Batch, found: list[Waste], now: datetime) -> int:
    """Record which blobs are loose since now, and which are not any more."""
    known = custody.loose(batch.session)
    new = tuple(one.name for one in found if one.since is None)
    again = tuple(sorted(known.keys() - {one.name for one in found}))
    if new or again:
        batch.record([Loose(at=now, names=new, again=again)])
    return len(new)


def _waste(care: Care, catalogue: Catalogue) -> list[Waste]:
    with care.ledger.store.transaction() as session:
        known = custody.loose(session)
        used = custody.references(session)
    found = []
    for item, what in waste(catalogue, used.digests, used.urls):
        since = known.get(item.name)
        due = since + GRACE if since else None
        found.append(Waste(name=item.name, size=item.size, what=what, since=since, due=due))
    return found
