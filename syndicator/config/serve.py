"""The table ``[serve]``: where readers find what is published, and how it is served."""

from typing import Annotated, Literal

from pydantic import Field

from syndicator.config.listen import Addresses
from syndicator.config.moves import Moves, OldPath, Target, moves
from syndicator.config.table import Table
from syndicator.config.values import Coding, FolderUrl


class ServeTable(Table):
    """Where readers find what is published."""

    url: FolderUrl
    """Where the folder public of the archive is reachable: self links and picture URLs."""
    compress: tuple[Coding, ...] = ("gz", "br")
    """Compressed copies beside each document, for servers that send files as they are."""
    moved: dict[OldPath, Target] = {}  # noqa: RUF012  # pydantic copies it
    """By the path a feed had below public, or a folder of feeds ("tags/"): where it is now."""
    gone: tuple[OldPath, ...] = ()
    """Feeds, or folders of them, that will not come back: readers are told to stop asking."""
    listen: Addresses = ()
    """Where to serve that folder over HTTP: addresses with ports, or Unix sockets; none: not."""
    monitor: Addresses = ()
    """Where /metrics and /status are, /livez and /readyz; none: only the latter two, at listen."""
    status: Literal["socket", "monitor", "never"] = "socket"
    """Who is shown /status at monitor: who may use a Unix socket, all who get there, nobody."""
    hub: bool = False
    """Be a WebSub hub for the feeds, at hub below url: subscribers are sent each change."""
    connections: Annotated[int, Field(ge=1, le=65536)] = 512
    """How many connections are served at once; to more the server says when to come again."""
    log: bool = False
    """Print a line for each request: what was asked and what came of it, and not who asked."""

    def moves(self) -> Moves:
        """Tell what the paths of former feeds answer: a status, and where to."""
        return moves(self.url, self.moved, self.gone)
