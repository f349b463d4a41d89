"""Which file is which post, and what readers are told of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from newsroom import DAY, HOUR, NOW, Newsroom, Paper

from syndicator.model.posts import Standing
from syndicator.model.records import Record, Removal, Version

X = "https://site.example/x/"
Y = "https://site.example/y/"


def said(records: list[Record]) -> list[tuple[str, str, int]]:
    """Return kind or reason, path and number of each record."""
    return [
        (one.kind if isinstance(one, Version) else one.reason, one.path, one.seq)
        for one in records
        if isinstance(one, Version | Removal)
    ]


def room(**files: Paper) -> Newsroom:
    """Return a newsroom in which a pass was made of these files."""
    made = Newsroom(files={f"{name}.md": paper for name, paper in files.items()})
    made.make()
    return made


def ids(made: Newsroom) -> dict[str, str]:
    """Return the ids of live posts by path, short."""
    return {path: post.id.rpartition(":")[2] for path, post in made.live().items()}


def urls(made: Newsroom) -> dict[str, str]:
    """Return the addresses of live posts by path."""
    return {path: post.url for path, post in made.live().items()}


# --- ids ---


def test_a_new_post_gets_a_tag_of_authority_day_and_path() -> None:
    """The id names who minted it, the day of the post, and its file without the ending."""
    made = Newsroom(files={"news/5G ü.md": Paper()})
    (record,) = made.make()
    assert isinstance(record, Version)
    assert record.id == "tag:site.example,2026-11-01:news/5G%20%C3%BC"
    assert (record.kind, record.seq) == ("published", 1)
    assert (record.published, record.updated) == (DAY, DAY)


def test_a_pass_without_changes_says_nothing() -> None:
    """What readers were told once they are not told again, even if every file is read again."""
    made = room(a=Paper(), b=Paper(permalink=X))
    made.seen = {}
    assert made.make() == []


def test_an_edit_is_told_and_moves_updated_but_not_published() -> None:
    """The author changed what a reader notices, the date in the front matter too."""
    made = room(a=Paper())
    made.files["a.md"] = Paper(body="new", published=DAY - 30 * HOUR)
    (record,) = made.make(NOW + HOUR)
    assert isinstance(record, Version)
    assert (record.kind, record.seq) == ("updated", 2)
    assert (record.published, record.updated) == (DAY, NOW + HOUR)


def test_white_space_is_recorded_but_not_told() -> None:
    """The new bytes are what readers' state was made from; nobody hears of it."""
    made = room(a=Paper())
    made.files["a.md"] = Paper(space=1)
    (record,) = made.make(NOW + HOUR)
    assert isinstance(record, Version)
    assert (record.kind, record.seq, record.updated) == ("revised", 1, DAY)
    assert record.source == Paper(space=1).source


def test_the_front_matters_own_updated_stands() -> None:
    """An author who names the date of a change knows it better than the clock."""
    made = room(a=Paper())
    made.files["a.md"] = Paper(body="new", updated=DAY + HOUR)
    made.make()
    assert made.live()["a.md"].updated == DAY + HOUR


def test_a_renamed_file_keeps_its_id_and_is_not_told() -> None:
    """The same content under another name is the same post."""
    made = room(a=Paper())
    made.files = {"b.md": Paper()}
    assert said(made.make()) == [("moved", "b.md", 1)]
    assert ids(made) == {"b.md": "a"}


def test_a_renamed_file_keeps_its_id_over_a_removed_post_of_that_name() -> None:
    """What lies in the grave under that name does not rise in its place."""
    made = room(a=Paper(), b=Paper(body="old"))
    del made.files["b.md"]
    made.make()
    made.files = {"b.md": Paper()}
    assert said(made.make()) == [("moved", "b.md", 1)]
    assert ids(made) == {"b.md": "a"}


def test_a_renamed_and_edited_file_is_known_by_its_permalink() -> None:
    """File and content are new, the address is not."""
    made = room(a=Paper(permalink=X))
    made.files = {"b.md": Paper(body="new", permalink=X)}
    assert said(made.make()) == [("updated", "b.md", 2)]
    assert ids(made) == {"b.md": "a"}


def test_a_renamed_and_edited_file_without_permalink_is_another_post() -> None:
    """Nothing proves it to be the old one."""
    made = room(a=Paper())
    made.files = {"b.md": Paper(body="new")}
    assert said(made.make()) == [("published", "b.md", 1), ("removed", "a.md", 2)]


def test_a_rename_seen_in_two_passes_brings_the_post_back_under_its_id() -> None:
    """A file that was away in between comes back with its id, its date and the next number."""
    made = room(a=Paper())
    made.files = {}
    assert said(made.make()) == [("removed", "a.md", 2)]
    made.files = {"b.md": Paper()}
    assert said(made.make(NOW + HOUR)) == [("published", "b.md", 3)]
    assert ids(made) == {"b.md": "a"}
    assert made.live()["b.md"].published == DAY


def test_the_same_file_comes_back_as_the_same_post_however_changed() -> None:
    """Its name is enough: an author took it back and brings it again."""
    made = room(a=Paper())
    made.files = {}
    made.make()
    made.files = {"a.md": Paper(body="new", permalink=X, published=DAY + HOUR)}
    assert said(made.make()) == [("published", "a.md", 3)]
    assert made.live()["a.md"].published == DAY


def test_two_files_that_swap_names_swap_files_not_ids() -> None:
    """The content with its permalink is the post; where it lies does not matter."""
    made = room(a=Paper(body="A", permalink=X), b=Paper(body="B", permalink=Y))
    made.files = {"a.md": made.files["b.md"], "b.md": made.files["a.md"]}
    assert said(made.make()) == [("moved", "a.md", 1), ("moved", "b.md", 1)]
    assert ids(made) == {"a.md": "b", "b.md": "a"}
    assert urls(made) == {"a.md": Y, "b.md": X}


def test_two_files_that_swap_contents_without_permalinks_keep_their_addresses() -> None:
    """At each address there is other text now: two updates, no id moves."""
    made = room(a=Paper(body="A"), b=Paper(body="B"))
    made.files = {"a.md": Paper(body="B"), "b.md": Paper(body="A")}
    assert said(made.make()) == [("updated", "a.md", 2), ("updated", "b.md", 2)]
    assert ids(made) == {"a.md": "a", "b.md": "b"}


def test_two_posts_that_exchange_permalinks_keep_their_ids() -> None:
    """A new permalink changes no id, not even when it was the other one's a moment ago."""
    made = room(a=Paper(body="A", permalink=X), b=Paper(body="B", permalink=Y))
    made.files = {"a.md": Paper(body="A", permalink=Y), "b.md": Paper(body="B", permalink=X)}
    assert said(made.make()) == [("updated", "a.md", 2), ("updated", "b.md", 2)]
    assert ids(made) == {"a.md": "a", "b.md": "b"}
    assert urls(made) == {"a.md": Y, "b.md": X}
    assert not made.problems


def test_a_copy_is_a_new_post() -> None:
    """The original did not move, so the copy can't be it."""
    made = room(a=Paper())
    made.files["b.md"] = Paper()
    assert said(made.make()) == [("published", "b.md", 1)]
    assert ids(made) == {"a.md": "a", "b.md": "b"}


def test_a_copy_with_the_permalink_is_held_back() -> None:
    """Two posts can't have one address; the one that has it keeps it."""
    made = room(a=Paper(permalink=X))
    made.files["0.md"] = Paper(permalink=X)
    assert said(made.make()) == []
    (problem,) = made.problems.values()
    assert (problem.path, problem.code, problem.severity) == ("0.md", "URL001", "error")
    assert "https://site.example/x/" in problem.says


def test_a_file_renamed_over_another_ends_the_other_post() -> None:
    """No post stays in the feeds whose file is another post now."""
    made = room(a=Paper(body="A", permalink=X), b=Paper(body="B", permalink=Y))
    made.files = {"b.md": Paper(body="A", permalink=X)}
    assert said(made.make()) == [("moved", "b.md", 1), ("removed", "b.md", 2)]
    assert ids(made) == {"b.md": "a"}


def test_a_name_used_again_and_again_never_yields_an_id_twice() -> None:
    """Files are made from one template under one name and renamed on the same day."""
    made = Newsroom()
    for number in range(5):
        made.files["new.md"] = Paper()
        made.make(NOW + number * HOUR)
        made.files[f"{number}.md"] = made.files.pop("new.md")
        made.make(NOW + number * HOUR)
        made.files[f"{number}.md"] = Paper(body=f"written {number}")
        made.make(NOW + number * HOUR)
    assert len(set(ids(made).values())) == 5
    assert {one.title for one in made.live().values()} == {f"written {n}" for n in range(5)}


def test_two_endings_of_one_name_are_two_posts() -> None:
    """The id leaves out the ending; the second gets a free one, the same in every archive."""
    made = [
        Newsroom(files={"a.md": Paper(permalink=X), "a.markdown": Paper(permalink=Y)})
        for _ in range(2)
    ]
    made[0].make(NOW)
    made[1].make(NOW + HOUR)
    source = Paper(permalink=X).source[:12]
    assert ids(made[0]) == ids(made[1]) == {"a.markdown": "a", "a.md": f"a/{source}"}


# --- addresses ---


def test_of_two_new_posts_with_one_address_the_earlier_has_it() -> None:
    """Date decides, then the path."""
    made = room(a=Paper(permalink=X, published=DAY + HOUR), b=Paper(body="B", permalink=X))
    assert ids(made) == {"b.md": "b"}
    assert made.states["a.md"] == ("held", None)


def test_a_conflict_ends_when_the_owner_moves_away() -> None:
    """The owner keeps its id under its new permalink; the other is published as a new post."""
    made = room(a=Paper(permalink=X), b=Paper(body="B", permalink=X))
    made.files["a.md"] = Paper(permalink=Y)
    assert said(made.make()) == [("updated", "a.md", 2), ("published", "b.md", 1)]
    assert ids(made) == {"a.md": "a", "b.md": "b"}
    assert not made.problems


def test_a_conflict_ends_when_the_owner_goes() -> None:
    """The address keeps its id: readers find the other text under it."""
    made = room(a=Paper(permalink=X), b=Paper(body="B", permalink=X))
    del made.files["a.md"]
    assert said(made.make()) == [("updated", "b.md", 2)]
    assert ids(made) == {"b.md": "a"}


def test_a_conflict_ends_when_the_owner_expires() -> None:
    """In the very pass that takes the owner out of the feeds."""
    made = room(a=Paper(permalink=X, expires=NOW + HOUR), b=Paper(body="B", permalink=X))
    records = made.make(NOW + HOUR)
    assert said(records) == [("expired", "a.md", 2), ("published", "b.md", 1)]


def test_a_live_post_edited_into_a_conflict_stays_as_it_was() -> None:
    """Readers keep the earlier version until the address is sorted out."""
    made = room(a=Paper(permalink=X), b=Paper(body="B", permalink=Y))
    before = made.live()["b.md"]
    made.files["b.md"] = Paper(body="B2", permalink=X)
    assert said(made.make()) == []
    assert made.live()["b.md"] == before
    assert made.states["b.md"][0] == "held"
    made.files["b.md"] = Paper(body="B2", permalink=Y)
    assert said(made.make()) == [("updated", "b.md", 2)]


def test_a_chain_of_moves_is_made_at_once() -> None:
    """Each takes the address the next one leaves, whatever their order."""
    made = room(a=Paper(body="A", permalink=X), b=Paper(body="B", permalink=Y))
    made.files = {"a.md": Paper(body="A", permalink=Y), "b.md": Paper(body="B")}
    made.make()
    assert urls(made) == {"a.md": Y, "b.md": "https://site.example/b/"}


def test_who_can_not_move_keeps_its_address_and_stops_who_wanted_it() -> None:
    """B wants C's address and stays; so A can't have B's, and says so."""
    made = room(a=Paper(body="A"), b=Paper(body="B", permalink=X), c=Paper(body="C", permalink=Y))
    made.files |= {"a.md": Paper(body="A", permalink=X), "b.md": Paper(body="B", permalink=Y)}
    assert said(made.make()) == []
    assert urls(made)["b.md"] == X
    assert sorted(made.problems) == ["a.md", "b.md"]


def test_an_address_given_up_in_a_later_batch_is_free_in_the_same_pass() -> None:
    """The size of a batch decides nothing."""
    made = room(a=Paper(permalink=X), b=Paper(body="B", permalink=Y, published=DAY + HOUR))
    made.batch = 1
    made.files["a.md"] = Paper(permalink=Y)
    made.files["b.md"] = Paper(body="B", published=DAY + HOUR)
    made.make()
    assert urls(made)["a.md"] == Y
    assert not made.problems


def test_the_address_of_a_post_long_removed_may_go_to_another() -> None:
    """It is another post, with its own id and date; else it would hide among the old ones."""
    made = room(a=Paper(permalink=X))
    made.files = {}
    made.make()
    made.files = {"b.md": Paper(body="B", permalink=X, published=DAY + 48 * HOUR)}
    assert said(made.make()) == [("published", "b.md", 1)]
    assert made.live()["b.md"].published == DAY + 48 * HOUR


def test_a_file_renamed_into_a_conflict_takes_nothing_along() -> None:
    """Its old file is gone, the new one is held back; it returns under its id."""
    made = room(a=Paper(), c=Paper(body="C", permalink="https://site.example/b/"))
    made.files = {"b.md": Paper(), "c.md": made.files["c.md"]}
    assert said(made.make()) == [("removed", "a.md", 2)]
    del made.files["c.md"]
    assert said(made.make()) == [("published", "b.md", 3), ("removed", "c.md", 2)]
    assert ids(made) == {"b.md": "a"}


# --- seasons ---


def test_a_scheduled_post_waits_for_its_moment() -> None:
    """It is published when its date has come, not a second before."""
    due = NOW + HOUR
    made = room(a=Paper(published=due))
    assert made.states["a.md"] == ("scheduled", due)
    assert said(made.make(due - timedelta(microseconds=1))) == []
    assert said(made.make(due)) == [("published", "a.md", 1)]


def test_a_live_post_dated_into_the_future_stays() -> None:
    """What readers have is not taken back for a date."""
    made = room(a=Paper())
    made.files["a.md"] = Paper(body="new", published=NOW + HOUR)
    assert said(made.make()) == [("updated", "a.md", 2)]
    assert made.live()["a.md"].published == DAY


def test_a_post_leaves_when_it_expires_and_returns_when_it_does_not() -> None:
    """Expiry is a removal; a later date brings the same post back."""
    made = room(a=Paper(expires=NOW + HOUR))
    assert made.states["a.md"] == ("published", NOW + HOUR)
    assert said(made.make(NOW + HOUR)) == [("expired", "a.md", 2)]
    made.files["a.md"] = Paper()
    assert said(made.make(NOW + HOUR)) == [("published", "a.md", 3)]
    assert ids(made) == {"a.md": "a"}


def test_a_new_post_that_is_over_already_is_never_published() -> None:
    """Nobody was told of it, so nobody is told that it went."""
    made = room(a=Paper(expires=NOW))
    assert made.states["a.md"] == ("expired", None)
    assert made.known == {}


def test_a_draft_takes_a_post_out_and_the_post_comes_back() -> None:
    """It keeps its id, its date and its count."""
    made = room(a=Paper())
    made.files["a.md"] = Paper(standing="draft")
    assert said(made.make()) == [("draft", "a.md", 2)]
    made.files["a.md"] = Paper(published=DAY + HOUR)
    assert said(made.make()) == [("published", "a.md", 3)]
    assert made.live()["a.md"].published == DAY


def test_a_skipped_file_was_removed() -> None:
    """It is no post any more, and no draft either."""
    made = room(a=Paper())
    made.files["a.md"] = Paper(standing="skipped")
    assert said(made.make()) == [("removed", "a.md", 2)]


def test_a_draft_whose_text_went_to_another_file_does_not_end_the_post() -> None:
    """The post lives where its content lies now."""
    made = room(a=Paper(permalink=X))
    made.files = {"a.md": Paper(standing="draft"), "b.md": Paper(permalink=X)}
    assert said(made.make()) == [("moved", "b.md", 1)]


@pytest.mark.parametrize("standing", ["held", "draft", "skipped"])
def test_what_was_never_a_post_leaves_no_trace(standing: Standing) -> None:
    """Nobody is told of a file that never was published."""
    made = room(a=replace(Paper(), standing=standing))
    assert made.known == {}
    assert made.states["a.md"] == (standing, None)


def test_a_broken_file_changes_nothing_for_readers() -> None:
    """The earlier version stays, with its address."""
    made = room(a=Paper(permalink=X))
    made.files["a.md"] = Paper(standing="held")
    made.files["b.md"] = Paper(body="B", permalink=X)
    assert said(made.make()) == []
    assert ids(made) == {"a.md": "a"}
    assert made.states == {"a.md": ("held", None), "b.md": ("held", None)}


# --- ids that front matter declares ---


def test_a_post_whose_declared_id_changed_is_held_back() -> None:
    """What was published stays, under its address, until the old id is there again."""
    made = room(a=Paper(declared="rain"))
    made.files["a.md"] = Paper(declared="rain-1", body="other", permalink=X)
    assert made.make() == []
    problem = made.problems["a.md"]
    assert (problem.code, problem.severity) == ("URL002", "error")
    assert "'rain-1'" in problem.says
    assert "'rain'" in problem.says
    assert urls(made) == {"a.md": "https://site.example/a/"}
    made.files["a.md"] = Paper(declared="rain", body="other", permalink=X)
    assert said(made.make()) == [("updated", "a.md", 2)]
    assert made.problems == {}


def test_an_id_may_be_added_and_left_out_but_not_exchanged() -> None:
    """The first one that was declared is remembered, whatever was left out in between."""
    made = room(a=Paper())
    for declared in ("rain", ""):
        made.files["a.md"] = Paper(declared=declared)
        made.make()
        assert made.problems == {}
    made.files["a.md"] = Paper(declared="wind")
    assert made.make() == []
    assert made.problems["a.md"].code == "URL002"


def test_a_post_that_would_be_over_before_its_date_is_looked_at_when_it_is_over() -> None:
    """It waits for its date no longer than it has time."""
    made = room(a=Paper(published=NOW + 2 * HOUR, expires=NOW + HOUR))
    assert made.states == {"a.md": ("scheduled", NOW + HOUR)}
    assert made.make(NOW + HOUR) == []
    assert made.states == {"a.md": ("expired", None)}


def test_a_post_of_another_id_that_takes_an_address_over_is_another_post() -> None:
    """Without declared ids, or with the same, it would be the old one in a new file."""
    made = room(a=Paper(declared="rain", permalink=X))
    made.files = {"b.md": Paper(declared="wind", body="other", permalink=X)}
    assert said(made.make()) == [("published", "b.md", 1), ("removed", "a.md", 2)]
    assert made.problems == {}
