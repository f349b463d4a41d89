"""The one way to change the archive, and what a crash leaves of a change."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from records import AT, Crash, version

from syndicator.doors import affairs, files, index, journal, ledger, lines, links
from syndicator.doors.batch import Batch
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Ledger
from syndicator.doors.store import Store
from syndicator.errors import StoreError
from syndicator.model.records import Capture, Copy, Kept, Record

PICTURE = b"picture"
NAME = sha256(PICTURE).hexdigest() + ".png"
PHOTO, BARE = b"photo, taken at home", b"photo"  # as it came, and what readers get of it
PHOTO_NAME, BARE_NAME = (sha256(one).hexdigest() + ".jpg" for one in (PHOTO, BARE))
SOURCE = b"# post"
DIGEST = sha256(SOURCE).hexdigest()


def records() -> list[Record]:
    capture = Capture(at=AT, url="u", digest=NAME[:64], extension=".png", size=len(PICTURE))
    kept = Kept(at=AT, path="a.md", digest=DIGEST, size=len(SOURCE), modified=AT)
    photo = Capture(at=AT, url="v", digest=PHOTO_NAME[:64], extension=".jpg", size=len(PHOTO))
    return [kept, capture, photo, version(source=DIGEST), *copies()]


def copies() -> list[Copy]:
    """Return what readers get of the two pictures: one's very bytes, and less of the other."""
    of = [(NAME, NAME, PICTURE), (PHOTO_NAME, BARE_NAME, BARE)]
    return [
        Copy(
            at=AT,
            digest=name[:64],
            extension=name[64:],
            public=shown[:64],
            size=len(data),
            rules=1,
        )
        for name, shown, data in of
    ]


def change(batch: Batch, *, fail: bool = False) -> None:
    """Keep a source and a picture, write a document, publish a post; fail then, if told to."""
    batch.keep(f"{DIGEST}.md", SOURCE)
    batch.keep(NAME, PICTURE)
    batch.keep(PHOTO_NAME, PHOTO)
    batch.document("feed.xml", b"<feed/>")
    batch.record(records()[:-2])
    for copy, data in zip(copies(), (PICTURE, BARE), strict=True):
        batch.show([(copy, data)])
    if fail:
        raise RuntimeError


def tree(at: Layout) -> dict[str, bytes]:
    """Return every file but the database's, by path."""
    return {
        path.relative_to(at.root).as_posix(): path.read_bytes()
        for path in at.root.rglob("*")
        if path.is_file() and not path.name.startswith("state.db")
    }


def whole() -> dict[str, bytes]:
    """Return what the archive holds after ``change``."""
    return {
        f"blobs/sha256/{DIGEST[:2]}/{DIGEST}.md": SOURCE,
        f"blobs/sha256/{NAME[:2]}/{NAME}": PICTURE,
        f"blobs/sha256/{PHOTO_NAME[:2]}/{PHOTO_NAME}": PHOTO,
        f"public/media/{NAME}": PICTURE,
        f"public/media/{BARE_NAME}": BARE,
        "journal/2026-11.jsonl": b"".join(lines.encode_batch(records())),
        "public/feed.xml": b"<feed/>",
    }


def live(at: Layout) -> int:
    known = affairs.standing(at.state)
    assert known is not None
    return known.live


def test_a_batch_changes_files_journal_and_database(at: Layout) -> None:
    """Blobs are read-only, the picture has its public name, nothing is left in the scratch."""
    with Store(at.state) as store, Ledger(at, store).batch() as batch:
        change(batch)
    assert tree(at) == whole()
    assert live(at) == 1
    assert at.blob(NAME).stat().st_mode & 0o777 == 0o444
    known = index.load(at.state)
    assert known is not None
    assert journal.position(known.journal) == journal.end(at.journal)


def test_a_batch_that_raises_changes_nothing(at: Layout) -> None:
    """Not the files readers see, not the journal, not the database."""
    with Store(at.state) as store:
        archive = Ledger(at, store)
        with pytest.raises(RuntimeError), archive.batch() as batch:
            change(batch, fail=True)
        assert live(at) == 0
        Ledger(at, store)
    assert tree(at) == {}


def test_an_empty_batch_writes_no_line(at: Layout) -> None:
    """Nothing happened."""
    with Store(at.state) as store, Ledger(at, store).batch():
        pass
    assert journal.end(at.journal) == journal.START


def test_a_dry_batch_touches_no_file(at: Layout) -> None:
    """The database it works on is a copy; the archive is left as it is."""
    copy = Layout(at.root)
    copy.state = at.root.parent / "copy.db"
    with Store(copy.state) as store, Ledger(copy, store, dry=True).batch() as batch:
        change(batch)
        assert batch.document("x", b"") == files.GONE
    assert [path.name for path in at.root.rglob("*")] == ["public"]
    assert live(copy) == 1


def test_bytes_that_are_kept_already_are_not_written_again(at: Layout) -> None:
    """A blob is never touched once it is there."""
    with Store(at.state) as store:
        archive = Ledger(at, store)
        for _ in range(2):
            with archive.batch() as batch:
                batch.keep(NAME, PICTURE)
                if at.blob(NAME).exists():
                    assert batch.moves == []
    assert at.blob(NAME).read_bytes() == PICTURE


def test_a_half_blob_is_replaced(at: Layout) -> None:
    """Whatever cut it short, the next keeping of the same bytes mends it."""
    with Store(at.state) as store, Ledger(at, store).batch() as batch:
        files.make_folder(at.blob(NAME).parent)
        at.blob(NAME).write_bytes(b"pic")
        batch.keep(NAME, PICTURE)
    assert at.blob(NAME).read_bytes() == PICTURE


def test_a_copy_that_is_the_same_as_a_kept_picture_is_both(at: Layout) -> None:
    """Somebody kept the bare photo under another address, in the same batch."""
    with Store(at.state) as store, Ledger(at, store).batch() as batch:
        for name, data in ((PHOTO_NAME, PHOTO), (BARE_NAME, BARE)):
            batch.keep(name, data)
        for copy in (copies()[1], replace(copies()[1], digest=BARE_NAME[:64])):
            batch.show([(copy, BARE)])
    assert at.blob(BARE_NAME).read_bytes() == (at.media / BARE_NAME).read_bytes() == BARE
    assert list(at.scratch.iterdir()) == []


def test_relinking_brings_a_picture_back_to_readers(at: Layout) -> None:
    """Someone removed the public name; the blob is there."""
    with Store(at.state) as store:
        archive = Ledger(at, store)
        with archive.batch() as batch:
            change(batch)
        (at.media / NAME).unlink()
        archive.relink([NAME])
    assert (at.media / NAME).read_bytes() == PICTURE


# --- crashes ---

STEPS = ("flush", "append", "put", "rename", "link")


def crash_at(monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool) -> None:
    """Let the process end before a step of a batch's end, or right behind it."""
    where: object = {"append": journal, "put": ledger, "link": links}.get(step, files)
    real: Callable[..., object] = getattr(where, step)

    def crash(*args: object) -> object:
        if after:
            real(*args)
        raise Crash

    monkeypatch.setattr(where, step, crash)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_leaves_all_or_nothing(
    at: Layout, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    """Once the journal has the lines, opening the archive again brings all that they say."""
    with Store(at.state) as store:
        archive = Ledger(at, store)
        with monkeypatch.context() as patch:
            crash_at(patch, step, after=after)
            with pytest.raises(Crash), archive.batch() as batch:
                change(batch)
    happened = step in {"put", "rename", "link"} or (step == "append" and after)
    with Store(at.state) as store:
        assert Ledger(at, store).replayed == (6 if happened else 0)
    expected = whole()
    found = tree(at)
    found.setdefault("public/feed.xml", b"<feed/>")  # the next pass writes it: it is no record
    assert found == (expected if happened else {"public/feed.xml": b"<feed/>"})
    assert live(at) == (1 if happened else 0)


def test_a_torn_line_never_happened(at: Layout) -> None:
    """The power failed in the middle of the append: the batch is forgotten whole."""
    with Store(at.state) as store, Ledger(at, store).batch() as batch:
        batch.record([version("old")])
    path = at.journal / "2026-11.jsonl"
    before = path.read_bytes()
    torn = b"".join(lines.encode_batch(records()))
    for cut in range(1, len(torn), 97):
        path.write_bytes(before + torn[:cut])
        with Store(at.state) as store:
            assert Ledger(at, store).replayed == 0
        assert path.read_bytes() == before
    assert live(at) == 1


def test_a_lost_database_is_made_anew_from_the_journal(at: Layout) -> None:
    """Line by line, in as many transactions as it takes."""
    posts: list[Record] = [version(str(number)) for number in range(2500)]
    with Store(at.state) as store, Ledger(at, store).batch() as batch:
        batch.record(posts)
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (at.root / name).unlink(missing_ok=True)
    with Store(at.state) as store:
        assert Ledger(at, store).replayed == 2500
        assert Ledger(at, store).replayed == 0
    assert live(at) == 2500


def test_a_scratch_folder_that_is_a_link_is_not_emptied(at: Layout, tmp_path: Path) -> None:
    """It may lead to what nobody wants to lose."""
    precious = tmp_path / "elsewhere" / "precious"
    precious.parent.mkdir()
    precious.touch()
    at.scratch.symlink_to(precious.parent)
    with Store(at.state) as store, pytest.raises(StoreError, match="is a link"):
        Ledger(at, store)
    assert precious.exists()


def test_kept_files_without_a_journal_are_not_begun_anew(at: Layout) -> None:
    """Which posts were forgotten is known to the journal alone, and ids to it and state.db."""
    with Store(at.state) as store, Ledger(at, store).batch() as batch:
        change(batch)
    for file in at.journal.iterdir():
        file.unlink()
    (at.root / "state.db").unlink()
    with Store(at.state) as store, pytest.raises(StoreError, match="has no line") as caught:
        Ledger(at, store)
    assert "backup" in caught.value.hint


def test_a_journal_that_can_not_be_written_stops_the_batch(
    at: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the line it has not happened: no file under its final name, no row."""

    def refuse(*_args: object) -> Iterator[None]:
        raise StoreError("no space")

    with Store(at.state) as store:
        archive = Ledger(at, store)
        monkeypatch.setattr(journal, "append", refuse)
        with pytest.raises(StoreError), archive.batch() as batch:
            change(batch)
    assert live(at) == 0
    assert not at.blob(NAME).exists()
    assert list(at.public.iterdir()) == []
