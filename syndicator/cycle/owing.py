"""From a notice to the message that is owed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from syndicator.config.publishers import Endpoint
from syndicator.model import Announced, Notice, Owed, Site

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


def news(
    endpoints: Sequence[Endpoint],
    feeds: Iterable[Announced],
    written: Iterable[str],
    site: Site,
    at: datetime,
) -> list[Notice]:
    """Return what endpoints are owed for feeds among the documents that were written."""
    paths = set(written)
    changed = [feed for feed in feeds if feed.path in paths]
    return [notice for one in endpoints for notice in one.news(changed, site, at)]
