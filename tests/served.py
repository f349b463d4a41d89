"""Asking the server: its ASGI application without a socket, or itself on 127.0.0.1."""

import asyncio
import socket
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syndicator.serve.app import Feeds, Watch
from syndicator.serve.front import Front, House
from syndicator.serve.ring import Ring
from syndicator.serve.server import Server
from syndicator.serve.shelf import Shelf
from syndicator.serve.sockets import listen

HOUSE = House(url="https://feeds.example/")
PATIENCE = 300.0  # seconds; whoever needs them has failed
RSS = b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Seeds</title></channel></rss>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Site:
    """A public folder and the application that serves it."""

    root: Path
    house: House = HOUSE
    limit: int = 100
    watch: Watch = field(default_factory=Watch)
    app: Feeds = field(init=False)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.renew()

    def renew(self) -> None:
        """Start the application again: nothing is in memory."""
        shelf = Shelf(self.root, Ring(self.root.parent / "versions"))
        front = Front(shelf, self.house)
        self.app = Feeds(front, shelf, self.watch, limit=self.limit, probes=True)

    def put(self, path: str, data: bytes) -> Path:
        """Replace a file as the writer does."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = place.with_name(".aside")
        aside.write_bytes(data)
        return aside.replace(place)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Told:
        """Ask for a path, written as it goes over the wire; ``a_im`` is sent as ``a-im``."""
        return asyncio.run(ask(self.app, path, method, body=b"", **headers))


async def ask(
    app: Any, path: str, method: str = "GET", *, body: bytes = b"", **headers: str
) -> Told:
    """Ask an application."""
    raw, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "raw_path": raw.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ],
    }
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    assert len(found) == len(said[0]["headers"]), "a header twice"
    got = b"".join(message["body"] for message in said[1:])
    return Told(status=said[0]["status"], headers=found, body=got)


@contextmanager
def serving(root: Path, *, limit: int = 100, watch: Watch | None = None) -> Iterator[int]:
    """Serve a folder on 127.0.0.1 for the block; yields the port."""
    sockets = listen(["127.0.0.1:0"], [], {}, 0)
    port: int = sockets.public[0].getsockname()[1]
    server = Server(
        root=root,
        ring=Ring(None),
        house=HOUSE,
        sockets=sockets,
        watch=watch or Watch(),
        limit=limit,
    )
    server.start(lambda: None)
    try:
        yield port
    finally:
        server.stop()


def exchange(port: int, *sent: bytes) -> bytes:
    """Send bytes and return everything that comes until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as wire:
        for piece in sent:
            wire.sendall(piece)
        got = b""
        while piece := wire.recv(65536):
            got += piece
        return got
