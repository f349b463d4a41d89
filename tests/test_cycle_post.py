"""What fails again and again is told once, and once when it goes well again."""

from functools import partial
from pathlib import Path

import httpx
import pytest
from trial import HOUR, PNG, SECRETS, Trial, webhook

from syndicator.config.load import load
from syndicator.cycle.facts import facts
from syndicator.cycle.post import tell
from syndicator.cycle.pushing import switch
from syndicator.cycle.report import needs, unscheduled
from syndicator.cycle.whole import Pass
from syndicator.deliver.send import Sender
from syndicator.doors import affairs, jobs
from syndicator.doors.jobs import Ended
from syndicator.doors.store.alerts import LEFT
from syndicator.errors import ConfigError
from syndicator.publish import registered

ALERTS = '"job.failing", "job.recovered", "endpoint.failing", "endpoint.recovered"'


def hears(name: str = "ops") -> str:
    """Return the table of an endpoint that hears of posts, and of alerts."""
    return webhook(name).replace('"post.removed"]', f'"post.removed", {ALERTS}]')


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with one post and one receiver that wants alerts."""
    made = Trial(root=tmp_path, tables=hears())
    made.write("a.md", title="A", date="2026-11-01")
    made.make()
    return made


def note(site: Trial, says: str, *, name: str = "pass", after: int = 3) -> bool:
    """Let a job have ended, and tell whether somebody is to hear of it."""
    return jobs.note(site.layout.state, Ended(name, site.now, says, 0.1, None), after)


def alert(site: Trial) -> list[tuple[str, str]]:
    """Let what fails be told; return the alerts that were heard, with what they are about."""
    site.heard.clear()
    settings = load(site.file, registered())
    site.care(partial(tell, settings=settings))
    return alerts(site)


def alerts(site: Trial) -> list[tuple[str, str]]:
    told = [body for _, body in site.heard if not body["type"].startswith("post.")]
    site.heard.clear()
    return [(body["type"], body["data"]["id"]) for body in told]


def open_alerts(site: Trial) -> list[tuple[str, str]]:
    known = affairs.standing(site.layout.state)
    assert known is not None
    return [row[:2] for row in known.alerts]


def down(request: httpx.Request) -> httpx.Response:
    """Fail at one host only."""
    bad = request.url.host == "ops.example" and request.method == "POST"
    return httpx.Response(503) if bad else httpx.Response(200, content=PNG)


def test_a_job_that_fails_three_times_is_told_once(site: Trial) -> None:
    """Not before, not again; and once when it goes well, however often it is asked."""
    assert [note(site, "no disk") for _ in range(3)] == [False, False, True]
    assert alert(site) == [("job.failing", "pass")]
    assert open_alerts(site) == [("job", "pass")]
    assert [note(site, "no disk") for _ in range(2)] == [False, False]
    assert alert(site) == []
    assert note(site, "")
    assert alert(site) == [("job.recovered", "pass")]
    assert (open_alerts(site), note(site, ""), alert(site)) == ([], False, [])


def test_failures_that_end_before_they_are_many_are_told_nobody(site: Trial) -> None:
    """Neither that it failed nor that it goes well."""
    assert [note(site, says) for says in ("x", "x", "", "x", "x", "")] == [False] * 6
    assert alert(site) == []


def test_zero_means_never(site: Trial) -> None:
    """No alert is owed, and none is remembered."""
    site.tables += "[schedule]\nalert_after = 0\n"
    assert not any(note(site, "x", after=0) for _ in range(9))
    assert (alert(site), open_alerts(site)) == ([], [])


def test_a_lost_database_tells_nothing_twice(site: Trial) -> None:
    """The journal has what was told; to know of no failure any more is no recovery."""
    for _ in range(3):
        note(site, "no disk")
    assert alert(site) == [("job.failing", "pass")]
    site.forget()
    site.make()
    assert open_alerts(site) == [("job", "pass")]
    assert alert(site) == []
    for _ in range(4):
        note(site, "no disk")
    assert alert(site) == []
    note(site, "")
    assert alert(site) == [("job.recovered", "pass")]


def test_what_a_receiver_did_not_take_is_sent_while_passes_fail(site: Trial) -> None:
    """The alert waits in the outbox like any push; a job that fails says that it is due."""
    site.says = lambda _request: httpx.Response(503)
    for _ in range(3):
        note(site, "no disk")
    assert alert(site) == [("job.failing", "pass")]
    site.says = lambda _request: httpx.Response(204)
    assert not note(site, "no disk")
    site.now += HOUR
    assert note(site, "no disk")
    assert alert(site) == [("job.failing", "pass")]


def test_a_secret_that_is_not_there_keeps_the_alert_from_nobody_else(site: Trial) -> None:
    """No pass can be made without it: that is what the others are to hear."""
    site.tables = hears() + hears("desk").replace("secret_env", "secret_file")
    key = site.file.parent / "SECRET"
    key.write_text(SECRETS["SECRET"])
    site.make()
    key.unlink()
    site.write("b.md", title="B", date="2026-11-02")
    with pytest.raises(ConfigError):
        site.make()
    for _ in range(3):
        note(site, "the file SECRET can't be read")
    assert alert(site) == [("job.failing", "pass")]
    key.write_text(SECRETS["SECRET"])
    site.make()
    assert alerts(site) == [("job.failing", "pass")]


def fail_four_times(site: Trial) -> None:
    """Let one receiver fail in four passes, each with something to tell it."""
    site.says = down
    for day in range(4):
        site.write(f"b{day}.md", title="B", date="2026-11-02")
        site.make(hours=24)


def test_an_endpoint_is_told_to_the_others(site: Trial) -> None:
    """Once after three failures in a row, once when it answers; never to itself."""
    site.tables = hears() + hears("desk")
    site.make()
    fail_four_times(site)
    heard = [one for one in site.heard if one[1]["type"] == "endpoint.failing"]
    assert [body["data"]["id"] for _, body in heard] == ["ops"]
    assert heard[0][1]["data"]["says"].startswith("answered 503")
    assert open_alerts(site) == [("endpoint", "ops")]
    site.heard.clear()
    site.says = lambda _request: httpx.Response(204)
    site.make(hours=24)
    site.make(hours=24)
    assert alerts(site) == [("endpoint.recovered", "ops")]
    assert open_alerts(site) == []


def test_a_rebuilt_database_is_no_sign_that_an_endpoint_is_well(site: Trial) -> None:
    """Its attempts are not in the journal; only an answer counts."""
    site.tables = hears() + hears("desk")
    site.make()
    fail_four_times(site)
    site.forget()
    site.heard.clear()
    site.make()
    assert (alerts(site), open_alerts(site)) == ([], [("endpoint", "ops")])


def test_an_endpoint_that_a_person_lets_be_asked_again_is_not_well_for_that(site: Trial) -> None:
    """It never acknowledged anything: that it recovered is told when it does, once."""
    site.tables = hears() + hears("desk")
    site.says = down
    site.write("b.md", title="B", date="2026-11-02")
    for _ in range(4):
        site.make(hours=24)
    site.care(partial(switch, name="ops", state="disabled"))
    site.care(partial(switch, name="ops", state="active"))
    site.heard.clear()
    assert alert(site) == []
    assert open_alerts(site) == [("endpoint", "ops")]
    site.says = lambda _request: httpx.Response(204)
    for hours in (24, 24, 24):
        site.make(hours=hours)
    assert alerts(site) == [("endpoint.recovered", "ops")]


def test_an_endpoint_that_was_taken_out_is_forgotten(site: Trial) -> None:
    """Nobody is told that it goes well; nothing stands as failing for ever."""
    site.tables = hears() + hears("desk")
    site.make()
    fail_four_times(site)
    site.tables = hears("desk")
    assert (alert(site), open_alerts(site)) == ([], [])
    assert LEFT in "".join(file.read_text() for file in site.layout.journal.iterdir())


@pytest.mark.parametrize("lost", [False, True])
def test_a_job_that_is_done_no_more_is_forgotten(site: Trial, lost: bool) -> None:
    """At once for whoever looks, in silence for receivers, and for a database made anew, too."""
    for _ in range(3):
        note(site, "answered 500", name="heartbeat")
    assert alert(site) == [("job.failing", "heartbeat")]
    if lost:
        site.forget()
        site.make()
    assert unscheduled(facts(site.file, site.now), ["pass"]) == {"heartbeat"}
    assert jobs.leave(site.layout.state, {"heartbeat"}, site.now)
    assert needs(facts(site.file, site.now)) == []
    assert unscheduled(facts(site.file, site.now)) == set()
    assert (alert(site), open_alerts(site)) == ([], [])
    assert LEFT in "".join(file.read_text() for file in site.layout.journal.iterdir())
    assert not jobs.leave(site.layout.state, {"heartbeat"}, site.now)
    assert [note(site, "no", name="heartbeat") for _ in range(3)] == [False, False, True]
    assert alert(site) == [("job.failing", "heartbeat")]


def test_a_dry_run_tells_nobody(site: Trial) -> None:
    """It sends nothing, and remembers nothing."""
    for _ in range(3):
        note(site, "no disk")
    site.write("b.md", title="B", date="2026-11-02")
    site.make(dry_run=True)
    assert (alerts(site), open_alerts(site)) == ([], [])


def test_an_alert_brings_no_push_before_its_feed(site: Trial) -> None:
    """Where a document is not as it was written, nothing is sent: a pass has to write it first."""
    site.told()
    site.write("b.md", title="B", date="2026-11-02")
    site.die_at(Sender, "drain")
    (site.layout.public / "atom.xml").unlink()
    note(site, "broken")
    settings = load(site.file, registered())
    assert site.care(partial(tell, settings=settings)) == 0
    assert site.told() == []
    site.make()
    assert site.told() == [("published", "B", 1)]


def test_a_look_at_some_files_brings_no_push_before_its_feed(
    site: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon's pass is told of one file; somebody deleted the feed of what is owed."""
    site.told()
    site.write("b.md", title="B", date="2026-11-02")
    site.die_at(Sender, "drain")
    feed = site.layout.public / "atom.xml"
    feed.unlink()
    there: list[bool] = []

    def hear(_request: httpx.Request) -> httpx.Response:
        there.append(feed.exists())
        return httpx.Response(200)

    monkeypatch.setattr(site, "says", hear)
    site.age("a.md")
    site.make(written=frozenset({"a.md"}))
    assert (site.told(), there) == ([("published", "B", 1)], [True])


def test_who_is_told_by_a_look_at_some_files_finds_the_post(site: Trial) -> None:
    """The documents that hold it are written before it is told of, also one that was deleted."""
    site.told()
    (site.layout.public / "atom.xml").unlink()
    site.write("b.md", title="B", date="2026-11-02")
    site.make(written=frozenset({"b.md"}))
    assert site.told() == [("published", "B", 1)]
    assert "<title>B</title>" in site.feed()


def test_a_correction_before_the_restart_is_all_that_is_told(site: Trial) -> None:
    """What a killed pass owed is replaced by what its post says by then."""
    site.told()
    site.write("a.md", title="A wrong", date="2026-11-01")
    site.die_at(Sender, "drain")
    site.write("a.md", title="A right", date="2026-11-01")
    site.make()
    assert site.told() == [("updated", "A right", 3)]


def test_a_backlog_holds_up_no_pass(site: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a killed pass owed goes out before content is read, not what is merely late."""

    async def hurried(*_arguments: object, **_more: object) -> None:
        """Leave all for later, as a pass does that somebody waits for."""

    monkeypatch.setattr(Sender, "drain", hurried)
    site.write("b.md", title="B", date="2026-11-02")
    assert site.make().owed == 1
    began: list[object] = []
    monkeypatch.setattr(Pass, "catch_up", began.append)
    assert site.make(force=True).owed == 1
    assert began == []
