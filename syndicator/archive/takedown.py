"""What must go when something is taken down, and what stays because others need it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from syndicator.archive.catalogue import Catalogue
from syndicator.doors.layout import HEX
from syndicator.errors import ContentError
from syndicator.model.custody import Forgotten
from syndicator.model.records import Version

_DIGEST = re.compile(r"[0-9a-f]{8,64}")
Kind = Literal["url", "digest", "post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The tombstone that is to be set, and what a person should know stays."""

    tombstone: Forgotten
    remains: tuple[str, ...]


def plan(
    catalogue: Catalogue,
    subject: str,
    reason: str,
    at: datetime,
    *,
    users: Mapping[str, Collection[str]],
    pictures: bool,
) -> Plan:
    """Find what ``subject`` names: a picture's or a post's address, a digest, a path or an id.

    ``pictures`` of a post go with it where no other post shows them; ``users`` tells who shows
    which now, by URL. Raises ContentError where nothing has that name, or where it names a part
    of what is published.
    """
    digests = _named(catalogue, subject)
    if digests:
        return _digests(catalogue, subject, digests, reason, at)
    ids = _posts(catalogue, subject)
    if ids or any(
        kept.path == subject for one in catalogue.items.values() for kept in one.sources
    ):
        return _post(catalogue, subject, ids, reason, at, users=users, pictures=pictures)
    if subject in catalogue.captured:
        return _url(catalogue, subject, reason, at)
    says = f"nothing in the archive is called {subject}"
    raise ContentError(
        says, hint="name a picture's address, a digest, or a post by path, address or id"
    )


def _named(catalogue: Catalogue, subject: str) -> list[str]:
    if not _DIGEST.fullmatch(subject):
        return []
    known = {digest: {digest, *catalogue.copies.get(digest, ())} for digest in catalogue.names}
    found = [one for one in sorted(known) if any(name.startswith(subject) for name in known[one])]
    if len(found) > 1 and len(subject) < HEX:  # several may be shown by one and the same copy
        raise ContentError(f"{len(found)} files begin with {subject}", hint="write it out")
    return found


def _digests(
    catalogue: Catalogue, subject: str, digests: list[str], reason: str, at: datetime
) -> Plan:
    for last in _last(catalogue).values():
        if last.source in digests and _is_live(catalogue, last.id):
            says = f"this is what {last.path} says now"
            raise ContentError(
                says, hint=f"syndicate archive forget {last.path}; or edit the post"
            )
    items = [item for digest in digests for item in catalogue.of_digest(digest)]
    urls = sorted({capture.url for item in items for capture in item.captures})
    remains = [f"the address {url}: other bytes from there may still be kept" for url in urls]
    return _plan(catalogue, "digest", subject, reason, at, digests=digests, remains=remains)


def _url(catalogue: Catalogue, subject: str, reason: str, at: datetime) -> Plan:
    mine = {one.digest for one in catalogue.captured[subject] if one.digest}
    shared = _shared(catalogue, mine, urls={subject}, paths=set(), ids=set())
    remains = [f"{digest[:12]}…: {why}" for digest, why in sorted(shared.items())]
    return _plan(
        catalogue,
        "url",
        subject,
        reason,
        at,
        digests=mine - shared.keys(),
        urls=[subject],
        remains=remains,
    )


def _post(
    catalogue: Catalogue,
    subject: str,
    ids: set[str],
    reason: str,
    at: datetime,
    *,
    users: Mapping[str, Collection[str]],
    pictures: bool,
) -> Plan:
    owners = _owners(catalogue)
    paths = {version.path for key in ids for version in catalogue.versions[key]}
    paths = {path for path in paths if owners[path] in ids}
    paths |= {subject} if not ids else set()
    mine = {version.source for key in ids for version in catalogue.versions[key]}
    mine |= {kept.digest for path in paths for kept in catalogue.paths.get(path, ())}
    shown = {
        url
        for url, many in catalogue.captured.items()
        if paths & {*users.get(url, ()), *(path for one in many for path in one.posts)}
    }
    gone = {url for url in shown if pictures and paths >= set(users.get(url, ()))}
    mine |= {one.digest for url in gone for one in catalogue.captured[url] if one.digest}
    shared = _shared(catalogue, mine, urls=gone, paths=paths, ids=ids)
    remains = [f"{digest[:12]}…: {why}" for digest, why in sorted(shared.items())]
    if shown and not pictures:
        remains.append(f"its pictures ({len(shown)}): --pictures takes those nobody else shows")
    return _plan(
        catalogue,
        "post",
        subject,
        reason,
        at,
        digests=mine - shared.keys(),
        urls=gone,
        paths=paths,
        ids={*ids, *(former for key in ids for former in catalogue.former.get(key, ()))},
        remains=remains,
    )


def _plan(
    catalogue: Catalogue,
    kind: Kind,
    subject: str,
    reason: str,
    at: datetime,
    *,
    digests: Collection[str],
    urls: Iterable[str] = (),
    paths: Iterable[str] = (),
    ids: Iterable[str] = (),
    remains: Iterable[str] = (),
) -> Plan:
    copies = {name[:HEX] for name in catalogue.shown(digests)}
    tombstone = Forgotten(
        at=at,
        kind=kind,
        subject=subject,
        reason=reason,
        digests=tuple(sorted({*digests, *copies})),
        urls=tuple(sorted(urls)),
        paths=tuple(sorted(paths)),
        ids=tuple(sorted(ids)),
    )
    every = {name[:HEX] for one in digests for name in catalogue.copies.get(one, ())}
    stay = [
        f"{one[:12]}…: readers get it of other bytes too; forget {one} to take all"
        for one in sorted(every - {*digests, *copies})
    ]
    return Plan(tombstone=tombstone, remains=(*remains, *stay))


def _shared(
    catalogue: Catalogue, digests: set[str], *, urls: set[str], paths: set[str], ids: set[str]
) -> dict[str, str]:
    """Tell which of these bytes others have too, and who."""
    found = {}
    for digest in digests:
        for item in catalogue.of_digest(digest):
            others = [capture.url for capture in item.captures if capture.url not in urls]
            others += [kept.path for kept in item.sources if kept.path not in paths]
            others = [other for other in others if not _was_mine(catalogue, other, digest, ids)]
            if others:
                found[digest] = f"{others[0]} has the same bytes; forget the digest to take both"
    return found


def _was_mine(catalogue: Catalogue, path: str, digest: str, ids: set[str]) -> bool:
    """Tell whether bytes under a path are of these posts, which may have moved away since."""
    return any(
        version.path == path and version.source == digest
        for key in ids
        for version in catalogue.versions[key]
    )


def _last(catalogue: Catalogue) -> dict[str, Version]:
    return {key: many[-1] for key, many in catalogue.versions.items()}


def _is_live(catalogue: Catalogue, key: str) -> bool:
    removals = catalogue.removals.get(key)
    return not removals or removals[-1].seq < catalogue.versions[key][-1].seq


def _posts(catalogue: Catalogue, subject: str) -> set[str]:
    """Tell the ids that a path, an address or an id means: who has it now, else who ever had."""
    if subject in catalogue.versions:
        return {subject}
    if renamed := {key for key, many in catalogue.former.items() if subject in many}:
        return renamed
    last = _last(catalogue)
    now = {key for key, version in last.items() if subject in {version.path, version.url}}
    return now or {
        key
        for key, many in catalogue.versions.items()
        if any(subject in {version.path, version.url} for version in many)
    }


def _owners(catalogue: Catalogue) -> dict[str, str]:
    """Tell, for each path, the post that had it last."""
    found: dict[str, tuple[datetime, str]] = {}
    for key, many in catalogue.versions.items():
        for version in many:
            if version.path not in found or found[version.path][0] <= version.at:
                found[version.path] = (version.at, key)
    return {path: key for path, (_, key) in found.items()}
