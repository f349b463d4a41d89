"""The built-in hub, by the checks of websub.rocks and beyond; a subscriber listens on loopback."""

import asyncio
import hmac
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from loopback import HERE, run
from served import HOUSE, RSS, Site, ask

from syndicator.deliver.reply import BLANK
from syndicator.doors import subscriptions
from syndicator.doors.http import Limits, Web
from syndicator.doors.subscriptions import (
    END,
    OF_HOST,
    OWED,
    SECRETS,
    Subscription,
    Subscriptions,
)
from syndicator.errors import StoreError
from syndicator.serve import hub as hub_module
from syndicator.serve.app import Feeds, Watch
from syndicator.serve.front import Front
from syndicator.serve.hub import PER_MINUTE, Hub
from syndicator.serve.item import Reply
from syndicator.serve.ring import Ring
from syndicator.serve.shelf import Shelf
from syndicator.serve.wish import LEASE, LONGEST, SHORTEST, read

TOPIC = f"{HOUSE.url}feed.xml"
NEWS = RSS.replace(b"Seeds", b"News")
DAY = 86400.0
KEY = "whsec_canaryofanendpoint"


@dataclass(slots=True, kw_only=True)
class Got:
    """What a subscriber was sent."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, str]:
        """The query."""
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass(slots=True)
class Subscriber:
    """Confirms what it is asked, unless told otherwise, and notes what comes."""

    port: int = 0
    echo: Callable[[str], str] = str
    status: int = 200
    body: str = ""  # of an answer to a feed
    got: list[Got] = field(default_factory=list)
    hangs: str = ""  # paths that begin so are answered when one has come that does not
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def callback(self) -> str:
        """Where it can be called."""
        return f"http://127.0.0.1:{self.port}/back?id=7"

    @property
    def questions(self) -> list[dict[str, str]]:
        """What it was asked."""
        return [one.said for one in self.got if one.method == "GET"]

    @property
    def feeds(self) -> list[Got]:
        """What it was sent."""
        return [one for one in self.got if one.method == "POST"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {
            name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        one = Got(method=method, target=target, headers=headers, body=body)
        self.got.append(one)
        self.came.set()
        if self.hangs and target.startswith(self.hangs):
            await self.freed.wait()
        self.freed.set()
        said = self.echo(one.said.get("hub.challenge", "")) if method == "GET" else self.body
        lines = [f"HTTP/1.1 {self.status} x", "Connection: close", f"Content-Length: {len(said)}"]
        writer.write("\r\n".join([*lines, "", said]).encode())
        await writer.drain()
        writer.close()


@dataclass(slots=True, kw_only=True)
class Trial:
    """A hub, its feeds, its clock, and a subscriber."""

    site: Site
    hub: Hub
    subscriber: Subscriber
    now: list[float]

    async def say(self, **form: str) -> Reply:
        """Send the hub a form, ``mode`` as ``hub.mode``, and wait until everybody was asked."""
        fields = {"callback": self.subscriber.callback, "topic": TOPIC, **form}
        body = urlencode({f"hub.{name}": value for name, value in fields.items()})
        reply = await self.hub.answer(body.encode())
        await self.hub.settled()
        return reply

    async def publish(self, body: bytes, path: str = "feed.xml") -> None:
        """Replace a feed, and wait until everybody who is owed it was sent it."""
        self.site.put(path, body)
        await self.turn()

    async def turn(self) -> None:
        """Let the hub look once."""
        await self.hub.turn()
        await self.hub.settled()


def trial(
    folder: Path, work: Callable[[Trial], Awaitable[None]], limits: Limits | None = None
) -> None:
    """Run ``work`` with a hub in ``folder``, as another process would find it there."""

    async def whole() -> None:
        site, now = Site(folder / "public"), [1_800_000_000.0]
        if not (site.root / "feed.xml").exists():
            site.put("feed.xml", RSS)
        words = iter(range(1000))
        hub = Hub(
            url=HOUSE.url,
            shelf=Shelf(site.root, Ring(None)),
            subscriptions=Subscriptions(folder / "subscriptions"),
            clock=lambda: now[0],
            draw=lambda: f"word-{next(words)}",
            secrets=lambda: [KEY],
        )
        subscriber = Subscriber()
        server = await asyncio.start_server(subscriber.serve, "0.0.0.0", 0)  # noqa: S104  # all of 127/8
        subscriber.port = server.sockets[0].getsockname()[1]
        async with Web(limits or Limits(allow=HERE), agent="test") as web, server:
            hub._web = web
            await work(Trial(site=site, hub=hub, subscriber=subscriber, now=now))

    run(whole)


def test_100_a_typical_subscription(tmp_path: Path) -> None:
    """202, verified with a random word and a lease; then the whole feed, its type and links."""

    async def work(one: Trial) -> None:
        assert (await one.say(mode="subscribe")).status == 202
        (question,) = one.subscriber.questions
        assert question == {
            "id": "7",  # the callback's own query is kept
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.challenge": "word-0",
            "hub.lease_seconds": str(LEASE),
        }
        await one.turn()
        assert one.subscriber.feeds == []  # it has what is published now
        await one.publish(NEWS)
        (sent,) = one.subscriber.feeds
        assert sent.target == "/back?id=7"
        assert sent.body == NEWS
        assert sent.headers["content-type"] == "application/rss+xml; charset=utf-8"
        assert sent.headers["link"] == (
            f'<https://feeds.example/hub>; rel="hub", <{TOPIC}>; rel="self"'
        )
        assert "x-hub-signature" not in sent.headers
        await one.turn()
        assert len(one.subscriber.feeds) == 1

    trial(tmp_path, work)


def test_101_a_subscription_with_a_secret(tmp_path: Path) -> None:
    """What is sent is signed with it; it is shown nowhere, and only we may read it."""

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe", secret="a secret of theirs")
        await one.publish(NEWS)
        (sent,) = one.subscriber.feeds
        right = hmac.digest(b"a secret of theirs", NEWS, "sha256").hex()
        assert sent.headers["x-hub-signature"] == f"sha256={right}"
        (kept,) = one.hub.subscriptions
        assert "a secret" not in repr(kept)

    trial(tmp_path, work)
    file = tmp_path / "subscriptions/hub.db"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_102_what_is_unknown_in_a_request_is_passed_over(tmp_path: Path) -> None:
    """Extra parameters change nothing."""

    async def work(one: Trial) -> None:
        assert (await one.say(mode="subscribe", foo="bar")).status == 202
        assert "hub.foo" not in one.subscriber.questions[0]
        assert len(one.hub.subscriptions) == 1

    trial(tmp_path, work)


def test_103_subscribing_again_before_the_lease_ends(tmp_path: Path) -> None:
    """The new lease and secret hold once verified, not before; there is still one subscription."""

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe", lease_seconds="3600", secret="old")
        one.now[0] += 3000
        one.subscriber.echo = lambda _: "no"
        await one.say(mode="subscribe", secret="of somebody else")
        (kept,) = one.hub.subscriptions
        assert (kept.secret, kept.expires) == ("old", 1_800_003_600.0)
        one.subscriber.echo = str
        await one.say(mode="subscribe", lease_seconds="7200", secret="new")
        (kept,) = one.hub.subscriptions
        assert (kept.secret, kept.expires) == ("new", one.now[0] + 7200)
        assert one.subscriber.questions[-1]["hub.challenge"] == "word-2"
        await one.publish(NEWS)
        assert len(one.subscriber.feeds) == 1

    trial(tmp_path, work)


def test_104_unsubscribing_is_confirmed(tmp_path: Path) -> None:
    """Who does not confirm goes on to be sent the feed; who does is left alone."""

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe")
        one.subscriber.echo = lambda _: ""
        assert (await one.say(mode="unsubscribe")).status == 202
        assert one.subscriber.questions[-1]["hub.mode"] == "unsubscribe"
        assert "hub.lease_seconds" not in one.subscriber.questions[-1]
        await one.publish(NEWS)
        assert len(one.subscriber.feeds) == 1
        one.subscriber.echo = str
        await one.say(mode="unsubscribe")
        await one.publish(RSS)
        assert len(one.subscriber.feeds) == 1
        assert list(one.hub.subscriptions) == []

    trial(tmp_path, work)


def test_105_106_topics_of_other_types(tmp_path: Path) -> None:
    """Atom and JSON Feed come as they are published, each under its own type."""
    papers = {
        "atom.xml": (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "application/atom+xml"),
        "日/feed.json": (
            b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
            "application/feed+json",
        ),
    }

    async def work(one: Trial) -> None:
        for path, (body, _) in papers.items():
            one.site.put(path, b" " + body)
        urls = {"atom.xml": "atom.xml", "日/feed.json": "%E6%97%A5/feed.json"}
        for path, (body, media_type) in papers.items():
            topic = HOUSE.url + urls[path]
            assert (await one.say(mode="subscribe", topic=topic)).status == 202
            await one.publish(body, path)
            sent = one.subscriber.feeds[-1]
            assert sent.body == body
            assert sent.headers["content-type"] == f"{media_type}; charset=utf-8"
            assert f'<{topic}>; rel="self"' in sent.headers["link"]

    trial(tmp_path, work)


@pytest.mark.parametrize("echo", [lambda _: "", lambda _: "word-00", lambda word: word + "x"])
def test_who_does_not_say_the_word_is_not_subscribed(
    tmp_path: Path, echo: Callable[[str], str]
) -> None:
    """Nobody can be subscribed by somebody else (WebSub, 5.3)."""

    async def work(one: Trial) -> None:
        one.subscriber.echo = echo
        assert (await one.say(mode="subscribe")).status == 202
        assert len(one.hub.subscriptions) == 0
        one.subscriber.echo, one.subscriber.status = str, 404
        await one.say(mode="subscribe")
        assert len(one.hub.subscriptions) == 0

    trial(tmp_path, work)


def test_a_subscription_ends_with_its_lease(tmp_path: Path) -> None:
    """None is for ever, however long it is asked for."""

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe", lease_seconds="99999999999999999999")
        (kept,) = one.hub.subscriptions
        assert kept.expires == one.now[0] + LONGEST
        one.now[0] += LONGEST
        await one.publish(NEWS)
        assert one.subscriber.feeds == []
        assert len(one.hub.subscriptions) == 0

    trial(tmp_path, work)


def test_a_subscriber_that_fails_rests_and_gets_the_newest(tmp_path: Path) -> None:
    """Longer and longer, and never given up before its lease ends; several changes are one."""

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe", lease_seconds=str(LONGEST))
        one.subscriber.status = 500
        await one.publish(NEWS)
        await one.publish(NEWS.replace(b"News", b"Newer"))
        assert len(one.subscriber.feeds) == 1
        for number in range(15):
            one.now[0] += DAY + 900  # with what is added by chance
            await one.turn()
            assert len(one.subscriber.feeds) == number + 2
        one.subscriber.status = 204
        one.now[0] += DAY + 900
        await one.turn()
        assert b"Newer" in one.subscriber.feeds[-1].body
        (kept,) = one.hub.subscriptions
        done = one.hub.distribution
        assert (kept.failures, done.failed, done.sent) == (0, 16, 1)

    trial(tmp_path, work)


def test_a_person_has_a_subscriber_tried_at_once_or_not_until_the_next_version(
    tmp_path: Path,
) -> None:
    """Asked beside the server; what is on its way then and fails makes it owed no more."""
    place = tmp_path / "subscriptions"

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe")
        one.subscriber.status = 500
        await one.publish(NEWS)
        (kept,) = one.hub.subscriptions
        await one.turn()
        assert len(one.subscriber.feeds) == 1
        subscriptions.ask(place, "retry", [kept.key])
        await one.turn()
        assert len(one.subscriber.feeds) == 2
        (away,) = one.hub.subscriptions
        subscriptions.ask(place, "cancel", [kept.key])
        one.hub.subscriptions.note(away)  # what was on its way came back, and had failed
        one.now[0] += DAY
        await one.turn()
        assert len(one.subscriber.feeds) == 2
        one.subscriber.status = 204
        await one.publish(NEWS.replace(b"News", b"Newer"))
        assert len(one.subscriber.feeds) == 3

    trial(tmp_path, work)


def test_who_unsubscribes_while_a_feed_is_on_its_way_is_sent_no_other(tmp_path: Path) -> None:
    """What comes of the attempt brings no subscription back."""

    async def work(one: Trial) -> None:
        one.subscriber.hangs = "/slow"
        kept = _subscribed(one, 1, path="slow")
        await one.hub.turn()
        await one.subscriber.came.wait()
        one.hub.subscriptions.drop(kept)
        one.subscriber.freed.set()
        await one.hub.settled()
        assert list(one.hub.subscriptions) == []
        await one.publish(NEWS)
        assert len(one.subscriber.feeds) == 1

    trial(tmp_path, work)


def test_a_subscriber_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    """410 ends a subscription (WebSub, 7)."""

    async def work(one: Trial) -> None:
        await one.say(mode="subscribe")
        one.subscriber.status = 410
        await one.publish(NEWS)
        assert len(one.hub.subscriptions) == 0

    trial(tmp_path, work)


def test_subscriptions_and_what_is_owed_outlive_the_process(tmp_path: Path) -> None:
    """A change while nobody ran is sent at the next start."""
    ports: list[str] = []

    async def first(one: Trial) -> None:
        await one.say(mode="subscribe")
        ports.append(one.subscriber.callback)
        one.site.put("feed.xml", NEWS)

    async def second(one: Trial) -> None:
        (kept,) = one.hub.subscriptions
        assert kept.callback == ports[0]
        one.hub.subscriptions.drop(kept)
        kept.callback = one.subscriber.callback  # its port is another in this test
        one.hub.subscriptions.put(kept)
        await one.turn()
        assert [sent.body for sent in one.subscriber.feeds] == [NEWS]

    trial(tmp_path, first)
    trial(tmp_path, second)


def _subscribed(
    one: Trial, number: int, host: str = "127.0.0.1", path: str = "secret", secret: str = ""
) -> Subscription:
    """Let somebody have subscribed."""
    kept = Subscription(
        callback=f"http://{host}:{one.subscriber.port}/{path}-{number}?n={number}",
        topic=TOPIC,
        path="feed.xml",
        expires=one.now[0] + DAY,
        secret=secret,
    )
    one.hub.subscriptions.put(kept)
    return kept


def test_everybody_is_sent_a_change_at_once(tmp_path: Path) -> None:
    """Whoever comes back makes room for the next: a hundred wait for no second look."""

    async def work(one: Trial) -> None:
        for number in range(100):
            _subscribed(one, number, f"127.0.0.{1 + number % 50}")
        await one.turn()
        assert len({sent.target for sent in one.subscriber.feeds}) == 100
        assert len(one.subscriber.feeds) == 100

    trial(tmp_path, work)


def test_a_host_that_hangs_takes_no_place_from_others(tmp_path: Path) -> None:
    """Two of its subscribers are sent to at once, however many it has."""

    async def work(one: Trial) -> None:
        one.subscriber.hangs = "/secret"  # until it hears of another
        for number in range(30):
            _subscribed(one, number)
        _subscribed(one, 99, "127.0.0.2", "open")
        await one.turn()
        names = [sent.target for sent in one.subscriber.feeds]
        assert names.index("/open-99?n=99") <= 2
        assert len(names) == 31

    trial(tmp_path, work)


def test_what_came_of_the_last_attempt_is_kept_without_secrets(tmp_path: Path) -> None:
    """Whom to ask, what was said, how long it took: as of every push."""

    async def work(one: Trial) -> None:
        one.subscriber.status = 503
        _subscribed(one, 7)
        await one.turn()
        (kept,) = one.hub.subscriptions
        assert (kept.status, kept.peer, kept.failures) == (
            503,
            f"127.0.0.1:{one.subscriber.port}",
            1,
        )
        assert kept.says == "answered 503 Service Unavailable"
        assert kept.due >= one.now[0] + 5
        assert "secret-7" not in kept.reply

    trial(tmp_path, work)


def test_no_secret_that_we_know_is_kept_of_a_reply(tmp_path: Path) -> None:
    """Not those of endpoints, and not those of others there: one server may stand for several."""

    async def work(one: Trial) -> None:
        one.subscriber.status = 503
        one.subscriber.body = f"you: canary-1, they: canary-2, endpoint: {KEY}, all: well"
        for number in (1, 2):
            _subscribed(one, number, secret=f"canary-{number}")
        _subscribed(one, 3)
        await one.turn()
        replies = [kept.reply for kept in one.hub.subscriptions]
        assert [said.count(BLANK) for said in replies] == [3, 3, 3]
        assert all("canary" not in said and said.endswith("all: well") for said in replies)

    trial(tmp_path, work)


def test_what_cannot_be_kept_is_told_and_tried_at_the_next_look(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk ends nothing: who was sent something is sent it again, perhaps."""

    async def work(one: Trial) -> None:
        def full(_one: Subscription) -> None:
            raise StoreError("the disk is full")

        _subscribed(one, 1)
        with monkeypatch.context() as patch:
            patch.setattr(one.hub.subscriptions, "note", full)
            await one.turn()
        assert "the disk is full" in caplog.text
        await one.turn()
        assert len(one.subscriber.feeds) == 2
        await one.turn()
        assert len(one.subscriber.feeds) == 2

    trial(tmp_path, work)


def test_a_database_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """What to do about it, too: nothing is begun anew behind a person's back."""
    (tmp_path / "hub.db").write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="damaged") as caught:
        Subscriptions(tmp_path)
    assert "move it away" in caught.value.hint
    (tmp_path / "hub.db").unlink()
    with closing(sqlite3.connect(tmp_path / "hub.db")) as db:
        db.execute("PRAGMA user_version = 9")
    with pytest.raises(StoreError, match="another version"):
        Subscriptions(tmp_path)


@pytest.mark.parametrize("statement", [OWED, END, OF_HOST, SECRETS])
def test_who_is_owed_nothing_costs_nothing(tmp_path: Path, statement: str) -> None:
    """However many there are, the look of every second reads an index."""
    Subscriptions(tmp_path).close()
    values: object = {"path": "", "tag": "", "now": 0} if statement == OWED else (0,)
    with closing(sqlite3.connect(tmp_path / "hub.db")) as db:
        rows = db.execute(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]  # as the hub makes them
        plan = [row[3] for row in rows]
    assert not [line for line in plan if line.startswith("SCAN")], plan


def test_a_callback_inside_is_never_dialled(tmp_path: Path) -> None:
    """The guard of all requests judges callbacks too; whoever asks learns nothing from it."""

    async def work(one: Trial) -> None:
        reply = await one.say(mode="subscribe")
        assert reply.status == 202
        assert one.subscriber.got == []
        assert len(one.hub.subscriptions) == 0

    trial(tmp_path, work, Limits())


BAD = {
    "mode": ["", "denied", "SUBSCRIBE"],
    "callback": [
        "", "x", "ftp://h/", "http://u:p@h/", "http://h/#f", "//h/", "http://h/ü", "http:///",
        "http://h/" + "a" * 2100, "http://h/\r\nX: y", "javascript:alert(1)",
    ],
    "lease_seconds": ["x", "-1", "1.5"],
    "secret": ["s" * 200],
}  # fmt: skip


def test_a_bad_request_is_refused_at_once(tmp_path: Path) -> None:
    """400 with the reason; 404 for what is no feed of ours; nobody is asked."""

    async def work(one: Trial) -> None:
        for name, values in BAD.items():
            for value in values:
                form = {"mode": "subscribe", name: value}
                reply = await one.say(**form)
                assert (reply.status, reply.headers[0][1][:10]) == (400, b"text/plain"), form
        one.site.put("index.html", b"<!doctype html>")
        for topic in ("", "https://other.example/feed.xml", HOUSE.url, f"{TOPIC}?x", f"{TOPIC}#x",
                      f"{HOUSE.url}../state.db", f"{HOUSE.url}none.xml", f"{HOUSE.url}feed%2exml",
                      f"{HOUSE.url}index.html"):  # fmt: skip
            assert (await one.say(mode="subscribe", topic=topic)).status == 404, topic
        assert (await one.hub.answer(b"\xff")).status == 400
        assert (await one.hub.answer(b"a=1&" * 100)).status == 400
        assert one.subscriber.got == []
        assert (await one.say(mode="publish")).status == 202

    trial(tmp_path, work)


def test_nobody_is_flooded_through_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host is asked so many times a minute, and has so many subscriptions, and no more."""

    async def work(one: Trial) -> None:
        back = one.subscriber.callback
        statuses = [
            (await one.say(mode="subscribe", callback=f"{back}&n={number}")).status
            for number in range(PER_MINUTE + 1)
        ]
        assert statuses == [202] * PER_MINUTE + [503]
        one.now[0] += 61
        assert (await one.say(mode="unsubscribe")).status == 202
        monkeypatch.setattr(hub_module, "PER_HOST", len(one.hub.subscriptions))
        assert (await one.say(mode="subscribe", callback=f"{back}&n=new")).status == 403
        assert (await one.say(mode="subscribe", callback=f"{back}&n=0")).status == 202

    trial(tmp_path, work)


def test_a_lease_is_kept_within_bounds() -> None:
    """Short ones are lengthened, long ones shortened, none is ten days."""
    form = b"hub.mode=subscribe&hub.callback=http://h/&hub.topic=t"
    assert read(form).lease == LEASE == 10 * DAY
    assert read(form + b"&hub.lease_seconds=1").lease == SHORTEST
    assert read(form + b"&hub.lease_seconds=3600").lease == 3600


def test_the_hub_is_asked_over_http(tmp_path: Path) -> None:
    """By POST at its own address, in a small form; everything else stays read-only."""

    async def work(one: Trial) -> None:
        shelf = Shelf(one.site.root, Ring(None))
        app = Feeds(Front(shelf, HOUSE), shelf, Watch(), limit=9, probes=True, hub=one.hub)
        assert (await ask(app, "/hub", "POST", body=b"hub.mode=x")).status == 400
        told = await ask(app, "/hub", "GET")
        assert (told.status, told.headers["allow"]) == (405, "POST")
        assert (await ask(app, "/hub", "POST", body=b"x" * 20_000)).status == 413
        assert (await ask(app, "/feed.xml", "POST")).status == 405
        form = urlencode({"hub.mode": "publish", "hub.url": TOPIC}).encode()
        assert (await ask(app, "/hub", "POST", body=form)).status == 202

    trial(tmp_path, work)
