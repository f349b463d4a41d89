"""What only a comparison of posts shows."""

from datetime import UTC, datetime, timedelta

import pytest

from syndicator.cycle.compare import compare, name, traits
from syndicator.model.posts import Candidate, LinkRef, Post, State, Trait

HOME = "https://site.example/"
DAY = datetime(2020, 12, 1, tzinfo=UTC)


def _traits(
    path: str, source: str = "", state: State = "published", **said: object
) -> list[Trait]:
    whole = {"path": path, "url": f"{HOME}{path}/", "title": path, "summary": "", "html": ""}
    post = Post(**{**whole, "published": DAY, **said})  # type: ignore[arg-type]  # tests name the fields they mean
    one = Candidate(
        path=path, source=source or f"of {path}", modified=DAY, standing="post", post=post
    )
    return traits(one, state, HOME)


def _found(*posts: list[Trait]) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in compare(one for some in posts for one in some)]


def test_posts_that_have_nothing_in_common_are_well() -> None:
    """Empty summaries and sources are no likeness."""
    assert _found(_traits("a"), _traits("b")) == []


def test_names_that_differ_in_case_or_accents_are_told() -> None:
    """On some disks and servers the two are one file."""
    names = ("a/Rain.md", "a/rain.md", "caf\u00e9.md", "cafe\u0301.md")
    found = list(compare(map(name, names)))
    assert [(one.code, one.path) for one in found] == [
        ("URL008", "a/rain.md"),
        ("URL008", "caf\u00e9.md"),
    ]
    assert "a/Rain.md" in found[0].says


def test_the_later_of_two_equal_posts_is_told() -> None:
    """The first one is not to blame; one title or summary may be capitalised otherwise."""
    assert _found(_traits("a", title="rain"), _traits("b", title="rain")) == [("TXT005", "b")]
    assert _found(
        _traits("a", summary="IT fell"), _traits("b", summary="IT fell"), _traits("c")
    ) == [("TXT003", "b")]


def test_a_copy_is_told_once() -> None:
    """That its title and summary are equal too goes without saying."""
    copies = [_traits(path, "same", title="rain", summary="It fell") for path in "ab"]
    assert _found(*copies) == [("URL009", "b")]


def test_letters_decide_whether_titles_are_equal() -> None:
    """Capitals make no other title or summary, for a reader's eye."""
    rain = _traits("a", title="RAIN", summary="IT fell"), _traits("b", title="Rain")
    assert _found(*rain, _traits("c", summary="it FELL")) == [("TXT005", "b"), ("TXT003", "c")]


def test_the_first_is_the_oldest() -> None:
    """Whatever order they are looked at in; of two of one moment, the first by path."""
    older = DAY - timedelta(days=1)
    posts = [_traits(name, title="Rain") for name in "bac"]
    assert sorted(_found(*posts)) == [("TXT005", "b"), ("TXT005", "c")]
    posts.append(_traits("d", title="Rain", published=older))
    assert sorted(_found(*posts)) == [("TXT005", "a"), ("TXT005", "b"), ("TXT005", "c")]


@pytest.mark.parametrize("state", ["held", "expired"])
def test_a_post_that_is_in_no_feed_is_like_no_other(state: State) -> None:
    """It stands in nobody's way until it is mended."""
    assert _traits("a", state=state) == []


def test_the_rarer_spelling_of_a_source_is_told() -> None:
    """Blanks, capitals and points make no other source."""
    posts = [
        _traits("a", source_name="C.N.A."),
        _traits("b", source_name="CNA"),
        _traits("c", source_name="CNA"),
        _traits("d", source_name="Taipei Times"),
    ]
    found = list(compare(one for some in posts for one in some))
    assert [(one.code, one.path, one.severity) for one in found] == [("TXT014", "a", "info")]
    assert found[0].says == "the source is spelt 'C.N.A.' here, 'CNA' elsewhere"


@pytest.mark.parametrize("written", ["/b/", "/b", "b/", "https://site.example/b/"])
def test_a_redirect_from_a_live_post_is_told(written: str) -> None:
    """However the old address is written."""
    found = _found(_traits("a", redirects=(written,)), _traits("b"))
    assert found == [("URL010", "a")]


def test_a_redirect_from_nowhere_or_to_itself_is_well() -> None:
    """An old address is there to be redirected from."""
    assert _found(_traits("a", redirects=("/gone/", "/a/"))) == []


def test_a_link_to_a_file_leads_to_its_post_or_is_told() -> None:
    """The address was taken from the path: the post may have another one, or be in no feed."""
    to = LinkRef(path="b.md", url=f"{HOME}b/", line=7)
    linking = _traits("a.md", links=(to,))
    assert _found(linking, _traits("b.md", url=f"{HOME}b/")) == []
    moved, taken = _traits("b.md", url=f"{HOME}x/"), _traits("c.md", url=f"{HOME}b/")
    assert _found(linking, moved) == [("MD008", "a.md")]
    (dead,) = compare(linking)
    assert (dead.line, dead.says) == (
        7,
        "the link to b.md leads to https://site.example/b, where no post is",
    )
    (wrong,) = compare([*linking, *moved, *taken])
    assert wrong.says.endswith("/b, where c.md is")
