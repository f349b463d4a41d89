"""Posts as posts of a Bluesky account, each once (https://docs.bsky.app/docs/advanced-guides/posts).

A record is put under a key that follows from the post itself, so putting it twice is putting it
once; an edit puts it anew, a removal deletes it.
"""

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from syndicator.config import checks
from syndicator.config.keys import KEPT
from syndicator.config.publishers import MOST_INFLIGHT, Endpoint
from syndicator.config.values import FolderUrl
from syndicator.model.feeds import (
    Answer,
    Attempt,
    Change,
    Edition,
    Notice,
    Outcome,
    Parcel,
    Request,
)
from syndicator.model.pictures import Entry
from syndicator.model.posts import Site
from syndicator.publish.items import item
from syndicator.publish.messages import SAMPLE
from syndicator.publish.posts import Events, notice, sample, wanted
from syndicator.publish.text import fit, utc

COLLECTION: Final = "app.bsky.feed.post"
LONGEST: Final = 300  # graphemes; characters are counted, which are never fewer
_SHOWN, _TITLE, _SUMMARY = 40, 150, 300  # characters: of the address, and of the card
_DIGITS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000  # microseconds
_REFUSALS = frozenset({400, 401, 403})
_PASSING = frozenset({"ExpiredToken", "InvalidToken"})
# Known names alone are shown: what a server says besides may repeat what it was sent.
_WHY: Final = {
    "AuthenticationRequired": "the handle or the app password is wrong",
    "AuthFactorTokenRequired": "it wants an app password, not the account's own",
    "AuthMissing": "the handle or the app password is wrong",
    "AccountTakedown": "the account was taken down",
    "AccountSuspended": "the account is suspended",
    "AccountDeactivated": "the account is switched off",
    "AccountNotFound": "there is no such account",
    "InvalidHandle": "the handle is none",
}

Steps = Generator[Request, Answer, Outcome | None]


def _handle(value: str) -> str:
    handle = value.removeprefix("@")
    if not handle or not all("!" <= one <= "~" for one in handle):
        raise checks.unfit("is no handle", 'such as "site.bsky.social", or a DID')
    return handle


class Bluesky(Endpoint):
    """Puts a post with a card of its page for every post, and takes it away when the post goes.

    Its secret is an app password, never the account's own. An edit can be put too, but most of
    Bluesky goes on showing the first words.
    """

    HINT: ClassVar[str] = f"make an app password under Settings, Privacy and security; {KEPT}"

    type: Literal["bluesky"]
    url: FolderUrl = "https://bsky.social/"
    """Where the account is: its personal data server, or the entry that knows it."""
    handle: Annotated[str, AfterValidator(_handle)]
    """The account, such as "site.bsky.social", or its DID."""
    events: Events = ("post.published", "post.removed")
    """What becomes of posts there: put, put anew, deleted."""
    max_inflight: Annotated[int, Field(ge=1, le=MOST_INFLIGHT)] = 1
    """Messages on their way to it at once."""

    def publish(self, edition: Edition) -> Iterator[Notice]:
        """Yield one notice for every change it has not been told of and wants to hear of."""
        for change, event in wanted(edition, self.name, self.events):
            said: dict[str, object] = {"collection": COLLECTION, "rkey": key(change.entry)}
            if event != "post.removed":
                said["record"] = _record(change, edition.site)
            yield notice(change, event, self.name, json.dumps(said, ensure_ascii=False).encode())

    def sample(self, site: Site, at: datetime) -> Notice:  # noqa: ARG002  # nothing is posted
        """Return what only asks whether the password is good."""
        return sample(self.name, at)

    def exchange(self, parcel: Parcel, attempt: Attempt) -> Steps:
        """Log in, then put or delete the record."""
        login = {"identifier": self.handle, "password": attempt.secret}
        answer = yield self._call("server.createSession", login)
        session = _read(answer)
        token, did = session.get("accessJwt"), session.get("did")
        if not isinstance(token, str) or not isinstance(did, str):
            return _refusal(answer)
        if parcel.kind == SAMPLE:
            says = "the password is good; nothing was posted"
            return Outcome(means="done", status=answer.status, says=says)
        verb = "deleteRecord" if parcel.kind == "post.removed" else "putRecord"
        answer = yield self._call(f"repo.{verb}", {"repo": did, **json.loads(parcel.body)}, token)
        if answer.status != HTTPStatus.OK:
            return _refusal(answer)
        made = _read(answer).get("uri")
        remote = made[:500] if isinstance(made, str) and made.isprintable() else ""
        return Outcome(means="done", status=answer.status, remote=remote)

    def _call(self, method: str, said: Mapping[str, object], token: str = "") -> Request:
        headers = [("content-type", "application/json")]
        if token:
            headers.append(("authorization", f"Bearer {token}"))
        body = json.dumps(said, ensure_ascii=False).encode()
        url = f"{self.url}xrpc/com.atproto.{method}"
        return Request(url=url, headers=tuple(headers), body=body, login=not token)


def key(entry: Entry) -> str:
    """Return the record's key, a TID (https://atproto.com/specs/tid), the same for ever.

    Its time is the second of publication, which never moves; the id of the post decides the
    microseconds and the clock, so that posts of one second have keys of their own.
    """
    seconds = max(0, (entry.published - _EPOCH) // timedelta(seconds=1))
    chance = int.from_bytes(hashlib.sha256(entry.id.encode()).digest()[:8])
    micros = (seconds * _SECOND + chance % _SECOND) % 2**53
    number = micros << 10 | (chance // _SECOND) % 2**10
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def _record(change: Change, site: Site) -> dict[str, object]:
    said = item(change.entry, site)
    parts = urlsplit(said.url)
    shown = fit(parts.netloc.removeprefix("www.") + parts.path.rstrip("/"), _SHOWN)
    room = LONGEST - len(shown) - 4  # two empty lines
    title = fit(said.title, room * 2 // 3)
    summary = fit(said.summary, room - len(title))
    before = "".join(f"{part}\n\n" for part in (title, summary) if part)
    start = len(before.encode())
    link = {"$type": "app.bsky.richtext.facet#link", "uri": said.url}
    index = {"byteStart": start, "byteEnd": start + len(shown.encode())}
    card = {
        "uri": said.url,
        "title": fit(said.title, _TITLE),
        "description": fit(said.summary, _SUMMARY),
    }
    return {
        "$type": COLLECTION,
        "text": before + shown,
        "facets": [{"index": index, "features": [link]}],
        "embed": {"$type": "app.bsky.embed.external", "external": card},
        "langs": [said.language or site.language],
        "createdAt": utc(said.published),
    }


def _refusal(answer: Answer) -> Outcome | None:
    """Judge a failure by the name of its error, where the status alone says too little."""
    error = _read(answer).get("error")
    named = error if isinstance(error, str) and error.isalnum() and len(error) < LONGEST else ""
    says = f"answered {answer.status} {named}"
    if named in _PASSING:  # it was good a moment ago
        return Outcome(means="again", status=answer.status, says=says)
    if why := _WHY.get(named) if answer.status in _REFUSALS else None:
        wait = answer.retry_after
        return Outcome(
            means="refused", status=answer.status, says=f"{says}: {why}", wait=wait, alarm=True
        )
    if answer.status == HTTPStatus.OK:
        return Outcome(means="again", says="its answer to a login is no session", status=0)
    return None


def _read(answer: Answer) -> Mapping[str, Any]:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
