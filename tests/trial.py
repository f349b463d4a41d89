"""A small site on which real passes are made; only the network is a play."""

import asyncio
import io
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from loopback import no_wait
from PIL import Image

from syndicator.cycle import Order, Stop, run
from syndicator.doors.http import Web
from syndicator.doors.layout import Layout
from syndicator.model.report import Report

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECRETS = {"SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
EVENTS = '["post.published", "post.updated", "post.removed"]'
HEAD = """\
[site]
title = "Small"
url = "https://site.example/"
timezone = "Asia/Taipei"
[content]
root = "../content"
[archive]
root = "../archive"
[serve]
url = "https://feeds.example/"
[[publish]]
type = "atom"
path = "atom.xml"
limit = 0
"""
T = TypeVar("T")
Says = Callable[[httpx.Request], httpx.Response]


def png() -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("L", (8, 6)).save(out, "PNG")
    return out.getvalue()


PNG = png()


def hurried(order: Order, seconds: float | None = None) -> bool:
    """Wait, as a pass that stays does, until somebody waits for its end; tell whether one did."""

    async def wait() -> bool:
        with order.hurry.heard() as wish, suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await wish.wait()
        return False

    return asyncio.run(wait())


def webhook(name: str = "ops", since: str = "configured") -> str:
    """Return the table of an endpoint."""
    return (
        f'[[publish]]\ntype = "webhook"\nname = "{name}"\nurl = "https://{name}.example/"\n'
        f'secret_env = "SECRET"\nevents = {EVENTS}\nsince = "{since}"\n'
    )


def well(_request: httpx.Request) -> httpx.Response:
    """Take whatever comes; pictures are there."""
    return httpx.Response(200, content=PNG)


@dataclass(slots=True, kw_only=True)
class Trial:
    """A site, its passes, and the pushes its receivers got."""

    root: Path
    tables: str = ""
    head: str = HEAD
    store: str = ""  # the address of a database server
    now: datetime = START
    says: Says = well
    slow: Callable[[httpx.Request], Awaitable[httpx.Response]] | None = None  # in place of says
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # message, body
    asked: list[str] = field(default_factory=list)  # pictures

    @property
    def layout(self) -> Layout:
        """Where the archive is."""
        return Layout(self.root / "archive", self.store)

    @property
    def file(self) -> Path:
        """Where the configuration is, written as it should be now."""
        file = self.root / "config" / "syndicator.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        store = f'[store]\nurl = "{self.store}"\n' if self.store else ""
        file.write_text(self.head + self.tables + store, encoding="utf-8")
        return file

    def write(self, path: str, body: str = "Text.", **matter: str) -> None:
        """Write a post, an hour before now."""
        lines = "".join(f"{name}: {value}\n" for name, value in matter.items())
        file = self.root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.root / "aside"  # who watches sees it once, as it is to be
        aside.write_text(f"---\n{lines}---\n{body}\n", encoding="utf-8")
        self._age(aside)
        aside.replace(file)

    def age(self, path: str) -> None:
        """Let a file be an hour old."""
        self._age(self.root / "content" / path)

    def _age(self, file: Path) -> None:
        old = (self.now - HOUR).timestamp()
        os.utime(file, (old, old))

    def remove(self, path: str) -> None:
        """Remove a post."""
        (self.root / "content" / path).unlink()

    def order(self, **fields: object) -> Order:
        """Return the order for a pass now."""
        (self.root / "content").mkdir(exist_ok=True)
        plain = Order(
            file=self.file,
            clock=lambda: self.now,
            environ=SECRETS,
            jitter=lambda: 0.0,
            age=lambda: 60.0,
            stop=Stop(),
            drain=0.0,
        )
        return plain._replace(**fields)  # type: ignore[arg-type]  # tests name the fields they mean

    def die_at(self, room: type, name: str) -> None:
        """Make a pass that does not outlive this step."""

        def end(*_arguments: object, **_more: object) -> None:
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, name, end)
            with pytest.raises(KeyboardInterrupt):
                self.make()

    def make(self, *, hours: int = 1, **fields: object) -> Report:
        """Make a pass, an hour after the last."""
        return self.care(run, hours=hours, **fields)

    def care(self, work: Callable[[Order], T], *, hours: int = 1, **fields: object) -> T:
        """Do anything with the archive, an hour after the last."""
        self.now += hours * HOUR
        transport = httpx.MockTransport(self._slowly if self.slow else self._answer)
        with pytest.MonkeyPatch.context() as patch:
            made = partialmethod(Web.__init__, transport=transport, sleep=no_wait)
            patch.setattr(Web, "__init__", made)
            return work(self.order(**fields))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.heard.append((request.headers["webhook-id"], json.loads(request.content)))
        else:
            self.asked.append(str(request.url))
        return self.says(request)

    async def _slowly(self, request: httpx.Request) -> httpx.Response:
        answer = self._answer(request)
        return answer if self.slow is None else await self.slow(request)

    def told(self) -> list[tuple[str, str, int]]:
        """Return what receivers heard since the last time: kind, title, number."""
        heard = [(body["type"], body["data"]) for _, body in self.heard]
        self.heard.clear()
        return [(kind.removeprefix("post."), data["title"], data["seq"]) for kind, data in heard]

    def feed(self) -> str:
        """Return the Atom feed."""
        return (self.layout.public / "atom.xml").read_text(encoding="utf-8")

    def files(self) -> Mapping[str, tuple[bytes, int]]:
        """Return every file of the archive but the database's, with its time."""
        return {
            path.relative_to(self.layout.root).as_posix(): (
                path.read_bytes(),
                path.stat().st_mtime_ns,
            )
            for path in sorted(self.layout.root.rglob("*"))
            if path.is_file() and not path.name.startswith("state.db")
        }

    def forget(self) -> None:
        """Lose the database."""
        for name in ("state.db", "state.db-wal", "state.db-shm"):
            (self.layout.root / name).unlink(missing_ok=True)
