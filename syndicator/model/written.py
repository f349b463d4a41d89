"""What the verbs of ``syndicate feeds`` find and do, as they tell it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from syndicator.model.posts import Problem

Outcome = Literal["adopted", "exchanged", "same", "refused", "twice", "unmatched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """A written feed; ``path`` is seen from archive/public, ``size`` in bytes."""

    path: str
    url: str
    format: str  # rss, atom, json, opml; "" for what can't be read
    title: str
    entries: int
    size: int
    newest: datetime | None  # the date of its newest entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """An entry as a reader sees it; "" and None for what the feed does not say."""

    number: int  # from 1, the newest first
    id: str
    url: str
    title: str
    summary: str  # plain text
    text: str  # plain text
    image: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    published: datetime | None
    updated: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is wrong with feeds, by those that were looked at."""

    feeds: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedEntry:
    """An entry of a feed, and what becomes of its id.

    ``adopted`` by a post that was not published yet, ``exchanged`` for the id a published one had,
    the ``same`` already, ``refused`` because a published post has another, told ``twice``, or
    ``unmatched``: no post has its address.
    """

    outcome: Outcome
    id: str
    url: str
    title: str
    path: str  # of the post
    published: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What was taken over from a feed, in its order."""

    source: str
    dry_run: bool
    entries: tuple[AdoptedEntry, ...]
