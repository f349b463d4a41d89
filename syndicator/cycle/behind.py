"""What a bucket lacks of its archive, as the last try left it told; nothing is asked."""

from collections.abc import Mapping
from importlib.util import find_spec

from syndicator.doors import inventory, journal
from syndicator.doors.layout import Layout
from syndicator.errors import ConfigError
from syndicator.model.posts import Problem


def installed() -> None:
    """Raise ConfigError where the client of buckets is not installed: it is an extra."""
    if find_spec("obstore") is None:
        raise ConfigError("archive.bucket needs obstore", hint="pip install 'syndicator[s3]'")


def lacking(place: Layout, bucket: str) -> Problem | None:
    """Tell what a bucket lacks, None where it has all or none is configured."""
    if not bucket:
        return None
    found = inventory.facts(place.inventory)
    problem = told(bucket, found)
    if problem is None and found.get("documents", "") != str(journal.end(place.journal)):
        says = "the bucket has not got yet what was recorded last"
        hint = "the next pass brings it; or syndicate archive mirror"
        return Problem(path=bucket, code="ARC008", says=says, hint=hint, severity="info")
    return problem


def told(bucket: str, found: Mapping[str, str]) -> Problem | None:
    """Word what the last try came to, None where it was well."""
    if not found.get("says"):
        return None
    lacks = found.get("lacks", "")
    count = f", and lacks {lacks} {'file' if lacks == '1' else 'files'}" if lacks else ""
    grave = bool(found.get("grave"))
    return Problem(
        path=bucket,
        code="ARC008",
        says=f"the bucket is behind the archive{count}: {found['says']}",
        hint=found.get("hint") or "it is tried again by itself; or syndicate archive mirror",
        severity="error" if grave else "warning",
    )
