"""The judges of a feed: whether it is well-formed, as its format has it, and kind to readers.

The same checks run over every feed the tests make and in ``syndicate feeds validate``. They know
what the W3C's validator tells of a feed, and what readers were seen to stumble over; none asks the
network.
"""

from syndicator.model.posts import Problem
from syndicator.publish.judge import atom, entries, rss, schemas
from syndicator.publish.judge.outline import Outline, Seen, Unreadable, outline
from syndicator.publish.judge.verdict import Verdict

__all__ = ["Outline", "Seen", "Unreadable", "judge", "outline"]


def judge(body: bytes, path: str, address: str = "") -> tuple[Problem, ...]:
    """Return what is wrong with a feed called ``path``, by line; nothing for a perfect one.

    ``address`` is where readers find it; without one, what it says of itself is believed.
    """
    verdict = Verdict(path=path)
    try:
        seen = outline(body)
    except Unreadable as error:
        verdict.find("FEED001", "error", str(error), line=error.line)
        return tuple(verdict.problems)
    if seen.format == "json":
        schemas.json_feed(seen.data, verdict)
    elif seen.tree is not None:
        if seen.format == "atom":
            schemas.atom(seen.tree, verdict)
            atom.atom(seen.tree, verdict)
        elif seen.format == "rss":
            rss.rss(seen.tree, verdict)
        else:
            schemas.opml(seen.tree, verdict)
        atom.media(seen.tree, verdict)
    entries.feed(seen, verdict, address)
    entries.size(len(body), verdict)
    return tuple(sorted(verdict.problems, key=lambda one: (one.line, one.code, one.says)))
