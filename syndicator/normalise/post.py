"""The post itself, put together from the parts that the other files of this room read."""

import hashlib
import json
import re
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from syndicator.model import Post, Site, Source
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
from syndicator.normalise.matter import Matter
from syndicator.normalise.permalinks import Facts
from syndicator.normalise.pictures import Pictures
from syndicator.normalise.times import Dated
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
    begin = len(findings.text) - len(taken.body)
    slips.tell(front, taken.table, taken.remarks, findings)
    # a text that is all body may begin like front matter, and be taken for it once it is edited
    prose.tell(findings, taken.table, begin if taken.fenced else len(findings.text))
    drafted = fields.draft(front, source.path, findings)
    tail = _trailer(taken.body, site.trailer, findings)
    dated = times.dated(front, source, tail.day, ZoneInfo(site.timezone), findings)
    named, title_html = fields.title(front, findings)
    url = _address(front, source, site, title=named, dated=dated, findings=findings)
    pictures = Pictures(source.path, page(url), site.url, findings)
    lead = fields.lead(front, pictures)
    body = text.read(
        tail.body, begin, pictures, findings, beside=source.beside, titled=bool(named)
    )
    title = named or _title(source.path, body, findings, fenced=taken.fenced)
    if not title:
        findings.info("TXT015", "neither title nor text: this is no post")
        return None, drafted
    if body.empty:
        findings.warn("TXT015", "the text is empty", "write one, or make it a draft")
    prose.blanks(findings, begin, lambda other: _same(taken.body, other))
    summary = fields.summary(front, findings)
    fields.repeated(front, summary, body.summary, findings)
    by = plain.folded(plain.seen(plain.line(text.inline(tail.source))))
    post = Post(
        path=source.path,
        url=url,
        title=title,
        summary=summary or body.summary,
        html=body.html,
        published=dated.published,
        updated=dated.updated,
        expires=dated.expires,
        dated_by=dated.by,
        source_name=by,
        source_date=tail.day,
        authors=fields.authors(front, findings) or ((by,) if by else ()),
        tags=fields.tags(front, findings),
        language=fields.language(front, findings),
        redirects=references.redirects(front, site.url),
        canonical=references.canonical(front, site.url, findings),
        source_url=references.source_url(front, site.url, findings),
        declared_id=references.declared_id(front),
        title_html=title_html,
        lead=pictures.refs.get(lead),
        images=tuple(pictures.refs.values()),
    )
    return replace(post, digest=digest(post)), drafted


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
    slug = front.get("slug")
    facts = Facts(
        path=bare(source.path),
        name=dateless(stem(source.path)),
        title=title,
        slug=slug.text.strip().strip("/") if slug is not None else "",
        categories=fields.categories(front),
        at=None if dated.by == "mtime" else dated.published,
    )
    try:
        return address(front, source.path, site.url, facts, findings)
    except Flaw as flaw:
        findings.flaw(flaw)
        return site.url


def _title(path: str, body: text.Text, findings: Findings, *, fenced: bool) -> str:
    """Return a title for a post whose front matter has none: its first heading, or its name."""
    if body.empty:
        return ""
    words = _DASHES.sub(" ", plain.seen(plain.line(dateless(stem(path))))).strip() or path
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


def _tight(html: str) -> str:
    """Return HTML with each run of white space as one blank, but for preformatted text."""
    if "<pre" not in html:  # bytes know no other blanks than these, and are fast
        return b" ".join(html.encode().split()).decode()
    parts = _PRE.split(html)
    return "".join(part if part.startswith("<pre") else _RUNS.sub(" ", part) for part in parts)
