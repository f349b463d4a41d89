"""The post itself, put together from the parts that the other files of this room read."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from syndicator.model import Post, Site, Source
from syndicator.normalise import fields, plain, text, times, trailer
from syndicator.normalise.address import address, dateless, page, stem
from syndicator.normalise.findings import Findings, Flaw
from syndicator.normalise.matter import Matter
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.values import Front

_PRE: Final = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_RUNS: Final = re.compile(r"[ \t\r\n\f]+")
_DASHES: Final = re.compile(r"[-_\s]+")


def compose(
    source: Source, site: Site, taken: Matter, findings: Findings
) -> tuple[Post | None, bool]:
    """Return the post (None where there is neither title nor text), and whether it is a draft.

    Raises ``Flaw`` for what can't be read further; lesser things are kept in the findings.
    """
    front = Front(taken.table)
    drafted = fields.draft(front, source.path, findings)
    tail = _trailer(taken.body, findings)
    url = _address(front, source.path, site.url, findings)
    pictures = Pictures(source.path, page(url), site.url, findings)
    lead = fields.lead(front, pictures)
    body = text.read(tail.body, taken.line, pictures, findings)
    title = _title(front, source.path, body, findings, fenced=taken.fenced)
    if not title:
        findings.info("TXT015", "neither title nor text: this is no post")
        return None, drafted
    if body.empty:
        findings.warn("TXT015", "the text is empty", "write one, or make it a draft")
    named = plain.folded(plain.seen(plain.line(text.inline(tail.source))))
    post = Post(
        path=source.path,
        url=url,
        title=title,
        summary=fields.summary(front, findings) or body.summary,
        html=body.html,
        published=source.modified,
        source_name=named,
        source_date=tail.day,
        authors=fields.authors(front, findings) or ((named,) if named else ()),
        tags=fields.tags(front, findings),
        language=fields.language(front, findings),
        lead=pictures.refs.get(lead),
        images=tuple(pictures.refs.values()),
    )
    dated = _dated(post, front, source, ZoneInfo(site.timezone), findings)
    return replace(dated, digest=digest(dated)), drafted


def digest(post: Post) -> str:
    """Return the SHA-256 of what a reader would notice, as canonical JSON.

    Where the file lies is not in it, nor a time of the file's own, nor white space that no
    browser shows.
    """
    said = {
        "url": post.url,
        "title": post.title,
        "summary": post.summary,
        "html": _tight(post.html),
        "authors": post.authors,
        "tags": post.tags,
        "language": post.language,
        "lead": post.lead.url if post.lead else None,
        "source": [post.source_name, post.source_date and post.source_date.isoformat()],
        "published": None if post.dated_by == "mtime" else post.published.isoformat(),
        "updated": post.updated and post.updated.isoformat(),
        "expires": post.expires and post.expires.isoformat(),
    }
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _dated(post: Post, front: Front, source: Source, zone: ZoneInfo, findings: Findings) -> Post:
    published = times.published(front, source, post.source_date, zone, findings)
    updated, key = times.first_of(fields.UPDATED, front, zone, findings)
    expires, _ = times.first_of(fields.EXPIRES, front, zone, findings)
    if updated is not None and key is not None and updated < published.at:
        findings.warn(
            "DATE008",
            f"{key.name} is earlier than the day the post was published; it is not used",
            "correct one of the two dates",
            key.place,
        )
        updated = None
    return replace(
        post, published=published.at, dated_by=published.by, updated=updated, expires=expires
    )


def _trailer(body: str, findings: Findings) -> trailer.Trailer:
    tail = trailer.cut(body)
    if tail.doubtful:
        findings.info(
            "MD004",
            f"the last line looks like a trailer but can't be read: {tail.doubtful!r}",
            "write Date: 2020-12-01 and Source: Name, each on a line of its own",
        )
    return tail


def _address(front: Front, path: str, site_url: str, findings: Findings) -> str:
    """Return the post's address; an impossible one is an error, and reading goes on."""
    try:
        return address(front, path, site_url)
    except Flaw as flaw:
        findings.flaw(flaw)
        return site_url


def _title(front: Front, path: str, body: text.Text, findings: Findings, *, fenced: bool) -> str:
    """Return the title: front matter's, else the first heading, else the file's name in words."""
    if title := fields.title(front, findings):
        return title
    if body.empty:
        return ""
    words = _DASHES.sub(" ", plain.line(dateless(stem(path)))).strip() or path
    title = body.heading or words[:1].upper() + words[1:]
    where = "first heading" if body.heading else "file name"
    findings.warn(
        "TXT001" if fenced else "FM001",
        f"no {'title' if fenced else 'front matter'}; the title was taken from the {where}:"
        f" {title!r}",
        "add title: to the front matter" if fenced else "start it with ---, title: …, ---",
        (1, 1),
    )
    return title


def _tight(html: str) -> str:
    """Return HTML with each run of white space as one blank, but for preformatted text."""
    parts = _PRE.split(html)
    return "".join(part if part.startswith("<pre") else _RUNS.sub(" ", part) for part in parts)
