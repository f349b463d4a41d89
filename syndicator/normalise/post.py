"""The post itself, put together from the parts that the other files of this room read."""

import hashlib
import json
import operator
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from syndicator.model.posts import Post, Site, Source
from syndicator.normalise import (
    fields,
    markdown,
    plain,
    prose,
    references,
    slips,
    text,
    times,
    trailer,
)
from syndicator.normalise.address import address, bare, dateless, page, stem
from syndicator.normalise.findings import Findings, Flaw
from syndicator.normalise.links import Links
from syndicator.normalise.matter import Matter
from syndicator.normalise.permalinks import Facts
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.times import Dated
from syndicator.normalise.values import Front

_BLANKS: Final = bytes.maketrans(b"\t\r\n\f", b"    ")
_CANONICAL: Final = json.JSONEncoder(
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
    default=operator.methodcaller("isoformat"),  # a day's, or a moment's
)
_LONG: Final = 16 * 1024  # characters of a text that take a moment to read
_DASHES: Final = re.compile(r"[-_\s]+")


class Fore(NamedTuple):
    """What is known of a post before its text is read."""

    front: Front
    drafted: bool
    dated: Dated
    title: str
    title_html: str
    url: str


def compose(
    source: Source, site: Site, taken: Matter, findings: Findings
) -> tuple[Post | None, bool]:
    """Return the post (None where there is neither title nor text), and whether it is a draft.

    Raises ``Flaw`` for what can't be read further; lesser things are kept in the findings. A long
    text is not read where front matter holds the post back already.
    """
    begin = len(findings.text) - len(taken.body)
    tail = _trailer(taken.body, site.trailer, findings)
    fore = judge(source, site, taken, day=tail.day, findings=findings)
    front = fore.front
    if findings.hold and len(taken.body) > _LONG:
        return None, fore.drafted
    # what is all body may begin like front matter, and be taken for it once it is edited
    prose.tell(findings, taken.table, begin if taken.fenced else len(findings.text))
    pictures = Pictures(source.path, page(fore.url), site.url, findings, begin)
    lead = fields.lead(front, pictures)
    links = Links(source.path, pictures.address, site, source.beside)
    body = text.read(tail.body, begin, pictures, links, titled=bool(fore.title))
    if not (title := fore.title or _title(source.path, body, findings, fenced=taken.fenced)):
        findings.info("TXT015", "neither title nor text: this is no post")
        return None, fore.drafted
    if body.empty and not fore.drafted:
        findings.warn("TXT015", "the text is empty", "write one, or make it a draft")
    if taken.fenced and prose.blank_ends(findings.text):
        prose.blanks(findings, begin, lambda other: _same(taken.body, other))
    said: dict[str, Any] = {
        "url": fore.url,
        "title": title,
        "summary": _summary(front, body, findings),
        "html": body.html,
        "published": fore.dated.published,
        "updated": fore.dated.updated,
        "expires": fore.dated.expires,
        "dated_by": fore.dated.by,
        **_credit(front, tail, findings),
        "tags": fields.tags(front, findings),
        "language": fields.language(front, findings),
        "lead": pictures.refs.get(lead),
    }
    return Post(
        path=source.path,
        title_html=fore.title_html,
        images=tuple(pictures.refs.values()),
        digest=_digest(said),
        **said,
        **_beside(front, site, links, tail, findings),
    ), fore.drafted


def judge(
    source: Source, site: Site, taken: Matter, *, day: date | None, findings: Findings
) -> Fore:
    """Return what front matter says of draft, dates, title and address; ``day`` is the trailer's.

    All that may hold a post back, but for what its text may.
    """
    front = Front(taken.table)
    slips.tell(front, taken.table, taken.remarks, findings)
    drafted = fields.draft(front, source.path, findings)
    dated = times.dated(front, source, day, ZoneInfo(site.timezone), findings)
    title, title_html = fields.title(front, findings)
    url = _address(front, source, site, title=title, dated=dated, findings=findings)
    return Fore(front, drafted, dated, title, title_html, url)


def _summary(front: Front, body: text.Text, findings: Findings) -> str:
    summary = fields.summary(front, findings)
    fields.repeated(front, summary, body.summary, findings)
    return summary or body.summary


def _credit(front: Front, tail: trailer.Trailer, findings: Findings) -> dict[str, Any]:
    """Return who wrote it: the front matter's authors, else the source that the trailer names."""
    by = plain.folded(plain.seen(plain.line(text.inline(tail.source))))
    authors = fields.authors(front, findings) or ((by,) if by else ())
    return {"source_name": by, "source_date": tail.day, "authors": authors}


def _beside(
    front: Front, site: Site, links: Links, tail: trailer.Trailer, findings: Findings
) -> dict[str, Any]:
    """Return what no edit shows in: other addresses, id, categories, links, the Markdown."""
    return {
        "categories": fields.categories(front),
        "redirects": references.redirects(front, site.url),
        "canonical": references.canonical(front, site.url, findings),
        "source_url": references.source_url(front, site.url, findings),
        "declared_id": references.declared_id(front),
        "links": tuple(links.led.values()),
        "markdown": tail.body if site.markdown else "",
    }


def _digest(said: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a reader would notice, as canonical JSON.

    Where the file lies is not in it, nor a time of the file's own, nor white space that no
    browser shows.
    """
    noticed = {
        **said,
        # told by its own digest: JSON would go through every character of it
        "html": hashlib.sha256(_tight(said["html"])).hexdigest(),
        "lead": said["lead"] and said["lead"].url,
        "published": None if said["dated_by"] == "mtime" else said["published"],
    }
    del noticed["dated_by"]
    return hashlib.sha256(_CANONICAL.encode(noticed).encode()).hexdigest()


def _trailer(body: str, labels: tuple[str, ...], findings: Findings) -> trailer.Trailer:
    tail = trailer.cut(body, labels)
    if tail.doubtful:
        findings.info(
            "MD004",
            f"the last line looks like a trailer but can't be read: {tail.doubtful!r}",
            "write Date: 2020-12-01 and Source: Name, each on a line of its own",
            findings.place(findings.text.rindex(tail.doubtful)),
        )
    return tail


def _address(
    front: Front, source: Source, site: Site, *, title: str, dated: Dated, findings: Findings
) -> str:
    """Return the post's address; an impossible one is an error, and reading goes on."""

    def facts() -> Facts:
        slug = front.get("slug")
        return Facts(
            path=bare(source.path),
            name=dateless(stem(source.path)),
            title=title,
            slug=slug.text.strip().strip("/") if slug is not None else "",
            categories=fields.categories(front),
            at=None if dated.by == "mtime" else dated.published,
        )

    try:
        return address(front, source.path, site, facts, findings)
    except Flaw as flaw:
        findings.flaw(flaw)
        return site.url


def _title(path: str, body: text.Text, findings: Findings, *, fenced: bool) -> str:
    """Return a title for a post whose front matter has none: its first heading, or its name."""
    if body.empty:
        return ""
    words = _DASHES.sub(" ", plain.seen(plain.line(dateless(stem(path))))).strip() or plain.line(
        path
    )
    title = plain.folded(plain.seen(body.heading)) or words[:1].upper() + words[1:]
    where = "first heading" if body.heading else "file name"
    findings.warn(
        "TXT001" if fenced else "FM001",
        f"no {'title' if fenced else 'front matter'}; the title was taken from the {where}:"
        f" {title!r}",
        "add title: to the front matter" if fenced else "start it with ---, title: …, ---",
        (1, 1),
    )
    return title


def _same(one: str, other: str) -> bool:
    """Whether two bodies render to what a reader can't tell apart."""
    return _tight(markdown.render(one)) == _tight(markdown.render(other))


def _tight(html: str) -> bytes:
    """Return HTML with each run of white space as one blank, but for preformatted text."""
    data, kept, at = html.encode(), [], 0
    while (begin := data.find(b"<pre", at)) >= 0:
        end = data.find(b"</pre>", begin)
        end = end if end >= 0 else len(data)
        kept += [_single(data[at:begin]), data[begin:end]]
        at = end
    return b"".join((*kept, _single(data[at:])))


def _single(data: bytes) -> bytes:
    data = data.translate(_BLANKS)
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data
