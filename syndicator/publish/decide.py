"""What readers are to be told: which reading is which post, and what changed about it.

An id is minted once and never changes (RFC 4287, 4.2.6): a post is known again by its file, its
content or its address. ``published`` never moves; ``updated`` moves when the author changed what a
reader would notice, not with white space, the configuration or a new version of this program.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

from syndicator.model.posts import Adoption, Candidate, Known, Post, Problem, State
from syndicator.model.records import Record, Removal, Version
from syndicator.publish.adoption import plain
from syndicator.publish.identity import Claim, first_ids, match

_NOTHING: Mapping[str, Adoption] = MappingProxyType({})


@dataclass(slots=True, kw_only=True)
class Decision:
    """What follows from a batch of candidates."""

    records: list[Record] = field(default_factory=list)
    states: dict[str, tuple[State, datetime | None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)  # ids of vanished posts that live on elsewhere


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What is on the table while a batch is decided."""

    authority: str
    now: datetime
    ids: set[str]
    owners: dict[str, str]  # whose address it is: URL -> id
    paths: dict[str, str]  # where a post lies: id -> path
    adopted: Mapping[str, Adoption]  # what other feeds told of posts, by plain address
    made: Decision


def decide(
    candidates: Sequence[Candidate],
    known: Sequence[Known],
    gone: Mapping[str, Known],
    *,
    authority: str,
    now: datetime,
    adopted: Mapping[str, Adoption] = _NOTHING,
) -> Decision:
    """Decide about a batch; where two want one address, the earlier has it.

    ``known`` holds every post that shares a path, a source, an address or one of its ``first_ids``
    with a candidate; ``gone`` the live posts whose files vanished, by id; ``adopted`` what other
    feeds told of posts, by plain address: a new post there gets its id and dates from it.
    """
    away = {one.path: one.standing for one in candidates if one.standing in {"draft", "skipped"}}
    leaving = {post.id: post for post in known if post.live and post.path in away}
    readable = [
        Claim(one=one, text=one.post)
        for one in candidates
        if one.standing == "post" and one.post is not None
    ]
    matches = match(readable, known, {**gone, **leaving})
    claims = [replace(claim, post=matches.get(claim.one.path)) for claim in readable]
    here = away.keys() | {claim.one.path for claim in claims}
    staying = {post.id for post in matches.values()}
    loose = {post.id for post in known if post.id in gone or post.path in here} - staying
    made = Decision(states={one.path: _unread(one, now) for one in candidates})
    desk = _Desk(
        authority=authority,
        now=now,
        ids={post.id for post in known},
        owners={post.url: post.id for post in known if post.live and post.id not in loose},
        paths={post.id: post.path for post in known}
        | {post.id: path for path, post in matches.items()},
        adopted=adopted,
        made=made,
    )
    _settle(desk, claims)
    kept = {
        post.id
        for path, post in matches.items()
        if post.path == path or made.states[path][0] in {"published", "expired"}
    }
    made.claimed = kept & gone.keys()
    made.records += _leave(candidates, known, away, kept, now)
    return made


def _leave(
    candidates: Sequence[Candidate],
    known: Sequence[Known],
    away: Mapping[str, str],
    kept: Collection[str],
    now: datetime,
) -> list[Removal]:
    """Record which live posts go: their time is over, or their file is a draft or another post.

    ``away`` tells drafts and files that are no posts by path, ``kept`` the ids that live on.
    """
    here = {one.path for one in candidates if one.standing != "held"}
    lapsed = {
        one.path
        for one in candidates
        if one.standing == "held" and one.wake is not None and one.wake <= now
    }
    leaving = []
    for post in sorted(known, key=lambda post: post.path):
        if post.live and post.path in lapsed:
            leaving.append(_removal(post, "expired", now))
        elif post.live and post.path in here and post.id not in kept:
            draft = away.get(post.path) == "draft"
            leaving.append(_removal(post, "draft" if draft else "removed", now))
    return leaving


def remove(gone: Iterable[Known], now: datetime) -> list[Removal]:
    """Record that the files of these posts vanished and nothing took their place."""
    return [_removal(post, "removed", now) for post in sorted(gone, key=lambda post: post.path)]


def _unread(candidate: Candidate, now: datetime) -> tuple[State, datetime | None]:
    """Tell what a candidate is unless it is read; a broken one may still have its time to go."""
    standing = candidate.standing
    if standing == "draft" or standing == "skipped":  # noqa: PLR1714  # mypy narrows this
        return standing, None
    later = candidate.wake is not None and candidate.wake > now
    return "held", candidate.wake if later else None


def _settle(desk: _Desk, claims: Sequence[Claim]) -> None:
    """Decide about the readable candidates: those who have an address before those who come."""
    timely = [claim for claim in claims if not _out_of_season(desk, claim)]
    timely = [claim for claim in timely if not _renamed(desk, claim)]
    _move(desk, timely)
    for claim in timely:
        _place(desk, claim)


def _out_of_season(desk: _Desk, claim: Claim) -> bool:
    """Decide about a candidate whose time is over, or has not come."""
    text, post, path = claim.text, claim.live, claim.one.path
    if text.expires is not None and text.expires <= desk.now:
        desk.made.states[path] = ("expired", None)
        if post is not None:
            desk.made.records.append(_removal(post, "expired", desk.now))
            desk.owners.pop(post.url, None)
        return True
    if post is None and text.published > desk.now:
        first = min(text.published, text.expires or text.published)
        desk.made.states[path] = ("scheduled", first)
        return True
    return False


def _renamed(desk: _Desk, claim: Claim) -> bool:
    """Hold back a candidate whose front matter names another id than readers' post had."""
    one, text, post = claim.one, claim.text, claim.live
    if post is None or not post.declared or text.declared_id in {"", post.declared}:
        return False
    desk.made.states[one.path] = ("held", text.expires)
    problem = Problem(
        path=one.path,
        code="URL002",
        says=f"the id is {text.declared_id[:80]!r}, and was {post.declared[:80]!r} when published",
        hint="an id never changes: write the old one again; a new post belongs in a new file",
    )
    desk.made.problems.append(problem)
    return True


def _move(desk: _Desk, claims: Iterable[Claim]) -> None:
    """Let live posts go to their new addresses all at once: two may exchange theirs.

    One that finds its new address taken keeps the old one, which may stop another in turn.
    """
    moving = {claim.live.id: claim.text.url for claim in claims if claim.live}
    while True:
        taken = {url: key for url, key in desk.owners.items() if key not in moving}
        stuck = [key for key, url in moving.items() if taken.setdefault(url, key) != key]
        if not stuck:
            desk.owners = taken
            return
        for key in stuck:
            del moving[key]


def _place(desk: _Desk, claim: Claim) -> None:
    """Publish a candidate under its address, or hold it back."""
    one, text, made = claim.one, claim.text, desk.made
    owner = desk.owners.get(text.url)
    if owner is not None and (claim.live is None or claim.live.id != owner):
        made.states[one.path] = ("held", text.expires)
        made.problems.append(_taken(one, text, desk.paths[owner]))
        return
    told = desk.adopted.get(plain(text.url)) if desk.adopted and not claim.post else None
    if told is not None and told.id in desk.ids:
        told = None  # another post has that id already
    key = claim.post.id if claim.post else _mint(desk, one, told)
    desk.owners[text.url], desk.paths[key] = key, one.path
    made.states[one.path] = ("published", text.expires)
    if (version := _version(claim, key, desk.now, told)) is not None:
        made.records.append(version)


def _mint(desk: _Desk, candidate: Candidate, told: Adoption | None) -> str:
    """Give a new post its id; the third choice differs with every file and every pass."""
    if told is not None:
        desk.ids.add(told.id)
        return told.id
    first, second = first_ids(desk.authority, candidate)
    salt = f"{candidate.path}\n{candidate.source}\n{desk.now.isoformat()}"
    third = f"{first}/{sha256(salt.encode()).hexdigest()[:12]}"
    minted = next((key for key in (first, second) if key not in desk.ids), third)
    desk.ids.add(minted)
    return minted


def _taken(candidate: Candidate, text: Post, other: str) -> Problem:
    return Problem(
        path=candidate.path,
        code="URL001",
        says=f"the address {text.url} belongs to {other} already",
        hint="give one of the two another permalink; this one is held back until then",
    )


def _removal(
    post: Known, reason: Literal["removed", "draft", "expired"], now: datetime
) -> Removal:
    return Removal(at=now, id=post.id, path=post.path, seq=post.seq + 1, reason=reason)


def _version(
    claim: Claim, key: str, now: datetime, adopted: Adoption | None = None
) -> Version | None:
    """Record what the candidate makes of its post, or None when nothing about it changed."""
    one, text, post = claim.one, claim.text, claim.post
    kind: Literal["published", "updated", "moved", "revised"]
    if post is None or not post.live:
        kind = "published"
    elif post.source == one.source:
        kind = "moved" if post.path != one.path else "revised"
    else:
        kind = "updated" if post.post != text.digest else "revised"
    told = kind in {"published", "updated"}
    made = Version(
        at=now,
        kind=kind,
        id=key,
        path=one.path,
        url=text.url,
        title=text.title,
        seq=(post.seq if post else 0) + told,
        source=one.source,
        post=text.digest,
        modified=one.modified,
        published=post.published if post else _first(text, adopted),
        updated=_updated(text, post, now, adopted, told=told),
        declared=text.declared_id or (post.declared if post else ""),
    )
    return made if kind != "revised" or _differs(made, post) else None


def _first(text: Post, adopted: Adoption | None) -> datetime:
    """Tell when a new post was published: readers know it already from where it was adopted."""
    return (adopted.published if adopted else None) or text.published


def _updated(
    text: Post, post: Known | None, now: datetime, adopted: Adoption | None, *, told: bool
) -> datetime:
    if text.updated is not None:
        return text.updated
    if post is None:
        return (adopted.updated if adopted else None) or _first(text, adopted)
    # Feeds carry whole seconds, so does what is kept; a clock set back moves nothing back.
    changed = told and post.post != text.digest
    return max(now.replace(microsecond=0), post.updated) if changed else post.updated


def _differs(made: Version, post: Known | None) -> bool:
    return post is None or any(
        getattr(made, name) != getattr(post, name)
        for name in ("path", "url", "title", "source", "post", "updated", "declared")
    )
