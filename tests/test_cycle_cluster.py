"""Passes whose posts are read by other machines: the same bytes as on one, whatever is lost."""

import os
import re
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

import clusters
import pytest
from clusters import Made
from trial import Trial

from benchmarks import corpus
from syndicator.cycle.fixity import verify
from syndicator.cycle.reindex import reindex
from syndicator.doors import workers
from syndicator.doors.cluster import Cluster
from syndicator.doors.workers import each

pytestmark = [pytest.mark.slow, *clusters.MARKS]  # thousands of posts, several times

EARLIER = 1_700_000_000


def made_of(root: Path, posts: int, tables: str = "") -> Trial:
    """Write a site of so many posts."""
    site = Trial(root=root, tables=tables)
    for path, data in corpus.plain(posts):
        file = root / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        os.utime(file, (EARLIER, EARLIER))  # the journal notes it
    return site


def bytes_of(site: Trial) -> dict[str, bytes]:
    """Return feeds, kept files and journal, but for the digest of the settings: they differ."""
    files = {name: data for name, (data, _when) in site.files().items()}
    return {name: re.sub(rb'"accepted":"[0-9a-f]+', b"", data) for name, data in files.items()}


@pytest.fixture
def by_whom(monkeypatch: pytest.MonkeyPatch) -> list[Executor | None]:
    """Note by whom posts are read."""
    seen: list[Executor | None] = []

    def noted(
        pool: Executor | None, do: Callable[[object], object], items: Iterable[object]
    ) -> Iterator[tuple[object, object]]:
        seen.append(pool)
        return each(pool, do, items)

    monkeypatch.setattr(workers, "each", noted)
    return seen


def test_two_workers_give_the_bytes_of_a_local_run(
    tmp_path: Path, by_whom: list[Executor | None]
) -> None:
    """Ten thousand posts: feeds, kept files and journal, and so after a reindex."""
    alone = made_of(tmp_path / "alone", 10_000)
    alone.make()
    expected = bytes_of(alone)
    with clusters.cluster(tmp_path) as made:
        shared = made_of(tmp_path / "shared", 10_000, made.settings)
        shared.make()
        assert bytes_of(shared) == expected
        shared.forget()
        reindex(shared.order())
    assert feeds(bytes_of(shared)) == feeds(expected)
    assert [isinstance(one, Cluster) for one in by_whom] == [False, True, True]


def feeds(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out the journal, which notes a reindex."""
    return {name: data for name, data in files.items() if not name.startswith("journal")}


def killing(made: Made) -> Callable[..., Iterator[tuple[object, object]]]:
    """Kill a worker once a hundred posts were read; thousands are on their way then."""

    def read(
        pool: Executor | None, do: Callable[[object], object], items: Iterable[object]
    ) -> Iterator[tuple[object, object]]:
        assert isinstance(pool, Cluster)
        for number, one in enumerate(each(pool, do, items)):
            if number == 100:
                made.workers[0].kill()
            yield one

    return read


def test_a_worker_killed_in_the_middle_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its posts are read again, by the other one or here."""
    alone = made_of(tmp_path / "alone", workers.MANY)
    alone.make()
    with clusters.cluster(tmp_path) as made:
        monkeypatch.setattr(workers, "each", killing(made))
        shared = made_of(tmp_path / "shared", workers.MANY, made.settings)
        shared.make()
        assert made.workers[0].wait(300) == -signal.SIGKILL
        assert made.workers[1].poll() is None
    assert bytes_of(shared) == bytes_of(alone)


def test_kept_files_are_read_by_workers_that_see_the_disk(
    tmp_path: Path, by_whom: list[Executor | None]
) -> None:
    """They find the one that is damaged, as this machine does."""
    with clusters.cluster(tmp_path) as made:
        site = made_of(tmp_path / "shared", workers.MANY, made.settings)
        site.make()
        some = next(site.layout.blobs.rglob("*.md"))
        some.chmod(0o644)
        some.write_bytes(b"x" + some.read_bytes()[1:])
        by_whom.clear()
        found = site.care(partial(verify, whole=True))
    assert {isinstance(one, Cluster) for one in by_whom} == {True}
    assert found.damaged == (some.relative_to(site.layout.root).as_posix(),)
    assert found.files == workers.MANY + 1  # the picture of them all
    assert [one.source.endswith(".md") for one in found.repaired] == [True]
