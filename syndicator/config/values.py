"""The kinds of values in the tables: each a type with its check, its spelling, its schema."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from syndicator.config import checks, hosts, units

Line = Annotated[str, AfterValidator(checks.line)]
WebUrl = Annotated[str, AfterValidator(checks.web_url)]
OptionalUrl = Annotated[str, AfterValidator(checks.optional_url)]
FolderUrl = Annotated[str, AfterValidator(checks.folder_url)]
LocalPath = Annotated[str, AfterValidator(checks.local_path)]
Label = Annotated[str, AfterValidator(checks.label)]
Pattern = Annotated[str, AfterValidator(checks.pattern)]
Folder = Annotated[str, AfterValidator(checks.folder)]
Permalink = Annotated[str, AfterValidator(checks.permalink)]
Selector = Annotated[str, AfterValidator(checks.selector)]
HostName = Annotated[str, AfterValidator(hosts.host_name)]
Coding = Literal["gz", "br", "zst"]
Port = Annotated[int, Field(ge=1, le=65535)]
Range = Annotated[
    checks.Network,
    PlainValidator(checks.network),
    PlainSerializer(str),
    WithJsonSchema({"type": "string"}),
]
Bytes = Annotated[
    int,
    BeforeValidator(checks.count_of_bytes),
    PlainSerializer(units.spell_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{units.SIZE.pattern}$"},
                {"type": "integer", "minimum": 1},
            ]
        }
    ),
]
Seconds = Annotated[
    float,
    BeforeValidator(checks.span),
    PlainSerializer(units.spell_seconds),
    WithJsonSchema({"type": "string", "pattern": f"^{units.SPAN.pattern}$"}),
]
