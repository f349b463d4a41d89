"""Making state.db anew from the files, and asking for pictures again."""

from collections.abc import Sequence
from pathlib import Path

from syndicator import __version__
from syndicator.content.look import Place, accepted, look
from syndicator.cycle import Order, run
from syndicator.cycle.custody import exists, opened, settings
from syndicator.cycle.keeping import Keeping
from syndicator.cycle.reading import begun
from syndicator.cycle.whole import Pass
from syndicator.doors import affairs, files, index
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, custody
from syndicator.doors.store.transfer import copy
from syndicator.errors import ContentError
from syndicator.model.keeping import Asked, Rebuilt

_BESIDE = ("", "-wal", "-shm")  # a database and what SQLite keeps beside it


def reindex(order: Order) -> Rebuilt:
    """Make state.db anew from the journal, the blobs and the content; nothing is fetched or sent.

    The old one stays in force until the new one is whole. A crash between the two leaves none,
    and then the next pass makes it. The archive's lock is the caller's.
    """
    made, began = settings(order), order.clock()
    layout, new = Layout(made.archive_root, made.store.url), Layout(made.archive_root)
    exists(layout)
    file = layout.scratch / "state.db"  # whoever opens the archive next clears that folder
    new.state = file
    files.make_folder(layout.scratch)
    _remove(file)
    place = Place(made.content_root, made.content.include, made.content.exclude, new)
    taken = accepted(made.file.read_bytes(), __version__)
    found = look(place, taken, now_ns=int(began.timestamp() * 10**9), force=order.force)
    site = made.site_values()
    with begun(place.root, found, site) as ahead, Store(new.state, lasting=False) as store:
        ledger = Ledger(new, store)
        work = Pass(
            order=order,
            place=place,
            settings=made,
            site=site,
            ledger=ledger,
            found=found,
            ahead=ahead,
            taken=taken,
            now=began,
        )
        work.take_over()
        work.read()
        keeping = Keeping(order=order, settings=made, ledger=ledger, found=found, now=began)
        keeping.plan_checks()
        issue = work.publish(began, {})
        work.remember()
        issue.check()
    _swap(layout, file)
    known = affairs.standing(layout.state)
    assert known is not None  # noqa: S101  # it was just made
    return Rebuilt(
        lines=ledger.replayed,
        seen=known.seen,
        live=known.live,
        documents=tuple(sorted({*issue.written, *issue.gone})),
        seconds=(order.clock() - began).total_seconds(),
        problems=tuple(work.problems),
    )


def _swap(layout: Layout, new: Path) -> None:
    """Put the new database in the old one's place; what SQLite kept beside that goes first."""
    old = layout.state
    if not isinstance(old, Path):
        copy(new, old)
        _remove(new)
        return
    aside = layout.scratch / "state.db.old"
    if old.exists():
        files.rename([(old, aside)])
    _remove(old)
    files.flush([new])
    files.rename([(new, old)])
    _remove(aside)


def _remove(database: Path) -> None:
    files.remove([database.with_name(database.name + ending) for ending in _BESIDE])


def refetch(
    order: Order,
    urls: Sequence[str],
    *,
    missing: bool = False,
    gone: bool = False,
    act: bool = True,
) -> list[Asked]:
    """Ask for pictures again now: these, those not kept, or those whose host said they are gone.

    A copy that is kept stays as it is under the policy in force. Unless told to ``act``, nothing
    is asked, only said. Raises ContentError for an
    address that nobody asked for, or that was forgotten.
    """
    with opened(order) as care:
        before = index.pictures(care.layout.state)
        for url in urls:
            if url in care.ledger.barred.urls:
                raise ContentError(f"{url} was forgotten", hint="it is not asked for again")
            if url not in before:
                raise ContentError(f"no post shows {url}", hint="write it as it is in the post")
        chosen = set(urls)
        chosen |= {
            url
            for url, one in before.items()
            if url not in care.ledger.barred.urls
            and ((missing and not one.digest) or (gone and one.plan == "gone"))
        }
        if not act:
            return [_would(url, before[url]) for url in sorted(chosen)]
        with care.ledger.store.transaction() as session:
            custody.ask_again(session, sorted(chosen), order.clock())
        state = care.layout.state
    run(order)
    after = index.pictures(state)
    return [_asked(url, before[url], after[url]) for url in sorted(chosen)]


def _would(url: str, now: index.Kept) -> Asked:
    return Asked(
        url=url, plan=now.plan, says="would be asked for", digest=now.digest, changed=False
    )


def _asked(url: str, before: index.Kept, after: index.Kept) -> Asked:
    says = after.reason or "kept"
    if after.at == before.at:
        says = "not asked: no post shows it any more"
    return Asked(
        url=url,
        plan=after.plan,
        says=says,
        digest=after.digest,
        changed=after.digest != before.digest,
    )
