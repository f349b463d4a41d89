"""Where things lie in an archive: what an archivist will look for in thirty years."""

from pathlib import Path

from syndicator.doors.layout import Layout, source_name

DIGEST = "83" * 32


def test_the_places_are_those_of_the_letter_to_the_finder(tmp_path: Path) -> None:
    """Every name is a promise; none of them is made by naming it."""
    at = Layout(tmp_path)
    shown = {
        name: Path(getattr(at, name)).relative_to(tmp_path).as_posix()
        for name in ("state", "lock", "journal", "scratch", "public", "media", "letter")
    }
    assert shown == {
        "state": "state.db",
        "lock": "lock",
        "journal": "journal",
        "scratch": "tmp",
        "public": "public",
        "media": "public/media",
        "letter": "README.txt",
    }
    assert list(tmp_path.iterdir()) == []


def test_a_blob_lies_by_its_digest() -> None:
    """Two letters of it are the folder."""
    assert Layout(Path("/r")).blob(f"{DIGEST}.jpg") == Path(f"/r/blobs/sha256/83/{DIGEST}.jpg")


def test_a_source_keeps_the_ending_of_markdown_and_no_other() -> None:
    """A path from outside names no ending that a web server or a shell would run."""
    endings = {"a.md": ".md", "a.MD": ".md", "a.markdown": ".markdown", "a.html": ".txt"}
    endings |= {"a": ".txt", "a.md/b": ".txt", "a.php": ".txt", ".md": ".txt"}
    assert {path: source_name("d", path) for path in endings} == {
        path: f"d{ending}" for path, ending in endings.items()
    }
