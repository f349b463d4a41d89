"""Standard Webhooks 1.0.0: how a receiver knows a push is ours, whole, and not replayed.

A secret is one key or several, parted by blanks or line breaks, the newest first; all of them
sign, so that a receiver may change from one to the next when it likes. ``until=TIME`` behind a key
says when it stops: ``whsec_NEW whsec_OLD until=2026-11-30T12:00:00+00:00``.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

SYMMETRIC, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SHORTEST, LONGEST = 24, 64  # bytes of a symmetric key; "Signature scheme"
SEED = 32  # bytes of an ed25519 private key (RFC 8032, 5.1.5); its public one may follow
MOST = 3  # keys that sign at once
_UNTIL = "until="


class Key(NamedTuple):
    """A key that signs, until when (None: for good); ``text`` is the key as it is written."""

    text: str
    scheme: str  # "v1", or "v1a"
    data: bytes
    until: datetime | None = None

    def __repr__(self) -> str:
        """Show nothing of it."""
        return f"Key({self.scheme})"


def keys(secret: str) -> list[Key]:
    """Read the keys of a secret; ValueError says what is wrong, and never what is in it."""
    found: list[Key] = []
    for word in secret.split():
        if word.startswith(_UNTIL) and found:
            found[-1] = found[-1]._replace(until=_moment(word.removeprefix(_UNTIL)))
        else:
            found.append(_key(word))
    if not found:
        raise ValueError("is empty")
    if len(found) > MOST:
        raise ValueError(f"holds {len(found)} keys; {MOST} at most sign at once")
    return found


def live(found: Sequence[Key], now: datetime) -> list[Key]:
    """Return the keys that sign now; the newest always does."""
    first, *rest = found
    return [first, *(key for key in rest if key.until is None or now < key.until)]


def headers(
    signers: Sequence[Key], message: str, timestamp: int, body: bytes
) -> tuple[tuple[str, str], ...]:
    """Make the three headers of one attempt; ``timestamp`` is that attempt's, in Unix seconds.

    Each key signs ``id.timestamp.body``: HMAC-SHA256 as ``v1``, ed25519 as ``v1a``
    (spec/standard-webhooks.md, "Signature scheme").
    """
    signed = f"{message}.{timestamp}.".encode() + body
    signatures = (
        f"{key.scheme},{base64.b64encode(_sign(key, signed)).decode()}" for key in signers
    )
    return (
        ("webhook-id", message),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(signatures)),
    )


def public(key: Key) -> str:
    """Return what a receiver verifies with: the key itself (v1), or its public half (v1a)."""
    if key.scheme == "v1":
        return key.text
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # megabytes
        Ed25519PrivateKey,
    )

    private = Ed25519PrivateKey.from_private_bytes(key.data)
    return PUBLIC + base64.b64encode(private.public_key().public_bytes_raw()).decode()


def _sign(key: Key, signed: bytes) -> bytes:
    if key.scheme == "v1":
        return hmac.digest(key.data, signed, "sha256")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    return Ed25519PrivateKey.from_private_bytes(key.data).sign(signed)


def _key(word: str) -> Key:
    if word.startswith(PUBLIC):
        raise ValueError(f"holds a public key ({PUBLIC}): it is the receiver's, and can't sign")
    prefix = PRIVATE if word.startswith(PRIVATE) else SYMMETRIC
    if not word.startswith(prefix):
        raise ValueError(f"does not hold a secret: it must start with {SYMMETRIC} or {PRIVATE}")
    try:
        data = base64.b64decode(word.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"does not hold base64 after {prefix}") from None
    if prefix == SYMMETRIC:
        if not SHORTEST <= len(data) <= LONGEST:
            raise ValueError(f"holds {len(data)} bytes; {SHORTEST} to {LONGEST} are asked for")
        return Key(word, "v1", data)
    if len(data) not in {SEED, 2 * SEED}:
        raise ValueError(f"holds {len(data)} bytes; an ed25519 key has {SEED} or {2 * SEED}")
    key = Key(word, "v1a", data[:SEED])
    if len(data) > SEED and public(key) != PUBLIC + base64.b64encode(data[SEED:]).decode():
        raise ValueError("holds an ed25519 key whose two halves do not belong together")
    return key


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"holds a time after {_UNTIL} that can't be read") from None
    if read.tzinfo is None:
        raise ValueError(f"holds a time after {_UNTIL} without a zone")
    return read
