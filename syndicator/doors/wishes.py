"""Wishes of people while another instance holds the archive: it fulfils them in its next pass.

A wish is the journal's lines of what is to happen, in a file of its own that appears whole.
"""

from collections.abc import Sequence
from hashlib import sha256

from syndicator.doors import files, lines
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.errors import StoreError
from syndicator.model.records import Record


def leave(layout: Layout, records: Sequence[Record]) -> None:
    """Leave a wish; the same wish twice is one."""
    data = b"".join(map(lines.encode, records))
    name = f"{records[0].at.timestamp():.0f}-{sha256(data).hexdigest()[:16]}"
    files.make_folder(layout.wishes)
    aside = layout.wishes / f".{name}.part"
    files.write(aside, data)
    files.rename([(aside, layout.wishes / f"{name}.jsonl")])


def fulfil(ledger: Ledger) -> int:
    """Let what was wished for have happened; tell how many wishes there were.

    A crash in between fulfils a wish twice, which is the same as once. One that can't be read is
    taken away, and the rest is fulfilled all the same.
    """
    if ledger.dry or not ledger.layout.wishes.is_dir():
        return 0
    found = sorted(ledger.layout.wishes.glob("*.jsonl"))
    for wish in found:
        try:
            data, _ = files.read(wish)
            records = [lines.decode(line) for line in data.splitlines()]
        except StoreError:
            records = []
        with ledger.batch() as batch:
            batch.record(records)
    files.remove(found)
    return len(found)
