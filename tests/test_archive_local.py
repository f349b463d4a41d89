"""Pictures that lie on this disk."""

import base64
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from records import AT
from trial import PNG

from syndicator.archive.local import Roots, capture, find, inline
from syndicator.doors import files
from syndicator.doors.files import GONE
from syndicator.model.pictures import Want
from syndicator.model.records import Capture

URL = "https://site.example/images/a.png"


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """Make a content folder and two static roots, all empty."""
    for name in ("content", "one", "two"):
        (tmp_path / name).mkdir()
    return Roots(content=tmp_path / "content", static=(tmp_path / "one", tmp_path / "two"))


def want(*beside: str, static: str = "images/a.png", tries: int = 0) -> Want:
    return Want(
        url=URL,
        written="/images/a.png",
        posts=("a.md",),
        tries=tries,
        beside=beside,
        static=(static,),
    )


def put(path: Path, data: bytes = PNG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_beside_the_post_goes_before_the_static_roots(roots: Roots) -> None:
    """And the first static root before the second."""
    two = put(roots.static[1] / "images" / "a.png")
    assert find(want("x/a.png"), roots).file == two
    one = put(roots.static[0] / "images" / "a.png")
    assert find(want("x/a.png"), roots).file == one
    beside = put(roots.content / "x" / "a.png")
    assert find(want("x/a.png"), roots).file == beside


def test_every_place_that_was_looked_at_is_told(roots: Roots) -> None:
    """So that a file that comes to one of them is noticed."""
    file = put(roots.static[1] / "images" / "a.png")
    found = find(want("x/a.png"), roots)
    assert found.looked == (
        (str(roots.content / "x/a.png"), GONE),
        (str(roots.static[0] / "images/a.png"), GONE),
        (str(file), files.stat(file)),
    )
    nowhere = find(want(static="images/none.png"), roots)
    assert (nowhere.file, len(nowhere.looked)) == (None, 2)


def test_nothing_outside_of_the_roots_is_found(roots: Roots) -> None:
    """A post can't publish a file of the machine."""
    put(roots.content.parent / "secret.png")
    (roots.content / "link.png").symlink_to(roots.content.parent / "secret.png")
    for beside in ("../secret.png", "link.png", "/etc/passwd"):
        assert find(want(beside), roots).file is None


def test_a_picture_is_captured_with_all_that_is_known_of_it(roots: Roots) -> None:
    """Digest, type by its bytes, size in pixels, and the file it came from."""
    file = put(roots.content / "a.jpg")
    made, data, _ = capture(want(), file, 10_000, AT)
    assert data == PNG
    assert made == Capture(
        at=AT,
        url=URL,
        written="/images/a.png",
        came_from=str(file),
        digest=sha256(PNG).hexdigest(),
        media_type="image/png",
        extension=".png",
        size=len(PNG),
        width=8,
        height=6,
        posts=("a.md",),
    )


@pytest.mark.parametrize(
    ("data", "limit", "why"),
    [
        (b"<html>404</html>", 1000, ""),
        (b"", 1000, ""),
        (PNG, len(PNG) - 1, "larger than"),
        (None, 1000, "No such file"),
    ],
)
def test_what_is_wrong_with_a_file_is_its_authors_to_mend(
    roots: Roots, data: bytes | None, limit: int, why: str
) -> None:
    """No time is set to look again: a change of the file is the sign."""
    file = roots.content / "a.png"
    if data is not None:
        put(file, data)
    made, kept, _ = capture(want(tries=2), file, limit, AT)
    assert (made.plan, made.retry_at, made.digest, made.tries) == ("suspect", None, "", 3)
    assert why in made.reason
    assert made.reason
    assert kept == b""


def test_a_picture_within_a_post_is_judged_like_any_other() -> None:
    """Its bytes are at hand; what is none is its author's to mend."""
    found = Want(url="ni:///sha-256;x", inline=base64.b64encode(PNG).decode())
    made, data, _ = inline(found, AT)
    assert (made.plan, made.came_from, made.media_type, data) == (
        "kept",
        "data:",
        "image/png",
        PNG,
    )
    made, data, _ = inline(replace(found, inline=base64.b64encode(b"<html>").decode()), AT)
    assert (made.plan, made.retry_at, data) == ("suspect", None, b"")
    assert made.reason == "an HTML page, not a picture (data:)"


def test_a_public_copy_is_itself(roots: Roots) -> None:
    """A post that names a picture of the feeds does not have us fetch from ourselves."""
    name = f"{sha256(PNG).hexdigest()}.png"
    media = roots.content.parent / "media"
    own = replace(roots, media=media, media_url="https://feeds.example/media/")
    file = put(media / name)
    named = Want(url=f"https://feeds.example/media/{name}")
    assert find(named, own).file == file
    for other in ("https://other.example/media/", "https://feeds.example/media/../media/"):
        assert find(replace(named, url=other + name), own).file is None
    assert find(named, roots).file is None
