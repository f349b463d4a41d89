"""What readers get of the kept pictures, and that they always get it."""

import base64
import json
import re
import shutil
from pathlib import Path

import httpx
import pytest
from odd_pictures import GOOD, JPEG, SECRET
from records import AT
from trial import PNG, Trial

from syndicator.archive import copies, sniff
from syndicator.cycle.fixity import verify
from syndicator.model.records import Copy

PHOTO = GOOD["jpeg turned left"].data
BARE = sniff.public(PHOTO)
assert BARE is not None


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Have a site with a post that shows a photo, and another address with the same bytes."""
    made = Trial(root=tmp_path, tables='[[publish]]\ntype = "json"\npath = "feed.json"\n')
    made.says = lambda _request: httpx.Response(200, content=PHOTO)
    made.write("a.md", "![A](https://one.example/a.jpg) ![B](https://two.example/b.jpg)")
    return made


def media(site: Trial) -> dict[str, bytes]:
    """Return what readers can get, by name."""
    folder = site.layout.media
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def blobs(site: Trial) -> list[bytes]:
    return [path.read_bytes() for path in site.root.glob("archive/blobs/sha256/*/*.jpg")]


def told(site: Trial) -> list[dict[str, object]]:
    """Return the journal's lines about copies."""
    files = sorted((site.layout.journal).iterdir())
    found = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    return [line for line in found if line["event"] == "copy"]


def test_readers_get_the_photo_without_the_place(site: Trial) -> None:
    """The blob has every byte that came, once; the public file has another name, its digest."""
    site.make()
    assert blobs(site) == [PHOTO]
    ((name, data),) = media(site).items()
    assert data == BARE
    assert SECRET not in data
    (line,) = told(site)
    assert line["without"] == ["position", "Exif"]
    assert name == f"{line['public']}.jpg"
    feed = (site.layout.public / "feed.json").read_text()
    assert f"https://feeds.example/media/{name}" in feed
    assert 'width=\\"20\\" height=\\"32\\"' in feed
    assert str(line["digest"]) not in feed


def test_what_feeds_say_of_a_picture_is_true_of_the_public_file(site: Trial) -> None:
    """Length and type of an enclosure are those of what a reader downloads."""
    site.tables = '[[publish]]\ntype = "rss"\npath = "rss.xml"\n'
    site.write("b.md", "Text.", image="https://one.example/a.jpg")
    site.make()
    ((name, data),) = media(site).items()
    feed = (site.layout.public / "rss.xml").read_text()
    (enclosure,) = re.findall("<media:content ([^>]*)/>", feed)
    assert f'fileSize="{len(data)}"' in enclosure
    assert 'type="image/jpeg"' in enclosure
    assert f'url="https://feeds.example/media/{name}"' in enclosure


def test_a_picture_that_tells_nothing_is_shown_as_it_is(site: Trial) -> None:
    """Its public file has the name of its blob; what the disk makes of that is its own affair."""
    site.says = lambda _request: httpx.Response(200, content=JPEG)
    site.make()
    (blob,) = site.root.glob("archive/blobs/sha256/*/*.jpg")
    public = site.layout.media / blob.name
    assert public.read_bytes() == JPEG
    (line,) = told(site)
    assert (line["digest"], line["public"]) == (blob.stem, blob.stem)
    assert "without" not in line


def test_copies_come_back_when_somebody_removes_them(site: Trial) -> None:
    """They are made again from the blobs, under the same names."""
    site.make()
    before = media(site)
    shutil.rmtree(site.layout.public)
    site.make()
    assert media(site) == before
    assert len(told(site)) == 2  # it says when


@pytest.mark.parametrize("data", [PHOTO, JPEG])
def test_a_single_picture_comes_back_when_somebody_removes_it(site: Trial, data: bytes) -> None:
    """Although all feeds are as they were; and the next look finds nothing to do."""
    site.says = lambda _request: httpx.Response(200, content=data)
    site.make()
    before = media(site)
    assert site.make().unchanged
    (name,) = before
    (site.layout.media / name).unlink()
    site.make()
    assert media(site) == before
    assert site.make().unchanged


def test_a_damaged_copy_is_set_aside_and_made_anew(site: Trial) -> None:
    """A check finds it; quarantine has what it was, and readers get what it should be."""
    site.make()
    ((name, data),) = media(site).items()
    (site.layout.media / name).unlink()
    (site.layout.media / name).write_bytes(data[:-1] + b"\0")
    found = site.care(lambda order: verify(order, whole=False), hours=24 * 30)
    assert found.damaged == (f"public/media/{name}",)
    assert [(one.path, one.source) for one in found.repaired] == [
        (f"public/media/{name}", "its blob")
    ]
    assert media(site) == {name: data}
    assert [path.name[:64] for path in site.layout.quarantine.iterdir()] == [name[:64]]
    again = site.care(lambda order: verify(order, whole=True))
    assert (again.damaged, again.problems) == ((), ())


def test_copies_come_back_with_a_lost_database(site: Trial) -> None:
    """The journal knows them: nothing is judged again, no line is added."""
    site.make()
    before, lines = media(site), told(site)
    site.forget()
    site.make()
    assert (media(site), told(site)) == (before, lines)


def test_rules_that_leave_out_more_make_another_copy(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under another name; the old file stays for readers who know it, and feeds name the new."""
    site.make()
    (old,) = media(site)
    stricter = sniff.judge(JPEG)
    monkeypatch.setattr(copies, "RULES", sniff.RULES + 1)
    monkeypatch.setattr(copies, "judge", lambda _data: stricter_of(stricter))
    site.write("c.md", "A pass needs a reason.")
    site.make()
    (new,) = set(media(site)) - {old}
    feed = (site.layout.public / "feed.json").read_text()
    assert new in feed
    assert old not in feed
    lines = told(site)
    site.write("c.md", "And once is enough.")
    site.make()
    assert told(site) == lines
    assert [line["rules"] for line in lines] == [sniff.RULES, sniff.RULES + 1]


def test_a_picture_whose_blob_was_away_is_copied_when_it_is_back(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New rules are kept to once every copy is made by them, not once they were tried."""
    site.make()
    (old,) = media(site)
    (blob,) = site.root.glob("archive/blobs/sha256/*/*.jpg")
    stricter = stricter_of(sniff.judge(JPEG))
    monkeypatch.setattr(copies, "RULES", sniff.RULES + 1)
    monkeypatch.setattr(copies, "judge", lambda _data: stricter)
    away = blob.rename(site.root / "away.jpg")
    site.write("c.md", "A pass needs a reason.")
    site.make()
    assert set(media(site)) == {old}
    away.rename(blob)
    site.write("c.md", "And another.")
    site.make()
    assert len(set(media(site)) - {old}) == 1


def stricter_of(verdict: sniff.Picture | sniff.Unfit) -> sniff.Picture:
    """Return a verdict by which readers get another picture."""
    assert isinstance(verdict, sniff.Picture)
    return sniff.Picture(
        media_type=verdict.media_type,
        extension=verdict.extension,
        width=verdict.width,
        height=verdict.height,
        without=("position", "Exif", "face"),
        public=PNG,
    )


def test_a_blob_that_is_not_itself_is_not_shown(site: Trial) -> None:
    """A copy is made from what was kept, or not at all; the pass says what is lost."""
    site.make()
    shutil.rmtree(site.layout.public)
    (blob,) = site.root.glob("archive/blobs/sha256/*/*.jpg")
    blob.chmod(0o644)
    blob.write_bytes(PHOTO[:-2] + b"\xff\xd8")
    report = site.make()
    assert not site.layout.media.exists()
    assert "ARC002" in [one.code for one in report.problems]


def test_a_copy_names_the_file_readers_get() -> None:
    """Digest and ending."""
    copy = Copy(at=AT, digest="a", extension=".jpg", public="b", size=1, rules=1)
    assert copy.name == "b.jpg"


def test_a_picture_within_a_post_reaches_readers_like_any_other(site: Trial) -> None:
    """Its bytes are a blob; feeds show the file, and are not blown up by the letters."""
    packed = base64.b64encode(PHOTO).decode()
    site.write("a.md", f"![A](data:image/jpeg;base64,{packed})")
    report = site.make()
    assert site.asked == []
    assert blobs(site) == [PHOTO]
    (name,) = media(site)
    feed = (site.layout.public / "feed.json").read_text()
    assert f"https://feeds.example/media/{name}" in feed
    assert packed[:50] not in feed + site.layout.journal.joinpath("2026-11.jsonl").read_text()
    assert report.images_kept == 1
    assert site.make(hours=0).unchanged


def test_a_published_picture_is_not_fetched_from_ourselves(site: Trial) -> None:
    """A post that copies a picture's address out of a feed gets the same file."""
    site.make()
    (name,) = media(site)
    site.asked.clear()
    site.write("b.md", f"![again](https://feeds.example/media/{name})")
    site.make()
    assert site.asked == []
    assert list(media(site)) == [name]
    feed = (site.layout.public / "feed.json").read_text()
    assert feed.count(f"https://feeds.example/media/{name}") >= 3
