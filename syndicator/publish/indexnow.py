"""Addresses of posts that are new, changed or gone, told to search engines (https://www.indexnow.org).

One of the engines that take part is told, and tells the others. Google is not among them.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from syndicator.config import checks
from syndicator.config.publishers import Endpoint, Name
from syndicator.config.values import OptionalUrl, WebUrl
from syndicator.model.feeds import (
    Answer,
    Attempt,
    Change,
    Document,
    Edition,
    Notice,
    Outcome,
    Parcel,
    Request,
)
from syndicator.model.posts import Site
from syndicator.publish.items import MEDIA, item
from syndicator.publish.messages import SAMPLE
from syndicator.publish.posts import EVENTS

MOST: Final = 10_000  # addresses in one request
KIND = "posts.changed"
_KEY = re.compile(r"[A-Za-z0-9-]{8,128}")
_HINTS: Final[dict[int, str]] = {
    HTTPStatus.FORBIDDEN: "it did not find the key: does key_location show it, and nothing else?",
    HTTPStatus.UNPROCESSABLE_ENTITY: "the addresses are not of the host, or not below the folder, "
    "in which the key lies",
}


def _key(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise checks.unfit(
            "must be 8 to 128 letters, digits and -", "make one with: openssl rand -hex 16"
        )
    return value


class IndexNow(Endpoint):
    """Tells search engines the addresses of posts as they come, change and go.

    All of one pass together. They ask for the key where it is said to lie: that it is no secret
    proves whose the addresses are.
    """

    KEY: ClassVar[Literal["required", "optional", "none"]] = "none"

    type: Literal["indexnow"]
    name: Name = "indexnow"
    """What it is called in reports and in the journal."""
    url: WebUrl = "https://api.indexnow.org/indexnow"
    """The engine that is told."""
    key: Annotated[str, AfterValidator(_key)]
    """What proves that the site is yours: 8 to 128 letters, digits and -, no secret."""
    key_location: OptionalUrl = ""
    """Address at which the key lies; empty: KEY.txt at the root of the site.

    Where that is in the folder public of the archive, the file is written there.
    """

    def publish(self, edition: Edition) -> Iterator[Document | Notice]:
        """Yield the file with the key, if it is ours to write, and what is told of each host."""
        path = self._path(edition.site)
        if path:
            yield Document(path=path, media_type="text/plain", body=self.key.encode())
        hosts: dict[str, dict[str, list[str]]] = {}
        at: dict[str, datetime] = {}
        for change in edition.changes(self.name):
            url = item(change.entry, edition.site).url
            host = urlsplit(url).netloc
            hosts.setdefault(host, {}).setdefault(url, []).append(_said(change))
            at[host] = max(change.at, at.get(host, change.at))
        for host, urls in hosts.items():
            every = list(urls)
            for first in range(0, len(every), MOST):
                some = every[first : first + MOST]
                yield self._notice(host, some, [name for url in some for name in urls[url]], at)

    def sample(self, site: Site, at: datetime) -> Notice:
        """Return what tells of the site itself, which is no lie at any time."""
        host = urlsplit(site.url).netloc
        return self._notice(host, [site.url], [f"{SAMPLE} {at.isoformat()}"], {host: at})

    def _notice(
        self, host: str, urls: Sequence[str], said: Sequence[str], at: dict[str, datetime]
    ) -> Notice:
        location = self.key_location or f"{_root(urls[0])}{self.key}.txt"
        body = {"host": host, "key": self.key, "keyLocation": location, "urlList": list(urls)}
        return Notice(
            key=hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest(),
            endpoint=self.name,
            kind=KIND,
            subject=host,
            seq=0,
            at=at[host],
            body=json.dumps(body, ensure_ascii=False).encode(),
        )

    def _path(self, site: Site) -> str:
        """Tell the file of the key below the folder public, "" where it lies elsewhere."""
        location = self.key_location or f"{_root(site.url)}{self.key}.txt"
        path = location.removeprefix(site.feeds) if location.startswith(site.feeds) else ""
        parts = path.split("/")
        plain = all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", part) for part in parts)
        return path if plain and parts[0] != MEDIA else ""

    def request(self, parcel: Parcel, attempt: Attempt) -> Request:  # noqa: ARG002  # no secret
        """Return the list as it was frozen."""
        headers = (("content-type", "application/json; charset=utf-8"),)
        return Request(url=self.url, headers=headers, body=parcel.body)

    def judge(self, answer: Answer) -> Outcome | None:
        """Say what to look at where the key is not believed."""
        hint = _HINTS.get(answer.status)
        if hint is None:
            return None
        says = f"answered {answer.status}: {hint}"
        return Outcome(means="refused", status=answer.status, says=says, alarm=True)


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _said(change: Change) -> str:
    return f"{change.entry.id} {change.entry.seq} {EVENTS[change.kind]}"
