"""An archive is made anew from its bucket: kept files first, the journal last.

Until the journal lies there, the folder is no archive: an interrupted restore is begun again, and
goes on from the files that are there.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from syndicator.archive.mirror import ABREAST
from syndicator.doors import files
from syndicator.doors.bucket import Bucket, Thing
from syndicator.doors.layout import HEX, Layout
from syndicator.errors import Failed, StoreError

_GROUP = 8 * ABREAST


@dataclass(slots=True)
class Fetched:
    """What came of a restore."""

    files: int = 0
    size: int = 0
    here: int = 0  # kept files that were there already
    lines: int = 0
    bad: list[str] = field(default_factory=list)  # keys whose bytes are not what their name says


def restore(
    bucket: Bucket, layout: Layout, *, act: bool, progress: Callable[[str, int, int], None]
) -> Fetched:
    """Bring all kept files and the journal here; raise StoreError where an archive is already."""
    if layout.journal.is_dir() and any(layout.journal.iterdir()):
        says = f"{layout.root} holds an archive already"
        raise StoreError(says, hint="restore into an empty folder: set [archive] root")
    made = Fetched()
    pieces = sorted(one.key for one in bucket.each("journal"))
    if not pieces:
        raise Failed("the bucket holds no journal", hint="is this the right bucket and prefix?")
    wanted = [one for one in bucket.each("blobs/sha256") if not _is_here(layout, one)]
    made.here = sum(1 for _ in bucket.each("blobs/sha256")) - len(wanted)
    if not act:
        made.files, made.size = len(wanted), sum(one.size for one in wanted)
        return made
    files.make_folder(layout.scratch)
    for some in _groups(wanted):
        _bring(bucket, layout, some, made)
        progress("files", made.files + len(made.bad), len(wanted))
    _journal(bucket, layout, pieces, made)
    return made


def _groups(wanted: list[Thing]) -> Iterator[list[Thing]]:
    left = iter(wanted)
    while some := list(islice(left, _GROUP)):
        yield some


def _place(layout: Layout, key: str) -> Path:
    return layout.blob(Path(key).name)


def _is_here(layout: Layout, one: Thing) -> bool:
    return files.stat(_place(layout, one.key)).size == one.size


def _bring(bucket: Bucket, layout: Layout, some: list[Thing], made: Fetched) -> None:
    """Bring a few kept files; those with wrong bytes are left out and told of."""
    moves = []
    with ThreadPoolExecutor(ABREAST) as pool:
        for one, read in zip(
            some, pool.map(lambda each: bucket.read(each.key), some), strict=True
        ):
            final = _place(layout, one.key)
            if read is None or sha256(read[0]).hexdigest() != final.name[:HEX]:
                made.bad.append(one.key)
                continue
            aside = layout.scratch / final.name
            files.write(aside, read[0], mode=0o444)
            moves.append((aside, final))
            made.files += 1
            made.size += len(read[0])
    files.flush([aside for aside, _ in moves])
    files.rename(moves)


def _journal(bucket: Bucket, layout: Layout, pieces: list[str], made: Fetched) -> None:
    """Put the pieces of the journal together, and all its files in their place at the end."""
    months: dict[str, bytearray] = {}
    for key in pieces:
        name = Path(key).stem  # 2026-11.jsonl, of 2026-11.jsonl.000000
        read = bucket.read(key)
        if read is None:
            raise Failed(f"{key} left the bucket while it was read")
        months.setdefault(name, bytearray()).extend(read[0])
    aside = layout.root / "journal.part"
    files.make_folder(aside)
    for name, data in months.items():
        whole = data[: data.rfind(b"\n") + 1]
        made.lines += whole.count(b"\n")
        files.write(aside / name, bytes(whole))
    files.flush([*aside.iterdir(), aside])
    files.rename([(aside, layout.journal)])  # all months at once, or none
