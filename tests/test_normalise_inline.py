"""Pictures written into a text: their bytes, their name, and what becomes of them."""

import base64
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial import PNG

from syndicator.model.posts import Post, Reading, Site, Source
from syndicator.normalise import normalise
from syndicator.normalise.inline import LIMIT, Broken, decode, name

PACKED = base64.b64encode(PNG).decode()
SITE = Site(
    title="S",
    url="https://site.example/",
    timezone="UTC",
    feeds="https://feeds.example/",
    authority="site.example",
)


def read(body: str, front: str = "") -> Reading:
    data = f"---\ntitle: A\ndate: 2026-11-01\n{front}---\n{body}\n".encode()
    modified = datetime(2026, 11, 1, tzinfo=UTC)
    return normalise(Source(path="a.md", data=data, digest="0" * 64, modified=modified), SITE)


def post(body: str, front: str = "") -> Post:
    found = read(body, front).post
    assert found is not None
    return found


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64," + PACKED,
        "DATA:image/png;charset=x;BASE64," + PACKED,
        "data:;base64," + PACKED.rstrip("="),
        "data:image/png;base64," + quote(PACKED) + "#x",
        "data:image/png;base64, " + "\n".join(PACKED[n : n + 9] for n in range(0, 99, 9))
        + PACKED[99:],
        "data:image/png," + "".join(f"%{byte:02x}" for byte in PNG),
    ],
)  # fmt: skip
def test_a_data_url_is_decoded_as_browsers_do(url: str) -> None:
    """Base64 with and without its padding, blanks and percent signs; or no base64 at all."""
    assert decode(url) == PNG


@pytest.mark.parametrize(
    "url", ["data:", "data:,", "data:x", "data:;base64,%%", "data:;base64,圖"]
)
def test_what_is_no_picture_at_all_is_broken(url: str) -> None:
    """Without a comma, without bytes, with letters that base64 has not."""
    with pytest.raises(Broken):
        decode(url)


def test_the_limit_counts_bytes_and_not_letters() -> None:
    """64 KiB are taken in any coding; a byte more is not."""
    most = bytes(range(256)) * (LIMIT // 256)
    for data, fits in ((most, most), (most + b"x", None)):
        assert decode("data:;base64," + base64.b64encode(data).decode()) == fits
        assert decode("data:," + "".join(f"%{byte:02X}" for byte in data)) == fits


@given(st.binary(min_size=1, max_size=300))
def test_a_name_is_that_of_the_bytes(data: bytes) -> None:
    """RFC 6920: the SHA-256 of the bytes, so that the same picture has one name everywhere."""
    kept = name(data).removeprefix("ni:///sha-256;")
    assert base64.urlsafe_b64decode(kept + "=") == sha256(data).digest()


def test_a_picture_within_a_text_is_a_picture_of_the_post() -> None:
    """Once, however often it stands there; the page does not carry it."""
    found = post(f"![A](data:image/png;base64,{PACKED}) ![B](data:;base64,{PACKED})")
    (ref,) = found.images
    assert (ref.url, ref.inline) == (name(PNG), PACKED)
    assert ref.written == f"data:image/png;base64,{PACKED}"[:64]
    assert found.html.count(f'src="{name(PNG)}"') == 2
    assert PACKED not in found.html


def test_front_matter_may_hold_one() -> None:
    """As the post's picture."""
    found = post("Text.", f"image: 'data:image/png;base64,{PACKED}'\n")
    assert found.lead is not None
    assert found.lead.url == name(PNG)


def test_a_placeholder_gives_way_to_the_picture_it_stands_for() -> None:
    """What a lazy page loads later is what readers get."""
    found = post(f'<img src="data:image/png;base64,{PACKED}" data-src="/a.png">')
    assert [ref.url for ref in found.images] == ["https://site.example/a.png"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("data:image/png;base64,%%%", "IMG016"),
        ("data:image/png;base64," + "A" * (2 * LIMIT), "IMG017"),
    ],
)
def test_what_can_not_be_taken_is_told_and_holds_nothing_back(url: str, code: str) -> None:
    """Its text stands in its place."""
    found = read(f"Before ![the text]({url}) after.")
    assert [one.code for one in found.problems if one.code.startswith("IMG")] == [code]
    assert found.post is not None
    assert "Before the text after." in found.post.html


def test_a_link_to_data_is_still_no_link() -> None:
    """Only pictures are taken."""
    assert "data:" not in post(f"[a](data:image/png;base64,{PACKED})").html
