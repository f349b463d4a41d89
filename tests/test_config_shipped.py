"""The files that config/ ships: the annotated example and its schema."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # the package ships no types
import pytest

from syndicator.config.load import json_schema, load
from syndicator.config.write import SHIPPED, annotated, toml
from syndicator.publish import registered
from syndicator.publish.webhook import Webhook

CONFIG = Path(__file__).parent.parent / "config"
SHIPPED_FILE = CONFIG / "syndicator.toml"
SCHEMA_FILE = CONFIG / "syndicator.schema.json"


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
    return schema


def _without_marks(text: str) -> str:
    """Take the # off every line that is a setting or a table commented out."""
    return re.sub(r"^# (?=\[\[|[a-z_-]+ = )", "", text, flags=re.MULTILINE)


def test_the_shipped_file_works_on_the_seeds() -> None:
    """It loads as it is, and names the folders that stand beside it."""
    settings = load(SHIPPED_FILE, registered())
    assert settings.content_root == CONFIG.parent / "seeds"
    assert settings.static_roots == (CONFIG.parent / "seeds",)
    assert settings.archive_root == CONFIG.parent / "archive"
    assert [publisher.type for publisher in settings.publish] == [
        "rss",
        "atom",
        "json",
        "page",
        "opml",
    ]
    assert settings.site_values().feeds == "https://feeds.example/"


def test_the_shipped_file_is_what_init_would_write() -> None:
    """One template makes both, so that they can't drift apart."""
    assert SHIPPED_FILE.read_text("utf-8") == annotated(SHIPPED)


def test_the_shipped_schema_is_the_one_of_the_settings() -> None:
    """The schema beside the file is what `syndicate config schema` prints."""
    assert _schema() == json_schema(registered())


def test_the_schema_accepts_the_shipped_file() -> None:
    """An editor finds nothing wrong in it, with the webhook switched on either."""
    schema = _schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    text = SHIPPED_FILE.read_text("utf-8")
    jsonschema.validate(tomllib.loads(text), schema)
    jsonschema.validate(tomllib.loads(_without_marks(text)), schema)


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("[site]", "[sites]"),
        ('every = "15m"', "every = 15"),
        ('type = "rss"', 'type = "rsss"'),
        ("limit = 20", 'limit = "20"'),
        ('path = "feed.xml"', 'paths = "feed.xml"'),
    ],
)
def test_the_schema_refuses_mistakes(written: str, changed: str) -> None:
    """What the program refuses, an editor underlines."""
    text = SHIPPED_FILE.read_text("utf-8").replace(written, changed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), _schema())


def test_what_is_commented_out_is_the_default(tmp_path: Path) -> None:
    """Taking the # off a line changes nothing: the comments do not lie about defaults."""
    text = SHIPPED_FILE.read_text("utf-8")
    path = tmp_path / "syndicator.toml"
    path.write_text(_without_marks(text), encoding="utf-8")
    shipped, written = load(SHIPPED_FILE, registered()), load(path, registered())
    for table in ("site", "content", "archive", "store", "network", "schedule", "serve", "check"):
        assert getattr(written, table) == getattr(shipped, table)
    (hook,) = [one for one in written.publish if isinstance(one, Webhook)]
    assert (hook.name, hook.secret_env) == ("ops", "SYNDICATOR_OPS_SECRET")
    assert hook == Webhook(
        type="webhook", name=hook.name, url=hook.url, secret_env=hook.secret_env
    )
    needed = {"type", "name", "url", "secret_env", "preset", "handle", "key"}
    for one in written.endpoints:
        plain = {key: getattr(one, key) for key in needed if key in type(one).model_fields}
        assert type(one).model_validate(plain) == one


def test_every_setting_is_explained() -> None:
    """No key of the schema is missing from the annotated file, and none lacks a description."""
    text = SHIPPED_FILE.read_text("utf-8")
    for table in _schema()["$defs"].values():
        for key, about in table["properties"].items():
            assert about["description"], key
            # two are explained beside secret_env, another of three; the other beside hosts
            if key not in {"secret_file", "secret_credential", "referer"}:
                assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), key


def test_any_text_survives_toml() -> None:
    """Quotes, escapes, controls, DEL and lone surrogates come back as they were, or as U+FFFD."""
    nasty = "a\"b\\c\n\t\x00\x1f\x7f\u0085\u2028''' # ] 亞洲 \U0001f600"
    assert tomllib.loads(f"x = {toml(nasty)}") == {"x": nasty}
    lone = "a\ud800b"
    assert tomllib.loads(f"x = {toml(lone)}") == {"x": "a\ufffdb"}
    assert tomllib.loads(f"x = {toml((nasty, True, 3, ()))}") == {"x": [nasty, True, 3, []]}
