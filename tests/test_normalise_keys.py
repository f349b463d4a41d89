"""The table of keys: what is read, and what the page about it says."""

from pathlib import Path

import pytest
from test_normalise_post import front, post

from syndicator.normalise import keys
from syndicator.normalise.values import folded

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "reading-posts.md"


def test_the_page_has_the_table_of_the_code() -> None:
    """What the page says of keys is what the program reads."""
    text = PAGE.read_text("utf-8")
    between = text.partition("compared by a test -->\n")[2].partition("\n<!-- end of keys")[0]
    assert between == keys.markdown()


def test_no_key_means_two_things() -> None:
    """But for ``published``, which is decided by its value, each key stands in one row."""
    seen: dict[str, str] = {}
    for row in keys.TABLE:
        for name in row.spellings:
            assert folded(name) not in seen or folded(name) == "published", name
            seen[folded(name)] = row.field


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("title", "B", "B"),
        ("summary", "It fell.", "It fell."),
        ("authors", "Ann", ("Ann",)),
        ("tags", "x", ("x",)),
        ("categories", "x", ("x",)),
        ("language", "de", "de"),
        ("redirects", "/old/", ("https://site.example/old/",)),
        ("canonical", "https://b.example/x", "https://b.example/x"),
        ("source_url", "https://b.example/y", "https://b.example/y"),
        ("declared_id", "x-1", "x-1"),
    ],
)
def test_every_spelling_is_read(field: str, value: str, expected: object) -> None:
    """Each key of a row, alone, says what the row is about."""
    row = next(one for one in keys.TABLE if one.field == field)
    for name in row.spellings:
        outer, _, inner = name.rpartition(".")
        line = f"{outer}:\n  {inner}: {value}" if outer else f"{name}: {value}"
        found = post(f"---\n{line}\n---\nText.\n" if field == "title" else front(line))
        read = getattr(found, "tags" if field == "categories" else field)
        assert read == expected, name


@pytest.mark.parametrize("field", ["published", "updated", "expires"])
def test_every_spelling_of_a_date_is_read(field: str) -> None:
    """Each key of a date, alone, gives that moment."""
    row = next(one for one in keys.TABLE if one.field == field)
    for name in row.spellings:
        found = post(front(f"{name}: 2031-02-03T04:05:06Z"))
        at = getattr(found, field)
        assert at is not None, name
        assert at.isoformat() == "2031-02-03T04:05:06+00:00", name


def test_every_spelling_of_a_picture_is_read() -> None:
    """Each key of a picture, alone, gives the lead; ``header`` holds it one level down."""
    row = next(one for one in keys.TABLE if one.field == "image")
    for name in row.spellings:
        line = "header: {teaser: a.png}" if name == "header" else f"{name}: a.png"
        found = post(front(line))
        assert found.lead is not None, name
        assert found.lead.written == "a.png", name
