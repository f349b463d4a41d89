"""The bodies of webhooks: what each event says, at most ``LIMIT`` bytes, as one line of JSON."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal, NamedTuple, Self

from syndicator.model.custody import Damaged
from syndicator.model.feeds import Change, Notice
from syndicator.model.posts import Site
from syndicator.model.records import Alerted, Switched
from syndicator.publish.items import item
from syndicator.publish.private import without_folders
from syndicator.publish.text import fit, rfc3339, utc

LIMIT = 256 * 1024  # bytes; receivers and proxies refuse larger bodies
_NAMED = 20  # posts that an alarm or a digest names
_LONG = 500  # characters of a title in a digest
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"

SAMPLE: Final = "endpoint.test"
UPDATED: Final = "feed.updated"
DAMAGED: Final = "archive.damaged"
DISABLED: Final = "endpoint.disabled"
Form = Literal["standard", "cloudevents"]
_TYPES: Mapping[Form, str] = {
    "standard": "application/json",
    "cloudevents": "application/cloudevents+json",
}


class Said(NamedTuple):
    """What a digest says of one change."""

    event: str
    id: str
    url: str
    title: str
    seq: int

    @classmethod
    def of(cls, change: Change, event: str, site: Site) -> Self:
        """Say it of a change."""
        said = item(change.entry, site)
        return cls(event, said.id, said.url, said.title, change.entry.seq)


class Letter(NamedTuple):
    """How an endpoint's messages are written: for whom, in which form, about which site."""

    endpoint: str
    form: Form
    site: Site

    def change(self, change: Change, event: str) -> Notice:
        """Tell of a post; what is too long is shortened: summary, title, tags, authors."""
        said, seq = item(change.entry, self.site), change.entry.seq
        data: dict[str, object] = {
            "id": said.id,
            "url": said.url,
            "title": said.title,
            "summary": said.summary,
            "published": rfc3339(said.published),
            "updated": rfc3339(said.updated),
            "image": said.image or None,
            "authors": list(said.authors),
            "tags": list(said.tags),
            "seq": seq,
        }
        identity = cause(said.id, seq, event)
        whole = partial(self._notice, event, said.id, seq, change.at, identity=identity)
        for name, text in (("summary", said.summary), ("title", said.title)):
            excess = len(whole(data).body) - LIMIT
            if excess > 0:
                data[name] = _shortened(text, len(_json(text)) - excess)
        for name in ("tags", "authors"):
            if len(whole(data).body) > LIMIT:
                data[name] = []
        made = whole(data)
        return _replacing(made) if event == "post.updated" else made

    def updated(self, said: Sequence[Said], at: datetime) -> Notice:
        """Tell once of many changes: that the feeds are new, and what is new in them."""
        count = [one.event for one in said].count
        data = {
            "id": self.site.feeds,
            "url": self.site.feeds,
            "site": self.site.url,
            "published": count("post.published"),
            "updated": count("post.updated"),
            "removed": count("post.removed"),
            "posts": [
                {"event": one.event, "id": one.id, "url": one.url, "title": one.title[:_LONG]}
                for one in said[:_NAMED]
            ],
        }
        identity = "\n".join(f"{one.id} {one.seq} {one.event}" for one in said)
        made = self._notice(
            UPDATED, self.site.feeds, 0, at, data, identity=f"{identity}\n{UPDATED}"
        )
        return _replacing(made)

    def sample(self, at: datetime) -> Notice:
        """Tell of nothing: a message to try a receiver with."""
        data = {"id": self.endpoint, "site": self.site.url, "says": "a test: nothing happened"}
        return self._notice(SAMPLE, self.endpoint, 0, at, data, identity=f"{SAMPLE} {at}")

    def damaged(self, damage: Damaged, posts: Sequence[str]) -> Notice:
        """Tell of a kept file that can't be repaired."""
        data = {
            "id": damage.name,
            "place": damage.place,
            "found": damage.found or None,
            "posts": list(posts[:_NAMED]),
            "site": self.site.url,
        }
        identity = f"{damage.place}\n{damage.name}\n{damage.at.isoformat()}\n{DAMAGED}"
        return self._notice(DAMAGED, damage.name, 0, damage.at, data, identity=identity)

    def disabled(self, switched: Switched) -> Notice:
        """Tell of another endpoint that is asked no more."""
        data = {
            "id": switched.endpoint,
            "says": without_folders(switched.says),
            "site": self.site.url,
        }
        identity = f"{switched.endpoint}\n{switched.at.isoformat()}\n{DISABLED}"
        return self._notice(DISABLED, switched.endpoint, 0, switched.at, data, identity=identity)

    def alerted(self, alerted: Alerted) -> Notice:
        """Tell of a job or another endpoint that fails again and again, or goes well again."""
        event = alert_event(alerted)
        data: dict[str, object] = {"id": alerted.name, "failures": alerted.failures}
        if alerted.began is None:
            data["says"] = fit(without_folders(alerted.says), _LONG)
        else:
            data["since"] = utc(alerted.began)
        data["site"] = self.site.url
        at, identity = alerted.at, alert_cause(alerted)
        return self._notice(event, alerted.name, 0, at, data, identity=identity)

    def _notice(
        self,
        event: str,
        subject: str,
        seq: int,
        at: datetime,
        data: Mapping[str, object],
        *,
        identity: str,
    ) -> Notice:
        key = hashlib.sha256(identity.encode()).hexdigest()
        body: dict[str, object] = {"type": event, "timestamp": utc(at), "data": data}
        if self.form == "cloudevents":
            body = {  # CloudEvents 1.0.2, "JSON Event Format", structured mode
                "specversion": "1.0",
                "id": key,
                "source": self.site.url,
                "type": event,
                "subject": subject,
                "time": utc(at),
                "datacontenttype": "application/json",
                "data": data,
            }
        return Notice(
            key=key,
            endpoint=self.endpoint,
            kind=event,
            subject=subject,
            seq=seq,
            at=at,
            body=_json(body),
            media_type=_TYPES[self.form],
        )


def alert_event(alerted: Alerted) -> str:
    """Return the event of an alert: ``job.failing``, ``endpoint.recovered`` and the like."""
    return f"{alerted.kind}.{alerted.state}"


def headline(alerted: Alerted) -> str:
    """Say an alert in a few words, for whoever shows no more."""
    who = f"endpoint {alerted.name}" if alerted.kind == "endpoint" else alerted.name
    if alerted.state == "recovered":
        return f"{who}: goes well again"
    return f"{who}: failed {alerted.failures} times in a row"


def alert_cause(alerted: Alerted) -> str:
    """Return what makes a message about an alert that message, as ``cause`` does for posts."""
    return f"{alerted.name}\n{alerted.at.isoformat()}\n{alert_event(alerted)}"


def cause(entry: str, seq: int, event: str) -> str:
    """Return what makes a message about a post that message, whatever it says: its key's cause."""
    return f"{entry}\n{seq}\n{event}"


def of(notice: Notice) -> Said:
    """Read back what a notice about a post says of it."""
    data: dict[str, Any] = json.loads(notice.body)["data"]
    return Said(notice.kind, notice.subject, data["url"], data["title"], notice.seq)


def _replacing(notice: Notice) -> Notice:
    return replace(notice, replaces="untried")


def _shortened(text: str, room: int) -> str:
    """Cut a text so that it takes at most ``room`` bytes as JSON, its ellipsis included."""
    fitting = bisect_right(range(len(text)), room, key=lambda n: len(_json(text[:n] + _ELLIPSIS)))
    return text[: fitting - 1].rstrip() + _ELLIPSIS if fitting else ""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
