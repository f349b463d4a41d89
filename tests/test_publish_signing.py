"""The signature, held against a published vector and the official verifier."""

import base64
import hmac
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from syndicator.publish.signing import Key, headers, keys, live, public

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = keys(SECRET)


def test_the_published_vector_comes_out() -> None:
    """The example that the specification's own libraries test themselves with."""
    made = headers(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == (
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    )


def test_the_official_package_verifies_and_notices_one_changed_byte() -> None:
    """An independent judge takes the message, and none that was tampered with."""
    body = json.dumps({"title": "亞洲新灣區 “5G”"}, ensure_ascii=False).encode()
    stamp = int(datetime.now(UTC).timestamp())  # noqa: TID251  # the verifier reads the clock itself
    made = dict(headers(KEY, "msg_a", stamp, body))
    judge = Webhook(SECRET)
    assert judge.verify(body, made) == {"title": "亞洲新灣區 “5G”"}
    for name, value in (("webhook-id", "msg_b"), ("webhook-timestamp", str(stamp + 1))):
        with pytest.raises(WebhookVerificationError):
            judge.verify(body, made | {name: value})
    with pytest.raises(WebhookVerificationError):
        judge.verify(body.replace(b"5", b"6"), made)


def test_a_body_that_is_no_text_is_signed_as_it_is() -> None:
    """Bytes are bytes: nothing is decoded on the way to the signature."""
    ((_, _), (_, _), (_, signature)) = headers([Key("", "v1", b"k")], "m", 7, b"\xff\x00")
    digest = hmac.digest(b"k", b"m.7.\xff\x00", "sha256")
    assert signature == f"v1,{base64.b64encode(digest).decode()}"


PRIVATE = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
)
SEED = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc="
ED25519 = (
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
)


@pytest.mark.parametrize("secret", [PRIVATE, SEED])
def test_the_published_vector_of_ed25519_comes_out(secret: str) -> None:
    """The example that Svix tests itself with (worker.rs); a key may bring its public half."""
    signers = keys(secret)
    made = headers(signers, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert dict(made)["webhook-signature"] == ED25519
    assert public(signers[0]) == "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="


def test_every_live_key_signs_the_newest_first() -> None:
    """While a key is changed for another, receivers with either are content."""
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    found = keys(f"{SEED}\n{SECRET} until=2026-11-30T12:00:00+00:00\n")
    assert [key.scheme for key in live(found, now)] == ["v1a", "v1"]
    assert [key.scheme for key in live(found, now + timedelta(days=1))] == ["v1a"]
    made = headers(live(found, now), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b"{}")
    assert [one[:4] for one in dict(made)["webhook-signature"].split()] == ["v1a,", "v1,a"]


def test_the_newest_key_signs_whatever_its_end_says() -> None:
    """A message without a signature would be worse than one with an old key."""
    (key,) = keys(f"{SECRET} until=2020-01-01T00:00:00Z")
    assert live([key], datetime(2026, 11, 29, tzinfo=UTC)) == [key]


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "must start with whsec_ or whsk_"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "does not hold base64 after whsec_"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa\u00e9w", "does not hold base64 after whsec_"),
        ("whsec_MfKQ9r8G", "holds 6 bytes; 24 to 64 are asked for"),
        ("whsec_" + "MfKQ" * 22, "holds 66 bytes; 24 to 64 are asked for"),
        ("whsk_MfKQ9r8G", "holds 6 bytes; an ed25519 key has 32 or 64"),
        (PRIVATE[:-8] + "AAAAAA==", "two halves do not belong together"),
        ("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", "a public key"),
        (" ".join([SECRET] * 4), "holds 4 keys; 3 at most sign at once"),
        (f"{SECRET} until=MfKQ", "that can't be read"),
        (f"{SECRET} until=2026-11-29T12:00:00", "without a zone"),
        ("  ", "is empty"),
    ],
)
def test_an_unfit_secret_is_said_and_not_shown(secret: str, says: str) -> None:
    """What is wrong, and nothing of what it holds."""
    with pytest.raises(ValueError, match=says) as caught:
        keys(secret)
    assert "MfKQ" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_key_shows_nothing_of_itself() -> None:
    """Not in a trace, not in a log."""
    assert repr(keys(SECRET)) == "[Key(v1)]"


def test_the_official_package_verifies_a_thousand_messages() -> None:
    """Ids, bodies and keys at random; each is taken by the independent judge."""
    chance = random.Random(6)  # noqa: S311  # messages, no secrets
    stamp = int(datetime.now(UTC).timestamp())  # noqa: TID251  # the verifier reads the clock itself
    for number in range(1000):
        data = base64.b64encode(chance.randbytes(chance.randint(24, 64))).decode()
        text = "".join(chr(chance.randint(32, 0xD7FF)) for _ in range(chance.randint(0, 50)))
        body = json.dumps({"n": number, "text": text}, ensure_ascii=False).encode()
        made = dict(headers(keys(f"whsec_{data}"), f"msg_{number}", stamp, body))
        assert Webhook(data).verify(body, made) == {"n": number, "text": text}
