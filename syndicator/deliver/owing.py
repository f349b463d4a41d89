"""Owing: what a notice becomes."""

from hashlib import sha256

from syndicator.model import Notice, Owed

MESSAGE = "msg_"


def owed(notice: Notice) -> Owed:
    """Return the record of a notice; the same notice always makes the same message."""
    key = sha256(f"{notice.endpoint}\n{notice.key}".encode()).hexdigest()
    return Owed(
        at=notice.at,
        message=MESSAGE + key[:32],
        key=notice.key,
        endpoint=notice.endpoint,
        kind=notice.kind,
        subject=notice.subject,
        seq=notice.seq,
        body=notice.body.decode(),
        media_type=notice.media_type,
    )
