"""What is told to others says nothing of this machine's folders, and gives no key away."""

from pathlib import Path

import pytest
from entries import NOW, SITE

from syndicator.model.records import Alerted
from syndicator.publish.http import Http
from syndicator.publish.messages import Letter
from syndicator.publish.private import without_folders, without_query


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'/home/ann/site/a.md', /var/x/; /lone", "'…/a.md', …/; /lone"),
        ("/srv/My Blog/content/a.md is gone", "…/a.md is gone"),
        ("'/home/anna/Bob's stuff/secret/x.md'", "'…/x.md'"),
        ("\N{LEFT DOUBLE QUOTATION MARK}/srv/a,b/c d/e", "\N{LEFT DOUBLE QUOTATION MARK}…/e"),
        ("/srv/blog/a.part to /srv/blog/a", "…/a.part to …/a"),
        ("/srv/x is missing, see /var/log/y", "…/x is missing, see …/y"),
        ("file:///srv/blog/state.db", "file:…/state.db"),
        ("file://localhost/srv/blog/state.db", "file:…/state.db"),
        ("root:/home/anna/secret/x", "root:…/x"),
        ("/srv/a:b/c/d", "…/d"),
        ("(sqlite:////srv/blog/archive/state.db)", "(sqlite:…/state.db)"),
        ("~/private/x/y.md", "…/y.md"),
        ("'/srv/x/y.md' -> '/srv/x/z.md'", "'…/y.md' -> '…/z.md'"),
        ("path=/a/b/c", "path=…/c"),
        ("2026/11/a.md:3", "2026/11/a.md:3"),
    ],
)
def test_of_a_path_its_last_part_is_shown(text: str, shown: str) -> None:
    """Whatever stands around it, and with blanks in it; what is below the content stays."""
    assert without_folders(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.example/b/c: 404", "https://a.example/b/c: 404"),
        ("see https://a.example/b-/(c)/d/e", "see https://a.example/b-/(c)/d/e"),
        (
            "HTTPS://a.example/x.jpg?X-Amz-Signature=1&token=it's gone",
            "HTTPS://a.example/x.jpg?… gone",
        ),
        ("https://ann:pass@a.example/x", "https://a.example/x"),
        ("https://a.example?key=1", "https://a.example?…"),
        ("what? no", "what? no"),
    ],
)
def test_of_an_address_all_but_its_keys_is_shown(text: str, shown: str) -> None:
    """A query may hold a signature or a token."""
    assert without_folders(text) == shown


def test_a_query_of_any_form_is_left_out() -> None:
    """Where all of a text is the address."""
    assert without_query("https://a.example/x?a b'c=\"1") == "https://a.example/x?…"
    assert without_query("https://a.example/x") == "https://a.example/x"
    assert (
        without_query("https://me:hush@a.example/x@2x.png?k=1") == "https://a.example/x@2x.png?…"
    )


def test_known_folders_are_left_out_whatever_their_names() -> None:
    """Literally, the longest first; what only begins like one is another."""
    roots = [Path("/srv/a, b; c"), Path("/srv/a, b; c/content"), Path("/")]
    assert without_folders("/srv/a, b; c/content/x/y.md", roots) == "…/x/y.md"
    assert without_folders("'/srv/a, b; c/z.md' gone", roots) == "'…/z.md' gone"
    assert without_folders("/srv/bc is no folder", [Path("/srv/b")]) == "…/bc is no folder"
    assert without_folders("no /home/anna here", [Path("/home/anna")]) == "no … here"


def test_alerts_tell_no_folders() -> None:
    """Neither a webhook nor a chat learns where this machine keeps what."""
    says = "could not write /srv/blog/archive/state.db: see https://a.example/?token=1"
    alerted = Alerted(at=NOW, kind="job", name="pass", state="failing", failures=3, says=says)
    table = {"type": "http", "name": "chat", "secret_env": "X", "preset": "discord"}
    told = Http.model_validate(table | {"events": ["job.failing"]})
    chat = told.alert(alerted, SITE)
    assert chat is not None
    for notice in (Letter("ops", "standard", SITE).alerted(alerted), chat):
        body = notice.body.decode()
        assert "could not write …/state.db: see https://a.example/?…" in body
