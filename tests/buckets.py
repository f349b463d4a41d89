"""A real S3 service on 127.0.0.1 that can be told to fail."""

import http.client
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import obstore
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from obstore.store import S3Store
from trial import SECRETS, Trial
from werkzeug.serving import WSGIRequestHandler, make_server

KEYS = {"AWS_ACCESS_KEY_ID": "AKIACANARYNAME", "AWS_SECRET_ACCESS_KEY": "canary-of-the-bucket"}
Fault = Callable[[str, str], str]  # method and path -> an error's code, "" for none
STATUS = {"SlowDown": "503 Slow Down", "InternalError": "500 Internal", "AccessDenied": "403 No"}


class Silent(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's
        """Do nothing."""


@dataclass(slots=True)
class Service:
    """The service, what it was asked, and how it is to fail."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    fault: Fault = lambda _method, _path: ""
    port: int = 0
    _stop: Callable[[], None] = lambda: None
    _app: Any = None

    def start(self) -> None:
        """Listen on a free port."""
        self._app = DomainDispatcherApplication(create_backend_app)
        server = make_server("127.0.0.1", 0, self._answer, True, request_handler=Silent)
        self.port = server.server_port
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        self._stop = stop

    def stop(self) -> None:
        """Listen no more."""
        self._stop()

    def hears(self, environ: dict[str, Any]) -> None:
        """Take note of a request; a test may replace it."""

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.asked.append((method, path))
        self.hears(environ)
        if code := self.fault(method, path):
            body = f"<Error><Code>{code}</Code><Message>{KEYS}</Message></Error>".encode()
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start(STATUS[code], [("Content-Length", str(len(body)))])
            return [body]
        return self._app(environ, start)  # type: ignore[no-any-return]  # a WSGI application's

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, dict[str, str]]:
        """Ask it as anybody could; buckets of moto are open."""
        link = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            link.request(method, path, body)
            answer = link.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            link.close()

    def writes(self) -> list[str]:
        """Return the keys that were put since the last time, in their order, by their names."""
        put = [path.partition("/site/")[2] for method, path in self.asked if method == "PUT"]
        self.asked.clear()
        return put


@dataclass(slots=True, kw_only=True)
class Shop:
    """A site whose archive has a bucket."""

    service: Service
    name: str
    site: Trial

    def settings(self, **more: str) -> None:
        """Configure the bucket."""
        lines = {
            "bucket": f'"s3://{self.name}/site"',
            "bucket_endpoint": f'"http://127.0.0.1:{self.service.port}"',
            **more,
        }
        text = "".join(f"{key} = {value}\n" for key, value in lines.items())
        head = self.site.head.partition("bucket =")[0] if "bucket =" in self.site.head else ""
        rest = self.site.head.partition("[serve]")[2]
        before = head or self.site.head.partition("[serve]")[0]
        self.site.head = f'{before}{text}[network]\nallow = ["127.0.0.0/8"]\n[serve]{rest}'

    @property
    def store(self) -> S3Store:
        """The bucket, opened by the client alone."""
        return S3Store(
            self.name,
            prefix="site",
            access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            endpoint=f"http://127.0.0.1:{self.service.port}",
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def get(self, key: str) -> bytes | None:
        """Return what lies under a key."""
        try:
            return bytes(obstore.get(self.store, key).bytes())
        except FileNotFoundError:
            return None

    def headers(self, key: str) -> dict[str, str]:
        """Return how it is told to readers."""
        found = obstore.get(self.store, key).attributes
        return {str(name): str(value) for name, value in found.items()}

    def put(self, key: str, data: bytes) -> None:
        """Write there as another hand."""
        obstore.put(self.store, key, data)

    def delete(self, key: str) -> None:
        """Delete as another hand."""
        obstore.delete(self.store, key)

    def held(self) -> set[str]:
        """Return all keys."""
        return {one["path"] for some in obstore.list(self.store) for one in some}

    def files(self) -> dict[str, bytes]:
        """Return what the folder holds that the bucket should, by key."""
        root, found = self.site.layout.root, {}
        for place in ("blobs", "public"):
            for path in sorted((root / place).rglob("*")):
                if path.is_file() and path.suffix not in {".gz", ".br", ".zst"}:
                    found[path.relative_to(root).as_posix()] = path.read_bytes()
        return found

    def is_whole(self) -> bool:
        """Tell whether the bucket has all of the folder, and the whole journal."""
        same = all(self.get(key) == data for key, data in self.files().items())
        held = {
            key: self.get(key) or b"" for key in sorted(self.held()) if key.startswith("journal/")
        }
        told = b"".join(path.read_bytes() for path in sorted(self.site.layout.journal.iterdir()))
        return same and b"".join(held.values()) == told


def shop(service: Service, root: Path, name: str, tables: str = "") -> Shop:
    """Make an empty bucket, and a site that is to have it."""
    service.fault = lambda _method, _path: ""
    assert service.ask("PUT", f"/{name}")[0] == 200
    service.asked.clear()
    made = Shop(service=service, name=name, site=Trial(root=root, tables=tables))
    made.settings()
    return made


ENVIRON = {**SECRETS, **KEYS}
