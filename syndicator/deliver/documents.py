"""Documents on disk: only those whose bytes changed are replaced, and each as a whole."""

from collections.abc import Iterable
from hashlib import sha256

from syndicator.doors import files
from syndicator.doors.layout import Layout
from syndicator.doors.ledger import Batch
from syndicator.doors.store import documents
from syndicator.model import Document


def put(batch: Batch, layout: Layout, wanted: Iterable[Document]) -> list[str]:
    """Let the published files read so; return the paths of those that did not already.

    A file that someone changed, or removed, is put right.
    """
    before = documents.known(batch.session)
    written = []
    for document in wanted:
        digest = sha256(document.body).hexdigest()
        old_digest, old_stat = before.get(document.path, ("", files.GONE))
        if digest == old_digest and files.stat(layout.public / document.path) == old_stat:
            continue
        stat = batch.document(document.path, document.body)
        documents.remember(batch.session, document.path, digest, stat)
        written.append(document.path)
    return written
