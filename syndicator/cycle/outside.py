"""The outer half of an examination: receivers answer, and the public addresses serve our bytes."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import quote

from syndicator.config.tables import Endpoint, Settings
from syndicator.cycle import Order
from syndicator.cycle.keeping import limits
from syndicator.cycle.post import agent
from syndicator.doors import files
from syndicator.doors.http import Web, shown
from syndicator.doors.layout import Layout
from syndicator.errors import DoorError, Failed
from syndicator.model.feeds import Answer, Request
from syndicator.model.finding import Finding, error, good, warning

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
TIMEOUT = 10.0  # seconds for each request
_SKEW = 60  # seconds; receivers refuse signatures that are five minutes off
_SHOWN = 5  # documents that are asked for
_OK = 200
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, */*;q=0.5"


def examine(order: Order, made: Settings, documents: Sequence[str]) -> Iterator[Finding]:
    """Ask every endpoint, and for the first few feeds where readers ask for them."""
    yield from asyncio.run(_all(order, made, documents))


async def _all(order: Order, made: Settings, documents: Sequence[str]) -> list[Finding]:
    async with Web(limits(made, TIMEOUT), agent=agent(made.site_values())) as web:
        asked = [one async for one in _endpoints(web, made)]
        return [*asked, *[one async for one in _documents(web, order, made, documents)]]


async def _endpoints(web: Web, made: Settings) -> AsyncIterator[Finding]:
    for endpoint in made.endpoints:
        url = getattr(endpoint, "url", "")
        if isinstance(url, str) and url:
            yield await _endpoint(web, endpoint, url)


async def _endpoint(web: Web, endpoint: Endpoint, url: str) -> Finding:
    """Ask with HEAD, which changes nothing (RFC 9110, 9.2.1); any answer shows a free way."""
    about = f"endpoint {endpoint.name}"
    try:
        answer = await web.send(Request(url=url, method="HEAD"))
    except DoorError as wrong:
        return error(about, wrong.says, wrong.hint or f"syndicate push test {endpoint.name}")
    return good(about, f"{shown(url, secret=True)} answers ({answer.status} to HEAD)")


async def _documents(
    web: Web, order: Order, made: Settings, documents: Sequence[str]
) -> AsyncIterator[Finding]:
    layout = Layout(made.archive_root, made.store.url)
    texts = [path for path in documents if path.endswith((".xml", ".json"))]
    told_time = False
    for path in texts[:_SHOWN]:
        url = made.serve.url + quote(path)
        try:
            body, _ = files.read(layout.public / path)
            answer = await web.fetch(url, limit=files.FILE_LIMIT, accept=_ACCEPT)
        except Failed as wrong:
            yield error("public address", wrong.says, "is the server up, and [serve] url right?")
            return
        except DoorError as wrong:
            remedy = wrong.hint or "[network] allow lets an address inside be asked"
            yield error("public address", wrong.says, remedy)
            return
        yield _served(url, answer, body, layout)
        if not told_time and (skewed := _skew(answer, order.clock())):
            told_time = True
            yield skewed


def _served(url: str, answer: Answer, body: bytes, layout: Layout) -> Finding:
    if answer.status != _OK:
        remedy = f"let the web server's root be {layout.public}: syndicate feeds snippets nginx"
        return error("public address", f"{url} answers {answer.status}", remedy)
    if answer.body != body:
        remedy = f"is {layout.public} what is served there, and a cache before it to be emptied?"
        return error("public address", f"{url} serves other bytes than were written", remedy)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "xml" not in kind and "json" not in kind:
        remedy = "set its type: syndicate feeds snippets nginx shows how"
        return warning("public address", f"{url} is served as {kind or 'nothing'}", remedy)
    return good("public address", f"{url} serves what was written, as {kind}")


def _skew(answer: Answer, now: datetime) -> Finding | None:
    """Compare our clock with that of a server; a cache may have kept its answer for a while."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None
    ahead = (now - theirs).total_seconds()
    if abs(ahead) <= _SKEW or "age" in answer.headers:
        return None
    says = f"ours is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the web server's"
    return warning("clock", says, "timedatectl set-ntp true: receivers refuse 5 minutes off")
