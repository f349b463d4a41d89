"""Entries and editions for the tests of publishers: a plain one, the seed's, the nastiest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from syndicator.model import (
    EVERYTHING,
    Asset,
    Change,
    ChangeKind,
    Edition,
    Entry,
    ImageRef,
    Post,
    Selection,
    Site,
)

TAIPEI = timezone(timedelta(hours=8))
NOON = datetime(2020, 12, 1, 12, tzinfo=TAIPEI)
LATER = datetime(2020, 12, 3, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 8, 5, 1, 123456, tzinfo=UTC)
REMOTE = "https://www.example.com/images/P12.jpg"
DIGEST = "83" * 32
KEPT = f"https://feeds.example/media/{DIGEST}.jpg"

SITE = Site(
    title="News & Views",
    url="https://site.example/",
    timezone="Asia/Taipei",
    feeds="https://feeds.example/",
    authority="site.example",
    description="What happens",
    author="The Desk",
)
PHOTO = Asset(
    digest=DIGEST,
    media_type="image/jpeg",
    extension=".jpg",
    size=54321,
    width=640,
    height=480,
    came_from=REMOTE,
)


def post(name: str = "a", **fields: object) -> Post:
    """Return a plain post; any field can be named."""
    plain = Post(
        path=f"{name}.md",
        url=f"https://site.example/news/{name}/",
        title=f"Post {name}",
        summary=f"Summary of {name}.",
        html=f"<p>Body of {name}.</p>\n",
        published=NOON,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # tests name the fields they mean


def entry(name: str = "a", **fields: object) -> Entry:
    """Return a plain entry; any field of the post, and assets, updated and seq, can be named."""
    own = {
        key: fields.pop(key)
        for key in ("assets", "published", "updated", "seq", "id")
        if key in fields
    }
    plain = Entry(
        id=f"tag:site.example,2020-12-01:news/{name}/",
        seq=1,
        post=post(name, **fields),
        published=NOON,
        updated=NOON,
    )
    return replace(plain, **own)  # type: ignore[arg-type]  # as above


def seed() -> Entry:
    """Return an entry like that of the seed post: Han text, curly quotes, a lead picture."""
    return entry(
        "5g",
        title="Kaohsiung establishes 5G alliance",
        summary="The “Asia New Bay Area” (亞洲新灣區) is ready.",
        html="<p>“Kaohsiung is ready,” Chen (陳其邁) said.</p>\n",
        source_name="Taipei Times",
        tags=("5G", "R&D"),
        lead=ImageRef(url=REMOTE, written=REMOTE),
        assets={REMOTE: PHOTO},
        updated=LATER,
    )


def nasty() -> Entry:
    """Return the nastiest post: everything in it is legal Python and legal nowhere else."""
    evil = "\x00\x0b\x1f\x85\ud800\udfff\ufffe\uffff ]]> <script>1</script> \U0001f4a9 &amp; & "
    return entry(
        "nasty",
        title=evil + "\u202egnihtemos\r\n" + "<b>T</b>" + "x" * 2**20,
        summary=evil,
        html=f'<p title="{evil}">]]&gt; \x01\ud83d {"y" * 1000} \U0001f4a9</p>'
        '<a href="java\x01script:alert(1)">a</a><a href="java\udc00script:alert(1)">b</a>'
        f'<img src="{REMOTE}" alt="lost <b> ]]&gt;"><pre>\n\n z</pre>',
        authors=(evil, "", "\x00"),
        tags=(evil, evil, "\x01", "<i>"),
        language="zz_\x00\x7f not a language",
        source_name="\ud800",
        published=datetime(1, 1, 1, 12, tzinfo=TAIPEI),
        updated=datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    )


def edition(
    *entries: Entry, site: Site = SITE, told: Sequence[tuple[ChangeKind, Entry]] = ()
) -> Edition:
    """Return an edition of these entries, every endpoint to be told of ``told`` now."""

    def newest(limit: int, _chosen: Selection = EVERYTHING, /) -> Iterator[Entry]:
        return iter(entries[: limit or None])

    def changes(_endpoint: str) -> Iterable[Change]:
        return [Change(kind=kind, entry=one, at=NOW) for kind, one in told]

    return Edition(site=site, entries=newest, changes=changes)
