"""The secret an endpoint needs: fetched from where the configuration says, never shown."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from syndicator.config import locate
from syndicator.config.file import below, read
from syndicator.config.tables import Endpoint, Settings
from syndicator.errors import ConfigError
from syndicator.model.posts import Problem

CODE = "CFG008"
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd.exec(5), "Credentials"
_LARGEST = 16 * 1024  # bytes


def secret(endpoint: Endpoint, environ: Mapping[str, str], folder: Path) -> str:
    """Return what an endpoint's secret is; ``folder`` is the one the configuration lies in.

    "" for a kind that has none. Raises ConfigError, which names the source of the secret and
    never its value.
    """
    try:
        return _fetched(endpoint, environ, folder)
    except ValueError as error:
        setting, source = _source(endpoint)
        says = f'publish (name = "{endpoint.name}").{setting}: {source} {error}'
        raise ConfigError(says, hint=endpoint.HINT) from None  # the cause may quote the value


def secrets(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secret of every endpoint by its name; ConfigError with all problems at once."""
    found: dict[str, str] = {}
    problems = []
    for index, publisher in enumerate(settings.publish):
        if not isinstance(publisher, Endpoint):
            continue
        try:
            found[publisher.name] = _fetched(publisher, environ, settings.folder)
        except ValueError as error:
            problems.append(_problem(settings.file, index, publisher, str(error)))
    if problems:
        says = f"{settings.file} names secrets that can't be used"
        raise ConfigError(says, problems=tuple(problems))
    return found


def known(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that can be had now, by the names of their endpoints."""
    found = {}
    for endpoint in settings.endpoints:
        with suppress(ValueError):
            found[endpoint.name] = _fetched(endpoint, environ, settings.folder)
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
        hint=endpoint.HINT,
    )


def _source(endpoint: Endpoint) -> tuple[str, str]:
    """Return the setting that names the secret, and what it names."""
    kinds = {
        "secret_env": "the variable",
        "secret_file": "the file",
        "secret_credential": "the credential",
    }
    setting, value = endpoint.sources[0]
    return setting, f"{kinds[setting]} {value}"


def _fetched(endpoint: Endpoint, environ: Mapping[str, str], folder: Path) -> str:
    """Fetch and check; ValueError says what is wrong, and never what is in it."""
    if not endpoint.sources:
        return ""
    text = _written(endpoint, environ, folder).strip()  # line breaks around it are an editor's
    if not text:
        raise ValueError("is empty")
    if wrong := endpoint.unfit(text):
        raise ValueError(wrong)
    return text


def _written(endpoint: Endpoint, environ: Mapping[str, str], folder: Path) -> str:
    if endpoint.secret_env:
        value = environ.get(endpoint.secret_env, "")
        if not value.strip():
            raise ValueError("is not set")
        return value
    if endpoint.secret_credential and not environ.get(CREDENTIALS):
        raise ValueError(f"can't be had: {CREDENTIALS} is not set (LoadCredential= in the unit)")
    try:
        with place(endpoint, environ, folder).open("rb") as opened:
            return opened.read(_LARGEST).decode()
    except OSError as error:
        way = ": chown it to this user" if isinstance(error, PermissionError) else ""
        raise ValueError(f"can't be read: {error.strerror}{way}") from None
    except UnicodeDecodeError:
        raise ValueError("does not hold a secret") from None


def place(endpoint: Endpoint, environ: Mapping[str, str], folder: Path) -> Path:
    """Return the file that holds an endpoint's secret, where a file does."""
    if endpoint.secret_credential:
        return Path(environ[CREDENTIALS]) / endpoint.secret_credential
    return below(folder, endpoint.secret_file)
