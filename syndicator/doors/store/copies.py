"""What readers get of the kept pictures, by the digest of the kept bytes."""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from syndicator.doors.store.rows import among, batches
from syndicator.doors.store.schema import Copy, Image

RULES: Final = "copies"  # the fact: by which rules every kept picture has a copy, or by newer ones


class Shown(NamedTuple):
    """A kept picture, and what readers get of it ("" where that was not decided yet)."""

    digest: str
    extension: str
    size: int  # of the kept bytes
    public: str


def made(session: Session, digests: Collection[str], rules: int) -> set[str]:
    """Tell which of these kept bytes have a copy by these rules, or newer ones."""
    found: set[str] = set()
    for batch in batches(digests):
        which = among(Copy.digest, batch), Copy.rules >= rules
        found.update(session.exec(select(Copy.digest).where(*which)))
    return found


def every(session: Session, *, older_than: int = 0) -> list[Shown]:
    """Tell all kept pictures; or those whose copies were made by rules ``older_than`` these."""
    rules = func.coalesce(Copy.rules, 0)
    rows = session.exec(
        select(Image.digest, Image.extension, Image.size, func.coalesce(Copy.public, ""))
        .join(Copy, col(Copy.digest) == col(Image.digest), isouter=True)
        .where(Image.digest != "", *([rules < older_than] if older_than else []))
        .order_by(Image.digest)
        .distinct()
    )
    return [Shown(*row) for row in rows]
