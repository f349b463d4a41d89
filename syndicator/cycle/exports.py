"""Handing the archive on, in forms that outlive this program."""

from pathlib import Path

from syndicator.archive import bag, catalogue
from syndicator.archive import warc as warc_file
from syndicator.cycle import Order
from syndicator.cycle.custody import exists, settings
from syndicator.doors.layout import Layout
from syndicator.model.keeping import Exported


def bagit(order: Order, target: Path) -> Exported:
    """Write the archive into a folder as a bag; its lock is the caller's."""
    made = settings(order)
    layout = Layout(made.archive_root, made.store.url)
    exists(layout)
    read = catalogue.read(layout)
    return bag.write(layout, read, target, made.site.url, order.progress)


def warc(order: Order, target: Path) -> Exported:
    """Write the archive into a WARC file; its lock is the caller's."""
    made = settings(order)
    layout = Layout(made.archive_root, made.store.url)
    exists(layout)
    read = catalogue.read(layout)
    return warc_file.write(layout, read, target, made.site.url, order.progress)
