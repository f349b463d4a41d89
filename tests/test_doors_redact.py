"""Lines of the journal are blanked in their place."""

import json
from pathlib import Path

import pytest
from records import AT, one_of_each, owed, version

from syndicator.doors import journal, lines
from syndicator.doors.redact import redact
from syndicator.model.custody import Forgotten
from syndicator.model.records import Capture, Note, Noted, Record

POST = version('ü "quoted"', title='A title, 標題 \\ "so"')
STONE = Forgotten(at=AT, kind="post", subject="x", reason="r", paths=(POST.path,), ids=(POST.id,))
DATA = Capture(at=AT, url="data:image/png;base64,AAAA", written="data:…", digest="77" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two months of a journal; the post that goes is in both."""
    (tmp_path / "tmp").mkdir()
    message = owed("m", body='{"title":"A title"}', subject='ü "quoted"')
    wrong = Noted(at=AT, path=POST.path, problems=(Note(code="TXT005", says="like A title"),))
    history: list[Record] = [POST, *one_of_each(), wrong, message, DATA]
    (tmp_path / "journal").mkdir()
    journal.append(tmp_path / "journal", "2026-11", lines.encode_batch(history))
    journal.append(tmp_path / "journal", "2026-12", lines.encode_batch([POST, version("other")]))
    return tmp_path


def read(folder: Path) -> list[bytes]:
    return [line for _, line in journal.read(folder / "journal")]


def test_a_line_keeps_its_length_and_all_that_is_not_said_of_the_post(folder: Path) -> None:
    """Every position stays; other lines are the same, byte for byte."""
    before = read(folder)
    assert redact(folder / "journal", folder / "tmp", STONE) == 4
    after = read(folder)
    assert [len(line) for line in after] == [len(line) for line in before]
    changed = [
        (json.loads(old), json.loads(new))
        for old, new in zip(before, after, strict=True)
        if old != new
    ]
    assert len(changed) == 4
    for old, new in changed:
        said = {name for name in old if old[name] != new[name]}
        assert said in ({"title"}, {"body"}, {"problems"})
        assert "A title" not in str(new)
        assert ("more" in old) == ("more" in new)


def test_twice_is_once(folder: Path) -> None:
    """What a crash interrupted is done again, and changes nothing more."""
    redact(folder / "journal", folder / "tmp", STONE)
    after = read(folder)
    assert redact(folder / "journal", folder / "tmp", STONE) == 0
    assert read(folder) == after


def test_what_is_left_can_be_read(folder: Path) -> None:
    """Each line is still the record it was, without the words."""
    redact(folder / "journal", folder / "tmp", STONE)
    kinds = [type(lines.decode(line)) for line in read(folder)]
    assert kinds[0] is type(POST)
    assert journal.mend(folder / "journal", lines.MORE) == 0


def test_an_address_that_holds_the_bytes_is_blanked(folder: Path) -> None:
    """A data: URL is the picture itself."""
    stone = Forgotten(at=AT, kind="digest", subject="7", reason="r", digests=("77" * 32,))
    assert redact(folder / "journal", folder / "tmp", stone) == 1
    assert b"AAAA" not in b"".join(read(folder))
