"""What is wrong with a table, in the words of TOML and of the person who wrote it."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from syndicator.config.checks import nearest
from syndicator.config.locate import Key
from syndicator.config.table import purposes

UNKNOWN = "CFG003"  # a key or table nobody reads
MISSING = "CFG004"
WRONG_TYPE = "CFG005"
WRONG_VALUE = "CFG006"
CLASH = "CFG007"  # settings that can't both be meant

_LONGEST_WORD = 24  # letters; the shortest secret has 38

_EXPECTED = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "set": "a list",
    "frozen_set": "a list",
    "dict": "a table",
    "model": "a table",
}


class Finding(NamedTuple):
    """Something wrong at a key of the file."""

    key: Key
    code: str
    says: str
    hint: str = ""


def spell(key: Key) -> str:
    """Return a key as the file would write it: ``publish[2].url``, lists counted from 0."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part.isascii() and part.replace("-", "").replace("_", "").isalnum()
            text += f".{part if plain else json.dumps(part)}"
    return text.removeprefix(".")


def kind(value: object) -> str:
    """Return what TOML calls a value: "a text", "a list"."""
    kinds = (
        (bool, "true or false"),
        (str, "a text"),
        (int, "a whole number"),
        (float, "a number"),
    )
    more = ((list, "a list"), (dict, "a table"))
    return next((name for of, name in (*kinds, *more) if isinstance(value, of)), "something else")


def explain(error: ValidationError, model: type[BaseModel], under: Key = ()) -> Iterator[Finding]:
    """Yield a finding for everything pydantic refused in a table that stands under a key."""
    for detail in error.errors(include_url=False):
        yield _finding(detail, model, under)


def _finding(detail: ErrorDetails, model: type[BaseModel], under: Key) -> Finding:
    where, of = detail["loc"], detail["type"]
    if where[-1:] == ("[key]",):  # pydantic's word for the key of a table itself
        where = where[:-1]
    key = (*under, *where)
    if of == "missing":
        return Finding(key, MISSING, "required, and missing", _purpose(model, where))
    if of == "extra_forbidden":
        return Finding(key, UNKNOWN, "no such setting", _instead(model, where, under))
    expected = _EXPECTED.get(of.removesuffix("_type").removesuffix("_from_float"))
    if expected is not None:
        says = f"expected {expected}, found {kind(detail['input'])}"
        return Finding(key, WRONG_TYPE, says, _purpose(model, where))
    says, hint = _value(detail)
    return Finding(key, WRONG_VALUE, says, hint or _purpose(model, where))


def _value(detail: ErrorDetails) -> tuple[str, str]:
    """Return what to say of a value of the right type that is refused, and a hint."""
    of, context = detail["type"], detail.get("ctx", {})
    if of == "unfit":
        return str(context["says"]), str(context["hint"])
    if of == "literal_error":
        return choice(detail["input"], re.findall(r"'([^']*)'", str(context["expected"])))
    if of in {"value_error", "assertion_error"}:  # a publisher's own check
        return str(context["error"]), ""
    return re.sub(r"^(Input|String|Value) should", "must", detail["msg"]), ""


def choice(value: object, known: list[str]) -> tuple[str, str]:
    """Return what to say of a value that is none of the known ones, and a hint."""
    listed = ", ".join(f'"{word}"' for word in sorted(known))
    if not isinstance(value, str):
        return f"expected a text, found {kind(value)}", f"one of {listed}"
    short = len(value) <= _LONGEST_WORD  # what is longer may be a secret in the wrong place
    shown = json.dumps(value, ensure_ascii=False) if short else "this"
    return f"{shown} is none of {listed}", nearest(value, known)


def _instead(model: type[BaseModel], where: Key, under: Key) -> str:
    """Return the setting that was probably meant: here by its letters, elsewhere by its name."""
    *parents, last = where
    here = _model_at(model, tuple(parents))
    if here is None:
        return ""
    known = [*here.model_fields, *(() if under or parents else ("publish",))]
    if meant := nearest(str(last), known):
        return meant
    tables = {name: _model_of(field.annotation) for name, field in model.model_fields.items()}
    owner = next((name for name, t in tables.items() if t and last in t.model_fields), None)
    return f"it belongs under [{owner}]" if owner else f"known here: {', '.join(known)}"


def _purpose(model: type[BaseModel], where: Key) -> str:
    """Return the field's own description: what the reader needs in order to fill it in."""
    names = [part for part in where if isinstance(part, str)]  # a list's items share its purpose
    *parents, last = names or [""]
    here = _model_at(model, tuple(parents))
    return purposes(here).get(last, "") if here else ""


def _model_at(model: type[BaseModel] | None, where: Key) -> type[BaseModel] | None:
    for part in where:
        if isinstance(part, str):
            field = model.model_fields.get(part) if model else None
            model = _model_of(field.annotation) if field else None
    return model


def _model_of(annotation: object) -> type[BaseModel] | None:
    """Return the model in an annotation such as ``Sub``, ``Sub | None`` or ``tuple[Sub, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_of(arg))), None)
