"""``syndicate run`` on the shipped seeds and on sites of our own: what readers get, and twice."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from local_web import ALLOW, LocalWeb, local_web
from syndicate_command import Ran, syndicate
from trial_site import (
    FEEDS,
    NOWHERE,
    OLD,
    ids,
    items,
    journal,
    png,
    post,
    public,
    put,
    tree,
    webhook,
)
from trial_site import (
    site as trial,
)

from syndicator.model.posts import Site, Source
from syndicator.normalise import normalise

SEED = "2020-12-01-kaohsiung-establishes-5g-alliance-to-boost-industry.md"
NAMES = ("feed.xml", "atom.xml", "feed.json")
GOLDEN = {"feed.xml": "rss.xml", "atom.xml": "atom.xml", "feed.json": "feed.json"}
PUBLISHED = [
    "Ask again, only for what is new",
    "A folder can be a post",
    "Kaohsiung establishes 5G alliance to boost industry",
]
Golden = Callable[[str, bytes], None]


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve pictures and receive pushes."""
    with local_web() as served:
        yield served


@pytest.fixture
def shipped(site: Path) -> Path:
    """Take the shipped configuration and seeds, with the way to the network cut off."""
    file = site / "config/syndicator.toml"
    text = file.read_text(encoding="utf-8")
    put(file, text.replace('# proxy = ""', NOWHERE))
    assert NOWHERE in file.read_text(encoding="utf-8")
    return site


def run(root: Path, *arguments: str) -> Ran:
    """Make a pass that must end well."""
    ran = syndicate("run", "--drain", "0", *arguments, cwd=root)
    assert ran.code == 0, ran
    return ran


# --- what readers get --------------------------------------------------------------------------


def test_the_seed_post_reads_as_agreed(project: Path, golden: Golden) -> None:
    """The seed post is understood down to the last field."""
    data = (project / "seeds" / SEED).read_bytes()
    source = Source(
        path=SEED,
        data=data,
        digest=sha256(data).hexdigest(),
        modified=datetime(2026, 1, 1, tzinfo=UTC),
    )
    site = Site(
        title="Small",
        url="https://site.example/",
        timezone="Asia/Taipei",
        feeds="https://feeds.example/",
        authority="site.example",
    )
    reading = normalise(source, site)
    assert reading.post is not None
    assert reading.post.source_name == "Taipei Times"
    assert "Source:" not in reading.post.html
    text = json.dumps(asdict(reading.post), default=str, ensure_ascii=False, indent=2)
    golden("seed.expected.post.json", text.encode() + b"\n")


def test_the_seed_post_makes_these_feeds(project: Path, tmp_path: Path, golden: Golden) -> None:
    """A site of the seed post alone gives these documents, byte for byte, without its picture."""
    root = trial(tmp_path)
    shutil.copy(project / "seeds" / SEED, root / "content" / SEED)
    ran = run(root)
    assert "missing  https://www.taipeitimes.com/images/2020/12/01/P12-201201-601.jpg" in ran.out
    assert "tried again in " in ran.out
    for name, suffix in GOLDEN.items():
        assert b"taipeitimes.com" not in public(root)[name]
        golden(f"seed.expected.{suffix}", public(root)[name])


def test_a_kept_picture_is_shown_from_the_archive(
    tmp_path: Path, web: LocalWeb, golden: Golden
) -> None:
    """A picture from elsewhere is kept, and every feed refers to the kept one only."""
    data = png(16, 9)
    address = web.serve("/far/away.png", data)
    root = trial(tmp_path, network=ALLOW)
    text = f"Before\n\n![A square]({address})\n\nAfter"
    post(root, "2024-05-01-pictured.md", text, title="Pictured", image=address)
    assert "images   1 kept, 0 failed" in run(root).out
    readers = public(root)
    kept = f"media/{sha256(data).hexdigest()}.png"
    assert readers[kept] == data
    assert json.loads(readers["feed.json"])["items"][0]["image"] == f"https://feeds.example/{kept}"
    for name, suffix in GOLDEN.items():
        assert f"https://feeds.example/{kept}".encode() in readers[name]
        assert b"127.0.0.1" not in readers[name]
        golden(f"picture.expected.{suffix}", readers[name])


def test_all_feeds_hold_the_same_posts(shipped: Path) -> None:
    """The shipped seeds are published, newest first, in all three formats; the others are not."""
    ran = run(shipped)
    assert "5 seen, 3 published, 1 draft, 1 scheduled" in ran.out
    first, *others = (items(shipped, name) for name in NAMES)
    assert [title for _, title, _ in first] == PUBLISHED
    assert others == [first, first]


# --- again -------------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(tmp_path: Path, web: LocalWeb) -> None:
    """Run again: not one byte, not one time of modification, nothing pushed, and it says so."""
    root = _told(tmp_path, web)
    before = tree(root)
    again = run(root)
    assert again.out.startswith("nothing changed: 2 seen, 2 published; nothing written")
    assert tree(root) == before
    assert web.pushes == []


def test_the_shipped_seeds_settle_at_once(shipped: Path) -> None:
    """The second run on the shipped seeds finds nothing to do, though a picture is missing."""
    run(shipped)
    before = tree(shipped)
    assert run(shipped).out.startswith("nothing changed")
    assert tree(shipped) == before


def test_a_touched_post_changes_nothing(tmp_path: Path, web: LocalWeb) -> None:
    """A file that is only newer is read, found the same, and no reader notices."""
    root = _told(tmp_path, web)
    before = _outputs(root)
    os.utime(root / "content/2024-05-01-a.md", (OLD + 500, OLD + 500))
    assert run(root).out.startswith("nothing changed")
    assert _outputs(root) == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", ["removed", "edited"])
def test_a_damaged_feed_is_put_right(
    tmp_path: Path, web: LocalWeb, name: str, damage: str
) -> None:
    """A published file that someone changes or removes is restored, and nobody is told."""
    root = _told(tmp_path, web)
    before = public(root)
    if damage == "removed":
        (root / "archive/public" / name).unlink()
    else:
        (root / "archive/public" / name).write_bytes(b"not ours")
    assert f"feeds    {name} written" in run(root).out
    assert public(root) == before
    assert web.pushes == []
    assert run(root).out.startswith("nothing changed")


def test_a_dry_run_writes_nothing(tmp_path: Path, web: LocalWeb) -> None:
    """``--dry-run`` says what would happen, and leaves every file as it is."""
    root = _told(tmp_path, web)
    post(root, "2024-05-03-c.md", f"![]({web.serve('/c.png', png(8))})")
    before = tree(root)
    ran = run(root, "--dry-run")
    assert ran.out.startswith("dry run: nothing was written, fetched or pushed")
    assert "1 published, 0 updated" in ran.out
    assert tree(root) == before
    assert (web.pushes, web.asked) == ([], [])


def test_a_dry_run_makes_no_archive(tmp_path: Path) -> None:
    """On a fresh site ``--dry-run`` makes nothing at all, not even the archive's folder."""
    root = trial(tmp_path)
    post(root, "2024-05-01-a.md")
    before = tree(root)
    assert "1 published" in run(root, "--dry-run").out
    assert tree(root) == before


def test_the_same_bytes_may_come_twice(tmp_path: Path, web: LocalWeb) -> None:
    """Two files with the same content, and two addresses of one picture, are kept once each."""
    root = trial(tmp_path, network=ALLOW)
    one, two = web.serve("/1.png", png(3)), web.serve("/2.png", png(3))
    for name in ("2024-05-01-a.md", "2024-05-02-b.md"):
        put(root / "content" / name, f"---\ntitle: Twin\n---\n![]({one}) ![]({two})\n")
    assert "images   2 kept" in run(root).out
    assert [title for _, title, _ in items(root, "atom.xml")] == ["Twin", "Twin"]
    assert len([path for path in (root / "archive/blobs").rglob("*.*") if path.is_file()]) == 2


def test_the_report_is_there_for_programs(tmp_path: Path, web: LocalWeb) -> None:
    """``--json`` prints the report of a pass, and that of one that found nothing, as JSON."""
    root = _told(tmp_path, web)
    post(root, "2024-05-03-c.md")
    report = run(root, "--json").report()
    told = {name: report[name] for name in ("seen", "live", "published", "sent", "owed", "held")}
    assert told == {"seen": 3, "live": 3, "published": 1, "sent": 1, "owed": 0, "held": 0}
    assert report["documents"] == list(NAMES)
    assert run(root, "--json").report()["unchanged"] is True


# --- rebuilt -----------------------------------------------------------------------------------


def test_a_lost_database_is_rebuilt(tmp_path: Path, web: LocalWeb) -> None:
    """Without state.db the next run leaves feeds and ids untouched, and pushes nothing."""
    root = _told(tmp_path, web)
    before, named = _outputs(root), ids(root)
    (root / "archive/state.db").unlink()
    run(root)
    assert (_outputs(root), ids(root)) == (before, named)
    assert web.pushes == []
    assert run(root).out.startswith("nothing changed")


def test_what_is_owed_outlives_the_database(tmp_path: Path, web: LocalWeb) -> None:
    """A push that was owed when state.db went is sent after all, under its id."""
    root = _told(tmp_path, web)
    web.answers.extend([500, 204])
    post(root, "2024-05-03-c.md")
    run(root)
    (owed,) = [line["message"] for line in journal(root) if line["event"] == "owed"]
    (root / "archive/state.db").unlink()
    run(root)
    assert [push.id for push in web.pushes] == [owed, owed]


def test_a_broken_edit_keeps_the_earlier_version_through_a_rebuild(
    tmp_path: Path, web: LocalWeb
) -> None:
    """The version readers have comes back from its blob, not from the file that is broken now."""
    root = _told(tmp_path, web)
    before = _outputs(root)
    put(root / "content/2024-05-01-a.md", "---\ntitle: [\n---\nBroken")
    assert syndicate("run", cwd=root).code == 1
    assert _outputs(root) == before
    (root / "archive/state.db").unlink()
    assert syndicate("run", cwd=root).code == 1
    assert _outputs(root) == before
    assert web.pushes == []


def test_renamed_and_removed_files_are_known_after_a_rebuild(
    tmp_path: Path, web: LocalWeb
) -> None:
    """Files that moved or went while there was no database: the id stays, one removal is told."""
    root = _told(tmp_path, web, permalink="stays/")
    named = ids(root)
    (root / "archive/state.db").unlink()
    content = root / "content"
    (content / "2024-05-01-a.md").rename(content / "2024-05-01-renamed.md")
    (content / "2024-05-02-b.md").unlink()
    run(root)
    run(root)
    assert ids(root) == {"2024-05-01-a": named["2024-05-01-a"]}
    pushed = [json.loads(body) for body in web.pushed()]
    assert [(one["type"], one["data"]["title"]) for one in pushed] == [
        ("post.removed", "2024-05-02-b")
    ]


def test_a_changed_local_picture_is_noticed(tmp_path: Path) -> None:
    """A picture of the site's own that is replaced is replaced in the feeds too."""
    root = trial(tmp_path)
    put(root / "content/near.png", png(5))
    post(root, "2024-05-01-a.md", "![](near.png)")
    run(root)
    put(root / "content/near.png", png(6))
    assert "images   1 kept" in run(root).out


def test_a_changed_local_picture_is_noticed_after_a_rebuild(tmp_path: Path) -> None:
    """The same when the database was lost in between."""
    root = trial(tmp_path)
    put(root / "content/near.png", png(5))
    post(root, "2024-05-01-a.md", "![](near.png)")
    run(root)
    (root / "archive/state.db").unlink()
    run(root)
    put(root / "content/near.png", png(6))
    assert "images   1 kept" in run(root).out


def _told(root: Path, web: LocalWeb, **fields: str) -> Path:
    """Make a site of two posts, a picture, and a receiver; let a first pass end."""
    trial(root, publish=webhook(web.url("/hook")), network=ALLOW, feeds=FEEDS)
    picture = web.serve("/p.png", png(7))
    post(root, "2024-05-01-a.md", f"![]({picture})", **fields)
    post(root, "2024-05-02-b.md")
    run(root)
    web.asked.clear()
    return root


def _outputs(root: Path) -> dict[str, tuple[int, int, str]]:
    return tree(root / "archive/public")
