"""Kept bytes are compared with their names; damage is set aside, repaired, or told."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from trial import EVENTS, PNG, Trial, webhook

from syndicator.cycle import Order, check_slice
from syndicator.cycle.fixity import repair, verify
from syndicator.model.keeping import Verification

PICTURE = "https://img.example/a.png"
NAME = sha256(PNG).hexdigest() + ".png"
ALARMED = webhook().replace(EVENTS, '["post.published", "archive.damaged"]')


def whole(order: object) -> Verification:
    """Check everything."""
    return verify(order, whole=True)  # type: ignore[arg-type]  # an Order, by its maker


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with two posts, one of them edited once, and a picture."""
    made = Trial(root=tmp_path, tables=ALARMED)
    made.write("a.md", f"Old. ![]({PICTURE})", title="A", date="2026-11-01")
    made.write("b.md", "Text.", title="B", date="2026-11-02")
    made.make()
    made.write("a.md", f"New. ![]({PICTURE})", title="A", date="2026-11-01")
    made.make()
    made.heard.clear()
    return made


def blobs(site: Trial) -> list[Path]:
    return sorted(site.layout.blobs.rglob("*.*"))


def flip(path: Path, bit: int = 1) -> None:
    """Change one byte in place, as a failing disk does."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= bit
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.write(data)


def events(site: Trial, *names: str) -> list[dict[str, object]]:
    lines = [
        json.loads(line)
        for file in sorted(site.layout.journal.iterdir())
        for line in file.read_bytes().splitlines()
    ]
    return [line for line in lines if line["event"] in names]


def gone(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(404)


def test_an_archive_that_is_well_is_said_to_be(site: Trial) -> None:
    """Every file is read; nothing is found; the journal says so."""
    found = site.care(whole)
    assert found.problems == ()
    assert (found.files, found.damaged, found.shelves) == (len(blobs(site)), (), 256)
    assert sum(len(line["shelves"]) for line in events(site, "checked")) == 256  # type: ignore[arg-type, misc]  # JSON


def test_one_flipped_byte_in_any_blob_is_found_and_repaired(site: Trial) -> None:
    """Of a post from its file, of a picture from an equal answer; an old version has no other."""
    old = sorted(path for path in blobs(site) if b"Old." in path.read_bytes())
    for path in blobs(site):
        before = path.read_bytes()
        flip(path)
        found = site.care(whole)
        name = str(path.relative_to(site.layout.root))
        assert found.damaged == (name,)
        if path in old:
            assert [problem.path for problem in found.problems] == [name]
        else:
            assert [one.path for one in found.repaired] == [name]
            assert path.read_bytes() == before
            assert path.stat().st_mode & 0o777 == 0o444
            assert [problem.path for problem in found.problems] in (
                [],
                [str(old[0].relative_to(site.layout.root))],
            )


def by_shell(site: Trial) -> str:
    """Do what the letter in the archive says, with nothing of ours."""
    letter = site.layout.letter.read_text(encoding="utf-8")
    (command,) = re.findall(r"^  (cd blobs/sha256 .*?)\n\n", letter, re.MULTILINE | re.DOTALL)
    ran = subprocess.run(  # noqa: S602  # the command is a shell's
        command, cwd=site.layout.root, shell=True, capture_output=True, text=True, check=False
    )
    return ran.stdout


def test_a_shell_alone_finds_one_flipped_byte_in_any_blob(site: Trial) -> None:
    """The command of the letter prints nothing, and then the one file that is not well."""
    assert by_shell(site) == ""
    for path in blobs(site):
        before = path.read_bytes()
        flip(path)
        assert by_shell(site) == f"./{path.relative_to(site.layout.blobs)}: FAILED\n"
        path.write_bytes(before)


def test_damaged_bytes_are_set_aside_and_never_deleted(site: Trial) -> None:
    """They lie in quarantine under a name that tells what they should have been."""
    flip(site.layout.blob(NAME))
    bad = site.layout.blob(NAME).read_bytes()
    site.care(whole)
    (aside,) = site.layout.quarantine.iterdir()
    assert aside.name == f"{NAME}.blobs-{sha256(bad).hexdigest()[:12]}"
    assert aside.read_bytes() == bad
    assert (site.layout.media / NAME).read_bytes() == PNG


@pytest.mark.parametrize("again", [whole, repair])
def test_a_file_that_a_person_puts_back_is_taken(
    site: Trial, again: Callable[[Order], Verification]
) -> None:
    """From a backup, say: it is well again, and read-only as it was."""
    (old,) = (path for path in blobs(site) if b"Old." in path.read_bytes())
    right = old.read_bytes()
    flip(old)
    assert site.care(whole).problems
    assert not old.exists()
    old.write_bytes(right)
    found = site.care(again)
    assert found.problems == ()
    assert [one.source for one in found.repaired] == ["its own place: it reads right again"]
    assert old.stat().st_mode & 0o777 == 0o444


def test_a_folder_in_the_place_of_a_file_stops_nobody(site: Trial) -> None:
    """It is told, other files are checked and repaired, and passes go on; away, all is well."""
    other = next(path for path in blobs(site) if b"New." in path.read_bytes())
    flip(other)
    place = site.layout.blob(NAME)
    place.unlink()
    (place / "x").mkdir(parents=True)
    found = site.care(whole)
    assert [one.path for one in found.repaired] == [str(other.relative_to(site.layout.root))]
    assert [one.says for one in found.problems] == ["a folder is in the place of this kept file"]
    site.write("z.md", "Text.", title="Z", date="2026-11-03")
    assert site.make().published == 1
    (place / "x").rmdir()
    place.rmdir()
    assert site.care(repair).problems == ()
    assert place.read_bytes() == PNG


def test_a_link_in_the_place_of_a_file_is_no_file(site: Trial, tmp_path: Path) -> None:
    """What it leads to is no part of the archive, and nobody else would check or copy it."""
    for place in (site.layout.blob(NAME), site.layout.media / NAME):
        aside = tmp_path / f"elsewhere-{place.parent.name}"
        place.replace(aside)
        place.symlink_to(aside)
        found = site.care(whole)
        assert found.damaged == (str(place.relative_to(site.layout.root)),)
        assert found.problems == ()
        assert not place.is_symlink()
        assert place.read_bytes() == aside.read_bytes() == PNG


def test_readers_get_no_damaged_picture(site: Trial) -> None:
    """What can't be repaired is not public either: its name promises other bytes."""
    site.says = gone
    flip(site.layout.blob(NAME))
    found = site.care(whole)
    assert [problem.code for problem in found.problems] == ["ARC001"]
    assert not (site.layout.media / NAME).exists()
    site.says = lambda _request: httpx.Response(200, content=PNG)
    assert [one.source for one in site.care(repair).repaired] == [PICTURE]
    assert (site.layout.media / NAME).read_bytes() == PNG
    assert site.care(repair).problems == ()


def test_other_bytes_repair_nothing(site: Trial) -> None:
    """A host that has another picture by now is no help."""
    site.says = lambda _request: httpx.Response(200, content=PNG + b"\0")
    flip(site.layout.blob(NAME))
    assert site.care(whole).repaired == ()


def test_a_missing_blob_is_found_and_repaired(site: Trial) -> None:
    """By a look at the names alone, too."""
    for work in (whole, repair):
        site.layout.blob(NAME).unlink()
        (site.layout.media / NAME).unlink(missing_ok=True)
        assert [one.source for one in site.care(work).repaired] == [PICTURE]


def test_a_mirror_is_asked_first(site: Trial, tmp_path: Path) -> None:
    """A copy of the archive on another disk has even what no file and no host has any more."""
    (old,) = [path for path in blobs(site) if b"Old." in path.read_bytes()]
    copy = tmp_path / "mirror" / old.relative_to(site.layout.root)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(old.read_bytes())
    site.head = site.head.replace('"../archive"', '"../archive"\nmirror = "../mirror"')
    flip(old)
    assert [one.source for one in site.care(whole).repaired] == [str(copy)]


def test_a_mirror_that_is_damaged_too_repairs_nothing(site: Trial, tmp_path: Path) -> None:
    """Its bytes are compared like any other's."""
    (old,) = [path for path in blobs(site) if b"Old." in path.read_bytes()]
    copy = tmp_path / "mirror" / old.relative_to(site.layout.root)
    copy.parent.mkdir(parents=True)
    flip(old)
    copy.write_bytes(old.read_bytes())
    site.head = site.head.replace('"../archive"', '"../archive"\nmirror = "../mirror"')
    assert site.care(whole).repaired == ()


def test_a_public_file_that_is_a_copy_is_checked_by_itself(site: Trial) -> None:
    """Where the disk has no links, readers' picture may rot alone; the blob mends it."""
    public = site.layout.media / NAME
    public.unlink()
    public.write_bytes(PNG)
    flip(public)
    found = site.care(whole)
    assert found.damaged == (f"public/media/{NAME}",)
    assert [one.path for one in found.repaired] == [f"public/media/{NAME}"]
    assert public.read_bytes() == PNG
    assert len(list(site.layout.quarantine.iterdir())) == 1


def alarms(site: Trial) -> list[dict[str, object]]:
    return [body["data"] for _, body in site.heard if body["type"] == "archive.damaged"]


def test_what_can_not_be_repaired_is_told_once(site: Trial) -> None:
    """Each receiver that wants it gets one message for one damage, however often it is found."""
    site.says = gone
    flip(site.layout.blob(NAME))
    assert site.care(whole).alarms == 1
    assert [site.care(work).alarms for work in (whole, repair, whole)] == [0, 0, 0]
    site.says = lambda _request: httpx.Response(204)
    report = site.make()
    site.make()
    (told,) = alarms(site)
    assert (told["id"], told["posts"]) == (NAME, ["a.md"])
    assert [problem.code for problem in report.problems if problem.severity == "error"] == [
        "ARC001"
    ]


def test_a_new_damage_of_the_same_file_is_told_again(site: Trial) -> None:
    """It was repaired between the two: this is another event."""
    for _ in range(2):
        site.says = gone
        flip(site.layout.blob(NAME))
        assert site.care(whole).alarms == 1
        site.says = lambda _request: httpx.Response(200, content=PNG)
        assert len(site.care(repair).repaired) == 1


def test_who_did_not_ask_for_alarms_gets_none(site: Trial) -> None:
    """An endpoint hears of what its events name."""
    site.tables = webhook()
    site.make()
    site.says = gone
    flip(site.layout.blob(NAME))
    assert site.care(whole).alarms == 0


def test_damage_is_known_again_after_the_database_was_lost(site: Trial) -> None:
    """The journal tells of it: status, exit code and repair are the same."""
    site.says = gone
    flip(site.layout.blob(NAME))
    site.care(whole)
    site.forget()
    report = site.make()
    assert [one.code for one in report.problems if one.severity == "error"] == ["ARC001"]
    assert (site.layout.quarantine / next(site.layout.quarantine.iterdir()).name).exists()


def test_a_file_that_no_line_names_is_left_alone(site: Trial) -> None:
    """It may be what a lost part of the journal told of."""
    stranger = site.layout.blobs / "00" / f"{'0' * 64}.png"
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_bytes(b"?")
    found = site.care(whole)
    assert [(one.code, one.severity) for one in found.problems] == [("ARC003", "warning")]
    assert stranger.read_bytes() == b"?"


def rot(old: str, new: str) -> Callable[[Trial], None]:
    """Change a line of the journal; its length stays."""

    def act(site: Trial) -> None:
        (file,) = site.layout.journal.iterdir()
        file.write_bytes(file.read_bytes().replace(old.encode(), new.encode(), 1))

    return act


@pytest.mark.parametrize(
    "act",
    [
        rot('"title":"B"', '"title":"X"'),
        rot('{"event":"kept"', '{"evont":"kept"'),
        rot('"event":"version"', '"event":"varsion"'),
    ],
)
def test_a_line_that_was_tampered_with_is_found(site: Trial, act: Callable[[Trial], None]) -> None:
    """The database and the journal tell different things, or a line can't be read."""
    act(site)
    assert "ARC005" in {problem.code for problem in site.care(whole).problems}


def test_a_feed_that_somebody_changed_is_found(site: Trial) -> None:
    """By its bytes, whatever its time says; and the next pass writes it again."""
    feed = site.layout.public / "atom.xml"
    seen = feed.stat()
    flip(feed)
    os.utime(feed, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert [problem.path for problem in site.care(whole).problems] == ["public/atom.xml"]
    os.utime(feed)
    site.make()
    assert site.care(whole).problems == ()


def test_slices_are_due_once_a_day_and_cover_everything(site: Trial) -> None:
    """The daemon asks after every pass; a month of days reads every file, and finds the flip."""
    (old,) = [path for path in blobs(site) if b"Old." in path.read_bytes()]
    flip(old)
    assert site.care(check_slice) is None
    found = [site.care(check_slice, hours=12) for _ in range(60)]
    done = [one for one in found if one is not None]
    assert 29 <= len(done) <= 35
    assert [path for one in done for path in one.damaged] == [
        str(old.relative_to(site.layout.root))
    ]
