"""What the feeds of every format can be told: which entries, how many, and in which file."""

import abc
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from syndicator.config.checks import unfit
from syndicator.config.tables import Publisher
from syndicator.config.values import Bytes, Line
from syndicator.model.feeds import Absent, Announced, Document, Edition, Facet, Selection, Values
from syndicator.model.posts import Problem, Site
from syndicator.publish import items
from syndicator.publish.papers import Paper, papers
from syndicator.publish.select import FACETS
from syndicator.publish.slug import fold, slug

_LONGEST = 255  # bytes in a file name, on every file system we know
_PART = 100  # entries in a document of the history


def _below_public(path: str) -> str:
    hint = 'a path below archive/public, such as "feed.xml" or "news/feed.xml"'
    parts = path.split("/")
    if not path or path.startswith("/") or "\\" in path or not path.isprintable():
        raise unfit("must be a relative path with forward slashes", hint)
    if any(part in {"", ".", ".."} for part in parts):
        raise unfit("can't have an empty part, . or ..", hint)
    if any(len(part.encode()) > _LONGEST for part in parts):
        raise unfit(f"has a part of more than {_LONGEST} bytes", hint)
    if parts[0] == items.MEDIA:
        raise unfit("can't lie in media: kept pictures do", hint)
    return path


def _select(value: dict[Facet, str]) -> dict[Facet, str]:
    if empty := [facet for facet, one in value.items() if not fold(one)]:
        raise unfit(f"selects no {empty[0]}", 'such as { tag = "5G" }')
    return value


FeedPath = Annotated[str, AfterValidator(_below_public)]


class Feed(Publisher, abc.ABC):
    """Settings that a feed of every format has."""

    media_type: ClassVar[str]

    path: FeedPath
    """File of this feed, below the folder public of the archive."""
    limit: Annotated[int, Field(ge=0)] = 20
    """How many of the newest posts it holds; 0 = all."""
    max_bytes: Annotated[Bytes, Field(ge=0)] = 0
    """How much text it holds: what is older is left out, or told by its summary alone; 0: all."""
    content: Literal["full", "summary"] = "full"
    """Whether posts are told in full, or by their summary alone."""
    title: Line = ""
    """Its title; empty: that of the site, and what it selects. {value} is what per chose."""
    select: Annotated[dict[Facet, Line], AfterValidator(_select)] = {}  # noqa: RUF012  # pydantic copies it
    """Only posts in this folder, with this tag, category, author, language and source."""
    per: Literal["", "folder", "tag", "category", "author", "language", "source"] = ""
    """Make one feed for each value of this; path then holds it, such as "tags/{tag}.xml"."""
    archives: bool = True
    """Whether posts that left it stand in documents of their own, linked from it (RFC 5005)."""
    complete: bool = False
    """Whether it says so where it holds every post there is (RFC 5005, 2)."""

    @model_validator(mode="after")
    def _names_what_it_is_per(self) -> Self:
        marks = [facet for facet in FACETS if f"{{{facet}}}" in self.path]
        if not self.per and marks:
            raise unfit(f"path holds {{{marks[0]}}}, and per does not say {marks[0]!r}")
        if self.per and (marks != [self.per] or f"{{{self.per}}}" in self.path.split("/")[0]):
            says = f"path must hold {{{self.per}}}, in a folder of its own"
            raise unfit(says, f'such as "{self.per}/{{{self.per}}}.xml"')
        return self

    @abc.abstractmethod
    def write(self, paper: Paper, site: Site, generator: str) -> Iterator[bytes | Problem]:
        """Yield the bytes of a document, and what is wrong with entries that are not in it."""

    def publish(self, edition: Edition) -> Iterator[Document | Absent | Problem]:
        """Yield its documents, but for those that stand as they are."""
        for paper in papers(self, edition):
            if paper.gone:
                yield Absent(path=paper.path)
                continue
            for made in self.write(paper, edition.site, edition.generator):
                if isinstance(made, bytes):
                    yield Document(
                        path=paper.path,
                        media_type=self.media_type,
                        body=made,
                        seldom=paper.archive,
                    )
                else:
                    yield made

    def lists(self) -> tuple[Facet, ...]:
        """Tell by which facets it selects."""
        return (*sorted(self.select), self.per) if self.per else tuple(sorted(self.select))

    def announce(self, site: Site, values: Values) -> Iterator[Announced]:
        """Tell the one feed there is, or one for each value."""
        base: Selection = tuple((facet, fold(self.select[facet])) for facet in sorted(self.select))
        named = [self.select[facet] for facet in sorted(self.select)]
        if not self.per:
            yield self._announced(site, self.path, base, named)
            return
        for value in values(base, self.per):
            path = self.path.replace(f"{{{self.per}}}", slug(value))
            yield self._announced(site, path, (*base, (self.per, fold(value))), [*named, value])

    def _announced(self, site: Site, path: str, chosen: Selection, named: list[str]) -> Announced:
        title = ": ".join(filter(None, (items.title(site), ", ".join(named))))
        if self.title:
            title = self.title.replace("{value}", named[-1] if named else "")
        written: Mapping[str, str] = dict(zip((facet for facet, _ in chosen), named, strict=True))
        return Announced(
            path=path,
            title=title,
            url=self.url(site, path),
            media_type=self.media_type,
            type=self.type,
            chosen=chosen,
            language=written.get("language", ""),
            variant="summaries" if self.content == "summary" else self.extra(),
        )

    def extra(self) -> Literal["", "Markdown"]:
        """Tell what posts are told as besides HTML."""
        return "Markdown" if self.asks_markdown() else ""

    @property
    def told_removals(self) -> int:
        """How many removals it tells of."""
        return 0

    @property
    def size(self) -> int:
        """How many entries a document of the history holds; never more than the feed itself."""
        return min(self.limit or _PART, _PART)

    def url(self, site: Site, path: str = "") -> str:
        """Return where readers find this feed, or another of its documents."""
        return site.feeds + quote(path or self.path)


def tag(site: Site, path: str) -> str:
    """Return the id of a feed (RFC 4151), which outlives its URL (RFC 4287, 4.2.6).

    It names the site's authority and the feed's path, but not where feeds are served. The
    year is part of the form, the same for every site: a clock or a post's date would move.
    """
    return f"tag:{site.authority},2020:feeds/{quote(path)}"
