"""Documents on disk: only those whose bytes changed are replaced, and each as a whole."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from syndicator.doors import files
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Batch
from syndicator.doors.store import documents
from syndicator.errors import Failed
from syndicator.model import Document


def put(
    batch: Batch, layout: Layout, wanted: Iterable[Document], *, whole: bool = True
) -> list[str]:
    """Let the published files read so; return the paths of those that did not already.

    A file that someone changed, or removed, is put right; one that reads so already is left alone,
    whatever is remembered of it: a rebuilt database must not make every reader fetch it again.
    ``whole`` says that these are all: others that were written once are watched no longer.
    """
    written, papers = [], list(wanted)
    before = documents.known(batch.session, [document.path for document in papers])
    if whole:
        documents.forget_others(batch.session, [document.path for document in papers])
    for document in papers:
        digest = sha256(document.body).hexdigest()
        place = layout.public / document.path
        if before.get(document.path) == (digest, files.stat(place)):
            continue
        stat = _reads(place, document.body)
        if stat is None:
            stat = batch.document(document.path, document.body)
            written.append(document.path)
        documents.remember(batch.session, document.path, digest, stat)
    return written


def _reads(place: Path, body: bytes) -> files.Stat | None:
    """Tell the stat of a file that holds exactly these bytes, None for any other."""
    try:
        data, stat = files.read(place, len(body))
    except Failed:
        return None
    return stat if data == body else None
