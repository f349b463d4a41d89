"""Standard Webhooks 1.0.0: how a receiver knows a push is ours, whole, and not replayed."""

import base64
import hmac


def headers(
    secret: bytes, message: str, timestamp: int, body: bytes
) -> tuple[tuple[str, str], ...]:
    """Make the three headers of one attempt; ``timestamp`` is that attempt's, in Unix seconds.

    The signature is HMAC-SHA256 over ``id.timestamp.body``, scheme ``v1``
    (spec/standard-webhooks.md, "Signature scheme").
    """
    signed = f"{message}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return (
        ("webhook-id", message),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", f"v1,{signature}"),
    )
