"""A newsroom on paper: files that come, change and go, and the passes that are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from syndicator.model.posts import Candidate, Known, Post, Problem, Standing
from syndicator.model.records import Record, Removal, Version
from syndicator.publish.decide import Decision, decide, remove
from syndicator.publish.identity import first_ids

AUTHORITY = "site.example"
DAY = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a file says; ``space`` stands for changes no reader notices."""

    body: str = "text"
    space: int = 0
    permalink: str = ""
    standing: Standing = "post"
    published: datetime = DAY
    updated: datetime | None = None
    expires: datetime | None = None
    declared: str = ""

    @property
    def source(self) -> str:
        """Its digest, as of bytes."""
        return sha256(repr(self).encode()).hexdigest()

    def candidate(self, path: str) -> Candidate:
        """Return what a reading of it brings."""
        url = self.permalink or f"https://site.example/{path.removesuffix('.md')}/"
        post = Post(
            path=path,
            url=url,
            title=self.body,
            summary="",
            html=self.body,
            published=self.published,
            updated=self.updated,
            expires=self.expires,
            declared_id=self.declared,
            digest=sha256(f"{self.body} {url}".encode()).hexdigest(),
        )
        return Candidate(
            path=path,
            source=self.source,
            modified=DAY,
            standing=self.standing,
            post=post if self.standing == "post" else None,
        )


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """Files, what readers know of them, and what the last pass made of each."""

    batch: int = 500
    files: dict[str, Paper] = field(default_factory=dict)
    seen: dict[str, Paper] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    states: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)

    def make(self, now: datetime = NOW) -> list[Record]:
        """Make a pass, as the cycle does: in batches, again while an address came free."""
        gone = {
            post.id: post
            for post in self.known.values()
            if post.live and post.path in self._gone()
        }
        for path in self._gone():
            self.states.pop(path, None)
            self.problems.pop(path, None)
        told: list[Record] = []
        due = [path for path in self.files if self._due(path, now)]
        self.seen = dict(self.files)
        while due:
            records = self._round(due, gone, now)
            told += records
            due = [path for path in self.files if path in self.problems] if records else []
        lost = remove(gone.values(), now)
        self._apply(lost)
        return [*told, *lost]

    def live(self) -> dict[str, Known]:
        """Return the live posts by path."""
        return {post.path: post for post in self.known.values() if post.live}

    def _gone(self) -> set[str]:
        return self.seen.keys() - self.files.keys()

    def _due(self, path: str, now: datetime) -> bool:
        state, at = self.states.get(path, ("", None))
        new = self.seen.get(path) != self.files[path]
        return new or path in self.problems or (at is not None and at <= now and state != "held")

    def _round(self, due: Sequence[str], gone: dict[str, Known], now: datetime) -> list[Record]:
        found = [self.files[path].candidate(path) for path in due]
        found.sort(key=lambda one: (one.post.published if one.post else DAY, one.path))
        records: list[Record] = []
        for start in range(0, len(found), self.batch):
            batch = found[start : start + self.batch]
            made = decide(batch, self._sharing(batch), gone, authority=AUTHORITY, now=now)
            self._take(batch, made)
            records += made.records
            for key in made.claimed:
                del gone[key]
        return records

    def _sharing(self, batch: Sequence[Candidate]) -> list[Known]:
        paths, sources = {one.path for one in batch}, {one.source for one in batch}
        urls = {one.post.url for one in batch if one.post}
        ids = {key for one in batch if one.post for key in first_ids(AUTHORITY, one)}
        return [
            post
            for post in self.known.values()
            if post.path in paths or post.source in sources or post.url in urls or post.id in ids
        ]

    def _take(self, batch: Sequence[Candidate], made: Decision) -> None:
        for one in batch:
            self.problems.pop(one.path, None)
        self.problems |= {problem.path: problem for problem in made.problems}
        self.states |= made.states
        self._apply(made.records)

    def _apply(self, records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record, Removal):
                self.known[record.id] = replace(self.known[record.id], live=False, seq=record.seq)
            elif isinstance(record, Version):
                self.known[record.id] = Known(
                    id=record.id,
                    path=record.path,
                    url=record.url,
                    title=record.title,
                    seq=record.seq,
                    source=record.source,
                    post=record.post,
                    published=record.published,
                    updated=record.updated,
                    live=True,
                    declared=record.declared,
                )
