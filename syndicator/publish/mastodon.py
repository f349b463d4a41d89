"""Posts as statuses of a Mastodon account, each once (https://docs.joinmastodon.org/methods/statuses/).

Mastodon knows a message again by its ``Idempotency-Key``, but for an hour only, and some versions
answer 500 to one they know (mastodon/mastodon#40399). So a status is looked for before it is
posted, among the account's own last ones, and again after a 500.
"""

import html
import json
import re
from collections.abc import Generator, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

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
from syndicator.model.posts import Site
from syndicator.publish.items import item
from syndicator.publish.messages import SAMPLE
from syndicator.publish.posts import ALL, Events, notice, sample, wanted
from syndicator.publish.text import fit

LINK: Final = 23  # characters that any address counts for
_LAST = 40  # statuses that are looked through: the most Mastodon gives at once
_MOST = 2**20  # bytes of these
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@(?=\w)")
_TAG = re.compile(r"<[^>]*>")
_NOT_TEXT = re.compile(r"[\s\u200b]+")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

Steps = Generator[Request, Answer, Outcome | None]


class Mastodon(Endpoint):
    """Posts a status for every post, edits it when the post is edited, deletes it when it goes.

    Its secret is an access token with the scopes read:accounts, read:statuses and write:statuses.
    """

    HINT: ClassVar[str] = (
        "make a token under Preferences, Development, with read:accounts, read:statuses and "
        f"write:statuses; {KEPT}"
    )

    type: Literal["mastodon"]
    url: FolderUrl
    """Where the server is, such as "https://mastodon.social/"."""
    events: Events = ALL
    """What becomes of posts there: posted, edited, deleted."""
    visibility: Literal["public", "unlisted", "private"] = "public"
    """Who sees the statuses."""
    characters: Annotated[int, Field(ge=100, le=100_000)] = 500
    """How long a status may be on this server; an address counts for 23."""
    max_inflight: Annotated[int, Field(ge=1, le=MOST_INFLIGHT)] = 1
    """Messages on their way to it at once."""

    def unfit(self, secret: str) -> str:
        """Say what is wrong with a token."""
        return "" if all("!" <= one <= "~" for one in secret) else "is no token"

    def publish(self, edition: Edition) -> Iterator[Notice]:
        """Yield one notice for every change it has not been told of and wants to hear of."""
        for change, event in wanted(edition, self.name, self.events):
            yield notice(change, event, self.name, self._status(change, edition.site))

    def _status(self, change: Change, site: Site) -> bytes:
        said = item(change.entry, site)
        room = self.characters - LINK - 4  # two empty lines
        title = fit(_quiet(said.title), room * 2 // 3, count)
        summary = fit(_quiet(said.summary), room - count(title), count)
        status = {
            "status": "\n\n".join(filter(None, (title, summary, said.url))),
            "visibility": self.visibility,
            "language": said.language or site.language,
        }
        return json.dumps(status, ensure_ascii=False).encode()

    def sample(self, site: Site, at: datetime) -> Notice:  # noqa: ARG002  # nothing is posted
        """Return what only asks whether the token is good."""
        return sample(self.name, at)

    def exchange(self, parcel: Parcel, attempt: Attempt) -> Steps:
        """Post, edit or delete the status; what an earlier attempt may have done is found."""
        if parcel.kind == SAMPLE:
            answer = yield self._ask(attempt, "GET", "accounts/verify_credentials")
            good = answer.status == HTTPStatus.OK and _id(_read(answer))
            return _done(says="the token is good; nothing was posted") if good else _unread(answer)
        if parcel.kind != "post.published" and _ID.fullmatch(parcel.remote):
            return (yield from self._change(parcel, attempt))
        known, answer = yield from self._find(parcel, attempt)
        if known is None:
            return _unread(answer)
        if known or parcel.kind != "post.published":
            return _done(known, "" if known else "there is no status of it")
        key = ("idempotency-key", parcel.message)
        answer = yield self._ask(attempt, "POST", "statuses", parcel.body, key)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            known, looked = yield from self._find(parcel, attempt)
            return _done(known) if known else _again(answer, looked)
        return _done(_id(_read(answer))) if answer.status == HTTPStatus.OK else None

    def _change(self, parcel: Parcel, attempt: Attempt) -> Steps:
        """Edit or delete the status we know of; one that is gone is left so."""
        path = f"statuses/{parcel.remote}"
        if parcel.kind == "post.removed":
            answer = yield self._ask(attempt, "DELETE", path)
        else:
            answer = yield self._ask(attempt, "PUT", path, parcel.body)
        if answer.status == HTTPStatus.NOT_FOUND:
            return _done(says="the status was deleted there")
        left = "" if parcel.kind == "post.removed" else parcel.remote
        return _done(left) if answer.status == HTTPStatus.OK else None

    def _find(
        self, parcel: Parcel, attempt: Attempt
    ) -> Generator[Request, Answer, tuple[str | None, Answer]]:
        """Look for a status of exactly these words; return its id, and the last answer.

        "": there is none; None: nobody knows.
        """
        answer = yield self._ask(attempt, "GET", "accounts/verify_credentials")
        account = _id(_read(answer))
        if answer.status != HTTPStatus.OK or not account:
            return None, answer
        query = f"limit={_LAST}&exclude_replies=true&exclude_reblogs=true"
        answer = yield self._ask(attempt, "GET", f"accounts/{account}/statuses?{query}")
        found = _read(answer)
        if answer.status != HTTPStatus.OK or not isinstance(found, list):
            return None, answer
        sought = _NOT_TEXT.sub("", json.loads(parcel.body)["status"])
        for status in found:
            content = status.get("content") if isinstance(status, dict) else None
            if isinstance(content, str) and _words(content) == sought:
                return _id(status), answer
        return "", answer

    def _ask(
        self, attempt: Attempt, method: str, path: str, body: bytes = b"", *more: tuple[str, str]
    ) -> Request:
        headers = [("authorization", f"Bearer {attempt.secret}"), *more]
        if body:
            headers.append(("content-type", "application/json"))
        return Request(
            url=f"{self.url}api/v1/{path}",
            method=method,
            headers=tuple(headers),
            body=body,
            most=_MOST,
        )


def count(text: str) -> int:
    """Count characters as Mastodon does, or a few more.

    Letters with marks count for one there, and here for each; an address in a text for 23 there,
    and here for no less than its length, as not all that looks like one is one.
    """
    extra = sum(max(0, LINK - len(found[0])) for found in _URL.finditer(text))
    return len(text) + extra


def _quiet(text: str) -> str:
    """Mention nobody: a post's text is no reason to call a person."""
    return _MENTION.sub("@\u200b", text)


def _words(content: str) -> str:
    return _NOT_TEXT.sub("", html.unescape(_TAG.sub("", content)))


def _read(answer: Answer) -> Any:  # noqa: ANN401  # JSON
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _id(said: object) -> str:
    found = said.get("id") if isinstance(said, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def _done(remote: str = "", says: str = "") -> Outcome:
    return Outcome(means="done", status=HTTPStatus.OK, says=says, remote=remote)


def _unread(answer: Answer) -> Outcome | None:
    if answer.status != HTTPStatus.OK:
        return None  # as usual
    return Outcome(means="again", says="its answer is none of Mastodon's API")


def _again(answer: Answer, looked: Answer) -> Outcome:
    says = f"answered {answer.status}"
    if looked.status != HTTPStatus.OK:
        says += f", and {looked.status} when asked for its last statuses"
    return Outcome(means="again", status=answer.status, says=says, wait=answer.retry_after)
