"""Only what is new in a feed: the manipulation ``feed`` of RFC 3229, for RSS and Atom.

A feed is cut into its entries by their bytes, so that what is sent is made of pieces of the very
document, in its order, with nothing written anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from xml.parsers import expat

ENTRIES = {"item", "entry"}
DEPTH = {"rss": 2, "feed": 1}  # of the element that holds them: rss/channel, feed
_DIGITS = 16  # hexadecimal, of what an entry is known by: one version of one entry


class _Unfit(Exception):  # noqa: N818  # never leaves this file
    """A document that can't be cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A child of the feed's own element, with the blanks after it: an entry, or something else."""

    start: int
    end: int
    name: str
    entry: str  # what it is known by, "" for what is no entry


def cut(body: bytes) -> tuple[Piece, ...]:
    """Return the pieces of a feed from its first entry to its last; none where it can't be cut."""
    try:
        children = _children(body)
    except (_Unfit, expat.ExpatError):
        return ()
    ends = [start for start, _, _ in children[1:]] + [end for _, end, _ in children[-1:]]
    return tuple(
        Piece(start=start, end=after, name=name, entry=_digest(name, body[start:end]))
        for (start, end, name), after in zip(children, ends, strict=True)
    )


def entries(pieces: Collection[Piece]) -> frozenset[str]:
    """Return what the entries of a version are known by."""
    return frozenset(piece.entry for piece in pieces if piece.entry)


def without(body: bytes, pieces: Collection[Piece], known: Collection[str]) -> bytes:
    """Return the feed without the entries that are known.

    A claim that it is complete goes too (RFC 5005, 2): readers would drop what is missing.
    """
    parts, at = [], 0
    for piece in pieces:
        if piece.entry in known or piece.name.rpartition(":")[2] == "complete":
            parts.append(body[at : piece.start])
            at = piece.end
    parts.append(body[at:])
    return b"".join(parts)


def _digest(name: str, body: bytes) -> str:
    return sha256(body).hexdigest()[:_DIGITS] if name in ENTRIES else ""


def _children(body: bytes) -> list[tuple[int, int, str]]:
    """Find the children of the element that holds the entries: where each starts and ends."""
    found: list[tuple[int, int, str]] = []
    path: list[tuple[str, int]] = []
    parser = expat.ParserCreate()

    def begin(name: str, _attributes: object) -> None:
        if not path and name not in DEPTH:
            raise _Unfit
        path.append((name, parser.CurrentByteIndex))

    def finish(name: str) -> None:
        start = path.pop()[1]
        if path and len(path) == DEPTH[path[0][0]]:
            at = parser.CurrentByteIndex
            closed = body.startswith(b"</" + name.encode(), at)
            if not closed and name in ENTRIES:  # one tag alone, which has ended here
                raise _Unfit
            found.append((start, body.find(b">", at) + 1 if closed else at, name))

    def doctype(*_declared: object) -> None:
        raise _Unfit

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(body, True)  # noqa: FBT003  # positional by its signature
    return found
