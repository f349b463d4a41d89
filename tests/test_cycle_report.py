"""The report of a pass: how things stand, the same whether it did something or not."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from trial import HOUR, START, Trial, webhook

from syndicator.model.report import Lane, Missing, Report


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site with a post of every state, and a first pass."""
    made = Trial(root=tmp_path, tables=webhook(since="all"))
    made.says = lambda request: httpx.Response(500 if request.method == "POST" else 404)
    made.write("live.md", title="Live", date="2026-11-01", image="https://img.example/a.png")
    made.write("more.md", title="More", date="2026-11-02", image="https://img.example/a.png")
    made.write("draft.md", title="Draft", date="2026-11-01", draft="true")
    made.write("later.md", title="Later", date="2027-01-01")
    made.write("broken.md", title="Broken", date="2026-99-99")
    made.write("over.md", title="Over", date="2026-11-01", expires="2026-11-02")
    return made


def standing(report: Report) -> dict[str, object]:
    """Return what does not depend on what the pass did."""
    names = ("seen", "live", "held", "drafts", "scheduled", "expired", "owed", "dead", "missing")
    return {name: getattr(report, name) for name in (*names, "lanes", "wake", "problems")}


def test_a_report_counts_what_there_is_and_what_was_done(site: Trial) -> None:
    """Every post once, pictures and pushes by their outcome."""
    report = site.make()
    assert (report.seen, report.live, report.held, report.drafts) == (6, 2, 1, 1)
    assert (report.scheduled, report.expired, report.skipped) == (1, 1, 0)
    assert (report.published, report.updated, report.removed) == (2, 0, 0)
    assert (report.images_kept, report.images_failed) == (0, 1)
    assert (report.sent, report.owed, report.dead) == (0, 2, 0)
    assert report.documents == ("atom.xml",)
    assert (report.unchanged, report.dry_run, report.seconds) == (False, False, 0.0)


def test_what_is_missing_is_told_with_its_posts_and_its_time(site: Trial) -> None:
    """One picture, two posts."""
    (missing,) = site.make().missing
    assert missing == Missing(
        url="https://img.example/a.png",
        reason=missing.reason,
        plan="gone",
        retry_at=missing.retry_at,
        posts=("live.md", "more.md"),
    )
    assert "404" in missing.reason
    assert missing.retry_at is not None
    assert missing.retry_at > site.now


def test_a_lane_that_failed_is_told_with_its_error_and_its_time(site: Trial) -> None:
    """The next attempt is in five seconds; the pass did not stay for it."""
    assert site.make().lanes == (
        Lane(
            endpoint="ops",
            owed=2,
            dead=0,
            next_at=site.now + timedelta(seconds=5),
            says="answered 500 Internal Server Error",
        ),
    )


def test_the_report_wakes_at_the_first_thing_due(site: Trial) -> None:
    """Here a push; without it a picture; without that a post."""
    assert site.make().wake == site.now + timedelta(seconds=5)
    site.tables = ""
    site.write("live.md", title="Live", date="2026-11-01")
    site.write("more.md", title="More", date="2026-11-02")
    report = site.make()
    assert report.missing == ()
    assert report.wake is not None
    assert report.wake.isoformat() == "2027-01-01T04:00:00+00:00"


def test_a_pass_that_does_nothing_reports_the_same(site: Trial) -> None:
    """Read from the state, without the machinery of a whole pass."""
    site.says = lambda _request: httpx.Response(400, headers={"webhook-delivery": "abort-message"})
    before = site.make()
    site.now -= HOUR  # the same moment: nothing has fallen due
    after = site.make()
    assert after.unchanged
    assert standing(after) == standing(before)
    assert (after.published, after.sent, after.documents) == (0, 0, ())
    assert before.dead == 2


def test_what_was_passed_over_is_told_by_a_quiet_pass_too(site: Trial) -> None:
    """A link in the content is no news after the first pass, and still no post."""
    (site.root / "content" / "link.md").symlink_to("live.md")
    site.says = lambda _request: httpx.Response(410)
    site.make()
    site.now -= HOUR
    report = site.make()
    assert report.unchanged
    assert "SRC001" in [problem.code for problem in report.problems]


def test_a_dry_run_reports_and_changes_nothing(site: Trial) -> None:
    """What a run would do, as a run would say it."""
    report = site.make(dry_run=True)
    assert (report.dry_run, report.published, report.live) == (True, 2, 2)
    assert report.documents == ("atom.xml",)
    assert not site.layout.root.exists()
    assert (site.heard, site.asked) == ([], [])
    assert site.now == START + HOUR
