"""URLs: what is read, what is refused, and what of them may be shown."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.doors.http import shown
from syndicator.doors.http.urls import join, read_url
from syndicator.errors import Refused


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h.example", b"/"),
        ("http://h.example?a=1", b"/?a=1"),
        ("http://h.example/a//b/%2C%25E7/w_1,h_2", b"/a//b/%2C%25E7/w_1,h_2"),
        ("http://h.example/%zz?x=1,2&s=A%2bB==&e=", b"/%zz?x=1,2&s=A%2bB==&e="),
        (
            "http://h.example/https://o.example//x?u=https://n//y",
            b"/https://o.example//x?u=https://n//y",
        ),
        ("http://h.example/x?", b"/x?"),
        ("http://h.example/x#part", b"/x"),
        ("http://h.example/a b.jpg", b"/a%20b.jpg"),
        ("http://h.example/圖.jpg", b"/%E5%9C%96.jpg"),
        (" \thttp://h.example/x\n", b"/x"),
    ],
)
def test_a_url_is_asked_byte_for_byte(url: str, target: bytes) -> None:
    """Nothing legal is decoded, encoded or normalised: signatures over URLs stay right."""
    assert read_url(url).raw_path == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/images/a.jpg",
        "file:///etc/passwd",
        "ftp://h.example/a.jpg",
        "javascript:alert(1)",
        "C:\\img\\a.png",
        "gopher://h.example:70/",
        "http:///a.jpg",
        "http://",
        "https:h.example/x",
        "http://user@h.example/",
        "http://user:pass@h.example/",
        "http://@@h.example/",
        "http://h.example\\@evil.example/",
        "http://h.example:0/",
        "http://h.example:65536/",
        "http://h.example:-1/",
        "http://h.example:8a/",
        "http://h ost.example/",
        "http://h%2eexample/",
        "http://%31%32%37.0.0.1/",
        "http://a..b/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 130}example/",
        "http://256.256.256.256/",
        "http://1.2.3.4.5/",
        "http://0177.0.0.01/",  # httpx reads no octal quads: refused as well
        "http://[::1/",
        "http://[zz]/",
        "http://h.example/a\nb",
        "http://h.example/a\x00b",
        "http://١٢٧.0.0.1/",
        f"http://h.example/{'a' * 70_000}",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    """Other schemes, user information, impossible hosts and ports never reach the network."""
    with pytest.raises(Refused):
        read_url(url)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://o.example//x?a=%2C", "https://o.example//x?a=%2C"),
        ("//o.example/y", "http://o.example/y"),
        ("/y//z?q=", "http://h.example:8080/y//z?q="),
        ("y.jpg", "http://h.example:8080/a//b/y.jpg"),
        ("?p=2", "http://h.example:8080/a//b/c?p=2"),
        ("#part", "http://h.example:8080/a//b/c?q=1"),
        ("", "http://h.example:8080/a//b/c?q=1"),
        (" /y ", "http://h.example:8080/y"),
        ("data:image/png,x", "data:image/png,x"),
    ],
)
def test_a_location_is_resolved_byte_for_byte(location: str, expected: str) -> None:
    """RFC 3986's rules, without the collapsing of empty segments that urljoin does."""
    assert join(httpx.URL("http://h.example:8080/a//b/c?q=1"), location) == expected


@pytest.mark.parametrize(
    ("url", "fetch", "send"),
    [
        (
            "https://h.example/a/b.jpg?sig=SECRET#SECRET",
            "https://h.example/a/b.jpg",
            "https://h.example/…",
        ),
        ("https://h.example", "https://h.example/", "https://h.example/…"),
        ("https://me:SECRET@h.example/x", "https://h.example/x", "https://h.example/…"),
        ("https://me:SE/CRET@h.example/x", "https://…", "https://…"),
        ("https://me:SE?CRET@h.example/x", "https://…", "https://…"),
        ("https://[::1]:80/x", "https://[::1]:80/x", "https://[::1]:80/…"),
        ("data:image/png;base64,SECRET", "data:…", "data:…"),
        ("no url with SECRET", "…", "…"),
        ("http://h.example/a\x1b[31mb", "http://h.example/a\ufffd[31mb", "http://h.example/…"),
    ],
)
def test_a_message_shows_no_secret_of_a_url(url: str, fetch: str, send: str) -> None:
    """Queries, fragments and passwords never, and paths only where they are no key."""
    assert (shown(url), shown(url, secret=True)) == (fetch, send)


@given(st.text())
def test_showing_never_fails_and_never_floods(text: str) -> None:
    """Whatever stands where a URL should, a message about it is short and printable."""
    result = shown(text)
    assert len(result) <= 200
    assert result.isprintable()


@given(st.text())
def test_reading_never_fails_otherwise_than_by_refusing(text: str) -> None:
    """Any text is a URL to ask, or ``Refused``."""
    for url in (text, f"http://{text}", f"http://h.example/{text}"):
        try:
            assert read_url(url).scheme in {"http", "https"}
        except Refused as refusal:
            assert refusal.says  # noqa: PT017  # both outcomes are right
