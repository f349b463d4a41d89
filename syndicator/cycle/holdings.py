"""What an archive holds: as a whole, of one post, of one file. Reads only."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from syndicator.archive import catalogue
from syndicator.archive.catalogue import Catalogue, Item
from syndicator.config.tables import Settings
from syndicator.cycle import Order
from syndicator.cycle.clockwork import Clockwork
from syndicator.cycle.custody import exists, settings
from syndicator.doors import affairs, blobs, files
from syndicator.doors.blobs import SHELVES
from syndicator.doors.layout import Layout
from syndicator.doors.store import custody
from syndicator.errors import ContentError, StoreError
from syndicator.model.keeping import Facts, Holdings, Stage
from syndicator.model.records import Record

_TEXT = "text/markdown"
_LOST = "missing or damaged"


def holdings(order: Order) -> Holdings:
    """Count what the archive holds, and tell when what was checked."""
    made = settings(order)
    layout = _layout(made)
    known = affairs.standing(layout.state)
    if known is None:
        says = f"{layout.state} is missing, or another version's"
        raise StoreError(says, hint="syndicate archive reindex")
    checks, read = affairs.custody(layout.state), catalogue.read(layout)
    kept = [files.stat(path).size for path in blobs.on_shelves(layout, SHELVES)]
    present = list(read.present())
    clockwork = Clockwork(layout, order.clock().astimezone(ZoneInfo(made.site.timezone)))
    return Holdings(
        root=str(layout.root),
        blobs=len(kept),
        size=sum(kept),
        versions=sum(bool(item.sources) for item in present),
        pictures=sum(item.is_picture for item in present),
        evidence=sum(not item.sources and not item.is_picture for item in present),
        live=known.live,
        missing=len({row[0] for row in known.missing}),
        damaged=tuple(custody.place_of(*one) for one in checks.damages),
        quarantined=len(blobs.quarantined(layout)),
        loose=checks.loose,
        forgotten=len(read.forgotten),
        journal=sum(path.stat().st_size for path in layout.journal.glob("*.jsonl")),
        checked_at=clockwork.last,
        oldest_check=clockwork.oldest,
        next_check=clockwork.due,
        free=shutil.disk_usage(layout.root).free,
    )


def _layout(made: Settings) -> Layout:
    layout = Layout(made.archive_root, made.store.url)
    exists(layout)
    return layout


class Shelves:
    """The catalogue of an archive, to be asked for posts and files."""

    def __init__(self, order: Order) -> None:
        """Read the whole journal."""
        made = settings(order)
        self.layout = _layout(made)
        self.root = made.content_root
        self.catalogue: Catalogue = catalogue.read(self.layout)

    def history(self, name: str) -> list[Stage]:
        """Tell what became of a post, oldest first; ``name`` is a path, an address or an id.

        Raises ContentError for one that was never kept.
        """
        ids = _ids(self.catalogue, name)
        paths = {version.path for key in ids for version in self.catalogue.versions[key]}
        paths |= {name} if name in self.catalogue.paths else set()
        if not paths:
            raise ContentError(
                f"no version of {name} was ever kept",
                hint="give its path below the content folder, its address or its id",
            )
        stages = [stage for path in sorted(paths) for stage in self._kept(path)]
        for key in sorted(ids):
            stages += self._told(key)
        stages += [
            Stage(at=one.at, kind="forgotten", path=one.subject)
            for one in self.catalogue.forgotten
            if paths & set(one.paths)
        ]
        return sorted(stages, key=lambda stage: stage.at)

    def _kept(self, path: str) -> Iterable[Stage]:
        for kept in self.catalogue.paths.get(path, ()):
            here = self._are_here(self.catalogue.of_digest(kept.digest))
            yield Stage(
                at=kept.at,
                kind="kept",
                path=path,
                digest=kept.digest,
                size=kept.size,
                here=here,
            )

    def _told(self, key: str) -> Iterable[Stage]:
        for version in self.catalogue.versions[key]:
            items = self.catalogue.of_digest(version.source)
            yield Stage(
                at=version.at,
                kind=version.kind,
                path=version.path,
                digest=version.source,
                size=items[0].size if items else 0,
                seq=version.seq,
                id=key,
                here=self._are_here(items),
            )
        for removal in self.catalogue.removals.get(key, ()):
            yield Stage(
                at=removal.at, kind=removal.reason, path=removal.path, seq=removal.seq, id=key
            )

    def _are_here(self, items: Iterable[Item]) -> bool:
        places = (self.layout.blob(one.name) for one in items if not one.gone)
        return any(files.stat(place).size >= 0 for place in places)

    def find(self, digest: str) -> Item:
        """Find a file by its digest, or the beginning of it, or its name.

        Raises ContentError for none, or several.
        """
        start = Path(digest).name.partition(".")[0].lower()
        found = sorted(name for name in self.catalogue.items if start and name.startswith(start))
        if len(found) > 1 and len({name[:64] for name in found}) > 1:
            says = f"{len(found)} files begin with {start}"
            raise ContentError(says, hint="write more of the digest")
        if not found:
            says = f"no file of the archive has the digest {digest}"
            raise ContentError(says, hint="syndicate archive history PATH lists those of a post")
        return self.catalogue.items[found[0]]

    def facts(self, digest: str) -> Facts:
        """Tell what is known of a file."""
        item = self.find(digest)
        good = [capture for capture in item.captures if capture.plan == "kept"]
        picture = good[-1] if good else None
        records: list[Record] = [*item.sources, *item.captures, *item.versions]
        moments = [record.at for record in records]
        right = item.gone or blobs.look(self.layout.blob(item.name)).is_right
        posts = [version.id for version in item.versions]
        posts += [path for capture in item.captures for path in capture.posts]
        return Facts(
            digest=item.digest,
            path=custody.place_of(item.name, "blobs"),
            media_type=picture.media_type if picture else _TEXT if item.sources else "",
            size=item.size,
            width=picture.width if picture else 0,
            height=picture.height if picture else 0,
            gone=item.gone if right else _LOST,
            sources=tuple(dict.fromkeys(kept.path for kept in item.sources)),
            posts=tuple(dict.fromkeys(posts)),
            urls=tuple(dict.fromkeys(capture.url for capture in item.captures)),
            first=min(moments, default=None),
            last=max(moments, default=None),
        )

    def data(self, digest: str) -> bytes:
        """Return the bytes of a file; raise StoreError when they are gone or damaged."""
        item = self.find(digest)
        place = self.layout.blob(item.name)
        found = blobs.look(place)
        if item.gone or not found.is_right:
            says = f"the bytes of {item.name} are {item.gone or _LOST}"
            raise StoreError(says, hint="" if item.gone else "syndicate archive verify")
        return place.read_bytes()


def _ids(read: Catalogue, name: str) -> set[str]:
    return {
        key
        for key, many in read.versions.items()
        if key == name or any(name in {one.path, one.url} for one in many)
    }
