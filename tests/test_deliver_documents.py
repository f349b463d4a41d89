"""Documents on disk: whole, and touched only when their bytes change."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from syndicator.deliver import documents
from syndicator.doors import files
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.model import Document


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Open an empty archive."""
    layout = Layout(tmp_path)
    files.make_folder(layout.public)
    with Store(layout.state) as store:
        yield Ledger(layout, store)


def put(ledger: Ledger, **bodies: bytes) -> list[str]:
    """Let documents read so; return those that were written."""
    wanted = [
        Document(path=f"{name}.xml", media_type="text/xml", body=body)
        for name, body in bodies.items()
    ]
    with ledger.batch() as batch:
        return documents.put(batch, ledger.layout, wanted)


def test_a_document_is_written_once(ledger: Ledger) -> None:
    """The same bytes again leave the file alone: inode, time and all."""
    assert put(ledger, a=b"<a/>", b=b"<b/>") == ["a.xml", "b.xml"]
    before = files.stat(ledger.layout.public / "a.xml")
    assert put(ledger, a=b"<a/>", b=b"<c/>") == ["b.xml"]
    assert files.stat(ledger.layout.public / "a.xml") == before
    assert (ledger.layout.public / "b.xml").read_bytes() == b"<c/>"
    assert put(ledger, a=b"<a/>", b=b"<c/>") == []


@pytest.mark.parametrize("damage", ["removed", "cut", "edited"])
def test_a_document_someone_changed_is_put_right(ledger: Ledger, damage: str) -> None:
    """What readers get is what was decided."""
    put(ledger, a=b"<a/>")
    path = ledger.layout.public / "a.xml"
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "cut" else b"<b/>")
        os.utime(path, (1, 1))
    assert put(ledger, a=b"<a/>") == ["a.xml"]
    assert path.read_bytes() == b"<a/>"


def test_a_document_in_a_folder_gets_the_folder(ledger: Ledger) -> None:
    """Paths are those of the configuration."""
    with ledger.batch() as batch:
        wanted = [Document(path="feeds/x/a.xml", media_type="text/xml", body=b"<a/>")]
        assert documents.put(batch, ledger.layout, wanted) == ["feeds/x/a.xml"]
    assert (ledger.layout.public / "feeds" / "x" / "a.xml").read_bytes() == b"<a/>"


def test_readers_may_read_it(ledger: Ledger) -> None:
    """A web server runs as somebody else."""
    put(ledger, a=b"<a/>")
    assert (ledger.layout.public / "a.xml").stat().st_mode & 0o777 == 0o644
