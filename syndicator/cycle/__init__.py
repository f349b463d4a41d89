"""One pass, from content to delivery; ``whole`` alone knows the order of the five stages.

``run`` looks first whether there is anything to do; a pass that finds nothing ends there, and has
imported nothing heavy: no ORM, HTTP client, parser, or feed library.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from syndicator import __version__
from syndicator.config import file as configuration
from syndicator.content.look import Place, accepted, look
from syndicator.doors import affairs, files
from syndicator.doors.garbage import settling
from syndicator.doors.layout import Layout

if TYPE_CHECKING:
    import asyncio
    from collections import Counter
    from collections.abc import Sequence

    from syndicator.model.keeping import Verification
    from syndicator.model.posts import Problem
    from syndicator.model.report import Report

DRAIN = 30.0  # seconds a pass stays for pushes that fall due


class Stop:
    """A wish to end soon, cleanly; heard in threads and, through ``heard``, in an event loop."""

    def __init__(self) -> None:
        """Start unset."""
        self._set = False
        self._listeners: list[Callable[[], object]] = []

    def set(self) -> None:
        """Ask for the end; safe from any thread and from a signal handler."""
        self._set = True
        for tell in tuple(self._listeners):
            tell()

    def is_set(self) -> bool:
        """Tell whether the end was asked for."""
        return self._set

    @contextmanager
    def heard(self) -> "Iterator[asyncio.Event]":
        """Give the running event loop an event that is set with this one."""
        import asyncio  # noqa: PLC0415  # a pass that finds nothing changed needs none

        event, loop = asyncio.Event(), asyncio.get_running_loop()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop has closed: nobody is left to hear
                loop.call_soon_threadsafe(event.set)

        self._listeners.append(tell)
        try:
            if self._set:
                event.set()
            yield event
        finally:
            self._listeners.remove(tell)


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


class Order(NamedTuple):
    """What a pass is asked to do, and what it is handed of the outer world."""

    file: Path  # the configuration
    clock: Callable[[], datetime]
    environ: Mapping[str, str]
    jitter: Callable[[], float]  # a number from 0 up to 1
    age: Callable[[], float]  # seconds this process has lived, whatever the clock says
    stop: Stop
    hurry: Stop = Stop()  # somebody waits for the end of the pass: let it not stay for retries
    broken_off: "Counter[str] | None" = None  # how often pictures were, by URL, in a row
    written: frozenset[str] | None = None  # look at these files alone: somebody saw what changed
    force: bool = False
    dry_run: bool = False
    confirm: bool = False  # many pushes at once are meant
    drain: float = DRAIN
    progress: Callable[[str, int, int], None] = no_progress


def layout(file: Path) -> Layout:
    """Tell where the archive of a configuration lies; raise ConfigError if that can't be told."""
    return _place(file)[1].layout


def run(order: Order) -> "Report":
    """Make one pass and report on it; whoever calls holds the archive's lock, but for a dry run.

    Raises a SyndicatorError where the pass as a whole could not be made; what is wrong with one
    post, picture or endpoint is in the report.
    """
    began = order.clock()
    data, place = _place(order.file)
    now_ns = int(began.timestamp() * 10**9)
    taken = accepted(data, __version__)
    found = look(
        place,
        taken,
        now_ns=now_ns,
        force=order.force,
        dry=order.dry_run,
        written=order.written,
        stay=order.drain,
    )
    if found.quiet and not order.confirm:
        from syndicator.cycle.report import standing  # noqa: PLC0415

        known = affairs.standing(place.layout.state, alone=not order.dry_run)
        assert known is not None  # noqa: S101  # a quiet look has read it
        extra = _unworded(order.file, known) if known.unworded else ()
        return standing(known, extra, order.clock() - began, unchanged=True)
    return _maker()(order, place, found, taken, began)


def _unworded(file: Path, known: affairs.Standing) -> "Sequence[Problem]":
    from syndicator.cycle.unworded import unworded  # noqa: PLC0415  # hardly ever needed

    return unworded(file, known)


def _maker() -> "Callable[..., Report]":
    """Import what makes whole passes: most of what a short pass costs."""
    with nullcontext() if "syndicator.cycle.whole" in sys.modules else settling():
        from syndicator.cycle.whole import make  # noqa: PLC0415  # heavy
    return make


def check_slice(order: Order) -> "Verification | None":
    """Check the share of the archive that is due, if one is; whoever calls holds its lock.

    Raises a SyndicatorError where the check could not be made; damage is in what it returns.
    """
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # of no use to a pass

    from syndicator.cycle.clockwork import is_due  # noqa: PLC0415

    site = configuration.read(order.file)[1]["site"]
    zone = ZoneInfo(str(site["timezone"]) if isinstance(site, dict) else "UTC")
    if order.stop.is_set() or not is_due(layout(order.file), order.clock().astimezone(zone)):
        return None
    from syndicator.cycle.fixity import verify  # noqa: PLC0415

    return verify(order, whole=False)


def _place(file: Path) -> tuple[bytes, Place]:
    data, raw = configuration.read(file)
    quick = configuration.quick(raw, file.parent)
    if quick is None:
        from syndicator.config.load import load  # noqa: PLC0415
        from syndicator.publish import registered  # noqa: PLC0415

        load(file, registered())  # says what is wrong
        raise AssertionError(file)
    there = Layout(quick.archive_root, quick.store)
    return data, Place(quick.content_root, quick.include, quick.exclude, there)


def open_archive(place: Layout) -> None:
    """Make the archive's folders where they are missing, and its letter to the finder."""
    files.make_folder(place.public)
    # an older program's letter does not tell of all that this one writes
    if not place.letter.exists() or place.letter.read_bytes() != LETTER.encode():
        aside = place.root / ".README.part"
        files.write(aside, LETTER.encode())
        files.rename([(aside, place.letter)])


LETTER = """\
This folder is an archive of a web site's posts and pictures, kept by the program "syndicator".
It can be read without that program; a shell is enough.

blobs/sha256/83/837c....jpg   a file exactly as it was received, named by the SHA-256 of its bytes:
                              every version of every post (.md) and every picture
journal/2026-11.jsonl         what happened, one JSON object a line, oldest first:
  kept       a post's bytes were kept: its path, the digest of the bytes
  adopted    a post has the id that another feed gave it, and its dates
  version    how a post stood from then on: id, path, url, title, dates, digest of its bytes
  removal    a post left the feeds
  capture    a picture was asked for: url, what came back, digest, size; or the reason it failed
  copy       what readers got of that picture: where "public" is not "digest", a copy without
             its maker's traces (position, serial number, thumbnail); the blob has them all
  joined     a receiver of pushes was configured
  owed       a push a receiver was to get, with its body
  settled    that push was acknowledged (done) or given up (dead), or need not be sent any more
             (superseded by a newer one, cancelled by a person)
  reopened   that push is to be sent again, or is free to be sent
  tried      a push that must not come twice set out (begun), or had not (unsent)
  switched   a receiver is asked (active), or is not for now (paused, disabled)
  alerted    it was told that a job or a receiver fails again and again, or does no more
  problems   what was wrong with a file from then on: code, line, column, what; none: all is well
  checked    files under blobs/ were read and compared with their names
  damaged    a file was not what its name says, or gone; what was there is in quarantine/
  repaired   it has its bytes again, and where these were found
  loose      from then on nothing referred to these files
  collected  such files were deleted, 90 days later at the earliest
  forgotten  a post or picture was taken down for good, and why; it must not come back
  written    the digests of files in public/ that changed: all feeds follow what was said before
                              A line that ends in "more":true happened together with the next one.
                              Lines of forgotten posts have blanks for titles and texts
quarantine/                   damaged files as they were found; no part of the archive any more
public/                       what readers get: the feeds, and pictures under media/, each named by
                              the SHA-256 of its own bytes
state.db                      an index of the journal (SQLite); it can be deleted, the next run
                              makes it anew
bucket.db                     what the copy in a bucket is known to hold; it can be deleted
versions/                     which entries the last versions of a feed had, for readers that ask
                              for what is new only; it can be deleted
subscriptions/                who is sent the feeds by the built-in WebSub hub, if it is in use
underway                      attempts at pushes that the running program has begun
tmp/, lock                    scratch space and the lock of the running program

To check that every file is what its name says (prints nothing if all is well):

  cd blobs/sha256 && find . -type f |
    sed -n 's,^\\./../\\([0-9a-f]\\{64\\}\\)\\..*$,\\1  &,p' | sha256sum --check --quiet

To find every version of a post, oldest first:

  grep -h '"event":"kept"' journal/*.jsonl | grep '"path":"PATH OF THE POST"'

To find where a picture is kept:

  grep -h '"event":"capture"' journal/*.jsonl | grep '"url":"URL OF THE PICTURE"'
"""
