"""``syndicate systemd install``: the units, with the right paths."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import syndicator
from syndicator.cli.show import plain
from syndicator.errors import DoorError

COMMAND = "/opt/syndicator/bin/syndicate"  # as the shipped units have it
CONFIG = "/etc/syndicator/syndicator.toml"
STATE = Path("/var/lib/syndicator")
_UNITS = "etc/systemd/system"
_PLACES = {
    "syndicator.service": _UNITS,
    "syndicator.socket": _UNITS,
    "syndicator-run.service": _UNITS,
    "syndicator-run.timer": _UNITS,
    "no-private-networks.conf": f"{_UNITS}/syndicator.service.d",
}
_SECRETS = "etc/syndicator/credentials"
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
NEXT = """\
next:
  systemd-sysusers
  systemctl daemon-reload
  systemctl enable --now syndicator.service"""


def options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.description = "Write the units of systemd/ with the paths of this installation."
    verbs = parser.add_subparsers(dest="systemd", metavar="VERB", title="verbs", required=True)
    install = verbs.add_parser(
        "install",
        help="write units, the system user, and what the configuration needs beside",
        description="Write units, a system user and drop-ins below a folder. The command is the "
        "one that runs this, the configuration the one in use, else /etc/syndicator. Folders "
        "that the configuration names outside /var/lib/syndicator are opened to the units.",
    )
    install.add_argument(
        "--root", metavar="DIR", type=Path, default=Path("/"), help="write below DIR [default: /]"
    )
    install.add_argument("--dry-run", action="store_true", help="say what would be written")


def main(args: argparse.Namespace) -> int:
    """Write the units."""
    config = Path(args.config).absolute() if args.config else Path(CONFIG)
    root, written = args.root.absolute(), dict(_files(config))
    try:
        if not args.dry_run:
            _write(root, written)
    except OSError as error:
        says = f"could not write {error.filename}: {error.strerror}"
        raise DoorError(says, hint="be root, or name a folder of yours with --root") from error
    for path in written:
        print(plain(str(root / path)))
    if not args.dry_run and root == Path("/"):
        print(NEXT, file=sys.stderr)
    return 0


def shipped() -> Path:
    """Find the folder of the units: in the package, or beside it in a checkout."""
    package = Path(syndicator.__file__).parent
    inside = package / "units"
    return inside if inside.is_dir() else package.parent / "systemd"


def _files(config: Path) -> Iterator[tuple[str, str]]:
    """Yield each file below the root, with its text."""
    here = shipped()
    command = Path(sys.argv[0]).absolute()
    if command.name != "syndicate":  # python -m syndicator
        command = Path(sys.executable).with_name("syndicate")
    for name, folder in _PLACES.items():
        source = here / ("drop-ins" if name.endswith(".conf") else "") / name
        text = source.read_text(encoding="utf-8")
        yield f"{folder}/{name}", text.replace(COMMAND, str(command)).replace(CONFIG, str(config))
    user = (here / "syndicator.sysusers").read_text(encoding="utf-8")
    yield "etc/sysusers.d/syndicator.conf", user
    opened = _opened(config)
    if opened:
        for name in ("syndicator", "syndicator-run"):
            yield f"{_UNITS}/{name}.service.d/folders.conf", opened


def _opened(config: Path) -> str:
    """Word what units must be let see: homes are hidden from them, the rest is read-only."""
    from syndicator.config.file import quick, read  # noqa: PLC0415  # for this verb alone

    lines = []
    if config.exists():
        found = quick(read(config)[1], config.parent)
        if found and not found.archive_root.is_relative_to(STATE):
            lines.append(f"ReadWritePaths={found.archive_root}")
        seen = (config.parent, found.content_root) if found else (config.parent,)
        hidden = [one for one in seen if any(one.is_relative_to(home) for home in _HOMES)]
        lines += [f"BindReadOnlyPaths={folder}" for folder in hidden]
        if found and any(found.archive_root.is_relative_to(home) for home in _HOMES):
            lines.append(f"BindPaths={found.archive_root}")
    head = "# Folders that the configuration names.\n[Service]\n"
    return head + "\n".join(lines) + "\n" if lines else ""


def _write(root: Path, written: dict[str, str]) -> None:
    for path, text in written.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)
    secrets = root / _SECRETS
    secrets.mkdir(parents=True, exist_ok=True)
    os.chmod(secrets, 0o700)  # noqa: PTH101  # nobody but root: units get copies of their own
