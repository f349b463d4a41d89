"""The examination of an installation: all that keeps it from working, each with its remedy.

It reads, and makes nothing but requests to the endpoints and to the public addresses.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from syndicator.config.file import below
from syndicator.config.secret import secret
from syndicator.config.tables import Settings
from syndicator.config.units import amount, spell_size
from syndicator.cycle import Order, outside
from syndicator.cycle.custody import settings
from syndicator.cycle.unworded import unworded
from syndicator.doors import affairs, files, index, machine
from syndicator.doors.files import Mark
from syndicator.doors.layout import Layout
from syndicator.doors.scan import scan
from syndicator.errors import ConfigError, StoreError
from syndicator.model.finding import Finding, error, good, warning

UNIT = "syndicator.service"
_FEW_FILES = 10_000
_WORDS = {  # of systemd, for networks (systemd.resource-control(5))
    "any": ("0.0.0.0/0", "::/0"),
    "localhost": ("127.0.0.0/8", "::1/128"),
    "link-local": ("169.254.0.0/16", "fe80::/64"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
}


def examine(order: Order, *, offline: bool = False) -> Iterator[Finding]:
    """Look at everything in turn; ``offline`` makes no request.

    Raises ConfigError where the configuration can't be used.
    """
    made = settings(order)
    yield good("configuration", f"{made.file} can be used")
    layout = Layout(made.archive_root, made.store.url)
    yield from _secrets(order, made)
    there = dict(scan(made.content_root, skip=[made.archive_root]))
    yield _content(made, there)
    if not layout.root.is_dir():
        yield warning("archive", f"{layout.root} is not there: no pass was made", "syndicate run")
        return
    trouble = _trouble(layout.state)
    known = None if trouble else index.load(layout.state)
    stands = None if trouble else affairs.standing(layout.state)
    documents = sorted(known.documents) if known else []
    yield _lock(layout)
    yield from _archive(layout, documents)
    yield from _disk(made, layout)
    yield trouble or _database(layout)
    for one in unworded(made.file, stands) if stands else ():
        yield error("templates", f"{one.path}:{one.line}: {one.says}", one.hint)
    yield _clock(known.clock if known else 0, order.clock())
    if made.content_root.is_dir():
        yield _watches(there)
    yield from names(machine.unit_lines(UNIT), machine.name_servers())
    if not offline:
        yield from outside.examine(order, made, documents)


def _secrets(order: Order, made: Settings) -> Iterator[Finding]:
    for endpoint in made.endpoints:
        about = f"secret of {endpoint.name}"
        try:
            secret(endpoint, order.environ, made.folder)
        except ConfigError as wrong:
            yield error(about, wrong.says, wrong.hint)
            continue
        for setting, value in endpoint.sources:
            file = below(made.folder, value)
            if setting == "secret_file" and machine.exposed(file):
                yield warning(about, f"every user can read {file}", f"chmod 600 {file}")


def _content(made: Settings, there: Mapping[str, Mark | None]) -> Finding:
    root = made.content_root
    if not root.is_dir():
        return error("content", f"{root} is no folder", "set [content] root, or make the folder")
    shut = [
        name
        for name, stat in there.items()
        if not os.access(root / name, os.R_OK)
        and not (stat is None and (root / name).is_symlink())
    ]
    if shut:
        more = f", and {len(shut) - 1} more" if len(shut) > 1 else ""
        says = f"can't be read by this user: {shut[0] or root}{more}"
        who = "u" if _is_mine(root / shut[0]) else "a"
        return error("content", says, f"chmod -R {who}+rX {root}, or run as its owner")
    return good("content", f"{root} holds {len(there):,} files, all readable")


def _lock(layout: Layout) -> Finding:
    holder = files.holder(layout.lock)
    who = "nobody is at work on it" if not holder else f"{holder} is at work on it"
    return good("lock", f"{layout.root}: {who}")


def _archive(layout: Layout, documents: Iterable[str]) -> Iterator[Finding]:
    owner, user = layout.root.stat().st_uid, os.geteuid()
    if owner != user:
        says = f"{layout.root} belongs to user {owner}, and you are {user}"
        yield warning(
            "archive", says, f"sudo -u '#{owner}' syndicate …, or what you make is yours"
        )
    for folder in (layout.root, layout.scratch, layout.journal, layout.public):
        if folder.is_dir() and (why := machine.unwritable(folder)):
            yield error(
                "archive", f"no file can be made in {folder}: {why}", _owned(folder, owner)
            )
            return
    yield good("archive", f"{layout.root} can be written")
    for path in documents:
        if shut := machine.shut(layout.public / path):
            way = "o+x" if shut.is_dir() else "o+r"
            says = f"a web server of another user can't read {layout.public}: {shut} is shut"
            yield warning(
                "archive", says, f"chmod {way} {shut}, unless syndicate serves it itself"
            )
            return


def _owned(folder: object, owner: int) -> str:
    mend = f"chown -R {owner} {folder}, and see that its disk is mounted to be written"
    return mend if owner == os.geteuid() else f"sudo -u '#{owner}' syndicate …; else {mend}"


def _is_mine(path: Path) -> bool:
    """Tell whether this user may change who may read a file."""
    try:
        return path.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _disk(made: Settings, layout: Layout) -> Iterator[Finding]:
    free, floor = files.free(layout.root), made.archive.min_free
    says = f"{amount(free)} free"
    nodes = machine.nodes(layout.root)
    if free < floor:
        says += f", less than [archive] min_free = {spell_size(floor)}: no picture is fetched"
        yield error("disk", says, "free some space: syndicate archive gc shows what nobody uses")
    elif nodes is not None and nodes < _FEW_FILES:
        yield error("disk", f"{says}, but room for {nodes:,} more files", "delete files there")
    else:
        yield good("disk", says)


def _trouble(state: index.Where) -> Finding | None:
    """Say why the database can't be used, if it can't."""
    try:
        if not isinstance(state, Path):
            index.revision(state)
            return None
        faults = machine.faults(state) if state.exists() else []
    except StoreError as wrong:
        return error("database", wrong.says, wrong.hint)
    if not faults:
        return None
    rebuild = f"mv {state} {state}.broken && syndicate archive reindex"
    return error("database", f"{state} is damaged: {'; '.join(faults)}", rebuild)


def _database(layout: Layout) -> Finding:
    if isinstance(layout.state, Path) and not layout.state.exists():
        return warning("database", f"{layout.state} is missing", "syndicate archive reindex")
    revision = index.revision(layout.state)
    if revision != index.HEAD:
        says = f"{layout.state} has schema {revision or 'none'}, this version {index.HEAD}"
        return warning("database", says, "syndicate run")
    return good("database", f"{layout.state} is sound")


def _clock(passed: int, now: datetime) -> Finding:
    last = datetime.fromtimestamp(passed, UTC) if passed else None
    remedy = "set the clock, and let it be kept: timedatectl set-ntp true"
    if last is not None and last > now + timedelta(seconds=index.SET_BACK):
        says = f"the clock says {now:%Y-%m-%d %H:%M}, the last pass was at {last:%Y-%m-%d %H:%M}"
        return error("clock", says, remedy)
    return good("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, after the last pass")


def _watches(there: Iterable[str]) -> Finding:
    if why := machine.instance():
        remedy = "sysctl fs.inotify.max_user_instances=1024; until then the folder is polled"
        return warning("watching", f"no folder can be watched: {why}", remedy)
    folders = {name.rpartition("/")[0] for name in there}
    limit = machine.watches()
    if limit is not None and len(folders) > limit // 2:
        says = f"{len(folders):,} folders to watch, {limit:,} allowed to all that this user runs"
        remedy = f"sysctl fs.inotify.max_user_watches={4 * len(folders)}"
        return warning("watching", says, remedy)
    allowed = "" if limit is None else f", {limit:,} allowed"
    return good("watching", f"{max(1, len(folders)):,} folders to watch{allowed}")


def names(unit: Sequence[str], servers: Iterable[outside.Address]) -> Iterator[Finding]:
    """Tell of the name servers that the lines of a unit deny it (systemd.resource-control(5))."""
    denied = list(_networks(unit, "IPAddressDeny="))
    allowed = list(_networks(unit, "IPAddressAllow="))
    for server in servers:
        if any(server in one for one in denied) and not any(server in one for one in allowed):
            says = f"{UNIT} denies itself the name server {server}"
            remedy = f"systemctl edit {UNIT}: [Service], IPAddressAllow={server}"
            yield error("names", says, remedy)


def _networks(lines: Sequence[str], setting: str) -> Iterator[outside.Network]:
    for line in lines:
        if line.startswith(setting):
            for word in line.removeprefix(setting).split():
                for one in _WORDS.get(word, (word,)):
                    try:
                        yield ip_network(one, strict=False)
                    except ValueError:
                        continue
