"""Mastodon and Bluesky on 127.0.0.1, as far as we use them, with the faults they are known for."""

import html
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Reply = tuple[int, object]


@dataclass(kw_only=True)
class Fake:
    """A service; ``drops`` answers to what changes something are lost."""

    token: str
    drops: int = 0
    url: str = ""

    def answer(self, method: str, path: str, said: Any, headers: Mapping[str, str]) -> Reply:
        """Do what is asked; 0 for the status hangs up."""
        raise NotImplementedError


@dataclass(kw_only=True)
class FakeMastodon(Fake):
    """One account: its statuses by id, the keys it knows."""

    statuses: dict[str, str] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    lag: int = 0  # times it lists no status
    refused: int = 0

    def answer(self, method: str, path: str, said: Any, headers: Mapping[str, str]) -> Reply:
        """Answer as the API documents it, and 500 to a key that is known (mastodon#40399)."""
        if headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"error": "The access token is invalid"}
        route = path.partition("?")[0].removeprefix("/api/v1/")
        if route == "accounts/verify_credentials":
            return 200, {"id": "7"}
        if route == "accounts/7/statuses":
            self.lag -= 1
            return 200, [] if self.lag >= 0 else [self._entity(key) for key in self.statuses]
        if method == "POST":
            return self._post(said["status"], headers["idempotency-key"])
        return self._change(method, route.removeprefix("statuses/"), said)

    def _change(self, method: str, key: str, said: Any) -> Reply:
        if key not in self.statuses:
            return 404, {"error": "Record not found"}
        if method == "DELETE":
            del self.statuses[key]
            return 200, {"id": key}
        self.statuses[key] = said["status"]
        return 200, self._entity(key)

    def _post(self, text: str, key: str) -> Reply:
        if key in self.keys:
            self.refused += 1
            return 500, {"error": "500"}
        self.keys.add(key)
        made = str(len(self.keys))
        self.statuses[made] = text
        self.drops -= 1
        return (0, None) if self.drops >= 0 else (200, self._entity(made))

    def _entity(self, key: str) -> object:
        *texts, link = self.statuses[key].split("\n\n")
        shown = link.removeprefix("https://")
        parts = (("invisible", "https://"), ("ellipsis", shown[:9]), ("invisible", shown[9:]))
        spans = "".join(f'<span class="{name}">{part}</span>' for name, part in parts)
        anchor = f'<a href="{link}" rel="nofollow">{spans}</a>'
        words = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
        return {
            "id": key,
            "content": f"{words}<p>{anchor}</p>",
            "card": None,
            "fill": "x" * 20_000,
        }


@dataclass(kw_only=True)
class FakeBluesky(Fake):
    """One repository: its records by key."""

    records: dict[str, Any] = field(default_factory=dict)
    puts: int = 0

    def answer(self, method: str, path: str, said: Any, headers: Mapping[str, str]) -> Reply:  # noqa: ARG002  # as its kind
        """Answer as the lexicons of com.atproto say."""
        call = path.removeprefix("/xrpc/com.atproto.")
        if call == "server.createSession":
            if said != {"identifier": "site.example", "password": self.token}:
                return 401, {"error": "AuthenticationRequired", "message": "Invalid"}
            return 200, {"accessJwt": "jwt", "did": "did:plc:1", "handle": "site.example"}
        if headers.get("authorization") != "Bearer jwt" or said["repo"] != "did:plc:1":
            return 400, {"error": "InvalidToken"}
        if call == "repo.deleteRecord":
            self.records.pop(said["rkey"], None)
            return 200, {}
        self.puts += 1
        self.records[said["rkey"]] = said["record"]
        self.drops -= 1
        uri = f"at://did:plc:1/{said['collection']}/{said['rkey']}"
        return (0, None) if self.drops >= 0 else (200, {"uri": uri, "cid": "x"})


AnyFake = TypeVar("AnyFake", bound=Fake)


@contextmanager
def faked(fake: AnyFake) -> Iterator[AnyFake]:
    """Serve a fake for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = json.loads(body) if body else None
            status, reply = fake.answer(self.command, self.path, said, headers)
            if not status:
                self.close_connection = True
                return
            data = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815  # as http.server looks for them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as overridden
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        fake.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
