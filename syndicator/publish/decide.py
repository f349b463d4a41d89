"""What readers are to be told: which reading is which post, and what changed about it.

An id is minted once and never changes (RFC 4287, 4.2.6): a post is known again by its file, its
content or its address, in that order of proof. ``published`` never moves; ``updated`` moves when
the author changed what a reader would notice, not with white space, the configuration or a new
version of this program.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from syndicator.model import Candidate, Known, Post, Problem, Record, Removal, State, Version

_PCHAR = "/-._~!$&'()*+,;=:@"  # what RFC 4151's "specific" may hold as it is


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
    made: Decision


def first_id(authority: str, candidate: Candidate) -> str:
    """Tell the ``tag:`` URI (RFC 4151) a candidate gets if it is new and the id is free."""
    assert candidate.post is not None  # noqa: S101  # only readable candidates are asked about
    stem = candidate.path.rsplit(".", 1)[0]
    day = candidate.post.published.date().isoformat()
    return f"tag:{authority},{day}:{quote(stem, safe=_PCHAR)}"


def decide(
    candidates: Sequence[Candidate],
    known: Sequence[Known],
    gone: Mapping[str, Known],
    *,
    authority: str,
    now: datetime,
) -> Decision:
    """Decide about a batch, in its order.

    ``known`` holds every post that shares a path, a source, an address or a first id with a
    candidate; ``gone`` the live posts whose files vanished, by id.
    """
    leaving = {
        post.id: post
        for candidate in candidates
        if candidate.standing in {"draft", "skipped"}
        for post in known
        if post.live and post.path == candidate.path
    }
    readable = [one for one in candidates if one.standing == "post" and one.post is not None]
    matches = _match(readable, known, {**gone, **leaving})
    staying = {post.id for post in matches.values()}
    owners = {
        post.url: post.id
        for post in known
        if post.live and (post.id in staying or post.id not in {**gone, **leaving})
    }
    made = Decision(claimed=staying & gone.keys())
    for one in candidates:
        made.states[one.path] = ("held" if one.standing == "post" else one.standing, None)
    ids = {post.id for post in known}
    desk = _Desk(authority=authority, now=now, ids=ids, owners=owners, made=made)
    for one in sorted(readable, key=lambda one: _turn(one, matches.get(one.path))):
        _place(desk, one, matches.get(one.path))
    standings = {one.path: one.standing for one in candidates}
    made.records += [
        _removal(post, "draft" if standings[post.path] == "draft" else "removed", now)
        for post in leaving.values()
        if post.id not in staying
    ]
    return made


def remove(gone: Iterable[Known], now: datetime) -> list[Removal]:
    """Record that the files of these posts vanished and nothing took their place."""
    return [_removal(post, "removed", now) for post in sorted(gone, key=lambda post: post.path)]


def _match(
    candidates: Sequence[Candidate], known: Sequence[Known], free: Mapping[str, Known]
) -> dict[str, Known]:
    """Find the post each candidate is: by ever weaker proof, each post once."""
    changed = {candidate.path: candidate.source for candidate in candidates}
    found: dict[str, Known] = {}
    used: set[str] = set()
    pool = sorted({post.id: post for post in (*known, *free.values())}.values(), key=_first_live)

    def movable(post: Known) -> bool:
        return (
            not post.live or post.id in free or changed.get(post.path, post.source) != post.source
        )

    def proofs(post: Known, one: Candidate, text: Post) -> tuple[bool, ...]:
        here, same, address = (
            post.path == one.path,
            post.source == one.source,
            post.url == text.url,
        )
        return (
            here and (same or address),
            same and movable(post),
            address and movable(post),
            here,
        )

    for proof in range(4):
        for one in candidates:
            if one.path in found or one.post is None:
                continue
            for post in pool:
                if post.id not in used and proofs(post, one, one.post)[proof]:
                    found[one.path] = post
                    used.add(post.id)
                    break
    return found


def _first_live(post: Known) -> tuple[bool, str]:
    return (not post.live, post.id)


def _turn(candidate: Candidate, post: Known | None) -> int:
    """Order the claims to an address: who has it, who had another, who is new."""
    if post is None or not post.live or candidate.post is None:
        return 2
    return 0 if post.url == candidate.post.url else 1


def _place(desk: _Desk, candidate: Candidate, post: Known | None) -> None:
    """Decide about one readable candidate."""
    text, made = candidate.post, desk.made
    assert text is not None  # noqa: S101  # decide() hands over readable ones only
    mine = post.id if post else ""
    if text.expires is not None and text.expires <= desk.now:
        made.states[candidate.path] = ("expired", None)
        if post is not None and post.live:
            made.records.append(_removal(post, "expired", desk.now))
    elif not (post is not None and post.live) and text.published > desk.now:
        made.states[candidate.path] = ("scheduled", text.published)
    elif desk.owners.get(text.url, mine) != mine:
        made.states[candidate.path] = ("held", None)
        made.problems.append(_taken(candidate, text, desk.owners[text.url]))
    else:
        key = mine or _mint(desk, candidate)
        if post is not None and desk.owners.get(post.url) == key:
            del desk.owners[post.url]
        desk.owners[text.url] = key
        made.states[candidate.path] = ("published", text.expires)
        if (version := _version(candidate, text, post, key, desk.now)) is not None:
            made.records.append(version)


def _mint(desk: _Desk, candidate: Candidate) -> str:
    first = first_id(desk.authority, candidate)
    minted = first if first not in desk.ids else f"{first}/{candidate.source[:12]}"
    desk.ids.add(minted)
    return minted


def _taken(candidate: Candidate, text: Post, owner: str) -> Problem:
    return Problem(
        path=candidate.path,
        code="URL001",
        says=f"the address {text.url} belongs to another post already ({owner})",
        hint="give one of the two another permalink; this one is held back until then",
    )


def _removal(
    post: Known, reason: Literal["removed", "draft", "expired"], now: datetime
) -> Removal:
    return Removal(at=now, id=post.id, path=post.path, seq=post.seq + 1, reason=reason)


def _version(
    candidate: Candidate, text: Post, post: Known | None, key: str, now: datetime
) -> Version | None:
    """Record what the candidate makes of its post, or None when nothing about it changed."""
    kind: Literal["published", "updated", "moved", "revised"]
    if post is None or not post.live:
        kind = "published"
    elif post.source == candidate.source:
        kind = "moved" if post.path != candidate.path else "revised"
    else:
        kind = "updated" if post.post != text.digest else "revised"
    told = kind in {"published", "updated"}
    made = Version(
        at=now,
        kind=kind,
        id=key,
        path=candidate.path,
        url=text.url,
        title=text.title,
        seq=(post.seq if post else 0) + told,
        source=candidate.source,
        post=text.digest,
        modified=candidate.modified,
        published=post.published if post else text.published,
        updated=_updated(text, post, now, told=told),
    )
    return made if kind != "revised" or _differs(made, post) else None


def _updated(text: Post, post: Known | None, now: datetime, *, told: bool) -> datetime:
    if text.updated is not None:
        return text.updated
    if post is None:
        return text.published
    # Feeds carry whole seconds: what is told is what is kept.
    return now.replace(microsecond=0) if told and post.post != text.digest else post.updated


def _differs(made: Version, post: Known | None) -> bool:
    return post is None or any(
        getattr(made, name) != getattr(post, name)
        for name in ("path", "url", "title", "source", "post", "updated")
    )
