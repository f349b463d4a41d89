"""When a share of the archive is due to be checked, and which; a light look at state.db."""

from datetime import datetime

from syndicator.archive.slices import choose, due
from syndicator.doors import affairs, index, journal, lines
from syndicator.doors.blobs import SHELVES
from syndicator.doors.layout import Layout


class Clockwork:
    """What earlier checks left behind, seen at a moment of the site's own zone."""

    def __init__(self, layout: Layout, now: datetime) -> None:
        """Read when each part was checked last."""
        found = affairs.custody(layout.state)
        self.checked = {name: datetime.fromisoformat(at) for name, at in found.shelves.items()}
        self.last = datetime.fromisoformat(found.checked) if found.checked else None
        self.born = birth(layout) or now
        self._now = now

    @property
    def slice(self) -> list[str]:
        """The shelves to check now."""
        return choose(SHELVES, self.checked, self.born, self._now)

    @property
    def oldest(self) -> datetime:
        """The moment since when some part was not checked."""
        return min(self.checked.get(shelf, self.born) for shelf in SHELVES)

    @property
    def due(self) -> datetime:
        """The moment from which on a slice is due."""
        return due(self.last, self.born, self._now)


def birth(layout: Layout) -> datetime | None:
    """Tell when the archive began: the moment of the journal's first line."""
    for _, line in journal.read(layout.journal):
        return lines.decode(line).at
    return None


def is_due(layout: Layout, now: datetime) -> bool:
    """Tell whether a slice is due; ``now`` carries the site's offset."""
    if index.revision(layout.state) != index.HEAD:
        return False
    return Clockwork(layout, now).due <= now
