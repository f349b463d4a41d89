"""What a table of the configuration says of its settings, whoever wrote it."""

import sys
from types import ModuleType

import pytest
from pydantic import Field

from syndicator.config.table import Table, purposes


class Named(Table):
    """A table with a setting that has another name in the file."""

    inner: int = Field(1, alias="outer")
    """What it is for."""


def _nested() -> type[Table]:
    class Nested(Table):
        __doc__ = """A text with lines
that begin further left."""

        a: int = 1
        """Why."""

    return Nested


def test_a_setting_has_its_purpose_under_either_name() -> None:
    """A JSON Schema is made with the names of the file, or with those of the class."""
    for by_alias, name in ((True, "outer"), (False, "inner")):
        schema = Named.model_json_schema(by_alias=by_alias)
        assert schema["properties"][name]["description"] == "What it is for."


def test_a_plug_in_without_a_file_has_no_purposes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was made in memory: its settings are checked like any others."""
    module = ModuleType("made_in_memory")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    source = "from syndicator.config.table import Table\nclass Made(Table):\n    a: int = 1\n"
    exec(source, module.__dict__)  # noqa: S102  # the source stands above
    assert purposes(module.Made) == {}
    assert "a" in module.Made.model_json_schema()["properties"]


def test_source_that_cannot_be_read_alone_has_no_purposes() -> None:
    """A class within a function may stand further left than what is around it."""
    assert purposes(_nested()) == {}
