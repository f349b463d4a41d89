"""What every table of the configuration is."""

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import Any

from pydantic import BaseModel, ConfigDict


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the purpose of each setting into its JSON Schema."""
    for name, says in purposes(model).items():
        key = model.model_fields[name].alias or name
        if setting := schema["properties"].get(key) or schema["properties"].get(name):
            setting.setdefault("description", says)


class Table(BaseModel):
    """A table of the configuration: immutable, and refusing keys it does not know."""

    # pydantic can read the docstrings of fields, too: at every start, a tenth of its time; and
    # what checks a table is built with the first to check: few publishers stand in each file
    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, json_schema_extra=_describe
    )


@cache
def purposes(model: type[BaseModel]) -> dict[str, str]:
    """Return what the docstring under each field of a table says, by the field's name."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, Table):
            found.update(_docstrings(base))
    return {name: found[name] for name in model.model_fields if name in found}


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    try:
        tree = ast.parse(dedent(inspect.getsource(model)))
    except (OSError, TypeError, SyntaxError, ValueError):  # a plug-in without its source, or odd
        return {}
    found = {}
    (table,) = (one for one in tree.body if isinstance(one, ast.ClassDef))
    for field, says in pairwise(table.body):
        match field, says:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = inspect.cleandoc(text)
    return found
