"""The benchmarks can be found, and measure on posts that are what they are said to be."""

from pathlib import Path

import pytest
from lxml import etree

from benchmarks import hub, push
from benchmarks.__main__ import main, verbs
from benchmarks.corpus import plain
from benchmarks.plot import plot


def test_every_benchmark_is_a_verb(capsys: pytest.CaptureFixture[str]) -> None:
    """Called without one, or with a wrong one, the door says which there are."""
    assert {"fetch", "normalise", "publish", "push", "reindex", "serve", "site"} <= verbs().keys()
    assert all(verbs().values())
    assert main([]) == 0
    assert main(["nothing"]) == 2
    assert capsys.readouterr().out.count("site") == 2


def test_made_up_posts_are_the_same_everywhere() -> None:
    """Each has a title and an address of its own, and one in ten a picture."""
    posts = dict(plain(50))
    assert posts == dict(plain(50))
    titles = {text.split(b"\n")[1] for text in posts.values()}
    assert len(titles) == len(posts) == 50
    assert sum(b"/images/" in text for text in posts.values()) == 5


def test_an_outbox_of_many_rows_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows made beside the program have every column that its own have."""
    push.rows(tmp_path, 1001)
    assert "a table of 1001 costs" in capsys.readouterr().out


def test_a_hub_of_many_subscribers_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hub is made as the program makes it, and all get what it sends."""
    sizes = ("--subscribers", "3", "--hosts", "2", "--size", "100")
    monkeypatch.setattr("sys.argv", ["hub", *sizes])
    hub.main()
    assert "3 received" in capsys.readouterr().out


def test_growth_is_drawn_as_lines() -> None:
    """Ten times the seconds for ten times the posts are as far up as across, in any size."""
    drawn = etree.fromstring(plot({"a: cold": [(10, 0.1), (100, 1.0), (1000, 10.0)]}).encode())
    line = next(iter(drawn.iter("{*}polyline"))).get("points", "").split()
    (x0, y0), (x1, y1), (x2, y2) = (map(float, spot.split(",")) for spot in line)
    assert x1 - x0 == x2 - x1 > 0
    assert y0 - y1 == y1 - y2 > 0
