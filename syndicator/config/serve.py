"""The table ``[serve]``: where readers find what is published, and how it is served."""

from typing import Annotated

from pydantic import Field

from syndicator.config.listen import Addresses
from syndicator.config.table import Table
from syndicator.config.values import FolderUrl


class ServeTable(Table):
    """Where readers find what is published."""

    url: FolderUrl
    """Where the folder public of the archive is reachable: self links and picture URLs."""
    listen: Addresses = ()
    """Where to serve that folder over HTTP: addresses with ports, or Unix sockets; none: not."""
    monitor: Addresses = ()
    """Where /metrics is, and /livez and /readyz; none: no metrics, and the others at listen."""
    connections: Annotated[int, Field(ge=1, le=65536)] = 512
    """How many connections are served at once; to more the server says when to come again."""
    log: bool = False
    """Print a line for each request: what was asked and what came of it, and not who asked."""
