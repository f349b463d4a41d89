"""The formats as such: RELAX NG of RFC 4287 for Atom, a model of JSON Feed 1.1, OPML 2.0.

RSS 2.0 has no schema; what its specification and profile ask for is in ``rss``.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from lxml import etree
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from syndicator.publish.judge.outline import Element, at
from syndicator.publish.judge.verdict import Verdict, short

Text = Annotated[str, Field(strict=True)]
Whole = Annotated[int, Field(strict=True, ge=0)]
_EXTENSION = re.compile(r"_[A-Za-z][^.]*")
Some = Annotated[str, Field(strict=True, min_length=1)]


class _Object(BaseModel):
    """Unknown members are extensions: objects whose names begin with ``_`` and a letter."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="after")
    def _extensions(self) -> "_Object":
        for name, value in (self.model_extra or {}).items():
            if not (_EXTENSION.fullmatch(name) and isinstance(value, dict)):
                raise ValueError(f"{name[:40]!r} is no member of JSON Feed 1.1")
        return self


class _Author(_Object):
    name: Text | None = None
    url: Text | None = None
    avatar: Text | None = None

    @model_validator(mode="after")
    def _anything(self) -> "_Author":
        if not (self.name or self.url or self.avatar):
            raise ValueError("an author needs a name, url or avatar")
        return self


class _Attachment(_Object):
    url: Some
    mime_type: Some
    title: Text | None = None
    size_in_bytes: Whole | None = None
    duration_in_seconds: Annotated[float, Field(strict=True, ge=0)] | None = None


class _Item(_Object):
    id: Some
    url: Text | None = None
    external_url: Text | None = None
    title: Text | None = None
    content_html: Text | None = None
    content_text: Text | None = None
    summary: Text | None = None
    image: Text | None = None
    banner_image: Text | None = None
    date_published: Text | None = None
    date_modified: Text | None = None
    authors: list[_Author] | None = None
    author: _Author | None = None  # of version 1.0, which may be written beside authors
    tags: list[Text] | None = None
    language: Text | None = None
    attachments: list[_Attachment] | None = None

    @model_validator(mode="after")
    def _content(self) -> "_Item":
        if self.content_html is None and self.content_text is None:
            raise ValueError("an item needs content_html or content_text")
        return self


class _Hub(_Object):
    type: Some
    url: Some


class _Feed(_Object):
    version: Annotated[str, Field(pattern=r"^https://jsonfeed\.org/version/1(\.1)?$")]
    title: Some
    home_page_url: Text | None = None
    feed_url: Text | None = None
    description: Text | None = None
    user_comment: Text | None = None
    next_url: Text | None = None
    icon: Text | None = None
    favicon: Text | None = None
    authors: list[_Author] | None = None
    author: _Author | None = None
    language: Text | None = None
    expired: Annotated[bool, Field(strict=True)] | None = None
    hubs: list[_Hub] | None = None
    items: list[_Item]

    @model_validator(mode="after")
    def _leads_on(self) -> "_Feed":
        if self.next_url and self.next_url == self.feed_url:
            raise ValueError("next_url is feed_url: who follows it never ends")
        return self


def json_feed(data: Any, verdict: Verdict) -> None:  # noqa: ANN401  # whatever JSON holds
    """Hold a feed against JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    try:
        _Feed.model_validate(data)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            where = ".".join(map(str, one["loc"]))
            verdict.find("FEED002", "error", short(f"{where}: {one['msg']}"))


def atom(feed: Element, verdict: Verdict) -> None:
    """Hold a feed against the grammar of RFC 4287, appendix B."""
    grammar = _grammar()
    if grammar.validate(feed):
        return
    for entry in grammar.error_log:
        verdict.find("FEED002", "error", short(entry.message), line=entry.line)


@cache
def _grammar() -> etree.RelaxNG:
    written = files("syndicator.publish.judge").joinpath("atom.rng").read_bytes()
    return etree.RelaxNG(etree.fromstring(written))


def opml(root: Element, verdict: Verdict) -> None:
    """Hold a list of feeds against OPML 2.0 (http://opml.org/spec2.opml)."""
    if root.get("version") != "2.0":
        verdict.find("FEED002", "error", "opml: version is not 2.0", line=at(root))
    for name in ("head", "body"):
        if len(root.findall(name)) != 1:
            verdict.find("FEED002", "error", f"opml: not one {name}")
    for one in root.iter("outline"):
        wanted = ("text", "title", "xmlUrl") if one.get("type") == "rss" else ("text",)
        for name in wanted:
            if not one.get(name):
                line = at(one)
                verdict.find("FEED002", "error", f"outline: {name} is missing", line=line)
