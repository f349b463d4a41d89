"""The signature, held against a published vector and the official verifier."""

import base64
import hmac
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from syndicator.deliver.signing import headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


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
    ((_, _), (_, _), (_, signature)) = headers(b"k", "m", 7, b"\xff\x00")
    digest = hmac.digest(b"k", b"m.7.\xff\x00", "sha256")
    assert signature == f"v1,{base64.b64encode(digest).decode()}"
