"""What only a comparison of posts shows."""

from datetime import UTC, datetime

import pytest

from syndicator.cycle.compare import Facts, compare, facts
from syndicator.model import Post

HOME = "https://site.example/"


def _facts(path: str, **parts: object) -> Facts:
    own = facts(
        Post(
            path=path,
            url=f"{HOME}{path}/",
            title=path,
            summary="",
            html="",
            published=datetime(2020, 12, 1, tzinfo=UTC),
        ),
        f"digest of {path}",
    )
    return own._replace(**parts)  # type: ignore[arg-type]  # each part is given with its type


def _found(*posts: Facts) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in compare([], posts, HOME)]


def test_posts_that_have_nothing_in_common_are_well() -> None:
    """Empty summaries and sources are no likeness."""
    assert _found(_facts("a"), _facts("b")) == []


def test_names_that_differ_in_case_or_accents_are_told() -> None:
    """On some disks and servers the two are one file."""
    found = list(compare(["a/Rain.md", "a/rain.md", "caf\u00e9.md", "cafe\u0301.md"], [], HOME))
    assert [(one.code, one.path) for one in found] == [
        ("URL008", "a/rain.md"),
        ("URL008", "caf\u00e9.md"),
    ]
    assert "a/Rain.md" in found[0].says


def test_the_later_of_two_equal_posts_is_told() -> None:
    """The first one is not to blame; one title or summary may be capitalised otherwise."""
    assert _found(_facts("a", title="rain"), _facts("b", title="rain")) == [("TXT005", "b")]
    assert _found(_facts("a", summary=b"1"), _facts("b", summary=b"1"), _facts("c")) == [
        ("TXT003", "b")
    ]


def test_a_copy_is_told_once() -> None:
    """That its title and summary are equal too goes without saying."""
    copy = {"digest": "same", "title": "rain", "summary": b"1"}
    assert _found(_facts("a", **copy), _facts("b", **copy)) == [("URL009", "b")]


def test_letters_decide_whether_titles_are_equal() -> None:
    """Capitals make no other title, for a reader's eye."""
    one = Post(
        path="a",
        url=HOME,
        title="Rain",
        summary="IT fell",
        html="",
        published=datetime(2020, 12, 1, tzinfo=UTC),
    )
    assert facts(one, "1").title == "rain"
    assert facts(one, "1").summary != b""


def test_the_rarer_spelling_of_a_source_is_told() -> None:
    """Blanks, capitals and points make no other source."""
    posts = [
        _facts("a", source_name="C.N.A."),
        _facts("b", source_name="CNA"),
        _facts("c", source_name="CNA"),
        _facts("d", source_name="Taipei Times"),
    ]
    found = list(compare([], posts, HOME))
    assert [(one.code, one.path, one.severity) for one in found] == [("TXT014", "a", "info")]
    assert found[0].says == "the source is spelt 'C.N.A.' here, 'CNA' in 2 other posts"


@pytest.mark.parametrize("written", ["/b/", "/b", "b/", "https://site.example/b/"])
def test_a_redirect_from_a_live_post_is_told(written: str) -> None:
    """However the old address is written."""
    found = _found(_facts("a", redirects=(written,)), _facts("b"))
    assert found == [("URL010", "a")]


def test_a_redirect_from_nowhere_or_to_itself_is_well() -> None:
    """An old address is there to be redirected from."""
    assert _found(_facts("a", redirects=("/gone/", "/a/"))) == []
