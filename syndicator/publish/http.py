"""A request of one's own making for every post: chats, and whatever takes HTTP.

The address of a chat's webhook is its password. It comes from the secret, never from the
configuration, and stands in no log, row or error.

A template that fails for one post, though it worked for the samples, costs that post's message
alone: what it would have said is owed in its place, and filled in when it is sent (decision 0039).
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from syndicator.config import checks
from syndicator.config.publishers import MOST_INFLIGHT, Endpoint
from syndicator.config.values import OptionalUrl
from syndicator.errors import Refused
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
from syndicator.model.records import Alerted
from syndicator.model.report import TEMPLATE_FAILS, UNWORDED
from syndicator.publish.chat import PRESETS, pause
from syndicator.publish.items import Item, item, title
from syndicator.publish.messages import SAMPLE, alert_event, headline
from syndicator.publish.posts import AllEvents, PostEvent, alert, notice, sample, wanted
from syndicator.publish.private import without_folders
from syndicator.publish.template import SAMPLES, Value, render, values
from syndicator.publish.text import fit, line, rfc3339

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_NOTHING = "A test: nothing happened"
_HEADER_VALUES = {"secret": "s3cret", "message": "msg_0"}
_JSON = "application/json"
_REASON = 300  # characters of what is wrong with a template

Worded = tuple[bytes, str]  # body and media type


def _template(value: str) -> str:
    for each in SAMPLES:
        try:
            render(value, each)
        except ValueError as error:
            raise checks.unfit(
                f"is no template that works for every post: {error}",
                "names: event id url title summary picture tags authors language published "
                "updated seq site.title site.url; | tojson quotes a text for JSON",
            ) from None
    return value


def _header(value: str) -> str:
    try:
        made = render(value, _HEADER_VALUES)
    except ValueError as error:
        raise checks.unfit(f"is no template: {error}", "names: secret message") from None
    checks.header(made)
    return value


def _header_name(value: str) -> str:
    if not value or not all(c.isascii() and (c.isalnum() or c in "-_") for c in value):
        raise checks.unfit("is no name of a header", 'such as "Authorization"')
    if value.lower() in {"host", "content-length", "transfer-encoding", "connection"}:
        raise checks.unfit(f"can't set {value}: it belongs to the connection")
    return value


class Http(Endpoint):
    """Sends a request made from a template, or from a chat's preset, for every post.

    Chats can't be sent a message twice without showing it twice, so what may have arrived is not
    sent again, unless mode says otherwise.
    """

    KEY: ClassVar[Literal["required", "optional", "none"]] = "optional"

    type: Literal["http"]
    url: OptionalUrl = ""
    """Where requests go; empty: the secret is the address, as with chats."""
    preset: Literal["", "slack", "discord"] = ""
    """Whose form messages have; empty: that of template."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    """Method of the request."""
    headers: dict[
        Annotated[str, AfterValidator(_header_name)], Annotated[str, AfterValidator(_header)]
    ] = {}  # noqa: RUF012  # pydantic copies it
    """More headers, each a template; it knows {{ secret }} and {{ message }}, the message's id."""
    template: Annotated[str, AfterValidator(_template)] = ""
    """Body of the request (Jinja2), such as '{"text": {{ title | tojson }}}'."""
    media_type: Annotated[str, AfterValidator(checks.header)] = "application/json"
    """Media type of what template makes."""
    events: AllEvents = ("post.published",)
    """What it is told of."""
    mode: Literal["at-least-once", "at-most-once"] = "at-most-once"
    """What to do when nobody knows whether a message arrived: send it again, or give it up."""
    max_inflight: Annotated[int, Field(ge=1, le=MOST_INFLIGHT)] = 1
    """Messages on their way to it at once."""
    rate: Annotated[float, Field(ge=0, le=1000)] = 1.0
    """Messages a second at most, as chats want it; 0: as many as it takes."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.preset) == bool(self.template):
            raise checks.unfit(
                "needs a preset or a template, one of the two", 'such as preset = "slack"'
            )
        if not self.url and not self.sources:
            raise checks.unfit(
                "has no address: neither url nor a secret that is one",
                f"a chat's address is a secret: {self.HINT}",
            )
        return self

    def unfit(self, secret: str) -> str:
        """Say what is wrong with an address, where the secret is one."""
        if any(not "!" <= letter <= "~" for letter in secret):
            return "holds a character that can stand in no header or address"
        if self.url:
            return ""
        try:
            checks.web_url(secret)
        except ValueError:  # its text may quote a part
            return "is no address that starts with https://"
        return ""

    def publish(self, edition: Edition) -> Iterator[Notice]:
        """Yield one notice for every change it has not been told of and wants to hear of."""
        for change, event in wanted(edition, self.name, self.events):
            yield notice(change, event, self.name, *self._body(change, event, edition.site))

    def _body(self, change: Change, event: PostEvent, site: Site) -> Worded:
        if self.preset:
            return PRESETS[self.preset](item(change.entry, site), title(site)), _JSON
        return self._owed(values(change, event, site))

    def _owed(self, said: Mapping[str, Value]) -> Worded:
        """Word a message; what the template fails at is owed as it came."""
        try:
            return self._worded(said)
        except Refused:
            return json.dumps(said, ensure_ascii=False).encode(), UNWORDED

    def _worded(self, said: Mapping[str, Any]) -> Worded:
        """Word what is said, or raise Refused with what is wrong with the template."""
        if self.preset:
            return PRESETS[self.preset](_shown(said), said["site"]["title"]), _JSON
        try:
            return render(self.template, said).encode(), self.media_type
        except ValueError as error:
            why = fit(line(str(error)), _REASON)
            raise Refused(f"{TEMPLATE_FAILS}{why}") from None

    def sample(self, site: Site, at: datetime) -> Notice:
        """Return a message to try the receiver with: it tells of nothing but the site."""
        return sample(self.name, at, *self._say(SAMPLE, _NOTHING, "", site, at))

    def alert(self, alerted: Alerted, site: Site) -> Notice | None:
        """Return what it is told of what fails again and again, or no more, if it wants to."""
        event = alert_event(alerted)
        if event not in self.events:
            return None
        why = without_folders(alerted.says)
        return alert(
            alerted, self.name, *self._say(event, headline(alerted), why, site, alerted.at)
        )

    def _say(self, event: str, headline: str, text: str, site: Site, at: datetime) -> Worded:
        """Say what is about no post: in its place stands the site."""
        said = {**SAMPLES[1], "event": event, "title": headline, "summary": text}
        said |= {"url": site.url, "id": site.url, "published": rfc3339(at), "updated": rfc3339(at)}
        said["site"] = {"title": title(site), "url": site.url}
        return self._owed(said)

    def request(self, parcel: Parcel, attempt: Attempt) -> Request:
        """Return the message as it was frozen, to the address of now.

        One that could not be worded is, by the template of now; Refused says why not.
        """
        body, media_type = parcel.body, parcel.media_type
        if media_type == UNWORDED:
            body, media_type = self._worded(_read(body))
        said: Mapping[str, str] = {"secret": attempt.secret, "message": parcel.message}
        own = tuple((name, render(text, said)) for name, text in self.headers.items())
        named = {name.lower() for name, _ in own}
        kind = () if "content-type" in named else (("content-type", media_type),)
        url = self.url or attempt.secret
        return Request(url=url, method=self.method, headers=(*kind, *own), body=body)

    def judge(self, answer: Answer) -> Outcome | None:
        """Know that a chat forgets a webhook with 404, and how Discord asks for a pause."""
        status = answer.status
        if self.preset and status in _GONE:
            says = f"answered {status}: the webhook or its channel was deleted"
            return Outcome(means="gone", status=status, says=says)
        if status == HTTPStatus.TOO_MANY_REQUESTS and (wait := pause(answer)):
            says, wait = "answered 429 Too Many Requests", max(wait, answer.retry_after)
            return Outcome(means="again", status=status, says=says, wait=wait, busy=True)
        return None


def _read(body: bytes) -> Mapping[str, Any]:
    """Return what a template is told, as it was kept: JSON knows no tuples."""
    if not body:
        raise Refused("what it was to tell was taken down")
    said = json.loads(body).items()
    return {name: tuple(one) if isinstance(one, list) else one for name, one in said}


def _shown(said: Mapping[str, Any]) -> Item:
    """Return what a template is told as what a preset is."""
    return Item(
        id=said["id"],
        url=said["url"],
        title=said["title"],
        summary=said["summary"],
        authors=said["authors"],
        tags=said["tags"],
        language=said["language"],
        published=datetime.fromisoformat(said["published"]),
        updated=datetime.fromisoformat(said["updated"]),
        lead=None,
        image=said["picture"],
        about="",
        via="",
        source="",
        source_feed="",
    )
