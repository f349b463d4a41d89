"""The store as a whole: which one is in use, brought up to date, saved, or filled from another."""

from pathlib import Path
from typing import NamedTuple

from syndicator.config.file import wrong_store
from syndicator.doors import files, index
from syndicator.doors.layout import Layout
from syndicator.doors.server import Server
from syndicator.doors.store import Store, posts
from syndicator.doors.store.transfer import copy, snapshot
from syndicator.errors import ConfigError, StoreError

_ANEW = "bring it up with its own version; or syndicate archive reindex, from the journal"
_WRONG = "the address to copy from must be such as postgresql://user@host/name, without a password"
_SECRET = "PGPASSWORD, PGPASSFILE or ~/.pgpass may hold it"  # noqa: S105  # names of places


class Standing(NamedTuple):
    """Which store is in use, its schema's revision ("" for a new one), and this program's."""

    store: str
    schema: str
    newest: str


def current(layout: Layout) -> Standing:
    """Tell which store is in use; raise StoreError where it can't be reached."""
    return Standing(str(layout.state), index.revision(layout.state), index.HEAD)


def upgrade(layout: Layout) -> Standing:
    """Bring its schema to this program's; whoever calls holds the archive's lock."""
    files.make_folder(layout.root)
    Store(layout.state).close()
    return current(layout)


def backup(layout: Layout, file: Path) -> None:
    """Save the store as a new state.db; raise StoreError where something is there already."""
    if not index.revision(layout.state):
        raise StoreError(f"{layout.state} holds nothing yet", hint="syndicate run")
    if file.exists():
        raise StoreError(f"{file} is there already", hint="name a file that is not there")
    aside = file.with_name(f".{file.name}.part")
    files.remove([aside])
    snapshot(layout.state, aside)
    files.flush([aside])
    files.rename([(aside, file)])


def _named(source: str) -> index.Where:
    """Return the store of this path or address; ConfigError for one that shows a password."""
    if "://" not in source:
        return Path(source).absolute()
    if wrong_store(source):  # what was written is not said back
        raise ConfigError(_WRONG, hint=_SECRET)
    return Server(source)


def fill(layout: Layout, source: str, *, replace: bool) -> int:
    """Let the store hold what another one holds, a file or a server; tell how many rows.

    One that knows posts already is not overwritten unless it is to be ``replace``d. Whoever calls
    holds the archive's lock. Raises StoreError.
    """
    other = _named(source)
    if other == layout.state:
        raise StoreError(f"{other} is the store in use", hint="name the one to copy from")
    if not (found := index.revision(other)):
        says = f"{other} is no store of syndicator"
        raise StoreError(says, hint="name a state.db, or the address of a server's database")
    if found != index.HEAD:
        says = f"{other} is of another version of syndicator: schema {found}, not {index.HEAD}"
        raise StoreError(says, hint=_ANEW)
    if not replace and index.revision(layout.state):
        with Store(layout.state) as store, store.transaction() as session:
            if posts.any_live(session):
                says = f"{layout.state} knows posts already"
                raise StoreError(says, hint="--replace lets go of all that it holds")
    files.make_folder(layout.root)
    return copy(other, layout.state)
