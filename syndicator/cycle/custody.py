"""An archive that is open for care rather than for a pass: checks, repairs, take-downs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syndicator import __version__
from syndicator.archive import catalogue
from syndicator.archive.catalogue import Catalogue
from syndicator.config.load import load
from syndicator.config.tables import Settings
from syndicator.cycle import Order
from syndicator.cycle.keeping import limits
from syndicator.doors import index, journal
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.errors import StoreError
from syndicator.publish import registered

if TYPE_CHECKING:
    from syndicator.doors.http import Web


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """An open archive, its settings, and what the caller handed in of the outer world."""

    order: Order
    settings: Settings
    layout: Layout
    ledger: Ledger

    @property
    def now(self) -> datetime:
        """The moment, in the site's own zone."""
        return self.order.clock().astimezone(ZoneInfo(self.settings.site.timezone))

    def catalogue(self) -> Catalogue:
        """Read the whole journal."""
        return catalogue.read(self.layout)

    def web(self) -> "Web":
        """Open the guarded client, as a pass does."""
        from syndicator.doors.http import Web  # noqa: PLC0415  # heavy, and few repairs ask anybody

        return Web(
            limits(self.settings), agent=f"syndicator/{__version__} (+{self.settings.site.url})"
        )


def settings(order: Order) -> Settings:
    """Read the configuration; raise ConfigError where it can't be used."""
    return load(order.file, registered())


def exists(layout: Layout) -> None:
    """Raise StoreError where no pass was made yet: an archive is not made by looking at it."""
    if journal.end(layout.journal) == journal.START and not index.revision(layout.state):
        raise StoreError(f"no pass was made yet: {layout.root} is empty", hint="syndicate run")


@contextmanager
def opened(order: Order, made: Settings | None = None) -> Iterator[Care]:
    """Open the archive; whoever calls holds its lock."""
    made = made or settings(order)
    layout = Layout(made.archive_root, made.store.url)
    exists(layout)
    with Store(layout.state) as store:
        yield Care(order=order, settings=made, layout=layout, ledger=Ledger(layout, store))
