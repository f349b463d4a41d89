"""A site whose every pass does all a pass can do, and what must be the same after any crash."""

import json
import os
import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

from local_web import ALLOW, LocalWeb, Push
from odd_pictures import before_pixels, chunk
from syndicate_command import Ran, syndicate
from trial_site import bad_blobs, journal, png, post, public, put, site, webhook

# Facts that depend on the moment, the disk or the number of tries, not on what happened.
FLEETING = {
    "kept": {"at", "modified"},
    "version": {"at", "modified"},
    "removal": {"at"},
    "capture": {"at", "headers", "retry_at"},
    "copy": {"at"},
    "joined": {"at"},
    "owed": {"at", "body", "not_before"},
    "settled": {"at"},
    "damaged": {"at"},
    "repaired": {"at", "source"},  # of two addresses, whichever answers first
    "loose": {"at"},
    "collected": {"at"},
    "forgotten": {"at"},
    "problems": {"at"},
    "written": {"at"},
}
HOW_FAR = "checked"  # a check says how far it came, which depends on when it was killed
COLUMNS = {  # what of the database must be the same
    "seen": "path, size, digest, state",
    "reading": "path, source, good, standing, state, pending, stale, published_us, wake_at,"
    " shown_of",
    "problem": "path, stage, code, says, hint, line",
    "likeness": "kind, key, rank, path, value",
    "post": "id, path, url, title, seq, source, post, published, updated, live",
    "image": "url, digest, extension, size, plan, reason, tries",
    "copy": "digest, extension, public, size, rules",
    "use": "path, url, written, beside, static, inline",
    "document": "path, digest, size",
    "endpoint": "name, since",
    "message": "id, key, kind, subject, seq",
    "delivery": "message, endpoint, state, last_status",
    "damage": "name, place, found, size",
    "loose": "name",
    "tombstone": "kind, subject",
}


class Trial:
    """The site at one place, put back to a state as often as wanted; inodes stay as they were."""

    def __init__(self, root: Path, web: LocalWeb) -> None:
        """Lay out the site: five posts, pictures near and far, one receiver of everything."""
        self.root = root
        self.web = web
        self._saved = root.with_name(f"{root.name}-saved")
        far = [web.serve(f"/{n}.png", png(n)) for n in (11, 12)]
        twin = web.serve("/11-again.png", png(11))  # the same bytes at another address
        web.serve("/gone.png", b"gone", status=410)
        site(root, publish=webhook(web.url("/hook"), since="all"), network=ALLOW)
        signed = before_pixels(png(21), chunk(b"tEXt", b"Author\0Ann"))  # readers get less of it
        put(root / "content/here.png", signed)
        put(root / "static/pictures/site.png", png(22))
        post(root, "2024-05-01-a.md", f"![]({far[0]}) ![](here.png)", image=far[1])
        post(root, "2024-05-02-b.md", f"![](/pictures/site.png) ![]({web.url('/gone.png')})")
        post(root, "2024-05-03-c.md", f"![]({twin})")
        post(root, "2024-05-04-d.md", "Goes away.")
        post(root, "2024-05-05-e.md", "Moves.", permalink="e-stays-here/")
        put(root / "content/2024-05-06-broken.md", "---\ntitle: [\n---\n")

    def change(self) -> None:
        """Edit, break, remove, rename, and add a post and a picture."""
        content = self.root / "content"
        fresh = self.web.serve("/13.png", png(13))
        edited = "2024-05-01-a.md"
        post(self.root, edited, f"New words ![]({fresh})", updated="2024-06-01 10:00:00 +0800")
        put(content / "2024-05-03-c.md", "---\ntitle: [\n---\n")
        (content / "2024-05-04-d.md").unlink()
        (content / "2024-05-05-e.md").rename(content / "2024-05-05-renamed.md")
        post(self.root, "2024-05-07-f.md", "![](here.png)")

    def save(self) -> None:
        """Keep the site as it is now."""
        shutil.rmtree(self._saved, ignore_errors=True)
        self.root.rename(self._saved)

    def restore(self) -> None:
        """Bring the saved site back, to the same place and with the same inodes."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self._saved, self.root, copy_function=_linked, symlinks=True)

    def archive(self, *words: str, fatal: int | None = None) -> Ran:
        """Call one of the archive's own verbs."""
        return syndicate("archive", *words, cwd=self.root, fatal=fatal)

    def run(self, *, fatal: int | None = None, seconds: float = 0.0) -> Ran:
        """Make a pass that sends all that is due, however slow the machine is."""
        words = ("run", "--drain", "10m")
        return syndicate(*words, cwd=self.root, fatal=fatal, seconds=seconds)

    def outcome(self) -> dict[str, object]:
        """Tell everything that must not depend on when a pass was killed."""
        return {
            "public": public(self.root),
            "journal": self._facts(),
            "tables": _tables(self.root / "archive/state.db"),
            "blobs": sorted(p.name for p in (self.root / "archive/blobs").rglob("*.*")),
            "others": sorted(path.name for path in (self.root / "archive").iterdir()),
        }

    def _facts(self) -> list[str]:
        facts = []
        for line in journal(self.root):
            if line["event"] == HOW_FAR:
                continue
            fleeting = FLEETING[line["event"]] | {"more"}
            kept = {key: value for key, value in line.items() if key not in fleeting}
            facts.append(json.dumps(kept, sort_keys=True))
        # That bytes were kept may be said again: whether they were read is the database's to know.
        again = {fact for fact in facts if '"event": "kept"' in fact}
        return sorted([*again, *(fact for fact in facts if fact not in again)])

    def is_clean(self) -> bool:
        """Tell whether no half, nameless or scratch file is left."""
        archive = self.root / "archive"
        parts = [path for path in archive.rglob("*") if path.name.endswith((".part", "-wal"))]
        return not bad_blobs(self.root) and not parts and not any((archive / "tmp").iterdir())


def events(pushes: list[Push]) -> dict[tuple[str, str, int], set[tuple[str, bytes]]]:
    """Tell which messages came for which event."""
    found = defaultdict(set)
    for push in pushes:
        said: dict[str, Any] = json.loads(push.body)
        event = (said["type"], said["data"]["id"], said["data"]["seq"])
        found[event].add((push.id, push.body))
    return dict(found)


def _linked(source: str, target: str) -> None:
    """Copy what is changed in place; give the rest a second name, so that its stat stays."""
    name = Path(source).name
    if name.startswith("state.db") or name == "lock" or name.endswith(".jsonl"):
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def _tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        return {
            table: sorted(db.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)  # noqa: S608  # names of ours
            for table, columns in COLUMNS.items()
        }
