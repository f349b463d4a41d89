"""A bucket follows the archive: in order, on conditions, and whatever fails in between."""

import shutil
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from buckets import ENVIRON, KEYS, Service, Shop, shop
from trial import PNG, Trial, webhook

from syndicator.archive.mirror import Mirror
from syndicator.cycle import behind as behind_room
from syndicator.cycle import mirroring
from syndicator.cycle.bucket import Depot
from syndicator.cycle.facts import facts
from syndicator.cycle.fixity import verify
from syndicator.cycle.takedown import forget
from syndicator.doors.inventory import Inventory
from syndicator.doors.store import Store, resting
from syndicator.errors import Refused, StoreError
from syndicator.model.report import Report

PICTURE = "https://img.example/a.png"
NAME = sha256(PNG).hexdigest() + ".png"
NAMES = count()


@pytest.fixture
def here(service: Service, tmp_path: Path) -> Shop:
    """Make a site with two posts and a picture, and its empty bucket."""
    made = shop(service, tmp_path, f"bucket-{next(NAMES)}", webhook())
    made.site.write("a.md", f"One. ![]({PICTURE})", title="A", date="2026-11-01")
    made.site.write("b.md", "Text.", title="B", date="2026-11-02")
    return made


def run(here: Shop, hours: int = 1) -> Report:
    return here.site.make(environ=ENVIRON, hours=hours)


def behind(report: Report) -> list[str]:
    return [one.says for one in report.problems if one.code == "ARC008"]


def rooms(keys: list[str]) -> list[str]:
    """Return the places that keys lie in, in their order, each once in a row."""
    named = ["media" if "/media/" in key else key.partition("/")[0] for key in keys]
    return [one for at, one in enumerate(named) if at == 0 or named[at - 1] != one]


def flip(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"other" + path.read_bytes()[5:])


def down(_method: str, _path: str) -> str:
    return "SlowDown"


def test_a_pass_brings_all_in_order(here: Shop) -> None:
    """Kept files, then pictures, then the journal, and then what refers to them."""
    assert behind(run(here)) == []
    assert rooms(here.service.writes()) == ["blobs", "media", "journal", "public"]
    assert here.is_whole()
    assert not [key for key in here.held() if key.endswith((".gz", ".br", ".zst"))]


def test_what_readers_get_is_told_as_the_server_tells_it(here: Shop) -> None:
    """Feeds are fetched again after an hour; a picture, named by its digest, never."""
    run(here)
    feed, picture = here.headers("public/atom.xml"), here.headers(f"public/media/{NAME}")
    assert feed["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert feed["Cache-Control"] == "public, max-age=3600"
    assert picture["Content-Type"] == "image/png"
    assert picture["Cache-Control"] == "public, max-age=31536000, immutable"
    assert here.headers(f"blobs/sha256/{NAME[:2]}/{NAME}")["Cache-Control"] == "private"


def test_nothing_new_asks_nothing(here: Shop) -> None:
    """A pass that finds nothing to do asks the bucket for nothing, and stays the short one."""
    run(here)
    here.service.asked.clear()
    assert run(here).unchanged
    assert here.service.asked == []


def test_one_new_post_writes_what_is_new(here: Shop) -> None:
    """One kept file, the last piece of the journal, and the documents that changed."""
    run(here)
    here.service.writes()
    here.site.write("c.md", "New.", title="C", date="2026-11-03")
    run(here)
    written = here.service.writes()
    assert rooms(written) == ["blobs", "journal", "public"]
    assert len([key for key in written if key.startswith("blobs/")]) == 1
    assert "public/feed.css" not in written
    assert here.is_whole()


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "AccessDenied"])
def test_a_bucket_that_fails_harms_no_pass(here: Shop, code: str) -> None:
    """The feed is written, the push sent; what is lacking is told, and brought later."""
    here.service.fault = lambda _method, _path: code
    report = run(here)
    (says,) = behind(report)
    assert code in says
    assert "lacks " in says
    assert (here.site.layout.public / "atom.xml").exists()
    assert report.held == 0
    here.service.fault = lambda _method, _path: ""
    assert behind(run(here)) == []
    assert here.is_whole()


def test_what_is_lacking_stands_in_the_status(here: Shop) -> None:
    """Until the bucket has it."""
    here.service.fault = down
    run(here)
    (says,) = behind(facts(here.site.file, here.site.now))
    assert "lacks 7 files: the bucket could not" in says
    here.service.fault = lambda _method, _path: ""
    run(here)
    assert behind(facts(here.site.file, here.site.now)) == []


def test_a_bucket_that_failed_is_left_alone_for_a_while(here: Shop) -> None:
    """One minute after the first failure; a pass within it asks nothing and tells why."""
    here.service.fault = down
    run(here)
    here.service.asked.clear()
    here.site.write("c.md", "New.", title="C", date="2026-11-03")
    assert "503" in behind(run(here, hours=0))[0]
    assert here.service.asked == []


def test_nothing_secret_is_shown(here: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where the service says it back."""
    here.service.fault = lambda _method, _path: "AccessDenied"
    report = run(here)
    held = (here.site.layout.root / "bucket.db").read_bytes()
    for secret in KEYS.values():
        assert secret not in repr(report) + caplog.text
        assert secret.encode() not in held


@pytest.mark.parametrize("at", range(1, 9))
def test_a_kill_before_any_write_loses_nothing(here: Shop, at: int) -> None:
    """At whatever write the process dies, the next pass finishes, and doubles nothing."""
    done = count(1)

    real = Mirror._tell

    def killed(mirror: Mirror, data: bytes) -> None:
        if next(done) == at:
            raise KeyboardInterrupt
        real(mirror, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mirror, "_tell", killed)
        try:
            run(here)
        except KeyboardInterrupt:
            assert not run_is_whole(here)
    assert behind(run(here)) == []
    assert here.is_whole()
    assert run(here).unchanged


def run_is_whole(here: Shop) -> bool:
    """Tell whether the inventory says that all is there."""
    with Inventory(here.site.layout.inventory, "") as inventory:
        return bool(inventory.fact("documents"))


def test_a_lost_inventory_is_made_anew(here: Shop) -> None:
    """By a listing; nothing is sent twice."""
    run(here)
    (here.site.layout.root / "bucket.db").unlink()
    here.service.writes()
    here.site.forget()
    assert behind(run(here)) == []
    assert [key for key in here.service.writes() if not key.startswith("journal/")] == []
    assert here.is_whole()


def test_another_archive_in_the_bucket_is_never_overwritten(here: Shop, tmp_path: Path) -> None:
    """Two writers: who comes second is told, and changes neither journal nor documents."""
    run(here)
    before = {key: here.get(key) for key in here.held()}
    other = Shop(service=here.service, name=here.name, site=Trial(root=tmp_path / "other"))
    other.settings()
    other.site.write("x.md", "Else.", title="X", date="2026-11-05")
    report = run(other)
    assert "another archive" in behind(report)[0]
    assert [one.severity for one in report.problems if one.code == "ARC008"] == ["error"]
    assert {key: here.get(key) for key in before} == before


def test_two_writers_at_once_overwrite_nothing(here: Shop, tmp_path: Path) -> None:
    """While one is at work the other writes all of its own: who comes second is told."""
    run(here)
    copied = tmp_path / "copied"
    for name in ("content", "archive"):
        shutil.copytree(here.site.root / name, copied / name)
    site = Trial(root=copied, head=here.site.head, tables=here.site.tables, now=here.site.now)
    other = Shop(service=here.service, name=here.name, site=site)
    here.site.write("c.md", "Mine.", title="C", date="2026-11-03")
    other.site.write("d.md", "Theirs.", title="D", date="2026-11-03")
    told: list[list[str]] = []

    def fault(method: str, path: str) -> str:
        if method == "PUT" and "/journal/" in path and not told:
            told.append([])
            told[0] += behind(run(other))
        return ""

    here.service.fault = fault
    (says,) = behind(run(here))
    here.service.fault = lambda _method, _path: ""
    assert "another machine writes it" in says
    assert told == [[]]
    assert other.is_whole()
    assert b"Theirs." in (here.get("public/atom.xml") or b"")
    assert "another machine writes it" in behind(run(here))[0]
    assert other.is_whole()


def test_an_older_copy_brings_nothing_back(here: Shop, tmp_path: Path) -> None:
    """What was taken down since stays down, though the older copy looks at all the bucket has."""
    run(here)
    shutil.copytree(here.site.root / "archive", tmp_path / "copied" / "archive")
    here.site.care(lambda order: forget(order, PICTURE, "asked to", act=True), environ=ENVIRON)
    run(here)
    old = Trial(root=tmp_path / "copied", head=here.site.head, now=here.site.now)
    here.service.writes()
    made = old.care(lambda order: mirroring.mirror(order, act=True), environ=ENVIRON)
    assert "older copy" in made.problems[0].says or "another archive" in made.problems[0].says
    assert here.service.writes() == []
    assert not [key for key in here.held() if NAME in key]


def test_an_older_copy_of_the_archive_writes_nothing(here: Shop) -> None:
    """A folder that was restored from yesterday's backup is not the archive."""
    run(here)
    month = next(here.site.layout.journal.iterdir())
    yesterday = month.read_bytes()
    here.site.write("c.md", "New.", title="C", date="2026-11-03")
    run(here)
    month.write_bytes(yesterday)
    here.site.forget()
    here.site.remove("c.md")
    here.service.writes()
    assert "older copy" in behind(run(here))[0] or "another archive" in behind(run(here))[0]
    assert here.service.writes() == []


def test_a_document_that_another_hand_changed_is_put_right(here: Shop) -> None:
    """The condition fails (412), what lies there is looked at, and replaced."""
    run(here)
    here.put("public/atom.xml", b"other")
    here.site.write("c.md", "New.", title="C", date="2026-11-03")
    assert behind(run(here)) == []
    assert here.is_whole()


def test_a_document_that_is_no_more_leaves_the_bucket(here: Shop) -> None:
    """So do pictures that were taken down, and what the journal told of them."""
    run(here)
    here.site.care(lambda order: forget(order, PICTURE, "asked to", act=True), environ=ENVIRON)
    assert behind(run(here)) == []
    assert not [key for key in here.held() if NAME in key]
    assert here.is_whole()


def test_pushes_wait_for_the_bucket_that_serves(here: Shop) -> None:
    """Who is told must find it there; when the bucket is back, it is told."""
    here.settings(bucket_serves="true")
    run(here)
    here.site.heard.clear()
    here.service.fault = down
    here.site.write("c.md", "New.", title="C", date="2026-11-03")
    run(here)
    assert here.site.told() == []
    run(here, hours=0)
    assert here.site.told() == []
    here.service.fault = lambda _method, _path: ""
    here.service.asked.clear()
    run(here)
    assert here.site.told() == [("published", "C", 1)]
    assert here.is_whole()


def test_workers_do_not_wait_for_ever_for_a_pass_that_was_killed(here: Shop) -> None:
    """It published, recorded nothing, and died before it asked the bucket: the next one asks."""
    here.settings(bucket_serves="true")
    run(here)
    (here.site.layout.public / "atom.xml").unlink()

    def killed(_depot: Depot) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Depot, "through", killed)
        with pytest.raises(KeyboardInterrupt):
            run(here)
    assert held_up(here)
    run(here)
    assert not held_up(here)
    assert run(here).unchanged


def held_up(here: Shop) -> bool:
    """Tell whether workers are to take up nothing."""
    with Store(here.site.layout.state) as store, store.transaction() as session:
        return resting.held_up(session)


def test_pushes_do_not_wait_for_a_copy(here: Shop) -> None:
    """Where readers get the feeds from the folder, the bucket is its copy."""
    run(here)
    here.site.heard.clear()
    here.service.fault = down
    here.site.write("c.md", "New.", title="C", date="2026-11-03")
    run(here)
    assert here.site.told() == [("published", "C", 1)]


def test_mirror_brings_what_another_hand_took_away(here: Shop) -> None:
    """It looks at all that the bucket has; the second time there is nothing to do."""
    run(here)
    here.delete(f"blobs/sha256/{NAME[:2]}/{NAME}")
    here.delete("public/atom.xml")
    dry = here.site.care(lambda order: mirroring.mirror(order, act=False), environ=ENVIRON)
    assert (dry.dry_run, here.get("public/atom.xml")) == (True, None)
    made = here.site.care(lambda order: mirroring.mirror(order, act=True), environ=ENVIRON)
    assert (made.files, made.whole) == (2, True)
    assert here.is_whole()
    again = here.site.care(lambda order: mirroring.mirror(order, act=True), environ=ENVIRON)
    assert (again.files, again.whole) == (0, True)


def test_mirror_tells_what_it_put_and_not_what_lacks(here: Shop) -> None:
    """Where it was broken off, or refused: the problem counts what the bucket lacks."""
    here.service.fault = down
    run(here)
    made = here.site.care(lambda order: mirroring.mirror(order, act=True), environ=ENVIRON)
    assert (made.files, made.size, made.whole) == (0, 0, False)
    here.service.fault = lambda _method, path: "SlowDown" if "/public/" in path else ""
    made = here.site.care(lambda order: mirroring.mirror(order, act=True), environ=ENVIRON)
    assert (made.files, made.whole) == (3, False)
    assert "lacks " in made.problems[0].says


def test_wrong_bytes_in_the_bucket_are_found_and_put_right(here: Shop) -> None:
    """By size or a look at each; those of the same size by reading all."""
    run(here)
    key = f"blobs/sha256/{NAME[:2]}/{NAME}"
    path = f"s3://{here.name}/site/{key}"

    def check(*, whole: bool) -> tuple[tuple[str, ...], list[str]]:
        made = here.site.care(lambda o: mirroring.verify(o, whole=whole), environ=ENVIRON)
        return made.damaged, [one.path for one in made.repaired]

    assert check(whole=True) == ((), [])
    here.put(key, PNG[:-1])
    assert check(whole=False) == ((path,), [path])
    here.put(key, bytes(len(PNG)))
    assert check(whole=True) == ((path,), [path])
    here.delete(key)
    assert check(whole=False) == ((path,), [path])
    assert here.get(key) == PNG


def test_a_damaged_file_is_repaired_from_the_bucket(here: Shop) -> None:
    """Beside the mirror in a folder; what the bucket has wrong repairs nothing."""
    run(here)
    place = here.site.layout.blob(NAME)
    here.site.says = lambda _request: pytest.fail("nobody else is asked")
    flip(place)
    (here.site.layout.media / NAME).unlink()
    found = here.site.care(lambda order: verify(order, whole=True), environ=ENVIRON)
    key = f"s3://{here.name}/site/blobs/sha256/{NAME[:2]}/{NAME}"
    assert [one.source for one in found.repaired if one.path.startswith("blobs")] == [key]
    assert place.read_bytes() == PNG


def test_a_check_without_the_extra_goes_on(here: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client of buckets is not installed, what is damaged is told all the same."""
    run(here)
    flip(here.site.layout.blob(NAME))
    monkeypatch.setattr(behind_room, "find_spec", lambda _name: None)
    found = here.site.care(lambda order: verify(order, whole=True), environ=ENVIRON)
    assert f"blobs/sha256/{NAME[:2]}/{NAME}" in found.damaged


def test_a_lost_machine_is_made_anew(here: Shop, tmp_path: Path) -> None:
    """From the bucket alone: the same feeds, byte for byte, and nobody is told anything again."""
    run(here)
    before = here.files()
    new = Trial(root=tmp_path / "new", head=here.site.head, tables=here.site.tables)
    new.now = here.site.now
    (new.root / "content").mkdir(parents=True)
    for post in (here.site.root / "content").iterdir():
        post.rename(new.root / "content" / post.name)
    made = new.care(lambda order: mirroring.restore(order, act=True), environ=ENVIRON)
    assert (made.problems, made.files) == ((), 3)
    other = Shop(service=here.service, name=here.name, site=new)
    here.service.writes()
    assert behind(new.make(environ=ENVIRON)) == []
    assert other.files() == before
    assert new.heard == []
    assert other.is_whole()
    with pytest.raises(StoreError):
        new.care(lambda order: mirroring.restore(order, act=True), environ=ENVIRON)


def test_a_restore_leaves_out_wrong_bytes_and_goes_on_where_it_was(
    here: Shop, tmp_path: Path
) -> None:
    """What is there is not fetched again; the journal comes last."""
    run(here)
    here.put(f"blobs/sha256/{NAME[:2]}/{NAME}", bytes(len(PNG)))
    new = Trial(root=tmp_path / "new", head=here.site.head)
    new.root.mkdir()
    here.service.fault = lambda _method, path: "AccessDenied" if "/journal/" in path else ""
    with pytest.raises(Refused, match="did not let us"):
        new.care(lambda order: mirroring.restore(order, act=True), environ=ENVIRON)
    here.service.fault = lambda _method, _path: ""
    made = new.care(lambda order: mirroring.restore(order, act=True), environ=ENVIRON)
    assert (made.files, made.here) == (0, 2)
    assert [one.code for one in made.problems] == ["ARC001"]
