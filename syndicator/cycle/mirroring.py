"""What verbs do with a bucket: bring it up to date, check it, make the folder anew from it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

from syndicator.archive import fetching
from syndicator.archive.mirror import ABREAST, PRIVATE, Mirror, blob_key, rebuild
from syndicator.cycle import Order
from syndicator.cycle.behind import told
from syndicator.cycle.bucket import Depot, attempt, named, opened
from syndicator.cycle.custody import Care, settings
from syndicator.cycle.custody import opened as archive
from syndicator.doors.bucket import Bucket, Thing
from syndicator.doors.inventory import Inventory
from syndicator.doors.layout import HEX, Layout
from syndicator.model.keeping import Mended, Mirrored, Restored, Verification
from syndicator.model.posts import Problem


def mirror(order: Order, *, act: bool) -> Mirrored:
    """Bring the bucket to what the folder holds, whatever was believed of it; lock is held."""
    began, made = order.clock(), settings(order)
    bucket = opened(made, order)
    with archive(order, made) as care:
        path = care.layout.inventory if act else Path(":memory:")
        with Inventory(path, named(made)) as inventory:
            rested = int(inventory.fact("retry_at") or 0)
            if act:
                inventory.clear()
                tally = attempt(made, order, inventory)
                facts = inventory.facts()
                place = Depot(
                    order=order, settings=made, layout=care.layout, store=care.ledger.store
                )
                until = int(facts["retry_at"])
                place.note(rested, until, followed=not facts["says"])
            else:
                rebuild(bucket, inventory)
                tally = Mirror(layout=care.layout, bucket=None, inventory=inventory).bring()
                facts = {}
    problem = told(made.archive.bucket, facts)
    return Mirrored(
        bucket=made.archive.bucket,
        dry_run=not act,
        files=tally.put,
        size=tally.size,
        deleted=tally.deleted,
        absent=tuple(tally.absent),
        waiting=tuple(tally.waiting),
        whole=tally.whole and problem is None,
        problems=(problem,) if problem else (),
        seconds=(order.clock() - began).total_seconds(),
    )


def restore(order: Order, *, act: bool) -> Restored:
    """Make the archive's folder anew from the bucket; the lock is the caller's."""
    began, made = order.clock(), settings(order)
    layout = Layout(made.archive_root)
    found = fetching.restore(opened(made, order), layout, act=act, progress=order.progress)
    return Restored(
        bucket=made.archive.bucket,
        root=str(layout.root),
        dry_run=not act,
        files=found.files,
        size=found.size,
        here=found.here,
        lines=found.lines,
        problems=tuple(_bad(f"{made.archive.bucket}/{key}", "other bytes") for key in found.bad),
        seconds=(order.clock() - began).total_seconds(),
    )


def _bad(path: str, has: str) -> Problem:
    missing = has == "nothing"
    return Problem(
        path=path,
        code="ARC002" if missing else "ARC001",
        says="the bucket lacks this file" if missing else f"the bucket has {has} under this name",
        hint="syndicate archive verify --bucket, where the folder still has the right bytes",
    )


def verify(order: Order, *, whole: bool) -> Verification:
    """See that the bucket has every kept file, and the right bytes; put right what differs.

    By what the service tells: name, size, the ETag it gave when it took the bytes, or else the
    digest noted beside them. To be ``whole`` is to read all of it.
    """
    began, made = order.clock(), settings(order)
    bucket = opened(made, order)
    with (
        archive(order, made) as care,
        Inventory(care.layout.inventory, named(made)) as inventory,
        closing(_Check(care=care, bucket=bucket, inventory=inventory, whole=whole)) as check,
    ):
        check.all()
        took = (order.clock() - began).total_seconds()
        return replace(check.made, problems=tuple(check.problems), seconds=took)


@dataclass(slots=True, kw_only=True)
class _Check:
    care: Care
    bucket: Bucket
    inventory: Inventory
    whole: bool
    made: Verification = field(default_factory=Verification)
    problems: list[Problem] = field(default_factory=list)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(ABREAST))

    def close(self) -> None:
        self.pool.shutdown()

    def all(self) -> None:
        """Compare what the journal says is kept with what the bucket has."""
        there = {one.key: one for one in self.bucket.each("blobs/sha256")}
        items = list(self.care.catalogue().present())
        sizes = {blob_key(item.name): item.size for item in items}
        done = 0
        for some in _groups(sizes):
            for key, has in zip(
                some,
                self.pool.map(lambda key: self._has(there.get(key), sizes[key]), some),
                strict=True,
            ):
                if has:
                    self._put_right(key, has, there.get(key))
            done += len(some)
            self.care.order.progress("files", done, len(sizes))
        total = sum(there[key].size for key in sizes if key in there)
        self.made = replace(self.made, shelves=256, files=len(sizes), size=total)

    def _has(self, found: Thing | None, size: int) -> str:
        """Tell what the bucket has in the place of right bytes: "" where it has those."""
        if found is None:
            return "nothing"
        if found.size != size:
            return "too few bytes" if found.size < size else "too many bytes"
        digest = Path(found.key).name[:HEX]
        if self.whole:
            read = self.bucket.read(found.key)
            return "" if read and sha256(read[0]).hexdigest() == digest else "other bytes"
        looked = self.bucket.look(found.key)
        if looked is None:
            return "nothing"
        return "" if looked.digest in {"", digest} else "other bytes"

    def _put_right(self, key: str, has: str, found: Thing | None) -> None:
        name = Path(key).name
        path = f"{self.care.settings.archive.bucket}/{key}"
        self.made = replace(self.made, damaged=(*self.made.damaged, path))
        place = self.care.layout.blob(name)
        data = place.read_bytes() if place.is_file() else b""
        digest = sha256(data).hexdigest()
        if digest != name[:HEX]:
            self.problems.append(_bad(path, has))
            return
        etag = (
            self.bucket.create(key, data, PRIVATE, digest)
            if found is None
            else self.bucket.replace(key, data, PRIVATE, digest, found.etag)
        )
        if etag is None:
            self.problems.append(_bad(path, has))
            return
        self.inventory.put([(key, len(data), etag, digest)])
        mended = Mended(path=path, source=str(place))
        self.made = replace(self.made, repaired=(*self.made.repaired, mended))


def _groups(keys: dict[str, int]) -> Iterator[list[str]]:
    left = iter(sorted(keys))
    while some := list(islice(left, 8 * ABREAST)):
        yield some
