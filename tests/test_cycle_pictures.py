"""Pictures as the examination finds them: on the disk, and in what the archive says."""

import base64
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import odd_pictures
import pytest
from PIL import Image

from syndicator.archive.local import Roots
from syndicator.archive.sniff import Unfit, judge
from syndicator.cli.fix import apply
from syndicator.cycle.pictures import Pictures
from syndicator.doors.http.dial import FORBIDDEN
from syndicator.doors.index import Kept
from syndicator.model.posts import Problem, Site, Source
from syndicator.normalise import normalise

SITE = Site(
    title="Site",
    url="https://site.example/",
    timezone="Asia/Taipei",
    feeds="https://feeds.example/",
    authority="site.example",
)
FAR = "https://far.example/a.png"


def _bytes(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3, 2)).save(out, kind)
    return out.getvalue()


PNG, JPEG = _bytes("PNG"), _bytes("JPEG")
PHOTO = odd_pictures.GOOD["jpeg from a phone"].data
SCRIPTED = odd_pictures.GOOD["svg with a script"].data


def _state(digest: str = "", reason: str = "", plan: str = "retry") -> Kept:
    at = "2026-11-20T10:00:00+00:00"
    return Kept(digest=digest, extension="", size=1, plan=plan, reason=reason, tries=3, at=at)


class Desk:
    """A content folder and a static one, and a post to look at."""

    def __init__(self, root: Path) -> None:
        self.content, self.static = root / "content", root / "static"
        self.kept: dict[str, Kept] | None = None
        self.limit = 1_000_000
        for folder in (self.content, self.static):
            folder.mkdir()

    def put(self, name: str, data: bytes = PNG, *, static: bool = False) -> None:
        """Write a picture."""
        path = (self.static if static else self.content) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def source(self, body: str, keys: str = "") -> Source:
        """Make a post of a text, with more keys of front matter, each with its line end."""
        data = f"---\ntitle: Rain\ndate: 2020-12-01\n{keys}---\n{body}\n".encode()
        return Source(path="a.md", data=data, digest="", modified=datetime(2021, 1, 1, tzinfo=UTC))

    def look(
        self, body: str, read: Callable[[], bytes] | None = None, keys: str = ""
    ) -> list[Problem]:
        """Examine the pictures of a text; ``read`` is how its file is read once more."""
        source = self.source(body, keys)
        post = normalise(source, SITE).post
        assert post is not None
        pictures = Pictures(
            roots=Roots(content=self.content, static=(self.static,)),
            limit=self.limit,
            kept=self.kept,
        )
        return list(pictures.examine(source.path, read or (lambda: source.data), post))

    def codes(self, body: str) -> list[tuple[str, str]]:
        """Tell codes and severities of what is found."""
        return [(one.code, one.severity) for one in self.look(body)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Make a fresh one, without an archive."""
    return Desk(tmp_path)


def test_a_picture_that_is_what_its_name_says_is_well(desk: Desk) -> None:
    """Beside the post or in a static folder, in any of its type's endings."""
    desk.put("a.png")
    desk.put("img/b.JPEG", JPEG, static=True)
    assert desk.codes("![x](a.png) ![x](/img/b.JPEG)") == []


def test_a_post_is_read_once_more_only_to_tell_where_something_is_wrong(desk: Desk) -> None:
    """Nothing is wrong with most pictures; of what is, line and column are told."""
    reads = []

    def read() -> bytes:
        reads.append("once more")
        return desk.source("![x](a.png) ![x](b.png) ![x](c.png)").data

    desk.put("a.png")
    assert desk.look("![x](a.png)", read) == []
    assert reads == []
    found = desk.look("![x](a.png) ![x](b.png) ![x](c.png)", read)
    assert [(one.line, one.column) for one in found] == [(5, 18), (5, 30)]
    assert reads == ["once more"]


def test_bytes_decide_the_type(desk: Desk) -> None:
    """A PNG called .jpg is told, with the ending it should have; no ending tells no lie."""
    desk.put("a.jpg")
    desk.put("noending")
    (one,) = desk.look("![x](a.jpg) ![x](noending)")
    assert (one.code, one.line, one.column) == ("IMG002", 5, 6)
    assert one.says == "a.jpg is not what its name says, but image/png"
    assert one.hint == "name it *.png"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PNG[:-20], "IMG016"),
        (JPEG[: len(JPEG) // 2], "IMG016"),
        (b"<svg xmlns='urn:x'/>", "IMG003"),
        (b"II*\0 a TIFF", "IMG003"),
        (b"<!doctype html><title>404</title>", "IMG005"),
    ],
)
def test_what_is_no_picture_is_told_for_what_it_is(desk: Desk, data: bytes, code: str) -> None:
    """Half a picture, another type, a page."""
    desk.put("a.png", data)
    assert desk.codes("![x](a.png)") == [(code, "warning")]


@pytest.mark.parametrize(
    ("data", "code"), [(PHOTO, "IMG009"), (SCRIPTED, "IMG015"), (PNG[:-2], "IMG016")]
)
def test_what_a_picture_tells_is_told(desk: Desk, data: bytes, code: str) -> None:
    """A place, or a script, in a file of the author's own, or in the text: the site serves it."""
    desk.put("a", data)
    assert desk.codes("![x](a)") == [(code, "warning")]
    packed = base64.b64encode(data).decode()
    (one,) = desk.look(f"![x](data:;base64,{packed})")
    assert (one.code, one.severity, one.line, one.column) == (code, "warning", 5, 6)


def test_a_picture_too_large_is_told(desk: Desk) -> None:
    """By bytes as configured, by pixels as published."""
    desk.put("a.png")
    desk.limit = len(PNG) - 1
    assert desk.codes("![x](a.png)") == [("IMG007", "warning")]
    desk.limit = 1_000_000
    out = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(out, "PNG")
    desk.put("b.png", out.getvalue())
    assert desk.codes("![x](b.png)") == [("IMG007", "warning")]


def test_a_missing_picture_beside_the_post_is_an_error(desk: Desk) -> None:
    """Nothing is guessed where nothing is like it."""
    (one,) = desk.look("![x](a.png)")
    assert (one.code, one.severity, one.line, one.edits) == ("IMG001", "error", 5, ())


@pytest.mark.parametrize(
    ("there", "written", "mended"),
    [
        ("rain.JPG", "rain.jpg", "rain.JPG"),
        ("Img/Rain.jpg", "img/rain.jpg", "Img/Rain.jpg"),
        ("img/Rain.jpg", "./img/rain.jpg?v=1", "./img/Rain.jpg?v=1"),
        ("the rain.JPG", "the%20rain.jpg", "the%20rain.JPG"),
        ("雨.JPG", "雨.jpg", "%E9%9B%A8.JPG"),
    ],
)
def test_capitals_are_put_right_safely(desk: Desk, there: str, written: str, mended: str) -> None:
    """The one file that differs only in capitals was meant; nothing else of the post changes."""
    desk.put(there, JPEG)
    body = f"Before ![x]({written}) after"
    (one,) = desk.look(body)
    assert one.hint == f"did you mean {there.rpartition('/')[2]}?"
    assert one.safe
    source = desk.source(body)
    assert apply(source.data, [one]).data == source.data.replace(written.encode(), mended.encode())


@pytest.mark.parametrize(
    ("keys", "mended"),
    [
        (
            "images:\n  - thumbs/Rain.jpg\n  - Rain.jpg\n",
            "images:\n  - thumbs/Rain.jpg\n  - rain.jpg\n",
        ),
        (
            "image:\n  alt: Rain.jpg\n  path: Rain.jpg\n",
            "image:\n  alt: Rain.jpg\n  path: rain.jpg\n",
        ),
    ],
)
def test_capitals_of_front_matter_are_put_right_at_their_place(
    desk: Desk, keys: str, mended: str
) -> None:
    """A longer name that is right, and a text that is none, stay."""
    desk.put("rain.jpg", JPEG)
    desk.put("thumbs/Rain.jpg", JPEG)
    found = [one for one in desk.look("Text.", keys=keys) if one.edits]
    source = desk.source("Text.", keys)
    assert apply(source.data, found).data == source.data.replace(keys.encode(), mended.encode())


def test_a_likely_name_is_offered_and_not_sure(desk: Desk) -> None:
    """Another ending or a slip may be meant: only --unsafe-fixes writes it."""
    desk.put("rainfall.jpeg", JPEG)
    (one,) = desk.look("![x](rainfal.jpeg)")
    assert one.hint == "did you mean rainfall.jpeg?"
    assert one.edits
    assert not one.safe


def test_two_files_that_differ_in_capitals_are_no_answer(desk: Desk) -> None:
    """Which of the two was meant can't be told."""
    desk.put("RAIN.png")
    desk.put("Rain.png")
    (one,) = desk.look("![x](rain.png)")
    assert not one.safe


@pytest.mark.parametrize("name", ["link.png", "near/link.png"])
def test_a_link_out_of_the_folder_is_told_for_what_it_is(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    """The name is right, so no other is offered; what lies elsewhere is not the site's."""
    (tmp_path / "secret.png").write_bytes(PNG)
    desk.put("near/other.png")
    (desk.content / name).symlink_to(tmp_path / "secret.png")
    (found,) = desk.look(f"![x]({name})")
    assert (found.code, found.severity, found.edits) == ("IMG001", "error", ())
    assert found.says == f"{name} is a link that leads out of its folder"


@pytest.mark.parametrize(
    "name", ["x" * 300 + ".png", "%ED%A0%80.png", "a%00.png", "b/" * 3000, "雨" * 200]
)
def test_a_name_that_no_disk_can_hold_is_not_there(desk: Desk, name: str) -> None:
    """And stops nothing."""
    desk.put("雨.png")
    assert all(code == "IMG001" for code, _ in desk.codes(f"![x]({name}) ![y](雨.png/雨.png)"))


def test_a_picture_of_a_vault_is_found_in_either_place(desk: Desk) -> None:
    """Embedded by its name alone it lies beside the post, or in a static folder."""
    desk.put("a b.png")
    desk.put("c d.png", static=True)
    assert desk.codes("![[a b.png|x]] ![[c d.png|x]]") == []
    (one,) = desk.look("![[e f.png|x]]")
    says = "e f.png is not there: no such file beside the post, nor in a static folder"
    assert (one.code, one.severity, one.says) == ("IMG001", "error", says)


def test_a_folder_is_listed_once_however_many_pictures_are_missing(
    desk: Desk, listed: list[Path]
) -> None:
    """Else each costs as much as there are posts beside it."""
    desk.put("rain.JPG", JPEG)
    found = desk.look(" ".join(f"![x](a{n}.png)" for n in range(50)) + " ![x](rain.jpg)")
    assert [one.hint for one in found][-1] == "did you mean rain.JPG?"
    assert listed.count(desk.content) == 1


def test_no_text_is_meant_for_a_picture(desk: Desk) -> None:
    """A name like another one is a picture's."""
    desk.put("rain.pdf")
    (one,) = desk.look("![x](rain.png)")
    assert one.edits == ()


@pytest.mark.parametrize("static", [False, True])
def test_the_name_of_an_embedded_picture_is_put_right_as_it_is(
    desk: Desk, *, static: bool
) -> None:
    """A vault knows nothing of percent signs."""
    desk.put("the 100% rain.JPG", JPEG, static=static)
    body = "Before ![[the 100% rain.jpg|x]] after"
    (one,) = desk.look(body)
    source = desk.source(body)
    assert apply(source.data, [one]).data == source.data.replace(b".jpg", b".JPG")


def test_where_the_name_stands_twice_nothing_is_edited(desk: Desk) -> None:
    """The right bytes must be sure."""
    desk.put("rain.JPG", JPEG)
    (one,) = desk.look('![rain.jpg](rain.jpg "rain.jpg")')
    assert one.edits == ()


def test_a_static_picture_may_still_be_served_by_the_site(desk: Desk) -> None:
    """It is a warning until the site was asked, an error when that failed, nothing when kept."""
    body, url = "![x](/img/a.png)", "https://site.example/img/a.png"
    assert desk.codes(body) == [("IMG001", "warning")]
    desk.kept = {url: _state(reason="404 Not Found", plan="gone")}
    assert desk.codes(body) == [("IMG001", "error")]
    desk.kept = {url: _state("d" * 64, plan="kept")}
    assert desk.codes(body) == []


def test_a_lost_file_whose_copy_is_kept_is_a_warning(desk: Desk) -> None:
    """Readers still see it."""
    post = normalise(desk.source("![x](a.png)"), SITE).post
    assert post is not None
    desk.kept = {post.images[0].url: _state("d" * 64, plan="kept")}
    assert desk.codes("![x](a.png)") == [("IMG001", "warning")]


def test_without_an_archive_nothing_is_said_of_far_pictures(desk: Desk) -> None:
    """A check in a CI job has none, and must not complain of every picture."""
    assert desk.codes(f"![x]({FAR})") == []


def _unfit(data: bytes) -> str:
    verdict = judge(data)
    assert isinstance(verdict, Unfit)
    return verdict.reason


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, ("IMG013", "info")),
        (_state("d" * 64, plan="kept"), None),
        (_state(reason="404 Not Found", plan="gone"), ("IMG004", "warning")),
        (_state(reason="timed out"), ("IMG004", "warning")),
        (_state(reason=_unfit(b"<html>"), plan="suspect"), ("IMG005", "warning")),
        (_state(reason=_unfit(PNG[:-20]), plan="suspect"), ("IMG016", "warning")),
        (_state(reason=_unfit(b"GIF89a"), plan="suspect"), ("IMG016", "warning")),
        (_state(reason=_unfit(b"?"), plan="suspect"), ("IMG003", "warning")),
        (_state(reason="larger than 20 bytes", plan="refused"), ("IMG007", "warning")),
        (_state(reason=f"{FAR}: {FORBIDDEN}", plan="refused"), ("IMG008", "error")),
        (_state(reason="port 81 not allowed", plan="refused"), ("IMG008", "error")),
        (_state(reason="more than 5 redirects", plan="refused"), ("IMG004", "warning")),
        (_state("d" * 64, reason="404 Not Found", plan="gone"), ("IMG006", "warning")),
    ],
)
def test_what_the_archive_knows_of_a_far_picture_is_told(
    desk: Desk, state: Kept | None, expected: tuple[str, str] | None
) -> None:
    """Not kept yet, not fetched and why, kept but changed at its source."""
    desk.kept = {FAR: state} if state else {}
    assert desk.codes(f"![x]({FAR})") == ([expected] if expected else [])


def test_a_failed_fetch_says_why_how_often_and_when(desk: Desk) -> None:
    """All that is needed to decide whether to wait."""
    desk.kept = {FAR: _state(reason="503 Service Unavailable")}
    (one,) = desk.look(f"![x]({FAR})")
    assert one.says == f"{FAR}: 503 Service Unavailable (retry)"
    assert one.hint.startswith("asked for 3 times, last on 2026-11-20; put a copy")


def test_one_picture_under_two_addresses_is_noted(desk: Desk) -> None:
    """The archive knows it by its bytes."""
    desk.kept = {FAR: _state("d" * 64, plan="kept"), f"{FAR}?b": _state("d" * 64, plan="kept")}
    (one,) = desk.look(f"![x]({FAR}) ![x]({FAR}?b)")
    assert (one.code, one.severity) == ("IMG019", "info")


def test_ten_thousand_pictures_in_one_line_are_no_burden(desk: Desk) -> None:
    """Their columns are not looked for: that would take longer the more there are."""
    desk.kept = {}
    found = desk.look(" ".join(f"![x]({FAR}?{n})" for n in range(10_000)))
    assert len(found) == 10_000
    assert {one.column for one in found} == {0}
