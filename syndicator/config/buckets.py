"""What the settings of ``[archive] bucket`` must be like, and the keys that open it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from syndicator.config.checks import unfit
from syndicator.config.file import below
from syndicator.errors import ConfigError

CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd.exec(5), "Credentials"
HINT = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or write both as lines "
    "of a file and name that with bucket_secret_file or bucket_secret_credential"
)
_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
_PREFIX = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_LARGEST = 16 * 1024  # bytes


class Keys(NamedTuple):
    """What requests to a bucket are signed with; never printed."""

    name: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        """Show nothing of them, whoever prints this."""
        return "Keys(...)"


def address(value: str) -> str:
    """Keep nothing, or the address of a bucket, without a slash at its end."""
    plain = value.rstrip("/")
    if not value:
        return value
    found = _ADDRESS.fullmatch(plain)
    if found is None:
        raise unfit("must be the address of a bucket", 'such as "s3://my-bucket/archive"')
    prefix = found[2] or ""
    if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
        raise unfit("has a prefix that is not made of plain names", 'such as "/archive/site"')
    return plain


def parts(value: str) -> tuple[str, str]:
    """Tell the name of the bucket, and the prefix: "" for none."""
    name, _, prefix = value.removeprefix("s3://").partition("/")
    return name, prefix


def region(value: str) -> str:
    """Keep nothing, or the name of a region."""
    if value and not _REGION.fullmatch(value):
        raise unfit("must be the name of a region", 'such as "eu-central-1"; R2 has "auto"')
    return value


def keys(file: str, credential: str, environ: Mapping[str, str], folder: Path) -> Keys:
    """Return the keys from where the configuration says; ConfigError names the place alone."""
    source, values = "the environment", environ
    if file or credential:
        source = f"the file {file}" if file else f"the credential {credential}"
        if credential and not file and not environ.get(CREDENTIALS):
            says = f"archive.bucket: {source} can't be had: {CREDENTIALS} is not set"
            raise ConfigError(says, hint="LoadCredential= in the unit")
        place = below(folder, file) if file else Path(environ[CREDENTIALS]) / credential
        values = _lines(place, source)
    name, secret = values.get("AWS_ACCESS_KEY_ID", ""), values.get("AWS_SECRET_ACCESS_KEY", "")
    if not (name.strip() and secret.strip()):
        raise ConfigError(f"archive.bucket: {source} holds no keys for it", hint=HINT)
    return Keys(name.strip(), secret.strip(), values.get("AWS_SESSION_TOKEN", "").strip())


def _lines(place: Path, source: str) -> dict[str, str]:
    """Read NAME=value lines, as systemd's EnvironmentFile= has them."""
    try:
        with place.open("rb") as opened:
            text = opened.read(_LARGEST).decode()
    except OSError as error:
        says = f"archive.bucket: {source} can't be read: {error.strerror}"
        raise ConfigError(says, hint=HINT) from None
    except UnicodeDecodeError:
        raise ConfigError(f"archive.bucket: {source} holds no text", hint=HINT) from None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
