"""Entries and editions for the tests of publishers: a plain one, the seed's, the nastiest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from syndicator.config.tables import Publisher
from syndicator.model.feeds import (
    EVERYTHING,
    Change,
    Document,
    Edition,
    Facet,
    History,
    Part,
    Selection,
)
from syndicator.model.pictures import Asset, Entry
from syndicator.model.posts import ChangeKind, ImageRef, Post, Site
from syndicator.publish.select import lists

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


class Past(History):
    """The history of these entries; every document is to be made anew."""

    whole = True
    damaged = False

    def __init__(self, entries: Sequence[Entry], site: Site = SITE) -> None:
        """Give each entry its place in its month, oldest first."""
        self._entries, self._site = list(entries), site
        self._places: dict[str, tuple[str, int]] = {}
        months: dict[str, int] = {}
        for one in reversed(self._entries):
            month = one.published.isoformat()[:7]
            self._places[one.id] = (month, months.get(month, 0))
            months[month] = months.get(month, 0) + 1
        self.gone: list[tuple[str, datetime]] = []

    def _lists(self, one: Entry, facets: tuple[Facet, ...]) -> dict[Selection, str]:
        return dict(lists(one, self._site, [facets])) if facets else {(): ""}

    def of(self, chosen: Selection) -> list[Entry]:
        """Return the entries of a selection, as they were given."""
        facets = tuple(facet for facet, _ in chosen)
        return [one for one in self._entries if chosen in self._lists(one, facets)]

    def values(self, chosen: Selection, facet: Facet) -> list[str]:
        """Return the values of a facet."""
        facets = (*(name for name, _ in chosen), facet)
        found: dict[Selection, str] = {}
        for one in reversed(self._entries):
            for key, label in self._lists(one, facets).items():
                if key[:-1] == chosen:
                    found.setdefault(key, label)
        return [found[key] for key in sorted(found)]

    def _part(self, one: Entry, size: int) -> Part:
        month, place = self._places[one.id]
        return Part(month, place // size, size)

    def parts(self, chosen: Selection, size: int) -> list[Part]:
        """Return the parts, newest first."""
        return sorted({self._part(one, size) for one in self.of(chosen)}, reverse=True)

    def before(self, chosen: Selection, part: Part | None, size: int) -> Part | None:
        """Return the next older one."""
        older = (one for one in self.parts(chosen, size) if part is None or one < part)
        return next(older, None)

    def after(self, chosen: Selection, part: Part) -> Part | None:
        """Return the next newer one."""
        newer = [one for one in self.parts(chosen, part.size) if one > part]
        return newer[-1] if newer else None

    def entries(self, chosen: Selection, part: Part) -> Iterator[Entry]:
        """Yield the entries of a part."""
        return (one for one in self.of(chosen) if self._part(one, part.size) == part)

    def head(self, chosen: Selection, limit: int, last: Part | None) -> Iterator[Entry]:
        """Yield the newest entries, all of the part ``last`` among them."""
        every = self.of(chosen)
        kept = {one.id for one in self.entries(chosen, last)} if last else set()
        kept |= {one.id for one in [o for o in every if o.id not in kept][: limit - len(kept)]}
        return (one for one in every if not limit or one.id in kept)

    def count(self, chosen: Selection, part: Part) -> int:
        """Count the entries of a part."""
        return len(list(self.entries(chosen, part)))

    def exceeds(self, chosen: Selection, limit: int) -> bool:
        """Tell whether there are more entries."""
        return len(self.of(chosen)) > limit

    def touched(self, chosen: Selection, size: int) -> dict[Part, int]:  # noqa: ARG002  # whole
        """Tell nothing: all is made anew."""
        return {}

    def renamed(self, chosen: Selection) -> bool:  # noqa: ARG002
        """Tell that it is not."""
        return False

    def left(self, chosen: Selection, facet: Facet) -> list[str]:  # noqa: ARG002
        """Tell of none."""
        return []

    def removed(self, limit: int) -> list[tuple[str, datetime]]:
        """Tell what a test put in."""
        return self.gone[:limit]

    def any_removed(self) -> bool:
        """Tell that none was."""
        return False

    def written(self, path: str) -> bool:  # noqa: ARG002
        """Tell that none was."""
        return False

    def stands(self, path: str) -> bool:  # noqa: ARG002
        """Tell that none does."""
        return False


def documents(publisher: Publisher, made: Edition) -> list[Document]:
    """Return what a feed publishes, which must be documents."""
    said = list(publisher.publish(made))
    found = [one for one in said if isinstance(one, Document)]
    assert found == said
    return found


def edition(
    *entries: Entry, site: Site = SITE, told: Sequence[tuple[ChangeKind, Entry]] = ()
) -> Edition:
    """Return an edition of these entries, every endpoint to be told of ``told`` now."""

    def newest(limit: int, chosen: Selection = EVERYTHING, /) -> Iterator[Entry]:
        return iter(past.of(chosen)[: limit or None])

    def changes(_endpoint: str) -> Iterable[Change]:
        return [Change(kind=kind, entry=one, at=NOW) for kind, one in told]

    past = Past(entries, site)
    return Edition(site=site, entries=newest, changes=changes, values=past.values, history=past)
