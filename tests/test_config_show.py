"""``syndicate config``: what is in force, and nothing that is secret."""

import argparse
import json
from pathlib import Path

import pytest

from syndicator.cli import config
from syndicator.config.load import json_schema, load
from syndicator.config.origin import in_force
from syndicator.errors import ConfigError
from syndicator.publish import registered

TEXT = """\
[site]
title = "T"
url = "https://site.example/"
timezone = "UTC"
[network]
proxy = "http://me:hush@proxy.example:3128"
allow = ["127.0.0.0/8"]
[serve]
url = "https://feeds.example/"
[schedule]
heartbeat = "https://alive.example/ping/hush"
[[publish]]
type = "webhook"
name = "ops"
url = "https://hooks.example/services/T0/hush?key=hush"
secret_env = "OPS"
[[publish]]
type = "http"
name = "chat"
url = "https://chat.example/"
template = "{{ title }}"
headers = {Authorization = "Bearer hush"}
"""


def _args(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config")
    config.options(parser)
    return parser.parse_args(words)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a configuration with secrets where people put them."""
    path = tmp_path / "syndicator.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_every_setting_has_its_origin(file: Path) -> None:
    """A setting comes from a line of the file, or is a default."""
    lines = {line.key: line for line in in_force(load(file, registered()))}
    assert lines["site.title"] == ("site.title", "T", f"{file}:2")
    assert lines["site.authority"] == ("site.authority", "site.example", "default")
    assert lines["network.timeout"] == ("network.timeout", "60s", "default")
    assert lines["network.max_image_bytes"].value == "20MiB"
    assert lines["network.allow"] == ("network.allow", ["127.0.0.0/8"], f"{file}:7")
    assert lines["publish[0].name"] == ("publish[0].name", "ops", f"{file}:14")
    assert lines["publish[0].since"] == ("publish[0].since", "configured", "default")


@pytest.mark.parametrize("words", [("show",), ("show", "--json")])
def test_no_secret_is_shown(
    file: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """Passwords, and the paths of webhooks, stay in the file; their hosts are shown."""
    assert config.main(_args("--config", str(file), *words)) == 0
    out = capsys.readouterr().out
    assert "hush" not in out
    assert '"https://hooks.example/…"' in out
    assert '"https://alive.example/…"' in out
    assert '"http://…@proxy.example:3128"' in out
    assert "OPS" in out


def test_show_as_json_is_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs read the same lines as people."""
    config.main(_args("--config", str(file), "show", "--json"))
    shown = json.loads(capsys.readouterr().out)
    assert shown[0] == {"key": "site.title", "value": "T", "origin": f"{file}:2"}


def test_schema_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The printed schema is the one of the installed publishers; it needs no configuration."""
    assert config.main(_args("schema")) == 0
    assert json.loads(capsys.readouterr().out) == json_schema(registered())


def test_a_broken_file_is_not_shown(file: Path) -> None:
    """What can't be used is refused, not shown in part."""
    file.write_text("[site]\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        config.main(_args("--config", str(file), "show"))
