"""Documents on disk: whole, and touched only when their bytes change."""

import gzip
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import brotli
import pytest

from syndicator.config.values import Coding
from syndicator.deliver import documents
from syndicator.deliver.compress import compressed
from syndicator.doors import files
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.model.feeds import Document


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Open an empty archive."""
    layout = Layout(tmp_path)
    files.make_folder(layout.public)
    with Store(layout.state) as store:
        yield Ledger(layout, store)


def put(ledger: Ledger, compress: Collection[Coding] = (), **bodies: bytes) -> list[str]:
    """Let documents read so; return those that were written."""
    wanted = [
        Document(path=f"{name}.xml", media_type="text/xml", body=body)
        for name, body in bodies.items()
    ]
    return lay(ledger, wanted, compress)


def lay(
    ledger: Ledger, wanted: Iterable[Document], compress: Collection[Coding] = ()
) -> list[str]:
    """Let these documents, and no others, be there; return those that were written."""
    with ledger.batch() as batch:
        shelf = documents.Shelf(batch=batch, layout=ledger.layout, compress=compress)
        shelf.put(wanted)
        return shelf.close().written


def names(ledger: Ledger) -> list[str]:
    """Name what readers find."""
    return sorted(path.name for path in ledger.layout.public.iterdir())


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
    wanted = [Document(path="feeds/x/a.xml", media_type="text/xml", body=b"<a/>")]
    assert lay(ledger, wanted) == ["feeds/x/a.xml"]
    assert (ledger.layout.public / "feeds" / "x" / "a.xml").read_bytes() == b"<a/>"


def test_readers_may_read_it(ledger: Ledger) -> None:
    """A web server runs as somebody else."""
    put(ledger, a=b"<a/>")
    assert (ledger.layout.public / "a.xml").stat().st_mode & 0o777 == 0o644


CODINGS: tuple[Coding, ...] = ("gz", "br", "zst")


def test_copies_are_written_and_replaced_with_their_document(ledger: Ledger) -> None:
    """Each holds the document's bytes, in the same batch; none is told of by itself."""
    for body in (b"<a/>" * 99, b"<b/>" * 99):
        assert put(ledger, CODINGS, a=body) == ["a.xml"]
        public = ledger.layout.public
        assert gzip.decompress((public / "a.xml.gz").read_bytes()) == body
        assert brotli.decompress((public / "a.xml.br").read_bytes()) == body
        assert names(ledger) == ["a.xml", "a.xml.br", "a.xml.gz", "a.xml.zst"]


def test_copies_of_what_did_not_change_are_not_made_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressing costs more than everything else: it happens for what is new alone."""
    put(ledger, CODINGS, a=b"<a/>", b=b"<b/>")
    before = {name: files.stat(ledger.layout.public / name) for name in names(ledger)}
    made: list[bytes] = []

    def watched(body: bytes, coding: Coding, *, seldom: bool) -> bytes:
        made.append(body)
        return compressed(body, coding, seldom=seldom)

    monkeypatch.setattr(documents, "compressed", watched)
    put(ledger, CODINGS, a=b"<a/>", b=b"<c/>")
    assert made == [b"<c/>"] * 3
    after = {name: files.stat(ledger.layout.public / name) for name in names(ledger)}
    assert {name for name in before if before[name] != after[name]} == {
        "b.xml",
        "b.xml.gz",
        "b.xml.br",
        "b.xml.zst",
    }


@pytest.mark.parametrize("damage", ["removed", "edited"])
def test_a_copy_someone_changed_is_put_right(ledger: Ledger, damage: str) -> None:
    """A server would send it in the place of the document."""
    put(ledger, ["gz"], a=b"<a/>")
    copy = ledger.layout.public / "a.xml.gz"
    right = copy.read_bytes()
    copy.unlink() if damage == "removed" else copy.write_bytes(b"x")
    put(ledger, ["gz"], a=b"<a/>")
    assert copy.read_bytes() == right


def test_copies_that_are_not_wanted_any_more_go(ledger: Ledger) -> None:
    """So do stale ones that nobody remembers: they would be sent in the document's place."""
    put(ledger, CODINGS, a=b"<a/>")
    put(ledger, ["br"], a=b"<a/>")
    assert names(ledger) == ["a.xml", "a.xml.br"]
    (ledger.layout.public / "a.xml.gz").write_bytes(b"stale")
    put(ledger, (), a=b"<b/>")
    assert names(ledger) == ["a.xml"]
    assert put(ledger, (), a=b"<b/>") == []


def test_a_rebuilt_database_leaves_copies_alone(tmp_path: Path) -> None:
    """The same bytes on the disk are the same file for every server and reader."""
    stats = []
    for name in ("one", "two"):
        layout = Layout(tmp_path)
        layout.state = tmp_path / f"{name}.db"
        files.make_folder(layout.public)
        with Store(layout.state) as store:
            put(Ledger(layout, store), CODINGS, a=b"<a/>")
        stats.append([files.stat(path) for path in sorted(layout.public.iterdir())])
    assert stats[0] == stats[1]


def test_only_texts_get_copies(ledger: Ledger) -> None:
    """A picture does not get smaller."""
    lay(ledger, [Document(path="a.png", media_type="image/png", body=b"x")], CODINGS)
    assert names(ledger) == ["a.png"]


def test_copies_tell_no_time_and_no_system() -> None:
    """The same text gives the same bytes, whenever and wherever."""
    made = compressed(b"<a/>", "gz")
    assert made[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
    for coding in CODINGS:
        assert compressed(b"<a/>", coding) == compressed(b"<a/>", coding)


def test_documents_are_laid_as_they_come(ledger: Ledger) -> None:
    """However many there are, no more than a few are asked for before the first is written."""
    asked, most = 0, 0

    def many() -> Iterator[Document]:
        nonlocal asked, most
        for number in range(200):
            asked += 1
            most = max(most, asked - len(list(ledger.layout.scratch.iterdir())))
            yield Document(path=f"{number}.xml", media_type="text/xml", body=b"<a/>")

    assert len(lay(ledger, many())) == 200
    assert most < 50


@pytest.mark.parametrize("before", [b"", b"<old/>"])
def test_what_turns_out_void_stays_as_it_was(ledger: Ledger, before: bytes) -> None:
    """A publisher that fails at its last document has published none."""
    if before:
        put(ledger, CODINGS, a=before)
    wanted = [
        Document(path=f"{name}.xml", media_type="text/xml", body=b"<new/>") for name in ("a", "b")
    ]
    with ledger.batch() as batch:
        shelf = documents.Shelf(batch=batch, layout=ledger.layout, compress=CODINGS)
        shelf.put(wanted)
        laid = shelf.close(void=["a.xml"], whole=False)
    assert laid.written == ["b.xml"]
    assert sorted(laid.digests) == ["b.xml", "b.xml.br", "b.xml.gz", "b.xml.zst"]
    place = ledger.layout.public / "a.xml"
    assert (place.read_bytes() if before else place.exists()) == (before or False)


def test_a_document_named_like_a_copy_is_no_copy(ledger: Ledger) -> None:
    """Whoever comes first, a file that is asked for by its name reads as it was asked for."""
    wanted = [
        Document(path=path, media_type="text/xml", body=path.encode())
        for path in ("a.xml", "a.xml.gz", "b.xml.gz", "b.xml")
    ]
    codings: tuple[tuple[Coding, ...], ...] = (("gz",), ())
    for some in codings:
        lay(ledger, wanted, some)
        for path in ("a.xml.gz", "b.xml.gz"):
            assert (ledger.layout.public / path).read_bytes() == path.encode()
