"""Making state.db anew from the files, and asking for pictures again."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from syndicator import __version__
from syndicator.content.look import Place, accepted, look
from syndicator.cycle import Order, run
from syndicator.cycle.custody import exists, opened, settings
from syndicator.cycle.issue import Issue
from syndicator.cycle.reading import begun
from syndicator.cycle.whole import Pass
from syndicator.doors import affairs, files, index, journal
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store, anew, custody
from syndicator.doors.store.transfer import copy
from syndicator.errors import ContentError, StoreError
from syndicator.model.keeping import Asked, Rebuilt

_NEVER = index.Kept("", "", 0, "waiting", "", 0, "")  # a picture never asked for
_BESIDE = ("", "-wal", "-shm")  # a database and what SQLite keeps beside it


def reindex(order: Order) -> Rebuilt:
    """Make state.db anew from the journal, the blobs and the content; nothing is fetched or sent.

    The old one stays in force until the new one is whole; a crash between the two leaves none, and
    the next pass makes it. The archive's lock is the caller's. Raises StoreError, unless forced,
    where the old one remembers more than the journal has.
    """
    made, began = settings(order), order.clock()
    layout, new = Layout(made.archive_root, made.store.url), Layout(made.archive_root)
    exists(layout)
    _reaches(layout, order)
    file = new.state = layout.scratch / "state.db"  # whoever opens the archive next clears it
    files.make_folder(layout.scratch)
    _remove(file)
    place = Place(made.content_root, made.content.include, made.content.exclude, new)
    taken = accepted(made.file.read_bytes(), __version__)
    found = look(place, taken, now_ns=int(began.timestamp() * 10**9), force=order.force)
    site = made.site_values()
    with (
        begun(place, found, site, made.scheduler) as ahead,
        Store(new.state, lasting=False) as store,
    ):
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
        issue = _published(work)
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


def _published(work: Pass) -> Issue:
    """Do what a pass does that asks and tells nobody."""
    work.take_over()
    work.read()
    work.keeping().plan_checks()
    issue = work.publish(work.now, {})
    work.remember()
    issue.check()
    return issue


def _reaches(layout: Layout, order: Order) -> None:
    """Raise StoreError where part of the journal that the old database knows is gone."""
    at = journal.START
    if order.force:
        return
    with suppress(StoreError):  # where it is damaged, what it knew is lost already
        at = journal.position(affairs.position(layout.state))
    if journal.lacks(layout.journal, at):
        says = f"{layout.journal} is shorter than state.db remembers ({at})"
        raise StoreError(says, hint="restore the journal; --force goes on from what is left")


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

    A copy that is kept stays as it is under the policy in force. A host that rests is asked all
    the same: with one picture first, as after any rest. Unless told to ``act``, nothing is asked,
    only said. Raises ContentError for an address that no post shows, or that was forgotten.
    """
    with opened(order) as care:
        state, barred, asked = care.layout.state, care.ledger.barred.urls, order.clock()
        with care.ledger.store.transaction() as session:
            fresh, shown = anew.unasked(session), custody.users(session)
        before = dict.fromkeys(fresh, _NEVER) | index.pictures(state)
        for url in urls:
            if url in barred:
                raise ContentError(f"{url} was forgotten", hint="it is not asked for again")
            if url not in before:
                raise ContentError(f"no post shows {url}", hint="write it as it is in the post")
        chosen = set(urls)
        chosen |= {
            url
            for url, one in before.items()
            if url not in barred
            and url in shown
            and ((missing and not one.digest) or (gone and one.plan == "gone"))
        }
        if not act:
            return [_would(url, before[url]) for url in sorted(chosen)]
        with care.ledger.store.transaction() as session:
            anew.ask(session, chosen, asked)
    run(order)
    with Store(state) as store, store.transaction() as session:
        left = anew.passed_over(session, chosen, asked)
    after = before | index.pictures(state)
    return [_asked(url, before[url], after[url], left.get(url)) for url in sorted(chosen)]


def _would(url: str, now: index.Kept) -> Asked:
    return Asked(
        url=url, plan=now.plan, says="would be asked for", digest=now.digest, changed=False
    )


def _asked(url: str, before: index.Kept, after: index.Kept, left: str | None) -> Asked:
    return Asked(
        url=url,
        plan=after.plan,
        says=f"not asked: {left}" if left else after.reason or "kept",
        digest=after.digest,
        changed=after.digest != before.digest,
    )
