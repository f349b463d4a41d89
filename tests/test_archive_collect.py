"""Keeping the pictures of posts: the site's own files first, then the network."""

import asyncio
import math
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from loopback import no_wait, run
from records import AT
from trial import PNG

from syndicator.archive.capture import Terms
from syndicator.archive.collect import GROUP, Collector
from syndicator.archive.fetch import Fetches
from syndicator.archive.local import Roots
from syndicator.doors import files, index, lines
from syndicator.doors.http import Limits, Web
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.model.pictures import Want
from syndicator.model.records import Capture

NAME = sha256(PNG).hexdigest() + ".png"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Open an empty archive beside an empty content folder."""
    layout = Layout(tmp_path / "archive")
    files.make_folder(layout.public)
    (tmp_path / "content").mkdir()
    with Store(layout.state) as store:
        yield Ledger(layout, store)


def collector(ledger: Ledger) -> Collector:
    return Collector(
        ledger=ledger,
        roots=Roots(content=ledger.layout.root.parent / "content", static=()),
        terms=Terms(limit=10_000),
        clock=lambda: AT,
        progress=lambda *_: None,
    )


def fetch(
    made: Collector, wants: list[Want], says: dict[str, httpx.Response], stop: int = 0
) -> list[str]:
    """Fetch from servers that say so, and 404 else; return what was asked."""
    asked: list[str] = []

    async def work() -> None:
        ended = asyncio.Event()

        async def handle(request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            if len(asked) == stop:
                ended.set()
            return says.get(str(request.url), httpx.Response(404))

        transport = httpx.MockTransport(handle)
        async with (
            Web(Limits(), agent="x", transport=transport, sleep=no_wait) as web,
            Fetches(wants, web, terms=made.terms, clock=made.clock, stop=ended) as fetches,
        ):
            await made.fetch(fetches, until=math.inf)

    run(work)
    return asked


def want(name: str, beside: str = "") -> Want:
    url = f"https://img.example/{name}"
    return Want(url=url, written=url, posts=("a.md",), beside=(beside,) if beside else ())


def journal(ledger: Ledger) -> list[Capture]:
    path = ledger.layout.journal / "2026-11.jsonl"
    found = [lines.decode(line) for line in path.read_bytes().splitlines()]
    return [record for record in found if isinstance(record, Capture)]


def test_a_local_picture_is_kept_and_nobody_is_asked(ledger: Ledger) -> None:
    """Blob, public name and journal line; what lies elsewhere is returned."""
    (ledger.layout.root.parent / "content" / "a.png").write_bytes(PNG)
    made = collector(ledger)
    far = made.nearby([want("a.png", "a.png"), want("b.png", "b.png")])
    assert [one.url for one in far] == ["https://img.example/b.png"]
    assert (made.kept, made.failed) == (1, 0)
    assert ledger.layout.blob(NAME).read_bytes() == PNG
    assert (ledger.layout.media / NAME).read_bytes() == PNG
    assert [one.digest + one.extension for one in journal(ledger)] == [NAME]
    known = index.load(ledger.layout.state)
    assert known is not None
    assert {Path(path).name for path in known.local} == {"a.png", "b.png"}


def test_fetched_pictures_are_kept_and_failures_are_noted(ledger: Ledger) -> None:
    """Every picture gets its line, with a plan where it failed."""
    made = collector(ledger)
    good = httpx.Response(200, content=PNG)
    fetch(made, [want("a.png"), want("b.png")], {"https://img.example/a.png": good})
    assert (made.kept, made.failed) == (1, 1)
    by_url = {one.url: one for one in journal(ledger)}
    assert by_url["https://img.example/a.png"].digest + ".png" == NAME
    lost = by_url["https://img.example/b.png"]
    assert (lost.status, lost.digest, lost.plan != "kept") == (404, "", True)
    assert (ledger.layout.media / NAME).exists()


def test_what_is_no_picture_has_no_public_name(ledger: Ledger) -> None:
    """A page of HTML under a picture's URL is not shown to readers as one."""
    made = collector(ledger)
    page = httpx.Response(200, content=b"<html>sorry</html>")
    fetch(made, [want("a.png")], {"https://img.example/a.png": page})
    assert (made.kept, made.failed) == (0, 1)
    assert not ledger.layout.media.exists()


def test_many_pictures_are_made_durable_in_groups(ledger: Ledger) -> None:
    """All of them, the last incomplete group too."""
    made = collector(ledger)
    wants = [want(f"{number}.png") for number in range(2 * GROUP + 3)]
    fetch(made, wants, {one.url: httpx.Response(200, content=PNG) for one in wants})
    assert made.kept == len(wants)
    assert sorted(one.url for one in journal(ledger)) == sorted(one.url for one in wants)


def test_a_wish_to_stop_loses_nothing_that_came(ledger: Ledger) -> None:
    """What was fetched is kept; what was not is wanted again next time."""
    made = collector(ledger)
    wants = [want(f"{number}.png") for number in range(50)]
    answers = {one.url: httpx.Response(200, content=PNG) for one in wants}
    asked = fetch(made, wants, answers, stop=3)
    assert len(asked) < len(wants)
    assert made.kept == len(journal(ledger)) > 0
