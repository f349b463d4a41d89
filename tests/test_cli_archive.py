"""``syndicate archive``: what people and programs are told."""

import json
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from archives import FIRST, archive
from trial import PNG, SECRETS, Trial

from syndicator import cli

NAME = sha256(PNG).hexdigest() + ".png"


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make an archive with every kind of kept file."""
    return archive(tmp_path)


class Said:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:  # whatever the verb prints
        """Read what ``--json`` printed."""
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def say(site: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Call the command on that archive."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    # the real client, and nobody to ask: no test goes beyond this machine
    head = site.head.replace("[serve]", '[network]\nproxy = "http://127.0.0.1:9/"\n[serve]')
    site.head = head
    file = str(site.file)

    def call(*words: str) -> Said:
        capsys.readouterr()
        try:
            code = cli.main(["--config", file, "archive", *words])
        except SystemExit as end:
            code = int(str(end.code))
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return call


def spoil(site: Trial, name: str = NAME) -> None:
    blob = site.layout.blob(name)
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")


def test_status_counts_and_says_when(say: Say) -> None:
    """Files, versions, pictures, room; nothing is damaged, so all is well."""
    told = say("status")
    assert told.code == 0
    for words in (
        "6 files",
        "4 versions of posts",
        "1 picture, 1 missing",
        "checked  never",
        "free",
    ):
        assert words in told.out
    held = say("status", "--json").json
    assert (held["blobs"], held["versions"], held["pictures"], held["evidence"]) == (6, 4, 1, 1)
    assert held["damaged"] == []


def test_status_needs_you_when_something_is_damaged(site: Trial, say: Say) -> None:
    """Exit 1, the path, and what to do."""
    (old,) = [p for p in site.layout.blobs.rglob("*.md") if b"Old." in p.read_bytes()]
    spoil(site, old.name)
    found = say("verify")
    assert found.code == 1
    assert "damaged  1 file" in found.out
    assert "ARC001" in found.err
    told = say("status")
    assert told.code == 1
    assert f"damaged  {old.relative_to(site.layout.root)}" in told.out
    assert "1 file in quarantine" in told.out
    assert say("repair").code == 1


@pytest.mark.parametrize("words", [("verify",), ("verify", "--all"), ("verify", "--slice")])
def test_verify_says_what_it_read(say: Say, words: tuple[str, ...]) -> None:
    """All of it, or a night's share."""
    told = say(*words)
    assert (told.code, told.err) == (0, "")
    assert "every file is what its name says" in told.out
    shelves = say(*words, "--json").json["shelves"]
    assert shelves == (9 if "--slice" in words else 256)


def test_repair_says_where_the_bytes_were(site: Trial, say: Say) -> None:
    """A post's present version is in the content folder."""
    (new,) = [p for p in site.layout.blobs.rglob("*.md") if b"New." in p.read_bytes()]
    new.unlink()
    told = say("repair", "--dry-run")
    assert (told.code, new.exists()) == (1, False)
    assert "1 problem" in told.out
    told = say("repair")
    assert "all was put right" in told.out
    assert told.code == 0
    assert f"from {site.root / 'content' / 'a.md'}" in told.out
    assert say("repair", "--json").json["repaired"] == []
    assert "nothing to repair" in say("repair").out


def test_reindex_says_that_feeds_are_the_same(site: Trial, say: Say) -> None:
    """And makes the database."""
    site.make()
    site.forget()
    told = say("reindex")
    assert told.code == 0
    assert "the same, byte for byte" in told.out
    assert say("reindex", "--json").json["live"] == 2


def test_gc_says_first_and_acts_when_told(site: Trial, say: Say) -> None:
    """What is loose, since when, and that nothing was changed."""
    assert "everything that is kept is referred to" in say("gc", "--dry-run").out
    assert say("gc", "--dry-run", "--delete").code == 2
    site.write("ü 100%.md", "Other.", title="D", draft="true")
    site.make()
    told = say("gc")
    assert "never published" in told.out
    assert "nothing was changed" in told.out
    assert "1 noted" in say("gc", "--delete").out
    (waste,) = say("gc", "--json").json["waste"]
    assert waste["due"] is not None
    assert "in 90 days" in say("gc").out


def test_forget_says_first_and_acts_when_told(say: Say) -> None:
    """What goes, what stays; ``--yes`` does it."""
    told = say("forget", "b.md", "--reason", "asked to")
    assert told.code == 0
    assert "would forget the post b.md" in told.out
    assert "nothing was changed" in told.err
    done = say("forget", "b.md", "--reason", "asked to", "--yes", "--json").json
    assert (done["done"], len(done["files"])) == (True, 1)
    assert "forgotten" in say("history", "b.md").out
    assert say("forget", "b.md").code == 2
    assert say("forget", "nobody.md", "--reason", "x", "--yes").code == 1


def test_history_lists_versions_and_shows_how_they_differ(say: Say) -> None:
    """By number, by path, by address; the last two by themselves."""
    told = say("history", "a.md")
    kinds = [line.split()[3] for line in told.out.splitlines()]
    assert kinds == ["kept", "published", "kept", "updated"]
    for words in (("--diff",), ("--diff", "1", "4"), ("--diff", "2")):
        changed = say("history", "a.md", *words).out.splitlines()
        assert [line[:5] for line in changed if line[:1] in "+-"][2:] == ["-Old.", "+New."]
    assert [stage["kind"] for stage in say("history", "https://site.example/a/", "--json").json]
    made = say("history", "a.md", "--diff", "--json").json
    assert (made["old"]["seq"], made["new"]["seq"]) == (1, 2)
    assert made["lines"][:2] == changed[:2]
    assert made["lines"][-2:] == changed[-2:]
    assert say("history", "b.md", "--diff").code == 2
    assert say("history", "a.md", "--diff", "9").code == 2
    assert say("history", "nobody.md").code == 1


def test_show_says_what_a_file_is(site: Trial, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the beginning of its digest, or its path; ``--raw`` gives the bytes themselves."""
    told = say("show", NAME[:10])
    assert f"sha256   {NAME[:64]}" in told.out
    assert "image/png" in told.out
    assert FIRST in told.out
    facts = say("show", str(site.layout.blob(NAME)), "--json").json
    assert (facts["width"], facts["height"], facts["size"]) == (8, 6, len(PNG))
    assert say("show", "ffffffffffff").code == 1
    assert say("show", "").code == 1
    with (site.root / "out").open("w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        say("show", NAME[:10], "--raw")
    assert (site.root / "out").read_bytes() == PNG


def lose(site: Trial) -> None:
    """Delete a kept file."""
    site.layout.blob(NAME).unlink()


@pytest.mark.parametrize("harm", [spoil, lose])
def test_what_is_told_of_a_file_is_also_that_it_is_not_there(
    site: Trial, say: Say, harm: Callable[[Trial], None]
) -> None:
    """Damaged or lost: ``show`` says so, before any check found it."""
    harm(site)
    assert "missing or damaged" in say("show", NAME[:10]).out
    assert say("show", NAME[:10], "--json").json["gone"] == "missing or damaged"
    assert say("show", NAME[:10], "--raw").code == 4


def test_a_version_whose_bytes_are_lost_is_said_to_be(site: Trial, say: Say) -> None:
    """Although no check has found it yet."""
    for blob in site.layout.blobs.rglob("*.md"):
        if b"Old." in blob.read_bytes():
            blob.unlink()
    told = say("history", "a.md").out.splitlines()
    assert ["not there" in line for line in told] == [True, True, False, False]


def test_export_says_what_it_wrote(site: Trial, say: Say, tmp_path: Path) -> None:
    """Exit 1 where something had to be left out."""
    assert "wrote" in say("export", "bagit", str(tmp_path / "bag")).out
    assert say("export", "warc", str(tmp_path / "a.warc.gz"), "--json").json["skipped"] == []
    assert say("export", "warc", str(tmp_path / "a.zip")).code == 2
    spoil(site)
    told = say("export", "bagit", str(tmp_path / "other"))
    assert told.code == 1
    assert f"left out blobs/sha256/{NAME[:2]}/{NAME}" in told.out


def test_refetch_says_what_came(say: Say) -> None:
    """Nobody answers here: what was kept stays, what was missing is."""
    told = say("refetch", "--missing", "--dry-run")
    assert (told.code, "nothing was asked" in told.out) == (0, True)
    assert [one["says"] for one in say("refetch", FIRST, "--dry-run", "--json").json] == [
        "would be asked for"
    ]
    told = say("refetch", FIRST)
    assert told.code == 0
    assert say("refetch", "--missing").code == 1
    assert say("refetch").code == 2
    assert say("refetch", "https://img.example/none.png").code == 1


def test_an_archive_that_is_not_there_is_said(tmp_path: Path, say: Say, site: Trial) -> None:
    """Every verb says so, and makes none."""
    site.head = site.head.replace('"../archive"', '"../elsewhere"')
    _ = site.file
    for words in (("status",), ("verify",), ("history", "a.md"), ("reindex",), ("gc",)):
        told = say(*words)
        assert told.code == 4
        assert "no pass was made yet" in told.err
    assert not (tmp_path / "elsewhere/blobs").exists()


@pytest.mark.parametrize("name", ["status", "verify", "gc", "forget", "export", "history", "show"])
def test_every_verb_has_help(say: Say, name: str) -> None:
    """It says what it does before it says how."""
    assert say(name, "--help").code == 0
