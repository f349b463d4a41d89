"""What a post asks not to be told."""

from datetime import UTC, datetime

import pytest

from syndicator.cli import rule
from syndicator.model.posts import Source
from syndicator.normalise.silence import Wish, wishes

NOW = datetime(2020, 12, 1, tzinfo=UTC)


def _wishes(text: str | bytes) -> tuple[Wish, ...]:
    data = text.encode() if isinstance(text, str) else text
    return wishes(Source(path="a.md", data=data, digest="", modified=NOW))


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("syndicate: {ignore: [IMG010, MD]}", ["IMG010", "MD"]),
        ("syndicate:\n  ignore: IMG010, MD", ["IMG010", "MD"]),
        ("syndicate:\n  ignore:\n    - IMG010\n    - MD 3", ["IMG010", "MD", "3"]),
        ("syndicate: IMG010", []),
        ("syndicate: {ignore: }", []),
    ],
)
def test_front_matter_names_codes(written: str, codes: list[str]) -> None:
    """As a list or as words."""
    found = _wishes(f"---\ntitle: Rain\n{written}\n---\nIt fell.\n")
    assert [wish.selector for wish in found] == codes


def test_a_comment_names_codes_and_its_place_is_known() -> None:
    """Anywhere in the text, several at once, by line and column of the file."""
    text = "---\ntitle: Rain\n---\nIt fell. <!-- syndicate-ignore IMG010, MD -->\n"
    assert _wishes(text) == (Wish("IMG010", (4, 10)), Wish("MD", (4, 10)))


@pytest.mark.parametrize(
    "body",
    [
        "`<!-- syndicate-ignore IMG010 -->`",
        "```\n<!-- syndicate-ignore IMG010 -->\n```",
        "    <!-- syndicate-ignore IMG010 -->",
        "<!-- syndicate-ignored IMG010 -->",
    ],
)
def test_code_that_shows_a_comment_silences_nothing(body: str) -> None:
    """A text about this program may quote the comment."""
    assert _wishes(f"---\ntitle: Rain\n---\n\n{body}\n") == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff syndicate",
        b"---\nsyndicate: [\n---\n",
        b"---\nsyndicate: 1",
        b"syndicate-ignore",
    ],
)
def test_what_cant_be_read_asks_for_nothing(data: bytes) -> None:
    """A broken post is told whole."""
    assert _wishes(data) == ()


def test_a_long_file_is_heard_at_its_beginning() -> None:
    """What it takes to hear it does not grow with the file."""
    front, asks = "---\ntitle: Rain\n", "\n<!-- syndicate-ignore MD -->\n"
    long = "It fell. " * 50_000
    assert [wish.selector for wish in _wishes(f"{front}---\n{asks}{long}")] == ["MD"]
    assert _wishes(f"{front}---\n{long}{asks}") == ()
    assert _wishes(f"{front}syndicate: {{ignore: MD}}\na: {'x' * 20_000}\n---\n") == ()


def test_how_far_is_told() -> None:
    """Who writes a comment reads so on the page of the rules."""
    told = " ".join(rule.PAGE.split())
    assert "in the first 256 KiB" in told
    assert "more than 16 KiB of front matter" in told
