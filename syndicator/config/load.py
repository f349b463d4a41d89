"""From a file to ``Settings``, or to every problem in it at once; and the schema editors use."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import BaseModel, PydanticUserError, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from syndicator.config import locate
from syndicator.config.file import read
from syndicator.config.findings import (
    CLASH,
    MISSING,
    WRONG_TYPE,
    WRONG_VALUE,
    Finding,
    choice,
    explain,
    kind,
    spell,
)
from syndicator.config.moves import circles
from syndicator.config.tables import Endpoint, Publisher, Settings, Written
from syndicator.errors import ConfigError, PublisherError
from syndicator.model.posts import Problem

Model = TypeVar("Model", bound=BaseModel)
MODE: JsonSchemaMode = "serialization"  # where defaults read as in the file: "60s", not 60.0
Kinds = Mapping[str, type[Publisher]]  # the registered publishers by their type


def load(path: Path, publishers: Kinds, data: bytes | None = None) -> Settings:
    """Return the configuration in a file, or in ``data`` in its place, checked whole.

    Raises ConfigError with every problem at once, each with its line and column, ordered by
    them; PublisherError where a registered publisher fails in checking its own table.
    """
    data, raw = read(path, data)
    settings, findings = _judge(raw, publishers, path)
    if settings is None or findings:
        places = locate.positions(data.decode("utf-8-sig"))
        problems = sorted(
            (_problem(path, finding, places) for finding in findings),
            key=lambda one: (one.line, one.column, one.says),
        )
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise ConfigError(f"{path} has {count}", problems=tuple(problems))
    return settings


def json_schema(publishers: Kinds) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the file, with the registered publishers in it."""
    names = sorted(publishers)
    models: list[type[BaseModel]] = [Written, *(publishers[name] for name in names)]
    try:
        refs, whole = models_json_schema([(m, MODE) for m in models], schema_generator=_Untitled)
    except PydanticUserError as error:  # a publisher from outside may hold anything
        raise PublisherError(f"a publisher's table can't be described: {error}") from error
    definitions = whole["$defs"]
    for name in names:
        table = definitions[_target(refs[publishers[name], MODE])]
        table["properties"]["type"] = {"const": name, "description": "Which publisher this is."}
        table["required"] = ["type", *(key for key in table.get("required", ()) if key != "type")]
    root = definitions.pop(_target(refs[Written, MODE]))
    root["properties"]["publish"] = {
        "type": "array",
        "description": "What is made for readers, and who is told.",
        "items": {"oneOf": [refs[publishers[name], MODE] for name in names]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **root,
        "title": "syndicator.toml",
        "description": "The configuration of syndicator. Paths are seen from its own folder.",
        "$defs": definitions,
    }


class _Untitled(GenerateJsonSchema):
    """A schema without a title on every key that only repeats the key."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  # pydantic's signature
        """Set none."""
        return False


def _target(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).removeprefix("#/$defs/")


def _judge(
    raw: Mapping[str, object], kinds: Kinds, path: Path
) -> tuple[Settings | None, list[Finding]]:
    findings: list[Finding] = []
    tables = {key: value for key, value in raw.items() if key != "publish"}
    written = _validated(Written, tables, (), findings)
    built = _publishers(raw.get("publish", []), kinds, findings)
    findings += _clashes(built)
    if written is None:
        return None, findings
    settings = Settings(
        **{name: getattr(written, name) for name in Written.model_fields},
        publish=tuple(built.values()),
        file=path.absolute(),
    )
    return settings, [*findings, *_misplaced(settings), *_unmoved(settings)]


def _validated(
    model: type[Model], table: object, under: locate.Key, findings: list[Finding]
) -> Model | None:
    """Check a table as strictly as JSON: a list is a tuple, but "20" is no number."""
    try:
        return model.model_validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as error:
        findings += explain(error, model, under)
        return None


def _publishers(written: object, kinds: Kinds, findings: list[Finding]) -> dict[int, Publisher]:
    """Return the publishers that are right, by their place in the file."""
    if not isinstance(written, list):
        says = f"expected a list of tables, found {kind(written)}"
        hint = "write [[publish]], with two brackets, for each publisher"
        findings.append(Finding(("publish",), WRONG_TYPE, says, hint))
        return {}
    built: dict[int, Publisher] = {}
    for index, table in enumerate(written):
        publisher = _publisher(table, ("publish", index), kinds, findings)
        if publisher is not None:
            built[index] = publisher
    return built


def _publisher(
    table: object, key: locate.Key, kinds: Kinds, findings: list[Finding]
) -> Publisher | None:
    if not isinstance(table, dict):
        findings.append(Finding(key, WRONG_TYPE, f"expected a table, found {kind(table)}"))
        return None
    known = ", ".join(f'"{name}"' for name in sorted(kinds))
    named = table.get("type")
    if named is None:
        findings.append(
            Finding((*key, "type"), MISSING, "required, and missing", f"one of {known}")
        )
        return None
    if not isinstance(named, str) or named not in kinds:
        says, hint = choice(named, list(kinds))
        hint = hint or "is the package that brings this publisher installed?"
        findings.append(Finding((*key, "type"), WRONG_VALUE, says, hint))
        return None
    try:
        return _validated(kinds[named], table, key, findings)
    except Exception as error:  # a publisher from outside may raise anything
        raise PublisherError(
            f'publisher "{named}" failed in checking its settings: {error!r}',
            hint="report this to whoever wrote the publisher",
        ) from error


def _clashes(built: Mapping[int, Publisher]) -> Iterator[Finding]:
    """Yield what two publishers can't both have: a document's path, an endpoint's name."""
    taken: dict[tuple[str, str], int] = {}
    for index, publisher in built.items():
        claims = []
        path = getattr(publisher, "path", None)
        if isinstance(path, str):  # case folded: one file on a disk that ignores case
            claims.append(("path", str(PurePosixPath(path)).casefold()))
        if isinstance(publisher, Endpoint):
            claims.append(("name", publisher.name))
        for setting, value in claims:
            first = taken.setdefault((setting, value), index)
            says = f"the same as publish[{first}].{setting}"
            if first == index and setting == "path":
                first = _nested(value, taken, index)
                says = f"publish[{first}].path is a file, and one would lie in, or be, the other"
            if first != index:
                yield Finding(("publish", index, setting), CLASH, says, "give each its own")


def _nested(path: str, taken: Mapping[tuple[str, str], int], index: int) -> int:
    """Return the first publisher whose document is a folder of this path, or the reverse."""
    for (setting, other), first in taken.items():
        nested = path.startswith(f"{other}/") or other.startswith(f"{path}/")
        nested = nested or _makes(path, other) or _makes(other, path)
        if setting == "path" and nested:
            return first
    return index


def _makes(template: str, path: str) -> bool:
    """Tell whether a path with a {word} in it, of which one file is made each, may be this one."""
    parts = re.split(r"\{\w+\}", template)
    return len(parts) > 1 and bool(re.fullmatch("[^/]+".join(map(re.escape, parts)), path))


def _misplaced(settings: Settings) -> Iterator[Finding]:
    """Yield the folders and files that can't serve where they are."""
    content, archive = settings.content_root, settings.archive_root
    if content == archive or archive in content.parents:
        says = f"{content} lies in the archive ({archive}), and nothing in there is read as a post"
        yield Finding(("content", "root"), CLASH, says, "keep posts and archive in folders apart")
    if settings.ca_file is not None and not settings.ca_file.is_file():
        yield Finding(("network", "ca_file"), WRONG_VALUE, f"{settings.ca_file} is no file")
    yield from settings.cluster.lacking(settings.folder)


def _unmoved(settings: Settings) -> Iterator[Finding]:
    """Yield the former paths that are still there, and those that lead to themselves."""
    here = {getattr(one, "path", None) for one in settings.publish}
    serve = settings.serve
    for key, paths in (("moved", tuple(serve.moved)), ("gone", serve.gone)):
        for path in paths:
            if path in here:
                says = f"{path} is a document that is published"
                yield Finding(("serve", key), CLASH, says, "give one of the two another path")
    for path, new in serve.moved.items():
        elsewhere = "://" in new and not path.endswith("/")  # such as https://new.example/feed/
        if path.endswith("/") != new.endswith("/") and not elsewhere:
            says = f"{path} and {new} are not both folders"
            yield Finding(("serve", "moved", path), CLASH, says, "end both in /, or neither")
    for path in circles(serve.moved):
        says = f"{path} leads back to itself"
        yield Finding(("serve", "moved", path), CLASH, says, "name where it lies now")


def _problem(path: Path, finding: Finding, places: Mapping[locate.Key, locate.Place]) -> Problem:
    line, column = locate.nearest(places, finding.key)
    where = spell(finding.key)
    return Problem(
        path=str(path),
        line=line,
        column=column,
        code=finding.code,
        says=f"{where}: {finding.says}",
        hint=finding.hint,
    )
