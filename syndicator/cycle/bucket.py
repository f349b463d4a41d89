"""The bucket of an archive: opened as configured, brought up to date by a pass, told of.

What is wrong with it harms no pass: it is told, and tried again later, each time a little later.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from syndicator.archive.mirror import Mirror, Tally, rebuild
from syndicator.config import buckets
from syndicator.config.tables import Settings
from syndicator.cycle import Order
from syndicator.cycle.behind import told
from syndicator.doors import journal
from syndicator.doors.bucket import Bucket, Kind, Spot
from syndicator.doors.index import BUCKET
from syndicator.doors.inventory import Inventory
from syndicator.doors.layout import Layout
from syndicator.doors.store import Store, resting
from syndicator.doors.store.rows import get, put
from syndicator.errors import ConfigError, Failed, SyndicatorError
from syndicator.model.posts import Problem
from syndicator.publish.kinds import kind

WAITS = (60, 120, 300, 600, 900)  # seconds after the first, second ... failure, and all later ones
_log = logging.getLogger(__name__)


def spot(settings: Settings, environ: Mapping[str, str]) -> Spot:
    """Tell where the bucket is, and what opens it; ConfigError where the keys can't be had."""
    table, network = settings.archive, settings.network
    name, prefix = buckets.parts(table.bucket)
    region = table.bucket_region or environ.get("AWS_REGION", "").strip() or "us-east-1"
    found = buckets.keys(
        table.bucket_secret_file, table.bucket_secret_credential, environ, settings.folder
    )
    return Spot(
        name=name,
        prefix=prefix,
        endpoint=table.bucket_endpoint or f"https://s3.{region}.amazonaws.com",
        region=region,
        access=found.name,
        secret=found.secret,
        token=found.token,
        allow=network.allow,
        ports=network.ports,
        proxy=network.proxy,
        ca_file=settings.ca_file,
        timeout=network.timeout,
    )


def opened(settings: Settings, order: Order) -> Bucket:
    """Open the bucket; raise ConfigError where none is configured, or its keys can't be had."""
    if not settings.archive.bucket:
        raise ConfigError("no bucket is configured", hint="set [archive] bucket")
    return Bucket(spot(settings, order.environ))


def named(settings: Settings) -> str:
    """Name a bucket so that another is never taken for it."""
    return f"{settings.archive.bucket_endpoint} {settings.archive.bucket}".strip()


def kinds(max_age: int) -> Callable[[str, bytes], Kind]:
    """Return what tells how published files are to be served: as the built-in server does."""

    def tell(path: str, head: bytes) -> Kind:
        return Kind(kind(path, head).reader.decode(), f"public, max-age={max_age}")

    return tell


def bring(
    settings: Settings,
    order: Order,
    inventory: Inventory,
    stopped: Callable[[], bool],
    tally: Tally,
) -> None:
    """Bring the bucket to what the folder holds; raise a SyndicatorError where that failed."""
    bucket = opened(settings, order)
    try:
        if not inventory.fact("listed"):
            rebuild(bucket, inventory)
        Mirror(
            layout=Layout(settings.archive_root),
            bucket=bucket,
            inventory=inventory,
            kinds=kinds(int(settings.feeds.ttl)),
            stopped=stopped,
            progress=order.progress,
            tally=tally,
        ).bring()
    except sqlite3.Error as error:
        raise Failed(f"could not note what the bucket holds: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """The bucket beside an open archive, as a pass uses it."""

    order: Order
    settings: Settings
    layout: Layout
    store: Store

    def through(self) -> Problem | None:
        """Bring the bucket up to date; tell why it is not, if so. Raises nothing of the bucket's.

        Where readers get the feeds from the bucket, endpoints rest until it is asked again.
        """
        now = self.order.clock()
        with Inventory(self.layout.inventory, named(self.settings)) as inventory:
            rested = int(inventory.fact("retry_at") or 0)
            if rested <= now.timestamp():
                attempt(self.settings, self.order, inventory)
            until, says = int(inventory.fact("retry_at") or 0), inventory.fact("says")
            found = told(self.settings.archive.bucket, inventory.facts())
        self.note(rested, until, followed=not says)
        return found

    def note(self, rested: int, until: int, *, followed: bool) -> None:
        """Let the next look know when the bucket is to be asked, and endpoints whether to rest.

        They ``rested`` until that moment; both are in seconds since 1970, 0 for none.
        """
        end = str(journal.end(self.layout.journal)) if followed else ""
        with self.store.transaction() as session:
            if get(session, BUCKET) != (said := f"{until} {end}"):
                put(session, BUCKET, said)
            serves = self.settings.archive.bucket_serves
            if serves:
                resting.rest(session, rested, until)
            if followed or not serves:
                resting.go_on(session)


def attempt(settings: Settings, order: Order, inventory: Inventory) -> Tally:
    """Try once, and note what came of it; a failure is noted, and when to try again."""
    stop, hurry, made = order.stop, order.hurry, Tally()
    try:
        bring(settings, order, inventory, lambda: stop.is_set() or hurry.is_set(), made)
    except SyndicatorError as error:
        _failed(settings, inventory, error, order.clock())
        return made
    says = "" if made.whole else "it was left for the next pass"
    inventory.set(says=says, hint="", grave="", lacks="", failures="0", retry_at="0")
    for name in made.absent:
        about = {"event": "bucket.lacks", "file": name}
        _log.warning(
            "neither the folder nor the bucket has the right bytes of %s", name, extra=about
        )
    return made


def _failed(
    settings: Settings, inventory: Inventory, error: SyndicatorError, now: datetime
) -> None:
    failures = int(inventory.fact("failures") or 0)
    wait = WAITS[min(failures, len(WAITS) - 1)]
    lacking = Mirror(layout=Layout(settings.archive_root), bucket=None, inventory=inventory)
    with suppress(SyndicatorError):
        lacking.bring()
    made = lacking.tally
    inventory.set(
        says=error.says,
        hint=error.hint,
        grave="" if error.transient else "1",
        lacks=f"{made.put + len(made.waiting)}",
        failures=f"{failures + 1}",
        retry_at=f"{round(now.timestamp()) + wait}",
    )
    says = "the bucket is behind, asked again in %s s: %s"
    _log.warning(says, wait, error.says, extra={"event": "bucket.behind"})
