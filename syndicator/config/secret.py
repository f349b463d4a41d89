"""The secret an endpoint signs with: fetched from where the configuration says, never shown."""

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path

from syndicator.config import locate
from syndicator.config.checks import NEW_KEY
from syndicator.config.file import below, read
from syndicator.config.tables import Endpoint, Settings
from syndicator.errors import ConfigError
from syndicator.model import Problem

CODE = "CFG008"
PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes; Standard Webhooks 1.0.0, "Signature scheme"
_LARGEST_FILE = 4096


def secret(endpoint: Endpoint, environ: Mapping[str, str], folder: Path) -> bytes:
    """Return the bytes an endpoint signs with; ``folder`` is the one the configuration lies in.

    Raises ConfigError, which names the source of the secret and never its value.
    """
    try:
        return _decode(_written(endpoint, environ, folder))
    except ValueError as error:
        setting, source = _source(endpoint)
        says = f'publish (name = "{endpoint.name}").{setting}: {source} {error}'
        raise ConfigError(says, hint=NEW_KEY) from None  # the cause may quote the value


def secrets(settings: Settings, environ: Mapping[str, str]) -> dict[str, bytes]:
    """Return the secret of every endpoint by its name; ConfigError with all problems at once."""
    found: dict[str, bytes] = {}
    problems = []
    for index, publisher in enumerate(settings.publish):
        if not isinstance(publisher, Endpoint):
            continue
        try:
            found[publisher.name] = _decode(_written(publisher, environ, settings.folder))
        except ValueError as error:
            problems.append(_problem(settings.file, index, publisher, str(error)))
    if problems:
        says = f"{settings.file} names secrets that can't be used"
        raise ConfigError(says, problems=tuple(problems))
    return found


def _problem(file: Path, index: int, endpoint: Endpoint, says: str) -> Problem:
    setting, source = _source(endpoint)
    places = locate.positions(read(file)[0].decode("utf-8-sig"))
    line, column = locate.nearest(places, ("publish", index, setting))
    return Problem(
        path=str(file),
        line=line,
        column=column,
        code=CODE,
        says=f"publish[{index}].{setting}: {source} {says}",
        hint=NEW_KEY,
    )


def _source(endpoint: Endpoint) -> tuple[str, str]:
    """Return the setting that names the secret, and what it names."""
    if endpoint.secret_env:
        return "secret_env", f"the variable {endpoint.secret_env}"
    return "secret_file", f"the file {endpoint.secret_file}"


def _written(endpoint: Endpoint, environ: Mapping[str, str], folder: Path) -> str:
    if endpoint.secret_env:
        value = environ.get(endpoint.secret_env, "")
        if not value.strip():
            raise ValueError("is not set")
        return value
    try:
        with below(folder, endpoint.secret_file).open("rb") as opened:
            return opened.read(_LARGEST_FILE).decode("ascii")
    except OSError as error:
        raise ValueError(f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("does not hold a secret") from None


def _decode(written: str) -> bytes:
    """Decode ``whsec_`` and base64; blanks and line breaks around it come from editors."""
    text = written.strip()
    if not text.startswith(PREFIX):
        raise ValueError(f"does not hold a secret: it must start with {PREFIX}")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"does not hold base64 after {PREFIX}") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"holds {len(key)} bytes; {SHORTEST} to {LONGEST} are asked for")
    return key
