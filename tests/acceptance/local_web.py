"""A web server on 127.0.0.1: serves pages, receives pushes, and can be told to misbehave."""

import atexit
import secrets
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ALLOW = 'allow = ["127.0.0.0/8"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A message as it came."""

    path: str
    headers: dict[str, str]  # lower-case names
    body: bytes

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]


class LocalWeb:
    """What a running server serves, and what it got."""

    def __init__(self, port: int) -> None:
        """Serve nothing, accept every push."""
        self.port = port
        self.pages: dict[str, tuple[int, str, bytes]] = {}  # status, content type, body
        self.moves: dict[str, tuple[int, str]] = {}  # status, new address
        self.asked: list[str] = []
        self.pushes: list[Push] = []
        self.answers: deque[int] = deque()  # to the next pushes; then 204
        self.hook: Callable[[Push], object] = lambda _push: None  # called before the answer
        self.hanging = threading.Event()  # set once somebody waits at /never
        self.over = threading.Event()

    def url(self, path: str) -> str:
        """Name a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, body: bytes, kind: str = "image/png", status: int = 200) -> str:
        """Put a page up and return its address."""
        self.pages[path] = (status, kind, body)
        return self.url(path)

    def pushed(self) -> list[bytes]:
        """Return the bodies that came, in their order."""
        return [push.body for push in self.pushes]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a body waits 40 ms for somebody to have seen its headers
    web: LocalWeb

    def do_GET(self) -> None:
        self.web.asked.append(self.path)
        self._maybe_never()
        if challenge := parse_qs(urlsplit(self.path).query).get("hub.challenge"):
            self._say(200, challenge[0].encode())  # it means to subscribe (WebSub, 5.3)
            return
        if self.path in self.web.moves:
            status, target = self.web.moves[self.path]
            self._say(status, b"", location=target)
            return
        status, kind, body = self.web.pages.get(self.path, (404, "text/plain", b"no"))
        self._say(status, body, kind)

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:  # the sender was killed: no receiver takes half a message
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        push = Push(path=self.path, headers=headers, body=body)
        self.web.pushes.append(push)
        self.web.hook(push)
        self._maybe_never()
        self._say(self.web.answers.popleft() if self.web.answers else 204, b"")

    def _maybe_never(self) -> None:
        if self.path.startswith("/never"):
            self.web.hanging.set()
            self.web.over.wait()

    def _say(
        self, status: int, body: bytes, kind: str = "text/plain", *, location: str = ""
    ) -> None:
        with suppress(OSError):  # the other side may have been killed
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if location:
                self.send_header("Location", location)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as overridden
        """Say nothing."""


@contextmanager
def local_web() -> Iterator[LocalWeb]:
    """Serve for the length of the block."""
    web = LocalWeb(0)
    handler = type("Handler", (_Handler,), {"web": web})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        web.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield web
        finally:
            web.over.set()
            server.shutdown()
            thread.join()


def dead_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens, as long as this process lives."""
    held = socket.socket()
    atexit.register(held.close)
    held.bind(("127.0.0.1", 0))
    port: int = held.getsockname()[1]
    return port


def free_port() -> int:
    """Return a port for a server that must be told one: below those that the system gives out."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
