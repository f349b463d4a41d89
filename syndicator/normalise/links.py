"""Links of a body: absolute, and from post to post by the address, not by the file.

A post names another one by its file in the ways of GitHub (``other.md``), Zola (``@/a/b.md``) and
Pelican (``{filename}b.md``). What address the other post has is known here by its path alone;
whether a post has that address is found out where all are known (decision 0020).
"""

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

from syndicator.model.posts import LinkRef, Site
from syndicator.normalise import urls
from syndicator.normalise.address import of_path
from syndicator.normalise.findings import shown
from syndicator.normalise.spots import Spots

_SOURCE: Final = re.compile(r"\.(?:md|markdown|mdown|mkd)\Z", re.IGNORECASE)
_FILE: Final = re.compile(r"(?:\./)?([^/?#:]+\.[A-Za-z0-9]{1,8})(?:[?#].*)?", re.DOTALL)
_PAGES: Final = (".htm", ".html", ".php", ".xhtml", ".asp", ".aspx", ".jsp")


@dataclass(slots=True)
class Links:
    """Where the links of one post lead."""

    path: str  # of the post, below the content root
    address: str  # the post's URL
    site: Site
    beside: Container[str] = frozenset()  # the names of the files in the post's folder
    led: dict[str, LinkRef] = field(default_factory=dict)  # to other posts, by the address taken
    _origin: str = field(init=False)

    def __post_init__(self) -> None:
        """Find out once what plain paths begin with."""
        self._origin = urls.origin(self.address)

    def settled(self, given: str) -> str:
        """Return the URL of a link that can be read in one way only; empty for any other.

        Most links are so, and cost one look. A path with a dot may name the file of a post.
        """
        if given[:1] == "/" and "." in given:
            return ""
        return urls.settled(given, self._origin)

    def url(self, given: str) -> str:
        """Return a link as an absolute URL; empty where it leads nowhere."""
        if self._to_source(given):
            made = of_path(self._file(given), self.site)
            if made:
                return urls.resolve(made, _fragment(given)) if "#" in given else made
        return urls.resolve(self.address, urls.unmarked(given)[1])

    def judge(self, given: str, spots: Spots) -> None:
        """Say where a link holds a template, leads to no file, or is only likely to lead right."""
        if urls.templated(given):
            spots.findings.warn(
                "MD005",
                f"the link {shown(given)!r} holds a template, which is not filled in here",
                "write the whole address",
                spots.find(given)[1],
            )
            return
        if self._to_source(given):  # whether a post is there is known where all posts are
            self._told(given, spots)
            return
        name = self._sibling(urls.unmarked(given)[1])
        if name and name not in self.beside and not name.lower().endswith(_PAGES):
            spots.findings.warn(
                "MD002",
                f"the link leads to {shown(name)!r}, and there is no such file beside the post",
                "put the file there, or write the address it has on the site",
                spots.find(given)[1],
            )

    def _told(self, given: str, spots: Spots) -> None:
        path = self._file(given)
        made = of_path(path, self.site)
        says = f"taken as {shown(made)}" if made else "and no address follows from its path"
        written, place = spots.find(given)
        spots.findings.info(
            "MD006",
            f"{shown(written)!r} is the file of another post, {says}",
            "if its front matter names another address, write that one",
            place,
        )
        if made and not path.rpartition("/")[2].startswith("_index."):  # of a section: no post
            self.led.setdefault(made, LinkRef(path=path, url=made, line=place[0]))

    def _sibling(self, given: str) -> str:
        match = _FILE.fullmatch(urls.trimmed(given)) if given[:1] not in "/#" else None
        return urls.below("", match.group(1)) if match else ""

    def _to_source(self, given: str) -> bool:
        """Whether a link names a file of Markdown on this site."""
        if "m" not in given.rpartition(".")[2].lower():  # most links: seen in no time
            return False
        found = urls.parts(urls.trimmed(urls.unmarked(given)[1]))
        return not found.scheme and found.authority is None and bool(_SOURCE.search(found.path))

    def _file(self, given: str) -> str:
        """Return the path of a file that a link names; empty when it leaves the content."""
        mark, rest = urls.unmarked(given)
        return urls.below("" if mark == "@/" else self.path.rpartition("/")[0], rest)


def _fragment(given: str) -> str:
    return "#" + given.partition("#")[2]
