"""Trailers: what stands at the end of a text and names its source."""

from dataclasses import replace
from datetime import date

import pytest
from test_normalise_post import SITE, front, post, problem, read

from syndicator.normalise.trailer import cut

DAY = date(2020, 12, 1)


@pytest.mark.parametrize(
    ("tail", "source", "day"),
    [
        ("\n\n<br/>\nDate: 2020-12-01\n<br/>\nSource: Taipei Times", "Taipei Times", DAY),
        ("\n\n<br/>\nDate: 2020-12-01\n<br/>\nSource: Taipei Times\n\n\n", "Taipei Times", DAY),
        ("\n\nDate：2020-12-01\nSource:CNA\n", "CNA", DAY),  # noqa: RUF001  # full width
        ("\n\nDate：2020-12-01  \n<br>\nSource：Focus Taiwan  \n", "Focus Taiwan", DAY),  # noqa: RUF001
        ("\r\n\r\n<br />\r\nDate: 2020-12-01\r\n<BR/>\r\nSource: CNA\r\n", "CNA", DAY),
        ("\r\rDate: 2020-12-01\rSource: CNA\r", "CNA", DAY),
        ("\n\nSource: CNA\nDate: 2020-12-01", "CNA", DAY),
        ("\n\n<br/>Date: 2020-12-01<br/>Source: CNA<br/>", "CNA", DAY),
        ("<br/>\nsource : CNA", "CNA", None),
        ("\n\nDate:2020-12-01", "", DAY),
        ("\n\n日期：2020-12-01\n來源：中央社\n", "中央社", DAY),  # noqa: RUF001
        ("\n来源:新华社", "新华社", None),
        ("\n\nSource: [CNA](https://cna.example/)", "[CNA](https://cna.example/)", None),
    ],
)
def test_trailers_are_cut(tail: str, source: str, day: date | None) -> None:
    """Every shape is read, and leaves the text with the breaks that belong to it."""
    found = cut("The text.<br/>\n\nMore." + tail)
    assert (found.source, found.day) == (source, day)
    assert found.body == "The text.<br/>\n\nMore."


@pytest.mark.parametrize(
    "body",
    [
        "![](a.png)\n\nSource: CNA\n\nThe text goes on.",
        "Text.\n\nDate: next week",
        "Text.\n\n    Source: CNA",
        "Text.\n\n> Source: CNA",
        "Text.\n\nSource:",
        "Text.\n\nSource: " + "a long sentence " * 20,
        "Text.\n\n```\nSource: CNA\n```\n",
        "Resource: CNA",
        "",
        "<br/>\n<br/>\n",
    ],
)
def test_what_is_no_trailer_stays(body: str) -> None:
    """Without a trailer the text comes back as it is, breaks and all."""
    found = cut(body)
    assert (found.body, found.source, found.day) == (body, "", None)


def test_of_two_sources_the_last_is_the_trailer() -> None:
    """A label is read once; a second one above it belongs to the text."""
    found = cut("Text.\n\nSource: A\nSource: B\n")
    assert found == ("Text.\n\nSource: A", "B", None, "")


def test_a_trailer_that_is_almost_one_is_said() -> None:
    """A last line that looks like a trailer and can't be read is shown to the author."""
    assert "2020.12.01" in problem(read(front("", "Text.\n\nDate 2020.12.01\n")), "MD004").says


def test_a_linked_source_is_named_by_its_text() -> None:
    """Markdown in a source's name is not part of the name."""
    assert post(front("", "Text.\n\nSource: [*CNA*](https://cna.example/)")).authors == ("CNA",)


def test_a_trailer_is_found_at_the_end_of_a_long_text() -> None:
    """The end of a text is read, however long the text."""
    found = cut("x" * 5_000 + "\nSource: CNA\n")
    assert (found.source, len(found.body)) == ("CNA", 5_000)


def test_front_matter_names_the_author_before_the_trailer() -> None:
    """The source is the author only where the front matter names none."""
    found = post(front("author: Chen", "Text.\n\nSource: CNA"))
    assert (found.authors, found.source_name) == (("Chen",), "CNA")


@pytest.mark.parametrize(
    ("labels", "tail", "source", "day"),
    [
        (("Quelle", "Datum"), "\nDatum: 2020-12-01\nQuelle: dpa", "dpa", DAY),
        (("Quelle",), "\nQuelle: dpa\n", "dpa", None),
        (("Via (x)",), "\nvia (X): dpa\n", "dpa", None),
        (("Published",), "\nPublished: 2020-12-01\n", "", DAY),
        (("Quelle", "Datum"), "\nSource: CNA\n", "", None),
        ((), "\nSource: CNA\n", "", None),
        (("Source",), "\nDate: 2020-12-01\nSource: CNA", "CNA", None),
    ],
)
def test_the_labels_are_a_setting(
    labels: tuple[str, ...], tail: str, source: str, day: date | None
) -> None:
    """Only the labels of the site are read, in any case; a day is the date, else the source."""
    found = cut("The text." + tail, labels)
    assert (found.source, found.day) == (source, day)


def test_a_day_label_takes_no_name() -> None:
    """``Date:`` with something else than a day is text, and told."""
    found = cut("The text.\nDate: next week")
    assert (found.body, found.doubtful) == ("The text.\nDate: next week", "Date: next week")


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("Text.\n\n![x](a.png)\nSource: CNA", ""),
        ("Text.\n\n<img src=a.png>\nSource: CNA\n", ""),
        ("Text.\n\n![x](a.png)\n\nSource: CNA", "CNA"),
        ("Text.\n\n![x](a.png)\n<br/>\nSource: CNA", "CNA"),
        ("Text.\n\n![x](a.png)\nDate: 2020-12-01\nSource: CNA", "CNA"),
    ],
)
def test_a_source_right_under_a_picture_is_the_pictures(body: str, source: str) -> None:
    """A line below the last picture, without a date or a break between, is its caption."""
    found = cut(body)
    assert found.source == source
    assert bool(source) is (found.body != body)


def test_the_site_names_its_labels() -> None:
    """The setting reaches the post."""
    site = replace(SITE, trailer=("Quelle",))
    found = post(front("", "Text.\n\nQuelle: dpa\nSource: CNA\n"), site=site)
    assert found.source_name == ""
    assert post(front("", "Text.\n\nQuelle: dpa\n"), site=site).source_name == "dpa"
