"""Pictures that the workers of a cluster fetch: the same archive, whatever is lost on the way."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import clusters
import pytest
from clusters import Made
from local_web import ALLOW, LocalWeb, local_web
from trial import HOUR, PNG, Trial

from syndicator.cycle import keeping, run
from syndicator.doors import workers
from syndicator.doors.http import Web, far
from syndicator.model.report import Report

MANY = 60  # pictures, of which some are not there, and some are elsewhere

pytestmark = [pytest.mark.slow, *clusters.MARKS]


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """Serve pictures: most are there, one in ten is not, one in ten is moved."""
    with local_web() as served:
        for number in range(MANY):
            if number % 10 == 1:
                served.moves[f"/{number}.png"] = 302, f"/there{number}.png"
                served.serve(f"/there{number}.png", PNG + b"%d" % number)
            elif number % 10:
                served.serve(f"/{number}.png", PNG)
        yield served


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is fetched by this process; let few pictures be many."""
    monkeypatch.setattr(workers, "MANY", MANY)
    monkeypatch.setattr(keeping, "SOON", 300.0)  # all are there before the feeds are written
    asked: list[str] = []

    class Noting(Web):
        async def fetch(self, url: str, **more: object) -> object:  # type: ignore[override]  # it hands all on
            asked.append(url)
            return await super().fetch(url, **more)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr("syndicator.doors.http.Web", Noting)
    return asked


def a_pass(site: Trial) -> Report:
    """Make a pass whose requests really leave."""
    site.now += HOUR
    return run(site.order())


def site_of(root: Path, web: LocalWeb, made: Made | None = None) -> Trial:
    """Write a post with each picture."""
    tables = f"[network]\n{ALLOW}\n" + (made.settings if made else "")
    site = Trial(root=root, tables=tables)
    for number in range(MANY):
        site.write(f"2024-05-01-p{number}.md", image=web.url(f"/{number}.png"))
    return site


def archive(site: Trial) -> tuple[dict[str, bytes], list[bytes]]:
    """Return what readers get, and the lines of the journal, which come as pictures came."""
    files = {name: data for name, (data, _) in site.files().items() if name.startswith("public/")}
    lines = b"".join(one.read_bytes() for one in sorted(site.layout.journal.iterdir()))
    lines = re.sub(
        rb'"date":"[^"]*"|,"more":true', b"", lines
    )  # the server's clock; what came last
    return files, sorted(line for line in lines.splitlines() if b'"accepted"' not in line)


def test_workers_fetch_as_this_machine_does(
    tmp_path: Path, web: LocalWeb, here: list[str]
) -> None:
    """Pictures, redirects and failures are the same; this process asks for none of them."""
    alone = site_of(tmp_path / "alone", web)
    told = a_pass(alone)
    assert len(here) == MANY
    here.clear()
    with clusters.cluster(tmp_path) as made:
        shared = site_of(tmp_path / "shared", web, made)
        assert a_pass(shared).images_kept == told.images_kept == MANY - MANY // 10
    assert here == []
    assert archive(shared) == archive(alone)


def test_no_worker_goes_where_this_machine_must_not(
    tmp_path: Path, web: LocalWeb, here: list[str]
) -> None:
    """The guard stands in their way out, too: without [network] allow nothing is dialled."""
    with clusters.cluster(tmp_path) as made:
        shared = site_of(tmp_path / "shared", web, made)
        shared.tables = f"[network]\nports = [{web.port}]\n{made.settings}"
        report = a_pass(shared)
    assert {one.reason for one in report.missing} == {"address not allowed"}
    assert web.asked == here == []


@pytest.mark.usefixtures("here")
def test_what_a_lost_worker_had_is_fetched_all_the_same(
    tmp_path: Path, web: LocalWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is killed in the middle: the other one fetches it, or this process does."""
    alone = site_of(tmp_path / "alone", web)
    a_pass(alone)
    with clusters.cluster(tmp_path) as made:
        asked = iter(range(MANY))
        fetch = far.Far.fetch

        async def killing(self: far.Far, url: str, **more: object) -> object:
            if next(asked) == MANY // 2:
                made.workers[0].kill()
            return await fetch(self, url, **more)  # type: ignore[arg-type]  # it hands all on

        monkeypatch.setattr(far.Far, "fetch", killing)
        shared = site_of(tmp_path / "shared", web, made)
        a_pass(shared)
        assert made.workers[0].wait(300) == -signal.SIGKILL
    assert archive(shared) == archive(alone)
