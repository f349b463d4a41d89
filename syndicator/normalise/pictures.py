"""Pictures a post refers to: which URL is meant, and where on disk the file may lie."""

import base64
import html
import re
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote

from syndicator.model.posts import ImageRef
from syndicator.normalise import embeds, inline, urls
from syndicator.normalise.findings import Findings, Place, line_of, shown
from syndicator.normalise.sanitise import accepts
from syndicator.normalise.values import Found

_ENTITY: Final = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_NOTE: Final = re.compile(r"!?\[\[([^\]|#]+)(?:[|#][^\]]*)?\]\]")
_BLANKS: Final = " \t\n\f\r"
_SHOWN: Final = 64  # characters of a data: URL by which it is found again
_SIGNED: Final = re.compile(
    r"[?&;](?:x-(?:amz|goog|oss)-(?:signature|expires|date)|expires|expiry|exp|signature|sig|token"
    r"|se|oe|auth_key|hdnea)=",
    re.IGNORECASE,
)
_HINT: Final = "give the picture's address: https://…, /images/… or a file beside the post"
_TIMES: Final = 20  # how often front matter is looked through before looking ends
_LEAST: Final = 1_000_000  # characters
_STEP: Final = 100  # what one look costs at least
_NUMBER: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([wx])")


@dataclass(slots=True)
class Pictures:
    """The pictures of one post, in the order in which they were taken, each URL once."""

    path: str  # of the post, below the content root
    address: str  # the post's URL
    site_url: str
    findings: Findings
    front: int = 0  # characters of the file before its text
    refs: dict[str, ImageRef] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)
    _origin: str = field(init=False)
    _key: Found | None = None  # of front matter, whose pictures were found up to _next
    _next: int = 0
    _line: tuple[int, int] = (0, 1)  # an offset in front matter, and its line
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        """Find out once what plain paths begin with."""
        self._left = _TIMES * self.front + _LEAST
        self._origin = urls.origin(self.address)

    def take(self, reference: str, at: Place, written: str = "") -> str:
        """Return the absolute URL of a picture and keep it; empty where it can't be used.

        ``written`` is the reference as it stands in the file, where it stands there otherwise.
        """
        reference, written = urls.trimmed(reference), written or reference
        if not reference:
            return ""
        known = self._known.get(reference)
        if known is not None:
            return known
        url = self._known[reference] = self._take(reference, at, written)
        return url

    def take_embedded(self, reference: str, at: Place, written: str) -> str:
        """Take a picture of a vault: it may lie beside the post, or in a static folder."""
        url = self.take(reference, at, written)
        ref = self.refs.get(url)
        if ref is not None and ref.beside and not ref.static:
            self.refs[url] = replace(ref, static=urls.below("", reference))
        return url

    def take_named(self, written: str, found: Found) -> str:
        """Take a picture named in front matter, where HTML's ``&amp;`` is a slip of a tool.

        Obsidian names files of its vault there too, between brackets.
        """
        start = self._find(written, found)
        place = self._placed(start) if start >= 0 else found.place
        if note := _NOTE.fullmatch(written.strip()):
            name = note.group(1).strip()
            return self.take_embedded(embeds.reference(name), place, name)
        if not _ENTITY.search(written):
            return self.take(written, place)
        clean = html.unescape(_ENTITY.sub("&", written))
        self.findings.add(
            "warning",
            "IMG011",
            f"{shown(written)!r} holds HTML entities",
            f"write {shown(clean, 200)}",
            place,
            edits=(self.findings.edit(start, start + len(written), clean),) if start >= 0 else (),
        )
        return self.take(clean, place, written)

    def _find(self, written: str, found: Found) -> int:
        """Return where a picture stands under its key, behind the one before it; -1 if nowhere."""
        if found is not self._key:
            mark = found.mark
            self._key, self._next = found, max(0, mark.at, mark.start)
            self._line = (mark.at, mark.line) if mark.at >= 0 else (0, 1)
        text, begin = self.findings.text, self._next
        while self._left > 0:
            at = text.find(written, begin, self.front)
            self._left -= (at if at >= 0 else self.front) - begin + _STEP
            if at < 0:
                break
            begin = at + 1
            if _alone(text, at, at + len(written)):
                self._next = at + len(written)
                return at
        return -1

    def _placed(self, at: int) -> Place:
        """Return line and column: lines are counted from the picture before, or from the key."""
        text, (known, line) = self.findings.text, self._line
        self._line = (at, line + line_of(text[known:at]) - 1)
        end = text.rfind("\n", 0, at)
        return self._line[1], at - max(end, text.rfind("\r", max(0, end), at))

    def _take(self, reference: str, at: Place, written: str) -> str:
        if inline.inlined(reference):
            return self._inline(reference, at, written)
        url = self.usable(reference)
        if not url:
            self._refuse(reference, at)
            return ""
        if url not in self.refs:
            beside, static = self._files(reference, url)
            self.refs[url] = ImageRef(
                url=url, written=written, beside=beside, static=static, line=at[0]
            )
            self._judge(url, at)
        return url

    def usable(self, reference: str) -> str:
        """Return the absolute URL of a picture that readers can be shown, else nothing."""
        if plain := urls.settled(reference, self._origin):
            return plain
        if urls.templated(reference):
            return ""
        mark, rest = urls.unmarked(reference)
        if mark and rest.startswith("/"):  # Pelican: from the top of the site
            rest = urls.parts(self.site_url).path.rstrip("/") + rest
        url = urls.resolve(self.address, rest)
        return url if url.startswith(("http://", "https://")) and accepts(url) else ""

    def _judge(self, url: str, at: Place) -> None:
        """Say what will make trouble later."""
        if url.startswith("http://"):
            self.findings.info(
                "IMG014",
                f"{shown(url)!r} comes over plain http: pages on https don't show it",
                "write https, if the server speaks it",
                at,
            )
        if "?" in url and _SIGNED.search(url):
            self.findings.info(
                "IMG020",
                f"{shown(url)!r} is signed or expires",
                "keep the picture beside the post; the address will be dead one day",
                at,
            )

    def _refuse(self, reference: str, at: Place) -> None:
        if urls.templated(reference):
            says = (
                f"the picture {shown(reference)!r} holds a template; its text stands in its place"
            )
            self.findings.warn("IMG012", says, _HINT, at)
            return
        says = f"the picture {shown(reference)!r} is no web address; its text stands in its place"
        self.findings.error("IMG008", says, _HINT, at)

    def _inline(self, reference: str, at: Place, written: str) -> str:
        """Take a picture that stands within the text, under the name of its bytes."""
        try:
            data = inline.decode(reference)
        except inline.Broken:
            says = f"the picture {shown(reference)!r} can't be read; its text stands in its place"
            self.findings.warn("IMG016", says, "keep it in a file beside the post", at)
            return ""
        if data is None:
            self.findings.warn(
                "IMG017",
                f"a picture of {len(reference):,} characters stands within the text",
                "keep it in a file beside the post; feeds leave it out",
                at,
            )
            return ""
        url = inline.name(data)
        if url not in self.refs:
            packed = base64.b64encode(data).decode()
            self.refs[url] = ImageRef(url=url, written=written[:_SHOWN], inline=packed, line=at[0])
        return url

    def _files(self, reference: str, url: str) -> tuple[str, str]:
        """Return where the file may lie: below the content root, below a static root."""
        if url == reference and urls.host(url) != urls.host(self.site_url):
            return "", ""  # a web address of somebody else's
        mark, rest = urls.unmarked(reference)
        if mark:
            return urls.below(self.path.rpartition("/")[0], rest), ""
        given = urls.parts(reference)
        if not given.scheme and given.authority is None and not given.path.startswith("/"):
            return urls.below(self.path.rpartition("/")[0], reference), ""
        if urls.host(url) != urls.host(self.site_url):
            return "", ""
        path, home = urls.parts(url).path, urls.parts(self.site_url).path
        return "", urls.below("", "/" + path.removeprefix(home).lstrip("/"))


def _alone(text: str, start: int, end: int) -> bool:
    """Whether what stands here is a whole value of front matter, not a part of a longer one."""
    before, after = text[max(0, start - 80) : start], text[end : end + 80]
    bare, rest = before.rstrip(" \t"), after.lstrip(" \t")
    begins = not bare or bare[-1] in "\r\n[{,\"'" or (bare[-1] in "-:" and bare != before)
    return begins and (rest[:1] in "\r\n,]}\"'" or (rest[0] == "#" and rest != after))


def best_of(srcset: str) -> str:
    """Return the largest picture of a ``srcset``, split as the HTML standard does (4.8.4.2.2).

    A URL may hold commas (``/w_1,h_2/a.jpg``); only one at its end parts candidates.
    """
    best, size, at = "", -1.0, 0
    while True:
        while at < len(srcset) and srcset[at] in _BLANKS + ",":
            at += 1
        if at >= len(srcset):
            return best
        begin = at
        while at < len(srcset) and srcset[at] not in _BLANKS:
            at += 1
        url, descriptor = srcset[begin:at], ""
        if url.endswith(","):
            url = url.rstrip(",")
        else:
            end = srcset.find(",", at)
            end = len(srcset) if end < 0 else end
            descriptor, at = srcset[at:end].strip(_BLANKS), end
        match = _NUMBER.fullmatch(descriptor)
        weight = float(match.group(1)) if match else 1.0
        if url and weight > size:
            best, size = url, weight


def spellings(url: str) -> tuple[str, ...]:
    """Return how an author may have written a URL that was read from rendered HTML."""
    return tuple(dict.fromkeys((url, unquote(url), html.escape(url), url.replace("&", "&amp;"))))
