"""The real command killed while it brings a bucket up to date: the next one finishes."""

import shutil
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from buckets import KEYS, Service, Shop, shop
from local_web import LocalWeb, Push, local_web
from syndicate_command import PATIENCE, Ran, finish, start, syndicate
from trial import PNG
from trial_site import webhook

from syndicator.doors.server import WORKER, Server, holders
from syndicator.doors.store import Store

pytestmark = pytest.mark.slow

NAMES = count()


@pytest.fixture
def here(service: Service, tmp_path: Path) -> Shop:
    """Make a site with two posts and a picture beside them, and its empty bucket."""
    made = shop(service, tmp_path, f"killed-{next(NAMES)}")
    made.site.write("a.md", "One. ![](a.png)", title="A", date="2020-11-01")
    made.site.write("b.md", "Text.", title="B", date="2020-11-02")
    (tmp_path / "content" / "a.png").write_bytes(PNG)
    made.site.age("a.png")
    return made


def words(here: Shop, verb: str) -> list[str]:
    return ["--config", str(here.site.file), *verb.split()]


def killed(here: Shop, verb: str, at: int, *, taken: bool) -> Ran:
    """Run a verb that is killed at its so-many-th write, which the service takes or does not."""
    writes = count(1)
    process = start(*words(here, verb), cwd=here.site.root, env=KEYS)

    def fault(method: str, _path: str) -> str:
        if method == "PUT" and next(writes) == at:
            process.kill()
            return "" if taken else "InternalError"
        return ""

    here.service.fault = fault
    ran = finish(process)
    here.service.fault = lambda _method, _path: ""
    return ran


def clean(here: Shop) -> dict[str, bytes | None]:
    """Return what an uninterrupted run brings into an empty bucket."""
    other = shop(here.service, here.site.root, f"clean-{next(NAMES)}")
    (here.site.layout.root / "bucket.db").unlink()
    assert syndicate(*words(other, "archive mirror"), cwd=here.site.root, env=KEYS).code == 0
    return {key: other.get(key) for key in other.held()}


@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("verb", ["archive mirror", "run"])
def test_a_kill_at_any_write_costs_a_repetition(here: Shop, verb: str, at: int) -> None:
    """The next run finishes; the bucket is, byte for byte, what an uninterrupted one makes it."""
    if verb != "run":
        here.service.fault = lambda _method, _path: "AccessDenied"
        assert syndicate(*words(here, "run"), cwd=here.site.root, env=KEYS).code == 0
        here.service.fault = lambda _method, _path: ""
    assert killed(here, verb, at, taken=bool(at % 2)).code == -9
    again = syndicate(*words(here, verb), cwd=here.site.root, env=KEYS)
    assert again.code == 0
    assert "behind" not in again.err
    assert here.is_whole()
    assert {key: here.get(key) for key in here.held()} == clean(here)
    verified = syndicate(
        *words(here, "archive verify --bucket --all"), cwd=here.site.root, env=KEYS
    )
    assert verified.code == 0


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_restore_that_was_killed_is_begun_again(here: Shop, tmp_path: Path, at: int) -> None:
    """Until it is through, the folder is no archive; then it is the same one."""
    assert syndicate(*words(here, "run"), cwd=here.site.root, env=KEYS).code == 0
    files = here.files()
    shutil.move(here.site.layout.root, tmp_path / "lost")
    reads = count(1)
    process = start(*words(here, "archive restore"), cwd=here.site.root, env=KEYS)

    def fault(method: str, path: str) -> str:
        if method == "GET" and "/site/" in path and next(reads) == at:
            process.kill()
        return ""

    here.service.fault = fault
    assert finish(process).code == -9
    here.service.fault = lambda _method, _path: ""
    assert not here.site.layout.journal.exists()
    for verb in ("archive restore", "archive reindex", "run"):
        assert syndicate(*words(here, verb), cwd=here.site.root, env=KEYS).code == 0, verb
    assert here.files() == files
    assert here.is_whole()


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Receive pushes."""
    with local_web() as served:
        yield served


def test_a_worker_tells_of_nothing_that_the_bucket_lacks(
    here: Shop, web: LocalWeb, place: Server
) -> None:
    """On another machine, called as soon as something is owed: it waits for the feed to be there.

    The bucket takes the feed for as long as a worker looks twice for what is owed.
    """
    here.settings(bucket_serves="true")
    here.site.store = str(place)
    here.site.tables = webhook(web.url("/e"), since="all")
    pushed, found = threading.Event(), list[bool]()

    def heard(_push: Push) -> None:
        found.append(b"Text." in (here.get("public/atom.xml") or b""))
        pushed.set()

    def fault(method: str, path: str) -> str:
        if method == "PUT" and path.endswith("/public/atom.xml"):
            pushed.wait(2.5)
        return ""

    web.hook, here.service.fault = heard, fault
    assert syndicate(*words(here, "db upgrade"), cwd=here.site.root).code == 0
    worker = start(*words(here, "worker"), cwd=here.site.root, env=KEYS)
    try:
        with Store(place) as store:
            while not _workers(store):
                assert worker.poll() is None
                threading.Event().wait(0.1)
        ran = syndicate(*words(here, "run --drain 0"), cwd=here.site.root, env=KEYS)
        assert ran.code == 0, ran
        assert pushed.wait(PATIENCE)
    finally:
        worker.terminate()
        finish(worker)
    assert found
    assert all(found)


def _workers(store: Store) -> list[object]:
    with store.reading() as connection:
        return list(connection.exec_driver_sql(holders(WORKER)))
