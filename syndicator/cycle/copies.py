"""The copies of an archive from which it can be repaired: a folder, a bucket, or both."""

import logging
from dataclasses import dataclass

from syndicator.archive.catalogue import Item
from syndicator.archive.repair import Folder, Mirror
from syndicator.config.tables import Settings
from syndicator.cycle import Order
from syndicator.cycle.behind import installed
from syndicator.errors import SyndicatorError

_log = logging.getLogger(__name__)


def mirrors(settings: Settings, order: Order) -> list[Mirror]:
    """Return the copies that are configured, the nearest first; none is asked yet."""
    found: list[Mirror] = [Folder(settings.mirror)] if settings.mirror is not None else []
    if settings.archive.bucket:
        found.append(InBucket(settings, order))
    return found


@dataclass(frozen=True, slots=True)
class InBucket:
    """The copy of the archive in the bucket; it is opened where a file is wanted of it."""

    settings: Settings
    order: Order

    def fetch(self, item: Item) -> tuple[bytes, str] | None:
        """Read the file of this name; a bucket that is away has nothing."""
        try:
            installed()
            from syndicator.archive.mirror import blob_key  # noqa: PLC0415  # an extra
            from syndicator.cycle.bucket import opened  # noqa: PLC0415  # an extra

            key = blob_key(item.name)
            read = opened(self.settings, self.order).read(key)
        except SyndicatorError as error:
            _log.warning("%s", error.says, extra={"event": "bucket.away", "file": item.name})
            return None
        return (read[0], f"{self.settings.archive.bucket}/{key}") if read else None
