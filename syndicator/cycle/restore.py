"""Posts as they were published, read again from their kept bytes."""

from collections.abc import Iterable
from datetime import datetime

from syndicator.cycle.notes import Notes
from syndicator.doors import files
from syndicator.doors.batch import Batch
from syndicator.doors.layout import Layout, source_name
from syndicator.doors.store import content, posts, problems
from syndicator.errors import Failed
from syndicator.model.posts import Problem, Site, Source
from syndicator.normalise import normalise


def restore(
    unread: Iterable[tuple[str, str, datetime]],
    *,
    batch: Batch,
    layout: Layout,
    site: Site,
    notes: Notes,
) -> None:
    """Read again, from their blobs, posts whose files say something else by now.

    ``unread`` has a path, the digest of the kept bytes, and when these were modified.
    """
    session = batch.session
    lost = problems.at_stage(session, "kept")
    for path, digest, modified in unread:
        if digest in batch.barred.digests:  # forgotten: nothing is left to be read
            continue
        try:
            data, _ = files.read(layout.blob(source_name(digest, path)))
        except Failed:
            notes.put("kept", [path], [_lost(path, digest)])
            posts.touch(session, [path] if path not in lost else [])
            continue
        if path in lost:
            notes.put("kept", [path], [])
            posts.touch(session, [path])
        source = Source(path=path, data=data, digest=digest, modified=modified)
        if (post := normalise(source, site).post) is not None:
            content.show(session, path, digest, post)


def _lost(path: str, digest: str) -> Problem:
    says = f"the kept bytes of the published version are missing ({digest[:12]}…)"
    hint = "mend the post, or restore blobs/ from a backup; until then it is not in the feeds"
    return Problem(path=path, code="ARC002", says=says, hint=hint)
