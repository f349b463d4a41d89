"""``syndicate push keygen|rotate``: secrets to sign with."""

import argparse
import os
import secrets
import stat
import tempfile
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path

from syndicator.cli.order import clock, order
from syndicator.cli.push import words
from syndicator.config.units import seconds
from syndicator.errors import ConfigError

_BYTES = 32  # of a key, of either kind
_OVERLAP = 86400.0  # seconds


def _keygen_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make a secret from the system's randomness: whsec_... (HMAC-SHA256, which the receiver\n"
        "knows too), or with --ed25519 whsk_..., whose public half whpk_... is the receiver's.\n"
        "It is printed, or written into a new file that nobody else may read."
    )
    _kind(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, help="write it there, print it not")


def _rotate_options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Put a new key before those in the endpoint's secret_file; the older ones go on signing\n"
        "for --overlap, so that the receiver can change over in between. Three keys at most."
    )
    parser.add_argument("endpoint", metavar="ENDPOINT", help="the receiver's name")
    _kind(parser)
    parser.add_argument(
        "--overlap",
        metavar="TIME",
        type=_span,
        default=_OVERLAP,
        help="how long older keys go on signing [default: 24h]",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")


def _kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ed25519", action="store_true", help="an asymmetric key (v1a)")


def _span(text: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _keygen(args: argparse.Namespace) -> int:
    from syndicator.publish import signing  # noqa: PLC0415  # heavy, as below

    key = _new(ed25519=args.ed25519)
    (read,) = signing.keys(key)
    receiver = signing.public(read)
    if args.out is not None:
        _write(args.out, f"{key}\n", new=True)
    told = {"secret": "" if args.out else key, "file": str(args.out or "")}
    if args.ed25519:
        told["receiver"] = receiver
    if args.json:
        print(words.as_json(told))
    else:
        print(f"written: {args.out}" if args.out else key)
        if args.ed25519:
            print(f"for the receiver: {receiver}")
    return 0


def _rotate(args: argparse.Namespace) -> int:
    from syndicator.config.secret import place, secret  # noqa: PLC0415
    from syndicator.cycle.custody import settings  # noqa: PLC0415
    from syndicator.cycle.pushing import endpoint_of  # noqa: PLC0415
    from syndicator.publish import signing  # noqa: PLC0415

    asked = order(args)
    made = settings(asked)
    endpoint = endpoint_of(made, args.endpoint)
    if endpoint.type != "webhook":
        says = f"{endpoint.name} signs nothing: it is of type {endpoint.type!r}"
        raise ConfigError(says, hint="name an endpoint of type 'webhook'")
    if not endpoint.secret_file:
        hint = (
            "make a key with `syndicate push keygen`, and put it before the old one, with a blank"
        )
        raise ConfigError(f"the secret of {endpoint.name} is in no file of ours", hint=hint)
    now = clock()
    end = now + timedelta(seconds=args.overlap)
    old = signing.live(signing.keys(secret(endpoint, asked.environ, made.folder)), now)
    if len(old) >= signing.MOST:
        raise ConfigError(
            f"{len(old)} keys of {endpoint.name} sign already: {signing.MOST} at most"
        )
    key = _new(ed25519=args.ed25519)
    text = "".join([f"{key}\n", *(_line(one, end) for one in old)])
    file = place(endpoint, asked.environ, made.folder)
    if not args.dry_run:
        _write(file, text)
    receiver = signing.public(signing.keys(key)[0]) if args.ed25519 else ""
    told = {"endpoint": endpoint.name, "file": str(file), "until": end, "receiver": receiver}
    if args.json:
        print(words.as_json(told))
    else:
        would = "would be" if args.dry_run else "is"
        print(f"a new key {would} in {file}; {len(old)} older sign until {end:%Y-%m-%d %H:%M}Z")
        print(f"give the receiver {receiver or 'its first line'} before then")
    return 0


def _line(key: object, end: datetime) -> str:
    from syndicator.publish.signing import Key  # noqa: PLC0415

    assert isinstance(key, Key)  # noqa: S101  # from ``live``
    until = end if key.until is None else min(end, key.until)
    return f"{key.text} until={until.isoformat(timespec='seconds')}\n"


def _new(*, ed25519: bool) -> str:
    return ("whsk_" if ed25519 else "whsec_") + b64encode(secrets.token_bytes(_BYTES)).decode()


def _write(file: Path, text: str, *, new: bool = False) -> None:
    """Write a secret whole, for its owner alone; a file that was there keeps owner and mode.

    Who rotates a key may be root, and who reads it the daemon's user.
    """
    if new and file.exists():
        raise ConfigError(f"{file} is there already", hint="name a new file, or use rotate")
    file = file.resolve()  # a link to a secret stays one
    if not file.parent.is_dir():
        raise ConfigError(f"there is no folder {file.parent}", hint="make it, readable for few")
    old = file.stat() if file.exists() else None
    handle, aside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(aside).chmod(stat.S_IMODE(old.st_mode) if old else 0o600)
        if old and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(aside, old.st_uid, old.st_gid)
        Path(aside).replace(file)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise


OPTIONS = {"keygen": _keygen_options, "rotate": _rotate_options}
MAIN = {"keygen": _keygen, "rotate": _rotate}
