"""Where secrets come from, and that they are never shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import ValidationError

from syndicator.config.load import load
from syndicator.config.secret import secret, secrets
from syndicator.config.tables import Endpoint, Publisher
from syndicator.config.values import WebUrl
from syndicator.errors import ConfigError
from syndicator.model.feeds import Document, Edition, Notice

WRITTEN = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"


class _Hook(Endpoint):
    url: WebUrl

    @classmethod
    def unfit(cls, secret: str) -> str:
        return "" if secret == WRITTEN else "does not hold what it should"

    def publish(self, edition: Edition) -> Iterator[Document | Notice]:  # noqa: ARG002  # a double
        yield from ()


def _hook(**source: str) -> _Hook:
    return _Hook(type="hook", name="ops", url="https://ops.example/", **source)


@pytest.mark.parametrize("written", [WRITTEN, WRITTEN + "\n", WRITTEN + "\r\n"])
def test_a_secret_comes_from_the_variable_or_the_file(tmp_path: Path, written: str) -> None:
    """All sources give the same; the line break an editor adds is no part of it."""
    (tmp_path / "ops").write_bytes(written.encode())
    there = {"OPS": written, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    nowhere = Path("/nowhere")
    assert secret(_hook(secret_env="OPS"), there, nowhere) == WRITTEN
    assert secret(_hook(secret_file="ops"), {}, tmp_path) == WRITTEN
    assert secret(_hook(secret_file=str(tmp_path / "ops")), {}, nowhere) == WRITTEN
    assert secret(_hook(secret_credential="ops"), there, nowhere) == WRITTEN


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "is not set"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not hold what it should"),
    ],
)
def test_an_unfit_secret_is_not_shown(value: str, says: str) -> None:
    """The message names the variable and how to make a secret, and never what is in it."""
    with pytest.raises(ConfigError) as caught:
        secret(_hook(secret_env="OPS"), {"OPS": value}, Path())
    error = caught.value
    assert error.says == f'publish (name = "ops").secret_env: the variable OPS {says}'
    assert "secret_credential" in error.hint
    assert "MfKQ" not in repr((error.args, error.hint, error.__cause__))
    assert error.__suppress_context__


def test_a_file_that_is_no_secret_is_refused(tmp_path: Path) -> None:
    """Missing, a folder, or bytes that are no text: one clear message each."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    reasons = {"no": "No such file or directory", ".": "Is a directory", "bytes": "does not hold"}
    for name, reason in reasons.items():
        with pytest.raises(ConfigError, match=reason):
            secret(_hook(secret_file=name), {}, tmp_path)


def test_all_secrets_are_asked_for_at_once(tmp_path: Path) -> None:
    """Every missing secret is named with its line, in one error."""
    hook = (
        '[[publish]]\ntype = "hook"\nname = "{0}"\nurl = "https://x.example/"\n'
        'secret_env = "{0}"\n'
    )
    head = (
        '[site]\ntitle = "T"\nurl = "https://s.example/"\ntimezone = "UTC"\n'
        '[serve]\nurl = "https://f.example/"\n'
    )
    path = tmp_path / "syndicator.toml"
    path.write_text(head + "".join(hook.format(name) for name in "abc"), encoding="utf-8")
    kinds: dict[str, type[Publisher]] = {"hook": _Hook}
    settings = load(path, kinds)
    with pytest.raises(ConfigError) as caught:
        secrets(settings, {"b": WRITTEN})
    assert [(p.line, p.code, p.says) for p in caught.value.problems] == [
        (11, "CFG008", "publish[0].secret_env: the variable a is not set"),
        (21, "CFG008", "publish[2].secret_env: the variable c is not set"),
    ]
    assert secrets(settings, dict.fromkeys("abc", WRITTEN)) == dict.fromkeys("abc", WRITTEN)


def test_a_credential_is_had_from_systemd_only() -> None:
    """Without a folder of credentials, the message says what the unit lacks."""
    with pytest.raises(ConfigError, match="the credential ops can't be had") as caught:
        secret(_hook(secret_credential="ops"), {}, Path())
    assert "LoadCredential=" in caught.value.says


@pytest.mark.parametrize(
    ("need", "sources", "says"),
    [
        ("required", {}, "needs a secret"),
        ("required", {"secret_env": "A", "secret_credential": "b"}, "has two secrets"),
        ("none", {"secret_file": "a"}, "needs no secret"),
    ],
)
def test_a_kind_says_whether_it_needs_a_secret(
    need: Literal["required", "none"], sources: dict[str, str], says: str
) -> None:
    """One source at most, and none where there is nothing to keep."""

    class _Kind(_Hook):
        KEY = need

    with pytest.raises(ValidationError, match=says):
        _Kind(type="hook", name="ops", url="https://ops.example/", **sources)


def test_a_kind_without_a_secret_has_an_empty_one() -> None:
    """Nothing is asked for where nothing is named."""

    class _Open(_Hook):
        KEY = "optional"

    kind = _Open(type="hook", name="ops", url="https://ops.example/")
    assert secret(kind, {}, Path()) == ""
