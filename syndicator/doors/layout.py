"""Where things lie in an archive."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syndicator.doors.index import Where

HEX = 64  # characters of a digest, with which the name of a kept file begins


class Layout:
    """The paths below one archive root; making it touches nothing."""

    def __init__(self, root: Path, store: str = "") -> None:
        """Name the places of the archive at ``root``; ``store`` is a server's address, if any."""
        self.root = root
        self.state: Where = root / "state.db"
        if store:
            from syndicator.doors.server import Server  # noqa: PLC0415  # few have one

            self.state = Server(store)
        self.lock = root / "lock"
        self.journal = root / "journal"
        self.scratch = root / "tmp"  # on the archive's own disk, so that a rename is one step
        self.public = root / "public"
        self.media = self.public / "media"
        self.versions = root / "versions"  # of feeds, for the server: which entries each had
        self.subscriptions = root / "subscriptions"  # of the built-in hub; with secrets
        self.blobs = root / "blobs" / "sha256"
        self.quarantine = root / "quarantine"  # what was found damaged; never deleted by itself
        self.wishes = root / "wishes"  # of people, for the instance that holds the lock
        self.control = root / "control"  # the socket at which a daemon is asked for a pass
        self.inventory = root / "bucket.db"  # what the bucket holds; made anew by listing it
        self.underway = root / "underway"  # the attempts at pushes that were begun
        self.letter = root / "README.txt"

    def blob(self, name: str) -> Path:
        """Tell where the blob of this name (digest and ending) lies: the digest decides."""
        return self.blobs / name[:2] / name


def source_name(digest: str, path: str) -> str:
    """Tell the blob name of a post's bytes; the ending is its own if it is one of Markdown's."""
    ending = Path(path).suffix.lower()
    return digest + (ending if ending in {".md", ".markdown"} else ".txt")
