"""What a pass finds wrong: told by run and status, journalled where it changed, at little cost."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from trial import PNG, Trial

from syndicator.doors import journal, lines
from syndicator.model.records import Noted
from syndicator.model.report import Report


@pytest.fixture
def site(tmp_path: Path) -> Trial:
    """Make a site of two posts that are alike, and a first pass."""
    made = Trial(root=tmp_path)
    made.write("a.md", title="Rain", date="2026-11-01")
    made.write("b.md", "More.", title="Rain", date="2026-11-02")
    made.make()
    return made


def codes(report: Report) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in report.problems]


def noted(site: Trial) -> list[tuple[str, list[str]]]:
    """Return what the journal says: files, and the codes of what is wrong with them."""
    records = [lines.decode(line) for _, line in journal.read(site.layout.journal)]
    return [
        (one.path, [note.code for note in one.problems])
        for one in records
        if isinstance(one, Noted)
    ]


def test_a_likeness_is_told_until_it_is_gone(site: Trial) -> None:
    """Also where the other post was changed; the journal has each change once."""
    assert codes(site.make()) == [("b.md", "TXT005")]
    site.write("a.md", title="Wind", date="2026-11-01")
    assert codes(site.make()) == []
    site.write("a.md", title="Rain", date="2026-11-01")
    assert codes(site.make()) == [("b.md", "TXT005")]
    site.remove("a.md")
    assert codes(site.make()) == []
    assert noted(site) == [
        ("b.md", ["TXT005"]),
        ("b.md", []),
        ("b.md", ["TXT005"]),
        ("b.md", []),
    ]


def test_a_post_that_comes_to_an_old_address_is_told_of_the_other(site: Trial) -> None:
    """The post that redirects from there was not touched."""
    site.write("b.md", "More.", title="B", date="2026-11-02", redirect_from="/c/")
    assert codes(site.make()) == []
    site.write("c.md", "New.", title="C", date="2026-11-03")
    assert codes(site.make()) == [("b.md", "URL010")]


def test_a_quiet_pass_tells_the_same_and_writes_nothing(site: Trial) -> None:
    """The journal is as long as it was."""
    before = site.files()
    report = site.make()
    assert report.unchanged
    assert codes(report) == [("b.md", "TXT005")]
    assert site.files() == before


def test_a_file_that_goes_takes_its_problems_along(site: Trial) -> None:
    """The journal says that nothing is wrong with it any more."""
    site.remove("b.md")
    assert codes(site.make()) == []
    assert noted(site)[-1] == ("b.md", [])


def test_a_database_made_anew_finds_the_same_and_journals_nothing(site: Trial) -> None:
    """What is wrong was known already."""
    site.write("c.MD", title="Out", date="2026-11-01")
    site.write("d.md", "![x](none.png)", title="Pictures", date="2026-11-01")
    before, said = site.make().problems, noted(site)
    assert [one.code for one in before] == ["TXT005", "SITE003", "IMG001"]
    site.forget()
    assert site.make().problems == before
    assert noted(site) == said


def test_a_link_astray_is_told_by_a_database_made_anew_until_its_post_comes(site: Trial) -> None:
    """It is known beside the others alone, and the post that links is not read again for it."""
    site.write("c.md", "[n](later.md)", title="C", date="2026-11-01")
    assert ("c.md", "MD008") in codes(site.make())
    site.forget()
    assert ("c.md", "MD008") in codes(site.make())
    site.write("later.md", title="Later", date="2026-11-01")
    assert {code for path, code in codes(site.make()) if path == "c.md"} == {"MD006"}


def test_problems_of_a_file_that_went_with_the_database_end(site: Trial) -> None:
    """Nobody could ever take them away again."""
    site.write("c.md", title="C", date="2026-99-99")
    assert codes(site.make())[-1] == ("c.md", "DATE003")
    site.remove("c.md")
    site.forget()
    assert codes(site.make()) == [("b.md", "TXT005")]
    assert noted(site)[-1] == ("c.md", [])


def test_what_nobody_wants_to_know_is_not_told_unless_it_holds(site: Trial) -> None:
    """By the configuration or by the post's own wish; why a post is missing is always told."""
    site.write("b.md", "More.", title="Rain", date="2026-11-02", syndicate="{ignore: [TXT005]}")
    assert codes(site.make()) == []
    site.write("b.md", "More.", title="Rain", date="2026-11-02")
    site.tables = '[check]\nignore = ["TXT005", "DATE"]\n'
    site.write("c.md", title="C", date="2026-99-99")
    assert codes(site.make()) == [("c.md", "DATE003")]
    site.tables = '[check.per-path]\n"b.*" = ["TXT"]\n'
    site.remove("c.md")
    assert codes(site.make()) == []
    site.tables = ""
    assert codes(site.make()) == [("b.md", "TXT005")]


def test_a_picture_s_problem_goes_when_the_picture_comes(site: Trial) -> None:
    """The post itself is not touched, nor read for anything else."""
    site.write("a.md", "![x](p.png)", title="A", date="2026-11-01")
    assert codes(site.make()) == [("a.md", "IMG001")]
    (site.root / "content" / "p.png").write_bytes(PNG)
    assert codes(site.make()) == []
    (site.root / "content" / "p.png").write_bytes(PNG[:40])
    assert codes(site.make()) == [("a.md", "IMG016")]


def test_a_file_that_is_passed_over_ends_the_quiet_once(site: Trial) -> None:
    """It is told and journalled by the next pass; the one after has nothing to do."""
    site.write("c.MD", title="C", date="2026-11-01")
    assert codes(site.make()) == [("b.md", "TXT005"), ("c.MD", "SITE003")]
    assert site.make().unchanged
    site.remove("c.MD")
    assert codes(site.make()) == [("b.md", "TXT005")]


def test_an_interrupted_pass_leaves_nothing_untold(site: Trial) -> None:
    """Stopped after a picture was fetched and before it was told: the next pass tells it."""
    site.write("a.md", "![x](p.png)", title="A", date="2026-11-01")
    site.make()
    (site.root / "content" / "p.png").write_bytes(PNG)
    stopped = site.order().stop
    stopped.set()
    site.make(stop=stopped)
    assert codes(site.make()) == []


def _asked(site: Trial) -> int:
    """Count the statements of a pass in which one post changed."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        site.write("new.md", f"At {site.now}.", title="Rain", date="2026-11-20")
        assert ("new.md", "TXT005") in codes(site.make())
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return count


def test_what_a_changed_post_costs_does_not_grow_with_the_site(site: Trial) -> None:
    """It is like a hundred others, and the database is asked as often as for four."""
    site.head = site.head.replace("limit = 0", "limit = 1")  # whole feeds cost what they hold
    for name in ("y1.md", "y2.md"):  # more than the feed holds: there is a history
        site.write(name, "Before.", title="Rain", date="2026-11-02")
    _asked(site)
    for name in ("y3.md", "y4.md"):  # and what changes has neighbours on both sides in it
        site.write(name, "After.", title="Rain", date="2026-11-02")
    site.make()
    few = _asked(site)
    for number in range(100):
        site.write(f"x{number}.md", f"No. {number}.", title="Rain", date="2026-11-03")
    site.make()
    assert _asked(site) <= few


def test_a_site_without_feeds_stays_so_where_no_file_was_looked_at(tmp_path: Path) -> None:
    """A pass that is told of none, as when a picture falls due, knows nothing of the site."""
    site = Trial(root=tmp_path)
    site.write("a.md", title="Rain", date="2026-11-01", draft="true")
    before = codes(site.make())
    assert before[-1][1] == "SITE004"
    site.make(written=frozenset(), force=True)
    assert codes(site.make(written=frozenset(), confirm=True)) == before
    assert codes(site.make()) == before
