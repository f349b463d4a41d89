"""What is kept of a reply: bounded, harmless, and without what is secret."""

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syndicator.deliver.reply import BLANK, MOST, head
from syndicator.model.feeds import Answer, Request

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
    assert reply(body, most=len(body)) == "You sent …"
    assert reply(b"x " * MOST + b"T00000")[-3:] == "x …"


def test_no_control_character_is_kept() -> None:
    """It is shown on a terminal one day; what is no UTF-8 is told as such."""
    assert reply(b"a\x1b[2J\x00\r\nb\xff\xc2\x9b") == "a [2J  \nb\N{REPLACEMENT CHARACTER} "


def spelt(secret: str) -> list[str]:
    """Write a secret in the ways in which servers write what they were sent."""
    written = [json.dumps(secret, ensure_ascii=one)[1:-1] for one in (True, False)]
    escaped = [one.replace("/", "\\/") for one in written]
    in_address = [quote(secret), quote(secret, safe=""), quote_plus(secret)]
    return [secret, html.escape(secret), *written, *escaped, *in_address]


@given(secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=8))
@example(secret="abcd-efgh-ijkl-mnop")
@example(secret="p@ss-w0rd!x")
@example(secret="a-b-c-d-e-f")
@example(secret="        ")
def test_no_secret_is_kept_whole_however_it_is_spelt(secret: str) -> None:
    """Neither an endpoint's, nor one that stands in a header of its configuration."""
    for echo in spelt(secret):
        body = f"<{echo}>".encode()
        answer = Answer(status=400, headers={}, body=body, url=URL)
        own = Request(url=URL, headers=(("X-Api-Key", secret),))
        for kept in (head(answer, [secret], [Request(url=URL)]), head(answer, [], [own])):
            assert secret not in kept
            assert echo not in kept
            assert BLANK in kept


@pytest.mark.parametrize("piece", ["abcd", "IJKL"])
def test_a_piece_of_a_secret_is_blanked(piece: str) -> None:
    """In any case, and where other signs stand between its pieces."""
    said = reply(f"it began with {piece}".encode(), secret="abcd-efgh-ijkl-mnop")
    assert said == f"it began with {BLANK}"


@pytest.mark.parametrize("read", range(1, 20))
def test_the_beginning_of_a_secret_that_reading_stopped_in_is_left_out(read: int) -> None:
    """Whatever it is made of."""
    body = b"You sent: " + "p@ss-ä0rd!x-y-z-w".encode()[:read]
    assert reply(body, secret="p@ss-ä0rd!x-y-z-w", most=len(body)) == "You sent: …"


def test_secrets_that_overlap_are_blanked_both() -> None:
    """Where one ends within the other, no end of it is left."""
    said = head(
        Answer(status=400, headers={}, body=b"<12-34-56-78>", url=URL),
        ["12-34-56", "34-56-78"],
        [Request(url=URL)],
    )
    assert said == f"<{BLANK}>"


def test_words_that_are_no_secrets_are_kept() -> None:
    """What a body is, who sends it and which message it is."""
    named = {
        "Content-Type": "application/json",
        "User-Agent": "syndicator/1",
        "Webhook-Id": "msg1",
    }
    request = Request(url="https://a.example/", headers=tuple(named.items()))
    body = b"application/json of syndicator: msg1 is malformed"
    answer = Answer(status=400, headers={}, body=body, url=URL)
    assert head(answer, [], [request]) == body.decode()


def test_the_scheme_of_an_address_that_is_a_secret_is_none() -> None:
    """A reply that names its protocol can be read."""
    secret = "https://chat.example/services/T0"
    answer = Answer(status=400, headers={"server": "x-http/1"}, body=b"https /services", url=URL)
    request = Request(url="https://a.example/")
    assert head(answer, [secret], [request]) == "server: x-http/1\n\nhttps /[…]"


def test_a_redirect_is_told_without_what_may_be_a_token() -> None:
    """Its query, its fragment and whom it is for."""
    said = reply(b"", location="https://me:pw@sso.example/login?token=abc123#now")
    assert said == "location: https://sso.example/login"


def test_of_an_answer_to_a_login_no_body_is_kept() -> None:
    """It may be a session, whose tokens nobody knows yet."""
    login = Request(url=URL, login=True)
    body = b'{"accessJwt": "eyJhbGciOi.eyJzdWIi.sig", "refreshJwt": "eyJr.eyJz.zz"}'
    named = {"content-type": "application/json"}
    answer = Answer(status=200, headers=named, body=body, url=URL)
    assert head(answer, [], [login]) == "content-type: application/json"
    assert "malformed" in head(
        Answer(status=400, headers={}, body=b"malformed", url=URL), [], [login, Request(url=URL)]
    )
