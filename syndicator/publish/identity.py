"""How a post is known again: its id is minted once and never changes (RFC 4287, 4.2.6).

A reading is the post it was before by ever weaker proof: its own file with the same content or
address, its content elsewhere, its file alone, its address.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from syndicator.model.posts import Candidate, Known, Post

_PCHAR = "/-._~!$&'()*+,;=:@"  # what RFC 4151's "specific" may hold as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A readable candidate, and the post it proved to be."""

    one: Candidate
    text: Post
    post: Known | None = None

    @property
    def live(self) -> Known | None:
        """The post, if readers have it now."""
        return self.post if self.post is not None and self.post.live else None


def first_ids(authority: str, candidate: Candidate) -> tuple[str, str]:
    """Tell the ``tag:`` URI (RFC 4151) a candidate gets if it is new, and the next if not free."""
    assert candidate.post is not None  # noqa: S101  # only readable candidates are asked about
    stem = candidate.path.rsplit(".", 1)[0]
    day = candidate.post.published.date().isoformat()
    first = f"tag:{authority},{day}:{quote(stem, safe=_PCHAR)}"
    return first, f"{first}/{candidate.source[:12]}"


def match(
    claims: Sequence[Claim], known: Sequence[Known], free: Mapping[str, Known]
) -> dict[str, Known]:
    """Find the post each candidate is: by ever weaker proof, each post once."""
    changed = {claim.one.path: claim.one.source for claim in claims}
    by_path, by_source, by_url = defaultdict(list), defaultdict(list), defaultdict(list)
    for post in {post.id: post for post in (*known, *free.values())}.values():
        by_path[post.path].append(post)
        by_source[post.source].append(post)
        by_url[post.url].append(post)

    def same(claim: Claim, post: Known) -> bool:
        return post.live and (post.source == claim.one.source or post.url == claim.text.url)

    def movable(_claim: Claim, post: Known) -> bool:
        elsewhere = changed.get(post.path, post.source) != post.source
        return not post.live or post.id in free or elsewhere

    def same_day(claim: Claim, post: Known) -> bool:
        # Long after a post was removed its name or address may go to another one.
        return post.published.date() == claim.text.published.date()

    def movable_here(claim: Claim, post: Known) -> bool:
        # Who declares another id declares to be another post.
        other = post.declared and claim.text.declared_id not in {"", post.declared}
        return (post.live or same_day(claim, post)) and movable(claim, post) and not other

    proofs: tuple[tuple[Callable[[Claim], list[Known]], Callable[[Claim, Known], bool]], ...] = (
        (lambda claim: by_path[claim.one.path], same),
        (lambda claim: by_source[claim.one.source], movable),
        (lambda claim: by_path[claim.one.path], lambda _claim, post: post.live),
        (lambda claim: by_url[claim.text.url], movable_here),
        (lambda claim: by_path[claim.one.path], same_day),
    )
    found: dict[str, Known] = {}
    used: set[str] = set()
    for likely, holds in proofs:
        for claim in claims:
            if claim.one.path in found:
                continue
            fits = [post for post in likely(claim) if post.id not in used and holds(claim, post)]
            if fits:
                path = claim.one.path
                best = min(fits, key=lambda post: (not post.live, post.path != path, post.id))
                found[path] = best
                used.add(best.id)
    return found
