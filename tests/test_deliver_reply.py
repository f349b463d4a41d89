"""What is kept of a reply: bounded, harmless, and without what is secret."""

import pytest

from syndicator.deliver.reply import BLANK, MOST, head
from syndicator.model import Answer, Request

URL = "https://hooks.example/services/T000000/B0-canary?key=Qz81xx"


def reply(body: bytes, *, secret: str = "", most: int = 16384, **headers: str) -> str:
    """Return what is kept of an answer to one request."""
    token = (("Authorization", "Bearer abcdef123456"),)
    request = Request(url=URL, headers=token, most=most)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head(Answer(status=400, headers=named, body=body, url=URL), [secret], [request])


def test_headers_and_body_are_told() -> None:
    """What a person needs to see why; its time is known."""
    said = reply(b'{"error": "no such field"}', content_type="application/json", date="now")
    assert said == 'content-type: application/json\n\n{"error": "no such field"}'


@pytest.mark.parametrize(
    "echo",
    [
        URL,
        URL.replace("/", "\\/"),
        "https%3A%2F%2Fhooks.example%2Fservices%2FT000000%2FB0-canary%3Fkey%3DQz81xx",
        "GET /SERVICES/t000000/b0-CANARY",
        "&#47;T000000&#47;B0-canary",
        "authorization: Bearer abcdef123456",
        "key whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)
def test_what_was_sent_comes_back_blanked(echo: str) -> None:
    """In any spelling that keeps letters and digits together."""
    said = reply(f"You sent {echo}.".encode(), secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert BLANK in said
    for word in ("T000000", "canary", "Qz81xx", "abcdef123456", "MfKQ9r8GKY"):
        assert word.lower() not in said.lower()


def test_half_a_secret_at_the_end_is_left_out() -> None:
    """Where reading stopped in its middle, nobody would know it."""
    body = b"You sent /services/T00000"
    assert reply(body, most=len(body)) == f"You sent /{BLANK}/…"
    assert reply(b"x " * MOST + b"T00000")[-3:] == "x …"


def test_no_control_character_is_kept() -> None:
    """It is shown on a terminal one day; what is no UTF-8 is told as such."""
    assert reply(b"a\x1b[2J\x00\r\nb\xff\xc2\x9b") == "a [2J  \nb\N{REPLACEMENT CHARACTER} "
